//! What became of coupon codes (§16).

use super::{Line, Question};
use qudao::policy::Promotion;
use serde_json::{Value, json};

impl<'a> Question<'a> {
    /// The codes of the order, in its order.
    pub fn codes(&self) -> Vec<&'a str> {
        self.order["coupons"].as_array().into_iter().flatten().map(|code| code.as_str().expect("a code")).collect()
    }

    pub fn coupons(&self, lines: &[Line], rules: &[Value]) -> Vec<Value> {
        self.codes().into_iter().map(|code| self.coupon(code, lines, rules)).collect()
    }

    fn coupon(&self, code: &str, lines: &[Line], rules: &[Value]) -> Value {
        let with_code = |promotion: &&Promotion| {
            promotion.coupon.as_ref().is_some_and(|codes| codes.0.iter().any(|own| own == code)) && self.is_in(&promotion.when.dealer)
        };
        let own: Vec<&Promotion> = self.running_order().into_iter().filter(with_code).collect();
        let outcomes: Vec<&Value> = rules.iter().filter(|rule| own.iter().any(|promotion| rule["rule"] == promotion.id.as_str())).collect();
        let without_line = own.iter().any(|promotion| self.is_open(promotion) && self.eligible(promotion, lines).is_empty());
        let effect = match (outcomes.first(), own.first()) {
            _ if outcomes.iter().any(|rule| rule["outcome"] == "applied") => "applied",
            (Some(rule), _) => rule["outcome"].as_str().expect("an outcome"),
            _ if without_line => "no_line",
            (_, Some(_)) => "not_open",
            _ => "unknown",
        };
        let mut answer = json!({ "code": code, "effect": effect, "rules": outcomes.iter().map(|rule| &rule["rule"]).collect::<Vec<_>>() });
        if effect == "not_open" {
            let first = own[0];
            let holds = [("validity", self.valid(first.valid.as_deref())), ("source", self.is_from(&first.when.order))];
            answer["closed_by"] = holds.into_iter().filter(|(_, holds)| !holds).map(|(what, _)| what).collect();
        }
        answer
    }
}
