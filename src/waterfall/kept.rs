//! What an evaluation leaves for the next one of nearly the same order, so that only what depends on the change is evaluated again.
//!
//! A line is *touched* from the first promotion on that may find something about it other than last time, or take something else off it. What looks only at
//! lines that nothing touched comes out as it did: its figures are taken over. Anything else is evaluated, in the same way as without a memory, and touches
//! the lines on which it differs. Promotions that look beyond their lines, at budgets, conditions, stock or the whole order, are always evaluated.

use super::benefit::{Grant, Reached};
use super::combo::Combos;
use super::exclusive::of_order;
use super::flags;
use super::gift::Prices;
use super::quota::in_units;
use super::scale::{Fraction, Measured};
use super::stage::{Eligible, Played};
use crate::bundle::{Benefit, Loaded, decoded};
use crate::facts::{Order, OrderLine};
use crate::id::RuleId;
use crate::num::{Money, Quantity};
use crate::quote::{Adjustment, Blocker, Outcome, Quote, QuoteLine, RuleOutcome, Taker};

/// A memory of one dealer's last order, of one policy and one instant. Empty at first, and after an evaluation that failed.
#[derive(Debug, Default)]
pub struct Kept {
    last: Option<Last>,
}

#[derive(Debug)]
struct Last {
    quote: Quote,
    remembered: Remembered,
}

/// What is remembered beside the answer.
#[derive(Debug, Default)]
pub(super) struct Remembered {
    /// The order without its lines.
    rest: Option<Order>,
    /// Of each line, how much of its product is in the order.
    pub in_order: Vec<Quantity>,
    /// What each counts with.
    pub measured: Measured,
    /// Promotions in running order.
    pub rules: Vec<RuleKept>,
    /// Whether these are all that were eligible, with all their lines.
    pub whole: bool,
    /// Prices of what they may give.
    pub gift_prices: Prices,
}

/// What became of one promotion that was open to the order.
#[derive(Debug)]
pub(super) struct RuleKept {
    pub eligible: Eligible,
    /// Whether it looks beyond its lines, or lost one of them.
    pub particular: bool,
    /// Its step, if it was reached.
    pub reached: Option<Reached>,
    /// Lines that it won from others of its group.
    pub won: Vec<usize>,
    /// Whether it was chosen as a whole.
    pub chosen: bool,
    /// Steps of the search in which its component was decided; on the first of the component, if that was decided in the end.
    pub steps: Option<u32>,
    /// Its combos, if it makes some.
    pub combos: Option<Combos>,
    pub played: Option<Played>,
}

impl Kept {
    /// The answer to the last order, if there is one.
    pub fn quote(&self) -> Option<&Quote> {
        self.last.as_ref().map(|last| &last.quote)
    }

    /// The same, for a writer that sets parts of it aside.
    pub fn quote_mut(&mut self) -> Option<&mut Quote> {
        self.last.as_mut().map(|last| &mut last.quote)
    }

    /// Begins an evaluation; the memory is empty until [`Kept::end`].
    pub(super) fn begin(&mut self, order: &Order) -> Change {
        let rest = Some(beside(order));
        let last = self.last.take().filter(|last| last.remembered.rest == rest);
        let mut change = Change { keeps: true, new: Remembered { rest, ..Remembered::default() }, ..Change::fresh(order) };
        if let Some(Last { quote: Quote { lines, rules, .. }, remembered }) = last {
            (change.lines, change.outcomes, change.old) = (lines.into_iter().map(Some).collect(), rules, remembered);
            change.align(order);
        }
        change
    }

    /// Ends it with its answer.
    pub(super) fn end(&mut self, quote: Quote, remembered: Remembered) {
        self.last = Some(Last { quote, remembered });
    }

    /// Holds an answer that the next one does not begin with.
    pub fn hold(&mut self, quote: Quote) {
        self.end(quote, Remembered::default());
    }
}

/// What an evaluation finds other than the last one.
#[derive(Debug, Default)]
pub(super) struct Change {
    /// Whether there will be a next one.
    pub keeps: bool,
    /// Of each line, the promotion from which on it is touched.
    since: Vec<RuleId>,
    /// Whether what a line was given before that stands among its steps.
    cut: Vec<bool>,
    /// Where each line was.
    from: Vec<Option<usize>>,
    /// Lines, where they were; those that are as they were are taken.
    lines: Vec<Option<QuoteLine>>,
    /// Outcomes in running order; those that are as they were are taken.
    outcomes: Vec<RuleOutcome>,
    old: Remembered,
    /// Promotions of the last evaluation that this one has come to.
    passed: usize,
    /// What the next one will know.
    pub new: Remembered,
}

/// Of a line that nothing touches.
const UNTOUCHED: RuleId = RuleId(u32::MAX);

impl Change {
    /// Without a memory everything is touched.
    pub fn fresh(order: &Order) -> Change {
        let all = order.lines.len();
        Change { since: vec![RuleId(0); all], cut: vec![true; all], from: vec![None; all], ..Change::default() }
    }

    /// Finds the lines again: both orders are in order of the lines' ids, which name product and unit.
    fn align(&mut self, order: &Order) {
        let mut to = vec![None; self.lines.len()];
        let (mut old, mut new) = (0, 0);
        while let (Some(Some(known)), Some(line)) = (self.lines.get(old), order.lines.get(new)) {
            let left = (self.lines.len() - old).cmp(&(order.lines.len() - new));
            if (known.product, known.unit) == (line.product, line.unit) {
                to[old] = Some(new);
                self.from[new] = Some(old);
            }
            let alike = to[old].is_some();
            old += usize::from(alike || left.is_ge());
            new += usize::from(alike || left.is_le());
        }
        if self.lines.len() == order.lines.len() && to.iter().all(Option::is_some) {
            return;
        }
        self.old.whole = false;
        let moved = |lines: &mut Vec<usize>| {
            let before = lines.len();
            lines.retain_mut(|line| to[*line].inspect(|new| *line = *new).is_some());
            before > lines.len()
        };
        for rule in &mut self.old.rules {
            rule.particular |= moved(&mut rule.eligible.lines) | moved(&mut rule.eligible.counted);
            moved(&mut rule.won);
            if let Some(Combos { made, alone, .. }) = &mut rule.combos {
                [Some(made), alone.as_mut()].into_iter().flatten().for_each(|made| _ = moved(&mut made.lines));
            }
            if let Some(played) = &mut rule.played {
                let mut lines = played.lines.iter();
                played.grant.amounts.retain(|_| lines.next().is_some_and(|line| to[*line].is_some()));
                moved(&mut played.lines);
            }
        }
        for RuleOutcome { outcome, .. } in &mut self.outcomes {
            if let Outcome::Applied { lines, .. } = outcome {
                moved(lines);
            }
        }
    }

    /// The line as it was, if it counts as it did.
    pub fn line(&mut self, at: usize, line: &OrderLine, in_order: Quantity, measured: &Measured) -> Option<QuoteLine> {
        let old = self.from[at]?;
        let known = self.lines[old].as_ref()?;
        let counts = |(new, known): (&Option<Vec<Fraction>>, &Option<Vec<Fraction>>)| match (new, known) {
            (Some(new), Some(known)) => new[at] == known[old],
            (new, known) => new.is_none() && known.is_none(),
        };
        let same = (known.ordered, known.quantity, *self.old.in_order.get(old)?) == (line.ordered, line.quantity, in_order)
            && measured.iter().zip(&self.old.measured).all(counts);
        if !same {
            return None;
        }
        (self.since[at], self.cut[at]) = (UNTOUCHED, false);
        self.lines[old].take().map(|known| QuoteLine { position: line.position, ..known })
    }

    /// What was open to the order and the prices of gifts, if all of that is open still.
    pub fn eligible(&mut self, policy: &Loaded, lines: &[QuoteLine]) -> Option<(Vec<Eligible>, Prices)> {
        let admits = |line: &QuoteLine| (line.price.is_some(), flags(policy, line));
        let same = |at: usize| match self.from[at].and_then(|old| self.lines[old].as_ref()) {
            Some(known) => admits(known) == admits(&lines[at]),
            None => self.since[at] == UNTOUCHED,
        };
        let whole = self.old.whole && (0..lines.len()).all(same);
        whole.then(|| (self.old.rules.iter().map(|rule| rule.eligible.clone()).collect(), std::mem::take(&mut self.old.gift_prices)))
    }

    /// Whether nothing touched these lines.
    pub fn untouched(&self, lines: &[usize]) -> bool {
        lines.iter().all(|line| self.since[*line] == UNTOUCHED)
    }

    /// A promotion that has other lines than before, or another step.
    pub fn stands(&mut self, before: Option<usize>, lines: &[usize], moved: bool, from: RuleId) {
        let old = before.map_or(&[][..], |before| &self.old.rules[before].eligible.lines);
        touch_lists(&mut self.since, lines, old, moved, from);
    }

    /// What a promotion won, and whether it was chosen as a whole.
    pub fn decided(&mut self, before: Option<usize>, lines: &[usize], won: &[usize], chosen: bool, from: RuleId) {
        if let Some(old) = before.map(|before| &self.old.rules[before]) {
            touch_lists(&mut self.since, won, &old.won, false, from);
            if old.chosen != chosen {
                touch_lists(&mut self.since, lines, &old.eligible.lines, true, from);
            }
        }
    }

    /// Keeps what became of the promotions of a stage. `standings` say where each was before and which step it has; what was decided is of those that have one.
    pub fn keep(
        &mut self,
        policy: &Loaded,
        eligible: Vec<Eligible>,
        standings: Vec<(Option<usize>, Option<Reached>)>,
        mut decided: impl Iterator<Item = (Vec<usize>, bool, Option<u32>, Option<Combos>)>,
        played: Vec<Played>,
    ) {
        let mut played = played.into_iter().peekable();
        let mut candidates = 0;
        for (eligible, (before, reached)) in eligible.into_iter().zip(standings) {
            let (mut won, mut chosen, mut steps, mut combos, mut own) = (Vec::new(), false, None, None, None);
            if reached.is_some() {
                (won, chosen, steps, combos) = decided.next().unwrap_or_default();
                own = played.next_if(|played| played.candidate == candidates);
                candidates += 1;
            }
            let plain = before.is_some_and(|before| !self.old.rules[before].particular);
            let particular = !plain && particular(policy, eligible.rule);
            self.new.rules.push(RuleKept { eligible, particular, reached, won, chosen, steps, combos, played: own });
        }
    }

    /// Where a promotion was last time, asked for in running order.
    pub fn before(&mut self, rule: RuleId, first: RuleId) -> Option<usize> {
        self.leave(Some(rule), Some(first));
        self.old.rules.get(self.passed).filter(|old| old.eligible.rule == rule)?;
        self.passed += 1;
        Some(self.passed - 1)
    }

    /// Promotions of last time up to another one, that are not there any more, leave their lines; a stage's `first` one may come to these.
    pub fn leave(&mut self, until: Option<RuleId>, first: Option<RuleId>) {
        let first = first.unwrap_or(UNTOUCHED);
        while let Some(gone) = self.old.rules.get(self.passed).filter(|old| until.is_none_or(|until| old.eligible.rule < until)) {
            self.passed += 1;
            if gone.reached.is_some() {
                touch_lists(&mut self.since, &[], &gone.eligible.lines, true, first.min(gone.eligible.rule));
            }
        }
    }

    /// A promotion as it was last time.
    pub fn old(&self, before: usize) -> &RuleKept {
        &self.old.rules[before]
    }

    /// The combos of last time.
    pub fn combos(&mut self, before: Option<usize>) -> Option<Combos> {
        self.old.rules[before?].combos.clone()
    }

    /// A promotion whose combos were searched for again: which units it has is not told by lines that are left alone.
    pub fn remade(&mut self, before: Option<usize>, lines: &[usize], combos: &Combos, from: RuleId) {
        let old = before.and_then(|before| self.old.rules[before].combos.as_ref());
        if old.is_none_or(|old| (&old.made, &old.alone) != (&combos.made, &combos.alone)) {
            self.stands(before, lines, true, from);
        }
    }

    /// The outcome of last time.
    pub fn outcome(&mut self, rule: RuleId) -> Option<RuleOutcome> {
        let found = self.outcomes.binary_search_by(|outcome| outcome.rule.cmp(&rule)).ok()?;
        let RuleOutcome { stage, measured, .. } = self.outcomes[found];
        let outcome = std::mem::replace(&mut self.outcomes[found].outcome, Outcome::Blocked(Blocker::Declined));
        Some(RuleOutcome { rule, stage, outcome, measured })
    }

    /// What a promotion took off the lines that it is given again, if nothing touched them.
    pub fn again(&mut self, before: usize, lines: &[usize]) -> Option<Played> {
        if !self.untouched(lines) {
            return None;
        }
        self.old.rules[before].played.take_if(|played| played.lines == lines)
    }

    /// Touches the lines off which a promotion takes something else than last time; all where what it takes `together` is what its rivals lose to.
    pub fn compare(&mut self, rule: RuleId, before: Option<usize>, lines: &[usize], grant: &Grant, together: bool) {
        let Some(old) = before.and_then(|before| self.old.rules[before].played.as_ref()) else {
            return touch_lists(&mut self.since, lines, &[], true, rule);
        };
        if together && old.grant.worth() != grant.worth() {
            touch_lists(&mut self.since, lines, &old.lines, true, rule);
        }
        let since = &mut self.since;
        let mut touch = |line: usize| since[line] = since[line].min(rule);
        let mut taken = old.lines.iter().copied().zip(old.grant.amounts.iter().copied()).peekable();
        for (line, amount) in lines.iter().copied().zip(grant.amounts.iter().copied()) {
            while let Some((gone, _)) = taken.next_if(|(old, _)| *old < line) {
                touch(gone);
            }
            let before = taken.next_if(|(old, _)| *old == line).map_or(Money::ZERO, |(_, amount)| amount);
            if before != amount {
                touch(line);
            }
        }
        taken.for_each(|(gone, _)| touch(gone));
    }

    /// Clears what touched lines were given by promotions that come to them anew.
    pub fn clear(&mut self, adjustments: &mut [Vec<Adjustment>]) {
        for ((steps, since), cut) in adjustments.iter_mut().zip(&self.since).zip(&mut self.cut) {
            if !*cut && *since != UNTOUCHED {
                *cut = true;
                steps.retain(|step| matches!(step.by, Taker::Rule(rule) if rule < *since));
            }
        }
    }

    /// Whether a promotion's step on a line is to be written: of a line that it did not touch it stands there.
    pub fn writes(&self, line: usize, rule: RuleId) -> bool {
        self.since[line] <= rule
    }
}

/// An order without its lines.
fn beside(order: &Order) -> Order {
    let Order { source, delivery, redeem, lines: _, coupons, gifts, decline, attributes } = order;
    Order {
        source: source.clone(),
        delivery: delivery.clone(),
        redeem: *redeem,
        lines: Vec::new(),
        coupons: coupons.clone(),
        gifts: gifts.clone(),
        decline: decline.clone(),
        attributes: attributes.clone(),
    }
}

/// Touches the lines of both ascending lists, or those that are in one of them only.
fn touch_lists(since: &mut [RuleId], new: &[usize], old: &[usize], all: bool, from: RuleId) {
    if all || new != old {
        let mut touch = |a: &[usize], b: &[usize]| {
            a.iter().filter(|line| all || b.binary_search(line).is_err()).for_each(|line| since[*line] = since[*line].min(from));
        };
        touch(new, old);
        touch(old, new);
    }
}

/// Whether a promotion looks at more than its lines and what the dealer's facts say.
pub(super) fn particular(policy: &Loaded, rule: RuleId) -> bool {
    let t = &policy.tables;
    let beside = |step: usize| matches!(decoded(t.step_kind[step]), Benefit::Gift | Benefit::Earn);
    !t.clauses(rule).is_empty()
        || t.budget(rule).is_some()
        || in_units(policy, rule)
        || of_order(policy, t.group(rule))
        || t.steps(rule).any(beside)
}
