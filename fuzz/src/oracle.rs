//! What holds of every answer: faults name something, figures add up.

use crate::corpus::find;
use qudao::bundle::Loaded;
use qudao::limit;
use qudao::policy::{LimitOf, LimitScope};
use qudao::wire::{Faults, Node};
use serde_json::Value;

/// What is wrong with an answer, or nothing.
pub type Verdict<T = ()> = Result<T, String>;

fn ensure(holds: bool, what: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(what()) }
}

/// Faults are there, few enough, and each has a code, a message and a cure.
pub fn faults(faults: &Faults) -> Verdict {
    ensure((1..=limit::FAULTS).contains(&faults.0.len()), || format!("{} faults", faults.0.len()))?;
    let sound = |fault: &qudao::wire::Fault| !fault.code.is_empty() && !fault.message.is_empty() && !fault.help.is_empty();
    ensure(faults.0.iter().all(sound), || format!("a fault without words: {faults}"))
}

fn cents(value: &Value) -> Verdict<i128> {
    let text = value.as_str().ok_or_else(|| format!("no amount: {value}"))?;
    text.replace('.', "").parse().map_err(|_| format!("no amount: {text}"))
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn sum(values: &[Value], key: &str) -> Verdict<i128> {
    values.iter().map(|value| cents(&value[key])).sum()
}

fn equal(what: &str, left: i128, right: i128) -> Verdict {
    ensure(left == right, || format!("{what}: {left} and {right}"))
}

/// The figures of a quote.
pub fn quote(text: &str) -> Verdict<Value> {
    let quote: Value = serde_json::from_str(text).map_err(|fault| format!("the answer is not JSON: {fault}"))?;
    let (mut all_list, mut all_off, mut all_net) = (0, 0, 0);
    for line in list(&quote, "lines") {
        let (gross, net, off) = (cents(&line["list"])?, cents(&line["net"])?, sum(list(line, "adjustments"), "amount")?);
        equal("list - adjustments = net", gross - off, net)?;
        ensure(0 <= net && net <= gross, || format!("net {net} is outside 0 .. {gross}"))?;
        ensure(line["price"].is_object() || gross == 0, || format!("no price, and list {gross}"))?;
        let portions = list(&line["price"], "portions");
        ensure(portions.is_empty() || sum(portions, "list")? == gross, || format!("portions are not the list {gross}: {line}"))?;
        let mut units = (0, 0, 0);
        for row in list(line, "units") {
            let count = i128::from(row["count"].as_i64().unwrap_or(-1));
            ensure(count > 0, || "an empty row of units".to_owned())?;
            units.0 += count * cents(&row["list"])?;
            units.1 += count * cents(&row["net"])?;
            units.2 += count * cents(&row["discount"])?;
        }
        ensure(list(line, "units").is_empty() || units == (gross, net, off), || format!("units {units:?} of {gross}, {net}, {off}"))?;
        all_list += gross;
        all_off += off;
        all_net += net;
    }
    let totals = &quote["totals"];
    equal("total list", cents(&totals["list"])?, all_list)?;
    equal("total discount", cents(&totals["discount"])?, all_off)?;
    equal("total net", cents(&totals["net"])?, all_net)?;
    let (payable, redeemed) = (cents(&totals["payable"])?, cents(&totals["redeemed"])?);
    let freight = if totals["freight"].is_null() { 0 } else { cents(&totals["freight"])? };
    if totals["tax"].is_null() {
        equal("payable", payable, all_net + freight - redeemed)?;
    } else {
        // Lots that stand on the invoice as a discount lower its gross too.
        let gross = cents(&totals["tax"]["gross"])?;
        ensure(payable + redeemed >= gross && (redeemed > 0 || payable == gross), || format!("payable {payable} of {gross}"))?;
    }
    equal("gift value", cents(&totals["gift_value"])?, sum(list(&quote, "gifts"), "value")?)?;
    let applied: Vec<Value> = list(&quote, "rules").iter().filter(|rule| rule["outcome"] == "applied").cloned().collect();
    let freight_off = if totals["freight_discount"].is_null() { 0 } else { cents(&totals["freight_discount"])? };
    let savings = sum(&applied, "saving")? + sum(list(&quote, "approved"), "saving")?;
    equal("savings of promotions and approved adjustments", savings, all_off + freight_off)?;
    for rule in &applied {
        ensure(cents(&rule["saving"])? >= 0 && cents(&rule["lost"])? >= 0, || format!("a negative figure: {rule}"))?;
    }
    for rebate in list(&quote, "rebates") {
        equal("rebate delta", cents(&rebate["after"])? - cents(&rebate["before"])?, cents(&rebate["delta"])?)?;
        let shares = list(rebate, "shares");
        ensure(shares.is_empty() || sum(shares, "amount")? == cents(&rebate["delta"])?, || format!("shares are not the delta: {rebate}"))?;
    }
    if quote["credit"].is_object() {
        let credit = |key: &str| cents(&quote["credit"][key]);
        equal("credit left", credit("limit")? - credit("exposure")?, credit("left")?)?;
    }
    let (mut taken, mut claimed) = (0, 0);
    for registration in list(&quote, "registrations") {
        let (left, quantity) = (registration["left"].as_str(), registration["quantity"].as_str());
        let quantity = quantity.and_then(|quantity| scaled(quantity, 6)).ok_or("no quantity of a registration")?;
        let left = left.map_or(i128::MAX, |left| scaled(left, 6).unwrap_or(-1));
        ensure(0 <= quantity && quantity <= left, || format!("more than is left: {registration}"))?;
        taken += quantity;
    }
    for claim in list(&quote, "claims").iter().filter(|claim| claim["kind"] == "registration") {
        claimed += claim["quantity"].as_str().and_then(|quantity| scaled(quantity, 6)).ok_or("no quantity of a claim")?;
    }
    equal("what is claimed of registrations", claimed, taken)?;
    ensure(cents(&quote["combination"]["bound"])? >= 0, || "a negative bound".to_owned())?;
    Ok(quote)
}

/// No claim is more than what the facts leave. Ids must be unique, so not for mutated bundles.
pub fn claims(policy: &Loaded, quote: &Value, question: &Node) -> Verdict {
    let t = &policy.tables;
    // In a transition the old policy's promotions and budgets may be the ones that count.
    if !quote["transition"].is_null() {
        return Ok(());
    }
    for claim in list(quote, "claims") {
        if let Some(id) = claim["budget"].as_str() {
            let budget = policy.budget_of(id).ok_or("a claim on an unknown budget")?.0 as usize;
            let used = match find(question, &["dealer", "budgets", id, "used"]) {
                Some(Node::Text(used)) => scaled(used, policy.constants.money_scale.0).ok_or("an odd amount was read")?,
                _ => 0,
            };
            let (left, amount) = (i128::from(t.budget_amount[budget]) - used, cents(&claim["amount"])?);
            ensure(0 < amount && amount <= left, || format!("a claim of {amount} on the {left} left of {id}"))?;
        }
        if let Some(id) = claim["promotion"].as_str() {
            let rule = policy.rule_of(id).ok_or("a claim of an unknown promotion")?;
            let (of, keys, claimed) = match (claim["kind"].as_str(), claim["sku"].as_str()) {
                (Some("usage"), _) => (LimitOf::Times, vec![id], claim["times"].as_i64()),
                (_, None) => (LimitOf::Units, vec![id, "units"], quantity(policy, claim["quantity"].as_str())),
                (_, Some(sku)) => (LimitOf::Sku, vec![id, "skus", sku], quantity(policy, claim["quantity"].as_str())),
            };
            let claimed = claimed.filter(|claimed| *claimed > 0).ok_or_else(|| format!("nothing is claimed: {claim}"))?;
            let used = |path: &[&str]| match find(question, &[&["dealer", "usage"], &keys[..], path].concat()) {
                Some(Node::Int(used)) if of == LimitOf::Times => *used,
                Some(Node::Int(used)) => quantity(policy, Some(&used.to_string())).unwrap_or(i64::MAX),
                Some(Node::Text(used)) => quantity(policy, Some(used)).unwrap_or(i64::MAX),
                _ => 0,
            };
            let period = claim["period"].as_str().unwrap_or_default();
            for limit in t.limits(rule).filter(|limit| t.limit_of[*limit] == of as u32) {
                let used = match t.limit_scope[limit] {
                    scope if scope == LimitScope::Dealer as u32 => used(&["dealer"]),
                    scope if scope == LimitScope::Period as u32 => used(&["periods", period]),
                    scope if scope == LimitScope::Total as u32 => used(&["total"]),
                    _ => 0,
                };
                let most = t.limit_most[limit];
                ensure(claimed.saturating_add(used) <= most, || format!("{claimed} more of {id}, of {most}, after {used}: {claim}"))?;
            }
        }
    }
    Ok(())
}

/// A quantity as the policy counts it.
fn quantity(policy: &Loaded, text: Option<&str>) -> Option<i64> {
    scaled(text?, policy.constants.quantity_scale.0)?.try_into().ok()
}

/// A plain decimal at a scale.
fn scaled(text: &str, digits: u32) -> Option<i128> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let rest = rest.trim_end_matches('0');
    let missing = (digits as usize).checked_sub(rest.len())?;
    format!("{whole}{rest}{}", "0".repeat(missing)).parse().ok()
}
