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
    /// How the windows lie, where they are not those of the calendar.
    #[serde(default)]
    pub calendar: Option<Calendar>,
    /// What counts as volume. Default `net`.
    #[serde(default)]
    pub basis: Basis,
    /// How tiers pay; there is no default, because the two differ by a lot of money.
    pub mode: TierMode,
    /// Which volume picks the tier. Default `amount`.
    #[serde(default)]
    pub qualifier: Qualifier,
    /// What the tiers are percentages of. Absent: they are volumes.
    #[serde(default)]
    pub against: Against,
    /// What holds for a dealer without a last year; needed with `against: last_year`.
    #[serde(default)]
    pub no_base: Option<NoBase>,
    /// Which volume is paid on. Default `all`.
    #[serde(default)]
    pub pays_on: PaysOn,
    /// Price rises that the target or the last year does not know.
    #[serde(default)]
    pub price_rises: Vec<PriceRise>,
    /// Tiers (阶梯) by rising `from` or `above`; a tier holds up to the next one. Those of one grade rise by themselves.
    pub tiers: Vec<Tier>,
    /// The most that counts and that is paid.
    #[serde(default)]
    pub cap: Option<Cap>,
    /// The least that is paid for a period (保底).
    #[serde(default)]
    pub guarantee: Option<Number>,
}

/// Where the windows of a program lie.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Calendar {
    /// First day of the fiscal year, `12-26` or `04-01`: months, quarters, halves and years begin on this day of the month (账期截止日).
    #[serde(default)]
    pub year_start: Option<String>,
    /// Which calendar year names the fiscal year: that in which it begins or in which it ends. Default `end`.
    #[serde(default)]
    pub named_after: YearEnd,
    /// First day of the first window of `weeks`.
    #[serde(default)]
    pub from: Option<String>,
    /// Weeks of each window, in turn: `[4]`, or `[4, 4, 5]`.
    #[serde(default)]
    pub weeks: Vec<u32>,
    /// Windows of `dates`: `2026-11-01 .. 2026-11-11`.
    #[serde(default)]
    pub dates: Vec<String>,
}

/// One end of a fiscal year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum YearEnd {
    /// The year of its first day.
    Start,
    /// The year of its last day.
    #[default]
    End,
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
    /// So many weeks each, `W2026-01-05`; `calendar` says how many, and when the first begins.
    Weeks,
    /// The windows that `calendar.dates` lists.
    Dates,
    /// As long as the program holds, `lifetime`.
    Lifetime,
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
    /// Net amount with tax (含税), in a policy that tells tax; otherwise as `net`.
    Gross,
    /// What is paid of it, with tax (回款): a cart counts if it is paid.
    Collected,
    /// What the dealer sells on (动销), from facts only: a cart counts nothing.
    SellOut,
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
    /// The reached tier pays on the whole volume, and every one below it on all up to its own end.
    Rolling,
    /// Every reached tier pays on the whole volume; amounts add up (逐档累加).
    Total,
    /// Every tier pays its amount for each full step of the volume inside it (每增量奖).
    Increments,
    /// Between two tiers the rate or amount lies on the line between theirs; the last is the most (线性).
    Interpolated,
}

/// What tiers are percentages of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Against {
    /// Of nothing: they are volumes.
    #[default]
    Nothing,
    /// Of the dealer's target of the period (达成率).
    Target,
    /// Of the same period of last year: 15 is reached by 115 % of it (同比增长).
    LastYear,
}

/// What holds for a dealer without a last year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoBase {
    /// The program pays nothing.
    Skip,
    /// Any volume is a growth of 100 %.
    Full,
    /// All volume is growth, beyond every tier.
    Zero,
}

/// Which volume is paid on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaysOn {
    /// All of it.
    #[default]
    All,
    /// What is above the target, or above last year.
    Excess,
}

/// A price rise (调价): volume grows by it without a unit more, so targets and growth rise with it, in proportion to the months it holds.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PriceRise {
    /// By how much.
    pub percent: Percent,
    /// Its first day, the first of a month of the period.
    pub from: String,
}

/// The most that counts and that is paid.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// The most volume that is paid on: an amount where tiers pay `percent`, a quantity where they pay `per_unit`.
    #[serde(default)]
    pub volume: Option<Number>,
    /// The most that is paid for a period.
    #[serde(default)]
    pub amount: Option<Number>,
}

/// What the tiers of a program pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pays {
    /// A percentage of the amount.
    Percent,
    /// An amount for every unit.
    PerUnit,
    /// An amount.
    Amount,
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

/// One tier: from where on, and what it pays: exactly one of `percent` (on the amount), `per_unit` (on the quantity) and `amount`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// The tier holds from here on, inclusive, in the qualifier's unit; a percentage with `against`.
    #[serde(default)]
    pub from: Option<Number>,
    /// The same, exclusive: the tier holds above it.
    #[serde(default)]
    pub above: Option<Number>,
    /// Where it ends, which is where the next one begins; only to be checked.
    #[serde(default)]
    pub to: Option<Number>,
    /// Grade that it is for. Absent: every grade.
    #[serde(default)]
    pub grade: Option<String>,
    /// Percent of the amount.
    #[serde(default)]
    pub percent: Option<Percent>,
    /// Amount for every unit.
    #[serde(default)]
    pub per_unit: Option<Number>,
    /// Amount, once; in `increments` for every full step.
    #[serde(default)]
    pub amount: Option<Number>,
    /// One step of `increments`.
    #[serde(default)]
    pub every: Option<Number>,
    /// Percent of what lies above the tier's start, where that earns another rate than what lies below it; only `retroactive`.
    #[serde(default)]
    pub excess: Option<Percent>,
}

impl Against {
    /// The word authors write.
    pub fn word(self) -> &'static str {
        match self {
            Against::Nothing => "nothing",
            Against::Target => "target",
            Against::LastYear => "last_year",
        }
    }
}

impl Tier {
    /// Where it begins; checked policies have one of the two.
    pub fn start(&self) -> Number {
        self.from.or(self.above).unwrap_or_default()
    }
}

impl Program {
    /// What its tiers pay; they all pay the same.
    pub fn pays(&self) -> Pays {
        match self.tiers.first() {
            Some(tier) if tier.per_unit.is_some() => Pays::PerUnit,
            Some(tier) if tier.amount.is_some() => Pays::Amount,
            _ => Pays::Percent,
        }
    }
}
