//! Laws of price search (§5, §21), on random tables over every kind of key, and slices of every good case.

use crate::case;
use crate::differential::plain;
use crate::random::Random;
use crate::slice::Pair;
use crate::world::node;
use qudao::diagnostic::Diagnostics;
use qudao::{Engine, check, compile, import, limit, policy_test, wire};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// Policies that are tried.
const SHOPS: u64 = 200;
/// Key axes, each with its values; of a tree the one below first.
const AXES: [(&str, &[&str]); 10] = [
    ("dealer", &["D1", "D2"]),
    ("grade", &["A", "B"]),
    ("region", &["杭州", "浙江", "华东"]),
    ("channel", &["online", "offline"]),
    ("dealer_group", &["店", "分公司", "集团"]),
    ("city_tier", &["T1", "T2"]),
    ("sku", &["P", "Q"]),
    ("category", &["对开门", "冰箱"]),
    ("brand", &["H", "K"]),
    ("colour", &["红", "白"]),
];
const POLICY: &str = "products: products.csv
grades: [{ id: A }, { id: B }]
regions: [{ id: 华东 }, { id: 浙江, parent: 华东 }, { id: 杭州, parent: 浙江 }]
channels: [{ id: online }, { id: offline }]
dealer_groups: [{ id: 集团 }, { id: 分公司, parent: 集团 }, { id: 店, parent: 分公司 }]
categories: [{ id: 冰箱 }, { id: 对开门, parent: 冰箱 }]
brands: [{ id: H }, { id: K }]
attributes: [{ id: city_tier, of: dealer, values: [{ id: T1 }, { id: T2 }] }, { id: colour, of: product }]
";
const PRODUCTS: &str = "sku,unit,category,brand,colour\nP,EA,对开门,H,红\nQ,EA,冰箱,K,白\n";
const WHENS: [&str; 5] = [
    "",
    ", when: { dealer: { grade: A } }",
    ", when: { dealer: { group: 分公司, except: { id: D2 } } }",
    ", when: { dealer: { attributes: { city_tier: T1 } }, order: { source: portal } }",
    ", on: { attributes: { colour: 红 } }",
];

fn one_of<'a, T: ?Sized>(dice: &mut Random, list: &[&'a T]) -> &'a T {
    list[dice.index(list.len())]
}

/// One price table: its entry in the policy without the id, and its rows.
struct Table {
    entry: String,
    rows: String,
}

impl Table {
    fn new(dice: &mut Random) -> Table {
        let of_product = 6 + dice.index(4);
        let mut axes: Vec<usize> = (0..AXES.len()).filter(|axis| *axis == of_product || dice.index(4) == 0).collect();
        for at in 1..axes.len() {
            axes.swap(at, dice.index(at + 1));
        }
        let by: Vec<&str> = axes.iter().map(|axis| AXES[*axis].0).collect();
        let (by, mut keys) = (by.join(","), BTreeSet::new());
        let mut rows = format!("{by},price,per,from_quantity\n");
        for _ in 0..1 + dice.index(16) {
            let key: Vec<&str> = axes.iter().map(|axis| one_of(dice, AXES[*axis].1)).collect();
            if keys.insert(key.clone()) {
                let (price, per, from) = (10 + dice.index(4), 1 + dice.index(2), 3 * dice.index(3));
                rows += &format!("{},{price},{per},{from}\n", key.join(","));
                if dice.index(2) == 0 {
                    rows += &format!("{},{},1,{}\n", key.join(","), 4 + dice.index(12), from + 4);
                }
            }
        }
        Table { entry: format!("by: [{by}]{}", WHENS[dice.index(WHENS.len())]), rows }
    }
}

fn engine(tables: &[(usize, &Table)], resolution: &str) -> Rc<Engine> {
    let mut policy =
        format!("policy: {{ id: shop, version: '1', valid: 2026-01-01 .. 2028-12-31, resolution: {resolution} }}\n{POLICY}prices:\n");
    let mut files = vec![("products.csv".to_owned(), PRODUCTS.into())];
    for (id, table) in tables {
        policy += &format!("  - {{ id: t{id}, table: t{id}.csv, {} }}\n", table.entry);
        files.push((format!("t{id}.csv"), table.rows.clone().into_bytes()));
    }
    files.push(("policy.yaml".to_owned(), policy.clone().into_bytes()));
    let mut imported = import::files(files);
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    let checked = checked.unwrap_or_else(|| panic!("{:#?}\n{policy}", imported.diagnostics.found));
    Rc::new(Engine::load(compile::compile(&checked).bytes()).expect("a bundle"))
}

fn dealer(dice: &mut Random) -> Value {
    let mut dealer = json!({ "schema": 1, "as_of": "2026-11-21T08:00:00+08:00", "id": (one_of(dice, &["D1", "D2", "D3"])), "attributes": { "own": "x" } });
    for (key, axis) in [("grade", 1), ("region", 2), ("channel", 3), ("group", 4)] {
        if dice.index(5) > 0 {
            dealer[key] = json!(one_of(dice, AXES[axis].1));
        }
    }
    if dice.index(5) > 0 {
        dealer["attributes"]["city_tier"] = json!(one_of(dice, AXES[5].1));
    }
    dealer
}

fn lines(engine: &Engine, question: &Value) -> BTreeMap<String, Value> {
    let quote: Value = serde_json::from_str(&wire::quote(engine, &node(question.clone())).expect("a sound question")).expect("JSON");
    quote["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| (line["sku"].as_str().expect("a SKU").to_owned(), line["price"].clone()))
        .collect()
}

/// Minor units of so many base units as both prices can be for.
fn of_two(price: &Value) -> i64 {
    price["unit_price"].as_str().expect("a price").replace('.', "").parse::<i64>().expect("digits")
        * (2 / price["per"].as_i64().expect("per"))
}

/// §21.4: each table alone has its price; the sequence gives the first, the lowest or the highest of these and names the others.
#[test]
fn a_sequence_gives_what_one_of_its_tables_gives_alone() {
    let (mut beaten, mut priced) = (0, 0);
    for seed in 0..SHOPS {
        let mut dice = Random(seed);
        let tables: Vec<Table> = (0..1 + dice.index(4)).map(|_| Table::new(&mut dice)).collect();
        let numbered: Vec<(usize, &Table)> = tables.iter().enumerate().collect();
        let alone: Vec<Rc<Engine>> = numbered.iter().map(|table| engine(&[*table], "most_specific")).collect();
        for resolution in ["most_specific", "lowest", "highest"] {
            let whole = engine(&numbered, resolution);
            for _ in 0..3 {
                let (dealer, source) = (dealer(&mut dice), one_of(&mut dice, &["portal", "phone"]));
                let order = json!({ "schema": 1, "source": source, "lines": [
                    { "sku": "P", "quantity": (1 + dice.index(12)) }, { "sku": "Q", "quantity": (1 + dice.index(12)) },
                ] });
                let question = json!({ "order": order, "dealer": dealer, "now": "2026-11-21T10:00:00+08:00" });
                let said = format!("{seed} {resolution} {question}");
                let of_alone: Vec<BTreeMap<String, Value>> = alone.iter().map(|engine| lines(engine, &question)).collect();
                for (sku, price) in lines(&whole, &question) {
                    let have: Vec<&Value> = of_alone.iter().map(|lines| &lines[&sku]).filter(|price| !price.is_null()).collect();
                    // Of equal ones both of these give the first.
                    let expected = match resolution {
                        "most_specific" => have.first(),
                        "lowest" => have.iter().min_by_key(|price| of_two(price)),
                        _ => have.iter().min_by_key(|price| -of_two(price)),
                    };
                    let Some(expected) = expected else {
                        assert!(price.is_null(), "{said}");
                        continue;
                    };
                    priced += 1;
                    for key in ["access", "unit_price", "per", "key", "from_quantity"] {
                        assert_eq!(price[key], expected[key], "{key}: {said}");
                    }
                    let others: Vec<&Value> = have.iter().filter(|other| other["access"] != price["access"]).copied().collect();
                    let named = price["beaten"].as_array().expect("a list");
                    if resolution == "most_specific" {
                        assert!(named.is_empty(), "{said}");
                    } else {
                        assert_eq!(named.len(), others.len(), "{said}");
                        for (named, other) in named.iter().zip(others) {
                            assert!(["access", "unit_price", "per"].iter().all(|key| named[key] == other[key]), "{said}");
                        }
                        let missed = price["missed"].as_array().expect("a list").len();
                        assert_eq!(missed + have.len(), tables.len(), "{said}");
                        beaten += named.len();
                    }
                }
                let pair = Pair::of(&whole, &dealer);
                pair.answers_alike(&question, &said);
                pair.lists_alike(&dealer, "2026-11-21T10:00:00+08:00", Some(source), &said);
            }
        }
    }
    println!("{SHOPS} shops, {priced} prices, {beaten} beaten");
    assert!(priced > 1_000 && beaten > 200, "{priced} {beaten}");
}

#[test]
fn a_slice_of_every_good_case_answers_like_the_whole() {
    for case in case::all("good", &["case", "says", "source", "files", "tests"]) {
        let import::Imported { policy, sources, mut diagnostics, .. } = import::files(case::files(&case));
        let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{}: {:?}", case.name, diagnostics.found));
        let whole = Rc::new(Engine::load(compile::compile(&checked).bytes()).expect("a bundle"));
        for test in policy_test::read(&case.tree, |_| None, &mut Diagnostics::default()) {
            let question = plain(&test.input);
            // What the facts get wrong is refused before anything is cut.
            if wire::slice(&whole, &node(json!({ "dealer": question["dealer"] }))).is_ok() {
                let said = format!("{}: {}", case.name, test.name);
                let pair = Pair::of(&whole, &question["dealer"]);
                pair.answers_alike(&question, &said);
                if let Some(now) = question["now"].as_str() {
                    pair.lists_alike(&question["dealer"], now, question["order"]["source"].as_str(), &said);
                }
            }
        }
    }
}

#[test]
fn a_policy_has_so_many_attributes_and_not_one_more() {
    let codes = |count: usize| -> Vec<String> {
        let attributes: Vec<String> = (0..count).map(|at| format!("{{ id: a{at}, of: dealer }}")).collect();
        let policy = format!("policy: {{ id: p, version: '1' }}\nproducts: products.csv\nattributes: [{}]\n", attributes.join(", "));
        let mut imported =
            import::files(vec![("policy.yaml".to_owned(), policy.into_bytes()), ("products.csv".to_owned(), b"sku,unit\nP,EA\n".to_vec())]);
        check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        imported.diagnostics.found.iter().map(|finding| finding.code.to_string()).collect()
    };
    assert_eq!(codes(limit::POLICY_ATTRIBUTES), [""; 0]);
    assert_eq!(codes(limit::POLICY_ATTRIBUTES + 1), ["LIMIT_EXCEEDED"]);
}

#[test]
fn conditions_name_so_many_ranges_of_an_attribute_and_not_one_more() {
    let imported = |ranges: usize| {
        let ranges: Vec<String> = (0..ranges).map(|at| format!("{at} ..")).collect();
        let policy = format!(
            "policy: {{ id: p, version: '1', valid: 2026-01-01 .. }}\nproducts: products.csv\nattributes: [{{ id: area, of: dealer, kind: number }}]\nprices: [{{ id: l, by: [sku], table: l.csv }}]\npromotions: [{{ id: r, when: {{ dealer: {{ attributes: {{ area: [{}] }} }} }}, get: {{ percent: 1 }} }}]\n",
            ranges.join(", ")
        );
        let files = [("policy.yaml", policy.as_str()), ("products.csv", "sku,unit\nP,EA\n"), ("l.csv", "sku,price\nP,10\n")];
        let mut imported = import::files(files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect());
        let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        let codes: Vec<String> = imported.diagnostics.found.iter().map(|finding| finding.code.to_string()).collect();
        (checked, codes)
    };
    let (checked, codes) = imported(limit::ATTRIBUTE_RANGES);
    assert_eq!(codes, [""; 0]);
    assert_eq!(imported(limit::ATTRIBUTE_RANGES + 1).1, ["LIMIT_EXCEEDED"]);
    let engine = Engine::load(compile::compile(&checked.expect("a policy")).bytes()).expect("a bundle");
    let quote = |area: &str| -> Value {
        let dealer = json!({ "schema": 1, "id": "D", "as_of": "2026-11-21T10:00:00Z", "attributes": { "area": area } });
        let order = json!({ "schema": 1, "lines": [{ "sku": "P", "quantity": 1 }] });
        let question = json!({ "dealer": dealer, "order": order, "now": "2026-11-21T10:00:00Z" });
        wire::quote(&engine, &node(question)).map_or(Value::Null, |text| serde_json::from_str(&text).expect("JSON"))
    };
    assert_eq!(quote("-0.000001")["totals"]["net"], "10.00");
    assert_eq!(quote("0")["totals"]["net"], "9.90");
    assert_eq!(quote("100000000000")["totals"]["net"], "9.90");
    assert_eq!(quote("100000000000.000001"), Value::Null);
}

#[test]
fn a_formula_has_as_many_rows_as_the_ceiling_says() {
    let codes = |count: usize| {
        let grades: Vec<String> = (0..count).map(|at| format!("{{ id: G{at} }}")).collect();
        let rows: Vec<String> = (0..count).map(|at| format!("{{ grade: G{at}, percent: 1 }}")).collect();
        let policy = format!(
            "policy: {{ id: many, version: \"1\" }}\nproducts: products.csv\ngrades: [{}]\nprices: [{{ id: graded, formula: {{ from: list, rows: [{}] }} }}, {{ id: list, by: [sku], table: list.csv }}]\n",
            grades.join(", "),
            rows.join(", ")
        );
        let files = [("policy.yaml", policy.as_str()), ("products.csv", "sku,unit\nP,EA\n"), ("list.csv", "sku,price\nP,1\n")];
        let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into());
        check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        imported.diagnostics.found.iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(codes(limit::FORMULA_ROWS), [""; 0]);
    assert_eq!(codes(limit::FORMULA_ROWS + 1), ["LIMIT_EXCEEDED"]);
}
