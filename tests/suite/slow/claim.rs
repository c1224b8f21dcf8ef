//! Claims with evidence (§59), from tables that are sound but for their claims.

use super::exact::{Exact, rounded, text, whole};
use qudao::num::Rounding;
use std::collections::BTreeMap;

/// A row by column.
pub type Row = BTreeMap<String, String>;

pub struct Tables {
    pub registrations: Vec<Row>,
    pub stock: Vec<Row>,
    /// SHA-256 of the stock.
    pub snapshot: String,
    pub claims: Vec<Row>,
}

/// A decimal with at most so many digits, 0 or more.
fn decimal(written: &str, digits: usize) -> Option<Exact> {
    let (before, after) = written.split_once('.').unwrap_or((written, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_sound = is_number(before) && is_number(after) && after.trim_end_matches('0').len() <= digits;
    is_sound.then(|| Exact::new(format!("{before}{after}").parse().unwrap(), 10_i128.pow(u32::try_from(after.len()).unwrap())))
}

/// A day as a number that days are compared by, where it is one.
fn day(written: &str) -> Option<u32> {
    let parts: Vec<u32> = written.split('-').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [2026, month @ 1..=12, day @ 1..=30] = parts[..] else { return None };
    Some(month * 100 + day)
}

/// For each claim its id and what is owed, or why not.
pub fn examine(tables: &Tables, digits: u32, unit_digits: usize, rounding: Rounding) -> Vec<(String, Result<String, &'static str>)> {
    let (mut ids, mut allowed): (Vec<&str>, Vec<(&Row, i128)>) = Default::default();
    let mut answers = Vec::new();
    'claims: for claim in &tables.claims {
        let get = |key: &str| claim.get(key).map_or("", String::as_str);
        let answer = 'one: {
            if claim.contains_key("more") {
                answers.push((String::new(), Err("CELLS")));
                continue 'claims;
            }
            if get("id").is_empty() {
                break 'one Err("ID_INVALID");
            }
            if ids.contains(&get("id")) {
                break 'one Err("ID_DUPLICATE");
            }
            ids.push(get("id"));
            let Some(registration) = tables.registrations.iter().find(|known| known["registration"] == get("registration")) else {
                break 'one Err("REGISTRATION_UNKNOWN");
            };
            if registration["dealer"] != get("dealer") {
                break 'one Err("DEALER_OTHER");
            }
            // `OLD` is another SKU of P.
            let sku = |written: &str| if written == "OLD" { "P".to_owned() } else { written.to_owned() };
            if sku(&registration["sku"]) != sku(get("sku")) {
                break 'one Err("SKU_OTHER");
            }
            let Some(date) = day(get("date")) else { break 'one Err("DATE_INVALID") };
            let from = day(&registration["from"]).unwrap();
            if date < from || day(&registration["to"]).is_some_and(|to| date > to) {
                break 'one Err("OUTSIDE_WINDOW");
            }
            let quantity = decimal(get("quantity"), 0).filter(|quantity| *quantity > whole(0));
            let price = |key: &str| match get(key) {
                "" => Some(None),
                written => decimal(written, unit_digits).map(Some),
            };
            let (Some(quantity), Some(cost), Some(sell)) = (quantity, price("cost"), price("sell")) else {
                break 'one Err("NUMBER_INVALID");
            };
            if !registration["customer"].is_empty() && registration["customer"] != get("customer") {
                break 'one Err("CUSTOMER_OTHER");
            }
            let is_held = registration["kind"] == "price_protection";
            let proof = if is_held { "snapshot" } else { "invoice" };
            if get(proof).is_empty() {
                break 'one Err("EVIDENCE_MISSING");
            }
            let of_it = |(row, _): &&(&Row, i128)| row["registration"] == registration["registration"];
            if allowed.iter().filter(of_it).any(|(row, _)| row[proof] == get(proof)) {
                break 'one Err("CLAIMED_BEFORE");
            }
            if is_held {
                if get(proof) != tables.snapshot {
                    break 'one Err("SNAPSHOT_OTHER");
                }
                let own =
                    |row: &&Row| row["dealer"] == get("dealer") && sku(&row["sku"]) == sku(get("sku")) && day(&row["at"]) == Some(from);
                let held: Exact = tables.stock.iter().filter(own).map(|row| decimal(&row["quantity"], 0).unwrap()).sum();
                if held < quantity {
                    break 'one Err("STOCK_SHORT");
                }
            }
            let used: Exact = allowed.iter().filter(of_it).map(|(row, _)| decimal(&row["quantity"], 0).unwrap()).sum();
            if decimal(&registration["quantity"], 0).is_some_and(|most| used + quantity > most) {
                break 'one Err("QUANTITY_EXCEEDED");
            }
            let registered = |key: &str| decimal(&registration[key], 6).unwrap();
            let each = match (registration["kind"].as_str(), cost, sell) {
                ("ship_and_debit", Some(cost), _) => cost - registered("price"),
                ("margin", Some(cost), Some(sell)) => cost - sell * (whole(1) - registered("margin") / whole(100)),
                ("cost_share", Some(cost), _) => cost * registered("share") / whole(100),
                ("price_protection", ..) => registered("old_price") - registered("price"),
                _ => break 'one Err("EVIDENCE_MISSING"),
            };
            let minor = whole(10_i128.pow(digits));
            let owed = rounded(each * quantity * minor, rounding);
            if owed <= 0 {
                break 'one Err("NOTHING_OWED");
            }
            let paid: i128 = allowed.iter().filter(of_it).map(|(_, owed)| owed).sum();
            let most = decimal(registration.get("amount").map_or("", String::as_str), 6);
            if most.is_some_and(|most| whole(paid + owed) > most * minor) {
                break 'one Err("AMOUNT_EXCEEDED");
            }
            allowed.push((claim, owed));
            Ok(text(whole(owed) / minor, digits))
        };
        answers.push((get("id").to_owned(), answer));
    }
    answers
}
