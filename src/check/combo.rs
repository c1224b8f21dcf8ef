//! Combos of promotions.

use super::findings::{Findings, Spot};
use super::names::Names;
use super::number::{self, Least};
use super::select::{Catalog, check_select};
use crate::diagnostic::Code;
use crate::limit;
use crate::policy::{Base, Combo, Get, GroupMode, Policy, Promotion, Scope, Spread};

/// Checks what a promotion's combos are made of, and that its benefit is one for them.
pub fn check(promotion: &Promotion, path: &str, names: &Names, catalog: &Catalog, findings: &mut Findings) {
    let Some(combo) = &promotion.combo else { return };
    let combo_path = format!("{path}.combo");
    parts(combo, promotion, &combo_path, names, catalog, findings);
    if combo.times == Some(0) {
        let help = "write 1 or more, or delete `times`";
        findings.add(Code::NumberRange, Spot::Path(&format!("{combo_path}.times")), "`times` cannot be `0`", help);
    }
    let Get { per_unit_off, gift, percent, earn, .. } = promotion.get.as_ref().unwrap_or(&NOTHING);
    if per_unit_off.is_some() {
        let (spot, help) = (format!("{path}.get.per_unit_off"), "write `percent`, `amount_off`, `price`, `gift` or `earn`");
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), "`per_unit_off` beside `combo`", help);
    }
    if (gift.is_some() || earn.is_some()) && combo.spread != Spread::Benefiting {
        let help = "delete it; nothing is taken off";
        findings.add(
            Code::CombinationInvalid,
            Spot::Path(&format!("{combo_path}.spread")),
            "`spread` needs something that is taken off",
            help,
        );
    }
    let of_parts = combo.parts.iter().flatten().enumerate().filter_map(|(index, part)| Some((index, part.percent?)));
    for (index, own) in of_parts {
        let spot = format!("{combo_path}.parts[{index}].percent");
        number::check_percent(own, Least::AboveZero, Spot::Path(&spot), findings);
        if percent.is_none() {
            let help = "delete it, or give `percent` under `get`, which all other parts get";
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), "`percent` of a part needs `percent` under `get`", help);
        } else if combo.parts.as_ref().is_some_and(|parts| parts[index].cheapest == Some(0)) {
            let help = "delete one of the two";
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), "`percent` beside `cheapest: 0`, which only counts", help);
        }
    }
    if percent.is_none() {
        let own = combo.cheapest.map(|_| format!("{combo_path}.cheapest"));
        let of_parts = combo.parts.iter().flatten().enumerate().filter(|(_, part)| part.cheapest.is_some_and(|cheapest| cheapest > 0));
        for spot in own.into_iter().chain(of_parts.map(|(index, _)| format!("{combo_path}.parts[{index}].cheapest"))) {
            let help = "delete it, or give `percent`; an amount or a price is for all units of a part, or with `cheapest: 0` for none";
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), "`cheapest` needs `percent`", help);
        }
    }
    if promotion.base != Base::Running {
        let help = "delete `base`; what combos take is measured on the state entering the stage";
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.base")), "`base` beside `combo`", help);
    }
}

const NOTHING: Get =
    Get { percent: None, amount_off: None, per_unit_off: None, max_units: None, unit: None, gift: None, price: None, earn: None };

fn parts(combo: &Combo, promotion: &Promotion, path: &str, names: &Names, catalog: &Catalog, findings: &mut Findings) {
    if combo.quantity.is_some() == combo.parts.is_some() {
        let (message, help) = ("`combo` needs exactly one of `quantity` and `parts`", "write exactly one of them");
        findings.add(Code::ChoiceCount, Spot::Path(path), message, help);
    }
    units(combo.quantity, combo.cheapest, path, findings);
    let Some(parts) = &combo.parts else { return };
    if promotion.on.is_some() {
        let (spot, help) = (format!("{}.on", path.trim_end_matches(".combo")), "delete it; each part says what it is made of");
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), "`on` beside `parts`", help);
    }
    let spot = format!("{path}.parts");
    if parts.is_empty() || parts.len() > limit::COMBO_PARTS {
        let (message, help) =
            (format!("there are {} parts, not 1 to {}", parts.len(), limit::COMBO_PARTS), "write what one combo is made of");
        findings.add(Code::NumberRange, Spot::Path(&spot), message, help);
    }
    for (index, part) in parts.iter().enumerate() {
        let path = format!("{spot}[{index}]");
        check_select(&part.on, &format!("{path}.on"), names, catalog, findings);
        units(Some(part.quantity), part.cheapest.filter(|cheapest| *cheapest > 0), &path, findings);
    }
    if !parts.is_empty() && parts.iter().all(|part| part.cheapest == Some(0)) {
        let (message, help) = ("no part gets the benefit", "delete `cheapest: 0` of one of them");
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, help);
    }
}

/// From 1 to so many units, of which from 1 to all get the benefit.
fn units(quantity: Option<u32>, cheapest: Option<u32>, path: &str, findings: &mut Findings) {
    let mut range = |key: &str, number: u32, most: u32| {
        if number == 0 || number > most {
            let message = format!("`{key}` is `{number}`, not from 1 to {most}");
            findings.add(Code::NumberRange, Spot::Path(&format!("{path}.{key}")), message, "write how many units");
        }
    };
    if let Some(quantity) = quantity {
        range("quantity", quantity, limit::COMBO_UNITS);
    }
    if let Some(cheapest) = cheapest {
        range("cheapest", cheapest, quantity.unwrap_or(limit::COMBO_UNITS));
    }
}

/// Combos compete for units and everything else for lines, so no group has both.
pub fn check_groups(policy: &Policy, findings: &mut Findings) {
    for group in policy.groups.iter().filter(|group| !matches!(group.mode, GroupMode::Stack | GroupMode::Always)) {
        let members = || policy.promotions.iter().enumerate().filter(|(_, promotion)| promotion.group.as_ref() == Some(&group.id));
        let mixed = members().any(|(_, promotion)| promotion.combo.is_none());
        let of_units = group.mode == GroupMode::Exclusive && group.scope == Some(Scope::Units);
        // What is given or capped competes with nothing for units.
        let beside = |promotion: &Promotion| {
            let gives = promotion.get.as_ref().is_some_and(|get| get.gift.is_some());
            let keys = [("get.gift", "`gift`", gives), ("cap", "`cap`", promotion.cap.is_some())];
            keys.into_iter().find(|(.., given)| promotion.combo.is_some() && *given)
        };
        for (index, (key, word, _)) in members().filter_map(|(index, promotion)| Some((index, beside(promotion)?))) {
            let (spot, message) = (format!("promotions[{index}].{key}"), format!("{word} beside `combo` in a group that chooses"));
            let help = "give it a group of mode `stack` or `always`, or none";
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, help);
        }
        for (index, promotion) in members().filter(|(_, promotion)| of_units && promotion.combo.is_none()) {
            let message = format!("`{}` makes no combos, and the group is exclusive for their units", promotion.id);
            let spot = format!("promotions[{index}].group");
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, "write `scope: line`, or give it another group");
        }
        for (index, promotion) in members().filter(|(_, promotion)| promotion.combo.is_some()) {
            let spot = format!("promotions[{index}].group");
            if group.mode != GroupMode::Best && !of_units {
                let kind = if group.mode == GroupMode::First { "`first`" } else { "exclusive" };
                let message = format!("`{}` makes combos, which no {kind} group can have", promotion.id);
                findings.add(
                    Code::CombinationInvalid,
                    Spot::Path(&spot),
                    message,
                    "give it a `best` group, or one with `scope: units`, or none",
                );
            } else if mixed && !of_units {
                let message =
                    format!("`{}` makes combos, and others of the group do not, so the group cannot choose between them", promotion.id);
                findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, "give it a group of its own kind, or none");
            }
        }
        let combos = members().filter(|(_, promotion)| promotion.combo.is_some());
        if let Some((index, _)) = combos.into_iter().nth(limit::COMBO_RIVALS) {
            let message = format!("more than {} promotions of the group make combos", limit::COMBO_RIVALS);
            findings.add(
                Code::LimitExceeded,
                Spot::Path(&format!("promotions[{index}].group")),
                message,
                "give some of them another group",
            );
        }
    }
}
