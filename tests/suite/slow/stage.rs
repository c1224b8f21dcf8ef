//! One stage: what is reached, what each promotion takes, and what limits and budgets leave of it (§8, §9, §18).

use super::combo::Made;
use super::exact::{Exact, number, power_of_ten, share, text, whole};
use super::gift::Gifts;
use super::order::Part;
use super::{Line, Question, split};
use qudao::num::{Number, Percent};
use qudao::policy::{
    Base, Cart, Choose, Count, Decompose, DiscountedLines, Gift, Group, GroupMode, NetLines, OneOrMany, Origin, Promotion, RoundingPoint,
    Scope, Stage, Step, UnitLimit, Weight,
};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// What a promotion gives when it counts once.
#[derive(Clone, Copy)]
pub enum Benefit<'a> {
    /// Minor units for every unit, and the most units of one line.
    PerUnitOff(Exact, Option<Exact>),
    AmountOff(i128),
    /// The amounts of the steps that a measure is divided into (§8.4).
    Decomposed(Exact),
    Percent(Exact),
    /// Minor units that one unit costs (§45.5), or all freight (§46.1).
    Price(Exact),
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
    /// In order of line id; with limits of units, those that some are allotted to (§45.2).
    pub eligible: Vec<usize>,
    /// With limits of units, how many are allotted to each line that was eligible before, in order of line id.
    pub allotted: Option<Vec<(usize, Exact)>>,
    pub threshold: Threshold<'a>,
    pub group: Option<&'a Group>,
    /// Its combos, if it makes some.
    pub made: Option<Made>,
    /// What its threshold measures, where it was looked at and nothing is used up.
    pub have: Option<Exact>,
    /// What the parts of its condition that fail ask of lines, where they do without `not`.
    pub carts: Vec<Option<&'a Cart>>,
}

/// What a promotion took and gave when it was played.
pub struct Taken<'a> {
    /// The lines it was computed on, in order of line id.
    pub on: Vec<usize>,
    /// How often it counted.
    pub times: i128,
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

/// What promotions that ran before leave of what they share.
#[derive(Clone)]
pub struct Left<'a> {
    /// What is left of each budget, in the order of the policy (§18.2).
    pub budgets: Vec<i128>,
    /// What was given of each product (§17.7).
    pub given: Vec<(&'a str, Exact)>,
}

/// The lines of the order, and their nets and the budgets as they enter the stage.
pub struct Table<'q, 'a> {
    pub question: &'q Question<'a>,
    /// Without the units that are closed (§47.2).
    pub lines: &'q [Line<'a>],
    pub entered: Vec<i128>,
    /// With all their units (§30.4).
    pub whole_lines: &'q [Line<'a>],
    pub whole_entered: Vec<i128>,
    /// Whether each line is closed (§11.7).
    pub closed: Vec<bool>,
    /// The first exclusive promotion that closed each line, or some of its units.
    pub closer: Vec<Option<&'a Promotion>>,
    /// Promotions of earlier stages that took something of each line, and those that gave something on it (§31.3, §31.4).
    pub taken: Vec<Vec<&'a Promotion>>,
    pub given: Vec<Vec<&'a Promotion>>,
    pub left: Left<'a>,
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
        let Promotion { at, each, steps, get, budget, cap, .. } = self.promotion;
        let of_all = get.as_ref().is_some_and(|get| get.amount_off.is_some() || get.gift.is_some());
        let is_bounded = budget.is_some() || cap.is_some();
        self.promotion.combo.is_none() && (at.is_some() || each.is_some() || steps.is_some() || of_all || is_bounded)
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
        let is_of_units = |group: &Group| group.mode == GroupMode::Exclusive && group.scope == Some(Scope::Units);
        self.group.is_some_and(|group| group.mode == GroupMode::Best || is_of_units(group))
    }

    /// How many units of a line it sees, as a fraction of them (§45.3).
    fn part(&self, line: usize, lines: &[Line]) -> Exact {
        let own = self.allotted.iter().flatten().find(|(own, _)| *own == line);
        own.map_or(whole(1), |(_, units)| units / lines[line].quantity)
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
        let threshold = Threshold::Barred(promotion);
        let mut candidate =
            Candidate { promotion, eligible: all.clone(), allotted: None, threshold, group, made: None, have: None, carts: Vec::new() };
        // §34.1.
        if self.question.order["decline"].as_array().into_iter().flatten().any(|id| *id == promotion.id.as_str()) {
            candidate.threshold = Threshold::Stopped(json!({ "by": "declined" }));
            return Some(candidate);
        }
        // §31.2: to what always applies no line is closed.
        let is_open = |line: &usize| !self.closed[*line] || question.part(promotion) == Part::Stage(Stage::Always);
        let first = super::positions(self.lines, |_| true).into_iter().find_map(|line| self.closer[line]);
        if let Some(closer) = first.filter(|_| candidate.has_the_order()) {
            candidate.threshold = Threshold::Barred(closer);
            return Some(candidate);
        }
        candidate.eligible.retain(|line| is_open(line) && self.keeper(promotion, *line).is_none());
        candidate.threshold = match self.closer[all[0]].filter(|_| !is_open(&all[0])) {
            Some(closer) if candidate.eligible.is_empty() => Threshold::Barred(closer),
            _ if candidate.eligible.is_empty() => {
                let winner = self.keeper(promotion, all[0]).expect("something keeps it off");
                Threshold::Stopped(json!({ "by": "not_combined", "winner": winner.id }))
            }
            _ if promotion.combo.is_some() => self.limited(promotion, self.combo_threshold(promotion, &candidate.eligible)),
            _ => self.limited(promotion, self.threshold(promotion, &self.counting(promotion, &candidate.eligible))),
        };
        if !candidate.eligible.is_empty() {
            candidate.have = self.have(promotion, &self.counting(promotion, &candidate.eligible));
        }
        let unmet = self.unmet(promotion);
        if !unmet.is_empty() && !candidate.eligible.is_empty() {
            candidate.carts = unmet.iter().map(|(_, cart)| *cart).collect();
            let mut unmet: Vec<Value> = unmet.into_iter().map(|(entry, _)| entry).collect();
            // A limit does not matter then, and a threshold is told of after the condition.
            let counting = self.counting(promotion, &candidate.eligible);
            let threshold = match promotion.combo {
                Some(_) => self.combo_threshold(promotion, &candidate.eligible),
                None => self.threshold(promotion, &counting),
            };
            unmet.extend(threshold.failure(question));
            candidate.threshold = Threshold::Unmet(unmet);
        }
        self.allot(&mut candidate);
        // §12.2: by limits first.
        if candidate.reached() && self.budget(promotion).is_some_and(|at| self.left.budgets[at] == 0) {
            candidate.threshold = Threshold::Stopped(question.out_of_budget(promotion, 0));
        }
        if matches!(candidate.threshold, Threshold::Stopped(_)) {
            candidate.have = None;
        }
        Some(candidate)
    }

    /// The lines that count for a threshold: also those that net prices keep off, if the promotion says so (§21.5).
    fn counting(&self, promotion: &Promotion, eligible: &[usize]) -> Vec<usize> {
        let mut counting = self.question.matching(promotion, self.lines);
        let is_always = self.question.part(promotion) == Part::Stage(Stage::Always);
        counting.retain(|line| (is_always || !self.closed[*line]) && self.keeper(promotion, *line).is_none());
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

    /// §18.1, §45.1: what is reached is cut to its limit, and stopped where nothing is left.
    fn limited(&self, promotion: &Promotion, threshold: Threshold<'a>) -> Threshold<'a> {
        let Threshold::Reached { mut times, uncut, benefit } = threshold else { return threshold };
        let used = &self.question.facts["usage"][&promotion.id];
        let limit = promotion.limit.clone().unwrap_or_default();
        let of_period = &used["periods"][self.question.purchase_label()];
        for (word, most, used) in [
            ("order", limit.order, &Value::Null),
            ("dealer", limit.dealer, &used["dealer"]),
            ("period", limit.period, of_period),
            ("total", limit.total, &used["total"]),
        ] {
            let Some(most) = most else { continue };
            let have = used.as_i64().unwrap_or(0);
            let free = i128::from(most) - i128::from(have);
            if free <= 0 {
                return Threshold::Stopped(json!({ "by": "limit", "limit": word, "have": have, "most": most }));
            }
            times = times.min(free);
        }
        Threshold::Reached { times, uncut, benefit }
    }

    /// Limits of units, in base units: over what, what is used of each and the most (§45.1).
    fn unit_limits(&self, promotion: &Promotion, limit: Option<&UnitLimit>, used: &Value) -> Vec<(&'static str, Exact, Exact)> {
        let Some(UnitLimit { order, dealer, period, total, unit }) = limit else { return Vec::new() };
        let label = self.question.purchase_label();
        let known = [("order", order, &Value::Null), ("dealer", dealer, &used["dealer"]), ("period", period, &used["periods"][label])];
        let written = known.into_iter().chain([("total", total, &used["total"])]);
        let most = |most: Number| self.question.in_base(promotion.on.as_ref(), unit.as_deref(), most);
        written.filter_map(|(word, limit, used)| Some((word, super::decimal(used), most((*limit)?)))).collect()
    }

    /// §45.2: which units of a reached promotion get it, where they are limited.
    fn allot(&self, candidate: &mut Candidate<'a>) {
        let promotion = candidate.promotion;
        let Some(limit) = promotion.limit.as_ref().filter(|_| limits_units(promotion) && candidate.reached()) else { return };
        let used = &self.question.facts["usage"][&promotion.id];
        let sku = |line: usize| self.lines[line].product.sku.as_str();
        let of_all = || self.unit_limits(promotion, limit.units.as_ref(), &used["units"]);
        let of_sku = |sku: &str| self.unit_limits(promotion, limit.sku.as_ref(), &used["skus"][sku]);
        let left = |limits: Vec<(&str, Exact, Exact)>| limits.into_iter().map(|(_, used, most)| (most - used).max(whole(0))).min();
        let mut turns = candidate.eligible.clone();
        // The sort is stable, so ties stay in order of line id.
        turns.sort_by_key(|line| Reverse(whole(self.entered[*line]) / self.lines[*line].quantity));
        let mut allotted: Vec<(usize, Exact)> = Vec::new();
        for line in turns {
            let taken = |of: &dyn Fn(usize) -> bool| allotted.iter().filter(|(other, _)| of(*other)).map(|(_, units)| units).sum::<Exact>();
            let for_all = left(of_all()).map(|left| left - taken(&|_| true));
            let for_sku = left(of_sku(sku(line))).map(|left| left - taken(&|other| sku(other) == sku(line)));
            let units = [for_all, for_sku].into_iter().flatten().fold(self.lines[line].quantity, Exact::min);
            allotted.push((line, units));
        }
        let first = candidate.eligible[0];
        let place = |line: usize| candidate.eligible.iter().position(|other| *other == line);
        allotted.sort_by_key(|(line, _)| place(*line));
        // §45.3: what competes as a whole one has all its lines.
        let by_lines =
            candidate.competes() || candidate.is_first() || candidate.group.is_some_and(|group| group.scope == Some(Scope::Line));
        let all = candidate.is_whole() && by_lines;
        let is_empty = allotted.iter().all(|(_, units)| *units == whole(0));
        candidate.eligible = allotted.iter().filter(|(_, units)| all || *units > whole(0)).map(|(line, _)| *line).collect();
        candidate.allotted = Some(allotted);
        if is_empty {
            let used_up = |limits: Vec<(&'static str, Exact, Exact)>| limits.into_iter().find(|(_, used, most)| used >= most);
            let of = |parts: Value, (word, have, most): (&str, Exact, Exact)| {
                let mut parts = parts;
                parts["by"] = json!("limit");
                parts["limit"] = json!(word);
                parts["have"] = json!(text(have, 0));
                parts["most"] = json!(text(most, 0));
                parts
            };
            let stopped = used_up(of_all()).map(|limit| of(json!({ "of": "units" }), limit));
            let of_first = || of(json!({ "of": "sku", "sku": sku(first) }), used_up(of_sku(sku(first))).expect("a limit that is used up"));
            candidate.threshold = Threshold::Stopped(stopped.unwrap_or_else(of_first));
        }
    }

    /// The budget it gives from, in the order of the policy.
    fn budget(&self, promotion: &Promotion) -> Option<usize> {
        self.question.policy.budgets.iter().position(|budget| promotion.budget.as_ref() == Some(&budget.id))
    }

    /// What the threshold of a promotion without combos measures (§8.1).
    fn have(&self, promotion: &Promotion, counting: &[usize]) -> Option<Exact> {
        let Promotion { at, each, steps, .. } = promotion;
        let of = [
            at.as_ref().map(|at| at.amount.is_some()),
            each.as_ref().map(|each| each.amount.is_some()),
            steps.as_ref().map(|steps| steps.amount.is_some()),
        ];
        let by_amount = of.into_iter().flatten().next().filter(|_| promotion.combo.is_none())?;
        let of_line = |line: &usize| self.question.measured(promotion.threshold_tax, self.lines[*line].product, self.entered[*line]);
        Some(match by_amount {
            true => Exact::new(counting.iter().map(of_line).sum(), self.question.minor),
            false => counting.iter().map(|line| self.lines[*line].quantity).sum(),
        })
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
                    self.benefit(get.percent, get.amount_off, get.per_unit_off.map(|amount| (amount, most)), get.price)
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
                // §8.3
                Count::PerStep if let (Some(from), Some(origin)) = (each.from, each.origin) => {
                    let (_, _, from) = measure(each.amount.and(Some(from)), each.quantity.and(Some(from)), &each.unit);
                    let times = match origin {
                        _ if have < from => 0,
                        Origin::Zero => (have / step).floor().to_integer(),
                        Origin::Threshold => 1 + ((have - from) / step).floor().to_integer(),
                    };
                    (times.min(most), from)
                }
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
                _ => self.benefit(step.percent, step.amount_off, step.per_unit_off.map(|amount| (amount, None)), step.price),
            };
            return match best {
                Some(step) if steps.decompose != Decompose::Highest => {
                    let have = of(step).1;
                    let times = self.decomposed(promotion, have).iter().map(|(_, times)| times).sum();
                    Threshold::Reached { times, uncut: times, benefit: Benefit::Decomposed(have) }
                }
                Some(step) => Threshold::Reached { times: 1, uncut: 1, benefit: benefit(step) },
                None => {
                    let (condition, have, need) = of(list[0]);
                    Threshold::Failed { condition, have, need }
                }
            };
        }
        of_get(1, false)
    }

    /// §8.4: the amounts of the steps that a measure is divided into, the highest first, and how often each is taken.
    pub fn decomposed(&self, promotion: &Promotion, have: Exact) -> Vec<(i128, i128)> {
        let steps = promotion.steps.as_ref().expect("steps");
        let measured = |from: Number| match &steps.amount {
            Some(_) => number(from),
            None => self.question.in_base(promotion.on.as_ref(), steps.unit.as_deref(), from),
        };
        let list = steps.amount.as_ref().or(steps.quantity.as_ref()).expect("a list");
        let mut list: Vec<(Exact, i128)> =
            list.iter().map(|step| (measured(step.from), self.question.amount_of(number(step.amount_off.expect("an amount"))))).collect();
        list.reverse();
        if steps.decompose == Decompose::Greedy {
            let mut left = have;
            return list
                .into_iter()
                .map(|(from, off)| {
                    let times = (left / from).floor();
                    left -= from * times;
                    (off, times.to_integer())
                })
                .collect();
        }
        // What takes most for its size is taken for all but so much as the others could be better for: fewer of them than its size.
        let smallest = (1..).map(|parts| list[0].0 / whole(parts)).find(|part| list.iter().all(|(from, _)| (from / part).is_integer()));
        let smallest = smallest.expect("multiples of one figure");
        let sizes: Vec<usize> = list.iter().map(|(from, _)| usize::try_from((from / smallest).to_integer()).expect("a few")).collect();
        let all = (have / smallest).floor().to_integer();
        let ratio = |at: &usize| Exact::new(list[*at].1, i128::try_from(sizes[*at]).expect("a few"));
        let dearest = (0..list.len()).rev().max_by_key(ratio).expect("a step");
        let size = i128::try_from(sizes[dearest]).expect("a few");
        let certain = ((all - i128::try_from(sizes[dearest] * sizes[0]).expect("a few")) / size).max(0);
        let rest = usize::try_from(all - certain * size).expect("a few");
        // The most that the lower steps take of each size, step after step.
        let mut most = vec![vec![0; rest + 1]];
        for at in (0..list.len()).rev() {
            let lower = most.last().expect("a table").clone();
            let mut own = lower.clone();
            for room in sizes[at]..=rest {
                own[room] = own[room].max(own[room - sizes[at]] + list[at].1);
            }
            most.push(own);
        }
        let mut room = rest;
        (0..list.len())
            .map(|at| {
                let (own, lower) = (&most[list.len() - at], &most[list.len() - at - 1]);
                let fits =
                    |times: &i128| lower[room - usize::try_from(*times).expect("a few") * sizes[at]] + times * list[at].1 == own[room];
                let times = (0..=i128::try_from(room / sizes[at]).expect("a few")).rev().find(fits).expect("one is the most");
                room -= usize::try_from(times).expect("a few") * sizes[at];
                (list[at].1, times + if at == dearest { certain } else { 0 })
            })
            .collect()
    }

    /// The amounts of the first so many of the steps that a measure is divided into.
    fn amount_of_steps(&self, promotion: &Promotion, have: Exact, mut times: i128) -> i128 {
        let mut sum = 0;
        for (off, taken) in self.decomposed(promotion, have) {
            let counted = taken.min(times);
            times -= counted;
            sum += off * counted;
        }
        sum
    }

    /// What is off each unit, with the most units of a line.
    fn benefit(
        &self,
        percent: Option<Percent>,
        amount: Option<Number>,
        per_unit: Option<(Number, Option<Exact>)>,
        price: Option<Number>,
    ) -> Benefit<'a> {
        let minor = |amount: Number| number(amount) * whole(self.question.minor);
        match (percent, amount, per_unit, price) {
            (Some(percent), _, _, _) => Benefit::Percent(share(percent)),
            (_, Some(amount), _, _) => Benefit::AmountOff(self.question.amount_of(number(amount))),
            (_, _, Some((amount, most)), _) => Benefit::PerUnitOff(minor(amount), most),
            (_, _, _, Some(price)) => Benefit::Price(minor(price)),
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
                self.budget(candidate.promotion).into_iter().for_each(|at| left.budgets[at] -= taken.worth());
                left.given.extend(taken.gifts.units());
            }
            played.push(taken);
        }
        played
    }

    /// §11.3: on that line alone, on the state entering the stage, before rounding and cut to the line's capacity.
    pub fn exact_saving(&self, candidate: &Candidate, line: usize) -> Exact {
        let Threshold::Reached { benefit, .. } = candidate.threshold else { unreachable!("it is reached") };
        // §45.3: of so many of its units.
        let part = candidate.part(line, self.lines);
        let base = whole(self.base(candidate.promotion.base, line, &self.entered)) * part;
        let quantity = self.lines[line].quantity * part;
        let saving = match benefit {
            Benefit::Percent(share) => share * base,
            Benefit::PerUnitOff(amount, most) => per_unit(amount, most, base, quantity),
            Benefit::Price(price) => (base - price * quantity).max(whole(0)),
            Benefit::AmountOff(_) | Benefit::Decomposed(_) | Benefit::Gift { .. } | Benefit::Combo | Benefit::Earn(..) => {
                unreachable!("this is no line promotion")
            }
        };
        saving.min((whole(self.capacity(line, &self.entered)) * part).floor())
    }

    /// What a promotion takes alone, on all its eligible lines, on the state entering the stage.
    pub fn alone(&self, candidate: &Candidate<'a>) -> Taken<'a> {
        self.alone_on(candidate, &candidate.eligible)
    }

    pub fn alone_on(&self, candidate: &Candidate<'a>, on: &[usize]) -> Taken<'a> {
        self.take(candidate, on, &self.entered, &self.left)
    }

    /// §9, §17 and what limits and budgets leave of it (§18).
    fn take(&self, candidate: &Candidate<'a>, on: &[usize], running: &[i128], all_left: &Left<'a>) -> Taken<'a> {
        let Threshold::Reached { times, uncut, benefit } = candidate.threshold else { unreachable!("only reached promotions take") };
        let promotion = candidate.promotion;
        let left = self.budget(promotion).map(|at| all_left.budgets[at]);
        let alone;
        let (mut times, mut uncut, mut on) = (times, uncut, on);
        if promotion.combo.is_some() {
            let made = match candidate.made.as_ref().filter(|made| made.times > 0 && on == made.lines) {
                Some(made) => made,
                None => {
                    alone = self.made_alone(candidate);
                    &alone
                }
            };
            if let Benefit::Combo = benefit {
                return self.take_combos(promotion, made, running, left);
            }
            // §28.9: what is given is given for each combo.
            (times, uncut, on) = (made.times, made.times, &made.lines);
        }
        let most = left.unwrap_or(i128::MAX);
        let part = |line: usize| candidate.part(line, self.lines);
        let mut gifts = Gifts::default();
        let mut gifts_lost = 0;
        let mut by_budget = false;
        let mut counted = times;
        if let Benefit::Gift { gift, single } = benefit {
            gifts = self.question.gifts(promotion, gift, single, times, &all_left.given);
            gifts_lost = self.question.value_at(&gifts, gift, single, uncut) - gifts.value();
            let all = gifts.value();
            if all > most {
                by_budget = true;
                let value_at = |times: i128| self.question.value_at(&gifts, gift, single, times);
                let fits = (0..times).rev().find(|times| value_at(*times) <= most).expect("no gift is worth nothing");
                gifts_lost += all - value_at(fits);
                gifts.given.retain(|_| fits > 0);
                gifts.given.iter_mut().for_each(|item| *item = self.question.item_of(item, gift, single, fits));
                counted = fits;
            }
        }
        let of_parts: Vec<(usize, Exact)> = on.iter().map(|line| (*line, part(*line))).collect();
        let wanted = self.wanted(promotion, benefit, times, &of_parts, running);
        // §9.1 with §45.3 and §45.6: what the floor leaves of each line, and what a cap leaves of that.
        let in_part = |line: usize, amount: i128| (whole(amount) * part(line)).floor().to_integer();
        let rooms: Vec<i128> = on.iter().map(|line| in_part(*line, self.capacity(*line, running))).collect();
        let cap = promotion.cap.unwrap_or_default();
        let [cap_of_order, cap_of_line] = [cap.order, cap.line].map(|most| most.map(|most| self.question.amount_of(number(most))));
        let capacities: Vec<i128> = rooms.iter().map(|room| cap_of_line.map_or(*room, |cap| cap.min(*room))).collect();
        let weights: Vec<Exact> = on.iter().map(|line| self.weight(*line, part(*line), running[*line])).collect();
        let remainder = self.question.policy.settings.remainder;
        let (mut by_cap, mut by_floor, mut by_price) = (false, false, false);
        // A line that lost something, or one of a split that did.
        let mut keeps_back = |at: usize| match () {
            () if capacities[at] < rooms[at] => by_cap = true,
            () if self.has_floor(on[at]) => by_floor = true,
            () => by_price = true,
        };
        let (sum, parts) = match wanted {
            Wanted::Once(amount) => {
                let capped = cap_of_order.map_or(amount, |cap| cap.min(amount));
                by_budget |= capped > most;
                let (parts, kept) = split::fill(capped.min(most), &weights, &capacities, remainder);
                let weighs = |at: &usize| weights[*at] > whole(0) || weights.iter().all(|weight| *weight == whole(0));
                if kept > 0 {
                    (0..on.len()).filter(weighs).for_each(&mut keeps_back);
                }
                by_cap |= capped < amount;
                (amount, parts)
            }
            Wanted::OfLines(amounts) => {
                let mut parts: Vec<i128> = amounts.iter().zip(&capacities).map(|(amount, capacity)| *amount.min(capacity)).collect();
                (0..on.len()).filter(|at| parts[*at] < amounts[*at]).for_each(&mut keeps_back);
                let together = |parts: &[i128]| parts.iter().sum::<i128>();
                if let Some(cap) = cap_of_order.filter(|cap| together(&parts) > *cap) {
                    by_cap = true;
                    parts = split::fill(cap, &weights, &parts, remainder).0;
                }
                if together(&parts) > most {
                    by_budget = true;
                    parts = split::fill(most, &weights, &parts, remainder).0;
                }
                (amounts.iter().sum(), parts)
            }
        };
        let taken: i128 = parts.iter().sum();
        let found: i128 = on.iter().map(|line| running[*line]).sum();
        // §32.2.
        let earned = match benefit {
            Benefit::Earn(id, quantity) if found > 0 => Some((id, quantity * i64::try_from(times).expect("a small number"))),
            _ => None,
        };
        let is_earned = matches!(benefit, Benefit::Earn(..));
        let (lost, by_limit) = match &candidate.allotted {
            Some(allotted) => {
                // Lines that another promotion has are none of its own.
                let own = || allotted.iter().filter(|(line, units)| on.contains(line) || *units == whole(0));
                let all: Vec<(usize, Exact)> = own().map(|(line, _)| (*line, whole(1))).collect();
                let lost = (self.wanted(promotion, benefit, times, &all, running).sum() - taken).max(0);
                (lost, lost > 0 && own().any(|(line, units)| *units < self.lines[*line].quantity))
            }
            None => {
                let cut = match benefit {
                    Benefit::AmountOff(amount) => amount * (uncut - times),
                    Benefit::Decomposed(have) => {
                        self.amount_of_steps(promotion, have, uncut) - self.amount_of_steps(promotion, have, times)
                    }
                    _ => 0,
                };
                (sum + cut - taken + gifts_lost, uncut > times && !is_earned)
            }
        };
        let by = [("limit", by_limit), ("cap", by_cap), ("budget", by_budget), ("floor", by_floor), ("nothing_left", by_price)];
        let is_missed = candidate.allotted.is_none() || lost > 0;
        let lost_by = by.into_iter().filter(|(_, kept)| *kept && is_missed).map(|(by, _)| by).collect();
        Taken { on: on.to_vec(), times: counted, parts, gifts, earned, lost, lost_by, left: left.unwrap_or(0), found }
    }

    /// §9: what is wanted of lines of which so much is seen, before capacities.
    fn wanted(&self, promotion: &Promotion, benefit: Benefit, times: i128, on: &[(usize, Exact)], running: &[i128]) -> Wanted {
        let rounded = |amount: Exact| self.question.rounded(amount);
        let base = |line: usize, part: Exact| rounded(whole(self.base(promotion.base, line, running)) * part);
        let quantity = |line: usize, part: Exact| self.lines[line].quantity * part;
        let of_lines = |of: &dyn Fn(i128, Exact) -> i128| {
            let of_line =
                |(line, part): &(usize, Exact)| if *part == whole(0) { 0 } else { of(base(*line, *part), quantity(*line, *part)) };
            Wanted::OfLines(on.iter().map(of_line).collect())
        };
        match benefit {
            Benefit::AmountOff(amount) => Wanted::Once(amount * times),
            Benefit::Decomposed(have) => Wanted::Once(self.amount_of_steps(promotion, have, times)),
            Benefit::Percent(share) => match self.question.policy.settings.rounding_point {
                RoundingPoint::Set => Wanted::Once(rounded(share * whole(on.iter().map(|(line, part)| base(*line, *part)).sum()))),
                RoundingPoint::Line => of_lines(&|base, _| rounded(share * whole(base))),
                RoundingPoint::Unit => of_lines(&|base, quantity| {
                    let of_unit = rounded(share * whole(base) / quantity);
                    rounded(whole(of_unit) * quantity)
                }),
                RoundingPoint::Price => of_lines(&|base, quantity| {
                    let price = rounded((whole(1) - share) * whole(base) / quantity);
                    (base - rounded(whole(price) * quantity)).max(0)
                }),
            },
            Benefit::PerUnitOff(amount, most) => of_lines(&|base, quantity| rounded(per_unit(amount, most, whole(base), quantity))),
            Benefit::Price(price) => of_lines(&|base, quantity| (base - rounded(price * quantity)).max(0)),
            Benefit::Gift { .. } | Benefit::Earn(..) => Wanted::Once(0),
            Benefit::Combo => unreachable!("combos are taken apart"),
        }
    }

    /// §10.1, of so much of a line.
    fn weight(&self, line: usize, part: Exact, net: i128) -> Exact {
        let weight = weight_of(self.question, &self.lines[line], net) * part;
        // Quantities have digits of their own.
        if self.question.policy.settings.weight == Weight::Quantity { weight } else { whole(self.question.rounded(weight)) }
    }

    fn base(&self, base: Base, line: usize, running: &[i128]) -> i128 {
        match base {
            Base::Running => running[line],
            Base::StageInput => self.entered[line],
            Base::Original => self.lines[line].list,
        }
    }

    /// §9.1.
    pub fn has_floor(&self, line: usize) -> bool {
        self.lines[line].floor.is_some_and(|floor| floor > 0)
    }

    pub fn capacity(&self, line: usize, running: &[i128]) -> i128 {
        (running[line] - self.lines[line].floor.unwrap_or(0)).max(0)
    }
}

/// §45.1.
pub fn limits_units(promotion: &Promotion) -> bool {
    promotion.limit.as_ref().is_some_and(|limit| limit.units.is_some() || limit.sku.is_some())
}

/// What is wanted of each line, or of all of them together.
enum Wanted {
    Once(i128),
    OfLines(Vec<i128>),
}

impl Wanted {
    fn sum(&self) -> i128 {
        match self {
            Wanted::Once(amount) => *amount,
            Wanted::OfLines(amounts) => amounts.iter().sum(),
        }
    }
}

/// §9.5, before rounding.
fn per_unit(amount: Exact, most: Option<Exact>, base: Exact, quantity: Exact) -> Exact {
    amount.min(base / quantity) * most.map_or(quantity, |most| quantity.min(most))
}

/// §10.1.
pub fn weight_of(question: &Question, line: &Line, net: i128) -> Exact {
    match question.policy.settings.weight {
        Weight::Net => whole(net),
        Weight::List => whole(line.list),
        Weight::Quantity => line.quantity,
    }
}
