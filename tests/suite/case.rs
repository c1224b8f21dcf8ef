//! Cases: policies as data, each with a sentence that a policy owner could sign.

use qudao::diagnostic::Diagnostics;
use qudao::import::tree::{self, Tree, Value};
use std::fs;
use std::io::Write;
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
        [entry] if entry.key == "sheets" => workbook(&entry.tree),
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

/// An XLSX workbook: `{ sheets: { 价格: [[A, 1.5], …] } }`. Plain numbers are numbers, `{ date: 46082 }` and `{ percent: 0.13 }` are numbers
/// with a format, everything else is text.
pub fn workbook(sheets: &Tree) -> Vec<u8> {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let cell = |tree: &Tree| match (tree.entries(), &tree.value) {
        ([entry], _) => {
            let style = if entry.key == "date" { 1 } else { 2 };
            format!("<c s=\"{style}\"><v>{}</v></c>", entry.tree.text().unwrap_or_default())
        }
        (_, Value::Text { text, plain: true }) if text.parse::<f64>().is_ok() => format!("<c><v>{text}</v></c>"),
        (_, Value::Text { text, .. }) => format!("<c t=\"inlineStr\"><is><t>{}</t></is></c>", escaped(text)),
        _ => "<c/>".to_owned(),
    };
    let row = |tree: &Tree| format!("<row>{}</row>", tree.items().iter().map(cell).collect::<String>());
    let mut parts: Vec<(String, String)> = Vec::new();
    let (mut list, mut relations) = (String::new(), String::new());
    for (index, sheet) in sheets.entries().iter().enumerate() {
        list += &format!("<sheet name=\"{}\" sheetId=\"{}\" r:id=\"r{index}\"/>", escaped(&sheet.key), index + 1);
        relations += &format!("<Relationship Id=\"r{index}\" Type=\"o/worksheet\" Target=\"worksheets/sheet{index}.xml\"/>");
        let rows: String = sheet.tree.items().iter().map(row).collect();
        parts.push((format!("xl/worksheets/sheet{index}.xml"), format!("<worksheet><sheetData>{rows}</sheetData></worksheet>")));
    }
    relations += "<Relationship Id=\"styles\" Type=\"o/styles\" Target=\"styles.xml\"/>";
    let styles = "<styleSheet><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"10\"/></cellXfs></styleSheet>";
    parts.push(("xl/workbook.xml".into(), format!("<workbook><sheets>{list}</sheets></workbook>")));
    parts.push(("xl/_rels/workbook.xml.rels".into(), format!("<Relationships>{relations}</Relationships>")));
    parts.push(("xl/styles.xml".into(), styles.into()));
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (path, text) in parts {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).expect("a part");
        zip.write_all(text.as_bytes()).expect("a part");
    }
    zip.finish().expect("a workbook").into_inner()
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
