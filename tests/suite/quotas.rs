//! Laws of limits of units and periods, of caps, single prices and freight promotions, on random small policies.

use crate::laws::{cases, cents};
use crate::offers::engine;
use crate::world::node;
use proptest::prelude::*;
use proptest::sample::select;
use qudao::{limit, wire};
use serde_json::{Value, json};
use std::fmt::Write;

/// One promotion as an author writes it, with what of a limit of units is used.
#[derive(Debug, Clone)]
struct Offer {
    products: u8,
    benefit: String,
    group: &'static str,
    /// Under `units` or `sku`, over what, and how many.
    limit: Option<(&'static str, &'static str, u32)>,
    cap: Option<(&'static str, u32)>,
    used: u32,
}

#[derive(Debug, Clone)]
struct Shop {
    offers: Vec<Offer>,
    /// Promotions on freight.
    carried: Vec<(String, u32, &'static str)>,
    point: &'static str,
    weight: &'static str,
    /// SKU and quantity of each line.
    lines: Vec<(usize, u32)>,
}

const PRODUCTS: usize = 3;

fn offers() -> impl Strategy<Value = Offer> {
    let benefit = prop_oneof![
        (1u32..=100).prop_map(|share| format!("percent: {share}")),
        (1u32..60).prop_map(|off| format!("per_unit_off: {off}.37")),
        (0u32..90).prop_map(|price| format!("price: {price}.9")),
    ];
    let limit = prop::option::weighted(0.7, (select(vec!["units", "sku"]), select(vec!["order", "dealer", "period", "total"]), 1u32..9));
    let cap = prop::option::weighted(0.4, (select(vec!["order", "line"]), 1u32..80));
    (1u8..8, benefit, select(vec!["", "", "one-of", "turn"]), limit, cap, 0u32..6)
        .prop_map(|(products, benefit, group, limit, cap, used)| Offer { products, benefit, group, limit, cap, used })
}

fn shops() -> impl Strategy<Value = Shop> {
    let benefit = prop_oneof![
        (1u32..=100).prop_map(|share| format!("percent: {share}")),
        (1u32..40).prop_map(|off| format!("amount_off: {off}.37")),
        (0u32..40).prop_map(|price| format!("price: {price}.9")),
    ];
    let carried = prop::collection::vec((benefit, 0u32..400, select(vec!["", "one-ship", "ship-turn"])), 0..4);
    let points = select(vec!["set", "line", "unit", "price"]);
    let weights = select(vec!["net", "list", "quantity"]);
    (prop::collection::vec(offers(), 1..5), carried, points, weights, prop::collection::vec((0..PRODUCTS, 1u32..6), 1..5))
        .prop_map(|(offers, carried, point, weight, lines)| Shop { offers, carried, point, weight, lines })
}

impl Shop {
    fn policy(&self, more: &str) -> String {
        let mut policy = format!(
            "policy: {{ id: shop, version: '1', valid: 2026-01-01 .. 2028-12-31, rounding_point: {}, weight: {} }}\nproducts: products.csv\n\
             prices: [{{ id: list, by: [sku], table: list.csv }}]\nfloors: [{{ id: floor, by: [sku], table: floor.csv }}]\ngrades: [{{ id: A }}]\n\
             freight: [{{ id: truck, table: truck.csv }}, {{ id: toll, table: toll.csv }}]\n\
             groups: [{{ id: one-of, mode: best }}, {{ id: turn, mode: first }}, {{ id: one-ship, mode: best }}, {{ id: ship-turn, mode: first }}]\n\
             promotions:\n",
            self.point, self.weight
        );
        for (index, offer) in self.offers.iter().enumerate() {
            let skus: Vec<String> = (0..PRODUCTS).filter(|p| offer.products >> p & 1 == 1).map(|p| format!("P{p}")).collect();
            let mut parts = vec![format!("id: r{index}, on: {{ sku: [{}] }}, get: {{ {} }}", skus.join(", "), offer.benefit)];
            parts.extend((!offer.group.is_empty()).then(|| format!("group: {}", offer.group)));
            parts.extend(offer.limit.map(|(of, over, most)| format!("limit: {{ {of}: {{ {over}: {most} }} }}")));
            parts.extend(offer.cap.map(|(of, most)| format!("cap: {{ {of}: {most} }}")));
            writeln!(policy, "  - {{ {} }}", parts.join(", ")).unwrap();
        }
        for (index, (benefit, at, group)) in self.carried.iter().enumerate() {
            let group = if group.is_empty() { String::new() } else { format!(", group: {group}") };
            let at = if *at == 0 { String::new() } else { format!(", at: {{ amount: {at} }}") };
            writeln!(policy, "  - {{ id: s{index}, stage: freight, get: {{ {benefit} }}{at}{group} }}").unwrap();
        }
        policy + more
    }

    fn quote_of(&self, policy: &str, lines: &[(usize, u32)]) -> Value {
        let files = [
            ("policy.yaml", policy),
            ("products.csv", "sku,unit\nP0,EA\nP1,EA\nP2,EA\n"),
            ("list.csv", "sku,price\nP0,50\nP1,33.33\nP2,80\n"),
            ("floor.csv", "sku,price\nP2,70\n"),
            ("truck.csv", "charge\n30.01\n"),
            ("toll.csv", "charge\n7\n"),
        ];
        let engine = engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into());
        let usage: serde_json::Map<String, Value> = self
            .offers
            .iter()
            .enumerate()
            .map(|(index, offer)| {
                let used = offer.used.to_string();
                let used = json!({ "dealer": used, "total": used, "periods": { "2026-11": used } });
                let skus: serde_json::Map<String, Value> = (0..PRODUCTS).map(|p| (format!("P{p}"), used.clone())).collect();
                (format!("r{index}"), json!({ "units": used, "skus": skus }))
            })
            .collect();
        // Lines that are alike are one, so that no id depends on where a line stands.
        let line = |(p, q): &(usize, u32)| json!({ "id": format!("l{p}{q}"), "sku": format!("P{p}"), "quantity": q });
        let mut lines: Vec<Value> = lines.iter().map(line).collect();
        lines.dedup();
        let input = json!({
            "order": { "schema": 1, "lines": lines },
            "dealer": { "schema": 1, "id": "D", "as_of": "2026-11-20T08:00:00+08:00", "usage": usage },
            "now": "2026-11-21T08:00:00+08:00",
        });
        serde_json::from_str(&wire::quote(&engine, &node(input)).unwrap()).unwrap()
    }

    fn quote(&self) -> Value {
        self.quote_of(&self.policy(""), &self.lines)
    }
}

fn list<'a>(quote: &'a Value, key: &str) -> &'a [Value] {
    quote[key].as_array().map_or(&[], Vec::as_slice)
}

fn units(value: &Value) -> i64 {
    value.as_str().unwrap().parse().unwrap()
}

#[test]
fn facts_tell_so_many_products_and_not_one_more() {
    let skus: String = (0..=limit::FACT_SKUS).map(|index| format!("P{index},EA\n")).collect();
    let policy = "policy: { id: p, version: '1' }\nproducts: products.csv\nprices: [{ id: list, by: [sku], table: list.csv }]\n\
                  promotions: [{ id: few, get: { percent: 5 }, limit: { sku: { total: 5 } } }]\n";
    let files =
        [("policy.yaml", policy.to_owned()), ("products.csv", format!("sku,unit\n{skus}")), ("list.csv", "sku,price\nP0,1\n".to_owned())];
    let engine = engine(files.map(|(name, text)| (name.to_owned(), text.into_bytes())).into());
    let quoted = |count: usize| {
        let skus: serde_json::Map<String, Value> = (0..count).map(|index| (format!("P{index}"), json!({ "total": "1" }))).collect();
        let dealer = json!({ "schema": 1, "id": "D", "as_of": 0, "usage": { "few": { "skus": skus } } });
        wire::quote(&engine, &node(json!({ "order": { "schema": 1, "lines": [] }, "dealer": dealer, "now": 1_800_000_000_000_i64 })))
    };
    assert!(quoted(limit::FACT_SKUS).is_ok());
    let refused = quoted(limit::FACT_SKUS + 1).unwrap_err();
    assert_eq!(refused.0.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["LIMIT_EXCEEDED"]);
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn nothing_goes_beyond_limits_and_caps(shop in shops()) {
        let quote = shop.quote();
        let mut saved = [0; 2];
        for rule in list(&quote, "rules").iter().filter(|rule| rule["outcome"] == "applied") {
            let id = rule["rule"].as_str().unwrap();
            saved[usize::from(id.starts_with('s'))] += cents(&rule["saving"]);
            prop_assert_eq!(cents(&rule["lost"]) > 0, !list(rule, "lost_by").is_empty());
            let Some(offer) = id.strip_prefix('r').map(|index| &shop.offers[index.parse::<usize>().unwrap()]) else { continue };
            let of_line = |line: &Value| -> i64 {
                let steps = list(line, "adjustments").iter().filter(|step| step["rule"] == id);
                steps.map(|step| cents(&step["amount"])).sum()
            };
            match offer.cap {
                Some(("order", most)) => prop_assert!(cents(&rule["saving"]) <= i64::from(most) * 100),
                Some((_, most)) => prop_assert!(list(&quote, "lines").iter().all(|line| of_line(line) <= i64::from(most) * 100)),
                None => {}
            }
            let Some((of, over, most)) = offer.limit.filter(|_| cents(&rule["saving"]) > 0) else { continue };
            let used = if over == "order" { 0 } else { i64::from(offer.used) };
            let mut of_sku = [0; PRODUCTS];
            for line in list(&quote, "lines").iter().filter(|line| list(rule, "lines").contains(&line["id"])) {
                let limited = list(&quote, "limited").iter().find(|limited| limited["promotion"] == id && limited["line"] == line["id"]);
                let own = units(limited.map_or(&line["base_quantity"], |limited| &limited["quantity"]));
                // Of a whole one that competes, lines without a unit too.
                let least = i64::from(offer.cap.is_none() || offer.group.is_empty());
                prop_assert!(least <= own && own <= units(&line["base_quantity"]));
                of_sku[line["sku"].as_str().unwrap()[1..].parse::<usize>().unwrap()] += own;
            }
            let counted = if of == "units" { of_sku.iter().sum() } else { *of_sku.iter().max().unwrap() };
            prop_assert!(counted + used <= i64::from(most));
            let claimed: i64 = list(&quote, "claims").iter().filter(|claim| claim["promotion"] == id).map(|claim| units(&claim["quantity"])).sum();
            prop_assert_eq!(claimed, if over == "order" { 0 } else { of_sku.iter().sum() });
        }
        prop_assert_eq!(saved[0], cents(&quote["totals"]["discount"]));
        if !shop.carried.is_empty() {
            let carried: i64 = list(&quote, "freight").iter().map(|line| cents(&line["charge"]) - cents(&line["net"])).sum();
            prop_assert!(list(&quote, "freight").iter().all(|line| cents(&line["net"]) >= 0));
            prop_assert_eq!(saved[1], carried);
            prop_assert_eq!(carried, cents(&quote["totals"]["freight_discount"]));
        }
        prop_assert_eq!(cents(&quote["totals"]["payable"]), cents(&quote["totals"]["net"]) + cents(&quote["totals"]["freight"]));
    }

    /// Of one promotion alone: with several, a later one may find more left.
    #[test]
    fn a_tighter_limit_or_cap_never_saves_more(mut shop in shops(), more in 0u32..5) {
        shop.offers.truncate(1);
        let tight = cents(&shop.quote()["totals"]["discount"]);
        let offer = &mut shop.offers[0];
        offer.limit = offer.limit.map(|(of, over, most)| (of, over, most + more));
        offer.cap = offer.cap.map(|(of, most)| (of, most + more));
        let loose = cents(&shop.quote()["totals"]["discount"]);
        (shop.offers[0].limit, shop.offers[0].cap) = (None, None);
        let free = cents(&shop.quote()["totals"]["discount"]);
        // Halves of a cent are rounded once more where units are counted alone.
        let slack = if shop.point == "unit" || shop.point == "price" { 40 } else { 2 };
        prop_assert!(tight <= loose + slack && loose <= free + slack, "{} {} {}", tight, loose, free);
    }

    /// Of promotions that compete: the best of what is allowed is never better where less is. What a floor keeps from a line goes to the others where one
    /// amount is split (9.4, 10.3), which the choice line by line does not see: so without floors there.
    #[test]
    fn where_the_best_is_chosen_a_tighter_limit_or_cap_never_saves_more(mut shop in shops(), more in 1u32..5) {
        shop.offers.iter_mut().for_each(|offer| offer.group = "one-of");
        let saved = |shop: &Shop| {
            let policy = shop.policy("");
            let floors = if shop.point == "set" { "floors: [{ id: floor, by: [sku], table: floor.csv }]\n" } else { "none" };
            cents(&shop.quote_of(&policy.replace(floors, ""), &shop.lines)["totals"]["discount"])
        };
        let tight = saved(&shop);
        for offer in &mut shop.offers {
            offer.limit = offer.limit.map(|(of, over, most)| (of, over, most + more));
            offer.cap = offer.cap.map(|(of, most)| (of, most + more));
        }
        let loose = saved(&shop);
        shop.offers.iter_mut().for_each(|offer| (offer.limit, offer.cap) = (None, None));
        let free = saved(&shop);
        // What is given is rounded for each promotion, or for each unit.
        let slack = if shop.point == "unit" || shop.point == "price" { 40 } else { 10 };
        prop_assert!(tight <= loose + slack && loose <= free + slack, "{} {} {}", tight, loose, free);
    }

    #[test]
    fn neither_order_nor_what_is_for_others_changes_anything(shop in shops()) {
        let quote = shop.quote();
        let lines: Vec<(usize, u32)> = shop.lines.iter().rev().copied().collect();
        let others = "  - { id: x0, when: { dealer: { grade: A } }, get: { percent: 50 }, limit: { units: { order: 1 } } }\n  \
                      - { id: x1, when: { dealer: { grade: A } }, stage: freight, get: { percent: 50 }, group: one-ship }\n";
        let turned = shop.quote_of(&shop.policy(others), &lines);
        for part in ["rules", "claims", "combination"] {
            prop_assert_eq!(&quote[part], &turned[part], "{}", part);
        }
        // Without freight promotions of its own the answer tells of none; with one for others it does.
        for key in ["discount", "payable", "freight"] {
            prop_assert_eq!(&quote["totals"][key], &turned["totals"][key], "{}", key);
        }
    }
}
