//! Rows of tables as products and prices.

use super::table::{Column, Row};
use crate::limit;
use crate::policy::{Axis, Name, PriceRow, Product, Unit};

/// Columns of the product table.
pub const PRODUCT_COLUMNS: [Column; 10] = [
    Column { name: "sku", required: true },
    Column { name: "unit", required: true },
    Column { name: "name_zh", required: false },
    Column { name: "name_en", required: false },
    Column { name: "category", required: false },
    Column { name: "brand", required: false },
    Column { name: "units", required: false },
    Column { name: "min_quantity", required: false },
    Column { name: "multiple", required: false },
    Column { name: "tags", required: false },
];

/// Columns of a price table keyed by `by`.
pub fn price_columns(by: &[Axis]) -> Vec<Column> {
    let keys = by.iter().map(|axis| Column { name: axis.word(), required: true });
    let rest = [("unit", false), ("price", true), ("per", false), ("from_quantity", false), ("valid", false)];
    keys.chain(rest.map(|(name, required)| Column { name, required })).collect()
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
        tags: row.text("tags").unwrap_or_default().split_whitespace().map(str::to_owned).collect(),
        place: row.place,
    }
}

/// A further unit, `箱=12`.
fn unit(text: &str) -> Unit {
    let (id, factor) = text.split_once('=').unwrap_or((text, ""));
    Unit { id: id.to_owned(), factor: factor.to_owned() }
}

/// A row of a price table keyed by `by`.
pub fn price(row: &mut Row, by: &[Axis]) -> PriceRow {
    PriceRow {
        key: by.iter().map(|axis| row.required(axis.word())).collect(),
        unit: row.text("unit"),
        price: row.number("price").unwrap_or_default(),
        per: row.count("per", limit::PER).unwrap_or(1),
        from_quantity: row.number("from_quantity").unwrap_or_default(),
        valid: row.text("valid"),
        place: row.place,
    }
}
