//! Returns (退货): what it comes to if units of an order come back, before they do. A client of `quote` and of the function of rebates: the refund is made of
//! the figures of the order, gifts of what the rest of it gives by itself. `docs/semantics.md` §51.

use crate::bundle::Loaded;
use crate::facts::{DealerFacts, Order, OrderLine};
use crate::num::{Money, Overflow, Quantity, Rounding, Units, divide};
use crate::quote::{GiftLine, Quote, QuoteLine, RebatePreview};
use crate::rebate::{self, Back, Counted, Fall, Paid};
use crate::tax;
use crate::time::Instant;
use crate::transition::{Answer, Terms};

/// What comes back of a line: as ordered and in base units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// Line, a position in the order.
    pub line: usize,
    /// Before.
    pub before: (Quantity, Quantity),
    /// Now.
    pub now: (Quantity, Quantity),
}

impl Taken {
    /// Before and now together, in base units.
    pub fn whole(&self) -> Quantity {
        Quantity(self.before.1.0 + self.now.1.0)
    }
}

/// What a return comes to.
#[derive(Debug)]
pub struct Return<'a> {
    /// The answer to the order.
    pub order: Answer<'a>,
    /// Lines of which something comes back.
    pub lines: Vec<LineBack>,
    /// Lots that paid for it, in the order in which they paid.
    pub lots: Vec<LotBack>,
    /// The policy that the gifts are of.
    pub gifts_of: &'a Loaded,
    /// Gifts that must come back, in running order.
    pub gifts: Vec<GiftLine>,
    /// Net of what is left of the order, and what it would be by itself.
    pub rest: (Money, Money),
    /// The policy that the programs are of.
    pub programs_of: &'a Loaded,
    /// What programs take back.
    pub rebates: Vec<(RebatePreview, Vec<Fall>)>,
}

/// What comes back of a line, and what is refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineBack {
    /// What comes back.
    pub taken: Taken,
    /// What of the line's figures falls on it.
    pub part: Back,
    /// Of its tax.
    pub tax: Money,
}

impl LineBack {
    /// What is refunded in money.
    pub fn refund(&self) -> Money {
        Money(self.part.gross.0 - self.part.paid.gross.0)
    }
}

/// What goes back into a lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LotBack {
    /// Position in the facts.
    pub lot: usize,
    /// What comes back of what it paid.
    pub amount: Money,
    /// Whether it is restored; otherwise it is lost.
    pub restored: bool,
    /// It holds until here, exclusive.
    pub expires: Option<Instant>,
}

/// What it comes to if units of an order come back; `today` is what the dealer's facts decide on that day, once the order is booked.
/// # Errors
/// [`Overflow`] when an amount of the order does not fit.
pub fn preview<'a>(
    policy: &'a Loaded,
    terms: &'a Terms,
    (order, dealer, now): (&Order, &DealerFacts, Instant),
    taken: &[Taken],
    today: Option<(&'a Terms, Instant)>,
) -> Result<Return<'a>, Overflow> {
    let answer = terms.quote(policy, order)?;
    let before = parts(&answer, taken, |_| Quantity(0), |taken| taken.before.1)?;
    let back = parts(&answer, taken, |taken| taken.before.1, Taken::whole)?;
    let left = |came: &dyn Fn(&Taken) -> (Quantity, Quantity)| terms.quote(policy, &without(order, taken, came));
    let was = if taken.iter().any(|taken| taken.before.1.0 > 0) { Some(left(&|taken| taken.before)?) } else { None };
    let rest = left(&|taken| (Quantity(taken.before.0.0 + taken.now.0.0), taken.whole()))?;
    let was = was.as_ref().unwrap_or(&answer);
    let (gifts_of, gifts) = (was.policy, gifts(was, &rest)?);
    let kept = before.iter().chain(&back).try_fold(answer.quote.totals.net, |net, part| net.minus(part.part.net))?;
    let plain = |parts: &[LineBack]| parts.iter().map(|line| line.part).collect::<Vec<Back>>();
    let kinds = |line: usize| rebate::kinds(answer.policy, &answer.quote.lines, &answer.quote.approved, line);
    let counted = Counted { order: &|id| rebate::of_order(order, id), kinds: &kinds };
    let (programs_of, rebates) = match today {
        None => {
            let (lines, redemption) = (&answer.quote.lines, answer.quote.redemption.as_ref());
            let booked = rebate::booked(answer.policy, answer.context.programs(), redemption, lines, counted, &plain(&before))?;
            (answer.policy, rebate::given_back(answer.policy, &booked, lines, counted, &plain(&back))?)
        }
        Some((today, _)) => {
            let (side, context) = today.catalog(policy);
            let known =
                |line: &QuoteLine| side.product(answer.policy.sku(line.product)).map(|product| QuoteLine { product, ..line.clone() });
            let unknown = |line: &QuoteLine| QuoteLine { price: None, ..line.clone() };
            let lines: Vec<QuoteLine> = answer.quote.lines.iter().map(|line| known(line).unwrap_or_else(|| unknown(line))).collect();
            (side, rebate::given_back(side, context.programs(), &lines, counted, &plain(&back))?)
        }
    };
    let lots = lots(&answer, dealer, today.map_or(now, |(_, now)| now), &before, &back)?;
    let lines = back.into_iter().filter(|line| line.taken.now.1.0 > 0).collect();
    Ok(Return { order: answer, lines, lots, gifts_of, gifts, rest: (kept, rest.quote.totals.net), programs_of, rebates })
}

/// What falls on the units of each line between two counts of them.
fn parts(
    answer: &Answer,
    taken: &[Taken],
    from: impl Fn(&Taken) -> Quantity,
    to: impl Fn(&Taken) -> Quantity,
) -> Result<Vec<LineBack>, Overflow> {
    let (policy, quote) = (answer.policy, &answer.quote);
    let mut all = Vec::with_capacity(taken.len());
    for taken in taken {
        let line = &quote.lines[taken.line];
        let rate = policy.tables.tax_rate(line.product);
        let gross = tax::of_amount(policy, rate, line.net)?.map_or(line.net, |tax| tax.taxed.gross);
        let units = Units { of: line.quantity, scale: policy.constants.quantity_scale };
        let off = line.list.minus(line.net)?;
        let between = |amount: Money, less: Money| units.first(to(taken), amount, less)?.minus(units.first(from(taken), amount, less)?);
        let value = |at: Quantity| units.first(at, line.list, off)?.plus(units.first(at, gross.minus(line.net)?, Money::ZERO)?);
        let (begin, end) = (value(from(taken))?, value(to(taken))?);
        let falls = |amount: Money| {
            let at = |value: Money| match gross {
                Money::ZERO => Ok(Money::ZERO),
                gross => divide(i128::from(amount.0) * i128::from(value.0), i128::from(gross.0), Rounding::Down).map(Money),
            };
            at(end)?.minus(at(begin)?)
        };
        let share = quote.redemption.as_ref().map_or(Money::ZERO, |redemption| redemption.share(taken.line));
        let net = between(line.list, off)?;
        let part = Back {
            line: taken.line,
            quantity: Quantity(to(taken).0 - from(taken).0),
            list: between(line.list, Money::ZERO)?,
            net,
            gross: end.minus(begin)?,
            untaxed: net.minus(falls(tax::within(policy, rate, line.net)?)?)?,
            paid: Paid {
                gross: falls(share)?,
                in_basis: falls(tax::in_basis(policy, line.product, share)?)?,
                untaxed: falls(tax::untaxed(policy, line.product, share)?)?,
            },
        };
        all.push(LineBack { taken: *taken, part, tax: falls(line.tax.map_or(Money::ZERO, |tax| tax.taxed.tax))? });
    }
    Ok(all)
}

/// An order without what came back of it.
fn without(order: &Order, taken: &[Taken], came: &dyn Fn(&Taken) -> (Quantity, Quantity)) -> Order {
    let mut lines: Vec<OrderLine> = order.lines.clone();
    for taken in taken {
        let (ordered, quantity) = came(taken);
        lines[taken.line].ordered.0 -= ordered.0;
        lines[taken.line].quantity.0 -= quantity.0;
    }
    lines.retain(|line| line.quantity.0 > 0);
    Order { lines, redeem: None, ..order.clone() }
}

/// What the one gives more than the other.
fn gifts(was: &Answer, rest: &Answer) -> Result<Vec<GiftLine>, Overflow> {
    fn named<'a>(policy: &'a Loaded, gift: &GiftLine) -> (&'a str, &'a str) {
        (policy.rule(gift.rule), policy.sku(gift.product))
    }
    let mut all = Vec::new();
    for gift in &was.quote.gifts {
        let left = rest.quote.gifts.iter().find(|left| named(rest.policy, left) == named(was.policy, gift));
        let quantity = Quantity(gift.quantity.0 - left.map_or(0, |left| left.quantity.0));
        let value = gift.value.minus(left.map_or(Money::ZERO, |left| left.value))?.max(Money::ZERO);
        if quantity.0 > 0 {
            all.push(GiftLine { quantity, value, ..*gift });
        }
    }
    Ok(all)
}

/// What goes back into lots, the last one that paid first.
fn lots(answer: &Answer, dealer: &DealerFacts, at: Instant, before: &[LineBack], back: &[LineBack]) -> Result<Vec<LotBack>, Overflow> {
    let quote: &Quote = &answer.quote;
    let sum = |lines: &[LineBack]| Money::sum(lines.iter().map(|line| line.part.paid.gross));
    let (mut gone, mut all) = (sum(before)?, Vec::new());
    let mut whole = gone.plus(sum(back)?)?;
    for (lot, used, _) in quote.redemption.iter().flat_map(|redemption| redemption.lots.iter().rev()) {
        let (had, has) = (gone.min(*used), whole.min(*used));
        (gone, whole) = (gone.minus(had)?, whole.minus(has)?);
        let amount = has.minus(had)?;
        if amount > Money::ZERO {
            let expires = dealer.lots[*lot].expires;
            let grace = answer.policy.constants.lot_grace;
            let end = expires.map(|expires| if at < expires { expires } else { Instant(expires.0.saturating_add(grace.unwrap_or(0))) });
            let restored = grace.is_some() && end.is_none_or(|end| at < end);
            all.push(LotBack { lot: *lot, amount, restored, expires: if restored { end } else { expires } });
        }
    }
    all.reverse();
    Ok(all)
}
