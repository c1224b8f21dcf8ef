//! Tax (§23).

use super::exact::{Exact, share, whole};
use super::{Line, Priced, Question};
use qudao::num::Percent;
use qudao::policy::{Product, Tax, TaxBasis, TaxRate};
use serde_json::{Value, json};

/// An amount with and without tax, in minor units.
#[derive(Clone, Copy)]
pub struct Taxed {
    pub base: i128,
    pub gross: i128,
}

impl Question<'_> {
    fn tax(&self) -> Option<Tax> {
        self.policy.settings.tax
    }

    /// The rate of a product, 0.13 for 13 %; exempt is 0.
    fn rate(&self, product: &Product, tax: Tax) -> Exact {
        match product.tax {
            None => share(tax.rate),
            Some(TaxRate::Rate(rate)) => share(rate),
            Some(TaxRate::Exempt) => whole(0),
        }
    }

    /// §23.2: an amount of the policy. Without tax in the policy both are the amount.
    pub fn taxed(&self, product: &Product, net: i128) -> Taxed {
        let Some(tax) = self.tax() else { return Taxed { base: net, gross: net } };
        match tax.basis {
            TaxBasis::Inclusive => Taxed { base: self.without_tax(product, net), gross: net },
            TaxBasis::Exclusive => Taxed { base: net, gross: net + self.rounded(whole(net) * self.rate(product, tax)) },
        }
    }

    /// An amount that is taxed at a rate of its own, or the policy's.
    pub fn taxed_at(&self, rate: Option<Percent>, net: i128) -> Taxed {
        let Some(tax) = self.tax() else { return Taxed { base: net, gross: net } };
        let rate = share(rate.unwrap_or(tax.rate));
        match tax.basis {
            TaxBasis::Inclusive => Taxed { base: self.rounded(whole(net) / (whole(1) + rate)), gross: net },
            TaxBasis::Exclusive => Taxed { base: net, gross: net + self.rounded(whole(net) * rate) },
        }
    }

    /// What an amount with tax is without it.
    fn without_tax(&self, product: &Product, gross: i128) -> i128 {
        let rate = self.tax().map_or(whole(0), |tax| self.rate(product, tax));
        self.rounded(whole(gross) / (whole(1) + rate))
    }

    /// §23.6: what lots pay of a line, in the policy's basis.
    pub fn in_basis(&self, product: &Product, gross: i128) -> i128 {
        match self.tax().map(|tax| tax.basis) {
            Some(TaxBasis::Exclusive) => self.without_tax(product, gross),
            Some(TaxBasis::Inclusive) | None => gross,
        }
    }

    /// §23.6: the same without tax.
    pub fn untaxed(&self, product: &Product, gross: i128) -> i128 {
        if self.tax().is_some() { self.without_tax(product, gross) } else { gross }
    }

    /// §23.4: an amount of a line as a threshold of this basis measures it.
    pub fn measured(&self, basis: Option<TaxBasis>, product: &Product, net: i128) -> i128 {
        match basis {
            None => net,
            Some(TaxBasis::Inclusive) => self.taxed(product, net).gross,
            Some(TaxBasis::Exclusive) => self.taxed(product, net).base,
        }
    }

    /// §23.2 and §23.5: the tax of a line, less what lots pay as a discount.
    fn final_tax(&self, line: &Line, net: i128, discount: i128) -> Taxed {
        let Taxed { base, gross } = self.taxed(line.product, net);
        if discount == 0 {
            return Taxed { base, gross };
        }
        let gross = gross - discount;
        Taxed { base: self.without_tax(line.product, gross), gross }
    }

    pub fn tax_answer(&self, Taxed { base, gross }: Taxed) -> Value {
        json!({ "base": self.money(base), "tax": self.money(gross - base), "gross": self.money(gross) })
    }

    /// Writes what a policy that tells tax tells of it.
    pub fn tell_tax(&self, answer: &mut Value, priced: &Priced) {
        let Some(tax) = self.tax() else { return };
        let Priced { lines, state, redeemed, freight, .. } = priced;
        let net = &state.net;
        let mut sum = Taxed { base: 0, gross: 0 };
        for Taxed { base, gross } in freight.iter().map(|charge| charge.taxed) {
            sum = Taxed { base: sum.base + base, gross: sum.gross + gross };
        }
        for (at, line) in lines.iter().enumerate() {
            let told = &mut answer["lines"][at]["tax"];
            if line.price.is_none() {
                *told = Value::Null;
                continue;
            }
            let taxed = self.final_tax(line, net[at], redeemed.discounts[at]);
            *told = self.tax_answer(taxed);
            told["rate"] = match line.product.tax {
                Some(TaxRate::Exempt) => Value::Null,
                _ => json!(super::exact::text(self.rate(line.product, tax) * whole(100), 0)),
            };
            sum = Taxed { base: sum.base + taxed.base, gross: sum.gross + taxed.gross };
        }
        answer["totals"]["tax"] = self.tax_answer(sum);
    }
}
