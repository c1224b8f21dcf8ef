//! Bad cases: the complete list of what is wrong with a policy, and where. `QUDAO_UPDATE=1 cargo test --test suite every_fault`
//! writes the lists anew; read the difference.

use crate::case::{self, Case};
use qudao::diagnostic::{Code, Diagnostic, Place, Sources};
use qudao::import::tree::Tree;
use qudao::{check, import};

fn cases() -> Vec<Case> {
    case::all("bad", &["case", "says", "files", "diagnostics"])
}

#[test]
fn every_fault_is_found_and_nothing_else() {
    let mut wrong = Vec::new();
    for case in cases() {
        let import::Imported { policy, sources, mut diagnostics, .. } = import::files(case::files(&case));
        let checked = check::check(policy, &sources, &mut diagnostics);
        assert_eq!(checked.is_none(), diagnostics.failed(), "{}: a policy without errors is usable", case.name);
        let found: Vec<String> = diagnostics.found.iter().map(|finding| shown(finding, &sources)).collect();
        let expected: Vec<String> = case.tree.get("diagnostics").map_or(&[][..], Tree::items).iter().map(expected).collect();
        if std::env::var_os("QUDAO_UPDATE").is_some() {
            case::update(&case, "diagnostics", &diagnostics.found.iter().map(|finding| item(finding, &sources)).collect::<String>());
        } else if found != expected {
            let details: Vec<String> = diagnostics
                .found
                .iter()
                .map(|finding| format!("{}: {} ({})", shown(finding, &sources), finding.message, finding.help))
                .collect();
            wrong.push(format!("{}\n  expected\n    {}\n  found\n    {}", case.name, expected.join("\n    "), details.join("\n    ")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_code_has_a_case() {
    let named: Vec<String> = cases()
        .iter()
        .flat_map(|case| case.tree.get("diagnostics").map_or(&[][..], Tree::items).iter().map(|item| field(item, "code")))
        .collect();
    let without: Vec<&str> = Code::ALL.iter().map(|code| code.text()).filter(|code| !named.iter().any(|name| name == code)).collect();
    assert!(without.is_empty(), "codes without a bad case: {without:?}");
}

#[test]
fn messages_are_one_line_in_lower_case_and_every_fault_has_a_cure() {
    for case in cases() {
        let import::Imported { policy, sources, mut diagnostics, .. } = import::files(case::files(&case));
        check::check(policy, &sources, &mut diagnostics);
        for Diagnostic { message, help, .. } in &diagnostics.found {
            let lower = |text: &str| text.chars().next().is_some_and(|first| !first.is_uppercase());
            assert!(lower(message) && lower(help), "{}: `{message}` ({help})", case.name);
            assert!(
                !message.contains('\n') && !help.contains('\n') && !message.ends_with('.') && !help.ends_with('.'),
                "{}: `{message}` ({help})",
                case.name
            );
        }
    }
}

fn shown(finding: &Diagnostic, sources: &Sources) -> String {
    let file = sources.files.get(finding.place.file as usize).map_or("", |file| file.name.as_str());
    format!("{} {file}:{}:{}", finding.code, finding.place.line, finding.place.column)
}

/// A finding as a case writes it.
fn item(finding: &Diagnostic, sources: &Sources) -> String {
    let Place { file, line, column } = finding.place;
    let file = sources.files.get(file as usize).map_or("\"\"", |file| file.name.as_str());
    format!("  - {{ code: {}, file: {file}, line: {line}, column: {column} }}\n", finding.code)
}

fn expected(item: &Tree) -> String {
    format!("{} {}:{}:{}", field(item, "code"), field(item, "file"), field(item, "line"), field(item, "column"))
}

fn field(item: &Tree, key: &str) -> String {
    item.get(key).and_then(Tree::text).unwrap_or_default().to_owned()
}
