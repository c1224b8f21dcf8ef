//! How often a run of worlds met what there is to meet.

mod channel;
mod check;
mod combo;
mod offer;
mod price;
mod program;
mod registered;
mod tax;
mod transition;
mod unit;

use crate::world::World;
use qudao::policy::{Count, Decompose, GroupMode, Origin, Policy, Promotion, Stage};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write;

const KINDS: &[&str] = &["percent", "amount_off", "per_unit_off"];
const MODES: &[&str] = &["best", "stack", "no group", "exclusive", "first", "always"];
const BASES: &[&str] = &["running", "stage_input", "original"];
const POINTS: &[&str] = &["set", "line", "unit", "price"];
const ROUNDINGS: &[&str] = &["half_up", "half_even", "half_down", "down"];
const STAGES: &[&str] = &["line", "set", "order", "coupon"];

const GIFT_SHAPES: &[&str] = &["once", "steps", "each amount", "per_step", "pro_rata", "exact"];

/// How often each row of each table was met.
#[derive(Default)]
pub struct Tally {
    tables: BTreeMap<&'static str, BTreeMap<String, u64>>,
}

/// Tables and all their rows, each of which a run must meet. Promotions count where they take something, programs where the cart adds something.
fn expected() -> Vec<(&'static str, Vec<String>)> {
    let shapes = ["plain", "at amount", "at quantity", "steps amount", "steps quantity"];
    let of_shapes = cross(&[&shapes, KINDS, MODES]).into_iter().chain(cross(&[&["each amount", "each quantity"], &["amount_off"], MODES]));
    let chosen = cross(&[&["order", "line"], &["best", "priority"], &["applied", "lost_to"]]);
    let barred =
        words(&["blocked: its lines", "blocked: the whole order", "two groups", "beside others", "units applied", "units lost_to"]);
    let coupons = words(&["applied", "failed", "lost_to", "blocked", "no_line", "not_open", "unknown"]);
    let coupons = coupons.into_iter().chain(cross(&[&["closed by"], &["validity", "source"]]));
    let tables = vec![
        ("exclusive group", chosen.into_iter().chain(barred).collect()),
        ("gift, group", cross(&[GIFT_SHAPES, MODES])),
        (
            "gift",
            words(&[
                "chosen",
                "declined",
                "unfit",
                "no_gift",
                "without value",
                "a choice of several",
                "several given",
                "of a line's product",
            ]),
        ),
        (
            "limit, budget",
            words(&[
                "blocked: limit dealer",
                "blocked: limit total",
                "blocked: budget empty",
                "blocked: budget too small for a gift",
                "lost: limit",
                "lost: budget",
                "lost: floor",
                "lost: limit and more",
                "lost: budget floor",
                "cut by order",
                "cut by dealer",
                "cut by total",
                "budget of two promotions",
            ]),
        ),
        ("cut by a budget, kind, point", cross(&[KINDS, POINTS])),
        ("cut by a budget, group", cross(&[KINDS, MODES])),
        ("coupon", coupons.chain(words(&["two rules", "rules in running order"])).collect()),
        ("claim", words(&["usage", "usage of a gift", "budget", "budget with version", "budget without version"])),
        ("kind, group, base, point", cross(&[KINDS, MODES, BASES, POINTS])),
        ("price, group, base", cross(&[&["price"], MODES, BASES])),
        ("shape, kind, group", of_shapes.collect()),
        ("kind, rounding, point", cross(&[KINDS, ROUNDINGS, POINTS])),
        ("kind, group, stage", cross(&[KINDS, &["best", "stack", "no group", "first"], STAGES])),
        ("kind, remainder, weight", cross(&[KINDS, &["largest", "first", "last"], &["net", "list", "quantity"]])),
        ("kind, currency, quantity", cross(&[KINDS, &["CNY", "JPY", "KWD"], &["whole", "fractional"]])),
        (
            "promotion with",
            words(&[
                "max_units that bite",
                "a finer unit price",
                "large figures",
                "except",
                "a source",
                "a validity",
                "two times or more",
                "full steps from zero",
                "full steps from the threshold",
                "steps taken greedily",
                "the best steps",
                "several steps taken",
            ]),
        ),
        (
            "outcome",
            words(&[
                "applied",
                "applied: 0",
                "applied: lost",
                "lost_to",
                "lost_to: negative",
                "lost_to: itself",
                "failed",
                "blocked: floor",
                "blocked: nothing_left",
                "blocked: declined",
                "blocked: declined by the order",
                "applied in two best groups of a stage",
                "two wholes of a group",
            ]),
        ),
        price::expected(),
        ("line", words(&["floor under net", "floor is net", "floor over list", "own id", "merged", "fractional", "rows of units"])),
        (
            "guard",
            words(&[
                "PRICE_MISSING",
                "QTY_MIN",
                "QTY_MULTIPLE",
                "QTY_MULTIPLE without down",
                "FLOOR",
                "CREDIT_LIMIT",
                "credit left",
                "credit left negative",
            ]),
        ),
        check::expected(),
        tax::expected(),
        channel::guards(),
        channel::redemption(),
    ];
    let more = program::expected().into_iter().chain(unit::expected()).chain(registered::expected());
    tables.into_iter().chain(more).chain(offer::expected()).chain([combo::expected(), transition::expected()]).collect()
}

impl Tally {
    fn add(&mut self, table: &'static str, row: &[&str]) {
        *self.tables.entry(table).or_default().entry(row.join(" ")).or_default() += 1;
    }

    fn add_if(&mut self, holds: bool, table: &'static str, row: &str) {
        if holds {
            self.add(table, &[row]);
        }
    }

    pub fn merge(&mut self, other: Tally) {
        for (table, rows) in other.tables {
            let own = self.tables.entry(table).or_default();
            rows.into_iter().for_each(|(row, count)| *own.entry(row).or_default() += count);
        }
    }

    /// Counts what one world met; `answer` is its quote.
    pub fn count(&mut self, world: &World, question: &Value, policy: &Policy, answer: &Value) {
        self.delivery(world, answer);
        if policy.transition.is_some() {
            return self.transition(policy, answer);
        }
        let rules = answer["rules"].as_array().unwrap();
        self.combos(policy, rules);
        self.offers(policy, question, answer);
        for rule in rules {
            let promotion = policy.promotions.iter().find(|promotion| rule["rule"] == promotion.id.as_str()).unwrap();
            self.outcome(rule);
            let declines = question["order"]["decline"].as_array().is_some_and(|list| list.contains(&rule["rule"]));
            self.add_if(declines, "outcome", "blocked: declined by the order");
            self.exclusive(policy, promotion, rule);
            if promotion.stage == Some(Stage::Freight) {
                continue;
            }
            if promotion.combo.is_none() {
                self.bounded(world, question, policy, promotion, rule);
            }
            if rule["outcome"] == "applied" && kind(promotion, rule) == "gift" {
                self.add("gift, group", &[gift_shape(promotion), mode(policy, promotion)]);
            }
            if rule["outcome"] == "applied" && is_positive(&rule["saving"]) && promotion.combo.is_none() {
                self.promotion(world, policy, promotion, rule, answer);
            }
        }
        self.exclusives(policy, rules);
        self.gifts(answer);
        self.coupons(answer);
        self.claims(policy, answer);
        self.combinations(policy, rules);
        for line in answer["lines"].as_array().unwrap() {
            self.line(world, question, policy, line);
        }
        for guard in answer["guards"].as_array().unwrap() {
            let code = guard["code"].as_str().unwrap();
            self.add("guard", &[code]);
            self.add_if(code == "QTY_MULTIPLE" && guard["nearest_down"].is_null(), "guard", "QTY_MULTIPLE without down");
        }
        self.assortment(policy, question, answer);
        self.lots(policy, answer);
        self.checks(policy, answer);
        self.tax(question, policy, answer);
        self.units(world, policy, answer);
        self.registered(world, policy, answer);
        self.approved(question, answer);
        self.bought(world, answer);
        self.earned(policy, answer);
        self.add_if(is_positive(&answer["credit"]["left"]), "guard", "credit left");
        let left = decimal(&answer["credit"]["left"]);
        self.add_if(left.is_some_and(|left| left.is_sign_negative()), "guard", "credit left negative");
        self.programs(question, policy, answer);
    }

    fn promotion(&mut self, world: &World, policy: &Policy, promotion: &Promotion, rule: &Value, answer: &Value) {
        let settings = &world.settings;
        let kind = kind(promotion, rule);
        let mode = mode(policy, promotion);
        let base = BASES[promotion.base as usize];
        let shape = shape(promotion);
        let quantity = if settings.quantity_scale == 0 { "whole" } else { "fractional" };
        if kind == "price" {
            return self.add("price, group, base", &[kind, mode, base]);
        }
        self.add("kind, group, base, point", &[kind, mode, base, settings.point]);
        self.add("shape, kind, group", &[&shape, kind, mode]);
        self.add("kind, rounding, point", &[kind, settings.rounding, settings.point]);
        self.add("kind, group, stage", &[kind, mode, promotion.effective_stage().word()]);
        self.add("kind, remainder, weight", &[kind, settings.remainder, settings.weight]);
        self.add("kind, currency, quantity", &[kind, settings.currency, quantity]);
        let with = "promotion with";
        let units = promotion.get.as_ref().and_then(|get| get.max_units);
        let quantities = answer["lines"].as_array().unwrap().iter().map(|line| line["quantity"].as_str().unwrap().parse().unwrap());
        self.add_if(
            units.is_some_and(|units| quantities.into_iter().any(|quantity: qudao::num::Number| quantity > units)),
            with,
            "max_units that bite",
        );
        self.add_if(kind == "per_unit_off" && settings.unit_extra > 0, with, "a finer unit price");
        self.add_if(settings.magnitude > 0, with, "large figures");
        let except = promotion.on.as_ref().is_some_and(|on| on.except.is_some()) || promotion.when.dealer.except.is_some();
        self.add_if(except, with, "except");
        self.add_if(promotion.when.order.source.is_some(), with, "a source");
        self.add_if(promotion.valid.is_some(), with, "a validity");
        self.add_if(rule["times"].as_u64() > Some(1), with, "two times or more");
        let origin = promotion.each.as_ref().and_then(|each| each.origin);
        self.add_if(origin == Some(Origin::Zero), with, "full steps from zero");
        self.add_if(origin == Some(Origin::Threshold), with, "full steps from the threshold");
        let decompose = promotion.steps.as_ref().map(|steps| steps.decompose);
        self.add_if(decompose == Some(Decompose::Greedy), with, "steps taken greedily");
        self.add_if(decompose == Some(Decompose::Best), with, "the best steps");
        self.add_if(promotion.steps.is_some() && rule["times"].as_u64() > Some(1), with, "several steps taken");
    }

    fn outcome(&mut self, rule: &Value) {
        let table = "outcome";
        let outcome = rule["outcome"].as_str().unwrap();
        if let Some(by) = rule["by"].as_str().filter(|_| outcome == "blocked") {
            return self.add(table, &[&format!("blocked: {by}")]);
        }
        self.add(table, &[outcome]);
        self.add_if(outcome == "applied" && !is_positive(&rule["saving"]), table, "applied: 0");
        self.add_if(outcome == "applied" && is_positive(&rule["lost"]), table, "applied: lost");
        self.add_if(outcome == "lost_to" && rule["by"].as_str().unwrap().starts_with('-'), table, "lost_to: negative");
        self.add_if(outcome == "lost_to" && rule["winner"] == rule["rule"], table, "lost_to: itself");
    }

    /// What exclusive groups chose, and what they closed to others.
    fn exclusive(&mut self, policy: &Policy, promotion: &Promotion, rule: &Value) {
        let table = "exclusive group";
        let group = policy.groups.iter().find(|group| promotion.group.as_ref() == Some(&group.id));
        let group = group.filter(|group| group.mode == GroupMode::Exclusive);
        let scope = ["order", "line", "units"][group.and_then(|group| group.scope).unwrap_or_default() as usize];
        let choose = ["best", "priority"][group.and_then(|group| group.choose).unwrap_or_default() as usize];
        let outcome = rule["outcome"].as_str().unwrap();
        if group.is_some() && ["applied", "lost_to"].contains(&outcome) {
            if scope == "units" {
                return self.add(table, &[scope, outcome]);
            }
            self.add(table, &[scope, choose, outcome]);
        }
        if rule["by"] == "exclusive" {
            self.add(table, &[if group.is_some() && scope == "order" { "blocked: the whole order" } else { "blocked: its lines" }]);
        }
    }

    fn exclusives(&mut self, policy: &Policy, rules: &[Value]) {
        let applied = rules.iter().filter(|rule| rule["outcome"] == "applied" && is_positive(&rule["saving"]));
        let of = |rule: &Value| policy.promotions.iter().find(|promotion| rule["rule"] == promotion.id.as_str()).unwrap();
        let promotions: Vec<&Promotion> = applied.map(of).collect();
        let (exclusive, others): (Vec<&Promotion>, Vec<&Promotion>) =
            promotions.into_iter().partition(|promotion| mode(policy, promotion) == "exclusive");
        let table = "exclusive group";
        self.add_if(exclusive.iter().any(|promotion| promotion.group != exclusive[0].group), table, "two groups");
        self.add_if(!exclusive.is_empty() && !others.is_empty(), table, "beside others");
    }

    /// What limits and budgets did.
    fn bounded(&mut self, world: &World, question: &Value, policy: &Policy, promotion: &Promotion, rule: &Value) {
        let table = "limit, budget";
        match rule["by"].as_str() {
            Some("limit") => self.add(table, &["blocked: limit", rule["limit"].as_str().unwrap()]),
            Some("budget") => {
                let empty = !is_positive(&rule["left"]);
                self.add(table, &[if empty { "blocked: budget empty" } else { "blocked: budget too small for a gift" }]);
            }
            _ => {}
        }
        let Some(lost_by) = rule["lost_by"].as_array().filter(|list| !list.is_empty()) else { return };
        let lost_by: Vec<&str> = lost_by.iter().map(|by| by.as_str().unwrap()).collect();
        let both = lost_by[0] == "limit" && lost_by.len() > 1;
        self.add(table, &["lost:", if both { "limit and more".to_owned() } else { lost_by.join(" ") }.as_str()]);
        if lost_by.contains(&"budget") {
            let kind = kind(promotion, rule);
            self.add("cut by a budget, kind, point", &[kind, world.settings.point]);
            self.add("cut by a budget, group", &[kind, mode(policy, promotion)]);
        }
        if let Some(limit) = promotion.limit.as_ref().filter(|_| lost_by.contains(&"limit")) {
            let facts = &question["dealer"]["usage"][&promotion.id];
            let times = rule["times"].as_i64().unwrap();
            let limits = [("order", limit.order, 0), ("dealer", limit.dealer, facts["dealer"].as_i64().unwrap_or(0))];
            for (by, most, used) in limits.into_iter().chain([("total", limit.total, facts["total"].as_i64().unwrap_or(0))]) {
                self.add_if(most.is_some_and(|most| i64::from(most) - used == times), table, &format!("cut by {by}"));
            }
        }
    }

    fn gifts(&mut self, answer: &Value) {
        for choice in answer["gift_choices"].as_array().unwrap() {
            self.add("gift", &[choice["effect"].as_str().unwrap()]);
        }
        let gifts = answer["gifts"].as_array().unwrap();
        for gift in gifts {
            self.add_if(!is_positive(&gift["value"]), "gift", "without value");
            let own = answer["lines"].as_array().unwrap().iter().any(|line| line["sku"] == gift["sku"]);
            self.add_if(own, "gift", "of a line's product");
            let same = gifts.iter().filter(|other| other["promotion"] == gift["promotion"]).count();
            self.add_if(same > 1, "gift", "several given");
        }
        let offers = answer["gift_offers"].as_array().unwrap().iter();
        let several = offers.filter(|offer| offer["from"].as_array().unwrap().len() > 1).count();
        self.add_if(several > 0, "gift", "a choice of several");
    }

    fn coupons(&mut self, answer: &Value) {
        for coupon in answer["coupons"].as_array().unwrap() {
            self.add("coupon", &[coupon["effect"].as_str().unwrap()]);
            for part in coupon["closed_by"].as_array().into_iter().flatten() {
                self.add("coupon", &["closed by", part.as_str().unwrap()]);
            }
            let rules = coupon["rules"].as_array().unwrap();
            self.add_if(rules.len() > 1, "coupon", "two rules");
            self.add_if(!rules.is_sorted_by_key(|rule| rule.as_str().unwrap()), "coupon", "rules in running order");
        }
    }

    fn claims(&mut self, policy: &Policy, answer: &Value) {
        let rules = answer["rules"].as_array().unwrap();
        let rule_of = |id: &Value| rules.iter().find(|rule| rule["rule"] == *id).unwrap();
        for claim in answer["claims"].as_array().unwrap() {
            let kind = claim["kind"].as_str().unwrap();
            self.add("claim", &[kind]);
            self.add_if(kind == "usage" && is_positive(&rule_of(&claim["promotion"])["gift_value"]), "claim", "usage of a gift");
            if kind == "budget" {
                self.add("claim", &["budget", if claim["version"].is_null() { "without version" } else { "with version" }]);
                let gives = |promotion: &&Promotion| {
                    let rule = rules.iter().find(|rule| rule["rule"] == promotion.id.as_str());
                    promotion.budget.as_deref() == claim["budget"].as_str() && rule.is_some_and(|rule| rule["outcome"] == "applied")
                };
                let givers = policy.promotions.iter().filter(gives).count();
                self.add_if(givers > 1, "limit, budget", "budget of two promotions");
            }
        }
    }

    fn combinations(&mut self, policy: &Policy, rules: &[Value]) {
        let applied = rules.iter().filter(|rule| rule["outcome"] == "applied" && is_positive(&rule["saving"]));
        let applied = applied.map(|rule| policy.promotions.iter().find(|promotion| rule["rule"] == promotion.id.as_str()).unwrap());
        let best: Vec<(&Promotion, &str)> = applied
            .filter_map(|promotion| match contest(policy, promotion)? {
                (GroupMode::Best, group) => Some((promotion, group)),
                (GroupMode::Stack | GroupMode::Exclusive | GroupMode::First | GroupMode::Always, _) => None,
            })
            .collect();
        let is_whole = |promotion: &Promotion| {
            let get = || promotion.get.as_ref().unwrap();
            let bounded = promotion.budget.is_some() || promotion.cap.is_some() || offer::limits_units(promotion);
            shape(promotion) != "plain" || get().amount_off.is_some() || get().gift.is_some() || bounded
        };
        let mut pairs = best.iter().flat_map(|one| best.iter().map(move |other| (one, other)));
        let two_groups = |(one, other): (&(&Promotion, &str), &(&Promotion, &str))| {
            one.1 != other.1 && one.0.effective_stage() == other.0.effective_stage()
        };
        self.add_if(pairs.clone().any(two_groups), "outcome", "applied in two best groups of a stage");
        let two_wholes = pairs.any(|(one, other)| one.1 == other.1 && one.0.id != other.0.id && is_whole(one.0) && is_whole(other.0));
        self.add_if(two_wholes, "outcome", "two wholes of a group");
    }

    fn line(&mut self, world: &World, question: &Value, policy: &Policy, line: &Value) {
        self.price(world, policy, line);
        if line["price"].is_null() {
            return;
        }
        let floor = decimal(&line["floor"]);
        self.add_if(floor.is_some() && floor < decimal(&line["net"]), "line", "floor under net");
        self.add_if(floor.is_some() && floor == decimal(&line["net"]), "line", "floor is net");
        self.add_if(floor.is_some() && floor > decimal(&line["list"]), "line", "floor over list");
        let id = line["id"].as_str().unwrap();
        self.add_if(!id.contains('|'), "line", "own id");
        let asked = question["order"]["lines"].as_array().unwrap().iter();
        self.add_if(
            asked.filter(|asked| asked["id"] == id || (asked["id"].is_null() && id.contains('|') && asked["sku"] == line["sku"])).count()
                > 1,
            "line",
            "merged",
        );
        self.add_if(line["quantity"].as_str().unwrap().contains('.'), "line", "fractional");
        self.add_if(line["units"].as_array().unwrap().len() > 1, "line", "rows of units");
    }

    /// The tables as text, and the rows that were met less than `least` times.
    pub fn report(&self, least: u64) -> (String, Vec<String>) {
        let mut text = String::new();
        let mut rare = Vec::new();
        for (table, rows) in expected() {
            writeln!(text, "\n{table}").unwrap();
            let met = self.tables.get(table);
            for row in rows {
                let count = met.and_then(|met| met.get(&row)).copied().unwrap_or(0);
                writeln!(text, "{count:>8}  {row}").unwrap();
                if count < least {
                    rare.push(format!("{table}: {row}: {count}"));
                }
            }
        }
        (text, rare)
    }
}

/// What an applied promotion gives; with steps, what the first of them gives that fits what it took.
fn kind(promotion: &Promotion, rule: &Value) -> &'static str {
    let pick = |percent: bool, amount: bool, per_unit: bool, price: bool| match (percent, amount, per_unit, price) {
        (true, _, _, _) => "percent",
        (_, true, _, _) => "amount_off",
        (_, _, true, _) => "per_unit_off",
        (_, _, _, true) => "price",
        _ => "gift",
    };
    let Some(steps) = &promotion.steps else {
        let get = promotion.get.as_ref().unwrap();
        if get.earn.is_some() {
            return "earn";
        }
        return pick(get.percent.is_some(), get.amount_off.is_some(), get.per_unit_off.is_some(), get.price.is_some());
    };
    let gift = is_positive(&rule["gift_value"]);
    let mut list = steps.amount.as_ref().or(steps.quantity.as_ref()).unwrap().iter();
    let step = list.clone().find(|step| step.gift.is_some() == gift).unwrap_or_else(|| list.next().unwrap());
    pick(step.percent.is_some(), step.amount_off.is_some(), step.per_unit_off.is_some(), step.price.is_some())
}

fn mode(policy: &Policy, promotion: &Promotion) -> &'static str {
    match contest(policy, promotion) {
        Some((GroupMode::Best, _)) => "best",
        Some((GroupMode::Stack, _)) => "stack",
        Some((GroupMode::Exclusive, _)) => "exclusive",
        Some((GroupMode::First, _)) => "first",
        Some((GroupMode::Always, _)) => "always",
        None => "no group",
    }
}

fn gift_shape(promotion: &Promotion) -> &'static str {
    let Some(each) = &promotion.each else { return if promotion.steps.is_some() { "steps" } else { "once" } };
    match each.count {
        Count::PerStep if each.amount.is_some() => "each amount",
        Count::PerStep => "per_step",
        Count::ProRata => "pro_rata",
        Count::Exact => "exact",
    }
}

fn shape(promotion: &Promotion) -> String {
    let measure = |amount: bool| if amount { "amount" } else { "quantity" };
    match (&promotion.at, &promotion.each, &promotion.steps) {
        (Some(at), _, _) => format!("at {}", measure(at.amount.is_some())),
        (_, Some(each), _) => format!("each {}", measure(each.amount.is_some())),
        (_, _, Some(steps)) => format!("steps {}", measure(steps.amount.is_some())),
        _ => "plain".to_owned(),
    }
}

fn contest<'a>(policy: &'a Policy, promotion: &Promotion) -> Option<(GroupMode, &'a str)> {
    let group = policy.groups.iter().find(|group| promotion.group.as_ref() == Some(&group.id))?;
    Some((group.mode, &group.id))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn is_positive(amount: &Value) -> bool {
    decimal(amount).is_some_and(|amount| amount > rust_decimal::Decimal::ZERO)
}

fn decimal(amount: &Value) -> Option<rust_decimal::Decimal> {
    Some(amount.as_str()?.parse::<qudao::num::Number>().expect("a decimal").0)
}

/// Every combination of one word of each list.
fn cross(lists: &[&[&str]]) -> Vec<String> {
    lists.iter().fold(vec![String::new()], |rows, list| {
        rows.iter().flat_map(|row| list.iter().map(move |word| format!("{row} {word}").trim_start().to_owned())).collect()
    })
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|word| (*word).to_owned()).collect()
}
