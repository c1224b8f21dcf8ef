//! Returns (§51), made of slow quotes.

use super::counted::left_out;
use super::exact::{Exact, text, whole};
use super::pay::{Entry, Units, Volume, different};
use super::rebate::Told;
use super::transition::{Blend, Joined, Sides};
use super::{Question, alias, decimal, instant, list, quote};
use qudao::calendar;
use qudao::policy::{Basis, Earns, LotReturns, Policy, PriceKind, Program};
use serde_json::{Value, json};

/// Units of a line of the order: how many came back before, and how many do now, in its unit.
pub struct Taken {
    pub line: String,
    pub before: Exact,
    pub now: Exact,
}

/// What of a line's figures falls on some of its units.
struct Part {
    id: String,
    sku: String,
    /// What the price of the line is (§67.2).
    kinds: Vec<PriceKind>,
    base: Exact,
    list: i128,
    net: i128,
    value: i128,
    lots: i128,
    untaxed: i128,
    /// What 15.3 takes off for lots: where amounts include tax, where they are in the policy's basis, and where they are without tax.
    unearning: (i128, i128, i128),
    tax: i128,
}

const DAY: i64 = 86_400_000;

/// The amount of each unit, split evenly, the first ones having one more (§13).
fn evenly(amount: i128, count: i128) -> Vec<i128> {
    (0..count).map(|unit| amount / count + i128::from(unit < amount % count)).collect()
}

/// §51.2: the first j of q units' part of a figure with these rows; without rows in proportion.
fn first(rows: &[i128], figure: i128, j: Exact, q: Exact) -> i128 {
    if rows.is_empty() {
        return if j == q { figure } else { (whole(figure) * j / q).floor().to_integer() };
    }
    let units = usize::try_from(j.to_integer()).expect("a count");
    let next = rows.get(units).map_or(0, |row| (whole(*row) * j.fract()).floor().to_integer());
    rows[..units].iter().sum::<i128>() + next
}

/// Answers as the door does; `today` is what the dealer's facts are on the day of the return, and when that is.
pub fn preview(policy: &Policy, input: &Value, taken: &[Taken], today: Option<&Value>) -> Value {
    let input = &alias::renamed(policy, input);
    let order = quote(policy, input).expect("an order that is not refused");
    let sides = Sides::of(policy);
    let (joined, blend) = sides.side(&order["transition"]);
    let zone = calendar::zone(&joined.policy.settings.zone).expect("a zone");
    let question = Question::new(joined, &zone, input);
    let tells_tax = joined.policy.settings.tax.is_some();
    let parts = |from: &dyn Fn(&Taken) -> Exact, to: &dyn Fn(&Taken) -> Exact| -> Vec<Part> {
        taken.iter().map(|taken| question.part_back(&order, &taken.line, from(taken), to(taken))).collect()
    };
    let before = parts(&|_| whole(0), &|taken| taken.before);
    let back = parts(&|taken| taken.before, &|taken| taken.before + taken.now);
    let sum = |parts: &[Part], of: &dyn Fn(&Part) -> i128| parts.iter().map(of).sum::<i128>();
    let line = |(taken, part): (&Taken, &Part)| {
        let of = list(&order["lines"]).iter().find(|line| line["id"] == taken.line.as_str()).expect("a line");
        let mut answer = json!({
            "line": taken.line, "sku": of["sku"], "unit": of["unit"], "quantity": text(taken.now, 0),
            "list": question.money(part.list), "net": question.money(part.net), "value": question.money(part.value),
            "lots": question.money(part.lots), "refund": question.money(part.value - part.lots),
            "units": rows(of, taken),
        });
        if tells_tax {
            answer["tax"] = json!(question.money(part.tax));
        }
        answer
    };
    let lines: Vec<Value> = taken.iter().zip(&back).filter(|(taken, _)| taken.now > whole(0)).map(line).collect();

    let alone = |came: &dyn Fn(&Taken) -> Exact| {
        quote(policy, &question.left_of_order(&order, input, taken, came)).expect("what is left of an order")
    };
    let (was, rest) = (alone(&|taken| taken.before), alone(&|taken| taken.before + taken.now));
    let minor = |amount: &Value| question.amount_of(decimal(amount));
    let same = |gift: &Value| list(&rest["gifts"]).iter().find(|left| left["promotion"] == gift["promotion"] && left["sku"] == gift["sku"]);
    let mut charge = 0;
    let mut gifts = Vec::new();
    for gift in list(&was["gifts"]) {
        let left = |key: &str| same(gift).map_or(whole(0), |left| decimal(&left[key]));
        let quantity = decimal(&gift["quantity"]) - left("quantity");
        if quantity > whole(0) {
            let value = (minor(&gift["value"]) - question.amount_of(left("value"))).max(0);
            charge += value;
            gifts.push(json!({
                "promotion": gift["promotion"], "sku": gift["sku"], "unit": gift["unit"],
                "quantity": text(quantity, 0), "value": question.money(value),
            }));
        }
    }

    let at = instant(today.map_or(&input["now"], |today| &today["now"])).0;
    let rebates = match today {
        None => {
            let (mut entries, at) = question.entries_with(blend, &zone, input);
            let gone: Vec<_> = (0..entries.len()).map(|at| question.comes_back(&entries, at, &order, &before)).collect();
            let counted = |entry: &Entry| {
                let rebate =
                    list(&order["rebates"]).iter().find(|rebate| rebate["program"] == entry.program.id.as_str()).expect("a program");
                (
                    Volume { amount: whole(minor(&rebate["counted"]["amount"])), quantity: decimal(&rebate["counted"]["quantity"]) },
                    rebate["budget"].is_object().then(|| (minor(&rebate["budget"]["lost"]), minor(&rebate["after"]))),
                )
            };
            let booked = entries.iter().map(counted).collect::<Vec<_>>();
            let most = booked.iter().map(|(_, budget)| budget.and_then(|(lost, after)| (lost > 0).then_some(after))).collect::<Vec<_>>();
            for (entry, ((cart, _), (volume, units, _))) in entries.iter_mut().zip(booked.iter().zip(gone)) {
                entry.open = entry.open.plus(*cart).less(volume);
                let rebate = list(&order["rebates"]).iter().find(|rebate| rebate["program"] == entry.program.id.as_str());
                let told = list(&rebate.expect("a program")["counted"]["covered"]).iter();
                let told = told.map(|told| (told["of"].as_str().expect("an id").to_owned(), decimal(&told["quantity"])));
                for (id, units) in told.chain(units) {
                    *entry.covered[1].entry(id).or_insert(whole(0)) += units;
                }
            }
            question.given_back(&entries, &at, &most, false, &order, &back)
        }
        Some(today) => {
            let input = json!({ "order": input["order"], "dealer": today["dealer"], "now": today["now"] });
            let told = quote(policy, &input).expect("the same order")["transition"].clone();
            let told = if told["phase"] == "better_of" { Value::Null } else { told };
            let (joined, blend) = sides.side(&told);
            let question = Question::new(joined, &zone, &input);
            let (entries, at) = question.entries_with(blend, &zone, &input);
            let most = vec![None; entries.len()];
            question.given_back(&entries, &at, &most, true, &order, &back)
        }
    };
    let clawback: i128 = rebates.iter().map(|rebate| minor(&rebate["clawback"])).sum();
    let refund = sum(&back, &|part| part.value - part.lots);
    let kept = minor(&order["totals"]["net"]) - sum(&before, &|part| part.net) - sum(&back, &|part| part.net);
    let mut answer = json!({
        "lines": lines,
        "lots": question.lots_back(&order, (sum(&before, &|part| part.lots), sum(&back, &|part| part.lots)), at),
        "gifts": gifts,
        "rebates": rebates,
        "rest": { "net": question.money(kept), "alone": rest["totals"]["net"] },
        "totals": {
            "list": question.money(sum(&back, &|part| part.list)),
            "net": question.money(sum(&back, &|part| part.net)),
            "value": question.money(sum(&back, &|part| part.value)),
            "lots": question.money(sum(&back, &|part| part.lots)),
            "refund": question.money(refund),
            "charge": question.money(charge),
            "refund_kept": question.money(refund - charge),
            "clawback": question.money(clawback),
        },
    });
    if tells_tax {
        answer["totals"]["tax"] = json!(question.money(sum(&back, &|part| part.tax)));
    }
    answer
}

/// Rows k + 1 to k + n of the unit table of a line.
fn rows(line: &Value, taken: &Taken) -> Vec<Value> {
    let base = decimal(&line["base_quantity"]) / decimal(&line["quantity"]);
    let (from, to) = (taken.before * base, (taken.before + taken.now) * base);
    if !from.is_integer() || !to.is_integer() {
        return Vec::new();
    }
    let (mut at, mut found) = (whole(0), Vec::new());
    for row in list(&line["units"]) {
        let count = decimal(&row["count"]);
        let here = to.min(at + count) - from.max(at);
        at += count;
        if here > whole(0) {
            let mut row = row.clone();
            row["count"] = json!(i64::try_from(here.to_integer()).expect("a count"));
            found.push(row);
        }
    }
    found
}

impl<'a> Question<'a> {
    /// The order without what came back of it, and without `redeem`.
    fn left_of_order(&self, order: &Value, input: &Value, taken: &[Taken], came: &dyn Fn(&Taken) -> Exact) -> Value {
        let mut kept = Vec::new();
        for line in list(&order["lines"]) {
            let gone = taken.iter().find(|taken| line["id"] == taken.line.as_str()).map_or(whole(0), came);
            let rest = decimal(&line["quantity"]) - gone;
            if rest > whole(0) {
                let asked = list(&input["order"]["lines"]).iter().find(|asked| line["id"] == self.id_of(asked).as_str()).expect("a line");
                let mut asked = asked.clone();
                (asked["id"], asked["unit"], asked["quantity"]) = (line["id"].clone(), line["unit"].clone(), json!(text(rest, 0)));
                kept.push(asked);
            }
        }
        let mut input = input.clone();
        input["order"]["lines"] = json!(kept);
        input["order"].as_object_mut().expect("an order").remove("redeem");
        input
    }

    /// §51.2, §51.3: what falls on the units of a line from one count to another, in its unit.
    fn part_back(&self, order: &Value, id: &str, from: Exact, to: Exact) -> Part {
        let line = list(&order["lines"]).iter().find(|line| line["id"] == id).expect("a line");
        let minor = |amount: &Value| self.amount_of(decimal(amount));
        let sku = line["sku"].as_str().expect("a sku");
        let product = self.product(sku);
        let (q, in_unit) = (decimal(&line["base_quantity"]), decimal(&line["quantity"]));
        let (from, to) = (from * q / in_unit, to * q / in_unit);
        let (all, net) = (minor(&line["list"]), minor(&line["net"]));
        let added = self.taxed(product, net).gross - net;
        let rows = |amount: i128| if q.is_integer() { evenly(amount, q.to_integer()) } else { Vec::new() };
        let nets: Vec<i128> = rows(all).iter().zip(rows(all - net)).map(|(list, off)| list - off).collect();
        let between = |rows: &[i128], figure: i128| first(rows, figure, to, q) - first(rows, figure, from, q);
        let value = |j: Exact| first(&nets, net, j, q) + first(&rows(added), added, j, q);
        let falls = |amount: i128, j: Exact| {
            if net + added == 0 { 0 } else { (whole(amount) * whole(value(j)) / whole(net + added)).floor().to_integer() }
        };
        let part = |amount: i128| falls(amount, to) - falls(amount, from);
        let paid = list(&order["redemption"]["shares"]).iter().find(|share| share["line"] == id).map_or(0, |share| minor(&share["amount"]));
        let earns_all = self.policy.redemption.as_ref().is_some_and(|rule| rule.earns == Earns::All);
        let unearning = if earns_all { 0 } else { paid };
        Part {
            id: id.to_owned(),
            sku: sku.to_owned(),
            kinds: self.kinds_told(order, line),
            base: to - from,
            list: between(&rows(all), all),
            net: between(&nets, net),
            value: value(to) - value(from),
            lots: part(paid),
            // What amounts that include tax have of it falls like the tax (§51.3).
            untaxed: between(&nets, net) - part(net - self.taxed(product, net).base),
            unearning: (part(unearning), part(self.in_basis(product, unearning)), part(self.untaxed(product, unearning))),
            tax: part(minor(&line["tax"]["tax"])),
        }
    }

    /// §51.3: what goes back into lots, the last that paid first.
    fn lots_back(&self, order: &Value, (gone, now): (i128, i128), at: i64) -> Vec<Value> {
        let rule = self.policy.redemption.as_ref();
        let grace = i64::from(rule.map_or(0, |rule| rule.grace_days)) * DAY;
        let restores = rule.is_none_or(|rule| rule.returns == LotReturns::Restore);
        let (mut gone, mut all, mut found) = (gone, gone + now, Vec::new());
        for lot in list(&order["redemption"]["lots"]).iter().rev() {
            let used = self.amount_of(decimal(&lot["used"]));
            let (had, has) = (gone.min(used), all.min(used));
            (gone, all) = (gone - had, all - has);
            if has > had {
                let expires = lot["expires"].as_i64();
                let is_over = expires.is_some_and(|expires| expires <= at);
                let restored = restores && expires.is_none_or(|expires| at < expires + grace || !is_over);
                let expires = expires.map(|expires| if is_over && restored { expires + grace } else { expires });
                found.push(json!({ "id": lot["id"], "amount": self.money(has - had), "restored": restored, "expires": expires }));
            }
        }
        found.reverse();
        found
    }

    /// The programs that the dealer is in, and when their carts count.
    fn entries_with(&self, blend: Option<(&Joined, Exact)>, zone: &'a calendar::Zone, input: &'a Value) -> (Vec<Entry>, Vec<i64>) {
        let blend = blend.map(|(other, own)| Blend { other: Question::new(other, zone, input), own });
        let question = Question { blend: blend.as_ref(), ..*self };
        let programs = question.programs();
        let entries = programs.iter().map(|(program, window, _)| question.entry((*program).clone(), window)).collect();
        (entries, programs.iter().map(|(.., at)| at.0).collect())
    }

    /// What comes back for a program, and of each line that counts.
    fn comes_back(&self, entries: &[Entry], at: usize, order: &Value, parts: &[Part]) -> (Volume, Units, Vec<(String, i128)>) {
        let like = |program: &Program, part: &Part| left_out(program, &|id| self.field(id), &part.kinds).is_none();
        let own: Vec<&Program> = entries.iter().map(|entry| &entry.program).collect();
        let program = own[at];
        let is_priced = |part: &Part| list(&order["lines"]).iter().any(|line| line["id"] == part.id.as_str() && !line["price"].is_null());
        let counts = |part: &&Part| {
            let product = self.product(&part.sku);
            let counts = self.counts_for(program, &own, |program| self.selects(program.on.as_ref(), product) && like(program, part));
            counts && is_priced(part) && program.basis != Basis::SellOut && part.base > whole(0)
        };
        let amount = |part: &Part| match program.basis {
            Basis::Net | Basis::SellOut => part.net - part.unearning.1,
            Basis::List => part.list - part.unearning.1,
            Basis::Untaxed => part.untaxed - part.unearning.2,
            Basis::Gross | Basis::Collected => part.value - part.unearning.0,
        };
        let mut lines: Vec<(&Part, i128)> = parts.iter().filter(counts).map(|part| (part, amount(part))).collect();
        lines.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let amount = lines.iter().map(|(_, amount)| whole(*amount)).sum();
        let quantity = lines.iter().map(|(part, _)| self.counted_in(program, self.product(&part.sku), part.base)).sum();
        let mut covered = Units::new();
        for (part, _) in &lines {
            if let Some(id) = self.apart(program, self.product(&part.sku)) {
                *covered.entry(id).or_insert(whole(0)) -= part.base;
            }
        }
        (Volume { amount, quantity }, covered, lines.into_iter().map(|(part, amount)| (part.id.clone(), amount.max(0))).collect())
    }

    /// §51.5; `most` is what a program reached of the order where its budget kept something back.
    fn given_back(&self, entries: &[Entry], at: &[i64], most: &[Option<i128>], budgets: bool, order: &Value, back: &[Part]) -> Vec<Value> {
        let carts: Vec<_> = (0..entries.len()).map(|program| self.comes_back(entries, program, order, back)).collect();
        let full: Vec<Volume> = entries.iter().map(|entry| entry.posted.plus(entry.open)).collect();
        let less: Vec<Volume> = full.iter().zip(&carts).map(|(full, (back, ..))| full.less(*back)).collect();
        let there: Vec<usize> = entries.iter().map(|entry| different(&entry.covered)).collect();
        let left: Vec<usize> =
            entries.iter().zip(&carts).map(|(entry, (_, back, _))| different(entry.covered.iter().chain([back]))).collect();
        let (mut before, mut after) = (self.paid(entries, &full, &there), self.paid(entries, &less, &left));
        for (paid, most) in before.iter_mut().zip(most).chain(after.iter_mut().zip(most)) {
            paid.amount = most.map_or(paid.amount, |most| paid.amount.min(most));
        }
        let own: Vec<&Program> = entries.iter().map(|entry| &entry.program).collect();
        let kept = if budgets { self.keep(&own, &before, &mut after) } else { vec![None; entries.len()] };
        let answer = |program: usize| {
            let (entry, (volume, units, lines)) = (&entries[program], &carts[program]);
            let told = Told {
                entry,
                entries,
                lines: lines.clone(),
                left_out: Vec::new(),
                cart: Volume::NONE.less(*volume),
                units: units.clone(),
                before: &before[program],
                after: &after[program],
                kept: kept[program],
                at: qudao::time::Instant(at[program]),
            };
            let mut answer = self.told(&told);
            let (from, to) = (before[program].volume, after[program].volume);
            let fallen = entry.tiers.iter().rev().filter(|band| self.falls(entry, band, from, to));
            let fall = |band| self.fall(entry, band, from);
            answer["clawback"] = json!(self.money(before[program].amount - after[program].amount));
            answer["falls"] = fallen.map(fall).collect();
            answer
        };
        (0..entries.len()).map(answer).collect()
    }
}
