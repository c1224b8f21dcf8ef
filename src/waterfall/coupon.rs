//! Coupons: a code opens the promotions that have it, and is told what became of them.

use super::context::Context;
use crate::bundle::Loaded;
use crate::facts::EnteredCoupon;
use crate::id::RuleId;
use crate::quote::{CouponEffect, CouponUse, Outcome, RuleOutcome};
use crate::sort::sort;

/// Promotions that the entered codes open, ascending.
pub fn opened(policy: &Loaded, context: &Context, coupons: &[EnteredCoupon]) -> Vec<RuleId> {
    let mut opened: Vec<RuleId> =
        coupons.iter().flat_map(|entered| rules(policy, entered)).filter(|rule| context.open_with_coupon(*rule)).collect();
    sort(&mut opened, Ord::cmp);
    opened
}

/// What became of each code, in order of the request. `outcomes` are in running order.
pub fn uses(policy: &Loaded, context: &Context, coupons: &[EnteredCoupon], outcomes: &[RuleOutcome]) -> Vec<CouponUse> {
    let mut in_request_order: Vec<&EnteredCoupon> = coupons.iter().collect();
    sort(&mut in_request_order, |a, b| a.position.cmp(&b.position));
    in_request_order.into_iter().map(|entered| of(policy, context, entered, outcomes)).collect()
}

fn of(policy: &Loaded, context: &Context, entered: &EnteredCoupon, outcomes: &[RuleOutcome]) -> CouponUse {
    let own: Vec<&RuleOutcome> = rules(policy, entered)
        .filter_map(|rule| outcomes.binary_search_by(|outcome| outcome.rule.cmp(&rule)).ok())
        .map(|found| &outcomes[found])
        .collect();
    let applied = own.iter().find(|own| matches!(own.outcome, Outcome::Applied { .. }));
    let effect = match (applied.or(own.first()).map(|own| &own.outcome), rules(policy, entered).next()) {
        (Some(Outcome::Applied { .. }), _) => CouponEffect::Applied,
        (Some(Outcome::LostTo { .. }), _) => CouponEffect::LostTo,
        (Some(Outcome::Failed { .. }), _) => CouponEffect::Failed,
        (Some(Outcome::Blocked(_)), _) => CouponEffect::Blocked,
        (None, None) => CouponEffect::Unknown,
        (None, Some(_)) if rules(policy, entered).any(|rule| context.open_with_coupon(rule)) => CouponEffect::NoLine,
        (None, Some(first)) => CouponEffect::NotOpen(context.closed(policy, first)),
    };
    CouponUse { code: entered.code.clone(), rules: own.into_iter().map(|own| own.rule).collect(), effect }
}

fn rules<'a>(policy: &'a Loaded, entered: &EnteredCoupon) -> impl Iterator<Item = RuleId> + 'a {
    entered.coupon.into_iter().flat_map(|coupon| policy.tables.rules_of_coupon(coupon)).map(|rule| RuleId(*rule))
}
