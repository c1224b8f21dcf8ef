//! Combos (组合): which units of the order they are made of, and what they take off.

use super::benefit::{Grant, benefit};
use super::combine::components;
use super::combine::units::{FINE, Offer, Saves, Slot, Unit, assign};
use super::stage::Contest;
use super::state::{Amounts, Lines};
use crate::bundle::{Benefit, Loaded, decoded};
use crate::id::RuleId;
use crate::num::{Money, Overflow, Part, divide, fill};
use crate::policy::GroupMode;
use crate::quote::{Blocker, LostBy};
use crate::sort::sort;
use std::ops::Range;

/// The combos of one promotion.
#[derive(Debug, Clone, Default)]
pub struct Made {
    /// How many.
    pub times: i64,
    /// Lines with units in them, ascending.
    pub lines: Vec<usize>,
    /// For each of them what its units that the benefit is for cost, and the most that may be taken off these.
    parts: Vec<Part>,
    /// For each of them, how many of its units are in them, and what these cost.
    pub held: Vec<(i64, Money)>,
    /// What they save with floors and without, in parts of [`FINE`].
    exact: [i128; 2],
}

/// Whole units of a line; a line with a fractional quantity has none.
fn units_of(policy: &Loaded, lines: &Lines, line: usize) -> i64 {
    let one = i64::try_from(policy.constants.quantity_scale.one()).unwrap_or(i64::MAX);
    let quantity = lines.quantity[line].0;
    if quantity % one == 0 { quantity / one } else { 0 }
}

/// Whether a line's units may be in a part; the only part of a promotion takes all that the promotion is about.
fn in_part(policy: &Loaded, lines: &Lines, parts: &Range<usize>, part: usize, line: usize) -> bool {
    parts.len() == 1 || policy.tables.part_products(part).binary_search(&lines.product[line].0).is_ok()
}

/// The most units that one combo can be filled with, how many it takes, and how many there are for all of them.
pub fn supply(policy: &Loaded, lines: &Lines, rule: RuleId, on: &[usize]) -> [i64; 3] {
    let (t, parts) = (&policy.tables, policy.tables.parts(rule));
    // Units by the parts that they may be in.
    let mut units = vec![0_i64; 1 << parts.len()];
    for line in on {
        let fits = parts.clone().filter(|part| in_part(policy, lines, &parts, *part, *line));
        let fits: usize = fits.map(|part| 1 << (part - parts.start)).sum();
        units[fits] = units[fits].saturating_add(units_of(policy, lines, *line));
    }
    // Hall: what any of the parts get is at most what there is for them, and the others at most what they take.
    let filled = |some: usize| {
        let others = parts.clone().filter(|part| some >> (part - parts.start) & 1 == 0).map(|part| t.part_quantity[part]);
        let there = (0..units.len()).filter(|fits| fits & some > 0).map(|fits| units[fits]);
        others.chain(there).fold(0, i64::saturating_add)
    };
    let all = units.len() - 1;
    [(0..=all).map(filled).min().unwrap_or(0), filled(0), filled(all)]
}

/// Decides the combos of all promotions of a contest that make some; returns what any other choice could save on top.
pub fn choose(contest: &mut Contest, steps_left: &mut u32) -> Result<Money, Overflow> {
    let t = &contest.policy.tables;
    let makers: Vec<usize> = (0..contest.candidates.len()).filter(|c| !t.parts(contest.candidates[*c].rule).is_empty()).collect();
    contest.made = vec![None; contest.candidates.len()];
    contest.alone = vec![None; contest.candidates.len()];
    let mut bound = Money::ZERO;
    let groups: Vec<&[usize]> = makers.chunk_by(|a, b| contest.candidates[*a].group == contest.candidates[*b].group).collect();
    for group in groups {
        let mode = decoded::<GroupMode>(t.group_mode[contest.candidates[group[0]].group.index()]);
        let choosing = matches!(mode, GroupMode::Best | GroupMode::Exclusive);
        let rivals = if choosing { components(contest, group) } else { group.iter().map(|maker| vec![*maker]).collect() };
        for members in rivals {
            let (made, missed) = make(contest, &members, steps_left)?;
            bound = bound.plus(missed)?;
            for (member, made) in members.iter().zip(made) {
                if made.times == 0 && members.len() > 1 {
                    let (alone, _) = make(contest, &[*member], steps_left)?;
                    contest.alone[*member] = alone.into_iter().next();
                }
                contest.candidates[*member].reached.times = made.times;
                contest.made[*member] = Some(made);
            }
        }
    }
    Ok(bound)
}

/// The best combos of some promotions that compete for units, and what any others could save on top.
fn make(contest: &Contest, members: &[usize], steps_left: &mut u32) -> Result<(Vec<Made>, Money), Overflow> {
    let (policy, t) = (contest.policy, &contest.policy.tables);
    let (mut slots, mut offers): (Vec<Slot>, Vec<Offer>) = Default::default();
    let mut on = vec![false; contest.entry.len()];
    for candidate in members.iter().map(|member| &contest.candidates[*member]) {
        let parts = t.parts(candidate.rule);
        let first = slots.len();
        for part in parts.clone() {
            let mut lines = vec![false; contest.entry.len()];
            candidate.lines.iter().filter(|line| in_part(policy, contest.lines, &parts, part, **line)).for_each(|line| lines[*line] = true);
            slots.push(Slot { quantity: t.part_quantity[part], cheapest: t.part_cheapest[part], lines });
        }
        candidate.lines.iter().for_each(|line| on[*line] = true);
        let value = t.step_value[candidate.reached.step];
        let saves = match benefit(policy, candidate.reached) {
            Benefit::PercentOff => Saves::Percent(value),
            Benefit::Price => Saves::Price(value),
            Benefit::AmountOff | Benefit::PerUnitOff | Benefit::Gift | Benefit::Earn => Saves::Amount(value),
        };
        offers.push(Offer { slots: first..slots.len(), saves, most: candidate.reached.wanted });
    }
    let units = units(contest, &on, &slots);
    let found = assign(&units, &slots, &offers, *steps_left as usize);
    *steps_left = steps_left.saturating_sub(u32::try_from(found.steps).unwrap_or(u32::MAX));
    let mut missed = found.bound;
    let mut made = Vec::with_capacity(offers.len());
    for offer in &offers {
        let own = made_of(&units, &slots, offer, &found.slot_of)?;
        // What the units cannot give was counted in the choice all the same.
        missed += (own.exact[1] - own.exact[0]).max(0) * i128::from(!matches!(offer.saves, Saves::Percent(_)));
        made.push(own);
    }
    Ok((made, Money(i64::try_from((missed + FINE - 1) / FINE).map_err(|_| Overflow)?)))
}

/// The units of the lines, the dearest first. Many alike stay together in powers of two of what fits every part, but for some.
fn units(contest: &Contest, on: &[bool], slots: &[Slot]) -> Vec<Unit> {
    let mut together = 1;
    for slot in slots {
        let mut multiple = together;
        while multiple % slot.quantity != 0 && multiple <= MOST_TOGETHER {
            multiple += together;
        }
        if multiple <= MOST_TOGETHER {
            together = multiple;
        }
    }
    let mut units = Vec::new();
    for line in (0..on.len()).filter(|line| on[*line]) {
        let count = units_of(contest.policy, contest.lines, line);
        if count == 0 {
            continue;
        }
        let (net, capacity) = (contest.entry[line].0, contest.entering().capacity(line).0);
        let (odd_net, odd_capacity) = (net % count, capacity % count);
        // The odd minor units go to the first units, of the net as of the capacity.
        let mut ends = [odd_net, odd_capacity, count];
        ends.sort_unstable();
        let mut from = 0;
        for to in ends {
            let unit = Unit {
                line,
                value: net / count + i64::from(from < odd_net),
                capacity: capacity / count + i64::from(from < odd_capacity),
                size: 1,
            };
            let mut blocks = ((to - from) / together - 2).max(0);
            let single = to - from - blocks * together;
            units.extend((0..single).map(|_| unit));
            let mut size = together;
            while blocks > 0 {
                let more = size.min(blocks * together);
                units.push(Unit { size: more, ..unit });
                blocks -= more / together;
                size = size.saturating_mul(2);
            }
            from = to;
        }
    }
    sort(&mut units, |a, b| b.value.cmp(&a.value).then(a.line.cmp(&b.line)));
    units
}

/// The most units that are kept together so that they fit every part.
const MOST_TOGETHER: i64 = 60;

/// Units of a line that are in combos.
struct Held {
    line: usize,
    /// Those that the benefit is for.
    part: Part,
    /// How many there are, and what they cost.
    units: i64,
    value: Money,
}

fn made_of(units: &[Unit], slots: &[Slot], offer: &Offer, slot_of: &[Option<usize>]) -> Result<Made, Overflow> {
    let mut made = Made::default();
    let mut held = vec![0; offer.slots.len()];
    let mut lines: Vec<Held> = Vec::new();
    let mut capacity_of_all: i128 = 0;
    for (unit, slot) in
        units.iter().zip(slot_of).filter_map(|(unit, slot)| Some((unit, (*slot)?))).filter(|(_, slot)| offer.slots.contains(slot))
    {
        let Slot { quantity, cheapest, .. } = slots[slot];
        let held = &mut held[slot - offer.slots.start];
        let benefiting = match unit.size {
            1 => i64::from(*held % quantity >= quantity - cheapest),
            size => size / quantity * cheapest,
        };
        *held += unit.size;
        for (sum, alone) in
            made.exact.iter_mut().zip([offer.saves.of_unit(unit), offer.saves.of_unit(&Unit { capacity: i64::MAX, ..*unit })])
        {
            *sum += i128::from(benefiting) * alone;
        }
        capacity_of_all += i128::from(benefiting) * i128::from(unit.capacity) * FINE;
        let add = |sum: i64, each: i64| each.checked_mul(benefiting).and_then(|all| sum.checked_add(all)).ok_or(Overflow);
        let at = lines.iter().position(|held| held.line == unit.line).unwrap_or_else(|| {
            lines.push(Held { line: unit.line, part: Part { weight: 0, capacity: Money::ZERO }, units: 0, value: Money::ZERO });
            lines.len() - 1
        });
        let Held { part, units, value, .. } = &mut lines[at];
        *units += unit.size;
        *value = value.plus(Money(unit.value).times(unit.size)?)?;
        *part = Part { weight: add(part.weight, unit.value)?, capacity: Money(add(part.capacity.0, unit.capacity)?) };
    }
    made.times = held[0] / slots[offer.slots.start].quantity;
    made.exact.iter_mut().for_each(|sum| *sum += i128::from(made.times) * offer.saves.of_combo());
    made.exact[0] = made.exact[0].clamp(0, capacity_of_all);
    sort(&mut lines, |a, b| a.line.cmp(&b.line));
    for Held { line, part, units, value } in lines {
        made.lines.push(line);
        made.parts.push(part);
        made.held.push((units, value));
    }
    Ok(made)
}

/// What combos take off: one amount, rounded once and split over the lines by what their units cost.
pub fn grant(policy: &Loaded, amounts: Amounts, made: &Made, budget: Option<Money>) -> Result<Grant, Overflow> {
    let rounded = |exact: i128| divide(exact, FINE, policy.constants.rounding).map(Money);
    let [most, wanted] = [rounded(made.exact[0])?, rounded(made.exact[1])?];
    let amount = most.min(budget.unwrap_or(most));
    let room = |(line, part): (&usize, &Part)| Part { capacity: part.capacity.min(amounts.capacity(*line)), ..*part };
    let parts: Vec<Part> = made.lines.iter().zip(&made.parts).map(room).collect();
    let amounts = fill(amount, &parts, policy.constants.remainder)?;
    let saving = Money::sum(amounts.iter().copied())?;
    let lost_by = LostBy { limit: false, cap: false, budget: amount < most, floor: most < wanted || saving < amount };
    let withheld = lost_by.budget && amount == Money::ZERO;
    Ok(Grant { lost: wanted.minus(saving)?, lost_by, withheld, amounts, saving, ..Grant::default() })
}

/// Why a promotion makes no combo although its units are there and nobody else has them.
pub fn blocker(contest: &Contest, on: &[usize]) -> Blocker {
    if on.iter().all(|line| contest.entry[*line] == Money::ZERO) {
        Blocker::NothingLeft
    } else if on.iter().all(|line| contest.entering().capacity(*line) == Money::ZERO) {
        Blocker::Floor
    } else {
        Blocker::NoGain
    }
}
