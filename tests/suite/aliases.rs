//! Aliases of SKUs (`docs/semantics.md` §49): a product by another name is the product.

use crate::laws::cases;
use crate::offers;
use crate::slice::Pair;
use crate::world::{node, worlds};
use proptest::prelude::*;
use qudao::session::Session;
use qudao::wire;
use serde_json::{Value, json};
use std::rc::Rc;

/// An order with every other SKU by its alias.
fn renamed(question: &Value, seed: u64) -> (Value, Vec<String>) {
    let (mut question, mut named) = (question.clone(), Vec::new());
    for (at, line) in question["order"]["lines"].as_array_mut().unwrap().iter_mut().enumerate() {
        if seed >> (at % 64) & 1 == 1 {
            named.push(line["sku"].as_str().unwrap().to_owned());
            line["sku"] = json!(format!("alias of {}", line["sku"].as_str().unwrap()));
        }
    }
    (question, named)
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn a_product_by_another_name_is_the_product(world in worlds(), seed in any::<u64>()) {
        let mut files = world.files();
        let skus: Vec<String> = world.products.iter().enumerate().map(|(product, _)| crate::world::World::sku(product)).collect();
        let table: String = skus.iter().map(|sku| format!("alias of {sku},{sku}\n")).collect();
        files.push(("aliases.csv".to_owned(), format!("alias,sku\n{table}").into_bytes()));
        files.push(("aliases.yaml".to_owned(), b"aliases: aliases.csv\n".to_vec()));
        let engine = Rc::new(offers::engine(files));
        let question = world.question();
        let (other, named) = renamed(&question, seed);
        let quoted = |question: &Value| wire::quote(&engine, &node(question.clone())).map_err(|faults| faults.0[0].code);
        match (quoted(&question), quoted(&other)) {
            (Ok(plain), Ok(by_alias)) => {
                let mut told: Value = serde_json::from_str(&by_alias).unwrap();
                let aliases = told.as_object_mut().unwrap().remove("aliases").unwrap_or_default();
                prop_assert_eq!(&told, &serde_json::from_str::<Value>(&plain).unwrap());
                prop_assert_eq!(aliases.as_array().map_or(0, Vec::len) > 0, !named.is_empty());
                for entry in aliases.as_array().into_iter().flatten() {
                    prop_assert!(named.contains(&entry["sku"].as_str().unwrap().to_owned()));
                }
            }
            (plain, by_alias) => prop_assert_eq!(plain.err(), by_alias.err()),
        }
        Pair::of(&engine, &question["dealer"]).answers_alike(&other, "by aliases");
        // A cart keeps what it was told.
        let mut session = Session::open(engine.clone(), &node(json!({ "dealer": question["dealer"], "now": question["now"] }))).unwrap();
        session.set(&format!("alias of {}", skus[0]), &wire::Node::Int(3)).unwrap();
        let cart = json!({ "order": { "schema": 1, "lines": [{ "sku": format!("alias of {}", skus[0]), "quantity": 3 }] }, "dealer": question["dealer"], "now": question["now"] });
        prop_assert_eq!(session.quote(), wire::quote(&engine, &node(cart)));
        let order: Value = serde_json::from_str(&session.order()).unwrap();
        let told = json!({ "order": order, "dealer": question["dealer"], "now": question["now"] });
        prop_assert_eq!(session.quote(), wire::quote(&engine, &node(told)));
    }
}
