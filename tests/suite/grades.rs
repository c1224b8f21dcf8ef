//! Scorecards: worked gradings as data, and what must hold of every one.

use crate::case::{self, Case};
use crate::laws::cases;
use proptest::prelude::*;
use qudao::check::CheckedPolicy;
use qudao::diagnostic::{Code, Place};
use qudao::grade::{self, Grading, Rating};
use qudao::import::tree::Tree;
use qudao::num::Percent;
use qudao::policy::{GradeRule, Kpi, Scorecard};
use qudao::policy_test::{self, PolicyTest};
use qudao::wire::Node;
use qudao::{check, import, limit};
use serde_json::Value as Json;
use std::fmt::Write as _;

const KEYS: [&str; 7] = ["case", "says", "source", "files", "period", "scores", "expect"];

#[test]
fn every_named_figure_of_a_grading_is_as_expected() {
    let cases = case::all("graded", &KEYS);
    assert!(!cases.is_empty());
    let wrong: Vec<String> = cases.iter().flat_map(differences).collect();
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

fn policy(case: &Case) -> CheckedPolicy {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(case::files(case));
    check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{}: {:?}", case.name, diagnostics.found))
}

fn text<'a>(case: &'a Case, key: &str) -> &'a str {
    case.tree.get(key).and_then(Tree::text).unwrap_or_default()
}

/// Grades the dealers of a table, or says what is wrong with it.
fn graded(policy: &CheckedPolicy, period: &str, scores: &str) -> Result<Grading, Vec<String>> {
    let card = &policy.policy().scorecards[0];
    let (rows, import::Imported { sources, mut diagnostics, .. }) = import::scores("scores.csv", scores.into(), "CNY", card);
    let grading = if diagnostics.failed() { None } else { grade::grade(policy, card, period, &rows, &sources, &mut diagnostics) };
    let shown = |place: Place| format!("{}:{}", place.line, place.column);
    grading.ok_or_else(|| diagnostics.found.iter().map(|found| format!("{} {}", shown(found.place), found.code)).collect())
}

fn differences(case: &Case) -> Vec<String> {
    let policy = policy(case);
    let grading = graded(&policy, text(case, "period"), text(case, "scores")).unwrap_or_else(|faults| panic!("{}: {faults:?}", case.name));
    let mut answer = grade::json(policy.policy(), &policy.policy().scorecards[0], &grading, &[]);
    let by_dealer = answer["proposals"].as_array().into_iter().flatten();
    let by_dealer = by_dealer.map(|proposal| (proposal["dealer"].as_str().unwrap_or_default().to_owned(), proposal.clone())).collect();
    answer["proposals"] = Json::Object(by_dealer);
    let expect = case.tree.get("expect").expect("what is expected").clone();
    let test = PolicyTest { name: case.name.clone(), place: expect.place, input: Node::Null, expect };
    let line = |difference: policy_test::Difference| {
        let policy_test::Difference { place, path, expected, found } = difference;
        format!("{}:{}: {path}: expected {expected}, found {found}", case.name, place.line)
    };
    policy_test::run(&test, |_| Ok(answer.to_string())).into_iter().map(line).collect()
}

#[test]
fn what_is_wrong_with_a_table_of_scores_is_told_all_at_once() {
    let cases = case::all("graded", &KEYS);
    let policy = policy(cases.iter().find(|case| case.name.ends_with("X-missing.yaml")).expect("the case"));
    let faults = |period: &str, scores: &str| graded(&policy, period, scores).expect_err("faults");
    assert_eq!(faults("2026-02", "dealer,sales,dispaly\nD1,1,1\n"), ["1:14 COLUMN_UNKNOWN"]);
    assert_eq!(
        faults("2026-02", "dealer,grade,since,sales\nD3,A,,1\nD1,C,2026-02-30,1.1234567\nD1,A,,1\n,,,\nD2,,,1000000000001\n"),
        ["2:1 ID_UNKNOWN", "3:4 ID_UNKNOWN", "3:17 NUMBER_DIGITS", "3:6 VALIDITY_INVALID", "4:1 ID_DUPLICATE", "6:6 NUMBER_RANGE"]
    );
    for period in ["2026-2", "2026-13", "2026-Q1", "2026", "", "1969-12", "９026-01"] {
        assert_eq!(faults(period, "dealer,sales\nD1,1\n"), ["0:0 VALIDITY_INVALID"], "{period}");
    }
}

#[test]
fn a_table_rates_as_many_dealers_as_the_ceiling_says() {
    let cases = case::all("graded", &KEYS);
    let policy = policy(cases.iter().find(|case| case.name.ends_with("X-grades.yaml")).expect("the case"));
    let table = |dealers: usize| {
        (0..dealers).fold("dealer,score\n".to_owned(), |mut text, at| {
            let _ = writeln!(text, "d{at},{}", at % 101);
            text
        })
    };
    assert_eq!(graded(&policy, "2026-H1", &table(limit::SCORE_DEALERS)).map(|grading| grading.rated), Ok(limit::SCORE_DEALERS));
    let over = format!("{}:1 LIMIT_EXCEEDED", limit::SCORE_DEALERS + 2);
    assert_eq!(graded(&policy, "2026-H1", &table(limit::SCORE_DEALERS + 1)), Err(vec![over]));
}

#[test]
fn a_scorecard_has_as_many_kpis_as_the_ceiling_says() {
    let cases = case::all("graded", &KEYS);
    let case = cases.iter().find(|case| case.name.ends_with("R66.yaml")).expect("the case");
    let codes = |count: usize| {
        let import::Imported { mut policy, sources, mut diagnostics, .. } = import::files(case::files(case));
        let kpis = &mut policy.scorecards[0].kpis;
        kpis.extend((kpis.len()..count).map(|at| Kpi { id: format!("k{at}"), ..kpis[0].clone() }).collect::<Vec<_>>());
        check::check(policy, &sources, &mut diagnostics);
        diagnostics.found.iter().map(|found| found.code).collect::<Vec<_>>()
    };
    assert_eq!((codes(limit::SCORE_KPIS), codes(limit::SCORE_KPIS + 1)), (vec![], vec![Code::LimitExceeded]));
}

proptest! {
    #![proptest_config(cases(300))]

    /// The order of rows changes nothing; nobody is ranked before one with a higher score; no grade has more dealers than places; what is
    /// told to suffice alone does.
    #[test]
    fn gradings_hold_together(figures in prop::collection::vec((0_u32..100, 0_u32..60, 0_u32..4, 0_usize..4), 1..30), turn in 0_usize..30) {
        let cases = case::all("graded", &KEYS);
        let policy = policy(cases.iter().find(|case| case.name.ends_with("X-points.yaml")).expect("the case"));
        let card = &policy.policy().scorecards[0];
        let row = |(at, (sales, days, violations, grade)): (usize, &(u32, u32, u32, usize))| {
            format!("D{at:02},{},{},{days},{},{violations}", ["", "A", "B", "C"][*grade], sales + 40, (sales * 7 + days) % 101)
        };
        let mut rows: Vec<String> = figures.iter().enumerate().map(row).collect();
        let table = |rows: &[String]| format!("dealer,grade,sales,days,service,violations\n{}\n", rows.join("\n"));
        let grading = graded(&policy, "2026-Q3", &table(&rows)).expect("a grading");
        let told = rows.clone();
        let by = turn % rows.len();
        rows.rotate_left(by);
        prop_assert_eq!(&graded(&policy, "2026-Q3", &table(&rows)).expect("a grading"), &grading);

        let rated: Vec<_> = grading.proposals.iter().filter_map(|proposal| match &proposal.rating {
            Rating::Rated(rated) => Some((proposal, rated)),
            _ => None,
        }).collect();
        prop_assert!(rated.windows(2).all(|pair| pair[0].1.score >= pair[1].1.score && pair[0].1.rank < pair[1].1.rank));
        for (proposal, rated) in rated {
            for (kpi, value) in rated.next.iter().flat_map(|next| &next.alone) {
                let at: usize = proposal.dealer[1..].parse().expect("a number");
                let mut cells: Vec<String> = told[at].split(',').map(str::to_owned).collect();
                cells[kpi + 2] = qudao::num::Scale::SCORE.show_short(*value);
                let mut rows = told.clone();
                rows[at] = cells.join(",");
                let again = graded(&policy, "2026-Q3", &table(&rows)).expect("a grading");
                let own = again.proposals.iter().find(|again| again.dealer == proposal.dealer).expect("the dealer");
                let Rating::Rated(better) = &own.rating else { panic!("rated before") };
                let next = rated.next.as_ref().expect("a next grade");
                prop_assert!(better.score.0 - rated.score.0 >= next.missing.0, "{} by {}", proposal.dealer, card.kpis[*kpi].id);
            }
        }
    }
}

/// A share of 100 % leaves a place for everybody, however it is rounded.
#[test]
fn a_whole_share_is_no_limit() {
    let cases = case::all("graded", &KEYS);
    let case = cases.iter().find(|case| case.name.ends_with("X-full.yaml")).expect("the case");
    let import::Imported { mut policy, sources, mut diagnostics, .. } = import::files(case::files(case));
    let Scorecard { grades, .. } = &mut policy.scorecards[0];
    let GradeRule { share, .. } = &mut grades[0];
    *share = Some(Percent::WHOLE);
    let policy = check::check(policy, &sources, &mut diagnostics).expect("a policy");
    let grading = graded(&policy, text(case, "period"), text(case, "scores")).expect("a grading");
    assert!(grading.proposals.iter().all(|proposal| proposal.grade == Some(0)));
}

/// The sample's third quarter: every outcome occurs, and nobody is passed over.
#[test]
fn the_sample_grades_its_dealers() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let import::Imported { policy, sources, mut diagnostics, .. } = import::folder(&root.join("haofeng"));
    let policy = check::check(policy, &sources, &mut diagnostics).expect("the sample is fine");
    let scores = std::fs::read_to_string(root.join("scores/haofeng-2026-Q3.csv")).expect("the scores");
    let grading = graded(&policy, "2026-Q3", &scores).expect("a grading");
    let answer = grade::json(policy.policy(), &policy.policy().scorecards[0], &grading, &[]);
    let count =
        |key: &str, value: Json| answer["proposals"].as_array().into_iter().flatten().filter(|proposal| proposal[key] == value).count();
    let counts = ["up", "down", "same", "unrated"].map(|change| count("change", Json::from(change)));
    assert_eq!((counts, count("eliminate", Json::Bool(true)), grading.rated), ([3, 6, 28, 3], 1, 37));
}
