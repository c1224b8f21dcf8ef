//! Products and price tables. Tables may have a million rows: work per row is a few lookups, and texts are made for faults only.

use super::findings::{Findings, Spot};
use super::names::{self, Names};
use super::number::{self, Least, Measure};
use super::select::{Catalog, check_select, check_when};
use super::settings::Constants;
use super::windows::Windows;
use super::{ResolvedRow, registered};
use crate::diagnostic::{Code, Place, nearest};
use crate::num::{Number, Ratio, RatioFault};
use crate::policy::{
    Access, Attribute, AttributeKind, AttributeOf, Axis, CREDIT_COLUMNS, Policy, PriceFlags, PriceRow, Product, Registration, ScaleMeasure,
    ScaleMode, Scaling, TaxRate,
};
use crate::time::Interval;
use std::collections::{HashMap, HashSet};

/// Of more rows that are astray than this, it is not looked up where they may belong.
const ASTRAY_MAX: usize = 100;

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
        for (at, value) in &product.attributes {
            let column = Spot::Cell(product.place, &policy.attributes[*at as usize].id);
            names.check_attribute(*at, value, column, findings);
        }
        if let Some(TaxRate::Rate(rate)) = product.tax {
            number::check_percent(rate, Least::Zero, spot("tax"), findings);
        }
        if product.tax.is_some() && !constants.taxed && findings.is_complete("policy") {
            let help = "write `tax: { rate: … }` under `policy`, or delete the column";
            findings.add(Code::CombinationInvalid, spot("tax"), "`tax` of a product needs `tax` of the policy", help);
        }
        let stands = |column, value: Option<Number>| value.is_some() || findings.is_unread(product.place, column);
        if stands("multiple", product.multiple) && stands("step", product.step) {
            let help = "keep one: multiples count from 0, steps from the minimum";
            findings.add(Code::CombinationInvalid, spot("step"), "`step` beside `multiple`", help);
        }
        for (column, value) in quantities(product) {
            if let Some(value) = value {
                number::check(value, Measure::Quantity, Least::AboveZero, spot(column), constants, findings);
            }
        }
        if let Some(weight) = product.weight {
            number::check(weight, Measure::Weight, Least::Zero, spot("weight"), constants, findings);
        }
        if let Some(points) = product.points {
            number::check(points, Measure::Points, Least::Zero, spot("points"), constants, findings);
        }
        if let Some(group) = &product.scale_group {
            names::check_id(group, spot("scale_group"), findings);
        }
    }
}

/// Which quantities of a product may be ordered, by column.
pub fn quantities(product: &Product) -> [(&'static str, Option<Number>); 5] {
    let Product { min_quantity, multiple, step, max_order, max_period, .. } = product;
    [("min_quantity", *min_quantity), ("multiple", *multiple), ("step", *step), ("max_order", *max_order), ("max_period", *max_period)]
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

    /// Checks how the scales of a table hold.
    fn check_scale(&self, scale: &Scaling, path: &str, key: &str, findings: &mut Findings) {
        let Scaling { mode: _, basis: _, measure, unit, broken } = scale;
        let packs = *measure == ScaleMeasure::Packs;
        let spot = |key| format!("{path}.{key}");
        if key != "prices" && *scale != Scaling::default() {
            let message = format!("tables under `{key}` have scales by the quantity of the product only");
            findings.add(Code::CombinationInvalid, Spot::Path(path), message, "delete `scale`");
        }
        match unit {
            Some(unit) if packs && !self.all.contains(unit.as_str()) && findings.is_complete("products") => {
                let help = "add it under `units` of the products, or correct the name";
                findings.add(Code::UnitUnknown, Spot::Path(&spot("unit")), format!("`{unit}` is no unit of any product"), help);
            }
            Some(_) if !packs => {
                let message = "`unit` needs `measure: packs`";
                findings.add(Code::CombinationInvalid, Spot::Path(&spot("unit")), message, "delete it, or measure packs");
            }
            None if packs => {
                let message = "`measure: packs` needs the `unit` of a pack";
                findings.add(Code::CombinationInvalid, Spot::Path(&spot("measure")), message, "add `unit`, such as `unit: 箱`");
            }
            _ => {}
        }
        if broken.0 != 0 && !packs {
            let message = "`broken` needs `measure: packs`";
            findings.add(Code::CombinationInvalid, Spot::Path(&spot("broken")), message, "delete it, or measure packs");
        }
        number::check_percent(*broken, Least::Zero, Spot::Path(&spot("broken")), findings);
    }

    /// Reports a unit that nothing has which the row is about.
    fn check(&self, access: &Access, row: &PriceRow, names: &Names, findings: &mut Findings) {
        let Some(unit) = row.unit.as_deref() else { return };
        let sku = access.by.iter().position(|axis| *axis == Axis::Sku).map(|at| row.key[at].as_str());
        let (known, whose): (Vec<&str>, _) = match sku {
            Some(sku) => match self.of_product.get(sku) {
                Some(product) if ["unit", "units"].iter().any(|column| findings.is_unread(product.place, column)) => return,
                Some(product) => {
                    (product.units.iter().map(|unit| unit.id.as_str()).chain([product.unit.as_str()]).collect(), "the product")
                }
                None => return,
            },
            None if self.all.contains(unit) || !names.skus.complete => return,
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
            ("group", &names.dealer_groups, &dealer.group),
        ];
        for (column, known, value) in axes {
            if let Some(value) = value {
                known.check(value, spot(column), findings);
            }
        }
        for (at, value) in &dealer.attributes {
            let column = Spot::Cell(dealer.place, &policy.attributes[*at as usize].id);
            names.check_attribute(*at, value, column, findings);
        }
        for (column, amount) in CREDIT_COLUMNS.into_iter().zip(dealer.credit) {
            if let Some(amount) = amount {
                number::check(amount, Measure::Money, Least::Zero, spot(column), constants, findings);
            }
        }
        let mut amounts = CREDIT_COLUMNS.into_iter().zip(dealer.credit);
        let has_amounts = amounts.any(|(column, amount)| amount.is_some() || findings.is_unread(dealer.place, column));
        if has_amounts && dealer.credit[0].is_none() {
            let message = format!("`{}` has amounts of credit and no `credit_limit`", dealer.id);
            findings.add(Code::CellBlank, spot("credit_limit"), message, "write the limit, or leave all of them blank");
        }
    }
}

/// Checks the price tables under `key` and returns the validity of each row.
pub fn check_prices(
    (key, accesses): (&str, &[Access]),
    catalog: &Catalog,
    names: &Names,
    units: &Units,
    constants: &Constants,
    windows: &Windows,
    findings: &mut Findings,
) -> Vec<Vec<ResolvedRow>> {
    let mut all = Vec::new();
    for (index, access) in accesses.iter().enumerate() {
        check_when(&access.when, &format!("{key}[{index}].when"), names, findings);
        if let Some(select) = &access.on {
            check_select(select, &format!("{key}[{index}].on"), names, catalog, findings);
        }
        if access.formula.is_none() {
            check_axes(access, &catalog.policy.attributes, &format!("{key}[{index}].by"), findings);
        }
        for (at, row) in access.formula.iter().flat_map(|formula| &formula.rows).enumerate() {
            for (axis, id) in row.key() {
                let spot = format!("{key}[{index}].formula.rows[{at}].{}", axis.word(&[]));
                match names.of(axis) {
                    Some(known) => drop(known.check(id, Spot::Path(&spot), findings)),
                    None => names::check_id(id, Spot::Path(&spot), findings),
                }
            }
        }
        units.check_scale(&access.scale, &format!("{key}[{index}].scale"), key, findings);
        registered::check_table(access, key, &format!("{key}[{index}]"), findings);
        let measure = match access.scale.measure {
            ScaleMeasure::Quantity => Measure::Quantity,
            ScaleMeasure::Amount => Measure::Money,
            ScaleMeasure::Weight => Measure::Weight,
            ScaleMeasure::Packs => Measure::Count,
        };
        let [from, to] = access.scale.measure.columns();
        let mut resolved = Vec::with_capacity(access.rows.len());
        let mut placed: Vec<&PriceRow> = Vec::with_capacity(access.rows.len());
        // Rows of which it is not known where in which scale they are.
        let mut astray: Vec<&PriceRow> = Vec::new();
        let clean = findings.is_complete(key);
        for row in access.rows.iter().chain(&access.broken) {
            // Those of a formula are its source's, which are checked there, and its own.
            if access.formula.is_none() {
                check_keys(access, row, &catalog.policy.attributes, names, findings);
            }
            units.check(access, row, names, findings);
            registered::check_row(access, row, constants, findings);
            let spot = |column| Spot::Cell(row.place, column);
            let is_free = row.flags.allow_zero || findings.is_unread(row.place, "flags");
            if row.price.0.is_zero() && !is_free {
                let help = "write the price, or `allow_zero` under `flags` where it is free";
                findings.add(Code::NumberRange, spot("price"), format!("`price` cannot be `{}`", row.price), help);
            } else {
                number::check(row.price, Measure::UnitPrice, Least::Zero, spot("price"), constants, findings);
            }
            if key != "prices" && row.flags != PriceFlags::default() {
                findings.add(Code::CombinationInvalid, spot("flags"), "only prices that are paid have flags", "delete them");
            }
            number::check(row.from_quantity, measure, Least::Zero, spot(from), constants, findings);
            if let Some(end) = row.to_quantity {
                number::check(end, measure, Least::AboveZero, spot(to), constants, findings);
            }
            let image = |number: Number| number.scaled(measure.scale(constants)).unwrap_or(0);
            let faults_before = findings.diagnostics.found.len();
            let valid = windows.resolve(row.valid.as_deref(), spot("valid"), findings);
            let is_dated = findings.diagnostics.found.len() == faults_before;
            if !is_dated || (!clean && is_astray(access, row, &catalog.policy.attributes, findings)) {
                astray.push(row);
                continue;
            }
            placed.push(row);
            resolved.push(ResolvedRow { valid, from: image(row.from_quantity), end: row.to_quantity.map_or(-1, image) });
        }
        let ranks = KeyRanks::of(&placed);
        resolve_bounds(access, &placed, &astray, &ranks, &mut resolved, findings);
        check_clashes(&placed, &ranks, &resolved, windows, findings);
        all.push(resolved);
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
    for (index, axis) in by.iter().enumerate() {
        if let Axis::Attribute(at) = axis
            && attributes[*at as usize].kind != AttributeKind::Text
        {
            let message = format!("`{}` is no text, so no key of a table", axis.word(attributes));
            let help = "make it `kind: text`, or name its ranges in the `when` of several tables";
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}[{index}]")), message, help);
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
    // A blank one has been reported.
    for (axis, id) in access.by.iter().zip(&row.key).filter(|(_, id)| !id.is_empty()) {
        let spot = Spot::Cell(row.place, axis.word(attributes));
        match names.of(*axis) {
            Some(known) => {
                known.check(id, spot, findings);
            }
            None => names::check_id(id, spot, findings),
        }
    }
}

/// Whether a cell that says where the row stands among the others could not be read.
fn is_astray(access: &Access, row: &PriceRow, attributes: &[Attribute], findings: &Findings) -> bool {
    let keys = access.by.iter().map(|axis| axis.word(attributes));
    let number = access.registered.map(|_| Registration::COLUMNS[0]);
    let rest = ["unit", "valid", "valid_from", "valid_to"].into_iter().chain(access.scale.measure.columns());
    keys.chain(number).chain(rest).any(|column| findings.is_unread(row.place, column))
}

/// Lets each band of a scale whose rows say where they end begin behind the one before, and reports gaps and overlaps. All bands of a scale that
/// prices in parts are for equally many units. Between rows where one that is astray may belong no gap is told.
fn resolve_bounds(
    access: &Access,
    rows: &[&PriceRow],
    astray: &[&PriceRow],
    ranks: &KeyRanks,
    resolved: &mut [ResolvedRow],
    findings: &mut Findings,
) {
    let graduated = access.scale.mode == ScaleMode::Graduated;
    let in_parts = graduated || access.scale.measure == ScaleMeasure::Packs;
    if !in_parts && resolved.iter().all(|row| row.end < 0) {
        return;
    }
    let may_be_between = |row: &PriceRow| {
        let fits = |(key, of): (&String, &String)| key.is_empty() || key == of;
        astray.len() > ASTRAY_MAX || astray.iter().any(|other| other.key.iter().zip(&row.key).all(fits))
    };
    let mut order: Vec<usize> = (0..rows.len()).collect();
    let key = |resolved: &[ResolvedRow], row: usize| (ranks.of_row(row), resolved[row].valid);
    // Rows without an end stand last.
    let end = |row: &ResolvedRow| if row.end < 0 { i64::MAX } else { row.end };
    order.sort_by(|a, b| {
        let place = |row: usize| (end(&resolved[row]), resolved[row].from, rows[row].place);
        (key(resolved, *a), place(*a)).cmp(&(key(resolved, *b), place(*b)))
    });
    let [from, to] = access.scale.measure.columns();
    let scales: Vec<Vec<usize>> = order.chunk_by(|a, b| key(resolved, *a) == key(resolved, *b)).map(<[usize]>::to_vec).collect();
    for scale in scales {
        let has_per = |row: &usize| !findings.is_unread(rows[*row].place, "per");
        let first = scale.iter().copied().find(has_per).unwrap_or(scale[0]);
        for row in scale.iter().copied().filter(|row| in_parts && rows[*row].per != rows[first].per) {
            let message = format!("`per` is not that of line {}, and this scale prices in parts", rows[first].place.line);
            findings.add(
                Code::CombinationInvalid,
                Spot::Cell(rows[row].place, "per"),
                message,
                "write the same `per` in all rows of a scale",
            );
        }
        if scale.iter().all(|row| resolved[*row].end < 0) {
            continue;
        }
        let mut before: Option<i64> = None;
        for row in scale {
            let spot = |column| Spot::Cell(rows[row].place, column);
            // Graduated bands meet; of those that price everything, the next begins one step above.
            let begins = before.map(|end: i64| if graduated { end } else { end.saturating_add(1) });
            let given = resolved[row].from;
            match begins {
                Some(begins) if given > begins && may_be_between(rows[row]) => {}
                Some(begins) if given > begins => {
                    let message = "the row begins above the end of the one before, and nothing holds in between";
                    findings.add(Code::ScaleGap, spot(from), message, "begin right behind it, or leave the cell blank");
                }
                Some(begins) if given > 0 && given < begins => {
                    let message = "the row begins before the one before ends";
                    findings.add(Code::ScaleOverlap, spot(from), message, "begin right behind it, or leave the cell blank");
                }
                // The same row twice is reported as such.
                Some(begins) if before != Some(resolved[row].end) => resolved[row].from = begins,
                _ => {}
            }
            if (0..resolved[row].from).contains(&resolved[row].end) {
                findings.add(Code::ScaleOverlap, spot(to), "the row ends before it begins", "write an end above its beginning");
            }
            before = Some(resolved[row].end).filter(|end| *end >= 0).or(before);
        }
    }
}

/// Reports rows that contradict each other, in time n log n: rows are sorted by key and validity, and only neighbours are compared.
fn check_clashes(rows: &[&PriceRow], ranks: &KeyRanks, resolved: &[ResolvedRow], windows: &Windows, findings: &mut Findings) {
    let key = |row: usize| (ranks.of_row(row), resolved[row].valid);
    let hulls: Vec<Interval> = resolved.iter().map(|row| windows.hull(row.valid)).collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_unstable_by_key(|row| (ranks.of_row(*row), hulls[*row].from, resolved[*row].valid, resolved[*row].from, rows[*row].place));
    // Of the current key the row whose validity lasts longest so far, of those without a break, and those that recur.
    let mut so_far: Vec<usize> = Vec::new();
    for (position, row) in order.iter().copied().enumerate() {
        let before = position.checked_sub(1).map(|position| order[position]);
        if before.is_none_or(|before| ranks.of_row(before) != ranks.of_row(row)) {
            so_far = vec![row];
            continue;
        }
        let clash = so_far.iter().copied().find(|other| windows.overlap(resolved[*other].valid, resolved[row].valid));
        let clashes = clash.is_some();
        match before {
            Some(before) if key(before) == key(row) => {
                let are_read = |findings: &Findings, columns: &[&str]| {
                    let cells = columns.iter().flat_map(|column| [(rows[before], column), (rows[row], column)]);
                    cells.into_iter().all(|(row, column)| !findings.is_unread(row.place, column))
                };
                if resolved[before].from == resolved[row].from {
                    let message = format!("the row has key, validity and quantity of line {}", rows[before].place.line);
                    let help = "delete one of the two rows, or give them different validities or quantities";
                    findings.diagnostics.add(Code::PriceDuplicate, rows[row].place, message, help);
                } else if rows[before].flags != rows[row].flags && are_read(findings, &["flags"]) {
                    let message = format!("the row is of one scale with line {}, and its flags are others", rows[before].place.line);
                    findings.diagnostics.add(Code::CombinationInvalid, rows[row].place, message, "give all rows of a scale the same flags");
                } else if rows[before].registration != rows[row].registration && are_read(findings, &Registration::COLUMNS) {
                    let message = format!(
                        "the row is of one scale with line {}, and its approver, customer or limits are others",
                        rows[before].place.line
                    );
                    let help = "give all rows of a scale the same, or numbers of their own";
                    findings.diagnostics.add(Code::CombinationInvalid, rows[row].place, message, help);
                }
            }
            _ => {
                if let Some(other) = clash {
                    let (first, second) = if rows[other].place < rows[row].place { (other, row) } else { (row, other) };
                    let message = format!("the row has the key of line {} and a validity that overlaps with it", rows[first].place.line);
                    let help = "let one validity end before the other begins, or make them the same";
                    findings.diagnostics.add(Code::PriceOverlap, rows[second].place, message, help);
                }
            }
        }
        let whole = |row: usize| windows.is_whole(resolved[row].valid);
        let longest = so_far.iter().position(|other| whole(*other)).filter(|_| whole(row));
        match longest {
            Some(at) if hulls[row].to > hulls[so_far[at]].to => so_far[at] = row,
            Some(_) => {}
            None if !clashes => so_far.push(row),
            None => {}
        }
    }
}

/// Keys of rows as small integers, so that sorting a big table compares no texts.
struct KeyRanks {
    width: usize,
    ranks: Vec<u32>,
}

impl KeyRanks {
    fn of(rows: &[&PriceRow]) -> KeyRanks {
        let mut known: HashMap<&str, u32> = HashMap::new();
        // The unit is a part of the key; none is as good as an empty one, which no unit is. A registration stands in its place: rows of one have no unit.
        let width = rows.first().map_or(0, |row| row.key.len() + 1);
        let mut ranks = Vec::with_capacity(width * rows.len());
        for id in
            rows.iter().flat_map(|row| row.key.iter().map(String::as_str).chain([row.number().or(row.unit.as_deref()).unwrap_or_default()]))
        {
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            ranks.push(*known.entry(id).or_insert(next));
        }
        KeyRanks { width, ranks }
    }

    fn of_row(&self, row: usize) -> &[u32] {
        &self.ranks[row * self.width..(row + 1) * self.width]
    }
}
