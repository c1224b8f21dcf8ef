//! What lines count for the scales of price tables, and what scales of several prices come to.

use super::context::Context;
use super::price::{Wanted, hit};
use crate::bundle::{Loaded, Searched, decoded};
use crate::facts::Order;
use crate::id::AccessId;
use crate::num::{Money, Overflow, Percent, Quantity, Scale, UnitPrice, allocate, divide, product};
use crate::policy::{ScaleBasis, ScaleMeasure, ScaleMode};
use crate::quote::{BasePrice, QuoteLine, ScalePart};
use crate::sort::positions;

/// An exact measure: a sum of quantities, amounts, weights or packs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fraction {
    pub numerator: i128,
    /// Above zero.
    pub denominator: i128,
}

impl Fraction {
    pub fn whole(image: i64) -> Fraction {
        Fraction { numerator: i128::from(image), denominator: 1 }
    }

    fn plus(self, other: Fraction) -> Result<Fraction, Overflow> {
        let times = |a: i128, b: i128| a.checked_mul(b).ok_or(Overflow);
        if self.denominator == other.denominator {
            let numerator = self.numerator.checked_add(other.numerator).ok_or(Overflow)?;
            return Ok(Fraction { numerator, ..self });
        }
        let numerator = times(self.numerator, other.denominator)?.checked_add(times(other.numerator, self.denominator)?).ok_or(Overflow)?;
        let denominator = times(self.denominator, other.denominator)?;
        let (mut common, mut rest) = (denominator, numerator);
        while rest != 0 {
            (common, rest) = (rest, common % rest);
        }
        Ok(Fraction { numerator: numerator / common, denominator: denominator / common })
    }

    /// Whether it is at least a whole image.
    pub fn reaches(self, image: i64) -> bool {
        i128::from(image).saturating_mul(self.denominator) <= self.numerator
    }

    /// Whether it is more than a whole image.
    pub fn exceeds(self, image: i64) -> bool {
        i128::from(image).saturating_mul(self.denominator) < self.numerator
    }

    /// The same without what is beside whole ones.
    fn floor(self) -> Fraction {
        Fraction { numerator: self.numerator - self.numerator % self.denominator, ..self }
    }
}

/// What each line of an order counts with, table by table; nothing where that is the quantity of its product in the order.
pub type Measured = Vec<Option<Vec<Fraction>>>;

/// Measures the lines of an order for every price table.
pub fn measured(policy: &Loaded, context: &Context, order: &Order) -> Result<Measured, Overflow> {
    policy.constants.accesses(Searched::Prices).map(|access| of_access(policy, context, order, AccessId(access))).collect()
}

fn of_access(policy: &Loaded, context: &Context, order: &Order, access: AccessId) -> Result<Option<Vec<Fraction>>, Overflow> {
    let t = &policy.tables;
    let basis: ScaleBasis = decoded(t.access_basis[access.index()]);
    if (basis, measure(policy, access)) == (ScaleBasis::Sku, ScaleMeasure::Quantity) {
        return Ok(None);
    }
    let key = |line: usize| {
        let product = order.lines[line].product;
        match basis {
            ScaleBasis::Line => (0, line),
            ScaleBasis::Sku => (0, product.index()),
            ScaleBasis::Group if t.product_pool[product.index()] != crate::bundle::NONE => (1, t.product_pool[product.index()] as usize),
            ScaleBasis::Group => (0, product.index()),
            ScaleBasis::Order => (0, 0),
        }
    };
    let mut measured = vec![Fraction::whole(0); order.lines.len()];
    let mut from = 0;
    let sorted = positions(order.lines.len(), &mut |a, b| key(a).cmp(&key(b)));
    while let Some(first) = sorted.get(from) {
        let alike = sorted[from..].iter().take_while(|line| key(**line) == key(*first)).count();
        let mut sum = Fraction::whole(0);
        for line in &sorted[from..from + alike] {
            let line = &order.lines[*line];
            let wanted = Wanted { product: line.product, unit: line.unit };
            if context.sees(policy, line.product) {
                sum = sum.plus(alone(policy, context, access, wanted, [line.ordered, line.quantity])?)?;
            }
        }
        sorted[from..from + alike].iter().for_each(|line| measured[*line] = sum);
        from += alike;
    }
    Ok(Some(measured))
}

/// What a table's scales measure.
pub fn measure(policy: &Loaded, access: AccessId) -> ScaleMeasure {
    decoded(policy.tables.access_measure[access.index()])
}

/// What a quantity, as ordered and in base units, counts alone.
pub fn alone(
    policy: &Loaded,
    context: &Context,
    access: AccessId,
    wanted: Wanted,
    [ordered, quantity]: [Quantity; 2],
) -> Result<Fraction, Overflow> {
    let (t, c) = (&policy.tables, &policy.constants);
    Ok(match measure(policy, access) {
        ScaleMeasure::Quantity => Fraction::whole(quantity.0),
        ScaleMeasure::Weight => {
            let numerator = product(quantity.0, t.weight(wanted.product));
            Fraction { numerator, denominator: c.quantity_scale.one() }
        }
        ScaleMeasure::Packs => {
            let named = t.access_unit[access.index()];
            let unit = std::iter::once(None)
                .chain(t.units_of(wanted.product).map(Some))
                .find(|unit| t.unit_text(wanted.product, *unit).0 == named);
            let Some(factor) = unit.map(|unit| t.factor(unit)) else { return Ok(Fraction::whole(0)) };
            let denominator = i128::from(factor.numerator) * c.quantity_scale.one();
            Fraction { numerator: product(quantity.0, factor.denominator), denominator }
        }
        ScaleMeasure::Amount => {
            let Some(hit) = hit(policy, context, access, wanted) else { return Ok(Fraction::whole(0)) };
            let first = t.bands(hit.record).start;
            let quantity = if hit.of_unit { ordered } else { quantity };
            let finer = Scale(c.unit_scale.0 - c.money_scale.0);
            let denominator = product(c.quantity_scale.finer(finer), i64::from(t.band_per[first]));
            Fraction { numerator: product(t.band_price[first], quantity.0), denominator }
        }
    })
}

/// What of a measure bands are reached by: of packs whole ones.
pub fn counted(policy: &Loaded, access: AccessId, have: Fraction) -> Fraction {
    if measure(policy, access) == ScaleMeasure::Packs { have.floor() } else { have }
}

/// What each price of a scale is for, where that is not one price for everything: whole packs and the rest, or graduated bands.
pub fn parts(policy: &Loaded, price: &BasePrice, have: Fraction) -> Vec<ScalePart> {
    let t = &policy.tables;
    let of_packs = measure(policy, price.access) == ScaleMeasure::Packs;
    let graduated = decoded::<ScaleMode>(t.access_mode[price.access.index()]) == ScaleMode::Graduated;
    if !of_packs && !graduated {
        return Vec::new();
    }
    let bands = t.bands(price.record);
    let counted = counted(policy, price.access, have);
    let mut parts: Vec<ScalePart> = Vec::new();
    let mut add = |band: usize, share: i128, surcharge: i64| {
        if share > 0 || have.numerator == 0 && band == bands.start {
            let digits = if of_packs { 1_000_000 } else { 1 };
            let part = i64::try_from(share.saturating_mul(digits) / have.denominator).unwrap_or(i64::MAX);
            let (unit_price, from) = (UnitPrice(t.band_price[band]), t.band_from[band]);
            parts.push(ScalePart { unit_price, from, part, surcharge: Percent(surcharge), share });
        }
    };
    // A band ends where the next begins; the first one holds what is below it too.
    let end = |band: usize| t.band_from.get(band + 1).filter(|_| band + 1 < bands.end).map(|next| i128::from(*next) * have.denominator);
    let mut before = 0;
    for band in bands.clone().take_while(|band| counted.reaches(t.band_from[*band])) {
        let upto = end(band).map_or(counted.numerator, |end| end.min(counted.numerator));
        if graduated {
            add(band, upto - before, 0);
            before = upto;
        } else if end(band).is_none_or(|end| have.numerator < end) {
            add(band, counted.numerator, 0);
        }
    }
    if have.numerator > counted.numerator {
        add(bands.start, have.numerator - counted.numerator, t.access_broken[price.access.index()]);
    }
    parts
}

/// Gives lines whose scales have several prices their list amounts: one for all lines of a product with one record, rounded once, split by quantity.
pub fn amounts(policy: &Loaded, lines: &mut [QuoteLine]) -> Result<(), Overflow> {
    let scaled: Vec<usize> = (0..lines.len()).filter(|line| !lines[*line].parts.is_empty()).collect();
    let key = |line: usize| lines[line].price.map(|price| (lines[line].product, price.record, alone_by(policy, &price, line)));
    let sorted = positions(scaled.len(), &mut |a, b| (key(scaled[a]), a).cmp(&(key(scaled[b]), b)));
    let sorted: Vec<usize> = sorted.into_iter().map(|at| scaled[at]).collect();
    let mut found: Vec<(usize, Money)> = Vec::with_capacity(sorted.len());
    for together in sorted.chunk_by(|a, b| key(*a) == key(*b)) {
        let first = &lines[together[0]];
        let Some(price) = first.price else { continue };
        let quantities: Vec<i64> = together.iter().map(|line| lines[*line].rest_of(&price).0).collect();
        let total = amount(policy, &price, &first.parts, quantities.iter().map(|quantity| i128::from(*quantity)).sum())?;
        found.extend(together.iter().copied().zip(allocate(total, &quantities, policy.constants.remainder)?));
    }
    for (line, list) in found {
        lines[line].price_at(list)?;
    }
    Ok(())
}

/// What keeps lines of one product apart: where each counts alone, its own place.
fn alone_by(policy: &Loaded, price: &BasePrice, line: usize) -> Option<usize> {
    (decoded::<ScaleBasis>(policy.tables.access_basis[price.access.index()]) == ScaleBasis::Line).then_some(line)
}

/// `quantity × Σ price × share / Σ share / per`, rounded once.
fn amount(policy: &Loaded, price: &BasePrice, parts: &[ScalePart], quantity: i128) -> Result<Money, Overflow> {
    let c = &policy.constants;
    let times = |a: i128, b: i128| a.checked_mul(b).ok_or(Overflow);
    // Nothing measured is all in the first band.
    let share = |part: &ScalePart| part.share.max(i128::from(parts.len() == 1));
    let (mut sum, mut shares) = (0_i128, 0_i128);
    for part in parts {
        let of_part = times(times(i128::from(part.unit_price.0), share(part))?, Percent::ONE + i128::from(part.surcharge.0))?;
        sum = sum.checked_add(of_part).ok_or(Overflow)?;
        shares = shares.checked_add(share(part)).ok_or(Overflow)?;
    }
    let finer = Scale(c.unit_scale.0 - c.money_scale.0);
    let divisor = product(c.quantity_scale.finer(finer), i64::from(price.per));
    divide(times(sum, quantity)?, times(times(shares, divisor)?, Percent::ONE)?, c.rounding).map(Money)
}
