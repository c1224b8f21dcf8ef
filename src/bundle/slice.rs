//! Slices: the part of a bundle that one dealer can meet, as a bundle of its own that answers like the whole one, byte for byte.
//!
//! What depends on who the dealer is, is settled here once: conditions that fail take their rules along, conditions that hold are left out. What depends on the
//! instant, the order source, the quantity or the product stays open, because an order may ask for any of it. What becomes of a column follows from its
//! declaration in [`Tables`]; what stays of each [`Kind`] that is neither an element of lists nor only named by others is said in [`Cut::kept`].

use super::columns::{Column, Each, Holds, KINDS, Kind, Shared};
use super::{Bundle, COLUMNS, Constant, Dimension, Loaded, NONE, Registered, Tables, decoded};
use crate::facts::DealerFacts;
use crate::id::{AccessId, AudienceId, ProductId, ScopeId, TextId};
use crate::limit;
use crate::policy::{Availability, Resolution, ScaleBasis, ScaleMeasure};
use crate::sort::positions;
use crate::time::{Instant, Interval};
use std::cmp::Ordering;

/// The slice of a policy for the dealer of these facts: id, grade and the grade before, region, channel, group, day of the contract and the
/// attributes of the policy count; the rest of the facts does not.
/// It carries the hash of the policy it is cut from, and so do its answers.
///
/// A slice of a slice is the slice itself: facts of another dealer cannot be read against it.
pub fn slice_for(policy: &Loaded, dealer: &DealerFacts) -> Bundle {
    if policy.cut_for().is_some() {
        return Bundle::from_tables(&policy.tables);
    }
    let constants = &policy.constants;
    let life = Interval { from: constants.valid.from, to: constants.valid.to.min(constants.horizon) };
    let new = Cut { policy, t: &policy.tables, dealer, life };
    let mut kept = new.kept();
    let Some(transition) = policy.transition.as_ref().filter(|transition| transition.is_for(policy, dealer)) else {
        return Bundle::from_tables(&new.tables(&kept));
    };
    let old = Cut { policy: &transition.old, t: &transition.old.tables, dealer, life };
    let mut kept_old = old.kept();
    // Both sides have the same values by their numbers: what either keeps, and what is above it in either tree.
    let of = |pieces: &Pieces, id: usize| pieces.of(Kind::Value).has(id);
    let mut stays: Vec<bool> = (0..policy.tables.value_text.len()).map(|id| of(&kept, id) || of(&kept_old, id)).collect();
    let mut more = true;
    while more {
        more = false;
        for parents in [&policy.tables.value_parent, &transition.old.tables.value_parent] {
            for (id, above) in parents.iter().enumerate().filter(|(_, above)| **above != NONE) {
                if stays[id] && !std::mem::replace(&mut stays[*above as usize], true) {
                    more = true;
                }
            }
        }
    }
    kept.settle(Kind::Value, Kept::marked(&stays));
    kept_old.settle(Kind::Value, Kept::marked(&stays));
    let mut slice = new.tables(&kept);
    slice.old = old.tables(&kept_old).nested();
    Bundle::from_tables(&slice)
}

/// Kinds of which a slice keeps a part; the others it writes itself.
const KEPT: usize = Kind::Window as usize + 1;

/// Which entries of a kind stay: for each position so far, and for the end, how many before it stay. That is the new number of what stays.
struct Kept(Vec<u32>);

// Called for every column; one copy of each is a third of the size.
impl Kept {
    #[inline(never)]
    fn of(count: usize, stays: &dyn Fn(usize) -> bool) -> Kept {
        let mut marks = vec![false; count];
        for (position, mark) in marks.iter_mut().enumerate() {
            *mark = stays(position);
        }
        Kept::marked(&marks)
    }

    #[inline(never)]
    fn marked(marks: &[bool]) -> Kept {
        let mut before = vec![0];
        let mut number = 0;
        for mark in marks {
            number += u32::from(*mark);
            before.push(number);
        }
        Kept(before)
    }

    /// Those that a column of what stays names.
    #[inline(never)]
    fn named(count: usize, by: &[(&Kept, &[u32])]) -> Kept {
        let mut named = vec![false; count];
        for (kept, column) in by {
            for old in kept.old() {
                // [`NONE`] names nothing.
                if let Some(named) = named.get_mut(column[old] as usize) {
                    *named = true;
                }
            }
        }
        Kept::marked(&named)
    }

    /// The elements of lists that stay, as far as each may.
    #[inline(never)]
    fn elements(&self, start: &[u32], may: &dyn Fn(usize) -> bool) -> Kept {
        let count = start.last().map_or(0, |end| *end as usize);
        let mut stays = vec![false; count];
        for list in self.old() {
            super::slice(start, list).for_each(|element| stays[element] = may(element));
        }
        Kept::marked(&stays)
    }

    fn has(&self, id: usize) -> bool {
        self.0[id] < self.0[id + 1]
    }

    /// Positions so far of what stays, ascending.
    fn old(&self) -> impl Iterator<Item = usize> {
        (0..self.0.len() - 1).filter(|id| self.has(*id))
    }

    /// What stays of a column.
    #[inline(never)]
    fn pick<T: Copy>(&self, column: &[T]) -> Vec<T> {
        let mut picked = Vec::new();
        for old in self.old() {
            picked.push(column[old]);
        }
        picked
    }

    /// Gives a column of ids their new numbers; [`NONE`] stays what it is.
    #[inline(never)]
    fn renumber(&self, column: &mut [u32]) {
        for id in column {
            *id = self.0.get(*id as usize).copied().unwrap_or(NONE);
        }
    }
}

/// The first of each that compare equal among those that are used, and all by the new numbers of those.
#[inline(never)]
fn alike(used: &Kept, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> [Kept; 2] {
    let list: Vec<usize> = used.old().collect();
    let mut leaders = vec![NONE; used.0.len() - 1];
    let mut leader = None;
    for position in positions(list.len(), &mut |a, b| compare(list[a], list[b])) {
        let id = list[position];
        let first = leader.filter(|leader| compare(*leader, id).is_eq()).unwrap_or(id);
        leaders[id] = small(first);
        leader = Some(first);
    }
    let firsts = Kept::of(leaders.len(), &|id| leaders[id] == small(id));
    firsts.renumber(&mut leaders);
    [firsts, Kept(leaders)]
}

/// Texts that stay, in order of their first use.
struct Texts<'a> {
    t: &'a Tables,
    numbers: Vec<u32>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Texts<'_> {
    #[inline(never)]
    fn add(&mut self, text: &[u8]) -> u32 {
        let number = self.ends.len();
        self.bytes.extend_from_slice(text);
        self.ends.push(small(self.bytes.len()));
        small(number)
    }

    /// The new number of a text.
    #[inline(never)]
    fn number(&mut self, id: u32) -> u32 {
        let mut number = self.numbers[id as usize];
        if number == NONE {
            number = self.add(self.t.bytes(TextId(id)));
            self.numbers[id as usize] = number;
        }
        number
    }
}

/// A count as columns hold it: they are limited to 32 bits.
fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NONE)
}

/// Instants, as intervals that do not touch.
#[derive(Clone, Default)]
struct Instants(Vec<Interval>);

impl Instants {
    fn cover(&self, all: Interval) -> bool {
        self.0.iter().any(|part| part.from <= all.from && all.to <= part.to)
    }

    /// Beyond the limit nothing is added: too little is known to be covered then, and too much stays.
    fn add(&mut self, mut more: Interval) {
        let mut at = 0;
        while let Some(part) = self.0.get(at).copied() {
            if part.from <= more.to && more.from <= part.to {
                more = Interval { from: part.from.min(more.from), to: part.to.max(more.to) };
                self.0.swap_remove(at);
            } else {
                at += 1;
            }
        }
        if self.0.len() < limit::SLICE_INTERVALS {
            self.0.push(more);
        }
    }
}

/// What stays.
struct Pieces {
    /// Of each kind; nothing where the slice writes it itself, and until it is settled.
    kept: [Kept; KINDS],
    /// Products that are not hidden from the dealer for good.
    shown: Kept,
    /// Classes by the new numbers of those that are like them.
    any_class: Kept,
    /// Audiences by the new numbers of those that are like them.
    any_audience: Kept,
}

impl Pieces {
    fn new(shown: Kept) -> Pieces {
        Pieces { kept: [const { Kept(Vec::new()) }; KINDS], shown, any_class: Kept(Vec::new()), any_audience: Kept(Vec::new()) }
    }

    #[inline(never)]
    fn settle(&mut self, kind: Kind, kept: Kept) {
        self.kept[kind as usize] = kept;
    }

    fn settled(&self, kind: Kind) -> bool {
        !self.kept[kind as usize].0.is_empty()
    }

    fn of(&self, kind: Kind) -> &Kept {
        &self.kept[kind as usize]
    }

    /// Settles what stands in lists of what is settled: an element stays with its list, if what it names stays.
    fn settle_elements(&mut self, columns: &[Shared]) {
        for (lists, start) in COLUMNS.iter().zip(columns) {
            let (Holds::Lists(kind) | Holds::FilledLists(kind), Each::Word(start)) = (lists.holds, start) else { continue };
            if self.settled(kind) || !self.settled(lists.of) {
                continue;
            }
            let stays = |at: usize| {
                COLUMNS.iter().zip(columns).filter(|(column, _)| column.of == kind).all(|(column, ids)| match (column.holds, ids) {
                    (Holds::Id(named), Each::Word(ids)) if self.settled(named) => ids[at] == NONE || self.of(named).has(ids[at] as usize),
                    _ => true,
                })
            };
            self.settle(kind, self.of(lists.of).elements(start, &stays));
        }
    }

    /// Settles every other kind that stands in no lists: what is named by something that stays does, too.
    fn settle_named(&mut self, columns: &[Shared]) {
        for (own, entries) in COLUMNS.iter().zip(columns).filter(|(own, _)| (own.of as usize) < KEPT) {
            let in_lists = |column: &Column| matches!(column.holds, Holds::Lists(kind) | Holds::FilledLists(kind) if kind == own.of);
            if self.settled(own.of) || COLUMNS.iter().any(in_lists) {
                continue;
            }
            let mut by = Vec::new();
            for (column, ids) in COLUMNS.iter().zip(columns) {
                if let (Holds::Id(kind), Each::Word(ids)) = (column.holds, ids)
                    && kind == own.of
                    && self.settled(column.of)
                {
                    by.push((self.of(column.of), &ids[..]));
                }
            }
            let kept = Kept::named(entries.len(), &by);
            self.settle(own.of, kept);
        }
    }

    /// Gives a column that names a kind the new numbers.
    #[inline(never)]
    fn renumber(&self, kind: Kind, column: &mut [u32]) {
        let numbers = match kind {
            Kind::Class => &self.any_class,
            Kind::Audience => &self.any_audience,
            _ => self.of(kind),
        };
        numbers.renumber(column);
    }
}

struct Cut<'a> {
    policy: &'a Loaded,
    t: &'a Tables,
    dealer: &'a DealerFacts,
    /// Every instant that can be asked about.
    life: Interval,
}

impl Cut<'_> {
    /// The dealer's value of an axis, [`NONE`] without one; nothing where the order decides.
    fn own(&self, axis: Dimension) -> Option<u32> {
        self.t.is_of_dealer(axis).then(|| self.policy.own_value(self.dealer, axis).map_or(NONE, |value| value.0))
    }

    /// Axes that the dealer decides.
    fn own_axes(&self) -> impl Iterator<Item = Dimension> {
        let axes = (0..).map(Dimension::at).take(self.t.axis_start.len().saturating_sub(1));
        axes.filter(|axis| self.t.is_of_dealer(*axis))
    }

    #[inline(never)]
    fn own_of_term(&self, term: usize) -> Option<u32> {
        self.own(Dimension::at(self.t.term_axis[term]))
    }

    /// Whether the conditions of a rule or program on the dealer hold.
    #[inline(never)]
    fn meant(&self, audience: u32) -> bool {
        let holds = |term| match self.own_of_term(term) {
            Some(own) => self.t.term_values(term).binary_search(&own).is_ok() != (self.t.term_excludes[term] == 1),
            None => true,
        };
        self.t.terms(AudienceId(audience)).all(holds)
    }

    /// Compares what audiences leave open once the dealer is known.
    fn compare_open_terms(&self, a: usize, b: usize) -> Ordering {
        let open = |audience: usize| {
            let terms = super::slice(&self.t.audience_term_start, audience).filter(|term| self.own_of_term(*term).is_none());
            terms.map(|term| (self.t.term_axis[term], self.t.term_excludes[term], self.t.term_values(term)))
        };
        open(a).cmp(open(b))
    }

    /// What of an interval can be asked about.
    fn alive(&self, from: i64, to: i64) -> Option<Interval> {
        Interval { from: Instant(from), to: Instant(to) }.overlap(self.life)
    }

    /// When a window holds, as far as it can be asked about: whole, or, where that is too often to be told apart, from the first time to the last.
    #[inline(never)]
    fn alive_window(&self, window: u32) -> (Vec<Interval>, bool) {
        let whole = self.t.occurrences(window).count() <= limit::SLICE_INTERVALS;
        let mut alive: Vec<Interval> = Vec::new();
        for occurrence in self.t.occurrences(window).filter_map(|occurrence| occurrence.overlap(self.life)) {
            match alive.last_mut() {
                Some(hull) if !whole => hull.to = occurrence.to,
                _ => alive.push(occurrence),
            }
        }
        (alive, whole)
    }

    /// Whether a window holds at any instant that can be asked about.
    fn in_life(&self, window: u32) -> bool {
        self.t.occurrences(window).any(|occurrence| occurrence.overlap(self.life).is_some())
    }

    /// Distance of a scope from the dealer, or [`NONE`] if it is another dealer's.
    fn steps(&self, access: AccessId, scope: usize) -> u32 {
        let mut distance = 0;
        let axes = self.t.axes_of(access).filter(|axis| self.t.is_of_dealer(*axis));
        for (axis, value) in axes.zip(self.t.values_of_scope(ScopeId(small(scope)))) {
            let mut own = self.own(axis).unwrap_or(NONE);
            while own != *value {
                if own == NONE {
                    return NONE;
                }
                own = self.t.value_parent[own as usize];
                distance += 1 << self.t.shift(access, axis);
            }
        }
        distance
    }

    /// Entries that decide this dealer's price or floor at some instant: not those of others, and not those behind a nearer record or an earlier table
    /// that always has a price when they are valid.
    fn entries(&self, products: &Kept) -> Kept {
        let t = self.t;
        let accesses = small(t.access_text.len());
        let mut steps: Vec<u32> = Vec::new();
        for access in 0..accesses {
            steps.extend(t.scopes_of(AccessId(access)).map(|scope| self.steps(AccessId(access), scope)));
        }
        let first = self.policy.constants.access_start;
        let mut keep = vec![false; t.entry_scope.len()];
        for product in products.old() {
            let mut closed = Instants::default();
            for access in 0..accesses {
                if first.contains(&access) {
                    closed = Instants::default();
                }
                self.entries_of(AccessId(access), ProductId(small(product)), &steps, &mut closed, &mut keep);
            }
        }
        Kept::marked(&keep)
    }

    fn entries_of(&self, access: AccessId, product: ProductId, steps: &[u32], closed: &mut Instants, keep: &mut [bool]) {
        let t = self.t;
        let (entries, audience) = (t.entries(access, product), t.access_audience[access.index()]);
        if entries.is_empty() || !self.named(audience) {
            return;
        }
        let shift = t.shift(access, Dimension::Category);
        // Of scopes that are not the dealer's, the distance does not matter.
        let any_unit = |entry: usize| t.record_unit[t.entry_record[entry] as usize] == NONE;
        let rank = |entry: usize| (steps[t.entry_scope[entry] as usize].saturating_add(t.entry_distance[entry] << shift), any_unit(entry));
        let measure: ScaleMeasure = decoded(t.access_measure[access.index()]);
        let basis: ScaleBasis = decoded(t.access_basis[access.index()]);
        // What lines of other products count here by their prices, they count wherever these are found.
        let of_others = measure == ScaleMeasure::Amount && matches!(basis, ScaleBasis::Group | ScaleBasis::Order);
        let mut nearer = if of_others { Instants::default() } else { closed.clone() };
        // Where prices compete, and where the order decides, a table stands in no other's way.
        let registered = decoded::<Registered>(t.access_registered[access.index()]) != Registered::None;
        let mut always = self.named_always(audience) && !of_others;
        always &= self.policy.constants.resolution == Resolution::MostSpecific || access.0 >= self.policy.constants.access_start[1];
        for position in positions(entries.len(), &mut |a, b| rank(entries.start + a).cmp(&rank(entries.start + b))) {
            let entry = entries.start + position;
            let record = t.entry_record[entry] as usize;
            if steps[t.entry_scope[entry] as usize] == NONE {
                continue;
            }
            let (valid, whole) = self.alive_window(t.record_window[record]);
            // What the dealer holds of registrations stands in his catalogue, even behind a price that is always found first.
            if !registered && valid.iter().all(|part| nearer.cover(*part)) {
                continue;
            }
            keep[entry] = true;
            // Where a registration is used up, or for another customer, the search goes on.
            if registered {
                continue;
            }
            // Below the first band and above the end the search goes on with the next table. Of a quantity there is something, of an amount or weight
            // there may be nothing.
            let least = i64::from(measure == ScaleMeasure::Quantity && any_unit(entry));
            always &= t.band_from[t.record_band_start[record] as usize] <= least && t.record_end[record] < 0;
            // For a line in another unit it goes on here.
            if whole && any_unit(entry) {
                valid.into_iter().for_each(|part| nearer.add(part));
            }
        }
        if always {
            *closed = nearer;
        }
    }

    /// Which things of each kind the dealer can meet.
    fn kept(&self) -> Pieces {
        let t = self.t;
        let mut pieces = Pieces::new(self.shown());
        // Every product stays: an order may name any of them, and the answer to one without a price has its name, its unit and its quantities.
        // Of one that is hidden at every instant it has no more than SKU, unit and quantities.
        pieces.settle(Kind::Product, Kept::of(t.product_sku.len(), &|_| true));
        pieces.settle(Kind::Taxed, Kept::of(t.product_tax.len(), &|_| true));
        pieces.settle(Kind::Weighed, Kept::of(t.product_weight.len(), &|_| true));
        let shown = &pieces.shown;
        let product_values = shown.elements(&t.product_value_start, &|_| true);
        pieces.settle(Kind::ProductValue, product_values);
        pieces.settle(Kind::Attribute, Kept::of(t.attribute_text.len(), &|_| true));
        let shown = &pieces.shown;
        pieces.settle(Kind::Redeemable, Kept::of(t.redeemable.len(), &|at| shown.has(t.redeemable[at] as usize)));
        let scopes = Kept::of(t.lot_scope_text.len(), &|_| true);
        let shown = &pieces.shown;
        let of_scopes = scopes.elements(&t.lot_scope_product_start, &|at| shown.has(t.lot_scope_product[at] as usize));
        pieces.settle(Kind::ScopeProduct, of_scopes);
        pieces.settle(Kind::LotScope, scopes);

        // Whatever their validity and products: an order may name any of the dealer's, by its id or by its code, and be told why nothing comes of it.
        let rules = Kept::of(t.rule_text.len(), &|rule| self.meant(t.rule_audience[rule]));
        let open = |at: usize| self.meant(t.program_audience[at]) && self.in_life(t.program_window[at]);
        let programs = Kept::of(t.program_text.len(), &open);
        let pointed = (0..t.program_text.len()).any(|at| t.program_points[at] == 1 && programs.has(at));
        pieces.settle(Kind::Pointed, Kept::of(t.product_points.len(), &|_| pointed));
        let alive = |period: usize| self.alive(t.period_from[period], t.period_to[period]).is_some();
        pieces.settle(Kind::Period, programs.elements(&t.program_period_start, &alive));
        let grade = self.own(Dimension::Grade).unwrap_or(NONE);
        let of_grade = |tier: usize| t.tier_grade[tier] == NONE || t.tier_grade[tier] == grade;
        pieces.settle(Kind::Tier, programs.elements(&t.program_tier_start, &of_grade));
        let needed = |need: usize| t.need_tier[need] == NONE || of_grade(t.need_tier[need] as usize);
        pieces.settle(Kind::Need, programs.elements(&t.program_need_start, &needed));

        let in_question = |at: usize| self.alive(t.purchase_from[at], t.purchase_to[at]).is_some();
        pieces.settle(Kind::Purchase, Kept::of(t.purchase_text.len(), &in_question));
        // An order may name a product by any of its SKUs.
        pieces.settle(Kind::Alias, Kept::of(t.alias_text.len(), &|_| true));
        pieces.settle(Kind::Clock, Kept::of(t.clock_day.len(), &|_| true));

        let opens = |at: usize| rules.has(t.coupon_rule[at] as usize);
        let coupons = Kept::of(t.coupon_rule_start.len() - 1, &|coupon| super::slice(&t.coupon_rule_start, coupon).any(opens));
        pieces.settle(Kind::CouponByte, Kept::of(t.coupon_hash.len(), &|byte| coupons.has(byte / 32)));
        pieces.settle(Kind::Coupon, coupons);

        let used = Kept::named(t.class_rule_start.len() - 1, &[(pieces.of(Kind::Product), &t.product_class)]);
        let [classes, any_class] = alike(&used, &mut |a, b| {
            fn of<'a>(start: &[u32], list: &'a [u32], class: usize, kept: &'a Kept) -> impl Iterator<Item = &'a u32> {
                list[super::slice(start, class)].iter().filter(|id| kept.has(**id as usize))
            }
            let compare = |start: &[u32], list: &[u32], kept: &Kept| of(start, list, a, kept).cmp(of(start, list, b, kept));
            compare(&t.class_rule_start, &t.class_rule, &rules).then_with(|| compare(&t.class_program_start, &t.class_program, &programs))
        });
        pieces.settle(Kind::Class, classes);
        pieces.any_class = any_class;

        // What is reserved for others, and where they may deliver, decides here too; what is taken from others or shown to them does not.
        let orderable = |at: usize| decoded::<Availability>(t.listing_state[at]) == Availability::Orderable;
        let named = |at: usize| self.named(t.listing_audience[at]);
        let listings = Kept::of(t.listing_audience.len(), &|at| self.in_life(t.listing_window[at]) && (orderable(at) || named(at)));
        let grants = Kept::of(t.grant_audience.len(), &|at| self.in_life(t.grant_window[at]));
        let own_listings = Kept::of(t.listing_audience.len(), &|at| listings.has(at) && named(at));
        let own_grants = Kept::of(t.grant_audience.len(), &|at| grants.has(at) && self.named(t.grant_audience[at]));

        let checks = Kept::of(t.check_text.len(), &|at| self.in_life(t.check_window[at]) && self.meant(t.check_audience[at]));

        let entries = self.entries(&pieces.shown);
        let scopes = Kept::named(t.scope_value_start.len() - 1, &[(&entries, &t.entry_scope)]);
        pieces.settle(Kind::Entry, entries);
        // A price names the tables searched before it, and a line without one all of them; floors are not named.
        let prices = self.policy.constants.access_start[1] as usize;
        let filled = |access: usize| t.scopes_of(AccessId(small(access))).any(|scope| scopes.has(scope));
        let accesses = Kept::of(t.access_text.len(), &|access| access < prices || filled(access));
        let own_accesses = Kept::of(t.access_audience.len(), &|at| accesses.has(at) && self.named(t.access_audience[at]));
        // Its rows stay: an order may be delivered anywhere.
        let freight = Kept::of(t.freight_text.len(), &|at| self.meant(t.freight_audience[at]));

        let asked = [
            (&rules, &t.rule_audience[..]),
            (&programs, &t.program_audience),
            (&programs, &t.program_orders),
            (&own_listings, &t.listing_audience),
            (&own_grants, &t.grant_audience),
            (&own_accesses, &t.access_audience),
            (&checks, &t.check_audience),
            (&freight, &t.freight_audience),
        ];
        let asked = Kept::named(t.audience_term_start.len() - 1, &asked);
        let [audiences, any_audience] = alike(&asked, &mut |a, b| self.compare_open_terms(a, b));
        pieces.settle(Kind::Term, audiences.elements(&t.audience_term_start, &|term| self.own_of_term(term).is_none()));
        pieces.settle(Kind::Audience, audiences);
        pieces.any_audience = any_audience;
        pieces.settle(Kind::Rule, rules);
        pieces.settle(Kind::Program, programs);
        pieces.settle(Kind::Listing, listings);
        pieces.settle(Kind::Grant, grants);
        pieces.settle(Kind::Freight, freight);
        let of_shown = |at: usize| pieces.shown.has(t.check_product[at] as usize);
        let check_products = checks.elements(&t.check_product_start, &of_shown);
        pieces.settle(Kind::CheckProduct, check_products);
        pieces.settle(Kind::Check, checks);

        let count = t.product_sku.len();
        pieces.settle(Kind::Cell, Kept::of(t.entry_start.len() - 1, &|cell| accesses.has(cell / count)));
        pieces.settle(Kind::Scope, scopes);
        pieces.settle(Kind::Access, accesses);

        let columns = t.columns();
        pieces.settle_elements(&columns);
        // Nobody is told of other dealers: a condition that names only others holds of nobody.
        let own = self.own(Dimension::Dealer);
        let stays = |(at, value): (usize, &u32)| {
            pieces.of(Kind::ClauseValue).has(at) && (own == Some(*value) || !t.axis(Dimension::Dealer).contains(&(*value as usize)))
        };
        let stays: Vec<bool> = t.clause_value.iter().enumerate().map(stays).collect();
        pieces.settle(Kind::ClauseValue, Kept::marked(&stays));
        pieces.settle(Kind::Value, self.values(&pieces));
        pieces.settle_named(&columns);
        pieces.settle_elements(&columns);
        pieces
    }

    /// Products that are not hidden from the dealer at every instant, whatever the order.
    fn shown(&self) -> Kept {
        let t = self.t;
        let count = t.product_sku.len();
        // Where one entry that names the dealer gives a product, it is not reserved for others.
        let mut given = vec![false; count];
        let mut hidden = vec![Instants::default(); count];
        let entries = || 0..t.listing_audience.len();
        let state = |at: usize| decoded::<Availability>(t.listing_state[at]);
        for at in entries().filter(|at| state(*at) != Availability::Hidden && self.named(t.listing_audience[*at])) {
            t.listed(at).iter().for_each(|product| given[*product as usize] = true);
        }
        for at in entries() {
            let (valid, whole) = self.alive_window(t.listing_window[at]);
            if !whole {
                continue;
            }
            let taken = state(at) == Availability::Hidden && self.named_always(t.listing_audience[at]);
            let reserved = state(at) == Availability::Orderable;
            for product in t.listed(at).iter().map(|product| *product as usize) {
                if taken || (reserved && !given[product]) {
                    valid.iter().for_each(|part| hidden[product].add(*part));
                }
            }
        }
        Kept::of(count, &|product| !hidden[product].cover(self.life))
    }

    /// Whether an entry that can name nobody names the dealer, as far as he decides it.
    fn named(&self, audience: u32) -> bool {
        audience != NONE && self.meant(audience)
    }

    /// The same, whatever the order source.
    fn named_always(&self, audience: u32) -> bool {
        self.named(audience) && self.t.terms(AudienceId(audience)).all(|term| self.own_of_term(term).is_some())
    }

    /// Leaves a notice where it alone makes a grant the dealer's, and marks it.
    fn cut_notices(&self, pieces: &Pieces, notices: &mut [i64]) {
        let grade = self.dealer.grade_before.as_ref().and_then(|(grade, _)| self.policy.value(Dimension::Grade, grade));
        let before = DealerFacts { grade, ..self.dealer.clone() };
        let before = Cut { policy: self.policy, t: self.t, dealer: &before, life: self.life };
        for (notice, grant) in notices.iter_mut().zip(pieces.of(Kind::Grant).old()) {
            let audience = self.t.grant_audience[grant];
            let only_before = grade.is_some() && !self.named(audience) && before.named(audience);
            *notice = if only_before { -*notice } else { 0 };
        }
    }

    /// The dealer's own values, those of orders, of products and of grants, and all regions and all values of attributes of orders: an order may
    /// name any of them.
    fn values(&self, pieces: &Pieces) -> Kept {
        let t = self.t;
        let named = [
            (&pieces.shown, &t.product_category[..]),
            (&pieces.shown, &t.product_brand),
            (pieces.of(Kind::ProductValue), &t.product_value),
            (pieces.of(Kind::TermValue), &t.term_value),
            (pieces.of(Kind::GrantCategory), &t.grant_category),
            (pieces.of(Kind::CheckSource), &t.check_source),
            (pieces.of(Kind::ClauseValue), &t.clause_value),
        ];
        let named = Kept::named(t.value_text.len(), &named);
        // Trees stay up to their roots. Every way up ends.
        let mut stays = vec![false; t.value_text.len()];
        let of_orders = self.policy.order_attributes().map(|(axis, _)| axis);
        let any = std::iter::once(Dimension::Region).chain(of_orders).flat_map(|axis| t.axis(axis)).map(small);
        // A span of numbers or days that nothing here names says only where conditions of others begin.
        let own = self.own_axes().filter(|axis| t.ordered(*axis).is_none()).filter_map(|axis| self.own(axis));
        for value in named.old().map(small).chain(own).chain(any) {
            let mut above = value;
            while above != NONE && !std::mem::replace(&mut stays[above as usize], true) {
                above = t.value_parent[above as usize];
            }
        }
        Kept::marked(&stays)
    }

    fn tables(&self, pieces: &Pieces) -> Tables {
        let mut texts = Texts { t: self.t, numbers: vec![NONE; self.t.text_end.len()], ends: Vec::new(), bytes: Vec::new() };
        let (parent, id) = (texts.add(self.policy.hash.as_bytes()), texts.add(self.dealer.id.as_bytes()));
        let mut nameless = None;
        let mut slice = Tables::default();
        for ((column, from), to) in COLUMNS.iter().zip(self.t.columns()).zip(slice.columns_mut()) {
            if (column.of as usize) >= KEPT {
                continue;
            }
            let of = pieces.of(column.of);
            match (from, to) {
                (Each::Byte(from), Each::Byte(to)) => *to = of.pick(from),
                (Each::Long(from), Each::Long(to)) => *to = of.pick(from),
                (Each::Word(from), Each::Word(to)) => {
                    *to = of.pick(from);
                    match column.holds {
                        Holds::Any | Holds::Code(_) | Holds::Within(_) | Holds::End => {}
                        Holds::Id(kind) => pieces.renumber(kind, to),
                        Holds::Value(_) => pieces.renumber(Kind::Value, to),
                        Holds::Text => to.iter_mut().filter(|id| **id != NONE).for_each(|id| *id = texts.number(*id)),
                        Holds::Name => {
                            for (product, id) in to.iter_mut().enumerate() {
                                let shown = pieces.shown.has(product);
                                *id = if shown { texts.number(*id) } else { *nameless.get_or_insert_with(|| texts.add(b"")) };
                            }
                        }
                        // No element of a list that goes stays.
                        Holds::Lists(elements) | Holds::FilledLists(elements) => {
                            pieces.renumber(elements, to);
                            to.extend(pieces.of(elements).0.last());
                        }
                    }
                }
                _ => {}
            }
        }
        for product in (0..slice.product_sku.len()).filter(|product| !pieces.shown.has(*product)) {
            (slice.product_category[product], slice.product_brand[product]) = (NONE, NONE);
            slice.product_pool[product] = NONE;
            if let Some(rate) = slice.product_tax.get_mut(product) {
                *rate = NONE;
            }
            if let Some(weight) = slice.product_weight.get_mut(product) {
                *weight = 0;
            }
        }
        // Points of what counts by them, of nothing else.
        for product in 0..slice.product_points.len() {
            let mut programs = slice.programs_of(ProductId(small(product))).iter();
            if !programs.any(|program| slice.program_points[*program as usize] == 1) || !pieces.shown.has(product) {
                slice.product_points[product] = 0;
            }
        }
        self.cut_notices(pieces, &mut slice.grant_notice);
        slice.axis_start.extend_from_slice(&self.t.axis_start);
        pieces.renumber(Kind::Value, &mut slice.axis_start);
        slice.constants.extend_from_slice(&self.t.constants);
        for constant in Constant::TEXTS {
            let text = &mut slice.constants[constant as usize];
            *text = i64::from(texts.number(u32::try_from(*text).unwrap_or(0)));
        }
        let before = |access: u32| i64::from(pieces.of(Kind::Access).0[access as usize]);
        let [_, floors, approvals, recommended, _] = self.policy.constants.access_start.map(before);
        let counts = [
            (Constant::PriceAccesses, floors),
            (Constant::FloorAccesses, approvals - floors),
            (Constant::ApprovalAccesses, recommended - approvals),
        ];
        for (constant, count) in counts {
            slice.constants[constant as usize] = count;
        }
        slice.slice_of = vec![parent, id];
        for axis in self.own_axes().skip(1) {
            // An attribute may have a value that the policy does not name; the facts must hold it all the same.
            let value = match axis {
                Dimension::Attribute(attribute) => {
                    self.dealer.attribute(self.policy.text(TextId(self.t.attribute_text[attribute as usize])))
                }
                Dimension::ContractDate => self.dealer.contract_date.as_deref(),
                _ => self.policy.own_value(self.dealer, axis).map(|value| self.policy.value_text(value)),
            };
            slice.slice_of.push(value.map_or(NONE, |value| texts.add(value.as_bytes())));
        }
        slice.slice_of.push(self.dealer.grade_before.as_ref().map_or(NONE, |(grade, _)| texts.add(grade.as_bytes())));
        if self.policy.transition.as_ref().is_some_and(|transition| transition.is_for(self.policy, self.dealer)) {
            slice.transition.clone_from(&self.t.transition);
            slice.transition_end.clone_from(&self.t.transition_end);
            slice.transition[0] = texts.number(self.t.transition[0]);
            slice.transition_day = self.t.transition_day.iter().map(|day| texts.number(*day)).collect();
        }
        slice.text_end = texts.ends;
        slice.text_bytes = texts.bytes;
        slice
    }
}
