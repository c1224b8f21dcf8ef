//! Recurrences of validities as people write them in tables → the plain form: `sat, sun`, `20:00-22:00`, `day 1-7`.

/// Weekdays as they are called in Chinese, each with its plain name.
const WEEKDAYS: [(char, &str); 8] =
    [('一', "mon"), ('二', "tue"), ('三', "wed"), ('四', "thu"), ('五', "fri"), ('六', "sat"), ('日', "sun"), ('天', "sun")];
/// What stands before weekdays.
const WEEK: [&str; 3] = ["星期", "礼拜", "周"];
/// What stands before days of the month.
const MONTH: [&str; 2] = ["每月", "day"];
/// The last day of the month.
const LAST: [&str; 4] = ["最后一天", "月末", "月底", "last"];

/// One part of a validity that is no range of dates; `None` for what cannot be one. Signs are half-width already.
pub fn plain(part: &str) -> Option<String> {
    let part = part.trim().replace(['、', '，'], ",").replace(['至', '到', '~', '—', '–'], "-").replace("- ", "-").replace(" -", "-");
    if let Some(days) = MONTH.iter().find_map(|word| part.strip_prefix(word)) {
        let numbered = LAST.iter().fold(days.to_owned(), |text, word| text.replace(word, "last"));
        return Some(format!("day {}", list(&numbered.replace(['日', '号'], ""), str::to_owned)));
    }
    if let Some(first) = WEEK.iter().find(|word| part.starts_with(**word)) {
        let bare = WEEK.iter().fold(part.clone(), |text, word| text.replace(word, ""));
        let named = |text: &str| {
            let name = |c: char| WEEKDAYS.iter().find(|(sign, _)| *sign == c).map_or_else(|| c.to_string(), |(_, name)| (*name).to_owned());
            text.chars().map(name).collect::<Vec<_>>().concat()
        };
        return Some(list(&bare, named)).filter(|_| part.len() > first.len());
    }
    if part.starts_with(|c: char| c.is_ascii_digit()) && part.contains(':') && part.contains('-') {
        let hour = |text: &str| text.split('-').map(|time| format!("{time:0>5}")).collect::<Vec<_>>().join("-");
        return Some(list(&part, hour));
    }
    part.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| list(&part.to_ascii_lowercase(), str::to_owned))
}

/// The words of a list, each in its plain form.
fn list(text: &str, plain: impl Fn(&str) -> String) -> String {
    text.split([',', ' ']).filter(|word| !word.is_empty()).map(plain).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_come_to_one_form() {
        for (written, plainly) in [
            ("sat,sun", "sat, sun"),
            ("Sat Sun", "sat, sun"),
            ("周六、周日", "sat, sun"),
            ("周一至五", "mon-fri"),
            ("星期六到星期天", "sat-sun"),
            ("20:00-22:00", "20:00-22:00"),
            ("9:00 - 12:00、14:30~18:00", "09:00-12:00, 14:30-18:00"),
            ("每月1日、15号", "day 1, 15"),
            ("每月25日至最后一天", "day 25-last"),
            ("day 1-7", "day 1-7"),
        ] {
            assert_eq!(plain(written).as_deref(), Some(plainly), "{written}");
            assert_eq!(plain(plainly).as_deref(), Some(plainly));
        }
        assert_eq!([plain("长期"), plain("周"), plain("2026-03-01"), plain("")], [None, None, None, None]);
    }
}
