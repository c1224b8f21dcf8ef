//! Gifts: what a reached step gives, chosen by the order or by value, outside the order's lines.

use super::benefit::{Grant, Reached};
use super::blend;
use super::context::Context;
use super::price::{Wanted, amount, base_price};
use super::scale;
use super::stage::Eligible;
use super::state::{Amounts, Lines, Stocked};
use crate::bundle::Loaded;
use crate::facts::GiftChoice;
use crate::id::{ProductId, RuleId};
use crate::num::{Money, Overflow, Quantity};
use crate::quote::{BasePrice, Blocker, ChoiceEffect, ChoiceUse, GiftLine, GiftOffer, LostBy, Outcome, RuleOutcome};
use crate::sort::sort;

/// Base price of each product that may be given, by product; what is hidden from the dealer is not among them.
pub type Prices = Vec<(ProductId, Option<BasePrice>)>;

/// Base price of one unit of everything that the eligible promotions may give this dealer, by product.
pub fn prices(policy: &Loaded, context: &Context, eligible: &[Eligible]) -> Result<Prices, Overflow> {
    let t = &policy.tables;
    let one = [units(policy, 1)?; 2];
    let mut prices: Prices = Vec::new();
    for step in eligible.iter().flat_map(|e| t.steps(e.rule)) {
        for product in t.gift_product[t.gifts(step)].iter().map(|product| ProductId(*product)) {
            let found = prices.binary_search_by(|(known, _)| known.cmp(&product));
            if let (Err(at), true) = (found, context.sees(policy, product)) {
                let wanted = Wanted { product, unit: None };
                let found = base_price(policy, context, wanted, None, &|access| scale::alone(policy, context, access, wanted, one))?;
                prices.insert(
                    at,
                    (
                        product,
                        blend::price(policy, context, wanted, &found, &|blend, access| {
                            scale::alone(&blend.policy, &blend.context, access, wanted, one)
                        })?,
                    ),
                );
            }
        }
    }
    Ok(prices)
}

/// Whether a step is there for the dealer: one that gives nothing but what is hidden from him is not.
pub fn given(policy: &Loaded, lines: &Lines, step: usize) -> bool {
    let gifts = &policy.tables.gift_product[policy.tables.gifts(step)];
    gifts.is_empty() || gifts.iter().any(|gift| price(lines, ProductId(*gift)).is_some())
}

/// The base price of something that may be given, if there is one; none of all where it is hidden.
fn price(lines: &Lines, product: ProductId) -> Option<Option<BasePrice>> {
    lines.gift_prices.binary_search_by(|(known, _)| known.cmp(&product)).ok().map(|found| lines.gift_prices[found].1)
}

/// Whole units as a quantity.
fn units(policy: &Loaded, count: i128) -> Result<Quantity, Overflow> {
    let image = count.checked_mul(policy.constants.quantity_scale.one()).ok_or(Overflow)?;
    i64::try_from(image).map(Quantity).map_err(|_| Overflow)
}

/// What can be delivered of each product that may be given, beside what the lines take of it.
pub fn stock(context: &Context, lines: &Lines) -> Vec<Stocked> {
    let known = context.stock.iter().map(|(product, available, _)| (*product, available.0));
    let mut left: Vec<Stocked> = known.filter(|(product, _)| price(lines, *product).is_some()).collect();
    for (product, quantity) in lines.product.iter().zip(&lines.quantity) {
        if let Some(left) = of_mut(&mut left, *product) {
            *left = left.saturating_sub(quantity.0);
        }
    }
    left
}

/// Takes what is given from what can be.
pub fn take(stock: &mut [Stocked], gifts: &[GiftLine]) {
    for gift in gifts {
        if let Some(left) = of_mut(stock, gift.product) {
            *left = left.saturating_sub(gift.quantity.0);
        }
    }
}

fn of_mut(stock: &mut [Stocked], product: ProductId) -> Option<&mut i64> {
    place(stock, product).map(|at| &mut stock[at].1)
}

/// Where a product stands in the stock, if it is known how much there is.
fn place(stock: &[Stocked], product: ProductId) -> Option<usize> {
    stock.binary_search_by(|(known, _)| known.cmp(&product)).ok()
}

/// Where the products of a reached step stand in the stock: what others give of these may change what it gives.
pub fn stocked<'a>(policy: &'a Loaded, stock: &'a [Stocked], reached: Reached) -> impl Iterator<Item = usize> + 'a {
    let gifts = &policy.tables.gift_product[policy.tables.gifts(reached.step)];
    gifts.iter().filter_map(|gift| place(stock, ProductId(*gift)))
}

/// What the items of a reached step are worth at most, whatever of them others leave: the most valuable that can be delivered now.
pub fn most(policy: &Loaded, amounts: Amounts, rule: RuleId, reached: Reached) -> Result<Money, Overflow> {
    let mut items = items(policy, amounts, rule, reached, false)?;
    sort(&mut items, |a, b| b.value.cmp(&a.value));
    Money::sum(items.iter().take(choose(policy, reached)).map(|gift| gift.value))
}

/// Of how many items the dealer gets his choice.
fn choose(policy: &Loaded, reached: Reached) -> usize {
    usize::try_from(policy.tables.step_value[reached.step]).unwrap_or(usize::MAX)
}

/// What a reached step gives that can be delivered: in the place of a substitute what it stands for, unless all of them are wanted.
fn items(policy: &Loaded, amounts: Amounts, rule: RuleId, reached: Reached, first_only: bool) -> Result<Vec<GiftLine>, Overflow> {
    let (t, lines) = (&policy.tables, amounts.lines);
    let mut items: Vec<GiftLine> = Vec::new();
    let mut first = u32::MAX;
    for gift in t.gifts(reached.step) {
        let product = ProductId(t.gift_product[gift]);
        if price(lines, product).is_none() {
            continue;
        }
        let quantity = units(policy, i128::from(t.gift_quantity[gift]) * i128::from(reached.times))?;
        let left = place(amounts.stock, product).map(|at| amounts.stock[at].1);
        let rank = t.gift_rank[gift];
        if left.is_some_and(|left| left < quantity.0) || (first_only && rank > first) {
            continue;
        }
        if first_only && rank < first {
            first = rank;
            items.clear();
        }
        items.push(GiftLine { rule, product, quantity, value: value(policy, lines, product, quantity)?, by_order: false });
    }
    Ok(items)
}

/// What a reached promotion gives.
pub fn grant(policy: &Loaded, amounts: Amounts, rule: RuleId, reached: Reached, on: usize, budget: Money) -> Result<Grant, Overflow> {
    let lines = amounts.lines;
    let most = choose(policy, reached);
    let mut gifts = items(policy, amounts, rule, reached, true)?;
    let choice = lines.gift_choices.iter().find(|choice| choice.promotion == policy.rule(rule)).map(|choice| &choice.products);
    if gifts.is_empty() {
        let declined = choice.is_some_and(Vec::is_empty);
        return Ok(Grant { amounts: vec![Money::ZERO; on], undeliverable: !declined, declined, ..Grant::default() });
    }
    let offer = GiftOffer { rule, choose: most.min(gifts.len()), items: gifts.clone() };
    let fits = |products: &&Vec<ProductId>| products.len() <= most && products.iter().all(|p| gifts.iter().any(|g| g.product == *p));
    match choice.filter(fits) {
        Some(products) => {
            gifts.retain(|gift| products.contains(&gift.product));
            gifts.iter_mut().for_each(|gift| gift.by_order = true);
        }
        None => {
            while gifts.len() > most {
                // The least valuable goes; of equal ones that with the larger SKU.
                let mut least = 0;
                for (at, gift) in gifts.iter().enumerate() {
                    if gift.value <= gifts[least].value {
                        least = at;
                    }
                }
                gifts.remove(least);
            }
        }
    }
    let declined = gifts.is_empty();
    // Exact: the quantities are multiples of the times.
    let of_times = |gift: &GiftLine, times: i64| (gift.quantity.0 / reached.times).checked_mul(times).map(Quantity).ok_or(Overflow);
    let worth =
        |times| gifts.iter().try_fold(Money::ZERO, |sum, gift| sum.plus(value(policy, lines, gift.product, of_times(gift, times)?)?));
    let wanted = worth(reached.wanted)?;
    let times = most_times(reached.times, |times| Ok(worth(times)? <= budget))?;
    let gift_value = worth(times)?;
    let (withheld, cut) = (times == 0, times < reached.times);
    for gift in &mut gifts {
        gift.quantity = of_times(gift, times)?;
        gift.value = value(policy, lines, gift.product, gift.quantity)?;
    }
    gifts.retain(|_| !withheld);
    let lost_by = LostBy { limit: reached.times < reached.wanted && !declined, budget: cut, ..LostBy::default() };
    let (amounts, lost, offer) = (vec![Money::ZERO; on], wanted.minus(gift_value)?, (!withheld).then_some(offer));
    Ok(Grant {
        amounts,
        saving: Money::ZERO,
        lost,
        lost_by,
        withheld,
        times: cut.then_some(times),
        gifts,
        offer,
        gift_value,
        declined,
        ..Grant::default()
    })
}

/// The most of up to so many times that fit; fewer always do where more do.
fn most_times(all: i64, fit: impl Fn(i64) -> Result<bool, Overflow>) -> Result<i64, Overflow> {
    if fit(all)? {
        return Ok(all);
    }
    let (mut fits, mut exceeds) = (0, all);
    while exceeds - fits > 1 {
        let middle = fits.midpoint(exceeds);
        if fit(middle)? {
            fits = middle;
        } else {
            exceeds = middle;
        }
    }
    Ok(fits)
}

/// The base price of the gift, rounded once, and the share of it that counts, rounded once more.
fn value(policy: &Loaded, lines: &Lines, product: ProductId, quantity: Quantity) -> Result<Money, Overflow> {
    match price(lines, product).flatten() {
        Some(price) => amount(policy, &price, quantity)?.percent(policy.constants.gift_weight, policy.constants.rounding),
        None => Ok(Money::ZERO),
    }
}

/// What became of each choice.
pub fn choices(policy: &Loaded, context: &Context, choices: &[GiftChoice], gifts: &[GiftLine], outcomes: &[RuleOutcome]) -> Vec<ChoiceUse> {
    let effect = |rule: RuleId| {
        let declined = |o: &RuleOutcome| o.rule == rule && o.outcome == Outcome::Blocked(Blocker::Declined);
        match gifts.iter().find(|gift| gift.rule == rule) {
            Some(gift) if gift.by_order => ChoiceEffect::Chosen,
            Some(_) => ChoiceEffect::Unfit,
            None if outcomes.iter().any(declined) => ChoiceEffect::Declined,
            None => ChoiceEffect::NoGift,
        }
    };
    let used = |GiftChoice { promotion, .. }: &GiftChoice| {
        let rule = policy.rule_of(promotion).filter(|rule| context.meant(policy, *rule));
        ChoiceUse { promotion: promotion.clone(), rule, effect: rule.map_or(ChoiceEffect::NoGift, effect) }
    };
    choices.iter().map(used).collect()
}
