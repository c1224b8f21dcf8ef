//! The `qudao` command from outside: what it prints, and its exit codes.

use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Exit code and standard output of one run.
fn qudao(arguments: &[&str]) -> (i32, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_qudao")).args(arguments).env_remove("QUDAO_ENGINE").output().expect("the command runs");
    (output.status.code().expect("an exit code"), String::from_utf8(output.stdout).expect("UTF-8"))
}

fn json(arguments: &[&str]) -> (i32, Json) {
    let (code, text) = qudao(&[arguments, &["--json"]].concat());
    (code, serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments:?}: {error}: {text}")))
}

/// A policy made by `qudao new`, in a folder that is removed at the end.
struct Policy(PathBuf);

impl Policy {
    fn new(name: &str) -> Policy {
        let folder = std::env::temp_dir().join(format!("qudao-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        assert_eq!(qudao(&["new", text(&folder)]).0, 0);
        Policy(folder)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        fs::write(self.0.join(name), content).expect("the file can be written");
        text(&self.0.join(name)).to_owned()
    }
}

impl Drop for Policy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in Unicode")
}

#[test]
fn a_new_policy_is_fine_and_its_tests_pass() {
    let policy = Policy::new("new");
    let folder = text(&policy.0);
    let (code, answer) = json(&["check", folder]);
    assert_eq!((code, &answer["ok"], answer["diagnostics"].as_array().map(Vec::len)), (0, &Json::Bool(true), Some(0)));
    let (code, answer) = json(&["test", folder]);
    assert_eq!((code, answer["failed"].as_u64()), (0, Some(0)));
    assert!(answer["passed"].as_u64().is_some_and(|passed| passed > 0));
    let (_, schema) = qudao(&["schema"]);
    assert_eq!(fs::read_to_string(policy.0.join("policy.schema.json")).expect("the schema"), schema);
    assert_eq!(qudao(&["new", folder]).0, 3, "a folder in use is left alone");
}

#[test]
fn faults_have_exit_code_1_usage_2_and_files_3() {
    let policy = Policy::new("codes");
    let folder = text(&policy.0);
    policy.write("tests/more.yaml", "tests: [{ name: 错, now: 0, dealer: {}, order: {}, expect: { totals: { net: 1 } } }]\n");
    let (code, answer) = json(&["test", folder]);
    assert_eq!((code, answer["failed"].as_u64()), (1, Some(1)));
    policy.write("more.yaml", "promotions: [{ id: 春季, gte: 1 }]\n");
    let (code, answer) = json(&["check", folder]);
    assert_eq!(
        (code, answer["diagnostics"][0]["code"].as_str(), answer["diagnostics"][0]["column"].as_u64()),
        (1, Some("KEY_UNKNOWN"), Some(24))
    );
    assert_eq!(qudao(&["build", folder, "-o", text(&policy.0.join("x"))]).0, 1);
    assert_eq!(qudao(&["build", folder]).0, 2);
    assert_eq!(qudao(&["frobnicate"]).0, 2);
    assert_eq!(json(&["check", "/nowhere/at/all"]).0, 3);
}

#[test]
fn a_folder_a_bundle_and_a_module_answer_alike() {
    let policy = Policy::new("alike");
    let folder = text(&policy.0);
    let order = policy.write("order.json", r#"{ "schema": 1, "lines": [{ "sku": "BCD-520", "quantity": 12 }] }"#);
    let dealer = policy.write("dealer.json", r#"{ "schema": 1, "id": "D001", "as_of": 0, "grade": "A", "region": "浙江" }"#);
    let question = ["--order", &order, "--dealer", &dealer, "--now", "2026-03-15T10:00:00+08:00"];
    let ask = |command: &str, from: &str| json(&[&[command, from], &question[..]].concat());
    let (code, quote) = ask("quote", folder);
    assert_eq!((code, quote["totals"]["payable"].as_str()), (0, Some("36900.00")));

    // The smallest module there is stands in for the engine: only its sections matter here.
    let engine = policy.write("engine.wasm", b"\0asm\x01\0\0\0");
    let (bundle, module) = (policy.0.join("p.qudao"), policy.0.join("p.wasm"));
    assert_eq!(qudao(&["build", folder, "-o", text(&bundle), "--wasm", text(&module), "--engine", &engine]).0, 0);
    assert_eq!(ask("quote", text(&bundle)), (0, quote.clone()));
    assert_eq!(ask("quote", text(&module)), (0, quote.clone()));
    assert_eq!(json(&["build", folder, "--wasm", text(&module), "--engine", &order]).0, 3, "an engine that is no module");

    let claimed = policy.write("claimed.json", format!(r#"{{ "result_hash": {} }}"#, quote["result_hash"]));
    let (code, verdict) = json(&[&["verify", folder], &question[..], &["--claimed", &claimed]].concat());
    assert_eq!((code, verdict["verdict"].as_str()), (0, Some("accept")));
    let (code, sentences) = json(&[&["explain", folder], &question[..], &["--language", "en"]].concat());
    assert!(code == 0 && sentences.as_array().is_some_and(|list| !list.is_empty()));

    let (code, hints) = json(&[&["hints", folder], &question[..], &["--coupon", "NONE"]].concat());
    assert!(code == 0 && hints["complete"] == true && hints["hints"].is_array(), "{hints}");

    let (code, found) = json(&[&["alternatives", folder], &question[..]].concat());
    assert_eq!(
        (code, found["complete"].as_bool(), &found["alternatives"][0]["totals"]["payable"]),
        (0, Some(true), &quote["totals"]["payable"])
    );
    let (code, found) = qudao(&[&["alternatives", folder], &question[..]].concat());
    assert!(code == 0 && found.contains("payable 36900.00  decline: \n"), "{found}");

    let (code, found) = json(&[&["plan", folder], &question[..], &["--until", "2026-04-01T00:00:00+08:00"]].concat());
    assert_eq!((code, found["plans"][0]["redeem"].as_str(), found["complete"].as_bool()), (0, Some("0.00"), Some(true)), "{found}");
    let (code, faults) = json(&[&["plan", folder], &question[..], &["--until", "soon"]].concat());
    assert_eq!((code, faults["faults"][0]["path"].as_str()), (1, Some("until")), "{faults}");

    let (code, back) = json(&[&["return", folder], &question[..], &["--line", "BCD-520|台=2", "--returned", "BCD-520|台=1"]].concat());
    assert_eq!((code, back["totals"]["refund"].as_str()), (0, Some("6150.00")), "{back}");

    let fraction = policy.write("fraction.json", r#"{ "schema": 1, "lines": [{ "sku": "BCD-520", "quantity": 1.5 }] }"#);
    let (code, faults) = json(&["quote", folder, "--order", &fraction, "--dealer", &dealer, "--now", "0"]);
    assert!(code == 1 && faults["faults"].as_array().is_some_and(|list| !list.is_empty()), "{faults}");
}

#[test]
fn a_slice_answers_its_dealer_like_the_policy_and_refuses_others() {
    let policy = Policy::new("slice");
    let folder = text(&policy.0);
    let facts = |id: &str| format!(r#"{{ "schema": 1, "id": "{id}", "as_of": 0, "grade": "A", "region": "浙江" }}"#);
    let (own, other) = (policy.write("own.json", facts("D001")), policy.write("other.json", facts("D002")));
    let order = policy.write("order.json", r#"{ "schema": 1, "lines": [{ "sku": "BCD-520", "quantity": 12 }] }"#);
    let slice = policy.0.join("own.bundle");
    let slice = text(&slice);
    let (code, answer) = json(&["slice", folder, "--dealer", &own, "-o", slice]);
    assert_eq!((code, answer["ok"].as_bool(), answer["bytes"].as_u64()), (0, Some(true), fs::metadata(slice).ok().map(|file| file.len())));
    let ask =
        |from: &str, dealer: &str| json(&["quote", from, "--order", &order, "--dealer", dealer, "--now", "2026-03-15T10:00:00+08:00"]);
    let whole = ask(folder, &own);
    assert_eq!(whole.1["bundle"], answer["bundle"]);
    assert_eq!(ask(slice, &own), whole);
    let (code, refused) = ask(slice, &other);
    assert_eq!(
        (code, &refused["faults"][0]["code"], &refused["faults"][0]["path"]),
        (1, &Json::from("SLICE_FOREIGN"), &Json::from("dealer.id"))
    );

    assert_eq!(json(&["slice", slice, "--dealer", &own, "-o", slice]).0, 0, "a slice of a slice");
    assert_eq!(json(&["slice", slice, "--dealer", &other, "-o", slice]).0, 1);
    let unknown = policy.write("unknown.json", r#"{ "schema": 1, "id": "D001", "as_of": 0, "grade": "Z" }"#);
    assert_eq!(json(&["slice", folder, "--dealer", &unknown, "-o", slice]).1["faults"][0]["code"], "VALUE_UNKNOWN");
    assert_eq!(qudao(&["slice", folder, "--dealer", &own]).0, 2, "where to write");
    assert_eq!(json(&["slice", folder, "--dealer", &own, "-o", "/nowhere/at/all"]).0, 3);
}

#[test]
fn exports_go_in_with_a_mapping_and_canonical_tables_come_out() {
    let policy = Policy::new("tables");
    let folder = text(&policy.0);
    let list = policy.0.join("prices/list.csv");
    let before = fs::read_to_string(&list).expect("the price table");
    // What an ERP calls its columns, in GB18030 with ￥ and thousands separators.
    let rows: Vec<Vec<&str>> = before.lines().skip(1).map(|line| line.split(',').collect()).collect();
    let header: Vec<&str> = before.lines().next().expect("a header").split(',').collect();
    let at = |name: &str| header.iter().position(|column| *column == name).expect("a column");
    let foreign: String = rows
        .iter()
        .map(|row| format!("{};{};￥{};{}\n", row[at("sku")], row[at("grade")], row[at("price")], row[at("from_quantity")]))
        .collect();
    let export = policy.write("tests/export.csv", encoding_rs::GB18030.encode(&format!("物料;等级;单价;起订\n{foreign}")).0);
    let mapping =
        "columns: [{ from: 物料, to: sku }, { from: 等级, to: grade }, { from: 单价, to: price }, { from: 起订, to: from_quantity }]";
    let outside = std::env::temp_dir().join(format!("qudao-{}-mapping.yaml", std::process::id()));
    fs::write(&outside, mapping).expect("a mapping outside the policy");
    let import = |table: &str, more: &[&str]| json(&[&["import", folder, table, &export, "--mapping", text(&outside)], more].concat());

    let (code, answer) = import("list", &["--dry-run"]);
    assert_eq!((code, &answer["written"], answer["rows"].as_u64()), (0, &Json::Bool(false), Some(rows.len() as u64)), "{answer}");
    assert_eq!(fs::read_to_string(&list).expect("the table"), before);
    assert_eq!(import("list", &[]).0, 0);
    let imported = fs::read_to_string(&list).expect("the table");
    assert!(imported.starts_with("grade,sku,price,from_quantity\n"), "{imported}");
    let (code, answer) = import("lst", &[]);
    assert!(code == 3 && answer["help"].as_str().is_some_and(|help| help.contains("`list`")), "{answer}");

    let out = policy.0.join("out");
    assert_eq!(json(&["export", folder, "-o", text(&out), "--table", "list"]).0, 0);
    assert_eq!(fs::read_to_string(out.join("prices/list.csv")).expect("the export"), imported);
    assert_eq!(json(&["export", folder, "-o", text(&out), "--table", "nothing"]).0, 3);

    // A fault in the export leaves the table as it is.
    fs::write(&export, "物料;等级;单价;起订\nNOWHERE;A;1;0\n").expect("an export");
    let (code, answer) = import("list", &[]);
    assert_eq!((code, answer["diagnostics"][0]["code"].as_str()), (1, Some("ID_UNKNOWN")), "{answer}");
    assert_eq!(fs::read_to_string(&list).expect("the table"), imported);
    fs::remove_file(outside).expect("the mapping");
}

#[test]
fn facts_come_from_the_dealer_table() {
    let policy = Policy::new("dealers");
    let folder = text(&policy.0);
    policy.write("dealers.csv", "id,grade,region,credit_limit,group,星级\nD001,A,浙江,\"1,000.00\",连锁,五星\n");
    policy.write("more.yaml", "dealers: dealers.csv\ndealer_groups: [{ id: 连锁 }]\nattributes: [{ id: 星级, of: dealer }]\n");
    let order = policy.write("order.json", r#"{ "schema": 1, "lines": [{ "sku": "BCD-520", "quantity": 12 }] }"#);
    let ask = |dealer: &str| json(&["quote", folder, "--order", &order, "--dealer", dealer, "--now", "2026-03-15T10:00:00+08:00"]);
    let (code, quote) = ask("D001");
    assert_eq!((code, quote["totals"]["payable"].as_str()), (0, Some("36900.00")));
    assert_eq!(quote["guards"][0]["code"], "CREDIT_LIMIT", "{quote}");
    let (code, answer) = ask("D01");
    assert!(code == 3 && answer["help"].as_str().is_some_and(|help| help.contains("`D001`")), "{answer}");
}

#[test]
fn long_work_says_what_it_is_at() {
    let policy = Policy::new("progress");
    let output =
        Command::new(env!("CARGO_BIN_EXE_qudao")).args(["check", text(&policy.0), "--progress"]).output().expect("the command runs");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("reading prices/list.csv: ") && said.contains("checking: "), "{said}");
    let quiet = Command::new(env!("CARGO_BIN_EXE_qudao")).args(["check", text(&policy.0)]).output().expect("the command runs");
    assert!(quiet.stderr.is_empty(), "no terminal, no progress");
}

#[test]
fn grades_are_proposed_with_what_the_next_one_is_worth() {
    let policy = Policy::new("grade");
    let folder = text(&policy.0);
    policy.write("dealers.csv", "id,grade,region\nD001,B,浙江\nD002,A,浙江\n");
    policy.write(
        "scorecards.yaml",
        "dealers: dealers.csv\nscorecards:\n  - { id: card, period: quarter, kpis: [{ id: sales, weight: 100, line: { zero: 0, full: 100 } }], grades: [{ grade: A, from: 80 }, { grade: B }] }\n",
    );
    let scores = std::env::temp_dir().join(format!("qudao-{}-scores.csv", std::process::id()));
    fs::write(&scores, "dealer,sales\nD001,70\nD002,90\n").expect("the file can be written");
    let orders = policy.write("orders.json", r#"{ "D001": [{ "schema": 1, "lines": [{ "sku": "BCD-520", "quantity": 12 }] }] }"#);
    let question = ["grade", folder, "--scores", text(&scores), "--period", "2026-Q1"];
    let (code, answer) = json(&question);
    assert_eq!(
        (code, answer["proposals"][1]["next"]["missing"].as_str(), &answer["proposals"][1]["next"]["worth"]),
        (0, Some("10"), &Json::Null)
    );
    let (code, answer) = json(&[&question[..], &["--orders", &orders]].concat());
    let worth = &answer["proposals"][1]["next"]["worth"];
    let price = |grade: &str| {
        let facts = format!(r#"{{ "schema": 1, "id": "D001", "as_of": 0, "grade": "{grade}", "region": "浙江" }}"#);
        let dealer = policy.write("facts.json", facts);
        let order = policy.write("order.json", r#"{ "schema": 1, "lines": [{ "sku": "BCD-520", "quantity": 12 }] }"#);
        let (_, quote) = json(&["quote", folder, "--order", &order, "--dealer", &dealer, "--now", "2026-04-01T00:00:00+08:00"]);
        quote["totals"]["payable"].as_str().map(str::to_owned)
    };
    let [own, next] = ["B", "A"].map(|grade| price(grade).expect("a price"));
    assert_eq!((code, worth["payable"][0].as_str(), worth["payable"][1].as_str()), (0, Some(own.as_str()), Some(next.as_str())));
    assert_ne!(own, next);
    let (code, shown) = qudao(&[&question[..], &["--language", "en"]].concat());
    assert!(code == 0 && shown.contains("70.00 points, rank 2 of 2. Stays B"), "{shown}");
    assert_eq!(qudao(&["grade", folder, "--scores", text(&scores), "--period", "2026"]).0, 1);
    assert_eq!(qudao(&[&question[..], &["--scorecard", "other"]].concat()).0, 3);
    let _ = fs::remove_file(scores);
}
