use super::packed::Rows;
use crate::limit;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Any input value before it is understood: what JSON, JavaScript objects and policy tests have in common.
///
/// Numbers are integers or nothing: a number with a fraction or exponent becomes [`Node::Fraction`], which every reader refuses with the cure,
/// so no binary fraction ever turns into money.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node {
    /// `null`, or a missing value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number that is not an integer, or too large for one; its text, for the message.
    Fraction(String),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object; keys are unique, in the order given.
    Map(Vec<(String, Node)>),
    /// The lines of an order, packed; only orders are read from it, everywhere else it is no value.
    Rows(Rows),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Node, D::Error> {
        input.deserialize_any(NodeReader)
    }
}

struct NodeReader;

impl<'de> Visitor<'de> for NodeReader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a value")
    }
    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }
    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<Node, D::Error> {
        Node::deserialize(input)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Int(value))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(i64::try_from(value).map_or_else(|_| Node::Fraction(value.to_string()), Node::Int))
    }
    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        // `5.0` is the integer 5, as it is in JavaScript, where both are one number.
        let text = value.to_string();
        Ok(text.parse().ok().filter(|whole: &i64| whole.unsigned_abs() < 1 << 53).map_or(Node::Fraction(text), Node::Int))
    }
    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }
    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        // Keys are read as nodes too: the standard reader of texts brings the writer of floats along, for a message that nobody sees.
        while let Some((key, node)) = map.next_entry::<Node, Node>()? {
            let Node::Text(key) = key else { return Err(A::Error::custom("a key is text")) };
            if entries.len() == limit::KEYS {
                return Err(A::Error::custom(format!("an object has at most {} keys", limit::KEYS)));
            }
            if entries.iter().any(|(known, _)| *known == key) {
                return Err(A::Error::custom(format!("key `{key}` stands twice")));
            }
            entries.push((key, node));
        }
        Ok(Node::Map(entries))
    }
}
