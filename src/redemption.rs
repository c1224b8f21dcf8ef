//! Redemption of lots (返利单核销): how much of an order rebates pay, from which lots, and of which lines. It settles what is payable;
//! prices, promotions and floors know nothing of it.

use crate::bundle::Loaded;
use crate::facts::Redeem;
use crate::num::{Money, Overflow, Part, Rounding, fill};
use crate::quote::{Claim, QuoteLine, Redemption};
use crate::waterfall::Context;

/// What lots pay of the lines, the first usable lot first.
pub fn redeem(policy: &Loaded, context: &Context, asked: Option<Redeem>, lines: &[QuoteLine]) -> Result<Option<Redemption>, Overflow> {
    if asked.is_none() && context.lots().is_empty() {
        return Ok(None);
    }
    let c = &policy.constants;
    let (mut goods, mut parts, mut total) = (Vec::new(), Vec::new(), Money::ZERO);
    for (index, line) in lines.iter().enumerate() {
        if line.price.is_none() || policy.tables.redeemable.binary_search(&line.product.0).is_err() {
            continue;
        }
        let gross = line.tax.map_or(line.net, |tax| tax.taxed.gross);
        let weight = c.weight.of(gross, line.list, line.quantity);
        goods.push(index);
        parts.push(Part { weight, capacity: gross });
        total = total.plus(gross)?;
    }
    let limit = total.percent(c.redemption_share, Rounding::Down)?;
    let balance = Money::sum(context.lots().iter().map(|held| held.balance))?;
    let allowed = limit.min(balance);
    let used = match asked {
        None => Money::ZERO,
        Some(Redeem::Max) => allowed,
        Some(Redeem::Amount(amount)) => amount.min(allowed),
    };
    let (mut left, mut discounts) = (used, Money::ZERO);
    let mut expiring = None;
    let mut lots = Vec::with_capacity(context.lots().len());
    for held in context.lots() {
        let taken = left.min(held.balance);
        left = left.minus(taken)?;
        if held.discounts {
            discounts = discounts.plus(taken)?;
        }
        let rest = held.balance.minus(taken)?;
        if rest > Money::ZERO {
            expiring = expiring.or(held.expires.map(|expires| (rest, expires)));
        }
        lots.push((held.lot, taken, rest));
    }
    let mut shares = Vec::new();
    for (line, share) in goods.into_iter().zip(fill(used, &parts, c.remainder)?) {
        if share > Money::ZERO {
            shares.push((line, share));
        }
    }
    let parts: Vec<Part> = shares.iter().map(|(_, share)| Part { weight: share.0, capacity: *share }).collect();
    let discounts = fill(discounts, &parts, c.remainder)?;
    Ok(Some(Redemption { asked, limit, balance, allowed, used, lots, expiring, shares, discounts }))
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
