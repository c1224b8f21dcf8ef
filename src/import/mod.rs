//! Author formats → [`Policy`]: every fault with file, line, column and cure, all of them at once.
//!
//! A broken item (one promotion, one row) is reported and left out; everything else is still read and checked.

mod cell;
mod decode;
mod encoding;
mod folder;
mod input;
mod join;
mod records;
mod schema;
mod shape;
mod split;
mod table;
pub mod tree;

pub use folder::{FolderFault, read_folder};
pub use input::{input, node};
pub use schema::{AccessEntry, PolicyFile, TestEntry, TestFile, policy_schema, test_schema};

use crate::diagnostic::{Code, Diagnostics, Place, Sources};
use crate::policy::Policy;
use crate::policy_test::PolicyTest;
use std::path::Path;

/// A policy as it was read, with everything found on the way.
#[derive(Debug, Default)]
pub struct Imported {
    /// The policy, without the items that could not be read.
    pub policy: Policy,
    /// The files and where each value stands.
    pub sources: Sources,
    /// What is wrong; empty or warnings only when the policy was read whole.
    pub diagnostics: Diagnostics,
    /// The policy's own tests.
    pub tests: Vec<PolicyTest>,
}

/// Reads a policy folder. A folder that cannot be read is a diagnostic too.
pub fn folder(path: &Path) -> Imported {
    match read_folder(path) {
        Ok(list) => files(list),
        Err(fault) => {
            let mut imported = Imported::default();
            imported.diagnostics.add(Code::FileMissing, Place::FOLDER, fault.to_string(), fault.help());
            imported
        }
    }
}

/// Reads a policy from the files of its folder: names relative to it, with `/`, and contents.
pub fn files(mut list: Vec<(String, Vec<u8>)>) -> Imported {
    list.sort();
    let mut join = join::Join::new(list);
    join.policy_files();
    join.tables();
    join.tests();
    join.unused();
    join.finish()
}
