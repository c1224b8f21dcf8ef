//! Credit: what an order adds to what is owed, and what to leave out of it so that it passes.

use crate::bundle::Loaded;
use crate::facts::{Account, Credit, Order};
use crate::limit;
use crate::num::{Money, Overflow};
use crate::quote::{AccountUse, CreditUse, Finding, Guard, Quote, Removal, Totals};
use crate::sort::sort;
use crate::time::Instant;
use crate::waterfall::{Context, priced};

/// What is used of a dealer's credit with this order.
pub fn credit(facts: &Credit, now: Instant, totals: &Totals) -> Result<CreditUse, Overflow> {
    let of = |account: &Account| -> Result<AccountUse, Overflow> {
        let used = account.receivable.plus(account.delivered)?.plus(account.open_orders)?.minus(account.prepaid)?;
        let exposure = used.plus(totals.payable)?;
        let expired = account.expires.filter(|expires| *expires <= now);
        let limit = if expired.is_some() { Money::ZERO } else { account.limit };
        Ok(AccountUse { limit, expired, used, exposure, left: limit.minus(exposure)? })
    };
    Ok(CreditUse { own: of(&facts.own)?, group: facts.group.as_ref().map(of).transpose()?, released: facts.released })
}

/// Whether the credit guards may bite.
pub(super) fn tried(quote: &Quote) -> bool {
    quote.credit.is_none_or(|credit| !credit.released)
}

/// The limits of the group and of the dealer: each must hold.
pub(super) fn limits(policy: &Loaded, context: &Context, order: &Order, quote: &Quote, guards: &mut Vec<Guard>) -> Result<(), Overflow> {
    let Some(credit) = quote.credit else { return Ok(()) };
    for (of_group, account) in [(true, credit.group), (false, Some(credit.own))] {
        let Some(account) = account.filter(|account| account.left < Money::ZERO) else { continue };
        let AccountUse { limit, expired, used, exposure, left } = account;
        let over = Money::ZERO.minus(left)?;
        let remove = removal(policy, context, order, quote, limit.minus(used)?, guards)?;
        let finding = Finding::CreditLimit { of_group, expired, remove, exposure, payable: quote.totals.payable, limit, over };
        guards.push(Guard { severity: policy.constants.credit_severity, finding });
    }
    Ok(())
}

/// Lines without which the payable of an order is at most `target`: as few as their parts of it let hope for, and priced anew, because
/// promotions and redemption look at what is left.
pub(super) fn removal(
    policy: &Loaded,
    context: &Context,
    order: &Order,
    quote: &Quote,
    target: Money,
    before: &[Guard],
) -> Result<Removal, Overflow> {
    let sought =
        |guard: &&Guard| matches!(guard.finding, Finding::OrderMaximum { .. } | Finding::CreditUsed { .. } | Finding::CreditLimit { .. });
    if target < Money::ZERO || before.iter().filter(sought).count() >= limit::REMOVALS {
        return Ok(None);
    }
    let mut rest: Vec<usize> = (0..order.lines.len()).collect();
    let mut again: Option<Quote> = None;
    for round in 0..=limit::REMOVAL_ROUNDS {
        let quote = again.as_ref().unwrap_or(quote);
        let over = quote.totals.payable.minus(target)?;
        if over <= Money::ZERO {
            return Ok(Some((0..order.lines.len()).filter(|line| rest.binary_search(line).is_err()).collect()));
        }
        if round < limit::REMOVAL_ROUNDS {
            let taken = largest_parts(quote, over)?;
            rest = rest.into_iter().enumerate().filter(|(at, _)| !taken.contains(at)).map(|(_, line)| line).collect();
            let lines = rest.iter().map(|line| order.lines[*line].clone()).collect();
            again = Some(priced(policy, context, &Order { lines, ..order.clone() })?);
        }
    }
    Ok(None)
}

/// The fewest lines whose parts come to `over`, the last of them no larger than it must be; all where they do not.
fn largest_parts(quote: &Quote, over: Money) -> Result<Vec<usize>, Overflow> {
    let paid = |line: usize| quote.redemption.as_ref().map_or(Money::ZERO, |redemption| redemption.share(line));
    let mut parts: Vec<(Money, usize)> = Vec::with_capacity(quote.lines.len());
    // A line without a price takes part in nothing, so it is in nobody's way.
    for (index, line) in quote.lines.iter().enumerate().filter(|(_, line)| line.price.is_some()) {
        parts.push((line.net.minus(paid(index))?, index));
    }
    sort(&mut parts, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let (mut need, mut count) = (over, 0);
    while let Some((part, _)) = parts.get(count).filter(|(part, _)| *part < need) {
        need = need.minus(*part)?;
        count += 1;
    }
    // Of equal parts the one of the smallest id stands first.
    let mut last = count;
    for (at, (part, _)) in parts.iter().enumerate().skip(count).take_while(|(_, (part, _))| *part >= need) {
        if *part < parts[last].0 {
            last = at;
        }
    }
    let taken = parts[..count].iter().chain(parts.get(last));
    Ok(taken.map(|(_, line)| *line).collect())
}
