//! Slices: the part of a bundle that one dealer can meet, as a bundle of its own that answers like the whole one, byte for byte.
//!
//! What depends on who the dealer is, is settled here once: conditions that fail take their rules along, conditions that hold are left out. What depends on the
//! instant, the order source, the quantity or the product stays open, because an order may ask for any of it. The last expression of [`Cut::tables`] names every
//! column of [`Tables`]: a column that is added has no slice until it is said there what becomes of it.

use super::{Bundle, Constant, Dimension, Loaded, NONE, Tables, dealer_axis};
use crate::facts::DealerFacts;
use crate::id::{AccessId, AudienceId, ProductId, ScopeId, TextId, ValueId};
use crate::limit;
use crate::policy::Axis;
use crate::sort::{positions, sort};
use crate::time::{Instant, Interval};
use std::cmp::Ordering;

/// The slice of a policy for the dealer of these facts: id, grade, region and channel count, the rest of the facts does not.
/// It carries the hash of the policy it is cut from, and so do its answers.
///
/// A slice of a slice is the slice itself: facts of another dealer cannot be read against it.
pub fn slice_for(policy: &Loaded, dealer: &DealerFacts) -> Bundle {
    if policy.cut_for().is_some() {
        return Bundle::from_tables(&policy.tables);
    }
    let constants = &policy.constants;
    let life = Interval { from: constants.valid.from, to: constants.valid.to.min(constants.horizon) };
    Bundle::from_tables(&Cut { policy, t: &policy.tables, dealer, life }.tables())
}

/// Which entries of a kind stay.
struct Kept {
    /// Their positions so far, ascending.
    old: Vec<usize>,
    /// For each position so far, and for the end, how many before it stay: the new number of what stays.
    before: Vec<u32>,
}

impl Kept {
    fn of(keep: &[bool]) -> Kept {
        let mut kept = Kept { old: Vec::new(), before: vec![0] };
        let mut count = 0;
        for (position, keep) in keep.iter().enumerate() {
            if *keep {
                kept.old.push(position);
                count += 1;
            }
            kept.before.push(count);
        }
        kept
    }

    fn has(&self, id: u32) -> bool {
        self.before[id as usize] < self.before[id as usize + 1]
    }

    /// A column of what stays.
    fn pick<T: Copy>(&self, column: &[T]) -> Vec<T> {
        self.old.iter().map(|old| column[*old]).collect()
    }

    /// A column of ids of what stays, by their new numbers; [`NONE`] stays what it is.
    fn renumber(&self, mut ids: Vec<u32>) -> Vec<u32> {
        ids.iter_mut().filter(|id| **id != NONE).for_each(|id| *id = self.before[*id as usize]);
        ids
    }

    /// Starts of the lists that stay. No element of another list stays.
    fn starts(&self, start: &[u32], elements: &Kept) -> Vec<u32> {
        let mut starts: Vec<u32> = self.old.iter().map(|list| elements.before[start[*list] as usize]).collect();
        starts.extend(elements.before.last());
        starts
    }

    /// The elements of the lists that stay, as far as each may.
    fn elements(&self, start: &[u32], may: impl Fn(usize) -> bool) -> Kept {
        let mut keep = vec![false; start.last().map_or(0, |end| *end as usize)];
        for list in &self.old {
            let elements = super::slice(start, *list);
            keep[elements.clone()].iter_mut().zip(elements).for_each(|(keep, element)| *keep = may(element));
        }
        Kept::of(&keep)
    }
}

/// Texts that stay, in order of their first use.
struct Texts<'a> {
    t: &'a Tables,
    numbers: Vec<u32>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Texts<'_> {
    fn add(&mut self, text: &[u8]) -> u32 {
        self.bytes.extend_from_slice(text);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(NONE));
        u32::try_from(self.ends.len() - 1).unwrap_or(NONE)
    }

    /// A column of texts by their new numbers.
    fn of(&mut self, mut ids: Vec<u32>) -> Vec<u32> {
        for id in &mut ids {
            let old = *id as usize;
            if self.numbers[old] == NONE {
                self.numbers[old] = self.add(self.t.bytes(TextId(*id)));
            }
            *id = self.numbers[old];
        }
        ids
    }
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
        self.0.retain(|part| {
            let touches = part.from <= more.to && more.from <= part.to;
            if touches {
                more = Interval { from: part.from.min(more.from), to: part.to.max(more.to) };
            }
            !touches
        });
        if self.0.len() < limit::SLICE_INTERVALS {
            self.0.push(more);
        }
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
    /// The dealer's value of an axis; nothing where the order decides.
    fn own(&self, axis: Dimension) -> Option<Option<ValueId>> {
        match axis {
            Dimension::Dealer => Some(self.dealer.dealer),
            Dimension::Grade => Some(self.dealer.grade),
            Dimension::Region => Some(self.dealer.region),
            Dimension::Channel => Some(self.dealer.channel),
            Dimension::Source | Dimension::Category | Dimension::Brand => None,
        }
    }

    fn own_of_term(&self, term: usize) -> Option<Option<ValueId>> {
        self.own(Dimension::ALL[self.t.term_axis[term] as usize])
    }

    /// Whether an audience holds for this dealer in some order.
    fn meets(&self, audience: u32) -> bool {
        self.t.terms(AudienceId(audience)).all(|term| {
            self.own_of_term(term).is_none_or(|own| {
                let listed = own.is_some_and(|value| self.t.term_values(term).binary_search(&value.0).is_ok());
                listed != (self.t.term_excludes[term] == 1)
            })
        })
    }

    /// Compares what audiences leave open once the dealer is known.
    fn compare_open_terms(&self, a: usize, b: usize) -> Ordering {
        let open = |audience: usize| {
            let open = super::slice(&self.t.audience_term_start, audience).filter(|term| self.own_of_term(*term).is_none());
            open.map(|term| (self.t.term_axis[term], self.t.term_excludes[term], self.t.term_values(term)))
        };
        open(a).cmp(open(b))
    }

    /// What of a validity can be asked about.
    fn alive(&self, from: i64, to: i64) -> Option<Interval> {
        Interval { from: Instant(from), to: Instant(to) }.overlap(self.life)
    }

    /// Steps up the region tree from the dealer to a scope; nothing if it is another dealer's.
    fn steps(&self, access: AccessId, scope: u32) -> Option<u32> {
        let mut steps = 0;
        for (axis, value) in self.t.axes_of(access).filter_map(dealer_axis).zip(self.t.values_of_scope(ScopeId(scope))) {
            let mut own = self.own(axis)??.0;
            while own != *value {
                own = if axis == Dimension::Region { self.t.value_parent[own as usize] } else { NONE };
                if own == NONE {
                    return None;
                }
                steps += 1;
            }
        }
        Some(steps)
    }

    /// Entries that decide this dealer's price or floor at some instant: not those of others, and not those behind a nearer record or an earlier table
    /// that always has a price when they are valid.
    fn entries(&self, products: &Kept) -> Vec<bool> {
        let t = self.t;
        let accesses = u32::try_from(t.access_text.len()).unwrap_or(NONE);
        let mut steps: Vec<Option<u32>> = Vec::with_capacity(t.scope_value_start.len());
        for access in (0..accesses).map(AccessId) {
            steps.extend(t.scopes_of(access).map(|scope| self.steps(access, u32::try_from(scope).unwrap_or(NONE))));
        }
        let prices = self.policy.constants.price_accesses;
        let mut keep = vec![false; t.entry_scope.len()];
        for product in &products.old {
            let product = ProductId(u32::try_from(*product).unwrap_or(NONE));
            for sequence in [0..prices, prices..accesses] {
                let mut closed = Instants::default();
                for access in sequence.map(AccessId) {
                    self.entries_of(access, product, &steps, &mut closed, &mut keep);
                }
            }
        }
        keep
    }

    fn entries_of(&self, access: AccessId, product: ProductId, steps: &[Option<u32>], closed: &mut Instants, keep: &mut [bool]) {
        let t = self.t;
        let position = |wanted: Axis| t.axes_of(access).position(|axis| axis == wanted);
        let category_first = position(Axis::Category) < position(Axis::Region);
        let mut met: Vec<(u32, u32, usize)> = Vec::new();
        for entry in t.entries(access, product) {
            if let Some(steps) = steps[t.entry_scope[entry] as usize] {
                let distance = t.entry_distance[entry];
                met.push(if category_first { (distance, steps, entry) } else { (steps, distance, entry) });
            }
        }
        sort(&mut met, Ord::cmp);
        let mut nearer = closed.clone();
        let mut always = true;
        for (_, _, entry) in met {
            let record = t.entry_record[entry] as usize;
            let Some(valid) = self.alive(t.record_from[record], t.record_to[record]) else { continue };
            if !nearer.cover(valid) {
                keep[entry] = true;
                // Below the first band the search goes on.
                always &= t.band_from[t.record_band_start[record] as usize] <= 1;
                nearer.add(valid);
            }
        }
        if always {
            *closed = nearer;
        }
    }

    fn tables(&self) -> Tables {
        let t = self.t;
        // Every product stays: an order may name any of them, and the answer to one without a price has its name, its unit and its quantities.
        let products = Kept::of(&vec![true; t.product_sku.len()]);
        let used = marked(t.class_rule_start.len().saturating_sub(1), products.pick(&t.product_class));

        let mut counts = vec![false; t.rule_text.len()];
        for class in (0..used.len()).filter(|class| used[*class]) {
            t.class_rule[super::slice(&t.class_rule_start, class)].iter().for_each(|rule| counts[*rule as usize] = true);
        }
        let met =
            |audience: &[u32], from: &[i64], to: &[i64], at: usize| self.alive(from[at], to[at]).is_some() && self.meets(audience[at]);
        let rules = (0..t.rule_text.len()).map(|rule| counts[rule] && met(&t.rule_audience, &t.rule_from, &t.rule_to, rule));
        let rules = Kept::of(&rules.collect::<Vec<bool>>());
        let programs = (0..t.program_text.len()).map(|program| met(&t.program_audience, &t.program_from, &t.program_to, program));
        let programs = Kept::of(&programs.collect::<Vec<bool>>());
        let groups = Kept::of(&marked(t.group_text.len(), rules.pick(&t.rule_group)));
        let steps = rules.elements(&t.rule_step_start, |_| true);
        let tiers = programs.elements(&t.program_tier_start, |_| true);
        let periods = programs.elements(&t.program_period_start, |period| self.alive(t.period_from[period], t.period_to[period]).is_some());

        let class = |class: usize| {
            let rules_of = t.class_rule[super::slice(&t.class_rule_start, class)].iter();
            let programs_of = t.class_program[super::slice(&t.class_program_start, class)].iter();
            (rules_of.filter(|rule| rules.has(**rule)), programs_of.filter(|program| programs.has(**program)))
        };
        let (class_of, classes) = alike(&used, &mut |a, b| {
            let ((a_rules, a_programs), (b_rules, b_programs)) = (class(a), class(b));
            a_rules.cmp(b_rules).then_with(|| a_programs.cmp(b_programs))
        });
        let class_rules = classes.elements(&t.class_rule_start, |at| rules.has(t.class_rule[at]));
        let class_programs = classes.elements(&t.class_program_start, |at| programs.has(t.class_program[at]));

        let users = [rules.pick(&t.rule_audience), programs.pick(&t.program_audience)].concat();
        let users = marked(t.audience_term_start.len().saturating_sub(1), users);
        let (audience_of, audiences) = alike(&users, &mut |a, b| self.compare_open_terms(a, b));
        let terms = audiences.elements(&t.audience_term_start, |term| self.own_of_term(term).is_none());
        let term_values = terms.elements(&t.term_value_start, |_| true);

        let entries = Kept::of(&self.entries(&products));
        let records = Kept::of(&marked(t.record_from.len(), entries.pick(&t.entry_record)));
        let bands = records.elements(&t.record_band_start, |_| true);
        let scopes = Kept::of(&marked(t.scope_value_start.len().saturating_sub(1), entries.pick(&t.entry_scope)));
        let scope_values = scopes.elements(&t.scope_value_start, |_| true);
        // A price names the tables searched before it, so tables stay up to the last one that has a price; floors are not named.
        let prices = self.policy.constants.price_accesses as usize;
        let filled =
            |access: usize| scopes.before[t.access_scope_start[access] as usize] < scopes.before[t.access_scope_start[access + 1] as usize];
        let last = (0..prices).rev().find(|access| filled(*access));
        let accesses: Vec<bool> =
            (0..t.access_text.len()).map(|access| if access < prices { Some(access) <= last } else { filled(access) }).collect();
        let accesses = Kept::of(&accesses);
        let axes = accesses.elements(&t.access_axis_start, |_| true);
        let count = t.product_sku.len();
        let cells: Vec<bool> = (0..t.entry_start.len().saturating_sub(1))
            .map(|cell| {
                [(&accesses, cell / count), (&products, cell % count)].into_iter().all(|(kept, id)| kept.before[id] < kept.before[id + 1])
            })
            .collect();
        let cells = Kept::of(&cells);

        let own = [self.dealer.grade, self.dealer.region, self.dealer.channel].map(|value| value.map_or(NONE, |value| value.0));
        let mut values = own.to_vec();
        values.extend(self.dealer.dealer.map(|value| value.0));
        values.extend(term_values.pick(&t.term_value));
        values.extend(products.pick(&t.product_category));
        values.extend(products.pick(&t.product_brand));
        let mut values = marked(t.value_text.len(), values);
        // Trees stay up to their roots. Every way up ends.
        for value in 0..values.len() {
            let mut above = if values[value] { t.value_parent[value] } else { NONE };
            while above != NONE && !values[above as usize] {
                values[above as usize] = true;
                above = t.value_parent[above as usize];
            }
        }
        let values = Kept::of(&values);

        let mut texts = Texts { t, numbers: vec![NONE; t.text_end.len()], ends: Vec::new(), bytes: Vec::new() };
        let mut constants = t.constants.clone();
        for constant in Constant::TEXTS {
            let id = u32::try_from(constants[constant as usize]).unwrap_or(0);
            constants[constant as usize] = i64::from(texts.of(vec![id])[0]);
        }
        constants[Constant::PriceAccesses as usize] = i64::from(accesses.before[prices]);
        let [grade, region, channel] = own;
        let [parent, id] = [&self.policy.hash, &self.dealer.id].map(|text| texts.add(text.as_bytes()));
        let slice_of = [vec![parent, id], values.renumber(vec![grade, region, channel])].concat();

        let mut slice = Tables {
            slice_of,
            text_end: Vec::new(),
            text_bytes: Vec::new(),
            constants,

            axis_start: t.axis_start.iter().map(|start| values.before[*start as usize]).collect(),
            value_text: texts.of(values.pick(&t.value_text)),
            value_zh: texts.of(values.pick(&t.value_zh)),
            value_en: texts.of(values.pick(&t.value_en)),
            value_parent: values.renumber(values.pick(&t.value_parent)),

            product_sku: texts.of(products.pick(&t.product_sku)),
            product_zh: texts.of(products.pick(&t.product_zh)),
            product_en: texts.of(products.pick(&t.product_en)),
            product_unit: texts.of(products.pick(&t.product_unit)),
            product_category: values.renumber(products.pick(&t.product_category)),
            product_brand: values.renumber(products.pick(&t.product_brand)),
            product_class: classes.renumber(products.old.iter().map(|product| class_of[t.product_class[*product] as usize]).collect()),
            product_minimum: products.pick(&t.product_minimum),
            product_multiple: products.pick(&t.product_multiple),

            class_rule_start: classes.starts(&t.class_rule_start, &class_rules),
            class_rule: rules.renumber(class_rules.pick(&t.class_rule)),
            class_program_start: classes.starts(&t.class_program_start, &class_programs),
            class_program: programs.renumber(class_programs.pick(&t.class_program)),

            access_text: texts.of(accesses.pick(&t.access_text)),
            access_zh: texts.of(accesses.pick(&t.access_zh)),
            access_en: texts.of(accesses.pick(&t.access_en)),
            access_axis_start: accesses.starts(&t.access_axis_start, &axes),
            access_axis: axes.pick(&t.access_axis),
            access_scope_start: accesses.starts(&t.access_scope_start, &scopes),
            scope_value_start: scopes.starts(&t.scope_value_start, &scope_values),
            scope_value: values.renumber(scope_values.pick(&t.scope_value)),
            entry_start: cells.starts(&t.entry_start, &entries),
            entry_scope: scopes.renumber(entries.pick(&t.entry_scope)),
            entry_record: records.renumber(entries.pick(&t.entry_record)),
            entry_distance: entries.pick(&t.entry_distance),
            record_from: records.pick(&t.record_from),
            record_to: records.pick(&t.record_to),
            record_band_start: records.starts(&t.record_band_start, &bands),
            band_from: bands.pick(&t.band_from),
            band_price: bands.pick(&t.band_price),
            band_per: bands.pick(&t.band_per),

            audience_term_start: audiences.starts(&t.audience_term_start, &terms),
            term_axis: terms.pick(&t.term_axis),
            term_excludes: terms.pick(&t.term_excludes),
            term_value_start: terms.starts(&t.term_value_start, &term_values),
            term_value: values.renumber(term_values.pick(&t.term_value)),

            group_text: texts.of(groups.pick(&t.group_text)),
            group_mode: groups.pick(&t.group_mode),

            rule_text: texts.of(rules.pick(&t.rule_text)),
            rule_zh: texts.of(rules.pick(&t.rule_zh)),
            rule_en: texts.of(rules.pick(&t.rule_en)),
            rule_stage: rules.pick(&t.rule_stage),
            rule_group: groups.renumber(rules.pick(&t.rule_group)),
            rule_priority: rules.pick(&t.rule_priority),
            rule_audience: audiences.renumber(rules.old.iter().map(|rule| audience_of[t.rule_audience[*rule] as usize]).collect()),
            rule_from: rules.pick(&t.rule_from),
            rule_to: rules.pick(&t.rule_to),
            rule_measure: rules.pick(&t.rule_measure),
            rule_interval: rules.pick(&t.rule_interval),
            rule_times: rules.pick(&t.rule_times),
            rule_units: rules.pick(&t.rule_units),
            rule_base: rules.pick(&t.rule_base),
            rule_step_start: rules.starts(&t.rule_step_start, &steps),
            step_from: steps.pick(&t.step_from),
            step_kind: steps.pick(&t.step_kind),
            step_value: steps.pick(&t.step_value),

            program_text: texts.of(programs.pick(&t.program_text)),
            program_zh: texts.of(programs.pick(&t.program_zh)),
            program_en: texts.of(programs.pick(&t.program_en)),
            program_audience: audiences
                .renumber(programs.old.iter().map(|program| audience_of[t.program_audience[*program] as usize]).collect()),
            program_from: programs.pick(&t.program_from),
            program_to: programs.pick(&t.program_to),
            program_basis: programs.pick(&t.program_basis),
            program_mode: programs.pick(&t.program_mode),
            program_qualifier: programs.pick(&t.program_qualifier),
            program_pays_units: programs.pick(&t.program_pays_units),
            program_period_start: programs.starts(&t.program_period_start, &periods),
            period_text: texts.of(periods.pick(&t.period_text)),
            period_from: periods.pick(&t.period_from),
            period_to: periods.pick(&t.period_to),
            program_tier_start: programs.starts(&t.program_tier_start, &tiers),
            tier_from: tiers.pick(&t.tier_from),
            tier_value: tiers.pick(&t.tier_value),
        };
        (slice.text_end, slice.text_bytes) = (texts.ends, texts.bytes);
        slice
    }
}

/// Whether each of `count` ids is among `ids`, where [`NONE`] may stand too.
fn marked(count: usize, ids: Vec<u32>) -> Vec<bool> {
    let mut marked = vec![false; count];
    ids.into_iter().filter(|id| *id != NONE).for_each(|id| marked[id as usize] = true);
    marked
}

/// For each that is used the first used one that compares equal; and which those are, so that nothing stays twice and no number is left out.
fn alike(used: &[bool], compare: &mut dyn FnMut(usize, usize) -> Ordering) -> (Vec<u32>, Kept) {
    let used_ones: Vec<usize> = (0..used.len()).filter(|id| used[*id]).collect();
    let mut first = vec![NONE; used.len()];
    let mut keep = vec![false; used.len()];
    let mut leader: Option<usize> = None;
    for position in positions(used_ones.len(), &mut |a, b| compare(used_ones[a], used_ones[b])) {
        let id = used_ones[position];
        let known = leader.filter(|leader| compare(*leader, id).is_eq()).unwrap_or(id);
        keep[known] = true;
        first[id] = u32::try_from(known).unwrap_or(NONE);
        leader = Some(known);
    }
    (first, Kept::of(&keep))
}
