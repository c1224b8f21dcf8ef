//! Splitting an amount (§10). Positions are lines in order of their ids.

use super::exact::{Exact, whole};
use qudao::policy::Remainder;

/// §10.2: every position gets its share without the fraction, and the units that are left go one each.
pub fn split(amount: i128, weights: &[Exact], remainder: Remainder) -> Vec<i128> {
    if amount < 0 {
        // Signs are symmetric, as in §1.6.
        return split(-amount, weights, remainder).into_iter().map(|part| -part).collect();
    }
    let weights = effective(weights);
    let exact = shares(amount, &weights);
    let mut parts: Vec<i128> = exact.iter().map(|share| share.to_integer()).collect();
    let mut order: Vec<usize> = (0..parts.len()).filter(|at| weights[*at] > whole(0)).collect();
    match remainder {
        // The sort is stable, so ties stay in order of id.
        Remainder::Largest => order.sort_by(|a, b| (exact[*b].fract(), weights[*b]).cmp(&(exact[*a].fract(), weights[*a]))),
        Remainder::First => {}
        Remainder::Last => order.reverse(),
    }
    let left = usize::try_from(amount - parts.iter().sum::<i128>()).expect("shares without fractions are not more than the amount");
    for at in &order[..left] {
        parts[*at] += 1;
    }
    parts
}

/// §10.3: the parts, and what is lost.
pub fn fill(amount: i128, weights: &[Exact], capacities: &[i128], remainder: Remainder) -> (Vec<i128>, i128) {
    let weights = effective(weights);
    let mut inside: Vec<usize> = (0..weights.len()).filter(|at| weights[*at] > whole(0)).collect();
    let room: i128 = inside.iter().map(|at| capacities[*at]).sum();
    let lost = (amount - room).max(0);
    let mut rest = amount - lost;
    let mut parts = vec![0; weights.len()];
    loop {
        let inner: Vec<Exact> = inside.iter().map(|at| weights[*at]).collect();
        let exact = shares(rest, &inner);
        let full = (0..inside.len()).find(|position| exact[*position] >= whole(capacities[inside[*position]]));
        match full {
            Some(position) => {
                let at = inside.remove(position);
                parts[at] = capacities[at];
                rest -= capacities[at];
            }
            None => {
                for (at, part) in inside.iter().zip(split(rest, &inner, remainder)) {
                    parts[*at] = part;
                }
                return (parts, lost);
            }
        }
    }
}

/// All weigh the same when all weigh nothing.
fn effective(weights: &[Exact]) -> Vec<Exact> {
    if weights.iter().all(|weight| *weight == whole(0)) { vec![whole(1); weights.len()] } else { weights.to_vec() }
}

fn shares(amount: i128, weights: &[Exact]) -> Vec<Exact> {
    let sum: Exact = weights.iter().sum();
    weights.iter().map(|weight| whole(amount) * weight / sum).collect()
}
