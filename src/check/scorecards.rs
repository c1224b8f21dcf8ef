//! Scorecards.

use super::findings::{Findings, Spot};
use super::names::{Names, check_id};
use super::number::{Least, check_percent};
use crate::diagnostic::{Code, nearest};
use crate::limit;
use crate::num::{Number, NumberFault, Percent, Scale};
use crate::policy::{GradeRule, Kpi, Line, Period, PointStep, Policy, Scorecard};
use rust_decimal::Decimal;
use std::collections::HashSet;

/// Checks the scorecards.
pub fn check(policy: &Policy, names: &Names, findings: &mut Findings) {
    let mut known = HashSet::new();
    for (index, card) in policy.scorecards.iter().enumerate() {
        let path = format!("scorecards[{index}]");
        unique(&card.id, &mut known, &format!("{path}.id"), "scorecard", findings);
        if matches!(card.period, Period::Weeks | Period::Dates | Period::Lifetime) {
            let help = "write `month`, `quarter`, `half` or `year`";
            findings.add(
                Code::CombinationInvalid,
                Spot::Path(&format!("{path}.period")),
                "dealers are rated by periods of the calendar",
                help,
            );
        }
        check_kpis(card, &path, findings);
        check_kpi_names(card, &path, findings);
        check_grades(card, &path, names, findings);
        for (at, deduction) in card.deductions.iter().enumerate() {
            points(Some(deduction.each), &format!("{path}.deductions[{at}].each"), findings);
            points(deduction.most, &format!("{path}.deductions[{at}].most"), findings);
        }
        if let Some(tenure) = &card.tenure {
            points(Some(tenure.per_year), &format!("{path}.tenure.per_year"), findings);
            points(tenure.most, &format!("{path}.tenure.most"), findings);
        }
        if let Some(bottom) = &card.bottom {
            if let Some(share) = bottom.share {
                check_percent(share, Least::AboveZero, Spot::Path(&format!("{path}.bottom.share")), findings);
            }
            if bottom.share.is_some() == bottom.count.is_some() {
                let message = "`bottom` needs exactly one of `share` and `count`";
                let help = "write `share: 10`, the last 10 % of the rated dealers, or `count: 3`, the last three";
                findings.add(Code::ChoiceCount, Spot::Path(&format!("{path}.bottom")), message, help);
            }
            if bottom.count == Some(0) {
                findings.add(Code::NumberRange, Spot::Path(&format!("{path}.bottom.count")), "`count` cannot be `0`", "write 1 or more");
            }
            points(bottom.below, &format!("{path}.bottom.below"), findings);
        }
        for (months, key) in [(card.newcomer_months, "newcomer_months"), (card.notice_months, "notice_months")] {
            if months > limit::SCORE_MONTHS {
                let help = format!("the largest is {}", limit::SCORE_MONTHS);
                findings.add(Code::NumberRange, Spot::Path(&format!("{path}.{key}")), format!("`{key}` cannot be `{months}`"), help);
            }
        }
        if let Some(dealers) = &names.dealers {
            for (at, dealer) in card.protected.0.iter().enumerate() {
                let item = format!("{path}.protected[{at}]");
                dealers.check(dealer, Spot::Path(&item), findings);
            }
        }
    }
}

fn unique<'a>(id: &'a str, known: &mut HashSet<&'a str>, path: &str, what: &str, findings: &mut Findings) {
    check_id(id, Spot::Path(path), findings);
    if !known.insert(id) {
        findings.add(Code::IdDuplicate, Spot::Path(path), format!("`{id}` is the id of another {what}"), "give each its own id");
    }
}

fn check_kpis(card: &Scorecard, path: &str, findings: &mut Findings) {
    if card.kpis.len() > limit::SCORE_KPIS {
        let message = format!("`kpis` has {} entries, more than {}", card.kpis.len(), limit::SCORE_KPIS);
        let spot = format!("{path}.kpis[{}]", limit::SCORE_KPIS);
        findings.add(Code::LimitExceeded, Spot::Path(&spot), message, "rate by fewer figures, or make two scorecards");
    }
    let mut known: HashSet<&str> = ["dealer", "grade", "since"].into();
    for (at, kpi) in card.kpis.iter().enumerate() {
        let path = format!("{path}.kpis[{at}]");
        unique(&kpi.id, &mut known, &format!("{path}.id"), "column of the table of scores", findings);
        check_kpi(kpi, &path, findings);
    }
    let sum: i64 = card.kpis.iter().filter_map(|kpi| kpi.weight).fold(0, |sum, weight| sum.saturating_add(weight.0));
    // Without weights there are no points: grades then go by `needs`.
    if card.kpis.iter().any(|kpi| kpi.weight.is_some()) && i128::from(sum) != Percent::ONE {
        let message = format!("the weights add up to {}", Percent(sum));
        findings.add(Code::NumberRange, Spot::Path(&format!("{path}.kpis")), message, "make them add up to 100");
    }
}

fn check_kpi(kpi: &Kpi, path: &str, findings: &mut Findings) {
    if let Some(weight) = kpi.weight {
        check_percent(weight, Least::AboveZero, Spot::Path(&format!("{path}.weight")), findings);
    }
    let curves = usize::from(kpi.line.is_some()) + usize::from(kpi.steps.is_some());
    if curves > 1 || (curves == 0 && kpi.weight.is_some()) {
        let message = "a KPI with a weight needs exactly one of `line` and `steps`";
        findings.add(Code::ChoiceCount, Spot::Path(path), message, "write exactly one of them: it makes points of the figure");
    }
    if kpi.digits > Scale::SCORE.0 {
        let help = format!("write 0 to {}", Scale::SCORE.0);
        findings.add(Code::NumberRange, Spot::Path(&format!("{path}.digits")), format!("`digits` cannot be `{}`", kpi.digits), help);
    }
    points(kpi.missing, &format!("{path}.missing"), findings);
    if let Some(Line { zero, full, floor, most }) = kpi.line {
        for (value, key) in [(Some(zero), "zero"), (Some(full), "full"), (floor, "floor")] {
            figure(value, &format!("{path}.line.{key}"), findings);
        }
        points(most, &format!("{path}.line.most"), findings);
        if zero == full {
            let message = "`zero` and `full` are the same figure";
            findings.add(
                Code::CombinationInvalid,
                Spot::Path(&format!("{path}.line")),
                message,
                "points need a way to go, or write `steps`",
            );
        }
    }
    if let Some(steps) = &kpi.steps {
        check_steps(steps, &format!("{path}.steps"), findings);
    }
}

fn check_steps(steps: &[PointStep], path: &str, findings: &mut Findings) {
    if steps.is_empty() {
        findings.add(
            Code::ShapeWrong,
            Spot::Path(path),
            "there is no step in the list",
            "write a step, such as `{ from: 70, points: 60 }`",
        );
    }
    let mut before: Option<&PointStep> = None;
    for (at, step) in steps.iter().enumerate() {
        let path = format!("{path}[{at}]");
        points(Some(step.points), &format!("{path}.points"), findings);
        figure(step.from, &format!("{path}.from"), findings);
        figure(step.up_to, &format!("{path}.up_to"), findings);
        if step.from.is_some() == step.up_to.is_some() || before.is_some_and(|before| before.from.is_some() != step.from.is_some()) {
            let message = "the steps need all `from`, or all `up_to`";
            findings.add(Code::ChoiceCount, Spot::Path(&path), message, "`from` where more is better, `up_to` where less is");
        } else if before.is_some_and(|before| before.from.max(before.up_to) >= step.from.max(step.up_to)) {
            findings.add(Code::StepsOrder, Spot::Path(&path), "the step does not rise above the one before", "sort them, each figure once");
        } else if before.is_some_and(|before| if step.from.is_some() { before.points > step.points } else { before.points < step.points }) {
            let message = "a better figure has fewer points";
            findings.add(Code::StepsOrder, Spot::Path(&path), message, "points rise with `from`, and fall with `up_to`");
        }
        before = Some(step);
    }
}

/// Every KPI that the rest of the scorecard names.
fn check_kpi_names(card: &Scorecard, path: &str, findings: &mut Findings) {
    let deductions = card.deductions.iter().enumerate().map(|(at, deduction)| (format!("deductions[{at}].kpi"), &deduction.kpi));
    let ties = card.ties.iter().enumerate().map(|(at, kpi)| (format!("ties[{at}]"), kpi));
    let needs = card.grades.iter().enumerate().flat_map(|(grade, rule)| {
        rule.needs.iter().enumerate().map(move |(at, need)| (format!("grades[{grade}].needs[{at}].kpi"), &need.kpi))
    });
    for (spot, id) in deductions.chain(ties).chain(needs) {
        if card.kpis.iter().any(|kpi| kpi.id == *id) {
            continue;
        }
        let help = match nearest(id, card.kpis.iter().map(|kpi| kpi.id.as_str())) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add it to `kpis`, without a weight where it gives no points".to_owned(),
        };
        findings.add(Code::IdUnknown, Spot::Path(&format!("{path}.{spot}")), format!("the scorecard has no KPI `{id}`"), help);
    }
}

fn check_grades(card: &Scorecard, path: &str, names: &Names, findings: &mut Findings) {
    let mut known = HashSet::new();
    for (at, rule) in card.grades.iter().enumerate() {
        let path = format!("{path}.grades[{at}]");
        let spot = format!("{path}.grade");
        names.grades.check(&rule.grade, Spot::Path(&spot), findings);
        if !known.insert(rule.grade.as_str()) {
            let message = format!("`{}` stands twice", rule.grade);
            findings.add(Code::IdDuplicate, Spot::Path(&spot), message, "write each grade once, the best first");
        }
        points(rule.from, &format!("{path}.from"), findings);
        points(rule.keep, &format!("{path}.keep"), findings);
        if let Some(share) = rule.share {
            check_percent(share, Least::AboveZero, Spot::Path(&format!("{path}.share")), findings);
        }
        for (need, index) in rule.needs.iter().zip(0..) {
            figure(Some(need.value), &format!("{path}.needs[{index}].value"), findings);
        }
        if rule.keep.is_some_and(|keep| rule.from.is_none_or(|from| keep > from)) {
            let message = "`keep` is no lower than `from`";
            findings.add(
                Code::CombinationInvalid,
                Spot::Path(&format!("{path}.keep")),
                message,
                "write a score below `from`, or delete it",
            );
        }
        let above = card.grades[..at].iter().rev().find_map(|above| above.from);
        if above.zip(rule.from).is_some_and(|(above, own)| above <= own) {
            let message = "the grade takes no lower score than a better one";
            findings.add(
                Code::StepsOrder,
                Spot::Path(&format!("{path}.from")),
                message,
                "write the best grade first, each `from` below the one before",
            );
        }
    }
    let open = |rule: &GradeRule| rule.from.is_none() && rule.needs.is_empty() && rule.share.is_none();
    match card.grades.iter().position(open) {
        Some(at) if at + 1 == card.grades.len() => {}
        Some(at) => {
            let message = format!("`{}` takes everybody, and grades follow it", card.grades[at].grade);
            findings.add(
                Code::CombinationInvalid,
                Spot::Path(&format!("{path}.grades[{at}]")),
                message,
                "give it a condition, or write it last",
            );
        }
        None => {
            let message = "no grade takes everybody";
            findings.add(
                Code::CombinationInvalid,
                Spot::Path(&format!("{path}.grades")),
                message,
                "write the lowest grade last, without a condition",
            );
        }
    }
}

/// A number of points: from 0 on.
fn points(value: Option<Number>, path: &str, findings: &mut Findings) {
    ranged(value, Decimal::ZERO, Decimal::from(limit::SCORE_POINTS), path, findings);
}

/// A figure of a KPI: it may be negative.
fn figure(value: Option<Number>, path: &str, findings: &mut Findings) {
    let most = Decimal::from(limit::SCORE_FIGURE);
    ranged(value, -most, most, path, findings);
}

fn ranged(value: Option<Number>, least: Decimal, most: Decimal, path: &str, findings: &mut Findings) {
    let Some(value) = value else { return };
    let spot = Spot::Path(path);
    let message = format!("`{}` cannot be `{value}`", spot.name());
    if value.0 < least || value.0 > most {
        findings.add(Code::NumberRange, spot, message, format!("write a number from {least} to {most}"));
    } else if let Err(NumberFault::Digits(digits)) = value.scaled(Scale::SCORE) {
        findings.add(Code::NumberDigits, spot, message, format!("write at most {digits} digits after the point"));
    }
}
