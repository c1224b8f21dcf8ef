//! Hints and equal alternatives as canonical JSON.

use super::answer::Writer;
use super::door::{overflow, read};
use super::read::Reader;
use super::{Faults, Json, Node};
use crate::Engine;
use crate::alternative::{self, Alternative};
use crate::bundle::Loaded;
use crate::explain::{self, Language};
use crate::facts::{EnteredCoupon, Question};
use crate::hint::{self, Change, Effect, Hint, Hints, Raised, Target};
use crate::transition::Terms;

/// What is asked beside the order: codes that the dealer holds, and the language of the sentences, if there are to be any.
pub type Wish = (Vec<EnteredCoupon>, Option<Language>);

/// Hints for `{ order, dealer, now, coupons?, language? }`.
/// # Errors
/// Every fault of the input.
pub fn hints(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let policy = engine.policy();
    let (question, wish) = read(|reader| reader.question(policy, input, |reader, entries| entries.wish(reader, policy)))?;
    let terms = engine.terms(&question.dealer, question.order.source.as_deref(), question.now, question.order.delivery.from);
    hints_of(policy, &terms, &question, &wish)
}

/// Hints for a cart, with `{ coupons?, language? }`.
/// # Errors
/// `AMOUNT_OVERFLOW`.
pub fn hints_of(policy: &Loaded, terms: &Terms, question: &Question, wish: &Wish) -> Result<String, Faults> {
    let hints = hint::hints(policy, terms, &question.order, &wish.0).map_err(overflow)?;
    Ok(Json::write(|j| {
        j.object(|j| {
            for (key, list) in [("hints", &hints.hints), ("tiers", &hints.tiers), ("packs", &hints.packs)] {
                j.key(key).list(list, |j, hint| j.object(|j| Writer(hints.now.policy).hint(j, &hints, hint, wish.1)));
            }
            j.key("quotes").integer(i64::from(hints.quotes));
            j.key("complete").boolean(hints.complete);
        });
    }))
}

/// Equal alternatives for `{ order, dealer, now }`.
/// # Errors
/// Every fault of the input.
pub fn alternatives(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let policy = engine.policy();
    let (question, ()) = read(|reader| reader.question(policy, input, |_, _| Some(())))?;
    let terms = engine.terms(&question.dealer, question.order.source.as_deref(), question.now, question.order.delivery.from);
    alternatives_of(policy, &terms, &question)
}

/// Equal alternatives of a cart.
/// # Errors
/// `AMOUNT_OVERFLOW`.
pub fn alternatives_of(policy: &Loaded, terms: &Terms, question: &Question) -> Result<String, Faults> {
    let found = alternative::alternatives(policy, terms, &question.order).map_err(overflow)?;
    Ok(Json::write(|j| {
        j.object(|j| {
            j.key("alternatives").list(&found.list, |j, Alternative { decline, applied, answer }| {
                j.object(|j| {
                    let writer = Writer(answer.policy);
                    j.key("decline").list(decline, |j, id| j.text(id));
                    j.key("applied").list(applied, |j, rule| j.text(answer.policy.rule(*rule)));
                    writer.gifts(j, &answer.quote);
                    writer.totals(j.key("totals"), &answer.quote.totals);
                });
            });
            j.key("quotes").integer(i64::from(found.quotes));
            j.key("complete").boolean(found.complete);
        });
    }))
}

/// Reads `{ coupons?, language? }`.
/// # Errors
/// Every fault of the input.
pub fn read_wish(policy: &Loaded, input: &Node) -> Result<Wish, Faults> {
    read(|reader: &mut Reader| reader.only(input, |reader, entries| entries.wish(reader, policy)))
}

impl Writer<'_> {
    fn hint(self, j: &mut Json, hints: &Hints, hint: &Hint, language: Option<Language>) {
        let policy = self.0;
        j.key("kind").text(hint.kind.word());
        let (promotion, program) = match hint.target {
            Target::Promotion(rule) => (Some(policy.rule(rule)), None),
            Target::Program(program) => (None, Some(policy.program(program))),
            Target::Itself => (None, None),
        };
        j.key("promotion").text_or_null(promotion);
        j.key("program").text_or_null(program);
        j.key("change").object(|j| match &hint.change {
            Change::Lines(raised) => j.key("lines").list(raised, |j, Raised { line, more }| {
                j.object(|j| {
                    j.key("line").text(&line.id);
                    j.key("sku").text(policy.sku(line.product));
                    j.key("unit").text(policy.unit_text(line.product, line.unit));
                    self.quantity_field(j, "quantity", line.ordered);
                    self.quantity_field(j, "more", *more);
                });
            }),
            Change::Coupon(code) => j.key("coupon").text(code),
            Change::Decline(rule) => j.key("decline").text(policy.rule(*rule)),
        });
        let Effect { outlay, saving, gift_value, rebate, rebates, list, benefit, unit_price, gifts, totals, policy: side } = &hint.effect;
        for (key, amount) in
            [("outlay", outlay), ("saving", saving), ("gift_value", gift_value), ("rebate", rebate), ("benefit", benefit), ("list", list)]
        {
            self.money_field(j, key, *amount);
        }
        j.key("rebates").list(rebates, |j, (program, amount)| {
            j.object(|j| {
                j.key("program").text(program);
                self.money_field(j, "amount", *amount);
            });
        });
        match unit_price {
            Some(price) => self.unit_price_field(j, "unit_price", price.0),
            None => j.key("unit_price").null(),
        }
        j.key("gifts").list(gifts, |j, (promotion, product, quantity, value)| {
            j.object(|j| {
                j.key("promotion").text(promotion);
                j.key("sku").text(policy.sku(*product));
                self.quantity_field(j, "quantity", *quantity);
                self.money_field(j, "value", *value);
            });
        });
        Writer(side).totals(j.key("totals"), totals);
        if let Some(language) = language {
            j.key("text").text(&explain::hint(policy, &hints.now.quote, hint, language));
        }
    }
}
