//! The thin shell that JavaScript calls; `src/js` wraps it.
//!
//! Packed text in, canonical JSON or columns out, and what is thrown is the faults as data. The wrapper packs every input before it comes here,
//! so no getter or Proxy runs between these frames, no cycle reaches them, and depth is bounded.

use js_sys::Uint8Array;
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
    /// Reads and checks a bundle; the digest of what follows its header is empty where the runtime has no SHA-256.
    #[wasm_bindgen(constructor)]
    pub fn new(bundle: &[u8], digest: &[u8]) -> Result<RawEngine, JsValue> {
        Engine::load_hashed(bundle, digest).map(|engine| RawEngine(Rc::new(engine))).map_err(thrown)
    }
    /// What the policy calls its parts.
    pub fn policy(&self) -> String {
        wire::policy_info(&self.0)
    }
    /// Prices an order; canonical JSON.
    pub fn quote(&self, input: &str) -> Result<String, JsValue> {
        wire::quote(&self.0, &read(input)?).map_err(thrown)
    }
    /// Prices an order; columns, without the hashes.
    pub fn columns(&self, input: &str) -> Result<String, JsValue> {
        wire::quote_columns(&self.0, &read(input)?).map_err(thrown)
    }
    /// The hashes of a quote.
    pub fn hashes(&self, input: &str) -> Result<String, JsValue> {
        wire::hashes(&self.0, &read(input)?).map_err(thrown)
    }
    /// Own prices, units and offers of a dealer.
    pub fn catalog(&self, input: &str) -> Result<String, JsValue> {
        wire::catalog(&self.0, &read(input)?).map_err(thrown)
    }
    /// The server's decision on an order.
    pub fn verify(&self, input: &str) -> Result<String, JsValue> {
        wire::verify(&self.0, &read(input)?).map_err(thrown)
    }
    /// Reasons in words.
    pub fn explain(&self, input: &str) -> Result<String, JsValue> {
        wire::explain(&self.0, &read(input)?).map_err(thrown)
    }
    /// The bytes of a dealer's slice.
    pub fn slice(&self, input: &str) -> Result<Uint8Array, JsValue> {
        wire::slice(&self.0, &read(input)?).map(|bundle| bundle.bytes().into()).map_err(thrown)
    }
    /// A cart that stays inside; it keeps the policy alive by itself.
    pub fn session(&self, input: &str) -> Result<RawSession, JsValue> {
        Session::open(Rc::clone(&self.0), &read(input)?).map(RawSession).map_err(thrown)
    }
}

/// A cart that stays inside the engine.
#[wasm_bindgen]
pub struct RawSession(Session);

#[wasm_bindgen]
impl RawSession {
    /// Sets the quantity of a product in a unit, an empty one being its base unit; 0 removes it.
    pub fn set(&mut self, sku: &str, unit: &str, quantity: &str) -> Result<(), JsValue> {
        self.0.set_in(sku, unit, &read(quantity)?).map_err(thrown)
    }
    /// Replaces the coupons and the choices of gifts.
    pub fn enter(&mut self, input: &str) -> Result<(), JsValue> {
        self.0.enter(&read(input)?).map_err(thrown)
    }
    /// Says how much rebates shall pay.
    pub fn redeem(&mut self, amount: &str) -> Result<(), JsValue> {
        self.0.redeem(&read(amount)?).map_err(thrown)
    }
    /// Removes every line, coupon and choice.
    pub fn clear(&mut self) {
        self.0.clear();
    }
    /// The whole quote; columns, without the hashes.
    pub fn quote(&mut self) -> Result<String, JsValue> {
        self.0.columns().map_err(thrown)
    }
    /// What changed since the last answer; columns, without the hashes.
    pub fn changes(&mut self) -> Result<String, JsValue> {
        self.0.changes_columns().map_err(thrown)
    }
    /// The totals only; no answer in the sense of `changes`.
    pub fn totals(&self) -> Result<String, JsValue> {
        self.0.totals().map_err(thrown)
    }
    /// The hashes of an answer, by the cart that it was given for.
    pub fn hashes(&self, cart: &str) -> Result<String, JsValue> {
        self.0.hashes(cart).map_err(thrown)
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

fn read(packed: &str) -> Result<Node, JsValue> {
    Node::unpack(packed).ok_or_else(|| {
        thrown(Faults(vec![Fault {
            code: "INPUT_UNREADABLE",
            path: String::new(),
            value: String::new(),
            message: "the input is not plain data".to_owned(),
            help: "give plain data: objects, lists, texts and whole numbers".to_owned(),
        }]))
    })
}

fn thrown(faults: Faults) -> JsValue {
    let objects = serde_wasm_bindgen::Serializer::new().serialize_maps_as_objects(true);
    serde::Serialize::serialize(&faults, &objects).unwrap_or(JsValue::NULL)
}
