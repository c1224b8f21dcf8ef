//! Versions of a policy inside a window: each transaction counts under the one that was in force on the day that decides. `docs/semantics.md`
//! §56.

use super::{Fault, Sums, Task};
use crate::bundle::Loaded;
use crate::facts::{DealerFacts, Volume};
use crate::id::{AudienceId, ProgramId, TextId};
use crate::num::{Money, Overflow};
use crate::rebate::{self, Covered};
use crate::time::Instant;
use crate::waterfall::{Context, Enrolment};

/// A version before the last one.
pub struct Earlier<'a> {
    /// The policy as it was.
    pub policy: &'a Loaded,
    /// The dealers of the task, in the same order, read for this policy.
    pub dealers: &'a [DealerFacts],
    /// It was in force until here, exclusive.
    pub until: Instant,
}

/// What a version adds to a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Version of the policy, as it calls itself.
    pub version: String,
    /// What it comes to on the volume of the versions before it; nothing for the first that the dealer was under.
    pub before: Money,
    /// The same with its own volume.
    pub after: Money,
}

/// A version with what it calls programs and windows of the last one.
pub(super) struct Version<'a> {
    pub policy: &'a Loaded,
    pub dealers: &'a [DealerFacts],
    pub from: Instant,
    pub to: Instant,
    /// Whether a program of it asks of orders, prices or tax.
    pub asks: bool,
    /// By program of its own: that of the last version.
    pub last: Vec<ProgramId>,
    /// By window of the last version.
    own: Vec<Option<Own>>,
    /// By dealer in order of their ids: which of its programs he was in.
    pub members: Vec<Vec<ProgramId>>,
}

/// What a version calls a window of the last one.
#[derive(Clone, Copy)]
struct Own {
    program: ProgramId,
    period: usize,
    /// Whether it was in force at some time of the window.
    touches: bool,
}

impl<'a> Version<'a> {
    /// All versions, the last one behind the others.
    pub fn all(task: &Task<'a>, sums: &Sums) -> Result<Vec<Version<'a>>, Fault> {
        let mut versions = Vec::with_capacity(task.earlier.len() + 1);
        let mut from = Instant(i64::MIN);
        for earlier in task.earlier {
            versions.push(Version::new(task, sums, earlier.policy, earlier.dealers, (from, earlier.until))?);
            from = earlier.until;
        }
        versions.push(Version::new(task, sums, task.policy, task.dealers, (from, Instant(i64::MAX)))?);
        Ok(versions)
    }

    fn new(
        task: &Task<'a>,
        sums: &Sums,
        policy: &'a Loaded,
        dealers: &'a [DealerFacts],
        (from, to): (Instant, Instant),
    ) -> Result<Version<'a>, Fault> {
        let (t, l) = (&policy.tables, &task.policy.tables);
        let mut own = vec![None; l.period_text.len()];
        let mut last = Vec::with_capacity(t.program_text.len());
        for program in (0..).map(ProgramId).take(t.program_text.len()) {
            let id = policy.program(program);
            let fault = || Fault::Version(id.to_owned());
            let known = task.policy.program_of(id).ok_or_else(fault)?;
            if t.program_covers[program.index()] != l.program_covers[known.index()] {
                return Err(fault());
            }
            for period in t.periods(program) {
                let touches = t.period_from[period] < to.0 && from.0 < t.period_to[period];
                let label = policy.text(TextId(t.period_text[period]));
                let same = |other: &usize| {
                    let ends = (l.period_from[*other], l.period_to[*other]) == (t.period_from[period], t.period_to[period]);
                    ends && task.policy.text(TextId(l.period_text[*other])) == label
                };
                match l.periods(known).find(same) {
                    Some(other) => own[other] = Some(Own { program, period, touches }),
                    None if touches => return Err(fault()),
                    None => {}
                }
            }
            last.push(known);
        }
        let members = sums.order.iter().map(|at| Context::member_of(policy, &dealers[*at])).collect();
        let audiences = t.program_orders.iter().any(|audience| !t.terms(AudienceId(*audience)).is_empty());
        let mut programs = (0..super::short(t.program_text.len())).map(ProgramId);
        let taxed = programs.any(|program| rebate::told_apart(policy, program).is_some());
        let asks = audiences || taxed || t.program_unpriced.iter().any(|kinds| *kinds != 0);
        Ok(Version { policy, dealers, from, to, asks, last, own, members })
    }

    /// Whether rows can count in a window of the last version.
    pub fn has(&self, period: usize) -> bool {
        self.own[period].is_some()
    }

    /// What each of some programs of the last version, with their windows, adds for a dealer: without the volumes of this version, and with
    /// them; none where he was not in it then.
    pub fn adds(
        &self,
        sums: &Sums,
        dealer: usize,
        programs: &[(ProgramId, usize)],
        volumes: &dyn Fn(usize, bool) -> Result<Posted, Overflow>,
        surplus: &dyn Fn(ProgramId) -> Money,
    ) -> Result<Vec<Option<(Money, Money)>>, Overflow> {
        let facts = &self.dealers[sums.order[dealer]];
        let mut beside = Vec::new();
        for (last, period) in programs {
            let Some(own) = self.own[*period].filter(|own| self.members[dealer].binary_search(&own.program).is_ok()) else { continue };
            let (before, after) = (volumes(*period, false)?, volumes(*period, true)?);
            if own.touches || before != after {
                beside.push((
                    *period,
                    enrolment(self.policy, facts, own.program, own.period, (Posted::default(), surplus(*last))),
                    before,
                    after,
                ));
            }
        }
        let enrolments: Vec<Enrolment> = beside.iter().map(|(_, enrolment, _, _)| enrolment.clone()).collect();
        let earned = |posted: Vec<Posted>| {
            let (volumes, covered): (Vec<Volume>, Vec<i64>) = posted.into_iter().unzip();
            rebate::earned(self.policy, &enrolments, &volumes, &covered)
        };
        let before = earned(beside.iter().map(|(_, _, before, _)| *before).collect())?;
        let after = earned(beside.iter().map(|(_, _, _, after)| *after).collect())?;
        let at = |period: usize| beside.iter().position(|(own, ..)| *own == period);
        Ok(programs.iter().map(|(_, period)| at(*period).map(|at| (before[at].amount, after[at].amount))).collect())
    }
}

/// A volume, and how many different SKUs or categories it is of, where its program tells them apart.
type Posted = (Volume, i64);

/// A program of a dealer's in a window, with the volume that is posted, and what was paid beyond guarantees before.
pub(super) fn enrolment(
    policy: &Loaded,
    dealer: &DealerFacts,
    program: ProgramId,
    period: usize,
    ((posted, counted), surplus): (Posted, Money),
) -> Enrolment {
    let label = policy.text(TextId(policy.tables.period_text[period]));
    let known = dealer.volumes.iter().find(|known| known.program == policy.program(program) && known.period == label);
    let (tiers, yardstick, joined) = rebate::tiers(policy, program, period, known, dealer.grade);
    Enrolment {
        program,
        period,
        posted,
        open: Volume::default(),
        covered: Covered { posted: counted, there: counted, units: Vec::new() },
        tiers,
        yardstick,
        joined,
        modified: rebate::modified(policy, program, &dealer.kpis),
        carried: Money::ZERO,
        surplus,
        due: None,
        outlook: None,
        left: None,
        most: None,
    }
}
