//! Where things are, and running other programs.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// What a step gives, or why it failed and what to do.
pub type Outcome<T = ()> = Result<T, String>;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the repository").to_owned()
}

/// Cargo's target folder; ours for everything generated as well, except `pkg/`.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Runs one named step and says how long it took.
pub fn step<T>(name: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    eprintln!("\n▸ {name}");
    let start = Instant::now();
    let outcome = work();
    let verb = if outcome.is_ok() { "done" } else { "FAILED" };
    eprintln!("  {name}: {verb} in {:.1} s", start.elapsed().as_secs_f64());
    outcome
}

/// A program to be run in the repository.
pub fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a program to its end; its output goes to the terminal.
pub fn run(command: &mut Command) -> Outcome {
    let status = command.status().map_err(|error| cannot_start(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", line(command))) }
}

/// Runs a program to its end and gives what it printed.
pub fn read(command: &mut Command) -> Outcome<String> {
    let output = command.output().map_err(|error| cannot_start(command, &error))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(format!("{} ended with {}\n{}", line(command), output.status, String::from_utf8_lossy(&output.stderr)))
    }
}

/// Reads, writes and copies of files, with the path in the message.
pub mod file {
    use super::Outcome;
    use std::{fs, io, path::Path};

    fn named<T>(path: &Path, result: io::Result<T>) -> Outcome<T> {
        result.map_err(|error| format!("{}: {error}", path.display()))
    }
    pub fn read(path: &Path) -> Outcome<String> {
        named(path, fs::read_to_string(path))
    }
    pub fn read_bytes(path: &Path) -> Outcome<Vec<u8>> {
        named(path, fs::read(path))
    }
    pub fn write(path: &Path, contents: impl AsRef<[u8]>) -> Outcome {
        named(path, fs::write(path, contents))
    }
    pub fn copy(from: &Path, to: &Path) -> Outcome {
        named(from, fs::copy(from, to)).map(|_| ())
    }
    /// Makes a folder that is there and empty.
    pub fn empty_folder(path: &Path) -> Outcome {
        if path.exists() {
            remove(path)?;
        }
        folder(path)
    }
    /// Removes a file, or a folder with everything in it.
    pub fn remove(path: &Path) -> Outcome {
        named(path, if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) })
    }
    pub fn folder(path: &Path) -> Outcome {
        named(path, fs::create_dir_all(path))
    }
    /// The names in a folder, sorted, so that what is made from them is the same everywhere.
    pub fn names(path: &Path) -> Outcome<Vec<String>> {
        let entries: Vec<_> = named(path, fs::read_dir(path).and_then(Iterator::collect))?;
        let mut names: Vec<String> = entries.iter().map(|entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }
    /// Copies a folder with everything in it, over what is there.
    pub fn copy_folder(from: &Path, to: &Path) -> Outcome {
        folder(to)?;
        for name in names(from)? {
            let (source, copy_to) = (from.join(&name), to.join(&name));
            if source.is_dir() { copy_folder(&source, &copy_to)? } else { copy(&source, &copy_to)? }
        }
        Ok(())
    }
}

fn cannot_start(command: &Command, error: &std::io::Error) -> String {
    format!("cannot run {}: {error}", line(command))
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    format!("`{}`", words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" "))
}
