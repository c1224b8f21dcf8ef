//! Which units of an order go into which combos (组合): the assignment that saves most.
//!
//! Units are given one by one to a part of a combo or to none, those of an offer together where that is possible. What matters for the rest is only how
//! far each combo has come, so of all ways to come equally far the best is kept. What combos compete for has prices, found by the subgradient method:
//! at these each part takes what it wants of the units ahead, and no way can come to more than that. Ways that promise less than is reached are left
//! out. As long as nothing else is dropped, the result is proven; beyond the step budget the ways that promise least are dropped, and the most that one
//! of them promised bounds what is missed.

mod order;
mod prices;

use crate::num::Percent;
use crate::sort::positions;
use order::order;
use prices::{Outlook, Prices};
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
    /// What they bring by themselves.
    pub saves: Saves,
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
    /// What each combo saves beside its units.
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

/// One way to have given away the units so far; the `counts` of all ways of a layer stand one after another.
#[derive(Debug, Clone, Copy)]
struct Way {
    value: i128,
    combos: i64,
    /// What the slots can still bring at the prices of what they take.
    ahead: i128,
    /// Most that it can still come to.
    promise: i128,
    /// Where its last step stands in the track.
    step: u32,
    complete: bool,
}

struct Search<'a> {
    /// In the order in which they are given away.
    units: Vec<Unit>,
    /// For each of them, where it stands in unit order.
    rank: Vec<usize>,
    /// For each of them, where the first of those that are like it and beside it stands in unit order.
    run_of: Vec<usize>,
    /// For each of them, the offers for which it is the last.
    closes: Vec<Vec<usize>>,
    slots: &'a [Slot],
    offers: &'a [Offer],
    /// Offer of each slot.
    offer_of: Vec<usize>,
    /// Whether an offer's combos must be counted, because they are limited more than the units limit them.
    counted: Vec<bool>,
    /// Units that fit each slot.
    outlooks: Vec<Outlook>,
    /// Slots that each unit fits.
    slots_of: Vec<Vec<usize>>,
    prices: Prices,
    /// The most that a unit of each line can bring.
    dearest: Vec<i128>,
    /// The most that a combo of each offer can bring.
    worth: Vec<i128>,
    /// What the units from here on are asked for together.
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
    all.bound = Search::new(units, slots, offers).loose().saturating_sub(all.value).max(0);
    all
}

impl<'a> Search<'a> {
    fn new(units: &'a [Unit], slots: &'a [Slot], offers: &'a [Offer]) -> Search<'a> {
        let mut offer_of = vec![0; slots.len()];
        let mut counted = Vec::with_capacity(offers.len());
        for (index, offer) in offers.iter().enumerate() {
            offer_of[offer.slots.clone()].fill(index);
            let needed: i64 = slots[offer.slots.clone()].iter().map(|slot| slot.quantity).sum();
            let fits = |unit: &&Unit| slots[offer.slots.clone()].iter().any(|slot| slot.lines[unit.line]);
            let there = units.iter().filter(fits).fold(0_i64, |sum, unit| sum.saturating_add(unit.size));
            counted.push(offer.most < there / needed);
        }
        let rank = order(units, slots, offers, &offer_of);
        let alike = |a: &Unit, b: &Unit| (a.line, a.value, a.capacity) == (b.line, b.value, b.capacity);
        let mut first = 0;
        let runs: Vec<usize> = (0..units.len())
            .map(|at| {
                first = if at > 0 && alike(&units[at - 1], &units[at]) { first } else { at };
                first
            })
            .collect();
        let run_of = rank.iter().map(|at| runs[*at]).collect();
        let units: Vec<Unit> = rank.iter().map(|at| units[*at]).collect();
        let fits = |slot: &Slot, unit: &Unit| slot.lines[unit.line] && (unit.size == 1 || unit.size % slot.quantity == 0);
        let outlook = |slot: &Slot| {
            let fits = (0..units.len()).filter(|unit| fits(slot, &units[*unit])).collect();
            Outlook::new(fits, slot.quantity, slots.len())
        };
        let outlooks: Vec<Outlook> = slots.iter().map(outlook).collect();
        let mut slots_of = vec![Vec::new(); units.len()];
        for (slot, outlook) in outlooks.iter().enumerate() {
            outlook.fits.iter().for_each(|unit| slots_of[*unit].push(slot));
        }
        let mut closes = vec![Vec::new(); units.len()];
        for (index, offer) in offers.iter().enumerate() {
            if let Some(last) = offer.slots.clone().filter_map(|slot| outlooks[slot].fits.last().copied()).max() {
                closes[last].push(index);
            }
        }
        let lines = units.iter().map(|unit| unit.line + 1).max().unwrap_or(0);
        let prices = Prices { unit: vec![0; lines], set: vec![0; slots.len()] };
        let (mut dearest, mut worth) = (vec![0; lines], vec![0; offers.len()]);
        for (unit, slots_of) in units.iter().zip(&slots_of) {
            for slot in slots_of {
                let offer = offer_of[*slot];
                let saves = offers[offer].saves;
                let most = slots[*slot].saves.of_unit(unit) + saves.of_combo().abs();
                let needed: i64 = slots[offers[offer].slots.clone()].iter().map(|slot| slot.quantity).sum();
                dearest[unit.line] = most.max(dearest[unit.line]);
                worth[offer] = worth[offer].max(most * i128::from(needed));
            }
        }
        Search {
            units,
            rank,
            run_of,
            closes,
            slots,
            offers,
            offer_of,
            counted,
            outlooks,
            slots_of,
            prices,
            dearest,
            worth,
            rest: Vec::new(),
        }
    }

    /// What a slot that holds `held` units brings by one more step of `unit`, and the combos that this completes.
    fn brings(&self, slot: usize, held: i64, unit: &Unit) -> (i128, i64) {
        let offer = &self.offers[self.offer_of[slot]];
        let Slot { quantity, cheapest, saves, .. } = self.slots[slot];
        // Units that stay together are a multiple of the quantity.
        let (benefiting, completed) = match unit.size {
            1 => (i64::from(held % quantity >= quantity - cheapest), i64::from(held % quantity == quantity - 1)),
            size => (size / quantity * cheapest, size / quantity),
        };
        let combos = if slot == offer.slots.start { completed } else { 0 };
        (i128::from(benefiting) * saves.of_unit(unit) + i128::from(combos) * offer.saves.of_combo(), combos)
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

    fn run(&mut self, steps: usize) -> Assignment {
        // However many slots there are, the ways of one unit fit into memory.
        let children = 1 + self.slots_of.iter().map(Vec::len).max().unwrap_or(0);
        let width = width(steps, self.units.len()).min(MOST_COUNTS / (children * self.slots.len())).max(1);
        self.first_prices();
        self.look_ahead();
        // What a few ways come to shows how much is to be promised at least, and which prices are too high.
        let mut best = self.ways(NARROW.min(width), 0);
        // A way that was dropped may have come to as much, and be the one that the ties of the text choose.
        if best.bound >= best.value {
            best.steps += self.price(best.value);
            for width in [NARROW.min(width), width] {
                let found = self.ways(width, best.value);
                let steps = best.steps + found.steps;
                best =
                    if found.value < best.value { Assignment { bound: found.bound, steps, ..best } } else { Assignment { steps, ..found } };
                if best.bound < best.value {
                    break;
                }
            }
        }
        best.bound = best.bound.saturating_sub(best.value).max(0);
        let mut slot_of = vec![None; self.units.len()];
        for (at, slot) in self.rank.iter().zip(&best.slot_of) {
            slot_of[*at] = *slot;
        }
        Assignment { slot_of, ..best }
    }

    /// The best of the ways to assign the units one by one, `width` of them side by side; those that promise less than is `reached` are left out.
    /// Its `bound` is not less than what a way that was dropped promised; the least number where none was.
    fn ways(&self, width: usize, reached: i128) -> Assignment {
        let (slots, offers) = (self.slots.len(), self.offers.len());
        let mut ahead = self.outlooks.iter().map(|outlook| outlook.most[0]).sum::<i128>() + self.limits();
        let promise = ahead + self.rest[0];
        let mut ways = vec![Way { value: 0, combos: 0, ahead, promise, step: NO_STEP, complete: true }];
        let mut counts = vec![0_i64; slots];
        // How many units of each slot are behind.
        let mut behind = vec![0; slots];
        // Of each step the one before it, and the slot, or the number of slots for none.
        let mut track: Vec<(u32, u16)> = Vec::new();
        let mut dropped = i128::MIN;
        let mut continued = 0;
        for (index, unit) in self.units.iter().enumerate() {
            continued += ways.len();
            let mut next: Vec<Way> = Vec::new();
            let mut from: Vec<(u32, u16)> = Vec::new();
            let mut next_counts = Vec::new();
            let outlook = |slot: usize, passed: usize, held: i64| self.outlooks[slot].at(behind[slot] + passed, held);
            for (at, way) in ways.iter().enumerate() {
                let held = &counts[at * slots..(at + 1) * slots];
                // Without the unit, what those that it fits can bring of the others.
                ahead = way.ahead;
                for slot in &self.slots_of[index] {
                    ahead += outlook(*slot, 1, held[*slot]) - outlook(*slot, 0, held[*slot]);
                }
                for slot in self.slots_of[index].iter().copied().chain([slots]) {
                    let mut own = held.to_vec();
                    let mut way = Way { ahead, ..*way };
                    let before = way.step;
                    if slot < slots {
                        let (offer, quantity) = (self.offer_of[slot], self.slots[slot].quantity);
                        if self.counted[offer] && own[slot] + unit.size > self.offers[offer].most * quantity {
                            continue;
                        }
                        let (brought, completed) = self.brings(slot, own[slot], unit);
                        way.value += brought;
                        way.combos += completed;
                        way.ahead -= outlook(slot, 1, own[slot]);
                        let sets = own[slot] / quantity;
                        own[slot] += unit.size;
                        way.ahead += outlook(slot, 1, own[slot]) + i128::from(own[slot] / quantity - sets) * self.prices.set[slot];
                        if !self.counted[offer] {
                            let full = self.full(offer, &own);
                            self.offers[offer].slots.clone().for_each(|slot| own[slot] -= full * self.slots[slot].quantity);
                        }
                    }
                    if self.closes[index].iter().any(|offer| !self.complete(*offer, &own)) {
                        continue;
                    }
                    for offer in &self.closes[index] {
                        own[self.offers[*offer].slots.clone()].fill(0);
                    }
                    way.complete = (0..offers).all(|offer| self.complete(offer, &own));
                    way.promise = way.value + way.ahead + self.rest[index + 1];
                    if way.promise >= reached {
                        next.push(way);
                        from.push((before, u16::try_from(slot).unwrap_or(u16::MAX)));
                        next_counts.extend_from_slice(&own);
                    }
                }
            }
            for slot in &self.slots_of[index] {
                behind[*slot] += 1;
            }
            let kept = self.keep(&Layer { index, ways: &next, from: &from, counts: &next_counts, track: &track }, width, &mut dropped);
            (ways, counts) = (Vec::with_capacity(kept.len()), Vec::new());
            for at in kept {
                ways.push(Way { step: u32::try_from(track.len()).unwrap_or(NO_STEP), ..next[at] });
                track.push(from[at]);
                counts.extend_from_slice(&next_counts[at * slots..(at + 1) * slots]);
            }
        }
        let found = match best(&ways) {
            Some(best) => Assignment { slot_of: self.traced(&track, ways[best].step), value: ways[best].value, ..Assignment::default() },
            None => Assignment { slot_of: vec![None; self.units.len()], ..Assignment::default() },
        };
        // Units that stay together were not tried apart. Those that are single make any number of them for one slot, and for several if all that stay
        // together are as many.
        let apart = |at: usize, unit: &Unit| {
            let slots = || self.slots.iter().filter(|slot| slot.lines[unit.line]);
            let next = self.units.get(at + 1).filter(|next| next.size > 1 && next.line == unit.line);
            let alike = next.is_none_or(|next| next.size == unit.size);
            slots().all(|slot| unit.size % slot.quantity == 0) && (slots().count() < 2 || alike && slots().count() <= MOST_APART)
        };
        let together = self.units.iter().enumerate().any(|(at, unit)| unit.size > 1 && !apart(at, unit));
        let missed = if together { dropped.max(self.loose()) } else { dropped };
        Assignment { bound: missed, steps: continued, ..found }
    }

    /// The slots that the units were given to on the way to a step.
    fn traced(&self, track: &[(u32, u16)], mut step: u32) -> Vec<Option<usize>> {
        let mut slot_of = vec![None; self.units.len()];
        for at in slot_of.iter_mut().rev() {
            let Some((before, slot)) = track.get(step as usize) else { break };
            *at = Some(usize::from(*slot)).filter(|slot| *slot < self.slots.len());
            step = *before;
        }
        slot_of
    }

    /// Of ways that have come equally far the best, of these as many as promise most.
    fn keep(&self, layer: &Layer, width: usize, dropped: &mut i128) -> Vec<usize> {
        let (slots, ways) = (self.slots.len(), layer.ways);
        let state = |at: usize| &layer.counts[at * slots..(at + 1) * slots];
        let order = positions(ways.len(), &mut |a, b| state(a).cmp(state(b)).then_with(|| better(&ways[a], &ways[b])));
        let mut kept: Vec<usize> = Vec::with_capacity(order.len());
        for at in order {
            match kept.last_mut() {
                Some(last) if state(*last) == state(at) => {
                    if better(&ways[*last], &ways[at]).is_eq() && self.earlier(layer, at, *last) {
                        *last = at;
                    }
                }
                _ => kept.push(at),
            }
        }
        let best = kept.iter().copied().filter(|at| ways[*at].complete).min_by(|a, b| better(&ways[*a], &ways[*b]).then(a.cmp(b)));
        let reached = best.map_or(0, |best| ways[best].value);
        kept.retain(|at| ways[*at].promise >= reached);
        if kept.len() > width {
            let by_promise =
                positions(kept.len(), &mut |a, b| ways[kept[b]].promise.cmp(&ways[kept[a]].promise).then(kept[a].cmp(&kept[b])));
            let (stay, leave) = by_promise.split_at(width);
            let stay: Vec<usize> = stay.iter().map(|at| kept[*at]).collect();
            *dropped = leave.iter().map(|at| ways[kept[*at]].promise).fold(*dropped, i128::max);
            kept = stay;
            kept.extend(best.filter(|best| !kept.contains(best)));
        }
        kept
    }

    /// Whether one way gives the first unit, in unit order, that two ways of a layer give away otherwise to an earlier slot. Units that are alike stand
    /// beside each other, those of the earlier slots first, however many of them are given away together.
    fn earlier(&self, layer: &Layer, one: usize, other: usize) -> bool {
        let mut steps = [layer.from[one], layer.from[other]];
        // Of the first units that are alike and differ: how many more of them the one way gives to each slot.
        let mut first = usize::MAX;
        let mut more: Vec<(u16, i64)> = Vec::new();
        let mut found = false;
        let mut settle = |run: usize, more: &mut Vec<(u16, i64)>| {
            more.retain(|(_, count)| *count != 0);
            if let Some((_, count)) = more.iter().min_by_key(|(slot, _)| *slot)
                && run < first
            {
                (first, found) = (run, *count > 0);
            }
            more.clear();
        };
        let mut run = usize::MAX;
        let mut behind = layer.index + 1;
        while behind > 0 {
            behind -= 1;
            let [(before, a), (also, b)] = steps;
            if self.run_of[behind] != run {
                settle(run, &mut more);
                run = self.run_of[behind];
            }
            if a != b {
                for (slot, count) in [(a, self.units[behind].size), (b, -self.units[behind].size)] {
                    match more.iter_mut().find(|(known, _)| *known == slot) {
                        Some((_, all)) => *all += count,
                        None => more.push((slot, count)),
                    }
                }
            }
            if before == also {
                break;
            }
            steps = [before, also].map(|step| layer.track[step as usize]);
        }
        settle(run, &mut more);
        found
    }
}

/// The ways that continue those of the layer before.
struct Layer<'a> {
    index: usize,
    ways: &'a [Way],
    /// Of each the step before it, and its slot.
    from: &'a [(u32, u16)],
    counts: &'a [i64],
    track: &'a [(u32, u16)],
}

/// The most parts that all ways of dividing many equal units between them are tried for.
pub const MOST_APART: usize = 4;
/// Units times parts that are weighed against each other.
const MOST_WORK: usize = 1_000_000;
/// Ways that are kept side by side at most.
const WIDTH: usize = 4_096;
const NO_STEP: u32 = u32::MAX;
/// Counts of slots that the ways of one unit hold together.
const MOST_COUNTS: usize = 4_000_000;
/// Ways that are continued side by side to learn what can be reached.
const NARROW: usize = 16;

/// More saved first, then fewer combos.
fn better(a: &Way, b: &Way) -> Ordering {
    b.value.cmp(&a.value).then(a.combos.cmp(&b.combos))
}

fn best(ways: &[Way]) -> Option<usize> {
    (0..ways.len()).filter(|at| ways[*at].complete).min_by(|a, b| better(&ways[*a], &ways[*b]).then(a.cmp(b)))
}
