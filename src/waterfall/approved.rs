//! Adjustments that somebody approved: they take something off a line before any promotion, and never more than its floor leaves.

use super::context::Context;
use super::state::Lines;
use crate::bundle::Loaded;
use crate::facts::{Off, Order};
use crate::num::{Money, Overflow};
use crate::quote::{Adjustment, ApprovedUse, Claim, QuoteLine, Taker};

/// Takes them off, in order of their ids, and tells what became of each.
pub fn apply(
    policy: &Loaded,
    context: &Context,
    order: &Order,
    priced: &[QuoteLine],
    lines: &Lines,
    net: &mut [Money],
    adjustments: &mut [Vec<Adjustment>],
) -> Result<Vec<ApprovedUse>, Overflow> {
    let mut uses = Vec::with_capacity(context.adjustments.len());
    for (adjustment, approved) in context.adjustments.iter().enumerate() {
        let line = order.lines.binary_search_by(|line| line.id.as_bytes().cmp(approved.line.as_bytes())).ok();
        let (mut saving, mut lost) = (Money::ZERO, Money::ZERO);
        if let Some(line) = line.filter(|line| priced[*line].price.is_some()) {
            let wanted = match approved.off {
                Off::Amount(amount) => amount,
                Off::Percent(share) => lines.list[line].percent(share, policy.constants.rounding)?,
            };
            saving = wanted.min(Money((net[line].0 - lines.least[line].0).max(0)));
            lost = wanted.minus(saving)?;
            net[line] = net[line].minus(saving)?;
            if saving > Money::ZERO {
                adjustments[line].push(Adjustment { by: Taker::Approved(uses.len()), amount: saving });
            }
        }
        uses.push(ApprovedUse { id: approved.id.clone(), adjustment, line, saving, lost });
    }
    Ok(uses)
}

/// Those that take something off: the server gives each once.
pub fn claims(uses: &[ApprovedUse]) -> impl Iterator<Item = Claim> {
    let taken = uses.iter().enumerate().filter(|(_, used)| used.saving > Money::ZERO);
    taken.map(|(adjustment, _)| Claim::Adjustment { adjustment })
}
