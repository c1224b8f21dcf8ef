use super::Number;
use std::str::FromStr;

/// An exact fraction above zero in lowest terms: how many base units one of a further unit is.
///
/// ```
/// use qudao::num::Ratio;
/// let roll: Ratio = "100/3".parse().unwrap();
/// assert_eq!((roll.of(3), roll.of(1)), (Some(100), None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratio {
    /// Above the line; at most [`Ratio::MOST`].
    pub numerator: i64,
    /// Below the line; at most [`Ratio::MOST`].
    pub denominator: i64,
}

impl Ratio {
    /// The most that numerator and denominator can be: products with quantities stay within 128 bits.
    pub const MOST: i64 = 1_000_000_000;
    /// 1.
    pub const ONE: Ratio = Ratio { numerator: 1, denominator: 1 };

    /// `image × self`, if that is a whole number that fits.
    pub fn of(self, image: i64) -> Option<i64> {
        let product = i128::from(image) * i128::from(self.numerator);
        let denominator = i128::from(self.denominator);
        if product % denominator == 0 { i64::try_from(product / denominator).ok() } else { None }
    }

    /// Compares by size.
    pub fn cmp_size(self, other: Ratio) -> std::cmp::Ordering {
        let cross = |a: i64, b: i64| i128::from(a) * i128::from(b);
        cross(self.numerator, other.denominator).cmp(&cross(other.numerator, self.denominator))
    }
}

/// Why a text is no [`Ratio`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RatioFault {
    /// Neither a plain decimal nor two of them with `/` in between.
    Syntax,
    /// Zero, negative, or too large in lowest terms.
    Range,
}

impl FromStr for Ratio {
    type Err = RatioFault;
    fn from_str(text: &str) -> Result<Self, RatioFault> {
        let (above, below) = text.split_once('/').unwrap_or((text, "1"));
        let part = |text: &str| text.parse::<Number>().map(|number| number.0.normalize()).map_err(|_| RatioFault::Syntax);
        let (above, below) = (part(above)?, part(below)?);
        // Both times the same power of ten are integers.
        let image = |number: rust_decimal::Decimal| {
            10_i128.checked_pow(above.scale().max(below.scale()) - number.scale()).and_then(|power| number.mantissa().checked_mul(power))
        };
        let (numerator, denominator) = image(above).zip(image(below)).ok_or(RatioFault::Range)?;
        if numerator <= 0 || denominator <= 0 {
            return Err(RatioFault::Range);
        }
        let (mut common, mut rest) = (numerator, denominator);
        while rest != 0 {
            (common, rest) = (rest, common % rest);
        }
        let fits = |part: i128| i64::try_from(part / common).ok().filter(|part| *part <= Ratio::MOST).ok_or(RatioFault::Range);
        Ok(Ratio { numerator: fits(numerator)?, denominator: fits(denominator)? })
    }
}

/// The greatest common divisor of figures above 0.
pub fn common(figures: &[i64]) -> i64 {
    figures.iter().fold(0, |all, figure| {
        let (mut common, mut rest) = (all, *figure);
        while rest > 0 {
            (common, rest) = (rest, common % rest);
        }
        common
    })
}

/// Whether rising figures above 0 are multiples of one figure, the last at most `most` times it.
pub fn in_proportion(figures: &[i64], most: i64) -> bool {
    figures.last().is_some_and(|last| *last / common(figures) <= most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_read_in_lowest_terms_or_refused() {
        let read = |text: &str| text.parse::<Ratio>().map(|ratio| (ratio.numerator, ratio.denominator));
        assert_eq!(read("12"), Ok((12, 1)));
        assert_eq!(read("0.45359237"), Ok((45_359_237, 100_000_000)));
        assert_eq!(read("100/3"), Ok((100, 3)));
        assert_eq!(read("2.5/0.5"), Ok((5, 1)));
        for refused in ["0", "-1", "1/0", "1000000001", "1/1000000001", "0.0000000001"] {
            assert_eq!(read(refused), Err(RatioFault::Range), "{refused}");
        }
        for refused in ["", "/", "1/", "1/2/3", "a", "1e3"] {
            assert_eq!(read(refused), Err(RatioFault::Syntax), "{refused}");
        }
    }
}
