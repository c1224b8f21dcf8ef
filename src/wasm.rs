//! The thin shell that JavaScript calls; `src/js` wraps it.
//!
//! Packed text in, canonical JSON or columns out (`wire::Packed`), and what is thrown is the faults as JSON. The wrapper packs every input before it comes
//! here, so no getter or Proxy runs between these frames, no cycle reaches them, and depth is bounded.

use std::rc::Rc;
use wasm_bindgen::prelude::*;

use crate::Engine;
use crate::bundle::Loaded;
use crate::session::Session;
use crate::wire::{self, Fault, Faults, Node, Packed};

/// 7 KB less than the standard library's, for 3 % more instructions of a quote.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

/// A question that is answered by text. One way in for all: each of its own would be half a kilobyte.
#[wasm_bindgen]
#[derive(Debug, Clone, Copy)]
pub enum Door {
    /// What the policy calls its parts.
    Policy,
    /// Prices an order; canonical JSON.
    Quote,
    /// Prices an order, or the cart; columns without the hashes, whose words wait to be asked for.
    Columns,
    /// The hashes of a quote, or of an answer of a cart.
    Hashes,
    /// Own prices, units and offers of a dealer.
    Catalog,
    /// The server's decision on an order.
    Verify,
    /// Reasons in words, of an order or of the cart.
    Explain,
    /// What small changes of an order, or of the cart, would bring.
    Hints,
    /// Other combinations of promotions that are worth as much.
    Alternatives,
    /// What it comes to if units of an order come back.
    Returns,
    /// The best use of lots over an order, or over the cart.
    Plans,
    /// Sets the quantity of a product; 0 removes it.
    Set,
    /// Replaces the coupons, the choices of gifts and the declined promotions.
    Enter,
    /// Says how much rebates shall pay.
    Redeem,
    /// Removes every line and everything that is entered.
    Clear,
    /// What changed since the last answer; columns, without the hashes.
    Changes,
    /// The totals only; no answer in the sense of `Changes`.
    Totals,
    /// The cart as an order.
    Order,
}

/// One loaded policy, or a cart that stays inside; and the words of its last columns.
#[wasm_bindgen]
pub struct Raw(Inside, Vec<i32>);

enum Inside {
    Engine(Rc<Engine>),
    /// It keeps the policy alive by itself.
    Session(Box<Session>),
}

#[wasm_bindgen]
impl Raw {
    /// Reads and checks a bundle; the digest of what follows its header is empty where the runtime has no SHA-256.
    #[wasm_bindgen(constructor)]
    pub fn new(bundle: &[u8], digest: &[u8]) -> Result<Raw, JsValue> {
        Engine::load_hashed(bundle, digest).map(|engine| Raw(Inside::Engine(Rc::new(engine)), Vec::new())).map_err(thrown)
    }
    /// A cart.
    pub fn session(&self, input: &str) -> Result<Raw, JsValue> {
        let session = read(input).and_then(|input| Session::open(self.engine(), &input));
        session.map(|session| Raw(Inside::Session(Box::new(session)), Vec::new())).map_err(thrown)
    }
    /// What is answered by text.
    pub fn ask(&mut self, door: Door, input: &str, more: &str) -> Result<String, JsValue> {
        self.answer(door, input, more).map_err(thrown)
    }
    /// The words of the last columns, once.
    pub fn words(&mut self) -> Vec<i32> {
        std::mem::take(&mut self.1)
    }
    /// A text of the bundle.
    pub fn text(&self, id: u32) -> String {
        let policy: &Loaded = match &self.0 {
            Inside::Engine(engine) => engine.policy(),
            Inside::Session(session) => session.policy(),
        };
        policy.text_of_outer(id).to_owned()
    }
    /// The number of a product in packed lines, or -1.
    pub fn product(&self, sku: &str) -> i32 {
        self.engine().policy().product(sku).and_then(|product| i32::try_from(product.0).ok()).unwrap_or(-1)
    }
    /// The bytes of a dealer's slice.
    pub fn slice(&self, input: &str) -> Result<Vec<u8>, JsValue> {
        read(input).and_then(|input| wire::slice(&self.engine(), &input)).map(|bundle| bundle.bytes().to_vec()).map_err(thrown)
    }
}

impl Raw {
    fn engine(&self) -> Rc<Engine> {
        match &self.0 {
            Inside::Engine(engine) => Rc::clone(engine),
            Inside::Session(session) => session.engine(),
        }
    }

    fn answer(&mut self, door: Door, input: &str, more: &str) -> Result<String, Faults> {
        let nothing = Ok(String::new());
        let columns = match &mut self.0 {
            Inside::Engine(engine) => {
                if let Door::Policy = door {
                    return Ok(wire::policy_info(engine));
                }
                let input = read(input)?;
                match door {
                    Door::Columns => wire::quote_columns(engine, &input),
                    Door::Quote => return wire::quote(engine, &input),
                    Door::Hashes => return wire::hashes(engine, &input),
                    Door::Catalog => return wire::catalog(engine, &input),
                    Door::Verify => return wire::verify(engine, &input),
                    Door::Explain => return wire::explain(engine, &input),
                    Door::Hints => return wire::hints(engine, &input),
                    Door::Alternatives => return wire::alternatives(engine, &input),
                    Door::Returns => return wire::return_preview(engine, &input),
                    Door::Plans => return wire::redemption_plans(engine, &input),
                    _ => return nothing,
                }
            }
            Inside::Session(session) => match door {
                Door::Columns => session.columns(),
                Door::Changes => session.changes_columns(),
                // No SKU has a line break, so a unit may stand behind one.
                Door::Set => {
                    let (sku, unit) = input.split_once('\n').unwrap_or((input, ""));
                    return session.set_in(sku, unit, &read(more)?).and(nothing);
                }
                Door::Enter => return session.enter(&read(input)?).and(nothing),
                Door::Redeem => return session.redeem(&read(input)?).and(nothing),
                Door::Clear => {
                    session.clear();
                    return nothing;
                }
                Door::Hashes => return session.hashes(input),
                Door::Totals => return session.totals(),
                Door::Order => return Ok(session.order()),
                Door::Explain => return session.explain(input),
                Door::Hints => return session.hints(&read(input)?),
                Door::Alternatives => return session.alternatives(),
                Door::Plans => return session.redemption_plans(&read(input)?),
                _ => return nothing,
            },
        };
        let Packed { text, words } = columns?;
        self.1 = words;
        Ok(text)
    }
}

fn read(packed: &str) -> Result<Node, Faults> {
    Node::unpack(packed).ok_or_else(|| {
        Faults(vec![Fault {
            code: "INPUT_UNREADABLE",
            path: String::new(),
            value: String::new(),
            message: "the input is not plain data".to_owned(),
            help: "give plain data: objects, lists, texts and whole numbers".to_owned(),
        }])
    })
}

fn thrown(faults: Faults) -> JsValue {
    JsValue::from_str(&wire::faults_json(&faults))
}
