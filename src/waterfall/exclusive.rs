//! Exclusive groups: they run before all stages, one after another, and what they take is closed to every other promotion.

use super::combine::Choice;
use super::stage::{Contest, Eligible, Ledger, Played, Rank, is_whole};
use super::state::{Lines, Shut};
use crate::bundle::{Loaded, decoded};
use crate::id::{GroupId, RuleId};
use crate::num::{Money, Overflow, divide, product};
use crate::policy::{Choose, DiscountedLines, GroupMode, Scope, Stage};
use crate::quote::{Adjustment, Blocker, Outcome, RuleOutcome, Taker};
use crate::sort::sort;

impl Ledger {
    /// The promotions with those of their lines that no other promotion keeps them from; those that are left without one are blocked.
    pub fn open(&mut self, policy: &Loaded, stage: Stage, eligible: Vec<Eligible>) -> Vec<Eligible> {
        let t = &policy.tables;
        let touched = self.closed.iter().zip(&self.shut_by).find_map(|(closed, shut)| shut.or(*closed));
        let first = touched.filter(|_| stage != Stage::Always);
        let particular = |rule: RuleId| {
            let skips = decoded::<DiscountedLines>(t.rule_discounted[rule.index()]) == DiscountedLines::Skip;
            skips || t.rule_tags[rule.index()] | t.rule_not_with[rule.index()] != 0
        };
        if first.is_none() && !eligible.iter().any(|eligible| particular(eligible.rule)) {
            return eligible;
        }
        let mut open = Vec::with_capacity(eligible.len());
        let before = eligible[0].rule;
        for Eligible { rule, lines, counted } in eligible {
            let keeper = |line: usize| {
                let closed = self.closed[line].filter(|_| first.is_some()).map(|by| Blocker::Exclusive { by });
                closed.or_else(|| self.in_its_way(policy, rule, before, line).map(|by| Blocker::NotCombined { by }))
            };
            let free = |lines: &[usize]| -> Vec<usize> { lines.iter().copied().filter(|line| keeper(*line).is_none()).collect() };
            let (left, counted) = (free(&lines), free(&counted));
            // Who wants the whole order finds it touched.
            let whole = first.filter(|_| of_order(policy, t.group(rule))).map(|by| Blocker::Exclusive { by });
            match whole.or_else(|| keeper(lines[0]).filter(|_| left.is_empty())) {
                Some(blocker) => self.outcomes.push(RuleOutcome { rule, stage, outcome: Outcome::Blocked(blocker), measured: None }),
                None => open.push(Eligible { rule, lines: left, counted }),
            }
        }
        open
    }

    /// A promotion of an earlier stage, that is of one `before` this stage's first, that keeps another one off a line: one that it does not combine with,
    /// or any that took something from it.
    fn in_its_way(&self, policy: &Loaded, rule: RuleId, before: RuleId, line: usize) -> Option<RuleId> {
        let skips = decoded::<DiscountedLines>(policy.tables.rule_discounted[rule.index()]) == DiscountedLines::Skip;
        let by_rule = |step: &Adjustment| match step.by {
            Taker::Rule(rule) if rule < before => Some(rule),
            Taker::Rule(_) | Taker::Approved(_) => None,
        };
        let taken = if skips { self.adjustments[line].iter().find_map(by_rule) } else { None };
        taken.or_else(|| self.gave[line].iter().copied().find(|other| policy.tables.apart(rule, *other)))
    }

    /// Closes what the played promotions of an exclusive group took.
    pub fn close(&mut self, contest: &Contest, played: &[Played]) {
        for played in played.iter().filter(|played| played.grant.worth() > Money::ZERO) {
            let candidate = &contest.candidates[played.candidate];
            if of_order(contest.policy, candidate.group) {
                self.closed.iter_mut().for_each(|closed| *closed = Some(candidate.rule));
            } else if of_units(contest.policy, candidate.group) {
                let Some(made) = contest.made(played.candidate) else { continue };
                for ((line, (units, value)), amount) in made.lines.iter().zip(&made.held).zip(&played.grant.amounts) {
                    self.shutting.push((*line, candidate.rule, *units, Money(value.0 - amount.0)));
                }
            } else if mode(contest.policy, candidate.group) == GroupMode::Exclusive {
                // Who closed units of a line before is who closed it.
                played.lines.iter().for_each(|line| self.closed[*line] = self.shut_by[*line].or(Some(candidate.rule)));
            }
        }
    }
}

fn mode(policy: &Loaded, group: GroupId) -> GroupMode {
    decoded(policy.tables.group_mode[group.index()])
}

/// Whether a promotion of the group that applies has the whole order.
pub fn of_order(policy: &Loaded, group: GroupId) -> bool {
    mode(policy, group) == GroupMode::Exclusive && decoded::<Scope>(policy.tables.group_scope[group.index()]) == Scope::Order
}

/// Whether what a promotion of the group takes are units of combos.
pub fn of_units(policy: &Loaded, group: GroupId) -> bool {
    mode(policy, group) == GroupMode::Exclusive && decoded::<Scope>(policy.tables.group_scope[group.index()]) == Scope::Units
}

/// Takes the units that an exclusive group closed out of the lines, with what they cost and come to: later promotions see the other units only.
pub fn shut(policy: &Loaded, lines: &mut Lines, net: &mut [Money], ledger: &mut Ledger) -> Result<(), Overflow> {
    let one = policy.constants.quantity_scale.one();
    let mut taken = std::mem::take(&mut ledger.shutting);
    sort(&mut taken, |a, b| a.0.cmp(&b.0));
    for of_line in taken.chunk_by(|a, b| a.0 == b.0) {
        let (line, rule, ..) = of_line[0];
        let units = of_line.iter().map(|(.., units, _)| i128::from(*units)).sum::<i128>() * one;
        let units = i64::try_from(units).map_err(|_| Overflow)?;
        let left = lines.quantity[line].0 - units;
        // Of the whole line, whatever was closed before, so that it is rounded once.
        let before = lines.shut[line];
        let quantity = i128::from(lines.quantity[line].0) + i128::from(before.quantity);
        let (all, floor) = (lines.list[line].plus(before.list)?, lines.least[line].plus(before.least)?);
        // Rounded up, as floors are.
        let least = Money(i64::try_from((product(floor.0, left) + quantity - 1) / quantity).map_err(|_| Overflow)?);
        let list = Money(divide(product(all.0, left), quantity, policy.constants.rounding)?);
        let closed = Shut {
            quantity: units,
            list: lines.list[line].minus(list)?,
            least: lines.least[line].minus(least)?,
            net: Money::sum(of_line.iter().map(|(.., net)| *net))?,
        };
        let first = *ledger.shut_by[line].get_or_insert(rule);
        if left == 0 {
            ledger.closed[line] = Some(first);
        }
        lines.shut[line] = lines.shut[line].plus(closed)?;
        (lines.list[line], lines.least[line], lines.quantity[line].0) = (list, least, left);
        net[line] = net[line].minus(closed.net)?;
    }
    Ok(())
}

/// The choice of an exclusive group, unless it is to be searched for.
pub fn choose(contest: &mut Contest) -> Result<Option<Choice>, Overflow> {
    let Some(group) = contest.candidates.first().map(|candidate| candidate.group) else { return Ok(None) };
    let by_priority = decoded::<Choose>(contest.policy.tables.group_choose[group.index()]) == Choose::Priority;
    match (mode(contest.policy, group), of_order(contest.policy, group), by_priority) {
        (GroupMode::Exclusive, true, _) => one(contest, by_priority).map(Some),
        (GroupMode::Exclusive, false, true) => {
            let all: Vec<usize> = (0..contest.candidates.len()).collect();
            in_turn(contest, &all)?;
            let chosen = contest.candidates.iter().zip(&contest.won).map(|(c, won)| c.rank == Rank::Whole && !won.is_empty()).collect();
            let steps = vec![None; contest.candidates.len()];
            Ok(Some(Choice { chosen, bound: Money::ZERO, steps }))
        }
        (GroupMode::Exclusive | GroupMode::Best | GroupMode::Stack | GroupMode::First | GroupMode::Always, ..) => Ok(None),
    }
}

/// One promotion for the order: the first that gives something, or the one that gives most.
fn one(contest: &Contest, by_priority: bool) -> Result<Choice, Overflow> {
    let t = &contest.policy.tables;
    let mut giving: Vec<(Money, usize)> = Vec::new();
    for (index, candidate) in contest.candidates.iter().enumerate() {
        let worth = contest.alone(index, &candidate.lines)?.worth();
        if worth > Money::ZERO {
            giving.push((worth, index));
        }
    }
    if !by_priority {
        let rule = |index: usize| contest.candidates[index].rule;
        let order = |a: usize, b: usize| {
            let (a, b) = (rule(a), rule(b));
            let priorities = t.rule_priority[b.index()].cmp(&t.rule_priority[a.index()]);
            priorities.then_with(|| contest.policy.rule(a).cmp(contest.policy.rule(b)))
        };
        sort(&mut giving, |a, b| b.0.cmp(&a.0).then_with(|| order(a.1, b.1)));
    }
    let mut chosen = vec![false; contest.candidates.len()];
    if let Some((_, first)) = giving.first() {
        chosen[*first] = true;
    }
    Ok(Choice { steps: vec![None; chosen.len()], chosen, bound: Money::ZERO })
}

/// Each of `members` in running order, if it gives something: a whole one where all its lines are free, another on those that are. What each gets
/// is what it has won.
fn in_turn(contest: &mut Contest, members: &[usize]) -> Result<(), Overflow> {
    let mut taken = vec![false; contest.entry.len()];
    for index in members.iter().copied() {
        let candidate = &contest.candidates[index];
        let free: Vec<usize> = candidate.lines.iter().copied().filter(|line| !taken[*line]).collect();
        let fits = !free.is_empty() && (!is_whole(contest.policy, candidate) || free.len() == candidate.lines.len());
        contest.won[index].clear();
        if fits && contest.alone(index, &free)?.worth() > Money::ZERO {
            free.iter().for_each(|line| taken[*line] = true);
            contest.won[index] = free;
        }
    }
    Ok(())
}

/// The choices of all groups of which the first promotion applies.
pub fn first_come(contest: &mut Contest) -> Result<(), Overflow> {
    let given: Vec<usize> = (0..contest.candidates.len()).filter(|c| contest.candidates[*c].rank == Rank::Given).collect();
    let groups: Vec<&[usize]> = given.chunk_by(|a, b| contest.candidates[*a].group == contest.candidates[*b].group).collect();
    groups.into_iter().try_for_each(|group| in_turn(contest, group))
}
