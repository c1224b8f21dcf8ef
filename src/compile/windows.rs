use super::small;
use crate::bundle::Tables;
use crate::check::Window;

/// Writes the windows that columns name so far by their places in `known`, in an order that does not depend on the files', and renumbers the columns.
pub fn write(known: &[Window], t: &mut Tables) {
    let columns = [
        &mut t.record_window,
        &mut t.rule_window,
        &mut t.program_window,
        &mut t.listing_window,
        &mut t.grant_window,
        &mut t.freight_window,
        &mut t.check_window,
    ];
    let mut used: Vec<u32> = columns.iter().flat_map(|column| column.iter().copied()).collect();
    used.sort_unstable();
    used.dedup();
    used.sort_by_key(|id| &known[*id as usize]);
    let mut numbers = vec![0; known.len()];
    t.window_start.push(0);
    let mut last: Option<&Window> = None;
    for id in used {
        let window = &known[id as usize];
        if last != Some(window) {
            t.window_from.extend(window.iter().map(|occurrence| occurrence.from.0));
            t.window_to.extend(window.iter().map(|occurrence| occurrence.to.0));
            t.window_start.push(small(t.window_from.len()));
        }
        last = Some(window);
        numbers[id as usize] = small(t.window_start.len() - 2);
    }
    columns.into_iter().flatten().for_each(|id| *id = numbers[*id as usize]);
}
