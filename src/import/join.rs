//! Joins the files of a folder into one policy.

use super::encoding::{self, Unreadable};
use super::schema::{AccessEntry, POLICY, TESTS};
use super::shape::Shape;
use super::tree::{self, Tree};
use super::{Imported, decode, records, table};
use crate::diagnostic::{Code, Place, SourceFile, nearest};
use crate::policy::{Access, Axis, PriceRow, ScaleMeasure, Settings};
use crate::policy_test;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

/// The keys of a policy file.
const KEYS: [&str; 20] = [
    "policy",
    "grades",
    "regions",
    "channels",
    "categories",
    "brands",
    "products",
    "prices",
    "floors",
    "approvals",
    "recommended",
    "groups",
    "budgets",
    "promotions",
    "programs",
    "assortment",
    "territory",
    "redemption",
    "guards",
    "checks",
];

/// The work of one import.
pub struct Join {
    imported: Imported,
    /// Files that are not text; reported once, read by nothing.
    unreadable: BTreeSet<u32>,
    /// Tables that something names.
    named: BTreeSet<u32>,
    /// Where each key that may stand once stood first.
    once: Vec<(&'static str, Place)>,
    product_table: Option<(String, Place)>,
    price_tables: Vec<AccessTable>,
}

/// A price table that is yet to be read.
struct AccessTable {
    key: &'static str,
    entry: AccessEntry,
    place: Place,
}

impl Join {
    /// Takes the files in order of their names.
    pub fn new(list: Vec<(String, Vec<u8>)>) -> Join {
        let mut join = Join {
            imported: Imported::default(),
            unreadable: BTreeSet::new(),
            named: BTreeSet::new(),
            once: Vec::new(),
            product_table: None,
            price_tables: Vec::new(),
        };
        for (index, (name, bytes)) in (0..).zip(list) {
            let is_table = name.ends_with(".csv");
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

    /// Reads every YAML file directly in the folder.
    pub fn policy_files(&mut self) {
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
            "policy" | "products" | "redemption" | "guards" => {
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
            "redemption" => self.imported.policy.redemption = self.one(key, tree, shape),
            "guards" => {
                if let Some(guards) = self.one(key, tree, shape) {
                    self.imported.policy.guards = guards;
                }
            }
            "products" => self.product_table = self.one::<String>(key, tree, shape).map(|name| (name, tree.place)),
            "grades" => self.list(key, tree, shape, |policy| &mut policy.grades),
            "regions" => self.list(key, tree, shape, |policy| &mut policy.regions),
            "channels" => self.list(key, tree, shape, |policy| &mut policy.channels),
            "categories" => self.list(key, tree, shape, |policy| &mut policy.categories),
            "brands" => self.list(key, tree, shape, |policy| &mut policy.brands),
            "groups" => self.list(key, tree, shape, |policy| &mut policy.groups),
            "budgets" => self.list(key, tree, shape, |policy| &mut policy.budgets),
            "promotions" => self.list(key, tree, shape, |policy| &mut policy.promotions),
            "programs" => self.list(key, tree, shape, |policy| &mut policy.programs),
            "assortment" => self.list(key, tree, shape, |policy| &mut policy.assortment),
            "territory" => self.list(key, tree, shape, |policy| &mut policy.territory),
            "checks" => self.list(key, tree, shape, |policy| &mut policy.checks),
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
            let Some(entry) = self.item::<AccessEntry>(key, item, items, one_of(key)) else { continue };
            let index = self.price_tables.iter().filter(|table| table.key == key).count();
            self.remember(&format!("{key}[{index}]"), item);
            let place = item.get("table").map_or(item.place, |table| table.place);
            self.price_tables.push(AccessTable { key, entry, place });
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
    pub fn tables(&mut self) {
        if let Some((name, place)) = self.product_table.take() {
            let products = self.table(&name, place, &records::PRODUCT_COLUMNS, records::product);
            self.imported.policy.products = self.whole("products", products);
        }
        for AccessTable { key, entry, place } in std::mem::take(&mut self.price_tables) {
            let AccessEntry { id, name, by, scale, table } = entry;
            let rows = self.price_rows(&table, place, &by, scale.measure);
            let rows = self.whole(key, rows);
            let policy = &mut self.imported.policy;
            let list = match key {
                "floors" => &mut policy.floors,
                "approvals" => &mut policy.approvals,
                "recommended" => &mut policy.recommended,
                _ => &mut policy.prices,
            };
            list.push(Access { id, name, by, scale, rows });
        }
    }

    fn price_rows(&mut self, table: &str, place: Place, by: &[Axis], measure: ScaleMeasure) -> Option<(Vec<PriceRow>, bool)> {
        self.table(table, place, &records::price_columns(by, measure), |row| records::price(row, by, measure))
    }

    fn whole<T>(&mut self, key: &'static str, read: Option<(Vec<T>, bool)>) -> Vec<T> {
        let (rows, complete) = read.unwrap_or((Vec::new(), false));
        if !complete {
            self.imported.sources.incomplete.insert(key);
        }
        rows
    }

    /// Rows of the table that `name` names at `place`, and whether those are all; `None` when there is no such table.
    fn table<T>(
        &mut self,
        name: &str,
        place: Place,
        columns: &[table::Column],
        make: impl Fn(&mut table::Row) -> T,
    ) -> Option<(Vec<T>, bool)> {
        let Imported { policy, sources, diagnostics, .. } = &mut self.imported;
        if name.starts_with('/') || name.contains(['\\', ':']) || name.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let help = "name a file inside the folder, such as `prices/list.csv`";
            diagnostics.add(Code::FilePath, place, format!("`{name}` does not name a file inside the policy's folder"), help);
            return None;
        }
        let Some(file) = (0..).zip(&sources.files).find(|(_, file)| file.name == name).map(|(index, _)| index) else {
            let tables = sources.files.iter().map(|file| file.name.as_str()).filter(|file| file.ends_with(".csv"));
            let help = match nearest(name, tables) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "write the table, or correct the name; it is relative to the policy's folder".to_owned(),
            };
            diagnostics.add(Code::FileMissing, place, format!("there is no file `{name}`"), help);
            return None;
        };
        self.named.insert(file);
        if self.unreadable.contains(&file) {
            return None;
        }
        Some(table::read(file, sources, columns, &policy.settings.currency, diagnostics, make))
    }

    /// Reads the policy's own tests.
    pub fn tests(&mut self) {
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
    pub fn unused(&mut self) {
        for file in self.files(|name| name.ends_with(".csv") || name.ends_with(".yml")) {
            if self.named.contains(&file) {
                continue;
            }
            let name = self.name(file);
            let help = if name.ends_with(".csv") {
                "name it under `products`, `prices`, `floors`, `approvals` or `recommended`, or delete it"
            } else {
                "rename it to `.yaml`, or delete it"
            };
            let message = format!("nothing reads `{name}`");
            self.imported.diagnostics.add(Code::FileUnused, Place { file, line: 0, column: 0 }, message, help);
        }
    }

    /// The result, findings in order of place.
    pub fn finish(mut self) -> Imported {
        self.imported.diagnostics.sort();
        self.imported
    }

    fn files(&self, wanted: impl Fn(&str) -> bool) -> Vec<u32> {
        (0..).zip(&self.imported.sources.files).filter(|(_, file)| wanted(&file.name)).map(|(index, _)| index).collect()
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

/// What messages call one item of a list.
fn one_of(key: &str) -> &'static str {
    match key {
        "grades" => "a grade",
        "regions" => "a region",
        "channels" => "a channel",
        "categories" => "a category",
        "brands" => "a brand",
        "prices" => "a price table",
        "floors" => "a floor price table",
        "approvals" => "a table of prices to approve",
        "recommended" => "a table of recommended prices",
        "groups" => "a group",
        "budgets" => "a budget",
        "promotions" => "a promotion",
        "programs" => "a program",
        "assortment" => "an entry of the assortment",
        "territory" => "a grant of territory",
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
