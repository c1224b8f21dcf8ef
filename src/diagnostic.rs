//! What is wrong with a policy, where, and what to do: the only form in which authors hear of faults.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::OnceLock;

/// A place in a file: 1-based line and column in characters (a Chinese character is one). Line 0 means the file as a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Index into [`Sources::files`].
    pub file: u32,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Place {
    /// The folder as a whole: no file of it.
    pub const FOLDER: Place = Place { file: u32::MAX, line: 0, column: 0 };
}

/// How grave a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gravity {
    /// The policy is not usable.
    Error,
    /// The policy is usable, but probably not what was meant.
    Warning,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable code.
    pub code: Code,
    /// Where.
    pub place: Place,
    /// What is wrong; lower case, one line, author's text in backticks.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// The files of a policy and where each of its values stands.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Every file that was read, in order.
    pub files: Vec<SourceFile>,
    /// Place of each value read from YAML, by path: `promotions[3].get.percent`. Indices count the joined lists.
    pub places: HashMap<String, Place>,
    /// Keys of a policy file (`products`, `regions`, …) of which a part could not be read. What such a list does not define is not
    /// reported as unknown: the author hears of the cause only.
    pub incomplete: BTreeSet<&'static str>,
    /// The same of the old policy of a transition; its files are among these here.
    pub old: Option<Box<Sources>>,
}

/// One file of a policy.
#[derive(Debug, Clone)]
pub struct SourceFile {
    /// Path relative to the policy's folder, with `/`.
    pub name: String,
    /// Its text, without byte order mark.
    pub text: String,
    /// Name of the sheet that the text is made of, when the file is a workbook. Its lines are rows, its columns are those of the sheet.
    pub sheet: Option<String>,
    /// How the text is divided into cells, once it was read as a table.
    pub layout: Option<Layout>,
    /// Byte at which each line begins; made when the first fault asks, because most files have none.
    lines: OnceLock<Vec<usize>>,
}

/// How the text of a table is divided into cells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    /// What stands between cells: a comma, semicolon or tab.
    pub separator: u8,
    /// Columns by our name, with their position in a row.
    pub columns: Vec<(String, usize)>,
    /// Columns of ours of which no cell says anything, because something is wrong with the header.
    pub lost: Vec<String>,
    /// Rows with cells that could not be read, and the columns of these.
    pub unread: HashMap<Place, Vec<String>>,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $text:literal;)+) => {
        /// Codes of diagnostics. The code is the contract, messages may change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// Every code there is, in order.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)+];
            /// The stable text of the code.
            pub fn text(self) -> &'static str {
                match self { $(Code::$variant => $text,)+ }
            }
            /// What the code means, in one sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$variant => concat!($($doc,)+).trim_ascii_start(),)+ }
            }
        }
    };
}
codes! {
    /// The folder or a file that the policy names cannot be read.
    FileMissing = "FILE_MISSING";
    /// A file is in no encoding that is read: UTF-8, for tables also UTF-16 and GB18030.
    FileEncoding = "FILE_ENCODING";
    /// A file name that leads out of the policy's folder.
    FilePath = "FILE_PATH";
    /// A file of the folder is named by nothing.
    FileUnused = "FILE_UNUSED";
    /// The text of a YAML or JSON file cannot be parsed.
    YamlSyntax = "YAML_SYNTAX";
    /// YAML that is refused on purpose: anchors, aliases, tags, several documents.
    YamlUnsupported = "YAML_UNSUPPORTED";
    /// A key stands twice in one mapping, or a column in one table, or a key that a policy has once in two files.
    KeyDuplicate = "KEY_DUPLICATE";
    /// A key that does not exist here.
    KeyUnknown = "KEY_UNKNOWN";
    /// A required key is missing.
    KeyMissing = "KEY_MISSING";
    /// A value of another shape than its place asks for.
    ShapeWrong = "SHAPE_WRONG";
    /// A word that is not one of the allowed ones.
    WordUnknown = "WORD_UNKNOWN";
    /// Not a plain decimal.
    NumberInvalid = "NUMBER_INVALID";
    /// More digits after the point than the currency or scale has.
    NumberDigits = "NUMBER_DIGITS";
    /// A number outside its range: negative, zero or too large.
    NumberRange = "NUMBER_RANGE";
    /// An id that is empty, too long, or has forbidden characters.
    IdInvalid = "ID_INVALID";
    /// An id that is given twice.
    IdDuplicate = "ID_DUPLICATE";
    /// An id that nothing defines.
    IdUnknown = "ID_UNKNOWN";
    /// A row of a table names a product by an alias; it is read as the product's own SKU.
    SkuAlias = "SKU_ALIAS";
    /// A unit that the product does not have.
    UnitUnknown = "UNIT_UNKNOWN";
    /// A quantity of a unit that is no exact quantity of the base unit.
    UnitInexact = "UNIT_INEXACT";
    /// A unit that is not the same for all products of a rule.
    UnitDiffers = "UNIT_DIFFERS";
    /// A tree whose parents run in a circle.
    TreeCycle = "TREE_CYCLE";
    /// Formulas of price tables that need each other.
    FormulaCycle = "FORMULA_CYCLE";
    /// A table that cannot be split into cells.
    CsvSyntax = "CSV_SYNTAX";
    /// A workbook that cannot be read.
    WorkbookBroken = "WORKBOOK_BROKEN";
    /// A workbook without the sheet that is named.
    SheetMissing = "SHEET_MISSING";
    /// A table without a column that it needs.
    ColumnMissing = "COLUMN_MISSING";
    /// A table with a column that does not exist.
    ColumnUnknown = "COLUMN_UNKNOWN";
    /// A required cell is blank; blank is not zero.
    CellBlank = "CELL_BLANK";
    /// A date whose day and month cannot be told apart.
    DateAmbiguous = "DATE_AMBIGUOUS";
    /// An amount in another currency than the policy's.
    CurrencyMismatch = "CURRENCY_MISMATCH";
    /// A currency that is not in ISO 4217.
    CurrencyUnknown = "CURRENCY_UNKNOWN";
    /// A time zone that is not in the IANA database.
    ZoneUnknown = "ZONE_UNKNOWN";
    /// A validity that cannot be read, or one of a policy that recurs.
    ValidityInvalid = "VALIDITY_INVALID";
    /// A validity that ends before it begins, or holds at no instant of the policy's own.
    ValidityEmpty = "VALIDITY_EMPTY";
    /// Two rows of one price table with the same key, validity and quantity.
    PriceDuplicate = "PRICE_DUPLICATE";
    /// Two rows of one price table with the same key and overlapping validities.
    PriceOverlap = "PRICE_OVERLAP";
    /// Rows of one scale with nothing between them.
    ScaleGap = "SCALE_GAP";
    /// Rows of one scale that overlap.
    ScaleOverlap = "SCALE_OVERLAP";
    /// None or several where exactly one is needed: benefit, threshold, measure.
    ChoiceCount = "CHOICE_COUNT";
    /// Steps or tiers that do not rise.
    StepsOrder = "STEPS_ORDER";
    /// A combination of settings that has no meaning.
    CombinationInvalid = "COMBINATION_INVALID";
    /// A rule that selects no product.
    SelectionEmpty = "SELECTION_EMPTY";
    /// A rule that no dealer can meet.
    AudienceEmpty = "AUDIENCE_EMPTY";
    /// A gift that every dealer whom it is for does not see.
    GiftHidden = "GIFT_HIDDEN";
    /// A promotion about products that every dealer whom it is for does not see.
    SelectionHidden = "SELECTION_HIDDEN";
    /// A price of a promotion that is not below any price of its products.
    PriceNotLower = "PRICE_NOT_LOWER";
    /// A threshold that no order can reach.
    ThresholdUnreachable = "THRESHOLD_UNREACHABLE";
    /// What the old policy of a transition must have in common with the new one, and has not.
    TransitionDiffers = "TRANSITION_DIFFERS";
    /// More of something than a policy may hold.
    LimitExceeded = "LIMIT_EXCEEDED";
    /// A test that expects nothing, so it could never fail.
    ExpectEmpty = "EXPECT_EMPTY";
}

impl SourceFile {
    /// A file with its text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SourceFile {
        SourceFile { name: name.into(), text: text.into(), sheet: None, layout: None, lines: OnceLock::new() }
    }

    /// Byte at which a line begins; lines count from 1.
    pub fn line_start(&self, line: u32) -> Option<usize> {
        self.lines().get(line.checked_sub(1)? as usize).copied()
    }

    /// Text of a line without its line break; empty for a line that is not there.
    pub fn line(&self, line: u32) -> &str {
        self.line_start(line).and_then(|start| self.text[start..].lines().next()).unwrap_or_default()
    }

    /// Line and column of a byte of the text; of a sheet, row and column of the cell.
    pub fn position(&self, byte: usize) -> (u32, u32) {
        let line = self.lines().partition_point(|start| *start <= byte);
        let before = &self.text[self.lines()[line - 1]..byte];
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let steps = if self.sheet.is_some() { before.matches('\t').count() } else { before.chars().count() };
        (number(line), number(steps + 1))
    }

    /// A place of the file as people name it: `prices/list.csv:2:11`, or `prices.xlsx, sheet 价格, cell C5`. Line 0 is the file.
    pub fn shown(&self, line: u32, column: u32) -> String {
        match &self.sheet {
            _ if line == 0 => self.name.clone(),
            Some(sheet) => format!("{}, sheet {sheet}, cell {}{line}", self.name, letters(column)),
            None => format!("{}:{line}:{column}", self.name),
        }
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect())
    }
}

/// The letters of a column of a sheet, from 1: `A`, `Z`, `AA`.
fn letters(column: u32) -> String {
    let mut left = column;
    let mut letters = Vec::new();
    while left > 0 {
        letters.push(char::from_u32(u32::from('A') + (left - 1) % 26).unwrap_or('?'));
        left = (left - 1) / 26;
    }
    letters.into_iter().rev().collect()
}

impl Code {
    /// Whether a finding of this code keeps the policy from being compiled.
    pub fn gravity(self) -> Gravity {
        match self {
            Code::FileUnused
            | Code::SkuAlias
            | Code::GiftHidden
            | Code::SelectionHidden
            | Code::PriceNotLower
            | Code::ThresholdUnreachable => Gravity::Warning,
            _ => Gravity::Error,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.text())
    }
}

/// Collects findings with their places.
#[derive(Debug, Default)]
pub struct Diagnostics {
    /// Everything found so far, in order of discovery.
    pub found: Vec<Diagnostic>,
}

impl Diagnostics {
    /// Adds a finding.
    pub fn add(&mut self, code: Code, place: Place, message: impl Into<String>, help: impl Into<String>) {
        self.found.push(Diagnostic { code, place, message: message.into(), help: help.into() });
    }

    /// Puts the findings in the order in which an author works through them: by file, line and column.
    pub fn sort(&mut self) {
        self.found.sort_by_key(|finding| (finding.place, finding.code));
    }

    /// Whether an error is among them.
    pub fn failed(&self) -> bool {
        self.found.iter().any(|d| d.code.gravity() == Gravity::Error)
    }
}

impl Sources {
    /// Where the value at `path` stands: its own place, or that of the nearest value around it.
    pub fn place(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(place) = self.places.get(path) {
                return *place;
            }
            match path.rfind(['.', '[']) {
                Some(end) => path = &path[..end],
                None => return Place::FOLDER,
            }
        }
    }
}

/// The known word nearest to `word`, when it is near enough to be what was meant: one slip in three characters, and something in common.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    let reach = (length / 3).max(1).min(length.saturating_sub(1));
    known.into_iter().map(|k| (edits(word, k), k)).filter(|(d, _)| *d <= reach).min().map(|(_, k)| k)
}

/// Slips between two words: characters added, left out or changed, and neighbours swapped.
fn edits(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let changed = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_near_and_share_something() {
        let keys = ["grade", "region", "皓峰", "A"];
        assert_eq!(nearest("grdae", keys), Some("grade"));
        assert_eq!(nearest("浩峰", keys), Some("皓峰"));
        assert_eq!(nearest("B", keys), None);
        assert_eq!(nearest("channel", keys), None);
    }

    #[test]
    fn positions_count_characters_from_one() {
        let file = SourceFile::new("a.csv", "sku\n货,价\n");
        assert_eq!(file.position(0), (1, 1));
        assert_eq!(file.position("sku\n货,".len()), (2, 3));
        assert_eq!((file.line(2), file.line(9)), ("货,价", ""));
    }

    #[test]
    fn cells_of_a_sheet_are_named_as_a_spreadsheet_does() {
        let sheet = SourceFile { sheet: Some("价格".into()), ..SourceFile::new("a.xlsx", "sku\t价\n货\t1\n") };
        assert_eq!(sheet.position("sku\t价\n货\t".len()), (2, 2));
        assert_eq!([1, 26, 27, 702, 703, 16_384].map(letters), ["A", "Z", "AA", "ZZ", "AAA", "XFD"]);
        assert_eq!((sheet.shown(2, 2), sheet.shown(0, 0)), ("a.xlsx, sheet 价格, cell B2".into(), "a.xlsx".into()));
    }
}
