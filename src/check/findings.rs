use crate::diagnostic::{Code, Diagnostics, Place, Sources};

/// Where faults of this room go.
pub struct Findings<'a> {
    pub sources: &'a Sources,
    /// Places and gaps of the policy that is checked, which may be the old one of a transition.
    pub own: &'a Sources,
    pub diagnostics: &'a mut Diagnostics,
}

/// Where a value stands: under a path of the YAML files, or in a cell of a table.
#[derive(Debug, Clone, Copy)]
pub enum Spot<'a> {
    Path(&'a str),
    Cell(Place, &'a str),
}

impl Findings<'_> {
    /// Reports a fault of the value at `spot`. Of a cell that could not be read nothing more is told.
    pub fn add(&mut self, code: Code, spot: Spot, message: impl Into<String>, help: impl Into<String>) {
        let place = match spot {
            Spot::Path(path) => self.own.place(path),
            Spot::Cell(row, column) if self.is_unread(row, column) => return,
            Spot::Cell(row, column) => self.sources.cell(row, column),
        };
        self.diagnostics.add(code, place, message, help);
    }

    /// Whether something stands in a cell that could not be read, or may.
    pub fn is_unread(&self, row: Place, column: &str) -> bool {
        !self.sources.is_read(row, column)
    }

    /// Whether everything under a key of the policy files could be read.
    pub fn is_complete(&self, key: &str) -> bool {
        !self.own.incomplete.contains(key)
    }
}

impl<'a> Spot<'a> {
    /// What the author calls the value: its key, or its column.
    pub fn name(self) -> &'a str {
        match self {
            Spot::Path(path) => path.rsplit('.').next().unwrap_or(path).split('[').next().unwrap_or(path),
            Spot::Cell(_, column) => column,
        }
    }
}
