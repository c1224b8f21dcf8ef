//! Windows in which programs count (§15.2, §36).

use super::exact::{Exact, rounded};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use qudao::calendar::{self, Zone};
use qudao::num::Rounding;
use qudao::policy::{Against, Calendar, Joiners, Period, Program, YearEnd};
use qudao::time::{Instant, Interval};

/// The window of an instant.
#[derive(Clone)]
pub struct Window {
    pub label: String,
    pub span: Interval,
    /// Its first day and the day after its last one, where it is of months.
    months: Option<(Date, Date)>,
    /// The first instant behind it, if it ends.
    pub end: Option<Instant>,
}

/// The window of a program that an instant lies in.
pub fn window(program: &Program, zone: &Zone, zone_name: &str, at: Instant) -> Option<Window> {
    let window = window_of(program.period, &program.calendar.clone().unwrap_or_default(), zone, zone_name, at)?;
    let valid =
        program.valid.as_deref().filter(|_| program.period == Period::Lifetime).and_then(|valid| calendar::window(valid, zone).ok());
    Some(Window { span: valid.unwrap_or(window.span), ..window })
}

/// The window of a calendar that an instant lies in.
pub fn window_of(period: Period, calendar: &Calendar, zone: &Zone, zone_name: &str, at: Instant) -> Option<Window> {
    let time_zone = TimeZone::get(zone_name).expect("a zone");
    let day = Timestamp::from_millisecond(at.0).expect("an instant").to_zoned(time_zone.clone()).date();
    let begin = |day: Date| Instant(day.to_zoned(time_zone.clone()).expect("a day").timestamp().as_millisecond());
    let days = |from: Date, to: Date| Interval { from: begin(from), to: begin(to) };
    let plain = |label: String, span: Interval| Window { label, span, months: None, end: Some(span.to).filter(|end| *end <= Instant::MAX) };
    let months = match period {
        Period::Month => 1,
        Period::Quarter => 3,
        Period::Half => 6,
        Period::Year => 12,
        Period::Weeks => {
            let mut first: Date = calendar.from.as_deref().expect("a day").parse().expect("a day");
            let mut lengths = calendar.weeks.iter().cycle();
            while first <= day {
                let next = first.checked_add(i64::from(*lengths.next().expect("weeks")).weeks()).expect("a day");
                if day < next {
                    return Some(plain(format!("W{first}"), days(first, next)));
                }
                first = next;
            }
            return None;
        }
        Period::Dates => {
            let span = |dates: &String| calendar::window(dates, zone).expect("a window");
            let listed = calendar.dates.iter().find(|dates| span(dates).contains(at))?;
            return Some(plain(listed.replace(' ', ""), span(listed)));
        }
        Period::Lifetime => return Some(Window { label: "lifetime".to_owned(), span: Interval::ALWAYS, months: None, end: None }),
    };
    let year_start = calendar.year_start.as_deref().unwrap_or("01-01");
    let begins = |year: i16| format!("{year:04}-{year_start}").parse::<Date>().expect("a day");
    let year = begins(if begins(day.year()) <= day { day.year() } else { day.year() - 1 });
    let since = (0..12).rev().find(|months| later(year, *months) <= day).expect("a month");
    let number = since / months;
    let from = later(year, number * months);
    let named = match calendar.named_after {
        YearEnd::Start => year,
        YearEnd::End => later(year, 12).yesterday().expect("a day"),
    };
    let fiscal = if calendar.year_start.is_some() { "FY" } else { "" };
    let (year, number) = (named.year(), number + 1);
    let label = match period {
        Period::Month => format!("{fiscal}{year}-{number:02}"),
        Period::Quarter => format!("{fiscal}{year}-Q{number}"),
        Period::Half => format!("{fiscal}{year}-H{number}"),
        _ => format!("{fiscal}{year}"),
    };
    let to = later(from, months);
    Some(Window { label, span: days(from, to), months: Some((from, to)), end: Some(begin(to)) })
}

/// §52.3: ends of windows of payment, some before an instant and some after it.
pub fn payouts(program: &Program, zone: &Zone, zone_name: &str, at: Instant) -> Vec<Instant> {
    let Some(payout) = program.payout else { return Vec::new() };
    let of_months = |period: Period| [Period::Month, Period::Quarter, Period::Half, Period::Year].contains(&period);
    let shared = program.calendar.clone().filter(|_| of_months(program.period) && of_months(payout));
    let calendar = program.payout_calendar.clone().or(shared).unwrap_or_default();
    if payout == Period::Dates {
        return calendar.dates.iter().map(|dates| calendar::window(dates, zone).expect("a window").to).collect();
    }
    // The first day of weeks, where none of them has begun.
    let begins = calendar.from.as_deref().map(|from| zone.day_start(calendar::day(from).expect("a day")));
    let at = begins.map_or(at, |begins| at.max(begins));
    let own = window_of(payout, &calendar, zone, zone_name, at).expect("a window");
    let before = window_of(payout, &calendar, zone, zone_name, Instant(own.span.from.0 - 1));
    before.map(|before| before.span.to).into_iter().chain([own.span.to]).collect()
}

/// §60.2: parts of a window, each from when to when, and what it weighs.
pub fn seasons(program: &Program, window: &Window, zone_name: &str) -> Vec<(i64, i64, u32)> {
    let Interval { from, to } = window.span;
    let ends = program.period != Period::Lifetime && from != Interval::ALWAYS.from && to <= Instant::MAX;
    let Some(forecast) = program.forecast.as_ref().filter(|_| ends) else {
        return Vec::new();
    };
    let Some((first, _)) = window.months.filter(|_| !forecast.weights.is_empty()) else { return vec![(from.0, to.0, 1)] };
    let time_zone = TimeZone::get(zone_name).expect("a zone");
    let begin = |month: i64| later(first, month).to_zoned(time_zone.clone()).expect("a day").timestamp().as_millisecond();
    (0..).zip(&forecast.weights).map(|(month, weight)| (begin(month), begin(month + 1), *weight)).collect()
}

/// §63.1: how many days or months are left for who joins at some instant, and how many there are; none where all of a target counts.
pub fn left(program: &Program, window: &Window, zone_name: &str, since: Instant) -> Option<(i128, i128)> {
    let Interval { from, to } = window.span;
    let (left, of) = match program.joiners {
        Joiners::Agreed => return None,
        Joiners::Days => {
            if from == Interval::ALWAYS.from || to > Instant::MAX {
                return None;
            }
            let days = |from: Instant| Exact::new(i128::from(to.0 - from.0), 86_400_000).ceil().to_integer();
            (if since < to { days(since) } else { 0 }, days(from))
        }
        Joiners::Months => {
            let (first, last) = window.months?;
            let time_zone = TimeZone::get(zone_name).expect("a zone");
            let begin = |month: i64| later(first, month).to_zoned(time_zone.clone()).expect("a day").timestamp().as_millisecond();
            let of = (1..=12).find(|months| later(first, *months) >= last).expect("a year at most");
            ((0..of).map(|month| i128::from(begin(month + 1) > since.0)).sum(), i128::from(of))
        }
    };
    (left < of).then_some((left, of))
}

/// §37.4, in units of 0.0001 %.
pub fn lift(program: &Program, window: &Window) -> i128 {
    let Some((from, to)) = window.months else { return 0 };
    let count = (0..12).find(|months| later(from, *months + 1) >= to).expect("a year at most") + 1;
    let begun = |since: Date, from: Date| (0..count).map(|months| i128::from(later(from, months) >= since)).sum::<i128>();
    let risen = program.price_rises.iter().map(|rise| {
        let since: Date = rise.from.trim().parse().expect("a day");
        let months = match program.against {
            Against::Target if (from..to).contains(&since) => begun(since, from),
            Against::Target | Against::Nothing => 0,
            Against::LastYear => begun(since, from) - begun(since, later(from, -12)),
        };
        Exact::new(i128::from(rise.percent.0) * months, i128::from(count))
    });
    rounded(risen.sum(), Rounding::HalfUp)
}

fn later(day: Date, months: i64) -> Date {
    day.checked_add(months.months()).expect("a day")
}
