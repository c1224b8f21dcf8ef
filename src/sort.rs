//! Sorting, compiled once. The standard sort is compiled anew for every element type, some ten kilobytes of wasm each; here it sorts positions only.

use std::cmp::Ordering;

/// The positions below `count`, in the order of `compare`; equal ones keep their order.
pub fn positions(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut positions: Vec<usize> = (0..count).collect();
    positions.sort_by(|a, b| compare(*a, *b));
    positions
}

/// Sorts a list; equal elements keep their order.
pub fn sort<T>(list: &mut Vec<T>, compare: impl Fn(&T, &T) -> Ordering) {
    let order = positions(list.len(), &mut |a, b| compare(&list[a], &list[b]));
    let mut taken: Vec<Option<T>> = list.drain(..).map(Some).collect();
    list.extend(order.into_iter().filter_map(|from| taken[from].take()));
}
