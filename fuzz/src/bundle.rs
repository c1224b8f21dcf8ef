//! Bundles, mutated inside with lengths and hash repaired, so that the checks of every section and evaluation itself are reached.

use crate::corpus::{Corpus, Shop};
use crate::oracle::{self, Verdict};
use crate::random::Random;
use qudao::{Engine, limit, wire};
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

const HASH: std::ops::Range<usize> = 8..40;

/// One column: its name, the bytes of an element, its elements.
#[derive(Clone)]
struct Column {
    name: &'static str,
    size: usize,
    values: Vec<u64>,
}

/// The columns of the format, as its declaration names them.
static FORMAT: LazyLock<Vec<(&str, usize)>> = LazyLock::new(|| {
    let source = include_str!("../../src/bundle/mod.rs");
    let (_, source) = source.split_once("columns! {\n").expect("the format is declared");
    let (source, _) = source.split_once("\n}\n").expect("the declaration ends");
    let column = |line: &'static str| {
        let (name, declared) = line.trim().strip_suffix("],")?.split_once(": ")?;
        let (kind, _) = declared.split_once(" [")?;
        Some((name, [("u8", 1), ("u32", 4), ("i64", 8)].iter().find(|(known, _)| *known == kind)?.1))
    };
    source.lines().filter_map(column).collect()
});

/// Every rule that a bundle can be refused by, as the checks name them.
pub fn rules() -> Vec<&'static str> {
    let source = include_str!("../../src/bundle/verify.rs");
    let name = |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    // What is declared of columns is named by what they hold one entry for.
    let declared = include_str!("../../src/bundle/columns.rs");
    let (_, declared) = declared.split_once("\nkinds! {\n").expect("the kinds are declared");
    let (declared, _) = declared.split_once("\n}\n").expect("the declaration ends");
    let kinds =
        declared.lines().filter_map(|line| line.trim().strip_suffix(',')).filter(|kind| kind.bytes().all(|b| b.is_ascii_alphabetic()));
    let mut rules: Vec<&str> = source.split('"').skip(1).step_by(2).filter(name).chain(kinds).chain(["columns"]).collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

fn read(bundle: &[u8]) -> Vec<Column> {
    let mut rest = &bundle[HASH.end..];
    let mut take = |count: usize| {
        let (head, tail) = rest.split_at(count);
        rest = tail;
        head
    };
    let little = |bytes: &[u8]| bytes.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
    let columns = FORMAT.iter().map(|&(name, size)| {
        let count = little(take(8)) as usize;
        let values = take((count * size).next_multiple_of(8)).chunks(size).take(count).map(little).collect();
        Column { name, size, values }
    });
    let columns = columns.collect();
    assert!(rest.is_empty(), "the columns are the whole bundle");
    columns
}

fn write(magic: &[u8], columns: &[Column]) -> Vec<u8> {
    let mut bytes = magic.to_vec();
    bytes.resize(HASH.end, 0);
    for column in columns {
        bytes.extend_from_slice(&(column.values.len() as u64).to_le_bytes());
        column.values.iter().for_each(|value| bytes.extend_from_slice(&value.to_le_bytes()[..column.size]));
        bytes.resize(bytes.len().next_multiple_of(8), 0);
    }
    bytes
}

/// One change of a bundle.
#[derive(Clone, Debug)]
enum Edit {
    Set {
        column: usize,
        at: usize,
        value: u64,
    },
    Swap {
        column: usize,
        at: usize,
        with: usize,
    },
    Remove {
        column: usize,
        at: usize,
    },
    Insert {
        column: usize,
        at: usize,
        value: u64,
    },
    Clear {
        column: usize,
    },
    /// The same column of another policy.
    Take {
        column: usize,
        shop: usize,
    },
    /// A row of every column of the same length and prefix.
    Row {
        column: usize,
        at: usize,
        double: bool,
    },
    /// After the columns: bytes as they are.
    Byte {
        at: usize,
        value: u8,
    },
    Cut {
        at: usize,
    },
    Append,
}

#[derive(Clone)]
pub struct Input {
    shop: usize,
    edits: Vec<Edit>,
}

pub fn make(corpus: &Corpus, random: &mut Random) -> Input {
    let shop = Corpus::usual(random, corpus.shops.len(), 400);
    let columns = read(&corpus.shops[shop].bundle);
    let edits = (0..=random.below(3)).map(|_| edit(corpus, &columns, random)).collect();
    Input { shop, edits }
}

fn edit(corpus: &Corpus, columns: &[Column], random: &mut Random) -> Edit {
    let mut column = random.below(columns.len());
    // An empty column has little to change; look a second time.
    if columns[column].values.is_empty() && random.below(4) > 0 {
        column = random.below(columns.len());
    }
    let values = &columns[column].values;
    if random.one_in(60) {
        let at = random.below(corpus.shops[0].bundle.len());
        return match random.below(3) {
            0 => Edit::Cut { at },
            1 => Edit::Append,
            _ => Edit::Byte { at, value: random.next() as u8 },
        };
    }
    let value = value(columns, column, random);
    if values.is_empty() {
        return if random.below(2) == 0 {
            Edit::Insert { column, at: 0, value }
        } else {
            Edit::Take { column, shop: random.below(corpus.shops.len() - 1) }
        };
    }
    let at = random.below(values.len());
    match random.below(16) {
        0 => Edit::Swap { column, at, with: random.below(values.len()) },
        1 => Edit::Remove { column, at },
        2 => Edit::Insert { column, at, value },
        3 if random.one_in(4) => Edit::Clear { column },
        3 => Edit::Take { column, shop: random.below(corpus.shops.len() - 1) },
        4 | 5 => Edit::Row { column, at, double: random.below(2) == 0 },
        _ => Edit::Set { column, at, value },
    }
}

/// A value that a check may have an opinion on: near the old ones, at the ends of ranges, at the lengths of columns, at limits.
fn value(columns: &[Column], column: usize, random: &mut Random) -> u64 {
    let values = &columns[column].values;
    let near = |value: u64, random: &mut Random| value.wrapping_add(random.below(3) as u64).wrapping_sub(1);
    match random.below(7) {
        0 if !values.is_empty() => near(*random.pick(values), random),
        1 => near(random.pick(columns).values.len() as u64, random),
        2 => near(
            *random.pick(&[limit::MONEY as u64, limit::QUANTITY as u64, u64::from(limit::PER), 1_000_000, u64::from(limit::SEARCH_STEPS)]),
            random,
        ),
        3 => *random.pick(&[0, 1, 2, 3, 4, 5, 6, 7]),
        4 => near(0, random),
        5 => *random.pick(&[u64::from(u32::MAX), i64::MAX as u64, i64::MIN as u64, u64::MAX, i32::MAX as u64, 1 << 40]),
        _ => random.next() >> random.below(64),
    }
}

fn build(corpus: &Corpus, input: &Input) -> Vec<u8> {
    let sound = &corpus.shops[input.shop].bundle;
    let mut columns = read(sound);
    for edit in &input.edits {
        apply(corpus, &mut columns, edit);
    }
    let mut bytes = write(&sound[..HASH.start], &columns);
    for edit in &input.edits {
        match *edit {
            Edit::Cut { at } => bytes.truncate(at),
            Edit::Append => bytes.extend([0; 8]),
            Edit::Byte { at, value } if at < bytes.len() => bytes[at] = value,
            _ => {}
        }
    }
    // A few stay without their hash.
    if bytes.len() >= HASH.end && !input.edits.iter().any(|edit| matches!(edit, Edit::Byte { at, .. } if HASH.contains(at))) {
        let hash = Sha256::digest(&bytes[HASH.end..]);
        bytes[HASH].copy_from_slice(&hash);
    }
    bytes
}

/// Changes the columns; places that are gone by now are passed over.
fn apply(corpus: &Corpus, columns: &mut [Column], edit: &Edit) {
    match *edit {
        Edit::Set { column, at, value } => {
            if let Some(old) = columns[column].values.get_mut(at) {
                *old = value;
            }
        }
        Edit::Swap { column, at, with } => {
            let values = &mut columns[column].values;
            if at < values.len() && with < values.len() {
                values.swap(at, with);
            }
        }
        Edit::Remove { column, at } => {
            if at < columns[column].values.len() {
                columns[column].values.remove(at);
            }
        }
        Edit::Insert { column, at, value } => {
            if at <= columns[column].values.len() {
                columns[column].values.insert(at, value);
            }
        }
        Edit::Clear { column } => columns[column].values.clear(),
        Edit::Take { column, shop } => columns[column].values = read(&corpus.shops[shop].bundle).swap_remove(column).values,
        Edit::Row { column, at, double } => {
            let prefix = |name: &'static str| name.split('_').next();
            let (rows, room) = (columns[column].values.len(), prefix(columns[column].name));
            for column in columns.iter_mut().filter(|column| column.values.len() == rows && prefix(column.name) == room && at < rows) {
                if double {
                    column.values.insert(at, column.values[at]);
                } else {
                    column.values.remove(at);
                }
            }
        }
        Edit::Byte { .. } | Edit::Cut { .. } | Edit::Append => {}
    }
}

/// What came of the bundle, in a few words; or what is wrong with the engine.
pub fn run(corpus: &Corpus, input: &Input) -> Verdict<String> {
    let engine = match Engine::load(&build(corpus, input)) {
        Err(faults) => {
            oracle::faults(&faults)?;
            let fault = &faults.0[0];
            return Ok(fault.message.split('`').nth(1).unwrap_or(fault.code).to_owned());
        }
        Ok(engine) => engine,
    };
    wire::policy_info(&engine);
    let Shop { questions, .. } = &corpus.shops[input.shop];
    let mut answered = 0;
    // Another pair of questions for another mutant.
    for turn in 0..questions.len().min(2) {
        let question = &questions[(input.edits.len() * 7 + turn) % questions.len()];
        match wire::quote(&engine, question) {
            Ok(text) => {
                oracle::quote(&text)?;
                answered += 1;
            }
            Err(faults) => oracle::faults(&faults)?,
        }
        if let Err(faults) = wire::explain(&engine, &crate::order::with(question, "language", "zh")) {
            oracle::faults(&faults)?;
        }
    }
    if let Some(question) = questions.first()
        && let Err(faults) = wire::catalog(&engine, &crate::order::without(question, "order"))
    {
        oracle::faults(&faults)?;
    }
    Ok(if answered > 0 { "loaded and answered" } else { "loaded, no answer" }.to_owned())
}

/// Inputs with something less.
pub fn smaller(input: &Input) -> Vec<Input> {
    (0..input.edits.len())
        .map(|at| {
            let mut without = input.clone();
            without.edits.remove(at);
            without
        })
        .collect()
}

pub fn show(corpus: &Corpus, input: &Input) -> String {
    let columns = &FORMAT;
    let edit = |edit: &Edit| match edit {
        Edit::Set { column, .. }
        | Edit::Swap { column, .. }
        | Edit::Remove { column, .. }
        | Edit::Insert { column, .. }
        | Edit::Clear { column }
        | Edit::Take { column, .. }
        | Edit::Row { column, .. } => format!("  `{}`: {edit:?}\n", columns[*column].0),
        Edit::Byte { .. } | Edit::Cut { .. } | Edit::Append => format!("  {edit:?}\n"),
    };
    format!("bundle of {}, with\n{}", corpus.shops[input.shop].name, input.edits.iter().map(edit).collect::<String>())
}
