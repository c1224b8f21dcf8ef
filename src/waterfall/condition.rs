//! Conditions of promotions under `if`: whether they hold, and which parts do not. Their size and depth are limited, and nothing in them repeats.

use super::state::Lines;
use crate::attribute::days_of;
use crate::bundle::{Clause, Dimension, Loaded, NONE, decoded};
use crate::facts::{DeliveredBy, Order, Orders};
use crate::id::{RuleId, TextId, ValueId};
use crate::num::{Money, Overflow, Rounding, divide, product};
use crate::policy::Handover;
use crate::quote::Unmet;
use crate::time;

/// What conditions look at beside the lines; nothing where the policy has none.
#[derive(Debug, Clone, Default)]
pub struct Own {
    /// Value of each axis of the dealer and of the order.
    values: Vec<Option<ValueId>>,
    /// The dealer's id, and what he has on the axes that are numbers or days, as it was sent.
    sent: Vec<(Dimension, String)>,
    /// Bit of how the order is handed over.
    handover: i64,
    /// The day for which it is requested.
    day: Option<i64>,
    /// Where the order was placed.
    source: Option<String>,
    /// Region that it is delivered to.
    region: Option<ValueId>,
    /// Custom attributes of the order.
    attributes: Vec<(String, String)>,
    /// How many orders the dealer placed before.
    orders: Option<Orders>,
}

impl Own {
    /// `values` are those that the dealer and the order's source decide, `sent` his id and what he has on axes that are numbers or days.
    pub fn new(policy: &Loaded, values: &[Option<ValueId>], sent: &[(Dimension, String)], orders: Option<&Orders>, order: &Order) -> Own {
        if policy.tables.clause_kind.is_empty() {
            return Own::default();
        }
        let mut values = values.to_vec();
        for (axis, id) in policy.order_attributes() {
            values[axis.index()] = text_of(&order.attributes, id).and_then(|text| policy.value(axis, text));
        }
        let region = order.delivery.region.or(values[Dimension::Region.index()]);
        let handover = match order.delivery.by {
            None => Handover::Dealer,
            Some(DeliveredBy::DropShip) => Handover::DropShip,
            Some(DeliveredBy::PickUp(_)) => Handover::PickUp,
        };
        Own {
            values,
            sent: sent.to_vec(),
            handover: handover.bit(),
            day: order.delivery.day.as_deref().and_then(time::day_number),
            region,
            source: order.source.clone(),
            attributes: order.attributes.clone(),
            orders: orders.cloned(),
        }
    }

    /// The number of this order among those that count.
    fn order_number(&self, source: Option<&str>) -> Option<i64> {
        let orders = self.orders.as_ref()?;
        match source {
            None => Some(orders.count + 1),
            Some(source) if self.source.as_deref() == Some(source) => {
                Some(orders.by_source.iter().find(|(id, _)| id == source).map_or(0, |(_, count)| *count) + 1)
            }
            Some(_) => None,
        }
    }
}

fn text_of<'a>(attributes: &'a [(String, String)], id: &str) -> Option<&'a str> {
    attributes.iter().find(|(key, _)| key == id).map(|(_, text)| text.as_str())
}

/// The parts of a promotion's condition that fail, in file order; none where it holds.
pub fn unmet(policy: &Loaded, lines: &Lines, entry: &[Money], rule: RuleId) -> Result<Vec<Unmet>, Overflow> {
    let mut unmet = Vec::new();
    let clauses = policy.tables.clauses(rule);
    if !clauses.is_empty() {
        let judge = Judge { policy, lines, entry };
        if !judge.holds(clauses.start)? {
            judge.collect(clauses.start, false, &mut unmet)?;
        }
    }
    Ok(unmet)
}

struct Judge<'a> {
    policy: &'a Loaded,
    lines: &'a Lines,
    entry: &'a [Money],
}

impl Judge<'_> {
    fn holds(&self, at: usize) -> Result<bool, Overflow> {
        let t = &self.policy.tables;
        let mut inside = t.clauses_in(at);
        // What one of them must be to decide.
        let decides = match decoded(t.clause_kind[at]) {
            Clause::All => false,
            Clause::Any => true,
            Clause::Not => return Ok(!self.holds(at + 1)?),
            kind @ (Clause::Value | Clause::Delivery) => {
                let listed = t.clause_values(at);
                let own = &self.lines.own;
                let of_dealer = || own.values.get(t.clause_axis[at] as usize).copied().flatten();
                let own = if kind == Clause::Delivery { own.region } else { of_dealer() };
                let mut own = own.map_or(NONE, |value| value.0);
                while own != NONE && listed.binary_search(&own).is_err() {
                    own = t.value_parent[own as usize];
                }
                return Ok(own != NONE);
            }
            Clause::CartAmount | Clause::CartQuantity | Clause::CartSkus | Clause::CartWeight => {
                return Ok(self.measure(at)? >= t.clause_from[at]);
            }
            Clause::Handover => return Ok(t.clause_from[at] & self.lines.own.handover != 0),
            Clause::Day => return Ok(self.lines.own.day.is_some_and(|day| days_of(t.clause_from[at], t.clause_to[at]).contains(&day))),
            Clause::OrderNumber => {
                let (from, to) = (t.clause_from[at], t.clause_to[at]);
                return Ok(self.order_number(at).is_some_and(|number| from <= number && (to == 0 || number <= to)));
            }
        };
        let found = inside.try_fold(!decides, |so_far, inner| Ok(if so_far == decides { decides } else { self.holds(inner)? }))?;
        Ok(found)
    }

    /// What the lines of a clause come to.
    fn measure(&self, at: usize) -> Result<i64, Overflow> {
        let t = &self.policy.tables;
        let filter = t.filter(at);
        let meant = |line: &usize| {
            let product = self.lines.product[*line].0;
            self.lines.priced[*line] && filter.is_none_or(|filter| filter.binary_search(&product).is_ok())
        };
        let lines = (0..self.entry.len()).filter(meant);
        match decoded(t.clause_kind[at]) {
            Clause::CartAmount => Money::sum(lines.flat_map(|line| [self.entry[line], self.lines.shut[line].net])).map(|sum| sum.0),
            Clause::CartQuantity => {
                let quantities = lines.flat_map(|line| [self.lines.quantity[line].0, self.lines.shut[line].quantity]);
                Money::sum(quantities.map(Money)).map(|sum| sum.0)
            }
            Clause::CartWeight => {
                let weight = |line: usize| {
                    let quantity = Money(self.lines.quantity[line].0).plus(Money(self.lines.shut[line].quantity))?;
                    Ok(product(t.weight(self.lines.product[line]), quantity.0))
                };
                let weight = lines.map(weight).try_fold(0_i128, |sum, weight| Ok(sum + weight?))?;
                divide(weight, self.policy.constants.quantity_scale.one(), Rounding::Down)
            }
            _ => {
                let mut products: Vec<u32> = lines.map(|line| self.lines.product[line].0).collect();
                products.sort_unstable();
                products.dedup();
                i64::try_from(products.len()).map_err(|_| Overflow)
            }
        }
    }

    fn order_number(&self, at: usize) -> Option<i64> {
        let source = self.policy.tables.clause_values(at).first().map(|source| self.policy.value_text(ValueId(*source)));
        self.lines.own.order_number(source)
    }

    /// Adds the parts that make a clause hold where it must not (`holds`), or not where it must.
    fn collect(&self, at: usize, holds: bool, unmet: &mut Vec<Unmet>) -> Result<(), Overflow> {
        let t = &self.policy.tables;
        let kind = decoded(t.clause_kind[at]);
        let (mut have, mut text) = (None, None);
        match kind {
            Clause::Not => return self.collect(at + 1, !holds, unmet),
            Clause::All | Clause::Any => {
                for inner in t.clauses_in(at) {
                    if self.holds(inner)? == holds {
                        self.collect(inner, holds, unmet)?;
                    }
                }
                return Ok(());
            }
            Clause::Delivery => text = self.lines.own.region.map(|region| self.policy.value_text(region).to_owned()),
            Clause::Value => text = self.own_text(Dimension::at(t.clause_axis[at])).map(str::to_owned),
            Clause::CartAmount | Clause::CartQuantity | Clause::CartSkus | Clause::CartWeight => have = Some(self.measure(at)?),
            Clause::Handover => have = Some(self.lines.own.handover),
            Clause::Day => have = self.lines.own.day,
            Clause::OrderNumber => have = self.order_number(at),
        }
        unmet.push(Unmet::Clause { clause: at, not: holds, have, text });
        Ok(())
    }

    /// What dealer or order are on an axis: of orders as it was sent, of dealers as far as the policy names it.
    fn own_text(&self, axis: Dimension) -> Option<&str> {
        let own = &self.lines.own;
        match axis {
            Dimension::Source => own.source.as_deref(),
            Dimension::Attribute(attribute) if !self.policy.tables.is_of_dealer(axis) => {
                text_of(&own.attributes, self.policy.text(TextId(self.policy.tables.attribute_text[attribute as usize])))
            }
            _ => {
                let sent = own.sent.iter().find(|(of, _)| *of == axis).map(|(_, text)| text.as_str());
                sent.or_else(|| own.values[axis.index()].map(|value| self.policy.value_text(value)))
            }
        }
    }
}
