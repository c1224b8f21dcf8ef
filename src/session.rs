//! A cart that stays inside the engine: the dealer's context is resolved once, a change is a product and a quantity.

use crate::Engine;
use crate::bundle::Loaded;
use crate::explain::{self, Language};
use crate::facts::{DealerFacts, Delivery, EnteredCoupon, GiftChoice, Order, OrderLine, Question, Redeem};
use crate::id::ProductId;
use crate::num::{Quantity, Scale};
use crate::policy::Side;
use crate::quote::{Quote, QuoteLine};
use crate::sort::sort;
use crate::time::Instant;
use crate::transition::Terms;
use crate::wire::{Faults, Json, Node, Packed, Writer, alternatives_of, hints_of, line_id, overflow, read, read_wish, sentences};
use std::rc::Rc;
use std::sync::Arc;

/// A cart of one dealer at one instant.
#[derive(Debug)]
pub struct Session {
    engine: Rc<Engine>,
    dealer: DealerFacts,
    now: Instant,
    source: Option<String>,
    delivery: Delivery,
    attributes: Vec<(String, String)>,
    terms: Arc<Terms>,
    /// Lines in the order in which they were added; their ids are made when it is answered.
    cart: Vec<OrderLine>,
    /// What was entered beside the cart, one state after another, never empty: answers that are out are still asked for their hashes.
    entered: Vec<Entered>,
    /// The side and the lines of the last answer that was given out with their ids, for [`Session::changes`].
    answered: (Option<Side>, Vec<(String, QuoteLine)>),
}

/// Coupons, choices of gifts, declined promotions, and how much rebates shall pay.
#[derive(Debug, Clone, Default, PartialEq)]
struct Entered {
    coupons: Vec<EnteredCoupon>,
    gifts: Vec<GiftChoice>,
    decline: Vec<String>,
    redeem: Option<Redeem>,
}

impl Session {
    /// Opens a cart for `{ dealer, now, source?, ship_to?, deliver?, delivery?, fulfilled_by?, attributes? }`.
    /// # Errors
    /// Every fault of the input.
    pub fn open(engine: Rc<Engine>, input: &Node) -> Result<Session, Faults> {
        let policy = engine.policy();
        let (dealer, now, (source, delivery, attributes)) = read(|reader| {
            reader.context(policy, input, |reader, entries| {
                Some((entries.id(reader, "source"), entries.delivery(reader, policy), entries.attributes(reader, policy)))
            })
        })?;
        let terms = engine.terms(&dealer, source.as_deref(), now, delivery.from);
        let entered = vec![Entered::default()];
        Ok(Session { dealer, now, source, delivery, attributes, terms, cart: Vec::new(), entered, answered: (None, Vec::new()), engine })
    }

    /// Sets the quantity of a product in its base unit; zero removes it.
    /// # Errors
    /// An unknown SKU or a bad quantity; the cart stays as it was.
    pub fn set(&mut self, sku: &str, quantity: &Node) -> Result<(), Faults> {
        self.set_in(sku, "", quantity)
    }

    /// Sets the quantity of a product in one of its units, an empty one being the base unit; zero removes it.
    /// # Errors
    /// An unknown SKU or unit, or a bad quantity; the cart stays as it was.
    pub fn set_in(&mut self, sku: &str, unit: &str, quantity: &Node) -> Result<(), Faults> {
        let line = read(|reader| reader.cart_line(self.engine.policy(), sku, unit, quantity, self.cart.len()))?;
        match self.cart.iter().position(|known| (known.product, known.unit) == (line.product, line.unit)) {
            Some(found) if line.quantity.0 == 0 => {
                self.cart.remove(found);
            }
            Some(found) => self.cart[found] = line,
            None if line.quantity.0 == 0 => {}
            None => self.cart.push(line),
        }
        Ok(())
    }

    /// Replaces the coupons, the choices of gifts and the declined promotions by those of `{ coupons?, gifts?, decline? }`.
    /// # Errors
    /// Every fault of the input; the cart stays as it was.
    pub fn enter(&mut self, input: &Node) -> Result<(), Faults> {
        let (coupons, gifts, decline) = read(|reader| reader.entries(self.engine.policy(), input))?;
        self.enter_state(Entered { coupons, gifts, decline, redeem: self.entered[self.state()].redeem });
        Ok(())
    }

    /// Says how much rebates shall pay: an amount, `max`, or nothing.
    /// # Errors
    /// A bad amount; the cart stays as it was.
    pub fn redeem(&mut self, amount: &Node) -> Result<(), Faults> {
        let redeem = match amount {
            Node::Null => None,
            _ => Some(read(|reader| reader.redeem(self.engine.policy(), amount, "redeem"))?),
        };
        self.enter_state(Entered { redeem, ..self.entered[self.state()].clone() });
        Ok(())
    }

    /// Removes every line and everything that is entered.
    pub fn clear(&mut self) {
        self.cart.clear();
        self.enter_state(Entered::default());
    }

    fn enter_state(&mut self, state: Entered) {
        if self.entered.last() != Some(&state) {
            self.entered.push(state);
        }
    }

    /// The state that holds now, by its number.
    fn state(&self) -> usize {
        self.entered.len() - 1
    }

    /// The whole quote, equal to that of a fresh engine.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn quote(&mut self) -> Result<String, Faults> {
        let (question, policy, quote) = self.answer()?;
        let text = Writer(policy).quote(&question, &quote);
        self.remember(question, quote);
        Ok(text)
    }

    /// The same as columns, without the hashes; the cart stands at the end, for [`Session::hashes`].
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn columns(&mut self) -> Result<Packed, Faults> {
        let (question, policy, mut quote) = self.answer()?;
        let all: Vec<usize> = (0..quote.lines.len()).collect();
        let mut packed = Writer(policy).columns(&question, &mut quote, &all, &|_| ());
        packed.text += &self.packed_cart();
        self.remember(question, quote);
        Ok(packed)
    }

    /// The quote with only those lines that differ from the last answer, and the ids of lines that are gone.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn changes(&mut self) -> Result<String, Faults> {
        let (question, policy, quote) = self.answer()?;
        let (changed, removed) = self.difference(&question, &quote);
        let text = Json::write(|j| {
            j.object(|j| {
                Writer(policy).quote_fields(j, &question, &quote, &changed);
                j.key("removed").list(&removed, |j, id| j.text(id));
            });
        });
        self.remember(question, quote);
        Ok(text)
    }

    /// The same as columns, without the hashes; the cart stands at the end, for [`Session::hashes`].
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn changes_columns(&mut self) -> Result<Packed, Faults> {
        let (question, policy, mut quote) = self.answer()?;
        let (changed, removed) = self.difference(&question, &quote);
        let removed = |j: &mut Json| j.key("removed").list(&removed, |j, id| j.text(id));
        let mut packed = Writer(policy).columns(&question, &mut quote, &changed, &removed);
        packed.text += &self.packed_cart();
        self.remember(question, quote);
        Ok(packed)
    }

    /// The totals of the cart as canonical JSON; what [`Session::changes`] compares with stays as it is.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn totals(&self) -> Result<String, Faults> {
        let (_, policy, quote) = self.answer()?;
        Ok(Json::write(|j| Writer(policy).totals(j, &quote.totals)))
    }

    /// The hashes of an answer as canonical JSON, by the cart that stood at its end.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn hashes(&self, cart: &str) -> Result<String, Faults> {
        let policy = self.engine.policy();
        let number = |text: Option<&str>| text.and_then(|text| Scale(0).read(text).ok());
        let mut numbers = cart.split(' ');
        let state = number(numbers.next()).and_then(|state| usize::try_from(state).ok()).unwrap_or_default().min(self.state());
        let cart: Vec<OrderLine> = std::iter::from_fn(|| {
            let product =
                u32::try_from(number(numbers.next())?).ok().filter(|product| (*product as usize) < policy.tables.product_sku.len())?;
            let product = ProductId(product);
            let unit = number(numbers.next())?;
            let unit = policy.tables.units_of(product).find(|known| i64::from(known.0) == unit);
            let ordered = number(numbers.next())?;
            let quantity = Quantity(policy.tables.factor(unit).of(ordered)?);
            Some(OrderLine {
                id: String::new(),
                product,
                alias: None,
                unit,
                ordered: Quantity(ordered),
                quantity,
                customer: None,
                position: 0,
            })
        })
        .collect();
        let question = self.question(&cart, state);
        let (side, quote) = self.price(&question)?;
        Ok(Json::write(|j| j.object(|j| Writer(side).hashes(j, &question, &quote))))
    }

    /// The state of what is entered, then products, units and quantities as numbers of this bundle; the base unit is -1.
    fn packed_cart(&self) -> String {
        let state = i64::try_from(self.state()).unwrap_or_default();
        let numbers = self.cart.iter().flat_map(|line| {
            let unit = line.unit.map_or(-1, |unit| i64::from(unit.0));
            [i64::from(line.product.0), unit, line.ordered.0]
        });
        std::iter::once(state).chain(numbers).map(|number| Scale(0).show(number) + " ").collect()
    }

    /// Places of the lines that differ from the last answer, and ids of lines that are gone.
    fn difference(&self, question: &Question, quote: &Quote) -> (Vec<usize>, Vec<String>) {
        let ids = || question.order.lines.iter().map(|line| &line.id);
        let (side, answered) = &self.answered;
        // The numbers of another side mean other things.
        let known = if *side == side_of(quote) { &answered[..] } else { &[] };
        let before = |id: &String| known.binary_search_by(|(old, _)| old.cmp(id)).ok().map(|found| &known[found].1);
        // A line that only moved has not changed.
        let same = |line: &QuoteLine, old: &QuoteLine| QuoteLine { position: line.position, ..old.clone() } == *line;
        let changed = ids().zip(&quote.lines).enumerate().filter(|(_, (id, line))| !before(id).is_some_and(|old| same(line, old)));
        let gone = answered.iter().map(|(id, _)| id).filter(|old| question.order.lines.binary_search_by(|line| line.id.cmp(old)).is_err());
        (changed.map(|(index, _)| index).collect(), gone.cloned().collect())
    }

    fn remember(&mut self, question: Question, quote: Quote) {
        self.answered = (side_of(&quote), question.order.lines.into_iter().map(|line| line.id).zip(quote.lines).collect());
    }

    /// The policy that it is priced by.
    pub fn policy(&self) -> &Loaded {
        self.engine.policy()
    }

    /// The engine that it is in.
    pub fn engine(&self) -> Rc<Engine> {
        Rc::clone(&self.engine)
    }

    /// The cart as an order, its lines as they were added, its coupons as they were entered.
    pub fn order(&self) -> String {
        let mut order = self.intent(&self.cart, self.state());
        sort(&mut order.coupons, |a, b| a.position.cmp(&b.position));
        Json::write(|j| Writer(self.engine.policy()).order(j, &order))
    }

    /// Hints for the cart as it is, asked for with `{ coupons?, language? }`, as canonical JSON.
    /// # Errors
    /// Every fault of the input.
    pub fn hints(&self, input: &Node) -> Result<String, Faults> {
        let policy = self.engine.policy();
        let wish = read_wish(policy, input)?;
        hints_of(policy, &self.terms, &self.question(&self.cart, self.state()), &wish)
    }

    /// Equal alternatives of the cart as it is, as canonical JSON.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn alternatives(&self) -> Result<String, Faults> {
        alternatives_of(self.engine.policy(), &self.terms, &self.question(&self.cart, self.state()))
    }

    /// Reasons in words for the cart as it is.
    /// # Errors
    /// An unknown language, or `AMOUNT_OVERFLOW`.
    pub fn explain(&self, language: &str) -> Result<String, Faults> {
        let language: Language = read(|reader| reader.language(language))?;
        let (_, policy, quote) = self.answer()?;
        Ok(sentences(&explain::sentences(policy, &quote, language)))
    }

    /// The cart as it is, priced.
    fn answer(&self) -> Result<(Question, &Loaded, Quote), Faults> {
        let question = self.question(&self.cart, self.state());
        let (policy, quote) = self.price(&question)?;
        Ok((question, policy, quote))
    }

    /// The quote and the policy whose numbers it has.
    fn price(&self, question: &Question) -> Result<(&Loaded, Quote), Faults> {
        let answer = self.terms.quote(self.engine.policy(), &question.order).map_err(overflow)?;
        Ok((answer.policy, answer.quote))
    }

    fn question(&self, cart: &[OrderLine], state: usize) -> Question {
        let mut order = self.intent(cart, state);
        sort(&mut order.lines, |a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
        Question { order, dealer: self.dealer.clone(), now: self.now }
    }

    fn intent(&self, cart: &[OrderLine], state: usize) -> Order {
        let policy = self.engine.policy();
        let line =
            |(position, line): (usize, &OrderLine)| OrderLine { id: line_id(policy, line.product, line.unit), position, ..line.clone() };
        let lines = cart.iter().enumerate().map(line).collect();
        let Entered { coupons, gifts, decline, redeem } = self.entered[state].clone();
        let (source, delivery) = (self.source.clone(), self.delivery.clone());
        Order { source, delivery, redeem, lines, coupons, gifts, decline, attributes: self.attributes.clone() }
    }
}

/// The side of a transition that a quote is of, if there is one.
fn side_of(quote: &Quote) -> Option<Side> {
    quote.transition.as_ref().map(|passage| passage.side)
}
