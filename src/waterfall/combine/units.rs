//! Which units of an order go into which combos (组合): the assignment that saves most.
//!
//! Units are taken one by one, the dearest first, and given to a part of a combo or to none. What matters for the rest is only how far
//! each combo has come, so of all ways to come equally far the best is kept. As long as nothing else is dropped, the result is proven;
//! beyond the step budget the ways that promise least are dropped, and the most that one of them promised bounds what is missed.

use crate::num::Percent;
use crate::sort::positions;
use std::cmp::Ordering;
use std::ops::Range;

/// Parts of a minor unit that savings are counted in: percentages of amounts are whole numbers of them.
pub const FINE: i128 = Percent::ONE;

/// Units that are alike and stay together, mostly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unit {
    /// Line, as its position.
    pub line: usize,
    /// Its share of the line's net, in minor units.
    pub value: i64,
    /// Its share of what may be taken from the line.
    pub capacity: i64,
    /// How many there are of it.
    pub size: i64,
}

/// One part of a combo.
#[derive(Debug, Clone)]
pub struct Slot {
    /// Units that it takes.
    pub quantity: i64,
    /// How many of them, the cheapest, the benefit is for.
    pub cheapest: i64,
    /// Which lines have such units.
    pub lines: Vec<bool>,
}

/// What a combo takes off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saves {
    /// A share of the units that the benefit is for, at 10⁻⁶.
    Percent(i64),
    /// An amount for each combo.
    Amount(i64),
    /// All that those of its units cost that it is for, above this price.
    Price(i64),
}

/// A promotion that makes combos.
#[derive(Debug, Clone)]
pub struct Offer {
    /// Its parts, positions among the slots; never empty.
    pub slots: Range<usize>,
    /// What each combo saves.
    pub saves: Saves,
    /// The most combos it may make.
    pub most: i64,
}

impl Saves {
    /// What a unit that the benefit is for brings by itself.
    pub fn of_unit(self, unit: &Unit) -> i128 {
        match self {
            Saves::Percent(share) => (i128::from(share) * i128::from(unit.value)).min(i128::from(unit.capacity) * FINE),
            Saves::Amount(_) => 0,
            Saves::Price(_) => i128::from(unit.value) * FINE,
        }
    }

    /// What a complete combo brings beside its units.
    pub fn of_combo(self) -> i128 {
        match self {
            Saves::Percent(_) => 0,
            Saves::Amount(amount) => i128::from(amount) * FINE,
            Saves::Price(price) => -i128::from(price) * FINE,
        }
    }
}

/// The best assignment that was found.
#[derive(Debug, Default)]
pub struct Assignment {
    /// For each unit the slot that it is in.
    pub slot_of: Vec<Option<usize>>,
    /// What it saves, in parts of [`FINE`].
    value: i128,
    /// What any other assignment could save on top.
    pub bound: i128,
    /// Ways that were continued.
    pub steps: usize,
}

/// One way to have given away the units so far; `counts` and `pending` of all ways of a layer stand one after another.
#[derive(Debug, Clone, Copy)]
struct Way {
    value: i128,
    combos: i64,
    /// Most that it can still come to.
    promise: i128,
    /// Where its last step stands in the track.
    step: u32,
    complete: bool,
}

struct Search<'a> {
    units: &'a [Unit],
    slots: &'a [Slot],
    offers: &'a [Offer],
    /// Offer of each slot.
    offer_of: Vec<usize>,
    /// Whether an offer's combos must be counted, because they are limited more than the units limit them.
    counted: Vec<bool>,
    /// The most that the units from here on can bring.
    rest: Vec<i128>,
}

/// How many ways of having assigned some of so many units are continued at once at most.
pub fn width(steps: usize, units: usize) -> usize {
    (steps / units.max(1)).clamp(1, WIDTH)
}

/// Finds the assignment of the largest saving; of equal ones the one with fewer combos, then the one that gives the earlier units to
/// earlier slots. `units` stand in unit order; about `steps` ways are continued at most.
pub fn assign(units: &[Unit], slots: &[Slot], offers: &[Offer], steps: usize) -> Assignment {
    if units.len().saturating_mul(slots.len()) <= MOST_WORK {
        return Search::new(units, slots, offers).run(steps);
    }
    // Too many to weigh against each other: each offer has what the ones before it left.
    let mut all = Assignment { slot_of: vec![None; units.len()], ..Assignment::default() };
    for offer in offers {
        let left: Vec<usize> = (0..units.len()).filter(|unit| all.slot_of[*unit].is_none()).take(MOST_WORK / offer.slots.len()).collect();
        let own: Vec<Unit> = left.iter().map(|unit| units[*unit]).collect();
        let slots = &slots[offer.slots.clone()];
        let found = Search::new(&own, slots, &[Offer { slots: 0..slots.len(), ..offer.clone() }]).run(0);
        for (unit, slot) in left.into_iter().zip(found.slot_of) {
            all.slot_of[unit] = slot.map(|slot| offer.slots.start + slot);
        }
        all.value += found.value;
        all.steps += found.steps;
    }
    all.bound = Search::new(units, slots, offers).rest[0].saturating_sub(all.value).max(0);
    all
}

impl<'a> Search<'a> {
    fn new(units: &'a [Unit], slots: &'a [Slot], offers: &'a [Offer]) -> Search<'a> {
        let mut search = Search {
            units,
            slots,
            offers,
            offer_of: vec![0; slots.len()],
            counted: Vec::with_capacity(offers.len()),
            rest: vec![0; units.len() + 1],
        };
        for (index, offer) in offers.iter().enumerate() {
            search.offer_of[offer.slots.clone()].fill(index);
            let needed: i64 = slots[offer.slots.clone()].iter().map(|slot| slot.quantity).sum();
            let fits = |unit: &&Unit| slots[offer.slots.clone()].iter().any(|slot| slot.lines[unit.line]);
            let there = units.iter().filter(fits).fold(0_i64, |sum, unit| sum.saturating_add(unit.size));
            search.counted.push(offer.most < there / needed);
        }
        for (index, unit) in units.iter().enumerate().rev() {
            let shares = (0..slots.len()).filter(|slot| slots[*slot].lines[unit.line]).map(|slot| search.share(slot, unit));
            search.rest[index] = search.rest[index + 1] + i128::from(unit.size) * shares.max().unwrap_or(0).max(0);
        }
        search
    }

    /// Not less than a unit's share of the saving of the combo that it is in: the cheapest units of a combo are at most as dear as its
    /// average, and what a combo brings beside its units is shared evenly.
    fn share(&self, slot: usize, unit: &Unit) -> i128 {
        let offer = &self.offers[self.offer_of[slot]];
        let Slot { quantity, cheapest, .. } = self.slots[slot];
        let needed: i64 = self.slots[offer.slots.clone()].iter().map(|slot| slot.quantity).sum();
        match offer.saves {
            Saves::Percent(_) if cheapest == quantity => offer.saves.of_unit(unit),
            Saves::Percent(share) => {
                let all = i128::from(share) * i128::from(unit.value) * i128::from(cheapest);
                (all + i128::from(quantity) - 1).div_euclid(i128::from(quantity))
            }
            saves => {
                i128::from(cheapest.min(1)) * saves.of_unit(unit)
                    + (saves.of_combo() + i128::from(needed) - 1).div_euclid(i128::from(needed))
            }
        }
    }

    /// What a slot that holds `held` units brings by one more step of `unit`, and the combos that this completes.
    fn brings(&self, slot: usize, held: i64, unit: &Unit) -> (i128, i64) {
        let offer = &self.offers[self.offer_of[slot]];
        let Slot { quantity, cheapest, .. } = self.slots[slot];
        // Units that stay together are a multiple of the quantity.
        let (benefiting, completed) = match unit.size {
            1 => (i64::from(held % quantity >= quantity - cheapest), i64::from(held % quantity == quantity - 1)),
            size => (size / quantity * cheapest, size / quantity),
        };
        let combos = if slot == offer.slots.start { completed } else { 0 };
        (i128::from(benefiting) * offer.saves.of_unit(unit) + i128::from(combos) * offer.saves.of_combo(), combos)
    }

    /// The combos of an offer that are full in every part.
    fn full(&self, offer: usize, counts: &[i64]) -> i64 {
        self.offers[offer].slots.clone().map(|slot| counts[slot] / self.slots[slot].quantity).min().unwrap_or(0)
    }

    /// Whether an offer has begun no combo that is not full.
    fn complete(&self, offer: usize, counts: &[i64]) -> bool {
        let full = self.full(offer, counts);
        self.offers[offer].slots.clone().all(|slot| counts[slot] == full * self.slots[slot].quantity)
    }

    fn run(&self, steps: usize) -> Assignment {
        let (slots, offers) = (self.slots.len(), self.offers.len());
        let width = width(steps, self.units.len());
        let mut ways = vec![Way { value: 0, combos: 0, promise: self.rest[0], step: NO_STEP, complete: true }];
        let (mut counts, mut pending) = (vec![0_i64; slots], vec![0_i128; offers]);
        // Of each step the one before it, and the slot, or the number of slots for none.
        let mut track: Vec<(u32, u16)> = Vec::new();
        let mut dropped = i128::MIN;
        let mut continued = 0;
        for (index, unit) in self.units.iter().enumerate() {
            continued += ways.len();
            let mut next: Vec<Way> = Vec::new();
            let mut from: Vec<(u32, u16)> = Vec::new();
            let (mut next_counts, mut next_pending) = (Vec::new(), Vec::new());
            for (at, way) in ways.iter().enumerate() {
                for slot in 0..=slots {
                    let (mut own, mut open) =
                        (counts[at * slots..(at + 1) * slots].to_vec(), pending[at * offers..(at + 1) * offers].to_vec());
                    let (mut value, mut combos) = (way.value, way.combos);
                    if slot < slots {
                        let (offer, quantity) = (self.offer_of[slot], self.slots[slot].quantity);
                        let room = !self.counted[offer] || own[slot] + unit.size <= self.offers[offer].most * quantity;
                        let fits = unit.size == 1 || unit.size % quantity == 0;
                        if !(self.slots[slot].lines[unit.line] && room && fits) {
                            continue;
                        }
                        let (brought, completed) = self.brings(slot, own[slot], unit);
                        value += brought;
                        combos += completed;
                        open[offer] += i128::from(unit.size) * self.share(slot, unit) - brought;
                        own[slot] += unit.size;
                        if self.complete(offer, &own) {
                            open[offer] = 0;
                        }
                        if !self.counted[offer] {
                            let full = self.full(offer, &own);
                            self.offers[offer].slots.clone().for_each(|slot| own[slot] -= full * self.slots[slot].quantity);
                        }
                    }
                    let complete = (0..offers).all(|offer| self.complete(offer, &own));
                    let promise = value + open.iter().sum::<i128>() + self.rest[index + 1];
                    next.push(Way { value, combos, promise, step: NO_STEP, complete });
                    from.push((way.step, u16::try_from(slot).unwrap_or(u16::MAX)));
                    next_counts.extend_from_slice(&own);
                    next_pending.extend_from_slice(&open);
                }
            }
            let kept = self.keep(&next, &next_counts, width, &mut dropped);
            (ways, counts, pending) = (Vec::with_capacity(kept.len()), Vec::new(), Vec::new());
            for at in kept {
                ways.push(Way { step: u32::try_from(track.len()).unwrap_or(NO_STEP), ..next[at] });
                track.push(from[at]);
                counts.extend_from_slice(&next_counts[at * slots..(at + 1) * slots]);
                pending.extend_from_slice(&next_pending[at * offers..(at + 1) * offers]);
            }
        }
        let mut slot_of = vec![None; self.units.len()];
        let best = best(&ways);
        let mut step = best.map_or(NO_STEP, |best| ways[best].step);
        for at in slot_of.iter_mut().rev() {
            let Some((before, slot)) = track.get(step as usize) else { break };
            *at = Some(usize::from(*slot)).filter(|slot| *slot < slots);
            step = *before;
        }
        let value = best.map_or(0, |best| ways[best].value);
        // Units that stay together were not tried apart. Those that are single make any number of them for one slot, and for several if all that stay
        // together are as many.
        let apart = |at: usize, unit: &Unit| {
            let slots = || self.slots.iter().filter(|slot| slot.lines[unit.line]);
            let next = self.units.get(at + 1).filter(|next| next.size > 1 && next.line == unit.line);
            let alike = next.is_none_or(|next| next.size == unit.size);
            slots().all(|slot| unit.size % slot.quantity == 0) && (slots().count() < 2 || alike && slots().count() <= MOST_APART)
        };
        let together = self.units.iter().enumerate().any(|(at, unit)| unit.size > 1 && !apart(at, unit));
        let missed = if together { dropped.max(self.rest[0]) } else { dropped };
        Assignment { slot_of, value, bound: missed.saturating_sub(value).max(0), steps: continued }
    }

    /// Of ways that have come equally far the best, of these as many as promise most; in the order in which they came about.
    fn keep(&self, ways: &[Way], counts: &[i64], width: usize, dropped: &mut i128) -> Vec<usize> {
        let slots = self.slots.len();
        let state = |at: usize| &counts[at * slots..(at + 1) * slots];
        let order = positions(ways.len(), &mut |a, b| state(a).cmp(state(b)).then_with(|| better(&ways[a], &ways[b])));
        let mut kept: Vec<usize> = Vec::with_capacity(order.len());
        for at in order {
            if kept.last().is_none_or(|last| state(*last) != state(at)) {
                kept.push(at);
            }
        }
        let best = kept.iter().copied().filter(|at| ways[*at].complete).min_by(|a, b| better(&ways[*a], &ways[*b]).then(a.cmp(b)));
        let reached = best.map_or(0, |best| ways[best].value);
        kept.retain(|at| ways[*at].promise >= reached);
        let by_promise = positions(kept.len(), &mut |a, b| ways[kept[b]].promise.cmp(&ways[kept[a]].promise).then(kept[a].cmp(&kept[b])));
        let (stay, leave) = by_promise.split_at(width.min(by_promise.len()));
        let mut stay: Vec<usize> = stay.iter().map(|at| kept[*at]).collect();
        *dropped = leave.iter().map(|at| ways[kept[*at]].promise).fold(*dropped, i128::max);
        stay.extend(best.filter(|best| !stay.contains(best)));
        positions(stay.len(), &mut |a, b| stay[a].cmp(&stay[b])).into_iter().map(|at| stay[at]).collect()
    }
}

/// The most parts that all ways of dividing many equal units between them are tried for.
pub const MOST_APART: usize = 4;
/// Units times parts that are weighed against each other.
const MOST_WORK: usize = 1_000_000;
/// Ways that are kept side by side at most.
const WIDTH: usize = 4_096;
const NO_STEP: u32 = u32::MAX;

/// More saved first, then fewer combos.
fn better(a: &Way, b: &Way) -> Ordering {
    b.value.cmp(&a.value).then(a.combos.cmp(&b.combos))
}

fn best(ways: &[Way]) -> Option<usize> {
    (0..ways.len()).filter(|at| ways[*at].complete).min_by(|a, b| better(&ways[*a], &ways[*b]).then(a.cmp(b)))
}
