//! Laws of coupons, gifts, limits and budgets, on random small policies.

use crate::laws::{cases, cents};
use crate::world::node;
use proptest::prelude::*;
use proptest::sample::select;
use qudao::session::Session;
use qudao::{Engine, check, compile, import, limit, wire};
use serde_json::{Value, json};
use std::fmt::Write;
use std::rc::Rc;

const PRODUCTS: usize = 4;
const BUDGETS: usize = 2;
pub(crate) const CODES: [&str; 4] = ["C0", "C1", "C2", "none"];

/// One promotion as an author writes it.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    products: u8,
    threshold: &'static str,
    benefit: String,
    /// Whether it competes in the group of best ones.
    best: bool,
    pub(crate) coupon: Option<&'static str>,
    /// For whom and when, as an author writes it; nothing for everybody.
    pub(crate) when: &'static str,
    limit: Option<(&'static str, u32)>,
    budget: Option<usize>,
}

/// A policy and what is asked of it.
#[derive(Debug, Clone)]
pub(crate) struct Shop {
    pub(crate) offers: Vec<Offer>,
    budgets: Vec<u32>,
    point: &'static str,
    /// Quantity of each product; 0 leaves it out.
    cart: Vec<u32>,
    coupons: Vec<&'static str>,
    /// Promotions whose gift is declined.
    declined: Vec<usize>,
    used: Vec<u32>,
    usage: Vec<(usize, u32, u32)>,
}

impl Offer {
    fn gives_gifts(&self) -> bool {
        self.benefit.contains("gift")
    }
}

fn offers() -> impl Strategy<Value = Offer> {
    let counted =
        select(vec!["", "at: { amount: 150 }", "at: { quantity: 3 }", "each: { amount: 100 }", "each: { quantity: 2, times: 5 }"]);
    let benefit = prop_oneof![
        (1u32..60).prop_map(|off| format!("amount_off: {off}.37")),
        (1u32..40).prop_map(|share| format!("percent: {share}")),
        (1u32..20).prop_map(|off| format!("per_unit_off: {off}")),
        (1u32..4).prop_map(|units| format!("gift: {{ sku: G0, quantity: {units} }}")),
        Just("gift: { choose: 2, from: [{ sku: G0 }, { sku: G1, quantity: 2 }, { sku: P0 }] }".to_owned()),
    ];
    let limit = prop::option::of((select(vec!["order", "dealer", "total"]), 1u32..4));
    let coupon = prop::option::weighted(0.4, select(CODES[..3].to_vec()));
    (1u8..16, counted, benefit, any::<bool>(), coupon, limit, prop::option::of(0..BUDGETS)).prop_map(
        |(products, threshold, benefit, best, coupon, limit, budget)| {
            let repeats = benefit.contains("amount_off") || benefit.contains("gift");
            let threshold = if threshold.contains("each") && !repeats { "" } else { threshold };
            Offer { products, threshold, benefit, best, coupon, when: "", limit, budget }
        },
    )
}

pub(crate) fn shops() -> impl Strategy<Value = Shop> {
    let offers = prop::collection::vec(offers(), 1..6);
    let facts = (prop::collection::vec(0u32..60, BUDGETS), prop::collection::vec((0usize..6, 0u32..4, 0u32..4), 0..4));
    let order = (
        prop::collection::vec(0u32..6, PRODUCTS),
        prop::sample::subsequence(CODES.to_vec(), 0..=CODES.len()).prop_shuffle(),
        prop::collection::vec(0usize..6, 0..2),
    );
    let points = select(vec!["set", "line", "unit", "price"]);
    (offers, prop::collection::vec(1u32..120, BUDGETS), points, order, facts).prop_map(
        |(offers, budgets, point, (cart, coupons, declined), (used, usage))| Shop {
            offers,
            budgets,
            point,
            cart,
            coupons,
            declined,
            used,
            usage,
        },
    )
}

impl Shop {
    pub(crate) fn engine(&self) -> Engine {
        self.engine_with("")
    }

    /// The policy with more sections.
    pub(crate) fn engine_with(&self, more: &str) -> Engine {
        let mut policy = format!(
            "policy: {{ id: shop, version: '1', rounding_point: {} }}\nproducts: products.csv\n\
             prices: [{{ id: list, by: [sku], table: list.csv }}]\nfloors: [{{ id: floor, by: [sku], table: floor.csv }}]\n\
             grades: [{{ id: A }}, {{ id: B }}]\ngroups: [{{ id: one-of, mode: best }}]\nbudgets:\n",
            self.point
        );
        for (index, amount) in self.budgets.iter().enumerate() {
            writeln!(policy, "  - {{ id: b{index}, amount: {amount} }}").unwrap();
        }
        policy += "promotions:\n";
        for (index, offer) in self.offers.iter().enumerate() {
            let skus: Vec<String> = (0..PRODUCTS).filter(|p| offer.products >> p & 1 == 1).map(|p| format!("P{p}")).collect();
            let skus = if skus.is_empty() { vec!["G1".to_owned()] } else { skus };
            let mut parts = vec![format!("id: r{index}, on: {{ sku: [{}] }}, get: {{ {} }}", skus.join(", "), offer.benefit)];
            parts.extend((!offer.threshold.is_empty()).then(|| offer.threshold.to_owned()));
            parts.extend(offer.best.then(|| "group: one-of, stage: order".to_owned()));
            parts.extend(offer.coupon.map(|code| format!("coupon: {code}")));
            parts.extend((!offer.when.is_empty()).then(|| offer.when.to_owned()));
            parts.extend(offer.limit.map(|(which, most)| format!("limit: {{ {which}: {most} }}")));
            parts.extend(offer.budget.map(|budget| format!("budget: b{budget}")));
            writeln!(policy, "  - {{ {} }}", parts.join(", ")).unwrap();
        }
        policy += more;
        let files = [
            ("policy.yaml", policy.as_str()),
            ("products.csv", "sku,unit\nP0,EA\nP1,EA\nP2,EA\nP3,EA\nG0,EA\nG1,EA\n"),
            ("list.csv", "sku,price\nP0,50\nP1,33.33\nP2,80\nP3,7.77\nG0,12.5\nG1,9.99\n"),
            ("floor.csv", "sku,price\nP2,70\n"),
        ];
        engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into())
    }

    pub(crate) fn input(&self) -> Value {
        let lines: Vec<Value> =
            self.cart.iter().enumerate().filter(|(_, q)| **q > 0).map(|(p, q)| json!({ "sku": format!("P{p}"), "quantity": q })).collect();
        let known = |rule: &usize| *rule < self.offers.len();
        let gifts: serde_json::Map<String, Value> =
            self.declined.iter().copied().filter(known).map(|rule| (format!("r{rule}"), json!([]))).collect();
        let used = |(index, used): (usize, &u32)| (format!("b{index}"), json!({ "used": format!("{used}.00") }));
        let budgets: serde_json::Map<String, Value> = self.used.iter().enumerate().map(used).collect();
        let usage: serde_json::Map<String, Value> = self
            .usage
            .iter()
            .filter(|(rule, ..)| known(rule))
            .map(|(rule, dealer, total)| (format!("r{rule}"), json!({ "dealer": dealer, "total": total })))
            .collect();
        json!({
            "order": { "schema": 1, "lines": lines, "coupons": self.coupons, "gifts": gifts },
            "dealer": { "schema": 1, "id": "D", "as_of": 1_800_000_000_000_i64, "usage": usage, "budgets": budgets },
            "now": 1_800_000_000_000_i64,
        })
    }

    fn quote(&self) -> Value {
        quoted(&self.engine(), &self.input())
    }

    fn usage_of(&self, rule: usize) -> (i64, i64) {
        let known = self.usage.iter().rev().find(|(of, ..)| *of == rule);
        known.map_or((0, 0), |(_, dealer, total)| (i64::from(*dealer), i64::from(*total)))
    }
}

pub(crate) fn engine(files: Vec<(String, Vec<u8>)>) -> Engine {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(files);
    let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:#?}", diagnostics.found));
    Engine::load(compile::compile(&checked).bytes()).unwrap()
}

fn quoted(engine: &Engine, input: &Value) -> Value {
    serde_json::from_str(&wire::quote(engine, &node(input.clone())).unwrap()).unwrap()
}

fn list<'a>(quote: &'a Value, key: &str) -> &'a [Value] {
    quote[key].as_array().unwrap()
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn claims_never_go_beyond_what_is_left(shop in shops()) {
        let quote = shop.quote();
        let mut given = [0i64; BUDGETS];
        for rule in list(&quote, "rules").iter().filter(|rule| rule["outcome"] == "applied") {
            let index: usize = rule["rule"].as_str().unwrap()[1..].parse().unwrap();
            if let Some(budget) = shop.offers[index].budget {
                given[budget] += cents(&rule["saving"]) + cents(&rule["gift_value"]);
            }
            if let Some((which, most)) = shop.offers[index].limit {
                let (dealer, total) = shop.usage_of(index);
                let used = match which { "dealer" => dealer, "total" => total, _ => 0 };
                prop_assert!(rule["times"].as_i64().unwrap() + used <= i64::from(most));
            }
            prop_assert_eq!(cents(&rule["lost"]) > 0, !list(rule, "lost_by").is_empty());
        }
        for (index, given) in given.into_iter().enumerate() {
            let left = (i64::from(shop.budgets[index]) - i64::from(shop.used[index])).max(0) * 100;
            prop_assert!(given <= left);
            let claim = list(&quote, "claims").iter().find(|claim| claim["budget"] == format!("b{index}"));
            prop_assert_eq!(claim.map_or(0, |claim| cents(&claim["amount"])), given);
        }
        for claim in list(&quote, "claims").iter().filter(|claim| claim["kind"] == "usage") {
            prop_assert!(claim["times"].as_i64().unwrap() > 0);
        }
        let values: i64 = list(&quote, "gifts").iter().map(|gift| cents(&gift["value"])).sum();
        prop_assert_eq!(values, cents(&quote["totals"]["gift_value"]));
    }

    /// Of one promotion alone: of what one leaves, another may take more.
    #[test]
    fn a_tighter_limit_or_budget_never_gives_more(mut shop in shops(), more in 0u32..4) {
        shop.offers.truncate(1);
        let worth = |shop: &Shop| {
            let totals = shop.quote()["totals"].clone();
            cents(&totals["discount"]) + cents(&totals["gift_value"])
        };
        let tight = worth(&shop);
        shop.budgets.iter_mut().for_each(|amount| *amount += 10 * more);
        shop.offers[0].limit = shop.offers[0].limit.map(|(which, most)| (which, most + more));
        let loose = worth(&shop);
        (shop.offers[0].limit, shop.offers[0].budget) = (None, None);
        let free = worth(&shop);
        prop_assert!(tight <= loose && loose <= free, "{} {} {}", tight, loose, free);
    }

    /// Of promotions that compete: the best of what is allowed is never better where less is. What is given is rounded for each promotion.
    #[test]
    fn where_the_best_is_chosen_a_tighter_limit_or_budget_never_gives_more(mut shop in shops(), more in 1u32..4) {
        shop.offers.iter_mut().for_each(|offer| offer.best = true);
        let worth = |shop: &Shop| {
            let totals = shop.quote()["totals"].clone();
            cents(&totals["discount"]) + cents(&totals["gift_value"])
        };
        let tight = worth(&shop);
        shop.budgets.iter_mut().for_each(|amount| *amount += 10 * more);
        shop.offers.iter_mut().for_each(|offer| offer.limit = offer.limit.map(|(which, most)| (which, most + more)));
        let loose = worth(&shop);
        shop.offers.iter_mut().for_each(|offer| offer.limit = None);
        let free = worth(&shop);
        let slack = if shop.point == "unit" || shop.point == "price" { 40 } else { 6 };
        prop_assert!(tight <= loose + slack && loose <= free + slack, "{} {} {}", tight, loose, free);
    }

    /// §17.6. G0 is in no cart; a promotion on G1 only has no line.
    #[test]
    fn a_hidden_gift_is_as_if_no_promotion_named_it(shop in shops()) {
        let mut without = shop.clone();
        for offer in without.offers.iter_mut().filter(|offer| offer.gives_gifts()) {
            if offer.benefit.contains("from") {
                offer.benefit = offer.benefit.replace("{ sku: G0 }, ", "");
            } else {
                (offer.products, offer.benefit) = (0, "gift: { sku: G1 }".to_owned());
            }
        }
        let hidden = quoted(&shop.engine_with("assortment: [{ on: { sku: G0 }, state: hidden }]\n"), &shop.input());
        let plain = without.quote();
        for part in ["lines", "totals", "rules", "gifts", "gift_offers", "gift_choices", "coupons", "claims", "guards", "combination"] {
            prop_assert_eq!(&hidden[part], &plain[part], "{}", part);
        }
        prop_assert!(!hidden.to_string().contains("G0"));
    }

    #[test]
    fn a_code_that_does_nothing_changes_nothing(shop in shops()) {
        let quote = shop.quote();
        let effect = |code: &str| list(&quote, "coupons").iter().find(|coupon| coupon["code"] == code).unwrap()["effect"].clone();
        let mut fewer = shop.clone();
        fewer.coupons.retain(|code| effect(code) == "applied");
        let without = fewer.quote();
        for part in ["lines", "totals", "gifts", "claims", "result_hash"] {
            prop_assert_eq!(&quote[part], &without[part]);
        }
        let mut turned = shop.clone();
        turned.coupons.reverse();
        let turned = turned.quote();
        for part in ["lines", "totals", "rules", "gifts", "claims", "inputs_hash", "result_hash"] {
            prop_assert_eq!(&quote[part], &turned[part]);
        }
    }

    /// Where gifts compete with nothing, taking or declining them moves no other figure.
    #[test]
    fn gifts_count_for_nothing(mut shop in shops()) {
        for offer in shop.offers.iter_mut().filter(|offer| offer.gives_gifts()) {
            (offer.best, offer.budget) = (false, None);
        }
        shop.declined = Vec::new();
        let quote = shop.quote();
        shop.declined = (0..shop.offers.len()).filter(|rule| shop.offers[*rule].gives_gifts()).collect();
        let without = shop.quote();
        for part in ["lines", "guards", "rebates", "credit"] {
            prop_assert_eq!(&quote[part], &without[part]);
        }
        for part in ["list", "discount", "net", "payable"] {
            prop_assert_eq!(&quote["totals"][part], &without["totals"][part]);
        }
        prop_assert!(list(&without, "gifts").is_empty());
    }

    #[test]
    fn a_session_takes_coupons_and_choices(shop in shops()) {
        let engine = Rc::new(shop.engine());
        let input = shop.input();
        let mut session = Session::open(engine.clone(), &node(json!({ "dealer": input["dealer"], "now": input["now"] }))).unwrap();
        for line in list(&input["order"], "lines") {
            session.set(line["sku"].as_str().unwrap(), &node(line["quantity"].clone())).unwrap();
        }
        session.enter(&node(json!({ "coupons": input["order"]["coupons"], "gifts": input["order"]["gifts"] }))).unwrap();
        let refused = session.enter(&node(json!({ "gifts": { "nobody": ["nothing"] } })));
        prop_assert!(refused.is_err());
        prop_assert_eq!(session.quote().unwrap(), wire::quote(&engine, &node(input.clone())).unwrap());
        let order: Value = serde_json::from_str(&session.order()).unwrap();
        let again = json!({ "order": order, "dealer": input["dealer"], "now": input["now"] });
        prop_assert_eq!(&quoted(&engine, &again)["inputs_hash"], &quoted(&engine, &input)["inputs_hash"]);
    }

    /// Whole promotions of one group that share a budget: the best combination is the best of all sets, played one after the other.
    #[test]
    fn the_best_combination_under_a_budget_equals_brute_force(
        rivals in prop::collection::vec((1u8..16, 1i64..60, any::<bool>(), any::<bool>()), 1..7),
        budget in 1i64..120,
    ) {
        let offer = |(products, worth, gift, limited): &(u8, i64, bool, bool)| Offer {
            products: *products,
            threshold: "",
            benefit: if *gift { format!("gift: {{ sku: G2, quantity: {worth} }}") } else { format!("amount_off: {worth}") },
            best: true,
            coupon: None,
            when: "",
            limit: None,
            budget: limited.then_some(0),
        };
        let files = |offers: &[Offer]| {
            let mut policy = format!(
                "policy: {{ id: shop, version: '1' }}\nproducts: products.csv\nprices: [{{ id: list, by: [sku], table: list.csv }}]\n\
                 groups: [{{ id: one-of, mode: best }}]\nbudgets: [{{ id: b0, amount: {budget} }}]\npromotions:\n"
            );
            for (index, offer) in offers.iter().enumerate() {
                let skus: Vec<String> = (0..PRODUCTS).filter(|p| offer.products >> p & 1 == 1).map(|p| format!("P{p}")).collect();
                let budget = offer.budget.map_or("", |_| ", budget: b0");
                let (skus, get) = (skus.join(", "), &offer.benefit);
                writeln!(policy, "  - {{ id: r{index}, on: {{ sku: [{skus}] }}, get: {{ {get} }}, group: one-of, stage: order{budget} }}").unwrap();
            }
            let products = "sku,unit\nP0,EA\nP1,EA\nP2,EA\nP3,EA\nG2,EA\n";
            let prices = "sku,price\nP0,1000\nP1,1000\nP2,1000\nP3,1000\nG2,1\n";
            [("policy.yaml", policy.as_str()), ("products.csv", products), ("list.csv", prices)]
                .map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned()))
                .to_vec()
        };
        let offers: Vec<Offer> = rivals.iter().map(offer).collect();
        // Running order: amounts, then gifts, each by id.
        let mut running: Vec<usize> = (0..rivals.len()).collect();
        running.sort_by_key(|index| (rivals[*index].2, *index));
        let played = |set: u32| -> Option<i64> {
            let (mut taken, mut left, mut worth) = (0u8, budget, 0);
            for index in running.iter().filter(|index| set >> **index & 1 == 1) {
                let (products, full, gift, limited) = rivals[*index];
                if taken & products != 0 {
                    return None;
                }
                taken |= products;
                let given = match (limited, gift) {
                    (false, _) => full,
                    (true, true) => if full <= left { full } else { 0 },
                    (true, false) => full.min(left),
                };
                left -= if limited { given } else { 0 };
                worth += given;
            }
            Some(worth)
        };
        let best = (0..1u32 << rivals.len()).filter_map(played).max().unwrap();
        let lines: Vec<Value> = (0..PRODUCTS).map(|p| json!({ "sku": format!("P{p}"), "quantity": 1 })).collect();
        let (dealer, now) = (json!({ "schema": 1, "id": "D", "as_of": 0 }), 1_800_000_000_000_i64);
        let quote = quoted(&engine(files(&offers)), &json!({ "order": { "schema": 1, "lines": lines }, "dealer": dealer, "now": now }));
        prop_assert_eq!(cents(&quote["totals"]["discount"]) + cents(&quote["totals"]["gift_value"]), best * 100);
        prop_assert_eq!(&quote["combination"]["proof"], "optimal");
    }
}

/// At each ceiling an input is read, one past it is refused.
#[test]
fn ceilings_of_choices_usage_and_budgets() {
    let most = [limit::GIFT_CHOICES, limit::FACT_USAGE, limit::FACT_BUDGETS, limit::DECLINED];
    let mut policy =
        "policy: { id: many, version: '1' }\nproducts: products.csv\nprices: [{ id: list, by: [sku], table: list.csv }]\n".to_owned();
    policy += "promotions:\n";
    (0..=limit::FACT_USAGE).for_each(|index| writeln!(policy, "  - {{ id: r{index}, get: {{ gift: {{ sku: P }} }} }}").unwrap());
    policy += "budgets:\n";
    (0..=limit::FACT_BUDGETS).for_each(|index| writeln!(policy, "  - {{ id: r{index}, amount: 1 }}").unwrap());
    let files = [("policy.yaml", policy.as_str()), ("products.csv", "sku,unit\nP,EA\n"), ("list.csv", "sku,price\nP,1\n")];
    let engine = engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into());
    let entries = |count: usize, value: Value| -> Value { (0..count).map(|index| (format!("r{index}"), value.clone())).collect() };
    for past in [None, Some(0), Some(1), Some(2), Some(3)] {
        let count = |which: usize| most[which] + usize::from(past == Some(which));
        let input = json!({
            "order": { "schema": 1, "lines": [], "gifts": entries(count(0), json!([])), "decline": vec!["r0"; count(3)] },
            "dealer": {
                "schema": 1, "id": "D", "as_of": 0,
                "usage": entries(count(1), json!({ "dealer": 1 })), "budgets": entries(count(2), json!({ "used": "1.00" })),
            },
            "now": 1_800_000_000_000_i64,
        });
        let answer = wire::quote(&engine, &node(input));
        match past {
            None => assert!(answer.is_ok(), "{answer:?}"),
            Some(_) => assert_eq!(answer.unwrap_err().0.iter().map(|fault| fault.code).collect::<Vec<_>>(), ["LIMIT_EXCEEDED"]),
        }
    }
}
