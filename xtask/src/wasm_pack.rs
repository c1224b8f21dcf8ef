//! Proof that the crate works with wasm-pack as any Rust developer expects; we ourselves do not need it.

use crate::run::{Outcome, cargo, file, program, read, run, step, target};
use crate::setup;
use std::path::PathBuf;

/// Must equal the version of wasm-bindgen in Cargo.toml.
const WASM_BINDGEN: &str = "0.2.130";

pub fn prove() -> Outcome {
    setup::wasm_target()?;
    setup::node()?;
    let tools = step("wasm-pack and wasm-bindgen-cli (the first time takes about 15 minutes)", tools)?;
    let built = target().join("wasm-pack");
    file::empty_folder(&built)?;
    let wasm_pack = |words: &[&str]| {
        let folders = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(tools.iter().cloned().chain(std::env::split_paths(&folders))).map_err(|error| error.to_string())?;
        run(program("wasm-pack").args(words).env("PATH", path))
    };
    // Elsewhere than pkg/, which holds our package. `no-install`: the tools are ours, nothing is downloaded.
    let out = built.to_string_lossy();
    step("wasm-pack build", || wasm_pack(&["build", "--mode", "no-install", "--out-dir", &out]))?;
    step("wasm-pack test --node", || wasm_pack(&["test", "--node", "--mode", "no-install"]))
}

/// The folder of tools that were not on PATH and had to be installed.
fn tools() -> Outcome<Option<PathBuf>> {
    let version = |tool: &str| read(program(tool).arg("--version")).unwrap_or_default();
    if version("wasm-pack").starts_with("wasm-pack") && version("wasm-bindgen").trim_end().ends_with(WASM_BINDGEN) {
        return Ok(None);
    }
    let folder = target().join("tools");
    for (tool, version) in [("wasm-pack", "0.15.1"), ("wasm-bindgen-cli", WASM_BINDGEN)] {
        // Does nothing when this version is there.
        run(cargo().args(["install", tool, "--version", version, "--root"]).arg(&folder))?;
    }
    Ok(Some(folder.join("bin")))
}
