use super::Name;
use super::promotion::{Select, When};
use crate::num::{Number, Percent};
use serde::Deserialize;

/// A rebate program (返利政策).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Id, unique in the policy.
    pub id: String,
    /// Name shown to dealers.
    #[serde(default)]
    pub name: Name,
    /// Who is enrolled. Absent: every dealer.
    #[serde(default)]
    pub when: When,
    /// When it holds. Absent: as long as the policy.
    #[serde(default)]
    pub valid: Option<String>,
    /// Which products count. Absent: every product.
    #[serde(default)]
    pub on: Option<Select>,
    /// Window in which volume accumulates.
    pub period: Period,
    /// What counts as volume. Default `net`.
    #[serde(default)]
    pub basis: Basis,
    /// How tiers pay; there is no default, because the two differ by a lot of money.
    pub mode: TierMode,
    /// Which volume picks the tier. Default `amount`.
    #[serde(default)]
    pub qualifier: Qualifier,
    /// Tiers (阶梯) by rising `from`; a tier holds from its `from`, inclusive, up to the next one, exclusive.
    pub tiers: Vec<Tier>,
}

/// Accumulation windows, in the zone of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// Calendar month, `2026-11`.
    Month,
    /// Calendar quarter, `2026-Q4`.
    Quarter,
    /// Half year, `2026-H2`.
    Half,
    /// Calendar year, `2026`.
    Year,
}

/// Which amount of a line counts as volume.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Net amount, after promotions.
    #[default]
    Net,
    /// List amount, before promotions.
    List,
}

/// How tiers pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum TierMode {
    /// The rate of the reached tier pays on the whole volume (全量返).
    Retroactive,
    /// Every tier pays on the part of the volume inside it (超额累进).
    Incremental,
}

/// Which volume picks the tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Qualifier {
    /// The amount of the basis.
    #[default]
    Amount,
    /// The quantity in base units.
    Quantity,
}

/// One tier: from where on, and what it pays: exactly one of `percent` (on the amount) and `per_unit` (on the quantity).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The tier holds from here on, inclusive, in the qualifier's unit.
    pub from: Number,
    /// Percent of the amount.
    #[serde(default)]
    pub percent: Option<Percent>,
    /// Amount for every unit.
    #[serde(default)]
    pub per_unit: Option<Number>,
}
