//! Guards: what lets an order pass, routes it or blocks it, with the figures and what would make it pass.

use crate::bundle::Loaded;
use crate::facts::{Credit, Order, Redeem};
use crate::num::{Money, Overflow, Quantity};
use crate::policy::{Availability, Severity};
use crate::quote::{CreditUse, Finding, Guard, QuoteLine, Redemption, Totals};
use crate::territory::Territory;
use crate::waterfall::{Context, pooled};

/// Checks every guard: lines in order, the whole order last.
pub fn check(
    policy: &Loaded,
    context: &Context,
    order: &Order,
    credit: Option<CreditUse>,
    redemption: Option<&Redemption>,
    lines: &[QuoteLine],
    totals: &Totals,
) -> Result<Vec<Guard>, Overflow> {
    let c = &policy.constants;
    let mut guards = Vec::new();
    let mut add = |severity, finding| guards.push(Guard { severity, finding });
    let pooled = pooled(lines.iter().map(|line| (line.product, line.quantity)))?;
    let mut seen = vec![false; pooled.len()];
    let mut territory = Territory::of(policy, context, order.ship_to);
    for (index, line) in lines.iter().enumerate() {
        if line.availability == Availability::Hidden {
            // Without a price there is nothing to sell it at, so no severity lets it pass; its other figures are not the dealer's business.
            add(Severity::Block, Finding::Assortment { line: index, hidden: true });
            continue;
        }
        if line.price.is_none() {
            add(Severity::Block, Finding::PriceMissing { line: index });
        }
        if let Ok(product) = pooled.binary_search_by_key(&line.product, |(p, _)| *p)
            && !std::mem::replace(&mut seen[product], true)
            && let Some(finding) = quantity(policy, index, line, pooled[product].1)
        {
            add(c.quantity_severity, finding);
        }
        if let Some(floor) = line.floor.filter(|floor| line.net < *floor) {
            add(c.floor_severity, Finding::Floor { line: index, net: line.net, floor });
        }
        if line.availability == Availability::Visible {
            add(c.assortment_severity, Finding::Assortment { line: index, hidden: false });
        }
        if let Some((region, reason, allowed)) = territory.as_mut().and_then(|territory| territory.trespass(line.product)) {
            add(c.territory_severity, Finding::Territory { line: index, region, reason, allowed });
        }
    }
    if let Some(Redemption { asked: Some(Redeem::Amount(asked)), limit, balance, allowed, .. }) = redemption
        && asked > allowed
    {
        add(c.redemption_severity, Finding::RedeemLimit { asked: *asked, allowed: *allowed, by_balance: balance <= limit });
    }
    if let Some(credit) = credit.filter(|credit| credit.left < Money::ZERO) {
        let over = Money::ZERO.minus(credit.left)?;
        add(c.credit_severity, Finding::CreditLimit { exposure: credit.exposure, payable: totals.payable, limit: credit.limit, over });
    }
    Ok(guards)
}

/// What is used of a dealer's credit with this order.
pub fn credit(facts: &Credit, totals: &Totals) -> Result<CreditUse, Overflow> {
    let used = facts.receivable.plus(facts.delivered)?.plus(facts.open_orders)?.minus(facts.prepaid)?;
    let exposure = used.plus(totals.payable)?;
    Ok(CreditUse { limit: facts.limit, used, exposure, left: facts.limit.minus(exposure)? })
}

/// Minimum and multiple of a product, on its quantity in the whole order.
fn quantity(policy: &Loaded, line_index: usize, line: &QuoteLine, have: Quantity) -> Option<Finding> {
    let minimum = policy.tables.minimum(line.product);
    let multiple = policy.tables.multiple(line.product);
    let step = multiple.0.max(1);
    let up = |quantity: i64| Quantity(quantity.div_euclid(step).saturating_add(i64::from(quantity % step != 0)).saturating_mul(step));
    let smallest = up(minimum.0.max(step));
    if have < minimum {
        return Some(Finding::QuantityMinimum { line: line_index, have, minimum, nearest: smallest });
    }
    if multiple.0 > 0 && have.0 % multiple.0 != 0 {
        let down = Quantity(have.0 - have.0 % multiple.0);
        let down = (down >= smallest && down.0 > 0).then_some(down);
        return Some(Finding::QuantityMultiple { line: line_index, have, multiple, down, up: up(have.0) });
    }
    None
}
