//! Which policy a dealer has while he passes from an old one to a new one (过渡期), and what either gives. A client of `quote`: each side is evaluated like
//! any policy; between them only unit prices and rates are blended.

use crate::bundle::{Constant, Loaded, Transition};
use crate::facts::{DealerFacts, EnteredCoupon, Order};
use crate::id::TextId;
use crate::num::{Money, Overflow};
use crate::policy::{Side, Then};
use crate::quote::{Alone, Passage, Phase, Quote};
use crate::time::Instant;
use crate::waterfall::{self, Blend, Context, Kept};
use std::sync::Arc;

/// What a dealer, an order source and an instant decide: once for the policy, and for the old side of its transition where the dealer has part in it.
#[derive(Debug)]
pub struct Terms {
    /// The policy's own, the new side's.
    new: Context,
    passing: Option<Passing>,
}

#[derive(Debug)]
struct Passing {
    phase: Phase,
    /// Steps that have begun.
    step: usize,
    old: Context,
    /// That of the leading side, blended.
    blended: Option<Context>,
}

/// An answer and the side that it is of: its ids are that side's.
#[derive(Debug)]
pub struct Answer<'a> {
    /// The policy of that side.
    pub policy: &'a Loaded,
    /// What the dealer's facts decide there.
    pub context: &'a Context,
    /// The quote.
    pub quote: Quote,
}

impl Answer<'_> {
    /// Coupons as this side knows them.
    pub fn coupons(&self, order: &Order) -> Vec<EnteredCoupon> {
        coupons(self.policy, order)
    }
}

impl Terms {
    /// Resolves a dealer, an order source, an instant, and the first one of the day for which delivery is requested.
    pub fn new(policy: &Arc<Loaded>, dealer: &DealerFacts, source: Option<&str>, now: Instant, delivered: Option<Instant>) -> Terms {
        let new = Context::new(policy, dealer, source, now, delivered);
        let passing = policy.transition.as_ref().filter(|transition| transition.is_for(policy, dealer)).and_then(|transition| {
            let ends = &policy.tables.transition_end;
            let step = ends.partition_point(|end| *end <= now.0);
            if step == ends.len() {
                return None;
            }
            let phase = match transition.then {
                _ if step == 0 => Phase::Old,
                Then::Blend => Phase::Blend,
                Then::None | Then::BetterOf => Phase::BetterOf,
            };
            let old = Context::new(&transition.old, dealer, source, now, delivered);
            let blended = (phase == Phase::Blend).then(|| {
                let (theirs, of) = weight(transition, step);
                let lead = |policy: &Loaded, own: &Context, other: &Arc<Loaded>, context: &Context, part: u32| {
                    own.blended(policy, Blend { policy: Arc::clone(other), context: context.clone(), own: part, of })
                };
                match transition.leads {
                    Side::Old => lead(&transition.old, &old, policy, &new, theirs),
                    Side::New => lead(policy, &new, &transition.old, &old, of - theirs),
                }
            });
            Some(Passing { phase, step, old, blended })
        });
        Terms { new, passing }
    }

    /// The side that a catalogue is of, with what the dealer's facts decide there.
    pub fn catalog<'a>(&'a self, policy: &'a Loaded) -> (&'a Loaded, &'a Context) {
        let both = self.passing.as_ref().zip(policy.transition.as_ref());
        match both.map(|(passing, transition)| (passing.phase, passing, transition)) {
            Some((Phase::Old, passing, transition)) => (&transition.old, &passing.old),
            Some((Phase::Blend, passing, transition)) => {
                let leading = if transition.leads == Side::Old { &transition.old } else { policy };
                (leading, passing.blended.as_ref().unwrap_or(&self.new))
            }
            Some((Phase::BetterOf, ..)) | None => (policy, &self.new),
        }
    }

    /// Prices an order that is nearly the last one of these terms, and keeps the answer.
    /// # Errors
    /// [`Overflow`]; nothing is kept then.
    pub fn quote_again(&self, policy: &Loaded, order: &Order, kept: &mut Kept) -> Result<(), Overflow> {
        if self.passing.is_none() {
            return waterfall::quote_again(policy, &self.new, order, kept);
        }
        kept.hold(self.quote(policy, order)?.quote);
        Ok(())
    }

    /// The policy of the side that a quote is of.
    pub fn side<'a>(&self, policy: &'a Loaded, quote: &Quote) -> &'a Loaded {
        match (&policy.transition, &quote.transition) {
            (Some(transition), Some(Passage { side: Side::Old, .. })) => &transition.old,
            _ => policy,
        }
    }

    /// Prices an order, on both sides where the dealer passes from one to the other.
    /// # Errors
    /// [`Overflow`] when an amount of either side does not fit.
    pub fn quote<'a>(&'a self, policy: &'a Loaded, order: &Order) -> Result<Answer<'a>, Overflow> {
        let new = answer(policy, &self.new, order)?;
        let Some((passing, transition)) = self.passing.as_ref().zip(policy.transition.as_ref()) else { return Ok(new) };
        let theirs = Order { coupons: coupons(&transition.old, order), ..order.clone() };
        let old = answer(&transition.old, &passing.old, &theirs)?;
        let alone = (alone(&old)?, alone(&new)?);
        let (side, mut chosen) = match (passing.phase, &passing.blended) {
            (Phase::Blend, Some(blended)) => {
                let (leading, order) = if transition.leads == Side::Old { (old.policy, &theirs) } else { (policy, order) };
                (transition.leads, answer(leading, blended, order)?)
            }
            (Phase::BetterOf, _) if worth(&new, &alone.1)? <= worth(&old, &alone.0)? => (Side::New, new),
            _ => (Side::Old, old),
        };
        let weight = match passing.phase {
            Phase::Blend => weight(transition, passing.step),
            Phase::Old | Phase::BetterOf => (u32::from(side == Side::Old), 1),
        };
        let day = |day: &u32| policy.text(TextId(*day)).to_owned();
        let days = &policy.tables.transition_day;
        let (until, end) = (days.get(passing.step).map(day).unwrap_or_default(), days.last().map(day).unwrap_or_default());
        let (old, new) = alone;
        chosen.quote.transition = Some(Passage { phase: passing.phase, side, weight, until, end, old, new });
        Ok(chosen)
    }
}

/// How much the old side counts in a step of fading, in parts of the whole; steps count from 1.
fn weight(transition: &Transition, step: usize) -> (u32, u32) {
    let gone = u32::try_from(step.saturating_sub(1)).unwrap_or(transition.steps);
    (transition.steps.saturating_sub(gone), transition.steps)
}

fn answer<'a>(policy: &'a Loaded, context: &'a Context, order: &Order) -> Result<Answer<'a>, Overflow> {
    Ok(Answer { policy, context, quote: waterfall::quote(policy, context, order)? })
}

fn coupons(policy: &Loaded, order: &Order) -> Vec<EnteredCoupon> {
    order.coupons.iter().map(|entered| EnteredCoupon { coupon: policy.coupon(&entered.code), ..entered.clone() }).collect()
}

/// What a side is compared by, the least first: lines without a price, then what is paid for the order less what its gifts are worth, then rebates.
fn worth(answer: &Answer, alone: &Alone) -> Result<(usize, Money, Money), Overflow> {
    let unpriced = answer.quote.lines.iter().filter(|line| line.price.is_none()).count();
    let outlay = alone.totals.payable.plus(alone.totals.redeemed)?.minus(alone.totals.gift_value)?;
    Ok((unpriced, outlay, Money::ZERO.minus(alone.rebate)?))
}

fn alone(answer: &Answer) -> Result<Alone, Overflow> {
    let lines = answer.quote.lines.iter().map(|line| line.price.map(|price| (price.unit_price, price.per, line.net))).collect();
    Ok(Alone {
        policy: answer.policy.constant_text(Constant::PolicyId).to_owned(),
        version: answer.policy.constant_text(Constant::Version).to_owned(),
        totals: answer.quote.totals,
        rebate: Money::sum(answer.quote.rebates.iter().map(|rebate| rebate.delta))?,
        lines,
    })
}
