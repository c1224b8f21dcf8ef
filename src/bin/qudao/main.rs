//! The `qudao` command: checks, compiles, tests and asks policies.
//!
//! Exit codes: 0 done; 1 the policy or the input has faults, or a test failed; 2 wrong usage; 3 a file cannot be read or written.

#[cfg(not(target_arch = "wasm32"))]
mod command;
#[cfg(not(target_arch = "wasm32"))]
mod load;
#[cfg(not(target_arch = "wasm32"))]
mod progress;
#[cfg(not(target_arch = "wasm32"))]
mod show;

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    command::run()
}

#[cfg(target_arch = "wasm32")]
fn main() {}
