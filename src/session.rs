//! A cart that stays inside the engine: the dealer's context is resolved once, a change is a product and a quantity, and only what depends on it is
//! evaluated again.

use crate::Engine;
use crate::bundle::Loaded;
use crate::explain::{self, Language};
use crate::facts::{EnteredCoupon, GiftChoice, Order, OrderLine, Question, Redeem};
use crate::id::ProductId;
use crate::num::{Overflow, Quantity, Scale};
use crate::policy::Side;
use crate::quote::{Quote, QuoteLine};
use crate::sort::sort;
use crate::transition::Terms;
use crate::waterfall::Kept;
use crate::wire::{
    Faults, Json, Node, Packed, Writer, alternatives_of, hints_of, line_id, overflow, plans_until, read, read_wish, sentences,
};
use std::rc::Rc;
use std::sync::Arc;

/// A cart of one dealer at one instant.
#[derive(Debug)]
pub struct Session {
    engine: Rc<Engine>,
    terms: Arc<Terms>,
    /// The cart as an order; its lines' positions tell in which order they were added.
    question: Question,
    /// What was entered beside the cart, one state after another, never empty: answers that are out are still asked for their hashes.
    entered: Vec<Entered>,
    /// What was evaluated last.
    kept: Kept,
    /// Whether that is the cart as it is.
    current: bool,
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
        let (redeem, lines, coupons, gifts, decline) = Default::default();
        let order = Order { source, delivery, redeem, lines, coupons, gifts, decline, attributes };
        let (question, entered) = (Question { order, dealer, now }, vec![Entered::default()]);
        Ok(Session { terms, question, entered, kept: Kept::default(), current: false, answered: (None, Vec::new()), engine })
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
        let policy = self.engine.policy();
        let lines = &mut self.question.order.lines;
        let line = read(|reader| reader.cart_line(policy, sku, unit, quantity, lines.len()))?;
        self.current = false;
        match lines.iter().position(|known| (known.product, known.unit) == (line.product, line.unit)) {
            Some(found) if line.quantity.0 == 0 => {
                let gone = lines.remove(found);
                lines.iter_mut().for_each(|line| line.position -= usize::from(line.position > gone.position));
            }
            Some(found) => (lines[found].ordered, lines[found].quantity) = (line.ordered, line.quantity),
            None if line.quantity.0 == 0 => {}
            None => {
                let line = OrderLine { id: line_id(policy, line.product, line.unit), position: lines.len(), ..line };
                let at = lines.partition_point(|known| known.id.as_bytes() < line.id.as_bytes());
                lines.insert(at, line);
            }
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
        self.question.order.lines.clear();
        self.current = false;
        self.enter_state(Entered::default());
    }

    fn enter_state(&mut self, state: Entered) {
        if self.entered.last() != Some(&state) {
            state.clone().put(&mut self.question.order);
            self.current = false;
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
        let text = Writer(policy).quote(question, quote);
        self.changed();
        Ok(text)
    }

    /// The same as columns, without the hashes; the cart stands at the end, for [`Session::hashes`].
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn columns(&mut self) -> Result<Packed, Faults> {
        let (question, policy, quote) = self.answer()?;
        let all: Vec<usize> = (0..quote.lines.len()).collect();
        let mut packed = Writer(policy).columns(question, quote, &all, &|_| ());
        packed.text += &self.packed_cart();
        self.changed();
        Ok(packed)
    }

    /// The quote with only those lines that differ from the last answer, and the ids of lines that are gone.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn changes(&mut self) -> Result<String, Faults> {
        self.answer()?;
        let (changed, removed) = self.changed();
        let (question, policy, quote) = self.answer()?;
        Ok(Json::write(|j| {
            j.object(|j| {
                Writer(policy).quote_fields(j, question, quote, &changed);
                j.key("removed").list(&removed, |j, id| j.text(id));
            });
        }))
    }

    /// The same as columns, without the hashes; the cart stands at the end, for [`Session::hashes`].
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn changes_columns(&mut self) -> Result<Packed, Faults> {
        self.answer()?;
        let (changed, removed) = self.changed();
        let removed = |j: &mut Json| j.key("removed").list(&removed, |j, id| j.text(id));
        let (question, policy, quote) = self.answer()?;
        let mut packed = Writer(policy).columns(question, quote, &changed, &removed);
        packed.text += &self.packed_cart();
        Ok(packed)
    }

    /// The totals of the cart as canonical JSON; what [`Session::changes`] compares with stays as it is.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn totals(&mut self) -> Result<String, Faults> {
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
        let line = |(position, line): (usize, OrderLine)| OrderLine { id: line_id(policy, line.product, line.unit), position, ..line };
        let mut lines: Vec<OrderLine> = cart.into_iter().enumerate().map(line).collect();
        sort(&mut lines, |a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
        let mut order = Order { lines, ..self.question.order.clone() };
        self.entered[state].clone().put(&mut order);
        let question = Question { order, ..self.question.clone() };
        let answer = self.terms.quote(policy, &question.order).map_err(overflow)?;
        Ok(Json::write(|j| j.object(|j| Writer(answer.policy).hashes(j, &question, &answer.quote))))
    }

    /// The state of what is entered, then products, units and quantities as numbers of this bundle; the base unit is -1.
    fn packed_cart(&self) -> String {
        let state = i64::try_from(self.state()).unwrap_or_default();
        let cart = self.order_of_adding();
        let numbers = cart.lines.iter().flat_map(|line| {
            let unit = line.unit.map_or(-1, |unit| i64::from(unit.0));
            [i64::from(line.product.0), unit, line.ordered.0]
        });
        std::iter::once(state).chain(numbers).map(|number| Scale(0).show(number) + " ").collect()
    }

    /// Places of the lines that differ from the last answer, and ids of lines that are gone; the answer is the last one from now on.
    fn changed(&mut self) -> (Vec<usize>, Vec<String>) {
        let (mut changed, mut removed) = (Vec::new(), Vec::new());
        let Some(quote) = self.kept.quote() else { return (changed, removed) };
        let side = side_of(quote);
        let (old_side, answered) = std::mem::take(&mut self.answered);
        let mut answered = answered.into_iter().peekable();
        let mut lines = Vec::with_capacity(quote.lines.len());
        for (at, (ordered, line)) in self.question.order.lines.iter().zip(&quote.lines).enumerate() {
            while let Some((gone, _)) = answered.next_if(|(id, _)| *id < ordered.id) {
                removed.push(gone);
            }
            let before = answered.next_if(|(id, _)| *id == ordered.id);
            // A line that only moved has not changed; the numbers of another side mean other things.
            let before = before.map(|(id, before)| (id, QuoteLine { position: line.position, ..before }));
            lines.push(before.filter(|(_, before)| old_side == side && before == line).unwrap_or_else(|| {
                changed.push(at);
                (ordered.id.clone(), line.clone())
            }));
        }
        removed.extend(answered.map(|(gone, _)| gone));
        self.answered = (side, lines);
        (changed, removed)
    }

    /// The policy that it is priced by.
    pub fn policy(&self) -> &Loaded {
        self.engine.policy()
    }

    /// The engine that it is in.
    pub fn engine(&self) -> Rc<Engine> {
        Rc::clone(&self.engine)
    }

    /// The cart as an order, its lines as they were added, by the SKU or alias that they were added by, its coupons as they were entered.
    pub fn order(&self) -> String {
        let mut order = self.order_of_adding();
        sort(&mut order.coupons, |a, b| a.position.cmp(&b.position));
        Json::write(|j| Writer(self.engine.policy()).order(j, &order))
    }

    fn order_of_adding(&self) -> Order {
        let mut order = self.question.order.clone();
        sort(&mut order.lines, |a, b| a.position.cmp(&b.position));
        order
    }

    /// Hints for the cart as it is, asked for with `{ coupons?, language? }`, as canonical JSON.
    /// # Errors
    /// Every fault of the input.
    pub fn hints(&self, input: &Node) -> Result<String, Faults> {
        let policy = self.engine.policy();
        let wish = read_wish(policy, input)?;
        hints_of(policy, &self.terms, &self.question, &wish)
    }

    /// Equal alternatives of the cart as it is, as canonical JSON.
    /// # Errors
    /// `AMOUNT_OVERFLOW`.
    pub fn alternatives(&self) -> Result<String, Faults> {
        alternatives_of(self.engine.policy(), &self.terms, &self.question)
    }

    /// The best use of lots over the cart as it is, asked for with `{ until }`, as canonical JSON; how much they pay of it now does not matter.
    /// # Errors
    /// Every fault of the input.
    pub fn redemption_plans(&self, input: &Node) -> Result<String, Faults> {
        plans_until(self.engine.policy(), &self.terms, &self.question, input)
    }

    /// Reasons in words for the cart as it is.
    /// # Errors
    /// An unknown language, or `AMOUNT_OVERFLOW`.
    pub fn explain(&mut self, language: &str) -> Result<String, Faults> {
        let language: Language = read(|reader| reader.language(language))?;
        let (_, policy, quote) = self.answer()?;
        Ok(sentences(&explain::sentences(policy, quote, language)))
    }

    /// The cart, the policy whose numbers its quote has, and the quote: evaluated where it depends on what changed since the last answer.
    fn answer(&mut self) -> Result<(&Question, &Loaded, &mut Quote), Faults> {
        let policy = self.engine.policy();
        if !self.current {
            self.terms.quote_again(policy, &self.question.order, &mut self.kept).map_err(overflow)?;
            self.current = true;
        }
        let quote = self.kept.quote_mut().ok_or_else(|| overflow(Overflow))?;
        Ok((&self.question, self.terms.side(policy, quote), quote))
    }
}

impl Entered {
    fn put(self, order: &mut Order) {
        (order.coupons, order.gifts, order.decline, order.redeem) = (self.coupons, self.gifts, self.decline, self.redeem);
    }
}

/// The side of a transition that a quote is of, if there is one.
fn side_of(quote: &Quote) -> Option<Side> {
    quote.transition.as_ref().map(|passage| passage.side)
}
