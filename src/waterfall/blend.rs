//! Unit prices and rebate rates between two sides of a transition: part of the leading side's own figure, the rest of the other's.

use super::context::{Context, Enrolment};
use super::price::{Found, Wanted, base_price, price_bands, searched};
use super::registered::is_registered;
use super::scale::Fraction;
use crate::bundle::{Loaded, Searched};
use crate::id::AccessId;
use crate::num::{Overflow, Quantity, Rounding, UnitPrice, divide};
use crate::quote::{BasePrice, Tier};
use crate::sort::sort;
use std::sync::Arc;

/// The other side, and how much the leading one's own figures count.
#[derive(Debug, Clone)]
pub struct Blend {
    /// The other side.
    pub policy: Arc<Loaded>,
    /// What the dealer's facts decide there.
    pub context: Context,
    /// Parts of the leading side's own figure.
    pub own: u32,
    /// Parts in all.
    pub of: u32,
}

impl Blend {
    /// A figure between two, the other one as a fraction.
    fn between(&self, own: i64, (other, divisor): (i128, i128), rounding: Rounding) -> Result<i64, Overflow> {
        let (part, of) = (i128::from(self.own), i128::from(self.of));
        let exact = (i128::from(own) * part).checked_mul(divisor).zip(other.checked_mul(of - part)).ok_or(Overflow)?;
        divide(exact.0.checked_add(exact.1).ok_or(Overflow)?, of * divisor, rounding)
    }

    /// A price between two, for as many units and in the unit of the own one.
    fn price(&self, policy: &Loaded, wanted: Wanted, own: BasePrice, other: Option<BasePrice>) -> Result<BasePrice, Overflow> {
        // Both sides have the same units.
        let factor = |price: &BasePrice| policy.tables.factor(wanted.unit.filter(|_| price.of_unit));
        let other = match other {
            None => (0, 1),
            Some(other) => {
                let (ours, theirs) = (factor(&own), factor(&other));
                let times = |a: i128, b: i64| a.checked_mul(i128::from(b)).ok_or(Overflow);
                let own_per = times(times(i128::from(own.per), ours.numerator)?, theirs.denominator)?;
                let other_per = times(times(i128::from(other.per), ours.denominator)?, theirs.numerator)?;
                (times(own_per, other.unit_price.0)?, other_per)
            }
        };
        Ok(BasePrice { unit_price: UnitPrice(self.between(own.unit_price.0, other, policy.constants.rounding)?), ..own })
    }

    /// The other side's price, where it is one price.
    fn other_price(&self, wanted: Wanted, theirs: Theirs) -> Result<Option<BasePrice>, Overflow> {
        // What is hidden there has no price there.
        if !self.context.sees(&self.policy, wanted.product) {
            return Ok(None);
        }
        let found = base_price(&self.policy, &self.context, wanted, None, &|access| theirs(self, access))?;
        Ok(found.price.filter(|_| found.parts.is_empty()))
    }
}

/// What counts for the scales of a table of the other side.
pub type Theirs<'a> = &'a dyn Fn(&Blend, AccessId) -> Result<Fraction, Overflow>;

/// The base price as it is to be paid: blended where both sides have one price for everything.
pub fn price(policy: &Loaded, context: &Context, wanted: Wanted, own: &Found, theirs: Theirs) -> Result<Option<BasePrice>, Overflow> {
    let (Some(price), Some(blend), true) = (own.price, context.blend(), own.parts.is_empty()) else { return Ok(own.price) };
    // What is registered stays as it is.
    if !own.portions.is_empty() || is_registered(policy, price.access) {
        return Ok(own.price);
    }
    let Some(other) = blend.other_price(wanted, theirs)? else { return Ok(Some(price)) };
    blend.price(policy, wanted, price, Some(other)).map(Some)
}

/// What a product costs by quantity, as it is to be paid: the bands of both sides; without what does not fit.
pub fn bands(policy: &Loaded, context: &Context, wanted: Wanted) -> Vec<(i64, BasePrice)> {
    let own = price_bands(policy, context, wanted);
    let Some(blend) = context.blend() else { return own };
    let theirs = price_bands(&blend.policy, &blend.context, wanted);
    let mut starts: Vec<i64> = own.iter().chain(&theirs).map(|(from, _)| *from).collect();
    sort(&mut starts, Ord::cmp);
    starts.dedup();
    let priced = |from: i64| {
        let quantity = Fraction::whole(from.max(1));
        let own = base_price(policy, context, wanted, None, &|_| Ok(quantity)).ok()?;
        Some((from, price(policy, context, wanted, &own, &|_, _| Ok(quantity)).ok()??))
    };
    starts.into_iter().filter_map(priced).collect()
}

/// The floor or approval price of a product that has a price, blended where that is; a side without one counts nothing.
pub fn least(
    policy: &Loaded,
    context: &Context,
    of: Searched,
    wanted: Wanted,
    quantity: Quantity,
    registered: bool,
) -> Result<Option<BasePrice>, Overflow> {
    let own = searched(policy, context, of, wanted, quantity);
    let in_order = Fraction::whole(quantity.0);
    let Some(blend) = context.blend().filter(|_| !registered) else { return Ok(own) };
    if blend.other_price(wanted, &|_, _| Ok(in_order))?.is_none() {
        return Ok(own);
    }
    let other = searched(&blend.policy, &blend.context, of, wanted, quantity);
    let Some(shape) = own.or(other) else { return Ok(None) };
    let own = own.unwrap_or(BasePrice { unit_price: UnitPrice(0), ..shape });
    blend.price(policy, wanted, own, other).map(Some)
}

/// Tiers begin in this order.
fn key(tier: &Tier) -> (i64, bool) {
    (tier.from, tier.above)
}

/// The tiers of a program on both sides as one list, each with the rate between what both pay there.
fn tiers(blend: &Blend, own: &[Tier], other: &[Tier], rounding: Rounding) -> Vec<Tier> {
    let rate = |tiers: &[Tier], start: &Tier| tiers.iter().rev().find(|tier| key(tier) <= key(start)).map_or(0, |tier| tier.value);
    let mut starts: Vec<Tier> = own.iter().chain(other).copied().collect();
    sort(&mut starts, |a, b| key(a).cmp(&key(b)));
    starts.dedup_by_key(|tier| key(tier));
    let value = |start: &Tier| blend.between(rate(own, start), (i128::from(rate(other, start)), 1), rounding).unwrap_or_default();
    starts.into_iter().map(|start| Tier { value: value(&start), ..start }).collect()
}

/// The programs of the leading side with blended tiers, where the dealer is in the same program on the other side.
pub(super) fn programs(policy: &Loaded, blend: &Blend, own: &[Enrolment]) -> Vec<Enrolment> {
    let theirs = |enrolment: &Enrolment| {
        let id = policy.program(enrolment.program);
        blend.context.programs().iter().find(|other| blend.policy.program(other.program) == id)
    };
    let blended = |enrolment: &Enrolment| match theirs(enrolment) {
        None => enrolment.clone(),
        Some(other) => {
            let tiers = tiers(blend, &enrolment.tiers, &other.tiers, policy.constants.rounding);
            Enrolment { tiers, ..enrolment.clone() }
        }
    };
    own.iter().map(blended).collect()
}
