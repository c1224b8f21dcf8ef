//! Validities of rules and rows, inside the validity of the policy.

use super::findings::{Findings, Spot};
use super::settings::Constants;
use crate::calendar::{WindowFault, Zone, window};
use crate::diagnostic::Code;
use crate::time::Interval;
use std::cell::RefCell;
use std::collections::HashMap;

/// Reads validities; the texts of big tables repeat, so each is read once.
pub struct Windows<'a> {
    zone: &'a Zone,
    policy: Interval,
    read: RefCell<HashMap<String, Option<Interval>>>,
}

impl<'a> Windows<'a> {
    pub fn new(constants: &'a Constants, policy: Interval) -> Windows<'a> {
        Windows { zone: &constants.zone, policy, read: RefCell::default() }
    }

    /// The part of a validity that lies inside the policy's own; without a text, all of that. A validity with no such part is reported.
    pub fn resolve(&self, text: Option<&str>, spot: Spot, findings: &mut Findings) -> Interval {
        let Some(text) = text else { return self.policy };
        if let Some(Some(known)) = self.read.borrow().get(text) {
            return *known;
        }
        let resolved = read(text, self.zone, spot, findings).and_then(|interval| {
            let inside = interval.overlap(self.policy);
            if inside.is_none() {
                let help = "change it, or delete what it belongs to";
                findings.add(Code::ValidityEmpty, spot, format!("`{text}` lies outside the validity of the policy"), help);
            }
            inside
        });
        self.read.borrow_mut().insert(text.to_owned(), resolved);
        resolved.unwrap_or(self.policy)
    }
}

/// Reads a validity and reports what is wrong with it.
pub fn read(text: &str, zone: &Zone, spot: Spot, findings: &mut Findings) -> Option<Interval> {
    window(text, zone).map_err(|fault| report(fault, text, spot, findings)).ok()
}

/// Reports why a validity or a day is not one.
pub fn report(fault: WindowFault, text: &str, spot: Spot, findings: &mut Findings) {
    let example = "write `2026-03-01 .. 2026-03-31`, or leave one side open";
    let (code, message, help) = match fault {
        WindowFault::NoRange => (Code::ValidityInvalid, format!("`{text}` has no `..`"), example.to_owned()),
        WindowFault::Open => {
            (Code::ValidityInvalid, format!("`{text}` is open on both sides"), "write a side, or delete the key".to_owned())
        }
        WindowFault::Syntax(side) => {
            (Code::ValidityInvalid, format!("`{side}` is not a date"), "write `2026-03-01`, or `2026-03-01T09:00`".to_owned())
        }
        WindowFault::Offset(side) => (
            Code::ValidityInvalid,
            format!("`{side}` has an offset"),
            "leave the offset out; times are in the zone of the policy".to_owned(),
        ),
        WindowFault::NoSuchDay(side) => (Code::ValidityInvalid, format!("there is no `{side}` in the calendar"), example.to_owned()),
        WindowFault::Backwards => {
            (Code::ValidityEmpty, format!("`{text}` ends before it begins"), "write the earlier side first".to_owned())
        }
    };
    findings.add(code, spot, message, help);
}
