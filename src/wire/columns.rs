//! Quotes as the wrapper builds them: the lines, the outcomes and the rebate shares as bare texts, one after another, and the rest as canonical JSON.
//!
//! `JSON.parse` of a quote takes longer than pricing it, nearly all of it for lines. So only their values cross the border, each ended by a
//! line feed, and `src/js/common/answer.js` puts them under their keys. What the wrapper makes of it equals the canonical JSON without its hashes;
//! a test compares both on every case. A field that is new in a line or outcome does not compile here until it is thought of; new fields
//! elsewhere need nothing.

use super::{Json, Writer};
use crate::bundle::decoded;
use crate::facts::Question;
use crate::id::{AccessId, ScopeId, TextId};
use super::answer::{least_digits, part_scale};
use crate::num::{Money, Percent, Quantity, Scale, UnitPrice};
use crate::policy::{Axis, ScaleMeasure, ScaleMode, Stage};
use crate::quote::{BasePrice, Outcome, Quote, QuoteLine, RuleOutcome};

/// What is equal in most prices of an order; written only where it differs from the line before.
type Frame<'q> = (AccessId, ScopeId, u32, i64, &'q [AccessId]);

/// Writes one quote.
pub(super) struct Columns<'a> {
    writer: Writer<'a>,
    out: Vec<u8>,
}

impl Writer<'_> {
    /// A quote with the lines at the given places, without its hashes; `more` writes further fields.
    pub fn columns(self, question: &Question, quote: &mut Quote, lines: &[usize], more: &dyn Fn(&mut Json)) -> String {
        let rules = std::mem::take(&mut quote.rules);
        let shares: Vec<Vec<(usize, Money)>> = quote.rebates.iter_mut().map(|rebate| std::mem::take(&mut rebate.shares)).collect();
        let head = Json::write(|j| {
            j.object(|j| {
                self.figures(j, question, quote, &[]);
                more(j);
            });
        });
        let mut columns = Columns { writer: self, out: Vec::with_capacity(head.len() + 192 * lines.len() + 128 * rules.len()) };
        columns.text(&head);
        columns.lines(question, quote, lines);
        columns.count(rules.len());
        rules.iter().for_each(|rule| columns.outcome(question, rule));
        for shares in &shares {
            columns.count(shares.len());
            for (line, amount) in shares {
                columns.text(&question.order.lines[*line].id);
                columns.money(*amount);
            }
        }
        quote.rules = rules;
        quote.rebates.iter_mut().zip(shares).for_each(|(rebate, shares)| rebate.shares = shares);
        String::from_utf8(columns.out).unwrap_or_default()
    }
}

impl Columns<'_> {
    fn bytes(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
        self.out.push(b'\n');
    }

    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// A text of the bundle, as it is there.
    fn known(&mut self, id: u32) {
        let policy = self.writer.0;
        self.bytes(policy.tables.bytes(TextId(id)));
    }

    fn money(&mut self, amount: Money) {
        let scale = self.writer.0.constants.money_scale;
        scale.write(amount.0, scale.0, &mut self.out);
        self.out.push(b'\n');
    }

    fn quantity(&mut self, quantity: Quantity) {
        self.writer.0.constants.quantity_scale.write(quantity.0, 0, &mut self.out);
        self.out.push(b'\n');
    }

    fn integer(&mut self, integer: i64) {
        Scale(0).write(integer, 0, &mut self.out);
        self.out.push(b'\n');
    }

    fn count(&mut self, count: usize) {
        self.integer(i64::try_from(count).unwrap_or(i64::MAX));
    }

    fn lines(&mut self, question: &Question, quote: &Quote, lines: &[usize]) {
        self.count(lines.len());
        let mut frame = None;
        let mut last_unit = None;
        for line in super::answer::in_request_order(quote, lines) {
            let (id, line) = (&question.order.lines[line].id, &quote.lines[line]);
            let QuoteLine { position: _, product, unit, ordered, quantity, availability: _, price, parts: _, missed, list, adjustments, net, floor } =
                line;
            let tables = &self.writer.0.tables;
            let (sku, name) = (tables.product_sku[product.index()], tables.unit_text(*product, *unit).0);
            self.known(sku);
            // Most units are those of the line before, most ids SKU and unit.
            if last_unit == Some(name) {
                self.text("")
            } else {
                self.known(name)
            }
            last_unit = Some(name);
            let rest = id.as_bytes().strip_prefix(tables.bytes(TextId(sku))).and_then(|rest| rest.strip_prefix(b"|"));
            self.text(if rest == Some(tables.bytes(TextId(name))) { "" } else { id });
            self.quantity(*ordered);
            match unit {
                None => self.text(""),
                Some(_) => self.quantity(*quantity),
            }
            match price {
                Some(price) => self.price(line, price, missed, &mut frame),
                None => self.text("-"),
            }
            self.money(*list);
            self.count(adjustments.len());
            for step in adjustments {
                self.known(self.writer.0.tables.rule_text[step.rule.index()]);
                self.text(decoded::<Stage>(self.writer.0.tables.rule_stage[step.rule.index()]).word());
                self.money(step.amount);
            }
            self.money(*net);
            match floor {
                Some(floor) => self.money(*floor),
                None => self.text(""),
            }
            let units = self.writer.units(line);
            self.count(units.len());
            for (count, list, discount) in units {
                self.integer(count);
                self.money(list);
                self.money(discount);
                self.money(Money(list.0 - discount.0));
            }
        }
    }

    /// The price as it is, or what differs from the frame before. Of a key that says nothing of the product but its SKU, the SKU is left out.
    fn price<'q>(&mut self, line: &'q QuoteLine, price: &BasePrice, missed: &'q [AccessId], frame: &mut Option<Frame<'q>>) {
        let BasePrice { unit_price, per, access, scope, distance: _, record: _, of_unit, from } = *price;
        let (measure, scale) = self.writer.measure(access);
        let split = measure == ScaleMeasure::Packs
            || decoded::<ScaleMode>(self.writer.0.tables.access_mode[access.index()]) == ScaleMode::Graduated;
        let axes = || self.writer.0.tables.axes_of(access);
        let own = Some((access, scope, per, from, missed));
        let by_sku_only = !axes().any(|axis| axis == Axis::Brand || axis == Axis::Category);
        if by_sku_only && *frame == own {
            self.text("");
        } else {
            *frame = own.filter(|_| by_sku_only);
            let sku = axes().position(|axis| axis == Axis::Sku).map_or(-1, |at| i64::try_from(at).unwrap_or(-1));
            self.integer(i64::from(per));
            self.text(self.writer.0.access(access));
            let key = self.writer.price_key(line, price);
            self.count(key.len());
            key.iter().for_each(|text| self.text(text));
            self.integer(sku);
            self.measured(measure, scale, from);
            self.count(missed.len());
            missed.iter().for_each(|access| self.text(self.writer.0.access(*access)));
            // Whether bands follow each price of this frame.
            self.text(measure.word());
            self.integer(i64::from(split));
        }
        // A line in the base unit has a price for that.
        if line.unit.is_some() {
            self.text(if of_unit { "" } else { self.writer.0.unit(line.product) });
        }
        self.unit_price(unit_price);
        if split {
            self.count(line.parts.len());
            for part in &line.parts {
                self.measured(measure, scale, part.from);
                self.measured(measure, part_scale(measure, scale), part.part);
                self.unit_price(part.unit_price);
                Scale(Percent::DIGITS).write(part.surcharge.0, 0, &mut self.out);
                self.out.push(b'\n');
            }
        }
    }

    fn unit_price(&mut self, price: UnitPrice) {
        let constants = &self.writer.0.constants;
        constants.unit_scale.write(price.0, constants.money_scale.0, &mut self.out);
        self.out.push(b'\n');
    }

    fn measured(&mut self, measure: ScaleMeasure, scale: Scale, image: i64) {
        scale.write(image, least_digits(measure, scale), &mut self.out);
        self.out.push(b'\n');
    }

    /// The two outcomes that most promotions have; any other comes as JSON.
    fn outcome(&mut self, question: &Question, of_rule: &RuleOutcome) {
        let RuleOutcome { rule, stage: _, outcome } = of_rule;
        match outcome {
            Outcome::Applied { saving, gift_value, times, lost, lost_by, lines } => {
                self.text("applied");
                self.known(self.writer.0.tables.rule_text[rule.index()]);
                self.money(*saving);
                self.money(*gift_value);
                self.integer(*times);
                self.money(*lost);
                let reasons = lost_by.words();
                self.count(reasons.clone().count());
                reasons.for_each(|word| self.text(word));
                self.count(lines.len());
                lines.iter().for_each(|line| self.text(&question.order.lines[*line].id));
            }
            Outcome::LostTo { winner, saving, gift_value, by } => {
                self.text("lost_to");
                self.known(self.writer.0.tables.rule_text[rule.index()]);
                self.known(self.writer.0.tables.rule_text[winner.index()]);
                self.money(*saving);
                self.money(*gift_value);
                self.money(*by);
            }
            Outcome::Failed { .. } | Outcome::Blocked(_) => {
                self.text("");
                let json = Json::write(|j| j.object(|j| self.writer.outcome(j, super::answer::Ids(&question.order), of_rule)));
                self.text(&json);
            }
        }
    }
}
