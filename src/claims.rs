//! Claims with evidence (报备核销): what a dealer is owed for each unit that he sold on or held, under a registration that says how much, of what, for whom, when
//! and of how many. Each row of a table is allowed or refused with its reason. `docs/semantics.md` §59.

use crate::bundle::Loaded;
use crate::limit;
use crate::num::{Money, Overflow, Percent, Quantity, Scale, UnitPrice, divide};
use crate::settle::{cells, quoted};
use crate::time::{Instant, Interval};
use std::collections::{BTreeMap, BTreeSet};

/// Columns of registrations.
pub const REGISTRATIONS: [&str; 13] =
    ["registration", "kind", "dealer", "sku", "from", "to", "quantity", "customer", "price", "margin", "old_price", "share", "amount"];
/// Columns of claims; those behind `quantity` may be missing.
pub const CLAIMS: [&str; 10] = ["id", "registration", "dealer", "sku", "date", "quantity", "invoice", "customer", "cost", "sell"];
/// Columns of the stock that claims name as their proof.
pub const STOCK: [&str; 4] = ["dealer", "sku", "at", "quantity"];
/// The column of a claim that holds the hash of that proof.
const SNAPSHOT: &str = "snapshot";

/// What a dealer is owed for one unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terms {
    /// What it cost him above an agreed price (ship and debit, 特价补差).
    ShipAndDebit {
        /// The agreed price.
        price: UnitPrice,
    },
    /// What it cost him above what leaves him a margin of his own price (保利补差).
    Margin {
        /// The margin, of his price.
        margin: Percent,
    },
    /// What a price fell, for units that he holds at that instant (价保).
    PriceProtection {
        /// The price before.
        old: UnitPrice,
        /// The price from then on.
        new: UnitPrice,
    },
    /// A part of what the dealer spent on something that was agreed (费用分摊).
    CostShare {
        /// The part.
        share: Percent,
    },
}

/// Evidence of a claim: what a unit cost the dealer, and what he sold it for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence {
    /// What he paid for a unit.
    pub cost: Option<UnitPrice>,
    /// What he was paid for it.
    pub sell: Option<UnitPrice>,
}

/// What is owed for a quantity, rounded once; `None` where the evidence that the terms look at is missing.
///
/// # Errors
/// [`Overflow`] when it does not fit.
pub fn owed(policy: &Loaded, terms: Terms, quantity: Quantity, evidence: Evidence) -> Result<Option<Money>, Overflow> {
    let c = &policy.constants;
    let (whole, price) = (Percent::ONE, |price: UnitPrice| i128::from(price.0));
    let each = match (terms, evidence.cost, evidence.sell) {
        (Terms::ShipAndDebit { price: agreed }, Some(cost), _) => (price(cost) - price(agreed)) * whole,
        (Terms::Margin { margin }, Some(cost), Some(sell)) => price(cost) * whole - price(sell) * (whole - i128::from(margin.0)),
        (Terms::PriceProtection { old, new }, ..) => (price(old) - price(new)) * whole,
        (Terms::CostShare { share }, Some(cost), _) => price(cost) * i128::from(share.0),
        (Terms::ShipAndDebit { .. } | Terms::Margin { .. } | Terms::CostShare { .. }, ..) => return Ok(None),
    };
    let sum = each.checked_mul(i128::from(quantity.0)).ok_or(Overflow)?;
    let unit = whole * Scale(c.unit_scale.0 - c.money_scale.0).one() * c.quantity_scale.one();
    divide(sum, unit, c.rounding).map(|owed| Some(Money(owed)))
}

/// Why a row is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Another number of cells than the first row has.
    Cells,
    /// No id, or one that is too long.
    Id,
    /// The id of an earlier row.
    Duplicate,
    /// No such registration.
    Registration,
    /// The registration is another dealer's.
    Dealer,
    /// The registration is for another product.
    Product,
    /// The registration is for another end customer.
    Customer,
    /// No day and no instant.
    Date,
    /// Outside of what the registration holds for.
    Window,
    /// A figure that is none, or not above 0.
    Number,
    /// No invoice, no cost, no price, or no stock, where the registration asks for it.
    Evidence,
    /// The stock that is named is not the one that was given.
    Snapshot,
    /// More units than the stock had at that instant.
    Stock,
    /// The same units were claimed before.
    Before,
    /// More units than are left of the registration.
    Quantity,
    /// Nothing is owed for such a unit.
    Nothing,
    /// A larger amount than is left of the registration.
    Amount,
}

impl Refusal {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Refusal::Cells => "CELLS",
            Refusal::Id => "ID_INVALID",
            Refusal::Duplicate => "ID_DUPLICATE",
            Refusal::Registration => "REGISTRATION_UNKNOWN",
            Refusal::Dealer => "DEALER_OTHER",
            Refusal::Product => "SKU_OTHER",
            Refusal::Customer => "CUSTOMER_OTHER",
            Refusal::Date => "DATE_INVALID",
            Refusal::Window => "OUTSIDE_WINDOW",
            Refusal::Number => "NUMBER_INVALID",
            Refusal::Evidence => "EVIDENCE_MISSING",
            Refusal::Snapshot => "SNAPSHOT_OTHER",
            Refusal::Stock => "STOCK_SHORT",
            Refusal::Before => "CLAIMED_BEFORE",
            Refusal::Quantity => "QUANTITY_EXCEEDED",
            Refusal::Nothing => "NOTHING_OWED",
            Refusal::Amount => "AMOUNT_EXCEEDED",
        }
    }

    /// What is wrong, for people.
    pub fn reason(self) -> &'static str {
        match self {
            Refusal::Cells => "not as many cells as columns",
            Refusal::Id => "a claim needs an id of 1 to 64 characters",
            Refusal::Duplicate => "an earlier row has this id",
            Refusal::Registration => "there is no such registration",
            Refusal::Dealer => "the registration is another dealer's",
            Refusal::Product => "the registration is for another product",
            Refusal::Customer => "the registration is for another end customer",
            Refusal::Date => "write 2026-11-03 or an instant with offset",
            Refusal::Window => "the registration does not hold then",
            Refusal::Number => "a plain decimal above 0 with the digits of the policy is needed",
            Refusal::Evidence => "the invoice or the cost or the price or the stock is missing that the registration asks for",
            Refusal::Snapshot => "the stock that was given has another hash",
            Refusal::Stock => "the stock had fewer units then",
            Refusal::Before => "these units were claimed before",
            Refusal::Quantity => "fewer units are left of the registration",
            Refusal::Nothing => "nothing is owed for such a unit",
            Refusal::Amount => "less than what is owed is left of the registration",
        }
    }
}

/// A registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// What is owed for a unit.
    pub terms: Terms,
    /// Whom it is for.
    pub dealer: String,
    /// SKU of the product; empty where it is for none.
    pub sku: String,
    /// It holds from here on; of a price that fell, the instant at which it did.
    pub from: Instant,
    /// It holds until here, exclusive.
    pub to: Instant,
    /// Units that may be claimed; `None` for any number.
    pub quantity: Option<Quantity>,
    /// What may be owed of it in all; `None` for any amount.
    pub amount: Option<Money>,
    /// The end customer; empty for any.
    pub customer: String,
}

/// A claim that is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// Its id.
    pub id: String,
    /// Id of its registration.
    pub registration: String,
    /// Whose it is.
    pub dealer: String,
    /// SKU of the product; empty where it is for none.
    pub sku: String,
    /// Units.
    pub quantity: Quantity,
    /// Its invoice; of units on hand, the hash of the stock.
    pub proof: String,
    /// What is owed.
    pub amount: Money,
}

/// A row of the claims, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examined {
    /// Its line.
    pub line: usize,
    /// Its id.
    pub id: String,
    /// What is allowed, or why nothing is.
    pub outcome: Result<Allowed, Refusal>,
}

impl Examined {
    /// The first row of [`Examined::refused`].
    pub const REFUSED: &'static str = "line,id,code,reason\n";

    /// As a row of a table, where it is refused.
    pub fn refused(&self) -> Option<String> {
        let refusal = self.outcome.as_ref().err()?;
        Some([&self.line.to_string(), ",", &quoted(&self.id), ",", refusal.code(), ",", refusal.reason(), "\n"].concat())
    }
}

/// Registrations, the stock of an instant, and what was claimed before.
#[derive(Debug, Default)]
pub struct Book {
    registrations: BTreeMap<String, Registration>,
    stock: BTreeMap<(String, String, i64), i64>,
    snapshot: String,
    /// Units and amounts by registration, and the units of which proofs were seen.
    used: BTreeMap<String, (i64, i64)>,
    seen: BTreeSet<(String, String, String)>,
    ids: BTreeSet<String>,
}

/// What is wrong with a table: its row, counted from 1, and what.
pub type Fault = (usize, String);

/// A day of the policy's zone, `2026-11-03`.
pub type Day<'a> = &'a dyn Fn(&str) -> Option<Interval>;

/// A table with its first row.
pub(crate) struct Table<'t> {
    columns: Vec<String>,
    /// Each with its line.
    pub rows: Vec<(usize, &'t str)>,
}

impl<'t> Table<'t> {
    /// Reads the first row, which has the columns that are needed.
    pub fn of(text: &'t str, needed: &[&str]) -> Result<Table<'t>, Fault> {
        let mut rows = (1..).zip(text.trim_start_matches('\u{feff}').lines()).filter(|(_, row)| !row.trim().is_empty());
        let header = rows.next().and_then(|(_, row)| cells(row)).unwrap_or_default();
        let columns: Vec<String> = header.iter().map(|cell| cell.trim().to_owned()).collect();
        match needed.iter().find(|column| columns.iter().all(|known| known != *column)) {
            Some(missing) => Err((1, ["there is no column `", missing, "`"].concat())),
            None => Ok(Table { columns, rows: rows.collect() }),
        }
    }

    /// The cells of a row by column; `None` where there are not as many as columns.
    pub fn cells(&self, row: &str) -> Option<BTreeMap<&str, String>> {
        let cells = cells(row).filter(|cells| cells.len() == self.columns.len())?;
        Some(self.columns.iter().map(String::as_str).zip(cells.iter().map(|cell| cell.trim().to_owned())).collect())
    }
}

impl Book {
    /// Reads registrations.
    ///
    /// # Errors
    /// The first row that is unsound.
    pub fn read(policy: &Loaded, day: Day, registrations: &str) -> Result<Book, Fault> {
        let mut book = Book::default();
        let table = Table::of(registrations, &REGISTRATIONS[..6])?;
        for (line, row) in &table.rows {
            let fault = |what: &str| (*line, what.to_owned());
            let row = table.cells(row).ok_or_else(|| fault(Refusal::Cells.reason()))?;
            let (id, registration) = registration(policy, day, &row).map_err(fault)?;
            if book.registrations.insert(id, registration).is_some() {
                return Err(fault("this registration stands twice"));
            }
        }
        Ok(book)
    }

    /// Takes the stock that claims may name, with its SHA-256 in hexadecimal digits.
    ///
    /// # Errors
    /// The first row that is unsound.
    pub fn hold(&mut self, policy: &Loaded, day: Day, stock: &str, snapshot: String) -> Result<(), Fault> {
        self.snapshot = snapshot;
        let table = Table::of(stock, &STOCK)?;
        for (line, row) in &table.rows {
            let fault = |what: &str| (*line, what.to_owned());
            let row = table.cells(row).ok_or_else(|| fault(Refusal::Cells.reason()))?;
            let at = instant(day, &row["at"]).ok_or_else(|| fault(Refusal::Date.reason()))?;
            let quantity = quantity(policy, &row["quantity"]).ok_or_else(|| fault(Refusal::Number.reason()))?;
            let sku = product(policy, &row["sku"]).ok_or_else(|| fault("the policy has no such product"))?;
            let held = self.stock.entry((row["dealer"].clone(), sku, at.0)).or_default();
            *held = held.checked_add(quantity.0).ok_or_else(|| fault(Refusal::Number.reason()))?;
        }
        Ok(())
    }

    /// Takes what was allowed before, as [`Allowed::csv`] wrote it.
    ///
    /// # Errors
    /// The first row that is unsound.
    pub fn before(&mut self, policy: &Loaded, allowed: &str) -> Result<(), Fault> {
        let table = Table::of(allowed, &["id", "registration", "sku", "quantity", "proof", "amount"])?;
        for (line, row) in &table.rows {
            let row = table.cells(row).ok_or_else(|| (*line, Refusal::Cells.reason().to_owned()))?;
            let unsound = || (*line, Refusal::Number.reason().to_owned());
            let quantity = quantity(policy, &row["quantity"]).ok_or_else(unsound)?;
            let amount = money(policy, &row["amount"]).ok_or_else(unsound)?;
            self.ids.insert(row["id"].clone());
            self.take(&row["registration"], &row["sku"], &row["proof"], (quantity, amount));
        }
        Ok(())
    }

    fn take(&mut self, registration: &str, sku: &str, proof: &str, (quantity, amount): (Quantity, Money)) {
        let used = self.used.entry(registration.to_owned()).or_default();
        *used = (used.0.saturating_add(quantity.0), used.1.saturating_add(amount.0));
        self.seen.insert((registration.to_owned(), sku.to_owned(), proof.to_owned()));
    }

    /// Looks at each row of the claims in order, and says what is allowed, or why not.
    ///
    /// # Errors
    /// The fault of the first row, or an amount that does not fit.
    pub fn examine(&mut self, policy: &Loaded, day: Day, claims: &str) -> Result<Vec<Examined>, Fault> {
        let table = Table::of(claims, &CLAIMS[..6])?;
        let mut all = Vec::with_capacity(table.rows.len());
        for (line, row) in &table.rows {
            let Some(row) = table.cells(row) else {
                all.push(Examined { line: *line, id: String::new(), outcome: Err(Refusal::Cells) });
                continue;
            };
            let id = row["id"].clone();
            let outcome = if id.is_empty() || id.chars().count() > limit::ID_CHARS {
                Ok(Err(Refusal::Id))
            } else if !self.ids.insert(id.clone()) {
                Ok(Err(Refusal::Duplicate))
            } else {
                self.one(policy, day, &row)
            };
            let outcome = outcome.map_err(|Overflow| (*line, "the amount does not fit".to_owned()))?;
            if let Ok(allowed) = &outcome {
                self.take(&allowed.registration, &allowed.sku, &allowed.proof, (allowed.quantity, allowed.amount));
            }
            all.push(Examined { line: *line, id, outcome });
        }
        Ok(all)
    }

    fn one(&self, policy: &Loaded, day: Day, row: &BTreeMap<&str, String>) -> Result<Result<Allowed, Refusal>, Overflow> {
        let text = |column: &str| row.get(column).map(String::as_str).unwrap_or_default();
        let checked = || {
            let registration = self.registrations.get(text("registration")).ok_or(Refusal::Registration)?;
            if registration.dealer != text("dealer") {
                return Err(Refusal::Dealer);
            }
            if product_or_none(policy, text("sku")).as_ref() != Some(&registration.sku) {
                return Err(Refusal::Product);
            }
            let at = instant(day, text("date")).ok_or(Refusal::Date)?;
            if at < registration.from || registration.to <= at {
                return Err(Refusal::Window);
            }
            let quantity = quantity(policy, text("quantity")).filter(|quantity| quantity.0 > 0).ok_or(Refusal::Number)?;
            let price = |column: &str| match text(column) {
                "" => Ok(None),
                price => unit_price(policy, price).map(Some).ok_or(Refusal::Number),
            };
            let evidence = Evidence { cost: price("cost")?, sell: price("sell")? };
            if !registration.customer.is_empty() && registration.customer != text("customer") {
                return Err(Refusal::Customer);
            }
            let proof = match registration.terms {
                Terms::PriceProtection { .. } => SNAPSHOT,
                Terms::ShipAndDebit { .. } | Terms::Margin { .. } | Terms::CostShare { .. } => "invoice",
            };
            let proof = text(proof);
            if proof.is_empty() {
                return Err(Refusal::Evidence);
            }
            if self.seen.contains(&(text("registration").to_owned(), registration.sku.clone(), proof.to_owned())) {
                return Err(Refusal::Before);
            }
            if let Terms::PriceProtection { .. } = registration.terms {
                if self.snapshot != proof {
                    return Err(Refusal::Snapshot);
                }
                let held = self.stock.get(&(registration.dealer.clone(), registration.sku.clone(), registration.from.0));
                if held.is_none_or(|held| *held < quantity.0) {
                    return Err(Refusal::Stock);
                }
            }
            let used = self.used.get(text("registration")).copied().unwrap_or_default();
            if registration.quantity.is_some_and(|most| most.0.saturating_sub(used.0) < quantity.0) {
                return Err(Refusal::Quantity);
            }
            let left = registration.amount.map(|most| Money(most.0.saturating_sub(used.1)));
            Ok((registration, quantity, evidence, proof.to_owned(), left))
        };
        let (registration, quantity, evidence, proof, left) = match checked() {
            Ok(checked) => checked,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let amount = match owed(policy, registration.terms, quantity, evidence)? {
            None => return Ok(Err(Refusal::Evidence)),
            Some(amount) if amount <= Money::ZERO => return Ok(Err(Refusal::Nothing)),
            Some(amount) if left.is_some_and(|left| left < amount) => return Ok(Err(Refusal::Amount)),
            Some(amount) => amount,
        };
        let (dealer, sku) = (registration.dealer.clone(), registration.sku.clone());
        Ok(Ok(Allowed { id: text("id").to_owned(), registration: text("registration").to_owned(), dealer, sku, quantity, proof, amount }))
    }
}

impl Allowed {
    /// The first row of [`Allowed::csv`].
    pub const HEADER: &'static str = "id,registration,dealer,sku,quantity,proof,amount\n";

    /// As a row of a table.
    pub fn csv(&self, policy: &Loaded) -> String {
        let cells = [
            quoted(&self.id).into_owned(),
            quoted(&self.registration).into_owned(),
            quoted(&self.dealer).into_owned(),
            quoted(&self.sku).into_owned(),
            policy.constants.quantity_scale.show_short(self.quantity.0),
            quoted(&self.proof).into_owned(),
            policy.constants.money_scale.show(self.amount.0),
        ];
        cells.join(",") + "\n"
    }
}

fn registration(policy: &Loaded, day: Day, row: &BTreeMap<&str, String>) -> Result<(String, Registration), &'static str> {
    let text = |column: &str| row.get(column).map(String::as_str).unwrap_or_default();
    let price = |column: &str, what: &'static str| unit_price(policy, text(column)).ok_or(what);
    let terms = match text("kind") {
        "ship_and_debit" => Terms::ShipAndDebit { price: price("price", "`ship_and_debit` needs the agreed `price`")? },
        "margin" => {
            let margin = Scale(Percent::DIGITS).read(text("margin")).ok().filter(|margin| (1..Percent::WHOLE.0).contains(margin));
            Terms::Margin { margin: Percent(margin.ok_or("`margin` needs a `margin` in percent, above 0 and below 100")?) }
        }
        "price_protection" => Terms::PriceProtection {
            old: price("old_price", "`price_protection` needs the `old_price`")?,
            new: price("price", "`price_protection` needs the `price` from then on")?,
        },
        "cost_share" => {
            let share = Scale(Percent::DIGITS).read(text("share")).ok().filter(|share| (1..=Percent::WHOLE.0).contains(share));
            Terms::CostShare { share: Percent(share.ok_or("`cost_share` needs a `share` in percent, above 0 and at most 100")?) }
        }
        _ => return Err("`kind` is `ship_and_debit`, `margin`, `price_protection` or `cost_share`"),
    };
    let from = instant(day, text("from")).ok_or(Refusal::Date.reason())?;
    let to = match text("to") {
        "" => Instant(i64::MAX),
        // A day is included.
        to => Instant::parse(to).or_else(|| day(to).map(|day| day.to)).ok_or(Refusal::Date.reason())?,
    };
    let quantity = match text("quantity") {
        "" => None,
        most => Some(quantity(policy, most).ok_or(Refusal::Number.reason())?),
    };
    let amount = match text("amount") {
        "" => None,
        most => Some(money(policy, most).ok_or("`amount` is a plain decimal with the digits of the currency")?),
    };
    let id = text("registration");
    if id.is_empty() || id.chars().count() > limit::ID_CHARS {
        return Err("a registration needs an id of 1 to 64 characters");
    }
    let sku = match terms {
        // What is spent need not be for one product.
        Terms::CostShare { .. } => product_or_none(policy, text("sku")),
        _ => product(policy, text("sku")),
    };
    let sku = sku.ok_or("the policy has no such product")?;
    let (dealer, customer) = (text("dealer").to_owned(), text("customer").to_owned());
    Ok((id.to_owned(), Registration { terms, dealer, sku, from, to, quantity, amount, customer }))
}

fn instant(day: Day, text: &str) -> Option<Instant> {
    Instant::parse(text).or_else(|| day(text).map(|day| day.from))
}

fn product(policy: &Loaded, sku: &str) -> Option<String> {
    policy.product_known_as(sku).map(|(product, _)| policy.sku(product).to_owned())
}

fn product_or_none(policy: &Loaded, sku: &str) -> Option<String> {
    if sku.is_empty() { Some(String::new()) } else { product(policy, sku) }
}

fn money(policy: &Loaded, text: &str) -> Option<Money> {
    let amount = policy.constants.money_scale.read(text).ok()?;
    (0..=limit::MONEY).contains(&amount).then_some(Money(amount))
}

fn quantity(policy: &Loaded, text: &str) -> Option<Quantity> {
    let quantity = policy.constants.quantity_scale.read(text).ok()?;
    (0..=limit::QUANTITY).contains(&quantity).then_some(Quantity(quantity))
}

fn unit_price(policy: &Loaded, text: &str) -> Option<UnitPrice> {
    let price = policy.constants.unit_scale.read(text).ok()?;
    (0..=limit::MONEY).contains(&price).then_some(UnitPrice(price))
}
