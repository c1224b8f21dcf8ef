//! Author formats → [`Policy`]: every fault with file, line, column and cure, all of them at once.
//!
//! A broken item (one promotion) is reported and left out; everything else is still read and checked, of a broken row its other cells too.

mod canonical;
mod cell;
mod decode;
mod encoding;
mod facts;
mod folder;
mod input;
mod join;
mod mapping;
mod records;
mod recurrence;
mod schema;
mod shape;
mod sheet;
mod split;
mod table;
pub mod tree;

pub use canonical::{Canonical, CanonicalTable, Replacement, canonical};
pub use cell::DateOrder;
pub use facts::facts;
pub use folder::{FolderFault, read_folder};
pub use input::{input, node};
pub use mapping::{AmountUnit, MappedColumn, MappedValue, Mapping, RowsWhere, Spread};
pub use schema::{AccessEntry, PolicyFile, TableEntry, TableFile, TestEntry, TestFile, mapping_schema, policy_schema, test_schema};

use crate::diagnostic::{Code, Diagnostics, Place, Sources};
use crate::policy::{Policy, ScoreRow, Scorecard};
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

/// Reads a table of scores, CSV or XLSX: dealers, with the KPIs of a scorecard as columns.
pub fn scores(name: &str, bytes: Vec<u8>, currency: &str, card: &Scorecard) -> (Vec<ScoreRow>, Imported) {
    join::Join::new(vec![(name.to_owned(), bytes)], &|_, _, _| {}).scores(currency, card)
}

/// Told of the reading of long tables: the table, how many bytes are read, and of how many.
pub type Progress<'a> = &'a dyn Fn(&str, usize, usize);

/// Reads a policy from the files of its folder: names relative to it, with `/`, and contents.
pub fn files(list: Vec<(String, Vec<u8>)>) -> Imported {
    files_with(list, &|_, _, _| {})
}

/// The same, and says how far it is.
pub fn files_with(mut list: Vec<(String, Vec<u8>)>, progress: Progress) -> Imported {
    list.sort();
    let mut join = join::Join::new(list, progress);
    join.read();
    join.finish()
}
