//! Rebates: one pure function of volume, `pay`, from which the preview of a cart is a difference.

mod pay;

pub use pay::{pay, tier};

use crate::bundle::{Loaded, decoded};
use crate::facts::Volume;
use crate::id::ProgramId;
use crate::num::{Money, Overflow, Quantity, allocate};
use crate::policy::{Basis, Earns, Qualifier};
use crate::quote::{NextTier, QuoteLine, RebatePreview, Redemption, Tier};
use crate::tax;
use crate::waterfall::{Context, Enrolment};

/// What the cart adds to every program that the dealer is enrolled in and that has anything to say.
pub fn preview(
    policy: &Loaded,
    context: &Context,
    redemption: Option<&Redemption>,
    lines: &[QuoteLine],
) -> Result<Vec<RebatePreview>, Overflow> {
    let redemption = redemption.filter(|_| policy.constants.earns == Earns::Paid);
    context.programs().iter().map(|enrolment| preview_program(policy, enrolment, redemption, lines)).collect()
}

fn preview_program(
    policy: &Loaded,
    enrolment: &Enrolment,
    redemption: Option<&Redemption>,
    lines: &[QuoteLine],
) -> Result<RebatePreview, Overflow> {
    let t = &policy.tables;
    let &Enrolment { program, period, posted, open, ref tiers } = enrolment;
    let basis = decoded::<Basis>(t.program_basis[program.index()]);
    let mut cart = Volume::default();
    let mut counted = Vec::new();
    let mut weights = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if line.price.is_none() || t.programs_of(line.product).binary_search(&program.0).is_err() {
            continue;
        }
        let amount = match basis {
            Basis::Net => line.net,
            Basis::List => line.list,
        };
        // What is paid by a rebate earns none.
        let paid = redemption.map_or(Money::ZERO, |redemption| redemption.share(index));
        let amount = amount.minus(tax::in_basis(policy, line.product, paid)?)?;
        cart = add(cart, Volume { amount, quantity: line.quantity })?;
        counted.push(index);
        weights.push(amount.0);
    }
    let without = add(posted, open)?;
    let with = add(without, cart)?;
    let before = pay(policy, program, tiers, without)?;
    let after = pay(policy, program, tiers, with)?;
    let delta = after.minus(before)?;
    let shares = if counted.is_empty() { Vec::new() } else { allocate(delta, &weights, policy.constants.remainder)? };
    let qualifier = decoded::<Qualifier>(t.program_qualifier[program.index()]);
    let reached = with.measured(qualifier);
    Ok(RebatePreview {
        program,
        period,
        qualifier,
        posted,
        open,
        counted: cart,
        before,
        after,
        delta,
        shares: counted.into_iter().zip(shares).collect(),
        tier: tier(tiers, reached),
        next: next(policy, program, tiers, reached, after)?,
    })
}

fn add(a: Volume, b: Volume) -> Result<Volume, Overflow> {
    let quantity = a.quantity.0.checked_add(b.quantity.0).ok_or(Overflow)?;
    Ok(Volume { amount: a.amount.plus(b.amount)?, quantity: Quantity(quantity) })
}

fn next(policy: &Loaded, program: ProgramId, tiers: &[Tier], measured: i64, after: Money) -> Result<Option<NextTier>, Overflow> {
    let t = &policy.tables;
    let Some(next) = tiers.iter().find(|tier| tier.from > measured).copied() else { return Ok(None) };
    let start = next.from;
    let pays_units = t.program_pays_units[program.index()] == 1;
    let at_start = match (decoded::<Qualifier>(t.program_qualifier[program.index()]), pays_units) {
        (Qualifier::Amount, false) => Some(Volume { amount: Money(start), quantity: Quantity(0) }),
        (Qualifier::Quantity, true) => Some(Volume { amount: Money::ZERO, quantity: Quantity(start) }),
        _ => None,
    };
    let gain = match at_start {
        Some(volume) => Some(pay(policy, program, tiers, volume)?.minus(after)?),
        None => None,
    };
    Ok(Some(NextTier { tier: next, gap: start - measured, gain }))
}
