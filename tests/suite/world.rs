//! Random small worlds: a policy as its author would write it, a dealer, an order.

use proptest::prelude::*;
use qudao::wire::Node;
use qudao::{Bundle, Engine};
use serde_json::{Value, json};
use std::fmt::Write;

/// A policy with its order. Everything is small, so that collisions, floors and thresholds are met often.
#[derive(Debug, Clone)]
pub struct World {
    pub settings: [&'static str; 4],
    pub products: Vec<Product>,
    pub groups: Vec<&'static str>,
    pub promotions: Vec<Promotion>,
    pub programs: Vec<Program>,
    pub cart: Vec<(usize, i64)>,
    /// Seed of the order in which lists are written; `None` leaves them alone.
    shuffle: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct Product {
    category: u8,
    /// Cents, at rising quantities 0, 5, 12.
    prices: Vec<i64>,
    floor: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Promotion {
    on: u8,
    threshold: u8,
    level: i64,
    benefit: u8,
    value: i64,
    group: u8,
    priority: i32,
    base: u8,
    stage: u8,
}

#[derive(Debug, Clone)]
pub struct Program {
    incremental: bool,
    by_quantity: bool,
    list_basis: bool,
    tiers: Vec<(i64, i64)>,
    posted: i64,
}

/// A promotion of a contest: bits of the products it takes, and what it takes off.
pub struct Offer {
    pub products: u8,
    pub off: i64,
}

pub fn worlds() -> impl Strategy<Value = World> {
    let settings = (
        prop::sample::select(vec!["half_up", "half_even", "half_down", "down"]),
        prop::sample::select(vec!["set", "line", "unit", "price"]),
        prop::sample::select(vec!["largest", "first", "last"]),
        prop::sample::select(vec!["net", "list", "quantity"]),
    );
    let price = prop_oneof![1i64..300, 300i64..100_000];
    let product = (0u8..3, prop::collection::vec(price, 1..4), prop::option::weighted(0.4, 1i64..50_000))
        .prop_map(|(category, prices, floor)| Product { category, prices, floor });
    let promotion = (0u8..8, 0u8..5, 1i64..40, 0u8..3, 1i64..95, 0u8..3, -2i32..3, 0u8..3, 0u8..4).prop_map(
        |(on, threshold, level, benefit, value, group, priority, base, stage)| Promotion {
            on,
            threshold,
            level,
            benefit,
            value,
            group,
            priority,
            base,
            stage,
        },
    );
    let program = (any::<bool>(), any::<bool>(), any::<bool>(), prop::collection::vec((1i64..200, 1i64..20), 1..4), 0i64..300)
        .prop_map(|(incremental, by_quantity, list_basis, tiers, posted)| Program { incremental, by_quantity, list_basis, tiers, posted });
    (
        settings,
        prop::collection::vec(product, 1..6),
        prop::collection::vec(prop::sample::select(vec!["best", "stack"]), 2),
        prop::collection::vec(promotion, 0..8),
        prop::collection::vec(program, 0..3),
        prop::collection::vec((0usize..6, 1i64..30), 1..7),
    )
        .prop_map(|(settings, products, groups, promotions, programs, cart)| World {
            settings: [settings.0, settings.1, settings.2, settings.3],
            cart: cart.into_iter().map(|(product, quantity)| (product % products.len(), quantity)).collect(),
            products,
            groups,
            promotions,
            programs,
            shuffle: None,
        })
}

impl World {
    pub fn sku(product: usize) -> String {
        format!("货-{product}")
    }

    /// Six products of 1,000.00 each, one line each, and whole promotions that compete for them.
    pub fn contest(offers: &[Offer]) -> World {
        let mut world = World {
            settings: ["half_up", "set", "largest", "net"],
            products: vec![Product { category: 0, prices: vec![100_000], floor: None }; 6],
            groups: vec!["best"],
            promotions: Vec::new(),
            programs: Vec::new(),
            cart: (0..6).map(|product| (product, 1)).collect(),
            shuffle: None,
        };
        for offer in offers {
            world.promotions.push(Promotion {
                on: 128 | offer.products,
                threshold: 1,
                level: 1,
                benefit: 1,
                value: offer.off,
                group: 0,
                priority: 0,
                base: 0,
                stage: 1,
            });
        }
        world
    }

    /// The same world with every list written in another order.
    pub fn shuffled(&self, seed: u64) -> World {
        let mut other = World { shuffle: Some(seed), ..self.clone() };
        mix(Some(seed), &mut other.cart);
        other
    }

    pub fn bundle(&self) -> Bundle {
        let mut imported = qudao::import::files(self.files());
        let checked = qudao::check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        let checked = checked.unwrap_or_else(|| panic!("{:#?}\n{self:#?}", imported.diagnostics.found));
        qudao::compile::compile(&checked)
    }

    pub fn engine(&self) -> Engine {
        Engine::load(self.bundle().bytes()).unwrap()
    }

    pub fn quote(&self) -> Value {
        let text = qudao::wire::quote(&self.engine(), &self.input(&self.cart)).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    pub fn input(&self, cart: &[(usize, i64)]) -> Node {
        let lines: Vec<Value> =
            cart.iter().map(|(product, quantity)| json!({ "sku": World::sku(*product), "quantity": quantity })).collect();
        let mut input = self.context();
        input["order"] = json!({ "schema": 1, "lines": lines });
        node(input)
    }

    pub fn session_input(&self) -> Node {
        node(self.context())
    }

    fn context(&self) -> Value {
        let volume = |(index, program): (usize, &Program)| {
            let posted = json!({ "amount": format!("{}.00", program.posted), "quantity": program.posted });
            json!({ "program": format!("r{index}"), "period": "2026-11", "posted": posted })
        };
        let volumes: Vec<Value> = self.programs.iter().enumerate().map(volume).collect();
        let dealer = json!({ "schema": 1, "id": "D1", "as_of": 0, "grade": "甲", "volumes": volumes });
        json!({ "dealer": dealer, "now": "2026-11-21T10:00:00+08:00" })
    }

    fn files(&self) -> Vec<(String, Vec<u8>)> {
        let mut seed = self.shuffle;
        let mut mixed = |rows: Vec<String>| {
            let mut rows = rows;
            seed = seed.map(|s| s.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
            mix(seed, &mut rows);
            rows.concat()
        };
        let products = (0..self.products.len()).map(|p| format!("{},件,c{}\n", World::sku(p), self.products[p].category)).collect();
        let products = format!("sku,unit,category\n{}", mixed(products));
        let mut prices = Vec::new();
        let mut floors = Vec::new();
        for (index, product) in self.products.iter().enumerate() {
            for (price, from) in product.prices.iter().zip([0, 5, 12]) {
                prices.push(format!("甲,{},{},{from}\n", World::sku(index), money(*price)));
            }
            if let Some(floor) = product.floor {
                floors.push(format!("{},{}\n", World::sku(index), money(floor)));
            }
        }
        let prices = format!("grade,sku,price,from_quantity\n{}", mixed(prices));
        let floors = format!("sku,price\n{}", mixed(floors));
        let [rounding, point, remainder, weight] = self.settings;
        let mut yaml = format!(
            "policy: {{ id: w, version: '1', valid: 2026-01-01 .. 2026-12-31, rounding: {rounding}, rounding_point: {point}, \
             remainder: {remainder}, weight: {weight} }}\ngrades: [{{ id: 甲 }}]\ncategories: [{{ id: 根 }}, {{ id: c0, parent: 根 }}, \
             {{ id: c1, parent: c0 }}, {{ id: c2, parent: 根 }}]\nproducts: p.csv\nprices: [{{ id: list, by: [grade, sku], table: l.csv }}]\n\
             floors: [{{ id: floor, by: [sku], table: f.csv }}]\n"
        );
        let groups: Vec<String> = self.groups.iter().enumerate().map(|(i, mode)| format!("  - {{ id: g{i}, mode: {mode} }}\n")).collect();
        write!(yaml, "groups:\n{}", groups.concat()).unwrap();
        let promotions = self.promotions.iter().enumerate().map(|(index, p)| self.promotion(index, p)).collect();
        section(&mut yaml, "promotions", &mixed(promotions));
        let programs = self.programs.iter().enumerate().map(|(index, program)| program.text(index)).collect();
        section(&mut yaml, "programs", &mixed(programs));
        [("policy.yaml", yaml), ("p.csv", products), ("l.csv", prices), ("f.csv", floors)]
            .map(|(name, text)| (name.to_owned(), text.into_bytes()))
            .into()
    }

    fn promotion(&self, index: usize, p: &Promotion) -> String {
        let on = match p.on {
            mask if mask & 128 != 0 => {
                let skus: Vec<String> = (0..6).filter(|bit| mask >> bit & 1 == 1).map(World::sku).collect();
                format!("on: {{ sku: [{}] }}, ", skus.join(", "))
            }
            0..=2 => "on: { category: 根 }, ".to_owned(),
            3 | 4 => format!("on: {{ category: {} }}, ", self.category_of(p.on)),
            5 | 6 => format!("on: {{ sku: {} }}, ", World::sku(usize::from(p.on) % self.products.len())),
            _ => String::new(),
        };
        let benefit = match p.benefit {
            0 => format!("percent: {}", p.value),
            1 => format!("amount_off: {}", money(p.value)),
            _ => format!("per_unit_off: {}", money(p.value * 7)),
        };
        let rule = match p.threshold {
            0 => format!("get: {{ {benefit} }}"),
            1 => format!("at: {{ amount: {} }}, get: {{ {benefit} }}", money(p.level)),
            2 => format!("at: {{ quantity: {} }}, get: {{ {benefit} }}", p.level),
            3 => format!("each: {{ amount: {}, times: 3 }}, get: {{ amount_off: {} }}", money(p.level * 500), money(p.value * 10)),
            _ => format!("steps: {{ quantity: [{{ from: {}, {benefit} }}, {{ from: {}, percent: 20 }}] }}", p.level, p.level + 6),
        };
        // A best group has all its promotions in one stage.
        let (group, stage) = match usize::from(p.group) {
            g if g < self.groups.len() => (format!("group: g{g}, "), if self.groups[g] == "best" { 1 } else { p.stage }),
            _ => (String::new(), p.stage),
        };
        let stage = ["stage: line, ", "stage: set, ", "stage: order, ", ""][usize::from(stage)];
        let base = ["running", "stage_input", "original"][usize::from(p.base)];
        format!("  - {{ id: p{index}, {on}{rule}, {group}{stage}priority: {}, base: {base} }}\n", p.priority)
    }

    fn category_of(&self, on: u8) -> String {
        format!("c{}", self.products[usize::from(on) % self.products.len()].category)
    }
}

impl Program {
    fn text(&self, index: usize) -> String {
        let mode = if self.incremental { "incremental" } else { "retroactive" };
        let (qualifier, pay) = if self.by_quantity { ("quantity", "per_unit") } else { ("amount", "percent") };
        let basis = if self.list_basis { "list" } else { "net" };
        let mut from = -1;
        let tiers: Vec<String> = self
            .tiers
            .iter()
            .map(|(width, rate)| {
                from += width;
                format!("{{ from: {from}, {pay}: {rate} }}")
            })
            .collect();
        format!(
            "  - {{ id: r{index}, period: month, mode: {mode}, qualifier: {qualifier}, basis: {basis}, tiers: [{}] }}\n",
            tiers.join(", ")
        )
    }
}

fn section(yaml: &mut String, key: &str, rows: &str) {
    if !rows.is_empty() {
        write!(yaml, "{key}:\n{rows}").unwrap();
    }
}

fn money(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

fn node(value: Value) -> Node {
    serde_json::from_value(value).unwrap()
}

/// Fisher–Yates with a small linear congruential generator; no seed leaves the list alone.
fn mix<T>(seed: Option<u64>, list: &mut [T]) {
    let Some(mut state) = seed else { return };
    for end in (1..list.len()).rev() {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        list.swap(end, usize::try_from(state >> 33).unwrap() % (end + 1));
    }
}
