//! Tables of freight.

use super::findings::{Findings, Spot};
use super::names::Names;
use super::number::{self, Least, Measure};
use super::select::check_when;
use super::settings::Constants;
use super::windows::{WindowId, Windows};
use crate::diagnostic::Code;
use crate::limit;
use crate::policy::{FreightRow, Policy};

/// Checks the tables of freight and returns when each row holds.
pub fn check(policy: &Policy, names: &Names, constants: &Constants, windows: &Windows, findings: &mut Findings) -> Vec<Vec<WindowId>> {
    let mut all = Vec::new();
    let mut rows = 0;
    for (index, freight) in policy.freight.iter().enumerate() {
        let path = format!("freight[{index}]");
        check_when(&freight.when, &format!("{path}.when"), names, findings);
        let tax = format!("{path}.tax");
        if let Some(rate) = freight.tax {
            number::check_percent(rate, Least::Zero, Spot::Path(&tax), findings);
        }
        if freight.tax.is_some() && !constants.taxed && findings.is_complete("policy") {
            let help = "write `tax: { rate: … }` under `policy`, or delete it";
            findings.add(Code::CombinationInvalid, Spot::Path(&tax), "`tax` of freight needs `tax` of the policy", help);
        }
        let before = rows;
        rows += freight.rows.len() + freight.broken.len();
        if index == limit::FREIGHT_TABLES || (before <= limit::FREIGHT_ROWS && rows > limit::FREIGHT_ROWS) {
            let most = format!("at most {} tables and {} rows in all", limit::FREIGHT_TABLES, limit::FREIGHT_ROWS);
            findings.add(Code::LimitExceeded, Spot::Path(&path), format!("more freight than {most}"), "name larger regions");
        }
        let mut resolved = Vec::with_capacity(freight.rows.len());
        let mut placed: Vec<&FreightRow> = Vec::with_capacity(freight.rows.len());
        for row in freight.rows.iter().chain(&freight.broken) {
            let spot = |column| Spot::Cell(row.place, column);
            if let Some(region) = &row.region {
                names.regions.check(region, spot("region"), findings);
            }
            let numbers = [
                ("from_weight", row.from_weight, Measure::Weight),
                ("from_amount", row.from_amount, Measure::Money),
                ("charge", row.charge, Measure::Money),
                ("per_weight", row.per_weight, Measure::UnitPrice),
            ];
            for (column, number, measure) in numbers {
                number::check(number, measure, Least::Zero, spot(column), constants, findings);
            }
            let faults_before = findings.diagnostics.found.len();
            let valid = windows.resolve(row.valid.as_deref(), spot("valid"), findings);
            let is_dated = findings.diagnostics.found.len() == faults_before;
            // Of another row it is not known where it stands among them.
            let place = ["region", "from_weight", "from_amount", "valid", "valid_from", "valid_to"];
            if is_dated && place.into_iter().all(|column| !findings.is_unread(row.place, column)) {
                placed.push(row);
                resolved.push(valid);
            }
        }
        check_clashes(&placed, &resolved, windows, findings);
        all.push(resolved);
    }
    all
}

/// Two rows of one region and band never hold at the same time.
fn check_clashes(rows: &[&FreightRow], resolved: &[WindowId], windows: &Windows, findings: &mut Findings) {
    let key = |at: usize| (&rows[at].region, rows[at].from_amount, rows[at].from_weight);
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by_key(|at| (key(*at), rows[*at].place));
    for alike in order.chunk_by(|a, b| key(*a) == key(*b)) {
        // Those so far that do not clash with each other.
        let mut sound: Vec<usize> = Vec::new();
        for second in alike.iter().copied() {
            let Some(first) = sound.iter().copied().find(|other| windows.overlap(resolved[*other], resolved[second])) else {
                sound.push(second);
                continue;
            };
            let message =
                format!("the row has region, weight and amount of line {}, and a validity that overlaps with it", rows[first].place.line);
            let help = "delete one of the two rows, or let one validity end before the other begins";
            findings.diagnostics.add(Code::PriceOverlap, rows[second].place, message, help);
        }
    }
}
