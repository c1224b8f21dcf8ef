use super::rules::Audiences;
use super::texts::Texts;
use super::values::Values;
use super::{image, small};
use crate::bundle::{Dimension, Tables};
use crate::check::{CheckedPolicy, WindowId};
use crate::num::{Percent, Scale};
use crate::policy::FreightRow;

/// Writes the tables of freight.
pub fn write(checked: &CheckedPolicy, values: &Values, audiences: &mut Audiences, t: &mut Tables, texts: &mut Texts) {
    let (policy, resolved) = (checked.policy(), checked.resolved());
    let own_rate = policy.settings.tax.map_or(Percent(0), |tax| tax.rate);
    t.freight_row_start.push(0);
    for (freight, windows) in policy.freight.iter().zip(&resolved.freight_windows) {
        t.freight_text.push(texts.id(&freight.id));
        t.freight_zh.push(texts.id(&freight.name.zh));
        t.freight_en.push(texts.id(&freight.name.en));
        let audience = audiences.id(&freight.when, values, t);
        t.freight_audience.push(audience);
        t.freight_tax.push(u32::try_from(freight.tax.unwrap_or(own_rate).0).expect("checked"));
        let region = |row: &FreightRow| values.optional(Dimension::Region, row.region.as_deref());
        let mut rows: Vec<(&FreightRow, &WindowId)> = freight.rows.iter().zip(windows).collect();
        rows.sort_by_key(|(row, window)| (region(row), row.from_amount, row.from_weight, resolved.window(**window)));
        for (row, window) in rows {
            t.freight_region.push(region(row));
            t.freight_window.push(window.0);
            t.freight_amount.push(image(row.from_amount, resolved.money_scale));
            t.freight_weight.push(image(row.from_weight, Scale::WEIGHT));
            t.freight_charge.push(image(row.charge, resolved.money_scale));
            t.freight_per.push(image(row.per_weight, resolved.unit_scale));
        }
        t.freight_row_start.push(small(t.freight_region.len()));
    }
}
