//! Transfers of lots (§66), from facts that are sound.

use super::exact::{Exact, text, whole};
use super::{decimal, instant};
use serde_json::{Value, json};

/// A row of the transfers; one with other cells than columns is told by `more`.
pub struct Row {
    pub id: String,
    pub lot: String,
    pub from: String,
    pub to: String,
    pub amount: String,
    pub more: bool,
}

/// To whom lots may be passed on, and for how many days they must hold.
pub struct Rule {
    pub transfer: &'static str,
    pub days: i64,
}

const DAY: i64 = 86_400_000;

/// A decimal with at most so many digits behind the point.
fn plain(written: &str, digits: usize) -> Option<Exact> {
    let (before, after) = written.split_once('.').unwrap_or((written, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let sound = is_number(before) && is_number(after) && after.trim_end_matches('0').len() <= digits;
    sound.then(|| Exact::new(format!("{before}{after}").parse().unwrap(), 10_i128.pow(u32::try_from(after.len()).unwrap())))
}

/// For each row its id, and the lot that comes of it or why it is refused; `dealers` are facts, and hold afterwards what they hold then.
pub fn transfer(
    dealers: &mut [Value],
    rule: Option<&Rule>,
    at: i64,
    digits: u32,
    rows: &[Row],
) -> Vec<(String, Result<String, &'static str>)> {
    let (mut ids, mut received): (Vec<String>, Vec<(String, String)>) = Default::default();
    let mut answers = Vec::new();
    'rows: for row in rows {
        let answer = 'row: {
            if row.more {
                answers.push((String::new(), Err("CELLS")));
                continue 'rows;
            }
            if row.id.is_empty() || row.id.len() > 64 {
                break 'row Err("ID_INVALID");
            }
            if ids.contains(&row.id) {
                break 'row Err("ID_DUPLICATE");
            }
            ids.push(row.id.clone());
            let Some(rule) = rule.filter(|rule| rule.transfer != "none") else { break 'row Err("TRANSFER_CLOSED") };
            let find = |id: &str| dealers.iter().position(|dealer| dealer["id"] == id);
            let (Some(from), Some(to)) = (find(&row.from), find(&row.to)) else { break 'row Err("DEALER_UNKNOWN") };
            if from == to {
                break 'row Err("DEALER_SAME");
            }
            let list = |dealer: usize| dealers[dealer]["lots"].as_array().cloned().unwrap_or_default();
            let (mut theirs, mut others) = (list(from), list(to));
            let Some(lot) = theirs.iter_mut().find(|lot| lot["id"] == row.lot.as_str()) else { break 'row Err("LOT_UNKNOWN") };
            if rule.transfer == "group" && (dealers[from]["group"].is_null() || dealers[from]["group"] != dealers[to]["group"]) {
                break 'row Err("GROUP_OTHER");
            }
            if received.contains(&(row.from.clone(), row.lot.clone())) {
                break 'row Err("LOT_RECEIVED");
            }
            if at < instant(&lot["issued"]).0 {
                break 'row Err("LOT_FROZEN");
            }
            let expires = Some(&lot["expires"]).filter(|expires| !expires.is_null()).map(|expires| instant(expires).0);
            if expires.is_some_and(|expires| expires <= at) {
                break 'row Err("LOT_EXPIRED");
            }
            if expires.is_some_and(|expires| expires < at + rule.days * DAY) {
                break 'row Err("LOT_ENDS_SOON");
            }
            let balance = decimal(&lot["balance"]);
            let amount = if row.amount.is_empty() { Some(balance) } else { plain(&row.amount, digits as usize) };
            let Some(amount) = amount.filter(|amount| *amount > whole(0)) else { break 'row Err("NUMBER_INVALID") };
            if balance < amount {
                break 'row Err("BALANCE_SHORT");
            }
            let face = decimal(&lot["face"]);
            if lot["pays"] == "one_order" && amount < balance || face > whole(0) && !(amount / face).is_integer() {
                break 'row Err("LOT_WHOLE");
            }
            let becomes = format!("{}/{}", row.lot, row.id);
            if others.iter().any(|other| other["id"] == becomes.as_str()) {
                break 'row Err("ID_DUPLICATE");
            }
            let mut new = lot.clone();
            (new["id"], new["issued"], new["balance"]) = (json!(becomes), json!(at), json!(text(amount, digits)));
            lot["balance"] = json!(text(balance - amount, digits));
            others.push(new);
            received.push((row.to.clone(), becomes.clone()));
            (dealers[from]["lots"], dealers[to]["lots"]) = (json!(theirs), json!(others));
            Ok(becomes)
        };
        answers.push((row.id.clone(), answer));
    }
    answers
}
