//! `docs/pitfalls.md`, `docs/laws.md` and `docs/vocabulary.md` name cases, tests and files that exist; the cases of the references that concern promotions are there.

use std::fs;
use std::path::Path;

/// Cases of the reference on promotions, stacking, allocation, floors, caps and gifts; a case of one of them is named by it, alone or before a dash.
const CASES: [&str; 50] = [
    "A1", "A3", "A4", "A6", "A7", "A8", "A9", "A10", "A13", "A14", "A15", "A22", "A23", "A24", "A25", "A26", "A28", "A29", "A30", "A31",
    "A35", "A36", "A39", "A40", "A44", "A45", "A46", "A49", "A51", "A54", "A55", "A58", "A61", "A62", "A64", "A67", "A70", "A71", "A72",
    "A2", "A11", "A12", "A18", "A19", "A20", "A53", "A56", "A63", "A65", "P28",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Whether a reference of a table, as it stands between backticks, leads to something; nothing where it is no reference.
fn there(reference: &str) -> Option<bool> {
    if let Some(named) = reference.strip_prefix("suite/") {
        let (file, function) = named.split_once("::")?;
        let text = fs::read_to_string(root().join(format!("tests/suite/{file}.rs"))).unwrap_or_default();
        return Some(text.contains(&format!("fn {function}(")));
    }
    if ["src/", "tests/", "benches/", "xtask/"].iter().any(|folder| reference.starts_with(folder)) {
        return Some(root().join(reference).exists());
    }
    let (topic, case) = reference.split_once('/')?;
    let word = |text: &str| !text.is_empty() && !text.contains([' ', '{', ':', '…']);
    (word(topic) && word(case))
        .then(|| ["good", "commands"].iter().any(|kind| root().join(format!("tests/cases/{topic}/{kind}/{case}.yaml")).exists()))
}

/// The rows of a table, each with how many references it has.
fn rows(file: &str) -> Vec<(String, usize)> {
    let text = fs::read_to_string(root().join(file)).expect("the document");
    let mut rows = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("| ")).skip(1) {
        let found: Vec<(&str, bool)> = line.split('`').skip(1).step_by(2).filter_map(|text| Some((text, there(text)?))).collect();
        let missing: Vec<&str> = found.iter().filter(|(_, there)| !there).map(|(reference, _)| *reference).collect();
        assert!(missing.is_empty(), "{file}: {line}\nnot there: {missing:?}");
        rows.push((line[2..].split(" |").next().unwrap_or_default().to_owned(), found.len()));
    }
    rows
}

#[test]
fn every_pitfall_is_kept_away_by_something_that_exists() {
    let rows = rows("docs/pitfalls.md");
    let names: Vec<&str> = rows.iter().map(|(name, _)| name.as_str()).collect();
    let all: Vec<String> = (1..=34).map(|number| format!("P{number}")).collect();
    assert_eq!(names, all);
    assert!(rows.iter().all(|(_, references)| *references > 0), "{rows:?}");
}

#[test]
fn every_law_is_tried_by_something_that_exists() {
    let rows = rows("docs/laws.md");
    assert!(rows.len() >= 20 && rows.iter().all(|(_, references)| *references > 0), "{rows:?}");
}

#[test]
fn every_word_of_the_vocabulary_has_a_case() {
    let rows = rows("docs/vocabulary.md");
    assert!(rows.len() >= 35 && rows.iter().all(|(_, references)| *references > 0), "{rows:?}");
}

/// Each case carries the id of its row under `source`.
#[test]
fn every_case_of_the_reference_is_there() {
    let mut sources = String::new();
    for topic in fs::read_dir(root().join("tests/cases")).expect("the cases").flatten() {
        for case in fs::read_dir(topic.path().join("good")).into_iter().flatten().flatten() {
            let text = fs::read_to_string(case.path()).expect("a case");
            let source = text.lines().find_map(|line| line.strip_prefix("source: ")).unwrap_or_default();
            sources.push_str(&format!("{} {source} \n", case.path().file_stem().unwrap_or_default().to_string_lossy()));
        }
    }
    let missing: Vec<&str> =
        CASES.into_iter().filter(|id| !sources.lines().any(|line| line.split([' ', '-', ',', '"']).any(|word| word == *id))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
