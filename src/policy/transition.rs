use serde::Deserialize;

/// How dealers of old contracts pass from an old policy to this one (过渡期), under the key `transition`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Transition {
    /// Folder of the old policy, inside this one's folder, for example `2025`.
    pub from: String,
    /// Which dealers keep the old policy for a time.
    pub cohort: Cohort,
    /// Until when they have the old policy as it is: a date, `2026-06-30`, which is included, or months after the date of the cohort, `6 months`.
    pub old_until: String,
    /// What follows. Default `none`: this policy.
    #[serde(default)]
    pub then: Then,
    /// How many months that lasts; with `blend` the old policy counts for less each month.
    #[serde(default)]
    pub months: Option<u32>,
    /// Last day of the transition, whatever is left of it.
    #[serde(default)]
    pub end: Option<String>,
    /// With `blend`, the policy that promotions and everything else but unit prices and rates come from. Default `old`.
    #[serde(default)]
    pub promotions: Side,
}

/// Dealers who keep the old policy for a time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cohort {
    /// Dealers whose contract is of an earlier date: `2026-01-01`.
    pub contract_before: String,
}

/// What follows when dealers no longer have the old policy as it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// The new policy at once.
    #[default]
    None,
    /// Unit prices and rebate rates go from old to new, month by month.
    Blend,
    /// Each order has the policy that is better for the dealer.
    BetterOf,
}

/// One of the two policies of a transition.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The old one.
    #[default]
    Old,
    /// The new one.
    New,
}
