//! Guards (§14).

use super::{Line, Priced, Question, positions};
use qudao::policy::Severity;
use serde_json::{Value, json};

impl Question<'_> {
    pub fn guards(&self, priced: &Priced) -> Vec<Value> {
        let Priced { lines, state, .. } = priced;
        let mut list = Vec::new();
        let order = positions(lines, |_| true);
        let gifts = self.gifts_of_lines(lines, state);
        for (position, at) in order.iter().enumerate() {
            let (line, net) = (&lines[*at], state.net[*at]);
            if self.is_hidden(line.product) {
                list.extend(self.assortment_guard(line));
                continue;
            }
            if line.price.is_none() {
                list.push(json!({ "code": "PRICE_MISSING", "severity": "block", "line": line.id }));
            }
            let first_of_sku = !order[..position].iter().any(|before| lines[*before].product.sku == line.product.sku);
            list.extend(first_of_sku.then(|| self.quantity_guards(line)).into_iter().flatten());
            let floor = line.floor.filter(|floor| net < *floor);
            match floor {
                Some(floor) => list.push(self.floor_guard(line, net, floor)),
                None => list.extend(self.approval_guard(line, net)),
            }
            list.extend(self.corridor_guards(line, net, gifts[*at]));
            list.extend(self.assortment_guard(line));
            list.extend(self.licence_guards(line));
            list.extend(self.territory_guard(line));
            list.extend(first_of_sku.then(|| self.stock_guard(line)).flatten());
        }
        list.extend(self.order_guards(priced));
        // §27.7: lines are sought for the first eight only.
        list.iter_mut().filter(|guard| guard.get("remove").is_some()).skip(8).for_each(|guard| guard["remove"] = Value::Null);
        list
    }

    /// §14.4.
    fn floor_guard(&self, line: &Line, net: i128, floor: i128) -> Value {
        let default = if self.policy.approvals.is_empty() { Severity::Route } else { Severity::Block };
        json!({
            "code": "FLOOR",
            "severity": word(self.policy.guards.floor.unwrap_or(default)),
            "line": line.id,
            "net": self.money(net),
            "floor": self.money(floor),
            "short": self.money(floor - net),
        })
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
