//! Thresholds and conditions that are above what one order may have of the products that they count, and prices that are above all of these products.

use super::findings::{Findings, Spot};
use super::names::Names;
use super::select::is_selected;
use super::settings::Constants;
use crate::diagnostic::Code;
use crate::num::Number;
use crate::policy::{Axis, Cart, Condition, Policy, Product, Promotion, Select};
use rust_decimal::Decimal;
use std::collections::HashMap;

/// Checks the thresholds of all promotions against what products allow in an order, and their prices against those of the products.
pub fn check(policy: &Policy, names: &Names, constants: &Constants, findings: &mut Findings) {
    if findings.diagnostics.failed() {
        return;
    }
    let dearest = dearest(policy);
    for (index, promotion) in policy.promotions.iter().enumerate() {
        if let Some(price) = promotion.get.as_ref().filter(|_| promotion.prices_units()).and_then(|get| get.price) {
            let most = dearest.as_ref().and_then(|dearest| dearest_of(policy, names, promotion.on.as_ref(), dearest));
            if let Some(most) = most.filter(|most| price.0 + FINER >= *most) {
                let message = format!("`{}` asks {price} for what costs {} at most", promotion.id, (most - FINER).normalize());
                let help = "write a lower price, name other products, or delete the promotion";
                findings.add(Code::PriceNotLower, Spot::Path(&format!("promotions[{index}].get.price")), message, help);
            }
        }
        for (path, on, need) in amounts(policy, promotion) {
            let most = dearest.as_ref().and_then(|dearest| most_amount(policy, names, on, dearest, constants));
            let Some(most) = most.filter(|most| need.0 > *most) else { continue };
            let message = format!("`{}` asks for {need}, and one order may come to {} of what counts", promotion.id, most.normalize());
            let help = "ask for less, widen `on`, or raise `max_order` and `max_period` of the products";
            findings.add(Code::ThresholdUnreachable, Spot::Path(&format!("promotions[{index}].{path}")), message, help);
        }
        for (path, on, need) in quantities(promotion) {
            let Some(most) = most_of(policy, names, on).filter(|most| need.0 > *most) else { continue };
            let message = format!("`{}` asks for {need} units, and one order may have {} of what counts", promotion.id, most.normalize());
            let help = "ask for fewer, widen `on`, or raise `max_order` and `max_period` of the products";
            findings.add(Code::ThresholdUnreachable, Spot::Path(&format!("promotions[{index}].{path}")), message, help);
        }
    }
}

/// The highest price of a base unit of some products; `None` where one of them is in no table.
fn dearest_of(policy: &Policy, names: &Names, on: Option<&Select>, dearest: &HashMap<Option<&str>, Decimal>) -> Option<Decimal> {
    let about = policy.products.iter().filter(|product| on.is_none_or(|on| is_selected(product, on, names)));
    about.map(|product| price(product, dearest)).try_fold(None, |most, price| Some(most.max(Some(price?))))?
}

/// The highest price of a base unit of a product.
fn price(product: &Product, dearest: &HashMap<Option<&str>, Decimal>) -> Option<Decimal> {
    [Some(product.sku.as_str()), None].iter().filter_map(|sku| dearest.get(sku)).max().copied()
}

/// The most base units of a product in one order.
fn most_units(product: &Product) -> Option<Decimal> {
    [product.max_order, product.max_period].into_iter().flatten().map(|most| most.0).min()
}

/// Amounts that a promotion asks for in the basis of the policy's prices, with what they count.
fn amounts<'a>(policy: &Policy, promotion: &'a Promotion) -> Vec<(String, Option<&'a Select>, Number)> {
    let own = promotion.threshold_tax.zip(policy.settings.tax).is_none_or(|(basis, tax)| basis == tax.basis);
    let on = promotion.on.as_ref();
    let at = promotion.at.iter().filter_map(|at| Some(("at.amount".to_owned(), on, at.amount?)));
    let each = promotion.each.iter().filter_map(|each| {
        let amount = each.amount?;
        Some(each.from.map_or(("each.amount".to_owned(), on, amount), |from| ("each.from".to_owned(), on, from)))
    });
    let steps = promotion.steps.iter().flat_map(|steps| steps.amount.iter().flatten().enumerate());
    let steps = steps.map(|(at, step)| (format!("steps.amount[{at}].from"), on, step.from));
    let carts = carts(promotion).into_iter().filter_map(|(path, cart)| Some((format!("{path}.amount"), cart.on.as_ref(), cart.amount?)));
    at.chain(each).chain(steps).filter(|_| own).chain(carts).collect()
}

/// What a promotion's condition needs of the cart, with its places.
fn carts(promotion: &Promotion) -> Vec<(String, &Cart)> {
    fn inside<'a>(condition: &'a Condition, path: String, carts: &mut Vec<(String, &'a Cart)>) {
        carts.extend(condition.cart.iter().map(|cart| (format!("{path}.cart"), cart)));
        for (key, list) in [("all", &condition.all), ("any", &condition.any)] {
            for (index, inner) in list.iter().flatten().enumerate() {
                inside(inner, format!("{path}.{key}[{index}]"), carts);
            }
        }
    }
    let mut carts = Vec::new();
    promotion.condition.iter().for_each(|condition| inside(condition, "if".to_owned(), &mut carts));
    carts
}

/// Quantities that a promotion asks for, with what they count.
fn quantities(promotion: &Promotion) -> Vec<(String, Option<&Select>, Number)> {
    let on = promotion.on.as_ref();
    let at = promotion.at.iter().filter_map(|at| Some(("at.quantity".to_owned(), on, at.quantity?)));
    let each = promotion.each.iter().filter_map(|each| {
        let quantity = each.quantity?;
        Some(each.from.map_or(("each.quantity".to_owned(), on, quantity), |from| ("each.from".to_owned(), on, from)))
    });
    let steps = promotion.steps.iter().flat_map(|steps| steps.quantity.iter().flatten().enumerate());
    let steps = steps.map(|(at, step)| (format!("steps.quantity[{at}].from"), on, step.from));
    let units = |units: u32| Number(Decimal::from(units));
    let combo = promotion.combo.iter().filter_map(|combo| Some(("combo.quantity".to_owned(), on, units(combo.quantity?))));
    let parts = promotion.combo.iter().flat_map(|combo| combo.parts.iter().flatten().enumerate());
    let parts = parts.map(|(at, part)| (format!("combo.parts[{at}].quantity"), Some(&part.on), units(part.quantity)));
    let carts = carts(promotion).into_iter();
    let carts = carts.filter_map(|(path, cart)| Some((format!("{path}.quantity"), cart.on.as_ref(), cart.quantity?)));
    at.chain(each).chain(steps).chain(combo).chain(parts).chain(carts).collect()
}

/// The most units of some products in one order; `None` where one of them has no most.
fn most_of(policy: &Policy, names: &Names, on: Option<&Select>) -> Option<Decimal> {
    let about = policy.products.iter().filter(|product| on.is_none_or(|on| is_selected(product, on, names)));
    about.map(most_units).try_fold(Decimal::ZERO, |sum, most| sum.checked_add(most?))
}

/// More than a quotient of prices can be too low by.
const FINER: Decimal = Decimal::from_parts(1, 0, 0, false, 9);

/// The highest price of a base unit in any table, by SKU, and for tables without one under no SKU; `None` where prices are not all in tables as they are paid.
fn dearest(policy: &Policy) -> Option<HashMap<Option<&str>, Decimal>> {
    if policy.transition.is_some() || policy.prices.iter().any(|access| access.scale.broken.0 != 0) {
        return None;
    }
    let products: HashMap<&str, &Product> = policy.products.iter().map(|product| (product.sku.as_str(), product)).collect();
    let mut dearest = HashMap::new();
    for access in &policy.prices {
        let column = access.by.iter().position(|axis| *axis == Axis::Sku);
        for row in &access.rows {
            let sku = column.map(|column| row.key[column].as_str());
            let factor = match (&row.unit, sku) {
                (None, _) => Decimal::ONE,
                (Some(unit), Some(sku)) => {
                    let factor = products.get(sku)?.factor(unit)?;
                    Decimal::from(factor.numerator).checked_div(Decimal::from(factor.denominator))?
                }
                (Some(_), None) => return None,
            };
            // A little more than exact: a quotient may have been rounded down.
            let price = row.price.0.checked_div(Decimal::from(row.per))?.checked_div(factor)?.checked_add(FINER)?;
            let known = dearest.entry(sku).or_insert(price);
            *known = price.max(*known);
        }
    }
    Some(dearest)
}

/// The most that some products can come to in one order, each line rounded up; `None` where one of them has no most.
fn most_amount(
    policy: &Policy,
    names: &Names,
    on: Option<&Select>,
    dearest: &HashMap<Option<&str>, Decimal>,
    constants: &Constants,
) -> Option<Decimal> {
    let cent = Decimal::new(1, constants.money.0);
    let about = policy.products.iter().filter(|product| on.is_none_or(|on| is_selected(product, on, names)));
    let most = |(product, price): (&Product, Decimal)| {
        let lines = Decimal::from(product.units.len() + 1);
        price.checked_mul(most_units(product)?)?.checked_add(cent.checked_mul(lines)?)
    };
    let priced = about.filter_map(|product| Some((product, price(product, dearest)?)));
    Some(priced.map(most).try_fold(Decimal::ZERO, |sum, most| sum.checked_add(most?))?.trunc_with_scale(constants.money.0))
}
