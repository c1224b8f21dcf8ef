//! What programs come to at the end of their windows (§60).

use super::exact::{Exact, rounded, whole};
use super::pay::{Entry, Volume, different};
use super::{Question, decimal, instant, period};
use qudao::policy::ForecastBy;
use serde_json::{Value, json};

const DAY: i64 = 86_400_000;

impl Question<'_> {
    /// `earned`, and `forecast` where there is one, of each entry; `at` is when its cart counts.
    pub fn look_ahead(
        &self,
        entries: &[Entry],
        windows: &[&period::Window],
        at: &[i64],
        (carts, covered): (&[Volume], &[usize]),
    ) -> Vec<(i128, Option<Value>)> {
        let posted: Vec<Volume> = entries.iter().map(|entry| entry.posted).collect();
        let earned = self.paid(entries, &posted, &entries.iter().map(|entry| different([&entry.covered[0]])).collect::<Vec<_>>());
        let now: Vec<Volume> = entries.iter().zip(carts).map(|(entry, cart)| entry.posted.plus(entry.open).plus(*cart)).collect();
        let seen: Vec<Option<(&str, Volume)>> = (0..entries.len()).map(|i| self.foreseen(&entries[i], windows[i], at[i], now[i])).collect();
        let then: Vec<Volume> = seen.iter().zip(&now).map(|(seen, now)| seen.map_or(*now, |(_, volume)| volume)).collect();
        let paid = self.paid(entries, &then, covered);
        let one = |i: usize| {
            let (entry, rebate) = (&entries[i], paid[i].amount);
            let (now, then) = (now[i].measure(&entry.program), then[i].measure(&entry.program));
            let accrued = if then > whole(0) { self.rounded(whole(rebate) * now / then) } else { rebate };
            let forecast = seen[i].map(|(by, _)| {
                json!({
                    "by": by, "volume": self.measured_text(&entry.program, then), "rebate": self.money(rebate), "accrued": self.money(accrued),
                    "tier": paid[i].tier,
                })
            });
            (earned[i].amount, forecast)
        };
        (0..entries.len()).map(one).collect()
    }

    /// E, and what it goes by.
    fn foreseen(&self, entry: &Entry, window: &period::Window, at: i64, now: Volume) -> Option<(&'static str, Volume)> {
        let mut facts = self.facts["volumes"].as_array().into_iter().flatten();
        let facts = facts.rfind(|facts| facts["program"] == entry.program.id.as_str() && facts["period"] == entry.label.as_str());
        let fact = |key: &str| {
            let part = |measure: &str| facts.map_or(whole(0), |facts| decimal(&facts[key][measure]));
            Volume { amount: whole(self.amount_of(part("amount"))), quantity: part("quantity") }
        };
        if facts.is_some_and(|facts| !facts["expected"].is_null()) {
            let expected = fact("expected");
            return Some(("expected", Volume { amount: expected.amount.max(now.amount), quantity: expected.quantity.max(now.quantity) }));
        }
        let forecast = entry.program.forecast.as_ref()?;
        let (whole_of, so_far, by) = match forecast.by {
            ForecastBy::LastYear => (fact("last_year"), fact("last_year_to_date"), "last_year"),
            ForecastBy::Linear | ForecastBy::Seasonal => {
                let seasons = period::seasons(&entry.program, window, &self.policy.settings.zone);
                // §63.2.
                let joined = facts.map(|facts| &facts["joined"]).filter(|joined| !joined.is_null()).map(|joined| instant(joined).0);
                let days = |milliseconds: i64| Exact::new(i128::from(milliseconds).div_euclid(i128::from(DAY)), 1);
                let counted = |(from, to, weight): &(i64, i64, u32), until: i64| {
                    let begin = joined.map_or(*from, |joined| joined.max(*from));
                    let of = days(to - from + DAY - 1);
                    let part = if until < begin || begin >= *to {
                        whole(0)
                    } else if *to <= until {
                        days(to - begin + DAY - 1)
                    } else {
                        days(until - begin) + whole(1)
                    };
                    whole(i128::from(*weight)) * part / of
                };
                let sum = |until: i64| {
                    let weight: Exact = seasons.iter().map(|season| counted(season, until)).sum();
                    Volume { amount: weight, quantity: weight }
                };
                let by = if forecast.by == ForecastBy::Linear { "linear" } else { "seasonal" };
                (sum(i64::MAX), sum(at), by)
            }
            ForecastBy::Nothing | ForecastBy::Expected => unreachable!("no word of a policy"),
        };
        let booked = entry.posted.plus(entry.open);
        let unit = Exact::new(1, 10_i128.pow(self.policy.settings.quantity_scale));
        let at_least = |volume: Exact, whole_of: Exact, so_far: Exact, unit: Exact, least: Exact| {
            if so_far <= whole(0) {
                return least;
            }
            (whole(rounded(volume / unit * whole_of / so_far, self.policy.settings.rounding)) * unit).max(least)
        };
        Some((
            by,
            Volume {
                amount: at_least(booked.amount, whole_of.amount, so_far.amount, whole(1), now.amount),
                quantity: at_least(booked.quantity, whole_of.quantity, so_far.quantity, unit, now.quantity),
            },
        ))
    }
}
