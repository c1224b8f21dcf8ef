//! Cases: policies as data, each with a sentence that a policy owner could sign.

use qudao::diagnostic::Diagnostics;
use qudao::import::tree::{self, Tree};
use std::fs;
use std::path::{Path, PathBuf};

/// One case file.
pub struct Case {
    /// Path below `tests/cases`, for messages.
    pub name: String,
    path: PathBuf,
    text: String,
    /// Its content.
    pub tree: Tree,
}

/// Every case of `tests/cases/<topic>/<kind>`, in order of name, each with exactly the keys in `keys`.
pub fn all(kind: &str, keys: &[&str]) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut cases: Vec<Case> =
        entries(&root).iter().flat_map(|topic| entries(&topic.join(kind))).map(|path| read(&root, &path, keys)).collect();
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// The policy folder of a case.
pub fn files(case: &Case) -> Vec<(String, Vec<u8>)> {
    let bytes = |tree: &Tree| match tree.entries() {
        [entry] => encoded(&entry.key, entry.tree.text().unwrap_or_default()),
        _ => tree.text().unwrap_or_default().as_bytes().to_owned(),
    };
    case.tree.get("files").map_or(&[][..], Tree::entries).iter().map(|entry| (entry.key.clone(), bytes(&entry.tree))).collect()
}

/// Replaces the last key of a case file.
pub fn update(case: &Case, key: &str, lines: &str) {
    let start = format!("\n{key}:");
    let kept = case.text.rfind(&start).map_or(case.text.as_str(), |at| &case.text[..at]);
    fs::write(&case.path, format!("{kept}{start}\n{lines}")).expect("the case file can be written");
}

fn read(root: &Path, path: &Path, keys: &[&str]) -> Case {
    let name = path.strip_prefix(root).unwrap_or(path).display().to_string();
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut diagnostics = Diagnostics::default();
    let tree = tree::read(0, &text, &mut diagnostics).unwrap_or_else(|| panic!("{name}: {:?}", diagnostics.found));
    assert!(diagnostics.found.is_empty(), "{name}: {:?}", diagnostics.found);
    let found: Vec<&str> = tree.entries().iter().map(|entry| entry.key.as_str()).collect();
    assert_eq!(found, keys, "{name}: the keys of the case");
    let id = tree.get("case").and_then(Tree::text);
    assert_eq!(id, path.file_stem().and_then(|stem| stem.to_str()), "{name}: `case` is the name of the file");
    assert!(tree.get("says").and_then(Tree::text).is_some_and(|says| says.ends_with('.')), "{name}: `says` is a sentence");
    Case { name, path: path.to_owned(), text, tree }
}

/// What is in a folder; nothing when there is none.
fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().map(|entry| entry.expect("a readable folder").path()).collect()
}

/// A file that is not UTF-8: `{ gb18030: text }`, `{ utf16: text }`, or `{ bytes: hex }`.
fn encoded(form: &str, text: &str) -> Vec<u8> {
    match form {
        "bytes" => unhex(text),
        "gb18030" => encoding_rs::GB18030.encode(text).0.into_owned(),
        "utf16" => std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect(),
        other => panic!("no such form of a file: {other}"),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_digit(16).expect("hex digits")).collect();
    digits.chunks(2).map(|pair| u8::try_from(pair[0] * 16 + pair[1]).expect("two hex digits")).collect()
}
