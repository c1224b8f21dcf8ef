//! Joins the files of a folder into one policy.

use super::canonical::{self, Canonical, CanonicalTable, Replacement};
use super::encoding::{self, Unreadable};
use super::mapping::Mapping;
use super::schema::{AccessEntry, AxisName, FreightEntry, MAPPING, POLICY, TESTS, TableEntry, TableFile};
use super::shape::Shape;
use super::sheet::{self, SheetFault};
use super::table::{MappingFile, Read};
use super::tree::{self, Tree};
use super::{Imported, Progress, decode, records, table};
use crate::diagnostic::{Code, Diagnostics, Place, SourceFile, nearest};
use crate::policy::{Access, AttributeOf, Axis, Formula, Freight, ScoreRow, Scorecard, Settings};
use crate::policy_test;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// The keys of a policy file.
const KEYS: [&str; 31] = [
    "policy",
    "transition",
    "grades",
    "regions",
    "channels",
    "dealer_groups",
    "attributes",
    "categories",
    "brands",
    "products",
    "aliases",
    "dealers",
    "prices",
    "costs",
    "floors",
    "approvals",
    "recommended",
    "groups",
    "budgets",
    "promotions",
    "programs",
    "overlaps",
    "kpis",
    "contests",
    "scorecards",
    "assortment",
    "territory",
    "freight",
    "redemption",
    "guards",
    "checks",
];

/// Keys of a price table that a formula takes from its source, or that it cannot have.
const OF_TABLES: [&str; 5] = ["table", "by", "scale", "registered", "period"];

/// Keys of a table that say what its rows are. Where these are fine its rows are read, whatever is wrong with others.
const OF_ROWS: [&str; 6] = ["id", "table", "by", "scale", "registered", "period"];

/// The work of one import.
pub struct Join<'a> {
    progress: Progress<'a>,
    imported: Imported,
    /// The folder that is read, as names of files begin: empty for the policy's own, `2025/` for that of an old policy inside it.
    folder: String,
    /// Files that are not text; reported once, read by nothing.
    unreadable: BTreeSet<u32>,
    /// Tables that something names.
    named: BTreeSet<u32>,
    /// Where each key that may stand once stood first.
    once: Vec<(&'static str, Place)>,
    /// Bytes of files that are workbooks.
    workbooks: BTreeMap<u32, Vec<u8>>,
    product_table: Option<Named>,
    alias_table: Option<Named>,
    dealer_table: Option<Named>,
    price_tables: Vec<AccessTable>,
    freight_tables: Vec<(FreightEntry, Named)>,
    /// A table that is read from elsewhere than the policy says.
    replace: Option<Replacement>,
    /// Every table in canonical form, when that is asked for.
    canonical: Option<Vec<CanonicalTable>>,
}

/// A price table that is yet to be read.
struct AccessTable {
    key: &'static str,
    entry: AccessEntry,
    of: Of,
}

/// What the rows of a price table come from.
enum Of {
    Table(Named),
    Formula(Formula),
}

/// A table as a policy file names it, and where its parts stand.
struct Named {
    table: TableFile,
    file: Place,
    sheet: Place,
    mapping: Place,
}

impl Named {
    fn new(table: TableFile, tree: &Tree) -> Named {
        let place = |key| tree.get(key).map_or(tree.place, |tree| tree.place);
        Named { table, file: place("file"), sheet: place("sheet"), mapping: place("mapping") }
    }
}

impl<'a> Join<'a> {
    /// Asks for every table in canonical form too, one of them read from elsewhere than the policy says.
    pub fn canonical(&mut self, replace: Option<Replacement>) {
        self.canonical = Some(Vec::new());
        self.replace = replace;
    }

    /// Takes the files in order of their names.
    pub fn new(list: Vec<(String, Vec<u8>)>, progress: Progress<'a>) -> Join<'a> {
        let mut join = Join {
            progress,
            imported: Imported::default(),
            folder: String::new(),
            unreadable: BTreeSet::new(),
            named: BTreeSet::new(),
            once: Vec::new(),
            workbooks: BTreeMap::new(),
            product_table: None,
            alias_table: None,
            dealer_table: None,
            replace: None,
            canonical: None,
            price_tables: Vec::new(),
            freight_tables: Vec::new(),
        };
        for (index, (name, bytes)) in (0..).zip(list) {
            if is_workbook(&name) {
                join.workbooks.insert(index, bytes);
                join.imported.sources.files.push(SourceFile::new(name, ""));
                continue;
            }
            let is_table = is_table(&name);
            let text = match if is_table { encoding::table(bytes) } else { encoding::utf8(bytes) } {
                Ok(text) => text,
                Err((bytes, Unreadable(sound))) => {
                    join.unreadable.insert(index);
                    let readable = String::from_utf8_lossy(&bytes[..sound]).into_owned();
                    let (line, column) = SourceFile::new("", readable.as_str()).position(readable.len());
                    let place = Place { file: index, line, column };
                    let (which, help) = match is_table {
                        true => ("UTF-8, UTF-16 or GB18030", "save it as UTF-8 (in Excel: `CSV UTF-8`)"),
                        false => ("UTF-8", "save it as UTF-8"),
                    };
                    join.imported.diagnostics.add(Code::FileEncoding, place, format!("`{name}` is not {which}"), help);
                    String::from_utf8_lossy(&bytes).into_owned()
                }
            };
            join.imported.sources.files.push(SourceFile::new(name, text));
        }
        join
    }

    /// Reads everything.
    pub fn read(&mut self) {
        self.policy_files();
        self.tables();
        self.transition();
        self.tests();
        self.unused();
    }

    /// Reads every YAML file directly in the folder.
    fn policy_files(&mut self) {
        let files = self.files(|name| !name.contains('/') && name.ends_with(".yaml"));
        for file in &files {
            match self.tree(*file) {
                Some(tree) => self.policy_file(&tree),
                // What the file would have defined is not known, so nothing can be called unknown.
                None => self.imported.sources.incomplete.extend(KEYS),
            }
        }
        if files.is_empty() {
            self.imported.sources.incomplete.extend(KEYS);
            let message = "the folder holds no policy file";
            self.imported.diagnostics.add(Code::FileMissing, Place::FOLDER, message, "write `policy.yaml`; `qudao new DIR` shows how");
        } else if !self.once.iter().any(|(key, _)| *key == "policy") && !self.imported.sources.incomplete.contains("policy") {
            let main = files.iter().find(|file| self.name(**file) == "policy.yaml").unwrap_or(&files[0]);
            let place = Place { file: *main, line: 0, column: 0 };
            self.imported.sources.incomplete.insert("policy");
            self.imported.diagnostics.add(Code::KeyMissing, place, "no file has the key `policy`", "add `policy: { id: …, version: … }`");
        }
    }

    fn policy_file(&mut self, tree: &Tree) {
        if tree.is_blank() {
            return;
        }
        let shape = Shape::of(&POLICY);
        if !matches!(tree.value, tree::Value::Map(_)) {
            shape.check(tree, "a policy file", &mut self.imported.diagnostics);
            self.imported.sources.incomplete.extend(KEYS);
            return;
        }
        for entry in tree.entries() {
            let Some(key) = KEYS.into_iter().find(|key| *key == entry.key) else {
                let help = match nearest(&entry.key, KEYS) {
                    Some(meant) => {
                        self.imported.sources.incomplete.extend(KEYS.into_iter().find(|key| *key == meant));
                        format!("did you mean `{meant}`?")
                    }
                    None => format!("the keys here are {}", super::shape::listed(&KEYS)),
                };
                self.imported.diagnostics.add(
                    Code::KeyUnknown,
                    entry.place,
                    format!("`{}` is not a key of a policy file", entry.key),
                    help,
                );
                continue;
            };
            let Some(shape) = shape.property(key) else { continue };
            self.entry(key, entry.place, &entry.tree, shape);
        }
    }

    fn entry(&mut self, key: &'static str, key_place: Place, tree: &Tree, shape: Shape) {
        match key {
            "policy" | "transition" | "products" | "aliases" | "dealers" | "redemption" | "guards" => {
                if let Some((_, first)) = self.once.iter().find(|(known, _)| *known == key) {
                    let message = format!("`{key}` stands in `{}` already", self.name(first.file));
                    self.imported.diagnostics.add(Code::KeyDuplicate, key_place, message, "keep it in one file");
                    return;
                }
                self.once.push((key, key_place));
            }
            _ => {}
        }
        match key {
            "policy" => {
                if let Some(settings) = self.one::<Settings>(key, tree, shape) {
                    self.imported.policy.settings = settings;
                }
            }
            "transition" => self.imported.policy.transition = self.one(key, tree, shape),
            "redemption" => self.imported.policy.redemption = self.one(key, tree, shape),
            "guards" => {
                if let Some(guards) = self.one(key, tree, shape) {
                    self.imported.policy.guards = guards;
                }
            }
            "dealers" => self.dealer_table = self.one::<TableEntry>(key, tree, shape).map(|TableEntry(table)| Named::new(table, tree)),
            "products" => {
                self.product_table = self.one::<TableEntry>(key, tree, shape).map(|TableEntry(table)| Named::new(table, tree));
            }
            "aliases" => self.alias_table = self.one::<TableEntry>(key, tree, shape).map(|TableEntry(table)| Named::new(table, tree)),
            "grades" => self.list(key, tree, shape, |policy| &mut policy.grades),
            "regions" => self.list(key, tree, shape, |policy| &mut policy.regions),
            "channels" => self.list(key, tree, shape, |policy| &mut policy.channels),
            "dealer_groups" => self.list(key, tree, shape, |policy| &mut policy.dealer_groups),
            "attributes" => self.list(key, tree, shape, |policy| &mut policy.attributes),
            "categories" => self.list(key, tree, shape, |policy| &mut policy.categories),
            "brands" => self.list(key, tree, shape, |policy| &mut policy.brands),
            "groups" => self.list(key, tree, shape, |policy| &mut policy.groups),
            "budgets" => self.list(key, tree, shape, |policy| &mut policy.budgets),
            "promotions" => self.list(key, tree, shape, |policy| &mut policy.promotions),
            "programs" => self.list(key, tree, shape, |policy| &mut policy.programs),
            "overlaps" => self.list(key, tree, shape, |policy| &mut policy.overlaps),
            "kpis" => self.list(key, tree, shape, |policy| &mut policy.kpis),
            "contests" => self.list(key, tree, shape, |policy| &mut policy.contests),
            "scorecards" => self.list(key, tree, shape, |policy| &mut policy.scorecards),
            "assortment" => self.list(key, tree, shape, |policy| &mut policy.assortment),
            "territory" => self.list(key, tree, shape, |policy| &mut policy.territory),
            "checks" => self.list(key, tree, shape, |policy| &mut policy.checks),
            "freight" => self.freight(key, tree, shape),
            _ => self.accesses(key, tree, shape),
        }
    }

    /// A key that stands once: its value, when it fits.
    fn one<T: DeserializeOwned>(&mut self, key: &'static str, tree: &Tree, shape: Shape) -> Option<T> {
        let value = self.item(key, tree, shape, &format!("`{key}`"));
        if value.is_some() {
            self.remember(key, tree);
        }
        value
    }

    /// A key whose lists are joined.
    fn list<T: DeserializeOwned>(
        &mut self,
        key: &'static str,
        tree: &Tree,
        shape: Shape,
        part: fn(&mut crate::policy::Policy) -> &mut Vec<T>,
    ) {
        for item in self.list_items(key, tree, shape) {
            let Some(items) = shape.items() else { return };
            if let Some(value) = self.item(key, item, items, one_of(key)) {
                let list = part(&mut self.imported.policy);
                list.push(value);
                let path = format!("{key}[{}]", list.len() - 1);
                self.remember(&path, item);
            }
        }
    }

    fn accesses(&mut self, key: &'static str, tree: &Tree, shape: Shape) {
        for item in self.list_items(key, tree, shape) {
            let Some(items) = shape.items() else { return };
            let entry = self.item::<AccessEntry>(key, item, items, one_of(key));
            let Some(entry) = entry.or_else(|| of_rows(item, items)) else { continue };
            let index = self.price_tables.iter().filter(|table| table.key == key).count();
            self.remember(&format!("{key}[{index}]"), item);
            let of = match (&entry.formula, &entry.table, &entry.by) {
                (None, Some(table), Some(_)) => Of::Table(Named::new(table.0.clone(), item.get("table").unwrap_or(item))),
                (Some(formula), ..) if !OF_TABLES.iter().any(|key| item.get(key).is_some()) => {
                    Of::Formula(Formula { place: item.get("formula").map_or(item.place, |tree| tree.place), ..formula.clone() })
                }
                (Some(_), ..) => {
                    let beside = OF_TABLES.into_iter().find(|key| item.get(key).is_some()).unwrap_or_default();
                    let message = format!("a formula, and `{beside}`");
                    let place = item.get(beside).map_or(item.place, |tree| tree.place);
                    self.imported.diagnostics.add(
                        Code::ChoiceCount,
                        place,
                        message,
                        "keep one of them: a formula has the keys and scales of its source, and no registrations",
                    );
                    self.imported.sources.incomplete.insert(key);
                    continue;
                }
                (None, table, by) => {
                    let missing = [("table", table.is_none(), "name its file"), ("by", by.is_none(), "name its key columns")];
                    for (missing, _, cure) in missing.into_iter().filter(|(_, missing, _)| *missing) {
                        let message = format!("{} has no `{missing}`", one_of(key));
                        self.imported.diagnostics.add(Code::KeyMissing, item.place, message, format!("add `{missing}`: {cure}"));
                    }
                    self.imported.sources.incomplete.insert(key);
                    continue;
                }
            };
            self.price_tables.push(AccessTable { key, entry, of });
        }
    }

    fn freight(&mut self, key: &'static str, tree: &Tree, shape: Shape) {
        for item in self.list_items(key, tree, shape) {
            let Some(items) = shape.items() else { return };
            let entry = self.item::<FreightEntry>(key, item, items, one_of(key));
            let Some(entry) = entry.or_else(|| of_rows(item, items)) else { continue };
            self.remember(&format!("{key}[{}]", self.freight_tables.len()), item);
            let named = Named::new(entry.table.0.clone(), item.get("table").unwrap_or(item));
            self.freight_tables.push((entry, named));
        }
    }

    /// The items of a list; a value that is no list is reported.
    fn list_items<'t>(&mut self, key: &'static str, tree: &'t Tree, shape: Shape) -> &'t [Tree] {
        if !matches!(tree.value, tree::Value::List(_)) {
            shape.check(tree, &format!("`{key}`"), &mut self.imported.diagnostics);
            self.imported.sources.incomplete.insert(key);
        }
        tree.items()
    }

    /// One value, when it fits its shape; otherwise it is reported, left out, and its list is known to be incomplete.
    fn item<T: DeserializeOwned>(&mut self, key: &'static str, tree: &Tree, shape: Shape, name: &str) -> Option<T> {
        if shape.check(tree, name, &mut self.imported.diagnostics) {
            match decode::decode(tree) {
                Ok(value) => return Some(value),
                Err(fault) => {
                    let message = format!("{name} cannot be read: {fault}");
                    self.imported.diagnostics.add(Code::ShapeWrong, tree.place, message, "compare it with docs/policy-files.md");
                }
            }
        }
        self.imported.sources.incomplete.insert(key);
        None
    }

    /// Keeps the place of a value and of everything inside it.
    fn remember(&mut self, path: &str, tree: &Tree) {
        self.imported.sources.places.insert(path.to_owned(), tree.place);
        for entry in tree.entries() {
            self.remember(&format!("{path}.{}", entry.key), &entry.tree);
        }
        for (index, item) in tree.items().iter().enumerate() {
            self.remember(&format!("{path}[{index}]"), item);
        }
    }

    /// Reads the tables that the policy files name.
    fn tables(&mut self) {
        let attributes = self.imported.policy.attributes.clone();
        for (index, attribute) in attributes.iter().enumerate() {
            if records::is_column(&attribute.id) {
                let message = format!("`{}` is the name of a column that every policy has", attribute.id);
                let place = self.imported.sources.place(&format!("attributes[{index}].id"));
                self.imported.diagnostics.add(Code::IdDuplicate, place, message, "give the attribute another id");
            }
        }
        if let Some(named) = self.product_table.take() {
            let products = self.table("products", named, &records::product_columns(&attributes), |row| records::product(row, &attributes));
            self.imported.policy.products = self.whole("products", products);
        }
        if let Some(named) = self.alias_table.take() {
            let aliases = self.table("aliases", named, &records::ALIAS_COLUMNS, records::alias);
            self.imported.policy.aliases = self.whole("aliases", aliases);
        }
        if let Some(named) = self.dealer_table.take() {
            let dealers = self.table("dealers", named, &records::dealer_columns(&attributes), |row| records::dealer(row, &attributes));
            self.imported.policy.dealers = Some(self.whole("dealers", dealers));
        }
        let mut read: Vec<&str> = Vec::new();
        for AccessTable { key, entry, of } in std::mem::take(&mut self.price_tables) {
            let AccessEntry { id, name, by, when, on, scale, registered, period, .. } = entry;
            let index = read.iter().filter(|earlier| **earlier == key).count();
            read.push(key);
            let (by, [rows, broken], formula) = match of {
                Of::Formula(formula) => (Vec::new(), [Vec::new(), Vec::new()], Some(formula)),
                Of::Table(named) => {
                    let by = self.axes(&by.unwrap_or_default(), &format!("{key}[{index}].by"));
                    let rows = match &by {
                        Some(by) => {
                            let of_registrations = registered.is_some();
                            let columns = records::price_columns(by, &attributes, scale.measure, of_registrations);
                            self.table(&id, named, &columns, |row| records::price(row, by, &attributes, scale.measure, of_registrations))
                        }
                        None => {
                            // What its columns are is not known, but it is a part of the policy.
                            let files = (0..).zip(&self.imported.sources.files);
                            self.named.extend(files.filter(|(_, file)| file.name == named.table.file).map(|(file, _)| file));
                            None
                        }
                    };
                    (by.unwrap_or_default(), self.rows(key, rows), None)
                }
            };
            let policy = &mut self.imported.policy;
            let list = match key {
                "floors" => &mut policy.floors,
                "approvals" => &mut policy.approvals,
                "recommended" => &mut policy.recommended,
                "costs" => &mut policy.costs,
                _ => &mut policy.prices,
            };
            list.push(Access { id, name, by, when, on, formula, scale, registered, period, rows, broken });
        }
        self.freight_rows();
    }

    fn freight_rows(&mut self) {
        for (entry, named) in std::mem::take(&mut self.freight_tables) {
            let FreightEntry { id, name, when, tax, .. } = entry;
            let rows = self.table(&id, named, &records::FREIGHT_COLUMNS, records::freight);
            let [rows, broken] = self.rows("freight", rows);
            self.imported.policy.freight.push(Freight { id, name, when, tax, rows, broken });
        }
    }

    /// The axes that the keys of a table name; nothing when one of them is unknown.
    fn axes(&mut self, by: &[AxisName], path: &str) -> Option<Vec<Axis>> {
        let Imported { policy, sources, diagnostics, .. } = &mut self.imported;
        let attributes = (0..).zip(&policy.attributes).filter(|(_, attribute)| attribute.of != AttributeOf::Order);
        let attributes = attributes.map(|(at, attribute)| (attribute.id.as_str(), Axis::Attribute(at)));
        let known: Vec<(&str, Axis)> = Axis::FIXED.iter().map(|axis| (axis.word(&[]), *axis)).chain(attributes).collect();
        let mut axes = Vec::new();
        for (index, AxisName(name)) in by.iter().enumerate() {
            if let Some((_, axis)) = known.iter().find(|(word, _)| word == name) {
                axes.push(*axis);
            } else if !sources.incomplete.contains("attributes") {
                let all = || format!("write one of {}", super::shape::listed(&known.iter().map(|(word, _)| *word).collect::<Vec<_>>()));
                let meant = nearest(name, known.iter().map(|(word, _)| *word));
                let help = meant.map_or_else(all, |meant| format!("did you mean `{meant}`? {}", all()));
                let place = sources.place(&format!("{path}[{index}]"));
                diagnostics.add(Code::WordUnknown, place, format!("an item of `by` cannot be `{name}`"), help);
            }
        }
        (axes.len() == by.len()).then_some(axes)
    }

    /// Rows of master data; where some are missing, nothing is called unknown because of it.
    fn whole<T>(&mut self, key: &'static str, read: Option<Read<T>>) -> Vec<T> {
        if read.as_ref().is_none_or(|read| !read.complete) {
            self.imported.sources.incomplete.insert(key);
        }
        read.map_or_else(Vec::new, |read| read.rows)
    }

    /// Rows of a table, and those that cannot be worked with.
    fn rows<T>(&mut self, key: &'static str, read: Option<Read<T>>) -> [Vec<T>; 2] {
        if read.as_ref().is_none_or(|read| !read.clean) {
            self.imported.sources.incomplete.insert(key);
        }
        read.map_or_else(|| [Vec::new(), Vec::new()], |read| [read.rows, read.broken])
    }

    /// Rows of a table; `None` when there is no such table.
    fn table<T>(&mut self, id: &str, mut named: Named, columns: &[table::Column], make: impl Fn(&mut table::Row) -> T) -> Option<Read<T>> {
        let plain_file = (named.table.mapping.is_none() && is_table(&named.table.file)).then(|| named.table.file.clone());
        if let Some(replacement) = self.replace.as_mut().filter(|replacement| replacement.id == id) {
            replacement.met = true;
            // What is replaced is read by nobody now, but it is a part of the policy.
            self.named.extend((0..).zip(&self.imported.sources.files).filter(|(_, file)| file.name == named.table.file).map(|(at, _)| at));
            named.table = replacement.table.clone();
        }
        let mapping = match &named.table.mapping {
            Some(name) => Some(self.mapping(name, named.mapping)?),
            None => None,
        };
        let file = self.cells(&named)?;
        let Imported { policy, sources, diagnostics, .. } = &mut self.imported;
        let reading = table::Reading { currency: &policy.settings.currency, mapping: mapping.as_ref(), progress: self.progress };
        let read = table::read(file, sources, columns, reading, diagnostics, make);
        if let Some(tables) = &mut self.canonical {
            // Its faults are those of the first reading.
            let Read { rows, .. } = table::read(file, sources, columns, reading, &mut Diagnostics::default(), |row| row.canonical());
            tables.push(CanonicalTable { id: id.to_owned(), plain_file, rows: rows.len(), text: canonical::write(columns, &rows) });
        }
        Some(read)
    }

    /// The file with the text of a table.
    fn cells(&mut self, named: &Named) -> Option<u32> {
        let file = self.named_file(&named.table.file, named.file, is_table_or_workbook)?;
        let sheet = named.table.sheet.as_deref();
        let Imported { sources, diagnostics, .. } = &mut self.imported;
        let index = u32::try_from(sources.files.len()).unwrap_or(u32::MAX);
        let Some(workbook) = self.workbooks.get(&file) else {
            if sheet.is_some() {
                let help = "delete `sheet`, or name an `.xlsx` file";
                diagnostics.add(Code::CombinationInvalid, named.sheet, "a sheet of a file that is no workbook", help);
            }
            let source = &sources.files[file as usize];
            // A file that is read twice may be read in two ways, and faults are found by the way.
            if source.layout.is_none() {
                return Some(file);
            }
            let again = SourceFile::new(source.name.as_str(), source.text.as_str());
            sources.files.push(again);
            self.named.insert(index);
            return Some(index);
        };
        let name = sources.files[file as usize].name.clone();
        let whole = Place { file, line: 0, column: 0 };
        (self.progress)(&name, 0, workbook.len());
        match sheet::read(workbook, sheet) {
            Ok((text, sheet)) => {
                let mut source = SourceFile::new(name, text);
                source.sheet = Some(sheet);
                sources.files.push(source);
                self.named.insert(index);
                return Some(index);
            }
            Err(SheetFault::Missing(known)) => {
                let wanted = sheet.unwrap_or_default();
                let help = match nearest(wanted, known.iter().map(String::as_str)) {
                    Some(meant) => format!("did you mean `{meant}`?"),
                    None => format!("the sheets are {}", super::shape::listed(&known.iter().map(String::as_str).collect::<Vec<_>>())),
                };
                diagnostics.add(Code::SheetMissing, named.sheet, format!("`{name}` has no sheet `{wanted}`"), help);
            }
            Err(SheetFault::Broken(why)) => {
                let help = "save it again as `.xlsx`, without a password";
                diagnostics.add(Code::WorkbookBroken, whole, format!("`{name}` cannot be read: {why}"), help);
            }
            Err(SheetFault::TooLarge(why)) => {
                diagnostics.add(Code::LimitExceeded, whole, why, "save the sheet as CSV, which may be longer");
            }
        }
        None
    }

    /// A mapping; `None` when it cannot be used, which is reported.
    fn mapping(&mut self, name: &str, place: Place) -> Option<MappingFile> {
        let file = self.named_file(name, place, |name| name.ends_with(".yaml"))?;
        let tree = self.tree(file)?;
        if !Shape::of(&MAPPING).check(&tree, "a mapping", &mut self.imported.diagnostics) {
            return None;
        }
        match decode::decode::<Mapping>(&tree) {
            Ok(mapping) => Some(MappingFile { mapping, tree }),
            Err(fault) => {
                let message = format!("the mapping cannot be read: {fault}");
                self.imported.diagnostics.add(Code::ShapeWrong, tree.place, message, "compare it with docs/import.md");
                None
            }
        }
    }

    /// The file that `name` names at `place`; `suits` are the files that may be meant.
    fn named_file(&mut self, name: &str, place: Place, suits: fn(&str) -> bool) -> Option<u32> {
        let Imported { sources, diagnostics, .. } = &mut self.imported;
        if leads_out(name) {
            let help = "name a file inside the folder, such as `prices/list.csv`";
            diagnostics.add(Code::FilePath, place, format!("`{name}` does not name a file inside the policy's folder"), help);
            return None;
        }
        let own = |file: &SourceFile| file.name.strip_prefix(&self.folder) == Some(name);
        let Some(file) = (0..).zip(&sources.files).find(|(_, file)| own(file)).map(|(index, _)| index) else {
            let known = sources.files.iter().filter_map(|file| file.name.strip_prefix(&self.folder)).filter(|name| suits(name));
            let help = match nearest(name, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write the file, or correct the name; it is relative to the policy's folder".to_owned(),
            };
            diagnostics.add(Code::FileMissing, place, format!("there is no file `{name}`"), help);
            return None;
        };
        self.named.insert(file);
        (!self.unreadable.contains(&file)).then_some(file)
    }

    /// Reads the old policy of a transition: the same files, by names that begin with its folder.
    fn transition(&mut self) {
        let Some(from) = self.imported.policy.transition.as_ref().map(|transition| transition.from.clone()) else { return };
        let place = self.imported.sources.place("transition.from");
        if leads_out(&from) {
            let (message, help) =
                (format!("`{from}` does not name a folder inside the policy's folder"), "put the old policy into a folder such as `2025`");
            self.imported.diagnostics.add(Code::FilePath, place, message, help);
            return;
        }
        let mut old = Join { unreadable: self.unreadable.clone(), folder: format!("{from}/"), ..Join::new(Vec::new(), self.progress) };
        old.workbooks = std::mem::take(&mut self.workbooks);
        old.imported.sources.files = std::mem::take(&mut self.imported.sources.files);
        if old.files(|name| !name.contains('/') && name.ends_with(".yaml")).is_empty() {
            let (message, help) = (format!("there is no policy in `{from}`"), "put the files of the old policy there, or correct the name");
            old.imported.diagnostics.add(Code::FileMissing, place, message, help);
        } else {
            old.policy_files();
            old.tables();
            self.imported.policy.old = Some(Box::new(std::mem::take(&mut old.imported.policy)));
        }
        self.named.append(&mut old.named);
        self.imported.diagnostics.found.append(&mut old.imported.diagnostics.found);
        let mut sources = old.imported.sources;
        self.imported.sources.files = std::mem::take(&mut sources.files);
        self.imported.sources.old = Some(Box::new(sources));
    }

    /// Reads the policy's own tests.
    fn tests(&mut self) {
        for file in self.files(|name| name.strip_prefix("tests/").is_some_and(|rest| !rest.contains('/') && rest.ends_with(".yaml"))) {
            let Some(tree) = self.tree(file) else { continue };
            if tree.is_blank() {
                continue;
            }
            let Imported { sources, diagnostics, tests, .. } = &mut self.imported;
            // Tests only run when nothing is wrong anywhere, so what does not fit here needs no leaving out.
            Shape::of(&TESTS).check(&tree, "a file of tests", diagnostics);
            let named = |name: &str| (0..).zip(&sources.files).find(|(_, file)| file.name == name);
            let beside = |name: &str| named(&format!("tests/{name}")).or_else(|| named(name));
            tests.extend(policy_test::read(&tree, beside, diagnostics));
        }
    }

    /// Warns of files that look like a part of the policy and are not.
    fn unused(&mut self) {
        for file in self.files(|name| [".csv", ".tsv", ".xlsx", ".yml"].iter().any(|ending| name.ends_with(ending))) {
            let name = self.name(file);
            // Where it is not known which folder is an old policy's, nothing in a folder is called unused.
            let old = name.contains('/') && self.imported.sources.incomplete.contains("transition");
            if old || self.named.contains(&file) {
                continue;
            }
            let help = if name.ends_with(".yml") {
                "rename it to `.yaml`, or delete it"
            } else {
                "name it under `products`, `aliases`, `dealers`, `prices`, `floors`, `approvals`, `recommended` or `freight`, or delete it"
            };
            let message = format!("nothing reads `{name}`");
            self.imported.diagnostics.add(Code::FileUnused, Place { file, line: 0, column: 0 }, message, help);
        }
    }

    /// Rows of a table of scores, the only file there is, and what is wrong with it.
    pub fn scores(mut self, currency: &str, card: &Scorecard) -> (Vec<ScoreRow>, Imported) {
        currency.clone_into(&mut self.imported.policy.settings.currency);
        let file = self.imported.sources.files.first().map(|file| file.name.clone()).unwrap_or_default();
        let whole = Place { file: 0, line: 0, column: 0 };
        let named = Named { table: TableFile { file, sheet: None, mapping: None }, file: whole, sheet: whole, mapping: whole };
        let columns = records::score_columns(card);
        let rows = self.table("scores", named, &columns, |row| records::score(row, card));
        (rows.map_or_else(Vec::new, |read| read.rows), self.finish())
    }

    /// The result, findings in order of place.
    pub fn finish(mut self) -> Imported {
        self.imported.diagnostics.sort();
        self.imported
    }

    /// The result with its tables in canonical form.
    pub fn finish_canonical(mut self) -> Canonical {
        let tables = self.canonical.take().unwrap_or_default();
        let met = self.replace.as_ref().is_none_or(|replacement| replacement.met);
        Canonical { imported: self.finish(), tables, met }
    }

    fn files(&self, wanted: impl Fn(&str) -> bool) -> Vec<u32> {
        let own = |file: &SourceFile| file.name.strip_prefix(&self.folder).is_some_and(&wanted);
        (0..).zip(&self.imported.sources.files).filter(|(_, file)| own(file)).map(|(index, _)| index).collect()
    }

    fn name(&self, file: u32) -> &str {
        &self.imported.sources.files[file as usize].name
    }

    fn tree(&mut self, file: u32) -> Option<Tree> {
        if self.unreadable.contains(&file) {
            return None;
        }
        tree::read(file, &self.imported.sources.files[file as usize].text, &mut self.imported.diagnostics)
    }
}

/// An item without the keys that do not matter to its rows, if it then fits its shape; what is wrong with the others is reported.
fn of_rows<T: DeserializeOwned>(item: &Tree, shape: Shape) -> Option<T> {
    let entries = item.entries().iter().filter(|entry| OF_ROWS.contains(&entry.key.as_str())).cloned().collect();
    let tree = Tree { place: item.place, value: tree::Value::Map(entries) };
    let fits = shape.check(&tree, "", &mut Diagnostics::default());
    decode::decode(&tree).ok().filter(|_| fits)
}

/// Whether a name is none of something inside the policy's folder.
fn leads_out(name: &str) -> bool {
    name.starts_with('/') || name.contains(['\\', ':']) || name.split('/').any(|part| matches!(part, "" | "." | ".."))
}

/// Whether a file is a table in text.
fn is_table(name: &str) -> bool {
    [".csv", ".tsv", ".txt"].iter().any(|ending| name.ends_with(ending))
}

fn is_workbook(name: &str) -> bool {
    name.ends_with(".xlsx")
}

fn is_table_or_workbook(name: &str) -> bool {
    is_table(name) || is_workbook(name)
}

/// What messages call one item of a list.
fn one_of(key: &str) -> &'static str {
    match key {
        "grades" => "a grade",
        "regions" => "a region",
        "channels" => "a channel",
        "dealer_groups" => "a group of dealers",
        "attributes" => "an attribute",
        "categories" => "a category",
        "brands" => "a brand",
        "prices" => "a price table",
        "floors" => "a floor price table",
        "approvals" => "a table of prices to approve",
        "recommended" => "a table of recommended prices",
        "costs" => "a table of costs",
        "groups" => "a group",
        "budgets" => "a budget",
        "promotions" => "a promotion",
        "programs" => "a program",
        "overlaps" => "an overlap",
        "kpis" => "a figure of dealers",
        "contests" => "a contest",
        "scorecards" => "a scorecard",
        "assortment" => "an entry of the assortment",
        "territory" => "a grant of territory",
        "freight" => "a table of freight",
        "checks" => "a check",
        _ => "an item",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_those_of_the_schema() {
        assert_eq!(Shape::of(&POLICY).keys(), KEYS);
    }
}
