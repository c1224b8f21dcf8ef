use super::promotion::{Select, When};
use serde::Deserialize;

/// One entry of the assortment (可售范围): what some dealers may do with some products. Without any entry every product is orderable by everyone.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Listing {
    /// Which products. Absent: every product.
    #[serde(default)]
    pub on: Option<Select>,
    /// Which dealers. Absent: every dealer.
    #[serde(default)]
    pub when: When,
    /// When it holds. Absent: as long as the policy.
    #[serde(default)]
    pub valid: Option<String>,
    /// What these dealers may do with these products.
    pub state: Availability,
}

/// What a dealer may do with a product, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Availability {
    /// The product does not exist for these dealers.
    Hidden,
    /// They see it with its price and cannot order it.
    Visible,
    /// They may order it, and nobody else may (专供款): a product with such an entry is hidden from dealers that no such entry names.
    Orderable,
}
