//! In which order units are given away.

use super::{Offer, Slot, Unit};

/// An order to give units away in, so that few offers are begun at the same time: those of a line together, of slots for whose benefit it matters the
/// dearer first. Positions in unit order.
pub fn order(units: &[Unit], slots: &[Slot], offers: &[Offer], offer_of: &[usize]) -> Vec<usize> {
    let all: Vec<usize> = (0..units.len()).collect();
    let classes: Vec<&[usize]> = all.chunk_by(|a, b| units[*a].line == units[*b].line && units[*a].value == units[*b].value).collect();
    if offers.len() < 2 || classes.len() > MOST_CLASSES {
        return all;
    }
    let fits = |class: &[usize], slot: &usize| slots[*slot].lines[units[class[0]].line];
    let slots_of: Vec<Vec<usize>> = classes.iter().map(|class| (0..slots.len()).filter(|slot| fits(class, slot)).collect()).collect();
    // How many classes each offer has ahead, and whether some are behind.
    let mut ahead = vec![0; offers.len()];
    let mut begun = vec![false; offers.len()];
    let offers_of = |class: usize| {
        let mut own: Vec<usize> = slots_of[class].iter().map(|slot| offer_of[*slot]).collect();
        own.dedup();
        own
    };
    for class in 0..classes.len() {
        offers_of(class).into_iter().for_each(|offer| ahead[offer] += 1);
    }
    let mut left: Vec<usize> = (0..classes.len()).collect();
    let mut order = Vec::with_capacity(units.len());
    while !left.is_empty() {
        let mut best = (usize::MAX, 0);
        let mut blocked = vec![false; slots.len()];
        for (at, class) in left.iter().enumerate() {
            let own = &slots_of[*class];
            if !own.iter().any(|slot| blocked[*slot]) {
                let touched = offers_of(*class);
                let open = |offer: usize| {
                    let now = touched.contains(&offer);
                    (begun[offer] || now) && ahead[offer] > usize::from(now)
                };
                // The states of an offer of several slots are many more.
                let cost =
                    (0..offers.len()).filter(|offer| open(*offer)).map(|offer| if offers[offer].slots.len() > 1 { 4 } else { 1 }).sum();
                if cost < best.0 {
                    best = (cost, at);
                }
            }
            own.iter().filter(|slot| slots[**slot].cheapest < slots[**slot].quantity).for_each(|slot| blocked[*slot] = true);
        }
        let class = left.remove(best.1);
        order.extend_from_slice(classes[class]);
        for offer in offers_of(class) {
            begun[offer] = true;
            ahead[offer] -= 1;
        }
    }
    order
}

/// Classes of equal units that an order is looked for.
const MOST_CLASSES: usize = 500;
