//! The best combination: which whole promotions of a stage's choosing groups apply.
//!
//! Candidates that touch a common line, budget or stock of gifts form a component; components do not influence each other, so each is searched alone.

mod ceiling;
mod search;
pub mod units;

use super::benefit::{base, benefit};
use super::gift;
use super::kept::Change;
use super::stage::{Candidate, Contest, Rank};
use super::state::Amounts;
use crate::bundle::Benefit;
use crate::num::{Money, Overflow, Percent, Rounding, Scale, common, divide, product};
use crate::sort::sort;
use std::cmp::Ordering;

/// The combination that was chosen.
#[derive(Debug)]
pub struct Choice {
    /// For each candidate, whether it is a whole one that applies.
    pub chosen: Vec<bool>,
    /// The most that any other combination could save on top.
    pub bound: Money,
    /// For the first candidate of each component that was decided in the end, the steps that this took.
    pub steps: Vec<Option<u32>>,
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
        let fits = |a: i128, b: i128| a.leading_zeros() + b.leading_zeros() > 128;
        match fits(self.numerator, other.denominator) && fits(other.numerator, self.denominator) {
            true => (self.numerator * other.denominator).cmp(&(other.numerator * self.denominator)),
            false => self.compare_by_quotients(other),
        }
    }

    /// The same of figures whose products do not fit: of equal quotients the rests decide, the other way around.
    fn compare_by_quotients(self, other: Exact) -> Ordering {
        let [(own, own_rest), (others, rest)] =
            [self, other].map(|exact| (exact.numerator / exact.denominator, exact.numerator % exact.denominator));
        own.cmp(&others).then_with(|| match (own_rest, rest) {
            (0, _) | (_, 0) => own_rest.cmp(&rest),
            _ => Exact { numerator: other.denominator, denominator: rest }
                .compare(Exact { numerator: self.denominator, denominator: own_rest }),
        })
    }

    /// So many of so many equal parts of it.
    fn part(self, some: i64, of: i64) -> Exact {
        if some == of {
            return self;
        }
        let common = i128::from(common(&[some, of]));
        Exact { numerator: self.numerator * (i128::from(some) / common), denominator: self.denominator * (i128::from(of) / common) }
    }
}

/// For each candidate that competes per line, the lines it wins against the other such candidates of its group:
/// by the largest exact saving on that line alone, on the state entering the stage; ties go to the one that runs first.
/// Where nothing touched a line, it is won as it was.
pub fn line_winners(contest: &Contest, change: &Change) -> Result<Vec<Vec<usize>>, Overflow> {
    let mut won = vec![Vec::new(); contest.candidates.len()];
    let mut best: Vec<Option<(usize, Exact)>> = vec![None; contest.entry.len()];
    let mut members: Vec<usize> = (0..contest.candidates.len()).filter(|c| contest.candidates[*c].rank == Rank::PerLine).collect();
    sort(&mut members, |a, b| (contest.candidates[*a].group, *a).cmp(&(contest.candidates[*b].group, *b)));
    for group in members.chunk_by(|a, b| contest.candidates[*a].group == contest.candidates[*b].group) {
        for member in group {
            if let Some(before) = contest.candidates[*member].before {
                won[*member].extend(change.old(before).won.iter().filter(|line| change.untouched(&[**line])));
            }
            for line in contest.candidates[*member].lines.iter().filter(|line| !change.untouched(&[**line])) {
                let capacity = Exact::whole(in_part(contest, *member, *line, contest.entering().capacity(*line))?);
                let uncapped = saving_on_line(contest, contest.entering(), *member, *line);
                let saving = if uncapped.compare(capacity).is_gt() { capacity } else { uncapped };
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
        for member in group.iter().filter(|member| contest.candidates[**member].before.is_some()) {
            sort(&mut won[*member], Ord::cmp);
        }
    }
    Ok(won)
}

/// What of a line's capacity is that of the units that a candidate is for.
fn in_part(contest: &Contest, candidate: usize, line: usize, capacity: Money) -> Result<Money, Overflow> {
    let (units, quantity) = (contest.candidates[candidate].units(contest.lines, line), contest.lines.quantity[line].0);
    if units == quantity { Ok(capacity) } else { divide(product(capacity.0, units), i128::from(quantity), Rounding::Down).map(Money) }
}

/// What a per-line candidate would take off one line, before rounding and without regard to the floor.
fn saving_on_line(contest: &Contest, amounts: Amounts, candidate: usize, line: usize) -> Exact {
    let candidate = &contest.candidates[candidate];
    let (t, c) = (&contest.policy.tables, &contest.policy.constants);
    let base = i128::from(base(contest.policy, amounts, candidate.rule, line).0);
    let value = i128::from(t.step_value[candidate.reached.step]);
    let (units, quantity) = (candidate.units(contest.lines, line), contest.lines.quantity[line].0);
    if benefit(contest.policy, candidate.reached) == Benefit::PercentOff {
        return Exact { numerator: base * value, denominator: Percent::ONE }.part(units, quantity);
    }
    let finer = Scale(c.unit_scale.0 - c.money_scale.0).one();
    let denominator = finer * c.quantity_scale.one();
    if benefit(contest.policy, candidate.reached) == Benefit::Price {
        let all = (base * denominator - value * i128::from(quantity)).max(0);
        return Exact { numerator: all, denominator }.part(units, quantity);
    }
    let units = match t.rule_units[candidate.rule.index()] {
        -1 => units,
        most => units.min(most),
    };
    let full = Exact { numerator: value * i128::from(units), denominator };
    let own = Exact { numerator: base * i128::from(units), denominator: i128::from(quantity) };
    if full.compare(own).is_lt() { full } else { own }
}

/// Chooses among the whole candidates of all `best` groups of a stage.
pub fn choose(contest: &Contest, steps_left: &mut u32, change: &Change) -> Result<Choice, Overflow> {
    let all = contest.candidates.len();
    let mut choice = Choice { chosen: vec![false; all], bound: Money::ZERO, steps: vec![None; all] };
    if contest.candidates.iter().all(|c| c.rank != Rank::Whole) {
        return Ok(choice);
    }
    let all: Vec<usize> = (0..contest.candidates.len()).collect();
    for members in components(contest, &all) {
        if members.iter().any(|m| contest.candidates[*m].rank == Rank::Whole) {
            let first = members[0];
            // A budget of steps that is not used up decides nothing.
            if let Some(steps) = decided(contest, &members, change).filter(|steps| steps < steps_left) {
                *steps_left -= steps;
                choice.steps[first] = Some(steps);
                for member in members {
                    choice.chosen[member] = contest.candidates[member].before.is_some_and(|before| change.old(before).chosen);
                }
                continue;
            }
            let before = *steps_left;
            let found = match beside_combos(contest, &members, steps_left)? {
                Some(found) => found,
                None => search::search(contest, &members, steps_left)?,
            };
            choice.steps[first] = Some(before - *steps_left).filter(|_| *steps_left > 0);
            choice.bound = choice.bound.plus(found.bound)?;
            for whole in found.chosen {
                choice.chosen[whole] = true;
            }
        }
    }
    Ok(choice)
}

/// The best combination of a component without its combos, which only join what does not influence each other otherwise: if they run last and get all the
/// same what they can at most, nothing saves more with them.
fn beside_combos(contest: &Contest, members: &[usize], steps_left: &mut u32) -> Result<Option<search::Outcome>, Overflow> {
    let first = members.iter().position(|member| contest.combos[*member].is_some()).unwrap_or(members.len());
    let (others, combos) = members.split_at(first);
    let apart =
        |member: &usize| contest.combos[*member].is_some() && contest.policy.tables.budget(contest.candidates[*member].rule).is_none();
    if combos.is_empty() || !combos.iter().all(apart) {
        return Ok(None);
    }
    let mut all = search::Outcome { chosen: Vec::new(), bound: Money::ZERO };
    for part in components(contest, others) {
        if part.iter().any(|member| contest.candidates[*member].rank == Rank::Whole) {
            let found = search::search(contest, &part, steps_left)?;
            all.chosen.extend(found.chosen);
            all.bound = all.bound.plus(found.bound)?;
        }
    }
    let mut chosen = vec![false; contest.candidates.len()];
    all.chosen.iter().for_each(|whole| chosen[*whole] = true);
    for own in contest.play(members, &chosen, &mut contest.entry.to_vec())? {
        if contest.made(own.candidate).is_some() && own.grant.worth() < contest.alone(own.candidate, &own.lines)?.worth() {
            return Ok(None);
        }
    }
    Ok(Some(all))
}

/// The steps that it took to decide a component that is the same as in the last evaluation.
fn decided(contest: &Contest, members: &[usize], change: &Change) -> Option<u32> {
    let same = |candidate: &Candidate| candidate.same && change.untouched(candidate.eligible);
    let first = contest.candidates[members[0]].before?;
    change.old(first).steps.filter(|_| members.iter().all(|member| same(&contest.candidates[*member])))
}

/// Those of `among` that touch a common line, budget or stock of gifts, directly or through others; in running order.
pub fn components(contest: &Contest, among: &[usize]) -> Vec<Vec<usize>> {
    let mut leader: Vec<usize> = (0..contest.candidates.len()).collect();
    fn find(leader: &mut [usize], mut of: usize) -> usize {
        while leader[of] != of {
            leader[of] = leader[leader[of]];
            of = leader[of];
        }
        of
    }
    // What they can have in common: the lines, then the budgets, then what is left to be given.
    let goods = contest.entry.len() + contest.budgets.len();
    let mut first_on: Vec<Option<usize>> = vec![None; goods + contest.stock.len()];
    for (index, candidate) in among.iter().map(|index| (*index, &contest.candidates[*index])) {
        let budget = contest.policy.tables.budget(candidate.rule).map(|budget| contest.entry.len() + budget.index());
        let gives = gift::stocked(contest.policy, contest.stock, candidate.reached).map(|at| goods + at);
        // What only earns points influences nothing.
        let lines = if benefit(contest.policy, candidate.reached) == Benefit::Earn { &[][..] } else { &candidate.lines };
        for common in lines.iter().copied().chain(budget).chain(gives) {
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
    for index in among.iter().copied() {
        members[find(&mut leader, index)].push(index);
    }
    members.retain(|m| !m.is_empty());
    members
}
