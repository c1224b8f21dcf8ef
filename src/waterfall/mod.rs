//! `quote`: from list price to net, stage by stage, every step with its promotion.

mod absent;
mod approved;
mod benefit;
mod blend;
mod combine;
mod combo;
mod condition;
mod context;
mod coupon;
pub mod decompose;
mod exclusive;
mod gift;
mod kept;
mod price;
mod quota;
mod registered;
mod scale;
mod shipping;
mod stage;
mod state;

pub use absent::{Reason, absent};
pub use blend::{Blend, bands, least};
pub use combo::{Short, in_part, short};
pub use context::{Context, Enrolment, UsableLot, listed};
pub use kept::Kept;
pub use price::{Wanted, hit, least_amount, most_amount, price_bands, searched};
pub use registered::{held, is_registered};

use crate::bundle::{Loaded, Searched, customer_mark, decoded};
use crate::facts::{Order, OrderLine};
use crate::freight;
use crate::guard;
use crate::id::{AccessId, ProductId, RuleId};
use crate::num::{Money, Overflow, Percent, Quantity};
use crate::policy::{Availability, Eligibility, GroupMode, NetLines, Stage};
use crate::quote::{Adjustment, BasePrice, Combination, LineTax, Quote, QuoteLine, Redemption, RegistrationTaken, Taxed, Totals};
use crate::rebate::{self, Counted};
use crate::redemption;
use crate::sort::sort;
use crate::tax;
use crate::territory::Territory;
use kept::Change;
use price::Found;
use registered::{Asking, Taken};
use stage::{Eligible, Ledger};
use state::Lines;

pub(crate) use context::ids;

/// Prices an order: base prices, promotions, floors, totals, guards, rebate preview.
///
/// # Errors
/// [`Overflow`] when an amount does not fit 64 bits of minor units; there is no answer then.
pub fn quote(policy: &Loaded, context: &Context, order: &Order) -> Result<Quote, Overflow> {
    complete(policy, context, order, priced(policy, context, order)?)
}

/// The same for an order that is nearly the last one of this policy and context: only what depends on the difference is evaluated. The answer is kept.
///
/// # Errors
/// [`Overflow`]; nothing is kept then.
pub fn quote_again(policy: &Loaded, context: &Context, order: &Order, kept: &mut Kept) -> Result<(), Overflow> {
    // What lines take from each other is not told by the lines that are left alone.
    if policy.constants.registrations || !context.adjustments.is_empty() || context.blend().is_some() {
        kept.hold(quote(policy, context, order)?);
        return Ok(());
    }
    let mut change = kept.begin(order);
    let quote = complete(policy, context, order, evaluate(policy, context, order, &mut change)?)?;
    kept.end(quote, change.new);
    Ok(())
}

/// Adds credit, rebates and guards.
fn complete(policy: &Loaded, context: &Context, order: &Order, mut quote: Quote) -> Result<Quote, Overflow> {
    quote.credit = context.credit.as_ref().map(|facts| guard::credit(facts, context.now, &quote.totals)).transpose()?;
    let kinds = |line: usize| rebate::kinds(policy, &quote.lines, &quote.approved, line);
    let counted = Counted { order: &|id| rebate::of_order(order, id), kinds: &kinds };
    quote.rebates = rebate::preview(policy, context, quote.redemption.as_ref(), &quote.lines, counted)?;
    quote.territory = Territory::region(policy, context, &order.delivery);
    quote.guards = guard::check(policy, context, order, &quote)?;
    quote.replenishment = guard::replenish(policy, context, &quote)?;
    Ok(quote)
}

/// The same without credit, rebates and guards.
pub(crate) fn priced(policy: &Loaded, context: &Context, order: &Order) -> Result<Quote, Overflow> {
    evaluate(policy, context, order, &mut Change::fresh(order))
}

fn evaluate(policy: &Loaded, context: &Context, order: &Order, change: &mut Change) -> Result<Quote, Overflow> {
    let (mut lines, registered) = price_lines(policy, context, order, change)?;
    let (mut eligible, gift_prices) = match change.eligible(policy, &lines) {
        Some(known) => known,
        None => {
            let eligible = eligible(policy, context, order, &lines);
            let prices = gift::prices(policy, context, &eligible)?;
            (eligible, prices)
        }
    };
    let mut fixed = Lines {
        product: lines.iter().map(|line| line.product).collect(),
        list: lines.iter().map(|line| line.list).collect(),
        quantity: lines.iter().map(|line| line.quantity).collect(),
        least: lines.iter().map(|line| line.floor.unwrap_or_default()).collect(),
        gift_prices,
        gift_choices: order.gifts.clone(),
        usage: context.usage.clone(),
        shut: vec![state::Shut::default(); lines.len()],
        priced: lines.iter().map(|line| line.price.is_some()).collect(),
        own: context.own(policy, order),
    };
    let mut net = fixed.list.clone();
    let budgets_left = quota::budgets_left(policy, context);
    let stock_left = gift::stock(context, &fixed);
    let (closed, gave) = (vec![None; lines.len()], vec![Vec::new(); lines.len()]);
    // Lines that nothing touched bring their steps along.
    let mut adjustments: Vec<Vec<Adjustment>> = lines.iter_mut().map(|line| std::mem::take(&mut line.adjustments)).collect();
    let approved = approved::apply(policy, context, order, &lines, &fixed, &mut net, &mut adjustments)?;
    let shut_by = vec![None; lines.len()];
    let steps_left = policy.constants.search_steps;
    let mut ledger = Ledger { adjustments, closed, shut_by, gave, budgets_left, stock_left, steps_left, ..Ledger::default() };
    ledger.decline(policy, &order.decline, &mut eligible);
    let stage_of = |e: &Eligible| decoded::<Stage>(policy.tables.rule_stage[e.rule.index()]);
    let group_of = |e: &Eligible| policy.tables.group(e.rule);
    let sequential = policy.constants.eligibility == Eligibility::Sequential;
    let chooses = |e: &Eligible| {
        let mode = decoded::<GroupMode>(policy.tables.group_mode[group_of(e).index()]);
        matches!(mode, GroupMode::Best | GroupMode::First | GroupMode::Exclusive)
    };
    // Promotions are in running order, so a stage is one run of them. Each exclusive group is a stage of its own; one after the other, each group
    // that chooses is, and each other promotion.
    let together = |a: &Eligible, b: &Eligible| {
        let apart = if sequential {
            group_of(a) != group_of(b) || !chooses(a)
        } else {
            group_of(a) != group_of(b) && stage_of(a) == Stage::Exclusive
        };
        stage_of(a) == stage_of(b) && !apart
    };
    let of_goods = eligible.iter().position(|e| stage_of(e) == Stage::Freight).unwrap_or(eligible.len());
    let of_freight = eligible.split_off(of_goods);
    let size = |eligible: &[Eligible]| eligible.iter().map(|e| 1 + e.lines.len() + e.counted.len()).sum::<usize>();
    let all = size(&eligible) + of_freight.len();
    let runs: Vec<usize> = eligible.chunk_by(together).map(<[Eligible]>::len).collect();
    let (mut left, mut opened) = (eligible.into_iter(), 0);
    for run in runs {
        let run: Vec<Eligible> = left.by_ref().take(run).collect();
        let stage = stage_of(&run[0]);
        if stage == Stage::Always {
            fixed.open(&mut net)?;
        }
        // What promotions that are kept out of their stages took last time is nobody's step any more.
        change.leave(Some(run[0].rule), None);
        change.clear(&mut ledger.adjustments);
        let open = ledger.open(policy, stage, run);
        opened += size(&open);
        let until = left.as_slice().first().map(|next| next.rule);
        stage::run(policy, &fixed, open, until, &mut net, &mut ledger, change)?;
        exclusive::shut(policy, &mut fixed, &mut net, &mut ledger)?;
    }
    fixed.open(&mut net)?;
    change.leave(None, None);
    change.clear(&mut ledger.adjustments);
    for (line, net) in lines.iter_mut().zip(&net) {
        line.net = *net;
        if line.price.is_some() {
            line.tax = tax::of_amount(policy, policy.tables.tax_rate(line.product), line.net)?;
        }
    }
    let mut freight = freight::lines(policy, context, order, &lines)?;
    if !of_freight.is_empty() {
        shipping::run(policy, &fixed, &net, of_freight, &mut freight, &mut ledger)?;
    }
    for (line, adjustments) in lines.iter_mut().zip(std::mem::take(&mut ledger.adjustments)) {
        line.adjustments = adjustments;
    }
    sort(&mut ledger.outcomes, |a, b| a.rule.cmp(&b.rule));
    let list = Money::sum(lines.iter().map(|line| line.list))?;
    let net = Money::sum(lines.iter().map(|line| line.net))?;
    let gift_value = Money::sum(ledger.gifts.iter().map(|gift| gift.value))?;
    let redemption = redemption::redeem(policy, context, order.redeem, &lines)?;
    let redeemed = redemption.as_ref().map_or(Money::ZERO, |redemption| redemption.used);
    let with_tax = |amount: Money, tax: Option<LineTax>| tax.map_or(amount, |tax| tax.taxed.gross);
    let due = lines.iter().map(|line| with_tax(line.net, line.tax));
    let due = Money::sum(due.chain(freight.iter().map(|line| with_tax(line.net, line.tax))))?;
    if let Some(redemption) = &redemption {
        lower_tax(policy, redemption, &mut lines)?;
    }
    let mut taxes = lines.iter().filter_map(|line| line.tax).chain(freight.iter().filter_map(|line| line.tax));
    let tax = taxes.try_fold(Taxed::default(), |sum, tax| sum.plus(tax.taxed))?;
    let tax = policy.constants.tax.map(|_| tax);
    let charges = Money::sum(freight.iter().map(|line| line.charge))?;
    let carried = Money::sum(freight.iter().map(|line| line.net))?;
    let payable = due.minus(redeemed)?;
    let totals = Totals {
        list,
        discount: list.minus(net)?,
        net,
        redeemed,
        payable,
        gift_value,
        freight: carried,
        freight_discount: charges.minus(carried)?,
        tax,
    };
    let combination = Combination { bound: ledger.bound, steps: policy.constants.search_steps - ledger.steps_left };
    let coupons = coupon::uses(policy, context, &order.coupons, &ledger.outcomes);
    let mut claims = quota::claims(policy, context, &ledger)?;
    claims.extend(registered::claims(policy, context, &lines, &registered));
    claims.extend(approved::claims(&approved));
    claims.extend(redemption::claims(redemption.as_ref()));
    (change.new.whole, change.new.gift_prices) = (opened == all && order.decline.is_empty(), fixed.gift_prices);
    let gift_choices = gift::choices(policy, context, &order.gifts, &ledger.gifts, &ledger.outcomes);
    Ok(Quote {
        now: context.now,
        priced_for: order.delivery.day.clone().filter(|_| context.priced_at > context.now),
        as_of: context.as_of,
        aliases: order.lines.iter().enumerate().filter_map(|(at, line)| Some((at, line.alias?))).collect(),
        lines,
        freight,
        registered,
        approved,
        totals,
        rules: ledger.outcomes,
        gifts: ledger.gifts,
        gift_offers: ledger.gift_offers,
        earned: ledger.earned,
        limited: ledger.allotted.into_iter().filter(|allotted| allotted.units < allotted.of).collect(),
        gift_choices,
        coupons,
        combination,
        credit: None,
        guards: Vec::new(),
        rebates: Vec::new(),
        territory: None,
        replenishment: Vec::new(),
        redemption,
        claims,
        transition: None,
    })
}

/// Derives the tax anew where lots that the invoice shows as a discount pay.
fn lower_tax(policy: &Loaded, redemption: &Redemption, lines: &mut [QuoteLine]) -> Result<(), Overflow> {
    for ((line, _), discount) in redemption.shares.iter().zip(&redemption.discounts).filter(|(_, discount)| **discount > Money::ZERO) {
        if let Some(tax) = &mut lines[*line].tax {
            *tax = tax::of_gross(policy, tax.rate, tax.taxed.gross.minus(*discount)?)?;
        }
    }
    Ok(())
}

/// Quantity of each product in the whole order, by product.
pub(crate) fn pooled(lines: impl Iterator<Item = (ProductId, Quantity)>) -> Result<Vec<(ProductId, Quantity)>, Overflow> {
    let mut all: Vec<(ProductId, Quantity)> = lines.collect();
    // Lines stand by id, which begins with the SKU, so products nearly always ascend already.
    if !all.is_sorted_by_key(|(product, _)| *product) {
        sort(&mut all, |a, b| a.0.cmp(&b.0));
    }
    let mut pooled: Vec<(ProductId, Quantity)> = Vec::with_capacity(all.len());
    for (product, quantity) in all {
        match pooled.last_mut() {
            Some((last, sum)) if *last == product => sum.0 = sum.0.checked_add(quantity.0).ok_or(Overflow)?,
            _ => pooled.push((product, quantity)),
        }
    }
    Ok(pooled)
}

/// The lines with their list amounts, and what they take of registrations, one after another in order of their ids.
fn price_lines(
    policy: &Loaded,
    context: &Context,
    order: &Order,
    change: &mut Change,
) -> Result<(Vec<QuoteLine>, Vec<RegistrationTaken>), Overflow> {
    let pooled = pooled(order.lines.iter().map(|line| (line.product, line.quantity)))?;
    let in_order = |line: &OrderLine| pooled.binary_search_by_key(&line.product, |(p, _)| *p).map_or(Quantity(0), |found| pooled[found].1);
    let in_order: Vec<Quantity> = order.lines.iter().map(in_order).collect();
    let measured = scale::measured(policy, context, order)?;
    let other = context.blend().map(|blend| scale::measured(&blend.policy, &blend.context, order)).transpose()?;
    let mut lines = Vec::with_capacity(order.lines.len());
    let (mut registered, mut taken) = (Vec::new(), Taken::default());
    let customer = order.delivery.customer.as_deref().filter(|_| policy.constants.registrations).map(customer_mark);
    for (index, line) in order.lines.iter().enumerate() {
        let in_order = in_order[index];
        if let Some(known) = change.line(index, line, in_order, &measured) {
            lines.push(known);
            continue;
        }
        let have = |access: AccessId| match &measured[access.index()] {
            Some(of_lines) => Ok(of_lines[index]),
            None => Ok(scale::Fraction::whole(in_order.0)),
        };
        let theirs = |_: &Blend, access: AccessId| match other.as_ref().and_then(|measured| measured[access.index()].as_ref()) {
            Some(of_lines) => Ok(of_lines[index]),
            None => Ok(scale::Fraction::whole(in_order.0)),
        };
        let asking = policy.constants.registrations.then(|| Asking::of(line, customer, &taken));
        let (line, asked) = price_line(policy, context, line, asking, in_order, &have, &theirs)?;
        taken.book(policy, line.product, &asked);
        registered.extend(asked.into_iter().map(|asked| RegistrationTaken { line: index, ..asked }));
        lines.push(line);
    }
    scale::amounts(policy, &mut lines)?;
    if change.keeps {
        change.new.in_order = in_order;
        change.new.measured = measured;
    }
    Ok((lines, registered))
}

fn price_line(
    policy: &Loaded,
    context: &Context,
    line: &OrderLine,
    asking: Option<Asking>,
    in_order: Quantity,
    have: price::Have,
    theirs: blend::Theirs,
) -> Result<(QuoteLine, Vec<RegistrationTaken>), Overflow> {
    let availability = context.availability(policy, line.product);
    // What does not exist for the dealer is not searched for: nothing of it comes into the answer.
    let wanted = Wanted { product: line.product, unit: line.unit };
    let found =
        if availability == Availability::Hidden { Found::default() } else { price::base_price(policy, context, wanted, asking, have)? };
    let price = blend::price(policy, context, wanted, &found, theirs)?;
    let Found { portions, registered, parts, missed, beaten, .. } = found;
    let in_its_unit = |price: &BasePrice| if price.of_unit { line.ordered } else { line.quantity };
    let floor = match &price {
        Some(price) => blend::least(policy, context, Searched::Floors, wanted, in_order, price)?,
        None => None,
    };
    let floor = floor.map(|floor| price::least_amount(policy, &floor, Percent::WHOLE, in_its_unit(&floor))).transpose()?;
    let mut line = QuoteLine {
        position: line.position,
        product: line.product,
        unit: line.unit,
        ordered: line.ordered,
        quantity: line.quantity,
        availability,
        price,
        portions,
        parts,
        missed,
        beaten,
        list: Money::ZERO,
        adjustments: Vec::new(),
        net: Money::ZERO,
        floor,
        tax: None,
    };
    if let Some(price) = price {
        line.price_at(price::amount(policy, &price, line.rest_of(&price))?)?;
    }
    Ok((line, registered))
}

/// What the records that price a line keep off it, as bits.
pub fn flags(policy: &Loaded, line: &QuoteLine) -> u32 {
    line.records().fold(0, |flags, portion| flags | policy.tables.record_flags[portion.price.record.index()])
}

/// Open promotions that have something to give this dealer, with the lines they are about, in running order; the bundle's index names them, nothing is tested per line.
fn eligible(policy: &Loaded, context: &Context, order: &Order, lines: &[QuoteLine]) -> Vec<Eligible> {
    let t = &policy.tables;
    let mut open = context.free().to_vec();
    coupon::opened(policy, context, &order.coupons).into_iter().for_each(|rule| open[rule.index()] = true);
    let flagged: Vec<(usize, u32)> =
        lines.iter().enumerate().filter(|(_, line)| line.price.is_some()).map(|(index, line)| (index, flags(policy, line))).collect();
    let kept_off = |flags: u32, rule: RuleId| flags != 0 && flags & context.flags(policy, rule) != 0;
    // Which lines each promotion has. Nothing is sorted, and of the promotions that nobody has only a bit is looked at.
    let mut hits: Vec<(RuleId, usize)> = Vec::new();
    let mut counts = vec![0_usize; t.rule_count()];
    let mut had = vec![0_u64; counts.len().div_ceil(64)];
    for (index, flags) in &flagged {
        for rule in t.rules_of(lines[*index].product).iter().map(|rule| RuleId(*rule)) {
            if !open[rule.index()] || kept_off(*flags, rule) {
                continue;
            }
            hits.push((rule, *index));
            counts[rule.index()] += 1;
            had[rule.index() / 64] |= 1 << (rule.index() % 64);
        }
    }
    let mut eligible: Vec<Eligible> = Vec::new();
    for (first, mut bits) in (0..).step_by(64).zip(had) {
        while bits != 0 {
            let rule = RuleId(first + bits.trailing_zeros());
            bits &= bits - 1;
            let count = &mut counts[rule.index()];
            let lines = Vec::with_capacity(*count);
            *count = eligible.len();
            eligible.push(Eligible { rule, lines, counted: Vec::new() });
        }
    }
    for (rule, index) in hits {
        eligible[counts[rule.index()]].lines.push(index);
    }
    for (index, flags) in flagged.into_iter().filter(|(_, flags)| *flags != 0) {
        for eligible in &mut eligible {
            let of_line = t.rules_of(lines[index].product).binary_search(&eligible.rule.0).is_ok();
            let counts = decoded::<NetLines>(t.rule_net_lines[eligible.rule.index()]) == NetLines::Count;
            if of_line && counts && kept_off(flags, eligible.rule) {
                eligible.counted.push(index);
            }
        }
    }
    eligible.retain(|eligible| context.gives(policy, eligible.rule));
    eligible
}
