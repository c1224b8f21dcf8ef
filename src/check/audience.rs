//! Whom rules name: audiences inside each other and apart, and conditions that nobody meets who is named by the rest of the promotion.

use super::findings::{Findings, Spot};
use super::names::Names;
use crate::attribute::Ordered;
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
        && least(first.weight.map(|n| n.0), second.weight.map(|n| n.0))
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
        Some(OrderIs { source: Some(source), region: None, delivery: None, day: None, attributes }) if attributes.is_empty() => {
            parts.push((format!("{path}.order.source"), Part::NoSource(source)));
        }
        Some(_) | None => {}
    }
}

fn audience(dealer: &DealerIs) -> Audience {
    let DealerIs { id, grade, region, channel, group, contract_date, attributes } = dealer.clone();
    Audience { id, grade, region, channel, group, contract_date, attributes, except: None }
}

/// How the values of a field stand to each other.
#[derive(Clone, Copy)]
enum Field {
    /// Each is only itself.
    Words,
    Regions,
    Groups,
    /// They are ranges.
    Ranges(Ordered),
}

impl Field {
    /// Whether everything that the second names, the first does.
    fn inside(self, names: &Names, above: &str, value: &str) -> bool {
        match self {
            Field::Words => above == value,
            Field::Regions => names.region_and_above(value).any(|id| id == above),
            Field::Groups => names.group_and_above(value).any(|id| id == above),
            Field::Ranges(ordered) => ordered
                .range(above)
                .zip(ordered.range(value))
                .is_some_and(|(above, value)| above.start <= value.start && value.end <= above.end),
        }
    }

    /// Whether both name something.
    fn meet(self, names: &Names, a: &str, b: &str) -> bool {
        match self {
            Field::Ranges(ordered) => ordered.range(a).zip(ordered.range(b)).is_none_or(|(a, b)| a.start.max(b.start) < a.end.min(b.end)),
            _ => self.inside(names, a, b) || self.inside(names, b, a),
        }
    }
}

/// The fields of two audiences, with how their values stand to each other.
fn fields<'a>(a: &'a Audience, b: &'a Audience, names: &Names) -> Vec<(Option<&'a OneOrMany>, Option<&'a OneOrMany>, Field)> {
    let mut fields = vec![
        (a.id.as_ref(), b.id.as_ref(), Field::Words),
        (a.grade.as_ref(), b.grade.as_ref(), Field::Words),
        (a.channel.as_ref(), b.channel.as_ref(), Field::Words),
        (a.region.as_ref(), b.region.as_ref(), Field::Regions),
        (a.group.as_ref(), b.group.as_ref(), Field::Groups),
        (a.contract_date.as_ref(), b.contract_date.as_ref(), Field::Ranges(Ordered::Day)),
    ];
    let of = |id: &String| names.attribute_at(id).and_then(|at| names.ordered(at)).map_or(Field::Words, Field::Ranges);
    fields.extend(a.attributes.iter().map(|(id, values)| (Some(values), b.attributes.get(id), of(id))));
    fields
}

/// Whether every one of some values is inside one of others.
fn within(inner: &OneOrMany, outer: &OneOrMany, field: Field, names: &Names) -> bool {
    inner.0.iter().all(|value| outer.0.iter().any(|above| field.inside(names, above, value)))
}

/// Whether the first names everybody whom the second names.
pub fn covers(outer: &Audience, inner: &Audience, names: &Names) -> bool {
    let all = |(outer, inner, field): (Option<&OneOrMany>, Option<&OneOrMany>, Field)| match (outer, inner) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(outer), Some(inner)) => within(inner, outer, field, names),
    };
    outer.except.is_none() && fields(outer, inner, names).into_iter().all(all)
}

/// Whether nobody is named by both.
pub fn apart(a: &Audience, b: &Audience, names: &Names) -> bool {
    let nobody = |(a, b, field): (Option<&OneOrMany>, Option<&OneOrMany>, Field)| {
        let (Some(a), Some(b)) = (a, b) else { return false };
        !a.0.iter().any(|x| b.0.iter().any(|y| field.meet(names, x, y)))
    };
    fields(a, b, names).into_iter().any(nobody)
}

/// Whether the `except` of a condition leaves out everybody whom it names.
pub fn leaves_nobody(audience: &Audience, except: &Audience, names: &Names) -> bool {
    let all = |(named, except, field): (Option<&OneOrMany>, Option<&OneOrMany>, Field)| {
        named.zip(except).is_some_and(|(named, except)| !named.0.is_empty() && within(named, except, field, names))
    };
    fields(audience, except, names).into_iter().any(all)
}
