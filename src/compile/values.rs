use super::small;
use super::texts::Texts;
use crate::attribute::{self, Ordered};
use crate::bundle::{AttributeKind, Coded, Dimension, NONE, Tables};
use crate::policy::{Asked, Attribute, AttributeOf, Axis, Name, Node, OneOrMany, Policy};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The spans of dimensions whose values are numbers or days, with their numbers.
type Spans = BTreeMap<Dimension, (Ordered, Vec<(Range<i64>, u32)>)>;

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
    /// The spans of each dimension whose values are numbers or days, with their numbers.
    spans: Spans,
}

impl Values {
    /// Numbers the values that a policy defines or, where they are free, names; and those of the other side of a transition. What only the other
    /// side defines is as it is there.
    pub fn collect(policy: &Policy, other: Option<&Policy>) -> Values {
        let attributes = number_attributes(policy);
        let mut ids: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new(); Dimension::FIXED.len() + attributes.len()];
        let mut bounds = Bounds::new();
        for policy in std::iter::once(policy).chain(other) {
            add_values(policy, &mut ids, &mut bounds);
        }
        let mut spans = Spans::new();
        for (dimension, (ordered, bounds)) in bounds {
            let all = attribute::spans(bounds);
            ids[dimension.index()] = all.iter().map(|span| (attribute::span_text(span), 0)).collect();
            spans.insert(dimension, (ordered, all.into_iter().map(|span| (span, 0)).collect()));
        }
        for (number, value) in ids.iter_mut().flat_map(BTreeMap::values_mut).enumerate() {
            *value = small(number);
        }
        for (dimension, (_, spans)) in &mut spans {
            spans.iter_mut().for_each(|(span, number)| *number = ids[dimension.index()][&attribute::span_text(span)]);
        }
        let positions = policy.attributes.iter().map(|attribute| attribute.id.clone()).zip(0..).collect();
        let count = ids.iter().map(BTreeMap::len).sum();
        let mut values =
            Values { parents: vec![NONE; count], names: vec![Name::default(); count], numbers: ids, attributes, positions, spans };
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

    /// Numbers of the listed values, ascending; of ranges those of all spans inside.
    pub fn listed(&self, dimension: Dimension, ids: &[String]) -> Vec<u32> {
        let mut listed: Vec<u32> = match self.spans.get(&dimension) {
            Some((ordered, spans)) => {
                let ranges: Vec<Range<i64>> = ids.iter().map(|text| ordered.range(text).expect("checked")).collect();
                let inside = |span: &Range<i64>| ranges.iter().any(|range| range.start <= span.start && span.end <= range.end);
                spans.iter().filter(|(span, _)| inside(span)).map(|(_, number)| *number).collect()
            }
            None => ids.iter().map(|id| self.number(dimension, id)).collect(),
        };
        listed.sort_unstable();
        listed.dedup();
        listed
    }

    /// Numbers of the listed values and of everything below them, ascending.
    pub fn expand(&self, dimension: Dimension, ids: &[String]) -> Vec<u32> {
        if self.spans.contains_key(&dimension) {
            return self.listed(dimension, ids);
        }
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
        for Attribute { id, name, of, values, kind } in attributes {
            t.attribute_text.push(texts.id(id));
            t.attribute_zh.push(texts.id(&name.zh));
            t.attribute_en.push(texts.id(&name.en));
            let kind = match (of, kind.ordered()) {
                (AttributeOf::Product, _) => AttributeKind::Product,
                (AttributeOf::Dealer, Some(Ordered::Number)) => AttributeKind::DealerNumber,
                (AttributeOf::Dealer, Some(Ordered::Day)) => AttributeKind::DealerDay,
                (AttributeOf::Dealer, None) if values.is_some() => AttributeKind::DealerListed,
                (AttributeOf::Dealer, None) => AttributeKind::Dealer,
                (AttributeOf::Order, Some(Ordered::Number)) => AttributeKind::OrderNumber,
                (AttributeOf::Order, Some(Ordered::Day)) => AttributeKind::OrderDay,
                (AttributeOf::Order, None) if values.is_some() => AttributeKind::OrderListed,
                (AttributeOf::Order, None) => AttributeKind::Order,
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

/// The bounds of the ranges that a policy names, by dimension.
type Bounds = BTreeMap<Dimension, (Ordered, BTreeSet<i64>)>;

/// The values that a policy defines or, where they are free, names.
fn add_values(policy: &Policy, ids: &mut [BTreeMap<String, u32>], bounds: &mut Bounds) {
    let attributes = number_attributes(policy);
    let mut add = |dimension: Dimension, id: &str| {
        ids[dimension.index()].insert(id.to_owned(), 0);
    };
    for (dimension, nodes) in nodes(policy, &attributes) {
        nodes.iter().for_each(|node| add(dimension, &node.id));
    }
    for product in &policy.products {
        for (at, id) in product.attributes.iter().filter(|(at, _)| policy.attributes[*at as usize].kind.ordered().is_none()) {
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
            access.rows.iter().for_each(|row| add(dimension, &row.key[position]));
        }
    }
    let mut add_ranges = |dimension: Dimension, ordered: Ordered, ranges: &OneOrMany| {
        let bounds = &mut bounds.entry(dimension).or_insert_with(|| (ordered, BTreeSet::new())).1;
        for range in ranges.0.iter().map(|range| ordered.range(range).expect("checked")) {
            bounds.extend([range.start, range.end]);
        }
    };
    policy.each_named(&mut |asked| match asked {
        Asked::Dealers(listed) => listed.0.iter().for_each(|id| add(Dimension::Dealer, id)),
        Asked::Sources(listed) => listed.iter().for_each(|id| add(Dimension::Source, id)),
        Asked::ContractDates(days) => add_ranges(Dimension::ContractDate, Ordered::Day, days),
        Asked::Attributes(asked) => {
            for (id, listed) in asked {
                let at = policy.attributes.iter().position(|attribute| attribute.id == *id).expect("checked");
                let dimension = Dimension::Attribute(attributes[at]);
                match policy.attributes[at].kind.ordered() {
                    Some(ordered) => add_ranges(dimension, ordered, listed),
                    None => listed.0.iter().for_each(|id| add(dimension, id)),
                }
            }
        }
    });
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
