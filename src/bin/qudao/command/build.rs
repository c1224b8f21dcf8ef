use super::{Format, Stop};
use crate::{load, show};
use qudao::module;
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

/// Compile a policy to a bundle, or to one WebAssembly module that holds engine and bundle.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the policy.
    policy: PathBuf,
    /// Write the bundle to this file.
    #[arg(short, long, value_name = "FILE", required_unless_present = "wasm")]
    output: Option<PathBuf>,
    /// Write one module with the policy inside to this file.
    #[arg(long, value_name = "FILE")]
    wasm: Option<PathBuf>,
    /// The engine that goes into the module. Default: $QUDAO_ENGINE, `engine.wasm` next to this program, or `pkg/engine.wasm`.
    #[arg(long, value_name = "FILE", requires = "wasm")]
    engine: Option<PathBuf>,
}

pub fn run(arguments: &Arguments, format: Format) -> Result<(), Stop> {
    let policy = load::policy(&arguments.policy, format)?;
    let bundle = load::compile(&policy);
    let mut written = Vec::new();
    if let Some(path) = &arguments.output {
        write(path, bundle.bytes(), &mut written)?;
    }
    if let Some(path) = &arguments.wasm {
        let engine_path = engine_path(arguments.engine.as_deref())?;
        let engine = fs::read(&engine_path).map_err(|error| Stop::file(&engine_path, error, "build it with `cargo xtask build`"))?;
        let module = module::with_bundle(&engine, bundle.bytes());
        let module = module.map_err(|fault| Stop::file(&engine_path, fault, "build the engine again with `cargo xtask build`"))?;
        write(path, &module, &mut written)?;
    }
    match format {
        Format::Json => {
            let files: Vec<_> = written.iter().map(|(path, bytes)| json!({ "file": path, "bytes": bytes })).collect();
            show::line(&json!({ "ok": true, "bundle": bundle.hash(), "files": files }).to_string());
        }
        Format::Text => {
            for (path, bytes) in &written {
                show::line(&format!("{path}: {bytes} bytes"));
            }
            show::line(&format!("bundle {}", bundle.hash()));
        }
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8], written: &mut Vec<(String, usize)>) -> Result<(), Stop> {
    fs::write(path, bytes).map_err(|error| Stop::file(path, error, "name a file in a folder that exists"))?;
    written.push((path.display().to_string(), bytes.len()));
    Ok(())
}

/// The engine file: the one that is named, else the first that exists.
fn engine_path(named: Option<&Path>) -> Result<PathBuf, Stop> {
    if let Some(path) = named {
        return Ok(path.to_owned());
    }
    if let Some(path) = std::env::var_os("QUDAO_ENGINE") {
        return Ok(path.into());
    }
    let beside = std::env::current_exe().ok().map(|program| program.with_file_name("engine.wasm"));
    let candidates = beside.into_iter().chain([PathBuf::from("pkg/engine.wasm")]);
    candidates.into_iter().find(|path| path.is_file()).ok_or_else(|| Stop::File {
        message: "there is no `engine.wasm`".to_owned(),
        help: "build it with `cargo xtask build`, or name it with `--engine`".to_owned(),
    })
}
