//! Lots (返利单) that a settlement issues, as the facts of dealers take them.

use super::{Former, Statement};
use crate::bundle::{Loaded, NONE, hex, sha256};
use crate::facts::Lot;
use crate::id::{ProductId, ProgramId, TextId};
use crate::limit;
use crate::num::Money;
use crate::policy::{LotPays, LotTerms, Policy, Treatment};
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
    /// What it pays for: a scope of the policy.
    pub scope: Option<String>,
}

/// Goods that are owed for the new part of what dealers are paid in them, as rows: dealer, program, period, sku, quantity, amount; negative where
/// too many were given before.
pub fn goods(loaded: &Loaded, statements: &[Statement]) -> String {
    let row = |statement: &Statement| {
        let part = statement.parties.iter().find(|party| party.difference != Money::ZERO)?;
        let period = loaded.text(TextId(loaded.tables.period_text[statement.rebate.period]));
        goods_row(loaded, &statement.dealer, statement.rebate.program, period, part.difference)
    };
    statements.iter().filter_map(row).collect()
}

/// Goods that come back, because what was stated before stands no more, in the same rows.
pub fn goods_back(loaded: &Loaded, withdrawn: &[Former]) -> String {
    let row = |former: &Former| goods_row(loaded, &former.dealer, loaded.program_of(&former.program)?, &former.period, former.back());
    withdrawn.iter().filter_map(row).collect()
}

/// None of a program that does not pay in goods.
fn goods_row(loaded: &Loaded, dealer: &str, program: ProgramId, period: &str, amount: Money) -> Option<String> {
    let t = &loaded.tables;
    let (goods, piece) = (t.program_goods[program.index()], t.program_piece[program.index()]);
    let count = Some(amount.0.checked_div(piece)?.to_string()).filter(|_| goods != NONE)?;
    let [dealer, program, sku] = [dealer, loaded.program(program), loaded.sku(ProductId(goods))].map(super::quoted);
    Some(format!("{dealer},{program},{period},{sku},{count},{}\n", Writer(loaded).money(amount)))
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

/// What a dealer owes of a program that pays by lots, where what was stated before stands no more.
pub fn owed(policy: &Policy, withdrawn: &[Former], until: Instant) -> Vec<Issued> {
    let owed = withdrawn.iter().filter(|former| former.to == "dealer").filter_map(|former| {
        let terms = policy.programs.iter().find(|known| known.id == former.program)?.lot.as_ref()?;
        Some(issued(&former.dealer, &former.program, &former.period, former.back(), terms, until))
    });
    owed.collect()
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
        once: terms.pays == LotPays::OneOrder,
        scope: terms.scope.clone(),
    }
}

impl Issued {
    /// As an entry of the facts' `lots`.
    pub fn json(&self, loaded: &Loaded) -> String {
        let Issued { ref id, amount: balance, issued, expires, discounts, face, once, ref scope, .. } = *self;
        let (id, scope) = (id.clone(), scope.clone());
        lot_json(loaded, &Lot { id, balance, issued, expires, discounts, face: face.unwrap_or_default(), once, scope })
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

/// A lot as an entry of the facts' `lots`.
pub fn lot_json(loaded: &Loaded, lot: &Lot) -> String {
    Json::write(|j| {
        j.object(|j| {
            j.key("id").text(&lot.id);
            j.key("balance").text(&Writer(loaded).money(lot.balance));
            j.key("issued").integer(lot.issued.0);
            if let Some(expires) = lot.expires {
                j.key("expires").integer(expires.0);
            }
            if lot.discounts {
                j.key("invoice_treatment").text("discount");
            }
            if lot.face > Money::ZERO {
                j.key("face").text(&Writer(loaded).money(lot.face));
            }
            if lot.once {
                j.key("pays").text("one_order");
            }
            if let Some(scope) = &lot.scope {
                j.key("scope").text(scope);
            }
        });
    })
}
