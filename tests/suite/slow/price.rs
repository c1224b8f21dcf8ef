//! Base prices, floors and unit tables (§5, §13).

use super::exact::{Exact, number, text, whole};
use super::scale::{Asked, Reached, ScalePart};
use super::select::steps_up;
use super::transition::Shape;
use super::{Line, Question};
use qudao::policy::{Access, AttributeOf, Axis, PriceFlags, PriceRow, Product};
use serde_json::{Value, json};

/// The row that prices a product, and where it was found.
#[derive(Clone)]
pub struct Found<'a> {
    pub access: &'a Access,
    pub row: &'a PriceRow,
    /// The unit price, blended in a transition (§26.6).
    pub price: Exact,
    /// Where the band begins (§22.6).
    pub from: Exact,
    /// The prices of a scale that has several (§22.7).
    pub parts: Vec<ScalePart<'a>>,
    pub missed: Vec<&'a str>,
    /// Other accesses that have a price, and their rows (§21.4).
    pub beaten: Vec<(&'a Access, &'a PriceRow)>,
    /// Of its record, or of those of all portions (§29.5).
    pub flags: PriceFlags,
}

impl<'a> Found<'a> {
    pub fn new(access: &'a Access, Reached { band, parts }: Reached<'a>, missed: Vec<&'a str>) -> Found<'a> {
        let price = number(band.row.price);
        Found { access, row: band.row, price, from: band.from, parts, missed, beaten: Vec::new(), flags: band.row.flags }
    }

    pub fn shape(&self) -> Shape<'a> {
        Shape { price: self.price, per: self.row.per, unit: self.row.unit.as_deref() }
    }
}

impl<'a> Question<'a> {
    /// The base price of one of what is asked for as if nothing were registered, blended where there are two sides.
    pub fn price(&self, asked: &[Asked<'a>], at: usize) -> Option<Found<'a>> {
        let own = self.unregistered(asked, at)?;
        Some(match self.blended(&own, asked, at) {
            Some(price) => Found { price, ..own },
            None => own,
        })
    }

    /// Searches the accesses in order (§5.1).
    pub fn search(&self, accesses: &'a [Access], asked: &[Asked<'a>], at: usize) -> Option<Found<'a>> {
        let mut missed = Vec::new();
        for access in accesses {
            if let Some(reached) = self.search_one(access, asked, at) {
                return Some(Found::new(access, reached, missed));
            }
            missed.push(access.id.as_str());
        }
        None
    }

    pub fn search_one(&self, access: &'a Access, asked: &[Asked<'a>], at: usize) -> Option<Reached<'a>> {
        let rows = self.record(access, &asked[at]);
        if rows.is_empty() { None } else { self.band(access, &rows, asked, at) }
    }

    /// The rows of the nearest record, of those as near the one for the unit (§5.2, §5.3, §22.3).
    pub fn record(&self, access: &'a Access, asked: &Asked) -> Vec<&'a PriceRow> {
        let matching = self.matching_rows(access, asked);
        let nearest = matching.iter().map(|(rank, row)| (rank, row.unit.is_none())).min();
        matching.iter().filter(|(rank, row)| Some((rank, row.unit.is_none())) == nearest).map(|(_, row)| *row).collect()
    }

    /// The rows that match, with their distances.
    pub fn matching_rows(&self, access: &'a Access, asked: &Asked) -> Vec<(Vec<usize>, &'a PriceRow)> {
        let product = asked.product;
        // §21.3.
        if !self.is_in(&access.when.dealer) || !self.is_from(&access.when.order) || !self.selects(access.on.as_ref(), product) {
            return Vec::new();
        }
        let rows = access.rows.iter().filter(|row| row.unit.as_ref().is_none_or(|unit| unit == asked.unit));
        let matching = rows.filter_map(|row| Some((self.distances(access, row, product)?, row)));
        matching.filter(|(_, row)| self.valid_at(row.valid.as_deref(), self.priced_at)).collect()
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
                Axis::DealerGroup => steps_up(self.group?, value, &self.policy.dealer_groups),
                Axis::Sku => equal(Some(&product.sku), value),
                Axis::Category => steps_up(product.category.as_deref()?, value, &self.policy.categories),
                Axis::Brand => equal(product.brand.as_deref(), value),
                Axis::Attribute(at) => match self.policy.attributes[*at as usize].of {
                    AttributeOf::Dealer => equal(self.attribute(&self.policy.attributes[*at as usize].id), value),
                    AttributeOf::Product => equal(self.attribute_of(product, &self.policy.attributes[*at as usize].id), value),
                    AttributeOf::Order => unreachable!("no price depends on an attribute of orders"),
                },
            })
            .collect()
    }

    /// Price × quantity in minor units, exact.
    pub fn amount(&self, row: &PriceRow, quantity: Exact) -> Exact {
        number(row.price) * quantity / whole(i128::from(row.per)) * whole(self.minor)
    }

    /// A price times what is asked for, in minor units, exact.
    pub fn amount_of_shape(&self, shape: Shape, asked: &Asked) -> Exact {
        let quantity = if shape.unit.is_some() { asked.ordered } else { asked.quantity };
        shape.price * quantity / whole(i128::from(shape.per)) * whole(self.minor)
    }

    /// §21.5.
    fn flags(flags: PriceFlags) -> Vec<&'static str> {
        let words =
            [("no_promotion", flags.no_promotion), ("no_order_promotion", flags.no_order_promotion), ("no_coupon", flags.no_coupon)];
        words.into_iter().filter(|(_, set)| *set).map(|(word, _)| word).collect()
    }

    pub fn price_answer(&self, found: &Found, product: &Product) -> Value {
        json!({
            "unit_price": text(found.price, self.digits),
            "per": found.row.per,
            "unit": found.row.unit.as_ref().unwrap_or(&product.unit),
            "measure": found.access.scale.measure.word(),
            "bands": self.parts_answer(found.access, &found.parts),
            "access": found.access.id,
            "key": found.row.key,
            "from_quantity": self.scale_text(found.access, found.from),
            "missed": found.missed,
            "beaten": found.beaten.iter().map(|(access, row)| {
                json!({ "access": access.id, "unit_price": text(number(row.price), self.digits), "per": row.per })
            }).collect::<Vec<_>>(),
            "flags": Self::flags(found.flags),
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
