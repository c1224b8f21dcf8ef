//! Random small worlds: a policy as its author would write it, a dealer, an order.
//!
//! Every feature there is occurs, and everything is small, so that ties, thresholds, floors and collisions are met often.

mod strategy;

use qudao::policy::Period;
use qudao::time::{Instant, Interval};
use qudao::wire::Node;
use qudao::{Bundle, Engine, calendar};
use serde_json::{Value, json};
use std::fmt::Write;

pub use strategy::{every_world, worlds};

/// A policy with its order.
#[derive(Debug, Clone)]
pub struct World {
    pub settings: Settings,
    pub dealer: Dealer,
    pub products: Vec<Product>,
    /// Accesses that are searched before the products' own prices.
    pub prices: Vec<Access>,
    /// Accesses that are searched before the products' own floors.
    pub floors: Vec<Access>,
    pub groups: Vec<Group>,
    pub budgets: Vec<Budget>,
    pub promotions: Vec<Promotion>,
    pub programs: Vec<Program>,
    pub order: Order,
    /// Seed of the order in which lists are written; `None` leaves them alone.
    shuffle: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub currency: &'static str,
    pub zone: &'static str,
    pub now: &'static str,
    /// Digits that unit prices have beyond those of the currency.
    pub unit_extra: u32,
    pub quantity_scale: u32,
    /// Digits that amounts and prices have before those of the world.
    pub magnitude: u32,
    pub rounding: &'static str,
    pub point: &'static str,
    pub remainder: &'static str,
    pub weight: &'static str,
    pub guards: [&'static str; 3],
    pub search_steps: u32,
    /// In units of 0.0001 %.
    pub gift_weight: i64,
}

#[derive(Debug, Clone)]
pub struct Dealer {
    pub id: &'static str,
    pub grade: Option<&'static str>,
    pub region: Option<&'static str>,
    pub channel: Option<&'static str>,
    /// Limit, receivable, delivered, open orders, prepaid; in minor units.
    pub credit: Option<[Option<i64>; 5]>,
}

#[derive(Debug, Clone)]
pub struct Product {
    pub category: Option<&'static str>,
    pub brand: Option<&'static str>,
    /// Bits of [`TAGS`].
    pub tags: u8,
    pub min_quantity: Option<i64>,
    pub multiple: Option<i64>,
    /// Its own price; `None` in few.
    pub price: Option<Scale>,
    /// Its own floor, as a share of its first price in percent.
    pub floor: Option<i64>,
}

/// Prices at rising quantities.
#[derive(Debug, Clone)]
pub struct Scale {
    /// Base price and a digit for the places beyond the currency.
    pub prices: Vec<(i64, i64)>,
    pub from: &'static [i64],
    /// Units that the price is for, and the factor it is written with.
    pub per: (u32, i64),
    /// 0: always; 1: one price until [`BREAK`] and another from then on; from 2: one of [`VALID`].
    pub validity: usize,
}

#[derive(Debug, Clone)]
pub struct Access {
    pub by: &'static [&'static str],
    /// Where in each axis the key is, and its prices.
    pub records: Vec<([usize; 3], Scale)>,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub mode: &'static str,
    /// Stage of its promotions, if its mode is `best`.
    pub stage: &'static str,
    /// Scope and choice, if its mode is `exclusive`; empty for the default.
    pub exclusive: [&'static str; 2],
}

#[derive(Debug, Clone)]
pub struct Budget {
    /// In minor units.
    pub amount: i64,
    pub used: Option<i64>,
    pub version: bool,
}

/// Limits by order, by dealer and in all, and what is used of the last two.
#[derive(Debug, Clone)]
pub struct Limit {
    pub most: [Option<u32>; 3],
    pub used: [Option<u32>; 2],
}

#[derive(Debug, Clone)]
pub struct Promotion {
    pub on: On,
    pub when: When,
    pub shape: Shape,
    /// Whether a threshold measures quantity instead of amount.
    pub by_quantity: bool,
    /// Threshold, in minor units or whole units.
    pub amount: i64,
    pub quantity: i64,
    pub times: Option<u32>,
    /// Benefits of the rising steps; the first is the only one without steps.
    pub benefits: Vec<Benefit>,
    /// With `per_unit_off`, and without steps.
    pub max_units: Option<i64>,
    pub group: usize,
    pub priority: i32,
    pub base: &'static str,
    /// Empty for the default.
    pub stage: &'static str,
    /// Bits of [`CODES`].
    pub coupon: u8,
    pub limit: Option<Limit>,
    /// Which budget, if there is one of this number.
    pub budget: usize,
    /// How gifts are counted.
    pub count: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Plain,
    At,
    Each,
    Steps,
}

#[derive(Debug, Clone, Copy)]
pub enum Benefit {
    /// In units of 0.0001 %.
    Percent(i64),
    /// In minor units.
    AmountOff(i64),
    /// In minor units, and a digit beyond them.
    PerUnitOff(i64, i64),
    Gift(Gift),
}

/// Neighbouring products from the first on, each with its units; one alone is no choice.
#[derive(Debug, Clone, Copy)]
pub struct Gift {
    pub first: usize,
    pub units: [i64; 3],
    pub items: usize,
    pub choose: usize,
}

/// A selection that matches at least one product, the anchor.
#[derive(Debug, Clone)]
pub struct On {
    pub anchor: usize,
    /// Bits: sku, category, brand, tag. None: every product.
    pub fields: u8,
    /// Steps up from the anchor's category.
    pub up: usize,
    pub other: usize,
    /// Bits of what is left out, with values of the other product.
    pub except: u8,
}

#[derive(Debug, Clone)]
pub struct When {
    /// One of [`AUDIENCES`].
    pub dealer: usize,
    pub source: &'static str,
    /// One of [`VALID`].
    pub valid: usize,
}

#[derive(Debug, Clone)]
pub struct Program {
    pub on: On,
    pub when: When,
    pub incremental: bool,
    pub by_quantity: bool,
    /// Whether tiers pay on the other measure; not with incremental tiers.
    pub crossed: bool,
    pub list_basis: bool,
    pub period: &'static str,
    /// Width below the tier in whole units, and its rate.
    pub tiers: Vec<(i64, i64)>,
    /// Volumes in whole units of money and quantity.
    pub posted: Option<(i64, i64)>,
    pub open: Option<(i64, i64)>,
    /// Whether the facts have another period too.
    pub stale: bool,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub source: Option<&'static str>,
    pub lines: Vec<Line>,
    /// Positions in [`CODES`], each once.
    pub coupons: Vec<usize>,
    /// For each promotion from the first on, which of its gifts are named, as bits.
    pub choices: Vec<Option<u8>>,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub product: usize,
    /// Whole units, and thousandths that are cut to the policy's scale.
    pub quantity: (i64, i64),
    pub id: Id,
    /// Whether it names its unit.
    pub unit: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    /// Left to the engine.
    Missing,
    /// The id that the engine would give.
    Same,
    /// Starts with this and ends with the product, because equal ids are merged.
    Own(&'static str),
    /// An id for lines of any product; two products of this id are refused.
    Shared,
}

/// A promotion of a contest: bits of the products it takes, and what it takes off.
#[derive(Debug)]
pub struct Offer {
    pub products: u8,
    pub off: i64,
}

pub const GRADES: [&str; 2] = ["甲", "乙"];
pub const CHANNELS: [&str; 2] = ["online", "offline"];
/// Each region and the one above it.
pub const REGIONS: [(&str, &str); 5] = [("华东", ""), ("浙江", "华东"), ("杭州", "浙江"), ("江苏", "华东"), ("华南", "")];
pub const CATEGORIES: [(&str, &str); 6] =
    [("根", ""), ("冰箱", "根"), ("对开门", "冰箱"), ("三门", "冰箱"), ("洗衣机", "根"), ("配件", "")];
pub const BRANDS: [&str; 2] = ["皓峰", "B2"];
pub const TAGS: [&str; 2] = ["new", "clearance"];
const DEALERS: [&str; 2] = ["D1", "D2"];
/// Ids whose order is not that of their numbers, so that bytewise order shows.
const SKUS: [&str; 6] = ["货-0", "B-1", "a-2", "10-3", "9-4", "é-5"];
const PROMOTIONS: [&str; 12] = ["p10", "p9", "Z", "a", "p2", "é", "中", "p1", "b", "10", "9", "p"];
/// Codes of promotions, and last one of none.
pub const CODES: [&str; 4] = ["TEN", "ten", "码", "NONE"];
const BUDGETS: [&str; 2] = ["b9", "b10"];
const PROGRAMS: [&str; 4] = ["r9", "r10", "返", "R"];

/// Validities around the instants of [`strategy`]; the first is none.
pub const VALID: [&str; 8] = [
    "",
    "2026-11-21 .. 2026-12-31",
    "2026-11-01 .. 2026-11-20",
    "2026-11-21T10:00 ..",
    ".. 2026-11-21T10:00",
    "2026-01-01 .. 2026-11-21",
    "2027-01-01 ..",
    ".. 2026-12-31",
];
/// Two validities that meet.
const BREAK: [&str; 2] = [".. 2026-11-20", "2026-11-21 .."];

/// Conditions on the dealer; the first is none.
pub const AUDIENCES: [&str; 12] = [
    "",
    "{ grade: 甲 }",
    "{ grade: [甲, 乙] }",
    "{ region: 华东 }",
    "{ region: [杭州, 江苏] }",
    "{ channel: online }",
    "{ id: D1 }",
    "{ grade: 甲, region: [浙江, 华南] }",
    "{ region: 华东, except: { region: 杭州 } }",
    "{ except: { grade: 乙 } }",
    "{ except: { channel: offline, id: D2 } }",
    "{ id: [D1, D2], except: { grade: 乙, region: 江苏 } }",
];

impl World {
    pub fn sku(product: usize) -> String {
        SKUS[product].to_owned()
    }

    pub fn promotion_id(promotion: usize) -> &'static str {
        PROMOTIONS[promotion]
    }

    /// Six products of 1,000.00 each, one line each, and whole promotions that compete for them.
    pub fn contest(offers: &[Offer]) -> World {
        let product = Product {
            category: None,
            brand: None,
            tags: 0,
            min_quantity: None,
            multiple: None,
            price: Some(Scale { prices: vec![(100_000, 0)], from: &[0], per: (1, 1), validity: 0 }),
            floor: None,
        };
        let promotion = |offer: &Offer| Promotion {
            on: On { anchor: usize::from(offer.products), fields: On::MASK, up: 0, other: 0, except: 0 },
            when: When { dealer: 0, source: "", valid: 0 },
            shape: Shape::At,
            by_quantity: true,
            amount: 0,
            quantity: 1,
            times: None,
            benefits: vec![Benefit::AmountOff(offer.off)],
            max_units: None,
            group: 0,
            priority: 0,
            base: "running",
            stage: "set",
            coupon: 0,
            limit: None,
            budget: 0,
            count: "per_step",
        };
        World {
            settings: Settings {
                currency: "CNY",
                zone: "Asia/Shanghai",
                now: "2026-11-21T10:00:00+08:00",
                unit_extra: 0,
                quantity_scale: 0,
                magnitude: 0,
                rounding: "half_up",
                point: "set",
                remainder: "largest",
                weight: "net",
                guards: ["block", "route", "route"],
                search_steps: 100_000,
                gift_weight: 1_000_000,
            },
            dealer: Dealer { id: "D1", grade: Some("甲"), region: None, channel: None, credit: None },
            products: vec![product; 6],
            prices: Vec::new(),
            floors: Vec::new(),
            groups: vec![Group { mode: "best", stage: "set", exclusive: ["", ""] }],
            budgets: Vec::new(),
            promotions: offers.iter().map(promotion).collect(),
            programs: Vec::new(),
            order: Order {
                source: None,
                lines: (0..6).map(|product| Line { product, quantity: (1, 0), id: Id::Missing, unit: false }).collect(),
                coupons: Vec::new(),
                choices: Vec::new(),
            },
            shuffle: None,
        }
    }

    /// The same world with every list written in another order.
    pub fn shuffled(&self, seed: u64) -> World {
        let mut other = World { shuffle: Some(seed), ..self.clone() };
        mix(Some(seed), &mut other.order.lines);
        other
    }

    pub fn bundle(&self) -> Bundle {
        let mut imported = qudao::import::files(self.files());
        let checked = qudao::check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        let checked = checked.unwrap_or_else(|| panic!("{:#?}\n{}", imported.diagnostics.found, self.shown()));
        qudao::compile::compile(&checked)
    }

    pub fn engine(&self) -> Engine {
        Engine::load(self.bundle().bytes()).unwrap()
    }

    pub fn quote(&self) -> Value {
        let text = qudao::wire::quote(&self.engine(), &node(self.question())).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The same world with every promotion in one stage, and few steps to search for its best combination.
    pub fn hurried(&self, search_steps: u32) -> World {
        let mut other = self.clone();
        other.settings.search_steps = search_steps;
        for group in &mut other.groups {
            group.stage = "set";
            group.mode = if group.mode == "exclusive" { "best" } else { group.mode };
        }
        other.promotions.iter_mut().for_each(|promotion| promotion.stage = "set");
        other
    }

    /// The same world with every promotion in the next group, on the next base, and with the next rounding point.
    pub fn turned(&self) -> World {
        let after = |list: &[&'static str], word: &str| list[(list.iter().position(|own| *own == word).unwrap() + 1) % list.len()];
        let mut other = self.clone();
        other.settings.point = after(&["set", "line", "unit", "price"], self.settings.point);
        for promotion in &mut other.promotions {
            promotion.base = after(&["running", "stage_input", "original"], promotion.base);
            if promotion.group < self.groups.len() {
                promotion.group = (promotion.group + 1) % self.groups.len();
            }
        }
        other
    }

    /// `{order, dealer, now}` with a cart of whole units instead of the order's lines.
    pub fn input(&self, cart: &[(usize, i64)]) -> Node {
        let lines: Vec<Value> =
            cart.iter().map(|(product, quantity)| json!({ "sku": World::sku(*product), "quantity": quantity })).collect();
        let mut input = self.question();
        input["order"]["lines"] = json!(lines);
        node(input)
    }

    /// `{coupons, gifts}` of the order.
    pub fn entries(&self) -> Node {
        let order = &self.question()["order"];
        let mut entries = json!({});
        for key in ["coupons", "gifts"] {
            if let Some(value) = order.get(key) {
                entries[key] = value.clone();
            }
        }
        node(entries)
    }

    pub fn session_input(&self) -> Node {
        let mut input = self.question();
        let order = input.as_object_mut().unwrap().remove("order").unwrap();
        if let Some(source) = order.get("source") {
            input["source"] = source.clone();
        }
        node(input)
    }

    /// `{order, dealer, now}`.
    pub fn question(&self) -> Value {
        let line = |line: &Line| {
            let mut asked = json!({ "sku": World::sku(line.product), "quantity": self.quantity_of(line) });
            match line.id {
                Id::Missing => {}
                Id::Same => asked["id"] = json!(format!("{}|件", World::sku(line.product))),
                Id::Own(start) => asked["id"] = json!(format!("{start}-{}", line.product)),
                Id::Shared => asked["id"] = json!("shared"),
            }
            if line.unit {
                asked["unit"] = json!("件");
            }
            asked
        };
        let mut order = json!({ "schema": 1, "lines": self.order.lines.iter().map(line).collect::<Vec<_>>() });
        if let Some(source) = self.order.source {
            order["source"] = json!(source);
        }
        if !self.order.coupons.is_empty() {
            order["coupons"] = json!(self.order.coupons.iter().map(|code| CODES[*code]).collect::<Vec<_>>());
        }
        let choices = self.order.choices.iter().zip(&self.promotions).zip(PROMOTIONS);
        let choices: serde_json::Map<String, Value> =
            choices.filter_map(|((bits, promotion), id)| Some((id.to_owned(), self.choice(promotion, (*bits)?)?))).collect();
        if !choices.is_empty() {
            order["gifts"] = choices.into();
        }
        json!({ "order": order, "dealer": self.facts(), "now": self.settings.now })
    }

    /// Products that the dealer wants of what a promotion gives, never more than it gives; seldom, nothing of a promotion without gifts.
    fn choice(&self, promotion: &Promotion, bits: u8) -> Option<Value> {
        let steps = if promotion.shape == Shape::Steps { promotion.benefits.len() } else { 1 };
        let gifts = || {
            promotion.benefits[..steps].iter().filter_map(|benefit| match benefit {
                Benefit::Gift(gift) => Some(gift),
                _ => None,
            })
        };
        let mut products: Vec<usize> = gifts().flat_map(|gift| self.items(gift).map(|(product, _)| product)).collect();
        products.sort_unstable();
        products.dedup();
        let most = gifts().map(|gift| self.chosen(gift)).max().unwrap_or(0);
        let named = products.into_iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, product)| SKUS[product]);
        (most > 0 || bits == 0).then(|| json!(named.take(most).collect::<Vec<_>>()))
    }

    fn items(&self, gift: &Gift) -> impl Iterator<Item = (usize, i64)> {
        let products = self.products.len();
        let Gift { first, units, items, .. } = *gift;
        (0..items.min(products)).map(move |item| ((first + item) % products, units[item]))
    }

    fn chosen(&self, gift: &Gift) -> usize {
        gift.choose.min(self.items(gift).count()).max(1)
    }

    fn gift(&self, gift: &Gift, even: bool) -> String {
        let items: Vec<String> = self
            .items(gift)
            .map(|(product, units)| {
                let units = if even { gift.units[0] } else { units };
                let quantity = if units == 1 { String::new() } else { format!(", quantity: {units}") };
                format!("sku: {}{quantity}", SKUS[product])
            })
            .collect();
        match items.as_slice() {
            [only] => format!("gift: {{ {only} }}"),
            items => {
                let items: Vec<String> = items.iter().map(|item| format!("{{ {item} }}")).collect();
                format!("gift: {{ choose: {}, from: [{}] }}", self.chosen(gift), items.join(", "))
            }
        }
    }

    /// The files, the question and nothing else, for a person to read.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        for (name, content) in self.files() {
            writeln!(text, "--- {name}\n{}", String::from_utf8_lossy(&content)).unwrap();
        }
        write!(text, "--- question\n{}", serde_json::to_string(&self.question()).unwrap()).unwrap();
        text
    }

    pub fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut seed = self.shuffle;
        let mut mixed = |rows: Vec<String>| {
            let mut rows = rows;
            seed = seed.map(|s| s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            mix(seed, &mut rows);
            rows.concat()
        };
        let mut yaml = self.constants();
        let mut files =
            vec![("p.csv".to_owned(), format!("sku,unit,category,brand,min_quantity,multiple,tags\n{}", mixed(self.product_rows())))];
        for (key, accesses) in [("prices", self.price_tables()), ("floors", self.floor_tables())] {
            let mut list = String::new();
            for (index, (by, rows)) in accesses.into_iter().enumerate() {
                writeln!(list, "  - {{ id: {key}{index}, by: [{}], table: {key}{index}.csv }}", by.join(", ")).unwrap();
                let table = format!("{},price,per,from_quantity,valid\n{}", by.join(","), mixed(rows));
                files.push((format!("{key}{index}.csv"), table));
            }
            section(&mut yaml, key, &list);
        }
        let group = |(at, group): (usize, &Group)| {
            let words = ["scope", "choose"].iter().zip(group.exclusive).filter(|(_, word)| group.mode == "exclusive" && !word.is_empty());
            let words: String = words.map(|(key, word)| format!(", {key}: {word}")).collect();
            format!("  - {{ id: g{at}, mode: {}{words} }}\n", group.mode)
        };
        section(&mut yaml, "groups", &self.groups.iter().enumerate().map(group).collect::<String>());
        let budget = |(budget, id): (&Budget, &str)| format!("  - {{ id: {id}, amount: {} }}\n", self.money(budget.amount));
        section(&mut yaml, "budgets", &self.budgets.iter().zip(BUDGETS).map(budget).collect::<String>());
        let promotions = self.promotions.iter().enumerate().map(|(index, p)| self.promotion(index, p)).collect();
        section(&mut yaml, "promotions", &mixed(promotions));
        let programs = self.programs.iter().enumerate().map(|(index, program)| self.program(index, program)).collect();
        section(&mut yaml, "programs", &mixed(programs));
        files.insert(0, ("policy.yaml".to_owned(), yaml));
        files.into_iter().map(|(name, text)| (name, text.into_bytes())).collect()
    }

    fn constants(&self) -> String {
        let Settings { currency, zone, quantity_scale, rounding, point, remainder, weight, guards, search_steps, gift_weight, .. } =
            &self.settings;
        let mut yaml = format!(
            "policy: {{ id: w, version: '1', valid: 2026-01-01 .. 2028-12-31, currency: {currency}, zone: {zone}, unit_scale: {}, \
             quantity_scale: {quantity_scale}, rounding: {rounding}, rounding_point: {point}, remainder: {remainder}, weight: {weight}, \
             search_steps: {search_steps}, gift_weight: {} }}\nproducts: p.csv\nguards: {{ quantity: {}, floor: {}, credit: {} }}\n",
            self.digits() + self.settings.unit_extra,
            decimal(*gift_weight, 4),
            guards[0],
            guards[1],
            guards[2]
        );
        let plain = |ids: &[&str]| ids.iter().map(|id| format!("{{ id: {id} }}")).collect::<Vec<_>>().join(", ");
        let tree = |nodes: &[(&str, &str)]| {
            let node = |(id, parent): &(&str, &str)| match *parent {
                "" => format!("{{ id: {id} }}"),
                parent => format!("{{ id: {id}, parent: {parent} }}"),
            };
            nodes.iter().map(node).collect::<Vec<_>>().join(", ")
        };
        writeln!(yaml, "grades: [{}]\nchannels: [{}]\nbrands: [{}]", plain(&GRADES), plain(&CHANNELS), plain(&BRANDS)).unwrap();
        writeln!(yaml, "regions: [{}]\ncategories: [{}]", tree(&REGIONS), tree(&CATEGORIES)).unwrap();
        yaml
    }

    fn product_rows(&self) -> Vec<String> {
        let row = |(index, product): (usize, &Product)| {
            let quantity = |value: Option<i64>| value.map_or(String::new(), |value| self.quantity(value));
            let tags: Vec<&str> = product.tags().collect();
            format!(
                "{},件,{},{},{},{},{}\n",
                SKUS[index],
                product.category.unwrap_or_default(),
                product.brand.unwrap_or_default(),
                quantity(product.min_quantity),
                quantity(product.multiple),
                tags.join(" ")
            )
        };
        self.products.iter().enumerate().map(row).collect()
    }

    fn price_tables(&self) -> Vec<(Vec<&'static str>, Vec<String>)> {
        let mut tables: Vec<_> = self.prices.iter().map(|access| self.table(access)).collect();
        let own = self.products.iter().enumerate().filter_map(|(index, product)| Some((SKUS[index], product.price.as_ref()?)));
        tables.push((vec!["sku"], own.flat_map(|(sku, scale)| self.scale_rows(sku, scale)).collect()));
        tables
    }

    fn floor_tables(&self) -> Vec<(Vec<&'static str>, Vec<String>)> {
        let mut tables: Vec<_> = self.floors.iter().map(|access| self.table(access)).collect();
        let own = |(index, product): (usize, &Product)| {
            let (scale, percent) = (product.price.as_ref()?, product.floor?);
            let price = (scale.prices[0].0 * scale.per.1 * percent / 100).max(1);
            Some(format!("{},{},{},,\n", SKUS[index], self.unit_price(price, 0), scale.per.0))
        };
        tables.push((vec!["sku"], self.products.iter().enumerate().filter_map(own).collect()));
        tables
    }

    fn table(&self, access: &Access) -> (Vec<&'static str>, Vec<String>) {
        let mut keys: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        for (at, scale) in &access.records {
            let value = |(axis, at): (&&str, &usize)| self.axis_value(axis, *at);
            let key = access.by.iter().zip(at).map(value).collect::<Vec<_>>().join(",");
            if !keys.contains(&key) {
                rows.extend(self.scale_rows(&key, scale));
                keys.push(key);
            }
        }
        (access.by.to_vec(), rows)
    }

    fn axis_value(&self, axis: &str, at: usize) -> &'static str {
        let pick = |list: &[&'static str]| list[at % list.len()];
        match axis {
            "dealer" => pick(&DEALERS),
            "grade" => pick(&GRADES),
            "region" => pick(&REGIONS.map(|(id, _)| id)),
            "channel" => pick(&CHANNELS),
            "sku" => pick(&SKUS[..self.products.len()]),
            "category" => pick(&CATEGORIES.map(|(id, _)| id)),
            "brand" => pick(&BRANDS),
            _ => unreachable!("{axis} is no axis"),
        }
    }

    fn scale_rows(&self, key: &str, scale: &Scale) -> Vec<String> {
        let row = |(price, extra): (i64, i64), from: i64, valid: &str| {
            // Bands of one scale may be for different numbers of units.
            let (per, factor) = if from > 0 && scale.per.0 == 7 { (1, 1) } else { scale.per };
            format!("{key},{},{per},{},{valid}\n", self.unit_price(price * factor, extra), self.quantity(from))
        };
        let bands = scale.prices.iter().zip(scale.from);
        match scale.validity {
            1 => {
                let of = |valid: &'static str, more: i64| {
                    bands.clone().map(move |((price, extra), from)| row((*price + more, *extra), *from, valid))
                };
                of(BREAK[0], 0).chain(of(BREAK[1], 7)).collect()
            }
            valid => {
                let valid = VALID[if valid == 0 { 0 } else { valid - 1 }];
                bands.map(|(price, from)| row(*price, *from, valid)).collect()
            }
        }
    }

    fn promotion(&self, index: usize, p: &Promotion) -> String {
        let group = self.groups.get(p.group);
        // A best group has all its promotions in one stage.
        let stage = match group.map(|group| group.mode) {
            Some("best") => self.groups[p.group].stage,
            Some("exclusive") => "",
            _ => p.stage,
        };
        let mut text = format!("  - {{ id: {}, {}{}", PROMOTIONS[index], self.when(&p.when), self.on(&p.on));
        let benefit = |benefit: &Benefit| match benefit {
            Benefit::Percent(percent) => format!("percent: {}", decimal(*percent, 4)),
            Benefit::AmountOff(amount) => format!("amount_off: {}", self.money(*amount)),
            Benefit::PerUnitOff(amount, extra) => format!("per_unit_off: {}", self.unit_price(*amount, *extra)),
            Benefit::Gift(gift) => self.gift(gift, p.shape == Shape::Each && p.count == "pro_rata"),
        };
        let measure = if p.by_quantity { "quantity" } else { "amount" };
        let level = |step: i64| if p.by_quantity { self.quantity(p.quantity * step) } else { self.money(p.amount * step) };
        let max_units = p.max_units.filter(|_| matches!(p.benefits[0], Benefit::PerUnitOff(..)));
        let max_units = max_units.map_or(String::new(), |most| format!(", max_units: {}", self.quantity(most)));
        let get = format!("get: {{ {}{max_units} }}, ", benefit(&p.benefits[0]));
        match p.shape {
            Shape::Plain => text += &get,
            Shape::At => write!(text, "at: {{ {measure}: {} }}, {get}", level(1)).unwrap(),
            Shape::Each => {
                let times = p.times.map_or(String::new(), |times| format!(", times: {times}"));
                let count = match p.benefits[0] {
                    Benefit::Gift(_) if p.by_quantity => format!(", count: {}", p.count),
                    _ => String::new(),
                };
                let given = match p.benefits[0] {
                    Benefit::Percent(amount) => benefit(&Benefit::AmountOff(amount / 1000 + 1)),
                    Benefit::PerUnitOff(amount, _) => benefit(&Benefit::AmountOff(amount)),
                    Benefit::AmountOff(_) | Benefit::Gift(_) => benefit(&p.benefits[0]),
                };
                write!(text, "each: {{ {measure}: {}{times}{count} }}, get: {{ {given} }}, ", level(1)).unwrap();
            }
            Shape::Steps => {
                let step = |(at, b): (usize, &Benefit)| format!("{{ from: {}, {} }}", level(i64::try_from(at).unwrap() + 1), benefit(b));
                let steps: Vec<String> = p.benefits.iter().enumerate().map(step).collect();
                write!(text, "steps: {{ {measure}: [{}] }}, ", steps.join(", ")).unwrap();
            }
        }
        if group.is_some() {
            write!(text, "group: g{}, ", p.group).unwrap();
        }
        if !stage.is_empty() {
            write!(text, "stage: {stage}, ").unwrap();
        }
        let codes: Vec<&str> = CODES.into_iter().enumerate().filter(|(bit, _)| p.coupon >> bit & 1 == 1).map(|(_, code)| code).collect();
        match codes.as_slice() {
            [] => {}
            [code] => write!(text, "coupon: {code}, ").unwrap(),
            codes => write!(text, "coupon: [{}], ", codes.join(", ")).unwrap(),
        }
        if let Some(limit) = &p.limit {
            let most = ["order", "dealer", "total"].iter().zip(limit.most).filter_map(|(key, most)| Some(format!("{key}: {}", most?)));
            write!(text, "limit: {{ {} }}, ", most.collect::<Vec<_>>().join(", ")).unwrap();
        }
        if p.budget < self.budgets.len() {
            write!(text, "budget: {}, ", BUDGETS[p.budget]).unwrap();
        }
        format!("{text}priority: {}, base: {} }}\n", p.priority, p.base)
    }

    fn program(&self, index: usize, program: &Program) -> String {
        let Program { on, when, incremental, by_quantity, list_basis, period, tiers, .. } = program;
        let mode = if *incremental { "incremental" } else { "retroactive" };
        let qualifier = if *by_quantity { "quantity" } else { "amount" };
        let basis = if *list_basis { "list" } else { "net" };
        let mut from = -1;
        let tier = |(width, rate): &(i64, i64)| {
            from += width;
            let start = if *by_quantity { self.quantity(from) } else { self.money(from * 10_i64.pow(self.digits())) };
            let pay = if *by_quantity == (*incremental || !program.crossed) {
                format!("per_unit: {}", self.unit_price(*rate, rate % 10))
            } else {
                format!("percent: {}", decimal(rate * 2_500, 4))
            };
            format!("{{ from: {start}, {pay} }}")
        };
        let tiers: Vec<String> = tiers.iter().map(tier).collect();
        format!(
            "  - {{ id: {}, {}{}period: {period}, mode: {mode}, qualifier: {qualifier}, basis: {basis}, tiers: [{}] }}\n",
            PROGRAMS[index],
            self.when(when),
            self.on(on),
            tiers.join(", ")
        )
    }

    fn when(&self, when: &When) -> String {
        let dealer = AUDIENCES[when.dealer];
        let order = if when.source.is_empty() { String::new() } else { format!("order: {{ source: {} }}", when.source) };
        let dealer = if dealer.is_empty() { String::new() } else { format!("dealer: {dealer}") };
        let parts: Vec<String> = [dealer, order].into_iter().filter(|part| !part.is_empty()).collect();
        let when_text = if parts.is_empty() { String::new() } else { format!("when: {{ {} }}, ", parts.join(", ")) };
        let valid = if when.valid == 0 { String::new() } else { format!("valid: {}, ", VALID[when.valid]) };
        when_text + &valid
    }

    fn on(&self, on: &On) -> String {
        if on.fields == On::MASK {
            let skus: Vec<&str> = (0..SKUS.len()).filter(|bit| on.anchor >> bit & 1 == 1).map(|bit| SKUS[bit]).collect();
            return format!("on: {{ sku: [{}] }}, ", skus.join(", "));
        }
        let (anchor, other) = (on.anchor % self.products.len(), on.other % self.products.len());
        let (own, others) = (&self.products[anchor], &self.products[other]);
        let has = |bits: u8, bit: u8| bits >> bit & 1 == 1;
        let mut fields = Vec::new();
        if has(on.fields, 0) {
            let second = if other == anchor { String::new() } else { format!(", {}", SKUS[other]) };
            fields.push(format!("sku: [{}{second}]", SKUS[anchor]));
        }
        if let Some(category) = own.category.filter(|_| has(on.fields, 1)) {
            let above = (0..on.up).fold(category, |node, _| parent(node).unwrap_or(node));
            fields.push(format!("category: {above}"));
        }
        if let Some(brand) = own.brand.filter(|_| has(on.fields, 2)) {
            fields.push(format!("brand: {brand}"));
        }
        if let Some(tag) = own.tags().next().filter(|_| has(on.fields, 3)) {
            fields.push(format!("tag: [{tag}]"));
        }
        // What is left out must leave the anchor in, because a rule that is about nothing is refused.
        let mut except = Vec::new();
        if has(on.except, 0) && other != anchor {
            except.push(format!("sku: {}", SKUS[other]));
        }
        let inside = |inner: Option<&'static str>, outer: &str| std::iter::successors(inner, |node| parent(node)).any(|node| node == outer);
        if let Some(category) = others.category.filter(|category| has(on.except, 1) && !inside(own.category, category)) {
            except.push(format!("category: {category}"));
        }
        if let Some(brand) = others.brand.filter(|brand| has(on.except, 2) && own.brand != Some(brand)) {
            except.push(format!("brand: {brand}"));
        }
        if let Some(tag) = others.tags().find(|tag| has(on.except, 3) && !own.tags().any(|own| own == *tag)) {
            except.push(format!("tag: {tag}"));
        }
        if !except.is_empty() {
            fields.push(format!("except: {{ {} }}", except.join(", ")));
        }
        if fields.is_empty() { String::new() } else { format!("on: {{ {} }}, ", fields.join(", ")) }
    }

    fn facts(&self) -> Value {
        let Dealer { id, grade, region, channel, credit } = &self.dealer;
        let mut facts = json!({ "schema": 1, "id": id, "as_of": 0 });
        for (key, value) in [("grade", grade), ("region", region), ("channel", channel)] {
            if let Some(value) = value {
                facts[key] = json!(value);
            }
        }
        if let Some(credit) = credit {
            let keys = ["limit", "receivable", "delivered", "open_orders", "prepaid"];
            let parts = keys.iter().zip(credit).filter_map(|(key, part)| Some(((*key).to_owned(), json!(self.money((*part)?)))));
            facts["credit"] = Value::Object(parts.collect());
        }
        let volumes: Vec<Value> = self.programs.iter().enumerate().flat_map(|(index, program)| self.volumes(index, program)).collect();
        if !volumes.is_empty() {
            facts["volumes"] = json!(volumes);
        }
        for (promotion, id) in self.promotions.iter().zip(PROMOTIONS) {
            let used = promotion.limit.iter().flat_map(|limit| ["dealer", "total"].into_iter().zip(limit.used));
            for (key, used) in used.filter_map(|(key, used)| Some((key, used?))) {
                facts["usage"][id][key] = json!(used);
            }
        }
        for (budget, id) in self.budgets.iter().zip(BUDGETS) {
            if let Some(used) = budget.used {
                facts["budgets"][id]["used"] = json!(self.money(used));
                if budget.version {
                    facts["budgets"][id]["version"] = json!("v7");
                }
            }
        }
        facts
    }

    fn volumes(&self, index: usize, program: &Program) -> Vec<Value> {
        let part = |volume: Option<(i64, i64)>| {
            volume.map(|(amount, quantity)| {
                json!({ "amount": self.money(amount * 10_i64.pow(self.digits()) + amount % 2), "quantity": self.quantity(quantity) })
            })
        };
        let entry = |period: String| {
            let mut entry = json!({ "program": PROGRAMS[index], "period": period });
            for (key, volume) in [("posted", part(program.posted)), ("open", part(program.open))] {
                if let Some(volume) = volume {
                    entry[key] = volume;
                }
            }
            entry
        };
        let stale = program.stale.then(|| entry("2025-12".to_owned()));
        let current = (program.posted.is_some() || program.open.is_some()).then(|| entry(self.label(program.period)));
        stale.into_iter().chain(current).collect()
    }

    /// Label of the period that the quote falls into.
    fn label(&self, period: &str) -> String {
        let period = match period {
            "month" => Period::Month,
            "quarter" => Period::Quarter,
            "half" => Period::Half,
            _ => Period::Year,
        };
        let zone = calendar::zone(self.settings.zone).unwrap();
        let now = Instant::parse(self.settings.now).unwrap();
        calendar::periods(period, Interval { from: now, to: Instant(now.0 + 1) }, &zone).remove(0).0
    }

    pub fn digits(&self) -> u32 {
        qudao::num::minor_digits(self.settings.currency).unwrap()
    }

    fn money(&self, minor: i64) -> String {
        decimal(self.grown(minor), self.digits())
    }

    /// Large figures keep their order and are not round.
    fn grown(&self, minor: i64) -> i64 {
        let one = 10_i64.pow(self.settings.magnitude);
        minor * one + minor * 7_919 % one
    }

    /// A unit price: minor units, and a digit that stands in every place beyond them.
    fn unit_price(&self, minor: i64, extra: i64) -> String {
        let beyond = self.settings.unit_extra;
        let image = (0..beyond).fold(self.grown(minor), |image, _| image * 10 + extra % 10);
        decimal(image.max(1), self.digits() + beyond)
    }

    /// Whole units; policies with fractional quantities cut some of them in half.
    fn quantity(&self, whole: i64) -> String {
        if self.settings.quantity_scale > 0 && whole % 3 == 2 { format!("{}.5", whole - 1) } else { whole.to_string() }
    }

    fn quantity_of(&self, line: &Line) -> Value {
        let (whole, thousandths) = line.quantity;
        let scale = self.settings.quantity_scale;
        let fraction = thousandths / 10_i64.pow(3 - scale);
        if fraction == 0 { json!(whole) } else { json!(decimal(whole * 10_i64.pow(scale) + fraction, scale)) }
    }
}

impl On {
    /// The anchor is a set of products, as bits.
    pub const MASK: u8 = 128;
}

impl Product {
    fn tags(&self) -> impl Iterator<Item = &'static str> {
        let bits = self.tags;
        TAGS.into_iter().enumerate().filter(move |(bit, _)| bits >> bit & 1 == 1).map(|(_, tag)| tag)
    }
}

pub fn node(value: Value) -> Node {
    serde_json::from_value(value).unwrap()
}

/// The category above.
fn parent(category: &str) -> Option<&'static str> {
    CATEGORIES.iter().find(|(id, parent)| *id == category && !parent.is_empty()).map(|(_, parent)| *parent)
}

fn section(yaml: &mut String, key: &str, rows: &str) {
    if !rows.is_empty() {
        write!(yaml, "{key}:\n{rows}").unwrap();
    }
}

/// An integer image with its digits after the point.
fn decimal(image: i64, digits: u32) -> String {
    let one = 10_i64.pow(digits);
    let sign = if image < 0 { "-" } else { "" };
    let size = image.abs();
    match digits {
        0 => image.to_string(),
        _ => format!("{sign}{}.{:0width$}", size / one, size % one, width = digits as usize),
    }
}

/// Fisher–Yates with a small linear congruential generator; no seed leaves the list alone.
fn mix<T>(seed: Option<u64>, list: &mut [T]) {
    let Some(mut state) = seed else { return };
    for end in (1..list.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.swap(end, usize::try_from(state >> 33).unwrap() % (end + 1));
    }
}
