//! Checks of orders, dealers and lines: each is one, with figures that can be met.

use super::channel::refuse_too_many;
use super::findings::{Findings, Spot};
use super::names::Names;
use super::number::{self, Least, Measure};
use super::select::{Catalog, check_select, check_values, check_when};
use super::settings::Constants;
use super::windows::{WindowId, Windows};
use crate::diagnostic::Code;
use crate::limit;
use crate::num::Percent;
use crate::policy::{At, Check, CheckKind, Corridor, Policy};

/// Checks the checks and returns when each holds.
pub fn check(
    policy: &Policy,
    names: &Names,
    catalog: &Catalog,
    constants: &Constants,
    windows: &Windows,
    findings: &mut Findings,
) -> Vec<WindowId> {
    refuse_too_many("checks", policy.checks.len(), limit::CHECKS, findings);
    let mut resolved = Vec::new();
    for (index, check) in policy.checks.iter().enumerate() {
        let path = format!("checks[{index}]");
        check_when(&check.when, &format!("{path}.when"), names, findings);
        if let Some(select) = &check.on {
            check_select(select, &format!("{path}.on"), names, catalog, findings);
        }
        check_kind(check, &path, findings);
        check_figures(check, &path, constants, findings);
        if let Some(corridor) = &check.corridor {
            check_corridor(corridor, policy, &format!("{path}.corridor"), findings);
        }
        if let Some(categories) = &check.licence {
            check_values(categories, Some(&names.categories), &format!("{path}.licence"), Code::SelectionEmpty, findings);
        }
        if let Some(sources) = &check.source {
            check_values(sources, None, &format!("{path}.source"), Code::AudienceEmpty, findings);
        }
        resolved.push(windows.resolve(check.valid.as_deref(), Spot::Path(&format!("{path}.valid")), findings));
    }
    resolved
}

fn check_kind(check: &Check, path: &str, findings: &mut Findings) {
    let kinds = check.kinds();
    if kinds.len() != 1 {
        let message = "a check is exactly one of `order_minimum`, `order_maximum`, `overdue`, `credit_used`, `corridor`, `licence`, `source`, `facts_age_minutes`";
        let help = if kinds.is_empty() { "add the one that is meant" } else { "keep one; the others are checks of their own" };
        findings.add(Code::ChoiceCount, Spot::Path(path), message, help);
    }
    let of_products = kinds.iter().any(|kind| matches!(kind, CheckKind::OrderMinimum | CheckKind::Corridor));
    if check.on.is_some() && !of_products {
        let spot = format!("{path}.on");
        findings.add(
            Code::CombinationInvalid,
            Spot::Path(&spot),
            "`on` means nothing here",
            "delete it: it goes with `order_minimum` and `corridor`",
        );
    }
}

fn check_figures(check: &Check, path: &str, constants: &Constants, findings: &mut Findings) {
    let mut number = |number, measure, least, key: &str| {
        if let Some(number) = number {
            number::check(number, measure, least, Spot::Path(&format!("{path}.{key}")), constants, findings);
        }
    };
    number(check.order_maximum, Measure::Money, Least::AboveZero, "order_maximum");
    number(check.overdue.map(|overdue| overdue.amount), Measure::Money, Least::Zero, "overdue.amount");
    if let Some(At { amount, quantity, .. }) = &check.order_minimum {
        number(*amount, Measure::Money, Least::AboveZero, "order_minimum.amount");
        number(*quantity, Measure::Quantity, Least::AboveZero, "order_minimum.quantity");
        if amount.is_some() == quantity.is_some() {
            let spot = format!("{path}.order_minimum");
            let message = "`order_minimum` takes one of `amount` and `quantity`";
            findings.add(Code::ChoiceCount, Spot::Path(&spot), message, "write exactly one of them");
        }
    }
    if let Some(percent) = check.credit_used {
        number::check_percent(percent, Least::AboveZero, Spot::Path(&format!("{path}.credit_used")), findings);
    }
    if let Some(minutes) = check.facts_age_minutes.filter(|minutes| !(1..=limit::FACTS_AGE_MINUTES).contains(minutes)) {
        let spot = format!("{path}.facts_age_minutes");
        let help = format!("write a whole number from 1 to {}", limit::FACTS_AGE_MINUTES);
        findings.add(Code::NumberRange, Spot::Path(&spot), format!("`facts_age_minutes` cannot be `{minutes}`"), help);
    }
}

fn check_corridor(corridor: &Corridor, policy: &Policy, path: &str, findings: &mut Findings) {
    let Corridor { min, max, gifts: _ } = corridor;
    for (key, percent) in [("min", min), ("max", max)] {
        let Some(percent) = percent else { continue };
        if percent.0 <= 0 || i128::from(percent.0) > limit::CORRIDOR * Percent::ONE {
            let spot = format!("{path}.{key}");
            let help = format!("write a percentage above 0 and at most {}", limit::CORRIDOR * 100);
            findings.add(Code::NumberRange, Spot::Path(&spot), format!("`{key}` cannot be `{percent}`"), help);
        }
    }
    let mut refuse = |message: &str, help: &str| findings.add(Code::CombinationInvalid, Spot::Path(path), message, help);
    match (min, max) {
        (None, None) => refuse("a corridor without sides", "write `min`, `max` or both"),
        (Some(min), Some(max)) if min > max => refuse("`min` is above `max`, so nothing lies between them", "exchange them"),
        _ => {}
    }
    if policy.recommended.is_empty() && findings.is_complete("recommended") {
        let help = "add tables under `recommended`";
        findings.add(Code::CombinationInvalid, Spot::Path(path), "there are no recommended prices", help);
    }
}
