//! The import directions of rooms: data moves one way, so a room may use only those listed for it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room and what it may use. A room that is not listed here does not exist.
const MAY_USE: &[(&str, &[&str])] = &[
    ("limit", &[]),
    ("id", &[]),
    ("time", &["num"]),
    // Settings name the rounding modes, splits name the remainder rule: constants of the policy.
    ("num", &["policy", "sort"]),
    ("sort", &[]),
    ("diagnostic", &[]),
    ("attribute", &["limit", "num", "time"]),
    ("policy", &["attribute", "num", "diagnostic"]),
    ("facts", &["id", "num", "policy", "time"]),
    ("quote", &["facts", "id", "num", "policy", "time"]),
    ("calendar", &["policy", "time"]),
    ("bundle", &["attribute", "facts", "id", "limit", "num", "policy", "sort", "time"]),
    (
        "waterfall",
        &[
            "attribute",
            "bundle",
            "facts",
            "freight",
            "guard",
            "id",
            "limit",
            "num",
            "policy",
            "quote",
            "rebate",
            "redemption",
            "sort",
            "tax",
            "territory",
            "time",
        ],
    ),
    ("freight", &["bundle", "facts", "id", "num", "quote", "tax", "time", "waterfall"]),
    ("guard", &["bundle", "facts", "id", "limit", "num", "policy", "quote", "sort", "territory", "time", "waterfall"]),
    ("territory", &["bundle", "facts", "id", "policy", "quote", "sort", "waterfall"]),
    ("redemption", &["bundle", "facts", "num", "policy", "quote", "waterfall"]),
    ("rebate", &["bundle", "facts", "id", "num", "policy", "quote", "sort", "tax", "time", "waterfall"]),
    ("tax", &["bundle", "id", "num", "policy", "quote"]),
    // Clients of the quote.
    ("verify", &["bundle", "facts", "num", "policy", "quote", "wire"]),
    ("catalog", &["bundle", "id", "num", "policy", "quote", "waterfall", "wire"]),
    ("alternative", &["bundle", "facts", "id", "limit", "num", "policy", "quote", "transition"]),
    ("plan", &["bundle", "facts", "num", "quote", "sort", "time", "transition"]),
    ("returns", &["bundle", "facts", "num", "quote", "rebate", "tax", "time", "transition"]),
    ("hint", &["bundle", "facts", "guard", "id", "limit", "num", "policy", "quote", "sort", "tax", "transition", "waterfall", "wire"]),
    (
        "explain",
        &["attribute", "bundle", "facts", "hint", "id", "num", "policy", "quote", "rebate", "returns", "sort", "time", "waterfall", "wire"],
    ),
    ("session", &["bundle", "engine", "explain", "facts", "id", "num", "policy", "quote", "sort", "transition", "waterfall", "wire"]),
    ("transition", &["bundle", "facts", "id", "num", "policy", "quote", "time", "waterfall"]),
    (
        "wire",
        &[
            "alternative",
            "attribute",
            "bundle",
            "catalog",
            "engine",
            "explain",
            "facts",
            "hint",
            "id",
            "limit",
            "num",
            "plan",
            "policy",
            "quote",
            "returns",
            "sort",
            "time",
            "transition",
            "verify",
            "waterfall",
        ],
    ),
    // It remembers the contexts of the last questions.
    ("engine", &["bundle", "facts", "limit", "time", "transition", "wire"]),
    // Authoring: native only, never used by evaluation.
    ("import", &["diagnostic", "limit", "num", "policy", "policy_test", "wire"]),
    ("check", &["attribute", "calendar", "diagnostic", "limit", "num", "policy", "time"]),
    ("compile", &["attribute", "bundle", "calendar", "check", "limit", "num", "policy", "time"]),
    ("claims", &["bundle", "limit", "num", "settle", "time"]),
    ("transfer", &["bundle", "claims", "facts", "limit", "num", "policy", "settle", "time"]),
    ("settle", &["bundle", "explain", "facts", "id", "limit", "num", "policy", "quote", "rebate", "time", "waterfall", "wire"]),
    ("policy_test", &["diagnostic", "import", "wire"]),
    ("grade", &["calendar", "check", "diagnostic", "engine", "import", "limit", "num", "policy", "time", "wire"]),
    ("module", &[]),
    // Shells.
    ("wasm", &["bundle", "engine", "id", "session", "wire"]),
];

#[test]
fn rooms_use_only_what_they_may() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut rooms = BTreeSet::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let room = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
        if room == "lib" || room == "bin" {
            continue;
        }
        let Some((_, allowed)) = MAY_USE.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("the room `{room}` is not listed"));
            continue;
        };
        rooms.insert(room.clone());
        for used in used_rooms(&fs::read_to_string(&file).unwrap()) {
            if used != room && !allowed.contains(&used.as_str()) {
                wrong.push(format!("{} uses `{used}`", inside.display()));
            }
        }
    }
    for (name, _) in MAY_USE {
        if !rooms.contains(*name) {
            wrong.push(format!("the room `{name}` is listed but has no file"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Rooms named as `crate::room`, in `use` lines and inside paths; `crate::Engine` and `crate::Bundle` stand for their rooms.
fn used_rooms(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut rooms = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names: Vec<&str> = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap().split(',').map(str::trim).collect(),
            None => vec![rest],
        };
        for name in names {
            let word: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            rooms.insert(match word.as_str() {
                "Engine" => "engine".to_owned(),
                "Bundle" => "bundle".to_owned(),
                other => other.to_owned(),
            });
        }
    }
    rooms.remove("");
    rooms
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}
