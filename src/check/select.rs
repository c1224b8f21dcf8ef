//! Whom and what a rule is about: every name is defined, and somebody and something is left.

use super::audience::leaves_nobody;
use super::findings::{Findings, Spot};
use super::names::{self, Known, Names};
use crate::attribute::Ordered;
use crate::diagnostic::Code;
use crate::limit;
use crate::num::Scale;
use crate::policy::{Audience, Axis, OneOrMany, Policy, Product, Select, When};
use std::collections::{BTreeMap, HashMap};

/// Products by what rules select them by. A product is listed under its category and every category above it.
pub struct Catalog<'a> {
    pub policy: &'a Policy,
    products: &'a [Product],
    by_sku: HashMap<&'a str, Vec<usize>>,
    by_category: HashMap<&'a str, Vec<usize>>,
    by_brand: HashMap<&'a str, Vec<usize>>,
    by_tag: HashMap<&'a str, Vec<usize>>,
}

/// Checks the conditions of a rule.
pub fn check_when(when: &When, path: &str, names: &Names, findings: &mut Findings) {
    check_audience(&when.dealer, &format!("{path}.dealer"), names, findings);
    if let Some(sources) = &when.order.source {
        check_values(sources, None, &format!("{path}.order.source"), Code::AudienceEmpty, findings);
    }
}

fn check_audience(audience: &Audience, path: &str, names: &Names, findings: &mut Findings) {
    check_audience_values(audience, path, names, findings);
    let Some(except) = &audience.except else { return };
    let except_path = format!("{path}.except");
    check_audience_values(except, &except_path, names, findings);
    refuse_nested(except.except.is_some(), &except_path, findings);
    if leaves_nobody(audience, except, names) {
        let message = "`except` leaves out every dealer that the rule names";
        findings.add(Code::AudienceEmpty, Spot::Path(&except_path), message, "take values out of `except`");
    }
}

fn check_audience_values(audience: &Audience, path: &str, names: &Names, findings: &mut Findings) {
    let Audience { id, grade, region, channel, group, contract_date, attributes, except: _ } = audience;
    let fields = [
        ("id", id, names.dealers.as_ref()),
        ("grade", grade, Some(&names.grades)),
        ("region", region, Some(&names.regions)),
        ("channel", channel, Some(&names.channels)),
        ("group", group, Some(&names.dealer_groups)),
    ];
    for (field, values, known) in fields {
        if let Some(values) = values {
            check_values(values, known, &format!("{path}.{field}"), Code::AudienceEmpty, findings);
        }
    }
    if let Some(days) = contract_date {
        check_ranges(days, Ordered::Day, &format!("{path}.contract_date"), Code::AudienceEmpty, findings);
    }
    check_attributes(attributes, &names.attributes[0], path, Code::AudienceEmpty, names, findings);
}

/// Checks ranges of numbers or days.
pub fn check_ranges(ranges: &OneOrMany, ordered: Ordered, path: &str, empty: Code, findings: &mut Findings) {
    let OneOrMany(ranges) = ranges;
    refuse_none(ranges, path, empty, findings);
    for (index, range) in ranges.iter().enumerate() {
        if ordered.range(range).is_none() {
            let (what, example) = match ordered {
                Ordered::Number => ("numbers", "`80 .. 200`, `80 ..`, `.. 200` or `80`, at most 6 digits after the point"),
                Ordered::Day => ("days", "`2026-01-01 .. 2026-12-31`, `2026-01-01 ..`, `.. 2026-12-31` or one day"),
            };
            let message = format!("`{range}` is no range of {what}");
            findings.add(Code::NumberRange, Spot::Path(&format!("{path}[{index}]")), message, format!("write {example}"));
        }
    }
}

/// Checks which products a rule is about, and that there are any.
pub fn check_select(select: &Select, path: &str, names: &Names, catalog: &Catalog, findings: &mut Findings) {
    let faults_before = findings.diagnostics.found.len();
    let parts = select.parts();
    if parts > limit::CLAUSES || select.depth() > limit::CLAUSE_DEPTH {
        let (most, deep) = (limit::CLAUSES, limit::CLAUSE_DEPTH);
        let message = format!("the selection has {parts} parts; it may have {most}, nested {deep} deep");
        findings.add(
            Code::LimitExceeded,
            Spot::Path(path),
            message,
            "give the products a tag or an attribute, so that one part says what many do",
        );
        return;
    }
    check_parts(select, path, names, findings);
    // Only a selection without other faults can be told to be empty.
    let sure = findings.diagnostics.found.len() == faults_before && names.skus.complete;
    if sure && !catalog.has_match(select, names) {
        findings.add(
            Code::SelectionEmpty,
            Spot::Path(path),
            "no product matches all of this",
            "several fields must all hold; loosen one, or the `except`",
        );
    }
}

/// Checks a selection, what is inside it, and what it leaves out.
fn check_parts(select: &Select, path: &str, names: &Names, findings: &mut Findings) {
    check_select_values(select, path, names, findings);
    if let Some(except) = &select.except {
        let except_path = format!("{path}.except");
        check_select_values(except, &except_path, names, findings);
        refuse_nested(except.except.is_some(), &except_path, findings);
    }
}

fn check_select_values(select: &Select, path: &str, names: &Names, findings: &mut Findings) {
    let Select { sku, category, brand, tag, attributes, weight, any, except: _ } = select;
    let fields =
        [("sku", sku, &names.skus), ("category", category, &names.categories), ("brand", brand, &names.brands), ("tag", tag, &names.tags)];
    for (field, values, known) in fields {
        if let Some(values) = values {
            check_values(values, Some(known), &format!("{path}.{field}"), Code::SelectionEmpty, findings);
        }
    }
    check_attributes(attributes, &names.attributes[1], path, Code::SelectionEmpty, names, findings);
    if let Some(weights) = weight {
        check_ranges(weights, Ordered::Number, &format!("{path}.weight"), Code::SelectionEmpty, findings);
    }
    if let Some(any) = any {
        let path = format!("{path}.any");
        refuse_none(any, &path, Code::SelectionEmpty, findings);
        for (index, inner) in any.iter().enumerate() {
            check_parts(inner, &format!("{path}[{index}]"), names, findings);
        }
    }
}

/// Checks the values that custom attributes may have.
pub fn check_attributes(
    attributes: &BTreeMap<String, OneOrMany>,
    known: &Known,
    path: &str,
    empty: Code,
    names: &Names,
    findings: &mut Findings,
) {
    for (id, values) in attributes {
        let path = format!("{path}.attributes.{id}");
        if !known.check(id, Spot::Path(&path), findings) {
            continue;
        }
        if let Some(ordered) = names.attribute_at(id).and_then(|at| names.ordered(at)) {
            check_ranges(values, ordered, &path, empty, findings);
        } else {
            let values_known = names.attribute_at(id).and_then(|at| names.of(Axis::Attribute(at)));
            check_values(values, values_known, &path, empty, findings);
        }
    }
}

fn refuse_nested(nested: bool, path: &str, findings: &mut Findings) {
    if nested {
        let path = format!("{path}.except");
        findings.add(
            Code::CombinationInvalid,
            Spot::Path(&path),
            "an `except` has no `except` of its own",
            "write the rule without the inner one",
        );
    }
}

/// Checks the values of a list: that there is one, and that each is known or at least an id.
pub fn check_values(values: &OneOrMany, known: Option<&Known>, path: &str, empty: Code, findings: &mut Findings) {
    let OneOrMany(values) = values;
    refuse_none(values, path, empty, findings);
    for (index, value) in values.iter().enumerate() {
        // A single value stands at the path itself; the lookup of a place falls back to it.
        let path = format!("{path}[{index}]");
        match known {
            Some(known) => {
                known.check(value, Spot::Path(&path), findings);
            }
            None => names::check_id(value, Spot::Path(&path), findings),
        }
    }
}

/// A list without anything matches nothing.
pub fn refuse_none<T>(values: &[T], path: &str, empty: Code, findings: &mut Findings) {
    if values.is_empty() {
        let message = format!("`{}` is an empty list, which nothing matches", Spot::Path(path).name());
        findings.add(empty, Spot::Path(path), message, "write a value, or delete the key");
    }
}

impl<'a> Catalog<'a> {
    pub fn new(policy: &'a Policy, names: &'a Names) -> Catalog<'a> {
        let mut catalog = Catalog {
            policy,
            products: &policy.products,
            by_sku: HashMap::new(),
            by_category: HashMap::new(),
            by_brand: HashMap::new(),
            by_tag: HashMap::new(),
        };
        for (index, product) in policy.products.iter().enumerate() {
            catalog.by_sku.entry(&product.sku).or_default().push(index);
            for category in product.category.iter().flat_map(|category| names.category_and_above(category)) {
                catalog.by_category.entry(category).or_default().push(index);
            }
            if let Some(brand) = &product.brand {
                catalog.by_brand.entry(brand).or_default().push(index);
            }
            for tag in &product.tags {
                catalog.by_tag.entry(tag).or_default().push(index);
            }
        }
        catalog
    }

    /// Whether any product is selected. Looks only at products of the first field that is given, so it is quick on big catalogues.
    fn has_match(&self, select: &Select, names: &Names) -> bool {
        let listed = |index: &HashMap<&str, Vec<usize>>, values: &OneOrMany| -> bool {
            values
                .0
                .iter()
                .filter_map(|value| index.get(value.as_str()))
                .flatten()
                .any(|product| is_selected(&self.products[*product], select, names))
        };
        match select {
            Select { sku: Some(values), .. } => listed(&self.by_sku, values),
            Select { tag: Some(values), .. } => listed(&self.by_tag, values),
            Select { category: Some(values), .. } => listed(&self.by_category, values),
            Select { brand: Some(values), .. } => listed(&self.by_brand, values),
            Select { .. } => self.products.iter().any(|product| is_selected(product, select, names)),
        }
    }
}

/// Whether a rule selects a product.
pub fn is_selected(product: &Product, select: &Select, names: &Names) -> bool {
    let all = fields(product, select, names).into_iter().all(|holds| holds);
    all && !select.except.as_ref().is_some_and(|except| fields(product, except, names).into_iter().any(|holds| holds))
}

/// For each field of a selection that is given, whether the product has one of its values.
fn fields(product: &Product, select: &Select, names: &Names) -> Vec<bool> {
    let any = |values: &Option<OneOrMany>, holds: &dyn Fn(&String) -> bool| values.as_ref().map(|values| values.0.iter().any(holds));
    let own = [
        any(&select.sku, &|sku| *sku == product.sku),
        any(&select.category, &|category| {
            product.category.as_ref().is_some_and(|own| names.category_and_above(own).any(|id| id == category))
        }),
        any(&select.brand, &|brand| product.brand.as_ref() == Some(brand)),
        any(&select.tag, &|tag| product.tags.contains(tag)),
    ];
    let lies = |ordered: Ordered, image: i64, ranges: &OneOrMany| {
        ranges.0.iter().any(|range| ordered.range(range).is_some_and(|range| range.contains(&image)))
    };
    let attributes = select.attributes.iter().map(|(id, values)| {
        let at = names.attribute_at(id);
        let ordered = at.and_then(|at| names.ordered(at));
        let is_in = |value: &String| match ordered {
            Some(ordered) => ordered.image(value).is_some_and(|image| lies(ordered, image, values)),
            None => values.0.contains(value),
        };
        product.attributes.iter().any(|(own, value)| Some(*own) == at && is_in(value))
    });
    let weight = select.weight.as_ref().map(|ranges| {
        product.weight.and_then(|weight| weight.scaled(Scale::WEIGHT).ok()).is_some_and(|image| lies(Ordered::Number, image, ranges))
    });
    let inside = select.any.as_ref().map(|any| any.iter().any(|inner| is_selected(product, inner, names)));
    own.into_iter().flatten().chain(attributes).chain(weight).chain(inside).collect()
}
