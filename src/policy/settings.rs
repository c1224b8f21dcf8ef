use super::{BlockedLines, Calendar, DropShip, Name, Period, PickUp, Ungranted};
use crate::num::{Money, Percent, Quantity, Rounding};
use serde::Deserialize;

/// Constants of a policy, under the key `policy` of one of its files.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Stable id of the policy, for example `haofeng-2026`.
    pub id: String,
    /// Version shown to dealers, for example `"2026.11"`.
    pub version: String,
    /// Name shown to dealers.
    #[serde(default)]
    pub name: Name,
    /// ISO 4217 currency of every amount in the policy. Default CNY.
    #[serde(default = "cny")]
    pub currency: String,
    /// IANA time zone that dates are read in. Default Asia/Shanghai.
    #[serde(default = "shanghai")]
    pub zone: String,
    /// When the policy takes effect and ends: `2026-01-01 .. 2026-12-31`, either side may be open. A date-only end includes that day.
    #[serde(default)]
    pub valid: Option<String>,
    /// Digits of unit prices after the point, 0 to 6. Default: the currency's own.
    #[serde(default)]
    pub unit_scale: Option<u32>,
    /// Digits of quantities after the point, 0 to 6. Default 0: whole units.
    #[serde(default)]
    pub quantity_scale: u32,
    /// What happens to half a cent. Default `half_up` (四舍五入, away from zero).
    #[serde(default)]
    pub rounding: Rounding,
    /// Where a percentage is rounded. Default `set`.
    #[serde(default)]
    pub rounding_point: RoundingPoint,
    /// Who gets the odd cent when an amount is split. Default `largest` remainder.
    #[serde(default)]
    pub remainder: Remainder,
    /// What an amount is split by. Default `net`, the running net amounts.
    #[serde(default)]
    pub weight: Weight,
    /// Which price holds where several price tables have one. Default `most_specific`.
    #[serde(default)]
    pub resolution: Resolution,
    /// What the thresholds of promotions are measured on. Default `stage`.
    #[serde(default)]
    pub eligibility: Eligibility,
    /// What regions are where no grant of `territory` covers them. Default `open`.
    #[serde(default)]
    pub ungranted: Ungranted,
    /// Whose territory a drop-shipped order (一件代发) is looked up in. Default `destination`.
    #[serde(default)]
    pub drop_ship: DropShip,
    /// Whose territory an order that is picked up at another dealer's is looked up in. Default `fulfiller`.
    #[serde(default)]
    pub pick_up: PickUp,
    /// Which instant prices, floors and freight are looked up at. Default `order`.
    #[serde(default)]
    pub pricing_date: PricingDate,
    /// Period that `max_period` of the product table is for: `month` (the default), `quarter`, `half`, `year` or `lifetime`.
    #[serde(default = "month")]
    pub purchase_period: Period,
    /// First day of the fiscal year that these periods are parts of, `04-01`, named after the year in which it ends. Default: calendar years.
    #[serde(default)]
    pub purchase_year_start: Option<String>,
    /// What `verify` does with lines that a guard blocks. Default `refuse`.
    #[serde(default)]
    pub blocked_lines: BlockedLines,
    /// Tax (税), when the answers tell it: `{ rate: 13 }`. Without it, nothing is said of tax.
    #[serde(default)]
    pub tax: Option<Tax>,
    /// What a gift counts for when promotions are compared, as a share of its base price. Default 100 %.
    #[serde(default = "whole")]
    pub gift_weight: Percent,
    /// Steps that the search for the best combination may take before it answers with a bound. Default 100000.
    #[serde(default = "steps")]
    pub search_steps: u32,
    /// Changed orders that one search for hints may price before it ends. Default 200.
    #[serde(default = "quotes")]
    pub hint_quotes: u32,
    /// Years after the start of validity (or of the build date named by `valid`) for which calendars are compiled. Default 3.
    #[serde(default = "horizon")]
    pub horizon_years: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            id: String::new(),
            version: String::new(),
            name: Name::default(),
            currency: cny(),
            zone: shanghai(),
            valid: None,
            unit_scale: None,
            quantity_scale: 0,
            rounding: Rounding::HalfUp,
            rounding_point: RoundingPoint::Set,
            remainder: Remainder::Largest,
            weight: Weight::Net,
            resolution: Resolution::default(),
            eligibility: Eligibility::default(),
            ungranted: Ungranted::Open,
            drop_ship: DropShip::default(),
            pick_up: PickUp::default(),
            pricing_date: PricingDate::default(),
            purchase_period: month(),
            purchase_year_start: None,
            blocked_lines: BlockedLines::default(),
            tax: None,
            gift_weight: whole(),
            search_steps: steps(),
            hint_quotes: quotes(),
            horizon_years: horizon(),
        }
    }
}

impl Settings {
    /// The calendar of the periods of purchases.
    pub fn purchase_calendar(&self) -> Calendar {
        Calendar { year_start: self.purchase_year_start.clone(), ..Calendar::default() }
    }
}

/// Which instant prices are looked up at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PricingDate {
    /// That of the order.
    #[default]
    Order,
    /// The beginning of the day for which its delivery is requested.
    Delivery,
}

/// How amounts of the policy stand to tax, and the rate of products that say none in column `tax` of the product table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tax {
    /// Whether the policy's amounts include tax. Default `inclusive` (含税价).
    #[serde(default)]
    pub basis: TaxBasis,
    /// The rate, for example 13.
    pub rate: Percent,
}

/// How an amount stands to tax.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TaxBasis {
    /// It includes tax (含税).
    #[default]
    Inclusive,
    /// Tax comes on top of it (不含税).
    Exclusive,
}

fn cny() -> String {
    "CNY".into()
}
fn shanghai() -> String {
    "Asia/Shanghai".into()
}
fn whole() -> Percent {
    Percent(1_000_000)
}
fn quotes() -> u32 {
    200
}

fn steps() -> u32 {
    100_000
}
fn month() -> Period {
    Period::Month
}
fn horizon() -> u32 {
    3
}

/// Where a percentage discount is rounded: a quote never mixes two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RoundingPoint {
    /// One amount on the whole eligible set, rounded once, then allocated to its lines.
    #[default]
    Set,
    /// One amount per line, rounded per line.
    Line,
    /// The discount of one unit is rounded, then multiplied by the quantity.
    Unit,
    /// The resulting price of one unit is rounded, not the discount.
    Price,
}

/// Who gets the cents that are left when an amount is split.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Remainder {
    /// The largest fraction first; ties: larger weight, then smaller line id.
    #[default]
    Largest,
    /// The smallest line id first.
    First,
    /// The largest line id first.
    Last,
}

/// What an amount is split by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// The running net amount of each line.
    #[default]
    Net,
    /// The list amount of each line.
    List,
    /// The quantity of each line.
    Quantity,
}

impl Weight {
    /// The weight of a line with these figures.
    pub fn of(self, net: Money, list: Money, quantity: Quantity) -> i64 {
        match self {
            Weight::Net => net.0,
            Weight::List => list.0,
            Weight::Quantity => quantity.0,
        }
    }
}

/// What happens to an order when a guard bites.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Shown only.
    Info,
    /// Shown as a warning.
    Warn,
    /// The order waits for approval.
    Route,
    /// The order is rejected.
    Block,
}

/// What the thresholds and conditions of promotions are measured on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Eligibility {
    /// The state entering the stage: promotions of one stage cannot knock each other out.
    #[default]
    Stage,
    /// What the promotions before have left: one after the other.
    Sequential,
}

/// Which price holds where several price tables have one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// That of the first table, even if a later one is lower.
    #[default]
    MostSpecific,
    /// The lowest.
    Lowest,
    /// The highest.
    Highest,
}
