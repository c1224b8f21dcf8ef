//! What a guard says would make it pass does, whatever the order; and the verdict that follows from guards.

use crate::channel;
use crate::laws::cases;
use crate::world::{World, node, worlds};
use proptest::prelude::*;
use qudao::session::Session;
use qudao::{Engine, check, compile, import, wire};
use serde_json::{Value, json};
use std::rc::Rc;

fn quote(engine: &Engine, question: &Value) -> Value {
    serde_json::from_str(&wire::quote(engine, &node(question.clone())).unwrap()).unwrap()
}

fn verify(engine: &Engine, question: &Value) -> Value {
    serde_json::from_str(&wire::verify(engine, &node(question.clone())).unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn minor(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Minor units as facts write them.
fn money(minor: i64, digits: u32) -> String {
    let one = 10_i64.pow(digits);
    if digits == 0 { minor.to_string() } else { format!("{}.{:0width$}", minor / one, minor % one, width = digits as usize) }
}

/// Whether a guard like this one still bites: of the same code and check, and of the same account.
fn bites(answer: &Value, guard: &Value) -> bool {
    list(&answer["guards"]).iter().any(|other| ["code", "check", "of"].iter().all(|key| other[*key] == guard[*key]))
}

/// The order without some of its lines.
fn without(question: &Value, answer: &Value, lines: &[Value]) -> Value {
    let mut question = question.clone();
    // Lines have their SKU and unit as id, and merged ones stand together in the answer.
    let gone: Vec<&Value> = list(&answer["lines"]).iter().filter(|line| lines.contains(&line["id"])).map(|line| &line["sku"]).collect();
    question["order"]["lines"].as_array_mut().unwrap().retain(|line| !gone.contains(&&line["sku"]));
    question
}

/// Pays into the account that a guard is about.
fn prepaid(question: &Value, guard: &Value, digits: u32) -> Value {
    let mut question = question.clone();
    let credit = &mut question["dealer"]["credit"];
    let account = if guard["of"] == "group" { &mut credit["group"] } else { credit };
    let paid = account.get("prepaid").filter(|paid| !paid.is_null()).map_or(0, minor);
    account["prepaid"] = json!(money(paid + minor(&guard["prepay"]), digits));
    question
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn every_cure_holds(
        world in worlds(),
        (limit, receivable, group) in (0i64..3_000_000, 0i64..2_000_000, prop::option::of(0i64..3_000_000)),
        (most, used, days, late) in (1i64..2_000_000, 1i64..100, 0i64..60, 0i64..50_000),
        overdue in prop::collection::vec((0i64..30_000, 0i64..90), 0..6),
        status in prop::option::weighted(0.2, Just("released")),
    ) {
        let digits = world.digits();
        let more = format!(
            "checks:\n  - {{ id: most, order_maximum: {} }}\n  - {{ id: used, credit_used: {used} }}\n  - {{ id: late, overdue: {{ days: {days}, amount: {} }} }}\n",
            money(most, digits), money(late, digits),
        );
        let engine = Rc::new(channel::engine(&world, &more));
        let mut question = world.question();
        // Each line by its SKU, so that what is removed is told apart by it.
        for line in question["order"]["lines"].as_array_mut().unwrap() {
            line.as_object_mut().unwrap().remove("id");
        }
        let items: Vec<Value> = overdue.iter().map(|(amount, days)| json!({ "amount": money(*amount, digits), "days": days })).collect();
        question["dealer"]["credit"] = json!({ "limit": money(limit, digits), "receivable": money(receivable, digits), "overdue": items });
        if let Some(group) = group {
            question["dealer"]["credit"]["group"] = json!({ "limit": money(group, digits), "receivable": money(receivable, digits) });
        }
        if let Some(status) = status {
            question["dealer"]["credit"]["status"] = json!(status);
        }
        let answer = quote(&engine, &question);
        for guard in list(&answer["guards"]) {
            let code = guard["code"].as_str().unwrap();
            if matches!(code, "ORDER_MAX" | "CREDIT_OVERDUE" | "CREDIT_USED" | "CREDIT_LIMIT") {
                prop_assert!(status.is_none(), "{}", guard);
            }
            if !guard["prepay"].is_null() {
                prop_assert!(!bites(&quote(&engine, &prepaid(&question, guard, digits)), guard), "{}", guard);
            }
            if let Some(lines) = guard.get("remove").and_then(Value::as_array) {
                prop_assert!(!lines.is_empty());
                prop_assert!(!bites(&quote(&engine, &without(&question, &answer, lines)), guard), "{}", guard);
            }
            if code == "CREDIT_OVERDUE" {
                // Paid off from the oldest item on.
                let (mut pay, mut paid) = (minor(&guard["pay"]), question.clone());
                let items = paid["dealer"]["credit"]["overdue"].as_array_mut().unwrap();
                items.sort_by_key(|item| std::cmp::Reverse(item["days"].as_i64()));
                for item in items {
                    let taken = pay.min(minor(&item["amount"]));
                    pay -= taken;
                    item["amount"] = json!(money(minor(&item["amount"]) - taken, digits));
                }
                prop_assert!(!bites(&quote(&engine, &paid), guard), "{}", guard);
            }
        }
        // The same in a session that had other lines before.
        let mut session = Session::open(engine.clone(), &node(json!({ "dealer": question["dealer"], "now": question["now"] }))).unwrap();
        let mut plain = question.clone();
        plain["order"] = json!({ "schema": 1, "lines": [{ "sku": World::sku(0), "quantity": 3 }] });
        session.set(&World::sku(0), &wire::Node::Int(1)).unwrap();
        session.changes().unwrap();
        session.set(&World::sku(0), &wire::Node::Int(3)).unwrap();
        prop_assert_eq!(session.quote(), wire::quote(&engine, &node(plain)));
    }

    /// What is suggested is what minimum and multiple let pass, as much of it as fits; what stock is told of is kept.
    #[test]
    fn what_is_suggested_can_be_ordered(
        world in worlds(),
        own in (0i64..40, 0i64..40, 0i64..60, 0i64..120),
        available in 0i64..60,
        ordered in 0i64..30,
    ) {
        let engine = world.engine();
        let (on_hand, on_order, point, max) = own;
        let sku = World::sku(0);
        let mut question = world.question();
        question["dealer"]["stock"] = json!([{ "sku": sku, "available": available }]);
        question["dealer"]["inventory"] = json!([{ "sku": sku, "on_hand": on_hand, "on_order": on_order, "reorder_point": point, "max": max }]);
        let with = |quantity: &Value| {
            let mut question = question.clone();
            question["order"] = json!({ "schema": 1, "lines": [] });
            if quantity != &json!(0) {
                question["order"]["lines"] = json!([{ "sku": sku, "quantity": quantity }]);
            }
            quote(&engine, &question)
        };
        let passes = |answer: &Value| !list(&answer["guards"]).iter().any(|guard| guard["code"].as_str().unwrap().starts_with("QTY_"));
        let answer = with(&json!(ordered));
        let suggested = list(&answer["replenishment"]);
        let position = on_hand + on_order + ordered;
        prop_assert_eq!(suggested.is_empty(), position > point, "{}", answer["replenishment"]);
        for product in suggested {
            prop_assert!(passes(&with(&product["order"])), "{}", product);
        }
        for guard in list(&answer["guards"]).iter().filter(|guard| guard["code"] == "STOCK") {
            prop_assert!(ordered > available);
            if !guard["nearest"].is_null() {
                let fits = with(&guard["nearest"]);
                prop_assert!(passes(&fits) && !bites(&fits, guard), "{}", guard);
            }
        }
    }
}

/// The engine of a small policy.
fn small(more: &str) -> Engine {
    let constants = "products: p.csv\nprices: [{ id: list, by: [sku], table: l.csv }]\n";
    let tables = [
        ("p.csv", "sku,unit,min_quantity\nA,EA,\nB,EA,5\nC,EA,\nD,EA,50\n"),
        ("l.csv", "sku,price\nA,100\nB,10\nD,1\n"),
        ("policy.yaml", constants),
        ("more.yaml", more),
    ];
    let files = tables.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()));
    let mut imported = import::files(files.into());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    Engine::load(compile::compile(&checked.unwrap_or_else(|| panic!("{:#?}", imported.diagnostics.found))).bytes()).unwrap()
}

fn order(lines: &[(&str, i64)]) -> Value {
    let lines: Vec<Value> = lines.iter().map(|(sku, quantity)| json!({ "sku": sku, "quantity": quantity })).collect();
    json!({ "order": { "schema": 1, "lines": lines }, "dealer": { "schema": 1, "id": "D1", "as_of": 1_790_000_000_000_i64 }, "now": 1_800_000_000_000_i64 })
}

/// §27.18: C has no price, B is too few; A alone comes to 100.00, which is too little for an order.
#[test]
fn blocked_lines_are_dropped_and_the_rest_decides() {
    let drop = "policy: { id: small, version: '1', blocked_lines: drop }\npromotions: [{ id: off, at: { amount: 120 }, get: { amount_off: 20 } }]\n";
    let engine = small(drop);
    let question = order(&[("A", 1), ("B", 2), ("C", 1)]);
    let verdict = verify(&engine, &question);
    assert_eq!((&verdict["verdict"], &verdict["quote"]["totals"]["payable"]), (&json!("accept_with_changes"), &json!("100.00")));
    let dropped: Vec<(&Value, &Value)> = list(&verdict["dropped"]).iter().map(|guard| (&guard["line"], &guard["code"])).collect();
    assert_eq!(dropped, [(&json!("B|EA"), &json!("QTY_MIN")), (&json!("C|EA"), &json!("PRICE_MISSING"))]);
    // It is the answer to the order without them, and who has seen that is not asked again.
    assert_eq!(verdict["quote"], quote(&engine, &order(&[("A", 1)])));
    let mut again = question.clone();
    again["claimed"] = json!({ "result_hash": verdict["quote"]["result_hash"] });
    assert_eq!(verify(&engine, &again)["verdict"], "accept");
    again["claimed"] = json!({ "result_hash": quote(&engine, &question)["result_hash"], "lines": [{ "id": "A|EA", "net": "83.34" }, { "id": "B|EA", "net": "16.66" }] });
    let verdict = verify(&engine, &again);
    let reasons: Vec<(&Value, &Value)> = list(&verdict["reasons"]).iter().map(|reason| (&reason["code"], &reason["line"])).collect();
    assert_eq!(
        (&verdict["verdict"], reasons),
        (&json!("accept_with_changes"), vec![(&json!("CHANGED_LINE"), &json!("A|EA")), (&json!("CHANGED_LINE"), &json!("B|EA"))])
    );
    assert_eq!(verify(&engine, &order(&[("A", 1), ("B", 5)]))["dropped"], json!([]));
    // Nothing is left.
    let verdict = verify(&engine, &order(&[("C", 1)]));
    assert_eq!((&verdict["verdict"], &verdict["quote"]["lines"]), (&json!("reject"), &json!([])));
    // What blocks the order itself cannot be dropped.
    let engine = small(&format!("{drop}checks: [{{ id: least, order_minimum: {{ amount: 101 }} }}]\n"));
    let verdict = verify(&engine, &question);
    assert_eq!(
        (&verdict["verdict"], &verdict["reasons"][0]["code"], list(&verdict["dropped"]).len()),
        (&json!("reject"), &json!("ORDER_MIN"), 2)
    );
    // Elsewhere the order is refused whole.
    let verdict = verify(&small("policy: { id: small, version: '1' }\n"), &question);
    assert_eq!((&verdict["verdict"], &verdict["dropped"]), (&json!("reject"), &json!([])));
}

/// Each round drops the first line of a product of which there is too little: so many, and not one more.
#[test]
fn lines_are_dropped_in_so_many_rounds_and_not_one_more() {
    use qudao::limit;
    let engine = small("policy: { id: small, version: '1', blocked_lines: drop }\n");
    for (count, expected) in [(limit::DROP_ROUNDS, "accept_with_changes"), (limit::DROP_ROUNDS + 1, "reject")] {
        let mut question = order(&[("A", 1)]);
        let lines = question["order"]["lines"].as_array_mut().unwrap();
        // Fewer than the five that a product of its own takes, in as many lines as there are.
        lines.extend((0..count).map(|at| json!({ "id": format!("D{at:02}"), "sku": "D", "quantity": 1 })));
        let verdict = verify(&engine, &question);
        assert_eq!((&verdict["verdict"], list(&verdict["dropped"]).len()), (&json!(expected), limit::DROP_ROUNDS));
    }
}

/// What is left of n lines comes to 101.00 until one is left, so each round removes one.
#[test]
fn what_to_remove_is_sought_in_so_many_rounds_and_not_one_more() {
    use qudao::limit;
    let steps: Vec<String> = (2..20).map(|count| format!("{{ from: {count}, amount_off: {} }}", 100 * count - 101)).collect();
    let engine = small(&format!(
        "policy: {{ id: small, version: '1' }}\npromotions: [{{ id: off, steps: {{ quantity: [{}] }} }}]\nchecks: [{{ id: most, order_maximum: 100 }}]\n",
        steps.join(", "),
    ));
    for (removed, expected) in [(limit::REMOVAL_ROUNDS, Some(limit::REMOVAL_ROUNDS)), (limit::REMOVAL_ROUNDS + 1, None)] {
        let mut question = order(&[]);
        question["order"]["lines"] = (0..=removed).map(|at| json!({ "id": format!("A{at:02}"), "sku": "A", "quantity": 1 })).collect();
        let answer = quote(&engine, &question);
        assert_eq!(answer["totals"]["payable"], "101.00");
        assert_eq!(answer["guards"][0]["remove"].as_array().map(Vec::len), expected);
    }
}

/// Of nine that bite the first eight say what to remove.
#[test]
fn so_many_guards_say_what_to_remove_and_not_one_more() {
    use qudao::limit;
    let checks: String = (0..limit::REMOVALS + 1).map(|at| format!("  - {{ id: c{at}, order_maximum: {} }}\n", 100 + at)).collect();
    let answer = quote(&small(&format!("policy: {{ id: small, version: '1' }}\nchecks:\n{checks}")), &order(&[("A", 1), ("B", 10)]));
    let found: Vec<bool> = list(&answer["guards"]).iter().map(|guard| guard["remove"] == json!(["A|EA"])).collect();
    assert_eq!(found, [vec![true; limit::REMOVALS], vec![false]].concat());
    assert_eq!(answer["guards"][limit::REMOVALS]["remove"], Value::Null);
}

/// Each severity of a guard has its verdict.
#[test]
fn the_gravest_guard_decides() {
    for (severity, expected) in [("info", "accept"), ("warn", "accept"), ("route", "route"), ("block", "reject")] {
        let engine = small(&format!("policy: {{ id: small, version: '1' }}\nguards: {{ status: {severity}, stock: info }}\n"));
        let mut question = order(&[("A", 2)]);
        question["dealer"]["status"] = json!("hold");
        question["dealer"]["stock"] = json!([{ "sku": "A", "available": 1 }]);
        let verdict = verify(&engine, &question);
        let reasons: Vec<&str> = list(&verdict["reasons"]).iter().map(|reason| reason["code"].as_str().unwrap()).collect();
        assert_eq!((verdict["verdict"].as_str(), list(&verdict["quote"]["guards"]).len()), (Some(expected), 2));
        assert_eq!(reasons[0], if severity == "info" { "STOCK" } else { "DEALER_STATUS" });
    }
}

/// Every guard has the severity that the policy gives its kind, or its own entry; but what has no price is always blocked.
#[test]
fn every_guard_has_every_severity() {
    let source = include_str!("../../src/wire/answer.rs");
    let (_, rest) = source.split_once("pub fn finding_code").expect("the codes begin");
    let (codes, _) = rest.split_once("\n}").expect("the codes end");
    let codes: Vec<&str> = codes.split('"').skip(1).step_by(2).collect();
    let products = "sku,unit,category,min_quantity,multiple,step,max_order,max_period\n\
        A,EA,,5,,,,\nB,EA,,,4,,,\nC,EA,,5,,3,,\nD,EA,,,,,2,\nE,EA,,,,,,2\nF,EA,,,,,,\nG,EA,,,,,,\nH,EA,,,,,,\nL,EA,K,,,,,\nN,EA,,,,,,\n\
        S,EA,,,,,,\nV,EA,,,,,,\nW,EA,,,,,,\n";
    let priced: String = "ABCDEFGHLSVW".chars().map(|sku| format!("{sku},100\n")).collect();
    let checks = [
        "order_minimum: { amount: 100000 }",
        "order_maximum: 1",
        "overdue: { days: 0, amount: 0 }",
        "credit_used: 1",
        "corridor: { min: 97 }",
        "licence: K",
        "source: app",
        "facts_age_minutes: 1",
    ];
    let engine = |severity: &str, own: &str| {
        let kinds = "quantity floor approval assortment territory exclusive redemption credit status stock order_minimum order_maximum overdue \
            credit_used corridor licence source stale";
        let kinds: Vec<String> = kinds.split_whitespace().map(|kind| format!("{kind}: {severity}")).collect();
        let checks: String = checks.iter().enumerate().map(|(at, check)| format!("  - {{ id: c{at}, {check}{own} }}\n")).collect();
        let policy = format!(
            "policy: {{ id: all, version: '1', ungranted: closed }}\nproducts: p.csv\nregions: [{{ id: R }}, {{ id: Q }}]\ncategories: [{{ id: K }}]\n\
             prices: [{{ id: list, by: [sku], table: l.csv }}]\nfloors: [{{ id: floor, by: [sku], table: f.csv }}]\n\
             approvals: [{{ id: approval, by: [sku], table: a.csv }}]\nrecommended: [{{ id: msrp, by: [sku], table: m.csv }}]\n\
             assortment: [{{ on: {{ sku: V }}, state: visible_not_orderable }}, {{ on: {{ sku: W }}, state: hidden }}]\n\
             territory: [{{ when: {{ dealer: {{ id: D2 }} }}, region: R, mode: exclusive }}]\n\
             guards: {{ {} }}\nchecks:\n{checks}",
            kinds.join(", "),
        );
        let list = format!("sku,price\n{priced}");
        let tables = [("p.csv", products), ("l.csv", &list), ("f.csv", "sku,price\nF,200\n"), ("a.csv", "sku,price\nG,150\n")];
        let more = [("m.csv", "sku,price\nH,200\n"), ("policy.yaml", policy.as_str())];
        crate::offers::engine(tables.into_iter().chain(more).map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect())
    };
    let lines =
        [("A", 1), ("B", 3), ("C", 6), ("D", 3), ("E", 3), ("F", 1), ("G", 1), ("H", 1), ("L", 1), ("N", 1), ("S", 3), ("V", 1), ("W", 1)];
    for region in ["R", "Q"] {
        let mut question = order(&lines);
        question["order"]["source"] = json!("portal");
        question["order"]["redeem"] = json!("5.00");
        question["order"]["ship_to"] = json!({ "region": region });
        question["dealer"]["status"] = json!("hold");
        question["dealer"]["stock"] = json!([{ "sku": "S", "available": 1 }]);
        let account = json!({ "limit": "1", "receivable": "1000" });
        question["dealer"]["credit"] =
            json!({ "limit": "1", "receivable": "1000", "overdue": [{ "amount": "1", "days": 1 }], "group": account });
        for severity in ["info", "warn", "route", "block"] {
            for (constant, own) in [(severity, String::new()), ("info", format!(", severity: {severity}"))] {
                let answer = quote(&engine(constant, &own), &question);
                let found: Vec<&str> = list(&answer["guards"]).iter().map(|guard| guard["code"].as_str().unwrap()).collect();
                for code in &codes {
                    assert!(found.contains(code), "{code} does not bite: {found:?}");
                }
                for guard in list(&answer["guards"]) {
                    let always = guard["code"] == "PRICE_MISSING" || guard["state"] == "hidden";
                    let expected = match always {
                        true => "block",
                        false if guard["check"].is_null() => constant,
                        false => severity,
                    };
                    assert_eq!(guard["severity"], expected, "{guard}");
                }
            }
        }
    }
}

/// Facts hold so many entries and not one more.
#[test]
fn lists_of_facts_end_at_their_limits() {
    use qudao::limit;
    let engine = small("policy: { id: small, version: '1' }\ncategories: [{ id: K }]\n");
    let licence = |_: usize| json!({ "category": "K" });
    let overdue = |_: usize| json!({ "amount": "1", "days": 1 });
    let stock = |index: usize| json!({ "sku": "A", "warehouse": format!("W{index}"), "available": 1 });
    type Entries<'a> = (&'a str, usize, &'a dyn Fn(usize) -> Value);
    let lists: [Entries; 3] =
        [("licences", limit::FACT_LICENCES, &licence), ("overdue", limit::FACT_OVERDUE, &overdue), ("stock", limit::FACT_STOCK, &stock)];
    for (key, most, entry) in lists {
        for (count, expected) in [(most, None), (most + 1, Some("LIMIT_EXCEEDED"))] {
            let mut question = order(&[]);
            let entries: Value = (0..count).map(entry).collect();
            if key == "overdue" {
                question["dealer"]["credit"] = json!({ "limit": "0", "overdue": entries });
            } else {
                question["dealer"][key] = entries;
            }
            let found = wire::quote(&engine, &node(question)).err().map(|faults| faults.0[0].code);
            assert_eq!(found, expected, "{key}: {count}");
        }
    }
    let checks =
        |count: usize| format!("checks:\n{}", (0..count).map(|at| format!("  - {{ id: c{at}, order_maximum: 1 }}\n")).collect::<String>());
    let codes = |more: String| {
        let files = [
            ("policy.yaml", "policy: { id: small, version: '1' }\nproducts: p.csv\n"),
            ("p.csv", "sku,unit\nA,EA\n"),
            ("more.yaml", &more),
        ];
        let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
        check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        imported.diagnostics.found.iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(codes(checks(limit::CHECKS)), [""; 0]);
    assert_eq!(codes(checks(limit::CHECKS + 1)), ["LIMIT_EXCEEDED"]);
}
