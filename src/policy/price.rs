use super::Name;
use super::{Attribute, Select, When};
use crate::diagnostic::Place;
use crate::num::{Number, Percent};
use crate::policy::Period;
use serde::Deserialize;

/// What a price table is keyed by. The first five are of the dealer, the next three of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
    /// How the bands of its scales hold.
    pub scale: Scaling,
    /// What its rows are registered as, where they are.
    pub registered: Option<RegisteredAs>,
    /// Period of the rows' limits per period.
    pub period: Option<Period>,
    /// The rows of the table.
    pub rows: Vec<PriceRow>,
    /// Rows of which some cell cannot be read, so that checking tells what else is wrong with them; then the policy is of no use.
    pub broken: Vec<PriceRow>,
}

/// What the rows of a table are registered as; each then has a number, and may have an approver, an end customer and limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RegisteredAs {
    /// Contracts (合同价).
    Contract,
    /// Quotations (报价单).
    Quotation,
    /// Special prices (特价报备).
    Special,
}

/// What a row of a registered table says of its registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Its number.
    pub number: String,
    /// Who approved it; shown to the dealer.
    pub approver: Option<String>,
    /// The end customer that it is for; `None` is any.
    pub customer: Option<String>,
    /// The most base units in all.
    pub limit: Option<Number>,
    /// The most base units in one period.
    pub period_limit: Option<Number>,
}

impl Registration {
    /// The columns of a registered table.
    pub const COLUMNS: [&str; 5] = ["registration", "approver", "customer", "limit", "period_limit"];
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
    /// All.
    pub const ALL: [ScaleMeasure; 4] = [ScaleMeasure::Quantity, ScaleMeasure::Amount, ScaleMeasure::Weight, ScaleMeasure::Packs];

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
    /// What else the record says, the same in all rows of a scale.
    pub flags: PriceFlags,
    /// Validity as written, `2026-01-01 .. 2026-03-31`; `None` is always.
    pub valid: Option<String>,
    /// Its registration, in a registered table.
    pub registration: Option<Box<Registration>>,
    /// Row of the table, for diagnostics.
    pub place: crate::diagnostic::Place,
}

impl PriceRow {
    /// Number of the registration, if there is one.
    pub fn number(&self) -> Option<&str> {
        self.registration.as_ref().map(|registration| registration.number.as_str())
    }
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
    /// Factors by key, such as grade or category; at most 200. Each makes a price of every row of the source that it fits, keyed by its values too.
    #[serde(default)]
    pub rows: Vec<FormulaRow>,
    /// Where it stands, for diagnostics.
    #[serde(skip)]
    pub place: Place,
}

/// What a formula computes with for one key; all rows of a formula name the same axes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct FormulaRow {
    /// Dealer.
    #[serde(default)]
    pub dealer: Option<String>,
    /// Grade.
    #[serde(default)]
    pub grade: Option<String>,
    /// Region.
    #[serde(default)]
    pub region: Option<String>,
    /// Channel.
    #[serde(default)]
    pub channel: Option<String>,
    /// Group of dealers.
    #[serde(default)]
    pub dealer_group: Option<String>,
    /// Product.
    #[serde(default)]
    pub sku: Option<String>,
    /// Category.
    #[serde(default)]
    pub category: Option<String>,
    /// Brand.
    #[serde(default)]
    pub brand: Option<String>,
    /// Instead of the formula's own `percent`.
    #[serde(default)]
    pub percent: Option<Number>,
    /// Instead of the formula's own `amount`.
    #[serde(default)]
    pub amount: Option<Number>,
}

impl FormulaRow {
    /// Its values by axis, in the order of the fields.
    pub fn key(&self) -> Vec<(Axis, &str)> {
        let FormulaRow { dealer, grade, region, channel, dealer_group, sku, category, brand, percent: _, amount: _ } = self;
        let values = [dealer, grade, region, channel, dealer_group, sku, category, brand];
        Axis::FIXED.into_iter().zip(values).filter_map(|(axis, value)| Some((axis, value.as_deref()?))).collect()
    }
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
