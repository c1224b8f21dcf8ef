//! Rows of tables as products and prices.

use super::table::{Column, Row};
use crate::limit;
use crate::policy::{Attribute, AttributeOf, Axis, Name, PriceRow, Product};

/// Columns that every product table has, or may have.
const PRODUCT_COLUMNS: [(&str, bool); 9] = [
    ("sku", true),
    ("unit", true),
    ("name_zh", false),
    ("name_en", false),
    ("category", false),
    ("brand", false),
    ("min_quantity", false),
    ("multiple", false),
    ("tags", false),
];
/// Columns of every price table beside its keys.
const PRICE_COLUMNS: [(&str, bool); 4] = [("price", true), ("per", false), ("from_quantity", false), ("valid", false)];

/// Columns of the product table.
pub fn product_columns(attributes: &[Attribute]) -> Vec<Column<'_>> {
    let own = attributes.iter().filter(|attribute| attribute.of == AttributeOf::Product).map(|attribute| (attribute.id.as_str(), false));
    PRODUCT_COLUMNS.into_iter().chain(own).map(|(name, required)| Column { name, required }).collect()
}

/// Columns of a price table keyed by `by`.
pub fn price_columns<'a>(by: &[Axis], attributes: &'a [Attribute]) -> Vec<Column<'a>> {
    let keys = by.iter().map(|axis| (axis.word(attributes), true));
    keys.chain(PRICE_COLUMNS).map(|(name, required)| Column { name, required }).collect()
}

/// Whether an attribute of this id could not be told from a column.
pub fn is_column(id: &str) -> bool {
    let columns = PRODUCT_COLUMNS.iter().chain(&PRICE_COLUMNS).map(|(name, _)| *name);
    columns.chain(Axis::FIXED.iter().map(|axis| axis.word(&[]))).any(|name| name == id)
}

/// A row of the product table.
pub fn product(row: &mut Row, attributes: &[Attribute]) -> Product {
    let own = (0..).zip(attributes).filter(|(_, attribute)| attribute.of == AttributeOf::Product);
    Product {
        sku: row.required("sku"),
        unit: row.required("unit"),
        name: Name { zh: row.text("name_zh").unwrap_or_default(), en: row.text("name_en").unwrap_or_default() },
        category: row.text("category"),
        brand: row.text("brand"),
        min_quantity: row.number("min_quantity"),
        multiple: row.number("multiple"),
        tags: row.text("tags").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        attributes: own.filter_map(|(at, attribute)| row.text(&attribute.id).map(|value| (at, value))).collect(),
        place: row.place,
    }
}

/// A row of a price table keyed by `by`.
pub fn price(row: &mut Row, by: &[Axis], attributes: &[Attribute]) -> PriceRow {
    PriceRow {
        key: by.iter().map(|axis| row.required(axis.word(attributes))).collect(),
        price: row.number("price").unwrap_or_default(),
        per: row.count("per", limit::PER).unwrap_or(1),
        from_quantity: row.number("from_quantity").unwrap_or_default(),
        valid: row.text("valid"),
        place: row.place,
    }
}
