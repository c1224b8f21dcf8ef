use super::{Name, OneOrMany, Select};
use crate::num::Number;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A condition of a promotion, under `if`: exactly one of its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// All of these must hold.
    #[serde(default)]
    pub all: Option<Vec<Condition>>,
    /// One of these must hold.
    #[serde(default)]
    pub any: Option<Vec<Condition>>,
    /// This must not hold.
    #[serde(default)]
    pub not: Option<Box<Condition>>,
    /// What the dealer is; several fields must all hold.
    #[serde(default)]
    pub dealer: Option<DealerIs>,
    /// What the order is; several fields must all hold.
    #[serde(default)]
    pub order: Option<OrderIs>,
    /// What lines of the order come to.
    #[serde(default)]
    pub cart: Option<Cart>,
    /// Which of the dealer's orders it is (首单, 前三单).
    #[serde(default)]
    pub order_number: Option<OrderNumber>,
}

/// What a dealer is. A list means any of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DealerIs {
    /// Dealer ids.
    #[serde(default)]
    pub id: Option<OneOrMany>,
    /// Grades.
    #[serde(default)]
    pub grade: Option<OneOrMany>,
    /// Regions, with everything inside them.
    #[serde(default)]
    pub region: Option<OneOrMany>,
    /// Channels.
    #[serde(default)]
    pub channel: Option<OneOrMany>,
    /// Groups of dealers, with everything inside them.
    #[serde(default)]
    pub group: Option<OneOrMany>,
    /// Days of the contract: `2025-01-01 .. 2025-12-31`, both included; either end may be missing.
    #[serde(default)]
    pub contract_date: Option<OneOrMany>,
    /// Custom attributes of dealers, by id; of numbers and dates ranges, `80 .. 200`.
    #[serde(default)]
    pub attributes: BTreeMap<String, OneOrMany>,
}

/// What an order is. A list means any of its values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderIs {
    /// Regions that it is delivered to, with everything inside them; without `ship_to` the dealer's own.
    #[serde(default)]
    pub region: Option<OneOrMany>,
    /// Where it was placed, for example `portal`; trusted only as set by the server.
    #[serde(default)]
    pub source: Option<OneOrMany>,
    /// Who hands it over: the dealer, the brand (一件代发), or another dealer (自提).
    #[serde(default)]
    pub delivery: Option<Vec<Handover>>,
    /// Days for which it is requested: `2026-12-01 .. 2026-12-31`, both included; either end may be missing.
    #[serde(default)]
    pub day: Option<OneOrMany>,
    /// Custom attributes of orders, by id; of numbers and dates ranges, `80 .. 200`.
    #[serde(default)]
    pub attributes: BTreeMap<String, OneOrMany>,
}

/// What lines of the order come to together: at least this much of exactly one measure.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cart {
    /// Which products' lines. Absent: all.
    #[serde(default)]
    pub on: Option<Select>,
    /// What explanations call these products.
    #[serde(default)]
    pub name: Name,
    /// Their amount, as it enters the stage.
    #[serde(default)]
    pub amount: Option<Number>,
    /// Their quantity in base units.
    #[serde(default)]
    pub quantity: Option<Number>,
    /// How many different products they are (品种数).
    #[serde(default)]
    pub skus: Option<u32>,
    /// Their weight in kilograms.
    #[serde(default)]
    pub weight: Option<Number>,
}

/// Who hands an order over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Handover {
    /// The dealer that orders.
    Dealer,
    /// The brand, to the dealer's customer (一件代发).
    DropShip,
    /// Another dealer, where the customer picks it up (自提).
    PickUp,
}

impl Handover {
    /// All of them, in order.
    pub const ALL: [Handover; 3] = [Handover::Dealer, Handover::DropShip, Handover::PickUp];

    /// Its place in the order, as a bit.
    pub fn bit(self) -> i64 {
        1 << self as u32
    }

    /// The word authors write.
    pub fn word(self) -> &'static str {
        match self {
            Handover::Dealer => "dealer",
            Handover::DropShip => "drop_ship",
            Handover::PickUp => "pick_up",
        }
    }
}

/// Which of the dealer's orders it is, counted by the facts; at least one bound.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct OrderNumber {
    /// Only orders from this source count, and this one must be from it.
    #[serde(default)]
    pub source: Option<String>,
    /// It is this one or a later one.
    #[serde(default)]
    pub from: Option<u32>,
    /// It is this one or an earlier one; `to: 1` is the first order.
    #[serde(default)]
    pub to: Option<u32>,
}

impl Condition {
    /// The conditions inside it, in file order.
    pub fn inner(&self) -> impl Iterator<Item = &Condition> {
        self.all.iter().flatten().chain(self.any.iter().flatten()).chain(self.not.as_deref())
    }

    /// It and every condition inside it.
    pub fn each<'a>(&'a self, look: &mut impl FnMut(&'a Condition)) {
        look(self);
        self.inner().for_each(|inner| inner.each(look));
    }
}
