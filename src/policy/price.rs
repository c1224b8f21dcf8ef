use super::Name;
use super::{Attribute, Select, When};
use crate::diagnostic::Place;
use crate::num::Number;
use serde::Deserialize;

/// What a price table is keyed by. The first five are of the dealer, the next three of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Axis {
    /// Dealer id.
    Dealer,
    /// Dealer grade.
    Grade,
    /// Region, a tree: the nearest ancestor with a record wins.
    Region,
    /// Sales channel.
    Channel,
    /// Group of dealers, a tree: the nearest ancestor with a record wins.
    DealerGroup,
    /// One product.
    Sku,
    /// Product category, a tree: the nearest ancestor with a record wins.
    Category,
    /// Brand.
    Brand,
    /// A custom attribute of dealers or products: its position among the attributes of the policy.
    Attribute(u32),
}

impl Axis {
    /// Those that every policy has.
    pub const FIXED: [Axis; 8] =
        [Axis::Dealer, Axis::Grade, Axis::Region, Axis::Channel, Axis::DealerGroup, Axis::Sku, Axis::Category, Axis::Brand];

    /// The word authors write, also the name of the column.
    pub fn word(self, attributes: &[Attribute]) -> &str {
        match self {
            Axis::Dealer => "dealer",
            Axis::Grade => "grade",
            Axis::Region => "region",
            Axis::Channel => "channel",
            Axis::DealerGroup => "dealer_group",
            Axis::Sku => "sku",
            Axis::Category => "category",
            Axis::Brand => "brand",
            Axis::Attribute(at) => &attributes[at as usize].id,
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
    /// For which dealers and orders it is searched.
    pub when: When,
    /// For which products it is searched. Absent: for all.
    pub on: Option<Select>,
    /// What its rows are computed from, instead of a table of its own. Checking fills the rows in.
    pub formula: Option<Formula>,
    /// The rows of the table.
    pub rows: Vec<PriceRow>,
}

/// One row of a price table. Rows with the same key and validity and different `from_quantity` form one all-units scale (阶梯价).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceRow {
    /// Key values, in the order of [`Access::by`].
    pub key: Vec<String>,
    /// Price of `per` base units.
    pub price: Number,
    /// How many base units the price is for. Default 1.
    pub per: u32,
    /// The price holds from this quantity on. Default 0.
    pub from_quantity: Number,
    /// What else the record says, the same in all rows of a scale.
    pub flags: PriceFlags,
    /// Validity as written, `2026-01-01 .. 2026-03-31`; `None` is always.
    pub valid: Option<String>,
    /// Row of the table, for diagnostics.
    pub place: crate::diagnostic::Place,
}

/// What a price record says beside its price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PriceFlags {
    /// The price may be zero.
    pub allow_zero: bool,
    /// No promotion takes anything off (净价).
    pub no_promotion: bool,
    /// No promotion of the stage `order` does.
    pub no_order_promotion: bool,
    /// No promotion that takes a coupon does.
    pub no_coupon: bool,
}

impl PriceFlags {
    /// The words of the column `flags`, in the order of the fields.
    pub const WORDS: [&str; 4] = ["allow_zero", "no_promotion", "no_order_promotion", "no_coupon"];
}

/// Prices computed from those of another table, under the key `formula`: percent first, then the amount, then an ending or a rounding.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Formula {
    /// Id of the table: of prices, floors or `costs`, or of another formula.
    pub from: String,
    /// Percent that is added; `-5` takes 5 % away. Default 0.
    #[serde(default)]
    pub percent: Number,
    /// Amount that is added after it; may be negative. Default 0.
    #[serde(default)]
    pub amount: Number,
    /// Whole multiples that the price is rounded to, by the policy's `rounding`, for example `0.05` or `10`.
    #[serde(default)]
    pub round_to: Option<Number>,
    /// Endings (尾数) that prices get, by size: the first entry with room for the price counts.
    #[serde(default)]
    pub endings: Vec<Ending>,
    /// Where it stands, for diagnostics.
    #[serde(skip)]
    pub place: Place,
}

/// A price ending, for example `9.95` or `0.99`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// What prices end in: with `9.95` they are 9.95, 19.95, 29.95 and so on.
    pub ending: Number,
    /// The most that is cut off to reach the ending below; beyond it the one above counts. Default: half the way between two.
    #[serde(default)]
    pub limit: Option<Number>,
    /// The largest price that it is for. Absent: any.
    #[serde(default)]
    pub up_to: Option<Number>,
}
