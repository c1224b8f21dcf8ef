//! Figures of KPIs as points, and back.

use super::{Figure, figure};
use crate::limit;
use crate::num::{Rounding, Scale, divide};
use crate::policy::{Kpi, Line, PointStep};

/// 100 points.
const FULL: i64 = 100_000_000;

/// The points of a figure, cut to the digits of points.
pub fn points(kpi: &Kpi, value: Figure) -> Figure {
    match (&kpi.line, &kpi.steps) {
        (Some(line), _) => on_line(line, value),
        (None, Some(steps)) => on_steps(steps, value),
        (None, None) => 0,
    }
}

fn on_line(line: &Line, value: Figure) -> Figure {
    let (zero, full) = (figure(line.zero), figure(line.full));
    let rising = full > zero;
    let worse = |floor: Figure| if rising { value < floor } else { value > floor };
    if line.floor.is_some_and(|floor| worse(figure(floor))) {
        return 0;
    }
    let (way, whole) = if rising { (value - zero, full - zero) } else { (zero - value, zero - full) };
    // The way may be so long that the points do not fit; they are the most then.
    let most = line.most.map_or(FULL, figure);
    let points = divide(i128::from(way.max(0)) * i128::from(FULL), i128::from(whole), Rounding::Down);
    points.map_or(most, |points| points.min(most))
}

fn on_steps(steps: &[PointStep], value: Figure) -> Figure {
    let from = |step: &&PointStep| step.from.is_some_and(|from| value >= figure(from));
    let up_to = |step: &&PointStep| step.up_to.is_some_and(|up_to| value <= figure(up_to));
    let reached = steps.iter().rev().find(from).or_else(|| steps.iter().find(up_to));
    reached.map_or(0, |step| figure(step.points))
}

/// The nearest figure, with the digits of the KPI, that has at least so many points; none where no figure has.
pub fn figure_for(kpi: &Kpi, wanted: Figure) -> Option<Figure> {
    let steps = kpi.steps.iter().flatten();
    let nearest = match &kpi.line {
        Some(line) => {
            let (zero, full) = (figure(line.zero), figure(line.full));
            let product = i128::from(full - zero) * i128::from(wanted);
            let way = divide(product, i128::from(FULL), Rounding::Down).ok()?;
            let floor = line.floor.map(figure);
            let value = zero.checked_add(way)?;
            if full > zero { value.max(floor.unwrap_or(value)) } else { value.min(floor.unwrap_or(value)) }
        }
        None if kpi.less_is_better() => {
            steps.filter(|step| figure(step.points) >= wanted).filter_map(|step| step.up_to).map(figure).max()?
        }
        None => steps.filter(|step| figure(step.points) >= wanted).filter_map(|step| step.from).map(figure).min()?,
    };
    let grid = 10_i64.pow(Scale::SCORE.0 - kpi.digits.min(Scale::SCORE.0));
    let better = if kpi.less_is_better() { -grid } else { grid };
    // The figure on the grid that is no worse; one further where cutting took what was missing.
    let below = nearest.div_euclid(grid) * grid;
    let start = if below == nearest || kpi.less_is_better() { below } else { below + grid };
    let most = limit::SCORE_FIGURE.saturating_mul(1_000_000);
    [start, start.saturating_add(better)].into_iter().find(|value| value.abs() <= most && points(kpi, *value) >= wanted)
}
