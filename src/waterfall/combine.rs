//! The best combination: which whole promotions of the `best` groups apply.
//!
//! Candidates that touch a common line form a component; components do not influence each other, so each is searched alone.
//! Depth first, promotion in before promotion out, cut off where an upper bound of what is still possible is below the best found.
//! The budget counts nodes, never time, so the answer is the same on every machine.

use super::benefit::{base, benefit};
use super::stage::{Contest, Rank};
use crate::bundle::Benefit;
use crate::id::{GroupId, RuleId};
use crate::limit;
use crate::num::{Money, Overflow, Percent, Rounding, Scale, divide};
use crate::policy::RoundingPoint;
use crate::sort::sort;
use std::cmp::Ordering;

/// The combination that was chosen.
#[derive(Debug)]
pub struct Choice {
    /// For each candidate, whether it is a whole one that applies.
    pub chosen: Vec<bool>,
    /// The most that any other combination could save on top.
    pub bound: Money,
}

/// An exact saving: a fraction with a positive denominator.
#[derive(Debug, Clone, Copy)]
struct Exact {
    numerator: i128,
    denominator: i128,
}

impl Exact {
    fn whole(amount: Money) -> Exact {
        Exact { numerator: i128::from(amount.0), denominator: 1 }
    }

    fn compare(self, other: Exact) -> Ordering {
        (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator))
    }

    fn ceiling(self) -> Result<Money, Overflow> {
        divide(self.numerator + self.denominator - 1, self.denominator, Rounding::Down).map(Money)
    }
}

/// For each candidate that competes per line, the lines it wins against the other such candidates of its group:
/// by the largest exact saving on that line alone, on the state entering the stage; ties go to the one that runs first.
pub fn line_winners(contest: &Contest) -> Result<Vec<Vec<usize>>, Overflow> {
    let mut won = vec![Vec::new(); contest.candidates.len()];
    let mut best: Vec<Option<(usize, Exact)>> = vec![None; contest.entry.len()];
    let mut members: Vec<usize> = (0..contest.candidates.len()).filter(|c| contest.candidates[*c].rank == Rank::PerLine).collect();
    sort(&mut members, |a, b| (contest.candidates[*a].group, *a).cmp(&(contest.candidates[*b].group, *b)));
    for group in members.chunk_by(|a, b| contest.candidates[*a].group == contest.candidates[*b].group) {
        for member in group {
            for line in contest.candidates[*member].lines {
                let capacity = contest.entering().capacity(*line);
                let uncapped = saving_on_line(contest, *member, *line);
                let saving = if uncapped.compare(Exact::whole(capacity)).is_gt() { Exact::whole(capacity) } else { uncapped };
                if best[*line].is_none_or(|(_, so_far)| saving.compare(so_far).is_gt()) {
                    best[*line] = Some((*member, saving));
                }
            }
        }
        for (line, winner) in best.iter_mut().enumerate() {
            if let Some((winner, _)) = winner.take() {
                won[winner].push(line);
            }
        }
    }
    Ok(won)
}

/// What a per-line candidate would take off one line, before rounding and without regard to the floor.
fn saving_on_line(contest: &Contest, candidate: usize, line: usize) -> Exact {
    let candidate = &contest.candidates[candidate];
    let (t, c) = (&contest.policy.tables, &contest.policy.constants);
    let base = i128::from(base(contest.policy, contest.entering(), candidate.rule, line).0);
    let value = i128::from(t.step_value[candidate.reached.step]);
    if benefit(contest.policy, candidate.reached) == Benefit::PercentOff {
        return Exact { numerator: base * value, denominator: Percent::ONE };
    }
    let quantity = contest.lines.quantity[line].0;
    let units = match t.rule_units[candidate.rule.index()] {
        -1 => quantity,
        most => quantity.min(most),
    };
    let units = i128::from(units);
    let finer = Scale(c.unit_scale.0 - c.money_scale.0).one();
    let full = Exact { numerator: value * units, denominator: finer * c.quantity_scale.one() };
    let own = Exact { numerator: base * units, denominator: i128::from(quantity) };
    if full.compare(own).is_lt() { full } else { own }
}

/// Chooses among the whole candidates of all `best` groups of a stage.
pub fn choose(contest: &Contest, steps_left: &mut u32) -> Result<Choice, Overflow> {
    let mut choice = Choice { chosen: vec![false; contest.candidates.len()], bound: Money::ZERO };
    if contest.candidates.iter().all(|c| c.rank != Rank::Whole) {
        return Ok(choice);
    }
    for members in components(contest) {
        if members.iter().any(|m| contest.candidates[*m].rank == Rank::Whole) {
            let mut search = Search::new(contest, members)?;
            search.run(steps_left)?;
            choice.bound = choice.bound.plus(search.bound())?;
            for decider in search.best.ok_or(Overflow)?.chosen {
                choice.chosen[decider] = true;
            }
        }
    }
    Ok(choice)
}

/// Candidates that touch a common line or budget, directly or through others; in running order.
fn components(contest: &Contest) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..contest.candidates.len()).collect();
    fn find(leader: &mut [usize], mut of: usize) -> usize {
        while leader[of] != of {
            leader[of] = leader[leader[of]];
            of = leader[of];
        }
        of
    }
    // What they can have in common: the lines, then the budgets.
    let mut first_on: Vec<Option<usize>> = vec![None; contest.entry.len() + contest.budgets.len()];
    for (index, candidate) in contest.candidates.iter().enumerate() {
        let budget = contest.policy.tables.budget(candidate.rule).map(|budget| contest.entry.len() + budget.index());
        for common in candidate.lines.iter().copied().chain(budget) {
            match first_on[common] {
                None => first_on[common] = Some(index),
                Some(other) => {
                    let (a, b) = (find(&mut leader, index), find(&mut leader, other));
                    leader[a.max(b)] = a.min(b);
                }
            }
        }
    }
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); contest.candidates.len()];
    for index in 0..contest.candidates.len() {
        members[find(&mut leader, index)].push(index);
    }
    members.retain(|m| !m.is_empty());
    members
}

/// A complete combination of one component.
struct Found {
    saving: Money,
    /// Promotions that take something off, in running order.
    applied: Vec<RuleId>,
    chosen: Vec<usize>,
}

/// A node of the search: everything before `next` is decided.
struct Branch {
    next: usize,
    chosen: Vec<usize>,
    /// No completion saves more than this.
    bound: i128,
}

struct Search<'a> {
    contest: &'a Contest<'a>,
    members: Vec<usize>,
    /// Whole candidates, largest alone first.
    deciders: Vec<usize>,
    /// The most that each decider can save.
    alone: Vec<i128>,
    /// What the per-line winner of the decider's group could save at most on the decider's lines.
    displaces: Vec<i128>,
    /// Deciders that cannot stand together with each.
    rivals: Vec<Vec<usize>>,
    root_bound: i128,
    best: Option<Found>,
    unexplored: i128,
}

impl<'a> Search<'a> {
    fn new(contest: &'a Contest<'a>, members: Vec<usize>) -> Result<Self, Overflow> {
        let mut deciders: Vec<(Money, usize)> = Vec::new();
        let mut root_bound = 0;
        for member in &members {
            let candidate = &contest.candidates[*member];
            match candidate.rank {
                Rank::Whole => deciders.push((contest.alone(*member, candidate.lines)?.worth(), *member)),
                Rank::Stacked => root_bound += most(contest, *member)?,
                Rank::PerLine => {
                    for line in &contest.won[*member] {
                        root_bound += most_on_line(contest, *member, *line)?;
                    }
                }
            }
        }
        sort(&mut deciders, |a, b| (b.0, a.1).cmp(&(a.0, b.1)));
        let deciders: Vec<usize> = deciders.into_iter().map(|(_, member)| member).collect();
        let alone = deciders.iter().map(|decider| most(contest, *decider)).collect::<Result<Vec<i128>, Overflow>>()?;
        root_bound += alone.iter().sum::<i128>();
        let mut displaces = Vec::with_capacity(deciders.len());
        for decider in &deciders {
            let whole = &contest.candidates[*decider];
            let mut sum = 0;
            for member in members.iter().filter(|m| contest.candidates[**m].group == whole.group) {
                for line in contest.won[*member].iter().filter(|line| whole.lines.binary_search(line).is_ok()) {
                    sum += most_on_line(contest, *member, *line)?;
                }
            }
            displaces.push(sum);
        }
        let share_line = |a: usize, b: usize| {
            let (a, b) = (&contest.candidates[a], &contest.candidates[b]);
            a.group == b.group && a.lines.iter().any(|line| b.lines.binary_search(line).is_ok())
        };
        let searched = if deciders.len() > limit::SEARCHED { 0 } else { deciders.len() };
        let rivals = (0..searched).map(|a| (0..searched).filter(|b| a != *b && share_line(deciders[a], deciders[*b])).collect()).collect();
        Ok(Search { contest, members, deciders, alone, displaces, rivals, root_bound, best: None, unexplored: 0 })
    }

    fn run(&mut self, steps_left: &mut u32) -> Result<(), Overflow> {
        if self.deciders.len() > limit::SEARCHED {
            return self.first_only();
        }
        let mut open = vec![Branch { next: 0, chosen: Vec::new(), bound: self.root_bound }];
        while let Some(mut branch) = open.pop() {
            let saved = self.best.as_ref().map(|found| i128::from(found.saving.0));
            if saved.is_some_and(|saved| branch.bound < saved) {
                continue;
            }
            // The first descent always ends in a combination, so there is an answer even without a budget.
            if *steps_left == 0 && saved.is_some() {
                self.unexplored = self.unexplored.max(branch.bound);
                continue;
            }
            *steps_left = steps_left.saturating_sub(1);
            while branch.next < self.deciders.len() && self.excluded(&branch) {
                branch.next += 1;
            }
            if branch.next == self.deciders.len() {
                // Playing costs with the size of the component; a step is about as much work everywhere.
                let size = self.members.len() + self.contest.entry.len();
                *steps_left = steps_left.saturating_sub(u32::try_from(size / 512).unwrap_or(u32::MAX));
                self.complete(&branch.chosen)?;
                continue;
            }
            let next = branch.next;
            let mut with = branch.chosen.clone();
            with.push(next);
            // Rivals that are already decided left the bound when they were.
            let rivals: i128 =
                self.rivals[next].iter().filter(|r| **r > next && !self.beaten(&branch.chosen, **r)).map(|r| self.alone[*r]).sum();
            open.push(Branch { next: next + 1, chosen: branch.chosen, bound: branch.bound - self.alone[next] });
            open.push(Branch { next: next + 1, chosen: with, bound: branch.bound - self.displaces[next] - rivals });
        }
        Ok(())
    }

    fn beaten(&self, chosen: &[usize], decider: usize) -> bool {
        chosen.iter().any(|c| self.rivals[*c].binary_search(&decider).is_ok())
    }

    fn excluded(&self, branch: &Branch) -> bool {
        self.beaten(&branch.chosen, branch.next)
    }

    /// The combination that takes each decider in turn if it still can; the rest is left to the bound.
    fn first_only(&mut self) -> Result<(), Overflow> {
        let mut taken: Vec<Vec<GroupId>> = vec![Vec::new(); self.contest.entry.len()];
        let mut chosen = Vec::new();
        for (index, decider) in self.deciders.iter().enumerate() {
            let candidate = &self.contest.candidates[*decider];
            if candidate.lines.iter().all(|line| !taken[*line].contains(&candidate.group)) {
                candidate.lines.iter().for_each(|line| taken[*line].push(candidate.group));
                chosen.push(index);
            }
        }
        self.unexplored = self.root_bound;
        self.complete(&chosen)
    }

    fn complete(&mut self, deciders: &[usize]) -> Result<(), Overflow> {
        let chosen: Vec<usize> = deciders.iter().map(|d| self.deciders[*d]).collect();
        let mut flags = vec![false; self.contest.candidates.len()];
        chosen.iter().for_each(|c| flags[*c] = true);
        let mut net = self.contest.entry.to_vec();
        let played = self.contest.play(&self.members, &flags, &mut net)?;
        let giving = played.iter().filter(|p| p.grant.worth() > Money::ZERO);
        let applied = giving.map(|p| self.contest.candidates[p.candidate].rule).collect();
        let saving = Money::sum(played.iter().map(|p| p.grant.worth()))?;
        let found = Found { saving, applied, chosen };
        if self.best.as_ref().is_none_or(|best| self.better(&found, best)) {
            self.best = Some(found);
        }
        Ok(())
    }

    /// Larger saving; then fewer promotions; then the larger descending priorities; then the smaller sorted ids.
    fn better(&self, found: &Found, best: &Found) -> bool {
        let policy = self.contest.policy;
        let priorities = |f: &Found| {
            let mut list: Vec<i64> = f.applied.iter().map(|rule| policy.tables.rule_priority[rule.index()]).collect();
            sort(&mut list, |a, b| b.cmp(a));
            list
        };
        let names = |f: &Found| {
            let mut list: Vec<&str> = f.applied.iter().map(|rule| policy.rule(*rule)).collect();
            sort(&mut list, Ord::cmp);
            list
        };
        let order = found.saving.cmp(&best.saving).then_with(|| best.applied.len().cmp(&found.applied.len()));
        let order = order.then_with(|| priorities(found).cmp(&priorities(best))).then_with(|| names(best).cmp(&names(found)));
        order.is_gt()
    }

    fn bound(&self) -> Money {
        let saved = self.best.as_ref().map_or(0, |found| i128::from(found.saving.0));
        Money(i64::try_from((self.unexplored - saved).max(0)).unwrap_or(i64::MAX))
    }
}

/// The most that a candidate can save in any combination: alone on the entering state, which is never lower than a running one.
fn most(contest: &Contest, candidate: usize) -> Result<i128, Overflow> {
    let alone = contest.alone(candidate, contest.candidates[candidate].lines)?.worth();
    let lines = contest.candidates[candidate].lines.iter();
    let slack = lines.map(|line| slack(contest, *line)).sum::<i128>();
    Ok(i128::from(alone.0) + slack)
}

fn most_on_line(contest: &Contest, candidate: usize, line: usize) -> Result<i128, Overflow> {
    Ok(i128::from(saving_on_line(contest, candidate, line).ceiling()?.0) + slack(contest, line))
}

/// Rounding per unit can move a line's saving by up to one minor unit per unit; elsewhere rounding keeps the order of amounts.
fn slack(contest: &Contest, line: usize) -> i128 {
    match contest.policy.constants.rounding_point {
        RoundingPoint::Unit | RoundingPoint::Price => {
            i128::from(contest.lines.quantity[line].0) / contest.policy.constants.quantity_scale.one() + 1
        }
        RoundingPoint::Set | RoundingPoint::Line => 0,
    }
}
