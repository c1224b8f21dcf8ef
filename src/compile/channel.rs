use super::rules::{Audiences, terms};
use super::selection::Selection;
use super::small;
use super::values::Values;
use crate::bundle::{Coded, Tables};
use crate::check::CheckedPolicy;
use crate::policy::Listing;
use crate::time::Interval;

/// Writes the assortment. Its entries do not depend on each other, so they stand in an order of their own, whatever the files' is.
pub fn write_assortment(checked: &CheckedPolicy, selection: &Selection, values: &Values, audiences: &mut Audiences, t: &mut Tables) {
    let entries = checked.policy().assortment.iter().zip(&checked.resolved().listing_windows);
    let mut entries: Vec<(Vec<usize>, &Interval, &Listing)> =
        entries.map(|(listing, window)| (selection.products(listing.on.as_ref()), window, listing)).collect();
    entries.sort_by(|a, b| (a.2.state, a.1, &a.0, terms(&a.2.when, values)).cmp(&(b.2.state, b.1, &b.0, terms(&b.2.when, values))));
    t.listing_product_start.push(0);
    for (products, window, listing) in entries {
        let audience = audiences.id(&listing.when, values, t);
        t.listing_audience.push(audience);
        t.listing_from.push(window.from.0);
        t.listing_to.push(window.to.0);
        t.listing_state.push(listing.state.code());
        t.listing_product.extend(products.into_iter().map(small));
        t.listing_product_start.push(small(t.listing_product.len()));
    }
}
