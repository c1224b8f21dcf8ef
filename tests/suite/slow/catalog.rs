//! Prices with the quantities from which they hold (§5.9).

use super::exact::{Exact, number, power_of_ten, whole};
use super::price::Found;
use super::scale::{Asked, Reached, factor};
use super::transition::Joined;
use super::{Question, alias, formula};
use qudao::calendar;
use qudao::policy::{Access, Policy, PriceRow, Product, Resolution, ScaleMeasure, ScaleMode};
use serde_json::{Value, json};

impl<'a> Question<'a> {
    /// The prices of a product in a unit, each with where it begins, in the measure and the unit of its table.
    pub fn prices_of(&self, product: &'a Product, unit: &'a str) -> Vec<(Exact, Found<'a>)> {
        let smallest = Exact::new(1, power_of_ten(self.policy.settings.quantity_scale));
        let factor = factor(product, unit).expect("a unit of the product");
        let asked = |quantity: Exact| Asked { product, unit, ordered: quantity / factor, quantity };
        let unregistered = self.policy.prices.iter().filter(|access| access.registered.is_none());
        let records = unregistered.map(|access| (access, self.record(access, &asked(whole(1)))));
        let mut records: Vec<(&Access, Vec<&PriceRow>)> = records.filter(|(_, rows)| !rows.is_empty()).collect();
        let plain = |(access, rows): &(&Access, Vec<&PriceRow>)| {
            let scale = &access.scale;
            rows[0].unit.is_none() && scale.mode == ScaleMode::AllUnits && scale.measure == ScaleMeasure::Quantity
        };
        let for_any = |record: &(&'a Access, Vec<&'a PriceRow>)| {
            let (access, rows) = record;
            plain(record) && self.bands(access, rows)[0].from <= smallest && rows.iter().any(|row| row.to_quantity.is_none())
        };
        if self.policy.settings.resolution == Resolution::MostSpecific
            && let Some(last) = records.iter().position(for_any)
        {
            records.truncate(last + 1);
        }
        if !records.iter().all(plain) {
            let (access, rows) = &records[0];
            let bands = self.bands(access, rows).into_iter();
            return bands.map(|band| (band.from, Found::new(access, Reached { band, parts: Vec::new() }, Vec::new()))).collect();
        }
        let mut begins: Vec<Exact> = Vec::new();
        for (access, rows) in &records {
            let bands = self.bands(access, rows);
            let end = bands.last().expect("a band").row.to_quantity;
            begins.extend(bands.iter().map(|band| band.from).chain(end.map(|end| number(end) + smallest)));
        }
        begins.sort();
        let mut prices: Vec<(Exact, Found)> = Vec::new();
        for begin in begins {
            let Some(found) = self.unregistered(&[asked(begin.max(smallest))], 0) else { continue };
            let same = |known: &Found| std::ptr::eq(known.row, found.row) && known.from == found.from;
            if prices.last().is_none_or(|(_, known)| !same(known)) {
                prices.push((begin, found));
            }
        }
        prices
    }
}

/// What the catalogue says of prices, by SKU: the product's own, and of each of its units those that are for the unit alone.
pub fn prices(policy: &Policy, asked: &Value) -> Vec<(String, Value)> {
    let joined = Joined { policy: formula::filled(policy), foreign: Vec::new(), other: None };
    let input = alias::renamed(policy, asked);
    let zone = calendar::zone(&joined.policy.settings.zone).expect("a zone");
    let question = Question::new(&joined, &zone, &input);
    let told = |prices: Vec<(Exact, Found)>| {
        let price = |(from, found): &(Exact, Found)| {
            let from = question.scale_text(found.access, *from);
            json!({ "from_quantity": from, "unit_price": super::exact::text(found.price, question.digits), "per": found.row.per })
        };
        let access = prices.first().map(|(_, found)| &found.access.id);
        json!({ "prices": prices.iter().map(price).collect::<Vec<_>>(), "access": access })
    };
    let of = |product| {
        let own = question.prices_of(product, &product.unit);
        let of_unit = |unit: &str| {
            let prices = question.prices_of(product, unit).into_iter();
            told(prices.filter(|(_, found)| found.row.unit.is_some()).collect())
        };
        let units: serde_json::Map<String, Value> = product.units.iter().map(|unit| (unit.id.clone(), of_unit(&unit.id))).collect();
        (product.sku.clone(), json!({ "own": told(own), "units": units }))
    };
    joined.policy.products.iter().map(of).collect()
}
