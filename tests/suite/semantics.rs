//! Every example of `docs/semantics.md` names the cases that prove it, and its figures stand in them.

use qudao::num::Number;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_example_of_the_semantics_is_a_case() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(root.join("docs/semantics.md")).expect("the semantics");
    let mut faults = Vec::new();
    let mut count = 0;
    for (number, line) in text.lines().enumerate() {
        let Some(at) = line.find("Example") else { continue };
        count += 1;
        let example = line[at..].trim_start_matches("Examples").trim_start_matches("Example");
        let named = example.strip_prefix(" (").and_then(|rest| rest.split_once("): "));
        let Some((names, example)) = named else {
            faults.push(format!("line {}: no cases are named, as in `Example (pricing/A63): …`", number + 1));
            continue;
        };
        let mut there = BTreeSet::new();
        for name in names.split(", ") {
            let (topic, case) = name.split_once('/').unwrap_or_default();
            let read = |kind: &str| fs::read_to_string(root.join(format!("tests/cases/{topic}/{kind}/{case}.yaml"))).ok();
            match ["good", "answers", "equal", "graded", "returned", "planned", "commands"].into_iter().find_map(read) {
                Some(text) => there.extend(figures(&text)),
                None => faults.push(format!("line {}: there is no case {name}", number + 1)),
            }
        }
        let missing: Vec<String> = figures(example).difference(&there).map(|figure| figure.0.normalize().to_string()).collect();
        if !missing.is_empty() {
            faults.push(format!("line {}: not in {names}: {}", number + 1, missing.join(", ")));
        }
    }
    assert!(count >= 35, "only {count} examples were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Every number of a text that is no part of a word, an instant or a reference to a section. Thousands may stand apart: 12,000.00.
fn figures(text: &str) -> BTreeSet<Number> {
    let mut list = BTreeSet::new();
    for word in text.split(|c: char| c.is_whitespace() || "[]{}`\"'“”;|×".contains(c)) {
        let bare = word.trim_matches(['(', ')', '.', ',', ':']);
        // `(8.3)` is a section, `2026-11-21` a day.
        let section = word.starts_with('(') && word.contains(')') && bare.split_once('.').is_some_and(|(_, rest)| rest.len() == 1);
        let day = bare.len() >= 10 && bare.as_bytes()[4] == b'-';
        if section || day {
            continue;
        }
        let mut groups = bare.split(',').skip(1).peekable();
        let thousands = groups.peek().is_some() && groups.all(|group| group.split('.').next().is_some_and(|digits| digits.len() == 3));
        match bare.replace(',', "").parse::<Number>() {
            Ok(figure) if thousands => list.extend([figure]),
            _ => list.extend(bare.split([',', '(', ')', '%']).filter_map(|part| part.trim_end_matches('.').parse::<Number>().ok())),
        }
    }
    list
}
