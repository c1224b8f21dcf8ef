//! Tables of registrations: contracts, quotations and special prices (特价报备).

use super::findings::{Findings, Spot};
use super::names;
use super::number::{self, Least, Measure};
use super::settings::Constants;
use crate::diagnostic::Code;
use crate::policy::{Access, Axis, Period, PriceRow, Registration, Scaling};

/// Checks what a table says of its registrations.
pub fn check_table(access: &Access, key: &str, path: &str, findings: &mut Findings) {
    let mut refuse = |part: &str, message: &str, help: &str| {
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.{part}")), message, help);
    };
    if access.registered.is_none() {
        if access.period.is_some() {
            refuse("period", "`period` needs `registered`", "delete it, or say what the rows are registered as");
        }
        return;
    }
    match access.period {
        None | Some(Period::Month | Period::Quarter | Period::Half | Period::Year) => {}
        Some(Period::Weeks | Period::Dates | Period::Lifetime) => {
            refuse("period", "limits of registrations are by months or longer", "write `month`, `quarter`, `half` or `year`");
        }
    }
    if key != "prices" {
        refuse("registered", &format!("tables under `{key}` have no registrations"), "delete `registered`, or move the table to `prices`");
    } else if access.scale != Scaling::default() {
        refuse("scale", "registered prices have scales by the quantity of the product only", "delete `scale`");
    }
    if !access.by.is_empty() && !access.by.contains(&Axis::Sku) {
        refuse("by", "a registration is for one product", "add `sku` to `by`");
    }
}

/// Checks what a row says of its registration.
pub fn check_row(access: &Access, row: &PriceRow, constants: &Constants, findings: &mut Findings) {
    let Some(registration) = &row.registration else { return };
    let Registration { number, approver, customer, limit, period_limit } = &**registration;
    let spot = |column| Spot::Cell(row.place, column);
    let [of_number, of_approver, of_customer, of_limit, of_period] = Registration::COLUMNS;
    for (column, id) in [(of_number, Some(number)), (of_approver, approver.as_ref()), (of_customer, customer.as_ref())] {
        if let Some(id) = id {
            names::check_id(id, spot(column), findings);
        }
    }
    for (column, limit) in [(of_limit, limit), (of_period, period_limit)] {
        if let Some(limit) = limit {
            number::check(*limit, Measure::Quantity, Least::AboveZero, spot(column), constants, findings);
        }
    }
    if period_limit.is_some() && access.period.is_none() {
        let help = "say the `period` of the table, such as `period: month`, or leave the cell blank";
        findings.add(Code::CombinationInvalid, spot(of_period), "a limit per period in a table without one", help);
    }
    if row.unit.is_some() {
        let help = "leave the cell blank; the price is for the base unit, and for every unit in proportion";
        findings.add(Code::CombinationInvalid, spot("unit"), "a registered price for one unit", help);
    }
}
