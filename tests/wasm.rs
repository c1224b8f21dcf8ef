//! The shell and the arithmetic under it, inside wasm: `wasm-pack test --node`. Orders are compared byte for byte from the package, in `tests/node`.
#![cfg(target_arch = "wasm32")]

use qudao::num::Number;
use qudao::wasm::Raw;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn bytes_that_are_no_bundle_are_refused_with_a_code() {
    for bytes in [&b"no bundle"[..], b"", &[0; 100]] {
        let thrown = Raw::new(bytes, &[]).err().and_then(|thrown| thrown.as_string()).expect("faults");
        assert!(thrown.starts_with("{\"faults\":[{\"code\":\"BUNDLE_FOREIGN\""), "{thrown}");
    }
}

#[wasm_bindgen_test]
fn decimals_beyond_what_is_exact_are_refused_and_do_not_trap() {
    assert!("1299.50".parse::<Number>().is_ok());
    assert!("99999999999999999999999999999999999999".parse::<Number>().is_err());
}
