//! Who may order what, deliver where, and pay with which rebates.

use super::findings::{Findings, Spot};
use super::names::{Names, check_unique};
use super::number::{self, Least, Measure};
use super::select::{Catalog, check_select, check_values, check_when};
use super::settings::Constants;
use super::windows::{WindowId, Windows};
use crate::diagnostic::Code;
use crate::limit;
use crate::policy::{Grant, LotReturns, LotTax, LotTransfer, Policy, When, WhenOrder};

/// Checks the assortment and returns when each entry holds.
pub fn check_assortment(policy: &Policy, names: &Names, catalog: &Catalog, windows: &Windows, findings: &mut Findings) -> Vec<WindowId> {
    refuse_too_many("assortment", policy.assortment.len(), limit::LISTINGS, findings);
    let mut resolved = Vec::new();
    for (index, listing) in policy.assortment.iter().enumerate() {
        let path = format!("assortment[{index}]");
        check_dealers(&listing.when, &path, names, findings);
        if let Some(select) = &listing.on {
            check_select(select, &format!("{path}.on"), names, catalog, findings);
        }
        resolved.push(windows.resolve(listing.valid.as_deref(), Spot::Path(&format!("{path}.valid")), findings));
    }
    resolved
}

/// Checks the grants of territory and returns when each holds.
pub fn check_territory(policy: &Policy, names: &Names, windows: &Windows, findings: &mut Findings) -> Vec<WindowId> {
    refuse_too_many("territory", policy.territory.len(), limit::GRANTS, findings);
    let mut resolved = Vec::new();
    for (index, grant) in policy.territory.iter().enumerate() {
        let path = format!("territory[{index}]");
        check_dealers(&grant.when, &path, names, findings);
        if grant.region.is_some() == grant.customer.is_some() {
            let help = "write exactly one of them";
            findings.add(Code::ChoiceCount, Spot::Path(&path), "a grant takes one of `region` and `customer`", help);
        }
        if let Some(regions) = &grant.region {
            check_values(regions, Some(&names.regions), &format!("{path}.region"), Code::SelectionEmpty, findings);
        }
        if let Some(customers) = &grant.customer {
            check_values(customers, None, &format!("{path}.customer"), Code::SelectionEmpty, findings);
        }
        if let Some(categories) = &grant.category {
            check_values(categories, Some(&names.categories), &format!("{path}.category"), Code::SelectionEmpty, findings);
        }
        check_notice(grant, &path, findings);
        resolved.push(windows.resolve(grant.valid.as_deref(), Spot::Path(&format!("{path}.valid")), findings));
    }
    resolved
}

/// A notice is for those who lose a grade.
fn check_notice(grant: &Grant, path: &str, findings: &mut Findings) {
    let Some(days) = grant.notice_days else { return };
    let spot = format!("{path}.notice_days");
    if !(1..=limit::NOTICE_DAYS).contains(&days) {
        let help = format!("write a whole number from 1 to {}", limit::NOTICE_DAYS);
        findings.add(Code::NumberRange, Spot::Path(&spot), format!("`notice_days` cannot be `{days}`"), help);
    }
    if grant.when.dealer.grade.is_none() {
        let help = "add `grade` under `when`, `dealer`, or delete the notice";
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), "a notice of a grant that asks for no grade", help);
    }
}

/// Checks how rebates pay for orders.
pub fn check_redemption(policy: &Policy, names: &Names, catalog: &Catalog, constants: &Constants, findings: &mut Findings) {
    let Some(redemption) = &policy.redemption else { return };
    number::check_percent(redemption.share, Least::AboveZero, Spot::Path("redemption.share"), findings);
    for (key, amount) in [("amount", redemption.amount), ("minimum", redemption.minimum)] {
        if let Some(amount) = amount {
            let spot = format!("redemption.{key}");
            number::check(amount, Measure::Money, Least::AboveZero, Spot::Path(&spot), constants, findings);
        }
    }
    if let Some(share) = redemption.line_share {
        number::check_percent(share, Least::AboveZero, Spot::Path("redemption.line_share"), findings);
    }
    if let Some(lots) = redemption.lots.filter(|lots| !(1..=limit::REDEEM_LOTS).contains(lots)) {
        let help = format!("write a number from 1 to {}", limit::REDEEM_LOTS);
        findings.add(Code::NumberRange, Spot::Path("redemption.lots"), format!("`lots` cannot be `{lots}`"), help);
    }
    for (index, id) in redemption.without.iter().enumerate() {
        if policy.promotions.iter().all(|promotion| promotion.id != *id) && findings.is_complete("promotions") {
            let spot = format!("redemption.without[{index}]");
            findings.add(Code::IdUnknown, Spot::Path(&spot), format!("there is no promotion `{id}`"), "define it, or correct the name");
        }
    }
    for (key, days) in [("grace_days", redemption.grace_days), ("transfer_days", redemption.transfer_days)] {
        if days > limit::NOTICE_DAYS {
            let help = format!("at most {} days", limit::NOTICE_DAYS);
            findings.add(Code::NumberRange, Spot::Path(&format!("redemption.{key}")), format!("`{key}` cannot be `{days}`"), help);
        }
    }
    if redemption.tax == LotTax::Unpaid && policy.settings.tax.is_none() {
        let help = "delete it, or add `tax` to the constants";
        findings.add(Code::CombinationInvalid, Spot::Path("redemption.tax"), "a policy that tells no tax", help);
    }
    if redemption.scopes.len() > limit::LOT_SCOPES {
        let message = format!("`scopes` has {} entries, more than {}", redemption.scopes.len(), limit::LOT_SCOPES);
        let spot = format!("redemption.scopes[{}]", limit::LOT_SCOPES);
        findings.add(Code::LimitExceeded, Spot::Path(&spot), message, "let lots of several programs share a scope");
    }
    check_unique("redemption.scopes", redemption.scopes.iter().map(|scope| scope.id.as_str()), findings);
    for (index, scope) in redemption.scopes.iter().enumerate() {
        if let Some(select) = &scope.on {
            check_select(select, &format!("redemption.scopes[{index}].on"), names, catalog, findings);
        }
    }
    if redemption.transfer_days > 0 && redemption.transfer == LotTransfer::None {
        let help = "add `transfer: group` or `any`, or delete it";
        findings.add(Code::CombinationInvalid, Spot::Path("redemption.transfer_days"), "days of lots that nobody passes on", help);
    }
    if redemption.grace_days > 0 && redemption.returns == LotReturns::Forfeit {
        let help = "delete one of the two: what is lost has no grace";
        findings.add(Code::CombinationInvalid, Spot::Path("redemption.grace_days"), "a grace of lots that are never restored", help);
    }
    if let Some(select) = &redemption.on {
        check_select(select, "redemption.on", names, catalog, findings);
    }
}

/// Conditions on the dealer alone.
fn check_dealers(when: &When, path: &str, names: &Names, findings: &mut Findings) {
    check_when(when, &format!("{path}.when"), names, findings);
    if when.order != WhenOrder::default() {
        let help = "delete it: this holds for every order of the dealer";
        let spot = format!("{path}.when.order");
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), "there are no conditions on the order here", help);
    }
}

/// Reports a list that holds more than it may.
pub fn refuse_too_many(key: &str, count: usize, most: usize, findings: &mut Findings) {
    if count > most {
        let spot = format!("{key}[{most}]");
        let message = format!("`{key}` has {count} entries, more than {most}");
        findings.add(Code::LimitExceeded, Spot::Path(&spot), message, "join entries that say the same");
    }
}
