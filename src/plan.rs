//! The best use of lots of rebate over an order (返利单核销方案): how much of it they shall pay, what of them is lost otherwise, and what paying by them costs in
//! rebates. A client of `quote`: every plan is the order priced with so much under `redeem`. `docs/semantics.md` §54.

use crate::bundle::Loaded;
use crate::facts::{DealerFacts, Order, Redeem};
use crate::num::{Money, Overflow};
use crate::quote::{Quote, RebatePreview};
use crate::sort::sort;
use crate::time::Instant;
use crate::transition::{Answer, Terms};

/// Plans of an order.
#[derive(Debug)]
pub struct Plans<'a> {
    /// The best first.
    pub plans: Vec<Plan<'a>>,
    /// Orders that were priced for them.
    pub quotes: u32,
    /// Whether the search came to its end.
    pub complete: bool,
}

/// An order of which lots pay so much.
#[derive(Debug)]
pub struct Plan<'a> {
    /// What lots pay.
    pub redeem: Money,
    /// Σ of what the order adds to rebates.
    pub rebate: Money,
    /// What is left of lots that expire too soon.
    pub lost: Money,
    /// Rebate − payable − lost; what is left of other lots is worth what it is.
    pub worth: Money,
    /// The answer.
    pub answer: Answer<'a>,
}

/// Prices an order with so much under `redeem`, as often as the policy lets.
struct Pricing<'a, 'o> {
    policy: &'a Loaded,
    terms: &'a Terms,
    order: &'o Order,
    dealer: &'o DealerFacts,
    until: Instant,
    quotes: u32,
}

impl<'a> Pricing<'a, '_> {
    fn plan(&mut self, redeem: Redeem) -> Result<Plan<'a>, Overflow> {
        self.quotes += 1;
        let answer = self.terms.quote(self.policy, &Order { redeem: Some(redeem), ..self.order.clone() })?;
        let quote = &answer.quote;
        let lots = quote.redemption.iter().flat_map(|redemption| &redemption.lots);
        let expires = |lot: usize| self.dealer.lots[lot].expires.is_some_and(|expires| expires <= self.until);
        let lost = Money::sum(lots.filter(|(lot, ..)| expires(*lot)).map(|(.., left)| *left))?;
        let rebate = Money::sum(quote.rebates.iter().map(|rebate| rebate.delta))?;
        let used = quote.totals.redeemed;
        // What other lots keep counts whole: of two plans the one that uses them pays so much less and holds so much less.
        let held = Money::sum(quote.redemption.iter().flat_map(|redemption| &redemption.lots).map(|(.., left)| *left))?;
        let worth = rebate.minus(quote.totals.payable)?.plus(held)?.minus(lost)?;
        Ok(Plan { redeem: used, rebate, lost, worth, answer })
    }

    fn is_spent(&self) -> bool {
        self.quotes >= self.policy.constants.hint_quotes
    }
}

/// The plans of an order: nothing, what expires before `until`, as much as lots may pay, and the most that lets a program keep a tier.
/// # Errors
/// [`Overflow`] when an amount of the order does not fit.
pub fn plans<'a>(policy: &'a Loaded, terms: &'a Terms, order: &Order, dealer: &DealerFacts, until: Instant) -> Result<Plans<'a>, Overflow> {
    let mut pricing = Pricing { policy, terms, order, dealer, until, quotes: 0 };
    let (none, most) = (pricing.plan(Redeem::Amount(Money::ZERO))?, pricing.plan(Redeem::Max)?);
    let allowed = most.redeem;
    let soon = none.lost.min(allowed);
    let mut found = vec![none, most];
    let add = |pricing: &mut Pricing<'a, '_>, amount: Money, found: &mut Vec<Plan<'a>>| -> Result<(), Overflow> {
        if found.iter().all(|plan| plan.redeem != amount) {
            let plan = pricing.plan(Redeem::Amount(amount))?;
            found.push(plan);
        }
        Ok(())
    };
    add(&mut pricing, soon, &mut found)?;
    let mut complete = true;
    'programs: for program in 0..found[0].answer.quote.rebates.len() {
        let (mut low, mut kept) = (Money::ZERO, reached(&found[0].answer.quote, program));
        // Each tier that is fallen under on the way to the most, from the highest down.
        while kept.is_some() && reached(&found[1].answer.quote, program) != kept {
            let mut high = allowed;
            while high.0 - low.0 > 1 {
                if pricing.is_spent() {
                    complete = false;
                    break 'programs;
                }
                let middle = Money(low.0 + (high.0 - low.0) / 2);
                if reached(&pricing.plan(Redeem::Amount(middle))?.answer.quote, program) == kept { low = middle } else { high = middle }
            }
            add(&mut pricing, low, &mut found)?;
            low = high;
            kept = reached(&pricing.plan(Redeem::Amount(low))?.answer.quote, program);
        }
    }
    // Of plans that are worth the same the one that pays most by lots is the first.
    sort(&mut found, |a, b| b.worth.cmp(&a.worth).then(b.redeem.cmp(&a.redeem)));
    found.dedup_by_key(|plan| plan.redeem);
    Ok(Plans { plans: found, quotes: pricing.quotes, complete })
}

/// Where the tier of a program begins.
fn reached(quote: &Quote, program: usize) -> Option<i64> {
    let tier = |rebate: &RebatePreview| Some(rebate.tier?.from);
    quote.rebates.get(program).and_then(tier)
}
