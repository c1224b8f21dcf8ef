//! Every ceiling of `src/limit.rs`: at it an input passes, one past it does not. A constant without a row in [`LIMITS`] fails.

use qudao::diagnostic::{Code, Diagnostics};
use qudao::import::tree;
use qudao::session::Session;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import, limit};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::rc::Rc;

/// Each constant, with what shows it.
const LIMITS: &[(&str, Shown)] = &[
    ("ORDER_LINES", Shown::By(order_lines)),
    ("ID_CHARS", Shown::By(id_chars)),
    ("KEYS", Shown::By(keys)),
    ("ATTRIBUTES", Shown::By(attributes)),
    ("ATTRIBUTE_CHARS", Shown::By(attribute_chars)),
    ("FACT_VOLUMES", Shown::By(fact_volumes)),
    ("FACT_CONTESTS", Shown::By(fact_contests)),
    ("RANKS_AHEAD", Shown::By(ranks_ahead)),
    ("COVERED", Shown::By(covered)),
    ("TIERS", Shown::In("tests/suite/rebates.rs", "limit::TIERS + 1")),
    ("PRICE_RISES", Shown::In("tests/suite/rebates.rs", "limit::PRICE_RISES + 1")),
    ("FORECAST_WEIGHT", Shown::In("tests/cases/programs/bad/forecast.yaml", "10001")),
    ("REDEEM_LOTS", Shown::In("tests/cases/redemption/bad/limits.yaml", "1001")),
    ("PERIODS", Shown::In("tests/suite/rebates.rs", "limit::PERIODS + 1")),
    ("MODIFIERS", Shown::In("tests/suite/rebates.rs", "limit::MODIFIERS + 1")),
    ("REQUIREMENTS", Shown::In("tests/suite/rebates.rs", "limit::REQUIREMENTS + 1")),
    ("SPLITS", Shown::In("tests/suite/rebates.rs", "limit::SPLITS + 1")),
    ("KPIS", Shown::In("tests/suite/rebates.rs", "limit::KPIS + 1")),
    ("KPI", Shown::In("tests/cases/programs/bad/modifiers.yaml", "1000000000.1")),
    ("FACT_PROGRAMS", Shown::In("tests/suite/rebates.rs", "limit::FACT_PROGRAMS + 1")),
    ("COUPONS", Shown::By(coupons)),
    ("COMBO_PARTS", Shown::By(combo_parts)),
    ("STEP_PROPORTION", Shown::By(step_proportion)),
    ("COMBO_UNITS", Shown::By(combo_units)),
    ("COMBO_RIVALS", Shown::By(combo_rivals)),
    ("CLAUSES", Shown::By(clauses)),
    ("CLAUSE_PARTS", Shown::In("src/bundle/mod.rs", "limit::CLAUSE_PARTS")),
    ("CLAUSE_DEPTH", Shown::In("tests/cases/conditions/bad/conditions.yaml", "LIMIT_EXCEEDED")),
    ("FACT_SOURCES", Shown::In("tests/suite/conditions.rs", "limit::FACT_SOURCES + 1")),
    ("TAGS", Shown::By(tags)),
    ("GIFT_ITEMS", Shown::In("tests/cases/gifts/bad/too-many-items.yaml", "LIMIT_EXCEEDED")),
    ("GIFT_CHOICES", Shown::In("tests/suite/offers.rs", "limit::GIFT_CHOICES")),
    ("HINT_QUOTES", Shown::By(hint_quotes)),
    ("HINTS", Shown::In("tests/suite/hints.rs", "limit::HINTS + 1")),
    ("ALTERNATIVES", Shown::In("tests/suite/hints.rs", "limit::ALTERNATIVES")),
    ("HINT_UNITS", Shown::In("tests/cases/hints/answers/X-hint-packs.yaml", "10001")),
    ("HINT_ROUNDS", Shown::In("tests/cases/hints/answers/X-hint-rounds.yaml", "ninth")),
    ("LOT_SCOPES", Shown::By(lot_scopes)),
    ("HINT_PACKS", Shown::In("tests/suite/hints.rs", "limit::HINT_PACKS + 1")),
    ("HINT_PRODUCTS", Shown::In("tests/cases/hints/answers/X-hint-set-slot.yaml", "fifth")),
    ("DECLINED", Shown::In("tests/suite/offers.rs", "limit::DECLINED")),
    ("FACT_SKUS", Shown::In("tests/suite/quotas.rs", "limit::FACT_SKUS")),
    ("FACT_USAGE", Shown::In("tests/suite/offers.rs", "limit::FACT_USAGE")),
    ("FACT_BUDGETS", Shown::In("tests/suite/offers.rs", "limit::FACT_BUDGETS")),
    ("FACT_LOTS", Shown::In("tests/suite/channel.rs", "limit::FACT_LOTS + 1")),
    ("FACT_REGISTRATIONS", Shown::In("tests/suite/registered.rs", "limit::FACT_REGISTRATIONS")),
    ("FACT_PERIODS", Shown::In("tests/suite/registered.rs", "limit::FACT_PERIODS")),
    ("FACT_ADJUSTMENTS", Shown::In("tests/suite/registered.rs", "limit::FACT_ADJUSTMENTS")),
    ("LISTINGS", Shown::In("tests/suite/channel.rs", "limit::LISTINGS + 1")),
    ("GRANTS", Shown::In("tests/suite/channel.rs", "limit::GRANTS + 1")),
    ("TRANSITION_MONTHS", Shown::In("tests/cases/transition/bad/dates.yaml", "121 months")),
    ("FREIGHT_TABLES", Shown::In("tests/suite/tax.rs", "limit::FREIGHT_TABLES + 1")),
    ("FREIGHT_ROWS", Shown::In("tests/suite/tax.rs", "limit::FREIGHT_ROWS + 1")),
    ("POINTS", Shown::In("tests/cases/programs/bad/points.yaml", "1000001")),
    ("WEIGHT", Shown::In("tests/cases/freight/bad/rows.yaml", "100000001")),
    ("POLICY_ATTRIBUTES", Shown::In("tests/suite/prices.rs", "limit::POLICY_ATTRIBUTES + 1")),
    ("ATTRIBUTE_NUMBER", Shown::In("tests/suite/prices.rs", "\"100000000000.000001\"")),
    ("ATTRIBUTE_RANGES", Shown::In("tests/suite/prices.rs", "limit::ATTRIBUTE_RANGES + 1")),
    ("FACT_OVERDUE", Shown::In("tests/suite/guards.rs", "limit::FACT_OVERDUE")),
    ("FACT_LICENCES", Shown::In("tests/suite/guards.rs", "limit::FACT_LICENCES")),
    ("FACT_STOCK", Shown::In("tests/suite/guards.rs", "limit::FACT_STOCK")),
    ("NOTICE_DAYS", Shown::In("tests/cases/territory/bad/grants.yaml", "notice_days: 3661")),
    ("CHECKS", Shown::In("tests/suite/guards.rs", "limit::CHECKS + 1")),
    ("REMOVALS", Shown::In("tests/suite/guards.rs", "limit::REMOVALS + 1")),
    ("REMOVAL_ROUNDS", Shown::In("tests/suite/guards.rs", "limit::REMOVAL_ROUNDS + 1")),
    ("DROP_ROUNDS", Shown::In("tests/suite/guards.rs", "limit::DROP_ROUNDS + 1")),
    ("FACTS_AGE_MINUTES", Shown::By(facts_age_minutes)),
    ("CORRIDOR", Shown::By(corridor)),
    ("OVERDUE_DAYS", Shown::By(overdue_days)),
    ("FACT_BOUGHT", Shown::In("tests/suite/quantities.rs", "limit::FACT_BOUGHT + 1")),
    ("DAILY", Shown::By(daily)),
    ("LEAD_DAYS", Shown::By(lead_days)),
    ("FAULTS", Shown::By(faults)),
    ("DEPTH", Shown::By(depth)),
    ("TREE_DEPTH", Shown::By(tree_depth)),
    ("MONEY", Shown::By(money)),
    ("PER", Shown::By(per)),
    ("QUANTITY", Shown::By(quantity)),
    ("CONTEXTS", Shown::By(contexts)),
    ("CATALOG_PAGE", Shown::By(catalog_page)),
    ("OCCURRENCES", Shown::In("tests/cases/dates/bad/occurrences.yaml", "10,000")),
    ("ALL_OCCURRENCES", Shown::In("tests/cases/dates/bad/occurrences.yaml", "500,000")),
    ("SLICE_INTERVALS", Shown::By(slice_intervals)),
    ("BUNDLE_BYTES", Shown::By(bundle_bytes)),
    ("COLUMN", Shown::In("src/bundle/columns.rs", "limit::COLUMN + 1")),
    ("SEARCH_STEPS", Shown::By(search_steps)),
    ("SHEET_ROWS", Shown::In("src/import/sheet.rs", "limit::SHEET_ROWS + 1")),
    ("SHEET_COLUMNS", Shown::In("src/import/sheet.rs", "limit::SHEET_COLUMNS - 1")),
    ("SHEET_BYTES", Shown::In("src/import/sheet.rs", "part_within(&mut archive, \"a\", 99_999)")),
    ("FORMULA_ROWS", Shown::In("tests/suite/prices.rs", "limit::FORMULA_ROWS + 1")),
    ("RATE", Shown::In("tests/suite/settle.rs", "1000000.1")),
    ("CONTEST_PLACES", Shown::In("tests/cases/programs/bad/contests.yaml", "places: 1000")),
    ("SCORE_KPIS", Shown::In("tests/suite/grades.rs", "limit::SCORE_KPIS + 1")),
    ("SCORE_POINTS", Shown::In("tests/cases/grades/bad/scorecards.yaml", "most: 1001")),
    ("SCORE_FIGURE", Shown::In("tests/suite/grades.rs", "1000000000001")),
    ("SCORE_MONTHS", Shown::In("tests/cases/grades/bad/scorecards.yaml", "newcomer_months: 121")),
    ("SCORE_DEALERS", Shown::In("tests/suite/grades.rs", "limit::SCORE_DEALERS + 1")),
    ("FILE_BYTES", Shown::In("src/import/folder.rs", "limit::FILE_BYTES + 1")),
];

/// What shows a ceiling.
#[derive(Clone, Copy)]
enum Shown {
    /// This.
    By(fn()),
    /// A case or a test elsewhere, with words of it.
    In(&'static str, &'static str),
}

#[test]
fn every_ceiling_is_tested_at_it_and_one_past_it() {
    let constant = |line: &'static str| line.strip_prefix("pub const ")?.split(':').next();
    let written: Vec<&str> = include_str!("../../src/limit.rs").lines().filter_map(constant).collect();
    let listed: Vec<&str> = LIMITS.iter().map(|(name, _)| *name).collect();
    let untested: Vec<&&str> = written.iter().filter(|name| !listed.contains(name)).collect();
    assert!(untested.is_empty(), "constants of src/limit.rs without a row in LIMITS: {untested:?}");
    assert_eq!(written.len(), listed.len(), "a row in LIMITS without a constant");
    for (name, shown) in LIMITS {
        match shown {
            Shown::By(test) => test(),
            Shown::In(file, words) => {
                let text = std::fs::read_to_string(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("the file is there");
                assert!(text.contains(words), "{file} shows {name} no more");
            }
        }
    }
}

const POLICY: &str = "policy: { id: limits, version: '1' }\nproducts: p.csv\nprices: [{ id: list, by: [sku], table: l.csv }]\n";

/// The codes found in a small policy with other text in its files, and its engine where there are none.
fn policy(policy: &str, products: &str, prices: &str) -> Result<Engine, Vec<String>> {
    bundle(policy, products, prices).map(|bytes| Engine::load(&bytes).unwrap())
}

/// As above, with the bundle's bytes.
fn bundle(policy: &str, products: &str, prices: &str) -> Result<Vec<u8>, Vec<String>> {
    let files = [("policy.yaml", policy), ("p.csv", products), ("l.csv", prices)];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    match check::check(imported.policy, &imported.sources, &mut imported.diagnostics) {
        Some(checked) => Ok(compile::compile(&checked).bytes().to_vec()),
        None => Err(imported.diagnostics.found.iter().map(|finding| finding.code.to_string()).collect()),
    }
}

/// One product, priced 0.01, with a promotion, a program, a coupon.
fn engine() -> Engine {
    let more = "promotions: [{ id: off, get: { percent: 1 } }]\n\
                programs: [{ id: year, period: year, mode: incremental, tiers: [{ from: 0, percent: 1 }] }]\n";
    policy(&format!("{POLICY}{more}"), "sku,unit\nP,EA\n", "sku,price\nP,0.01\n").unwrap()
}

fn question() -> Value {
    json!({
        "order": { "schema": 1, "lines": [{ "sku": "P", "quantity": 1 }] },
        "dealer": { "schema": 1, "id": "D", "as_of": 0 },
        "now": 1_800_000_000_000_i64,
    })
}

fn node(value: &Value) -> Node {
    serde_json::from_value(value.clone()).unwrap()
}

/// The codes of what is wrong with an input of `count` at `path`.
fn asked(engine: &Engine, path: &str, value: Value) -> Vec<&'static str> {
    let mut question = question();
    let (above, key) = path.rsplit_once('/').unwrap();
    question.pointer_mut(above).unwrap()[key] = value;
    match wire::quote(engine, &node(&question)) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.0.iter().map(|fault| fault.code).collect(),
    }
}

/// At the ceiling nothing is wrong, one past it this is.
fn refused<const N: usize>(code: &str, found: [Vec<&'static str>; N]) {
    let (past, at) = found.split_last().unwrap();
    assert!(at.iter().all(Vec::is_empty), "{at:?}");
    assert_eq!(*past, [code]);
}

/// The codes found in a policy with these promotions.
fn promotions(list: &str) -> Vec<String> {
    let text = format!("{POLICY}groups: [{{ id: units, mode: best }}]\npromotions:\n{list}");
    policy(&text, "sku,unit\nP,EA\n", "sku,price\nP,1\n").err().unwrap_or_default()
}

fn combo_parts() {
    let parts = |count: usize| vec!["{ on: { sku: P }, quantity: 1 }"; count].join(", ");
    let found = |count: usize| promotions(&format!("  - {{ id: a, combo: {{ parts: [{}] }}, get: {{ percent: 1 }} }}\n", parts(count)));
    assert_eq!((found(limit::COMBO_PARTS), found(limit::COMBO_PARTS + 1)), (Vec::new(), vec!["NUMBER_RANGE".to_owned()]));
}

fn step_proportion() {
    let found = |times: i64| {
        let steps = format!("[{{ from: 1, amount_off: 1 }}, {{ from: {times}, amount_off: 2 }}]");
        promotions(&format!("  - {{ id: a, steps: {{ quantity: {steps}, decompose: best }} }}\n"))
    };
    assert_eq!((found(limit::STEP_PROPORTION), found(limit::STEP_PROPORTION + 1)), (Vec::new(), vec!["COMBINATION_INVALID".to_owned()]));
}

fn combo_units() {
    let found = |count: u32| promotions(&format!("  - {{ id: a, combo: {{ quantity: {count} }}, get: {{ percent: 1 }} }}\n"));
    assert_eq!((found(limit::COMBO_UNITS), found(limit::COMBO_UNITS + 1)), (Vec::new(), vec!["NUMBER_RANGE".to_owned()]));
}

fn combo_rivals() {
    let one = |id: usize| format!("  - {{ id: p{id}, combo: {{ quantity: 2 }}, get: {{ percent: 1 }}, group: units }}\n");
    let found = |count: usize| promotions(&(0..count).map(one).collect::<String>());
    assert_eq!((found(limit::COMBO_RIVALS), found(limit::COMBO_RIVALS + 1)), (Vec::new(), vec!["LIMIT_EXCEEDED".to_owned()]));
}

fn clauses() {
    let any = |count: usize| vec!["{ cart: { skus: 1 } }"; count - 1].join(", ");
    let found = |count: usize| promotions(&format!("  - {{ id: a, if: {{ any: [{}] }}, get: {{ percent: 1 }} }}\n", any(count)));
    assert_eq!((found(limit::CLAUSES), found(limit::CLAUSES + 1)), (Vec::new(), vec!["LIMIT_EXCEEDED".to_owned()]));
}

fn tags() {
    let one = |id: usize| format!("  - {{ id: p{id}, stage: line, get: {{ percent: 1 }}, tags: t{id} }}\n");
    let names = |count: usize| (0..count).map(|id| format!("t{id}")).collect::<Vec<_>>().join(", ");
    let last = |count: usize| format!("  - {{ id: last, get: {{ percent: 1 }}, not_with: [{}] }}\n", names(count));
    let found = |count: usize| promotions(&((0..count).map(one).collect::<String>() + &last(count)));
    assert_eq!((found(limit::TAGS), found(limit::TAGS + 1)), (Vec::new(), vec!["LIMIT_EXCEEDED".to_owned()]));
}

/// The codes found in a policy with this check.
fn checked(check: &str) -> Vec<String> {
    let text = format!("{POLICY}recommended: [{{ id: msrp, by: [sku], table: l.csv }}]\nchecks: [{{ id: a, {check} }}]\n");
    policy(&text, "sku,unit\nP,EA\n", "sku,price\nP,1\n").err().unwrap_or_default()
}

fn facts_age_minutes() {
    let found = |minutes: u32| checked(&format!("facts_age_minutes: {minutes}"));
    assert_eq!((found(limit::FACTS_AGE_MINUTES), found(limit::FACTS_AGE_MINUTES + 1)), (Vec::new(), vec!["NUMBER_RANGE".to_owned()]));
}

fn corridor() {
    let found = |percent: i128| checked(&format!("corridor: {{ max: {percent} }}"));
    assert_eq!((found(limit::CORRIDOR * 100), found(limit::CORRIDOR * 100 + 1)), (Vec::new(), vec!["NUMBER_RANGE".to_owned()]));
}

fn overdue_days() {
    let found = |days: usize| {
        let credit = json!({ "limit": "0", "overdue": [{ "amount": "1", "days": days }] });
        asked(&engine(), "/dealer/credit", credit)
    };
    refused("NUMBER_RANGE", [found(limit::OVERDUE_DAYS), found(limit::OVERDUE_DAYS + 1)]);
}

/// What is wrong with facts of a product that sells so much in so many days.
fn sold(daily: &str, lead_days: usize) -> Vec<&'static str> {
    let own = json!([{ "sku": "P", "on_hand": 0, "max": 1, "daily": daily, "lead_days": lead_days }]);
    asked(&engine(), "/dealer/inventory", own)
}

fn daily() {
    let most = qudao::num::Scale(6).show(limit::DAILY);
    refused("NUMBER_RANGE", [sold(&most, 1), sold(&qudao::num::Scale(6).show(limit::DAILY + 1), 1)]);
}

fn lead_days() {
    refused("NUMBER_RANGE", [sold("1", limit::LEAD_DAYS), sold("1", limit::LEAD_DAYS + 1)]);
}

fn order_lines() {
    let engine = engine();
    let lines = |count: usize| Value::Array(vec![json!({ "sku": "P", "quantity": 1 }); count]);
    refused("LIMIT_EXCEEDED", [limit::ORDER_LINES, limit::ORDER_LINES + 1].map(|count| asked(&engine, "/order/lines", lines(count))));
    // A cart holds as many.
    let mut products = "sku,unit\n".to_owned();
    (0..=limit::ORDER_LINES).for_each(|index| writeln!(products, "P{index},EA").unwrap());
    let engine = policy(POLICY, &products, "sku,price\nP0,1\n").unwrap();
    let mut question = question();
    question.as_object_mut().unwrap().remove("order");
    let mut cart = Session::open(Rc::new(engine), &node(&question)).unwrap();
    (0..limit::ORDER_LINES).for_each(|index| cart.set(&format!("P{index}"), &Node::Int(1)).unwrap());
    let fault = cart.set(&format!("P{}", limit::ORDER_LINES), &Node::Int(1)).unwrap_err();
    assert_eq!(fault.0[0].code, "LIMIT_EXCEEDED");
}

fn id_chars() {
    let engine = engine();
    let id = |count: usize| json!("箱".repeat(count));
    refused("ID_INVALID", [limit::ID_CHARS, limit::ID_CHARS + 1].map(|count| asked(&engine, "/dealer/id", id(count))));
    refused(
        "LIMIT_EXCEEDED",
        [limit::ID_CHARS, limit::ID_CHARS + 1].map(|count| asked(&engine, "/order/attributes", json!({ "箱".repeat(count): "x" }))),
    );
    let sku = |count: usize| policy(POLICY, &format!("sku,unit\n{},EA\n", "箱".repeat(count)), "sku,price\n").map(|_| ());
    assert_eq!(sku(limit::ID_CHARS), Ok(()));
    assert_eq!(sku(limit::ID_CHARS + 1), Err(vec!["ID_INVALID".to_owned()]));
}

fn keys() {
    let object = |count: usize| {
        let keys: Vec<String> = (0..count).map(|index| format!("\"k{index}\":1")).collect();
        serde_json::from_str::<Node>(&format!("{{{}}}", keys.join(",")))
    };
    assert!(object(limit::KEYS).is_ok());
    assert!(object(limit::KEYS + 1).unwrap_err().to_string().contains("at most 1000 keys"));
}

fn attributes() {
    let engine = engine();
    let many = |count: usize| (0..count).map(|index| (format!("k{index}"), json!("x"))).collect::<Value>();
    for of in ["/order/attributes", "/dealer/attributes"] {
        refused("LIMIT_EXCEEDED", [limit::ATTRIBUTES, limit::ATTRIBUTES + 1].map(|count| asked(&engine, of, many(count))));
    }
}

fn attribute_chars() {
    let engine = engine();
    let long = |count: usize| json!({ "k": "箱".repeat(count) });
    let counts = [limit::ATTRIBUTE_CHARS, limit::ATTRIBUTE_CHARS + 1];
    refused("LIMIT_EXCEEDED", counts.map(|count| asked(&engine, "/order/attributes", long(count))));
}

fn fact_volumes() {
    let engine = engine();
    let volumes = |count: usize| (0..count).map(|index| json!({ "program": "year", "period": index.to_string() })).collect::<Value>();
    let counts = [limit::FACT_VOLUMES, limit::FACT_VOLUMES + 1];
    refused("LIMIT_EXCEEDED", counts.map(|count| asked(&engine, "/dealer/volumes", volumes(count))));
}

/// A standing with so many ranks ahead.
fn standing(index: usize, ahead: usize) -> Value {
    let ahead = vec![json!({ "rank": 1, "gap": { "amount": "1" } }); ahead];
    json!({ "contest": "race", "program": "year", "period": index.to_string(), "as_of": 0, "of": 1, "volume": { "amount": "1" }, "ahead": ahead })
}

fn fact_contests() {
    let engine = engine();
    let standings = |count: usize| (0..count).map(|index| standing(index, 0)).collect::<Value>();
    let counts = [limit::FACT_CONTESTS, limit::FACT_CONTESTS + 1];
    refused("LIMIT_EXCEEDED", counts.map(|count| asked(&engine, "/dealer/contests", standings(count))));
}

fn ranks_ahead() {
    let engine = engine();
    let counts = [limit::RANKS_AHEAD, limit::RANKS_AHEAD + 1];
    refused("LIMIT_EXCEEDED", counts.map(|count| asked(&engine, "/dealer/contests", json!([standing(0, count)]))));
}

fn coupons() {
    let engine = engine();
    let codes = |count: usize| (0..count).map(|index| json!(format!("C{index}"))).collect::<Value>();
    refused("LIMIT_EXCEEDED", [limit::COUPONS, limit::COUPONS + 1].map(|count| asked(&engine, "/order/coupons", codes(count))));
}

fn faults() {
    let engine = engine();
    let wrong = |count: usize| Value::Array(vec![json!({ "sku": "?", "quantity": 1 }); count]);
    for count in [limit::FAULTS - 1, limit::FAULTS, limit::FAULTS + 1] {
        assert_eq!(asked(&engine, "/order/lines", wrong(count)).len(), count.min(limit::FAULTS));
    }
}

fn depth() {
    let found = |levels: usize| {
        let mut diagnostics = Diagnostics::default();
        // The mapping around it is a level too.
        tree::read(0, &format!("a: {}1{}", "[".repeat(levels), "]".repeat(levels)), &mut diagnostics);
        diagnostics.found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(found(limit::DEPTH), []);
    assert_eq!(found(limit::DEPTH + 1), [Code::LimitExceeded]);
}

fn tree_depth() {
    let regions = |levels: usize| {
        let mut text = "regions: [{ id: r0 }".to_owned();
        (1..=levels).for_each(|level| write!(text, ", {{ id: r{level}, parent: r{} }}", level - 1).unwrap());
        policy(&format!("{POLICY}{text}]\n"), "sku,unit\nP,EA\n", "sku,price\n").map(|_| ())
    };
    assert_eq!(regions(limit::TREE_DEPTH), Ok(()));
    assert_eq!(regions(limit::TREE_DEPTH + 1), Err(vec!["LIMIT_EXCEEDED".to_owned()]));
}

/// An integer with two digits after the point.
fn hundredths(image: i64) -> String {
    format!("{}.{:02}", image / 100, image % 100)
}

fn money() {
    let engine = engine();
    let credit = |image: i64| json!({ "limit": hundredths(image) });
    refused("NUMBER_RANGE", [limit::MONEY, limit::MONEY + 1].map(|image| asked(&engine, "/dealer/credit", credit(image))));
    let price = |image: i64| {
        let policy_text = POLICY.replace("version: '1'", "version: '1', unit_scale: 2");
        policy(&policy_text, "sku,unit\nP,EA\n", &format!("sku,price\nP,{}\n", hundredths(image))).map(|_| ())
    };
    assert_eq!(price(limit::MONEY), Ok(()));
    assert_eq!(price(limit::MONEY + 1), Err(vec!["NUMBER_RANGE".to_owned()]));
}

fn per() {
    let per = |per: u32| policy(POLICY, "sku,unit\nP,EA\n", &format!("sku,price,per\nP,1,{per}\n")).map(|_| ());
    assert_eq!(per(limit::PER), Ok(()));
    assert_eq!(per(limit::PER + 1), Err(vec!["NUMBER_RANGE".to_owned()]));
}

fn quantity() {
    let engine = engine();
    let scale = engine.policy().constants.quantity_scale.0;
    let most = limit::QUANTITY / 10_i64.pow(scale);
    let line = |quantity: i64| json!([{ "sku": "P", "quantity": quantity }]);
    refused("NUMBER_RANGE", [most, most + 1].map(|quantity| asked(&engine, "/order/lines", line(quantity))));
    // Merged lines are one quantity.
    let two = |more: i64| json!([{ "sku": "P", "quantity": most - 1 }, { "sku": "P", "quantity": more }]);
    refused("NUMBER_RANGE", [1, 2].map(|more| asked(&engine, "/order/lines", two(more))));
}

fn catalog_page() {
    let engine = engine();
    for (limit, sound) in [(limit::CATALOG_PAGE, true), (limit::CATALOG_PAGE + 1, false)] {
        let mut input = question();
        input.as_object_mut().unwrap().remove("order");
        input["limit"] = json!(limit);
        assert_eq!(wire::catalog(&engine, &node(&input)).is_ok(), sound);
    }
}

/// More dealers than are remembered get the same answers in every round.
fn contexts() {
    let engine = engine();
    let of_dealer = |dealer: usize| {
        let mut question = question();
        question["dealer"]["id"] = json!(format!("D{dealer}"));
        wire::quote(&engine, &node(&question)).unwrap()
    };
    for count in [limit::CONTEXTS, limit::CONTEXTS + 1] {
        let round = || (0..count).map(of_dealer).collect::<Vec<_>>();
        assert_eq!(round(), round());
    }
}

fn covered() {
    let program = |covers: usize| {
        format!(
            "{POLICY}\nprograms: [{{ id: r, covers: sku, period: year, mode: retroactive, tiers: [{{ from: 0, percent: 1 }}], requires: [{{ program: r, covers: {covers} }}] }}]\n"
        )
    };
    let made = |covers: usize| policy(&program(covers), "sku,unit\nP,EA\n", "sku,price\nP,1\n");
    let engine = made(limit::COVERED).unwrap();
    assert_eq!(made(limit::COVERED + 1).map(|_| ()), Err(vec!["NUMBER_RANGE".to_owned()]));
    let volumes = |count: usize| {
        let units = vec![json!({ "of": "P", "quantity": "1" }); count];
        json!([{ "program": "r", "period": "2026", "posted": { "covered": units } }])
    };
    let counts = [limit::COVERED, limit::COVERED + 1];
    refused("LIMIT_EXCEEDED", counts.map(|count| asked(&engine, "/dealer/volumes", volumes(count))));
}

/// A slice of a price with more gaps than are told apart is larger, never another.
fn slice_intervals() {
    for count in [limit::SLICE_INTERVALS, limit::SLICE_INTERVALS + 1] {
        let mut prices = "sku,price,valid\n".to_owned();
        for gap in 0..count {
            let day = |day: usize| format!("2026-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
            writeln!(prices, "P,{},{} .. {}", 1 + gap, day(2 * gap), day(2 * gap)).unwrap();
        }
        let whole = policy(POLICY, "sku,unit\nP,EA\n", &prices).unwrap();
        let mut question = question();
        let mut facts = question.clone();
        facts.as_object_mut().unwrap().retain(|key, _| key == "dealer");
        let slice = Engine::load(wire::slice(&whole, &node(&facts)).unwrap().bytes()).unwrap();
        for now in ["2026-01-01T00:00:00+08:00", "2026-01-02T00:00:00+08:00", "2026-08-03T12:00:00+08:00", "2026-12-01T00:00:00+08:00"] {
            question["now"] = json!(now);
            assert_eq!(wire::quote(&slice, &node(&question)).ok(), wire::quote(&whole, &node(&question)).ok());
        }
    }
}

/// A longer one is refused before anything is done with it; one of this length gets as far as its hash.
fn bundle_bytes() {
    let sound = bundle(POLICY, "sku,unit\nP,EA\n", "sku,price\nP,1\n").unwrap();
    let refusal = |length: usize| {
        let mut bytes = vec![0; length];
        bytes[..8].copy_from_slice(&sound[..8]);
        Engine::load(&bytes).unwrap_err().0[0].clone()
    };
    assert_eq!(refusal(limit::BUNDLE_BYTES).code, "BUNDLE_HASH");
    assert!(refusal(limit::BUNDLE_BYTES + 1).message.contains("`bytes`"));
}

fn search_steps() {
    let steps = |steps: u32| {
        let policy_text = POLICY.replace("version: '1'", &format!("version: '1', search_steps: {steps}"));
        policy(&policy_text, "sku,unit\nP,EA\n", "sku,price\nP,1\n").map(|_| ())
    };
    assert_eq!(steps(limit::SEARCH_STEPS), Ok(()));
    assert_eq!(steps(limit::SEARCH_STEPS + 1), Err(vec!["NUMBER_RANGE".to_owned()]));
}

fn lot_scopes() {
    let scopes = |count: usize| {
        let scopes: Vec<String> = (0..count).map(|at| format!("{{ id: s{at} }}")).collect();
        let policy_text = format!("{POLICY}\nredemption: {{ share: 50, scopes: [{}] }}\n", scopes.join(", "));
        policy(&policy_text, "sku,unit\nP,EA\n", "sku,price\nP,1\n").map(|_| ())
    };
    assert_eq!(scopes(limit::LOT_SCOPES), Ok(()));
    assert_eq!(scopes(limit::LOT_SCOPES + 1), Err(vec!["LIMIT_EXCEEDED".to_owned()]));
}

fn hint_quotes() {
    let quotes = |quotes: u32| {
        let policy_text = POLICY.replace("version: '1'", &format!("version: '1', hint_quotes: {quotes}"));
        policy(&policy_text, "sku,unit\nP,EA\n", "sku,price\nP,1\n").map(|_| ())
    };
    assert_eq!(quotes(limit::HINT_QUOTES), Ok(()));
    assert_eq!([quotes(0), quotes(limit::HINT_QUOTES + 1)], [(); 2].map(|()| Err(vec!["NUMBER_RANGE".to_owned()])));
}
