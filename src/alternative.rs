//! Equal alternatives: other combinations of promotions that are worth as much, for the dealer to choose from. A client of `quote` only: an alternative is the
//! same order with promotions declined, so choosing one is declining them.

use crate::bundle::{Loaded, decoded};
use crate::facts::Order;
use crate::id::RuleId;
use crate::limit;
use crate::num::{Money, Overflow};
use crate::policy::GroupMode;
use crate::quote::{Blocker, Outcome, Quote};
use crate::transition::{Answer, Terms};

/// What an order can be without being worth less, the order as it is first.
#[derive(Debug)]
pub struct Alternatives<'a> {
    /// The alternatives; never none.
    pub list: Vec<Alternative<'a>>,
    /// Changed orders that were priced.
    pub quotes: u32,
    /// Whether there are no others.
    pub complete: bool,
}

/// One of them.
#[derive(Debug)]
pub struct Alternative<'a> {
    /// What the order declines, ascending bytewise.
    pub decline: Vec<String>,
    /// Promotions that take or give something, in running order.
    pub applied: Vec<RuleId>,
    /// The answer.
    pub answer: Answer<'a>,
}

/// The alternatives of an order.
/// # Errors
/// [`Overflow`] when an amount of the order as it is does not fit.
pub fn alternatives<'a>(policy: &'a Loaded, terms: &'a Terms, order: &Order) -> Result<Alternatives<'a>, Overflow> {
    let price = |decline: &Vec<String>| -> Result<Alternative<'a>, Overflow> {
        let answer = terms.quote(policy, &Order { decline: decline.clone(), ..order.clone() })?;
        Ok(Alternative { decline: decline.clone(), applied: applied(&answer.quote), answer })
    };
    let present = price(&order.decline)?;
    let worth = worth(&present.answer.quote)?;
    // Sets that were met, in the order in which they are gone on from, and what may be declined of each.
    let mut met: Vec<(Vec<String>, Vec<String>)> = vec![(order.decline.clone(), chosen(&present))];
    let mut list = vec![present];
    let (mut at, mut quotes) = (0, 0);
    while let Some((set, choosing)) = met.get(at).cloned() {
        at += 1;
        for id in choosing {
            let mut wider = set.clone();
            wider.insert(wider.partition_point(|known| *known < id), id);
            if wider.len() > limit::DECLINED || met.iter().any(|(known, _)| *known == wider) {
                continue;
            }
            if quotes == policy.constants.hint_quotes || list.len() == limit::ALTERNATIVES {
                return Ok(Alternatives { list, quotes, complete: false });
            }
            quotes += 1;
            let other = price(&wider).ok().filter(|other| self::worth(&other.answer.quote) == Ok(worth));
            met.push((wider, other.as_ref().map(chosen).unwrap_or_default()));
            if let Some(other) = other.filter(|other| list.iter().all(|known| ids(known) != ids(other))) {
                list.push(other);
            }
        }
    }
    Ok(Alternatives { list, quotes, complete: true })
}

/// What promotions are worth in an order.
fn worth(quote: &Quote) -> Result<Money, Overflow> {
    quote.totals.discount.plus(quote.totals.freight_discount)?.plus(quote.totals.gift_value)
}

fn applied(quote: &Quote) -> Vec<RuleId> {
    let gives = |outcome: &Outcome| matches!(outcome, Outcome::Applied { saving, gift_value, .. } if *saving.max(gift_value) > Money::ZERO);
    quote.rules.iter().filter(|rule| gives(&rule.outcome)).map(|rule| rule.rule).collect()
}

/// Ids of the promotions of an alternative: both sides of a transition know their own numbers only.
fn ids<'a>(alternative: &'a Alternative) -> Vec<&'a str> {
    alternative.applied.iter().map(|rule| alternative.answer.policy.rule(*rule)).collect()
}

/// Those of them that others of their group may have lost to, or that others do not combine with.
fn chosen(alternative: &Alternative) -> Vec<String> {
    let (policy, rules) = (alternative.answer.policy, &alternative.answer.quote.rules);
    let keeps_out =
        |rule: RuleId| rules.iter().any(|other| matches!(other.outcome, Outcome::Blocked(Blocker::NotCombined { by }) if by == rule));
    let mode = |rule: RuleId| decoded::<GroupMode>(policy.tables.group_mode[policy.tables.group(rule).index()]);
    let choosing = |rule: &&RuleId| match mode(**rule) {
        GroupMode::Best | GroupMode::First | GroupMode::Exclusive => true,
        GroupMode::Stack | GroupMode::Always => keeps_out(**rule),
    };
    alternative.applied.iter().filter(choosing).map(|rule| policy.rule(*rule).to_owned()).collect()
}
