use super::selection::Selection;
use super::texts::Texts;
use super::values::Values;
use super::{image, small};
use crate::bundle::{Coded, Dimension, NO_COUPON, NO_ORDER_PROMOTION, NO_PROMOTION, NONE, Registered, Tables, customer_mark};
use crate::calendar::{self, PeriodWindow};
use crate::check::{CheckedPolicy, Resolved, ResolvedRow, WindowId};
use crate::num::Number;
use crate::policy::{Access, AttributeOf, Axis, PriceFlags, PriceRow, Product, RegisteredAs, Registration};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// One record where a product finds it.
struct Entry {
    product: usize,
    scope: u32,
    distance: u32,
    record: u32,
}

/// Writes price and floor tables: scopes, records with their bands, and the entries that lead from a product to its records.
pub fn write(checked: &CheckedPolicy, products: &[&Product], values: &Values, t: &mut Tables, texts: &mut Texts) {
    let (policy, resolved) = (checked.policy(), checked.resolved());
    let selection = Selection::new(products, &policy.attributes, values);
    let of_products = |at: u32| policy.attributes[at as usize].of == AttributeOf::Product;
    let policy_life = checked.resolved().horizon;
    t.access_axis_start.push(0);
    t.access_quota_start.push(0);
    t.access_scope_start.push(0);
    t.scope_value_start.push(0);
    t.record_band_start.push(0);
    t.entry_start.push(0);
    let tables = policy.tables().into_iter().zip(&resolved.table_rows);
    for (access, rows) in tables.flat_map(|((_, list), rows)| list.iter().zip(rows)) {
        t.access_text.push(texts.id(&access.id));
        t.access_zh.push(texts.id(&access.name.zh));
        t.access_en.push(texts.id(&access.name.en));
        t.access_axis.extend(access.by.iter().map(|axis| small(values.dimension(*axis).index())));
        t.access_axis_start.push(small(t.access_axis.len()));
        t.access_mode.push(access.scale.mode.code());
        t.access_basis.push(access.scale.basis.code());
        t.access_measure.push(access.scale.measure.code());
        t.access_unit.push(access.scale.unit.as_ref().map_or(NONE, |unit| texts.id(unit)));
        t.access_broken.push(access.scale.broken.0);
        t.access_registered.push(registered_as(access.registered).code());
        let quotas = access.period.map(|period| calendar::periods(period, None, policy_life, policy_life, &checked.resolved().zone));
        for PeriodWindow { label, span, .. } in quotas.and_then(Result::ok).unwrap_or_default() {
            t.quota_text.push(texts.id(&label));
            t.quota_from.push(span.from.0);
            t.quota_to.push(span.to.0);
        }
        t.access_quota_start.push(small(t.quota_text.len()));
        let of_dealer: Vec<bool> = access.by.iter().map(|axis| t.is_of_dealer(values.dimension(*axis))).collect();
        let scopes = write_scopes(access, &of_dealer, values, t);
        let mut entries = Vec::new();
        let named: Option<BTreeSet<usize>> = access.on.as_ref().map(|on| selection.products(Some(on)).into_iter().collect());
        for record in records(access, rows, resolved) {
            let number = write_record(checked, access, rows, &record, t, texts);
            let PriceRow { key, unit, .. } = &access.rows[record.rows[0]];
            let is_met = |product: &Product| unit.as_ref().is_none_or(|unit| product.factor(unit).is_some());
            let scope = scopes[&dealer_key(access, &of_dealer, key, values)];
            for (product, distance) in products_of(access, key, &selection, values, &of_products) {
                if is_met(products[product]) && named.as_ref().is_none_or(|named| named.contains(&product)) {
                    entries.push(Entry { product, scope, distance, record: number });
                }
            }
        }
        entries.sort_by_key(|entry| (entry.product, entry.scope, entry.distance, entry.record));
        write_entries(entries, products.len(), t);
    }
}

/// Rows of one key, unit and validity, by rising quantity: one scale.
struct Record {
    valid: WindowId,
    rows: Vec<usize>,
}

fn records(access: &Access, rows: &[ResolvedRow], resolved: &Resolved) -> Vec<Record> {
    let row = |index: &usize| -> (&PriceRow, WindowId) { (&access.rows[*index], rows[*index].valid) };
    let mut order: Vec<usize> = (0..access.rows.len()).collect();
    order.sort_by(|a_row, b_row| {
        let ((a, a_valid), (b, b_valid)) = (row(a_row), row(b_row));
        let windows = || if a_valid == b_valid { Ordering::Equal } else { resolved.window(a_valid).cmp(resolved.window(b_valid)) };
        let keys = (&a.key, &a.unit, a.number()).cmp(&(&b.key, &b.unit, b.number()));
        keys.then_with(windows).then_with(|| rows[*a_row].from.cmp(&rows[*b_row].from))
    });
    let record = |index: &usize| (&row(index).0.key, &row(index).0.unit, row(index).0.number(), row(index).1);
    let same = |a: &usize, b: &usize| record(a) == record(b);
    order.chunk_by(same).map(|scale| Record { valid: rows[scale[0]].valid, rows: scale.to_vec() }).collect()
}

fn write_record(
    checked: &CheckedPolicy,
    access: &Access,
    resolved: &[ResolvedRow],
    record: &Record,
    t: &mut Tables,
    texts: &mut Texts,
) -> u32 {
    let number = small(t.record_window.len());
    t.record_unit.push(access.rows[record.rows[0]].unit.as_ref().map_or(NONE, |unit| texts.id(unit)));
    let registration = access.rows[record.rows[0]].registration.as_deref();
    let registration = registration.map(|registration| write_registration(checked, registration, t, texts));
    t.record_registration.push(registration.unwrap_or(NONE));
    t.record_window.push(record.valid.0);
    let PriceFlags { allow_zero: _, no_promotion, no_order_promotion, no_coupon } = access.rows[record.rows[0]].flags;
    let bits = [(NO_PROMOTION, no_promotion), (NO_ORDER_PROMOTION, no_order_promotion), (NO_COUPON, no_coupon)];
    t.record_flags.push(bits.iter().filter(|(_, set)| *set).map(|(bit, _)| bit).sum());
    for index in &record.rows {
        let row = &access.rows[*index];
        t.band_from.push(resolved[*index].from);
        t.band_price.push(image(row.price, checked.resolved().unit_scale));
        t.band_per.push(row.per);
    }
    t.record_end.push(record.rows.last().map_or(-1, |last| resolved[*last].end));
    t.record_band_start.push(small(t.band_from.len()));
    number
}

fn write_registration(checked: &CheckedPolicy, registration: &Registration, t: &mut Tables, texts: &mut Texts) -> u32 {
    let number = small(t.registration_text.len());
    let Registration { number: text, approver, customer, limit, period_limit } = registration;
    let units = |limit: &Option<Number>| limit.map_or(-1, |limit| image(limit, checked.resolved().quantity_scale));
    t.registration_text.push(texts.id(text));
    t.registration_approver.push(approver.as_ref().map_or(NONE, |approver| texts.id(approver)));
    t.registration_customer.push(customer.as_ref().map_or(0, |customer| customer_mark(customer)));
    t.registration_limit.push(units(limit));
    t.registration_period_limit.push(units(period_limit));
    number
}

fn registered_as(of: Option<RegisteredAs>) -> Registered {
    match of {
        None => Registered::None,
        Some(RegisteredAs::Contract) => Registered::Contract,
        Some(RegisteredAs::Quotation) => Registered::Quotation,
        Some(RegisteredAs::Special) => Registered::Special,
    }
}

/// Values of the dealer's side of a key, in the order of the access.
fn dealer_key(access: &Access, of_dealer: &[bool], key: &[String], values: &Values) -> Vec<u32> {
    let parts = access.by.iter().zip(key).zip(of_dealer).filter(|(_, of_dealer)| **of_dealer);
    parts.map(|((axis, id), _)| values.number(values.dimension(*axis), id)).collect()
}

fn write_scopes(access: &Access, of_dealer: &[bool], values: &Values, t: &mut Tables) -> BTreeMap<Vec<u32>, u32> {
    let mut scopes: BTreeMap<Vec<u32>, u32> = access.rows.iter().map(|row| (dealer_key(access, of_dealer, &row.key, values), 0)).collect();
    for (key, number) in &mut scopes {
        *number = small(t.scope_value_start.len() - 1);
        t.scope_value.extend(key);
        t.scope_value_start.push(small(t.scope_value.len()));
    }
    t.access_scope_start.push(small(t.scope_value_start.len() - 1));
    scopes
}

/// Products that a key means, with the steps up the category tree.
fn products_of(
    access: &Access,
    key: &[String],
    selection: &Selection,
    values: &Values,
    of_products: &dyn Fn(u32) -> bool,
) -> Vec<(usize, u32)> {
    let part = |axis: Axis| access.by.iter().position(|a| *a == axis).map(|position| key[position].as_str());
    let category = part(Axis::Category).map(|id| values.number(Dimension::Category, id));
    let mut products = match part(Axis::Sku) {
        Some(sku) => {
            let product = selection.sku(sku);
            let steps = category.map_or(Some(0), |node| selection.steps_up(product, node));
            steps.map(|steps| (product, steps)).into_iter().collect()
        }
        None => selection.in_category(category),
    };
    if let Some(brand) = part(Axis::Brand) {
        products.retain(|(product, _)| selection.is_of_brand(*product, brand));
    }
    for (axis, id) in access.by.iter().zip(key) {
        if let Axis::Attribute(at) = axis
            && of_products(*at)
        {
            products.retain(|(product, _)| selection.has(*product, *at, id));
        }
    }
    products
}

fn write_entries(entries: Vec<Entry>, products: usize, t: &mut Tables) {
    let mut entries = entries.into_iter().peekable();
    for product in 0..products {
        while let Some(entry) = entries.next_if(|entry| entry.product == product) {
            t.entry_scope.push(entry.scope);
            t.entry_record.push(entry.record);
            t.entry_distance.push(entry.distance);
        }
        t.entry_start.push(small(t.entry_scope.len()));
    }
}
