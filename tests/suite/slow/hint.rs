//! Hints (§34), made of slow quotes.

use super::exact::{Exact, number, power_of_ten, rounded, text, whole};
use super::outcome::Told;
use super::scale::factor;
use super::transition::{Blend, Sides};
use super::{Line, Priced, Question, alias, decimal, list};
use qudao::calendar;
use qudao::policy::{
    Access, Availability, Basis, Cart, Condition, Count, Decompose, Origin, Policy, Product, Program, Promotion, ScaleBasis, ScaleMeasure,
    Step,
};
use serde_json::{Value, json};
use std::cmp::Ordering;

/// Numbers that are tried for a line, rounds to a goal, products that fill a part, lines that get one more pack, and hints (34.5 to 34.13).
const NUMBERS: i128 = 10_000;
const ROUNDS: usize = 8;
const PRODUCTS: usize = 4;
const PACKS: usize = 20;
const HINTS: usize = 50;
/// Units in an order whose combos are assigned slowly in a reasonable time.
const UNITS: i128 = 60;
/// The order of ties (34.10).
const KINDS: [&str; 9] = ["decline", "coupon", "cliff", "set_slot", "quantity", "amount", "skus", "rebate_tier", "pack"];

/// What was answered to an order.
#[derive(Clone)]
struct Answer {
    quote: Value,
    told: Vec<Told>,
}

/// A line with more than it has.
#[derive(Clone)]
struct Raised<'a> {
    id: String,
    product: &'a Product,
    unit: &'a str,
    ordered: Exact,
    /// How much more that is, in its unit and in base units.
    more: Exact,
    added: Exact,
}

#[derive(Clone)]
enum Change<'a> {
    Lines(Vec<Raised<'a>>),
    Coupon(String),
    Decline(String),
}

#[derive(Clone, PartialEq, Eq)]
enum Target {
    Promotion(String),
    Program(String),
    Itself,
}

#[derive(Clone)]
struct Goal {
    kind: &'static str,
    target: Target,
    have: Exact,
    need: Exact,
    /// Combos that are to be made.
    combos: Option<i128>,
    /// The part of a condition that measures, with where it stands in the policy.
    cart: Option<(usize, Cart)>,
}

#[derive(Clone)]
struct Hint<'a> {
    kind: &'static str,
    target: Target,
    change: Change<'a>,
    effect: Effect,
}

#[derive(Clone)]
struct Effect {
    figures: Figures,
    unit_price: Option<Exact>,
    gifts: Vec<Value>,
    rebates: Vec<(String, i128)>,
    totals: Value,
}

/// In minor units.
#[derive(Clone, Copy)]
struct Figures {
    outlay: i128,
    saving: i128,
    gift_value: i128,
    rebate: i128,
    list: i128,
}

impl Figures {
    fn benefit(self) -> i128 {
        self.saving + self.gift_value + self.rebate
    }
}

/// A line that can be changed, as the order has it; one that would be new has nothing.
#[derive(Clone)]
struct Open<'a> {
    id: String,
    product: &'a Product,
    unit: &'a str,
    ordered: Exact,
    quantity: Exact,
}

struct Search<'s> {
    /// The policy of the side that answers the order as it is, and both sides.
    side: &'s Policy,
    sides: &'s Sides<'s>,
    input: &'s Value,
    question: Question<'s>,
    priced: &'s Priced<'s>,
    now: Answer,
    left: u32,
    complete: bool,
    /// Whether an order was met whose combos cannot be assigned slowly.
    given_up: bool,
    found: Vec<Hint<'s>>,
    tiers: Vec<Hint<'s>>,
    /// Every order that was priced.
    orders: Vec<Value>,
}

/// Answers `{order, dealer, now, coupons}` like the engine, and with it every order that was priced, or nothing where one has too many units for its
/// combos; or says with which codes the order is refused.
pub fn hints(policy: &Policy, asked: &Value) -> Result<Option<(Value, Vec<Value>)>, Vec<&'static str>> {
    let sides = Sides::of(policy);
    let mut input = alias::renamed(policy, asked);
    let mut held: Vec<String> = list(&input["coupons"]).iter().map(|code| code.as_str().expect("a code").to_owned()).collect();
    held.sort();
    held.dedup();
    input.as_object_mut().expect("an object").remove("coupons");
    let (quote, measures) = sides.answer(&input)?;
    let (joined, blend) = sides.side(&quote["transition"]);
    let zone = calendar::zone(&joined.policy.settings.zone).expect("a zone");
    let blend = blend.map(|(other, own)| Blend { other: Question::new(other, &zone, &input), own });
    let question = Question { blend: blend.as_ref(), ..Question::new(joined, &zone, &input) };
    let priced = question.priced()?;
    let left = policy.settings.hint_quotes;
    let mut search = Search {
        side: &joined.policy,
        sides: &sides,
        input: &input,
        question,
        priced: &priced,
        now: Answer { quote, told: measures },
        left,
        complete: true,
        given_up: false,
        found: Vec::new(),
        tiers: Vec::new(),
        orders: vec![input.clone()],
    };
    search.declines();
    search.coupons(&held);
    let open = search.open();
    search.cliffs(&open);
    search.goals(&open);
    let mut packs = search.packs(&open);
    let Search { mut found, mut tiers, left: rest, complete, given_up, now, orders, .. } = search;
    if given_up {
        return Ok(None);
    }
    found.sort_by(rank);
    packs.sort_by(rank);
    let mut hints: Vec<Hint> = Vec::new();
    for hint in found {
        if hints.len() < HINTS && hints.iter().all(|known| shown(&known.change) != shown(&hint.change)) {
            hints.push(hint);
        }
    }
    let place =
        |hint: &Hint| list(&now.quote["rebates"]).iter().position(|rebate| hint.target == Target::Program(id_of(&rebate["program"])));
    tiers.sort_by_key(place);
    let all = |hints: &[Hint]| hints.iter().map(|hint| told(hint, &question)).collect::<Vec<_>>();
    let answer = json!({
        "hints": all(&hints), "tiers": all(&tiers), "packs": all(&packs), "quotes": policy.settings.hint_quotes - rest, "complete": complete,
    });
    Ok(Some((answer, orders)))
}

fn id_of(value: &Value) -> String {
    value.as_str().expect("an id").to_owned()
}

/// A change as it is told.
fn shown(change: &Change) -> Value {
    match change {
        Change::Coupon(code) => json!({ "coupon": code }),
        Change::Decline(id) => json!({ "decline": id }),
        Change::Lines(raised) => {
            let line = |raised: &Raised| {
                let Raised { id, product, unit, ordered, more, .. } = raised;
                json!({ "line": id, "sku": product.sku, "unit": unit, "quantity": text(*ordered, 0), "more": text(*more, 0) })
            };
            json!({ "lines": raised.iter().map(line).collect::<Vec<_>>() })
        }
    }
}

fn told(hint: &Hint, question: &Question) -> Value {
    let (promotion, program) = match &hint.target {
        Target::Promotion(id) => (Some(id), None),
        Target::Program(id) => (None, Some(id)),
        Target::Itself => (None, None),
    };
    let Effect { figures, unit_price, gifts, rebates, totals } = &hint.effect;
    let rebate = |(program, amount): &(String, i128)| json!({ "program": program, "amount": question.money(*amount) });
    json!({
        "kind": hint.kind,
        "promotion": promotion,
        "program": program,
        "change": shown(&hint.change),
        "outlay": question.money(figures.outlay),
        "saving": question.money(figures.saving),
        "gift_value": question.money(figures.gift_value),
        "rebate": question.money(figures.rebate),
        "benefit": question.money(figures.benefit()),
        "list": question.money(figures.list),
        "rebates": rebates.iter().map(rebate).collect::<Vec<_>>(),
        "unit_price": unit_price.map(|price| text(price, question.digits)),
        "gifts": gifts,
        "totals": totals,
    })
}

/// What tells candidates of one kind and target apart (34.10).
fn own_ids(change: &Change) -> Vec<String> {
    match change {
        Change::Lines(raised) => raised.iter().map(|raised| raised.id.clone()).collect(),
        Change::Coupon(code) => vec![code.clone()],
        Change::Decline(_) => Vec::new(),
    }
}

/// 34.10.
fn rank(a: &Hint, b: &Hint) -> Ordering {
    let worth = |hint: &Hint| (hint.effect.figures.outlay, hint.effect.figures.benefit());
    let ((x, x_benefit), (y, y_benefit)) = (worth(a), worth(b));
    let by_worth = match (x.signum(), y.signum()) {
        (-1, -1) => x.cmp(&y),
        (0, 0) => y_benefit.cmp(&x_benefit),
        (1, 1) => Exact::new(y_benefit, y).cmp(&Exact::new(x_benefit, x)),
        (x, y) => x.cmp(&y),
    };
    let place = |hint: &Hint| KINDS.iter().position(|kind| *kind == hint.kind);
    let id = |hint: &Hint| match &hint.target {
        Target::Promotion(id) | Target::Program(id) => id.clone(),
        Target::Itself => own_ids(&hint.change).concat(),
    };
    by_worth.then_with(|| place(a).cmp(&place(b))).then_with(|| id(a).cmp(&id(b)))
}

/// Keeps the one with the least outlay, ties the smaller line ids (34.10).
fn keep<'a>(hints: &mut Vec<Hint<'a>>, hint: Hint<'a>) {
    let class = |kind: &'static str| if ["quantity", "skus"].contains(&kind) { "amount" } else { kind };
    let key = |hint: &Hint| (hint.effect.figures.outlay, own_ids(&hint.change));
    let same = |known: &&mut Hint| {
        let of_itself = hint.target != Target::Itself || own_ids(&known.change) == own_ids(&hint.change);
        class(known.kind) == class(hint.kind) && known.target == hint.target && of_itself
    };
    match hints.iter_mut().find(same) {
        Some(known) if key(known) <= key(&hint) => {}
        Some(known) => *known = hint,
        None => hints.push(hint),
    }
}

fn lines_of<'a>(answer: &'a Answer, id: &str) -> Option<&'a Value> {
    list(&answer.quote["lines"]).iter().find(|line| line["id"] == id)
}

/// Guards above `info`, by code and line.
fn guards(answer: &Answer) -> Vec<(String, String)> {
    let grave = list(&answer.quote["guards"]).iter().filter(|guard| guard["severity"] != "info");
    grave.map(|guard| (id_of(&guard["code"]), guard["line"].as_str().unwrap_or_default().to_owned())).collect()
}

/// What a line costs, where one price is for all of it (34.7).
fn price_of(id: &str, answer: &Answer) -> Option<(String, u64)> {
    let price = &lines_of(answer, id)?["price"];
    let one = !price.is_null() && list(&price["bands"]).is_empty() && list(&price["portions"]).is_empty();
    one.then(|| (id_of(&price["unit_price"]), price["per"].as_u64().expect("a number")))
}

/// The combos that a promotion made, none where nothing but its units is missing.
fn made(outcome: &Value) -> Option<i128> {
    match (outcome["outcome"].as_str(), list(&outcome["conditions"])) {
        (Some("applied"), _) => outcome["times"].as_i64().map(i128::from),
        (Some("failed"), [one]) if one["condition"] == "quantity" => Some(0),
        _ => None,
    }
}

/// The volume that reaches the next tier of a preview.
fn start(next: &Value, smallest: Exact) -> Exact {
    match next["above"].is_null() {
        true => decimal(&next["from"]),
        false => decimal(&next["above"]) + smallest,
    }
}

fn has_cart(condition: &Condition) -> bool {
    let mut has = false;
    condition.each(&mut |inner| has |= inner.cart.is_some());
    has
}

impl<'s> Search<'s> {
    fn policy(&self) -> &'s Policy {
        self.side
    }

    fn promotion(&self, id: &str) -> &'s Promotion {
        self.policy().promotions.iter().find(|promotion| promotion.id == id).expect("a promotion")
    }

    fn program(&self, id: &str) -> &'s Program {
        self.policy().programs.iter().find(|program| program.id == id).expect("a program")
    }

    fn smallest(&self) -> Exact {
        Exact::new(1, power_of_ten(self.policy().settings.quantity_scale))
    }

    fn changed(&self, change: &Change) -> Value {
        let mut input = self.input.clone();
        let order = input["order"].as_object_mut().expect("an order");
        let mut add = |key: &str, value: &str| {
            order.entry(key).or_insert_with(|| json!([])).as_array_mut().expect("a list").push(json!(value));
        };
        match change {
            Change::Coupon(code) => add("coupons", code),
            Change::Decline(id) => add("decline", id),
            Change::Lines(raised) => {
                let lines = order["lines"].as_array_mut().expect("lines");
                for Raised { id, product, unit, ordered, .. } in raised {
                    let own = |asked: &Value| self.question.id_of(asked) == *id;
                    let mut line =
                        lines.iter().find(|asked| own(asked)).cloned().unwrap_or_else(|| json!({ "sku": product.sku, "unit": unit }));
                    line["id"] = json!(id);
                    line["quantity"] = json!(text(*ordered, 0));
                    match lines.iter().position(own) {
                        Some(at) => {
                            lines[at] = line;
                            let mut first = true;
                            lines.retain(|asked| self.question.id_of(asked) != *id || std::mem::replace(&mut first, false));
                        }
                        None => lines.push(line),
                    }
                }
            }
        }
        input
    }

    /// 34.9.
    fn price(&mut self, change: &Change) -> Option<Answer> {
        if self.left == 0 {
            self.complete = false;
            return None;
        }
        self.left -= 1;
        Some(self.answer(change))
    }

    fn answer(&mut self, change: &Change) -> Answer {
        let added = if let Change::Lines(raised) = change { raised.iter().map(|raised| raised.added).sum() } else { whole(0) };
        let units: Exact = self.priced.lines.iter().map(|line| line.quantity).sum();
        self.given_up |= units + added > whole(UNITS) && self.policy().promotions.iter().any(|promotion| promotion.combo.is_some());
        if self.given_up {
            return self.now.clone();
        }
        let input = self.changed(change);
        let (quote, told) = self.sides.answer(&input).expect("an order that is not refused");
        self.orders.push(input);
        Answer { quote, told }
    }

    fn figures(&self, answer: &Answer) -> Figures {
        let minor = |amount: &Value| self.question.amount_of(decimal(amount));
        let totals = &answer.quote["totals"];
        Figures {
            outlay: minor(&totals["payable"]) + minor(&totals["redeemed"]),
            saving: minor(&totals["discount"]) + minor(&totals["freight_discount"]),
            gift_value: minor(&totals["gift_value"]),
            rebate: list(&answer.quote["rebates"]).iter().map(|rebate| minor(&rebate["delta"])).sum(),
            list: minor(&totals["list"]),
        }
    }

    /// 34.2.
    fn effect(&self, change: &Change, answer: &Answer) -> Effect {
        let (then, now) = (self.figures(answer), self.figures(&self.now));
        let figures = Figures {
            outlay: then.outlay - now.outlay,
            saving: then.saving - now.saving,
            gift_value: then.gift_value - now.gift_value,
            rebate: then.rebate - now.rebate,
            list: then.list - now.list,
        };
        let settings = &self.policy().settings;
        let unit_price = match change {
            Change::Lines(raised) if raised.len() == 1 => {
                let costs = Exact::new(figures.outlay - figures.gift_value - figures.rebate, self.question.minor);
                let one = power_of_ten(settings.unit_scale.unwrap_or(self.question.digits));
                Some(Exact::new(rounded(costs / raised[0].added * whole(one), settings.rounding), one))
            }
            _ => None,
        };
        let minor = |amount: &Value| self.question.amount_of(decimal(amount));
        let mut gifts = Vec::new();
        for gift in list(&answer.quote["gifts"]) {
            let same = |known: &&Value| known["promotion"] == gift["promotion"] && known["sku"] == gift["sku"];
            let before = list(&self.now.quote["gifts"]).iter().find(same);
            let (quantity, value) = before.map_or((whole(0), 0), |known| (decimal(&known["quantity"]), minor(&known["value"])));
            if decimal(&gift["quantity"]) > quantity {
                gifts.push(json!({
                    "promotion": gift["promotion"], "sku": gift["sku"], "quantity": text(decimal(&gift["quantity"]) - quantity, 0),
                    "value": self.question.money(minor(&gift["value"]) - value),
                }));
            }
        }
        let mut rebates: Vec<(String, i128)> = Vec::new();
        for (answer, sign) in [(answer, 1), (&self.now, -1)] {
            for rebate in list(&answer.quote["rebates"]) {
                let (id, delta) = (id_of(&rebate["program"]), sign * minor(&rebate["delta"]));
                match rebates.iter_mut().find(|(known, _)| *known == id) {
                    Some((_, sum)) => *sum += delta,
                    None => rebates.push((id, delta)),
                }
            }
        }
        rebates.retain(|(_, delta)| *delta != 0);
        rebates.sort();
        Effect { figures, unit_price, gifts, rebates, totals: answer.quote["totals"].clone() }
    }

    /// 34.3.
    fn is_valid(&self, change: &Change, answer: &Answer, outlay: i128) -> bool {
        let (before, after) = (guards(&self.now), guards(answer));
        let is_of = |line: &str| matches!(change, Change::Lines(raised) if raised.iter().any(|raised| raised.id == line));
        let count = |list: &[(String, String)], guard: &(String, String)| list.iter().filter(|known| *known == guard).count();
        after.iter().all(|guard| {
            let rises = ["ORDER_MAX", "CREDIT_USED", "CREDIT_LIMIT"].contains(&guard.0.as_str()) && outlay > 0;
            !is_of(&guard.1) && !rises && count(&after, guard) <= count(&before, guard)
        })
    }

    /// 34.4.
    fn is_shown(&self, figures: Figures) -> bool {
        let now = self.figures(&self.now);
        let brings = if now.list == 0 { figures.benefit() > 0 } else { figures.benefit() * now.list > now.benefit() * figures.list };
        brings || figures.outlay < 0
    }

    /// Keeps a candidate; the outlay of a valid one.
    fn consider(&mut self, kind: &'static str, target: Target, change: Change<'s>, answer: &Answer) -> Option<i128> {
        let effect = self.effect(&change, answer);
        let figures = effect.figures;
        if !self.is_valid(&change, answer, figures.outlay) {
            return None;
        }
        let hint = Hint { kind, target, change, effect };
        if kind == "rebate_tier" {
            keep(&mut self.tiers, hint.clone());
        }
        if self.is_shown(figures) {
            keep(&mut self.found, hint);
        }
        Some(figures.outlay)
    }

    fn attempt(&mut self, kind: &'static str, target: Target, change: Change<'s>) {
        if let Some(answer) = self.price(&change) {
            self.consider(kind, target, change, &answer);
        }
    }

    /// 34.8.
    fn declines(&mut self) {
        let mut declined: Vec<&Value> = list(&self.input["order"]["decline"]).iter().collect();
        declined.dedup();
        if declined.len() == 100 {
            return;
        }
        let rules = list(&self.now.quote["rules"]).iter().filter(|rule| rule["outcome"] == "applied");
        let ids: Vec<String> = rules.map(|rule| id_of(&rule["rule"])).collect();
        for id in ids {
            self.attempt("decline", Target::Promotion(id.clone()), Change::Decline(id));
        }
    }

    fn coupons(&mut self, held: &[String]) {
        let entered: Vec<String> = list(&self.input["order"]["coupons"]).iter().map(id_of).collect();
        if entered.len() == 20 {
            return;
        }
        for code in held.iter().filter(|code| !entered.contains(code)) {
            self.attempt("coupon", Target::Itself, Change::Coupon(code.clone()));
        }
    }

    /// 34.5: of each product that is orderable its first line by id, if that has a price.
    fn open(&self) -> Vec<Open<'s>> {
        let lines = &self.priced.lines;
        let first = |line: &Line| lines.iter().all(|other| other.product.sku != line.product.sku || other.id >= line.id);
        let fits = |line: &Line| first(line) && line.price.is_some() && self.question.availability(line.product) == Availability::Orderable;
        let open = |at: usize| {
            let Line { id, product, unit, ordered, quantity, .. } = &lines[at];
            Open { id: id.clone(), product, unit, ordered: *ordered, quantity: *quantity }
        };
        super::positions(lines, fits).into_iter().map(open).collect()
    }

    fn pooled(&self, product: &Product) -> Exact {
        self.priced.lines.iter().filter(|line| line.product.sku == product.sku).map(|line| line.quantity).sum()
    }

    /// 34.5.
    fn line_of(&self, line: &Open<'s>, least: i128) -> Option<Raised<'s>> {
        let others = self.pooled(line.product) - line.quantity;
        let factor = factor(line.product, line.unit).expect("a unit of the product");
        let fitting = self.question.fitting(line.product);
        let fits = |units: &i128| {
            let quantity = whole(*units) * factor;
            (quantity / self.smallest()).is_integer() && fitting.fits(others + quantity)
        };
        let units = whole((least..least + NUMBERS).find(fits)?);
        let Open { id, product, unit, ordered, quantity } = line.clone();
        Some(Raised { id, product, unit, ordered: units, more: units - ordered, added: units * factor - quantity })
    }

    fn cliffs(&mut self, open: &[Open<'s>]) {
        for line in open {
            let pooled = self.pooled(line.product);
            let factor = factor(line.product, line.unit).expect("a unit of the product");
            let by_sku = |access: &Access| access.scale.basis == ScaleBasis::Sku && access.scale.measure == ScaleMeasure::Quantity;
            let prices = self.question.prices_of(line.product, line.unit).into_iter().filter(|(_, found)| by_sku(found.access));
            let begins = prices.map(|(from, found)| if found.row.unit.is_some() { from * factor } else { from });
            let Some(begin) = begins.filter(|begin| *begin > pooled).min() else { continue };
            let least = (line.ordered + (begin - pooled) / factor).ceil().to_integer();
            if let Some(raised) = self.line_of(line, least) {
                self.attempt("cliff", Target::Itself, Change::Lines(vec![raised]));
            }
        }
    }

    /// 34.6.
    fn goals(&mut self, open: &[Open<'s>]) {
        let mut goals: Vec<Goal> = Vec::new();
        for (outcome, told) in list(&self.now.quote["rules"]).iter().zip(&self.now.told) {
            let id = id_of(&outcome["rule"]);
            let (promotion, target) = (self.promotion(&id), Target::Promotion(id.clone()));
            let conditions = if outcome["outcome"] == "failed" { list(&outcome["conditions"]) } else { &[] };
            for (entry, cart) in conditions.iter().zip(&told.carts) {
                let Some((_, own)) = cart.as_ref().filter(|(_, cart)| cart.weight.is_none()) else { continue };
                let kind = match (own.amount, own.quantity) {
                    (Some(_), _) => "amount",
                    (_, Some(_)) => "quantity",
                    _ => "skus",
                };
                let (have, need) = (decimal(&entry["have"]), decimal(&entry["need"]));
                goals.push(Goal { kind, target: target.clone(), have, need, combos: None, cart: cart.clone() });
            }
            if promotion.combo.is_some() {
                goals.extend(made(outcome).and_then(|made| self.one_more(promotion, made)));
                continue;
            }
            let goal = match (conditions, told.have) {
                ([carts @ .., threshold], Some(have)) if threshold["condition"] == "amount" || threshold["condition"] == "quantity" => {
                    let all_carts = carts.iter().zip(&told.carts).all(|(_, cart)| cart.is_some());
                    let kind = if threshold["condition"] == "amount" { "amount" } else { "quantity" };
                    all_carts.then(|| (kind, have, decimal(&threshold["need"])))
                }
                ([], Some(have)) => {
                    let by_amount = measures_amount(promotion);
                    self.next(promotion, have).map(|need| (if by_amount { "amount" } else { "quantity" }, have, need))
                }
                _ => None,
            };
            goals.extend(goal.map(|(kind, have, need)| Goal { kind, target, have, need, combos: None, cart: None }));
        }
        let silent = |promotion: &&Promotion| {
            promotion.coupon.is_none()
                && self.question.is_open(promotion)
                && promotion.condition.as_ref().is_some_and(has_cart)
                && list(&self.now.quote["rules"]).iter().all(|rule| rule["rule"] != promotion.id.as_str())
        };
        let add_ons: Vec<&Promotion> = self.question.running_order().into_iter().filter(silent).collect();
        goals.extend(add_ons.into_iter().filter(|promotion| promotion.combo.is_some()).filter_map(|promotion| self.one_more(promotion, 0)));
        for rebate in list(&self.now.quote["rebates"]).iter().filter(|rebate| !rebate["next"].is_null()) {
            let need = start(&rebate["next"], self.smallest_of(rebate));
            let have = need - decimal(&rebate["next"]["gap"]);
            let target = Target::Program(id_of(&rebate["program"]));
            goals.push(Goal { kind: "rebate_tier", target, have, need, combos: None, cart: None });
        }
        goals.sort_by_key(|goal| (goal.need - goal.have) / goal.need);
        for goal in goals {
            match goal {
                Goal { combos: Some(combos), .. } => self.complete(&goal, combos, open),
                Goal { kind: "skus", .. } => self.vary(&goal),
                _ => {
                    let lines: Vec<&Open> = open.iter().filter(|line| self.counts(&goal, line.product)).collect();
                    lines.into_iter().for_each(|line| self.reach(&goal, line));
                }
            }
        }
    }

    fn smallest_of(&self, rebate: &Value) -> Exact {
        if rebate["qualifier"] == "amount" { Exact::new(1, self.question.minor) } else { self.smallest() }
    }

    /// Where a promotion that is reached counts next.
    fn next(&self, promotion: &Promotion, have: Exact) -> Option<Exact> {
        let by_amount = measures_amount(promotion);
        let smallest = if by_amount { Exact::new(1, self.question.minor) } else { self.smallest() };
        let on = promotion.on.as_ref();
        if let Some(each) = &promotion.each {
            let in_base = |figure| if by_amount { number(figure) } else { self.question.in_base(on, each.unit.as_deref(), figure) };
            let step = in_base(each.amount.or(each.quantity).expect("a step"));
            let most = each.times.map_or(i128::MAX, i128::from);
            let units = match each.count {
                Count::ProRata => {
                    let gift = promotion.get.as_ref().and_then(|get| get.gift.as_ref()).expect("a gift");
                    self.question.units_of(gift).next().expect("an item").1
                }
                _ => whole(1),
            };
            let from = each.from.map(in_base).filter(|_| each.origin == Some(Origin::Threshold));
            // How often it counts at `have`, and at what it counts once more.
            let (count, next) = match from {
                Some(from) => {
                    let count = 1 + ((have - from) / step).floor().to_integer();
                    (count, from + step * whole(count))
                }
                None => {
                    let count = (have * units / step).floor();
                    let next = (count + whole(1)) * step / units;
                    (count.to_integer(), (next / smallest).ceil() * smallest)
                }
            };
            let most = (units * whole(most.min(1_000_000_000))).to_integer();
            return (count < most).then_some(next);
        }
        let steps = promotion.steps.as_ref()?;
        let in_base = |step: &Step| match by_amount {
            true => number(step.from),
            false => self.question.in_base(on, steps.unit.as_deref(), step.from),
        };
        let all = steps.amount.as_ref().or(steps.quantity.as_ref()).expect("steps");
        if steps.decompose == Decompose::Highest {
            // §17.6.
            let there = all.iter().filter(|step| self.question.is_there(step.gift.as_ref()));
            return there.map(in_base).filter(|from| *from > have).min();
        }
        let table = self.question.table(&self.priced.lines, &self.priced.lines, &self.priced.state);
        let divided = |have: Exact| table.decomposed(promotion, have);
        let worth = |have: Exact| divided(have).iter().map(|(off, times)| off * times).sum::<i128>();
        // Nothing changes but at sums of steps, and so at multiples of what all of them are multiples of.
        let images = all.iter().map(|step| (in_base(step) / smallest).to_integer());
        let unit = whole(images.fold(0, common)) * smallest;
        let first = ((have / unit).floor() + whole(1)) * unit;
        let mut then = (0..).map(|more| first + unit * whole(more));
        then.find(|then| match steps.decompose {
            Decompose::Greedy => divided(*then) != divided(have),
            _ => worth(*then) > worth(have),
        })
    }

    /// Whether more of a product counts for what a goal measures.
    fn counts(&self, goal: &Goal, product: &Product) -> bool {
        match (&goal.cart, &goal.target) {
            (Some((_, cart)), _) => self.question.selects(cart.on.as_ref(), product),
            (None, Target::Promotion(id)) => self.question.selects(self.promotion(id).on.as_ref(), product),
            (None, Target::Program(id)) => self.question.selects(self.program(id).on.as_ref(), product),
            (None, Target::Itself) => false,
        }
    }

    fn by_amount(&self, goal: &Goal) -> bool {
        match &goal.target {
            Target::Program(id) => {
                list(&self.now.quote["rebates"]).iter().any(|rebate| rebate["program"] == id.as_str() && rebate["qualifier"] == "amount")
            }
            _ => goal.kind == "amount",
        }
    }

    /// What an answer has of what a goal measures; what is reached and not told is more than anything.
    fn measured(&self, goal: &Goal, answer: &Answer) -> Option<Exact> {
        if !self.is_of_side(answer) {
            return None;
        }
        let most = whole(i128::from(i64::MAX));
        match &goal.target {
            Target::Itself => None,
            Target::Program(id) => {
                let rebate = list(&answer.quote["rebates"]).iter().find(|rebate| rebate["program"] == id.as_str())?;
                let next = &rebate["next"];
                Some(if next.is_null() { most } else { start(next, self.smallest_of(rebate)) - decimal(&next["gap"]) })
            }
            Target::Promotion(id) => {
                let at = list(&answer.quote["rules"]).iter().position(|rule| rule["rule"] == id.as_str())?;
                let (outcome, told) = (&answer.quote["rules"][at], &answer.told[at]);
                if let Some((place, _)) = &goal.cart {
                    let failed = if outcome["outcome"] == "failed" { list(&outcome["conditions"]) } else { &[] };
                    let own = failed.iter().zip(&told.carts).find(|(_, cart)| cart.as_ref().is_some_and(|(known, _)| known == place));
                    return Some(own.map_or(most, |(entry, _)| decimal(&entry["have"])));
                }
                if goal.combos.is_some() { made(outcome).map(whole) } else { told.have }
            }
        }
    }

    /// Whether an answer is of the side that answers the order as it is.
    fn is_of_side(&self, answer: &Answer) -> bool {
        answer.quote["transition"]["side"] == self.now.quote["transition"]["side"]
    }

    fn is_applied(&self, target: &Target, answer: &Answer) -> bool {
        let Target::Promotion(id) = target else { return true };
        self.is_of_side(answer)
            && list(&answer.quote["rules"]).iter().any(|rule| rule["rule"] == id.as_str() && rule["outcome"] == "applied")
    }

    /// What one unit more of a line adds at most (34.7).
    fn adds(&self, goal: &Goal, line: &Open, answer: &Answer) -> Option<Exact> {
        let question = &self.question;
        let adds = if self.by_amount(goal) {
            let told = lines_of(answer, &line.id)?;
            let amount = question.amount_of(decimal(&told["list"]));
            let amount = match (&goal.target, &goal.cart) {
                (Target::Promotion(id), None) => question.measured(self.promotion(id).threshold_tax, line.product, amount),
                (Target::Program(id), _) if matches!(self.program(id).basis, Basis::Gross | Basis::Collected | Basis::SellOut) => {
                    question.taxed(line.product, amount).gross
                }
                _ => amount,
            };
            Exact::new(amount, question.minor) / decimal(&told["quantity"])
        } else {
            let factor = factor(line.product, line.unit).expect("a unit of the product");
            match &goal.target {
                Target::Program(id) => question.counted_in(self.program(id), line.product, factor),
                _ => factor,
            }
        };
        (adds > whole(0)).then_some(adds)
    }

    /// 34.7.
    fn reach(&mut self, goal: &Goal, line: &Open<'s>) {
        let now = self.now.clone();
        let (mut units, mut have) = (line.ordered.floor().to_integer(), goal.have);
        let (mut adds, mut price) = (self.adds(goal, line, &now), price_of(&line.id, &now));
        for _ in 0..ROUNDS {
            let Some(step) = adds else { return };
            let more = ((goal.need - have) / step).ceil().to_integer().max(1);
            let Some(raised) = self.line_of(line, units + more) else { return };
            let Some(answer) = self.price(&Change::Lines(vec![raised.clone()])) else { return };
            let Some(measured) = self.measured(goal, &answer) else { return };
            if measured >= goal.need {
                let (raised, answer) = self.fewest(goal, line, units, (raised, answer));
                if self.is_applied(&goal.target, &answer) {
                    self.consider(goal.kind, goal.target.clone(), Change::Lines(vec![raised]), &answer);
                }
                return;
            }
            let then = price_of(&line.id, &answer);
            if measured == have && price.is_some() && price == then {
                return;
            }
            adds = self.adds(goal, line, &answer);
            (units, have, price) = (raised.ordered.floor().to_integer(), measured, then);
        }
    }

    /// 34.7, where the line is not at one price.
    fn fewest(&mut self, goal: &Goal, line: &Open<'s>, before: i128, reached: (Raised<'s>, Answer)) -> (Raised<'s>, Answer) {
        let now = price_of(&line.id, &self.now);
        if !self.by_amount(goal) || (now.is_some() && now == price_of(&line.id, &reached.1)) {
            return reached;
        }
        let (mut best, mut n) = (reached, before);
        let mut m = best.0.ordered.to_integer();
        while m - n > 1 {
            let half = (n + m) / 2;
            let Some(raised) = self.line_of(line, half) else { break };
            if raised.ordered >= best.0.ordered {
                m = half;
                continue;
            }
            let Some(answer) = self.price(&Change::Lines(vec![raised.clone()])) else { break };
            if self.measured(goal, &answer).is_some_and(|measured| measured >= goal.need) {
                (m, best) = (half, (raised, answer));
            } else {
                n = raised.ordered.to_integer();
            }
        }
        best
    }

    /// New lines, in the base unit, of the first products that are orderable, of which the order has no line, and that fit.
    fn new_lines(&self, most: usize, fits: impl Fn(&Product) -> bool) -> Vec<Open<'s>> {
        let lines = &self.priced.lines;
        let is_new = |product: &&Product| {
            fits(product)
                && self.question.availability(product) == Availability::Orderable
                && lines.iter().all(|line| line.product.sku != product.sku)
        };
        let mut products: Vec<&Product> = self.policy().products.iter().filter(is_new).collect();
        products.sort_by(|a, b| a.sku.as_bytes().cmp(b.sku.as_bytes()));
        products.truncate(most);
        let open = |product: &'s Product| Open {
            id: format!("{}|{}", product.sku, product.unit),
            product,
            unit: &product.unit,
            ordered: whole(0),
            quantity: whole(0),
        };
        products.into_iter().map(open).filter(|new| lines.iter().all(|line| line.id != new.id)).collect()
    }

    /// Of the kind `skus`.
    fn vary(&mut self, goal: &Goal) {
        let missing = usize::try_from((goal.need - goal.have).to_integer()).expect("a number above 0");
        if missing > PRODUCTS {
            return;
        }
        let lines = self.new_lines(missing + PRODUCTS - 1, |product| self.counts(goal, product));
        for some in lines.windows(missing) {
            let Some(raised) = some.iter().map(|line| self.line_of(line, 1)).collect::<Option<Vec<_>>>() else { continue };
            let change = Change::Lines(raised);
            let Some(answer) = self.price(&change) else { return };
            if self.is_applied(&goal.target, &answer) {
                self.consider(goal.kind, goal.target.clone(), change, &answer);
            }
        }
    }

    /// Units of each part of a combo, and which products it takes.
    fn parts<'p>(&self, promotion: &'p Promotion) -> Vec<(i128, Option<&'p qudao::policy::Select>)> {
        let combo = promotion.combo.as_ref().expect("a combo");
        match &combo.parts {
            Some(parts) => parts.iter().map(|part| (i128::from(part.quantity), Some(&part.on))).collect(),
            None => vec![(i128::from(combo.quantity.expect("units of a combo")), promotion.on.as_ref())],
        }
    }

    /// How many of the units that so many combos take can be filled at once, where parts have some for themselves alone.
    fn filled(&self, promotion: &Promotion, combos: i128, own: &[i128]) -> i128 {
        let parts = self.parts(promotion);
        let lines: Vec<&Line> =
            self.question.eligible(promotion, &self.priced.lines).into_iter().map(|at| &self.priced.lines[at]).collect();
        // What does not fit through the narrowest cut stays out.
        let through = |cut: usize| {
            let has = |part: &usize| cut >> part & 1 == 1;
            let reaches = |line: &&&Line| (0..parts.len()).filter(has).any(|part| self.question.selects(parts[part].1, line.product));
            let whole = lines.iter().filter(reaches).filter(|line| line.quantity.is_integer());
            let of_lines: i128 = whole.map(|line| line.quantity.to_integer()).sum();
            let own: i128 = (0..parts.len()).filter(has).map(|part| own[part]).sum();
            let others: i128 = (0..parts.len()).filter(|part| !has(part)).map(|part| parts[part].0 * combos).sum();
            of_lines + own + others
        };
        (0..1 << parts.len()).map(through).min().expect("a cut")
    }

    fn needed(&self, promotion: &Promotion, combos: i128) -> i128 {
        self.parts(promotion).iter().map(|(units, _)| units * combos).sum()
    }

    /// One combo more than were made, if units are missing for it.
    fn one_more(&self, promotion: &Promotion, made: i128) -> Option<Goal> {
        let times = promotion.combo.as_ref().and_then(|combo| combo.times).map_or(i128::MAX, i128::from);
        let combos = Some(made).filter(|made| *made < times)? + 1;
        let need = self.needed(promotion, combos);
        let have = self.filled(promotion, combos, &vec![0; self.parts(promotion).len()]);
        let target = Target::Promotion(promotion.id.clone());
        (have < need).then(|| Goal { kind: "set_slot", target, have: whole(have), need: whole(need), combos: Some(combos), cart: None })
    }

    /// 34.11.
    fn complete(&mut self, goal: &Goal, combos: i128, open: &[Open<'s>]) {
        let Target::Promotion(id) = &goal.target else { return };
        let promotion = self.promotion(id);
        let (parts, need) = (self.parts(promotion), self.needed(promotion, combos));
        let mut own: Vec<i128> = vec![need; parts.len()];
        for part in 0..parts.len() {
            let enough = |units: &i128| {
                let mut tried = own.clone();
                tried[part] = *units;
                self.filled(promotion, combos, &tried) == need
            };
            own[part] = (0..=need).find(enough).expect("all of its own are enough");
        }
        let mut slots: Vec<(Vec<Open>, i128)> = Vec::new();
        for (at, short) in own.iter().enumerate().filter(|(_, short)| **short > 0) {
            let fits = |product: &Product| self.question.selects(parts[at].1, product);
            let mut lines: Vec<Open> = open.iter().filter(|line| fits(line.product)).cloned().collect();
            if lines.is_empty() {
                lines = self.new_lines(PRODUCTS, fits);
            }
            if lines.is_empty() {
                return;
            }
            slots.push((lines, *short));
        }
        let (mut chosen, mut least): (Vec<usize>, Option<i128>) = (vec![0; slots.len()], None);
        for slot in 0..slots.len() {
            let known = chosen[slot];
            for line in (0..slots[slot].0.len()).filter(|line| slot == 0 || *line != known) {
                let mut tried = chosen.clone();
                tried[slot] = line;
                let Some(change) = self.filling(&slots, &tried) else { continue };
                let Some(answer) = self.price(&change) else { continue };
                if self.measured(goal, &answer).is_none_or(|made| made < whole(combos)) {
                    continue;
                }
                let outlay = self.consider(goal.kind, goal.target.clone(), change, &answer);
                if outlay.is_some_and(|outlay| least.is_none_or(|least| outlay < least)) {
                    (least, chosen) = (outlay, tried);
                }
            }
        }
    }

    fn filling(&self, slots: &[(Vec<Open<'s>>, i128)], chosen: &[usize]) -> Option<Change<'s>> {
        let mut lines: Vec<(&Open, i128)> = Vec::new();
        for ((own, short), at) in slots.iter().zip(chosen) {
            match lines.iter_mut().find(|(known, _)| known.id == own[*at].id) {
                Some((_, units)) => *units += short,
                None => lines.push((&own[*at], *short)),
            }
        }
        let raised = |(line, short): (&Open<'s>, i128)| {
            let factor = factor(line.product, line.unit).expect("a unit of the product");
            self.line_of(line, line.ordered.floor().to_integer() + (whole(short) / factor).ceil().to_integer())
        };
        lines.into_iter().map(raised).collect::<Option<_>>().map(Change::Lines)
    }

    /// 34.13.
    fn packs(&mut self, open: &[Open<'s>]) -> Vec<Hint<'s>> {
        let programs: Vec<&Program> =
            list(&self.now.quote["rebates"]).iter().map(|rebate| self.program(rebate["program"].as_str().expect("an id"))).collect();
        let counts = |line: &&Open| programs.iter().any(|program| self.question.selects(program.on.as_ref(), line.product));
        let lines: Vec<&Open> = open.iter().filter(counts).take(PACKS).collect();
        let mut packs = Vec::new();
        for line in lines {
            let Some(raised) = self.line_of(line, line.ordered.floor().to_integer() + 1) else { continue };
            let change = Change::Lines(vec![raised]);
            let answer = self.answer(&change);
            let effect = self.effect(&change, &answer);
            if self.is_valid(&change, &answer, effect.figures.outlay) {
                packs.push(Hint { kind: "pack", target: Target::Itself, change, effect });
            }
        }
        packs
    }
}

/// Whether the threshold of a promotion is an amount.
fn measures_amount(promotion: &Promotion) -> bool {
    let Promotion { at, each, steps, .. } = promotion;
    at.as_ref().is_some_and(|at| at.amount.is_some())
        || each.as_ref().is_some_and(|each| each.amount.is_some())
        || steps.as_ref().is_some_and(|steps| steps.amount.is_some())
}

/// The greatest common divisor.
fn common(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { common(b, a % b) }
}
