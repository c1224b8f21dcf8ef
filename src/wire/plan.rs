//! Plans of redemption as canonical JSON.

use super::answer::Writer;
use super::door::{overflow, read};
use super::{Faults, Json, Node};
use crate::Engine;
use crate::bundle::Loaded;
use crate::facts::Question;
use crate::num::Money;
use crate::plan::{self, Plan};
use crate::time::Instant;
use crate::transition::Terms;

/// The best use of lots over an order, for `{ order, dealer, now, until }`.
/// # Errors
/// Every fault of the input.
pub fn redemption_plans(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let policy = engine.policy();
    let (question, until) = read(|reader| reader.question(policy, input, |reader, entries| entries.instant(reader, "until")))?;
    let terms = engine.terms(&question.dealer, question.order.source.as_deref(), question.now, question.order.delivery.from);
    plans_of(policy, &terms, &question, until)
}

/// The best use of lots over a cart, asked for with `{ until }`.
/// # Errors
/// Every fault of the input.
pub fn plans_until(policy: &Loaded, terms: &Terms, question: &Question, input: &Node) -> Result<String, Faults> {
    plans_of(policy, terms, question, read(|reader| reader.only(input, |reader, entries| entries.instant(reader, "until")))?)
}

fn plans_of(policy: &Loaded, terms: &Terms, question: &Question, until: Instant) -> Result<String, Faults> {
    let found = plan::plans(policy, terms, &question.order, &question.dealer, until).map_err(overflow)?;
    Ok(Json::write(|j| {
        j.object(|j| {
            j.key("plans").list(&found.plans, |j, Plan { redeem, rebate, lost, worth, answer }| {
                j.object(|j| {
                    let writer = Writer(answer.policy);
                    for (key, amount) in [
                        ("redeem", redeem),
                        ("payable", &answer.quote.totals.payable),
                        ("rebate", rebate),
                        ("lost", lost),
                        ("worth", worth),
                    ] {
                        writer.money_field(j, key, *amount);
                    }
                    let lots = answer.quote.redemption.iter().flat_map(|redemption| &redemption.lots);
                    j.key("lots").list(lots, |j, (lot, used, left)| {
                        j.object(|j| {
                            let lot = &question.dealer.lots[*lot];
                            j.key("id").text(&lot.id);
                            j.key("expires").integer_or_null(lot.expires.map(|expires| expires.0));
                            writer.money_field(j, "used", *used);
                            writer.money_field(j, "left", *left);
                            let soon = lot.expires.is_some_and(|expires| expires <= until);
                            j.key("lost").boolean(soon && *left > Money::ZERO);
                        });
                    });
                });
            });
            j.key("quotes").integer(i64::from(found.quotes));
            j.key("complete").boolean(found.complete);
        });
    }))
}
