//! Transfers of lots (返利单转让): a dealer passes a lot, or a part of one, on to another. Each row of a table is made or refused with its reason.
//! `docs/semantics.md` §66.

use crate::bundle::{Loaded, hex, sha256};
use crate::claims::{Fault, Table};
use crate::facts::{DealerFacts, Lot};
use crate::limit;
use crate::num::Money;
use crate::policy::{LotTransfer, Redemption};
use crate::settle::quoted;
use crate::time::{DAY, Instant};
use std::collections::BTreeSet;

/// Columns of transfers.
pub const TRANSFERS: [&str; 5] = ["id", "lot", "from", "to", "amount"];

/// Why a row is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Another number of cells than the first row has.
    Cells,
    /// No id, or one that is too long.
    Id,
    /// The id of an earlier row, or of a lot of the other dealer.
    Duplicate,
    /// The policy lets no lot be passed on.
    Closed,
    /// The facts have no such dealer.
    Dealer,
    /// He passes it to himself.
    Same,
    /// The dealer has no such lot.
    Lot,
    /// The other dealer is of another group, or one of the two is of none.
    Group,
    /// It was passed on before.
    Received,
    /// It does not hold yet.
    Frozen,
    /// It does not hold any more.
    Expired,
    /// It ends too soon.
    Soon,
    /// No plain amount above 0.
    Number,
    /// The lot has less.
    Balance,
    /// A part of a lot for one order, or of a voucher.
    Part,
    /// The other dealer holds as many lots as there may be.
    Full,
}

impl Refusal {
    /// Stable code, and what is wrong, for people.
    pub fn said(self) -> (&'static str, &'static str) {
        match self {
            Refusal::Cells => ("CELLS", "not as many cells as columns"),
            Refusal::Id => ("ID_INVALID", "a transfer needs an id of 1 to 64 characters"),
            Refusal::Duplicate => ("ID_DUPLICATE", "an earlier row has this id or the other dealer such a lot"),
            Refusal::Closed => ("TRANSFER_CLOSED", "the policy lets no lot be passed on"),
            Refusal::Dealer => ("DEALER_UNKNOWN", "the facts have no such dealer"),
            Refusal::Same => ("DEALER_SAME", "it is passed to whoever has it"),
            Refusal::Lot => ("LOT_UNKNOWN", "the dealer holds no such lot"),
            Refusal::Group => ("GROUP_OTHER", "the other dealer is not of the same group"),
            Refusal::Received => ("LOT_RECEIVED", "it was passed on before"),
            Refusal::Frozen => ("LOT_FROZEN", "the lot does not hold yet"),
            Refusal::Expired => ("LOT_EXPIRED", "the lot does not hold any more"),
            Refusal::Soon => ("LOT_ENDS_SOON", "the lot ends too soon to be passed on"),
            Refusal::Number => ("NUMBER_INVALID", "a plain decimal above 0 with the digits of the currency is needed"),
            Refusal::Balance => ("BALANCE_SHORT", "the lot has less"),
            Refusal::Part => ("LOT_WHOLE", "vouchers and lots for one order are passed on whole"),
            Refusal::Full => ("LOTS_FULL", "the other dealer holds as many lots as there may be"),
        }
    }
}

/// A transfer that is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Who passes it on, and who has it then: positions of the facts.
    pub dealers: (usize, usize),
    /// Id of the lot that it is taken off.
    pub lot: String,
    /// Id of the lot that it becomes.
    pub becomes: String,
    /// How much.
    pub amount: Money,
}

/// A row of the transfers, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its line.
    pub line: usize,
    /// Its id.
    pub id: String,
    /// What is made of it, or why nothing is.
    pub outcome: Result<Made, Refusal>,
}

impl Examined {
    /// The first row of [`Examined::made`].
    pub const MADE: &'static str = "id,lot,from,to,amount,becomes\n";
    /// The first row of [`Examined::refused`].
    pub const REFUSED: &'static str = "line,id,code,reason\n";

    /// As a row of a table, where it is made.
    pub fn made(&self, policy: &Loaded, dealers: &[DealerFacts]) -> Option<String> {
        let Made { dealers: (from, to), lot, becomes, amount } = self.outcome.as_ref().ok()?;
        let amount = policy.constants.money_scale.show(amount.0);
        let cells = [&self.id, lot, &dealers[*from].id, &dealers[*to].id, &amount, becomes].map(|cell| quoted(cell));
        Some(cells.join(",") + "\n")
    }

    /// As a row of a table, where it is refused.
    pub fn refused(&self) -> Option<String> {
        let (code, reason) = self.outcome.as_ref().err()?.said();
        Some([&self.line.to_string(), ",", &quoted(&self.id), ",", code, ",", reason, "\n"].concat())
    }
}

/// What was passed on before: ids of transfers, and lots that came of them.
#[derive(Debug, Default)]
pub struct Book {
    ids: BTreeSet<String>,
    received: BTreeSet<(String, String)>,
}

impl Book {
    /// Takes what was made before, as [`Examined::made`] wrote it.
    ///
    /// # Errors
    /// The first row that is unsound.
    pub fn before(&mut self, made: &str) -> Result<(), Fault> {
        let table = Table::of(made, &["id", "to", "becomes"])?;
        for (line, row) in &table.rows {
            let row = table.cells(row).ok_or_else(|| (*line, Refusal::Cells.said().1.to_owned()))?;
            self.ids.insert(row["id"].clone());
            self.received.insert((row["to"].clone(), row["becomes"].clone()));
        }
        Ok(())
    }

    /// Makes or refuses each row of the transfers in order; `dealers` hold afterwards what they hold then.
    ///
    /// # Errors
    /// The fault of the first row.
    pub fn transfer(
        &mut self,
        policy: &Loaded,
        rule: Option<&Redemption>,
        dealers: &mut [DealerFacts],
        at: Instant,
        transfers: &str,
    ) -> Result<Vec<Examined>, Fault> {
        let table = Table::of(transfers, &TRANSFERS)?;
        let mut all = Vec::with_capacity(table.rows.len());
        for (line, row) in &table.rows {
            let Some(row) = table.cells(row) else {
                all.push(Examined { line: *line, id: String::new(), outcome: Err(Refusal::Cells) });
                continue;
            };
            let id = row["id"].clone();
            let [lot, from, to, amount] = ["lot", "from", "to", "amount"].map(|column| row[column].as_str());
            let outcome = if id.is_empty() || id.chars().count() > limit::ID_CHARS {
                Err(Refusal::Id)
            } else if !self.ids.insert(id.clone()) {
                Err(Refusal::Duplicate)
            } else {
                self.one(policy, rule, dealers, at, (lot, from, to, amount))
            };
            let readable = format!("{lot}/{id}");
            let becomes = if readable.chars().count() <= limit::ID_CHARS { readable } else { hex(&sha256(readable.as_bytes())) };
            let is_new = |(_, to, ..): &(usize, usize, usize, Money)| dealers[*to].lots.iter().all(|held| held.id != becomes);
            let outcome = outcome.and_then(|made| if is_new(&made) { Ok(made) } else { Err(Refusal::Duplicate) });
            let outcome = outcome.map(|(from, to, held, amount)| {
                self.received.insert((dealers[to].id.clone(), becomes.clone()));
                let whole = &mut dealers[from].lots[held];
                whole.balance.0 -= amount.0;
                let new = Lot { id: becomes.clone(), balance: amount, issued: at, ..whole.clone() };
                dealers[to].lots.push(new);
                Made { dealers: (from, to), lot: lot.to_owned(), becomes, amount }
            });
            all.push(Examined { line: *line, id, outcome });
        }
        Ok(all)
    }

    /// Who passes on, to whom, which of his lots, and how much.
    fn one(
        &self,
        policy: &Loaded,
        rule: Option<&Redemption>,
        dealers: &[DealerFacts],
        at: Instant,
        (lot, from, to, amount): (&str, &str, &str, &str),
    ) -> Result<(usize, usize, usize, Money), Refusal> {
        let rule = rule.filter(|rule| rule.transfer != LotTransfer::None).ok_or(Refusal::Closed)?;
        let known = |id: &str| dealers.iter().position(|dealer| dealer.id == id).ok_or(Refusal::Dealer);
        let (from, to) = (known(from)?, known(to)?);
        if from == to {
            return Err(Refusal::Same);
        }
        let held = dealers[from].lots.iter().position(|held| held.id == lot).ok_or(Refusal::Lot)?;
        let groups = (dealers[from].group, dealers[to].group);
        if rule.transfer == LotTransfer::Group && (groups.0.is_none() || groups.0 != groups.1) {
            return Err(Refusal::Group);
        }
        if self.received.contains(&(dealers[from].id.clone(), lot.to_owned())) {
            return Err(Refusal::Received);
        }
        let of = &dealers[from].lots[held];
        if at < of.issued {
            return Err(Refusal::Frozen);
        }
        if of.expires.is_some_and(|expires| expires <= at) {
            return Err(Refusal::Expired);
        }
        if of.expires.is_some_and(|expires| expires.0.saturating_sub(at.0) < i64::from(rule.transfer_days) * DAY) {
            return Err(Refusal::Soon);
        }
        let amount = match amount {
            "" => of.balance.0,
            text => policy.constants.money_scale.read(text).ok().filter(|amount| *amount <= limit::MONEY).ok_or(Refusal::Number)?,
        };
        if amount <= 0 {
            return Err(Refusal::Number);
        }
        if of.balance.0 < amount {
            return Err(Refusal::Balance);
        }
        if of.once && amount < of.balance.0 || amount.checked_rem(of.face.0).is_some_and(|rest| rest != 0) {
            return Err(Refusal::Part);
        }
        if dealers[to].lots.len() >= limit::FACT_LOTS {
            return Err(Refusal::Full);
        }
        Ok((from, to, held, Money(amount)))
    }
}
