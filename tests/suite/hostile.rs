//! Hostile bundles: mutated inside, with the hash repaired, so that section checks and evaluation are reached. No panic, whatever the bytes.

use crate::case;
use qudao::diagnostic::Diagnostics;
use qudao::wire::Node;
use qudao::{Engine, check, compile, import, policy_test, wire};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;

const ANSWERED: &str = "loaded and answered";
const HASH: std::ops::Range<usize> = 8..40;

#[test]
fn a_mutated_bundle_is_refused_or_answers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/haofeng");
    let mut imported = import::folder(&folder);
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("the sample is sound");
    let sound = compile::compile(&checked).bytes().to_vec();
    let questions: Vec<Node> = imported.tests.iter().map(|test| test.input.clone()).collect();
    let reached = mutated(&sound, &questions, 1_500);
    for (outcome, times) in &reached {
        println!("{times:5} {outcome}");
    }
    assert!(reached.get(ANSWERED).is_some_and(|times| *times > 150), "evaluation is hardly reached: {reached:#?}");
}

/// The sample has few coupons, gifts, limits, budgets and entries of channel sections; their cases have them.
#[test]
fn mutated_bundles_of_cases_are_refused_or_answer() {
    let mut answered = 0;
    for case in case::all("good", &["case", "says", "source", "files", "tests"]) {
        if !["assortment", "coupons", "gifts", "limits", "redemption", "territory"].iter().any(|topic| case.name.starts_with(topic)) {
            continue;
        }
        let mut imported = import::files(case::files(&case));
        let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("the case is sound");
        let tests = policy_test::read(&case.tree, |_| None, &mut Diagnostics::default());
        let questions: Vec<Node> = tests.into_iter().map(|test| test.input).collect();
        answered += mutated(compile::compile(&checked).bytes(), &questions, 1_000).get(ANSWERED).copied().unwrap_or_default();
    }
    assert!(answered > 1_000, "evaluation is hardly reached: {answered}");
}

/// Loads and asks bundles that differ from a sound one in a few places; what came of it, counted.
fn mutated(sound: &[u8], questions: &[Node], rounds: u32) -> BTreeMap<String, u32> {
    let mut random = Random(20_261_121);
    let mut reached: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..rounds {
        let mut bytes = sound.to_vec();
        for _ in 0..=random.below(3) {
            if bytes.len() == HASH.end {
                break;
            }
            let at = HASH.end + random.below(bytes.len() - HASH.end);
            match random.below(5) {
                0 => bytes[at] ^= 1 << random.below(8),
                1 => bytes[at] = 0xff,
                2 => bytes[at] = bytes[at].wrapping_add(1),
                3 => bytes.truncate(at),
                // A whole number at once, where the small steps above rarely lead.
                _ => {
                    let at = at / 4 * 4;
                    let end = bytes.len().min(at + 4);
                    bytes[at..end].fill(if random.below(2) == 0 { 0 } else { 0x7f });
                }
            }
        }
        let hash = Sha256::digest(&bytes[HASH.end..]);
        bytes[HASH].copy_from_slice(&hash);
        let outcome = match Engine::load(&bytes) {
            Err(faults) => faults.0[0].message.clone(),
            Ok(engine) => {
                wire::policy_info(&engine);
                let answered = questions.iter().filter(|question| wire::quote(&engine, question).is_ok()).count();
                if answered == 0 { "loaded, no answer".to_owned() } else { ANSWERED.to_owned() }
            }
        };
        *reached.entry(outcome).or_default() += 1;
    }
    reached
}

/// A small deterministic generator.
struct Random(u64);

impl Random {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % count
    }
}

#[test]
fn thousands_of_rivals_are_searched_within_the_budget() {
    let rivals = 3_000;
    let promotions: String =
        (1..=rivals).map(|off| format!("  - {{ id: r{off}, at: {{ quantity: 1 }}, get: {{ amount_off: {off} }}, group: g }}\n")).collect();
    let policy = format!(
        "policy: {{ id: rivals, version: '1', valid: 2026-01-01 .. 2026-12-31 }}\nproducts: p.csv\nprices: [{{ id: list, by: [sku], table: l.csv }}]\n\
         groups: [{{ id: g, mode: best }}]\npromotions:\n{promotions}"
    );
    let files = [("policy.yaml", policy.as_str()), ("p.csv", "sku,unit\nP,EA\n"), ("l.csv", "sku,price\nP,1000000\n")];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("the policy is sound");
    let engine = Engine::load(compile::compile(&checked).bytes()).unwrap();
    let question = serde_json::json!({
        "order": { "schema": 1, "lines": [{ "sku": "P", "quantity": 1 }] },
        "dealer": { "schema": 1, "id": "D", "as_of": 0 },
        "now": "2026-06-01T00:00:00+08:00",
    });
    let quote = wire::quote(&engine, &serde_json::from_value(question).unwrap()).unwrap();
    let quote: serde_json::Value = serde_json::from_str(&quote).unwrap();
    assert_eq!(quote["totals"]["discount"], format!("{rivals}.00"));
    assert_eq!(quote["combination"]["proof"], "optimal");
    assert!(quote["combination"]["steps"].as_u64().is_some_and(|steps| steps < 10_000), "{}", quote["combination"]);
}
