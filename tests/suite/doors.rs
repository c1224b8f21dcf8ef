//! What the fuzzers found at the doors, kept as small tests.

use crate::case;
use qudao::session::Session;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import};
use serde_json::{Value, json};
use std::rc::Rc;

fn engine(name: &str) -> Rc<Engine> {
    let cases = case::all("good", &["case", "says", "source", "files", "tests"]);
    let case = cases.iter().find(|case| case.name == name).expect("the case is there");
    let mut imported = import::files(case::files(case));
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("the case is sound");
    Rc::new(Engine::load(compile::compile(&checked).bytes()).unwrap())
}

fn node(value: Value) -> Node {
    serde_json::from_value(value).unwrap()
}

fn opened() -> Value {
    json!({ "dealer": { "schema": 1, "id": "D001", "as_of": 0 }, "now": "2026-11-21T10:00:00+08:00" })
}

/// The least integer has no absolute value.
#[test]
fn the_least_integer_is_out_of_range() {
    let engine = engine("limits/good/X-budget.yaml");
    let least = "-92233720368547758.08";
    for (at, value) in [("/order/lines/0/quantity", json!(i64::MIN)), ("/dealer/credit/prepaid", json!(least))] {
        let mut question = opened();
        question["order"] = json!({ "schema": 1, "lines": [{ "sku": "P", "quantity": 1 }] });
        question["dealer"]["credit"] = json!({ "limit": "1.00", "prepaid": "0.00" });
        *question.pointer_mut(at).unwrap() = value;
        let faults = wire::quote(&engine, &node(question)).unwrap_err();
        assert_eq!(faults.0.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["NUMBER_RANGE"], "{at}");
    }
}

/// What an order may not say, a session and a catalogue may not either.
#[test]
fn a_source_is_an_id_everywhere() {
    let engine = engine("limits/good/X-budget.yaml");
    for (source, sound) in [("portal", true), ("", false), ("a\0b", false)] {
        let mut input = opened();
        input["source"] = json!(source);
        assert_eq!(Session::open(Rc::clone(&engine), &node(input.clone())).is_ok(), sound, "{source:?}");
        assert_eq!(wire::catalog(&engine, &node(input.clone())).is_ok(), sound, "{source:?}");
        let mut question = opened();
        question["order"] = json!({ "schema": 1, "source": source, "lines": [] });
        assert_eq!(wire::quote(&engine, &node(question)).is_ok(), sound, "{source:?}");
    }
}

/// Answers tell of coupons in order of the request, so a cart's order keeps it.
#[test]
fn the_order_of_a_cart_has_its_coupons_as_they_were_entered() {
    let engine = engine("coupons/good/X-coupon-reasons.yaml");
    let mut session = Session::open(Rc::clone(&engine), &node(opened())).unwrap();
    session.enter(&node(json!({ "coupons": ["TEN", "FAR"] }))).unwrap();
    let mut question = opened();
    question["order"] = serde_json::from_str(&session.order()).unwrap();
    assert_eq!(question["order"]["coupons"], json!(["TEN", "FAR"]));
    assert_eq!(session.quote(), wire::quote(&engine, &node(question)));
}

/// A line's amount is a price times a quantity, larger than any amount that an input may have; a claim of it is a claim like any other.
#[test]
fn an_order_of_the_largest_amounts_is_verified_with_its_own_figures() {
    let engine = engine("limits/good/X-budget.yaml");
    let mut question = opened();
    question["order"] = json!({ "schema": 1, "lines": [{ "sku": "P", "quantity": "99999999999" }] });
    let quote: Value = serde_json::from_str(&wire::quote(&engine, &node(question.clone())).unwrap()).unwrap();
    let line = &quote["lines"][0];
    question["claimed"] = json!({
        "result_hash": quote["result_hash"], "payable": quote["totals"]["payable"], "lines": [{ "id": line["id"], "net": line["net"] }],
    });
    let decision: Value = serde_json::from_str(&wire::verify(&engine, &node(question.clone())).unwrap()).unwrap();
    assert_eq!((&decision["verdict"], &decision["reasons"]), (&json!("accept"), &json!([])));
    question["claimed"]["lines"] = json!([{ "id": "P|EA", "net": "x" }, { "id": "P|EA" }]);
    let faults = wire::verify(&engine, &node(question)).unwrap_err();
    let found: Vec<String> = faults.0.iter().map(|fault| format!("{} {}", fault.code, fault.path)).collect();
    assert_eq!(found, ["NUMBER_INVALID claimed.lines[0].net", "KEY_MISSING claimed.lines[1].net"]);
}
