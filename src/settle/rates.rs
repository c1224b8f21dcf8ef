//! What amounts in other currencies than the policy's count for. `docs/semantics.md` §65.

use super::Reject;
use super::rows::Row;
use crate::bundle::Loaded;
use crate::limit;
use crate::num::{Money, Scale, divide, minor_digits};
use crate::time::Instant;

/// Scale of rates.
const SCALE: Scale = Scale(8);

/// From when on a unit of a currency counts for so much of the policy's.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rate {
    currency: String,
    from: Instant,
    /// At 10⁻⁸.
    rate: i64,
    /// As it was written.
    text: String,
}

/// Rates of other currencies, by currency and day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rates(Vec<Rate>);

impl Rates {
    /// The first row of the table.
    pub const HEADER: &'static str = "currency,from,rate";

    /// Reads the rows of a CSV behind its first one: an ISO 4217 currency, a day or an instant, and what a unit counts for from then on.
    ///
    /// # Errors
    /// The row, from 0 on, that is none, or has currency and day of an earlier one.
    pub fn read(rows: &[&str], day: &dyn Fn(&str) -> Option<Instant>) -> Result<Rates, usize> {
        let one = |row: &str| -> Option<Rate> {
            let cells: Vec<&str> = row.split(',').map(str::trim).collect();
            let [currency, from, text] = cells[..] else { return None };
            minor_digits(currency)?;
            let rate = SCALE.read(text).ok().filter(|rate| (1..=limit::RATE).contains(rate))?;
            let from = Instant::parse(from).or_else(|| day(from))?;
            Some(Rate { currency: currency.to_owned(), from, rate, text: text.to_owned() })
        };
        let mut all: Vec<Rate> = Vec::with_capacity(rows.len());
        for (at, row) in rows.iter().enumerate() {
            let rate = one(row).ok_or(at)?;
            match all.binary_search_by(|known| (&*known.currency, known.from).cmp(&(&*rate.currency, rate.from))) {
                Ok(_) => return Err(at),
                Err(place) => all.insert(place, rate),
            }
        }
        Ok(Rates(all))
    }

    /// Digits of the amounts of a currency that has rates.
    pub(super) fn digits(&self, currency: &str) -> Option<Scale> {
        self.0.iter().find(|rate| rate.currency == currency).and_then(|rate| minor_digits(&rate.currency)).map(Scale)
    }

    /// A row of another currency with its amounts in the policy's, and the rate, as it was written.
    pub(super) fn convert<'c>(&self, policy: &Loaded, row: Row<'c>, at: Instant) -> Result<(Row<'c>, &str), Reject> {
        let Some(currency) = row.foreign else { return Ok((row, "")) };
        let before = self.0.partition_point(|rate| (&*rate.currency, rate.from) <= (currency, at));
        let rate = before.checked_sub(1).map(|last| &self.0[last]).filter(|rate| rate.currency == currency).ok_or(Reject::Currency)?;
        let c = &policy.constants;
        let digits = minor_digits(currency).map_or(c.money_scale, Scale);
        let amount = |amount: Money| {
            let exact = i128::from(amount.0) * i128::from(rate.rate) * c.money_scale.one();
            let image = divide(exact, SCALE.one() * digits.one(), c.rounding).map_err(|_| Reject::Number)?;
            if (-limit::MONEY..=limit::MONEY).contains(&image) { Ok(Money(image)) } else { Err(Reject::Number) }
        };
        let of = |other: Option<Money>| other.map(amount).transpose();
        let (net, list, gross, untaxed) = (amount(row.net)?, of(row.list)?, of(row.gross)?, of(row.untaxed)?);
        Ok((Row { net, list, gross, untaxed, ..row }, &rate.text))
    }
}
