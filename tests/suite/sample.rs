//! The sample policy is as awkward as a real brand's: how much of everything it has, counted from its files, and what of it its own orders reach.

use qudao::diagnostic::{Diagnostics, SourceFile};
use qudao::policy::{Audience, Get, Policy, Promotion, Select, Steps};
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import, policy_test};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

#[test]
fn the_sample_has_the_size_of_a_real_brand() {
    let policy = import::folder(&folder()).policy;
    let shapes: BTreeSet<String> = policy.promotions.iter().map(|promotion| shape(&policy, promotion)).collect();
    let regions = policy.regions.iter().filter(|region| region.parent.is_none()).count();
    let units: BTreeSet<&str> = policy.products.iter().map(|product| product.unit.as_str()).collect();
    let counts = [
        ("SKUs", policy.products.len(), 300),
        ("units", units.len(), 8),
        ("brands", policy.brands.len(), 5),
        ("grades", policy.grades.len(), 4),
        ("regions", regions, 7),
        ("channels", policy.channels.len(), 4),
        ("dealers", dealers().len(), 40),
        ("promotions", policy.promotions.len(), 60),
        ("shapes of promotions", shapes.len(), 25),
        ("programs", policy.programs.len(), 12),
    ];
    // With fractional quantities a product without a multiple or a step could be ordered by half pieces.
    let loose = policy.products.iter().filter(|product| product.multiple.is_none() && product.step.is_none()).map(|product| &product.sku);
    assert_eq!(loose.collect::<Vec<_>>(), Vec::<&String>::new());
    for (what, there, least) in counts {
        println!("{there:5} {what}");
        assert!(there >= least, "{what}: {there}, at least {least}\n{shapes:#?}");
    }
}

#[test]
fn its_own_orders_reach_nearly_every_promotion() {
    let (engine, imported) = engine();
    let mut fired: BTreeMap<String, usize> = imported.promotions.iter().map(|promotion| (promotion.clone(), 0)).collect();
    let mut paid = BTreeSet::new();
    for test in &imported.tests {
        let differences = policy_test::run(test, |input| wire::quote(&engine, input));
        assert!(differences.is_empty(), "{}: {differences:?}", test.name);
        // An order that is meant to be refused reaches nothing.
        let Ok(quote) = wire::quote(&engine, &test.input).map(|text| json(&text)) else { continue };
        for rule in list(&quote["rules"]).filter(|rule| rule["outcome"] == "applied") {
            *fired.entry(text(&rule["rule"])).or_default() += 1;
        }
        paid.extend(list(&quote["rebates"]).filter(|rebate| rebate["delta"] != "0.00").map(|rebate| text(&rebate["program"])));
    }
    let never: Vec<&str> = fired.iter().filter(|(_, times)| **times == 0).map(|(rule, _)| rule.as_str()).collect();
    println!("{} orders; {} of {} promotions fired, never: {never:?}", imported.tests.len(), fired.len() - never.len(), fired.len());
    assert!(imported.tests.len() >= 40, "{} orders", imported.tests.len());
    assert!(fired.len() - never.len() >= 45, "never fired: {never:?}");
    assert!(paid.len() >= 12, "programs that paid: {paid:?}");
}

#[test]
fn every_dealer_is_known_and_every_product_is_for_somebody() {
    let (engine, imported) = engine();
    let mut unsold: BTreeSet<&str> = imported.skus.iter().map(String::as_str).collect();
    for path in dealers() {
        let name = path.display().to_string();
        let mut faults = Diagnostics::default();
        let file = SourceFile::new(name.clone(), std::fs::read_to_string(&path).expect("UTF-8"));
        let facts = import::input(0, &file, &mut faults).unwrap_or_else(|| panic!("{name}: {:?}", faults.found));
        let lines = imported.skus.iter().map(|sku| node([("sku", Node::Text(sku.clone())), ("quantity", Node::Int(1))])).collect();
        let order = node([("schema", Node::Int(1)), ("lines", Node::List(lines))]);
        let quote = quote(&engine, &node([("order", order), ("dealer", facts), ("now", Node::Text("2026-11-21T10:00:00+08:00".into()))]));
        for line in list(&quote["lines"]).filter(|line| !line["price"].is_null()) {
            unsold.remove(line["sku"].as_str().expect("a SKU"));
        }
    }
    assert!(unsold.is_empty(), "nobody can buy {unsold:?}");
}

/// What decides how a promotion works, without its figures: condition fields, measure, benefit, group mode, base and stage.
fn shape(policy: &Policy, promotion: &Promotion) -> String {
    let mut words = audience(&promotion.when.dealer, "dealer");
    words.extend(promotion.when.order.source.as_ref().map(|_| "source".to_owned()));
    match &promotion.on {
        Some(on) => words.extend(select(on, "")),
        None => words.push("everything".into()),
    }
    words.push(measure(promotion).into());
    words.push(benefit(promotion).into());
    let mode = promotion.group.as_ref().and_then(|id| policy.groups.iter().find(|group| group.id == *id)).map(|group| group.mode);
    words.push(format!("{mode:?} {:?} {:?}", promotion.base, promotion.effective_stage()));
    words.join(" ")
}

fn audience(audience: &Audience, place: &str) -> Vec<String> {
    let Audience { id, grade, region, channel, group, contract_date, attributes, except } = audience;
    let fields =
        [("id", id), ("grade", grade), ("region", region), ("channel", channel), ("group", group), ("contract_date", contract_date)];
    let own = fields.iter().filter(|(_, field)| field.is_some()).map(|(name, _)| format!("{place}.{name}"));
    let own = own.chain(attributes.keys().map(|id| format!("{place}.{id}")));
    own.chain(except.iter().flat_map(|except| self::audience(except, &format!("not {place}")))).collect()
}

fn select(on: &Select, place: &str) -> Vec<String> {
    let Select { sku, category, brand, tag, attributes, weight, any, except } = on;
    let fields = [("sku", sku), ("category", category), ("brand", brand), ("tag", tag), ("weight", weight)];
    let own = fields.iter().filter(|(_, field)| field.is_some()).map(|(name, _)| format!("{place}{name}"));
    let own = own.chain(attributes.keys().map(|id| format!("{place}{id}")));
    let own = own.chain(any.iter().flatten().flat_map(|one| select(one, &format!("{place}any "))));
    own.chain(except.iter().flat_map(|except| select(except, "not "))).collect()
}

fn measure(promotion: &Promotion) -> &'static str {
    match (&promotion.at, &promotion.each, &promotion.steps) {
        (Some(at), _, _) if at.amount.is_some() => "at amount",
        (Some(_), _, _) => "at quantity",
        (_, Some(each), _) if each.amount.is_some() => "each amount",
        (_, Some(_), _) => "each quantity",
        (_, _, Some(steps)) if steps.amount.is_some() => "steps amount",
        (_, _, Some(_)) => "steps quantity",
        (None, None, None) => "always",
    }
}

fn benefit(promotion: &Promotion) -> &'static str {
    let steps = |steps: &Steps| {
        let first = steps.amount.iter().chain(&steps.quantity).flatten().next().cloned().expect("a step");
        Get {
            percent: first.percent,
            amount_off: first.amount_off,
            per_unit_off: first.per_unit_off,
            gift: first.gift,
            unit: None,
            price: None,
            max_units: None,
            earn: None,
        }
    };
    match promotion.get.clone().or_else(|| promotion.steps.as_ref().map(steps)).expect("a benefit") {
        Get { percent: Some(_), .. } => "percent",
        Get { amount_off: Some(_), .. } => "amount_off",
        Get { gift: Some(_), .. } => "gift",
        Get { earn: Some(_), .. } => "earn",
        Get { max_units: Some(_), .. } => "per_unit_off, max_units",
        Get { .. } => "per_unit_off",
    }
}

/// What the tests need of the imported policy besides the engine.
struct Sample {
    promotions: Vec<String>,
    skus: Vec<String>,
    tests: Vec<policy_test::PolicyTest>,
}

fn engine() -> (Engine, Sample) {
    let import::Imported { policy, sources, mut diagnostics, tests } = import::folder(&folder());
    let promotions = policy.promotions.iter().map(|promotion| promotion.id.clone()).collect();
    let skus = policy.products.iter().map(|product| product.sku.clone()).collect();
    let checked = check::check(policy, &sources, &mut diagnostics).unwrap_or_else(|| panic!("{:?}", diagnostics.found));
    assert!(diagnostics.found.is_empty(), "{:?}", diagnostics.found);
    let engine = Engine::load(compile::compile(&checked).bytes()).expect("a sound bundle");
    (engine, Sample { promotions, skus, tests })
}

fn quote(engine: &Engine, input: &Node) -> Json {
    json(&wire::quote(engine, input).unwrap_or_else(|faults| panic!("{faults}")))
}

fn json(text: &str) -> Json {
    serde_json::from_str(text).expect("JSON")
}

fn dealers() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder().join("dealers")).expect("a readable folder");
    entries.map(|entry| entry.expect("a readable folder").path()).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/haofeng")
}

fn node<const N: usize>(entries: [(&str, Node); N]) -> Node {
    Node::Map(entries.map(|(key, node)| (key.to_owned(), node)).into())
}

fn list(json: &Json) -> impl Iterator<Item = &Json> {
    json.as_array().expect("a list").iter()
}

fn text(json: &Json) -> String {
    json.as_str().expect("text").to_owned()
}
