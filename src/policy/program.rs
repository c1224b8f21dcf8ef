use super::promotion::{Select, When};
use super::{Name, OneOrMany};
use crate::num::{Number, Percent};
use serde::Deserialize;
use std::collections::BTreeMap;

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
    /// Which orders count. Absent: every order.
    #[serde(default)]
    pub orders: CountedOrders,
    /// Lines at which prices count. Absent: at any.
    #[serde(default)]
    pub prices: CountedPrices,
    /// What of what it counts is told apart (铺货), where something needs so many different ones. Absent: nothing.
    #[serde(default)]
    pub covers: Option<Covers>,
    /// With `covers: category`, the level of the tree whose categories are told apart; 1 is the top. Default 1.
    #[serde(default)]
    pub covers_level: Option<u32>,
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
    /// What its quantities are, those that are paid on as well. Default `units`.
    #[serde(default)]
    pub quantity: CountedIn,
    /// Which volume picks the tier. Default `amount`.
    #[serde(default)]
    pub qualifier: Qualifier,
    /// What the tiers are percentages of. Absent: they are volumes.
    #[serde(default)]
    pub against: Against,
    /// What the target counts for of a dealer that joined inside a window (新商折算). Default `agreed`.
    #[serde(default)]
    pub joiners: Joiners,
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
    /// How its volume at the end of a window is foreseen (预测). Absent: only where the facts say what is expected.
    #[serde(default)]
    pub forecast: Option<Forecast>,
    /// The least that is paid for a period (保底).
    #[serde(default)]
    pub guarantee: Option<Number>,
    /// What is paid beyond the guarantee lowers those of later windows. Default `kept`: each window has the whole guarantee.
    #[serde(default)]
    pub surplus: Surplus,
    /// Who of those that `when` names is in it. Default `all`.
    #[serde(default)]
    pub enrolment: EnrolBy,
    /// Of the programs of one choice (多选一), named by any word, a dealer is in the one that his facts list, and in no other.
    #[serde(default)]
    pub one_of: Option<String>,
    /// What figures of the dealer's do to the rebate (考核系数).
    #[serde(default)]
    pub modifiers: Vec<Modifier>,
    /// Volumes of other programs that it needs (品类占比, 组合达标).
    #[serde(default)]
    pub requires: Vec<Requirement>,
    /// The overlap that it is in: an id of `overlaps`.
    #[serde(default)]
    pub overlap: Option<String>,
    /// Its place in the overlap, the larger first; then by id. Default 0.
    #[serde(default)]
    pub priority: i32,
    /// Whom it is paid to (分成). Absent: the dealer, all of it.
    #[serde(default)]
    pub split: Vec<Split>,
    /// Which day of a transaction decides when it counts. Default `invoice`.
    #[serde(default)]
    pub date: DecidedBy,
    /// So many days after a window transactions of it are booked in it; later ones count when they are booked (关账宽限). Absent: always in theirs.
    #[serde(default)]
    pub grace_days: Option<u32>,
    /// Windows at whose ends it is paid, where that is more often than once in `period` (兑现周期): any but `lifetime`.
    #[serde(default)]
    pub payout: Option<Period>,
    /// How these lie. Absent: as `calendar` says, where both are of months.
    #[serde(default)]
    pub payout_calendar: Option<Calendar>,
    /// The budget that it is paid from: an id of `budgets` that no promotion takes from.
    #[serde(default)]
    pub budget: Option<String>,
    /// What is less is not paid and carried to the next window (起付额).
    #[serde(default)]
    pub minimum: Option<Number>,
    /// The dealer is paid by lots (返利单), which settlement issues. Absent: he is paid otherwise.
    #[serde(default)]
    pub lot: Option<LotTerms>,
    /// The dealer is paid in goods (货返). Absent: he is paid otherwise.
    #[serde(default)]
    pub goods: Option<GoodsTerms>,
    /// How he is paid where it is neither lots nor goods. Default `credit`.
    #[serde(default)]
    pub paid_in: PaidIn,
}

/// Which orders count for a program. A list means any of its values; several fields must all hold; `except` beats the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountedOrders {
    /// Where they were placed.
    #[serde(default)]
    pub source: Option<OneOrMany>,
    /// Custom attributes of orders, by id.
    #[serde(default)]
    pub attributes: BTreeMap<String, OneOrMany>,
    /// Orders that are left out although the rest matches: any of these fields is enough.
    #[serde(default)]
    pub except: Option<Box<CountedOrders>>,
}

/// What a program tells apart, so that something can need so many different ones of it (铺货率).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// SKUs.
    Sku,
    /// Categories of one level.
    Category,
}

/// Lines at which prices count for a program.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CountedPrices {
    /// At these they do not.
    pub except: Vec<PriceKind>,
}

/// What a price is beside an ordinary one; a line may have several at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PriceKind {
    /// That of a contract (合同价).
    Contract,
    /// That of a quotation (报价单).
    Quotation,
    /// A registered special price (特价报备).
    Special,
    /// One that an approved adjustment changed.
    Approved,
    /// One that keeps all promotions off.
    NoPromotion,
}

impl PriceKind {
    /// All of them.
    pub const ALL: [PriceKind; 5] =
        [PriceKind::Contract, PriceKind::Quotation, PriceKind::Special, PriceKind::Approved, PriceKind::NoPromotion];

    /// The word that authors and transactions write.
    pub fn word(self) -> &'static str {
        match self {
            PriceKind::Contract => "contract",
            PriceKind::Quotation => "quotation",
            PriceKind::Special => "special",
            PriceKind::Approved => "approved",
            PriceKind::NoPromotion => "no_promotion",
        }
    }

    /// Its bit among several.
    pub fn bit(self) -> u32 {
        1 << self as u32
    }

    /// Bit of what is left out because of its order, beside those of the kinds.
    pub const BY_ORDER: u32 = 1 << 31;

    /// The word for what leaves out a line, the first of several.
    pub fn why(bits: u32) -> &'static str {
        let kind = PriceKind::ALL.into_iter().find(|kind| bits & kind.bit() != 0).map(PriceKind::word);
        kind.filter(|_| bits & PriceKind::BY_ORDER == 0).unwrap_or("order")
    }
}

/// How a program pays that pays in no lots and no goods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum PaidIn {
    /// By a credit note.
    #[default]
    Credit,
    /// In money (现金返).
    Cash,
}

/// Which orders a lot pays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum LotPays {
    /// One after the other, as long as it lasts.
    #[default]
    Orders,
    /// One order (下单抵扣); what that does not use is lost.
    OneOrder,
}

/// The goods that a program pays in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GoodsTerms {
    /// The product.
    pub sku: String,
    /// What one base unit of it counts for.
    pub price: Number,
}

/// What a rebate is paid in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A credit note.
    Credit,
    /// Money.
    Cash,
    /// A lot that pays orders bit by bit.
    Lot,
    /// Vouchers of one value each.
    Voucher,
    /// A lot that pays a part of one order.
    NextOrder,
    /// Units of a product.
    Goods,
}

impl Form {
    /// The word of the answer.
    pub fn word(self) -> &'static str {
        match self {
            Form::Credit => "credit",
            Form::Cash => "cash",
            Form::Lot => "lot",
            Form::Voucher => "voucher",
            Form::NextOrder => "next_order",
            Form::Goods => "goods",
        }
    }
}

/// The lots that a program issues.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LotTerms {
    /// So many days after the settlement a lot holds. Absent: for ever.
    #[serde(default)]
    pub days: Option<u32>,
    /// So many days after the settlement it begins to hold (冻结期). Default 0.
    #[serde(default)]
    pub freeze_days: u32,
    /// What the invoice shows it as. Default `payment`.
    #[serde(default)]
    pub invoice_treatment: Treatment,
    /// It is a book of vouchers (返利券) of this value each, of which only whole ones pay.
    #[serde(default)]
    pub face: Option<Number>,
    /// Which orders it pays. Default `orders`.
    #[serde(default)]
    pub pays: LotPays,
    /// What it pays for: a scope under `redemption`. Absent: whatever lots pay for.
    #[serde(default)]
    pub scope: Option<String>,
}

/// What the invoice shows a lot as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Treatment {
    /// A payment.
    #[default]
    Payment,
    /// A discount, which lowers the taxable amount.
    Discount,
}

/// Which day of a transaction decides when it counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DecidedBy {
    /// That of the order.
    Order,
    /// That of the delivery; of an order, the day that it asks for.
    Delivery,
    /// That of the invoice.
    #[default]
    Invoice,
    /// That on which it is paid; before, it does not count.
    Payment,
}

/// How the volume at the end of a window is foreseen from what there is of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    /// By what.
    pub by: ForecastBy,
    /// With `seasonal`, what each month of the window weighs, such as `[8, 6, 10]` of a quarter.
    #[serde(default)]
    pub weights: Vec<u32>,
}

/// What a forecast goes by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ForecastBy {
    /// Nothing is foreseen.
    #[serde(skip)]
    #[default]
    Nothing,
    /// The days that are over: every day brings the same.
    Linear,
    /// The same, where each month has its weight.
    Seasonal,
    /// How far the same window of last year was at this day, which the facts tell.
    LastYear,
    /// What the facts say is expected.
    #[serde(skip)]
    Expected,
}

impl ForecastBy {
    /// The word of the answer.
    pub fn word(self) -> &'static str {
        match self {
            ForecastBy::Nothing => "nothing",
            ForecastBy::Linear => "linear",
            ForecastBy::Seasonal => "seasonal",
            ForecastBy::LastYear => "last_year",
            ForecastBy::Expected => "expected",
        }
    }
}

/// What becomes of what is paid beyond a guarantee.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Surplus {
    /// It is the dealer's, and the next window has its own guarantee.
    #[default]
    Kept,
    /// It lowers the guarantees of the windows after it, as far as it goes (累计保底).
    Carried,
}

/// Who is in a program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum EnrolBy {
    /// Everybody whom `when` names.
    #[default]
    All,
    /// Of those, whoever's facts list it: by contract, or because he chose it.
    Listed,
}

/// What a figure of the dealer's does to a rebate.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Modifier {
    /// The figure: an id of `kpis`.
    pub kpi: String,
    /// What it does.
    pub kind: ModifierKind,
    /// Bands by rising `from` or `above`; of `gate` and `forfeit` one, without `percent`.
    #[serde(default)]
    pub bands: Vec<ModifierBand>,
    /// Percentage points that `deduct` takes off for each whole one of the figure.
    #[serde(default)]
    pub each: Option<Percent>,
}

/// What a figure does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ModifierKind {
    /// Nothing is paid below the band (门槛).
    Gate,
    /// Nothing is paid from the band on (一票否决).
    Forfeit,
    /// The rebate times the percentage of the reached band; below the first nothing (系数).
    Multiply,
    /// The percentage of the reached band is paid on the volume as well (加点).
    Add,
    /// `each` is taken off the percentage for each whole one (扣点).
    Deduct,
}

impl ModifierKind {
    /// Whether the rebate is multiplied; otherwise points are added.
    pub fn is_factor(self) -> bool {
        match self {
            ModifierKind::Gate | ModifierKind::Forfeit | ModifierKind::Multiply => true,
            ModifierKind::Add | ModifierKind::Deduct => false,
        }
    }

    /// The word authors write.
    pub fn word(self) -> &'static str {
        match self {
            ModifierKind::Gate => "gate",
            ModifierKind::Forfeit => "forfeit",
            ModifierKind::Multiply => "multiply",
            ModifierKind::Add => "add",
            ModifierKind::Deduct => "deduct",
        }
    }
}

/// From where on a figure does so much.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ModifierBand {
    /// It holds from here on, inclusive.
    #[serde(default)]
    pub from: Option<Number>,
    /// The same, exclusive.
    #[serde(default)]
    pub above: Option<Number>,
    /// How much.
    #[serde(default)]
    pub percent: Option<Percent>,
}

/// What a program needs of another one: exactly one of `amount`, `quantity`, `share` and `covers`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// The program, with the same windows. It may pay nothing: tiers of 0 %.
    pub program: String,
    /// Its amount is at least this.
    #[serde(default)]
    pub amount: Option<Number>,
    /// Its quantity is at least this.
    #[serde(default)]
    pub quantity: Option<Number>,
    /// Its amount is at least this percentage of the amount of the program that needs it.
    #[serde(default)]
    pub share: Option<Percent>,
    /// So many different ones of what it `covers` have units (铺货).
    #[serde(default)]
    pub covers: Option<u32>,
}

/// What is needed of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needed {
    /// An amount.
    Amount,
    /// A quantity.
    Quantity,
    /// A quantity of a program that counts points.
    Points,
    /// A part of one's own amount.
    Share,
    /// So many different SKUs.
    Skus,
    /// So many different categories.
    Categories,
}

/// Programs that share what they pay on, under the key `overlaps`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Overlap {
    /// Id that programs name.
    pub id: String,
    /// How they go together.
    pub mode: OverlapMode,
}

/// How programs of one overlap go together. Programs without one add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum OverlapMode {
    /// Each line counts for the first that it can count for.
    Exclusive,
    /// The one that pays most is paid.
    Best,
    /// The first that pays anything is paid.
    Priority,
    /// Each pays on the amount less what those before it pay.
    Cascade,
}

/// A part of a rebate that somebody gets.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Split {
    /// `dealer`, or what the party is to him: `parent`, `service_provider`. Whoever settles knows who that is.
    pub to: String,
    /// His percentage; together they are 100.
    pub share: Percent,
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// Net amount, after promotions.
    #[default]
    Net,
    /// List amount, before promotions.
    List,
    /// Net amount without tax (不含税), in a policy that tells tax; otherwise as `net`.
    Untaxed,
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
    /// A tier holds where all that it `requires` of programs is there as well; the last that holds pays on the whole volume (组合达标).
    Basket,
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

/// What the target of a window counts for, where the facts say that the dealer joined inside of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Joiners {
    /// All of it: it is what was agreed with him.
    #[default]
    Agreed,
    /// In proportion to the days that are left of the window.
    Days,
    /// In proportion to its months that are left, that in which he joins counted whole.
    Months,
}

impl Joiners {
    /// The word authors write.
    pub fn word(self) -> &'static str {
        match self {
            Joiners::Agreed => "agreed",
            Joiners::Days => "days",
            Joiners::Months => "months",
        }
    }
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

/// What the quantities of a program are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum CountedIn {
    /// Base units.
    #[default]
    Units,
    /// Points (积分): each base unit counts as many as the column `points` of the product table says.
    Points,
}

/// Which volume picks the tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Qualifier {
    /// The amount of the basis.
    #[default]
    Amount,
    /// The quantity, in base units or points.
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
    /// With `basket`, what else it needs: volumes of programs, such as one for each product of the basket.
    #[serde(default)]
    pub requires: Vec<Requirement>,
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
    /// What it is paid in.
    pub fn form(&self) -> Form {
        match (&self.lot, &self.goods) {
            (Some(lot), _) if lot.face.is_some() => Form::Voucher,
            (Some(lot), _) if lot.pays == LotPays::OneOrder => Form::NextOrder,
            (Some(_), _) => Form::Lot,
            (None, Some(_)) => Form::Goods,
            (None, None) if self.paid_in == PaidIn::Cash => Form::Cash,
            (None, None) => Form::Credit,
        }
    }

    /// How the windows lie at whose ends it is paid.
    pub fn paid_by(&self) -> Option<&Calendar> {
        let months = |period: Period| matches!(period, Period::Month | Period::Quarter | Period::Half | Period::Year);
        let own = self.calendar.as_ref().filter(|_| months(self.period) && self.payout.is_some_and(months));
        self.payout_calendar.as_ref().or(own)
    }

    /// What one piece of goods or one voucher is worth; only whole ones are paid.
    pub fn piece(&self) -> Option<Number> {
        self.goods.as_ref().map(|goods| goods.price).or(self.lot.as_ref().and_then(|lot| lot.face))
    }

    /// What it tells apart as a bundle writes it: 0 nothing, 1 SKUs, from 2 on categories of the levels from the top.
    pub fn covering(&self) -> u32 {
        match self.covers {
            None => 0,
            Some(Covers::Sku) => 1,
            Some(Covers::Category) => self.covers_level.unwrap_or(1).saturating_add(1),
        }
    }

    /// What its tiers pay; they all pay the same.
    pub fn pays(&self) -> Pays {
        match self.tiers.first() {
            Some(tier) if tier.per_unit.is_some() => Pays::PerUnit,
            Some(tier) if tier.amount.is_some() => Pays::Amount,
            _ => Pays::Percent,
        }
    }
}
