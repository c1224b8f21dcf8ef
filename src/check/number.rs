//! Ranges and digits of numbers.

use super::findings::{Findings, Spot};
use super::settings::Constants;
use crate::diagnostic::Code;
use crate::limit;
use crate::num::{Number, NumberFault, Percent, Scale};
use rust_decimal::Decimal;

/// What a number measures; decides its digits and its largest value.
#[derive(Debug, Clone, Copy)]
pub enum Measure {
    /// An amount of money.
    Money,
    /// A unit price, or an amount for each unit.
    UnitPrice,
    /// A quantity of base units.
    Quantity,
    /// A weight in kilograms.
    Weight,
    /// A number of packs.
    Count,
    /// Points of one base unit.
    Points,
}

impl Measure {
    /// Digits after the point.
    pub fn scale(self, constants: &Constants) -> Scale {
        match self {
            Measure::Money => constants.money,
            Measure::UnitPrice => constants.unit,
            Measure::Quantity => constants.quantity,
            Measure::Weight => Scale::WEIGHT,
            Measure::Count | Measure::Points => Scale(0),
        }
    }
}

/// The smallest number that makes sense somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Least {
    Zero,
    AboveZero,
}

/// Checks sign, size and digits.
pub fn check(number: Number, measure: Measure, least: Least, spot: Spot, constants: &Constants, findings: &mut Findings) {
    let shown = |help: String| (format!("`{}` cannot be `{number}`", spot.name()), help);
    if number.0 < Decimal::ZERO || (least == Least::AboveZero && number.0.is_zero()) {
        let (message, help) = shown(if least == Least::Zero { "write 0 or more" } else { "write a number above 0" }.to_owned());
        return findings.add(Code::NumberRange, spot, message, help);
    }
    // Without readable constants, digits and sizes are not known.
    if !constants.sound {
        return;
    }
    let scale = measure.scale(constants);
    let (most, whose) = match measure {
        Measure::Money => (limit::MONEY, "the currency of the policy"),
        Measure::UnitPrice => (limit::MONEY, "`unit_scale` of the policy"),
        Measure::Quantity => (limit::QUANTITY, "`quantity_scale` of the policy"),
        Measure::Weight => (limit::WEIGHT, "a weight"),
        Measure::Count => (limit::QUANTITY, "a number of packs"),
        Measure::Points => (limit::POINTS, "a number of points"),
    };
    let most = decimal(most, scale);
    match number.scaled(scale) {
        Ok(_) if number.0 <= most => {}
        Err(NumberFault::Digits(digits)) => {
            let (message, help) = shown(format!("{whose} allows {digits} digits after the point"));
            findings.add(Code::NumberDigits, spot, message, help);
        }
        Ok(_) | Err(NumberFault::Range | NumberFault::Syntax) => {
            let (message, help) = shown(format!("the largest is {most}"));
            findings.add(Code::NumberRange, spot, message, help);
        }
    }
}

/// Checks that a percentage is above 0 and at most 100.
pub fn check_percent(percent: Percent, least: Least, spot: Spot, findings: &mut Findings) {
    let too_small = percent.0 < 0 || (least == Least::AboveZero && percent.0 == 0);
    if too_small || i128::from(percent.0) > Percent::ONE {
        let help = match least {
            Least::AboveZero => "write a percentage above 0 and at most 100",
            Least::Zero => "write a percentage from 0 to 100",
        };
        findings.add(Code::NumberRange, spot, format!("`{}` cannot be `{percent}`", spot.name()), help);
    }
}

fn decimal(image: i64, scale: Scale) -> Decimal {
    Decimal::from_i128_with_scale(i128::from(image), scale.0).normalize()
}
