//! Calendars of authors → UTC intervals: the only room that knows time zones. The engine compares integers.
//!
//! Local times that a clock change skips move forward by the skipped span; local times that occur twice mean the first (RFC 5545).
//! So a day always begins at its first instant, and two windows that meet at midnight leave no gap.

mod recurrence;

use crate::policy::{Against, Calendar, Forecast, ForecastBy, Period, PriceRise, YearEnd};
use crate::time::{DAY, Instant, Interval};
use jiff::civil::{Date, DateTime};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};
pub use recurrence::{Validity, validity};

/// A time zone of the IANA database, from the data that is built in, so that every machine compiles the same bundle.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

/// A day of the calendar, in no zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(Date);

impl Day {
    /// The same day of the month `months` months later, or the last day of that month where it has no such day; the last day there is at most.
    #[must_use]
    pub fn plus_months(self, months: u32) -> Day {
        Day(self.0.checked_add(i64::from(months).months()).unwrap_or(Date::MAX))
    }

    /// Whole months from this day to another; 0 where that is no later.
    pub fn whole_months_to(self, later: Day) -> u32 {
        let Ok(span) = self.0.until((jiff::Unit::Month, later.0)) else { return 0 };
        let months = u32::try_from(span.get_months()).unwrap_or(0);
        // A month that ends on the last day of a shorter one is whole.
        if self < later && self.plus_months(months + 1) <= later { months + 1 } else { months }
    }

    /// The next day; none after the last one there is.
    pub fn next(self) -> Option<Day> {
        self.0.tomorrow().ok().map(Day)
    }

    /// As it is written, `2026-06-30`.
    pub fn shown(self) -> String {
        self.0.to_string()
    }

    /// The day before, as it is written.
    pub fn shown_before(self) -> String {
        self.0.yesterday().unwrap_or(self.0).to_string()
    }
}

/// Reads a date, `2026-06-30`.
///
/// # Errors
/// What is no date, or a day that the calendar does not have.
pub fn day(text: &str) -> Result<Day, WindowFault> {
    match side(text)? {
        (date, true) => Ok(Day(date.date())),
        (_, false) => Err(WindowFault::Syntax(text.to_owned())),
    }
}

/// Why a validity is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WindowFault {
    /// No `..` in it.
    NoRange,
    /// Both sides are open, so it says nothing.
    Open,
    /// A side that is no date and no date with time; holds the side.
    Syntax(String),
    /// A side with an offset or `Z`; times are in the policy's zone. Holds the side.
    Offset(String),
    /// A day or time that the calendar does not have; holds the side.
    NoSuchDay(String),
    /// It ends where it begins, or before.
    Backwards,
    /// What is no weekday; holds the word.
    Weekday(String),
    /// What are no hours; holds the word.
    Hours(String),
    /// What is no day of a month, or no list of them; holds the word.
    DayOfMonth(String),
    /// Weekdays, hours or days of the month stand twice; holds the second.
    Twice(String),
}

/// A zone by its IANA name, such as `Asia/Shanghai`; `None` when there is no such zone. Names are compared exactly.
pub fn zone(name: &str) -> Option<Zone> {
    let zone = TimeZoneDatabase::bundled().get(name).ok()?;
    (zone.iana_name() == Some(name)).then_some(Zone(zone))
}

/// Names of all zones, for suggestions.
pub fn zone_names() -> Vec<String> {
    TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect()
}

/// Reads a validity: `2026-03-01 .. 2026-03-31`, half-open; a date-only end includes that day; either side may be open.
///
/// # Errors
/// The first fault, start before end.
///
/// ```
/// use qudao::calendar::{window, zone};
/// use qudao::time::Instant;
/// let shanghai = zone("Asia/Shanghai").unwrap();
/// let march = window("2026-03-01 .. 2026-03-31", &shanghai).unwrap();
/// assert_eq!(march.from, Instant::parse("2026-03-01T00:00:00+08:00").unwrap());
/// assert_eq!(march.to, Instant::parse("2026-04-01T00:00:00+08:00").unwrap());
/// ```
pub fn window(text: &str, zone: &Zone) -> Result<Interval, WindowFault> {
    let (from, to) = text.split_once("..").ok_or(WindowFault::NoRange)?;
    let (from, to) = (from.trim(), to.trim());
    if from.is_empty() && to.is_empty() {
        return Err(WindowFault::Open);
    }
    let mut interval = Interval::ALWAYS;
    if !from.is_empty() {
        interval.from = zone.instant(side(from)?.0);
    }
    if !to.is_empty() {
        interval.to = match side(to)? {
            // The last day there is has no next one; it ends with the calendar.
            (end, true) => end.date().tomorrow().map_or(Instant(Instant::MAX.0 + 1), |next| zone.instant(next.into())),
            (end, false) => zone.instant(end),
        };
    }
    if interval.from < interval.to { Ok(interval) } else { Err(WindowFault::Backwards) }
}

/// One window of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeriodWindow {
    /// Its label: `2026-11`, `FY2026-Q4`, `W2026-01-05`.
    pub label: String,
    /// When it is.
    pub span: Interval,
    /// Its first day and its months, where it consists of months.
    months: Option<(Date, i8)>,
}

/// Why a calendar is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CalendarFault {
    /// `year_start` is no day of every year: `12-26`, the day from 01 to 28.
    YearStart,
    /// `from` is no day.
    From,
    /// `weeks` is empty, or has a number that is not between 1 and 53.
    Weeks,
    /// One of `dates`, at this position, is no window.
    Dates(usize, WindowFault),
    /// One of `dates` begins before the one before it ends.
    Overlap(usize),
}

/// The windows of a program that cover every instant of `span` that they can cover, in order, each whole: `2026-11`, `2026-Q4`, `2026-H2`, `2026`,
/// with a fiscal year `FY2026-01`, `FY2026-Q1`, `FY2026-H1`, `FY2026`; weeks by their first day, dates as they are written, `lifetime`.
/// `span` must be closed on both sides; `life` is the validity of the program.
///
/// # Errors
/// The first fault of the calendar.
pub fn periods(
    period: Period,
    calendar: Option<&Calendar>,
    span: Interval,
    life: Interval,
    zone: &Zone,
) -> Result<Vec<PeriodWindow>, CalendarFault> {
    let calendar = calendar.cloned().unwrap_or_default();
    match period {
        Period::Lifetime => Ok(vec![PeriodWindow { label: "lifetime".to_owned(), span: life, months: None }]),
        Period::Dates => dated(&calendar, zone),
        Period::Weeks => weekly(&calendar, span, zone),
        Period::Month | Period::Quarter | Period::Half | Period::Year => monthly(period, &calendar, span, zone),
    }
}

fn dated(calendar: &Calendar, zone: &Zone) -> Result<Vec<PeriodWindow>, CalendarFault> {
    let mut list: Vec<PeriodWindow> = Vec::new();
    for (index, text) in calendar.dates.iter().enumerate() {
        let span = window(text, zone).map_err(|fault| CalendarFault::Dates(index, fault))?;
        if list.last().is_some_and(|before| before.span.to > span.from) {
            return Err(CalendarFault::Overlap(index));
        }
        list.push(PeriodWindow { label: text.replace(' ', ""), span, months: None });
    }
    Ok(list)
}

fn weekly(calendar: &Calendar, span: Interval, zone: &Zone) -> Result<Vec<PeriodWindow>, CalendarFault> {
    let Some(Ok(Day(first))) = calendar.from.as_deref().map(day) else { return Err(CalendarFault::From) };
    if calendar.weeks.is_empty() || calendar.weeks.iter().any(|weeks| !(1..=53).contains(weeks)) {
        return Err(CalendarFault::Weeks);
    }
    let mut list = Vec::new();
    let mut start = first;
    for weeks in calendar.weeks.iter().cycle() {
        let from = zone.instant(start.into());
        let Some(next) = start.checked_add(i64::from(*weeks).weeks()).ok().filter(|_| from < span.to) else { break };
        let to = zone.instant(next.into());
        if to > span.from {
            list.push(PeriodWindow { label: format!("W{start}"), span: Interval { from, to }, months: None });
        }
        start = next;
    }
    Ok(list)
}

fn monthly(period: Period, calendar: &Calendar, span: Interval, zone: &Zone) -> Result<Vec<PeriodWindow>, CalendarFault> {
    let (month, day) = match &calendar.year_start {
        None => (1, 1),
        Some(text) => {
            let parts = text.split_once('-').filter(|(month, day)| month.len() == 2 && day.len() == 2);
            let parts = parts.and_then(|(month, day)| Some((month.parse::<i8>().ok()?, day.parse::<i8>().ok()?)));
            parts.filter(|(month, day)| (1..=12).contains(month) && (1..=28).contains(day)).ok_or(CalendarFault::YearStart)?
        }
    };
    let Some(first) = zone.date(span.from) else { return Ok(Vec::new()) };
    let months = months(period);
    let mut list = Vec::new();
    for year in first.year() - 1.. {
        let Ok(year_start) = Date::new(year, month, day) else { break };
        let named = match calendar.named_after {
            YearEnd::End if (month, day) != (1, 1) => year + 1,
            YearEnd::Start | YearEnd::End => year,
        };
        for part in 0..12 / months {
            let Ok(start) = year_start.checked_add((part * months).months()) else { return Ok(list) };
            let from = zone.instant(start.into());
            if from >= span.to {
                return Ok(list);
            }
            let next = start.checked_add(months.months()).ok();
            let to = next.map_or(Instant(Instant::MAX.0 + 1), |date| zone.instant(date.into()));
            if to > span.from {
                let fiscal = if calendar.year_start.is_some() { "FY" } else { "" };
                let label = format!("{fiscal}{}", label(period, named, part + 1));
                list.push(PeriodWindow { label, span: Interval { from, to }, months: Some((start, months)) });
            }
        }
    }
    Ok(list)
}

/// The parts of a window that a forecast weighs, where it goes by days: where each begins. None of a window without a begin or an end.
pub fn seasons(forecast: &Forecast, window: &PeriodWindow, zone: &Zone) -> Vec<(Instant, u32)> {
    let Interval { from, to } = window.span;
    if from == Interval::ALWAYS.from || to > Instant::MAX {
        return Vec::new();
    }
    match (forecast.by, window.months) {
        (ForecastBy::Linear, _) => vec![(from, 1)],
        (ForecastBy::Seasonal, Some((first, _))) => {
            let start = |month: i64| first.checked_add(month.months()).map(|day| zone.instant(day.into()));
            (0..).zip(&forecast.weights).filter_map(|(month, weight)| Some((start(month).ok()?, *weight))).collect()
        }
        (ForecastBy::Nothing | ForecastBy::Seasonal | ForecastBy::LastYear | ForecastBy::Expected, _) => Vec::new(),
    }
}

/// Where each month of a window begins; none of a window that is not of months.
pub fn month_begins(window: &PeriodWindow, zone: &Zone) -> Vec<Instant> {
    let Some((first, months)) = window.months else { return Vec::new() };
    let start = |month: i8| first.checked_add(month.months()).ok().map(|day| zone.instant(day.into()));
    (0..months).filter_map(start).collect()
}

/// By how much price rises lift what the tiers of a window are measured against, at 10⁻⁶; each in proportion to the months it holds.
pub fn lift(rises: &[PriceRise], against: Against, window: &PeriodWindow) -> i64 {
    let Some((first, months)) = window.months else { return 0 };
    let since = |rise: Date, year: i16| {
        let starts = (0..months).filter_map(|month| first.checked_add(month.months()).ok()?.checked_sub(year.years()).ok());
        i64::try_from(starts.filter(|start| *start >= rise).count()).unwrap_or(0)
    };
    let end = first.checked_add(months.months()).unwrap_or(Date::MAX);
    let parts = rises.iter().filter_map(|rise| {
        let Ok(Day(from)) = day(&rise.from) else { return None };
        let held = match against {
            // Targets of later windows are set at the new prices.
            Against::Target => {
                if (first..end).contains(&from) {
                    since(from, 0)
                } else {
                    0
                }
            }
            // Last year's window may have been at the new prices in part.
            Against::LastYear | Against::Nothing => since(from, 0) - since(from, 1),
        };
        Some(rise.percent.0 * held)
    });
    let (sum, months) = (parts.sum::<i64>(), i64::from(months));
    (2 * sum + months) / (2 * months)
}

/// The period of a label, `2026-Q4`: its first day and the day after it. `None` for what is no label of such a period.
pub fn named(period: Period, text: &str) -> Option<(Day, Day)> {
    let year: i16 = text.get(..4)?.parse().ok().filter(|year| (1970..9999).contains(year))?;
    let starts = (0..12 / months(period)).filter_map(|index| Date::new(year, index * months(period) + 1, 1).ok());
    let first = starts.into_iter().find(|start| whole(period, *start) == text)?;
    Some((Day(first), Day(first.checked_add(i64::from(months(period)).months()).ok()?)))
}

/// How the labels of such a period look.
pub fn example(period: Period) -> String {
    whole(period, Date::constant(2026, 10, 1))
}

/// The label of the period of the calendar that begins on a day.
fn whole(period: Period, start: Date) -> String {
    label(period, start.year(), (start.month() - 1) / months(period) + 1)
}

/// The days that reach into `span`, and the next one, as runs of days that begin 24 hours apart: the first day of each, counted from 1970-01-01, and when it
/// begins. `span` must be closed on both sides.
pub fn days(span: Interval, zone: &Zone) -> Vec<(u32, Instant)> {
    let mut runs = Vec::new();
    let (mut day, mut expected) = (zone.date(span.from), None);
    while let Some(date) = day {
        let start = zone.instant(date.into());
        let number = Date::constant(1970, 1, 1).until(date).ok().and_then(|since| u32::try_from(since.get_days()).ok());
        if let Some(number) = number.filter(|_| expected != Some(start)) {
            runs.push((number, start));
        }
        if start >= span.to {
            break;
        }
        expected = Some(Instant(start.0 + DAY));
        day = date.tomorrow().ok();
    }
    runs
}

impl Zone {
    /// The instant `years` years later (or earlier, when negative) on the calendar of the zone. Stays inside years 1970 to 9999.
    pub fn plus_years(&self, at: Instant, years: i32) -> Instant {
        let shifted = self.local(at).and_then(|local| local.checked_add(years.years()).ok());
        let edge = if years < 0 { Instant(0) } else { Instant::MAX };
        shifted.map_or(edge, |local| self.instant(local)).clamp(Instant(0), Instant::MAX)
    }

    /// First instant of a year in the zone.
    pub fn year_start(&self, year: i16) -> Instant {
        Date::new(year, 1, 1).map_or(Instant(0), |date| self.instant(date.into()))
    }

    /// First instant of a day in the zone.
    pub fn day_start(&self, day: Day) -> Instant {
        self.instant(day.0.into())
    }

    fn instant(&self, local: DateTime) -> Instant {
        let timestamp = self.0.to_ambiguous_timestamp(local).compatible();
        timestamp.map_or(Instant::MAX, |timestamp| Instant(timestamp.as_millisecond()))
    }

    fn date(&self, at: Instant) -> Option<Date> {
        self.local(at).map(DateTime::date)
    }

    fn local(&self, at: Instant) -> Option<DateTime> {
        Timestamp::from_millisecond(at.0).ok().map(|timestamp| self.0.to_datetime(timestamp))
    }
}

/// One side of a validity, and whether it is a date without time.
fn side(text: &str) -> Result<(DateTime, bool), WindowFault> {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    let date_only = shape == "0000-00-00";
    if !date_only && shape != "0000-00-00T00:00" && shape != "0000-00-00T00:00:00" {
        let with_offset = shape.starts_with("0000-00-00T00:00") && (shape.ends_with('Z') || shape[16..].contains(['+', '-']));
        return Err(if with_offset { WindowFault::Offset(text.to_owned()) } else { WindowFault::Syntax(text.to_owned()) });
    }
    let local: Option<DateTime> = text.parse().ok();
    // Years before 1970 have no instant here, and no policy.
    local.filter(|local| local.year() >= 1970).map(|local| (local, date_only)).ok_or_else(|| WindowFault::NoSuchDay(text.to_owned()))
}

fn months(period: Period) -> i8 {
    match period {
        Period::Month => 1,
        Period::Quarter => 3,
        Period::Half => 6,
        Period::Year | Period::Weeks | Period::Dates | Period::Lifetime => 12,
    }
}

fn label(period: Period, year: i16, number: i8) -> String {
    match period {
        Period::Month => format!("{year}-{number:02}"),
        Period::Quarter => format!("{year}-Q{number}"),
        Period::Half => format!("{year}-H{number}"),
        Period::Year | Period::Weeks | Period::Dates | Period::Lifetime => format!("{year}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn windows_are_half_open_in_the_zone() {
        let shanghai = zone("Asia/Shanghai").unwrap();
        let of = |text| window(text, &shanghai);
        assert_eq!(
            of("2026-03-01T09:00..2026-03-01T18:00"),
            Ok(Interval { from: at("2026-03-01T09:00:00+08:00"), to: at("2026-03-01T18:00:00+08:00") })
        );
        assert_eq!(of(".. 2026-03-31").unwrap(), Interval { from: Interval::ALWAYS.from, to: at("2026-04-01T00:00:00+08:00") });
        assert_eq!(of("2026-03-01 ..").unwrap().to, Interval::ALWAYS.to);
        assert_eq!(of("2026-03-01 .. 9999-12-31").unwrap().to, Instant(Instant::MAX.0 + 1));
        assert_eq!(of("2026-03-01"), Err(WindowFault::NoRange));
        assert_eq!(of(" .. "), Err(WindowFault::Open));
        assert_eq!(of("2026-3-1 .."), Err(WindowFault::Syntax("2026-3-1".into())));
        assert_eq!(of("2026-03-01T09:00+08:00 .."), Err(WindowFault::Offset("2026-03-01T09:00+08:00".into())));
        assert_eq!(of("2026-02-29 .."), Err(WindowFault::NoSuchDay("2026-02-29".into())));
        assert_eq!(of("2026-03-02 .. 2026-03-01"), Err(WindowFault::Backwards));
        assert_eq!(of("2026-03-01 .. 2026-03-01").map(|day| day.to.0 - day.from.0), Ok(86_400_000));
    }

    #[test]
    fn months_are_counted_from_the_day_itself() {
        let of =
            |text: &str, months: &[u32]| months.iter().map(|months| day(text).unwrap().plus_months(*months).shown()).collect::<Vec<_>>();
        assert_eq!(of("2026-08-31", &[0, 1, 2, 6]), ["2026-08-31", "2026-09-30", "2026-10-31", "2027-02-28"]);
        assert_eq!(of("2028-02-29", &[1, 12, 48]), ["2028-03-29", "2029-02-28", "2032-02-29"]);
        assert_eq!(day("2026-03-01").unwrap().shown_before(), "2026-02-28");
        assert!(day("2026-02-29").is_err() && day("2026-3-1").is_err() && day("2026-03-01T09:00").is_err());
    }

    #[test]
    fn clock_changes_are_resolved_one_way() {
        let new_york = zone("America/New_York").unwrap();
        // 02:30 does not exist on 8 March 2026, 01:30 occurs twice on 1 November.
        let spring = window("2026-03-08T02:30 .. 2026-11-01T01:30", &new_york).unwrap();
        assert_eq!(spring, Interval { from: at("2026-03-08T03:30:00-04:00"), to: at("2026-11-01T01:30:00-04:00") });
        assert!(zone("asia/shanghai").is_none() && zone("Mars/Base").is_none());
    }

    #[test]
    fn days_begin_24_hours_apart_but_for_changes_of_the_clock() {
        let runs = |name: &str| {
            let zone = zone(name).unwrap();
            days(window("2026-01-01 .. 2026-12-31", &zone).unwrap(), &zone)
        };
        // 1 January 2026 is day 20454; days that begin behind a change begin a run: 9 March and 2 November.
        assert_eq!(runs("Asia/Shanghai"), [(20_454, at("2026-01-01T00:00:00+08:00"))]);
        let new_york =
            [(20_454, "2026-01-01T00:00:00-05:00"), (20_521, "2026-03-09T00:00:00-04:00"), (20_759, "2026-11-02T00:00:00-05:00")];
        assert_eq!(runs("America/New_York"), new_york.map(|(day, text)| (day, at(text))));
    }

    #[test]
    fn periods_cover_the_span_without_gaps() {
        let shanghai = zone("Asia/Shanghai").unwrap();
        let span = window("2026-11-21 .. 2027-02-03", &shanghai).unwrap();
        let list = |period, calendar: Option<&Calendar>| periods(period, calendar, span, span, &shanghai).unwrap();
        let labels = |period| list(period, None).into_iter().map(|window| window.label).collect::<Vec<_>>();
        assert_eq!(labels(Period::Month), ["2026-11", "2026-12", "2027-01", "2027-02"]);
        assert_eq!(labels(Period::Quarter), ["2026-Q4", "2027-Q1"]);
        assert_eq!(labels(Period::Half), ["2026-H2", "2027-H1"]);
        assert_eq!(labels(Period::Year), ["2026", "2027"]);
        let fiscal = Calendar { year_start: Some("12-26".into()), ..Calendar::default() };
        let weeks = Calendar { from: Some("2026-01-05".into()), weeks: vec![4, 4, 5], ..Calendar::default() };
        for list in [list(Period::Month, None), list(Period::Quarter, Some(&fiscal)), list(Period::Weeks, Some(&weeks))] {
            assert!(list[0].span.from <= span.from && list.last().unwrap().span.to >= span.to);
            assert!(list.windows(2).all(|pair| pair[0].span.to == pair[1].span.from));
        }
        let fiscal = list(Period::Month, Some(&fiscal));
        assert_eq!(
            fiscal.iter().map(|window| window.label.as_str()).collect::<Vec<_>>(),
            ["FY2026-11", "FY2026-12", "FY2027-01", "FY2027-02"]
        );
        assert_eq!(fiscal[2].span.from, at("2026-12-26T00:00:00+08:00"));
        // 8 + 8 + 10 + 8 + 10 + … weeks from 5 January.
        let weeks = list(Period::Weeks, Some(&weeks));
        assert_eq!(
            weeks.iter().map(|window| window.label.as_str()).collect::<Vec<_>>(),
            ["W2026-11-02", "W2026-11-30", "W2027-01-04", "W2027-02-01"]
        );
    }

    #[test]
    fn price_rises_lift_by_the_months_they_hold() {
        let shanghai = zone("Asia/Shanghai").unwrap();
        let span = window("2026-01-01 .. 2028-12-31", &shanghai).unwrap();
        let july = [PriceRise { percent: "10".parse().unwrap(), from: "2026-07-01".into() }];
        let lifts = |period, against| -> Vec<i64> {
            let list = periods(period, None, span, span, &shanghai).unwrap();
            list.iter().map(|window| lift(&july, against, window)).collect()
        };
        assert_eq!(lifts(Period::Year, Against::Target), [50_000, 0, 0]);
        assert_eq!(lifts(Period::Year, Against::LastYear), [50_000, 50_000, 0]);
        assert_eq!(lifts(Period::Half, Against::LastYear), [0, 100_000, 100_000, 0, 0, 0]);
        assert_eq!(lifts(Period::Quarter, Against::Target)[..4], [0, 0, 100_000, 0]);
    }
}
