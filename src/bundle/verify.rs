//! What evaluation relies on, checked once when a bundle is read: sizes agree, indices lead inside, order is kept, figures are in range.

use super::{AXES, Benefit, Coded, Constant, Constants, Dimension, Measure, NONE, Tables};
use crate::id::TextId;
use crate::limit;
use crate::num::{Percent, Ratio, Scale};
use crate::policy::{Availability, Axis, Base, Basis, Choose, GrantMode, GroupMode, Qualifier, Scope, Severity, Stage, TierMode};
use crate::time::{Instant, Interval};

type Check<T = ()> = Result<T, &'static str>;

fn ensure(holds: bool, rule: &'static str) -> Check {
    if holds { Ok(()) } else { Err(rule) }
}

/// Checks every rule; names the first that is broken.
pub(super) fn verify(t: &Tables) -> Check<Constants> {
    texts(t)?;
    let constants = constants(t)?;
    slice(t)?;
    values(t)?;
    products(t)?;
    prices(t, &constants)?;
    audiences(t)?;
    rules(t)?;
    coupons(t)?;
    programs(t)?;
    assortment(t)?;
    territory(t)?;
    ensure(ascending(&t.redeemable) && below(&t.redeemable, t.product_sku.len(), false), "redeemable")?;
    Ok(constants)
}

fn ascending<T: PartialOrd>(list: &[T]) -> bool {
    list.windows(2).all(|pair| pair[0] < pair[1])
}

fn below(list: &[u32], count: usize, or_none: bool) -> bool {
    list.iter().all(|id| (*id as usize) < count || (or_none && *id == NONE))
}

fn within(list: &[i64], low: i64, high: i64) -> bool {
    list.iter().all(|value| (low..=high).contains(value))
}

/// A list-of-lists start column for `count` entries over `total` elements.
fn starts(start: &[u32], count: usize, total: usize) -> bool {
    start.len() == count + 1 && start[0] == 0 && start[count] as usize == total && start.windows(2).all(|pair| pair[0] <= pair[1])
}

/// The same, with no entry empty.
fn starts_filled(start: &[u32], count: usize, total: usize) -> bool {
    starts(start, count, total) && ascending(start)
}

fn lists<'a, T>(start: &'a [u32], of: &'a [T]) -> impl Iterator<Item = &'a [T]> {
    start.windows(2).map(move |pair| &of[pair[0] as usize..pair[1] as usize])
}

fn all_decode<T: Coded>(list: &[u32]) -> bool {
    list.iter().all(|code| T::decode(*code as usize).is_some())
}

fn intervals(from: &[i64], to: &[i64], count: usize) -> bool {
    from.len() == count && to.len() == count && from.iter().zip(to).all(|(from, to)| from < to)
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
    fn decode<T: Coded>(value: i64) -> Check<T> {
        T::decode(value).ok_or("constants")
    }
    for text in Constant::TEXTS {
        ensure((small(text, NONE)? as usize) < t.text_end.len(), "constants")?;
    }
    let constants = Constants {
        money_scale: Scale(small(Constant::MoneyScale, 3)?),
        unit_scale: Scale(small(Constant::UnitScale, 6)?),
        quantity_scale: Scale(small(Constant::QuantityScale, 6)?),
        rounding: decode(raw(Constant::Rounding))?,
        rounding_point: decode(raw(Constant::RoundingPoint))?,
        remainder: decode(raw(Constant::Remainder))?,
        weight: decode(raw(Constant::Weight))?,
        search_steps: small(Constant::SearchSteps, limit::SEARCH_STEPS)?,
        valid: Interval { from: Instant(raw(Constant::ValidFrom)), to: Instant(raw(Constant::ValidTo)) },
        horizon: Instant(raw(Constant::Horizon)),
        price_accesses: small(Constant::PriceAccesses, NONE)?,
        quantity_severity: decode::<Severity>(raw(Constant::QuantitySeverity))?,
        floor_severity: decode::<Severity>(raw(Constant::FloorSeverity))?,
        credit_severity: decode::<Severity>(raw(Constant::CreditSeverity))?,
        gift_weight: Percent(i64::from(small(Constant::GiftWeight, 1_000_000)?)),
        assortment_severity: decode::<Severity>(raw(Constant::AssortmentSeverity))?,
        territory_severity: decode::<Severity>(raw(Constant::TerritorySeverity))?,
        ungranted: decode(raw(Constant::Ungranted))?,
        redemption_severity: decode::<Severity>(raw(Constant::RedemptionSeverity))?,
        redemption_share: Percent(i64::from(small(Constant::RedemptionShare, 1_000_000)?)),
        earns: decode(raw(Constant::Earns))?,
    };
    ensure(constants.unit_scale.0 >= constants.money_scale.0, "constants")?;
    ensure(constants.valid.from < constants.valid.to, "constants")?;
    Ok(constants)
}

fn values(t: &Tables) -> Check {
    let count = t.value_text.len();
    ensure(starts(&t.axis_start, Dimension::ALL.len(), count), "axis_start")?;
    for column in [&t.value_zh, &t.value_en, &t.value_parent] {
        ensure(column.len() == count, "values")?;
    }
    for column in [&t.value_text, &t.value_zh, &t.value_en] {
        ensure(below(column, t.text_end.len(), false), "values")?;
    }
    for axis in Dimension::ALL {
        let range = t.axis(axis);
        ensure(t.value_text[range.clone()].windows(2).all(|p| t.text(TextId(p[0])) < t.text(TextId(p[1]))), "value_text")?;
        for value in range.clone() {
            // Every path upwards ends, and soon.
            let mut above = t.value_parent[value];
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

fn slice(t: &Tables) -> Check {
    let [parent, id, own @ ..] = t.slice_of.as_slice() else { return ensure(t.slice_of.is_empty(), "slice_of") };
    let texts = t.text_end.len();
    ensure(own.len() == 3 && below(&[*parent, *id], texts, false) && below(own, texts, true), "slice_of")?;
    let hash = t.text(TextId(*parent));
    ensure(hash.len() == 64 && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')), "slice_of")
}

fn products(t: &Tables) -> Check {
    let count = t.product_sku.len();
    let classes = t.class_rule_start.len().saturating_sub(1);
    for column in [&t.product_zh, &t.product_en, &t.product_unit, &t.product_category, &t.product_brand, &t.product_class] {
        ensure(column.len() == count, "products")?;
    }
    for column in [&t.product_sku, &t.product_zh, &t.product_en, &t.product_unit] {
        ensure(below(column, t.text_end.len(), false), "products")?;
    }
    ensure(t.product_sku.windows(2).all(|p| t.text(TextId(p[0])) < t.text(TextId(p[1]))), "product_sku")?;
    for (column, axis) in [(&t.product_category, Dimension::Category), (&t.product_brand, Dimension::Brand)] {
        ensure(column.iter().all(|v| *v == NONE || t.axis(axis).contains(&(*v as usize))), "products")?;
    }
    for column in [&t.product_minimum, &t.product_multiple] {
        ensure(column.len() == count && within(column, 0, limit::QUANTITY), "products")?;
    }
    ensure(starts(&t.product_unit_start, count, t.unit_text.len()) && below(&t.unit_text, t.text_end.len(), false), "units")?;
    for column in [&t.unit_numerator, &t.unit_denominator] {
        ensure(column.len() == t.unit_text.len() && within(column, 1, Ratio::MOST), "units")?;
    }
    ensure(below(&t.product_class, classes, false), "product_class")?;
    for (start, list, total) in
        [(&t.class_rule_start, &t.class_rule, t.rule_text.len()), (&t.class_program_start, &t.class_program, t.program_text.len())]
    {
        ensure(starts(start, classes, list.len()) && below(list, total, false), "classes")?;
        ensure(lists(start, list).all(ascending), "classes")?;
    }
    Ok(())
}

fn prices(t: &Tables, constants: &Constants) -> Check {
    let accesses = t.access_text.len();
    ensure(constants.price_accesses as usize <= accesses, "accesses")?;
    for column in [&t.access_text, &t.access_zh, &t.access_en] {
        ensure(column.len() == accesses && below(column, t.text_end.len(), false), "accesses")?;
    }
    ensure(starts_filled(&t.access_axis_start, accesses, t.access_axis.len()) && all_decode::<Axis>(&t.access_axis), "accesses")?;
    let scopes = t.scope_value_start.len().saturating_sub(1);
    ensure(starts(&t.access_scope_start, accesses, scopes), "scopes")?;
    ensure(starts(&t.scope_value_start, scopes, t.scope_value.len()), "scopes")?;
    for (access, axes) in lists(&t.access_axis_start, &t.access_axis).enumerate() {
        let dealer_axes: Vec<Dimension> = axes.iter().filter_map(|code| dealer_axis(AXES[*code as usize])).collect();
        let mut before: Option<&[u32]> = None;
        for scope in t.access_scope_start[access] as usize..t.access_scope_start[access + 1] as usize {
            let key = &t.scope_value[t.scope_value_start[scope] as usize..t.scope_value_start[scope + 1] as usize];
            ensure(key.len() == dealer_axes.len(), "scope_value")?;
            ensure(key.iter().zip(&dealer_axes).all(|(value, axis)| t.axis(*axis).contains(&(*value as usize))), "scope_value")?;
            ensure(before.is_none_or(|before| before < key), "scope_value")?;
            before = Some(key);
        }
    }
    let records = t.record_from.len();
    let entries = t.entry_scope.len();
    ensure(accesses.checked_mul(t.product_sku.len()).is_some_and(|cells| starts(&t.entry_start, cells, entries)), "entry_start")?;
    ensure(t.entry_record.len() == entries && below(&t.entry_record, records, false), "entry_record")?;
    ensure(t.entry_distance.len() == entries, "entry_distance")?;
    for access in 0..accesses {
        let scopes = t.access_scope_start[access]..t.access_scope_start[access + 1];
        for product in 0..t.product_sku.len() {
            let cell = access * t.product_sku.len() + product;
            let range = t.entry_start[cell] as usize..t.entry_start[cell + 1] as usize;
            ensure(t.entry_scope[range.clone()].iter().all(|scope| scopes.contains(scope)), "entry_scope")?;
            ensure(t.entry_scope[range.clone()].is_sorted(), "entry_scope")?;
            ensure(t.entry_distance[range].iter().all(|steps| *steps as usize <= limit::TREE_DEPTH), "entry_distance")?;
        }
    }
    ensure(t.band_per.len() == t.band_from.len() && t.band_per.iter().all(|per| (1..=limit::PER).contains(per)), "band_per")?;
    ensure(t.record_unit.len() == records && below(&t.record_unit, t.text_end.len(), true), "record_unit")?;
    ensure(intervals(&t.record_from, &t.record_to, records), "records")?;
    ensure(starts_filled(&t.record_band_start, records, t.band_from.len()) && t.band_price.len() == t.band_from.len(), "bands")?;
    ensure(lists(&t.record_band_start, &t.band_from).all(ascending), "bands")?;
    ensure(within(&t.band_from, 0, limit::QUANTITY) && within(&t.band_price, 0, limit::MONEY), "bands")
}

/// The axis of the dealer's side that a key axis is, if it is one.
pub(crate) fn dealer_axis(axis: Axis) -> Option<Dimension> {
    match axis {
        Axis::Dealer => Some(Dimension::Dealer),
        Axis::Grade => Some(Dimension::Grade),
        Axis::Region => Some(Dimension::Region),
        Axis::Channel => Some(Dimension::Channel),
        Axis::Sku | Axis::Category | Axis::Brand => None,
    }
}

fn audiences(t: &Tables) -> Check {
    let audiences = t.audience_term_start.len().saturating_sub(1);
    ensure(starts(&t.audience_term_start, audiences, t.term_axis.len()), "audiences")?;
    ensure(t.term_excludes.len() == t.term_axis.len() && t.term_excludes.iter().all(|flag| *flag <= 1), "audiences")?;
    ensure(starts(&t.term_value_start, t.term_axis.len(), t.term_value.len()), "audiences")?;
    for (axis, values) in t.term_axis.iter().zip(lists(&t.term_value_start, &t.term_value)) {
        let axis = *Dimension::ALL.get(*axis as usize).ok_or("term_axis")?;
        ensure(ascending(values) && values.iter().all(|v| t.axis(axis).contains(&(*v as usize))), "term_value")?;
    }
    Ok(())
}

fn rules(t: &Tables) -> Check {
    let count = t.rule_text.len();
    let texts = t.text_end.len();
    let audiences = t.audience_term_start.len().saturating_sub(1);
    ensure(t.group_mode.len() == t.group_text.len() && below(&t.group_text, texts, false), "groups")?;
    ensure(all_decode::<GroupMode>(&t.group_mode), "groups")?;
    ensure(t.group_scope.len() == t.group_text.len() && all_decode::<Scope>(&t.group_scope), "groups")?;
    ensure(t.group_choose.len() == t.group_text.len() && all_decode::<Choose>(&t.group_choose), "groups")?;
    for column in [&t.rule_text, &t.rule_zh, &t.rule_en] {
        ensure(column.len() == count && below(column, texts, false), "rules")?;
    }
    ensure(t.rule_stage.len() == count && all_decode::<Stage>(&t.rule_stage), "rule_stage")?;
    ensure(t.rule_group.len() == count && below(&t.rule_group, t.group_text.len(), false), "rule_group")?;
    ensure(t.rule_stage.iter().zip(&t.rule_group).is_sorted(), "rule_group")?;
    ensure(t.rule_priority.len() == count, "rule_priority")?;
    ensure(t.rule_audience.len() == count && below(&t.rule_audience, audiences, false), "rule_audience")?;
    ensure(intervals(&t.rule_from, &t.rule_to, count), "rule_from")?;
    ensure(t.rule_measure.len() == count && all_decode::<Measure>(&t.rule_measure), "rule_measure")?;
    ensure(t.rule_base.len() == count && all_decode::<Base>(&t.rule_base), "rule_base")?;
    let most = limit::MONEY.max(limit::QUANTITY);
    ensure(t.rule_interval.len() == count && within(&t.rule_interval, 0, most), "rule_interval")?;
    ensure(t.rule_share.len() == count && within(&t.rule_share, 0, limit::QUANTITY), "rule_share")?;
    ensure(t.rule_times.len() == count && within(&t.rule_times, 1, i64::from(u32::MAX)), "rule_times")?;
    ensure(t.rule_units.len() == count && within(&t.rule_units, -1, limit::QUANTITY), "rule_units")?;
    for column in [&t.rule_limit_order, &t.rule_limit_dealer, &t.rule_limit_total] {
        ensure(column.len() == count && within(column, -1, i64::from(u32::MAX)), "limits")?;
    }
    let budgets = t.budget_text.len();
    for column in [&t.budget_text, &t.budget_zh, &t.budget_en] {
        ensure(column.len() == budgets && below(column, texts, false), "budgets")?;
    }
    ensure(t.budget_text.windows(2).all(|p| t.text(TextId(p[0])) < t.text(TextId(p[1]))), "budgets")?;
    ensure(t.budget_amount.len() == budgets && within(&t.budget_amount, 0, limit::MONEY), "budgets")?;
    ensure(t.rule_budget.len() == count && below(&t.rule_budget, budgets, true), "rule_budget")?;
    ensure(starts_filled(&t.rule_step_start, count, t.step_from.len()), "steps")?;
    ensure(t.step_kind.len() == t.step_from.len() && all_decode::<Benefit>(&t.step_kind), "steps")?;
    ensure(lists(&t.rule_step_start, &t.step_from).all(ascending) && within(&t.step_from, 0, most), "steps")?;
    ensure(t.step_value.len() == t.step_from.len() && within(&t.step_value, 0, limit::MONEY), "steps")?;
    ensure(starts(&t.step_gift_start, t.step_from.len(), t.gift_product.len()), "gifts")?;
    ensure(below(&t.gift_product, t.product_sku.len(), false) && lists(&t.step_gift_start, &t.gift_product).all(ascending), "gifts")?;
    ensure(lists(&t.step_gift_start, &t.gift_product).all(|gifts| gifts.len() <= limit::GIFT_ITEMS), "gifts")?;
    ensure(t.gift_quantity.len() == t.gift_product.len() && within(&t.gift_quantity, 1, limit::QUANTITY), "gifts")?;
    let percent_fits = |(kind, value): (&u32, &i64)| Benefit::decode(*kind as usize) != Some(Benefit::PercentOff) || *value <= 1_000_000;
    ensure(t.step_kind.iter().zip(&t.step_value).all(percent_fits), "steps")
}

fn coupons(t: &Tables) -> Check {
    let (hashes, rest) = t.coupon_hash.as_chunks::<32>();
    ensure(rest.is_empty() && ascending(hashes), "coupon_hash")?;
    ensure(starts_filled(&t.coupon_rule_start, hashes.len(), t.coupon_rule.len()), "coupon_rule")?;
    ensure(below(&t.coupon_rule, t.rule_text.len(), false) && lists(&t.coupon_rule_start, &t.coupon_rule).all(ascending), "coupon_rule")
}

fn programs(t: &Tables) -> Check {
    let count = t.program_text.len();
    let texts = t.text_end.len();
    let audiences = t.audience_term_start.len().saturating_sub(1);
    for column in [&t.program_text, &t.program_zh, &t.program_en] {
        ensure(column.len() == count && below(column, texts, false), "programs")?;
    }
    ensure(t.program_audience.len() == count && below(&t.program_audience, audiences, false), "programs")?;
    ensure(intervals(&t.program_from, &t.program_to, count), "programs")?;
    ensure(t.program_basis.len() == count && all_decode::<Basis>(&t.program_basis), "programs")?;
    ensure(t.program_mode.len() == count && all_decode::<TierMode>(&t.program_mode), "programs")?;
    ensure(t.program_qualifier.len() == count && all_decode::<Qualifier>(&t.program_qualifier), "programs")?;
    ensure(t.program_pays_units.len() == count && t.program_pays_units.iter().all(|flag| *flag <= 1), "programs")?;
    ensure(starts(&t.program_period_start, count, t.period_text.len()), "periods")?;
    ensure(below(&t.period_text, texts, false) && intervals(&t.period_from, &t.period_to, t.period_text.len()), "periods")?;
    ensure(lists(&t.program_period_start, &t.period_from).all(ascending), "periods")?;
    ensure(starts_filled(&t.program_tier_start, count, t.tier_from.len()) && t.tier_value.len() == t.tier_from.len(), "tiers")?;
    ensure(lists(&t.program_tier_start, &t.tier_from).all(ascending), "tiers")?;
    ensure(within(&t.tier_from, 0, limit::MONEY.max(limit::QUANTITY)) && within(&t.tier_value, 0, limit::MONEY), "tiers")
}

fn assortment(t: &Tables) -> Check {
    let count = t.listing_audience.len();
    let audiences = t.audience_term_start.len().saturating_sub(1);
    ensure(count <= limit::LISTINGS && below(&t.listing_audience, audiences, true), "assortment")?;
    ensure(intervals(&t.listing_from, &t.listing_to, count), "assortment")?;
    ensure(t.listing_state.len() == count && all_decode::<Availability>(&t.listing_state), "assortment")?;
    ensure(starts(&t.listing_product_start, count, t.listing_product.len()), "assortment")?;
    ensure(below(&t.listing_product, t.product_sku.len(), false), "assortment")?;
    ensure(lists(&t.listing_product_start, &t.listing_product).all(ascending), "assortment")
}

fn territory(t: &Tables) -> Check {
    let count = t.grant_audience.len();
    let audiences = t.audience_term_start.len().saturating_sub(1);
    ensure(count <= limit::GRANTS && below(&t.grant_audience, audiences, true), "territory")?;
    ensure(intervals(&t.grant_from, &t.grant_to, count), "territory")?;
    ensure(t.grant_mode.len() == count && all_decode::<GrantMode>(&t.grant_mode), "territory")?;
    ensure(starts_filled(&t.grant_region_start, count, t.grant_region.len()), "territory")?;
    ensure(starts(&t.grant_category_start, count, t.grant_category.len()), "territory")?;
    for (start, list, axis) in
        [(&t.grant_region_start, &t.grant_region, Dimension::Region), (&t.grant_category_start, &t.grant_category, Dimension::Category)]
    {
        ensure(lists(start, list).all(ascending), "territory")?;
        ensure(list.iter().all(|value| t.axis(axis).contains(&(*value as usize))), "territory")?;
    }
    Ok(())
}
