//! What a volume earns: the tiers of a program as one pure function.

use crate::bundle::{Loaded, NONE, decoded};
use crate::facts::{ProgramVolume, Volume};
use crate::id::{ProgramId, TextId, ValueId};
use crate::num::{Money, Overflow, Percent, Scale, divide, product};
use crate::policy::{Against, Joiners, ModifierKind, NoBase, Pays, PaysOn, Qualifier, TierMode};
use crate::quote::{Joined, Modified, Tier, Yardstick};
use crate::time::{DAY, Instant};
use crate::waterfall::Enrolment;

/// One whole of a figure.
const KPI_ONE: i64 = 10_000;

/// The tiers of a program that are for a grade, as volumes, and what they are percentages of.
pub fn tiers(
    policy: &Loaded,
    program: ProgramId,
    period: usize,
    known: Option<&ProgramVolume>,
    grade: Option<ValueId>,
) -> (Vec<Tier>, Yardstick, Option<Joined>) {
    let t = &policy.tables;
    let at = program.index();
    let qualifier = decoded::<Qualifier>(t.program_qualifier[at]);
    let against = decoded::<Against>(t.program_against[at]);
    let no_base = decoded::<NoBase>(t.program_no_base[at]);
    let base = match against {
        Against::Nothing => None,
        Against::Target => known.and_then(|known| known.target),
        Against::LastYear => known.and_then(|known| known.last_year),
    };
    let base = base.map(|base| base.measured(qualifier)).filter(|base| *base > 0);
    let part = known.and_then(|known| known.joined).and_then(|at| part_left(policy, program, period, at.0));
    let joined = base.zip(part).map(|(target, (left, of))| Joined { target, left, of });
    let counts = |joined: Joined| {
        let exact = i128::from(joined.target) * i128::from(joined.left);
        divide(exact, i128::from(joined.of), policy.constants.rounding).unwrap_or(0)
    };
    let base = joined.map_or(base, |joined| Some(counts(joined)).filter(|base| *base > 0));
    let lift = i128::from(t.period_lift[period]);
    let start = |tier: &Tier| {
        let share = i128::from(tier.from);
        let Some(base) = base else {
            // Any volume is a growth of 100 %, or beyond every tier.
            let reached = no_base == NoBase::Zero || share <= Percent::ONE;
            return (against == Against::LastYear && no_base != NoBase::Skip && reached).then_some(Tier { from: 0, above: true, ..*tier });
        };
        let exact = match against {
            Against::Target => share * (Percent::ONE + lift),
            Against::Nothing | Against::LastYear => (Percent::ONE + share + lift) * Percent::ONE,
        };
        let exact = exact * i128::from(base);
        let whole = Percent::ONE * Percent::ONE;
        // A volume is whole, so it reaches a fraction where it reaches the next whole one, and is above it where it is above the one before.
        let from = exact.div_euclid(whole) + i128::from(!tier.above && exact.rem_euclid(whole) > 0);
        Some(Tier { from: i64::try_from(from).ok()?, ..*tier })
    };
    let grade = grade.map_or(NONE, |grade| grade.0);
    let all = t.tiers(program).filter(|tier| t.tier_grade[*tier] == NONE || t.tier_grade[*tier] == grade).map(|tier| Tier {
        from: t.tier_from[tier],
        above: t.tier_above[tier] == 1,
        value: t.tier_value[tier],
        every: t.tier_every[tier],
        excess: Some(t.tier_excess[tier]).filter(|excess| *excess >= 0),
        row: tier,
    });
    match against {
        Against::Nothing => (all.collect(), Yardstick::Nothing, None),
        Against::Target | Against::LastYear => {
            let mut tiers: Vec<Tier> = all.filter_map(|tier| start(&tier)).collect();
            // Of those that begin at one volume the last one holds.
            tiers.dedup_by(|next, before| {
                let begin = |tier: &Tier| tier.from.saturating_add(i64::from(tier.above));
                let alike = begin(next) == begin(before);
                if alike {
                    *before = *next;
                }
                alike
            });
            (tiers, Yardstick::Base(base), joined)
        }
    }
}

/// Days or months of a period that are left for who joins at some time of it, and all of them; none where its target counts whole.
fn part_left(policy: &Loaded, program: ProgramId, period: usize, at: i64) -> Option<(i64, i64)> {
    let t = &policy.tables;
    let (from, to) = (t.period_from[period], t.period_to[period]);
    let days = |from: i64| to.saturating_sub(from).max(0).saturating_add(DAY - 1) / DAY;
    let months = t.months(period);
    let count = |months: usize| i64::try_from(months).unwrap_or(0);
    let (left, of) = match decoded::<Joiners>(t.program_joiners[program.index()]) {
        Joiners::Agreed => return None,
        Joiners::Days if from == i64::MIN || to > Instant::MAX.0 => return None,
        Joiners::Days => (days(at), days(from)),
        // That in which he joins counts whole.
        Joiners::Months => {
            (count(t.month_from[months.clone()].iter().filter(|begin| **begin > at).count()) + i64::from(at < to), count(months.len()))
        }
    };
    (left < of).then_some((left, of))
}

/// A volume as a percentage of what it is measured against, or by which it exceeds that, at 10⁻², rounded down.
pub fn percent_of(against: Against, measured: i64, base: i64) -> Option<i64> {
    let above = if against == Against::LastYear { i128::from(measured) - i128::from(base) } else { i128::from(measured) };
    i64::try_from((above * 10_000).checked_div_euclid(i128::from(base))?).ok()
}

/// The tier that a measured volume reaches.
pub fn tier(tiers: &[Tier], measured: i64) -> Option<Tier> {
    tiers.iter().rev().find(|tier| tier.reached(measured)).copied()
}

/// What each modifier of a program does with the dealer's figures.
pub fn modified(policy: &Loaded, program: ProgramId, kpis: &[(String, i64)]) -> Vec<Modified> {
    let t = &policy.tables;
    let one = |modifier: usize| {
        let id = policy.text(TextId(t.kpi_text[t.modifier_kpi[modifier] as usize]));
        let value = kpis.iter().find(|(known, _)| known == id).map(|(_, value)| *value);
        let kind = decoded::<ModifierKind>(t.modifier_kind[modifier]);
        let reaches = |band: &usize, value: i64| {
            let from = t.modifier_band_from[*band];
            if t.modifier_band_above[*band] == 1 { from < value } else { from <= value }
        };
        let percent = match value {
            None => {
                if kind.is_factor() {
                    Percent::WHOLE.0
                } else {
                    0
                }
            }
            Some(value) => {
                let reached = t.modifier_bands(modifier).rev().find(|band| reaches(band, value));
                match kind {
                    ModifierKind::Gate => {
                        if reached.is_some() {
                            Percent::WHOLE.0
                        } else {
                            0
                        }
                    }
                    ModifierKind::Forfeit => {
                        if reached.is_some() {
                            0
                        } else {
                            Percent::WHOLE.0
                        }
                    }
                    ModifierKind::Multiply | ModifierKind::Add => reached.map_or(0, |band| t.modifier_band_value[band]),
                    ModifierKind::Deduct => (value.max(0) / KPI_ONE).saturating_mul(t.modifier_each[modifier]).saturating_neg(),
                }
            }
        };
        Modified { modifier, value, percent }
    };
    t.modifiers(program).map(one).collect()
}

/// The rebate on a volume: a pure function, rounded once. Without a guarantee `R(0) = 0`.
pub fn pay(policy: &Loaded, enrolment: &Enrolment, volume: Volume) -> Result<Money, Overflow> {
    let (t, at) = (&policy.tables, enrolment.program.index());
    let pays = decoded::<Pays>(t.program_pays[at]);
    let qualifier = decoded::<Qualifier>(t.program_qualifier[at]);
    let mut paid_on = if pays == Pays::PerUnit { volume.quantity.0 } else { volume.amount.0 };
    if let (PaysOn::Excess, Yardstick::Base(base)) = (decoded::<PaysOn>(t.program_pays_on[at]), enrolment.yardstick) {
        paid_on = paid_on.saturating_sub(base.unwrap_or(0)).max(0);
    }
    if t.program_cap_volume[at] >= 0 {
        paid_on = paid_on.min(t.program_cap_volume[at]);
    }
    let mode = decoded::<TierMode>(t.program_mode[at]);
    let reached = tier(&enrolment.tiers, volume.measured(qualifier)).is_some();
    let (exact, per) = exact(mode, pays, &enrolment.tiers, volume.measured(qualifier), paid_on)?;
    let c = &policy.constants;
    let divisor = match pays {
        Pays::Percent => Percent::ONE,
        Pays::PerUnit => Scale(c.unit_scale.0 - c.money_scale.0).one() * c.quantity_scale.one(),
        Pays::Amount => 1,
    };
    let times = |a: i128, b: i128| a.checked_mul(b).ok_or(Overflow);
    // Lowest terms, so that the points and factors of large volumes fit, too.
    let (exact, per) = if per == 1 { (exact, 1) } else { lowest(exact, per) };
    let (mut sum, mut below) = (exact, times(per, divisor)?);
    let points = points(policy, enrolment);
    if points != 0 && reached {
        let volume = if pays == Pays::Percent { paid_on } else { volume.amount.0 };
        sum = times(sum, Percent::ONE)?.checked_add(times(times(points, i128::from(volume))?, below)?).ok_or(Overflow)?.max(0);
        below = times(below, Percent::ONE)?;
    }
    let mut forfeit = false;
    for modified in enrolment.modified.iter().filter(|modified| is_factor(policy, modified)) {
        forfeit |= modified.percent == 0;
        if modified.percent != Percent::WHOLE.0 {
            let (factor, whole) = lowest(i128::from(modified.percent), Percent::ONE);
            (sum, below) = lowest(sum, below);
            (sum, below) = (times(sum, factor)?, times(below, whole)?);
        }
    }
    let guarantee = if forfeit { 0 } else { t.program_guarantee[at].saturating_sub(enrolment.surplus.0).max(0) };
    let mut earned = divide(sum, below, c.rounding)?.max(guarantee);
    if t.program_cap_amount[at] >= 0 {
        earned = earned.min(t.program_cap_amount[at]);
    }
    Ok(Money(earned))
}

/// The same fraction in lowest terms.
fn lowest(above: i128, below: i128) -> (i128, i128) {
    let (mut common, mut rest) = (below, above);
    while rest != 0 {
        (common, rest) = (rest, common % rest);
    }
    let common = common.abs().max(1);
    (above / common, below / common)
}

/// What the dealer's figures add to the rate, on the amount, at 10⁻⁶.
pub fn points(policy: &Loaded, enrolment: &Enrolment) -> i128 {
    enrolment.modified.iter().filter(|modified| !is_factor(policy, modified)).map(|modified| i128::from(modified.percent)).sum()
}

fn is_factor(policy: &Loaded, modified: &Modified) -> bool {
    decoded::<ModifierKind>(policy.tables.modifier_kind[modified.modifier]).is_factor()
}

/// The exact rebate as a fraction, before it is divided by the unit of the rates.
fn exact(mode: TierMode, pays: Pays, tiers: &[Tier], measured: i64, paid_on: i64) -> Result<(i128, i128), Overflow> {
    let reached = tiers.iter().rposition(|tier| tier.reached(measured));
    let Some(last) = reached else { return Ok((0, 1)) };
    let times = product;
    let mut sum: i128 = 0;
    for (at, tier) in tiers[..=last].iter().enumerate() {
        let (top, to) = (at == last, tiers.get(at + 1).map_or(i64::MAX, |next| next.from));
        let part = match mode {
            TierMode::Retroactive | TierMode::Interpolated | TierMode::Basket if !top => continue,
            TierMode::Retroactive => match tier.excess {
                Some(excess) => {
                    let below = paid_on.min(tier.from);
                    times(tier.value, below) + times(excess, paid_on - below)
                }
                None => times(tier.value, if pays == Pays::Amount { 1 } else { paid_on }),
            },
            TierMode::Incremental => times(tier.value, paid_on.min(to).saturating_sub(tier.from).max(0)),
            TierMode::Rolling => times(tier.value, if top { paid_on } else { paid_on.min(to) }),
            TierMode::Total | TierMode::Basket => times(tier.value, if pays == Pays::Amount { 1 } else { paid_on }),
            TierMode::Increments => {
                let inside = measured.min(to).saturating_sub(tier.from);
                times(tier.value, inside.checked_div(tier.every).unwrap_or(0))
            }
            TierMode::Interpolated => {
                return interpolated(tier, tiers.get(at + 1), measured, if pays == Pays::Amount { 1 } else { paid_on });
            }
        };
        sum = sum.checked_add(part).ok_or(Overflow)?;
    }
    Ok((sum, 1))
}

/// The value on the line between two tiers, times a volume.
fn interpolated(tier: &Tier, next: Option<&Tier>, measured: i64, paid_on: i64) -> Result<(i128, i128), Overflow> {
    let (from, value) = (i128::from(tier.from), i128::from(tier.value));
    let (span, rise) = next.map_or((1, 0), |next| (i128::from(next.from) - from, i128::from(next.value) - value));
    let between = value * span + rise * (i128::from(measured) - from);
    Ok((between.checked_mul(i128::from(paid_on)).ok_or(Overflow)?, span))
}
