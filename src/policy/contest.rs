use super::Name;
use crate::num::Number;
use serde::Deserialize;

/// A contest (排名赛): the dealers of a program are ranked by what it counts for them in a window, and the first of them win prizes. A settlement
/// decides it; no bundle holds it, and a preview goes by what was published of it last.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Contest {
    /// Id, unique among the contests of the policy.
    pub id: String,
    /// Name shown to people.
    #[serde(default)]
    pub name: Name,
    /// Whose dealers take part, and what counts in which windows: a program. Its tiers may pay nothing.
    pub program: String,
    /// What dealers are ranked by. Default `volume`.
    #[serde(default)]
    pub by: RankedBy,
    /// The least that is ranked, in what dealers are ranked by; a percentage with `by: percent`. Absent: anything above 0.
    #[serde(default)]
    pub minimum: Option<Number>,
    /// What the places win, from the first on.
    pub prizes: Vec<Prize>,
    /// What dealers win that are equally good. Default `share`.
    #[serde(default)]
    pub ties: Ties,
}

/// What dealers are ranked by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RankedBy {
    /// The volume that picks the tier of the program, an amount or a quantity.
    #[default]
    Volume,
    /// That volume against the dealer's own target (达成率) or last year (增长率).
    Percent,
}

/// What dealers win that are equally good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ties {
    /// They share the prizes of the places that they take together.
    #[default]
    Share,
    /// Each wins the prize of the first of these places.
    Each,
}

/// A prize, for one place or several that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Prize {
    /// How many places win it. Default 1.
    #[serde(default = "one")]
    pub places: u32,
    /// What each of them wins.
    pub amount: Number,
}

fn one() -> u32 {
    1
}
