//! Rebate programs of a world: what they are, how likely, as their author would write them, and what facts say of them.

use super::{CATEGORIES, On, When, World, decimal};
use crate::random::Random;
use proptest::prelude::*;
use proptest::sample::select;
use qudao::calendar;
use qudao::policy::{Calendar, Period, YearEnd};
use qudao::time::{Instant, Interval};
use serde_json::{Value, json};

pub const PROGRAMS: [&str; 5] = ["r9", "r10", "返", "R", "r"];
const OVERLAPS: [&str; 2] = ["o", "并"];
const OVERLAP_MODES: [&str; 4] = ["exclusive", "best", "priority", "cascade"];
const KPIS: [&str; 3] = ["score", "天数", "k"];
/// Periods, each with its calendar as it is written.
const CALENDARS: [(&str, &str); 14] = [
    ("month", ""),
    ("quarter", ""),
    ("half", ""),
    ("year", ""),
    ("month", "year_start: 12-26"),
    ("quarter", "year_start: 04-01, named_after: start"),
    ("half", "year_start: 11-21"),
    ("year", "year_start: 07-01"),
    ("month", "year_start: 01-01, named_after: start"),
    ("weeks", "from: 2026-01-05, weeks: [4, 4, 5]"),
    ("weeks", "from: 2026-11-21, weeks: [1]"),
    ("dates", "dates: [2026-06-01 .. 2026-06-30, 2026-11-01 .. 2026-11-20, '2026-11-21 .. 2026-11-21', 2027-01-01 ..]"),
    ("dates", "dates: ['2026-11-21T10:00 .. 2026-11-21T12:00', '2026-11-21T12:00 .. 2027-01-01']"),
    ("lifetime", ""),
];
/// Days of price rises.
const RISES: [&str; 6] = ["2026-07-01", "2026-11-01", "2026-11-21", "2025-10-01", "2026-12-26", "2025-02-15"];
/// When dealers join.
const JOINED: [&str; 9] = [
    "2025-11-03T00:00:00+08:00",
    "2026-01-01T00:00:00+08:00",
    "2026-06-30T16:00:00Z",
    "2026-08-15T13:30:00+08:00",
    "2026-10-31T23:59:59+08:00",
    "2026-11-07T00:00:00+08:00",
    "2026-11-21T00:00:00+08:00",
    "2026-12-26T00:00:00+08:00",
    "2027-03-01T00:00:00+08:00",
];
/// Which orders count, and at which prices lines do not.
const ORDERS: [&str; 5] = [
    "source: portal",
    "attributes: { payment: [prepaid] }",
    "except: { attributes: { payment: prepaid } }",
    "except: { source: [portal, phone], attributes: { payment: credit } }",
    "source: [portal, phone], except: { attributes: { payment: prepaid } }",
];
const UNPRICED: [&str; 4] =
    ["special", "contract, quotation, special, approved, no_promotion", "approved, no_promotion", "quotation, contract, no_promotion"];
/// Figures and bounds of modifiers, in ten-thousandths.
const FIGURES: [i64; 9] = [-15_000, -9_999, 0, 9_999, 10_000, 25_000, 30_000, 849_999, 850_000];

/// What programs have in common.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Modes of [`OVERLAPS`].
    pub overlaps: [usize; 2],
    /// One of [`CALENDARS`], of all programs that are in an overlap or need another one.
    pub calendar: usize,
    /// What programs of a cascade count.
    pub on: On,
    /// That of programs in an overlap.
    pub basis: &'static str,
    /// The dealer's figures, in ten-thousandths.
    pub kpis: [Option<i64>; 3],
    /// Bits of [`PROGRAMS`] that his facts list.
    pub listed: u8,
}

#[derive(Debug, Clone)]
pub struct Program {
    pub on: On,
    pub when: When,
    pub mode: &'static str,
    pub by_quantity: bool,
    /// Whether tiers pay on the other measure, or amounts.
    pub pays: Pays,
    pub basis: &'static str,
    /// One of [`CALENDARS`] instead of the common one.
    pub calendar: Option<usize>,
    pub tiers: Vec<Tier>,
    /// 1: tiers for the first grade only; 2: the first tier for it and all for the second.
    pub graded: usize,
    /// Empty for nothing.
    pub against: &'static str,
    pub no_base: &'static str,
    pub pays_on_excess: bool,
    /// In units of 0.0001 %, and one of [`RISES`].
    pub rises: Vec<(i64, usize)>,
    /// In whole units of what is paid on, and in minor units.
    pub cap: (Option<i64>, Option<i64>),
    /// In minor units.
    pub guarantee: Option<i64>,
    pub listed: bool,
    pub modifiers: Vec<Modifier>,
    /// Which program, and what is needed of it.
    pub requires: Vec<(usize, Need)>,
    pub overlap: Option<usize>,
    pub priority: i32,
    /// The first party's share, in units of 0.0001 %, and whether there are three.
    pub split: Option<(i64, bool)>,
    /// Volumes in whole units of money and quantity.
    pub posted: Option<(i64, i64)>,
    pub open: Option<(i64, i64)>,
    pub base: Option<(i64, i64)>,
    /// What its forecast goes by, empty for nothing; what each month weighs.
    pub forecast: &'static str,
    pub weights: [i64; 12],
    /// What the facts expect, and what of last year there was so far.
    pub expected: Option<(i64, i64)>,
    pub to_date: Option<(i64, i64)>,
    /// What a target counts for of a dealer that joined, empty for all of it, and one of [`JOINED`].
    pub joiners: (&'static str, Option<usize>),
    /// What each tier of a basket needs.
    pub basket: [(usize, Need); 3],
    /// What it is paid in, the value of a piece in minor units, and what was carried.
    pub form: (&'static str, i64, Option<i64>),
    /// Which orders count, as they are written, and at which prices none do.
    pub counted: (&'static str, &'static str),
    /// Whether the facts have another period too.
    pub stale: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pays {
    Qualified,
    Crossed,
    Amount,
}

#[derive(Debug, Clone, Copy)]
pub struct Tier {
    /// From the one before it, in whole units.
    pub width: i64,
    pub rate: i64,
    pub is_above: bool,
    pub excess: Option<i64>,
    pub every: i64,
}

#[derive(Debug, Clone)]
pub struct Modifier {
    pub kpi: usize,
    pub kind: &'static str,
    /// Positions in [`FIGURES`], whether beyond them, and percentages in units of 0.0001 %.
    pub bands: Vec<(usize, bool, i64)>,
}

/// In whole units, or in percent.
#[derive(Debug, Clone, Copy)]
pub enum Need {
    Amount(i64),
    Quantity(i64),
    Share(i64),
}

pub fn terms() -> impl Strategy<Value = Terms> {
    let kpi = || prop::option::weighted(0.85, select(FIGURES.to_vec()));
    (
        [0..OVERLAP_MODES.len(), 0..OVERLAP_MODES.len()],
        prop_oneof![2 => 0..4_usize, 1 => 0..CALENDARS.len()],
        super::strategy::on(),
        basis(),
        [kpi(), kpi(), kpi()],
        0..32_u8,
    )
        .prop_map(|(overlaps, calendar, on, basis, kpis, listed)| Terms { overlaps, calendar, on, basis, kpis, listed })
}

fn basis() -> impl Strategy<Value = &'static str> {
    select(vec!["net", "net", "list", "untaxed", "gross", "collected", "sell_out"])
}

pub fn program() -> impl Strategy<Value = Program> {
    let volume = |weight: f64| prop::option::weighted(weight, (prop_oneof![0..400_i64, (0..8_i64).prop_map(|n| n * 50)], 0..15_i64));
    let width = prop_oneof![3 => 1..8_i64, 2 => 1..4_i64, 1 => 1..300_i64, 1 => (1..5_i64).prop_map(|n| n * 50)];
    let rate = prop_oneof![0..40_i64, select(vec![0_i64, 1, 90])];
    let tier = (width, rate, prop::bool::weighted(0.2), prop::option::weighted(0.4, 0..60_i64), 1..6_i64)
        .prop_map(|(width, rate, is_above, excess, every)| Tier { width, rate, is_above, excess, every });
    let mode = select(vec![
        "retroactive",
        "retroactive",
        "incremental",
        "rolling",
        "total",
        "increments",
        "interpolated",
        "interpolated",
        "basket",
    ]);
    let pays = prop_oneof![2 => Just(Pays::Qualified), 1 => Just(Pays::Crossed), 1 => Just(Pays::Amount)];
    let rises = prop::collection::vec((select(vec![80_000_i64, 100_000, 333_333, 1]), 0..RISES.len()), 0..3);
    let against = (
        select(vec!["", "", "", "target", "target", "target", "last_year", "last_year", "last_year", "last_year"]),
        select(vec!["skip", "full", "full", "zero", "zero"]),
        prop::bool::weighted(0.5),
        prop_oneof![1 => Just(Vec::new()), 1 => rises],
    );
    let most = (
        (prop::option::weighted(0.2, 1..300_i64), prop::option::weighted(0.2, 1..2_000_i64)),
        prop::option::weighted(0.15, 1..1_000_i64),
        prop::option::weighted(0.3, (1..1_000_000_i64, any::<bool>())),
    );
    let band = (0..FIGURES.len(), any::<bool>(), select(vec![0_i64, 10_000, 500_000, 800_000, 1_000_000, 1_333_333]));
    let modifier = (0..KPIS.len(), select(vec!["gate", "forfeit", "multiply", "add", "deduct"]), prop::collection::vec(band, 1..4))
        .prop_map(|(kpi, kind, bands)| Modifier { kpi, kind, bands });
    let modifiers = prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(modifier, 1..4)];
    let need = prop_oneof![(1..300_i64).prop_map(Need::Amount), (1..15_i64).prop_map(Need::Quantity), (1..=100_i64).prop_map(Need::Share)];
    let small = prop_oneof![(1..60_i64).prop_map(Need::Amount), (1..6_i64).prop_map(Need::Quantity), (1..=60_i64).prop_map(Need::Share)];
    let basket = prop::array::uniform3((0..PROGRAMS.len(), small));
    let requires = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec((0..PROGRAMS.len(), need), 1..3)];
    let beside = (prop::option::weighted(0.15, Just(true)), requires, prop::option::weighted(0.8, 0..OVERLAPS.len()), -1..2_i32).boxed();
    (
        (super::strategy::on(), super::strategy::when(false), prop::option::weighted(0.2, 0..CALENDARS.len()), basis()),
        (mode, any::<bool>(), pays, prop_oneof![8 => Just(0_usize), 1 => Just(1), 1 => Just(2)]),
        (prop::bool::weighted(0.2), prop::bool::weighted(0.4)),
        prop::collection::vec(tier, 1..4),
        (against, most, modifiers, beside),
        (volume(0.4), volume(0.4), volume(0.6)),
        (
            select(vec!["", "", "", "cash", "lot", "next", "voucher", "goods", "goods"]),
            select(vec![1_i64, 70, 300, 1_000]),
            prop::option::weighted(0.5, -500..2_000_i64),
        ),
        (
            select(vec!["", "", "linear", "seasonal", "last_year"]),
            prop::array::uniform12(select(vec![0_i64, 1, 7, 10, 25])),
            volume(0.15),
            volume(0.6),
            (select(vec!["", "days", "months"]), prop::option::weighted(0.7, 0..JOINED.len())),
            basket,
        ),
    )
        .prop_map(
            |(
                (on, when, calendar, basis),
                (mode, by_quantity, pays, graded),
                (stale, falling),
                mut tiers,
                ((against, no_base, pays_on_excess, rises), (cap, guarantee, split), modifiers, (listed, requires, overlap, priority)),
                (posted, open, base),
                form,
                (forecast, weights, expected, to_date, joiners, basket),
            )| {
                if falling {
                    // Rates that fall so fast that more volume earns less.
                    tiers.iter_mut().zip([90, 5, 0]).for_each(|(tier, rate)| tier.rate = rate);
                }
                Program {
                    on,
                    when,
                    mode,
                    by_quantity,
                    pays,
                    basis,
                    calendar,
                    tiers,
                    graded,
                    against,
                    no_base,
                    pays_on_excess,
                    rises,
                    cap,
                    guarantee,
                    listed: listed.is_some(),
                    modifiers,
                    requires,
                    overlap,
                    priority,
                    split,
                    posted,
                    open,
                    base,
                    form,
                    forecast,
                    weights,
                    expected,
                    to_date,
                    joiners,
                    basket,
                    counted: (chosen(&ORDERS, &weights[10..]), chosen(&UNPRICED, &weights[8..10])),
                    stale,
                }
            },
        )
}

/// One of some, by two weights of months, or none.
fn chosen(some: &[&'static str], weights: &[i64]) -> &'static str {
    let number =
        weights.iter().fold(0, |number, weight| number * 5 + [0, 1, 7, 10, 25].iter().position(|known| known == weight).unwrap_or(0));
    if number < 16 { "" } else { some[number % some.len()] }
}

impl Terms {
    /// Of a world without programs.
    pub fn none(on: On) -> Terms {
        Terms { overlaps: [0, 0], calendar: 0, on, basis: "net", kpis: [None; 3], listed: 0 }
    }

    /// The same with every overlap in its next mode.
    pub fn turned(&self) -> Terms {
        Terms { overlaps: self.overlaps.map(|mode| (mode + 1) % OVERLAP_MODES.len()), ..self.clone() }
    }

    /// `overlaps` and `kpis` of the policy.
    pub fn lists(&self) -> String {
        let overlap = |(id, mode): (&str, usize)| format!("{{ id: {id}, mode: {} }}", OVERLAP_MODES[mode]);
        let overlaps: Vec<String> = OVERLAPS.into_iter().zip(self.overlaps).map(overlap).collect();
        let kpis: Vec<String> = KPIS.iter().map(|id| format!("{{ id: {id} }}")).collect();
        format!("overlaps: [{}]\nkpis: [{}]\n", overlaps.join(", "), kpis.join(", "))
    }

    pub fn facts(&self, facts: &mut Value, programs: usize) {
        let figures = KPIS.iter().zip(self.kpis).filter_map(|(id, figure)| Some((id, figure?)));
        for (id, figure) in figures {
            facts["kpis"][id] = json!(decimal(figure, 4));
        }
        let listed: Vec<&str> = (0..programs).filter(|at| self.listed >> at & 1 == 1).map(|at| PROGRAMS[at]).collect();
        if !listed.is_empty() {
            facts["programs"] = json!(listed);
        }
    }
}

impl Program {
    /// Tiers without more than a start and a rate can be others in another policy.
    pub fn is_plain(&self) -> bool {
        !["increments", "interpolated", "basket"].contains(&self.mode) && !self.has_tier_excess()
    }

    /// Whether what is paid beyond its guarantee lowers the later ones.
    fn carries(&self) -> bool {
        self.guarantee.is_some_and(|least| least % 3 > 0)
    }

    /// The level of categories that it tells apart, 0 for SKUs; drawn from what it has, so that it changes no other part of a world.
    fn covers(&self) -> Option<usize> {
        match self.weights[5] {
            1 => Some(0),
            10 => Some(1),
            25 if self.weights[6] > 1 => Some(2),
            _ => None,
        }
    }

    /// Whether it counts points; drawn from what it has, too.
    fn points(&self) -> bool {
        self.weights[7] == 25
    }

    fn calendar(&self, terms: &Terms) -> usize {
        self.calendar.unwrap_or(terms.calendar)
    }

    /// What its tiers can pay in its mode.
    fn pays(&self) -> Pays {
        match self.mode {
            "increments" => Pays::Amount,
            "incremental" | "rolling" => Pays::Qualified,
            _ => self.pays,
        }
    }

    fn pays_percent(&self) -> bool {
        match self.pays() {
            Pays::Qualified => !self.by_quantity,
            Pays::Crossed => self.by_quantity,
            Pays::Amount => false,
        }
    }

    fn exceeds(&self) -> bool {
        self.pays_on_excess
            && !self.against.is_empty()
            && ["retroactive", "total", "interpolated", "basket"].contains(&self.mode)
            && self.pays() == Pays::Qualified
    }

    /// Whether tiers may pay another rate on what exceeds their starts.
    fn has_tier_excess(&self) -> bool {
        let can = self.mode == "retroactive" && self.pays_percent() && !self.by_quantity && !self.exceeds();
        can && self.tiers.iter().any(|tier| tier.excess.is_some())
    }

    /// The overlap that it can be in, and with which mode.
    fn overlap<'t>(&self, terms: &'t Terms) -> Option<(&'static str, &'t str)> {
        let at = self.overlap.filter(|_| self.calendar(terms) == terms.calendar)?;
        Some((OVERLAPS[at], OVERLAP_MODES[terms.overlaps[at]]))
    }
}

impl World {
    pub(super) fn program(&self, index: usize, program: &Program) -> String {
        let terms = &self.terms;
        let (period, calendar) = CALENDARS[program.calendar(terms)];
        let overlap = program.overlap(terms);
        let on = if overlap.is_some_and(|(_, mode)| mode == "cascade") { &terms.on } else { &program.on };
        // The same on both sides of a transition, where the modes of overlaps are others.
        let basis = if overlap.is_some() { terms.basis } else { program.basis };
        let qualifier = if program.by_quantity { "quantity" } else { "amount" };
        let mut parts = vec![format!("id: {}, {}{}period: {period}", PROGRAMS[index], self.when(&program.when), self.on(on))];
        if !calendar.is_empty() {
            parts.push(format!("calendar: {{ {calendar} }}"));
        }
        parts.push(format!("mode: {}, qualifier: {qualifier}, basis: {basis}, tiers: [{}]", program.mode, self.tiers(index, program)));
        let (orders, prices) = program.counted;
        if !orders.is_empty() && basis != "sell_out" {
            parts.push(format!("orders: {{ {orders} }}"));
        }
        if !prices.is_empty() && basis != "sell_out" {
            parts.push(format!("prices: {{ except: [{prices}] }}"));
        }
        if program.points() {
            parts.push("quantity: points".to_owned());
        }
        match program.covers() {
            Some(0) => parts.push("covers: sku".to_owned()),
            Some(1) => parts.push("covers: category".to_owned()),
            Some(level) => parts.push(format!("covers: category, covers_level: {level}")),
            None => {}
        }
        if !program.against.is_empty() {
            parts.push(format!("against: {}", program.against));
            if program.against == "last_year" {
                parts.push(format!("no_base: {}", program.no_base));
            }
            match (program.joiners.0, period) {
                ("days", "lifetime") | ("months", "weeks" | "dates" | "lifetime") | ("", _) => {}
                (joiners, _) if program.against == "target" => parts.push(format!("joiners: {joiners}")),
                _ => {}
            }
            if program.exceeds() {
                parts.push("pays_on: excess".to_owned());
            }
            let rise = |(percent, from): &(i64, usize)| format!("{{ percent: {}, from: {} }}", decimal(*percent, 4), RISES[*from]);
            if !program.rises.is_empty() && ["month", "quarter", "half", "year"].contains(&period) {
                parts.push(format!("price_rises: [{}]", program.rises.iter().map(rise).collect::<Vec<_>>().join(", ")));
            }
        }
        let volume = program.cap.0.filter(|_| program.pays() != Pays::Amount);
        let volume = volume.map(|most| if program.pays_percent() { self.whole_money(most) } else { self.quantity(most) });
        let caps = [("volume", volume), ("amount", program.cap.1.map(|most| self.money(most)))];
        let caps: Vec<String> = caps.into_iter().filter_map(|(key, most)| Some(format!("{key}: {}", most?))).collect();
        if !caps.is_empty() {
            parts.push(format!("cap: {{ {} }}", caps.join(", ")));
        }
        let months = ["quarter", "half", "year"].iter().position(|word| *word == period).map_or(0, |at| [3, 6, 12][at]);
        match program.forecast {
            "" => {}
            "seasonal" if months == 0 || program.weights[..months].iter().all(|weight| *weight == 0) => {}
            "seasonal" => {
                let weights: Vec<String> = program.weights[..months].iter().map(i64::to_string).collect();
                parts.push(format!("forecast: {{ by: seasonal, weights: [{}] }}", weights.join(", ")));
            }
            by => parts.push(format!("forecast: {{ by: {by} }}")),
        }
        parts.extend(program.guarantee.map(|least| format!("guarantee: {}", self.money(least))));
        if program.carries() && period != "lifetime" {
            parts.push("surplus: carried".to_owned());
        }
        parts.extend(program.listed.then(|| "enrolment: listed".to_owned()));
        if !program.modifiers.is_empty() {
            parts.push(format!("modifiers: [{}]", program.modifiers.iter().map(modifier).collect::<Vec<_>>().join(", ")));
        }
        let same = |other: &Program| CALENDARS[other.calendar(terms)] == (period, calendar);
        let needs = program.requires.iter().filter(|(other, _)| self.programs.get(*other).is_some_and(same));
        let needs: Vec<String> = needs.map(|need| self.need(need)).collect();
        if !needs.is_empty() {
            parts.push(format!("requires: [{}]", needs.join(", ")));
        }
        if let Some((overlap, _)) = overlap {
            parts.push(format!("overlap: {overlap}, priority: {}", program.priority));
        }
        let (form, piece, _) = program.form;
        match form {
            "cash" => parts.push("paid_in: cash".to_owned()),
            "lot" => parts.push("lot: { days: 30 }".to_owned()),
            "next" => parts.push("lot: { pays: one_order }".to_owned()),
            "voucher" => parts.push(format!("lot: {{ face: {} }}", self.money(piece))),
            "goods" => parts.push(format!("goods: {{ sku: {}, price: {} }}", super::SKUS[0], self.money(piece))),
            _ => {}
        }
        if let Some((share, three)) = program.split.filter(|_| !["voucher", "goods"].contains(&form)) {
            let rest = 1_000_000 - share;
            let third = if three && rest > 1 { rest / 2 } else { 0 };
            let party = |(to, share): (&str, i64)| format!("{{ to: {to}, share: {} }}", decimal(share, 4));
            let parties = [("parent", share), ("dealer", rest - third), ("a", third)].into_iter().filter(|(_, share)| *share > 0);
            parts.push(format!("split: [{}]", parties.map(party).collect::<Vec<_>>().join(", ")));
        }
        format!("  - {{ {} }}\n", parts.join(", "))
    }

    fn need(&self, (other, need): &(usize, Need)) -> String {
        let covers = self.programs.get(*other).and_then(Program::covers).is_some();
        let what = match need {
            Need::Amount(least) | Need::Quantity(least) | Need::Share(least) if covers && least % 2 == 0 => {
                format!("covers: {}", 1 + least % 4)
            }
            Need::Amount(amount) => format!("amount: {}", self.whole_money(*amount)),
            Need::Quantity(quantity) => format!("quantity: {}", self.quantity(*quantity)),
            Need::Share(percent) => format!("share: {percent}"),
        };
        format!("{{ program: {}, {what} }}", PROGRAMS[*other])
    }

    fn tiers(&self, index: usize, program: &Program) -> String {
        let grades = match program.graded {
            0 => vec![("", program.tiers.len())],
            1 => vec![("grade: 甲, ", program.tiers.len())],
            _ => vec![("grade: 甲, ", 1), ("grade: 乙, ", program.tiers.len())],
        };
        let tiers = grades.into_iter().flat_map(|(grade, count)| self.tiers_of((index, program), grade, &program.tiers[..count]));
        tiers.collect::<Vec<_>>().join(", ")
    }

    fn tiers_of(&self, (index, program): (usize, &Program), grade: &str, tiers: &[Tier]) -> Vec<String> {
        let mut from = -1;
        // Of programs with the same windows, the program itself among them.
        let windows = |program: &Program| CALENDARS[program.calendar(&self.terms)];
        let same = |other: &usize| self.programs.get(*other).is_some_and(|other| windows(other) == windows(program));
        let needs = |(other, need): (usize, Need)| self.need(&(if same(&other) { other } else { index }, need));
        let mut basket = program.basket.iter().map(|need| needs(*need));
        let tier = |tier: &Tier| {
            let start = if program.against.is_empty() {
                from += tier.width;
                self.measured(program, from)
            } else {
                // Percentages of a target.
                from += 1 + tier.width % 12;
                decimal(from * 125_000 + if tier.width % 2 == 0 { 3_333 } else { 0 }, 4)
            };
            let key = if tier.is_above && program.mode != "interpolated" { "above" } else { "from" };
            let percent = |rate: i64| decimal(rate * 2_500, 4);
            let pay = match program.pays() {
                Pays::Amount => format!("amount: {}", self.money(tier.rate * 7)),
                _ if program.pays_percent() => format!("percent: {}", percent(tier.rate)),
                _ => format!("per_unit: {}", self.unit_price(tier.rate, tier.rate % 10)),
            };
            let excess = tier.excess.filter(|_| program.has_tier_excess());
            let excess = excess.map_or(String::new(), |excess| format!(", excess: {}", percent(excess)));
            let every =
                if program.mode == "increments" { format!(", every: {}", self.measured(program, tier.every)) } else { String::new() };
            let needs = basket.next().filter(|_| program.mode == "basket").map_or(String::new(), |need| format!(", requires: [{need}]"));
            format!("{{ {grade}{key}: {start}, {pay}{excess}{every}{needs} }}")
        };
        tiers.iter().map(tier).collect()
    }

    /// Whole units in the qualifier's measure.
    fn measured(&self, program: &Program, units: i64) -> String {
        if program.by_quantity { self.quantity(units) } else { self.whole_money(units) }
    }

    fn whole_money(&self, units: i64) -> String {
        self.money(units * 10_i64.pow(self.digits()))
    }

    fn volume(&self, (amount, quantity): (i64, i64)) -> Value {
        json!({ "amount": self.money(amount * 10_i64.pow(self.digits()) + amount % 2), "quantity": self.quantity(quantity) })
    }

    /// What was published of the contests of a program; drawn from what the program has, so that they change no other part of a world.
    pub(super) fn standings(&self, index: usize, program: &Program) -> Vec<Value> {
        let drawn = program.posted.into_iter().chain(program.open).map(|(amount, quantity)| amount * 31 + quantity).sum::<i64>();
        let mut random = Random((drawn * 97 + program.tiers[0].width * 7 + program.tiers[0].rate).unsigned_abs());
        if random.index(4) > 0 {
            return Vec::new();
        }
        let below = |random: &mut Random, end: u64| i64::try_from(random.below(end)).expect("a small number");
        let volume = |random: &mut Random| {
            let amount = if random.index(2) == 0 { below(random, 400) } else { below(random, 8) * 50 };
            self.volume((amount, below(random, 15)))
        };
        let entry = |at: usize| {
            let random = &mut random;
            let (rank, of) = (below(random, 6), 5 + below(random, 4));
            let period = if random.index(5) == 0 { "2025-12".to_owned() } else { self.label(program)? };
            let prize = |random: &mut Random| json!(self.money(below(random, 500)));
            let ahead: Vec<Value> = (0..random.index(3))
                .map(|_| json!({ "rank": 1 + random.index(4), "prize": prize(random), "gap": volume(random) }))
                .collect();
            let mut facts = json!({
                "contest": format!("c{at}-{}", PROGRAMS[index]), "program": PROGRAMS[index], "period": period, "as_of": 1_790_000_000_000_i64 + of,
                "of": of, "prize": prize(random), "volume": volume(random), "ahead": ahead,
            });
            if rank > 0 {
                facts["rank"] = json!(rank);
                facts["name"] = json!({ "zh": "赛", "en": "Race" });
            }
            if random.index(2) == 0 {
                facts["lead"] = volume(random);
            }
            Some(facts)
        };
        (0..2).filter_map(entry).collect()
    }

    pub(super) fn volumes(&self, index: usize, program: &Program) -> Vec<Value> {
        let part = |volume: (i64, i64)| self.volume(volume);
        // Many a dealer stands just where a tier begins.
        let edge = program.posted.filter(|(amount, _)| amount % 5 < 2).map(|(_, quantity)| {
            let reached = usize::try_from(quantity).unwrap_or_default() % program.tiers.len();
            let start = program.tiers[..=reached].iter().map(|tier| tier.width).sum::<i64>() - 1;
            json!({ "amount": self.whole_money(start), "quantity": self.quantity(start) })
        });
        let base = if program.against == "target" { "target" } else { "last_year" };
        let last_year = program.forecast == "last_year" && program.against.is_empty();
        let known = [
            ("posted", program.posted),
            ("open", program.open.filter(|_| edge.is_none())),
            (base, program.base.filter(|_| !program.against.is_empty() || last_year)),
            ("expected", program.expected),
            ("last_year_to_date", program.to_date.filter(|_| program.forecast == "last_year")),
        ];
        let entry = |period: String| {
            let mut entry = json!({ "program": PROGRAMS[index], "period": period });
            if let Some(joined) = program.joiners.1 {
                entry["joined"] = json!(JOINED[joined]);
            }
            if let Some(carried) = program.form.2 {
                entry["carried"] = json!(self.money(carried));
                if carried > 0 {
                    entry["surplus"] = json!(self.money(carried / 3));
                }
            }
            for (key, volume) in known.iter().filter_map(|(key, volume)| Some((*key, (*volume)?))) {
                entry[key] = part(volume);
            }
            if let Some(edge) = &edge {
                entry["posted"] = edge.clone();
            }
            if let Some(level) = program.covers() {
                let mut random = Random(u64::try_from(program.tiers[0].width * 31 + program.tiers[0].rate).unwrap_or(0));
                for key in ["posted", "open"] {
                    let told: Vec<Value> = (0..random.index(4)).filter_map(|_| self.told_apart(level, &mut random)).collect();
                    if !told.is_empty() {
                        if !entry[key].is_object() {
                            entry[key] = json!({});
                        }
                        entry[key]["covered"] = json!(told);
                    }
                }
            }
            entry
        };
        let stale = program.stale.then(|| entry("2025-12".to_owned()));
        let current = known.iter().any(|(_, volume)| volume.is_some()).then(|| self.label(program)).flatten();
        stale.into_iter().chain(current.map(entry)).collect()
    }

    /// Some units of a SKU or a category.
    fn told_apart(&self, level: usize, random: &mut Random) -> Option<Value> {
        let above = |id: &str| CATEGORIES.iter().find(|(known, parent)| *known == id && !parent.is_empty()).map(|(_, parent)| *parent);
        let depth = |id: &str| std::iter::successors(Some(id), |id| above(id)).count();
        let of_level: Vec<&str> = CATEGORIES.iter().map(|(id, _)| *id).filter(|id| depth(id) == level).collect();
        let of = match level {
            0 => World::sku(random.index(self.products.len())),
            _ => of_level[random.index(of_level.len())].to_owned(),
        };
        let units = i64::try_from(random.below(6)).expect("a small number") - 1;
        Some(json!({ "of": of, "quantity": self.quantity(units) }))
    }

    /// Label of the window that the quote falls into.
    fn label(&self, program: &Program) -> Option<String> {
        let (period, words) = CALENDARS[program.calendar(&self.terms)];
        let word = |key: &str| words.split(", ").find_map(|part| part.strip_prefix(key)).map(str::to_owned);
        let list = |key: &str| {
            let (_, rest) = words.split_once(key)?;
            Some(rest.trim_matches(['[', ']']).split(", ").map(|item| item.trim_matches('\'').to_owned()).collect::<Vec<_>>())
        };
        let calendar = Calendar {
            year_start: word("year_start: "),
            named_after: if words.ends_with("named_after: start") { YearEnd::Start } else { YearEnd::End },
            from: word("from: "),
            weeks: list("weeks: ").into_iter().flatten().map(|weeks| weeks.parse().unwrap()).collect(),
            dates: list("dates: ").unwrap_or_default(),
        };
        let period = match period {
            "month" => Period::Month,
            "quarter" => Period::Quarter,
            "half" => Period::Half,
            "year" => Period::Year,
            "weeks" => Period::Weeks,
            "dates" => Period::Dates,
            _ => Period::Lifetime,
        };
        let zone = calendar::zone(self.settings.zone).unwrap();
        let now = Instant::parse(self.settings.now).unwrap();
        let span = Interval { from: now, to: Instant(now.0 + 1) };
        let windows = calendar::periods(period, Some(&calendar), span, span, &zone).expect("a calendar");
        windows.into_iter().find(|window| window.span.contains(now)).map(|window| window.label)
    }
}

/// As it is written; bands that rise, each once.
fn modifier(modifier: &Modifier) -> String {
    let Modifier { kpi, kind, bands } = modifier;
    let mut bands = bands.clone();
    bands.sort_by_key(|(figure, ..)| *figure);
    bands.dedup_by_key(|(figure, ..)| *figure);
    let band = |(figure, is_above, percent): &(usize, bool, i64)| {
        let key = if *is_above { "above" } else { "from" };
        let percent = match *kind {
            "multiply" => format!(", percent: {}", decimal(*percent, 4)),
            "add" => format!(", percent: {}", decimal(percent / 10, 4)),
            _ => String::new(),
        };
        format!("{{ {key}: {}{percent} }}", decimal(FIGURES[*figure], 4))
    };
    let rest = match *kind {
        "deduct" => format!("each: {}", decimal(1 + bands[0].2 / 40, 4)),
        "multiply" | "add" => format!("bands: [{}]", bands.iter().map(band).collect::<Vec<_>>().join(", ")),
        _ => format!("bands: [{}]", band(&bands[0])),
    };
    format!("{{ kpi: {}, kind: {kind}, {rest} }}", KPIS[*kpi])
}
