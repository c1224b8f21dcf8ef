//! Ranges of numbers and days (§68.1).

use qudao::policy::{AttributeKind, OneOrMany};

/// A range: its first and its last value in steps, the smallest difference that there is; none where it is open.
type Steps = (Option<i128>, Option<i128>);

/// Whether a value lies in one of some ranges.
pub fn any(ranges: &OneOrMany, own: Option<&str>, kind: AttributeKind) -> bool {
    let Some(own) = own.map(|own| steps(own, kind)) else { return false };
    let lies = |(from, to): Steps| from.is_none_or(|from| from <= own) && to.is_none_or(|to| own <= to);
    ranges.0.iter().any(|text| lies(range(text, kind)))
}

/// How ranges are told: joined where they overlap or nothing lies between them, ascending.
pub fn told(ranges: &OneOrMany, kind: AttributeKind) -> Vec<String> {
    let mut all: Vec<Steps> = ranges.0.iter().map(|text| range(text, kind)).collect();
    all.sort_by_key(|(from, to)| (from.is_some(), *from, to.is_none(), *to));
    let mut joined: Vec<Steps> = Vec::new();
    for (from, to) in all {
        let last = joined.last_mut();
        match last {
            Some((_, end)) if end.is_none_or(|end| from.is_none_or(|from| from <= end + 1)) => {
                *end = end.zip(to).map(|(end, to)| end.max(to));
            }
            _ => joined.push((from, to)),
        }
    }
    let text = |steps: i128| shown(steps, kind);
    let told = |range: &Steps| match *range {
        (Some(from), Some(to)) if from == to => text(from),
        (Some(from), Some(to)) => format!("{} .. {}", text(from), text(to)),
        (Some(from), None) => format!("{} ..", text(from)),
        (None, Some(to)) => format!(".. {}", text(to)),
        (None, None) => "..".to_owned(),
    };
    joined.iter().map(told).collect()
}

fn range(text: &str, kind: AttributeKind) -> Steps {
    let end = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(|text| steps(text, kind));
    text.split_once("..").map_or_else(|| (end(text), end(text)), |(from, to)| (end(from), end(to)))
}

/// Millionths of a number, or days from some day on.
fn steps(text: &str, kind: AttributeKind) -> i128 {
    if kind == AttributeKind::Date {
        let number = |part: &str| part.parse::<i128>().unwrap_or_else(|_| panic!("{text}"));
        let (year, month, day) = (number(&text[..4]), number(&text[5..7]), number(&text[8..]));
        return first_of(year) + (1..month).map(|month| days_in(year, month)).sum::<i128>() + day - 1;
    }
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    sign * format!("{whole}{fraction:0<6}").parse::<i128>().unwrap_or_else(|_| panic!("{text}"))
}

fn shown(steps: i128, kind: AttributeKind) -> String {
    if kind == AttributeKind::Date {
        let year = (1..).find(|year| first_of(year + 1) > steps).expect("a year");
        let (mut month, mut day) = (1, steps - first_of(year));
        while day >= days_in(year, month) {
            day -= days_in(year, month);
            month += 1;
        }
        return format!("{year:04}-{month:02}-{:02}", day + 1);
    }
    let (whole, fraction) = (steps.abs() / 1_000_000, format!("{:06}", steps.abs() % 1_000_000));
    let fraction = fraction.trim_end_matches('0');
    format!("{}{whole}{}{fraction}", if steps < 0 { "-" } else { "" }, if fraction.is_empty() { "" } else { "." })
}

/// Days from 0001-01-01 to the first day of a year.
fn first_of(year: i128) -> i128 {
    let before = year - 1;
    365 * before + before / 4 - before / 100 + before / 400
}

fn days_in(year: i128, month: i128) -> i128 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i128::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
