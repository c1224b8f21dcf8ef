//! Combos (组合): which units of the order they are made of, and what they take off.

use super::benefit::{Grant, Reached, benefit};
use super::combine::components;
use super::combine::units::{FINE, MOST_APART, Offer, Saves, Slot, Unit, assign, width};
use super::kept::Change;
use super::stage::{Candidate, Contest};
use super::state::{Amounts, Lines};
use crate::bundle::{Benefit, Loaded, decoded};
use crate::id::{ProductId, RuleId};
use crate::num::{Money, Overflow, Part, Quantity, divide, fill};
use crate::policy::{GroupMode, Spread};
use crate::quote::{Blocker, LostBy};
use crate::sort::sort;
use std::ops::Range;

/// The combos of one promotion.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// How many.
    pub times: i64,
    /// Lines with units in them, ascending.
    pub lines: Vec<usize>,
    /// For each of them what its units that bear what is taken off cost, and the most that may be taken off these.
    parts: Vec<Part>,
    /// For each of them, how many of its units are in them, and what these cost.
    pub held: Vec<(i64, Money)>,
    /// What they save with floors and without, in parts of [`FINE`].
    exact: [i128; 2],
}

/// What became of a promotion that makes combos.
#[derive(Debug, Clone)]
pub struct Combos {
    /// Its combos.
    pub made: Made,
    /// If others leave it none: what it would make alone.
    pub alone: Option<Made>,
    /// What any other choice could save on top; on the first of those that compete for units.
    missed: Money,
    /// The searches that this took, on the same one.
    searches: Vec<Searched>,
}

/// A search for combos.
#[derive(Debug, Clone, Copy)]
struct Searched {
    units: usize,
    /// Ways that were continued at once at most: all that it has of the budget of steps.
    width: usize,
    steps: u32,
}

/// Whole units of a quantity; a fractional one has none.
fn whole(policy: &Loaded, quantity: Quantity) -> i64 {
    let one = i64::try_from(policy.constants.quantity_scale.one()).unwrap_or(i64::MAX);
    if quantity.0 % one == 0 { quantity.0 / one } else { 0 }
}

/// Whether a promotion's product may be in a part; the only part of a promotion takes all that the promotion is about.
pub fn in_part(policy: &Loaded, parts: &Range<usize>, part: usize, product: ProductId) -> bool {
    parts.len() == 1 || policy.tables.part_products(part).binary_search(&product.0).is_ok()
}

/// Units by the parts of a promotion that they may be in, these as bits.
fn by_parts(policy: &Loaded, rule: RuleId, lines: impl Iterator<Item = (ProductId, Quantity)>) -> Vec<i64> {
    let parts = policy.tables.parts(rule);
    let mut units = vec![0_i64; 1 << parts.len()];
    for (product, quantity) in lines {
        let fits = parts.clone().filter(|part| in_part(policy, &parts, *part, product));
        let fits: usize = fits.map(|part| 1 << (part - parts.start)).sum();
        units[fits] = units[fits].saturating_add(whole(policy, quantity));
    }
    units
}

/// The most units that so many combos can be filled with, where there is any number for the parts that are `free`.
fn filled(policy: &Loaded, rule: RuleId, units: &[i64], combos: i64, free: usize) -> i64 {
    let (t, parts) = (&policy.tables, policy.tables.parts(rule));
    // Hall: what any of the parts get is at most what there is for them, and the others at most what they take.
    let most = |some: usize| {
        let others = parts.clone().filter(|part| some >> (part - parts.start) & 1 == 0);
        let there = (0..units.len()).filter(|fits| fits & some > 0).map(|fits| units[fits]);
        others.map(|part| t.part_quantity[part].saturating_mul(combos)).chain(there).fold(0, i64::saturating_add)
    };
    (0..units.len()).filter(|some| some & free == 0).map(most).min().unwrap_or(0)
}

/// The most units of one combo that can be filled at once, how many it takes, and how many there are for all of them.
pub fn supply(policy: &Loaded, lines: &Lines, rule: RuleId, on: &[usize]) -> [i64; 3] {
    let units = by_parts(policy, rule, on.iter().map(|line| (lines.product[*line], lines.quantity[*line])));
    let filled = |free| filled(policy, rule, &units, 1, free);
    [filled(0), filled(units.len() - 1), units.iter().fold(0, |sum, units| sum.saturating_add(*units))]
}

/// What is missing of a number of combos.
pub struct Short {
    /// The most of their units that can be filled at once.
    pub have: i64,
    /// What they take.
    pub need: i64,
    /// What each part is short of, those before it having got what they are short of: the fewest units.
    pub parts: Vec<i64>,
}

/// What is missing of `combos` of a promotion where its lines have these products and quantities.
pub fn short(policy: &Loaded, rule: RuleId, lines: impl Iterator<Item = (ProductId, Quantity)>, combos: i64) -> Short {
    let mut units = by_parts(policy, rule, lines);
    let all = units.len() - 1;
    let [have, need] = [0, all].map(|free| filled(policy, rule, &units, combos, free));
    let mut parts = Vec::new();
    for part in 0..policy.tables.parts(rule).len() {
        let behind = all & !((2 << part) - 1);
        let missing = need - filled(policy, rule, &units, combos, behind);
        units[1 << part] = units[1 << part].saturating_add(missing);
        parts.push(missing);
    }
    Short { have, need, parts }
}

/// Decides the combos of all promotions of a contest that make some; returns what any other choice could save on top. Where nothing touched those that
/// compete for units, they have what they had; otherwise those that have other combos touch their lines from the stage's `first` promotion on.
pub fn choose(contest: &mut Contest, steps_left: &mut u32, change: &mut Change, first: RuleId) -> Result<Money, Overflow> {
    let t = &contest.policy.tables;
    let makers: Vec<usize> = (0..contest.candidates.len()).filter(|c| !t.parts(contest.candidates[*c].rule).is_empty()).collect();
    contest.combos = vec![None; contest.candidates.len()];
    let mut bound = Money::ZERO;
    let groups: Vec<&[usize]> = makers.chunk_by(|a, b| contest.candidates[*a].group == contest.candidates[*b].group).collect();
    for group in groups {
        let mode = decoded::<GroupMode>(t.group_mode[contest.candidates[group[0]].group.index()]);
        let choosing = matches!(mode, GroupMode::Best | GroupMode::Exclusive);
        let rivals = if choosing { components(contest, group) } else { group.iter().map(|maker| vec![*maker]).collect() };
        for members in rivals {
            let old: Option<Vec<Combos>> = members.iter().map(|member| change.combos(contest.candidates[*member].before)).collect();
            let found = match old.filter(|old| again(contest, &members, old, steps_left, change)) {
                Some(old) => old,
                None => {
                    let found = search(contest, &members, steps_left)?;
                    for (Candidate { before, eligible, .. }, combos) in
                        members.iter().map(|member| &contest.candidates[*member]).zip(&found)
                    {
                        change.remade(*before, eligible, combos, first);
                    }
                    found
                }
            };
            for (member, combos) in members.into_iter().zip(found) {
                bound = bound.plus(combos.missed)?;
                contest.candidates[member].reached.times = combos.made.times;
                contest.combos[member] = Some(combos);
            }
        }
    }
    Ok(bound)
}

/// Whether promotions that compete for units have the combos that they had: nothing touched them, and each search would go the same way. Takes its steps.
fn again(contest: &Contest, members: &[usize], old: &[Combos], steps_left: &mut u32, change: &Change) -> bool {
    let mut left = *steps_left;
    let alike = |searched: &Searched| {
        let alike = width(left as usize, searched.units) == searched.width;
        left = left.saturating_sub(searched.steps);
        alike
    };
    let same = |candidate: &Candidate| candidate.same && change.untouched(candidate.eligible);
    let all = members.iter().all(|member| same(&contest.candidates[*member])) && old[0].searches.iter().all(alike);
    if all {
        *steps_left = left;
    }
    all
}

/// The best combos of promotions that compete for units, and for those that get none, what they would make alone.
fn search(contest: &Contest, members: &[usize], steps_left: &mut u32) -> Result<Vec<Combos>, Overflow> {
    let mut searches = Vec::new();
    let (made, missed) = make(contest, members, steps_left, &mut searches)?;
    let mut found = Vec::with_capacity(members.len());
    for (member, made) in members.iter().zip(made) {
        let mut alone = None;
        if made.times == 0 && members.len() > 1 {
            alone = make(contest, &[*member], steps_left, &mut searches)?.0.pop();
        }
        found.push(Combos { made, alone, missed: Money::ZERO, searches: Vec::new() });
    }
    (found[0].missed, found[0].searches) = (missed, searches);
    Ok(found)
}

/// The best combos of some promotions that compete for units, and what any others could save on top.
fn make(contest: &Contest, members: &[usize], steps_left: &mut u32, searches: &mut Vec<Searched>) -> Result<(Vec<Made>, Money), Overflow> {
    let (policy, t) = (contest.policy, &contest.policy.tables);
    let (mut slots, mut offers, mut spreads): (Vec<Slot>, Vec<Offer>, Vec<Spread>) = Default::default();
    let mut on = vec![false; contest.entry.len()];
    for candidate in members.iter().map(|member| &contest.candidates[*member]) {
        let parts = t.parts(candidate.rule);
        let first = slots.len();
        let value = t.step_value[candidate.reached.step];
        let saves = match benefit(policy, candidate.reached) {
            Benefit::PercentOff => Saves::Percent(value),
            Benefit::Price => Saves::Price(value),
            Benefit::AmountOff | Benefit::PerUnitOff => Saves::Amount(value),
            // What they give does not compete for units: the more combos the better.
            Benefit::Gift | Benefit::Earn => Saves::Amount(1),
        };
        for part in parts.clone() {
            let mut lines = vec![false; contest.entry.len()];
            candidate
                .lines
                .iter()
                .filter(|line| in_part(policy, &parts, part, contest.lines.product[**line]))
                .for_each(|line| lines[*line] = true);
            let saves = match saves {
                Saves::Percent(_) if t.part_percent[part] >= 0 => Saves::Percent(t.part_percent[part]),
                saves => saves,
            };
            slots.push(Slot { quantity: t.part_quantity[part], cheapest: t.part_cheapest[part], saves, lines });
        }
        candidate.lines.iter().for_each(|line| on[*line] = true);
        let spread = decoded(t.rule_spread[candidate.rule.index()]);
        offers.push(Offer { slots: first..slots.len(), saves, most: candidate.reached.wanted });
        spreads.push(spread);
    }
    let units = units(contest, &on, &slots);
    let found = assign(&units, &slots, &offers, *steps_left as usize);
    let steps = u32::try_from(found.steps).unwrap_or(u32::MAX);
    searches.push(Searched { units: units.len(), width: width(*steps_left as usize, units.len()), steps });
    *steps_left = steps_left.saturating_sub(steps);
    let mut missed = found.bound;
    let mut made = Vec::with_capacity(offers.len());
    for (offer, spread) in offers.iter().zip(spreads) {
        let own = made_of(&units, &slots, offer, &found.slot_of, spread)?;
        // What the units cannot give was counted in the choice all the same.
        missed += (own.exact[1] - own.exact[0]).max(0) * i128::from(!matches!(offer.saves, Saves::Percent(_)));
        made.push(own);
    }
    Ok((made, Money(i64::try_from((missed + FINE - 1) / FINE).map_err(|_| Overflow)?)))
}

/// The units of the lines, the dearest first. Many alike stay together in powers of two of what fits every part, but for some.
fn units(contest: &Contest, on: &[bool], slots: &[Slot]) -> Vec<Unit> {
    let mut units = Vec::new();
    for line in (0..on.len()).filter(|line| on[*line]) {
        let count = whole(contest.policy, contest.lines.quantity[line]);
        if count == 0 {
            continue;
        }
        let (net, capacity) = (contest.entry[line].0, contest.entering().capacity(line).0);
        let (odd_net, odd_capacity) = (net % count, capacity % count);
        let (together, least) = together(slots, line);
        let fitting = slots.iter().filter(|slot| slot.lines[line]).count().clamp(1, MOST_APART);
        let fitting = i64::try_from(fitting).unwrap_or(1);
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
            let mut blocks = (to - from - (fitting + 1) * least).max(0) / together;
            let single = to - from - blocks * together;
            units.extend((0..single).map(|_| unit));
            // Between several parts, few blocks of one size may be divided in any way.
            let (mut size, grows) = (together, fitting == 1 || blocks > MOST_BLOCKS);
            while blocks > 0 {
                let more = size.min(blocks * together);
                units.push(Unit { size: more, ..unit });
                blocks -= more / together;
                if grows {
                    size = size.saturating_mul(2);
                }
            }
            from = to;
        }
    }
    sort(&mut units, |a, b| b.value.cmp(&a.value).then(a.line.cmp(&b.line)));
    units
}

/// How many units of a line stay together so that they fit its parts, and how many of them fill any part at least.
fn together(slots: &[Slot], line: usize) -> (i64, i64) {
    let (mut together, mut most) = (1, 1);
    for quantity in slots.iter().filter(|slot| slot.lines[line]).map(|slot| slot.quantity) {
        let common = together / divisor(together, quantity) * quantity;
        if together == 1 || common <= MOST_TOGETHER {
            together = common;
        }
        most = most.max(quantity);
    }
    (together, most.max(together))
}

/// The greatest common divisor.
fn divisor(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { divisor(other, one % other) }
}

/// The most units that are kept together so that they fit several parts.
const MOST_TOGETHER: i64 = 60;

/// The most blocks of equal units of a line for which one of one size each are tried.
const MOST_BLOCKS: i64 = 64;

/// Units of a line that are in combos.
struct Held {
    line: usize,
    /// Those that the benefit is for.
    part: Part,
    /// How many there are, and what they cost.
    units: i64,
    value: Money,
}

fn made_of(units: &[Unit], slots: &[Slot], offer: &Offer, slot_of: &[Option<usize>], spread: Spread) -> Result<Made, Overflow> {
    let mut made = Made::default();
    let mut held = vec![0; offer.slots.len()];
    let mut lines: Vec<Held> = Vec::new();
    let mut capacity_of_all: i128 = 0;
    for (unit, slot) in
        units.iter().zip(slot_of).filter_map(|(unit, slot)| Some((unit, (*slot)?))).filter(|(_, slot)| offer.slots.contains(slot))
    {
        let Slot { quantity, cheapest, saves, .. } = slots[slot];
        let held = &mut held[slot - offer.slots.start];
        let benefiting = match unit.size {
            1 => i64::from(*held % quantity >= quantity - cheapest),
            size => size / quantity * cheapest,
        };
        *held += unit.size;
        for (sum, alone) in made.exact.iter_mut().zip([saves.of_unit(unit), saves.of_unit(&Unit { capacity: i64::MAX, ..*unit })]) {
            *sum += i128::from(benefiting) * alone;
        }
        capacity_of_all += i128::from(benefiting) * i128::from(unit.capacity) * FINE;
        let bearing = if spread == Spread::All { unit.size } else { benefiting };
        let add = |sum: i64, each: i64| each.checked_mul(bearing).and_then(|all| sum.checked_add(all)).ok_or(Overflow);
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

/// What combos take off: one amount, rounded once and split over the lines by what their units cost; or what they give.
pub fn grant(policy: &Loaded, amounts: Amounts, candidate: &Candidate, made: &Made, budget: Option<Money>) -> Result<Grant, Overflow> {
    let (t, rule) = (&policy.tables, candidate.rule);
    match benefit(policy, candidate.reached) {
        Benefit::Gift | Benefit::Earn if made.times > 0 => {
            let reached = Reached { times: made.times, wanted: made.times, ..candidate.reached };
            return super::benefit::given(policy, amounts, rule, reached, made.lines.len(), budget);
        }
        _ => {}
    }
    let rounded = |exact: i128| divide(exact, FINE, policy.constants.rounding).map(Money);
    let [most, wanted] = [rounded(made.exact[0])?, rounded(made.exact[1])?];
    let cap = |most: i64| if most < 0 { Money(i64::MAX) } else { Money(most) };
    let (cap, of_line) = (cap(t.rule_cap_order[rule.index()]), cap(t.rule_cap_line[rule.index()]));
    let capped = most.min(cap);
    let amount = capped.min(budget.unwrap_or(capped));
    let room = |(line, part): (&usize, &Part)| Part { capacity: part.capacity.min(amounts.capacity(*line)), ..*part };
    let rooms: Vec<Part> = made.lines.iter().zip(&made.parts).map(room).collect();
    let parts: Vec<Part> = rooms.iter().map(|part| Part { capacity: part.capacity.min(of_line), ..*part }).collect();
    let given = fill(amount, &parts, policy.constants.remainder)?;
    let saving = Money::sum(given.iter().copied())?;
    let mut lost_by = LostBy { cap: capped < most, budget: amount < capped, ..LostBy::default() };
    for (line, part) in made.lines.iter().zip(&rooms) {
        if saving < amount && of_line < part.capacity && part.weight > 0 {
            lost_by.cap = true;
        } else if most < wanted || saving < amount {
            lost_by.of_line(amounts.has_floor(*line));
        }
    }
    let withheld = lost_by.budget && amount == Money::ZERO;
    Ok(Grant { lost: wanted.minus(saving)?, lost_by, withheld, amounts: given, saving, ..Grant::default() })
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
