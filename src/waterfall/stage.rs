//! One stage: which promotions are reached, which of them win, what they take off, and what became of the others.

use super::benefit::{Grant, Reached, grant};
use super::combine::{self, Choice};
use super::combo::{self, Combos, Made};
use super::condition;
use super::decompose::{Taken, decompose};
use super::exclusive;
use super::gift;
use super::kept::Change;
use super::quota;
use super::state::{Amounts, Lines, Stocked};
use crate::bundle::{Loaded, Measure, decoded};
use crate::id::{GroupId, RuleId, TextId};
use crate::num::{Money, Overflow, Quantity};
use crate::policy::{GroupMode, Scope, Stage};
use crate::quote::{Adjustment, Allotted, Blocker, Earned, GiftLine, GiftOffer, LostBy, Outcome, RuleOutcome, Taker, Unmet};
use crate::tax;
use std::borrow::Cow;

/// A promotion whose conditions on dealer, order and time hold, with the lines it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligible {
    /// Promotion.
    pub rule: RuleId,
    /// Lines, ascending, never empty.
    pub lines: Vec<usize>,
    /// Lines that it takes nothing off and that count towards its threshold.
    pub counted: Vec<usize>,
}

/// An eligible promotion whose threshold is reached.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Promotion.
    pub rule: RuleId,
    /// Its group.
    pub group: GroupId,
    /// Its step.
    pub reached: Reached,
    /// Its lines.
    pub lines: Cow<'a, [usize]>,
    /// Where it is limited in units, how many of each of its lines get it; its lines are those that have some.
    pub allotted: Vec<i64>,
    /// The steps that its measure is divided into.
    pub taken: Vec<Taken>,
    /// All its eligible lines.
    pub eligible: &'a [usize],
    /// How it competes.
    pub rank: Rank,
    /// Where it was in the last evaluation.
    pub before: Option<usize>,
    /// Whether it has the step that it had then, and looks at nothing but its lines.
    pub again: bool,
    /// Whether it has its lines as well.
    pub same: bool,
}

/// How a candidate competes inside its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// It does not: its group stacks.
    Stacked,
    /// For all its lines together.
    Whole,
    /// For each of its lines alone.
    PerLine,
    /// The first of its group that gives something has its lines, before anything else is chosen.
    Given,
}

/// What one played candidate took off.
#[derive(Debug)]
pub struct Played {
    /// Position among the candidates.
    pub candidate: usize,
    /// The lines it was given.
    pub lines: Vec<usize>,
    /// What it took off them.
    pub grant: Grant,
    /// What kept it from taking anything off.
    pub blocker: Option<Blocker>,
}

/// A stage's input: everything that the search and the final run have in common.
pub struct Contest<'a> {
    /// The policy.
    pub policy: &'a Loaded,
    /// Fixed amounts.
    pub lines: &'a Lines,
    /// Nets entering the stage.
    pub entry: &'a [Money],
    /// What is left of each budget, entering the stage.
    pub budgets: &'a [Money],
    /// What is left to be given, entering the stage.
    pub stock: &'a [Stocked],
    /// Candidates, in running order.
    pub candidates: Vec<Candidate<'a>>,
    /// For each candidate that competes per line, or is given its lines: the lines that no other such candidate of its group wins.
    pub won: Vec<Vec<usize>>,
    /// For each candidate that makes combos: these.
    pub combos: Vec<Option<Combos>>,
}

/// Runs one stage on `net`, its promotions standing before that of `until`; writes its steps to the ledger's adjustments and what became of its promotions
/// to the outcomes.
pub fn run(
    policy: &Loaded,
    lines: &Lines,
    eligible: Vec<Eligible>,
    until: Option<RuleId>,
    net: &mut [Money],
    ledger: &mut Ledger,
    change: &mut Change,
) -> Result<(), Overflow> {
    let Some(first) = eligible.first().map(|eligible| eligible.rule) else { return Ok(()) };
    let stage = decoded::<Stage>(policy.tables.rule_stage[first.index()]);
    let entry = net.to_vec();
    let (candidates, standings) = entering(policy, lines, stage, &entry, &eligible, ledger, change)?;
    change.leave(until, Some(first));
    let (budgets, stock) = (ledger.budgets_left.clone(), ledger.stock_left.clone());
    let mut contest =
        Contest { policy, lines, entry: &entry, budgets: &budgets, stock: &stock, candidates, won: Vec::new(), combos: Vec::new() };
    let choice = decide(&mut contest, ledger, change, first)?;
    for (index, Candidate { before, eligible, .. }) in contest.candidates.iter().enumerate() {
        change.decided(*before, eligible, &contest.won[index], choice.chosen[index], first);
    }
    let mut played = contest.settle(&choice.chosen, net, change)?;
    ledger.write(&contest, &mut played, change)?;
    ledger.close(&contest, &played);
    ledger.tell(&contest, stage, &played, &choice, change)?;
    if change.keeps {
        let Contest { won, combos, .. } = contest;
        let decided = won.into_iter().zip(choice.chosen).zip(choice.steps).zip(combos);
        let decided = decided.map(|(((won, chosen), steps), combos)| (won, chosen, steps, combos));
        change.keep(policy, eligible, standings, decided, played);
    }
    Ok(())
}

/// Where a promotion was in the last evaluation, and its step now, if it takes part.
type Standing = (Option<usize>, Option<Reached>);

/// The promotions that enter the stage, and how each stands; what nothing touched stands as it did.
fn entering<'a>(
    policy: &Loaded,
    lines: &Lines,
    stage: Stage,
    entry: &[Money],
    eligible: &'a [Eligible],
    ledger: &mut Ledger,
    change: &mut Change,
) -> Result<(Vec<Candidate<'a>>, Vec<Standing>), Overflow> {
    let first = eligible[0].rule;
    let mut candidates = Vec::new();
    let mut standings = Vec::with_capacity(eligible.len());
    for eligible in eligible {
        let before = change.before(eligible.rule, first);
        let plain = before.is_some_and(|before| !change.old(before).particular);
        let alike = before.is_some_and(|before| change.old(before).eligible == *eligible);
        let known = before.filter(|_| plain && alike && change.untouched(&eligible.lines) && change.untouched(&eligible.counted));
        let counted = match known.map(|known| change.old(known).reached) {
            Some(Some(reached)) => Ok(Candidate::new(policy, eligible, reached)),
            Some(None) => {
                ledger.outcomes.extend(change.outcome(eligible.rule));
                standings.push((before, None));
                continue;
            }
            None => stand(policy, lines, entry, eligible, &ledger.budgets_left)?,
        };
        let reached = counted.as_ref().ok().map(|candidate| candidate.reached);
        standings.push((before, reached));
        let moved = before.and_then(|before| change.old(before).reached) != reached;
        if moved || !alike {
            change.stands(before, &eligible.lines, moved, first);
        }
        match counted {
            Ok(candidate) => {
                if !candidate.allotted.is_empty() {
                    // Which units it has is not told by the lines that are left alone.
                    change.stands(before, &eligible.lines, true, first);
                }
                let again = plain && !moved;
                candidates.push(Candidate { before, again, same: again && alike, ..candidate });
            }
            Err((outcome, measured)) => ledger.outcomes.push(RuleOutcome { rule: eligible.rule, stage, outcome, measured }),
        }
    }
    Ok((candidates, standings))
}

/// Which units combos have, which lines the promotions that compete for lines, and which whole promotions apply.
fn decide(contest: &mut Contest, ledger: &mut Ledger, change: &mut Change, first: RuleId) -> Result<Choice, Overflow> {
    let of_combos = combo::choose(contest, &mut ledger.steps_left, change, first)?;
    contest.won = combine::line_winners(contest, change)?;
    exclusive::first_come(contest)?;
    let choice = match exclusive::choose(contest)? {
        Some(choice) => choice,
        None => combine::choose(contest, &mut ledger.steps_left, change)?,
    };
    ledger.bound = ledger.bound.plus(of_combos)?.plus(choice.bound)?;
    Ok(choice)
}

/// The promotions that enter a stage: reached, and not used up. The outcomes of the others are written.
pub fn candidates<'a>(
    policy: &Loaded,
    lines: &Lines,
    stage: Stage,
    entry: &[Money],
    eligible: &'a [Eligible],
    ledger: &mut Ledger,
) -> Result<Vec<Candidate<'a>>, Overflow> {
    let mut candidates = Vec::new();
    for eligible in eligible {
        match stand(policy, lines, entry, eligible, &ledger.budgets_left)? {
            Ok(candidate) => candidates.push(candidate),
            Err((outcome, measured)) => ledger.outcomes.push(RuleOutcome { rule: eligible.rule, stage, outcome, measured }),
        }
    }
    Ok(candidates)
}

/// Why a promotion takes no part, and what its threshold measured.
type Out = (Outcome, Option<i64>);

/// How a promotion stands on the state entering the stage.
fn stand<'a>(
    policy: &Loaded,
    lines: &Lines,
    entry: &[Money],
    eligible: &'a Eligible,
    budgets: &[Money],
) -> Result<Result<Candidate<'a>, Out>, Overflow> {
    let reached = reach(policy, lines, entry, eligible)?;
    let mut conditions = condition::unmet(policy, lines, entry, eligible.rule)?;
    let measured = match &reached {
        Ok(reached) => reached.measured,
        Err(Unmet::Threshold { have, .. }) => Some(*have),
        Err(Unmet::Clause { .. }) => None,
    };
    Ok(match reached {
        Ok(reached) if conditions.is_empty() => {
            enter(policy, lines, entry, eligible, reached, budgets).map_err(|blocker| (Outcome::Blocked(blocker), None))
        }
        reached => {
            conditions.extend(reached.err());
            Err((Outcome::Failed { conditions }, measured))
        }
    })
}

/// A reached promotion as it enters the stage, or what it has used up.
fn enter<'a>(
    policy: &Loaded,
    lines: &Lines,
    entry: &[Money],
    eligible: &'a Eligible,
    reached: Reached,
    budgets: &[Money],
) -> Result<Candidate<'a>, Blocker> {
    let rule = eligible.rule;
    let mut candidate = Candidate::new(policy, eligible, quota::cut(policy, lines, rule, reached)?);
    // What limits keep back of combos is no figure: others may have its units.
    if !policy.tables.parts(rule).is_empty() {
        candidate.reached.wanted = candidate.reached.times;
    }
    if quota::in_units(policy, rule) {
        // What competes for all its lines or none has them all, whatever is allotted: so nobody else has one of them where more may get it.
        let by_lines = match decoded(policy.tables.group_mode[candidate.group.index()]) {
            GroupMode::Stack | GroupMode::Always => false,
            GroupMode::Best | GroupMode::First => true,
            GroupMode::Exclusive => !exclusive::of_order(policy, candidate.group),
        };
        let all = by_lines && takes_all(policy, rule, reached);
        let (some, units) = quota::allot(policy, lines, entry, rule, &eligible.lines, all)?;
        (candidate.lines, candidate.allotted) = (Cow::Owned(some), units);
    }
    quota::used_up(policy, rule, budgets).map_or(Ok(candidate), Err)
}

impl<'a> Candidate<'a> {
    /// How many units of a line it is for: all there are, or those that are allotted.
    pub fn units(&self, lines: &Lines, line: usize) -> i64 {
        match self.allotted.is_empty() {
            true => lines.quantity[line].0,
            false => self.lines.binary_search(&line).map_or(0, |at| self.allotted[at]),
        }
    }

    fn new(policy: &Loaded, eligible: &'a Eligible, reached: Reached) -> Candidate<'a> {
        let (rule, lines) = (eligible.rule, &eligible.lines[..]);
        let group = policy.tables.group(rule);
        let rank = rank(policy, rule, group, reached);
        let (before, again, same) = (None, false, false);
        let taken = reached.measured.map_or_else(Vec::new, |measured| decompose(policy, rule, measured));
        let (own, allotted) = (Cow::Borrowed(lines), Vec::new());
        Candidate { rule, group, reached, lines: own, allotted, taken, eligible: lines, rank, before, again, same }
    }
}

/// Where stages write what they did.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Steps of each line.
    pub adjustments: Vec<Vec<Adjustment>>,
    /// Outcomes, not yet in running order.
    pub outcomes: Vec<RuleOutcome>,
    /// Gifts, in running order.
    pub gifts: Vec<GiftLine>,
    /// What they are chosen from.
    pub gift_offers: Vec<GiftOffer>,
    /// What is earned for later, in running order.
    pub earned: Vec<Earned>,
    /// What promotions that are limited in units have of their lines, in running order.
    pub allotted: Vec<Allotted>,
    /// The exclusive promotion that has each line, or the order with it.
    pub closed: Vec<Option<RuleId>>,
    /// The exclusive promotion that has units of each line, the first that took some.
    pub shut_by: Vec<Option<RuleId>>,
    /// Units that are closed when the group has run: line, promotion, how many, what they come to.
    pub shutting: Vec<(usize, RuleId, i64, Money)>,
    /// Promotions that gave something on each line, of those that do not combine with all others.
    pub gave: Vec<Vec<RuleId>>,
    /// What is left of each budget.
    pub budgets_left: Vec<Money>,
    /// What is left to be given of each product of which that is known, by product.
    pub stock_left: Vec<Stocked>,
    /// What the search could not rule out.
    pub bound: Money,
    /// Steps that are left to it.
    pub steps_left: u32,
}

impl Ledger {
    /// Notes how many units of its lines get a promotion that is limited in them: none of those that it was not played on.
    fn allot(&mut self, contest: &Contest, candidate: &Candidate, played: &[usize]) {
        self.allotted.extend(candidate.eligible.iter().map(|line| {
            let units = played.binary_search(line).map_or(0, |_| candidate.units(contest.lines, *line));
            let (product, of) = (contest.lines.product[*line], contest.lines.quantity[*line]);
            Allotted { rule: candidate.rule, line: *line, product, units: Quantity(units), of }
        }));
    }

    /// Writes what played promotions took and gave.
    fn write(&mut self, contest: &Contest, played: &mut [Played], change: &mut Change) -> Result<(), Overflow> {
        let t = &contest.policy.tables;
        change.clear(&mut self.adjustments);
        for Played { candidate, lines, grant, blocker } in played {
            let candidate = &contest.candidates[*candidate];
            let Candidate { rule, reached, allotted, .. } = candidate;
            for (line, amount) in lines.iter().zip(&grant.amounts).filter(|(_, amount)| **amount > Money::ZERO) {
                if change.writes(*line, *rule) {
                    self.adjustments[*line].push(Adjustment { by: Taker::Rule(*rule), amount: *amount });
                }
            }
            if t.rule_tags[rule.index()] | t.rule_not_with[rule.index()] != 0 && grant.worth() > Money::ZERO {
                lines.iter().for_each(|line| self.gave[*line].push(*rule));
            }
            if grant.earned > 0 && blocker.is_none() {
                self.earned.push(Earned { rule: *rule, what: TextId(t.step_text[reached.step]), quantity: grant.earned });
            }
            if !allotted.is_empty() && grant.saving > Money::ZERO {
                self.allot(contest, candidate, lines);
            }
            gift::take(&mut self.stock_left, &grant.gifts);
            self.gifts.append(&mut grant.gifts);
            self.gift_offers.extend(grant.offer.take());
            if let Some(budget) = t.budget(*rule) {
                let left = &mut self.budgets_left[budget.index()];
                *left = left.minus(grant.worth())?;
            }
        }
        Ok(())
    }

    /// Tells what became of each promotion that entered the stage; of what nothing touched, the same as last time.
    fn tell(&mut self, contest: &Contest, stage: Stage, played: &[Played], choice: &Choice, change: &mut Change) -> Result<(), Overflow> {
        let prints: Vec<u64> = played.iter().map(|played| print(&played.lines)).collect();
        for (index, candidate) in contest.candidates.iter().enumerate() {
            let known = if candidate.same && change.untouched(candidate.eligible) { change.outcome(candidate.rule) } else { None };
            self.outcomes.push(match known {
                Some(known) => known,
                None => {
                    let outcome = contest.outcome(index, played, &prints, choice)?;
                    RuleOutcome { rule: candidate.rule, stage, outcome, measured: candidate.reached.measured }
                }
            });
        }
        Ok(())
    }

    /// Blocks the promotions that the order declines; they take part in nothing.
    pub fn decline(&mut self, policy: &Loaded, declined: &[String], eligible: &mut Vec<Eligible>) {
        eligible.retain(|Eligible { rule, .. }| {
            let wanted = !declined.iter().any(|id| id == policy.rule(*rule));
            if !wanted {
                let stage = decoded(policy.tables.rule_stage[rule.index()]);
                self.outcomes.push(RuleOutcome { rule: *rule, stage, outcome: Outcome::Blocked(Blocker::Declined), measured: None });
            }
            wanted
        });
    }
}

/// Measures a threshold on the state entering the stage.
fn reach(policy: &Loaded, lines: &Lines, entry: &[Money], eligible: &Eligible) -> Result<Result<Reached, Unmet>, Overflow> {
    let t = &policy.tables;
    let steps = t.steps(eligible.rule);
    if !t.parts(eligible.rule).is_empty() {
        let [have, need, all] = combo::supply(policy, lines, eligible.rule, &eligible.lines);
        let one = i64::try_from(policy.constants.quantity_scale.one()).unwrap_or(i64::MAX);
        let times = (all / need).min(t.rule_times[eligible.rule.index()]);
        let failed = Unmet::Threshold { by_quantity: true, have: have.saturating_mul(one), need: need.saturating_mul(one) };
        return Ok(if have == need {
            Ok(Reached { step: steps.start, times, wanted: times, measured: Some(have.saturating_mul(one)) })
        } else {
            Err(failed)
        });
    }
    let measure = decoded::<Measure>(t.rule_measure[eligible.rule.index()]);
    let measured = || eligible.lines.iter().chain(&eligible.counted);
    let have = match measure {
        Measure::None => return Ok(Ok(Reached { step: steps.start, times: 1, wanted: 1, measured: None })),
        Measure::Amount => Money::sum(measured().map(|line| entry[*line]))?.0,
        Measure::Quantity => Money::sum(measured().map(|line| Money(lines.quantity[*line].0)))?.0,
        Measure::OtherBasis => {
            let in_basis = |sum: Money, line: &usize| sum.plus(tax::in_other_basis(policy, lines.product[*line], entry[*line])?);
            measured().try_fold(Money::ZERO, in_basis)?.0
        }
    };
    let interval = t.rule_interval[eligible.rule.index()];
    let failed = |need| Unmet::Threshold { by_quantity: measure == Measure::Quantity, have, need };
    if interval > 0 {
        let (origin, from) = (t.rule_origin[eligible.rule.index()], t.step_from[steps.start]);
        let (counted, need) = match t.rule_share[eligible.rule.index()] {
            0 if have % interval == 0 => (have / interval, have),
            0 => (0, (have / interval + 1).saturating_mul(interval)),
            1 if have < from => (0, from),
            1 => (have.saturating_sub(origin) / interval, from),
            share => {
                let counted = i128::from(have) * i128::from(share) / i128::from(interval);
                (i64::try_from(counted).map_err(|_| Overflow)?, interval / share + i64::from(interval % share > 0))
            }
        };
        let times = counted.min(t.rule_times[eligible.rule.index()]);
        return Ok(if times > 0 {
            Ok(Reached { step: steps.start, times, wanted: times, measured: Some(have) })
        } else {
            Err(failed(need))
        });
    }
    let mut steps = steps.filter(|step| gift::given(policy, lines, *step));
    Ok(match steps.clone().take_while(|step| t.step_from[*step] <= have).last() {
        Some(step) => {
            let taken = decompose(policy, eligible.rule, have);
            let times = taken.iter().fold(0, |sum: i64, (_, times)| sum.saturating_add(*times)).max(1);
            Ok(Reached { step, times, wanted: times, measured: Some(have) })
        }
        None => Err(failed(steps.next().map_or(0, |step| t.step_from[step]))),
    })
}

fn rank(policy: &Loaded, rule: RuleId, group: GroupId, reached: Reached) -> Rank {
    let t = &policy.tables;
    match decoded(t.group_mode[group.index()]) {
        _ if !t.parts(rule).is_empty() => Rank::Stacked,
        GroupMode::Stack | GroupMode::Always => Rank::Stacked,
        GroupMode::First => Rank::Given,
        GroupMode::Exclusive if decoded::<Scope>(t.group_scope[group.index()]) == Scope::Order => Rank::Whole,
        GroupMode::Best | GroupMode::Exclusive if takes_all(policy, rule, reached) => Rank::Whole,
        GroupMode::Best | GroupMode::Exclusive => Rank::PerLine,
    }
}

/// Whether a promotion takes all its lines or none where it competes for them.
fn takes_all(policy: &Loaded, rule: RuleId, reached: Reached) -> bool {
    use crate::bundle::Benefit;
    let t = &policy.tables;
    let threshold = decoded::<Measure>(t.rule_measure[rule.index()]) != Measure::None || t.budget(rule).is_some();
    let capped = t.rule_cap_order[rule.index()] >= 0 || t.rule_cap_line[rule.index()] >= 0;
    threshold || capped || matches!(super::benefit::benefit(policy, reached), Benefit::AmountOff | Benefit::Gift)
}

/// The same of a candidate; one for the whole order does.
pub fn is_whole(policy: &Loaded, candidate: &Candidate) -> bool {
    candidate.rank == Rank::Whole || takes_all(policy, candidate.rule, candidate.reached)
}

impl Contest<'_> {
    /// Plays `members` in running order, leaving out whole candidates that are not `chosen`: the one way in which amounts come about,
    /// for the search as for the answer. Lowers `net`.
    pub fn play(&self, members: &[usize], chosen: &[bool], net: &mut [Money]) -> Result<Vec<Played>, Overflow> {
        self.playing(members, chosen, net, None)
    }

    /// Plays all candidates. What comes out as last time is not computed.
    fn settle(&self, chosen: &[bool], net: &mut [Money], change: &mut Change) -> Result<Vec<Played>, Overflow> {
        let all: Vec<usize> = (0..self.candidates.len()).collect();
        self.playing(&all, chosen, net, Some(change))
    }

    fn playing(
        &self,
        members: &[usize],
        chosen: &[bool],
        net: &mut [Money],
        mut change: Option<&mut Change>,
    ) -> Result<Vec<Played>, Overflow> {
        let taken = self.taken(members, chosen);
        let mut played = Vec::with_capacity(members.len());
        let (mut budgets, mut stock) = (self.budgets.to_vec(), self.stock.to_vec());
        for member in members {
            let candidate = &self.candidates[*member];
            let made = self.made(*member);
            let lines: Vec<usize> = match candidate.rank {
                Rank::Stacked if made.is_some() => made.map(|made| made.lines.clone()).unwrap_or_default(),
                Rank::Stacked => candidate.lines.to_vec(),
                Rank::Whole if chosen[*member] => candidate.lines.to_vec(),
                Rank::Whole => continue,
                Rank::Given => self.won[*member].clone(),
                Rank::PerLine => self.won[*member].iter().copied().filter(|line| !taken[*line].contains(&candidate.group)).collect(),
            };
            if lines.is_empty() {
                continue;
            }
            let again = match &mut change {
                Some(change) => candidate.before.filter(|_| candidate.again).and_then(|before| change.again(before, &lines)),
                None => None,
            };
            let own = match again {
                Some(again) => Played { candidate: *member, ..again },
                None => {
                    let amounts = Amounts { lines: self.lines, entry: self.entry, net, stock: &stock };
                    let budget = self.policy.tables.budget(candidate.rule);
                    let left = budget.map(|budget| budgets[budget.index()]);
                    let grant = match made {
                        Some(made) => combo::grant(self.policy, amounts, candidate, made, left)?,
                        None => grant(self.policy, amounts, candidate, &lines, left)?,
                    };
                    let blocker = self.blocker(amounts, candidate.rule, &lines, &grant, left);
                    if let Some(budget) = budget {
                        budgets[budget.index()] = budgets[budget.index()].minus(grant.worth())?;
                    }
                    gift::take(&mut stock, &grant.gifts);
                    if let Some(change) = &mut change {
                        let together = matches!(candidate.rank, Rank::Whole | Rank::Given);
                        change.compare(candidate.rule, candidate.before, &lines, &grant, together);
                    }
                    Played { candidate: *member, lines, grant, blocker }
                }
            };
            for (line, amount) in own.lines.iter().zip(&own.grant.amounts) {
                net[*line] = net[*line].minus(*amount)?;
            }
            played.push(own);
        }
        Ok(played)
    }

    /// For each line, the groups of which a chosen whole candidate takes it.
    fn taken(&self, members: &[usize], chosen: &[bool]) -> Vec<Vec<GroupId>> {
        let mut taken = vec![Vec::new(); self.entry.len()];
        for candidate in members.iter().filter(|member| chosen[**member]).map(|member| &self.candidates[*member]) {
            candidate.lines.iter().for_each(|line| taken[*line].push(candidate.group));
        }
        taken
    }

    /// The combos of a candidate that makes some.
    pub fn made(&self, candidate: usize) -> Option<&Made> {
        self.combos[candidate].as_ref().map(|combos| &combos.made)
    }

    /// What `candidate` alone would take off, on the state entering the stage.
    pub fn alone(&self, candidate: usize, lines: &[usize]) -> Result<Grant, Overflow> {
        let made = self.combos[candidate].as_ref().map(|combos| combos.alone.as_ref().unwrap_or(&combos.made));
        let candidate = &self.candidates[candidate];
        if let Some(made) = made {
            return combo::grant(self.policy, self.entering(), candidate, made, self.left(candidate.rule));
        }
        grant(self.policy, self.entering(), candidate, lines, self.left(candidate.rule))
    }

    /// What is left of a promotion's budget, entering the stage.
    pub fn left(&self, rule: RuleId) -> Option<Money> {
        self.policy.tables.budget(rule).map(|budget| self.budgets[budget.index()])
    }

    /// Why a promotion gave nothing, if it did.
    fn blocker(&self, amounts: Amounts, rule: RuleId, lines: &[usize], grant: &Grant, left: Option<Money>) -> Option<Blocker> {
        if grant.declined {
            return Some(Blocker::Declined);
        }
        if grant.undeliverable {
            return Some(Blocker::Stock);
        }
        let at_zero = lines.iter().all(|line| amounts.net[*line] == Money::ZERO);
        if grant.saving > Money::ZERO || !grant.gifts.is_empty() || (grant.earned > 0 && !at_zero) {
            return None;
        }
        if let (true, Some(budget), Some(left)) = (grant.withheld, self.policy.tables.budget(rule), left) {
            return Some(quota::blocker(self.policy, budget, left));
        }
        Some(match grant.lost_by {
            LostBy { floor: true, .. } if !at_zero => Blocker::Floor,
            LostBy { nothing_left: false, .. } if !at_zero => Blocker::NoGain,
            _ => Blocker::NothingLeft,
        })
    }

    /// The state entering the stage.
    pub fn entering(&self) -> Amounts<'_> {
        Amounts { lines: self.lines, entry: self.entry, net: self.entry, stock: self.stock }
    }

    /// `prints` are those of the lines of what was played.
    fn outcome(&self, index: usize, played: &[Played], prints: &[u64], choice: &Choice) -> Result<Outcome, Overflow> {
        let candidate = &self.candidates[index];
        if let Ok(own) = played.binary_search_by_key(&index, |played| played.candidate) {
            let own = &played[own];
            let Grant { saving, gift_value, times, lost, lost_by, .. } = own.grant;
            let (times, lines) = (times.unwrap_or(candidate.reached.times), own.lines.clone());
            let applied = Outcome::Applied { saving, gift_value, times, lost, lost_by, lines };
            return Ok(own.blocker.map_or(applied, Outcome::Blocked));
        }
        let alone = self.alone(index, &candidate.lines)?;
        if self.combos[index].as_ref().is_some_and(|combos| combos.alone.as_ref().is_none_or(|alone| alone.times == 0)) {
            return Ok(Outcome::Blocked(combo::blocker(self, &candidate.lines)));
        }
        if let Some(blocker) = self.blocker(self.entering(), candidate.rule, &candidate.lines, &alone, self.left(candidate.rule)) {
            return Ok(Outcome::Blocked(blocker));
        }
        // What stands in its way: chosen whole promotions on any of its lines, and what per-line promotions took of just these lines.
        let mut rivals: Vec<(Money, RuleId)> = Vec::new();
        let (of_order, own) = (exclusive::of_order(self.policy, candidate.group), print(&candidate.lines));
        for (other, print) in played.iter().zip(prints) {
            let rival = &self.candidates[other.candidate];
            // Most have no line of it.
            if rival.group != candidate.group || (own & print == 0 && !of_order) {
                continue;
            }
            let mut shared = shared((&candidate.lines, own), (&other.lines, *print));
            let given_whole = rival.rank == Rank::Given && is_whole(self.policy, rival);
            if given_whole || chosen_whole(rival, other.candidate, choice) {
                if of_order || shared.next().is_some() {
                    rivals.push((other.grant.worth(), rival.rule));
                }
            } else {
                let mut shares = shared.filter_map(|at| other.grant.amounts.get(at).copied()).peekable();
                if shares.peek().is_some() {
                    rivals.push((Money::sum(shares)?, rival.rule));
                }
            }
        }
        let Grant { saving, gift_value, .. } = alone;
        let in_its_way = Money::sum(rivals.iter().map(|(saving, _)| *saving))?;
        let winner = rivals.into_iter().max_by_key(|(saving, rule)| (*saving, std::cmp::Reverse(*rule))).map(|(_, rule)| rule);
        Ok(match winner {
            Some(winner) => Outcome::LostTo { winner, saving, gift_value, by: in_its_way.minus(alone.worth())? },
            // Nobody is in its way, so declining it must have saved more: it lost to itself.
            None => Outcome::LostTo { winner: candidate.rule, saving, gift_value, by: Money::ZERO },
        })
    }
}

/// Bits of lines; lists that have no bit in common have no line in common.
fn print(lines: &[usize]) -> u64 {
    lines.iter().fold(0, |print, line| print | 1 << (line % 64))
}

/// Where in the second list the lines stand that both have; each list with its print.
fn shared<'a>(own: (&'a [usize], u64), of: (&'a [usize], u64)) -> impl Iterator<Item = usize> + 'a {
    let by_own = own.0.len() < of.0.len();
    let ((few, _), (many, print)) = if by_own { (own, of) } else { (of, own) };
    let stands = few.iter().enumerate().filter(move |(_, line)| print >> (**line % 64) & 1 == 1);
    stands.filter_map(move |(at, line)| many.binary_search(line).ok().map(|found| if by_own { found } else { at }))
}

fn chosen_whole(rival: &Candidate, index: usize, choice: &Choice) -> bool {
    rival.rank == Rank::Whole && choice.chosen[index]
}
