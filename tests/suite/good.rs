//! Good cases: worked numbers of the field, through the whole engine.

use crate::case::{self, Case};
use qudao::diagnostic::Diagnostics;
use qudao::import::tree::Tree;
use qudao::{Engine, check, compile, import, policy_test, wire};

#[test]
fn every_named_figure_is_as_expected() {
    let cases = case::all("good", &["case", "says", "source", "files", "tests"]);
    assert!(!cases.is_empty());
    let wrong: Vec<String> = cases.iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

/// The codes of guards are those of [`wire::finding_code`], read from where they are written.
#[test]
fn every_guard_has_a_case_of_its_figures() {
    let source = include_str!("../../src/wire/answer.rs");
    let (_, rest) = source.split_once("pub fn finding_code").expect("the codes begin");
    let (codes, _) = rest.split_once("\n}").expect("the codes end");
    let expected = case::all("good", &["case", "says", "source", "files", "tests"]);
    let named = |code: &str| {
        let mut tests = expected.iter().flat_map(|case| policy_test::read(&case.tree, |_| None, &mut Diagnostics::default()));
        tests.any(|test| {
            let guards = test.expect.get("guards").map_or(&[][..], Tree::items);
            guards.iter().any(|guard| guard.get("code").and_then(Tree::text) == Some(code) && guard.entries().len() > 1)
        })
    };
    let without: Vec<&str> = codes.split('"').skip(1).step_by(2).filter(|code| !named(code)).collect();
    assert!(without.is_empty(), "guards without a case: {without:?}");
}

/// What a case gets wrong, one line each; a policy that does not check is one too.
fn differences(case: &Case) -> Vec<String> {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(case::files(case));
    let Some(checked) = check::check(policy, &sources, &mut diagnostics) else {
        return diagnostics
            .found
            .iter()
            .map(|finding| format!("{}: {}: {} ({})", case.name, finding.code, finding.message, finding.help))
            .collect();
    };
    let engine = Engine::load(compile::compile(&checked).bytes()).unwrap_or_else(|faults| panic!("{}: {faults}", case.name));
    let mut faults = Diagnostics::default();
    let tests = policy_test::read(&case.tree, |_| None, &mut faults);
    assert!(faults.found.is_empty() && !tests.is_empty(), "{}: {:?}", case.name, faults.found);
    let run = |test: &policy_test::PolicyTest| {
        let found = policy_test::run(test, |input| wire::quote(&engine, input));
        let line = |difference: policy_test::Difference| {
            let policy_test::Difference { place, path, expected, found } = difference;
            format!("{}:{}: {}: {path}: expected {expected}, found {found}", case.name, place.line, test.name)
        };
        found.into_iter().map(line).collect::<Vec<_>>()
    };
    tests.iter().flat_map(run).collect()
}
