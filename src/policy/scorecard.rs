use super::program::Period;
use super::{Name, OneOrMany};
use crate::diagnostic::Place;
use crate::num::{Number, Percent, Rounding};
use serde::Deserialize;

/// A scorecard (评分卡): how dealers are rated once a period, and which grade that gives them. Its results are proposals (`qudao grade`);
/// no bundle holds it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Scorecard {
    /// Id, unique in the policy.
    pub id: String,
    /// Name shown to people.
    #[serde(default)]
    pub name: Name,
    /// What one rating is about.
    pub period: Period,
    /// What is looked at. The weights add up to 100; a KPI without one is there for `needs`, `ties` or `deductions` only.
    pub kpis: Vec<Kpi>,
    /// Points taken off for what should not have happened.
    #[serde(default)]
    pub deductions: Vec<Deduction>,
    /// Points for whole years as a dealer (合作年限).
    #[serde(default)]
    pub tenure: Option<Tenure>,
    /// A dealer of fewer whole months at the end of the period is not rated. Default 0.
    #[serde(default)]
    pub newcomer_months: u32,
    /// KPIs that decide between equal scores, in this order; then the smaller dealer id.
    #[serde(default)]
    pub ties: Vec<String>,
    /// The grades, the best first.
    pub grades: Vec<GradeRule>,
    /// Who is proposed for elimination (末位淘汰). Absent: nobody.
    #[serde(default)]
    pub bottom: Option<Bottom>,
    /// Dealers that are never demoted and never proposed for elimination.
    #[serde(default)]
    pub protected: OneOrMany,
    /// Whole months between the end of the period and the day from which grades hold. Default 0: from the day after the period.
    #[serde(default)]
    pub notice_months: u32,
}

/// A figure by which dealers are rated: what it weighs, and at most one of `line` and `steps`, which make points of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Kpi {
    /// Id, unique in the scorecard; the column of the table of scores.
    pub id: String,
    /// Name shown to people.
    #[serde(default)]
    pub name: Name,
    /// What it weighs in the score.
    #[serde(default)]
    pub weight: Option<Percent>,
    /// Points that rise with the figure, or fall.
    #[serde(default)]
    pub line: Option<Line>,
    /// Points by steps.
    #[serde(default)]
    pub steps: Option<Vec<PointStep>>,
    /// Points where the figure is not known. Absent: then the dealer is not rated.
    #[serde(default)]
    pub missing: Option<Number>,
    /// Digits of the figure that a dealer is told to reach. Default 0.
    #[serde(default)]
    pub digits: u32,
}

/// Points in proportion: 0 at `zero`, 100 at `full`. With `full` below `zero` less is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The figure of 0 points.
    pub zero: Number,
    /// The figure of 100 points.
    pub full: Number,
    /// A worse figure than this has 0 points.
    #[serde(default)]
    pub floor: Option<Number>,
    /// The most points. Default 100.
    #[serde(default)]
    pub most: Option<Number>,
}

/// One step: exactly one of `from` (more is better) and `up_to` (less is better), and its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PointStep {
    /// The step holds from this figure on, inclusive.
    #[serde(default)]
    pub from: Option<Number>,
    /// The step holds up to this figure, inclusive.
    #[serde(default)]
    pub up_to: Option<Number>,
    /// Its points.
    pub points: Number,
}

/// Points taken off.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Deduction {
    /// The KPI that counts what happened.
    pub kpi: String,
    /// Points for each.
    pub each: Number,
    /// The most that is taken off.
    #[serde(default)]
    pub most: Option<Number>,
}

/// Points for years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Tenure {
    /// Points for each whole year.
    pub per_year: Number,
    /// The most that years give.
    #[serde(default)]
    pub most: Option<Number>,
}

/// Who gets a grade. A rule without any condition takes everybody.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GradeRule {
    /// The grade.
    pub grade: String,
    /// The least score.
    #[serde(default)]
    pub from: Option<Number>,
    /// The least score of a dealer who has this grade or a better one already (保级线). Absent: `from`.
    #[serde(default)]
    pub keep: Option<Number>,
    /// Figures that the dealer must have besides.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// At most this share of the rated dealers, those who rank first (名额).
    #[serde(default)]
    pub share: Option<Percent>,
    /// How the number of places is rounded. Default `down`.
    #[serde(default = "down")]
    pub round: Rounding,
}

/// A figure that a grade needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// The KPI.
    pub kpi: String,
    /// The least figure; of a KPI of which less is better, the most.
    pub value: Number,
}

/// Who is proposed for elimination: those who rank last, exactly one of `share` and `count` of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Bottom {
    /// Share of the rated dealers without the protected ones.
    #[serde(default)]
    pub share: Option<Percent>,
    /// How many of them.
    #[serde(default)]
    pub count: Option<u32>,
    /// How the number that `share` makes is rounded. Default `down`.
    #[serde(default = "down")]
    pub round: Rounding,
    /// With fewer rated dealers than this, the protected ones left out, nobody is. Default 0.
    #[serde(default)]
    pub sample: u32,
    /// Only those with a score below this.
    #[serde(default)]
    pub below: Option<Number>,
}

fn down() -> Rounding {
    Rounding::Down
}

/// A row of the table of scores: what is known of a dealer at the end of the period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScoreRow {
    /// Dealer id.
    pub dealer: String,
    /// The grade that he has; none for one who never had any.
    pub grade: Option<String>,
    /// The day since which he is a dealer, as it is written.
    pub since: Option<String>,
    /// His figures, in the order of [`Scorecard::kpis`].
    pub values: Vec<Option<Number>>,
    /// Row it was read from, for diagnostics.
    pub place: Place,
}

impl Kpi {
    /// Whether less of it is better.
    pub fn less_is_better(&self) -> bool {
        let falls = self.line.is_some_and(|line| line.full < line.zero);
        falls || self.steps.as_ref().is_some_and(|steps| steps.iter().any(|step| step.up_to.is_some()))
    }
}
