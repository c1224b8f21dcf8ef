//! What falls on some of the units of a line.

use super::{Money, Overflow, Quantity, Rounding, Scale, divide};

/// What falls on the first units of a line of several: figures that are split evenly over them, the odd minor units to the first ones.
#[derive(Debug, Clone, Copy)]
pub struct Units {
    /// Units of the line.
    pub of: Quantity,
    /// Digits of quantities.
    pub scale: Scale,
}

impl Units {
    /// What falls on the first `units` of an amount that is the difference of two, each split by itself. Of a fraction of a unit that
    /// fraction of its own, rounded down; of a line without whole units the proportion, rounded down.
    ///
    /// # Errors
    /// [`Overflow`] when there are no units.
    pub fn first(self, units: Quantity, amount: Money, less: Money) -> Result<Money, Overflow> {
        let (one, of, units) = (self.scale.one(), i128::from(self.of.0), i128::from(units.0));
        let net = i128::from(amount.0) - i128::from(less.0);
        if of <= 0 {
            return Err(Overflow);
        }
        if of % one != 0 {
            return divide(net * units, of, Rounding::Down).map(Money);
        }
        let even = |amount: Money, units: i128| {
            let (each, odd) = (i128::from(amount.0).div_euclid(of / one), i128::from(amount.0).rem_euclid(of / one));
            each * units + odd.min(units)
        };
        let whole = |units: i128| even(amount, units) - even(less, units);
        let (whole_units, rest) = (units / one, units % one);
        let sum = whole(whole_units);
        divide(sum * one + (whole(whole_units + 1) - sum) * rest, one, Rounding::Down).map(Money)
    }
}
