//! Tax, and what lots do to it.

use super::{Tally, cross, is_positive, list, words};
use qudao::policy::{Policy, TaxBasis, TaxRate};
use serde_json::Value;

const TABLE: &str = "tax";

pub fn expected() -> (&'static str, Vec<String>) {
    let rates = cross(&[&["inclusive", "exclusive"], &["own rate", "policy's rate", "exempt"]]);
    let thresholds = cross(&[&["inclusive", "exclusive"], &["measured without tax", "measured with tax"], &["reached", "failed"]]);
    let lots = cross(&[&["inclusive", "exclusive"], &["lots as payment", "lots as discount", "program less lots"]]);
    (TABLE, rates.into_iter().chain(thresholds).chain(lots).chain(words(&["a line without a price"])).collect())
}

impl Tally {
    pub fn tax(&mut self, question: &Value, policy: &Policy, answer: &Value) {
        let Some(tax) = policy.settings.tax else { return };
        let basis = if tax.basis == TaxBasis::Inclusive { "inclusive" } else { "exclusive" };
        for line in list(&answer["lines"]) {
            if line["tax"].is_null() {
                self.add(TABLE, &["a line without a price"]);
            } else if is_positive(&line["net"]) {
                let product = policy.products.iter().find(|product| line["sku"] == product.sku.as_str()).unwrap();
                let rate = match product.tax {
                    None => "policy's rate",
                    Some(TaxRate::Rate(_)) => "own rate",
                    Some(TaxRate::Exempt) => "exempt",
                };
                self.add(TABLE, &[basis, rate]);
            }
        }
        for rule in list(&answer["rules"]) {
            let promotion = policy.promotions.iter().find(|promotion| rule["rule"] == promotion.id.as_str()).unwrap();
            let Some(threshold) = promotion.threshold_tax else { continue };
            let measured = if threshold == TaxBasis::Inclusive { "measured with tax" } else { "measured without tax" };
            self.add(TABLE, &[basis, measured, if rule["outcome"] == "failed" { "failed" } else { "reached" }]);
        }
        let used = list(&answer["redemption"]["lots"]).iter().filter(|lot| is_positive(&lot["used"]));
        for lot in used {
            let fact = list(&question["dealer"]["lots"]).iter().find(|fact| fact["id"] == lot["id"]).unwrap();
            let what = if fact["invoice_treatment"] == "discount" { "lots as discount" } else { "lots as payment" };
            self.add(TABLE, &[basis, what]);
        }
        let paid = list(&answer["redemption"]["shares"]);
        let counts = |rebate: &Value| list(&rebate["shares"]).iter().any(|share| paid.iter().any(|paid| paid["line"] == share["line"]));
        let less = list(&answer["rebates"]).iter().any(counts);
        self.add_if(less, TABLE, &format!("{basis} program less lots"));
    }
}
