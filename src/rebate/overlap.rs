//! Programs beside each other: what one needs of another, and which of those that pay on the same volume are paid.

use crate::bundle::{Loaded, NONE, decoded};
use crate::facts::Volume;
use crate::id::{ProductId, ProgramId, TextId};
use crate::num::{Money, Overflow};
use crate::policy::{Basis, Needed, OverlapMode, Qualifier, TierMode};
use crate::quote::{Kept, Lack, Standing, Tier};
use crate::rebate::{pay, tier};
use crate::sort::positions;
use crate::waterfall::Enrolment;

/// What a program earns beside the others, and why.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Earned {
    /// What is paid.
    pub amount: Money,
    /// The volume that it is paid on: in a cascade less what is paid before.
    pub volume: Volume,
    /// Whether it is.
    pub standing: Standing,
    /// The tier that it is paid by.
    pub tier: Option<Tier>,
    /// What a higher tier needs that its volume reaches.
    pub lacks: Option<Lack>,
    /// What its budget keeps back.
    pub budget: Option<Kept>,
}

/// The rebates of all programs of a dealer on these volumes and numbers of different SKUs or categories, one each: a pure function.
pub fn earned(policy: &Loaded, enrolments: &[Enrolment], volumes: &[Volume], covered: &[i64]) -> Result<Vec<Earned>, Overflow> {
    let t = &policy.tables;
    let mut all = vec![Earned::default(); enrolments.len()];
    let rank = |at: usize| t.program_rank[enrolments[at].program.index()];
    let mut done: Vec<usize> = Vec::with_capacity(enrolments.len());
    for at in positions(enrolments.len(), &mut |a, b| rank(a).cmp(&rank(b))) {
        let enrolment = &enrolments[at];
        let lack = |tier: u32| lack(policy, enrolments, (volumes, covered), at, tier);
        let standing = lack(NONE).map_or(Standing::Paid, Standing::Unmet);
        let mut own = Earned { standing, volume: volumes[at], ..Earned::default() };
        let overlap = t.program_overlap[enrolment.program.index()];
        let before =
            done.iter().copied().filter(|other| overlap != NONE && t.program_overlap[enrolments[*other].program.index()] == overlap);
        let mode = t.overlap_mode.get(overlap as usize).map_or(OverlapMode::Exclusive, |mode| decoded(*mode));
        if mode == OverlapMode::Cascade {
            let taken = Money::sum(before.clone().map(|other| all[other].amount))?;
            own.volume.amount = own.volume.amount.minus(taken)?.max(Money::ZERO);
        }
        // Of a basket the tiers are there that have all that they need.
        let basket = decoded::<TierMode>(t.program_mode[enrolment.program.index()]) == TierMode::Basket;
        let kept: Vec<Tier> = enrolment.tiers.iter().filter(|tier| basket && lack(short(tier.row)).is_none()).copied().collect();
        let narrowed = basket.then(|| Enrolment { tiers: kept, ..enrolment.clone() });
        let held = narrowed.as_ref().unwrap_or(enrolment);
        let measured = own.volume.measured(decoded::<Qualifier>(t.program_qualifier[enrolment.program.index()]));
        own.tier = tier(&held.tiers, measured);
        if basket {
            let beyond = |next: &&Tier| next.reached(measured) && own.tier.is_none_or(|tier| tier.row < next.row);
            own.lacks = enrolment.tiers.iter().find(beyond).and_then(|next| lack(short(next.row)));
        }
        if own.standing == Standing::Paid {
            own.amount = pay(policy, held, own.volume)?;
            let paid = before.clone().find(|other| all[*other].standing == Standing::Paid && all[*other].amount > Money::ZERO);
            if mode == OverlapMode::Best && own.amount > paid.map_or(Money::ZERO, |other| all[other].amount) {
                for other in before {
                    if !matches!(all[other].standing, Standing::Unmet(_)) {
                        all[other] = lost(all[other], enrolment.program);
                    }
                }
            } else if let (OverlapMode::Best | OverlapMode::Priority, Some(other)) = (mode, paid) {
                own = lost(own, enrolments[other].program);
            }
        }
        all[at] = own;
        done.push(at);
    }
    Ok(all)
}

fn lost(earned: Earned, to: ProgramId) -> Earned {
    Earned { amount: Money::ZERO, standing: Standing::LostTo(to), ..earned }
}

/// The first requirement of a program, or of a tier of it, that is not met.
fn lack(policy: &Loaded, enrolments: &[Enrolment], (volumes, covered): (&[Volume], &[i64]), at: usize, tier: u32) -> Option<Lack> {
    let t = &policy.tables;
    for need in t.needs(enrolments[at].program).filter(|need| t.need_tier[*need] == tier) {
        let id = policy.text(TextId(t.need_program[need]));
        let of = enrolments.iter().position(|other| policy.program(other.program) == id);
        let volume = of.map_or(Volume::default(), |of| volumes[of]);
        let value = t.need_value[need];
        let (have, met) = match decoded::<Needed>(t.need_kind[need]) {
            Needed::Amount => (volume.amount.0, volume.amount.0 >= value),
            Needed::Quantity | Needed::Points => (volume.quantity.0, volume.quantity.0 >= value),
            Needed::Skus | Needed::Categories => {
                let have = of.map_or(0, |of| covered[of]);
                (have, have >= value)
            }
            Needed::Share => {
                let (part, all) = (i128::from(volume.amount.0) * 1_000_000, i128::from(volumes[at].amount.0));
                let share = part.div_euclid(all.max(1));
                let share = if all > 0 { i64::try_from(share).unwrap_or(i64::MAX) } else { 0 };
                (share, all > 0 && part >= i128::from(value) * all)
            }
        };
        if !met {
            return Some(Lack { need, have });
        }
    }
    None
}

fn short(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(NONE)
}

/// Whether a program leaves what it could count to one of others that could count it too: in an exclusive overlap the first counts of those
/// that count the same.
pub fn yields(policy: &Loaded, program: ProgramId, mut others: &mut dyn Iterator<Item = ProgramId>) -> bool {
    let t = &policy.tables;
    let overlap = t.program_overlap[program.index()];
    let exclusive = t.overlap_mode.get(overlap as usize).is_some_and(|mode| decoded::<OverlapMode>(*mode) == OverlapMode::Exclusive);
    let rank = |program: ProgramId| t.program_rank[program.index()];
    // Sales and returns, what is paid, or what is sold on.
    let counted = |program: ProgramId| decoded::<Basis>(t.program_basis[program.index()]).max(Basis::Gross);
    let first =
        |other: ProgramId| t.program_overlap[other.index()] == overlap && rank(other) < rank(program) && counted(other) == counted(program);
    exclusive && Iterator::any(&mut others, first)
}

/// Whether a product counts for a program; `leaves` says of enrolments whether their programs leave it out.
pub fn counts(policy: &Loaded, enrolments: &[Enrolment], at: usize, product: ProductId, leaves: &dyn Fn(usize) -> bool) -> bool {
    let programs = policy.tables.programs_of(product);
    let is_in = |at: &usize| programs.binary_search(&enrolments[*at].program.0).is_ok() && !leaves(*at);
    let mut others = (0..enrolments.len()).filter(is_in).map(|other| enrolments[other].program);
    is_in(&at) && !yields(policy, enrolments[at].program, &mut others)
}
