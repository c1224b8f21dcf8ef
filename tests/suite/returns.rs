//! Returns: worked figures, what is refused, and that a return of all takes back what the order added, in parts as at once.

use crate::asked::{asked, engine};
use crate::case::{self, Case};
use crate::hints::compare;
use crate::laws::{cases, cents};
use crate::world::{node, worlds};
use proptest::prelude::*;
use qudao::Engine;
use qudao::wire::{self, Faults, Node};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const KEYS: [&str; 5] = ["case", "says", "source", "files", "tests"];

#[test]
fn every_return_of_a_case_is_as_expected() {
    as_expected("returned", wire::return_preview, &["lines", "returned", "today"], &["zh", "en"]);
}

#[test]
fn every_plan_of_a_case_is_as_expected() {
    as_expected("planned", wire::redemption_plans, &["until"], &[]);
}

/// A door, and its input.
type Door = fn(&Engine, &Node) -> Result<String, Faults>;

fn as_expected(kind: &str, door: Door, keys: &[&str], languages: &[&str]) {
    let cases = case::all(kind, &KEYS);
    let wrong: Vec<String> = cases.iter().flat_map(|case| differences(case, door, keys, languages)).collect();
    assert!(wrong.is_empty() && !cases.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

fn differences(case: &Case, door: Door, keys: &[&str], languages: &[&str]) -> Vec<String> {
    let engine = engine(case);
    let mut wrong = Vec::new();
    for (test, question) in asked(case, keys) {
        let place = format!("{}: {}", case.name, test.name);
        let ask = |language: Option<&str>| {
            let mut question = question.clone();
            if let Some(language) = language {
                question["language"] = json!(language);
            }
            let text = door(&engine, &node(question)).unwrap_or_else(|faults| panic!("{place}: {faults}"));
            serde_json::from_str::<Value>(&text).unwrap()
        };
        let mut found = ask(languages.first().copied());
        if let [_, second] = languages {
            worded(&mut found, &ask(Some(second)));
        }
        for entry in test.expect.entries() {
            compare(&entry.tree, &found[&entry.key], &format!("{place}: {}", entry.key), &mut wrong);
        }
    }
    wrong
}

/// The sentences of both languages under `zh` and `en`.
fn worded(zh: &mut Value, en: &Value) {
    match zh {
        Value::Array(items) => items.iter_mut().zip(en.as_array().unwrap()).for_each(|(zh, en)| worded(zh, en)),
        Value::Object(fields) => {
            fields.iter_mut().for_each(|(key, zh)| worded(zh, &en[key]));
            if let Some(text) = fields.remove("text") {
                fields.insert("zh".to_owned(), text);
                fields.insert("en".to_owned(), en["text"].clone());
            }
        }
        _ => {}
    }
}

#[test]
fn what_cannot_come_back_is_refused() {
    let cases = case::all("returned", &KEYS);
    let case = cases.iter().find(|case| case.name.ends_with("R63.yaml")).unwrap();
    let engine = engine(case);
    let dealer = json!({ "schema": 1, "id": "D1", "as_of": 0 });
    let now = json!("2026-11-21T10:00:00+08:00");
    let order = json!({ "schema": 1, "lines": [{ "sku": "P", "quantity": 5 }] });
    let refused = |more: Value| {
        let mut input = json!({ "order": order, "dealer": dealer, "now": now });
        more.as_object().unwrap().iter().for_each(|(key, value)| input[key] = value.clone());
        let faults = wire::return_preview(&engine, &node(input)).expect_err("a fault").0;
        faults.iter().map(|fault| format!("{} {}", fault.code, fault.path)).collect::<Vec<String>>()
    };
    let line = |quantity: Value| json!({ "line": "P|EA", "quantity": quantity });
    assert_eq!(refused(json!({})), ["KEY_MISSING lines"]);
    assert_eq!(
        refused(json!({ "lines": [{ "line": "Q|EA", "quantity": 1 }, { "line": "P|EA" }] })),
        ["LINE_UNKNOWN lines[0].line", "KEY_MISSING lines[1].quantity"]
    );
    assert_eq!(refused(json!({ "lines": [line(json!(1)), line(json!(1))] })), ["RETURN_INVALID lines[1].quantity"]);
    assert_eq!(refused(json!({ "lines": [line(json!(6))] })), ["RETURN_INVALID lines[0].quantity"]);
    assert_eq!(refused(json!({ "returned": [line(json!(3))], "lines": [line(json!(3))] })), ["RETURN_INVALID lines[0].quantity"]);
    assert_eq!(refused(json!({ "lines": [line(json!(0))] })), ["NUMBER_RANGE lines[0].quantity"]);
    assert_eq!(refused(json!({ "lines": [], "today": { "now": now } })), ["KEY_MISSING today.dealer"]);
    let other = json!({ "dealer": { "schema": 1, "id": "D002", "as_of": "2026-11-21T08:00:00+08:00" }, "now": now });
    assert_eq!(
        refused(json!({ "lines": [line(json!(6))], "today": other })),
        ["RETURN_INVALID today.dealer.id", "RETURN_INVALID lines[0].quantity"]
    );
    assert_eq!(refused(json!({ "lines": [], "language": "fr" })), ["LANGUAGE_UNKNOWN language"]);
}

proptest! {
    #![proptest_config(cases(300))]

    /// What an order added is what its return takes back, whether it comes back at once or in two parts.
    #[test]
    fn a_return_takes_back_what_the_order_added(world in worlds(), seed in any::<u64>()) {
        let engine = world.engine();
        let question = world.question();
        let ask = |lines: &[(String, i64)], returned: &[(String, i64)]| -> Value {
            let written = |lines: &[(String, i64)]| {
                let line = |(line, quantity): &(String, i64)| json!({ "line": line, "quantity": quantity.to_string() });
                Value::from(lines.iter().filter(|(_, quantity)| *quantity > 0).map(line).collect::<Vec<_>>())
            };
            let mut question = question.clone();
            (question["lines"], question["returned"]) = (written(lines), written(returned));
            serde_json::from_str(&wire::return_preview(&engine, &node(question)).expect("sound input")).unwrap()
        };
        let quote: Value = serde_json::from_str(&wire::quote(&engine, &node(question.clone())).unwrap()).unwrap();
        let whole = |line: &Value| line["quantity"].as_str().unwrap().parse::<i64>().ok().map(|count| (line["id"].as_str().unwrap().to_owned(), count));
        let Some(all) = quote["lines"].as_array().unwrap().iter().map(whole).collect::<Option<Vec<_>>>() else { return Ok(()) };
        let once = ask(&all, &[]);
        let list = |value: &Value| value.as_array().unwrap().clone();
        for (rebate, back) in list(&quote["rebates"]).iter().zip(list(&once["rebates"])) {
            prop_assert_eq!(&rebate["program"], &back["program"]);
            prop_assert_eq!(cents(&rebate["delta"]), cents(&back["clawback"]));
            prop_assert_eq!(&rebate["before"], &back["after"]);
            prop_assert_eq!(&rebate["after"], &back["before"]);
        }
        let of_freight = |line: &Value| if line["tax"].is_object() { cents(&line["tax"]["gross"]) } else { cents(if line["net"].is_null() { &line["charge"] } else { &line["net"] }) };
        let freight: i64 = quote["freight"].as_array().map_or(0, |lines| lines.iter().map(of_freight).sum());
        prop_assert_eq!(cents(&once["totals"]["refund"]), cents(&quote["totals"]["payable"]) - freight);
        prop_assert_eq!(cents(&once["totals"]["lots"]), cents(&quote["totals"]["redeemed"]));
        prop_assert_eq!(cents(&once["totals"]["charge"]), cents(&quote["totals"]["gift_value"]));
        prop_assert_eq!(cents(&once["rest"]["net"]), 0);
        // In two parts.
        let part = |at: usize, count: i64| (seed.rotate_left(u32::try_from(at * 7 % 64).unwrap()) % (u64::try_from(count).unwrap() + 1)).cast_signed();
        let first: Vec<(String, i64)> = all.iter().enumerate().map(|(at, (id, count))| (id.clone(), part(at, *count))).collect();
        let second: Vec<(String, i64)> = all.iter().zip(&first).map(|((id, count), (_, part))| (id.clone(), count - part)).collect();
        let (one, two) = (ask(&first, &[]), ask(&second, &first));
        for key in ["list", "net", "value", "lots", "refund", "clawback"] {
            let of = |answer: &Value| cents(&answer["totals"][key]);
            prop_assert_eq!(of(&one) + of(&two), of(&once), "{}", key);
        }
        let lots = |answers: &[&Value]| {
            let mut sums: BTreeMap<String, i64> = BTreeMap::new();
            for lot in answers.iter().flat_map(|answer| list(&answer["lots"])) {
                *sums.entry(lot["id"].as_str().unwrap().to_owned()).or_default() += cents(&lot["amount"]);
            }
            sums
        };
        prop_assert_eq!(lots(&[&one, &two]), lots(&[&once]));
        for lines in [&one["lines"], &two["lines"]] {
            prop_assert!(list(lines).iter().all(|line| cents(&line["refund"]) >= 0 && cents(&line["lots"]) >= 0));
        }
    }
}
