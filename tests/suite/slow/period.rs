//! Calendar days: windows of a calendar and their labels (§15.2, §36.1), and the instant that prices are of (§25.7).

use super::Question;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use qudao::policy::{Period, PricingDate};
use qudao::time::Instant;

/// The label of the window that a day is in; with `year_start` the windows are of fiscal years that are named after their last day.
pub fn label(period: Period, day: Date, year_start: Option<&str>) -> String {
    let (name, month) = match year_start {
        None => (day.year().to_string(), i32::from(day.month()) - 1),
        Some(start) => {
            let (first_month, first_day) = start.split_once('-').expect("MM-DD");
            let part = |text: &str| text.parse::<i8>().expect("a part of a day");
            let of_year = |year: i16| Date::new(year, part(first_month), part(first_day)).expect("a day");
            let year = if day < of_year(day.year()) { day.year() - 1 } else { day.year() };
            let first = of_year(year);
            let begun = i32::from(day.day() >= first.day());
            let month = i32::from(day.year() - year) * 12 + i32::from(day.month()) - i32::from(first.month()) - 1 + begun;
            (format!("FY{}", of_year(year + 1).yesterday().expect("a day").year()), month)
        }
    };
    match period {
        Period::Month => format!("{name}-{:02}", month + 1),
        Period::Quarter => format!("{name}-Q{}", month / 3 + 1),
        Period::Half => format!("{name}-H{}", month / 6 + 1),
        Period::Year => name,
        Period::Lifetime => "lifetime".to_owned(),
        Period::Weeks | Period::Dates => unreachable!("only programs have such windows"),
    }
}

impl Question<'_> {
    pub fn today(&self) -> Date {
        let zone = TimeZone::get(&self.policy.settings.zone).expect("a zone");
        Timestamp::from_millisecond(self.now.0).expect("an instant").to_zoned(zone).date()
    }

    /// The day that prices are of, if it is not that of the order, and its beginning.
    pub fn delivery_day(&self) -> Option<(&str, Instant)> {
        let day = self.order["deliver"].as_str().filter(|_| self.policy.settings.pricing_date == PricingDate::Delivery)?;
        let zone = TimeZone::get(&self.policy.settings.zone).expect("a zone");
        let begins = day.parse::<Date>().expect("a day").to_zoned(zone).expect("an instant").timestamp();
        let begins = Instant(begins.as_millisecond());
        (begins > self.now).then_some((day, begins))
    }
}
