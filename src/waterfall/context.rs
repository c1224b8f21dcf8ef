//! What a dealer, an order source and an instant decide once: which rules and programs are open, which price scopes match.

use super::blend::{self, Blend};
use super::condition::Own;
use crate::bundle::{Dimension, Loaded, NO_COUPON, NO_ORDER_PROMOTION, NO_PROMOTION, NONE, decoded};
use crate::facts::{
    Approved, BudgetUse, ContestStanding, Credit, DealerFacts, Inventory, Licence, Lot, Order, Orders, RegistrationUse, Volume,
};
use crate::id::{AccessId, AudienceId, BudgetId, FreightId, ProductId, ProgramId, RuleId, ScopeId, TextId, ValueId};
use crate::num::{Money, Quantity};
use crate::policy::{Availability, DecidedBy, PricingDate, Stage};
use crate::quote::{Closed, Joined, Modified, Tier, Yardstick};
use crate::rebate::{self, Covered, Outlook};
use crate::time::Instant;
use std::sync::Arc;

/// Everything about a quote that does not depend on its lines.
#[derive(Debug, Clone)]
pub struct Context {
    /// The instant of the quote.
    pub now: Instant,
    /// The instant at which prices, floors and freight are looked up: that of the quote, or later.
    pub priced_at: Instant,
    /// The current period of purchases, and what was bought in it, by product.
    pub bought: (Option<TextId>, Vec<(ProductId, Quantity)>),
    /// The instant of the facts.
    pub as_of: Instant,
    /// The dealer's credit.
    pub credit: Option<Credit>,
    /// Whether the dealer is on hold.
    pub on_hold: bool,
    /// What can be delivered, by product: how much, and when that was true.
    pub stock: Vec<(ProductId, Quantity, Instant)>,
    /// What the dealer has himself, by product.
    pub inventory: Vec<Inventory>,
    /// Categories of the dealer's licences, and when they end.
    pub licences: Vec<(ValueId, Option<Instant>)>,
    /// Checks that are in force and name the dealer and the order's source.
    pub checks: Vec<usize>,
    /// How often promotions counted before: for the dealer, and in all.
    pub usage: Vec<super::state::Usage>,
    /// How many orders the dealer placed before.
    pub orders: Option<Orders>,
    /// What is used of budgets.
    pub budgets: Vec<BudgetUse>,
    /// What is used of registrations, by number and SKU.
    pub registrations: Vec<RegistrationUse>,
    /// Adjustments that somebody approved, by id.
    pub adjustments: Vec<Approved>,
    /// Where the dealer stands in contests.
    pub contests: Vec<ContestStanding>,
    /// Value of each axis, see [`Dimension`]; those of products stay empty.
    values: Vec<Option<ValueId>>,
    /// Whether each promotion's audience, order conditions and validity hold.
    open_rules: Vec<bool>,
    /// Whether each promotion takes a coupon.
    gated: Vec<bool>,
    /// Whether each promotion is open without a coupon.
    free: Vec<bool>,
    /// Matching scopes of each access, with their distance.
    scopes: Vec<Vec<Scope>>,
    /// The dealer's id, and what he has on axes that are numbers or days, where conditions may tell it.
    sent: Vec<(Dimension, String)>,
    /// Programs that the dealer is enrolled in, with the current period.
    programs: Vec<Enrolment>,
    /// Entries of the assortment that are in force, and whether they name the dealer.
    listings: Vec<(usize, bool)>,
    /// Grants of territory that are in force, and whether they name the dealer.
    grants: Vec<(usize, bool)>,
    /// Lots of rebate that hold now.
    lots: Vec<UsableLot>,
    /// Freight tables that the dealer and the order source meet.
    freight: Vec<FreightId>,
    /// The other side of a transition, where both count.
    blend: Option<Arc<Blend>>,
}

/// A scope that matches the dealer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope {
    pub id: ScopeId,
    /// Steps up the trees of the dealer, each at its [`crate::bundle::Tables::shift`].
    pub distance: u32,
}

/// A lot of rebate that holds now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UsableLot {
    /// Position in the facts.
    pub lot: usize,
    /// What is left of it.
    pub balance: Money,
    /// When it expires, if it does.
    pub expires: Option<Instant>,
    /// Whether it lowers the taxable amount.
    pub discounts: bool,
    /// Value of the vouchers that it pays in; 0 for any amount.
    pub face: Money,
    /// Whether it pays one order only.
    pub once: bool,
    /// What it pays for, where that is not whatever lots pay for.
    pub scope: Option<usize>,
}

/// A program that the dealer is enrolled in now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Program.
    pub program: ProgramId,
    /// Its current period, a position in the periods' columns.
    pub period: usize,
    /// Volume of that period that is invoiced.
    pub posted: Volume,
    /// Volume of that period that is ordered.
    pub open: Volume,
    /// What of these two the program tells apart.
    pub covered: Covered,
    /// Its tiers for the dealer's grade, ascending, as volumes.
    pub tiers: Vec<Tier>,
    /// What they are percentages of.
    pub yardstick: Yardstick,
    /// Of a dealer that joined inside of the period, what of the target counts.
    pub joined: Option<Joined>,
    /// What the dealer's figures do to it.
    pub modified: Vec<Modified>,
    /// What was carried into the period, because it was too little to be paid.
    pub carried: Money,
    /// What was paid beyond guarantees before, where it lowers that of the period.
    pub surplus: Money,
    /// When what the order adds is paid, where that is not at the end of the period.
    pub due: Option<Instant>,
    /// How its volume at the end of the period is foreseen.
    pub outlook: Option<Outlook>,
    /// What is left of its budget, where the facts decide it.
    pub left: Option<Money>,
    /// The most that its budget lets it pay, where that is known.
    pub most: Option<Money>,
}

impl Context {
    /// Resolves a dealer, an order source, an instant and the day for which delivery is requested against a policy.
    pub fn new(policy: &Loaded, dealer: &DealerFacts, source: Option<&str>, now: Instant, delivered: Option<Instant>) -> Context {
        let source = source.and_then(|source| policy.value(Dimension::Source, source));
        let axes = policy.tables.axis_start.len().saturating_sub(1);
        let mut values: Vec<Option<ValueId>> = ids(axes).map(|axis| policy.own_value(dealer, Dimension::at(axis))).collect();
        values[Dimension::Source.index()] = source;
        let audiences = policy.tables.audience_term_start.len().saturating_sub(1);
        let audience_holds: Vec<bool> = (0..audiences).map(|audience| holds(policy, &values, audience)).collect();
        let t = &policy.tables;
        let is_open = |rule: RuleId| t.holds(t.rule_window[rule.index()], now) && audience_holds[t.rule_audience[rule.index()] as usize];
        let open_rules: Vec<bool> = ids(t.rule_count()).map(RuleId).map(is_open).collect();
        let mut gated = vec![false; t.rule_count()];
        t.coupon_rule.iter().for_each(|rule| gated[*rule as usize] = true);
        let free = open_rules.iter().zip(&gated).map(|(open, gated)| *open && !gated).collect();
        // The day that is asked for, where it decides and is still to come.
        let counted_at = |program: ProgramId| match decoded::<DecidedBy>(t.program_date[program.index()]) {
            DecidedBy::Delivery => delivered.map_or(now, |delivered| delivered.max(now)),
            DecidedBy::Order | DecidedBy::Invoice | DecidedBy::Payment => now,
        };
        let programs = ids(t.program_text.len())
            .map(ProgramId)
            .filter(|program| {
                t.holds(t.program_window[program.index()], counted_at(*program))
                    && audience_holds[t.program_audience[program.index()] as usize]
                    && (t.program_listed[program.index()] == 0 || dealer.programs.iter().any(|id| id == policy.program(*program)))
            })
            .filter_map(|program| {
                let at = counted_at(program);
                let period = t.periods(program).find(|p| Instant(t.period_from[*p]) <= at && at < Instant(t.period_to[*p]))?;
                let label = policy.text(TextId(t.period_text[period]));
                let known = dealer.volumes.iter().find(|volume| volume.program == policy.program(program) && volume.period == label);
                let (posted, open) = known.map_or_else(Default::default, |known| (known.posted, known.open));
                let (tiers, yardstick, joined) = rebate::tiers(policy, program, period, known, dealer.grade);
                let modified = rebate::modified(policy, program, &dealer.kpis);
                let carried = known.map_or(Money::ZERO, |known| known.carried);
                let surplus = known.filter(|_| t.program_surplus[program.index()] == 1).map_or(Money::ZERO, |known| known.surplus);
                let due = t.payouts(program).iter().find(|end| **end > at.0).map(|end| Instant(*end));
                let outlook = rebate::outlook(policy, program, period, known, at);
                let left = Some(t.program_budget[program.index()]).filter(|budget| *budget != NONE).map(|budget| {
                    let used = dealer.budgets.iter().find(|known| known.budget == policy.budget(BudgetId(budget)));
                    let whole = t.budget_amount[budget as usize];
                    Money(whole.saturating_sub(used.map_or(0, |known| known.used.0)).max(0))
                });
                let most = None;
                Some(Enrolment {
                    program,
                    period,
                    posted,
                    open,
                    covered: known.map_or_else(Covered::default, |known| rebate::known(policy, program, known)),
                    tiers,
                    yardstick,
                    joined,
                    modified,
                    carried,
                    surplus,
                    due,
                    outlook,
                    left,
                    most,
                })
            })
            .collect();
        let scopes = ids(t.access_text.len())
            .map(|access| match audience_holds.get(t.access_audience[access as usize] as usize) {
                Some(true) => matching_scopes(policy, &values, AccessId(access)),
                _ => Vec::new(),
            })
            .collect();
        let in_force = |audience: &[u32], window: &[u32]| -> Vec<(usize, bool)> {
            let valid = (0..audience.len()).filter(|entry| t.holds(window[*entry], now));
            valid.map(|entry| (entry, audience_holds.get(audience[entry] as usize).is_some_and(|holds| *holds))).collect()
        };
        let listings = in_force(&t.listing_audience, &t.listing_window);
        let mut grants = in_force(&t.grant_audience, &t.grant_window);
        if let Some((grade, lost)) = &dealer.grade_before {
            let mut before = values.clone();
            before[Dimension::Grade.index()] = policy.value(Dimension::Grade, grade);
            for (grant, own) in grants.iter_mut().filter(|(_, own)| !own) {
                let (notice, audience) = (t.grant_notice[*grant], t.grant_audience[*grant] as usize);
                // A slice has found out for whom it is.
                let meant = notice < 0 || notice > 0 && audience < audiences && holds(policy, &before, audience);
                *own = meant && now.0.saturating_sub(lost.0) < notice.abs();
            }
        }
        let checks = in_force(&t.check_audience, &t.check_window);
        let checks = checks.into_iter().filter_map(|(check, holds)| holds.then_some(check)).collect();
        let by_delivery = policy.constants.pricing_date == PricingDate::Delivery;
        let priced_at = delivered.filter(|_| by_delivery).map_or(now, |delivered| delivered.max(now));
        let ended = t.purchase_to.partition_point(|to| *to <= now.0);
        let period = t.purchase_text.get(ended).map(|text| TextId(*text));
        let label = period.map(|period| policy.text(period));
        let of_period = dealer.bought.iter().filter(|bought| Some(bought.period.as_str()) == label);
        let bought = (period, of_period.map(|bought| (bought.product, bought.quantity)).collect());
        let mut stock: Vec<(ProductId, Quantity, Instant)> = Vec::new();
        for entry in &dealer.stock {
            let as_of = entry.as_of.unwrap_or(dealer.as_of);
            match stock.last_mut() {
                Some((product, available, oldest)) if *product == entry.product => {
                    available.0 = available.0.saturating_add(entry.available.0);
                    *oldest = as_of.min(*oldest);
                }
                _ => stock.push((entry.product, entry.available, as_of)),
            }
        }
        let licence = |licence: &Licence| Some((policy.value(Dimension::Category, &licence.category)?, licence.expires));
        let licences = dealer.licences.iter().filter_map(licence).collect();
        let lots = dealer.lots.iter().enumerate();
        let lots = lots
            .filter(|(_, lot)| lot.balance > Money::ZERO && lot.issued <= now && lot.expires.is_none_or(|expires| now < expires))
            .filter_map(|(lot, facts)| {
                let Lot { balance, expires, discounts, face, once, ref scope, .. } = *facts;
                // The other side of a transition may have other scopes.
                let scope = match scope {
                    Some(scope) => Some(policy.lot_scope(scope)?),
                    None => None,
                };
                Some(UsableLot { lot, balance, expires, discounts, face, once, scope })
            })
            .collect();
        let met = |freight: &FreightId| audience_holds[t.freight_audience[freight.index()] as usize];
        let freight = ids(t.freight_text.len()).map(FreightId).filter(met).collect();
        let usage = dealer.usage.iter().filter_map(|usage| super::quota::usage(policy, usage, label)).collect();
        let (budgets, as_of, credit, on_hold) = (dealer.budgets.clone(), dealer.as_of, dealer.credit.clone(), dealer.on_hold);
        Context {
            now,
            priced_at,
            bought,
            as_of,
            credit,
            on_hold,
            stock,
            inventory: dealer.inventory.clone(),
            licences,
            checks,
            usage,
            orders: dealer.orders.clone(),
            sent: sent(policy, dealer),
            budgets,
            registrations: dealer.registrations.clone(),
            adjustments: dealer.adjustments.clone(),
            contests: dealer.contests.clone(),
            values,
            open_rules,
            gated,
            free,
            scopes,
            programs,
            listings,
            grants,
            lots,
            freight,
            blend: None,
        }
    }

    /// Programs that a dealer is in, whenever they hold.
    pub fn member_of(policy: &Loaded, dealer: &DealerFacts) -> Vec<ProgramId> {
        let t = &policy.tables;
        let axes = t.axis_start.len().saturating_sub(1);
        let values: Vec<Option<ValueId>> = ids(axes).map(|axis| policy.own_value(dealer, Dimension::at(axis))).collect();
        let is_in = |program: &ProgramId| {
            let listed = t.program_listed[program.index()] == 0 || dealer.programs.iter().any(|id| id == policy.program(*program));
            listed && holds(policy, &values, t.program_audience[program.index()] as usize)
        };
        ids(t.program_text.len()).map(ProgramId).filter(is_in).collect()
    }

    /// The same with unit prices and rates that are partly those of another side.
    pub fn blended(&self, policy: &Loaded, blend: Blend) -> Context {
        let programs = blend::programs(policy, &blend, &self.programs);
        Context { programs, blend: Some(Arc::new(blend)), ..self.clone() }
    }

    /// The other side of a transition, where both count.
    pub fn blend(&self) -> Option<&Blend> {
        self.blend.as_deref()
    }

    /// Whether a promotion's conditions on dealer, order and time hold and it takes no coupon.
    pub fn open(&self, rule: RuleId) -> bool {
        self.free[rule.index()]
    }

    /// Whether each promotion is open without a coupon.
    pub fn free(&self) -> &[bool] {
        &self.free
    }

    /// Whether a promotion takes a coupon.
    pub fn takes_coupon(&self, rule: RuleId) -> bool {
        self.gated[rule.index()]
    }

    /// Flags of a price that keep a promotion off it.
    pub fn flags(&self, policy: &Loaded, rule: RuleId) -> u32 {
        let of_order = decoded::<Stage>(policy.tables.rule_stage[rule.index()]) == Stage::Order;
        NO_PROMOTION | if of_order { NO_ORDER_PROMOTION } else { 0 } | if self.takes_coupon(rule) { NO_COUPON } else { 0 }
    }

    /// Whether a promotion is open to a dealer who has its coupon.
    pub fn open_with_coupon(&self, rule: RuleId) -> bool {
        self.open_rules[rule.index()]
    }

    /// Whether a promotion is one of the dealer's: its conditions on the dealer hold, whatever the order and the instant.
    pub fn meant(&self, policy: &Loaded, rule: RuleId) -> bool {
        let t = &policy.tables;
        let mut terms = t.terms(AudienceId(t.rule_audience[rule.index()]));
        terms.all(|term| of_source(policy, term) || self.meets(policy, term))
    }

    /// What keeps a promotion of the dealer's closed even with its coupon.
    pub fn closed(&self, policy: &Loaded, rule: RuleId) -> Vec<Closed> {
        let t = &policy.tables;
        let valid = t.holds(t.rule_window[rule.index()], self.now);
        let mut terms = t.terms(AudienceId(t.rule_audience[rule.index()]));
        let source = terms.any(|term| of_source(policy, term) && !self.meets(policy, term));
        let mut closed = Vec::new();
        for (reason, fails) in [(Closed::Validity, !valid), (Closed::Source, source)] {
            if fails {
                closed.push(reason);
            }
        }
        closed
    }

    /// Programs that the dealer is enrolled in, by program.
    pub fn programs(&self) -> &[Enrolment] {
        &self.programs
    }

    /// What the dealer may do with a product: of the entries that take it from him the gravest; else, where entries reserve it, whether
    /// one of them names him.
    pub fn availability(&self, policy: &Loaded, product: ProductId) -> Availability {
        let t = &policy.tables;
        let mut taken = Availability::Orderable;
        let (mut reserved, mut named) = (false, false);
        for (listing, holds) in self.listings.iter().filter(|(listing, _)| t.listed(*listing).binary_search(&product.0).is_ok()) {
            match decoded(t.listing_state[*listing]) {
                Availability::Orderable => (reserved, named) = (true, named || *holds),
                less if *holds => taken = taken.min(less),
                _ => {}
            }
        }
        if taken == Availability::Orderable && reserved && !named { Availability::Hidden } else { taken }
    }

    /// Whether a product is not hidden from the dealer.
    pub fn sees(&self, policy: &Loaded, product: ProductId) -> bool {
        self.availability(policy, product) != Availability::Hidden
    }

    /// Whether a promotion has anything to give that is not hidden from the dealer.
    pub fn gives(&self, policy: &Loaded, rule: RuleId) -> bool {
        policy.tables.steps(rule).any(|step| self.has_step(policy, step))
    }

    /// Whether a step is there for the dealer: one that gives nothing but what is hidden from him is not.
    pub fn has_step(&self, policy: &Loaded, step: usize) -> bool {
        let gifts = &policy.tables.gift_product[policy.tables.gifts(step)];
        gifts.is_empty() || gifts.iter().any(|gift| self.sees(policy, ProductId(*gift)))
    }

    /// Grants of territory that are in force, and whether they name the dealer.
    pub fn grants(&self) -> &[(usize, bool)] {
        &self.grants
    }

    /// Lots of rebate that hold now, in the order in which they are used up.
    pub fn lots(&self) -> &[UsableLot] {
        &self.lots
    }

    /// Freight tables that the dealer and the order source meet, in file order.
    pub fn freight(&self) -> &[FreightId] {
        &self.freight
    }

    /// Whether the assortment has entries that are in force.
    pub fn has_assortment(&self) -> bool {
        !self.listings.is_empty()
    }

    /// Whether one term of a condition holds.
    pub fn meets(&self, policy: &Loaded, term: usize) -> bool {
        meets(policy, &self.values, term)
    }

    /// What conditions look at beside the lines of an order.
    pub fn own(&self, policy: &Loaded, order: &Order) -> Own {
        Own::new(policy, &self.values, &self.sent, self.orders.as_ref(), order)
    }

    /// Value of a dimension.
    pub fn value(&self, dimension: Dimension) -> Option<ValueId> {
        self.values[dimension.index()]
    }

    pub(super) fn scopes(&self, access: AccessId) -> &[Scope] {
        &self.scopes[access.index()]
    }
}

/// The numbers below `count`, as ids are written.
pub(crate) fn ids(count: usize) -> std::ops::Range<u32> {
    0..u32::try_from(count).unwrap_or(NONE)
}

/// A dealer's id, and what he has on axes that are numbers or days, where conditions may tell it.
fn sent(policy: &Loaded, dealer: &DealerFacts) -> Vec<(Dimension, String)> {
    let t = &policy.tables;
    if t.clause_kind.is_empty() {
        return Vec::new();
    }
    let attributes = policy.dealer_attributes().filter(|(axis, _)| t.ordered(*axis).is_some());
    let attributes = attributes.filter_map(|(axis, id)| Some((axis, dealer.attribute(id)?.to_owned())));
    let contract = dealer.contract_date.iter().map(|day| (Dimension::ContractDate, day.clone()));
    std::iter::once((Dimension::Dealer, dealer.id.clone())).chain(contract).chain(attributes).collect()
}

fn holds(policy: &Loaded, values: &[Option<ValueId>], audience: usize) -> bool {
    let t = &policy.tables;
    t.terms(AudienceId(u32::try_from(audience).unwrap_or(NONE))).all(|term| meets(policy, values, term))
}

fn of_source(policy: &Loaded, term: usize) -> bool {
    policy.tables.term_axis[term] as usize == Dimension::Source.index()
}

fn meets(policy: &Loaded, values: &[Option<ValueId>], term: usize) -> bool {
    listed(policy, values[policy.tables.term_axis[term] as usize], term)
}

/// Whether a term holds of a value.
pub fn listed(policy: &Loaded, value: Option<ValueId>, term: usize) -> bool {
    let t = &policy.tables;
    let listed = value.is_some_and(|value| t.term_values(term).binary_search(&value.0).is_ok());
    listed != (t.term_excludes[term] == 1)
}

/// Scopes of an access that match the dealer: exact values, and in trees every node above them.
fn matching_scopes(policy: &Loaded, values: &[Option<ValueId>], access: AccessId) -> Vec<Scope> {
    let t = &policy.tables;
    let mut keys: Vec<(Vec<u32>, u32)> = vec![(Vec::new(), 0)];
    for axis in t.axes_of(access).filter(|axis| t.is_of_dealer(*axis)) {
        let step = 1 << t.shift(access, axis);
        let mut longer = Vec::new();
        for (key, distance) in keys {
            let (mut value, mut distance) = (values[axis.index()].map_or(NONE, |value| value.0), distance);
            while value != NONE {
                let mut key = key.clone();
                key.push(value);
                longer.push((key, distance));
                value = t.value_parent[value as usize];
                distance += step;
            }
        }
        keys = longer;
    }
    let range = t.scopes_of(access);
    let found = |(key, distance): (Vec<u32>, u32)| {
        binary_search(range.clone(), |scope| t.values_of_scope(scope).cmp(&key)).map(|id| Scope { id, distance })
    };
    keys.into_iter().filter_map(found).collect()
}

fn binary_search(range: std::ops::Range<usize>, compare: impl Fn(ScopeId) -> std::cmp::Ordering) -> Option<ScopeId> {
    let (mut low, mut high) = (range.start, range.end);
    while low < high {
        let middle = low + (high - low) / 2;
        let scope = ScopeId(u32::try_from(middle).ok()?);
        match compare(scope) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(scope),
        }
    }
    None
}
