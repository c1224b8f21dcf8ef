//! Numbers: every rounding, every division and every split of an amount is in this room, and nowhere else.
//!
//! Amounts are integers of the currency's minor unit, prices and quantities integers at the policy's scales, percentages integers
//! at 10⁻⁶; intermediates are 128 bits wide and checked, so nothing wraps. `rust_decimal` is the form at every boundary.
//! Two amounts do not multiply:
//! ```compile_fail
//! use qudao::num::Money;
//! let area = Money(100) * Money(200);
//! ```

mod allocate;
mod decimal;
mod digits;
mod ratio;
mod round;
mod units;

pub use allocate::{Part, allocate, fill};
pub use decimal::{Number, NumberFault, Percent, Scale, minor_digits};
pub use ratio::{Ratio, RatioFault, common, in_proportion};
pub use round::{Rounding, divide, product};
pub use units::Units;

/// An amount in minor units of the policy's currency (分 for CNY). May be negative only as a difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(pub i64);

/// A price of `per` base units, an integer at the policy's `unit_scale`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPrice(pub i64);

/// A quantity of base units, an integer at the policy's `quantity_scale`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(pub i64);

/// A result that does not fit: the answer would not be exact, so there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overflow;

impl Money {
    /// No money.
    pub const ZERO: Money = Money(0);

    /// Sum, or [`Overflow`].
    pub fn plus(self, other: Money) -> Result<Money, Overflow> {
        self.0.checked_add(other.0).map(Money).ok_or(Overflow)
    }

    /// Difference, or [`Overflow`].
    pub fn minus(self, other: Money) -> Result<Money, Overflow> {
        self.0.checked_sub(other.0).map(Money).ok_or(Overflow)
    }

    /// Sum of many, or [`Overflow`].
    pub fn sum(amounts: impl IntoIterator<Item = Money>) -> Result<Money, Overflow> {
        amounts.into_iter().try_fold(Money::ZERO, Money::plus)
    }

    /// `self × share`, rounded once.
    pub fn percent(self, share: Percent, rounding: Rounding) -> Result<Money, Overflow> {
        divide(product(self.0, share.0), Percent::ONE, rounding).map(Money)
    }

    /// `self × times`, exact.
    pub fn times(self, times: i64) -> Result<Money, Overflow> {
        self.0.checked_mul(times).map(Money).ok_or(Overflow)
    }
}
