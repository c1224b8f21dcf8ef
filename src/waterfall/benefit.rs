//! What a reached promotion takes off each of its lines.

use super::decompose::amount;
use super::gift;
use super::stage::Candidate;
use super::state::Amounts;
use crate::bundle::{Benefit, Loaded, decoded};
use crate::id::RuleId;
use crate::num::{Money, Overflow, Part, Percent, Rounding, Scale, divide, fill, product};
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
    /// How often it counts, where its budget holds its gifts less often than it is reached.
    pub times: Option<i64>,
    /// What it gives beside.
    pub gifts: Vec<GiftLine>,
    /// What these are chosen from.
    pub offer: Option<GiftOffer>,
    /// Σ value of the gifts.
    pub gift_value: Money,
    /// Whether it would give gifts, and the order wants none.
    pub declined: bool,
    /// Whether it would give gifts, and none of them can be delivered.
    pub undeliverable: bool,
    /// How many of something for later it gives.
    pub earned: i64,
}

impl Grant {
    /// What it counts for when combinations are compared. One of the two is zero: a promotion has one benefit.
    pub fn worth(&self) -> Money {
        self.saving.max(self.gift_value)
    }
}

/// What a benefit sees of a line: all of it, or as many of its units as are allotted.
#[derive(Debug, Clone, Copy)]
struct Share {
    base: Money,
    units: i64,
    weight: i64,
    /// What may still be taken off, whatever the promotion's cap.
    room: Money,
    /// Whether a floor holds for the line.
    floored: bool,
    /// The same within it.
    capacity: Money,
}

impl Share {
    /// Notes what it is that keeps the line from giving more.
    fn keeps_back(&self, lost_by: &mut LostBy) {
        match self.capacity < self.room {
            true => lost_by.cap = true,
            false => lost_by.of_line(self.floored),
        }
    }
}

/// What a benefit asks for: one amount, or an amount of each line.
enum Wanted {
    One(Money),
    Each(Vec<Money>),
}

impl Wanted {
    fn sum(&self) -> Result<Money, Overflow> {
        match self {
            Wanted::One(amount) => Ok(*amount),
            Wanted::Each(amounts) => Money::sum(amounts.iter().copied()),
        }
    }
}

/// Computes what a candidate takes off `lines`, at most what is left of its `budget`.
pub fn grant(policy: &Loaded, amounts: Amounts, candidate: &Candidate, lines: &[usize], budget: Option<Money>) -> Result<Grant, Overflow> {
    let t = &policy.tables;
    let Candidate { rule, reached, .. } = *candidate;
    if let Benefit::Gift | Benefit::Earn = benefit(policy, reached) {
        return given(policy, amounts, rule, reached, lines.len(), budget);
    }
    let budget = budget.unwrap_or(Money(i64::MAX));
    let shares = shares(policy, amounts, candidate, lines, &|line| candidate.units(amounts.lines, line))?;
    let wanted = wanted(policy, candidate, reached.times, &shares)?;
    let cap = match t.rule_cap_order[rule.index()] {
        -1 => Money(i64::MAX),
        most => Money(most),
    };
    let mut all = wanted.sum()?;
    let mut grant = match wanted {
        Wanted::One(amount) => pooled(policy, amount, &shares, cap, budget)?,
        Wanted::Each(amounts) => line_by_line(&shares, amounts)?,
    };
    if grant.saving > cap {
        within(policy, &mut grant, &shares, cap)?;
        grant.lost_by.cap = true;
    }
    if grant.saving > budget {
        within(policy, &mut grant, &shares, budget)?;
        (grant.lost_by.budget, grant.withheld) = (true, budget == Money::ZERO);
    }
    if reached.times < reached.wanted {
        all = self::wanted(policy, candidate, reached.wanted, &shares)?.sum()?;
        grant.lost_by.limit = true;
    }
    if !candidate.allotted.is_empty() {
        // Lines that another promotion has are no loss by limits.
        let units = |line: &usize| candidate.units(amounts.lines, *line);
        let own: Vec<usize> = candidate.eligible.iter().copied().filter(|line| lines.contains(line) || units(line) == 0).collect();
        let whole = self::shares(policy, amounts, candidate, &own, &|line| amounts.lines.quantity[line].0)?;
        all = self::wanted(policy, candidate, reached.times, &whole)?.sum()?;
        grant.lost_by.limit = own.iter().any(|line| units(line) < amounts.lines.quantity[*line].0);
    }
    grant.lost = all.minus(grant.saving)?.max(Money::ZERO);
    if grant.lost == Money::ZERO {
        grant.lost_by = LostBy::default();
    }
    Ok(grant)
}

/// What is given beside so many lines: gifts, or something for later.
pub fn given(
    policy: &Loaded,
    amounts: Amounts,
    rule: RuleId,
    reached: Reached,
    lines: usize,
    budget: Option<Money>,
) -> Result<Grant, Overflow> {
    if benefit(policy, reached) == Benefit::Gift {
        return gift::grant(policy, amounts, rule, reached, lines, budget.unwrap_or(Money(i64::MAX)));
    }
    let earned = policy.tables.step_value[reached.step].checked_mul(reached.times).ok_or(Overflow)?;
    Ok(Grant { amounts: vec![Money::ZERO; lines], earned, ..Grant::default() })
}

fn shares(
    policy: &Loaded,
    amounts: Amounts,
    candidate: &Candidate,
    lines: &[usize],
    units: &dyn Fn(usize) -> i64,
) -> Result<Vec<Share>, Overflow> {
    let (rule, rounding) = (candidate.rule, policy.constants.rounding);
    let cap = policy.tables.rule_cap_line[rule.index()];
    let share = |line: &usize| {
        let quantity = amounts.lines.quantity[*line].0;
        let (base, weight, room) = (base(policy, amounts, rule, *line), weight(policy, amounts, *line), amounts.capacity(*line));
        let floored = amounts.has_floor(*line);
        let own = match Some(units(*line)).filter(|units| *units < quantity) {
            None => Share { base, units: quantity, weight, room, floored, capacity: room },
            Some(units) => {
                let of_units = |whole: i64, rounding| divide(product(whole, units), i128::from(quantity), rounding);
                let room = Money(of_units(room.0, Rounding::Down)?);
                Share {
                    base: Money(of_units(base.0, rounding)?),
                    units,
                    weight: of_units(weight, rounding)?,
                    room,
                    floored,
                    capacity: room,
                }
            }
        };
        Ok(if cap < 0 { own } else { Share { capacity: own.room.min(Money(cap)), ..own } })
    };
    let mut shares = Vec::with_capacity(lines.len());
    for line in lines {
        shares.push(share(line)?);
    }
    Ok(shares)
}

/// What a benefit that counts so many times asks for, whatever the lines can give.
fn wanted(policy: &Loaded, candidate: &Candidate, times: i64, shares: &[Share]) -> Result<Wanted, Overflow> {
    let c = &policy.constants;
    let Candidate { rule, reached, ref taken, .. } = *candidate;
    let value = policy.tables.step_value[reached.step];
    let one = |of: &dyn Fn(&Share) -> Result<Money, Overflow>, line: &Share| if line.units == 0 { Ok(Money::ZERO) } else { of(line) };
    let each = |of: &dyn Fn(&Share) -> Result<Money, Overflow>| {
        let mut amounts = Vec::with_capacity(shares.len());
        for line in shares {
            amounts.push(one(of, line)?);
        }
        Ok(Wanted::Each(amounts))
    };
    let share = Percent(value);
    match (benefit(policy, reached), c.rounding_point) {
        (Benefit::PerUnitOff, _) => each(&|line| per_unit(policy, rule, value, line)),
        (Benefit::Price, _) => each(&|line| Ok(line.base.minus(of_price(policy, value, line.units)?)?.max(Money::ZERO))),
        (Benefit::PercentOff, RoundingPoint::Set) => {
            Ok(Wanted::One(Money::sum(shares.iter().map(|line| line.base))?.percent(share, c.rounding)?))
        }
        (Benefit::PercentOff, RoundingPoint::Line) => each(&|line| line.base.percent(share, c.rounding)),
        (Benefit::PercentOff, RoundingPoint::Unit) => each(&|line| of_units(policy, line, i128::from(share.0))),
        (Benefit::PercentOff, RoundingPoint::Price) => each(&|line| {
            let left = of_units(policy, line, Percent::ONE - i128::from(share.0))?;
            Ok(line.base.minus(left)?.max(Money::ZERO))
        }),
        (Benefit::AmountOff, _) if !taken.is_empty() => amount(taken, times).map(Wanted::One),
        (Benefit::AmountOff | Benefit::Gift | Benefit::Earn, _) => Ok(Wanted::One(Money(value).times(times)?)),
    }
}

/// Amounts of lines, cut to `most`: it is split as any amount, to no line more than it had.
fn within(policy: &Loaded, grant: &mut Grant, shares: &[Share], most: Money) -> Result<(), Overflow> {
    let parts: Vec<Part> = shares.iter().zip(&grant.amounts).map(|(line, given)| Part { weight: line.weight, capacity: *given }).collect();
    grant.amounts = fill(most, &parts, policy.constants.remainder)?;
    grant.saving = Money::sum(grant.amounts.iter().copied())?;
    Ok(())
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
fn of_units(policy: &Loaded, line: &Share, share: i128) -> Result<Money, Overflow> {
    let c = &policy.constants;
    let quantity = i128::from(line.units);
    let numerator = (i128::from(line.base.0) * share).checked_mul(c.quantity_scale.one()).ok_or(Overflow)?;
    let unit = divide(numerator, Percent::ONE * quantity, c.rounding)?;
    divide(i128::from(unit) * quantity, c.quantity_scale.one(), c.rounding).map(Money)
}

/// So many units at a price or amount of one, at the scale of unit prices.
fn of_price(policy: &Loaded, value: i64, units: i64) -> Result<Money, Overflow> {
    let c = &policy.constants;
    let finer = Scale(c.unit_scale.0 - c.money_scale.0);
    divide(product(value, units), i128::from(finer.finer(c.quantity_scale)), c.rounding).map(Money)
}

/// An amount per unit on at most `max_units` units of the line, never more than those units' own price.
fn per_unit(policy: &Loaded, rule: RuleId, value: i64, line: &Share) -> Result<Money, Overflow> {
    let units = match policy.tables.rule_units[rule.index()] {
        -1 => line.units,
        most => line.units.min(most),
    };
    let own = divide(product(line.base.0, units), i128::from(line.units), policy.constants.rounding)?;
    Ok(of_price(policy, value, units)?.min(Money(own)))
}

/// What an amount is split by.
fn weight(policy: &Loaded, amounts: Amounts, line: usize) -> i64 {
    policy.constants.weight.of(amounts.net[line], amounts.lines.list[line], amounts.lines.quantity[line])
}

/// One amount, cut to cap and budget and split over the lines, none beyond its capacity; what a full line cannot take goes to the others.
fn pooled(policy: &Loaded, wanted: Money, shares: &[Share], cap: Money, budget: Money) -> Result<Grant, Overflow> {
    let capped = wanted.min(cap);
    let amount = capped.min(budget);
    let parts: Vec<Part> = shares.iter().map(|line| Part { weight: line.weight, capacity: line.capacity }).collect();
    let given = fill(amount, &parts, policy.constants.remainder)?;
    let saving = Money::sum(given.iter().copied())?;
    let mut lost_by = LostBy { cap: capped < wanted, budget: amount < capped, ..LostBy::default() };
    // Where the lines cannot take it, each of them is full, those without weight only where none has any.
    let weighs = |line: &&Share| line.weight > 0 || shares.iter().all(|line| line.weight == 0);
    if saving < amount {
        shares.iter().filter(weighs).for_each(|line| line.keeps_back(&mut lost_by));
    }
    let withheld = lost_by.budget && budget == Money::ZERO;
    Ok(Grant { lost_by, withheld, amounts: given, saving, ..Grant::default() })
}

/// Amounts that belong to their lines; what a line cannot take is lost.
fn line_by_line(shares: &[Share], mut amounts: Vec<Money>) -> Result<Grant, Overflow> {
    let (mut saving, mut lost_by) = (Money::ZERO, LostBy::default());
    for (line, amount) in shares.iter().zip(&mut amounts) {
        if line.capacity < *amount {
            line.keeps_back(&mut lost_by);
            *amount = line.capacity;
        }
        saving = saving.plus(*amount)?;
    }
    Ok(Grant { amounts, saving, lost_by, ..Grant::default() })
}
