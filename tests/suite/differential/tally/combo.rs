//! Combos.

use super::{Tally, cross, is_positive, list, mode, words};
use qudao::policy::{Policy, Promotion, Spread};
use serde_json::Value;

const TABLE: &str = "combo";
const KINDS: &[&str] = &["percent", "amount_off", "price"];

pub fn expected() -> (&'static str, Vec<String>) {
    let kinds = cross(&[KINDS, &["best", "stack", "no group"]]);
    let blocked = ["limit", "budget", "nothing_left", "floor", "no_gain", "declined", "exclusive"].map(|by| format!("blocked: {by}"));
    let rows = words(&[
        "failed",
        "lost_to",
        "several parts",
        "some of the units",
        "several combos",
        "two of a best group",
        "lost: floor",
        "lost: budget",
        "a line of two promotions",
        "gift",
        "earn",
        "cut by a cap",
        "another percentage of a part",
        "spread over all units",
    ]);
    let counting = words(&["a part that only counts", "a part that only counts for a price or an amount"]);
    (TABLE, kinds.into_iter().chain(blocked).chain(rows).chain(counting).collect())
}

impl Tally {
    pub fn combos(&mut self, policy: &Policy, rules: &[Value]) {
        let of = |rule: &Value| policy.promotions.iter().find(|promotion| rule["rule"] == promotion.id.as_str()).unwrap();
        let makers: Vec<(&Value, &Promotion)> =
            rules.iter().map(|rule| (rule, of(rule))).filter(|(_, promotion)| promotion.combo.is_some()).collect();
        for (rule, promotion) in &makers {
            let outcome = rule["outcome"].as_str().unwrap();
            match outcome {
                "blocked" => self.add(TABLE, &["blocked:", rule["by"].as_str().unwrap()]),
                "failed" | "lost_to" => self.add(TABLE, &[outcome]),
                _ => {}
            }
            let (combo, get) = (promotion.combo.as_ref().unwrap(), promotion.get.as_ref().unwrap());
            self.add_if(outcome == "applied" && get.gift.is_some(), TABLE, "gift");
            self.add_if(outcome == "applied" && get.earn.is_some(), TABLE, "earn");
            if outcome != "applied" || !is_positive(&rule["saving"]) {
                continue;
            }
            let cut = list(&rule["lost_by"]).iter().any(|by| by == "cap");
            self.add_if(cut, TABLE, "cut by a cap");
            self.add_if(combo.parts.iter().flatten().any(|part| part.percent.is_some()), TABLE, "another percentage of a part");
            self.add_if(combo.spread == Spread::All, TABLE, "spread over all units");
            let kind = match (get.percent.is_some(), get.amount_off.is_some()) {
                (true, _) => "percent",
                (_, true) => "amount_off",
                _ => "price",
            };
            self.add(TABLE, &[kind, mode(policy, promotion)]);
            let parts = || combo.parts.iter().flatten();
            self.add_if(parts().count() > 1, TABLE, "several parts");
            self.add_if(combo.cheapest.is_some() || parts().any(|part| part.cheapest.is_some()), TABLE, "some of the units");
            let counts = parts().any(|part| part.cheapest == Some(0));
            self.add_if(counts, TABLE, "a part that only counts");
            self.add_if(counts && kind != "percent", TABLE, "a part that only counts for a price or an amount");
            self.add_if(rule["times"].as_i64() > Some(1), TABLE, "several combos");
            for by in list(&rule["lost_by"]) {
                self.add(TABLE, &["lost:", by.as_str().unwrap()]);
            }
        }
        let applied: Vec<&(&Value, &Promotion)> = makers.iter().filter(|(rule, _)| rule["outcome"] == "applied").collect();
        let pairs =
            || applied.iter().flat_map(|one| applied.iter().map(move |other| (one, other))).filter(|(one, other)| one.1.id < other.1.id);
        let two = pairs().any(|(one, other)| mode(policy, one.1) == "best" && one.1.group == other.1.group);
        self.add_if(two, TABLE, "two of a best group");
        let shared = pairs().any(|(one, other)| list(&one.0["lines"]).iter().any(|line| list(&other.0["lines"]).contains(line)));
        self.add_if(shared, TABLE, "a line of two promotions");
    }
}
