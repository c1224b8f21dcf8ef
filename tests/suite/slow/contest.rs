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

fn decimal(figure: &Value) -> Exact {
    number(figure.as_str().expect("a decimal").parse().expect("a number"))
}
