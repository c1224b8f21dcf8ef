//! Grading against its slow twin: random scorecards and random dealers.

use super::compare;
use crate::random::Random;
use crate::slow;
use qudao::{check, grade, import};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const CARDS: u64 = 400;
/// What a run must meet.
const LEAST: u64 = 50;

#[test]
fn gradings_are_the_same_slowly() {
    let mut met = BTreeMap::<String, u64>::new();
    for seed in 0..CARDS {
        let mut random = Random(seed);
        let (card, period) = card(&mut random);
        let table = table(&mut random, card.contains("newcomer"));
        let text = format!("policy: {{ id: p, version: '1' }}\nproducts: p.csv\ngrades: [{{ id: A }}, {{ id: B }}, {{ id: C }}]\n{card}");
        let files = [("policy.yaml", text.as_str()), ("p.csv", "sku,unit\nP,EA\n")];
        let import::Imported { policy, sources, mut diagnostics, .. } =
            import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
        let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:?}\n{text}", diagnostics.found));
        let own = &checked.policy().scorecards[0];
        let (rows, import::Imported { sources, mut diagnostics, .. }) =
            import::scores("scores.csv", table.clone().into_bytes(), "CNY", own);
        let grading = grade::grade(&checked, own, period, &rows, &sources, &mut diagnostics);
        let grading = grading.unwrap_or_else(|| panic!("{:?}\n{table}", diagnostics.found));
        let answer = grade::json(checked.policy(), own, &grading, &[]);
        let slow = slow::grade::grade(own, period, &table);
        let mut list = Vec::new();
        compare("", &told(&answer), &slow, &mut list);
        assert!(list.is_empty(), "card {seed}\n{}\n{card}\n{period}\n{table}", list.join("\n"));
        for proposal in slow["proposals"].as_array().expect("a list") {
            let mut add = |what: String| *met.entry(what).or_default() += 1;
            add(proposal["change"].as_str().expect("a word").to_owned());
            for (holds, what) in [
                (proposal["eliminate"] == true, "eliminate"),
                (proposal["unrated"] == "kpi_missing", "kpi_missing"),
                (proposal["next"]["missing"] == "0", "no place left or needs"),
                (proposal["next"]["alone"].as_array().is_some_and(|alone| alone.len() > 1), "several alone"),
                (proposal["protected"] == true && proposal["change"] == "same", "protected"),
            ] {
                if holds {
                    add(what.to_owned());
                }
            }
        }
    }
    for (what, times) in &met {
        println!("{times:>8}  {what}");
    }
    assert!(met.len() == 10 && met.values().all(|times| *times >= LEAST), "{met:?}");
}

/// What the slow one tells too; points, what is deducted and sentences are in cases.
fn told(answer: &Value) -> Value {
    let mut proposals: Vec<Value> = answer["proposals"].as_array().expect("a list").clone();
    for proposal in &mut proposals {
        let proposal = proposal.as_object_mut().expect("an object");
        for key in ["says", "points", "tenure", "deducted"] {
            proposal.remove(key);
        }
        if let Some(next) = proposal.get_mut("next").and_then(Value::as_object_mut) {
            next.remove("worth");
        }
    }
    proposals.sort_by_key(|proposal| proposal["dealer"].as_str().expect("an id").to_owned());
    json!({ "ends": answer["ends"], "effective": answer["effective"], "rated": answer["rated"], "proposals": proposals })
}

fn card(random: &mut Random) -> (String, &'static str) {
    let mut maybe = |text: &str| if random.index(2) == 0 { text.to_owned() } else { String::new() };
    let first =
        format!("zero: {}, full: 100{}{}", if maybe("x").is_empty() { "0" } else { "50" }, maybe(", most: 120"), maybe(", floor: 20"));
    let second = format!("zero: 45, full: 15{}", maybe(", floor: 40"));
    let (missing, digits) = (maybe(", missing: 50"), maybe(", digits: 1"));
    let (most, years) = (maybe(", most: 12"), maybe("    tenure: { per_year: 1.5, most: 4 }\n"));
    let (newcomer, ties) = (maybe("    newcomer_months: 6\n"), if maybe("x").is_empty() { "d" } else { "b, a" });
    let (keep, share, needs) = (maybe(", keep: 55"), maybe(", share: 30"), maybe(", needs: [{ kpi: d, value: 2 }, { kpi: a, value: 40 }]"));
    let (lower, second_share) = (maybe(", keep: 35.5"), maybe(", share: 45"));
    let (below, bottom) = (maybe(", below: 45"), maybe("yes"));
    let protected = maybe("    protected: [D1, D5]\n");
    let third = if maybe("x").is_empty() {
        "[{ from: 20, points: 60 }, { from: 35.5, points: 100 }]"
    } else {
        "[{ up_to: 10, points: 100 }, { up_to: 50, points: 33.3 }]"
    };
    let rounds = ["half_up", "half_even", "half_down", "down"];
    let (round, other) = (rounds[random.index(4)], rounds[random.index(4)]);
    let (kind, period) = [("month", "2026-02"), ("quarter", "2026-Q3"), ("half", "2026-H2"), ("year", "2026")][random.index(4)];
    let share_or_count = ["share: 30", "share: 30", "count: 2"][random.index(3)];
    let sample = ["", "", ", sample: 4", ", sample: 9"][random.index(4)];
    let bottom =
        if bottom.is_empty() { String::new() } else { format!("    bottom: {{ {share_or_count}, round: {other}{below}{sample} }}\n") };
    let text = format!(
        "scorecards:\n  - id: card\n    period: {kind}\n    kpis:\n      - {{ id: a, weight: 40, line: {{ {first} }}{missing}{digits} }}\n      \
         - {{ id: b, weight: 35.5, line: {{ {second} }} }}\n      - {{ id: c, weight: 24.5, steps: {third}, missing: 10 }}\n      \
         - {{ id: d, steps: [{{ up_to: 0, points: 100 }}] }}\n    deductions: [{{ kpi: d, each: 2.5{most} }}]\n{years}{newcomer}    ties: [{ties}]\n    \
         grades: [{{ grade: A, from: 61{keep}{share}, round: {round} }}, {{ grade: B, from: 40{lower}{second_share}{needs} }}, {{ grade: C }}]\n{bottom}{protected}    \
         notice_months: {}\n",
        random.index(4)
    );
    (text, period)
}

fn table(random: &mut Random, since: bool) -> String {
    let mut table = "dealer,grade,since,a,b,c,d\n".to_owned();
    let figure = |random: &mut Random, most: u64, blank: usize| match random.index(20) {
        blanks if blanks < blank => String::new(),
        19 => format!("{}.5", random.below(most)),
        18 => format!("{}.333333", random.below(most)),
        _ => random.below(most).to_string(),
    };
    for dealer in 0..random.index(14) {
        let grade = ["", "A", "B", "C"][random.index(4)];
        let day = ["2020-07-01", "2026-08-31", "2025-12-31", "2026-03-30", "2026-04-01", "2027-01-01", "2026-09-30", "2024-02-29"]
            [random.index(8)];
        let day = if since || random.index(3) > 0 { day } else { "" };
        let (a, b, c, d) = (figure(random, 130, 1), figure(random, 60, 1), figure(random, 60, 3), figure(random, 5, 4));
        writeln!(table, "D{dealer},{grade},{day},{a},{b},{c},{d}").unwrap();
    }
    table
}
