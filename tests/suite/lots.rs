//! Laws of lots: what is issued is used, left, lapsed or expired, and no limit is exceeded, order after order.

use crate::laws::{cases, cents};
use crate::world::node;
use proptest::prelude::*;
use qudao::{Engine, check, compile, import, wire};
use serde_json::{Value, json};

/// 2026-11-21T00:00:00+08:00.
const BEGIN: i64 = 1_795_190_400_000;
const DAY: i64 = 86_400_000;
/// What is left of one line at most.
const LINE_SHARE: i64 = 60;

fn engine(redemption: &str) -> Engine {
    let policy = format!(
        "policy: {{ id: p, version: '1', valid: 2026-01-01 .. 2028-12-31 }}\nproducts: p.csv\nprices: [{{ id: list, by: [sku], table: l.csv }}]\n\
         redemption: {{ {redemption} }}\n"
    );
    let files = [("policy.yaml", policy.as_str()), ("p.csv", "sku,unit\nP,EA\nQ,EA\n"), ("l.csv", "sku,price\nP,0.97\nQ,13.01\n")];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("a policy");
    Engine::load(compile::compile(&checked).bytes()).expect("an engine")
}

fn text(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// A lot as it was issued, with what is left of it, and the values of its vouchers, 0 without.
struct Held {
    balance: i64,
    issued: i64,
    expires: Option<i64>,
    face: i64,
    once: bool,
}

proptest! {
    #![proptest_config(cases(120))]

    #[test]
    fn lots_are_used_left_lapsed_or_expired_and_within_every_limit(
        lots in prop::collection::vec((1i64..9_000, 0i64..6, prop::option::of(1i64..12), prop::sample::select(vec![0, 0, 50, 333]), any::<bool>()), 1..7),
        orders in prop::collection::vec((0i64..3, 1i64..200, 0i64..9, prop::option::of(0i64..6_000)), 1..8),
        share in 1i64..=100,
        most in 100i64..8_000,
        count in 1usize..4,
    ) {
        let engine = engine(&format!("share: {share}, line_share: {LINE_SHARE}, amount: {}, lots: {count}", text(most)));
        let mut held: Vec<Held> = lots
            .iter()
            .map(|(balance, issued, days, face, once)| Held {
                balance: *balance, issued: BEGIN + issued * DAY, expires: days.map(|days| BEGIN + (issued + days) * DAY), face: *face, once: *once && *face == 0,
            })
            .collect();
        let issued: i64 = held.iter().map(|lot| lot.balance).sum();
        let (mut used, mut lapsed, mut expired, mut now) = (0, 0, 0, BEGIN);
        for (days, p, q, redeem) in orders {
            now += days * DAY;
            for lot in held.iter_mut().filter(|lot| lot.expires.is_some_and(|expires| expires <= now)) {
                expired += std::mem::take(&mut lot.balance);
            }
            let fact = |(at, lot): (usize, &Held)| {
                let mut fact = json!({ "id": at.to_string(), "balance": text(lot.balance), "issued": lot.issued });
                if let Some(expires) = lot.expires {
                    fact["expires"] = json!(expires);
                }
                if lot.face > 0 {
                    fact["face"] = json!(text(lot.face));
                }
                if lot.once {
                    fact["pays"] = json!("one_order");
                }
                fact
            };
            let mut lines = vec![json!({ "sku": "P", "quantity": p })];
            if q > 0 {
                lines.push(json!({ "sku": "Q", "quantity": q }));
            }
            let facts: Vec<Value> = held.iter().enumerate().map(fact).collect();
            let redeem = redeem.map_or(json!("max"), |cents| json!(text(cents)));
            let question = json!({
                "order": { "schema": 1, "lines": lines, "redeem": redeem },
                "dealer": { "schema": 1, "id": "D", "as_of": 0, "lots": facts }, "now": now,
            });
            let quote: Value = serde_json::from_str(&wire::quote(&engine, &node(question)).expect("an order")).expect("JSON");
            let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
            let (answer, gross) = (&quote["redemption"], cents(&quote["totals"]["net"]));
            let total = cents(&answer["used"]);
            prop_assert!(total <= gross * share / 100 && total <= most, "{}", quote);
            prop_assert_eq!(total, cents(&quote["totals"]["redeemed"]));
            prop_assert_eq!(gross - total, cents(&quote["totals"]["payable"]));
            for share in list(&answer["shares"]) {
                let line = list(&quote["lines"]).into_iter().find(|line| line["id"] == share["line"]).expect("a line");
                prop_assert!(cents(&share["amount"]) <= cents(&line["net"]) * LINE_SHARE / 100, "{}", quote);
            }
            prop_assert_eq!(list(&answer["shares"]).iter().map(|share| cents(&share["amount"])).sum::<i64>(), total);
            let (mut of_lots, mut paying) = (0, 0);
            for lot in list(&answer["lots"]) {
                let own = &mut held[lot["id"].as_str().expect("an id").parse::<usize>().expect("a position")];
                let (pays, left) = (cents(&lot["used"]), cents(&lot["left"]));
                let lapses = if lot["lapses"].is_string() { cents(&lot["lapses"]) } else { 0 };
                prop_assert!(own.issued <= now && own.expires.is_none_or(|expires| now < expires), "{}", quote);
                prop_assert_eq!(pays + left + lapses, own.balance, "{}", quote);
                prop_assert!(own.face == 0 || pays % own.face == 0, "{}", quote);
                prop_assert!(lapses == 0 || own.once && pays > 0, "{}", quote);
                own.balance = left;
                lapsed += lapses;
                of_lots += pays;
                paying += usize::from(pays > 0);
            }
            prop_assert!(of_lots == total && paying <= count, "{}", quote);
            let claimed: i64 = list(&quote["claims"]).iter().filter(|claim| claim["kind"] == "lot").map(|claim| cents(&claim["amount"])).sum();
            prop_assert_eq!(claimed, total);
            used += total;
        }
        let left: i64 = held.iter().map(|lot| lot.balance).sum();
        prop_assert_eq!(used + left + lapsed + expired, issued);
    }
}
