//! Whom rules name: audiences inside each other and apart, and conditions that nobody meets who is named by the rest of the promotion.

use super::findings::{Findings, Spot};
use super::names::Names;
use crate::diagnostic::Code;
use crate::policy::{Audience, Cart, Condition, DealerIs, OneOrMany, OrderIs, Policy};

/// Checks what the conditions of all promotions say of dealers and sources against their `when`, and against each other.
pub fn check(policy: &Policy, names: &Names, findings: &mut Findings) {
    if findings.diagnostics.failed() {
        return;
    }
    for (index, promotion) in policy.promotions.iter().enumerate() {
        let Some(condition) = &promotion.condition else { continue };
        let mut parts = Vec::new();
        must_hold(condition, false, format!("promotions[{index}].if"), &mut parts);
        let mut dealers = vec![promotion.when.dealer.clone()];
        let (mut carts, mut no_carts): (Vec<&Cart>, Vec<&Cart>) = (Vec::new(), Vec::new());
        let mut sources: Vec<&OneOrMany> = promotion.when.order.source.iter().collect();
        for (path, part) in parts {
            let contradicted = match part {
                Part::Dealer(dealer) => {
                    let own = audience(dealer);
                    let contradicted = dealers.iter().any(|before| apart(before, &own, names));
                    dealers.push(own);
                    contradicted
                }
                Part::NoDealer(dealer) => dealers.iter().any(|before| covers(&audience(dealer), before, names)),
                Part::Cart(own) => {
                    carts.push(own);
                    no_carts.iter().any(|before| implies(own, before))
                }
                Part::NoCart(own) => {
                    no_carts.push(own);
                    carts.iter().any(|before| implies(before, own))
                }
                Part::Source(own) => {
                    let contradicted = sources.iter().any(|before| !before.0.iter().any(|source| own.0.contains(source)));
                    sources.push(own);
                    contradicted
                }
                Part::NoSource(own) => sources.iter().any(|before| before.0.iter().all(|source| own.0.contains(source))),
            };
            if contradicted {
                let message = format!("`{}` excludes here what it asks for elsewhere, so it never holds", promotion.id);
                let help = "make `when` and all parts of `if` hold together, or delete one of them";
                findings.add(Code::AudienceEmpty, Spot::Path(&path), message, help);
            }
        }
    }
}

/// Whether a cart that has what the first asks for has what the second does.
fn implies(first: &Cart, second: &Cart) -> bool {
    fn least<T: PartialOrd>(first: Option<T>, second: Option<T>) -> bool {
        second.is_none_or(|second| first.is_some_and(|first| first >= second))
    }
    first.on == second.on
        && least(first.amount.map(|n| n.0), second.amount.map(|n| n.0))
        && least(first.quantity.map(|n| n.0), second.quantity.map(|n| n.0))
        && least(first.skus, second.skus)
}

/// What a condition needs of dealer, source or cart.
enum Part<'a> {
    Dealer(&'a DealerIs),
    NoDealer(&'a DealerIs),
    Cart(&'a Cart),
    NoCart(&'a Cart),
    Source(&'a OneOrMany),
    NoSource(&'a OneOrMany),
}

/// The parts without which a condition does not hold (`negated`: does hold), with their places, in file order.
fn must_hold<'a>(condition: &'a Condition, negated: bool, path: String, parts: &mut Vec<(String, Part<'a>)>) {
    let Condition { all, any, not, dealer, order, cart, order_number: _ } = condition;
    // Not any of them is all of them not.
    let (list, key) = if negated { (any, "any") } else { (all, "all") };
    for (index, inner) in list.iter().flatten().enumerate() {
        must_hold(inner, negated, format!("{path}.{key}[{index}]"), parts);
    }
    if let Some(inner) = not {
        must_hold(inner, !negated, format!("{path}.not"), parts);
    }
    if let Some(dealer) = dealer {
        parts.push((format!("{path}.dealer"), if negated { Part::NoDealer(dealer) } else { Part::Dealer(dealer) }));
    }
    if let Some(cart) = cart {
        parts.push((format!("{path}.cart"), if negated { Part::NoCart(cart) } else { Part::Cart(cart) }));
    }
    match order {
        Some(OrderIs { source: Some(source), .. }) if !negated => parts.push((format!("{path}.order.source"), Part::Source(source))),
        Some(OrderIs { source: Some(source), region: None, attributes }) if attributes.is_empty() => {
            parts.push((format!("{path}.order.source"), Part::NoSource(source)));
        }
        Some(_) | None => {}
    }
}

fn audience(dealer: &DealerIs) -> Audience {
    let DealerIs { grade, region, channel, group, attributes } = dealer.clone();
    Audience { id: None, grade, region, channel, group, attributes, except: None }
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
pub fn covers(outer: &Audience, inner: &Audience, names: &Names) -> bool {
    let all = |(outer, inner, inside): (Option<&OneOrMany>, Option<&OneOrMany>, Inside)| match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => inner.0.iter().all(|value| outer.0.iter().any(|above| inside(names, above, value))),
    };
    outer.except.is_none() && fields(outer, inner).into_iter().all(all)
}

/// Whether nobody is named by both.
pub fn apart(a: &Audience, b: &Audience, names: &Names) -> bool {
    let nobody = |(a, b, inside): (Option<&OneOrMany>, Option<&OneOrMany>, Inside)| {
        let (Some(a), Some(b)) = (a, b) else { return false };
        !a.0.iter().any(|x| b.0.iter().any(|y| inside(names, x, y) || inside(names, y, x)))
    };
    fields(a, b).into_iter().any(nobody)
}
