use crate::bundle::{BundleFault, Loaded};
use crate::wire::{Fault, Faults};

/// A loaded policy, ready to answer. Pure: no clock, no files, no locale, no randomness; the same question has the same answer everywhere.
///
/// ```no_run
/// let bytes = std::fs::read("policy.qudao").unwrap();
/// let engine = qudao::Engine::load(&bytes).unwrap();
/// println!("{}", engine.policy().hash);
/// ```
#[derive(Debug)]
pub struct Engine {
    policy: Loaded,
}

impl Engine {
    /// Loads a bundle and checks it whole.
    /// # Errors
    /// One fault, `BUNDLE_FOREIGN`, `BUNDLE_VERSION`, `BUNDLE_HASH` or `BUNDLE_BROKEN`.
    pub fn load(bytes: &[u8]) -> Result<Engine, Faults> {
        Loaded::read(bytes).map(|policy| Engine { policy }).map_err(|fault| {
            let (code, message, help) = match fault {
                BundleFault::Foreign => ("BUNDLE_FOREIGN", "these bytes are not a bundle".to_owned(), "send the output of `qudao build`"),
                BundleFault::Version => {
                    ("BUNDLE_VERSION", "the bundle has another format version".to_owned(), "build it again with the `qudao` of this engine")
                }
                BundleFault::Hash => ("BUNDLE_HASH", "the bundle is damaged: its hash does not fit".to_owned(), "fetch it again"),
                BundleFault::Broken(rule) => {
                    ("BUNDLE_BROKEN", format!("the bundle breaks the rule `{rule}` of its format"), "build it again with `qudao build`")
                }
            };
            Faults(vec![Fault { code, path: "bundle".to_owned(), value: String::new(), message, help: help.to_owned() }])
        })
    }

    /// The loaded policy.
    pub fn policy(&self) -> &Loaded {
        &self.policy
    }

    /// Version of the engine, part of every hash.
    pub const VERSION: &'static str = env!("CARGO_PKG_VERSION");
}
