//! What programs take back when units come back: the function of the preview on a negative cart.

use super::{Apart, Cart, Counted, add, both, carts, cliff, counts, preview_program, stands_alone};
use crate::bundle::{Loaded, decoded};
use crate::facts::Volume;
use crate::num::{Money, Overflow, Quantity};
use crate::policy::{Basis, Earns, Qualifier, TierMode};
use crate::quote::{QuoteLine, RebatePreview, Redemption, Tier};
use crate::waterfall::Enrolment;

/// Some units of a line, and what falls on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Back {
    /// Line.
    pub line: usize,
    /// Base units.
    pub quantity: Quantity,
    /// Of its list amount.
    pub list: Money,
    /// Of its net.
    pub net: Money,
    /// The same with tax.
    pub gross: Money,
    /// The same without tax.
    pub untaxed: Money,
    /// What lots paid of it.
    pub paid: Paid,
}

/// What lots paid of some units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paid {
    /// As it is paid, with tax.
    pub gross: Money,
    /// In the policy's basis.
    pub in_basis: Money,
    /// Without tax.
    pub untaxed: Money,
}

/// A tier that is fallen under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fall {
    /// The tier.
    pub tier: Tier,
    /// The most volume that may go without falling under it, in the qualifier's unit.
    pub margin: i64,
    /// What falling under it costs, where that is known.
    pub loss: Option<Money>,
}

/// What of units that come back counts for a program.
fn taken(
    policy: &Loaded,
    enrolments: &[Enrolment],
    at: usize,
    lines: &[QuoteLine],
    apart: &Apart,
    back: &[Back],
) -> Result<Cart, Overflow> {
    let basis = decoded::<Basis>(policy.tables.program_basis[enrolments[at].program.index()]);
    let mut cart = Cart::default();
    for back in back {
        let line = &lines[back.line];
        let leaves = |other: usize| apart.why(other, back.line) != 0;
        let none = back.quantity == Quantity(0) || line.price.is_none() || basis == Basis::SellOut;
        if none || !counts(policy, enrolments, at, line.product, &leaves) {
            continue;
        }
        let (amount, paid) = match basis {
            Basis::List => (back.list, back.paid.in_basis),
            Basis::Untaxed => (back.untaxed, back.paid.untaxed),
            Basis::Gross | Basis::Collected => (back.gross, back.paid.gross),
            Basis::Net | Basis::SellOut => (back.net, back.paid.in_basis),
        };
        let amount = if policy.constants.earns == Earns::Paid { amount.minus(paid)? } else { amount };
        let quantity = policy.tables.counted(enrolments[at].program, line.product, back.quantity)?;
        cart.covered.extend(policy.thing(enrolments[at].program, line.product).map(|thing| (thing, -back.quantity.0)));
        cart.volume = add(cart.volume, less(Volume { amount, quantity }))?;
        cart.counted.push(back.line);
        cart.weights.push(amount.0.max(0));
    }
    cart.covered = super::covered::summed(&cart.covered);
    Ok(cart)
}

fn less(volume: Volume) -> Volume {
    Volume { amount: Money(-volume.amount.0), quantity: Quantity(-volume.quantity.0) }
}

/// Programs once an order is booked as open, without what came back of it.
pub fn booked(
    policy: &Loaded,
    enrolments: &[Enrolment],
    redemption: Option<&Redemption>,
    lines: &[QuoteLine],
    counted: Counted,
    back: &[Back],
) -> Result<Vec<Enrolment>, Overflow> {
    let redemption = redemption.filter(|_| policy.constants.earns == Earns::Paid);
    let carts = carts(policy, enrolments, redemption, lines, counted)?;
    let apart = Apart::new(policy, enrolments, counted);
    let (_, paid) = both(policy, enrolments, &carts)?;
    let mut all = Vec::with_capacity(enrolments.len());
    for (at, enrolment) in enrolments.iter().enumerate() {
        let gone = taken(policy, enrolments, at, lines, &apart, back)?;
        let rest = add(carts[at].volume, gone.volume)?;
        let mut covered = enrolment.covered.clone();
        covered.add(&carts[at].covered);
        covered.add(&gone.covered);
        // What the budget kept back of the order does not come back either.
        let most = paid[at].budget.filter(|kept| kept.lost > Money::ZERO).map(|_| paid[at].amount);
        all.push(Enrolment { open: add(enrolment.open, rest)?, covered, left: None, most, ..enrolment.clone() });
    }
    Ok(all)
}

/// What units that come back take from every program, and the tiers that are fallen under, the highest first.
pub fn given_back(
    policy: &Loaded,
    enrolments: &[Enrolment],
    lines: &[QuoteLine],
    counted: Counted,
    back: &[Back],
) -> Result<Vec<(RebatePreview, Vec<Fall>)>, Overflow> {
    let apart = Apart::new(policy, enrolments, counted);
    let carts =
        (0..enrolments.len()).map(|at| taken(policy, enrolments, at, lines, &apart, back)).collect::<Result<Vec<Cart>, Overflow>>()?;
    let (before, after) = both(policy, enrolments, &carts)?;
    let mut all = Vec::with_capacity(enrolments.len());
    for (at, (enrolment, cart)) in enrolments.iter().zip(carts).enumerate() {
        let qualifier = decoded::<Qualifier>(policy.tables.program_qualifier[enrolment.program.index()]);
        let (from, to) = (before[at].volume.measured(qualifier), after[at].volume.measured(qualifier));
        all.push((preview_program(policy, enrolment, cart, (before[at], after[at]))?, falls(policy, enrolment, from, to)?));
    }
    Ok(all)
}

fn falls(policy: &Loaded, enrolment: &Enrolment, from: i64, to: i64) -> Result<Vec<Fall>, Overflow> {
    let alone = stands_alone(policy, enrolment.program);
    if decoded::<TierMode>(policy.tables.program_mode[enrolment.program.index()]) == TierMode::Basket {
        // What else its tiers need decides, too.
        return Ok(Vec::new());
    }
    let mut falls = Vec::new();
    for tier in enrolment.tiers.iter().rev().filter(|tier| tier.reached(from) && !tier.reached(to)) {
        let start = tier.from.saturating_add(i64::from(tier.above));
        if start > 0 {
            let loss = cliff(policy, enrolment, start)?.filter(|_| alone).map(|cliff| cliff.loss);
            falls.push(Fall { tier: *tier, margin: from.saturating_sub(start), loss });
        }
    }
    Ok(falls)
}
