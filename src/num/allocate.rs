use super::{Money, Overflow, Rounding, divide};
use crate::policy::Remainder;
use crate::sort::sort;
use std::cmp::Ordering;

/// Rounds of a selection, each of which leaves half of what there was, or so; then all is sorted.
const SELECT_ROUNDS: usize = 40;

/// One receiver of an allocation: what it is weighted by, and the most it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Weight, not negative.
    pub weight: i64,
    /// The most it may take, not negative.
    pub capacity: Money,
}

/// Splits `total` over `weights` in proportion; the parts sum to `total` exactly.
///
/// Shape: one part per weight, same order; callers sort by line id. Zero weights get nothing, unless all are zero: then the split is even.
/// The cents that whole shares leave go by `remainder`: largest fraction, then larger weight, then first; or simply from the first or the last.
/// A negative total is split as its absolute value and negated.
///
/// # Errors
/// [`Overflow`] when there is nobody to receive a total that is not zero, or a weight is negative.
///
/// ```
/// use qudao::num::{allocate, Money};
/// use qudao::policy::Remainder;
/// let parts = allocate(Money(1000), &[100, 100, 100], Remainder::Largest).unwrap();
/// assert_eq!(parts, [Money(334), Money(333), Money(333)]);
/// ```
pub fn allocate(total: Money, weights: &[i64], remainder: Remainder) -> Result<Vec<Money>, Overflow> {
    if weights.iter().any(|w| *w < 0) {
        return Err(Overflow);
    }
    let weight_sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if weight_sum == 0 {
        return match (total.0, weights.len()) {
            (0, _) => Ok(vec![Money::ZERO; weights.len()]),
            (_, 0) => Err(Overflow),
            (_, count) => allocate(total, &vec![1; count], remainder),
        };
    }
    let amount = i128::from(total.0.unsigned_abs());
    let mut parts = Vec::with_capacity(weights.len());
    let mut fractions = Vec::with_capacity(weights.len());
    // Nearly every product fits 64 bits, where wasm divides many times faster.
    let narrow = u64::try_from(amount * weight_sum).is_ok().then(|| u64::try_from(weight_sum)).and_then(Result::ok);
    for weight in weights {
        let (part, fraction) = match narrow {
            Some(sum) => {
                let product = total.0.unsigned_abs() * weight.unsigned_abs();
                ((product / sum).cast_signed(), i128::from(product % sum))
            }
            None => {
                let product = amount * i128::from(*weight);
                (divide(product, weight_sum, Rounding::Down)?, product % weight_sum)
            }
        };
        parts.push(Money(part));
        fractions.push(fraction);
    }
    let given = Money::sum(parts.iter().copied())?;
    let left = usize::try_from(amount - i128::from(given.0)).map_err(|_| Overflow)?;
    let mut receivers: Vec<usize> = (0..weights.len()).filter(|i| weights[*i] > 0).collect();
    match remainder {
        _ if left == 0 => {}
        // A share that came out whole never gets an odd cent: there are at least as many fractions as cents left.
        Remainder::Largest => to_front(&mut receivers, left, &|a, b| (fractions[b], weights[b], a) < (fractions[a], weights[a], b)),
        Remainder::First => {}
        Remainder::Last => receivers.reverse(),
    }
    for receiver in receivers.into_iter().take(left) {
        parts[receiver] = parts[receiver].plus(Money(1))?;
    }
    if total.0 < 0 {
        parts.iter_mut().for_each(|part| part.0 = -part.0);
    }
    Ok(parts)
}

/// Puts the first `count` of an order to the front, whatever their order among themselves: who they are is all that matters, and looking for that
/// is a sixth of the work of sorting.
fn to_front(list: &mut Vec<usize>, count: usize, before: &dyn Fn(usize, usize) -> bool) {
    let (mut low, mut high) = (0, list.len());
    for _ in 0..SELECT_ROUNDS {
        if count <= low || high <= count {
            return;
        }
        let middle = low + (high - low) / 2;
        let pivot = list[middle];
        list.swap(middle, high - 1);
        let mut at = low;
        for next in low..high - 1 {
            if before(list[next], pivot) {
                list.swap(next, at);
                at += 1;
            }
        }
        list.swap(at, high - 1);
        (low, high) = if at < count { (at + 1, high) } else { (low, at) };
    }
    // Pivots that were bad again and again.
    sort(list, |a, b| if before(*a, *b) { Ordering::Less } else { Ordering::Greater });
}

/// Splits `total` like [`allocate`], but no part takes more than its capacity; what a full part cannot take goes to the others (water-filling).
/// What nobody can take is not given: the parts sum to `min(total, Σ capacity)`.
///
/// Shape and order as in [`allocate`]; `total` is not negative.
///
/// ```
/// use qudao::num::{fill, Money, Part};
/// use qudao::policy::Remainder;
/// // 20.00 off a line of 50.00 that may fall to 45.00, and a line of 20.00: 5.00 and 15.00.
/// let lines = [Part { weight: 5000, capacity: Money(500) }, Part { weight: 2000, capacity: Money(2000) }];
/// assert_eq!(fill(Money(2000), &lines, Remainder::Largest).unwrap(), [Money(500), Money(1500)]);
/// ```
pub fn fill(total: Money, parts: &[Part], remainder: Remainder) -> Result<Vec<Money>, Overflow> {
    let all_zero = parts.iter().all(|part| part.weight == 0);
    let weight = |part: &Part| if all_zero { 1 } else { i128::from(part.weight) };
    let room: i128 = parts.iter().filter(|part| weight(part) > 0).map(|part| i128::from(part.capacity.0)).sum();
    let mut left = i128::from(total.0).min(room);
    let mut given = vec![Money::ZERO; parts.len()];
    let mut weight_left: i128 = parts.iter().map(weight).sum();
    // Emptiest first: capacity per weight, compared exactly by cross-multiplication.
    let mut open: Vec<usize> = (0..parts.len()).filter(|i| weight(&parts[*i]) > 0).collect();
    sort(&mut open, |a, b| {
        let (a, b) = (&parts[*a], &parts[*b]);
        (i128::from(a.capacity.0) * weight(b)).cmp(&(i128::from(b.capacity.0) * weight(a)))
    });
    let mut full = 0;
    for index in &open {
        let part = &parts[*index];
        if i128::from(part.capacity.0) * weight_left > weight(part) * left {
            break;
        }
        given[*index] = part.capacity;
        left -= i128::from(part.capacity.0);
        weight_left -= weight(part);
        full += 1;
    }
    // Every part that is still open has more room than its exact share, so also room for an odd cent.
    let mut rest: Vec<usize> = open.split_off(full);
    sort(&mut rest, Ord::cmp);
    let weights: Vec<i64> = rest.iter().map(|i| if all_zero { 1 } else { parts[*i].weight }).collect();
    let left = Money(i64::try_from(left).map_err(|_| Overflow)?);
    for (index, share) in rest.into_iter().zip(allocate(left, &weights, remainder)?) {
        given[index] = share;
    }
    Ok(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(total: i64, weights: &[i64], remainder: Remainder) -> Vec<i64> {
        allocate(Money(total), weights, remainder).unwrap().into_iter().map(|m| m.0).collect()
    }

    #[test]
    fn the_odd_cent_has_an_owner() {
        assert_eq!(split(1000, &[1, 1, 1], Remainder::Largest), [334, 333, 333]);
        assert_eq!(split(1000, &[1, 1, 1], Remainder::Last), [333, 333, 334]);
        assert_eq!(split(299, &[4300, 1400, 2300], Remainder::Largest), [161, 52, 86]);
        assert_eq!(split(300, &[4300, 1400, 2300], Remainder::Largest), [161, 53, 86]);
        assert_eq!(split(300, &[4300, 1400, 2300], Remainder::First), [162, 52, 86]);
        assert_eq!(split(-1000, &[1, 1, 1], Remainder::Largest), [-334, -333, -333]);
        assert_eq!(split(5, &[0, 0], Remainder::Largest), [3, 2]);
        assert_eq!(split(5, &[0, 7, 0], Remainder::First), [0, 5, 0]);
        assert_eq!(allocate(Money(1), &[], Remainder::Largest), Err(Overflow));
    }

    #[test]
    fn the_first_ones_come_to_the_front() {
        for count in 0..=200 {
            let key = |at: usize| at * 7919 % 101;
            let before = |a: usize, b: usize| (key(a), a) < (key(b), b);
            let (mut list, mut sorted): (Vec<usize>, Vec<usize>) = ((0..200).collect(), (0..200).collect());
            to_front(&mut list, count, &before);
            sorted.sort_by_key(|at| (key(*at), *at));
            list[..count].sort_by_key(|at| (key(*at), *at));
            assert_eq!(list[..count], sorted[..count]);
        }
    }

    #[test]
    fn full_parts_pass_the_rest_on_and_never_overflow() {
        let parts = |list: &[(i64, i64)]| {
            list.iter().map(|(weight, capacity)| Part { weight: *weight, capacity: Money(*capacity) }).collect::<Vec<_>>()
        };
        let filled = |total, list: &[(i64, i64)]| {
            fill(Money(total), &parts(list), Remainder::Largest).unwrap().into_iter().map(|m| m.0).collect::<Vec<_>>()
        };
        assert_eq!(filled(1400, &[(5000, 500), (2000, 2000)]), [500, 900]);
        assert_eq!(filled(9999, &[(5000, 500), (2000, 2000)]), [500, 2000]);
        assert_eq!(filled(10, &[(0, 3), (0, 100)]), [3, 7]);
        assert_eq!(filled(10, &[(0, 3), (5, 4)]), [0, 4]);
    }
}
