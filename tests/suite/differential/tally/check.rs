//! Guards of checks and credit.

use super::{Tally, cross, is_positive, list, words};
use qudao::policy::{GiftsIn, Policy};
use serde_json::Value;

const TABLE: &str = "check";

pub fn expected() -> (&'static str, Vec<String>) {
    let corridors = cross(&[&["CORRIDOR"], &["below", "above"], &["gifts ignored", "gifts counted"]]);
    let removes = cross(&[
        &["ORDER_MAX", "CREDIT_USED", "CREDIT_LIMIT dealer", "CREDIT_LIMIT group"],
        &["nothing helps", "without one", "without several"],
    ]);
    let rows = words(&[
        "APPROVAL",
        "LICENCE never had",
        "LICENCE expired",
        "DEALER_STATUS",
        "ORDER_SOURCE of none",
        "ORDER_SOURCE of another",
        "FACTS_STALE",
        "ORDER_MIN amount",
        "ORDER_MIN quantity",
        "CREDIT_OVERDUE",
        "CREDIT_USED without a limit",
        "CREDIT_LIMIT expired",
        "released over the limit",
        "a severity of its own",
        "two of one kind",
        "gifts split over several lines",
        "STOCK with a nearest",
        "STOCK without a nearest",
        "replenishment",
        "replenishment within the order",
        "TERRITORY customer",
        "delivery drop_ship seller",
        "delivery pick_up seller",
        "delivery pick_up fulfiller",
    ]);
    // The most of an order is no negative amount.
    let removes = removes.into_iter().filter(|row| row != "ORDER_MAX nothing helps");
    (TABLE, corridors.into_iter().chain(removes).chain(rows).collect())
}

impl Tally {
    pub fn checks(&mut self, policy: &Policy, answer: &Value) {
        let guards = list(&answer["guards"]);
        for guard in guards {
            let code = guard["code"].as_str().unwrap();
            let check = policy.checks.iter().find(|check| guard["check"] == check.id.as_str());
            self.add_if(check.is_some_and(|check| check.severity.is_some()), TABLE, "a severity of its own");
            let same = guards.iter().filter(|other| other["code"] == code && other["line"] == guard["line"] && other["of"] == guard["of"]);
            self.add_if(same.count() > 1, TABLE, "two of one kind");
            match code {
                "APPROVAL" | "DEALER_STATUS" | "FACTS_STALE" | "CREDIT_OVERDUE" => self.add(TABLE, &[code]),
                "LICENCE" => self.add(TABLE, &[code, if guard["expired"].is_null() { "never had" } else { "expired" }]),
                "ORDER_SOURCE" => self.add(TABLE, &[code, if guard["source"].is_null() { "of none" } else { "of another" }]),
                "STOCK" => self.add(TABLE, &[code, if guard["nearest"].is_null() { "without a nearest" } else { "with a nearest" }]),
                "TERRITORY" => self.add_if(guard["reason"] == "customer", TABLE, "TERRITORY customer"),
                "ORDER_MIN" => self.add(TABLE, &[code, guard["measure"].as_str().unwrap()]),
                "CORRIDOR" => {
                    let gifts = check.and_then(|check| check.corridor).map(|corridor| corridor.gifts);
                    let gifts = if gifts == Some(GiftsIn::Counted) { "gifts counted" } else { "gifts ignored" };
                    self.add(TABLE, &[code, guard["side"].as_str().unwrap(), gifts]);
                }
                "ORDER_MAX" => self.removes(code, guard),
                "CREDIT_USED" => {
                    self.removes(code, guard);
                    self.add_if(guard["used_percent"].is_null(), TABLE, "CREDIT_USED without a limit");
                }
                "CREDIT_LIMIT" => {
                    self.removes(&format!("{code} {}", guard["of"].as_str().unwrap()), guard);
                    self.add_if(!guard["expired"].is_null(), TABLE, "CREDIT_LIMIT expired");
                }
                _ => {}
            }
        }
        for suggested in list(&answer["replenishment"]) {
            self.add(TABLE, &["replenishment"]);
            self.add_if(suggested["order"] != suggested["suggested"], TABLE, "replenishment within the order");
        }
        if let (Some(kind), Some(of)) = (answer["delivery"]["kind"].as_str(), answer["delivery"]["counts_for"].as_str()) {
            self.add(TABLE, &["delivery", kind, of]);
        }
        let credit = &answer["credit"];
        let over =
            [&credit["left"], &credit["group"]["left"]].into_iter().any(|left| left.as_str().is_some_and(|left| left.starts_with('-')));
        self.add_if(credit["released"] == true && over, TABLE, "released over the limit");
        let is_counted = policy.checks.iter().any(|check| check.corridor.is_some_and(|corridor| corridor.gifts == GiftsIn::Counted));
        let splits = |rule: &Value| is_positive(&rule["gift_value"]) && list(&rule["lines"]).len() > 1;
        self.add_if(is_counted && list(&answer["rules"]).iter().any(splits), TABLE, "gifts split over several lines");
    }

    fn removes(&mut self, what: &str, guard: &Value) {
        let lines = match guard["remove"].as_array() {
            None => "nothing helps",
            Some(lines) if lines.len() > 1 => "without several",
            Some(_) => "without one",
        };
        self.add(TABLE, &[what, lines]);
    }
}
