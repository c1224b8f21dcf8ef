use super::OneOrMany;
use super::promotion::{At, Select, When};
use super::settings::Severity;
use crate::num::{Number, Percent};
use serde::Deserialize;

/// A check (校验规则), under the key `checks`: one thing that an order, a dealer or a line must satisfy. Each names exactly one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Id, unique in the policy; the guard names it.
    pub id: String,
    /// Whose orders, and which. Absent: all.
    #[serde(default)]
    pub when: When,
    /// Which products count, for `order_minimum` and `corridor`. Absent: every product.
    #[serde(default)]
    pub on: Option<Select>,
    /// When it holds. Absent: as long as the policy.
    #[serde(default)]
    pub valid: Option<String>,
    /// What it does when it bites. Absent: what `guards` says of its kind.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// The least that an order takes of such products, after promotions (起订金额, 起订数量).
    #[serde(default)]
    pub order_minimum: Option<At>,
    /// The most that one order may come to (单笔上限).
    #[serde(default)]
    pub order_maximum: Option<Number>,
    /// What may be overdue (逾期).
    #[serde(default)]
    pub overdue: Option<Overdue>,
    /// The most of the credit limit that may be used, in percent.
    #[serde(default)]
    pub credit_used: Option<Percent>,
    /// How far from the recommended price a line may come to (建议零售价浮动).
    #[serde(default)]
    pub corridor: Option<Corridor>,
    /// Categories, with everything inside them, that take a licence of the dealer's (经营资质).
    #[serde(default)]
    pub licence: Option<OneOrMany>,
    /// Sources that orders may come from (下单来源).
    #[serde(default)]
    pub source: Option<OneOrMany>,
    /// The oldest that the dealer's facts may be, in minutes.
    #[serde(default)]
    pub facts_age_minutes: Option<u32>,
}

/// What may be overdue: items with more days than these count, and together they may be so much.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Overdue {
    /// Days that an item may be overdue. Default 0.
    pub days: u32,
    /// The most that all items beyond them may come to. Default 0.
    pub amount: Number,
}

/// A corridor around the recommended price; at least one of its sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Corridor {
    /// The least, in percent of the recommended price.
    pub min: Option<Percent>,
    /// The most, in percent of the recommended price.
    pub max: Option<Percent>,
    /// Whether the value of gifts lowers what a line comes to. Default `ignored`.
    pub gifts: GiftsIn,
}

/// What the value of gifts does to what a line comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum GiftsIn {
    /// Nothing.
    #[default]
    Ignored,
    /// The lines that the gifts are given for come to less by it.
    Counted,
}

/// What a check looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckKind {
    /// [`Check::corridor`].
    Corridor,
    /// [`Check::licence`].
    Licence,
    /// [`Check::source`].
    Source,
    /// [`Check::facts_age_minutes`].
    FactsAge,
    /// [`Check::order_minimum`].
    OrderMinimum,
    /// [`Check::order_maximum`].
    OrderMaximum,
    /// [`Check::overdue`].
    Overdue,
    /// [`Check::credit_used`].
    CreditUsed,
}

impl Check {
    /// The kinds that are written; a sound check has exactly one.
    pub fn kinds(&self) -> Vec<CheckKind> {
        let written = [
            (CheckKind::Corridor, self.corridor.is_some()),
            (CheckKind::Licence, self.licence.is_some()),
            (CheckKind::Source, self.source.is_some()),
            (CheckKind::FactsAge, self.facts_age_minutes.is_some()),
            (CheckKind::OrderMinimum, self.order_minimum.is_some()),
            (CheckKind::OrderMaximum, self.order_maximum.is_some()),
            (CheckKind::Overdue, self.overdue.is_some()),
            (CheckKind::CreditUsed, self.credit_used.is_some()),
        ];
        written.into_iter().filter_map(|(kind, written)| written.then_some(kind)).collect()
    }
}

/// Severity of each guard, under the key `guards`; those of checks hold where an entry has none of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct Guards {
    /// Minimum order quantity and order multiple (起订量, 倍数). Default `block`.
    pub quantity: Severity,
    /// Net price under the floor price (最低限价). Default `route`, and `block` where the policy has `approvals`.
    pub floor: Option<Severity>,
    /// Net price under the approved price and not under the floor (审批价). Default `route`.
    pub approval: Severity,
    /// Exposure over the credit limit (信用额度). Default `route`.
    pub credit: Severity,
    /// A product that the dealer sees and may not order. Default `block`; a hidden product always blocks.
    pub assortment: Severity,
    /// A delivery outside the dealer's territory (窜货). Default `route`.
    pub territory: Severity,
    /// A delivery to where, or to whom, another dealer alone may deliver (独家). Default that of `territory`.
    pub exclusive: Option<Severity>,
    /// More rebate asked for than an order may use; it uses what it may. Default `info`.
    pub redemption: Severity,
    /// A dealer who is on hold. Default `block`.
    pub status: Severity,
    /// More of a product than can be delivered. Default `warn`.
    pub stock: Severity,
    /// Checks of the recommended price. Default `warn`.
    pub corridor: Severity,
    /// Checks of licences. Default `block`.
    pub licence: Severity,
    /// Checks of the order source. Default `block`.
    pub source: Severity,
    /// Checks of the age of facts. Default `warn`.
    pub stale: Severity,
    /// Checks of the least of an order. Default `block`.
    pub order_minimum: Severity,
    /// Checks of the most of an order. Default `route`.
    pub order_maximum: Severity,
    /// Checks of what is overdue. Default `route`.
    pub overdue: Severity,
    /// Checks of how much of the credit is used. Default `warn`.
    pub credit_used: Severity,
}

impl Default for Guards {
    fn default() -> Self {
        Guards {
            quantity: Severity::Block,
            floor: None,
            approval: Severity::Route,
            credit: Severity::Route,
            assortment: Severity::Block,
            territory: Severity::Route,
            exclusive: None,
            redemption: Severity::Info,
            status: Severity::Block,
            stock: Severity::Warn,
            corridor: Severity::Warn,
            licence: Severity::Block,
            source: Severity::Block,
            stale: Severity::Warn,
            order_minimum: Severity::Block,
            order_maximum: Severity::Route,
            overdue: Severity::Route,
            credit_used: Severity::Warn,
        }
    }
}

impl Guards {
    /// What a kind of check does where its entry does not say.
    pub fn of(&self, kind: CheckKind) -> Severity {
        match kind {
            CheckKind::Corridor => self.corridor,
            CheckKind::Licence => self.licence,
            CheckKind::Source => self.source,
            CheckKind::FactsAge => self.stale,
            CheckKind::OrderMinimum => self.order_minimum,
            CheckKind::OrderMaximum => self.order_maximum,
            CheckKind::Overdue => self.overdue,
            CheckKind::CreditUsed => self.credit_used,
        }
    }
}
