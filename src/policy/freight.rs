use super::Name;
use super::promotion::When;
use crate::num::{Number, Percent};

/// A table of freight (运费): what delivering an order costs, a line of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freight {
    /// Id shown in answers, for example `truck`.
    pub id: String,
    /// Name shown to dealers.
    pub name: Name,
    /// Which dealers and orders it is for.
    pub when: When,
    /// Its tax rate; `None` is the policy's own.
    pub tax: Option<Percent>,
    /// The rows of the table.
    pub rows: Vec<FreightRow>,
    /// Rows that cannot be worked with, with what of them could be read, for checking only.
    pub broken: Vec<FreightRow>,
}

/// One row of a freight table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreightRow {
    /// Region with everything inside it; `None` is everywhere.
    pub region: Option<String>,
    /// It holds from this weight on, in kilograms. Default 0.
    pub from_weight: Number,
    /// It holds from this net amount of the goods on. Default 0.
    pub from_amount: Number,
    /// What delivery costs.
    pub charge: Number,
    /// And for each kilogram above `from_weight`. Default 0.
    pub per_weight: Number,
    /// Validity as written; `None` is always.
    pub valid: Option<String>,
    /// Row of the table, for diagnostics.
    pub place: crate::diagnostic::Place,
}
