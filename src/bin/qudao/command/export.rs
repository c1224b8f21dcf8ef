use super::{Format, Stop};
use crate::{load, show};
use qudao::import::{self, CanonicalTable};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Write the tables of a policy in canonical form: UTF-8 CSV with our columns and plain values. What is canonical stays so byte for byte.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
    /// Folder to write to: `products.csv`, `dealers.csv`, and a file for each price and floor table under `prices/`.
    #[arg(short, long, value_name = "FOLDER")]
    output: PathBuf,
    /// Only these tables: `products`, `dealers`, or ids of price and floor tables.
    #[arg(long, value_name = "TABLE")]
    table: Vec<String>,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let canonical = import::canonical(load::read_folder(&arguments.policy)?, None);
    let tables = load::canonical(canonical, format)?;
    if let Some(unknown) = arguments.table.iter().find(|id| !tables.iter().any(|table| table.id == **id)) {
        return Err(no_table(unknown, &tables));
    }
    let wanted = |table: &&CanonicalTable| arguments.table.is_empty() || arguments.table.contains(&table.id);
    let mut written = Vec::new();
    for table in tables.iter().filter(wanted) {
        let path = arguments.output.join(file_of(&table.id));
        write(&path, &table.text)?;
        written.push((path.display().to_string(), table.rows));
    }
    match format {
        Format::Json => {
            let files: Vec<_> = written.iter().map(|(path, rows)| json!({ "file": path, "rows": rows })).collect();
            show::line(&json!({ "ok": true, "files": files }).to_string());
        }
        Format::Text => written.iter().for_each(|(path, rows)| show::line(&format!("{path}: {rows} rows"))),
    }
    Ok(())
}

/// Why a table cannot be named.
pub fn no_table(id: &str, tables: &[CanonicalTable]) -> Stop {
    let known: Vec<&str> = tables.iter().map(|table| table.id.as_str()).collect();
    let help = match qudao::diagnostic::nearest(id, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the tables are `{}`", known.join("`, `")),
    };
    Stop::File { message: format!("the policy has no table `{id}`"), help }
}

/// Writes a file, and the folder that it is in.
pub fn write(path: &Path, text: &str) -> Result<(), Stop> {
    let made = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, text));
    made.map_err(|error| Stop::file(path, error, "name a folder that can be written"))
}

/// The file of a table; an id may hold signs that a file name may not.
fn file_of(id: &str) -> PathBuf {
    match id {
        "products" | "aliases" | "dealers" => PathBuf::from(format!("{id}.csv")),
        _ => {
            let name: String =
                id.chars().map(|c| if matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>') { '_' } else { c }).collect();
            Path::new("prices").join(format!("{}.csv", name.trim_start_matches('.')))
        }
    }
}
