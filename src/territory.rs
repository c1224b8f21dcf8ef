//! Territory (授权区域): where a dealer may deliver. The nearest grant decides, by region first, then by category.

use crate::bundle::{Dimension, Loaded, NONE, decoded};
use crate::id::{ProductId, ValueId};
use crate::policy::{GrantMode, Ungranted};
use crate::quote::Trespass;
use crate::sort::sort;
use crate::waterfall::Context;

/// Distance of a grant: steps up from the region, then from the category; a grant for every product is farther than any category.
type Distance = (u32, u32);

/// The grants that cover the region of one order.
#[derive(Debug)]
pub struct Territory<'a> {
    policy: &'a Loaded,
    context: &'a Context,
    region: ValueId,
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
    steps: u32,
}

impl<'a> Territory<'a> {
    /// For the region that an order is delivered to, or else the dealer's own; none where neither is known.
    pub fn of(policy: &'a Loaded, context: &'a Context, ship_to: Option<ValueId>) -> Option<Territory<'a>> {
        let region = ship_to.or(context.value(Dimension::Region))?;
        let ungranted = policy.constants.ungranted == Ungranted::Closed;
        (ungranted || !context.grants().is_empty()).then(|| Territory::at(policy, context, region))
    }

    fn at(policy: &'a Loaded, context: &'a Context, region: ValueId) -> Territory<'a> {
        let mut covering = Vec::new();
        for (grant, own) in context.grants() {
            if let Some(steps) = steps_up(policy, region.0, policy.tables.granted_regions(*grant)) {
                covering.push(Covering { grant: *grant, own: *own, steps });
            }
        }
        Territory { policy, context, region, covering, known: Vec::new() }
    }

    /// Why a product may not be delivered there, with the region and where else it may; nothing when it may.
    pub fn trespass(&mut self, product: ProductId) -> Option<(ValueId, Trespass, Vec<u32>)> {
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
        allowed.retain(|region| Territory::at(self.policy, self.context, ValueId(*region)).refuses(category).is_none());
        Some((reason, allowed))
    }

    /// The nearest grant of the dealer's own against the nearest exclusive one of others.
    fn refuses(&self, category: u32) -> Option<Trespass> {
        let (mut own, mut others): (Option<(Distance, bool)>, Option<Distance>) = (None, None);
        let mut covered = false;
        for covering in &self.covering {
            let Some(steps) = self.distance(covering.grant, category) else { continue };
            let distance = (covering.steps, steps);
            let shared = decoded::<GrantMode>(self.policy.tables.grant_mode[covering.grant]) == GrantMode::Shared;
            covered = true;
            if covering.own {
                own = Some(own.map_or((distance, shared), |nearest| nearest.min((distance, shared))));
            } else if !shared {
                others = Some(others.map_or(distance, |nearest| nearest.min(distance)));
            }
        }
        match (own, others) {
            // At the same distance an exclusive grant of one's own stands beside those of others.
            (Some((own, shared)), Some(others)) if own < others || (own == others && !shared) => None,
            (_, Some(_)) => Some(Trespass::Exclusive),
            (Some(_), None) => None,
            (None, None) if covered => Some(Trespass::Outside),
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
