//! What a return comes to, as canonical JSON.

use super::answer::Writer;
use super::door::{overflow, read};
use super::{Faults, Json, Node};
use crate::Engine;
use crate::explain::{self, Language};
use crate::facts::{DealerFacts, Question};
use crate::num::{Money, Quantity};
use crate::returns::{self, LineBack, Return};

/// What it comes to if units come back, for `{ order, dealer, now, lines, returned?, today?, language? }`.
/// # Errors
/// Every fault of the input.
pub fn return_preview(engine: &Engine, input: &Node) -> Result<String, Faults> {
    let policy = engine.policy();
    let (question, (lines, returned, today, language)) = read(|reader| {
        reader.question(policy, input, |reader, entries| {
            let lines = entries.need_node(reader, "lines")?;
            let returned = entries.node("returned");
            let today = match entries.node("today") {
                Some((node, path)) => Some(reader.day_of(policy, &node, &path)?),
                None => None,
            };
            let language = match entries.text(reader, "language") {
                Some(tag) => Some(reader.language(&tag)?),
                None => None,
            };
            Some((lines, returned, today, language))
        })
    })?;
    let taken = read(|reader| {
        if let Some((dealer, _)) = today.as_ref().filter(|(dealer, _)| dealer.id != question.dealer.id) {
            let help = "send the facts of the dealer who placed the order";
            reader.fault("RETURN_INVALID", "today.dealer.id", &Node::Text(dealer.id.clone()), "the order is another dealer's", help);
        }
        reader.taken(policy, &question.order, &lines, returned.as_ref())
    })?;
    let terms = |dealer: &DealerFacts, now| engine.terms(dealer, question.order.source.as_deref(), now, question.order.delivery.from);
    let own = terms(&question.dealer, question.now);
    let today = today.map(|(dealer, now)| (terms(&dealer, now), now));
    let asked = (&question.order, &question.dealer, question.now);
    let found = returns::preview(policy, &own, asked, &taken, today.as_ref().map(|(terms, now)| (&**terms, *now))).map_err(overflow)?;
    Writer(found.order.policy).returned(&question, &found, language).map_err(overflow)
}

impl Writer<'_> {
    fn returned(self, question: &Question, found: &Return, language: Option<Language>) -> Result<String, crate::num::Overflow> {
        let say = |j: &mut Json, part: explain::Returned| {
            if let Some(language) = language {
                j.key("text").text(&explain::returned(found, part, language));
            }
        };
        let sum = |of: &dyn Fn(&LineBack) -> Money| Money::sum(found.lines.iter().map(of));
        let charge = Money::sum(found.gifts.iter().map(|gift| gift.value))?;
        let refund = sum(&LineBack::refund)?;
        let clawback = Money::sum(found.rebates.iter().map(|(rebate, _)| rebate.delta))?;
        let kept = refund.minus(charge)?;
        let totals = [
            ("list", sum(&|line| line.part.list)?),
            ("net", sum(&|line| line.part.net)?),
            ("value", sum(&|line| line.part.gross)?),
            ("lots", sum(&|line| line.part.paid.gross)?),
            ("refund", refund),
            ("charge", charge),
            ("refund_kept", kept),
            ("clawback", Money::ZERO.minus(clawback)?),
        ];
        let tax = sum(&|line| line.tax)?;
        Ok(Json::write(|j| {
            j.object(|j| {
                j.key("lines").list(found.lines.iter().enumerate(), |j, (at, back)| {
                    j.object(|j| {
                        self.line_back(j, question, found, back);
                        say(j, explain::Returned::Line(at));
                    });
                });
                j.key("lots").list(found.lots.iter().enumerate(), |j, (at, lot)| {
                    j.object(|j| {
                        j.key("id").text(&question.dealer.lots[lot.lot].id);
                        self.money_field(j, "amount", lot.amount);
                        j.key("restored").boolean(lot.restored);
                        j.key("expires").integer_or_null(lot.expires.map(|expires| expires.0));
                        say(j, explain::Returned::Lot(at, &question.dealer.lots[lot.lot].id));
                    });
                });
                j.key("gifts").list(found.gifts.iter().enumerate(), |j, (at, gift)| {
                    j.object(|j| {
                        j.key("promotion").text(found.gifts_of.rule(gift.rule));
                        Writer(found.gifts_of).gift(j, gift);
                        say(j, explain::Returned::Gift(at));
                    });
                });
                let programs = Writer(found.programs_of);
                j.key("rebates").list(found.rebates.iter().enumerate(), |j, (at, (rebate, falls))| {
                    j.object(|j| {
                        programs.taken_back(j, question, rebate);
                        programs.money_field(j, "clawback", Money(-rebate.delta.0));
                        j.key("falls").list(falls.iter().enumerate(), |j, (tier, fall)| {
                            j.object(|j| {
                                programs.tier(j, rebate, fall.tier);
                                programs.measured_field(j, "margin", programs.by_quantity(rebate), fall.margin);
                                j.key("loss").text_or_null(fall.loss.map(|loss| self.money(loss)).as_deref());
                                say(j, explain::Returned::Fall(at, tier));
                            });
                        });
                        say(j, explain::Returned::Rebate(at));
                    });
                });
                j.key("rest").object(|j| {
                    self.money_field(j, "net", found.rest.0);
                    self.money_field(j, "alone", found.rest.1);
                });
                j.key("totals").object(|j| {
                    totals.into_iter().for_each(|(key, amount)| self.money_field(j, key, amount));
                    if self.0.constants.tax.is_some() {
                        self.money_field(j, "tax", tax);
                    }
                });
            });
        }))
    }

    fn line_back(self, j: &mut Json, question: &Question, found: &Return, back: &LineBack) {
        let line = &found.order.quote.lines[back.taken.line];
        j.key("line").text(&question.order.lines[back.taken.line].id);
        j.key("sku").text(self.0.sku(line.product));
        j.key("unit").text(self.0.unit_text(line.product, line.unit));
        self.quantity_field(j, "quantity", back.taken.now.0);
        let figures = [
            ("list", back.part.list),
            ("net", back.part.net),
            ("value", back.part.gross),
            ("lots", back.part.paid.gross),
            ("refund", back.refund()),
        ];
        figures.into_iter().for_each(|(key, amount)| self.money_field(j, key, amount));
        if self.0.constants.tax.is_some() {
            self.money_field(j, "tax", back.tax);
        }
        let one = self.0.constants.quantity_scale.one();
        let whole =
            |quantity: Quantity| (i128::from(quantity.0) % one == 0).then(|| i64::try_from(i128::from(quantity.0) / one).unwrap_or(0));
        let mut rows = Vec::new();
        if let Some((from, to)) = whole(back.taken.before.1).zip(whole(back.taken.whole())) {
            let mut at = 0;
            for (count, list, discount) in self.units(line) {
                let (begin, end) = (from.max(at), to.min(at + count));
                at += count;
                if begin < end {
                    rows.push((end - begin, list, discount));
                }
            }
        }
        self.unit_rows(j, rows);
    }
}
