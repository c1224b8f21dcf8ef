//! Which table gave a price, and what others would have asked.

use super::{Tally, cross, list, words};
use crate::world::World;
use qudao::policy::{Access, AttributeOf, Axis, Policy};
use serde_json::Value;

const TABLE: &str = "price";

pub fn expected() -> (&'static str, Vec<String>) {
    let rows = words(&[
        "missing",
        "own",
        "access before",
        "two trees",
        "three trees",
        "from above 0",
        "per above 1",
        "missed two",
        "a validity",
        "by group",
        "by attribute of dealers",
        "by attribute of products",
        "a table for some dealers or orders",
        "a table for some products",
    ]);
    let resolutions = cross(&[&["lowest", "highest"], &["beats others", "is alone", "is not the first"]]);
    (TABLE, rows.into_iter().chain(resolutions).collect())
}

impl Tally {
    pub fn price(&mut self, world: &World, policy: &Policy, line: &Value) {
        let price = &line["price"];
        if price.is_null() {
            return self.add(TABLE, &["missing"]);
        }
        let of = |id: &Value| policy.prices.iter().position(|access| *id == access.id.as_str()).unwrap();
        let at = of(&price["access"]);
        let Access { by, rows, when, on, .. } = &policy.prices[at];
        self.add(TABLE, &[if at + 1 == policy.prices.len() { "own" } else { "access before" }]);
        match by.iter().filter(|axis| matches!(axis, Axis::Region | Axis::DealerGroup | Axis::Category)).count() {
            2 => self.add(TABLE, &["two trees"]),
            3 => self.add(TABLE, &["three trees"]),
            _ => {}
        }
        self.add_if(price["from_quantity"] != "0", TABLE, "from above 0");
        self.add_if(price["per"] != 1, TABLE, "per above 1");
        self.add_if(list(&price["missed"]).len() >= 2, TABLE, "missed two");
        let key: Vec<&str> = list(&price["key"]).iter().map(|part| part.as_str().unwrap()).collect();
        self.add_if(rows.iter().any(|row| row.key == key && row.valid.is_some()), TABLE, "a validity");
        self.add_if(by.contains(&Axis::DealerGroup), TABLE, "by group");
        let by_attribute = |of: AttributeOf| {
            by.iter().any(|axis| matches!(axis, Axis::Attribute(at) if policy.attributes[usize::try_from(*at).unwrap()].of == of))
        };
        self.add_if(by_attribute(AttributeOf::Dealer), TABLE, "by attribute of dealers");
        self.add_if(by_attribute(AttributeOf::Product), TABLE, "by attribute of products");
        self.add_if(*when != qudao::policy::When::default(), TABLE, "a table for some dealers or orders");
        self.add_if(on.is_some(), TABLE, "a table for some products");
        let resolution = world.settings.resolution;
        if resolution != "most_specific" {
            let beaten = list(&price["beaten"]);
            self.add(TABLE, &[resolution, if beaten.is_empty() { "is alone" } else { "beats others" }]);
            self.add_if(beaten.iter().any(|other| of(&other["access"]) < at), TABLE, &format!("{resolution} is not the first"));
        }
    }
}
