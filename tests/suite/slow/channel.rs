//! What a dealer may do with a product (§19), and where he may deliver it (§14.7).

use super::guard::word;
use super::select::{is_any, steps_up};
use super::{Line, Question, instant};
use qudao::policy::{Availability, DropShip, Grant, GrantMode, Listing, PickUp, Product, Ungranted};
use serde_json::{Value, json};

/// How far a grant is from a line: one more than the steps up from the region, 0 where it names the customer; then the steps up from the category,
/// without categories farther than any (§14.7, §27.16).
type Distance = (usize, usize);

impl Question<'_> {
    /// §19.2.
    pub fn availability(&self, product: &Product) -> Availability {
        // §26.4.
        if self.foreign.contains(&product.sku) {
            return Availability::Hidden;
        }
        let holds = |entry: &&Listing| self.valid(entry.valid.as_deref()) && self.selects(entry.on.as_ref(), product);
        let entries: Vec<&Listing> = self.policy.assortment.iter().filter(holds).collect();
        let own = || entries.iter().filter(|entry| self.is_in(&entry.when.dealer)).map(|entry| entry.state);
        let is_reserved = entries.iter().any(|entry| entry.state == Availability::Orderable);
        match own().filter(|state| *state != Availability::Orderable).min() {
            Some(gravest) => gravest,
            None if is_reserved && own().next().is_none() => Availability::Hidden,
            None => Availability::Orderable,
        }
    }

    pub fn is_hidden(&self, product: &Product) -> bool {
        self.availability(product) == Availability::Hidden
    }

    /// §14.6. What is hidden always blocks.
    pub fn assortment_guard(&self, line: &Line) -> Option<Value> {
        let (state, severity) = match self.availability(line.product) {
            Availability::Hidden => ("hidden", "block"),
            Availability::Visible => ("visible_not_orderable", word(self.policy.guards.assortment)),
            Availability::Orderable => return None,
        };
        Some(json!({ "code": "ASSORTMENT", "severity": severity, "line": line.id, "state": state }))
    }

    /// The region that is looked at (§14.7, §27.17).
    fn region(&self) -> Option<&str> {
        let to = self.order["ship_to"]["region"].as_str();
        let settings = &self.policy.settings;
        match (self.order["delivery"].as_str(), settings.drop_ship, settings.pick_up) {
            (Some("drop_ship"), DropShip::Destination, _) => to,
            (Some("drop_ship"), DropShip::Seller, _) => self.region,
            (Some("pick_up"), _, PickUp::Fulfiller) => None,
            _ => to.or(self.region),
        }
    }

    /// §27.17.
    pub fn delivery(&self) -> Value {
        let kind = &self.order["delivery"];
        let by_fulfiller = kind == "pick_up" && self.policy.settings.pick_up == PickUp::Fulfiller;
        let answer = json!({
            "kind": kind,
            "fulfilled_by": self.order["fulfilled_by"],
            "counts_for": if by_fulfiller { "fulfiller" } else { "seller" },
            "region": self.region(),
        });
        if kind.is_null() { Value::Null } else { answer }
    }

    /// §14.7, §27.16.
    pub fn territory_guard(&self, line: &Line) -> Option<Value> {
        let region = self.region();
        let reason = self.refusal(line.product, region)?;
        let guards = &self.policy.guards;
        let severity =
            if ["exclusive", "customer"].contains(&reason) { guards.exclusive.unwrap_or(guards.territory) } else { guards.territory };
        let own = self.grants().filter(|grant| self.is_own(grant) && self.category_steps(grant, line.product).is_some());
        let mut allowed: Vec<&str> = own.flat_map(|grant| &grant.region).flat_map(|regions| &regions.0).map(String::as_str).collect();
        allowed.retain(|region| self.refusal(line.product, Some(region)).is_none());
        allowed.sort_unstable();
        allowed.dedup();
        Some(json!({
            "code": "TERRITORY",
            "severity": word(severity),
            "line": line.id,
            "region": region,
            "reason": reason,
            "allowed": allowed,
        }))
    }

    /// Why a product may not be delivered to a region, or to the order's customer.
    fn refusal(&self, product: &Product, region: Option<&str>) -> Option<&'static str> {
        let customer = self.order["ship_to"]["customer"].as_str();
        let covers = |grant: &'_ Grant| -> Option<Distance> {
            let place = match (&grant.customer, customer) {
                (Some(customers), _) => is_any(customers, customer).then_some(0)?,
                (None, _) => 1 + self.region_steps(grant, region?)?,
            };
            Some((place, self.category_steps(grant, product)?))
        };
        let covering: Vec<(Distance, &Grant)> = self.grants().filter_map(|grant| Some((covers(grant)?, grant))).collect();
        let of = |own: bool| covering.iter().filter(move |(_, grant)| self.is_own(grant) == own);
        let is_exclusive = |grant: &Grant| grant.effective_mode() == GrantMode::Exclusive;
        let own = of(true).map(|(distance, grant)| (*distance, !is_exclusive(grant))).min();
        let others = of(false).filter(|(_, grant)| is_exclusive(grant)).map(|(distance, _)| *distance).min();
        let names_customer = covering.iter().any(|((place, _), _)| *place == 0);
        match (own, others) {
            (Some((own, shared)), Some(others)) if own < others || (own == others && !shared) => None,
            (Some(_), None) => None,
            (_, Some((0, _))) => Some("customer"),
            (None, _) if names_customer => Some("customer"),
            (_, Some(_)) => Some("exclusive"),
            (None, None) if !covering.is_empty() => Some("outside"),
            (None, None) => (region.is_some() && self.policy.settings.ungranted == Ungranted::Closed).then_some("ungranted"),
        }
    }

    /// §14.7, and in notice §50.1.
    fn is_own(&self, grant: &Grant) -> bool {
        let (before, lost) = (self.facts["grade_before"].as_str(), &self.facts["grade_lost"]);
        let in_notice = |days: u32| !lost.is_null() && self.now.0 < instant(lost).0 + i64::from(days) * 24 * 60 * 60 * 1_000;
        let had = || Question { grade: before, ..*self }.is_in(&grant.when.dealer);
        self.is_in(&grant.when.dealer) || (grant.notice_days.is_some_and(in_notice) && had())
    }

    fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.policy.territory.iter().filter(|grant| self.valid(grant.valid.as_deref()))
    }

    fn region_steps(&self, grant: &Grant, region: &str) -> Option<usize> {
        grant.region.iter().flat_map(|regions| &regions.0).filter_map(|above| steps_up(region, above, &self.policy.regions)).min()
    }

    fn category_steps(&self, grant: &Grant, product: &Product) -> Option<usize> {
        let Some(categories) = &grant.category else { return Some(usize::MAX) };
        let own = product.category.as_deref()?;
        categories.0.iter().filter_map(|above| steps_up(own, above, &self.policy.categories)).min()
    }
}
