//! Laws that hold for every policy and order, tried on random small worlds with shrinking.

use crate::world::{Offer, World, worlds};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use qudao::num::{Money, Part, allocate, fill};
use qudao::policy::Remainder;
use serde_json::Value;

/// As much of `count` as `QUDAO_WORLDS` is of a whole run, but some: a quick look while one works.
pub fn share(count: u32) -> u32 {
    let worlds: Option<u32> = std::env::var("QUDAO_WORLDS").ok().and_then(|text| text.parse().ok());
    worlds.map_or(count, |worlds| (u64::from(count) * u64::from(worlds.min(6_000)) / 6_000).max(10).try_into().unwrap_or(count))
}

/// The same cases in every run; `PROPTEST_RNG_SEED` names others.
pub fn cases(count: u32) -> Config {
    let named = Config::default();
    let rng_seed = if named.rng_seed == RngSeed::Random { RngSeed::Fixed(0) } else { named.rng_seed };
    Config { cases: share(count), failure_persistence: None, rng_seed, ..named }
}

fn remainders() -> impl Strategy<Value = Remainder> {
    prop_oneof![Just(Remainder::Largest), Just(Remainder::First), Just(Remainder::Last)]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn an_allocation_sums_exactly_and_stays_next_to_the_exact_share(
        total in -1_000_000_000_000i64..1_000_000_000_000,
        weights in prop::collection::vec(0i64..1_000_000_000, 1..40),
        remainder in remainders(),
    ) {
        let parts = allocate(Money(total), &weights, remainder).unwrap();
        prop_assert_eq!(parts.iter().map(|p| p.0).sum::<i64>(), total);
        let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
        for (part, weight) in parts.iter().zip(&weights) {
            if sum > 0 {
                // |part − total·weight/Σ| < 1, without a division
                let off = i128::from(part.0) * sum - i128::from(total) * i128::from(*weight);
                prop_assert!(off.abs() < sum, "{parts:?}");
                prop_assert!(*weight > 0 || part.0 == 0);
            }
        }
    }

    #[test]
    fn water_filling_gives_all_it_can_within_every_capacity(
        total in 0i64..100_000,
        parts in prop::collection::vec((0i64..5_000, 0i64..5_000), 1..20),
        remainder in remainders(),
    ) {
        let parts: Vec<Part> = parts.into_iter().map(|(weight, capacity)| Part { weight, capacity: Money(capacity) }).collect();
        let given = fill(Money(total), &parts, remainder).unwrap();
        let all_zero = parts.iter().all(|p| p.weight == 0);
        let room: i64 = parts.iter().filter(|p| all_zero || p.weight > 0).map(|p| p.capacity.0).sum();
        prop_assert_eq!(given.iter().map(|g| g.0).sum::<i64>(), total.min(room));
        for (given, part) in given.iter().zip(&parts) {
            prop_assert!(given.0 >= 0 && *given <= part.capacity);
        }
    }

    #[test]
    fn water_filling_with_room_for_everyone_is_an_allocation(
        total in 0i64..100_000,
        weights in prop::collection::vec(1i64..5_000, 1..20),
        remainder in remainders(),
    ) {
        let parts: Vec<Part> = weights.iter().map(|w| Part { weight: *w, capacity: Money(1_000_000) }).collect();
        prop_assert_eq!(fill(Money(total), &parts, remainder), allocate(Money(total), &weights, remainder));
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn every_waterfall_adds_up(world in worlds()) {
        let quote = world.quote();
        let mut totals = [0i64; 3];
        for line in quote["lines"].as_array().unwrap() {
            let (list, net) = (cents(&line["list"]), cents(&line["net"]));
            let steps: Vec<i64> = line["adjustments"].as_array().unwrap().iter().map(|step| cents(&step["amount"])).collect();
            prop_assert!(steps.iter().all(|step| *step > 0));
            prop_assert_eq!(list - steps.iter().sum::<i64>(), net);
            prop_assert!(0 <= net && net <= list);
            if !line["floor"].is_null() {
                // Promotions never go under the floor; a base price that already is stays where it is.
                prop_assert!(net >= cents(&line["floor"]).min(list));
            }
            let units = line["units"].as_array().unwrap();
            let of = |key: &str| units.iter().map(|row| row["count"].as_i64().unwrap() * cents(&row[key])).sum::<i64>();
            prop_assert_eq!([of("list"), of("discount"), of("net")], [list, list - net, net]);
            prop_assert!(units.iter().all(|row| cents(&row["net"]) >= 0 && cents(&row["discount"]) >= 0));
            totals = [totals[0] + list, totals[1] + list - net, totals[2] + net];
        }
        let said = &quote["totals"];
        prop_assert_eq!(totals, [cents(&said["list"]), cents(&said["discount"]), cents(&said["net"])]);
        let saved: i64 = quote["rules"].as_array().unwrap().iter().filter(|r| r["outcome"] == "applied").map(|r| cents(&r["saving"])).sum();
        prop_assert_eq!(saved, totals[1]);
        for rebate in quote["rebates"].as_array().unwrap() {
            let shared: i64 = rebate["shares"].as_array().unwrap().iter().map(|share| cents(&share["amount"])).sum();
            let delta = cents(&rebate["after"]) - cents(&rebate["before"]);
            prop_assert_eq!(cents(&rebate["delta"]), delta);
            prop_assert!(shared == delta || rebate["shares"].as_array().unwrap().is_empty());
        }
    }

    #[test]
    fn the_order_of_lines_promotions_and_rows_changes_nothing(world in worlds(), seed in any::<u64>()) {
        let shuffled = world.shuffled(seed);
        prop_assert_eq!(world.bundle().hash(), shuffled.bundle().hash());
        let (quote, other) = (world.quote(), shuffled.quote());
        prop_assert_eq!(&quote["inputs_hash"], &other["inputs_hash"]);
        prop_assert_eq!(&quote["result_hash"], &other["result_hash"]);
        for part in ["totals", "rules", "gifts", "gift_offers", "gift_choices", "coupons", "claims", "guards", "rebates", "combination"] {
            prop_assert_eq!(&quote[part], &other[part]);
        }
        let by_id = |quote: &Value| {
            let mut lines = quote["lines"].as_array().unwrap().clone();
            lines.sort_by_key(|line| line["id"].as_str().unwrap().to_owned());
            lines
        };
        prop_assert_eq!(by_id(&quote), by_id(&other));
    }

    #[test]
    fn a_session_answers_like_a_fresh_engine(world in worlds(), edits in prop::collection::vec((0usize..6, 0i64..40), 1..25)) {
        let engine = std::rc::Rc::new(world.engine());
        let mut session = qudao::session::Session::open(engine.clone(), &world.session_input()).unwrap();
        session.enter(&world.entries()).unwrap();
        let mut cart: Vec<(usize, i64)> = Vec::new();
        let mut shown: Vec<Value> = Vec::new();
        for (product, quantity) in edits {
            let product = product % world.products.len();
            session.set(&World::sku(product), &qudao::wire::Node::Int(quantity)).unwrap();
            match cart.iter().position(|(p, _)| *p == product) {
                Some(at) if quantity == 0 => { cart.remove(at); }
                Some(at) => cart[at].1 = quantity,
                None if quantity == 0 => {}
                None => cart.push((product, quantity)),
            }
            let fresh = qudao::wire::quote(&engine, &world.input(&cart)).unwrap();
            // A page that starts empty and applies each change ends with the lines of the whole quote.
            let changes: Value = serde_json::from_str(&session.changes().unwrap()).unwrap();
            let gone = changes["removed"].as_array().unwrap();
            shown.retain(|line| !gone.contains(&line["id"]));
            for line in changes["lines"].as_array().unwrap() {
                match shown.iter().position(|old| old["id"] == line["id"]) {
                    Some(at) => shown[at] = line.clone(),
                    None => shown.push(line.clone()),
                }
            }
            let whole: Value = serde_json::from_str(&fresh).unwrap();
            prop_assert_eq!(&shown, whole["lines"].as_array().unwrap());
            prop_assert_eq!(&changes["result_hash"], &whole["result_hash"]);
            prop_assert_eq!(session.quote().unwrap(), fresh);
        }
    }

    /// Whole promotions of one `best` group with plain amounts: the best combination is the heaviest set of promotions that share no line.
    #[test]
    fn the_best_combination_equals_brute_force(offers in prop::collection::vec((1u8..63, 1i64..5_000), 1..9)) {
        let world = World::contest(&offers.iter().map(|(mask, off)| Offer { products: *mask, off: *off }).collect::<Vec<_>>());
        let heaviest = (0u32..1 << offers.len())
            .filter_map(|set| {
                let mut taken = 0u8;
                let mut sum = 0;
                for (index, (mask, off)) in offers.iter().enumerate() {
                    if set >> index & 1 == 1 {
                        if taken & mask != 0 {
                            return None;
                        }
                        taken |= mask;
                        sum += off;
                    }
                }
                Some(sum)
            })
            .max()
            .unwrap();
        let quote = world.quote();
        prop_assert_eq!(cents(&quote["totals"]["discount"]), heaviest);
        prop_assert_eq!(&quote["combination"]["proof"], "optimal");
    }
}

/// An amount of two digits as an integer.
pub fn cents(amount: &Value) -> i64 {
    amount.as_str().unwrap().replace('.', "").parse().unwrap()
}
