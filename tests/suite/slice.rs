//! Slices: one dealer's part of a policy answers like the whole, holds nothing that is for others, and refuses everybody else.

use crate::case;
use crate::channel;
use crate::differential::{plain, tree_of};
use crate::laws::{cases, share};
use crate::offers::{CODES, shops};
use crate::random::Random;
use crate::world::{CHANNELS, DEALER_GROUPS, GRADES, REGIONS, TIERS, World, every_world, node};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use qudao::diagnostic::Diagnostics;
use qudao::policy::{Access, Asked, AttributeOf, Audience, Axis, Condition, DealerIs, Node as TreeNode, OneOrMany, Policy};
use qudao::session::Session;
use qudao::wire::{self, Faults, Node};
use qudao::{Engine, check, compile, import, policy_test};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// Worlds of one run; set by `QUDAO_WORLDS`.
const WORLDS: u64 = 2_000;
/// Around the validities that worlds and the sample have, and the last instant before the sample's calendars end.
const NOWS: [&str; 6] = [
    "2026-11-21T10:00:00+08:00",
    "2026-11-20T16:00:00Z",
    "2026-11-20T23:59:59.999+08:00",
    "2026-12-31T16:00:00Z",
    "2026-02-28T12:00:00+08:00",
    "2027-12-31T23:59:59.999+08:00",
];
const SOURCES: [Option<&str>; 4] = [None, Some("portal"), Some("app"), Some("电话")];

/// For whom and when a promotion of a shop is.
const WHENS: [&str; 6] = [
    "",
    "when: { dealer: { grade: A } }",
    "when: { dealer: { except: { grade: A } } }",
    "when: { dealer: { id: E }, order: { source: app } }",
    "when: { order: { source: [portal, app] } }",
    "when: { dealer: { grade: B } }, valid: 2024-01-01 .. 2026-12-31",
];

/// A policy and the slice of one dealer.
pub struct Pair {
    whole: Rc<Engine>,
    slice: Rc<Engine>,
    bytes: Vec<u8>,
}

impl Pair {
    pub fn of(whole: &Rc<Engine>, dealer: &Value) -> Pair {
        let bytes = wire::slice(whole, &node(json!({ "dealer": dealer }))).expect("sound facts").bytes().to_vec();
        let slice = Engine::load(&bytes).unwrap_or_else(|faults| panic!("a slice is a bundle: {faults}"));
        Pair { whole: Rc::clone(whole), slice: Rc::new(slice), bytes }
    }

    fn same<T: PartialEq + std::fmt::Debug>(&self, said: &str, ask: impl Fn(&Rc<Engine>) -> Result<T, Faults>) -> Result<T, Faults> {
        let (whole, slice) = (ask(&self.whole), ask(&self.slice));
        assert_eq!(whole, slice, "{said}");
        whole
    }

    /// Every door but the session. What the whole policy refuses, the slice refuses alike.
    pub fn answers_alike(&self, question: &Value, said: &str) {
        let mut question = question.clone();
        let _ = self.same(said, |engine| wire::quote(engine, &node(question.clone())));
        question["claimed"] = json!({ "result_hash": "another", "payable": "1.00" });
        let _ = self.same(said, |engine| wire::verify(engine, &node(question.clone())));
        question.as_object_mut().expect("an object").remove("claimed");
        question["language"] = json!("zh");
        let _ = self.same(said, |engine| wire::explain(engine, &node(question.clone())));
    }

    pub fn lists_alike(&self, dealer: &Value, now: &str, source: Option<&str>, said: &str) {
        for find in ["", "冰箱", "B"] {
            let input = json!({ "dealer": dealer, "now": now, "source": source, "find": find, "limit": 200 });
            let _ = self.same(said, |engine| wire::catalog(engine, &node(input.clone())));
        }
    }

    /// The same edits in a session of each.
    fn edits_alike(&self, question: &Value, said: &str) {
        let mut input = json!({ "dealer": question["dealer"], "now": question["now"], "source": question["order"]["source"] });
        if question["order"]["ship_to"]["region"] != "无此地" && !question["order"]["ship_to"].is_null() {
            input["ship_to"] = question["order"]["ship_to"].clone();
        }
        let opened = [&self.whole, &self.slice].map(|engine| Session::open(Rc::clone(engine), &node(input.clone())));
        let [mut whole, mut slice] = opened.map(|session| session.unwrap_or_else(|faults| panic!("{said}: {faults}")));
        let entered = node(json!({ "coupons": question["order"]["coupons"], "gifts": question["order"]["gifts"] }));
        assert_eq!(whole.enter(&entered), slice.enter(&entered), "{said}");
        let redeem = node(question["order"]["redeem"].clone());
        assert_eq!(whole.redeem(&redeem), slice.redeem(&redeem), "{said}");
        for line in question["order"]["lines"].as_array().expect("lines") {
            let (sku, quantity) = (line["sku"].as_str().expect("a SKU"), node(line["quantity"].clone()));
            assert_eq!(whole.set(sku, &quantity), slice.set(sku, &quantity), "{said}");
            assert_eq!(whole.changes(), slice.changes(), "{said}");
        }
        assert_eq!((whole.quote(), whole.order(), whole.explain("zh")), (slice.quote(), slice.order(), slice.explain("zh")), "{said}");
    }
}

#[test]
fn a_slice_of_a_random_world_answers_like_the_whole() {
    let worlds = std::env::var("QUDAO_WORLDS").map_or(WORLDS, |text| text.parse().expect("a number"));
    let strategy = every_world();
    let (mut smaller, mut met) = (0_u64, 0_u64);
    for seed in 0..worlds {
        let world = tree_of(&strategy, seed).current();
        let (spread, said) = (usize::try_from(seed).unwrap(), format!("world {seed}"));
        let whole = Rc::new(world.engine());
        let records = whole.policy().tables.record_window.len();
        let mut question = world.question();
        question["dealer"]["lots"] = json!([
            { "id": "a", "balance": "7", "issued": 0 },
            { "id": "b", "balance": "900", "issued": 0, "expires": "2026-12-31T16:00:00Z" },
        ]);
        if let Some((region, _)) = REGIONS.get(spread % 8) {
            question["order"]["ship_to"] = json!({ "region": region });
        } else if spread % 8 == 7 {
            question["order"]["ship_to"] = json!({ "region": "无此地" });
        }
        if spread % 2 == 1 {
            question["order"]["redeem"] = [json!("max"), json!("5")][spread / 2 % 2].clone();
        }
        for dealer in dealers(&question["dealer"], spread) {
            let pair = Pair::of(&whole, &dealer);
            smaller += u64::from(pair.slice.policy().tables.record_window.len() < records);
            question["dealer"] = dealer.clone();
            for (at, now) in [world.settings.now].into_iter().chain(NOWS).enumerate().filter(|(at, _)| *at == 0 || at % 3 == spread % 3) {
                question["now"] = json!(now);
                let source = SOURCES[(spread + at) % SOURCES.len()];
                match source {
                    Some(source) if at > 0 => question["order"]["source"] = json!(source),
                    _ => {}
                }
                pair.answers_alike(&question, &said);
                pair.lists_alike(&dealer, now, source, &said);
            }
            pair.edits_alike(&question, &said);
            met += every_record_is_met(&pair.slice, &question, &said);
        }
    }
    println!("{worlds} worlds, {} dealers, {smaller} slices with fewer records, {met} records met", worlds * 3);
    // What registered tables hold is left out of the records that are met: about half of the worlds have some.
    assert!(worlds < WORLDS || (smaller > worlds && met > worlds / 2), "{smaller} {met}");
}

proptest! {
    #![proptest_config(cases(400))]

    /// Coupons, gifts, limits and budgets, some of them for others: an order may name any of them, and facts of a slice too.
    #[test]
    fn a_slice_of_a_random_shop_answers_like_the_whole(
        mut shop in shops(),
        whens in prop::collection::vec(select(WHENS.to_vec()), 6),
        codes in prop::collection::vec(prop::option::weighted(0.7, select(CODES.to_vec())), 6),
        chosen in prop::collection::vec((0usize..8, prop::sample::subsequence(vec!["G0", "G1", "P0", "P1"], 0..=4)), 0..4),
        grade in select(vec![None, Some("A"), Some("B")]),
        (source, now) in (select(SOURCES.to_vec()), select(vec![1_800_000_000_000_i64, 1_790_000_000_000])),
    ) {
        for (offer, (when, code)) in shop.offers.iter_mut().zip(whens.into_iter().zip(codes)) {
            (offer.when, offer.coupon) = (when, code);
        }
        let whole = Rc::new(shop.engine());
        let mut question = shop.input();
        question["now"] = json!(now);
        question["order"]["source"] = json!(source);
        for (rule, skus) in chosen {
            question["order"]["gifts"][format!("r{rule}")] = json!(skus);
        }
        for (id, grade) in [("D", grade), ("E", Some("A"))] {
            question["dealer"]["id"] = json!(id);
            question["dealer"]["grade"] = json!(grade);
            let pair = Pair::of(&whole, &question["dealer"]);
            prop_assert!(wire::quote(&pair.slice, &node(question.clone())).is_ok());
            pair.answers_alike(&question, "a shop");
            pair.lists_alike(&question["dealer"], NOWS[0], source, "a shop");
            pair.edits_alike(&question, "a shop");
            let (all, own) = (&whole.policy().tables, &pair.slice.policy().tables);
            prop_assert!(own.coupon_hash.len() <= all.coupon_hash.len());
            prop_assert!((0..own.budget_text.len()).all(|budget| own.rule_budget.iter().any(|of| *of as usize == budget)));
        }
    }
}

/// Every question of a case that has an answer has the same one from the slice of its dealer.
#[test]
fn a_slice_answers_every_case_like_the_whole() {
    for case in case::all("good", &["case", "says", "source", "files", "tests"]) {
        let mut imported = import::files(case::files(&case));
        let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("a good case");
        let whole = Rc::new(Engine::load(compile::compile(&checked).bytes()).expect("a bundle"));
        for test in policy_test::read(&case.tree, |_| None, &mut Diagnostics::default()) {
            if wire::quote(&whole, &test.input).is_ok() {
                let question = plain(&test.input);
                Pair::of(&whole, &question["dealer"]).answers_alike(&question, &format!("{}: {}", case.name, test.name));
            }
        }
    }
}

/// What is reserved for another dealer has neither price nor name nor category in a slice, and the other dealer is not in it.
#[test]
fn a_slice_holds_no_price_or_name_of_what_is_hidden_for_good() {
    let world = World::contest(&[]);
    let more = format!("assortment: [{{ on: {{ sku: '{}' }}, when: {{ dealer: {{ id: RESERVED }} }}, state: orderable }}]", World::sku(0));
    let whole = Rc::new(channel::engine(&world, &more));
    let mut facts = world.question()["dealer"].clone();
    for (id, hidden) in [("RESERVED", false), ("OTHER", true)] {
        facts["id"] = json!(id);
        let slice = Pair::of(&whole, &facts);
        let t = &slice.slice.policy().tables;
        let product = slice.slice.policy().product(&World::sku(0)).expect("every SKU stays");
        assert_eq!(t.entries(qudao::id::AccessId(0), product).is_empty(), hidden, "{id}");
        assert_eq!(count(&slice.bytes, b"RESERVED") == 0, hidden, "{id}");
        if hidden {
            let at = product.index();
            assert_eq!([t.product_category[at], t.product_brand[at]], [qudao::bundle::NONE; 2]);
            assert!([t.product_zh[at], t.product_en[at]].iter().all(|name| t.text(qudao::id::TextId(*name)).is_empty()));
        }
    }
}

/// The world's own dealer, and two others of the same facts otherwise.
fn dealers(own: &Value, seed: usize) -> [Value; 3] {
    let other = |seed: usize| {
        let mut dealer = own.clone();
        let pick = |list: &[&'static str], seed: usize| list.get(seed % (list.len() + 1)).copied();
        dealer["id"] = json!(["D1", "D2", "新"][seed % 3]);
        let [regions, groups] =
            [REGIONS.to_vec(), DEALER_GROUPS.to_vec()].map(|tree| tree.into_iter().map(|(id, _)| id).collect::<Vec<_>>());
        let values = [
            ("grade", pick(&GRADES, seed / 3)),
            ("region", pick(&regions, seed / 9)),
            ("channel", pick(&CHANNELS, seed / 54)),
            ("group", pick(&groups, seed / 162)),
        ];
        for (key, value) in values {
            match value {
                Some(value) => dealer[key] = json!(value),
                None => drop(dealer.as_object_mut().expect("an object").remove(key)),
            }
        }
        if let Some(tier) = pick(&TIERS, seed / 810) {
            dealer["attributes"]["tier"] = json!(tier);
        }
        dealer
    };
    [own.clone(), other(seed), other(seed.wrapping_mul(2_654_435_761) >> 3)]
}

/// Every price and floor record of a slice decides at some instant; how many there are. Instants are tried wherever a validity begins.
/// Tables whose scales begin above the first unit are left alone: there the slice keeps what it cannot rule out in short.
fn every_record_is_met(engine: &Engine, question: &Value, said: &str) -> u64 {
    use qudao::facts::DealerFacts;
    use qudao::id::{AccessId, ProductId, RecordId};
    use qudao::time::Instant;
    use qudao::waterfall::{Context, Wanted, hit};
    let (policy, t) = (engine.policy(), &engine.policy().tables);
    let first_band = |record: usize| t.band_from[t.bands(RecordId(u32::try_from(record).unwrap())).start];
    // Where the order decides which records are met, more than one table has a say.
    let is_registered = |record: usize| t.registration(RecordId(u32::try_from(record).unwrap())).is_some();
    let by_order = |record: usize| {
        first_band(record) > 1 || t.record_unit[record] != qudao::bundle::NONE || t.record_end[record] >= 0 || is_registered(record)
    };
    let plain = [&t.access_basis, &t.access_measure].iter().all(|column| column.iter().all(|code| *code == 0));
    // Beyond this ceiling a slice does not tell apart what the times of a validity leave over.
    let often = |window: &u32| t.occurrences(*window).count() > qudao::limit::SLICE_INTERVALS;
    if !plain || (0..t.record_window.len()).any(by_order) || t.record_window.iter().any(often) {
        return 0;
    }
    let value = |axis, key: &str| policy.value(axis, question["dealer"][key].as_str()?);
    let dealer = DealerFacts {
        id: question["dealer"]["id"].as_str().expect("an id").to_owned(),
        as_of: Instant(0),
        dealer: value(qudao::bundle::Dimension::Dealer, "id"),
        grade: value(qudao::bundle::Dimension::Grade, "grade"),
        region: value(qudao::bundle::Dimension::Region, "region"),
        channel: value(qudao::bundle::Dimension::Channel, "channel"),
        group: value(qudao::bundle::Dimension::Group, "group"),
        grade_before: None,
        contract_date: None,
        credit: None,
        on_hold: false,
        licences: Vec::new(),
        bought: Vec::new(),
        volumes: Vec::new(),
        programs: Vec::new(),
        kpis: Vec::new(),
        usage: Vec::new(),
        orders: None,
        lots: Vec::new(),
        registrations: Vec::new(),
        adjustments: Vec::new(),
        contests: Vec::new(),
        stock: Vec::new(),
        inventory: Vec::new(),
        budgets: Vec::new(),
        attributes: question["dealer"]["attributes"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_str().expect("a text").to_owned()))
            .collect(),
    };
    let c = &policy.constants;
    let ends = t.window_from.iter().chain(&t.window_to).copied().chain([c.valid.from.0]);
    let nows: BTreeSet<i64> = ends.filter(|now| c.valid.contains(Instant(*now)) && Instant(*now) < c.horizon).collect();
    let mut met = vec![false; t.record_window.len()];
    let sources = [None, Some("portal"), Some("app")];
    for (now, source) in nows.into_iter().flat_map(|now| sources.map(|source| (now, source))) {
        let context = Context::new(policy, &dealer, source, Instant(now), None);
        for product in (0..u32::try_from(t.product_sku.len()).unwrap()).map(ProductId) {
            for accesses in c.access_start.windows(2).map(|ends| ends[0]..ends[1]) {
                // Where prices compete, every access has a say.
                let most = if c.resolution == qudao::policy::Resolution::MostSpecific || accesses.start > 0 { 1 } else { usize::MAX };
                let wanted = Wanted { product, unit: None };
                for hit in accesses.map(AccessId).filter_map(|access| hit(policy, &context, access, wanted)).take(most) {
                    met[hit.record.index()] = true;
                }
            }
        }
    }
    assert!(met.iter().all(|met| *met), "{said}: {met:?}");
    met.len() as u64
}

struct Sample {
    policy: Policy,
    whole: Rc<Engine>,
    bytes: Vec<u8>,
    dealers: Vec<Value>,
    /// `{ order, dealer, now }` of the policy's own tests.
    orders: Vec<Value>,
}

fn sample() -> Sample {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/haofeng");
    let mut imported = import::folder(&folder);
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics).expect("the sample is sound");
    // With the rows of formulas, and the old side, which checking keeps apart.
    let policy = Policy { old: checked.old().map(|old| Box::new(old.policy().clone())), ..checked.policy().clone() };
    let bytes = compile::compile(&checked).bytes().to_vec();
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join("dealers")).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let dealers = files.iter().map(|file| serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()).collect();
    let orders = imported.tests.iter().map(|test| crate::differential::plain(&test.input)).collect();
    Sample { policy, whole: Rc::new(Engine::load(&bytes).unwrap()), bytes, dealers, orders }
}

#[test]
fn every_sample_dealer_has_the_same_answers_from_its_slice() {
    let sample = sample();
    let mut asked = 0;
    for dealer in &sample.dealers {
        let pair = Pair::of(&sample.whole, dealer);
        let said = dealer["id"].as_str().expect("an id");
        let some = usize::try_from(100 / share(100)).expect("few");
        for (number, order) in sample.orders.iter().enumerate().step_by(some) {
            let mut question = order.clone();
            question["dealer"] = dealer.clone();
            pair.answers_alike(&question, said);
            pair.edits_alike(&question, said);
            question["now"] = json!(NOWS[number % NOWS.len()]);
            question["order"]["source"] = SOURCES[number % SOURCES.len()].map_or(Value::Null, |source| json!(source));
            pair.answers_alike(&question, said);
            asked += 2;
        }
        for now in NOWS {
            SOURCES.iter().for_each(|source| pair.lists_alike(dealer, now, *source, said));
        }
    }
    println!("{asked} questions of {} dealers", sample.dealers.len());
    assert!(asked > 100);
}

#[test]
fn a_slice_refuses_facts_of_others_and_names_place_and_cure() {
    let world = World::contest(&[]);
    let own = json!({ "schema": 1, "id": "D1", "as_of": 0, "grade": "甲", "region": "杭州", "channel": "online" });
    let pair = Pair::of(&Rc::new(world.engine()), &own);
    let mut question = world.question();
    let mut refused = |change: &[(&str, Value)]| -> Vec<(String, String)> {
        question["dealer"] = own.clone();
        for (key, value) in change {
            question["dealer"][*key] = value.clone();
        }
        let faults = wire::quote(&pair.slice, &node(question.clone())).err().map_or(Vec::new(), |faults| faults.0);
        assert!(faults.iter().all(|fault| fault.code == "SLICE_FOREIGN" && fault.help.contains("engine.slice({ dealer })")), "{faults:?}");
        faults.into_iter().map(|fault| (fault.path, fault.value)).collect()
    };
    let at = |path: &str, value: &str| (format!("dealer.{path}"), value.to_owned());
    assert_eq!(refused(&[]), []);
    assert_eq!(refused(&[("id", json!("D2"))]), [at("id", "D2")]);
    assert_eq!(refused(&[("grade", json!("乙"))]), [at("grade", "乙")]);
    assert_eq!(refused(&[("grade", Value::Null)]), [at("grade", "nothing")]);
    // One above the own region stays in the slice, and is another dealer's all the same.
    assert_eq!(refused(&[("region", json!("浙江"))]), [at("region", "浙江")]);
    // What the policy does not know, a slice cannot know to be unknown.
    assert_eq!(refused(&[("channel", json!("none such"))]), [at("channel", "none such")]);
    let all = [("id", json!("x")), ("grade", json!("乙")), ("region", json!("华南")), ("channel", json!("offline"))];
    assert_eq!(refused(&all), [at("id", "x"), at("grade", "乙"), at("region", "华南"), at("channel", "offline")]);

    let slice_of_slice = |dealer: &Value| wire::slice(&pair.slice, &node(json!({ "dealer": dealer })));
    assert_eq!(slice_of_slice(&own).expect("the same dealer").bytes(), pair.bytes, "a slice of a slice is the slice");
    assert_eq!(slice_of_slice(&json!({ "schema": 1, "id": "D2", "as_of": 0 })).expect_err("another dealer").0.len(), 4);
    // A dealer without grade, region and channel is no other dealer's either.
    let bare = Pair::of(&pair.whole, &json!({ "schema": 1, "id": "D1", "as_of": 0 }));
    question["dealer"] = own;
    assert_eq!(wire::quote(&bare.slice, &node(question)).expect_err("another dealer").0.len(), 3);
}

#[test]
fn a_slice_says_whom_it_is_for_and_what_it_is_cut_from() {
    let Sample { whole, dealers, .. } = sample();
    let info = |engine: &Engine| serde_json::from_str::<Value>(&wire::policy_info(engine)).expect("JSON");
    assert_eq!(info(&whole)["slice_for"], Value::Null);
    let slice = Pair::of(&whole, &dealers[0]).slice;
    let (whole, slice) = (info(&whole), info(&slice));
    assert_eq!(slice["slice_for"], dealers[0]["id"]);
    let of_both =
        ["id", "version", "name", "bundle", "engine", "currency", "digits", "zone", "valid_from", "valid_to", "horizon", "brands"];
    for key in of_both {
        assert_eq!(slice[key], whole[key], "{key}");
    }
    for key in ["promotions", "programs", "accesses", "grades", "regions", "channels", "categories"] {
        let part: Vec<_> = slice[key].as_object().expect("names").iter().collect();
        assert!(!part.is_empty() && part.iter().all(|(id, name)| whole[key][id.as_str()] == **name), "{key}");
    }
    assert_eq!(slice["grades"].as_object().map(serde_json::Map::len), Some(1));
}

#[test]
fn a_changed_slice_is_refused_like_any_bundle() {
    const HASH: std::ops::Range<usize> = 8..40;
    let Sample { whole, dealers, orders, .. } = sample();
    let Pair { bytes: sound, .. } = Pair::of(&whole, &dealers[0]);
    let dealer = &dealers[0];
    let questions: Vec<Node> = orders
        .into_iter()
        .map(|mut order| {
            order["dealer"] = dealer.clone();
            node(order)
        })
        .collect();
    let mut random = Random(20_261_121);
    let mut below = |count: usize| random.index(count);
    let mut answered = 0;
    for _ in 0..1_000 {
        let mut bytes = sound.clone();
        // The head, where the slice says what it is, is met more often than its share.
        let head = if below(4) == 0 { 64 } else { sound.len() - HASH.end };
        bytes[HASH.end + below(head)] ^= 1 << below(8);
        assert_eq!(Engine::load(&bytes).expect_err("a damaged slice").0[0].code, "BUNDLE_HASH");
        let hash = Sha256::digest(&bytes[HASH.end..]);
        bytes[HASH].copy_from_slice(&hash);
        match Engine::load(&bytes) {
            Err(faults) => assert_eq!(faults.0[0].code, "BUNDLE_BROKEN"),
            Ok(engine) => {
                wire::policy_info(&engine);
                answered += questions.iter().filter(|question| wire::quote(&engine, question).is_ok()).count();
                let _ = wire::slice(&engine, &node(json!({ "dealer": dealer })));
            }
        }
    }
    assert!(answered > 1_000, "evaluation is hardly reached: {answered}");
}

/// A mutated whole policy may be cut too: no panic, whatever it holds.
#[test]
fn cutting_a_mutated_policy_never_panics() {
    let Sample { bytes: sound, dealers, .. } = sample();
    let mut random = Random(7);
    let mut below = |count: usize| random.index(count);
    let mut cut = 0;
    for round in 0..2_400 {
        let mut bytes = sound.clone();
        for _ in 0..=below(3) {
            let at = 40 + below(bytes.len() - 40);
            bytes[at] = [bytes[at].wrapping_add(1), bytes[at] ^ (1 << below(8)), 0xff][below(3)];
        }
        let hash = Sha256::digest(&bytes[40..]);
        bytes[8..40].copy_from_slice(&hash);
        let Ok(engine) = Engine::load(&bytes) else { continue };
        cut += u64::from(wire::slice(&engine, &node(json!({ "dealer": dealers[round % dealers.len()] }))).is_ok());
    }
    assert!(cut > 300, "only {cut} were cut");
}

/// What one dealer may know of the policy, from the files as their author wrote them.
struct Dealer<'a> {
    policy: &'a Policy,
    facts: &'a Value,
}

impl Dealer<'_> {
    fn is(&self, key: &str, id: &str) -> bool {
        self.facts[key].as_str() == Some(id)
    }

    fn is_inside(&self, region: &str) -> bool {
        let above = |id: &str| self.policy.regions.iter().find(|node| node.id == id).and_then(|node| node.parent.as_deref());
        std::iter::successors(self.facts["region"].as_str(), |id| above(id)).any(|id| id == region)
    }

    fn is_in_group(&self, group: &str) -> bool {
        let above = |id: &str| self.policy.dealer_groups.iter().find(|node| node.id == id).and_then(|node| node.parent.as_deref());
        std::iter::successors(self.facts["group"].as_str(), |id| above(id)).any(|id| id == group)
    }

    fn has(&self, attribute: &str, value: &str) -> bool {
        self.facts["attributes"][attribute].as_str() == Some(value)
    }

    fn is_in(&self, audience: &Audience) -> bool {
        let fields = |audience: &Audience| {
            let any = |ids: Option<&OneOrMany>, holds: &dyn Fn(&str) -> bool| ids.map(|ids| ids.0.iter().any(|id| holds(id)));
            let own = audience.attributes.iter().map(|(attribute, values)| any(Some(values), &|value| self.has(attribute, value)));
            let fixed = [
                any(audience.id.as_ref(), &|id| self.is("id", id)),
                any(audience.grade.as_ref(), &|id| self.is("grade", id)),
                any(audience.region.as_ref(), &|id| self.is_inside(id)),
                any(audience.channel.as_ref(), &|id| self.is("channel", id)),
                any(audience.group.as_ref(), &|id| self.is_in_group(id)),
            ];
            fixed.into_iter().chain(own).collect::<Vec<_>>()
        };
        !fields(audience).contains(&Some(false)) && !audience.except.as_ref().is_some_and(|except| fields(except).contains(&Some(true)))
    }

    /// Whether a promotion or program of this dealer gives from the budget.
    fn draws_on(&self, budget: &str) -> bool {
        let mut own = self.policy.promotions.iter().filter(|promotion| self.is_in(&promotion.when.dealer));
        let mut programs = self.policy.programs.iter().filter(|program| self.is_in(&program.when.dealer));
        own.any(|promotion| promotion.budget.as_deref() == Some(budget))
            || programs.any(|program| program.budget.as_deref() == Some(budget))
    }

    fn is_key(&self, access: &Access, key: &[String]) -> bool {
        access.by.iter().zip(key).all(|(axis, id)| match axis {
            Axis::Dealer => self.is("id", id),
            Axis::Grade => self.is("grade", id),
            Axis::Region => self.is_inside(id),
            Axis::Channel => self.is("channel", id),
            Axis::Sku | Axis::Category | Axis::Brand => true,
            Axis::DealerGroup => self.is_in_group(id),
            Axis::Attribute(at) => match &self.policy.attributes[*at as usize] {
                attribute if attribute.of == AttributeOf::Dealer => self.has(&attribute.id, id),
                _ => true,
            },
        })
    }

    /// Texts that are about others.
    fn secret_texts(&self, dealers: &[Value]) -> BTreeSet<String> {
        let mut secrets = BTreeSet::new();
        let mut hide = |texts: &[&String]| secrets.extend(texts.iter().map(|text| (*text).clone()));
        let of = |nodes: &[TreeNode], own: &dyn Fn(&str) -> bool| -> Vec<TreeNode> {
            nodes.iter().filter(|node| !own(&node.id)).cloned().collect()
        };
        let others = [of(&self.policy.grades, &|id| self.is("grade", id)), of(&self.policy.channels, &|id| self.is("channel", id))];
        let groups = of(&self.policy.dealer_groups, &|id| self.is_in_group(id));
        let values = self.policy.attributes.iter().filter(|attribute| attribute.of == AttributeOf::Dealer);
        let values = values.flat_map(|attribute| of(attribute.values.as_deref().unwrap_or_default(), &|id| self.has(&attribute.id, id)));
        for node in others.into_iter().flatten().chain(groups).chain(values) {
            hide(&[&node.id, &node.name.zh, &node.name.en]);
        }
        for promotion in self.policy.promotions.iter().filter(|promotion| !self.is_in(&promotion.when.dealer)) {
            hide(&[&promotion.id, &promotion.name.zh, &promotion.name.en]);
        }
        for budget in self.policy.budgets.iter().filter(|budget| !self.draws_on(&budget.id)) {
            hide(&[&budget.id, &budget.name.zh, &budget.name.en]);
        }
        for program in self.policy.programs.iter().filter(|program| !self.is_in(&program.when.dealer)) {
            hide(&[&program.id, &program.name.zh, &program.name.en]);
        }
        let rows = || {
            self.policy
                .prices
                .iter()
                .chain(&self.policy.floors)
                .filter_map(|access| Some((access, access.by.iter().position(|axis| *axis == Axis::Dealer)?)))
        };
        let keys = rows().flat_map(|(access, at)| access.rows.iter().map(move |row| row.key[at].clone()));
        secrets.extend(keys);
        secrets.extend(dealers.iter().filter_map(|dealer| dealer["id"].as_str().map(str::to_owned)));
        secrets.remove(self.facts["id"].as_str().expect("an id"));
        secrets.remove("");
        // Every price names the tables that were searched before it.
        for access in &self.policy.prices {
            for told in [&access.id, &access.name.zh, &access.name.en] {
                secrets.remove(told);
            }
        }
        self.needed().iter().for_each(|text| _ = secrets.remove(text));
        secrets
    }

    /// What conditions under `if` say that they need of the dealer, with its names.
    fn needed(&self) -> Vec<String> {
        let mut needed = Vec::new();
        let mut tell = |nodes: &[TreeNode], ids: &OneOrMany| {
            let named = nodes.iter().filter(|node| ids.0.contains(&node.id));
            needed.extend(named.flat_map(|node| [node.id.clone(), node.name.zh.clone(), node.name.en.clone()]));
        };
        self.conditions(&mut |condition| {
            for DealerIs { id: _, grade, region, channel, group, contract_date: _, attributes } in condition.dealer.iter() {
                let Policy { grades, regions, channels, dealer_groups, .. } = self.policy;
                for (ids, nodes) in [(grade, grades), (region, regions), (channel, channels), (group, dealer_groups)] {
                    ids.iter().for_each(|ids| tell(nodes, ids));
                }
                for attribute in &self.policy.attributes {
                    let ids = attributes.get(&attribute.id);
                    ids.iter().for_each(|ids| tell(attribute.values.as_deref().unwrap_or_default(), ids));
                }
            }
        });
        needed
    }

    /// The conditions of the promotions that are the dealer's.
    fn conditions(&self, look: &mut impl FnMut(&Condition)) {
        let own = self.policy.promotions.iter().filter(|promotion| self.is_in(&promotion.when.dealer));
        own.filter_map(|promotion| promotion.condition.as_ref()).for_each(|condition| condition.each(look));
    }

    /// The same dealer before the old policy, if it may still be his.
    fn before(&self) -> Option<Dealer<'_>> {
        let old = self.policy.old.as_deref().filter(|_| self.facts["contract_date"].is_string())?;
        Some(Dealer { policy: old, facts: self.facts })
    }

    /// Everything that this dealer may read, one text a line.
    fn told_texts(&self) -> String {
        let Policy { settings, brands, categories, products, prices, floors, groups, .. } = self.policy;
        let mut texts = vec![&settings.id, &settings.version, &settings.name.zh, &settings.name.en, &settings.currency, &settings.zone];
        let nodes = brands.iter().chain(categories);
        // An order may name any region to be delivered to.
        let own = self.policy.regions.iter().chain(self.policy.grades.iter().filter(|grade| self.is("grade", &grade.id)));
        let own = own.chain(self.policy.channels.iter().filter(|channel| self.is("channel", &channel.id)));
        nodes.chain(own).for_each(|node| texts.extend([&node.id, &node.name.zh, &node.name.en]));
        products.iter().for_each(|product| texts.extend([&product.sku, &product.unit, &product.name.zh, &product.name.en]));
        prices.iter().chain(floors).for_each(|access| texts.extend([&access.id, &access.name.zh, &access.name.en]));
        self.policy.recommended.iter().for_each(|access| texts.push(&access.id));
        groups.iter().for_each(|group| texts.push(&group.id));
        // Facts may hold lots of any scope.
        texts.extend(self.policy.redemption.iter().flat_map(|redemption| &redemption.scopes).map(|scope| &scope.id));
        texts.extend(products.iter().flat_map(|product| &product.units).map(|unit| &unit.id));
        self.policy.attributes.iter().for_each(|attribute| texts.extend([&attribute.id, &attribute.name.zh, &attribute.name.en]));
        for attribute in self.policy.attributes.iter().filter(|attribute| attribute.of == AttributeOf::Dealer) {
            let own = attribute.values.iter().flatten().filter(|value| self.has(&attribute.id, &value.id));
            own.for_each(|value| texts.extend([&value.id, &value.name.zh, &value.name.en]));
        }
        let groups = self.policy.dealer_groups.iter().filter(|group| self.is_in_group(&group.id));
        groups.for_each(|group| texts.extend([&group.id, &group.name.zh, &group.name.en]));
        texts.extend(self.policy.checks.iter().filter(|check| self.is_in(&check.when.dealer)).map(|check| &check.id));
        for promotion in self.policy.promotions.iter().filter(|promotion| self.is_in(&promotion.when.dealer)) {
            texts.extend([&promotion.id, &promotion.name.zh, &promotion.name.en]);
            texts.extend(promotion.when.order.source.iter().flat_map(|sources| &sources.0));
        }
        for budget in self.policy.budgets.iter().filter(|budget| self.draws_on(&budget.id)) {
            texts.extend([&budget.id, &budget.name.zh, &budget.name.en]);
        }
        for program in self.policy.programs.iter().filter(|program| self.is_in(&program.when.dealer)) {
            texts.extend([&program.id, &program.name.zh, &program.name.en]);
            // Facts that list two programs of a choice are refused with its id.
            texts.extend(&program.one_of);
            for orders in [Some(&program.orders), program.orders.except.as_deref()].into_iter().flatten() {
                texts.extend(orders.source.iter().chain(orders.attributes.values()).flat_map(|values| &values.0));
            }
        }
        texts.extend(self.policy.aliases.iter().map(|alias| &alias.alias));
        for freight in self.policy.freight.iter().filter(|freight| self.is_in(&freight.when.dealer)) {
            texts.extend([&freight.id, &freight.name.zh, &freight.name.en]);
        }
        texts.extend(self.policy.approvals.iter().map(|access| &access.id));
        self.policy.kpis.iter().for_each(|kpi| texts.extend([&kpi.id, &kpi.name.zh, &kpi.name.en]));
        let own = self.policy.programs.iter().filter(|program| self.is_in(&program.when.dealer));
        texts.extend(own.flat_map(|program| program.split.iter().map(|split| &split.to)));
        let own = self.policy.promotions.iter().filter(|promotion| self.is_in(&promotion.when.dealer));
        texts.extend(own.filter_map(|promotion| Some(&promotion.get.as_ref()?.earn.as_ref()?.id)));
        let own = self.policy.checks.iter().filter(|check| self.is_in(&check.when.dealer));
        texts.extend(own.filter_map(|check| check.source.as_ref()).flat_map(|sources| &sources.0));
        let rows = prices.iter().flat_map(|access| access.rows.iter().filter(|row| self.is_key(access, &row.key)));
        let registrations = rows.filter_map(|row| row.registration.as_deref());
        registrations.for_each(|registration| texts.extend([&registration.number].into_iter().chain(&registration.approver)));
        for attribute in self.policy.attributes.iter().filter(|attribute| attribute.of == AttributeOf::Order) {
            attribute.values.iter().flatten().for_each(|value| texts.extend([&value.id, &value.name.zh, &value.name.en]));
        }
        let mut told: Vec<String> = texts.into_iter().cloned().collect();
        self.conditions(&mut |condition| {
            let sources = condition.order.iter().flat_map(|order| &order.source).flat_map(|sources| &sources.0);
            told.extend(sources.cloned());
            told.extend(condition.order_number.iter().filter_map(|number| number.source.clone()));
            told.extend(condition.cart.iter().flat_map(|cart| [cart.name.zh.clone(), cart.name.en.clone()]));
        });
        told.extend(self.needed());
        if let (Some(before), Some(transition)) = (self.before(), &self.policy.transition) {
            told.push(before.told_texts());
            // Until when the old policy counts for how much.
            told.push(transition.cohort.contract_before.clone());
            told.push(self.facts["contract_date"].as_str().expect("a day").to_owned());
            told.extend((0..1600).map(|day| (jiff::civil::date(2026, 1, 5) + jiff::Span::new().days(day)).to_string()));
        }
        told.push("lifetime".into());
        told.extend(
            self.policy
                .programs
                .iter()
                .filter_map(|program| program.calendar.as_ref())
                .flat_map(|calendar| &calendar.dates)
                .map(|dates| dates.replace(' ', "")),
        );
        told.extend((2025..=2030).map(|year| format!("FY{year}")));
        told.extend((0..1600).map(|day| jiff::civil::date(2026, 1, 5) + jiff::Span::new().days(day)).map(|day| format!("W{day}")));
        // Labels of periods, and what a slice says of itself.
        told.extend((2026..=2029).flat_map(|year| (1..=12).map(move |month| format!("{year}-{month:02}"))));
        told.extend((2026..=2029).flat_map(|year| ["Q1", "Q2", "Q3", "Q4", "H1", "H2"].map(|part| format!("{year}-{part}"))));
        told.extend((2026..=2029).map(|year| year.to_string()));
        told.push(self.facts["id"].as_str().expect("an id").to_owned());
        told.join("\n")
    }

    /// Prices and floors of rows whose keys are not this dealer's, and that no own row has too; as integers at the scale of unit prices.
    fn secret_prices(&self, digits: u32) -> BTreeSet<i64> {
        let rows = || {
            self.policy
                .prices
                .iter()
                .chain(&self.policy.floors)
                .flat_map(|access| access.rows.iter().map(move |row| (self.is_key(access, &row.key), row)))
        };
        let scaled = |row: &qudao::policy::PriceRow| row.price.scaled(qudao::num::Scale(digits)).expect("checked");
        let mut own: BTreeSet<i64> = rows().filter(|(own, _)| *own).map(|(_, row)| scaled(row)).collect();
        let further = self.policy.approvals.iter().chain(&self.policy.recommended);
        own.extend(further.flat_map(|access| &access.rows).map(scaled));
        if let Some(before) = self.before() {
            let rows = before.policy.prices.iter().flat_map(|access| access.rows.iter().filter(|row| before.is_key(access, &row.key)));
            own.extend(rows.map(scaled));
        }
        rows().filter(|(own, _)| !*own).map(|(_, row)| scaled(row)).filter(|price| !own.contains(price)).collect()
    }
}

/// How often bytes occur.
fn count(bytes: &[u8], needle: &[u8]) -> usize {
    bytes.windows(needle.len()).filter(|window| *window == needle).count()
}

/// Texts are searched as bytes in the whole file. Those that are a part of what this dealer is told anyway (the id `A` of a grade, a region inside the name of
/// a promotion) are compared with each text of the file instead. Prices are searched as the eight bytes that a record holds, aligned as columns are.
#[test]
fn a_slice_holds_no_secret_of_the_sample_and_the_whole_policy_holds_all() {
    let Sample { policy, whole, bytes, dealers, .. } = sample();
    let digits = whole.policy().constants.unit_scale.0;
    let texts_of = |engine: &Engine| -> BTreeSet<String> {
        let t = &engine.policy().tables;
        (0..u32::try_from(t.text_end.len()).unwrap()).map(|id| t.text(qudao::id::TextId(id)).to_owned()).collect()
    };
    let longs_of =
        |bytes: &[u8]| -> BTreeSet<i64> { bytes[40..].as_chunks::<8>().0.iter().map(|long| i64::from_le_bytes(*long)).collect() };
    let (whole_texts, whole_longs) = (texts_of(&whole), longs_of(&bytes));
    // Figures that are no prices may equal a price; a price like these proves nothing.
    let t = &whole.policy().tables;
    let columns = [
        &t.step_from,
        &t.step_value,
        &t.rule_interval,
        &t.rule_origin,
        &t.rule_times,
        &t.tier_from,
        &t.tier_value,
        &t.band_from,
        &t.rule_share,
        &t.rule_units,
        &t.clause_from,
        &t.clause_to,
        &t.product_weight,
        &t.registration_limit,
        &t.registration_period_limit,
        &t.budget_amount,
        &t.program_cap_volume,
        &t.program_cap_amount,
        &t.program_guarantee,
        &t.modifier_each,
        &t.modifier_band_from,
        &t.modifier_band_value,
        &t.need_value,
        &t.split_share,
        &t.period_lift,
        &t.tier_every,
        &t.tier_excess,
        &t.freight_amount,
        &t.freight_weight,
        &t.freight_charge,
        &t.freight_per,
        &t.check_low,
        &t.check_high,
        &t.access_broken,
    ];
    let figures: BTreeSet<i64> = columns.into_iter().flatten().copied().collect();
    let [mut searched, mut compared, mut prices] = [0; 3];
    for facts in &dealers {
        let id = facts["id"].as_str().expect("an id");
        let dealer = Dealer { policy: &policy, facts };
        let slice = Pair::of(&whole, facts);
        let (texts, longs) = (texts_of(&slice.slice), longs_of(&slice.bytes));
        let told = dealer.told_texts();
        let hash = &whole.policy().hash;
        let known: BTreeSet<&str> = told.split('\n').collect();
        let untold: Vec<&String> = texts.iter().filter(|text| *text != hash && !known.contains(text.as_str())).collect();
        assert!(untold.is_empty(), "{id}: the slice has the texts {untold:?}");
        for secret in dealer.secret_texts(&dealers) {
            // Dealers that the policy does not name are in no bundle.
            let named = whole_texts.contains(&secret);
            let known_to_files = policy_names(&policy, &secret);
            assert_eq!(named, known_to_files, "{id}: `{secret}` in the whole policy");
            assert!(!texts.contains(&secret), "{id}: the slice has the text `{secret}`");
            if told.contains(&secret) {
                compared += 1;
            } else {
                searched += 1;
                assert_eq!(count(&slice.bytes, secret.as_bytes()), 0, "{id}: `{secret}` is in the slice");
                assert!(!named || count(&bytes, secret.as_bytes()) > 0, "`{secret}` is not found in the whole policy");
            }
        }
        for price in dealer.secret_prices(digits).difference(&figures) {
            prices += 1;
            assert!(whole_longs.contains(price), "{id}: {price} is not found in the whole policy");
            assert!(!longs.contains(price), "{id}: the slice has the price {price} of others");
        }
        // What stays may be counted: nobody else's scopes, no rule of others.
        let t = &slice.slice.policy().tables;
        let rules = policy.promotions.iter().filter(|promotion| dealer.is_in(&promotion.when.dealer)).count();
        let programs = policy.programs.iter().filter(|program| dealer.is_in(&program.when.dealer)).count();
        assert!(t.rule_text.len() <= rules && t.program_text.len() <= programs, "{id}");
        assert_eq!(
            t.term_axis.iter().filter(|axis| t.is_of_dealer(qudao::bundle::Dimension::at(**axis))).count(),
            0,
            "{id}: conditions on the dealer"
        );
        println!(
            "{id}: {} of {} bytes, {} of {} records",
            slice.bytes.len(),
            bytes.len(),
            t.record_window.len(),
            whole.policy().tables.record_window.len()
        );
    }
    println!("{searched} texts searched, {compared} compared, {prices} prices");
    assert!(searched > 100 && prices > 100, "{searched} {prices}");
}

/// Of a coupon a slice has the hash, of a budget the id, the names and the amount: only where one of the dealer's promotions has them.
#[test]
fn a_slice_holds_no_code_budget_or_gift_of_others() {
    let policy = "policy: { id: s, version: '1' }\nproducts: products.csv\nprices: [{ id: list, by: [sku], table: list.csv }]\n\
        grades: [{ id: A }, { id: B }]\nbudgets: [{ id: jar-a, amount: 7654321.09 }, { id: jar-b, amount: 1234567.89 }]\npromotions:\n\
        - { id: for-a, coupon: [CODE-A, SHARED], when: { dealer: { grade: A } }, get: { gift: { sku: P, quantity: 7001 } }, budget: jar-a }\n\
        - { id: for-b, coupon: [CODE-B, SHARED], when: { dealer: { grade: B } }, get: { gift: { sku: P, quantity: 7002 } }, budget: jar-b }\n";
    let files = [("policy.yaml", policy), ("products.csv", "sku,unit\nP,EA\n"), ("list.csv", "sku,price\nP,1\n")];
    let whole = Rc::new(crate::offers::engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into()));
    let secrets = |one: &str, jar: i64, units: i64| -> Vec<Vec<u8>> {
        let text = |text: String| text.into_bytes();
        let hash = Sha256::digest(format!("CODE-{}", one.to_uppercase())).to_vec();
        vec![hash, text(format!("for-{one}")), text(format!("jar-{one}")), jar.to_le_bytes().to_vec(), units.to_le_bytes().to_vec()]
    };
    let (of_a, of_b) = (secrets("a", 765_432_109, 7001), secrets("b", 123_456_789, 7002));
    let slice = |grade: Option<&str>| Pair::of(&whole, &json!({ "schema": 1, "id": "D", "as_of": 0, "grade": grade })).bytes;
    let shared = Sha256::digest("SHARED").to_vec();
    for (bytes, own, others) in [(slice(Some("A")), &of_a, &of_b), (slice(Some("B")), &of_b, &of_a)] {
        assert!(own.iter().chain([&shared]).all(|text| count(&bytes, text) > 0));
        assert!(others.iter().all(|text| count(&bytes, text) == 0));
    }
    let none = slice(None);
    assert!(of_a.iter().chain(&of_b).chain([&shared]).all(|text| count(&none, text) == 0));
}

/// Points are shown of what counts by them for the dealer: P for grade A, Q for grade B, R for nobody, and none at all without a grade.
#[test]
fn a_slice_holds_the_points_of_what_counts_by_them() {
    let program = |of: &str, sku: &str| {
        format!(
            "  - {{ id: {of}, when: {{ dealer: {{ grade: {of} }} }}, on: {{ sku: {sku} }}, quantity: points, period: year, mode: retroactive, tiers: [{{ from: 0, per_unit: 1 }}] }}\n"
        )
    };
    let policy = format!(
        "policy: {{ id: s, version: '1' }}\nproducts: products.csv\nprices: [{{ id: list, by: [sku], table: list.csv }}]\ngrades: [{{ id: A }}, {{ id: B }}]\nprograms:\n{}{}",
        program("A", "P"),
        program("B", "Q")
    );
    let files = [
        ("policy.yaml", policy.as_str()),
        ("products.csv", "sku,unit,points\nP,EA,765431\nQ,EA,765432\nR,EA,765433\n"),
        ("list.csv", "sku,price\nP,1\n"),
    ];
    let whole = Rc::new(crate::offers::engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into()));
    for (grade, shown) in [(Some("A"), [true, false, false]), (Some("B"), [false, true, false]), (None, [false; 3])] {
        let bytes = Pair::of(&whole, &json!({ "schema": 1, "id": "D", "as_of": 0, "grade": grade })).bytes;
        assert_eq!([765_431_i64, 765_432, 765_433].map(|points| count(&bytes, &points.to_le_bytes()) > 0), shown, "{grade:?}");
    }
}

/// What a dealer bought so far is in his facts, and in no slice; what others have to cover is not in his. Of what he can order nothing any more, his
/// facts may still know, and it covers with and without a slice.
#[test]
fn a_slice_covers_like_the_whole_and_shows_no_coverage_of_others() {
    let program = |of: &str, secret: &str, most: u32| {
        let when = format!("when: {{ dealer: {{ grade: {of} }} }}, period: quarter");
        format!(
            "- {{ id: {secret}-range, {when}, covers: sku, mode: retroactive, tiers: [{{ from: 0, percent: 0 }}] }}\n\
             - {{ id: {secret}-kinds, {when}, covers: category, covers_level: 2, mode: retroactive, tiers: [{{ from: 0, percent: 1 }}], requires: [{{ program: {secret}-kinds, covers: 2 }}] }}\n\
             - {{ id: {secret}-spread, {when}, mode: basket, tiers: [{{ from: 0, amount: 50, requires: [{{ program: {secret}-range, covers: 2 }}] }}, \
             {{ from: 1, amount: {most}.09, requires: [{{ program: {secret}-range, covers: 3 }}] }}] }}\n"
        )
    };
    let policy = format!(
        "policy: {{ id: s, version: '1', valid: 2026-01-01 .. 2028-12-31 }}\nproducts: products.csv\naliases: aliases.csv\nprices: [{{ id: list, by: [sku], table: list.csv }}]\n\
         grades: [{{ id: A }}, {{ id: B }}]\ncategories: [{{ id: drinks }}, {{ id: soda, parent: drinks }}, {{ id: tea, parent: drinks }}, {{ id: new }}, {{ id: secret-kind, parent: new }}]\n\
         assortment: [{{ on: {{ category: secret-kind }}, when: {{ dealer: {{ grade: B }} }}, state: orderable }}]\nprograms:\n{}{}",
        program("A", "first", 7_654_321),
        program("B", "other", 1_234_567)
    );
    let files = [
        ("policy.yaml", policy.as_str()),
        ("products.csv", "sku,unit,category\nP,EA,soda\nQ,EA,soda\nR,EA,tea\nS,EA,secret-kind\n"),
        ("aliases.csv", "alias,sku\nP-OLD,P\n"),
        ("list.csv", "sku,price\nP,10\nQ,10\nR,10\nS,10\n"),
    ];
    let whole = Rc::new(crate::offers::engine(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned())).into()));
    let bare = |grade: &str| json!({ "schema": 1, "id": "D", "as_of": 0, "grade": grade });
    let secrets = |of: &str, most: i64| -> Vec<Vec<u8>> {
        let named = ["range", "kinds", "spread"].map(|id| format!("{of}-{id}").into_bytes());
        named.into_iter().chain([most.to_le_bytes().to_vec()]).collect()
    };
    let (own, others) = (secrets("first", 765_432_109), secrets("other", 123_456_709));
    let pairs = ["A", "B"].map(|grade| Pair::of(&whole, &bare(grade)));
    for (pair, own, others) in [(&pairs[0], &own, &others), (&pairs[1], &others, &own)] {
        assert!(own.iter().all(|secret| count(&pair.bytes, secret) > 0));
        assert!(others.iter().all(|secret| count(&pair.bytes, secret) == 0));
    }
    assert_eq!(pairs.each_ref().map(|pair| count(&pair.bytes, b"secret-kind") > 0), [false, true]);

    let covered =
        |units: &[(&str, i64)]| -> Vec<Value> { units.iter().map(|(of, quantity)| json!({ "of": of, "quantity": quantity })).collect() };
    let mut reached = BTreeSet::new();
    for (grade, of, pair) in [("A", "first", &pairs[0]), ("B", "other", &pairs[1])] {
        let known: [&[(&str, i64)]; 5] =
            [&[], &[("P-OLD", 2)], &[("P", 2), ("S", 1)], &[("P", 1), ("P-OLD", -1), ("R", 5)], &[("S", 3), ("Q", 0)]];
        let kinds: [&[(&str, i64)]; 3] = [&[], &[("secret-kind", 3)], &[("soda", 1), ("secret-kind", -1)]];
        for (at, (posted, kind)) in known.iter().flat_map(|posted| kinds.iter().map(move |kind| (posted, kind))).enumerate() {
            let mut dealer = bare(grade);
            dealer["volumes"] = json!([
                { "program": format!("{of}-range"), "period": "2026-Q4", "posted": { "amount": "50", "quantity": 5, "covered": covered(posted) }, "open": { "covered": covered(known[at % 5]) } },
                { "program": format!("{of}-kinds"), "period": "2026-Q4", "posted": { "amount": "50", "quantity": 5, "covered": covered(kind) } },
                { "program": format!("{of}-spread"), "period": "2026-Q4", "posted": { "amount": "50", "quantity": 5 } },
            ]);
            // What he bought is nothing of a slice.
            assert_eq!(Pair::of(&whole, &dealer).bytes, pair.bytes);
            for skus in [&["P"][..], &["Q", "R"], &["P", "R", "S"]] {
                let lines: Vec<Value> = skus.iter().map(|sku| json!({ "sku": sku, "quantity": 2 })).collect();
                let question = json!({ "dealer": dealer, "now": "2026-11-21T10:00:00+08:00", "order": { "schema": 1, "lines": lines } });
                let said = format!("{grade} {posted:?} {kind:?} {skus:?}");
                pair.answers_alike(&question, &said);
                pair.edits_alike(&question, &said);
                let back = json!({ "dealer": dealer, "now": "2026-11-21T10:00:00+08:00", "order": { "schema": 1, "lines": [{ "id": "1", "sku": "P", "quantity": 2 }] }, "lines": [{ "line": "1", "quantity": 2 }] });
                let _ = pair.same(&said, |engine| wire::return_preview(engine, &node(back.clone())));
                let answer = pair.same(&said, |engine| wire::quote(engine, &node(question.clone()))).expect("an answer");
                let answer: Value = serde_json::from_str(&answer).expect("JSON");
                for rebate in answer["rebates"].as_array().expect("programs").iter().filter(|rebate| rebate["covered"].is_object()) {
                    reached.insert(format!("{} {} {}", rebate["program"], rebate["covered"]["before"], rebate["covered"]["after"]));
                }
            }
        }
    }
    assert!(reached.len() > 20, "{reached:?}");
}

/// Whether the policy itself, and not only the list of its dealers, has a text.
fn policy_names(policy: &Policy, text: &str) -> bool {
    let values = policy.attributes.iter().filter_map(|attribute| attribute.values.as_ref());
    let nodes = [&policy.grades, &policy.regions, &policy.channels, &policy.dealer_groups].into_iter().chain(values).flatten();
    let mut texts: BTreeSet<&str> = nodes.flat_map(|node| [&node.id, &node.name.zh, &node.name.en]).map(String::as_str).collect();
    texts.extend(policy.promotions.iter().flat_map(|p| [&p.id, &p.name.zh, &p.name.en]).map(String::as_str));
    texts.extend(policy.programs.iter().flat_map(|p| [&p.id, &p.name.zh, &p.name.en]).map(String::as_str));
    texts.extend(policy.budgets.iter().flat_map(|b| [&b.id, &b.name.zh, &b.name.en]).map(String::as_str));
    policy.each_named(&mut |asked| {
        if let Asked::Dealers(ids) = asked {
            texts.extend(ids.0.iter().map(String::as_str));
        }
    });
    for access in policy.prices.iter().chain(&policy.floors) {
        if let Some(at) = access.by.iter().position(|axis| *axis == Axis::Dealer) {
            texts.extend(access.rows.iter().map(|row| row.key[at].as_str()));
        }
    }
    texts.contains(text)
}
