//! Tables in their canonical form: UTF-8, commas, our columns in their order, values in the plain form. What is canonical stays so byte for byte.

use super::cell::Kind;
use super::schema::TableFile;
use super::table::Column;
use super::{Imported, join};

/// A table of a policy in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalTable {
    /// `products`, `aliases`, `dealers`, or the id of a price, floor or freight table.
    pub id: String,
    /// The file that the policy reads it from, when that is a table in text that no mapping changes.
    pub plain_file: Option<String>,
    /// Number of its rows.
    pub rows: usize,
    /// The whole table.
    pub text: String,
}

/// A policy with its tables in canonical form, in the order in which they are read.
#[derive(Debug, Default)]
pub struct Canonical {
    /// The policy as it was read.
    pub imported: Imported,
    /// Its tables; those that could not be read are missing.
    pub tables: Vec<CanonicalTable>,
    /// Whether the policy has the table that was to be replaced.
    pub met: bool,
}

/// A table of a policy that is read from elsewhere than the policy says.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// `products`, `dealers`, or the id of a price or floor table.
    pub id: String,
    /// The file that takes its place.
    pub table: TableFile,
    pub(super) met: bool,
}

impl Replacement {
    /// Reads the table `id` from another file.
    pub fn new(id: &str, table: TableFile) -> Replacement {
        Replacement { id: id.to_owned(), table, met: false }
    }
}

/// Reads a policy as [`super::files`] does, and its tables in canonical form too; one of them may be read from another file of the list.
pub fn canonical(mut list: Vec<(String, Vec<u8>)>, replace: Option<Replacement>) -> Canonical {
    list.sort();
    let mut join = join::Join::new(list, &|_, _, _| {});
    join.canonical(replace);
    join.read();
    join.finish_canonical()
}

/// A table as text: required columns and those in which anything stands.
pub(super) fn write(columns: &[Column], rows: &[Vec<String>]) -> String {
    let filled = |at: &usize| columns[*at].kind != Kind::Side && (columns[*at].required || rows.iter().any(|row| !row[*at].is_empty()));
    let kept: Vec<usize> = (0..columns.len()).filter(filled).collect();
    let mut text = String::new();
    line(kept.iter().map(|at| columns[*at].name), &mut text);
    for row in rows {
        line(kept.iter().map(|at| row[*at].as_str()), &mut text);
    }
    text
}

fn line<'a>(cells: impl Iterator<Item = &'a str>, text: &mut String) {
    for (index, cell) in cells.enumerate() {
        text.push_str(if index == 0 { "" } else { "," });
        if cell.contains(['"', ',', '\n', '\r']) {
            text.push('"');
            text.push_str(&cell.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(cell);
        }
    }
    text.push('\n');
}
