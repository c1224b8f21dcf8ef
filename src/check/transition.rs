//! The transition from an old policy: its dates, and what both policies must have in common.

use super::findings::{Findings, Spot};
use super::settings::Constants;
use super::{CheckedPolicy, WindowId, windows};
use crate::calendar::{Day, day};
use crate::diagnostic::Code;
use crate::limit;
use crate::policy::{
    Alias, Availability, Listing, Node, OneOrMany, Pays, Policy, Product, Program, Select, TaxBasis, Then, Tier, TierMode, When,
};
use crate::time::Instant;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// When dealers of old contracts pass to the new policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// Contracts of an earlier date keep the old policy: `2026-01-01`.
    pub contract_before: String,
    /// Where phases and steps end, with the last day before it: first the old policy's own time, then each step. From the last one on there is
    /// only the new policy.
    pub ends: Vec<(Instant, String)>,
    /// How many steps there are between old and new, reached or not.
    pub steps: u32,
}

/// Checks the dates of a transition; nothing without one, or where a date cannot be read.
pub fn check(policy: &Policy, constants: &Constants, findings: &mut Findings) -> Option<Course> {
    let transition = policy.transition.as_ref()?;
    let mut read = |text: &str, key: &str| {
        let path = format!("transition.{key}");
        day(text).map_err(|fault| windows::report(fault, text, Spot::Path(&path), findings)).ok()
    };
    let cohort = read(&transition.cohort.contract_before, "cohort.contract_before");
    let until = match transition.old_until.strip_suffix(" months").or_else(|| transition.old_until.strip_suffix(" month")) {
        Some(months) => Some(Until::Months(months.trim().parse().ok().filter(|months| *months <= limit::TRANSITION_MONTHS))),
        None => read(&transition.old_until, "old_until").and_then(Day::next).map(Until::Day),
    };
    let end = transition.end.as_deref().map(|text| read(text, "end").and_then(Day::next));
    let mut in_range = |months: Option<u32>, least: u32, key: &str, text: &str| {
        if months.is_none_or(|months| !(least..=limit::TRANSITION_MONTHS).contains(&months)) {
            let help = format!("write a whole number of months from {least} to {}", limit::TRANSITION_MONTHS);
            findings.add(Code::NumberRange, Spot::Path(&format!("transition.{key}")), format!("`{key}` cannot be `{text}`"), help);
        }
    };
    if let Some(Until::Months(months)) = until {
        in_range(months, 0, "old_until", &transition.old_until);
    }
    if let Some(months) = transition.months {
        in_range(Some(months), 1, "months", &months.to_string());
    }
    let refuse = |key: &str, message: &str, help: &str, findings: &mut Findings| {
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("transition.{key}")), message, help);
    };
    let nothing_follows = "delete it, or say what follows, such as `then: blend`";
    if transition.then == Then::None && transition.months.is_some() {
        refuse("months", "nothing follows that could last `months`", nothing_follows, findings);
    }
    match (transition.then, transition.months, end) {
        (Then::None, _, Some(_)) => refuse("end", "the transition ends with `old_until`", nothing_follows, findings),
        (Then::Blend, None, _) => refuse("then", "`blend` needs `months`", "say how many months it lasts, such as `months: 6`", findings),
        (Then::BetterOf, None, None) => {
            refuse("then", "`better_of` needs `months` or `end`", "say how long it lasts, such as `months: 6`", findings)
        }
        _ => {}
    }
    let (cohort, until) = (cohort?, until?);
    // Where a month ends early the days that follow are counted from the first day all the same.
    let (first, anchor, before) = match until {
        Until::Months(months) => (cohort.plus_months(months?), cohort, months?),
        Until::Day(first) => (first, first, 0),
    };
    let steps = transition.months.unwrap_or(1).min(limit::TRANSITION_MONTHS);
    let mut days = vec![first];
    match (transition.then, transition.months) {
        (Then::None, _) => {}
        (Then::Blend, _) => days.extend((1..=steps).map(|step| anchor.plus_months(before + step))),
        (Then::BetterOf, Some(_)) => days.push(anchor.plus_months(before + steps)),
        (Then::BetterOf, None) => {}
    }
    if let Some(end) = end {
        let end = end?;
        if transition.then != Then::None && end <= first {
            refuse("end", "the transition ends before what follows `old_until` begins", "write a later day, or delete `then`", findings);
        }
        days.retain(|day| *day < end);
        if days.len() < if transition.then == Then::Blend { steps as usize + 1 } else { 2 } {
            days.push(end);
        }
    }
    // At the end of the calendar days no longer rise.
    days.dedup();
    let ends: Vec<(Instant, String)> = days.iter().map(|day| (constants.zone.day_start(*day), day.shown_before())).collect();
    if ends.last().is_some_and(|(end, _)| *end <= constants.valid.from) {
        let help = "write later dates, or delete `transition`";
        findings.add(Code::ValidityEmpty, Spot::Path("transition"), "the transition ends before the policy begins", help);
    }
    let steps = if transition.then == Then::Blend { steps } else { 1 };
    Some(Course { contract_before: cohort.shown(), ends, steps })
}

/// How `old_until` is written.
enum Until {
    Months(Option<u32>),
    /// The day after the last one.
    Day(Day),
}

/// Reports what the old policy has not in common with the new one and must have.
pub fn compare(new: &Policy, old: &Policy, ours: &Constants, theirs: &Constants, findings: &mut Findings) {
    if old.transition.is_some() {
        let help = "delete it there: its own old policy has ended, or it is a part of this one";
        findings.add(Code::CombinationInvalid, Spot::Path("transition"), "the old policy of a transition has a transition itself", help);
    }
    let settings = [
        ("currency", new.settings.currency.clone(), old.settings.currency.clone()),
        ("zone", new.settings.zone.clone(), old.settings.zone.clone()),
        ("unit_scale", ours.unit.0.to_string(), theirs.unit.0.to_string()),
        ("quantity_scale", ours.quantity.0.to_string(), theirs.quantity.0.to_string()),
    ];
    for (key, ours, theirs) in settings {
        if ours != theirs {
            differs(&format!("policy.{key}"), &format!("`{key}` of the old policy is `{theirs}`"), &ours, findings);
        }
    }
    let taxed = |policy: &Policy| match policy.settings.tax.map(|tax| tax.basis) {
        None => "no tax",
        Some(TaxBasis::Inclusive) => "inclusive",
        Some(TaxBasis::Exclusive) => "exclusive",
    };
    if taxed(new) != taxed(old) {
        let message = format!("amounts of the old policy stand otherwise to tax: `{}`", taxed(old));
        differs("policy.tax.basis", &message, taxed(new), findings);
    }
    let attributes = |policy: &Policy| {
        let mut list: Vec<String> =
            policy.attributes.iter().map(|attribute| format!("{} of {:?}, {:?}", attribute.id, attribute.of, attribute.kind)).collect();
        list.sort_unstable();
        list.join("; ").to_lowercase()
    };
    if attributes(new) != attributes(old) {
        let message = format!("the custom attributes of the old policy are others: `{}`", attributes(old));
        let path = if old.attributes.is_empty() { "policy" } else { "attributes[0]" };
        differs(path, &message, &attributes(new), findings);
    }
    let before: HashSet<&str> = old.products.iter().map(|product| product.sku.as_str()).collect();
    for Alias { alias, sku, place } in new.aliases.iter().filter(|alias| before.contains(alias.alias.as_str())) {
        let message = format!("`{alias}` is a product of the old policy");
        let help = format!("name it `{sku}` there too, and let the old policy read its tables by an alias table of its own");
        findings.add(Code::TransitionDiffers, Spot::Cell(*place, "alias"), message, help);
    }
    let all = |product: &Product| {
        let mut list: Vec<String> = product.units.iter().map(|unit| format!("{}={:?}", unit.id, product.factor(&unit.id))).collect();
        list.sort_unstable();
        list
    };
    let known: HashMap<&str, &Product> = new.products.iter().map(|product| (product.sku.as_str(), product)).collect();
    for product in &old.products {
        if known.get(product.sku.as_str()).is_some_and(|ours| all(ours) != all(product)) {
            let message = format!("the further units of `{}` are others in the old policy", product.sku);
            findings.add(Code::TransitionDiffers, Spot::Cell(product.place, "units"), message, "write the same in both");
        }
    }
    let units: HashMap<&str, &str> = new.products.iter().map(|product| (product.sku.as_str(), product.unit.as_str())).collect();
    for product in &old.products {
        if let Some(unit) = units.get(product.sku.as_str()).filter(|unit| **unit != product.unit) {
            let message = format!("the unit of `{}` is `{}` in the old policy", product.sku, product.unit);
            findings.add(
                Code::TransitionDiffers,
                Spot::Cell(product.place, "unit"),
                message,
                format!("the new policy says `{unit}`; write the same in both"),
            );
        }
    }
    let blends = new.transition.as_ref().is_some_and(|transition| transition.then == Then::Blend);
    for (index, theirs) in old.programs.iter().enumerate().filter(|_| blends) {
        let Some(ours) = new.programs.iter().find(|program| program.id == theirs.id) else { continue };
        let pays = |program: &Program| match program.pays() {
            Pays::Percent => "percent",
            Pays::PerUnit => "per_unit",
            Pays::Amount => "amount",
        };
        // Where a tier says more than a start and a rate, there is no tier between two.
        let plain = |program: &Program| {
            let more = |tier: &Tier| tier.every.is_some() || tier.excess.is_some();
            !matches!(program.mode, TierMode::Interpolated | TierMode::Basket) && !program.tiers.iter().any(more)
        };
        let blendable = ours.tiers == theirs.tiers || (plain(ours) && plain(theirs));
        let parts = [
            ("period", ours.period == theirs.period && ours.calendar == theirs.calendar, format!("{:?}", ours.period)),
            ("basis", ours.basis == theirs.basis, format!("{:?}", ours.basis)),
            ("quantity", ours.quantity == theirs.quantity, format!("{:?}", ours.quantity)),
            ("covers", ours.covering() == theirs.covering(), ours.covers.map_or("nothing".to_owned(), |covers| format!("{covers:?}"))),
            ("mode", ours.mode == theirs.mode, format!("{:?}", ours.mode)),
            ("qualifier", ours.qualifier == theirs.qualifier, format!("{:?}", ours.qualifier)),
            ("against", ours.against == theirs.against, ours.against.word().to_owned()),
            ("tiers", ours.pays() == theirs.pays() && blendable, pays(ours).to_owned()),
        ];
        for (key, _, ours) in parts.iter().filter(|(_, same, _)| !same) {
            let message =
                format!("`{key}` of the program `{}` is another one in the old policy, so its rates cannot be blended", theirs.id);
            differs(&format!("programs[{index}].{key}"), &message, &ours.to_lowercase(), findings);
        }
    }
    for (key, ours, theirs) in [
        ("regions", &new.regions, &old.regions),
        ("dealer_groups", &new.dealer_groups, &old.dealer_groups),
        ("categories", &new.categories, &old.categories),
    ] {
        check_depth(key, ours, theirs, findings);
    }
}

fn differs(path: &str, message: &str, ours: &str, findings: &mut Findings) {
    findings.add(Code::TransitionDiffers, Spot::Path(path), message, format!("the new policy says `{ours}`; write the same in both"));
}

/// Each side takes over the nodes of the other that it lacks; the tree that this makes may not be too deep either.
fn check_depth(key: &str, ours: &[Node], theirs: &[Node], findings: &mut Findings) {
    let deepest = |first: &[Node], second: &[Node]| {
        // The first side's own parents count, the other's where it has none of its own.
        let both = second.iter().chain(first);
        let parents: HashMap<&str, Option<&str>> = both.map(|node| (node.id.as_str(), node.parent.as_deref())).collect();
        let above = |id: &str| {
            let mut node = Some(id);
            let mut steps = 0;
            while let Some(id) = node.filter(|_| steps <= 2 * limit::TREE_DEPTH) {
                node = parents.get(id).copied().flatten();
                steps += 1;
            }
            steps - 1
        };
        parents.keys().map(|id| above(id)).max().unwrap_or(0)
    };
    let depth = deepest(ours, theirs).max(deepest(theirs, ours));
    if depth > limit::TREE_DEPTH && [ours, theirs].iter().all(|nodes| deepest(nodes, &[]) <= limit::TREE_DEPTH) {
        let message = format!("`{key}` of both policies together have more than {} levels", limit::TREE_DEPTH);
        findings.add(Code::LimitExceeded, Spot::Path(&format!("{key}[0]")), message, "give both the same tree");
    }
}

/// Adds the products that only the other side has; they are hidden from everybody.
pub fn share_products(own: &mut CheckedPolicy, other: &CheckedPolicy) {
    let known: HashSet<String> = own.policy.products.iter().map(|product| product.sku.clone()).collect();
    let foreign: Vec<&Product> = other.policy.products.iter().filter(|product| !known.contains(&product.sku)).collect();
    if foreign.is_empty() {
        return;
    }
    let skus = foreign.iter().map(|product| product.sku.clone()).collect();
    let on = Select { sku: Some(OneOrMany(skus)), ..Select::default() };
    own.policy.assortment.push(Listing { on: Some(on), when: When::default(), valid: None, state: Availability::Hidden });
    let always = WindowId(u32::try_from(own.resolved.windows.len()).unwrap_or(u32::MAX));
    own.resolved.windows.push(Arc::new([own.resolved.valid]));
    own.resolved.listing_windows.push(always);
    let bare = |product: &Product| Product {
        sku: product.sku.clone(),
        unit: product.unit.clone(),
        units: product.units.clone(),
        quantity_unit: None,
        scale_group: None,
        name: product.name.clone(),
        category: None,
        brand: None,
        min_quantity: None,
        multiple: None,
        step: None,
        max_order: None,
        max_period: None,
        tags: Vec::new(),
        attributes: Vec::new(),
        weight: None,
        points: None,
        tax: None,
        place: product.place,
    };
    own.policy.products.extend(foreign.into_iter().map(bare));
}
