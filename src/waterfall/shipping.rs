//! Freight promotions (包邮, 运费减免): after everything that takes from goods, they take from what delivering these costs.

use super::benefit::benefit;
use super::quota;
use super::stage::{Candidate, Eligible, Ledger, candidates};
use super::state::Lines;
use crate::bundle::{Benefit, Loaded, decoded};
use crate::num::{Money, Overflow, Part, Percent, fill};
use crate::policy::{GroupMode, Stage};
use crate::quote::{Blocker, FreightLine, LostBy, Outcome, RuleOutcome};
use crate::tax;

/// What a promotion takes off freight.
struct Taken {
    /// In all.
    saving: Money,
    lost: Money,
    lost_by: LostBy,
    /// What keeps it from taking anything.
    blocker: Option<Blocker>,
}

/// Runs the promotions on `freight`, whose goods have come to `net`.
pub fn run(
    policy: &Loaded,
    lines: &Lines,
    net: &[Money],
    eligible: Vec<Eligible>,
    freight: &mut [FreightLine],
    ledger: &mut Ledger,
) -> Result<(), Overflow> {
    let open = ledger.open(policy, Stage::Freight, eligible);
    let candidates = candidates(policy, lines, Stage::Freight, net, &open, ledger)?;
    for group in candidates.chunk_by(|a, b| a.group == b.group) {
        match decoded(policy.tables.group_mode[group[0].group.index()]) {
            GroupMode::Best | GroupMode::First => one(policy, group, freight, ledger)?,
            GroupMode::Stack | GroupMode::Exclusive | GroupMode::Always => {
                for candidate in group {
                    let taken = take(policy, candidate, freight, ledger)?;
                    apply(policy, candidate, taken, freight, ledger)?;
                }
            }
        }
    }
    for line in freight.iter_mut().filter(|line| !line.adjustments.is_empty()) {
        let rate = Percent(i64::from(policy.tables.freight_tax[line.table.index()]));
        line.tax = tax::of_amount(policy, Some(rate), line.net)?;
    }
    Ok(())
}

/// One promotion of a group: the one that takes most, or the first that takes something.
fn one(policy: &Loaded, group: &[Candidate], freight: &mut [FreightLine], ledger: &mut Ledger) -> Result<(), Overflow> {
    let first = decoded::<GroupMode>(policy.tables.group_mode[group[0].group.index()]) == GroupMode::First;
    let mut alone = Vec::with_capacity(group.len());
    let mut winner: Option<(Money, usize)> = None;
    for (at, candidate) in group.iter().enumerate() {
        let taken = take(policy, candidate, freight, ledger)?;
        let better = |(most, other): (Money, usize)| {
            let priority = |of: &Candidate| policy.tables.rule_priority[of.rule.index()];
            let order = taken.saving.cmp(&most).then(priority(candidate).cmp(&priority(&group[other])));
            order.then_with(|| policy.rule(group[other].rule).cmp(policy.rule(candidate.rule))).is_gt()
        };
        if taken.saving > Money::ZERO && winner.is_none_or(|so_far| !first && better(so_far)) {
            winner = Some((taken.saving, at));
        }
        alone.push(taken);
    }
    for (at, (candidate, taken)) in group.iter().zip(alone).enumerate() {
        match winner {
            Some((most, best)) if best != at && taken.blocker.is_none() => {
                let by = most.minus(taken.saving)?;
                let outcome = Outcome::LostTo { winner: group[best].rule, saving: taken.saving, gift_value: Money::ZERO, by };
                write(candidate, outcome, ledger);
            }
            _ => apply(policy, candidate, taken, freight, ledger)?,
        }
    }
    Ok(())
}

/// What a promotion would take of what is left.
fn take(policy: &Loaded, candidate: &Candidate, freight: &[FreightLine], ledger: &Ledger) -> Result<Taken, Overflow> {
    let t = &policy.tables;
    let (rule, reached) = (candidate.rule, candidate.reached);
    let value = Money(t.step_value[reached.step]);
    let left = Money::sum(freight.iter().map(|line| line.net))?;
    let (wanted, all) = match benefit(policy, reached) {
        Benefit::PercentOff => {
            let share = left.percent(Percent(value.0), policy.constants.rounding)?;
            (share, share)
        }
        Benefit::Price => {
            let above = left.minus(value)?.max(Money::ZERO);
            (above, above)
        }
        Benefit::AmountOff | Benefit::PerUnitOff | Benefit::Gift | Benefit::Earn => {
            (value.times(reached.times)?, value.times(reached.wanted)?)
        }
    };
    let capped = match t.rule_cap_order[rule.index()] {
        -1 => wanted,
        most => wanted.min(Money(most)),
    };
    let budget = t.budget(rule).map(|budget| (budget, ledger.budgets_left[budget.index()]));
    let amount = budget.map_or(capped, |(_, left)| capped.min(left));
    let saving = amount.min(left);
    let lost_by =
        LostBy { limit: wanted < all, cap: capped < wanted, budget: amount < capped, nothing_left: saving < amount, ..LostBy::default() };
    let kept = budget.filter(|_| lost_by.budget && saving == Money::ZERO).map(|(budget, left)| quota::blocker(policy, budget, left));
    let blocker = kept.or(match saving == Money::ZERO {
        true if left == Money::ZERO => Some(Blocker::NothingLeft),
        true => Some(Blocker::NoGain),
        false => None,
    });
    Ok(Taken { saving, lost: all.minus(saving)?, lost_by, blocker })
}

/// Takes it, and writes what became of the promotion.
fn apply(policy: &Loaded, candidate: &Candidate, taken: Taken, freight: &mut [FreightLine], ledger: &mut Ledger) -> Result<(), Overflow> {
    let Taken { saving, lost, lost_by, blocker } = taken;
    let parts: Vec<Part> = freight.iter().map(|line| Part { weight: line.net.0, capacity: line.net }).collect();
    for (line, amount) in freight.iter_mut().zip(fill(saving, &parts, policy.constants.remainder)?) {
        if amount > Money::ZERO {
            line.net = line.net.minus(amount)?;
            line.adjustments.push((candidate.rule, amount));
        }
    }
    if let Some(budget) = policy.tables.budget(candidate.rule) {
        let left = &mut ledger.budgets_left[budget.index()];
        *left = left.minus(saving)?;
    }
    let (times, lines) = (candidate.reached.times, candidate.lines.to_vec());
    let applied = Outcome::Applied { saving, gift_value: Money::ZERO, times, lost, lost_by, lines };
    write(candidate, blocker.map_or(applied, Outcome::Blocked), ledger);
    Ok(())
}

fn write(candidate: &Candidate, outcome: Outcome, ledger: &mut Ledger) {
    let measured = candidate.reached.measured;
    ledger.outcomes.push(RuleOutcome { rule: candidate.rule, stage: Stage::Freight, outcome, measured });
}
