//! Contests.

use super::findings::{Findings, Spot};
use super::names::check_id;
use super::number::{self, Least, Measure};
use super::settings::Constants;
use crate::diagnostic::{Code, nearest};
use crate::limit;
use crate::num::{Percent, Scale};
use crate::policy::{Against, Contest, Policy, Qualifier, RankedBy};
use std::collections::HashSet;

/// Checks the contests.
pub fn check(policy: &Policy, constants: &Constants, findings: &mut Findings) {
    let mut known = HashSet::new();
    for (index, contest) in policy.contests.iter().enumerate() {
        let path = format!("contests[{index}]");
        let id = format!("{path}.id");
        check_id(&contest.id, Spot::Path(&id), findings);
        if !known.insert(&contest.id) {
            let message = format!("`{}` is the id of another contest", contest.id);
            findings.add(Code::IdDuplicate, Spot::Path(&id), message, "give each its own id");
        }
        let program = policy.programs.iter().find(|program| program.id == contest.program);
        let Some(program) = program else {
            let help = match nearest(&contest.program, policy.programs.iter().map(|program| program.id.as_str())) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "name a program: its dealers take part, and what it counts ranks them".to_owned(),
            };
            let message = format!("there is no program `{}`", contest.program);
            findings.add(Code::IdUnknown, Spot::Path(&format!("{path}.program")), message, help);
            continue;
        };
        if contest.by == RankedBy::Percent && program.against == Against::Nothing {
            let message = format!("`{}` has no targets and no last years", program.id);
            let help = "write `by: volume`, or `against` in the program";
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.by")), message, help);
        }
        if let Some(minimum) = contest.minimum {
            let spot = format!("{path}.minimum");
            match (contest.by, program.qualifier) {
                (RankedBy::Percent, _) => {
                    if minimum.scaled(Scale(Percent::DIGITS)).is_err() {
                        let message = format!("`minimum` cannot be `{minimum}`");
                        findings.add(
                            Code::NumberRange,
                            Spot::Path(&spot),
                            message,
                            "write a percentage with at most 4 digits after the point",
                        );
                    }
                }
                (RankedBy::Volume, Qualifier::Amount) => {
                    number::check(minimum, Measure::Money, Least::AboveZero, Spot::Path(&spot), constants, findings);
                }
                (RankedBy::Volume, Qualifier::Quantity) => {
                    number::check(minimum, Measure::Quantity, Least::AboveZero, Spot::Path(&spot), constants, findings);
                }
            }
        }
        check_prizes(contest, &path, constants, findings);
    }
}

fn check_prizes(contest: &Contest, path: &str, constants: &Constants, findings: &mut Findings) {
    if contest.prizes.is_empty() {
        let help = "write what the first wins: `prizes: [{ amount: 5000 }]`";
        findings.add(Code::ShapeWrong, Spot::Path(&format!("{path}.prizes")), "nobody wins anything", help);
    }
    let mut places = 0_u32;
    for (at, prize) in contest.prizes.iter().enumerate() {
        let path = format!("{path}.prizes[{at}]");
        number::check(prize.amount, Measure::Money, Least::AboveZero, Spot::Path(&format!("{path}.amount")), constants, findings);
        places = places.saturating_add(prize.places);
        if prize.places == 0 || places > limit::CONTEST_PLACES {
            let help = format!("write 1 or more, and at most {} for all prizes together", limit::CONTEST_PLACES);
            let message = format!("`places` cannot be `{}`", prize.places);
            findings.add(Code::NumberRange, Spot::Path(&format!("{path}.places")), message, help);
        }
    }
}
