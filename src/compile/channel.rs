use super::rules::{Audiences, Term, terms};
use super::selection::Selection;
use super::small;
use super::texts::Texts;
use super::values::Values;
use crate::bundle::{Coded, Dimension, Tables, customer_mark};
use crate::check::{CheckedPolicy, Window, WindowId};
use crate::policy::{Availability, GrantMode, OneOrMany};
use crate::time::DAY;

/// An entry of the assortment. Entries do not depend on each other, so they stand in an order of their own, whatever the files' is.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Listing {
    state: Availability,
    window: Window,
    valid: WindowId,
    products: Vec<usize>,
    terms: Vec<Term>,
}

/// Writes the assortment.
pub fn write_assortment(checked: &CheckedPolicy, selection: &Selection, values: &Values, audiences: &mut Audiences, t: &mut Tables) {
    let entries = checked.policy().assortment.iter().zip(&checked.resolved().listing_windows);
    let mut entries: Vec<Listing> = entries
        .map(|(listing, window)| Listing {
            state: listing.state,
            window: Window::clone(checked.resolved().window(*window)),
            valid: *window,
            products: selection.products(listing.on.as_ref()),
            terms: terms(&listing.when, values),
        })
        .collect();
    entries.sort();
    t.listing_product_start.push(0);
    for Listing { state, valid, products, terms, .. } in entries {
        let audience = audiences.of_terms(terms, t);
        t.listing_audience.push(audience);
        t.listing_window.push(valid.0);
        t.listing_state.push(state.code());
        t.listing_product.extend(products.into_iter().map(small));
        t.listing_product_start.push(small(t.listing_product.len()));
    }
}

/// A grant of territory, in an order of its own too. Trees stay as the author wrote them: the nearest grant decides.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Grant {
    regions: Vec<u32>,
    customers: Vec<i64>,
    categories: Vec<u32>,
    mode: GrantMode,
    window: Window,
    valid: WindowId,
    terms: Vec<Term>,
    notice: i64,
}

/// Writes the grants of territory.
pub fn write_territory(checked: &CheckedPolicy, values: &Values, audiences: &mut Audiences, t: &mut Tables) {
    let listed = |dimension: Dimension, ids: Option<&OneOrMany>| -> Vec<u32> {
        let mut numbers: Vec<u32> = ids.into_iter().flat_map(|ids| &ids.0).map(|id| values.number(dimension, id)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    };
    let entries = checked.policy().territory.iter().zip(&checked.resolved().grant_windows);
    let mut entries: Vec<Grant> = entries
        .map(|(grant, window)| Grant {
            regions: listed(Dimension::Region, grant.region.as_ref()),
            customers: customers(grant.customer.as_ref()),
            categories: listed(Dimension::Category, grant.category.as_ref()),
            mode: grant.effective_mode(),
            window: Window::clone(checked.resolved().window(*window)),
            valid: *window,
            terms: terms(&grant.when, values),
            notice: i64::from(grant.notice_days.unwrap_or(0)) * DAY,
        })
        .collect();
    entries.sort();
    t.grant_region_start.push(0);
    t.grant_customer_start.push(0);
    t.grant_category_start.push(0);
    for Grant { regions, customers, categories, mode, valid, terms, notice, .. } in entries {
        t.grant_notice.push(notice);
        let audience = audiences.of_terms(terms, t);
        t.grant_audience.push(audience);
        t.grant_window.push(valid.0);
        t.grant_mode.push(mode.code());
        t.grant_region.extend(regions);
        t.grant_region_start.push(small(t.grant_region.len()));
        t.grant_customer.extend(customers);
        t.grant_customer_start.push(small(t.grant_customer.len()));
        t.grant_category.extend(categories);
        t.grant_category_start.push(small(t.grant_category.len()));
    }
}

/// Customers as a bundle knows them, ascending.
fn customers(ids: Option<&OneOrMany>) -> Vec<i64> {
    let mut customers: Vec<i64> = ids.into_iter().flat_map(|ids| &ids.0).map(|id| customer_mark(id)).collect();
    customers.sort_unstable();
    customers.dedup();
    customers
}

/// Writes which products rebates may pay for.
pub fn write_redemption(checked: &CheckedPolicy, selection: &Selection, texts: &mut Texts, t: &mut Tables) {
    t.lot_scope_product_start = vec![0];
    if let Some(redemption) = &checked.policy().redemption {
        t.redeemable = selection.products(redemption.on.as_ref()).into_iter().map(small).collect();
        for scope in &redemption.scopes {
            t.lot_scope_text.push(texts.id(&scope.id));
            t.lot_scope_product.extend(selection.products(scope.on.as_ref()).into_iter().map(small));
            t.lot_scope_product_start.push(small(t.lot_scope_product.len()));
        }
    }
}
