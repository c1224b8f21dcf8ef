//! What programs are expected to come to at the end of their windows. `docs/semantics.md` §60.

use super::{add, earned};
use crate::bundle::{Loaded, decoded};
use crate::facts::{ProgramVolume, Volume};
use crate::id::ProgramId;
use crate::num::{Money, Overflow, Quantity, divide};
use crate::policy::{ForecastBy, Qualifier};
use crate::quote::{Foreseen, RebatePreview};
use crate::time::{DAY, Instant};
use crate::waterfall::Enrolment;

/// How the volume of a program at the end of a window is foreseen: as a whole is to a part of it, in each measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// What it goes by.
    pub by: ForecastBy,
    /// The whole; of what is expected, itself.
    pub whole: Volume,
    /// How much of it there is so far; where that is not above 0, nothing is foreseen beyond what there is.
    pub so_far: Volume,
}

/// How a program is foreseen, if it is.
pub fn outlook(policy: &Loaded, program: ProgramId, period: usize, known: Option<&ProgramVolume>, at: Instant) -> Option<Outlook> {
    let by = decoded::<ForecastBy>(policy.tables.program_forecast[program.index()]);
    let said = |by: ForecastBy, whole: Volume, so_far: Volume| Some(Outlook { by, whole, so_far });
    if let Some(expected) = known.and_then(|known| known.expected) {
        return said(ForecastBy::Expected, expected, Volume::default());
    }
    match by {
        ForecastBy::Nothing | ForecastBy::Expected => None,
        ForecastBy::LastYear => {
            let of = |volume: fn(&ProgramVolume) -> Option<Volume>| known.and_then(volume).unwrap_or_default();
            said(by, of(|known| known.last_year), of(|known| known.last_year_to_date))
        }
        ForecastBy::Linear | ForecastBy::Seasonal => {
            let (whole, so_far) = weighed(policy, period, at, known.and_then(|known| known.joined));
            let both = |weight: i64| Volume { amount: Money(weight), quantity: Quantity(weight) };
            said(by, both(whole), both(so_far))
        }
    }
}

/// What a period weighs from the day on which the dealer joined, and what of that is over with the day of an instant, both times the days of the parts in
/// which the two lie.
fn weighed(policy: &Loaded, period: usize, at: Instant, joined: Option<Instant>) -> (i64, i64) {
    let t = &policy.tables;
    let seasons = t.seasons(period);
    let ends = |season: usize| if season + 1 < seasons.end { t.season_from[season + 1] } else { t.period_to[period] };
    let days = |from: i64, to: i64| to.saturating_sub(from).max(0).saturating_add(DAY - 1) / DAY;
    let joined = joined.map_or(i64::MIN, |joined| joined.0);
    // Parts of which not all counts.
    let split = |instant: i64| seasons.clone().find(|season| t.season_from[*season] <= instant && instant < ends(*season));
    let all = |season: usize| days(t.season_from[season], ends(season)).max(1);
    let (first, own) = (split(joined), split(at.0));
    let own = own.filter(|own| Some(*own) != first);
    let (of_first, of_own) = (first.map_or(1, all), own.map_or(1, all));
    let (mut whole, mut so_far) = (0_i64, 0_i64);
    for season in seasons.clone() {
        let (begins, weight) = (t.season_from[season].max(joined), t.season_weight[season]);
        let part = |counted: i64| {
            let counted = weight.saturating_mul(counted);
            let of_others = if Some(season) == first {
                of_own
            } else if Some(season) == own {
                of_first
            } else {
                of_first * of_own
            };
            counted.saturating_mul(of_others)
        };
        let split = Some(season) == first || Some(season) == own;
        let left = if split { days(begins, ends(season)) } else { i64::from(begins < ends(season)) };
        whole = whole.saturating_add(part(left));
        if ends(season) <= at.0 {
            so_far = so_far.saturating_add(part(left));
        } else if begins <= at.0 {
            so_far = so_far.saturating_add(part(days(begins, at.0 + 1)));
        }
    }
    (whole, so_far)
}

/// A volume as it is foreseen, at least what there is with the cart.
fn foreseen(policy: &Loaded, outlook: &Outlook, booked: Volume, with_cart: Volume) -> Result<Volume, Overflow> {
    let rounding = policy.constants.rounding;
    let one = |volume: i64, whole: i64, so_far: i64, least: i64| match outlook.by {
        ForecastBy::Expected => Ok(whole.max(least)),
        _ if so_far <= 0 => Ok(least),
        _ => divide(i128::from(volume) * i128::from(whole), i128::from(so_far), rounding).map(|volume| volume.max(least)),
    };
    let (whole, so_far) = (outlook.whole, outlook.so_far);
    Ok(Volume {
        amount: Money(one(booked.amount.0, whole.amount.0, so_far.amount.0, with_cart.amount.0)?),
        quantity: Quantity(one(booked.quantity.0, whole.quantity.0, so_far.quantity.0, with_cart.quantity.0)?),
    })
}

/// Adds to each preview what is earned by what is invoiced, and what is foreseen.
pub(super) fn look_ahead(
    policy: &Loaded,
    enrolments: &[Enrolment],
    carts: &[Volume],
    previews: &mut [RebatePreview],
) -> Result<(), Overflow> {
    let alike = |enrolment: &Enrolment| enrolment.open == Volume::default() && enrolment.covered.posted == enrolment.covered.there;
    if enrolments.iter().all(alike) {
        // What is posted is all there is before the cart.
        previews.iter_mut().for_each(|preview| preview.earned = Some(preview.before));
    } else {
        let posted: Vec<Volume> = enrolments.iter().map(|enrolment| enrolment.posted).collect();
        let covered: Vec<i64> = enrolments.iter().map(|enrolment| enrolment.covered.posted).collect();
        for (preview, earned) in previews.iter_mut().zip(earned(policy, enrolments, &posted, &covered)?) {
            preview.earned = Some(earned.amount);
        }
    }
    if enrolments.iter().all(|enrolment| enrolment.outlook.is_none()) {
        return Ok(());
    }
    let (mut with_cart, mut then) = (Vec::new(), Vec::new());
    for (enrolment, cart) in enrolments.iter().zip(carts) {
        let booked = add(enrolment.posted, enrolment.open)?;
        let volume = add(booked, *cart)?;
        then.push(enrolment.outlook.as_ref().map_or(Ok(volume), |outlook| foreseen(policy, outlook, booked, volume))?);
        with_cart.push(volume);
    }
    // Which SKUs still come is not foreseen.
    let covered: Vec<i64> = previews.iter().map(|preview| preview.covered.1).collect();
    for (at, paid) in earned(policy, enrolments, &then, &covered)?.into_iter().enumerate() {
        let Some(outlook) = &enrolments[at].outlook else { continue };
        let qualifier = decoded::<Qualifier>(policy.tables.program_qualifier[enrolments[at].program.index()]);
        let (now, volume) = (with_cart[at].measured(qualifier), then[at].measured(qualifier));
        let accrued = match volume > 0 {
            true => Money(divide(i128::from(paid.amount.0) * i128::from(now), i128::from(volume), policy.constants.rounding)?),
            false => paid.amount,
        };
        previews[at].forecast = Some(Foreseen { by: outlook.by, volume, rebate: paid.amount, accrued, tier: paid.tier });
    }
    Ok(())
}
