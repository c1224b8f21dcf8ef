use super::small;
use super::texts::Texts;
use crate::bundle::{AttributeKind, Coded, Dimension, NONE, Tables};
use crate::policy::{Attribute, AttributeOf, Audience, Axis, Name, Node, Policy};
use std::collections::BTreeMap;

/// The values of every dimension, numbered bytewise within it.
#[derive(Debug)]
pub struct Values {
    /// For each dimension, its values with their numbers.
    numbers: Vec<BTreeMap<String, u32>>,
    /// The value above each value, or [`NONE`].
    parents: Vec<u32>,
    /// The names of each value.
    names: Vec<Name>,
    /// The number of each custom attribute of the policy; they are numbered by id, bytewise.
    attributes: Vec<u32>,
    /// The position of each custom attribute in the policy.
    positions: BTreeMap<String, u32>,
}

impl Values {
    /// Numbers the values that a policy defines or, where they are free, names; and those of the other side of a transition. What only the other
    /// side defines is as it is there.
    pub fn collect(policy: &Policy, other: Option<&Policy>) -> Values {
        let attributes = number_attributes(policy);
        let mut ids: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new(); Dimension::FIXED.len() + attributes.len()];
        std::iter::once(policy).chain(other).for_each(|policy| add_values(policy, &mut ids));
        for (number, value) in ids.iter_mut().flat_map(BTreeMap::values_mut).enumerate() {
            *value = small(number);
        }
        let positions = policy.attributes.iter().map(|attribute| attribute.id.clone()).zip(0..).collect();
        let count = ids.iter().map(BTreeMap::len).sum();
        let mut values = Values { parents: vec![NONE; count], names: vec![Name::default(); count], numbers: ids, attributes, positions };
        // The own ones last, so that they stay.
        for policy in other.into_iter().chain([policy]) {
            for (dimension, nodes) in nodes(policy, &number_attributes(policy)) {
                for node in nodes {
                    let number = values.number(dimension, &node.id) as usize;
                    values.parents[number] = values.optional(dimension, node.parent.as_deref());
                    values.names[number] = node.name.clone();
                }
            }
        }
        values
    }

    /// The dimension of a key axis.
    pub fn dimension(&self, axis: Axis) -> Dimension {
        match axis {
            Axis::Dealer => Dimension::Dealer,
            Axis::Grade => Dimension::Grade,
            Axis::Region => Dimension::Region,
            Axis::Channel => Dimension::Channel,
            Axis::DealerGroup => Dimension::Group,
            Axis::Sku => Dimension::Sku,
            Axis::Category => Dimension::Category,
            Axis::Brand => Dimension::Brand,
            Axis::Attribute(at) => Dimension::Attribute(self.attributes[at as usize]),
        }
    }

    /// The number of a value.
    pub fn number(&self, dimension: Dimension, id: &str) -> u32 {
        self.numbers[dimension.index()][id]
    }

    /// Position of an attribute in the policy.
    pub fn attribute_at(&self, id: &str) -> u32 {
        self.positions[id]
    }

    /// The number of a value of an attribute, by the attribute's position in the policy.
    pub fn attribute(&self, at: u32, id: &str) -> u32 {
        self.number(self.dimension(Axis::Attribute(at)), id)
    }

    /// The number of a value that may be missing.
    pub fn optional(&self, dimension: Dimension, id: Option<&str>) -> u32 {
        id.map_or(NONE, |id| self.number(dimension, id))
    }

    /// Steps up the tree from `value` to `above`, if that is above it or the same.
    pub fn steps_up(&self, value: u32, above: u32) -> Option<u32> {
        let mut value = value;
        let mut steps = 0;
        while value != NONE {
            if value == above {
                return Some(steps);
            }
            value = self.parents[value as usize];
            steps += 1;
        }
        None
    }

    /// Numbers of the listed values and of everything below them, ascending.
    pub fn expand(&self, dimension: Dimension, ids: &[String]) -> Vec<u32> {
        let listed: Vec<u32> = ids.iter().map(|id| self.number(dimension, id)).collect();
        let inside = |value: &u32| listed.iter().any(|above| self.steps_up(*value, *above).is_some());
        self.numbers[dimension.index()].values().copied().filter(inside).collect()
    }

    /// Writes the columns of values.
    pub fn write(&self, policy: &Policy, t: &mut Tables, texts: &mut Texts) {
        t.axis_start.push(0);
        for numbers in &self.numbers {
            for (id, number) in numbers {
                let name = &self.names[*number as usize];
                t.value_text.push(texts.id(id));
                t.value_zh.push(texts.id(&name.zh));
                t.value_en.push(texts.id(&name.en));
            }
            t.axis_start.push(small(t.value_text.len()));
        }
        t.value_parent.clone_from(&self.parents);
        let mut attributes: Vec<&Attribute> = policy.attributes.iter().collect();
        attributes.sort_unstable_by_key(|attribute| attribute.id.as_bytes());
        for Attribute { id, name, of, values } in attributes {
            t.attribute_text.push(texts.id(id));
            t.attribute_zh.push(texts.id(&name.zh));
            t.attribute_en.push(texts.id(&name.en));
            let kind = match of {
                AttributeOf::Dealer if values.is_some() => AttributeKind::DealerListed,
                AttributeOf::Dealer => AttributeKind::Dealer,
                AttributeOf::Product => AttributeKind::Product,
                AttributeOf::Order if values.is_some() => AttributeKind::OrderListed,
                AttributeOf::Order => AttributeKind::Order,
            };
            t.attribute_kind.push(kind.code());
        }
    }
}

/// The number of each custom attribute: they are numbered by id, bytewise.
fn number_attributes(policy: &Policy) -> Vec<u32> {
    let mut ids: Vec<&str> = policy.attributes.iter().map(|attribute| attribute.id.as_str()).collect();
    ids.sort_unstable();
    policy.attributes.iter().map(|attribute| small(ids.partition_point(|id| *id < attribute.id.as_str()))).collect()
}

/// The values that a policy defines or, where they are free, names.
fn add_values(policy: &Policy, ids: &mut [BTreeMap<String, u32>]) {
    let attributes = number_attributes(policy);
    let mut add = |dimension: Dimension, id: &str| ids[dimension.index()].insert(id.to_owned(), 0);
    for (dimension, nodes) in nodes(policy, &attributes) {
        for node in nodes {
            add(dimension, &node.id);
        }
    }
    for product in &policy.products {
        for (at, id) in &product.attributes {
            add(Dimension::Attribute(attributes[*at as usize]), id);
        }
    }
    for access in policy.tables().into_iter().flat_map(|(_, list)| list) {
        for (position, axis) in access.by.iter().enumerate() {
            let dimension = match axis {
                Axis::Dealer => Dimension::Dealer,
                Axis::Attribute(at) => Dimension::Attribute(attributes[*at as usize]),
                _ => continue,
            };
            for row in &access.rows {
                add(dimension, &row.key[position]);
            }
        }
    }
    let conditions = policy.promotions.iter().map(|p| &p.when).chain(policy.programs.iter().map(|p| &p.when));
    let conditions = conditions.chain(policy.assortment.iter().map(|listing| &listing.when));
    let conditions = conditions.chain(policy.tables().into_iter().flat_map(|(_, list)| list).map(|access| &access.when));
    let conditions = conditions.chain(policy.territory.iter().map(|grant| &grant.when));
    let conditions = conditions.chain(policy.freight.iter().map(|freight| &freight.when));
    let conditions = conditions.chain(policy.checks.iter().map(|check| &check.when));
    for when in conditions {
        let mut audience: Option<&Audience> = Some(&when.dealer);
        while let Some(part) = audience {
            for id in part.id.iter().flat_map(|ids| &ids.0) {
                add(Dimension::Dealer, id);
            }
            for (id, values) in &part.attributes {
                let at = policy.attributes.iter().position(|attribute| attribute.id == *id).expect("checked");
                for value in &values.0 {
                    add(Dimension::Attribute(attributes[at]), value);
                }
            }
            audience = part.except.as_deref();
        }
        for source in when.order.source.iter().flat_map(|sources| &sources.0) {
            add(Dimension::Source, source);
        }
    }
    for condition in policy.promotions.iter().filter_map(|promotion| promotion.condition.as_ref()) {
        condition.each(&mut |condition| {
            let of_dealer = condition.dealer.iter().flat_map(|dealer| &dealer.attributes);
            for (id, values) in of_dealer.chain(condition.order.iter().flat_map(|order| &order.attributes)) {
                let at = policy.attributes.iter().position(|attribute| attribute.id == *id).expect("checked");
                for value in &values.0 {
                    add(Dimension::Attribute(attributes[at]), value);
                }
            }
            let named = condition.order.iter().flat_map(|order| &order.source).flat_map(|sources| &sources.0);
            for source in named.chain(condition.order_number.iter().flat_map(|number| &number.source)) {
                add(Dimension::Source, source);
            }
        });
    }
    for program in &policy.programs {
        for part in [Some(&program.orders), program.orders.except.as_deref()].into_iter().flatten() {
            for (id, values) in &part.attributes {
                let at = policy.attributes.iter().position(|attribute| attribute.id == *id).expect("checked");
                for value in &values.0 {
                    add(Dimension::Attribute(attributes[at]), value);
                }
            }
            for source in part.source.iter().flat_map(|sources| &sources.0) {
                add(Dimension::Source, source);
            }
        }
    }
    for source in policy.checks.iter().flat_map(|check| &check.source).flat_map(|sources| &sources.0) {
        add(Dimension::Source, source);
    }
}

fn nodes<'a>(policy: &'a Policy, attributes: &[u32]) -> Vec<(Dimension, &'a [Node])> {
    let mut nodes = vec![
        (Dimension::Grade, policy.grades.as_slice()),
        (Dimension::Region, &policy.regions),
        (Dimension::Channel, &policy.channels),
        (Dimension::Group, &policy.dealer_groups),
        (Dimension::Category, &policy.categories),
        (Dimension::Brand, &policy.brands),
    ];
    let listed = policy.attributes.iter().zip(attributes);
    nodes.extend(listed.map(|(attribute, number)| (Dimension::Attribute(*number), attribute.values.as_deref().unwrap_or_default())));
    nodes
}
