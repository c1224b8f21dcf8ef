//! What promotions may give at most: limits and caps; and what takes off freight.

use super::findings::{Findings, Spot};
use super::number::{self, Least, Measure};
use super::settings::Constants;
use crate::diagnostic::Code;
use crate::policy::{Base, Get, GroupMode, Limit, Policy, Promotion, PromotionCap, Stage, Step, UnitLimit};

/// Checks limits and cap of a promotion, and what a freight promotion is made of.
pub fn check(promotion: &Promotion, path: &str, policy: &Policy, constants: &Constants, findings: &mut Findings) {
    let mut checker = Checker { promotion, policy, constants, findings };
    if let Some(limit) = &promotion.limit {
        checker.limit(limit, &format!("{path}.limit"));
    }
    if let Some(cap) = &promotion.cap {
        checker.cap(cap, &format!("{path}.cap"));
    }
    if promotion.stage == Some(Stage::Freight) {
        checker.freight(path);
    }
}

/// Kinds of benefits of a promotion, with how they are written.
fn benefits(promotion: &Promotion) -> impl Iterator<Item = &'static str> {
    let of_get = |Get { percent, amount_off, per_unit_off, gift, price, earn, max_units: _, unit: _ }: &Get| {
        [percent.is_some(), amount_off.is_some(), per_unit_off.is_some(), gift.is_some(), price.is_some(), earn.is_some()]
    };
    let of_step = |Step { from: _, percent, amount_off, per_unit_off, gift, price, earn }: &Step| {
        [percent.is_some(), amount_off.is_some(), per_unit_off.is_some(), gift.is_some(), price.is_some(), earn.is_some()]
    };
    let steps = promotion.steps.iter().flat_map(|steps| steps.amount.iter().chain(&steps.quantity)).flatten().map(of_step);
    let given = promotion.get.iter().map(of_get).chain(steps).fold([false; 6], |mut all, one| {
        all.iter_mut().zip(one).for_each(|(all, one)| *all |= one);
        all
    });
    ["percent", "amount_off", "per_unit_off", "gift", "price", "earn"]
        .into_iter()
        .zip(given)
        .filter(|(_, given)| *given)
        .map(|(word, _)| word)
}

struct Checker<'a, 'f, 's> {
    promotion: &'a Promotion,
    policy: &'a Policy,
    constants: &'a Constants,
    findings: &'f mut Findings<'s>,
}

impl Checker<'_, '_, '_> {
    fn limit(&mut self, limit: &Limit, path: &str) {
        let times = limit.times();
        if times.iter().all(|(.., times)| times.is_none()) && limit.units.is_none() && limit.sku.is_none() {
            let help = "write `order`, `dealer`, `period`, `total`, `units` or `sku`, or delete `limit`";
            self.refuse(path, "`limit` limits nothing", help);
        }
        for (_, key, _) in times.into_iter().filter(|(.., times)| *times == Some(0)) {
            let (spot, message) = (format!("{path}.{key}"), format!("`{key}` cannot be `0`"));
            self.findings.add(Code::NumberRange, Spot::Path(&spot), message, "write 1 or more, or delete the promotion");
        }
        for (key, units) in [("units", &limit.units), ("sku", &limit.sku)] {
            if let Some(units) = units {
                self.units(units, key, &format!("{path}.{key}"));
            }
        }
    }

    fn units(&mut self, units: &UnitLimit, key: &str, path: &str) {
        let quantities = units.quantities();
        if quantities.iter().all(|(.., quantity)| quantity.is_none()) {
            let help = format!("write `order`, `dealer`, `period` or `total`, or delete `{key}`");
            self.refuse(path, &format!("`{key}` limits nothing"), &help);
        }
        for (_, key, quantity) in quantities {
            if let Some(quantity) = quantity {
                number::check(
                    quantity,
                    Measure::Quantity,
                    Least::AboveZero,
                    Spot::Path(&format!("{path}.{key}")),
                    self.constants,
                    self.findings,
                );
            }
        }
        if self.promotion.combo.is_some() {
            let help = "delete it, and limit how often combos are made: `limit: { order: … }`";
            self.refuse(path, &format!("`{key}` beside `combo`"), help);
        } else if self.promotion.stage == Some(Stage::Freight) {
            self.refuse(
                path,
                &format!("`{key}` in the stage `freight`"),
                "delete it, and limit how often it counts: `limit: { order: … }`",
            );
        } else if let Some(word) = benefits(self.promotion).find(|word| !matches!(*word, "percent" | "per_unit_off" | "price")) {
            let help = "limit how often it counts: `limit: { order: … }`, or give `percent`, `per_unit_off` or `price`";
            self.refuse(path, &format!("`{key}` limits units, and `{word}` is not for units"), help);
        }
    }

    fn cap(&mut self, cap: &PromotionCap, path: &str) {
        if cap.order.is_none() && cap.line.is_none() {
            self.refuse(path, "`cap` caps nothing", "write `order` or `line`, or delete `cap`");
        }
        for (key, amount) in [("order", cap.order), ("line", cap.line)] {
            if let Some(amount) = amount {
                number::check(
                    amount,
                    Measure::Money,
                    Least::AboveZero,
                    Spot::Path(&format!("{path}.{key}")),
                    self.constants,
                    self.findings,
                );
            }
        }
        if cap.line.is_some() && self.promotion.stage == Some(Stage::Freight) {
            self.refuse(&format!("{path}.line"), "`line` in the stage `freight`", "write `order`, the most that it takes off freight");
        }
        if let Some(word) = benefits(self.promotion).find(|word| matches!(*word, "gift" | "earn")) {
            let help = "delete it, and limit how often it counts: `limit: { order: … }`";
            self.refuse(path, &format!("`cap` beside `{word}`"), help);
        }
    }

    fn freight(&mut self, path: &str) {
        if self.policy.freight.is_empty() && self.findings.is_complete("freight") {
            let help = "write tables of freight under `freight`, or another stage";
            self.refuse(&format!("{path}.stage"), "the policy has no freight to take from", help);
        }
        if let Some(word) = benefits(self.promotion).find(|word| matches!(*word, "per_unit_off" | "gift" | "earn")) {
            let help = "write `percent`, `amount_off` or `price`, or another stage";
            self.refuse(&format!("{path}.stage"), &format!("`{word}` is nothing that is taken off freight"), help);
        }
        if self.promotion.combo.is_some() {
            self.refuse(&format!("{path}.combo"), "`combo` in the stage `freight`", "write `at` with a `quantity`, or another stage");
        }
        if self.promotion.base != Base::Running {
            self.refuse(
                &format!("{path}.base"),
                "`base` in the stage `freight`",
                "delete it; what is left of freight is what it takes from",
            );
        }
        let group = self.policy.groups.iter().find(|group| Some(&group.id) == self.promotion.group.as_ref());
        if group.is_some_and(|group| group.mode == GroupMode::Always) {
            let help = "give it a group of mode `stack`, `best` or `first`, or none";
            self.refuse(&format!("{path}.group"), "no group that always applies takes off freight", help);
        }
    }

    fn refuse(&mut self, path: &str, message: &str, help: &str) {
        self.findings.add(Code::CombinationInvalid, Spot::Path(path), message.to_owned(), help);
    }
}
