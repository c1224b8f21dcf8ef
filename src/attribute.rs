//! Values of custom attributes that are numbers or days, and ranges of them. `docs/semantics.md` 68.1 to 68.3.
//!
//! A compiled policy knows such values as the spans between the bounds that its conditions name: what a dealer or an order has lies in exactly one of
//! them, so a range is a list of values like any other.

use crate::limit;
use crate::num::Scale;
use crate::time;
use std::ops::Range;

/// What the values of an attribute are, where they stand in an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ordered {
    /// Numbers, at most 6 digits after the point.
    Number,
    /// Days, `2026-11-21`, from 1970 on.
    Day,
}

/// Below every value, and above.
const ENDS: Range<i64> = -BIAS..i64::MAX - BIAS;
/// What is added to an image before it is written: so none is negative.
const BIAS: i64 = 1_000_000_000_000_000_000;
/// Digits of a bound.
const DIGITS: usize = 19;

impl Ordered {
    /// The integer image of a value, if the text is one: a number at 10⁻⁶, or days since 1970-01-01.
    pub fn image(self, text: &str) -> Option<i64> {
        match self {
            Ordered::Number => Scale::WEIGHT.read(text).ok().filter(|image| image.abs() <= limit::ATTRIBUTE_NUMBER),
            Ordered::Day => time::day_number(text),
        }
    }

    /// The text of an image.
    pub fn show(self, image: i64) -> String {
        match self {
            Ordered::Number => Scale::WEIGHT.show_short(image),
            Ordered::Day => time::day_text(image),
        }
    }

    /// A range, from its first image to behind its last: `80 .. 200` holds both, either end may be missing, and `80` is that alone.
    pub fn range(self, text: &str) -> Option<Range<i64>> {
        let (from, to) = match text.split_once("..") {
            None => (self.image(text)?, self.image(text)?),
            Some((from, to)) => {
                let end = |text: &str, open: i64| if text.is_empty() { Some(open) } else { self.image(text) };
                let (from, to) = (from.trim(), to.trim());
                if from.is_empty() && to.is_empty() {
                    return None;
                }
                (end(from, ENDS.start)?, end(to, ENDS.end - 1)?)
            }
        };
        (from <= to).then(|| from..to + 1)
    }

    /// How a range of images is written.
    pub fn show_range(self, range: &Range<i64>) -> String {
        let (open, end) = (range.start == ENDS.start, range.end == ENDS.end);
        match (open, end) {
            _ if range.end - 1 == range.start => self.show(range.start),
            (true, true) => "..".to_owned(),
            (true, false) => [".. ", &self.show(range.end - 1)].concat(),
            (false, true) => [&self.show(range.start), " .."].concat(),
            (false, false) => [&self.show(range.start), " .. ", &self.show(range.end - 1)].concat(),
        }
    }
}

/// A range of days as two numbers that are not negative: 0 stands for an open end, since no day is before 1970.
pub fn packed_days(days: &Range<i64>) -> (i64, i64) {
    (days.start.max(0), if days.end == ENDS.end { 0 } else { days.end })
}

/// The range of two such numbers.
pub fn days_of(from: i64, to: i64) -> Range<i64> {
    (if from == 0 { ENDS.start } else { from })..(if to == 0 { ENDS.end } else { to })
}

/// The text by which a compiled policy knows a span: in the order of spans bytewise.
pub fn span_text(span: &Range<i64>) -> String {
    format!("{:019}{:019}", span.start + BIAS, span.end + BIAS)
}

/// The span of such a text.
pub fn span_of(text: &str) -> Option<Range<i64>> {
    let bound = |digits: Option<&str>| Scale(0).read(digits?).ok()?.checked_sub(BIAS);
    Some(bound(text.get(..DIGITS))?..bound(text.get(DIGITS..))?)
}

/// The spans between bounds, which ascend; they leave nothing out.
pub fn spans(bounds: impl IntoIterator<Item = i64>) -> Vec<Range<i64>> {
    let mut start = ENDS.start;
    let inner = bounds.into_iter().filter(|bound| ENDS.start < *bound && *bound < ENDS.end).chain([ENDS.end]);
    inner.map(|bound| std::mem::replace(&mut start, bound)..bound).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_and_shown() {
        for (text, range, shown) in [
            ("80 .. 200", Some(80_000_000..200_000_001), "80 .. 200"),
            ("80", Some(80_000_000..80_000_001), "80"),
            ("-1.5..0", Some(-1_500_000..1), "-1.5 .. 0"),
            ("80 ..", Some(80_000_000..ENDS.end), "80 .."),
            (".. 200.50", Some(ENDS.start..200_500_001), ".. 200.5"),
            ("..", None, ""),
            ("200 .. 80", None, ""),
            ("80 .. x", None, ""),
            ("1e3", None, ""),
            ("1.0000001", None, ""),
        ] {
            assert_eq!(Ordered::Number.range(text), range, "{text}");
            assert_eq!(range.map_or(String::new(), |range| Ordered::Number.show_range(&range)), shown, "{text}");
        }
        let days = Ordered::Day.range("2024-02-29 .. 2026-11-21").unwrap();
        assert_eq!(Ordered::Day.show_range(&days), "2024-02-29 .. 2026-11-21");
        assert_eq!(Ordered::Day.range("2025-02-29 .."), None);
        for text in ["2024-02-29 .. 2026-11-21", "2024-02-29 ..", ".. 2024-02-29", "2024-02-29"] {
            let (from, to) = packed_days(&Ordered::Day.range(text).unwrap());
            assert_eq!(Ordered::Day.show_range(&days_of(from, to)), text);
        }
    }

    #[test]
    fn spans_leave_nothing_out_and_stand_in_order() {
        let spans = spans([-5, 0, 7]);
        assert_eq!(spans, [ENDS.start..-5, -5..0, 0..7, 7..ENDS.end]);
        let texts: Vec<String> = spans.iter().map(span_text).collect();
        assert!(texts.is_sorted() && texts.iter().zip(&spans).all(|(text, span)| span_of(text).as_ref() == Some(span)));
        assert!(["", "12", "x000000000000000000y", &"9".repeat(60)].iter().all(|text| span_of(text).is_none()));
    }
}
