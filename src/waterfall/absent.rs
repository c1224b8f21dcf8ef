//! Promotions without an outcome, and why: on request only, from the same conditions that decided it.

use super::context::{Context, ids};
use super::coupon;
use crate::bundle::Loaded;
use crate::facts::EnteredCoupon;
use crate::id::{AudienceId, ProductId, RuleId};
use crate::quote::RuleOutcome;
use crate::time::Instant;

/// Why a promotion has no outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It begins at this instant.
    NotBegun(Instant),
    /// It recurs, and next begins at this instant.
    Paused(Instant),
    /// It ended at this instant.
    Ended(Instant),
    /// A condition on dealer or order does not hold; a position in the terms' columns.
    Condition(usize),
    /// It takes a coupon, and none of its codes is entered.
    Coupon,
    /// No line of the order is one of its products.
    NoLine,
}

/// Every promotion without an outcome, in running order, with all its reasons. Promotions of nothing but hidden products, and those that
/// give nothing but hidden ones, stay hidden themselves.
pub fn absent(policy: &Loaded, context: &Context, coupons: &[EnteredCoupon], outcomes: &[RuleOutcome]) -> Vec<(RuleId, Reason)> {
    let t = &policy.tables;
    let shown = shown(policy, context);
    let mut absent = Vec::new();
    for rule in ids(t.rule_count()).map(RuleId) {
        if !shown[rule.index()] || outcomes.binary_search_by_key(&rule, |outcome| outcome.rule).is_ok() {
            continue;
        }
        let (window, before) = (t.rule_window[rule.index()], absent.len());
        if !t.holds(window, context.now) {
            let hull = t.hull(window);
            let next = t.occurrences(window).map(|occurrence| occurrence.from).find(|from| context.now < *from);
            let reason = match next {
                Some(next) if next == hull.from => Reason::NotBegun(next),
                Some(next) => Reason::Paused(next),
                None => Reason::Ended(hull.to),
            };
            absent.push((rule, reason));
        }
        for term in t.terms(AudienceId(t.rule_audience[rule.index()])) {
            if !context.meets(policy, term) {
                absent.push((rule, Reason::Condition(term)));
            }
        }
        if context.takes_coupon(rule) && !coupons.iter().any(|entered| coupon::rules(policy, entered).contains(&rule.0)) {
            absent.push((rule, Reason::Coupon));
        }
        if absent.len() == before {
            absent.push((rule, Reason::NoLine));
        }
    }
    absent
}

/// Whether each promotion has a product that the dealer sees, and gives something that he sees.
fn shown(policy: &Loaded, context: &Context) -> Vec<bool> {
    let t = &policy.tables;
    let mut shown = vec![!context.has_assortment(); t.rule_count()];
    if context.has_assortment() {
        for product in ids(t.product_sku.len()).map(ProductId) {
            if context.sees(policy, product) {
                t.rules_of(product).iter().for_each(|rule| shown[*rule as usize] = true);
            }
        }
        ids(shown.len()).for_each(|rule| shown[rule as usize] &= context.gives(policy, RuleId(rule)));
    }
    shown
}
