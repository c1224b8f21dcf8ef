//! Base price: the access sequence, the nearest record of the first table that has one, and its all-units scale.

use super::context::Context;
use super::scale::{self, Fraction};
use crate::bundle::{Loaded, NONE, Searched, decoded};
use crate::id::{AccessId, ProductId, RecordId, ScopeId, UnitId};
use crate::num::{Money, Overflow, Percent, Quantity, Rounding, Scale, UnitPrice, divide, product};
use crate::policy::{Axis, ScaleMeasure, ScaleMode};
use crate::quote::{BasePrice, ScalePart};

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

/// What counts for the scales of a table.
pub type Have<'a> = &'a dyn Fn(AccessId) -> Result<Fraction, Overflow>;

/// Searches the price tables for a product.
///
/// Returns the price with what its scale splits it into, and the tables that had no record before it.
pub fn base_price(policy: &Loaded, context: &Context, wanted: Wanted, have: Have) -> Result<(Option<Found>, Vec<AccessId>), Overflow> {
    let mut missed = Vec::new();
    for access in policy.constants.accesses(Searched::Prices).map(AccessId) {
        let Some(hit) = hit(policy, context, access, wanted) else {
            missed.push(access);
            continue;
        };
        match band(policy, wanted, hit, have(access)?) {
            Some(found) => return Ok((Some(found), missed)),
            None => missed.push(access),
        }
    }
    Ok((None, missed))
}

/// A price, and what its scale splits it into.
pub type Found = (BasePrice, Vec<ScalePart>);

/// Searches other tables the same way, at the quantity of the product in the order.
pub fn searched(policy: &Loaded, context: &Context, of: Searched, wanted: Wanted, quantity: Quantity) -> Option<BasePrice> {
    let in_order = Fraction::whole(quantity.0);
    policy
        .constants
        .accesses(of)
        .map(AccessId)
        .find_map(|access| hit(policy, context, access, wanted).and_then(|hit| band(policy, wanted, hit, in_order)).map(|(price, _)| price))
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

/// The band of a record's scale that is reached; none below the first and above the end.
fn band(policy: &Loaded, wanted: Wanted, hit: Hit, mut have: Fraction) -> Option<Found> {
    let t = &policy.tables;
    let bands = t.bands(hit.record);
    if hit.of_unit && scale::measure(policy, hit.access) == ScaleMeasure::Quantity {
        // A band counts the record's unit, the quantity base units.
        let factor = t.factor(wanted.unit);
        have.numerator = have.numerator.saturating_mul(i128::from(factor.denominator));
        have.denominator = have.denominator.saturating_mul(i128::from(factor.numerator));
    }
    let counted = scale::counted(policy, hit.access, have);
    if !counted.reaches(t.band_from[bands.start]) {
        return None;
    }
    // A graduated band without a part prices nothing.
    let graduated = decoded::<ScaleMode>(t.access_mode[hit.access.index()]) == ScaleMode::Graduated;
    let above = |from: i64| if graduated { counted.exceeds(from) } else { counted.reaches(from) };
    let band = bands.start + t.band_from[bands.start + 1..bands.end].partition_point(|from| above(*from));
    let end = t.record_end[hit.record.index()];
    if end >= 0 && counted.exceeds(end) {
        return None;
    }
    let price = BasePrice {
        unit_price: UnitPrice(t.band_price[band]),
        per: t.band_per[band],
        access: hit.access,
        scope: hit.scope,
        distance: hit.distance,
        record: hit.record,
        of_unit: hit.of_unit,
        from: t.band_from[band],
    };
    Some((price, scale::parts(policy, &price, have)))
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
