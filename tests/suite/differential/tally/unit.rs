//! Units, scales, prices by formula, flags of prices, and freight.

use super::{Tally, cross, is_positive, list, words};
use crate::world::World;
use qudao::policy::{Access, Policy, Promotion};
use qudao::wire::Faults;
use serde_json::Value;

const UNITS: &str = "units";
const SCALES: &str = "scale";
const FORMULAS: &str = "formula";
const FLAGS: &str = "price flag";
const FREIGHT: &str = "freight";

pub fn expected() -> Vec<(&'static str, Vec<String>)> {
    let units = words(&[
        "a line in a further unit",
        "a broken factor",
        "two units of a product",
        "a price for the unit",
        "a price for the base unit alone",
        "falls back on base units",
        "at",
        "each",
        "steps",
        "max_units",
        "a gift",
        "ORDER_MIN",
        "QTY_MIN",
        "QTY_MULTIPLE",
        "refused UNIT_INEXACT",
        "refused LINE_ID_DUPLICATE",
    ]);
    let scales = cross(&[&["all_units", "graduated"], &["quantity", "amount", "weight", "packs"], &["sku", "line", "group", "order"]]);
    let parts = words(&["with ends", "several parts", "a rest", "a rest with surcharge", "nothing measured", "several lines in parts"]);
    let formulas = words(&[
        "of costs",
        "of prices",
        "of a floor",
        "percent",
        "amount",
        "round_to",
        "ending",
        "both",
        "of a scale in parts",
        "by key",
        "by a key of the source",
        "no price of its own for a key",
    ]);
    let rounded = cross(&[&["round_to"], super::ROUNDINGS]);
    let flags = words(&["no_promotion", "no_order_promotion", "no_coupon", "zero", "net lines count"]);
    let freight = words(&[
        "a charge",
        "free",
        "by weight",
        "from a weight",
        "from an amount",
        "a region",
        "everywhere",
        "two tables",
        "none of a table",
        "a validity",
        "a rate of its own",
        "the policy's rate",
    ]);
    vec![
        (UNITS, units),
        (SCALES, scales.into_iter().chain(parts).collect()),
        (FORMULAS, formulas.into_iter().chain(rounded).collect()),
        (FLAGS, flags),
        (FREIGHT, freight),
    ]
}

impl Tally {
    pub fn refused(&mut self, faults: &Faults) {
        faults.0.iter().for_each(|fault| self.add(UNITS, &["refused", fault.code]));
    }

    pub fn units(&mut self, world: &World, policy: &Policy, answer: &Value) {
        let lines = list(&answer["lines"]);
        for line in lines {
            let product = policy.products.iter().find(|product| line["sku"] == product.sku.as_str()).unwrap();
            let further = product.units.iter().find(|unit| line["unit"] == unit.id.as_str());
            self.add_if(further.is_some(), UNITS, "a line in a further unit");
            self.add_if(further.is_some_and(|unit| unit.factor.contains('/')), UNITS, "a broken factor");
            let others = lines.iter().any(|other| other["sku"] == line["sku"] && other["unit"] != line["unit"]);
            self.add_if(others, UNITS, "two units of a product");
            let price = &line["price"];
            if !price.is_null() {
                let access = policy.prices.iter().find(|access| price["access"] == access.id.as_str()).unwrap();
                self.add_if(further.is_some() && price["unit"] == line["unit"], UNITS, "a price for the unit");
                self.add_if(further.is_some() && price["unit"] != line["unit"], UNITS, "falls back on base units");
                let record = || access.rows.iter().filter(|row| list(&price["key"]).iter().eq(row.key.iter().map(String::as_str)));
                let of_base = record().any(|row| row.unit.as_ref() == Some(&product.unit));
                self.add_if(
                    of_base && price["unit"] == product.unit.as_str() && further.is_none(),
                    UNITS,
                    "a price for the base unit alone",
                );
                self.scale(access, price, record().count(), record().any(|row| row.to_quantity.is_some()));
                self.formula(world, policy, access, line);
                let missed = list(&price["missed"]).iter().filter_map(|id| policy.prices.iter().find(|access| *id == access.id.as_str()));
                let by_key = missed.filter_map(|access| access.formula.as_ref()).any(|formula| !formula.rows.is_empty());
                self.add_if(by_key, FORMULAS, "no price of its own for a key");
                for flag in list(&price["flags"]) {
                    self.add(FLAGS, &[flag.as_str().unwrap()]);
                }
                self.add_if(!is_positive(&price["unit_price"]), FLAGS, "zero");
            }
        }
        let in_parts = |line: &&Value| !list(&line["price"]["bands"]).is_empty();
        let several = lines
            .iter()
            .filter(in_parts)
            .any(|line| lines.iter().filter(in_parts).any(|other| other["id"] != line["id"] && other["sku"] == line["sku"]));
        self.add_if(several, SCALES, "several lines in parts");
        for rule in list(&answer["rules"]).iter().filter(|rule| rule["outcome"] == "applied") {
            let promotion = policy.promotions.iter().find(|promotion| rule["rule"] == promotion.id.as_str()).unwrap();
            self.rule_units(promotion);
            let eligible = list(&rule["lines"]).len();
            let has_threshold = promotion.at.is_some() || promotion.each.is_some() || promotion.steps.is_some();
            let kept_off = lines.iter().any(|line| !list(&line["price"]["flags"]).is_empty());
            let counts = promotion.net_lines == qudao::policy::NetLines::Count;
            self.add_if(counts && has_threshold && kept_off && eligible < lines.len(), FLAGS, "net lines count");
        }
        for guard in list(&answer["guards"]) {
            let code = guard["code"].as_str().unwrap();
            let check = policy.checks.iter().find(|check| guard["check"] == check.id.as_str());
            let minimum = check.and_then(|check| check.order_minimum.as_ref());
            self.add_if(minimum.is_some_and(|minimum| minimum.unit.is_some()), UNITS, code);
            let line = lines.iter().find(|line| code.starts_with("QTY_") && line["id"] == guard["line"]);
            let product = line.and_then(|line| policy.products.iter().find(|product| line["sku"] == product.sku.as_str()));
            self.add_if(product.is_some_and(|product| product.quantity_unit.is_some()), UNITS, code);
        }
        self.freight(policy, answer);
    }

    fn rule_units(&mut self, promotion: &Promotion) {
        let gift = promotion.get.as_ref().and_then(|get| get.gift.as_ref());
        let in_unit = [
            ("at", promotion.at.as_ref().is_some_and(|at| at.unit.is_some())),
            ("each", promotion.each.as_ref().is_some_and(|each| each.unit.is_some())),
            ("steps", promotion.steps.as_ref().is_some_and(|steps| steps.unit.is_some())),
            ("max_units", promotion.get.as_ref().is_some_and(|get| get.unit.is_some())),
            ("a gift", gift.is_some_and(|gift| gift.unit.is_some() || gift.from.iter().flatten().any(|item| item.unit.is_some()))),
        ];
        in_unit.into_iter().for_each(|(what, holds)| self.add_if(holds, UNITS, what));
    }

    /// `rows` of the record's key, and whether one of them says where it ends.
    fn scale(&mut self, access: &Access, price: &Value, rows: usize, ends: bool) {
        let mode = ["all_units", "graduated"][access.scale.mode as usize];
        let basis = ["sku", "line", "group", "order"][access.scale.basis as usize];
        if rows > 1 && access.registered.is_none() {
            self.add(SCALES, &[mode, access.scale.measure.word(), basis]);
        }
        self.add_if(ends, SCALES, "with ends");
        let bands = list(&price["bands"]);
        self.add_if(bands.len() > 1, SCALES, "several parts");
        let is_rest =
            access.scale.measure.word() == "packs" && bands.last().is_some_and(|band| band["part"].as_str().unwrap().contains('.'));
        self.add_if(is_rest, SCALES, "a rest");
        self.add_if(bands.iter().any(|band| is_positive(&band["surcharge"])), SCALES, "a rest with surcharge");
        self.add_if(bands.len() == 1 && !is_positive(&bands[0]["part"]), SCALES, "nothing measured");
    }

    fn formula(&mut self, world: &World, policy: &Policy, access: &Access, line: &Value) {
        let floored = policy.floors.iter().any(|access| access.formula.is_some()) && !line["floor"].is_null();
        self.add_if(floored, FORMULAS, "of a floor");
        let Some(formula) = &access.formula else { return };
        let of_costs = policy.costs.iter().any(|cost| cost.id == formula.from);
        self.add(FORMULAS, &[if of_costs { "of costs" } else { "of prices" }]);
        let by_key = formula.rows.first().map_or(Vec::new(), qudao::policy::FormulaRow::key);
        self.add_if(!by_key.is_empty(), FORMULAS, "by key");
        let source = policy.prices.iter().chain(&policy.costs).find(|table| table.id == formula.from).unwrap();
        self.add_if(by_key.iter().any(|(axis, _)| source.by.contains(axis)), FORMULAS, "by a key of the source");
        self.add_if(!formula.percent.0.is_zero(), FORMULAS, "percent");
        self.add_if(!formula.amount.0.is_zero(), FORMULAS, "amount");
        self.add_if(formula.round_to.is_some() && formula.endings.is_empty(), FORMULAS, &format!("round_to {}", world.settings.rounding));
        self.add_if(formula.round_to.is_some(), FORMULAS, "round_to");
        self.add_if(!formula.endings.is_empty(), FORMULAS, "ending");
        self.add_if(formula.round_to.is_some() && !formula.endings.is_empty(), FORMULAS, "both");
        self.add_if(!list(&line["price"]["bands"]).is_empty(), FORMULAS, "of a scale in parts");
    }

    fn freight(&mut self, policy: &Policy, answer: &Value) {
        let charges = list(&answer["freight"]);
        self.add_if(charges.len() > 1, FREIGHT, "two tables");
        self.add_if(charges.len() < policy.freight.len(), FREIGHT, "none of a table");
        for charge in charges {
            let table = policy.freight.iter().find(|table| charge["table"] == table.id.as_str()).unwrap();
            let is = |key: &str| charge[key] != "0" && is_positive(&charge[key]);
            self.add(FREIGHT, &[if is("charge") { "a charge" } else { "free" }]);
            self.add_if(is("from_weight"), FREIGHT, "from a weight");
            self.add_if(is("from_amount"), FREIGHT, "from an amount");
            self.add(FREIGHT, &[if charge["region"].is_null() { "everywhere" } else { "a region" }]);
            self.add_if(table.rows.iter().any(|row| row.valid.is_some()), FREIGHT, "a validity");
            self.add_if(is("charge") && table.rows.iter().any(|row| !row.per_weight.0.is_zero()), FREIGHT, "by weight");
            let rate = if table.tax.is_some() { "a rate of its own" } else { "the policy's rate" };
            self.add_if(policy.settings.tax.is_some(), FREIGHT, rate);
        }
    }
}
