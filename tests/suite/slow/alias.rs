//! Aliases of SKUs (§49).

use qudao::policy::{Access, Axis, Policy};
use serde_json::{Value, json};

fn of<'p>(policy: &'p Policy, sku: &'p str) -> &'p str {
    policy.aliases.iter().find(|alias| alias.alias == sku).map_or(sku, |alias| &alias.sku)
}

/// What is asked, with the products' own SKUs (§49.2).
pub fn renamed(policy: &Policy, input: &Value) -> Value {
    let mut input = input.clone();
    let rename = |sku: &mut Value| *sku = json!(of(policy, sku.as_str().expect("a sku")));
    let entries = |value: &mut Value, key: &str| {
        let list = value.get_mut(key).and_then(Value::as_array_mut).into_iter().flatten();
        list.for_each(|entry| rename(&mut entry["sku"]));
    };
    entries(&mut input["order"], "lines");
    for key in ["stock", "inventory", "bought", "registrations"] {
        entries(&mut input["dealer"], key);
    }
    // What programs tell apart, §64.3; a category is no alias.
    let volumes = input["dealer"].get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten();
    for volume in volumes.flat_map(|entry| entry.as_object_mut().expect("an object").values_mut()) {
        let told = volume.get_mut("covered").and_then(Value::as_array_mut).into_iter().flatten();
        told.for_each(|entry| rename(&mut entry["of"]));
    }
    let choices = input["order"].get_mut("gifts").and_then(Value::as_object_mut).into_iter().flatten();
    choices.flat_map(|(_, list)| list.as_array_mut().expect("a list")).for_each(rename);
    let usage = input["dealer"].get_mut("usage").and_then(Value::as_object_mut).into_iter().flatten();
    for skus in usage.filter_map(|(_, used)| used.get_mut("skus")) {
        let named = skus.as_object().expect("an object").iter().map(|(sku, used)| (of(policy, sku).to_owned(), used.clone()));
        *skus = named.collect();
    }
    input
}

/// The tables with the products' own SKUs (§49.4).
pub fn read(policy: &mut Policy) {
    let aliases = policy.aliases.clone();
    let Policy { prices, costs, floors, approvals, recommended, .. } = policy;
    for Access { by, rows, .. } in [prices, costs, floors, approvals, recommended].into_iter().flatten() {
        let Some(at) = by.iter().position(|axis| *axis == Axis::Sku) else { continue };
        for row in rows {
            if let Some(alias) = aliases.iter().find(|alias| alias.alias == row.key[at]) {
                row.key[at].clone_from(&alias.sku);
            }
        }
    }
}

/// Lines that were ordered by an alias (§49.3).
pub fn tell(policy: &Policy, input: &Value, answer: &mut Value) {
    let mut told: Vec<(String, &str, &str)> = Vec::new();
    for asked in input["order"]["lines"].as_array().expect("lines") {
        let alias = asked["sku"].as_str().expect("a sku");
        let sku = of(policy, alias);
        if alias == sku {
            continue;
        }
        let unit = || asked["unit"].as_str().unwrap_or(&policy.products.iter().find(|product| product.sku == sku).expect("a product").unit);
        let id = asked["id"].as_str().map_or_else(|| format!("{sku}|{}", unit()), str::to_owned);
        told.push((id, alias, sku));
    }
    told.sort();
    told.dedup_by(|later, first| later.0 == first.0);
    if !told.is_empty() {
        let one = |(line, alias, sku): &(String, &str, &str)| json!({ "line": line, "alias": alias, "sku": sku });
        answer["aliases"] = told.iter().map(one).collect();
    }
}
