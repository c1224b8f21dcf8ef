//! The checks that a policy writes, each tried for itself.

use super::credit::{removal, tried};
use crate::bundle::{Dimension, Loaded, NONE, Searched, decoded};
use crate::facts::Order;
use crate::id::ValueId;
use crate::num::{Money, Overflow, Part, Percent, Quantity, Rounding, fill};
use crate::policy::{CheckKind, Severity};
use crate::quote::{BasePrice, Finding, Guard, Outcome, Quote, Span};
use crate::time::Instant;
use crate::waterfall::{Context, Wanted, least_amount, most_amount, searched};

/// Checks of these kinds that are in force for the dealer, by kind and id.
fn of(policy: &Loaded, context: &Context, kinds: &[CheckKind]) -> impl Iterator<Item = (usize, CheckKind)> {
    let kind = |check: usize| decoded::<CheckKind>(policy.tables.check_kind[check]);
    context.checks.iter().map(move |check| (*check, kind(*check))).filter(|(_, kind)| kinds.contains(kind))
}

/// A finding with the severity of its check.
fn guard(policy: &Loaded, check: usize, finding: Finding) -> Guard {
    Guard { severity: decoded::<Severity>(policy.tables.check_severity[check]), finding }
}

/// Whether a check looks at a product.
fn covers(policy: &Loaded, check: usize, product: u32) -> bool {
    policy.tables.checked(check).binary_search(&product).is_ok()
}

/// What each line comes to once the value of the gifts is shared over the lines that they were given for.
pub(super) fn worths(policy: &Loaded, context: &Context, quote: &Quote) -> Result<Vec<Money>, Overflow> {
    let mut worths: Vec<Money> = quote.lines.iter().map(|line| line.net).collect();
    let asked = of(policy, context, &[CheckKind::Corridor]).any(|(check, _)| policy.tables.check_option[check] == 1);
    for outcome in quote.rules.iter().filter(|_| asked) {
        let Outcome::Applied { gift_value, lines, .. } = &outcome.outcome else { continue };
        let part = |line: &usize| {
            let of = &quote.lines[*line];
            Part { weight: policy.constants.weight.of(of.net, of.list, of.quantity), capacity: worths[*line] }
        };
        let parts: Vec<Part> = lines.iter().map(part).collect();
        for (line, share) in lines.iter().zip(fill(*gift_value, &parts, policy.constants.remainder)?) {
            worths[*line] = worths[*line].minus(share)?;
        }
    }
    Ok(worths)
}

/// Corridors around the recommended price of a line.
pub(super) fn corridors(
    policy: &Loaded,
    context: &Context,
    quote: &Quote,
    line: usize,
    pooled: Quantity,
    worth: Money,
    guards: &mut Vec<Guard>,
) -> Result<(), Overflow> {
    let of_line = &quote.lines[line];
    let wanted = Wanted { product: of_line.product, unit: of_line.unit };
    for (check, _) in of(policy, context, &[CheckKind::Corridor]) {
        if of_line.price.is_none() || !covers(policy, check, of_line.product.0) {
            continue;
        }
        let Some(price) = searched(policy, context, Searched::Recommended, wanted, pooled) else { continue };
        let t = &policy.tables;
        let side = |share: i64, amount: fn(&Loaded, &BasePrice, Percent, Quantity) -> Result<Money, Overflow>| {
            if share < 0 { Ok(None) } else { amount(policy, &price, Percent(share), of_line.quantity_of(&price)).map(Some) }
        };
        let (least, most) = (side(t.check_low[check], least_amount)?, side(t.check_high[check], most_amount)?);
        let worth = if t.check_option[check] == 1 { worth } else { of_line.net };
        if least.is_some_and(|least| worth < least) || most.is_some_and(|most| worth > most) {
            let span = Span { recommended: price.unit_price, per: price.per, least, most };
            guards.push(guard(policy, check, Finding::Corridor { line, check, span, worth }));
        }
    }
    Ok(())
}

/// Licences that a line takes and the dealer does not have.
pub(super) fn licences(policy: &Loaded, context: &Context, quote: &Quote, line: usize, guards: &mut Vec<Guard>) {
    let product = quote.lines[line].product;
    let category = policy.tables.product_category[product.index()];
    // Checks of licences are for products with a category; a hostile bundle may say otherwise.
    if category == NONE {
        return;
    }
    for (check, _) in of(policy, context, &[CheckKind::Licence]).filter(|(check, _)| covers(policy, *check, product.0)) {
        // The latest end of those that cover the product: none has an end that is later than any.
        let mut latest: Option<Option<i64>> = None;
        let mut above = category;
        while above != NONE {
            for (_, expires) in context.licences.iter().filter(|(licensed, _)| licensed.0 == above) {
                let end = expires.map(|expires| expires.0);
                latest = Some(latest.map_or(end, |known| known.zip(end).map(|(known, end)| known.max(end))));
            }
            above = policy.tables.value_parent[above as usize];
        }
        let expired = match latest {
            None => None,
            Some(Some(end)) if end <= context.now.0 => Some(Instant(end)),
            Some(_) => continue,
        };
        guards.push(guard(policy, check, Finding::Licence { line, check, category: ValueId(category), expired }));
    }
}

/// Checks of the order and of the facts.
pub(super) fn order(policy: &Loaded, context: &Context, order: &Order, quote: &Quote, guards: &mut Vec<Guard>) -> Result<(), Overflow> {
    let t = &policy.tables;
    let kinds = [CheckKind::Source, CheckKind::FactsAge, CheckKind::OrderMinimum, CheckKind::OrderMaximum];
    for (check, kind) in of(policy, context, &kinds) {
        let finding = match kind {
            CheckKind::Source => {
                let source = context.value(Dimension::Source);
                let allowed = source.is_some_and(|source| t.check_sources(check).binary_search(&source.0).is_ok());
                (!allowed).then_some(Finding::OrderSource { check })
            }
            CheckKind::FactsAge => {
                let (age, most) = (context.now.0 - context.as_of.0, t.check_high[check]);
                (age > most).then_some(Finding::FactsStale { check, age, most })
            }
            CheckKind::OrderMinimum => minimum(policy, check, quote)?,
            CheckKind::OrderMaximum => {
                let (payable, most) = (quote.totals.payable, Money(t.check_high[check]));
                if payable > most && tried(quote) {
                    Some(Finding::OrderMaximum { check, payable, most, remove: removal(policy, context, order, quote, most, guards)? })
                } else {
                    None
                }
            }
            CheckKind::Corridor | CheckKind::Licence | CheckKind::Overdue | CheckKind::CreditUsed => None,
        };
        guards.extend(finding.map(|finding| guard(policy, check, finding)));
    }
    Ok(())
}

fn minimum(policy: &Loaded, check: usize, quote: &Quote) -> Result<Option<Finding>, Overflow> {
    let by_quantity = policy.tables.check_option[check] == 1;
    let mut have: Option<i64> = None;
    for line in quote.lines.iter().filter(|line| line.price.is_some() && covers(policy, check, line.product.0)) {
        let more = if by_quantity { line.quantity.0 } else { line.net.0 };
        have = Some(have.unwrap_or(0).checked_add(more).ok_or(Overflow)?);
    }
    let need = policy.tables.check_low[check];
    Ok(have.filter(|have| *have < need).map(|have| Finding::OrderMinimum { check, by_quantity, have, need }))
}

/// Checks of the credit.
pub(super) fn credit(policy: &Loaded, context: &Context, order: &Order, quote: &Quote, guards: &mut Vec<Guard>) -> Result<(), Overflow> {
    let (Some(credit), Some(facts)) = (&quote.credit, &context.credit) else { return Ok(()) };
    let t = &policy.tables;
    for (check, kind) in of(policy, context, &[CheckKind::Overdue, CheckKind::CreditUsed]) {
        let finding = if kind == CheckKind::Overdue {
            let late = || facts.overdue.iter().filter(|item| item.days > t.check_low[check]);
            let (overdue, most) = (Money::sum(late().map(|item| item.amount))?, Money(t.check_high[check]));
            let oldest = late().map(|item| item.days).max().unwrap_or(0);
            (overdue > most).then_some(Finding::Overdue { check, overdue, oldest, most })
        } else {
            let own = credit.own;
            let most = own.limit.percent(Percent(t.check_high[check]), Rounding::Down)?;
            if own.exposure > most {
                let remove = removal(policy, context, order, quote, most.minus(own.used)?, guards)?;
                Some(Finding::CreditUsed { check, exposure: own.exposure, limit: own.limit, most, remove })
            } else {
                None
            }
        };
        guards.extend(finding.map(|finding| guard(policy, check, finding)));
    }
    Ok(())
}
