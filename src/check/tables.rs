//! Products and price tables. Tables may have a million rows: work per row is a few lookups, and texts are made for faults only.

use super::findings::{Findings, Spot};
use super::names::{self, Names};
use super::number::{self, Least, Measure};
use super::select::{Catalog, check_select, check_when};
use super::settings::Constants;
use super::windows::Windows;
use crate::diagnostic::{Code, Place};
use crate::policy::{Access, Attribute, AttributeOf, Axis, CREDIT_COLUMNS, Policy, PriceFlags, PriceRow, TaxRate};
use crate::time::Interval;
use std::collections::HashMap;

/// Checks the product table.
pub fn check_products(policy: &Policy, names: &Names, constants: &Constants, findings: &mut Findings) {
    let mut first: HashMap<&str, Place> = HashMap::new();
    for product in &policy.products {
        let spot = |column| Spot::Cell(product.place, column);
        names::check_id(&product.sku, spot("sku"), findings);
        names::check_id(&product.unit, spot("unit"), findings);
        if let Some(place) = first.insert(&product.sku, product.place) {
            let message = format!("`{}` is in line {} already", product.sku, place.line);
            findings.add(Code::IdDuplicate, spot("sku"), message, "delete one of the two rows");
        }
        if let Some(category) = &product.category {
            names.categories.check(category, spot("category"), findings);
        }
        if let Some(brand) = &product.brand {
            names.brands.check(brand, spot("brand"), findings);
        }
        for (at, value) in &product.attributes {
            let column = Spot::Cell(product.place, &policy.attributes[*at as usize].id);
            names::check_id(value, column, findings);
            names.check_attribute(*at, value, column, findings);
        }
        if let Some(TaxRate::Rate(rate)) = product.tax {
            number::check_percent(rate, Least::Zero, spot("tax"), findings);
        }
        if product.tax.is_some() && !constants.taxed && findings.is_complete("policy") {
            let help = "write `tax: { rate: … }` under `policy`, or delete the column";
            findings.add(Code::CombinationInvalid, spot("tax"), "`tax` of a product needs `tax` of the policy", help);
        }
        if let Some(weight) = product.weight {
            number::check(weight, Measure::Weight, Least::Zero, spot("weight"), constants, findings);
        }
        for (column, value) in [("min_quantity", product.min_quantity), ("multiple", product.multiple)] {
            if let Some(value) = value {
                number::check(value, Measure::Quantity, Least::AboveZero, spot(column), constants, findings);
            }
        }
    }
}

/// Checks the dealer table.
pub fn check_dealers(policy: &Policy, names: &Names, constants: &Constants, findings: &mut Findings) {
    let mut first: HashMap<&str, Place> = HashMap::new();
    for dealer in policy.dealers.iter().flatten() {
        let spot = |column| Spot::Cell(dealer.place, column);
        names::check_id(&dealer.id, spot("id"), findings);
        if let Some(place) = first.insert(&dealer.id, dealer.place) {
            let message = format!("`{}` is in line {} already", dealer.id, place.line);
            findings.add(Code::IdDuplicate, spot("id"), message, "delete one of the two rows");
        }
        let axes = [
            ("grade", &names.grades, &dealer.grade),
            ("region", &names.regions, &dealer.region),
            ("channel", &names.channels, &dealer.channel),
        ];
        for (column, known, value) in axes {
            if let Some(value) = value {
                known.check(value, spot(column), findings);
            }
        }
        for (column, amount) in CREDIT_COLUMNS.into_iter().zip(dealer.credit) {
            if let Some(amount) = amount {
                number::check(amount, Measure::Money, Least::Zero, spot(column), constants, findings);
            }
        }
        let has_amounts = dealer.credit.iter().any(Option::is_some);
        if has_amounts && dealer.credit[0].is_none() {
            let message = format!("`{}` has amounts of credit and no `credit_limit`", dealer.id);
            findings.add(Code::CellBlank, spot("credit_limit"), message, "write the limit, or leave all of them blank");
        }
    }
}

/// Checks the price tables under `key` and returns the validity of each row.
pub fn check_prices(
    key: &str,
    accesses: &[Access],
    catalog: &Catalog,
    names: &Names,
    constants: &Constants,
    windows: &Windows,
    findings: &mut Findings,
) -> Vec<Vec<Interval>> {
    let mut all = Vec::new();
    for (index, access) in accesses.iter().enumerate() {
        check_when(&access.when, &format!("{key}[{index}].when"), names, findings);
        if let Some(select) = &access.on {
            check_select(select, &format!("{key}[{index}].on"), names, catalog, findings);
        }
        if access.formula.is_none() {
            check_axes(access, &catalog.policy.attributes, &format!("{key}[{index}].by"), findings);
        }
        let mut row_windows = Vec::with_capacity(access.rows.len());
        for row in &access.rows {
            check_keys(access, row, &catalog.policy.attributes, names, findings);
            let spot = |column| Spot::Cell(row.place, column);
            if row.price.0.is_zero() && !row.flags.allow_zero {
                let help = "write the price, or `allow_zero` under `flags` where it is free";
                findings.add(Code::NumberRange, spot("price"), format!("`price` cannot be `{}`", row.price), help);
            } else {
                number::check(row.price, Measure::UnitPrice, Least::Zero, spot("price"), constants, findings);
            }
            if key != "prices" && row.flags != PriceFlags::default() {
                findings.add(Code::CombinationInvalid, spot("flags"), "only prices that are paid have flags", "delete them");
            }
            number::check(row.from_quantity, Measure::Quantity, Least::Zero, spot("from_quantity"), constants, findings);
            row_windows.push(windows.resolve(row.valid.as_deref(), spot("valid"), findings));
        }
        check_clashes(&access.rows, &row_windows, findings);
        all.push(row_windows);
    }
    all
}

fn check_axes(access: &Access, attributes: &[Attribute], path: &str, findings: &mut Findings) {
    let by = &access.by;
    if by.is_empty() {
        // One with an unknown axis has been reported.
        if !findings.sources.places.contains_key(&format!("{path}[0]")) {
            findings.add(Code::ShapeWrong, Spot::Path(path), "`by` is an empty list", "name the key columns, such as `[grade, sku]`");
        }
        return;
    }
    for (index, axis) in by.iter().enumerate() {
        if by[..index].contains(axis) {
            let path = format!("{path}[{index}]");
            findings.add(
                Code::CombinationInvalid,
                Spot::Path(&path),
                format!("`{}` stands twice in `by`", axis.word(attributes)),
                "delete one of them",
            );
        }
    }
    let of_product = |axis: &Axis| match axis {
        Axis::Sku | Axis::Category | Axis::Brand => true,
        Axis::Attribute(at) => attributes[*at as usize].of == AttributeOf::Product,
        Axis::Dealer | Axis::Grade | Axis::Region | Axis::Channel | Axis::DealerGroup => false,
    };
    if !by.iter().any(of_product) {
        let message = "a price that does not depend on the product";
        findings.add(Code::CombinationInvalid, Spot::Path(path), message, "add `sku`, `category` or `brand` to `by`");
    }
}

fn check_keys(access: &Access, row: &PriceRow, attributes: &[Attribute], names: &Names, findings: &mut Findings) {
    for (axis, id) in access.by.iter().zip(&row.key) {
        let spot = Spot::Cell(row.place, axis.word(attributes));
        match names.of(*axis) {
            Some(known) => {
                known.check(id, spot, findings);
            }
            None => names::check_id(id, spot, findings),
        }
    }
}

/// Reports rows that contradict each other, in time n log n: rows are sorted by key and validity, and only neighbours are compared.
fn check_clashes(rows: &[PriceRow], windows: &[Interval], findings: &mut Findings) {
    let ranks = KeyRanks::of(rows);
    let key = |row: usize| (ranks.of_row(row), windows[row]);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|row| (key(*row), rows[*row].from_quantity, rows[*row].place));
    // The row of the current key whose validity lasts longest so far.
    let mut longest: Option<usize> = None;
    for (position, row) in order.iter().copied().enumerate() {
        let before = position.checked_sub(1).map(|position| order[position]);
        if before.is_none_or(|before| ranks.of_row(before) != ranks.of_row(row)) {
            longest = Some(row);
            continue;
        }
        match before {
            Some(before) if key(before) == key(row) => {
                if rows[before].from_quantity == rows[row].from_quantity {
                    let message = format!("the row has key, validity and quantity of line {}", rows[before].place.line);
                    let help = "delete one of the two rows, or give them different validities or quantities";
                    findings.diagnostics.add(Code::PriceDuplicate, rows[row].place, message, help);
                } else if rows[before].flags != rows[row].flags {
                    let message = format!("the row is of one scale with line {}, and its flags are others", rows[before].place.line);
                    findings.diagnostics.add(Code::CombinationInvalid, rows[row].place, message, "give all rows of a scale the same flags");
                }
            }
            _ => {
                if let Some(other) = longest.filter(|other| windows[*other].to > windows[row].from) {
                    let (first, second) = if rows[other].place < rows[row].place { (other, row) } else { (row, other) };
                    let message = format!("the row has the key of line {} and a validity that overlaps with it", rows[first].place.line);
                    let help = "let one validity end before the other begins, or make them the same";
                    findings.diagnostics.add(Code::PriceOverlap, rows[second].place, message, help);
                }
            }
        }
        if longest.is_none_or(|other| windows[row].to > windows[other].to) {
            longest = Some(row);
        }
    }
}

/// Keys of rows as small integers, so that sorting a big table compares no texts.
struct KeyRanks {
    width: usize,
    ranks: Vec<u32>,
}

impl KeyRanks {
    fn of(rows: &[PriceRow]) -> KeyRanks {
        let mut known: HashMap<&str, u32> = HashMap::new();
        let width = rows.first().map_or(0, |row| row.key.len());
        let mut ranks = Vec::with_capacity(width * rows.len());
        for id in rows.iter().flat_map(|row| &row.key) {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            ranks.push(*known.entry(id).or_insert(next));
        }
        KeyRanks { width, ranks }
    }

    fn of_row(&self, row: usize) -> &[u32] {
        &self.ranks[row * self.width..(row + 1) * self.width]
    }
}
