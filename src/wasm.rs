//! The thin shell that JavaScript calls; `src/js` wraps it.
//!
//! Plain data in, canonical JSON out, and what is thrown is the faults as data. The wrapper copies every input before it comes here,
//! so no getter or Proxy runs between these frames, no cycle reaches them, and depth is bounded.

use js_sys::{Array, Object};
use std::rc::Rc;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::*;

use crate::Engine;
use crate::limit;
use crate::session::Session;
use crate::wire::{self, Fault, Faults, Node};

/// One loaded policy.
#[wasm_bindgen]
pub struct RawEngine(Rc<Engine>);

#[wasm_bindgen]
impl RawEngine {
    /// Reads and checks a bundle.
    #[wasm_bindgen(constructor)]
    pub fn new(bundle: &[u8]) -> Result<RawEngine, JsValue> {
        Engine::load(bundle).map(|engine| RawEngine(Rc::new(engine))).map_err(thrown)
    }
    /// What the policy calls its parts.
    pub fn policy(&self) -> String {
        wire::policy_info(&self.0)
    }
    /// Prices an order.
    pub fn quote(&self, input: &JsValue) -> Result<String, JsValue> {
        wire::quote(&self.0, &read(input, "")?).map_err(thrown)
    }
    /// Own prices, units and offers of a dealer.
    pub fn catalog(&self, input: &JsValue) -> Result<String, JsValue> {
        wire::catalog(&self.0, &read(input, "")?).map_err(thrown)
    }
    /// The server's decision on an order.
    pub fn verify(&self, input: &JsValue) -> Result<String, JsValue> {
        wire::verify(&self.0, &read(input, "")?).map_err(thrown)
    }
    /// Reasons in words.
    pub fn explain(&self, input: &JsValue) -> Result<String, JsValue> {
        wire::explain(&self.0, &read(input, "")?).map_err(thrown)
    }
    /// A cart that stays inside; it keeps the policy alive by itself.
    pub fn session(&self, input: &JsValue) -> Result<RawSession, JsValue> {
        Session::open(Rc::clone(&self.0), &read(input, "")?).map(RawSession).map_err(thrown)
    }
}

/// A cart that stays inside the engine.
#[wasm_bindgen]
pub struct RawSession(Session);

#[wasm_bindgen]
impl RawSession {
    /// Sets the quantity of a product; 0 removes it.
    pub fn set(&mut self, sku: &str, quantity: &JsValue) -> Result<(), JsValue> {
        self.0.set(sku, &read(quantity, "quantity")?).map_err(thrown)
    }
    /// Replaces the coupons and the choices of gifts.
    pub fn enter(&mut self, input: &JsValue) -> Result<(), JsValue> {
        self.0.enter(&read(input, "")?).map_err(thrown)
    }
    /// Says how much rebates shall pay.
    pub fn redeem(&mut self, amount: &JsValue) -> Result<(), JsValue> {
        self.0.redeem(&read(amount, "redeem")?).map_err(thrown)
    }
    /// Removes every line, coupon and choice.
    pub fn clear(&mut self) {
        self.0.clear();
    }
    /// The whole quote.
    pub fn quote(&mut self) -> Result<String, JsValue> {
        self.0.quote().map_err(thrown)
    }
    /// What changed since the last answer.
    pub fn changes(&mut self) -> Result<String, JsValue> {
        self.0.changes().map_err(thrown)
    }
    /// The cart as an order.
    pub fn order(&self) -> String {
        self.0.order()
    }
    /// Reasons in words for the cart as it is.
    pub fn explain(&self, language: &str) -> Result<String, JsValue> {
        self.0.explain(language).map_err(thrown)
    }
}

/// A JavaScript value as the engine reads it; nothing when it is not plain data, or nested deeper than any input is.
///
/// Read by hand: reading through `serde-wasm-bindgen` would be an eighth of the module, most of it for floats, which no input may have.
pub fn node(value: &JsValue) -> Option<Node> {
    node_at(value, 0)
}

fn node_at(value: &JsValue, depth: usize) -> Option<Node> {
    if depth > limit::DEPTH {
        return None;
    }
    if value.is_null() || value.is_undefined() {
        return Some(Node::Null);
    }
    if let Some(text) = value.as_string() {
        return Some(Node::Text(text));
    }
    if let Some(truth) = value.as_bool() {
        return Some(Node::Bool(truth));
    }
    if value.is_bigint() || value.as_f64().is_some() {
        // As JavaScript writes it: whole numbers have digits only, whatever has more is refused by every reader.
        let text = String::from(value.unchecked_ref::<Object>().to_string());
        return Some(text.parse().map_or(Node::Fraction(text), Node::Int));
    }
    if let Some(list) = value.dyn_ref::<Array>() {
        return list.iter().map(|item| node_at(&item, depth + 1)).collect::<Option<_>>().map(Node::List);
    }
    let entry = |entry: JsValue| {
        let entry = entry.unchecked_into::<Array>();
        Some((entry.get(0).as_string()?, node_at(&entry.get(1), depth + 1)?))
    };
    Object::entries(value.dyn_ref::<Object>()?).iter().map(entry).collect::<Option<_>>().map(Node::Map)
}

fn read(input: &JsValue, path: &str) -> Result<Node, JsValue> {
    node(input).ok_or_else(|| {
        thrown(Faults(vec![Fault {
            code: "INPUT_UNREADABLE",
            path: path.to_owned(),
            value: String::new(),
            message: "the input is not plain data".to_owned(),
            help: "give plain data: objects, lists, texts and whole numbers".to_owned(),
        }]))
    })
}

fn thrown(faults: Faults) -> JsValue {
    serde_wasm_bindgen::to_value(&faults).unwrap_or(JsValue::NULL)
}
