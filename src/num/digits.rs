//! Integer images as digits and back: what every figure of an answer and of an input goes through, so it is short and does nothing twice.

use super::decimal::parts;
use super::{NumberFault, Scale};

/// Room for the digits of 64 bits and a point, whatever the scale.
const ROOM: usize = 32;

impl Scale {
    /// Appends an integer image with the scale's digits after the point, less the zeros at their end, but never fewer than `least`:
    /// `129950` at 2 is `1299.50` with 2 and `1299.5` with 0.
    pub fn write(self, image: i64, least: u32, out: &mut Vec<u8>) {
        let mut scale = self.0;
        let mut left = image.unsigned_abs();
        while scale > least && left.is_multiple_of(10) {
            left /= 10;
            scale -= 1;
        }
        let mut room = [b'0'; ROOM];
        let mut at = ROOM;
        // The mask changes nothing, there is room for all digits; it spares the check of each index.
        let mut put = |at: &mut usize, digit: u8| {
            *at -= 1;
            room[*at & (ROOM - 1)] = b'0' + digit;
        };
        while left > u64::from(u32::MAX) {
            put(&mut at, u8::try_from(left % 10).unwrap_or(0));
            left /= 10;
        }
        // Nearly every amount fits 32 bits, and then a tenth is a product: exact for all of them, and many times faster than a division.
        while left > 0 {
            let tenth = (left * 0xCCCC_CCCD) >> 35;
            put(&mut at, u8::try_from(left - tenth * 10).unwrap_or(0));
            left = tenth;
        }
        // One digit stands before the point at least, and the digits before it move by one for the point itself.
        let point = ROOM - (scale as usize).min(ROOM / 2);
        at = at.min(point - 1);
        if scale > 0 {
            for index in at..point {
                room[(index - 1) & (ROOM - 1)] = room[index & (ROOM - 1)];
            }
            room[(point - 1) & (ROOM - 1)] = b'.';
            at -= 1;
        }
        if image < 0 {
            out.push(b'-');
        }
        out.extend_from_slice(room.get(at..).unwrap_or_default());
    }

    fn text(self, image: i64, least: u32) -> String {
        let mut text = Vec::with_capacity(ROOM / 2);
        self.write(image, least, &mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    /// Writes an integer image with all digits of the scale: `129950` at 2 is `1299.50`.
    pub fn show(self, image: i64) -> String {
        self.text(image, self.0)
    }

    /// Writes an integer image with at least `least` digits after the point.
    pub fn show_least(self, image: i64, least: Scale) -> String {
        self.text(image, least.0)
    }

    /// Writes an integer image without trailing zeros: `1500` at 3 is `1.5`.
    pub fn show_short(self, image: i64) -> String {
        self.text(image, 0)
    }

    /// The exact integer image of a plain decimal as people write it. No exponent, no thousands separator, no leading `+`.
    /// # Errors
    /// What keeps the text from being a number here.
    pub fn read(self, text: &str) -> Result<i64, NumberFault> {
        let (negative, whole, fraction) = parts(text)?;
        let fraction = fraction.trim_end_matches('0');
        let missing = (self.0 as usize).checked_sub(fraction.len()).ok_or(NumberFault::Digits(self.0))?;
        let zeros = std::iter::repeat_n(b'0', missing);
        let digits = whole.bytes().chain(fraction.bytes()).chain(zeros);
        let image = digits.fold(0_i128, |image, digit| image * 10 + i128::from(digit - b'0'));
        i64::try_from(if negative { -image } else { image }).map_err(|_| NumberFault::Range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::num::Number;
    use rust_decimal::Decimal;

    #[test]
    fn digits_are_those_of_the_decimal_type() {
        let images = [
            0,
            1,
            9,
            10,
            99,
            100,
            12_345_678,
            4_294_967_295,
            4_294_967_296,
            42_949_672_959,
            42_949_672_960,
            i64::MAX,
            i64::MIN + 1,
            i64::MIN,
        ];
        for image in images.into_iter().flat_map(|image| [image, image.wrapping_neg(), image / 7]) {
            for scale in 0..=6 {
                let decimal = Decimal::from_i128_with_scale(i128::from(image), scale);
                assert_eq!(Scale(scale).show(image), decimal.to_string());
                assert_eq!(Scale(scale).show_short(image), decimal.normalize().to_string());
                assert_eq!(Scale(scale).read(&decimal.to_string()), Ok(image));
            }
        }
    }

    #[test]
    fn numbers_are_read_as_the_decimal_type_reads_them() {
        let texts =
            ["", "-", "-0", ".5", "5.", "+5", "1e2", "1_000", "１２", " 1", "0.10", "00.100", "-12.5", "12.345", "9223372036854775807"];
        let long = [
            "9223372036854775808",
            "-9223372036854775808",
            "999999999999999999999999",
            "9999999999999999999999999",
            "0.0000000000000000000000001",
        ];
        for text in texts.into_iter().chain(long) {
            for scale in [0, 2, 6] {
                let expected = text.parse::<Number>().and_then(|number| number.scaled(Scale(scale)));
                assert_eq!(Scale(scale).read(text), expected, "`{text}` at {scale}");
            }
        }
    }
}
