//! What a cart does in contests, against what was published of them last. `docs/semantics.md` §43.

use super::add;
use crate::bundle::Loaded;
use crate::facts::ContestStanding;
use crate::id::TextId;
use crate::num::Overflow;
use crate::quote::{Distance, Race, RebatePreview};

/// Adds to each preview the contests that rank by its program, in its window.
pub(super) fn race(policy: &Loaded, standings: &[ContestStanding], previews: &mut [RebatePreview]) -> Result<(), Overflow> {
    if standings.is_empty() {
        return Ok(());
    }
    for preview in previews {
        let by = preview.qualifier;
        let booked = add(preview.posted, preview.open)?;
        let (before, after) = (booked.measured(by), add(booked, preview.counted)?.measured(by));
        let (program, period) = (policy.program(preview.program), policy.text(TextId(policy.tables.period_text[preview.period])));
        for standing in standings.iter().filter(|standing| standing.program == program && standing.period == period) {
            let mut ahead = Vec::with_capacity(standing.ahead.len());
            for rank in &standing.ahead {
                let mark = add(standing.volume, rank.gap)?.measured(by);
                let missing = |volume: i64| mark.checked_sub(volume).ok_or(Overflow);
                let (without, with) = (missing(before)?, missing(after)?);
                ahead.push(Distance { before: without.max(0), after: with.max(0), over: with.saturating_neg().max(0) });
            }
            preview.contests.push(Race { standing: standing.clone(), before, after, ahead });
        }
    }
    Ok(())
}
