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

/// For each proposal that has a next grade and orders, what that grade is worth, at the day from which the grades hold; orders are
/// `{ dealer: [order, …] }`, facts those of `known`, a list of them, else those of the policy's dealer table.
///
/// # Errors
/// The dealer and the faults of the first order that cannot be quoted.
pub fn worth(
    policy: &CheckedPolicy,
    engine: &Engine,
    card: &Scorecard,
    grading: &Grading,
    orders: &Node,
    known: &[Node],
) -> Result<Vec<Option<Worth>>, (String, Faults)> {
    let now = effective_from(grading, &policy.resolved().zone);
    let mut all = Vec::new();
    for proposal in &grading.proposals {
        let with = |grade: usize| -> Option<Node> {
            let grade = card.grades[grade].grade.as_str();
            if let Some(facts) = known.iter().find(|facts| id_of(facts) == Some(&proposal.dealer)) {
                return Some(graded(facts, grade, now));
            }
            let mut dealer = policy.policy().dealers.iter().flatten().find(|dealer| dealer.id == proposal.dealer)?.clone();
            dealer.grade = Some(grade.to_owned());
            Some(facts(policy.policy(), &dealer, &Node::Int(now.0)))
        };
        let next = match &proposal.rating {
            Rating::Rated(rated) => rated.next.as_ref().map(|next| next.grade),
            Rating::Newcomer | Rating::Missing(_) => None,
        };
        let both = proposal.grade.zip(next).and_then(|(own, next)| Some([with(own)?, with(next)?]));
        let Some(both) = both else {
            all.push(None);
            continue;
        };
        let mut worth = Worth::default();
        for order in orders_of(orders, &proposal.dealer) {
            worth.orders += 1;
            for (at, facts) in both.iter().enumerate() {
                let (payable, rebates) = figures(engine, order, facts.clone(), now).map_err(|faults| (proposal.dealer.clone(), faults))?;
                worth.payable[at].0 += payable;
                worth.rebates[at].0 += rebates;
            }
        }
        all.push((worth.orders > 0).then_some(worth));
    }
    Ok(all)
}

fn id_of(facts: &Node) -> Option<&String> {
    let Node::Map(entries) = facts else { return None };
    entries.iter().find_map(|(key, node)| match node {
        Node::Text(id) if key == "id" => Some(id),
        _ => None,
    })
}

/// Facts as they would be with a grade at an instant.
fn graded(facts: &Node, grade: &str, now: Instant) -> Node {
    let Node::Map(entries) = facts else { return facts.clone() };
    let kept = entries.iter().filter(|(key, _)| !matches!(key.as_str(), "grade" | "as_of")).cloned();
    let own = [("grade".to_owned(), Node::Text(grade.to_owned())), ("as_of".to_owned(), Node::Int(now.0))];
    Node::Map(kept.chain(own).collect())
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
