//! Sentences: every code has a case in both languages, and the steps of an explanation sum to its totals.

use crate::asked::engine;
use crate::case::{self, Case};
use crate::differential::tree_of;
use crate::laws::{self, share};
use crate::world::{self, worlds};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use qudao::diagnostic::Diagnostics;
use qudao::explain::CODES;
use qudao::import::tree::{Entry, Tree, Value as Written};
use qudao::wire::{self, Node};
use qudao::{Engine, policy_test};
use serde_json::Value;

fn cases() -> Vec<Case> {
    case::all("sentences", &["case", "says", "source", "files", "tests"])
}

#[test]
fn every_sentence_is_as_expected() {
    let wrong: Vec<String> = cases().iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_code_has_a_case_in_both_languages() {
    let mut shown: Vec<String> = Vec::new();
    for case in cases() {
        for expected in tests(&case).iter().flat_map(|test| test.expect.entries()) {
            let both = ["zh", "en"].iter().all(|key| expected.tree.get(key).and_then(Tree::text).is_some());
            let code = expected.tree.get("code").and_then(Tree::text).unwrap_or_default();
            assert!(both && CODES.contains(&code), "{}: {}", case.name, expected.key);
            shown.push(code.to_owned());
        }
    }
    let without: Vec<&&str> = CODES.iter().filter(|code| !shown.iter().any(|shown| shown == *code)).collect();
    assert!(without.is_empty(), "codes without a case: {without:?}");
}

/// Whatever a case asks for, its sentences are whole ones with a known code.
#[test]
fn every_answer_of_a_case_is_said_in_whole_sentences() {
    for case in case::all("good", &["case", "says", "source", "files", "tests"]) {
        let engine = engine(&case);
        for (input, language) in policy_test::read(&case.tree, |_| None, &mut Diagnostics::default())
            .iter()
            .flat_map(|test| [(&test.input, "zh"), (&test.input, "en")])
        {
            let Node::Map(mut entries) = input.clone() else { unreachable!("a test has an input") };
            entries.extend([("language".to_owned(), Node::Text(language.to_owned())), ("all".to_owned(), Node::Bool(true))]);
            let Ok(text) = wire::explain(&engine, &Node::Map(entries)) else { continue };
            for sentence in serde_json::from_str::<Vec<Value>>(&text).unwrap() {
                let (code, text) = (sentence["code"].as_str().unwrap(), sentence["text"].as_str().unwrap());
                assert!(text.ends_with(['.', '。']) && !text.contains("  ") && CODES.contains(&code), "{}: {code}: {text}", case.name);
            }
        }
    }
}

/// The list of codes is the code that says them: what is written in capitals where sentences and guards are made.
#[test]
fn the_list_of_codes_is_whole() {
    let said = include_str!("../../src/explain.rs").split('"').chain(include_str!("../../src/wire/answer.rs").split('"'));
    let is_code = |text: &&str| text.len() > 3 && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    let mut said: Vec<&str> = said.filter(is_code).collect();
    said.sort_unstable();
    said.dedup();
    let mut listed = CODES.to_vec();
    listed.sort_unstable();
    assert_eq!(listed, said);
}

/// Dealers are told nothing of each other, no code that they did not enter, and of hidden products nothing but the SKU that they sent themselves.
#[test]
fn an_explanation_names_no_other_dealer_and_nothing_hidden() {
    for case in cases().into_iter().filter(|case| case.name.ends_with("promotions.yaml") || case.name.ends_with("offers.yaml")) {
        let (engine, test) = (engine(&case), tests(&case).remove(0));
        for language in ["zh", "en"] {
            let said = Value::from(explain(&engine, &test.input, language, true)).to_string();
            assert!(["D8", "D9", "秘密", "Secret", "SESAME", "SIMSIM"].iter().all(|word| !said.contains(word)), "{said}");
        }
    }
}

fn tests(case: &Case) -> Vec<policy_test::PolicyTest> {
    let mut faults = Diagnostics::default();
    let tests = policy_test::read(&case.tree, |_| None, &mut faults);
    assert!(faults.found.is_empty() && !tests.is_empty(), "{}: {:?}", case.name, faults.found);
    tests
}

fn differences(case: &Case) -> Vec<String> {
    let engine = engine(case);
    let mut wrong = Vec::new();
    for test in tests(case) {
        for language in ["zh", "en"] {
            let said = explain(&engine, &test.input, language, true);
            for Entry { key: path, tree, .. } in test.expect.entries() {
                let found: Vec<&Value> = said.iter().filter(|sentence| sentence["path"] == path.as_str()).collect();
                let [sentence] = found[..] else {
                    wrong.push(format!("{}: {}: {path}: {} sentences", case.name, test.name, found.len()));
                    continue;
                };
                for Entry { key, tree: expected, .. } in tree.entries() {
                    let found = match key.as_str() {
                        "zh" | "en" if key != language => continue,
                        "zh" | "en" => &sentence["text"],
                        key => &sentence[key],
                    };
                    if plain(expected) != shown(found) {
                        wrong.push(format!("{}: {}: {path}: expected {}, found {found}", case.name, test.name, plain(expected)));
                    }
                }
            }
        }
    }
    wrong
}

/// A value of a case as a line of text.
fn plain(tree: &Tree) -> String {
    match &tree.value {
        Written::Text { text, .. } => text.clone(),
        Written::List(items) => items.iter().map(plain).collect::<Vec<_>>().join(","),
        _ => "null".to_owned(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn explain(engine: &Engine, input: &Node, language: &str, all: bool) -> Vec<Value> {
    let Node::Map(mut entries) = input.clone() else { panic!("an input is a map") };
    entries.push(("language".to_owned(), Node::Text(language.to_owned())));
    entries.push(("all".to_owned(), Node::Bool(all)));
    serde_json::from_str(&wire::explain(engine, &Node::Map(entries)).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(laws::cases(300))]

    /// Read from the sentences alone, with the minus sign and thousands as people see them.
    #[test]
    fn the_steps_of_an_explanation_sum_to_its_totals(world in worlds(), chinese in any::<bool>()) {
        let engine = world.engine();
        let quote = world.quote();
        let said = explain(&engine, &world::node(world.question()), if chinese { "zh" } else { "en" }, true);
        let figures_at = |path: &str| said.iter().find(|sentence| sentence["path"] == path).map(figures);
        let (mut list, mut net, mut taken) = (0, 0, 0);
        for (index, line) in quote["lines"].as_array().unwrap().iter().enumerate() {
            let minor = |key: &str| line[key].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
            let steps = match figures_at(&format!("lines[{index}].adjustments")) {
                None => Vec::new(),
                Some(figures) => {
                    prop_assert_eq!(figures.first(), Some(&minor("list")));
                    prop_assert_eq!(figures.last(), Some(&minor("net")));
                    figures[1..figures.len() - 1].to_vec()
                }
            };
            prop_assert_eq!(minor("list") - steps.iter().sum::<i64>(), minor("net"));
            (list, net, taken) = (list + minor("list"), net + minor("net"), taken + steps.iter().sum::<i64>());
        }
        prop_assert_eq!(figures_at("totals"), Some(vec![list, taken, net]));
        let applied = said.iter().filter(|sentence| sentence["code"] == "RULE_APPLIED");
        let gifts = quote["totals"]["gift_value"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
        prop_assert_eq!(applied.map(|sentence| figures(sentence).first().copied().unwrap_or_default()).sum::<i64>(), taken + gifts);
        // Every promotion is spoken of: by its outcome, or by the reasons for having none.
        let spoken = |rule: &str| said.iter().any(|sentence| sentence["path"].as_str().unwrap().starts_with(&format!("promotions.{rule}[")));
        for rule in engine_promotions(&engine) {
            let outcome = quote["rules"].as_array().unwrap().iter().any(|outcome| outcome["rule"] == rule.as_str());
            prop_assert!(outcome != spoken(&rule), "{}", rule);
        }
        prop_assert!(said.iter().all(|sentence| CODES.contains(&sentence["code"].as_str().unwrap())));
    }
}

/// The same where there is everything there is: units, fractions, tax, freight, approved adjustments, transitions.
#[test]
fn the_steps_of_an_explanation_sum_with_everything_there_is() {
    let strategy = world::passing_worlds();
    let mut explained = 0;
    for seed in 0..u64::from(share(1_000)) {
        let world = tree_of(&strategy, 9_000_000 + seed).current();
        let (engine, question) = (world.engine(), world::node(world.question()));
        let Ok(quote) = wire::quote(&engine, &question) else { continue };
        let quote: Value = serde_json::from_str(&quote).unwrap();
        let said = explain(&engine, &question, if seed % 2 == 0 { "zh" } else { "en" }, true);
        let figures_at = |path: &str| said.iter().find(|sentence| sentence["path"] == path).map(figures);
        let minor = |amount: &Value| amount.as_str().map_or(0, |text| text.replace('.', "").parse::<i64>().unwrap());
        let of_rules = |step: &&Value| step["stage"] != "approved";
        let mut by_rules = 0;
        for (index, line) in quote["lines"].as_array().unwrap().iter().enumerate() {
            let steps = line["adjustments"].as_array().unwrap();
            by_rules += steps.iter().filter(of_rules).map(|step| minor(&step["amount"])).sum::<i64>();
            let said = figures_at(&format!("lines[{index}].adjustments"));
            assert_eq!(said.is_some(), !steps.is_empty(), "world {seed}: line {index}");
            if let Some(said) = said {
                explained += 1;
                let steps: Vec<i64> = steps.iter().map(|step| minor(&step["amount"])).collect();
                let all = [vec![minor(&line["list"])], steps, vec![minor(&line["net"])]].concat();
                assert_eq!(said, all, "world {seed}: line {index}");
                assert_eq!(said[0] - said[1..said.len() - 1].iter().sum::<i64>(), said[said.len() - 1], "world {seed}: line {index}");
            }
        }
        let totals = &quote["totals"];
        let applied = said.iter().filter(|sentence| sentence["code"] == "RULE_APPLIED");
        let worth = applied.map(|sentence| figures(sentence).first().copied().unwrap_or_default()).sum::<i64>();
        assert_eq!(worth, by_rules + minor(&totals["gift_value"]) + minor(&totals["freight_discount"]), "world {seed}");
        let whole = figures_at("totals").unwrap();
        // The net is told behind what tax and freight there are.
        assert_eq!(whole[..2], ["list", "discount"].map(|key| minor(&totals[key])), "world {seed}");
    }
    assert!(explained > u64::from(share(1_000)) / 4, "{explained}");
}

fn engine_promotions(engine: &Engine) -> Vec<String> {
    let info: Value = serde_json::from_str(&wire::policy_info(engine)).unwrap();
    info["promotions"].as_object().unwrap().keys().cloned().collect()
}

/// Amounts of a sentence, in minor units.
fn figures(sentence: &Value) -> Vec<i64> {
    let text = sentence["text"].as_str().unwrap();
    let starts = ["¥", "JPY ", "KWD ", "USD "].iter().flat_map(|sign| text.match_indices(sign).map(|(at, sign)| at + sign.len()));
    let mut starts: Vec<usize> = starts.collect();
    starts.sort_unstable();
    let digits = |at: usize| text[at..].chars().take_while(|c| c.is_ascii_digit() || *c == '.' || *c == ',');
    let amount = |at: usize| digits(at).filter(char::is_ascii_digit).collect::<String>().parse::<i64>().unwrap();
    starts.into_iter().map(amount).collect()
}
