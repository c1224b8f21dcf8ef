//! Promotions without an outcome, and why: on request only, from the same conditions that decided it.

use super::context::{Context, ids};
use crate::bundle::Loaded;
use crate::id::{AudienceId, RuleId};
use crate::policy::Availability;
use crate::quote::RuleOutcome;
use crate::time::Instant;

/// Why a promotion has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It begins at this instant.
    NotBegun(Instant),
    /// It ended at this instant.
    Ended(Instant),
    /// A condition on dealer or order does not hold; a position in the terms' columns.
    Condition(usize),
    /// No line of the order is one of its products.
    NoLine,
}

/// Every promotion without an outcome, in running order, each with all its reasons. Promotions of nothing but hidden products stay
/// hidden themselves.
pub fn absent(policy: &Loaded, context: &Context, outcomes: &[RuleOutcome]) -> Vec<(RuleId, Vec<Reason>)> {
    let t = &policy.tables;
    let shown = shown(policy, context);
    let without = ids(t.rule_count()).map(RuleId).filter(|rule| shown[rule.index()]);
    let without = without.filter(|rule| outcomes.binary_search_by_key(rule, |outcome| outcome.rule).is_err());
    without
        .map(|rule| {
            let valid = t.rule_valid(rule);
            let mut reasons = Vec::new();
            if context.now < valid.from {
                reasons.push(Reason::NotBegun(valid.from));
            } else if !valid.contains(context.now) {
                reasons.push(Reason::Ended(valid.to));
            }
            let terms = t.terms(AudienceId(t.rule_audience[rule.index()]));
            reasons.extend(terms.filter(|term| !context.meets(policy, *term)).map(Reason::Condition));
            if reasons.is_empty() {
                reasons.push(Reason::NoLine);
            }
            (rule, reasons)
        })
        .collect()
}

/// Whether each promotion has a product that the dealer sees.
fn shown(policy: &Loaded, context: &Context) -> Vec<bool> {
    let t = &policy.tables;
    let mut shown = vec![!context.has_assortment(); t.rule_count()];
    if context.has_assortment() {
        let products = ids(t.product_sku.len()).map(crate::id::ProductId);
        for product in products.filter(|product| context.availability(policy, *product) != Availability::Hidden) {
            t.rules_of(product).iter().for_each(|rule| shown[*rule as usize] = true);
        }
    }
    shown
}
