//! Rebate programs.

use super::findings::{Findings, Spot};
use super::names::Names;
use super::number::{self, Least, Measure};
use super::promotions::check_rising;
use super::select::{Catalog, check_select, check_when};
use super::settings::Constants;
use super::windows::{WindowId, Windows};
use crate::diagnostic::Code;
use crate::policy::{Policy, Program, Qualifier, Tier, TierMode, WhenOrder};

/// Checks the programs and returns when each holds.
pub fn check(
    policy: &Policy,
    names: &Names,
    catalog: &Catalog,
    constants: &Constants,
    windows: &Windows,
    findings: &mut Findings,
) -> Vec<WindowId> {
    let mut resolved = Vec::new();
    for (index, program) in policy.programs.iter().enumerate() {
        let path = format!("programs[{index}]");
        check_when(&program.when, &format!("{path}.when"), names, findings);
        if program.when.order != WhenOrder::default() {
            let help = "delete it: volume counts from every order of the dealer";
            let spot = format!("{path}.when.order");
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), "a program has no conditions on the order", help);
        }
        if let Some(select) = &program.on {
            check_select(select, &format!("{path}.on"), names, catalog, findings);
        }
        check_tiers(program, &format!("{path}.tiers"), constants, findings);
        resolved.push(windows.resolve(program.valid.as_deref(), Spot::Path(&format!("{path}.valid")), findings));
    }
    resolved
}

fn check_tiers(program: &Program, path: &str, constants: &Constants, findings: &mut Findings) {
    if program.tiers.is_empty() {
        findings.add(
            Code::ShapeWrong,
            Spot::Path(path),
            "there is no tier in the list",
            "write a tier, such as `{ from: 300000, percent: 1 }`",
        );
    }
    let measure = match program.qualifier {
        Qualifier::Amount => Measure::Money,
        Qualifier::Quantity => Measure::Quantity,
    };
    for (index, tier) in program.tiers.iter().enumerate() {
        let tier_path = format!("{path}[{index}]");
        number::check(tier.from, measure, Least::Zero, Spot::Path(&format!("{tier_path}.from")), constants, findings);
        check_pay(tier, &tier_path, constants, findings);
        check_measure(program, tier, &tier_path, findings);
    }
    check_same_pay(&program.tiers, path, findings);
    check_rising(program.tiers.iter().map(|tier| tier.from), path, findings);
}

fn check_pay(tier: &Tier, path: &str, constants: &Constants, findings: &mut Findings) {
    if tier.percent.is_some() == tier.per_unit.is_some() {
        let message = "a tier needs exactly one of `percent` and `per_unit`";
        findings.add(Code::ChoiceCount, Spot::Path(path), message, "write exactly one of them");
    }
    if let Some(percent) = tier.percent {
        number::check_percent(percent, Least::Zero, Spot::Path(&format!("{path}.percent")), findings);
    }
    if let Some(amount) = tier.per_unit {
        number::check(amount, Measure::UnitPrice, Least::Zero, Spot::Path(&format!("{path}.per_unit")), constants, findings);
    }
}

/// Incremental tiers pay on the part of the volume inside them, so volume and pay must be measured alike.
fn check_measure(program: &Program, tier: &Tier, path: &str, findings: &mut Findings) {
    let (wrong, right, qualifier) = match program.qualifier {
        Qualifier::Amount => (tier.per_unit.is_some(), "percent", "amount"),
        Qualifier::Quantity => (tier.percent.is_some(), "per_unit", "quantity"),
    };
    if program.mode == TierMode::Incremental && wrong {
        let message = format!("an incremental tier by {qualifier} must pay `{right}`");
        findings.add(Code::CombinationInvalid, Spot::Path(path), message, format!("write `{right}`, or change `qualifier` or `mode`"));
    }
}

fn check_same_pay(tiers: &[Tier], path: &str, findings: &mut Findings) {
    let Some(first) = tiers.first() else { return };
    let differs = |tier: &&Tier| tier.percent.is_some() != first.percent.is_some();
    let one_each = tiers.iter().all(|tier| tier.percent.is_some() != tier.per_unit.is_some());
    if one_each && tiers.iter().any(|tier| differs(&tier)) {
        let message = "the tiers pay partly `percent` and partly `per_unit`";
        findings.add(Code::CombinationInvalid, Spot::Path(path), message, "write one of the two in every tier, or make two programs");
    }
}
