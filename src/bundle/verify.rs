//! What evaluation relies on, checked once when a bundle is read: sizes agree, indices lead inside, order is kept, figures are in range.
//! Most of it is what the columns are declared with; the rest stands here.

use super::columns::{Column, Each, Holds, KINDS, Kind, Shared};
use super::{Benefit, COLUMNS, Clause, Coded, Constant, Constants, Dimension, Loaded, NONE, Tables, Transition, slice};
use crate::id::{RuleId, TextId};
use crate::limit;
use crate::num::{Money, Percent, Scale, in_proportion};
use crate::policy::{Decompose, ScaleMeasure, Severity, Stage};
use crate::time::{DAY, Instant, Interval};
use std::ops::Range;
use std::sync::Arc;

type Check<T = ()> = Result<T, &'static str>;

fn ensure(holds: bool, rule: &'static str) -> Check {
    if holds { Ok(()) } else { Err(rule) }
}

/// Checks every rule; names the first that is broken.
pub(super) fn verify(t: &Tables) -> Check<Constants> {
    texts(t)?;
    let shape = Shape::of(t)?;
    COLUMNS.iter().enumerate().try_for_each(|(index, column)| ensure(shape.holds(index, *column), column.of.name()))?;
    let constants = constants(t)?;
    ensure(!t.transition.is_empty() || (t.old.is_empty() && t.transition_end.is_empty()), "transition")?;
    let taxed = if constants.tax.is_some() { t.product_sku.len() } else { 0 };
    ensure(t.product_tax.len() == taxed, "product_tax")?;
    ensure(t.product_weight.is_empty() || t.product_weight.len() == t.product_sku.len(), "product_weight")?;
    let pointed = if t.program_points.contains(&1) { t.product_sku.len() } else { 0 };
    ensure(t.product_points.len() == pointed, "product_points")?;
    ensure(t.freight_text.len() <= limit::FREIGHT_TABLES && t.freight_region.len() <= limit::FREIGHT_ROWS, "freight")?;
    cut_for(t)?;
    values(t)?;
    prices(t)?;
    audiences(t)?;
    rules(t)?;
    let takes_off_freight = t.rule_stage.contains(&Stage::Freight.code());
    ensure(!takes_off_freight || (constants.freight && constants.freight_offers), "rule_stage")?;
    ensure(t.freight_text.is_empty() || constants.freight, "freight")?;
    let (hashes, rest) = t.coupon_hash.as_chunks::<32>();
    ensure(rest.is_empty() && hashes.len() + 1 == t.coupon_rule_start.len() && ascending(hashes), "coupon_hash")?;
    // One more for products that only the other side of a transition has.
    ensure(t.listing_audience.len() <= limit::LISTINGS + 1, "listing")?;
    ensure(t.grant_audience.len() <= limit::GRANTS, "grant")?;
    ensure(t.check_kind.len() <= limit::CHECKS && t.check_kind.is_sorted(), "check")?;
    Ok(constants)
}

/// How many there are of each kind, and in which lists they stand.
struct Shape<'t> {
    t: &'t Tables,
    columns: [Shared<'t>; COLUMNS.len()],
    counts: [Option<usize>; KINDS],
    starts: [Option<&'t [u32]>; KINDS],
}

impl<'t> Shape<'t> {
    /// Columns of one kind are equally long, and lists begin at the first element, do not cross and end at the last.
    fn of(t: &'t Tables) -> Check<Shape<'t>> {
        let mut shape = Shape { t, columns: t.columns(), counts: [None; KINDS], starts: [None; KINDS] };
        shape.counts[Kind::Axis as usize] = Some(axes(t));
        for (column, values) in COLUMNS.iter().zip(shape.columns) {
            let mut count = values.len();
            if let (Holds::Lists(of) | Holds::FilledLists(of), Each::Word(start)) = (column.holds, values) {
                count = count.wrapping_sub(1);
                ensure(start.first() == Some(&0) && start.is_sorted(), of.name())?;
                shape.starts[of as usize] = Some(start);
                shape.settle(of, start[count] as usize)?;
            }
            shape.settle(column.of, count)?;
        }
        Ok(shape)
    }

    fn settle(&mut self, kind: Kind, count: usize) -> Check {
        ensure(*self.counts[kind as usize].get_or_insert(count) == count, kind.name())
    }

    fn count(&self, kind: Kind) -> usize {
        self.counts[kind as usize].unwrap_or_default()
    }

    /// Whether a column holds what is declared of it.
    fn holds(&self, index: usize, column: Column) -> bool {
        let between = |first: usize, end: usize| (long(first), long(end) - 1);
        let ids = |count: usize| between(0, count);
        let (low, high) = match column.holds {
            // Most ids of large policies are of these.
            Holds::Any | Holds::Lists(_) if !column.ascending => return true,
            Holds::Any | Holds::Lists(_) => match self.columns[index] {
                Each::Word(_) => ids(NONE as usize),
                Each::Byte(_) | Each::Long(_) => (i64::MIN, i64::MAX),
            },
            Holds::Text | Holds::Name => ids(self.t.text_end.len()),
            Holds::Id(kind) => ids(self.count(kind)),
            Holds::Value(axis) => {
                let values = slice(&self.t.axis_start, axis.index());
                between(values.start, values.end)
            }
            Holds::Code(count) => ids(count),
            Holds::Within(range) => *range,
            Holds::End => {
                let (Each::Long(from), Each::Long(to)) = (self.columns[index - 1], self.columns[index]) else { return false };
                return from.iter().zip(to).all(|(from, to)| from < to);
            }
            Holds::FilledLists(_) => return matches!(self.columns[index], Each::Word(start) if ascending(start)),
        };
        let starts = self.starts[column.of as usize];
        match self.columns[index] {
            Each::Byte(_) => true,
            Each::Word(ids) => {
                let texts = matches!(column.holds, Holds::Text);
                let ascend = |list: Range<usize>| {
                    let mut pairs = ids[list].array_windows();
                    if texts { pairs.all(|[a, b]| self.t.bytes(TextId(*a)) < self.t.bytes(TextId(*b))) } else { pairs.all(|[a, b]| a < b) }
                };
                let (Ok(low), Ok(span)) = (u32::try_from(low), u32::try_from(high - low + 1)) else { return false };
                // Without a way out of the loop, and so in half the instructions: most of a policy is ids.
                let within = ids.iter().fold(true, |sound, id| sound & ((id.wrapping_sub(low) < span) | (column.or_none & (*id == NONE))));
                within && (!column.ascending || each_list(starts, ids.len(), &ascend))
            }
            Each::Long(figures) => {
                let ascend = |list: Range<usize>| ascending(&figures[list]);
                figures.iter().all(|figure| (low..=high).contains(figure))
                    && (!column.ascending || each_list(starts, figures.len(), &ascend))
            }
        }
    }
}

fn long(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Whether something holds of each list, or of all elements if they stand in no lists.
fn each_list(starts: Option<&[u32]>, count: usize, holds: &dyn Fn(Range<usize>) -> bool) -> bool {
    match starts {
        Some(starts) => (1..starts.len()).all(|end| holds(starts[end - 1] as usize..starts[end] as usize)),
        None => holds(0..count),
    }
}

fn ascending<T: PartialOrd>(list: &[T]) -> bool {
    list.windows(2).all(|pair| pair[0] < pair[1])
}

fn texts(t: &Tables) -> Check {
    let text = std::str::from_utf8(&t.text_bytes).map_err(|_| "text_bytes")?;
    ensure(!t.text_end.is_empty(), "text_end")?;
    ensure(t.text_end.is_sorted() && t.text_end.iter().all(|end| text.is_char_boundary(*end as usize)), "text_end")?;
    ensure(t.text_end.last().is_some_and(|end| *end as usize == text.len()), "text_end")
}

fn constants(t: &Tables) -> Check<Constants> {
    ensure(t.constants.len() == Constant::COUNT, "constants")?;
    let raw = |constant: Constant| t.constants[constant as usize];
    let small = |constant: Constant, max: u32| u32::try_from(raw(constant)).ok().filter(|v| *v <= max).ok_or("constants");
    let money = |constant: Constant| Some(raw(constant)).filter(|v| (0..=limit::MONEY).contains(v)).map(Money).ok_or("constants");
    fn decode<T: Coded>(value: i64) -> Check<T> {
        T::decode(value).ok_or("constants")
    }
    for text in Constant::TEXTS {
        ensure((small(text, NONE)? as usize) < t.text_end.len(), "constants")?;
    }
    let accesses = u32::try_from(t.access_text.len()).map_err(|_| "accesses")?;
    let prices = small(Constant::PriceAccesses, accesses)?;
    let floors = prices + small(Constant::FloorAccesses, accesses - prices)?;
    let approvals = floors + small(Constant::ApprovalAccesses, accesses - floors)?;
    let constants = Constants {
        money_scale: Scale(small(Constant::MoneyScale, 3)?),
        unit_scale: Scale(small(Constant::UnitScale, 6)?),
        quantity_scale: Scale(small(Constant::QuantityScale, 6)?),
        rounding: decode(raw(Constant::Rounding))?,
        rounding_point: decode(raw(Constant::RoundingPoint))?,
        remainder: decode(raw(Constant::Remainder))?,
        weight: decode(raw(Constant::Weight))?,
        hint_quotes: small(Constant::HintQuotes, limit::HINT_QUOTES)?,
        search_steps: small(Constant::SearchSteps, limit::SEARCH_STEPS)?,
        valid: Interval { from: Instant(raw(Constant::ValidFrom)), to: Instant(raw(Constant::ValidTo)) },
        horizon: Instant(raw(Constant::Horizon)),
        access_start: [0, prices, floors, approvals, accesses],
        approval_severity: decode::<Severity>(raw(Constant::ApprovalSeverity))?,
        status_severity: decode::<Severity>(raw(Constant::StatusSeverity))?,
        stock_severity: decode::<Severity>(raw(Constant::StockSeverity))?,
        drop_ship: decode(raw(Constant::DropShip))?,
        pick_up: decode(raw(Constant::PickUp))?,
        blocked_lines: decode(raw(Constant::BlockedLines))?,
        exclusive_severity: decode::<Severity>(raw(Constant::ExclusiveSeverity))?,
        quantity_severity: decode::<Severity>(raw(Constant::QuantitySeverity))?,
        floor_severity: decode::<Severity>(raw(Constant::FloorSeverity))?,
        credit_severity: decode::<Severity>(raw(Constant::CreditSeverity))?,
        gift_weight: Percent(i64::from(small(Constant::GiftWeight, 1_000_000)?)),
        assortment_severity: decode::<Severity>(raw(Constant::AssortmentSeverity))?,
        territory_severity: decode::<Severity>(raw(Constant::TerritorySeverity))?,
        ungranted: decode(raw(Constant::Ungranted))?,
        redemption_severity: decode::<Severity>(raw(Constant::RedemptionSeverity))?,
        redemption_share: Percent(i64::from(small(Constant::RedemptionShare, 1_000_000)?)),
        redemption_most: money(Constant::RedemptionMost)?,
        redemption_line: Percent(i64::from(small(Constant::RedemptionLine, 1_000_000)?)),
        redemption_minimum: money(Constant::RedemptionMinimum)?,
        redemption_lots: small(Constant::RedemptionLots, limit::REDEEM_LOTS)?,
        redemption_untaxed: small(Constant::RedemptionUntaxed, 1)? == 1,
        earns: decode(raw(Constant::Earns))?,
        lot_grace: small(Constant::LotGrace, limit::NOTICE_DAYS + 1)?.checked_sub(1).map(|days| i64::from(days) * DAY),
        pricing_date: decode(raw(Constant::PricingDate))?,
        resolution: decode(raw(Constant::Resolution))?,
        eligibility: decode(raw(Constant::Eligibility))?,
        freight: small(Constant::Freight, 1)? == 1,
        earnings: small(Constant::Earnings, 1)? == 1,
        registrations: small(Constant::Registrations, 1)? == 1,
        unit_limits: small(Constant::UnitLimits, 1)? == 1,
        freight_offers: small(Constant::FreightOffers, 1)? == 1,
        tax: match raw(Constant::TaxBasis) {
            0 => None,
            basis => Some(decode(basis.wrapping_sub(1))?),
        },
    };
    ensure(constants.unit_scale.0 >= constants.money_scale.0, "constants")?;
    ensure(constants.valid.from < constants.valid.to, "constants")?;
    Ok(constants)
}

/// What the old policy of a transition has in common with the new one: values and products by their numbers, and the scales of figures.
pub(super) fn transition(new: &Loaded, old: Loaded) -> Check<Transition> {
    let (t, o) = (&new.tables, &old.tables);
    let &[contract_before, then, leads, steps] = t.transition.as_slice() else { return Err("transition") };
    ensure((contract_before as usize) < t.text_end.len() && (1..=limit::TRANSITION_MONTHS).contains(&steps), "transition")?;
    ensure((1..=steps as usize + 1).contains(&t.transition_end.len()), "transition_end")?;
    let same = |ours: &[u32], theirs: &[u32]| {
        ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| t.bytes(TextId(*a)) == o.bytes(TextId(*b)))
    };
    ensure(o.transition.is_empty() && t.axis_start == o.axis_start && same(&t.value_text, &o.value_text), "old")?;
    ensure(same(&t.product_sku, &o.product_sku) && same(&t.product_unit, &o.product_unit), "old")?;
    ensure(t.product_unit_start == o.product_unit_start && same(&t.unit_text, &o.unit_text), "old")?;
    ensure(t.unit_numerator == o.unit_numerator && t.unit_denominator == o.unit_denominator, "old")?;
    let scales = |c: &Constants| (c.money_scale, c.unit_scale, c.quantity_scale);
    ensure(scales(&new.constants) == scales(&old.constants), "old")?;
    let (then, leads) = (Coded::decode(then).ok_or("transition")?, Coded::decode(leads).ok_or("transition")?);
    Ok(Transition { old: Arc::new(old), contract_before: TextId(contract_before), then, leads, steps })
}

/// How many axes there are.
fn axes(t: &Tables) -> usize {
    Dimension::FIXED.len() + t.attribute_kind.len()
}

fn values(t: &Tables) -> Check {
    ensure(t.attribute_kind.len() <= limit::POLICY_ATTRIBUTES, "attribute")?;
    for axis in (0..).map(Dimension::at).take(axes(t)) {
        let range = t.axis(axis);
        for value in range.clone() {
            // Every path upwards ends, and soon.
            let mut above = t.value_parent[value];
            ensure(above == NONE || axis.is_tree(), "value_parent")?;
            for _ in 0..limit::TREE_DEPTH {
                if above == NONE {
                    break;
                }
                ensure(range.contains(&(above as usize)), "value_parent")?;
                above = t.value_parent[above as usize];
            }
            ensure(above == NONE, "value_parent")?;
        }
    }
    Ok(())
}

fn cut_for(t: &Tables) -> Check {
    let [parent, id, own @ ..] = t.slice_of.as_slice() else { return ensure(t.slice_of.is_empty(), "slice_of") };
    let known = |text: &u32| (*text as usize) < t.text_end.len();
    let own_axes = (0..).map(Dimension::at).take(axes(t)).filter(|axis| t.is_of_dealer(*axis)).count();
    ensure(
        // The id stands apart; behind the axes stands the grade before.
        own.len() == own_axes && known(parent) && known(id) && own.iter().all(|text| *text == NONE || known(text)),
        "slice_of",
    )?;
    let hash = t.text(TextId(*parent));
    ensure(hash.len() == 64 && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "slice_of")
}

fn prices(t: &Tables) -> Check {
    let (accesses, products) = (t.access_text.len(), t.product_sku.len());
    ensure(accesses.checked_mul(products) == Some(t.entry_start.len() - 1), "entry_start")?;
    for access in 0..accesses {
        let by = &t.access_axis[slice(&t.access_axis_start, access)];
        let packs = ScaleMeasure::decode(t.access_measure[access]) == Some(ScaleMeasure::Packs);
        ensure(!packs || t.access_unit[access] != NONE, "access_unit")?;
        // No axis stands twice, so no more distances are added up than there are trees.
        ensure((0..by.len()).all(|at| (by[at] as usize) < axes(t) && !by[..at].contains(&by[at])), "access_axis")?;
        let dealer_axes: Vec<Dimension> = by.iter().map(|axis| Dimension::at(*axis)).filter(|axis| t.is_of_dealer(*axis)).collect();
        let scopes = slice(&t.access_scope_start, access);
        let mut before: Option<&[u32]> = None;
        for scope in scopes.clone() {
            let key = &t.scope_value[slice(&t.scope_value_start, scope)];
            ensure(key.len() == dealer_axes.len(), "scope_value")?;
            ensure(key.iter().zip(&dealer_axes).all(|(value, axis)| t.axis(*axis).contains(&(*value as usize))), "scope_value")?;
            ensure(before.is_none_or(|before| before < key), "scope_value")?;
            before = Some(key);
        }
        for cell in access * products..(access + 1) * products {
            let entries = &t.entry_scope[slice(&t.entry_start, cell)];
            // They ascend, so what the first and the last are within all are.
            let ends = entries.first().into_iter().chain(entries.last());
            ensure(entries.is_sorted() && ends.into_iter().all(|scope| scopes.contains(&(*scope as usize))), "entry_scope")?;
        }
    }
    Ok(())
}

fn audiences(t: &Tables) -> Check {
    for (term, axis) in t.term_axis.iter().enumerate() {
        ensure((*axis as usize) < axes(t), "term_axis")?;
        let axis = t.axis(Dimension::at(*axis));
        ensure(t.term_values(term).iter().all(|value| axis.contains(&(*value as usize))), "term_value")?;
    }
    Ok(())
}

fn rules(t: &Tables) -> Check {
    ensure(t.rule_stage.iter().zip(&t.rule_group).is_sorted(), "rule_group")?;
    ensure((0..t.step_from.len()).all(|step| t.gifts(step).len() <= limit::GIFT_ITEMS), "step_gift")?;
    ensure(t.rule_part_start.windows(2).all(|parts| (parts[1] - parts[0]) as usize <= limit::COMBO_PARTS), "rule_part_start")?;
    ensure(t.part_cheapest.iter().zip(&t.part_quantity).all(|(cheapest, all)| cheapest <= all), "part_cheapest")?;
    for rule in 0..t.rule_text.len() {
        let own = slice(&t.rule_clause_start, rule);
        // A condition is one clause with everything inside it.
        ensure(own.is_empty() || t.clause_size[own.start] as usize == own.len(), "clause")?;
        clauses(t, own, limit::CLAUSE_DEPTH + 2)?;
    }
    for rule in (0_u32..).map(RuleId).take(t.rule_text.len()) {
        let steps = t.steps(rule);
        // Only amounts add up, and only steps in some proportion are divided best.
        let fits = match Decompose::decode(t.rule_decompose[rule.index()] as usize) {
            Some(Decompose::Highest) | None => true,
            Some(_)
                if t.step_from[steps.start] == 0 || t.step_kind[steps.clone()].iter().any(|kind| *kind != Benefit::AmountOff.code()) =>
            {
                false
            }
            Some(Decompose::Greedy) => true,
            Some(Decompose::Best) => in_proportion(&t.step_from[steps], limit::STEP_PROPORTION),
        };
        ensure(fits, "rule_decompose")?;
    }
    let named = |(kind, text): (&u32, &u32)| (Benefit::decode(*kind as usize) == Some(Benefit::Earn)) == (*text != NONE);
    ensure(t.step_kind.iter().zip(&t.step_text).all(named), "step_text")?;
    let percent_fits = |(kind, value): (&u32, &i64)| Benefit::decode(*kind as usize) != Some(Benefit::PercentOff) || *value <= 1_000_000;
    ensure(t.step_kind.iter().zip(&t.step_value).all(percent_fits), "step_value")
}

/// Clauses stand side by side and end together with what they are inside of, and each has what it looks at. Depth counts the fields of a dealer as inside.
fn clauses(t: &Tables, all: Range<usize>, depth: usize) -> Check {
    ensure(depth > 0, "clause")?;
    let mut at = all.start;
    while at < all.end {
        let end = at + t.clause_size[at] as usize;
        let (values, axis) = (t.clause_values(at), t.clause_axis[at]);
        let known = axis != NONE && (axis as usize) < axes(t);
        let inside = || t.axis(Dimension::at(axis));
        let of_axis = known && values.iter().all(|value| inside().contains(&(*value as usize)));
        let sound = match Clause::decode(t.clause_kind[at]) {
            Some(Clause::All | Clause::Any) => end > at + 1,
            Some(Clause::Not) => end > at + 1 && t.clause_size[at + 1] == t.clause_size[at] - 1,
            Some(Clause::Value) => end == at + 1 && of_axis,
            Some(Clause::Delivery) => end == at + 1 && of_axis && axis as usize == Dimension::Region.index(),
            Some(Clause::OrderNumber) => end == at + 1 && (values.is_empty() || (of_axis && axis as usize == Dimension::Source.index())),
            Some(Clause::CartAmount | Clause::CartQuantity | Clause::CartSkus | Clause::CartWeight | Clause::Handover | Clause::Day) => {
                end == at + 1
            }
            None => false,
        };
        ensure(sound && end <= all.end, "clause")?;
        clauses(t, at + 1..end, depth - usize::from(end > at + 1))?;
        at = end;
    }
    Ok(())
}
