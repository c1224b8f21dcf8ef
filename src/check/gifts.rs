//! Gifts that everybody who could get them does not see: the promotion would give nothing.

use super::audience::{apart, covers};
use super::findings::{Findings, Spot};
use super::names::Names;
use super::select::is_selected;
use crate::diagnostic::Code;
use crate::policy::{Availability, Gift, Policy, Product, Promotion};
use std::collections::HashMap;

/// Checks the gifts of all promotions against the assortment.
pub fn check(policy: &Policy, names: &Names, findings: &mut Findings) {
    let gives = |promotion: &Promotion| !gifts(promotion).is_empty();
    if policy.assortment.is_empty() || !policy.promotions.iter().any(gives) || findings.diagnostics.failed() {
        return;
    }
    let products: HashMap<&str, &Product> = policy.products.iter().map(|product| (product.sku.as_str(), product)).collect();
    for (index, promotion) in policy.promotions.iter().enumerate() {
        for (path, gift) in gifts(promotion) {
            let hidden = |sku: &str| products.get(sku).is_some_and(|product| is_hidden(policy, names, promotion, product));
            if !gift.items().all(|(sku, _)| hidden(sku)) {
                continue;
            }
            let key = if gift.sku.is_some() { "sku" } else { "from" };
            let spot = format!("promotions[{index}].{path}.{key}");
            let message = format!("`{}` gives what is hidden from every dealer that it is for", promotion.id);
            let help = "make it `visible_not_orderable` for them, as a product for gifts only is, or give something else";
            findings.add(Code::GiftHidden, Spot::Path(&spot), message, help);
        }
    }
}

/// Each gift of a promotion with its place.
fn gifts(promotion: &Promotion) -> Vec<(String, &Gift)> {
    let own = promotion.get.iter().filter_map(|get| get.gift.as_ref()).map(|gift| ("get.gift".to_owned(), gift));
    let steps = promotion.steps.iter().flat_map(|steps| [("amount", &steps.amount), ("quantity", &steps.quantity)]);
    let steps = steps.flat_map(|(key, list)| list.iter().flatten().enumerate().map(move |(at, step)| (key, at, step)));
    own.chain(steps.filter_map(|(key, at, step)| Some((format!("steps.{key}[{at}].gift"), step.gift.as_ref()?)))).collect()
}

/// Whether the assortment always hides a product from everybody whom a promotion is for, as far as that can be told without knowing the dealers.
fn is_hidden(policy: &Policy, names: &Names, promotion: &Promotion, product: &Product) -> bool {
    let audience = &promotion.when.dealer;
    let about = |on: &Option<_>| on.as_ref().is_none_or(|on| is_selected(product, on, names));
    let entries = || policy.assortment.iter().filter(|listing| about(&listing.on));
    let taken = entries()
        .any(|listing| listing.state == Availability::Hidden && listing.valid.is_none() && covers(&listing.when.dealer, audience, names));
    let mut reserved = entries().filter(|listing| listing.state == Availability::Orderable).peekable();
    taken || (reserved.peek().is_some() && reserved.all(|listing| apart(&listing.when.dealer, audience, names)))
}
