//! A ceiling: the most that any combination of a component can save, as a sum of what single promotions take from single lines.
//!
//! The stage is played backwards once. A later stacked percentage gives less on a line that an earlier promotion has lowered:
//! after it, a minor unit more of running net is worth `relief` of saving, so a minor unit taken before is worth `1 − relief` only.
//! Without floors, and with weights that follow the net, the sum is exact but for rounding, which `slack` holds.

use super::{Contest, Rank, saving_on_line};
use crate::bundle::{Benefit, decoded};
use crate::id::GroupId;
use crate::num::{Money, Overflow, Percent};
use crate::policy::{Base, RoundingPoint, Weight};
use crate::sort::sort;
use crate::waterfall::benefit::{Grant, benefit, grant};
use crate::waterfall::gift;
use crate::waterfall::stage::Candidate;
use crate::waterfall::state::Amounts;

/// One, in the fixed point of shares.
const ONE: i64 = 1 << 30;

/// The most that combinations of one component can save, in *points*, small parts of a minor unit.
#[derive(Debug, Default)]
pub struct Ceiling {
    /// Whole candidates, those that save most alone first.
    pub wholes: Vec<usize>,
    /// What each whole adds.
    pub worth: Vec<i64>,
    /// How many lines its members are about.
    pub lines: usize,
    /// Cells of each whole, as a list of lists. A cell is a line in a group: at most one whole takes it.
    pub cell_start: Vec<usize>,
    /// Cells, ascending.
    pub cells: Vec<usize>,
    /// For each whole, those that share a cell with it; nothing where that would be too many.
    pub rivals: Vec<Vec<usize>>,
    /// What a whole takes from each of its cells.
    pub shares: Vec<i64>,
    /// What a cell gives where no whole takes it.
    pub rest: Vec<i64>,
    /// What a cell can be worth at most.
    pub most: Vec<i64>,
    /// What each whole adds to a combination: its worth without the rest of its cells.
    pub gain: Vec<i64>,
    /// What there is without any whole.
    pub base: i64,
    /// Points of a minor unit, as a power of two; negative for amounts at the edge of 64 bits.
    bits: i32,
    /// Whether each whole takes nothing in any combination, from nobody: it is no choice.
    pub idle: Vec<bool>,
}

/// What the later promotions of the stage make of a line, as shares of [`ONE`].
struct Relief {
    /// Not more than what a minor unit of running net is still worth, by line.
    least: Vec<i64>,
    /// Not less than it.
    most: Vec<i64>,
}

impl Ceiling {
    /// Builds the ceiling of one component.
    pub fn of(contest: &Contest, members: &[usize]) -> Result<Ceiling, Overflow> {
        let chooses = |m: &&usize| matches!(contest.candidates[**m].rank, Rank::Whole | Rank::PerLine);
        let first = members.iter().position(|m| chooses(&m)).unwrap_or(members.len());
        let (before, after) = members.split_at(first);
        let mut net = contest.entry.to_vec();
        let played = contest.play(before, &vec![false; contest.candidates.len()], &mut net)?;
        let lines = lines_of(contest, members);
        let constant = i128::from(Money::sum(played.iter().map(|p| p.grant.worth()))?.0) * i128::from(ONE);
        let leading = after.first().map(|m| contest.candidates[*m].group);
        let mut builder = Builder { contest, net: &net, leading, lines: &lines, constant, wholes: Vec::new(), per_line: Vec::new() };
        let mut relief = Relief { least: vec![0; contest.entry.len()], most: vec![0; contest.entry.len()] };
        for member in after.iter().rev() {
            match contest.candidates[*member].rank {
                Rank::Stacked => builder.stacked(*member, &contest.candidates[*member].lines, &mut relief)?,
                Rank::Given if contest.won[*member].is_empty() => {}
                Rank::Given => builder.stacked(*member, &contest.won[*member], &mut relief)?,
                Rank::Whole => builder.whole(*member, &relief)?,
                Rank::PerLine => builder.per_line(*member, &relief)?,
            }
        }
        for line in &lines {
            builder.constant += i128::from(relief.most[*line]) * i128::from(net[*line].0);
        }
        builder.finish()
    }

    /// Of those that take nothing, keeps apart the ones that are in nobody's way.
    fn sort_out_idle(&mut self) {
        let mut contested: Vec<bool> = self.rest.iter().map(|rest| *rest > 0).collect();
        loop {
            for whole in (0..self.wholes.len()).filter(|whole| !self.idle[*whole]) {
                self.cells_of(whole).iter().for_each(|cell| contested[*cell] = true);
            }
            let stuck: Vec<usize> =
                (0..self.wholes.len()).filter(|whole| self.idle[*whole] && self.cells_of(*whole).iter().any(|c| contested[*c])).collect();
            if stuck.is_empty() {
                return;
            }
            stuck.into_iter().for_each(|whole| self.idle[whole] = false);
        }
    }

    /// Finds who is in whose way.
    fn find_rivals(&mut self) {
        let wholes = self.wholes.len();
        let mut inside: Vec<Vec<usize>> = vec![Vec::new(); self.rest.len()];
        for whole in 0..wholes {
            self.cells_of(whole).iter().for_each(|cell| inside[*cell].push(whole));
        }
        if inside.iter().map(|members| members.len() * members.len()).sum::<usize>() > MOST_RIVALS {
            return;
        }
        self.rivals = vec![Vec::new(); wholes];
        for members in &inside {
            for one in members {
                self.rivals[*one].extend(members.iter().filter(|other| *other != one));
            }
        }
        for rivals in &mut self.rivals {
            sort(rivals, Ord::cmp);
            rivals.dedup();
        }
    }

    /// Cells of a whole.
    pub fn cells_of(&self, whole: usize) -> &[usize] {
        &self.cells[self.cell_start[whole]..self.cell_start[whole + 1]]
    }

    /// Points as whole minor units; no combination saves a part of one.
    pub fn minor(&self, points: i64) -> i128 {
        if self.bits < 0 { i128::from(points) << -self.bits } else { i128::from(points >> self.bits) }
    }

    fn rounded_up(&self, shares: i128) -> i128 {
        let shift = 30 - self.bits;
        (shares + (1 << shift) - 1) >> shift
    }

    fn points(&self, shares: i128) -> Result<i64, Overflow> {
        i64::try_from(self.rounded_up(shares)).map_err(|_| Overflow)
    }
}

fn lines_of(contest: &Contest, members: &[usize]) -> Vec<usize> {
    let mut on = vec![false; contest.entry.len()];
    members.iter().for_each(|m| contest.candidates[*m].lines.iter().for_each(|line| on[*line] = true));
    (0..on.len()).filter(|line| on[*line]).collect()
}

/// Pairs of wholes that share a cell, at most, that are looked at one by one.
const MOST_RIVALS: usize = 1_000_000;

/// A whole candidate with what it takes from its lines, in shares of [`ONE`].
struct Whole {
    member: usize,
    alone: Money,
    worth: i128,
    shares: Vec<i128>,
    /// Value of its gifts; it can be more than the lines are.
    gifts: i128,
}

struct Builder<'a> {
    contest: &'a Contest<'a>,
    /// Nets when the first choosing group runs: there, what a promotion takes is known exactly.
    net: &'a [Money],
    leading: Option<GroupId>,
    lines: &'a [usize],
    constant: i128,
    wholes: Vec<Whole>,
    /// Group, line and what the line's winner takes there, in shares of [`ONE`].
    per_line: Vec<(GroupId, usize, i128)>,
}

impl<'a> Builder<'a> {
    /// The state that bounds what a member takes, and whether it is the very state in which it runs.
    fn state(&self, member: usize) -> (Amounts<'a>, bool) {
        let exact = self.leading == Some(self.contest.candidates[member].group);
        let net = if exact { self.net } else { self.contest.entry };
        (Amounts { net, ..self.contest.entering() }, exact)
    }

    fn stacked(&mut self, member: usize, lines: &[usize], relief: &mut Relief) -> Result<(), Overflow> {
        let contest = self.contest;
        let candidate = &contest.candidates[member];
        let policy = contest.policy;
        let running = decoded::<Base>(policy.tables.rule_base[candidate.rule.index()]) == Base::Running;
        let point = policy.constants.rounding_point;
        let keeps = |line: &usize| i128::from((ONE - relief.least[*line]).max(0));
        let most_kept = lines.iter().map(keeps).max().unwrap_or(0);
        let capped = policy.tables.rule_cap_order[candidate.rule.index()] >= 0 || policy.tables.rule_cap_line[candidate.rule.index()] >= 0;
        let in_part = capped || !candidate.allotted.is_empty();
        if contest.combos[member].is_some() || benefit(policy, candidate.reached) != Benefit::PercentOff || !running || in_part {
            // What it takes does not rise with the net, and is worth no more than where later promotions ask least.
            if contest.made(member).is_some_and(|made| made.times == 0) {
                return Ok(());
            }
            let alone = contest.alone(member, lines)?;
            self.constant += i128::from(alone.saving.0) * most_kept + self.gifts(member, &alone)?;
            return Ok(());
        }
        let percent = i128::from(policy.tables.step_value[candidate.reached.step]);
        let in_proportion = point != RoundingPoint::Set
            || (policy.constants.weight == Weight::Net && lines.iter().all(|line| contest.lines.least[*line] == Money::ZERO));
        // Rounding moves the sum by less than a minor unit, and each line by less than one, or by one a unit.
        let mut slack = i128::from(ONE);
        for line in lines {
            slack += match point {
                RoundingPoint::Set => i128::from(relief.most[*line]),
                _ => i128::from(ONE) * (unit_slack(contest, *line) + 1),
            };
        }
        self.constant += slack;
        for line in lines {
            let kept = |relief: i64| if in_proportion { i128::from((ONE - relief).max(0)) } else { most_kept };
            let (least, most) = (relief.least[*line], relief.most[*line]);
            let added = |kept: i128| percent * kept / Percent::ONE;
            let narrow = |wide: i128| i64::try_from(wide).map_err(|_| Overflow);
            relief.least[*line] = if in_proportion { narrow(i128::from(least) + added(kept(least)))? } else { least };
            relief.most[*line] = narrow(i128::from(most) + added(kept(most)) + 1)?;
        }
        Ok(())
    }

    /// What its gifts are worth at most: those that it gives with all that is there to be given, or where others take of that, what it may give instead.
    fn gifts(&self, member: usize, granted: &Grant) -> Result<i128, Overflow> {
        let contest = self.contest;
        let Candidate { rule, reached, .. } = contest.candidates[member];
        let shared = !granted.declined && gift::stocked(contest.policy, contest.stock, reached).next().is_some();
        let instead = if shared { gift::most(contest.policy, contest.entering(), rule, reached)? } else { Money::ZERO };
        let most = instead.min(contest.left(rule).unwrap_or(instead)).max(granted.gift_value);
        Ok(i128::from(most.0) * i128::from(ONE))
    }

    fn whole(&mut self, member: usize, relief: &Relief) -> Result<(), Overflow> {
        let contest = self.contest;
        let candidate = &contest.candidates[member];
        let (amounts, exact) = self.state(member);
        let granted = grant(contest.policy, amounts, candidate, &candidate.lines, contest.left(candidate.rule))?;
        let keeps = |line: usize| i128::from((ONE - relief.least[line]).max(0));
        let shares: Vec<i128> =
            candidate.lines.iter().zip(&granted.amounts).map(|(line, amount)| i128::from(amount.0) * keeps(*line)).collect();
        // A gift lowers no net, so later promotions make nothing less of it.
        let gifts = self.gifts(member, &granted)?;
        let worth = if exact {
            gifts + shares.iter().sum::<i128>()
        } else {
            let slack: i128 = candidate.lines.iter().map(|line| unit_slack(contest, *line)).sum();
            let kept = candidate.lines.iter().map(|line| keeps(*line)).max().unwrap_or(0);
            gifts + (i128::from(granted.saving.0) + slack) * kept
        };
        let alone = contest.alone(member, &candidate.lines)?.worth();
        self.wholes.push(Whole { member, alone, worth, shares, gifts });
        Ok(())
    }

    fn per_line(&mut self, member: usize, relief: &Relief) -> Result<(), Overflow> {
        let contest = self.contest;
        let candidate = &contest.candidates[member];
        let (amounts, exact) = self.state(member);
        let pooled = contest.policy.constants.rounding_point == RoundingPoint::Set
            && benefit(contest.policy, candidate.reached) == Benefit::PercentOff;
        if pooled && !contest.won[member].is_empty() {
            // All its lines are rounded together.
            self.constant += i128::from(ONE);
        }
        for line in &contest.won[member] {
            let taken = if exact && !pooled {
                i128::from(grant(contest.policy, amounts, candidate, &[*line], None)?.saving.0) * i128::from(ONE)
            } else {
                let saving = saving_on_line(contest, amounts, member, *line);
                let shares = saving.numerator.checked_mul(i128::from(ONE)).ok_or(Overflow)?;
                let slack = if pooled { 0 } else { unit_slack(contest, *line) + 1 };
                // What some of the units cost is rounded once more.
                let in_part = i128::from(!candidate.allotted.is_empty());
                (shares + saving.denominator - 1) / saving.denominator + (slack + in_part) * i128::from(ONE)
            };
            let kept = i128::from((ONE - relief.least[*line]).max(0));
            self.per_line.push((
                candidate.group,
                *line,
                taken / i128::from(ONE) * kept + taken % i128::from(ONE) * kept / i128::from(ONE) + 1,
            ));
        }
        Ok(())
    }

    /// Numbers the cells and writes everything in points.
    fn finish(mut self) -> Result<Ceiling, Overflow> {
        let contest = self.contest;
        // Every sum of the search is one of these terms, some twice: points are as small as keeps it within 62 bits.
        let most = self.lines.iter().map(|line| i128::from(contest.entry[*line].0)).sum::<i128>() * i128::from(ONE);
        let terms =
            self.constant + self.wholes.iter().map(|whole| whole.worth).sum::<i128>() + self.per_line.iter().map(|p| p.2).sum::<i128>();
        let groups = i128::try_from(self.wholes.len() + 1).map_err(|_| Overflow)?;
        let held = |whole: &Whole| i128::try_from(whole.shares.len()).unwrap_or(i128::MAX).saturating_mul(whole.gifts);
        let gifts = self.wholes.iter().map(held).fold(0, i128::saturating_add);
        let all = terms.saturating_add(most.saturating_mul(groups)).saturating_add(gifts);
        let whole_bits = (127 - all.leading_zeros().cast_signed() - 30).max(0);
        let mut ceiling = Ceiling { bits: 10.min(60 - whole_bits), lines: self.lines.len(), ..Ceiling::default() };
        sort(&mut self.wholes, |a, b| (b.alone, a.member).cmp(&(a.alone, b.member)));
        // The cells of a group are its lines in order; which number a group begins at is found by its id.
        let mut groups: Vec<GroupId> = self.wholes.iter().map(|whole| contest.candidates[whole.member].group).collect();
        sort(&mut groups, Ord::cmp);
        groups.dedup();
        let mut place = vec![usize::MAX; contest.entry.len()];
        self.lines.iter().enumerate().for_each(|(at, line)| place[*line] = at);
        let cell = |group: GroupId, line: usize| groups.binary_search(&group).ok().map(|at| at * self.lines.len() + place[line]);
        ceiling.rest = vec![0; groups.len() * self.lines.len()];
        for (group, line, taken) in &self.per_line {
            match cell(*group, *line) {
                Some(cell) => ceiling.rest[cell] = ceiling.points(*taken)?,
                None => self.constant += taken,
            }
        }
        for _ in &groups {
            for line in self.lines {
                ceiling.most.push(ceiling.points(i128::from(contest.entry[*line].0) * i128::from(ONE))?);
            }
        }
        ceiling.most.iter_mut().zip(&ceiling.rest).for_each(|(most, rest)| *most = (*most).max(*rest));
        ceiling.cell_start.push(0);
        for whole in &self.wholes {
            let candidate = &contest.candidates[whole.member];
            ceiling.wholes.push(whole.member);
            ceiling.worth.push(ceiling.points(whole.worth)?);
            for (line, share) in candidate.lines.iter().zip(&whole.shares) {
                let cell = cell(candidate.group, *line).ok_or(Overflow)?;
                ceiling.cells.push(cell);
                ceiling.most[cell] = ceiling.most[cell].max(ceiling.points(whole.gifts)?);
                ceiling.shares.push(ceiling.points(*share)?);
            }
            ceiling.cell_start.push(ceiling.cells.len());
        }
        ceiling.idle = self.wholes.iter().map(|whole| whole.alone == Money::ZERO && whole.gifts == 0).collect();
        ceiling.sort_out_idle();
        ceiling.gain = (0..ceiling.wholes.len())
            .map(|whole| ceiling.worth[whole] - ceiling.cells_of(whole).iter().map(|cell| ceiling.rest[*cell]).sum::<i64>())
            .collect();
        ceiling.find_rivals();
        ceiling.base = ceiling.points(self.constant)? + ceiling.rest.iter().sum::<i64>();
        Ok(ceiling)
    }
}

/// Rounding per unit can move a line by up to one minor unit a unit; elsewhere a lower net is never rounded to more.
fn unit_slack(contest: &Contest, line: usize) -> i128 {
    match contest.policy.constants.rounding_point {
        RoundingPoint::Unit | RoundingPoint::Price => {
            i128::from(contest.lines.quantity[line].0) / contest.policy.constants.quantity_scale.one() + 1
        }
        RoundingPoint::Set | RoundingPoint::Line => 0,
    }
}
