//! Registered prices and approved adjustments: what is taken is there, what is there is taken first, and the order of lines does not matter.

use crate::laws::cases;
use crate::offers;
use crate::slice::Pair;
use crate::world::node;
use proptest::prelude::*;
use proptest::sample::select;
use qudao::wire;
use qudao::{Engine, limit};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::rc::Rc;

/// One registration: price, limit, limit by month, end customer, units used.
type Row = (u32, Option<u32>, Option<u32>, Option<&'static str>, u32);
const CUSTOMERS: [Option<&str>; 3] = [None, Some("hospital"), Some("school")];

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let most = || prop::option::weighted(0.7, 1_u32..30);
    prop::collection::vec((50_u32..130, most(), prop::option::weighted(0.3, 1_u32..20), select(CUSTOMERS.to_vec()), 0_u32..12), 0..4)
}

fn engine(rows: &[Row], resolution: &str, listed: bool) -> Engine {
    let policy = format!(
        "policy: {{ id: r, version: '1', valid: 2026-01-01 .. 2028-12-31, resolution: {resolution} }}\nproducts: products.csv\nprices:\n\
         - {{ id: special, by: [dealer, sku], registered: special, period: month, table: special.csv }}\n\
         - {{ id: list, by: [sku], table: list.csv }}\nfloors: [{{ id: floor, by: [sku], table: floor.csv }}]\n\
         promotions: [{{ id: cut, get: {{ percent: 10 }} }}]\n"
    );
    let mut special = "registration,dealer,sku,price,limit,period_limit,customer\n".to_owned();
    let text = |number: &Option<u32>| number.map_or_else(String::new, |number| number.to_string());
    for (at, (price, limit, monthly, customer, _)) in rows.iter().enumerate() {
        writeln!(special, "R{at},D,P,{price},{},{},{}", text(limit), text(monthly), customer.unwrap_or_default()).unwrap();
    }
    let list = if listed { "sku,price\nP,100\n" } else { "sku,price\nQ,100\n" };
    let files = [
        ("policy.yaml", policy.as_str()),
        ("products.csv", "sku,unit,units\nP,EA,BOX=6\nQ,EA,\n"),
        ("special.csv", &special),
        ("list.csv", list),
        ("floor.csv", "sku,price\nP,70\n"),
    ];
    offers::engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into())
}

fn quote(engine: &Engine, question: &Value) -> Value {
    serde_json::from_str(&wire::quote(engine, &node(question.clone())).unwrap()).unwrap()
}

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

fn units(value: &Value) -> u32 {
    value.as_str().unwrap().parse().unwrap()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().unwrap()
}

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn registrations_give_what_is_left_and_no_more(
        rows in rows(),
        resolution in select(vec!["most_specific", "lowest", "highest"]),
        listed in prop::bool::weighted(0.8),
        lines in prop::collection::vec((1_u32..25, select(CUSTOMERS.to_vec()), any::<bool>()), 1..5),
        ship_to in select(CUSTOMERS.to_vec()),
        off in prop::collection::vec((0_usize..5, 1_u32..60), 0..3),
    ) {
        let engine = Rc::new(engine(&rows, resolution, listed));
        let used: Vec<Value> = rows.iter().enumerate().map(|(at, (.., used))| {
            json!({ "registration": format!("R{at}"), "sku": "P", "used": used, "periods": { "2026-11": used / 2 } })
        }).collect();
        let adjustments: Vec<Value> = off.iter().enumerate().map(|(at, (line, percent))| {
            json!({ "id": format!("T{at}"), "line": format!("l{line}"), "percent": percent, "approver": "B", "reason": "" })
        }).collect();
        let dealer = json!({ "schema": 1, "id": "D", "as_of": 0, "registrations": used, "adjustments": adjustments });
        let sent: Vec<Value> = lines.iter().enumerate().map(|(at, (quantity, customer, boxes))| {
            json!({ "id": format!("l{at}"), "sku": "P", "quantity": quantity, "customer": customer, "unit": if *boxes { "BOX" } else { "EA" } })
        }).collect();
        let mut question = json!({ "order": { "schema": 1, "lines": sent }, "dealer": dealer, "now": "2026-11-21T10:00:00+08:00" });
        if let Some(customer) = ship_to {
            question["order"]["ship_to"] = json!({ "customer": customer });
        }
        let answer = quote(&engine, &question);

        for line in list(&answer, "lines") {
            let portions = line["price"]["portions"].as_array().cloned().unwrap_or_default();
            if !portions.is_empty() {
                prop_assert_eq!(portions.iter().map(|portion| cents(&portion["list"])).sum::<i64>(), cents(&line["list"]));
                prop_assert_eq!(portions.iter().map(|portion| units(&portion["quantity"])).sum::<u32>(), units(&line["base_quantity"]));
                prop_assert!(portions.iter().all(|portion| units(&portion["quantity"]) > 0));
            }
            let steps = list(line, "adjustments").iter().map(|step| cents(&step["amount"]));
            prop_assert_eq!(cents(&line["list"]) - steps.sum::<i64>(), cents(&line["net"]));
            if !line["floor"].is_null() {
                prop_assert!(cents(&line["net"]) >= cents(&line["floor"]).min(cents(&line["list"])));
            }
        }
        // What is taken in all is what was left, or less; and it is what is claimed.
        let mut taken = vec![0; rows.len()];
        for entry in list(&answer, "registrations") {
            let at: usize = entry["registration"].as_str().unwrap()[1..].parse().unwrap();
            let (price, most, monthly, customer, used) = rows[at];
            let limits = [most.map(|most| most.saturating_sub(used)), monthly.map(|most| most.saturating_sub(used / 2))];
            let left = limits.into_iter().flatten().min().map(|left: u32| left - taken[at].min(left));
            prop_assert_eq!(&entry["left"], &json!(left.map(|left| left.to_string())));
            prop_assert_eq!(cents(&entry["unit_price"]), i64::from(price) * 100);
            let line: usize = entry["line"].as_str().unwrap()[1..].parse().unwrap();
            prop_assert!(customer.is_none() || customer == lines[line].1.or(ship_to));
            prop_assert!(left.is_none_or(|left| units(&entry["quantity"]) <= left));
            taken[at] += units(&entry["quantity"]);
        }
        let mut claimed = vec![0; rows.len()];
        for claim in list(&answer, "claims").iter().filter(|claim| claim["kind"] == "registration") {
            prop_assert_eq!((&claim["sku"], &claim["period"]), (&json!("P"), &json!("2026-11")));
            claimed[claim["registration"].as_str().unwrap()[1..].parse::<usize>().unwrap()] += units(&claim["quantity"]);
        }
        prop_assert_eq!(&claimed, &taken);
        // With most_specific nothing is at the list price as long as a registration has room for a whole unit of the line.
        if resolution == "most_specific" {
            for line in list(&answer, "lines").iter().filter(|line| line["price"]["access"] == "list") {
                let unit = if line["unit"] == "BOX" { 6 } else { 1 };
                for entry in list(&answer, "registrations").iter().filter(|entry| entry["line"] == line["id"]) {
                    let left = entry["left"].as_str().map_or(u32::MAX, |left| left.parse().unwrap());
                    prop_assert!(left - units(&entry["quantity"]) < unit);
                }
            }
        }
        for (entry, (line, percent)) in list(&answer, "approved").iter().zip(&off) {
            let of_line = list(&answer, "lines").iter().find(|of| of["id"] == format!("l{line}"));
            let asked = of_line.map_or(0, |line| (cents(&line["list"]) * i64::from(*percent) + 50) / 100);
            prop_assert_eq!(cents(&entry["saving"]) + cents(&entry["lost"]), asked);
        }

        // What a catalogue says of them is what they are for the first unit that is ordered.
        let customer = ship_to.or(lines[0].1);
        let one = json!({ "schema": 1, "lines": [{ "sku": "P", "quantity": 1, "customer": customer }] });
        let first = quote(&engine, &json!({ "order": one, "dealer": dealer, "now": question["now"] }));
        let asked = json!({ "dealer": dealer, "now": question["now"], "find": "P", "customer": customer });
        let catalog: Value = serde_json::from_str(&wire::catalog(&engine, &node(asked)).unwrap()).unwrap();
        for (held, met) in list(&catalog["items"][0], "registrations").iter().zip(list(&first, "registrations")) {
            for key in ["access", "kind", "registration", "approver", "unit_price", "per", "left"] {
                prop_assert_eq!(&held[key], &met[key], "{}", key);
            }
        }
        prop_assert_eq!(list(&catalog["items"][0], "registrations").len(), list(&first, "registrations").len());

        let mut turned = question.clone();
        turned["order"]["lines"].as_array_mut().unwrap().reverse();
        let other = quote(&engine, &turned);
        for key in ["registrations", "claims", "approved", "totals", "result_hash"] {
            prop_assert_eq!(&answer[key], &other[key], "{}", key);
        }
        let pair = Pair::of(&engine, &question["dealer"]);
        pair.answers_alike(&question, "registrations");
        let others = json!({ "schema": 1, "id": "E", "as_of": 0 });
        let foreign = json!({ "order": question["order"], "dealer": others, "now": question["now"] });
        Pair::of(&engine, &others).answers_alike(&foreign, "a dealer without registrations");
    }
}

/// Of another dealer's registrations a slice has neither number nor approver nor price.
#[test]
fn a_slice_holds_no_registration_of_others() {
    let policy = "policy: { id: s, version: '1' }\nproducts: products.csv\nprices:\n\
        - { id: special, by: [dealer, sku], registered: special, table: special.csv }\n- { id: list, by: [sku], table: list.csv }\n";
    let special = "registration,dealer,sku,price,approver,customer\nREG-D,D,P,7654.32,BOSS-D,HOSP-D\nREG-E,E,P,6543.21,BOSS-E,HOSP-E\n";
    let files =
        [("policy.yaml", policy), ("products.csv", "sku,unit\nP,EA\n"), ("special.csv", special), ("list.csv", "sku,price\nP,9999\n")];
    let whole = Rc::new(offers::engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into()));
    let secrets = |dealer: &str, price: i64| -> Vec<Vec<u8>> {
        let mark = qudao::bundle::customer_mark(&format!("HOSP-{dealer}")).to_le_bytes();
        vec![format!("REG-{dealer}").into_bytes(), format!("BOSS-{dealer}").into_bytes(), price.to_le_bytes().to_vec(), mark.to_vec()]
    };
    let has = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    for (own, others) in [(("D", 765_432), ("E", 654_321)), (("E", 654_321), ("D", 765_432))] {
        let bytes = wire::slice(&whole, &node(json!({ "dealer": { "schema": 1, "id": own.0, "as_of": 0 } }))).unwrap();
        assert!(secrets(own.0, own.1).iter().all(|text| has(bytes.bytes(), text)), "{own:?}");
        assert!(!secrets(others.0, others.1).iter().any(|text| has(bytes.bytes(), text)), "{own:?}");
    }
}

/// Facts of so many entries.
type Made<'a> = &'a dyn Fn(usize) -> Value;

#[test]
fn facts_have_so_many_registrations_and_adjustments_and_not_one_more() {
    let engine = engine(&[(80, None, None, None, 0)], "lowest", true);
    let asked = |key: &str, value: Value| {
        let mut dealer = json!({ "schema": 1, "id": "D", "as_of": 0 });
        dealer[key] = value;
        let question = json!({ "order": { "schema": 1, "lines": [] }, "dealer": dealer, "now": "2026-11-21T10:00:00+08:00" });
        wire::quote(&engine, &node(question)).map_err(|faults| faults.0[0].code)
    };
    let registrations =
        |count: usize| json!((0..count).map(|at| json!({ "registration": "R0", "sku": format!("{at}") })).collect::<Vec<_>>());
    let periods = |count: usize| {
        let periods: serde_json::Map<String, Value> = (0..count).map(|at| (format!("{at}"), json!(1))).collect();
        json!([{ "registration": "R0", "sku": "P", "periods": periods }])
    };
    let adjustment = |at: usize| json!({ "id": format!("{at}"), "line": "l", "percent": 1, "approver": "B", "reason": "" });
    let adjustments = |count: usize| json!((0..count).map(adjustment).collect::<Vec<_>>());
    let tried: [(&str, Made, usize); 3] = [
        ("registrations", &registrations, limit::FACT_REGISTRATIONS),
        ("registrations", &periods, limit::FACT_PERIODS),
        ("adjustments", &adjustments, limit::FACT_ADJUSTMENTS),
    ];
    for (key, make, most) in tried {
        assert!(asked(key, make(most)).is_ok(), "{key}");
        assert_eq!(asked(key, make(most + 1)).err(), Some("LIMIT_EXCEEDED"), "{key}");
    }
    for off in [json!({ "percent": 0 }), json!({ "percent": 101 }), json!({ "amount": "0.00" }), json!({ "amount": "-1.00" })] {
        let mut wrong = adjustment(0);
        wrong.as_object_mut().unwrap().remove("percent");
        wrong.as_object_mut().unwrap().extend(off.as_object().unwrap().clone());
        assert_eq!(asked("adjustments", json!([wrong])).err(), Some("NUMBER_RANGE"), "{off}");
    }
    for off in [json!({}), json!({ "percent": 1, "amount": "1.00" })] {
        let mut wrong = json!({ "id": "A", "line": "l", "approver": "B", "reason": "" });
        wrong.as_object_mut().unwrap().extend(off.as_object().unwrap().clone());
        assert_eq!(asked("adjustments", json!([wrong])).err(), Some("KEY_MISSING"), "{off}");
    }
}

/// A table of registrations as a spreadsheet saves it becomes canonical, and what is canonical stays so.
#[test]
fn a_table_of_registrations_comes_back_byte_for_byte() {
    let policy = "policy: { id: r, version: '1' }\nproducts: products.csv\nprices:\n\
        - { id: special, by: [dealer, sku], registered: special, period: quarter, table: special.csv }\n";
    let messy = "sku,price,dealer,registration,limit,period_limit,approver,customer,valid_from,valid_to\n\
        P,\"￥1,200\",D,BB-1,\"1,000\",100,王芳,,2026/3/1,2026/3/31\nP,１１００,D,BB-2,,,,医院,,\n";
    let canonical = "registration,dealer,sku,approver,customer,limit,period_limit,price,valid\n";
    let export = |table: &str| {
        let files = [("policy.yaml", policy), ("products.csv", "sku,unit\nP,EA\n"), ("special.csv", table)];
        let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned()));
        let read = qudao::import::canonical(files.into(), None);
        assert!(read.imported.diagnostics.found.is_empty(), "{:#?}", read.imported.diagnostics.found);
        read.tables.into_iter().find(|table| table.id == "special").unwrap().text
    };
    let text = export(messy);
    let header = text.lines().next().unwrap().split(',').collect::<std::collections::BTreeSet<_>>();
    assert_eq!(header, canonical.trim().split(',').collect());
    assert!(text.contains("1000") && text.contains("1200") && text.contains("2026-03-01 .. 2026-03-31"), "{text}");
    assert_eq!(export(&text), text);
}
