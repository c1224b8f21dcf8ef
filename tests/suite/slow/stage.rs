//! One stage: what is reached, what each promotion takes, and the best combination (§6 to §11).

use super::exact::{Exact, number, share, whole};
use super::{Line, Question, split};
use qudao::num::{Number, Percent};
use qudao::policy::{Base, GroupMode, Promotion, RoundingPoint, Select, Stage, Step, Weight};
use std::cmp::Reverse;

/// What a promotion gives when it counts once.
#[derive(Clone, Copy)]
pub enum Benefit {
    /// Minor units for every unit, and the most units of one line.
    PerUnitOff(Exact, Option<Exact>),
    AmountOff(i128),
    Percent(Exact),
}

/// Whether the threshold of a promotion is reached on the state that enters the stage (§8).
pub enum Threshold {
    Reached { times: i128, benefit: Benefit },
    Failed { condition: &'static str, have: Exact, need: Exact },
}

/// An open promotion with at least one eligible line.
pub struct Candidate<'a> {
    pub promotion: &'a Promotion,
    /// In order of line id.
    pub eligible: Vec<usize>,
    pub threshold: Threshold,
    /// The `best` group it is in.
    pub contest: Option<&'a str>,
}

/// What a promotion took when it was played.
pub struct Taken {
    /// The lines it was computed on, in order of line id.
    pub on: Vec<usize>,
    /// What it took of each.
    pub parts: Vec<i128>,
    /// What capacities kept it from taking.
    pub lost: i128,
    /// Σ net of its lines before it ran.
    pub found: i128,
}

/// The lines of the order and their nets as they enter the stage.
pub struct Table<'q, 'a> {
    pub question: &'q Question<'a>,
    pub lines: &'q [Line<'a>],
    pub entered: Vec<i128>,
}

impl Taken {
    pub fn saving(&self) -> i128 {
        self.parts.iter().sum()
    }
}

impl Candidate<'_> {
    pub fn reached(&self) -> bool {
        matches!(self.threshold, Threshold::Reached { .. })
    }

    /// §11.2: it takes all its lines or none.
    pub fn is_whole(&self) -> bool {
        let Promotion { at, each, steps, get, .. } = self.promotion;
        let amount_off = get.as_ref().is_some_and(|get| get.amount_off.is_some());
        at.is_some() || each.is_some() || steps.is_some() || amount_off
    }

    pub fn shares_a_line(&self, other: &Candidate) -> bool {
        self.eligible.iter().any(|line| other.eligible.contains(line))
    }
}

impl<'a> Table<'_, 'a> {
    /// The candidates of a stage in running order (§7).
    pub fn candidates(&self, stage: Stage) -> Vec<Candidate<'a>> {
        let policy = self.question.policy;
        let mut list: Vec<Candidate> = policy
            .promotions
            .iter()
            .filter(|promotion| promotion.effective_stage() == stage)
            .filter(|promotion| self.question.open(&promotion.when, promotion.valid.as_deref()))
            .map(|promotion| {
                let eligible = self.eligible(promotion.on.as_ref());
                let threshold = self.threshold(promotion, &eligible);
                let group = policy.groups.iter().find(|group| promotion.group.as_ref() == Some(&group.id));
                let contest = group.filter(|group| group.mode == GroupMode::Best).map(|group| group.id.as_str());
                Candidate { promotion, eligible, threshold, contest }
            })
            .filter(|candidate| !candidate.eligible.is_empty())
            .collect();
        list.sort_by_key(|candidate| {
            let promotion = candidate.promotion;
            // Promotions without a group run last.
            let group = policy.groups.iter().position(|group| promotion.group.as_ref() == Some(&group.id)).unwrap_or(policy.groups.len());
            (group, Reverse(promotion.priority), kind(promotion), promotion.id.as_str())
        });
        list
    }

    fn eligible(&self, on: Option<&Select>) -> Vec<usize> {
        super::positions(self.lines, |line| line.price.is_some() && self.question.selects(on, line.product))
    }

    /// §8.
    fn threshold(&self, promotion: &Promotion, eligible: &[usize]) -> Threshold {
        let amount: i128 = eligible.iter().map(|line| self.entered[*line]).sum();
        let quantity: Exact = eligible.iter().map(|line| self.lines[*line].quantity).sum();
        // What is measured of a pair that has exactly one side, and the threshold on that side.
        let measure = |of_amount: Option<Number>, of_quantity: Option<Number>| match (of_amount, of_quantity) {
            (Some(need), _) => ("amount", Exact::new(amount, self.question.minor), number(need)),
            (_, Some(need)) => ("quantity", quantity, number(need)),
            _ => unreachable!("a threshold measures something"),
        };
        let reached = |times: i128| {
            let get = promotion.get.as_ref().expect("a benefit");
            Threshold::Reached { times, benefit: self.benefit(get.percent, get.amount_off, get.per_unit_off, get.max_units) }
        };
        if let Some(at) = &promotion.at {
            let (condition, have, need) = measure(at.amount, at.quantity);
            return if have >= need { reached(1) } else { Threshold::Failed { condition, have, need } };
        }
        if let Some(each) = &promotion.each {
            let (condition, have, need) = measure(each.amount, each.quantity);
            let times = (have / need).floor().to_integer();
            let times = each.times.map_or(times, |most| times.min(i128::from(most)));
            return if times >= 1 { reached(times) } else { Threshold::Failed { condition, have, need } };
        }
        if let Some(steps) = &promotion.steps {
            let (by_amount, list) = match (&steps.amount, &steps.quantity) {
                (Some(list), _) => (true, list),
                (_, Some(list)) => (false, list),
                _ => unreachable!("steps measure something"),
            };
            let of = |step: &Step| if by_amount { measure(Some(step.from), None) } else { measure(None, Some(step.from)) };
            let best = list.iter().filter(|step| of(step).1 >= of(step).2).max_by_key(|step| step.from);
            return match best {
                Some(step) => {
                    Threshold::Reached { times: 1, benefit: self.benefit(step.percent, step.amount_off, step.per_unit_off, None) }
                }
                None => {
                    let (condition, have, need) = of(&list[0]);
                    Threshold::Failed { condition, have, need }
                }
            };
        }
        reached(1)
    }

    fn benefit(&self, percent: Option<Percent>, amount: Option<Number>, per_unit: Option<Number>, most: Option<Number>) -> Benefit {
        match (percent, amount, per_unit) {
            (Some(percent), _, _) => Benefit::Percent(share(percent)),
            (_, Some(amount), _) => Benefit::AmountOff(self.question.amount_of(number(amount))),
            (_, _, Some(amount)) => Benefit::PerUnitOff(number(amount) * whole(self.question.minor), most.map(number)),
            _ => unreachable!("a benefit gives something"),
        }
    }

    /// Plays the whole stage with the chosen whole promotions (§11.4). One entry for each candidate: what it took, `None` when it was not played.
    pub fn play(&self, candidates: &[Candidate], chosen: &[usize]) -> Vec<Option<Taken>> {
        let mut running = self.entered.clone();
        let mut played = Vec::new();
        for (at, candidate) in candidates.iter().enumerate() {
            let on = if !candidate.reached() {
                Vec::new()
            } else if candidate.contest.is_none() {
                candidate.eligible.clone()
            } else if candidate.is_whole() {
                if chosen.contains(&at) { candidate.eligible.clone() } else { Vec::new() }
            } else {
                self.won(candidates, at, chosen)
            };
            let taken = (!on.is_empty()).then(|| self.take(candidate, &on, &running));
            for (line, part) in taken.iter().flat_map(|taken| taken.on.iter().zip(&taken.parts)) {
                running[*line] -= part;
            }
            played.push(taken);
        }
        played
    }

    /// The lines that a line promotion wins (§11.3).
    fn won(&self, candidates: &[Candidate], at: usize, chosen: &[usize]) -> Vec<usize> {
        let group = |other: &Candidate| other.contest == candidates[at].contest;
        let is_free = |line: usize| !chosen.iter().any(|at| group(&candidates[*at]) && candidates[*at].eligible.contains(&line));
        let wins = |line: usize| {
            let mut best: Option<(Exact, usize)> = None;
            for (other, rival) in candidates.iter().enumerate() {
                if group(rival) && !rival.is_whole() && rival.eligible.contains(&line) {
                    let saving = self.exact_saving(rival, line);
                    if best.is_none_or(|(most, _)| saving > most) {
                        best = Some((saving, other));
                    }
                }
            }
            best.is_some_and(|(_, winner)| winner == at)
        };
        candidates[at].eligible.iter().copied().filter(|line| is_free(*line) && wins(*line)).collect()
    }

    /// §11.3: on that line alone, on the state entering the stage, before rounding and cut to the line's capacity.
    fn exact_saving(&self, candidate: &Candidate, line: usize) -> Exact {
        let Threshold::Reached { benefit, .. } = candidate.threshold else { unreachable!("line promotions have no threshold") };
        let base = whole(self.base(candidate.promotion.base, line, &self.entered));
        let saving = match benefit {
            Benefit::Percent(share) => share * base,
            Benefit::PerUnitOff(amount, most) => self.per_unit(amount, most, base, line),
            Benefit::AmountOff(_) => unreachable!("promotions with an amount are whole"),
        };
        saving.min(whole(self.capacity(line, &self.entered)))
    }

    /// What a promotion takes alone, on all its eligible lines, on the state entering the stage.
    pub fn alone(&self, candidate: &Candidate) -> Taken {
        self.take(candidate, &candidate.eligible, &self.entered)
    }

    /// §9.
    fn take(&self, candidate: &Candidate, on: &[usize], running: &[i128]) -> Taken {
        let Threshold::Reached { times, benefit } = candidate.threshold else { unreachable!("only reached promotions take") };
        let base = |line: usize| self.base(candidate.promotion.base, line, running);
        let rounded = |amount: Exact| self.question.rounded(amount);
        let quantity = |line: usize| self.lines[line].quantity;
        let settings = &self.question.policy.settings;
        let (parts, lost) = match benefit {
            Benefit::AmountOff(amount) => self.spread(amount * times, on, running),
            Benefit::Percent(share) => match settings.rounding_point {
                RoundingPoint::Set => {
                    let sum: i128 = on.iter().map(|line| base(*line)).sum();
                    self.spread(rounded(share * whole(sum)), on, running)
                }
                RoundingPoint::Line => self.clip(on, running, |line| rounded(share * whole(base(line)))),
                RoundingPoint::Unit => self.clip(on, running, |line| {
                    let of_unit = rounded(share * whole(base(line)) / quantity(line));
                    rounded(whole(of_unit) * quantity(line))
                }),
                RoundingPoint::Price => self.clip(on, running, |line| {
                    let price = rounded((whole(1) - share) * whole(base(line)) / quantity(line));
                    (base(line) - rounded(whole(price) * quantity(line))).max(0)
                }),
            },
            Benefit::PerUnitOff(amount, most) => {
                self.clip(on, running, |line| rounded(self.per_unit(amount, most, whole(base(line)), line)))
            }
        };
        Taken { on: on.to_vec(), parts, lost, found: on.iter().map(|line| running[*line]).sum() }
    }

    /// §9.5, before rounding.
    fn per_unit(&self, amount: Exact, most: Option<Exact>, base: Exact, line: usize) -> Exact {
        let quantity = self.lines[line].quantity;
        amount.min(base / quantity) * most.map_or(quantity, |most| quantity.min(most))
    }

    fn base(&self, base: Base, line: usize, running: &[i128]) -> i128 {
        match base {
            Base::Running => running[line],
            Base::StageInput => self.entered[line],
            Base::Original => self.lines[line].list,
        }
    }

    /// §9.1.
    fn capacity(&self, line: usize, running: &[i128]) -> i128 {
        (running[line] - self.lines[line].floor.unwrap_or(0)).max(0)
    }

    /// One amount for all lines: the parts, and what is lost.
    fn spread(&self, amount: i128, on: &[usize], running: &[i128]) -> (Vec<i128>, i128) {
        let settings = &self.question.policy.settings;
        let weight = |line: &usize| match settings.weight {
            Weight::Net => whole(running[*line]),
            Weight::List => whole(self.lines[*line].list),
            Weight::Quantity => self.lines[*line].quantity,
        };
        let weights: Vec<Exact> = on.iter().map(weight).collect();
        let capacities: Vec<i128> = on.iter().map(|line| self.capacity(*line, running)).collect();
        split::fill(amount, &weights, &capacities, settings.remainder)
    }

    /// An amount for each line, cut to its capacity: the parts, and what is lost.
    fn clip(&self, on: &[usize], running: &[i128], wanted: impl Fn(usize) -> i128) -> (Vec<i128>, i128) {
        let parts: Vec<i128> = on.iter().map(|line| wanted(*line).min(self.capacity(*line, running))).collect();
        let wanted: i128 = on.iter().map(|line| wanted(*line)).sum();
        let lost = wanted - parts.iter().sum::<i128>();
        (parts, lost)
    }

    /// The best combination by enumeration (§11.4): the whole promotions that are played.
    pub fn choose(&self, candidates: &[Candidate]) -> Vec<usize> {
        let wholes: Vec<usize> = (0..candidates.len())
            .filter(|at| candidates[*at].contest.is_some() && candidates[*at].is_whole() && candidates[*at].reached())
            .collect();
        assert!(wholes.len() <= 16, "too many whole promotions to try all sets of them");
        let mut by_saving = wholes.clone();
        // The sort is stable, so ties stay in running order.
        by_saving.sort_by_key(|at| Reverse(self.alone(&candidates[*at]).saving()));
        let sets =
            (0_u32..1 << wholes.len()).map(|set| (0..wholes.len()).filter(|bit| set >> bit & 1 == 1).map(|bit| wholes[bit]).collect());
        sets.filter(|set: &Vec<usize>| {
            let clash = |a: &usize, b: &usize| {
                let (one, other) = (&candidates[*a], &candidates[*b]);
                a != b && one.contest == other.contest && one.shares_a_line(other)
            };
            !set.iter().any(|a| set.iter().any(|b| clash(a, b)))
        })
        .max_by_key(|set| {
            let played = self.play(candidates, set);
            let saving = |taken: &Option<Taken>| taken.as_ref().map_or(0, Taken::saving);
            let takers: Vec<&Promotion> =
                candidates.iter().zip(&played).filter(|(_, taken)| saving(taken) > 0).map(|(candidate, _)| candidate.promotion).collect();
            let mut priorities: Vec<i32> = takers.iter().map(|promotion| promotion.priority).collect();
            priorities.sort_by_key(|priority| Reverse(*priority));
            let mut ids: Vec<String> = takers.iter().map(|promotion| promotion.id.clone()).collect();
            ids.sort();
            let members: Vec<bool> = by_saving.iter().map(|at| set.contains(at)).collect();
            (played.iter().map(saving).sum::<i128>(), Reverse(takers.len()), priorities, Reverse(ids), members)
        })
        .expect("the empty set is a combination")
    }
}

/// The order of kinds inside a priority (§7).
fn kind(promotion: &Promotion) -> u8 {
    let first = promotion.steps.as_ref().and_then(|steps| steps.amount.as_ref().or(steps.quantity.as_ref())).map(|list| &list[0]);
    let (per_unit, amount) = match (&promotion.get, first) {
        (Some(get), _) => (get.per_unit_off.is_some(), get.amount_off.is_some()),
        (_, Some(step)) => (step.per_unit_off.is_some(), step.amount_off.is_some()),
        _ => unreachable!("a promotion gives something"),
    };
    match (per_unit, amount) {
        (true, _) => 0,
        (_, true) => 1,
        _ => 2,
    }
}
