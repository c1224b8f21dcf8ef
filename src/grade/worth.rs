//! What the next grade is worth: the same orders, quoted with either grade.

use super::{Grading, Rating, effective_from};
use crate::Engine;
use crate::check::CheckedPolicy;
use crate::import::facts;
use crate::num::Number;
use crate::policy::Scorecard;
use crate::time::Instant;
use crate::wire::{self, Faults, Node};
use rust_decimal::Decimal;
use serde_json::Value as Json;

/// What orders come to with the proposed grade, and with the next one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Worth {
    /// How many orders.
    pub orders: usize,
    /// What they cost: with the proposed grade, and with the next one.
    pub payable: [Number; 2],
    /// What they add to rebates, the same.
    pub rebates: [Number; 2],
}

impl Worth {
    /// What the dealer would be better off.
    pub fn gain(&self) -> Number {
        let [payable, rebates] = [self.payable, self.rebates].map(|[own, next]| next.0 - own.0);
        Number(rebates - payable)
    }
}

/// For each proposal that has a next grade and orders, what that grade is worth; orders are `{ dealer: [order, …] }`, facts those of the
/// policy's dealer table at the day from which the grades hold.
///
/// # Errors
/// The dealer and the faults of the first order that cannot be quoted.
pub fn worth(
    policy: &CheckedPolicy,
    engine: &Engine,
    card: &Scorecard,
    grading: &Grading,
    orders: &Node,
) -> Result<Vec<Option<Worth>>, (String, Faults)> {
    let now = effective_from(grading, &policy.resolved().zone);
    let mut all = Vec::new();
    for proposal in &grading.proposals {
        let dealer = policy.policy().dealers.iter().flatten().find(|dealer| dealer.id == proposal.dealer);
        let next = match &proposal.rating {
            Rating::Rated(rated) => rated.next.as_ref().map(|next| next.grade),
            Rating::Newcomer | Rating::Missing(_) => None,
        };
        let (Some(dealer), Some(own), Some(next)) = (dealer, proposal.grade, next) else {
            all.push(None);
            continue;
        };
        let mut worth = Worth::default();
        for order in orders_of(orders, &proposal.dealer) {
            worth.orders += 1;
            for (at, grade) in [own, next].into_iter().enumerate() {
                let mut dealer = dealer.clone();
                dealer.grade = Some(card.grades[grade].grade.clone());
                let facts = facts(policy.policy(), &dealer, &Node::Int(now.0));
                let (payable, rebates) = figures(engine, order, facts, now).map_err(|faults| (proposal.dealer.clone(), faults))?;
                worth.payable[at].0 += payable;
                worth.rebates[at].0 += rebates;
            }
        }
        all.push((worth.orders > 0).then_some(worth));
    }
    Ok(all)
}

fn orders_of<'a>(orders: &'a Node, dealer: &str) -> &'a [Node] {
    let Node::Map(entries) = orders else { return &[] };
    match entries.iter().find(|(id, _)| id == dealer) {
        Some((_, Node::List(list))) => list,
        Some((_, order)) => std::slice::from_ref(order),
        None => &[],
    }
}

/// What an order costs and what it adds to rebates.
fn figures(engine: &Engine, order: &Node, dealer: Node, now: Instant) -> Result<(Decimal, Decimal), Faults> {
    let input = [("order", order.clone()), ("dealer", dealer), ("now", Node::Int(now.0))];
    let quote = wire::quote(engine, &Node::Map(input.map(|(key, node)| (key.to_owned(), node)).into()))?;
    let quote: Json = serde_json::from_str(&quote).unwrap_or_default();
    let amount = |value: &Json| value.as_str().and_then(|text| text.parse().ok()).unwrap_or(Decimal::ZERO);
    let mut rebates: Decimal = quote["rebates"].as_array().into_iter().flatten().map(|rebate| amount(&rebate["delta"])).sum();
    let payable = amount(&quote["totals"]["payable"]);
    // No rebate at all has the digits of the currency too.
    rebates.rescale(payable.scale());
    Ok((payable, rebates))
}
