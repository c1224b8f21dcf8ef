//! The guide for authors: its blocks are one policy, which must check without a finding and pass its own tests.

use qudao::{Engine, check, compile, import, policy_test, wire};

#[test]
fn the_guide_for_authors_is_a_policy_that_passes_its_tests() {
    let import::Imported { policy, sources, mut diagnostics, tests } = import::files(blocks(include_str!("../../docs/guide-authors.md")));
    let checked = check::check(policy, &sources, &mut diagnostics);
    assert!(diagnostics.found.is_empty(), "{:#?}", diagnostics.found);
    let engine = Engine::load(compile::compile(&checked.expect("no finding")).bytes()).expect("a sound bundle");
    assert!(!tests.is_empty());
    for test in &tests {
        let differences = policy_test::run(test, |input| wire::quote(&engine, input));
        assert!(differences.is_empty(), "{}: {differences:#?}", test.name);
    }
}

/// Fenced blocks whose first line is a comment with the name of a file.
fn blocks(guide: &str) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for block in guide.split("\n```").filter_map(|block| block.strip_prefix("yaml\n").or(block.strip_prefix("csv\n"))) {
        if let Some((name, text)) = block.strip_prefix("# ").and_then(|block| block.split_once('\n')) {
            files.push((name.to_owned(), text.as_bytes().to_vec()));
        }
    }
    files
}
