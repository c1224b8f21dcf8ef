//! Base prices, floors and unit tables (§5, §13).

use super::exact::{Exact, number, text, whole};
use super::select::steps_up;
use super::{Line, Question};
use qudao::policy::{Access, Axis, PriceRow, Product};
use serde_json::{Value, json};

/// The row that prices a product, and where it was found.
pub struct Found<'a> {
    pub access: &'a Access,
    pub row: &'a PriceRow,
    pub missed: Vec<&'a str>,
}

impl<'a> Question<'a> {
    /// Searches the accesses in order (§5.1). `pooled` is the quantity of the SKU in the whole order.
    pub fn search(&self, accesses: &'a [Access], product: &Product, pooled: Exact) -> Option<Found<'a>> {
        let mut missed = Vec::new();
        for access in accesses {
            if let Some(row) = self.search_one(access, product, pooled) {
                return Some(Found { access, row, missed });
            }
            missed.push(access.id.as_str());
        }
        None
    }

    /// The nearest record, and the band of its scale (§5.2 to §5.4).
    fn search_one(&self, access: &'a Access, product: &Product, pooled: Exact) -> Option<&'a PriceRow> {
        let matching: Vec<(Vec<usize>, &PriceRow)> = access
            .rows
            .iter()
            .filter_map(|row| Some((self.distances(access, row, product)?, row)))
            .filter(|(_, row)| self.valid(row.valid.as_deref()))
            .collect();
        let nearest = matching.iter().map(|(distances, _)| distances).min()?;
        let scale = matching.iter().filter(|(distances, _)| distances == nearest).map(|(_, row)| *row);
        scale.filter(|row| number(row.from_quantity) <= pooled).max_by_key(|row| row.from_quantity)
    }

    /// Distance on each key of the access, in its order; `None` when a key does not match.
    fn distances(&self, access: &Access, row: &PriceRow, product: &Product) -> Option<Vec<usize>> {
        let equal = |own: Option<&str>, value: &str| own.filter(|own| *own == value).map(|_| 0);
        let pairs = access.by.iter().zip(&row.key);
        pairs
            .map(|(axis, value)| match axis {
                Axis::Dealer => equal(Some(self.dealer), value),
                Axis::Grade => equal(self.grade, value),
                Axis::Region => steps_up(self.region?, value, &self.policy.regions),
                Axis::Channel => equal(self.channel, value),
                Axis::Sku => equal(Some(&product.sku), value),
                Axis::Category => steps_up(product.category.as_deref()?, value, &self.policy.categories),
                Axis::Brand => equal(product.brand.as_deref(), value),
                Axis::DealerGroup | Axis::Attribute(_) => panic!("not known here yet"),
            })
            .collect()
    }

    /// Price × quantity in minor units, exact.
    pub fn amount(&self, row: &PriceRow, quantity: Exact) -> Exact {
        number(row.price) * quantity / whole(i128::from(row.per)) * whole(self.minor)
    }

    pub fn price_answer(&self, found: &Found, product: &Product) -> Value {
        json!({
            "unit_price": text(number(found.row.price), self.digits),
            "per": found.row.per,
            "unit": product.unit,
            "measure": "quantity",
            "bands": [],
            "access": found.access.id,
            "key": found.row.key,
            "from_quantity": text(number(found.row.from_quantity), 0),
            "missed": found.missed,
            "flags": [],
            "beaten": [],
        })
    }

    /// §13: unit for unit, then equal neighbours together.
    pub fn units(&self, line: &Line, net: i128) -> Vec<Value> {
        if !line.quantity.is_integer() {
            return Vec::new();
        }
        let count = line.quantity.to_integer();
        let of_unit = |amount: i128, unit: i128| amount / count + i128::from(unit < amount % count);
        let mut rows: Vec<(i64, i128, i128)> = Vec::new();
        for unit in 0..count {
            let (list, discount) = (of_unit(line.list, unit), of_unit(line.list - net, unit));
            match rows.last_mut() {
                Some(row) if (row.1, row.2) == (list, discount) => row.0 += 1,
                _ => rows.push((1, list, discount)),
            }
        }
        let row = |(count, list, discount): (i64, i128, i128)| json!({ "count": count, "list": self.money(list), "discount": self.money(discount), "net": self.money(list - discount) });
        rows.into_iter().map(row).collect()
    }
}
