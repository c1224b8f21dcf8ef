//! What promotions have beside a threshold and a benefit, and what else came late: how it is written, and how likely it is.

use super::*;
use proptest::prelude::*;
use proptest::sample::select;

/// What a promotion has beside what decides and what it gives.
#[derive(Debug, Clone, Default)]
pub struct Extra {
    /// What one unit costs, instead of what is taken off: minor units, and a digit beyond them.
    pub price: Option<(i64, i64)>,
    /// How often it may count in a period, and how often it did.
    pub period: Option<(u32, Option<u32>)>,
    /// How many units may get it in all, and how many of each product.
    pub units: [Option<Units>; 2],
    /// The most that it takes from an order and from a line, in minor units.
    pub cap: [Option<i64>; 2],
    pub condition: Option<Condition>,
    /// Bits of [`WORDS`].
    pub tags: u8,
    pub not_with: u8,
    pub skips: bool,
    /// Whether it takes from freight, where its group leaves it that and there is some.
    pub freight: bool,
    /// What is given instead of a gift that is not a choice: so many of the products behind it.
    pub instead: usize,
}

/// Limits of units, in whole units; what is used is of the dealer, the period and all.
#[derive(Debug, Clone)]
pub struct Units {
    pub most: [Option<i64>; 4],
    pub used: [Option<i64>; 3],
    pub in_boxes: bool,
}

/// A condition under `if`.
#[derive(Debug, Clone)]
pub enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
    /// One of [`DEALER_IS`] or [`ORDER_IS`].
    Dealer(usize),
    Order(usize),
    /// Minor units, whole units or products; of what.
    Amount(On, i64),
    Quantity(On, i64),
    Skus(usize),
    /// Grams; of what.
    Weight(On, i64),
    /// Source (empty for none), from and to.
    Number(&'static str, Option<u32>, Option<u32>),
}

/// What a world has beside all that.
#[derive(Debug, Clone)]
pub struct Extras {
    pub sequential: bool,
    /// Products that have an alias, as bits, and a seed of where it is used.
    pub aliases: (u8, u64),
    /// Orders before: all of them, and those from the source `portal`.
    pub orders: Option<(u32, Option<u32>)>,
    /// Attribute of the order.
    pub payment: Option<&'static str>,
    /// The grade before, and when it was lost, in milliseconds from now on.
    pub before: Option<(&'static str, i64)>,
    /// Attributes that are numbers and days: of the dealer `area` and `since`, of the order `pallets`; and the day of his contract.
    pub figures: [Option<&'static str>; 4],
}

const AREAS: [&str; 6] = ["80", "79.999999", "200.50", "-5", "120", "1000000"];
const DAYS: [&str; 5] = ["2024-02-29", "2025-12-31", "2026-01-01", "2026-11-21", "1999-09-09"];

const WORDS: [&str; 2] = ["快", "w"];
pub const PAYMENTS: [&str; 2] = ["prepaid", "credit"];
const DEALER_IS: [&str; 11] = [
    "{ grade: 甲 }",
    "{ region: 华东, channel: online }",
    "{ region: [杭州, 江苏], grade: [甲, 乙] }",
    "{ group: 分公司 }",
    "{ attributes: { tier: T1, note: x } }",
    "{ channel: [online, offline] }",
    "{ id: D1 }",
    "{ id: [D1, D2], attributes: { area: 80 .. } }",
    "{ attributes: { area: [.. 79.999999, 200.5] } }",
    "{ contract_date: 2026-01-01 .. }",
    "{ contract_date: .. 2025-12-31, attributes: { since: [2024-01-01 .. 2024-12-31, 2025-01-01 ..] } }",
];
const ORDER_IS: [&str; 12] = [
    "{ region: 浙江 }",
    "{ region: [杭州, 华南], source: portal }",
    "{ source: [portal, app] }",
    "{ attributes: { payment: prepaid } }",
    "{ region: 华东, attributes: { payment: [credit, prepaid] } }",
    "{ source: app }",
    "{ attributes: { pallets: 2 .. } }",
    "{ attributes: { pallets: [.. 1, 2.5, 3 .. 7] } }",
    "{ delivery: [dealer] }",
    "{ delivery: [pick_up, drop_ship] }",
    "{ day: 2026-11-21 .. 2026-11-30 }",
    "{ day: 2026-12-01 .., source: [portal, app] }",
];
/// Names by which products were known, in the order of [`SKUS`]; bytewise on either side of them.
const ALIASES: [&str; 6] = ["旧-0", "A-1", "z-2", "1-3", "99", "e"];

impl Extras {
    pub const NONE: Extras = Extras { sequential: false, aliases: (0, 0), orders: None, payment: None, before: None, figures: [None; 4] };
}

impl World {
    /// The mode of a group as it is written: exclusive units need combos.
    pub(super) fn mode(&self, group: usize) -> Option<&'static str> {
        self.groups.get(group).map(|group| group.mode)
    }

    /// What an exclusive group closes.
    pub(super) fn scope(&self, group: usize) -> &'static str {
        match self.groups[group].exclusive[0] {
            "units" if !self.has_combos(group) => "line",
            scope => scope,
        }
    }

    pub(super) fn takes_freight(&self, p: &Promotion) -> bool {
        let can = match self.mode(p.group) {
            None | Some("stack") => p.extra.freight,
            Some("best" | "first") => self.groups[p.group].stage == "freight",
            _ => false,
        };
        can && !self.freight.is_empty()
    }

    /// The stage that a promotion writes; empty for none.
    pub(super) fn written_stage(&self, p: &Promotion) -> &'static str {
        match self.mode(p.group) {
            // Such a group has all its promotions in one stage.
            Some("best" | "first") if self.groups[p.group].stage == "freight" && !self.takes_freight(p) => "set",
            Some("best" | "first") => self.groups[p.group].stage,
            Some("exclusive") => "",
            _ if self.takes_freight(p) => "freight",
            _ => p.stage,
        }
    }

    /// The stage or the group that it runs in.
    fn part(&self, p: &Promotion) -> String {
        let has_combo = self.combo_of(p).is_some();
        match self.mode(p.group) {
            Some("exclusive") => format!("g{}", p.group),
            Some("always") => "always".to_owned(),
            _ if !self.written_stage(p).is_empty() => self.written_stage(p).to_owned(),
            _ if has_combo => "set".to_owned(),
            _ if self.on(&p.on).is_empty() => "order".to_owned(),
            _ => if p.shape == Shape::Plain { "line" } else { "set" }.to_owned(),
        }
    }

    pub(super) fn combo_of<'p>(&self, p: &'p Promotion) -> Option<&'p Combo> {
        p.combo.as_ref().filter(|_| self.has_combos(p.group) && !self.takes_freight(p))
    }

    /// Tags that a promotion does not combine with: only such that something chooses where both run together.
    fn not_with(&self, own: usize) -> u8 {
        let p = &self.promotions[own];
        let chooses = |p: &Promotion| matches!(self.mode(p.group), Some("best" | "first" | "exclusive"));
        let group = |p: &Promotion| p.group.min(self.groups.len());
        let clashes =
            |other: &Promotion| !self.extras.sequential && self.part(p) == self.part(other) && !(group(p) == group(other) && chooses(p));
        let others = || self.promotions.iter().enumerate().filter(|(at, _)| *at != own).map(|(_, other)| other);
        (0..2)
            .filter(|bit| {
                let has = |p: &&Promotion| p.extra.tags >> bit & 1 == 1;
                p.extra.not_with >> bit & 1 == 1 && others().any(|p| has(&p)) && !others().filter(has).any(clashes)
            })
            .map(|bit| 1 << bit)
            .sum()
    }

    /// What stands behind threshold and benefit. `kinds` are those of its benefits.
    pub(super) fn extras_of(&self, index: usize, p: &Promotion, kinds: &[String], unit: &str) -> String {
        let Extra { units, cap, condition, tags, skips, .. } = &p.extra;
        let only = |known: &[&str]| self.combo_of(p).is_none() && kinds.iter().all(|kind| known.contains(&kind.as_str()));
        let mut text = String::new();
        let most = |keys: &[&str], most: &[Option<String>]| {
            keys.iter().zip(most).filter_map(|(key, most)| Some(format!("{key}: {}", most.as_ref()?))).collect::<Vec<_>>()
        };
        let times = p.limit.as_ref().map_or([None; 3], |limit| limit.most);
        let times: Vec<Option<String>> =
            times.into_iter().chain([p.extra.period.map(|(most, _)| most)]).map(|most| most.map(|most| most.to_string())).collect();
        let mut limits = most(&["order", "dealer", "total", "period"], &times);
        for (key, of) in ["units", "sku"].iter().zip(units) {
            let Some(of) = of.as_ref().filter(|_| !self.takes_freight(p) && only(&["percent", "per_unit_off", "price"])) else { continue };
            let quantities = of.most.map(|most| most.map(|most| self.quantity(most)));
            let parts = most(&["order", "dealer", "period", "total"], &quantities).join(", ");
            limits.push(format!("{key}: {{ {parts}{} }}", if of.in_boxes { unit } else { "" }));
        }
        if !limits.is_empty() {
            write!(text, "limit: {{ {} }}, ", limits.join(", ")).unwrap();
        }
        let cap = [cap[0], cap[1].filter(|_| !self.takes_freight(p))].map(|most| most.map(|most| self.money(most)));
        let caps = most(&["order", "line"], &cap);
        let of_combos = self.stacks_combos(p) && !self.gives_with_combos(p);
        if !caps.is_empty() && (of_combos || only(&["percent", "amount_off", "per_unit_off", "price"])) {
            write!(text, "cap: {{ {} }}, ", caps.join(", ")).unwrap();
        }
        if let Some(condition) = condition {
            // What contradicts `when` or itself is refused, unless it is one of several ways.
            let is_alone = !matches!(condition, Condition::All(_) | Condition::Not(_)) && p.when.dealer == 0 && p.when.source.is_empty();
            let condition = self.condition(condition);
            let condition = if is_alone { condition } else { format!("any: [{{ {condition} }}]") };
            write!(text, "if: {{ {condition} }}, ").unwrap();
        }
        let words =
            |bits: u8| WORDS.into_iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, word)| word).collect::<Vec<_>>();
        for (key, words) in [("tags", words(*tags)), ("not_with", words(self.not_with(index)))] {
            if !words.is_empty() {
                write!(text, "{key}: [{}], ", words.join(", ")).unwrap();
            }
        }
        if *skips {
            text += "discounted_lines: skip, ";
        }
        text
    }

    fn condition(&self, condition: &Condition) -> String {
        let list =
            |inner: &[Condition]| inner.iter().map(|inner| format!("{{ {} }}", self.condition(inner))).collect::<Vec<_>>().join(", ");
        match condition {
            Condition::All(inner) => format!("all: [{}]", list(inner)),
            Condition::Any(inner) => format!("any: [{}]", list(inner)),
            Condition::Not(inner) => format!("not: {{ {} }}", self.condition(inner)),
            Condition::Dealer(at) => format!("dealer: {}", DEALER_IS[*at]),
            Condition::Order(at) => format!("order: {}", ORDER_IS[*at]),
            Condition::Amount(on, amount) => format!("cart: {{ {}amount: {} }}", self.on(on), self.money(*amount)),
            Condition::Quantity(on, quantity) => format!("cart: {{ {}quantity: {} }}", self.on(on), self.quantity(*quantity)),
            // Nothing is asked that weighs nothing.
            Condition::Weight(..) if self.products.iter().all(|product| product.weight.is_none()) => "cart: { skus: 1 }".to_owned(),
            Condition::Weight(on, weight) => {
                let on = if self.products[on.anchor % self.products.len()].weight.is_some() { self.on(on) } else { String::new() };
                format!("cart: {{ {on}weight: {} }}", decimal(*weight, 3))
            }
            Condition::Skus(count) => format!("cart: {{ skus: {} }}", 1 + count % self.products.len()),
            Condition::Number(source, from, to) => {
                let source = Some(*source).filter(|source| !source.is_empty()).map(|source| format!("source: {source}"));
                let parts = [source, from.map(|from| format!("from: {from}")), to.map(|to| format!("to: {to}"))];
                format!("order_number: {{ {} }}", parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
            }
        }
    }

    /// What the facts say of the use of a promotion's limits.
    pub(super) fn usage(&self, p: &Promotion) -> Value {
        // Looked up only where it is told of.
        let label = || self.bought_label();
        let mut usage = json!({});
        let known = p.limit.iter().flat_map(|limit| ["dealer", "total"].into_iter().zip(limit.used));
        known.filter_map(|(key, used)| Some((key, used?))).for_each(|(key, used)| usage[key] = json!(used));
        if let Some(used) = p.extra.period.and_then(|(_, used)| used) {
            usage["periods"][label()] = json!(used);
            usage["periods"]["2025-01"] = json!(9);
        }
        let of_units = |Units { used, .. }: &Units, shift: i64| {
            let mut fact = json!({});
            let [dealer, period, total] = used.map(|used| used.map(|used| self.quantity((used - shift).max(0))));
            dealer.into_iter().for_each(|used| fact["dealer"] = json!(used));
            period.into_iter().for_each(|used| fact["periods"][label()] = json!(used));
            total.into_iter().for_each(|used| fact["total"] = json!(used));
            fact
        };
        let [units, sku] = &p.extra.units;
        units.iter().for_each(|units| usage["units"] = of_units(units, 0));
        if let Some(units) = sku {
            for product in 0..self.products.len() {
                usage["skus"][SKUS[product]] = of_units(units, i64::try_from(product).expect("a few") % 3);
            }
        }
        usage
    }

    /// The same policy with another dealer, order and facts.
    pub fn asked(&self, by: &World) -> World {
        let mut other = World {
            dealer: by.dealer.clone(),
            used: by.used.clone(),
            adjustments: by.adjustments.clone(),
            order: by.order.clone(),
            transition: self
                .transition
                .clone()
                .map(|own| Transition { contract: by.transition.as_ref().map_or(own.contract, |by| by.contract), ..own }),
            ..self.clone()
        };
        other.settings.now = by.settings.now;
        other.purchases.bought.clone_from(&by.purchases.bought);
        (other.terms.kpis, other.terms.listed) = (by.terms.kpis, by.terms.listed);
        let Extras { orders, payment, before, figures, .. } = by.extras;
        other.extras = Extras { orders, payment, before, figures, ..other.extras };
        for (own, by) in other.budgets.iter_mut().zip(&by.budgets) {
            (own.used, own.version) = (by.used, by.version);
        }
        for (own, by) in other.programs.iter_mut().zip(&by.programs) {
            (own.posted, own.open, own.base, own.stale) = (by.posted, by.open, by.base, by.stale);
        }
        for (own, by) in other.promotions.iter_mut().zip(&by.promotions) {
            if let (Some(own), Some(by)) = (&mut own.limit, &by.limit) {
                own.used = by.used;
            }
            for (own, by) in own.extra.units.iter_mut().zip(&by.extra.units) {
                if let (Some(own), Some(by)) = (own, by) {
                    own.used = by.used;
                }
            }
        }
        let digits = other.settings.quantity_scale;
        for line in &mut other.order.lines {
            line.product %= other.products.len();
            line.quantity.1 = if digits == 0 { 0 } else { line.quantity.1 };
        }
        if self.promotions.iter().any(|promotion| promotion.combo.is_some()) {
            strategy::make_few(&mut other.order);
        }
        other
    }

    /// Aliases of the products that have one.
    pub(super) fn alias_rows(&self) -> Vec<String> {
        (0..self.products.len())
            .filter(|product| self.extras.aliases.0 >> product & 1 == 1)
            .map(|product| format!("{},{}\n", ALIASES[product], SKUS[product]))
            .collect()
    }

    /// The name that the table of this number has for a product.
    pub(super) fn sku_in_table(&self, table: usize, product: usize) -> &'static str {
        let (bits, seed) = self.extras.aliases;
        if bits >> product & 1 == 1 && seed >> ((table * 7 + product) % 60) & 1 == 1 { ALIASES[product] } else { SKUS[product] }
    }

    /// The same input with other names of products here and there.
    pub(super) fn renamed(&self, mut input: Value) -> Value {
        let (bits, seed) = self.extras.aliases;
        let mut random = Random(seed);
        let mut rename = |sku: &mut Value| {
            let product = SKUS.iter().position(|known| *sku == *known).expect("a SKU");
            if bits >> product & 1 == 1 && random.below(2) == 0 {
                *sku = json!(ALIASES[product]);
            }
        };
        let mut entries = |value: &mut Value, key: &str| {
            let list = value.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten();
            list.for_each(|entry| rename(&mut entry["sku"]));
        };
        entries(&mut input["order"], "lines");
        for key in ["stock", "inventory", "bought", "registrations"] {
            entries(&mut input["dealer"], key);
        }
        let choices = input["order"].get_mut("gifts").and_then(Value::as_object_mut).into_iter().flatten();
        choices.flat_map(|(_, list)| list.as_array_mut().expect("a list")).for_each(&mut rename);
        let usage = input["dealer"].get_mut("usage").and_then(Value::as_object_mut).into_iter().flatten();
        for skus in usage.filter_map(|(_, used)| used.get_mut("skus")) {
            let named = skus.as_object().expect("an object").iter().map(|(sku, used)| {
                let mut sku = json!(sku);
                rename(&mut sku);
                (sku.as_str().expect("a SKU").to_owned(), used.clone())
            });
            *skus = named.collect();
        }
        input
    }
}

/// What is added to worlds here.
#[derive(Debug, Clone)]
pub struct Offers {
    extras: Extras,
    promotions: Vec<Extra>,
    /// Of each group, another mode and stage.
    groups: Vec<Option<(&'static str, &'static str)>>,
    notices: Vec<Option<u32>>,
    /// Whether the group with combos is exclusive for their units.
    exclusive_units: bool,
    /// Whether there is freight in any case, and grants that ask for a grade.
    freight: Vec<Freight>,
    by_grade: bool,
    /// Whether nothing keeps most promotions from taking something.
    is_open: bool,
}

impl Offers {
    pub fn into(self, mut world: World) -> World {
        let Offers { extras, promotions, groups, notices, exclusive_units, freight, by_grade, is_open } = self;
        world.promotions.iter_mut().zip(promotions).for_each(|(promotion, extra)| promotion.extra = extra);
        if is_open {
            make_open(&mut world);
        }
        let has_combos = world.promotions.iter().any(|promotion| promotion.combo.is_some());
        for (at, (group, change)) in world.groups.iter_mut().zip(groups).enumerate() {
            if let Some((mode, stage)) = change.filter(|_| !has_combos || at > 0) {
                (group.mode, group.stage) = (mode, stage);
            }
        }
        if has_combos && exclusive_units {
            (world.groups[0].mode, world.groups[0].exclusive) = ("exclusive", ["units", ""]);
        }
        if world.freight.is_empty() {
            world.freight = freight;
        }
        for (grant, notice) in world.territory.iter_mut().zip(notices) {
            if by_grade {
                grant.when.dealer = [1, 2, 7][grant.when.dealer % 3];
            }
            grant.notice = notice;
        }
        World { extras, ..world }
    }
}

pub fn offers() -> impl Strategy<Value = Offers> {
    let aliases = prop_oneof![3 => Just((0, 0)), 1 => (1..64_u8, any::<u64>())];
    let orders = prop::option::weighted(0.7, (0..4_u32, prop::option::of(0..3_u32)));
    let lost = select(vec![-86_400_000_i64, -86_400_001, -86_399_999, -2_592_000_000, -2_591_999_999, -1_000, 1_000]);
    let before = prop::option::weighted(0.5, (select(GRADES.to_vec()), lost));
    let one = |of: &[&'static str]| prop::option::weighted(0.7, select(of.to_vec()));
    let figures = [one(&AREAS), one(&DAYS), one(&["1", "2", "2.5", "3"]), one(&DAYS)];
    let extras =
        (prop::bool::weighted(0.15), aliases, orders, prop::option::weighted(0.6, select(PAYMENTS.to_vec())), before, figures).prop_map(
            |(sequential, aliases, orders, payment, before, figures)| Extras { sequential, aliases, orders, payment, before, figures },
        );
    let mode = prop_oneof![
        4 => (Just("first"), select(vec!["line", "set", "order", "coupon"])),
        3 => (Just("always"), Just("set")),
        2 => (select(vec!["first", "best"]), Just("freight")),
    ];
    (
        extras,
        prop::collection::vec(extra(), 13),
        prop::collection::vec(prop::option::weighted(0.45, mode), 6),
        prop::collection::vec(prop::option::weighted(0.5, select(vec![1_u32, 30])), 5),
        prop::bool::weighted(0.4),
        prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(strategy::freight(), 1..3)],
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.4),
    )
        .prop_map(|(extras, promotions, groups, notices, exclusive_units, freight, by_grade, is_open)| Offers {
            extras,
            promotions,
            groups,
            notices,
            exclusive_units,
            freight,
            by_grade,
            is_open,
        })
}

/// Promotions of all groups alike, on a product or two each, for everybody, and reached by little: that kinds, groups, bases and points meet.
fn make_open(world: &mut World) {
    let groups = world.groups.len();
    for (index, promotion) in world.promotions.iter_mut().enumerate() {
        if promotion.combo.is_some() || index % 6 == 5 {
            continue;
        }
        promotion.when = When { dealer: 0, source: "", valid: 0 };
        promotion.coupon = 0;
        promotion.limit = None;
        promotion.extra =
            Extra { price: promotion.extra.price, cap: promotion.extra.cap, instead: promotion.extra.instead, ..Extra::default() };
        promotion.group = index % (groups + 1);
        promotion.on = On { fields: 1, except: 0, ..promotion.on };
        promotion.amount = 1 + promotion.amount % 900;
        promotion.quantity = 1 + promotion.quantity % 2;
        promotion.earns = promotion.earns.filter(|_| index % 4 == 0);
    }
}

fn extra() -> impl Strategy<Value = Extra> {
    let price = prop::option::weighted(0.15, (prop_oneof![1..60_i64, 60..1_000_i64, select(vec![500_i64, 990, 2_000, 4_500])], 0..10_i64));
    let period = prop::option::weighted(0.1, (1..3_u32, prop::option::of(0..3_u32)));
    let units = || prop::option::weighted(0.15, units());
    let most = || prop_oneof![1..30_i64, 30..1_000_i64, 1_000..6_000_i64];
    let cap = prop_oneof![
        4 => Just([None; 2]),
        1 => (prop::option::weighted(0.6, most()), prop::option::weighted(0.7, most())).prop_map(|(order, line)| [order.or(Some(500)).filter(|_| order.is_some() || line.is_none()), line]),
    ];
    let words = || prop_oneof![4 => Just(0_u8), 1 => 1..4_u8];
    let with = (prop::option::weighted(0.15, condition()), words(), words(), prop::bool::weighted(0.08));
    (price, period, units(), units(), cap, with, prop::bool::weighted(0.25), prop_oneof![2 => Just(0_usize), 1 => 1..3_usize]).prop_map(
        |(price, period, all, each, cap, (condition, tags, not_with, skips), freight, instead)| Extra {
            price,
            period,
            units: [all, each],
            cap,
            condition,
            tags,
            not_with,
            skips,
            freight,
            instead,
        },
    )
}

fn units() -> impl Strategy<Value = Units> {
    let most = || prop::option::weighted(0.4, prop_oneof![3 => 1..7_i64, 1 => 5..30_i64]);
    let used = || prop::option::weighted(0.5, 0..6_i64);
    ([most(), most(), most(), most()], [used(), used(), used()], 0..4_usize, prop::bool::weighted(0.45)).prop_map(
        |(mut most, used, least, in_boxes)| {
            most[least].get_or_insert(2);
            Units { most, used, in_boxes }
        },
    )
}

fn condition() -> impl Strategy<Value = Condition> {
    let amount = prop_oneof![1..3_000_i64, select(vec![5_000_i64, 10_000, 20_000])];
    let number = (select(vec!["", "portal", "app"]), prop::option::of(1..3_u32), prop::option::of(0..3_u32), any::<bool>());
    let leaf = prop_oneof![
        2 => (0..DEALER_IS.len()).prop_map(Condition::Dealer),
        2 => (0..ORDER_IS.len()).prop_map(Condition::Order),
        1 => (strategy::on(), amount).prop_map(|(on, amount)| Condition::Amount(on, amount)),
        1 => (strategy::on(), 1..15_i64).prop_map(|(on, quantity)| Condition::Quantity(on, quantity)),
        1 => (0..6_usize).prop_map(Condition::Skus),
        1 => (strategy::on(), prop_oneof![1..20_i64, 1..40_000_i64]).prop_map(|(on, weight)| Condition::Weight(on, weight)),
        1 => number.prop_map(|(source, from, more, has_from)| {
            let from = from.filter(|_| has_from || more.is_none()).or(Some(1).filter(|_| more.is_none()));
            Condition::Number(source, from, more.map(|more| from.unwrap_or(1) + more))
        }),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Condition::Any),
            inner.prop_map(|inner| Condition::Not(Box::new(inner))),
        ]
    })
}
