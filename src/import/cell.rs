//! Cells as people write them → the one plain form in which the product reads and writes them.

use super::recurrence;
use serde::Deserialize;
use std::borrow::Cow;

/// What a column holds; decides how its cells may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, as it is.
    Text,
    /// A number.
    Number,
    /// An amount or price in the policy's currency.
    Money,
    /// A whole number from 1 to the most that is allowed.
    Count(u32),
    /// Further units with their factors, `箱=12 卷=100/3`.
    Units,
    /// A validity.
    Validity,
    /// The first or the last day of a validity.
    Side,
}

/// How days are written where the year comes last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// `31/12/2026`.
    DayFirst,
    /// `12/31/2026`.
    MonthFirst,
}

/// Why a date is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DateFault {
    /// Day and month cannot be told apart, or the year has two digits.
    Ambiguous,
    /// Not a date at all.
    Syntax,
}

/// What a character of a number or date means when it is written the way Chinese keyboards do.
fn half_width(c: char) -> char {
    match c {
        '０'..='９' | '％' | '／' | '：' | '（' | '）' | '，' | '～' | '；' | '＋' | '－' | '．' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => {
            char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c)
        }
        '。' => '.',
        '\u{3000}' | '\u{a0}' => ' ',
        '¥' => '￥',
        other => other,
    }
}

/// A number without decoration: full-width digits and thousands separators become plain. `comma_is_point` says that a lone comma may as
/// well be a decimal point, as in tables separated by `;`; then it stays, for the author to decide. What is no such number comes back as it was.
pub fn number(text: &str, comma_is_point: bool) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Cow::Borrowed(text);
    }
    undecorated(&half(text), comma_is_point).map_or(Cow::Borrowed(text), Cow::Owned)
}

/// Further units with their factors in plain form, each apart from the next by a space.
pub fn units(text: &str) -> String {
    let plain = |unit: &str| match unit.split_once(['=', '＝']) {
        Some((id, factor)) => format!("{id}={}", factor.split('/').map(|part| number(part, false)).collect::<Vec<_>>().join("/")),
        None => unit.to_owned(),
    };
    text.split_whitespace().map(plain).collect::<Vec<_>>().join(" ")
}

/// The same for an amount, which may carry the sign or code of its currency; with the currencies that these may mean.
pub fn amount(text: &str, comma_is_point: bool) -> (Vec<String>, Cow<'_, str>) {
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return (Vec::new(), Cow::Borrowed(text));
    }
    let half = half(text);
    let (minus, unsigned) = half.strip_prefix('-').map_or(("", half.as_str()), |rest| ("-", rest));
    let (means, bare) = currency(unsigned);
    let plain = undecorated(&format!("{minus}{bare}"), comma_is_point);
    (means.into_iter().map(str::to_owned).collect(), plain.map_or(Cow::Borrowed(text), Cow::Owned))
}

/// Text with half-width signs, without spaces around it.
fn half(text: &str) -> String {
    text.chars().map(half_width).collect::<String>().trim().to_owned()
}

fn undecorated(text: &str, comma_is_point: bool) -> Option<String> {
    let (minus, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    without_separators(digits, comma_is_point).map(|plain| format!("{minus}{plain}"))
}

/// Digits without thousands separators; `None` where they do not stand after every third digit.
fn without_separators(digits: &str, comma_is_point: bool) -> Option<String> {
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let groups: Vec<&str> = whole.split(',').collect();
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let grouped = groups.len() == 1 || (groups[0].len() <= 3 && groups[1..].iter().all(|group| group.len() == 3));
    if !grouped || !groups.iter().all(|group| plain(group)) || fraction.is_some_and(|fraction| !plain(fraction)) {
        return None;
    }
    if comma_is_point && groups.len() == 2 && fraction.is_none() {
        return None;
    }
    Some(groups.concat() + &fraction.map_or(String::new(), |fraction| format!(".{fraction}")))
}

/// Signs of money, and the currencies that they may mean.
const CURRENCIES: [(&str, &[&str]); 14] = [
    ("￥", &["CNY", "JPY"]),
    ("元", &["CNY"]),
    ("RMB", &["CNY"]),
    ("HK$", &["HKD"]),
    ("NT$", &["TWD"]),
    ("US$", &["USD"]),
    ("$", &["USD", "HKD", "TWD", "SGD", "AUD", "CAD", "NZD", "MXN"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("₩", &["KRW"]),
    ("฿", &["THB"]),
    ("₫", &["VND"]),
    ("₹", &["INR"]),
    ("円", &["JPY"]),
];

/// The currencies that the sign before or after a number may mean, and the rest of the text. Three capitals mean the currency of that code.
fn currency(text: &str) -> (Vec<&str>, &str) {
    let text = text.trim();
    for (sign, means) in CURRENCIES {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            return (means.to_vec(), rest.trim());
        }
    }
    let is_code = |code: &str| code.bytes().all(|b| b.is_ascii_uppercase());
    let split = |at: usize| text.split_at_checked(at);
    if let Some((code, rest)) = split(3).filter(|(code, rest)| is_code(code) && !rest.is_empty()) {
        return (vec![code], rest.trim());
    }
    let at = text.len().saturating_sub(3);
    match split(at).filter(|(rest, code)| is_code(code) && !rest.is_empty() && code.len() == 3) {
        Some((rest, code)) => (vec![code], rest.trim()),
        None => (Vec::new(), text),
    }
}

/// A day as `2026-03-01`, or with a time as `2026-03-01T09:00`. Midnight is what exports write behind a day, so it is left out.
pub fn date(text: &str, order: Option<DateOrder>) -> Result<String, DateFault> {
    let half = half(text).replace(['年', '月'], "-").replace('日', " ");
    let (day, time) = half.trim().split_once([' ', 'T']).unwrap_or((half.trim(), ""));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = day.trim_end_matches('-').split(['-', '/', '.']).collect();
    let (year, month, day) = match parts.as_slice() {
        [whole] if whole.len() == 8 && digits(whole) => (&whole[..4], &whole[4..6], &whole[6..]),
        [year, month, day] if year.len() == 4 => (*year, *month, *day),
        [first, second, year] if digits(first) && digits(second) && digits(year) => match order {
            Some(DateOrder::DayFirst) if year.len() == 4 => (*year, *second, *first),
            Some(DateOrder::MonthFirst) if year.len() == 4 => (*year, *first, *second),
            _ => return Err(DateFault::Ambiguous),
        },
        _ => return Err(DateFault::Syntax),
    };
    if !(digits(year) && digits(month) && digits(day) && month.len() <= 2 && day.len() <= 2) {
        return Err(DateFault::Syntax);
    }
    let date = format!("{year}-{month:0>2}-{day:0>2}");
    Ok(match clock(time.trim())? {
        Some(time) => format!("{date}T{time}"),
        None => date,
    })
}

/// A time as `09:00` or `09:00:30`; `None` for none and for midnight.
fn clock(text: &str) -> Result<Option<String>, DateFault> {
    if text.is_empty() {
        return Ok(None);
    }
    let (text, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let parts: Vec<&str> = text.split(':').collect();
    let two = |part: &&str| matches!(part.len(), 1 | 2) && part.bytes().all(|b| b.is_ascii_digit());
    if !matches!(parts.len(), 2 | 3) || !parts.iter().all(two) || !fraction.bytes().all(|b| b == b'0') {
        return Err(DateFault::Syntax);
    }
    let padded: Vec<String> = parts.iter().map(|part| format!("{part:0>2}")).collect();
    Ok(match padded.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["00", "00"] | ["00", "00", "00"] => None,
        [hour, minute] | [hour, minute, "00"] => Some(format!("{hour}:{minute}")),
        all => Some(all.join(":")),
    })
}

/// The last day or instant of a validity. What ends at the last second or minute of a day ends with the day, so that no second is left out.
pub fn end(text: &str, order: Option<DateOrder>) -> Result<String, DateFault> {
    let date = date(text, order)?;
    Ok(match date.split_once('T') {
        Some((day, "23:59" | "23:59:59")) => day.to_owned(),
        _ => date,
    })
}

/// Words for a side that is open.
const OPEN: [&str; 4] = ["长期", "永久", "无限期", "不限"];

/// A validity as `2026-03-01 .. 2026-03-31`, where it recurs with `; sat, sun` and the like behind it; blank when it is open on both sides.
pub fn validity(text: &str, order: Option<DateOrder>) -> Result<Cow<'_, str>, DateFault> {
    if is_plain(text) {
        return Ok(Cow::Borrowed(text));
    }
    let half = half(text);
    let (first, parts) = half.split_once(';').map_or((half.as_str(), None), |(first, parts)| (first.trim(), Some(parts)));
    // What recurs all the time may stand without a range.
    let first = match (range(first, order), recurrence::plain(first)) {
        (Err(DateFault::Syntax), Some(plain)) => plain,
        (range, _) => range?,
    };
    let mut all: Vec<String> = Some(first).filter(|first| !first.is_empty()).into_iter().collect();
    for part in parts.into_iter().flat_map(|parts| parts.split(';')) {
        all.push(recurrence::plain(part).ok_or(DateFault::Syntax)?);
    }
    Ok(Cow::Owned(all.join("; ")))
}

/// A range of dates in half-width signs; blank when both sides are open.
fn range(half: &str, order: Option<DateOrder>) -> Result<String, DateFault> {
    if OPEN.contains(&half) {
        return Ok(String::new());
    }
    let split = ["..", "至", "到", "~", "—", "–", " - ", " to "].into_iter().find_map(|between| half.split_once(between));
    // One `-` only: the days beside it are written with other signs.
    let split = split.or_else(|| half.split_once('-').filter(|(_, rest)| !rest.contains('-')));
    let (from, to) = split.ok_or(DateFault::Syntax)?;
    join(from, to, order)
}

/// A validity of two sides, either of which may be open.
pub fn join(from: &str, to: &str, order: Option<DateOrder>) -> Result<String, DateFault> {
    let side = |text: &str, read: fn(&str, Option<DateOrder>) -> Result<String, DateFault>| {
        let text = text.trim();
        if text.is_empty() || OPEN.contains(&text) { Ok(String::new()) } else { read(text, order) }
    };
    let (from, to) = (side(from, date)?, side(to, end)?);
    Ok(match (from.as_str(), to.as_str()) {
        ("", "") => String::new(),
        _ => format!("{from} .. {to}").trim().to_owned(),
    })
}

/// Whether a validity of two whole days is in the plain form; nearly all cells of a big table are.
fn is_plain(text: &str) -> bool {
    const SHAPE: &[u8; 24] = b"0000-00-00 .. 0000-00-00";
    let fits = |(byte, shape): (u8, &u8)| if *shape == b'0' { byte.is_ascii_digit() } else { byte == *shape };
    text.len() == SHAPE.len() && text.bytes().zip(SHAPE).all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_their_decoration_and_nothing_else() {
        for (written, plain) in [
            ("1299.50", "1299.50"),
            ("１２９９．５０", "1299.50"),
            ("1,234,567.8", "1234567.8"),
            ("３，２００", "3200"),
            ("－5", "-5"),
            ("\u{3000}12 ", "12"),
        ] {
            assert_eq!(number(written, false), plain, "{written}");
        }
        for kept in ["3,20.00", "1,2345", "12,", ",5", "1 000", "1e3", "+5", "十", "1.299,50", "3.200.000", "12%", "", "-", "￥5", "5 PCS"]
        {
            assert_eq!(number(kept, false), kept);
        }
        assert_eq!([number("3,200", true), number("3,200.00", true), number("3,20", true)], ["3,200", "3200.00", "3,20"]);
    }

    #[test]
    fn factors_of_units_are_numbers_like_any() {
        assert_eq!(units("箱=１２  托＝1,440 卷=100/３ 件"), "箱=12 托=1440 卷=100/3 件");
    }

    #[test]
    fn amounts_may_carry_their_currency() {
        let cny = ["CNY", "JPY"];
        for (written, means, plain) in [
            ("￥3,200.00", &cny[..], "3200.00"),
            ("¥ 3,200", &cny, "3200"),
            ("３，２００元", &cny[..1], "3200"),
            ("CNY 12", &cny[..1], "12"),
            ("12 EUR", &["EUR"], "12"),
            ("-￥5", &cny, "-5"),
            ("￥-5", &cny, "-5"),
            ("US$12", &["USD"], "12"),
            ("5", &[], "5"),
        ] {
            let (found, text) = amount(written, false);
            assert_eq!((found.iter().map(String::as_str).collect::<Vec<_>>().as_slice(), &*text), (means, plain), "{written}");
        }
    }

    #[test]
    fn currencies_are_told_by_sign_and_code() {
        assert_eq!(currency("￥12"), (vec!["CNY", "JPY"], "12"));
        assert_eq!(currency("US$ 12"), (vec!["USD"], "12"));
        assert_eq!(currency("12 EUR"), (vec!["EUR"], "12"));
        assert_eq!(currency("12.5"), (vec![], "12.5"));
        assert_eq!(currency("冰箱"), (vec![], "冰箱"));
    }

    #[test]
    fn days_are_read_as_people_write_them() {
        for written in [
            "2026-03-01",
            "2026/3/1",
            "2026.3.1",
            "20260301",
            "2026年3月1日",
            "２０２６年３月１日",
            "2026/3/1 0:00:00",
            "2026-03-01T00:00:00.000",
        ] {
            assert_eq!(date(written, None).as_deref(), Ok("2026-03-01"), "{written}");
        }
        assert_eq!(date("2026/3/1 9:05", None).as_deref(), Ok("2026-03-01T09:05"));
        assert_eq!(date("2026年3月1日 18:30:15", None).as_deref(), Ok("2026-03-01T18:30:15"));
        for written in ["3/4/2026", "13/04/2026", "26/3/1"] {
            assert_eq!(date(written, None), Err(DateFault::Ambiguous), "{written}");
        }
        assert_eq!(date("3/4/2026", Some(DateOrder::DayFirst)).as_deref(), Ok("2026-04-03"));
        assert_eq!(date("3/4/2026", Some(DateOrder::MonthFirst)).as_deref(), Ok("2026-03-04"));
        assert_eq!(date("26/3/1", Some(DateOrder::DayFirst)), Err(DateFault::Ambiguous));
        for written in ["", "明年", "2026-03", "202603", "2026-03-01x", "2026-003-01", "2026/3/1 9", "2026/3/1 9:00:00.5"] {
            assert_eq!(date(written, None), Err(DateFault::Syntax), "{written}");
        }
    }

    #[test]
    fn validities_end_with_the_day() {
        let march = "2026-03-01 .. 2026-03-31";
        for written in [
            march,
            "2026-03-01..2026-03-31",
            "2026/3/1 - 2026/3/31",
            "2026/3/1-2026/3/31",
            "20260301-20260331",
            "2026年3月1日至2026年3月31日",
            "2026-03-01～2026-03-31",
            "2026-03-01 00:00:00 ~ 2026-03-31 23:59:59",
        ] {
            assert_eq!(validity(written, None).as_deref(), Ok(march), "{written}");
        }
        assert_eq!(validity("2026/3/1 ..", None).as_deref(), Ok("2026-03-01 .."));
        assert_eq!(validity("2026/3/1至长期", None).as_deref(), Ok("2026-03-01 .."));
        assert_eq!(validity("长期", None).as_deref(), Ok(""));
        assert_eq!(validity("2026-03-01", None), Err(DateFault::Syntax));
        for (written, plain) in [
            ("2026/3/1-2026/3/31；周六、周日；20:00-22:00", "2026-03-01 .. 2026-03-31; sat, sun; 20:00-22:00"),
            ("sat sun", "sat, sun"),
            ("长期; day 1-7", "day 1-7"),
            ("20:00-22:00;sat", "20:00-22:00; sat"),
        ] {
            assert_eq!(validity(written, None).as_deref(), Ok(plain), "{written}");
            assert_eq!(validity(plain, None).as_deref(), Ok(plain));
        }
        assert_eq!(validity("3/1/2026-3/31/2026; sat", None), Err(DateFault::Ambiguous));
        assert_eq!(validity("2026-03-01 .. 2026-03-31; 99", None), Err(DateFault::Syntax));
        assert_eq!(join("", "2026/12/31 23:59", None).as_deref(), Ok(".. 2026-12-31"));
        assert_eq!(join("3/4/2026", "", None), Err(DateFault::Ambiguous));
    }
}
