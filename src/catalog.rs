//! A dealer's own catalogue: prices, units and offers without a cart.

use crate::bundle::{Loaded, NONE, customer_mark, decoded};
use crate::id::{ProductId, RuleId, TextId, ValueId};
use crate::num::{Percent, Quantity, Scale};
use crate::policy::{Availability, ScaleBasis, ScaleMode};
use crate::quote::BasePrice;
use crate::waterfall::{Context, Wanted, bands, held, ids};
use crate::wire::{Json, Writer, least_digits};

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Text in SKU, name, brand or category, or a category that one lies in; ASCII letters match in either case. Empty lists all.
    pub find: String,
    /// Order source, for offers.
    pub source: Option<String>,
    /// End customer, for registered prices.
    pub customer: Option<String>,
    /// Items to skip.
    pub offset: usize,
    /// The most items to list.
    pub limit: usize,
}

/// Lists products in order of their SKU, as canonical JSON.
pub fn write(policy: &Loaded, context: &Context, search: &Search) -> String {
    let t = &policy.tables;
    let by_alias = |product: ProductId| {
        let mut aliases = t.alias_product.iter().zip(&t.alias_text).filter(|(own, _)| **own == product.0);
        !search.find.is_empty() && aliases.any(|(_, alias)| contains(policy.text(TextId(*alias)), &search.find))
    };
    let state = |product: &ProductId| context.availability(policy, *product);
    let products: Vec<ProductId> = ids(policy.tables.product_sku.len())
        .map(ProductId)
        .filter(|product| (matches(policy, *product, &search.find) || by_alias(*product)) && state(product) != Availability::Hidden)
        .collect();
    Json::write(|j| {
        j.object(|j| {
            j.key("total").integer(i64::try_from(products.len()).unwrap_or(i64::MAX));
            let page = products.iter().skip(search.offset).take(search.limit);
            let customer = search.customer.as_deref().map(customer_mark);
            j.key("items").list(page, |j, product| j.object(|j| item(j, policy, context, *product, customer)));
        });
    })
}

fn matches(policy: &Loaded, product: ProductId, find: &str) -> bool {
    let (t, at) = (&policy.tables, product.index());
    let own = [t.product_sku[at], t.product_zh[at], t.product_en[at]];
    let of_value = |value: u32| [t.value_text[value as usize], t.value_zh[value as usize], t.value_en[value as usize]];
    let found = |texts: [u32; 3]| texts.into_iter().any(|text| contains(policy.text(TextId(text)), find));
    let mut category = t.product_category[at];
    while category != NONE {
        if found(of_value(category)) {
            return true;
        }
        category = t.value_parent[category as usize];
    }
    let brand = t.product_brand[at];
    found(own) || brand != NONE && found(of_value(brand))
}

fn contains(text: &str, find: &str) -> bool {
    find.is_empty() || text.as_bytes().windows(find.len()).any(|window| window.eq_ignore_ascii_case(find.as_bytes()))
}

fn item(j: &mut Json, policy: &Loaded, context: &Context, product: ProductId, customer: Option<i64>) {
    let (t, at, writer) = (&policy.tables, product.index(), Writer(policy));
    let value = |value: u32| (value != NONE).then(|| policy.value_text(ValueId(value)));
    j.key("sku").text(policy.sku(product));
    j.key("name").object(|j| {
        j.key("zh").text(policy.text(TextId(t.product_zh[at])));
        j.key("en").text(policy.text(TextId(t.product_en[at])));
    });
    j.key("category").text_or_null(value(t.product_category[at]));
    j.key("brand").text_or_null(value(t.product_brand[at]));
    j.key("unit").text(policy.unit(product));
    j.key("orderable").boolean(context.availability(policy, product) == Availability::Orderable);
    writer.quantity_field(j, "min_quantity", t.minimum(product));
    writer.quantity_field(j, "multiple", t.multiple(product));
    for (key, quantity) in [("step", t.step(product)), ("max_order", t.most(product)), ("max_period", t.period_most(product))] {
        if quantity.0 > 0 {
            writer.quantity_field(j, key, quantity);
        }
    }
    let first = prices(j, policy, context, Wanted { product, unit: None }, false);
    j.key("units").list(t.units_of(product), |j, unit| {
        j.object(|j| {
            let factor = t.factor(Some(unit));
            j.key("unit").text(policy.unit_text(product, Some(unit)));
            j.key("count").integer(factor.denominator);
            j.key("base").integer(factor.numerator);
            prices(j, policy, context, Wanted { product, unit: Some(unit) }, true);
        });
    });
    if policy.constants.registrations {
        j.key("registrations").list(held(policy, context, product, customer), |j, (price, left)| {
            j.object(|j| {
                writer.registered(j, &price, left);
                writer.quantity_field(j, "from_quantity", Quantity(price.from));
            });
        });
    }
    let flags = first.map_or(0, |price| t.record_flags[price.record.index()]);
    let open = |rule: &RuleId| context.open(*rule) && context.gives(policy, *rule) && flags & context.flags(policy, *rule) == 0;
    let offers = t.rules_of(product).iter().map(|rule| RuleId(*rule)).filter(open);
    j.key("offers").list(offers, |j, rule| j.text(policy.rule(rule)));
}

/// The scale that a product's search ends at, and its table; with `own` only where it is for the unit alone.
fn prices(j: &mut Json, policy: &Loaded, context: &Context, wanted: Wanted, own: bool) -> Option<BasePrice> {
    let writer = Writer(policy);
    let mut bands = bands(policy, context, wanted);
    bands.retain(|(_, price)| price.of_unit || !own);
    j.key("prices").list(&bands, |j, (from, price)| {
        j.object(|j| {
            let (measure, scale) = writer.measure(price.access);
            j.key("from_quantity").figure(scale, *from, least_digits(measure, scale));
            writer.unit_price_field(j, "unit_price", price.unit_price.0);
            j.key("per").integer(i64::from(price.per));
        });
    });
    let first = bands.first().map(|(_, price)| *price);
    match &first {
        Some(price) => j.key("scale").object(|j| scale(j, policy, price)),
        None => j.key("scale").null(),
    }
    j.key("access").text_or_null(first.map(|price| policy.access(price.access)));
    first
}

/// How the bands of a record hold.
fn scale(j: &mut Json, policy: &Loaded, price: &BasePrice) {
    let (t, at) = (&policy.tables, price.access.index());
    let (measure, digits) = Writer(policy).measure(price.access);
    j.key("mode").text(match decoded::<ScaleMode>(t.access_mode[at]) {
        ScaleMode::AllUnits => "all_units",
        ScaleMode::Graduated => "graduated",
    });
    j.key("basis").text(match decoded::<ScaleBasis>(t.access_basis[at]) {
        ScaleBasis::Sku => "sku",
        ScaleBasis::Line => "line",
        ScaleBasis::Group => "group",
        ScaleBasis::Order => "order",
    });
    j.key("measure").text(measure.word());
    let unit = t.access_unit[at];
    j.key("unit").text_or_null((unit != NONE).then(|| policy.text(TextId(unit))));
    j.key("broken").figure(Scale(Percent::DIGITS), t.access_broken[at], 0);
    let end = t.record_end[price.record.index()];
    match end {
        -1 => j.key("end").null(),
        _ => j.key("end").figure(digits, end, least_digits(measure, digits)),
    }
}
