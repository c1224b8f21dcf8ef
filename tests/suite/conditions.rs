//! Conditions (`docs/semantics.md` §30): random ones against their meaning, read apart from the engine; the whole policy and its slices.

use crate::laws::share;
use crate::offers::engine;
use crate::random::Random;
use crate::slice::Pair;
use crate::world::node;
use qudao::session::Session;
use qudao::{Engine, limit, wire};
use serde_json::{Value, json};
use std::fmt::Write;
use std::rc::Rc;

const GRADES: [&str; 3] = ["A", "B", "C"];
/// Each region with the one above it.
const REGIONS: [(&str, &str); 5] = [("east", ""), ("zj", "east"), ("hz", "zj"), ("south", ""), ("gd", "south")];
const SOURCES: [&str; 3] = ["portal", "app", "phone"];
const PAYS: [&str; 3] = ["prepaid", "credit", "cash"];
const TIERS: [&str; 3] = ["T1", "T2", "T3"];
/// Products with their prices in whole units; the last has none.
const PRICES: [i64; 4] = [100, 30, 7, 0];
const RULES: usize = 12;

enum Tree {
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
    /// A field of dealer or order, and which of its values.
    Field(&'static str, Vec<&'static str>),
    /// Measure, products as bits (none: no `on`), and the figure.
    Cart(&'static str, u8, i64),
    Number(Option<&'static str>, Option<i64>, Option<i64>),
}

/// An order with its dealer.
struct Cart {
    grade: Option<&'static str>,
    region: Option<&'static str>,
    tier: Option<&'static str>,
    source: Option<&'static str>,
    pay: Option<&'static str>,
    quantities: [i64; 4],
    /// Orders before, in all and through each source.
    orders: Option<(i64, [Option<i64>; 3])>,
}

fn some<T: Copy>(random: &mut Random, from: &[T]) -> Option<T> {
    Some(random.index(from.len() + 1)).filter(|at| *at < from.len()).map(|at| from[at])
}

fn several(random: &mut Random, from: &[&'static str]) -> Vec<&'static str> {
    let first = random.index(from.len());
    let mut list = vec![from[first]];
    list.extend(from.iter().enumerate().filter(|(at, _)| *at != first && random.below(3) == 0).map(|(_, value)| value));
    list
}

fn tree(random: &mut Random, depth: usize) -> Tree {
    let list = |random: &mut Random| (0..1 + random.below(3)).map(|_| tree(random, depth + 1)).collect();
    match random.below(if depth < 3 { 10 } else { 7 }) {
        0 => Tree::Field("dealer.grade", several(random, &GRADES)),
        1 => Tree::Field("dealer.region", several(random, &REGIONS.map(|(id, _)| id))),
        2 => match random.below(3) {
            0 => Tree::Field("dealer.attributes.tier", several(random, &TIERS)),
            1 => Tree::Field("order.attributes.pay", several(random, &PAYS)),
            _ => Tree::Field("order.source", several(random, &SOURCES)),
        },
        3..6 => {
            let (measure, most) = [("amount", 400), ("quantity", 8), ("skus", 4)][random.index(3)];
            Tree::Cart(measure, u8::try_from(random.below(16)).expect("a few"), 1 + i64::try_from(random.below(most)).expect("small"))
        }
        6 => {
            let from = 1 + i64::try_from(random.below(4)).expect("small");
            let to = from + i64::try_from(random.below(3)).expect("small");
            let bounds = [(Some(from), None), (None, Some(to)), (Some(from), Some(to))][random.index(3)];
            Tree::Number(some(random, &SOURCES), bounds.0, bounds.1)
        }
        7 => Tree::All(list(random)),
        8 => Tree::Any(list(random)),
        _ => Tree::Not(Box::new(tree(random, depth + 1))),
    }
}

fn written(tree: &Tree) -> String {
    let list = |list: &[Tree]| list.iter().map(written).collect::<Vec<_>>().join(", ");
    match tree {
        Tree::All(inner) => format!("{{ all: [{}] }}", list(inner)),
        Tree::Any(inner) => format!("{{ any: [{}] }}", list(inner)),
        Tree::Not(inner) => format!("{{ not: {} }}", written(inner)),
        Tree::Field(field, values) => {
            let parts: Vec<&str> = field.split('.').collect();
            let own = format!("{}: [{}]", parts[parts.len() - 1], values.join(", "));
            parts[..parts.len() - 1].iter().rev().fold(format!("{{ {own} }}"), |inner, part| format!("{{ {part}: {inner} }}"))
        }
        Tree::Cart(measure, 0, figure) => format!("{{ cart: {{ {measure}: {figure} }} }}"),
        Tree::Cart(measure, products, figure) => {
            let skus: Vec<String> = (0..4).filter(|p| products >> p & 1 == 1).map(|p| format!("P{p}")).collect();
            format!("{{ cart: {{ on: {{ sku: [{}] }}, {measure}: {figure} }} }}", skus.join(", "))
        }
        Tree::Number(source, from, to) => {
            let fields = [("source", source.map(str::to_owned)), ("from", from.map(|n| n.to_string())), ("to", to.map(|n| n.to_string()))];
            let fields: Vec<String> = fields.into_iter().filter_map(|(key, value)| Some(format!("{key}: {}", value?))).collect();
            format!("{{ order_number: {{ {} }} }}", fields.join(", "))
        }
    }
}

impl Cart {
    fn random(random: &mut Random) -> Cart {
        let count = |random: &mut Random| i64::try_from(random.below(5)).expect("small");
        let by_source = |random: &mut Random| [(); 3].map(|()| Some(count(random)).filter(|_| random.below(2) == 0));
        Cart {
            grade: some(random, &GRADES),
            region: some(random, &REGIONS.map(|(id, _)| id)),
            tier: some(random, &TIERS),
            source: some(random, &SOURCES),
            pay: some(random, &PAYS),
            quantities: [(); 4].map(|()| if random.below(3) == 0 { 0 } else { count(random) }),
            orders: (random.below(4) > 0).then(|| (count(random), by_source(random))),
        }
    }

    fn own(&self, field: &str) -> Option<&'static str> {
        match field {
            "dealer.grade" => self.grade,
            "dealer.region" => self.region,
            "dealer.attributes.tier" => self.tier,
            "order.source" => self.source,
            _ => self.pay,
        }
    }

    fn number(&self, source: Option<&str>) -> Option<i64> {
        let (count, by_source) = self.orders?;
        match source {
            None => Some(count + 1),
            Some(source) if self.source == Some(source) => {
                Some(by_source[SOURCES.iter().position(|known| *known == source)?].unwrap_or(0) + 1)
            }
            Some(_) => None,
        }
    }

    fn measured(&self, measure: &str, products: u8) -> i64 {
        let of = |p: usize| match measure {
            "amount" => self.quantities[p] * PRICES[p],
            "quantity" => self.quantities[p],
            _ => i64::from(self.quantities[p] > 0),
        };
        // The last product has no price.
        (0..3).filter(|p| products == 0 || products >> p & 1 == 1).map(of).sum()
    }

    fn holds(&self, tree: &Tree) -> bool {
        match tree {
            Tree::All(inner) => inner.iter().all(|inner| self.holds(inner)),
            Tree::Any(inner) => inner.iter().any(|inner| self.holds(inner)),
            Tree::Not(inner) => !self.holds(inner),
            Tree::Field(field, values) => {
                let mut own = self.own(field).unwrap_or_default();
                while !own.is_empty() && !values.contains(&own) {
                    own = REGIONS.iter().find(|(id, _)| *id == own).map_or("", |(_, above)| above);
                }
                !own.is_empty()
            }
            Tree::Cart(measure, products, figure) => self.measured(measure, *products) >= *figure,
            Tree::Number(source, from, to) => {
                self.number(*source).is_some_and(|n| from.is_none_or(|from| from <= n) && to.is_none_or(|to| n <= to))
            }
        }
    }

    /// §30.6.
    fn failing(&self, tree: &Tree, wanted: bool, list: &mut Vec<Value>) {
        if self.holds(tree) == wanted {
            return;
        }
        let not = !wanted;
        match tree {
            Tree::All(inner) | Tree::Any(inner) => inner.iter().for_each(|inner| self.failing(inner, wanted, list)),
            Tree::Not(inner) => self.failing(inner, !wanted, list),
            Tree::Field(field, values) => {
                let mut need = values.clone();
                need.sort_unstable();
                list.push(json!({ "condition": field, "have": self.own(field), "need": need, "not": not }));
            }
            Tree::Cart(measure, products, figure) => {
                let have = self.measured(measure, *products);
                let shown = |n: i64| if *measure == "amount" { format!("{n}.00") } else { n.to_string() };
                list.push(json!({ "condition": "cart", "measure": measure, "have": shown(have), "need": shown(*figure), "not": not }));
            }
            Tree::Number(source, from, to) => list.push(json!({
                "condition": "order_number", "source": source, "have": self.number(*source), "from": from.unwrap_or(1), "to": to, "not": not,
            })),
        }
    }

    fn question(&self) -> Value {
        let lines: Vec<Value> =
            (0..4).filter(|p| self.quantities[*p] > 0).map(|p| json!({ "sku": format!("P{p}"), "quantity": self.quantities[p] })).collect();
        let texts = |entries: &[(&str, Option<&str>)]| -> Value {
            entries.iter().filter_map(|(key, value)| Some(((*key).to_owned(), json!((*value)?)))).collect::<serde_json::Map<_, _>>().into()
        };
        let orders = self.orders.map(|(count, by_source)| {
            let known = SOURCES.iter().zip(by_source).filter_map(|(source, count)| Some(((*source).to_owned(), json!(count?))));
            json!({ "count": count, "by_source": known.collect::<serde_json::Map<_, _>>() })
        });
        json!({
            "now": 1_800_000_000_000_i64,
            "order": { "schema": 1, "source": self.source, "attributes": texts(&[("pay", self.pay)]), "lines": lines },
            "dealer": {
                "schema": 1, "id": "D", "as_of": 0, "grade": self.grade, "region": self.region,
                "attributes": texts(&[("tier", self.tier)]), "orders": orders,
            },
        })
    }
}

fn policy(trees: &[Tree]) -> Vec<(String, Vec<u8>)> {
    let mut text = "policy: { id: conditions, version: '1' }\nproducts: products.csv\nprices: [{ id: list, by: [sku], table: list.csv }]\n\
                    grades: [{ id: A }, { id: B }, { id: C }]\nattributes: [{ id: tier, of: dealer, values: [{ id: T1 }, { id: T2 }, { id: T3 }] }, { id: pay, of: order }]\n"
        .to_owned();
    let region = |(id, above): &(&str, &str)| match *above {
        "" => format!("{{ id: {id} }}"),
        above => format!("{{ id: {id}, parent: {above} }}"),
    };
    writeln!(text, "regions: [{}]\npromotions:", REGIONS.iter().map(region).collect::<Vec<_>>().join(", ")).unwrap();
    for (index, tree) in trees.iter().enumerate() {
        writeln!(text, "  - {{ id: r{index:02}, stage: line, base: original, if: {}, get: {{ percent: 1 }} }}", written(tree)).unwrap();
    }
    let products = "sku,unit\nP0,EA\nP1,EA\nP2,EA\nP3,EA\n";
    let prices = "sku,price\nP0,100\nP1,30\nP2,7\n";
    [("policy.yaml", text.as_str()), ("products.csv", products), ("list.csv", prices)]
        .map(|(name, text)| (name.to_owned(), text.as_bytes().to_owned()))
        .to_vec()
}

#[test]
fn conditions_hold_and_fail_as_they_mean() {
    let mut random = Random(30);
    let (mut held, mut failed) = (0, 0);
    for _ in 0..share(400) {
        // What must hold altogether may contradict itself, which is refused; as one of several ways, be they one, it may.
        let way = |tree| if matches!(tree, Tree::All(_) | Tree::Not(_)) { Tree::Any(vec![tree]) } else { tree };
        let trees: Vec<Tree> = (0..RULES).map(|_| way(tree(&mut random, 1))).collect();
        let whole = Rc::new(engine(policy(&trees)));
        for _ in 0..4 {
            let cart = Cart::random(&mut random);
            let question = cart.question();
            let answer: Value = serde_json::from_str(&wire::quote(&whole, &node(question.clone())).unwrap()).unwrap();
            let rules = answer["rules"].as_array().unwrap();
            // Without a priced line no promotion has an outcome.
            assert_eq!(rules.len(), if cart.measured("quantity", 0) > 0 { RULES } else { 0 });
            for (rule, tree) in rules.iter().zip(&trees) {
                let mut failing = Vec::new();
                cart.failing(tree, true, &mut failing);
                let holds = cart.holds(tree);
                assert_eq!(rule["outcome"] != "failed", holds, "{} {question}", written(tree));
                assert_eq!(holds, failing.is_empty());
                assert_eq!(rule["conditions"].as_array().unwrap_or(&Vec::new()), &failing, "{} {question}", written(tree));
                held += usize::from(holds);
                failed += usize::from(!holds);
            }
            Pair::of(&whole, &question["dealer"]).answers_alike(&question, "conditions");
            assert_eq!(in_a_session(&whole, &question), answer);
        }
    }
    assert!(held > failed / 4 && failed > held / 4, "{held} hold, {failed} fail");
}

/// The same order, line by line in a cart.
fn in_a_session(engine: &Rc<Engine>, question: &Value) -> Value {
    let order = &question["order"];
    let open =
        json!({ "dealer": question["dealer"], "now": question["now"], "source": order["source"], "attributes": order["attributes"] });
    let mut session = Session::open(Rc::clone(engine), &node(open)).unwrap();
    for line in order["lines"].as_array().unwrap() {
        session.set(line["sku"].as_str().unwrap(), &node(json!(1))).unwrap();
        session.quote().unwrap();
        session.set(line["sku"].as_str().unwrap(), &node(line["quantity"].clone())).unwrap();
    }
    serde_json::from_str(&session.quote().unwrap()).unwrap()
}

#[test]
fn facts_count_the_orders_of_so_many_sources_and_not_one_more() {
    let engine = engine(policy(&[Tree::Number(None, None, Some(1))]));
    let faults = |count: usize| {
        let by_source: serde_json::Map<String, Value> = (0..count).map(|source| (format!("s{source}"), json!(1))).collect();
        let dealer = json!({ "schema": 1, "id": "D", "as_of": 0, "orders": { "count": 1, "by_source": by_source } });
        let question = json!({ "now": 1_800_000_000_000_i64, "order": { "schema": 1, "lines": [] }, "dealer": dealer });
        wire::quote(&engine, &node(question)).err().map(|faults| faults.0[0].code)
    };
    assert_eq!((faults(limit::FACT_SOURCES), faults(limit::FACT_SOURCES + 1)), (None, Some("LIMIT_EXCEEDED")));
}
