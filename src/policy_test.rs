//! A policy's own tests: orders with expected figures, compared with the quote figure by figure.
//!
//! What a test names is compared exactly; a name that the quote does not have is a difference, never passed over.

use crate::diagnostic::{Code, Diagnostics, Place, SourceFile};
use crate::import::tree::{Tree, Value};
use crate::import::{input, node};
use crate::wire::{Faults, Node};
use serde_json::Value as Json;

/// One test of a policy.
#[derive(Debug, Clone)]
pub struct PolicyTest {
    /// What it shows, in a sentence.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// What is asked: `{order, dealer, now}`.
    pub input: Node,
    /// What is expected of the quote.
    pub expect: Tree,
}

/// One figure that is not as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Where the expectation stands.
    pub place: Place,
    /// Which figure, for example `lines.BCD-520|台.net`.
    pub path: String,
    /// What the test says.
    pub expected: String,
    /// What the quote says.
    pub found: String,
}

/// Reads the tests of one file; its shape is checked elsewhere, and a test without `expect` is passed over. `beside` finds a file that a test
/// names, with its index.
pub fn read<'a>(tree: &Tree, beside: impl Fn(&str) -> Option<(u32, &'a SourceFile)>, diagnostics: &mut Diagnostics) -> Vec<PolicyTest> {
    let mut tests = Vec::new();
    for test in tree.get("tests").map_or(&[][..], Tree::items) {
        let part = |key: &str| test.get(key).map_or(Node::Null, node);
        let Some(expect) = test.get("expect").cloned() else { continue };
        if expect.entries().is_empty() {
            diagnostics.add(Code::ExpectEmpty, expect.place, "the test expects nothing", "name a figure, such as `totals: { payable: … }`");
        }
        let dealer = match test.get("dealer").and_then(Tree::text) {
            None => part("dealer"),
            Some(name) => match beside(name) {
                Some((index, file)) => input(index, file, diagnostics).unwrap_or(Node::Null),
                None => {
                    let place = test.get("dealer").map_or(test.place, |dealer| dealer.place);
                    let help = "write the dealer facts here, or correct the name";
                    diagnostics.add(
                        Code::FileMissing,
                        place,
                        format!("there is no file `{name}` beside the test or in the policy's folder"),
                        help,
                    );
                    Node::Null
                }
            },
        };
        let input = [("order", part("order")), ("dealer", dealer), ("now", part("now"))];
        let name = test.get("name").and_then(Tree::text).unwrap_or_default().to_owned();
        let input = Node::Map(input.map(|(key, node)| (key.to_owned(), node)).into());
        tests.push(PolicyTest { name, place: test.place, input, expect });
    }
    tests
}

/// Runs one test with `quote` and returns every difference; none means that it passes.
pub fn run(test: &PolicyTest, quote: impl FnOnce(&Node) -> Result<String, Faults>) -> Vec<Difference> {
    let mut comparison = Comparison::default();
    let answer = quote(&test.input).map(|text| serde_json::from_str::<Json>(&text));
    match (answer, test.expect.get("error")) {
        (Ok(Ok(quote)), None) => comparison.quote(&test.expect, &quote),
        (Ok(_), None) => comparison.differ(&test.expect, "", "a quote", "an answer that is not JSON"),
        (Ok(_), Some(codes)) => comparison.differ(codes, "error", shown(codes), "a quote"),
        (Err(faults), None) => comparison.differ(&test.expect, "", "a quote", faults.to_string().replace('\n', "; ")),
        (Err(faults), Some(codes)) => comparison.refusal(&test.expect, codes, &faults),
    }
    comparison.differences
}

#[derive(Default)]
struct Comparison {
    differences: Vec<Difference>,
}

impl Comparison {
    fn quote(&mut self, expect: &Tree, quote: &Json) {
        for entry in expect.entries() {
            let (key, expected) = (entry.key.as_str(), &entry.tree);
            match (key, quote.get(key)) {
                (_, None) => self.differ(expected, key, shown(expected), "the quote has no such figure"),
                ("lines", Some(lines)) => self.by_id(expected, lines, key, "id"),
                ("rules", Some(rules)) => self.by_id(expected, rules, key, "rule"),
                ("gift_offers", Some(offers)) => self.by_id(expected, offers, key, "promotion"),
                ("earned", Some(earned)) => self.by_id(expected, earned, key, "promotion"),
                ("gift_choices", Some(choices)) => self.by_id(expected, choices, key, "promotion"),
                ("coupons", Some(coupons)) => self.by_id(expected, coupons, key, "code"),
                ("replenishment", Some(products)) if matches!(expected.value, Value::Map(_)) => self.by_id(expected, products, key, "sku"),
                ("rebates", Some(rebates)) => self.by_id(expected, rebates, key, "program"),
                ("guards", Some(guards)) => self.guards(expected, guards),
                (_, Some(found)) => self.value(expected, found, key),
            }
        }
    }

    /// A mapping by id against a list whose items carry it under `id_key`.
    fn by_id(&mut self, expected: &Tree, list: &Json, path: &str, id_key: &str) {
        if !matches!(expected.value, Value::Map(_)) {
            return self.differ(expected, path, shown(expected), format!("a list; name its items by {id_key}: `{{ {id_key}: {{ … }} }}`"));
        }
        for entry in expected.entries() {
            let path = format!("{path}.{}", entry.key);
            let found = list.as_array().into_iter().flatten().find(|item| item.get(id_key).and_then(Json::as_str) == Some(&entry.key));
            match found {
                Some(item) => self.item(&entry.tree, item, &path),
                None => self.differ(&entry.tree, &path, shown(&entry.tree), "nothing of this name in the quote"),
            }
        }
    }

    /// One line, rule or rebate; `unit_price` stands for `price.unit_price`.
    fn item(&mut self, expected: &Tree, item: &Json, path: &str) {
        if expected.entries().is_empty() {
            return self.differ(expected, path, "at least one figure", item.to_string());
        }
        for entry in expected.entries() {
            let path = format!("{path}.{}", entry.key);
            let found = match entry.key.as_str() {
                "unit_price" => item.get("price").and_then(|price| price.get("unit_price")),
                key => item.get(key),
            };
            self.field(&entry.tree, found, &path);
        }
    }

    /// The whole list of guards, as codes or as mappings of the figures that matter.
    fn guards(&mut self, expected: &Tree, guards: &Json) {
        let found: &[Json] = guards.as_array().map_or(&[], Vec::as_slice);
        let codes: Vec<&str> = found.iter().map(|guard| guard.get("code").and_then(Json::as_str).unwrap_or_default()).collect();
        if !matches!(expected.value, Value::List(_)) || expected.items().len() != found.len() {
            return self.differ(expected, "guards", shown(expected), format!("[{}]", codes.join(", ")));
        }
        for (index, (item, guard)) in expected.items().iter().zip(found).enumerate() {
            let path = format!("guards[{index}]");
            match item.text() {
                Some(code) if code == codes[index] => {}
                Some(code) => self.differ(item, &path, code, codes[index]),
                None => self.value(item, guard, &path),
            }
        }
    }

    /// The codes of a refused order, in any order.
    fn refusal(&mut self, expect: &Tree, codes: &Tree, faults: &Faults) {
        let mut expected: Vec<&str> = codes.items().iter().filter_map(Tree::text).collect();
        let mut found: Vec<&str> = faults.0.iter().map(|fault| fault.code).collect();
        expected.sort_unstable();
        found.sort_unstable();
        if expected != found || codes.items().len() != expected.len() {
            self.differ(codes, "error", shown(codes), faults.to_string().replace('\n', "; "));
        }
        for entry in expect.entries().iter().filter(|entry| entry.key != "error") {
            self.differ(&entry.tree, &entry.key, shown(&entry.tree), "no quote, because the order is refused");
        }
    }

    fn field(&mut self, expected: &Tree, found: Option<&Json>, path: &str) {
        match found {
            Some(found) => self.value(expected, found, path),
            None => self.differ(expected, path, shown(expected), "the quote has no such figure"),
        }
    }

    /// Any value: scalars by their text, lists whole, mappings by the keys that are named.
    fn value(&mut self, expected: &Tree, found: &Json, path: &str) {
        match (&expected.value, found) {
            (Value::Map(entries), Json::Object(_)) if !entries.is_empty() => {
                for entry in entries {
                    self.field(&entry.tree, found.get(&entry.key), &format!("{path}.{}", entry.key));
                }
            }
            (Value::List(items), Json::Array(list)) if items.len() == list.len() => {
                for (index, (item, found)) in items.iter().zip(list).enumerate() {
                    self.value(item, found, &format!("{path}[{index}]"));
                }
            }
            (Value::Text { text, .. }, Json::String(_) | Json::Number(_) | Json::Bool(_)) => {
                let found = plain(found);
                if *text != found {
                    self.differ(expected, path, text, found);
                }
            }
            (Value::Blank, Json::Null) => {}
            _ => self.differ(expected, path, shown(expected), plain(found)),
        }
    }

    fn differ(&mut self, at: &Tree, path: &str, expected: impl Into<String>, found: impl Into<String>) {
        self.differences.push(Difference { place: at.place, path: path.to_owned(), expected: expected.into(), found: found.into() });
    }
}

/// A value as text, without the quotes of JSON.
fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A tree in one line, for messages.
fn shown(tree: &Tree) -> String {
    match &tree.value {
        Value::Blank | Value::Refused => "null".to_owned(),
        Value::Text { text, .. } => text.clone(),
        Value::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            let entries: Vec<String> = entries.iter().map(|entry| format!("{}: {}", entry.key, shown(&entry.tree))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::tree;
    use crate::wire::Fault;

    const QUOTE: &str = r#"{"currency":"CNY","totals":{"net":"36900.00","payable":"36900.00"},"guards":[{"code":"FLOOR","severity":"route"}],
        "lines":[{"id":"A|台","net":"36900.00","floor":null,"price":{"unit_price":"3200.00"},"units":[{"count":12,"net":"36900.00"}]}],"rules":[{"rule":"r","times":3}]}"#;

    /// Paths of all differences between an `expect` and the quote above.
    fn differing(expect: &str) -> Vec<String> {
        differences(expect, Ok(QUOTE.to_owned())).into_iter().map(|difference| difference.path).collect()
    }

    fn differences(expect: &str, answer: Result<String, Faults>) -> Vec<Difference> {
        let mut diagnostics = Diagnostics::default();
        let text = format!("tests:\n  - {{ name: t, now: 0, dealer: {{}}, order: {{}}, expect: {expect} }}\n");
        let tree = tree::read(0, &text, &mut diagnostics).unwrap();
        let tests = read(&tree, |_| None, &mut diagnostics);
        run(&tests[0], |_| answer)
    }

    #[test]
    fn named_figures_are_compared_and_others_are_not() {
        assert_eq!(
            differing("{ totals: { net: 36900.00 }, guards: [FLOOR], lines: { A|台: { unit_price: '3200.00', floor: null } } }"),
            [""; 0]
        );
        assert_eq!(
            differing("{ rules: { r: { times: 3 } }, guards: [{ severity: route }], lines: { A|台: { units: [{ count: 12 }] } } }"),
            [""; 0]
        );
        assert_eq!(
            differing("{ totals: { net: 36900.0, payable: 1 }, guards: [], lines: { A|台: { units: [] } } }"),
            ["totals.net", "totals.payable", "guards", "lines.A|台.units"]
        );
    }

    #[test]
    fn names_that_the_quote_does_not_have_are_differences() {
        assert_eq!(differing("{ total: 1, lines: { B: { net: 1 }, A|台: { nett: 1 } }, rules: { r: {} }, error: [X] }"), ["error"]);
        assert_eq!(
            differing("{ total: 1, lines: { B: { net: 1 }, A|台: { nett: 1 } }, rules: { r: {} } }"),
            ["total", "lines.B", "lines.A|台.nett", "rules.r"]
        );
    }

    #[test]
    fn a_refusal_is_compared_by_all_its_codes() {
        let fault = |code| Fault { code, path: String::new(), value: String::new(), message: String::new(), help: String::new() };
        let refused = || Err(Faults(vec![fault("B"), fault("A")]));
        assert_eq!(differences("{ error: [A, B] }", refused()), []);
        assert_eq!(differences("{ error: [A] }", refused()).len(), 1);
        assert_eq!(differences("{ error: [A, B], totals: { net: 1 } }", refused()).len(), 1);
        assert_eq!(differences("{ totals: { net: 1 } }", refused()).len(), 1);
    }
}
