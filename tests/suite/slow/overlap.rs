//! Programs beside each other, and whom they pay (§40, §41).

use super::Question;
use super::exact::{Exact, number, share, text, whole};
use super::pay::{Band, Entry, Volume};
use super::split::split;
use qudao::num::Percent;
use qudao::policy::{Basis, OverlapMode, Program, Requirement};
use serde_json::{Value, json};

/// What a program pays beside the others.
pub struct Paid {
    pub amount: i128,
    /// After what a cascade takes off it.
    pub volume: Volume,
    /// The program that is paid instead.
    pub lost_to: Option<usize>,
    pub unmet: Option<Value>,
    /// The tier that pays, and what of a basket the one after it lacks.
    pub tier: Option<Value>,
    pub lacks: Option<Value>,
}

impl Question<'_> {
    /// §40.1.
    pub fn is_enrolled(&self, program: &Program) -> bool {
        let listed = self.facts["programs"].as_array().into_iter().flatten().any(|id| *id == program.id.as_str());
        program.enrolment == qudao::policy::EnrolBy::All && program.one_of.is_none() || listed
    }

    fn mode(&self, overlap: &str) -> OverlapMode {
        self.policy.overlaps.iter().find(|known| known.id == overlap).expect("an overlap").mode
    }

    /// §40.3: whether a product counts for a program, or for another one of an exclusive overlap first. `programs` are the dealer's.
    pub fn counts_for(&self, program: &Program, programs: &[&Program], matches: impl Fn(&Program) -> bool) -> bool {
        let exclusive = program.overlap.as_deref().filter(|overlap| self.mode(overlap) == OverlapMode::Exclusive);
        let rivals = programs.iter().filter(|other| exclusive.is_some() && other.overlap.as_deref() == exclusive);
        let rivals = rivals.filter(|other| counted(other.basis) == counted(program.basis));
        matches(program) && rivals.filter(|other| matches(other)).all(|other| place(other) >= place(program))
    }

    /// What each of the dealer's programs pays at these volumes, and with so many different ones (§64.3).
    pub fn paid(&self, entries: &[Entry], volumes: &[Volume], covered: &[usize]) -> Vec<Paid> {
        // §64.1: of a basket the tiers are there whose requirements are met.
        let lack = |at: usize, band: &Band| {
            let mut lacks = band.tier.requires.iter().filter_map(|need| self.unmet(need, volumes[at], entries, (volumes, covered)));
            lacks.next()
        };
        let held = |at: usize| {
            let tiers = entries[at].tiers.iter().filter(|band| lack(at, band).is_none()).cloned().collect();
            Entry { tiers, ..entries[at].clone() }
        };
        let all = entries;
        let held: Vec<Entry> = (0..entries.len()).map(held).collect();
        let entries = &held;
        let mut list: Vec<Paid> = entries
            .iter()
            .zip(volumes)
            .map(|(entry, volume)| {
                let mut unmet = entry.program.requires.iter().filter_map(|need| self.unmet(need, *volume, entries, (volumes, covered)));
                let unmet = unmet.next();
                Paid {
                    amount: if unmet.is_some() { 0 } else { self.pay(entry, *volume) },
                    volume: *volume,
                    lost_to: None,
                    unmet,
                    tier: None,
                    lacks: None,
                }
            })
            .collect();
        for overlap in &self.policy.overlaps {
            let mut members: Vec<usize> =
                (0..entries.len()).filter(|at| entries[*at].program.overlap.as_ref() == Some(&overlap.id)).collect();
            members.sort_by_key(|at| place(&entries[*at].program));
            let met: Vec<usize> = members.iter().copied().filter(|at| list[*at].unmet.is_none()).collect();
            match overlap.mode {
                OverlapMode::Exclusive => {}
                OverlapMode::Best => {
                    let paying = met.iter().copied().rev().filter(|at| list[*at].amount > 0);
                    let Some(best) = paying.max_by_key(|at| list[*at].amount) else { continue };
                    met.iter().filter(|at| **at != best).for_each(|at| list[*at].lose(best));
                }
                OverlapMode::Priority => {
                    let Some(first) = met.iter().position(|at| list[*at].amount > 0) else { continue };
                    met[first + 1..].iter().for_each(|at| list[*at].lose(met[first]));
                }
                OverlapMode::Cascade => {
                    let mut taken = 0;
                    for at in members {
                        let Paid { volume, unmet, amount, .. } = &mut list[at];
                        volume.amount = (volume.amount - whole(taken)).max(whole(0));
                        *amount = if unmet.is_some() { 0 } else { self.pay(&entries[at], *volume) };
                        taken += *amount;
                    }
                }
            }
        }
        for (at, paid) in list.iter_mut().enumerate() {
            paid.tier = self.tier(&entries[at], paid.volume);
            let measure = paid.volume.measure(&entries[at].program);
            let begin = |band: &Band| (band.start, band.is_above);
            let top = entries[at].tiers.iter().rfind(|band| band.holds_at(measure)).map(begin);
            let beyond = |band: &&Band| band.holds_at(measure) && top.is_none_or(|top| top < begin(band));
            paid.lacks = all[at].tiers.iter().find(beyond).and_then(|band| lack(at, band));
        }
        list
    }

    /// §40.2: what is needed and what there is, where that is less.
    fn unmet(&self, need: &Requirement, own: Volume, entries: &[Entry], (volumes, covered): (&[Volume], &[usize])) -> Option<Value> {
        let named = entries.iter().position(|entry| entry.program.id == need.program);
        let volume = named.map_or(Volume::NONE, |at| volumes[at]);
        let answer = |need: String, have: String, program: &str| Some(json!({ "program": program, "need": need, "have": have }));
        let money = |amount: Exact| text(amount / whole(self.minor), self.digits);
        if let Some(least) = need.covers {
            let have = named.map_or(0, |at| covered[at]);
            return if have >= least as usize { None } else { answer(least.to_string(), have.to_string(), &need.program) };
        }
        match (need.amount.map(number), need.quantity.map(number), need.share) {
            (Some(amount), _, _) => {
                let amount = amount * whole(self.minor);
                if volume.amount >= amount { None } else { answer(money(amount), money(volume.amount), &need.program) }
            }
            (_, Some(quantity), _) => {
                if volume.quantity >= quantity {
                    None
                } else {
                    answer(text(quantity, 0), text(volume.quantity, 0), &need.program)
                }
            }
            (_, _, Some(least)) => {
                if own.amount > whole(0) && volume.amount >= share(least) * own.amount {
                    return None;
                }
                let have = if own.amount > whole(0) { volume.amount / own.amount } else { whole(0) };
                let percentage = |percent: Percent| text(share(percent) * whole(100), 0);
                answer(percentage(least), text((have * whole(1_000_000)).floor() / whole(10_000), 0), &need.program)
            }
            _ => unreachable!("a requirement needs something"),
        }
    }

    /// §41.1.
    pub fn parties(&self, program: &Program, amount: i128) -> Vec<(String, i128)> {
        if program.split.is_empty() {
            return vec![("dealer".to_owned(), amount)];
        }
        let weights: Vec<Exact> = program.split.iter().map(|part| share(part.share)).collect();
        let parts = split(amount, &weights, self.policy.settings.remainder);
        program.split.iter().map(|part| part.to.clone()).zip(parts).collect()
    }
}

impl Paid {
    fn lose(&mut self, to: usize) {
        self.amount = 0;
        self.lost_to = Some(to);
    }
}

/// Which transactions a program counts (§42.3).
pub fn counted(basis: Basis) -> &'static [&'static str] {
    match basis {
        Basis::Net | Basis::List | Basis::Untaxed | Basis::Gross => &["sale", "return"],
        Basis::Collected => &["payment"],
        Basis::SellOut => &["sell_out"],
    }
}

/// The place of a program in its overlap.
fn place(program: &Program) -> (i64, &str) {
    (-i64::from(program.priority), &program.id)
}
