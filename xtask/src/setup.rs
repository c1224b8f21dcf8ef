//! What a fresh machine lacks: each function sees whether it is there, and only then brings it.

use crate::run::{Outcome, cargo, file, program, read, root, run};
use std::path::{Path, PathBuf};

const WASM: &str = "wasm32-unknown-unknown";

/// Rust's wasm target. Asked for by name, because rustup may be told to install nothing by itself.
pub fn wasm_target() -> Outcome {
    let library = read(program("rustc").args(["--print", "target-libdir", "--target", WASM]))?;
    if Path::new(library.trim()).is_dir() {
        return Ok(());
    }
    run(program("rustup").args(["target", "add", WASM]))
}

/// A tool of the toolchain that a minimal one lacks: `rustfmt`, `clippy`.
pub fn component(name: &str) -> Outcome {
    let subcommand = if name == "rustfmt" { "fmt" } else { name };
    if read(cargo().args([subcommand, "--version"])).is_ok() {
        return Ok(());
    }
    run(program("rustup").args(["component", "add", name]))
}

/// Node and npm, from 20.19: the first that lets `require` load our modules.
pub fn node() -> Outcome {
    const CURE: &str = "install Node 20.19 or later, with npm";
    let version = read(program("node").arg("--version")).map_err(|error| format!("{error}\n{CURE}"))?;
    let numbers: Vec<u32> = version.trim().trim_start_matches('v').split('.').map_while(|part| part.parse().ok()).collect();
    if numbers.as_slice() < &[20, 19] { Err(format!("Node is {}: {CURE}", version.trim())) } else { Ok(()) }
}

/// The packages that a folder's lock file names; nothing is asked for when they are there already.
pub fn npm_packages(folder: &str) -> Outcome {
    node()?;
    let folder = root().join(folder);
    let lock = file::read(&folder.join("package-lock.json"))?;
    let stamp = folder.join("node_modules/.installed-lock.json");
    if file::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    run(program("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    file::write(&stamp, lock)
}

/// A Chromium of the system; installed by its package manager when that is permitted, with a font that has Chinese: without one every character is a box of another width.
pub fn chromium() -> Outcome<PathBuf> {
    if let Some(found) = find_chromium() {
        return Ok(found);
    }
    const CURE: &str = "install Chromium with the system's package manager, or name it in CHROMIUM, or say --without browser";
    let is_root = read(program("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !is_root || read(program("apt-get").arg("--version")).is_err() {
        return Err(format!("there is no Chromium: {CURE}"));
    }
    run(program("apt-get").args(["update", "--quiet"])).map_err(|error| format!("{error}\n{CURE}"))?;
    run(program("apt-get").args(["install", "--yes", "--quiet", "chromium", "fonts-wqy-zenhei"]).env("DEBIAN_FRONTEND", "noninteractive"))
        .map_err(|error| format!("{error}\n{CURE}"))?;
    find_chromium().ok_or_else(|| format!("Chromium was installed but is not to be found: {CURE}"))
}

fn find_chromium() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Some(named.into());
    }
    let folders = std::env::var_os("PATH")?;
    ["chromium", "chromium-browser", "google-chrome"]
        .iter()
        .flat_map(|name| std::env::split_paths(&folders).map(move |folder| folder.join(name)))
        .find(|path| path.is_file())
}
