//! Transitions.

use super::{Tally, cross, decimal, list, words};
use qudao::policy::Policy;
use serde_json::Value;

const TABLE: &str = "transition";

pub fn expected() -> (&'static str, Vec<String>) {
    let sides = cross(&[&["old old", "blend old", "blend new", "better_of old", "better_of new"]]);
    let rows = words(&[
        "none",
        "a blended price",
        "a price in another number of units",
        "a floor where prices are blended",
        "no price on the other side",
        "several prices of one",
        "tiers of both",
        "promotions take something",
        "gifts",
    ]);
    (TABLE, sides.into_iter().chain(rows).collect())
}

impl Tally {
    pub fn transition(&mut self, policy: &Policy, answer: &Value) {
        let transition = &answer["transition"];
        let Some(phase) = transition["phase"].as_str() else { return self.add(TABLE, &["none"]) };
        let side = transition["side"].as_str().unwrap();
        self.add(TABLE, &[phase, side]);
        let is_positive = |amount: &Value| super::is_positive(amount);
        self.add_if(is_positive(&answer["totals"]["discount"]), TABLE, "promotions take something");
        self.add_if(is_positive(&answer["totals"]["gift_value"]), TABLE, "gifts");
        if phase != "blend" {
            return;
        }
        let other = if side == "old" { "new" } else { "old" };
        for (line, both) in list(&answer["lines"]).iter().zip(list(&transition["lines"])) {
            let price = &line["price"];
            if price.is_null() {
                continue;
            }
            let blended = decimal(&price["unit_price"]) != decimal(&both[side]["unit_price"]);
            self.add_if(blended, TABLE, "a blended price");
            self.add_if(blended && both[other]["per"] != price["per"], TABLE, "a price in another number of units");
            self.add_if(blended && !line["floor"].is_null(), TABLE, "a floor where prices are blended");
            self.add_if(both[other].is_null(), TABLE, "no price on the other side");
            self.add_if(!list(&price["bands"]).is_empty(), TABLE, "several prices of one");
        }
        let tiers = |policy: &Policy, id: &Value| {
            policy.programs.iter().find(|program| *id == program.id.as_str()).map(|program| program.tiers.clone())
        };
        let old = policy.old.as_deref().unwrap();
        let mixed = list(&answer["rebates"]).iter().any(|rebate| tiers(policy, &rebate["program"]) != tiers(old, &rebate["program"]));
        self.add_if(mixed, TABLE, "tiers of both");
    }
}
