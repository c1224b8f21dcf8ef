//! Contests (§43), from the statements of a settlement.

use super::exact::{Exact, number, text, whole};
use super::split::split;
use qudao::num::Number;
use qudao::policy::{Against, Policy, Qualifier, RankedBy, Ties};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What was stated of prizes, in minor units, by contest, label of the window and dealer.
pub type Stated = BTreeMap<[String; 3], i128>;

/// Who is ranked in a window: his figure and his id.
type Ranked<'a> = Vec<(Exact, &'a str)>;

/// What `contests` of `statements.json` is. `digits` are those of the currency.
pub fn contests(policy: &Policy, statements: &[Value], stated: &Stated, digits: u32) -> Vec<Value> {
    let minor = |amount: Number| (number(amount) * whole(10_i128.pow(digits))).to_integer();
    let money = |amount: i128| text(Exact::new(amount, 10_i128.pow(digits)), digits);
    let mut left = stated.clone();
    let mut list = Vec::new();
    for contest in &policy.contests {
        let program = policy.programs.iter().find(|program| program.id == contest.program).expect("a program");
        let own: Vec<&Value> = statements.iter().filter(|statement| statement["program"] == contest.program).collect();
        let measure = if program.qualifier == Qualifier::Quantity { "quantity" } else { "amount" };
        let prizes: Vec<i128> = contest.prizes.iter().flat_map(|prize| vec![minor(prize.amount); prize.places as usize]).collect();
        // Windows come in the order in which a dealer's statements have them; labels of one kind of window sort by time.
        let mut windows: Vec<&str> = own.iter().map(|statement| statement["period"].as_str().expect("a label")).collect();
        windows.sort_unstable();
        windows.dedup();
        for window in windows {
            let inside = || own.iter().filter(|statement| statement["period"] == window);
            let mut ranked: Ranked = inside()
                .filter_map(|statement| {
                    let dealer = statement["dealer"].as_str().expect("an id");
                    let volume = decimal(&statement[measure]);
                    let figure = match contest.by {
                        RankedBy::Volume => volume,
                        RankedBy::Percent => {
                            let base = Some(&statement["base"]).filter(|base| base.is_string()).map(decimal)?;
                            (if program.against == Against::LastYear { volume - base } else { volume }) / base * whole(100)
                        }
                    };
                    let least = contest.minimum.is_none_or(|least| figure >= number(least));
                    (volume > whole(0) && least).then_some((figure, dealer))
                })
                .collect();
            ranked.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
            let decided = inside().all(|statement| statement["partial"] == false);
            for (at, (figure, dealer)) in ranked.iter().enumerate() {
                let better = ranked.iter().filter(|(other, _)| other > figure).count();
                let equal = ranked.iter().filter(|(other, _)| other == figure).count();
                let place = |at: usize| prizes.get(at).copied().unwrap_or(0);
                let prize = match contest.ties {
                    Ties::Each => place(better),
                    Ties::Share => {
                        let together = (better..better + equal).map(place).sum();
                        split(together, &vec![whole(1); equal], policy.settings.remainder)[at - better]
                    }
                };
                let won = if decided { prize } else { 0 };
                let before = left.remove(&[&contest.id, window, *dealer].map(str::to_owned)).unwrap_or(0);
                let shown = match (contest.by, program.qualifier) {
                    (RankedBy::Percent, _) => text((*figure * whole(100)).floor() / whole(100), 0),
                    (RankedBy::Volume, Qualifier::Amount) => text(*figure, digits),
                    (RankedBy::Volume, Qualifier::Quantity) => text(*figure, 0),
                };
                list.push(json!({
                    "contest": contest.id, "period": window, "dealer": dealer, "rank": better + 1, "figure": shown, "decided": decided,
                    "prize": money(prize), "amount": money(won), "stated": money(before), "difference": money(won - before),
                }));
            }
        }
    }
    for ([contest, period, dealer], stated) in left.into_iter().filter(|(_, stated)| *stated != 0) {
        list.push(json!({
            "contest": contest, "period": period, "dealer": dealer, "rank": null, "figure": null, "decided": true,
            "prize": money(0), "amount": money(0), "stated": money(stated), "difference": money(-stated),
        }));
    }
    list
}

/// What `dealers` of `standings.json` is (§43.4). `placed` is what [`contests`] told.
pub fn standings(policy: &Policy, statements: &[Value], placed: &[Value], until: i64, digits: u32) -> Vec<Value> {
    let mut told = BTreeMap::<&str, Vec<Value>>::new();
    for contest in &policy.contests {
        let program = policy.programs.iter().find(|program| program.id == contest.program).expect("a program");
        let by_quantity = program.qualifier == Qualifier::Quantity;
        let measure = if by_quantity { "quantity" } else { "amount" };
        let unit = Exact::new(1, 10_i128.pow(if by_quantity { policy.settings.quantity_scale } else { digits }));
        let shown = |volume: Exact| json!({ measure: text(volume, if by_quantity { 0 } else { digits }) });
        let prizes: Vec<Number> = contest.prizes.iter().flat_map(|prize| vec![prize.amount; prize.places as usize]).collect();
        let place = |rank: usize| prizes.get(rank - 1).map_or(whole(0), |prize| number(*prize));
        let by_percent = contest.by == RankedBy::Percent;
        let grown = by_percent && program.against == Against::LastYear;
        // What is ranked, as a part of the base.
        let least = contest.minimum.map(|least| match by_percent {
            true => number(least) / whole(100) + whole(i128::from(grown)),
            false => number(least),
        });
        let own: Vec<&Value> = statements.iter().filter(|statement| statement["program"] == contest.program).collect();
        let mut windows: Vec<&str> =
            own.iter().filter(|statement| statement["partial"] == true).map(|one| one["period"].as_str().unwrap()).collect();
        windows.sort_unstable();
        windows.dedup();
        for window in windows {
            let inside: Vec<(&str, Exact, Exact)> = own
                .iter()
                .filter(|statement| statement["period"] == window)
                .filter_map(|statement| {
                    let base = if by_percent { decimal(Some(&statement["base"]).filter(|base| base.is_string())?) } else { whole(1) };
                    Some((statement["dealer"].as_str().expect("an id"), decimal(&statement[measure]), base))
                })
                .collect();
            let is_ranked = |volume: Exact, base: Exact| volume > whole(0) && least.is_none_or(|least| volume / base >= least);
            let ranked: Vec<Exact> =
                inside.iter().filter(|(_, volume, base)| is_ranked(*volume, *base)).map(|(_, volume, base)| *volume / *base).collect();
            let rank_of = |part: Exact| 1 + ranked.iter().filter(|other| **other > part).count();
            for (dealer, volume, base) in &inside {
                let is_ranked = is_ranked(*volume, *base);
                let Some(aim) = (if is_ranked { Some(*volume / *base) } else { least.filter(|_| *volume >= whole(0)) }) else { continue };
                let row = placed.iter().find(|row| {
                    row["contest"] == contest.id && row["period"] == window && row["dealer"] == *dealer && row["rank"].is_u64()
                });
                let prize = row.map_or(whole(0), |row| decimal(&row["prize"]));
                let gap = |part: Exact| (part * *base / unit).ceil() * unit - *volume;
                let ahead =
                    |part: Exact| json!({ "rank": rank_of(part), "prize": text(place(rank_of(part)), digits), "gap": shown(gap(part)) });
                // From the next one up.
                let mut better: Vec<Exact> = ranked.iter().copied().filter(|other| *other > aim).collect();
                better.sort_unstable();
                if !is_ranked {
                    better.insert(0, aim);
                }
                let wins = |part: &&Exact| place(rank_of(**part)) > prize;
                let mut parts: Vec<Exact> = better.first().copied().into_iter().collect();
                if parts.first().is_some_and(|next| !wins(&next)) {
                    parts.extend(better.iter().find(wins));
                }
                let mut answer = json!({
                    "contest": contest.id, "name": { "zh": contest.name.zh, "en": contest.name.en }, "program": program.id, "period": window,
                    "as_of": until, "rank": if is_ranked { json!(rank_of(aim)) } else { Value::Null }, "of": ranked.len(),
                    "prize": text(prize, digits), "volume": shown(*volume), "ahead": parts.into_iter().map(ahead).collect::<Vec<_>>(),
                });
                if let Some(behind) = ranked.iter().filter(|other| is_ranked && **other < aim).max() {
                    answer["lead"] = shown(whole(0) - gap(*behind));
                }
                told.entry(dealer).or_default().push(answer);
            }
        }
    }
    told.into_iter().map(|(id, contests)| json!({ "id": id, "contests": contests })).collect()
}

fn decimal(figure: &Value) -> Exact {
    number(figure.as_str().expect("a decimal").parse().expect("a number"))
}
