//! One transaction of the table, in form or refused.

use super::Rates;
use crate::bundle::Loaded;
use crate::id::ProductId;
use crate::limit;
use crate::num::{Money, Quantity, Scale};
use crate::policy::PriceKind;
use std::borrow::Cow;

/// Columns of the table; those behind `net` may be missing.
pub const COLUMNS: [&str; 17] = [
    "id",
    "dealer",
    "date",
    "sku",
    "quantity",
    "net",
    "list",
    "gross",
    "kind",
    "ordered",
    "delivered",
    "paid",
    "booked",
    "currency",
    "source",
    "price",
    "untaxed",
];
/// Before the id of an attribute of orders.
const OF_ORDER: &str = "order.";
/// How many of them must be there.
const NEEDED: usize = 6;

/// Why a row is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reject {
    /// Another number of cells than the first row has, or a quote that is not closed.
    Cells,
    /// No id, or one that is too long.
    Id,
    /// The id of an earlier row.
    Duplicate,
    /// No such dealer among the facts.
    Dealer,
    /// No day and no instant.
    Date,
    /// No such product in the policy.
    Product,
    /// A figure that is none, has too many digits, or is too large.
    Number,
    /// A kind that there is not.
    Kind,
    /// Another currency than the policy's, without a rate on its day.
    Currency,
    /// A price of a kind that there is not.
    Price,
    /// No column that says what a program of the dealer asks of orders.
    NoOrder,
    /// No column that says at which prices it was, which a program of the dealer asks.
    NoPrice,
    /// No amount with tax, or without, where a program of the dealer counts it and the amounts of the policy are the other way.
    NoTax,
    /// A value that the policy does not list of an attribute of orders that a program of the dealer asks for.
    Order,
    /// The dealer had left.
    Left,
    /// A negative figure of what is no return, or a positive one of a return.
    Sign,
}

impl Reject {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Reject::Cells => "CELLS",
            Reject::Id => "ID_INVALID",
            Reject::Duplicate => "ID_DUPLICATE",
            Reject::Dealer => "DEALER_UNKNOWN",
            Reject::Date => "DATE_INVALID",
            Reject::Product => "SKU_UNKNOWN",
            Reject::Number => "NUMBER_INVALID",
            Reject::Kind => "KIND_UNKNOWN",
            Reject::Currency => "CURRENCY_OTHER",
            Reject::Price => "PRICE_UNKNOWN",
            Reject::NoOrder => "ORDER_MISSING",
            Reject::NoPrice => "PRICE_MISSING",
            Reject::NoTax => "TAX_MISSING",
            Reject::Order => "ORDER_UNKNOWN",
            Reject::Left => "DEALER_LEFT",
            Reject::Sign => "SIGN_WRONG",
        }
    }

    /// What is wrong, for people.
    pub fn reason(self) -> &'static str {
        match self {
            Reject::Cells => "not as many cells as columns",
            Reject::Id => "a transaction needs an id of 1 to 64 characters",
            Reject::Duplicate => "an earlier row has this id",
            Reject::Dealer => "no facts of this dealer were given",
            Reject::Date => "write 2026-11-03 or an instant with offset",
            Reject::Product => "the policy has no such product",
            Reject::Number => "a plain decimal with the digits of the policy is needed",
            Reject::Kind => "write sale or return or payment or sell_out",
            Reject::Currency => "amounts are in the currency of the policy or in one that has a rate on this day",
            Reject::Price => "write contract or quotation or special or approved or no_promotion or several of them with blanks between",
            Reject::NoOrder => "a program of the dealer asks of orders what the table has no column for: source or order.ATTRIBUTE",
            Reject::NoPrice => "a program of the dealer asks at which prices it was and the table has no column price",
            Reject::NoTax => "a program of the dealer counts amounts with tax and gross is blank or without tax and untaxed is blank",
            Reject::Order => "the policy lists no such value of an attribute of orders that a program of the dealer asks for",
            Reject::Left => "the dealer had left on this day and went into nobody",
            Reject::Sign => "only a return is negative and a return is never positive",
        }
    }
}

/// What a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Goods that were invoiced.
    Sale,
    /// Goods that came back.
    Return,
    /// Money that was paid.
    Payment,
    /// Goods that the dealer sold on.
    SellOut,
}

/// A row in form.
pub struct Row<'a> {
    pub dealer: &'a str,
    pub date: &'a str,
    /// Days of order, delivery and payment, and that of booking; empty where they are not known.
    pub days: [&'a str; 4],
    pub sku: &'a str,
    pub product: ProductId,
    pub quantity: Quantity,
    pub net: Money,
    pub list: Option<Money>,
    pub gross: Option<Money>,
    pub untaxed: Option<Money>,
    pub kind: Kind,
    /// The currency of its amounts, where it is not the policy's.
    pub foreign: Option<&'a str>,
    /// Where the order was placed; none without the column.
    pub source: Option<&'a str>,
    /// Bits of the kinds of its price; none without the column.
    pub price: Option<u32>,
    /// Attributes of its order, of each that has a column.
    pub attributes: Vec<(&'a str, &'a str)>,
}

impl<'a> Row<'a> {
    /// The source of its order, or an attribute of it; blank is none, and nothing without a column.
    pub fn order(&self, id: Option<&str>) -> Option<&'a str> {
        match id {
            None => self.source,
            Some(id) => self.attributes.iter().find(|(known, _)| *known == id).map(|(_, text)| *text),
        }
    }
}

/// What is done with each row: its line, its id, and what it says.
pub type Take<'t> = dyn FnMut(u64, &str, Result<Row, Reject>) + 't;

/// Where the columns stand.
pub struct Table {
    width: usize,
    at: [Option<usize>; COLUMNS.len()],
    /// Attributes of orders, and where they stand.
    attributes: Vec<(String, usize)>,
}

impl Table {
    /// Reads the first row; columns of other names are passed over. Gives the first column that is missing.
    pub fn of(header: &str) -> Result<Table, &'static str> {
        let mut cells = Vec::new();
        split(header, &mut cells);
        let at = COLUMNS.map(|column| cells.iter().position(|cell| cell == column));
        match at[..NEEDED].iter().position(Option::is_none) {
            Some(missing) => Err(COLUMNS[missing]),
            None => {
                let attribute = |(at, cell): (usize, &Cow<str>)| Some((cell.strip_prefix(OF_ORDER)?.to_owned(), at));
                Ok(Table { width: cells.len(), at, attributes: cells.iter().enumerate().filter_map(attribute).collect() })
            }
        }
    }

    /// The id of each row, with its line.
    pub fn ids(&self, line: u64, piece: &[u8], take: &mut dyn FnMut(&str, u64)) {
        let text = String::from_utf8_lossy(piece);
        let mut cells = Vec::new();
        for (line, row) in lines(line, &text) {
            if split(row, &mut cells) && cells.len() == self.width {
                take(self.cell(&cells, 0).unwrap_or_default(), line);
            }
        }
    }

    /// Each row with its line and id.
    pub fn rows(&self, policy: &Loaded, (currency, rates): (&str, &Rates), line: u64, piece: &[u8], take: &mut Take) {
        let text = String::from_utf8_lossy(piece);
        let mut cells = Vec::new();
        for (line, row) in lines(line, &text) {
            if split(row, &mut cells) && cells.len() == self.width {
                take(line, self.cell(&cells, 0).unwrap_or_default(), self.row(policy, (currency, rates), &cells));
            } else {
                take(line, "", Err(Reject::Cells));
            }
        }
    }

    fn cell<'c>(&self, cells: &'c [Cow<str>], column: usize) -> Option<&'c str> {
        self.at[column].map(|at| trimmed(&cells[at]))
    }

    fn row<'c>(&'c self, policy: &Loaded, (currency, rates): (&str, &Rates), cells: &'c [Cow<str>]) -> Result<Row<'c>, Reject> {
        let text = |column: usize| self.cell(cells, column).unwrap_or_default();
        if text(0).is_empty() || text(0).len() > limit::ID_CHARS && text(0).chars().count() > limit::ID_CHARS {
            return Err(Reject::Id);
        }
        let (product, _) = policy.product_known_as(text(3)).ok_or(Reject::Product)?;
        let c = &policy.constants;
        let foreign = Some(text(13)).filter(|text| !text.is_empty() && *text != currency);
        let digits = foreign.and_then(|foreign| rates.digits(foreign));
        let money = digits.unwrap_or(c.money_scale);
        let figure = |column: usize, scale: Scale, most: i64| {
            let image = scale.read(text(column)).map_err(|_| Reject::Number)?;
            if (-most..=most).contains(&image) { Ok(image) } else { Err(Reject::Number) }
        };
        let amount = |column: usize| match text(column) {
            "" => Ok(None),
            _ => figure(column, money, limit::MONEY).map(|image| Some(Money(image))),
        };
        let quantity = Quantity(figure(4, c.quantity_scale, limit::QUANTITY)?);
        let (net, list, gross, untaxed) = (Money(figure(5, money, limit::MONEY)?), amount(6)?, amount(7)?, amount(16)?);
        let kind = match text(8) {
            "" | "sale" => Kind::Sale,
            "return" => Kind::Return,
            "payment" => Kind::Payment,
            "sell_out" => Kind::SellOut,
            _ => return Err(Reject::Kind),
        };
        let wrong = |figure: i64| if kind == Kind::Return { figure > 0 } else { figure < 0 };
        if wrong(quantity.0) || [Some(net), list, gross, untaxed].into_iter().flatten().any(|amount| wrong(amount.0)) {
            return Err(Reject::Sign);
        }
        if foreign.is_some() && digits.is_none() {
            return Err(Reject::Currency);
        }
        let days = [9, 10, 11, 12].map(text);
        let price = match self.cell(cells, 15) {
            None => None,
            Some(words) => {
                let bit = |word: &str| PriceKind::ALL.into_iter().find(|kind| kind.word() == word).map(PriceKind::bit).ok_or(Reject::Price);
                Some(words.split_whitespace().try_fold(0, |kinds, word| Ok(kinds | bit(word)?))?)
            }
        };
        let attributes = self.attributes.iter().map(|(id, at)| (id.as_str(), trimmed(&cells[*at]))).collect();
        let (dealer, date, sku, source) = (text(1), text(2), text(3), self.cell(cells, 14));
        Ok(Row { dealer, date, days, sku, product, quantity, net, list, gross, untaxed, kind, foreign, source, price, attributes })
    }
}

/// Without white space around it; most cells have none.
fn trimmed(cell: &str) -> &str {
    match cell.as_bytes() {
        [] | [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => cell,
        _ => cell.trim(),
    }
}

/// The rows of a piece that are not blank, each with its line.
fn lines(first: u64, piece: &str) -> impl Iterator<Item = (u64, &str)> {
    let rows = piece.split('\n').map(|row| row.strip_suffix('\r').unwrap_or(row));
    (first..).zip(rows).filter(|(_, row)| !row.is_empty())
}

/// The cells of a row; none where a quote is not closed.
pub(crate) fn cells(row: &str) -> Option<Vec<Cow<'_, str>>> {
    let mut cells = Vec::new();
    split(row, &mut cells).then_some(cells)
}

/// The cells of a row; says whether every quote is closed.
fn split<'t>(row: &'t str, cells: &mut Vec<Cow<'t, str>>) -> bool {
    cells.clear();
    let (bytes, mut begin) = (row.as_bytes(), 0);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b',' => {
                cells.push(Cow::Borrowed(&row[begin..at]));
                begin = at + 1;
            }
            b'"' => return split_quoted(row, cells),
            _ => {}
        }
    }
    cells.push(Cow::Borrowed(&row[begin..]));
    true
}

/// The same of a row with quotes.
fn split_quoted<'t>(row: &'t str, cells: &mut Vec<Cow<'t, str>>) -> bool {
    cells.clear();
    let (mut cell, mut inside) = (String::new(), false);
    let mut characters = row.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if inside && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' => inside = !inside,
            ',' if !inside => cells.push(Cow::Owned(std::mem::take(&mut cell))),
            other => cell.push(other),
        }
    }
    cells.push(Cow::Owned(cell));
    !inside
}
