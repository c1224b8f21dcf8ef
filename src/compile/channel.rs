use super::rules::{Audiences, Term, terms};
use super::selection::Selection;
use super::small;
use super::values::Values;
use crate::bundle::{Coded, Dimension, Tables};
use crate::check::CheckedPolicy;
use crate::policy::{GrantMode, Listing, OneOrMany, When};
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

/// Writes the grants of territory, in an order of their own too. Trees stay as the author wrote them: the nearest grant decides.
pub fn write_territory(checked: &CheckedPolicy, values: &Values, audiences: &mut Audiences, t: &mut Tables) {
    let listed = |dimension: Dimension, ids: Option<&OneOrMany>| -> Vec<u32> {
        let mut numbers: Vec<u32> = ids.into_iter().flat_map(|ids| &ids.0).map(|id| values.number(dimension, id)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    };
    let entries = checked.policy().territory.iter().zip(&checked.resolved().grant_windows);
    let mut entries: Vec<(Vec<u32>, Vec<u32>, GrantMode, &Interval, Vec<Term>, &When)> = entries
        .map(|(grant, window)| {
            let regions = listed(Dimension::Region, Some(&grant.region));
            let categories = listed(Dimension::Category, grant.category.as_ref());
            (regions, categories, grant.mode, window, terms(&grant.when, values), &grant.when)
        })
        .collect();
    entries.sort_by(|a, b| (&a.0, &a.1, a.2, a.3, &a.4).cmp(&(&b.0, &b.1, b.2, b.3, &b.4)));
    t.grant_region_start.push(0);
    t.grant_category_start.push(0);
    for (regions, categories, mode, window, _, when) in entries {
        let audience = audiences.id(when, values, t);
        t.grant_audience.push(audience);
        t.grant_from.push(window.from.0);
        t.grant_to.push(window.to.0);
        t.grant_mode.push(mode.code());
        t.grant_region.extend(regions);
        t.grant_region_start.push(small(t.grant_region.len()));
        t.grant_category.extend(categories);
        t.grant_category_start.push(small(t.grant_category.len()));
    }
}

/// Writes which products rebates may pay for.
pub fn write_redemption(checked: &CheckedPolicy, selection: &Selection, t: &mut Tables) {
    if let Some(redemption) = &checked.policy().redemption {
        t.redeemable = selection.products(redemption.on.as_ref()).into_iter().map(small).collect();
    }
}
