//! Validities that recur, beside a walk through the calendar that knows nothing of how they are compiled.

use crate::laws::cases;
use crate::world;
use jiff::civil::{Date, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use qudao::{Engine, check, compile, import, wire};
use serde_json::{Value, json};

const ZONES: [&str; 8] = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Africa/Cairo",
    "Asia/Kathmandu",
    "Pacific/Apia",
];
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// A validity: days of the range after 2026-01-01, weekdays, days of the month (32 is the last), hours in minutes.
#[derive(Debug, Clone)]
struct Valid {
    range: Option<(i64, i64)>,
    weekdays: Option<Vec<usize>>,
    days: Option<Vec<i8>>,
    hours: Option<Vec<(i64, i64)>>,
}

fn valids() -> impl Strategy<Value = Valid> {
    let minutes = || prop_oneof![(0i64..24).prop_map(|hour| hour * 60), 0i64..1440];
    let hours = prop::collection::vec((minutes(), minutes()), 1..4);
    (
        prop::option::of((0i64..700, 0i64..400)),
        prop::option::of(prop::collection::vec(0usize..7, 1..4)),
        prop::option::weighted(0.4, prop::collection::vec(1i8..=32, 1..8)),
        prop::option::of(hours),
    )
        .prop_map(|(range, weekdays, days, hours)| {
            let hours = hours.map(|list| list.into_iter().filter(|(from, to)| from != to && *to != 0).collect::<Vec<_>>());
            Valid { range, weekdays, days, hours: hours.filter(|list| !list.is_empty()) }
        })
}

fn start() -> Date {
    Date::constant(2026, 1, 1)
}

impl Valid {
    fn text(&self) -> String {
        let mut parts = Vec::new();
        if let Some((from, long)) = self.range {
            let day = |days: i64| start().checked_add(days.days()).unwrap();
            parts.push(format!("{} .. {}", day(from), day(from + long)));
        }
        let list = |words: Vec<String>| words.join(" ");
        parts.extend(self.hours.as_ref().map(|hours| {
            let hour = |minutes: i64| format!("{:02}:{:02}", minutes / 60, minutes % 60);
            list(hours.iter().map(|(from, to)| format!("{}-{}", hour(*from), hour(*to))).collect())
        }));
        let day = |day: &i8| if *day == 32 { "last".to_owned() } else { day.to_string() };
        parts.extend(self.days.as_ref().map(|days| format!("day {}", list(days.iter().map(day).collect()))));
        parts.extend(self.weekdays.as_ref().map(|days| list(days.iter().map(|day| WEEKDAYS[*day].to_owned()).collect())));
        parts.join("; ")
    }

    fn fits(&self, date: Date) -> bool {
        // Counted from Thursday 1 January 2026, not asked from the library.
        let since = start().until(date).unwrap().get_days();
        let weekday = usize::try_from((since + 3).rem_euclid(7)).unwrap();
        let last = date.tomorrow().unwrap().day() == 1;
        self.weekdays.as_ref().is_none_or(|days| days.contains(&weekday))
            && self.days.as_ref().is_none_or(|days| days.contains(&date.day()) || (last && days.contains(&32)))
    }

    /// Whether it holds, by looking at each of the days around.
    fn holds(&self, at: Timestamp, zone: &TimeZone) -> bool {
        let of = |date: Date, minutes: i64| {
            let (date, minutes) = if minutes == 1440 { (date.tomorrow().unwrap(), 0) } else { (date, minutes) };
            let clock = time(i8::try_from(minutes / 60).unwrap(), i8::try_from(minutes % 60).unwrap(), 0, 0);
            date.to_datetime(clock).to_zoned(zone.clone()).unwrap().timestamp()
        };
        let in_range = self.range.is_none_or(|(from, long)| {
            let day = |days: i64| of(start().checked_add(days.days()).unwrap(), 0);
            day(from) <= at && at < day(from + long + 1)
        });
        let today = at.to_zoned(zone.clone()).date();
        let whole = vec![(0, 1440)];
        let hours = self.hours.as_ref().unwrap_or(&whole);
        let near = (-3..=3).map(|days: i64| today.checked_add(days.days()).unwrap());
        in_range
            && near.filter(|date| self.fits(*date)).any(|date| {
                hours.iter().any(|(from, to)| {
                    let end = if to > from { date } else { date.tomorrow().unwrap() };
                    of(date, *from) <= at && at < of(end, *to)
                })
            })
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn what_recurs_holds_when_the_calendar_says_so(
        zone in prop::sample::select(&ZONES[..]),
        valids in prop::collection::vec(valids(), 1..12),
        instants in prop::collection::vec((0i64..1_090 * 24 * 60, 0i64..3), 12),
        clocks in prop::collection::vec((0i64..1_090, 0usize..12, any::<bool>(), -1i64..=0), 24),
    ) {
        let (text, zone) = (zone, TimeZone::get(zone).unwrap());
        let begin = start().to_zoned(zone.clone()).unwrap().timestamp();
        // Anywhere, and at and right before the hours that validities name.
        let anywhere = instants.iter().map(|(minutes, millis)| begin.as_millisecond() + minutes * 60_000 + millis);
        let named = clocks.iter().filter_map(|(days, which, first, off)| {
            let (from, to) = *valids.get(*which)?.hours.as_ref()?.first()?;
            let minutes = if *first { from } else { to % 1440 };
            let clock = time(i8::try_from(minutes / 60).unwrap(), i8::try_from(minutes % 60).unwrap(), 0, 0);
            let date = start().checked_add(days.days()).unwrap();
            Some(date.to_datetime(clock).to_zoned(zone.clone()).unwrap().timestamp().as_millisecond() + off)
        });
        let nows: Vec<i64> = anywhere.chain(named).filter(|now| *now >= begin.as_millisecond()).collect();
        let rows: String = valids.iter().enumerate().map(|(at, valid)| format!("P{at},1,{}\n", valid.text())).collect();
        let skus: String = (0..valids.len()).map(|at| format!("P{at},EA\n")).collect();
        let policy = format!(
            "policy: {{ id: dates, version: \"1\", zone: {text}, valid: 2026-01-01 .. 2028-12-31 }}\nproducts: products.csv\nprices: [{{ id: list, by: [sku], table: list.csv }}]\n"
        );
        let files = [("policy.yaml", policy), ("products.csv", format!("sku,unit\n{skus}")), ("list.csv", format!("sku,price,valid\n{rows}"))];
        let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
        let mut imported = import::files(files);
        let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        // A random validity may hold at no instant at all; then all of them are dropped.
        prop_assume!(checked.is_some());
        prop_assert!(imported.diagnostics.found.is_empty());
        let engine = Engine::load(compile::compile(&checked.unwrap()).bytes()).unwrap();
        let lines: Vec<Value> = (0..valids.len()).map(|at| json!({ "sku": format!("P{at}"), "quantity": "1" })).collect();
        for now in nows {
            let question = json!({ "now": now, "order": { "schema": 1, "lines": lines }, "dealer": { "schema": 1, "id": "D", "as_of": 0 } });
            let answer = wire::quote(&engine, &world::node(question)).unwrap();
            let answer: Value = serde_json::from_str(&answer).unwrap();
            for (at, valid) in valids.iter().enumerate() {
                let holds = valid.holds(Timestamp::from_millisecond(now).unwrap(), &zone);
                prop_assert_eq!(!answer["lines"][at]["price"].is_null(), holds, "{} at {}", valid.text(), now);
            }
        }
    }
}
