use super::Name;
use crate::num::{Number, Percent};
use serde::Deserialize;

/// What a price table is keyed by. The first four are of the dealer, the rest of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Dealer id.
    Dealer,
    /// Dealer grade.
    Grade,
    /// Region, a tree: the nearest ancestor with a record wins.
    Region,
    /// Sales channel.
    Channel,
    /// One product.
    Sku,
    /// Product category, a tree: the nearest ancestor with a record wins.
    Category,
    /// Brand.
    Brand,
}

impl Axis {
    /// The word authors write, also the name of the column.
    pub fn word(self) -> &'static str {
        match self {
            Axis::Dealer => "dealer",
            Axis::Grade => "grade",
            Axis::Region => "region",
            Axis::Channel => "channel",
            Axis::Sku => "sku",
            Axis::Category => "category",
            Axis::Brand => "brand",
        }
    }
}

/// One step of the access sequence: a table and what it is keyed by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// Id shown in explanations, for example `contract`.
    pub id: String,
    /// Name shown to dealers.
    pub name: Name,
    /// Key columns, in order. Where two are trees, distances compare in this order.
    pub by: Vec<Axis>,
    /// How the bands of its scales hold.
    pub scale: Scaling,
    /// The rows of the table.
    pub rows: Vec<PriceRow>,
}

/// How the scales (阶梯价) of a price table hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Scaling {
    /// What the reached band prices. Default `all_units`.
    pub mode: ScaleMode,
    /// Which lines count together. Default `sku`.
    pub basis: ScaleBasis,
    /// What is measured. Default `quantity`.
    pub measure: ScaleMeasure,
    /// With `packs`: the unit whose whole numbers count, for example `箱`.
    pub unit: Option<String>,
    /// With `packs`: what the rest beside whole packs costs more than in the first band (拆零加价). Default 0 %.
    pub broken: Percent,
}

/// What the reached band of a scale prices.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScaleMode {
    /// Everything (全量阶梯).
    #[default]
    AllUnits,
    /// What is above its start; each band prices its own part (分段阶梯).
    Graduated,
}

/// Which lines of an order count together for a scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScaleBasis {
    /// All lines of the product.
    #[default]
    Sku,
    /// The line alone.
    Line,
    /// All lines of products with the same `scale_group` in the product table; a product without one counts alone.
    Group,
    /// All lines.
    Order,
}

/// What of these lines a scale measures.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ScaleMeasure {
    /// The quantity.
    #[default]
    Quantity,
    /// The amount at the price of the first band.
    Amount,
    /// The weight, from the column `weight` of the product table.
    Weight,
    /// Whole packs of `unit`.
    Packs,
}

impl ScaleMeasure {
    /// The words of the columns in which bands begin and end.
    pub fn columns(self) -> [&'static str; 2] {
        match self {
            ScaleMeasure::Quantity | ScaleMeasure::Packs => ["from_quantity", "to_quantity"],
            ScaleMeasure::Amount => ["from_amount", "to_amount"],
            ScaleMeasure::Weight => ["from_weight", "to_weight"],
        }
    }

    /// The word that files and answers use.
    pub fn word(self) -> &'static str {
        match self {
            ScaleMeasure::Quantity => "quantity",
            ScaleMeasure::Amount => "amount",
            ScaleMeasure::Weight => "weight",
            ScaleMeasure::Packs => "packs",
        }
    }
}

/// One row of a price table. Rows with the same key, unit and validity and different bounds form one scale (阶梯价).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// Key values, in the order of [`Access::by`].
    pub key: Vec<String>,
    /// Unit that the price is for and that alone it is for; `None`: it is for the base unit, and for every unit in proportion.
    pub unit: Option<String>,
    /// Price of `per` units.
    pub price: Number,
    /// How many units the price is for. Default 1.
    pub per: u32,
    /// The price holds from this quantity on, in its unit, or from this amount, weight or number of packs. Default 0.
    pub from_quantity: Number,
    /// The price holds up to here, this included; `None` is without an end, or up to the next row.
    pub to_quantity: Option<Number>,
    /// Validity as written, `2026-01-01 .. 2026-03-31`; `None` is always.
    pub valid: Option<String>,
    /// Row of the table, for diagnostics.
    pub place: crate::diagnostic::Place,
}
