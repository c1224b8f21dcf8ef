use crate::case;
use qudao::diagnostic::Diagnostics;
use qudao::policy_test::{self, PolicyTest};
use qudao::wire::{self, Node};
use qudao::{Bundle, Engine, check, compile, import};
use serde_json::{Value as Json, json};
use std::path::Path;

/// All that is written: bundles, and cases that name theirs by index.
#[derive(Default)]
struct Pack {
    bundles: Vec<String>,
    cases: Vec<Json>,
}

/// Every good case, then the sample policy with its own tests.
pub fn emit() {
    let path = std::env::args_os().nth(1).expect("a file to write to");
    let mut pack = Pack::default();
    for case in case::all("good", &["case", "says", "source", "files", "tests"]) {
        let tests = policy_test::read(&case.tree, |_| None, &mut Diagnostics::default());
        pack.add(&case.name, import::files(case::files(&case)), &tests);
    }
    let mut sample = import::folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/haofeng"));
    let tests = std::mem::take(&mut sample.tests);
    pack.add("haofeng", sample, &tests);
    let text = json!({ "sample": pack.bundles.len() - 1, "bundles": pack.bundles, "cases": pack.cases }).to_string();
    std::fs::write(path, text).expect("a file that can be written");
}

impl Pack {
    fn add(&mut self, name: &str, imported: import::Imported, tests: &[PolicyTest]) {
        let bundle = bundle(name, imported);
        let engine = Engine::load(bundle.bytes()).unwrap_or_else(|faults| panic!("{name}: {faults}"));
        for (index, test) in tests.iter().enumerate() {
            // Orders that are refused have no bytes to compare.
            if let Ok(quote) = wire::quote(&engine, &test.input) {
                let id = format!("{name}[{index}] {}", test.name);
                self.cases.push(json!({ "id": id, "bundle": self.bundles.len(), "input": json_of(&test.input), "quote": quote }));
            }
        }
        self.bundles.push(bundle.bytes().iter().map(|byte| format!("{byte:02x}")).collect());
    }
}

fn bundle(name: &str, imported: import::Imported) -> Bundle {
    let import::Imported { policy, sources, mut diagnostics, .. } = imported;
    let checked = check::check(policy, &sources, &mut diagnostics);
    compile::compile(&checked.unwrap_or_else(|| panic!("{name} has faults, which `qudao check` or the suite names")))
}

/// The input as a JavaScript caller would write it.
fn json_of(node: &Node) -> Json {
    match node {
        Node::Null => Json::Null,
        Node::Bool(value) => json!(value),
        Node::Int(value) => json!(value),
        Node::Fraction(text) | Node::Text(text) => json!(text),
        Node::List(items) => items.iter().map(json_of).collect(),
        Node::Map(entries) => Json::Object(entries.iter().map(|(key, node)| (key.clone(), json_of(node))).collect()),
        Node::Rows(rows) => json_of(&rows.list(None)),
    }
}
