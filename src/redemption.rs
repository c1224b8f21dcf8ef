//! Redemption of lots (返利单核销): how much of an order rebates pay, from which lots, and of which lines. It settles what is payable;
//! prices, promotions and floors know nothing of it.

use crate::bundle::Loaded;
use crate::facts::Redeem;
use crate::num::{Money, Overflow, Part, Rounding, fill};
use crate::policy::Weight;
use crate::quote::{Claim, QuoteLine, Redemption};
use crate::waterfall::Context;

/// What lots pay of the lines, the first usable lot first.
pub fn redeem(policy: &Loaded, context: &Context, asked: Option<Redeem>, lines: &[QuoteLine]) -> Result<Option<Redemption>, Overflow> {
    if asked.is_none() && context.lots().is_empty() {
        return Ok(None);
    }
    let c = &policy.constants;
    let paid_for = |line: &QuoteLine| line.price.is_some() && policy.tables.redeemable.binary_search(&line.product.0).is_ok();
    let goods: Vec<usize> = (0..lines.len()).filter(|line| paid_for(&lines[*line])).collect();
    let limit = Money::sum(goods.iter().map(|line| lines[*line].net))?.percent(c.redemption_share, Rounding::Down)?;
    let balance = Money::sum(context.lots().iter().map(|(_, balance)| *balance))?;
    let allowed = limit.min(balance);
    let used = match asked {
        None => Money::ZERO,
        Some(Redeem::Max) => allowed,
        Some(Redeem::Amount(amount)) => amount.min(allowed),
    };
    let mut left = used;
    let mut lots = Vec::with_capacity(context.lots().len());
    for (lot, balance) in context.lots() {
        let taken = left.min(*balance);
        left = left.minus(taken)?;
        lots.push((*lot, taken, balance.minus(taken)?));
    }
    let part = |line: &usize| {
        let line = &lines[*line];
        let weight = match c.weight {
            Weight::Net => line.net.0,
            Weight::List => line.list.0,
            Weight::Quantity => line.quantity.0,
        };
        Part { weight, capacity: line.net }
    };
    let parts: Vec<Part> = goods.iter().map(part).collect();
    let shares = goods.into_iter().zip(fill(used, &parts, c.remainder)?).filter(|(_, share)| *share > Money::ZERO).collect();
    Ok(Some(Redemption { asked, limit, balance, allowed, used, lots, shares }))
}

/// What is to be booked of each lot.
pub fn claims(redemption: Option<&Redemption>) -> Vec<Claim> {
    let lots = redemption.into_iter().flat_map(|redemption| &redemption.lots);
    lots.filter(|(_, used, _)| *used > Money::ZERO).map(|(lot, amount, _)| Claim::Lot { lot: *lot, amount: *amount }).collect()
}
