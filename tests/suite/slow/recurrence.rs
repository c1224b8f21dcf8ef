//! Validities that recur (§25).

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use qudao::calendar::{self, Zone};
use qudao::time::Instant;

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Whether a validity holds at an instant.
pub fn holds(text: &str, zone: &Zone, zone_name: &str, now: Instant) -> bool {
    let (ranges, parts) = split(text);
    if !ranges.iter().all(|range| calendar::window(range, zone).expect("a range").contains(now)) {
        return false;
    }
    let zone = TimeZone::get(zone_name).expect("a zone");
    let today = Timestamp::from_millisecond(now.0).expect("an instant").to_zoned(zone.clone()).date();
    let days = (-3..=1).map(|offset: i32| today.checked_add(offset.days()).expect("a day"));
    parts.is_empty() || days.flat_map(|day| spans(&parts, day, &zone)).any(|(from, to)| from <= now.0 && now.0 < to)
}

/// The end of a validity inside the policy's, of its last occurrence where it recurs (§29.4).
pub fn end(text: &str, policy: &str, zone: &Zone, zone_name: &str) -> i64 {
    let (ranges, parts) = split(text);
    let ends = ranges.into_iter().chain([policy]).map(|range| calendar::window(range, zone).expect("a range").to);
    let end = ends.min().expect("the policy's").0;
    if parts.is_empty() {
        return end;
    }
    let zone = TimeZone::get(zone_name).expect("a zone");
    let last = Timestamp::from_millisecond(end).expect("an instant").to_zoned(zone.clone()).date();
    let days = (0..1_500).map(|back: i32| last.checked_sub(back.days()).expect("a day"));
    let ends = days.map(|day| spans(&parts, day, &zone).into_iter().filter(|(from, _)| *from < end).map(|(_, to)| to.min(end)).max());
    // A night may end later than those that begin on the next day.
    let found: Vec<i64> = ends.flatten().take(3).collect();
    found.into_iter().max().expect("it holds at some time")
}

/// The range, if there is one, and the parts that say when it recurs.
fn split(text: &str) -> (Vec<&str>, Vec<&str>) {
    text.split(';').map(str::trim).partition(|part| part.contains(".."))
}

/// The spans that begin on a day; none where it does not fit.
fn spans(parts: &[&str], day: Date, zone: &TimeZone) -> Vec<(i64, i64)> {
    if !parts.iter().filter(|part| !is_hours(part)).all(|part| fits(part, day)) {
        return Vec::new();
    }
    let instant = |date: Date, time: Time| date.to_datetime(time).to_zoned(zone.clone()).expect("an instant").timestamp().as_millisecond();
    let hours: Vec<&str> = parts.iter().copied().filter(|part| is_hours(part)).flat_map(items).collect();
    let span = |hours: &str| {
        let (from, to) = hours.split_once('-').expect("hours");
        let (from_time, to_time) = (minutes(from), minutes(to));
        let end = if to_time <= from_time { to_time + 24 * 60 } else { to_time };
        let at = |minutes: i64| instant(day.checked_add((minutes / 1440).days()).expect("a day"), time(minutes % 1440));
        (at(from_time), at(end))
    };
    if hours.is_empty() {
        vec![(instant(day, Time::midnight()), instant(day.tomorrow().expect("a day"), Time::midnight()))]
    } else {
        hours.into_iter().map(span).collect()
    }
}

fn is_hours(part: &str) -> bool {
    part.contains(':')
}

/// Whether a day is one of the weekdays, or one of the days of the month.
fn fits(part: &str, day: Date) -> bool {
    let Some(days) = part.strip_prefix("day") else {
        let own = day.weekday().to_monday_zero_offset();
        let number = |word: &str| i8::try_from(WEEKDAYS.iter().position(|known| *known == word).expect("a weekday")).expect("a few");
        return items(part).into_iter().any(|item| match item.split_once('-') {
            Some((from, to)) => {
                let since = |day: i8| (day - number(from)).rem_euclid(7);
                since(own) <= since(number(to))
            }
            None => number(item) == own,
        });
    };
    let last = day.days_in_month();
    let number = |word: &str| if word == "last" { last } else { word.parse().expect("a day") };
    items(days).into_iter().any(|item| match item.split_once('-') {
        Some((from, to)) => (number(from)..=number(to)).contains(&day.day()),
        None => number(item) == day.day(),
    })
}

fn items(part: &str) -> Vec<&str> {
    part.split([',', ' ']).filter(|item| !item.is_empty()).collect()
}

/// Minutes from midnight.
fn minutes(text: &str) -> i64 {
    let (hours, minutes) = text.split_once(':').expect("a time");
    hours.parse::<i64>().expect("hours") * 60 + minutes.parse::<i64>().expect("minutes")
}

fn time(minutes: i64) -> Time {
    let part = |number: i64| i8::try_from(number).expect("a part of a time");
    Time::new(part(minutes / 60), part(minutes % 60), 0, 0).expect("a time")
}
