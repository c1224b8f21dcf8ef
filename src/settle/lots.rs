//! Lots (返利单) that a settlement issues, as the facts of dealers take them.

use super::Statement;
use crate::bundle::{Loaded, NONE, hex, sha256};
use crate::id::{ProductId, TextId};
use crate::limit;
use crate::num::Money;
use crate::policy::{LotTerms, Policy, Treatment};
use crate::time::{DAY, Instant};
use crate::wire::{Json, Writer};

/// A lot that is issued, or what a dealer owes where what was stated before is more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// Dealer id.
    pub dealer: String,
    /// Program id.
    pub program: String,
    /// Label of the window.
    pub period: String,
    /// Id of the lot.
    pub id: String,
    /// The amount; negative where he owes it.
    pub amount: Money,
    /// It holds from here on.
    pub issued: Instant,
    /// It holds until here, exclusive.
    pub expires: Option<Instant>,
    /// Whether the invoice shows it as a discount.
    pub discounts: bool,
    /// Value of each of its vouchers, where it is a book of such.
    pub face: Option<Money>,
    /// Whether it pays one order only.
    pub once: bool,
}

/// Goods that are owed for the new part of what dealers are paid in them, as rows: dealer, program, period, sku, quantity, amount; negative where
/// too many were given before.
pub fn goods(loaded: &Loaded, statements: &[Statement]) -> String {
    let mut rows = String::new();
    for statement in statements {
        let (t, program) = (&loaded.tables, statement.rebate.program);
        let (goods, piece) = (t.program_goods[program.index()], t.program_piece[program.index()]);
        let part = statement.parties.iter().find(|party| party.difference != Money::ZERO);
        let Some(part) = part.filter(|_| goods != NONE && piece > 0) else { continue };
        let cells = [
            super::quoted(&statement.dealer).into_owned(),
            super::quoted(loaded.program(program)).into_owned(),
            loaded.text(TextId(t.period_text[statement.rebate.period])).to_owned(),
            super::quoted(loaded.sku(ProductId(goods))).into_owned(),
            (part.difference.0 / piece).to_string(),
            Writer(loaded).money(part.difference),
        ];
        rows.push_str(&(cells.join(",") + "\n"));
    }
    rows
}

/// What is issued for the new part of what dealers are paid, in order of the statements.
pub fn lots(loaded: &Loaded, policy: &Policy, statements: &[Statement], until: Instant) -> Vec<Issued> {
    let mut all = Vec::new();
    for statement in statements {
        let program = loaded.program(statement.rebate.program);
        let terms = policy.programs.iter().find(|known| known.id == program).and_then(|known| known.lot.as_ref());
        let part = statement.parties.iter().find(|party| party.to == "dealer" && party.difference != Money::ZERO);
        if let (Some(terms), Some(part)) = (terms, part) {
            let period = loaded.text(TextId(loaded.tables.period_text[statement.rebate.period]));
            let face = terms.face.map(|_| Money(loaded.tables.program_piece[statement.rebate.program.index()]));
            all.push(Issued { face, ..issued(&statement.dealer, program, period, part.difference, terms, until) });
        }
    }
    all
}

fn issued(dealer: &str, program: &str, period: &str, amount: Money, terms: &LotTerms, until: Instant) -> Issued {
    let readable = format!("{program}/{period}/{}", until.0);
    let id = if readable.chars().count() <= limit::ID_CHARS { readable } else { hex(&sha256(readable.as_bytes())) };
    let after = |days: u32| Instant(until.0 + i64::from(days) * DAY);
    Issued {
        dealer: dealer.to_owned(),
        program: program.to_owned(),
        period: period.to_owned(),
        id,
        amount,
        issued: after(terms.freeze_days),
        expires: terms.days.map(after),
        discounts: terms.invoice_treatment == Treatment::Discount,
        face: None,
        once: terms.once,
    }
}

impl Issued {
    /// As an entry of the facts' `lots`.
    pub fn json(&self, loaded: &Loaded) -> String {
        Json::write(|j| {
            j.object(|j| {
                j.key("id").text(&self.id);
                j.key("balance").text(&Writer(loaded).money(self.amount));
                j.key("issued").integer(self.issued.0);
                if let Some(expires) = self.expires {
                    j.key("expires").integer(expires.0);
                }
                if self.discounts {
                    j.key("invoice_treatment").text("discount");
                }
                if let Some(face) = self.face {
                    j.key("face").text(&Writer(loaded).money(face));
                }
                if self.once {
                    j.key("once").boolean(true);
                }
            });
        })
    }

    /// As a row: dealer, program, period, lot, amount, issued, expires.
    pub fn csv(&self, loaded: &Loaded) -> String {
        let cells = [
            super::quoted(&self.dealer).into_owned(),
            super::quoted(&self.program).into_owned(),
            self.period.clone(),
            if self.amount > Money::ZERO { super::quoted(&self.id).into_owned() } else { String::new() },
            Writer(loaded).money(self.amount),
            self.issued.0.to_string(),
            self.expires.map_or(String::new(), |expires| expires.0.to_string()),
        ];
        cells.join(",") + "\n"
    }
}
