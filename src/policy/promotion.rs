use super::{Condition, Name, OneOrMany, TaxBasis};
use crate::num::{Number, Percent};
use serde::Deserialize;
use std::collections::BTreeMap;

/// A promotion (促销).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Promotion {
    /// Id, unique in the policy.
    pub id: String,
    /// Name shown to dealers.
    #[serde(default)]
    pub name: Name,
    /// Who may have it, and for which orders. Absent: everyone.
    #[serde(default)]
    pub when: When,
    /// What else must hold for this order. Where it does not, the answer says what is missing.
    #[serde(default, rename = "if")]
    pub condition: Option<Condition>,
    /// When it holds: `2026-03-01 .. 2026-03-31`. A date-only end includes that day. Absent: as long as the policy.
    #[serde(default)]
    pub valid: Option<String>,
    /// Which products it is about. Absent: every product of the order.
    #[serde(default)]
    pub on: Option<Select>,
    /// Reached once: the eligible lines together must reach this much (满减, 满折, 满件).
    #[serde(default)]
    pub at: Option<At>,
    /// Counts again for every full step (每满减); `times` is the most it counts.
    #[serde(default)]
    pub each: Option<Each>,
    /// Several steps, of which the highest reached one counts (阶梯). Each step holds its own benefit, so `get` stays away.
    #[serde(default)]
    pub steps: Option<Steps>,
    /// Sets of units that the benefit is for, each time anew (组合, 套餐, 任选N件, 第N件).
    #[serde(default)]
    pub combo: Option<Combo>,
    /// What the dealer gets.
    #[serde(default)]
    pub get: Option<Get>,
    /// Codes (优惠券, 优惠码), compared exactly; the promotion is open only for orders that carry one of them.
    #[serde(default)]
    pub coupon: Option<OneOrMany>,
    /// How often it may count (限次). Absent: as often as it is reached.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// The most that it takes off.
    #[serde(default)]
    pub cap: Option<PromotionCap>,
    /// Budget (费用预算) that what it gives is taken from.
    #[serde(default)]
    pub budget: Option<String>,
    /// Currency of its amounts; only the policy's own, which is also the default.
    #[serde(default)]
    pub currency: Option<String>,
    /// Whether the amounts of its threshold include tax. Default: as the policy's own.
    #[serde(default)]
    pub threshold_tax: Option<TaxBasis>,
    /// Stage in which it runs. Default: `set` with a threshold and `on`, `order` without `on`, else `line`.
    #[serde(default)]
    pub stage: Option<Stage>,
    /// Group that decides with which others it combines. Absent: the built-in group, which stacks and runs last.
    #[serde(default)]
    pub group: Option<String>,
    /// Larger runs earlier and wins ties. Default 0.
    #[serde(default)]
    pub priority: i32,
    /// Which amount the benefit is taken from. Default `running`.
    #[serde(default)]
    pub base: Base,
    /// Words by which other promotions can say that they do not combine with it.
    #[serde(default)]
    pub tags: Option<OneOrMany>,
    /// Tags of promotions that it does not combine with (互斥): neither gives anything on a line where the other did.
    #[serde(default)]
    pub not_with: Option<OneOrMany>,
    /// Whether it is about lines from which an earlier stage took something. Default `take`.
    #[serde(default)]
    pub discounted_lines: DiscountedLines,
    /// Whether lines whose price keeps it off (净价) count towards its threshold. Default `ignore`.
    #[serde(default)]
    pub net_lines: NetLines,
}

impl Stage {
    /// The word authors write.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Exclusive => "exclusive",
            Stage::Line => "line",
            Stage::Set => "set",
            Stage::Order => "order",
            Stage::Coupon => "coupon",
            Stage::Always => "always",
            Stage::Freight => "freight",
        }
    }
}

impl Promotion {
    /// Whether anything is earned by it.
    pub fn earns(&self) -> bool {
        let steps = self.steps.iter().flat_map(|steps| steps.amount.iter().chain(&steps.quantity)).flatten();
        self.get.as_ref().is_some_and(|get| get.earn.is_some()) || steps.into_iter().any(|step| step.earn.is_some())
    }

    /// Whether its `price` is that of one unit: elsewhere it is one of a combo, or of freight.
    pub fn prices_units(&self) -> bool {
        self.combo.is_none() && self.stage != Some(Stage::Freight)
    }

    /// The stage it runs in where no exclusive group takes it before all stages: its own, or the default of its shape.
    pub fn effective_stage(&self) -> Stage {
        let threshold = self.at.is_some() || self.each.is_some() || self.steps.is_some();
        self.stage.unwrap_or(match (&self.on, threshold) {
            _ if self.combo.is_some() => Stage::Set,
            (None, _) => Stage::Order,
            (Some(_), true) => Stage::Set,
            (Some(_), false) => Stage::Line,
        })
    }
}

/// Whether lines whose price keeps a promotion off count towards its threshold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NetLines {
    /// They do not.
    #[default]
    Ignore,
    /// They do; nothing is taken off them all the same.
    Count,
}

/// Whether a promotion is about lines from which an earlier stage took something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DiscountedLines {
    /// It is.
    #[default]
    Take,
    /// It is not: they are nothing to it, its threshold included.
    Skip,
}

/// How often a promotion may count, and how many units may get it; at least one of these.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// In one order.
    #[serde(default)]
    pub order: Option<u32>,
    /// For one dealer, in the whole life of the policy.
    #[serde(default)]
    pub dealer: Option<u32>,
    /// For one dealer, in one period of the policy's `purchase_period`.
    #[serde(default)]
    pub period: Option<u32>,
    /// For all dealers together, in the whole life of the policy.
    #[serde(default)]
    pub total: Option<u32>,
    /// The most units that get it, all products together (限购); the others cost what they cost without it.
    #[serde(default)]
    pub units: Option<UnitLimit>,
    /// The most units of each product that get it.
    #[serde(default)]
    pub sku: Option<UnitLimit>,
}

/// How many units may get a promotion; at least one of the four.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct UnitLimit {
    /// In one order.
    #[serde(default)]
    pub order: Option<Number>,
    /// For one dealer, in the whole life of the policy.
    #[serde(default)]
    pub dealer: Option<Number>,
    /// For one dealer, in one period of the policy's `purchase_period`.
    #[serde(default)]
    pub period: Option<Number>,
    /// For all dealers together, in the whole life of the policy.
    #[serde(default)]
    pub total: Option<Number>,
    /// Unit that these quantities are in, the same for every product that the promotion is about. Absent: base units.
    #[serde(default)]
    pub unit: Option<String>,
}

impl UnitLimit {
    /// What is limited, with how it is written.
    pub fn quantities(&self) -> [(LimitScope, &'static str, Option<Number>); 4] {
        let UnitLimit { order, dealer, period, total, unit: _ } = *self;
        [
            (LimitScope::Order, "order", order),
            (LimitScope::Dealer, "dealer", dealer),
            (LimitScope::Period, "period", period),
            (LimitScope::Total, "total", total),
        ]
    }
}

impl Limit {
    /// How often it may count, with how it is written.
    pub fn times(&self) -> [(LimitScope, &'static str, Option<u32>); 4] {
        [
            (LimitScope::Order, "order", self.order),
            (LimitScope::Dealer, "dealer", self.dealer),
            (LimitScope::Period, "period", self.period),
            (LimitScope::Total, "total", self.total),
        ]
    }

    /// Whether anything of it counts by periods.
    pub fn has_periods(&self) -> bool {
        self.period.is_some() || self.units.iter().chain(&self.sku).any(|units| units.period.is_some())
    }
}

/// What limits of promotions count over, in the order in which they are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitScope {
    /// One order.
    Order,
    /// One dealer.
    Dealer,
    /// One dealer in one period.
    Period,
    /// All dealers.
    Total,
}

impl LimitScope {
    /// The word authors write.
    pub fn word(self) -> &'static str {
        match self {
            LimitScope::Order => "order",
            LimitScope::Dealer => "dealer",
            LimitScope::Period => "period",
            LimitScope::Total => "total",
        }
    }
}

/// What limits of promotions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitOf {
    /// How often it counts.
    Times,
    /// Units of all products together.
    Units,
    /// Units of each product.
    Sku,
}

/// The most that a promotion takes; at least one of the two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PromotionCap {
    /// From an order (封顶).
    #[serde(default)]
    pub order: Option<Number>,
    /// From one line.
    #[serde(default)]
    pub line: Option<Number>,
}

/// A budget (费用预算), under the key `budgets`: what its promotions may give in all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Id that promotions and facts name.
    pub id: String,
    /// Name shown to people.
    #[serde(default)]
    pub name: Name,
    /// The whole amount.
    pub amount: Number,
    /// Its currency; only the policy's own, which is also the default.
    #[serde(default)]
    pub currency: Option<String>,
}

/// Conditions on the dealer and on the order, decided once per context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct When {
    /// Conditions on the dealer; all must hold.
    #[serde(default)]
    pub dealer: Audience,
    /// Conditions on the order; all must hold.
    #[serde(default)]
    pub order: WhenOrder,
}

/// Conditions on the dealer. A list means any of its values; several fields must all hold; `except` beats the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Audience {
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
    /// Dealers that are left out although the rest matches: any of these fields is enough.
    #[serde(default)]
    pub except: Option<Box<Audience>>,
}

/// Conditions on the order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct WhenOrder {
    /// Where the order was placed, for example `portal`; trusted only as set by the server.
    #[serde(default)]
    pub source: Option<OneOrMany>,
}

/// Which products a rule is about. A list means any of its values; several fields must all hold; `except` beats the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Products by SKU.
    #[serde(default)]
    pub sku: Option<OneOrMany>,
    /// Categories, with everything inside them.
    #[serde(default)]
    pub category: Option<OneOrMany>,
    /// Brands.
    #[serde(default)]
    pub brand: Option<OneOrMany>,
    /// Product tags.
    #[serde(default)]
    pub tag: Option<OneOrMany>,
    /// Custom attributes of products, by id; of numbers and dates ranges, `80 .. 200`.
    #[serde(default)]
    pub attributes: BTreeMap<String, OneOrMany>,
    /// Weights of one unit in kilograms, as ranges: `10 ..`.
    #[serde(default)]
    pub weight: Option<OneOrMany>,
    /// One of these must hold beside the other fields (或).
    #[serde(default)]
    pub any: Option<Vec<Select>>,
    /// Products that are left out although the rest matches: any of these fields is enough.
    #[serde(default)]
    pub except: Option<Box<Select>>,
}

impl Select {
    fn inner(&self) -> impl Iterator<Item = &Select> {
        self.any.iter().flatten().chain(self.except.as_deref())
    }

    /// How many selections it is, itself and what is inside counted.
    pub fn parts(&self) -> usize {
        1 + self.inner().map(Select::parts).sum::<usize>()
    }

    /// How deep they are nested.
    pub fn depth(&self) -> usize {
        1 + self.inner().map(Select::depth).max().unwrap_or(0)
    }
}

/// A threshold: exactly one of the two measures.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct At {
    /// Amount of the eligible lines, as they enter the stage.
    #[serde(default)]
    pub amount: Option<Number>,
    /// Quantity of the eligible lines.
    #[serde(default)]
    pub quantity: Option<Number>,
    /// Unit that `quantity` is in, the same for every product that the promotion is about. Absent: base units.
    #[serde(default)]
    pub unit: Option<String>,
}

/// A step that counts again and again: exactly one of the two measures.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Each {
    /// Amount of the eligible lines, as they enter the stage.
    #[serde(default)]
    pub amount: Option<Number>,
    /// Quantity of the eligible lines.
    #[serde(default)]
    pub quantity: Option<Number>,
    /// Unit that `quantity` and `from` are in, the same for every product that the promotion is about. Absent: base units.
    #[serde(default)]
    pub unit: Option<String>,
    /// Where it counts first, in the same measure. Absent: at the first full step.
    #[serde(default)]
    pub from: Option<Number>,
    /// With `from`: from where on full steps are counted.
    #[serde(default)]
    pub origin: Option<Origin>,
    /// The most times it counts (封顶). Absent: no limit (上不封顶).
    #[serde(default)]
    pub times: Option<u32>,
    /// With `quantity` and a gift: how the gifts are counted. Default `per_step`.
    #[serde(default)]
    pub count: Count,
}

/// A set of whole units that is made as often as the order has units for it: `quantity` units of `on`, or several `parts`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Combo {
    /// Units of one combo (任选N件).
    #[serde(default)]
    pub quantity: Option<u32>,
    /// With `quantity` and `percent`: how many of them, the cheapest, get it (第二件半价 is 1 of 2). Default all.
    #[serde(default)]
    pub cheapest: Option<u32>,
    /// What one combo is made of.
    #[serde(default)]
    pub parts: Option<Vec<ComboPart>>,
    /// The most combos of one order. Absent: no limit.
    #[serde(default)]
    pub times: Option<u32>,
    /// Over which units what is taken off is spread. Default `benefiting`.
    #[serde(default)]
    pub spread: Spread,
}

/// Over which units of a combo what is taken off is spread: what each of them cost decides what comes back for it when it is returned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Spread {
    /// Those that the benefit is for.
    #[default]
    Benefiting,
    /// All units of the combo, by what they cost (分摊到整组).
    All,
}

/// One part of a combo.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ComboPart {
    /// Which products.
    pub on: Select,
    /// How many units of them.
    pub quantity: u32,
    /// With `percent`: how many of these units, the cheapest, get it. 0, with any benefit: they only count. Default all.
    #[serde(default)]
    pub cheapest: Option<u32>,
    /// With `percent`: what these units get instead of the promotion's.
    #[serde(default)]
    pub percent: Option<Percent>,
}

/// From where on the full steps of `each` are counted (起算点).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// From nothing: ⌊measure / step⌋.
    Zero,
    /// From `from`, which counts as the first: 1 + ⌊(measure − from) / step⌋.
    Threshold,
}

/// How the gifts of N bought units, M of them for each N, are counted (买赠).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Count {
    /// M for each full N: M·⌊q/N⌋.
    #[default]
    PerStep,
    /// In proportion, whole gifts only: ⌊q·M/N⌋.
    ProRata,
    /// Only when the quantity is a multiple of N.
    Exact,
}

/// Steps by amount or by quantity: exactly one of the two lists.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Steps {
    /// Steps by the amount of the eligible lines.
    #[serde(default)]
    pub amount: Option<Vec<Step>>,
    /// Steps by the quantity of the eligible lines.
    #[serde(default)]
    pub quantity: Option<Vec<Step>>,
    /// Unit that the steps by quantity are in, the same for every product that the promotion is about. Absent: base units.
    #[serde(default)]
    pub unit: Option<String>,
    /// Whether the measure is divided into several steps, each with its `amount_off`. Default `highest`: it is not.
    #[serde(default)]
    pub decompose: Decompose,
}

/// Which steps count of those that a measure reaches (阶梯满减).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decompose {
    /// The highest one, once.
    #[default]
    Highest,
    /// The highest one as often as it goes into the measure, then the next one into what is left, and so on.
    Greedy,
    /// Those that together go into the measure and take most off.
    Best,
}

/// One step: from where on, and what it gives (exactly one benefit).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The step is reached from here on, inclusive.
    pub from: Number,
    /// Percent off.
    #[serde(default)]
    pub percent: Option<Percent>,
    /// Amount off, once for the whole set.
    #[serde(default)]
    pub amount_off: Option<Number>,
    /// Amount off every unit.
    #[serde(default)]
    pub per_unit_off: Option<Number>,
    /// What one unit costs, or in the stage `freight` all freight.
    #[serde(default)]
    pub price: Option<Number>,
    /// A gift.
    #[serde(default)]
    pub gift: Option<Gift>,
    /// What the dealer earns for later.
    #[serde(default)]
    pub earn: Option<Earn>,
}

/// A benefit: exactly one of `percent`, `amount_off`, `per_unit_off`, `gift`, `price`, `earn`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Get {
    /// Percent off (折扣): `12` or `12%` takes 12 % away. At most 4 digits after the point.
    #[serde(default)]
    pub percent: Option<Percent>,
    /// Amount off for the whole eligible set, allocated to its lines (满减).
    #[serde(default)]
    pub amount_off: Option<Number>,
    /// Amount off every unit (直降), never more than the unit's own price.
    #[serde(default)]
    pub per_unit_off: Option<Number>,
    /// With `per_unit_off`: the most units of one line that get it.
    #[serde(default)]
    pub max_units: Option<Number>,
    /// Unit that `max_units` is in, the same for every product that the promotion is about. Absent: base units.
    #[serde(default)]
    pub unit: Option<String>,
    /// A gift (赠品), each time that the promotion counts.
    #[serde(default)]
    pub gift: Option<Gift>,
    /// What one unit costs (特价), or with `combo` one of them (套餐价), or in the stage `freight` all freight.
    #[serde(default)]
    pub price: Option<Number>,
    /// What the dealer earns each time that the promotion counts, for later (积分, 返券).
    #[serde(default)]
    pub earn: Option<Earn>,
}

/// What is earned by an order for later: points, vouchers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Earn {
    /// Id by which the server knows it.
    pub id: String,
    /// How many of it, each time. Default 1.
    #[serde(default)]
    pub quantity: Option<u32>,
}

/// A gift: one product under `sku`, or a choice `from` several.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gift {
    /// The product.
    #[serde(default)]
    pub sku: Option<String>,
    /// With `sku`: how many base units, whole ones. Default 1.
    #[serde(default)]
    pub quantity: Option<Number>,
    /// With `sku`: unit of the product that `quantity` is in. Absent: base units.
    #[serde(default)]
    pub unit: Option<String>,
    /// With `sku`: what is given instead where that cannot be delivered, the first of these that can.
    #[serde(default)]
    pub instead: Option<Vec<GiftItem>>,
    /// With `from`: how many of its items the dealer gets. Default 1.
    #[serde(default)]
    pub choose: Option<u32>,
    /// What the dealer may choose from.
    #[serde(default)]
    pub from: Option<Vec<GiftItem>>,
}

/// One item of a choice of gifts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GiftItem {
    /// The product.
    pub sku: String,
    /// How many base units, whole ones. Default 1.
    #[serde(default)]
    pub quantity: Option<Number>,
    /// Unit of the product that `quantity` is in. Absent: base units.
    #[serde(default)]
    pub unit: Option<String>,
}

impl Gift {
    /// Its items, with how many units of each.
    pub fn items(&self) -> impl Iterator<Item = (&str, Number)> {
        let one = || Number(rust_decimal::Decimal::ONE);
        let single = self.sku.iter().map(move |sku| (sku.as_str(), self.quantity.unwrap_or_else(one)));
        let further = self.instead.iter().flatten().chain(self.from.iter().flatten());
        single.chain(further.map(move |item| (item.sku.as_str(), item.quantity.unwrap_or_else(one))))
    }
}

/// Stages of promotions, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Promotions of exclusive groups; the group decides it, nobody writes it.
    #[serde(skip)]
    Exclusive,
    /// Promotions of single products (特价, 直降, 折扣).
    Line,
    /// Promotions of sets of products (满减, 满件, 组合).
    Set,
    /// Promotions of the whole order (整单).
    Order,
    /// What comes after everything else (优惠券); only where it is written.
    Coupon,
    /// Promotions of groups that always apply; the group decides it, nobody writes it.
    #[serde(skip)]
    Always,
    /// What is taken off freight instead of goods (包邮, 运费减免); only where it is written.
    Freight,
}

/// The amount a benefit is taken from. Discounts never exceed what is left of a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// What is left after every promotion before this one (折上折).
    #[default]
    Running,
    /// What entered the stage.
    StageInput,
    /// The list amount.
    Original,
}

/// A promotion group, under the key `groups`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Id that promotions name.
    pub id: String,
    /// Name shown to people.
    #[serde(default)]
    pub name: Name,
    /// How its promotions combine.
    pub mode: GroupMode,
    /// With `exclusive`: what a promotion that applies closes to every other one. Default `order`.
    #[serde(default)]
    pub scope: Option<Scope>,
    /// With `exclusive`: which of them applies. Default `best`.
    #[serde(default)]
    pub choose: Option<Choose>,
}

/// How the promotions of a group combine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GroupMode {
    /// Every eligible promotion applies, in order of priority (叠加).
    Stack,
    /// A line takes a discount from at most one promotion of the group; the combination that saves most wins (互斥取优).
    Best,
    /// What a promotion of the group takes is closed to every promotion of the policy (独享). The group runs before all stages.
    Exclusive,
    /// A line takes a discount from at most one promotion of the group: the first, by priority, that gives something (按优先级取一).
    First,
    /// Every eligible promotion applies, whatever else does, also on exclusive lines (附加优惠). The group runs after all stages.
    Always,
}

/// What an exclusive promotion that applies closes to every other one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// The whole order.
    #[default]
    Order,
    /// Its lines.
    Line,
    /// The units of its combos.
    Units,
}

/// Which promotion of an exclusive group applies where several could.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Choose {
    /// The one, or the combination, that saves most.
    #[default]
    Best,
    /// The first in running order: larger priority first.
    Priority,
}
