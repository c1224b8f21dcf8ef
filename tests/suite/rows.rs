//! Every worked case of the reference on rebates, and every item of its own examples, is a case that carries its id and its source.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// The rows of the reference; its numbers have gaps.
const ROWS: [u32; 45] = [
    1, 2, 3, 5, 7, 9, 10, 11, 13, 15, 16, 17, 18, 21, 23, 24, 25, 27, 28, 29, 31, 32, 34, 35, 40, 42, 43, 45, 46, 47, 48, 49, 50, 52, 54,
    55, 56, 58, 61, 63, 66, 67, 69, 71, 73,
];
/// Its own examples of rebates and grades.
const ITEMS: [&str; 8] = ["分级返点", "阶梯季度", "服务评分", "返利单", "末位淘汰", "多级分销", "预警", "低代码"];

#[test]
fn every_row_of_the_reference_is_a_case() {
    let mut names = BTreeSet::new();
    for topic in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases")).expect("the cases").flatten() {
        for kind in fs::read_dir(topic.path()).into_iter().flatten().flatten().filter(|kind| kind.file_name() != "bad") {
            for case in fs::read_dir(kind.path()).into_iter().flatten().flatten() {
                let text = fs::read_to_string(case.path()).expect("a case");
                if text.lines().any(|line| line.starts_with("source: ") && line.contains("rebates-channel")) {
                    names.insert(case.path().file_stem().unwrap_or_default().to_string_lossy().into_owned());
                }
            }
        }
    }
    let rows = ROWS.map(|row| format!("R{row}"));
    let missing: Vec<&str> = rows.iter().map(String::as_str).chain(ITEMS).filter(|name| !names.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
