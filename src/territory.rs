//! Territory (授权区域): where a dealer may deliver. The nearest grant decides, by region first, then by category.

use crate::bundle::{Dimension, Loaded, NONE, customer_mark, decoded};
use crate::facts::{DeliveredBy, Delivery};
use crate::id::{ProductId, ValueId};
use crate::policy::{DropShip, GrantMode, PickUp, Ungranted};
use crate::quote::Trespass;
use crate::sort::sort;
use crate::waterfall::Context;

/// Distance of a grant: one that names the customer is nearest; then steps up from the region, then from the category; a grant for every
/// product is farther than any category.
type Distance = (bool, u32, u32);

/// The grants that cover the region and the customer of one order.
#[derive(Debug)]
pub struct Territory<'a> {
    policy: &'a Loaded,
    context: &'a Context,
    region: Option<ValueId>,
    customer: Option<i64>,
    covering: Vec<Covering>,
    /// What was found out for each category.
    known: Vec<(u32, Option<Refusal>)>,
}

/// Why a product may not be delivered somewhere, and where else it may.
type Refusal = (Trespass, Vec<u32>);

/// A grant that covers a region.
#[derive(Debug)]
struct Covering {
    grant: usize,
    /// Whether it names the dealer.
    own: bool,
    /// Whether it names the region; otherwise the customer.
    by_region: bool,
    steps: u32,
}

impl<'a> Territory<'a> {
    /// For where an order is delivered to; none where neither region nor customer is known.
    pub fn of(policy: &'a Loaded, context: &'a Context, delivery: &Delivery) -> Option<Territory<'a>> {
        let region = Territory::region(policy, context, delivery);
        let customer = delivery.customer.as_deref().map(customer_mark);
        let ungranted = policy.constants.ungranted == Ungranted::Closed;
        let asked = (region.is_some() || customer.is_some()) && (ungranted || !context.grants().is_empty());
        asked.then(|| Territory::at(policy, context, region, customer))
    }

    /// The region that counts: where an order goes, else where the dealer is at home; none where the territory of another dealer counts.
    pub fn region(policy: &Loaded, context: &Context, delivery: &Delivery) -> Option<ValueId> {
        let own = context.value(Dimension::Region);
        match &delivery.by {
            Some(DeliveredBy::DropShip) if policy.constants.drop_ship == DropShip::Destination => delivery.region,
            Some(DeliveredBy::DropShip) => own,
            Some(DeliveredBy::PickUp(_)) if policy.constants.pick_up == PickUp::Fulfiller => None,
            Some(DeliveredBy::PickUp(_)) | None => delivery.region.or(own),
        }
    }

    fn at(policy: &'a Loaded, context: &'a Context, region: Option<ValueId>, customer: Option<i64>) -> Territory<'a> {
        let t = &policy.tables;
        let mut covering = Vec::new();
        for (grant, own) in context.grants() {
            let named = customer.is_some_and(|customer| t.granted_customers(*grant).binary_search(&customer).is_ok());
            let region = region.and_then(|region| steps_up(policy, region.0, t.granted_regions(*grant)));
            if let Some(steps) = region.or(named.then_some(0)) {
                covering.push(Covering { grant: *grant, own: *own, by_region: !named, steps });
            }
        }
        Territory { policy, context, region, customer, covering, known: Vec::new() }
    }

    /// Why a product may not be delivered there, with the region and where else it may; nothing when it may.
    pub fn trespass(&mut self, product: ProductId) -> Option<(Option<ValueId>, Trespass, Vec<u32>)> {
        let category = self.policy.tables.product_category[product.index()];
        if !self.known.iter().any(|(known, _)| *known == category) {
            self.known.push((category, self.refusal(category)));
        }
        let found = self.known.iter().find(|(known, _)| *known == category)?;
        let (reason, allowed) = found.1.clone()?;
        Some((self.region, reason, allowed))
    }

    fn refusal(&self, category: u32) -> Option<Refusal> {
        let reason = self.refuses(category)?;
        let mut allowed = Vec::new();
        for (grant, own) in self.context.grants() {
            if *own && self.distance(*grant, category).is_some() {
                allowed.extend_from_slice(self.policy.tables.granted_regions(*grant));
            }
        }
        sort(&mut allowed, Ord::cmp);
        allowed.dedup();
        allowed
            .retain(|region| Territory::at(self.policy, self.context, Some(ValueId(*region)), self.customer).refuses(category).is_none());
        Some((reason, allowed))
    }

    /// The nearest grant of the dealer's own against the nearest exclusive one of others.
    fn refuses(&self, category: u32) -> Option<Trespass> {
        let (mut own, mut others): (Option<(Distance, bool)>, Option<Distance>) = (None, None);
        let (mut covered, mut by_customer) = (false, false);
        for covering in &self.covering {
            let Some(steps) = self.distance(covering.grant, category) else { continue };
            let distance = (covering.by_region, covering.steps, steps);
            let shared = decoded::<GrantMode>(self.policy.tables.grant_mode[covering.grant]) == GrantMode::Shared;
            covered = true;
            by_customer |= !covering.by_region;
            if covering.own {
                own = Some(own.map_or((distance, shared), |nearest| nearest.min((distance, shared))));
            } else if !shared {
                others = Some(others.map_or(distance, |nearest| nearest.min(distance)));
            }
        }
        match (own, others) {
            // At the same distance an exclusive grant of one's own stands beside those of others.
            (Some((own, shared)), Some(others)) if own < others || (own == others && !shared) => None,
            (Some(_), None) => None,
            (None, _) if by_customer => Some(Trespass::Customer),
            (_, Some((by_region, ..))) => Some(if by_region { Trespass::Exclusive } else { Trespass::Customer }),
            (None, None) if covered => Some(Trespass::Outside),
            (None, None) if self.region.is_none() => None,
            (None, None) => (self.policy.constants.ungranted == Ungranted::Closed).then_some(Trespass::Ungranted),
        }
    }

    /// Steps up from a category to the nearest one of a grant; none where the grant is for other products.
    fn distance(&self, grant: usize, category: u32) -> Option<u32> {
        match self.policy.tables.granted_categories(grant) {
            [] => Some(NONE),
            granted => steps_up(self.policy, category, granted),
        }
    }
}

/// Steps up from a value to the nearest of `granted`.
fn steps_up(policy: &Loaded, mut value: u32, granted: &[u32]) -> Option<u32> {
    let mut steps = 0;
    while value != NONE {
        if granted.binary_search(&value).is_ok() {
            return Some(steps);
        }
        value = policy.tables.value_parent[value as usize];
        steps += 1;
    }
    None
}
