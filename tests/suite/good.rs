//! Good cases: worked numbers of the field, through the whole engine.

use crate::case::{self, Case};
use qudao::diagnostic::Diagnostics;
use qudao::{Engine, check, compile, import, policy_test, wire};

#[test]
fn every_named_figure_is_as_expected() {
    let cases = case::all("good", &["case", "says", "source", "files", "tests"]);
    assert!(!cases.is_empty());
    let wrong: Vec<String> = cases.iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
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
