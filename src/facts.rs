//! What a quote is asked about: the order, what the server knows of the dealer, and the instant. Data only, already read and resolved:
//! every product exists, every number is exact at the policy's scales.

use crate::id::{AliasId, CouponId, ProductId, UnitId, ValueId};
use crate::num::{Money, Percent, Quantity};
use crate::policy::Qualifier;
use crate::time::Instant;

/// An order: intent, never a price. Lines of equal id are merged; they are in order of their id, bytewise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Where it was placed, as given.
    pub source: Option<String>,
    /// Where and how it is delivered.
    pub delivery: Delivery,
    /// How much of it rebates shall pay.
    pub redeem: Option<Redeem>,
    /// Lines in order of their id.
    pub lines: Vec<OrderLine>,
    /// Coupon codes in order of the code, bytewise; each once.
    pub coupons: Vec<EnteredCoupon>,
    /// Which gifts of which promotions the dealer wants; in order of the promotion's id, each once.
    pub gifts: Vec<GiftChoice>,
    /// Ids of promotions that the dealer does not want, ascending bytewise, each once; they need not be the dealer's.
    pub decline: Vec<String>,
    /// Fields of the caller's own, in order of their keys.
    pub attributes: Vec<(String, String)>,
}

/// Where and how an order is delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Delivery {
    /// Region that it is delivered to; without one, the dealer's own.
    pub region: Option<ValueId>,
    /// The end customer, if he is named.
    pub customer: Option<String>,
    /// How, where it is not the dealer's own delivery.
    pub by: Option<DeliveredBy>,
    /// The day for which it is requested, as it is written: `2026-12-01`.
    pub day: Option<String>,
    /// The first instant of that day, where a policy looks prices up by it.
    pub from: Option<Instant>,
}

/// Who hands an order over, where it is not the dealer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveredBy {
    /// The brand, to the dealer's customer (一件代发).
    DropShip,
    /// Another dealer, by his id, where the customer picks it up.
    PickUp(String),
}

/// A coupon code as it was entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnteredCoupon {
    /// The code.
    pub code: String,
    /// The coupon of the policy, if it has one of this code.
    pub coupon: Option<CouponId>,
    /// Position in the request; the answer comes in this order.
    pub position: usize,
}

/// Which gifts of a promotion the dealer wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftChoice {
    /// Id of the promotion, which need not be one of the dealer's.
    pub promotion: String,
    /// Products, ascending; none declines the gift.
    pub products: Vec<ProductId>,
}

/// How much of an order rebates shall pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redeem {
    /// As much as they may.
    Max,
    /// So much, and less where they may not.
    Amount(Money),
}

/// One line of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLine {
    /// Id, unique in the order.
    pub id: String,
    /// Product.
    pub product: ProductId,
    /// The alias that it was ordered by; of several of one line the smallest.
    pub alias: Option<AliasId>,
    /// Unit that it is ordered in, if that is not the base unit.
    pub unit: Option<UnitId>,
    /// Quantity as ordered, in its unit.
    pub ordered: Quantity,
    /// Quantity in base units, more than zero.
    pub quantity: Quantity,
    /// Its own end customer; without one, that of the delivery.
    pub customer: Option<String>,
    /// Position in the request; the answer comes in this order.
    pub position: usize,
}

/// What the server knows of a dealer at `as_of`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DealerFacts {
    /// Dealer id, as given.
    pub id: String,
    /// When the facts were true.
    pub as_of: Instant,
    /// The dealer as a value that the policy names, if it does.
    pub dealer: Option<ValueId>,
    /// Grade.
    pub grade: Option<ValueId>,
    /// The grade that the dealer had before, and when it was lost.
    pub grade_before: Option<(String, Instant)>,
    /// Region.
    pub region: Option<ValueId>,
    /// Channel.
    pub channel: Option<ValueId>,
    /// Group.
    pub group: Option<ValueId>,
    /// Day of the contract, as it is written: `2025-03-10`. Days compare as texts.
    pub contract_date: Option<String>,
    /// Whether the dealer is on hold.
    pub on_hold: bool,
    /// Licences.
    pub licences: Vec<Licence>,
    /// Credit; without it the credit guards do not run.
    pub credit: Option<Credit>,
    /// What the dealer bought in periods of purchases, in order of the product.
    pub bought: Vec<Bought>,
    /// Volumes per program and period.
    pub volumes: Vec<ProgramVolume>,
    /// Ids of programs that the dealer is listed in, ascending bytewise.
    pub programs: Vec<String>,
    /// Figures that programs look at, at 10⁻⁴, in order of their ids. Not their numbers: see [`ProgramVolume::program`].
    pub kpis: Vec<(String, i64)>,
    /// How often promotions counted already, in order of the promotion's id; what is missing did not.
    pub usage: Vec<Usage>,
    /// How many orders the dealer placed before, where it is known.
    pub orders: Option<Orders>,
    /// What is used of budgets, in order of the budget's id; of what is missing nothing is.
    pub budgets: Vec<BudgetUse>,
    /// Lots of rebate, in the order in which they are used up.
    pub lots: Vec<Lot>,
    /// What is used of registrations, in order of number and SKU; of what is missing nothing is.
    pub registrations: Vec<RegistrationUse>,
    /// Adjustments of prices that somebody approved, in order of their ids.
    pub adjustments: Vec<Approved>,
    /// What can be delivered, by product, then by warehouse.
    pub stock: Vec<Stock>,
    /// What the dealer has himself, by product.
    pub inventory: Vec<Inventory>,
    /// Where the dealer stands in contests, in order of contest and period.
    pub contests: Vec<ContestStanding>,
    /// Custom attributes and fields of the caller's own, in order of their keys.
    pub attributes: Vec<(String, String)>,
}

impl DealerFacts {
    /// Text of an attribute.
    pub fn attribute(&self, id: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == id).map(|(_, value)| value.as_str())
    }
}

/// Where a dealer stands in a window of a contest (排名赛), as it was published last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestStanding {
    /// Id of the contest, and its names in Chinese and English, which may be empty.
    pub contest: String,
    /// See `contest`.
    pub names: [String; 2],
    /// Id of the program that it ranks by; see [`ProgramVolume::program`].
    pub program: String,
    /// Label of the window.
    pub period: String,
    /// Transactions before this instant counted.
    pub as_of: Instant,
    /// His rank; `None` where he had too little to be ranked.
    pub rank: Option<i64>,
    /// How many were ranked.
    pub of: i64,
    /// What he would have won.
    pub prize: Money,
    /// What counted for him.
    pub volume: Volume,
    /// How much of that he could have lost without being worse than the next; none where nobody is behind him.
    pub lead: Option<Volume>,
    /// Ranks before his, the nearest first.
    pub ahead: Vec<Ahead>,
}

/// A rank that a dealer did not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// The rank.
    pub rank: i64,
    /// What its place wins.
    pub prize: Money,
    /// How much more of the dealer's own volume would have been as good.
    pub gap: Volume,
}

/// A lot of rebate (返利单) that a dealer holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lot {
    /// Id, unique among the dealer's lots.
    pub id: String,
    /// What is left of it.
    pub balance: Money,
    /// It holds until here, exclusive; always without one.
    pub expires: Option<Instant>,
    /// It holds from here on.
    pub issued: Instant,
    /// Whether the invoice shows it as a discount, which lowers the taxable amount; otherwise it is a payment.
    pub discounts: bool,
    /// It pays in whole vouchers of this value; 0 for any amount.
    pub face: Money,
    /// It pays one order only; what is left then is lost.
    pub once: bool,
    /// Id of the scope of products that it pays for; whatever lots pay for without one.
    pub scope: Option<String>,
}

/// What a dealer bought of a product in a period of purchases, without the order that is asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bought {
    /// Product.
    pub product: ProductId,
    /// Label of the period.
    pub period: String,
    /// Quantity in base units.
    pub quantity: Quantity,
}

/// What is used of a registration for one product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrationUse {
    /// Number of the registration; see [`ProgramVolume::program`].
    pub registration: String,
    /// SKU.
    pub sku: String,
    /// Base units in all.
    pub used: Quantity,
    /// Base units by the label of the period, in order of the labels.
    pub periods: Vec<(String, Quantity)>,
}

/// An adjustment of a line's price that somebody approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    /// Id, unique among the dealer's.
    pub id: String,
    /// Id of the line.
    pub line: String,
    /// What it takes off.
    pub off: Off,
    /// Who approved it.
    pub approver: String,
    /// Why.
    pub reason: String,
}

/// What an adjustment takes off a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Off {
    /// An amount.
    Amount(Money),
    /// A share of the list amount.
    Percent(Percent),
}

/// What can be delivered of a product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stock {
    /// Product.
    pub product: ProductId,
    /// Where it lies.
    pub warehouse: Option<String>,
    /// How much, not negative.
    pub available: Quantity,
    /// When this was true; without it, when the facts were.
    pub as_of: Option<Instant>,
}

/// What a dealer has of a product, and when it is to be ordered again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Product.
    pub product: ProductId,
    /// In his own stock.
    pub on_hand: Quantity,
    /// On its way to him.
    pub on_order: Quantity,
    /// At or below which it is ordered again.
    pub reorder: Reorder,
    /// Up to which it is ordered.
    pub max: Quantity,
}

/// When a product is to be ordered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reorder {
    /// At so much.
    Point(Quantity),
    /// At what is sold until it arrives, and some more.
    Usage {
        /// What is sold in a day, at 10⁻⁶.
        daily: i64,
        /// Days until an order arrives.
        lead_days: i64,
        /// What is kept for safety.
        safety: Quantity,
    },
}

/// A licence (经营资质) of a dealer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// Category that it is for, with everything inside. Not its number: see [`ProgramVolume::program`].
    pub category: String,
    /// It holds until here, exclusive; always without one.
    pub expires: Option<Instant>,
}

/// What a dealer owes and may owe.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Credit {
    /// The dealer's own account.
    pub own: Account,
    /// The account of the group that the dealer belongs to.
    pub group: Option<Account>,
    /// What is overdue, item by item.
    pub overdue: Vec<Overdue>,
    /// Whether somebody released the dealer from the credit guards.
    pub released: bool,
}

/// An item that is overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overdue {
    /// Amount, not negative.
    pub amount: Money,
    /// Days that it is overdue.
    pub days: i64,
}

/// What counts against a credit limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Account {
    /// The limit.
    pub limit: Money,
    /// From here on the limit counts as 0; never without one.
    pub expires: Option<Instant>,
    /// Open receivables.
    pub receivable: Money,
    /// Delivered, not invoiced.
    pub delivered: Money,
    /// Ordered, not delivered.
    pub open_orders: Money,
    /// Paid ahead.
    pub prepaid: Money,
}

/// Volume of one program in one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramVolume {
    /// Id of the program. Not its number: a slice has no numbers for the programs of others, which facts may name.
    pub program: String,
    /// Label of the period.
    pub period: String,
    /// Invoiced.
    pub posted: Volume,
    /// Ordered, not invoiced.
    pub open: Volume,
    /// Of what is invoiced and of what is ordered, base units of each SKU or category that the program tells apart, in order of their ids.
    pub covered: [Vec<(String, Quantity)>; 2],
    /// When the dealer joined the program, where that is inside the period.
    pub joined: Option<Instant>,
    /// What the dealer is to reach.
    pub target: Option<Volume>,
    /// The same period of last year.
    pub last_year: Option<Volume>,
    /// How much of that there was at this day of it.
    pub last_year_to_date: Option<Volume>,
    /// What the whole period is expected to come to.
    pub expected: Option<Volume>,
    /// Rebate of earlier periods that was too little to be paid.
    pub carried: Money,
    /// What was paid beyond guarantees of earlier periods, not negative.
    pub surplus: Money,
}

/// How often a promotion counted before this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// Id of the promotion; see [`ProgramVolume::program`].
    pub promotion: String,
    /// Times.
    pub times: Used,
    /// Units of all products, at the quantity scale.
    pub units: Used,
    /// Units of each product, in order of the SKU; see [`ProgramVolume::program`].
    pub skus: Vec<(String, Used)>,
}

/// How much of a limit is used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Used {
    /// By this dealer.
    pub dealer: i64,
    /// By all dealers.
    pub total: i64,
    /// By this dealer, by the label of the period, in order of the labels.
    pub periods: Vec<(String, i64)>,
}

/// How many orders a dealer placed before this one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orders {
    /// In all.
    pub count: i64,
    /// From each source, in order of the source; from what is missing none came.
    pub by_source: Vec<(String, i64)>,
}

/// What is used of a budget before this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BudgetUse {
    /// Id of the budget; see [`ProgramVolume::program`].
    pub budget: String,
    /// Amount used.
    pub used: Money,
    /// The caller's own mark of this state; comes back in the claim.
    pub version: Option<String>,
}

/// An amount and a quantity that belong together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Volume {
    /// Amount.
    pub amount: Money,
    /// Quantity in base units.
    pub quantity: Quantity,
}

impl Volume {
    /// The side that a program's tiers are picked by.
    pub fn measured(self, qualifier: Qualifier) -> i64 {
        match qualifier {
            Qualifier::Amount => self.amount.0,
            Qualifier::Quantity => self.quantity.0,
        }
    }
}

/// Everything that a quote depends on besides the bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The order.
    pub order: Order,
    /// The dealer.
    pub dealer: DealerFacts,
    /// The instant of the quote.
    pub now: Instant,
}
