//! Portions of lines, and what is left of registrations (§29.1 to §29.7).

use super::exact::{Exact, number, text, whole};
use super::period;
use super::price::Found;
use super::scale::{Asked, Reached, factor};
use super::{Line, Question, decimal, recurrence};
use qudao::policy::{Access, Calendar, Period, PriceFlags, PriceRow, RegisteredAs, Registration, Resolution};
use serde_json::{Value, json};

/// What one record prices of a line (§29.4).
#[derive(Clone)]
pub struct Portion<'a> {
    pub access: &'a Access,
    pub row: &'a PriceRow,
    pub quantity: Exact,
    /// In minor units; of a scale in parts, of the share of the line in them.
    pub list: i128,
}

/// What lines took of registrations so far, and what is told of each that was asked.
#[derive(Default)]
pub struct Ledger<'a> {
    taken: Vec<Taking<'a>>,
    pub told: Vec<Value>,
}

struct Taking<'a> {
    registration: &'a Registration,
    sku: &'a str,
    period: Option<String>,
    quantity: Exact,
}

/// What an access offers for a line.
struct Offer<'a> {
    access: &'a Access,
    reached: Reached<'a>,
    /// What is left of it before the line, in base units; `None` for any quantity.
    left: Option<Exact>,
}

/// A line that is to be priced.
pub struct Wanted<'s, 'a> {
    pub asked: &'s [Asked<'a>],
    pub at: usize,
    pub customer: Option<&'a str>,
}

impl<'a> Question<'a> {
    /// The price of something as if nothing were registered (§29.7).
    pub fn unregistered(&self, asked: &[Asked<'a>], at: usize) -> Option<Found<'a>> {
        let wanted = Wanted { asked, at, customer: None };
        self.portions(&wanted, None).ok().map(|(found, _)| found)
    }

    /// What prices a line, or the accesses that offered nothing; without a ledger nothing is registered.
    pub fn portions(&self, wanted: &Wanted<'_, 'a>, ledger: Option<&Ledger<'a>>) -> Result<(Found<'a>, Vec<Portion<'a>>), Vec<&'a str>> {
        let asked = wanted.asked[wanted.at];
        let (offers, missed) = self.offers(wanted, ledger);
        let mut order: Vec<usize> = (0..offers.len()).collect();
        let of_one = |at: &usize| {
            let row = offers[*at].reached.band.row;
            self.amount(row, whole(1)) / if row.unit.is_some() { asked.factor() } else { whole(1) }
        };
        match self.policy.settings.resolution {
            Resolution::MostSpecific => {}
            Resolution::Lowest => order.sort_by_key(of_one),
            Resolution::Highest => order.sort_by_key(|at| std::cmp::Reverse(of_one(at))),
        }
        let parts = self.divided(&asked, &offers, &order);
        let rest = asked.quantity - parts.iter().map(|(_, quantity)| quantity).sum::<Exact>();
        let Some((last, _)) = parts.last().copied().filter(|_| rest == whole(0)) else { return Err(missed) };
        let portion = |(at, quantity): &(usize, Exact)| {
            let Offer { access, reached, .. } = &offers[*at];
            let row = reached.band.row;
            let part = Asked { ordered: quantity / asked.factor(), quantity: *quantity, ..asked };
            Portion { access, row, quantity: *quantity, list: self.rounded(self.amount(row, part.in_unit_of(row))) }
        };
        let portions: Vec<Portion> = parts.iter().map(portion).collect();
        let loses = |at: &usize| !parts.iter().any(|(own, _)| own == at) && self.room(&asked, &offers, *at, &parts) != Some(whole(0));
        let is_searched_wholly = self.policy.settings.resolution != Resolution::MostSpecific;
        let beaten = (0..offers.len()).filter(|at| is_searched_wholly && loses(at));
        let beaten = beaten.map(|at| (offers[at].access, offers[at].reached.band.row)).collect();
        let Offer { access, reached, .. } = offers.into_iter().nth(last).expect("the last one");
        let flags = portions.iter().fold(PriceFlags::default(), |all, portion| both(all, portion.row.flags));
        Ok((Found { missed, beaten, flags, ..Found::new(access, reached, Vec::new()) }, portions))
    }

    /// Offers, each with what it prices of a line, one after the other until there is nothing left of the line or of them.
    fn divided(&self, asked: &Asked, offers: &[Offer<'a>], order: &[usize]) -> Vec<(usize, Exact)> {
        let (mut rest, mut parts) = (asked.quantity, Vec::new());
        for at in order {
            let quantity = self.room(asked, offers, *at, &parts).map_or(rest, |room| room.min(rest));
            if quantity > whole(0) {
                parts.push((*at, quantity));
                rest -= quantity;
            }
        }
        parts
    }

    /// How much an offer is for beside earlier portions, which may be of the same number; `None` for any quantity.
    fn room(&self, asked: &Asked, offers: &[Offer<'a>], at: usize, parts: &[(usize, Exact)]) -> Option<Exact> {
        let number = |at: usize| offers[at].reached.band.row.number();
        let same = parts.iter().filter(|(other, _)| number(*other) == number(at)).map(|(_, quantity)| quantity);
        let taken: Exact = same.sum();
        offers[at].left.map(|left| self.convertible(asked, (left - taken).max(whole(0))))
    }

    /// The offers in order of search, those too of which nothing is left, and the accesses that offer nothing.
    fn offers(&self, wanted: &Wanted<'_, 'a>, ledger: Option<&Ledger<'a>>) -> (Vec<Offer<'a>>, Vec<&'a str>) {
        let asked = wanted.asked[wanted.at];
        let (mut offers, mut missed) = (Vec::<Offer>::new(), Vec::new());
        for access in &self.policy.prices {
            let before = offers.len();
            match (&access.registered, ledger) {
                (Some(_), Some(ledger)) => offers.extend(self.registered_offers(access, wanted, ledger)),
                (Some(_), None) => continue,
                (None, _) => {
                    let reached = self.search_one(access, wanted.asked, wanted.at);
                    offers.extend(reached.map(|reached| Offer { access, reached, left: None }));
                }
            }
            if (before..offers.len()).all(|at| self.room(&asked, &offers, at, &[]) == Some(whole(0))) {
                missed.push(access.id.as_str());
            }
            let parts = self.divided(&asked, &offers, &(0..offers.len()).collect::<Vec<_>>());
            let covered = parts.iter().map(|(_, quantity)| quantity).sum::<Exact>() == asked.quantity;
            if covered && self.policy.settings.resolution == Resolution::MostSpecific {
                break;
            }
        }
        (offers, missed)
    }

    /// The records of a registered table that match, in the order in which they are offered.
    fn registered_offers(&self, access: &'a Access, wanted: &Wanted<'_, 'a>, ledger: &Ledger<'a>) -> Vec<Offer<'a>> {
        let asked = wanted.asked[wanted.at];
        let mut records: Vec<(_, Vec<&PriceRow>)> = Vec::new();
        for (distances, row) in self.matching_rows(access, &asked) {
            let registration = row.registration.as_deref().expect("a registration");
            if registration.customer.is_some() && registration.customer.as_deref() != wanted.customer {
                continue;
            }
            // Without one, calendars are those of three years.
            let policy = self.policy.settings.valid.as_deref().unwrap_or("2026-01-01 .. 2028-12-31");
            let end = recurrence::end(row.valid.as_deref().unwrap_or(policy), policy, self.zone, &self.policy.settings.zone);
            let rank = (distances, registration.customer.is_none(), end, registration.number.as_str(), &row.key);
            match records.iter_mut().find(|(own, _)| *own == rank) {
                Some((_, rows)) => rows.push(row),
                None => records.push((rank, vec![row])),
            }
        }
        records.sort_by(|(one, _), (other, _)| one.cmp(other));
        let offer = |(_, rows): (_, Vec<&'a PriceRow>)| {
            let reached = self.band(access, &rows, wanted.asked, wanted.at)?;
            let left = self.left(access, rows[0], &asked.product.sku, ledger);
            Some(Offer { access, reached, left })
        };
        records.into_iter().filter_map(offer).collect()
    }

    /// §29.3.
    fn left(&self, access: &Access, row: &PriceRow, sku: &str, ledger: &Ledger) -> Option<Exact> {
        let registration = row.registration.as_deref().expect("a registration");
        let mut facts = self.facts["registrations"].as_array().into_iter().flatten();
        let facts = facts.find(|facts| facts["registration"] == registration.number.as_str() && facts["sku"] == sku);
        let used = |key: &str| facts.map_or(whole(0), |facts| decimal(&facts[key]));
        let label = self.label_of(access);
        let of_period = || facts.map_or(whole(0), |facts| decimal(&facts["periods"][label.as_deref().expect("a period")]));
        let earlier = ledger.taken.iter().filter(|taking| taking.registration.number == registration.number && taking.sku == sku);
        let earlier: Exact = earlier.map(|taking| taking.quantity).sum();
        let limits = [
            registration.limit.map(|limit| number(limit) - used("used")),
            registration.period_limit.map(|limit| number(limit) - of_period()),
        ];
        limits.into_iter().flatten().min().map(|left| (left - earlier).max(whole(0)))
    }

    /// The most that a line takes of so many base units.
    fn convertible(&self, asked: &Asked, left: Exact) -> Exact {
        let smallest = Exact::new(1, super::power_of_ten(self.policy.settings.quantity_scale));
        let step = smallest * whole(*factor(asked.product, asked.unit).expect("a unit of the product").numer());
        (left / step).floor() * step
    }

    fn label_of(&self, access: &Access) -> Option<String> {
        access.period.map(|period| self.label(period, &Calendar::default()))
    }

    /// Label of the window of a calendar that now lies in.
    pub fn label(&self, period: Period, calendar: &Calendar) -> String {
        period::window_of(period, calendar, self.zone, &self.policy.settings.zone, self.now).expect("a window").label
    }

    /// Writes down what a line takes, and what it was offered; without portions it takes nothing.
    pub fn register(&self, wanted: &Wanted<'_, 'a>, line: &str, portions: &[Portion<'a>], ledger: &mut Ledger<'a>) {
        if self.policy.prices.iter().all(|access| access.registered.is_none()) {
            return;
        }
        let (offers, _) = self.offers(wanted, Some(ledger));
        for Offer { access, reached, left, .. } in &offers {
            let Some(kind) = access.registered else { continue };
            let row = reached.band.row;
            let registration = row.registration.as_deref().expect("a registration");
            let own = portions.iter().find(|portion| std::ptr::eq(portion.row, row));
            let quantity = own.map_or(whole(0), |portion| portion.quantity);
            ledger.told.push(json!({
                "line": line,
                "access": access.id,
                "kind": match kind {
                    RegisteredAs::Contract => "contract",
                    RegisteredAs::Quotation => "quotation",
                    RegisteredAs::Special => "special",
                },
                "registration": registration.number,
                "approver": registration.approver,
                "unit_price": text(number(row.price), self.digits),
                "per": row.per,
                "left": left.map(|left| text(left, 0)),
                "quantity": text(quantity, 0),
            }));
        }
        for portion in portions {
            if let Some(registration) = portion.row.registration.as_deref() {
                let sku = &wanted.asked[wanted.at].product.sku;
                ledger.taken.push(Taking { registration, sku, period: self.label_of(portion.access), quantity: portion.quantity });
            }
        }
    }

    /// §29.6.
    pub fn registration_claims(&self, ledger: &Ledger) -> Vec<Value> {
        let mut keys: Vec<_> = ledger.taken.iter().map(key_of).collect();
        keys.sort();
        keys.dedup();
        let claim = |key: &(&str, &str, Option<&str>)| {
            let quantity: Exact = ledger.taken.iter().filter(|taking| key_of(taking) == *key).map(|taking| taking.quantity).sum();
            json!({ "kind": "registration", "registration": key.0, "sku": key.1, "quantity": text(quantity, 0), "period": key.2 })
        };
        keys.iter().map(claim).collect()
    }

    /// Writes what a policy with registered tables says of them (§29.5).
    pub fn tell_registrations(&self, answer: &mut Value, lines: &[Line], ledger: &Ledger) {
        if self.policy.prices.iter().all(|access| access.registered.is_none()) {
            return;
        }
        for (at, line) in lines.iter().enumerate().filter(|(_, line)| line.price.is_some()) {
            let of_portion = |portion: &Portion| {
                json!({
                    "access": portion.access.id,
                    "unit_price": text(number(portion.row.price), self.digits),
                    "per": portion.row.per,
                    "quantity": text(portion.quantity, 0),
                    "list": self.money(portion.list),
                })
            };
            let told: Vec<Value> = if line.portions.len() > 1 { line.portions.iter().map(of_portion).collect() } else { Vec::new() };
            answer["lines"][at]["price"]["portions"] = json!(told);
        }
        answer["registrations"] = json!(ledger.told);
    }
}

fn key_of<'t>(taking: &'t Taking) -> (&'t str, &'t str, Option<&'t str>) {
    (&taking.registration.number, taking.sku, taking.period.as_deref())
}

fn both(one: PriceFlags, other: PriceFlags) -> PriceFlags {
    PriceFlags {
        allow_zero: one.allow_zero || other.allow_zero,
        no_promotion: one.no_promotion || other.no_promotion,
        no_order_promotion: one.no_order_promotion || other.no_order_promotion,
        no_coupon: one.no_coupon || other.no_coupon,
    }
}
