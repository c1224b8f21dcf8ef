//! Instants and half-open intervals. The engine compares integers; zones and calendars are gone by then.

use crate::num::Scale;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(pub i64);

/// A half-open interval `[from, to)`. Open sides are [`Interval::ALWAYS`]'s ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// First instant inside.
    pub from: Instant,
    /// First instant after it.
    pub to: Instant,
}

impl Interval {
    /// Every instant.
    pub const ALWAYS: Interval = Interval { from: Instant(i64::MIN), to: Instant(i64::MAX) };

    /// Whether `at` is inside.
    pub fn contains(self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }

    /// The part that both have in common, if any.
    pub fn overlap(self, other: Interval) -> Option<Interval> {
        let both = Interval { from: self.from.max(other.from), to: self.to.min(other.to) };
        (both.from < both.to).then_some(both)
    }
}

impl Instant {
    /// Latest instant that is accepted: the end of year 9999.
    pub const MAX: Instant = Instant(253_402_300_799_999);

    /// Reads RFC 3339 with an offset: `2026-11-21T10:00:00+08:00`, `2026-11-21T02:00:00.250Z`. Seconds of 60 and years before 1970 are refused.
    /// ```
    /// use qudao::time::Instant;
    /// assert_eq!(Instant::parse("1970-01-01T08:00:01+08:00"), Some(Instant(1000)));
    /// assert_eq!(Instant::parse("2026-02-29T00:00:00Z"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Instant> {
        let bytes = text.as_bytes();
        let number = |range: std::ops::Range<usize>| -> Option<i64> {
            bytes.get(range)?.iter().try_fold(0_i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
        };
        let is = |at: usize, any: &[u8]| bytes.get(at).is_some_and(|b| any.contains(b));
        if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt ") && is(13, b":") && is(16, b":")) {
            return None;
        }
        let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
        let mut at = 19;
        let mut millis = 0;
        if is(at, b".") {
            let digits = bytes[at + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            if digits == 0 || digits > 9 {
                return None;
            }
            for place in 0..3 {
                millis = millis * 10 + if place < digits { number(at + 1 + place..at + 2 + place)? } else { 0 };
            }
            at += 1 + digits;
        }
        let offset = match bytes.get(at..)? {
            b"Z" | b"z" => 0,
            [sign @ (b'+' | b'-'), _, _, b':', _, _] => {
                let (hours, minutes) = (number(at + 1..at + 3)?, number(at + 4..at + 6)?);
                if hours > 23 || minutes > 59 {
                    return None;
                }
                (hours * 60 + minutes) * if *sign == b'-' { -1 } else { 1 }
            }
            _ => return None,
        };
        if year < 1970 || !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let seconds = ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute - offset) * 60 + second;
        Some(Instant(seconds * 1000 + millis)).filter(|i| i.0 >= 0)
    }
}

/// Milliseconds of a day of 24 hours.
pub const DAY: i64 = 86_400_000;

/// The number of a day, `2026-11-21`, counted from 1970-01-01; nothing for what is no day from then on.
pub fn day_number(text: &str) -> Option<i64> {
    Instant::parse(&[text, "T00:00:00Z"].concat()).filter(|_| text.len() == 10).map(|start| start.0 / DAY)
}

/// The text of such a number; of one that no four-digit year has, the number itself.
pub fn day_text(number: i64) -> String {
    let first = |year, month| days_since_1970(year, month, 1);
    if !(0..first(10_000, 1)).contains(&number) {
        return Scale(0).show(number);
    }
    let (mut year, mut month) = (1970 + number / 366, 1);
    while first(year + 1, 1) <= number {
        year += 1;
    }
    while month < 12 && first(year, month + 1) <= number {
        month += 1;
    }
    let [month, day] = [month, number - first(year, month) + 1].map(|part| Scale(0).show(100 + part));
    [Scale(0).show(year).as_str(), "-", month.get(1..).unwrap_or_default(), "-", day.get(1..).unwrap_or_default()].concat()
}

/// Whether a text is a day, `2026-11-21`, from 1970 on.
pub fn is_day(text: &str) -> bool {
    day_number(text).is_some()
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let before = year - 1;
    let days_of_years = 365 * (year - 1970) + (before / 4 - before / 100 + before / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
    days_of_years + (1..month).map(|m| days_in(year, m)).sum::<i64>() + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_numbers_and_back() {
        for day in ["1970-01-01", "1999-12-31", "2000-02-29", "2026-11-23", "2100-03-01", "9999-12-31"] {
            assert_eq!(day_text(day_number(day).unwrap()), day);
        }
        assert_eq!([-1, 2_932_897].map(day_text), ["-1", "2932897"]);
    }

    #[test]
    fn reads_what_rfc_3339_allows_and_nothing_else() {
        assert_eq!(Instant::parse("2026-11-21T10:00:00+08:00"), Some(Instant(1_795_226_400_000)));
        assert_eq!(Instant::parse("2000-02-29T00:00:00.1234Z"), Some(Instant(951_782_400_123)));
        for refused in [
            "2026-11-21",
            "2026-11-21T10:00:00",
            "2026-13-01T00:00:00Z",
            "2026-11-21T24:00:00Z",
            "2026-11-21T10:00:00+24:00",
            "2026-11-21T10:00:00.Z",
            "2026-11-21T10:00:00Zx",
            "１026-11-21T10:00:00Z",
        ] {
            assert_eq!(Instant::parse(refused), None, "{refused}");
        }
    }
}
