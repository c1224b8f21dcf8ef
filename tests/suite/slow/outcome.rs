//! Stages in their order, and what became of each promotion (§12).

use super::exact::{Exact, text};
use super::stage::{Candidate, Table, Taken, Threshold};
use super::{Adjustment, Line, Question};
use qudao::policy::Stage;
use serde_json::{Value, json};

impl<'a> Question<'a> {
    /// Plays one stage on `net` and returns the outcomes in running order.
    pub fn play_stage(&self, stage: Stage, lines: &[Line<'a>], net: &mut [i128], adjustments: &mut Vec<Adjustment<'a>>) -> Vec<Value> {
        let table = Table { question: self, lines, entered: net.to_vec() };
        let candidates = table.candidates(stage);
        let chosen = table.choose(&candidates);
        let played = table.play(&candidates, &chosen);
        for (candidate, taken) in candidates.iter().zip(&played) {
            for (line, part) in taken.iter().flat_map(|taken| taken.on.iter().zip(&taken.parts)).filter(|(_, part)| **part > 0) {
                adjustments.push(Adjustment { line: *line, promotion: candidate.promotion, amount: *part });
                net[*line] -= part;
            }
        }
        (0..candidates.len()).map(|at| self.outcome(&table, &candidates, &played, at)).collect()
    }

    fn outcome(&self, table: &Table, candidates: &[Candidate], played: &[Option<Taken>], at: usize) -> Value {
        let candidate = &candidates[at];
        let rule = &candidate.promotion.id;
        let times = match &candidate.threshold {
            Threshold::Reached { times, .. } => *times,
            Threshold::Failed { condition, have, need } => {
                let shown = |figure: &Exact| text(*figure, if *condition == "amount" { self.digits } else { 0 });
                let condition = json!({ "condition": condition, "have": shown(have), "need": shown(need) });
                return json!({ "rule": rule, "outcome": "failed", "conditions": [condition] });
            }
        };
        let alone = table.alone(candidate);
        let measured = played[at].as_ref().unwrap_or(&alone);
        if let Some(by) = blocked(measured) {
            return json!({ "rule": rule, "outcome": "blocked", "by": by });
        }
        match &played[at] {
            Some(taken) => json!({
                "rule": rule,
                "outcome": "applied",
                "saving": self.money(taken.saving()),
                "gift_value": self.money(0),
                "times": times,
                "lost": self.money(taken.lost),
                "lost_by": if taken.lost > 0 { vec!["floor"] } else { Vec::new() },
                "lines": taken.on.iter().map(|line| &table.lines[*line].id).collect::<Vec<_>>(),
            }),
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
                let (winner, by) = winner.map_or((at, 0), |(_, winner)| (winner, sum - alone.saving()));
                json!({
                    "rule": rule,
                    "outcome": "lost_to",
                    "winner": candidates[winner].promotion.id,
                    "saving": self.money(alone.saving()),
                    "gift_value": self.money(0),
                    "by": self.money(by),
                })
            }
        }
    }
}

/// §12.2.
fn blocked(taken: &Taken) -> Option<&'static str> {
    match taken {
        taken if taken.saving() > 0 => None,
        taken if taken.found == 0 => Some("nothing_left"),
        taken if taken.lost > 0 => Some("floor"),
        _ => None,
    }
}

/// §12.4: the played promotions of the same group that stand in the way of one, in running order, each with the amount it stands there with.
fn in_the_way(candidates: &[Candidate], played: &[Option<Taken>], at: usize) -> Vec<(usize, i128)> {
    let candidate = &candidates[at];
    let mut list = Vec::new();
    for (other, rival) in candidates.iter().enumerate() {
        let Some(taken) = played[other].as_ref().filter(|_| rival.contest == candidate.contest) else { continue };
        let shared = taken.on.iter().zip(&taken.parts).filter(|(line, _)| candidate.eligible.contains(line));
        if shared.clone().next().is_some() {
            let amount = if rival.is_whole() { taken.saving() } else { shared.map(|(_, part)| part).sum() };
            list.push((other, amount));
        }
    }
    list
}
