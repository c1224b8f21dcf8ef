//! What counts for programs by its order and by its prices (§67).

use super::approved::Approved;
use super::{Line, Question, decimal, list};
use qudao::policy::{CountedOrders, OneOrMany, Policy, PriceKind, Program, RegisteredAs};
use serde_json::Value;

/// A field of an order by the id of an attribute, or its source; blank is none.
pub type Field<'f> = dyn Fn(Option<&str>) -> Option<&'f str> + 'f;

/// Why a program leaves a line of an order out, if it does: the word of the answer.
pub fn left_out(program: &Program, field: &Field, kinds: &[PriceKind]) -> Option<&'static str> {
    let is_any = |values: &OneOrMany, text: Option<&str>| text.is_some_and(|text| values.0.iter().any(|value| value == text));
    let hold = |orders: &CountedOrders| -> Vec<bool> {
        let attributes = orders.attributes.iter().map(|(id, values)| is_any(values, field(Some(id))));
        orders.source.iter().map(|values| is_any(values, field(None))).chain(attributes).collect()
    };
    let except = program.orders.except.as_ref().is_some_and(|except| hold(except).contains(&true));
    if hold(&program.orders).contains(&false) || except {
        return Some("order");
    }
    let out = |kind: &PriceKind| kinds.contains(kind) && program.prices.except.contains(kind);
    PriceKind::ALL.into_iter().find(out).map(PriceKind::word)
}

fn registered(policy: &Policy, access: &str) -> Option<PriceKind> {
    let registered = policy.prices.iter().find(|table| table.id == access).expect("a table").registered?;
    Some(match registered {
        RegisteredAs::Contract => PriceKind::Contract,
        RegisteredAs::Quotation => PriceKind::Quotation,
        RegisteredAs::Special => PriceKind::Special,
    })
}

fn changed(approved: &[Value], line: &str) -> Option<PriceKind> {
    let took = |used: &Value| used["line"] == line && decimal(&used["saving"]) > super::exact::whole(0);
    approved.iter().any(took).then_some(PriceKind::Approved)
}

impl Question<'_> {
    /// What the price of a line is.
    pub fn kinds(&self, line: &Line, approved: &Approved) -> Vec<PriceKind> {
        let of = |access: &str| registered(self.policy, access);
        let unpromoted = line.price.as_ref().is_some_and(|found| found.flags.no_promotion).then_some(PriceKind::NoPromotion);
        let accesses = line.portions.iter().map(|portion| &portion.access.id).chain(line.price.iter().map(|found| &found.access.id));
        let all = accesses.filter_map(|access| of(access));
        all.chain(changed(&approved.answer, &line.id)).chain(unpromoted).collect()
    }

    /// The same of a line as it was answered.
    pub fn kinds_told(&self, order: &Value, line: &Value) -> Vec<PriceKind> {
        let price = &line["price"];
        let id = line["id"].as_str().expect("an id");
        let accesses = list(&price["portions"]).iter().chain(price.is_object().then_some(price));
        let all = accesses.filter_map(|part| registered(self.policy, part["access"].as_str().expect("an access")));
        let unpromoted = list(&price["flags"]).iter().any(|flag| flag == "no_promotion").then_some(PriceKind::NoPromotion);
        all.chain(changed(list(&order["approved"]), id)).chain(unpromoted).collect()
    }

    /// What the order says of itself.
    pub fn field(&self, id: Option<&str>) -> Option<&str> {
        match id {
            None => self.order["source"].as_str(),
            Some(id) => self.order["attributes"][id].as_str(),
        }
    }
}
