//! Combos (§28).

use super::exact::{Exact, number, share, whole};
use super::stage::{Benefit, Candidate, Table, Taken, Threshold};
use super::{Line, Question, split};
use qudao::num::Percent;
use qudao::policy::{Combo, Promotion, Spread};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// One unit of a line (§28.2).
#[derive(Clone, Copy)]
struct Unit {
    line: usize,
    value: i128,
    room: i128,
}

/// The combos of one promotion.
pub struct Made {
    pub times: i128,
    /// Lines with units in them, in order of line id.
    pub lines: Vec<usize>,
    /// The line and the value of each of its units.
    pub values: Vec<(usize, i128)>,
    /// The units that get the benefit.
    benefiting: Vec<Unit>,
    /// All its units.
    all: Vec<Unit>,
    exact: Exact,
    /// The same without rooms.
    roomless: Exact,
}

/// A part of a promotion's combo, with the lines whose units it can take.
struct Slot {
    member: usize,
    lines: Vec<usize>,
    quantity: i128,
    cheapest: i128,
    /// What its units get instead of the promotion's percentage.
    percent: Option<Percent>,
}

/// The best way so far to have so many units in each slot: what it saves, and the slots of the units.
type Way = (Exact, Vec<usize>);

impl Question<'_> {
    /// Whether the only part of a combo, or this one of its parts, takes units of a line.
    fn fits(&self, promotion: &Promotion, combo: &Combo, part: usize, line: &Line) -> bool {
        let on = combo.parts.as_ref().map_or(promotion.on.as_ref(), |parts| Some(&parts[part].on));
        self.selects(on, line.product)
    }

    /// §28.1: lines that match any part.
    pub fn fits_any(&self, promotion: &Promotion, combo: &Combo, line: &Line) -> bool {
        (0..sizes(combo).len()).any(|part| self.fits(promotion, combo, part, line))
    }
}

/// Units of each part, and how many of them get the benefit.
fn sizes(combo: &Combo) -> Vec<(i128, i128)> {
    let size = |quantity: u32, cheapest: Option<u32>| (i128::from(quantity), i128::from(cheapest.unwrap_or(quantity)));
    match &combo.parts {
        Some(parts) => parts.iter().map(|part| size(part.quantity, part.cheapest)).collect(),
        None => vec![size(combo.quantity.expect("units of a combo"), combo.cheapest)],
    }
}

impl<'a> Table<'_, 'a> {
    /// The units of lines, in unit order (§28.2).
    fn units(&self, on: &[usize]) -> Vec<Unit> {
        let mut units = Vec::new();
        for line in on.iter().copied().filter(|line| self.lines[*line].quantity.is_integer()) {
            let count = self.lines[line].quantity.to_integer();
            let of = |amount: i128, unit: i128| amount / count + i128::from(unit < amount % count);
            let room = self.capacity(line, &self.entered);
            units.extend((0..count).map(|unit| Unit { line, value: of(self.entered[line], unit), room: of(room, unit) }));
        }
        // The sort is stable: units of a line stay in their order.
        units.sort_by(|a, b| (Reverse(a.value), &self.lines[a.line].id).cmp(&(Reverse(b.value), &self.lines[b.line].id)));
        units
    }

    fn slots(&self, member: usize, candidate_on: &[usize], promotion: &Promotion) -> Vec<Slot> {
        let combo = promotion.combo.as_ref().expect("a combo");
        let slot = |(part, (quantity, cheapest)): (usize, (i128, i128))| {
            let lines = candidate_on.iter().copied().filter(|line| self.question.fits(promotion, combo, part, &self.lines[*line]));
            let percent = combo.parts.as_ref().and_then(|parts| parts[part].percent);
            Slot { member, lines: lines.collect(), quantity, cheapest, percent }
        };
        sizes(combo).into_iter().enumerate().map(slot).collect()
    }

    /// §28.3.
    pub fn combo_threshold(&self, promotion: &'a Promotion, eligible: &[usize]) -> Threshold<'a> {
        let combo = promotion.combo.as_ref().expect("a combo");
        let (units, slots) = (self.units(eligible), self.slots(0, eligible, promotion));
        let places: Vec<usize> = slots.iter().enumerate().flat_map(|(at, slot)| (0..slot.quantity).map(move |_| at)).collect();
        // Each place takes a unit, and one that is taken already if its place finds another.
        let mut place_of: Vec<Option<usize>> = vec![None; units.len()];
        let have = (0..places.len())
            .filter(|place| finds_unit(*place, &places, &slots, &units, &mut place_of, &mut vec![false; units.len()]))
            .count();
        let (have, need) = (i128::try_from(have).expect("a few"), i128::try_from(places.len()).expect("a few"));
        if have < need {
            return Threshold::Failed { condition: "quantity", have: whole(have), need: whole(need) };
        }
        let all = i128::try_from(units.len()).expect("a few") / need;
        let times = combo.times.map_or(all, |times| all.min(i128::from(times)));
        let get = promotion.get.as_ref().expect("a benefit");
        let benefit = match (&get.gift, &get.earn) {
            (Some(gift), _) => Benefit::Gift { gift, single: false },
            (_, Some(earn)) => Benefit::Earn(&earn.id, i64::from(earn.quantity.unwrap_or(1))),
            _ => Benefit::Combo,
        };
        Threshold::Reached { times, uncut: times, benefit }
    }

    /// Chooses the combos of all candidates that make some (§28.5).
    pub fn assign(&self, candidates: &mut [Candidate<'a>]) {
        let makers: Vec<usize> =
            (0..candidates.len()).filter(|at| candidates[*at].promotion.combo.is_some() && candidates[*at].reached()).collect();
        for at in &makers {
            let own = &candidates[*at];
            let members: Vec<usize> = if own.competes_for_units() {
                makers.iter().copied().filter(|other| candidates[*other].is_rival(own)).collect()
            } else {
                vec![*at]
            };
            let position = members.iter().position(|member| member == at).expect("itself");
            let all: Vec<&Candidate> = members.iter().map(|member| &candidates[*member]).collect();
            let made = self.best_assignment(&all).remove(position);
            candidates[*at].made = Some(made);
        }
    }

    /// The combos that a promotion makes where no other one takes its units.
    pub fn made_alone(&self, candidate: &Candidate<'a>) -> Made {
        self.best_assignment(&[candidate]).remove(0)
    }

    /// Every way to put units into slots, the best one for each number of units in them.
    fn best_assignment(&self, members: &[&Candidate<'a>]) -> Vec<Made> {
        let slots: Vec<Slot> =
            members.iter().enumerate().flat_map(|(at, member)| self.slots(at, &member.eligible, member.promotion)).collect();
        let mut on: Vec<usize> = members.iter().flat_map(|member| member.eligible.iter().copied()).collect();
        on.sort_unstable();
        on.dedup();
        let units = self.units(&on);
        let most = |slot: &Slot| match members[slot.member].threshold {
            Threshold::Reached { times, .. } => times * slot.quantity,
            _ => unreachable!("it is reached"),
        };
        let mut ways: BTreeMap<Vec<i128>, Way> = BTreeMap::from([(vec![0; slots.len()], (whole(0), Vec::new()))]);
        for unit in &units {
            let mut next: BTreeMap<Vec<i128>, Way> = BTreeMap::new();
            for (counts, (saving, way)) in &ways {
                let fits = (0..slots.len()).filter(|at| slots[*at].lines.contains(&unit.line) && counts[*at] < most(&slots[*at]));
                for at in fits.chain([slots.len()]) {
                    let mut counts = counts.clone();
                    let mut saving = *saving;
                    if let Some(slot) = slots.get(at) {
                        saving += self.of_unit(members[slot.member].promotion, slot, counts[at], unit);
                        counts[at] += 1;
                    }
                    let way: Vec<usize> = way.iter().copied().chain([at]).collect();
                    let is_better =
                        next.get(&counts).is_none_or(|(other, other_way)| (saving, Reverse(&way)) > (*other, Reverse(other_way)));
                    if is_better {
                        next.insert(counts, (saving, way));
                    }
                }
            }
            ways = next;
        }
        let times_of = |counts: &[i128], member: usize| {
            let mut times = (0..slots.len()).filter(|at| slots[*at].member == member).map(|at| Exact::new(counts[at], slots[at].quantity));
            let first = times.next().expect("a part");
            (first.is_integer() && times.all(|times| times == first)).then(|| first.to_integer())
        };
        let complete = ways.into_iter().filter_map(|(counts, (saving, way))| {
            let times: Vec<i128> = (0..members.len()).map(|member| times_of(&counts, member)).collect::<Option<_>>()?;
            let of_combos = members.iter().zip(&times).map(|(member, times)| self.of_combo(member.promotion) * whole(*times));
            Some((saving + of_combos.sum::<Exact>(), Reverse(times.iter().sum::<i128>()), Reverse(way)))
        });
        let (_, _, Reverse(way)) = complete.max().expect("no combos are a way too");
        (0..members.len()).map(|member| self.made(members[member].promotion, member, &slots, &units, &way)).collect()
    }

    /// What a unit saves that comes into a slot with so many units.
    fn of_unit(&self, promotion: &Promotion, slot: &Slot, before: i128, unit: &Unit) -> Exact {
        let get = promotion.get.as_ref().expect("a benefit");
        let benefits = before % slot.quantity >= slot.quantity - slot.cheapest;
        match get.percent {
            Some(percent) if benefits => (share(slot.percent.unwrap_or(percent)) * whole(unit.value)).min(whole(unit.room)),
            None if benefits && get.price.is_some() => whole(unit.value),
            _ => whole(0),
        }
    }

    /// What each combo saves beside what its units do.
    fn of_combo(&self, promotion: &Promotion) -> Exact {
        let get = promotion.get.as_ref().expect("a benefit");
        let minor = |amount| number(amount) * whole(self.question.minor);
        // §28.9: what is given counts nothing, so that as many combos are made as there can be.
        let given = whole(i128::from(get.gift.is_some() || get.earn.is_some()));
        get.amount_off.map_or(given, minor) - get.price.map_or(whole(0), minor)
    }

    fn made(&self, promotion: &Promotion, member: usize, slots: &[Slot], units: &[Unit], way: &[usize]) -> Made {
        let mut counts = vec![0; slots.len()];
        let (mut values, mut benefiting, mut all) = (Vec::new(), Vec::new(), Vec::new());
        let (mut exact, mut roomless) = (whole(0), whole(0));
        let mut times = 0;
        for (unit, at) in units.iter().zip(way).filter(|(_, at)| slots.get(**at).is_some_and(|slot| slot.member == member)) {
            let slot = &slots[*at];
            exact += self.of_unit(promotion, slot, counts[*at], unit);
            roomless += self.of_unit(promotion, slot, counts[*at], &Unit { room: unit.value, ..*unit });
            if counts[*at] % slot.quantity >= slot.quantity - slot.cheapest {
                benefiting.push(*unit);
            }
            counts[*at] += 1;
            times = counts[*at] / slot.quantity;
            values.push((unit.line, unit.value));
            all.push(*unit);
        }
        let mut lines: Vec<usize> = values.iter().map(|(line, _)| *line).collect();
        lines.sort_by(|a, b| self.lines[*a].id.cmp(&self.lines[*b].id));
        lines.dedup();
        let of_combos = self.of_combo(promotion) * whole(times);
        Made { times, lines, values, benefiting, all, exact: exact + of_combos, roomless: roomless + of_combos }
    }

    /// §28.6.
    pub fn take_combos(&self, promotion: &Promotion, made: &Made, running: &[i128], left: Option<i128>) -> Taken<'a> {
        let room: i128 = made.benefiting.iter().map(|unit| unit.room).sum();
        let is_percent = promotion.get.as_ref().is_some_and(|get| get.percent.is_some());
        let wanted = self.question.rounded(made.roomless).max(0);
        let most = self.question.rounded(made.exact).max(0);
        let most = if is_percent { most } else { most.min(room) };
        // §45.6, and §28.10: which units bear it.
        let cap = promotion.cap.unwrap_or_default();
        let [cap_of_order, cap_of_line] = [cap.order, cap.line].map(|most| most.map(|most| self.question.amount_of(number(most))));
        let capped = cap_of_order.map_or(most, |cap| most.min(cap));
        let amount = left.map_or(capped, |left| capped.min(left));
        let bearing = match promotion.combo.as_ref().expect("a combo").spread {
            Spread::Benefiting => &made.benefiting,
            Spread::All => &made.all,
        };
        let of_line = |line: &usize| bearing.iter().filter(|unit| unit.line == *line).collect::<Vec<_>>();
        let weights: Vec<Exact> = made.lines.iter().map(|line| whole(of_line(line).iter().map(|unit| unit.value).sum())).collect();
        let capacity = |line: &usize| of_line(line).iter().map(|unit| unit.room).sum::<i128>().min(self.capacity(*line, running));
        let rooms: Vec<i128> = made.lines.iter().map(capacity).collect();
        let capacities: Vec<i128> = rooms.iter().map(|room| cap_of_line.map_or(*room, |cap| cap.min(*room))).collect();
        let (parts, kept) = split::fill(amount, &weights, &capacities, self.question.policy.settings.remainder);
        // A line that a cap holds back, where the split lost something; any line where that or its units' rooms did.
        let by_cap = |at: usize| kept > 0 && capacities[at] < rooms[at] && weights[at] > whole(0);
        let loses = most < wanted || kept > 0;
        let of_lines = |floored: bool| loses && (0..rooms.len()).any(|at| !by_cap(at) && self.has_floor(made.lines[at]) == floored);
        let cut = capped < most || (0..rooms.len()).any(by_cap);
        let by = [("cap", cut), ("budget", amount < capped), ("floor", of_lines(true)), ("nothing_left", of_lines(false))];
        Taken {
            lost: wanted - parts.iter().sum::<i128>(),
            lost_by: by.into_iter().filter(|(_, kept)| *kept).map(|(by, _)| by).collect(),
            found: made.lines.iter().map(|line| running[*line]).sum(),
            on: made.lines.clone(),
            times: made.times,
            parts,
            gifts: super::gift::Gifts::default(),
            earned: None,
            left: left.unwrap_or(0),
        }
    }

    /// Why a promotion makes no combo although nobody else has its units (§28.7).
    pub fn no_combo(&self, candidate: &Candidate) -> &'static str {
        match &candidate.eligible {
            lines if lines.iter().all(|line| self.entered[*line] == 0) => "nothing_left",
            lines if lines.iter().all(|line| self.capacity(*line, &self.entered) == 0) => "floor",
            _ => "no_gain",
        }
    }
}

fn finds_unit(
    place: usize,
    places: &[usize],
    slots: &[Slot],
    units: &[Unit],
    place_of: &mut [Option<usize>],
    seen: &mut Vec<bool>,
) -> bool {
    for unit in 0..units.len() {
        if seen[unit] || !slots[places[place]].lines.contains(&units[unit].line) {
            continue;
        }
        seen[unit] = true;
        if place_of[unit].is_none_or(|other| finds_unit(other, places, slots, units, place_of, seen)) {
            place_of[unit] = Some(place);
            return true;
        }
    }
    false
}
