//! Laws of tax: every line adds up, totals are sums of lines, and what is paid is what the invoice comes to less what lots pay.

use crate::laws::cents;
use proptest::prelude::*;
use proptest::test_runner::Config;
use qudao::diagnostic::Diagnostics;
use qudao::import::tree;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import};
use serde_json::Value;

/// A line of an order: price in cents, percentage at four digits or exempt, quantity.
type Line = (u32, Option<u32>, u32);

/// An engine of a policy folder that has no faults.
fn engine(files: &[(&str, &str)]) -> Engine {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()));
    let mut imported = import::files(files.collect());
    let checked = check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
    let checked = checked.unwrap_or_else(|| panic!("{:?}", imported.diagnostics.found));
    Engine::load(compile::compile(&checked).bytes()).unwrap()
}

/// YAML as an input.
fn node(text: &str) -> Node {
    import::node(&tree::read(0, text, &mut Diagnostics::default()).unwrap())
}

fn quote(basis: &str, rounding: &str, off: u32, lines: &[Line], lots: &[(u32, bool)]) -> Value {
    let policy = format!(
        "policy: {{ id: p, version: '1', rounding: {rounding}, tax: {{ basis: {basis}, rate: 13 }} }}\nproducts: p.csv\n\
         prices: [{{ id: list, by: [sku], table: l.csv }}]\npromotions: [{{ id: off, get: {{ percent: {off} }} }}]\n\
         redemption: {{ share: 40 }}\n"
    );
    let (mut products, mut prices, mut order) = ("sku,unit,tax\n".to_owned(), "sku,price\n".to_owned(), String::new());
    for (index, (price, rate, quantity)) in lines.iter().enumerate() {
        let rate = rate.map_or("exempt".to_owned(), |rate| format!("{}.{:04}", rate / 10_000, rate % 10_000));
        products += &format!("P{index},EA,{rate}\n");
        prices += &format!("P{index},{}.{:02}\n", price / 100, price % 100);
        order += &format!("{{ sku: P{index}, quantity: {quantity} }}, ");
    }
    let mut held = String::new();
    for (index, (balance, discount)) in lots.iter().enumerate() {
        let treatment = if *discount { "discount" } else { "payment" };
        held +=
            &format!("{{ id: L{index}, balance: '{}.{:02}', issued: 0, invoice_treatment: {treatment} }}, ", balance / 100, balance % 100);
    }
    let engine = engine(&[("policy.yaml", &policy), ("p.csv", &products), ("l.csv", &prices)]);
    let question = format!(
        "{{ now: 2026-11-21T10:00:00+08:00, dealer: {{ schema: 1, id: D1, as_of: 0, lots: [{held}] }}, \
         order: {{ schema: 1, redeem: max, lines: [{order}] }} }}"
    );
    serde_json::from_str(&wire::quote(&engine, &node(&question)).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(Config { cases: 400, failure_persistence: None, ..Config::default() })]

    #[test]
    fn lines_and_totals_add_up(
        exclusive in any::<bool>(),
        rounding in prop_oneof![Just("half_up"), Just("half_even"), Just("half_down"), Just("down")],
        off in 1u32..100,
        lines in prop::collection::vec((1u32..100_000, prop::option::weighted(0.9, 0u32..=1_000_000), 1u32..50), 1..6),
        lots in prop::collection::vec((1u32..200_000, any::<bool>()), 0..4),
    ) {
        let basis = if exclusive { "exclusive" } else { "inclusive" };
        let quote = quote(basis, rounding, off, &lines, &lots);
        let (mut sums, mut due) = ([0i64; 3], 0);
        for (line, (_, rate, _)) in quote["lines"].as_array().unwrap().iter().zip(&lines) {
            let [base, tax, gross] = ["base", "tax", "gross"].map(|key| cents(&line["tax"][key]));
            prop_assert_eq!(base + tax, gross);
            prop_assert!(base >= 0 && tax >= 0, "{}", line);
            prop_assert_eq!(line["tax"]["rate"].is_null(), rate.is_none());
            // |tax − base × rate| ≤ 1 + rate minor units: base and tax are each at most one off.
            let rate = i128::from(rate.unwrap_or(0));
            let off = (i128::from(tax) * 1_000_000 - i128::from(base) * rate).abs();
            prop_assert!(off <= 1_000_000 + rate, "{}", line);
            sums = [sums[0] + base, sums[1] + tax, sums[2] + gross];
            let net = cents(&line["net"]);
            let paid = if exclusive { i128::from(net) * (1_000_000 + rate) } else { i128::from(net) * 1_000_000 };
            // What lots pay as a discount comes off; nothing is added.
            prop_assert!(i128::from(gross) * 1_000_000 <= paid + 500_000, "{}", line);
            due += gross;
        }
        let totals = &quote["totals"];
        prop_assert_eq!(sums, ["base", "tax", "gross"].map(|key| cents(&totals["tax"][key])));
        let of_lots = |discount: bool| -> i64 {
            let used = quote["redemption"]["lots"].as_array().unwrap().iter();
            let treated = |lot: &&Value| lots[lot["id"].as_str().unwrap()[1..].parse::<usize>().unwrap()].1 == discount;
            used.filter(treated).map(|lot| cents(&lot["used"])).sum()
        };
        prop_assert_eq!(cents(&totals["redeemed"]), of_lots(true) + of_lots(false));
        prop_assert_eq!(cents(&totals["payable"]), due - of_lots(false));
        prop_assert!(cents(&totals["redeemed"]) * 10 <= (due + of_lots(true)) * 4);
        if !exclusive {
            prop_assert_eq!(cents(&totals["net"]), due + of_lots(true));
        }
    }
}
