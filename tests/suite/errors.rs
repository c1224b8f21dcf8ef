//! `docs/errors.md` says what the code says.

use qudao::diagnostic::{Code, Gravity};

#[test]
fn the_table_of_diagnostics_equals_the_codes() {
    let docs = include_str!("../../docs/errors.md");
    let (_, rest) = docs.split_once("<!-- diagnostics -->\n").expect("the table begins");
    let (table, _) = rest.split_once("<!-- /diagnostics -->").expect("the table ends");
    let rows = Code::ALL.iter().map(|code| {
        let gravity = if code.gravity() == Gravity::Error { "error" } else { "warning" };
        format!("| `{code}` | {gravity} | {} |\n", code.meaning())
    });
    let expected = format!("| code | gravity | meaning |\n|---|---|---|\n{}", rows.collect::<String>());
    assert_eq!(table, expected, "write this table:\n{expected}");
}

/// Codes are written where the fault is found, so they are collected from there.
#[test]
fn the_table_of_faults_names_every_code_that_is_thrown() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["src/engine.rs", "src/wasm.rs", "src/js/browser.js"].map(|file| root.join(file)).into_iter();
    let folders = ["src/wire", "src/js/common"].map(|folder| std::fs::read_dir(root.join(folder)).unwrap());
    let files = files.chain(folders.into_iter().flatten().map(|entry| entry.unwrap().path()));
    let guards = [
        "DEALER_STATUS",
        "ORDER_SOURCE",
        "FACTS_STALE",
        "ORDER_MIN",
        "ORDER_MAX",
        "CREDIT_OVERDUE",
        "CREDIT_USED",
        "PRICE_MISSING",
        "QTY_MIN",
        "QTY_MULTIPLE",
        "QTY_STEP",
        "QTY_MAX",
        "QTY_PERIOD",
        "REDEEM_LIMIT",
        "CREDIT_LIMIT",
        "CHANGED_RESULT",
        "CHANGED_TOTAL",
        "CHANGED_LINE",
    ];
    let mut thrown: Vec<String> = files.flat_map(|file| codes(&std::fs::read_to_string(file).unwrap())).collect();
    thrown.retain(|code| !guards.contains(&code.as_str()) && !code.starts_with("CARGO_"));
    // The one code without an underscore.
    thrown.push("FREED".to_owned());
    thrown.sort();
    thrown.dedup();
    let docs = include_str!("../../docs/errors.md");
    let (_, rest) = docs.split_once("<!-- faults -->\n").expect("the table begins");
    let (table, _) = rest.split_once("<!-- /faults -->").expect("the table ends");
    let listed: Vec<String> = table.lines().skip(2).map(|row| row.split('`').nth(1).expect("a code").to_owned()).collect();
    assert_eq!(listed, thrown);
}

/// Words in double quotes, of capitals with underscores between.
fn codes(text: &str) -> Vec<String> {
    let word = |quoted: &&str| {
        quoted.contains('_') && quoted.split('_').all(|part| part.len() > 1 && part.bytes().all(|b| b.is_ascii_uppercase()))
    };
    text.split('"').filter(word).map(str::to_owned).collect()
}
