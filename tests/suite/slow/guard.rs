//! Guards (§14).

use super::exact::{Exact, number, text, whole};
use super::redemption::Redeemed;
use super::{Line, Question, decimal, positions};
use qudao::policy::Severity;
use serde_json::{Value, json};

impl Question<'_> {
    pub fn guards(&self, lines: &[Line], net: &[i128], redeemed: &Redeemed) -> Vec<Value> {
        let mut list = Vec::new();
        let order = positions(lines, |_| true);
        for (position, at) in order.iter().enumerate() {
            let line = &lines[*at];
            if self.is_hidden(line.product) {
                list.extend(self.assortment_guard(line));
                continue;
            }
            if line.price.is_none() {
                list.push(json!({ "code": "PRICE_MISSING", "severity": "block", "line": line.id }));
            }
            let first_of_sku = !order[..position].iter().any(|before| lines[*before].product.sku == line.product.sku);
            list.extend(first_of_sku.then(|| self.quantity_guard(line)).flatten());
            if let Some(floor) = line.floor.filter(|floor| net[*at] < *floor) {
                list.push(json!({
                    "code": "FLOOR",
                    "severity": word(self.policy.guards.floor.unwrap_or(Severity::Route)),
                    "line": line.id,
                    "net": self.money(net[*at]),
                    "floor": self.money(floor),
                    "short": self.money(floor - net[*at]),
                }));
            }
            list.extend(self.assortment_guard(line));
            list.extend(self.territory_guard(line));
        }
        list.extend(redeemed.guard.clone());
        list.extend(self.credit_guard(net.iter().sum::<i128>() - redeemed.used));
        list
    }

    /// §14.2, §14.3.
    fn quantity_guard(&self, line: &Line) -> Option<Value> {
        let severity = word(self.policy.guards.quantity);
        let min = line.product.min_quantity.map_or(whole(0), number);
        let multiple = line.product.multiple.map(number);
        let have = line.pooled;
        let shown = |quantity: Exact| text(quantity, 0);
        if have < min {
            let nearest = multiple.map_or(min, |multiple| (min / multiple).ceil() * multiple);
            return Some(json!({
                "code": "QTY_MIN", "severity": severity, "line": line.id, "have": shown(have), "min": shown(min), "nearest": shown(nearest),
            }));
        }
        let multiple = multiple.filter(|multiple| !(have / multiple).is_integer())?;
        let down = (have / multiple).floor() * multiple;
        let nearest_down = (down > whole(0) && down >= min).then(|| shown(down));
        Some(json!({
            "code": "QTY_MULTIPLE", "severity": severity, "line": line.id, "have": shown(have), "multiple": shown(multiple),
            "nearest_down": nearest_down, "nearest_up": shown(down + multiple),
        }))
    }

    /// Credit with this order, `null` without facts (§14.5).
    pub fn credit(&self, payable: i128) -> Value {
        self.limit_and_used().map_or(Value::Null, |(limit, used)| {
            json!({
                "limit": self.money(limit),
                "used": self.money(used),
                "exposure": self.money(used + payable),
                "left": self.money(limit - used - payable),
                "released": false,
            })
        })
    }

    /// §14.5.
    fn credit_guard(&self, payable: i128) -> Option<Value> {
        let (limit, used) = self.limit_and_used()?;
        let exposure = used + payable;
        (exposure > limit).then(|| {
            json!({
                "code": "CREDIT_LIMIT",
                "severity": word(self.policy.guards.credit),
                "of": "dealer",
                "exposure": self.money(exposure),
                "payable": self.money(payable),
                "limit": self.money(limit),
                "over": self.money(exposure - limit),
                "prepay": self.money(exposure - limit),
            })
        })
    }

    /// The limit, and what is used of it without this order.
    fn limit_and_used(&self) -> Option<(i128, i128)> {
        let credit = self.facts.get("credit").filter(|credit| !credit.is_null())?;
        let part = |key: &str| self.amount_of(decimal(&credit[key]));
        Some((part("limit"), part("receivable") + part("delivered") + part("open_orders") - part("prepaid")))
    }
}

pub fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warn => "warn",
        Severity::Route => "route",
        Severity::Block => "block",
    }
}
