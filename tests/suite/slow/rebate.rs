//! The rebate preview (§15).

use super::exact::{Exact, text, whole};
use super::pay::{Entry, Volume};
use super::redemption::Redeemed;
use super::split::split;
use super::{Line, Question, period, positions};
use qudao::policy::{Against, Basis, Program, Qualifier};
use serde_json::{Value, json};

/// What of the cart counts for a program: lines in order of id, each with its amount.
struct Cart {
    lines: Vec<(usize, i128)>,
    volume: Volume,
}

impl Question<'_> {
    pub fn rebates(&self, lines: &[Line], net: &[i128], redeemed: &Redeemed) -> Vec<Value> {
        let is_in = |program: &&Program| self.open(&program.when, program.valid.as_deref()) && self.is_enrolled(program);
        let window = |program: &Program| period::window(program, self.zone, &self.policy.settings.zone, self.now);
        let mut programs: Vec<_> =
            self.policy.programs.iter().filter(is_in).filter_map(|program| Some((program, window(program)?))).collect();
        programs.sort_by(|(a, _), (b, _)| a.id.cmp(&b.id));
        let own: Vec<&Program> = programs.iter().map(|(program, _)| *program).collect();
        let carts: Vec<Cart> = own.iter().map(|program| self.cart(program, &own, lines, net, redeemed)).collect();
        let entries: Vec<Entry> = programs.iter().map(|(program, window)| self.entry((*program).clone(), window)).collect();
        let booked: Vec<Volume> = entries.iter().map(|entry| entry.posted.plus(entry.open)).collect();
        let with_cart: Vec<Volume> = booked.iter().zip(&carts).map(|(volume, cart)| volume.plus(cart.volume)).collect();
        let (before, after) = (self.paid(&entries, &booked), self.paid(&entries, &with_cart));
        let answer = |at: usize| {
            let (entry, cart, now, then) = (&entries[at], &carts[at], &before[at], &after[at]);
            let program = &entry.program;
            let delta = then.amount - now.amount;
            let weights: Vec<Exact> = cart.lines.iter().map(|(_, amount)| whole(*amount)).collect();
            let parts = if weights.is_empty() { Vec::new() } else { split(delta, &weights, self.policy.settings.remainder) };
            let share = |((line, _), part): (&(usize, i128), i128)| json!({ "line": lines[*line].id, "amount": self.money(part) });
            let measured = |volume: Volume| self.measured_text(program, volume.measure(program));
            // §40.3.
            let is_alone = program.overlap.is_none() && program.requires.is_empty();
            let mut answer = json!({
                "program": program.id,
                "period": entry.label,
                "label": if program.basis == Basis::Collected { "if_paid" } else { "estimate" },
                "qualifier": match program.qualifier { Qualifier::Amount => "amount", Qualifier::Quantity => "quantity" },
                "volume": { "posted": measured(entry.posted), "open": measured(entry.open), "cart": measured(cart.volume) },
                "counted": { "amount": text(cart.volume.amount / whole(self.minor), self.digits), "quantity": text(cart.volume.quantity, 0) },
                "before": self.money(now.amount),
                "after": self.money(then.amount),
                "delta": self.money(delta),
                "ends": entry.ends,
                "shares": cart.lines.iter().zip(parts).map(share).collect::<Vec<_>>(),
                "modifiers": self.effects_answer(entry),
                "lost_to": then.lost_to.map(|to| &entries[to].program.id),
                "unmet": then.unmet,
                "tier": self.tier(entry, then.volume),
                "next": self.next(entry, then.volume, then.amount, is_alone),
                "cliff": if is_alone { self.cliff(entry, then.volume) } else { None },
            });
            if program.against != Against::Nothing {
                answer["against"] = json!(program.against.word());
                answer["base"] = json!(entry.base.map(|base| self.measured_text(program, base)));
                answer["percent"] = json!(self.reached_percent(entry, then.volume));
            }
            if !program.split.is_empty() {
                let parties = self.parties(program, now.amount).into_iter().zip(self.parties(program, then.amount));
                let party = |((to, before), (_, after)): ((String, i128), (String, i128))| json!({ "to": to, "before": self.money(before), "after": self.money(after) });
                answer["split"] = parties.map(party).collect();
            }
            answer
        };
        (0..entries.len()).map(answer).collect()
    }

    /// §15.3.
    fn cart(&self, program: &Program, own: &[&Program], lines: &[Line], net: &[i128], redeemed: &Redeemed) -> Cart {
        let counts = |line: &Line| {
            let matches = |program: &Program| self.selects(program.on.as_ref(), line.product);
            line.price.is_some() && program.basis != Basis::SellOut && self.counts_for(program, own, matches)
        };
        let amount = |line: usize| {
            let product = lines[line].product;
            match program.basis {
                Basis::Net | Basis::SellOut => net[line] - redeemed.earns_none(self, product, line),
                Basis::List => lines[line].list - redeemed.earns_none(self, product, line),
                // §23.6: with tax, so a share is taken off as it is.
                Basis::Gross | Basis::Collected => self.taxed(product, net[line]).gross - redeemed.unearning(self, line),
            }
        };
        let counting: Vec<(usize, i128)> = positions(lines, counts).into_iter().map(|line| (line, amount(line))).collect();
        let amount = counting.iter().map(|(_, amount)| whole(*amount)).sum();
        let quantity = counting.iter().map(|(line, _)| lines[*line].quantity).sum();
        Cart { volume: Volume { amount, quantity }, lines: counting }
    }
}
