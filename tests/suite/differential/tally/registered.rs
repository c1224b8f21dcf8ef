//! Registered prices, approved adjustments, quantities that may be bought, deliveries, and what is earned.

use super::{Tally, cross, is_positive, list, mode, words};
use crate::world::World;
use qudao::policy::{Policy, Promotion};
use serde_json::Value;

const REGISTERED: &str = "registered";
const APPROVED: &str = "approved";
const BOUGHT: &str = "bought";
const DELIVERY: &str = "delivery";
const EARNED: &str = "earned";

pub fn expected() -> Vec<(&'static str, Vec<String>)> {
    let kinds = cross(&[&["contract", "quotation", "special"], &["takes", "takes nothing"]]);
    let resolutions = cross(&[&["several portions"], &["most_specific", "lowest", "highest"]]);
    let registered = words(&[
        "a whole line",
        "two registered portions",
        "not for the whole line",
        "used up",
        "without a limit",
        "left for no unit",
        "an approver",
        "a customer",
        "a limit of a period",
        "two lines of one number",
        "a scale",
        "flags of a part",
        "a rest in parts",
        "a rest in a further unit",
    ]);
    let claims = words(&["a claim", "a claim of a period", "a claim of two lines"]);
    let outcomes = cross(&[&["applied", "blocked", "no_line", "no_price"], &["percent", "amount"]]);
    let approved = words(&["some is lost", "rounds to nothing", "two of a line", "before a promotion", "a claim"]);
    let guards = ["QTY_MIN", "QTY_MULTIPLE", "QTY_STEP", "QTY_MAX", "QTY_PERIOD"];
    let in_unit = cross(&[&["in unit:"], &["down", "up", "neither", "both"]]);
    let periods = cross(&[&["QTY_PERIOD"], &["month", "quarter", "half", "year", "lifetime", "of a fiscal year", "nothing is left"]]);
    let bought =
        words(&["QTY_STEP", "QTY_STEP without down", "QTY_MAX", "QTY_MAX without nearest", "QTY_PERIOD", "QTY_PERIOD without nearest"]);
    let nowhere = words(&["no quantity of the unit"]);
    let delivery =
        words(&["for a later day", "for today or a day that is over", "without a day", "a day that decides nothing", "in a transition"]);
    let earned = cross(&[&["applied"], &["stack", "no group"]]).into_iter().chain(words(&[
        "failed",
        "limit",
        "nothing_left",
        "several times",
        "two",
    ]));
    vec![
        (REGISTERED, kinds.into_iter().chain(resolutions).chain(registered).chain(claims).collect()),
        (APPROVED, outcomes.into_iter().chain(approved).collect()),
        (BOUGHT, bought.into_iter().chain(periods).chain(cross(&[&["in unit:"], &guards])).chain(in_unit).chain(nowhere).collect()),
        (DELIVERY, delivery),
        (EARNED, earned.collect()),
    ]
}

impl Tally {
    pub fn registered(&mut self, world: &World, policy: &Policy, answer: &Value) {
        let lines = list(&answer["lines"]);
        let told = list(&answer["registrations"]);
        for entry in told {
            let line = lines.iter().find(|line| line["id"] == entry["line"]).unwrap();
            let takes = is_positive(&entry["quantity"]);
            self.add(REGISTERED, &[entry["kind"].as_str().unwrap(), if takes { "takes" } else { "takes nothing" }]);
            self.add_if(entry["left"] == "0", REGISTERED, "used up");
            let small = is_positive(&entry["left"]) && super::decimal(&entry["left"]) < super::decimal(&line["base_quantity"]);
            self.add_if(small && !takes && line["unit"] != "件" && line["price"].is_object(), REGISTERED, "left for no unit");
            if !takes {
                continue;
            }
            self.add_if(entry["left"].is_null(), REGISTERED, "without a limit");
            self.add_if(entry["approver"].is_string(), REGISTERED, "an approver");
            let access = policy.prices.iter().find(|access| entry["access"] == access.id.as_str()).unwrap();
            let mut rows = access.rows.iter().filter(|row| row.number() == entry["registration"].as_str());
            let says = |limit: bool| {
                rows.clone().all(|row| {
                    let registration = row.registration.as_ref().unwrap();
                    if limit { registration.period_limit.is_some() } else { registration.customer.is_some() }
                })
            };
            self.add_if(says(false), REGISTERED, "a customer");
            self.add_if(says(true), REGISTERED, "a limit of a period");
            self.add_if(rows.any(|row| !row.from_quantity.0.is_zero()), REGISTERED, "a scale");
            let same = |other: &&Value| {
                other["registration"] == entry["registration"] && other["line"] != entry["line"] && is_positive(&other["quantity"])
            };
            self.add_if(told.iter().any(|other| same(&other)), REGISTERED, "two lines of one number");
        }
        for line in lines {
            let own = || told.iter().filter(|entry| entry["line"] == line["id"]);
            if line["price"].is_null() {
                self.add_if(own().any(|entry| is_positive(&entry["left"])), REGISTERED, "not for the whole line");
                continue;
            }
            let takings = own().filter(|entry| is_positive(&entry["quantity"])).count();
            if takings == 0 {
                continue;
            }
            let portions = list(&line["price"]["portions"]);
            self.add_if(portions.is_empty(), REGISTERED, "a whole line");
            self.add_if(takings > 1, REGISTERED, "two registered portions");
            if portions.len() > takings {
                self.add(REGISTERED, &["several portions", world.settings.resolution]);
                self.add_if(!list(&line["price"]["bands"]).is_empty(), REGISTERED, "a rest in parts");
                self.add_if(line["unit"] != "件", REGISTERED, "a rest in a further unit");
            }
            self.add_if(portions.len() > 1 && !list(&line["price"]["flags"]).is_empty(), REGISTERED, "flags of a part");
        }
        for claim in list(&answer["claims"]) {
            if claim["kind"] == "registration" {
                self.add(REGISTERED, &["a claim"]);
                self.add_if(claim["period"].is_string(), REGISTERED, "a claim of a period");
                let takings = told.iter().filter(|entry| entry["registration"] == claim["registration"] && is_positive(&entry["quantity"]));
                self.add_if(takings.count() > 1, REGISTERED, "a claim of two lines");
            }
            self.add_if(claim["kind"] == "adjustment", APPROVED, "a claim");
        }
    }

    pub fn approved(&mut self, question: &Value, answer: &Value) {
        let approved = list(&answer["approved"]);
        for entry in approved {
            let fact = list(&question["dealer"]["adjustments"]).iter().find(|fact| fact["id"] == entry["id"]).unwrap();
            let of = if fact["percent"].is_null() { "amount" } else { "percent" };
            self.add(APPROVED, &[entry["outcome"].as_str().unwrap(), of]);
            let applied = entry["outcome"] == "applied";
            self.add_if(applied && is_positive(&entry["lost"]), APPROVED, "some is lost");
            self.add_if(applied && !is_positive(&entry["saving"]), APPROVED, "rounds to nothing");
            let two =
                approved.iter().any(|other| other["id"] != entry["id"] && other["line"] == entry["line"] && other["outcome"] == "applied");
            self.add_if(applied && two, APPROVED, "two of a line");
            let line = list(&answer["lines"]).iter().find(|line| line["id"] == entry["line"]);
            let promoted = line.is_some_and(|line| list(&line["adjustments"]).iter().any(|step| step["stage"] != "approved"));
            self.add_if(is_positive(&entry["saving"]) && promoted, APPROVED, "before a promotion");
        }
    }

    pub fn bought(&mut self, world: &World, answer: &Value) {
        for guard in list(&answer["guards"]).iter().filter(|guard| guard["code"].as_str().unwrap().starts_with("QTY_")) {
            let code = guard["code"].as_str().unwrap();
            if ["QTY_STEP", "QTY_MAX", "QTY_PERIOD"].contains(&code) {
                self.add(BOUGHT, &[code]);
                let (key, without) = if code == "QTY_STEP" { ("nearest_down", "without down") } else { ("nearest", "without nearest") };
                self.add_if(guard[key].is_null(), BOUGHT, &format!("{code} {without}"));
            }
            if code == "QTY_PERIOD" {
                let period = if world.purchases.period.is_empty() { "month" } else { world.purchases.period };
                self.add(BOUGHT, &[code, period]);
                self.add_if(!world.purchases.year_start.is_empty(), BOUGHT, "QTY_PERIOD of a fiscal year");
                self.add_if(guard["left"] == "0", BOUGHT, "QTY_PERIOD nothing is left");
            }
            let line = list(&answer["lines"]).iter().find(|line| line["id"] == guard["line"]).unwrap();
            let in_unit = &guard["in_unit"];
            self.add_if(in_unit.is_null() && line["unit"] != "件", BOUGHT, "no quantity of the unit");
            if in_unit.is_object() {
                self.add(BOUGHT, &["in unit:", code]);
                let way = match (in_unit["down"].is_null(), in_unit["up"].is_null()) {
                    (true, true) => "neither",
                    (true, false) => "up",
                    (false, true) => "down",
                    (false, false) => "both",
                };
                self.add(BOUGHT, &["in unit:", way]);
            }
        }
    }

    pub fn delivery(&mut self, world: &World, answer: &Value) {
        let row = match (world.settings.by_delivery, world.order.deliver) {
            _ if !answer["priced_for"].is_null() => "for a later day",
            (true, Some(_)) => "for today or a day that is over",
            (true, None) => "without a day",
            (false, Some(_)) => "a day that decides nothing",
            (false, None) => return,
        };
        self.add(DELIVERY, &[row]);
        self.add_if(answer["transition"].is_object() && row == "for a later day", DELIVERY, "in a transition");
    }

    pub fn earned(&mut self, policy: &Policy, answer: &Value) {
        let earns = |promotion: &Promotion| promotion.get.as_ref().is_some_and(|get| get.earn.is_some());
        for rule in list(&answer["rules"]) {
            let promotion = policy.promotions.iter().find(|promotion| rule["rule"] == promotion.id.as_str()).unwrap();
            if !earns(promotion) {
                continue;
            }
            match (rule["outcome"].as_str().unwrap(), rule["by"].as_str()) {
                ("blocked", Some(by @ ("limit" | "nothing_left"))) => self.add(EARNED, &[by]),
                ("applied", _) => {
                    self.add(EARNED, &["applied", mode(policy, promotion)]);
                    self.add_if(rule["times"].as_i64() > Some(1), EARNED, "several times");
                }
                ("failed", _) => self.add(EARNED, &["failed"]),
                _ => {}
            }
        }
        self.add_if(list(&answer["earned"]).len() > 1, EARNED, "two");
    }
}
