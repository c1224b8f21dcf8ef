//! Coupons: a code opens the promotions that have it, and is told what became of them.

use super::context::Context;
use crate::bundle::Loaded;
use crate::facts::EnteredCoupon;
use crate::id::RuleId;
use crate::quote::{CouponEffect, CouponUse, Outcome, RuleOutcome};

/// Promotions that the entered codes open.
pub fn opened(policy: &Loaded, context: &Context, coupons: &[EnteredCoupon]) -> Vec<RuleId> {
    let mut opened = Vec::new();
    for entered in coupons {
        for rule in rules(policy, entered) {
            if context.open_with_coupon(RuleId(*rule)) {
                opened.push(RuleId(*rule));
            }
        }
    }
    opened
}

/// What became of each code, in order of the request. `outcomes` are in running order.
pub fn uses(policy: &Loaded, context: &Context, coupons: &[EnteredCoupon], outcomes: &[RuleOutcome]) -> Vec<CouponUse> {
    let mut uses = Vec::with_capacity(coupons.len());
    for position in 0..coupons.len() {
        for entered in coupons.iter().filter(|entered| entered.position == position) {
            uses.push(of(policy, context, entered, outcomes));
        }
    }
    uses
}

fn of(policy: &Loaded, context: &Context, entered: &EnteredCoupon, outcomes: &[RuleOutcome]) -> CouponUse {
    let mut known = Vec::new();
    // What became of the first one that is applied, or else of the first.
    let mut told: Option<&Outcome> = None;
    let mut open = false;
    // A code of others is unknown to the dealer.
    let meant = || rules(policy, entered).iter().map(|rule| RuleId(*rule)).filter(|rule| context.meant(policy, *rule));
    for rule in meant() {
        open |= context.open_with_coupon(rule);
        if let Ok(found) = outcomes.binary_search_by(|outcome| outcome.rule.cmp(&rule)) {
            let outcome = &outcomes[found].outcome;
            if told.is_none() || matches!(outcome, Outcome::Applied { .. }) {
                told = Some(outcome);
            }
            known.push(rule);
        }
    }
    let effect = match (told, meant().next()) {
        (Some(Outcome::Applied { .. }), _) => CouponEffect::Applied,
        (Some(Outcome::LostTo { .. }), _) => CouponEffect::LostTo,
        (Some(Outcome::Failed { .. }), _) => CouponEffect::Failed,
        (Some(Outcome::Blocked(_)), _) => CouponEffect::Blocked,
        (None, None) => CouponEffect::Unknown,
        (None, Some(_)) if open => CouponEffect::NoLine,
        (None, Some(first)) => CouponEffect::NotOpen(context.closed(policy, first)),
    };
    CouponUse { code: entered.code.clone(), rules: known, effect }
}

/// Promotions of a code, ascending.
pub fn rules<'a>(policy: &'a Loaded, entered: &EnteredCoupon) -> &'a [u32] {
    entered.coupon.map_or(&[], |coupon| policy.tables.rules_of_coupon(coupon))
}
