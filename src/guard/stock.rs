//! Stock: what cannot be delivered, and what the dealer should order more of.

use super::pooled;
use super::quantity::Ladder;
use crate::bundle::Loaded;
use crate::facts::Reorder;
use crate::id::ProductId;
use crate::num::{Overflow, Quantity, Rounding, Scale, divide};
use crate::policy::Availability;
use crate::quote::{Finding, Quote, QuoteLine, Replenishment};
use crate::waterfall::Context;

/// More of a product than can be delivered.
pub(super) fn shortage(policy: &Loaded, context: &Context, index: usize, line: &QuoteLine, have: Quantity) -> Option<Finding> {
    let found = context.stock.binary_search_by_key(&line.product, |(product, ..)| *product).ok()?;
    let (_, available, as_of) = context.stock[found];
    let short = line.price.is_some() && have > available;
    short.then(|| Finding::Stock { line: index, have, available, nearest: Ladder::of(policy, line.product).down(available.0), as_of })
}

/// The smallest quantity of at least `least` that minimum, multiple and step of a product let pass.
pub fn smallest(policy: &Loaded, product: ProductId, least: i64) -> Quantity {
    Ladder::of(policy, product).up(least)
}

/// What the dealer should order more of, by product.
pub fn replenish(policy: &Loaded, context: &Context, quote: &Quote) -> Result<Vec<Replenishment>, Overflow> {
    let mut list = Vec::new();
    if context.inventory.is_empty() {
        return Ok(list);
    }
    let pooled = pooled(quote.lines.iter().map(|line| (line.product, line.quantity)))?;
    for own in &context.inventory {
        let product = own.product;
        let ordered = pooled.binary_search_by_key(&product, |(product, _)| *product).map_or(0, |found| pooled[found].1.0);
        let plus = |a: i64, b: i64| a.checked_add(b).ok_or(Overflow);
        let position = plus(plus(own.on_hand.0, own.on_order.0)?, ordered)?;
        let reorder_point = point(policy, own.reorder)?;
        if position > reorder_point || context.availability(policy, product) != Availability::Orderable {
            continue;
        }
        let most = plus(ordered, own.max.0 - position)?;
        let ladder = Ladder::of(policy, product);
        let fits = ladder.down(most).filter(|quantity| quantity.0 > ordered);
        let order = fits.unwrap_or_else(|| ladder.up(ordered.saturating_add(1)));
        let [position, reorder_point, suggested] = [position, reorder_point, order.0 - ordered].map(Quantity);
        list.push(Replenishment { product, position, reorder_point, max: own.max, order, suggested });
    }
    Ok(list)
}

/// The quantity at or below which a product is ordered again.
fn point(policy: &Loaded, reorder: Reorder) -> Result<i64, Overflow> {
    match reorder {
        Reorder::Point(point) => Ok(point.0),
        Reorder::Usage { daily, lead_days, safety } => {
            let million = Scale(6).one();
            let until = i128::from(daily) * i128::from(lead_days) * policy.constants.quantity_scale.one();
            divide(until + million - 1, million, Rounding::Down)?.checked_add(safety.0).ok_or(Overflow)
        }
    }
}
