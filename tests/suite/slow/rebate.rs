//! The rebate preview (§15).

use super::approved::Approved;
use super::counted::left_out;
use super::decimal;
use super::exact::{Exact, number, text, whole};
use super::overlap::Paid;
use super::pay::{Entry, Units, Volume, different};
use super::redemption::Redeemed;
use super::split::split;
use super::{Line, Question, period, positions};
use qudao::calendar;
use qudao::policy::{Against, Basis, CountedIn, DecidedBy, LotPays, PaidIn, Program, Qualifier, Surplus, TierMode};
use qudao::time::Instant;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What of the cart counts for a program: lines in order of id, each with its amount.
struct Cart {
    lines: Vec<(usize, i128)>,
    /// Lines that do not count because of their order or price, and the word for which (§67.3).
    left_out: Vec<(usize, &'static str)>,
    volume: Volume,
    covered: Units,
}

/// §58.1.
fn form(program: &Program) -> &'static str {
    match (&program.lot, &program.goods) {
        (Some(lot), _) if lot.face.is_some() => "voucher",
        (Some(lot), _) if lot.pays == LotPays::OneOrder => "next_order",
        (Some(_), _) => "lot",
        (None, Some(_)) => "goods",
        (None, None) => {
            if program.paid_in == PaidIn::Cash {
                "cash"
            } else {
                "credit"
            }
        }
    }
}

/// A program with what is before a cart and with it.
pub struct Told<'t> {
    pub entry: &'t Entry,
    /// All programs of the dealer.
    pub entries: &'t [Entry],
    /// Lines that count, with the weights of their shares.
    pub lines: Vec<(String, i128)>,
    pub left_out: Vec<(String, &'static str)>,
    pub cart: Volume,
    /// Of the cart, units of what the program tells apart (§64.3).
    pub units: Units,
    pub before: &'t Paid,
    pub after: &'t Paid,
    /// What there was of its budget, and what it keeps back.
    pub kept: Option<(i128, i128)>,
    /// When the cart counts.
    pub at: Instant,
}

impl<'a> Question<'a> {
    /// The programs that the dealer is in (§15.1, §52.1), with their windows and when the cart counts.
    pub fn programs(&self) -> Vec<(&'a Program, period::Window, Instant)> {
        let day = self.order["deliver"].as_str().map(|day| self.zone.day_start(calendar::day(day).expect("a day")));
        let counted_at = |program: &Program| match (program.date, day) {
            (DecidedBy::Delivery, Some(day)) => self.now.max(day),
            _ => self.now,
        };
        let is_in = |program: &&Program| {
            let holds = self.valid_at(program.valid.as_deref(), counted_at(program));
            holds && self.is_in(&program.when.dealer) && self.is_from(&program.when.order) && self.is_enrolled(program)
        };
        let window = |program: &Program| period::window(program, self.zone, &self.policy.settings.zone, counted_at(program));
        let mut programs: Vec<_> = self
            .policy
            .programs
            .iter()
            .filter(is_in)
            .filter_map(|program| Some((program, window(program)?, counted_at(program))))
            .collect();
        programs.sort_by(|(a, ..), (b, ..)| a.id.cmp(&b.id));
        programs
    }

    pub fn rebates(&self, lines: &[Line], net: &[i128], redeemed: &Redeemed, approved: &Approved) -> Vec<Value> {
        let programs = self.programs();
        let own: Vec<&Program> = programs.iter().map(|(program, ..)| *program).collect();
        let carts: Vec<Cart> = own.iter().map(|program| self.cart(program, &own, lines, net, redeemed, approved)).collect();
        let entries: Vec<Entry> = programs.iter().map(|(program, window, _)| self.entry((*program).clone(), window)).collect();
        let booked: Vec<Volume> = entries.iter().map(|entry| entry.posted.plus(entry.open)).collect();
        let with_cart: Vec<Volume> = booked.iter().zip(&carts).map(|(volume, cart)| volume.plus(cart.volume)).collect();
        let there: Vec<usize> = entries.iter().map(|entry| different(&entry.covered)).collect();
        let then: Vec<usize> =
            entries.iter().zip(&carts).map(|(entry, cart)| different(entry.covered.iter().chain([&cart.covered]))).collect();
        let (before, mut after) = (self.paid(&entries, &booked, &there), self.paid(&entries, &with_cart, &then));
        let kept = self.keep(&own, &before, &mut after);
        let windows: Vec<&period::Window> = programs.iter().map(|(_, window, _)| window).collect();
        let at: Vec<i64> = programs.iter().map(|(.., at)| at.0).collect();
        let volumes: Vec<Volume> = carts.iter().map(|cart| cart.volume).collect();
        let ahead = self.look_ahead(&entries, &windows, &at, (&volumes, &then));
        let answer = |at: usize| {
            let (entry, cart) = (&entries[at], &carts[at]);
            let left_out = cart.left_out.iter().map(|(line, why)| (lines[*line].id.clone(), *why)).collect();
            let counted = cart.lines.iter().map(|(line, amount)| (lines[*line].id.clone(), *amount)).collect();
            let (before, after) = (&before[at], &after[at]);
            let mut answer = self.told(&Told {
                entry,
                entries: &entries,
                lines: counted,
                left_out,
                cart: cart.volume,
                units: cart.covered.clone(),
                before,
                after,
                kept: kept[at],
                at: programs[at].2,
            });
            // §58.2.
            let program = &entry.program;
            if let Some(piece) = program.piece() {
                let piece = self.amount_of(number(piece));
                let count = |amount: i128| (entry.carried + amount).max(0) / piece;
                let rest = entry.carried + after.amount - count(after.amount) * piece;
                answer["pieces"] = json!({
                    "value": self.money(piece), "before": count(before.amount).to_string(), "after": count(after.amount).to_string(),
                    "rest": self.money(rest),
                });
                if let Some(goods) = &program.goods {
                    answer["pieces"]["sku"] = json!(goods.sku);
                }
            }
            answer["earned"] = json!(self.money(ahead[at].0));
            if let Some(forecast) = &ahead[at].1 {
                answer["forecast"] = forecast.clone();
            }
            let contests = self.contests(entry, booked[at], with_cart[at]);
            if !contests.is_empty() {
                answer["contests"] = json!(contests);
            }
            answer
        };
        (0..entries.len()).map(answer).collect()
    }

    /// §43.5.
    fn contests(&self, entry: &Entry, before: Volume, after: Volume) -> Vec<Value> {
        let program = &entry.program;
        let fact =
            |facts: &Value| Volume { amount: whole(self.amount_of(decimal(&facts["amount"]))), quantity: decimal(&facts["quantity"]) };
        let shown = |volume: Exact| json!(self.measured_text(program, volume));
        let (before, after) = (before.measure(program), after.measure(program));
        let mut own: Vec<&Value> = self.facts["contests"].as_array().into_iter().flatten().collect();
        own.retain(|facts| facts["program"] == program.id.as_str() && facts["period"] == entry.label.as_str());
        own.sort_by_key(|facts| facts["contest"].as_str());
        let one = |facts: &&Value| {
            let then = fact(&facts["volume"]).measure(program);
            let prize = |facts: &Value| self.money(self.amount_of(decimal(&facts["prize"])));
            let mut ranks: Vec<&Value> = facts["ahead"].as_array().into_iter().flatten().collect();
            let gap = |rank: &Value| fact(&rank["gap"]);
            ranks.sort_by_key(|rank| {
                (-rank["rank"].as_i64().expect("a rank"), gap(rank).amount, gap(rank).quantity, decimal(&rank["prize"]))
            });
            let as_of =
                facts["as_of"].as_str().map_or_else(|| facts["as_of"].clone(), |text| json!(Instant::parse(text).expect("an instant").0));
            let ahead = ranks.into_iter().map(|rank| {
                let gap = fact(&rank["gap"]).measure(program);
                let above = then + gap - after;
                json!({
                    "rank": rank["rank"], "prize": prize(rank), "gap": shown(gap), "before": shown((then + gap - before).max(whole(0))),
                    "after": shown(above.max(whole(0))), "over": shown((whole(0) - above).max(whole(0))),
                })
            });
            let ahead: Vec<Value> = ahead.collect();
            let lead = Some(&facts["lead"]).filter(|lead| lead.is_object()).map(|lead| shown(fact(lead).measure(program)));
            let name = |language: &str| facts["name"][language].as_str().unwrap_or_default();
            json!({
                "contest": facts["contest"], "name": { "zh": name("zh"), "en": name("en") }, "as_of": as_of, "rank": facts["rank"],
                "of": facts["of"], "prize": prize(facts), "then": shown(then), "before": shown(before), "after": shown(after), "lead": lead,
                "ahead": ahead,
            })
        };
        own.iter().map(one).collect()
    }

    /// What §15 tells of a program.
    pub fn told(&self, told: &Told) -> Value {
        let Told { entry, entries, lines, left_out, cart, units, before: now, after: then, kept, at } = told;
        let program = &entry.program;
        let delta = then.amount - now.amount;
        let weights: Vec<Exact> = lines.iter().map(|(_, amount)| whole(*amount)).collect();
        let parts = if weights.is_empty() { Vec::new() } else { split(delta, &weights, self.policy.settings.remainder) };
        let share = |((line, _), part): (&(String, i128), i128)| json!({ "line": line, "amount": self.money(part) });
        let measured = |volume: Volume| self.measured_text(program, volume.measure(program));
        // §40.3.
        let is_basket = program.mode == TierMode::Basket;
        let is_alone = program.overlap.is_none() && program.requires.is_empty() && !is_basket && program.budget.is_none();
        let mut answer = json!({
            "program": program.id,
            "period": entry.label,
            "label": if program.basis == Basis::Collected || program.date == DecidedBy::Payment { "if_paid" } else { "estimate" },
            "qualifier": match program.qualifier { Qualifier::Amount => "amount", Qualifier::Quantity => "quantity" },
            "volume": { "posted": measured(entry.posted), "open": measured(entry.open), "cart": measured(*cart) },
            "counted": { "amount": text(cart.amount / whole(self.minor), self.digits), "quantity": text(cart.quantity, 0) },
            "before": self.money(now.amount),
            "after": self.money(then.amount),
            "delta": self.money(delta),
            "ends": entry.ends,
            "shares": lines.iter().zip(parts).map(share).collect::<Vec<_>>(),
            "modifiers": self.effects_answer(entry),
            "lost_to": then.lost_to.map(|to| &entries[to].program.id),
            "unmet": then.unmet,
            "tier": then.tier,
            "next": self.next(entry, then.volume, then.amount, is_alone),
            "cliff": if is_alone { self.cliff(entry, then.volume) } else { None },
        });
        if program.quantity == CountedIn::Points {
            answer["quantity"] = json!("points");
        }
        if program.covers.is_some() {
            let with = entry.covered.iter().chain([units]);
            answer["covered"] = json!({ "before": different(&entry.covered), "after": different(with) });
        }
        if !units.is_empty() {
            let one = |(of, units): (&String, &Exact)| (of.clone(), json!({ "of": of, "quantity": text(*units, 0) }));
            answer["counted"]["covered"] = units.iter().map(|entry| one(entry).1).collect();
        }
        if !left_out.is_empty() {
            let line = |(line, why): &(String, &str)| json!({ "line": line, "by": why });
            answer["left_out"] = left_out.iter().map(line).collect();
        }
        if let Some((target, left, of)) = entry.joined {
            let target = self.measured_text(program, target);
            answer["joined"] = json!({ "target": target, "left": left, "of": of, "by": program.joiners.word() });
        }
        if let Some(lacks) = &then.lacks {
            answer["lacks"] = lacks.clone();
        }
        if program.against != Against::Nothing {
            answer["against"] = json!(program.against.word());
            answer["base"] = json!(entry.base.map(|base| self.measured_text(program, base)));
            answer["percent"] = json!(self.reached_percent(entry, then.volume));
        }
        if let Some((left, lost)) = kept {
            answer["budget"] = json!({ "budget": program.budget, "left": self.money(*left), "lost": self.money(*lost) });
        }
        if program.surplus == Surplus::Carried {
            answer["guarantee"] = self.guarantee_answer(entry);
        }
        if let Some(minimum) = program.minimum.map(|minimum| self.amount_of(number(minimum))) {
            let short = (minimum - entry.carried - then.amount).max(0);
            answer["minimum"] = json!({ "amount": self.money(minimum), "carried": self.money(entry.carried), "short": self.money(short) });
        }
        let ends = period::payouts(program, self.zone, &self.policy.settings.zone, *at);
        if let Some(due) = ends.into_iter().find(|end| *end > *at) {
            answer["due"] = json!(due.0);
        }
        answer["form"] = json!(form(program));
        if !program.split.is_empty() {
            let parties = self.parties(program, now.amount).into_iter().zip(self.parties(program, then.amount));
            let party = |((to, before), (_, after)): ((String, i128), (String, i128))| json!({ "to": to, "before": self.money(before), "after": self.money(after) });
            answer["split"] = parties.map(party).collect();
        }
        answer
    }

    /// §38.5.
    pub fn guarantee_answer(&self, entry: &Entry) -> Value {
        let amount = entry.program.guarantee.map_or(0, |amount| self.amount_of(number(amount)));
        let least = (amount - entry.surplus).max(0);
        json!({ "amount": self.money(amount), "surplus": self.money(entry.surplus), "least": self.money(least) })
    }

    /// §52.4: what there was of the budget of each program, and what it keeps back.
    pub fn keep(&self, programs: &[&Program], before: &[Paid], after: &mut [Paid]) -> Vec<Option<(i128, i128)>> {
        let mut added = BTreeMap::<&str, i128>::new();
        let mut kept = Vec::new();
        for (at, program) in programs.iter().enumerate() {
            let Some(id) = program.budget.as_deref() else {
                kept.push(None);
                continue;
            };
            let whole = self.policy.budgets.iter().find(|budget| budget.id == id).expect("a budget").amount;
            let used = self.amount_of(decimal(&self.facts["budgets"][id]["used"]));
            let taken = added.entry(id).or_default();
            let left = (self.amount_of(number(whole)) - used).max(0) - *taken;
            let paid = after[at].amount.min(before[at].amount + left);
            kept.push(Some((left, after[at].amount - paid)));
            after[at].amount = paid;
            *taken += (paid - before[at].amount).max(0);
        }
        kept
    }

    /// §15.3.
    fn cart(&self, program: &Program, own: &[&Program], lines: &[Line], net: &[i128], redeemed: &Redeemed, approved: &Approved) -> Cart {
        let is_of = |program: &Program, line: &Line| {
            line.price.is_some() && program.basis != Basis::SellOut && self.selects(program.on.as_ref(), line.product)
        };
        let why = |program: &Program, line: &Line| left_out(program, &|id| self.field(id), &self.kinds(line, approved));
        let counts = |line: &Line| {
            let matches = |program: &Program| is_of(program, line) && why(program, line).is_none();
            self.counts_for(program, own, matches)
        };
        let left_out = positions(lines, |line| is_of(program, line)).into_iter();
        let left_out = left_out.filter_map(|line| Some((line, why(program, &lines[line])?))).collect();
        let amount = |line: usize| {
            let product = lines[line].product;
            match program.basis {
                Basis::Net | Basis::SellOut => net[line] - redeemed.earns_none(self, product, line),
                Basis::List => lines[line].list - redeemed.earns_none(self, product, line),
                Basis::Untaxed => self.taxed(product, net[line]).base - self.untaxed(product, redeemed.unearning(self, line)),
                // §23.6: with tax, so a share is taken off as it is.
                Basis::Gross | Basis::Collected => self.taxed(product, net[line]).gross - redeemed.unearning(self, line),
            }
        };
        let counting: Vec<(usize, i128)> = positions(lines, counts).into_iter().map(|line| (line, amount(line))).collect();
        let amount = counting.iter().map(|(_, amount)| whole(*amount)).sum();
        let quantity = counting.iter().map(|(line, _)| self.counted_in(program, lines[*line].product, lines[*line].quantity)).sum();
        let mut covered = Units::new();
        for (line, _) in &counting {
            if let Some(id) = self.apart(program, lines[*line].product) {
                *covered.entry(id).or_insert(whole(0)) += lines[*line].quantity;
            }
        }
        Cart { volume: Volume { amount, quantity }, covered, lines: counting, left_out }
    }
}
