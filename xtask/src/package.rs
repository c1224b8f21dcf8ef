//! The native command, the engine's wasm module and the npm package.

use crate::run::{Outcome, cargo, file, program, read, root, run, step, target};
use crate::{glue, setup};
use base64::Engine as _;
use std::path::{Path, PathBuf};

/// Stands in `src/js` where the version of the crate goes.
const UNVERSIONED: &str = "0.0.0";

/// Everything that is shipped.
pub fn build() -> Outcome {
    step("qudao command", command)?;
    step("wasm module and npm package", package)
}

/// Builds the native command.
pub fn command() -> Outcome {
    run(cargo().args(["build", "--package", "qudao", "--bin", "qudao"]))
}

/// The native command, to be run in the repository.
pub fn qudao() -> std::process::Command {
    program(target().join("debug").join(format!("qudao{}", std::env::consts::EXE_SUFFIX)))
}

/// The npm package, as it is before packing.
pub fn folder() -> PathBuf {
    root().join("pkg")
}

/// Builds the wasm module and writes `pkg/` anew. The command must be built.
pub fn package() -> Outcome {
    setup::node()?;
    setup::wasm_target()?;
    // Only the kind of library that is shipped: beside a Rust library the compiler keeps what other crates could share, 50 KB of it.
    run(cargo().args([
        "rustc",
        "--package",
        "qudao",
        "--lib",
        "--release",
        "--target",
        "wasm32-unknown-unknown",
        "--crate-type",
        "cdylib",
    ]))?;
    let version = version()?;
    let engine = glue::bind(&target().join("wasm32-unknown-unknown/release/qudao.wasm"), &version)?;

    let pkg = folder();
    file::empty_folder(&pkg)?;
    let sources = root().join("src/js");
    for name in file::names(&sources)?.iter().filter(|name| *name != "common") {
        file::copy(&sources.join(name), &pkg.join(name))?;
    }
    file::write(&pkg.join("common.js"), common(&sources.join("common"), &version)?)?;
    file::write(&pkg.join("engine.wasm"), &engine.wasm)?;
    file::write(&pkg.join("engine.wasm.b64.js"), inlined(&engine.wasm))?;
    file::write(&pkg.join("glue.js"), engine.glue)?;
    let manifest = pkg.join("package.json");
    file::write(&manifest, file::read(&manifest)?.replace(UNVERSIONED, &version))?;
    file::write(&pkg.join("schema.json"), read(qudao().arg("schema"))?)?;
    for text in file::names(&root())?.iter().filter(|name| name.starts_with("README") || name.starts_with("LICENSE")) {
        file::copy(&root().join(text), &pkg.join(text))?;
    }
    run(program("node").arg("xtask/size.mjs").arg(pkg.join("engine.wasm")))
}

/// What all entries share, joined into one file: without a bundler a browser would ask for each file after it has read the one before.
fn common(folder: &Path, version: &str) -> Outcome<String> {
    // Each after those that it imports from.
    const PARTS: [&str; 8] = ["version", "errors", "input", "answer", "source", "compile", "instance", "engine"];
    let mut joined = "import { createGlue } from \"./glue.js\";\n".to_owned();
    for part in PARTS {
        let text = file::read(&folder.join(part).with_extension("js"))?;
        joined.extend(text.lines().filter(|line| !line.starts_with("import ")).flat_map(|line| [line, "\n"]));
    }
    Ok(joined.replace(UNVERSIONED, version))
}

/// Version of the crate, as cargo writes it after the last mark of its package id.
fn version() -> Outcome<String> {
    let id = read(cargo().args(["pkgid", "--package", "qudao"]))?;
    Ok(id.trim().rsplit(['#', '@']).next().unwrap_or_default().to_owned())
}

fn inlined(wasm: &[u8]) -> String {
    let text = base64::engine::general_purpose::STANDARD.encode(wasm);
    format!(
        "const TEXT =\n  \"{text}\";\n
/** engine.wasm, for where the file itself cannot be had. */
export function bytes() {{
  const text = atob(TEXT);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}}
"
    )
}
