//! Reads a table by the names of its columns, and points at cells.

use super::cell::{self, DateFault, Kind};
use super::shape::{listed, number_fault};
use super::split::{Cell, Records, SplitFault, separator};
use crate::diagnostic::{Code, Diagnostics, Layout, Place, SourceFile, Sources, nearest};
use crate::num::{Number, Percent};
use std::borrow::Cow;

/// A column that a table may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Name in the header.
    pub name: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// Whether the table must have it and no cell of it may be blank.
    pub required: bool,
}

impl Column {
    /// A column that a table must have and whose every cell is filled.
    pub const fn required(name: &'static str, kind: Kind) -> Column {
        Column { name, kind, required: true }
    }

    /// A column that a table may have.
    pub const fn optional(name: &'static str, kind: Kind) -> Column {
        Column { name, kind, required: false }
    }
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
    columns: &'a [Column],
    currency: &'a str,
    separator: u8,
    /// For each of `columns`, its position in the file.
    positions: Vec<Option<usize>>,
}

/// A text of a cell in the plain form of its column, and the byte at which the cell begins.
struct Plain<'a> {
    text: Cow<'a, str>,
    written: &'a str,
    start: usize,
}

/// Reads a table and makes one `T` of each row. Returns the sound rows, and whether those are all. Amounts are in `currency`.
pub fn read<T>(
    file: u32,
    sources: &mut Sources,
    columns: &[Column],
    currency: &str,
    diagnostics: &mut Diagnostics,
    make: impl Fn(&mut Row) -> T,
) -> (Vec<T>, bool) {
    let faults_before = diagnostics.found.len();
    let source = &sources.files[file as usize];
    let mut rows = Vec::new();
    let mut cells = Vec::new();
    let separator = separator(source.text.lines().find(|line| !line.is_empty()).unwrap_or_default());
    let mut records = Records::new(&source.text, 0, 1, separator);
    let mut table = Table { file, source, columns, currency, separator, positions: Vec::new() };
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
        if cells.iter().all(|cell| cell.text.trim().is_empty()) {
            continue;
        }
        if cells.len() != width {
            let help = format!("the header has {width}; a cell that contains a separator needs quotes around it");
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
    let layout = Layout { separator, columns: table.layout() };
    sources.files[file as usize].layout = Some(layout);
    (rows, diagnostics.found.len() == faults_before)
}

impl Table<'_> {
    /// Finds the columns; whether all that are needed are there.
    fn read_header(&mut self, cells: &[Cell], place: Place, diagnostics: &mut Diagnostics) -> bool {
        let known: Vec<&str> = self.columns.iter().map(|column| column.name).collect();
        for (index, cell) in cells.iter().enumerate() {
            let name = cell.text.trim();
            if cells[..index].iter().any(|earlier| earlier.text.trim() == name) {
                diagnostics.add(Code::KeyDuplicate, self.place(cell.start), format!("column `{name}` stands twice"), "delete one of them");
            } else if !known.contains(&name) {
                let help = match nearest(name, known.iter().copied()) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the columns of this table are {}", listed(&known)),
                };
                diagnostics.add(Code::ColumnUnknown, self.place(cell.start), format!("there is no column `{name}`"), help);
            }
        }
        self.positions = self.columns.iter().map(|column| cells.iter().position(|cell| cell.text.trim() == column.name)).collect();
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

    /// Which column stands where; a validity in two columns stands where it begins.
    fn layout(&self) -> Vec<(&'static str, usize)> {
        let found = self.columns.iter().zip(&self.positions).filter_map(|(column, position)| Some((column.name, (*position)?)));
        let mut layout: Vec<(&str, usize)> = found.collect();
        for side in SIDES {
            let at = layout.iter().find(|(name, _)| *name == side).map(|(_, at)| *at);
            layout.extend(at.map(|at| (VALID, at)));
        }
        layout
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

/// The column of validities, and those that exports of ERPs have instead.
const VALID: &str = "valid";
const SIDES: [&str; 2] = ["valid_from", "valid_to"];

impl<'a> Row<'a> {
    /// Text of a cell; `None` when it is blank or the table has no such column. A blank required cell is reported.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.plain(name).map(|plain| plain.text.into_owned())
    }

    /// Text of a required cell. A blank one is reported and the row is not sound.
    pub fn required(&mut self, name: &'static str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// A number.
    pub fn number(&mut self, name: &'static str) -> Option<Number> {
        let plain = self.plain(name)?;
        match plain.text.parse() {
            Ok(number) => Some(number),
            Err(fault) => {
                self.sound = false;
                let place = self.table.place(plain.start);
                let lone_comma = cell::number(plain.written, false).parse::<Number>();
                match lone_comma {
                    // Between semicolons a comma may be either.
                    Ok(thousands) if self.table.separator == b';' => {
                        let point = plain.written.replace(',', ".");
                        let help = format!("write `{thousands}` or `{}`", point.trim());
                        self.diagnostics.add(Code::NumberInvalid, place, format!("`{name}` cannot be `{}`", plain.written), help);
                    }
                    _ => number_fault(fault, plain.written, &format!("`{name}`"), place, self.diagnostics),
                }
                None
            }
        }
    }

    /// A percentage, with or without its sign.
    pub fn percent(&mut self, name: &'static str) -> Option<Percent> {
        let plain = self.plain(name)?;
        let bare = plain.text.strip_suffix(['%', '％']).unwrap_or(&plain.text);
        match cell::number(bare, false).parse() {
            Ok(percent) => Some(percent),
            Err(fault) => {
                self.sound = false;
                number_fault(fault, plain.written, &format!("`{name}`"), self.table.place(plain.start), self.diagnostics);
                None
            }
        }
    }

    /// A whole number from 1 to the most that the column allows.
    pub fn count(&mut self, name: &'static str) -> Option<u32> {
        let most = self.table.columns.iter().find(|column| column.name == name).map_or(0, |column| match column.kind {
            Kind::Count(most) => most,
            _ => 0,
        });
        let plain = self.plain(name)?;
        let count = plain.text.parse::<u32>().ok().filter(|count| (1..=most).contains(count));
        if count.is_none() {
            let code = if plain.text.parse::<Number>().is_ok() { Code::NumberRange } else { Code::NumberInvalid };
            let help = format!("write a whole number from 1 to {most}");
            self.fault(code, &plain, format!("`{name}` cannot be `{}`", plain.written), &help);
        }
        count
    }

    /// The validity of the row, from `valid` or from the two columns of its sides. Always, when all of them are blank.
    pub fn validity(&mut self) -> Option<String> {
        let whole = self.plain(VALID).map(|plain| plain.text.into_owned());
        let [from, to] = SIDES.map(|side| self.cell(side));
        let Some(first) = from.as_ref().or(to.as_ref()) else { return whole.filter(|text| !text.is_empty()) };
        let start = first.start;
        if whole.is_some() {
            let message = "a validity in one column and in two";
            self.diagnostics.add(Code::ChoiceCount, self.table.place(start), message, "keep `valid`, or `valid_from` and `valid_to`");
            self.sound = false;
            return None;
        }
        let texts = [&from, &to].map(|side| side.as_ref().map_or("", |plain| plain.written));
        match cell::join(texts[0], texts[1], None) {
            Ok(text) => Some(text).filter(|text| !text.is_empty()),
            // Checking reports what is no date, under the cell.
            Err(DateFault::Syntax) => Some(format!("{} .. {}", texts[0], texts[1])),
            Err(DateFault::Ambiguous) => {
                let ambiguous = |plain: &&Plain| cell::join(plain.written, "", None) == Err(DateFault::Ambiguous);
                let sides: Vec<Plain> = from.into_iter().chain(to).filter(|side| ambiguous(&side)).collect();
                sides.iter().for_each(|side| self.ambiguous(side));
                None
            }
        }
    }

    /// The cell in the plain form of its column. `None` when it is blank; a blank required cell is reported, and so is what cannot be plain.
    fn plain(&mut self, name: &'static str) -> Option<Plain<'a>> {
        let mut plain = self.cell(name)?;
        let comma_is_point = self.table.separator == b';';
        match self.table.columns.iter().find(|column| column.name == name)?.kind {
            Kind::Text | Kind::Side => {}
            Kind::Number | Kind::Count(_) => plain.text = cell::number(plain.written, comma_is_point),
            Kind::Money => {
                let (means, text) = cell::amount(plain.written, comma_is_point);
                plain.text = text;
                if !means.is_empty()
                    && !means.iter().any(|currency| currency == self.table.currency)
                    && plain.text.parse::<Number>().is_ok()
                {
                    let message = format!("`{name}` `{}` is not in {}", plain.written, self.table.currency);
                    self.fault(Code::CurrencyMismatch, &plain, message, "write it in the currency of the policy");
                    return None;
                }
            }
            Kind::Validity => match cell::validity(plain.written, None) {
                Ok(text) => plain.text = text,
                // Checking reports it, under the cell.
                Err(DateFault::Syntax) => {}
                Err(DateFault::Ambiguous) => {
                    self.ambiguous(&plain);
                    return None;
                }
            },
        }
        Some(plain)
    }

    fn ambiguous(&mut self, plain: &Plain) {
        let message = format!("`{}` has day and month in an order that cannot be told", plain.written);
        self.fault(Code::DateAmbiguous, plain, message, "write the year first, with four digits, such as `2026-03-01`");
    }

    fn fault(&mut self, code: Code, plain: &Plain, message: String, help: &str) {
        self.diagnostics.add(code, self.table.place(plain.start), message, help);
        self.sound = false;
    }

    fn cell(&mut self, name: &'static str) -> Option<Plain<'a>> {
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
        Some(Plain { text: Cow::Borrowed(&cell.text), written: &cell.text, start: cell.start })
    }
}

impl Sources {
    /// Where the cell of a column stands, in the row that begins at `row`. Falls back to the row.
    pub fn cell(&self, row: Place, column: &str) -> Place {
        let find = || {
            let source = self.files.get(row.file as usize)?;
            let layout = source.layout.as_ref()?;
            let mut cells = Vec::new();
            Records::new(&source.text, source.line_start(row.line)?, row.line, layout.separator).next(&mut cells)?.ok()?;
            // A validity may stand in one of several columns; it is where something is written.
            let named = || layout.columns.iter().filter(|(name, _)| *name == column).filter_map(|(_, at)| cells.get(*at));
            let cell = named().find(|cell| !cell.text.trim().is_empty()).or_else(|| named().next())?;
            let (line, column) = source.position(cell.start);
            Some(Place { file: row.file, line, column })
        };
        find().unwrap_or(row)
    }
}
