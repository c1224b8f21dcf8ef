//! Rebates: one pure function of volume, `pay`, from which the preview of a cart is a difference.

mod pay;

use pay::percent_of;
pub use pay::{pay, tier, tiers};

use crate::bundle::{Loaded, decoded};
use crate::facts::Volume;
use crate::id::ProgramId;
use crate::num::{Money, Overflow, Quantity, allocate};
use crate::policy::{Basis, Earns, Pays, Qualifier, TierMode};
use crate::quote::{Cliff, NextTier, QuoteLine, RebatePreview, Redemption, Yardstick};
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
    let &Enrolment { program, period, posted, open, ref tiers, yardstick } = enrolment;
    let basis = decoded::<Basis>(t.program_basis[program.index()]);
    let mut cart = Volume::default();
    let mut counted = Vec::new();
    let mut weights = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if line.price.is_none() || t.programs_of(line.product).binary_search(&program.0).is_err() {
            continue;
        }
        // What is paid by a rebate earns none.
        let paid = redemption.map_or(Money::ZERO, |redemption| redemption.share(index));
        let amount = match basis {
            Basis::Net => line.net.minus(tax::in_basis(policy, line.product, paid)?)?,
            Basis::List => line.list.minus(tax::in_basis(policy, line.product, paid)?)?,
            Basis::Gross | Basis::Collected => line.tax.map_or(line.net, |tax| tax.taxed.gross).minus(paid)?,
            Basis::SellOut => continue,
        };
        cart = add(cart, Volume { amount, quantity: line.quantity })?;
        counted.push(index);
        weights.push(amount.0);
    }
    let without = add(posted, open)?;
    let with = add(without, cart)?;
    let before = pay(policy, enrolment, without)?;
    let after = pay(policy, enrolment, with)?;
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
        yardstick,
        percent: match yardstick {
            Yardstick::Base(Some(base)) => percent_of(decoded(t.program_against[program.index()]), reached, base),
            Yardstick::Base(None) | Yardstick::Nothing => None,
        },
        tier: tier(tiers, reached),
        next: next(policy, enrolment, reached, after)?,
        cliff: cliff(policy, enrolment, reached)?,
    })
}

fn add(a: Volume, b: Volume) -> Result<Volume, Overflow> {
    let quantity = a.quantity.0.checked_add(b.quantity.0).ok_or(Overflow)?;
    Ok(Volume { amount: a.amount.plus(b.amount)?, quantity: Quantity(quantity) })
}

/// A volume of which only one measure is known, where that is all that a program looks at.
fn only(policy: &Loaded, program: ProgramId, measured: i64) -> Option<Volume> {
    let t = &policy.tables;
    let volume = Volume { amount: Money(measured), quantity: Quantity(measured) };
    match (decoded::<Qualifier>(t.program_qualifier[program.index()]), decoded::<Pays>(t.program_pays[program.index()])) {
        (Qualifier::Amount, Pays::PerUnit) | (Qualifier::Quantity, Pays::Percent) => None,
        (Qualifier::Amount | Qualifier::Quantity, _) => Some(volume),
    }
}

fn next(policy: &Loaded, enrolment: &Enrolment, measured: i64, after: Money) -> Result<Option<NextTier>, Overflow> {
    let Some(next) = enrolment.tiers.iter().find(|tier| !tier.reached(measured)).copied() else { return Ok(None) };
    let start = next.from.saturating_add(i64::from(next.above));
    let gain = match only(policy, enrolment.program, start) {
        Some(volume) => Some(pay(policy, enrolment, volume)?.minus(after)?),
        None => None,
    };
    Ok(Some(NextTier { tier: next, gap: start - measured, gain }))
}

/// What falling under the reached tier would cost, where tiers pay on all volume.
fn cliff(policy: &Loaded, enrolment: &Enrolment, measured: i64) -> Result<Option<Cliff>, Overflow> {
    let Some(tier) = tier(&enrolment.tiers, measured) else { return Ok(None) };
    let start = tier.from.saturating_add(i64::from(tier.above));
    let jumps = match decoded(policy.tables.program_mode[enrolment.program.index()]) {
        TierMode::Retroactive | TierMode::Rolling | TierMode::Total => start > 0,
        TierMode::Incremental | TierMode::Increments | TierMode::Interpolated => false,
    };
    let volumes = only(policy, enrolment.program, start).zip(only(policy, enrolment.program, start - 1));
    let Some((on, under)) = volumes.filter(|_| jumps) else { return Ok(None) };
    let loss = pay(policy, enrolment, on)?.minus(pay(policy, enrolment, under)?)?;
    Ok(Some(Cliff { margin: measured - start, loss }).filter(|cliff| cliff.loss > Money::ZERO))
}
