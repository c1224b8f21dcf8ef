//! Tables from other systems: the example that reads exports, and the canonical form in which tables leave.

use qudao::diagnostic::Diagnostics;
use qudao::import::{self, CanonicalTable};
use qudao::{Engine, check, compile, policy_test, wire};
use std::path::{Path, PathBuf};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

fn canonical(files: Vec<(String, Vec<u8>)>) -> Vec<CanonicalTable> {
    let import::Canonical { imported, tables, .. } = import::canonical(files, None);
    let import::Imported { policy, sources, mut diagnostics, .. } = imported;
    check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:?}", diagnostics.found));
    tables
}

#[test]
fn the_example_of_exports_passes_its_tests() {
    let import::Imported { policy, sources, mut diagnostics, tests } = import::folder(&folder("kingdee"));
    let checked = check::check(policy, &sources, &mut diagnostics);
    assert!(diagnostics.found.is_empty(), "{:?}", diagnostics.found);
    let engine = Engine::load(compile::compile(&checked.expect("a policy")).bytes()).expect("an engine");
    assert_eq!(tests.len(), 3);
    for test in &tests {
        let differences = policy_test::run(test, |input| wire::quote(&engine, input));
        assert!(differences.is_empty(), "{}: {differences:?}", test.name);
    }
}

#[test]
fn exports_of_exports_are_the_same_bytes_and_the_same_bundle() {
    for name in ["kingdee", "haofeng"] {
        let files = import::read_folder(&folder(name)).expect("the example");
        let first = canonical(files.clone());
        assert!(first.len() >= 4 && first.iter().all(|table| table.rows > 0));
        // The same policy, reading the canonical tables; an old policy keeps its own.
        let replaced = |name: &str| name.ends_with(".xlsx") || name.ends_with(".csv") && !name.starts_with("2025/");
        let mut again: Vec<(String, Vec<u8>)> = files.iter().filter(|(name, _)| !replaced(name)).cloned().collect();
        for (file, bytes) in &mut again {
            if file.ends_with(".yaml") && !file.contains('/') {
                *bytes = pointing_to_canonical(std::str::from_utf8(bytes).expect("UTF-8")).into_bytes();
            }
        }
        again.extend(first.iter().map(|table| (format!("canonical/{}.csv", table.id), table.text.clone().into_bytes())));
        let second = canonical(again.clone());
        for (first, second) in first.iter().zip(&second) {
            assert_eq!(first.text, second.text, "{name}: {}", first.id);
        }
        let bundle = |files| {
            let import::Imported { policy, sources, .. } = import::files(files);
            let checked = check::check(policy, &sources, &mut Diagnostics::default()).expect("a policy");
            compile::compile(&checked).hash()
        };
        assert_eq!(bundle(files), bundle(again), "{name}");
    }
}

/// A policy file whose every table is the canonical one; works on the lines of the examples, which hold one table each.
fn pointing_to_canonical(text: &str) -> String {
    let line = |line: &str| -> String {
        let id = match (line.split_once("{ id: "), line.split_once(": ")) {
            _ if ["products:", "aliases:", "dealers:"].iter().any(|key| line.starts_with(key)) => {
                line.split(':').next().unwrap_or_default()
            }
            (Some((_, rest)), _) => rest.split(',').next().unwrap_or_default(),
            _ => return line.to_owned(),
        };
        match line.split_once("table: ") {
            Some((before, after)) => {
                let short = after.find(if after.starts_with('{') { '}' } else { ',' }).or(after.find(" }"));
                let end = if after.starts_with('{') { short.map(|at| at + 1) } else { short };
                format!("{before}table: canonical/{id}.csv{}", &after[end.expect("the end of the entry")..])
            }
            None if ["products:", "aliases:", "dealers:"].iter().any(|key| line.starts_with(key)) => format!("{id}: canonical/{id}.csv"),
            None => line.to_owned(),
        }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}
