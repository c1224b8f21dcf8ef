//! [`CheckedPolicy`] → [`Bundle`]: words become dense integers, trees and selections are expanded, everything gets its total order.
//! The same files give the same bytes, whatever the order of their rows and lists.

mod channel;
mod condition;
mod freight;
mod guards;
mod price;
mod rules;
mod selection;
mod texts;
mod values;
mod windows;

use crate::bundle::{Bundle, Coded, Constant, NONE, Tables};
use crate::calendar;
use crate::check::CheckedPolicy;
use crate::limit;
use crate::num::{Number, Percent, Quantity, Ratio, Scale};
use crate::policy::{
    Alias, Axis, CountedIn, DecidedBy, Earns, Limit, LotTax, Policy, PricingDate, Product, Promotion, Redemption, Severity, Stage, TaxRate,
};
use std::collections::BTreeSet;
use texts::Texts;
use values::Values;

/// Compiles a checked policy, with the old one of its transition inside.
pub fn compile(checked: &CheckedPolicy) -> Bundle {
    let old = checked.old();
    let nested = old.map(|old| tables(old, Some(checked), Vec::new()));
    Bundle::from_tables(&tables(checked, old, nested.map_or_else(Vec::new, |old| old.nested())))
}

/// The tables of one side of a transition, or of the only one. Values have the same numbers on both sides, and products too.
fn tables(checked: &CheckedPolicy, other: Option<&CheckedPolicy>, old: Vec<i64>) -> Tables {
    let policy = checked.policy();
    let mut tables = Tables { old, ..Tables::default() };
    let mut texts = Texts::default();
    let values = Values::collect(policy, other.map(CheckedPolicy::policy));
    values.write(policy, &mut tables, &mut texts);
    let mut products: Vec<&Product> = policy.products.iter().collect();
    products.sort_by(|a, b| a.sku.as_bytes().cmp(b.sku.as_bytes()));
    write_products(checked, &products, &values, &mut tables, &mut texts);
    // Questions are read by the new side of a transition, and answered by either.
    let new = other.filter(|other| other.old().is_some()).unwrap_or(checked);
    write_aliases(new.policy(), &products, &mut tables, &mut texts);
    price::write(checked, &products, &values, &mut tables, &mut texts);
    rules::write(checked, &products, &values, &mut tables, &mut texts);
    write_constants(checked, &mut tables, &mut texts);
    write_transition(checked, &mut tables, &mut texts);
    write_calendars(checked, other, &mut tables, &mut texts);
    windows::write(&checked.resolved().windows, &mut tables);
    (tables.text_end, tables.text_bytes) = texts.finish();
    tables
}

/// Periods of purchases, where a product or a promotion has a most for them; and the days, where either side looks prices up by the day of delivery.
fn write_calendars(checked: &CheckedPolicy, other: Option<&CheckedPolicy>, t: &mut Tables, texts: &mut Texts) {
    let (policy, resolved) = (checked.policy(), checked.resolved());
    let by_period = policy.promotions.iter().filter_map(|promotion| promotion.limit.as_ref()).any(Limit::has_periods);
    if by_period || policy.products.iter().any(|product| product.max_period.is_some()) {
        let calendar = policy.settings.purchase_calendar();
        let periods = calendar::periods(policy.settings.purchase_period, Some(&calendar), resolved.horizon, resolved.valid, &resolved.zone);
        for period in periods.expect("checked") {
            t.purchase_text.push(texts.id(&period.label));
            t.purchase_from.push(period.span.from.0);
            t.purchase_to.push(period.span.to.0);
        }
    }
    let by_delivery = |side: &CheckedPolicy| {
        let policy = side.policy();
        policy.settings.pricing_date == PricingDate::Delivery || policy.programs.iter().any(|program| program.date == DecidedBy::Delivery)
    };
    if by_delivery(checked) || other.is_some_and(by_delivery) {
        for (day, start) in calendar::days(resolved.horizon, &resolved.zone) {
            t.clock_day.push(day);
            t.clock_start.push(start.0);
        }
    }
}

fn write_transition(checked: &CheckedPolicy, t: &mut Tables, texts: &mut Texts) {
    let (Some(transition), Some(course)) = (&checked.policy().transition, &checked.resolved().course) else { return };
    t.transition = vec![texts.id(&course.contract_before), transition.then.code(), transition.promotions.code(), course.steps];
    for (end, last_day) in &course.ends {
        t.transition_end.push(end.0);
        t.transition_day.push(texts.id(last_day));
    }
}

/// The exact image of a number that checking has found to have one.
fn image(number: Number, scale: Scale) -> i64 {
    number.scaled(scale).expect("checked")
}

/// A count as the columns hold it.
fn small(count: usize) -> u32 {
    u32::try_from(count).expect("columns are limited to 32 bits")
}

fn write_products(checked: &CheckedPolicy, products: &[&Product], values: &Values, t: &mut Tables, texts: &mut Texts) {
    use crate::bundle::Dimension;
    let scale = checked.resolved().quantity_scale;
    t.product_unit_start.push(0);
    // Answers show the key of a price; nothing else of an attribute is looked at again.
    let by = checked.policy().tables().into_iter().flat_map(|(_, list)| list).flat_map(|access| &access.by);
    let keys: BTreeSet<u32> = by.filter_map(|axis| if let Axis::Attribute(at) = axis { Some(*at) } else { None }).collect();
    t.product_value_start.push(0);
    let pointed = checked.policy().programs.iter().any(|program| program.quantity == CountedIn::Points);
    let weighed = products.iter().any(|product| product.weight.is_some());
    for product in products {
        t.product_sku.push(texts.id(&product.sku));
        t.product_zh.push(texts.id(&product.name.zh));
        t.product_en.push(texts.id(&product.name.en));
        t.product_unit.push(texts.id(&product.unit));
        t.product_category.push(values.optional(Dimension::Category, product.category.as_deref()));
        t.product_brand.push(values.optional(Dimension::Brand, product.brand.as_deref()));
        let mut own: Vec<u32> =
            product.attributes.iter().filter(|(at, _)| keys.contains(at)).map(|(at, id)| values.attribute(*at, id)).collect();
        own.sort_unstable();
        t.product_value.extend(own);
        t.product_value_start.push(small(t.product_value.len()));
        let quantity = |number: Option<Number>| number.map_or(Quantity(0), |number| Quantity(image(number, scale)));
        t.product_minimum.push(quantity(product.min_quantity).0);
        t.product_multiple.push(quantity(product.multiple).0);
        t.product_step.push(quantity(product.step).0);
        t.product_most.push(quantity(product.max_order).0);
        t.product_period_most.push(quantity(product.max_period).0);
        if weighed {
            t.product_weight.push(image(product.weight.unwrap_or_default(), Scale::WEIGHT));
        }
        if pointed {
            t.product_points.push(image(product.points.unwrap_or_default(), Scale(0)));
        }
        t.product_pool.push(product.scale_group.as_ref().map_or(NONE, |group| texts.id(group)));
        let mut units: Vec<(&str, Ratio)> =
            product.units.iter().map(|unit| (unit.id.as_str(), unit.factor.parse().expect("checked"))).collect();
        units.sort_by(|a, b| a.1.cmp_size(b.1).then_with(|| a.0.as_bytes().cmp(b.0.as_bytes())));
        for (id, factor) in units {
            t.unit_text.push(texts.id(id));
            t.unit_numerator.push(factor.numerator);
            t.unit_denominator.push(factor.denominator);
        }
        t.product_unit_start.push(small(t.unit_text.len()));
        if let Some(tax) = &checked.policy().settings.tax {
            t.product_tax.push(match product.tax.unwrap_or(TaxRate::Rate(tax.rate)) {
                TaxRate::Rate(rate) => u32::try_from(rate.0).expect("checked"),
                TaxRate::Exempt => NONE,
            });
        }
    }
}

fn write_aliases(policy: &Policy, products: &[&Product], t: &mut Tables, texts: &mut Texts) {
    let mut aliases: Vec<&Alias> = policy.aliases.iter().collect();
    aliases.sort_by(|a, b| a.alias.as_bytes().cmp(b.alias.as_bytes()));
    for Alias { alias, sku, place: _ } in aliases {
        let product = products.binary_search_by(|product| product.sku.as_bytes().cmp(sku.as_bytes())).expect("checked");
        t.alias_text.push(texts.id(alias));
        t.alias_product.push(small(product));
    }
}

fn write_constants(checked: &CheckedPolicy, t: &mut Tables, texts: &mut Texts) {
    let (policy, resolved) = (checked.policy(), checked.resolved());
    let settings = &policy.settings;
    t.constants = vec![0; Constant::COUNT];
    let mut set = |constant: Constant, value: i64| t.constants[constant as usize] = value;
    let words = [
        (Constant::PolicyId, &settings.id),
        (Constant::Version, &settings.version),
        (Constant::NameZh, &settings.name.zh),
        (Constant::NameEn, &settings.name.en),
        (Constant::Currency, &settings.currency),
        (Constant::Zone, &settings.zone),
    ];
    for (constant, text) in words {
        set(constant, i64::from(texts.id(text)));
    }
    // Where prices can be approved, the floor is where that ends.
    let hard = if policy.approvals.is_empty() { Severity::Route } else { Severity::Block };
    let floor = policy.guards.floor.unwrap_or(hard);
    let numbers = [
        (Constant::MoneyScale, resolved.money_scale.0),
        (Constant::UnitScale, resolved.unit_scale.0),
        (Constant::QuantityScale, resolved.quantity_scale.0),
        (Constant::Rounding, settings.rounding.code()),
        (Constant::RoundingPoint, settings.rounding_point.code()),
        (Constant::Remainder, settings.remainder.code()),
        (Constant::Weight, settings.weight.code()),
        (Constant::SearchSteps, settings.search_steps),
        (Constant::HintQuotes, settings.hint_quotes),
        (Constant::PriceAccesses, small(policy.prices.len())),
        (Constant::FloorAccesses, small(policy.floors.len())),
        (Constant::ApprovalAccesses, small(policy.approvals.len())),
        (Constant::QuantitySeverity, policy.guards.quantity.code()),
        (Constant::FloorSeverity, floor.code()),
        (Constant::ApprovalSeverity, policy.guards.approval.code()),
        (Constant::StatusSeverity, policy.guards.status.code()),
        (Constant::ExclusiveSeverity, policy.guards.exclusive.unwrap_or(policy.guards.territory).code()),
        (Constant::StockSeverity, policy.guards.stock.code()),
        (Constant::DropShip, settings.drop_ship.code()),
        (Constant::PickUp, settings.pick_up.code()),
        (Constant::BlockedLines, settings.blocked_lines.code()),
        (Constant::CreditSeverity, policy.guards.credit.code()),
        (Constant::AssortmentSeverity, policy.guards.assortment.code()),
        (Constant::TerritorySeverity, policy.guards.territory.code()),
        (Constant::Ungranted, settings.ungranted.code()),
        (Constant::Resolution, settings.resolution.code()),
        (Constant::PricingDate, settings.pricing_date.code()),
        (Constant::Eligibility, settings.eligibility.code()),
        (Constant::Earnings, u32::from(policy.promotions.iter().any(Promotion::earns))),
        (
            Constant::UnitLimits,
            u32::from(
                policy
                    .promotions
                    .iter()
                    .filter_map(|promotion| promotion.limit.as_ref())
                    .any(|limit| limit.units.is_some() || limit.sku.is_some()),
            ),
        ),
        (Constant::FreightOffers, u32::from(policy.promotions.iter().any(|promotion| promotion.stage == Some(Stage::Freight)))),
        (Constant::Freight, u32::from(!policy.freight.is_empty())),
        (Constant::Registrations, u32::from(policy.prices.iter().any(|access| access.registered.is_some()))),
        (Constant::RedemptionSeverity, policy.guards.redemption.code()),
        (Constant::Earns, policy.redemption.as_ref().map_or(Earns::Paid, |redemption| redemption.earns).code()),
        (Constant::LotGrace, policy.redemption.as_ref().map_or(1, Redemption::lot_grace)),
        (Constant::TaxBasis, settings.tax.map_or(0, |tax| tax.basis.code() + 1)),
    ];
    for (constant, number) in numbers {
        set(constant, i64::from(number));
    }
    set(Constant::GiftWeight, settings.gift_weight.0);
    // Before its calendars begin, a policy has no answers either.
    set(Constant::ValidFrom, resolved.valid.from.max(resolved.horizon.from).0);
    set(Constant::ValidTo, resolved.valid.to.0);
    let redemption = policy.redemption.as_ref();
    let amount = |amount: Option<Number>, otherwise: i64| amount.map_or(otherwise, |amount| image(amount, resolved.money_scale));
    set(Constant::RedemptionMost, amount(redemption.and_then(|redemption| redemption.amount), limit::MONEY));
    set(Constant::RedemptionMinimum, amount(redemption.and_then(|redemption| redemption.minimum), 0));
    set(Constant::RedemptionLine, redemption.and_then(|redemption| redemption.line_share).unwrap_or(Percent::WHOLE).0);
    set(Constant::RedemptionLots, i64::from(redemption.and_then(|redemption| redemption.lots).unwrap_or(limit::REDEEM_LOTS)));
    set(Constant::RedemptionUntaxed, i64::from(redemption.is_some_and(|redemption| redemption.tax == LotTax::Unpaid)));
    set(Constant::RedemptionShare, policy.redemption.as_ref().map_or(0, |redemption| redemption.share.0));
    set(Constant::Horizon, resolved.horizon.to.0);
}
