//! Products and price tables. Tables may have a million rows: work per row is a few lookups, and texts are made for faults only.

use super::findings::{Findings, Spot};
use super::names::{self, Names};
use super::number::{self, Least, Measure};
use super::settings::Constants;
use super::windows::Windows;
use crate::diagnostic::{Code, Place, nearest};
use crate::num::{Ratio, RatioFault};
use crate::policy::{Access, Axis, Policy, PriceRow, Product};
use crate::time::Interval;
use std::collections::{HashMap, HashSet};

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
        check_units(product, findings);
        if let Some(category) = &product.category {
            names.categories.check(category, spot("category"), findings);
        }
        if let Some(brand) = &product.brand {
            names.brands.check(brand, spot("brand"), findings);
        }
        for (column, value) in [("min_quantity", product.min_quantity), ("multiple", product.multiple)] {
            if let Some(value) = value {
                number::check(value, Measure::Quantity, Least::AboveZero, spot(column), constants, findings);
            }
        }
    }
}

fn check_units(product: &Product, findings: &mut Findings) {
    let spot = Spot::Cell(product.place, "units");
    for (index, unit) in product.units.iter().enumerate() {
        names::check_id(&unit.id, spot, findings);
        if unit.id == product.unit || product.units[..index].iter().any(|other| other.id == unit.id) {
            let message = format!("`{}` stands twice among the units of the product", unit.id);
            findings.add(Code::IdDuplicate, spot, message, "keep one of them; the base unit stands under `unit` alone");
        }
        let (code, help) = match unit.factor.parse::<Ratio>() {
            Ok(_) => continue,
            Err(RatioFault::Syntax) => (Code::NumberInvalid, "write how many base units one is, such as `箱=12` or `卷=100/3`".to_owned()),
            Err(RatioFault::Range) => {
                (Code::NumberRange, format!("write a factor above 0, in lowest terms with at most {} on each side of `/`", Ratio::MOST))
            }
        };
        findings.add(code, spot, format!("the factor of `{}` cannot be `{}`", unit.id, unit.factor), help);
    }
}

/// Names of the units of products, for price rows.
pub struct Units<'a> {
    of_product: HashMap<&'a str, &'a Product>,
    all: HashSet<&'a str>,
}

impl<'a> Units<'a> {
    pub fn new(policy: &'a Policy) -> Units<'a> {
        let names = |product: &'a Product| product.units.iter().map(|unit| unit.id.as_str()).chain([product.unit.as_str()]);
        Units {
            of_product: policy.products.iter().map(|product| (product.sku.as_str(), product)).collect(),
            all: policy.products.iter().flat_map(names).collect(),
        }
    }

    /// Reports a unit that nothing has which the row is about.
    fn check(&self, access: &Access, row: &PriceRow, names: &Names, findings: &mut Findings) {
        let Some(unit) = row.unit.as_deref().filter(|_| names.skus.complete) else { return };
        let sku = access.by.iter().position(|axis| *axis == Axis::Sku).map(|at| row.key[at].as_str());
        let (known, whose): (Vec<&str>, _) = match sku {
            Some(sku) => match self.of_product.get(sku) {
                Some(product) => {
                    (product.units.iter().map(|unit| unit.id.as_str()).chain([product.unit.as_str()]).collect(), "the product")
                }
                None => return,
            },
            None if self.all.contains(unit) => return,
            None => (self.all.iter().copied().collect(), "any product"),
        };
        if known.contains(&unit) {
            return;
        }
        let help = match nearest(unit, known.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "add it under `units` of the product table, or leave the cell blank".to_owned(),
        };
        findings.add(Code::UnitUnknown, Spot::Cell(row.place, "unit"), format!("`{unit}` is no unit of {whose}"), help);
    }
}

/// Checks the price tables under `key` and returns the validity of each row.
pub fn check_prices(
    key: &str,
    accesses: &[Access],
    names: &Names,
    units: &Units,
    constants: &Constants,
    windows: &Windows,
    findings: &mut Findings,
) -> Vec<Vec<Interval>> {
    let mut all = Vec::new();
    for (index, access) in accesses.iter().enumerate() {
        check_axes(&access.by, &format!("{key}[{index}].by"), findings);
        let mut row_windows = Vec::with_capacity(access.rows.len());
        for row in &access.rows {
            check_keys(access, row, names, findings);
            units.check(access, row, names, findings);
            let spot = |column| Spot::Cell(row.place, column);
            number::check(row.price, Measure::UnitPrice, Least::AboveZero, spot("price"), constants, findings);
            number::check(row.from_quantity, Measure::Quantity, Least::Zero, spot("from_quantity"), constants, findings);
            row_windows.push(windows.resolve(row.valid.as_deref(), spot("valid"), findings));
        }
        check_clashes(&access.rows, &row_windows, findings);
        all.push(row_windows);
    }
    all
}

fn check_axes(by: &[Axis], path: &str, findings: &mut Findings) {
    if by.is_empty() {
        return findings.add(Code::ShapeWrong, Spot::Path(path), "`by` is an empty list", "name the key columns, such as `[grade, sku]`");
    }
    for (index, axis) in by.iter().enumerate() {
        if by[..index].contains(axis) {
            let path = format!("{path}[{index}]");
            findings.add(
                Code::CombinationInvalid,
                Spot::Path(&path),
                format!("`{}` stands twice in `by`", axis.word()),
                "delete one of them",
            );
        }
    }
    if !by.iter().any(|axis| matches!(axis, Axis::Sku | Axis::Category | Axis::Brand)) {
        let message = "a price that does not depend on the product";
        findings.add(Code::CombinationInvalid, Spot::Path(path), message, "add `sku`, `category` or `brand` to `by`");
    }
}

fn check_keys(access: &Access, row: &PriceRow, names: &Names, findings: &mut Findings) {
    for (axis, id) in access.by.iter().zip(&row.key) {
        let spot = Spot::Cell(row.place, axis.word());
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
        // The unit is a part of the key; none is as good as an empty one, which no unit is.
        let width = rows.first().map_or(0, |row| row.key.len() + 1);
        let mut ranks = Vec::with_capacity(width * rows.len());
        for id in rows.iter().flat_map(|row| row.key.iter().map(String::as_str).chain([row.unit.as_deref().unwrap_or_default()])) {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            ranks.push(*known.entry(id).or_insert(next));
        }
        KeyRanks { width, ranks }
    }

    fn of_row(&self, row: usize) -> &[u32] {
        &self.ranks[row * self.width..(row + 1) * self.width]
    }
}
