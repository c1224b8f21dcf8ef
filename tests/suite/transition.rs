//! Laws of transitions: what each phase gives is what its sides give alone, and a slice answers like the whole.

use crate::case;
use crate::differential::{plain, tree_of};
use crate::world::{World, every_world, node};
use proptest::strategy::ValueTree;
use qudao::diagnostic::Diagnostics;
use qudao::num::Number;
use qudao::session::Session;
use qudao::wire::{self, Faults, Node};
use qudao::{Engine, check, compile, import, policy_test};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::rc::Rc;

/// Worlds of one run; set by `QUDAO_WORLDS`.
const WORLDS: u64 = 400;

/// A policy, an older one with other prices and rounding points, and a question of a dealer who signed in 2025.
struct Sides {
    new: World,
    old: World,
    question: Value,
}

impl Sides {
    fn of(seed: u64) -> Sides {
        let new = tree_of(&every_world(), seed).current();
        let mut old = new.turned();
        for (index, product) in old.products.iter_mut().enumerate() {
            for (price, _) in product.price.iter_mut().flat_map(|scale| &mut scale.prices) {
                *price = if index % 2 == 0 { *price * 7 / 10 + 1 } else { *price + 3 };
            }
        }
        let mut question = new.question();
        question["dealer"]["contract_date"] = json!("2025-05-31");
        Sides { new, old, question }
    }

    fn engine(&self, transition: &str) -> Engine {
        let mut files = self.new.files();
        files.extend(self.old.files().into_iter().map(|(name, bytes)| (format!("old/{name}"), bytes)));
        files.push(("z.yaml".to_owned(), format!("transition: {{ from: old, {transition} }}").into_bytes()));
        engine(files)
    }

    fn ask(&self, engine: &Engine) -> Option<Value> {
        wire::quote(engine, &node(self.question.clone())).ok().map(|text| serde_json::from_str(&text).unwrap())
    }
}

fn engine(files: Vec<(String, Vec<u8>)>) -> Engine {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(files);
    let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:#?}", diagnostics.found));
    Engine::load(compile::compile(&checked).bytes()).unwrap_or_else(|faults| panic!("{faults}"))
}

/// An answer without what must differ: hashes of the bundle, its name, and the account of the transition.
fn figures(mut quote: Value) -> Value {
    quote.as_object_mut().unwrap().retain(|key, _| !["bundle", "inputs_hash", "policy", "transition"].contains(&key.as_str()));
    quote
}

fn amount(text: &Value) -> Number {
    text.as_str().unwrap().parse().unwrap()
}

fn runs() -> u64 {
    std::env::var("QUDAO_WORLDS").map_or(WORLDS, |text| text.parse().expect("a number"))
}

/// In the phase `old`, and in the first step of a blend, it is the old policy alone; after the end the new one alone.
#[test]
fn a_whole_weight_is_one_policy_alone() {
    let phases = [
        ("cohort: { contract_before: 2026-01-01 }, old_until: 2028-06-30", "old", true),
        ("cohort: { contract_before: 2026-11-01 }, old_until: 0 months, then: blend, months: 12", "blend", true),
        ("cohort: { contract_before: 2026-11-01 }, old_until: 0 months, then: blend, months: 12, promotions: new", "blend", false),
        ("cohort: { contract_before: 2025-06-01 }, old_until: 8 months", "", false),
        ("cohort: { contract_before: 2025-01-01 }, old_until: 2028-06-30", "", false),
    ];
    let mut met = 0;
    for seed in 0..runs() {
        let sides = Sides::of(seed);
        let (new, old) = (sides.ask(&engine(sides.new.files())), sides.ask(&engine(sides.old.files())));
        for (at, (transition, phase, of_old)) in phases.iter().enumerate() {
            let Some(quote) = sides.ask(&sides.engine(transition)) else {
                assert!(new.is_none() || old.is_none(), "world {seed}: refused");
                continue;
            };
            // Some worlds ask before November 2026 or after it.
            if quote["transition"]["phase"].as_str().unwrap_or_default() != *phase || at == 1 && quote["transition"]["weight"]["old"] != 12
            {
                continue;
            }
            met += 1;
            if at == 2 {
                // New promotions on old prices: the prices are those of the old policy.
                let lines = |quote: &Value| quote["lines"].as_array().unwrap().clone();
                let (Some(new), Some(old)) = (&new, &old) else { continue };
                // What is registered is not blended (29.7), and the other side's is not looked at.
                let registered = |quote: &Value, line: &Value| {
                    quote["registrations"].as_array().is_some_and(|taken| taken.iter().any(|taken| taken["line"] == line["id"]))
                };
                let (by_new, by_old) = (new, old);
                for (line, (new, old)) in lines(&quote).iter().zip(lines(new).iter().zip(lines(old))) {
                    if registered(by_old, &old) {
                        continue;
                    }
                    // Scales of several prices are not blended.
                    let in_parts = |line: &Value| line["price"]["bands"].as_array().is_some_and(|bands| !bands.is_empty());
                    let stays =
                        new["price"].is_null() || old["price"].is_null() || in_parts(new) || in_parts(&old) || registered(by_new, new);
                    let expected = if stays { new } else { &old };
                    // A blended price is told for as many units as the new one, which may be others than those of the old one.
                    let per = |line: &Value| i128::from(line["price"]["per"].as_i64().unwrap_or(1));
                    let priced =
                        |line: &Value| line["price"]["unit_price"].as_str().map(|text| text.replace('.', "").parse::<i128>().unwrap());
                    let same = priced(line).map(|price| price * per(expected)) == priced(expected).map(|price| price * per(line));
                    assert!(quote["transition"]["weight"]["old"] != 12 || same, "world {seed}");
                }
                continue;
            }
            let alone = if *of_old { &old } else { &new };
            assert_eq!(Some(figures(quote)), alone.clone().map(figures), "world {seed}: {transition}\n{}", sides.new.shown());
        }
    }
    assert!(met > runs() * 2, "only {met} phases were met");
}

/// The better of both costs no more than either, after gifts, and is one of the two.
#[test]
fn the_better_of_both_is_one_of_both_and_no_dearer() {
    let mut sides_met = [0_u64; 2];
    for seed in 0..runs() {
        let sides = Sides::of(seed);
        let (Some(new), Some(old)) = (sides.ask(&engine(sides.new.files())), sides.ask(&engine(sides.old.files()))) else { continue };
        let quote =
            sides.ask(&sides.engine("cohort: { contract_before: 2025-06-01 }, old_until: 0 months, then: better_of, months: 60")).unwrap();
        let side = quote["transition"]["side"].as_str().unwrap().to_owned();
        let outlay = |quote: &Value| {
            let totals = &quote["totals"];
            amount(&totals["payable"]).0 + amount(&totals["redeemed"]).0 - amount(&totals["gift_value"]).0
        };
        let unpriced = |quote: &Value| quote["lines"].as_array().unwrap().iter().filter(|line| line["price"].is_null()).count();
        let worth = |quote: &Value| (unpriced(quote), outlay(quote));
        assert!(worth(&quote) <= worth(&new) && worth(&quote) <= worth(&old), "world {seed}");
        assert_eq!(figures(quote), figures(if side == "old" { old } else { new }), "world {seed}");
        sides_met[usize::from(side == "old")] += 1;
    }
    assert!(sides_met.iter().all(|met| *met > runs() / 20), "{sides_met:?}");
}

/// Between two equal policies there is nothing, whatever the weight; between two others every unit price is between theirs.
#[test]
fn a_blend_lies_between_both_sides() {
    let fading = "cohort: { contract_before: 2025-06-01 }, old_until: 0 months, then: blend, months: 60";
    let mut between = 0;
    for seed in 0..runs() {
        let mut sides = Sides::of(seed);
        if let Some(quote) = sides.ask(&sides.engine(fading)) {
            for (line, both) in quote["lines"].as_array().unwrap().iter().zip(quote["transition"]["lines"].as_array().unwrap()) {
                if line["price"].is_null() || both["new"].is_null() {
                    continue;
                }
                let per = |part: &Value| (amount(&part["unit_price"]).0, part["per"].as_i64().unwrap());
                let [(own, own_per), (old, old_per), (new, new_per)] = [per(&line["price"]), per(&both["old"]), per(&both["new"])];
                assert_eq!(own_per, old_per, "world {seed}");
                let new = new * Decimal::from(own_per) / Decimal::from(new_per);
                // Rounding stays below one unit of the last place.
                assert!(old.min(new) - Decimal::ONE < own && own < old.max(new) + Decimal::ONE, "world {seed}: {line} {both}");
                between += u64::from(old != new);
            }
        }
        sides.old = sides.new.clone();
        let Some(alone) = sides.ask(&engine(sides.new.files())) else { continue };
        let quote = sides.ask(&sides.engine(fading)).unwrap();
        assert_eq!(figures(quote), figures(alone), "world {seed}\n{}", sides.new.shown());
    }
    assert!(between > runs(), "only {between} prices differ");
}

const COURSES: [&str; 4] = [
    "cohort: { contract_before: 2026-01-01 }, old_until: 2026-11-21, then: better_of, months: 12",
    "cohort: { contract_before: 2025-06-01 }, old_until: 0 months, then: better_of, months: 60",
    "cohort: { contract_before: 2025-06-01 }, old_until: 0 months, then: blend, months: 60",
    "cohort: { contract_before: 2025-06-01 }, old_until: 3 months, then: blend, months: 30, promotions: new",
];

fn alike(whole: &Engine, slice: &Engine, question: &Value, said: &str) {
    let same = |ask: &dyn Fn(&Engine) -> Result<String, Faults>| assert_eq!(ask(whole), ask(slice), "{said}");
    same(&|engine| wire::quote(engine, &node(question.clone())));
    let catalog = json!({ "dealer": question["dealer"], "now": question["now"], "limit": 200 });
    same(&|engine| wire::catalog(engine, &node(catalog.clone())));
    let mut explained = question.clone();
    explained["language"] = json!("zh");
    same(&|engine| wire::explain(engine, &node(explained.clone())));
}

fn cut(whole: &Engine, dealer: &Value) -> Engine {
    Engine::load(wire::slice(whole, &node(json!({ "dealer": dealer }))).expect("sound facts").bytes())
        .unwrap_or_else(|faults| panic!("{faults}"))
}

/// `quote(slice) = quote(whole)`, for dealers of the cohort and others; only the slices of the cohort hold the old policy.
#[test]
fn a_slice_of_a_transition_answers_like_the_whole() {
    for seed in 0..runs() / 2 {
        let sides = Sides::of(seed);
        let whole = sides.engine(COURSES[usize::try_from(seed).unwrap() % COURSES.len()]);
        for date in [json!("2025-05-31"), json!("2026-05-31"), Value::Null] {
            let mut question = sides.question.clone();
            question["dealer"]["contract_date"] = date.clone();
            let slice = cut(&whole, &question["dealer"]);
            assert_eq!(slice.policy().transition.is_some(), date == json!("2025-05-31"));
            alike(&whole, &slice, &question, &format!("world {seed}: {date}"));
            let again = cut(&slice, &question["dealer"]);
            alike(&slice, &again, &question, &format!("world {seed}: {date}, cut again"));
            question["dealer"]["contract_date"] = json!("2025-05-30");
            let refused = wire::quote(&slice, &node(question)).unwrap_err();
            assert!(refused.0.iter().any(|fault| fault.code == "SLICE_FOREIGN" && fault.path == "dealer.contract_date"));
        }
    }
}

/// What only one side has, and what is above it in its tree, is in slices too.
#[test]
fn a_slice_answers_every_case_like_the_whole() {
    let mut count = 0;
    for case in case::all("good", &["case", "says", "source", "files", "tests"]).iter().filter(|case| case.name.starts_with("transition/"))
    {
        let whole = engine(case::files(case));
        for test in policy_test::read(&case.tree, |_| None, &mut Diagnostics::default()) {
            let question = plain(&test.input);
            let Ok(slice) = wire::slice(&whole, &node(json!({ "dealer": question["dealer"] }))) else { continue };
            alike(&whole, &Engine::load(slice.bytes()).unwrap(), &question, &format!("{}: {}", case.name, test.name));
            count += 1;
        }
    }
    assert!(count > 30);
}

/// A cart whose side changes with what is in it: applying each change gives the lines of the whole quote.
#[test]
fn a_session_answers_like_a_fresh_engine_on_either_side() {
    let mut flips = 0;
    for seed in 0..runs() / 4 {
        let sides = Sides::of(seed);
        let engine = Rc::new(sides.engine(COURSES[usize::try_from(seed).unwrap() % 2]));
        let input = json!({ "dealer": sides.question["dealer"], "now": sides.question["now"] });
        let mut session = Session::open(Rc::clone(&engine), &node(input)).unwrap();
        let (mut shown, mut last): (Vec<Value>, Value) = (Vec::new(), Value::Null);
        let mut cart: Vec<(usize, i64)> = Vec::new();
        for (product, _) in sides.new.products.iter().enumerate().cycle().take(8) {
            let quantity = 1 + i64::try_from(seed).unwrap() % 7;
            cart.retain(|(known, _)| *known != product);
            cart.push((product, quantity));
            session.set(&World::sku(product), &Node::Int(0)).unwrap();
            session.set(&World::sku(product), &Node::Int(quantity)).unwrap();
            let Ok(changes) = session.changes() else { break };
            let changes: Value = serde_json::from_str(&changes).unwrap();
            shown.retain(|line| !changes["removed"].as_array().unwrap().contains(&line["id"]));
            for line in changes["lines"].as_array().unwrap() {
                shown.retain(|old| old["id"] != line["id"]);
                shown.push(line.clone());
            }
            let lines: Vec<Value> =
                cart.iter().map(|(product, quantity)| json!({ "sku": World::sku(*product), "quantity": quantity })).collect();
            let mut question = sides.question.clone();
            question["order"] = json!({ "schema": 1, "lines": lines });
            let fresh = wire::quote(&engine, &node(question)).unwrap();
            assert_eq!(session.quote().unwrap(), fresh, "world {seed}");
            let whole: Value = serde_json::from_str(&fresh).unwrap();
            for line in whole["lines"].as_array().unwrap() {
                assert!(shown.contains(line), "world {seed}: {line}");
            }
            flips += u64::from(!last.is_null() && last != whole["transition"]["side"]);
            last = whole["transition"]["side"].clone();
        }
    }
    assert!(runs() < 200 || flips * 200 > runs(), "only {flips} changes of the side");
}

/// No mutation of the columns of a transition panics; what still loads answers or refuses.
#[test]
fn a_bundle_with_a_broken_old_side_is_refused() {
    let sides = Sides::of(3);
    let whole = sides.engine(COURSES[2]);
    let bundle = {
        let mut files = sides.new.files();
        files.extend(sides.old.files().into_iter().map(|(name, bytes)| (format!("old/{name}"), bytes)));
        files.push(("z.yaml".to_owned(), format!("transition: {{ from: old, {} }}", COURSES[2]).into_bytes()));
        let import::Imported { policy, sources, mut diagnostics, .. } = import::files(files);
        compile::compile(&check::check(policy, &sources, &mut diagnostics).unwrap())
    };
    assert!(sides.ask(&whole).is_some());
    let (header, content) = bundle.bytes().split_at(40);
    let mut loads = 0;
    for at in (0..content.len()).step_by(61) {
        for change in [1_u8, 0x80, 0xff] {
            let mut content = content.to_vec();
            content[at] ^= change;
            let hash: [u8; 32] = qudao::bundle::sha256(&content);
            let bytes = [&header[..8], &hash, &content].concat();
            if let Ok(engine) = Engine::load(&bytes) {
                loads += 1;
                let _ = wire::quote(&engine, &node(sides.question.clone()));
                let _ = wire::slice(&engine, &node(json!({ "dealer": sides.question["dealer"] })));
            }
        }
    }
    assert!(loads > 0);
}
