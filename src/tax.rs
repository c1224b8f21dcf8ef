//! Tax of a line, derived once, after everything that lowers it. Rounded nowhere else: totals are sums of lines.

use crate::bundle::Loaded;
use crate::id::ProductId;
use crate::num::{Money, Overflow, Percent, divide};
use crate::policy::TaxBasis;
use crate::quote::{LineTax, Taxed};

/// The tax of an amount in the policy's basis; none where the policy tells no tax.
pub fn of_amount(policy: &Loaded, rate: Option<Percent>, amount: Money) -> Result<Option<LineTax>, Overflow> {
    Ok(match policy.constants.tax {
        None => None,
        Some(TaxBasis::Inclusive) => Some(of_gross(policy, rate, amount)?),
        Some(TaxBasis::Exclusive) => {
            let tax = amount.percent(rate.unwrap_or_default(), policy.constants.rounding)?;
            Some(LineTax { rate, taxed: Taxed { base: amount, tax, gross: amount.plus(tax)? } })
        }
    })
}

/// The tax that is in an amount that includes it.
pub fn of_gross(policy: &Loaded, rate: Option<Percent>, gross: Money) -> Result<LineTax, Overflow> {
    let whole = Percent::ONE + i128::from(rate.unwrap_or_default().0);
    let base = divide(i128::from(gross.0) * Percent::ONE, whole, policy.constants.rounding).map(Money)?;
    Ok(LineTax { rate, taxed: Taxed { base, tax: gross.minus(base)?, gross } })
}

/// The tax that is in an amount in the policy's basis: none where that is without.
pub fn within(policy: &Loaded, rate: Option<Percent>, amount: Money) -> Result<Money, Overflow> {
    match policy.constants.tax {
        Some(TaxBasis::Inclusive) => Ok(of_gross(policy, rate, amount)?.taxed.tax),
        None | Some(TaxBasis::Exclusive) => Ok(Money::ZERO),
    }
}

/// An amount that includes tax in the policy's basis.
pub fn in_basis(policy: &Loaded, product: ProductId, gross: Money) -> Result<Money, Overflow> {
    match policy.constants.tax {
        Some(TaxBasis::Exclusive) => Ok(of_gross(policy, policy.tables.tax_rate(product), gross)?.taxed.base),
        None | Some(TaxBasis::Inclusive) => Ok(gross),
    }
}

/// An amount that includes tax without it, where the policy tells tax.
pub fn untaxed(policy: &Loaded, product: ProductId, gross: Money) -> Result<Money, Overflow> {
    match policy.constants.tax {
        Some(_) => Ok(of_gross(policy, policy.tables.tax_rate(product), gross)?.taxed.base),
        None => Ok(gross),
    }
}

/// An amount in the policy's basis in the other one.
pub fn in_other_basis(policy: &Loaded, product: ProductId, amount: Money) -> Result<Money, Overflow> {
    Ok(match (of_amount(policy, policy.tables.tax_rate(product), amount)?, policy.constants.tax) {
        (Some(tax), Some(TaxBasis::Inclusive)) => tax.taxed.base,
        (Some(tax), _) => tax.taxed.gross,
        (None, _) => amount,
    })
}

impl Taxed {
    /// Both together, figure by figure.
    pub fn plus(self, other: Taxed) -> Result<Taxed, Overflow> {
        Ok(Taxed { base: self.base.plus(other.base)?, tax: self.tax.plus(other.tax)?, gross: self.gross.plus(other.gross)? })
    }
}
