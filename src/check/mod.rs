//! [`Policy`] → [`CheckedPolicy`], or everything that is wrong with it, all at once.

mod aliases;
mod audience;
mod channel;
mod combo;
mod condition;
mod contests;
mod findings;
mod formula;
mod freight;
mod guards;
mod hidden;
mod most;
mod names;
mod number;
mod programs;
mod promotions;
mod reach;
mod registered;
mod scorecards;
mod select;
mod settings;
mod tables;
mod transition;
mod units;
mod windows;

use crate::calendar::{PeriodWindow, Zone};
use crate::diagnostic::{Diagnostics, Sources};
use crate::num::Scale;
use crate::policy::Policy;
use crate::time::Interval;
use findings::Findings;
use names::Names;
use select::Catalog;
pub use transition::Course;
use windows::Windows;
pub use windows::{Window, WindowId, hull};

/// A policy without faults, and what checking found out about it. Only [`check`] makes one, so compiling needs no doubts.
#[derive(Debug, Clone)]
pub struct CheckedPolicy {
    policy: Policy,
    resolved: Resolved,
    old: Option<Box<CheckedPolicy>>,
}

/// What the words of a policy stand for.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The policy's time zone.
    pub zone: Zone,
    /// Validity of the policy.
    pub valid: Interval,
    /// Instants for which calendars are compiled; closed on both sides, inside `valid`.
    ///
    /// It begins where the policy does. When that side is open, it begins `horizon_years` before the end of the policy, or, when both
    /// are open, at the start of 2026 in the policy's zone, so that the same files always give the same bundle. It lasts `horizon_years`
    /// years, or until the policy ends.
    pub horizon: Interval,
    /// Digits of amounts: those of the currency.
    pub money_scale: Scale,
    /// Digits of unit prices and of amounts per unit.
    pub unit_scale: Scale,
    /// Digits of quantities.
    pub quantity_scale: Scale,
    /// When dealers of old contracts pass to this policy, if there is an old one.
    pub course: Option<Course>,
    /// What each [`WindowId`] stands for.
    pub windows: Vec<Window>,
    /// When each promotion holds, inside `valid`; same order as the policy.
    pub promotion_windows: Vec<WindowId>,
    /// When each program holds, inside `valid`; same order as the policy.
    pub program_windows: Vec<WindowId>,
    /// The windows in which each program counts volume; same order as the policy.
    pub program_periods: Vec<Vec<PeriodWindow>>,
    /// When each entry of the assortment holds, inside `valid`; same order as the policy.
    pub listing_windows: Vec<WindowId>,
    /// When each grant of territory holds, inside `valid`; same order as the policy.
    pub grant_windows: Vec<WindowId>,
    /// When each check holds, inside `valid`; same order as the policy.
    pub check_windows: Vec<WindowId>,
    /// When each row of each freight table holds, inside `valid`; same order as the policy.
    pub freight_windows: Vec<Vec<WindowId>>,
    /// Where each row of each table holds; in the order of [`Policy::tables`].
    pub table_rows: [Vec<Vec<ResolvedRow>>; 4],
}

/// When and where a row of a price table holds.
#[derive(Debug, Clone, Copy)]
pub struct ResolvedRow {
    /// When, inside the validity of the policy.
    pub valid: WindowId,
    /// Where its band begins, in the measure of the table's scales.
    pub from: i64,
    /// Where it ends, this included; -1 where the table does not say.
    pub end: i64,
}

impl Resolved {
    /// A validity.
    pub fn window(&self, id: WindowId) -> &Window {
        &self.windows[id.0 as usize]
    }
}

impl CheckedPolicy {
    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The old policy of a transition.
    pub fn old(&self) -> Option<&CheckedPolicy> {
        self.old.as_deref()
    }

    /// What its words stand for.
    pub fn resolved(&self) -> &Resolved {
        &self.resolved
    }
}

/// Checks a policy and reports every fault; `None` when there is one, here or from importing.
pub fn check(mut policy: Policy, sources: &Sources, diagnostics: &mut Diagnostics) -> Option<CheckedPolicy> {
    let mut findings = Findings { sources, own: sources, diagnostics: &mut *diagnostics };
    aliases::restate(&mut policy, &mut findings);
    formula::derive(&mut policy, &mut findings);
    units::restate(&mut policy, &mut findings);
    let constants = settings::check(&policy.settings, &mut findings);
    let course = transition::check(&policy, &constants, &mut findings);
    let resolved = resolve(&policy, &constants, constants.valid, course, &mut findings);
    let mut old = None;
    if let (Some(mut before), Some(own)) = (policy.old.take(), sources.old.as_deref()) {
        let mut findings = Findings { sources, own, diagnostics: &mut *diagnostics };
        aliases::restate(&mut before, &mut findings);
        formula::derive(&mut before, &mut findings);
        units::restate(&mut before, &mut findings);
        let theirs = settings::check(&before.settings, &mut findings);
        transition::compare(&policy, &before, &constants, &theirs, &mut findings);
        // What says nothing of its validity is valid as long as either policy; calendars are those of the new one.
        let life = Interval { from: constants.valid.from.min(theirs.valid.from), to: constants.valid.to.max(theirs.valid.to) };
        let theirs = settings::Constants { valid: constants.valid, horizon: constants.horizon, ..theirs };
        let resolved = resolve(&before, &theirs, life, None, &mut findings);
        old = Some(Box::new(CheckedPolicy { policy: *before, resolved, old: None }));
    }
    diagnostics.sort();
    if diagnostics.failed() {
        return None;
    }
    let mut checked = CheckedPolicy { policy, resolved, old: None };
    if let Some(old) = &mut old {
        transition::share_products(&mut checked, old);
        transition::share_products(old, &checked);
    }
    Some(CheckedPolicy { old, ..checked })
}

fn resolve(policy: &Policy, constants: &settings::Constants, life: Interval, course: Option<Course>, findings: &mut Findings) -> Resolved {
    let names = Names::check(policy, findings);
    let windows = Windows::new(constants, life);
    let catalog = Catalog::new(policy, &names);
    channel::check_redemption(policy, &names, &catalog, constants, findings);
    let units = tables::Units::new(policy);
    tables::check_products(policy, &names, constants, findings);
    aliases::check(policy, &names, findings);
    tables::check_prices(("costs", &policy.costs), &catalog, &names, &units, constants, &windows, findings);
    tables::check_dealers(policy, &names, constants, findings);
    let programs = programs::check(policy, &names, &catalog, constants, &windows, findings);
    let (program_windows, program_periods) = programs.into_iter().unzip();
    contests::check(policy, constants, findings);
    scorecards::check(policy, &names, findings);
    Resolved {
        promotion_windows: promotions::check(policy, &names, &catalog, constants, &windows, findings),
        program_windows,
        program_periods,
        listing_windows: channel::check_assortment(policy, &names, &catalog, &windows, findings),
        grant_windows: channel::check_territory(policy, &names, &windows, findings),
        check_windows: guards::check(policy, &names, &catalog, constants, &windows, findings),
        freight_windows: freight::check(policy, &names, constants, &windows, findings),
        table_rows: policy.tables().map(|table| tables::check_prices(table, &catalog, &names, &units, constants, &windows, findings)),
        course,
        zone: constants.zone.clone(),
        valid: constants.valid,
        horizon: constants.horizon,
        money_scale: constants.money,
        unit_scale: constants.unit,
        quantity_scale: constants.quantity,
        windows: windows.finish(),
    }
}
