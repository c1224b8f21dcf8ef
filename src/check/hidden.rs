//! Gifts and products that everybody whom a promotion is for does not see: it would give nothing.

use super::audience::{apart, covers};
use super::findings::{Findings, Spot};
use super::names::Names;
use super::select::is_selected;
use crate::diagnostic::Code;
use crate::policy::{Availability, Gift, Policy, Product, Promotion, Select};
use std::collections::HashMap;

/// Checks what all promotions are about and what they give against the assortment.
pub fn check(policy: &Policy, names: &Names, findings: &mut Findings) {
    if policy.assortment.is_empty() || findings.diagnostics.failed() {
        return;
    }
    let products: HashMap<&str, &Product> = policy.products.iter().map(|product| (product.sku.as_str(), product)).collect();
    for (index, promotion) in policy.promotions.iter().enumerate() {
        for (path, on) in selections(promotion) {
            let mut about = policy.products.iter().filter(|product| is_selected(product, on, names));
            if about.all(|product| is_hidden(policy, names, promotion, product)) {
                let message = format!("`{}` is about what is hidden from every dealer that it is for", promotion.id);
                let help = "let them see and order it, name other dealers or products, or delete the promotion";
                findings.add(Code::SelectionHidden, Spot::Path(&format!("promotions[{index}].{path}")), message, help);
            }
        }
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

/// What a promotion is about, and each part of its combos, with its place.
fn selections(promotion: &Promotion) -> Vec<(String, &Select)> {
    let parts = promotion.combo.iter().flat_map(|combo| combo.parts.iter().flatten().enumerate());
    let parts = parts.map(|(at, part)| (format!("combo.parts[{at}].on"), &part.on));
    promotion.on.iter().map(|on| ("on".to_owned(), on)).chain(parts).collect()
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
