//! Cases of what commands answer beside quotes: files of a policy and beside it, a command, and the figures of its answer or of the files it writes.

use crate::case::{self, Case};
use qudao::import::tree::Tree;
use qudao::policy_test::{self, PolicyTest};
use qudao::wire::Node;
use std::path::Path;
use std::process::Command;
use std::{env, fs, process};

const KEYS: [&str; 6] = ["case", "says", "source", "files", "beside", "runs"];

#[test]
fn every_command_of_a_case_answers_as_expected() {
    let cases = case::all("commands", &KEYS);
    let wrong: Vec<String> = cases.iter().enumerate().flat_map(|(at, case)| differences(at, case)).collect();
    assert!(wrong.is_empty() && !cases.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

fn differences(at: usize, case: &Case) -> Vec<String> {
    let folder = env::temp_dir().join(format!("qudao-commands-{}-{at}", process::id()));
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("folders can be made");
        fs::write(path, bytes).expect("files can be written");
    };
    case::files(case).iter().for_each(|(name, bytes)| write(&format!("policy/{name}"), bytes));
    let list = |key: &str| case.tree.get(key).expect("a key of every case");
    list("beside").entries().iter().for_each(|entry| write(&entry.key, entry.tree.text().unwrap_or_default().as_bytes()));
    let wrong = list("runs").items().iter().flat_map(|run| run_of(case, run, &folder)).collect();
    let _ = fs::remove_dir_all(&folder);
    wrong
}

/// Runs `qudao` with the words of `command`; then `files` have exactly these texts, and `answer` names figures of what it prints.
fn run_of(case: &Case, run: &Tree, folder: &Path) -> Vec<String> {
    let words: Vec<&str> = run.get("command").and_then(Tree::text).expect("a command").split(' ').collect();
    let output =
        Command::new(env!("CARGO_BIN_EXE_qudao")).args(&words).arg("--json").current_dir(folder).output().expect("the command runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {words:?}: {said}", case.name);
    let text = |file: &str| {
        let text = fs::read_to_string(folder.join(file)).unwrap_or_default();
        // The bundle's hash is another one with every format.
        match text.split_once("{\"schema\":1,\"bundle\":\"") {
            Some(("", rest)) => format!("{{\"schema\":1,\"bundle\":\"HASH{}", rest.trim_start_matches(|hex: char| hex.is_ascii_hexdigit())),
            _ => text,
        }
    };
    let files = run.get("files").map_or(&[][..], Tree::entries).iter().map(|entry| (entry, text(&entry.key)));
    let other = files.filter(|(entry, found)| entry.tree.text() != Some(found));
    let mut wrong: Vec<String> = other.map(|(entry, found)| format!("{}: {}: found\n{found}", case.name, entry.key)).collect();
    if let Some(expect) = run.get("answer") {
        let test = PolicyTest { name: case.name.clone(), place: expect.place, input: Node::Null, expect: expect.clone() };
        let answer = String::from_utf8(output.stdout).expect("UTF-8");
        wrong.extend(
            policy_test::run(&test, |_| Ok(answer)).iter().map(|difference| {
                format!("{}: {}: expected {}, found {}", case.name, difference.path, difference.expected, difference.found)
            }),
        );
    }
    wrong
}
