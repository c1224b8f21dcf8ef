//! A grading as JSON, with a sentence for each dealer in both languages.

use super::{Figure, Grading, Next, Proposal, Rated, Rating, Score, Worth};
use crate::num::Scale;
use crate::policy::{GradeRule, Kpi, Name, Policy, Scorecard};
use serde_json::{Value as Json, json};

/// The grading as JSON. `worth` belongs to its proposals, or is empty.
pub fn json(policy: &Policy, card: &Scorecard, grading: &Grading, worth: &[Option<Worth>]) -> Json {
    let show = Show { policy, card, grading };
    let places = card.grades.iter().zip(&grading.places);
    let places: Vec<Json> =
        places.filter_map(|(rule, places)| places.map(|places| json!({ "grade": rule.grade, "places": places }))).collect();
    let none = std::iter::repeat(&None);
    let proposals: Vec<Json> =
        grading.proposals.iter().zip(worth.iter().chain(none)).map(|(proposal, worth)| show.proposal(proposal, worth.as_ref())).collect();
    let kpis: Vec<Json> = card.kpis.iter().map(|kpi| json!({ "kpi": kpi.id, "name": both(&kpi.name, &kpi.id) })).collect();
    json!({
        "scorecard": card.id, "name": both(&card.name, &card.id), "kpis": kpis, "period": grading.period, "ends": grading.ends, "effective": grading.effective,
        "dealers": grading.proposals.len(), "rated": grading.rated, "places": places, "proposals": proposals,
    })
}

struct Show<'a> {
    policy: &'a Policy,
    card: &'a Scorecard,
    grading: &'a Grading,
}

impl Show<'_> {
    fn proposal(&self, proposal: &Proposal, worth: Option<&Worth>) -> Json {
        let grade = |at: Option<usize>| at.map(|at| self.rule(at).grade.as_str());
        let mut answer = json!({
            "dealer": proposal.dealer, "present": grade(proposal.present), "grade": grade(proposal.grade), "change": change(proposal),
            "protected": proposal.protected,
        });
        let more = match &proposal.rating {
            Rating::Newcomer => json!({ "unrated": "newcomer" }),
            Rating::Missing(kpis) => {
                let ids: Vec<&str> = kpis.iter().map(|at| self.card.kpis[*at].id.as_str()).collect();
                json!({ "unrated": "kpi_missing", "missing": ids })
            }
            Rating::Rated(rated) => self.rated(rated, worth),
        };
        if let (Some(answer), Json::Object(more)) = (answer.as_object_mut(), more) {
            answer.extend(more);
            answer.insert("says".to_owned(), json!({ "zh": self.says(proposal, worth, true), "en": self.says(proposal, worth, false) }));
        }
        answer
    }

    fn rated(&self, rated: &Rated, worth: Option<&Worth>) -> Json {
        let point = |(kpi, (value, points)): (&Kpi, &(Option<Figure>, Option<Figure>))| json!({ "kpi": kpi.id, "value": value.map(shown), "weight": kpi.weight.map(|weight| weight.to_string()), "points": points.map(shown) });
        let points: Vec<Json> = self.card.kpis.iter().zip(&rated.points).map(point).collect();
        json!({
            "score": score(rated.score), "rank": rated.rank, "points": points, "tenure": shown(rated.tenure), "deducted": score(rated.deducted),
            "eliminate": rated.eliminate, "next": rated.next.as_ref().map(|next| self.next(next, worth)),
        })
    }

    fn next(&self, next: &Next, worth: Option<&Worth>) -> Json {
        let rule = self.rule(next.grade);
        let need = |(at, have): &(usize, Option<Figure>)| {
            let need = &rule.needs[*at];
            json!({ "kpi": need.kpi, "have": have.map(shown), "need": need.value.to_string() })
        };
        let alone = |(at, value): &(usize, Figure)| json!({ "kpi": self.card.kpis[*at].id, "value": shown(*value) });
        json!({
            "grade": rule.grade, "missing": score(next.missing), "places": self.grading.places[next.grade],
            "needs": next.needs.iter().map(need).collect::<Vec<_>>(), "alone": next.alone.iter().map(alone).collect::<Vec<_>>(),
            "worth": worth.map(|worth| json!({
                "orders": worth.orders, "payable": worth.payable.map(|amount| amount.to_string()),
                "rebates": worth.rebates.map(|amount| amount.to_string()), "gain": worth.gain().to_string(),
            })),
        })
    }

    fn rule(&self, at: usize) -> &GradeRule {
        &self.card.grades[at]
    }

    fn grade_name(&self, at: usize, zh: bool) -> String {
        let id = &self.rule(at).grade;
        let node = self.policy.grades.iter().find(|node| node.id == *id);
        match node.map(|node| pick(&node.name, zh)).filter(|name| !name.is_empty() && name != id) {
            Some(name) if zh => format!("{id}（{name}）"),
            Some(name) => format!("{id} ({name})"),
            None => id.clone(),
        }
    }

    fn kpi_name(&self, id: &str, zh: bool) -> String {
        let kpi = self.card.kpis.iter().find(|kpi| kpi.id == id);
        kpi.map(|kpi| pick(&kpi.name, zh)).filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_owned())
    }

    /// One sentence for the dealer.
    fn says(&self, proposal: &Proposal, worth: Option<&Worth>, zh: bool) -> String {
        let Grading { ends, effective, rated: all, .. } = self.grading;
        let rated = match &proposal.rating {
            Rating::Newcomer if zh => return format!("截至 {ends} 合作不满 {} 个月，本期不评级。", self.card.newcomer_months),
            Rating::Newcomer => return format!("Not rated: a dealer for less than {} months on {ends}.", self.card.newcomer_months),
            Rating::Missing(kpis) => {
                let names: Vec<String> = kpis.iter().map(|at| self.kpi_name(&self.card.kpis[*at].id, zh)).collect();
                return if zh {
                    format!("缺少指标：{}，本期不评级。", names.join("、"))
                } else {
                    format!("Not rated: not known: {}.", names.join(", "))
                };
            }
            Rating::Rated(rated) => rated,
        };
        let (points, rank) = (short(rated.score), rated.rank);
        let mut text = if zh {
            format!("得 {points} 分，{all} 家中第 {rank} 名。")
        } else {
            format!("{points} points, rank {rank} of {all}.")
        };
        if let Some(grade) = proposal.grade {
            let name = self.grade_name(grade, zh);
            text += &match (change(proposal), zh) {
                ("same", true) => format!("保持 {name}。"),
                ("same", false) => format!(" Stays {name}."),
                ("up", true) => format!("自 {effective} 起建议升为 {name}。"),
                ("up", false) => format!(" Proposed to rise to {name} from {effective}."),
                ("down", true) => format!("自 {effective} 起建议降为 {name}。"),
                ("down", false) => format!(" Proposed to fall to {name} from {effective}."),
                (_, true) => format!("自 {effective} 起建议评为 {name}。"),
                (_, false) => format!(" Proposed as {name} from {effective}."),
            };
        }
        if rated.eliminate {
            text += &if zh {
                format!("列入末位淘汰建议，自 {effective} 起。")
            } else {
                format!(" Among the last: proposed for elimination from {effective}.")
            };
        }
        if let Some(next) = &rated.next {
            text += &self.says_next(next, zh);
        }
        if let Some(worth) = worth {
            let (gain, orders) = (worth.gain(), worth.orders);
            text += &if zh {
                format!("按 {orders} 张订单测算，升级可得 {gain}。")
            } else {
                let orders = if orders == 1 { "1 order".to_owned() } else { format!("{orders} orders") };
                format!(" On {orders} it would be worth {gain}.")
            };
        }
        text
    }

    fn says_next(&self, next: &Next, zh: bool) -> String {
        let name = self.grade_name(next.grade, zh);
        let mut parts = Vec::new();
        if next.missing > Score(0) {
            let missing = score_up(next.missing);
            let reach = |(at, value): &(usize, Figure)| {
                let kpi = self.kpi_name(&self.card.kpis[*at].id, zh);
                if zh { format!("{kpi}达到 {}", shown(*value)) } else { format!("{kpi} {}", shown(*value)) }
            };
            let alone: Vec<String> = next.alone.iter().map(reach).collect();
            let ways = match (alone.as_slice(), zh) {
                ([], _) => String::new(),
                ([only], true) => format!("（{only} 即可）"),
                ([only], false) => format!(" ({only} is enough)"),
                (_, true) => format!("（{}，任一即可）", alone.join("，或")),
                (_, false) => format!(" (any one of: {})", alone.join(", ")),
            };
            parts.push(if zh { format!("还差 {missing} 分{ways}") } else { format!("{missing} points{ways}") });
        }
        for (at, have) in &next.needs {
            let need = &self.rule(next.grade).needs[*at];
            let kpi = self.kpi_name(&need.kpi, zh);
            let have = have.map_or_else(|| "?".to_owned(), shown);
            parts.push(if zh {
                format!("{kpi}需 {}，现为 {have}", need.value)
            } else {
                format!("{kpi} {} instead of {have}", need.value)
            });
        }
        match (parts.is_empty(), zh) {
            (true, true) => format!("条件已满足 {name}，名额已满。"),
            (true, false) => format!(" Qualifies for {name}, which has no place left."),
            (false, true) => format!("距 {name}：{}。", parts.join("；")),
            (false, false) => format!(" For {name}: {}.", parts.join("; ")),
        }
    }
}

fn change(proposal: &Proposal) -> &'static str {
    match (&proposal.rating, proposal.present, proposal.grade) {
        (Rating::Rated(_), Some(present), Some(grade)) if grade < present => "up",
        (Rating::Rated(_), Some(present), Some(grade)) if grade > present => "down",
        (Rating::Rated(_), Some(_), _) => "same",
        (Rating::Rated(_), None, _) => "new",
        _ => "unrated",
    }
}

fn shown(figure: Figure) -> String {
    Scale::SCORE.show_short(figure)
}

fn score(score: Score) -> String {
    Score::SCALE.show_short(score.0)
}

/// A score for people: two digits, cut, so that what is short of a grade never looks as if it reached it.
fn short(score: Score) -> String {
    Scale(2).show(score.0 / 10_000_000_000)
}

/// What is missing, for people: two digits, never less than it is.
fn score_up(score: Score) -> String {
    Scale(2).show((score.0 + 9_999_999_999) / 10_000_000_000)
}

fn pick(name: &Name, zh: bool) -> String {
    let (first, second) = if zh { (&name.zh, &name.en) } else { (&name.en, &name.zh) };
    if first.is_empty() { second.clone() } else { first.clone() }
}

fn both(name: &Name, id: &str) -> Json {
    let or_id = |text: String| if text.is_empty() { id.to_owned() } else { text };
    json!({ "zh": or_id(pick(name, true)), "en": or_id(pick(name, false)) })
}
