//! R, the rebate of a volume (§15.4, §37 to §39).

use super::exact::{Exact, number, rounded, share, text, whole};
use super::period::{self, Window};
use super::{Question, decimal};
use qudao::num::Percent;
use qudao::policy::{
    Against, CountedIn, Covers, Modifier, ModifierKind, NoBase, Pays, PaysOn, Product, Program, Qualifier, Surplus, Tier, TierMode,
};
use qudao::time::Instant;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// §15.3. The amount is in minor units; it is exact because a tier may begin anywhere.
#[derive(Clone, Copy, PartialEq)]
pub struct Volume {
    pub amount: Exact,
    pub quantity: Exact,
}

/// Units by SKU or category.
pub type Units = BTreeMap<String, Exact>;

/// How many different ones have units in some of these together (§64.3).
pub fn different<'u>(all: impl IntoIterator<Item = &'u Units>) -> usize {
    let mut sum = Units::new();
    for (id, units) in all.into_iter().flatten() {
        *sum.entry(id.clone()).or_insert(whole(0)) += *units;
    }
    sum.values().filter(|units| **units > whole(0)).count()
}

/// A program of this dealer in one window.
#[derive(Clone)]
pub struct Entry {
    pub program: Program,
    pub label: String,
    pub ends: Option<i64>,
    /// What tiers are percentages of, in the qualifier's measure.
    pub base: Option<Exact>,
    /// §63.1: the target of the whole window, and which part of it counts.
    pub joined: Option<(Exact, i128, i128)>,
    pub tiers: Vec<Band>,
    pub effects: Vec<Effect>,
    pub posted: Volume,
    pub open: Volume,
    /// Units of what it tells apart, of what is posted and of what is open (§64.3).
    pub covered: [Units; 2],
    /// Minor units that were carried into the window.
    pub carried: i128,
    /// What was paid beyond guarantees before (§38.5).
    pub surplus: i128,
}

/// A tier with its start as a volume of the qualifier's measure.
#[derive(Clone)]
pub struct Band {
    pub tier: Tier,
    pub start: Exact,
    pub is_above: bool,
}

/// What a figure of the dealer's does (§39.1).
#[derive(Clone)]
pub struct Effect {
    modifier: Modifier,
    value: Option<Exact>,
    /// A part of one.
    percent: Exact,
}

impl Volume {
    pub const NONE: Volume = Volume { amount: Exact::new_raw(0, 1), quantity: Exact::new_raw(0, 1) };

    pub fn plus(self, other: Volume) -> Volume {
        Volume { amount: self.amount + other.amount, quantity: self.quantity + other.quantity }
    }

    pub fn less(self, other: Volume) -> Volume {
        Volume { amount: self.amount - other.amount, quantity: self.quantity - other.quantity }
    }

    /// In the qualifier's measure.
    pub fn measure(self, program: &Program) -> Exact {
        match program.qualifier {
            Qualifier::Amount => self.amount,
            Qualifier::Quantity => self.quantity,
        }
    }
}

impl Band {
    pub fn holds_at(&self, measure: Exact) -> bool {
        if self.is_above { self.start < measure } else { self.start <= measure }
    }

    /// The smallest volume at which it holds.
    fn least(&self, unit: Exact) -> Exact {
        if self.is_above { self.start + unit } else { self.start }
    }
}

impl Question<'_> {
    /// What units of a product count as where different ones are needed (§64.3).
    pub fn apart(&self, program: &Program, product: &Product) -> Option<String> {
        if program.covers? == Covers::Sku {
            return Some(product.sku.clone());
        }
        let above = |id: &str| self.policy.categories.iter().find(|node| node.id == id).expect("a category").parent.clone();
        let mut way: Vec<String> = std::iter::successors(product.category.clone(), |id| above(id)).collect();
        way.reverse();
        way.into_iter().nth(program.covers_level.unwrap_or(1) as usize - 1)
    }

    /// §48: a quantity of a product as a program counts it.
    pub fn counted_in(&self, program: &Program, product: &Product, quantity: Exact) -> Exact {
        match program.quantity {
            CountedIn::Units => quantity,
            CountedIn::Points => quantity * product.points.map_or(whole(0), number),
        }
    }

    /// A program in a window, with what the facts say of it.
    pub fn entry(&self, program: Program, window: &Window) -> Entry {
        let mut facts = self.facts["volumes"].as_array().into_iter().flatten();
        let facts = facts.rfind(|facts| facts["program"] == program.id.as_str() && facts["period"] == window.label.as_str());
        let fact = |key: &str| {
            let part = |measure: &str| facts.map_or(whole(0), |facts| decimal(&facts[key][measure]));
            Volume { amount: whole(self.amount_of(part("amount"))), quantity: part("quantity") }
        };
        let base = match program.against {
            Against::Nothing => whole(0),
            Against::Target => fact("target").measure(&program),
            Against::LastYear => fact("last_year").measure(&program),
        };
        let base = Some(base).filter(|base| *base != whole(0));
        // §63.1.
        let since = facts.map_or(&Value::Null, |facts| &facts["joined"]);
        let since = since.as_i64().map(Instant).or_else(|| since.as_str().and_then(Instant::parse));
        let part = since.and_then(|since| period::left(&program, window, &self.policy.settings.zone, since));
        let joined = base.zip(part).map(|(target, (left, of))| (target, left, of));
        let unit = self.unit(&program);
        let counts = |(target, left, of): (Exact, i128, i128)| {
            whole(rounded(target / unit * Exact::new(left, of), self.policy.settings.rounding)) * unit
        };
        let base = joined.map_or(base, |joined| Some(counts(joined)).filter(|base| *base != whole(0)));
        let lift = Exact::new(period::lift(&program, window), 1_000_000);
        let own = program.tiers.iter().filter(|tier| tier.grade.is_none() || tier.grade.as_deref() == self.grade);
        let all: Vec<Band> = own.filter_map(|tier| self.tier_band(&program, tier, base, lift)).collect();
        // §37.2: of those that begin at one volume the last one is there.
        let begin = |band: &Band| band.start + if band.is_above { self.unit(&program) } else { whole(0) };
        let is_last = |at: usize| all[at + 1..].iter().all(|later| begin(later) != begin(&all[at]));
        let is_there = |at: &usize| program.against == Against::Nothing || is_last(*at);
        let tiers = (0..all.len()).filter(is_there).map(|at| all[at].clone()).collect();
        let tiers = self.with_rates(&program, tiers, window);
        let effects = program.modifiers.iter().map(|modifier| self.effect(modifier)).collect();
        Entry {
            label: window.label.clone(),
            ends: window.end.map(|end| end.0),
            base,
            joined,
            tiers,
            effects,
            posted: fact("posted"),
            open: fact("open"),
            covered: ["posted", "open"].map(|key| {
                let mut units = Units::new();
                for entry in facts.map(|facts| &facts[key]["covered"]).and_then(Value::as_array).into_iter().flatten() {
                    let of = entry["of"].as_str().expect("an id").to_owned();
                    *units.entry(of).or_insert(whole(0)) += decimal(&entry["quantity"]);
                }
                units
            }),
            carried: facts.map_or(0, |facts| self.amount_of(decimal(&facts["carried"]))),
            surplus: if program.surplus == Surplus::Carried {
                facts.map_or(0, |facts| self.amount_of(decimal(&facts["surplus"])))
            } else {
                0
            },
            program,
        }
    }

    /// §37.1, §37.2.
    fn tier_band(&self, program: &Program, tier: &Tier, base: Option<Exact>, lift: Exact) -> Option<Band> {
        let band = |start: Exact, is_above: bool| Some(Band { tier: tier.clone(), start, is_above });
        let is_above = tier.above.is_some();
        let part = number(tier.start()) / whole(100);
        let volume = match (program.against, base) {
            (Against::Nothing, _) if program.qualifier == Qualifier::Amount => {
                return band(number(tier.start()) * whole(self.minor), is_above);
            }
            (Against::Nothing, _) => return band(number(tier.start()), is_above),
            (Against::Target, None) => return None,
            (Against::LastYear, None) => {
                let holds = match program.no_base.expect("what holds without a base") {
                    NoBase::Skip => false,
                    NoBase::Full => part <= whole(1),
                    NoBase::Zero => true,
                };
                return if holds { band(whole(0), true) } else { None };
            }
            (Against::Target, Some(base)) => base * part * (whole(1) + lift),
            (Against::LastYear, Some(base)) => base * (whole(1) + part + lift),
        };
        let unit = self.unit(program);
        let units = volume / unit;
        band(if is_above { units.floor() } else { units.ceil() } * unit, is_above)
    }

    /// The smallest unit of the qualifier's measure.
    fn unit(&self, program: &Program) -> Exact {
        match program.qualifier {
            Qualifier::Amount => whole(1),
            Qualifier::Quantity => Exact::new(1, 10_i128.pow(self.policy.settings.quantity_scale)),
        }
    }

    /// §39.1.
    fn effect(&self, modifier: &Modifier) -> Effect {
        let value = Some(&self.facts["kpis"][&modifier.kpi]).filter(|value| !value.is_null()).map(decimal);
        let reached = value.and_then(|value| {
            let holds = |at: &usize| {
                let band = &modifier.bands[*at];
                band.from.is_some_and(|from| value >= number(from)) || band.above.is_some_and(|above| value > number(above))
            };
            (0..modifier.bands.len()).rfind(holds)
        });
        let of_band = || reached.and_then(|at| modifier.bands[at].percent).map_or(whole(0), share);
        let flag = |holds: bool| whole(i128::from(holds));
        let percent = match (modifier.kind, value) {
            (ModifierKind::Gate | ModifierKind::Forfeit | ModifierKind::Multiply, None) => whole(1),
            (ModifierKind::Add | ModifierKind::Deduct, None) => whole(0),
            (ModifierKind::Gate, Some(_)) => flag(reached.is_some()),
            (ModifierKind::Forfeit, Some(_)) => flag(reached.is_none()),
            (ModifierKind::Multiply | ModifierKind::Add, Some(_)) => of_band(),
            (ModifierKind::Deduct, Some(value)) => -share(modifier.each.expect("points")) * value.trunc().max(whole(0)),
        };
        Effect { modifier: modifier.clone(), value, percent }
    }

    /// R, in minor units (§38, §39.2).
    pub fn pay(&self, entry: &Entry, volume: Volume) -> i128 {
        let program = &entry.program;
        let measure = volume.measure(program);
        let paid_on = self.paid_on(entry, volume);
        let reached = entry.tiers.iter().filter(|band| band.holds_at(measure)).count();
        let mut exact = self.by_mode(entry, measure, paid_on, reached);
        if reached > 0 {
            let points = points(entry);
            let amount = if program.pays() == Pays::Percent { paid_on } else { volume.amount };
            exact = (exact + points * amount).max(whole(0));
        }
        let factors = entry.effects.iter().filter(|effect| effect.modifier.kind.is_factor());
        let factor: Exact = factors.map(|effect| effect.percent).product();
        let guarantee = program.guarantee.filter(|_| factor != whole(0)).map_or(0, |guarantee| self.amount_of(number(guarantee)));
        let paid = self.rounded(exact * factor).max(guarantee - entry.surplus).max(0);
        match program.cap.as_ref().and_then(|cap| cap.amount) {
            Some(most) => paid.min(self.amount_of(number(most))),
            None => paid,
        }
    }

    /// p of §38.2: after §37.3 and the cap of the volume.
    fn paid_on(&self, entry: &Entry, volume: Volume) -> Exact {
        let program = &entry.program;
        let quantity = program.pays() == Pays::PerUnit;
        let mut paid_on = if quantity { volume.quantity } else { volume.amount };
        if program.pays_on == PaysOn::Excess {
            paid_on = (paid_on - entry.base.unwrap_or(whole(0))).max(whole(0));
        }
        match program.cap.as_ref().and_then(|cap| cap.volume).map(number) {
            Some(most) => paid_on.min(if quantity { most } else { most * whole(self.minor) }),
            None => paid_on,
        }
    }

    /// §38.2, before rounding.
    fn by_mode(&self, entry: &Entry, measure: Exact, paid_on: Exact, reached: usize) -> Exact {
        let bands = &entry.tiers;
        let Some(top) = reached.checked_sub(1) else { return whole(0) };
        let next_start = |at: usize| bands.get(at + 1).map(|next| next.start);
        let below_next = |at: usize, amount: Exact| next_start(at).map_or(amount, |next| amount.min(next));
        match entry.program.mode {
            TierMode::Retroactive => {
                let Band { tier, start, .. } = &bands[top];
                match tier.excess {
                    Some(excess) => self.tier_rate(tier) * paid_on.min(*start) + share(excess) * (paid_on - start).max(whole(0)),
                    None => self.earned(tier, paid_on),
                }
            }
            TierMode::Incremental => {
                let part = |at: usize| self.tier_rate(&bands[at].tier) * (below_next(at, paid_on) - bands[at].start).max(whole(0));
                (0..reached).map(part).sum()
            }
            TierMode::Rolling => {
                let below: Exact = (0..top).map(|at| self.tier_rate(&bands[at].tier) * below_next(at, paid_on)).sum();
                below + self.tier_rate(&bands[top].tier) * paid_on
            }
            TierMode::Basket => self.earned(&bands[top].tier, paid_on),
            TierMode::Total => bands[..reached].iter().map(|band| self.earned(&band.tier, paid_on)).sum(),
            TierMode::Increments => {
                let steps = |at: usize| {
                    let part = (below_next(at, measure) - bands[at].start).max(whole(0));
                    let every = bands[at].tier.every.map(number).expect("a step");
                    let every = if entry.program.qualifier == Qualifier::Amount { every * whole(self.minor) } else { every };
                    (part / every).floor() * self.tier_rate(&bands[at].tier)
                };
                (0..reached).map(steps).sum()
            }
            TierMode::Interpolated => {
                let own = self.tier_rate(&bands[top].tier);
                let between = bands.get(top + 1).map_or(own, |next| {
                    let way = (measure - bands[top].start) / (next.start - bands[top].start);
                    own + (self.tier_rate(&next.tier) - own) * way
                });
                if entry.program.pays() == Pays::Amount { between } else { between * paid_on }
            }
        }
    }

    /// What a tier pays on an amount or a quantity, or once.
    fn earned(&self, tier: &Tier, paid_on: Exact) -> Exact {
        if tier.amount.is_some() { self.tier_rate(tier) } else { self.tier_rate(tier) * paid_on }
    }

    /// A rate, minor units for each unit, or minor units.
    fn tier_rate(&self, tier: &Tier) -> Exact {
        match (tier.percent, tier.per_unit, tier.amount) {
            (Some(percent), _, _) => share(percent),
            (_, Some(money), _) | (_, _, Some(money)) => number(money) * whole(self.minor),
            _ => unreachable!("a tier pays something"),
        }
    }

    fn reached<'e>(&self, entry: &'e Entry, volume: Volume) -> Option<&'e Band> {
        entry.tiers.iter().rfind(|band| band.holds_at(volume.measure(&entry.program)))
    }

    pub fn tier(&self, entry: &Entry, volume: Volume) -> Option<Value> {
        self.reached(entry, volume).map(|band| self.tier_answer(&entry.program, band))
    }

    /// §15.7. What is gained may not be known, because other programs decide it.
    pub fn next(&self, entry: &Entry, volume: Volume, after: i128, is_known: bool) -> Option<Value> {
        let measure = volume.measure(&entry.program);
        let band = entry.tiers.iter().find(|band| !band.holds_at(measure))?;
        let least = band.least(self.unit(&entry.program));
        let gain = (is_known && is_known_at(entry)).then(|| self.money(self.pay_at(entry, least) - after));
        let mut answer = self.tier_answer(&entry.program, band);
        answer["gap"] = json!(self.measured_text(&entry.program, least - measure));
        answer["gain"] = json!(gain);
        Some(answer)
    }

    /// §15.8.
    pub fn cliff(&self, entry: &Entry, volume: Volume) -> Option<Value> {
        let band = self.reached(entry, volume)?;
        let margin = volume.measure(&entry.program) - band.least(self.unit(&entry.program));
        let loss = self.loss(entry, band)?;
        Some(json!({ "margin": self.measured_text(&entry.program, margin), "loss": self.money(loss) }))
    }

    /// What falling under a tier costs.
    fn loss(&self, entry: &Entry, band: &Band) -> Option<i128> {
        let unit = self.unit(&entry.program);
        let least = band.least(unit);
        let jumps = matches!(entry.program.mode, TierMode::Retroactive | TierMode::Rolling | TierMode::Total | TierMode::Basket);
        if !jumps || !is_known_at(entry) || least == whole(0) {
            return None;
        }
        let loss = self.pay_at(entry, least) - self.pay_at(entry, least - unit);
        (loss > 0).then_some(loss)
    }

    /// §51.5: whether a tier that begins above 0 is fallen under.
    pub fn falls(&self, entry: &Entry, band: &Band, from: Volume, to: Volume) -> bool {
        let begins = band.least(self.unit(&entry.program)) > whole(0);
        // §64.1: of a basket none is told.
        begins
            && entry.program.mode != TierMode::Basket
            && band.holds_at(from.measure(&entry.program))
            && !band.holds_at(to.measure(&entry.program))
    }

    pub fn fall(&self, entry: &Entry, band: &Band, from: Volume) -> Value {
        let program = &entry.program;
        let is_alone = program.overlap.is_none() && program.requires.is_empty() && program.budget.is_none();
        let mut answer = self.tier_answer(program, band);
        answer["margin"] = json!(self.measured_text(program, from.measure(program) - band.least(self.unit(program))));
        answer["loss"] = json!(self.loss(entry, band).filter(|_| is_alone).map(|loss| self.money(loss)));
        answer
    }

    /// Only the qualifier's side of this volume is paid on.
    fn pay_at(&self, entry: &Entry, measure: Exact) -> i128 {
        self.pay(entry, Volume { amount: measure, quantity: measure })
    }

    fn tier_answer(&self, program: &Program, band: &Band) -> Value {
        let Tier { percent, per_unit, amount, every, excess, .. } = &band.tier;
        let percentage = |percent: Percent| text(share(percent) * whole(100), 0);
        let mut answer = json!({ if band.is_above { "above" } else { "from" }: self.measured_text(program, band.start) });
        let parts = [
            ("percent", percent.map(percentage)),
            ("per_unit", per_unit.map(|price| text(number(price), self.digits))),
            ("amount", amount.map(|amount| text(number(amount), self.digits))),
            ("every", every.map(|every| text(number(every), if program.qualifier == Qualifier::Amount { self.digits } else { 0 }))),
            ("excess", excess.map(percentage)),
        ];
        for (key, value) in parts.into_iter().filter_map(|(key, value)| Some((key, value?))) {
            answer[key] = json!(value);
        }
        answer
    }

    pub fn measured_text(&self, program: &Program, measure: Exact) -> String {
        match program.qualifier {
            Qualifier::Amount => text(measure / whole(self.minor), self.digits),
            Qualifier::Quantity => text(measure, 0),
        }
    }

    /// §37.5: a percentage, rounded down to 2 digits.
    pub fn reached_percent(&self, entry: &Entry, volume: Volume) -> Option<String> {
        let base = entry.base?;
        let measure = volume.measure(&entry.program);
        let reached = if entry.program.against == Against::LastYear { measure - base } else { measure };
        Some(text((reached / base * whole(10_000)).floor() / whole(100), 0))
    }

    pub fn effects_answer(&self, entry: &Entry) -> Option<Vec<Value>> {
        let answer = |Effect { modifier, value, percent }: &Effect| {
            json!({
                "kpi": modifier.kpi,
                "kind": modifier.kind.word(),
                "value": value.map(|value| text(value, 0)),
                "percent": text(percent * whole(100), 0),
            })
        };
        (!entry.effects.is_empty()).then(|| entry.effects.iter().map(answer).collect())
    }
}

/// §15.7: whether R is known where only the qualifier's measure of the volume is.
fn is_known_at(entry: &Entry) -> bool {
    let by_amount = entry.program.qualifier == Qualifier::Amount;
    let pays_on_it = match entry.program.pays() {
        Pays::Percent => by_amount,
        Pays::PerUnit => !by_amount,
        Pays::Amount => true,
    };
    pays_on_it && (by_amount || points(entry) == whole(0))
}

/// Points of all figures, on the amount (§39.2).
fn points(entry: &Entry) -> Exact {
    entry.effects.iter().filter(|effect| !effect.modifier.kind.is_factor()).map(|effect| effect.percent).sum()
}
