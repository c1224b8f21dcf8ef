//! Guards: what lets an order pass, routes it or blocks it, with the figures and what would make it pass.

mod check;
mod credit;
mod quantity;
mod stock;

use crate::bundle::{Loaded, NONE, Searched};
use crate::facts::{Order, Redeem};
use crate::num::{Money, Overflow, Percent, Quantity};
use crate::policy::{Availability, Severity};
use crate::quote::{Finding, Guard, Quote, QuoteLine, Redemption, Taker, Trespass};
use crate::territory::Territory;
use crate::waterfall::{Context, Wanted, least, least_amount, pooled};
pub use credit::credit;
pub use stock::{replenish, smallest};

/// Checks every guard: lines in order, the whole order last.
pub fn check(policy: &Loaded, context: &Context, order: &Order, quote: &Quote) -> Result<Vec<Guard>, Overflow> {
    let c = &policy.constants;
    let mut guards = Vec::new();
    let pooled = pooled(quote.lines.iter().map(|line| (line.product, line.quantity)))?;
    let mut seen = vec![false; pooled.len()];
    let mut territory = Territory::of(policy, context, &order.delivery);
    let worths = check::worths(policy, context, quote)?;
    for (index, line) in quote.lines.iter().enumerate() {
        let mut add = |severity, finding| guards.push(Guard { severity, finding });
        if line.availability == Availability::Hidden {
            // Without a price there is nothing to sell it at, so no severity lets it pass; its other figures are not the dealer's business.
            add(Severity::Block, Finding::Assortment { line: index, hidden: true });
            continue;
        }
        if line.price.is_none() {
            add(Severity::Block, Finding::PriceMissing { line: index });
        }
        let found = pooled.binary_search_by_key(&line.product, |(p, _)| *p);
        let in_order = found.map_or(line.quantity, |product| pooled[product].1);
        let first = found.is_ok_and(|product| !std::mem::replace(&mut seen[product], true));
        if first {
            quantity::findings(policy, context, index, line, in_order).into_iter().for_each(|finding| add(c.quantity_severity, finding));
        }
        if let Some(floor) = line.floor.filter(|floor| line.net < *floor) {
            add(c.floor_severity, Finding::Floor { line: index, net: line.net, floor });
        } else if let Some(finding) = approval(policy, context, index, line, in_order)? {
            add(c.approval_severity, finding);
        }
        check::corridors(policy, context, quote, index, in_order, worths[index], &mut guards)?;
        if line.availability == Availability::Visible {
            guards.push(Guard { severity: c.assortment_severity, finding: Finding::Assortment { line: index, hidden: false } });
        }
        check::licences(policy, context, quote, index, &mut guards);
        if let Some((region, reason, allowed)) = territory.as_mut().and_then(|territory| territory.trespass(line.product)) {
            let severity = match reason {
                Trespass::Exclusive | Trespass::Customer => c.exclusive_severity,
                Trespass::Outside | Trespass::Ungranted => c.territory_severity,
            };
            guards.push(Guard { severity, finding: Finding::Territory { line: index, region, reason, allowed } });
        }
        if let Some(finding) = stock::shortage(policy, context, index, line, in_order).filter(|_| first) {
            guards.push(Guard { severity: c.stock_severity, finding });
        }
    }
    if context.on_hold {
        guards.push(Guard { severity: c.status_severity, finding: Finding::DealerStatus });
    }
    check::order(policy, context, order, quote, &mut guards)?;
    if let Some(Redemption { asked: Some(Redeem::Amount(asked)), limit, balance, used, .. }) = &quote.redemption
        && asked > used
    {
        let finding = Finding::RedeemLimit { asked: *asked, allowed: *used, by_balance: balance <= limit };
        guards.push(Guard { severity: c.redemption_severity, finding });
    }
    if credit::tried(quote) {
        check::credit(policy, context, order, quote, &mut guards)?;
        credit::limits(policy, context, order, quote, &mut guards)?;
    }
    Ok(guards)
}

/// A net under the price that somebody must approve.
fn approval(policy: &Loaded, context: &Context, index: usize, line: &QuoteLine, in_order: Quantity) -> Result<Option<Finding>, Overflow> {
    let Some(price) = &line.price else { return Ok(None) };
    let wanted = Wanted { product: line.product, unit: line.unit };
    let Some(price) = least(policy, context, Searched::Approvals, wanted, in_order, price)? else { return Ok(None) };
    let mut approved = least_amount(policy, &price, Percent::WHOLE, line.quantity_of(&price))?;
    // A registration with an approver is approved at its price, an adjustment by what it takes off.
    let t = &policy.tables;
    for portion in line.records() {
        let registration = t.registration(portion.price.record);
        if registration.is_some_and(|registration| t.registration_approver[registration.index()] != NONE) {
            let of_it = if price.of_unit { portion.ordered } else { portion.quantity };
            let of_it = least_amount(policy, &price, Percent::WHOLE, of_it)?;
            approved = approved.minus(Money((of_it.0 - portion.list.0).max(0)))?;
        }
    }
    for step in line.adjustments.iter().filter(|step| matches!(step.by, Taker::Approved(_))) {
        approved = approved.minus(step.amount)?;
    }
    Ok((line.net < approved).then_some(Finding::Approval { line: index, net: line.net, approved }))
}
