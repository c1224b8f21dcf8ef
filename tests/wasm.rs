//! The shell and the arithmetic under it, inside wasm: `wasm-pack test --node`. Orders are compared byte for byte from the package, in `tests/node`.
#![cfg(target_arch = "wasm32")]

use qudao::num::Number;
use qudao::wasm::RawEngine;
use qudao::wire::Node;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

/// The code of the first fault in what was thrown.
fn code(thrown: Option<JsValue>) -> String {
    let text = thrown.and_then(|thrown| js_sys::JSON::stringify(&thrown).ok()).map(String::from).expect("what is thrown is data");
    let start = text.find("\"code\":\"").expect("faults with codes") + 8;
    text[start..].split('"').next().unwrap_or_default().to_owned()
}

#[wasm_bindgen_test]
fn bytes_that_are_no_bundle_are_refused_with_a_code() {
    assert_eq!(code(RawEngine::new(b"no bundle").err()), "BUNDLE_FOREIGN");
    assert_eq!(code(RawEngine::new(&[0; 100]).err()), "BUNDLE_FOREIGN");
}

#[wasm_bindgen_test]
fn no_number_of_an_input_becomes_a_float() {
    let input = js_sys::JSON::parse("[0.30000000000000004, 9007199254740991, 1e300]").expect("JSON");
    let read: Node = serde_wasm_bindgen::from_value(input).expect("plain data");
    let fraction = |text: &str| Node::Fraction(text.to_owned());
    assert_eq!(read, Node::List(vec![fraction("0.30000000000000004"), Node::Int(9_007_199_254_740_991), fraction("1e+300")]));
}

#[wasm_bindgen_test]
fn decimals_beyond_64_bits_are_refused_and_do_not_trap() {
    assert!("1299.50".parse::<Number>().is_ok());
    assert!("99999999999999999999999999999999999999".parse::<Number>().is_err());
}
