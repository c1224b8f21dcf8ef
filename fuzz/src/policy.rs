//! Policy files, mutated as text, as tokens and as trees; then import, check, compile, load and quote.

use crate::corpus::{Corpus, Files, words};
use crate::oracle::{self, Verdict};
use crate::random::Random;
use qudao::diagnostic::{Diagnostics, Place};
use qudao::import::tree::{self, Entry, Tree, Value};
use qudao::{Engine, check, compile, import, wire};

const SCALARS: &[&str] = &[
    "",
    "0",
    "-1",
    "1",
    "2",
    "0.5",
    "1.005",
    "100",
    "1000000",
    "100000000000000",
    "99999999999999999999999999999",
    "1e5",
    "0.0000001",
    "-0",
    "~",
    "true",
    "2026-02-30",
    "2026-01-01 .. 2026-12-31",
    "2026-12-31 .. 2026-01-01",
    "0001-01-01 .. 9999-12-31",
    "2026-03-08T02:30",
    "..",
    "Asia/Shanghai",
    "America/New_York",
    "\u{feff}",
    "\0",
    "𝒳𝒴",
    "../x.csv",
    "policy.yaml",
    "P",
    "*",
    "&a",
    "- ",
    "{",
    "]",
    "\"",
    "'",
    "|",
    ": ",
    "#",
    "best",
    "exclusive",
    "stack",
    "unit",
    "largest",
    "net",
    "line",
    "order",
    "9223372036854775807",
    "-9223372036854775808",
    "4294967295",
];

/// Files and the source they come from, whose questions are asked.
#[derive(Clone)]
pub struct Input {
    pub source: usize,
    pub files: Files,
}

pub fn make(corpus: &Corpus, random: &mut Random) -> Input {
    // What is refused as it is seldom gets better by mutation.
    let mut source = Corpus::usual(random, corpus.sources.len(), 400);
    while !corpus.sources[source].sound && random.below(4) > 0 {
        source = Corpus::usual(random, corpus.sources.len(), 400);
    }
    let mut files = corpus.sources[source].files.clone();
    let most = *random.pick(&[1, 1, 2, 4]);
    for _ in 0..=random.below(most) {
        if files.is_empty() {
            break;
        }
        // The policy itself more often than its tables.
        let at =
            files.iter().position(|(name, _)| name == "policy.yaml").filter(|_| random.below(3) > 0).unwrap_or(random.below(files.len()));
        let (name, bytes) = &mut files[at];
        let is_table = name.ends_with(".csv");
        match random.below(8) {
            0 => mutate_bytes(bytes, random),
            1 => mutate_text(corpus, bytes, random),
            2 | 3 => mutate_tokens(corpus, bytes, random),
            _ if is_table => mutate_table(corpus, bytes, random),
            _ => mutate_tree(corpus, bytes, random),
        }
        if random.one_in(40) {
            match random.below(3) {
                0 => drop(files.remove(at)),
                1 => files[at].0.push('x'),
                _ => {
                    let other = random.pick(&corpus.sources[..corpus.sources.len() - 1]);
                    files.extend(other.files.first().cloned());
                }
            }
        }
    }
    Input { source, files }
}

fn mutate_bytes(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    match random.below(4) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, random.next() as u8),
        _ if at == bytes.len() => {}
        2 => bytes[at] ^= 1 << random.below(8),
        _ => drop(bytes.drain(at..bytes.len().min(at + 1 + random.below(8)))),
    }
}

/// A piece is cut, repeated, or comes from another policy.
fn mutate_text(corpus: &Corpus, bytes: &mut Vec<u8>, random: &mut Random) {
    let piece = |bytes: &[u8], random: &mut Random| {
        let from = random.below(bytes.len() + 1);
        from..bytes.len().min(from + random.below(60))
    };
    let here = piece(bytes, random);
    match random.below(5) {
        0 => drop(bytes.drain(here)),
        1 => {
            let copy = bytes[here.clone()].to_vec();
            bytes.splice(here.end..here.end, copy);
        }
        2 => {
            let other = random.pick(&corpus.sources[..corpus.sources.len() - 1]);
            if let Some((_, text)) = other.files.first() {
                let copy = text[piece(text, random)].to_vec();
                bytes.splice(here, copy);
            }
        }
        3 => drop(bytes.splice(here, random.pick(SCALARS).bytes())),
        // Line ends of another system.
        _ => *bytes = String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes(),
    }
}

fn mutate_tokens(corpus: &Corpus, bytes: &mut Vec<u8>, random: &mut Random) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut tokens = words(&text);
    let mut place = || random.below(tokens.len());
    let (at, other) = (place(), place());
    match random.below(5) {
        0 => drop(tokens.remove(at)),
        1 => tokens.insert(at, tokens[other]),
        2 => tokens.swap(at, other),
        3 => tokens[at] = random.word(SCALARS),
        _ => tokens[at] = random.word(&corpus.tokens),
    }
    *bytes = tokens.concat().into_bytes();
}

fn mutate_table(corpus: &Corpus, bytes: &mut Vec<u8>, random: &mut Random) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    if rows.is_empty() {
        return;
    }
    let (row, other) = (random.below(rows.len()), random.below(rows.len()));
    let cell = random.below(rows[row].len());
    match random.below(8) {
        0 => drop(rows.remove(row)),
        1 => rows.push(rows[row].clone()),
        2 => rows.swap(row, other),
        3 => rows[row][cell] = random.word(SCALARS),
        4 => rows[row][cell] = random.word(&corpus.tokens),
        5 => drop(rows[row].remove(cell)),
        6 => rows[row].push(random.word(SCALARS)),
        _ => {
            let from = random.below(rows[other].len());
            rows[row][cell] = rows[other][from];
        }
    }
    *bytes = rows.iter().map(|row| row.join(",") + "\n").collect::<String>().into_bytes();
}

fn mutate_tree(corpus: &Corpus, bytes: &mut Vec<u8>, random: &mut Random) {
    let Some(mut tree) = tree::read(0, &String::from_utf8_lossy(bytes), &mut Diagnostics::default()) else { return };
    for _ in 0..=random.below(2) {
        change(corpus, &mut tree, "", random);
    }
    let mut text = String::new();
    write(&tree, &mut text);
    text.push('\n');
    *bytes = text.into_bytes();
}

fn scalar(text: &str) -> Tree {
    Tree { place: Place::FOLDER, value: Value::Text { text: text.to_owned(), plain: true } }
}

/// Changes one value somewhere below; `key` is the nearest key above it.
fn change(corpus: &Corpus, tree: &mut Tree, key: &str, random: &mut Random) {
    let deeper = random.below(6) > 0;
    match &mut tree.value {
        Value::Map(entries) if deeper && !entries.is_empty() => {
            let at = random.below(entries.len());
            let entry = &mut entries[at];
            return change(corpus, &mut entry.tree, &entry.key, random);
        }
        Value::List(items) if deeper && !items.is_empty() => {
            let at = random.below(items.len());
            return change(corpus, &mut items[at], key, random);
        }
        Value::Map(entries) if random.below(3) > 0 => {
            let (key, tree) = random.pick(&corpus.entries).clone();
            let fresh = Entry { key, place: Place::FOLDER, tree };
            match random.below(3) {
                _ if entries.is_empty() => entries.push(fresh),
                0 => {
                    let at = random.below(entries.len());
                    entries.remove(at);
                }
                1 => entries.push(fresh),
                _ => {
                    let at = random.below(entries.len());
                    entries[at].key = fresh.key;
                }
            }
            return;
        }
        Value::List(items) if random.below(3) > 0 => {
            let at = random.below(items.len() + 1);
            match random.below(3) {
                0 if at < items.len() => drop(items.remove(at)),
                1 if at < items.len() => items.push(items[at].clone()),
                _ => items.insert(at, random.pick(&corpus.entries).1.clone()),
            }
            return;
        }
        _ => {}
    }
    match random.below(5) {
        0 => *tree = scalar(random.word(SCALARS)),
        1 => *tree = random.pick(&corpus.entries).1.clone(),
        2 => {
            let most = if random.one_in(20) { 40 } else { 2 };
            let levels = 1 + random.below(most);
            for _ in 0..levels {
                let inside = std::mem::replace(tree, scalar(""));
                tree.value = Value::List(vec![inside]);
            }
        }
        // What stands under the same key elsewhere fits most often.
        _ => {
            let from = random.below(corpus.entries.len());
            let same = corpus.entries[from..].iter().chain(&corpus.entries[..from]).find(|(other, _)| other == key);
            *tree = same.map_or_else(|| scalar(random.word(&corpus.tokens)), |(_, tree)| tree.clone());
        }
    }
}

/// A tree as YAML in one line.
fn write(tree: &Tree, out: &mut String) {
    match &tree.value {
        Value::Blank | Value::Refused => out.push('~'),
        Value::Text { text, plain } if *plain && !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "._-/".contains(c)) => {
            out.push_str(text);
        }
        Value::Text { text, .. } => out.push_str(&serde_json::to_string(text).unwrap_or_default()),
        Value::List(items) => {
            out.push('[');
            for item in items {
                write(item, out);
                out.push_str(", ");
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for entry in entries {
                out.push_str(&serde_json::to_string(&entry.key).unwrap_or_default());
                out.push_str(": ");
                write(&entry.tree, out);
                out.push_str(", ");
            }
            out.push('}');
        }
    }
}

/// What came of the files, in a few words; or what is wrong with the engine.
pub fn run(corpus: &Corpus, input: &Input) -> Verdict<String> {
    let mut imported = import::files(input.files.clone());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    if checked.is_some() == imported.diagnostics.failed() {
        return Err(format!("checked: {}, failed: {}", checked.is_some(), imported.diagnostics.failed()));
    }
    for finding in &imported.diagnostics.found {
        if finding.message.is_empty() || finding.help.is_empty() {
            return Err(format!("a diagnostic without words: {finding:?}"));
        }
        if finding.place != Place::FOLDER && finding.place.file as usize >= imported.sources.files.len() {
            return Err(format!("a diagnostic outside the files: {finding:?}"));
        }
    }
    let Some(checked) = checked else {
        return Ok(imported.diagnostics.found.first().map_or_else(String::new, |finding| finding.code.to_string()));
    };
    let engine =
        Engine::load(compile::compile(&checked).bytes()).map_err(|faults| format!("a sound policy became no sound bundle: {faults}"))?;
    wire::policy_info(&engine);
    let mut answered = 0;
    let own = imported.tests.iter().map(|test| &test.input);
    for question in own.take(3).chain(corpus.sources[input.source].questions.iter().take(3)) {
        match wire::quote(&engine, question) {
            Ok(text) => {
                oracle::claims(engine.policy(), &oracle::quote(&text)?, question)?;
                answered += 1;
            }
            Err(faults) => oracle::faults(&faults)?,
        }
    }
    Ok(if answered > 0 { "loaded and answered" } else { "loaded, no answer" }.to_owned())
}

/// Inputs with something less.
pub fn smaller(input: &Input) -> Vec<Input> {
    let mut list = Vec::new();
    for (at, (_, bytes)) in input.files.iter().enumerate() {
        let mut without = input.clone();
        without.files.remove(at);
        list.push(without);
        for size in [bytes.len() / 2, bytes.len() / 4, bytes.len() / 16, 16, 4, 1] {
            for from in (0..bytes.len()).step_by(size.max(1)).take(400) {
                let mut without = input.clone();
                without.files[at].1.drain(from..bytes.len().min(from + size.max(1)));
                list.push(without);
            }
        }
    }
    list
}

pub fn show(input: &Input) -> String {
    let file = |(name, bytes): &(String, Vec<u8>)| {
        format!("=== {name}\n{}\n", String::from_utf8_lossy(bytes).escape_debug().to_string().replace("\\n", "\n"))
    };
    input.files.iter().map(file).collect()
}
