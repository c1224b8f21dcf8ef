//! Reads a table by the names of its columns, and points at cells.

use super::shape::{listed, number_fault};
use super::split::{Cell, Records, SplitFault};
use crate::diagnostic::{Code, Diagnostics, Place, SourceFile, Sources, nearest};
use crate::num::Number;

/// A column that a table may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Name in the header.
    pub name: &'a str,
    /// Whether the table must have it and no cell of it may be blank.
    pub required: bool,
}

/// One row of a table, read column by column. Whatever is wrong with a cell is reported when it is read.
pub struct Row<'a> {
    table: &'a Table<'a>,
    cells: &'a [Cell<'a>],
    diagnostics: &'a mut Diagnostics,
    /// First character of the row.
    pub place: Place,
    /// Whether every cell read so far was fine.
    pub sound: bool,
}

struct Table<'a> {
    file: u32,
    source: &'a SourceFile,
    columns: &'a [Column<'a>],
    /// For each of `columns`, its position in the file.
    positions: Vec<Option<usize>>,
}

/// Reads a table and makes one `T` of each row. Returns the sound rows, and whether those are all.
pub fn read<T>(
    file: u32,
    sources: &Sources,
    columns: &[Column],
    diagnostics: &mut Diagnostics,
    make: impl Fn(&mut Row) -> T,
) -> (Vec<T>, bool) {
    let faults_before = diagnostics.found.len();
    let source = &sources.files[file as usize];
    let mut rows = Vec::new();
    let mut cells = Vec::new();
    let mut records = Records::new(&source.text, 0, 1);
    let mut table = Table { file, source, columns, positions: Vec::new() };
    let mut width = 0;
    while let Some(record) = records.next(&mut cells) {
        let place = match record {
            Ok(line) => Place { file, line, column: 1 },
            Err(fault) => {
                table.report_split(fault, diagnostics);
                continue;
            }
        };
        if width == 0 {
            width = cells.len();
            if !table.read_header(&cells, place, diagnostics) {
                return (rows, false);
            }
            continue;
        }
        if cells.len() != width {
            let help = format!("the header has {width}; a cell that contains a comma needs quotes around it");
            diagnostics.add(Code::CsvSyntax, place, format!("the row has {} cells", cells.len()), help);
            continue;
        }
        let mut row = Row { table: &table, cells: &cells, diagnostics: &mut *diagnostics, place, sound: true };
        let made = make(&mut row);
        if row.sound {
            rows.push(made);
        }
    }
    if width == 0 {
        table.read_header(&[], Place { file, line: 1, column: 1 }, diagnostics);
    }
    (rows, diagnostics.found.len() == faults_before)
}

impl Table<'_> {
    /// Finds the columns; whether all that are needed are there.
    fn read_header(&mut self, cells: &[Cell], place: Place, diagnostics: &mut Diagnostics) -> bool {
        let known: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        for (index, cell) in cells.iter().enumerate() {
            let name = &*cell.text;
            if cells[..index].iter().any(|earlier| earlier.text == name) {
                diagnostics.add(Code::KeyDuplicate, self.place(cell.start), format!("column `{name}` stands twice"), "delete one of them");
            } else if !known.contains(&name) {
                let help = match nearest(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the columns of this table are {}", listed(&known)),
                };
                diagnostics.add(Code::ColumnUnknown, self.place(cell.start), format!("there is no column `{name}`"), help);
            }
        }
        self.positions = self.columns.iter().map(|column| cells.iter().position(|cell| cell.text == column.name)).collect();
        let mut complete = true;
        for (column, position) in self.columns.iter().zip(&self.positions) {
            if column.required && position.is_none() {
                let help = format!("add it to the header; the columns are {}", listed(&known));
                diagnostics.add(Code::ColumnMissing, place, format!("the table has no column `{}`", column.name), help);
                complete = false;
            }
        }
        complete
    }

    fn report_split(&self, fault: SplitFault, diagnostics: &mut Diagnostics) {
        let (byte, message) = match fault {
            SplitFault::Stray(byte) => (byte, "a quote inside a cell without quotes"),
            SplitFault::Trailing(byte) => (byte, "text after the closing quote of a cell"),
            SplitFault::Unclosed(byte) => (byte, "a quote that is never closed; the rest of the table is inside it"),
        };
        diagnostics.add(
            Code::CsvSyntax,
            self.place(byte),
            message,
            "put the whole cell in quotes and double the quotes inside: `\"32\"\" TV\"`",
        );
    }

    fn place(&self, byte: usize) -> Place {
        let (line, column) = self.source.position(byte);
        Place { file: self.file, line, column }
    }
}

impl<'a> Row<'a> {
    /// Text of a cell; `None` when it is blank or the table has no such column. A blank required cell is reported.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.cell(name).map(|(text, _)| text.to_owned())
    }

    /// Text of a required cell. A blank one is reported and the row is not sound.
    pub fn required(&mut self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// A number.
    pub fn number(&mut self, name: &str) -> Option<Number> {
        let (text, start) = self.cell(name)?;
        match text.parse() {
            Ok(number) => Some(number),
            Err(fault) => {
                number_fault(fault, text, &format!("`{name}`"), self.table.place(start), self.diagnostics);
                self.sound = false;
                None
            }
        }
    }

    /// A whole number from 1 to `most`.
    pub fn count(&mut self, name: &str, most: u32) -> Option<u32> {
        let (text, start) = self.cell(name)?;
        let count = text.parse::<u32>().ok().filter(|count| (1..=most).contains(count));
        if count.is_none() {
            let code = if text.parse::<Number>().is_ok() { Code::NumberRange } else { Code::NumberInvalid };
            let help = format!("write a whole number from 1 to {most}");
            self.diagnostics.add(code, self.table.place(start), format!("`{name}` cannot be `{text}`"), help);
            self.sound = false;
        }
        count
    }

    fn cell(&mut self, name: &str) -> Option<(&'a str, usize)> {
        let index = self.table.columns.iter().position(|column| column.name == name)?;
        let cell = &self.cells[self.table.positions[index]?];
        if cell.text.trim().is_empty() {
            if self.table.columns[index].required {
                let message = format!("`{name}` is blank, and blank is not zero");
                self.diagnostics.add(Code::CellBlank, self.table.place(cell.start), message, "fill the cell, or delete the row");
                self.sound = false;
            }
            return None;
        }
        Some((&cell.text, cell.start))
    }
}

impl Sources {
    /// Where the cell of a column stands, in the row that begins at `row`. Falls back to the row.
    pub fn cell(&self, row: Place, column: &str) -> Place {
        let find = || {
            let source = self.files.get(row.file as usize)?;
            let mut cells = Vec::new();
            Records::new(&source.text, 0, 1).next(&mut cells)?.ok()?;
            let index = cells.iter().position(|cell| cell.text == column)?;
            Records::new(&source.text, source.line_start(row.line)?, row.line).next(&mut cells)?.ok()?;
            let (line, column) = source.position(cells.get(index)?.start);
            Some(Place { file: row.file, line, column })
        };
        find().unwrap_or(row)
    }
}
