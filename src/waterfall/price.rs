//! Base price: the access sequence, the nearest record of the first table that has one, and its all-units scale.

use super::context::Context;
use crate::bundle::{Loaded, NONE};
use crate::id::{AccessId, ProductId, RecordId, ScopeId, UnitId};
use crate::num::{Money, Overflow, Quantity, Rounding, Scale, UnitPrice, divide, product};
use crate::policy::Axis;
use crate::quote::BasePrice;

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
    /// Whether the record is for the unit that was asked for alone.
    pub of_unit: bool,
}

/// A product in one of its units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Product.
    pub product: ProductId,
    /// Unit, if it is not the base unit.
    pub unit: Option<UnitId>,
}

/// Searches the price tables for a product. `quantity` is that of the product in the whole order.
///
/// Returns the price, and the tables that had no record before it.
pub fn base_price(policy: &Loaded, context: &Context, wanted: Wanted, quantity: Quantity) -> (Option<BasePrice>, Vec<AccessId>) {
    let mut missed = Vec::new();
    for access in (0..policy.constants.price_accesses).map(AccessId) {
        match hit(policy, context, access, wanted).and_then(|hit| band(policy, wanted, hit, quantity)) {
            Some(price) => return (Some(price), missed),
            None => missed.push(access),
        }
    }
    (None, missed)
}

/// Searches the floor tables the same way.
pub fn floor_price(policy: &Loaded, context: &Context, wanted: Wanted, quantity: Quantity) -> Option<BasePrice> {
    let accesses = super::context::ids(policy.tables.access_text.len()).skip(policy.constants.price_accesses as usize);
    accesses.map(AccessId).find_map(|access| hit(policy, context, access, wanted).and_then(|hit| band(policy, wanted, hit, quantity)))
}

/// The nearest record of one table that is valid now and for the unit; of those as near, the one that is for it alone. Where region and
/// category are both keys, distances compare in the order of the keys.
pub fn hit(policy: &Loaded, context: &Context, access: AccessId, wanted: Wanted) -> Option<Hit> {
    let t = &policy.tables;
    let entries = t.entries(access, wanted.product);
    if entries.is_empty() {
        return None;
    }
    let axes = || t.axes_of(access);
    let category_first = axes().position(|a| a == Axis::Category) < axes().position(|a| a == Axis::Region);
    let unit = t.unit_text(wanted.product, wanted.unit).0;
    let mut nearest: Option<((u32, u32, bool), Hit)> = None;
    for scope in context.scopes(access) {
        let first = entries.start + t.entry_scope[entries.clone()].partition_point(|s| *s < scope.id.0);
        for entry in (first..entries.end).take_while(|entry| t.entry_scope[*entry] == scope.id.0) {
            let record = RecordId(t.entry_record[entry]);
            let distance = t.entry_distance[entry];
            let of_unit = t.record_unit[record.index()];
            if of_unit != NONE && of_unit != unit {
                continue;
            }
            let of_unit = of_unit != NONE;
            let (first, second) = if category_first { (distance, scope.region_steps) } else { (scope.region_steps, distance) };
            let rank = (first, second, !of_unit);
            if nearest.is_none_or(|(best, _)| rank < best) && t.record_valid(record).contains(context.now) {
                nearest = Some((rank, Hit { access, scope: scope.id, distance, record, of_unit }));
            }
        }
    }
    nearest.map(|(_, hit)| hit)
}

/// The band of a record's scale that `quantity` falls into; none below the first.
fn band(policy: &Loaded, wanted: Wanted, hit: Hit, quantity: Quantity) -> Option<BasePrice> {
    let t = &policy.tables;
    let bands = t.bands(hit.record);
    // A band counts the record's unit, the quantity base units.
    let factor = t.factor(wanted.unit.filter(|_| hit.of_unit));
    let have = product(quantity.0, factor.denominator);
    let reached = t.band_from[bands.clone()].partition_point(|from| product(*from, factor.numerator) <= have);
    let band = bands.start + reached.checked_sub(1)?;
    Some(BasePrice {
        unit_price: UnitPrice(t.band_price[band]),
        per: t.band_per[band],
        access: hit.access,
        scope: hit.scope,
        distance: hit.distance,
        record: hit.record,
        of_unit: hit.of_unit,
        from_quantity: Quantity(t.band_from[band]),
    })
}

/// `unit price × quantity / per` in minor units, rounded once.
pub fn amount(policy: &Loaded, price: &BasePrice, quantity: Quantity) -> Result<Money, Overflow> {
    let (product, divisor) = scaled(policy, price, quantity)?;
    divide(product, divisor, policy.constants.rounding).map(Money)
}

/// The least whole amount that is not under the floor price: rounded up, whatever the policy's rounding.
pub fn least_amount(policy: &Loaded, floor: &BasePrice, quantity: Quantity) -> Result<Money, Overflow> {
    let (product, divisor) = scaled(policy, floor, quantity)?;
    divide(product + divisor - 1, divisor, Rounding::Down).map(Money)
}

fn scaled(policy: &Loaded, price: &BasePrice, quantity: Quantity) -> Result<(i128, i128), Overflow> {
    let c = &policy.constants;
    let amount = product(price.unit_price.0, quantity.0);
    let finer = c.unit_scale.0.checked_sub(c.money_scale.0).ok_or(Overflow)?;
    Ok((amount, product(c.quantity_scale.finer(Scale(finer)), i64::from(price.per))))
}
