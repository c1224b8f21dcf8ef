//! Old and foreign SKUs of products: which stand for what, and rows of tables that name products by them.

use super::findings::{Findings, Spot};
use super::names::{self, Names};
use crate::diagnostic::{Code, Place};
use crate::policy::{Access, Alias, Axis, Policy};
use std::collections::{HashMap, HashSet};

/// What each alias stands for, without those that [`check`] refuses.
pub fn aliases(policy: &Policy) -> HashMap<&str, &str> {
    let skus: HashSet<&str> = policy.products.iter().map(|product| product.sku.as_str()).collect();
    let mut known = HashMap::new();
    for Alias { alias, sku, place: _ } in &policy.aliases {
        if skus.contains(sku.as_str()) && !skus.contains(alias.as_str()) {
            known.entry(alias.as_str()).or_insert(sku.as_str());
        }
    }
    known
}

/// Lets rows of price tables that name a product by an alias name it by its SKU, and tells of it once for each alias of a table.
pub fn restate(policy: &mut Policy, findings: &mut Findings) {
    if policy.aliases.is_empty() {
        return;
    }
    let own = aliases(policy);
    let known: HashMap<String, String> = own.into_iter().map(|(alias, sku)| (alias.to_owned(), sku.to_owned())).collect();
    let Policy { prices, costs, floors, approvals, recommended, .. } = policy;
    for access in [prices, costs, floors, approvals, recommended].into_iter().flatten() {
        restate_table(access, &known, findings);
    }
}

fn restate_table(access: &mut Access, known: &HashMap<String, String>, findings: &mut Findings) {
    let Some(at) = access.by.iter().position(|axis| *axis == Axis::Sku) else { return };
    // By alias the first row, and how many there are.
    let mut met: HashMap<&str, (Place, usize)> = HashMap::new();
    for row in access.rows.iter_mut().chain(&mut access.broken) {
        let Some((alias, sku)) = known.get_key_value(&row.key[at]) else { continue };
        met.entry(alias).or_insert((row.place, 0)).1 += 1;
        row.key[at].clone_from(sku);
    }
    for (alias, (place, rows)) in met {
        let more = if rows == 1 { String::new() } else { format!(", and so in {} more rows", rows - 1) };
        let message = format!("`{alias}` is an alias, and is read as `{}`{more}", known[alias]);
        findings.add(
            Code::SkuAlias,
            Spot::Cell(place, "sku"),
            message,
            "nothing needs to be done; write the SKU itself when the table is next made",
        );
    }
}

/// Checks the alias table: each alias once, none a SKU itself, each of a product.
pub fn check(policy: &Policy, names: &Names, findings: &mut Findings) {
    let skus: HashMap<&str, Place> = policy.products.iter().map(|product| (product.sku.as_str(), product.place)).collect();
    let mut first: HashMap<&str, &Alias> = HashMap::new();
    for entry in &policy.aliases {
        let Alias { alias, sku, place } = entry;
        let spot = Spot::Cell(*place, "alias");
        names::check_id(alias, spot, findings);
        if let Some(product) = skus.get(alias.as_str()) {
            let message = format!("`{alias}` is the SKU of the product in line {}", product.line);
            findings.add(Code::IdDuplicate, spot, message, "delete the alias, or the product that it stands for");
        } else if let Some(before) = first.get(alias.as_str()) {
            let message = format!("`{alias}` is in line {} already, for `{}`", before.place.line, before.sku);
            findings.add(Code::IdDuplicate, spot, message, "keep one of the two rows: an alias stands for one product");
        }
        first.entry(alias).or_insert(entry);
        names.skus.check(sku, Spot::Cell(*place, "sku"), findings);
    }
}
