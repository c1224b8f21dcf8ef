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
