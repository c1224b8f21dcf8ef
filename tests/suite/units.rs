//! Laws of units and scales, on small random policies.

use crate::laws::cases;
use proptest::prelude::*;
use qudao::wire::Node;
use qudao::{Engine, check, compile, import, wire};
use serde_json::{Value, json};

/// One product in pieces and boxes, with a scale and two promotions.
#[derive(Debug, Clone)]
struct Shop {
    box_of: i64,
    mode: &'static str,
    basis: &'static str,
    measure: &'static str,
    /// Beginning and price in cents of each band.
    bands: Vec<(i64, i64)>,
    percent: i64,
    off: i64,
}

impl Shop {
    fn engine(&self) -> Engine {
        let Shop { box_of, mode, basis, measure, percent, off, .. } = self;
        let unit = if *measure == "packs" { ", unit: 箱, broken: 3" } else { "" };
        let column = match *measure {
            "amount" => "from_amount",
            "weight" => "from_weight",
            _ => "from_quantity",
        };
        let policy = format!(
            "policy: {{ id: p, version: '1', valid: 2026-01-01 .. 2026-12-31 }}\nproducts: p.csv\n\
             prices: [{{ id: list, by: [sku], scale: {{ mode: {mode}, basis: {basis}, measure: {measure}{unit} }}, table: l.csv }}]\n\
             promotions:\n  - {{ id: a, at: {{ quantity: 10 }}, get: {{ percent: {percent} }} }}\n  - {{ id: b, on: {{ sku: P }}, get: {{ amount_off: {off} }} }}\n"
        );
        let products = format!("sku,unit,units,weight,scale_group\nP,件,箱={box_of},1.5,g\nQ,件,箱=7,0.2,g\n");
        let row = |sku: &str| {
            let row = |(from, price): &(i64, i64)| format!("{sku},{from},{}.{:02}\n", price / 100, price % 100);
            self.bands.iter().map(row).collect::<String>()
        };
        let list = format!("sku,{column},price\n{}{}", row("P"), row("Q"));
        let files = [("policy.yaml", policy), ("p.csv", products), ("l.csv", list)];
        let files = files.map(|(name, text)| (name.to_owned(), text.into_bytes())).to_vec();
        let import::Imported { policy, sources, mut diagnostics, .. } = import::files(files);
        let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:#?}", diagnostics.found));
        Engine::load(compile::compile(&checked).bytes()).unwrap()
    }
}

/// Figures of an order that do not depend on how its lines are cut.
fn figures(engine: &Engine, lines: Value) -> Value {
    let quote = quote(engine, lines);
    json!([quote["totals"], quote["rules"].as_array().unwrap().iter().map(|rule| [&rule["outcome"], &rule["saving"]]).collect::<Vec<_>>()])
}

fn quote(engine: &Engine, lines: Value) -> Value {
    let input = json!({
        "order": { "schema": 1, "lines": lines },
        "dealer": { "schema": 1, "id": "D", "as_of": 1_780_000_000_000_i64 },
        "now": 1_780_000_000_000_i64,
    });
    let node: Node = serde_json::from_value(input).unwrap();
    serde_json::from_str(&wire::quote(engine, &node).unwrap()).unwrap()
}

fn list(engine: &Engine, quantity: i64) -> i64 {
    let quote = quote(engine, json!([{ "sku": "P", "quantity": quantity }]));
    quote["totals"]["list"].as_str().unwrap().replace('.', "").parse().unwrap()
}

fn shops(modes: &'static [&'static str], bases: &'static [&'static str]) -> impl Strategy<Value = Shop> {
    let measures = prop::sample::select(&["quantity", "amount", "weight", "packs"][..]);
    let bands = prop::collection::btree_map(1_i64..40, 1_i64..2_000, 0..4);
    (2_i64..24, prop::sample::select(modes), prop::sample::select(bases), measures, 1_i64..2_000, bands, 1_i64..30, 1_i64..50).prop_map(
        |(box_of, mode, basis, measure, first, bands, percent, off)| {
            let bands = std::iter::once((0, first)).chain(bands).collect();
            Shop { box_of, mode, basis, measure, bands, percent, off }
        },
    )
}

const MODES: &[&str] = &["all_units", "graduated"];
const POOLS: &[&str] = &["sku", "group", "order"];

proptest! {
    #![proptest_config(cases(300))]

    /// Boxes cost what as many pieces cost.
    #[test]
    fn boxes_are_as_many_pieces(shop in shops(MODES, POOLS), boxes in 1_i64..20, others in 0_i64..30) {
        let engine = shop.engine();
        let with = |line: Value| {
            let other = json!({ "sku": "Q", "quantity": others });
            if others == 0 { json!([line]) } else { json!([line, other]) }
        };
        let in_boxes = figures(&engine, with(json!({ "sku": "P", "quantity": boxes, "unit": "箱" })));
        let in_pieces = figures(&engine, with(json!({ "sku": "P", "quantity": boxes * shop.box_of })));
        prop_assert_eq!(in_boxes, in_pieces);
    }

    /// A line and the same in two or three lines cost the same where they count together.
    #[test]
    fn a_line_in_parts_costs_the_same(shop in shops(MODES, POOLS), parts in prop::collection::vec(1_i64..30, 1..4), boxes in 0_i64..4) {
        let engine = shop.engine();
        let mut lines: Vec<Value> = parts.iter().enumerate().map(|(at, part)| json!({ "id": format!("{at}"), "sku": "P", "quantity": part })).collect();
        if boxes > 0 {
            lines.push(json!({ "sku": "P", "quantity": boxes, "unit": "箱" }));
        }
        let whole = parts.iter().sum::<i64>() + boxes * shop.box_of;
        prop_assert_eq!(figures(&engine, json!(lines.clone())), figures(&engine, json!([{ "sku": "P", "quantity": whole }])));
        let quote = quote(&engine, json!(lines.clone()));
        lines.reverse();
        let turned = self::quote(&engine, json!(lines));
        prop_assert_eq!(&quote["result_hash"], &turned["result_hash"]);
    }

    /// More never costs less on a graduated scale.
    #[test]
    fn graduated_lists_rise(shop in shops(&["graduated"], POOLS), quantity in 1_i64..100) {
        let engine = shop.engine();
        // The rest beside whole packs may cost more than a pack.
        if shop.measure != "packs" {
            prop_assert!(list(&engine, quantity) <= list(&engine, quantity + 1));
        }
    }
}

#[test]
fn a_cart_in_units_is_its_order() {
    let shop =
        Shop { box_of: 12, mode: "graduated", basis: "sku", measure: "packs", bands: vec![(0, 1_000), (2, 900)], percent: 10, off: 5 };
    let engine = std::rc::Rc::new(shop.engine());
    let facts = json!({ "dealer": { "schema": 1, "id": "D", "as_of": 1_780_000_000_000_i64 }, "now": 1_780_000_000_000_i64 });
    let facts: Node = serde_json::from_value(facts).unwrap();
    let mut session = qudao::session::Session::open(engine.clone(), &facts).unwrap();
    for (unit, quantity) in [("箱", 3), ("", 5), ("件", 6), ("箱", 2)] {
        session.set_in("P", unit, &Node::Int(quantity)).unwrap();
    }
    assert!(session.set_in("P", "托", &Node::Int(1)).is_err());
    let asked = json!([{ "sku": "P", "quantity": 2, "unit": "箱" }, { "sku": "P", "quantity": 6 }]);
    let fresh = quote(&engine, asked);
    let own: Value = serde_json::from_str(&session.quote().unwrap()).unwrap();
    assert_eq!(own, fresh);
    let order: Value = serde_json::from_str(&session.order()).unwrap();
    assert_eq!(quote(&engine, order["lines"].clone())["inputs_hash"], fresh["inputs_hash"]);
    // The cart at the end of the columns leads to the same hashes.
    let columns = session.columns().unwrap();
    let cart = columns.text.rsplit('\n').next().unwrap();
    let hashes: Value = serde_json::from_str(&session.hashes(cart).unwrap()).unwrap();
    assert_eq!(hashes["result_hash"], fresh["result_hash"]);
    session.set_in("P", "箱", &Node::Int(0)).unwrap();
    session.set("P", &Node::Int(0)).unwrap();
    let empty: Value = serde_json::from_str(&session.quote().unwrap()).unwrap();
    assert_eq!(empty["lines"], json!([]));
}
