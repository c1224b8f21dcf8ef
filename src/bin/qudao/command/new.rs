use super::{Format, Stop};
use crate::show;
use qudao::import;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Write a small, commented policy to start from; its own test passes.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder to make; it must be empty or not there yet.
    folder: PathBuf,
}

const FILES: [(&str, &str); 6] = [
    ("policy.yaml", include_str!("../template/policy.yaml")),
    ("promotions.yaml", include_str!("../template/promotions.yaml")),
    ("rebates.yaml", include_str!("../template/rebates.yaml")),
    ("products.csv", include_str!("../template/products.csv")),
    ("prices/list.csv", include_str!("../template/prices/list.csv")),
    ("tests/first.yaml", include_str!("../template/tests/first.yaml")),
];

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let folder = &arguments.folder;
    if fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Stop::file(folder, "the folder is not empty", "name a new folder"));
    }
    let schemas = [("policy.schema.json", import::policy_schema()), ("tests/tests.schema.json", import::test_schema())];
    let schemas = schemas.map(|(name, schema)| (name, format!("{schema:#}\n")));
    let files = FILES.into_iter().chain(schemas.iter().map(|(name, text)| (*name, text.as_str())));
    let mut written = Vec::new();
    for (name, text) in files {
        write(&folder.join(name), text)?;
        written.push(name);
    }
    match format {
        Format::Json => show::line(&json!({ "ok": true, "folder": folder, "files": written }).to_string()),
        Format::Text => {
            let shown = folder.display();
            show::line(&format!("wrote {} files to {shown}; go on with `qudao check {shown}` and `qudao test {shown}`", written.len()));
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), Stop> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    made.map_err(|error| Stop::file(path, error, "name a folder that can be written"))
}
