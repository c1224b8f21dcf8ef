//! Laws of tax: every line adds up, totals are sums of lines, and what is paid is what the invoice comes to less what lots pay.

use crate::laws::{cases, cents};
use proptest::prelude::*;
use qudao::diagnostic::Diagnostics;
use qudao::import::tree;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import, limit};
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
    #![proptest_config(cases(400))]

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

/// A row of freight: region by its number, from weight, from amount, charge.
type Row = (Option<usize>, u32, u32, u32);

/// R0 is above R1, which is above R2; R3 stands apart.
const ABOVE: [Option<usize>; 4] = [None, Some(0), Some(1), None];

proptest! {
    #![proptest_config(cases(400))]

    /// By the words of 24.3, tried on every row.
    #[test]
    fn freight_is_that_of_the_nearest_region_and_the_largest_band(
        rows in prop::collection::btree_map((prop::option::of(0usize..4), 0u32..6, 0u32..6), 0u32..100, 1..20),
        region in prop::option::of(0usize..4),
        quantity in 1u32..8,
    ) {
        let rows: Vec<Row> = rows.into_iter().map(|((region, weight, amount), charge)| (region, weight, amount, charge)).collect();
        let mut table = "region,from_weight,from_amount,charge\n".to_owned();
        for (region, weight, amount, charge) in &rows {
            table += &format!("{},{weight},{amount},{charge}\n", region.map_or(String::new(), |region| format!("R{region}")));
        }
        let policy = "policy: { id: p, version: '1' }\nproducts: p.csv\nprices: [{ id: list, by: [sku], table: l.csv }]\n\
            regions: [{ id: R0 }, { id: R1, parent: R0 }, { id: R2, parent: R1 }, { id: R3 }]\nfreight: [{ id: f, table: f.csv }]\n";
        let files = [("policy.yaml", policy), ("p.csv", "sku,unit,weight\nP,EA,1\n"), ("l.csv", "sku,price\nP,1\n"), ("f.csv", &*table)];
        let engine = engine(&files);
        let ship_to = region.map_or(String::new(), |region| format!("ship_to: {{ region: R{region} }}, "));
        let order = format!("{{ schema: 1, {ship_to}lines: [{{ sku: P, quantity: {quantity} }}] }}");
        let question = format!("{{ now: 2026-11-21T10:00:00+08:00, dealer: {{ schema: 1, id: D1, as_of: 0 }}, order: {order} }}");
        let quote: Value = serde_json::from_str(&wire::quote(&engine, &node(&question)).unwrap()).unwrap();

        let mut places: Vec<Option<usize>> = std::iter::successors(region, |region| ABOVE[*region]).map(Some).collect();
        places.push(None);
        let nearest = places.into_iter().find(|place| rows.iter().any(|row| row.0 == *place));
        let fits = rows.iter().filter(|row| Some(row.0) == nearest && row.1 <= quantity && row.2 <= quantity);
        let expected = fits.max_by_key(|row| (row.2, row.1)).map(|row| i64::from(row.3) * 100);
        let charge = quote["freight"].as_array().unwrap().first().map(|line| cents(&line["charge"]));
        prop_assert_eq!(charge, expected);
        prop_assert_eq!(cents(&quote["totals"]["freight"]), expected.unwrap_or(0));
        prop_assert_eq!(cents(&quote["totals"]["payable"]), i64::from(quantity) * 100 + expected.unwrap_or(0));
    }
}

#[test]
fn freight_has_its_ceilings() {
    let found = |tables: usize, rows: usize| -> Vec<String> {
        let list: String = (0..tables).map(|table| format!("  - {{ id: f{table}, table: f{}.csv }}\n", usize::from(table > 0))).collect();
        let policy = format!("policy: {{ id: p, version: '1' }}\nproducts: p.csv\nfreight:\n{list}");
        let long: String = (0..rows).map(|row| format!("{row},1\n")).collect();
        let files = [
            ("policy.yaml", policy),
            ("p.csv", "sku,unit\n".to_owned()),
            ("f0.csv", format!("from_weight,charge\n{long}")),
            ("f1.csv", "charge\n".to_owned()),
        ];
        let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect();
        let mut imported = import::files(files);
        check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        imported.diagnostics.found.iter().map(|finding| finding.code.to_string()).filter(|code| code != "FILE_UNUSED").collect()
    };
    assert!(found(limit::FREIGHT_TABLES, 1).is_empty());
    assert_eq!(found(limit::FREIGHT_TABLES + 1, 1), ["LIMIT_EXCEEDED"]);
    assert!(found(1, limit::FREIGHT_ROWS).is_empty());
    assert_eq!(found(1, limit::FREIGHT_ROWS + 1), ["LIMIT_EXCEEDED"]);
}
