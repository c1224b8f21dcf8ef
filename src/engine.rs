use crate::bundle::{BundleFault, Loaded};
use crate::facts::DealerFacts;
use crate::limit;
use crate::time::Instant;
use crate::transition::Terms;
use crate::wire::{Fault, Faults, words};
use std::sync::{Arc, Mutex};

/// A loaded policy, ready to answer. Pure: no clock, no files, no locale, no randomness; the same question has the same answer everywhere.
///
/// ```no_run
/// let bytes = std::fs::read("policy.qudao").unwrap();
/// let engine = qudao::Engine::load(&bytes).unwrap();
/// println!("{}", engine.policy().hash);
/// ```
#[derive(Debug)]
pub struct Engine {
    policy: Arc<Loaded>,
    /// What was asked lately and what it resolved to: a cart that is typed asks with the same facts again and again. Never part of an answer.
    lately: Mutex<Vec<Asked>>,
}

#[derive(Debug)]
struct Asked {
    dealer: DealerFacts,
    source: Option<String>,
    now: Instant,
    delivered: Option<Instant>,
    terms: Arc<Terms>,
}

impl Engine {
    /// Loads a bundle and checks it whole.
    /// # Errors
    /// One fault, `BUNDLE_FOREIGN`, `BUNDLE_VERSION`, `BUNDLE_HASH` or `BUNDLE_BROKEN`.
    pub fn load(bytes: &[u8]) -> Result<Engine, Faults> {
        Engine::load_hashed(bytes, &[])
    }

    /// The same with the SHA-256 of what follows the bundle's 40 bytes of header, if the host has computed it; empty if it has not.
    /// # Errors
    /// As [`Engine::load`].
    pub fn load_hashed(bytes: &[u8], digest: &[u8]) -> Result<Engine, Faults> {
        Loaded::read_hashed(bytes, digest).map(|policy| Engine { policy: Arc::new(policy), lately: Mutex::default() }).map_err(|fault| {
            let (code, message, help) = match fault {
                BundleFault::Foreign => ("BUNDLE_FOREIGN", "these bytes are not a bundle".to_owned(), "send the output of `qudao build`"),
                BundleFault::Version => {
                    ("BUNDLE_VERSION", "the bundle has another format version".to_owned(), "build it again with the `qudao` of this engine")
                }
                BundleFault::Hash => ("BUNDLE_HASH", "the bundle is damaged: its hash does not fit".to_owned(), "fetch it again"),
                BundleFault::Broken(rule) => (
                    "BUNDLE_BROKEN",
                    words(&["the bundle breaks the rule `", rule, "` of its format"]),
                    "build it again with `qudao build`",
                ),
            };
            Faults(vec![Fault { code, path: "bundle".to_owned(), value: String::new(), message, help: help.to_owned() }])
        })
    }

    /// The loaded policy.
    pub fn policy(&self) -> &Loaded {
        &self.policy
    }

    /// What a dealer, an order source, an instant and the day of delivery decide; kept for the next question with the same ones.
    pub fn terms(&self, dealer: &DealerFacts, source: Option<&str>, now: Instant, delivered: Option<Instant>) -> Arc<Terms> {
        // Where another thread holds them, resolving anew is quicker than waiting.
        let mut lately = self.lately.try_lock().ok();
        let same = |asked: &&Asked| {
            (asked.now, asked.delivered) == (now, delivered) && asked.source.as_deref() == source && asked.dealer == *dealer
        };
        if let Some(asked) = lately.as_deref().and_then(|lately| lately.iter().find(same)) {
            return Arc::clone(&asked.terms);
        }
        let terms = Arc::new(Terms::new(&self.policy, dealer, source, now, delivered));
        if let Some(lately) = lately.as_deref_mut() {
            if lately.len() == limit::CONTEXTS {
                lately.remove(0);
            }
            lately.push(Asked { dealer: dealer.clone(), source: source.map(str::to_owned), now, delivered, terms: Arc::clone(&terms) });
        }
        terms
    }

    /// Version of the engine, part of every hash.
    pub const VERSION: &'static str = env!("CARGO_PKG_VERSION");
}
