//! What programs tell apart, and how much of it there is: different SKUs, or categories of one level. `docs/semantics.md` §64.3.

use crate::bundle::{Loaded, NONE};
use crate::facts::ProgramVolume;
use crate::id::ProgramId;
use crate::sort::positions;

/// What there is of what a program tells apart, before a cart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Covered {
    /// How many have units of what is posted.
    pub posted: i64,
    /// How many have units with what is open.
    pub there: i64,
    /// These units, each once, in order; of some there may be less than none. Settlement only counts.
    pub units: Vec<(u32, i64)>,
}

impl Covered {
    /// How many there are with some more, each once.
    pub fn with(&self, more: &[(u32, i64)]) -> i64 {
        more.iter().fold(self.there, |there, (thing, more)| {
            let had = self.units.binary_search_by_key(thing, |(known, _)| *known).map_or(0, |at| self.units[at].1);
            there + i64::from(had.saturating_add(*more) > 0) - i64::from(had > 0)
        })
    }

    /// The same as what is there.
    pub fn add(&mut self, more: &[(u32, i64)]) {
        self.units.extend(more);
        self.units = summed(&self.units);
        self.there = count(&self.units);
    }
}

/// Each one once, in order, with its units.
pub fn summed(all: &[(u32, i64)]) -> Vec<(u32, i64)> {
    let mut units: Vec<(u32, i64)> = Vec::new();
    for at in positions(all.len(), &mut |a, b| all[a].0.cmp(&all[b].0)) {
        let (thing, more) = all[at];
        match units.last_mut().filter(|(known, _)| *known == thing) {
            Some((_, sum)) => *sum = sum.saturating_add(more),
            None => units.push((thing, more)),
        }
    }
    units
}

/// Those of which there are units.
fn count(units: &[(u32, i64)]) -> i64 {
    units.iter().map(|(_, units)| i64::from(*units > 0)).sum()
}

/// What facts know of a program. A slice lacks categories of which its dealer can order nothing; they count all the same.
pub fn known(policy: &Loaded, program: ProgramId, facts: &ProgramVolume) -> Covered {
    let mut others: Vec<&str> = Vec::new();
    let mut covered = Covered::default();
    for part in &facts.covered {
        let mut more = Vec::new();
        for (id, quantity) in part {
            let thing = policy.thing_named(program, id).unwrap_or_else(|| {
                let at = others.iter().position(|other| other == id).unwrap_or(others.len());
                if at == others.len() {
                    others.push(id);
                }
                NONE - u32::try_from(at).unwrap_or(0)
            });
            more.push((thing, quantity.0));
        }
        covered.posted = covered.there;
        covered.add(&more);
    }
    covered
}
