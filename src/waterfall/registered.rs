//! Registered prices: contracts, quotations and special prices (特价报备) that have a number, may be for one end customer, and hold as far as units are left.

use super::context::Context;
use super::price::{Found, Hit, Offer, Wanted, at_band, band};
use super::scale::Fraction;
use crate::bundle::{Dimension, Loaded, NONE, Registered, Searched, customer_mark, decoded};
use crate::facts::OrderLine;
use crate::id::{AccessId, ProductId, RecordId, RegistrationId, TextId};
use crate::num::Quantity;
use crate::quote::{BasePrice, Claim, QuoteLine, RegistrationTaken};
use crate::sort::sort;

/// Whether the rows of a table are registered.
pub fn is_registered(policy: &Loaded, access: AccessId) -> bool {
    decoded::<Registered>(policy.tables.access_registered[access.index()]) != Registered::None
}

/// What a dealer holds of a product: the first band of each record that is for him, or for this end customer of his, in the order of search, and what is
/// left of it.
pub fn held(policy: &Loaded, context: &Context, product: ProductId, customer: Option<i64>) -> Vec<(BasePrice, Option<Quantity>)> {
    let one = Quantity(1);
    let (id, unit) = (String::new(), None);
    let line = OrderLine { id, product, alias: None, unit, ordered: one, quantity: one, customer: None, position: 0 };
    let taken = Taken::default();
    let asking = Asking { line: &line, customer, taken: &taken };
    let mut held = Vec::new();
    for access in policy.constants.accesses(Searched::Prices).map(AccessId).filter(|access| is_registered(policy, *access)) {
        for (registration, hit) in asking.hits(policy, context, access) {
            let price = at_band(policy, hit, policy.tables.bands(hit.record).start);
            held.push((price, asking.left(policy, context, access, registration).map(Quantity)));
        }
    }
    held
}

/// What the lines of an order take of registrations, one line after another.
#[derive(Debug, Default)]
pub struct Taken {
    /// Product, number of the registration, and base units; ascending.
    units: Vec<((ProductId, TextId), i64)>,
}

/// A line that asks registered tables too.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    /// The line.
    pub line: &'a OrderLine,
    /// Its end customer, as [`customer_mark`].
    pub customer: Option<i64>,
    /// What earlier lines took.
    pub taken: &'a Taken,
}

impl<'a> Asking<'a> {
    /// A line of an order that is for a customer.
    pub fn of(line: &'a OrderLine, of_order: Option<i64>, taken: &'a Taken) -> Asking<'a> {
        let own = line.customer.as_deref().map(customer_mark);
        Asking { line, customer: own.or(of_order), taken }
    }

    /// The records of a table that are for the line, the nearest first.
    fn hits(self, policy: &Loaded, context: &Context, access: AccessId) -> Vec<(RegistrationId, Hit)> {
        let t = &policy.tables;
        let entries = t.entries(access, self.line.product);
        let shift = t.shift(access, Dimension::Category);
        let mut hits = Vec::new();
        for scope in context.scopes(access) {
            let first = entries.start + t.entry_scope[entries.clone()].partition_point(|s| *s < scope.id.0);
            for entry in (first..entries.end).take_while(|entry| t.entry_scope[*entry] == scope.id.0) {
                let record = RecordId(t.entry_record[entry]);
                let Some(registration) = t.registration(record) else { continue };
                let customer = t.registration_customer[registration.index()];
                let meant = customer == 0 || self.customer == Some(customer);
                if meant && t.record_unit[record.index()] == NONE && t.holds(t.record_window[record.index()], context.priced_at) {
                    let distance = t.entry_distance[entry];
                    let rank = (scope.distance + (distance << shift), customer == 0, t.hull(t.record_window[record.index()]).to);
                    hits.push((rank, (registration, Hit { access, scope: scope.id, distance, record, of_unit: false })));
                }
            }
        }
        let number = |registration: RegistrationId| t.bytes(TextId(t.registration_text[registration.index()]));
        sort(&mut hits, |a, b| a.0.cmp(&b.0).then_with(|| number(a.1.0).cmp(number(b.1.0))));
        hits.into_iter().map(|(_, hit)| hit).collect()
    }

    /// What a table of registrations offers the line, the nearest first; what it has no unit left of offers nothing.
    pub fn offers(self, policy: &Loaded, context: &Context, access: AccessId, have: Fraction, offers: &mut Vec<Offer>, found: &mut Found) {
        let wanted = Wanted { product: self.line.product, unit: self.line.unit };
        for (registration, hit) in self.hits(policy, context, access) {
            let Some(price) = band(policy, wanted, hit, have) else { continue };
            let left = self.left(policy, context, access, registration);
            let [ordered, quantity] = left.map_or([self.line.ordered, self.line.quantity], |left| self.fitting(policy, left));
            if ordered.0 > 0 {
                offers.push(Offer {
                    price,
                    most: Some([ordered, quantity]).filter(|_| left.is_some()),
                    registered: Some(found.registered.len()),
                });
            }
            found.registered.push(RegistrationTaken { line: 0, price, left: left.map(Quantity), quantity: Quantity(0) });
        }
    }

    /// Base units that are left of a registration, if it has a limit.
    fn left(self, policy: &Loaded, context: &Context, access: AccessId, registration: RegistrationId) -> Option<i64> {
        let t = &policy.tables;
        let (number, product) = (TextId(t.registration_text[registration.index()]), self.line.product);
        let key = (policy.text(number), policy.sku(product));
        let known = context.registrations.binary_search_by(|known| (&*known.registration, &*known.sku).cmp(&key)).ok();
        let known = known.map(|known| &context.registrations[known]);
        let in_period = |quota: usize| {
            let label = policy.text(TextId(t.quota_text[quota]));
            known.and_then(|known| known.periods.iter().find(|(known, _)| known == label)).map_or(0, |(_, used)| used.0)
        };
        let limits = [
            (t.registration_limit[registration.index()], known.map_or(0, |known| known.used.0)),
            (t.registration_period_limit[registration.index()], quota(policy, context, access).map_or(0, in_period)),
        ];
        let taken = self.taken.units.binary_search_by(|(known, _)| known.cmp(&(product, number)));
        let taken = taken.map_or(0, |found| self.taken.units[found].1);
        let left = |(limit, used): (i64, i64)| limit.saturating_sub(used).saturating_sub(taken).max(0);
        limits.into_iter().filter(|(limit, _)| *limit >= 0).map(left).min()
    }

    /// Takes what a part of the line used up off the other offers of the same number; one of which nothing is left is none any more.
    pub fn lessen(self, policy: &Loaded, registered: &[RegistrationTaken], by: usize, offers: &mut Vec<Offer>) {
        let is_same = |own: usize| number(policy, &registered[own]) == number(policy, &registered[by]);
        let taken: i64 = (0..registered.len()).filter(|own| is_same(*own)).map(|own| registered[own].quantity.0).sum();
        offers.retain_mut(|offer| match (offer.registered.filter(|own| is_same(*own)), offer.most) {
            (Some(own), Some(_)) => {
                let left = registered[own].left.map_or(0, |left| (left.0 - taken).max(0));
                let most = self.fitting(policy, left);
                offer.most = Some(most);
                most[0].0 > 0
            }
            _ => true,
        });
    }

    /// The most of the line, as ordered and in base units, that fits into so many base units.
    fn fitting(self, policy: &Loaded, left: i64) -> [Quantity; 2] {
        let OrderLine { unit, ordered, quantity, .. } = *self.line;
        if left >= quantity.0 {
            return [ordered, quantity];
        }
        let factor = policy.tables.factor(unit);
        let whole = i128::from(left) * i128::from(factor.denominator) / i128::from(factor.numerator);
        let whole = whole - whole % i128::from(factor.denominator);
        let units = i64::try_from(whole).unwrap_or(0);
        [Quantity(units), Quantity(factor.of(units).unwrap_or(0))]
    }
}

/// The number of a registration that was asked.
pub fn number(policy: &Loaded, taken: &RegistrationTaken) -> Option<TextId> {
    let t = &policy.tables;
    t.registration(taken.price.record).map(|registration| TextId(t.registration_text[registration.index()]))
}

/// The period of a table's limits that is now.
fn quota(policy: &Loaded, context: &Context, access: AccessId) -> Option<usize> {
    let t = &policy.tables;
    t.quotas(access).find(|quota| t.quota_from[*quota] <= context.now.0 && context.now.0 < t.quota_to[*quota])
}

impl Taken {
    /// Books what a line took.
    pub fn book(&mut self, policy: &Loaded, product: ProductId, registered: &[RegistrationTaken]) {
        for taken in registered.iter().filter(|taken| taken.quantity.0 > 0) {
            let Some(registration) = policy.tables.registration(taken.price.record) else { continue };
            let key = (product, TextId(policy.tables.registration_text[registration.index()]));
            match self.units.binary_search_by(|(known, _)| known.cmp(&key)) {
                Ok(found) => self.units[found].1 = self.units[found].1.saturating_add(taken.quantity.0),
                Err(at) => self.units.insert(at, (key, taken.quantity.0)),
            }
        }
    }
}

/// What an order uses up of registrations: by number, SKU and period.
pub fn claims(policy: &Loaded, context: &Context, lines: &[QuoteLine], registered: &[RegistrationTaken]) -> Vec<Claim> {
    type Key<'a> = (&'a str, ProductId, Option<&'a str>);
    let t = &policy.tables;
    let mut taken: Vec<(Key, Claim)> = Vec::new();
    for RegistrationTaken { line, price, quantity, .. } in registered.iter().filter(|taken| taken.quantity.0 > 0) {
        let Some(registration) = t.registration(price.record) else { continue };
        let product = lines[*line].product;
        let period = quota(policy, context, price.access).map(|quota| TextId(t.quota_text[quota]));
        let number = policy.text(TextId(t.registration_text[registration.index()]));
        let key = (number, product, period.map(|period| policy.text(period)));
        taken.push((key, Claim::Registration { registration, product, quantity: *quantity, period }));
    }
    // Products are in order of their SKUs.
    sort(&mut taken, |a, b| a.0.cmp(&b.0));
    let mut claims: Vec<Claim> = Vec::with_capacity(taken.len());
    let mut before = None;
    for (key, claim) in taken {
        match (claims.last_mut(), &claim) {
            (Some(Claim::Registration { quantity: sum, .. }), Claim::Registration { quantity, .. }) if before == Some(key) => {
                sum.0 = sum.0.saturating_add(quantity.0);
            }
            _ => claims.push(claim),
        }
        before = Some(key);
    }
    claims
}
