//! Adjustments that somebody approved (§29.8).

use super::exact::whole;
use super::outcome::State;
use super::{Adjustment, Line, Question, decimal};
use serde_json::{Value, json};

/// What became of them, by id.
pub struct Approved {
    pub answer: Vec<Value>,
    pub claims: Vec<Value>,
}

impl<'a> Question<'a> {
    /// Takes them off before all promotions.
    pub fn approve(&self, lines: &mut [Line<'a>], state: &mut State<'a>) -> Approved {
        let mut list: Vec<&Value> = self.facts["adjustments"].as_array().into_iter().flatten().collect();
        list.sort_by_key(|adjustment| adjustment["id"].as_str());
        let mut approved = Approved { answer: Vec::new(), claims: Vec::new() };
        for adjustment in list {
            let rule = adjustment["id"].as_str().expect("an id");
            let at = lines.iter().position(|line| adjustment["line"] == line.id.as_str());
            let (outcome, saving, lost) = match at {
                None => ("no_line", 0, 0),
                Some(at) if lines[at].price.is_none() => ("no_price", 0, 0),
                Some(at) => {
                    let wanted = match &adjustment["percent"] {
                        Value::Null => self.amount_of(decimal(&adjustment["amount"])),
                        percent => self.rounded(decimal(percent) / whole(100) * whole(lines[at].list)),
                    };
                    let room = (state.net[at] - lines[at].floor.unwrap_or(0)).max(0);
                    let saving = wanted.min(room);
                    if saving > 0 {
                        state.adjustments.push(Adjustment { line: at, rule, stage: "approved", amount: saving });
                        state.net[at] -= saving;
                        lines[at].approved = lines[at].approved.map(|approved| approved - saving);
                        approved.claims.push(json!({ "kind": "adjustment", "adjustment": rule, "amount": self.money(saving) }));
                    }
                    (if saving > 0 || wanted == 0 { "applied" } else { "blocked" }, saving, wanted - saving)
                }
            };
            approved.answer.push(json!({
                "id": rule,
                "line": adjustment["line"],
                "outcome": outcome,
                "saving": self.money(saving),
                "lost": self.money(lost),
                "approver": adjustment["approver"],
                "reason": adjustment["reason"],
            }));
        }
        approved
    }
}
