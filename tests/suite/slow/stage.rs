//! One stage: what is reached, what each promotion takes, and what limits and budgets leave of it (§8, §9, §18).

use super::combo::Made;
use super::exact::{Exact, number, power_of_ten, share, text, whole};
use super::gift::Gifts;
use super::order::Part;
use super::{Line, Question, split};
use qudao::num::{Number, Percent};
use qudao::policy::{
    Base, Choose, Count, DiscountedLines, Gift, Group, GroupMode, NetLines, OneOrMany, Promotion, RoundingPoint, Scope, Stage, Step, Weight,
};
use serde_json::{Value, json};

/// What a promotion gives when it counts once.
#[derive(Clone, Copy)]
pub enum Benefit<'a> {
    /// Minor units for every unit, and the most units of one line.
    PerUnitOff(Exact, Option<Exact>),
    AmountOff(i128),
    Percent(Exact),
    /// Gifts; `single`: one unit of an item each time, whatever its quantity (§17.2).
    Gift {
        gift: &'a Gift,
        single: bool,
    },
    /// What is for whole units (§28).
    Combo,
    /// So many of something for later (§32).
    Earn(&'a str, i64),
}

/// Whether a promotion counts, on the state that enters the stage.
pub enum Threshold<'a> {
    /// §8: how often it counts, and how often it would without its limit (§18.1).
    Reached {
        times: i128,
        uncut: i128,
        benefit: Benefit<'a>,
    },
    Failed {
        condition: &'static str,
        have: Exact,
        need: Exact,
    },
    /// Its condition does not hold: what fails of it, and of the threshold (§30.6).
    Unmet(Vec<Value>),
    /// It is reached and may not count: what its outcome says (§18.1, §18.2).
    Stopped(Value),
    /// Exclusive promotions leave it no line (§11.7, §11.8): the one that closed the first of them.
    Barred(&'a Promotion),
}

/// An open promotion with at least one eligible line.
pub struct Candidate<'a> {
    pub promotion: &'a Promotion,
    /// In order of line id.
    pub eligible: Vec<usize>,
    pub threshold: Threshold<'a>,
    pub group: Option<&'a Group>,
    /// Its combos, if it makes some.
    pub made: Option<Made>,
}

/// What a promotion took and gave when it was played.
pub struct Taken<'a> {
    /// The lines it was computed on, in order of line id.
    pub on: Vec<usize>,
    /// What it took of each.
    pub parts: Vec<i128>,
    pub gifts: Gifts<'a>,
    /// What it gives for later, and how many (§32).
    pub earned: Option<(&'a str, i64)>,
    /// Everything that it could not give.
    pub lost: i128,
    /// What kept something of it back.
    pub lost_by: Vec<&'static str>,
    /// What was left of its budget when it ran.
    pub left: i128,
    /// Σ net of its lines before it ran.
    pub found: i128,
}

/// The lines of the order, and their nets and the budgets as they enter the stage.
pub struct Table<'q, 'a> {
    pub question: &'q Question<'a>,
    pub lines: &'q [Line<'a>],
    pub entered: Vec<i128>,
    /// The exclusive promotion that closed each line (§11.7).
    pub closed: Vec<Option<&'a Promotion>>,
    /// Promotions of earlier stages that took something of each line, and those that gave something on it (§31.3, §31.4).
    pub taken: Vec<Vec<&'a Promotion>>,
    pub given: Vec<Vec<&'a Promotion>>,
    /// What is left of each budget, in the order of the policy (§18.2).
    pub left: Vec<i128>,
}

impl Taken<'_> {
    pub fn saving(&self) -> i128 {
        self.parts.iter().sum()
    }

    pub fn worth(&self) -> i128 {
        self.saving() + self.gifts.value()
    }

    /// A gift without value is something too.
    pub fn gives(&self) -> bool {
        self.saving() > 0 || !self.gifts.given.is_empty() || self.earned.is_some()
    }
}

impl Threshold<'_> {
    /// What is told of a threshold that is not reached (§12.1).
    pub fn failure(&self, question: &Question) -> Option<Value> {
        let Threshold::Failed { condition, have, need } = self else { return None };
        let shown = |figure: &Exact| text(*figure, if *condition == "amount" { question.digits } else { 0 });
        Some(json!({ "condition": condition, "have": shown(have), "need": shown(need) }))
    }
}

impl<'a> Candidate<'a> {
    pub fn reached(&self) -> bool {
        matches!(self.threshold, Threshold::Reached { .. })
    }

    /// §11.2: it takes all its lines or none.
    pub fn is_whole(&self) -> bool {
        let Promotion { at, each, steps, get, budget, .. } = self.promotion;
        let of_all = get.as_ref().is_some_and(|get| get.amount_off.is_some() || get.gift.is_some());
        self.promotion.combo.is_none() && (at.is_some() || each.is_some() || steps.is_some() || of_all || budget.is_some())
    }

    pub fn shares_a_line(&self, other: &Candidate) -> bool {
        self.eligible.iter().any(|line| other.eligible.contains(line))
    }

    pub fn is_rival(&self, other: &Candidate) -> bool {
        self.group.is_some() && self.group == other.group
    }

    /// Whether its group chooses by combinations (§11.2, §11.6).
    pub fn competes(&self) -> bool {
        self.promotion.combo.is_none()
            && self.group.is_some_and(|group| match group.mode {
                GroupMode::Best => true,
                GroupMode::Stack | GroupMode::First | GroupMode::Always => false,
                GroupMode::Exclusive => group.scope == Some(Scope::Line) && group.choose.unwrap_or_default() == Choose::Best,
            })
    }

    /// §31.1.
    pub fn is_first(&self) -> bool {
        self.group.is_some_and(|group| group.mode == GroupMode::First)
    }

    /// Whether its group chooses between combos (§28.5).
    pub fn competes_for_units(&self) -> bool {
        self.group.is_some_and(|group| group.mode == GroupMode::Best)
    }

    pub fn has_the_order(&self) -> bool {
        self.group.is_some_and(|group| group.mode == GroupMode::Exclusive && group.scope.unwrap_or_default() == Scope::Order)
    }
}

impl<'a> Table<'_, 'a> {
    /// The candidates of a stage in running order (§7).
    pub fn candidates(&self, promotions: Vec<&'a Promotion>) -> Vec<Candidate<'a>> {
        let question = self.question;
        let promotions = promotions.into_iter();
        let mut candidates: Vec<Candidate> =
            promotions.filter(|promotion| question.is_open(promotion)).filter_map(|promotion| self.candidate(promotion)).collect();
        self.assign(&mut candidates);
        candidates
    }

    /// `None` without an eligible line (§6.4).
    fn candidate(&self, promotion: &'a Promotion) -> Option<Candidate<'a>> {
        let question = self.question;
        let group = question.group(promotion);
        let all = self.question.eligible(promotion, self.lines);
        all.first()?;
        let mut candidate = Candidate { promotion, eligible: all.clone(), threshold: Threshold::Barred(promotion), group, made: None };
        // §34.1.
        if self.question.order["decline"].as_array().into_iter().flatten().any(|id| *id == promotion.id.as_str()) {
            candidate.threshold = Threshold::Stopped(json!({ "by": "declined" }));
            return Some(candidate);
        }
        // §31.2: to what always applies no line is closed.
        let is_open = |line: &usize| self.closed[*line].is_none() || question.part(promotion) == Part::Stage(Stage::Always);
        let closer = |lines: &[usize]| lines.iter().filter(|line| !is_open(line)).find_map(|line| self.closed[*line]);
        if let Some(closer) = closer(&super::positions(self.lines, |_| true)).filter(|_| candidate.has_the_order()) {
            candidate.threshold = Threshold::Barred(closer);
            return Some(candidate);
        }
        candidate.eligible.retain(|line| is_open(line) && self.keeper(promotion, *line).is_none());
        candidate.threshold = match (is_open(&all[0]), closer(&all[..1])) {
            (false, Some(closer)) if candidate.eligible.is_empty() => Threshold::Barred(closer),
            _ if candidate.eligible.is_empty() => {
                let winner = self.keeper(promotion, all[0]).expect("something keeps it off");
                Threshold::Stopped(json!({ "by": "not_combined", "winner": winner.id }))
            }
            _ if promotion.combo.is_some() => self.limited(promotion, self.combo_threshold(promotion, &candidate.eligible)),
            _ => self.limited(promotion, self.threshold(promotion, &self.counting(promotion, &candidate.eligible))),
        };
        let mut unmet = self.unmet(promotion);
        if !unmet.is_empty() && !candidate.eligible.is_empty() {
            // A limit does not matter then, and a threshold is told of after the condition.
            let counting = self.counting(promotion, &candidate.eligible);
            let threshold = match promotion.combo {
                Some(_) => self.combo_threshold(promotion, &candidate.eligible),
                None => self.threshold(promotion, &counting),
            };
            unmet.extend(threshold.failure(question));
            candidate.threshold = Threshold::Unmet(unmet);
        }
        Some(candidate)
    }

    /// The lines that count for a threshold: also those that net prices keep off, if the promotion says so (§21.5).
    fn counting(&self, promotion: &Promotion, eligible: &[usize]) -> Vec<usize> {
        let mut counting = self.question.matching(promotion, self.lines);
        let is_always = self.question.part(promotion) == Part::Stage(Stage::Always);
        counting.retain(|line| (is_always || self.closed[*line].is_none()) && self.keeper(promotion, *line).is_none());
        if promotion.net_lines == NetLines::Count { counting } else { eligible.to_vec() }
    }

    /// The promotion that keeps another off a line: one that took something of it, or that it does not combine with (§31.3, §31.4).
    fn keeper(&self, promotion: &Promotion, line: usize) -> Option<&'a Promotion> {
        let skipped = self.taken[line].first().filter(|_| promotion.discounted_lines == DiscountedLines::Skip);
        let words = |list: &Option<OneOrMany>| list.iter().flat_map(|list| list.0.clone()).collect::<Vec<_>>();
        let names = |one: &Promotion, other: &Promotion| words(&one.not_with).iter().any(|tag| words(&other.tags).contains(tag));
        let apart = |other: &&&Promotion| names(promotion, other) || names(other, promotion);
        skipped.or_else(|| self.given[line].iter().find(apart)).copied()
    }

    /// §18.1, §18.2: what is reached is cut to its limit, and stopped where nothing is left.
    fn limited(&self, promotion: &Promotion, threshold: Threshold<'a>) -> Threshold<'a> {
        let Threshold::Reached { mut times, uncut, benefit } = threshold else { return threshold };
        let used = &self.question.facts["usage"][&promotion.id];
        let limit = promotion.limit.clone().unwrap_or_default();
        for (word, most, used) in
            [("order", limit.order, &Value::Null), ("dealer", limit.dealer, &used["dealer"]), ("total", limit.total, &used["total"])]
        {
            let Some(most) = most else { continue };
            let have = used.as_i64().unwrap_or(0);
            let free = i128::from(most) - i128::from(have);
            if free <= 0 {
                return Threshold::Stopped(json!({ "by": "limit", "limit": word, "have": have, "most": most }));
            }
            times = times.min(free);
        }
        match self.budget(promotion) {
            Some(at) if self.left[at] == 0 => Threshold::Stopped(self.question.out_of_budget(promotion, 0)),
            _ => Threshold::Reached { times, uncut, benefit },
        }
    }

    /// The budget it gives from, in the order of the policy.
    fn budget(&self, promotion: &Promotion) -> Option<usize> {
        self.question.policy.budgets.iter().position(|budget| promotion.budget.as_ref() == Some(&budget.id))
    }

    /// §8.
    fn threshold(&self, promotion: &'a Promotion, eligible: &[usize]) -> Threshold<'a> {
        let of_line = |line: &usize| self.question.measured(promotion.threshold_tax, self.lines[*line].product, self.entered[*line]);
        let amount: i128 = eligible.iter().map(of_line).sum();
        let quantity: Exact = eligible.iter().map(|line| self.lines[*line].quantity).sum();
        // What is measured of a pair that has exactly one side, and the threshold on that side.
        let measure = |of_amount: Option<Number>, of_quantity: Option<Number>, unit: &Option<String>| match (of_amount, of_quantity) {
            (Some(need), _) => ("amount", Exact::new(amount, self.question.minor), number(need)),
            (_, Some(need)) => ("quantity", quantity, self.question.in_base(promotion.on.as_ref(), unit.as_deref(), need)),
            _ => unreachable!("a threshold measures something"),
        };
        let of_get = |times: i128, single: bool| {
            let get = promotion.get.as_ref().expect("a benefit");
            let benefit = match (&get.gift, &get.earn) {
                (Some(gift), _) => Benefit::Gift { gift, single },
                (_, Some(earn)) => Benefit::Earn(&earn.id, i64::from(earn.quantity.unwrap_or(1))),
                _ => {
                    let most = get.max_units.map(|most| self.question.in_base(promotion.on.as_ref(), get.unit.as_deref(), most));
                    self.benefit(get.percent, get.amount_off, get.per_unit_off, most)
                }
            };
            Threshold::Reached { times, uncut: times, benefit }
        };
        if let Some(at) = &promotion.at {
            let (condition, have, need) = measure(at.amount, at.quantity, &at.unit);
            return if have >= need { of_get(1, false) } else { Threshold::Failed { condition, have, need } };
        }
        if let Some(each) = &promotion.each {
            let (condition, have, step) = measure(each.amount, each.quantity, &each.unit);
            let most = each.times.map_or(i128::MAX, i128::from);
            let (times, need) = match each.count {
                Count::PerStep => ((have / step).floor().to_integer().min(most), step),
                // Of a gift of M units for each N, every unit counts once.
                Count::ProRata => {
                    let gift = promotion.get.as_ref().and_then(|get| get.gift.as_ref()).expect("a gift");
                    let (_, units) = self.question.units_of(gift).next().expect("an item");
                    let smallest = whole(power_of_ten(self.question.policy.settings.quantity_scale));
                    let most = units * whole(most.min(1_000_000_000));
                    ((have * units / step).floor().min(most).to_integer(), (step / units * smallest).ceil() / smallest)
                }
                Count::Exact if (have / step).is_integer() => ((have / step).to_integer().min(most), step),
                Count::Exact => (0, ((have / step).floor() + whole(1)) * step),
            };
            return if times >= 1 { of_get(times, each.count == Count::ProRata) } else { Threshold::Failed { condition, have, need } };
        }
        if let Some(steps) = &promotion.steps {
            let (by_amount, list) = match (&steps.amount, &steps.quantity) {
                (Some(list), _) => (true, list),
                (_, Some(list)) => (false, list),
                _ => unreachable!("steps measure something"),
            };
            let of =
                |step: &Step| if by_amount { measure(Some(step.from), None, &None) } else { measure(None, Some(step.from), &steps.unit) };
            // §17.6: steps that give nothing but what is hidden are not there.
            let list: Vec<&Step> = list.iter().filter(|step| self.question.is_there(step.gift.as_ref())).collect();
            let best = list.iter().copied().filter(|step| of(step).1 >= of(step).2).max_by_key(|step| step.from);
            let benefit = |step: &'a Step| match (&step.gift, &step.earn) {
                (Some(gift), _) => Benefit::Gift { gift, single: false },
                (_, Some(earn)) => Benefit::Earn(&earn.id, i64::from(earn.quantity.unwrap_or(1))),
                _ => self.benefit(step.percent, step.amount_off, step.per_unit_off, None),
            };
            return match best {
                Some(step) => Threshold::Reached { times: 1, uncut: 1, benefit: benefit(step) },
                None => {
                    let (condition, have, need) = of(list[0]);
                    Threshold::Failed { condition, have, need }
                }
            };
        }
        of_get(1, false)
    }

    fn benefit(&self, percent: Option<Percent>, amount: Option<Number>, per_unit: Option<Number>, most: Option<Exact>) -> Benefit<'a> {
        match (percent, amount, per_unit) {
            (Some(percent), _, _) => Benefit::Percent(share(percent)),
            (_, Some(amount), _) => Benefit::AmountOff(self.question.amount_of(number(amount))),
            (_, _, Some(amount)) => Benefit::PerUnitOff(number(amount) * whole(self.question.minor), most),
            _ => unreachable!("a benefit gives something"),
        }
    }

    /// Plays the whole stage: each promotion on the lines that the plan gives it. `None` for those that get none and are not played.
    pub fn play(&self, candidates: &[Candidate<'a>], plan: &[Vec<usize>]) -> Vec<Option<Taken<'a>>> {
        let (mut running, mut left) = (self.entered.clone(), self.left.clone());
        let mut played = Vec::new();
        for (candidate, on) in candidates.iter().zip(plan) {
            let taken = (!on.is_empty()).then(|| self.take(candidate, on, &running, &left));
            if let Some(taken) = &taken {
                taken.on.iter().zip(&taken.parts).for_each(|(line, part)| running[*line] -= part);
                self.budget(candidate.promotion).into_iter().for_each(|at| left[at] -= taken.worth());
            }
            played.push(taken);
        }
        played
    }

    /// §11.3: on that line alone, on the state entering the stage, before rounding and cut to the line's capacity.
    pub fn exact_saving(&self, candidate: &Candidate, line: usize) -> Exact {
        let Threshold::Reached { benefit, .. } = candidate.threshold else { unreachable!("it is reached") };
        let base = whole(self.base(candidate.promotion.base, line, &self.entered));
        let saving = match benefit {
            Benefit::Percent(share) => share * base,
            Benefit::PerUnitOff(amount, most) => self.per_unit(amount, most, base, line),
            Benefit::AmountOff(_) | Benefit::Gift { .. } | Benefit::Combo | Benefit::Earn(..) => unreachable!("this is no line promotion"),
        };
        saving.min(whole(self.capacity(line, &self.entered)))
    }

    /// What a promotion takes alone, on all its eligible lines, on the state entering the stage.
    pub fn alone(&self, candidate: &Candidate<'a>) -> Taken<'a> {
        self.alone_on(candidate, &candidate.eligible)
    }

    pub fn alone_on(&self, candidate: &Candidate<'a>, on: &[usize]) -> Taken<'a> {
        self.take(candidate, on, &self.entered, &self.left)
    }

    /// §9, §17 and what limits and budgets leave of it (§18).
    fn take(&self, candidate: &Candidate<'a>, on: &[usize], running: &[i128], left: &[i128]) -> Taken<'a> {
        let Threshold::Reached { times, uncut, benefit } = candidate.threshold else { unreachable!("only reached promotions take") };
        let promotion = candidate.promotion;
        let left = self.budget(promotion).map(|at| left[at]);
        if promotion.combo.is_some() {
            let alone = candidate.made.as_ref().filter(|made| made.times > 0 && on == made.lines);
            return match alone {
                Some(made) => self.take_combos(promotion, made, running, left),
                None => self.take_combos(promotion, &self.made_alone(candidate), running, left),
            };
        }
        let most = left.unwrap_or(i128::MAX);
        let base = |line: usize| self.base(promotion.base, line, running);
        let rounded = |amount: Exact| self.question.rounded(amount);
        let quantity = |line: usize| self.lines[line].quantity;
        // What was wanted of each line, or of all of them together.
        enum Wanted {
            Once(i128),
            OfLines(Vec<i128>),
        }
        let of_lines = |wanted: &dyn Fn(usize) -> i128| Wanted::OfLines(on.iter().map(|line| wanted(*line)).collect());
        let mut gifts = Gifts::default();
        let mut gifts_lost = 0;
        let mut by_budget = false;
        let wanted = match benefit {
            Benefit::AmountOff(amount) => Wanted::Once(amount * times),
            Benefit::Percent(share) => match self.question.policy.settings.rounding_point {
                RoundingPoint::Set => Wanted::Once(rounded(share * whole(on.iter().map(|line| base(*line)).sum()))),
                RoundingPoint::Line => of_lines(&|line| rounded(share * whole(base(line)))),
                RoundingPoint::Unit => of_lines(&|line| {
                    let of_unit = rounded(share * whole(base(line)) / quantity(line));
                    rounded(whole(of_unit) * quantity(line))
                }),
                RoundingPoint::Price => of_lines(&|line| {
                    let price = rounded((whole(1) - share) * whole(base(line)) / quantity(line));
                    (base(line) - rounded(whole(price) * quantity(line))).max(0)
                }),
            },
            Benefit::PerUnitOff(amount, most) => of_lines(&|line| rounded(self.per_unit(amount, most, whole(base(line)), line))),
            Benefit::Gift { gift, single } => {
                gifts = self.question.gifts(promotion, gift, single, times);
                gifts_lost = self.question.value_at(&gifts, gift, single, uncut) - gifts.value();
                if gifts.value() > most {
                    by_budget = true;
                    gifts_lost += gifts.value();
                    gifts.given.clear();
                }
                Wanted::Once(0)
            }
            Benefit::Earn(..) => Wanted::Once(0),
            Benefit::Combo => unreachable!("combos are taken apart"),
        };
        let capacities: Vec<i128> = on.iter().map(|line| self.capacity(*line, running)).collect();
        let (sum, parts, kept_by_floor) = match wanted {
            Wanted::Once(amount) => {
                by_budget |= amount > most;
                let (parts, kept) = self.spread(amount.min(most), on, running, &capacities);
                (amount, parts, kept)
            }
            Wanted::OfLines(amounts) => {
                let parts: Vec<i128> = amounts.iter().zip(&capacities).map(|(amount, capacity)| *amount.min(capacity)).collect();
                let (wanted, possible): (i128, i128) = (amounts.iter().sum(), parts.iter().sum());
                by_budget |= possible > most;
                let parts = if possible > most { self.spread(most, on, running, &parts).0 } else { parts };
                (wanted, parts, wanted - possible)
            }
        };
        let one = if let Benefit::AmountOff(amount) = benefit { amount } else { 0 };
        let lost = sum + one * (uncut - times) - parts.iter().sum::<i128>() + gifts_lost;
        let found: i128 = on.iter().map(|line| running[*line]).sum();
        // §32.2.
        let earned = match benefit {
            Benefit::Earn(id, quantity) if found > 0 => Some((id, quantity * i64::try_from(times).expect("a small number"))),
            _ => None,
        };
        let is_earned = matches!(benefit, Benefit::Earn(..));
        let by = [("limit", uncut > times && !is_earned), ("budget", by_budget), ("floor", kept_by_floor > 0)];
        let lost_by = by.into_iter().filter(|(_, kept)| *kept).map(|(by, _)| by).collect();
        Taken { on: on.to_vec(), parts, gifts, earned, lost, lost_by, left: left.unwrap_or(0), found }
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
    pub fn capacity(&self, line: usize, running: &[i128]) -> i128 {
        (running[line] - self.lines[line].floor.unwrap_or(0)).max(0)
    }

    /// One amount for all lines: the parts, and what is lost.
    fn spread(&self, amount: i128, on: &[usize], running: &[i128], capacities: &[i128]) -> (Vec<i128>, i128) {
        let weights: Vec<Exact> = on.iter().map(|line| weight_of(self.question, &self.lines[*line], running[*line])).collect();
        split::fill(amount, &weights, capacities, self.question.policy.settings.remainder)
    }
}

/// §10.1.
pub fn weight_of(question: &Question, line: &Line, net: i128) -> Exact {
    match question.policy.settings.weight {
        Weight::Net => whole(net),
        Weight::List => whole(line.list),
        Weight::Quantity => line.quantity,
    }
}
