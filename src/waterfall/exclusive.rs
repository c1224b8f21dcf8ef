//! Exclusive groups: they run before all stages, one after another, and what they take is closed to every other promotion.

use super::combine::Choice;
use super::stage::{Contest, Eligible, Ledger, Played, Rank};
use crate::bundle::{Loaded, decoded};
use crate::id::GroupId;
use crate::num::{Money, Overflow};
use crate::policy::{Choose, GroupMode, Scope, Stage};
use crate::quote::{Blocker, Outcome, RuleOutcome};
use crate::sort::sort;
use std::borrow::Cow;

impl Ledger {
    /// The promotions with those of their lines that no exclusive promotion has; the others are blocked by it.
    pub fn open<'a>(&mut self, policy: &Loaded, stage: Stage, eligible: &'a [Eligible]) -> Cow<'a, [Eligible]> {
        let Some(first) = self.closed.iter().copied().flatten().next() else { return Cow::Borrowed(eligible) };
        let mut open = Vec::with_capacity(eligible.len());
        for Eligible { rule, lines, counted } in eligible {
            let free = |lines: &[usize]| -> Vec<usize> { lines.iter().copied().filter(|line| self.closed[*line].is_none()).collect() };
            let (left, counted) = (free(lines), free(counted));
            // Who wants the whole order finds it touched.
            let whole = of_order(policy, policy.tables.group(*rule));
            match if whole { Some(first) } else { self.closed[lines[0]] } {
                Some(by) if whole || left.is_empty() => {
                    self.outcomes.push(RuleOutcome {
                        rule: *rule,
                        stage,
                        outcome: Outcome::Blocked(Blocker::Exclusive { by }),
                        measured: None,
                    });
                }
                _ => open.push(Eligible { rule: *rule, lines: left, counted }),
            }
        }
        Cow::Owned(open)
    }

    /// Closes what the played promotions of an exclusive group took.
    pub fn close(&mut self, contest: &Contest, played: &[Played]) {
        for played in played.iter().filter(|played| played.grant.worth() > Money::ZERO) {
            let candidate = &contest.candidates[played.candidate];
            if of_order(contest.policy, candidate.group) {
                self.closed.iter_mut().for_each(|closed| *closed = Some(candidate.rule));
            } else if mode(contest.policy, candidate.group) == GroupMode::Exclusive {
                played.lines.iter().for_each(|line| self.closed[*line] = Some(candidate.rule));
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

/// The choice of an exclusive group, unless it is to be searched for.
pub fn choose(contest: &mut Contest) -> Result<Option<Choice>, Overflow> {
    let Some(group) = contest.candidates.first().map(|candidate| candidate.group) else { return Ok(None) };
    let by_priority = decoded::<Choose>(contest.policy.tables.group_choose[group.index()]) == Choose::Priority;
    match (mode(contest.policy, group), of_order(contest.policy, group), by_priority) {
        (GroupMode::Exclusive, true, _) => one(contest, by_priority).map(Some),
        (GroupMode::Exclusive, false, true) => in_turn(contest).map(Some),
        (GroupMode::Exclusive | GroupMode::Best | GroupMode::Stack, ..) => Ok(None),
    }
}

/// One promotion for the order: the first that gives something, or the one that gives most.
fn one(contest: &Contest, by_priority: bool) -> Result<Choice, Overflow> {
    let t = &contest.policy.tables;
    let mut giving: Vec<(Money, usize)> = Vec::new();
    for (index, candidate) in contest.candidates.iter().enumerate() {
        let worth = contest.alone(index, candidate.lines)?.worth();
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
    Ok(Choice { chosen, bound: Money::ZERO })
}

/// Each promotion in running order, if it gives something: a whole one where all its lines are free, another on those that are.
fn in_turn(contest: &mut Contest) -> Result<Choice, Overflow> {
    let mut taken = vec![false; contest.entry.len()];
    let mut chosen = vec![false; contest.candidates.len()];
    for (index, chosen) in chosen.iter_mut().enumerate() {
        let candidate = &contest.candidates[index];
        let free: Vec<usize> = candidate.lines.iter().copied().filter(|line| !taken[*line]).collect();
        let whole = candidate.rank == Rank::Whole;
        let fits = !free.is_empty() && (!whole || free.len() == candidate.lines.len());
        let gives = fits && contest.alone(index, &free)?.worth() > Money::ZERO;
        *chosen = whole && gives;
        contest.won[index].clear();
        if gives {
            free.iter().for_each(|line| taken[*line] = true);
            if !whole {
                contest.won[index] = free;
            }
        }
    }
    Ok(Choice { chosen, bound: Money::ZERO })
}
