//! Stages in their order, and what became of each promotion (§12, §18.3).

use super::exact::{Exact, text, whole};
use super::gift::{self, Choice};
use super::order::Part;
use super::stage::{Candidate, Left, Table, Taken, Threshold, limits_units};
use super::{Adjustment, Line, Question};
use qudao::policy::{Cart, Eligibility, GroupMode, Promotion, Scope, Stage};
use serde_json::{Value, json};

/// What the stages have done so far.
pub struct State<'a> {
    pub net: Vec<i128>,
    /// Whether each line is closed.
    closed: Vec<bool>,
    /// The first exclusive promotion that closed each line, or some of its units.
    closer: Vec<Option<&'a Promotion>>,
    /// How many units of each line are closed, and what they come to (§47.2).
    closed_units: Vec<(i128, i128)>,
    /// Promotions that took something of each line, and those that gave something on it.
    taken: Vec<Vec<&'a Promotion>>,
    given: Vec<Vec<&'a Promotion>>,
    /// What was left of each budget before the order, and what is left now.
    budgets: Vec<(i128, i128)>,
    pub adjustments: Vec<Adjustment<'a>>,
    /// In running order, as all lists here.
    pub rules: Vec<Value>,
    pub gifts: Vec<Value>,
    pub gift_offers: Vec<Value>,
    pub gift_effects: Vec<(&'a str, &'static str)>,
    pub gift_value: i128,
    /// What is earned for later (§32).
    pub earned: Vec<Value>,
    claims: Vec<Value>,
    /// Of units, and which lines did not get all of theirs (§45.3, §45.4).
    unit_claims: Vec<Value>,
    limited: Vec<Value>,
    /// What was given of each product.
    given_units: Vec<(&'a str, Exact)>,
    /// Lines of promotions that give gifts, and what those are worth.
    pub given_on: Vec<(Vec<usize>, i128)>,
    /// Beside each of `rules`, what it measured.
    pub told: Vec<Told>,
}

/// What a promotion measured (§34.6).
#[derive(Clone)]
pub struct Told {
    pub have: Option<Exact>,
    /// What the parts of its condition that fail ask of lines, where they do without `not`, each with where it stands in the policy.
    pub carts: Vec<Option<(usize, Cart)>>,
}

impl<'a> State<'a> {
    pub fn new(question: &Question<'a>, lines: &[Line<'a>]) -> State<'a> {
        State {
            net: lines.iter().map(|line| line.list).collect(),
            closed: vec![false; lines.len()],
            closer: vec![None; lines.len()],
            closed_units: vec![(0, 0); lines.len()],
            taken: vec![Vec::new(); lines.len()],
            given: vec![Vec::new(); lines.len()],
            budgets: question.budgets().into_iter().map(|left| (left, left)).collect(),
            adjustments: Vec::new(),
            rules: Vec::new(),
            gifts: Vec::new(),
            gift_offers: Vec::new(),
            gift_effects: Vec::new(),
            gift_value: 0,
            earned: Vec::new(),
            claims: Vec::new(),
            unit_claims: Vec::new(),
            limited: Vec::new(),
            given_units: Vec::new(),
            given_on: Vec::new(),
            told: Vec::new(),
        }
    }

    /// Writes what became of a promotion, and of a choice of its gifts.
    pub fn tell(&mut self, candidate: &Candidate<'a>, played: Option<&Taken>, outcome: Value) {
        if let Some(effect) = gift::effect(candidate, played, &outcome) {
            self.gift_effects.push((&candidate.promotion.id, effect));
        }
        self.rules.push(outcome);
        let cart = |cart: &Option<&Cart>| cart.map(|cart| (std::ptr::from_ref(cart).addr(), cart.clone()));
        self.told.push(Told { have: candidate.have, carts: candidate.carts.iter().map(cart).collect() });
    }

    /// What is left of the budget that a promotion gives from.
    pub fn left_of(&self, question: &Question, promotion: &Promotion) -> Option<i128> {
        let at = question.policy.budgets.iter().position(|budget| promotion.budget.as_ref() == Some(&budget.id))?;
        Some(self.budgets[at].1)
    }

    /// Usage and budgets (§18.3).
    pub fn claims(&self, question: &Question) -> Vec<Value> {
        let mut budgets: Vec<_> = question.policy.budgets.iter().zip(&self.budgets).filter(|(_, (before, now))| before > now).collect();
        budgets.sort_by_key(|(budget, _)| budget.id.as_str());
        let claim = |(budget, (before, now)): (&qudao::policy::Budget, &(i128, i128))| {
            let version = &question.facts["budgets"][&budget.id]["version"];
            json!({ "kind": "budget", "budget": budget.id, "amount": question.money(before - now), "version": version })
        };
        self.claims.iter().chain(&self.unit_claims).cloned().chain(budgets.into_iter().map(claim)).collect()
    }
}

impl<'a> Question<'a> {
    /// What is left of each budget before the order (§18.2).
    fn budgets(&self) -> Vec<i128> {
        let left = |budget: &qudao::policy::Budget| {
            let used = self.amount_of(super::decimal(&self.facts["budgets"][&budget.id]["used"]));
            (self.amount_of(super::exact::number(budget.amount)) - used).max(0)
        };
        self.policy.budgets.iter().map(left).collect()
    }

    /// Writes what a policy where something can be earned says of it (§32.2).
    pub fn tell_earned(&self, answer: &mut Value, state: &State) {
        let steps =
            |promotion: &'a Promotion| promotion.steps.iter().flat_map(|steps| steps.amount.iter().chain(&steps.quantity).flatten());
        let earns = |promotion: &'a Promotion| {
            promotion.get.as_ref().is_some_and(|get| get.earn.is_some()) || steps(promotion).any(|step| step.earn.is_some())
        };
        if self.policy.promotions.iter().any(earns) {
            answer["earned"] = json!(state.earned);
        }
    }

    /// Writes what a policy with limits of units says of them (§45.3).
    pub fn tell_limited(&self, answer: &mut Value, state: &State) {
        if self.policy.promotions.iter().any(limits_units) {
            answer["limited"] = json!(state.limited);
        }
    }

    pub fn out_of_budget(&self, promotion: &Promotion, left: i128) -> Value {
        let budget = self.policy.budgets.iter().find(|budget| promotion.budget.as_ref() == Some(&budget.id)).expect("a budget");
        let amount = self.money(self.amount_of(super::exact::number(budget.amount)));
        json!({ "by": "budget", "budget": budget.id, "left": self.money(left), "amount": amount })
    }

    /// Plays one stage or exclusive group.
    pub fn play_part(&self, part: Part<'a>, lines: &[Line<'a>], state: &mut State<'a>) {
        self.steps_of(part).into_iter().for_each(|promotions| self.play(promotions, lines, state));
    }

    /// The promotions of a part that see the same state (§31.5).
    pub fn steps_of(&self, part: Part<'a>) -> Vec<Vec<&'a Promotion>> {
        let promotions: Vec<&Promotion> = self.running_order().into_iter().filter(|promotion| self.part(promotion) == part).collect();
        let is_sequential = self.policy.settings.eligibility == Eligibility::Sequential && matches!(part, Part::Stage(_));
        let together = |one: &&Promotion, other: &&Promotion| {
            let chooses = self.group(one).is_some_and(|group| matches!(group.mode, GroupMode::Best | GroupMode::First));
            !is_sequential || (chooses && one.group == other.group)
        };
        promotions.chunk_by(together).map(<[_]>::to_vec).collect()
    }

    /// The state as it enters a part. `open` are the lines without the units that are closed to it.
    pub fn table<'q>(&'q self, lines: &'q [Line<'a>], open: &'q [Line<'a>], state: &State<'a>) -> Table<'q, 'a> {
        let entered = state.net.iter().zip(&state.closed_units).zip(lines.iter().zip(open));
        let entered = entered.map(|((net, (_, come_to)), (line, open))| if open.quantity < line.quantity { net - come_to } else { *net });
        Table {
            question: self,
            lines: open,
            entered: entered.collect(),
            whole_lines: lines,
            whole_entered: state.net.clone(),
            closed: state.closed.clone(),
            closer: state.closer.clone(),
            taken: state.taken.clone(),
            given: state.given.clone(),
            left: Left { budgets: state.budgets.iter().map(|(_, left)| *left).collect(), given: state.given_units.clone() },
        }
    }

    fn play(&self, promotions: Vec<&'a Promotion>, lines: &[Line<'a>], state: &mut State<'a>) {
        let always = promotions.iter().any(|promotion| self.part(promotion) == Part::Stage(Stage::Always));
        // §47.2, §47.3; a line all of whose units are closed is closed.
        let open = |(at, line): (usize, &Line<'a>)| {
            if always || state.closed[at] { line.clone() } else { line.without(state.closed_units[at].0, self.policy.settings.rounding) }
        };
        let open: Vec<Line> = lines.iter().enumerate().map(open).collect();
        let table = self.table(lines, &open, state);
        let candidates = table.candidates(promotions);
        if candidates.is_empty() {
            return;
        }
        let played = table.play(&candidates, &table.plan(&candidates));
        for (at, candidate) in candidates.iter().enumerate() {
            let outcome = self.outcome(&table, &candidates, &played, at);
            if let Some(taken) = &played[at] {
                self.settle(candidate, taken, &table, state);
            }
            state.tell(candidate, played[at].as_ref(), outcome);
        }
    }

    /// Writes down what a played promotion took and gave.
    fn settle(&self, candidate: &Candidate<'a>, taken: &Taken<'a>, table: &Table<'_, 'a>, state: &mut State<'a>) {
        let (promotion, lines) = (candidate.promotion, table.whole_lines);
        for (line, part) in taken.on.iter().zip(&taken.parts).filter(|(_, part)| **part > 0) {
            state.adjustments.push(Adjustment { line: *line, rule: &promotion.id, stage: self.stage_word(promotion), amount: *part });
            state.net[*line] -= part;
            state.taken[*line].push(promotion);
        }
        if taken.worth() > 0 {
            taken.on.iter().for_each(|line| state.given[*line].push(promotion));
        }
        state.gifts.extend(self.gift_lines(promotion, taken));
        state.gift_offers.extend(self.gift_offer(promotion, taken));
        state.gift_value += taken.gifts.value();
        state.given_units.extend(taken.gifts.units());
        if let Some((id, quantity)) = taken.earned {
            state.earned.push(json!({ "promotion": promotion.id, "id": id, "quantity": quantity }));
        }
        state.given_on.push((taken.on.clone(), taken.gifts.value()));
        self.book(candidate, taken, state);
        if taken.saving() > 0 {
            self.book_units(candidate, &taken.on, table.lines, state);
        }
        // §11.7.
        if taken.worth() > 0 {
            let scope = candidate.group.filter(|group| group.mode == GroupMode::Exclusive).map(|group| group.scope.unwrap_or_default());
            let closed = match scope {
                Some(Scope::Order) => (0..lines.len()).collect(),
                Some(Scope::Line) => taken.on.clone(),
                Some(Scope::Units) => self.close_units(candidate, taken, lines, state),
                None => Vec::new(),
            };
            for line in closed {
                state.closed[line] = true;
                state.closer[line].get_or_insert(promotion);
            }
        }
    }

    /// §47.1: closes the units of combos; the lines all of whose units are closed now.
    fn close_units(&self, candidate: &Candidate<'a>, taken: &Taken<'a>, lines: &[Line<'a>], state: &mut State<'a>) -> Vec<usize> {
        let made = candidate.made.as_ref().expect("combos");
        for (line, part) in taken.on.iter().zip(&taken.parts) {
            let values: Vec<i128> = made.values.iter().filter(|(own, _)| own == line).map(|(_, value)| *value).collect();
            let (count, come_to) = &mut state.closed_units[*line];
            *count += i128::try_from(values.len()).expect("a few");
            *come_to += values.iter().sum::<i128>() - part;
            state.closer[*line].get_or_insert(candidate.promotion);
        }
        taken.on.iter().copied().filter(|line| lines[*line].quantity == whole(state.closed_units[*line].0)).collect()
    }

    /// Takes what was given from its budget, and claims how often it counted (§18.2, §18.3).
    pub fn book(&self, candidate: &Candidate<'a>, taken: &Taken<'a>, state: &mut State<'a>) {
        let promotion = candidate.promotion;
        if let Some(at) = self.policy.budgets.iter().position(|budget| promotion.budget.as_ref() == Some(&budget.id)) {
            state.budgets[at].1 -= taken.worth();
        }
        let limit = promotion.limit.clone().unwrap_or_default();
        let counted = limit.dealer.is_some() || limit.period.is_some() || limit.total.is_some();
        if counted && taken.gives() {
            let times = i64::try_from(taken.times).expect("a small number");
            let period = limit.period.map(|_| self.purchase_label());
            state.claims.push(json!({ "kind": "usage", "promotion": promotion.id, "times": times, "period": period }));
        }
    }

    /// §45.3, §45.4.
    fn book_units(&self, candidate: &Candidate<'a>, on: &[usize], lines: &[Line<'a>], state: &mut State<'a>) {
        let Some(allotted) = &candidate.allotted else { return };
        // None of the lines that another promotion has.
        let got = |(line, units): &(usize, Exact)| (*line, if on.contains(line) { *units } else { whole(0) });
        let allotted: &Vec<(usize, Exact)> = &allotted.iter().map(got).collect();
        let (promotion, limit) = (candidate.promotion, candidate.promotion.limit.clone().unwrap_or_default());
        for (line, units) in allotted {
            let Line { id, quantity, .. } = &lines[*line];
            if units < quantity {
                let parts = json!({ "promotion": promotion.id, "line": id, "quantity": text(*units, 0), "of": text(*quantity, 0) });
                state.limited.push(parts);
            }
        }
        let mut skus: Vec<&str> = allotted.iter().map(|(line, _)| lines[*line].product.sku.as_str()).collect();
        skus.sort_unstable();
        skus.dedup();
        let mut claim = |limit: &qudao::policy::UnitLimit, sku: Option<&str>| {
            let own = allotted.iter().filter(|(line, _)| sku.is_none_or(|sku| lines[*line].product.sku == sku));
            let quantity: Exact = own.map(|(_, units)| units).sum();
            let is_booked = limit.dealer.is_some() || limit.period.is_some() || limit.total.is_some();
            if is_booked && quantity > whole(0) {
                let period = limit.period.map(|_| self.purchase_label());
                let (kind, promotion, quantity) = ("units", &promotion.id, text(quantity, 0));
                state.unit_claims.push(json!({ "kind": kind, "promotion": promotion, "sku": sku, "quantity": quantity, "period": period }));
            }
        };
        limit.units.iter().for_each(|limit| claim(limit, None));
        limit.sku.iter().for_each(|limit| skus.iter().for_each(|sku| claim(limit, Some(sku))));
    }

    /// The outcome of a promotion that is not reached or may not count.
    pub fn unreached(&self, candidate: &Candidate) -> Option<Value> {
        let rule = &candidate.promotion.id;
        Some(match &candidate.threshold {
            Threshold::Reached { .. } => return None,
            threshold @ Threshold::Failed { .. } => json!({ "rule": rule, "outcome": "failed", "conditions": [threshold.failure(self)] }),
            Threshold::Unmet(conditions) => json!({ "rule": rule, "outcome": "failed", "conditions": conditions }),
            Threshold::Stopped(parts) => blocked(candidate, parts.clone()),
            Threshold::Barred(winner) => blocked(candidate, json!({ "by": "exclusive", "winner": winner.id })),
        })
    }

    pub fn applied(&self, candidate: &Candidate, taken: &Taken, lines: &[Line]) -> Value {
        json!({
            "rule": candidate.promotion.id,
            "outcome": "applied",
            "saving": self.money(taken.saving()),
            "gift_value": self.money(taken.gifts.value()),
            "times": i64::try_from(taken.times).expect("a small number"),
            "lost": self.money(taken.lost),
            "lost_by": taken.lost_by,
            "lines": taken.on.iter().map(|line| &lines[*line].id).collect::<Vec<_>>(),
        })
    }

    fn outcome(&self, table: &Table<'_, 'a>, candidates: &[Candidate<'a>], played: &[Option<Taken>], at: usize) -> Value {
        let candidate = &candidates[at];
        let rule = &candidate.promotion.id;
        if let Some(outcome) = self.unreached(candidate) {
            return outcome;
        }
        let blocked = |parts: Value| blocked(candidate, parts);
        if candidate.made.as_ref().is_some_and(|made| made.times == 0) {
            let has_units = |rival: &Candidate| {
                let lines = rival.made.iter().flat_map(|made| &made.lines);
                rival.is_rival(candidate)
                    && candidate.competes_for_units()
                    && lines.into_iter().any(|line| candidate.eligible.contains(line))
            };
            if !candidates.iter().any(has_units) || table.made_alone(candidate).times == 0 {
                return blocked(json!({ "by": table.no_combo(candidate) }));
            }
        }
        let alone = table.alone(candidate);
        if let Some(parts) = self.blocked(candidate.promotion, played[at].as_ref().unwrap_or(&alone)) {
            return blocked(parts);
        }
        match &played[at] {
            Some(taken) => self.applied(candidate, taken, table.lines),
            None => {
                let rivals = in_the_way(candidates, played, at);
                let mut winner: Option<(i128, usize)> = None;
                for (rival, amount) in &rivals {
                    if winner.is_none_or(|(most, _)| *amount > most) {
                        winner = Some((*amount, *rival));
                    }
                }
                let sum: i128 = rivals.iter().map(|(_, amount)| amount).sum();
                // A whole promotion can be left out for the sake of the stage, without anyone in its way: then it is its own winner.
                let (winner, by) = winner.map_or((at, 0), |(_, winner)| (winner, sum - alone.worth()));
                json!({
                    "rule": rule,
                    "outcome": "lost_to",
                    "winner": candidates[winner].promotion.id,
                    "saving": self.money(alone.saving()),
                    "gift_value": self.money(alone.gifts.value()),
                    "by": self.money(by),
                })
            }
        }
    }

    /// §12.2, of what is reached and may count.
    fn blocked(&self, promotion: &Promotion, taken: &Taken) -> Option<Value> {
        let by_budget = taken.lost_by.contains(&"budget") && (taken.left == 0 || !taken.gifts.offered.is_empty());
        match taken {
            taken if taken.gives() => None,
            taken if taken.gifts.choice == Choice::Declined => Some(json!({ "by": "declined" })),
            taken if taken.gifts.out => Some(json!({ "by": "stock" })),
            taken if by_budget => Some(self.out_of_budget(promotion, taken.left)),
            taken if taken.found == 0 => Some(json!({ "by": "nothing_left" })),
            taken if taken.lost_by.contains(&"floor") => Some(json!({ "by": "floor" })),
            taken if taken.lost_by.contains(&"nothing_left") => Some(json!({ "by": "nothing_left" })),
            _ => Some(json!({ "by": "no_gain" })),
        }
    }
}

pub fn blocked(candidate: &Candidate, mut parts: Value) -> Value {
    parts["rule"] = json!(candidate.promotion.id);
    parts["outcome"] = json!("blocked");
    parts
}

/// §12.4: the played promotions of the same group that stand in the way of one, in running order, each with the amount it stands there with.
fn in_the_way(candidates: &[Candidate], played: &[Option<Taken>], at: usize) -> Vec<(usize, i128)> {
    let candidate = &candidates[at];
    let mut list = Vec::new();
    for (other, rival) in candidates.iter().enumerate() {
        let Some(taken) = played[other].as_ref().filter(|_| rival.is_rival(candidate)) else { continue };
        let shared = taken.on.iter().zip(&taken.parts).filter(|(line, _)| candidate.eligible.contains(line));
        if candidate.has_the_order() || shared.clone().next().is_some() {
            let whole = candidate.has_the_order() || rival.is_whole();
            list.push((other, if whole { taken.worth() } else { shared.map(|(_, part)| part).sum() }));
        }
    }
    list
}
