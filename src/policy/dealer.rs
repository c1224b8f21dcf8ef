use super::Name;
use crate::num::Number;

/// One dealer, a row of the dealer table: master data, from which the facts of an order are made where no ledger keeps them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dealer {
    /// Dealer id, as facts carry it.
    pub id: String,
    /// Name shown to people.
    pub name: Name,
    /// Grade.
    pub grade: Option<String>,
    /// Region.
    pub region: Option<String>,
    /// Sales channel.
    pub channel: Option<String>,
    /// Group of dealers.
    pub group: Option<String>,
    /// Values of custom attributes, by the attribute's position in the policy; those that the dealer has.
    pub attributes: Vec<(u32, String)>,
    /// Credit, in the order of [`CREDIT_COLUMNS`].
    pub credit: [Option<Number>; 5],
    /// Row it was read from, for diagnostics.
    pub place: crate::diagnostic::Place,
}

/// Columns of a dealer's credit; in the facts they stand under `credit`, the first of them as `limit`.
pub const CREDIT_COLUMNS: [&str; 5] = ["credit_limit", "receivable", "delivered", "open_orders", "prepaid"];
