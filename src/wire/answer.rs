//! Answers as canonical JSON, and the hashes over questions and answers. The shapes are those of `src/js/index.d.ts`.

use super::{Fault, Faults, Json};
use crate::Engine;
use crate::attribute::{Ordered, days_of};
use crate::bundle::{Clause, Constant, Dimension, Loaded, NONE, Registered, Tables, decoded, hex, sha256};
use crate::facts::{
    Account, ContestStanding, DealerFacts, DeliveredBy, Delivery, Lot, Off, Order, OrderLine, Question, Redeem, Reorder, Used, Volume,
};
use crate::id::{AccessId, BudgetId, ProductId, ProgramId, RegistrationId, TextId, ValueId};
use crate::num::{Money, Percent, Quantity, Rounding, Scale, divide};
use crate::policy::{
    Against, Basis, DecidedBy, Form, Handover, Joiners, LimitOf, ModifierKind, Needed, Pays, PickUp, PriceKind, Qualifier, ScaleMeasure,
    Severity, Side, Stage, TaxBasis,
};
use crate::quote::{
    AccountUse, ApprovedUse, BasePrice, Blocker, ChoiceEffect, Claim, Cliff, Closed, CouponEffect, CouponUse, Finding, GiftLine, Guard,
    InUnit, Lack, LineTax, NextTier, Outcome, Passage, Phase, Portion, Quote, QuoteLine, Race, RebatePreview, Redemption,
    RegistrationTaken, Removal, RuleOutcome, Standing, Taker, Taxed, Tier, Totals, Trespass, Unmet, Yardstick,
};
use crate::sort::sort;
use crate::time::{Instant, day_text};
use crate::waterfall::flags;

/// Writes answers of one policy.
#[derive(Clone, Copy)]
pub struct Writer<'a>(pub &'a Loaded);

/// The word that files and answers use for a severity.
pub fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "info",
        Severity::Warn => "warn",
        Severity::Route => "route",
        Severity::Block => "block",
    }
}

/// Digits that a figure of a measure has at least: all of an amount, of the others as few as it takes.
pub(crate) fn least_digits(measure: ScaleMeasure, scale: Scale) -> u32 {
    if measure == ScaleMeasure::Amount { scale.0 } else { 0 }
}

/// Digits of a part of what is measured: of packs there are parts.
pub(crate) fn part_scale(measure: ScaleMeasure, scale: Scale) -> Scale {
    if measure == ScaleMeasure::Packs { Scale(6) } else { scale }
}

/// The stage of approved adjustments, which comes before those of promotions.
pub(super) const APPROVED: &str = "approved";

/// Ids of the lines that an answer speaks of.
#[derive(Clone, Copy)]
pub(super) struct Ids<'a>(pub &'a Order);

impl<'a> Ids<'a> {
    fn of(self, line: usize) -> &'a str {
        &self.0.lines[line].id
    }
}

/// Places of lines in the order of the request.
pub(super) fn in_request_order(quote: &Quote, lines: &[usize]) -> Vec<usize> {
    let mut lines = lines.to_vec();
    sort(&mut lines, |a, b| quote.lines[*a].position.cmp(&quote.lines[*b].position));
    lines
}

/// The stable code of a guard's finding.
pub fn finding_code(finding: &Finding) -> &'static str {
    match finding {
        Finding::PriceMissing { .. } => "PRICE_MISSING",
        Finding::QuantityMinimum { .. } => "QTY_MIN",
        Finding::QuantityMultiple { from: None, .. } => "QTY_MULTIPLE",
        Finding::QuantityMultiple { from: Some(_), .. } => "QTY_STEP",
        Finding::QuantityMost { period: None, .. } => "QTY_MAX",
        Finding::QuantityMost { period: Some(_), .. } => "QTY_PERIOD",
        Finding::Floor { .. } => "FLOOR",
        Finding::Approval { .. } => "APPROVAL",
        Finding::Corridor { .. } => "CORRIDOR",
        Finding::Licence { .. } => "LICENCE",
        Finding::Stock { .. } => "STOCK",
        Finding::DealerStatus => "DEALER_STATUS",
        Finding::OrderSource { .. } => "ORDER_SOURCE",
        Finding::FactsStale { .. } => "FACTS_STALE",
        Finding::OrderMinimum { .. } => "ORDER_MIN",
        Finding::OrderMaximum { .. } => "ORDER_MAX",
        Finding::Overdue { .. } => "CREDIT_OVERDUE",
        Finding::CreditUsed { .. } => "CREDIT_USED",
        Finding::Assortment { .. } => "ASSORTMENT",
        Finding::Territory { .. } => "TERRITORY",
        Finding::RedeemLimit { .. } => "REDEEM_LIMIT",
        Finding::CreditLimit { .. } => "CREDIT_LIMIT",
    }
}

impl<'a> Writer<'a> {
    /// An amount with the currency's digits.
    pub fn money(self, amount: Money) -> String {
        self.0.constants.money_scale.show(amount.0)
    }

    /// A quantity without trailing zeros.
    pub fn quantity(self, quantity: Quantity) -> String {
        self.0.constants.quantity_scale.show_short(quantity.0)
    }

    /// A unit price: the currency's digits at least, more where it has them.
    pub fn unit_price(self, image: i64) -> String {
        let c = &self.0.constants;
        c.unit_scale.show_least(image, c.money_scale)
    }

    /// A figure in a program's or threshold's measure.
    pub fn measured(self, by_quantity: bool, image: i64) -> String {
        if by_quantity { self.quantity(Quantity(image)) } else { self.money(Money(image)) }
    }

    // A field and its figure in one call: there are many, and none needs a text of its own.
    /// A field with an amount.
    #[inline(never)]
    pub fn money_field(self, j: &mut Json, key: &str, amount: Money) {
        let scale = self.0.constants.money_scale;
        j.key(key).figure(scale, amount.0, scale.0);
    }

    /// A field with a quantity.
    #[inline(never)]
    pub fn quantity_field(self, j: &mut Json, key: &str, quantity: Quantity) {
        j.key(key).figure(self.0.constants.quantity_scale, quantity.0, 0);
    }

    /// A field with a unit price.
    #[inline(never)]
    pub fn unit_price_field(self, j: &mut Json, key: &str, image: i64) {
        let c = &self.0.constants;
        j.key(key).figure(c.unit_scale, image, c.money_scale.0);
    }

    /// A field with a figure in a program's or threshold's measure.
    #[inline(never)]
    pub fn measured_field(self, j: &mut Json, key: &str, by_quantity: bool, image: i64) {
        if by_quantity { self.quantity_field(j, key, Quantity(image)) } else { self.money_field(j, key, Money(image)) }
    }

    /// The whole quote with both hashes.
    pub fn quote(self, question: &Question, quote: &Quote) -> String {
        Json::write(|j| j.object(|j| self.quote_fields(j, question, quote, &(0..quote.lines.len()).collect::<Vec<_>>())))
    }

    /// The fields of a quote, with only the given lines.
    pub fn quote_fields(self, j: &mut Json, question: &Question, quote: &Quote, lines: &[usize]) {
        self.figures(j, question, quote, lines);
        self.hashes(j, question, quote);
    }

    /// The hashes of a quote, its last fields.
    pub fn hashes(self, j: &mut Json, question: &Question, quote: &Quote) {
        j.key("inputs_hash").text(&self.inputs_hash(question));
        j.key("result_hash").text(&self.result_hash(&question.order, quote));
    }

    /// What is used of a limit: quantities at a scale, or times.
    fn used(self, j: &mut Json, scale: Option<Scale>, used: &Used) {
        let figure = |j: &mut Json, figure: i64| match scale {
            Some(scale) => j.figure(scale, figure, 0),
            None => j.integer(figure),
        };
        figure(j.key("dealer"), used.dealer);
        figure(j.key("total"), used.total);
        if !used.periods.is_empty() {
            j.key("periods").object(|j| used.periods.iter().for_each(|(label, used)| figure(j.key(label), *used)));
        }
    }

    /// The fields of a quote without its hashes.
    pub(super) fn figures(self, j: &mut Json, question: &Question, quote: &Quote, lines: &[usize]) {
        let ids = Ids(&question.order);
        j.key("schema").integer(1);
        j.key("engine").text(Engine::VERSION);
        j.key("bundle").text(&self.0.hash);
        j.key("policy").object(|j| {
            j.key("id").text(self.0.constant_text(Constant::PolicyId));
            j.key("version").text(self.0.constant_text(Constant::Version));
        });
        j.key("currency").text(self.0.constant_text(Constant::Currency));
        j.key("now").integer(quote.now.0);
        if let Some(day) = &quote.priced_for {
            j.key("priced_for").text(day);
        }
        j.key("as_of").integer(quote.as_of.0);
        if !quote.aliases.is_empty() {
            j.key("aliases").list(&quote.aliases, |j, (line, alias)| {
                j.object(|j| {
                    j.key("line").text(ids.of(*line));
                    j.key("alias").text(self.0.alias(*alias));
                    j.key("sku").text(self.0.sku(quote.lines[*line].product));
                });
            });
        }
        j.key("lines").list(in_request_order(quote, lines), |j, line| j.object(|j| self.line(j, ids.of(line), quote, line)));
        self.freight(j, quote);
        self.registrations(j, question, quote);
        j.key("approved").list(&quote.approved, |j, used| j.object(|j| self.approved(j, question, quote, used)));
        self.totals(j.key("totals"), &quote.totals);
        j.key("rules").list(&quote.rules, |j, outcome| j.object(|j| self.outcome(j, ids, outcome)));
        self.gifts(j, quote);
        self.earned(j, quote);
        if self.0.constants.unit_limits {
            j.key("limited").list(&quote.limited, |j, limited| {
                j.object(|j| {
                    j.key("promotion").text(self.0.rule(limited.rule));
                    j.key("line").text(ids.of(limited.line));
                    self.quantity_field(j, "quantity", limited.units);
                    self.quantity_field(j, "of", limited.of);
                });
            });
        }
        j.key("gift_offers").list(&quote.gift_offers, |j, offer| {
            j.object(|j| {
                j.key("promotion").text(self.0.rule(offer.rule));
                j.key("choose").integer(i64::try_from(offer.choose).unwrap_or(i64::MAX));
                j.key("from").list(&offer.items, |j, item| j.object(|j| self.gift(j, item)));
            });
        });
        j.key("gift_choices").list(&quote.gift_choices, |j, choice| {
            j.object(|j| {
                j.key("promotion").text(&choice.promotion);
                j.key("effect").text(match choice.effect {
                    ChoiceEffect::Chosen => "chosen",
                    ChoiceEffect::Declined => "declined",
                    ChoiceEffect::Unfit => "unfit",
                    ChoiceEffect::NoGift => "no_gift",
                });
            });
        });
        j.key("coupons").list(&quote.coupons, |j, coupon| j.object(|j| self.coupon(j, coupon)));
        j.key("claims").list(&quote.claims, |j, claim| j.object(|j| self.claim(j, &question.dealer, quote, claim)));
        j.key("combination").object(|j| {
            j.key("proof").text(if quote.combination.bound == Money::ZERO { "optimal" } else { "bound" });
            self.money_field(j, "bound", quote.combination.bound);
            j.key("steps").integer(i64::from(quote.combination.steps));
        });
        match &quote.credit {
            Some(credit) => j.key("credit").object(|j| {
                self.account(j, &credit.own);
                match &credit.group {
                    Some(group) => j.key("group").object(|j| self.account(j, group)),
                    None => j.key("group").null(),
                }
                j.key("released").boolean(credit.released);
            }),
            None => j.key("credit").null(),
        }
        j.key("guards").list(&quote.guards, |j, guard| j.object(|j| self.guard(j, question, guard)));
        j.key("rebates").list(&quote.rebates, |j, rebate| j.object(|j| self.rebate(j, Some(ids), rebate)));
        match &quote.redemption {
            Some(redemption) => j.key("redemption").object(|j| self.redemption(j, ids, &question.dealer, redemption)),
            None => j.key("redemption").null(),
        }
        match &question.order.delivery.by {
            Some(by) => j.key("delivery").object(|j| {
                let (kind, fulfilled_by) = delivered_by(by);
                let by_other = fulfilled_by.is_some() && self.0.constants.pick_up == PickUp::Fulfiller;
                j.key("kind").text(kind);
                j.key("fulfilled_by").text_or_null(fulfilled_by);
                j.key("counts_for").text(if by_other { "fulfiller" } else { "seller" });
                j.key("region").text_or_null(quote.territory.map(|region| self.0.value_text(region)));
            }),
            None => j.key("delivery").null(),
        }
        j.key("replenishment").list(&quote.replenishment, |j, product| {
            j.object(|j| {
                j.key("sku").text(self.0.sku(product.product));
                let figures = [
                    ("position", product.position),
                    ("reorder_point", product.reorder_point),
                    ("max", product.max),
                    ("order", product.order),
                    ("suggested", product.suggested),
                ];
                for (key, quantity) in figures {
                    self.quantity_field(j, key, quantity);
                }
            });
        });
        match &quote.transition {
            Some(passage) => j.key("transition").object(|j| self.passage(j, ids, quote, passage)),
            None => j.key("transition").null(),
        }
    }

    /// What both policies of a transition give.
    fn passage(self, j: &mut Json, ids: Ids, quote: &Quote, passage: &Passage) {
        let side = |side: Side| if side == Side::Old { "old" } else { "new" };
        j.key("phase").text(match passage.phase {
            Phase::Old => "old",
            Phase::Blend => "blend",
            Phase::BetterOf => "better_of",
        });
        j.key("side").text(side(passage.side));
        j.key("weight").object(|j| {
            j.key("old").integer(i64::from(passage.weight.0));
            j.key("of").integer(i64::from(passage.weight.1));
        });
        j.key("until").text(&passage.until);
        j.key("end").text(&passage.end);
        let sides = [(Side::Old, &passage.old), (Side::New, &passage.new)];
        for (of, alone) in sides {
            j.key(side(of)).object(|j| {
                j.key("policy").text(&alone.policy);
                j.key("version").text(&alone.version);
                let amounts = [("net", alone.totals.net), ("payable", alone.totals.payable), ("gift_value", alone.totals.gift_value)];
                for (key, amount) in amounts.into_iter().chain([("rebate", alone.rebate)]) {
                    self.money_field(j, key, amount);
                }
            });
        }
        let all: Vec<usize> = (0..quote.lines.len()).collect();
        j.key("lines").list(in_request_order(quote, &all), |j, line| {
            j.object(|j| {
                j.key("line").text(ids.of(line));
                for (of, alone) in sides {
                    match alone.lines[line] {
                        None => j.key(side(of)).null(),
                        Some((unit_price, per, net)) => j.key(side(of)).object(|j| {
                            self.unit_price_field(j, "unit_price", unit_price.0);
                            j.key("per").integer(i64::from(per));
                            self.money_field(j, "net", net);
                        }),
                    }
                }
            });
        });
    }

    /// Sums over the lines.
    pub fn totals(self, j: &mut Json, totals: &Totals) {
        j.object(|j| {
            let before = [("list", totals.list), ("discount", totals.discount), ("net", totals.net)];
            for (key, amount) in before.into_iter().chain([("redeemed", totals.redeemed), ("payable", totals.payable)]) {
                self.money_field(j, key, amount);
            }
            self.money_field(j, "gift_value", totals.gift_value);
            if self.0.constants.freight {
                self.money_field(j, "freight", totals.freight);
            }
            if self.0.constants.freight_offers {
                self.money_field(j, "freight_discount", totals.freight_discount);
            }
            if let Some(tax) = totals.tax {
                j.key("tax").object(|j| self.taxed(j, tax));
            }
        });
    }

    fn taxed(self, j: &mut Json, taxed: Taxed) {
        for (key, amount) in [("base", taxed.base), ("tax", taxed.tax), ("gross", taxed.gross)] {
            self.money_field(j, key, amount);
        }
    }

    /// Nothing where the policy has no freight.
    fn freight(self, j: &mut Json, quote: &Quote) {
        let t = &self.0.tables;
        if !self.0.constants.freight {
            return;
        }
        j.key("freight").list(&quote.freight, |j, line| {
            j.object(|j| {
                let region = Some(t.freight_region[line.row]).filter(|region| *region != NONE);
                j.key("table").text(self.0.freight(line.table));
                j.key("region").text_or_null(region.map(|region| self.0.value_text(ValueId(region))));
                j.key("weight").figure(Scale::WEIGHT, line.weight, 0);
                j.key("from_weight").figure(Scale::WEIGHT, t.freight_weight[line.row], 0);
                self.money_field(j, "from_amount", Money(t.freight_amount[line.row]));
                self.money_field(j, "charge", line.charge);
                if self.0.constants.freight_offers {
                    j.key("adjustments").list(&line.adjustments, |j, (rule, amount)| {
                        j.object(|j| {
                            j.key("rule").text(self.0.rule(*rule));
                            self.money_field(j, "amount", *amount);
                        });
                    });
                    self.money_field(j, "net", line.net);
                }
                self.tax(j, line.tax);
            });
        });
    }

    /// Nothing where the policy tells no tax.
    fn tax(self, j: &mut Json, tax: Option<LineTax>) {
        match tax {
            Some(tax) => j.key("tax").object(|j| {
                match tax.rate {
                    Some(rate) => j.key("rate").figure(Scale(Percent::DIGITS), rate.0, 0),
                    None => j.key("rate").null(),
                }
                self.taxed(j, tax.taxed);
            }),
            None if self.0.constants.tax.is_some() => j.key("tax").null(),
            None => {}
        }
    }

    /// What the lines take of registrations; nothing where the policy has none.
    fn registrations(self, j: &mut Json, question: &Question, quote: &Quote) {
        if !self.0.constants.registrations {
            return;
        }
        let ids = Ids(&question.order);
        j.key("registrations").list(&quote.registered, |j, taken| {
            j.object(|j| {
                let RegistrationTaken { line, price, left, quantity } = taken;
                j.key("line").text(ids.of(*line));
                self.registered(j, price, *left);
                self.quantity_field(j, "quantity", *quantity);
            });
        });
    }

    /// A registration, its price and what is left of it.
    pub fn registered(self, j: &mut Json, price: &BasePrice, left: Option<Quantity>) {
        let (number, approver) = self.registration(price);
        j.key("access").text(self.0.access(price.access));
        j.key("kind").text(match decoded::<Registered>(self.0.tables.access_registered[price.access.index()]) {
            Registered::None | Registered::Special => "special",
            Registered::Contract => "contract",
            Registered::Quotation => "quotation",
        });
        j.key("registration").text(number);
        j.key("approver").text_or_null(approver);
        self.unit_price_field(j, "unit_price", price.unit_price.0);
        j.key("per").integer(i64::from(price.per));
        j.key("left").text_or_null(left.map(|left| self.quantity(left)).as_deref());
    }

    /// Number and approver of the registration that a price is of.
    pub fn registration(self, price: &BasePrice) -> (&'a str, Option<&'a str>) {
        let t = &self.0.tables;
        let text = |id: u32| (id != NONE).then(|| self.0.text(TextId(id)));
        let registration = t.registration(price.record).map(RegistrationId::index);
        let number = registration.and_then(|at| text(t.registration_text[at]));
        (number.unwrap_or_default(), registration.and_then(|at| text(t.registration_approver[at])))
    }

    /// What became of an approved adjustment.
    fn approved(self, j: &mut Json, question: &Question, quote: &Quote, used: &ApprovedUse) {
        let asked = &question.dealer.adjustments[used.adjustment];
        j.key("id").text(&used.id);
        j.key("line").text(&asked.line);
        j.key("outcome").text(used.outcome(quote));
        self.money_field(j, "saving", used.saving);
        self.money_field(j, "lost", used.lost);
        j.key("approver").text(&asked.approver);
        j.key("reason").text(&asked.reason);
    }

    fn line(self, j: &mut Json, id: &str, quote: &Quote, at: usize) {
        let line = &quote.lines[at];
        j.key("id").text(id);
        j.key("sku").text(self.0.sku(line.product));
        j.key("unit").text(self.0.unit_text(line.product, line.unit));
        self.quantity_field(j, "quantity", line.ordered);
        self.quantity_field(j, "base_quantity", line.quantity);
        match &line.price {
            Some(price) => j.key("price").object(|j| self.price(j, line, price)),
            None => {
                j.key("price").null();
                j.key("missed").list(&line.missed, |j, access| j.text(self.0.access(*access)));
            }
        }
        self.money_field(j, "list", line.list);
        self.adjustments(j, quote, line);
        self.money_field(j, "net", line.net);
        j.key("floor").text_or_null(line.floor.map(|floor| self.money(floor)).as_deref());
        self.unit_rows(j, self.units(line));
        self.tax(j, line.tax);
    }

    /// Rows of units, each with how many there are.
    pub(super) fn unit_rows(self, j: &mut Json, rows: impl IntoIterator<Item = (i64, Money, Money)>) {
        j.key("units").list(rows, |j, (count, list, discount)| {
            j.object(|j| {
                j.key("count").integer(count);
                self.money_field(j, "list", list);
                self.money_field(j, "discount", discount);
                self.money_field(j, "net", Money(list.0 - discount.0));
            });
        });
    }

    fn adjustments(self, j: &mut Json, quote: &Quote, line: &QuoteLine) {
        j.key("adjustments").list(&line.adjustments, |j, step| {
            j.object(|j| {
                let (rule, stage) = match step.by {
                    Taker::Approved(at) => (&quote.approved[at].id[..], APPROVED),
                    Taker::Rule(rule) => (self.0.rule(rule), decoded::<Stage>(self.0.tables.rule_stage[rule.index()]).word()),
                };
                j.key("rule").text(rule);
                j.key("stage").text(stage);
                self.money_field(j, "amount", step.amount);
            });
        });
    }

    fn price(self, j: &mut Json, line: &QuoteLine, price: &BasePrice) {
        self.unit_price_field(j, "unit_price", price.unit_price.0);
        j.key("per").integer(i64::from(price.per));
        j.key("unit").text(self.price_unit(line, price));
        j.key("access").text(self.0.access(price.access));
        j.key("key").list(self.price_key(line, price), |j, text| j.text(text));
        let (measure, scale) = self.measure(price.access);
        j.key("measure").text(measure.word());
        j.key("from_quantity").figure(scale, price.from, least_digits(measure, scale));
        j.key("flags").list(Tables::flag_words(flags(self.0, line)), |j, word| j.text(word));
        j.key("missed").list(&line.missed, |j, access| j.text(self.0.access(*access)));
        j.key("beaten").list(&line.beaten, |j, price| {
            j.object(|j| {
                j.key("access").text(self.0.access(price.access));
                self.unit_price_field(j, "unit_price", price.unit_price.0);
                j.key("per").integer(i64::from(price.per));
            });
        });
        j.key("bands").list(&line.parts, |j, part| {
            j.object(|j| {
                let (measure, scale) = self.measure(price.access);
                j.key("from_quantity").figure(scale, part.from, least_digits(measure, scale));
                let scale = part_scale(measure, scale);
                j.key("part").figure(scale, part.part, least_digits(measure, scale));
                self.unit_price_field(j, "unit_price", part.unit_price.0);
                j.key("surcharge").figure(Scale(Percent::DIGITS), part.surcharge.0, 0);
            });
        });
        if self.0.constants.registrations {
            j.key("portions").list(self.portions(line), |j, portion| {
                j.object(|j| {
                    j.key("access").text(self.0.access(portion.price.access));
                    self.unit_price_field(j, "unit_price", portion.price.unit_price.0);
                    j.key("per").integer(i64::from(portion.price.per));
                    self.quantity_field(j, "quantity", portion.quantity);
                    self.money_field(j, "list", portion.list);
                });
            });
        }
    }

    /// What prices the parts of a line; nothing where one record prices it whole.
    pub(super) fn portions(self, line: &QuoteLine) -> Vec<Portion> {
        if line.portions.is_empty() { Vec::new() } else { line.records().collect() }
    }

    /// What the scales of a table measure, and the digits of that.
    pub fn measure(self, access: AccessId) -> (ScaleMeasure, Scale) {
        let c = &self.0.constants;
        let measure = decoded(self.0.tables.access_measure[access.index()]);
        let scale = match measure {
            ScaleMeasure::Quantity => c.quantity_scale,
            ScaleMeasure::Amount => c.money_scale,
            ScaleMeasure::Weight => Scale::WEIGHT,
            ScaleMeasure::Packs => Scale(0),
        };
        (measure, scale)
    }

    /// The unit that a line's price is for.
    pub fn price_unit(self, line: &QuoteLine, price: &BasePrice) -> &'a str {
        self.0.unit_text(line.product, line.unit.filter(|_| price.of_unit))
    }

    /// The record's key as the author wrote it: the dealer's values from the scope, the product's from the product and its ancestors.
    pub(super) fn price_key(self, line: &QuoteLine, price: &BasePrice) -> Vec<&'a str> {
        let t = &self.0.tables;
        let mut scope_values = t.values_of_scope(price.scope).iter();
        t.axes_of(price.access)
            .filter_map(|axis| match axis {
                Dimension::Sku => Some(self.0.sku(line.product)),
                Dimension::Brand => {
                    Some(t.product_brand[line.product.index()]).filter(|v| *v != NONE).map(|v| self.0.value_text(ValueId(v)))
                }
                Dimension::Category => {
                    let mut node = t.product_category[line.product.index()];
                    for _ in 0..price.distance {
                        node = t.value_parent.get(node as usize).copied().unwrap_or(NONE);
                    }
                    Some(node).filter(|v| *v != NONE).map(|v| self.0.value_text(ValueId(v)))
                }
                _ if t.is_of_dealer(axis) => scope_values.next().map(|v| self.0.value_text(ValueId(*v))),
                _ => t.attribute_of(line.product, axis).map(|value| self.0.value_text(value)),
            })
            .collect()
    }

    /// The line split over its units: list and discount evenly, odd cents to the first units, equal units in one row.
    pub(super) fn units(self, line: &QuoteLine) -> impl Iterator<Item = (i64, Money, Money)> + Clone + use<> {
        let one = self.0.constants.quantity_scale.one();
        let quantity = i128::from(line.quantity.0);
        let whole = if quantity % one == 0 { i64::try_from(quantity / one).unwrap_or(0) } else { 0 };
        // An even split has at most two values each, so at most three rows: cut where either changes.
        let split = |amount: Money| (amount.0.div_euclid(whole.max(1)), amount.0.rem_euclid(whole.max(1)));
        let ((list, list_extra), (off, off_extra)) = (split(line.list), split(Money(line.list.0 - line.net.0)));
        let cuts = [0, list_extra.min(off_extra), list_extra.max(off_extra), whole];
        let row = move |at: usize| {
            let [from, to] = [cuts[at], cuts[at + 1]];
            (to > from).then(|| (to - from, Money(list + i64::from(from < list_extra)), Money(off + i64::from(from < off_extra))))
        };
        (0..3).filter_map(row)
    }

    pub(super) fn outcome(self, j: &mut Json, ids: Ids, outcome: &RuleOutcome) {
        j.key("rule").text(self.0.rule(outcome.rule));
        match &outcome.outcome {
            Outcome::Applied { saving, gift_value, times, lost, lost_by, lines } => {
                j.key("outcome").text("applied");
                self.money_field(j, "saving", *saving);
                self.money_field(j, "gift_value", *gift_value);
                j.key("times").integer(*times);
                self.money_field(j, "lost", *lost);
                j.key("lost_by").list(lost_by.words(), |j, word| j.text(word));
                j.key("lines").list(lines, |j, line| j.text(ids.of(*line)));
            }
            Outcome::LostTo { winner, saving, gift_value, by } => {
                j.key("outcome").text("lost_to");
                j.key("winner").text(self.0.rule(*winner));
                self.money_field(j, "saving", *saving);
                self.money_field(j, "gift_value", *gift_value);
                self.money_field(j, "by", *by);
            }
            Outcome::Failed { conditions } => {
                j.key("outcome").text("failed");
                j.key("conditions").list(conditions, |j, unmet| j.object(|j| self.unmet(j, unmet)));
            }
            Outcome::Blocked(blocker) => {
                j.key("outcome").text("blocked");
                j.key("by").text(match blocker {
                    Blocker::Floor => "floor",
                    Blocker::NothingLeft => "nothing_left",
                    Blocker::NoGain => "no_gain",
                    Blocker::Declined => "declined",
                    Blocker::Stock => "stock",
                    Blocker::Exclusive { .. } => "exclusive",
                    Blocker::NotCombined { .. } => "not_combined",
                    Blocker::Limit { .. } => "limit",
                    Blocker::Budget { .. } => "budget",
                });
                match blocker {
                    Blocker::Limit { which, of, product, have, limit } => {
                        j.key("limit").text(which.word());
                        let figures = [("have", *have), ("most", *limit)];
                        if *of == LimitOf::Times {
                            figures.into_iter().for_each(|(key, times)| j.key(key).integer(times));
                        } else {
                            j.key("of").text(if *of == LimitOf::Units { "units" } else { "sku" });
                            if let Some(product) = product {
                                j.key("sku").text(self.0.sku(*product));
                            }
                            figures.into_iter().for_each(|(key, units)| self.quantity_field(j, key, Quantity(units)));
                        }
                    }
                    Blocker::Budget { budget, left, amount } => {
                        j.key("budget").text(self.0.budget(*budget));
                        self.money_field(j, "left", *left);
                        self.money_field(j, "amount", *amount);
                    }
                    Blocker::Exclusive { by } | Blocker::NotCombined { by } => j.key("winner").text(self.0.rule(*by)),
                    Blocker::Floor | Blocker::NothingLeft | Blocker::NoGain | Blocker::Declined | Blocker::Stock => {}
                }
            }
        }
    }

    /// A part of what a promotion takes that fails.
    fn unmet(self, j: &mut Json, unmet: &Unmet) {
        let t = &self.0.tables;
        match unmet {
            Unmet::Threshold { by_quantity, have, need } => {
                j.key("condition").text(if *by_quantity { "quantity" } else { "amount" });
                self.measured_field(j, "have", *by_quantity, *have);
                self.measured_field(j, "need", *by_quantity, *need);
            }
            Unmet::Clause { clause, not, have, text } => {
                let need = t.clause_from[*clause];
                match decoded(t.clause_kind[*clause]) {
                    Clause::OrderNumber => {
                        j.key("condition").text("order_number");
                        let source = t.clause_values(*clause).first().map(|source| self.0.value_text(ValueId(*source)));
                        j.key("source").text_or_null(source);
                        j.key("have").integer_or_null(*have);
                        j.key("from").integer(need);
                        j.key("to").integer_or_null(Some(t.clause_to[*clause]).filter(|to| *to > 0));
                    }
                    kind @ (Clause::Value | Clause::Delivery) => {
                        let of_dealer = || self.field(Dimension::at(t.clause_axis[*clause]));
                        j.key("condition").text(if kind == Clause::Delivery { "order.region".to_owned() } else { of_dealer() }.as_str());
                        j.key("have").text_or_null(text.as_deref());
                        // Nobody is told of other dealers.
                        let axis = Dimension::at(t.clause_axis[*clause]);
                        let need = if axis == Dimension::Dealer { Vec::new() } else { self.0.shown_values(axis, t.clause_values(*clause)) };
                        j.key("need").list(&need, |j, value| j.text(value));
                    }
                    Clause::Handover => {
                        j.key("condition").text("order.delivery");
                        let ways = |bits: i64| Handover::ALL.into_iter().filter(move |way| bits & way.bit() != 0);
                        j.key("have").text_or_null(ways(have.unwrap_or_default()).next().map(Handover::word));
                        j.key("need").list(ways(need), |j, way| j.text(way.word()));
                    }
                    Clause::Day => {
                        j.key("condition").text("order.day");
                        j.key("have").text_or_null(have.map(day_text).as_deref());
                        j.key("need").list([days_of(need, t.clause_to[*clause])], |j, days| j.text(&Ordered::Day.show_range(&days)));
                    }
                    kind => {
                        j.key("condition").text("cart");
                        let have = have.unwrap_or_default();
                        match kind {
                            Clause::CartSkus => {
                                j.key("measure").text("skus");
                                j.key("have").text(&Scale(0).show(have));
                                j.key("need").text(&Scale(0).show(need));
                            }
                            Clause::CartWeight => {
                                j.key("measure").text("weight");
                                j.key("have").text(&Scale::WEIGHT.show_short(have));
                                j.key("need").text(&Scale::WEIGHT.show_short(need));
                            }
                            _ => {
                                let by_quantity = kind == Clause::CartQuantity;
                                j.key("measure").text(if by_quantity { "quantity" } else { "amount" });
                                self.measured_field(j, "have", by_quantity, have);
                                self.measured_field(j, "need", by_quantity, need);
                            }
                        }
                    }
                }
                j.key("not").boolean(*not);
            }
        }
    }

    /// What a dealer or an order has on an axis, as conditions write it.
    pub fn field(self, axis: Dimension) -> String {
        let t = &self.0.tables;
        let owner = if t.is_of_dealer(axis) { "dealer." } else { "order." };
        let name = match axis {
            Dimension::Grade => "grade",
            Dimension::Region => "region",
            Dimension::Channel => "channel",
            Dimension::Group => "group",
            Dimension::Source => "source",
            Dimension::Attribute(attribute) => {
                return [owner, "attributes.", self.0.text(TextId(t.attribute_text[attribute as usize]))].concat();
            }
            Dimension::ContractDate => "contract_date",
            Dimension::Dealer => "id",
            Dimension::Sku | Dimension::Category | Dimension::Brand => "",
        };
        [owner, name].concat()
    }

    /// What the order earns for later, in a policy where any can.
    fn earned(self, j: &mut Json, quote: &Quote) {
        if self.0.constants.earnings {
            j.key("earned").list(&quote.earned, |j, earned| {
                j.object(|j| {
                    j.key("promotion").text(self.0.rule(earned.rule));
                    j.key("id").text(self.0.text(earned.what));
                    j.key("quantity").integer(earned.quantity);
                });
            });
        }
    }

    pub(super) fn gifts(self, j: &mut Json, quote: &Quote) {
        j.key("gifts").list(&quote.gifts, |j, gift| {
            j.object(|j| {
                j.key("promotion").text(self.0.rule(gift.rule));
                self.gift(j, gift);
                j.key("chosen").text(if gift.by_order { "order" } else { "default" });
            });
        });
    }

    pub(super) fn gift(self, j: &mut Json, gift: &GiftLine) {
        j.key("sku").text(self.0.sku(gift.product));
        j.key("unit").text(self.0.unit(gift.product));
        self.quantity_field(j, "quantity", gift.quantity);
        self.money_field(j, "value", gift.value);
    }

    fn claim(self, j: &mut Json, dealer: &DealerFacts, quote: &Quote, claim: &Claim) {
        match claim {
            Claim::Usage { rule, times, period } => {
                j.key("kind").text("usage");
                j.key("promotion").text(self.0.rule(*rule));
                j.key("times").integer(*times);
                if let Some(period) = period {
                    j.key("period").text(self.0.text(*period));
                }
            }
            Claim::Units { rule, product, quantity, period } => {
                j.key("kind").text("units");
                j.key("promotion").text(self.0.rule(*rule));
                j.key("sku").text_or_null(product.map(|product| self.0.sku(product)));
                self.quantity_field(j, "quantity", *quantity);
                j.key("period").text_or_null(period.map(|period| self.0.text(period)));
            }
            Claim::Budget { budget, amount, version } => {
                j.key("kind").text("budget");
                j.key("budget").text(self.0.budget(*budget));
                self.money_field(j, "amount", *amount);
                j.key("version").text_or_null(version.as_deref());
            }
            Claim::Registration { registration, product, quantity, period } => {
                j.key("kind").text("registration");
                j.key("registration").text(self.0.text(TextId(self.0.tables.registration_text[registration.index()])));
                j.key("sku").text(self.0.sku(*product));
                self.quantity_field(j, "quantity", *quantity);
                j.key("period").text_or_null(period.map(|period| self.0.text(period)));
            }
            Claim::Adjustment { adjustment } => {
                let used = &quote.approved[*adjustment];
                j.key("kind").text("adjustment");
                j.key("adjustment").text(&used.id);
                self.money_field(j, "amount", used.saving);
            }
            Claim::Lot { lot, amount } => {
                j.key("kind").text("lot");
                j.key("lot").text(&dealer.lots[*lot].id);
                self.money_field(j, "amount", *amount);
            }
        }
    }

    fn coupon(self, j: &mut Json, coupon: &CouponUse) {
        j.key("code").text(&coupon.code);
        j.key("effect").text(match coupon.effect {
            CouponEffect::Applied => "applied",
            CouponEffect::Failed => "failed",
            CouponEffect::LostTo => "lost_to",
            CouponEffect::Blocked => "blocked",
            CouponEffect::NoLine => "no_line",
            CouponEffect::NotOpen(_) => "not_open",
            CouponEffect::Unknown => "unknown",
        });
        j.key("rules").list(&coupon.rules, |j, rule| j.text(self.0.rule(*rule)));
        if let CouponEffect::NotOpen(closed) = &coupon.effect {
            j.key("closed_by").list(closed, |j, closed| {
                j.text(match closed {
                    Closed::Validity => "validity",
                    Closed::Source => "source",
                });
            });
        }
    }

    fn account(self, j: &mut Json, account: &AccountUse) {
        let figures = [("limit", account.limit), ("used", account.used), ("exposure", account.exposure), ("left", account.left)];
        for (key, amount) in figures {
            self.money_field(j, key, amount);
        }
        j.key("expired").integer_or_null(account.expired.map(|expired| expired.0));
    }

    /// What quantities of a line in a further unit let its product pass; nothing of one in the base unit.
    fn in_unit(self, j: &mut Json, question: &Question, line: usize, in_unit: Option<InUnit>) {
        let Some(InUnit { unit, down, up }) = in_unit else { return };
        let line = &question.order.lines[line];
        j.key("in_unit").object(|j| {
            j.key("unit").text(self.0.unit_text(line.product, Some(unit)));
            self.quantity_field(j, "have", line.ordered);
            for (key, quantity) in [("down", down), ("up", up)] {
                j.key(key).text_or_null(quantity.map(|quantity| self.quantity(quantity)).as_deref());
            }
        });
    }

    pub(super) fn guard(self, j: &mut Json, question: &Question, guard: &Guard) {
        let ids = Ids(&question.order);
        let t = &self.0.tables;
        let check = |j: &mut Json, check: usize| j.key("check").text(self.0.text(TextId(t.check_text[check])));
        let optional =
            |j: &mut Json, key: &str, amount: Option<Money>| j.key(key).text_or_null(amount.map(|amount| self.money(amount)).as_deref());
        let removal = |j: &mut Json, remove: &Removal| match remove {
            Some(lines) => j.key("remove").list(lines, |j, line| j.text(ids.of(*line))),
            None => j.key("remove").null(),
        };
        let line = |j: &mut Json, line: usize| j.key("line").text(ids.of(line));
        j.key("code").text(finding_code(&guard.finding));
        j.key("severity").text(severity_word(guard.severity));
        match guard.finding {
            Finding::PriceMissing { line: at } => line(j, at),
            Finding::QuantityMinimum { line: at, have, minimum, nearest, in_unit } => {
                line(j, at);
                self.quantity_field(j, "have", have);
                self.quantity_field(j, "min", minimum);
                self.quantity_field(j, "nearest", nearest);
                self.in_unit(j, question, at, in_unit);
            }
            Finding::QuantityMultiple { line: at, have, from, step, down, up, in_unit } => {
                line(j, at);
                self.quantity_field(j, "have", have);
                match from {
                    Some(from) => {
                        self.quantity_field(j, "from", from);
                        self.quantity_field(j, "step", step);
                    }
                    None => self.quantity_field(j, "multiple", step),
                }
                j.key("nearest_down").text_or_null(down.map(|down| self.quantity(down)).as_deref());
                self.quantity_field(j, "nearest_up", up);
                self.in_unit(j, question, at, in_unit);
            }
            Finding::QuantityMost { line: at, have, most, period, bought, as_of, nearest, in_unit } => {
                line(j, at);
                self.quantity_field(j, "have", have);
                self.quantity_field(j, "max", most);
                if let Some(period) = period {
                    j.key("period").text(self.0.text(period));
                    self.quantity_field(j, "bought", bought);
                    self.quantity_field(j, "left", Quantity((most.0 - bought.0).max(0)));
                    j.key("as_of").integer(as_of.0);
                }
                j.key("nearest").text_or_null(nearest.map(|nearest| self.quantity(nearest)).as_deref());
                self.in_unit(j, question, at, in_unit);
            }
            Finding::Floor { line: at, net, floor } => {
                line(j, at);
                self.money_field(j, "net", net);
                self.money_field(j, "floor", floor);
                self.money_field(j, "short", Money(floor.0 - net.0));
            }
            Finding::Approval { line: at, net, approved } => {
                line(j, at);
                for (key, amount) in [("net", net), ("approved", approved), ("short", Money(approved.0 - net.0))] {
                    self.money_field(j, key, amount);
                }
            }
            Finding::Corridor { line: at, check: of, span, worth } => {
                line(j, at);
                check(j, of);
                let below = span.least.filter(|least| worth < *least);
                j.key("side").text(if below.is_some() { "below" } else { "above" });
                self.unit_price_field(j, "recommended", span.recommended.0);
                j.key("per").integer(i64::from(span.per));
                self.money_field(j, "worth", worth);
                optional(j, "least", span.least);
                optional(j, "most", span.most);
                let by = below.map_or_else(|| worth.0 - span.most.unwrap_or(worth).0, |least| least.0 - worth.0);
                self.money_field(j, "by", Money(by));
            }
            Finding::Licence { line: at, check: of, category, expired } => {
                line(j, at);
                check(j, of);
                j.key("category").text(self.0.value_text(category));
                j.key("expired").integer_or_null(expired.map(|expired| expired.0));
            }
            Finding::Stock { line: at, have, available, nearest, as_of } => {
                line(j, at);
                for (key, quantity) in [("have", have), ("available", available), ("short", Quantity(have.0 - available.0))] {
                    self.quantity_field(j, key, quantity);
                }
                j.key("nearest").text_or_null(nearest.map(|nearest| self.quantity(nearest)).as_deref());
                j.key("as_of").integer(as_of.0);
            }
            Finding::DealerStatus => j.key("status").text("hold"),
            Finding::OrderSource { check: of } => {
                check(j, of);
                j.key("source").text_or_null(question.order.source.as_deref());
                j.key("allowed").list(t.check_sources(of), |j, source| j.text(self.0.value_text(ValueId(*source))));
            }
            Finding::FactsStale { check: of, age, most } => {
                check(j, of);
                for (key, millis) in [("as_of", question.dealer.as_of.0), ("age", age), ("most", most)] {
                    j.key(key).integer(millis);
                }
            }
            Finding::OrderMinimum { check: of, by_quantity, have, need } => {
                check(j, of);
                j.key("measure").text(if by_quantity { "quantity" } else { "amount" });
                for (key, figure) in [("have", have), ("need", need), ("short", need - have)] {
                    self.measured_field(j, key, by_quantity, figure);
                }
            }
            Finding::OrderMaximum { check: of, payable, most, ref remove } => {
                check(j, of);
                for (key, amount) in [("payable", payable), ("most", most), ("over", Money(payable.0 - most.0))] {
                    self.money_field(j, key, amount);
                }
                removal(j, remove);
            }
            Finding::Overdue { check: of, overdue, oldest, most } => {
                check(j, of);
                j.key("days").integer(t.check_low[of]);
                j.key("oldest").integer(oldest);
                for (key, amount) in [("overdue", overdue), ("most", most), ("pay", Money(overdue.0 - most.0))] {
                    self.money_field(j, key, amount);
                }
            }
            Finding::CreditUsed { check: of, exposure, limit, most, ref remove } => {
                check(j, of);
                let over = Money(exposure.0 - most.0);
                j.key("percent").figure(Scale(Percent::DIGITS), t.check_high[of], 0);
                let used = divide(i128::from(exposure.0) * 10_000, i128::from(limit.0), Rounding::Down).ok();
                j.key("used_percent").text_or_null(used.map(|used| Scale(2).show(used)).as_deref());
                for (key, amount) in [("exposure", exposure), ("limit", limit), ("most", most), ("over", over), ("prepay", over)] {
                    self.money_field(j, key, amount);
                }
                removal(j, remove);
            }
            Finding::Assortment { line: at, hidden } => {
                line(j, at);
                j.key("state").text(if hidden { "hidden" } else { "visible_not_orderable" });
            }
            Finding::Territory { line: at, region, reason, ref allowed } => {
                line(j, at);
                j.key("region").text_or_null(region.map(|region| self.0.value_text(region)));
                j.key("reason").text(match reason {
                    Trespass::Customer => "customer",
                    Trespass::Exclusive => "exclusive",
                    Trespass::Outside => "outside",
                    Trespass::Ungranted => "ungranted",
                });
                j.key("allowed").list(allowed, |j, region| j.text(self.0.value_text(ValueId(*region))));
            }
            Finding::RedeemLimit { asked, allowed, by_balance } => {
                self.money_field(j, "asked", asked);
                self.money_field(j, "allowed", allowed);
                j.key("by").text(if by_balance { "balance" } else { "share" });
            }
            Finding::CreditLimit { of_group, expired, ref remove, exposure, payable, limit, over } => {
                j.key("of").text(if of_group { "group" } else { "dealer" });
                for (key, amount) in [("exposure", exposure), ("payable", payable), ("limit", limit), ("over", over), ("prepay", over)] {
                    self.money_field(j, key, amount);
                }
                j.key("expired").integer_or_null(expired.map(|expired| expired.0));
                removal(j, remove);
            }
        }
    }

    fn redemption(self, j: &mut Json, ids: Ids, dealer: &DealerFacts, redemption: &Redemption) {
        match redemption.asked {
            None => j.key("asked").null(),
            Some(asked) => self.redeem(j.key("asked"), asked),
        }
        let figures =
            [("limit", redemption.limit), ("balance", redemption.balance), ("allowed", redemption.allowed), ("used", redemption.used)];
        for (key, amount) in figures {
            self.money_field(j, key, amount);
        }
        j.key("lots").list(&redemption.lots, |j, (lot, used, left)| {
            j.object(|j| {
                let Lot { id, expires, balance, face, once, scope, .. } = &dealer.lots[*lot];
                j.key("id").text(id);
                if let Some(scope) = scope {
                    j.key("scope").text(scope);
                }
                if *face > Money::ZERO {
                    self.money_field(j, "face", *face);
                }
                if *once {
                    self.money_field(j, "lapses", Money(balance.0 - used.0 - left.0));
                }
                match expires {
                    Some(expires) => j.key("expires").integer(expires.0),
                    None => j.key("expires").null(),
                }
                self.money_field(j, "used", *used);
                self.money_field(j, "left", *left);
            });
        });
        self.shares(j, ids, &redemption.shares);
    }

    fn redeem(self, j: &mut Json, redeem: Redeem) {
        match redeem {
            Redeem::Max => j.text("max"),
            Redeem::Amount(amount) => j.text(&self.money(amount)),
        }
    }

    fn shares(self, j: &mut Json, ids: Ids, shares: &[(usize, Money)]) {
        j.key("shares").list(shares, |j, (line, amount)| {
            j.object(|j| {
                j.key("line").text(ids.of(*line));
                self.money_field(j, "amount", *amount);
            });
        });
    }

    /// What a program takes back of the lines of an order.
    pub(super) fn taken_back(self, j: &mut Json, question: &Question, rebate: &RebatePreview) {
        self.rebate(j, Some(Ids(&question.order)), rebate);
    }

    /// Whether the volumes of a program are quantities.
    pub(super) fn by_quantity(self, rebate: &RebatePreview) -> bool {
        rebate.qualifier == Qualifier::Quantity
    }

    /// Where a program stands, without an order.
    pub fn statement(self, j: &mut Json, rebate: &RebatePreview) {
        self.rebate(j, None, rebate);
    }

    /// When the window of a program ends, if it does.
    pub(crate) fn window_end(self, rebate: &RebatePreview) -> Option<Instant> {
        let t = &self.0.tables;
        let end = Instant(t.period_to[rebate.period]);
        (end <= Instant::MAX && self.0.text(TextId(t.period_text[rebate.period])) != "lifetime").then_some(end)
    }

    fn rebate(self, j: &mut Json, ids: Option<Ids>, rebate: &RebatePreview) {
        let by_quantity = rebate.qualifier == Qualifier::Quantity;
        j.key("program").text(self.0.program(rebate.program));
        j.key("period").text(self.0.text(TextId(self.0.tables.period_text[rebate.period])));
        let basis = decoded::<Basis>(self.0.tables.program_basis[rebate.program.index()]);
        let date = decoded::<DecidedBy>(self.0.tables.program_date[rebate.program.index()]);
        j.key("label").text(if basis == Basis::Collected || date == DecidedBy::Payment { "if_paid" } else { "estimate" });
        j.key("qualifier").text(if by_quantity { "quantity" } else { "amount" });
        if self.0.tables.program_points[rebate.program.index()] == 1 {
            j.key("quantity").text("points");
        }
        j.key("volume").object(|j| {
            for (key, volume) in [("posted", rebate.posted), ("open", rebate.open), ("cart", rebate.counted)] {
                self.measured_field(j, key, by_quantity, volume.measured(rebate.qualifier));
            }
        });
        let covers = self.0.tables.program_covers[rebate.program.index()];
        j.key("counted").object(|j| {
            self.volume_fields(j, rebate.counted);
            let id = |thing: u32| if covers == 1 { self.0.sku(ProductId(thing)) } else { self.0.value_text(ValueId(thing)) };
            self.things(j, rebate.things.iter().map(|(thing, units)| (id(*thing), Quantity(*units))));
        });
        if covers > 0 {
            j.key("covered").object(|j| {
                for (key, count) in [("before", rebate.covered.0), ("after", rebate.covered.1)] {
                    j.key(key).integer(count);
                }
            });
        }
        j.key("form").text(decoded::<Form>(self.0.tables.program_form[rebate.program.index()]).word());
        for (key, amount) in [("before", rebate.before), ("after", rebate.after), ("delta", rebate.delta)] {
            self.money_field(j, key, amount);
        }
        if let Some(earned) = rebate.earned {
            self.money_field(j, "earned", earned);
        }
        if let Some(ids) = ids {
            match self.window_end(rebate) {
                Some(end) => j.key("ends").integer(end.0),
                None => j.key("ends").null(),
            }
            self.shares(j, ids, &rebate.shares);
            if !rebate.left_out.is_empty() {
                j.key("left_out").list(&rebate.left_out, |j, (line, why)| {
                    j.object(|j| {
                        j.key("line").text(ids.of(*line));
                        j.key("by").text(PriceKind::why(*why));
                    });
                });
            }
        }
        self.terms(j, rebate);
        if let Yardstick::Base(base) = rebate.yardstick {
            j.key("against").text(decoded::<Against>(self.0.tables.program_against[rebate.program.index()]).word());
            j.key("base").text_or_null(base.map(|base| self.measured(by_quantity, base)).as_deref());
            j.key("percent").text_or_null(rebate.percent.map(|percent| Scale(2).show_short(percent)).as_deref());
        }
        if let Some(joined) = rebate.joined {
            j.key("joined").object(|j| {
                self.measured_field(j, "target", by_quantity, joined.target);
                j.key("left").integer(joined.left);
                j.key("of").integer(joined.of);
                j.key("by").text(decoded::<Joiners>(self.0.tables.program_joiners[rebate.program.index()]).word());
            });
        }
        match rebate.tier {
            Some(tier) => j.key("tier").object(|j| self.tier(j, rebate, tier)),
            None => j.key("tier").null(),
        }
        match rebate.next {
            Some(NextTier { tier, gap, gain }) => j.key("next").object(|j| {
                self.tier(j, rebate, tier);
                self.measured_field(j, "gap", by_quantity, gap);
                j.key("gain").text_or_null(gain.map(|gain| self.money(gain)).as_deref());
            }),
            None => j.key("next").null(),
        }
        match rebate.cliff {
            Some(Cliff { margin, loss }) => j.key("cliff").object(|j| {
                self.measured_field(j, "margin", by_quantity, margin);
                self.money_field(j, "loss", loss);
            }),
            None => j.key("cliff").null(),
        }
        if !rebate.contests.is_empty() {
            j.key("contests").list(&rebate.contests, |j, race| j.object(|j| self.race(j, by_quantity, rebate.qualifier, race)));
        }
    }

    /// What the cart does in a contest.
    fn race(self, j: &mut Json, by_quantity: bool, by: Qualifier, race: &Race) {
        let ContestStanding { contest, names: [zh, en], as_of, rank, of, prize, volume, lead, ahead, .. } = &race.standing;
        j.key("contest").text(contest);
        j.key("name").object(|j| {
            j.key("zh").text(zh);
            j.key("en").text(en);
        });
        j.key("as_of").integer(as_of.0);
        j.key("rank").integer_or_null(*rank);
        j.key("of").integer(*of);
        self.money_field(j, "prize", *prize);
        for (key, figure) in [("then", volume.measured(by)), ("before", race.before), ("after", race.after)] {
            self.measured_field(j, key, by_quantity, figure);
        }
        j.key("lead").text_or_null(lead.map(|lead| self.measured(by_quantity, lead.measured(by))).as_deref());
        j.key("ahead").list(ahead.iter().zip(&race.ahead), |j, (rank, now)| {
            j.object(|j| {
                j.key("rank").integer(rank.rank);
                self.money_field(j, "prize", rank.prize);
                for (key, figure) in [("gap", rank.gap.measured(by)), ("before", now.before), ("after", now.after), ("over", now.over)] {
                    self.measured_field(j, key, by_quantity, figure);
                }
            });
        });
    }

    fn lack(self, j: &mut Json, Lack { need, have }: Lack) {
        let t = &self.0.tables;
        j.object(|j| {
            j.key("program").text(self.0.text(TextId(t.need_program[need])));
            for (key, figure) in [("need", t.need_value[need]), ("have", have)] {
                match decoded::<Needed>(t.need_kind[need]) {
                    Needed::Amount => self.money_field(j, key, Money(figure)),
                    Needed::Quantity | Needed::Points => self.quantity_field(j, key, Quantity(figure)),
                    Needed::Share => j.key(key).figure(Scale(Percent::DIGITS), figure, 0),
                    Needed::Skus | Needed::Categories => j.key(key).text(&Scale(0).show(figure)),
                }
            }
        });
    }

    /// What decides over a rebate beside its volume; each part only where it does.
    fn terms(self, j: &mut Json, rebate: &RebatePreview) {
        let t = &self.0.tables;
        if !rebate.modified.is_empty() {
            j.key("modifiers").list(&rebate.modified, |j, modified| {
                j.object(|j| {
                    j.key("kpi").text(self.0.text(TextId(t.kpi_text[t.modifier_kpi[modified.modifier] as usize])));
                    j.key("kind").text(decoded::<ModifierKind>(t.modifier_kind[modified.modifier]).word());
                    j.key("value").text_or_null(modified.value.map(|value| Scale(4).show_short(value)).as_deref());
                    j.key("percent").figure(Scale(Percent::DIGITS), modified.percent, 0);
                });
            });
        }
        match rebate.standing {
            Standing::Paid => {}
            Standing::LostTo(other) => j.key("lost_to").text(self.0.program(other)),
            Standing::Unmet(lack) => self.lack(j.key("unmet"), lack),
        }
        if let Some(lack) = rebate.lacks {
            self.lack(j.key("lacks"), lack);
        }
        if let Some(kept) = rebate.budget {
            j.key("budget").object(|j| {
                j.key("budget").text(self.0.budget(BudgetId(t.program_budget[rebate.program.index()])));
                self.money_field(j, "left", kept.left);
                self.money_field(j, "lost", kept.lost);
            });
        }
        if t.program_surplus[rebate.program.index()] == 1 {
            let amount = t.program_guarantee[rebate.program.index()];
            j.key("guarantee").object(|j| {
                let least = amount.saturating_sub(rebate.surplus.0).max(0);
                for (key, amount) in [("amount", Money(amount)), ("surplus", rebate.surplus), ("least", Money(least))] {
                    self.money_field(j, key, amount);
                }
            });
        }
        let minimum = Money(t.program_minimum[rebate.program.index()]);
        if minimum > Money::ZERO {
            j.key("minimum").object(|j| {
                self.money_field(j, "amount", minimum);
                self.money_field(j, "carried", rebate.carried);
                self.money_field(j, "short", Money(minimum.0.saturating_sub(rebate.carried.0).saturating_sub(rebate.after.0).max(0)));
            });
        }
        if let Some(pieces) = rebate.pieces {
            self.pieces(j, rebate.program, |j| {
                for (key, count) in [("before", pieces.before), ("after", pieces.after)] {
                    j.key(key).text(&Scale(0).show(count));
                }
                self.money_field(j, "rest", pieces.rest);
            });
        }
        if let Some(due) = rebate.due {
            j.key("due").integer(due.0);
        }
        if let Some(foreseen) = rebate.forecast {
            j.key("forecast").object(|j| {
                j.key("by").text(foreseen.by.word());
                self.measured_field(j, "volume", self.by_quantity(rebate), foreseen.volume);
                self.money_field(j, "rebate", foreseen.rebate);
                self.money_field(j, "accrued", foreseen.accrued);
                match foreseen.tier {
                    Some(tier) => j.key("tier").object(|j| self.tier(j, rebate, tier)),
                    None => j.key("tier").null(),
                }
            });
        }
        if !rebate.split.is_empty() {
            j.key("split").list(&rebate.split, |j, (party, before, after)| {
                j.object(|j| {
                    j.key("to").text(self.0.text(TextId(t.split_to[*party])));
                    self.money_field(j, "before", *before);
                    self.money_field(j, "after", *after);
                });
            });
        }
    }

    /// What a program is paid in by the piece, and how many of it.
    pub(crate) fn pieces(self, j: &mut Json, program: ProgramId, counts: impl FnOnce(&mut Json)) {
        let (goods, piece) = (self.0.tables.program_goods[program.index()], self.0.tables.program_piece[program.index()]);
        j.key("pieces").object(|j| {
            if goods != NONE {
                j.key("sku").text(self.0.sku(ProductId(goods)));
            }
            self.money_field(j, "value", Money(piece));
            counts(j);
        });
    }

    pub(super) fn tier(self, j: &mut Json, rebate: &RebatePreview, tier: Tier) {
        let t = &self.0.tables;
        let by_quantity = rebate.qualifier == Qualifier::Quantity;
        self.measured_field(j, if tier.above { "above" } else { "from" }, by_quantity, tier.from);
        match decoded::<Pays>(t.program_pays[rebate.program.index()]) {
            Pays::Percent => j.key("percent").figure(Scale(Percent::DIGITS), tier.value, 0),
            Pays::PerUnit => self.unit_price_field(j, "per_unit", tier.value),
            Pays::Amount => self.money_field(j, "amount", Money(tier.value)),
        }
        if tier.every > 0 {
            self.measured_field(j, "every", by_quantity, tier.every);
        }
        if let Some(excess) = tier.excess {
            j.key("excess").figure(Scale(Percent::DIGITS), excess, 0);
        }
    }

    /// Hash over engine, bundle, order, facts and now.
    pub fn inputs_hash(self, question: &Question) -> String {
        let text = Json::write(|j| {
            j.object(|j| {
                j.key("engine").text(Engine::VERSION);
                j.key("bundle").text(&self.0.hash);
                self.canonical_order(j.key("order"), &question.order);
                self.dealer(j.key("dealer"), question);
                j.key("now").integer(question.now.0);
            });
        });
        hex(&sha256(text.as_bytes()))
    }

    /// Hash over figures and allocations: what a dealer agrees to. Credit, rebates, reasons and time stay outside, they are no part of the price.
    pub fn result_hash(self, order: &Order, quote: &Quote) -> String {
        let text = Json::write(|j| {
            j.object(|j| {
                j.key("currency").text(self.0.constant_text(Constant::Currency));
                j.key("lines").list(order.lines.iter().zip(&quote.lines), |j, (ordered, line)| {
                    j.object(|j| {
                        j.key("id").text(&ordered.id);
                        j.key("sku").text(self.0.sku(line.product));
                        self.quantity_field(j, "quantity", line.quantity);
                        j.key("list").text_or_null(line.price.map(|_| self.money(line.list)).as_deref());
                        self.adjustments(j, quote, line);
                        self.money_field(j, "net", line.net);
                        self.tax(j, line.tax);
                    });
                });
                self.gifts(j, quote);
                self.earned(j, quote);
                self.freight(j, quote);
                if let Some(redemption) = quote.redemption.as_ref().filter(|redemption| redemption.used > Money::ZERO) {
                    self.shares(j, Ids(order), &redemption.shares);
                }
                self.money_field(j, "payable", quote.totals.payable);
            });
        });
        hex(&sha256(text.as_bytes()))
    }

    /// An order with its lines as they are given; canonical when these are in order of their id.
    fn canonical_order(self, j: &mut Json, order: &Order) {
        self.order_by(j, order, |policy, line| policy.sku(line.product));
    }

    /// An order with its products by the names that it was entered with.
    pub fn order(self, j: &mut Json, order: &Order) {
        self.order_by(j, order, |policy, line| line.alias.map_or_else(|| policy.sku(line.product), |alias| policy.alias(alias)));
    }

    fn order_by(self, j: &mut Json, order: &Order, sku: fn(&'a Loaded, &OrderLine) -> &'a str) {
        j.object(|j| {
            j.key("schema").integer(1);
            if let Some(source) = &order.source {
                j.key("source").text(source);
            }
            let Delivery { region, customer, by, day, from: _ } = &order.delivery;
            if let Some(day) = day {
                j.key("deliver").text(day);
            }
            if region.is_some() || customer.is_some() {
                j.key("ship_to").object(|j| {
                    if let Some(region) = region {
                        j.key("region").text(self.0.value_text(*region));
                    }
                    if let Some(customer) = customer {
                        j.key("customer").text(customer);
                    }
                });
            }
            if let Some(by) = by {
                let (kind, fulfilled_by) = delivered_by(by);
                j.key("delivery").text(kind);
                if let Some(dealer) = fulfilled_by {
                    j.key("fulfilled_by").text(dealer);
                }
            }
            if let Some(redeem) = order.redeem {
                self.redeem(j.key("redeem"), redeem);
            }
            j.key("lines").list(&order.lines, |j, line| {
                j.object(|j| {
                    j.key("id").text(&line.id);
                    j.key("sku").text(sku(self.0, line));
                    self.quantity_field(j, "quantity", line.ordered);
                    j.key("unit").text(self.0.unit_text(line.product, line.unit));
                    if let Some(customer) = &line.customer {
                        j.key("customer").text(customer);
                    }
                });
            });
            if !order.coupons.is_empty() {
                j.key("coupons").list(&order.coupons, |j, entered| j.text(&entered.code));
            }
            if !order.gifts.is_empty() {
                j.key("gifts").object(|j| {
                    for choice in &order.gifts {
                        j.key(&choice.promotion).list(&choice.products, |j, product| j.text(self.0.sku(*product)));
                    }
                });
            }
            if !order.decline.is_empty() {
                j.key("decline").list(&order.decline, |j, id| j.text(id));
            }
            attributes(j, &order.attributes);
        });
    }

    fn dealer(self, j: &mut Json, question: &Question) {
        let dealer = &question.dealer;
        j.object(|j| {
            j.key("schema").integer(1);
            j.key("id").text(&dealer.id);
            j.key("as_of").integer(dealer.as_of.0);
            for (key, value) in [("grade", dealer.grade), ("region", dealer.region), ("channel", dealer.channel), ("group", dealer.group)] {
                if let Some(value) = value {
                    j.key(key).text(self.0.value_text(value));
                }
            }
            if let Some((grade, lost)) = &dealer.grade_before {
                j.key("grade_before").text(grade);
                j.key("grade_lost").integer(lost.0);
            }
            if let Some(date) = &dealer.contract_date {
                j.key("contract_date").text(date);
            }
            if dealer.on_hold {
                j.key("status").text("hold");
            }
            if !dealer.licences.is_empty() {
                j.key("licences").list(&dealer.licences, |j, licence| {
                    j.object(|j| {
                        j.key("category").text(&licence.category);
                        j.key("expires").integer_or_null(licence.expires.map(|expires| expires.0));
                    });
                });
            }
            if let Some(credit) = &dealer.credit {
                j.key("credit").object(|j| {
                    self.drawn(j, &credit.own);
                    if let Some(group) = &credit.group {
                        j.key("group").object(|j| self.drawn(j, group));
                    }
                    if !credit.overdue.is_empty() {
                        j.key("overdue").list(&credit.overdue, |j, item| {
                            j.object(|j| {
                                self.money_field(j, "amount", item.amount);
                                j.key("days").integer(item.days);
                            });
                        });
                    }
                    if credit.released {
                        j.key("status").text("released");
                    }
                });
            }
            j.key("volumes").list(&dealer.volumes, |j, volume| {
                j.object(|j| {
                    j.key("program").text(&volume.program);
                    j.key("period").text(&volume.period);
                    for (key, known, units) in [("posted", volume.posted, &volume.covered[0]), ("open", volume.open, &volume.covered[1])] {
                        j.key(key).object(|j| {
                            self.volume_fields(j, known);
                            self.things(j, units.iter().map(|(id, units)| (&**id, *units)));
                        });
                    }
                    for (key, known) in [
                        ("target", volume.target),
                        ("last_year", volume.last_year),
                        ("last_year_to_date", volume.last_year_to_date),
                        ("expected", volume.expected),
                    ] {
                        if let Some(known) = known {
                            self.volume(j.key(key), known);
                        }
                    }
                    if let Some(joined) = volume.joined {
                        j.key("joined").integer(joined.0);
                    }
                    if volume.carried != Money::ZERO {
                        self.money_field(j, "carried", volume.carried);
                    }
                    if volume.surplus != Money::ZERO {
                        self.money_field(j, "surplus", volume.surplus);
                    }
                });
            });
            if !dealer.programs.is_empty() {
                j.key("programs").list(&dealer.programs, |j, program| j.text(program));
            }
            if !dealer.contests.is_empty() {
                j.key("contests").list(&dealer.contests, |j, standing| j.object(|j| self.standing(j, standing)));
            }
            if !dealer.kpis.is_empty() {
                j.key("kpis").object(|j| dealer.kpis.iter().for_each(|(id, value)| j.key(id).figure(Scale(4), *value, 0)));
            }
            if !dealer.usage.is_empty() {
                j.key("usage").object(|j| {
                    for usage in &dealer.usage {
                        j.key(&usage.promotion).object(|j| {
                            self.used(j, None, &usage.times);
                            if usage.units != Used::default() {
                                j.key("units").object(|j| self.used(j, Some(self.0.constants.quantity_scale), &usage.units));
                            }
                            if !usage.skus.is_empty() {
                                j.key("skus").object(|j| {
                                    let scale = Some(self.0.constants.quantity_scale);
                                    usage.skus.iter().for_each(|(sku, used)| j.key(sku).object(|j| self.used(j, scale, used)));
                                });
                            }
                        });
                    }
                });
            }
            if !dealer.budgets.is_empty() {
                j.key("budgets").object(|j| {
                    for known in &dealer.budgets {
                        j.key(&known.budget).object(|j| {
                            self.money_field(j, "used", known.used);
                            if let Some(version) = &known.version {
                                j.key("version").text(version);
                            }
                        });
                    }
                });
            }
            if !dealer.lots.is_empty() {
                j.key("lots").list(&dealer.lots, |j, lot| {
                    j.object(|j| {
                        j.key("id").text(&lot.id);
                        self.money_field(j, "balance", lot.balance);
                        j.key("issued").integer(lot.issued.0);
                        j.key("expires").integer_or_null(lot.expires.map(|expires| expires.0));
                        if lot.discounts {
                            j.key("invoice_treatment").text("discount");
                        }
                        if lot.face > Money::ZERO {
                            self.money_field(j, "face", lot.face);
                        }
                        if lot.once {
                            j.key("pays").text("one_order");
                        }
                        if let Some(scope) = &lot.scope {
                            j.key("scope").text(scope);
                        }
                    });
                });
            }
            if !dealer.bought.is_empty() {
                j.key("bought").list(&dealer.bought, |j, bought| {
                    j.object(|j| {
                        j.key("sku").text(self.0.sku(bought.product));
                        j.key("period").text(&bought.period);
                        self.quantity_field(j, "quantity", bought.quantity);
                    });
                });
            }
            if !dealer.registrations.is_empty() {
                j.key("registrations").list(&dealer.registrations, |j, known| {
                    j.object(|j| {
                        j.key("registration").text(&known.registration);
                        j.key("sku").text(&known.sku);
                        self.quantity_field(j, "used", known.used);
                        if !known.periods.is_empty() {
                            j.key("periods").object(|j| {
                                known.periods.iter().for_each(|(label, used)| self.quantity_field(j, label, *used));
                            });
                        }
                    });
                });
            }
            if !dealer.adjustments.is_empty() {
                j.key("adjustments").list(&dealer.adjustments, |j, approved| {
                    j.object(|j| {
                        let texts = [("id", &approved.id), ("line", &approved.line)];
                        texts.into_iter().for_each(|(key, text)| j.key(key).text(text));
                        match approved.off {
                            Off::Amount(amount) => self.money_field(j, "amount", amount),
                            Off::Percent(share) => j.key("percent").figure(Scale(Percent::DIGITS), share.0, 0),
                        }
                        j.key("approver").text(&approved.approver);
                        j.key("reason").text(&approved.reason);
                    });
                });
            }
            if !dealer.stock.is_empty() {
                j.key("stock").list(&dealer.stock, |j, stock| {
                    j.object(|j| {
                        j.key("sku").text(self.0.sku(stock.product));
                        j.key("warehouse").text_or_null(stock.warehouse.as_deref());
                        self.quantity_field(j, "available", stock.available);
                        j.key("as_of").integer_or_null(stock.as_of.map(|as_of| as_of.0));
                    });
                });
            }
            if let Some(orders) = &dealer.orders {
                j.key("orders").object(|j| {
                    j.key("count").integer(orders.count);
                    j.key("by_source").object(|j| orders.by_source.iter().for_each(|(source, count)| j.key(source).integer(*count)));
                });
            }
            if !dealer.inventory.is_empty() {
                j.key("inventory").list(&dealer.inventory, |j, own| {
                    j.object(|j| {
                        j.key("sku").text(self.0.sku(own.product));
                        let mut quantities = vec![("on_hand", own.on_hand), ("on_order", own.on_order), ("max", own.max)];
                        match own.reorder {
                            Reorder::Point(point) => quantities.push(("reorder_point", point)),
                            Reorder::Usage { daily, lead_days, safety } => {
                                quantities.push(("safety", safety));
                                j.key("daily").figure(Scale(6), daily, 0);
                                j.key("lead_days").integer(lead_days);
                            }
                        }
                        for (key, quantity) in quantities {
                            self.quantity_field(j, key, quantity);
                        }
                    });
                });
            }
            attributes(j, &dealer.attributes);
        });
    }

    fn drawn(self, j: &mut Json, account: &Account) {
        let drawn = [("receivable", account.receivable), ("delivered", account.delivered), ("open_orders", account.open_orders)];
        for (key, amount) in [("limit", account.limit)].into_iter().chain(drawn).chain([("prepaid", account.prepaid)]) {
            self.money_field(j, key, amount);
        }
        if let Some(expires) = account.expires {
            j.key("expires").integer(expires.0);
        }
    }

    /// Where a dealer stands in a contest, as an entry of his facts.
    fn standing(self, j: &mut Json, standing: &ContestStanding) {
        let ContestStanding { contest, names: [zh, en], program, period, as_of, rank, of, prize, volume, lead, ahead } = standing;
        for (key, text) in [("contest", contest), ("zh", zh), ("en", en), ("program", program), ("period", period)] {
            j.key(key).text(text);
        }
        j.key("as_of").integer(as_of.0);
        j.key("rank").integer_or_null(*rank);
        j.key("of").integer(*of);
        self.money_field(j, "prize", *prize);
        self.volume(j.key("volume"), *volume);
        if let Some(lead) = lead {
            self.volume(j.key("lead"), *lead);
        }
        j.key("ahead").list(ahead, |j, one| {
            j.object(|j| {
                j.key("rank").integer(one.rank);
                self.money_field(j, "prize", one.prize);
                self.volume(j.key("gap"), one.gap);
            });
        });
    }

    fn volume(self, j: &mut Json, volume: Volume) {
        j.object(|j| self.volume_fields(j, volume));
    }

    fn volume_fields(self, j: &mut Json, volume: Volume) {
        self.money_field(j, "amount", volume.amount);
        self.quantity_field(j, "quantity", volume.quantity);
    }

    /// What a program tells apart of a volume, if it is of any.
    fn things<'u>(self, j: &mut Json, units: impl ExactSizeIterator<Item = (&'u str, Quantity)>) {
        if units.len() > 0 {
            j.key("covered").list(units, |j, (id, units)| {
                j.object(|j| {
                    j.key("of").text(id);
                    self.quantity_field(j, "quantity", units);
                });
            });
        }
    }

    fn name(self, j: &mut Json, zh: u32, en: u32) {
        j.object(|j| {
            j.key("zh").text(self.0.text(TextId(zh)));
            j.key("en").text(self.0.text(TextId(en)));
        });
    }

    /// What the policy calls its parts.
    pub fn policy(self) -> String {
        let (t, c) = (&self.0.tables, &self.0.constants);
        let open = |instant: i64| (instant != i64::MIN && instant != i64::MAX).then_some(instant);
        Json::write(|j| {
            j.object(|j| {
                j.key("id").text(self.0.constant_text(Constant::PolicyId));
                j.key("version").text(self.0.constant_text(Constant::Version));
                j.key("name").object(|j| {
                    j.key("zh").text(self.0.constant_text(Constant::NameZh));
                    j.key("en").text(self.0.constant_text(Constant::NameEn));
                });
                j.key("bundle").text(&self.0.hash);
                j.key("slice_for").text_or_null(self.0.cut_for().and_then(|mut own| own.next()).flatten());
                j.key("engine").text(Engine::VERSION);
                j.key("currency").text(self.0.constant_text(Constant::Currency));
                j.key("digits").integer(i64::from(c.money_scale.0));
                j.key("tax").text_or_null(c.tax.map(|basis| match basis {
                    TaxBasis::Inclusive => "inclusive",
                    TaxBasis::Exclusive => "exclusive",
                }));
                j.key("zone").text(self.0.constant_text(Constant::Zone));
                j.key("valid_from").integer_or_null(open(c.valid.from.0));
                j.key("valid_to").integer_or_null(open(c.valid.to.0));
                j.key("horizon").integer(c.horizon.0);
                type Named = fn(&Tables) -> [&[u32]; 3];
                // What only the old side of a transition has comes last.
                let mut named = |key: &str, of: Named| {
                    j.key(key).object(|j| {
                        for (number, side) in self.0.sides().enumerate() {
                            let [ids, zh, en] = of(&side.tables);
                            for ((id, zh), en) in ids.iter().zip(zh).zip(en) {
                                let own = || of(t)[0].iter().any(|own| t.bytes(TextId(*own)) == side.tables.bytes(TextId(*id)));
                                if number == 0 || !own() {
                                    Writer(side).name(j.key(side.text(TextId(*id))), *zh, *en);
                                }
                            }
                        }
                    });
                };
                named("promotions", |t| [&t.rule_text, &t.rule_zh, &t.rule_en]);
                named("programs", |t| [&t.program_text, &t.program_zh, &t.program_en]);
                named("budgets", |t| [&t.budget_text, &t.budget_zh, &t.budget_en]);
                named("freight", |t| [&t.freight_text, &t.freight_zh, &t.freight_en]);
                named("accesses", |t| [&t.access_text, &t.access_zh, &t.access_en]);
                let mut numbers: Vec<&str> = Vec::new();
                for side in self.0.sides() {
                    numbers.extend(side.tables.registration_text.iter().map(|text| side.text(TextId(*text))));
                }
                sort(&mut numbers, Ord::cmp);
                numbers.dedup();
                j.key("registrations").list(numbers, |j, number| j.text(number));
                let mut names = |key: &str, ids: &[u32], zh: &[u32], en: &[u32]| {
                    j.key(key).object(|j| {
                        for ((id, zh), en) in ids.iter().zip(zh).zip(en) {
                            self.name(j.key(self.0.text(TextId(*id))), *zh, *en);
                        }
                    });
                };
                let axes = [
                    ("grades", Dimension::Grade),
                    ("regions", Dimension::Region),
                    ("channels", Dimension::Channel),
                    ("dealer_groups", Dimension::Group),
                    ("categories", Dimension::Category),
                    ("brands", Dimension::Brand),
                ];
                for (key, axis) in axes {
                    let range = t.axis(axis);
                    names(key, &t.value_text[range.clone()], &t.value_zh[range.clone()], &t.value_en[range]);
                }
                j.key("parents").object(|j| {
                    for (key, axis) in
                        [("regions", Dimension::Region), ("dealer_groups", Dimension::Group), ("categories", Dimension::Category)]
                    {
                        j.key(key).object(|j| {
                            for value in t.axis(axis).filter(|value| t.value_parent[*value] != NONE) {
                                let parent = t.value_text[t.value_parent[value] as usize];
                                j.key(self.0.text(TextId(t.value_text[value]))).text(self.0.text(TextId(parent)));
                            }
                        });
                    }
                });
            });
        })
    }
}

/// The word for who hands an order over, and his id where it is another dealer.
fn delivered_by(by: &DeliveredBy) -> (&'static str, Option<&str>) {
    match by {
        DeliveredBy::DropShip => ("drop_ship", None),
        DeliveredBy::PickUp(dealer) => ("pick_up", Some(dealer)),
    }
}

fn attributes(j: &mut Json, attributes: &[(String, String)]) {
    j.key("attributes").object(|j| {
        for (key, value) in attributes {
            j.key(key).text(value);
        }
    });
}

/// Faults as the error envelope of every door.
pub fn faults_json(faults: &Faults) -> String {
    Json::write(|j| {
        j.object(|j| {
            j.key("faults").list(&faults.0, |j, Fault { code, path, value, message, help }| {
                j.object(|j| {
                    for (key, text) in [("code", *code), ("path", path), ("value", value), ("message", message), ("help", help)] {
                        j.key(key).text(text);
                    }
                });
            });
        });
    })
}
