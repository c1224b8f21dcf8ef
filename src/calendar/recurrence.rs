//! Validities that recur: on weekdays, on days of the month, at hours of the day, inside a range.

use super::{WindowFault, Zone, window};
use crate::time::{Instant, Interval};
use jiff::civil::{Date, DateTime, Time};

/// Weekdays as they are written, Monday first.
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// How a list of days of the month begins.
const DAY: &str = "day";
/// The last day of a month, as it is written.
const LAST: &str = "last";
/// Minutes of a day.
const MINUTES: u16 = 24 * 60;
/// Days after the compiled calendars in which the next occurrence is sought: every recurrence that has one has it within ten years.
const BEYOND_DAYS: u32 = 3_660;

/// When something holds: inside a range, and where it recurs on some days and at some hours only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validity {
    /// From when to when at most.
    pub range: Interval,
    recurrence: Option<Recurrence>,
}

/// Which days, and when on them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Recurrence {
    weekdays: Option<[bool; 7]>,
    days: Option<DaysOfMonth>,
    /// From and to in minutes of the day; an end that is not later lies on the next day.
    hours: Option<Vec<(u16, u16)>>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct DaysOfMonth {
    /// Days 1 to 31.
    numbers: [bool; 31],
    /// The last day, whatever its number.
    last: bool,
    /// The first of those that are meant up to the last.
    from_to_last: Option<u8>,
}

/// Reads a validity: a range as [`window`] reads it, and behind `;` weekdays, hours and days of the month, each at most once; where one of these stands,
/// the range may be left out.
///
/// # Errors
/// The first fault, from left to right.
///
/// ```
/// use qudao::calendar::{validity, zone};
/// use qudao::time::{Instant, Interval};
/// let shanghai = zone("Asia/Shanghai").unwrap();
/// let weekends = validity("2026-03-01 .. 2026-03-31; sat, sun; 20:00-22:00", &shanghai).unwrap();
/// let march = Interval { from: Instant::parse("2026-03-01T00:00:00+08:00").unwrap(), to: Instant::parse("2026-04-01T00:00:00+08:00").unwrap() };
/// let all = weekends.occurrences(march, march, 100, &shanghai).unwrap();
/// assert_eq!((all.len(), all[0].from), (9, Instant::parse("2026-03-01T20:00:00+08:00").unwrap()));
/// ```
pub fn validity(text: &str, zone: &Zone) -> Result<Validity, WindowFault> {
    let mut parts = text.split(';').map(str::trim).peekable();
    let range = match parts.next_if(|first| first.contains("..")) {
        Some(range) => Some(window(range, zone)?),
        None => None,
    };
    let mut recurrence = Recurrence::default();
    for part in parts {
        if part.contains("..") {
            return Err(WindowFault::Weekday(part.to_owned()));
        }
        let twice = if part.starts_with(|c: char| c.is_ascii_digit()) && part.contains(':') {
            recurrence.hours.replace(hours(part)?).is_some()
        } else if let Some(days) = part.strip_prefix(DAY) {
            recurrence.days.replace(days_of_month(days)?).is_some()
        } else if range.is_none() && !part.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Err(WindowFault::NoRange);
        } else {
            recurrence.weekdays.replace(weekdays(part)?).is_some()
        };
        if twice {
            return Err(WindowFault::Twice(part.to_owned()));
        }
    }
    let recurrence = Some(recurrence).filter(|recurrence| *recurrence != Recurrence::default());
    Ok(Validity { range: range.unwrap_or(Interval::ALWAYS), recurrence })
}

impl Validity {
    /// Whether it holds on some days or at some hours only.
    pub fn recurs(&self) -> bool {
        self.recurrence.is_some()
    }

    /// When it holds inside `life`, ascending, without two that touch. Of what recurs only what reaches into `compiled`, and the first occurrence behind
    /// that; `compiled` is closed on both sides. `None` where these are more than `most`.
    pub fn occurrences(&self, life: Interval, compiled: Interval, most: usize, zone: &Zone) -> Option<Vec<Interval>> {
        let Some(inside) = self.range.overlap(life) else { return Some(Vec::new()) };
        let Some(recurrence) = &self.recurrence else { return Some(vec![inside]) };
        let mut found: Vec<Interval> = Vec::new();
        // What began on a day before may still hold.
        let first = zone.date(inside.from.max(compiled.from)).and_then(|date| date.yesterday().ok()?.yesterday().ok());
        let (mut day, mut beyond) = (first, 0);
        while let Some(date) = day {
            let begins = zone.instant(date.into());
            if begins >= compiled.to {
                beyond += 1;
            }
            if begins >= inside.to || (beyond > 0 && found.last().is_some_and(|last| last.to > compiled.to)) || beyond > BEYOND_DAYS {
                break;
            }
            let next = date.tomorrow().ok();
            if recurrence.fits(date) {
                let span = |(from, to): (Instant, Instant)| Interval { from, to }.overlap(inside).filter(|span| span.to > compiled.from);
                found.extend(recurrence.of_day(date, next, zone).into_iter().filter_map(span));
            }
            if found.len() > most {
                return None;
            }
            day = next;
        }
        // Where nothing of it can be asked about, it does not matter when it recurs.
        if found.is_empty() && inside.overlap(compiled).is_none() {
            found.push(inside);
        }
        found.sort();
        let mut joined: Vec<Interval> = Vec::new();
        for span in found {
            match joined.last_mut() {
                Some(last) if span.from <= last.to => last.to = last.to.max(span.to),
                _ => joined.push(span),
            }
        }
        Some(joined)
    }
}

impl Recurrence {
    fn fits(&self, date: Date) -> bool {
        let weekday = usize::from(date.weekday().to_monday_zero_offset().unsigned_abs());
        let of_month = |days: &DaysOfMonth| {
            let (number, last) = (date.day().unsigned_abs(), date.days_in_month().unsigned_abs());
            days.numbers[usize::from(number) - 1] || (days.last && number == last) || days.from_to_last.is_some_and(|from| number >= from)
        };
        self.weekdays.is_none_or(|weekdays| weekdays[weekday]) && self.days.as_ref().is_none_or(of_month)
    }

    /// From when to when of a day that fits.
    fn of_day(&self, date: Date, next: Option<Date>, zone: &Zone) -> Vec<(Instant, Instant)> {
        let instant = |date: Option<Date>, minutes: u16| {
            let time = i8::try_from(minutes / 60).ok().zip(i8::try_from(minutes % 60).ok());
            let time = time.and_then(|(hour, minute)| Time::new(hour, minute, 0, 0).ok());
            date.zip(time).map_or(Instant(Instant::MAX.0 + 1), |(date, time)| zone.instant(DateTime::from_parts(date, time)))
        };
        let whole = vec![(0, MINUTES)];
        let hours = self.hours.as_ref().unwrap_or(&whole);
        let end =
            |from: u16, to: u16| if to == MINUTES { instant(next, 0) } else { instant(if to > from { Some(date) } else { next }, to) };
        hours.iter().map(|(from, to)| (instant(Some(date), *from), end(*from, *to))).collect()
    }
}

/// The words of a list, between commas or spaces.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ']).filter(|word| !word.is_empty())
}

fn weekdays(text: &str) -> Result<[bool; 7], WindowFault> {
    let mut weekdays = [false; 7];
    for word in words(text) {
        let fault = || WindowFault::Weekday(word.to_owned());
        let number = |name: &str| WEEKDAYS.iter().position(|known| *known == name).ok_or_else(fault);
        let (from, to) = word.split_once('-').unwrap_or((word, word));
        let (from, to) = (number(from)?, number(to)?);
        // From Saturday to Monday is over the end of the week.
        (0..=(to + 7 - from) % 7).for_each(|step| weekdays[(from + step) % 7] = true);
    }
    if weekdays == [false; 7] { Err(WindowFault::Weekday(text.to_owned())) } else { Ok(weekdays) }
}

fn hours(text: &str) -> Result<Vec<(u16, u16)>, WindowFault> {
    let mut hours = Vec::new();
    for word in words(text) {
        let fault = || WindowFault::Hours(word.to_owned());
        let minutes = |time: &str| -> Option<u16> {
            let shape: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
            let (hour, minute) = time.split_once(':').filter(|_| shape == "00:00")?;
            let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
            Some(hour * 60 + minute).filter(|minutes| minute < 60 && *minutes <= MINUTES)
        };
        let (from, to) = word.split_once('-').ok_or_else(fault)?;
        let (from, to) = minutes(from).zip(minutes(to)).ok_or_else(fault)?;
        // Whether nothing or the whole day is meant cannot be told.
        if from == to || from == MINUTES || to == 0 {
            return Err(fault());
        }
        hours.push((from, to));
    }
    Ok(hours)
}

fn days_of_month(text: &str) -> Result<DaysOfMonth, WindowFault> {
    let mut days = DaysOfMonth::default();
    for word in words(text) {
        let fault = || WindowFault::DayOfMonth(word.to_owned());
        let number = |text: &str| text.parse::<u8>().ok().filter(|number| (1..=31).contains(number) && !text.starts_with(['+', '0']));
        let (from, to) = word.split_once('-').unwrap_or((word, word));
        if from == LAST && to == LAST {
            days.last = true;
        } else if to == LAST {
            let from = number(from).ok_or_else(fault)?;
            days.from_to_last = Some(days.from_to_last.map_or(from, |other| other.min(from)));
        } else {
            let (from, to) = number(from).zip(number(to)).filter(|(from, to)| from <= to).ok_or_else(fault)?;
            (from..=to).for_each(|number| days.numbers[usize::from(number) - 1] = true);
        }
    }
    if days == DaysOfMonth::default() { Err(WindowFault::DayOfMonth(text.to_owned())) } else { Ok(days) }
}
