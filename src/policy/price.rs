use super::Name;
use crate::num::Number;
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
    /// The rows of the table.
    pub rows: Vec<PriceRow>,
}

/// One row of a price table. Rows with the same key and validity and different `from_quantity` form one all-units scale (阶梯价).
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
    /// The price holds from this quantity on, in its unit. Default 0.
    pub from_quantity: Number,
    /// Validity as written, `2026-01-01 .. 2026-03-31`; `None` is always.
    pub valid: Option<String>,
    /// Row of the table, for diagnostics.
    pub place: crate::diagnostic::Place,
}
