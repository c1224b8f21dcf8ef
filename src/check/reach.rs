//! Thresholds of quantity that are above what one order may have of the products that they count.

use super::findings::{Findings, Spot};
use super::names::Names;
use super::select::is_selected;
use crate::diagnostic::Code;
use crate::num::Number;
use crate::policy::{Policy, Promotion, Select};
use rust_decimal::Decimal;

/// Checks the thresholds of all promotions against what products allow in an order.
pub fn check(policy: &Policy, names: &Names, findings: &mut Findings) {
    if policy.products.iter().all(|product| product.max_order.is_none()) || findings.diagnostics.failed() {
        return;
    }
    for (index, promotion) in policy.promotions.iter().enumerate() {
        for (path, on, need) in thresholds(promotion) {
            let Some(most) = most_of(policy, names, on).filter(|most| need.0 > *most) else { continue };
            let message = format!("`{}` asks for {need} units, and one order may have {} of what counts", promotion.id, most.normalize());
            let help = "ask for fewer, widen `on`, or raise `max_order` of the products";
            findings.add(Code::ThresholdUnreachable, Spot::Path(&format!("promotions[{index}].{path}")), message, help);
        }
    }
}

/// Quantities that a promotion asks for, with what they count.
fn thresholds(promotion: &Promotion) -> Vec<(String, Option<&Select>, Number)> {
    let on = promotion.on.as_ref();
    let at = promotion.at.iter().filter_map(|at| Some(("at.quantity".to_owned(), on, at.quantity?)));
    let each = promotion.each.iter().filter_map(|each| Some(("each.quantity".to_owned(), on, each.quantity?)));
    let steps = promotion.steps.iter().flat_map(|steps| steps.quantity.iter().flatten().enumerate());
    let steps = steps.map(|(at, step)| (format!("steps.quantity[{at}].from"), on, step.from));
    let units = |units: u32| Number(Decimal::from(units));
    let combo = promotion.combo.iter().filter_map(|combo| Some(("combo.quantity".to_owned(), on, units(combo.quantity?))));
    let parts = promotion.combo.iter().flat_map(|combo| combo.parts.iter().flatten().enumerate());
    let parts = parts.map(|(at, part)| (format!("combo.parts[{at}].quantity"), Some(&part.on), units(part.quantity)));
    at.chain(each).chain(steps).chain(combo).chain(parts).collect()
}

/// The most units of some products in one order; `None` where one of them has no most.
fn most_of(policy: &Policy, names: &Names, on: Option<&Select>) -> Option<Decimal> {
    let about = policy.products.iter().filter(|product| on.is_none_or(|on| is_selected(product, on, names)));
    about.map(|product| product.max_order.map(|most| most.0)).try_fold(Decimal::ZERO, |sum, most| sum.checked_add(most?))
}
