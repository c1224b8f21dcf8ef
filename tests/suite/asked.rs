//! The engines and questions of cases.

use crate::case::{self, Case};
use crate::hints::Plain;
use qudao::diagnostic::Diagnostics;
use qudao::import::tree::Tree;
use qudao::policy_test::{self, PolicyTest};
use qudao::wire::Node;
use qudao::{Engine, check, compile, import};
use serde_json::Value;

/// The engine of a case whose policy is sound.
pub fn engine(case: &Case) -> Engine {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(case::files(case));
    let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{}: {:?}", case.name, diagnostics.found));
    Engine::load(compile::compile(&checked).bytes()).unwrap_or_else(|faults| panic!("{}: {faults}", case.name))
}

/// The tests of a case, each with its question: order, dealer and instant, and of `keys` what stands beside them.
pub fn asked(case: &Case, keys: &[&str]) -> Vec<(PolicyTest, Value)> {
    let mut faults = Diagnostics::default();
    let tests = policy_test::read(&case.tree, |_| None, &mut faults);
    assert!(faults.found.is_empty() && !tests.is_empty(), "{}: {:?}", case.name, faults.found);
    let plain = |node: &Node| serde_json::to_value(Plain(node)).expect("plain data");
    let written = case.tree.get("tests").map_or(&[][..], Tree::items);
    let question = |(test, written): (PolicyTest, &Tree)| {
        let mut question = plain(&test.input);
        for key in keys {
            if let Some(part) = written.get(key) {
                question[*key] = plain(&import::node(part));
            }
        }
        (test, question)
    };
    tests.into_iter().zip(written).map(question).collect()
}
