//! The thin shell that JavaScript calls; `src/js` wraps it.
//!
//! Plain data in, canonical JSON out, and what is thrown is the faults as data. The wrapper copies every input before it comes here,
//! so no getter or Proxy runs between these frames, no cycle reaches them, and depth is bounded.

use std::rc::Rc;
use wasm_bindgen::prelude::*;

use crate::Engine;
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
    pub fn quote(&self, input: JsValue) -> Result<String, JsValue> {
        wire::quote(&self.0, &read(input, "")?).map_err(thrown)
    }
    /// Own prices, units and offers of a dealer.
    pub fn catalog(&self, input: JsValue) -> Result<String, JsValue> {
        wire::catalog(&self.0, &read(input, "")?).map_err(thrown)
    }
    /// The server's decision on an order.
    pub fn verify(&self, input: JsValue) -> Result<String, JsValue> {
        wire::verify(&self.0, &read(input, "")?).map_err(thrown)
    }
    /// Reasons in words.
    pub fn explain(&self, input: JsValue) -> Result<String, JsValue> {
        wire::explain(&self.0, &read(input, "")?).map_err(thrown)
    }
    /// A cart that stays inside; it keeps the policy alive by itself.
    pub fn session(&self, input: JsValue) -> Result<RawSession, JsValue> {
        Session::open(Rc::clone(&self.0), &read(input, "")?).map(RawSession).map_err(thrown)
    }
}

/// A cart that stays inside the engine.
#[wasm_bindgen]
pub struct RawSession(Session);

#[wasm_bindgen]
impl RawSession {
    /// Sets the quantity of a product; 0 removes it.
    pub fn set(&mut self, sku: &str, quantity: JsValue) -> Result<(), JsValue> {
        self.0.set(sku, &read(quantity, "quantity")?).map_err(thrown)
    }
    /// Removes every line.
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

fn read(input: JsValue, path: &str) -> Result<Node, JsValue> {
    serde_wasm_bindgen::from_value(input).map_err(|error| {
        thrown(Faults(vec![Fault {
            code: "INPUT_UNREADABLE",
            path: path.to_owned(),
            value: String::new(),
            message: error.to_string(),
            help: "give plain data: objects, lists, texts and whole numbers".to_owned(),
        }]))
    })
}

fn thrown(faults: Faults) -> JsValue {
    serde_wasm_bindgen::to_value(&faults).unwrap_or(JsValue::NULL)
}
