//! Base price: the access sequence, the nearest record of the first table that has one, and its all-units scale.

use super::context::Context;
use super::registered::{Asking, is_registered, number};
use super::scale::{self, Fraction};
use crate::bundle::{Dimension, Loaded, NONE, Searched, decoded};
use crate::id::{AccessId, ProductId, RecordId, ScopeId, UnitId};
use crate::num::{Money, Overflow, Percent, Quantity, Ratio, Rounding, Scale, UnitPrice, divide, product};
use crate::policy::{Resolution, ScaleMeasure, ScaleMode};
use crate::quote::{BasePrice, Portion, RegistrationTaken, ScalePart};
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

/// A price that a table offers.
#[derive(Debug, Clone, Copy)]
pub struct Offer {
    /// The price.
    pub price: BasePrice,
    /// The most that it is for, as ordered and in base units; nothing for any quantity.
    pub most: Option<[Quantity; 2]>,
    /// Which of [`Found::registered`] it is of.
    pub registered: Option<usize>,
}

/// The price of a product, and what else its search met.
#[derive(Debug, Default)]
pub struct Found {
    /// The price, if a table has one; of what is left beside the portions.
    pub price: Option<BasePrice>,
    /// What else prices a part, before it.
    pub portions: Vec<Portion>,
    /// What registrations that were asked gave.
    pub registered: Vec<RegistrationTaken>,
    /// What its scale splits it into.
    pub parts: Vec<ScalePart>,
    /// Tables without a price.
    pub missed: Vec<AccessId>,
    /// Prices that lost to it.
    pub beaten: Vec<BasePrice>,
}

/// Searches the price tables for a product, those of registrations where a line asks.
pub fn base_price(policy: &Loaded, context: &Context, wanted: Wanted, asking: Option<Asking>, have: Have) -> Result<Found, Overflow> {
    let resolution = policy.constants.resolution;
    let mut found = Found::default();
    let mut offers: Vec<Offer> = Vec::new();
    for access in policy.constants.accesses(Searched::Prices).map(AccessId) {
        let before = offers.len();
        if is_registered(policy, access) {
            let Some(asking) = asking else { continue };
            asking.offers(policy, context, access, have(access)?, &mut offers, &mut found);
        } else if let Some(hit) = hit(policy, context, access, wanted) {
            offers.extend(band(policy, wanted, hit, have(access)?).map(|price| Offer { price, most: None, registered: None }));
        }
        if offers.len() == before {
            found.missed.push(access);
        }
        if resolution == Resolution::MostSpecific && enough(policy, &offers, &found, asking) {
            break;
        }
    }
    // The price of one base unit, times what both are for. Of equal ones the first stays.
    let factor = |price: &BasePrice| policy.tables.factor(wanted.unit.filter(|_| price.of_unit));
    let times = |a: &BasePrice, b: &BasePrice| {
        let (Ratio { denominator, .. }, Ratio { numerator, .. }) = (factor(a), factor(b));
        product(a.unit_price.0, i64::from(b.per)).saturating_mul(product(denominator, numerator))
    };
    let beats = |a: &BasePrice, b: &BasePrice| {
        let (a, b) = (times(a, b), times(b, a));
        match resolution {
            Resolution::MostSpecific => false,
            Resolution::Lowest => a < b,
            Resolution::Highest => a > b,
        }
    };
    let mut rest = asking.map_or([Quantity(0); 2], |asking| [asking.line.ordered, asking.line.quantity]);
    loop {
        let best = (0..offers.len()).reduce(|best, other| if beats(&offers[other].price, &offers[best].price) { other } else { best });
        // What is not covered wholly has no price, and takes nothing.
        let Some(best) = best else {
            found.portions.clear();
            found.registered.iter_mut().for_each(|taken| taken.quantity = Quantity(0));
            return Ok(found);
        };
        let Offer { price, most, registered } = offers.remove(best);
        let part = most.filter(|most| most[1] < rest[1]);
        let [ordered, quantity] = part.unwrap_or(rest);
        if let Some(registered) = registered {
            found.registered[registered].quantity = quantity;
        }
        if let (Some(asking), Some(by)) = (asking, registered) {
            asking.lessen(policy, &found.registered, by, &mut offers);
        }
        if part.is_none() {
            found.price = Some(price);
            break;
        }
        found.portions.push(Portion { price, ordered, quantity, list: amount(policy, &price, quantity)? });
        rest = [Quantity(rest[0].0 - ordered.0), Quantity(rest[1].0 - quantity.0)];
    }
    if resolution != Resolution::MostSpecific {
        found.beaten.extend(offers.iter().map(|offer| offer.price));
    }
    if let Some(price) = &found.price {
        found.parts = scale::parts(policy, price, of_record(policy, wanted, price.access, price.of_unit, have(price.access)?));
    }
    Ok(found)
}

/// Whether what is offered so far is for all of a line; offers of one number are together for what the largest of them is for.
fn enough(policy: &Loaded, offers: &[Offer], found: &Found, asking: Option<Asking>) -> bool {
    let wanted = asking.map_or(0, |asking| asking.line.quantity.0);
    let number = |offer: &Offer| offer.registered.and_then(|own| number(policy, &found.registered[own]));
    let most = |offer: &Offer| offer.most.map_or(i64::MAX, |[_, quantity]| quantity.0);
    let mut all = 0_i64;
    for (at, offer) in offers.iter().enumerate() {
        let is_less = |(other, rival): (usize, &Offer)| number(rival) == number(offer) && (most(rival), at) > (most(offer), other);
        if offer.most.is_none() || !offers.iter().enumerate().any(is_less) {
            all = all.saturating_add(most(offer));
        }
    }
    !offers.is_empty() && all >= wanted
}

/// What a product costs by quantity in the order, or by what else its scale measures: each price with where it begins.
pub fn price_bands(policy: &Loaded, context: &Context, wanted: Wanted) -> Vec<(i64, BasePrice)> {
    let t = &policy.tables;
    // What is registered is for a customer, and as far as it lasts.
    let accesses = policy.constants.accesses(Searched::Prices).map(AccessId).filter(|access| !is_registered(policy, *access));
    let mut hits: Vec<Hit> = accesses.filter_map(|access| hit(policy, context, access, wanted)).collect();
    let plain = |hit: &Hit| {
        let all_units = decoded::<ScaleMode>(t.access_mode[hit.access.index()]) == ScaleMode::AllUnits;
        all_units && !hit.of_unit && scale::measure(policy, hit.access) == ScaleMeasure::Quantity
    };
    // Behind a table that has a price for any quantity nothing is searched.
    let for_any = |hit: &Hit| plain(hit) && t.band_from[t.bands(hit.record).start] <= 1 && t.record_end[hit.record.index()] < 0;
    if let (Resolution::MostSpecific, Some(last)) = (policy.constants.resolution, hits.iter().position(for_any)) {
        hits.truncate(last + 1);
    }
    // Beginnings in different measures or units do not compare: then the first table speaks alone.
    if !hits.iter().all(plain) {
        let first = hits.first().copied();
        return first
            .into_iter()
            .flat_map(|hit| t.bands(hit.record).map(move |band| (t.band_from[band], at_band(policy, hit, band))))
            .collect();
    }
    let mut from: Vec<i64> = Vec::new();
    for hit in &hits {
        from.extend(&t.band_from[t.bands(hit.record)]);
        // Above the end of one record another one may hold.
        from.extend(Some(t.record_end[hit.record.index()]).filter(|end| *end >= 0).map(|end| end.saturating_add(1)));
    }
    sort(&mut from, Ord::cmp);
    let mut bands: Vec<(i64, BasePrice)> = Vec::new();
    for from in from {
        if let Ok(Found { price: Some(price), .. }) = base_price(policy, context, wanted, None, &|_| Ok(Fraction::whole(from.max(1))))
            && bands.last().is_none_or(|(_, last)| *last != price)
        {
            bands.push((from, price));
        }
    }
    bands
}

/// Searches other tables the same way, at the quantity of the product in the order.
pub fn searched(policy: &Loaded, context: &Context, of: Searched, wanted: Wanted, quantity: Quantity) -> Option<BasePrice> {
    let in_order = Fraction::whole(quantity.0);
    policy
        .constants
        .accesses(of)
        .map(AccessId)
        .find_map(|access| hit(policy, context, access, wanted).and_then(|hit| band(policy, wanted, hit, in_order)))
}

/// The nearest record of one table that is valid now and for the unit; of those as near, the one that is for it alone. Where region and
/// category are both keys, distances compare in the order of the keys.
pub fn hit(policy: &Loaded, context: &Context, access: AccessId, wanted: Wanted) -> Option<Hit> {
    let t = &policy.tables;
    let entries = t.entries(access, wanted.product);
    if entries.is_empty() {
        return None;
    }
    let shift = t.shift(access, Dimension::Category);
    let unit = t.unit_text(wanted.product, wanted.unit).0;
    let mut nearest: Option<((u32, bool), Hit)> = None;
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
            let rank = (scope.distance + (distance << shift), !of_unit);
            if nearest.is_none_or(|(best, _)| rank < best) && t.holds(t.record_window[record.index()], context.priced_at) {
                nearest = Some((rank, Hit { access, scope: scope.id, distance, record, of_unit }));
            }
        }
    }
    nearest.map(|(_, hit)| hit)
}

/// What counts for a record: a band of one in a unit counts that unit, a quantity base units.
fn of_record(policy: &Loaded, wanted: Wanted, access: AccessId, of_unit: bool, have: Fraction) -> Fraction {
    if !of_unit || scale::measure(policy, access) != ScaleMeasure::Quantity {
        return have;
    }
    let factor = policy.tables.factor(wanted.unit);
    Fraction {
        numerator: have.numerator.saturating_mul(i128::from(factor.denominator)),
        denominator: have.denominator.saturating_mul(i128::from(factor.numerator)),
    }
}

/// The band of a record's scale that is reached; none below the first and above the end.
pub fn band(policy: &Loaded, wanted: Wanted, hit: Hit, have: Fraction) -> Option<BasePrice> {
    let t = &policy.tables;
    let bands = t.bands(hit.record);
    let counted = scale::counted(policy, hit.access, of_record(policy, wanted, hit.access, hit.of_unit, have));
    if !counted.reaches(t.band_from[bands.start]) {
        return None;
    }
    // A graduated band without a part prices nothing.
    let graduated = decoded::<ScaleMode>(t.access_mode[hit.access.index()]) == ScaleMode::Graduated;
    let above = |from: i64| if graduated { counted.exceeds(from) } else { counted.reaches(from) };
    let band = bands.start + t.band_from[bands.start + 1..bands.end].partition_point(|from| above(*from));
    let end = t.record_end[hit.record.index()];
    (end < 0 || !counted.exceeds(end)).then(|| at_band(policy, hit, band))
}

/// The price of a band.
pub fn at_band(policy: &Loaded, hit: Hit, band: usize) -> BasePrice {
    let t = &policy.tables;
    let Hit { access, scope, distance, record, of_unit } = hit;
    let (unit_price, per, from) = (UnitPrice(t.band_price[band]), t.band_per[band], t.band_from[band]);
    BasePrice { unit_price, per, access, scope, distance, record, of_unit, from, blended: false }
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
