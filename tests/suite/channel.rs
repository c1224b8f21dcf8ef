//! Laws of assortment, territory and lots, on random small worlds, and their limits.

use crate::case;
use crate::laws::cases;
use crate::world::{self, Benefit, CATEGORIES, REGIONS, World, worlds};
use proptest::prelude::*;
use proptest::sample::select;
use qudao::time::Instant;
use qudao::{Engine, check, compile, import, limit, wire};
use serde_json::{Value, json};
use std::fmt::Write;

/// The engine of a world with one more file.
pub(crate) fn engine(world: &World, more: &str) -> Engine {
    let mut files = world.files();
    files.push(("channel.yaml".to_owned(), more.as_bytes().to_vec()));
    let mut imported = import::files(files);
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    let checked = checked.unwrap_or_else(|| panic!("{:#?}\n{more}", imported.diagnostics.found));
    Engine::load(compile::compile(&checked).bytes()).unwrap()
}

fn quote(engine: &Engine, question: &Value) -> Value {
    serde_json::from_str(&wire::quote(engine, &world::node(question.clone())).unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn minor(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}

/// Minor units as the facts write them.
fn money(minor: i64, digits: u32) -> String {
    let one = 10_i64.pow(digits);
    if digits == 0 { minor.to_string() } else { format!("{}.{:0width$}", minor / one, minor % one, width = digits as usize) }
}

/// Claims of lots.
fn of_lots(answer: &Value) -> Vec<Value> {
    list(&answer["claims"]).iter().filter(|claim| claim["kind"] == "lot").cloned().collect()
}

proptest! {
    #![proptest_config(cases(300))]

    /// §19.3.
    #[test]
    fn an_order_with_a_hidden_product_is_the_order_without_it(mut world in worlds(), pick in 0usize..6) {
        // A hidden gift changes more than its line (17.6).
        world.promotions.retain(|promotion| !promotion.benefits.iter().any(|benefit| matches!(benefit, Benefit::Gift(_))));
        let sku = World::sku(pick % world.products.len());
        let hidden = engine(&world, &format!("assortment: [{{ on: {{ sku: '{sku}' }}, state: hidden }}]"));
        let question = world.question();
        let mut without = question.clone();
        without["order"]["lines"].as_array_mut().unwrap().retain(|line| line["sku"] != sku.as_str());
        let (answer, plain) = (quote(&hidden, &question), quote(&world.engine(), &without));
        if plain["combination"]["proof"] == "optimal" {
            for part in ["totals", "rules", "credit", "rebates", "redemption", "claims"] {
                prop_assert_eq!(&answer[part], &plain[part], "{}", part);
            }
            let of_others = |line: &&Value| line["sku"] != sku.as_str();
            prop_assert_eq!(list(&answer["lines"]).iter().filter(of_others).collect::<Vec<_>>(), list(&plain["lines"]).iter().collect::<Vec<_>>());
            let other = |guard: &&Value| guard["code"] != "ASSORTMENT";
            prop_assert_eq!(list(&answer["guards"]).iter().filter(other).collect::<Vec<_>>(), list(&plain["guards"]).iter().collect::<Vec<_>>());
        }
        let lines = list(&answer["lines"]).iter().filter(|line| line["sku"] == sku.as_str());
        prop_assert!(lines.clone().all(|line| line["price"].is_null() && line["floor"].is_null() && minor(&line["list"]) == 0));
        prop_assert_eq!(lines.count(), list(&answer["guards"]).iter().filter(|guard| guard["code"] == "ASSORTMENT").count());
        let mut asked = world.question();
        asked.as_object_mut().unwrap().remove("order");
        let catalog: Value = serde_json::from_str(&wire::catalog(&hidden, &world::node(asked)).unwrap()).unwrap();
        prop_assert_eq!(&catalog["total"], &json!(world.products.len() - 1));
        prop_assert!(list(&catalog["items"]).iter().all(|item| item["sku"] != sku.as_str() && item["orderable"] == true));
    }

    /// §20.
    #[test]
    fn lots_pay_within_every_limit_and_change_nothing_else(
        world in worlds(),
        lots in prop::collection::vec((0i64..60_000, 0usize..4, 0usize..4), 0..6),
        asked in prop_oneof![Just(None), Just(Some(None)), (0i64..80_000).prop_map(|amount| Some(Some(amount)))],
        share in 1i64..1_000_001,
        (all, few, upside_down) in any::<(bool, bool, bool)>(),
    ) {
        let now = Instant::parse(world.settings.now).unwrap().0;
        let digits = world.digits();
        let sku = World::sku(0);
        let on = if few { format!(", on: {{ sku: '{sku}' }}") } else { String::new() };
        let earns = if all { ", earns: all" } else { "" };
        let percent = money(share, 4);
        let engine = engine(&world, &format!("redemption: {{ share: {percent}{on}{earns} }}"));
        // Ids whose order is not that of the list.
        let id = |index: usize| ["9", "10", "b", "B", "é", "a"][index];
        let expires = |at: usize| [None, Some(now), Some(now + 1), Some(now + 1_000)][at];
        let issued = |at: usize| [now - 2_000, now - 1_000, now, now + 1][at];
        let fact = |(index, (balance, issue, expiry)): (usize, &(i64, usize, usize))| {
            let mut fact = json!({ "id": id(index), "balance": money(*balance, digits), "issued": issued(*issue) });
            if let Some(expires) = expires(*expiry) {
                fact["expires"] = json!(expires);
            }
            fact
        };
        let mut facts: Vec<Value> = lots.iter().enumerate().map(fact).collect();
        let mut question = world.question();
        question["dealer"]["lots"] = json!(facts);
        let plain = quote(&engine, &question);
        match asked {
            None => {}
            Some(None) => question["order"]["redeem"] = json!("max"),
            Some(Some(amount)) => question["order"]["redeem"] = json!(money(amount, digits)),
        }
        let answer = quote(&engine, &question);
        for part in ["rules", "combination", "lines"] {
            prop_assert_eq!(&answer[part], &plain[part], "{}", part);
        }
        let total = |key: &str| minor(&answer["totals"][key]);
        let redeemed = total("redeemed");
        prop_assert_eq!(total("net") - redeemed, total("payable"));
        prop_assert_eq!(minor(&plain["totals"]["redeemed"]), 0);

        // The lots that hold now, in the order in which they go.
        let mut usable: Vec<(i64, i64, &str, i64)> = lots
            .iter()
            .enumerate()
            .filter(|(_, (balance, issue, expiry))| *balance > 0 && issued(*issue) <= now && expires(*expiry).is_none_or(|at| now < at))
            .map(|(index, (balance, issue, expiry))| (expires(*expiry).unwrap_or(i64::MAX), issued(*issue), id(index), *balance))
            .collect();
        usable.sort_unstable();
        if usable.is_empty() && asked.is_none() {
            prop_assert!(answer["redemption"].is_null() && of_lots(&answer).is_empty() && redeemed == 0);
            return Ok(());
        }
        let redemption = &answer["redemption"];
        let goods = list(&answer["lines"]).iter().filter(|line| !line["price"].is_null() && (!few || line["sku"] == sku.as_str()));
        let goods: Vec<(&str, i64)> = goods.map(|line| (line["id"].as_str().unwrap(), minor(&line["net"]))).collect();
        let net: i128 = goods.iter().map(|(_, net)| i128::from(*net)).sum();
        let limit = i64::try_from(net * i128::from(share) / 1_000_000).unwrap();
        let balance: i64 = usable.iter().map(|lot| lot.3).sum();
        let allowed = limit.min(balance);
        let used = match asked {
            None => 0,
            Some(None) => allowed,
            Some(Some(amount)) => amount.min(allowed),
        };
        let said = ["limit", "balance", "allowed", "used"].map(|key| minor(&redemption[key]));
        prop_assert_eq!(said, [limit, balance, allowed, used]);
        prop_assert_eq!(redeemed, used);
        let (mut left, mut claims) = (used, Vec::new());
        let expected: Vec<Value> = usable
            .iter()
            .map(|(expires, _, id, balance)| {
                let taken = left.min(*balance);
                left -= taken;
                if taken > 0 {
                    claims.push(json!({ "kind": "lot", "lot": id, "amount": money(taken, digits) }));
                }
                let expires = Some(*expires).filter(|expires| *expires < i64::MAX);
                json!({ "id": id, "expires": expires, "used": money(taken, digits), "left": money(balance - taken, digits) })
            })
            .collect();
        prop_assert_eq!(&redemption["lots"], &json!(expected));
        prop_assert_eq!(of_lots(&answer), claims);
        let share_of = |line: &str| list(&redemption["shares"]).iter().find(|share| share["line"] == line).map_or(0, |share| minor(&share["amount"]));
        prop_assert!(goods.iter().all(|(line, net)| (0..=*net).contains(&share_of(line))));
        prop_assert_eq!(goods.iter().map(|(line, _)| share_of(line)).sum::<i64>(), used);
        let over = matches!(asked, Some(Some(amount)) if amount > allowed);
        prop_assert_eq!(over, list(&answer["guards"]).iter().any(|guard| guard["code"] == "REDEEM_LIMIT"));
        for (rebate, before) in list(&answer["rebates"]).iter().zip(list(&plain["rebates"])) {
            let counting = list(&rebate["shares"]).iter().map(|share| share_of(share["line"].as_str().unwrap()));
            let paid: i64 = if all { 0 } else { counting.sum() };
            prop_assert_eq!(minor(&rebate["counted"]["amount"]), minor(&before["counted"]["amount"]) - paid);
            prop_assert_eq!(&rebate["counted"]["quantity"], &before["counted"]["quantity"]);
        }
        if upside_down {
            facts.reverse();
            question["dealer"]["lots"] = json!(facts);
            prop_assert_eq!(quote(&engine, &question), answer);
        }
    }

    /// §14.7, a second time and slowly.
    #[test]
    fn the_nearest_grant_decides(mut world in worlds(), grants in prop::collection::vec(grant(), 0..6), to in 0usize..6, closed in any::<bool>()) {
        let mut more = String::from("territory:\n");
        for Grant { who, regions, category, exclusive } in &grants {
            let category = category.map_or(String::new(), |at| format!(", category: {}", CATEGORIES[at].0));
            let mode = if *exclusive { ", mode: exclusive" } else { "" };
            let regions: Vec<&str> = regions.iter().map(|at| REGIONS[*at].0).collect();
            writeln!(more, "  - {{ when: {{ dealer: {who} }}, region: [{}]{category}{mode} }}", regions.join(", ")).unwrap();
        }
        if grants.is_empty() {
            more.clear();
        }
        world.settings.closed = closed;
        world.settings.guards = [""; 18];
        let engine = engine(&world, &more);
        let mut question = world.question();
        let region = REGIONS.get(to).map(|(region, _)| *region);
        if let Some(region) = region {
            question["order"]["ship_to"] = json!({ "region": region });
        }
        let answer = quote(&engine, &question);
        let region = region.or(world.dealer.region);
        let mut ids: Vec<(&str, &str)> = list(&answer["lines"]).iter().map(|line| (line["id"].as_str().unwrap(), line["sku"].as_str().unwrap())).collect();
        ids.sort_unstable();
        let expected = ids.into_iter().filter_map(|(id, sku)| {
            let product = (0..world.products.len()).find(|product| World::sku(*product) == sku).unwrap();
            let category = world.products[product].category;
            let reason = refuses(&world, &grants, region?, category, closed)?;
            let own = grants.iter().filter(|grant| grant.holds(&world) && grant.category_steps(category).is_some());
            let mut allowed: Vec<&str> = own.flat_map(|grant| grant.regions.iter().map(|at| REGIONS[*at].0)).collect();
            allowed.retain(|region| refuses(&world, &grants, region, category, closed).is_none());
            allowed.sort_unstable();
            allowed.dedup();
            Some(json!({ "code": "TERRITORY", "severity": "route", "line": id, "region": region, "reason": reason, "allowed": allowed }))
        });
        let found: Vec<&Value> = list(&answer["guards"]).iter().filter(|guard| guard["code"] == "TERRITORY").collect();
        let expected: Vec<Value> = expected.collect();
        prop_assert_eq!(found, expected.iter().collect::<Vec<_>>(), "{}", more);
    }
}

#[derive(Debug, Clone)]
struct Grant {
    who: &'static str,
    regions: Vec<usize>,
    category: Option<usize>,
    exclusive: bool,
}

fn grant() -> impl Strategy<Value = Grant> {
    let who = select(vec!["{}", "{ id: D1 }", "{ id: D2 }", "{ grade: 甲 }"]);
    let category = prop::option::of(0..CATEGORIES.len());
    (who, prop::collection::vec(0..REGIONS.len(), 1..3), category, any::<bool>()).prop_map(|(who, regions, category, exclusive)| Grant {
        who,
        regions,
        category,
        exclusive,
    })
}

impl Grant {
    fn holds(&self, world: &World) -> bool {
        match self.who {
            "{}" => true,
            "{ grade: 甲 }" => world.dealer.grade == Some("甲"),
            id => id.contains(world.dealer.id),
        }
    }

    fn category_steps(&self, category: Option<&str>) -> Option<usize> {
        match self.category {
            None => Some(usize::MAX),
            Some(granted) => steps(category?, CATEGORIES[granted].0, &CATEGORIES),
        }
    }

    fn distance(&self, region: &str, category: Option<&str>) -> Option<(usize, usize)> {
        let nearest = self.regions.iter().filter_map(|at| steps(region, REGIONS[*at].0, &REGIONS)).min()?;
        Some((nearest, self.category_steps(category)?))
    }
}

/// Steps up from a value to one above it.
fn steps(own: &str, above: &str, tree: &[(&str, &str)]) -> Option<usize> {
    if own == above {
        return Some(0);
    }
    let (_, parent) = tree.iter().find(|(id, _)| *id == own)?;
    steps(parent, above, tree).map(|steps| steps + 1)
}

fn refuses(world: &World, grants: &[Grant], region: &str, category: Option<&str>, closed: bool) -> Option<&'static str> {
    let covering: Vec<(&Grant, (usize, usize))> =
        grants.iter().filter_map(|grant| Some((grant, grant.distance(region, category)?))).collect();
    let own = covering.iter().filter(|(grant, _)| grant.holds(world)).map(|(grant, distance)| (*distance, !grant.exclusive)).min();
    let others = covering.iter().filter(|(grant, _)| !grant.holds(world) && grant.exclusive).map(|(_, distance)| *distance).min();
    match (own, others) {
        (Some((own, shared)), Some(others)) => (own > others || (own == others && shared)).then_some("exclusive"),
        (None, Some(_)) => Some("exclusive"),
        (Some(_), None) => None,
        (None, None) if covering.is_empty() => closed.then_some("ungranted"),
        (None, None) => Some("outside"),
    }
}

/// Codes of the faults of a small policy with `more`.
fn codes(more: String) -> Vec<String> {
    let files = [
        (
            "policy.yaml",
            "policy: { id: limits, version: '1' }\nregions: [{ id: R }]\nproducts: p.csv\nprices: [{ id: list, by: [sku], table: l.csv }]\n",
        ),
        ("p.csv", "sku,unit\nP,EA\n"),
        ("l.csv", "sku,price\nP,1\n"),
        ("more.yaml", more.as_str()),
    ];
    let mut imported = import::files(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    if let Some(checked) = checked {
        Engine::load(compile::compile(&checked).bytes()).unwrap();
    }
    imported.diagnostics.found.iter().map(|finding| finding.code.to_string()).collect()
}

#[test]
fn a_policy_holds_so_many_entries_and_not_one_more() {
    let listings = |count: usize| format!("assortment:\n{}", "  - { on: { sku: P }, state: visible_not_orderable }\n".repeat(count));
    assert_eq!(codes(listings(limit::LISTINGS)), [""; 0]);
    assert_eq!(codes(listings(limit::LISTINGS + 1)), ["LIMIT_EXCEEDED"]);
    let grants = |count: usize| format!("territory:\n{}", "  - { region: R }\n".repeat(count));
    assert_eq!(codes(grants(limit::GRANTS)), [""; 0]);
    assert_eq!(codes(grants(limit::GRANTS + 1)), ["LIMIT_EXCEEDED"]);
}

#[test]
fn a_dealer_holds_so_many_lots_and_not_one_more() {
    let world = World::contest(&[]);
    let engine = world.engine();
    let question = |count: usize| {
        let mut question = world.question();
        let lots = (0..count).map(|index| json!({ "id": format!("L{index}"), "balance": "1", "issued": 0 }));
        question["dealer"]["lots"] = lots.collect();
        world::node(question)
    };
    assert!(wire::quote(&engine, &question(limit::FACT_LOTS)).is_ok());
    let faults = wire::quote(&engine, &question(limit::FACT_LOTS + 1)).unwrap_err();
    assert_eq!(faults.0.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["LIMIT_EXCEEDED"]);
}

#[test]
fn a_session_redeems_and_delivers_like_an_order() {
    let world = World::contest(&[]);
    let engine = std::rc::Rc::new(engine(
        &world,
        "redemption: { share: 50 }\nterritory: [{ when: { dealer: { id: D9 } }, region: 华南, mode: exclusive }]",
    ));
    let mut question = world.question();
    question["dealer"]["lots"] = json!([{ "id": "L", "balance": "700.00", "issued": 0 }]);
    question["order"]["lines"] = json!([{ "sku": World::sku(0), "quantity": 1 }]);
    question["order"]["ship_to"] = json!({ "region": "华南" });
    let opening = json!({ "dealer": question["dealer"], "now": question["now"], "ship_to": { "region": "华南" } });
    let mut session = qudao::session::Session::open(engine.clone(), &world::node(opening)).unwrap();
    session.set(&World::sku(0), &wire::Node::Int(1)).unwrap();
    // What is entered beside it stays, whatever is redeemed.
    session.enter(&world::node(json!({ "coupons": ["CODE"] }))).unwrap();
    question["order"]["coupons"] = json!(["CODE"]);
    for (redeem, payable) in [(json!("max"), "500.00"), (json!("200.00"), "800.00"), (Value::Null, "1000.00")] {
        session.redeem(&world::node(redeem.clone())).unwrap();
        question["order"]["redeem"] = redeem;
        let answer = session.quote().unwrap();
        assert_eq!(answer, wire::quote(&engine, &world::node(question.clone())).unwrap());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((answer["totals"]["payable"].as_str(), &answer["guards"][0]["reason"]), (Some(payable), &json!("exclusive")));
    }
    assert_eq!(session.redeem(&world::node(json!("-1"))).unwrap_err().0[0].code, "NUMBER_RANGE");
}

const POLICY: [&str; 3] = [
    "assortment:\n  - { on: { sku: P }, when: { dealer: { id: D } }, state: orderable }\n  - { on: { sku: Q }, valid: 2026-11-01 .., state: visible_not_orderable }\n",
    "territory:\n  - { when: { dealer: { id: D } }, region: [R, S], category: K, mode: exclusive }\n  - { when: { dealer: { id: E } }, region: R, valid: .. 2026-12-31 }\n",
    "redemption: { share: 30, on: { sku: [P, Q] } }\n",
];

fn small(files: &[(&str, String)]) -> qudao::Bundle {
    let constants = "policy: { id: small, version: '1', valid: 2026-01-01 .. 2027-12-31 }\nregions: [{ id: R }, { id: S, parent: R }]\n\
                     categories: [{ id: K }]\nproducts: p.csv\nprices: [{ id: list, by: [sku], table: l.csv }]\n\
                     promotions: [{ id: off, at: { amount: 1 }, get: { percent: 1 } }]\n";
    let tables = [("p.csv", "sku,unit,category\nP,EA,K\nQ,EA,\n"), ("l.csv", "sku,price\nP,100\nQ,50\n"), ("policy.yaml", constants)];
    let tables = tables.map(|(name, text)| (name, text.to_owned()));
    let files = tables.iter().chain(files).map(|(name, text)| ((*name).to_owned(), text.clone().into_bytes()));
    let mut imported = import::files(files.collect());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    compile::compile(&checked.unwrap_or_else(|| panic!("{:#?}", imported.diagnostics.found)))
}

/// The same entries give the same bundle, in whatever order and files they stand.
#[test]
fn the_order_of_entries_changes_no_bundle() {
    let together = small(&[("a.yaml", POLICY.concat())]);
    let turned = |text: &str| {
        let mut lines: Vec<&str> = text.lines().collect();
        lines[1..].reverse();
        lines.join("\n")
    };
    let apart = small(&[("b.yaml", turned(POLICY[0])), ("c.yaml", turned(POLICY[1])), ("a.yaml", POLICY[2].to_owned())]);
    assert_eq!(together.hash(), apart.hash());
}

/// Every number of a bundle with an assortment, territory and redemption, made wrong in five ways, is refused or answered.
#[test]
fn no_number_of_these_columns_leads_outside() {
    use sha2::{Digest, Sha256};
    let sound = small(&[("a.yaml", POLICY.concat())]).bytes().to_vec();
    let question = json!({
        "order": {
            "schema": 1, "redeem": "max", "ship_to": { "region": "S" },
            "lines": [{ "sku": "P", "quantity": 3 }, { "sku": "Q", "quantity": 1 }],
        },
        "dealer": {
            "schema": 1, "id": "E", "as_of": 0, "region": "R",
            "lots": [{ "id": "L", "balance": "5.00", "issued": 0 }],
        },
        "now": "2026-11-21T10:00:00+08:00",
    });
    let mut explained = question.clone();
    explained["language"] = json!("zh");
    explained["all"] = json!(true);
    let (question, explained) = (world::node(question), world::node(explained));
    let (mut refused, mut answered) = (0, 0);
    for at in (40..sound.len()).step_by(4) {
        for value in [0, 1, 7, u32::MAX >> 1, u32::MAX] {
            let mut bytes = sound.clone();
            bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
            let hash = Sha256::digest(&bytes[40..]);
            bytes[8..40].copy_from_slice(&hash);
            match Engine::load(&bytes) {
                Err(_) => refused += 1,
                Ok(engine) => {
                    // Where its SKU is another now, the question is refused.
                    answered += u32::from(wire::quote(&engine, &question).is_ok() && wire::explain(&engine, &explained).is_ok());
                }
            }
        }
    }
    println!("{refused} refused, {answered} answered");
    assert!(refused > 300 && answered > 100, "{refused} refused, {answered} answered");
}

/// Row 专供款 of the reference asks for the catalogue beside the line: a product for online dealers alone is in no other's.
#[test]
fn what_is_for_one_channel_alone_is_in_no_other_catalogue() {
    let cases = case::all("good", &["case", "says", "source", "files", "tests"]);
    let case = cases.iter().find(|case| case.name == "checks/good/专供款.yaml").expect("the case");
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(case::files(case));
    let checked = check::check(policy, &sources, &mut diagnostics).expect("a policy");
    let engine = Engine::load(compile::compile(&checked).bytes()).unwrap();
    let skus = |channel: &str| {
        let dealer = json!({ "schema": 1, "id": "D1", "channel": channel, "as_of": 0 });
        let asked = json!({ "dealer": dealer, "now": "2026-11-21T10:00:00+08:00" });
        let catalog: Value = serde_json::from_str(&wire::catalog(&engine, &world::node(asked)).unwrap()).unwrap();
        let items: Vec<String> = list(&catalog["items"]).iter().map(|item| item["sku"].as_str().unwrap().to_owned()).collect();
        assert_eq!(catalog["total"], json!(items.len()));
        items
    };
    assert_eq!((skus("offline"), skus("online")), (vec!["Q".to_owned()], vec!["P".to_owned(), "Q".to_owned()]));
}
