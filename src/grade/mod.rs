//! Scorecards (评分卡): points, score, rank and grade of each dealer for one period, who is proposed for elimination (末位淘汰), and how far
//! the next grade is. Everything here is a proposal: prices follow a grade only when the dealer's facts carry it. `docs/semantics.md` §44.

mod curve;
mod show;
mod worth;

pub use show::json;
pub use worth::{Worth, worth};

use crate::calendar::{self, Day, Zone};
use crate::check::CheckedPolicy;
use crate::diagnostic::{Code, Diagnostics, Place, Sources, nearest};
use crate::limit;
use crate::num::{Number, NumberFault, Percent, Scale, divide};
use crate::policy::{GradeRule, Kpi, ScoreRow, Scorecard};
use std::cmp::{Ordering, Reverse};
use std::collections::{BTreeMap, HashSet};

/// A figure, or points, at [`Scale::SCORE`].
type Figure = i64;

/// A score: points times weights, exact, at [`Score::SCALE`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Score(pub i64);

impl Score {
    /// Digits of a score: those of points and of weights.
    pub const SCALE: Scale = Scale(12);

    fn of_points(points: Figure) -> Score {
        Score(points.saturating_mul(1_000_000))
    }
}

/// What a scorecard says of all dealers for one period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grading {
    /// Label of the period, `2026-Q3`.
    pub period: String,
    /// The last day of the period.
    pub ends: String,
    /// The day from which the grades hold.
    pub effective: String,
    /// How many dealers are rated.
    pub rated: usize,
    /// How many places each grade has, if that is limited; in the order of the scorecard.
    pub places: Vec<Option<usize>>,
    /// One for each dealer: by rank, then those without one by id.
    pub proposals: Vec<Proposal>,
}

/// What is proposed for one dealer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Dealer id.
    pub dealer: String,
    /// His grade now, as a position in the scorecard.
    pub present: Option<usize>,
    /// The grade that is proposed; of one who is not rated the present one.
    pub grade: Option<usize>,
    /// Whether he is protected.
    pub protected: bool,
    /// How he is rated.
    pub rating: Rating,
}

/// How a dealer is rated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rating {
    /// He is a dealer for too short a time.
    Newcomer,
    /// These KPIs, as positions in the scorecard, are not known of him.
    Missing(Vec<usize>),
    /// By his score.
    Rated(Box<Rated>),
}

/// A score and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rated {
    /// The score.
    pub score: Score,
    /// Place among the rated dealers, from 1.
    pub rank: usize,
    /// Figure and points of each KPI, in the order of the scorecard; points of those with a weight only.
    pub points: Vec<(Option<Figure>, Option<Figure>)>,
    /// Points for years.
    pub tenure: Figure,
    /// Points that were taken off.
    pub deducted: Score,
    /// Whether he is proposed for elimination.
    pub eliminate: bool,
    /// How far the next grade is, if there is one.
    pub next: Option<Next>,
}

/// How far the grade above the proposed one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The grade, as a position in the scorecard.
    pub grade: usize,
    /// Points of the score that are missing.
    pub missing: Score,
    /// Figures that are short of what the grade needs: the need's position in the rule, and what there is.
    pub needs: Vec<(usize, Option<Figure>)>,
    /// For each KPI that alone would bring the missing points, the figure that does.
    pub alone: Vec<(usize, Figure)>,
}

/// Rates the dealers of a table of scores. `None` where something is wrong with it, which is reported.
pub fn grade(
    policy: &CheckedPolicy,
    card: &Scorecard,
    period: &str,
    rows: &[ScoreRow],
    sources: &Sources,
    diagnostics: &mut Diagnostics,
) -> Option<Grading> {
    let span = calendar::named(card.period, period);
    let Some((_, after)) = span else {
        let example = calendar::example(card.period);
        let message = format!("`{period}` is no period of the scorecard");
        diagnostics.add(Code::ValidityInvalid, Place::FOLDER, message, format!("write it as `{example}`"));
        return None;
    };
    let mut table = Table { policy, card, sources, diagnostics, after };
    let mut entrants = table.entrants(rows);
    if table.diagnostics.failed() {
        return None;
    }
    entrants.sort_by(|a, b| a.row.dealer.cmp(&b.row.dealer));
    Some(rank(card, period, after, entrants))
}

/// Reads the rows.
struct Table<'a> {
    policy: &'a CheckedPolicy,
    card: &'a Scorecard,
    sources: &'a Sources,
    diagnostics: &'a mut Diagnostics,
    /// The day after the period.
    after: Day,
}

/// A dealer and what his row says.
struct Entrant<'a> {
    row: &'a ScoreRow,
    present: Option<usize>,
    protected: bool,
    values: Vec<Option<Figure>>,
    months: Option<u32>,
}

impl Table<'_> {
    fn entrants<'r>(&mut self, rows: &'r [ScoreRow]) -> Vec<Entrant<'r>> {
        if let Some(row) = rows.get(limit::SCORE_DEALERS) {
            let message = format!("the table has more than {} dealers", limit::SCORE_DEALERS);
            self.diagnostics.add(Code::LimitExceeded, row.place, message, "make several tables, and a scorecard for each");
            return Vec::new();
        }
        let listed = self.policy.policy().dealers.as_ref();
        let listed: Option<BTreeMap<&str, Option<&str>>> =
            listed.map(|dealers| dealers.iter().map(|dealer| (dealer.id.as_str(), dealer.grade.as_deref())).collect());
        let mut known = HashSet::new();
        let mut entrants = Vec::new();
        for row in rows {
            let spot = |column| self.sources.cell(row.place, column);
            if !known.insert(row.dealer.as_str()) {
                let message = format!("`{}` stands twice", row.dealer);
                self.diagnostics.add(Code::IdDuplicate, spot("dealer"), message, "keep one row for each dealer");
                continue;
            }
            if let Some(listed) = listed.as_ref().filter(|listed| !listed.contains_key(row.dealer.as_str())) {
                let help = nearest(&row.dealer, listed.keys().copied());
                let help = help.map_or_else(|| "add him to the dealer table".to_owned(), |meant| format!("did you mean `{meant}`?"));
                self.diagnostics.add(Code::IdUnknown, spot("dealer"), format!("there is no dealer `{}`", row.dealer), help);
            }
            let own = || listed.as_ref().and_then(|listed| listed.get(row.dealer.as_str()).copied().flatten());
            let present = row.grade.as_deref().or_else(own).and_then(|grade| self.grade(grade, row));
            entrants.push(Entrant {
                row,
                present,
                protected: self.card.protected.0.contains(&row.dealer),
                values: self.values(row),
                months: row.since.as_deref().and_then(|since| self.months(since, row)),
            });
        }
        entrants
    }

    fn grade(&mut self, id: &str, row: &ScoreRow) -> Option<usize> {
        let found = self.card.grades.iter().position(|rule| rule.grade == id);
        if found.is_none() {
            let grades: Vec<&str> = self.card.grades.iter().map(|rule| rule.grade.as_str()).collect();
            let help = format!("its grades are {}", grades.join(", "));
            self.diagnostics.add(
                Code::IdUnknown,
                self.sources.cell(row.place, "grade"),
                format!("the scorecard has no grade `{id}`"),
                help,
            );
        }
        found
    }

    fn values(&mut self, row: &ScoreRow) -> Vec<Option<Figure>> {
        let mut values = Vec::new();
        for (value, kpi) in row.values.iter().zip(&self.card.kpis) {
            values.push(value.and_then(|value| {
                let most = limit::SCORE_FIGURE.saturating_mul(1_000_000);
                let (code, help) = match value.scaled(Scale::SCORE) {
                    Ok(figure) if figure.abs() <= most => return Some(figure),
                    Err(NumberFault::Digits(digits)) => (Code::NumberDigits, format!("write at most {digits} digits after the point")),
                    _ => (Code::NumberRange, format!("the largest is {}", limit::SCORE_FIGURE)),
                };
                let place = self.sources.cell(row.place, &kpi.id);
                self.diagnostics.add(code, place, format!("`{}` cannot be `{value}`", kpi.id), help);
                None
            }));
        }
        values
    }

    /// Whole months as a dealer at the end of the period.
    fn months(&mut self, since: &str, row: &ScoreRow) -> Option<u32> {
        let Ok(day) = calendar::day(since) else {
            let place = self.sources.cell(row.place, "since");
            self.diagnostics.add(Code::ValidityInvalid, place, format!("`{since}` is not a date"), "write `2026-03-01`");
            return None;
        };
        Some(day.whole_months_to(self.after))
    }
}

/// Score, then rank, then grade.
fn rank(card: &Scorecard, period: &str, after: Day, entrants: Vec<Entrant>) -> Grading {
    let (mut rated, mut unrated) = (Vec::new(), Vec::new());
    for entrant in &entrants {
        match score(card, entrant) {
            Ok(scored) => rated.push((entrant, scored)),
            Err(rating) => unrated.push((entrant, rating)),
        }
    }
    rated.sort_by(|(a, first), (b, second)| second.score.cmp(&first.score).then_with(|| tie(card, a, b)));
    for (at, (_, scored)) in rated.iter_mut().enumerate() {
        scored.rank = at + 1;
    }
    let all = rated.len();
    let places: Vec<Option<usize>> = card.grades.iter().map(|rule| rule.share.map(|share| count(all, share, rule.round))).collect();
    let grades = assign(card, &places, &rated);
    eliminate(card, &mut rated);
    let mut proposals = Vec::new();
    for ((entrant, mut scored), given) in rated.into_iter().zip(grades) {
        scored.next = given.checked_sub(1).map(|next| distance(card, next, entrant, &scored));
        proposals.push(entrant.proposal(Some(given), Rating::Rated(scored)));
    }
    proposals.extend(unrated.into_iter().map(|(entrant, rating)| entrant.proposal(entrant.present, rating)));
    let effective = after.plus_months(card.notice_months).shown();
    Grading { period: period.to_owned(), ends: after.shown_before(), effective, rated: all, places, proposals }
}

impl Entrant<'_> {
    fn proposal(&self, grade: Option<usize>, rating: Rating) -> Proposal {
        Proposal { dealer: self.row.dealer.clone(), present: self.present, grade, protected: self.protected, rating }
    }
}

/// `share` of `all`, rounded.
fn count(all: usize, share: Percent, rounding: crate::num::Rounding) -> usize {
    let product = i128::try_from(all).unwrap_or(i128::MAX).saturating_mul(i128::from(share.0));
    divide(product, Percent::ONE, rounding).ok().and_then(|count| usize::try_from(count).ok()).unwrap_or(all)
}

fn score(card: &Scorecard, entrant: &Entrant) -> Result<Box<Rated>, Rating> {
    if entrant.months.is_some_and(|months| months < card.newcomer_months) {
        return Err(Rating::Newcomer);
    }
    let mut points = Vec::new();
    let mut missing = Vec::new();
    let mut sum = 0_i64;
    for (at, (kpi, value)) in card.kpis.iter().zip(&entrant.values).enumerate() {
        let own = kpi.weight.and_then(|weight| {
            let own = value.map(|value| curve::points(kpi, value)).or_else(|| kpi.missing.map(figure));
            match own {
                Some(own) => sum = sum.saturating_add(own.saturating_mul(weight.0)),
                None => missing.push(at),
            }
            own
        });
        points.push((*value, own));
    }
    if !missing.is_empty() {
        return Err(Rating::Missing(missing));
    }
    let years = entrant.months.unwrap_or(0) / 12;
    let tenure = card.tenure.map_or(0, |tenure| {
        let points = figure(tenure.per_year).saturating_mul(i64::from(years));
        tenure.most.map_or(points, |most| points.min(figure(most)))
    });
    let earned = sum.saturating_add(Score::of_points(tenure).0);
    let deducted = deductions(card, entrant).min(i128::from(earned));
    let deducted = Score(i64::try_from(deducted).unwrap_or(earned));
    Ok(Box::new(Rated { score: Score(earned - deducted.0), rank: 0, points, tenure, deducted, eliminate: false, next: None }))
}

/// Points to take off, at the scale of scores.
fn deductions(card: &Scorecard, entrant: &Entrant) -> i128 {
    let one = |deduction: &crate::policy::Deduction| {
        let value = value_of(card, entrant, &deduction.kpi).unwrap_or(0).max(0);
        let points = i128::from(figure(deduction.each)) * i128::from(value);
        deduction.most.map_or(points, |most| points.min(i128::from(figure(most)) * 1_000_000))
    };
    card.deductions.iter().map(one).fold(0, i128::saturating_add)
}

fn value_of(card: &Scorecard, entrant: &Entrant, kpi: &str) -> Option<Figure> {
    let at = card.kpis.iter().position(|known| known.id == kpi)?;
    entrant.values[at]
}

/// Which of two dealers with the same score comes first.
fn tie(card: &Scorecard, a: &Entrant, b: &Entrant) -> Ordering {
    let by = |kpi: &Kpi| {
        let [a, b] = [a, b].map(|entrant| value_of(card, entrant, &kpi.id).map(|value| if kpi.less_is_better() { -value } else { value }));
        // What is not known is worst.
        b.cmp(&a)
    };
    let kpis = card.ties.iter().filter_map(|id| card.kpis.iter().find(|kpi| kpi.id == *id));
    kpis.map(by).find(|order| order.is_ne()).unwrap_or_else(|| a.row.dealer.cmp(&b.row.dealer))
}

/// The grade of each rated dealer, by rank: grade after grade from the best, those who may have it, as many as there are places.
fn assign(card: &Scorecard, places: &[Option<usize>], rated: &[(&Entrant, Box<Rated>)]) -> Vec<usize> {
    let mut grades: Vec<Option<usize>> = vec![None; rated.len()];
    for (at, (rule, places)) in card.grades.iter().zip(places).enumerate() {
        let mut left = places.unwrap_or(usize::MAX);
        for ((entrant, scored), grade) in rated.iter().zip(&mut grades) {
            // Nobody who is protected loses his grade.
            let keeps = entrant.protected && entrant.present == Some(at);
            let fits = left > 0 && scored.score >= threshold(rule, at, entrant) && short(card, rule, entrant).is_empty();
            if grade.is_none() && (keeps || fits) {
                *grade = Some(at);
                left = left.saturating_sub(1);
            }
        }
    }
    // The last grade takes everybody; checking says so.
    grades.into_iter().map(|grade| grade.unwrap_or(card.grades.len().saturating_sub(1))).collect()
}

/// The least score for a grade: lower for those who have it, or a better one.
fn threshold(rule: &GradeRule, at: usize, entrant: &Entrant) -> Score {
    let holds = entrant.present.is_some_and(|present| present <= at);
    let least = if holds { rule.keep.or(rule.from) } else { rule.from };
    least.map_or(Score(0), |least| Score::of_points(figure(least)))
}

/// What a dealer is short of for a grade: positions of needs, and his figures.
fn short(card: &Scorecard, rule: &GradeRule, entrant: &Entrant) -> Vec<(usize, Option<Figure>)> {
    let meets = |kpi: &str, need: Figure, have: Figure| {
        let less = card.kpis.iter().any(|known| known.id == kpi && known.less_is_better());
        if less { have <= need } else { have >= need }
    };
    let one = |(at, need): (usize, &crate::policy::Need)| {
        let have = value_of(card, entrant, &need.kpi);
        (!have.is_some_and(|have| meets(&need.kpi, figure(need.value), have))).then_some((at, have))
    };
    rule.needs.iter().enumerate().filter_map(one).collect()
}

/// Marks those who rank last.
fn eliminate(card: &Scorecard, rated: &mut [(&Entrant, Box<Rated>)]) {
    let Some(bottom) = card.bottom else { return };
    let below = bottom.below.map(|below| Score::of_points(figure(below)));
    let mut open: Vec<&mut (&Entrant, Box<Rated>)> = rated.iter_mut().filter(|(entrant, _)| !entrant.protected).collect();
    let of = open.len();
    let some = bottom.count.map_or(0, |count| usize::try_from(count).unwrap_or(of));
    let some = bottom.share.map_or(some, |share| count(of, share, bottom.round));
    let some = if of < usize::try_from(bottom.sample).unwrap_or(usize::MAX) { 0 } else { some };
    open.sort_by_key(|(_, scored)| Reverse(scored.rank));
    for (_, scored) in open.into_iter().take(some) {
        scored.eliminate = below.is_none_or(|below| scored.score < below);
    }
}

/// How far a grade is.
fn distance(card: &Scorecard, grade: usize, entrant: &Entrant, scored: &Rated) -> Next {
    let rule = &card.grades[grade];
    let missing = Score((threshold(rule, grade, entrant).0 - scored.score.0).max(0));
    // What is taken off beyond a score of 0 must come back first.
    let beyond = i64::try_from(deductions(card, entrant)).unwrap_or(i64::MAX).saturating_sub(scored.deducted.0);
    let mut alone = Vec::new();
    for (at, (kpi, (_, points))) in card.kpis.iter().zip(&scored.points).enumerate() {
        let (Some(weight), Some(points), true) = (kpi.weight, points, missing.0 > 0) else { continue };
        // Points that the weight makes the missing ones of, not one less.
        let more = missing.0.saturating_add(beyond).saturating_add(weight.0 - 1) / weight.0;
        alone.extend(curve::figure_for(kpi, points + more).map(|figure| (at, figure)));
    }
    Next { grade, missing, needs: short(card, rule, entrant), alone }
}

/// The image of a number that checking let pass.
fn figure(number: Number) -> Figure {
    number.scaled(Scale::SCORE).unwrap_or(0)
}

/// The first instant at which the grades hold.
pub fn effective_from(grading: &Grading, zone: &Zone) -> crate::time::Instant {
    calendar::day(&grading.effective).map_or(crate::time::Instant(0), |day| zone.day_start(day))
}
