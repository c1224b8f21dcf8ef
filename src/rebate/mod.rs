//! Rebates: one pure function of volume, `pay`, from which the preview of a cart is a difference.

mod back;
mod contest;
mod counted;
mod covered;
mod forecast;
mod overlap;
mod pay;

pub use back::{Back, Fall, Paid, booked, given_back};
use counted::Apart;
pub use counted::{Counted, OfOrder, kinds, left_out, of_order};
pub use covered::{Covered, known};
pub use forecast::{Outlook, outlook};

pub use overlap::{Earned, counts, earned, yields};
pub use pay::{modified, pay, tier, tiers};
use pay::{percent_of, points};

use crate::bundle::{Loaded, NONE, decoded};
use crate::facts::Volume;
use crate::id::ProgramId;
use crate::num::{Money, Overflow, Quantity, allocate};
use crate::policy::{Basis, Earns, Pays, Qualifier, TaxBasis, TierMode};
use crate::quote::{Cliff, Kept, NextTier, Pieces, QuoteLine, RebatePreview, Redemption, Yardstick};
use crate::tax;
use crate::waterfall::{Context, Enrolment};

/// What the cart adds to every program that the dealer is enrolled in and that has anything to say.
pub fn preview(
    policy: &Loaded,
    context: &Context,
    redemption: Option<&Redemption>,
    lines: &[QuoteLine],
    counted: Counted,
) -> Result<Vec<RebatePreview>, Overflow> {
    let redemption = redemption.filter(|_| policy.constants.earns == Earns::Paid);
    let mut previews = together(policy, context.programs(), redemption, lines, counted)?;
    let carts: Vec<Volume> = previews.iter().map(|preview| preview.counted).collect();
    for preview in &mut previews {
        preview.pieces = pieces(policy, preview)?;
    }
    forecast::look_ahead(policy, context.programs(), &carts, &mut previews)?;
    contest::race(policy, &context.contests, &mut previews)?;
    Ok(previews)
}

/// How many whole pieces a rebate comes to with what was carried, where it is paid in such.
fn pieces(policy: &Loaded, preview: &RebatePreview) -> Result<Option<Pieces>, Overflow> {
    let piece = policy.tables.program_piece[preview.program.index()];
    let pending = |amount: Money| amount.plus(preview.carried).map(|pending| pending.0);
    let (before, after) = (pending(preview.before)?, pending(preview.after)?);
    let whole = |pending: i64| pending.max(0).checked_div(piece);
    let count = |(before, count): (i64, i64)| Pieces { before, after: count, rest: Money(after - count * piece) };
    Ok(whole(before).zip(whole(after)).map(count))
}

/// Where programs stand without a cart.
pub fn stand(policy: &Loaded, enrolments: &[Enrolment]) -> Result<Vec<RebatePreview>, Overflow> {
    together(policy, enrolments, None, &[], Counted { order: &|_| None, kinds: &|_| 0 })
}

fn together(
    policy: &Loaded,
    enrolments: &[Enrolment],
    redemption: Option<&Redemption>,
    lines: &[QuoteLine],
    counted: Counted,
) -> Result<Vec<RebatePreview>, Overflow> {
    let carts = carts(policy, enrolments, redemption, lines, counted)?;
    let (before, after) = both(policy, enrolments, &carts)?;
    let mut previews = Vec::with_capacity(enrolments.len());
    for (at, (enrolment, cart)) in enrolments.iter().zip(carts).enumerate() {
        previews.push(preview_program(policy, enrolment, cart, (before[at], after[at]))?);
    }
    Ok(previews)
}

/// What all programs earn without the carts and with them.
fn both(policy: &Loaded, enrolments: &[Enrolment], carts: &[Cart]) -> Result<(Vec<Earned>, Vec<Earned>), Overflow> {
    let without = enrolments.iter().map(|enrolment| add(enrolment.posted, enrolment.open)).collect::<Result<Vec<Volume>, Overflow>>()?;
    let with = without.iter().zip(carts).map(|(without, cart)| add(*without, cart.volume)).collect::<Result<Vec<Volume>, Overflow>>()?;
    let there: Vec<i64> = enrolments.iter().map(|enrolment| enrolment.covered.there).collect();
    let then: Vec<i64> = enrolments.iter().zip(carts).map(|(enrolment, cart)| enrolment.covered.with(&cart.covered)).collect();
    let mut before = earned(policy, enrolments, &without, &there)?;
    // Where nothing counts, as in a settlement, nothing changes.
    let same = (&without, &there) == (&with, &then);
    let mut after = if same { before.clone() } else { earned(policy, enrolments, &with, &then)? };
    for (at, enrolment) in enrolments.iter().enumerate() {
        if let Some(most) = enrolment.most {
            before[at].amount = before[at].amount.min(most);
            after[at].amount = after[at].amount.min(most);
        }
        let Some(left) = enrolment.left else { continue };
        // Those before it that are paid from the same budget have taken their part.
        let budget = |at: usize| policy.tables.program_budget[enrolments[at].program.index()];
        let mut left = left;
        for other in (0..at).filter(|other| budget(*other) == budget(at)) {
            left = left.minus(after[other].amount.minus(before[other].amount)?.max(Money::ZERO))?;
        }
        let most = before[at].amount.plus(left)?;
        let lost = after[at].amount.minus(most)?.max(Money::ZERO);
        after[at].amount = after[at].amount.minus(lost)?;
        after[at].budget = Some(Kept { left, lost });
    }
    Ok((before, after))
}

/// Whether a program is paid by its own volume alone; what others do decides over the rest, so that nothing is promised of them.
fn stands_alone(policy: &Loaded, program: ProgramId) -> bool {
    let t = &policy.tables;
    t.program_overlap[program.index()] == NONE && t.program_budget[program.index()] == NONE && t.needs(program).is_empty()
}

/// The basis of a program whose amounts are not those of the policy, because tax is in the ones and not in the others.
pub fn told_apart(policy: &Loaded, program: ProgramId) -> Option<Basis> {
    let basis = decoded::<Basis>(policy.tables.program_basis[program.index()]);
    let other = match policy.constants.tax? {
        TaxBasis::Inclusive => Basis::Untaxed,
        TaxBasis::Exclusive => Basis::Gross,
    };
    (basis == other).then_some(basis)
}

/// What of a cart counts for a program.
#[derive(Default)]
struct Cart {
    volume: Volume,
    /// Units of what the program tells apart, each once, in order.
    covered: Vec<(u32, i64)>,
    counted: Vec<usize>,
    weights: Vec<i64>,
    /// Lines of its products that it leaves out, and why.
    left_out: Vec<(usize, u32)>,
}

/// What counts for each program, in one pass over the lines: what programs have in common is found once.
fn carts(
    policy: &Loaded,
    enrolments: &[Enrolment],
    redemption: Option<&Redemption>,
    lines: &[QuoteLine],
    counted: Counted,
) -> Result<Vec<Cart>, Overflow> {
    let t = &policy.tables;
    let apart = Apart::new(policy, enrolments, counted);
    let bases: Vec<Basis> = enrolments.iter().map(|enrolment| decoded(t.program_basis[enrolment.program.index()])).collect();
    let overlaps: Vec<bool> = enrolments.iter().map(|enrolment| t.program_overlap[enrolment.program.index()] != NONE).collect();
    let mut carts: Vec<Cart> = Vec::with_capacity(enrolments.len());
    carts.resize_with(enrolments.len(), Cart::default);
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.price.is_some()) {
        let mut programs = t.programs_of(line.product);
        // Of each basis, once a program asks for it.
        let (mut plain, mut gross, mut untaxed) = (None, None, None);
        for (at, enrolment) in enrolments.iter().enumerate() {
            // Both rise.
            while programs.first().is_some_and(|program| *program < enrolment.program.0) {
                programs = &programs[1..];
            }
            let is_in = programs.first() == Some(&enrolment.program.0) && bases[at] != Basis::SellOut;
            let why = if is_in { apart.why(at, index) } else { 0 };
            if why != 0 {
                carts[at].left_out.push((index, why));
            }
            let leaves = |other: usize| apart.why(other, index) != 0;
            if !is_in || why != 0 || overlaps[at] && !counts(policy, enrolments, at, line.product, &leaves) {
                continue;
            }
            // What is paid by a rebate earns none.
            let paid = || redemption.map_or(Money::ZERO, |redemption| redemption.share(index));
            let amount = if bases[at] >= Basis::Gross {
                match gross {
                    Some(gross) => gross,
                    // The line's own tax is less already by what lots pay as a discount.
                    None => {
                        let tax = tax::of_amount(policy, t.tax_rate(line.product), line.net)?;
                        *gross.insert(tax.map_or(line.net, |tax| tax.taxed.gross).minus(paid())?)
                    }
                }
            } else if bases[at] == Basis::Untaxed {
                match untaxed {
                    Some(untaxed) => untaxed,
                    None => {
                        let tax = tax::of_amount(policy, t.tax_rate(line.product), line.net)?;
                        let paid = tax::untaxed(policy, line.product, paid())?;
                        *untaxed.insert(tax.map_or(line.net, |tax| tax.taxed.base).minus(paid)?)
                    }
                }
            } else {
                let paid = match plain {
                    Some(paid) => paid,
                    None => *plain.insert(tax::in_basis(policy, line.product, paid())?),
                };
                if bases[at] == Basis::List { line.list.minus(paid)? } else { line.net.minus(paid)? }
            };
            let cart = &mut carts[at];
            cart.volume = add(cart.volume, Volume { amount, quantity: t.counted(enrolment.program, line.product, line.quantity)? })?;
            cart.covered.extend(policy.thing(enrolment.program, line.product).map(|thing| (thing, line.quantity.0)));
            cart.counted.push(index);
            cart.weights.push(amount.0);
        }
    }
    carts.iter_mut().for_each(|cart| cart.covered = covered::summed(&cart.covered));
    Ok(carts)
}

fn preview_program(
    policy: &Loaded,
    enrolment: &Enrolment,
    cart: Cart,
    (before, after): (Earned, Earned),
) -> Result<RebatePreview, Overflow> {
    let t = &policy.tables;
    let &Enrolment { program, period, posted, open, yardstick, joined, ref modified, carried, surplus, due, .. } = enrolment;
    let remainder = policy.constants.remainder;
    let delta = after.amount.minus(before.amount)?;
    let shares = if cart.counted.is_empty() { Vec::new() } else { allocate(delta, &cart.weights, remainder)? };
    let qualifier = decoded::<Qualifier>(t.program_qualifier[program.index()]);
    let reached = after.volume.measured(qualifier);
    let parties = &t.split_share[t.splits(program)];
    let split = if parties.is_empty() {
        Vec::new()
    } else {
        let (before, after) = (allocate(before.amount, parties, remainder)?, allocate(after.amount, parties, remainder)?);
        t.splits(program).zip(before).zip(after).map(|((party, before), after)| (party, before, after)).collect()
    };
    let alone = stands_alone(policy, program);
    let next = next(policy, enrolment, reached, after.amount)?;
    Ok(RebatePreview {
        program,
        period,
        qualifier,
        posted,
        open,
        covered: (enrolment.covered.there, enrolment.covered.with(&cart.covered)),
        things: cart.covered,
        counted: cart.volume,
        before: before.amount,
        after: after.amount,
        delta,
        earned: None,
        pieces: None,
        forecast: None,
        shares: cart.counted.into_iter().zip(shares).collect(),
        left_out: cart.left_out,
        modified: modified.clone(),
        standing: after.standing,
        budget: after.budget,
        carried,
        surplus,
        due,
        split,
        yardstick,
        joined,
        percent: match yardstick {
            Yardstick::Base(Some(base)) => percent_of(decoded(t.program_against[program.index()]), reached, base),
            Yardstick::Base(None) | Yardstick::Nothing => None,
        },
        tier: after.tier,
        lacks: after.lacks,
        next: next.map(|next| NextTier { gain: next.gain.filter(|_| alone), ..next }),
        cliff: cliff(policy, enrolment, reached)?.filter(|_| alone),
        contests: Vec::new(),
    })
}

fn add(a: Volume, b: Volume) -> Result<Volume, Overflow> {
    let quantity = a.quantity.0.checked_add(b.quantity.0).ok_or(Overflow)?;
    Ok(Volume { amount: a.amount.plus(b.amount)?, quantity: Quantity(quantity) })
}

/// A volume of which only one measure is known, where that is all that a program looks at.
fn only(policy: &Loaded, enrolment: &Enrolment, measured: i64) -> Option<Volume> {
    let (t, at) = (&policy.tables, enrolment.program.index());
    let volume = Volume { amount: Money(measured), quantity: Quantity(measured) };
    match (decoded::<Qualifier>(t.program_qualifier[at]), decoded::<Pays>(t.program_pays[at])) {
        (Qualifier::Amount, Pays::PerUnit) | (Qualifier::Quantity, Pays::Percent) => None,
        // Points are on the amount.
        (Qualifier::Quantity, _) if points(policy, enrolment) != 0 => None,
        (Qualifier::Amount | Qualifier::Quantity, _) => Some(volume),
    }
}

fn next(policy: &Loaded, enrolment: &Enrolment, measured: i64, after: Money) -> Result<Option<NextTier>, Overflow> {
    let Some(next) = enrolment.tiers.iter().find(|tier| !tier.reached(measured)).copied() else { return Ok(None) };
    let start = next.from.saturating_add(i64::from(next.above));
    let gain = match only(policy, enrolment, start) {
        Some(volume) => Some(pay(policy, enrolment, volume)?.minus(after)?),
        None => None,
    };
    Ok(Some(NextTier { tier: next, gap: start.saturating_sub(measured), gain }))
}

/// What falling under the reached tier would cost, where tiers pay on all volume.
fn cliff(policy: &Loaded, enrolment: &Enrolment, measured: i64) -> Result<Option<Cliff>, Overflow> {
    let Some(tier) = tier(&enrolment.tiers, measured) else { return Ok(None) };
    let start = tier.from.saturating_add(i64::from(tier.above));
    let jumps = match decoded(policy.tables.program_mode[enrolment.program.index()]) {
        TierMode::Retroactive | TierMode::Rolling | TierMode::Total | TierMode::Basket => start > 0,
        TierMode::Incremental | TierMode::Increments | TierMode::Interpolated => false,
    };
    let volumes = only(policy, enrolment, start).zip(only(policy, enrolment, start - 1));
    let Some((on, under)) = volumes.filter(|_| jumps) else { return Ok(None) };
    let loss = pay(policy, enrolment, on)?.minus(pay(policy, enrolment, under)?)?;
    Ok(Some(Cliff { margin: measured.saturating_sub(start), loss }).filter(|cliff| cliff.loss > Money::ZERO))
}
