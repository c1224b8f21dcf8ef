use super::Name;
use crate::attribute::Ordered;
use crate::num::{Number, Ratio};
use serde::Deserialize;

/// One value of an axis: a grade, region, channel, group of dealers, category or brand, or of a custom attribute.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Id used by rules, tables and facts.
    pub id: String,
    /// Name shown to people.
    #[serde(default)]
    pub name: Name,
    /// The node above, on the axes that are trees (regions, groups of dealers, categories).
    #[serde(default)]
    pub parent: Option<String>,
}

/// A custom attribute of dealers, of products or of orders, under the key `attributes`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Attribute {
    /// Id that conditions and keys of price tables use; of a product also the column of the product table.
    pub id: String,
    /// Name shown to people.
    #[serde(default)]
    pub name: Name,
    /// Whose attribute it is.
    pub of: AttributeOf,
    /// Its values. Absent: any value.
    #[serde(default)]
    pub values: Option<Vec<Node>>,
    /// What its values are. Numbers and dates have an order: conditions name ranges of them, `80 .. 200`. Default `text`.
    #[serde(default)]
    pub kind: AttributeKind,
}

/// What the values of an attribute are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttributeKind {
    /// Words.
    #[default]
    Text,
    /// Numbers, at most 6 digits after the point.
    Number,
    /// Days, `2026-11-21`.
    Date,
}

impl AttributeKind {
    /// The order that its values have.
    pub fn ordered(self) -> Option<Ordered> {
        match self {
            AttributeKind::Text => None,
            AttributeKind::Number => Some(Ordered::Number),
            AttributeKind::Date => Some(Ordered::Day),
        }
    }
}

/// Whose attribute it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AttributeOf {
    /// Of dealers; the facts carry its value under `attributes`.
    Dealer,
    /// Of products; a column of the product table.
    Product,
    /// Of orders, which carry its value under `attributes`.
    Order,
}

/// One product, a row of the product table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// Stock keeping unit, the id that orders use.
    pub sku: String,
    /// Name shown to people.
    pub name: Name,
    /// Category id.
    pub category: Option<String>,
    /// Brand id.
    pub brand: Option<String>,
    /// Base unit of measure, for example `台`.
    pub unit: String,
    /// Further units that it is ordered and priced in.
    pub units: Vec<Unit>,
    /// Minimum order quantity (起订量).
    pub min_quantity: Option<Number>,
    /// Order multiple (倍数).
    pub multiple: Option<Number>,
    /// Step from the minimum on; stands without `multiple`.
    pub step: Option<Number>,
    /// Most in one order (每单限购).
    pub max_order: Option<Number>,
    /// Most in one period of the policy's `purchase_period`, this order included (限购).
    pub max_period: Option<Number>,
    /// Unit that these quantities are in; `None`: base units.
    pub quantity_unit: Option<String>,
    /// Products of one group count together for scales with the basis `group`.
    pub scale_group: Option<String>,
    /// Tax rate; `None` is the policy's own.
    pub tax: Option<TaxRate>,
    /// Weight of one base unit, in kilograms.
    pub weight: Option<Number>,
    /// Points that programs count one base unit as; `None`: none.
    pub points: Option<Number>,
    /// Free labels that rules select by.
    pub tags: Vec<String>,
    /// Values of custom attributes, by the attribute's position in the policy; those that the product has.
    pub attributes: Vec<(u32, String)>,
    /// Row it was read from, for diagnostics.
    pub place: crate::diagnostic::Place,
}

/// An old or foreign SKU of a product (旧编码), a row of the alias table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The SKU that it was known by.
    pub alias: String,
    /// The SKU of the product.
    pub sku: String,
    /// Row it was read from, for diagnostics.
    pub place: crate::diagnostic::Place,
}

/// A further unit of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    /// Its name, for example `箱`.
    pub id: String,
    /// How many base units one of it is, as written: `12`, `0.5` or `100/3`.
    pub factor: String,
}

impl Product {
    /// How many base units one of a unit is; nothing when the product has no such unit, or its factor cannot be read.
    pub fn factor(&self, unit: &str) -> Option<Ratio> {
        if unit == self.unit {
            return Some(Ratio::ONE);
        }
        self.units.iter().find(|known| known.id == unit)?.factor.parse().ok()
    }
}

/// What a product is taxed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaxRate {
    /// At this rate, which may be 0.
    Rate(crate::num::Percent),
    /// It is exempt from tax (免税).
    Exempt,
}
