//! Scorecards (§44): each dealer by himself, then places one after the other.

use super::exact::{Exact, number, rounded, share, text, whole};
use jiff::ToSpan;
use jiff::civil::Date;
use qudao::num::{Number, Percent, Rounding};
use qudao::policy::{GradeRule, Kpi, Scorecard};
use serde_json::{Value, json};

/// Figures that are tried where it is told what would do (§44.9), in whole ones.
const TRIED: std::ops::RangeInclusive<i128> = -40..=160;

/// What is known of a dealer, and what comes of it.
struct Dealer<'a> {
    id: &'a str,
    present: Option<usize>,
    months: Option<i64>,
    figures: Vec<Option<Exact>>,
    protected: bool,
    unrated: Option<Value>,
    score: Exact,
    grade: Option<usize>,
    eliminate: bool,
}

/// The answer of a grading without sentences, proposals in order of dealer.
pub fn grade(card: &Scorecard, period: &str, table: &str) -> Value {
    let after = day_after(period);
    let mut lines = table.lines();
    let columns: Vec<&str> = lines.next().expect("columns").split(',').collect();
    let mut dealers: Vec<Dealer> = lines.map(|line| dealer(card, after, &columns, &line.split(',').collect::<Vec<_>>())).collect();
    let mut ranked: Vec<usize> = (0..dealers.len()).filter(|at| dealers[*at].unrated.is_none()).collect();
    ranked.sort_by(|a, b| order(card, &dealers[*a], &dealers[*b]));
    let part_of = |part: Percent, all: usize, round: Rounding| rounded(share(part) * whole(i128::try_from(all).expect("a number")), round);
    let places: Vec<Option<i128>> = card.grades.iter().map(|rule| rule.share.map(|part| part_of(part, ranked.len(), rule.round))).collect();
    // §44.6.
    for (at, places) in places.iter().enumerate() {
        let mut left = places.unwrap_or(i128::MAX);
        for dealer in &ranked {
            let dealer = &mut dealers[*dealer];
            if dealer.grade.is_some() {
                continue;
            }
            let own = dealer.protected && dealer.present == Some(at);
            if (left > 0 && may_have(card, dealer, at)) || own {
                dealer.grade = Some(at);
                left -= 1;
            }
        }
    }
    // §44.7.
    if let Some(bottom) = &card.bottom {
        let open: Vec<usize> = ranked.iter().copied().filter(|at| !dealers[*at].protected).collect();
        let count = match (bottom.share, bottom.count) {
            (Some(share), _) => usize::try_from(part_of(share, open.len(), bottom.round)).expect("a number"),
            (None, count) => count.expect("a share or a number") as usize,
        };
        let count = if open.len() < bottom.sample as usize { 0 } else { count };
        for at in open.into_iter().rev().take(count) {
            dealers[at].eliminate = bottom.below.is_none_or(|below| dealers[at].score < number(below));
        }
    }
    let effective = after.checked_add(i64::from(card.notice_months).months()).expect("a day");
    let mut proposals: Vec<Value> = dealers
        .iter()
        .enumerate()
        .map(|(at, dealer)| proposal(card, dealer, ranked.iter().position(|ranked| *ranked == at), &places))
        .collect();
    proposals.sort_by_key(|proposal| proposal["dealer"].as_str().expect("an id").to_owned());
    json!({
        "ends": after.yesterday().expect("a day").to_string(),
        "effective": effective.to_string(),
        "rated": ranked.len(),
        "proposals": proposals,
    })
}

/// The day after a period.
fn day_after(period: &str) -> Date {
    let (year, part) = period.split_once('-').unwrap_or((period, ""));
    let year: i16 = year.parse().expect("a year");
    let months = match part.chars().next() {
        None => 12,
        Some('Q') => part[1..].parse::<i64>().expect("a quarter") * 3,
        Some('H') => part[1..].parse::<i64>().expect("a half") * 6,
        Some(_) => part.parse().expect("a month"),
    };
    jiff::civil::date(year, 1, 1).checked_add(months.months()).expect("a day")
}

fn dealer<'a>(card: &Scorecard, after: Date, columns: &[&str], cells: &[&'a str]) -> Dealer<'a> {
    let cell = |name: &str| columns.iter().position(|column| *column == name).map_or("", |at| cells[at]);
    let figure = |kpi: &Kpi| cell(&kpi.id).parse::<Number>().ok().map(number);
    let since = |text: &str| text.parse::<Date>().expect("a day");
    // A month that ends on the last day of a shorter one is whole.
    let whole_months =
        |since: Date| (1..).find(|months: &i64| since.checked_add(months.months()).expect("a day") > after).expect("a month") - 1;
    let months = Some(cell("since")).filter(|text| !text.is_empty()).map(|day| whole_months(since(day)));
    let mut dealer = Dealer {
        id: cell("dealer"),
        present: card.grades.iter().position(|rule| rule.grade == cell("grade")),
        months,
        figures: card.kpis.iter().map(figure).collect(),
        protected: card.protected.0.iter().any(|id| id == cell("dealer")),
        unrated: None,
        score: whole(0),
        grade: None,
        eliminate: false,
    };
    // §44.4.
    let unknown = |(kpi, figure): (&Kpi, &Option<Exact>)| kpi.weight.is_some() && figure.is_none() && kpi.missing.is_none();
    let missing: Vec<&str> =
        card.kpis.iter().zip(&dealer.figures).filter(|pair| unknown((pair.0, pair.1))).map(|(kpi, _)| kpi.id.as_str()).collect();
    dealer.unrated = if dealer.months.is_some_and(|months| months < i64::from(card.newcomer_months)) {
        Some(json!({ "unrated": "newcomer" }))
    } else if missing.is_empty() {
        None
    } else {
        Some(json!({ "unrated": "kpi_missing", "missing": missing }))
    };
    dealer.score = score(card, &dealer, &dealer.figures);
    dealer
}

/// §44.2.
fn points(kpi: &Kpi, figure: Option<Exact>) -> Option<Exact> {
    let Some(value) = figure else { return kpi.missing.map(number) };
    let less = kpi.less_is_better();
    let exact = if let Some(line) = &kpi.line {
        let worse = line.floor.is_some_and(|floor| if less { value > number(floor) } else { value < number(floor) });
        let (zero, full) = (number(line.zero), number(line.full));
        let most = line.most.map_or(whole(100), number);
        if worse { whole(0) } else { (whole(100) * (value - zero) / (full - zero)).max(whole(0)).min(most) }
    } else {
        let steps = kpi.steps.as_ref()?;
        let step = if less {
            steps.iter().find(|step| step.up_to.is_some_and(|up_to| value <= number(up_to)))
        } else {
            steps.iter().rfind(|step| step.from.is_some_and(|from| number(from) <= value))
        };
        step.map_or(whole(0), |step| number(step.points))
    };
    Some((exact * whole(1_000_000)).floor() / whole(1_000_000))
}

/// §44.3.
fn score(card: &Scorecard, dealer: &Dealer, figures: &[Option<Exact>]) -> Exact {
    let weighted = card.kpis.iter().zip(figures).filter_map(|(kpi, figure)| Some(share(kpi.weight?) * points(kpi, *figure)?));
    let at_most = |value: Exact, most: Option<Number>| most.map_or(value, |most| value.min(number(most)));
    let tenure = card
        .tenure
        .as_ref()
        .map_or(whole(0), |tenure| at_most(number(tenure.per_year) * whole(i128::from(dealer.months.unwrap_or(0) / 12)), tenure.most));
    let deducted = card.deductions.iter().map(|deduction| {
        let at = card.kpis.iter().position(|kpi| kpi.id == deduction.kpi).expect("a KPI");
        at_most(number(deduction.each) * figures[at].unwrap_or(whole(0)).max(whole(0)), deduction.most)
    });
    (weighted.sum::<Exact>() + tenure - deducted.sum::<Exact>()).max(whole(0))
}

/// §44.5.
fn order(card: &Scorecard, a: &Dealer, b: &Dealer) -> std::cmp::Ordering {
    let tie = |id: &String| {
        let at = card.kpis.iter().position(|kpi| kpi.id == *id).expect("a KPI");
        match (a.figures[at], b.figures[at]) {
            (Some(a), Some(b)) if card.kpis[at].less_is_better() => a.cmp(&b),
            // What is not known is less than anything.
            (a, b) => b.cmp(&a),
        }
    };
    let ties = card.ties.iter().map(tie).find(|order| order.is_ne());
    b.score.cmp(&a.score).then(ties.unwrap_or(std::cmp::Ordering::Equal)).then_with(|| a.id.cmp(b.id))
}

/// The score that a grade takes of this dealer.
fn least(rule: &GradeRule, at: usize, dealer: &Dealer) -> Option<Exact> {
    let keeps = dealer.present.is_some_and(|present| present <= at);
    rule.keep.filter(|_| keeps).or(rule.from).map(number)
}

fn falls_short(card: &Scorecard, dealer: &Dealer, rule: &GradeRule) -> Vec<Value> {
    let short = rule.needs.iter().filter_map(|need| {
        let at = card.kpis.iter().position(|kpi| kpi.id == need.kpi).expect("a KPI");
        let (have, value) = (dealer.figures[at], number(need.value));
        let enough = have.is_some_and(|have| if card.kpis[at].less_is_better() { have <= value } else { have >= value });
        (!enough).then(|| json!({ "kpi": need.kpi, "have": have.map(|have| text(have, 0)), "need": text(value, 0) }))
    });
    short.collect()
}

fn may_have(card: &Scorecard, dealer: &Dealer, at: usize) -> bool {
    let rule = &card.grades[at];
    let enough = least(rule, at, dealer).is_none_or(|least| dealer.score >= least) && falls_short(card, dealer, rule).is_empty();
    enough || at + 1 == card.grades.len()
}

fn proposal(card: &Scorecard, dealer: &Dealer, rank: Option<usize>, places: &[Option<i128>]) -> Value {
    let grade = if dealer.unrated.is_some() { dealer.present } else { dealer.grade };
    let name = |at: Option<usize>| at.map(|at| card.grades[at].grade.clone());
    let change = match (&dealer.unrated, dealer.present, grade) {
        (Some(_), ..) => "unrated",
        (_, None, _) => "new",
        (_, Some(present), Some(grade)) if grade < present => "up",
        (_, Some(present), Some(grade)) if grade > present => "down",
        _ => "same",
    };
    let mut answer = json!({
        "dealer": dealer.id, "present": name(dealer.present), "grade": name(grade), "change": change, "protected": dealer.protected,
    });
    let more = dealer.unrated.clone().unwrap_or_else(|| {
        json!({
            "score": text(dealer.score, 0),
            "rank": rank.map(|rank| rank + 1),
            "eliminate": dealer.eliminate,
            "next": grade.and_then(|grade| grade.checked_sub(1)).map(|above| next(card, dealer, above, places)),
        })
    });
    answer.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    answer
}

/// §44.9.
fn next(card: &Scorecard, dealer: &Dealer, at: usize, places: &[Option<i128>]) -> Value {
    let rule = &card.grades[at];
    let least = least(rule, at, dealer).unwrap_or(whole(0));
    let missing = (least - dealer.score).max(whole(0));
    let alone = card.kpis.iter().enumerate().filter(|(_, kpi)| kpi.weight.is_some() && missing > whole(0)).filter_map(|(kpi_at, kpi)| {
        let one = 10_i128.pow(kpi.digits);
        let mut tried: Vec<i128> = (TRIED.start() * one..=TRIED.end() * one).collect();
        if kpi.less_is_better() {
            tried.reverse();
        }
        // From the worst to the best, so that the first that does is the nearest.
        let found = tried.into_iter().map(|image| Exact::new(image, one)).find(|value| {
            let mut figures = dealer.figures.clone();
            figures[kpi_at] = Some(*value);
            score(card, dealer, &figures) >= least
        });
        found.map(|value| json!({ "kpi": kpi.id, "value": text(value, 0) }))
    });
    json!({
        "grade": rule.grade, "missing": text(missing, 0), "places": places[at].map(|places| i64::try_from(places).expect("a number")),
        "needs": falls_short(card, dealer, rule), "alone": alone.collect::<Vec<_>>(),
    })
}
