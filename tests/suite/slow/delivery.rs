//! The instant that prices are of (§25.7).

use super::Question;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use qudao::policy::PricingDate;
use qudao::time::Instant;

impl Question<'_> {
    /// The day that prices are of, if it is not that of the order, and its beginning.
    pub fn delivery_day(&self) -> Option<(&str, Instant)> {
        let day = self.order["deliver"].as_str().filter(|_| self.policy.settings.pricing_date == PricingDate::Delivery)?;
        let zone = TimeZone::get(&self.policy.settings.zone).expect("a zone");
        let begins = day.parse::<Date>().expect("a day").to_zoned(zone).expect("an instant").timestamp();
        let begins = Instant(begins.as_millisecond());
        (begins > self.now).then_some((day, begins))
    }
}
