//! What mutations start from: every case, good and bad, and the sample.

use crate::random::Random;
use qudao::bundle::Dimension;
use qudao::diagnostic::Diagnostics;
use qudao::id::TextId;
use qudao::import::tree::{self, Tree, Value};
use qudao::wire::Node;
use qudao::{Engine, check, compile, import, policy_test};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Names relative to a policy folder, and contents.
pub type Files = Vec<(String, Vec<u8>)>;

/// A policy as text, with the questions that belong to it.
pub struct Source {
    /// Whether it is meant to pass every check.
    pub sound: bool,
    pub files: Files,
    pub questions: Vec<Node>,
}

/// A sound policy, compiled.
pub struct Shop {
    pub name: String,
    pub bundle: Vec<u8>,
    pub engine: Rc<Engine>,
    pub questions: Vec<Node>,
    pub words: Words,
}

/// What questions can name.
pub struct Words {
    pub skus: Vec<String>,
    pub axes: Vec<Vec<String>>,
    pub rules: Vec<String>,
    pub budgets: Vec<String>,
    pub programs: Vec<String>,
    pub periods: Vec<String>,
    pub coupons: Vec<String>,
}

pub struct Corpus {
    /// The last one is the sample, by far the largest.
    pub sources: Vec<Source>,
    /// The last one is the sample.
    pub shops: Vec<Shop>,
    /// Entries of policy files.
    pub entries: Vec<(String, Tree)>,
    /// Words and numbers of policy files.
    pub tokens: Vec<String>,
    /// Entries of questions.
    pub parts: Vec<(String, Node)>,
}

impl Corpus {
    pub fn read() -> Corpus {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the repository");
        let mut sources = Vec::new();
        let mut named = Vec::new();
        for path in cases(&root.join("tests/cases")) {
            let sound = path.parent().is_some_and(|kind| kind.ends_with("good"));
            let text = std::fs::read_to_string(&path).expect("a readable case");
            let tree = tree::read(0, &text, &mut Diagnostics::default()).expect("a case is YAML");
            let questions = policy_test::read(&tree, |_| None, &mut Diagnostics::default()).into_iter().map(|test| test.input).collect();
            // Files in other encodings are taken as UTF-8; workbooks of cases are left out, those of the examples are not.
            let content = |tree: &Tree| tree.text().or_else(|| tree.entries().first()?.tree.text()).unwrap_or_default().as_bytes().to_vec();
            let file = |entry: &tree::Entry| (entry.key.clone(), content(&entry.tree));
            let sound = sound && !text.contains("sheets:");
            sources.push(Source { sound, files: tree.get("files").map_or(&[][..], Tree::entries).iter().map(file).collect(), questions });
            named.push(path.strip_prefix(root).unwrap_or(&path).display().to_string());
        }
        for name in ["examples/kingdee", "examples/haofeng"] {
            let files = import::read_folder(&root.join(name)).expect("the sample can be read");
            let questions = import::files(files.clone()).tests.into_iter().map(|test| test.input).collect();
            sources.push(Source { sound: true, files, questions });
            named.push(name.to_owned());
        }

        let shops: Vec<Shop> = sources.iter().zip(named).filter_map(|(source, name)| shop(source, name)).collect();
        let (mut entries, mut tokens, mut parts) = (Vec::new(), BTreeSet::new(), Vec::new());
        for source in &sources {
            for (name, bytes) in &source.files {
                let text = String::from_utf8_lossy(bytes);
                tokens.extend(words(&text).into_iter().filter(|token| token.len() < 60).map(str::to_owned));
                if !name.ends_with(".csv")
                    && let Some(tree) = tree::read(0, &text, &mut Diagnostics::default())
                {
                    collect(&tree, &mut entries);
                }
            }
            source.questions.iter().for_each(|question| collect_parts(question, &mut parts));
        }
        Corpus { sources, shops, entries, tokens: tokens.into_iter().collect(), parts }
    }

    /// A small thing mostly; the last of the list, the sample, once in `rare` times.
    pub fn usual(random: &mut Random, count: usize, rare: usize) -> usize {
        if random.one_in(rare) { count - 1 } else { random.below(count - 1) }
    }
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable folder").path();
        if path.is_dir() {
            found.extend(cases(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn shop(source: &Source, name: String) -> Option<Shop> {
    let mut imported = import::files(source.files.clone());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics)?;
    let bundle = compile::compile(&checked).bytes().to_vec();
    let engine = Engine::load(&bundle).ok()?;
    let (policy, t) = (engine.policy(), &engine.policy().tables);
    let texts = |column: &[u32]| column.iter().map(|text| policy.text(TextId(*text)).to_owned()).collect::<Vec<_>>();
    let coupons = source.questions.iter().flat_map(|question| match find(question, &["order", "coupons"]) {
        Some(Node::List(list)) => list.iter().filter_map(text).collect(),
        _ => Vec::new(),
    });
    let words = Words {
        skus: texts(&t.product_sku),
        axes: Dimension::FIXED.iter().map(|axis| texts(&t.value_text[t.axis(*axis)])).collect(),
        rules: texts(&t.rule_text),
        budgets: texts(&t.budget_text),
        programs: texts(&t.program_text),
        periods: texts(&t.period_text),
        coupons: coupons.collect(),
    };
    Some(Shop { name, bundle, engine: Rc::new(engine), questions: source.questions.clone(), words })
}

fn text(node: &Node) -> Option<String> {
    match node {
        Node::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// What stands under a path of keys.
pub fn find<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| match node {
        Node::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, node)| node),
        _ => None,
    })
}

/// Words, numbers, spaces and single other characters.
pub fn words(text: &str) -> Vec<&str> {
    let kind = |c: char| {
        if c.is_alphanumeric() || "._-".contains(c) {
            1
        } else if c == ' ' {
            2
        } else {
            3
        }
    };
    let (mut words, mut start) = (Vec::new(), 0);
    let mut before = None;
    for (at, character) in text.char_indices() {
        if before.is_some_and(|before| before != kind(character) || before == 3) {
            words.push(&text[start..at]);
            start = at;
        }
        before = Some(kind(character));
    }
    words.push(&text[start..]);
    words
}

fn collect(tree: &Tree, entries: &mut Vec<(String, Tree)>) {
    match &tree.value {
        Value::Map(map) => {
            for entry in map {
                // Whole lists of a large policy would make every mutant large.
                if entry.tree.items().len() < 8 {
                    entries.push((entry.key.clone(), entry.tree.clone()));
                }
                collect(&entry.tree, entries);
            }
        }
        Value::List(items) => {
            for item in items {
                if items.len() > 1 && !item.entries().is_empty() {
                    entries.push((String::new(), item.clone()));
                }
                collect(item, entries);
            }
        }
        _ => {}
    }
}

fn collect_parts(node: &Node, parts: &mut Vec<(String, Node)>) {
    match node {
        Node::Map(entries) => {
            for (key, node) in entries {
                parts.push((key.clone(), node.clone()));
                collect_parts(node, parts);
            }
        }
        Node::List(items) => items.iter().for_each(|item| collect_parts(item, parts)),
        _ => {}
    }
}
