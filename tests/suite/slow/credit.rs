//! Credit (§14.5, §27.5), and what to remove from an order so that it passes (§27.7).

use super::guard::word;
use super::{Priced, Question, decimal, instant};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// An account: its limit and what is used of it without the order, in minor units.
struct Account {
    limit: i128,
    used: i128,
    expired: Option<i64>,
}

impl Question<'_> {
    fn account(&self, facts: &Value) -> Option<Account> {
        if facts.is_null() {
            return None;
        }
        let part = |key: &str| self.amount_of(decimal(&facts[key]));
        let expires = Some(&facts["expires"]).filter(|expires| !expires.is_null()).map(instant);
        let expired = expires.filter(|expires| *expires <= self.now).map(|expires| expires.0);
        Some(Account {
            limit: if expired.is_some() { 0 } else { part("limit") },
            used: part("receivable") + part("delivered") + part("open_orders") - part("prepaid"),
            expired,
        })
    }

    fn account_answer(&self, account: &Account, payable: i128) -> Value {
        let exposure = account.used + payable;
        json!({
            "limit": self.money(account.limit),
            "used": self.money(account.used),
            "exposure": self.money(exposure),
            "left": self.money(account.limit - exposure),
            "expired": account.expired,
        })
    }

    /// Credit with this order, `null` without facts.
    pub fn credit(&self, payable: i128) -> Value {
        let facts = &self.facts["credit"];
        let Some(own) = self.account(facts) else { return Value::Null };
        let mut answer = self.account_answer(&own, payable);
        answer["group"] = self.account(&facts["group"]).map_or(Value::Null, |group| self.account_answer(&group, payable));
        answer["released"] = json!(facts["status"] == "released");
        answer
    }

    /// Guards of credit, in the order of §27.2.
    pub fn credit_guards(&self, priced: &Priced) -> Vec<Value> {
        let facts = &self.facts["credit"];
        let Some(own) = self.account(facts) else { return Vec::new() };
        let payable = priced.payable();
        let mut list = self.overdue_guards();
        list.extend(self.used_guards(own.limit, own.used, payable));
        for (of, account) in [("group", self.account(&facts["group"])), ("dealer", Some(own))] {
            let Some(account) = account else { continue };
            let exposure = account.used + payable;
            if exposure > account.limit {
                list.push(json!({
                    "code": "CREDIT_LIMIT",
                    "severity": word(self.policy.guards.credit),
                    "of": of,
                    "exposure": self.money(exposure),
                    "payable": self.money(payable),
                    "limit": self.money(account.limit),
                    "over": self.money(exposure - account.limit),
                    "prepay": self.money(exposure - account.limit),
                    "expired": account.expired,
                    "remove": self.remove(account.limit - account.used),
                }));
            }
        }
        list
    }

    /// §27.7: lines without which the payable is at most the target, by id.
    pub fn remove(&self, target: i128) -> Option<Vec<String>> {
        if target < 0 {
            return None;
        }
        let mut removed: Vec<String> = Vec::new();
        for _ in 0..=8 {
            let order = self.without(&removed);
            let question = Question { order: &order, ..*self };
            let Ok(priced) = question.priced() else { unreachable!("the order was priced") };
            let over = priced.payable() - target;
            if over <= 0 {
                removed.sort_unstable();
                return Some(removed);
            }
            removed.extend(of_a_round(&priced, over));
        }
        None
    }

    /// The order without lines of these ids.
    fn without(&self, removed: &[String]) -> Value {
        let mut order = self.order.clone();
        let lines = order["lines"].as_array_mut().expect("lines");
        lines.retain(|line| !removed.contains(&self.id_of(line)));
        order
    }
}

fn of_a_round(priced: &Priced, over: i128) -> Vec<String> {
    let part = |line: usize| priced.state.net[line] - priced.redeemed.of_lines[line];
    let mut left: Vec<(i128, &str)> = (0..priced.lines.len())
        .filter(|line| priced.lines[*line].price.is_some())
        .map(|line| (part(line), priced.lines[line].id.as_str()))
        .collect();
    left.sort_by_key(|(part, id)| (Reverse(*part), *id));
    let mut taken: Vec<(i128, &str)> = Vec::new();
    let sum = |taken: &[(i128, &str)]| taken.iter().map(|(part, _)| part).sum::<i128>();
    while sum(&taken) < over && !left.is_empty() {
        taken.push(left.remove(0));
    }
    if sum(&taken) >= over {
        let last = taken.pop().expect("something is over");
        let rest = sum(&taken);
        let others = left.into_iter().chain([last]).filter(|(part, _)| rest + part >= over);
        taken.push(others.min().expect("the last itself"));
    }
    taken.into_iter().map(|(_, id)| id.to_owned()).collect()
}
