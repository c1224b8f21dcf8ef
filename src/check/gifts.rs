//! Gifts that everybody who could get them does not see: the promotion would give nothing.

use super::findings::{Findings, Spot};
use super::names::Names;
use super::select::is_selected;
use crate::diagnostic::Code;
use crate::policy::{Audience, Availability, Gift, OneOrMany, Policy, Product, Promotion};
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

type Inside = fn(&Names, &str, &str) -> bool;

/// The fields of two audiences, with when a value of the second lies inside one of the first.
fn fields<'a>(a: &'a Audience, b: &'a Audience) -> Vec<(Option<&'a OneOrMany>, Option<&'a OneOrMany>, Inside)> {
    let same: Inside = |_, above, value| above == value;
    let region: Inside = |names, above, value| names.region_and_above(value).any(|id| id == above);
    let group: Inside = |names, above, value| names.group_and_above(value).any(|id| id == above);
    let mut fields = vec![
        (a.id.as_ref(), b.id.as_ref(), same),
        (a.grade.as_ref(), b.grade.as_ref(), same),
        (a.channel.as_ref(), b.channel.as_ref(), same),
        (a.region.as_ref(), b.region.as_ref(), region),
        (a.group.as_ref(), b.group.as_ref(), group),
    ];
    fields.extend(a.attributes.iter().map(|(id, values)| (Some(values), b.attributes.get(id), same)));
    fields
}

/// Whether the first names everybody whom the second names.
fn covers(outer: &Audience, inner: &Audience, names: &Names) -> bool {
    let all = |(outer, inner, inside): (Option<&OneOrMany>, Option<&OneOrMany>, Inside)| match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => inner.0.iter().all(|value| outer.0.iter().any(|above| inside(names, above, value))),
    };
    outer.except.is_none() && fields(outer, inner).into_iter().all(all)
}

/// Whether nobody is named by both.
fn apart(a: &Audience, b: &Audience, names: &Names) -> bool {
    let nobody = |(a, b, inside): (Option<&OneOrMany>, Option<&OneOrMany>, Inside)| {
        let (Some(a), Some(b)) = (a, b) else { return false };
        !a.0.iter().any(|x| b.0.iter().any(|y| inside(names, x, y) || inside(names, y, x)))
    };
    fields(a, b).into_iter().any(nobody)
}
