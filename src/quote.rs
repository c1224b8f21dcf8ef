//! The answer: figures and codes, no words. Data only.

use crate::facts::{ContestStanding, Redeem, Volume};
use crate::id::{
    AccessId, AliasId, BudgetId, FreightId, ProductId, ProgramId, RecordId, RegistrationId, RuleId, ScopeId, TextId, UnitId, ValueId,
};
use crate::num::{Money, Overflow, Percent, Quantity, UnitPrice};
use crate::policy::{Availability, ForecastBy, LimitOf, LimitScope, Qualifier, Severity, Side, Stage};
use crate::time::Instant;

/// The whole answer. Lines stand as in the order they answer: by id; [`QuoteLine::position`] is the order of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Instant of the quote.
    pub now: Instant,
    /// The day whose prices hold, where that is a later day than that of `now`.
    pub priced_for: Option<String>,
    /// Instant of the facts.
    pub as_of: Instant,
    /// Lines.
    pub lines: Vec<QuoteLine>,
    /// Lines that were ordered by an alias of their SKU, in order of their ids.
    pub aliases: Vec<(usize, AliasId)>,
    /// Freight, tables in file order.
    pub freight: Vec<FreightLine>,
    /// What the lines take of registrations that are for them, by line, in the order in which they are asked.
    pub registered: Vec<RegistrationTaken>,
    /// What became of approved adjustments, in order of their ids.
    pub approved: Vec<ApprovedUse>,
    /// Sums over the lines.
    pub totals: Totals,
    /// Outcomes, in running order of the promotions.
    pub rules: Vec<RuleOutcome>,
    /// What is given, in running order of the promotions, then by product.
    pub gifts: Vec<GiftLine>,
    /// What the order can choose from, in running order of the promotions.
    pub gift_offers: Vec<GiftOffer>,
    /// What the order earns for later, in running order.
    pub earned: Vec<Earned>,
    /// How promotions that are limited in units are allotted, in running order, then by line; only of lines of which not all units get them.
    pub limited: Vec<Allotted>,
    /// What became of each choice of gifts, in the order of [`crate::facts::Order::gifts`].
    pub gift_choices: Vec<ChoiceUse>,
    /// What became of each coupon code, in order of the request.
    pub coupons: Vec<CouponUse>,
    /// What this order would use up: usage in running order of the promotions, then budgets in order of their
    /// id, then registrations, adjustments, and lots in the order in which they are used up.
    pub claims: Vec<Claim>,
    /// How far the chosen combination is proven.
    pub combination: Combination,
    /// Credit with this order, if the facts carry any.
    pub credit: Option<CreditUse>,
    /// Guards that bite.
    pub guards: Vec<Guard>,
    /// Rebate preview of every program that the dealer is enrolled in.
    pub rebates: Vec<RebatePreview>,
    /// What lots of rebate pay; none where the dealer holds none and the order asks for none.
    pub redemption: Option<Redemption>,
    /// Region that territory was looked up for, if any.
    pub territory: Option<ValueId>,
    /// What the dealer should order more of, by product.
    pub replenishment: Vec<Replenishment>,
    /// What both policies of a transition give, while the dealer passes from one to the other.
    pub transition: Option<Passage>,
}

/// A quote while the dealer passes from an old policy to a new one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What holds now.
    pub phase: Phase,
    /// The side whose answer this is.
    pub side: Side,
    /// How much the old side counts, in parts of the whole.
    pub weight: (u32, u32),
    /// Last day of the phase, or of this step of it.
    pub until: String,
    /// Last day of the transition.
    pub end: String,
    /// What the old side alone gives.
    pub old: Alone,
    /// What the new side alone gives.
    pub new: Alone,
}

/// What holds in a part of a transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The old policy as it is.
    Old,
    /// Unit prices and rates between both.
    Blend,
    /// The policy that is better for the dealer.
    BetterOf,
}

/// What one side of a transition alone gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Id of the policy.
    pub policy: String,
    /// Its version.
    pub version: String,
    /// Totals.
    pub totals: Totals,
    /// Σ of what the order adds to rebates.
    pub rebate: Money,
    /// Unit price, the units it is for, and the net of each line, as in [`Quote::lines`]; nothing without a price.
    pub lines: Vec<Option<(UnitPrice, u32, Money)>>,
}

/// One line of the answer. Its id is that of the order's line at the same place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuoteLine {
    /// Position in the request.
    pub position: usize,
    /// Product.
    pub product: ProductId,
    /// Unit that it is ordered in, if that is not the base unit.
    pub unit: Option<UnitId>,
    /// Quantity as ordered.
    pub ordered: Quantity,
    /// Quantity in base units.
    pub quantity: Quantity,
    /// What the dealer may do with the product. A hidden one has no price.
    pub availability: Availability,
    /// Base price, if a table has one.
    pub price: Option<BasePrice>,
    /// What registrations price of it, where the price above is for the rest only.
    pub portions: Vec<Portion>,
    /// What the prices of its scale are for; empty where one price is for everything.
    pub parts: Vec<ScalePart>,
    /// Accesses that were searched and have no price for the line.
    pub missed: Vec<AccessId>,
    /// Prices of other accesses, where the policy compares them; in file order.
    pub beaten: Vec<BasePrice>,
    /// `round(unit price × quantity / per)`, the quantity in the unit of the price.
    pub list: Money,
    /// Steps from list to net.
    pub adjustments: Vec<Adjustment>,
    /// What is left.
    pub net: Money,
    /// Least net amount that the floor price allows.
    pub floor: Option<Money>,
    /// Its tax; none without a price, and where the policy tells no tax.
    pub tax: Option<LineTax>,
}

/// What delivering the order costs by one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreightLine {
    /// Table.
    pub table: FreightId,
    /// Its row, a position in the columns of rows.
    pub row: usize,
    /// Weight of the goods, in milligrams, rounded down.
    pub weight: i64,
    /// What it costs by the table.
    pub charge: Money,
    /// What promotions take off it, in running order.
    pub adjustments: Vec<(RuleId, Money)>,
    /// What is left of the charge.
    pub net: Money,
    /// Its tax, where the policy tells it.
    pub tax: Option<LineTax>,
}

/// The tax of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineTax {
    /// The rate; none where the product is exempt.
    pub rate: Option<Percent>,
    /// The figures.
    pub taxed: Taxed,
}

/// An amount with and without tax: `gross = base + tax`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taxed {
    /// Without tax (不含税金额).
    pub base: Money,
    /// The tax (税额).
    pub tax: Money,
    /// With tax (价税合计).
    pub gross: Money,
}

impl QuoteLine {
    /// The quantity of the line in the unit of a price.
    pub fn quantity_of(&self, price: &BasePrice) -> Quantity {
        if price.of_unit { self.ordered } else { self.quantity }
    }

    /// What of it is left beside the portions, in the unit of a price.
    pub fn rest_of(&self, price: &BasePrice) -> Quantity {
        let of = |portion: &Portion| if price.of_unit { portion.ordered.0 } else { portion.quantity.0 };
        Quantity(self.portions.iter().fold(self.quantity_of(price).0, |rest, portion| rest - of(portion)))
    }

    /// Sets the list amount from that of the rest.
    ///
    /// # Errors
    /// [`Overflow`] when the sum does not fit.
    pub fn price_at(&mut self, rest: Money) -> Result<(), Overflow> {
        self.list = Money::sum(self.portions.iter().map(|portion| portion.list).chain([rest]))?;
        self.net = self.list;
        Ok(())
    }

    /// Everything that prices it, the portions first.
    pub fn records(&self) -> impl Iterator<Item = Portion> {
        let rest = self.price.map(|price| {
            let of = |of_unit| self.rest_of(&BasePrice { of_unit, ..price });
            let list = self.portions.iter().fold(self.list.0, |rest, portion| rest - portion.list.0);
            Portion { price, ordered: of(true), quantity: of(false), list: Money(list) }
        });
        self.portions.iter().copied().chain(rest)
    }
}

/// A part of a line, and what prices it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portion {
    /// Its price.
    pub price: BasePrice,
    /// What it is for, as ordered.
    pub ordered: Quantity,
    /// The same in base units.
    pub quantity: Quantity,
    /// `round(unit price × quantity / per)`.
    pub list: Money,
}

impl ApprovedUse {
    /// The word for what became of it.
    pub fn outcome(&self, quote: &Quote) -> &'static str {
        match self.line {
            None => "no_line",
            Some(line) if quote.lines[line].price.is_none() => "no_price",
            Some(_) if self.saving == Money::ZERO && self.lost > Money::ZERO => "blocked",
            Some(_) => "applied",
        }
    }
}

/// What a line took of a registration that is for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RegistrationTaken {
    /// Line.
    pub line: usize,
    /// The price, with the record that names the registration.
    pub price: BasePrice,
    /// Base units that were left before it; nothing without a limit.
    pub left: Option<Quantity>,
    /// Base units that the line takes.
    pub quantity: Quantity,
}

/// What became of an adjustment that somebody approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApprovedUse {
    /// Its id.
    pub id: String,
    /// Position in the facts.
    pub adjustment: usize,
    /// The line that it is for, if the order has it.
    pub line: Option<usize>,
    /// What it takes off.
    pub saving: Money,
    /// What it cannot take off.
    pub lost: Money,
}

/// A base price and the record it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasePrice {
    /// Price of `per` units.
    pub unit_price: UnitPrice,
    /// Units that the price is for.
    pub per: u32,
    /// Table.
    pub access: AccessId,
    /// Dealer's side of the key.
    pub scope: ScopeId,
    /// Steps up the category tree to the key.
    pub distance: u32,
    /// Record.
    pub record: RecordId,
    /// Whether the price is for the unit that is ordered; otherwise it is for the base unit.
    pub of_unit: bool,
    /// Where the reached band begins, in the measure of the table's scales; a quantity in the unit of the price.
    pub from: i64,
    /// Whether it lies between two sides of a transition.
    pub blended: bool,
}

/// What one price of a scale is for, where a scale has several.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScalePart {
    /// Price of `per` units.
    pub unit_price: UnitPrice,
    /// Where its band begins, in the measure of the table's scales.
    pub from: i64,
    /// How much of what is measured it is for, rounded down; packs at 10⁻⁶.
    pub part: i64,
    /// What it costs more.
    pub surcharge: Percent,
    /// The exact part, in units that all parts of a price have in common.
    pub share: i128,
}

/// What takes something off a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taker {
    /// An approved adjustment, a position in [`Quote::approved`].
    Approved(usize),
    /// A promotion.
    Rule(RuleId),
}

/// One step of a line's waterfall; a positive amount lowers the net.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adjustment {
    /// What takes it off.
    pub by: Taker,
    /// Amount taken off.
    pub amount: Money,
}

/// Sums over the lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Σ list.
    pub list: Money,
    /// Σ adjustments.
    pub discount: Money,
    /// Σ net.
    pub net: Money,
    /// What lots of rebate pay.
    pub redeemed: Money,
    /// What the dealer pays for the order.
    pub payable: Money,
    /// Σ value of the gifts; no part of the other figures.
    pub gift_value: Money,
    /// Σ freight, less what promotions take off it; no part of the figures of the goods.
    pub freight: Money,
    /// What promotions take off freight; no part of the discount.
    pub freight_discount: Money,
    /// Σ tax, where the policy tells it.
    pub tax: Option<Taxed>,
}

/// One gift: a product that is given at price 0, outside the order's lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiftLine {
    /// The promotion that gives it.
    pub rule: RuleId,
    /// Product.
    pub product: ProductId,
    /// Base units.
    pub quantity: Quantity,
    /// What it counts for.
    pub value: Money,
    /// Whether the order chose it; otherwise it is the default.
    pub by_order: bool,
}

/// What a promotion that gives gifts for this order gives them from, also where the order declines them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftOffer {
    /// The promotion.
    pub rule: RuleId,
    /// How many of the items the dealer gets.
    pub choose: usize,
    /// The items, by product, each as it would be given.
    pub items: Vec<GiftLine>,
}

/// What became of a choice of gifts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceUse {
    /// Id of the promotion, as given.
    pub promotion: String,
    /// The promotion, if it is one of the dealer's.
    pub rule: Option<RuleId>,
    /// What the choice did.
    pub effect: ChoiceEffect,
}

/// What a choice of gifts did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceEffect {
    /// The gifts are given as chosen.
    Chosen,
    /// There would be a gift, and it is declined.
    Declined,
    /// The reached step does not give what was chosen; the default is given.
    Unfit,
    /// The promotion gives no gift for this order.
    NoGift,
}

/// What became of one promotion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleOutcome {
    /// Promotion.
    pub rule: RuleId,
    /// Its stage.
    pub stage: Stage,
    /// What became of it.
    pub outcome: Outcome,
    /// What its threshold measured, in minor units or at the quantity scale; none where it has none, or nobody asked.
    pub measured: Option<i64>,
}

/// What became of a promotion, with the figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It gave something.
    Applied {
        /// Σ of its adjustments.
        saving: Money,
        /// Σ value of its gifts.
        gift_value: Money,
        /// How often its step counted.
        times: i64,
        /// What it could not give.
        lost: Money,
        /// Why it could not.
        lost_by: LostBy,
        /// Lines it touched, as positions in [`Quote::lines`].
        lines: Vec<usize>,
    },
    /// Another promotion of its group took its lines.
    LostTo {
        /// The promotion that took most of them.
        winner: RuleId,
        /// What it would have saved alone, on the state entering the stage.
        saving: Money,
        /// What its gifts would have counted for.
        gift_value: Money,
        /// What its rivals in the group are worth more than it, gifts included; negative when the gain lies in other groups of the stage.
        by: Money,
    },
    /// Its condition does not hold, or its threshold is not reached.
    Failed {
        /// The parts of its condition that fail, in file order, then its threshold; never empty.
        conditions: Vec<Unmet>,
    },
    /// It was reached, but nothing could be taken off.
    Blocked(Blocker),
}

/// What a promotion takes and the order does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unmet {
    /// Its threshold is not reached.
    Threshold {
        /// Whether the threshold is a quantity; otherwise an amount.
        by_quantity: bool,
        /// What the order has, in minor units or at the quantity scale.
        have: i64,
        /// What it takes.
        need: i64,
    },
    /// A part of its condition does not hold.
    Clause {
        /// Position in the clauses' columns.
        clause: usize,
        /// Whether it holds and must not.
        not: bool,
        /// What the order has of what is counted, where that is known.
        have: Option<i64>,
        /// What the dealer or the order is, where a value is asked for and there is one.
        text: Option<String>,
    },
}

/// What kept a reached promotion from giving anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blocker {
    /// Floor prices.
    Floor,
    /// Its lines, or those that it would take something of, are already at zero.
    NothingLeft,
    /// Nothing costs less with it: its price is not lower, its combos cost no less than their units, or what it takes rounds to nothing.
    NoGain,
    /// The order declines it, or its gift.
    Declined,
    /// None of its gifts can be delivered.
    Stock,
    /// A promotion that combines with no other one has its lines, or the order.
    Exclusive {
        /// That promotion.
        by: RuleId,
    },
    /// A promotion that it does not combine with gave something on its lines, or it takes no lines that are discounted already.
    NotCombined {
        /// That promotion.
        by: RuleId,
    },
    /// It may not count any more, or no more units may get it.
    Limit {
        /// What the limit counts over.
        which: LimitScope,
        /// What it counts.
        of: LimitOf,
        /// The product whose units it counts, where it counts those of each.
        product: Option<ProductId>,
        /// What is used: times, or a quantity.
        have: i64,
        /// The most.
        limit: i64,
    },
    /// Too little is left of its budget.
    Budget {
        /// Budget.
        budget: BudgetId,
        /// What is left.
        left: Money,
        /// The whole.
        amount: Money,
    },
}

/// What became of a coupon code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CouponUse {
    /// The code.
    pub code: String,
    /// Promotions it opened that have an outcome, in running order.
    pub rules: Vec<RuleId>,
    /// What it did, or why it did nothing.
    pub effect: CouponEffect,
}

/// What a coupon code did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CouponEffect {
    /// One of its promotions is applied.
    Applied,
    /// None of its promotions is applied; this became of the first one.
    Failed,
    /// As before.
    LostTo,
    /// As before.
    Blocked,
    /// Its promotions are open, and no line of the order is theirs.
    NoLine,
    /// None of the dealer's promotions with it is open for this order and instant: what keeps the first one closed.
    NotOpen(Vec<Closed>),
    /// The policy has no promotion with this code for the dealer.
    Unknown,
}

/// What keeps a promotion of the dealer's closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// The instant is outside its validity.
    Validity,
    /// It is not for orders from this source.
    Source,
}

/// What kept an applied promotion from giving all it would.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LostBy {
    /// A limit of how often it counts, or of its units.
    pub limit: bool,
    /// The most that it takes.
    pub cap: bool,
    /// What is left of its budget.
    pub budget: bool,
    /// Floors.
    pub floor: bool,
    /// That lines without a floor cost nothing any more.
    pub nothing_left: bool,
}

impl LostBy {
    /// Notes that a line could not give more, because of its floor or because it costs nothing any more.
    pub fn of_line(&mut self, floored: bool) {
        if floored { self.floor = true } else { self.nothing_left = true }
    }

    /// The words of what holds, in order.
    pub fn words(self) -> impl Iterator<Item = &'static str> + Clone {
        let all =
            [("limit", self.limit), ("cap", self.cap), ("budget", self.budget), ("floor", self.floor), ("nothing_left", self.nothing_left)];
        all.into_iter().filter(|(_, holds)| *holds).map(|(word, _)| word)
    }
}

/// How many units of a line get a promotion that is limited in units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allotted {
    /// Promotion.
    pub rule: RuleId,
    /// Position of the line in [`Quote::lines`].
    pub line: usize,
    /// Its product.
    pub product: ProductId,
    /// Base units that get it.
    pub units: Quantity,
    /// All base units of the line.
    pub of: Quantity,
}

/// Something that an order earns for later: points, vouchers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earned {
    /// Promotion.
    pub rule: RuleId,
    /// Id of what it is.
    pub what: TextId,
    /// How many of it.
    pub quantity: i64,
}

/// What an order would use up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Times of a promotion that is limited per dealer, period or in all.
    Usage {
        /// Promotion.
        rule: RuleId,
        /// How often it counts.
        times: i64,
        /// Label of the period that is now, where it is limited by periods.
        period: Option<TextId>,
    },
    /// Units of a promotion that is limited in them per dealer, period or in all.
    Units {
        /// Promotion.
        rule: RuleId,
        /// The product, where it is limited for each.
        product: Option<ProductId>,
        /// Base units.
        quantity: Quantity,
        /// As before.
        period: Option<TextId>,
    },
    /// Part of a budget.
    Budget {
        /// Budget.
        budget: BudgetId,
        /// Amount.
        amount: Money,
        /// Mark of the state that it was computed on, as the facts gave it.
        version: Option<String>,
    },
    /// Part of a registration.
    Registration {
        /// A record's registration of this number.
        registration: RegistrationId,
        /// Product.
        product: ProductId,
        /// Base units.
        quantity: Quantity,
        /// Label of the period that is now, where the table has periods.
        period: Option<TextId>,
    },
    /// An approved adjustment.
    Adjustment {
        /// Position in [`Quote::approved`].
        adjustment: usize,
    },
    /// Part of a lot of rebate.
    Lot {
        /// Position in the dealer's lots.
        lot: usize,
        /// Amount.
        amount: Money,
    },
}

/// How far the chosen combination is proven to be the best.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Combination {
    /// The most that any other combination could save on top; zero is a proof.
    pub bound: Money,
    /// Steps that the search took.
    pub steps: u32,
}

/// What a dealer's credit looks like with this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CreditUse {
    /// The dealer's own account.
    pub own: AccountUse,
    /// The account of the dealer's group.
    pub group: Option<AccountUse>,
    /// Whether no credit guard bites.
    pub released: bool,
}

/// What an account looks like with this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccountUse {
    /// The limit, 0 once it has expired.
    pub limit: Money,
    /// Since when it has.
    pub expired: Option<Instant>,
    /// Used without this order; negative when more is paid ahead than is open.
    pub used: Money,
    /// Used with this order.
    pub exposure: Money,
    /// limit − exposure; negative when the order goes over it.
    pub left: Money,
}

/// A guard that bites.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// What it does to the order.
    pub severity: Severity,
    /// Which, with the figures.
    pub finding: Finding,
}

/// Quantities of a line in a further unit with which its product passes, the other lines being as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InUnit {
    /// The unit.
    pub unit: UnitId,
    /// The largest that is less, if there is one.
    pub down: Option<Quantity>,
    /// The smallest that is more, if there is one.
    pub up: Option<Quantity>,
}

/// What a guard found. `line` is a position in [`Quote::lines`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// No price table has a price.
    PriceMissing {
        /// Line.
        line: usize,
    },
    /// Less than the minimum order quantity.
    QuantityMinimum {
        /// First line of the product.
        line: usize,
        /// Quantity of the product in the order.
        have: Quantity,
        /// Minimum.
        minimum: Quantity,
        /// Smallest quantity that passes.
        nearest: Quantity,
        /// The same for the line, in its own unit.
        in_unit: Option<InUnit>,
    },
    /// Not a multiple, or between two steps.
    QuantityMultiple {
        /// First line of the product.
        line: usize,
        /// Quantity of the product in the order.
        have: Quantity,
        /// Where steps begin; nothing where multiples count from zero.
        from: Option<Quantity>,
        /// Multiple or step.
        step: Quantity,
        /// Largest valid quantity below, if there is one.
        down: Option<Quantity>,
        /// Smallest valid quantity above.
        up: Quantity,
        /// The same for the line, in its own unit.
        in_unit: Option<InUnit>,
    },
    /// More than one order, or one period, may have.
    QuantityMost {
        /// First line of the product.
        line: usize,
        /// Quantity of the product in the order.
        have: Quantity,
        /// The most.
        most: Quantity,
        /// Label of the period; nothing where it is of the order.
        period: Option<TextId>,
        /// What was bought in it before.
        bought: Quantity,
        /// When that was true.
        as_of: Instant,
        /// Largest quantity that passes, if there is one.
        nearest: Option<Quantity>,
        /// The same for the line, in its own unit.
        in_unit: Option<InUnit>,
    },
    /// Net under the floor price.
    Floor {
        /// Line.
        line: usize,
        /// Net.
        net: Money,
        /// Least net that the floor allows.
        floor: Money,
    },
    /// Net under the price that somebody must approve, and not under the floor.
    Approval {
        /// Line.
        line: usize,
        /// Net.
        net: Money,
        /// Least net that passes without approval.
        approved: Money,
    },
    /// Too far from the recommended price.
    Corridor {
        /// Line.
        line: usize,
        /// Position in the checks' columns.
        check: usize,
        /// Recommended price, and what the line may come to.
        span: Span,
        /// What it comes to.
        worth: Money,
    },
    /// Takes a licence that the dealer does not have.
    Licence {
        /// Line.
        line: usize,
        /// Position in the checks' columns.
        check: usize,
        /// Category of the product.
        category: ValueId,
        /// End of the last one that the dealer had.
        expired: Option<Instant>,
    },
    /// Not orderable by this dealer.
    Assortment {
        /// Line.
        line: usize,
        /// Whether the dealer does not even see it.
        hidden: bool,
    },
    /// Delivered to where the dealer may not deliver it.
    Territory {
        /// Line.
        line: usize,
        /// Region that it is delivered to, where that is known.
        region: Option<ValueId>,
        /// Why not.
        reason: Trespass,
        /// Regions of the dealer's own grants where this product passes, as values in order of their id.
        allowed: Vec<u32>,
    },
    /// More rebate asked for than the order may use.
    RedeemLimit {
        /// Asked for.
        asked: Money,
        /// Used instead.
        allowed: Money,
        /// Whether the lots hold no more; otherwise the policy's share of the order is reached.
        by_balance: bool,
    },
    /// More of a product than can be delivered.
    Stock {
        /// First line of the product.
        line: usize,
        /// Quantity of the product in the order.
        have: Quantity,
        /// What can be delivered.
        available: Quantity,
        /// The most that passes.
        nearest: Option<Quantity>,
        /// When this was true.
        as_of: Instant,
    },
    /// The dealer is on hold.
    DealerStatus,
    /// The order comes from where it may not.
    OrderSource {
        /// Position in the checks' columns.
        check: usize,
    },
    /// The facts are too old.
    FactsStale {
        /// Position in the checks' columns.
        check: usize,
        /// Milliseconds.
        age: i64,
        /// Milliseconds that it may be.
        most: i64,
    },
    /// Less than an order takes.
    OrderMinimum {
        /// Position in the checks' columns.
        check: usize,
        /// Whether it is a quantity; otherwise an amount.
        by_quantity: bool,
        /// What the order has, in minor units or at the quantity scale.
        have: i64,
        /// What it takes.
        need: i64,
    },
    /// More than an order may come to.
    OrderMaximum {
        /// Position in the checks' columns.
        check: usize,
        /// What it comes to.
        payable: Money,
        /// The most that it may.
        most: Money,
        /// Lines without which it passes.
        remove: Removal,
    },
    /// Too much is overdue.
    Overdue {
        /// Position in the checks' columns.
        check: usize,
        /// What is overdue longer than it may be.
        overdue: Money,
        /// Days of the oldest of it.
        oldest: i64,
        /// The most that may be.
        most: Money,
    },
    /// Too much of the credit limit is used.
    CreditUsed {
        /// Position in the checks' columns.
        check: usize,
        /// Exposure with this order.
        exposure: Money,
        /// Limit.
        limit: Money,
        /// The most that may be used of it; prepaying the difference passes.
        most: Money,
        /// Lines without which it passes.
        remove: Removal,
    },
    /// Exposure over the credit limit.
    CreditLimit {
        /// Whether of the dealer's group; otherwise of the dealer.
        of_group: bool,
        /// Since when the limit has expired.
        expired: Option<Instant>,
        /// Lines without which it passes.
        remove: Removal,
        /// Exposure with this order.
        exposure: Money,
        /// This order.
        payable: Money,
        /// Limit.
        limit: Money,
        /// Exposure − limit; prepaying it passes.
        over: Money,
    },
}

impl Finding {
    /// The line that it is about; the first one where it is about a product.
    pub fn line(&self) -> Option<usize> {
        match *self {
            Finding::PriceMissing { line }
            | Finding::QuantityMinimum { line, .. }
            | Finding::QuantityMultiple { line, .. }
            | Finding::QuantityMost { line, .. }
            | Finding::Floor { line, .. }
            | Finding::Approval { line, .. }
            | Finding::Corridor { line, .. }
            | Finding::Licence { line, .. }
            | Finding::Assortment { line, .. }
            | Finding::Territory { line, .. }
            | Finding::Stock { line, .. } => Some(line),
            Finding::DealerStatus
            | Finding::OrderSource { .. }
            | Finding::FactsStale { .. }
            | Finding::OrderMinimum { .. }
            | Finding::OrderMaximum { .. }
            | Finding::RedeemLimit { .. }
            | Finding::Overdue { .. }
            | Finding::CreditUsed { .. }
            | Finding::CreditLimit { .. } => None,
        }
    }
}

/// Lines without which a guard passes, positions in [`Quote::lines`], ascending; none where that does not help.
pub type Removal = Option<Vec<usize>>;

/// A recommended price, and how little and how much a line may come to beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Recommended price of `per` units.
    pub recommended: UnitPrice,
    /// Units that it is for.
    pub per: u32,
    /// The least.
    pub least: Option<Money>,
    /// The most.
    pub most: Option<Money>,
}

/// Why a dealer may not deliver somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trespass {
    /// It belongs to others alone.
    Exclusive,
    /// It is granted to others, not to this dealer.
    Outside,
    /// It is granted to nobody, and the policy closes such regions.
    Ungranted,
    /// The end customer is another dealer's.
    Customer,
}

/// What a dealer should order more of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replenishment {
    /// Product.
    pub product: ProductId,
    /// In stock, on its way and in this order.
    pub position: Quantity,
    /// At or below which it is ordered again.
    pub reorder_point: Quantity,
    /// Up to which it is ordered.
    pub max: Quantity,
    /// What this order should have of it.
    pub order: Quantity,
    /// What of that it does not have yet.
    pub suggested: Quantity,
}

/// What the cart does to one rebate program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RebatePreview {
    /// Program.
    pub program: ProgramId,
    /// Period, a position in the periods' columns.
    pub period: usize,
    /// Unit of the volumes and of the tiers.
    pub qualifier: Qualifier,
    /// Invoiced volume.
    pub posted: Volume,
    /// Ordered, not invoiced.
    pub open: Volume,
    /// What of this cart counts.
    pub counted: Volume,
    /// Units of each SKU or category of it that the program tells apart, see [`crate::bundle::Loaded::thing`].
    pub things: Vec<(u32, i64)>,
    /// How many different ones have units, without the cart and with it.
    pub covered: (i64, i64),
    /// Rebate without the cart.
    pub before: Money,
    /// Rebate with the cart.
    pub after: Money,
    /// after − before.
    pub delta: Money,
    /// Rebate of what is invoiced alone; only in a preview.
    pub earned: Option<Money>,
    /// What is foreseen at the end of the period; only in a preview.
    pub forecast: Option<Foreseen>,
    /// The delta shared over the lines that count; positions in [`Quote::lines`].
    pub shares: Vec<(usize, Money)>,
    /// Lines of its products that do not count because of their order or price, and why: bits of [`crate::policy::PriceKind`]; only in a
    /// preview.
    pub left_out: Vec<(usize, u32)>,
    /// What the dealer's figures do.
    pub modified: Vec<Modified>,
    /// Whether it is paid with the cart.
    pub standing: Standing,
    /// What its budget keeps back, with what was left of it; in a settlement, the whole of it.
    pub budget: Option<Kept>,
    /// What was carried into the period.
    pub carried: Money,
    /// What was paid beyond guarantees before and lowers that of the period.
    pub surplus: Money,
    /// How many whole pieces it comes to, where it is paid in such; only in a preview.
    pub pieces: Option<Pieces>,
    /// When it is paid, where that is not at the end of the period.
    pub due: Option<Instant>,
    /// What each party gets, without and with the cart; positions in the parties' columns. None where the dealer gets all.
    pub split: Vec<(usize, Money, Money)>,
    /// What the tiers are percentages of.
    pub yardstick: Yardstick,
    /// Of a dealer that joined inside of the period, what of the target counts.
    pub joined: Option<Joined>,
    /// What the volume with the cart is of that, or exceeds last year by, at 10⁻² of a percent, rounded down.
    pub percent: Option<i64>,
    /// Tier reached with the cart.
    pub tier: Option<Tier>,
    /// What a tier needs beside its volume, which is there, and does not have.
    pub lacks: Option<Lack>,
    /// The tier after it.
    pub next: Option<NextTier>,
    /// What returns would cost.
    pub cliff: Option<Cliff>,
    /// What the cart does in the contests that rank by the program; only in a preview.
    pub contests: Vec<Race>,
}

/// What the cart does to a dealer in a contest, against what was published last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Race {
    /// What was published.
    pub standing: ContestStanding,
    /// The dealer's volume without the cart, in the qualifier's measure.
    pub before: i64,
    /// With it.
    pub after: i64,
    /// How far each of the ranks ahead is.
    pub ahead: Vec<Distance>,
}

/// How far a rank is, as it was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Distance {
    /// What is missing without the cart.
    pub before: i64,
    /// What is missing with it.
    pub after: i64,
    /// What is beyond it with the cart.
    pub over: i64,
}

/// The part of a target that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joined {
    /// The target of the whole period, in the qualifier's measure.
    pub target: i64,
    /// Days or months that are left from when he joined.
    pub left: i64,
    /// Those of the whole period.
    pub of: i64,
}

/// Whole units of goods, or whole vouchers, that a rebate comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pieces {
    /// Without the cart.
    pub before: i64,
    /// With it.
    pub after: i64,
    /// What is left of the rebate with the cart, which is carried.
    pub rest: Money,
}

/// Where a program is expected to stand at the end of its period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Foreseen {
    /// What the forecast goes by.
    pub by: ForecastBy,
    /// The volume then, in the qualifier's measure.
    pub volume: i64,
    /// The rebate on it.
    pub rebate: Money,
    /// What of that falls on the volume with the cart.
    pub accrued: Money,
    /// The tier that it reaches.
    pub tier: Option<Tier>,
}

/// What a budget keeps back of a rebate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// What there was.
    pub left: Money,
    /// What is not paid for want of more.
    pub lost: Money,
}

/// A tier of a rebate program. Where it is a percentage of something in the policy, it is a volume here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// The tier holds from here on, in minor units or at the quantity scale.
    pub from: i64,
    /// It holds above `from` only.
    pub above: bool,
    /// Its rate at 10⁻⁶, its amount per unit at the scale of unit prices, or its amount.
    pub value: i64,
    /// One step of `increments`, in the unit of `from`.
    pub every: i64,
    /// Rate at 10⁻⁶ of what lies above `from`, where that is another one.
    pub excess: Option<i64>,
    /// The row of it, a position in the tiers' columns.
    pub row: usize,
}

impl Tier {
    /// Whether a volume reaches it.
    pub fn reached(&self, measured: i64) -> bool {
        if self.above { self.from < measured } else { self.from <= measured }
    }
}

/// What a figure of the dealer's does to a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Modified {
    /// The modifier, a position in the modifiers' columns.
    pub modifier: usize,
    /// The figure at 10⁻⁴; without it the modifier does nothing.
    pub value: Option<i64>,
    /// What it does at 10⁻⁶: what is left of the rebate, or what is paid on the volume as well.
    pub percent: i64,
}

/// Whether a program pays beside the others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// What it earns is paid.
    #[default]
    Paid,
    /// Another program of its overlap is paid instead.
    LostTo(ProgramId),
    /// What it needs of another program is missing.
    Unmet(Lack),
}

/// What a program or a tier of it needs of another program and does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lack {
    /// The requirement, a position in the columns of what is needed.
    pub need: usize,
    /// What there is of it: an amount, a quantity, or a share at 10⁻⁶.
    pub have: i64,
}

/// What a volume is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Yardstick {
    /// Nothing.
    Nothing,
    /// A target or last year, in the qualifier's unit; none where the facts have none.
    Base(Option<i64>),
}

/// How far the next tier is and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextTier {
    /// The tier.
    pub tier: Tier,
    /// Volume that is missing, in the qualifier's unit.
    pub gap: i64,
    /// Rebate exactly at the tier's start − after; unknown when the tier is picked by another measure than it pays on.
    pub gain: Option<Money>,
}

/// What is lost when volume falls under the reached tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cliff {
    /// The most volume that may be lost without falling, in the qualifier's unit.
    pub margin: i64,
    /// R at the tier's start − R just below it.
    pub loss: Money,
}

/// What lots of rebate pay of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redemption {
    /// What the order asks for.
    pub asked: Option<Redeem>,
    /// The policy's share of the order.
    pub limit: Money,
    /// What the usable lots hold together.
    pub balance: Money,
    /// The smaller of the two.
    pub allowed: Money,
    /// What is paid this way.
    pub used: Money,
    /// Usable lots in the order in which they are used up: position in the facts, used, left.
    pub lots: Vec<(usize, Money, Money)>,
    /// What is left of the first of them that expires and is not used up, and when it does.
    pub expiring: Option<(Money, Instant)>,
    /// What is paid of each line, where it is anything; positions in [`Quote::lines`], ascending.
    pub shares: Vec<(usize, Money)>,
    /// The part of each share that lowers the taxable amount; in the order of the shares.
    pub discounts: Vec<Money>,
}

impl Redemption {
    /// What is paid of a line.
    pub fn share(&self, line: usize) -> Money {
        self.shares.binary_search_by_key(&line, |(line, _)| *line).map_or(Money::ZERO, |found| self.shares[found].1)
    }
}
