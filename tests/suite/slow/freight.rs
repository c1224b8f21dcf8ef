//! Freight (§24).

use super::exact::{Exact, number, power_of_ten, share, text, whole};
use super::select::steps_up;
use super::tax::Taxed;
use super::{Line, Question};
use qudao::num::Percent;
use qudao::policy::{Freight, FreightRow, Stage};
use serde_json::{Value, json};

/// What one table charges for an order, in minor units.
pub struct Charge<'a> {
    table: &'a Freight,
    row: &'a FreightRow,
    weight: Exact,
    charge: i128,
    /// What promotions take off it, in running order (§46.5).
    pub adjustments: Vec<(&'a str, i128)>,
    pub net: i128,
    /// As the net, where the policy tells no tax.
    pub taxed: Taxed,
}

impl Charge<'_> {
    pub fn tax(&self) -> Option<Percent> {
        self.table.tax
    }
}

impl<'a> Question<'a> {
    pub fn freight(&self, lines: &[Line], net: &[i128]) -> Vec<Charge<'a>> {
        if lines.iter().all(|line| line.price.is_none()) || self.order["delivery"] == "pick_up" {
            return Vec::new();
        }
        let weigh = |line: &Line| line.product.weight.map_or(whole(0), number) * line.quantity;
        let weight: Exact = lines.iter().filter(|line| line.price.is_some()).map(weigh).sum();
        let amount = Exact::new(net.iter().sum(), self.minor);
        let tables = self.policy.freight.iter().filter(|table| self.open(&table.when, None));
        tables.filter_map(|table| self.charge(table, weight, amount)).collect()
    }

    /// §24.3.
    pub fn region_of_delivery(&self) -> Option<&'a str> {
        self.order["ship_to"]["region"].as_str().or(self.region)
    }

    /// §24.3, §24.4.
    fn charge(&self, table: &'a Freight, weight: Exact, amount: Exact) -> Option<Charge<'a>> {
        let region = self.region_of_delivery();
        let steps = |row: &FreightRow| match &row.region {
            Some(above) => steps_up(region?, above, &self.policy.regions),
            None => Some(usize::MAX),
        };
        let rows: Vec<(usize, &FreightRow)> = table
            .rows
            .iter()
            .filter(|row| self.valid_at(row.valid.as_deref(), self.priced_at))
            .filter_map(|row| Some((steps(row)?, row)))
            .collect();
        let nearest = rows.iter().map(|(steps, _)| *steps).min()?;
        let fits = |row: &&FreightRow| number(row.from_weight) <= weight && number(row.from_amount) <= amount;
        let near = rows.into_iter().filter(|(steps, _)| *steps == nearest).map(|(_, row)| row);
        let row = near.filter(fits).max_by_key(|row| (row.from_amount, row.from_weight))?;
        let exact = number(row.charge) + number(row.per_weight) * (weight - number(row.from_weight));
        let charge = self.rounded(exact * whole(self.minor));
        Some(Charge { table, row, weight, charge, adjustments: Vec::new(), net: charge, taxed: self.taxed_at(table.tax, charge) })
    }

    /// Writes what a policy with freight says of it.
    pub fn tell_freight(&self, answer: &mut Value, charges: &[Charge]) {
        if self.policy.freight.is_empty() {
            return;
        }
        let has_promotions = self.policy.promotions.iter().any(|promotion| promotion.stage == Some(Stage::Freight));
        let line = |charge: &Charge| {
            let Charge { table, row, weight, charge, adjustments, net, taxed } = charge;
            let grams = whole(power_of_ten(6));
            let mut line = json!({
                "table": table.id,
                "region": row.region,
                "weight": text((weight * grams).floor() / grams, 0),
                "from_weight": text(number(row.from_weight), 0),
                "from_amount": self.money(self.amount_of(number(row.from_amount))),
                "charge": self.money(*charge),
            });
            if has_promotions {
                let step = |(rule, amount): &(&str, i128)| json!({ "rule": rule, "amount": self.money(*amount) });
                line["adjustments"] = adjustments.iter().map(step).collect();
                line["net"] = json!(self.money(*net));
            }
            if let Some(tax) = self.policy.settings.tax {
                line["tax"] = self.tax_answer(*taxed);
                line["tax"]["rate"] = json!(text(share(table.tax.unwrap_or(tax.rate)) * whole(100), 0));
            }
            line
        };
        answer["freight"] = charges.iter().map(line).collect();
        answer["totals"]["freight"] = json!(self.money(charges.iter().map(|charge| charge.net).sum()));
        if has_promotions {
            let taken = charges.iter().map(|charge| charge.charge - charge.net).sum();
            answer["totals"]["freight_discount"] = json!(self.money(taken));
        }
    }
}
