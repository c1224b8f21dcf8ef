//! What a quote is asked about: the order, what the server knows of the dealer, and the instant. Data only, already read and resolved:
//! every product exists, every number is exact at the policy's scales.

use crate::id::{ProductId, ProgramId, ValueId};
use crate::num::{Money, Quantity};
use crate::policy::Qualifier;
use crate::time::Instant;

/// An order: intent, never a price. Lines of equal id are merged; they are in order of their id, bytewise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Where it was placed, as given.
    pub source: Option<String>,
    /// Region that it is delivered to; without one, the dealer's own.
    pub ship_to: Option<ValueId>,
    /// How much of it rebates shall pay.
    pub redeem: Option<Redeem>,
    /// Lines in order of their id.
    pub lines: Vec<OrderLine>,
    /// Fields of the caller's own, in order of their keys.
    pub attributes: Vec<(String, String)>,
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
    /// Quantity in base units, more than zero.
    pub quantity: Quantity,
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
    /// Region.
    pub region: Option<ValueId>,
    /// Channel.
    pub channel: Option<ValueId>,
    /// Credit; without it the credit guard does not run.
    pub credit: Option<Credit>,
    /// Volumes per program and period.
    pub volumes: Vec<ProgramVolume>,
    /// Lots of rebate, in the order in which they are used up.
    pub lots: Vec<Lot>,
    /// Fields of the caller's own, in order of their keys.
    pub attributes: Vec<(String, String)>,
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
}

/// What counts against a credit limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Credit {
    /// The limit.
    pub limit: Money,
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
    /// Program.
    pub program: ProgramId,
    /// Label of the period.
    pub period: String,
    /// Invoiced.
    pub posted: Volume,
    /// Ordered, not invoiced.
    pub open: Volume,
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
