//! What may be given at most: limits of how often a promotion counts, and budgets; and what an order uses up of them.

use super::benefit::Reached;
use super::context::Context;
use super::stage::Ledger;
use super::state::Lines;
use crate::bundle::Loaded;
use crate::id::{BudgetId, RuleId};
use crate::num::{Money, Overflow};
use crate::quote::{Blocker, Claim, LimitKind, Outcome, RuleOutcome};

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

/// A reached promotion, counted only as often as it still may; or why it may not at all.
pub fn cut(policy: &Loaded, lines: &Lines, rule: RuleId, reached: Reached, budgets: &[Money]) -> Result<Reached, Blocker> {
    let t = &policy.tables;
    let (dealer, total) = lines.usage.iter().find(|(of, ..)| *of == rule).map_or((0, 0), |(_, dealer, total)| (*dealer, *total));
    let limits = [
        (LimitKind::Order, 0, t.rule_limit_order[rule.index()]),
        (LimitKind::Dealer, dealer, t.rule_limit_dealer[rule.index()]),
        (LimitKind::Total, total, t.rule_limit_total[rule.index()]),
    ];
    let mut times = reached.times;
    for (which, have, limit) in limits.into_iter().filter(|(.., limit)| *limit >= 0) {
        if have >= limit {
            return Err(Blocker::Limit { which, have, limit });
        }
        times = times.min(limit - have);
    }
    match t.budget(rule) {
        Some(budget) if budgets[budget.index()] == Money::ZERO => Err(blocker(policy, budget, Money::ZERO)),
        _ => Ok(Reached { times, ..reached }),
    }
}

/// A budget of which too little is left.
pub fn blocker(policy: &Loaded, budget: BudgetId, left: Money) -> Blocker {
    Blocker::Budget { budget, left, amount: Money(policy.tables.budget_amount[budget.index()]) }
}

/// What the order uses up. Outcomes are in running order; what is left of budgets is what the order leaves.
pub fn claims(policy: &Loaded, context: &Context, ledger: &Ledger) -> Result<Vec<Claim>, Overflow> {
    let t = &policy.tables;
    let Ledger { outcomes, gifts, earned, budgets_left: left, .. } = ledger;
    let gives = |rule: RuleId| gifts.iter().any(|gift| gift.rule == rule) || earned.iter().any(|earned| earned.rule == rule);
    let mut claims = Vec::new();
    for RuleOutcome { rule, outcome, .. } in outcomes {
        let limited = t.rule_limit_dealer[rule.index()] >= 0 || t.rule_limit_total[rule.index()] >= 0;
        if let Outcome::Applied { saving, times, .. } = outcome
            && limited
            && (*saving > Money::ZERO || gives(*rule))
        {
            claims.push(Claim::Usage { rule: *rule, times: *times });
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
