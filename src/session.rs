//! A cart that stays inside the engine: the dealer's context is resolved once, a change is a product and a quantity.

use crate::Engine;
use crate::explain::{self, Language};
use crate::facts::{DealerFacts, EnteredCoupon, GiftChoice, Order, OrderLine, Question, Redeem};
use crate::id::{ProductId, ValueId};
use crate::num::Quantity;
use crate::quote::{Quote, QuoteLine};
use crate::sort::sort;
use crate::time::Instant;
use crate::waterfall::{self, Context};
use crate::wire::{Faults, Json, Node, Writer, overflow, read, sentences};
use std::rc::Rc;

/// A cart of one dealer at one instant.
#[derive(Debug)]
pub struct Session {
    engine: Rc<Engine>,
    dealer: DealerFacts,
    now: Instant,
    source: Option<String>,
    ship_to: Option<ValueId>,
    redeem: Option<Redeem>,
    context: Context,
    /// Products in the order in which they were added.
    cart: Vec<(ProductId, Quantity)>,
    coupons: Vec<EnteredCoupon>,
    gifts: Vec<GiftChoice>,
    /// The lines of the last answer that was given out with their ids, for [`Session::changes`].
    answered: Vec<(String, QuoteLine)>,
}

impl Session {
    /// Opens a cart for `{ dealer, now, source?, ship_to? }`.
    /// # Errors
    /// Every fault of the input.
    pub fn open(engine: Rc<Engine>, input: &Node) -> Result<Session, Faults> {
        let policy = engine.policy();
        let (dealer, now, (source, ship_to)) = read(|reader| {
            reader.context(policy, input, |reader, entries| Some((entries.text(reader, "source"), entries.ship_to(reader, policy))))
        })?;
        let context = Context::new(policy, &dealer, source.as_deref(), now);
        let (cart, coupons, gifts) = (Vec::new(), Vec::new(), Vec::new());
        Ok(Session { dealer, now, source, ship_to, redeem: None, context, cart, coupons, gifts, answered: Vec::new(), engine })
    }

    /// Sets the quantity of a product; zero removes it.
    /// # Errors
    /// An unknown SKU or a bad quantity; the cart stays as it was.
    pub fn set(&mut self, sku: &str, quantity: &Node) -> Result<(), Faults> {
        let (product, quantity) = read(|reader| reader.cart_line(self.engine.policy(), sku, quantity, self.cart.len()))?;
        match self.cart.iter().position(|(p, _)| *p == product) {
            Some(found) if quantity.0 == 0 => {
                self.cart.remove(found);
            }
            Some(found) => self.cart[found].1 = quantity,
            None if quantity.0 == 0 => {}
            None => self.cart.push((product, quantity)),
        }
        Ok(())
    }

    /// Replaces the coupons and the choices of gifts by those of `{ coupons?, gifts? }`.
    /// # Errors
    /// Every fault of the input; the cart stays as it was.
    pub fn enter(&mut self, input: &Node) -> Result<(), Faults> {
        (self.coupons, self.gifts) = read(|reader| reader.entries(self.engine.policy(), input))?;
        Ok(())
    }

    /// Says how much rebates shall pay: an amount, `max`, or nothing.
    /// # Errors
    /// A bad amount; the cart stays as it was.
    pub fn redeem(&mut self, amount: &Node) -> Result<(), Faults> {
        self.redeem = match amount {
            Node::Null => None,
            _ => Some(read(|reader| reader.redeem(self.engine.policy(), amount, "redeem"))?),
        };
        Ok(())
    }

    /// Removes every line, coupon and choice.
    pub fn clear(&mut self) {
        self.cart.clear();
        self.coupons.clear();
        self.gifts.clear();
    }

    /// The whole quote, equal to that of a fresh engine.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn quote(&mut self) -> Result<String, Faults> {
        let question = self.question();
        let quote = self.price(&question)?;
        let text = Writer(self.engine.policy()).quote(&question, &quote);
        self.remember(question, quote);
        Ok(text)
    }

    /// The quote with only those lines that differ from the last answer, and the ids of lines that are gone.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn changes(&mut self) -> Result<String, Faults> {
        let question = self.question();
        let quote = self.price(&question)?;
        let ids = || question.order.lines.iter().map(|line| &line.id);
        let before = |id: &String| self.answered.binary_search_by(|(old, _)| old.cmp(id)).ok().map(|found| &self.answered[found].1);
        // A line that only moved has not changed.
        let same = |line: &QuoteLine, old: &QuoteLine| QuoteLine { position: line.position, ..old.clone() } == *line;
        let changed: Vec<usize> = ids()
            .zip(&quote.lines)
            .enumerate()
            .filter(|(_, (id, line))| !before(id).is_some_and(|old| same(line, old)))
            .map(|(index, _)| index)
            .collect();
        let removed = self.answered.iter().map(|(id, _)| id).filter(|old| !ids().any(|id| id == *old));
        let text = Json::write(|j| {
            j.object(|j| {
                Writer(self.engine.policy()).quote_fields(j, &question, &quote, &changed);
                j.key("removed").list(removed, |j, id| j.text(id));
            });
        });
        self.remember(question, quote);
        Ok(text)
    }

    fn remember(&mut self, question: Question, quote: Quote) {
        self.answered = question.order.lines.into_iter().map(|line| line.id).zip(quote.lines).collect();
    }

    /// The cart as an order, its lines as they were added.
    pub fn order(&self) -> String {
        Json::write(|j| Writer(self.engine.policy()).order(j, &self.intent()))
    }

    /// Reasons in words for the cart as it is.
    /// # Errors
    /// An unknown language, or `AMOUNT_OVERFLOW`.
    pub fn explain(&self, language: &str) -> Result<String, Faults> {
        let language: Language = read(|reader| reader.language(language))?;
        let quote = self.price(&self.question())?;
        Ok(sentences(&explain::sentences(self.engine.policy(), &quote, language)))
    }

    fn price(&self, question: &Question) -> Result<Quote, Faults> {
        waterfall::quote(self.engine.policy(), &self.context, &question.order).map_err(overflow)
    }

    fn question(&self) -> Question {
        let mut order = self.intent();
        sort(&mut order.lines, |a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
        Question { order, dealer: self.dealer.clone(), now: self.now }
    }

    fn intent(&self) -> Order {
        let policy = self.engine.policy();
        let line = |(position, (product, quantity)): (usize, &(ProductId, Quantity))| OrderLine {
            id: format!("{}|{}", policy.sku(*product), policy.unit(*product)),
            product: *product,
            quantity: *quantity,
            position,
        };
        let lines = self.cart.iter().enumerate().map(line).collect();
        let (coupons, gifts) = (self.coupons.clone(), self.gifts.clone());
        let (source, ship_to, redeem) = (self.source.clone(), self.ship_to, self.redeem);
        Order { source, ship_to, redeem, lines, coupons, gifts, attributes: Vec::new() }
    }
}
