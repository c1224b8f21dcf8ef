//! Equal alternatives (§35), made of slow quotes.

use super::exact::{Exact, whole};
use super::{decimal, quote};
use qudao::policy::{GroupMode, Policy};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Alternatives of one answer (35.3).
const MOST: usize = 8;
/// Promotions that an order declines (34.1).
const DECLINED: usize = 100;

/// Answers `{order, dealer, now}` like the engine, and with it every list of declined promotions that was priced; or says with which codes the order is
/// refused.
pub fn alternatives(policy: &Policy, input: &Value) -> Result<(Value, Vec<BTreeSet<String>>), Vec<&'static str>> {
    let price = |declined: &BTreeSet<String>| {
        let mut input = input.clone();
        input["order"]["decline"] = json!(declined);
        quote(policy, &input)
    };
    let own: BTreeSet<String> = texts(&input["order"]["decline"]).collect();
    let now = price(&own)?;
    let most = worth(&now);
    let mut found = vec![(own.clone(), now.clone())];
    let mut queue = vec![(own.clone(), now)];
    let mut met = vec![own];
    let mut complete = true;
    'search: while !queue.is_empty() {
        let (set, answer) = queue.remove(0);
        for id in giving(&answer).into_iter().filter(|id| is_choice(policy, &answer, id)) {
            let mut wider = set.clone();
            wider.insert(id);
            if wider.len() > DECLINED || met.contains(&wider) {
                continue;
            }
            if found.len() == MOST || met.len() > usize::try_from(policy.settings.hint_quotes).expect("a count") {
                complete = false;
                break 'search;
            }
            met.push(wider.clone());
            let other = price(&wider).expect("an order that is not refused");
            if worth(&other) != most {
                continue;
            }
            if found.iter().all(|(_, known)| giving(known) != giving(&other)) {
                found.push((wider.clone(), other.clone()));
            }
            queue.push((wider, other));
        }
    }
    let list = found.iter().map(|(declined, answer)| {
        json!({ "decline": declined, "applied": giving(answer), "gifts": answer["gifts"], "totals": answer["totals"] })
    });
    let answer = json!({ "alternatives": list.collect::<Vec<_>>(), "quotes": met.len() - 1, "complete": complete });
    Ok((answer, met))
}

/// 35.2.
fn worth(answer: &Value) -> Exact {
    let totals = &answer["totals"];
    let freight = totals.get("freight_discount").map_or(whole(0), decimal);
    decimal(&totals["discount"]) + decimal(&totals["gift_value"]) + freight
}

fn rules(answer: &Value) -> impl Iterator<Item = &Value> {
    answer["rules"].as_array().into_iter().flatten()
}

/// Ids of the promotions that take or give something, in running order.
fn giving(answer: &Value) -> Vec<String> {
    let gives = |rule: &&Value| rule["outcome"] == "applied" && ["saving", "gift_value"].iter().any(|key| decimal(&rule[*key]) > whole(0));
    rules(answer).filter(gives).map(|rule| rule["rule"].as_str().expect("an id").to_owned()).collect()
}

/// Whether another promotion may stand in its place.
fn is_choice(policy: &Policy, answer: &Value, id: &str) -> bool {
    let promotion = policy.promotions.iter().find(|promotion| promotion.id == id).expect("a promotion of the policy");
    let group = policy.groups.iter().find(|group| promotion.group.as_ref() == Some(&group.id));
    let chooses = group.is_some_and(|group| matches!(group.mode, GroupMode::Best | GroupMode::First | GroupMode::Exclusive));
    chooses || rules(answer).any(|rule| rule["outcome"] == "blocked" && rule["by"] == "not_combined" && rule["winner"] == id)
}

fn texts(list: &Value) -> impl Iterator<Item = String> {
    list.as_array().into_iter().flatten().map(|text| text.as_str().expect("a text").to_owned())
}
