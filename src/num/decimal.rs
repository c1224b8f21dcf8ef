use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;

/// A plain decimal as people write it: amount, price or quantity, exact. No exponent, no thousands separator, no leading `+`.
///
/// ```
/// use qudao::num::Number;
/// assert!("1299.50".parse::<Number>().is_ok());
/// assert!("1e3".parse::<Number>().is_err());
/// assert!("1,299".parse::<Number>().is_err());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub Decimal);

/// A share as an integer at 10⁻⁶: 12 % is 120 000. Written as `12` or `12%`, at most 4 digits after the point.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(pub i64);

/// Digits after the point of an integer image.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Scale(pub u32);

/// Why a text is not a number here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFault {
    /// Not a plain decimal.
    Syntax,
    /// More digits after the point than the place allows; holds how many it allows.
    Digits(u32),
    /// Too large to be exact.
    Range,
}

/// More than this never occurs in honest input, and everything below stays exact in 128 bits.
const DIGITS_MAX: usize = 24;

/// A plain decimal as people write it: whether it has a minus, its digits before the point, and those behind it.
pub(super) fn parts(text: &str) -> Result<(bool, &str, &str), NumberFault> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return Err(NumberFault::Syntax);
    }
    if whole.len() + fraction.len() > DIGITS_MAX {
        return Err(NumberFault::Range);
    }
    Ok((negative, whole, fraction))
}

impl FromStr for Number {
    type Err = NumberFault;
    fn from_str(text: &str) -> Result<Self, NumberFault> {
        parts(text)?;
        let value = Decimal::from_str_exact(text).map_err(|_| NumberFault::Range)?;
        // Decimal keeps a sign on zero; the product has no −0.
        Ok(Number(if value.is_zero() { Decimal::ZERO } else { value }))
    }
}

impl Number {
    /// Its exact integer image at `scale`.
    /// # Errors
    /// [`NumberFault::Digits`] when digits would be lost, [`NumberFault::Range`] when it does not fit 64 bits.
    pub fn scaled(self, scale: Scale) -> Result<i64, NumberFault> {
        let normal = self.0.normalize();
        let missing = scale.0.checked_sub(normal.scale()).ok_or(NumberFault::Digits(scale.0))?;
        let image = 10_i128.checked_pow(missing).and_then(|p| normal.mantissa().checked_mul(p)).ok_or(NumberFault::Range)?;
        i64::try_from(image).map_err(|_| NumberFault::Range)
    }
}

impl Percent {
    /// 100 %.
    pub const ONE: i128 = 1_000_000;
    /// 100 % as a share.
    pub const WHOLE: Percent = Percent(1_000_000);
    pub(crate) const DIGITS: u32 = 4;
}

impl FromStr for Percent {
    type Err = NumberFault;
    fn from_str(text: &str) -> Result<Self, NumberFault> {
        Scale(Self::DIGITS).read(text.strip_suffix('%').unwrap_or(text)).map(Percent)
    }
}

impl Scale {
    /// Digits of weights in kilograms: milligrams.
    pub const WEIGHT: Scale = Scale(6);

    /// Digits of the points and figures of scorecards.
    pub const SCORE: Scale = Scale(6);

    /// 10 to the power of the scale.
    pub fn one(self) -> i128 {
        i128::from(self.finer(Scale(0)))
    }

    /// 10 to the power of both scales together; no scale has more than a few digits.
    pub fn finer(self, other: Scale) -> i64 {
        10_i64.pow(self.0 + other.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&Scale(Self::DIGITS).show_short(self.0))
    }
}

/// Digits of the minor unit of an ISO 4217 currency, or `None` for a code that is not in the table.
pub fn minor_digits(currency: &str) -> Option<u32> {
    const NONE: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    const TWO: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW ZWG";
    const THREE: &str = "BHD IQD JOD KWD LYD OMR TND";
    let listed = |list: &str| list.split(' ').any(|code| code == currency);
    match currency {
        _ if listed(TWO) => Some(2),
        _ if listed(NONE) => Some(0),
        _ if listed(THREE) => Some(3),
        _ => None,
    }
}

macro_rules! read_from_text {
    ($type:ty, $what:literal, $pattern:literal) => {
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
                struct Reader;
                impl serde::de::Visitor<'_> for Reader {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                        f.write_str($what)
                    }
                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$type, E> {
                        text.parse().map_err(|_| E::invalid_value(serde::de::Unexpected::Str(text), &self))
                    }
                }
                input.deserialize_str(Reader)
            }
        }
        #[cfg(all(feature = "author", not(target_arch = "wasm32")))]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "description": $what, "type": ["string", "number"], "pattern": $pattern })
            }
        }
    };
}
read_from_text!(Number, "a plain decimal, for example 1299.50", r"^-?\d+(\.\d+)?$");
read_from_text!(Percent, "a percentage, for example 12 or 12.5%", r"^-?\d+(\.\d{1,4})?%?$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_exact_or_refused() {
        let number: Number = "1299.50".parse().unwrap();
        assert_eq!(number.scaled(Scale(2)), Ok(129_950));
        assert_eq!(number.scaled(Scale(1)), Ok(12_995));
        assert_eq!(number.scaled(Scale(0)), Err(NumberFault::Digits(0)));
        assert_eq!("99999999999999999999".parse::<Number>().unwrap().scaled(Scale(2)), Err(NumberFault::Range));
        for refused in ["", "-", ".5", "5.", "+5", "1e2", "1_000", "１２", "NaN", "0x10", " 1", "1 "] {
            assert_eq!(refused.parse::<Number>(), Err(NumberFault::Syntax), "{refused}");
        }
        assert_eq!("-0.00".parse::<Number>().unwrap().to_string(), "0");
    }

    #[test]
    fn percentages_and_shown_numbers() {
        assert_eq!("12.5%".parse(), Ok(Percent(125_000)));
        assert_eq!("0.00001".parse::<Percent>(), Err(NumberFault::Digits(4)));
        assert_eq!(Percent(125_000).to_string(), "12.5");
        assert_eq!(Scale(2).show(-5), "-0.05");
        assert_eq!(Scale(0).show(7), "7");
        assert_eq!(Scale(3).show_short(1_500), "1.5");
        assert_eq!([minor_digits("JPY"), minor_digits("CNY"), minor_digits("KWD"), minor_digits("XXX")], [Some(0), Some(2), Some(3), None]);
    }
}
