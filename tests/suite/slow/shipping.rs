//! Promotions on freight (§46).

use super::exact::whole;
use super::freight::Charge;
use super::gift::Gifts;
use super::order::Part;
use super::outcome::{State, blocked};
use super::split;
use super::stage::{Benefit, Candidate, Taken, Threshold};
use super::{Line, Question};
use qudao::policy::{GroupMode, Stage};
use serde_json::{Value, json};
use std::cmp::Reverse;

impl<'a> Question<'a> {
    pub fn play_freight(&self, lines: &[Line<'a>], state: &mut State<'a>, charges: &mut [Charge<'a>]) {
        for promotions in self.steps_of(Part::Stage(Stage::Freight)) {
            let candidates = self.table(lines, lines, state).candidates(promotions);
            for group in candidates.chunk_by(|one, other| one.group == other.group) {
                match group[0].group.map(|group| group.mode) {
                    Some(mode @ (GroupMode::Best | GroupMode::First)) => self.play_one(mode, group, lines, state, charges),
                    _ => group.iter().for_each(|candidate| {
                        let outcome = self.unreached(candidate).unwrap_or_else(|| self.take_freight(candidate, lines, state, charges));
                        state.tell(candidate, None, outcome);
                    }),
                }
            }
        }
        for charge in charges {
            charge.taxed = self.taxed_at(charge.tax(), charge.net);
        }
    }

    /// §46.3: one of a group.
    fn play_one(&self, mode: GroupMode, group: &[Candidate<'a>], lines: &[Line<'a>], state: &mut State<'a>, charges: &mut [Charge<'a>]) {
        let alone: Vec<Option<Taken>> =
            group.iter().map(|candidate| candidate.reached().then(|| self.of_freight(candidate, state, charges))).collect();
        let saving = |at: usize| alone[at].as_ref().map_or(0, Taken::saving);
        let takers = (0..group.len()).filter(|at| saving(*at) > 0);
        let winner = match mode {
            GroupMode::First => takers.min(),
            _ => takers.min_by_key(|at| (Reverse(saving(*at)), Reverse(group[*at].promotion.priority), &group[*at].promotion.id)),
        };
        for (at, candidate) in group.iter().enumerate() {
            let outcome = match (self.unreached(candidate), winner, &alone[at]) {
                (Some(outcome), _, _) => outcome,
                (None, Some(winner), Some(taken)) if winner != at => match self.took_nothing(candidate, taken) {
                    Some(outcome) => outcome,
                    None => json!({
                        "rule": candidate.promotion.id,
                        "outcome": "lost_to",
                        "winner": group[winner].promotion.id,
                        "saving": self.money(taken.saving()),
                        "gift_value": self.money(0),
                        "by": self.money(saving(winner) - taken.saving()),
                    }),
                },
                _ => self.take_freight(candidate, lines, state, charges),
            };
            state.tell(candidate, None, outcome);
        }
    }

    /// Takes it, and says what became of the promotion.
    fn take_freight(&self, candidate: &Candidate<'a>, lines: &[Line<'a>], state: &mut State<'a>, charges: &mut [Charge<'a>]) -> Value {
        let taken = self.of_freight(candidate, state, charges);
        let left: Vec<i128> = charges.iter().map(|charge| charge.net).collect();
        let weights: Vec<_> = left.iter().map(|net| whole(*net)).collect();
        let (parts, _) = split::fill(taken.saving(), &weights, &left, self.policy.settings.remainder);
        for (charge, part) in charges.iter_mut().zip(parts).filter(|(_, part)| *part > 0) {
            charge.net -= part;
            charge.adjustments.push((&candidate.promotion.id, part));
        }
        self.book(candidate, &taken, state);
        self.took_nothing(candidate, &taken).unwrap_or_else(|| self.applied(candidate, &taken, lines))
    }

    fn took_nothing(&self, candidate: &Candidate, taken: &Taken) -> Option<Value> {
        let why = || match taken {
            taken if taken.lost_by.contains(&"budget") => self.out_of_budget(candidate.promotion, taken.left),
            taken if taken.found == 0 => json!({ "by": "nothing_left" }),
            _ => json!({ "by": "no_gain" }),
        };
        (taken.saving() == 0).then(|| blocked(candidate, why()))
    }

    /// §46.2: what it takes of what is left of freight.
    fn of_freight(&self, candidate: &Candidate<'a>, state: &State<'a>, charges: &[Charge]) -> Taken<'a> {
        let Threshold::Reached { times, uncut, benefit } = candidate.threshold else { unreachable!("it is reached") };
        let promotion = candidate.promotion;
        let found: i128 = charges.iter().map(|charge| charge.net).sum();
        let (wanted, all) = match benefit {
            Benefit::Percent(share) => (self.rounded(share * whole(found)), self.rounded(share * whole(found))),
            Benefit::AmountOff(amount) => (amount * times, amount * uncut),
            Benefit::Price(price) => {
                let above = (found - self.rounded(price)).max(0);
                (above, above)
            }
            _ => unreachable!("no benefit of freight"),
        };
        let cap = promotion.cap.and_then(|cap| cap.order).map(|cap| self.amount_of(super::exact::number(cap)));
        let capped = cap.map_or(wanted, |cap| cap.min(wanted));
        let left = state.left_of(self, promotion);
        let paid = left.map_or(capped, |left| left.min(capped));
        let saving = paid.min(found);
        let by = [("limit", uncut > times), ("cap", capped < wanted), ("budget", paid < capped), ("nothing_left", saving < paid)];
        Taken {
            on: candidate.eligible.clone(),
            times,
            parts: vec![saving],
            gifts: Gifts::default(),
            earned: None,
            lost: all - saving,
            lost_by: by.into_iter().filter(|(_, kept)| *kept).map(|(by, _)| by).collect(),
            left: left.unwrap_or(0),
            found,
        }
    }
}
