//! Quotes as the wrapper builds them: the figures of lines, outcomes and rebate shares as words, one after another, and the rest as canonical JSON.
//!
//! `JSON.parse` of a quote takes longer than pricing it, nearly all of it for lines, and so does writing figures as digits here. So they cross the border
//! as numbers, and ids as numbers of texts that the wrapper asks for once; `src/js/common/answer.js` makes texts of them and puts them under their keys.
//! What the wrapper makes of it equals the canonical JSON without its hashes; a test compares both on every case. A field that is new in a line or outcome
//! does not compile here until it is thought of; new fields elsewhere need nothing.

use super::{Json, Writer};
use crate::bundle::{Coded, Dimension, Tables};
use crate::facts::Question;
use crate::id::{AccessId, RuleId, ScopeId, TextId};
use crate::num::Money;
use crate::policy::{ScaleMeasure, ScaleMode, Stage};
use crate::quote::{BasePrice, LineTax, Outcome, Portion, Quote, QuoteLine, RuleOutcome, Taker, Taxed};
use crate::waterfall::flags;

/// What is equal in most prices of an order; written only where it differs from the line before.
type Frame<'q> = (AccessId, ScopeId, u32, u32, i64, &'q [AccessId]);

/// A quote as it crosses the border.
#[derive(Debug, Default)]
pub struct Packed {
    /// The JSON without lines, the words for stages, then what is neither a figure nor a text of the bundle; each ends with a line feed.
    pub text: String,
    /// The digits of amounts, unit prices and quantities; then figures, counts and numbers of texts. A figure that fits no word is [`WIDE`] and its halves.
    pub words: Vec<i32>,
}

const WIDE: i32 = i32::MIN;

/// Writes one quote.
pub(super) struct Columns<'a> {
    writer: Writer<'a>,
    out: Vec<u8>,
    words: Vec<i32>,
}

impl Writer<'_> {
    /// A quote with the lines at the given places, without its hashes; `more` writes further fields.
    pub fn columns(self, question: &Question, quote: &mut Quote, lines: &[usize], more: &dyn Fn(&mut Json)) -> Packed {
        let rules = std::mem::take(&mut quote.rules);
        let shares: Vec<Vec<(usize, Money)>> = quote.rebates.iter_mut().map(|rebate| std::mem::take(&mut rebate.shares)).collect();
        let head = Json::write(|j| {
            j.object(|j| {
                self.figures(j, question, quote, &[]);
                more(j);
            });
        });
        let words = Vec::with_capacity(3 * question.order.lines.len() + 40 * lines.len() + 16 * rules.len());
        let mut columns = Columns { writer: self, out: head.into_bytes(), words };
        columns.text("");
        let stages = Stage::CODES.iter().map(|stage| stage.word()).chain([super::answer::APPROVED]);
        columns.text(&stages.collect::<Vec<_>>().join(" "));
        let c = &self.0.constants;
        [c.money_scale, c.unit_scale, c.quantity_scale].into_iter().for_each(|scale| columns.integer(i64::from(scale.0)));
        columns.ids(question);
        columns.lines(quote, lines);
        columns.count(rules.len());
        rules.iter().for_each(|rule| columns.outcome(question, rule));
        for shares in &shares {
            columns.count(shares.len());
            for (line, amount) in shares {
                columns.count(*line);
                columns.integer(amount.0);
            }
        }
        quote.rules = rules;
        quote.rebates.iter_mut().zip(shares).for_each(|(rebate, shares)| rebate.shares = shares);
        Packed { text: String::from_utf8(columns.out).unwrap_or_default(), words: columns.words }
    }
}

impl Columns<'_> {
    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
        self.out.push(b'\n');
    }

    /// A text of the bundle.
    fn known(&mut self, id: u32) {
        self.integer(self.writer.0.outer_text(id));
    }

    fn rule(&mut self, rule: RuleId) {
        self.known(self.writer.0.tables.rule_text[rule.index()]);
    }

    fn access(&mut self, access: AccessId) {
        self.known(self.writer.0.tables.access_text[access.index()]);
    }

    /// A figure or a count, whatever it measures.
    #[inline(never)]
    fn integer(&mut self, figure: i64) {
        match i32::try_from(figure) {
            Ok(word) if word != WIDE => self.words.push(word),
            _ => {
                let [a, b, c, d, e, f, g, h] = figure.to_le_bytes();
                self.words.extend([WIDE, i32::from_le_bytes([a, b, c, d]), i32::from_le_bytes([e, f, g, h])]);
            }
        }
    }

    fn money(&mut self, amount: Money) {
        self.integer(amount.0);
    }

    fn count(&mut self, count: usize) {
        self.integer(i64::try_from(count).unwrap_or(i64::MAX));
    }

    /// Of every line of the order SKU and unit, and its id where it is not made of these.
    fn ids(&mut self, question: &Question) {
        self.count(question.order.lines.len());
        let tables = &self.writer.0.tables;
        for line in &question.order.lines {
            let (sku, unit) = (tables.product_sku[line.product.index()], tables.unit_text(line.product, line.unit).0);
            self.known(sku);
            self.known(unit);
            let rest = line.id.as_bytes().strip_prefix(tables.bytes(TextId(sku))).and_then(|rest| rest.strip_prefix(b"|"));
            let own = rest != Some(tables.bytes(TextId(unit)));
            self.integer(i64::from(own) + 2 * i64::from(line.unit.is_some()));
            if line.unit.is_some() {
                self.known(tables.product_unit[line.product.index()]);
            }
            if own {
                self.text(&line.id);
            }
        }
    }

    fn lines(&mut self, quote: &Quote, lines: &[usize]) {
        self.count(lines.len());
        let mut frame = None;
        for at in super::answer::in_request_order(quote, lines) {
            let line = &quote.lines[at];
            let QuoteLine {
                position: _,
                product: _,
                unit,
                ordered,
                quantity,
                availability: _,
                price,
                portions: _,
                parts: _,
                missed,
                beaten,
                list,
                adjustments,
                net,
                floor,
                tax,
            } = line;
            self.count(at);
            self.integer(ordered.0);
            if unit.is_some() {
                self.integer(quantity.0);
            }
            match price {
                Some(price) => self.price(line, price, (missed, beaten), &mut frame),
                None => {
                    self.integer(-1);
                    self.count(missed.len());
                    missed.iter().for_each(|access| self.access(*access));
                }
            }
            self.money(*list);
            self.count(adjustments.len());
            for step in adjustments {
                match step.by {
                    Taker::Rule(rule) => {
                        self.rule(rule);
                        self.integer(i64::from(self.writer.0.tables.rule_stage[rule.index()]));
                    }
                    // It has no text in the bundle.
                    Taker::Approved(at) => {
                        self.integer(-1);
                        self.text(&quote.approved[at].id);
                        self.count(Stage::CODES.len());
                    }
                }
                self.money(step.amount);
            }
            self.money(*net);
            self.integer(i64::from(floor.is_some()));
            floor.iter().for_each(|floor| self.money(*floor));
            let units = self.writer.units(line);
            self.count(units.clone().count());
            for (count, list, discount) in units {
                self.integer(count);
                self.money(list);
                self.money(discount);
                self.money(Money(list.0 - discount.0));
            }
            if self.writer.0.constants.tax.is_some() {
                self.tax(tax.as_ref());
            }
        }
    }

    fn tax(&mut self, tax: Option<&LineTax>) {
        let Some(LineTax { rate, taxed: Taxed { base, tax, gross } }) = tax else { return self.integer(-1) };
        self.integer(i64::from(rate.is_some()));
        rate.iter().for_each(|rate| self.integer(rate.0));
        [base, tax, gross].into_iter().for_each(|amount| self.money(*amount));
    }

    /// The price as it is, or what differs from the frame before. Of a key that says nothing of the product but its SKU, the SKU is left out.
    fn price<'q>(
        &mut self,
        line: &'q QuoteLine,
        price: &BasePrice,
        (missed, beaten): (&'q [AccessId], &[BasePrice]),
        frame: &mut Option<Frame<'q>>,
    ) {
        let BasePrice { unit_price, per, access, scope, distance: _, record: _, of_unit, from, blended: _ } = *price;
        let flags = flags(self.writer.0, line);
        let measure = self.writer.measure(access).0;
        let graduated = ScaleMode::Graduated.code() == self.writer.0.tables.access_mode[access.index()];
        let split = graduated || measure == ScaleMeasure::Packs;
        let axes = || self.writer.0.tables.axes_of(access);
        let own = Some((access, scope, per, flags, from, missed));
        let framed = beaten.is_empty() && axes().all(|axis| axis == Dimension::Sku || self.writer.0.tables.is_of_dealer(axis));
        if framed && *frame == own {
            self.integer(0);
        } else {
            *frame = own.filter(|_| framed);
            let sku = axes().position(|axis| axis == Dimension::Sku).map_or(-1, |at| i64::try_from(at).unwrap_or(-1));
            self.integer(1);
            self.integer(i64::from(per));
            self.access(access);
            let key = self.writer.price_key(line, price);
            self.count(key.len());
            key.iter().for_each(|text| self.text(text));
            self.integer(sku);
            self.integer(i64::from(measure.code()));
            // Whether bands follow each price of this frame.
            self.integer(i64::from(split));
            self.integer(from);
            self.count(Tables::flag_words(flags).count());
            for word in Tables::flag_words(flags) {
                self.text(word);
            }
            self.count(missed.len());
            missed.iter().for_each(|access| self.access(*access));
            self.count(beaten.len());
            for other in beaten {
                self.access(other.access);
                self.integer(other.unit_price.0);
                self.integer(i64::from(other.per));
            }
        }
        self.integer(unit_price.0);
        // A line in the base unit has a price for that.
        if line.unit.is_some() {
            self.integer(i64::from(of_unit));
        }
        if split {
            self.count(line.parts.len());
            for part in &line.parts {
                [part.from, part.part, part.unit_price.0, part.surcharge.0].into_iter().for_each(|figure| self.integer(figure));
            }
        }
        if self.writer.0.constants.registrations {
            let portions = self.writer.portions(line);
            self.count(portions.len());
            for Portion { price, ordered: _, quantity, list } in portions {
                self.access(price.access);
                [price.unit_price.0, i64::from(price.per), quantity.0, list.0].into_iter().for_each(|figure| self.integer(figure));
            }
        }
    }

    /// The two outcomes that most promotions have; any other comes as JSON.
    fn outcome(&mut self, question: &Question, of_rule: &RuleOutcome) {
        let RuleOutcome { rule, stage: _, outcome, measured: _ } = of_rule;
        match outcome {
            Outcome::Applied { saving, gift_value, times, lost, lost_by, lines } => {
                self.integer(1);
                self.rule(*rule);
                self.money(*saving);
                self.money(*gift_value);
                self.integer(*times);
                self.money(*lost);
                let reasons = lost_by.words();
                self.count(reasons.clone().count());
                reasons.for_each(|word| self.text(word));
                self.count(lines.len());
                lines.iter().for_each(|line| self.count(*line));
            }
            Outcome::LostTo { winner, saving, gift_value, by } => {
                self.integer(2);
                self.rule(*rule);
                self.rule(*winner);
                self.money(*saving);
                self.money(*gift_value);
                self.money(*by);
            }
            Outcome::Failed { .. } | Outcome::Blocked(_) => {
                self.integer(0);
                let json = Json::write(|j| j.object(|j| self.writer.outcome(j, super::answer::Ids(&question.order), of_rule)));
                self.text(&json);
            }
        }
    }
}
