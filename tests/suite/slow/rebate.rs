//! The rebate preview (§15).

use super::exact::{Exact, number, share, text, whole};
use super::redemption::Redeemed;
use super::split::split;
use super::{Line, Question, decimal, positions};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use qudao::policy::{Basis, Period, Program, Qualifier, Tier, TierMode};
use serde_json::{Value, json};

/// §15.3. The amount is in minor units; it is exact because a tier may begin anywhere.
#[derive(Clone, Copy)]
struct Volume {
    amount: Exact,
    quantity: Exact,
}

impl Question<'_> {
    pub fn rebates(&self, lines: &[Line], net: &[i128], redeemed: &Redeemed) -> Vec<Value> {
        let mut programs: Vec<&Program> =
            self.policy.programs.iter().filter(|program| self.open(&program.when, program.valid.as_deref())).collect();
        programs.sort_by(|a, b| a.id.cmp(&b.id));
        programs.into_iter().map(|program| self.rebate(&self.with_rates(program), lines, net, redeemed)).collect()
    }

    fn rebate(&self, program: &Program, lines: &[Line], net: &[i128], redeemed: &Redeemed) -> Value {
        let label = self.period(program.period);
        let mut facts = self.facts["volumes"].as_array().into_iter().flatten();
        let facts = facts.rfind(|facts| facts["program"] == program.id.as_str() && facts["period"] == label.as_str());
        let fact = |key: &str| {
            let part = |measure: &str| facts.map_or(whole(0), |facts| decimal(&facts[key][measure]));
            Volume { amount: whole(self.amount_of(part("amount"))), quantity: part("quantity") }
        };
        let counting = positions(lines, |line| line.price.is_some() && self.selects(program.on.as_ref(), line.product));
        let basis = |line: usize| {
            let amount = match program.basis {
                Basis::Net => net[line],
                Basis::List => lines[line].list,
                ahead => unreachable!("{ahead:?} is ahead"),
            };
            amount - redeemed.earns_none(self, lines[line].product, line)
        };
        let cart = Volume {
            amount: counting.iter().map(|line| whole(basis(*line))).sum(),
            quantity: counting.iter().map(|line| lines[*line].quantity).sum(),
        };
        let (posted, open) = (fact("posted"), fact("open"));
        let before_cart = posted.plus(open);
        let with_cart = before_cart.plus(cart);
        let (before, after) = (self.pay(program, before_cart), self.pay(program, with_cart));
        let weights: Vec<Exact> = counting.iter().map(|line| whole(basis(*line))).collect();
        let parts = if counting.is_empty() { Vec::new() } else { split(after - before, &weights, self.policy.settings.remainder) };
        let share = |(line, part): (&usize, i128)| json!({ "line": lines[*line].id, "amount": self.money(part) });
        let measured = |volume: Volume| self.measured_text(program, volume.measure(program));
        json!({
            "program": program.id,
            "period": label,
            "label": "estimate",
            "qualifier": match program.qualifier { Qualifier::Amount => "amount", Qualifier::Quantity => "quantity" },
            "volume": { "posted": measured(posted), "open": measured(open), "cart": measured(cart) },
            "counted": { "amount": text(cart.amount / whole(self.minor), self.digits), "quantity": text(cart.quantity, 0) },
            "before": self.money(before),
            "after": self.money(after),
            "delta": self.money(after - before),
            "shares": counting.iter().zip(parts).map(share).collect::<Vec<_>>(),
            "tier": self.tier_at(program, with_cart).map(|tier| self.tier_answer(program, tier)),
            "next": self.next(program, with_cart, after),
            "cliff": self.cliff(program, with_cart),
        })
    }

    /// §15.7.
    fn next(&self, program: &Program, volume: Volume, after: i128) -> Option<Value> {
        let measure = volume.measure(program);
        let tier = program.tiers.iter().filter(|tier| self.from(program, tier) > measure).min_by_key(|tier| tier.start())?;
        let from = self.from(program, tier);
        let pays_on_qualifier = tier.percent.is_some() == (program.qualifier == Qualifier::Amount);
        // Only the qualifier's side of this volume is paid on.
        let gain = pays_on_qualifier.then(|| self.money(self.pay(program, Volume { amount: from, quantity: from }) - after));
        let mut answer = self.tier_answer(program, tier);
        answer["gap"] = json!(self.measured_text(program, from - measure));
        answer["gain"] = json!(gain);
        Some(answer)
    }

    /// §15.8.
    fn cliff(&self, program: &Program, volume: Volume) -> Option<Value> {
        let start = self.from(program, self.tier_at(program, volume)?);
        let (least, pays) = match program.qualifier {
            Qualifier::Amount => (whole(1), program.tiers[0].percent.is_some()),
            Qualifier::Quantity => {
                (whole(1) / whole(10_i128.pow(self.policy.settings.quantity_scale)), program.tiers[0].per_unit.is_some())
            }
        };
        let at = |measure: Exact| self.pay(program, Volume { amount: measure, quantity: measure });
        if program.mode != TierMode::Retroactive || !pays || start == whole(0) {
            return None;
        }
        let loss = at(start) - at(start - least);
        (loss > 0).then(|| json!({ "margin": self.measured_text(program, volume.measure(program) - start), "loss": self.money(loss) }))
    }

    /// R, in minor units (§15.4).
    fn pay(&self, program: &Program, volume: Volume) -> i128 {
        let rate = |tier: &Tier, amount: Exact, quantity: Exact| match (tier.percent, tier.per_unit) {
            (Some(percent), _) => share(percent) * amount,
            (_, Some(per_unit)) => number(per_unit) * whole(self.minor) * quantity,
            _ => unreachable!("a tier pays something"),
        };
        let exact = match program.mode {
            TierMode::Retroactive => self.tier_at(program, volume).map_or(whole(0), |tier| rate(tier, volume.amount, volume.quantity)),
            TierMode::Incremental => {
                let measure = volume.measure(program);
                let part = |at: usize| {
                    let from = self.from(program, &program.tiers[at]);
                    let to = program.tiers.get(at + 1).map_or(measure, |next| measure.min(self.from(program, next)));
                    let inside = (to - from).max(whole(0));
                    rate(&program.tiers[at], inside, inside)
                };
                (0..program.tiers.len()).map(part).sum()
            }
            ahead => unreachable!("{ahead:?} is ahead"),
        };
        self.rounded(exact)
    }

    fn tier_at<'p>(&self, program: &'p Program, volume: Volume) -> Option<&'p Tier> {
        let reached = program.tiers.iter().filter(|tier| self.from(program, tier) <= volume.measure(program));
        reached.max_by_key(|tier| tier.start())
    }

    /// Where a tier begins, in the qualifier's measure.
    fn from(&self, program: &Program, tier: &Tier) -> Exact {
        match program.qualifier {
            Qualifier::Amount => number(tier.start()) * whole(self.minor),
            Qualifier::Quantity => number(tier.start()),
        }
    }

    fn tier_answer(&self, program: &Program, tier: &Tier) -> Value {
        let from = self.measured_text(program, self.from(program, tier));
        match (tier.percent, tier.per_unit) {
            (Some(percent), _) => json!({ "from": from, "percent": text(share(percent) * whole(100), 0) }),
            (_, Some(per_unit)) => json!({ "from": from, "per_unit": text(number(per_unit), self.digits) }),
            _ => unreachable!("a tier pays something"),
        }
    }

    fn measured_text(&self, program: &Program, measure: Exact) -> String {
        match program.qualifier {
            Qualifier::Amount => text(measure / whole(self.minor), self.digits),
            Qualifier::Quantity => text(measure, 0),
        }
    }

    /// §15.2.
    fn period(&self, period: Period) -> String {
        let zone = TimeZone::get(&self.policy.settings.zone).expect("a zone");
        let day = Timestamp::from_millisecond(self.now.0).expect("an instant").to_zoned(zone).date();
        let (year, month) = (day.year(), day.month());
        match period {
            Period::Month => format!("{year}-{month:02}"),
            Period::Quarter => format!("{year}-Q{}", (month + 2) / 3),
            Period::Half => format!("{year}-H{}", (month + 5) / 6),
            Period::Year => format!("{year}"),
            ahead => unreachable!("{ahead:?} is ahead"),
        }
    }
}

impl Volume {
    fn plus(self, other: Volume) -> Volume {
        Volume { amount: self.amount + other.amount, quantity: self.quantity + other.quantity }
    }

    fn measure(self, program: &Program) -> Exact {
        match program.qualifier {
            Qualifier::Amount => self.amount,
            Qualifier::Quantity => self.quantity,
        }
    }
}
