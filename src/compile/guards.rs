use super::rules::{Audiences, terms};
use super::selection::Selection;
use super::texts::Texts;
use super::values::Values;
use super::{image, small};
use crate::bundle::{Coded, Dimension, Tables};
use crate::check::CheckedPolicy;
use crate::policy::{Check, CheckKind, GiftsIn, Select};

/// Milliseconds of a minute.
const MINUTE: i64 = 60_000;

/// Writes the checks, by kind and id.
pub fn write(
    checked: &CheckedPolicy,
    selection: &Selection,
    values: &Values,
    audiences: &mut Audiences,
    t: &mut Tables,
    texts: &mut Texts,
) {
    let guards = &checked.policy().guards;
    let entries = checked.policy().checks.iter().zip(&checked.resolved().check_windows);
    let mut entries: Vec<_> = entries.map(|(check, window)| (check.kinds()[0], check, window)).collect();
    entries.sort_by(|(a_kind, a, _), (b_kind, b, _)| (a_kind, a.id.as_bytes()).cmp(&(b_kind, b.id.as_bytes())));
    t.check_product_start.push(0);
    t.check_source_start.push(0);
    for (kind, check, window) in entries {
        let (option, low, high) = figures(checked, kind, check);
        t.check_text.push(texts.id(&check.id));
        t.check_kind.push(kind.code());
        t.check_option.push(u32::from(option));
        t.check_low.push(low);
        t.check_high.push(high);
        t.check_severity.push(check.severity.unwrap_or(guards.of(kind)).code());
        let audience = audiences.of_terms(terms(&check.when, values), t);
        t.check_audience.push(audience);
        t.check_window.push(window.0);
        let licensed = check.licence.as_ref().map(|category| Select { category: Some(category.clone()), ..Select::default() });
        match kind {
            CheckKind::OrderMinimum | CheckKind::Corridor | CheckKind::Licence => {
                let products = selection.products(licensed.as_ref().or(check.on.as_ref()));
                t.check_product.extend(products.into_iter().map(small));
            }
            CheckKind::Source | CheckKind::FactsAge | CheckKind::OrderMaximum | CheckKind::Overdue | CheckKind::CreditUsed => {}
        }
        t.check_product_start.push(small(t.check_product.len()));
        if let Some(sources) = &check.source {
            t.check_source.extend(values.expand(Dimension::Source, &sources.0));
        }
        t.check_source_start.push(small(t.check_source.len()));
    }
}

/// Option, lower and upper figure of a check; a side that is not there is −1.
fn figures(checked: &CheckedPolicy, kind: CheckKind, check: &Check) -> (bool, i64, i64) {
    let resolved = checked.resolved();
    let written = "its kind says so";
    match kind {
        CheckKind::OrderMinimum => {
            let least = check.order_minimum.as_ref().expect(written);
            match (least.amount, least.quantity) {
                (_, Some(quantity)) => (true, image(quantity, resolved.quantity_scale), -1),
                (amount, None) => (false, image(amount.unwrap_or_default(), resolved.money_scale), -1),
            }
        }
        CheckKind::OrderMaximum => (false, -1, image(check.order_maximum.expect(written), resolved.money_scale)),
        CheckKind::Overdue => {
            let overdue = check.overdue.expect(written);
            (false, i64::from(overdue.days), image(overdue.amount, resolved.money_scale))
        }
        CheckKind::CreditUsed => (false, -1, check.credit_used.expect(written).0),
        CheckKind::Corridor => {
            let corridor = check.corridor.expect(written);
            (corridor.gifts == GiftsIn::Counted, corridor.min.map_or(-1, |min| min.0), corridor.max.map_or(-1, |max| max.0))
        }
        CheckKind::FactsAge => (false, -1, i64::from(check.facts_age_minutes.expect(written)) * MINUTE),
        CheckKind::Licence | CheckKind::Source => (false, -1, -1),
    }
}
