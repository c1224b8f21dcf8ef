//! Unit prices and rebate rates between two sides of a transition: part of the leading side's own figure, the rest of the other's.

use super::context::{Context, Enrolment};
use super::price::{base_price, price_bands, searched};
use crate::bundle::{Loaded, Searched};
use crate::id::ProductId;
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

    /// A price between two, for as many units as the own one.
    fn price(&self, own: BasePrice, other: Option<BasePrice>, rounding: Rounding) -> Result<BasePrice, Overflow> {
        let other = other.map_or((0, 1), |other| (i128::from(other.unit_price.0) * i128::from(own.per), i128::from(other.per)));
        Ok(BasePrice { unit_price: UnitPrice(self.between(own.unit_price.0, other, rounding)?), ..own })
    }

    fn other_price(&self, product: ProductId, quantity: Quantity) -> Option<BasePrice> {
        // What is hidden there has no price there.
        self.context.sees(&self.policy, product).then(|| base_price(&self.policy, &self.context, product, quantity).price)?
    }
}

/// The base price as it is to be paid: blended where the other side has a price too.
pub fn price(
    policy: &Loaded,
    context: &Context,
    product: ProductId,
    quantity: Quantity,
    own: Option<BasePrice>,
) -> Result<Option<BasePrice>, Overflow> {
    let Some((own, blend)) = own.zip(context.blend()) else { return Ok(own) };
    let Some(other) = blend.other_price(product, quantity) else { return Ok(Some(own)) };
    blend.price(own, Some(other), policy.constants.rounding).map(Some)
}

/// What a product costs by quantity, as it is to be paid: the bands of both sides; without what does not fit.
pub fn bands(policy: &Loaded, context: &Context, product: ProductId) -> Vec<(Quantity, BasePrice)> {
    let own = price_bands(policy, context, product);
    let Some(blend) = context.blend() else { return own };
    let theirs = price_bands(&blend.policy, &blend.context, product);
    let mut starts: Vec<i64> = own.iter().chain(&theirs).map(|(from, _)| from.0).collect();
    sort(&mut starts, Ord::cmp);
    starts.dedup();
    let priced = |from: i64| {
        let quantity = Quantity(from.max(1));
        let own = base_price(policy, context, product, quantity).price;
        Some((Quantity(from), price(policy, context, product, quantity, own).ok()??))
    };
    starts.into_iter().filter_map(priced).collect()
}

/// The floor or approval price of a product that has a price: blended where its price is; a side without one counts nothing.
pub fn least(
    policy: &Loaded,
    context: &Context,
    of: Searched,
    product: ProductId,
    quantity: Quantity,
) -> Result<Option<BasePrice>, Overflow> {
    let own = searched(policy, context, of, product, quantity);
    let Some(blend) = context.blend().filter(|blend| blend.other_price(product, quantity).is_some()) else { return Ok(own) };
    let other = searched(&blend.policy, &blend.context, of, product, quantity);
    let Some(shape) = own.or(other) else { return Ok(None) };
    let own = own.unwrap_or(BasePrice { unit_price: UnitPrice(0), ..shape });
    blend.price(own, other, policy.constants.rounding).map(Some)
}

/// The tiers of a program on both sides as one list, each with the rate between what both pay there.
fn tiers(blend: &Blend, own: &[Tier], other: &[Tier], rounding: Rounding) -> Vec<Tier> {
    let rate = |tiers: &[Tier], from: i64| tiers.iter().rev().find(|tier| tier.from <= from).map_or(0, |tier| tier.value);
    let mut starts: Vec<i64> = own.iter().chain(other).map(|tier| tier.from).collect();
    sort(&mut starts, Ord::cmp);
    starts.dedup();
    let value = |from: i64| blend.between(rate(own, from), (i128::from(rate(other, from)), 1), rounding).unwrap_or_default();
    starts.into_iter().map(|from| Tier { from, value: value(from) }).collect()
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
