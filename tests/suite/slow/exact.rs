//! Exact fractions, their rounding and their text (§1).

use num_rational::Ratio;
use qudao::num::{Number, Percent, Rounding};

/// A fraction without any rounding. Overflow panics; figures of tests are small.
pub type Exact = Ratio<i128>;

pub fn whole(number: i128) -> Exact {
    Exact::from_integer(number)
}

pub fn number(number: Number) -> Exact {
    Exact::new(number.0.mantissa(), power_of_ten(number.0.scale()))
}

/// 12 % is 0.12.
pub fn share(percent: Percent) -> Exact {
    Exact::new(i128::from(percent.0), 1_000_000)
}

pub fn power_of_ten(digits: u32) -> i128 {
    10_i128.pow(digits)
}

/// §1.6. Signs are symmetric, so the size is rounded and the sign put back.
pub fn rounded(value: Exact, mode: Rounding) -> i128 {
    let negative = value < whole(0);
    let size = if negative { -value } else { value };
    let below = size.to_integer();
    let fraction = size - whole(below);
    let half = Exact::new(1, 2);
    let next = match mode {
        Rounding::HalfUp => fraction >= half,
        Rounding::HalfEven => fraction > half || (fraction == half && below % 2 == 1),
        Rounding::HalfDown => fraction > half,
        Rounding::Down => false,
    };
    let size = below + i128::from(next);
    if negative { -size } else { size }
}

/// A decimal with at least `least` digits after the point, and more only where it has them (§1.1 to §1.3).
pub fn text(value: Exact, least: u32) -> String {
    let digits = (least..40).find(|digits| (value * whole(power_of_ten(*digits))).is_integer()).expect("a decimal");
    let image = (value * whole(power_of_ten(digits))).to_integer();
    let sign = if image < 0 { "-" } else { "" };
    let size = image.abs();
    let one = power_of_ten(digits);
    match digits {
        0 => format!("{sign}{size}"),
        _ => format!("{sign}{}.{:0width$}", size / one, size % one, width = digits as usize),
    }
}
