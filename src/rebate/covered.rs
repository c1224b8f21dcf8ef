//! What programs tell apart, and how much of it there is: different SKUs, or categories of one level. `docs/semantics.md` §64.3.

use crate::bundle::{Loaded, NONE};
use crate::facts::ProgramVolume;
use crate::id::ProgramId;

/// Units of each of what a program tells apart, in any order; of some there may be less than none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Covered {
    /// How many are counted already, where settlement did it; nothing else is told then.
    pub counted: i64,
    /// Of what is posted.
    pub posted: Vec<(u32, i64)>,
    /// Of what is open.
    pub open: Vec<(u32, i64)>,
}

impl Covered {
    /// How many there are of what is posted.
    pub fn posted(&self) -> i64 {
        self.counted + count(&[&self.posted])
    }

    /// The same with what is open, and with some more.
    pub fn with(&self, more: &[(u32, i64)]) -> i64 {
        self.counted + count(&[&self.posted, &self.open, more])
    }
}

/// Each one once, in order, with its units.
pub fn summed(units: &[(u32, i64)]) -> Vec<(u32, i64)> {
    let mut units = units.to_vec();
    units.sort_unstable();
    units.dedup_by(|next, sum| {
        let same = next.0 == sum.0;
        if same {
            sum.1 = sum.1.saturating_add(next.1);
        }
        same
    });
    units
}

/// Those of which there are units.
fn count(parts: &[&[(u32, i64)]]) -> i64 {
    let there = summed(&parts.concat()).iter().filter(|(_, units)| *units > 0).count();
    i64::try_from(there).unwrap_or(i64::MAX)
}

/// What facts know of a program. A slice lacks categories of which its dealer can order nothing; they count all the same.
pub fn known(policy: &Loaded, program: ProgramId, facts: &ProgramVolume) -> Covered {
    let mut others: Vec<&str> = Vec::new();
    let [posted, open] = [0, 1].map(|part: usize| {
        let mut units = Vec::new();
        for (id, quantity) in &facts.covered[part] {
            let thing = policy.thing_named(program, id).unwrap_or_else(|| {
                let at = others.iter().position(|other| other == id).unwrap_or_else(|| {
                    others.push(id);
                    others.len() - 1
                });
                NONE - u32::try_from(at).unwrap_or(0)
            });
            units.push((thing, quantity.0));
        }
        units
    });
    Covered { counted: 0, posted, open }
}
