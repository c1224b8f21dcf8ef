//! Writes orders together with the native engine's answers, for every other place to compare with: `cargo run --example emit_cases -- FILE`.

#[cfg(not(target_arch = "wasm32"))]
#[path = "../../tests/suite/case.rs"]
#[allow(dead_code, reason = "shared with the suite, which reads more of a case")]
mod case;
#[cfg(not(target_arch = "wasm32"))]
mod emit;

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    emit::emit();
}
