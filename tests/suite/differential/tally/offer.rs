//! What promotions have beside a threshold and a benefit; freight promotions, aliases and notices.

use super::{Tally, cross, is_positive, list, mode, words};
use qudao::policy::{Condition, DiscountedLines, Eligibility, Policy, Promotion, Stage};
use serde_json::Value;

const LIMITS: &str = "limit of units or a period";
const CAPS: &str = "cap";
const FREIGHT: &str = "freight promotion";
const CONDITIONS: &str = "condition";
const APART: &str = "who combines with whom";
const NAMES: &str = "alias, notice, substitute";

const FREIGHT_MODES: &[&str] = &["stack", "no group", "best", "first"];

pub fn expected() -> Vec<(&'static str, Vec<String>)> {
    let scopes = ["order", "dealer", "period", "total"];
    let blocked =
        cross(&[&["blocked:"], &["times period", "units dealer", "units period", "units total", "sku dealer", "sku period", "sku total"]]);
    let limited = cross(&[&["percent", "per_unit_off", "price"], &["some units", "no unit of a line"]]);
    let used = cross(&[&["cut: units", "cut: sku"], &scopes]);
    let modes = cross(&[&["some units:"], super::MODES]);
    let points = cross(&[&["some units:"], super::POINTS]);
    let limits = words(&[
        "lost: limit",
        "lost: limit floor",
        "lost: limit cap",
        "a claim of times of a period",
        "a claim of units",
        "a claim of a sku",
        "a claim of units of a period",
        "in a further unit",
    ]);
    let kinds = cross(&[&["percent", "amount_off", "per_unit_off", "price"], &["order", "line"]]);
    let caps = words(&["cap", "cap floor", "cap budget", "limit cap"]).into_iter().map(|by| format!("lost: {by}"));
    let taken = cross(&[&["percent", "amount_off", "price"], FREIGHT_MODES]);
    let freight = words(&[
        "lost_to",
        "failed",
        "limit",
        "budget",
        "nothing_left",
        "declined",
        "exclusive",
        "not_combined",
        "lost: cap",
        "lost: budget",
        "lost: nothing_left",
        "lost: limit",
        "steps",
        "a coupon",
        "two tables",
        "two of an order",
        "lost_to: less than it would take",
    ]);
    let parts = cross(&[
        &[
            "amount",
            "quantity",
            "skus",
            "order_number",
            "dealer.grade",
            "dealer.region",
            "dealer.channel",
            "dealer.group",
            "dealer.attributes.tier",
            "dealer.attributes.area",
            "dealer.attributes.since",
            "dealer.contract_date",
            "dealer.id",
            "weight",
            "order.delivery",
            "order.day",
            "order.attributes.pallets",
            "order.region",
            "order.source",
            "order.attributes.payment",
        ],
        &["fails"],
    ]);
    let conditions = words(&["applied", "not", "several parts", "with a threshold", "all", "any", "a number of a source"]);
    let apart = words(&[
        "not_combined",
        "skips and takes",
        "not_with and takes",
        "first: lost_to",
        "first: two of an order",
        "always on closed lines",
        "sequential: two of a stage",
        "sequential: failed",
    ]);
    let names = words(&["an alias of a line", "a line of two names", "grade in notice", "out of stock", "instead of a gift"]);
    vec![
        (LIMITS, blocked.into_iter().chain(limited).chain(used).chain(modes).chain(points).chain(limits).collect()),
        (CAPS, kinds.into_iter().chain(caps).collect()),
        (FREIGHT, taken.into_iter().chain(freight).collect()),
        (CONDITIONS, parts.into_iter().chain(conditions).collect()),
        (APART, apart),
        (NAMES, names),
    ]
}

/// Whether it limits units.
pub fn limits_units(promotion: &Promotion) -> bool {
    promotion.limit.as_ref().is_some_and(|limit| limit.units.is_some() || limit.sku.is_some())
}

impl Tally {
    pub fn offers(&mut self, policy: &Policy, question: &Value, answer: &Value) {
        let rules = list(&answer["rules"]);
        let of = |rule: &Value| policy.promotions.iter().find(|promotion| rule["rule"] == promotion.id.as_str()).unwrap();
        let mut of_freight = 0;
        for rule in rules {
            let promotion = of(rule);
            self.condition(promotion, rule);
            self.apart(policy, promotion, rule, answer);
            if promotion.stage == Some(Stage::Freight) {
                self.of_freight(policy, promotion, rule, answer);
                of_freight += usize::from(is_positive(&rule["saving"]) && rule["outcome"] == "applied");
                continue;
            }
            self.limited(policy, promotion, rule, question, answer);
            self.capped(promotion, rule);
            self.add_if(rule["by"] == "stock", NAMES, "out of stock");
        }
        self.add_if(of_freight > 1, FREIGHT, "two of an order");
        for claim in list(&answer["claims"]) {
            let by_period = claim["period"].is_string();
            match claim["kind"].as_str().unwrap() {
                "usage" => self.add_if(by_period, LIMITS, "a claim of times of a period"),
                "units" => {
                    self.add(LIMITS, &[if claim["sku"].is_null() { "a claim of units" } else { "a claim of a sku" }]);
                    self.add_if(by_period, LIMITS, "a claim of units of a period");
                }
                _ => {}
            }
        }
        for alias in list(&answer["aliases"]) {
            self.add(NAMES, &["an alias of a line"]);
            let asked = list(&question["order"]["lines"]).iter().filter(|line| line["sku"] == alias["sku"]);
            self.add_if(asked.count() > 0, NAMES, "a line of two names");
        }
        let before = &question["dealer"]["grade_before"];
        let in_notice = policy.territory.iter().any(|grant| grant.notice_days.is_some()) && before.is_string();
        self.add_if(in_notice && question["dealer"]["grade"] != *before, NAMES, "grade in notice");
        for gift in list(&answer["gifts"]) {
            let promotion = policy.promotions.iter().find(|promotion| gift["promotion"] == promotion.id.as_str()).unwrap();
            let steps = promotion.steps.iter().flat_map(|steps| steps.amount.iter().chain(&steps.quantity)).flatten();
            let mut gifts = promotion.get.iter().filter_map(|get| get.gift.as_ref()).chain(steps.filter_map(|step| step.gift.as_ref()));
            let other = gifts.any(|own| own.instead.iter().flatten().any(|item| gift["sku"] == item.sku.as_str()));
            self.add_if(other, NAMES, "instead of a gift");
        }
    }

    fn limited(&mut self, policy: &Policy, promotion: &Promotion, rule: &Value, question: &Value, answer: &Value) {
        if rule["by"] == "limit" && (rule["of"].is_string() || rule["limit"] == "period") {
            let of = rule["of"].as_str().unwrap_or("times");
            self.add(LIMITS, &["blocked:", of, rule["limit"].as_str().unwrap()]);
        }
        if !limits_units(promotion) || rule["outcome"] != "applied" || !is_positive(&rule["saving"]) {
            return;
        }
        let kind = super::kind(promotion, rule);
        let own: Vec<&Value> = list(&answer["limited"]).iter().filter(|entry| entry["promotion"] == rule["rule"]).collect();
        let lost_by: Vec<&str> = list(&rule["lost_by"]).iter().map(|by| by.as_str().unwrap()).collect();
        if lost_by.first() == Some(&"limit") {
            let second = lost_by.get(1).filter(|by| ["floor", "cap"].contains(by));
            self.add(LIMITS, &["lost:", &second.map_or("limit".to_owned(), |by| format!("limit {by}"))]);
        }
        if own.is_empty() {
            return;
        }
        self.add(LIMITS, &[kind, "some units"]);
        self.add_if(own.iter().any(|entry| entry["quantity"] == "0"), LIMITS, &format!("{kind} no unit of a line"));
        self.add(LIMITS, &["some units:", mode(policy, promotion)]);
        self.add(LIMITS, &["some units:", super::POINTS[policy.settings.rounding_point as usize]]);
        let limit = promotion.limit.as_ref().unwrap();
        let usage = &question["dealer"]["usage"][&promotion.id];
        for (key, units, used) in [("units", &limit.units, &usage["units"]), ("sku", &limit.sku, &Value::Null)] {
            let Some(units) = units else { continue };
            self.add_if(units.unit.is_some(), LIMITS, "in a further unit");
            let left = |most: Option<qudao::num::Number>, used: &Value| most.map(|most| most.0 - super::decimal(used).unwrap_or_default());
            let known = [
                ("order", left(units.order, &Value::Null)),
                ("dealer", left(units.dealer, &used["dealer"])),
                ("period", left(units.period, &Value::Null)),
                ("total", left(units.total, &used["total"])),
            ];
            let least = known.iter().filter_map(|(_, left)| *left).min();
            known
                .iter()
                .filter(|(_, left)| left.is_some() && *left == least)
                .for_each(|(scope, _)| self.add(LIMITS, &["cut:", key, scope]));
        }
    }

    fn capped(&mut self, promotion: &Promotion, rule: &Value) {
        let lost_by: Vec<&str> = list(&rule["lost_by"]).iter().map(|by| by.as_str().unwrap()).collect();
        let (Some(cap), true) = (promotion.cap, lost_by.contains(&"cap")) else { return };
        let kind = super::kind(promotion, rule);
        self.add_if(cap.order.is_some(), CAPS, &format!("{kind} order"));
        self.add_if(cap.line.is_some(), CAPS, &format!("{kind} line"));
        self.add(CAPS, &["lost:", &lost_by.join(" ")]);
    }

    fn of_freight(&mut self, policy: &Policy, promotion: &Promotion, rule: &Value, answer: &Value) {
        match (rule["outcome"].as_str().unwrap(), rule["by"].as_str()) {
            ("blocked", Some(by)) => self.add(FREIGHT, &[by]),
            ("lost_to", _) => {
                self.add(FREIGHT, &["lost_to"]);
                self.add_if(rule["by"].as_str().unwrap().starts_with('-'), FREIGHT, "lost_to: less than it would take");
            }
            ("failed", _) => self.add(FREIGHT, &["failed"]),
            _ if is_positive(&rule["saving"]) => {
                let kind = super::kind(promotion, rule);
                self.add(FREIGHT, &[kind, mode(policy, promotion)]);
                self.add_if(promotion.steps.is_some(), FREIGHT, "steps");
                self.add_if(promotion.coupon.is_some(), FREIGHT, "a coupon");
                self.add_if(list(&answer["freight"]).len() > 1, FREIGHT, "two tables");
            }
            _ => self.add(FREIGHT, &["applied: 0"]),
        }
        for by in list(&rule["lost_by"]) {
            self.add(FREIGHT, &["lost:", by.as_str().unwrap()]);
        }
    }

    fn condition(&mut self, promotion: &Promotion, rule: &Value) {
        let Some(condition) = &promotion.condition else { return };
        self.add_if(rule["outcome"] == "applied", CONDITIONS, "applied");
        let parts: Vec<&Value> = list(&rule["conditions"]).iter().filter(|part| part["not"].is_boolean()).collect();
        if parts.is_empty() {
            return;
        }
        for part in &parts {
            let name = part["measure"].as_str().unwrap_or(part["condition"].as_str().unwrap());
            self.add(CONDITIONS, &[name, "fails"]);
            self.add_if(part["condition"] == "order_number" && part["source"].is_string(), CONDITIONS, "a number of a source");
            self.add_if(part["not"] == true, CONDITIONS, "not");
        }
        self.add_if(parts.len() > 1, CONDITIONS, "several parts");
        self.add_if(list(&rule["conditions"]).len() > parts.len(), CONDITIONS, "with a threshold");
        let mut has = [false; 2];
        condition.each(&mut |inner: &Condition| {
            has[0] |= inner.all.is_some();
            has[1] |= inner.any.is_some();
        });
        self.add_if(has[0], CONDITIONS, "all");
        self.add_if(has[1], CONDITIONS, "any");
    }

    fn apart(&mut self, policy: &Policy, promotion: &Promotion, rule: &Value, answer: &Value) {
        let takes = |rule: &Value| rule["outcome"] == "applied" && is_positive(&rule["saving"]);
        self.add_if(rule["by"] == "not_combined", APART, "not_combined");
        self.add_if(takes(rule) && promotion.discounted_lines == DiscountedLines::Skip, APART, "skips and takes");
        self.add_if(takes(rule) && promotion.not_with.is_some(), APART, "not_with and takes");
        let of = |id: &Value| policy.promotions.iter().find(|promotion| *id == promotion.id.as_str()).unwrap();
        let same = |other: &Value| other["rule"] != rule["rule"] && of(&other["rule"]).group == promotion.group;
        let rules = list(&answer["rules"]);
        match mode(policy, promotion) {
            "first" => {
                self.add_if(rule["outcome"] == "lost_to", APART, "first: lost_to");
                self.add_if(takes(rule) && rules.iter().any(|other| same(other) && takes(other)), APART, "first: two of an order");
            }
            "always" => {
                let exclusive = rules.iter().any(|other| takes(other) && mode(policy, of(&other["rule"])) == "exclusive");
                self.add_if(takes(rule) && exclusive, APART, "always on closed lines");
            }
            _ => {}
        }
        if policy.settings.eligibility == Eligibility::Sequential {
            let stage = policy.stage_of(promotion);
            let two =
                rules.iter().any(|other| other["rule"] != rule["rule"] && takes(other) && policy.stage_of(of(&other["rule"])) == stage);
            self.add_if(takes(rule) && two, APART, "sequential: two of a stage");
            self.add_if(rule["outcome"] == "failed", APART, "sequential: failed");
        }
    }
}
