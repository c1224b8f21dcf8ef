//! What a reached promotion takes off each of its lines.

use super::gift;
use super::state::Amounts;
use crate::bundle::{Benefit, Loaded, decoded};
use crate::id::RuleId;
use crate::num::{Money, Overflow, Part, Percent, Scale, divide, fill, product};
use crate::policy::{Base, RoundingPoint};
use crate::quote::{GiftLine, GiftOffer, LostBy};

/// A promotion whose threshold is reached: which step, and how often it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Position in the steps' columns.
    pub step: usize,
    /// How often it counts.
    pub times: i64,
    /// How often it would count if it were not limited.
    pub wanted: i64,
    /// What its threshold measured, if it has one.
    pub measured: Option<i64>,
}

/// What a promotion takes off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Grant {
    /// Amounts, one per line, in the order of the lines given.
    pub amounts: Vec<Money>,
    /// Σ of the amounts.
    pub saving: Money,
    /// What limits, its budget, the lines' floors or the lines' ends kept it from giving.
    pub lost: Money,
    /// Which of these.
    pub lost_by: LostBy,
    /// Whether its budget kept it from giving anything.
    pub withheld: bool,
    /// What it gives beside.
    pub gifts: Vec<GiftLine>,
    /// What these are chosen from.
    pub offer: Option<GiftOffer>,
    /// Σ value of the gifts.
    pub gift_value: Money,
    /// Whether it would give gifts, and the order wants none.
    pub declined: bool,
}

impl Grant {
    /// What it counts for when combinations are compared. One of the two is zero: a promotion has one benefit.
    pub fn worth(&self) -> Money {
        self.saving.max(self.gift_value)
    }
}

/// Computes what `rule` takes off `lines`, at most what is left of its `budget`.
pub fn grant(
    policy: &Loaded,
    amounts: Amounts,
    rule: RuleId,
    reached: Reached,
    lines: &[usize],
    budget: Option<Money>,
) -> Result<Grant, Overflow> {
    let t = &policy.tables;
    let value = t.step_value[reached.step];
    let bases: Vec<Money> = lines.iter().map(|line| base(policy, amounts, rule, *line)).collect();
    let budget = budget.unwrap_or(Money(i64::MAX));
    let grant = match benefit(policy, reached) {
        Benefit::Gift => return gift::grant(policy, amounts.lines, rule, reached, lines.len(), budget),
        Benefit::AmountOff | Benefit::Price => {
            let [wanted, amount] = [reached.wanted, reached.times].map(|times| Money(value).times(times));
            let (wanted, amount) = (wanted?, amount?);
            let mut grant = pooled(policy, amounts, amount, lines, budget)?;
            grant.lost_by.limit = amount < wanted;
            grant.lost = wanted.minus(grant.saving)?;
            Ok(grant)
        }
        Benefit::PerUnitOff => {
            let wanted = lines.iter().zip(&bases).map(|(line, base)| per_unit(policy, amounts, rule, value, *line, *base));
            line_by_line(amounts, lines, wanted)
        }
        Benefit::PercentOff => {
            let share = Percent(value);
            let rounding = policy.constants.rounding;
            match policy.constants.rounding_point {
                RoundingPoint::Set => pooled(policy, amounts, Money::sum(bases)?.percent(share, rounding)?, lines, budget),
                RoundingPoint::Line => line_by_line(amounts, lines, bases.iter().map(|base| base.percent(share, rounding))),
                RoundingPoint::Unit => {
                    let wanted = lines.iter().zip(&bases).map(|(line, base)| of_units(policy, amounts, *line, *base, i128::from(share.0)));
                    line_by_line(amounts, lines, wanted)
                }
                RoundingPoint::Price => {
                    let wanted = lines.iter().zip(&bases).map(|(line, base)| {
                        let left = of_units(policy, amounts, *line, *base, Percent::ONE - i128::from(share.0))?;
                        Ok(base.minus(left)?.max(Money::ZERO))
                    });
                    line_by_line(amounts, lines, wanted)
                }
            }
        }
    }?;
    if grant.saving > budget { within(policy, amounts, grant, lines, budget) } else { Ok(grant) }
}

/// Amounts of lines, cut to what is left of a budget: it is split as any amount, to no line more than it had.
fn within(policy: &Loaded, amounts: Amounts, grant: Grant, lines: &[usize], budget: Money) -> Result<Grant, Overflow> {
    let parts: Vec<Part> =
        lines.iter().zip(&grant.amounts).map(|(line, given)| Part { weight: weight(policy, amounts, *line), capacity: *given }).collect();
    let given = fill(budget, &parts, policy.constants.remainder)?;
    let saving = Money::sum(given.iter().copied())?;
    let lost = grant.lost.plus(grant.saving.minus(saving)?)?;
    let lost_by = LostBy { budget: true, ..grant.lost_by };
    Ok(Grant { amounts: given, saving, lost, lost_by, withheld: budget == Money::ZERO, ..grant })
}

/// The kind of benefit of a reached step.
pub fn benefit(policy: &Loaded, reached: Reached) -> Benefit {
    decoded(policy.tables.step_kind[reached.step])
}

/// The amount that a promotion's benefit is taken from.
pub fn base(policy: &Loaded, amounts: Amounts, rule: RuleId, line: usize) -> Money {
    match decoded::<Base>(policy.tables.rule_base[rule.index()]) {
        Base::Running => amounts.net[line],
        Base::StageInput => amounts.entry[line],
        Base::Original => amounts.lines.list[line],
    }
}

/// `share` of one unit of the line, rounded to minor units, times the quantity.
fn of_units(policy: &Loaded, amounts: Amounts, line: usize, base: Money, share: i128) -> Result<Money, Overflow> {
    let c = &policy.constants;
    let quantity = i128::from(amounts.lines.quantity[line].0);
    let numerator = (i128::from(base.0) * share).checked_mul(c.quantity_scale.one()).ok_or(Overflow)?;
    let unit = divide(numerator, Percent::ONE * quantity, c.rounding)?;
    divide(i128::from(unit) * quantity, c.quantity_scale.one(), c.rounding).map(Money)
}

/// An amount per unit on at most `max_units` units of the line, never more than those units' own price.
fn per_unit(policy: &Loaded, amounts: Amounts, rule: RuleId, value: i64, line: usize, base: Money) -> Result<Money, Overflow> {
    let c = &policy.constants;
    let quantity = amounts.lines.quantity[line].0;
    let units = match policy.tables.rule_units[rule.index()] {
        -1 => quantity,
        most => quantity.min(most),
    };
    let finer = Scale(c.unit_scale.0 - c.money_scale.0);
    let full = divide(product(value, units), i128::from(finer.finer(c.quantity_scale)), c.rounding)?;
    let own = divide(product(base.0, units), i128::from(quantity), c.rounding)?;
    Ok(Money(full.min(own)))
}

/// What an amount is split by.
fn weight(policy: &Loaded, amounts: Amounts, line: usize) -> i64 {
    policy.constants.weight.of(amounts.net[line], amounts.lines.list[line], amounts.lines.quantity[line])
}

/// One amount, cut to the budget and split over the lines, none beyond its capacity; what a full line cannot take goes to the others.
fn pooled(policy: &Loaded, amounts: Amounts, wanted: Money, lines: &[usize], budget: Money) -> Result<Grant, Overflow> {
    let amount = wanted.min(budget);
    let parts: Vec<Part> =
        lines.iter().map(|line| Part { weight: weight(policy, amounts, *line), capacity: amounts.capacity(*line) }).collect();
    let given = fill(amount, &parts, policy.constants.remainder)?;
    let saving = Money::sum(given.iter().copied())?;
    let lost_by = LostBy { limit: false, budget: amount < wanted, floor: saving < amount };
    let withheld = lost_by.budget && budget == Money::ZERO;
    Ok(Grant { lost: wanted.minus(saving)?, lost_by, withheld, amounts: given, saving, ..Grant::default() })
}

/// Amounts that belong to their lines; what a line cannot take is lost.
fn line_by_line(amounts: Amounts, lines: &[usize], wanted: impl Iterator<Item = Result<Money, Overflow>>) -> Result<Grant, Overflow> {
    let mut grant = Grant::default();
    for (line, wanted) in lines.iter().zip(wanted) {
        let wanted = wanted?;
        let given = wanted.min(amounts.capacity(*line));
        grant.saving = grant.saving.plus(given)?;
        grant.lost = grant.lost.plus(wanted.minus(given)?)?;
        grant.lost_by.floor |= given < wanted;
        grant.amounts.push(given);
    }
    Ok(grant)
}
