//! Base price: the access sequence, the nearest record of the first table that has one, and its all-units scale.

use super::context::Context;
use crate::bundle::{Dimension, Loaded, Searched};
use crate::id::{AccessId, ProductId, RecordId, ScopeId};
use crate::num::{Money, Overflow, Percent, Quantity, Rounding, Scale, UnitPrice, divide, product};
use crate::policy::Resolution;
use crate::quote::BasePrice;
use crate::sort::sort;

/// A record that a product's search ended at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Table.
    pub access: AccessId,
    /// Dealer's side of the key.
    pub scope: ScopeId,
    /// Steps up the category tree.
    pub distance: u32,
    /// Record.
    pub record: RecordId,
}

/// The price of a product, and what else its search met.
#[derive(Debug, Default)]
pub struct Found {
    /// The price, if a table has one.
    pub price: Option<BasePrice>,
    /// Tables without a price.
    pub missed: Vec<AccessId>,
    /// Prices that lost to it.
    pub beaten: Vec<BasePrice>,
}

/// Searches the price tables for a product. `quantity` is that of the product in the whole order.
pub fn base_price(policy: &Loaded, context: &Context, product: ProductId, quantity: Quantity) -> Found {
    let resolution = policy.constants.resolution;
    let mut found = Found::default();
    for access in policy.constants.accesses(Searched::Prices).map(AccessId) {
        match hit(policy, context, access, product).and_then(|hit| band(policy, hit, quantity)) {
            Some(price) => found.beaten.push(price),
            None => found.missed.push(access),
        }
        if resolution == Resolution::MostSpecific && !found.beaten.is_empty() {
            break;
        }
    }
    // The price of one unit, times what both are for. Of equal ones the first stays.
    let beats = |a: &BasePrice, b: &BasePrice| {
        let (a, b) = (product_of(a.unit_price.0, b.per), product_of(b.unit_price.0, a.per));
        if resolution == Resolution::Highest { a > b } else { a < b }
    };
    let best = (0..found.beaten.len()).reduce(|best, other| if beats(&found.beaten[other], &found.beaten[best]) { other } else { best });
    found.price = best.map(|best| found.beaten.remove(best));
    found
}

/// What a product costs by quantity in the order: each price with the quantity that it holds from.
pub fn price_bands(policy: &Loaded, context: &Context, product: ProductId) -> Vec<(Quantity, BasePrice)> {
    let t = &policy.tables;
    let hits = policy.constants.accesses(Searched::Prices).filter_map(|access| hit(policy, context, AccessId(access), product));
    let mut from: Vec<i64> = hits.flat_map(|hit| t.bands(hit.record)).map(|band| t.band_from[band]).collect();
    sort(&mut from, Ord::cmp);
    let mut bands: Vec<(Quantity, BasePrice)> = Vec::new();
    for from in from {
        if let Some(price) = base_price(policy, context, product, Quantity(from.max(1))).price
            && bands.last().is_none_or(|(_, last)| *last != price)
        {
            bands.push((Quantity(from), price));
        }
    }
    bands
}

fn product_of(price: i64, per: u32) -> i128 {
    product(price, i64::from(per))
}

/// Searches other tables the same way.
pub fn searched(policy: &Loaded, context: &Context, of: Searched, product: ProductId, quantity: Quantity) -> Option<BasePrice> {
    let accesses = policy.constants.accesses(of);
    accesses.map(AccessId).find_map(|access| hit(policy, context, access, product).and_then(|hit| band(policy, hit, quantity)))
}

/// The nearest record of one table that is valid now. Where several trees are keys, distances compare in the order of the keys.
pub fn hit(policy: &Loaded, context: &Context, access: AccessId, product: ProductId) -> Option<Hit> {
    let t = &policy.tables;
    let entries = t.entries(access, product);
    if entries.is_empty() {
        return None;
    }
    let shift = t.shift(access, Dimension::Category);
    let mut nearest: Option<(u32, Hit)> = None;
    for scope in context.scopes(access) {
        let first = entries.start + t.entry_scope[entries.clone()].partition_point(|s| *s < scope.id.0);
        for entry in (first..entries.end).take_while(|entry| t.entry_scope[*entry] == scope.id.0) {
            let record = RecordId(t.entry_record[entry]);
            let distance = t.entry_distance[entry];
            let rank = scope.distance + (distance << shift);
            if nearest.is_none_or(|(best, _)| rank < best) && t.record_valid(record).contains(context.now) {
                nearest = Some((rank, Hit { access, scope: scope.id, distance, record }));
            }
        }
    }
    nearest.map(|(_, hit)| hit)
}

/// The band of a record's scale that `quantity` falls into; none below the first.
fn band(policy: &Loaded, hit: Hit, quantity: Quantity) -> Option<BasePrice> {
    let t = &policy.tables;
    let bands = t.bands(hit.record);
    let reached = t.band_from[bands.clone()].partition_point(|from| *from <= quantity.0);
    let band = bands.start + reached.checked_sub(1)?;
    Some(BasePrice {
        unit_price: UnitPrice(t.band_price[band]),
        per: t.band_per[band],
        access: hit.access,
        scope: hit.scope,
        distance: hit.distance,
        record: hit.record,
        from_quantity: Quantity(t.band_from[band]),
    })
}

/// `unit price × quantity / per` in minor units, rounded once.
pub fn amount(policy: &Loaded, price: &BasePrice, quantity: Quantity) -> Result<Money, Overflow> {
    let (product, divisor) = scaled(policy, price, quantity)?;
    divide(product, divisor, policy.constants.rounding).map(Money)
}

/// The least whole amount that is not under a share of a price: rounded up, whatever the policy's rounding.
pub fn least_amount(policy: &Loaded, price: &BasePrice, share: Percent, quantity: Quantity) -> Result<Money, Overflow> {
    let (product, divisor) = shared(policy, price, share, quantity)?;
    divide(product + divisor - 1, divisor, Rounding::Down).map(Money)
}

/// The most whole amount that is not over a share of a price: rounded down, whatever the policy's rounding.
pub fn most_amount(policy: &Loaded, price: &BasePrice, share: Percent, quantity: Quantity) -> Result<Money, Overflow> {
    let (product, divisor) = shared(policy, price, share, quantity)?;
    divide(product, divisor, Rounding::Down).map(Money)
}

fn shared(policy: &Loaded, price: &BasePrice, share: Percent, quantity: Quantity) -> Result<(i128, i128), Overflow> {
    let (product, divisor) = scaled(policy, price, quantity)?;
    let product = product.checked_mul(i128::from(share.0)).ok_or(Overflow)?;
    Ok((product, divisor * Percent::ONE))
}

fn scaled(policy: &Loaded, price: &BasePrice, quantity: Quantity) -> Result<(i128, i128), Overflow> {
    let c = &policy.constants;
    let amount = product(price.unit_price.0, quantity.0);
    let finer = c.unit_scale.0.checked_sub(c.money_scale.0).ok_or(Overflow)?;
    Ok((amount, product(c.quantity_scale.finer(Scale(finer)), i64::from(price.per))))
}
