//! Validities of rules and rows, inside the validity of the policy.

use super::findings::{Findings, Spot};
use super::settings::Constants;
use crate::calendar::{WindowFault, Zone, validity};
use crate::diagnostic::Code;
use crate::limit;
use crate::time::Interval;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// A validity: its place in [`super::Resolved::windows`]. Validities of the same instants are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WindowId(pub u32);

/// When something holds: intervals, ascending, no two of which touch; never none.
pub type Window = Arc<[Interval]>;

/// Reads validities; the texts of big tables repeat, so each is read once.
pub struct Windows<'a> {
    zone: &'a Zone,
    policy: Interval,
    compiled: Interval,
    read: RefCell<HashMap<String, Option<WindowId>>>,
    known: RefCell<Known>,
}

#[derive(Default)]
struct Known {
    list: Vec<Window>,
    ids: HashMap<Window, WindowId>,
    /// Occurrences of all that recur.
    occurrences: usize,
    /// Which of two that recur have an instant in common.
    overlaps: HashMap<(WindowId, WindowId), bool>,
}

impl Known {
    fn id(&mut self, window: Window) -> WindowId {
        let next = WindowId(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        *self.ids.entry(window).or_insert_with_key(|window| {
            self.list.push(Arc::clone(window));
            next
        })
    }
}

impl<'a> Windows<'a> {
    pub fn new(constants: &'a Constants, policy: Interval) -> Windows<'a> {
        Windows { zone: &constants.zone, policy, compiled: constants.horizon, read: RefCell::default(), known: RefCell::default() }
    }

    /// The part of a validity that lies inside the policy's own; without a text, all of that. A validity with no such part is reported.
    pub fn resolve(&self, text: Option<&str>, spot: Spot, findings: &mut Findings) -> WindowId {
        let always = || self.known.borrow_mut().id(Arc::new([self.policy]));
        let Some(text) = text else { return always() };
        if let Some(Some(known)) = self.read.borrow().get(text) {
            return *known;
        }
        let resolved = self.read(text, spot, findings);
        self.read.borrow_mut().insert(text.to_owned(), resolved);
        resolved.unwrap_or_else(always)
    }

    fn read(&self, text: &str, spot: Spot, findings: &mut Findings) -> Option<WindowId> {
        let validity = validity(text, self.zone).map_err(|fault| report(fault, text, spot, findings)).ok()?;
        let mut known = self.known.borrow_mut();
        let occurrences = validity.occurrences(self.policy, self.compiled, limit::OCCURRENCES, self.zone);
        let more = occurrences.as_ref().map_or(limit::OCCURRENCES, Vec::len);
        if occurrences.is_none() || (validity.recurs() && known.occurrences + more > limit::ALL_OCCURRENCES) {
            let most =
                format!("more than {} times, or those of the policy together more than {}", limit::OCCURRENCES, limit::ALL_OCCURRENCES);
            let help = "give it a shorter range, or the policy less `horizon_years`";
            findings.add(Code::LimitExceeded, spot, format!("`{text}` recurs {most}"), help);
            return None;
        }
        let occurrences = occurrences.filter(|list| !list.is_empty());
        if occurrences.is_none() {
            let (message, help) = if validity.recurs() {
                (format!("`{text}` holds at no instant of the policy"), "change its days, or delete what it belongs to")
            } else {
                (format!("`{text}` lies outside the validity of the policy"), "change it, or delete what it belongs to")
            };
            findings.add(Code::ValidityEmpty, spot, message, help);
        }
        if validity.recurs() {
            known.occurrences += more;
        }
        occurrences.map(|list| known.id(list.into()))
    }

    /// A validity.
    pub fn window(&self, id: WindowId) -> Window {
        Arc::clone(&self.known.borrow().list[id.0 as usize])
    }

    /// From the first instant to the last.
    pub fn hull(&self, id: WindowId) -> Interval {
        hull(&self.known.borrow().list[id.0 as usize])
    }

    /// Whether a validity has no break.
    pub fn is_whole(&self, id: WindowId) -> bool {
        self.known.borrow().list[id.0 as usize].len() == 1
    }

    /// Whether two validities have an instant in common.
    pub fn overlap(&self, a: WindowId, b: WindowId) -> bool {
        if self.hull(a).overlap(self.hull(b)).is_none() || (self.is_whole(a) && self.is_whole(b)) {
            return self.hull(a).overlap(self.hull(b)).is_some();
        }
        let pair = (a.min(b), a.max(b));
        let known = self.known.borrow().overlaps.get(&pair).copied();
        known.unwrap_or_else(|| {
            let overlap = overlap(&self.window(a), &self.window(b));
            self.known.borrow_mut().overlaps.insert(pair, overlap);
            overlap
        })
    }

    /// All of them.
    pub fn finish(self) -> Vec<Window> {
        self.known.into_inner().list
    }
}

/// From the first instant of a validity to the last.
pub fn hull(window: &[Interval]) -> Interval {
    Interval { from: window[0].from, to: window[window.len() - 1].to }
}

fn overlap(mut a: &[Interval], mut b: &[Interval]) -> bool {
    while let ([first, a_rest @ ..], [second, b_rest @ ..]) = (a, b) {
        if first.overlap(*second).is_some() {
            return true;
        }
        (a, b) = if first.to <= second.from { (a_rest, b) } else { (a, b_rest) };
    }
    false
}

/// Reads the validity of a policy, which does not recur, and reports what is wrong with it.
pub fn read(text: &str, zone: &Zone, spot: Spot, findings: &mut Findings) -> Option<Interval> {
    let validity = validity(text, zone).map_err(|fault| report(fault, text, spot, findings)).ok()?;
    if validity.recurs() {
        let help = "write it at what recurs: a price row, a promotion, a check";
        findings.add(Code::ValidityInvalid, spot, format!("`{text}`: a policy is valid without a break"), help);
    }
    Some(validity.range).filter(|_| !validity.recurs())
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
        WindowFault::Weekday(word) if word.is_empty() => {
            (Code::ValidityInvalid, "nothing stands behind `;`".to_owned(), "delete the `;`".to_owned())
        }
        WindowFault::Weekday(word) => {
            let help = "write `mon`, `tue`, `wed`, `thu`, `fri`, `sat`, `sun` or `mon-fri`; a range of dates stands first";
            (Code::ValidityInvalid, format!("`{word}` is no weekday"), help.to_owned())
        }
        WindowFault::Hours(word) => {
            let help = "write `20:00-22:00`, over midnight `22:00-02:00`, up to the end of the day `20:00-24:00`";
            (Code::ValidityInvalid, format!("`{word}` are no hours of a day"), help.to_owned())
        }
        WindowFault::DayOfMonth(word) => {
            let help = "write `day 1-7`, `day 1, 15` or `day 25-last`, with days from 1 to 31";
            (Code::ValidityInvalid, format!("`{word}` is no day of a month"), help.to_owned())
        }
        WindowFault::Twice(part) => {
            let help = "write weekdays, hours and days once each, such as `sat, sun` or `08:00-10:00, 20:00-22:00`";
            (Code::ValidityInvalid, format!("`{part}` is the second part of its kind"), help.to_owned())
        }
    };
    findings.add(code, spot, message, help);
}
