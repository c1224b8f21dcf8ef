//! Steps that a measure is divided into (阶梯满减): each counts as often as it is taken, with its own amount.

use crate::bundle::{Loaded, decoded};
use crate::id::RuleId;
use crate::num::{Money, Overflow, common};
use crate::policy::Decompose;

/// A step that was taken: its amount, and how often.
pub type Taken = (i64, i64);

/// The steps that `measured` is divided into, the highest first; none where only the highest reached one counts.
pub fn decompose(policy: &Loaded, rule: RuleId, measured: i64) -> Vec<Taken> {
    let t = &policy.tables;
    let steps = t.steps(rule);
    let (from, off) = (&t.step_from[steps.clone()], &t.step_value[steps]);
    match decoded(t.rule_decompose[rule.index()]) {
        Decompose::Highest => Vec::new(),
        Decompose::Greedy => {
            greedy(from, measured).zip(off.iter().rev()).map(|(times, off)| (*off, times)).filter(|(_, times)| *times > 0).collect()
        }
        Decompose::Best => best(from, off, measured),
    }
}

/// How often each step is taken, the highest first.
fn greedy(from: &[i64], mut left: i64) -> impl Iterator<Item = i64> {
    from.iter().rev().map(move |from| {
        let times = left / from;
        left %= from;
        times
    })
}

/// The first so many of what was taken, together.
pub fn amount(taken: &[Taken], times: i64) -> Result<Money, Overflow> {
    let mut left = times;
    taken.iter().try_fold(Money::ZERO, |sum, (off, count)| {
        let some = left.min(*count);
        left -= some;
        sum.plus(Money(*off).times(some)?)
    })
}

/// Where the measure is divided otherwise: with `greedy` the next such, with `best` the next where more is taken off.
pub fn next(policy: &Loaded, rule: RuleId, measured: i64) -> Option<i64> {
    let t = &policy.tables;
    let steps = t.steps(rule);
    let from = &t.step_from[steps];
    if decoded::<Decompose>(t.rule_decompose[rule.index()]) == Decompose::Greedy {
        // Each step is taken once more where what the higher ones leave is a multiple more of it.
        let mut left = measured;
        return from
            .iter()
            .rev()
            .filter_map(|from| {
                let missing = from - left % from;
                left %= from;
                measured.checked_add(missing)
            })
            .min();
    }
    let worth =
        |measured: i64| decompose(policy, rule, measured).iter().map(|(off, times)| i128::from(*off) * i128::from(*times)).sum::<i128>();
    let (unit, now) = (common(from), worth(measured));
    // One more of the lowest step always takes more off.
    (1..=from[0] / unit).find_map(|more| (measured / unit).checked_add(more)?.checked_mul(unit).filter(|then| worth(*then) > now))
}

/// The steps that together go into `measured` and take most off; of equal ones those with more of the highest step, then of the next.
fn best(from: &[i64], off: &[i64], measured: i64) -> Vec<Taken> {
    let unit = common(from);
    let size = |step: usize| from[step] / unit;
    // The step that takes most for its size, the highest of equal ones. Of as many others as its size, some together are a multiple of it and take no
    // more than it does in their place, so the best has fewer others than that.
    let product = |a: i64, b: i64| i128::from(a) * i128::from(b);
    let dearest =
        (0..from.len()).fold(0, |best, step| if product(off[step], size(best)) >= product(off[best], size(step)) { step } else { best });
    let others = size(dearest) * size(from.len() - 1);
    let all = measured / unit;
    let certain = ((all - others) / size(dearest)).max(0);
    let left = usize::try_from(all - certain * size(dearest)).unwrap_or(0);
    let sizes: Vec<usize> = (0..from.len()).map(|step| usize::try_from(size(step)).unwrap_or(usize::MAX)).collect();
    let mut most = vec![0_i64; left + 1];
    for room in 1..=left {
        let fits = sizes.iter().zip(off).filter(|(size, _)| **size <= room);
        most[room] = fits.map(|(size, off)| off.saturating_add(most[room - size])).max().unwrap_or(0);
    }
    let mut taken = Vec::new();
    let mut room = left;
    for step in (0..from.len()).rev() {
        let mut times = if step == dearest { certain } else { 0 };
        while sizes[step] <= room && most[room] == off[step].saturating_add(most[room - sizes[step]]) {
            room -= sizes[step];
            times += 1;
        }
        if times > 0 {
            taken.push((off[step], times));
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every way to take steps, the best by what it takes off, then by how often it takes the highest, and so on.
    fn all(from: &[i64], off: &[i64], measured: i64) -> (i64, Vec<i64>) {
        let Some((last, rest)) = from.split_last() else { return (0, Vec::new()) };
        let tried = (0..=measured / last).map(|times| {
            let (sum, counts) = all(rest, &off[..rest.len()], measured - times * last);
            (sum + times * off[rest.len()], [&[times], &counts[..]].concat())
        });
        tried.max().expect("at least none is taken")
    }

    #[test]
    fn the_best_steps_are_those_of_trying_all() {
        let mut seed: u64 = 7;
        let mut next = |below: i64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from((seed >> 33) % below.unsigned_abs()).unwrap()
        };
        let mut not_greedy = 0;
        for _ in 0..3_000 {
            let unit = 1 + next(4);
            let mut from: Vec<i64> = (0..1 + next(3)).map(|_| unit * (1 + next(9))).collect();
            from.sort_unstable();
            from.dedup();
            let off: Vec<i64> = from.iter().map(|from| 1 + next(from + 2)).collect();
            let measured = next(unit * 60);
            let (sum, counts) = all(&from, &off, measured);
            let expected: Vec<Taken> = off.iter().rev().copied().zip(counts).filter(|(_, times)| *times > 0).collect();
            assert_eq!(best(&from, &off, measured), expected, "{from:?} {off:?} {measured}");
            let taken: i64 = greedy(&from, measured).zip(off.iter().rev()).map(|(times, off)| times * off).sum();
            not_greedy += i32::from(taken < sum);
        }
        assert!(not_greedy > 500, "{not_greedy}");
    }
}
