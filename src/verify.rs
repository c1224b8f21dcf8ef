//! The decision on an order: recompute, compare with what was claimed, and say why. A client of `quote`.

use crate::bundle::Loaded;
use crate::facts::Order;
use crate::num::Money;
use crate::policy::{BlockedLines, Severity};
use crate::quote::Quote;
use crate::wire::Claimed;

/// What becomes of an order; graver ones win.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It stands as claimed.
    Accept,
    /// It can stand, but not as claimed: nothing is committed until it is sent again with the new result.
    AcceptWithChanges,
    /// It waits for approval.
    Route,
    /// It cannot stand.
    Reject,
}

/// A verdict with its reasons, the gravest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The verdict.
    pub verdict: Verdict,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// One reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A guard, a position in [`Quote::guards`].
    Guard(usize),
    /// Something differs from the claim.
    Changed(Change),
}

/// What differs from the claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The result as a whole; no line or total that was claimed shows it.
    Result,
    /// The payable amount.
    Total,
    /// One line's net amount; `None` on the side that does not have the line.
    Line {
        /// Line id.
        id: String,
        /// As claimed.
        yours: Option<Money>,
        /// As computed.
        mine: Option<Money>,
    },
}

/// Decides on a quote. Without a claim there is nothing to differ from, but the lines that were `dropped` from the order before.
pub fn decide(order: &Order, quote: &Quote, result_hash: &str, claimed: Option<&Claimed>, dropped: bool) -> Decision {
    let changes = claimed.map_or_else(Vec::new, |claimed| changes(order, quote, result_hash, claimed));
    let of_severity = |severity: Severity| {
        let guards = quote.guards.iter().enumerate();
        guards.filter(move |(_, guard)| guard.severity == severity).map(|(index, _)| Reason::Guard(index))
    };
    let verdict = match quote.guards.iter().map(|guard| guard.severity).max() {
        Some(Severity::Block) => Verdict::Reject,
        _ if dropped && order.lines.is_empty() => Verdict::Reject,
        Some(Severity::Route) => Verdict::Route,
        // A claim of this very result has seen what was dropped.
        _ if !changes.is_empty() || (dropped && claimed.is_none()) => Verdict::AcceptWithChanges,
        _ => Verdict::Accept,
    };
    let grave = of_severity(Severity::Block).chain(of_severity(Severity::Route));
    let mild = of_severity(Severity::Warn).chain(of_severity(Severity::Info));
    Decision { verdict, reasons: grave.chain(changes.into_iter().map(Reason::Changed)).chain(mild).collect() }
}

/// Lines of an order that a guard blocks, ascending, each once; none where the policy refuses the whole order for them.
pub fn blocked_lines(policy: &Loaded, quote: &Quote) -> Vec<usize> {
    let mut lines: Vec<usize> = Vec::new();
    if policy.constants.blocked_lines == BlockedLines::Drop {
        let blocking = quote.guards.iter().filter(|guard| guard.severity == Severity::Block);
        lines.extend(blocking.filter_map(|guard| guard.finding.line()));
        lines.dedup();
    }
    lines
}

fn changes(order: &Order, quote: &Quote, result_hash: &str, claimed: &Claimed) -> Vec<Change> {
    if claimed.result_hash == result_hash {
        return Vec::new();
    }
    let mut changes = Vec::new();
    if claimed.payable.is_some_and(|payable| payable != quote.totals.payable) {
        changes.push(Change::Total);
    }
    if !claimed.lines.is_empty() {
        for (id, line) in order.lines.iter().map(|line| &line.id).zip(&quote.lines) {
            let yours = claimed.lines.iter().find(|(claimed, _)| claimed == id).map(|(_, net)| *net);
            if yours != Some(line.net) {
                changes.push(Change::Line { id: id.clone(), yours, mine: Some(line.net) });
            }
        }
        for (id, net) in &claimed.lines {
            if !order.lines.iter().any(|line| line.id == *id) {
                changes.push(Change::Line { id: id.clone(), yours: Some(*net), mine: None });
            }
        }
    }
    if changes.is_empty() {
        changes.push(Change::Result);
    }
    changes
}
