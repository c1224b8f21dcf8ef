use super::OneOrMany;
use super::promotion::{Select, When};
use crate::num::{Number, Percent};
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
    #[serde(rename = "visible_not_orderable")]
    Visible,
    /// They may order it, and nobody else may (专供款): a product with such an entry is hidden from dealers that no such entry names.
    Orderable,
}

/// One grant of territory (授权区域): where some dealers may deliver.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// Which dealers. Absent: every dealer.
    #[serde(default)]
    pub when: When,
    /// Where: regions with everything inside them. Either this or `customer`.
    #[serde(default)]
    pub region: Option<OneOrMany>,
    /// To whom: end customers by the ids that orders name them by, wherever they are.
    #[serde(default)]
    pub customer: Option<OneOrMany>,
    /// With which products: categories with everything inside them. Absent: every product.
    #[serde(default)]
    pub category: Option<OneOrMany>,
    /// Whether others may deliver there too. Default `shared` for regions, `exclusive` for customers.
    #[serde(default)]
    pub mode: Option<GrantMode>,
    /// How many days it goes on for a dealer who lost the grade that it asks for. Absent: it ends with the grade.
    #[serde(default)]
    pub notice_days: Option<u32>,
    /// When it holds. Absent: as long as the policy.
    #[serde(default)]
    pub valid: Option<String>,
}

/// Whom a grant of territory leaves room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GrantMode {
    /// Other grants may cover the same place.
    Shared,
    /// Nobody else may deliver there (独家), unless a nearer grant lets them.
    Exclusive,
}

/// What regions are where no grant covers them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ungranted {
    /// Everybody may deliver there.
    #[default]
    Open,
    /// Nobody may.
    Closed,
}

impl Grant {
    /// The mode that is written, or the default of what it grants.
    pub fn effective_mode(&self) -> GrantMode {
        self.mode.unwrap_or(if self.customer.is_some() { GrantMode::Exclusive } else { GrantMode::Shared })
    }
}

/// Whose territory a drop-shipped order is looked up in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DropShip {
    /// Where the goods go.
    #[default]
    Destination,
    /// Where the dealer who sells is at home, wherever they go.
    Seller,
}

/// Whose territory an order that is picked up is looked up in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PickUp {
    /// That of the dealer who hands it over: it is not asked for that of the one who sells.
    #[default]
    Fulfiller,
    /// That of the dealer who sells.
    Seller,
}

/// What becomes of lines that a guard blocks, when an order is verified.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BlockedLines {
    /// The whole order is rejected.
    #[default]
    Refuse,
    /// They are dropped, and the rest is decided on.
    Drop,
}

/// How rebates that a dealer holds (返利单) pay for his orders, under the key `redemption`. Without it they pay for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Redemption {
    /// The most of the goods' net amount that may be paid this way, in percent.
    pub share: Percent,
    /// Which products count for that and are paid for. Absent: every product.
    #[serde(default)]
    pub on: Option<Select>,
    /// What of a line counts for rebate programs when part of it is paid this way. Default `paid`.
    #[serde(default)]
    pub earns: Earns,
    /// Whether what a lot paid goes back into it when goods come back. Default `restore`.
    #[serde(default)]
    pub returns: LotReturns,
    /// So many days after its end a lot is restored all the same. Default 0.
    #[serde(default)]
    pub grace_days: u32,
    /// The most that may be paid this way of one order.
    #[serde(default)]
    pub amount: Option<Number>,
    /// The most of each line that may be paid this way, in percent. Absent: all of it.
    #[serde(default)]
    pub line_share: Option<Percent>,
    /// What the goods come to at least in an order that is paid this way.
    #[serde(default)]
    pub minimum: Option<Number>,
    /// The most lots that pay for one order.
    #[serde(default)]
    pub lots: Option<u32>,
    /// Promotions beside which nothing is paid this way: lines from which one of them takes something are none of the goods.
    #[serde(default)]
    pub without: Vec<String>,
    /// Whether lots pay the tax of the goods too. Default `paid`.
    #[serde(default)]
    pub tax: LotTax,
    /// Products that lots of a scope pay for, by the id of the scope.
    #[serde(default)]
    pub scopes: Vec<LotScope>,
    /// To whom dealers may pass lots on. Default `none`.
    #[serde(default)]
    pub transfer: LotTransfer,
    /// So many days a lot must still hold when it is passed on. Default 0.
    #[serde(default)]
    pub transfer_days: u32,
}

/// What lots of a scope pay for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LotScope {
    /// Id, by which lots name it.
    pub id: String,
    /// Which of the products that lots may pay for at all. Absent: all of them.
    #[serde(default)]
    pub on: Option<Select>,
}

/// Whether lots pay the tax of goods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LotTax {
    /// They do.
    #[default]
    Paid,
    /// They pay for goods without their tax only.
    Unpaid,
}

/// To whom dealers may pass lots on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LotTransfer {
    /// To nobody.
    #[default]
    None,
    /// To dealers of the same group.
    Group,
    /// To every dealer.
    Any,
}

impl Redemption {
    /// Days after its end in which a lot is restored by a return, and one; 0 where lots never are.
    pub fn lot_grace(&self) -> u32 {
        if self.returns == LotReturns::Restore { self.grace_days.saturating_add(1) } else { 0 }
    }
}

/// What becomes of what a lot paid when goods come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LotReturns {
    /// It goes back into the lot.
    #[default]
    Restore,
    /// It is lost.
    Forfeit,
}

/// What of a line counts for rebate programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Earns {
    /// What is not paid by rebates: no rebate on a rebate.
    #[default]
    Paid,
    /// All of it.
    All,
}
