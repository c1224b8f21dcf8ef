//! Promotions.

use super::findings::{Findings, Spot};
use super::names::{self, Names};
use super::number::{self, Least, Measure};
use super::select::{Catalog, check_select, check_values, check_when};
use super::settings::Constants;
use super::windows::{WindowId, Windows};
use super::{audience, combo, condition, hidden, most, reach};
use crate::diagnostic::Code;
use crate::limit;
use crate::num::{Number, in_proportion};
use crate::policy::{
    Choose, Count, Decompose, Earn, Eligibility, Get, Gift, GiftItem, Group, GroupMode, Origin, Policy, Promotion, Scope, Stage, Step,
};
use std::collections::BTreeSet;

/// Checks the promotions and returns when each holds.
pub fn check(
    policy: &Policy,
    names: &Names,
    catalog: &Catalog,
    constants: &Constants,
    windows: &Windows,
    findings: &mut Findings,
) -> Vec<WindowId> {
    let mut resolved = Vec::new();
    for (index, promotion) in policy.promotions.iter().enumerate() {
        let path = format!("promotions[{index}]");
        check_when(&promotion.when, &format!("{path}.when"), names, findings);
        if let Some(select) = &promotion.on {
            check_select(select, &format!("{path}.on"), names, catalog, findings);
        }
        if let Some(codes) = &promotion.coupon {
            check_values(codes, None, &format!("{path}.coupon"), Code::AudienceEmpty, findings);
        }
        if let Some(group) = &promotion.group {
            names.groups.check(group, Spot::Path(&format!("{path}.group")), findings);
        }
        if let Some(budget) = &promotion.budget {
            names.budgets.check(budget, Spot::Path(&format!("{path}.budget")), findings);
        }
        most::check(promotion, &path, policy, constants, findings);
        combo::check(promotion, &path, names, catalog, findings);
        if let Some(condition) = &promotion.condition {
            condition::check(condition, &format!("{path}.if"), names, catalog, constants, findings);
        }
        check_currency(&promotion.currency, &format!("{path}.currency"), policy, findings);
        let price = if promotion.prices_units() { Measure::UnitPrice } else { Measure::Money };
        Numbers { constants, names, price, findings }.threshold_and_benefit(promotion, &path);
        resolved.push(windows.resolve(promotion.valid.as_deref(), Spot::Path(&format!("{path}.valid")), findings));
    }
    hidden::check(policy, names, findings);
    reach::check(policy, names, constants, findings);
    // Its faults end what the two above look at.
    audience::check(policy, names, findings);
    check_groups(policy, findings);
    check_tags(policy, findings);
    combo::check_groups(policy, findings);
    for (index, budget) in policy.budgets.iter().enumerate() {
        check_currency(&budget.currency, &format!("budgets[{index}].currency"), policy, findings);
        number::check(
            budget.amount,
            Measure::Money,
            Least::AboveZero,
            Spot::Path(&format!("budgets[{index}].amount")),
            constants,
            findings,
        );
    }
    resolved
}

/// Nothing is converted, so every amount is in the currency of the policy.
fn check_currency(named: &Option<String>, path: &str, policy: &Policy, findings: &mut Findings) {
    let own = &policy.settings.currency;
    if let Some(other) = named.as_ref().filter(|named| *named != own)
        && findings.is_complete("policy")
    {
        let help = format!("write its amounts in `{own}`, or put it into a policy of its own");
        findings.add(Code::CurrencyMismatch, Spot::Path(path), format!("`{other}` is not the currency of the policy"), help);
    }
}

/// A `best` group chooses inside one stage, so promotions of different stages would both apply where the author expects one.
fn check_groups(policy: &Policy, findings: &mut Findings) {
    for (index, group) in policy.groups.iter().enumerate().filter(|(_, group)| group.mode != GroupMode::Exclusive) {
        for (key, _) in [("scope", group.scope.is_some()), ("choose", group.choose.is_some())].into_iter().filter(|(_, given)| *given) {
            let help = format!("write `mode: exclusive`, or delete `{key}`");
            let spot = format!("groups[{index}].{key}");
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), format!("`{key}` needs `mode: exclusive`"), help);
        }
    }
    let by_priority = |group: &Group| group.scope == Some(Scope::Units) && group.choose == Some(Choose::Priority);
    for (index, _) in policy.groups.iter().enumerate().filter(|(_, group)| by_priority(group)) {
        let (spot, help) = (format!("groups[{index}].choose"), "delete it: the combos that save most are made");
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), "`choose: priority` beside `scope: units`", help);
    }
    for (index, promotion) in policy.promotions.iter().enumerate() {
        if promotion.stage.is_some() && policy.stage_of(promotion) == Stage::Exclusive {
            let help = "delete `stage`, or give it another group";
            let message = "promotions of an exclusive group run before all stages";
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("promotions[{index}].stage")), message, help);
        }
    }
    // What is earned is worth nothing where promotions are compared, so it would never be chosen.
    for (index, promotion) in policy.promotions.iter().enumerate().filter(|(_, promotion)| promotion.earns()) {
        let group = policy.groups.iter().find(|group| Some(&group.id) == promotion.group.as_ref());
        if group.is_some_and(|group| !matches!(group.mode, GroupMode::Stack | GroupMode::Always)) {
            let (message, help) = ("what is earned competes with nothing", "give it a group of mode `stack` or `always`, or none");
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("promotions[{index}].group")), message, help);
        }
        if promotion.budget.is_some() {
            let (message, help) = ("what is earned is taken from no budget", "delete `budget`, or limit how often it counts with `limit`");
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("promotions[{index}].budget")), message, help);
        }
    }
    for group in policy.groups.iter().filter(|group| matches!(group.mode, GroupMode::Best | GroupMode::First)) {
        let mut members = policy.promotions.iter().enumerate().filter(|(_, promotion)| promotion.group.as_ref() == Some(&group.id));
        let Some((_, first)) = members.next() else { continue };
        for (index, other) in members.filter(|(_, promotion)| promotion.effective_stage() != first.effective_stage()) {
            let [stage, first_stage] = [other, first].map(|promotion| promotion.effective_stage().word());
            let message = format!(
                "`{}` runs in the stage `{stage}` and `{}` in the stage `{first_stage}`, so the group cannot choose between them",
                other.id, first.id
            );
            let help = format!("add `stage: {first_stage}`, or give them different groups");
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("promotions[{index}].group")), message, help);
        }
    }
}

/// Promotions that do not combine: tags that somebody has, and no two that run together where nothing chooses between them.
fn check_tags(policy: &Policy, findings: &mut Findings) {
    let all: BTreeSet<&String> = policy.promotions.iter().flat_map(|promotion| &promotion.tags).flat_map(|tags| &tags.0).collect();
    let mut named: BTreeSet<&String> = BTreeSet::new();
    for (index, promotion) in policy.promotions.iter().enumerate() {
        for (key, list) in [("tags", &promotion.tags), ("not_with", &promotion.not_with)] {
            let Some(list) = list else { continue };
            let path = format!("promotions[{index}].{key}");
            check_values(list, None, &path, Code::SelectionEmpty, findings);
            for (at, tag) in list.0.iter().enumerate().filter(|_| key == "not_with") {
                named.insert(tag);
                if !all.contains(tag) && findings.is_complete("promotions") {
                    let message = format!("no promotion has the tag `{tag}`");
                    let help = "give the promotions that it does not combine with this tag under `tags`";
                    findings.add(Code::IdUnknown, Spot::Path(&format!("{path}[{at}]")), message, help);
                }
            }
            if key == "not_with" && named.len() > limit::TAGS {
                let message = format!("promotions name more than {} tags under `not_with`", limit::TAGS);
                findings.add(Code::LimitExceeded, Spot::Path(&path), message, "use the same tag for more of them");
                return;
            }
        }
    }
    if policy.settings.eligibility == Eligibility::Sequential {
        return;
    }
    let not_with = |a: &Promotion, b: &Promotion| {
        a.not_with.iter().flat_map(|tags| &tags.0).any(|tag| b.tags.as_ref().is_some_and(|tags| tags.0.contains(tag)))
    };
    let mode =
        |promotion: &Promotion| policy.groups.iter().find(|group| Some(&group.id) == promotion.group.as_ref()).map(|group| group.mode);
    let tagged: Vec<(usize, &Promotion)> =
        policy.promotions.iter().enumerate().filter(|(_, p)| p.tags.is_some() || p.not_with.is_some()).collect();
    for (at, (index, promotion)) in tagged.iter().enumerate() {
        let together = |other: &Promotion| {
            let stage = policy.stage_of(promotion);
            let chosen = matches!(mode(promotion), Some(GroupMode::Best | GroupMode::First | GroupMode::Exclusive));
            policy.stage_of(other) == stage && if promotion.group == other.group { !chosen } else { stage != Stage::Exclusive }
        };
        let rival = tagged[..at].iter().find(|(_, other)| (not_with(promotion, other) || not_with(other, promotion)) && together(other));
        if let Some((_, rival)) = rival {
            let message =
                format!("`{}` and `{}` do not combine, but run in one stage and no group chooses between them", promotion.id, rival.id);
            let help = "give both the same group of the mode `best` or `first`, or different stages: then the earlier one comes first";
            let key = if promotion.not_with.is_some() { "not_with" } else { "tags" };
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("promotions[{index}].{key}")), message, help);
        }
    }
}

struct Numbers<'a, 'f> {
    constants: &'a Constants,
    names: &'a Names<'a>,
    /// What a `price` is.
    price: Measure,
    findings: &'a mut Findings<'f>,
}

impl Numbers<'_, '_> {
    fn threshold_and_benefit(&mut self, promotion: &Promotion, path: &str) {
        let Promotion { at, each, steps, combo, get, .. } = promotion;
        if [at.is_some(), each.is_some(), steps.is_some(), combo.is_some()].into_iter().filter(|given| *given).count() > 1 {
            let message = "the promotion has more than one of `at`, `each`, `steps` and `combo`";
            self.findings.add(Code::ChoiceCount, Spot::Path(path), message, "keep one of them; the others are promotions of their own");
        }
        if let Some(at) = at {
            self.measure(at.amount, at.quantity, &format!("{path}.at"));
        }
        if let Some(each) = each {
            self.measure(each.amount, each.quantity, &format!("{path}.each"));
            if each.times == Some(0) {
                let help = "write 1 or more, or delete `times`";
                self.findings.add(Code::NumberRange, Spot::Path(&format!("{path}.each.times")), "`times` cannot be `0`", help);
            }
            let counts = |get: &Get| get.amount_off.is_some() || get.gift.is_some() || get.earn.is_some();
            if get.as_ref().is_some_and(|get| !counts(get) && (get.percent.is_some() || get.per_unit_off.is_some() || get.price.is_some()))
            {
                let help = "write `amount_off`, `gift` or `earn`, or use `at`";
                self.findings.add(
                    Code::CombinationInvalid,
                    Spot::Path(&format!("{path}.get")),
                    "`each` needs the benefit `amount_off`, `gift` or `earn`",
                    help,
                );
            }
        }
        self.count(promotion, path);
        self.origin(promotion, path);
        self.decompose(promotion, path);
        let by_amount = [at.as_ref().map(|at| at.amount.is_some()), each.as_ref().map(|each| each.amount.is_some())];
        let by_amount = by_amount.contains(&Some(true)) || steps.as_ref().is_some_and(|steps| steps.amount.is_some());
        if promotion.threshold_tax.is_some() && !(by_amount && self.constants.taxed) {
            let help = "delete it, or write `tax` under `policy` and a threshold by `amount`";
            let message = "`threshold_tax` needs an amount that includes tax or not";
            self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.threshold_tax")), message, help);
        }
        match (steps, get) {
            (Some(steps), get) => {
                let steps_path = format!("{path}.steps");
                match (&steps.amount, &steps.quantity) {
                    (Some(list), None) => self.steps(list, Measure::Money, &format!("{steps_path}.amount")),
                    (None, Some(list)) => self.steps(list, Measure::Quantity, &format!("{steps_path}.quantity")),
                    _ => self.choose(&steps_path, "`steps`", "`amount` and `quantity`"),
                }
                if get.is_some() {
                    let help = "delete `get`; each step holds its own benefit";
                    self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.get")), "`get` beside `steps`", help);
                }
            }
            (None, Some(get)) => self.get(get, &format!("{path}.get")),
            (None, None) => {
                let help = "add `get: { percent: … }`, `get: { amount_off: … }`, `get: { per_unit_off: … }` or `get: { gift: … }`";
                self.findings.add(Code::KeyMissing, Spot::Path(path), "the promotion gives nothing", help);
            }
        }
    }

    /// A threshold: exactly one of amount and quantity, above zero.
    fn measure(&mut self, amount: Option<Number>, quantity: Option<Number>, path: &str) {
        if amount.is_some() == quantity.is_some() {
            self.choose(path, &format!("`{}`", Spot::Path(path).name()), "`amount` and `quantity`");
        }
        self.number(amount, Measure::Money, Least::AboveZero, &format!("{path}.amount"));
        self.number(quantity, Measure::Quantity, Least::AboveZero, &format!("{path}.quantity"));
    }

    fn get(&mut self, get: &Get, path: &str) {
        self.benefit(get, path);
        self.number(get.max_units, Measure::Quantity, Least::AboveZero, &format!("{path}.max_units"));
        if get.max_units.is_some() && get.per_unit_off.is_none() {
            let help = "delete it, or give `per_unit_off`";
            self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.max_units")), "`max_units` needs `per_unit_off`", help);
        }
    }

    fn steps(&mut self, steps: &[Step], measure: Measure, path: &str) {
        if steps.is_empty() {
            self.findings.add(
                Code::ShapeWrong,
                Spot::Path(path),
                "there is no step in the list",
                "write a step, such as `{ from: 100, amount_off: 10 }`",
            );
        }
        for (index, step) in steps.iter().enumerate() {
            let step_path = format!("{path}[{index}]");
            self.number(Some(step.from), measure, Least::Zero, &format!("{step_path}.from"));
            let Step { percent, amount_off, per_unit_off, price, ref gift, ref earn, .. } = *step;
            let (gift, earn) = (gift.clone(), earn.clone());
            self.benefit(&Get { percent, amount_off, per_unit_off, gift, max_units: None, unit: None, price, earn }, &step_path);
        }
        check_rising(steps.iter().map(|step| step.from), path, self.findings);
    }

    fn benefit(&mut self, get: &Get, path: &str) {
        let Get { percent, amount_off, per_unit_off, ref gift, price, ref earn, .. } = *get;
        let given = [percent.is_some(), amount_off.is_some(), per_unit_off.is_some(), gift.is_some(), price.is_some(), earn.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            self.choose(path, "a benefit", "`percent`, `amount_off`, `per_unit_off`, `gift`, `price` and `earn`");
        }
        self.number(price, self.price, Least::Zero, &format!("{path}.price"));
        if let Some(earn) = earn {
            self.earn(earn, &format!("{path}.earn"));
        }
        if let Some(gift) = gift {
            self.gift(gift, &format!("{path}.gift"));
        }
        if let Some(percent) = percent {
            number::check_percent(percent, Least::AboveZero, Spot::Path(&format!("{path}.percent")), self.findings);
        }
        self.number(amount_off, Measure::Money, Least::AboveZero, &format!("{path}.amount_off"));
        self.number(per_unit_off, Measure::UnitPrice, Least::AboveZero, &format!("{path}.per_unit_off"));
    }

    fn earn(&mut self, earn: &Earn, path: &str) {
        names::check_id(&earn.id, Spot::Path(&format!("{path}.id")), self.findings);
        if earn.quantity == Some(0) {
            self.findings.add(Code::NumberRange, Spot::Path(&format!("{path}.quantity")), "`quantity` cannot be `0`", "write 1 or more");
        }
    }

    /// What is given: one product, or some of several, each in whole units.
    fn gift(&mut self, gift: &Gift, path: &str) {
        if gift.sku.is_some() == gift.from.is_some() {
            self.choose(path, "`gift`", "`sku` and `from`");
        }
        if let Some(sku) = &gift.sku {
            self.names.skus.check(sku, Spot::Path(&format!("{path}.sku")), self.findings);
        }
        self.gift_quantity(gift.quantity, &format!("{path}.quantity"));
        if let Some(instead) = &gift.instead {
            let path = format!("{path}.instead");
            if gift.sku.is_none() {
                let (message, help) =
                    ("`instead` needs `sku`", "delete it; of what stands under `from` the dealer gets what can be delivered");
                self.findings.add(Code::CombinationInvalid, Spot::Path(&path), message, help);
            }
            self.gift_items(instead, gift.sku.as_deref(), &path);
        }
        let Some(from) = &gift.from else {
            if gift.choose.is_some() {
                let (message, help) = ("`choose` needs `from`", "delete it, or write under `from` what to choose from");
                self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.choose")), message, help);
            }
            return;
        };
        if gift.quantity.is_some() {
            let (message, help) = ("`quantity` beside `from`", "write the quantity of each item under `from`");
            self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.quantity")), message, help);
        }
        if !from.is_empty() && gift.choose.is_some_and(|choose| choose == 0 || choose as usize > from.len()) {
            let message = format!("`choose` is not from 1 to {}, as many as there are under `from`", from.len());
            self.findings.add(Code::NumberRange, Spot::Path(&format!("{path}.choose")), message, "write how many of them the dealer gets");
        }
        self.gift_items(from, None, &format!("{path}.from"));
    }

    /// A list of what may be given, beside `first`.
    fn gift_items(&mut self, items: &[GiftItem], first: Option<&str>, path: &str) {
        if items.is_empty() {
            let (message, help) = ("there is nothing to choose from", "write an item, such as `{ sku: …, quantity: 1 }`");
            self.findings.add(Code::SelectionEmpty, Spot::Path(path), message, help);
        }
        if items.len() + usize::from(first.is_some()) > limit::GIFT_ITEMS {
            let message = format!("there are {} items to choose from, more than {}", items.len(), limit::GIFT_ITEMS);
            self.findings.add(Code::LimitExceeded, Spot::Path(path), message, "leave some of them out");
            return;
        }
        for (index, item) in items.iter().enumerate() {
            let item_path = format!("{path}[{index}]");
            let spot = format!("{item_path}.sku");
            self.names.skus.check(&item.sku, Spot::Path(&spot), self.findings);
            if first == Some(&item.sku) || items[..index].iter().any(|other| other.sku == item.sku) {
                let message = format!("`{}` stands twice under `{}`", item.sku, Spot::Path(path).name());
                self.findings.add(Code::IdDuplicate, Spot::Path(&spot), message, "keep one of them");
            }
            self.gift_quantity(item.quantity, &format!("{item_path}.quantity"));
        }
    }

    fn gift_quantity(&mut self, quantity: Option<Number>, path: &str) {
        let Some(quantity) = quantity else { return };
        let faults_before = self.findings.diagnostics.found.len();
        self.number(Some(quantity), Measure::Quantity, Least::AboveZero, path);
        if self.findings.diagnostics.found.len() == faults_before && !quantity.0.is_integer() {
            let message = format!("`quantity` cannot be `{quantity}`");
            self.findings.add(Code::NumberDigits, Spot::Path(path), message, "gifts are given in whole units");
        }
    }

    /// Another way of counting than step by step is about units bought and gifts given.
    fn count(&mut self, promotion: &Promotion, path: &str) {
        let Some(each) = promotion.each.as_ref().filter(|each| each.count != Count::PerStep) else { return };
        let gift = promotion.get.as_ref().and_then(|get| get.gift.as_ref());
        let spot = format!("{path}.each.count");
        if gift.is_none() || each.quantity.is_none() {
            let (message, help) = ("`count` needs `quantity` and a gift", "delete it; without it every full step counts");
            self.findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, help);
        }
        let mut quantities = gift.iter().flat_map(|gift| gift.items()).map(|(_, quantity)| quantity);
        let first = quantities.next();
        if each.count == Count::ProRata && quantities.any(|quantity| Some(quantity) != first) {
            let help = "write the same `quantity` for every item, or count `per_step`";
            let message = "`count: pro_rata` counts gifts one by one, so that all must be given in one quantity";
            self.findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, help);
        }
    }

    /// Where `each` begins to count is told by two keys together, and not where gifts are counted in another way.
    fn origin(&mut self, promotion: &Promotion, path: &str) {
        let Some(each) = promotion.each.as_ref().filter(|each| each.from.is_some() || each.origin.is_some()) else { return };
        let path = format!("{path}.each");
        let (Some(from), Some(origin)) = (each.from, each.origin) else {
            let help = "write both: `from: 500, origin: zero`, or `origin: threshold` where steps are counted from there on";
            return self.findings.add(Code::ChoiceCount, Spot::Path(&path), "`from` and `origin` need each other", help);
        };
        let (measure, step) = if each.amount.is_some() { (Measure::Money, each.amount) } else { (Measure::Quantity, each.quantity) };
        self.number(Some(from), measure, Least::AboveZero, &format!("{path}.from"));
        if each.count != Count::PerStep {
            let (message, help) = ("`from` beside `count`", "delete it; gifts counted so are counted from the first unit");
            self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.from")), message, help);
        }
        if origin == Origin::Zero && step.is_some_and(|step| from < step) {
            let message = format!("`from` is `{from}`, and there is no full step before");
            let help = "write at least one full step, delete both, or write `origin: threshold`";
            self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.from")), message, help);
        }
    }

    /// Only amounts add up, and only steps in some proportion are divided best.
    fn decompose(&mut self, promotion: &Promotion, path: &str) {
        let Some(steps) = promotion.steps.as_ref().filter(|steps| steps.decompose != Decompose::Highest) else { return };
        let (path, measure) = (format!("{path}.steps"), if steps.amount.is_some() { "amount" } else { "quantity" });
        let list = || steps.amount.iter().chain(&steps.quantity).flatten().enumerate();
        for (index, step) in list() {
            if step.amount_off.is_none() {
                let (spot, help) = (format!("{path}.{measure}[{index}]"), "give `amount_off` in each step, or delete `decompose`");
                self.findings.add(Code::CombinationInvalid, Spot::Path(&spot), "`decompose` needs `amount_off`", help);
            }
            if step.from.0.is_zero() {
                let (spot, help) = (format!("{path}.{measure}[{index}].from"), "begin above 0, or delete `decompose`");
                self.findings.add(
                    Code::NumberRange,
                    Spot::Path(&spot),
                    "a step from `0` goes into any measure as often as one likes",
                    help,
                );
            }
        }
        if promotion.stage == Some(Stage::Freight) {
            let (message, help) = ("`decompose` in the stage `freight`", "delete `decompose`: the highest step counts");
            self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.decompose")), message, help);
        }
        let scale = list().map(|(_, step)| step.from.0.normalize().scale()).max().unwrap_or(0);
        let from: Option<Vec<i64>> = list()
            .map(|(_, step)| {
                i64::try_from(
                    step.from.0.normalize().mantissa().checked_mul(10_i128.checked_pow(scale - step.from.0.normalize().scale())?)?,
                )
                .ok()
            })
            .map(|from| from.filter(|from| *from > 0))
            .collect();
        if steps.decompose == Decompose::Best && from.is_some_and(|from| !from.is_empty() && !in_proportion(&from, limit::STEP_PROPORTION))
        {
            let message = format!("the steps are not multiples of one figure, at most {} times it", limit::STEP_PROPORTION);
            let help = "write rounder steps, such as 100, 300 and 1000, or `decompose: greedy`";
            self.findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.decompose")), message, help);
        }
    }

    fn number(&mut self, number: Option<Number>, measure: Measure, least: Least, path: &str) {
        if let Some(number) = number {
            number::check(number, measure, least, Spot::Path(path), self.constants, self.findings);
        }
    }

    fn choose(&mut self, path: &str, what: &str, choices: &str) {
        self.findings.add(
            Code::ChoiceCount,
            Spot::Path(path),
            format!("{what} needs exactly one of {choices}"),
            "write exactly one of them",
        );
    }
}

/// Reports steps or tiers that do not begin above the one before.
pub fn check_rising(starts: impl Iterator<Item = Number>, path: &str, findings: &mut Findings) {
    let mut before: Option<Number> = None;
    for (index, start) in starts.enumerate() {
        if let Some(before) = before.filter(|before| start <= *before) {
            let path = format!("{path}[{index}].from");
            let message = format!("`from` is `{start}`, which is not above `{before}` before it");
            findings.add(Code::StepsOrder, Spot::Path(&path), message, "write them in rising order, each once");
        }
        before = Some(start);
    }
}
