//! Conditions of promotions under `if`.

use super::findings::{Findings, Spot};
use super::names::Names;
use super::number::{self, Least, Measure};
use super::select::{Catalog, check_attributes, check_ranges, check_select, check_values, is_selected, refuse_none};
use super::settings::Constants;
use crate::attribute::Ordered;
use crate::diagnostic::Code;
use crate::limit;
use crate::policy::{Cart, Condition, DealerIs, OrderIs, OrderNumber, Select};

/// Checks a condition and everything inside it.
pub fn check(condition: &Condition, path: &str, names: &Names, catalog: &Catalog, constants: &Constants, findings: &mut Findings) {
    let mut count = 0;
    condition.each(&mut |_| count += 1);
    if count > limit::CLAUSES {
        let message = format!("the condition has {count} parts, more than {}", limit::CLAUSES);
        findings.add(Code::LimitExceeded, Spot::Path(path), message, "use tags or attributes, so that one part says what many do");
        return;
    }
    Checker { names, catalog, constants, findings }.condition(condition, path, 1);
}

struct Checker<'a, 'f> {
    names: &'a Names<'a>,
    catalog: &'a Catalog<'a>,
    constants: &'a Constants,
    findings: &'a mut Findings<'f>,
}

impl Checker<'_, '_> {
    fn condition(&mut self, condition: &Condition, path: &str, depth: usize) {
        let Condition { all, any, not, dealer, order, cart, order_number } = condition;
        let given =
            [all.is_some(), any.is_some(), not.is_some(), dealer.is_some(), order.is_some(), cart.is_some(), order_number.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let message = "a condition is exactly one of `all`, `any`, `not`, `dealer`, `order`, `cart` and `order_number`";
            self.findings.add(Code::ChoiceCount, Spot::Path(path), message, "write several as `all: [{ … }, { … }]`");
        }
        if depth > limit::CLAUSE_DEPTH {
            let message = format!("the condition is nested more than {} deep", limit::CLAUSE_DEPTH);
            self.findings.add(Code::LimitExceeded, Spot::Path(path), message, "write it flatter");
            return;
        }
        for (key, list) in [("all", all), ("any", any)] {
            let Some(list) = list else { continue };
            let path = format!("{path}.{key}");
            if list.is_empty() {
                let message = format!("`{key}` is an empty list");
                self.findings.add(Code::ShapeWrong, Spot::Path(&path), message, "write what must hold");
            }
            for (index, inner) in list.iter().enumerate() {
                self.condition(inner, &format!("{path}[{index}]"), depth + 1);
            }
        }
        if let Some(inner) = not {
            self.condition(inner, &format!("{path}.not"), depth + 1);
        }
        if let Some(dealer) = dealer {
            self.dealer(dealer, &format!("{path}.dealer"));
        }
        if let Some(order) = order {
            self.order(order, &format!("{path}.order"));
        }
        if let Some(cart) = cart {
            self.cart(cart, &format!("{path}.cart"));
        }
        if let Some(number) = order_number {
            self.order_number(number, &format!("{path}.order_number"));
        }
    }

    fn dealer(&mut self, dealer: &DealerIs, path: &str) {
        let DealerIs { id, grade, region, channel, group, contract_date, attributes } = dealer;
        let names = self.names;
        let fields = [
            ("id", id, names.dealers.as_ref()),
            ("grade", grade, Some(&names.grades)),
            ("region", region, Some(&names.regions)),
            ("channel", channel, Some(&names.channels)),
            ("group", group, Some(&names.dealer_groups)),
        ];
        let none = fields.iter().all(|(_, values, _)| values.is_none());
        self.refuse_empty(none && contract_date.is_none() && attributes.is_empty(), path);
        for (field, values, known) in fields {
            if let Some(values) = values {
                check_values(values, known, &format!("{path}.{field}"), Code::AudienceEmpty, self.findings);
            }
        }
        if let Some(days) = contract_date {
            check_ranges(days, Ordered::Day, &format!("{path}.contract_date"), Code::AudienceEmpty, self.findings);
        }
        check_attributes(attributes, &names.attributes[0], path, Code::AudienceEmpty, names, self.findings);
    }

    fn order(&mut self, order: &OrderIs, path: &str) {
        let OrderIs { region, source, delivery, day, attributes } = order;
        let fields = [region.is_some(), source.is_some(), delivery.is_some(), day.is_some(), !attributes.is_empty()];
        self.refuse_empty(!fields.contains(&true), path);
        if let Some(ways) = delivery {
            refuse_none(ways, &format!("{path}.delivery"), Code::AudienceEmpty, self.findings);
        }
        if let Some(days) = day {
            let path = format!("{path}.day");
            check_ranges(days, Ordered::Day, &path, Code::AudienceEmpty, self.findings);
            if days.0.len() > 1 {
                let help = "write several as `any: [{ order: { day: … } }, …]`";
                self.findings.add(Code::ShapeWrong, Spot::Path(&path), "`day` is one range", help);
            }
        }
        if let Some(regions) = region {
            check_values(regions, Some(&self.names.regions), &format!("{path}.region"), Code::AudienceEmpty, self.findings);
        }
        if let Some(sources) = source {
            check_values(sources, None, &format!("{path}.source"), Code::AudienceEmpty, self.findings);
        }
        check_attributes(attributes, &self.names.attributes[2], path, Code::AudienceEmpty, self.names, self.findings);
    }

    fn cart(&mut self, cart: &Cart, path: &str) {
        let Cart { on, name: _, amount, quantity, skus, weight } = cart;
        if [amount.is_some(), quantity.is_some(), skus.is_some(), weight.is_some()].into_iter().filter(|given| *given).count() != 1 {
            let message = "`cart` needs exactly one of `amount`, `quantity`, `skus` and `weight`";
            self.findings.add(Code::ChoiceCount, Spot::Path(path), message, "write exactly one of them");
        }
        if let Some(on) = on {
            check_select(on, &format!("{path}.on"), self.names, self.catalog, self.findings);
        }
        for (key, number, measure) in
            [("amount", amount, Measure::Money), ("quantity", quantity, Measure::Quantity), ("weight", weight, Measure::Weight)]
        {
            if let Some(number) = number {
                number::check(*number, measure, Least::AboveZero, Spot::Path(&format!("{path}.{key}")), self.constants, self.findings);
            }
        }
        self.weightless(weight.is_some(), on.as_ref(), path);
        if let Some(skus) = skus.filter(|skus| !(1..=limit::ORDER_LINES).contains(&(*skus as usize))) {
            let message = format!("`skus` cannot be `{skus}`");
            let help = format!("write 1 to {}", limit::ORDER_LINES);
            self.findings.add(Code::NumberRange, Spot::Path(&format!("{path}.skus")), message, help);
        } else if let Some(skus) = skus {
            self.too_many(*skus, on.as_ref(), path);
        }
    }

    /// A weight of products of which none has one.
    fn weightless(&mut self, weight: bool, on: Option<&Select>, path: &str) {
        let products = self.catalog.policy.products.iter().filter(|product| on.is_none_or(|on| is_selected(product, on, self.names)));
        if weight && self.names.skus.complete && products.map(|product| product.weight).all(|weight| weight.is_none()) {
            let (message, help) = ("none of these products has a weight", "fill in the column `weight` of the product table");
            self.findings.add(Code::ThresholdUnreachable, Spot::Path(&format!("{path}.weight")), message, help);
        }
    }

    /// More products than there are of the kind.
    fn too_many(&mut self, skus: u32, on: Option<&Select>, path: &str) {
        let there = self.catalog.policy.products.iter().filter(|product| on.is_none_or(|on| is_selected(product, on, self.names))).count();
        if skus as usize > there && self.names.skus.complete {
            let message = format!("`skus` is `{skus}`, and the policy has {there} such products");
            let help = "write as many as there are, or fewer, or loosen `on`";
            self.findings.add(Code::ThresholdUnreachable, Spot::Path(&format!("{path}.skus")), message, help);
        }
    }

    fn order_number(&mut self, number: &OrderNumber, path: &str) {
        let OrderNumber { source, from, to } = number;
        if let Some(source) = source {
            super::names::check_id(source, Spot::Path(&format!("{path}.source")), self.findings);
        }
        self.refuse_empty(from.is_none() && to.is_none(), path);
        for (key, bound) in [("from", from), ("to", to)] {
            if *bound == Some(0) {
                let message = format!("`{key}` cannot be `0`");
                self.findings.add(Code::NumberRange, Spot::Path(&format!("{path}.{key}")), message, "the first order is `1`");
            }
        }
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            let message = format!("`to` is `{to}`, which is below `from`, `{from}`");
            self.findings.add(Code::NumberRange, Spot::Path(&format!("{path}.to")), message, "write the same or a larger number");
        }
    }

    fn refuse_empty(&mut self, empty: bool, path: &str) {
        if empty {
            let message = format!("`{}` says nothing", Spot::Path(path).name());
            self.findings.add(Code::CombinationInvalid, Spot::Path(path), message, "write one of its fields, or delete it");
        }
    }
}
