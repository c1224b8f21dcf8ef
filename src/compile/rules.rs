use super::condition::Conditions;
use super::selection::Selection;
use super::texts::Texts;
use super::values::Values;
use super::{channel, freight, guards};
use super::{image, small};
use crate::bundle::{Benefit, Coded, Dimension, Measure, NONE, Tables, sha256};
use crate::calendar;
use crate::check::{CheckedPolicy, Resolved};
use crate::num::{Number, Percent, Scale};
use crate::policy::{
    Against, At, Audience, Axis, Budget, Choose, Combo, Count, CountedIn, CountedOrders, Covers, Decompose, Earn, EnrolBy, ForecastBy, Get,
    Gift, GroupMode, Joiners, Limit, LimitOf, LimitScope, Needed, NoBase, Node, OneOrMany, Origin, Pays, Period, Policy, Product, Program,
    Promotion, Qualifier, Scope, Select, Spread, Stage, Step, Surplus, UnitLimit, When,
};
use crate::time::DAY;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Writes groups, promotions, programs, their audiences, and the classes of products that count for the same ones.
pub fn write(checked: &CheckedPolicy, products: &[&Product], values: &Values, t: &mut Tables, texts: &mut Texts) {
    let selection = Selection::new(products, &checked.policy().attributes, values);
    let mut audiences = Audiences::new(t);
    let mut conditions = Conditions::new(t);
    let mut counted: Vec<(Vec<u32>, Vec<u32>)> = vec![Default::default(); products.len()];
    t.rule_step_start.push(0);
    t.step_gift_start.push(0);
    t.rule_part_start.push(0);
    t.rule_limit_start.push(0);
    t.part_product_start.push(0);
    t.program_period_start.push(0);
    t.period_season_start.push(0);
    t.period_month_start.push(0);
    t.program_payout_start.push(0);
    t.program_tier_start.push(0);
    t.program_modifier_start.push(0);
    t.modifier_band_start.push(0);
    t.program_need_start.push(0);
    t.program_split_start.push(0);
    let kpis = write_kpis(checked.policy(), t, texts);
    write_groups(checked, t, texts);
    let budgets = write_budgets(checked, t, texts);
    let mut coupons: BTreeMap<[u8; 32], Vec<u32>> = BTreeMap::new();
    // Only what somebody does not combine with is a difference.
    let tags: BTreeSet<&str> =
        checked.policy().promotions.iter().flat_map(|p| &p.not_with).flat_map(|tags| &tags.0).map(String::as_str).collect();
    for (number, promotion) in in_running_order(checked).into_iter().enumerate() {
        write_promotion(checked, &promotion, &selection, values, &mut audiences, t, texts);
        conditions.write(promotion.policy.condition.as_ref(), checked, &selection, values, t, texts);
        t.rule_tags.push(bits(&tags, promotion.policy.tags.as_ref()));
        t.rule_not_with.push(bits(&tags, promotion.policy.not_with.as_ref()));
        t.rule_budget.push(promotion.policy.budget.as_ref().map_or(NONE, |id| budgets[id.as_str()]));
        for product in write_combo(promotion.policy, &selection, t) {
            counted[product].0.push(small(number));
        }
        let codes: BTreeSet<&String> = promotion.policy.coupon.iter().flat_map(|codes| &codes.0).collect();
        codes.into_iter().for_each(|code| coupons.entry(sha256(code.as_bytes())).or_default().push(small(number)));
    }
    for (number, (index, program)) in in_order_of_id(checked).into_iter().enumerate() {
        write_program(checked, index, program, values, &mut audiences, t, texts);
        t.program_goods.push(program.goods.as_ref().map_or(NONE, |goods| small(selection.sku(&goods.sku))));
        write_terms(checked, program, &kpis, t, texts);
        for product in selection.products(program.on.as_ref()) {
            counted[product].1.push(small(number));
        }
    }
    write_classes(counted, t);
    t.coupon_rule_start.push(0);
    for (hash, rules) in coupons {
        t.coupon_hash.extend(hash);
        t.coupon_rule.extend(rules);
        t.coupon_rule_start.push(small(t.coupon_rule.len()));
    }
    for access in checked.policy().tables().into_iter().flat_map(|(_, list)| list) {
        let audience = audiences.id(&access.when, values, t);
        t.access_audience.push(audience);
    }
    channel::write_assortment(checked, &selection, values, &mut audiences, t);
    channel::write_territory(checked, values, &mut audiences, t);
    channel::write_redemption(checked, &selection, texts, t);
    guards::write(checked, &selection, values, &mut audiences, t, texts);
    freight::write(checked, values, &mut audiences, t, texts);
}

/// Tags as bits.
fn bits(all: &BTreeSet<&str>, own: Option<&OneOrMany>) -> i64 {
    let places = own.iter().flat_map(|own| &own.0).filter_map(|tag| all.iter().position(|known| known == tag));
    places.fold(0, |bits, place| bits | 1 << place)
}

/// Writes what a promotion's combos are made of; the products that the promotion is about.
fn write_combo(promotion: &Promotion, selection: &Selection, t: &mut Tables) -> BTreeSet<usize> {
    let mut about = BTreeSet::new();
    let mut part = |on: Option<&Select>, quantity: u32, cheapest: Option<u32>, percent: Option<Percent>, listed: bool| {
        let products = selection.products(on);
        t.part_quantity.push(i64::from(quantity));
        t.part_cheapest.push(i64::from(cheapest.unwrap_or(quantity)));
        t.part_percent.push(percent.map_or(-1, |percent| percent.0));
        t.part_product.extend(products.iter().filter(|_| listed).map(|product| small(*product)));
        t.part_product_start.push(small(t.part_product.len()));
        about.extend(products);
    };
    match &promotion.combo {
        None => about.extend(selection.products(promotion.on.as_ref())),
        Some(Combo { parts: Some(parts), .. }) => {
            parts.iter().for_each(|each| part(Some(&each.on), each.quantity, each.cheapest, each.percent, parts.len() > 1));
        }
        // The only part takes all that the promotion is about.
        Some(combo) => part(promotion.on.as_ref(), combo.quantity.expect("checked"), combo.cheapest, None, false),
    }
    t.rule_part_start.push(small(t.part_quantity.len()));
    about
}

/// One requirement on a dimension.
pub(super) type Term = (Dimension, bool, Vec<u32>);

/// Conditions on dealer and order, each written once.
pub(super) struct Audiences {
    known: HashMap<Vec<Term>, u32>,
}

impl Audiences {
    fn new(t: &mut Tables) -> Audiences {
        t.audience_term_start.push(0);
        t.term_value_start.push(0);
        Audiences { known: HashMap::new() }
    }

    pub(super) fn id(&mut self, when: &When, values: &Values, t: &mut Tables) -> u32 {
        self.of_terms(terms(when, values), t)
    }

    pub(super) fn of_terms(&mut self, terms: Vec<Term>, t: &mut Tables) -> u32 {
        if let Some(id) = self.known.get(&terms) {
            return *id;
        }
        let id = small(t.audience_term_start.len() - 1);
        for (dimension, excludes, list) in &terms {
            t.term_axis.push(small(dimension.index()));
            t.term_excludes.push(u32::from(*excludes));
            t.term_value.extend(list);
            t.term_value_start.push(small(t.term_value.len()));
        }
        t.audience_term_start.push(small(t.term_axis.len()));
        self.known.insert(terms, id);
        id
    }
}

/// The requirements of a condition, in the order of its fields.
pub(super) fn terms(when: &When, values: &Values) -> Vec<Term> {
    let mut terms = dealer_terms(&when.dealer, false, values);
    if let Some(sources) = &when.order.source {
        terms.push((Dimension::Source, false, values.expand(Dimension::Source, &sources.0)));
    }
    if let Some(except) = &when.dealer.except {
        terms.extend(dealer_terms(except, true, values));
    }
    terms
}

/// What is asked of orders, and then what leaves them out.
fn order_terms(orders: &CountedOrders, values: &Values) -> Vec<Term> {
    let of = |part: &CountedOrders, excludes: bool| -> Vec<Term> {
        let attributes = part.attributes.iter().map(|(id, ids)| (values.dimension(Axis::Attribute(values.attribute_at(id))), ids));
        let given = part.source.iter().map(|sources| (Dimension::Source, sources)).chain(attributes);
        given.map(|(dimension, ids)| (dimension, excludes, values.expand(dimension, &ids.0))).collect()
    };
    let mut terms = of(orders, false);
    terms.extend(orders.except.iter().flat_map(|except| of(except, true)));
    terms
}

fn dealer_terms(audience: &Audience, excludes: bool, values: &Values) -> Vec<Term> {
    let fields = [
        (Dimension::Dealer, &audience.id),
        (Dimension::Grade, &audience.grade),
        (Dimension::Region, &audience.region),
        (Dimension::Channel, &audience.channel),
        (Dimension::Group, &audience.group),
        (Dimension::ContractDate, &audience.contract_date),
    ];
    let given = fields.into_iter().filter_map(|(dimension, ids)| ids.as_ref().map(|ids| (dimension, ids)));
    let attributes = audience.attributes.iter().map(|(id, ids)| (values.dimension(Axis::Attribute(values.attribute_at(id))), ids));
    given.chain(attributes).map(|(dimension, ids)| (dimension, excludes, values.expand(dimension, &ids.0))).collect()
}

/// Declared groups in file order, then the built-in one, which stacks.
fn write_groups(checked: &CheckedPolicy, t: &mut Tables, texts: &mut Texts) {
    for group in &checked.policy().groups {
        t.group_text.push(texts.id(&group.id));
        t.group_mode.push(group.mode.code());
        t.group_scope.push(group.scope.unwrap_or_default().code());
        t.group_choose.push(group.choose.unwrap_or_default().code());
    }
    t.group_text.push(texts.id(""));
    t.group_mode.push(GroupMode::Stack.code());
    t.group_scope.push(Scope::default().code());
    t.group_choose.push(Choose::default().code());
}

/// Budgets in order of their ids; their numbers.
fn write_budgets<'a>(checked: &'a CheckedPolicy, t: &mut Tables, texts: &mut Texts) -> BTreeMap<&'a str, u32> {
    let sorted: BTreeMap<&str, &Budget> = checked.policy().budgets.iter().map(|budget| (budget.id.as_str(), budget)).collect();
    for budget in sorted.values() {
        t.budget_text.push(texts.id(&budget.id));
        t.budget_zh.push(texts.id(&budget.name.zh));
        t.budget_en.push(texts.id(&budget.name.en));
        t.budget_amount.push(image(budget.amount, checked.resolved().money_scale));
    }
    sorted.into_keys().zip(0..).collect()
}

/// A promotion with everything that its place in the order depends on.
struct Ordered<'a> {
    policy: &'a Promotion,
    index: usize,
    stage: Stage,
    group: u32,
    measure: Measure,
    interval: i64,
    /// Where full steps begin to be counted.
    origin: i64,
    steps: Vec<CompiledStep<'a>>,
}

struct CompiledStep<'a> {
    from: i64,
    kind: Benefit,
    value: i64,
    gift: Option<&'a Gift>,
    earn: Option<&'a Earn>,
}

/// Stage, group, larger priority, kind of benefit, id: a total order, so running order never depends on the files.
fn in_running_order(checked: &CheckedPolicy) -> Vec<Ordered<'_>> {
    let policy = checked.policy();
    let group_of = |promotion: &Promotion| match &promotion.group {
        Some(id) => small(policy.groups.iter().position(|group| group.id == *id).expect("checked")),
        None => small(policy.groups.len()),
    };
    let mut ordered: Vec<Ordered> = policy
        .promotions
        .iter()
        .enumerate()
        .map(|(index, promotion)| {
            let (measure, [interval, origin], steps) = steps(promotion, checked.resolved());
            let own = promotion.threshold_tax.zip(policy.settings.tax).is_none_or(|(basis, tax)| basis == tax.basis);
            let measure = if own { measure } else { Measure::OtherBasis };
            Ordered {
                policy: promotion,
                index,
                stage: policy.stage_of(promotion),
                group: group_of(promotion),
                measure,
                interval,
                origin,
                steps,
            }
        })
        .collect();
    ordered.sort_by(|a, b| {
        // What always applies has no other stage, so its own orders it.
        let own = |o: &Ordered| Some(o.policy.effective_stage()).filter(|_| o.stage == Stage::Always);
        let key = |o: &Ordered| (o.stage, o.group, own(o), std::cmp::Reverse(o.policy.priority), o.steps[0].kind);
        key(a).cmp(&key(b)).then_with(|| a.policy.id.as_bytes().cmp(b.policy.id.as_bytes()))
    });
    ordered
}

/// All forms of threshold as one: what is measured, the interval of `each` and where it begins, and steps with their benefits.
fn steps<'a>(promotion: &'a Promotion, resolved: &Resolved) -> (Measure, [i64; 2], Vec<CompiledStep<'a>>) {
    let measured = |amount: Option<Number>, quantity: Option<Number>| match (amount, quantity) {
        (Some(amount), _) => (Measure::Amount, image(amount, resolved.money_scale)),
        (None, quantity) => (Measure::Quantity, image(quantity.expect("checked"), resolved.quantity_scale)),
    };
    let single = |from: i64| {
        let Get { percent, amount_off, per_unit_off, gift, price, earn, .. } = promotion.get.as_ref().expect("checked");
        let gift = gift.as_ref();
        vec![step_of(promotion, from, *price, earn.as_ref(), (percent.map(|p| p.0), *amount_off, *per_unit_off, gift), resolved)]
    };
    if let Some(At { amount, quantity, .. }) = promotion.at {
        let (measure, from) = measured(amount, quantity);
        return (measure, [0, 0], single(from));
    }
    if let Some(each) = &promotion.each {
        let (measure, interval) = measured(each.amount, each.quantity);
        let scale = if measure == Measure::Amount { resolved.money_scale } else { resolved.quantity_scale };
        let from = each.from.map_or(interval, |from| image(from, scale));
        let origin = if each.origin == Some(Origin::Threshold) { from - interval } else { 0 };
        return (measure, [interval, origin], single(from));
    }
    let Some(steps) = &promotion.steps else { return (Measure::None, [0, 0], single(0)) };
    let (measure, list) = match (&steps.amount, &steps.quantity) {
        (Some(list), _) => (Measure::Amount, list),
        (None, list) => (Measure::Quantity, list.as_ref().expect("checked")),
    };
    let compiled = list.iter().map(|step: &Step| {
        let (_, from) = if measure == Measure::Amount { measured(Some(step.from), None) } else { measured(None, Some(step.from)) };
        let others = (step.percent.map(|p| p.0), step.amount_off, step.per_unit_off, step.gift.as_ref());
        step_of(promotion, from, step.price, step.earn.as_ref(), others, resolved)
    });
    (measure, [0, 0], compiled.collect())
}

fn step_of<'a>(
    promotion: &Promotion,
    from: i64,
    price: Option<Number>,
    earn: Option<&'a Earn>,
    others: (Option<i64>, Option<Number>, Option<Number>, Option<&'a Gift>),
    resolved: &Resolved,
) -> CompiledStep<'a> {
    let scale = if promotion.prices_units() { resolved.unit_scale } else { resolved.money_scale };
    let (kind, value) = match (price, earn) {
        (Some(price), _) => (Benefit::Price, image(price, scale)),
        (None, Some(earn)) => (Benefit::Earn, i64::from(earn.quantity.unwrap_or(1))),
        (None, None) => benefit(others, resolved),
    };
    CompiledStep { from, kind, value, gift: others.3, earn }
}

fn benefit(
    (percent, amount_off, per_unit_off, gift): (Option<i64>, Option<Number>, Option<Number>, Option<&Gift>),
    resolved: &Resolved,
) -> (Benefit, i64) {
    match (percent, amount_off, gift, per_unit_off) {
        (Some(share), ..) => (Benefit::PercentOff, share),
        (None, Some(amount), ..) => (Benefit::AmountOff, image(amount, resolved.money_scale)),
        (None, None, Some(gift), _) => (Benefit::Gift, i64::from(gift.choose.unwrap_or(1))),
        (None, None, None, per_unit) => (Benefit::PerUnitOff, image(per_unit.expect("checked"), resolved.unit_scale)),
    }
}

fn write_promotion(
    checked: &CheckedPolicy,
    promotion: &Ordered,
    selection: &Selection,
    values: &Values,
    audiences: &mut Audiences,
    t: &mut Tables,
    texts: &mut Texts,
) {
    let resolved = checked.resolved();
    let Ordered { policy, index, stage, group, measure, interval, origin, steps } = promotion;
    let window = resolved.promotion_windows[*index];
    t.rule_text.push(texts.id(&policy.id));
    t.rule_zh.push(texts.id(&policy.name.zh));
    t.rule_en.push(texts.id(&policy.name.en));
    t.rule_stage.push(stage.code());
    t.rule_group.push(*group);
    t.rule_priority.push(i64::from(policy.priority));
    let audience = audiences.id(&policy.when, values, t);
    t.rule_audience.push(audience);
    t.rule_window.push(window.0);
    let without = checked.policy().redemption.as_ref().is_some_and(|redemption| redemption.without.contains(&policy.id));
    t.rule_unpaid.push(u32::from(without));
    t.rule_measure.push(measure.code());
    t.rule_interval.push(*interval);
    t.rule_origin.push(*origin);
    t.rule_spread.push(policy.combo.as_ref().map_or(Spread::Benefiting, |combo| combo.spread).code());
    t.rule_decompose.push(policy.steps.as_ref().map_or(Decompose::Highest, |steps| steps.decompose).code());
    let units = |number: Number| image(number, Scale(0));
    let in_proportion = policy.each.as_ref().is_some_and(|each| each.count == Count::ProRata);
    // Counted in proportion, a promotion counts once for each gift.
    let share = match (&policy.each, steps[0].gift.and_then(|gift| gift.items().next())) {
        (Some(each), _) if each.count == Count::Exact => 0,
        (_, Some((_, quantity))) if in_proportion => units(quantity),
        _ => 1,
    };
    t.rule_share.push(share);
    let times = policy.each.as_ref().and_then(|each| each.times).or(policy.combo.as_ref().and_then(|combo| combo.times));
    let times = i64::from(times.unwrap_or(u32::MAX));
    t.rule_times.push(times.saturating_mul(share.max(1)).min(i64::from(u32::MAX)));
    let most = policy.get.as_ref().and_then(|get| get.max_units);
    t.rule_units.push(most.map_or(-1, |most| image(most, resolved.quantity_scale)));
    t.rule_base.push(policy.base.code());
    t.rule_net_lines.push(policy.net_lines.code());
    t.rule_discounted.push(policy.discounted_lines.code());
    write_limits(policy.limit.as_ref(), resolved.quantity_scale, t);
    let cap = policy.cap.unwrap_or_default();
    let most = |amount: Option<Number>| amount.map_or(-1, |amount| image(amount, resolved.money_scale));
    t.rule_cap_order.push(most(cap.order));
    t.rule_cap_line.push(most(cap.line));
    for step in steps {
        t.step_from.push(step.from);
        t.step_kind.push(step.kind.code());
        t.step_value.push(step.value);
        t.step_text.push(step.earn.map_or(NONE, |earn| texts.id(&earn.id)));
        // What is given instead is there only where what stands before it is not.
        let in_turn = step.gift.is_some_and(|gift| gift.instead.is_some());
        let mut gifts: Vec<(u32, i64, u32)> = step
            .gift
            .into_iter()
            .flat_map(Gift::items)
            .zip(0..)
            .map(|((sku, quantity), at)| {
                let quantity = if in_proportion { 1 } else { units(quantity) };
                (small(selection.sku(sku)), quantity, if in_turn { at } else { 0 })
            })
            .collect();
        gifts.sort_unstable();
        t.gift_product.extend(gifts.iter().map(|(product, ..)| product));
        t.gift_quantity.extend(gifts.iter().map(|(_, quantity, _)| quantity));
        t.gift_rank.extend(gifts.iter().map(|(.., rank)| rank));
        t.step_gift_start.push(small(t.gift_product.len()));
    }
    t.rule_step_start.push(small(t.step_from.len()));
}

/// Limits by what they count, then by their scope.
fn write_limits(limit: Option<&Limit>, quantity: Scale, t: &mut Tables) {
    let mut add = |of: LimitOf, scope: LimitScope, most: Option<i64>| {
        if let Some(most) = most {
            t.limit_of.push(of.code());
            t.limit_scope.push(scope.code());
            t.limit_most.push(most);
        }
    };
    if let Some(limit) = limit {
        limit.times().into_iter().for_each(|(scope, _, times)| add(LimitOf::Times, scope, times.map(i64::from)));
        for (of, units) in [(LimitOf::Units, &limit.units), (LimitOf::Sku, &limit.sku)] {
            for (scope, _, most) in units.iter().flat_map(UnitLimit::quantities) {
                add(of, scope, most.map(|most| image(most, quantity)));
            }
        }
    }
    t.rule_limit_start.push(small(t.limit_of.len()));
}

fn in_order_of_id(checked: &CheckedPolicy) -> Vec<(usize, &Program)> {
    let mut programs: Vec<(usize, &Program)> = checked.policy().programs.iter().enumerate().collect();
    programs.sort_by(|a, b| a.1.id.as_bytes().cmp(b.1.id.as_bytes()));
    programs
}

fn write_program(
    checked: &CheckedPolicy,
    index: usize,
    program: &Program,
    values: &Values,
    audiences: &mut Audiences,
    t: &mut Tables,
    texts: &mut Texts,
) {
    let resolved = checked.resolved();
    let window = resolved.program_windows[index];
    t.program_text.push(texts.id(&program.id));
    t.program_zh.push(texts.id(&program.name.zh));
    t.program_en.push(texts.id(&program.name.en));
    let audience = audiences.id(&program.when, values, t);
    t.program_audience.push(audience);
    t.program_window.push(window.0);
    let orders = audiences.of_terms(order_terms(&program.orders, values), t);
    t.program_orders.push(orders);
    t.program_covers.push(program.covering());
    t.program_unpriced.push(program.prices.except.iter().fold(0, |kinds, kind| kinds | kind.bit()));
    t.program_basis.push(program.basis.code());
    t.program_points.push(u32::from(program.quantity == CountedIn::Points));
    t.program_mode.push(program.mode.code());
    t.program_qualifier.push(program.qualifier.code());
    let pays = program.pays();
    t.program_pays.push(pays.code());
    t.program_against.push(program.against.code());
    t.program_joiners.push(program.joiners.code());
    t.program_no_base.push(program.no_base.unwrap_or(NoBase::Skip).code());
    t.program_pays_on.push(program.pays_on.code());
    let cap = program.cap.clone().unwrap_or_default();
    let paid_on = if pays == Pays::PerUnit { resolved.quantity_scale } else { resolved.money_scale };
    t.program_cap_volume.push(cap.volume.map_or(-1, |volume| image(volume, paid_on)));
    t.program_cap_amount.push(cap.amount.map_or(-1, |amount| image(amount, resolved.money_scale)));
    t.program_guarantee.push(program.guarantee.map_or(0, |amount| image(amount, resolved.money_scale)));
    t.program_surplus.push(u32::from(program.surplus == Surplus::Carried));
    t.program_date.push(program.date.code());
    t.program_forecast.push(program.forecast.as_ref().map_or(ForecastBy::Nothing, |forecast| forecast.by).code());
    t.program_form.push(program.form().code());
    t.program_piece.push(program.piece().map_or(0, |piece| image(piece, resolved.money_scale)));
    t.program_grace.push(program.grace_days.map_or(-1, |days| i64::from(days) * DAY));
    // Budgets stand in order of their ids.
    let before = |id: &String| checked.policy().budgets.iter().filter(|budget| budget.id.as_bytes() < id.as_bytes()).count();
    t.program_budget.push(program.budget.as_ref().map_or(NONE, |id| small(before(id))));
    t.program_minimum.push(program.minimum.map_or(0, |amount| image(amount, resolved.money_scale)));
    if let Some(payout) = program.payout {
        let windows = calendar::periods(payout, program.paid_by(), resolved.horizon, resolved.valid, &resolved.zone);
        t.payout_end.extend(windows.expect("checked").iter().map(|window| window.span.to.0));
    }
    t.program_payout_start.push(small(t.payout_end.len()));
    for period in &resolved.program_periods[index] {
        t.period_text.push(texts.id(&period.label));
        t.period_from.push(period.span.from.0);
        t.period_to.push(period.span.to.0);
        t.period_lift.push(calendar::lift(&program.price_rises, program.against, period));
        // A lifetime has no end that could be foreseen.
        if let Some(forecast) = program.forecast.as_ref().filter(|_| program.period != Period::Lifetime) {
            for (from, weight) in calendar::seasons(forecast, period, &resolved.zone) {
                t.season_from.push(from.0);
                t.season_weight.push(i64::from(weight));
            }
        }
        t.period_season_start.push(small(t.season_from.len()));
        if program.joiners == Joiners::Months {
            t.month_from.extend(calendar::month_begins(period, &resolved.zone).iter().map(|month| month.0));
        }
        t.period_month_start.push(small(t.month_from.len()));
    }
    t.program_period_start.push(small(t.period_text.len()));
    let measure = match program.qualifier {
        Qualifier::Amount => resolved.money_scale,
        Qualifier::Quantity => resolved.quantity_scale,
    };
    for tier in &program.tiers {
        let scale = if program.against == Against::Nothing { measure } else { Scale(Percent::DIGITS) };
        t.tier_from.push(image(tier.start(), scale));
        t.tier_above.push(u32::from(tier.above.is_some()));
        t.tier_grade.push(tier.grade.as_deref().map_or(NONE, |grade| values.number(Dimension::Grade, grade)));
        t.tier_value.push(match (tier.percent, tier.per_unit, tier.amount) {
            (Some(share), _, _) => share.0,
            (None, Some(per_unit), _) => image(per_unit, resolved.unit_scale),
            (None, None, amount) => image(amount.expect("checked"), resolved.money_scale),
        });
        t.tier_every.push(tier.every.map_or(0, |every| image(every, measure)));
        t.tier_excess.push(tier.excess.map_or(-1, |excess| excess.0));
    }
    t.program_tier_start.push(small(t.tier_from.len()));
}

/// Writes the figures of dealers, and how the programs of each overlap go together.
fn write_kpis<'a>(policy: &'a Policy, t: &mut Tables, texts: &mut Texts) -> Vec<&'a str> {
    t.overlap_mode.extend(policy.overlaps.iter().map(|overlap| overlap.mode.code()));
    let sorted: BTreeMap<&str, &Node> = policy.kpis.iter().map(|kpi| (kpi.id.as_str(), kpi)).collect();
    for kpi in sorted.values() {
        t.kpi_text.push(texts.id(&kpi.id));
        t.kpi_zh.push(texts.id(&kpi.name.zh));
        t.kpi_en.push(texts.id(&kpi.name.en));
    }
    sorted.into_keys().collect()
}

/// Writes what decides over a program beside its volume: enrolment, overlap, modifiers, requirements, parties.
fn write_terms(checked: &CheckedPolicy, program: &Program, kpis: &[&str], t: &mut Tables, texts: &mut Texts) {
    let (policy, resolved) = (checked.policy(), checked.resolved());
    t.program_listed.push(u32::from(program.enrolment == EnrolBy::Listed || program.one_of.is_some()));
    t.program_choice.push(texts.id(program.one_of.as_deref().unwrap_or_default()));
    let overlap = program.overlap.as_ref().and_then(|id| policy.overlaps.iter().position(|overlap| overlap.id == *id));
    t.program_overlap.push(overlap.map_or(NONE, small));
    let order = |program: &Program| (std::cmp::Reverse(program.priority), program.id.as_bytes().to_vec());
    t.program_rank.push(small(policy.programs.iter().filter(|other| order(other) < order(program)).count()));
    for modifier in &program.modifiers {
        t.modifier_kpi.push(small(kpis.binary_search(&modifier.kpi.as_str()).expect("checked")));
        t.modifier_kind.push(modifier.kind.code());
        t.modifier_each.push(modifier.each.map_or(0, |each| each.0));
        for band in &modifier.bands {
            t.modifier_band_from.push(image(band.from.or(band.above).expect("checked"), Scale(4)));
            t.modifier_band_above.push(u32::from(band.above.is_some()));
            t.modifier_band_value.push(band.percent.map_or(0, |percent| percent.0));
        }
        t.modifier_band_start.push(small(t.modifier_band_from.len()));
    }
    t.program_modifier_start.push(small(t.modifier_kpi.len()));
    // Its tiers are the last that are written.
    let of_tiers = (t.tier_from.len() - program.tiers.len()..)
        .zip(&program.tiers)
        .flat_map(|(at, tier)| tier.requires.iter().map(move |need| (small(at), need)));
    for (tier, need) in program.requires.iter().map(|need| (NONE, need)).chain(of_tiers) {
        t.need_tier.push(tier);
        t.need_program.push(texts.id(&need.program));
        let of = policy.programs.iter().find(|other| other.id == need.program);
        let (kind, value) = match (need.amount, need.quantity, need.share, need.covers) {
            (Some(amount), ..) => (Needed::Amount, image(amount, resolved.money_scale)),
            (_, Some(quantity), ..) => {
                let points = of.is_some_and(|of| of.quantity == CountedIn::Points);
                (if points { Needed::Points } else { Needed::Quantity }, image(quantity, resolved.quantity_scale))
            }
            (_, _, Some(share), _) => (Needed::Share, share.0),
            (.., covers) => {
                let kind = if of.and_then(|of| of.covers) == Some(Covers::Category) { Needed::Categories } else { Needed::Skus };
                (kind, i64::from(covers.expect("checked")))
            }
        };
        t.need_kind.push(kind.code());
        t.need_value.push(value);
    }
    t.program_need_start.push(small(t.need_program.len()));
    for part in &program.split {
        t.split_to.push(texts.id(&part.to));
        t.split_share.push(part.share.0);
    }
    t.program_split_start.push(small(t.split_to.len()));
}

/// Products that count for the same promotions and programs share a class, numbered in order of first use.
fn write_classes(counted: Vec<(Vec<u32>, Vec<u32>)>, t: &mut Tables) {
    t.class_rule_start.push(0);
    t.class_program_start.push(0);
    let mut known: HashMap<(Vec<u32>, Vec<u32>), u32> = HashMap::new();
    for class in counted {
        let next = small(known.len());
        let number = *known.entry(class.clone()).or_insert(next);
        if number == next {
            t.class_rule.extend(&class.0);
            t.class_rule_start.push(small(t.class_rule.len()));
            t.class_program.extend(&class.1);
            t.class_program_start.push(small(t.class_program.len()));
        }
        t.product_class.push(number);
    }
}
