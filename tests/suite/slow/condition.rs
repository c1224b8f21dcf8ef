//! Conditions of promotions (§30).

use super::exact::{Exact, number, text, whole};
use super::range;
use super::select::{is_any, is_inside_any};
use super::stage::Table;
use qudao::policy::{AttributeKind, AttributeOf, Axis, Cart, Condition, OneOrMany, OrderNumber, Policy, Promotion};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A condition without parts inside: whether it holds, and what it is as an entry of an answer.
struct Part {
    holds: bool,
    entry: Value,
}

impl Table<'_, '_> {
    /// The parts of a promotion's condition that fail (§30.6), none where it holds; beside each what it asks of lines, if it does without `not`.
    pub fn unmet<'p>(&self, promotion: &'p Promotion) -> Vec<(Value, Option<&'p Cart>)> {
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
    fn name<'p>(&self, condition: &'p Condition, must: bool, list: &mut Vec<(Value, Option<&'p Cart>)>) {
        if let Some(inside) = condition.all.as_ref().or(condition.any.as_ref()) {
            inside.iter().filter(|inner| self.holds(inner) != must).for_each(|inner| self.name(inner, must, list));
        } else if let Some(not) = &condition.not {
            self.name(not, !must, list);
        } else {
            for mut part in self.parts(condition).into_iter().filter(|part| part.holds != must) {
                part.entry["not"] = json!(!must);
                list.push((part.entry, condition.cart.as_ref().filter(|_| must)));
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
        let words = |need: &OneOrMany| {
            let mut need = need.0.clone();
            need.sort_unstable();
            need
        };
        let part = |name: String, need: Vec<String>, have: Option<&str>, holds: bool| Part {
            holds,
            entry: json!({ "condition": name, "have": have, "need": need }),
        };
        let days = |name: &str, need: &OneOrMany, have: Option<&str>| {
            part(name.to_owned(), range::told(need, AttributeKind::Date), have, range::any(need, have, AttributeKind::Date))
        };
        if let Some(is) = &condition.dealer {
            // Dealers are told of no other dealer.
            let own = Some(question.dealer);
            parts.extend(is.id.iter().map(|ids| part("dealer.id".to_owned(), Vec::new(), own, is_any(ids, own))));
            let own = [
                ("grade", &is.grade, question.grade, None),
                ("region", &is.region, question.region, Some(&question.policy.regions)),
                ("channel", &is.channel, question.channel, None),
                ("group", &is.group, question.group, Some(&question.policy.dealer_groups)),
            ];
            for (field, need, have, tree) in own {
                let Some(need) = need else { continue };
                let holds = tree.map_or_else(|| is_any(need, have), |tree| is_inside_any(need, have, tree));
                parts.push(part(format!("dealer.{field}"), words(need), have, holds));
            }
            parts.extend(is.contract_date.iter().map(|need| days("dealer.contract_date", need, question.contract_date())));
            for (id, need) in &is.attributes {
                let (name, have) = (format!("dealer.attributes.{id}"), question.attribute(id));
                parts.push(match question.kind_of(id) {
                    AttributeKind::Text => part(name, words(need), have.filter(|have| self.is_named(id, have)), is_any(need, have)),
                    kind => part(name, range::told(need, kind), have, range::any(need, have, kind)),
                });
            }
        }
        if let Some(is) = &condition.order {
            if let Some(ways) = &is.delivery {
                let own = question.order["delivery"].as_str().unwrap_or("dealer");
                let is_named = |way: &&str| ways.iter().any(|known| known.word() == *way);
                let need: Vec<String> = ["dealer", "drop_ship", "pick_up"].into_iter().filter(is_named).map(str::to_owned).collect();
                let holds = need.iter().any(|way| way == own);
                parts.push(part("order.delivery".to_owned(), need, Some(own), holds));
            }
            parts.extend(is.day.iter().map(|need| days("order.day", need, question.order["deliver"].as_str())));
            if let Some(need) = &is.region {
                let region = question.region_of_delivery();
                parts.push(part("order.region".to_owned(), words(need), region, is_inside_any(need, region, &question.policy.regions)));
            }
            if let Some(need) = &is.source {
                parts.push(part("order.source".to_owned(), words(need), question.source, is_any(need, question.source)));
            }
            for (id, need) in &is.attributes {
                let (name, have) = (format!("order.attributes.{id}"), question.order["attributes"][id].as_str());
                parts.push(match question.kind_of(id) {
                    AttributeKind::Text => part(name, words(need), have, is_any(need, have)),
                    kind => part(name, range::told(need, kind), have, range::any(need, have, kind)),
                });
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
        if let Some(need) = cart.weight.map(number) {
            let weigh = |line: &usize| self.whole_lines[*line].product.weight.map_or(whole(0), number) * self.whole_lines[*line].quantity;
            let have: Exact = lines.iter().map(weigh).sum();
            let told = |weight: Exact| text(Exact::new((weight * whole(1_000_000)).floor().to_integer(), 1_000_000), 0);
            let entry = json!({ "condition": "cart", "measure": "weight", "have": told(have), "need": told(need) });
            return Part { holds: have >= need, entry };
        }
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
