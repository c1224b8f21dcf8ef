//! Conditions of promotions (§30).

use super::exact::{Exact, number, text, whole};
use super::select::{is_any, is_inside_any};
use super::stage::Table;
use qudao::policy::{AttributeOf, Axis, Cart, Condition, OneOrMany, OrderNumber, Policy, Promotion};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A condition without parts inside: whether it holds, and what it is as an entry of an answer.
struct Part {
    holds: bool,
    entry: Value,
}

impl Table<'_, '_> {
    /// The parts of a promotion's condition that fail (§30.6); none where it holds.
    pub fn unmet(&self, promotion: &Promotion) -> Vec<Value> {
        let mut list = Vec::new();
        if let Some(condition) = promotion.condition.as_ref().filter(|condition| !self.holds(condition)) {
            self.name(condition, true, &mut list);
        }
        list
    }

    fn holds(&self, condition: &Condition) -> bool {
        if let Some(all) = &condition.all {
            return all.iter().all(|inner| self.holds(inner));
        }
        if let Some(any) = &condition.any {
            return any.iter().any(|inner| self.holds(inner));
        }
        if let Some(not) = &condition.not {
            return !self.holds(not);
        }
        self.parts(condition).iter().all(|part| part.holds)
    }

    /// Names what keeps a condition from holding, or, where it must not, what holds.
    fn name(&self, condition: &Condition, must: bool, list: &mut Vec<Value>) {
        if let Some(inside) = condition.all.as_ref().or(condition.any.as_ref()) {
            inside.iter().filter(|inner| self.holds(inner) != must).for_each(|inner| self.name(inner, must, list));
        } else if let Some(not) = &condition.not {
            self.name(not, !must, list);
        } else {
            for mut part in self.parts(condition).into_iter().filter(|part| part.holds != must) {
                part.entry["not"] = json!(!must);
                list.push(part.entry);
            }
        }
    }

    /// The fields of a condition about dealer or order, or the only part of another.
    fn parts(&self, condition: &Condition) -> Vec<Part> {
        if let Some(cart) = &condition.cart {
            return vec![self.cart(cart)];
        }
        if let Some(rule) = &condition.order_number {
            return vec![self.order_number(rule)];
        }
        let question = self.question;
        let mut parts = Vec::new();
        let mut add = |name: String, need: &OneOrMany, have: Option<&str>, holds: bool| {
            let mut need = need.0.clone();
            need.sort_unstable();
            parts.push(Part { holds, entry: json!({ "condition": name, "have": have, "need": need }) });
        };
        if let Some(is) = &condition.dealer {
            let own = [
                ("grade", &is.grade, question.grade, None),
                ("region", &is.region, question.region, Some(&question.policy.regions)),
                ("channel", &is.channel, question.channel, None),
                ("group", &is.group, question.group, Some(&question.policy.dealer_groups)),
            ];
            for (field, need, have, tree) in own {
                let Some(need) = need else { continue };
                let holds = tree.map_or_else(|| is_any(need, have), |tree| is_inside_any(need, have, tree));
                add(format!("dealer.{field}"), need, have, holds);
            }
            for (id, need) in &is.attributes {
                let have = question.attribute(id);
                add(format!("dealer.attributes.{id}"), need, have.filter(|have| self.is_named(id, have)), is_any(need, have));
            }
        }
        if let Some(is) = &condition.order {
            if let Some(need) = &is.region {
                let region = question.region_of_delivery();
                add("order.region".to_owned(), need, region, is_inside_any(need, region, &question.policy.regions));
            }
            if let Some(need) = &is.source {
                add("order.source".to_owned(), need, question.source, is_any(need, question.source));
            }
            for (id, need) in &is.attributes {
                let have = question.order["attributes"][id].as_str();
                add(format!("order.attributes.{id}"), need, have, is_any(need, have));
            }
        }
        parts
    }

    /// Whether the policy, or the other side of a transition, names a value of an attribute of dealers.
    fn is_named(&self, id: &str, value: &str) -> bool {
        std::iter::once(self.question.policy).chain(self.question.other).any(|policy| names(policy, id, value))
    }

    /// §30.4.
    fn cart(&self, cart: &Cart) -> Part {
        let question = self.question;
        let lines = super::positions(self.whole_lines, |line| line.price.is_some() && question.selects(cart.on.as_ref(), line.product));
        let (measure, have, need, digits) = match (cart.amount, cart.quantity, cart.skus) {
            (Some(need), _, _) => {
                let have = lines.iter().map(|line| self.whole_entered[*line]).sum();
                ("amount", Exact::new(have, question.minor), number(need), question.digits)
            }
            (_, Some(need), _) => ("quantity", lines.iter().map(|line| self.whole_lines[*line].quantity).sum(), number(need), 0),
            (_, _, Some(need)) => {
                let mut skus: Vec<&str> = lines.iter().map(|line| self.whole_lines[*line].product.sku.as_str()).collect();
                skus.sort_unstable();
                skus.dedup();
                ("skus", whole(i128::try_from(skus.len()).expect("a few")), whole(i128::from(need)), 0)
            }
            _ => unreachable!("a cart measures something"),
        };
        Part {
            holds: have >= need,
            entry: json!({ "condition": "cart", "measure": measure, "have": text(have, digits), "need": text(need, digits) }),
        }
    }

    /// §30.5.
    fn order_number(&self, rule: &OrderNumber) -> Part {
        let orders = &self.question.facts["orders"];
        let before = match &rule.source {
            _ if orders.is_null() => None,
            None => orders["count"].as_u64(),
            Some(source) if self.question.source == Some(source) => Some(orders["by_source"][source].as_u64().unwrap_or(0)),
            Some(_) => None,
        };
        let have = before.map(|before| before + 1);
        let (from, to) = (u64::from(rule.from.unwrap_or(1)), rule.to.map(u64::from));
        let holds = have.is_some_and(|have| have >= from && to.is_none_or(|to| have <= to));
        let entry = json!({ "condition": "order_number", "source": rule.source, "have": have, "from": from, "to": to });
        Part { holds, entry }
    }
}

fn lists(attributes: &BTreeMap<String, OneOrMany>, id: &str, value: &str) -> bool {
    attributes.get(id).is_some_and(|values| is_any(values, Some(value)))
}

/// Whether a policy names a value of an attribute of dealers: in its list of values, as a key of a table, or in any condition on dealers.
fn names(policy: &Policy, id: &str, value: &str) -> bool {
    let Policy { attributes, prices, floors, approvals, recommended, freight, promotions, programs, assortment, territory, checks, .. } =
        policy;
    let at = attributes.iter().position(|attribute| attribute.of == AttributeOf::Dealer && attribute.id == id);
    let is_listed = at.is_some_and(|at| attributes[at].values.iter().flatten().any(|node| node.id == value));
    let tables = || [prices, floors, approvals, recommended].into_iter().flatten();
    let is_key = tables().any(|table| {
        let is_own = |axis: &Axis| matches!(axis, Axis::Attribute(own) if usize::try_from(*own).ok() == at);
        let column = table.by.iter().position(is_own);
        column.is_some_and(|column| table.rows.iter().any(|row| row.key[column] == value))
    });
    let whens = tables().map(|table| &table.when).chain(freight.iter().map(|table| &table.when));
    let whens = whens.chain(promotions.iter().map(|promotion| &promotion.when)).chain(programs.iter().map(|program| &program.when));
    let whens = whens.chain(assortment.iter().map(|listing| &listing.when)).chain(territory.iter().map(|grant| &grant.when));
    let whens = whens.chain(checks.iter().map(|check| &check.when));
    let audiences = whens.flat_map(|when| [Some(&when.dealer), when.dealer.except.as_deref()]).flatten();
    let mut is_asked = audiences.into_iter().any(|audience| lists(&audience.attributes, id, value));
    for condition in promotions.iter().filter_map(|promotion| promotion.condition.as_ref()) {
        condition.each(&mut |inner| is_asked |= inner.dealer.iter().any(|is| lists(&is.attributes, id, value)));
    }
    is_listed || is_key || is_asked
}
