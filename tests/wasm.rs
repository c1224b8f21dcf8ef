//! The shell and the arithmetic under it, inside wasm: `wasm-pack test --node`. Orders are compared byte for byte from the package, in `tests/node`.
#![cfg(target_arch = "wasm32")]

use js_sys::{Array, BigInt, Reflect};
use qudao::num::Number;
use qudao::wasm::{RawEngine, node};
use qudao::wire::Node;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

fn field(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).expect("an object")
}

#[wasm_bindgen_test]
fn bytes_that_are_no_bundle_are_refused_with_a_code() {
    for bytes in [&b"no bundle"[..], b"", &[0; 100]] {
        let thrown = RawEngine::new(bytes).err().expect("a fault");
        let faults = Array::from(&field(&thrown, "faults"));
        assert_eq!(faults.length(), 1);
        assert_eq!(field(&faults.get(0), "code").as_string().as_deref(), Some("BUNDLE_FOREIGN"));
    }
}

#[wasm_bindgen_test]
fn no_number_of_an_input_becomes_a_float() {
    let numbers = Array::of3(&JsValue::from_f64(0.300_000_000_000_000_04), &JsValue::from_f64(12.0), &BigInt::from(i64::MAX).into());
    assert_eq!(
        node(&numbers),
        Some(Node::List(vec![Node::Fraction("0.30000000000000004".to_owned()), Node::Int(12), Node::Int(i64::MAX)]))
    );
}

#[wasm_bindgen_test]
fn a_circle_does_not_exhaust_the_stack() {
    let circle = Array::new();
    circle.push(&circle);
    assert_eq!(node(&circle), None);
}

#[wasm_bindgen_test]
fn decimals_beyond_what_is_exact_are_refused_and_do_not_trap() {
    assert!("1299.50".parse::<Number>().is_ok());
    assert!("99999999999999999999999999999999999999".parse::<Number>().is_err());
}
