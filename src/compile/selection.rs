use super::image;
use super::values::Values;
use crate::attribute::Ordered;
use crate::bundle::{Dimension, NONE};
use crate::num::Scale;
use crate::policy::{Attribute, OneOrMany, Product, Select};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// Products by what rules select them by, so that a rule looks only at products it can mean.
pub struct Selection<'a> {
    products: &'a [&'a Product],
    values: &'a Values,
    by_sku: HashMap<&'a str, usize>,
    by_category: HashMap<u32, Vec<usize>>,
    by_brand: HashMap<&'a str, Vec<usize>>,
    by_tag: HashMap<&'a str, Vec<usize>>,
    /// The order that the values of each attribute have, by its position in the policy.
    kinds: Vec<Option<Ordered>>,
    /// By attribute, as its position in the policy, and value.
    by_attribute: HashMap<(u32, &'a str), Vec<usize>>,
}

impl<'a> Selection<'a> {
    /// Indexes products, which stand in order of their SKU.
    pub fn new(products: &'a [&'a Product], attributes: &[Attribute], values: &'a Values) -> Selection<'a> {
        let mut selection = Selection {
            products,
            values,
            by_sku: HashMap::new(),
            by_category: HashMap::new(),
            by_brand: HashMap::new(),
            by_tag: HashMap::new(),
            kinds: attributes.iter().map(|attribute| attribute.kind.ordered()).collect(),
            by_attribute: HashMap::new(),
        };
        for (index, product) in products.iter().enumerate() {
            selection.by_sku.insert(&product.sku, index);
            if let Some(category) = &product.category {
                selection.by_category.entry(values.number(Dimension::Category, category)).or_default().push(index);
            }
            if let Some(brand) = &product.brand {
                selection.by_brand.entry(brand).or_default().push(index);
            }
            for tag in &product.tags {
                selection.by_tag.entry(tag).or_default().push(index);
            }
            for (at, value) in &product.attributes {
                selection.by_attribute.entry((*at, value)).or_default().push(index);
            }
        }
        selection
    }

    /// Positions of the products of a SKU.
    pub fn sku(&self, sku: &str) -> usize {
        self.by_sku[sku]
    }

    /// Positions of the products that a selection means, ascending; without one, all.
    pub fn products(&self, on: Option<&Select>) -> Vec<usize> {
        let Some(on) = on else { return (0..self.products.len()).collect() };
        let included = self.meeting_all(on);
        let excluded = on.except.as_deref().map(|except| self.meeting_any(except)).unwrap_or_default();
        included.difference(&excluded).copied().collect()
    }

    fn meeting_all(&self, on: &Select) -> BTreeSet<usize> {
        let mut fields = self.fields(on).into_iter();
        let first = fields.next().unwrap_or_else(|| (0..self.products.len()).collect());
        fields.fold(first, |met, field| met.intersection(&field).copied().collect())
    }

    fn meeting_any(&self, on: &Select) -> BTreeSet<usize> {
        self.fields(on).into_iter().flatten().collect()
    }

    /// For each field that is given, the products that match one of its values.
    fn fields(&self, on: &Select) -> Vec<BTreeSet<usize>> {
        let mut fields = Vec::new();
        if let Some(OneOrMany(skus)) = &on.sku {
            fields.push(skus.iter().filter_map(|sku| self.by_sku.get(sku.as_str()).copied()).collect());
        }
        if let Some(OneOrMany(categories)) = &on.category {
            let nodes = self.values.expand(Dimension::Category, categories);
            fields.push(nodes.iter().filter_map(|node| self.by_category.get(node)).flatten().copied().collect());
        }
        if let Some(OneOrMany(brands)) = &on.brand {
            fields.push(brands.iter().filter_map(|brand| self.by_brand.get(brand.as_str())).flatten().copied().collect());
        }
        if let Some(OneOrMany(tags)) = &on.tag {
            fields.push(tags.iter().filter_map(|tag| self.by_tag.get(tag.as_str())).flatten().copied().collect());
        }
        if let Some(OneOrMany(wanted)) = &on.weight {
            let weight = |product: &Product| product.weight.map(|weight| image(weight, Scale::WEIGHT));
            fields.push(self.within(Ordered::Number, wanted, weight));
        }
        if let Some(any) = &on.any {
            fields.push(any.iter().flat_map(|one| self.products(Some(one))).collect());
        }
        for (id, OneOrMany(wanted)) in &on.attributes {
            let at = self.values.attribute_at(id);
            if let Some(ordered) = self.kinds[at as usize] {
                let own =
                    |product: &Product| product.attributes.iter().find(|(own, _)| *own == at).and_then(|(_, text)| ordered.image(text));
                fields.push(self.within(ordered, wanted, own));
                continue;
            }
            fields.push(wanted.iter().filter_map(|value| self.by_attribute.get(&(at, value.as_str()))).flatten().copied().collect());
        }
        fields
    }

    /// Products of which something lies in one of the ranges.
    fn within(&self, ordered: Ordered, ranges: &[String], own: impl Fn(&Product) -> Option<i64>) -> BTreeSet<usize> {
        let ranges: Vec<Range<i64>> = ranges.iter().map(|range| ordered.range(range).expect("checked")).collect();
        let lies = |product: &Product| own(product).is_some_and(|own| ranges.iter().any(|range| range.contains(&own)));
        (0..self.products.len()).filter(|product| lies(self.products[*product])).collect()
    }

    /// Products of a category and everything below it, with the steps up from the product; `None` is every product at no distance.
    pub fn in_category(&self, node: Option<u32>) -> Vec<(usize, u32)> {
        let Some(node) = node else { return (0..self.products.len()).map(|product| (product, 0)).collect() };
        let mut found: Vec<(usize, u32)> = Vec::new();
        for (category, products) in &self.by_category {
            if let Some(steps) = self.values.steps_up(*category, node) {
                found.extend(products.iter().map(|product| (*product, steps)));
            }
        }
        found.sort_unstable();
        found
    }

    /// Steps up from a product's category to `node`, if it is inside.
    pub fn steps_up(&self, product: usize, node: u32) -> Option<u32> {
        let category = self.values.optional(Dimension::Category, self.products[product].category.as_deref());
        (category != NONE).then(|| self.values.steps_up(category, node)).flatten()
    }

    /// Whether a product has a value of an attribute.
    pub fn has(&self, product: usize, attribute: u32, value: &str) -> bool {
        self.products[product].attributes.iter().any(|(at, own)| *at == attribute && own == value)
    }

    /// Whether a product is of a brand.
    pub fn is_of_brand(&self, product: usize, brand: &str) -> bool {
        self.products[product].brand.as_deref() == Some(brand)
    }
}
