//! Hints: small changes of an order that bring more than they cost. A client of `quote` only: every candidate is priced as an order of its own, and what a
//! hint says is the difference of two answers.

use crate::bundle::{Loaded, Measure, decoded};
use crate::facts::{EnteredCoupon, Order, OrderLine};
use crate::guard::smallest;
use crate::id::{ProductId, ProgramId, RuleId};
use crate::limit;
use crate::num::{Money, Overflow, Quantity, UnitPrice, divide};
use crate::policy::{Availability, Qualifier, ScaleBasis, ScaleMeasure, Severity};
use crate::quote::{Finding, GiftLine, NextTier, Outcome, Quote, QuoteLine, Totals, Unmet};
use crate::sort::sort;
use crate::tax;
use crate::transition::{Answer, Terms};
use crate::waterfall::{Wanted, bands};
use crate::wire::{finding_code, line_id};
use std::cmp::Ordering;

/// What there is to say about an order, the best first.
#[derive(Debug)]
pub struct Hints<'a> {
    /// The answer to the order as it is.
    pub now: Answer<'a>,
    /// The hints.
    pub hints: Vec<Hint>,
    /// Changed orders that were priced.
    pub quotes: u32,
    /// Whether the search was not cut off.
    pub complete: bool,
}

/// A change of an order and what comes of it.
#[derive(Debug)]
pub struct Hint {
    /// What it is about.
    pub kind: Kind,
    /// Promotion or program that it is about.
    pub target: Target,
    /// What to do.
    pub change: Change,
    /// What comes of it.
    pub effect: Effect,
}

/// What a hint is about; those of equal worth stand in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Without a promotion the order is better.
    Decline,
    /// A code that the dealer holds.
    Coupon,
    /// More costs less.
    Cliff,
    /// Pieces of a combo that are missing.
    SetSlot,
    /// A threshold by quantity.
    Quantity,
    /// A threshold by amount.
    Amount,
    /// The next tier of a rebate program.
    RebateTier,
}

impl Kind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Decline => "decline",
            Kind::Coupon => "coupon",
            Kind::Cliff => "cliff",
            Kind::SetSlot => "set_slot",
            Kind::Quantity => "quantity",
            Kind::Amount => "amount",
            Kind::RebateTier => "rebate_tier",
        }
    }
}

/// What a hint is about; numbers are of the side of [`Hints::now`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A promotion.
    Promotion(RuleId),
    /// A program.
    Program(ProgramId),
    /// What is changed.
    Itself,
}

/// A change of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another quantity of a line, or a new line.
    Line {
        /// The line as it then is.
        line: OrderLine,
        /// How much more it is, in its unit.
        more: Quantity,
    },
    /// A coupon more.
    Coupon(String),
    /// A promotion declined.
    Decline(RuleId),
}

/// The differences that a change makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effect {
    /// Of what is paid, rebates included.
    pub outlay: Money,
    /// Of what promotions take off.
    pub saving: Money,
    /// Of what gifts are worth.
    pub gift_value: Money,
    /// Of what programs add.
    pub rebate: Money,
    /// Of the list amount.
    pub list: Money,
    /// Saving, gifts and rebate together.
    pub benefit: Money,
    /// What one added base unit really costs.
    pub unit_price: Option<UnitPrice>,
    /// Gifts that are new or more: promotion's id, product, quantity, value.
    pub gifts: Vec<(String, ProductId, Quantity, Money)>,
    /// Totals of the changed order.
    pub totals: Totals,
}

/// The hints for an order. `held` are codes that the dealer has beside those that are entered.
/// # Errors
/// [`Overflow`] when an amount of the order as it is does not fit; changed orders for which one does not are no candidates.
pub fn hints<'a>(policy: &'a Loaded, terms: &'a Terms, order: &Order, held: &[EnteredCoupon]) -> Result<Hints<'a>, Overflow> {
    let now = terms.quote(policy, order)?;
    let quotes = policy.constants.hint_quotes;
    let present = Figures::of(&now.quote)?;
    let mut search = Search { policy, terms, order, now, present, left: quotes, complete: true, found: Vec::new() };
    search.declines();
    search.coupons(held);
    let open = search.open_lines();
    search.cliffs(&open);
    search.goals(&open);
    let Search { now, mut found, left, complete, .. } = search;
    sort(&mut found, |a, b| rank(now.policy, a, b));
    let mut hints: Vec<Hint> = Vec::new();
    for hint in found {
        if hints.len() < limit::HINTS && !hints.iter().any(|known| known.change == hint.change) {
            hints.push(hint);
        }
    }
    Ok(Hints { now, hints, quotes: quotes - left, complete })
}

/// What of an answer hints compare.
#[derive(Clone, Copy)]
struct Figures {
    outlay: Money,
    saving: Money,
    gift_value: Money,
    rebate: Money,
    list: Money,
}

impl Figures {
    fn of(quote: &Quote) -> Result<Figures, Overflow> {
        let Totals { list, discount, gift_value, payable, redeemed, freight_discount, .. } = quote.totals;
        let rebate = Money::sum(quote.rebates.iter().map(|rebate| rebate.delta))?;
        Ok(Figures { outlay: payable.plus(redeemed)?, saving: discount.plus(freight_discount)?, gift_value, rebate, list })
    }

    fn benefit(self) -> Result<Money, Overflow> {
        self.saving.plus(self.gift_value)?.plus(self.rebate)
    }

    fn less(self, other: Figures) -> Result<Figures, Overflow> {
        Ok(Figures {
            outlay: self.outlay.minus(other.outlay)?,
            saving: self.saving.minus(other.saving)?,
            gift_value: self.gift_value.minus(other.gift_value)?,
            rebate: self.rebate.minus(other.rebate)?,
            list: self.list.minus(other.list)?,
        })
    }
}

/// A number that is not reached.
#[derive(Clone, Copy)]
struct Goal {
    kind: Kind,
    target: Target,
    have: i64,
    need: i64,
}

/// A change that reaches a goal, the order with it, and the answer to that.
type Reached<'a> = (Change, Order, Answer<'a>);

struct Search<'a, 'o> {
    policy: &'a Loaded,
    terms: &'a Terms,
    order: &'o Order,
    now: Answer<'a>,
    present: Figures,
    left: u32,
    complete: bool,
    /// The best candidate so far for each kind and target.
    found: Vec<Hint>,
}

impl<'a> Search<'a, '_> {
    fn price(&mut self, order: &Order) -> Option<Answer<'a>> {
        if self.left == 0 {
            self.complete = false;
            return None;
        }
        self.left -= 1;
        self.terms.quote(self.policy, order).ok()
    }

    /// Prices the order with a change, as a candidate.
    fn attempt(&mut self, kind: Kind, target: Target, change: Change) {
        let order = self.changed(&change);
        if let Some(answer) = self.price(&order) {
            self.consider(kind, target, change, &order, &answer);
        }
    }

    fn changed(&self, change: &Change) -> Order {
        let mut order = self.order.clone();
        match change {
            Change::Line { line, .. } => match order.lines.binary_search_by(|known| known.id.cmp(&line.id)) {
                Ok(at) => order.lines[at] = line.clone(),
                Err(at) => order.lines.insert(at, line.clone()),
            },
            Change::Coupon(code) => {
                let at = order.coupons.partition_point(|known| known.code < *code);
                let coupon = EnteredCoupon { code: code.clone(), coupon: self.policy.coupon(code), position: order.coupons.len() };
                order.coupons.insert(at, coupon);
            }
            Change::Decline(rule) => {
                let id = self.now.policy.rule(*rule).to_owned();
                let at = order.decline.partition_point(|known| *known < id);
                order.decline.insert(at, id);
            }
        }
        order
    }

    /// Keeps a candidate that is shown, if it is the best one of its kind and target.
    fn consider(&mut self, kind: Kind, target: Target, change: Change, order: &Order, answer: &Answer) {
        let Ok(effect) = self.effect(&change, answer) else { return };
        if !self.is_shown(&effect) || !self.is_valid(&change, order, answer, effect.outlay) {
            return;
        }
        let hint = Hint { kind, target, change, effect };
        let same = |known: &&mut Hint| {
            known.kind == kind && known.target == target && (target != Target::Itself || own_id(known) == own_id(&hint))
        };
        match self.found.iter_mut().find(same) {
            Some(known) if (known.effect.outlay, own_id(known)) <= (hint.effect.outlay, own_id(&hint)) => {}
            Some(known) => *known = hint,
            None => self.found.push(hint),
        }
    }

    fn effect(&self, change: &Change, answer: &Answer) -> Result<Effect, Overflow> {
        let changed = Figures::of(&answer.quote)?.less(self.present)?;
        let Figures { outlay, saving, gift_value, rebate, list } = changed;
        let c = &self.now.policy.constants;
        let unit_price = match change {
            Change::Line { line, .. } => {
                let before = self.order.lines.iter().find(|known| known.id == line.id).map_or(0, |line| line.quantity.0);
                let finer = i128::from(10_i64.pow(c.unit_scale.0 - c.money_scale.0)) * c.quantity_scale.one();
                let costs = outlay.minus(gift_value)?.minus(rebate)?;
                Some(UnitPrice(divide(i128::from(costs.0) * finer, i128::from(line.quantity.0 - before), c.rounding)?))
            }
            Change::Coupon(_) | Change::Decline(_) => None,
        };
        let id = |answer: &Answer, gift: &GiftLine| answer.policy.rule(gift.rule).to_owned();
        let mut gifts = Vec::new();
        for gift in &answer.quote.gifts {
            let before =
                self.now.quote.gifts.iter().find(|known| known.product == gift.product && id(&self.now, known) == id(answer, gift));
            let (quantity, value) = before.map_or((0, Money::ZERO), |known| (known.quantity.0, known.value));
            if gift.quantity.0 > quantity {
                gifts.push((id(answer, gift), gift.product, Quantity(gift.quantity.0 - quantity), gift.value.minus(value)?));
            }
        }
        let benefit = changed.benefit()?;
        Ok(Effect { outlay, saving, gift_value, rebate, list, benefit, unit_price, gifts, totals: answer.quote.totals })
    }

    /// Whether it brings more than the order does already, in proportion, or costs less than nothing.
    fn is_shown(&self, effect: &Effect) -> bool {
        let Ok(present) = self.present.benefit() else { return false };
        let product = |a: Money, b: Money| i128::from(a.0) * i128::from(b.0);
        let more = match self.present.list {
            Money::ZERO => effect.benefit > Money::ZERO,
            list => product(effect.benefit, list) > product(present, effect.list),
        };
        more || effect.outlay < Money::ZERO
    }

    /// Whether the changed order passes as well as the present one, and the changed line in any case.
    fn is_valid(&self, change: &Change, order: &Order, answer: &Answer, outlay: Money) -> bool {
        let before = guards(&self.now.quote, self.order);
        let after = guards(&answer.quote, order);
        let of_line = |id: &str| matches!(change, Change::Line { line, .. } if line.id == id);
        let of = |list: &[(&str, &str)], guard: &(&str, &str)| list.iter().filter(|known| *known == guard).count();
        after.iter().all(|guard| {
            let too_much = matches!(guard.0, "ORDER_MAX" | "CREDIT_USED" | "CREDIT_LIMIT") && outlay > Money::ZERO;
            !of_line(guard.1) && !too_much && of(&after, guard) <= of(&before, guard)
        })
    }

    fn declines(&mut self) {
        if self.order.decline.len() == limit::DECLINED {
            return;
        }
        let applied = |outcome: &Outcome| matches!(outcome, Outcome::Applied { .. });
        let rules: Vec<RuleId> = self.now.quote.rules.iter().filter(|rule| applied(&rule.outcome)).map(|rule| rule.rule).collect();
        for rule in rules {
            self.attempt(Kind::Decline, Target::Promotion(rule), Change::Decline(rule));
        }
    }

    fn coupons(&mut self, held: &[EnteredCoupon]) {
        let entered = &self.order.coupons;
        if entered.len() == limit::COUPONS {
            return;
        }
        for EnteredCoupon { code, .. } in held.iter().filter(|held| entered.iter().all(|known| known.code != held.code)) {
            self.attempt(Kind::Coupon, Target::Itself, Change::Coupon(code.clone()));
        }
    }

    /// The lines that can be changed: the first one of each product that is orderable and has a price.
    fn open_lines(&self) -> Vec<usize> {
        let mut seen = vec![false; self.now.policy.tables.product_sku.len()];
        let lines = self.now.quote.lines.iter().enumerate();
        let open = |(_, line): &(usize, &QuoteLine)| {
            let first = !std::mem::replace(&mut seen[line.product.index()], true);
            first && line.price.is_some() && line.availability == Availability::Orderable
        };
        lines.filter(open).map(|(index, _)| index).collect()
    }

    /// Quantity of a product in the whole order.
    fn pooled(&self, product: ProductId) -> i64 {
        self.order.lines.iter().filter(|line| line.product == product).map(|line| line.quantity.0).sum()
    }

    /// A line with at least so many whole units, so that its product's quantity passes.
    fn line_of(&self, line: &OrderLine, least: i128) -> Option<Change> {
        let policy = self.now.policy;
        let one = i64::try_from(policy.constants.quantity_scale.one()).ok()?;
        let factor = policy.tables.factor(line.unit);
        let others = self.pooled(line.product) - line.quantity.0;
        let least = i64::try_from(least).ok()?;
        for units in least..least.checked_add(limit::HINT_UNITS)? {
            let ordered = units.checked_mul(one).filter(|ordered| *ordered <= limit::QUANTITY)?;
            let Some(quantity) = factor.of(ordered).filter(|quantity| *quantity <= limit::QUANTITY) else { continue };
            let pooled = others.checked_add(quantity)?;
            if smallest(policy, line.product, pooled).0 == pooled {
                let more = Quantity(ordered - line.ordered.0);
                let line = OrderLine { ordered: Quantity(ordered), quantity: Quantity(quantity), ..line.clone() };
                return Some(Change::Line { line, more });
            }
        }
        None
    }

    fn cliffs(&mut self, open: &[usize]) {
        for index in open {
            let line = self.order.lines[*index].clone();
            let (policy, t) = (self.now.policy, &self.now.policy.tables);
            let (factor, pooled) = (t.factor(line.unit), i128::from(self.pooled(line.product)));
            let (above, below) = (i128::from(factor.numerator), i128::from(factor.denominator));
            let wanted = Wanted { product: line.product, unit: line.unit };
            // Beginnings in base units, over the denominator of the unit.
            let begins = bands(policy, self.now.context, wanted).into_iter().filter_map(|(from, price)| {
                let plain = decoded::<ScaleBasis>(t.access_basis[price.access.index()]) == ScaleBasis::Sku
                    && decoded::<ScaleMeasure>(t.access_measure[price.access.index()]) == ScaleMeasure::Quantity;
                plain.then_some(i128::from(from) * if price.of_unit { above } else { below })
            });
            let Some(begin) = begins.filter(|begin| *begin > pooled * below).min() else { continue };
            let units = i128::from(line.ordered.0) * above + begin - pooled * below;
            if let Some(change) = self.line_of(&line, up(units, above * policy.constants.quantity_scale.one())) {
                self.attempt(Kind::Cliff, Target::Itself, change);
            }
        }
    }

    fn goals(&mut self, open: &[usize]) {
        let mut goals: Vec<Goal> = Vec::new();
        for outcome in &self.now.quote.rules {
            let rule = outcome.rule;
            let t = &self.now.policy.tables;
            let (by_quantity, need) = match (&outcome.outcome, outcome.measured) {
                (Outcome::Failed { conditions }, _) => match conditions[..] {
                    [Unmet::Threshold { by_quantity, need, .. }] => (by_quantity, Some(need)),
                    _ => continue,
                },
                (_, Some(have)) => {
                    (decoded::<Measure>(t.rule_measure[rule.index()]) == Measure::Quantity, next(self.now.policy, rule, have))
                }
                (_, None) => continue,
            };
            let kind = match by_quantity {
                _ if !t.parts(rule).is_empty() => Kind::SetSlot,
                true => Kind::Quantity,
                false => Kind::Amount,
            };
            if let (Some(have), Some(need)) = (outcome.measured, need) {
                goals.push(Goal { kind, target: Target::Promotion(rule), have, need });
            }
        }
        for rebate in &self.now.quote.rebates {
            if let Some(next) = &rebate.next {
                let need = start(next);
                goals.push(Goal { kind: Kind::RebateTier, target: Target::Program(rebate.program), have: need - next.gap, need });
            }
        }
        // They stand in order already, which a sort keeps.
        let missing = |goal: &Goal| i128::from(goal.need) - i128::from(goal.have);
        let mut order: Vec<usize> = (0..goals.len()).collect();
        sort(&mut order, |a, b| {
            let (near, far) = (&goals[*a], &goals[*b]);
            (missing(near) * i128::from(far.need)).cmp(&(missing(far) * i128::from(near.need))).then(a.cmp(b))
        });
        for goal in order.into_iter().map(|at| goals[at]) {
            for index in open {
                let line = &self.order.lines[*index];
                if self.serves(goal.target, line.product) {
                    self.reach(goal, line, self.now.quote.lines[*index].list);
                }
            }
            for line in self.missing(goal, open) {
                self.reach(goal, &line, Money::ZERO);
            }
        }
    }

    /// Whether more of a product can bring the order nearer to a goal.
    fn serves(&self, target: Target, product: ProductId) -> bool {
        let t = &self.now.policy.tables;
        match target {
            Target::Promotion(rule) => t.rules_of(product).binary_search(&rule.0).is_ok(),
            Target::Program(program) => t.programs_of(product).binary_search(&program.0).is_ok(),
            Target::Itself => false,
        }
    }

    /// New lines, still without a unit, for the parts of a combo that nothing of the order is for.
    fn missing(&self, goal: Goal, open: &[usize]) -> Vec<OrderLine> {
        let (policy, t) = (self.now.policy, &self.now.policy.tables);
        let Target::Promotion(rule) = goal.target else { return Vec::new() };
        let mut lines: Vec<OrderLine> = Vec::new();
        for part in t.parts(rule).filter(|_| t.parts(rule).len() > 1) {
            let products = t.part_products(part);
            if open.iter().any(|index| products.binary_search(&self.order.lines[*index].product.0).is_ok()) {
                continue;
            }
            let new = |product: &ProductId| {
                let orderable = self.now.context.availability(policy, *product) == Availability::Orderable;
                orderable && self.order.lines.iter().all(|line| line.product != *product)
            };
            for product in products.iter().map(|product| ProductId(*product)).filter(new).take(limit::HINT_PRODUCTS) {
                let id = line_id(policy, product, None);
                if self.order.lines.iter().chain(&lines).all(|line| line.id != id) {
                    let position = self.order.lines.len();
                    let (unit, customer) = (None, None);
                    lines.push(OrderLine {
                        id,
                        product,
                        alias: None,
                        unit,
                        ordered: Quantity(0),
                        quantity: Quantity(0),
                        customer,
                        position,
                    });
                }
            }
        }
        lines
    }

    /// More and more of one line until a goal is reached: never more at once than could be needed.
    fn reach(&mut self, goal: Goal, line: &OrderLine, list: Money) {
        let Ok(Some((adds, of))) = self.adds(goal, line, list) else { return };
        let one = self.now.policy.constants.quantity_scale.one();
        let mut units = i128::from(line.ordered.0) / one;
        let mut have = goal.have;
        for _ in 0..limit::HINT_ROUNDS {
            let more = up((i128::from(goal.need) - i128::from(have)).saturating_mul(of), adds).max(1);
            let Some(change) = self.line_of(line, units + more) else { return };
            let order = self.changed(&change);
            let Some(answer) = self.price(&order) else { return };
            match self.measured(goal.target, &answer) {
                Some(measured) if measured >= goal.need => {
                    let (change, order, answer) = self.fewest(goal, line, units, (change, order, answer));
                    return self.consider(goal.kind, goal.target, change, &order, &answer);
                }
                Some(measured) if measured > have => have = measured,
                _ => return,
            }
            if let Change::Line { line, .. } = change {
                units = i128::from(line.ordered.0) / one;
            }
        }
    }

    /// Of units that do not all cost the same, fewer may do than the amount of those that there are lets expect: halves what lies between `few`
    /// whole units that do not reach a goal and the change that does, until nothing does.
    fn fewest(&mut self, goal: Goal, line: &OrderLine, mut few: i128, reached: Reached<'a>) -> Reached<'a> {
        let one = self.now.policy.constants.quantity_scale.one();
        let units = |change: &Change| match change {
            Change::Line { line, .. } => i128::from(line.ordered.0) / one,
            Change::Coupon(_) | Change::Decline(_) => 0,
        };
        let price = |order: &Order, answer: &Answer| {
            let at = order.lines.binary_search_by(|known| known.id.cmp(&line.id)).ok()?;
            let QuoteLine { price, portions, parts, .. } = &answer.quote.lines[at];
            let one_price = portions.is_empty() && parts.is_empty();
            price.filter(|_| one_price).map(|price| (price.unit_price, price.per))
        };
        let now = price(self.order, &self.now);
        if !self.by_amount(goal) || (now.is_some() && now == price(&reached.1, &reached.2)) {
            return reached;
        }
        let mut best = reached;
        let mut enough = units(&best.0);
        while enough - few > 1 {
            let half = (few + enough) / 2;
            let Some(change) = self.line_of(line, half) else { break };
            if units(&change) >= units(&best.0) {
                // No quantity between passes.
                enough = half;
                continue;
            }
            let order = self.changed(&change);
            let Some(answer) = self.price(&order) else { break };
            if self.measured(goal.target, &answer).is_some_and(|measured| measured >= goal.need) {
                (enough, best) = (half, (change, order, answer));
            } else {
                few = units(&change);
            }
        }
        best
    }

    /// What one unit of a line adds at most to what a goal measures, as a fraction above zero.
    fn adds(&self, goal: Goal, line: &OrderLine, list: Money) -> Result<Option<(i128, i128)>, Overflow> {
        let (policy, one) = (self.now.policy, self.now.policy.constants.quantity_scale.one());
        if !self.by_amount(goal) {
            let factor = policy.tables.factor(line.unit);
            return Ok(Some((i128::from(factor.numerator) * one, i128::from(factor.denominator))));
        }
        let other_basis = |rule: RuleId| decoded::<Measure>(policy.tables.rule_measure[rule.index()]) == Measure::OtherBasis;
        let list = match goal.target {
            Target::Promotion(rule) if other_basis(rule) => tax::in_other_basis(policy, line.product, list)?,
            _ => list,
        };
        Ok((list > Money::ZERO).then(|| (i128::from(list.0) * one, i128::from(line.ordered.0))))
    }

    fn by_amount(&self, goal: Goal) -> bool {
        let counts = |program| self.now.quote.rebates.iter().any(|of| of.program == program && of.qualifier == Qualifier::Amount);
        match goal.target {
            Target::Program(program) => counts(program),
            Target::Promotion(_) | Target::Itself => goal.kind == Kind::Amount,
        }
    }

    /// What an answer of the same side has of what a goal measures.
    fn measured(&self, target: Target, answer: &Answer) -> Option<i64> {
        if !std::ptr::eq(answer.policy, self.now.policy) {
            return None;
        }
        match target {
            Target::Promotion(rule) => answer.quote.rules.iter().find(|outcome| outcome.rule == rule)?.measured,
            Target::Program(program) => {
                let rebate = answer.quote.rebates.iter().find(|rebate| rebate.program == program)?;
                // At the top every goal is reached.
                Some(rebate.next.as_ref().map_or(i64::MAX, |next| start(next) - next.gap))
            }
            Target::Itself => None,
        }
    }
}

/// The volume that reaches a tier.
fn start(next: &NextTier) -> i64 {
    next.tier.from.saturating_add(i64::from(next.tier.above))
}

/// Where a promotion that is reached counts for more.
fn next(policy: &Loaded, rule: RuleId, have: i64) -> Option<i64> {
    let t = &policy.tables;
    let interval = t.rule_interval[rule.index()];
    if interval == 0 {
        return t.steps(rule).map(|step| t.step_from[step]).find(|from| *from > have);
    }
    let (interval, have) = (i128::from(interval), i128::from(have));
    let share = i128::from(t.rule_share[rule.index()]);
    // Where only multiples count, the next one does.
    let counted = have * share.max(1) / interval;
    let most = i128::from(t.rule_times[rule.index()]);
    (counted < most).then(|| up((counted + 1) * interval, share.max(1))).and_then(|next| i64::try_from(next).ok())
}

/// A quotient, rounded up; the divisor is above zero.
fn up(number: i128, divisor: i128) -> i128 {
    number.div_euclid(divisor) + i128::from(number.rem_euclid(divisor) != 0)
}

/// Codes of the guards above `info`, each with the id of its line, empty where it is of the order.
fn guards<'a>(quote: &'a Quote, order: &'a Order) -> Vec<(&'static str, &'a str)> {
    let line = |finding: &Finding| finding.line().map_or("", |line| order.lines[line].id.as_str());
    let grave = quote.guards.iter().filter(|guard| guard.severity > Severity::Info);
    grave.map(|guard| (finding_code(&guard.finding), line(&guard.finding))).collect()
}

/// What tells hints of one kind and target apart: the line, the code.
fn own_id(hint: &Hint) -> &str {
    match &hint.change {
        Change::Line { line, .. } => &line.id,
        Change::Coupon(code) => code,
        Change::Decline(_) => "",
    }
}

fn rank(policy: &Loaded, a: &Hint, b: &Hint) -> Ordering {
    let target = |hint: &Hint| match hint.target {
        Target::Promotion(rule) => policy.rule(rule).to_owned(),
        Target::Program(program) => policy.program(program).to_owned(),
        Target::Itself => own_id(hint).to_owned(),
    };
    let (x, y) = (&a.effect, &b.effect);
    let product = |a: Money, b: Money| i128::from(a.0) * i128::from(b.0);
    let worth = match (x.outlay.0.signum(), y.outlay.0.signum()) {
        (-1, -1) => x.outlay.cmp(&y.outlay),
        (0, 0) => y.benefit.cmp(&x.benefit),
        (1, 1) => product(y.benefit, x.outlay).cmp(&product(x.benefit, y.outlay)),
        (x, y) => x.cmp(&y),
    };
    worth.then(a.kind.cmp(&b.kind)).then_with(|| target(a).cmp(&target(b)))
}
