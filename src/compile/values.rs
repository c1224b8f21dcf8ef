use super::small;
use super::texts::Texts;
use crate::bundle::{Dimension, NONE, Tables};
use crate::policy::{Audience, Axis, Node, Policy};
use std::collections::BTreeMap;

/// The values of every dimension, numbered bytewise within it.
#[derive(Debug)]
pub struct Values {
    /// For each dimension, its values with their numbers.
    numbers: Vec<BTreeMap<String, u32>>,
    /// The value above each value, or [`NONE`].
    parents: Vec<u32>,
}

impl Values {
    /// Numbers the values that a policy defines or, for dealers and order sources, names.
    pub fn collect(policy: &Policy) -> Values {
        let mut ids: Vec<BTreeMap<String, u32>> = vec![BTreeMap::new(); Dimension::ALL.len()];
        let mut add = |dimension: Dimension, id: &str| ids[dimension as usize].insert(id.to_owned(), 0);
        for (dimension, nodes) in nodes(policy) {
            for node in nodes {
                add(dimension, &node.id);
            }
        }
        for access in policy.tables().into_iter().flat_map(|(_, list)| list) {
            if let Some(position) = access.by.iter().position(|axis| *axis == Axis::Dealer) {
                for row in &access.rows {
                    add(Dimension::Dealer, &row.key[position]);
                }
            }
        }
        let conditions = policy.promotions.iter().map(|p| &p.when).chain(policy.programs.iter().map(|p| &p.when));
        let conditions = conditions.chain(policy.assortment.iter().map(|listing| &listing.when));
        let conditions = conditions.chain(policy.territory.iter().map(|grant| &grant.when));
        let conditions = conditions.chain(policy.checks.iter().map(|check| &check.when));
        for when in conditions {
            let mut audience: Option<&Audience> = Some(&when.dealer);
            while let Some(part) = audience {
                for id in part.id.iter().flat_map(|ids| &ids.0) {
                    add(Dimension::Dealer, id);
                }
                audience = part.except.as_deref();
            }
            for source in when.order.source.iter().flat_map(|sources| &sources.0) {
                add(Dimension::Source, source);
            }
        }
        for source in policy.checks.iter().flat_map(|check| &check.source).flat_map(|sources| &sources.0) {
            add(Dimension::Source, source);
        }
        for (number, value) in ids.iter_mut().flat_map(BTreeMap::values_mut).enumerate() {
            *value = small(number);
        }
        let mut values = Values { parents: vec![NONE; ids.iter().map(BTreeMap::len).sum()], numbers: ids };
        for (dimension, nodes) in nodes(policy) {
            for node in nodes.iter().filter(|node| node.parent.is_some()) {
                let number = values.number(dimension, &node.id);
                values.parents[number as usize] = values.optional(dimension, node.parent.as_deref());
            }
        }
        values
    }

    /// The number of a value.
    pub fn number(&self, dimension: Dimension, id: &str) -> u32 {
        self.numbers[dimension as usize][id]
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
        self.numbers[dimension as usize].values().copied().filter(inside).collect()
    }

    /// Writes the columns of values.
    pub fn write(&self, policy: &Policy, t: &mut Tables, texts: &mut Texts) {
        let names: Vec<BTreeMap<&str, &Node>> = {
            let mut names = vec![BTreeMap::new(); Dimension::ALL.len()];
            for (dimension, nodes) in nodes(policy) {
                names[dimension as usize] = nodes.iter().map(|node| (node.id.as_str(), node)).collect();
            }
            names
        };
        t.axis_start.push(0);
        for (numbers, names) in self.numbers.iter().zip(names) {
            for id in numbers.keys() {
                let name = names.get(id.as_str()).map(|node| node.name.clone()).unwrap_or_default();
                t.value_text.push(texts.id(id));
                t.value_zh.push(texts.id(&name.zh));
                t.value_en.push(texts.id(&name.en));
            }
            t.axis_start.push(small(t.value_text.len()));
        }
        t.value_parent.clone_from(&self.parents);
    }
}

fn nodes(policy: &Policy) -> [(Dimension, &[Node]); 5] {
    [
        (Dimension::Grade, &policy.grades),
        (Dimension::Region, &policy.regions),
        (Dimension::Channel, &policy.channels),
        (Dimension::Category, &policy.categories),
        (Dimension::Brand, &policy.brands),
    ]
}
