//! What may be given at most: limits of how often a promotion counts and of units that get it, and budgets; and what an order uses up of them.

use super::benefit::Reached;
use super::context::Context;
use super::stage::Ledger;
use super::state::{Lines, Usage};
use crate::bundle::{Loaded, decoded};
use crate::id::{BudgetId, ProductId, RuleId};
use crate::num::{Money, Overflow, Quantity, product};
use crate::policy::{LimitOf, LimitScope};
use crate::quote::{Blocker, Claim, Outcome, RuleOutcome};
use crate::sort::sort;

/// What is left of each budget before the order.
pub fn budgets_left(policy: &Loaded, context: &Context) -> Vec<Money> {
    let mut left: Vec<Money> = policy.tables.budget_amount.iter().map(|amount| Money(*amount)).collect();
    for known in &context.budgets {
        if let Some(budget) = policy.budget_of(&known.budget) {
            let left = &mut left[budget.index()];
            *left = Money((left.0 - known.used.0).max(0));
        }
    }
    left
}

/// A limit of a promotion: over what it counts, what is used of it, and the most.
type Limit = (LimitScope, i64, i64);

/// The limits of a promotion of one kind, for `product` where they are for each.
fn limits<'a>(
    policy: &'a Loaded,
    lines: &'a Lines,
    rule: RuleId,
    of: LimitOf,
    product: Option<ProductId>,
) -> impl Iterator<Item = Limit> + 'a {
    let t = &policy.tables;
    let known = lines.usage.iter().find(|usage| usage.rule == rule);
    let used = known.and_then(|usage| match of {
        LimitOf::Times => Some(usage.times),
        LimitOf::Units => Some(usage.units),
        LimitOf::Sku => usage.skus.iter().find(|(sku, _)| Some(*sku) == product).map(|(_, used)| *used),
    });
    let used = used.unwrap_or_default();
    t.limits(rule).filter(move |limit| decoded::<LimitOf>(t.limit_of[*limit]) == of).map(move |limit| {
        let scope = decoded(t.limit_scope[limit]);
        let used = match scope {
            LimitScope::Order => 0,
            LimitScope::Dealer => used.dealer,
            LimitScope::Period => used.period,
            LimitScope::Total => used.total,
        };
        (scope, used, t.limit_most[limit])
    })
}

/// Whether a promotion is limited in units.
pub fn in_units(policy: &Loaded, rule: RuleId) -> bool {
    policy.tables.limits(rule).any(|limit| decoded::<LimitOf>(policy.tables.limit_of[limit]) != LimitOf::Times)
}

/// A reached promotion, counted only as often as it still may; or why it may not at all.
pub fn cut(policy: &Loaded, lines: &Lines, rule: RuleId, reached: Reached) -> Result<Reached, Blocker> {
    let mut times = reached.times;
    for (which, have, limit) in limits(policy, lines, rule, LimitOf::Times, None) {
        if have >= limit {
            return Err(Blocker::Limit { which, of: LimitOf::Times, product: None, have, limit });
        }
        times = times.min(limit - have);
    }
    Ok(Reached { times, ..reached })
}

/// Of the lines of a promotion that is limited in units, those that have some allotted, or all, with how many: the dearest units first.
pub fn allot(
    policy: &Loaded,
    lines: &Lines,
    entry: &[Money],
    rule: RuleId,
    on: &[usize],
    all: bool,
) -> Result<(Vec<usize>, Vec<i64>), Blocker> {
    let left =
        |of, product| limits(policy, lines, rule, of, product).map(|(_, have, limit)| (limit - have).max(0)).min().unwrap_or(i64::MAX);
    let mut of_all = left(LimitOf::Units, None);
    let mut of_each: Vec<(ProductId, i64)> = Vec::new();
    let mut turn = on.to_vec();
    let quantity = |line: usize| lines.quantity[line].0;
    sort(&mut turn, |a, b| product(entry[*b].0, quantity(*a)).cmp(&product(entry[*a].0, quantity(*b))).then(a.cmp(b)));
    let mut allotted: Vec<(usize, i64)> = Vec::with_capacity(turn.len());
    for line in turn {
        let own = lines.product[line];
        let at = of_each.iter().position(|(known, _)| *known == own).unwrap_or_else(|| {
            of_each.push((own, left(LimitOf::Sku, Some(own))));
            of_each.len() - 1
        });
        let units = quantity(line).min(of_all).min(of_each[at].1);
        of_all -= units;
        of_each[at].1 -= units;
        if units > 0 || all {
            allotted.push((line, units));
        }
    }
    if allotted.iter().all(|(_, units)| *units == 0) {
        let used_up = |of, product: Option<ProductId>| {
            let first = limits(policy, lines, rule, of, product).find(|(_, have, limit)| have >= limit);
            first.map(|(which, have, limit)| Blocker::Limit { which, of, product, have, limit })
        };
        let own = on.first().map(|line| lines.product[*line]);
        return Err(used_up(LimitOf::Units, None).or_else(|| used_up(LimitOf::Sku, own)).unwrap_or(Blocker::NothingLeft));
    }
    sort(&mut allotted, |a, b| a.0.cmp(&b.0));
    Ok(allotted.into_iter().unzip())
}

/// Why a promotion gives nothing: a budget of which nothing is left.
pub fn used_up(policy: &Loaded, rule: RuleId, budgets: &[Money]) -> Option<Blocker> {
    let budget = policy.tables.budget(rule)?;
    (budgets[budget.index()] == Money::ZERO).then(|| blocker(policy, budget, Money::ZERO))
}

/// A budget of which too little is left.
pub fn blocker(policy: &Loaded, budget: BudgetId, left: Money) -> Blocker {
    Blocker::Budget { budget, left, amount: Money(policy.tables.budget_amount[budget.index()]) }
}

/// What the order uses up. Outcomes are in running order; what is left of budgets is what the order leaves.
pub fn claims(policy: &Loaded, context: &Context, ledger: &Ledger) -> Result<Vec<Claim>, Overflow> {
    let t = &policy.tables;
    let Ledger { outcomes, gifts, earned, allotted, budgets_left: left, .. } = ledger;
    let gives = |rule: RuleId| gifts.iter().any(|gift| gift.rule == rule) || earned.iter().any(|earned| earned.rule == rule);
    // Whether anybody must book what is used, and the period where that is by periods.
    let booked = |rule: RuleId, of: LimitOf| {
        let scopes =
            || t.limits(rule).filter(|limit| decoded::<LimitOf>(t.limit_of[*limit]) == of).map(|limit| decoded(t.limit_scope[limit]));
        let by_period = scopes().any(|scope: LimitScope| scope == LimitScope::Period);
        scopes().any(|scope| scope != LimitScope::Order).then_some(context.bought.0.filter(|_| by_period))
    };
    let mut claims = Vec::new();
    for RuleOutcome { rule, outcome, .. } in outcomes {
        if let Outcome::Applied { saving, times, .. } = outcome
            && (*saving > Money::ZERO || gives(*rule))
            && let Some(period) = booked(*rule, LimitOf::Times)
        {
            claims.push(Claim::Usage { rule: *rule, times: *times, period });
        }
    }
    for own in allotted.chunk_by(|a, b| a.rule == b.rule) {
        let rule = own[0].rule;
        let mut of_each: Vec<(ProductId, i64)> = own.iter().map(|allotted| (allotted.product, allotted.units.0)).collect();
        sort(&mut of_each, Ord::cmp);
        if let Some(period) = booked(rule, LimitOf::Units) {
            let quantity = of_each.iter().try_fold(0_i64, |sum, (_, units)| sum.checked_add(*units)).ok_or(Overflow)?;
            claims.push(Claim::Units { rule, product: None, quantity: Quantity(quantity), period });
        }
        if let Some(period) = booked(rule, LimitOf::Sku) {
            for alike in of_each.chunk_by(|a, b| a.0 == b.0) {
                let quantity = alike.iter().try_fold(0_i64, |sum, (_, units)| sum.checked_add(*units)).ok_or(Overflow)?;
                if quantity > 0 {
                    claims.push(Claim::Units { rule, product: Some(alike[0].0), quantity: Quantity(quantity), period });
                }
            }
        }
    }
    for ((budget, before), after) in super::ids(left.len()).map(BudgetId).zip(budgets_left(policy, context)).zip(left) {
        if *after < before {
            let known = context.budgets.iter().find(|known| known.budget == policy.budget(budget));
            let version = known.and_then(|known| known.version.clone());
            claims.push(Claim::Budget { budget, amount: before.minus(*after)?, version });
        }
    }
    Ok(claims)
}

/// What the facts say was used, in the period that is now.
pub fn usage(policy: &Loaded, usage: &crate::facts::Usage, period: Option<&str>) -> Option<Usage> {
    use super::state::Used;
    let used = |used: &crate::facts::Used| {
        let period = used.periods.iter().find(|(label, _)| Some(label.as_str()) == period).map_or(0, |(_, used)| *used);
        Used { dealer: used.dealer, period, total: used.total }
    };
    let skus = usage.skus.iter().filter_map(|(sku, known)| Some((policy.product(sku)?, used(known)))).collect();
    Some(Usage { rule: policy.rule_of(&usage.promotion)?, times: used(&usage.times), units: used(&usage.units), skus })
}
