//! Which promotions of a stage are played, and on which lines (§11).

use super::exact::Exact;
use super::stage::{Candidate, Table, Taken};
use qudao::policy::{Choose, GroupMode, Promotion};
use std::cmp::Reverse;

impl<'a> Table<'_, 'a> {
    /// For each candidate the lines it is played on; none, and it is not played.
    pub fn plan(&self, candidates: &[Candidate<'a>]) -> Vec<Vec<usize>> {
        let exclusive = candidates.iter().find_map(|candidate| candidate.group.filter(|group| group.mode == GroupMode::Exclusive));
        match exclusive.map(|group| group.choose.unwrap_or_default()) {
            Some(choose) if candidates[0].has_the_order() => self.one_for_the_order(candidates, choose),
            Some(Choose::Priority) => self.by_priority(candidates),
            Some(Choose::Best) | None => self.best(candidates),
        }
    }

    /// §11.6, `scope: order`.
    fn one_for_the_order(&self, candidates: &[Candidate<'a>], choose: Choose) -> Vec<Vec<usize>> {
        let mut worth: Vec<(i128, usize)> = (0..candidates.len())
            .filter(|at| candidates[*at].reached())
            .map(|at| (self.alone(&candidates[at]).worth(), at))
            .filter(|(worth, _)| *worth > 0)
            .collect();
        if choose == Choose::Best {
            worth.sort_by_key(|(worth, at)| {
                let promotion = candidates[*at].promotion;
                (Reverse(*worth), Reverse(promotion.priority), promotion.id.as_str())
            });
        }
        let winner = worth.first().map(|(_, at)| *at);
        let lines = |at: usize| if winner == Some(at) { candidates[at].eligible.clone() } else { Vec::new() };
        (0..candidates.len()).map(lines).collect()
    }

    /// §11.6, `scope: line`, `choose: priority`.
    fn by_priority(&self, candidates: &[Candidate<'a>]) -> Vec<Vec<usize>> {
        let mut taken: Vec<usize> = Vec::new();
        let mut plan = Vec::new();
        for candidate in candidates {
            let mut lines: Vec<usize> = candidate.eligible.iter().copied().filter(|line| !taken.contains(line)).collect();
            let fits = candidate.reached() && !lines.is_empty() && (!candidate.is_whole() || lines == candidate.eligible);
            if !fits || self.alone_on(candidate, &lines).worth() == 0 {
                lines.clear();
            }
            taken.extend(&lines);
            plan.push(lines);
        }
        plan
    }

    /// The best combination by enumeration (§11.4).
    fn best(&self, candidates: &[Candidate<'a>]) -> Vec<Vec<usize>> {
        let wholes: Vec<usize> = (0..candidates.len())
            .filter(|at| candidates[*at].competes() && candidates[*at].is_whole() && candidates[*at].reached())
            .collect();
        assert!(wholes.len() <= 16, "too many whole promotions to try all sets of them");
        let mut by_worth = wholes.clone();
        // The sort is stable, so ties stay in running order.
        by_worth.sort_by_cached_key(|at| Reverse(self.alone(&candidates[*at]).worth()));
        let favourites: Vec<Vec<usize>> = (0..candidates.len()).map(|at| self.favoured(candidates, at)).collect();
        let clash = |a: usize, b: usize| {
            let (one, other) = (&candidates[a], &candidates[b]);
            a != b && one.is_rival(other) && one.shares_a_line(other)
        };
        (0_u32..1 << wholes.len())
            .map(|set| (0..wholes.len()).filter(|bit| set >> bit & 1 == 1).map(|bit| wholes[bit]).collect::<Vec<usize>>())
            .filter(|set| !set.iter().any(|a| set.iter().any(|b| clash(*a, *b))))
            .map(|set| {
                let plan = lines_of(candidates, &favourites, &set);
                let played = self.play(candidates, &plan);
                let worth = |taken: &Option<Taken>| taken.as_ref().map_or(0, Taken::worth);
                let givers: Vec<&Promotion> = candidates
                    .iter()
                    .zip(&played)
                    .filter(|(_, taken)| worth(taken) > 0)
                    .map(|(candidate, _)| candidate.promotion)
                    .collect();
                let mut priorities: Vec<i32> = givers.iter().map(|promotion| promotion.priority).collect();
                priorities.sort_by_key(|priority| Reverse(*priority));
                let mut ids: Vec<&str> = givers.iter().map(|promotion| promotion.id.as_str()).collect();
                ids.sort_unstable();
                let members: Vec<bool> = by_worth.iter().map(|at| set.contains(at)).collect();
                ((played.iter().map(worth).sum::<i128>(), Reverse(givers.len()), priorities, Reverse(ids), members), plan)
            })
            .max_by(|(one, _), (other, _)| one.cmp(other))
            .expect("the empty set is a combination")
            .1
    }

    /// The lines that a line promotion of a group wins over the other line promotions (§11.3).
    fn favoured(&self, candidates: &[Candidate<'a>], at: usize) -> Vec<usize> {
        let own = &candidates[at];
        if !own.reached() || !own.competes() || own.is_whole() {
            return Vec::new();
        }
        let wins = |line: usize| {
            let mut best: Option<(Exact, usize)> = None;
            for (other, rival) in candidates.iter().enumerate() {
                if own.is_rival(rival) && rival.reached() && !rival.is_whole() && rival.eligible.contains(&line) {
                    let saving = self.exact_saving(rival, line);
                    if best.is_none_or(|(most, _)| saving > most) {
                        best = Some((saving, other));
                    }
                }
            }
            best.is_some_and(|(_, winner)| winner == at)
        };
        own.eligible.iter().copied().filter(|line| wins(*line)).collect()
    }
}

/// The lines of each candidate when these whole promotions are chosen.
fn lines_of(candidates: &[Candidate], favourites: &[Vec<usize>], chosen: &[usize]) -> Vec<Vec<usize>> {
    let lines = |(at, candidate): (usize, &Candidate)| {
        if !candidate.reached() {
            return Vec::new();
        }
        if let Some(made) = &candidate.made {
            return made.lines.clone();
        }
        if !candidate.competes() || chosen.contains(&at) {
            return candidate.eligible.clone();
        }
        let is_free =
            |line: &usize| !chosen.iter().any(|at| candidates[*at].is_rival(candidate) && candidates[*at].eligible.contains(line));
        favourites[at].iter().copied().filter(is_free).collect()
    };
    candidates.iter().enumerate().map(lines).collect()
}
