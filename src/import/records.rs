//! Rows of tables as products and prices: what columns there are, and what each row becomes.

use super::cell::Kind;
use super::table::{Column, Row};
use crate::limit;
use crate::policy::{
    Alias, Attribute, AttributeOf, Axis, CREDIT_COLUMNS, Dealer, FreightRow, Name, PriceFlags, PriceRow, Product, Registration,
    ScaleMeasure, ScoreRow, Scorecard, TaxRate, Unit,
};

/// Columns of the product table.
const PRODUCT_COLUMNS: [Column<'static>; 18] = [
    Column::required("sku", Kind::Text),
    Column::required("unit", Kind::Text),
    Column::optional("name_zh", Kind::Text),
    Column::optional("name_en", Kind::Text),
    Column::optional("category", Kind::Text),
    Column::optional("brand", Kind::Text),
    Column::optional("units", Kind::Units),
    Column::optional("min_quantity", Kind::Number),
    Column::optional("multiple", Kind::Number),
    Column::optional("step", Kind::Number),
    Column::optional("max_order", Kind::Number),
    Column::optional("max_period", Kind::Number),
    Column::optional("quantity_unit", Kind::Text),
    Column::optional("scale_group", Kind::Text),
    Column::optional("tax", Kind::Text),
    Column::optional("weight", Kind::Number),
    Column::optional("points", Kind::Number),
    Column::optional("tags", Kind::Text),
];

/// Columns of the alias table.
pub const ALIAS_COLUMNS: [Column<'static>; 2] = [Column::required("alias", Kind::Text), Column::required("sku", Kind::Text)];

/// Columns that every dealer table has, or may have.
const DEALER_COLUMNS: [Column<'static>; 12] = [
    Column::required("id", Kind::Text),
    Column::optional("name_zh", Kind::Text),
    Column::optional("name_en", Kind::Text),
    Column::optional("grade", Kind::Text),
    Column::optional("region", Kind::Text),
    Column::optional("channel", Kind::Text),
    Column::optional("group", Kind::Text),
    Column::optional("credit_limit", Kind::Money),
    Column::optional("receivable", Kind::Money),
    Column::optional("delivered", Kind::Money),
    Column::optional("open_orders", Kind::Money),
    Column::optional("prepaid", Kind::Money),
];

/// Columns of a price table behind those of its key.
const PRICE_COLUMNS: [Column<'static>; 7] = [
    Column::optional("unit", Kind::Text),
    Column::required("price", Kind::Money),
    Column::optional("per", Kind::Count(limit::PER)),
    Column::optional("valid", Kind::Validity),
    Column::optional("valid_from", Kind::Side),
    Column::optional("valid_to", Kind::Side),
    Column::optional("flags", Kind::Text),
];

/// Further columns of a registered table, in the order of [`Registration::COLUMNS`].
const REGISTRATION_COLUMNS: [Column<'static>; 5] = [
    Column::required(Registration::COLUMNS[0], Kind::Text),
    Column::optional(Registration::COLUMNS[1], Kind::Text),
    Column::optional(Registration::COLUMNS[2], Kind::Text),
    Column::optional(Registration::COLUMNS[3], Kind::Number),
    Column::optional(Registration::COLUMNS[4], Kind::Number),
];

/// Columns of a freight table.
pub const FREIGHT_COLUMNS: [Column<'static>; 8] = [
    Column::optional("region", Kind::Text),
    Column::optional("from_weight", Kind::Number),
    Column::optional("from_amount", Kind::Money),
    Column::required("charge", Kind::Money),
    Column::optional("per_weight", Kind::Money),
    Column::optional("valid", Kind::Validity),
    Column::optional("valid_from", Kind::Side),
    Column::optional("valid_to", Kind::Side),
];

/// Columns of a table of scores: those of the dealer, and one for each KPI.
pub fn score_columns(card: &Scorecard) -> Vec<Column<'_>> {
    let dealer = [Column::required("dealer", Kind::Text), Column::optional("grade", Kind::Text), Column::optional("since", Kind::Side)];
    dealer.into_iter().chain(card.kpis.iter().map(|kpi| Column::optional(&kpi.id, Kind::Number))).collect()
}

/// A row of a table of scores.
pub fn score(row: &mut Row, card: &Scorecard) -> ScoreRow {
    ScoreRow {
        dealer: row.required("dealer"),
        grade: row.text("grade"),
        since: row.day("since"),
        values: card.kpis.iter().map(|kpi| row.number(&kpi.id)).collect(),
        place: row.place,
    }
}

/// Columns of the product table, those of custom attributes among them.
pub fn product_columns(attributes: &[Attribute]) -> Vec<Column<'_>> {
    PRODUCT_COLUMNS.into_iter().chain(own_columns(attributes, AttributeOf::Product)).collect()
}

/// Columns of the dealer table, those of custom attributes among them.
pub fn dealer_columns(attributes: &[Attribute]) -> Vec<Column<'_>> {
    DEALER_COLUMNS.into_iter().chain(own_columns(attributes, AttributeOf::Dealer)).collect()
}

fn own_columns(attributes: &[Attribute], of: AttributeOf) -> impl Iterator<Item = Column<'_>> {
    attributes.iter().filter(move |attribute| attribute.of == of).map(|attribute| Column::optional(&attribute.id, Kind::Text))
}

/// Values of custom attributes that a row has.
fn own_values(row: &mut Row, attributes: &[Attribute], of: AttributeOf) -> Vec<(u32, String)> {
    let own = (0..).zip(attributes).filter(|(_, attribute)| attribute.of == of);
    own.filter_map(|(at, attribute)| row.text(&attribute.id).map(|value| (at, value))).collect()
}

/// Columns of a price table keyed by `by`, with scales of a measure; those of a registered table begin with its registrations.
pub fn price_columns<'a>(by: &[Axis], attributes: &'a [Attribute], measure: ScaleMeasure, registered: bool) -> Vec<Column<'a>> {
    let bounds = measure.columns().map(|name| Column::optional(name, Kind::Number));
    let registration = if registered { &REGISTRATION_COLUMNS[..] } else { &[] };
    let keys = by.iter().map(|axis| Column::required(axis.word(attributes), Kind::Text));
    registration.iter().copied().chain(keys).chain(PRICE_COLUMNS).chain(bounds).collect()
}

/// Whether an attribute of this id could not be told from a column.
pub fn is_column(id: &str) -> bool {
    let columns = PRODUCT_COLUMNS.iter().chain(&DEALER_COLUMNS).chain(&PRICE_COLUMNS).chain(&REGISTRATION_COLUMNS);
    let columns = columns.map(|column| column.name);
    let bounds = ScaleMeasure::ALL.into_iter().flat_map(ScaleMeasure::columns);
    columns.chain(bounds).chain(Axis::FIXED.iter().map(|axis| axis.word(&[]))).any(|name| name == id)
}

/// A row of the product table.
pub fn product(row: &mut Row, attributes: &[Attribute]) -> Product {
    let sku = row.required("sku");
    row.rest();
    let base = row.required("unit");
    Product {
        sku,
        unit: base,
        name: Name { zh: row.text("name_zh").unwrap_or_default(), en: row.text("name_en").unwrap_or_default() },
        category: row.text("category"),
        brand: row.text("brand"),
        units: row.text("units").unwrap_or_default().split_whitespace().map(unit).collect(),
        min_quantity: row.number("min_quantity"),
        multiple: row.number("multiple"),
        step: row.number("step"),
        max_order: row.number("max_order"),
        max_period: row.number("max_period"),
        quantity_unit: row.text("quantity_unit"),
        scale_group: row.text("scale_group"),
        tax: match row.text("tax").as_deref() {
            Some("exempt") => Some(TaxRate::Exempt),
            _ => row.percent("tax").map(TaxRate::Rate),
        },
        weight: row.number("weight"),
        points: row.number("points"),
        tags: row.text("tags").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        attributes: own_values(row, attributes, AttributeOf::Product),
        place: row.place,
    }
}

/// A row of the alias table.
pub fn alias(row: &mut Row) -> Alias {
    let [alias, sku] = ["alias", "sku"].map(|column| row.required(column));
    row.rest();
    Alias { alias, sku, place: row.place }
}

/// A row of the dealer table.
pub fn dealer(row: &mut Row, attributes: &[Attribute]) -> Dealer {
    let id = row.required("id");
    row.rest();
    Dealer {
        id,
        name: Name { zh: row.text("name_zh").unwrap_or_default(), en: row.text("name_en").unwrap_or_default() },
        grade: row.text("grade"),
        region: row.text("region"),
        channel: row.text("channel"),
        group: row.text("group"),
        attributes: own_values(row, attributes, AttributeOf::Dealer),
        credit: CREDIT_COLUMNS.map(|column| row.number(column)),
        place: row.place,
    }
}

/// A row of a freight table.
pub fn freight(row: &mut Row) -> FreightRow {
    FreightRow {
        region: row.text("region"),
        from_weight: row.number("from_weight").unwrap_or_default(),
        from_amount: row.number("from_amount").unwrap_or_default(),
        charge: row.number("charge").unwrap_or_default(),
        per_weight: row.number("per_weight").unwrap_or_default(),
        valid: row.validity(),
        place: row.place,
    }
}

/// A further unit, `箱=12`.
fn unit(text: &str) -> Unit {
    let (id, factor) = text.split_once('=').unwrap_or((text, ""));
    Unit { id: id.to_owned(), factor: factor.to_owned() }
}

/// A row of a price table keyed by `by`, with scales of a measure.
pub fn price(row: &mut Row, by: &[Axis], attributes: &[Attribute], measure: ScaleMeasure, registered: bool) -> PriceRow {
    let [from, to] = measure.columns();
    PriceRow {
        registration: registered.then(|| Box::new(registration(row))),
        key: by.iter().map(|axis| row.required(axis.word(attributes))).collect(),
        unit: row.text("unit"),
        price: row.number("price").unwrap_or_default(),
        per: row.count("per").unwrap_or(1),
        from_quantity: row.number(from).unwrap_or_default(),
        to_quantity: row.number(to),
        flags: flags(row),
        valid: row.validity(),
        place: row.place,
    }
}

fn registration(row: &mut Row) -> Registration {
    let [number, approver, customer, limit, period_limit] = Registration::COLUMNS;
    Registration {
        number: row.required(number),
        approver: row.text(approver),
        customer: row.text(customer),
        limit: row.number(limit),
        period_limit: row.number(period_limit),
    }
}

fn flags(row: &mut Row) -> PriceFlags {
    let [allow_zero, no_promotion, no_order_promotion, no_coupon] = row.words("flags", &PriceFlags::WORDS);
    PriceFlags { allow_zero, no_promotion, no_order_promotion, no_coupon }
}
