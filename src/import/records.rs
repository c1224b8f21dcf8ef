//! Rows of tables as products and prices: what columns there are, and what each row becomes.

use super::cell::Kind;
use super::table::{Column, Row};
use crate::limit;
use crate::policy::{Axis, Name, PriceRow, Product, ScaleMeasure, TaxRate, Unit};

/// Columns of the product table.
pub const PRODUCT_COLUMNS: [Column; 14] = [
    Column::required("sku", Kind::Text),
    Column::required("unit", Kind::Text),
    Column::optional("name_zh", Kind::Text),
    Column::optional("name_en", Kind::Text),
    Column::optional("category", Kind::Text),
    Column::optional("brand", Kind::Text),
    Column::optional("units", Kind::Text),
    Column::optional("min_quantity", Kind::Number),
    Column::optional("multiple", Kind::Number),
    Column::optional("quantity_unit", Kind::Text),
    Column::optional("weight", Kind::Number),
    Column::optional("scale_group", Kind::Text),
    Column::optional("tax", Kind::Text),
    Column::optional("tags", Kind::Text),
];

/// Columns of a price table behind those of its key.
const PRICE_COLUMNS: [Column; 6] = [
    Column::optional("unit", Kind::Text),
    Column::required("price", Kind::Money),
    Column::optional("per", Kind::Count(limit::PER)),
    Column::optional("valid", Kind::Validity),
    Column::optional("valid_from", Kind::Side),
    Column::optional("valid_to", Kind::Side),
];

/// Columns of a price table keyed by `by`, with scales of a measure.
pub fn price_columns(by: &[Axis], measure: ScaleMeasure) -> Vec<Column> {
    let bounds = measure.columns().map(|name| Column::optional(name, Kind::Number));
    by.iter().map(|axis| Column::required(axis.word(), Kind::Text)).chain(PRICE_COLUMNS).chain(bounds).collect()
}

/// A row of the product table.
pub fn product(row: &mut Row) -> Product {
    Product {
        sku: row.required("sku"),
        unit: row.required("unit"),
        name: Name { zh: row.text("name_zh").unwrap_or_default(), en: row.text("name_en").unwrap_or_default() },
        category: row.text("category"),
        brand: row.text("brand"),
        units: row.text("units").unwrap_or_default().split_whitespace().map(unit).collect(),
        min_quantity: row.number("min_quantity"),
        multiple: row.number("multiple"),
        quantity_unit: row.text("quantity_unit"),
        weight: row.number("weight"),
        scale_group: row.text("scale_group"),
        tax: match row.text("tax").as_deref() {
            Some("exempt") => Some(TaxRate::Exempt),
            _ => row.percent("tax").map(TaxRate::Rate),
        },
        tags: row.text("tags").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        place: row.place,
    }
}

/// A further unit, `箱=12`.
fn unit(text: &str) -> Unit {
    let (id, factor) = text.split_once('=').unwrap_or((text, ""));
    Unit { id: id.to_owned(), factor: factor.to_owned() }
}

/// A row of a price table keyed by `by`, with scales of a measure.
pub fn price(row: &mut Row, by: &[Axis], measure: ScaleMeasure) -> PriceRow {
    let [from, to] = measure.columns();
    PriceRow {
        key: by.iter().map(|axis| row.required(axis.word())).collect(),
        unit: row.text("unit"),
        price: row.number("price").unwrap_or_default(),
        per: row.count("per").unwrap_or(1),
        from_quantity: row.number(from).unwrap_or_default(),
        to_quantity: row.number(to),
        valid: row.validity(),
        place: row.place,
    }
}
