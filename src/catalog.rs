//! A dealer's own catalogue: prices, units and offers without a cart.

use crate::bundle::{Loaded, NONE};
use crate::id::{ProductId, RuleId, TextId, ValueId};
use crate::policy::Availability;
use crate::waterfall::{Context, bands, ids};
use crate::wire::{Json, Writer};

/// What to list.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// Text in SKU, name, brand or category, or a category that one lies in; ASCII letters match in either case. Empty lists all.
    pub find: String,
    /// Order source, for offers.
    pub source: Option<String>,
    /// Items to skip.
    pub offset: usize,
    /// The most items to list.
    pub limit: usize,
}

/// Lists products in order of their SKU, as canonical JSON.
pub fn write(policy: &Loaded, context: &Context, search: &Search) -> String {
    let state = |product: &ProductId| context.availability(policy, *product);
    let products: Vec<ProductId> = ids(policy.tables.product_sku.len())
        .map(ProductId)
        .filter(|product| matches(policy, *product, &search.find) && state(product) != Availability::Hidden)
        .collect();
    Json::write(|j| {
        j.object(|j| {
            j.key("total").integer(i64::try_from(products.len()).unwrap_or(i64::MAX));
            let page = products.iter().skip(search.offset).take(search.limit);
            j.key("items").list(page, |j, product| j.object(|j| item(j, policy, context, *product)));
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

fn item(j: &mut Json, policy: &Loaded, context: &Context, product: ProductId) {
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
    let bands = bands(policy, context, product);
    j.key("prices").list(&bands, |j, (from, price)| {
        j.object(|j| {
            writer.quantity_field(j, "from_quantity", *from);
            writer.unit_price_field(j, "unit_price", price.unit_price.0);
            j.key("per").integer(i64::from(price.per));
        });
    });
    j.key("access").text_or_null(bands.first().map(|(_, price)| policy.access(price.access)));
    let flags = bands.first().map_or(0, |(_, price)| t.record_flags[price.record.index()]);
    let open = |rule: &RuleId| context.open(*rule) && context.gives(policy, *rule) && flags & context.flags(policy, *rule) == 0;
    let offers = t.rules_of(product).iter().map(|rule| RuleId(*rule)).filter(open);
    j.key("offers").list(offers, |j, rule| j.text(policy.rule(rule)));
}
