//! What a volume earns: the tiers of a program as one pure function.

use crate::bundle::{Loaded, decoded};
use crate::facts::Volume;
use crate::id::ProgramId;
use crate::num::{Money, Overflow, Percent, Scale, divide};
use crate::policy::TierMode;
use crate::quote::Tier;

/// The tier that a measured volume reaches, `from` inclusive.
pub fn tier(tiers: &[Tier], measured: i64) -> Option<Tier> {
    tiers.iter().rev().find(|tier| tier.from <= measured).copied()
}

/// The rebate on a volume: a pure function, rounded once. `R(0) = 0`.
pub fn pay(policy: &Loaded, program: ProgramId, tiers: &[Tier], volume: Volume) -> Result<Money, Overflow> {
    let t = &policy.tables;
    let pays_units = t.program_pays_units[program.index()] == 1;
    let qualifying = volume.measured(decoded(t.program_qualifier[program.index()]));
    let paid_on = if pays_units { volume.quantity.0 } else { volume.amount.0 };
    let exact = match decoded::<TierMode>(t.program_mode[program.index()]) {
        TierMode::Retroactive => tier(tiers, qualifying).map_or(0, |tier| i128::from(tier.value) * i128::from(paid_on)),
        // The qualifier is the measure here, so bands cut the volume that is paid on.
        TierMode::Incremental => {
            let mut sum: i128 = 0;
            for (at, tier) in tiers.iter().enumerate() {
                let to = tiers.get(at + 1).map_or(i64::MAX, |next| next.from);
                let inside = paid_on.min(to).saturating_sub(tier.from).max(0);
                sum = sum.checked_add(i128::from(tier.value) * i128::from(inside)).ok_or(Overflow)?;
            }
            sum
        }
    };
    let c = &policy.constants;
    let divisor = if pays_units { Scale(c.unit_scale.0 - c.money_scale.0).one() * c.quantity_scale.one() } else { Percent::ONE };
    divide(exact, divisor, c.rounding).map(Money)
}
