//! Redemption of lots (返利单核销): how much of an order rebates pay, from which lots, and of which lines. It settles what is payable;
//! prices, promotions and floors know nothing of it.

use crate::bundle::Loaded;
use crate::facts::Redeem;
use crate::num::{Money, Overflow, Part, Rounding, fill};
use crate::quote::{Claim, QuoteLine, Redemption, Taker};
use crate::waterfall::Context;

/// What lots pay of the lines, the first usable lot first.
pub fn redeem(policy: &Loaded, context: &Context, asked: Option<Redeem>, lines: &[QuoteLine]) -> Result<Option<Redemption>, Overflow> {
    if asked.is_none() && context.lots().is_empty() {
        return Ok(None);
    }
    let c = &policy.constants;
    let (mut goods, mut parts, mut total, mut open) = (Vec::new(), Vec::new(), Money::ZERO, Money::ZERO);
    let unpaid = |by: Taker| matches!(by, Taker::Rule(rule) if policy.tables.rule_unpaid[rule.index()] == 1);
    for (index, line) in lines.iter().enumerate() {
        let is_good = line.price.is_some() && policy.tables.redeemable.binary_search(&line.product.0).is_ok();
        if !is_good || line.adjustments.iter().any(|adjustment| adjustment.amount != Money::ZERO && unpaid(adjustment.by)) {
            continue;
        }
        let due = line.tax.map_or(line.net, |tax| if c.redemption_untaxed { tax.taxed.base } else { tax.taxed.gross });
        let weight = c.weight.of(due, line.list, line.quantity);
        let capacity = due.percent(c.redemption_line, Rounding::Down)?;
        goods.push(index);
        parts.push(Part { weight, capacity });
        (total, open) = (total.plus(due)?, open.plus(capacity)?);
    }
    let share = total.percent(c.redemption_share, Rounding::Down)?;
    let limit = if total < c.redemption_minimum { Money::ZERO } else { share.min(open).min(c.redemption_most) };
    let balance = Money::sum(context.lots().iter().map(|held| held.balance))?;
    let goods = Goods { lines: &goods, parts };
    let allowed = Money::sum(taken(policy, context, lines, &goods, limit)?.0)?;
    let (taken, shared) = match asked {
        None => taken(policy, context, lines, &goods, Money::ZERO)?,
        Some(Redeem::Max) => taken(policy, context, lines, &goods, limit)?,
        Some(Redeem::Amount(amount)) => taken(policy, context, lines, &goods, amount.min(limit))?,
    };
    let used = Money::sum(taken.iter().copied())?;
    let (mut discounts, mut expiring) = (Money::ZERO, None);
    let mut lots = Vec::with_capacity(context.lots().len());
    for (held, taken) in context.lots().iter().zip(taken) {
        if held.discounts {
            discounts = discounts.plus(taken)?;
        }
        let lapses = held.once && taken > Money::ZERO;
        let rest = if lapses { Money::ZERO } else { held.balance.minus(taken)? };
        if rest > Money::ZERO {
            expiring = expiring.or(held.expires.map(|expires| (rest, expires)));
        }
        lots.push((held.lot, taken, rest));
    }
    let mut shares = Vec::new();
    for (line, share) in goods.lines.iter().zip(shared) {
        if share > Money::ZERO {
            shares.push((*line, share));
        }
    }
    let parts: Vec<Part> = shares.iter().map(|(_, share)| Part { weight: share.0, capacity: *share }).collect();
    let discounts = fill(discounts, &parts, c.remainder)?;
    Ok(Some(Redemption { asked, limit, balance, allowed, used, lots, expiring, shares, discounts }))
}

/// Lines that lots may pay for, and how much of each.
struct Goods<'a> {
    lines: &'a [usize],
    parts: Vec<Part>,
}

/// What the usable lots pay of an amount, one after the other, and what of it falls on each of the goods: each what it holds, in whole vouchers where it
/// is of such, of a scope what is left of its lines, and only so many lots.
fn taken(
    policy: &Loaded,
    context: &Context,
    lines: &[QuoteLine],
    goods: &Goods,
    amount: Money,
) -> Result<(Vec<Money>, Vec<Money>), Overflow> {
    let remainder = policy.constants.remainder;
    let (mut left, mut count, mut free) = (amount.0.max(0), 0, 0);
    let (mut parts, mut shares) = (goods.parts.clone(), vec![Money::ZERO; goods.parts.len()]);
    let mut paid = Vec::with_capacity(context.lots().len());
    for held in context.lots() {
        let within = |at: &usize| {
            let products = held.scope.map(|scope| policy.tables.lot_scope_products(scope));
            products.is_some_and(|products| products.binary_search(&lines[goods.lines[*at]].product.0).is_ok())
        };
        let own: Vec<usize> = (0..parts.len()).filter(within).collect();
        let own_parts: Vec<Part> = own.iter().map(|at| parts[*at]).collect();
        let room = if held.scope.is_some() { Money::sum(own_parts.iter().map(|part| part.capacity))?.0 } else { i64::MAX };
        let most = left.min(held.balance.0).min(room);
        let most = most - most.checked_rem(held.face.0).unwrap_or(0);
        if most == 0 || count == policy.constants.redemption_lots {
            paid.push(Money::ZERO);
            continue;
        }
        count += 1;
        left -= most;
        paid.push(Money(most));
        if held.scope.is_none() {
            free += most;
            continue;
        }
        for (at, share) in own.into_iter().zip(fill(Money(most), &own_parts, remainder)?) {
            shares[at] = shares[at].plus(share)?;
            parts[at].capacity = parts[at].capacity.minus(share)?;
        }
    }
    // What any line may be paid with goes where there is room behind what some lines only may.
    for (share, more) in shares.iter_mut().zip(fill(Money(free), &parts, remainder)?) {
        *share = share.plus(more)?;
    }
    Ok((paid, shares))
}

/// What is to be booked of each lot.
pub fn claims(redemption: Option<&Redemption>) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (lot, used, _) in redemption.map_or(&[][..], |redemption| &redemption.lots) {
        if *used > Money::ZERO {
            claims.push(Claim::Lot { lot: *lot, amount: *used });
        }
    }
    claims
}
