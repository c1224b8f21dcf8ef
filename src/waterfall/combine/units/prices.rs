//! Prices of what combos compete for, and what each slot can bring at these: the subgradient method, in integers.

use super::{Saves, Search, Slot, Unit};
use std::ops::Range;

/// What is asked for what combos compete for; any prices bound what an assignment can save.
#[derive(Debug, Clone)]
pub struct Prices {
    /// Of a unit of each line.
    pub unit: Vec<i128>,
    /// What each complete set of units of a slot brings beside; the slots of one offer need equally many sets and pay each other. Where combos are
    /// limited, they pay for each one what a combo less would leave.
    pub set: Vec<i128>,
}

/// The most that one slot can bring of the units from any on, whatever the others take.
#[derive(Debug, Clone, Default)]
pub struct Outlook {
    /// Units that fit, ascending.
    pub fits: Vec<usize>,
    /// How many numbers of units held beyond complete sets are told apart: all, or one where that would be too many.
    pub told: usize,
    /// For each of these and the end, and for each of those numbers.
    pub most: Vec<i128>,
}

impl Outlook {
    /// Of one of `slots` slots that takes `quantity` units; nothing is looked at yet.
    pub fn new(fits: Vec<usize>, quantity: i64, slots: usize) -> Outlook {
        let all = usize::try_from(quantity).unwrap_or(usize::MAX);
        let told = if fits.len().saturating_mul(all) <= MOST_TOLD / slots { all } else { 1 };
        Outlook { fits, told, most: Vec::new() }
    }

    pub fn at(&self, passed: usize, held: i64) -> i128 {
        let told = i64::try_from(self.told).unwrap_or(1);
        self.most[passed * self.told + usize::try_from(held % told).unwrap_or(0)]
    }
}

impl Search<'_> {
    /// Not less than any assignment saves, found without a search.
    pub fn loose(&self) -> i128 {
        let most =
            |unit: &Unit| (0..self.slots.len()).filter(|slot| self.slots[*slot].lines[unit.line]).map(|slot| self.share(slot, unit)).max();
        self.units.iter().map(|unit| i128::from(unit.size) * most(unit).unwrap_or(0).max(0)).sum()
    }

    /// Prices to begin with: a unit costs what the second of those that want it would give for it.
    pub fn first_prices(&mut self) {
        for unit in &self.units {
            let mut most = [0; 2];
            for slot in (0..self.slots.len()).filter(|slot| self.slots[*slot].lines[unit.line]) {
                let share = self.share(slot, unit);
                if share > most[0] {
                    most = [share, most[0]];
                } else if share > most[1] {
                    most[1] = share;
                }
            }
            let price = &mut self.prices.unit[unit.line];
            *price = (*price).max(most[1]);
        }
    }

    /// What a combo less leaves of an offer whose combos are limited.
    fn of_limit(&self, offer: usize) -> i128 {
        -self.offers[offer].slots.clone().map(|slot| self.prices.set[slot]).sum::<i128>()
    }

    /// What one more step of `unit` brings to a slot that holds `held`, at the prices there are, and what it holds then beyond complete sets.
    fn earns(&self, slot: usize, held: i64, unit: &Unit) -> (i128, i64) {
        let quantity = self.slots[slot].quantity;
        let (sets, held_then) = match unit.size {
            1 => (i64::from(held == quantity - 1), (held + 1) % quantity),
            size => (size / quantity, held),
        };
        let paid = i128::from(unit.size) * self.prices.unit[unit.line];
        (self.brings(slot, held, unit).0 + i128::from(sets) * self.prices.set[slot] - paid, held_then)
    }

    fn is_coarse(&self, slot: usize, told: usize) -> bool {
        usize::try_from(self.slots[slot].quantity).unwrap_or(usize::MAX) > told
    }

    /// Not less than what `unit` brings to a slot as its share of whole sets, at the prices there are.
    fn earns_at_most(&self, slot: usize, unit: &Unit) -> i128 {
        let quantity = i128::from(self.slots[slot].quantity);
        let of_set = (self.prices.set[slot] + quantity - 1).div_euclid(quantity);
        i128::from(unit.size) * (self.share(slot, unit) + of_set - self.prices.unit[unit.line])
    }

    /// Not less than what units from `unit` on bring beside their shares where they complete a set that was begun.
    fn completes_at_most(&self, slot: usize, unit: &Unit) -> i128 {
        let (Slot { quantity, cheapest, saves, .. }, offer) = (&self.slots[slot], &self.offers[self.offer_of[slot]]);
        let units = if cheapest < quantity { i128::from(*cheapest) * saves.of_unit(unit) } else { 0 };
        units + offer.saves.of_combo().max(0) + self.prices.set[slot].max(0)
    }

    /// Looks ahead at the prices there are; the most that any assignment saves.
    pub fn look_ahead(&mut self) -> i128 {
        let mut outlooks = std::mem::take(&mut self.outlooks);
        let mut most = 0;
        for (slot, outlook) in outlooks.iter_mut().enumerate() {
            let (end, told) = (outlook.fits.len(), outlook.told);
            outlook.most.clear();
            outlook.most.resize((end + 1) * told, NEVER);
            outlook.most[end * told] = 0;
            let coarse = self.is_coarse(slot, told);
            for (at, unit) in outlook.fits.iter().map(|unit| &self.units[*unit]).enumerate().rev() {
                for held in 0..told {
                    let next = &outlook.most[(at + 1) * told..];
                    let value = if coarse {
                        next[0] + self.earns_at_most(slot, unit).max(0)
                    } else {
                        let (earned, then) = self.earns(slot, i64::try_from(held).unwrap_or(0), unit);
                        next[held].max(earned + next[usize::try_from(then).unwrap_or(0)])
                    };
                    outlook.most[at * told + held] = value;
                }
            }
            if coarse {
                for (at, unit) in outlook.fits.iter().map(|unit| &self.units[*unit]).enumerate() {
                    outlook.most[at] += self.completes_at_most(slot, unit);
                }
            }
            most += outlook.most[0];
        }
        self.outlooks = outlooks;
        self.rest.clear();
        self.rest.resize(self.units.len() + 1, 0);
        for (index, unit) in self.units.iter().enumerate().rev() {
            self.rest[index] = self.rest[index + 1] + i128::from(unit.size) * self.prices.unit[unit.line];
        }
        most + self.rest[0] + self.limits()
    }

    /// What all combos that limits leave are worth to those that pay for them.
    pub fn limits(&self) -> i128 {
        (0..self.offers.len()).map(|offer| i128::from(self.offers[offer].most) * self.of_limit(offer)).sum()
    }

    /// The units that each slot would take at the prices there are: how many of each line, and how many sets of each slot.
    fn demand(&self) -> (Vec<i64>, Vec<i64>) {
        let mut wanted = vec![0; self.prices.unit.len()];
        let mut sets = vec![0; self.slots.len()];
        for (slot, outlook) in self.outlooks.iter().enumerate() {
            let coarse = self.is_coarse(slot, outlook.told);
            let (mut held, mut all) = (0, 0);
            for (at, unit) in outlook.fits.iter().map(|unit| &self.units[*unit]).enumerate() {
                let (earned, then) = self.earns(slot, held, unit);
                let takes =
                    if coarse { self.earns_at_most(slot, unit) > 0 } else { earned + outlook.at(at + 1, then) > outlook.at(at + 1, held) };
                if takes {
                    wanted[unit.line] += unit.size;
                    all += unit.size;
                    held = then;
                }
            }
            sets[slot] = all / self.slots[slot].quantity;
        }
        (wanted, sets)
    }

    /// Lowers what the prices promise, by the subgradient method: what more want than there is becomes dearer. The steps that this took.
    pub fn price(&mut self, reached: i128) -> usize {
        let looks = self.outlooks.iter().map(|outlook| outlook.most.len()).sum::<usize>() + self.units.len();
        let mut there = vec![0; self.prices.unit.len()];
        self.units.iter().for_each(|unit| there[unit.line] += unit.size);
        let (mut best, mut lowest) = (self.prices.clone(), i128::MAX);
        let (mut halvings, mut stalled, mut looked) = (0, 0, 0);
        for _ in 0..ROUNDS.min(MOST_LOOKS / looks) {
            looked += looks;
            let promise = self.look_ahead();
            stalled += 1;
            if promise < lowest {
                (lowest, stalled) = (promise, 0);
                best.clone_from(&self.prices);
            } else if stalled == STALLED {
                (halvings, stalled) = (halvings + 1, 0);
            }
            if lowest <= reached || halvings == HALVINGS || !self.move_prices(&there, (promise - reached) >> halvings) {
                break;
            }
        }
        self.prices = best;
        self.look_ahead();
        looked / LOOKS_A_STEP
    }

    /// Moves each price against what is left over of what it is for; nothing moves where nothing is.
    fn move_prices(&mut self, there: &[i64], gap: i128) -> bool {
        let (wanted, sets) = self.demand();
        let excess = |line: usize| i128::from(wanted[line] - there[line]);
        let mut norm: i128 = 0;
        for (line, price) in self.prices.unit.iter().enumerate() {
            if excess(line) > 0 || *price > 0 {
                norm += excess(line) * excess(line);
            }
        }
        // By how much a slot has more sets than the slots of its offer on average, times how many these are.
        let surplus = |slots: &Range<usize>, slot: usize| {
            let all: i64 = sets[slots.clone()].iter().sum();
            i128::from(sets[slot]) * i128::try_from(slots.len()).unwrap_or(1) - i128::from(all)
        };
        for (index, offer) in self.offers.iter().enumerate() {
            let own = offer.slots.clone().map(|slot| surplus(&offer.slots, slot));
            norm += own.map(|surplus| surplus * surplus).sum::<i128>();
            if self.counted[index] {
                let over = i128::from(sets[offer.slots.start] - offer.most);
                norm += if over > 0 || self.of_limit(index) > 0 { over * over } else { 0 };
            }
        }
        if norm == 0 {
            return false;
        }
        let step = (gap / norm).max(1);
        for line in 0..there.len() {
            self.prices.unit[line] = (self.prices.unit[line] + step * excess(line)).clamp(0, self.dearest[line]);
        }
        for (index, offer) in self.offers.iter().enumerate() {
            let first = offer.slots.start;
            // Nobody pays more than a combo can be worth.
            let most = self.worth[index];
            for slot in offer.slots.clone().skip(1) {
                let paid = step * surplus(&offer.slots, slot);
                let [of_slot, of_first] = [self.prices.set[slot] - paid, self.prices.set[first] + paid];
                if of_slot.abs() <= most && of_first.abs() <= 2 * most {
                    (self.prices.set[slot], self.prices.set[first]) = (of_slot, of_first);
                }
            }
            if self.counted[index] {
                let over = step * i128::from(sets[first] - offer.most);
                let before = self.of_limit(index);
                self.prices.set[first] -= (before + over).clamp(0, most) - before;
            }
        }
        true
    }

    /// Not less than a unit's share of the saving of the combo that it is in: the cheapest units of a combo are at most as dear as its
    /// average, and what a combo brings beside its units is shared evenly.
    fn share(&self, slot: usize, unit: &Unit) -> i128 {
        let offer = &self.offers[self.offer_of[slot]];
        let Slot { quantity, cheapest, saves, .. } = self.slots[slot];
        let needed: i64 = self.slots[offer.slots.clone()].iter().map(|slot| slot.quantity).sum();
        match saves {
            Saves::Percent(_) if cheapest == quantity => saves.of_unit(unit),
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
}

/// What a slot brings that cannot complete its set: less than anything that the amounts of an order come to.
const NEVER: i128 = -(1 << 110);
/// Units of the slots times what each can hold of them beyond complete sets, as many as are told apart.
const MOST_TOLD: usize = 200_000;
/// Rounds of pricing: enough to come near the lowest promise.
const ROUNDS: usize = 200;
/// Looks at a unit that pricing takes at most.
const MOST_LOOKS: usize = 500_000;
/// Looks at a unit for one step.
const LOOKS_A_STEP: usize = 32;
/// Rounds without a lower promise after which the moves of prices are halved.
const STALLED: u32 = 4;
/// The most that moves are halved.
const HALVINGS: u32 = 16;
