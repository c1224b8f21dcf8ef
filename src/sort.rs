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

/// The first eight bytes of a text as a number, zeros behind a shorter one: ordered as the texts are, equal for some that differ.
pub fn key(text: &[u8]) -> u64 {
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(text).for_each(|(byte, given)| *byte = *given);
    u64::from_be_bytes(bytes)
}
