//! What can be delivered, and what the dealer should order (§27.14, §27.15).

use super::exact::{Exact, power_of_ten, text, whole};
use super::guard::word;
use super::{Line, Question, decimal, instant};
use qudao::policy::Availability;
use serde_json::{Value, json};

impl Question<'_> {
    /// For the first line of its SKU.
    pub fn stock_guard(&self, line: &Line) -> Option<Value> {
        line.price.as_ref()?;
        let entries: Vec<&Value> =
            self.facts["stock"].as_array().into_iter().flatten().filter(|entry| entry["sku"] == line.product.sku.as_str()).collect();
        let as_of = |entry: &&Value| if entry["as_of"].is_null() { instant(&self.facts["as_of"]) } else { instant(&entry["as_of"]) };
        let oldest = entries.iter().map(as_of).min()?;
        let available: Exact = entries.iter().map(|entry| decimal(&entry["available"])).sum();
        (line.pooled > available).then(|| {
            json!({
                "code": "STOCK",
                "severity": word(self.policy.guards.stock),
                "line": line.id,
                "have": text(line.pooled, 0),
                "available": text(available, 0),
                "short": text(line.pooled - available, 0),
                "nearest": self.fitting(line.product).at_most(available).map(|nearest| text(nearest, 0)),
                "as_of": oldest.0,
            })
        })
    }

    /// §27.15.
    pub fn replenishment(&self, lines: &[Line]) -> Vec<Value> {
        let mut entries: Vec<&Value> = self.facts["inventory"].as_array().into_iter().flatten().collect();
        entries.sort_by_key(|entry| entry["sku"].as_str());
        entries.into_iter().filter_map(|entry| self.suggestion(entry, lines)).collect()
    }

    fn suggestion(&self, entry: &Value, lines: &[Line]) -> Option<Value> {
        let product = self.product(entry["sku"].as_str().expect("a sku"));
        let part = |key: &str| decimal(&entry[key]);
        let one = whole(power_of_ten(self.policy.settings.quantity_scale));
        let computed = || ((part("daily") * part("lead_days") + part("safety")) * one).ceil() / one;
        let point = if entry["reorder_point"].is_null() { computed() } else { part("reorder_point") };
        let ordered: Exact = lines.iter().filter(|line| line.product.sku == product.sku).map(|line| line.quantity).sum();
        let position = part("on_hand") + part("on_order") + ordered;
        if position > point || self.availability(product) != Availability::Orderable {
            return None;
        }
        let most = self.fitting(product).at_most(ordered + part("max") - position).filter(|most| *most > ordered);
        let order = most.unwrap_or_else(|| self.fitting(product).above(ordered));
        Some(json!({
            "sku": product.sku,
            "position": text(position, 0),
            "reorder_point": text(point, 0),
            "max": text(part("max"), 0),
            "order": text(order, 0),
            "suggested": text(order - ordered, 0),
        }))
    }
}
