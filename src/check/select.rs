//! Whom and what a rule is about: every name is defined, and somebody and something is left.

use super::findings::{Findings, Spot};
use super::names::{self, Known, Names};
use crate::diagnostic::Code;
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
    let same = |all: &str, value: &str| all == value;
    let inside_group = |above: &str, value: &str| names.group_and_above(value).any(|id| id == above);
    let attributes = audience
        .attributes
        .iter()
        .any(|(id, values)| except.attributes.get(id).is_some_and(|except| covered(&Some(values.clone()), &Some(except.clone()), same)));
    let inside_region = |above: &str, value: &str| names.region_and_above(value).any(|id| id == above);
    let nobody = covered(&audience.id, &except.id, same)
        || covered(&audience.grade, &except.grade, same)
        || covered(&audience.channel, &except.channel, same)
        || covered(&audience.region, &except.region, inside_region)
        || covered(&audience.group, &except.group, inside_group)
        || attributes;
    if nobody {
        let message = "`except` leaves out every dealer that the rule names";
        findings.add(Code::AudienceEmpty, Spot::Path(&except_path), message, "take values out of `except`");
    }
}

fn check_audience_values(audience: &Audience, path: &str, names: &Names, findings: &mut Findings) {
    let Audience { id, grade, region, channel, group, attributes, except: _ } = audience;
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
    check_attributes(attributes, &names.attributes[0], path, Code::AudienceEmpty, names, findings);
}

/// Whether every value of a field is left out by the same field of `except`.
fn covered(values: &Option<OneOrMany>, except: &Option<OneOrMany>, inside: impl Fn(&str, &str) -> bool) -> bool {
    let (Some(OneOrMany(values)), Some(OneOrMany(except))) = (values, except) else { return false };
    !values.is_empty() && values.iter().all(|value| except.iter().any(|above| inside(above, value)))
}

/// Checks which products a rule is about, and that there are any.
pub fn check_select(select: &Select, path: &str, names: &Names, catalog: &Catalog, findings: &mut Findings) {
    let faults_before = findings.diagnostics.found.len();
    check_select_values(select, path, names, findings);
    if let Some(except) = &select.except {
        let except_path = format!("{path}.except");
        check_select_values(except, &except_path, names, findings);
        refuse_nested(except.except.is_some(), &except_path, findings);
    }
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

fn check_select_values(select: &Select, path: &str, names: &Names, findings: &mut Findings) {
    let Select { sku, category, brand, tag, attributes, except: _ } = select;
    let fields =
        [("sku", sku, &names.skus), ("category", category, &names.categories), ("brand", brand, &names.brands), ("tag", tag, &names.tags)];
    for (field, values, known) in fields {
        if let Some(values) = values {
            check_values(values, Some(known), &format!("{path}.{field}"), Code::SelectionEmpty, findings);
        }
    }
    check_attributes(attributes, &names.attributes[1], path, Code::SelectionEmpty, names, findings);
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
        if known.check(id, Spot::Path(&path), findings) {
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
    if values.is_empty() {
        findings.add(
            empty,
            Spot::Path(path),
            format!("`{}` is an empty list, which nothing matches", Spot::Path(path).name()),
            "write a value, or delete the key",
        );
    }
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
    let attributes = select.attributes.iter().map(|(id, values)| {
        let at = names.attribute_at(id);
        product.attributes.iter().any(|(own, value)| Some(*own) == at && values.0.contains(value))
    });
    own.into_iter().flatten().chain(attributes).collect()
}
