//! Prices by formula: rows computed from those of another table, before anything else is checked of them.

use super::findings::{Findings, Spot};
use crate::diagnostic::{Code, nearest};
use crate::limit;
use crate::num::{Number, Rounding, minor_digits};
use crate::policy::{Access, Axis, Ending, Formula, FormulaRow, Policy, PriceFlags, PriceRow};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::HashMap;

/// Most digits after the point of a percent, so that every product is exact.
const PERCENT_DIGITS: u32 = 4;
/// The largest percent: a hundredfold of the source.
const PERCENT_MAX: i64 = 9_900;

/// Fills the rows of every table that has a formula.
pub fn derive(policy: &mut Policy, findings: &mut Findings) {
    let rounding = policy.settings.rounding;
    let money = minor_digits(&policy.settings.currency).unwrap_or(2);
    let digits = policy.settings.unit_scale.unwrap_or(money).min(6);
    let keys = ["prices", "costs", "floors", "approvals", "recommended"];
    let lists = [&mut policy.prices, &mut policy.costs, &mut policy.floors, &mut policy.approvals, &mut policy.recommended];
    let mut places: HashMap<String, (usize, usize)> = HashMap::new();
    for (list, accesses) in lists.iter().enumerate() {
        for (index, access) in accesses.iter().enumerate() {
            places.entry(access.id.clone()).or_insert((list, index));
        }
    }
    let complete = keys.iter().all(|key| findings.is_complete(key));
    let mut sources: HashMap<(usize, usize), (usize, usize)> = HashMap::new();
    for (list, accesses) in lists.iter().enumerate() {
        for (index, access) in accesses.iter().enumerate() {
            let Some(formula) = &access.formula else { continue };
            let path = format!("{}[{index}].formula", keys[list]);
            let faults_before = findings.diagnostics.found.len();
            check(formula, &path, findings);
            check_rows(&formula.rows, &path, findings);
            if findings.diagnostics.found.len() > faults_before {
                continue;
            }
            let spot = format!("{path}.from");
            match places.get(&formula.from) {
                Some((source_list, source)) if lists[*source_list][*source].registered.is_some() => {
                    let message = format!("`{}` is a table of registrations", formula.from);
                    findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, "compute from a table of prices or costs");
                }
                Some(source) => drop(sources.insert((list, index), *source)),
                None if complete => {
                    let meant = nearest(&formula.from, places.keys().map(String::as_str));
                    let help =
                        meant.map_or_else(|| "name a table of prices or costs".to_owned(), |meant| format!("did you mean `{meant}`?"));
                    findings.add(Code::IdUnknown, Spot::Path(&spot), format!("there is no table `{}`", formula.from), help);
                }
                None => {}
            }
        }
    }
    // Each table after those that it needs; in order of the keys, then of the lists, so what is reported does not depend on maps.
    let mut order: Vec<(usize, usize)> = sources.keys().copied().collect();
    order.sort_unstable();
    let mut done: Vec<(usize, usize)> = Vec::new();
    for first in order {
        let mut path = vec![first];
        while let Some(next) = path.last().and_then(|last| sources.get(last)).copied().filter(|next| !done.contains(next)) {
            if let Some(start) = path.iter().position(|earlier| *earlier == next) {
                let circle: Vec<String> =
                    path[start..].iter().chain([&next]).map(|(list, at)| format!("`{}`", lists[*list][*at].id)).collect();
                let (list, at) = path[start];
                let spot = format!("{}[{at}].formula.from", keys[list]);
                let message = format!("formulas need each other: {}", circle.join(" from "));
                findings.add(Code::FormulaCycle, Spot::Path(&spot), message, "compute one of them from a table");
                sources.remove(&path[path.len() - 1]);
                break;
            }
            path.push(next);
        }
        for (list, at) in path.into_iter().rev() {
            if !done.contains(&(list, at)) {
                done.push((list, at));
                if let Some((source_list, source)) = sources.get(&(list, at)).copied() {
                    let Access { by, rows, scale, .. } = lists[source_list][source].clone();
                    let access = &mut lists[list][at];
                    if let Some(formula) = &access.formula {
                        (access.by, access.rows) = all_derived(by, &rows, formula, digits, rounding);
                        access.scale = scale;
                    }
                }
            }
        }
    }
}

/// Checks the figures of a formula.
fn check(formula: &Formula, path: &str, findings: &mut Findings) {
    let mut range = |key: String, number: Number, fits: bool, help: &str| {
        if !fits {
            let path = format!("{path}.{key}");
            let spot = Spot::Path(&path);
            findings.add(Code::NumberRange, spot, format!("`{}` cannot be `{number}`", spot.name()), help);
        }
    };
    let Formula { from: _, percent, amount: _, round_to, endings, rows, place: _ } = formula;
    let of_rows = rows.iter().enumerate().filter_map(|(at, row)| Some((format!("rows[{at}].percent"), row.percent?)));
    for (key, percent) in [("percent".to_owned(), *percent)].into_iter().chain(of_rows) {
        let within = percent.0 > Decimal::from(-100) && percent.0 <= Decimal::from(PERCENT_MAX);
        let digits = percent.0.normalize().scale() <= PERCENT_DIGITS;
        range(key, percent, within && digits, "write more than -100 and at most 9900, with at most 4 digits after the point");
    }
    let above = |number: &Number| number.0 > Decimal::ZERO;
    if let Some(to) = round_to {
        range("round_to".to_owned(), *to, above(to), "write a number above 0");
    }
    for (at, Ending { ending, limit, up_to }) in endings.iter().enumerate() {
        range(format!("endings[{at}].ending"), *ending, above(ending), "write a number above 0, such as `0.99` or `9.95`");
        for (key, number) in [("limit", limit), ("up_to", up_to)] {
            if let Some(number) = number {
                range(format!("endings[{at}].{key}"), *number, number.0 >= Decimal::ZERO, "write 0 or more");
            }
        }
    }
}

/// Checks that the rows of a formula name the same axes, and no key twice.
fn check_rows(rows: &[FormulaRow], path: &str, findings: &mut Findings) {
    let axes = |row: &FormulaRow| row.key().into_iter().map(|(axis, _)| axis).collect::<Vec<Axis>>();
    let mut fault = |at: usize, code: Code, message: String, help: &str| {
        findings.add(code, Spot::Path(&format!("{path}.rows[{at}]")), message, help);
    };
    if rows.len() > limit::FORMULA_ROWS {
        let message = format!("`rows` has {} entries, more than {}", rows.len(), limit::FORMULA_ROWS);
        fault(limit::FORMULA_ROWS, Code::LimitExceeded, message, "write a table of prices");
    }
    let mut known: HashMap<Vec<(Axis, &str)>, usize> = HashMap::new();
    for (at, row) in rows.iter().enumerate() {
        if row.key().is_empty() || axes(row) != axes(&rows[0]) {
            let help = "name the same in every row, such as `grade`";
            fault(at, Code::CombinationInvalid, "the rows of a formula do not name the same axes".to_owned(), help);
        } else if let Some(first) = known.insert(row.key(), at) {
            let help = "delete one of the two";
            fault(at, Code::PriceDuplicate, format!("the row has the key of row {}", first + 1), help);
        }
    }
}

/// The keys and rows of a formula's table: one row for each row of its source, or, where the formula has rows of its own, for each that fits it.
fn all_derived(mut by: Vec<Axis>, rows: &[PriceRow], formula: &Formula, digits: u32, rounding: Rounding) -> (Vec<Axis>, Vec<PriceRow>) {
    if formula.rows.is_empty() {
        return (by, rows.iter().map(|row| derived(row, formula, [None, None], digits, rounding)).collect());
    }
    let width = by.len();
    by.extend(formula.rows[0].key().into_iter().map(|(axis, _)| axis).filter(|axis| !by.contains(axis)).collect::<Vec<_>>());
    let keys: Vec<Vec<(usize, &str)>> =
        formula.rows.iter().map(|row| row.key().into_iter().map(|(axis, value)| (place(&by, axis), value)).collect()).collect();
    let mut all = Vec::new();
    for source in rows {
        for (row, key) in formula.rows.iter().zip(&keys) {
            if key.iter().all(|(at, value)| *at >= width || source.key[*at] == *value) {
                let mut derived = derived(source, formula, [row.percent, row.amount], digits, rounding);
                derived.key.extend(key.iter().filter(|(at, _)| *at >= width).map(|(_, value)| (*value).to_owned()));
                all.push(derived);
            }
        }
    }
    (by, all)
}

fn place(by: &[Axis], axis: Axis) -> usize {
    by.iter().position(|known| *known == axis).unwrap_or(by.len())
}

/// The row of a formula's table that belongs to a row of its source: the same key, scale and validity.
fn derived(row: &PriceRow, formula: &Formula, [percent, amount]: [Option<Number>; 2], digits: u32, rounding: Rounding) -> PriceRow {
    // What does not fit is out of the range of prices, and reported as such.
    let factors = [percent.unwrap_or(formula.percent), amount.unwrap_or(formula.amount)];
    let price = computed(row.price.0, formula, factors, digits, rounding).unwrap_or(Decimal::MAX);
    PriceRow { price: Number(price), flags: PriceFlags::default(), place: formula.place, ..row.clone() }
}

fn computed(source: Decimal, formula: &Formula, [percent, amount]: [Number; 2], digits: u32, rounding: Rounding) -> Option<Decimal> {
    let factor = Decimal::ONE.checked_add(percent.0.checked_mul(Decimal::new(1, 2))?)?;
    let price = source.checked_mul(factor)?.checked_add(amount.0)?;
    let ending = formula.endings.iter().find(|ending| ending.up_to.is_none_or(|most| price <= most.0));
    let price = match (ending, formula.round_to) {
        (Some(ending), _) if ending.ending.0 > Decimal::ZERO => ended(price, ending)?,
        (_, Some(to)) if to.0 > Decimal::ZERO => multiple(price, to.0, rounding)?,
        _ => price,
    };
    let strategy = match rounding {
        Rounding::HalfUp => RoundingStrategy::MidpointAwayFromZero,
        Rounding::HalfEven => RoundingStrategy::MidpointNearestEven,
        Rounding::HalfDown => RoundingStrategy::MidpointTowardZero,
        Rounding::Down => RoundingStrategy::ToZero,
    };
    Some(price.round_dp_with_strategy(digits, strategy).normalize())
}

/// The price with the ending below, if there is one above zero and no more than the limit is cut off for it; else with the one above.
fn ended(price: Decimal, Ending { ending, limit, up_to: _ }: &Ending) -> Option<Decimal> {
    let mut step = Decimal::ONE;
    while step <= ending.0 {
        step = step.checked_mul(Decimal::TEN)?;
    }
    if price < ending.0 {
        return Some(ending.0);
    }
    let over = price.checked_sub(ending.0)?.checked_rem(step)?;
    let limit = limit.map_or(step / Decimal::TWO, |limit| limit.0);
    let below = price.checked_sub(over)?;
    if over <= limit { Some(below) } else { below.checked_add(step) }
}

/// The nearest multiple, halves by the policy's rounding.
fn multiple(price: Decimal, of: Decimal, rounding: Rounding) -> Option<Decimal> {
    let over = price.checked_rem(of)?;
    let below = price.checked_sub(over)?;
    let half = over.checked_mul(Decimal::TWO)?.cmp(&of);
    let odd = !below.checked_div(of)?.checked_rem(Decimal::TWO)?.is_zero();
    let up = match rounding {
        Rounding::HalfUp => half.is_ge(),
        Rounding::HalfEven => half.is_gt() || half.is_eq() && odd,
        Rounding::HalfDown => half.is_gt(),
        Rounding::Down => false,
    };
    if up { below.checked_add(of) } else { Some(below) }
}
