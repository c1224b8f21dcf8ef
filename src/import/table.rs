//! Reads a table by the names of its columns, and points at cells.

use super::Progress;
use super::cell::{self, DateFault, DateOrder, Kind};
use super::mapping::{MappedColumn, Mapping};
use super::shape::{listed, number_fault};
use super::split::{Cell, Records, SplitFault, separator};
use super::tree::Tree;
use crate::diagnostic::{Code, Diagnostics, Layout, Place, SourceFile, Sources, nearest};
use crate::num::{Number, Percent};
use std::borrow::Cow;

/// A column that a table may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column<'a> {
    /// Name in the header.
    pub name: &'a str,
    /// What its cells hold.
    pub kind: Kind,
    /// Whether the table must have it and no cell of it may be blank.
    pub required: bool,
}

impl<'a> Column<'a> {
    /// A column that a table must have and whose every cell is filled.
    pub const fn required(name: &'a str, kind: Kind) -> Column<'a> {
        Column { name, kind, required: true }
    }

    /// A column that a table may have.
    pub const fn optional(name: &'a str, kind: Kind) -> Column<'a> {
        Column { name, kind, required: false }
    }
}

/// One row of a table, read column by column. Whatever is wrong with a cell is reported when it is read.
pub struct Row<'a> {
    table: &'a Table<'a>,
    cells: &'a [Cell<'a>],
    diagnostics: &'a mut Diagnostics,
    /// Position and key of the column that the row spreads to.
    spread: Option<(usize, &'a str)>,
    /// First character of the row; of a row that spreads, its figure.
    pub place: Place,
    /// Whether every cell read so far was fine.
    pub sound: bool,
    /// Whether it is known what the row is about, once that is read; then it is worked with, whatever else is wrong with it.
    known: Option<bool>,
    /// Columns whose cells could not be read.
    unread: Vec<&'a str>,
}

/// The rows of a table.
pub struct Read<T> {
    /// Those that can be worked with.
    pub rows: Vec<T>,
    /// Those that cannot, with what of them could be read.
    pub broken: Vec<T>,
    /// Whether it is known what every row is about.
    pub complete: bool,
    /// Whether nothing at all was wrong.
    pub clean: bool,
}

struct Table<'a> {
    file: u32,
    source: &'a SourceFile,
    columns: &'a [Column<'a>],
    reading: Reading<'a>,
    separator: u8,
    /// For each of `columns`, where it comes from.
    origins: Vec<Origin<'a>>,
    /// Columns of the export that one row spreads over: the position of each, and its key.
    spread: Vec<(usize, &'a str)>,
    /// Rows that are read or passed over: a position, the words there, and whether they keep the row.
    filters: Vec<(usize, &'a [String], bool)>,
    /// Columns that are probably meant by headers that are none.
    meant: Vec<&'a str>,
    /// Whether it is known which rows there are.
    readable: bool,
}

/// How a table is read.
#[derive(Clone, Copy)]
pub struct Reading<'a> {
    /// Currency of its amounts.
    pub currency: &'a str,
    /// Which columns of an export are ours; without one the header has our names.
    pub mapping: Option<&'a MappingFile>,
    /// Told how far the reading is.
    pub progress: Progress<'a>,
}

/// Records between two words of progress.
const PROGRESS_RECORDS: usize = 4096;

/// A mapping and where its parts stand.
pub struct MappingFile {
    /// What it says.
    pub mapping: Mapping,
    /// Its text as a tree.
    pub tree: Tree,
}

impl MappingFile {
    /// Where `key` of the item `index` of a list of the mapping stands.
    fn place(&self, list: &str, index: usize, key: &str) -> Place {
        let items = self.tree.get(list).map_or(&[][..], |list| list.get("columns").unwrap_or(list).items());
        items.get(index).map_or(self.tree.place, |item| item.get(key).map_or(item.place, |tree| tree.place))
    }
}

/// Where a column of ours comes from.
#[derive(Clone, Copy)]
enum Origin<'a> {
    /// Nowhere; every cell is blank.
    Missing,
    /// A column that the export does not have, which is reported.
    Lost,
    /// A column of the file, and what the mapping makes of it.
    Cell(usize, Option<&'a MappedColumn>),
    /// The same text in every row.
    Constant(&'a str),
    /// The key of the column that the row spreads to.
    SpreadKey,
    /// The figure in that column.
    SpreadFigure,
}

/// A text of a cell in the plain form of its column, and the byte at which the cell begins.
struct Plain<'a> {
    text: Cow<'a, str>,
    written: &'a str,
    start: usize,
    factor: Option<Number>,
    column: &'a str,
}

/// Reads a table and makes one `T` of each row.
pub fn read<T>(
    file: u32,
    sources: &mut Sources,
    columns: &[Column],
    reading: Reading,
    diagnostics: &mut Diagnostics,
    make: impl Fn(&mut Row) -> T,
) -> Read<T> {
    let faults_before = diagnostics.found.len();
    let source = &sources.files[file as usize];
    let (mut rows, mut broken, mut complete) = (Vec::new(), Vec::new(), true);
    let mut cells = Vec::new();
    let header = reading.mapping.and_then(|file| file.mapping.header).unwrap_or(1);
    let header_line = || source.line_start(header).and_then(|start| source.text[start..].lines().find(|line| !line.trim().is_empty()));
    let separator = if source.sheet.is_some() { b'\t' } else { separator(header_line().unwrap_or_default()) };
    let mut records = Records::new(&source.text, 0, 1, separator);
    let (origins, spread, filters, meant) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut table = Table { file, source, columns, reading, separator, origins, spread, filters, meant, readable: true };
    let mut layout = Layout { separator, ..Layout::default() };
    let mut width = 0;
    for count in 0_usize.. {
        let Some(record) = records.next(&mut cells) else { break };
        if count.is_multiple_of(PROGRESS_RECORDS) {
            (reading.progress)(&source.name, cells.first().map_or(0, |cell| cell.start), source.text.len());
        }
        let place = match record {
            Ok(line) if line < header => continue,
            Ok(line) => Place { file, line, column: 1 },
            Err(fault) => {
                table.report_split(fault, diagnostics);
                complete = false;
                continue;
            }
        };
        if cells.iter().all(|cell| cell.text.trim().is_empty()) {
            continue;
        }
        if width == 0 {
            if source.sheet.is_some() {
                fit(&mut cells, 0);
            }
            width = cells.len();
            table.read_header(&cells, place, diagnostics);
            if !table.readable {
                return Read { rows, broken, complete: false, clean: false };
            }
            complete &= diagnostics.found.len() == faults_before;
            layout.lost = table.lost();
            continue;
        }
        if source.sheet.is_some() {
            fit(&mut cells, width);
        }
        if cells.len() != width {
            let help = format!("the header has {width}; a cell that contains a separator needs quotes around it");
            diagnostics.add(Code::CsvSyntax, place, format!("the row has {} cells", cells.len()), help);
            complete = false;
            continue;
        }
        if !table.takes(&cells) {
            continue;
        }
        let mut one = |spread: Option<(usize, &str)>, place| {
            let (sound, known, unread) = (true, None, Vec::new());
            let mut row = Row { table: &table, cells: &cells, diagnostics: &mut *diagnostics, spread, place, sound, known, unread };
            let made = make(&mut row);
            complete &= row.known.unwrap_or(row.sound);
            if row.known.is_some() || row.sound {
                rows.push(made)
            } else {
                broken.push(made)
            }
            if !row.unread.is_empty() {
                layout.unread.insert(place, row.unread.into_iter().map(str::to_owned).collect());
            }
        };
        if table.spread.is_empty() {
            one(None, place);
        }
        for (at, key) in table.spread.iter().filter(|(at, _)| !cells[*at].text.trim().is_empty()) {
            one(Some((*at, *key)), table.place(cells[*at].start));
        }
    }
    if width == 0 {
        table.read_header(&[], Place { file, line: 1, column: 1 }, diagnostics);
    }
    layout.columns = table.layout();
    sources.files[file as usize].layout = Some(layout);
    let clean = diagnostics.found.len() == faults_before;
    Read { rows, broken, complete: complete && width > 0, clean }
}

/// Gives a row of a sheet so many cells, unless more of them are filled: a sheet does not say where a row ends.
fn fit(cells: &mut Vec<Cell>, width: usize) {
    let filled = cells.iter().rposition(|cell| !cell.text.trim().is_empty()).map_or(0, |last| last + 1);
    let start = cells.last().map_or(0, |cell| cell.start);
    cells.resize(width.max(filled), Cell { text: Cow::Borrowed(""), start });
}

impl<'a> Table<'a> {
    /// Finds the columns.
    fn read_header(&mut self, cells: &[Cell], place: Place, diagnostics: &mut Diagnostics) {
        let known: Vec<&'a str> = self.columns.iter().map(|column| column.name).collect();
        let missing = match self.reading.mapping {
            None => {
                self.own_header(cells, &known, diagnostics);
                place
            }
            Some(file) => {
                self.mapped_header(file, cells, &known, diagnostics);
                file.tree.get("columns").map_or(file.tree.place, |list| list.place)
            }
        };
        for (column, origin) in self.columns.iter().zip(&self.origins) {
            if column.required && matches!(origin, Origin::Missing) {
                let (message, help) = match self.reading.mapping {
                    None => ("the table has no column", format!("add it to the header; the columns are {}", listed(&known))),
                    Some(_) => ("nothing is mapped to the column", "add it to the mapping with `from` or `value`".to_owned()),
                };
                diagnostics.add(Code::ColumnMissing, missing, format!("{message} `{}`", column.name), help);
            }
        }
    }

    /// The columns of which no cell says anything: those that are missing and needed, or probably meant by a header that is no column.
    fn lost(&self) -> Vec<String> {
        let is_lost = |column: &Column, origin: &Origin| match origin {
            Origin::Lost => true,
            Origin::Missing => column.required || self.meant.contains(&column.name),
            Origin::Cell(..) | Origin::Constant(_) | Origin::SpreadKey | Origin::SpreadFigure => false,
        };
        let columns = self.columns.iter().zip(&self.origins).filter(|(column, origin)| is_lost(column, origin));
        columns.map(|(column, _)| column.name.to_owned()).collect()
    }

    /// Columns by our own names.
    fn own_header(&mut self, cells: &[Cell], known: &[&'a str], diagnostics: &mut Diagnostics) {
        for (index, cell) in cells.iter().enumerate() {
            let name = cell.text.trim();
            if cells[..index].iter().any(|earlier| earlier.text.trim() == name) {
                diagnostics.add(Code::KeyDuplicate, self.place(cell.start), format!("column `{name}` stands twice"), "delete one of them");
            } else if !known.contains(&name) {
                let meant = nearest(name, known.iter().copied());
                let help = match meant {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the columns of this table are {}", listed(known)),
                };
                self.meant.extend(meant);
                diagnostics.add(Code::ColumnUnknown, self.place(cell.start), format!("there is no column `{name}`"), help);
            }
        }
        let position = |column: &Column| cells.iter().position(|cell| cell.text.trim() == column.name);
        self.origins = self.columns.iter().map(|column| position(column).map_or(Origin::Missing, |at| Origin::Cell(at, None))).collect();
    }

    /// Columns by a mapping.
    fn mapped_header(&mut self, file: &'a MappingFile, cells: &[Cell], known: &[&str], diagnostics: &mut Diagnostics) {
        let mapping = &file.mapping;
        self.origins = vec![Origin::Missing; self.columns.len()];
        for (index, mapped) in mapping.columns.iter().enumerate() {
            let spot = |key| file.place("columns", index, key);
            let origin = match (&mapped.from, &mapped.value) {
                (Some(from), None) => self.header(from, spot("from"), cells, diagnostics).map(|at| Origin::Cell(at, Some(mapped))),
                (None, Some(value)) => Some(Origin::Constant(value)),
                _ => {
                    let message = format!("`{}` needs one of `from` and `value`", mapped.to);
                    diagnostics.add(Code::ChoiceCount, spot("to"), message, "name a header of the export, or a constant");
                    None
                }
            };
            let Some(at) = self.ours(&mapped.to, spot("to"), known, diagnostics) else { continue };
            let is_figure = matches!(self.columns[at].kind, Kind::Number | Kind::Money);
            if mapped.unit.is_some() && mapped.scale.is_some() {
                diagnostics.add(Code::ChoiceCount, spot("scale"), "a unit and a scale", "keep one of them; a unit is a scale by its name");
            } else if mapped.factor().is_some() && !is_figure {
                let message = format!("`{}` is not a figure", mapped.to);
                diagnostics.add(Code::CombinationInvalid, spot("to"), message, "delete `unit` and `scale`");
            } else if mapped.scale.is_some_and(|scale| scale.0 <= rust_decimal::Decimal::ZERO) {
                diagnostics.add(Code::NumberRange, spot("scale"), "`scale` is not above 0", "write a number above 0");
            }
            self.origins[at] = origin.unwrap_or(Origin::Lost);
        }
        if let Some(spread) = &mapping.spread {
            let place = file.tree.get("spread").map_or(file.tree.place, |tree| tree.place);
            for (name, origin) in [(&spread.key, Origin::SpreadKey), (&spread.to, Origin::SpreadFigure)] {
                if let Some(at) = self.ours(name, place, known, diagnostics) {
                    self.origins[at] = origin;
                }
            }
            for (index, column) in spread.columns.iter().enumerate() {
                let found = self.header(&column.from, file.place("spread", index, "from"), cells, diagnostics);
                self.readable &= found.is_some();
                self.spread.extend(found.map(|at| (at, column.to.as_str())));
            }
        }
        for (list, rows, keeps) in [("keep", &mapping.keep, true), ("skip", &mapping.skip, false)] {
            for (index, rows) in rows.iter().enumerate() {
                let found = self.header(&rows.column, file.place(list, index, "column"), cells, diagnostics);
                self.readable &= found.is_some();
                self.filters.extend(found.map(|at| (at, rows.is.0.as_slice(), keeps)));
            }
        }
    }

    /// The position of one of our columns that nothing is mapped to yet.
    fn ours(&self, name: &str, place: Place, known: &[&str], diagnostics: &mut Diagnostics) -> Option<usize> {
        let Some(at) = known.iter().position(|column| *column == name) else {
            let help = match nearest(name, known.iter().copied()) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the columns of this table are {}", listed(known)),
            };
            diagnostics.add(Code::ColumnUnknown, place, format!("there is no column `{name}`"), help);
            return None;
        };
        if matches!(self.origins[at], Origin::Missing) {
            return Some(at);
        }
        diagnostics.add(Code::KeyDuplicate, place, format!("`{name}` is mapped twice"), "delete one of them");
        None
    }

    /// The position of a header of the export.
    fn header(&self, name: &str, place: Place, cells: &[Cell], diagnostics: &mut Diagnostics) -> Option<usize> {
        let mut found = (0..).zip(cells).filter(|(_, cell)| cell.text.trim() == name.trim());
        let Some((at, _)) = found.next() else {
            let help = match nearest(name, cells.iter().map(|cell| cell.text.trim())) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the header is row {} of `{}`; `header` says which row it is", self.header_row(cells), self.source.name),
            };
            diagnostics.add(Code::ColumnMissing, place, format!("the export has no column `{name}`"), help);
            return None;
        };
        if let Some((_, second)) = found.next() {
            let message = format!("column `{name}` stands twice, and the mapping reads it");
            diagnostics.add(Code::KeyDuplicate, self.place(second.start), message, "give one of them another name");
        }
        Some(at)
    }

    fn header_row(&self, cells: &[Cell]) -> u32 {
        cells.first().map_or(1, |cell| self.source.position(cell.start).0)
    }

    /// Whether a row is read at all.
    fn takes(&self, cells: &[Cell]) -> bool {
        self.filters.iter().all(|(at, words, keeps)| words.iter().any(|word| word == cells[*at].text.trim()) == *keeps)
    }

    /// Which column stands where; a validity in two columns stands in those too.
    fn layout(&self) -> Vec<(String, usize)> {
        let position = |origin: &Origin| match origin {
            Origin::Cell(at, _) => Some(*at),
            _ => None,
        };
        let found = self.columns.iter().zip(&self.origins).filter_map(|(column, origin)| Some((column.name.to_owned(), position(origin)?)));
        let mut layout: Vec<(String, usize)> = found.collect();
        for side in SIDES {
            let at = layout.iter().find(|(name, _)| *name == side).map(|(_, at)| *at);
            layout.extend(at.map(|at| (VALID.to_owned(), at)));
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
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.plain(name).map(|plain| plain.text.into_owned())
    }

    /// Text of a required cell. A blank one is reported and the row is not sound.
    pub fn required(&mut self, name: &str) -> String {
        self.text(name).unwrap_or_default()
    }

    /// The cells read so far say what the row is about; whatever is wrong with others, it is one of the table's.
    pub fn rest(&mut self) {
        self.known = Some(self.sound);
    }

    /// A cell could not be read; what is wrong with it is reported once.
    fn spoil(&mut self, column: &'a str) {
        self.sound = false;
        self.unread.push(column);
    }

    /// A number.
    pub fn number(&mut self, name: &str) -> Option<Number> {
        let plain = self.plain(name)?;
        match plain.text.parse() {
            Ok(number) => Some(number),
            Err(fault) => {
                self.spoil(plain.column);
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
                self.spoil(plain.column);
                number_fault(fault, plain.written, &format!("`{name}`"), self.table.place(plain.start), self.diagnostics);
                None
            }
        }
    }

    /// A whole number from 1 to the most that the column allows.
    pub fn count(&mut self, name: &str) -> Option<u32> {
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
            self.spoil(VALID);
            return None;
        }
        let texts = [&from, &to].map(|side| side.as_ref().map_or("", |plain| plain.written));
        match cell::join(texts[0], texts[1], self.dates()) {
            Ok(text) => Some(text).filter(|text| !text.is_empty()),
            // Checking reports what is no date, under the cell.
            Err(DateFault::Syntax) => Some(format!("{} .. {}", texts[0], texts[1])),
            Err(DateFault::Ambiguous) => {
                let ambiguous = |plain: &&Plain| cell::join(plain.written, "", self.dates()) == Err(DateFault::Ambiguous);
                let sides: Vec<Plain> = from.into_iter().chain(to).filter(|side| ambiguous(&side)).collect();
                sides.iter().for_each(|side| self.ambiguous(side));
                None
            }
        }
    }

    /// A day, as checking reads it.
    pub fn day(&mut self, name: &str) -> Option<String> {
        let plain = self.cell(name)?;
        match cell::join(plain.written, "", self.dates()) {
            Ok(text) => Some(text.trim_end_matches("..").trim().to_owned()).filter(|text| !text.is_empty()),
            // Checking reports it, under the cell.
            Err(DateFault::Syntax) => Some(plain.written.to_owned()),
            Err(DateFault::Ambiguous) => {
                self.ambiguous(&plain);
                None
            }
        }
    }

    /// The cell in the plain form of its column. `None` when it is blank; a blank required cell is reported, and so is what cannot be plain.
    fn plain(&mut self, name: &str) -> Option<Plain<'a>> {
        let mut plain = self.cell(name)?;
        let comma_is_point = self.table.separator == b';';
        match self.table.columns.iter().find(|column| column.name == name)?.kind {
            Kind::Text | Kind::Side => {}
            Kind::Units => plain.text = Cow::Owned(cell::units(plain.written)),
            Kind::Number | Kind::Count(_) => plain.text = cell::number(plain.written, comma_is_point),
            Kind::Money => {
                let (means, text) = cell::amount(plain.written, comma_is_point);
                plain.text = text;
                if !means.is_empty()
                    && !means.iter().any(|currency| currency == self.table.reading.currency)
                    && plain.text.parse::<Number>().is_ok()
                {
                    let message = format!("`{name}` `{}` is not in {}", plain.written, self.table.reading.currency);
                    self.fault(Code::CurrencyMismatch, &plain, message, "write it in the currency of the policy");
                    return None;
                }
            }
            Kind::Validity => match cell::validity(plain.written, self.dates()) {
                Ok(text) => plain.text = text,
                // Checking reports it, under the cell.
                Err(DateFault::Syntax) => {}
                Err(DateFault::Ambiguous) => {
                    self.ambiguous(&plain);
                    return None;
                }
            },
        }
        if let (Some(factor), Ok(number)) = (plain.factor, plain.text.parse::<Number>()) {
            // What does not fit stays as it is, and is then out of range.
            plain.text = number.0.checked_mul(factor.0).map_or(plain.text, |product| Cow::Owned(product.normalize().to_string()));
        }
        Some(plain)
    }

    /// Which of the known words a cell holds, separated by spaces.
    pub fn words<const N: usize>(&mut self, name: &str, known: &[&str; N]) -> [bool; N] {
        let mut found = [false; N];
        let Some(plain) = self.plain(name) else { return found };
        for word in plain.written.split_whitespace() {
            if let Some(at) = known.iter().position(|known| *known == word) {
                found[at] = true;
                continue;
            }
            let all = format!("write words of {}, separated by spaces", listed(known));
            let help = nearest(word, known.iter().copied()).map_or_else(|| all.clone(), |meant| format!("did you mean `{meant}`? {all}"));
            self.fault(Code::WordUnknown, &plain, format!("`{name}` cannot be `{word}`"), &help);
        }
        found
    }

    /// The texts of a row in the plain form of our columns; blank where there is none.
    pub fn canonical(&mut self) -> Vec<String> {
        let columns = self.table.columns;
        let text = |column: &Column| match column.kind {
            Kind::Validity => self.validity(),
            Kind::Side => None,
            Kind::Text | Kind::Units | Kind::Number | Kind::Money | Kind::Count(_) => self.text(column.name),
        };
        columns.iter().map(text).map(Option::unwrap_or_default).collect()
    }

    fn dates(&self) -> Option<DateOrder> {
        self.table.reading.mapping.and_then(|file| file.mapping.dates)
    }

    fn ambiguous(&mut self, plain: &Plain<'a>) {
        let message = format!("`{}` has day and month in an order that cannot be told", plain.written);
        self.fault(Code::DateAmbiguous, plain, message, "write the year first, with four digits, such as `2026-03-01`");
    }

    fn fault(&mut self, code: Code, plain: &Plain<'a>, message: String, help: &str) {
        self.diagnostics.add(code, self.table.place(plain.start), message, help);
        self.spoil(plain.column);
    }

    fn cell(&mut self, name: &str) -> Option<Plain<'a>> {
        let index = self.table.columns.iter().position(|column| column.name == name)?;
        let cells = self.cells;
        let (text, mapped, start): (&'a str, _, _) = match (self.table.origins[index], self.spread) {
            (Origin::Cell(at, mapped), _) => (&cells[at].text, mapped, cells[at].start),
            (Origin::Constant(text), _) => (text, None, cells.first().map_or(0, |cell| cell.start)),
            (Origin::SpreadKey, Some((at, key))) => (key, None, cells[at].start),
            (Origin::SpreadFigure, Some((at, _))) => (&cells[at].text, None, cells[at].start),
            (Origin::Missing | Origin::Lost | Origin::SpreadKey | Origin::SpreadFigure, _) => {
                self.sound &= !self.table.columns[index].required;
                return None;
            }
        };
        let column = self.table.columns[index].name;
        // Exports pad their cells.
        let written = if self.table.reading.mapping.is_some() { text.trim() } else { text };
        let word = mapped.map_or(written, |mapped| mapped.word(written));
        if word.trim().is_empty() {
            if self.table.columns[index].required {
                let message = format!("`{name}` is blank, and blank is not zero");
                self.diagnostics.add(Code::CellBlank, self.table.place(start), message, "fill the cell, or delete the row");
                self.spoil(column);
            }
            return None;
        }
        Some(Plain { text: Cow::Borrowed(word), written: word, start, column, factor: mapped.and_then(MappedColumn::factor) })
    }
}

impl Sources {
    /// Whether the cell of a column could be read, in the row that begins at `row`, so far as there is such a column.
    pub fn is_read(&self, row: Place, column: &str) -> bool {
        self.files.get(row.file as usize).and_then(|source| source.layout.as_ref()).is_none_or(|layout| {
            let names = |list: &[String]| list.iter().any(|name| name == column);
            !names(&layout.lost) && !layout.unread.get(&row).is_some_and(|list| names(list))
        })
    }

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
