use super::{Format, Stop, export};
use crate::{load, show};
use qudao::import::{self, Replacement, TableFile};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Replace a table of a policy by the export of another system, in canonical form. Nothing is written while the policy has a fault.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
    /// The table: `products`, `dealers`, or the id of a price or floor table.
    table: String,
    /// The export: CSV or XLSX.
    export: PathBuf,
    /// How the export is read: a mapping from its headers to our columns. Default: it has our columns already.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Sheet of a workbook. Default: the first.
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Only say what would be written.
    #[arg(long)]
    dry_run: bool,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let mut files = load::read_folder(&arguments.policy)?;
    let file = add(&arguments.export, &mut files)?;
    let mapping = arguments.mapping.as_deref().map(|path| add(path, &mut files)).transpose()?;
    let table = TableFile { file, sheet: arguments.sheet.clone(), mapping };
    let before = import::canonical(files.clone(), None).tables;
    let canonical = import::canonical(files, Some(Replacement::new(&arguments.table, table)));
    if !canonical.met {
        return Err(export::no_table(&arguments.table, &before));
    }
    let tables = load::canonical(canonical, format)?;
    let named = |table: &&import::CanonicalTable| table.id == arguments.table;
    let Some(table) = tables.iter().find(named) else { return Err(Stop::Faults) };
    let Some(file) = &table.plain_file else {
        let message = format!("the policy reads `{}` from an export already", table.id);
        return Err(Stop::File { message, help: "put the new export in the place of the old one".to_owned() });
    };
    let path = arguments.policy.join(file);
    let (rows_before, changed) = before.iter().find(named).map_or((0, true), |old| (old.rows, old.text != table.text));
    if !arguments.dry_run {
        export::write(&path, &table.text)?;
    }
    let path = path.display().to_string();
    match format {
        Format::Json => {
            let answer = json!({ "ok": true, "file": path, "rows": table.rows, "rows_before": rows_before, "changed": changed, "written": !arguments.dry_run });
            show::line(&answer.to_string());
        }
        Format::Text => {
            let what = if changed { "changed" } else { "unchanged" };
            show::line(&format!(
                "{path}: {} rows, {rows_before} before; {what}{}",
                table.rows,
                if arguments.dry_run { ", not written" } else { "" }
            ));
        }
    }
    Ok(())
}

/// Adds a file from outside to those of the policy, in a folder of its own, and returns its name there.
fn add(path: &Path, files: &mut Vec<(String, Vec<u8>)>) -> Result<String, Stop> {
    let bytes = fs::read(path).map_err(|error| Stop::file(path, error, "name a CSV or XLSX file, or a mapping"))?;
    let name = format!("import/{}", path.file_name().unwrap_or_default().to_string_lossy());
    files.retain(|(known, _)| *known != name);
    files.push((name.clone(), bytes));
    Ok(name)
}
