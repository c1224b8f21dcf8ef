//! Hints: small changes of an order that bring more than they cost. A client of `quote` only: every candidate is priced as an order of its own, and what a
//! hint says is the difference of two answers.

use crate::bundle::{Clause, Loaded, Measure, decoded};
use crate::facts::{EnteredCoupon, Order, OrderLine};
use crate::guard::smallest;
use crate::id::{ProductId, ProgramId, RuleId};
use crate::limit;
use crate::num::{Money, Overflow, Quantity, UnitPrice, divide};
use crate::policy::{Availability, Basis, Decompose, Qualifier, ScaleBasis, ScaleMeasure, Severity};
use crate::quote::{Finding, GiftLine, NextTier, Outcome, Quote, QuoteLine, RuleOutcome, Totals, Unmet};
use crate::sort::sort;
use crate::tax;
use crate::transition::{Answer, Terms};
use crate::waterfall::{Context, Short, Wanted, bands, decompose, flags, in_part, short};
use crate::wire::{finding_code, line_id};
use std::cmp::Ordering;

/// What there is to say about an order, the best first.
#[derive(Debug)]
pub struct Hints<'a> {
    /// The answer to the order as it is.
    pub now: Answer<'a>,
    /// The hints.
    pub hints: Vec<Hint<'a>>,
    /// For each program what reaches its next tier with the least outlay, also where that is too little for a hint.
    pub tiers: Vec<Hint<'a>>,
    /// What one more pack of a line that programs count brings, the best first, also where that is too little for a hint.
    pub packs: Vec<Hint<'a>>,
    /// Changed orders that were priced.
    pub quotes: u32,
    /// Whether the search was not cut off.
    pub complete: bool,
}

/// A change of an order and what comes of it.
#[derive(Debug, Clone)]
pub struct Hint<'a> {
    /// What it is about.
    pub kind: Kind,
    /// Promotion or program that it is about.
    pub target: Target,
    /// What to do.
    pub change: Change,
    /// What comes of it.
    pub effect: Effect<'a>,
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
    /// A number of different products.
    Skus,
    /// The next tier of a rebate program.
    RebateTier,
    /// One more pack.
    Pack,
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
            Kind::Skus => "skus",
            Kind::RebateTier => "rebate_tier",
            Kind::Pack => "pack",
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
    /// Other quantities of lines, or new lines; never none.
    Lines(Vec<Raised>),
    /// A coupon more.
    Coupon(String),
    /// A promotion declined.
    Decline(RuleId),
}

/// A line with more than it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The line as it then is.
    pub line: OrderLine,
    /// How much more it is, in its unit.
    pub more: Quantity,
}

/// The differences that a change makes.
#[derive(Debug, Clone)]
pub struct Effect<'a> {
    /// Of what is paid, rebates included.
    pub outlay: Money,
    /// Of what promotions take off.
    pub saving: Money,
    /// Of what gifts are worth.
    pub gift_value: Money,
    /// Of what programs add.
    pub rebate: Money,
    /// The same of each program that adds more or less: its id and the amount, in order of ids.
    pub rebates: Vec<(String, Money)>,
    /// Of the list amount.
    pub list: Money,
    /// Saving, gifts and rebate together.
    pub benefit: Money,
    /// What one added base unit really costs; of units of several products nothing.
    pub unit_price: Option<UnitPrice>,
    /// Gifts that are new or more: promotion's id, product, quantity, value.
    pub gifts: Vec<(String, ProductId, Quantity, Money)>,
    /// Totals of the changed order.
    pub totals: Totals,
    /// The policy of the side that answers it.
    pub policy: &'a Loaded,
}

/// The hints for an order. `held` are codes that the dealer has beside those that are entered.
/// # Errors
/// [`Overflow`] when an amount of the order as it is does not fit; changed orders for which one does not are no candidates.
pub fn hints<'a>(policy: &'a Loaded, terms: &'a Terms, order: &Order, held: &[EnteredCoupon]) -> Result<Hints<'a>, Overflow> {
    let now = terms.quote(policy, order)?;
    let quotes = policy.constants.hint_quotes;
    let present = Figures::of(&now.quote)?;
    let mut search = Search { policy, terms, order, now, present, left: quotes, complete: true, found: Vec::new(), tiers: Vec::new() };
    search.declines();
    search.coupons(held);
    let open = search.open_lines();
    search.cliffs(&open);
    search.goals(&open);
    let mut packs = search.packs(&open);
    let Search { now, mut found, mut tiers, left, complete, .. } = search;
    sort(&mut found, |a, b| rank(now.policy, a, b));
    sort(&mut packs, |a, b| rank(now.policy, a, b));
    let mut hints: Vec<Hint> = Vec::new();
    for hint in found {
        if hints.len() < limit::HINTS && !hints.iter().any(|known| known.change == hint.change) {
            hints.push(hint);
        }
    }
    let place = |hint: &Hint| now.quote.rebates.iter().position(|rebate| hint.target == Target::Program(rebate.program));
    sort(&mut tiers, |a, b| place(a).cmp(&place(b)));
    Ok(Hints { now, hints, tiers, packs, quotes: quotes - left, complete })
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
    /// The combos to be made, none where it is about no combos.
    combos: i64,
    /// The part of the promotion's condition that measures, none where its threshold or its combos do.
    clause: Option<usize>,
}

/// A line that reaches a goal, the order with it, and the answer to that.
type Reached<'a> = (Raised, Order, Answer<'a>);

/// A part of a combo that is short of units: the lines that it may be filled from, and of how many units.
type Slot = (Vec<OrderLine>, i64);

struct Search<'a, 'o> {
    policy: &'a Loaded,
    terms: &'a Terms,
    order: &'o Order,
    now: Answer<'a>,
    present: Figures,
    left: u32,
    complete: bool,
    /// The best candidate so far for each kind and target.
    found: Vec<Hint<'a>>,
    /// The same for each next tier of a program, whether it is shown or not.
    tiers: Vec<Hint<'a>>,
}

/// Puts a hint in the place of a known one of its kind and target, if it is better.
fn keep<'a>(hints: &mut Vec<Hint<'a>>, hint: Hint<'a>) {
    let same = |known: &&mut Hint| {
        let same = |kind: Kind| if matches!(kind, Kind::Quantity | Kind::Skus) { Kind::Amount } else { kind };
        same(known.kind) == same(hint.kind)
            && known.target == hint.target
            && (hint.target != Target::Itself || own_ids(known) == own_ids(&hint))
    };
    match hints.iter_mut().find(same) {
        Some(known) if (known.effect.outlay, own_ids(known)) <= (hint.effect.outlay, own_ids(&hint)) => {}
        Some(known) => *known = hint,
        None => hints.push(hint),
    }
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

    /// What one more pack brings, of each of the first open lines that count for a program.
    fn packs(&self, open: &[usize]) -> Vec<Hint<'a>> {
        let one = self.now.policy.constants.quantity_scale.one();
        let counts = |product| self.now.quote.rebates.iter().any(|rebate| self.serves(Target::Program(rebate.program), product));
        let lines = open.iter().map(|index| &self.order.lines[*index]).filter(|line| counts(line.product));
        let mut packs = Vec::new();
        for line in lines.take(limit::HINT_PACKS) {
            let Some(raised) = self.line_of(line, i128::from(line.ordered.0) / one + 1) else { continue };
            let change = Change::Lines(vec![raised]);
            let order = self.changed(&change);
            let Ok(answer) = self.terms.quote(self.policy, &order) else { continue };
            let Ok(effect) = self.effect(&change, &answer) else { continue };
            if self.is_valid(&change, &order, &answer, effect.outlay) {
                packs.push(Hint { kind: Kind::Pack, target: Target::Itself, change, effect });
            }
        }
        packs
    }

    fn changed(&self, change: &Change) -> Order {
        let mut order = self.order.clone();
        match change {
            Change::Lines(raised) => {
                for Raised { line, .. } in raised {
                    match order.lines.binary_search_by(|known| known.id.cmp(&line.id)) {
                        Ok(at) => order.lines[at] = line.clone(),
                        Err(at) => order.lines.insert(at, OrderLine { position: order.lines.len(), ..line.clone() }),
                    }
                }
            }
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

    /// Keeps a candidate that is shown, if it is the best one of its kind and target. Returns the outlay of a valid one.
    fn consider(&mut self, kind: Kind, target: Target, change: Change, order: &Order, answer: &Answer<'a>) -> Option<Money> {
        let effect = self.effect(&change, answer).ok()?;
        let outlay = effect.outlay;
        if !self.is_valid(&change, order, answer, outlay) {
            return None;
        }
        let is_shown = self.is_shown(&effect);
        let hint = Hint { kind, target, change, effect };
        if kind == Kind::RebateTier {
            keep(&mut self.tiers, hint.clone());
        }
        if is_shown {
            keep(&mut self.found, hint);
        }
        Some(outlay)
    }

    fn effect(&self, change: &Change, answer: &Answer<'a>) -> Result<Effect<'a>, Overflow> {
        let changed = Figures::of(&answer.quote)?.less(self.present)?;
        let Figures { outlay, saving, gift_value, rebate, list } = changed;
        let c = &self.now.policy.constants;
        let unit_price = match change {
            Change::Lines(raised) if raised.len() == 1 => {
                let line = &raised[0].line;
                let before = self.order.lines.iter().find(|known| known.id == line.id).map_or(0, |line| line.quantity.0);
                let finer = i128::from(10_i64.pow(c.unit_scale.0 - c.money_scale.0)) * c.quantity_scale.one();
                let costs = outlay.minus(gift_value)?.minus(rebate)?;
                Some(UnitPrice(divide(i128::from(costs.0) * finer, i128::from(line.quantity.0 - before), c.rounding)?))
            }
            Change::Lines(_) | Change::Coupon(_) | Change::Decline(_) => None,
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
        let mut rebates: Vec<(String, Money)> = Vec::new();
        for (answer, sign) in [(answer, 1), (&self.now, -1)] {
            for of in &answer.quote.rebates {
                let id = answer.policy.program(of.program);
                let delta = Money(of.delta.0 * sign);
                match rebates.iter_mut().find(|(known, _)| known == id) {
                    Some((_, sum)) => *sum = sum.plus(delta)?,
                    None => rebates.push((id.to_owned(), delta)),
                }
            }
        }
        rebates.retain(|(_, delta)| *delta != Money::ZERO);
        sort(&mut rebates, |(a, _), (b, _)| a.cmp(b));
        Ok(Effect {
            outlay,
            saving,
            gift_value,
            rebate,
            rebates,
            list,
            benefit,
            unit_price,
            gifts,
            totals: answer.quote.totals,
            policy: answer.policy,
        })
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

    /// Whether the changed order passes as well as the present one, and the changed lines in any case.
    fn is_valid(&self, change: &Change, order: &Order, answer: &Answer, outlay: Money) -> bool {
        let before = guards(&self.now.quote, self.order);
        let after = guards(&answer.quote, order);
        let of_line = |id: &str| matches!(change, Change::Lines(raised) if raised.iter().any(|raised| raised.line.id == id));
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
    fn line_of(&self, line: &OrderLine, least: i128) -> Option<Raised> {
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
                return Some(Raised { line, more });
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
            if let Some(raised) = self.line_of(&line, up(units, above * policy.constants.quantity_scale.one())) {
                self.attempt(Kind::Cliff, Target::Itself, Change::Lines(vec![raised]));
            }
        }
    }

    fn goals(&mut self, open: &[usize]) {
        let mut goals: Vec<Goal> = Vec::new();
        for outcome in &self.now.quote.rules {
            let rule = outcome.rule;
            let t = &self.now.policy.tables;
            let target = Target::Promotion(rule);
            let failed = if let Outcome::Failed { conditions } = &outcome.outcome { &conditions[..] } else { &[] };
            let carts = failed.iter().filter_map(|unmet| self.cart(unmet));
            goals.extend(carts.map(|(kind, clause, have)| {
                let need = t.clause_from[clause];
                Goal { kind, target, have, need, combos: 0, clause: Some(clause) }
            }));
            if !t.parts(rule).is_empty() {
                goals.extend(made(&outcome.outcome).and_then(|made| self.one_more(rule, made)));
                continue;
            }
            let (by_quantity, need) = match (failed, outcome.measured) {
                ([carts @ .., Unmet::Threshold { by_quantity, need, .. }], _) if carts.iter().all(|unmet| self.measures_cart(unmet)) => {
                    (*by_quantity, Some(*need))
                }
                ([], Some(have)) => (
                    decoded::<Measure>(t.rule_measure[rule.index()]) == Measure::Quantity,
                    next(self.now.policy, self.now.context, rule, have),
                ),
                _ => continue,
            };
            let kind = if by_quantity { Kind::Quantity } else { Kind::Amount };
            if let (Some(have), Some(need)) = (outcome.measured, need) {
                goals.push(Goal { kind, target, have, need, combos: 0, clause: None });
            }
        }
        goals.extend(self.add_ons());
        for rebate in &self.now.quote.rebates {
            if let Some(next) = &rebate.next {
                let need = start(next);
                let (kind, target) = (Kind::RebateTier, Target::Program(rebate.program));
                goals.push(Goal { kind, target, have: need - next.gap, need, combos: 0, clause: None });
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
            if goal.combos > 0 {
                self.complete(goal, open);
                continue;
            }
            if goal.kind == Kind::Skus {
                self.vary(goal);
                continue;
            }
            for index in open {
                let line = &self.order.lines[*index];
                if self.counts(goal, line.product) {
                    self.reach(goal, line);
                }
            }
        }
    }

    /// A part of a condition that lines can reach: what it measures, which it is, and what there is.
    fn cart(&self, unmet: &Unmet) -> Option<(Kind, usize, i64)> {
        let Unmet::Clause { clause, not: false, have: Some(have), .. } = unmet else { return None };
        let kind = match decoded(self.now.policy.tables.clause_kind[*clause]) {
            Clause::CartAmount => Kind::Amount,
            Clause::CartQuantity => Kind::Quantity,
            Clause::CartSkus => Kind::Skus,
            // A weight has no unit that is bought; the rest no line changes.
            _ => return None,
        };
        Some((kind, *clause, *have))
    }

    /// Whether a part of a condition measures the cart, which more of a line may bring to it.
    fn measures_cart(&self, unmet: &Unmet) -> bool {
        matches!(unmet, Unmet::Clause { clause, not: false, .. } if by_cart(self.now.policy.tables.clause_kind[*clause]))
    }

    /// A first combo of each promotion that what is in the order may open, though nothing that it is about is.
    fn add_ons(&self) -> Vec<Goal> {
        let t = &self.now.policy.tables;
        let silent = |rule: &RuleId| self.now.context.open(*rule) && self.now.quote.rules.iter().all(|known| known.rule != *rule);
        let rules = (0..).map(RuleId).take(t.rule_count());
        let rules = rules.filter(|rule| t.clause_kind[t.clauses(*rule)].iter().copied().any(by_cart) && silent(rule));
        rules.filter(|rule| !t.parts(*rule).is_empty()).filter_map(|rule| self.one_more(rule, 0)).collect()
    }

    /// Whether more of a product counts for what a goal measures.
    fn counts(&self, goal: Goal, product: ProductId) -> bool {
        match goal.clause {
            Some(clause) => self.now.policy.tables.filter(clause).is_none_or(|filter| filter.binary_search(&product.0).is_ok()),
            None => self.serves(goal.target, product),
        }
    }

    /// One unit of each of as many new products as are missing, of those beside each other by SKU.
    fn vary(&mut self, goal: Goal) {
        let Ok(missing) = usize::try_from(goal.need - goal.have) else { return };
        if missing > limit::HINT_PRODUCTS {
            return;
        }
        let lines = self.new_lines(missing + limit::HINT_PRODUCTS - 1, |product| self.counts(goal, product));
        for some in lines.windows(missing) {
            let Some(raised) = some.iter().map(|line| self.line_of(line, 1)).collect::<Option<Vec<Raised>>>() else { continue };
            let change = Change::Lines(raised);
            let order = self.changed(&change);
            let Some(answer) = self.price(&order) else { return };
            if self.is_applied(goal.target, &answer) {
                self.consider(goal.kind, goal.target, change, &order, &answer);
            }
        }
    }

    /// Whether an answer applies the promotion that a goal is about; of programs there is nothing to ask.
    fn is_applied(&self, target: Target, answer: &Answer) -> bool {
        let Target::Promotion(rule) = target else { return true };
        let applied = |outcome: &RuleOutcome| outcome.rule == rule && matches!(outcome.outcome, Outcome::Applied { .. });
        std::ptr::eq(answer.policy, self.now.policy) && answer.quote.rules.iter().any(applied)
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

    /// One combo more than a promotion made, if units are missing for it.
    fn one_more(&self, rule: RuleId, made: i64) -> Option<Goal> {
        let combos = Some(made).filter(|made| *made < self.now.policy.tables.rule_times[rule.index()])? + 1;
        let Short { have, need, .. } = self.short(rule, combos);
        let goal = Goal { kind: Kind::SetSlot, target: Target::Promotion(rule), have, need, combos, clause: None };
        (have < need).then_some(goal)
    }

    /// What the order's lines are short of for so many combos.
    fn short(&self, rule: RuleId, combos: i64) -> Short {
        let (policy, kept_off) = (self.now.policy, self.now.context.flags(self.now.policy, rule));
        let eligible = |line: &QuoteLine| {
            line.price.is_some() && self.serves(Target::Promotion(rule), line.product) && flags(policy, line) & kept_off == 0
        };
        let lines = self.order.lines.iter().zip(&self.now.quote.lines).filter(|(_, line)| eligible(line));
        short(policy, rule, lines.map(|(line, _)| (line.product, line.quantity)), combos)
    }

    /// Fills the parts of a combo that are short, first from their first lines, then part by part from the others.
    fn complete(&mut self, goal: Goal, open: &[usize]) {
        let Some(slots) = self.slots(goal, open) else { return };
        let mut chosen = vec![0; slots.len()];
        let mut least: Option<Money> = None;
        for slot in 0..slots.len() {
            let known = chosen[slot];
            for line in (0..slots[slot].0.len()).filter(|line| slot == 0 || *line != known) {
                let mut tried = chosen.clone();
                tried[slot] = line;
                let Some(change) = self.filling(&slots, &tried) else { continue };
                let order = self.changed(&change);
                let Some(answer) = self.price(&order) else { continue };
                if self.measured(goal, &answer).is_none_or(|made| made < goal.combos) {
                    continue;
                }
                let outlay = self.consider(goal.kind, goal.target, change, &order, &answer);
                if outlay.is_some_and(|outlay| least.is_none_or(|least| outlay < least)) {
                    (least, chosen) = (outlay, tried);
                }
            }
        }
    }

    /// The parts of a combo that are short, unless one of them can be filled from no line.
    fn slots(&self, goal: Goal, open: &[usize]) -> Option<Vec<Slot>> {
        let (policy, Target::Promotion(rule)) = (self.now.policy, goal.target) else { return None };
        let parts = policy.tables.parts(rule);
        let mut slots = Vec::new();
        for (part, short) in parts.clone().zip(self.short(rule, goal.combos).parts).filter(|(_, short)| *short > 0) {
            let lines = open.iter().map(|index| &self.order.lines[*index]);
            let fits = |line: &&OrderLine| self.serves(goal.target, line.product) && in_part(policy, &parts, part, line.product);
            let mut lines: Vec<OrderLine> = lines.filter(fits).cloned().collect();
            if lines.is_empty() {
                let fits = |product| self.serves(goal.target, product) && in_part(policy, &parts, part, product);
                lines = self.new_lines(limit::HINT_PRODUCTS, fits);
            }
            if lines.is_empty() {
                return None;
            }
            slots.push((lines, short));
        }
        Some(slots)
    }

    /// Lines, still without a unit, of the first products that are orderable, that the order has no line of and that fit.
    fn new_lines(&self, most: usize, fits: impl Fn(ProductId) -> bool) -> Vec<OrderLine> {
        let policy = self.now.policy;
        let new = |product: &ProductId| {
            let orderable = self.now.context.availability(policy, *product) == Availability::Orderable;
            orderable && self.order.lines.iter().all(|line| line.product != *product)
        };
        let products = (0..).map(ProductId).take(policy.tables.product_sku.len()).filter(|product| fits(*product)).filter(new);
        let lines = products.take(most).map(|product| OrderLine {
            id: line_id(policy, product, None),
            product,
            alias: None,
            unit: None,
            ordered: Quantity(0),
            quantity: Quantity(0),
            customer: None,
            position: 0,
        });
        lines.filter(|new| self.order.lines.iter().all(|line| line.id != new.id)).collect()
    }

    /// Each part filled from the line that is chosen for it; nothing where a line has no quantity that passes.
    fn filling(&self, slots: &[Slot], chosen: &[usize]) -> Option<Change> {
        let (t, one) = (&self.now.policy.tables, self.now.policy.constants.quantity_scale.one());
        let mut lines: Vec<(&OrderLine, i64)> = Vec::new();
        for ((own, short), at) in slots.iter().zip(chosen) {
            match lines.iter_mut().find(|(known, _)| known.id == own[*at].id) {
                Some((_, units)) => *units = units.saturating_add(*short),
                None => lines.push((&own[*at], *short)),
            }
        }
        let raised = |(line, short): (&OrderLine, i64)| {
            let factor = t.factor(line.unit);
            let more = up(i128::from(short) * i128::from(factor.denominator), i128::from(factor.numerator));
            self.line_of(line, i128::from(line.ordered.0) / one + more)
        };
        lines.into_iter().map(raised).collect::<Option<_>>().map(Change::Lines)
    }

    /// More and more of one line until a goal is reached: never more at once than could be needed, while its price does not rise.
    fn reach(&mut self, goal: Goal, line: &OrderLine) {
        let one = self.now.policy.constants.quantity_scale.one();
        let (mut units, mut have) = (i128::from(line.ordered.0) / one, goal.have);
        let mut step = self.adds(goal, line, self.order, &self.now);
        let mut price = price_of(line, self.order, &self.now);
        for _ in 0..limit::HINT_ROUNDS {
            let Ok(Some((adds, of))) = step else { return };
            let more = up((i128::from(goal.need) - i128::from(have)).saturating_mul(of), adds).max(1);
            let Some(raised) = self.line_of(line, units + more) else { return };
            let order = self.changed(&Change::Lines(vec![raised.clone()]));
            let Some(answer) = self.price(&order) else { return };
            let Some(measured) = self.measured(goal, &answer) else { return };
            if measured >= goal.need {
                let (raised, order, answer) = self.fewest(goal, line, units, (raised, order, answer));
                if self.is_applied(goal.target, &answer) {
                    self.consider(goal.kind, goal.target, Change::Lines(vec![raised]), &order, &answer);
                }
                return;
            }
            let then = price_of(line, &order, &answer);
            if measured == have && price.is_some() && price == then {
                // The line counts for nothing.
                return;
            }
            step = self.adds(goal, line, &order, &answer);
            (units, have, price) = (i128::from(raised.line.ordered.0) / one, measured, then);
        }
    }

    /// Of units that do not all cost the same, fewer may do than the amount of those that there are lets expect: halves what lies between `few`
    /// whole units that do not reach a goal and the change that does, until nothing does.
    fn fewest(&mut self, goal: Goal, line: &OrderLine, mut few: i128, reached: Reached<'a>) -> Reached<'a> {
        let one = self.now.policy.constants.quantity_scale.one();
        let units = |raised: &Raised| i128::from(raised.line.ordered.0) / one;
        let now = price_of(line, self.order, &self.now);
        if !self.by_amount(goal) || (now.is_some() && now == price_of(line, &reached.1, &reached.2)) {
            return reached;
        }
        let mut best = reached;
        let mut enough = units(&best.0);
        while enough - few > 1 {
            let half = (few + enough) / 2;
            let Some(raised) = self.line_of(line, half) else { break };
            if units(&raised) >= units(&best.0) {
                // No quantity between passes.
                enough = half;
                continue;
            }
            let order = self.changed(&Change::Lines(vec![raised.clone()]));
            let Some(answer) = self.price(&order) else { break };
            if self.measured(goal, &answer).is_some_and(|measured| measured >= goal.need) {
                (enough, best) = (half, (raised, order, answer));
            } else {
                few = units(&raised);
            }
        }
        best
    }

    /// What one unit more of a line in a priced order adds at most to what a goal measures, as a fraction above zero.
    fn adds(&self, goal: Goal, line: &OrderLine, order: &Order, answer: &Answer) -> Result<Option<(i128, i128)>, Overflow> {
        let (policy, one) = (self.now.policy, self.now.policy.constants.quantity_scale.one());
        let t = &policy.tables;
        if !self.by_amount(goal) {
            let factor = t.factor(line.unit);
            let counted = match goal.target {
                Target::Program(program) => t.counted(program, line.product, Quantity(1))?.0,
                Target::Promotion(_) | Target::Itself => 1,
            };
            let adds = i128::from(factor.numerator) * one * i128::from(counted);
            return Ok((adds > 0).then_some((adds, i128::from(factor.denominator))));
        }
        let Ok(at) = order.lines.binary_search_by(|known| known.id.cmp(&line.id)) else { return Ok(None) };
        let list = answer.quote.lines[at].list;
        let other_basis = |rule: RuleId| decoded::<Measure>(t.rule_measure[rule.index()]) == Measure::OtherBasis;
        let list = match goal.target {
            Target::Promotion(rule) if goal.clause.is_none() && other_basis(rule) => tax::in_other_basis(policy, line.product, list)?,
            Target::Program(program) if decoded::<Basis>(t.program_basis[program.index()]) >= Basis::Gross => {
                tax::of_amount(policy, t.tax_rate(line.product), list)?.map_or(list, |tax| tax.taxed.gross)
            }
            _ => list,
        };
        Ok((list > Money::ZERO).then(|| (i128::from(list.0) * one, i128::from(order.lines[at].ordered.0))))
    }

    fn by_amount(&self, goal: Goal) -> bool {
        let counts = |program| self.now.quote.rebates.iter().any(|of| of.program == program && of.qualifier == Qualifier::Amount);
        match goal.target {
            Target::Program(program) => counts(program),
            Target::Promotion(_) | Target::Itself => goal.kind == Kind::Amount,
        }
    }

    /// What an answer of the same side has of what a goal measures.
    fn measured(&self, goal: Goal, answer: &Answer) -> Option<i64> {
        if !std::ptr::eq(answer.policy, self.now.policy) {
            return None;
        }
        match goal.target {
            Target::Promotion(rule) => {
                let outcome = answer.quote.rules.iter().find(|outcome| outcome.rule == rule)?;
                match (goal.clause, &outcome.outcome) {
                    // A part of its condition that is not in the way any more is reached.
                    (Some(clause), Outcome::Failed { conditions }) => {
                        let have = |unmet: &Unmet| self.cart(unmet).filter(|(_, known, _)| *known == clause).map(|(_, _, have)| have);
                        Some(conditions.iter().find_map(have).unwrap_or(i64::MAX))
                    }
                    (Some(_), _) => Some(i64::MAX),
                    (None, _) if goal.combos == 0 => outcome.measured,
                    (None, outcome) => made(outcome),
                }
            }
            Target::Program(program) => {
                let rebate = answer.quote.rebates.iter().find(|rebate| rebate.program == program)?;
                // At the top every goal is reached.
                Some(rebate.next.as_ref().map_or(i64::MAX, |next| start(next) - next.gap))
            }
            Target::Itself => None,
        }
    }
}

/// What a line costs, where one price is for all of it.
fn price_of(line: &OrderLine, order: &Order, answer: &Answer) -> Option<(UnitPrice, u32)> {
    let at = order.lines.binary_search_by(|known| known.id.cmp(&line.id)).ok()?;
    let QuoteLine { price, portions, parts, .. } = &answer.quote.lines[at];
    let one_price = portions.is_empty() && parts.is_empty();
    price.filter(|_| one_price).map(|price| (price.unit_price, price.per))
}

/// Whether a part of a condition of this kind measures lines of the order.
fn by_cart(kind: u32) -> bool {
    matches!(decoded(kind), Clause::CartAmount | Clause::CartQuantity | Clause::CartSkus | Clause::CartWeight)
}

/// The combos that a promotion made: none where nothing but its units is missing.
fn made(outcome: &Outcome) -> Option<i64> {
    match outcome {
        Outcome::Applied { times, .. } => Some(*times),
        Outcome::Failed { conditions } if matches!(conditions[..], [Unmet::Threshold { .. }]) => Some(0),
        _ => None,
    }
}

/// The volume that reaches a tier.
fn start(next: &NextTier) -> i64 {
    next.tier.from.saturating_add(i64::from(next.tier.above))
}

/// Where a promotion that is reached counts for more.
fn next(policy: &Loaded, context: &Context, rule: RuleId, have: i64) -> Option<i64> {
    let t = &policy.tables;
    let interval = t.rule_interval[rule.index()];
    if decoded::<Decompose>(t.rule_decompose[rule.index()]) != Decompose::Highest {
        return decompose::next(policy, rule, have);
    }
    if interval == 0 {
        return t.steps(rule).filter(|step| context.has_step(policy, *step)).map(|step| t.step_from[step]).find(|from| *from > have);
    }
    let (interval, have) = (i128::from(interval), i128::from(have));
    let (share, origin) = (i128::from(t.rule_share[rule.index()]), i128::from(t.rule_origin[rule.index()]));
    // Where only multiples count, the next one does.
    let counted = (have - origin) * share.max(1) / interval;
    let most = i128::from(t.rule_times[rule.index()]);
    (counted < most).then(|| origin + up((counted + 1) * interval, share.max(1))).and_then(|next| i64::try_from(next).ok())
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

/// What tells hints of one kind and target apart: the lines, the code.
fn own_ids<'a>(hint: &'a Hint<'_>) -> Vec<&'a str> {
    match &hint.change {
        Change::Lines(raised) => raised.iter().map(|raised| raised.line.id.as_str()).collect(),
        Change::Coupon(code) => vec![code],
        Change::Decline(_) => Vec::new(),
    }
}

fn rank(policy: &Loaded, a: &Hint, b: &Hint) -> Ordering {
    let target = |hint: &Hint| match hint.target {
        Target::Promotion(rule) => policy.rule(rule).to_owned(),
        Target::Program(program) => policy.program(program).to_owned(),
        Target::Itself => own_ids(hint).concat(),
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
