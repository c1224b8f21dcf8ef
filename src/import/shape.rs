//! Compares a tree with the JSON Schema of the policy types, so that every fault of shape is found at once and in one way.
//!
//! Knows the part of JSON Schema that our own types produce (see [`super::schema`]), nothing more.

use super::tree::{Tree, Value};
use crate::diagnostic::{Code, Diagnostics, Place, nearest};
use crate::num::{Number, NumberFault, Percent};
use serde_json::Value as Json;

/// A place in a schema, and the schema as a whole, in which references are looked up.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    root: &'a Json,
    here: &'a Json,
}

impl<'a> Shape<'a> {
    /// The shape that a whole schema describes.
    pub fn of(root: &'a Json) -> Shape<'a> {
        Shape { root, here: root }
    }

    /// The shape of one property, when there is such a property.
    pub fn property(self, key: &str) -> Option<Shape<'a>> {
        let here = self.resolved().here;
        let named = here.get("properties").and_then(|properties| properties.get(key));
        // A mapping whose keys are the author's own says what stands under each of them.
        Some(self.at(named.or_else(|| here.get("additionalProperties").filter(|shape| shape.is_object()))?))
    }

    /// The shape of the items of a list.
    pub fn items(self) -> Option<Shape<'a>> {
        Some(self.at(self.resolved().here.get("items")?))
    }

    /// Names of the properties, in the order of the type.
    pub fn keys(self) -> Vec<&'a str> {
        self.resolved()
            .here
            .get("properties")
            .and_then(Json::as_object)
            .map_or_else(Vec::new, |map| map.keys().map(String::as_str).collect())
    }

    /// Reports everything about `tree` that does not fit, and whether it fits. `name` is what messages call it.
    pub fn check(self, tree: &Tree, name: &str, diagnostics: &mut Diagnostics) -> bool {
        let before = diagnostics.found.len();
        let refused = !self.walk(tree, name, diagnostics);
        !refused && diagnostics.found.len() == before
    }

    fn at(self, here: &'a Json) -> Shape<'a> {
        Shape { root: self.root, here }
    }

    /// Follows `$ref`, and `allOf` or `anyOf` of one, which is how a reference carries its own description.
    fn resolved(self) -> Shape<'a> {
        let only = |key: &str| self.here.get(key).and_then(Json::as_array).filter(|list| list.len() == 1).and_then(|list| list.first());
        if let Some(inner) = only("allOf").or_else(|| only("anyOf")) {
            return self.at(inner).resolved();
        }
        match self.name().and_then(|name| self.root.get("definitions")?.get(name)) {
            Some(definition) => self.at(definition).resolved(),
            None => self,
        }
    }

    /// Name of the type that is referred to here.
    fn name(self) -> Option<&'a str> {
        self.here.get("$ref")?.as_str()?.strip_prefix("#/definitions/")
    }

    /// Returns `false` when something was met that had been reported before.
    fn walk(self, tree: &Tree, name: &str, diagnostics: &mut Diagnostics) -> bool {
        let shape = self.resolved();
        let kinds = shape.kinds();
        let allows = |kind: &str| kinds.contains(&kind);
        match &tree.value {
            Value::Refused => return false,
            // A schema without a type describes any value.
            _ if kinds.is_empty() => {}
            Value::Blank => {
                diagnostics.add(Code::ShapeWrong, tree.place, format!("{name} has no value"), "write a value, or delete the key");
            }
            Value::Map(_) if allows("object") => return shape.mapping().walk_map(tree, name, diagnostics),
            Value::List(items) if allows("array") => {
                let (item, name) = (shape.list_items(), format!("an item of {name}"));
                let mut fine = true;
                for tree in items {
                    fine &= item.walk(tree, &name, diagnostics);
                }
                return fine;
            }
            Value::Text { text, .. } if allows("string") || allows("integer") => shape.check_text(text, tree.place, name, diagnostics),
            _ => wrong_kind(tree, &shape, name, diagnostics),
        }
        true
    }

    fn walk_map(self, tree: &Tree, name: &str, diagnostics: &mut Diagnostics) -> bool {
        let mut fine = true;
        let keys = self.keys();
        for entry in tree.entries() {
            match self.property(&entry.key) {
                Some(shape) => fine &= shape.walk(&entry.tree, &format!("`{}`", entry.key), diagnostics),
                None => {
                    let help = match nearest(&entry.key, keys.iter().copied()) {
                        Some(meant) => format!("did you mean `{meant}`?"),
                        // `{ en: Washer, dryer deal }`: what follows the comma became a key without a value.
                        None if entry.tree.value == Value::Blank => {
                            "if it belongs to the text before it, put that text in quotes".to_owned()
                        }
                        None => format!("the keys here are {}", listed(&keys)),
                    };
                    diagnostics.add(Code::KeyUnknown, entry.place, format!("`{}` is not a key of {name}", entry.key), help);
                }
            }
        }
        for key in self.required() {
            if tree.get(key).is_none() {
                let what = self.property(key).and_then(|shape| shape.here.get("description")?.as_str()).unwrap_or_default();
                diagnostics.add(
                    Code::KeyMissing,
                    tree.place,
                    format!("{name} has no `{key}`"),
                    format!("add `{key}`: {}", uncapitalized(what)),
                );
            }
        }
        fine
    }

    fn required(self) -> impl Iterator<Item = &'a str> {
        self.here.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
    }

    /// The mapping, also where it is one of several choices.
    fn mapping(self) -> Shape<'a> {
        if self.here.get("properties").is_some() {
            self
        } else {
            self.choices().find(|branch| branch.here.get("properties").is_some()).unwrap_or(self)
        }
    }

    /// The items of a list, also where a list is one of several choices.
    fn list_items(self) -> Shape<'a> {
        let branch = self.choices().find(|branch| branch.here.get("items").is_some());
        self.at(branch.unwrap_or(self).here.get("items").unwrap_or(&Json::Bool(true)))
    }

    fn choices(self) -> impl Iterator<Item = Shape<'a>> {
        self.here.get("anyOf").and_then(Json::as_array).into_iter().flatten().map(move |branch| self.at(branch).resolved())
    }

    /// JSON types that may stand here.
    fn kinds(self) -> Vec<&'a str> {
        match self.here.get("type") {
            Some(Json::String(kind)) => vec![kind],
            Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).collect(),
            _ if self.here.get("oneOf").is_some() => vec!["string"],
            _ => self.choices().flat_map(Shape::kinds).collect(),
        }
    }

    fn check_text(self, text: &str, place: Place, name: &str, diagnostics: &mut Diagnostics) {
        let words = self.words();
        if !words.is_empty() {
            if !words.contains(&text) {
                let all = format!("write one of {}", listed(&words));
                let help =
                    nearest(text, words.iter().copied()).map_or_else(|| all.clone(), |meant| format!("did you mean `{meant}`? {all}"));
                diagnostics.add(Code::WordUnknown, place, format!("{name} cannot be `{text}`"), help);
            }
            return;
        }
        // Where the pattern stands, the reader of the type is asked, so that the two cannot differ.
        let pattern = self.here.get("pattern").and_then(Json::as_str);
        let fault = match pattern {
            Some(pattern) if pattern.contains('%') => text.parse::<Percent>().err(),
            Some(_) => text.parse::<Number>().err(),
            None => None,
        };
        if let Some(fault) = fault {
            number_fault(fault, text, name, place, diagnostics);
        } else if self.kinds().contains(&"integer") {
            self.check_integer(text, place, name, diagnostics);
        }
    }

    fn check_integer(self, text: &str, place: Place, name: &str, diagnostics: &mut Diagnostics) {
        let (least, most) = match self.here.get("format").and_then(Json::as_str) {
            Some("uint32") => (0, i64::from(u32::MAX)),
            _ => (i64::from(i32::MIN), i64::from(i32::MAX)),
        };
        let code = match text.parse::<Number>() {
            Err(NumberFault::Range) => Code::NumberRange,
            Err(_) => Code::NumberInvalid,
            Ok(_) if text.contains('.') => Code::NumberInvalid,
            Ok(number) if number.0 < least.into() || number.0 > most.into() => Code::NumberRange,
            Ok(_) => return,
        };
        diagnostics.add(code, place, format!("{name} cannot be `{text}`"), format!("write a whole number from {least} to {most}"));
    }

    /// The allowed words, when the value is one of a closed set.
    fn words(self) -> Vec<&'a str> {
        let constants =
            self.here.get("oneOf").and_then(Json::as_array).into_iter().flatten().filter_map(|branch| branch.get("const")?.as_str());
        let listed = self.here.get("enum").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str);
        constants.chain(listed).collect()
    }
}

/// Reports why `text` is not a number, with the cure for the usual spellings.
pub fn number_fault(fault: NumberFault, text: &str, name: &str, place: Place, diagnostics: &mut Diagnostics) {
    let (code, help) = match fault {
        NumberFault::Digits(digits) => (Code::NumberDigits, format!("write at most {digits} digits after the point")),
        NumberFault::Range => (Code::NumberRange, "write a number with at most 24 digits".to_owned()),
        NumberFault::Syntax => (Code::NumberInvalid, number_cure(text)),
    };
    diagnostics.add(code, place, format!("{name} cannot be `{text}`"), help);
}

fn number_cure(text: &str) -> String {
    // A lone comma behind a point, or not before three digits, is a decimal comma: 2.000,50 and 32,5.
    let plain = text.replace('，', ",");
    let decimal_comma = plain.split_once(',').is_some_and(|(whole, digits)| {
        let is_group = digits.chars().take_while(|c| plain_digit(*c).is_some_and(|digit| digit.is_ascii_digit())).count() == 3;
        !digits.contains([',', '.']) && (whole.contains('.') || !is_group)
    });
    let ours = if decimal_comma { plain.replace('.', "").replace(',', ".") } else { plain };
    let plain: String = ours.chars().filter_map(plain_digit).collect();
    let cure = "write a plain decimal such as `1299.50`";
    if plain != text && plain.parse::<Number>().is_ok() { format!("{cure}; here `{plain}`") } else { cure.to_owned() }
}

/// What a character of a number means when it is written the way spreadsheets and Chinese keyboards do; `None` for what is only decoration.
fn plain_digit(c: char) -> Option<char> {
    match c {
        '０'..='９' => char::from_digit(u32::from(c) - u32::from('０'), 10),
        '．' | '。' => Some('.'),
        '－' => Some('-'),
        ',' | '，' | ' ' | '\u{3000}' | '¥' | '￥' | '元' | '+' => None,
        other => Some(other),
    }
}

fn wrong_kind(tree: &Tree, shape: &Shape, name: &str, diagnostics: &mut Diagnostics) {
    let found = match &tree.value {
        Value::Map(_) => "a mapping",
        Value::List(_) => "a list",
        _ => "a single value",
    };
    let kinds = shape.kinds();
    let mut wanted = Vec::new();
    for (kind, words) in [("object", "a mapping"), ("string", "a single value"), ("integer", "a whole number"), ("array", "a list")] {
        if kinds.contains(&kind) {
            wanted.push(words);
        }
    }
    let wanted = wanted.join(" or ");
    let help = match tree.text() {
        // The colon of Chinese keyboards makes one long text of `key：value`.
        Some(text) if text.contains('：') => "write `:` and a space between key and value, not the full-width `：`".to_owned(),
        _ if kinds.contains(&"object") => format!("write `{{ {}: … }}`", shape.mapping().keys().first().unwrap_or(&"key")),
        _ if kinds.contains(&"array") => "write `[…]`, or one item a line, each after `- `".to_owned(),
        _ => "write one value, without brackets or braces".to_owned(),
    };
    diagnostics.add(Code::ShapeWrong, tree.place, format!("{name} is {found}, not {wanted}"), help);
}

/// Words in backticks, for messages.
pub fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// First sentence of a description, to go on inside a sentence.
fn uncapitalized(text: &str) -> String {
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first).trim_end_matches('.');
    let mut letters = sentence.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().collect::<String>() + letters.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cure_of_a_number_is_the_number_that_was_meant() {
        let cured = |text: &str| number_cure(text).rsplit_once("here `").map(|(_, plain)| plain.trim_end_matches('`').to_owned());
        let shown = ["1,299.50", "2.000,50", "1.234.567,8", "￥１２", "1,2,3.4", "32,00", "1,5", "５，００ 元"].map(cured);
        let meant = ["1299.50", "2000.50", "1234567.8", "12", "123.4", "32.00", "1.5", "5.00"].map(|text| Some(text.to_owned()));
        assert_eq!(shown, meant);
        assert_eq!((cured("abc"), cured("5")), (None, None));
    }
}
