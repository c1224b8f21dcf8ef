//! The slow evaluator: a second implementation, written from `docs/semantics.md` alone, without an index and without cleverness.
//!
//! It reads the policy as its author wrote it and uses none of the rooms that evaluate: what it shares with the engine is the reader of policy
//! files, decimals as text, and the calendar of validities. Amounts are integers of minor units, everything in between is an exact fraction.

mod alias;
pub mod alternative;
mod approved;
pub mod catalog;
mod channel;
mod check;
mod choose;
pub mod claim;
mod combo;
mod condition;
pub mod contest;
mod counted;
mod coupon;
mod credit;
mod delivery;
pub mod exact;
mod forecast;
mod formula;
mod freight;
mod gift;
pub mod grade;
mod guard;
pub mod hint;
mod order;
mod outcome;
mod overlap;
mod pay;
mod period;
pub mod plan;
mod price;
mod quantity;
mod range;
mod rebate;
mod recurrence;
mod redemption;
mod registered;
pub mod returns;
mod scale;
mod select;
pub mod settle;
mod shipping;
mod split;
mod stage;
mod stock;
mod tax;
pub mod transfer;
mod transition;

use approved::Approved;
use exact::{Exact, number, power_of_ten, rounded, text, whole};
use freight::Charge;
use order::Part;
use outcome::{State, Told};
use price::Found;
use qudao::calendar::{self, Zone};
use qudao::num::{Number, Rounding, minor_digits};
use qudao::policy::{Policy, PriceRow, Product, Stage};
use qudao::time::Instant;
use redemption::Redeemed;
use registered::{Ledger, Portion, Wanted};
use scale::{Asked, factor};
use serde_json::{Value, json};
use transition::{Blend, Joined, Shape, Sides};

#[derive(Clone, Copy)]
/// What is asked, and the constants it is answered with.
pub struct Question<'a> {
    policy: &'a Policy,
    order: &'a Value,
    facts: &'a Value,
    zone: &'a Zone,
    /// Digits of the currency, and minor units of one.
    digits: u32,
    minor: i128,
    now: Instant,
    /// What prices and freight are looked up at (§25.7).
    priced_at: Instant,
    dealer: &'a str,
    grade: Option<&'a str>,
    region: Option<&'a str>,
    channel: Option<&'a str>,
    group: Option<&'a str>,
    source: Option<&'a str>,
    /// Products that only the other side of a transition has (§26.4).
    foreign: &'a [String],
    /// The other side of a transition.
    other: Option<&'a Policy>,
    /// What prices and rates are blended with.
    blend: Option<&'a Blend<'a>>,
}

/// A line of the order after merging (§3), with its base price (§5).
#[derive(Clone)]
pub struct Line<'a> {
    id: String,
    product: &'a Product,
    /// As ordered (§22.1).
    unit: &'a str,
    /// As the line names it (§29.2).
    customer: Option<&'a str>,
    ordered: Exact,
    /// In base units, as everything else.
    quantity: Exact,
    /// Quantity of the SKU in the whole order.
    pooled: Exact,
    price: Option<Found<'a>>,
    /// What prices its parts (§29.4).
    portions: Vec<Portion<'a>>,
    /// Accesses that were searched for nothing, without a price.
    missed: Vec<&'a str>,
    list: i128,
    /// Least net that the floor allows; `None` without a floor.
    floor: Option<i128>,
    /// Least net that nobody must approve (§27.11).
    approved: Option<i128>,
    /// The recommended price (§27.12).
    recommended: Option<&'a PriceRow>,
}

/// One step from list to net.
pub struct Adjustment<'a> {
    line: usize,
    rule: &'a str,
    stage: &'static str,
    amount: i128,
}

/// Answers `{order, dealer, now}` like the engine, without hashes and steps of the search; or says with which codes the order is refused (§3.2,
/// §22.1).
pub fn quote(policy: &Policy, input: &Value) -> Result<Value, Vec<&'static str>> {
    let (mut answer, _) = Sides::of(policy).answer(&alias::renamed(policy, input))?;
    alias::tell(policy, input, &mut answer);
    Ok(answer)
}

/// What one policy answers, with what each promotion of `rules` measured; with another side and the own weight, blended with it.
fn answer(joined: &Joined, other: Option<(&Joined, Exact)>, input: &Value) -> Result<(Value, Vec<Told>), Vec<&'static str>> {
    let zone = calendar::zone(&joined.policy.settings.zone).expect("a zone");
    let question = Question::new(joined, &zone, input);
    let blend = other.map(|(other, own)| Blend { other: Question::new(other, &zone, input), own });
    let question = Question { blend: blend.as_ref(), ..question };
    let (facts, settings) = (question.facts, &joined.policy.settings);
    let priced = question.priced()?;
    let Priced { lines, state, redeemed, .. } = &priced;
    let net = &state.net;
    let total: i128 = net.iter().sum();
    let payable = priced.payable();
    let list: i128 = lines.iter().map(|line| line.list).sum();
    let line = |(at, line): (usize, &Line)| {
        let own = state.adjustments.iter().filter(|adjustment: &&Adjustment| adjustment.line == at);
        let step = |step: &Adjustment| json!({ "rule": step.rule, "stage": step.stage, "amount": question.money(step.amount) });
        let mut answer = json!({
            "id": line.id,
            "sku": line.product.sku,
            "unit": line.unit,
            "quantity": text(line.ordered, 0),
            "base_quantity": text(line.quantity, 0),
            "price": line.price.as_ref().map(|found| question.price_answer(found, line.product)),
            "list": question.money(line.list),
            "adjustments": own.map(step).collect::<Vec<_>>(),
            "net": question.money(net[at]),
            "floor": line.floor.map(|floor| question.money(floor)),
            "units": question.units(line, net[at]),
        });
        // §5.7.
        if line.price.is_none() {
            answer["missed"] = json!(line.missed);
        }
        answer
    };
    let mut answer = json!({
        "schema": 1,
        "currency": settings.currency,
        "now": question.now.0,
        "as_of": instant(&facts["as_of"]).0,
        "lines": lines.iter().enumerate().map(line).collect::<Vec<_>>(),
        "approved": priced.approved.answer,
        "totals": {
            "list": question.money(list),
            "discount": question.money(list - total),
            "net": question.money(total),
            "redeemed": question.money(redeemed.used),
            "payable": question.money(payable),
            "gift_value": question.money(state.gift_value),
        },
        "rules": state.rules,
        "gifts": state.gifts,
        "gift_offers": state.gift_offers,
        "gift_choices": question.gift_choices(&state.gift_effects),
        "coupons": question.coupons(lines, &state.rules),
        "claims": question.claims(&priced),
        "combination": { "proof": "optimal", "bound": question.money(0) },
        "credit": question.credit(payable),
        "guards": question.guards(&priced),
        "rebates": question.rebates(lines, net, redeemed, &priced.approved),
        "redemption": redeemed.answer,
        "replenishment": question.replenishment(lines),
        "delivery": question.delivery(),
    });
    if let Some((day, _)) = question.delivery_day() {
        answer["priced_for"] = json!(day);
    }
    question.tell_registrations(&mut answer, lines, &priced.ledger);
    question.tell_earned(&mut answer, state);
    question.tell_limited(&mut answer, state);
    question.tell_freight(&mut answer, &priced.freight);
    question.tell_tax(&mut answer, &priced);
    Ok((answer, priced.state.told))
}

/// The order with everything that is taken off it, before guards and rebates.
pub struct Priced<'a> {
    lines: Vec<Line<'a>>,
    ledger: Ledger<'a>,
    approved: Approved,
    state: State<'a>,
    redeemed: Redeemed,
    freight: Vec<Charge<'a>>,
}

impl Priced<'_> {
    fn payable(&self) -> i128 {
        let freight: i128 = self.freight.iter().map(|charge| charge.taxed.gross).sum();
        self.redeemed.due + freight - self.redeemed.used
    }
}

impl<'a> Question<'a> {
    fn new(joined: &'a Joined, zone: &'a Zone, input: &'a Value) -> Question<'a> {
        let (order, facts) = (&input["order"], &input["dealer"]);
        let digits = minor_digits(&joined.policy.settings.currency).expect("a currency");
        let now = instant(&input["now"]);
        let question = Question {
            policy: &joined.policy,
            order,
            facts,
            zone,
            digits,
            minor: power_of_ten(digits),
            now,
            priced_at: now,
            dealer: facts["id"].as_str().expect("a dealer id"),
            grade: facts["grade"].as_str(),
            region: facts["region"].as_str(),
            channel: facts["channel"].as_str(),
            group: facts["group"].as_str(),
            source: order["source"].as_str(),
            foreign: &joined.foreign,
            other: joined.other.as_ref(),
            blend: None,
        };
        let priced_at = question.delivery_day().map_or(now, |(_, begins)| begins);
        Question { priced_at, ..question }
    }

    fn priced(&self) -> Result<Priced<'a>, Vec<&'static str>> {
        let (mut lines, ledger) = self.lines(self.order)?;
        let mut state = State::new(self, &lines);
        let approved = self.approve(&mut lines, &mut state);
        for part in self.parts().into_iter().filter(|part| *part != Part::Stage(Stage::Freight)) {
            self.play_part(part, &lines, &mut state);
        }
        let took = |line: usize, promotion: &str| {
            let own = |taken: &&Adjustment| taken.line == line && taken.rule == promotion && taken.stage != "approved";
            state.adjustments.iter().filter(own).any(|taken| taken.amount != 0)
        };
        let redeemed = self.redemption(&lines, &state.net, &took);
        let mut freight = self.freight(&lines, &state.net);
        self.play_freight(&lines, &mut state, &mut freight);
        Ok(Priced { lines, ledger, approved, state, redeemed, freight })
    }

    /// §3.1.
    fn id_of(&self, asked: &Value) -> String {
        let sku = asked["sku"].as_str().expect("a sku");
        let unit = || asked["unit"].as_str().unwrap_or(&self.product(sku).unit);
        asked["id"].as_str().map_or_else(|| format!("{sku}|{}", unit()), str::to_owned)
    }

    /// §3: equal ids are merged where the first of them stood; then each line gets its list amount and its floor.
    fn lines(&self, order: &'a Value) -> Result<(Vec<Line<'a>>, Ledger<'a>), Vec<&'static str>> {
        let mut lines = self.merged(order)?;
        let asked: Vec<Asked> = lines.iter().map(Line::asked).collect();
        let mut ledger = Ledger::default();
        for at in positions(&lines, |line| !self.is_hidden(line.product)) {
            let customer = lines[at].customer.or(order["ship_to"]["customer"].as_str());
            let wanted = Wanted { asked: &asked, at, customer };
            let found = self.portions(&wanted, Some(&ledger));
            let portions = found.as_ref().map_or(&[][..], |(_, portions)| portions);
            self.register(&wanted, &lines[at].id, portions, &mut ledger);
            match found {
                Ok((found, portions)) => self.price_line(&mut lines[at], found, portions, &asked, at),
                Err(missed) => lines[at].missed = missed,
            }
        }
        self.price_in_parts(&mut lines);
        Ok((lines, ledger))
    }

    fn merged(&self, order: &'a Value) -> Result<Vec<Line<'a>>, Vec<&'static str>> {
        let (mut lines, mut refused) = (Vec::<Line>::new(), Vec::new());
        for asked in order["lines"].as_array().expect("lines") {
            let sku = asked["sku"].as_str().expect("a sku");
            let product = self.product(sku);
            let id = self.id_of(asked);
            let unit = asked["unit"].as_str().unwrap_or(&product.unit);
            let customer = asked["customer"].as_str();
            let ordered = decimal(&asked["quantity"]);
            let quantity = ordered * factor(product, unit).expect("a unit of the product");
            if !(quantity * whole(power_of_ten(self.policy.settings.quantity_scale))).is_integer() {
                // Such a line is merged with none (§3.2).
                refused.push("UNIT_INEXACT");
                continue;
            }
            match lines.iter_mut().find(|line| line.id == id) {
                Some(line) if line.product.sku != sku || line.unit != unit || line.customer != customer => {
                    refused.push("LINE_ID_DUPLICATE")
                }
                Some(line) => {
                    line.ordered += ordered;
                    line.quantity += quantity;
                }
                None => lines.push(Line {
                    id,
                    product,
                    unit,
                    customer,
                    ordered,
                    quantity,
                    pooled: whole(0),
                    price: None,
                    portions: Vec::new(),
                    missed: Vec::new(),
                    list: 0,
                    floor: None,
                    approved: None,
                    recommended: None,
                }),
            }
        }
        for at in 0..lines.len() {
            lines[at].pooled = lines.iter().filter(|line| line.product.sku == lines[at].product.sku).map(|line| line.quantity).sum();
        }
        if refused.is_empty() { Ok(lines) } else { Err(refused) }
    }

    fn price_line(&self, line: &mut Line<'a>, found: Found<'a>, portions: Vec<Portion<'a>>, asked: &[Asked<'a>], at: usize) {
        let is_registered = portions.iter().any(|portion| portion.row.registration.is_some());
        let blended = if is_registered { None } else { self.blended(&found, asked, at) };
        line.list = match blended {
            Some(price) => self.rounded(self.amount_of_shape(Shape { price, ..found.shape() }, &asked[at])),
            None => portions.iter().map(|portion| portion.list).sum(),
        };
        let least = |tables, part: &Asked| {
            let shape = self.least_price(tables, blended.is_some(), asked, at);
            shape.map(|shape| self.amount_of_shape(shape, part).ceil().to_integer())
        };
        line.floor = least(|policy| &policy.floors, &asked[at]);
        // §29.7: what an approver registered was approved.
        let below = |portion: &Portion| {
            let part = Asked { ordered: portion.quantity / asked[at].factor(), quantity: portion.quantity, ..asked[at] };
            let was_approved = portion.row.registration.as_ref().is_some_and(|registration| registration.approver.is_some());
            let own = if was_approved { least(|policy| &policy.approvals, &part) } else { None };
            own.map_or(0, |own| (own - portion.list).max(0))
        };
        let approved = least(|policy| &policy.approvals, &asked[at]);
        line.approved = approved.map(|approved| approved - portions.iter().map(below).sum::<i128>());
        line.recommended = self.search(&self.policy.recommended, asked, at).map(|found| found.row);
        let found = match blended {
            Some(price) => Found { price, ..found },
            None => found,
        };
        line.price = Some(found);
        line.portions = portions;
    }

    /// §18.3.
    fn claims(&self, priced: &Priced) -> Vec<Value> {
        let mut claims = priced.state.claims(self);
        claims.extend(self.registration_claims(&priced.ledger));
        claims.extend(priced.approved.claims.iter().cloned());
        claims.extend(priced.redeemed.claims.iter().cloned());
        claims
    }

    fn rounded(&self, amount: Exact) -> i128 {
        rounded(amount, self.policy.settings.rounding)
    }

    /// An amount as the author or the facts write it, in minor units.
    fn amount_of(&self, decimal: Exact) -> i128 {
        let amount = decimal * whole(self.minor);
        assert!(amount.is_integer(), "more digits than the currency has");
        amount.to_integer()
    }

    fn money(&self, amount: i128) -> String {
        text(Exact::new(amount, self.minor), self.digits)
    }
}

impl<'a> Line<'a> {
    /// The line without so many of its units (§47.2).
    fn without(&self, closed: i128, rounding: Rounding) -> Line<'a> {
        let quantity = self.quantity - whole(closed);
        let of = |amount: i128| whole(amount) * quantity / self.quantity;
        let floor = self.floor.map(|floor| of(floor).ceil().to_integer());
        Line { quantity, list: rounded(of(self.list), rounding), floor, ..self.clone() }
    }

    fn asked(&self) -> Asked<'a> {
        Asked { product: self.product, unit: self.unit, ordered: self.ordered, quantity: self.quantity }
    }
}

/// The positions of lines that `holds` for, in order of line id.
fn positions(lines: &[Line], holds: impl Fn(&Line) -> bool) -> Vec<usize> {
    let mut list: Vec<usize> = (0..lines.len()).filter(|at| holds(&lines[*at])).collect();
    list.sort_by(|a, b| lines[*a].id.cmp(&lines[*b].id));
    list
}

/// A decimal of the order or the facts; what is missing is 0.
pub fn decimal(value: &Value) -> Exact {
    match value {
        Value::Null => whole(0),
        Value::String(text) => number(text.parse::<Number>().expect("a decimal")),
        other => number(other.to_string().parse::<Number>().expect("a decimal")),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn instant(value: &Value) -> Instant {
    match value {
        Value::String(text) => Instant::parse(text).expect("an instant"),
        other => Instant(other.as_i64().expect("milliseconds")),
    }
}
