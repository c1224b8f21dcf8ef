//! Quantities: minimum, multiple, step and the most of a product, on its quantity in the whole order.

use crate::bundle::Loaded;
use crate::id::ProductId;
use crate::num::Quantity;
use crate::quote::{Finding, InUnit, QuoteLine};
use crate::waterfall::Context;

/// Which quantities of a product pass: from the first on in equal steps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ladder {
    first: i64,
    step: i64,
}

impl Ladder {
    pub fn of(policy: &Loaded, product: ProductId) -> Ladder {
        let t = &policy.tables;
        let [least, multiple, step] = [t.minimum(product), t.multiple(product), t.step(product)].map(|quantity| quantity.0);
        match (multiple, step) {
            (1.., _) => Ladder { first: above(least.max(1), 0, multiple), step: multiple },
            (_, 1..) => Ladder { first: if least > 0 { least } else { step }, step },
            _ => Ladder { first: least.max(1), step: 1 },
        }
    }

    /// The smallest that passes and is at least `least`.
    pub fn up(self, least: i64) -> Quantity {
        Quantity(above(least.max(self.first), self.first, self.step))
    }

    /// The largest that passes and is at most `most`.
    pub fn down(self, most: i64) -> Option<Quantity> {
        (most >= self.first).then(|| Quantity(most - (most - self.first) % self.step))
    }
}

/// The smallest number of at least `least` that is `from` and whole steps more.
fn above(least: i64, from: i64, step: i64) -> i64 {
    least.saturating_add((from - least).rem_euclid(step))
}

/// Everything that is wrong with the quantity of a product.
pub(super) fn findings(policy: &Loaded, context: &Context, at: usize, line: &QuoteLine, have: Quantity) -> Vec<Finding> {
    let t = &policy.tables;
    let (minimum, multiple, step) = (t.minimum(line.product), t.multiple(line.product), t.step(line.product));
    let ladder = Ladder::of(policy, line.product);
    let (period, known) = &context.bought;
    let bought = known.binary_search_by_key(&line.product, |(product, _)| *product).map_or(Quantity(0), |found| known[found].1);
    let most = [(t.most(line.product), None, Quantity(0)), (t.period_most(line.product), *period, bought)];
    // Without a limit there is room for anything.
    let room = |(most, _, bought): &(Quantity, _, Quantity)| if most.0 > 0 { (most.0 - bought.0).max(0) } else { i64::MAX };
    let in_unit = in_unit(policy, line, have, ladder, room(&most[0]).min(room(&most[1])));
    let mut found = Vec::new();
    if have < minimum {
        found.push(Finding::QuantityMinimum { line: at, have, minimum, nearest: ladder.up(0), in_unit });
    } else if have != ladder.up(have.0) {
        let from = (multiple.0 == 0).then_some(Quantity(ladder.first));
        let step = if from.is_some() { step } else { multiple };
        let (down, up) = (ladder.down(have.0), ladder.up(have.0));
        found.push(Finding::QuantityMultiple { line: at, have, from, step, down, up, in_unit });
    }
    for limit in &most {
        let (room, (most, period, bought)) = (room(limit), *limit);
        if have.0 > room {
            let nearest = ladder.down(room);
            found.push(Finding::QuantityMost { line: at, have, most, period, bought, as_of: context.as_of, nearest, in_unit });
        }
    }
    found
}

/// What quantities of a line in a further unit let its product pass, up to `most` of it in base units.
fn in_unit(policy: &Loaded, line: &QuoteLine, have: Quantity, ladder: Ladder, most: i64) -> Option<InUnit> {
    let unit = line.unit?;
    let factor = policy.tables.factor(Some(unit));
    let (piece, base) = (i128::from(factor.denominator), i128::from(factor.numerator));
    let [first, step, most, others] = [ladder.first, ladder.step, most, have.0 - line.quantity.0].map(i128::from);
    // So many pieces, each `piece` of the unit and `base` base units, bring the product onto a step: one in every `period`.
    let (of_step, period) = solve(base, first - others, step)?;
    let own = i128::from(line.ordered.0) / piece;
    let least = (first - others + base - 1).div_euclid(base).max(1);
    let highest = (most - others).div_euclid(base);
    let down = (own - 1).min(highest);
    let down = down - (down - of_step).rem_euclid(period);
    let up = (own + 1).max(least);
    let up = up + (of_step - up).rem_euclid(period);
    let quantity = |pieces: i128| i64::try_from(pieces * piece).ok().map(Quantity);
    Some(InUnit { unit, down: quantity(down).filter(|_| down >= least), up: quantity(up).filter(|_| up <= highest) })
}

/// The numbers x with `a · x ≡ b (mod m)`: one of them, and how far apart they are; by Euclid.
fn solve(a: i128, b: i128, m: i128) -> Option<(i128, i128)> {
    let (mut common, mut rest) = (a.rem_euclid(m), m);
    let (mut x, mut next) = (1, 0);
    while rest != 0 {
        let times = common / rest;
        (common, rest) = (rest, common - times * rest);
        (x, next) = (next, x - times * next);
    }
    let period = m / common;
    (b % common == 0).then(|| ((x * (b.rem_euclid(m) / common)).rem_euclid(period), period))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn congruences_are_solved_like_by_trying() {
        for (a, m) in (1..40).flat_map(|a| (1..40).map(move |m| (a, m))) {
            for b in -45..45_i128 {
                let tried: Vec<i128> = (0..m).filter(|x| (a * x - b) % m == 0).collect();
                let solved = solve(a, b, m);
                assert_eq!(solved.map(|(x, _)| x), tried.first().copied(), "{a} {b} {m}");
                assert_eq!(solved.map_or(0, |(_, period)| m / period), tried.len() as i128, "{a} {b} {m}");
            }
        }
    }
}
