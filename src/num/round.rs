use super::Overflow;
use serde::Deserialize;

/// What happens to the part of a minor unit that a division leaves. Signs are symmetric: `−x` rounds to minus what `x` rounds to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// A half goes away from zero (四舍五入): 0.5 → 1, 2.5 → 3, −0.5 → −1.
    #[default]
    HalfUp,
    /// A half goes to the even neighbour: 0.5 → 0, 1.5 → 2, 2.5 → 2.
    HalfEven,
    /// A half goes towards zero: 0.5 → 0, 1.5 → 1.
    HalfDown,
    /// Everything goes towards zero: 0.99 → 0.
    Down,
}

/// `numerator / denominator`, rounded to an integer by `rounding`. The only division of amounts there is.
///
/// # Errors
/// [`Overflow`] when the quotient does not fit 64 bits, or the denominator is not positive.
///
/// ```
/// use qudao::num::{divide, Rounding};
/// assert_eq!(divide(25, 10, Rounding::HalfUp), Ok(3));
/// assert_eq!(divide(25, 10, Rounding::HalfEven), Ok(2));
/// assert_eq!(divide(-25, 10, Rounding::HalfUp), Ok(-3));
/// ```
pub fn divide(numerator: i128, denominator: i128, rounding: Rounding) -> Result<i64, Overflow> {
    if denominator <= 0 {
        return Err(Overflow);
    }
    if let (Ok(numerator), Ok(denominator)) = (i64::try_from(numerator), i64::try_from(denominator)) {
        // 64-bit division is many times faster in wasm, and nearly every amount fits.
        let quotient = numerator / denominator;
        let rest = (numerator - quotient * denominator).unsigned_abs();
        let away = away_from_zero(rest, denominator.unsigned_abs(), quotient % 2 != 0, rounding);
        return if away { quotient.checked_add(numerator.signum()).ok_or(Overflow) } else { Ok(quotient) };
    }
    let quotient = numerator / denominator;
    let rest = (numerator % denominator).unsigned_abs();
    let away = away_from_zero(rest, denominator.unsigned_abs(), quotient % 2 != 0, rounding);
    let rounded = if away { quotient + numerator.signum() } else { quotient };
    i64::try_from(rounded).map_err(|_| Overflow)
}

/// `a × b`, exact. Nearly every product fits 64 bits, where wasm multiplies many times faster.
pub fn product(a: i64, b: i64) -> i128 {
    let bits = |number: i64| 64 - number.unsigned_abs().leading_zeros();
    if bits(a) + bits(b) < 64 { i128::from(a.wrapping_mul(b)) } else { i128::from(a) * i128::from(b) }
}

fn away_from_zero<T: Copy + Ord + std::ops::Sub<Output = T>>(rest: T, denominator: T, odd: bool, rounding: Rounding) -> bool {
    // `rest < denominator`, so the complement cannot wrap where twice the rest could.
    let against_half = rest.cmp(&(denominator - rest));
    match rounding {
        Rounding::HalfUp => against_half.is_ge(),
        Rounding::HalfEven => against_half.is_gt() || (against_half.is_eq() && odd),
        Rounding::HalfDown => against_half.is_gt(),
        Rounding::Down => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_on_both_sides_of_zero() {
        let tenths = [-25, -21, -15, -5, 0, 4, 5, 6, 15, 25];
        let rounded = |mode| tenths.map(|n| divide(n, 10, mode).unwrap());
        assert_eq!(rounded(Rounding::HalfUp), [-3, -2, -2, -1, 0, 0, 1, 1, 2, 3]);
        assert_eq!(rounded(Rounding::HalfEven), [-2, -2, -2, 0, 0, 0, 0, 1, 2, 2]);
        assert_eq!(rounded(Rounding::HalfDown), [-2, -2, -1, 0, 0, 0, 0, 1, 1, 2]);
        assert_eq!(rounded(Rounding::Down), [-2, -2, -1, 0, 0, 0, 0, 0, 1, 2]);
    }

    #[test]
    fn wide_numerators_round_like_narrow_ones_and_overflow_is_said() {
        let wide = i128::from(i64::MAX) * 10 + 5;
        assert_eq!(divide(wide, 10, Rounding::HalfDown), Ok(i64::MAX));
        assert_eq!(divide(wide, 10, Rounding::HalfUp), Err(Overflow));
        assert_eq!(divide(1, 0, Rounding::HalfUp), Err(Overflow));
    }
}
