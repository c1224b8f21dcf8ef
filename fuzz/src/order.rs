//! Orders, facts and whatever else comes through a door, as JSON text and as plain data; real ones and made ones, mutated with their structure.

use crate::corpus::{Corpus, Shop, find};
use crate::oracle::{self, Verdict};
use crate::random::Random;
use qudao::session::Session;
use qudao::wire::{self, Faults, Node};
use std::rc::Rc;

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "10",
    "12",
    "100",
    "999",
    "0.5",
    "0.01",
    "0.001",
    "1.10",
    "12.345678",
    "-1",
    "-0.01",
    "1e3",
    "1E400",
    "+1",
    "007",
    "1.",
    ".5",
    "",
    " 1",
    "１２",
    "1,000",
    "NaN",
    "1000000",
    "999999999999",
    "1000000000000",
    "1000000000001",
    "100000000000000",
    "99999999999999999999",
    "0x10",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "79228162514264337593543950335",
    "79228162514264337593543950336",
];
const INTEGERS: &[i64] = &[
    0,
    1,
    2,
    3,
    7,
    100,
    -1,
    499,
    1_000_000,
    1_000_000_000_000,
    1_000_000_000_001,
    253_402_300_799_999,
    253_402_300_800_000,
    i64::MAX,
    i64::MIN,
];
const TEXTS: &[&str] = &[
    "",
    " ",
    "D001",
    "冰箱",
    "\u{0}",
    "\u{202e}",
    "é",
    "e\u{301}",
    "👩‍👩‍👧",
    "\u{feff}",
    "\"",
    "\\",
    "a|b",
    "|",
    "'",
    "null",
    "P",
    "p",
    "zh",
    "en",
    "portal",
    "__proto__",
];
const KEYS: &[&str] = &[
    "schema",
    "lines",
    "sku",
    "quantity",
    "unit",
    "id",
    "source",
    "coupons",
    "gifts",
    "decline",
    "attributes",
    "dealer",
    "order",
    "now",
    "as_of",
    "grade",
    "region",
    "channel",
    "credit",
    "limit",
    "receivable",
    "volumes",
    "program",
    "period",
    "posted",
    "open",
    "amount",
    "usage",
    "budgets",
    "used",
    "version",
    "total",
    "claimed",
    "result_hash",
    "payable",
    "language",
    "find",
    "offset",
    "Schema",
    "qty",
    "",
];

#[derive(Clone, Debug)]
enum Door {
    Quote,
    /// With what is claimed; with its own quote's figures where there is nothing.
    Verify(Option<Node>),
    Catalog,
    Explain,
    Session,
    Hints,
    Alternatives,
    Return,
    Plans,
}

#[derive(Clone)]
pub struct Input {
    shop: usize,
    door: Door,
    question: Node,
    /// Whether it comes as JSON text, and what is done to that.
    text: Option<Vec<(usize, char)>>,
}

pub fn make(corpus: &Corpus, random: &mut Random) -> Input {
    let at = Corpus::usual(random, corpus.shops.len(), 100);
    let shop = &corpus.shops[at];
    let real = random.below(5) > 1 && !shop.questions.is_empty();
    let mut question = if real { random.pick(&shop.questions).clone() } else { made(shop, random) };
    let door = match random.below(15) {
        0..4 => Door::Quote,
        4 => Door::Verify(None),
        5 => {
            let mut claimed = map([
                ("result_hash", Node::Text("0".repeat(64))),
                ("payable", number(random)),
                ("lines", lines_claimed(&question, random)),
            ]);
            (0..random.below(3)).for_each(|_| change(corpus, &mut claimed, "claimed", random));
            Door::Verify(Some(claimed))
        }
        6 => {
            question = without(&question, "order");
            let extras = [
                ("find", text(random)),
                ("source", text(random)),
                ("offset", Node::Int(random.below(4) as i64)),
                ("limit", Node::Int(*random.pick(&[0, 1, 5, 200, 201]))),
            ];
            for (key, value) in extras {
                if random.below(3) == 0 {
                    question = with_node(&question, key, value);
                }
            }
            Door::Catalog
        }
        7 => {
            question = with(&question, "language", random.word(&["zh", "en", "zh-Hans", "fr"]));
            Door::Explain
        }
        8..11 => Door::Session,
        11 => Door::Hints,
        12 => Door::Alternatives,
        13 => {
            for key in ["lines", "returned"].into_iter().take(1 + random.below(2)) {
                let lines = lines_back(&question, random);
                question = with_node(&question, key, lines);
            }
            if random.below(3) == 0 {
                let day = map(["dealer", "now"].map(|key| (key, find(&question, &[key]).cloned().unwrap_or(Node::Null))));
                question = with_node(&question, "today", day);
            }
            Door::Return
        }
        _ => {
            let until = if random.one_in(8) { number(random) } else { Node::Int(1_790_000_000_000 + random.below(100_000_000_000) as i64) };
            question = with_node(&question, "until", until);
            Door::Plans
        }
    };
    let mutations = if real { random.below(5) } else { random.below(7).saturating_sub(3) };
    for _ in 0..mutations {
        change(corpus, &mut question, "", random);
    }
    let text = (random.below(2) == 0).then(|| {
        let odd = |random: &mut Random| (random.below(400), *random.pick(&['"', '{', '}', ',', '1', '.', '\\', '\u{1}', '中', '-', 'e']));
        if random.below(4) == 0 { (0..=random.below(2)).map(|_| odd(random)).collect() } else { Vec::new() }
    });
    Input { shop: at, door, question, text }
}

fn map<const N: usize>(entries: [(&str, Node); N]) -> Node {
    Node::Map(entries.map(|(key, node)| (key.to_owned(), node)).into())
}

pub fn with_node(question: &Node, key: &str, value: Node) -> Node {
    let mut question = without(question, key);
    if let Node::Map(entries) = &mut question {
        entries.push((key.to_owned(), value));
    }
    question
}

/// A question with one more text.
pub fn with(question: &Node, key: &str, value: &str) -> Node {
    with_node(question, key, Node::Text(value.to_owned()))
}

/// A question without one of its keys.
pub fn without(question: &Node, key: &str) -> Node {
    match question {
        Node::Map(entries) => Node::Map(entries.iter().filter(|(name, _)| name != key).cloned().collect()),
        other => other.clone(),
    }
}

fn number(random: &mut Random) -> Node {
    match random.below(4) {
        0 => Node::Int(*random.pick(INTEGERS)),
        1 => Node::Text(random.pick(NUMBERS).to_string()),
        2 => Node::Text(format!("{}.{:02}", random.below(100_000), random.below(100))),
        _ => Node::Int(1 + random.below(60) as i64),
    }
}

fn text(random: &mut Random) -> Node {
    let long = if random.one_in(30) { *random.pick(&[63, 64, 65, 1_000, 1_001, 20_000]) } else { 0 };
    Node::Text(if long > 0 { random.pick(&["a", "箱", "𝒳"]).repeat(long) } else { random.pick(TEXTS).to_string() })
}

/// What comes back of some lines, mostly as many as there are.
fn lines_back(question: &Node, random: &mut Random) -> Node {
    let Some(Node::List(lines)) = find(question, &["order", "lines"]) else { return Node::Null };
    let back = lines.iter().filter_map(|line| {
        let id = find(line, &["id"]).cloned().or_else(|| match (find(line, &["sku"]), find(line, &["unit"])) {
            (Some(Node::Text(sku)), Some(Node::Text(unit))) => Some(Node::Text(format!("{sku}|{unit}"))),
            (Some(Node::Text(sku)), _) => Some(Node::Text(format!("{sku}|{}", random.pick(&["EA", "个", "台", "箱"])))),
            _ => None,
        })?;
        let quantity = if random.below(2) == 0 { find(line, &["quantity"]).cloned()? } else { Node::Int(1 + random.below(3) as i64) };
        (random.below(3) > 0).then(|| map([("line", id), ("quantity", quantity)]))
    });
    Node::List(back.collect())
}

fn lines_claimed(question: &Node, random: &mut Random) -> Node {
    let Some(Node::List(lines)) = find(question, &["order", "lines"]) else { return Node::List(Vec::new()) };
    let id = |line: &Node| match (find(line, &["id"]), find(line, &["sku"])) {
        (Some(Node::Text(id)), _) => id.clone(),
        (_, Some(Node::Text(sku))) => format!("{sku}|EA"),
        _ => "x".to_owned(),
    };
    Node::List(lines.iter().map(|line| map([("id", Node::Text(id(line))), ("net", number(random))])).collect())
}

/// A question from the words of a policy, sound for the most part.
fn made(shop: &Shop, random: &mut Random) -> Node {
    let words = &shop.words;
    let word = |list: &[String], random: &mut Random| {
        Node::Text(if list.is_empty() || random.one_in(60) { random.pick(TEXTS).to_string() } else { random.pick(list).clone() })
    };
    let maybe = |entries: &mut Vec<(String, Node)>, key: &str, list: &[String], random: &mut Random| {
        if !list.is_empty() && random.below(3) > 0 {
            entries.push((key.to_owned(), word(list, random)));
        }
    };
    let quantity = |random: &mut Random| match random.below(30) {
        0 => number(random),
        1..4 => Node::Int(1 + random.below(2_000) as i64),
        4 => Node::Text(format!("{}.5", random.below(9))),
        _ => Node::Int(1 + random.below(60) as i64),
    };
    let line = |random: &mut Random| {
        let mut line = vec![("sku".to_owned(), word(&words.skus, random)), ("quantity".to_owned(), quantity(random))];
        if random.one_in(10) {
            line.push(("id".to_owned(), Node::Text(format!("L{}", random.below(4)))));
        }
        if random.one_in(20) {
            line.push(("unit".to_owned(), Node::Text(random.word(&["EA", "台", "箱"]).to_owned())));
        }
        Node::Map(line)
    };
    let count = if random.one_in(50) { random.below(200) } else { random.below(6) };
    let lines = (0..count).map(|_| line(random)).collect();
    let mut order = vec![("schema".to_owned(), Node::Int(1)), ("lines".to_owned(), Node::List(lines))];
    maybe(&mut order, "source", &words.axes[5], random);
    if !words.coupons.is_empty() && random.below(2) == 0 {
        let codes = (0..1 + random.below(3)).map(|_| word(&words.coupons, random)).collect();
        order.push(("coupons".to_owned(), Node::List(codes)));
    }
    if !words.rules.is_empty() && random.one_in(4) {
        let gifts = (0..random.below(3)).map(|_| word(&words.skus, random)).collect();
        order.push(("gifts".to_owned(), Node::Map(vec![(random.pick(&words.rules).clone(), Node::List(gifts))])));
    }
    if !words.rules.is_empty() && random.one_in(6) {
        order.push(("decline".to_owned(), Node::List(vec![word(&words.rules, random)])));
    }
    let mut dealer = vec![("schema".to_owned(), Node::Int(1)), ("as_of".to_owned(), Node::Int(random.below(2_000_000_000) as i64 * 1_000))];
    dealer.push(("id".to_owned(), if random.below(2) == 0 { word(&words.axes[0], random) } else { Node::Text("D001".to_owned()) }));
    for (key, axis) in [("grade", 1), ("region", 2), ("channel", 3), ("group", 4)] {
        maybe(&mut dealer, key, &words.axes[axis], random);
    }
    let amount = |random: &mut Random| {
        if random.one_in(20) { number(random) } else { Node::Text(format!("{}.{}", random.below(200_000), random.below(10))) }
    };
    if random.below(3) == 0 {
        dealer.push(("credit".to_owned(), map(["limit", "receivable", "open_orders", "prepaid"].map(|key| (key, amount(random))))));
    }
    if !words.programs.is_empty() && random.below(2) == 0 {
        let volume = |random: &mut Random| map([("amount", amount(random)), ("quantity", Node::Int(random.below(9_000) as i64))]);
        let entry = |random: &mut Random| {
            map([
                ("program", word(&words.programs, random)),
                ("period", word(&words.periods, random)),
                ("posted", volume(random)),
                ("open", volume(random)),
            ])
        };
        dealer.push(("volumes".to_owned(), Node::List((0..random.below(4)).map(|_| entry(random)).collect())));
    }
    let unique = |list: &[String], entry: &dyn Fn(&mut Random) -> Node, random: &mut Random| {
        let chosen: Vec<&String> = list.iter().filter(|_| random.below(2) == 0).take(8).collect();
        Node::Map(chosen.into_iter().map(|id| (id.clone(), entry(random))).collect())
    };
    if random.below(3) == 0 {
        let times = |random: &mut Random| [("dealer", Node::Int(random.below(5) as i64)), ("total", Node::Int(random.below(50) as i64))];
        let usage = |random: &mut Random| {
            let [dealer, total] = times(random);
            map([dealer, total, ("units", map(times(random)))])
        };
        dealer.push(("usage".to_owned(), unique(&words.rules, &usage, random)));
    }
    if random.below(2) == 0 {
        let used = |random: &mut Random| map([("used", amount(random)), ("version", Node::Text("v1".to_owned()))]);
        dealer.push(("budgets".to_owned(), unique(&words.budgets, &used, random)));
    }
    let constants = &shop.engine.policy().constants;
    let now = match (random.below(12), shop.questions.is_empty()) {
        (0, _) => Node::Int(constants.valid.from.0.max(0)),
        (1, _) => Node::Int(constants.valid.to.0.min(constants.horizon.0).saturating_sub(1)),
        (2, _) => number(random),
        (_, false) => find(random.pick(&shop.questions), &["now"]).cloned().unwrap_or(Node::Null),
        _ => Node::Int(1_800_000_000_000),
    };
    map([("order", Node::Map(order)), ("dealer", Node::Map(dealer)), ("now", now)])
}

/// Changes one value somewhere below; `key` is the nearest key above it.
fn change(corpus: &Corpus, node: &mut Node, key: &str, random: &mut Random) {
    let deeper = random.below(6) > 0;
    match node {
        Node::Map(entries) if deeper && !entries.is_empty() => {
            let at = random.below(entries.len());
            let (key, node) = &mut entries[at];
            return change(corpus, node, key, random);
        }
        Node::List(items) if deeper && !items.is_empty() => {
            let at = random.below(items.len());
            return change(corpus, &mut items[at], key, random);
        }
        Node::Map(entries) if random.below(3) > 0 => {
            let at = random.below(entries.len() + 1);
            match random.below(6) {
                0 if at < entries.len() => drop(entries.remove(at)),
                // The same key again.
                1 if at < entries.len() => entries.push(entries[at].clone()),
                2 if at < entries.len() => entries[at].0 = random.pick(KEYS).to_string(),
                3 if random.one_in(40) => entries.extend((0..1_001).map(|index| (format!("k{index}"), Node::Null))),
                4 => entries.insert(at, (random.pick(KEYS).to_string(), text(random))),
                _ => entries.push(random.pick(&corpus.parts).clone()),
            }
            return;
        }
        Node::List(items) if random.below(3) > 0 => {
            let at = random.below(items.len() + 1);
            match random.below(4) {
                0 if at < items.len() => drop(items.remove(at)),
                1 if at < items.len() => {
                    let few = if random.one_in(10) { 30 } else { 2 };
                    let times = if random.one_in(1_000) { 10_001 } else { 1 + random.below(few) };
                    items.extend(vec![items[at].clone(); times]);
                }
                2 => items.insert(at, random.pick(&corpus.parts).1.clone()),
                _ => items.push(number(random)),
            }
            return;
        }
        _ => {}
    }
    *node = match random.below(12) {
        0 => Node::Null,
        1 => Node::Bool(random.below(2) == 0),
        2..5 => number(random),
        5 => Node::Fraction(random.pick(NUMBERS).to_string()),
        6 => text(random),
        7 => {
            let most = *random.pick(&[1, 16, 20, 140]);
            let levels = 1 + random.below(most);
            (0..levels).fold(Node::Int(1), |inside, level| if level % 2 == 0 { Node::List(vec![inside]) } else { map([("a", inside)]) })
        }
        8 => random.pick(&corpus.parts).1.clone(),
        // What stands under the same key elsewhere fits most often.
        _ => {
            let from = random.below(corpus.parts.len());
            let same = corpus.parts[from..].iter().chain(&corpus.parts[..from]).find(|(other, _)| other == key);
            same.map_or_else(|| text(random), |(_, node)| node.clone())
        }
    };
}

/// JSON as a hostile client writes it: keys may stand twice, numbers are whatever they are.
fn json(node: &Node, out: &mut String) {
    match node {
        // Packed lines are made by the wrapper alone.
        Node::Null | Node::Rows(_) => out.push_str("null"),
        Node::Bool(value) => out.push_str(&value.to_string()),
        Node::Int(value) => out.push_str(&value.to_string()),
        Node::Fraction(text) => out.push_str(text),
        Node::Text(text) => out.push_str(&serde_json::to_string(text).unwrap_or_default()),
        Node::List(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                json(item, out);
            }
            out.push(']');
        }
        Node::Map(entries) => {
            out.push('{');
            for (at, (key, node)) in entries.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { "," });
                out.push_str(&serde_json::to_string(key).unwrap_or_default());
                out.push(':');
                json(node, out);
            }
            out.push('}');
        }
    }
}

/// As data come from JavaScript: keys are unique, and nothing is nested deeper than its reader follows.
fn plain(node: &Node, depth: usize) -> Node {
    match node {
        Node::List(_) | Node::Map(_) if depth > qudao::limit::DEPTH => Node::Null,
        Node::List(items) => Node::List(items.iter().map(|item| plain(item, depth + 1)).collect()),
        Node::Map(entries) => {
            let mut unique: Vec<(String, Node)> = Vec::new();
            for (key, node) in entries {
                if unique.len() < 2_000 && !unique.iter().any(|(known, _)| known == key) {
                    unique.push((key.clone(), plain(node, depth + 1)));
                }
            }
            Node::Map(unique)
        }
        other => other.clone(),
    }
}

fn written(input: &Input) -> String {
    let mut text = String::new();
    json(&input.question, &mut text);
    for (at, character) in input.text.iter().flatten() {
        let mut at = at * text.len() / 400;
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        text.insert(at, *character);
    }
    text
}

/// What came of the question, in a few words; or what is wrong with the engine.
pub fn run(corpus: &Corpus, input: &Input) -> Verdict<String> {
    let question = match &input.text {
        None => plain(&input.question, 0),
        Some(_) => match serde_json::from_str(&written(input)) {
            Ok(node) => node,
            Err(_) => return Ok("not JSON, a key twice, or nested too deep".to_owned()),
        },
    };
    let shop = &corpus.shops[input.shop];
    let answer = match &input.door {
        Door::Quote => wire::quote(&shop.engine, &question),
        Door::Verify(claimed) => verify(shop, &question, claimed.as_ref())?,
        Door::Catalog => wire::catalog(&shop.engine, &question),
        Door::Explain => wire::explain(&shop.engine, &question),
        Door::Session => session(shop, &question)?,
        Door::Hints => wire::hints(&shop.engine, &question),
        Door::Alternatives => wire::alternatives(&shop.engine, &question),
        Door::Return => wire::return_preview(&shop.engine, &question),
        Door::Plans => wire::redemption_plans(&shop.engine, &question),
    };
    match answer {
        Ok(text) => {
            if let Door::Quote | Door::Session = input.door {
                oracle::claims(shop.engine.policy(), &oracle::quote(&text)?, &question)?;
            } else {
                serde_json::from_str::<serde_json::Value>(&text).map_err(|fault| format!("the answer is not JSON: {fault}"))?;
            }
            let door = format!("{:?}", input.door);
            Ok(format!("answered: {}", door.split('(').next().unwrap_or_default().to_lowercase()))
        }
        Err(faults) => {
            oracle::faults(&faults)?;
            Ok(faults.0[0].code.to_owned())
        }
    }
}

/// A claim of the order's own quote changes nothing; any other one is decided on.
fn verify(shop: &Shop, question: &Node, claimed: Option<&Node>) -> Verdict<Result<String, Faults>> {
    if let Some(claimed) = claimed {
        return Ok(wire::verify(&shop.engine, &with_node(question, "claimed", plain(claimed, 1))));
    }
    let quote = match wire::quote(&shop.engine, question) {
        Ok(text) => oracle::quote(&text)?,
        Err(faults) => return Ok(Err(faults)),
    };
    let text = |value: &serde_json::Value| Node::Text(value.as_str().unwrap_or_default().to_owned());
    let lines = quote["lines"].as_array().map_or(&[][..], Vec::as_slice);
    let lines = lines.iter().map(|line| map([("id", text(&line["id"])), ("net", text(&line["net"]))])).collect();
    let claimed =
        map([("result_hash", text(&quote["result_hash"])), ("payable", text(&quote["totals"]["payable"])), ("lines", Node::List(lines))]);
    let answer = wire::verify(&shop.engine, &with_node(question, "claimed", claimed));
    match &answer {
        Ok(text) if text.split_once("\"quote\":").is_some_and(|(reasons, _)| reasons.contains("\"CHANGED_")) => {
            Err(format!("an order's own figures are said to be changed: {text}"))
        }
        Err(faults) => Err(format!("an order that has a quote has no verdict on it: {faults}")),
        _ => Ok(answer),
    }
}

/// A cart with the order's lines: its quote is that of its own order.
fn session(shop: &Shop, question: &Node) -> Verdict<Result<String, Faults>> {
    let part = |path: &[&str]| find(question, path).cloned();
    let opened = [("dealer", part(&["dealer"])), ("now", part(&["now"])), ("source", part(&["order", "source"]))];
    let opened = Node::Map(opened.into_iter().filter_map(|(key, node)| Some((key.to_owned(), node?))).collect());
    let mut session = match Session::open(Rc::clone(&shop.engine), &opened) {
        Ok(session) => session,
        Err(faults) => return Ok(Err(faults)),
    };
    let mut refused = None;
    let mut note = |result: Result<(), Faults>| {
        if let Err(faults) = result {
            refused.get_or_insert(faults);
        }
    };
    if let Some(Node::List(lines)) = find(question, &["order", "lines"]) {
        for line in lines.iter().take(300) {
            if let (Some(Node::Text(sku)), Some(quantity)) = (find(line, &["sku"]), find(line, &["quantity"])) {
                note(session.set(sku, quantity));
            }
        }
    }
    let entered = ["coupons", "gifts", "decline"].map(|key| (key, part(&["order", key])));
    note(session.enter(&Node::Map(entered.into_iter().filter_map(|(key, node)| Some((key.to_owned(), node?))).collect())));
    if let Some(faults) = &refused {
        oracle::faults(faults)?;
    }
    let order: Node = serde_json::from_str(&session.order()).map_err(|fault| format!("the cart's order is not JSON: {fault}"))?;
    let again = with_node(&without(&opened, "source"), "order", order);
    for answer in [session.changes(), session.explain("zh")] {
        if let Err(faults) = answer {
            oracle::faults(&faults)?;
        }
    }
    let (cart, fresh) = (session.quote(), wire::quote(&shop.engine, &again));
    if cart != fresh {
        return Err(format!("the cart's quote is not that of its order:\n{cart:?}\n{fresh:?}"));
    }
    if let Some(Node::List(lines)) = find(&again, &["order", "lines"])
        && let Some(Node::Text(sku)) = lines.first().and_then(|line| find(line, &["sku"]))
    {
        session.set(sku, &Node::Int(0)).map_err(|faults| format!("a line cannot be removed: {faults}"))?;
        if let Err(faults) = session.changes() {
            oracle::faults(&faults)?;
        }
    }
    session.clear();
    Ok(cart)
}

/// Inputs with something less.
pub fn smaller(input: &Input) -> Vec<Input> {
    let mut list: Vec<Input> = less(&input.question).into_iter().map(|question| Input { question, ..input.clone() }).collect();
    if let Door::Verify(Some(claimed)) = &input.door {
        list.extend(less(claimed).into_iter().map(|claimed| Input { door: Door::Verify(Some(claimed)), ..input.clone() }));
    }
    if let Some(odd) = &input.text {
        list.push(Input { text: if odd.is_empty() { None } else { Some(Vec::new()) }, ..input.clone() });
    }
    list
}

fn less(node: &Node) -> Vec<Node> {
    let mut list = Vec::new();
    match node {
        Node::Map(entries) => {
            for at in 0..entries.len() {
                let mut without = entries.clone();
                without.remove(at);
                list.push(Node::Map(without));
            }
            for (at, (key, inner)) in entries.iter().enumerate() {
                for smaller in less(inner) {
                    let mut changed = entries.clone();
                    changed[at] = (key.clone(), smaller);
                    list.push(Node::Map(changed));
                }
            }
        }
        Node::List(items) => {
            list.push(Node::List(items[..items.len() / 2].to_vec()));
            list.push(Node::List(items[items.len() / 2..].to_vec()));
            for at in 0..items.len().min(40) {
                let mut without = items.clone();
                without.remove(at);
                list.push(Node::List(without));
                for smaller in less(&items[at]) {
                    let mut changed = items.clone();
                    changed[at] = smaller;
                    list.push(Node::List(changed));
                }
            }
        }
        Node::Text(text) if text.len() > 40 => list.push(Node::Text(text.chars().take(text.chars().count() / 2).collect())),
        _ => {}
    }
    list
}

pub fn show(corpus: &Corpus, input: &Input) -> String {
    let form = if input.text.is_some() { "JSON text" } else { "plain data" };
    format!("{} asked through {:?}, as {form}:\n{}\n", corpus.shops[input.shop].name, input.door, written(input))
}
