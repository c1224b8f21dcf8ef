//! The compiled policy: immutable, content-addressed bytes, and the dense tables read from them.
//!
//! Layout: 8 bytes magic with the format's version, 32 bytes SHA-256 of the rest, then the columns of [`Tables`] in order.
//! Reading re-checks everything that evaluation relies on, so no index of a hostile bundle leads outside a column.
#![cfg_attr(any(not(feature = "author"), target_arch = "wasm32"), allow(dead_code, reason = "only the compiler of policies writes codes"))]

mod columns;
mod slice;
mod verify;

use crate::attribute::{self, Ordered};
use crate::facts::DealerFacts;
use crate::id::{
    AccessId, AliasId, AudienceId, BudgetId, CouponId, FreightId, GroupId, ProductId, ProgramId, RecordId, RegistrationId, RuleId, ScopeId,
    TextId, UnitId, ValueId,
};
use crate::limit;
use crate::num::{Money, Overflow, Percent, Quantity, Ratio, Rounding, Scale};
use crate::policy::{
    Against, Availability, Base, Basis, BlockedLines, CheckKind, Choose, DecidedBy, Decompose, DiscountedLines, DropShip, Earns,
    Eligibility, ForecastBy, Form, GrantMode, GroupMode, Joiners, LimitOf, LimitScope, ModifierKind, Needed, NetLines, NoBase, OverlapMode,
    Pays, PaysOn, PickUp, PriceKind, PricingDate, Qualifier, Remainder, Resolution, RoundingPoint, ScaleBasis, ScaleMeasure, ScaleMode,
    Scope, Severity, Side, Spread, Stage, TaxBasis, Then, TierMode, Ungranted, Weight,
};
use crate::sort::key;
use crate::time::{DAY, Instant, Interval};
use columns::columns;
use sha2::{Digest, Sha256};
pub use slice::slice_for;
use std::ops::Range;
use std::sync::Arc;

/// Magic and version of the format; a change of any column changes the last byte.
const MAGIC: [u8; 8] = *b"QUDAO\0\0\x0f";
const HEADER: usize = 8 + 32;

/// The most that a threshold can be, whatever it measures.
const MEASURED: i64 = if limit::MONEY > limit::QUANTITY { limit::MONEY } else { limit::QUANTITY };

/// The most that price rises lift anything by, at 10⁻⁶: [`limit::PRICE_RISES`] of the largest.
const RISEN: i64 = 10_000_000;

/// The longest notice.
const NOTICE: i64 = limit::NOTICE_DAYS as i64 * DAY;

/// Bits of one distance inside that of several trees; more than [`limit::TREE_DEPTH`] takes.
const DISTANCE_BITS: u32 = 5;

/// "No such thing" in a column of ids.
pub const NONE: u32 = u32::MAX;

/// A compiled policy as bytes. Only [`crate::compile`] makes one from a policy; its hash is its identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bundle {
    bytes: Vec<u8>,
}

/// Why bytes are not a bundle of this engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BundleFault {
    /// Not a bundle at all.
    Foreign,
    /// A bundle of another format version.
    Version,
    /// The hash in the header is not that of the content.
    Hash,
    /// The content breaks a rule of the format; names the rule.
    Broken(&'static str),
}

impl Bundle {
    pub(crate) fn from_tables(tables: &Tables) -> Bundle {
        let mut bytes = vec![0; HEADER];
        tables.write(&mut bytes);
        let hash = sha256(&bytes[HEADER..]);
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..HEADER].copy_from_slice(&hash);
        Bundle { bytes }
    }

    /// The bytes to store and ship.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 of the content, hex.
    pub fn hash(&self) -> String {
        hex(&self.bytes[8..HEADER])
    }
}

/// SHA-256; compiled once.
#[inline(never)]
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// What a bundle knows a customer by: the first 8 bytes of the SHA-256 of his id. Never 0.
pub fn customer_mark(id: &str) -> i64 {
    let hash = sha256(id.as_bytes());
    let mark = hash.first_chunk::<8>().map_or(0, |mark| i64::from_be_bytes(*mark));
    if mark == 0 { 1 } else { mark }
}

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

columns! {
    /// A policy as dense columns. Pairs of columns named `x_start` and `x` are lists of lists: entry `i` is `x[x_start[i]..x_start[i + 1]]`.
    ///
    /// Each column is declared as `name: type [what it holds one entry for, what its values are]`, `ascending` or `or_none` behind it. By this it is
    /// checked when a bundle is read, and cut and renumbered for a slice. To add a column, write its line, and fill it in `compile`; a new `Kind` is one more
    /// word in `columns`. Of elements of lists a slice keeps those of lists that stay, of kinds that others name what those name; anything else is said in
    /// `Cut::kept`. What cannot be declared is checked in `verify`.
    Tables {
        /// Empty for a whole policy. For a slice, what it is cut from and for: texts of that policy's hash, the dealer's id, and
        /// grade, region, channel, group and the day of the contract, each attribute of dealers, and the grade before, or [`NONE`].
        slice_of: u32 [SliceOf, Any],

        /// The transition from an old policy, empty without one: text of the first date of a contract that is outside the cohort, what
        /// follows the old policy's own time, the side that leads then, and in how many steps.
        transition: u32 [Transition, Any],
        /// Where the old policy's own time ends, then each step, ascending; from the last one on there is only the new policy.
        transition_end: i64 [Phase, Any, ascending],
        /// Text of the last day before it.
        transition_day: u32 [Phase, Text],
        /// The columns of the old policy as bytes, eight in one. It has the same values and products.
        old: i64 [Old, Any],

        /// End of each text in `text_bytes`.
        text_end: u32 [Text, Any],
        /// All texts, UTF-8, one after another.
        text_bytes: u8 [TextByte, Any],
        /// Constants of the policy, see [`Constant`].
        constants: i64 [Constant, Any],

        /// First value of each axis, see [`Dimension`]; one more than there are axes.
        axis_start: u32 [Axis, Lists(Kind::Value)],
        /// Id of each value, ascending bytewise within its axis.
        value_text: u32 [Value, Text, ascending],
        /// Chinese name.
        value_zh: u32 [Value, Text],
        /// English name.
        value_en: u32 [Value, Text],
        /// Value above it in the tree, or [`NONE`].
        value_parent: u32 [Value, Id(Kind::Value), or_none],

        /// Id of each custom attribute, ascending bytewise.
        attribute_text: u32 [Attribute, Text, ascending],
        /// Chinese name.
        attribute_zh: u32 [Attribute, Text],
        /// English name.
        attribute_en: u32 [Attribute, Text],
        /// Whose it is, and whether its values are listed.
        attribute_kind: u32 [Attribute, code::<AttributeKind>()],

        /// SKU of each product, ascending bytewise.
        product_sku: u32 [Product, Text, ascending],
        /// Chinese name.
        product_zh: u32 [Product, Name],
        /// English name.
        product_en: u32 [Product, Name],
        /// Base unit.
        product_unit: u32 [Product, Text],
        /// Category value, or [`NONE`].
        product_category: u32 [Product, Value(Dimension::Category), or_none],
        /// Brand value, or [`NONE`].
        product_brand: u32 [Product, Value(Dimension::Brand), or_none],
        /// Values of each product's custom attributes that are keys of price tables.
        product_value_start: u32 [Product, Lists(Kind::ProductValue)],
        /// Values, ascending.
        product_value: u32 [ProductValue, Id(Kind::Value), ascending],
        /// Class: products of one class count for the same rules and programs.
        product_class: u32 [Product, Id(Kind::Class)],
        /// Minimum order quantity, 0 for none.
        product_minimum: i64 [Product, Within(&(0, limit::QUANTITY))],
        /// Order multiple, 0 for none.
        product_multiple: i64 [Product, Within(&(0, limit::QUANTITY))],
        /// Step from the minimum on, 0 for none; then there is no multiple.
        product_step: i64 [Product, Within(&(0, limit::QUANTITY))],
        /// Most in one order, 0 for no limit.
        product_most: i64 [Product, Within(&(0, limit::QUANTITY))],
        /// Most in one period of purchases, 0 for no limit.
        product_period_most: i64 [Product, Within(&(0, limit::QUANTITY))],
        /// Products of one number count together for scales by group; [`NONE`] counts alone.
        product_pool: u32 [Product, Any],
        /// Further units of each product, smaller ones first.
        product_unit_start: u32 [Product, Lists(Kind::Unit)],
        /// Name of the unit.
        unit_text: u32 [Unit, Text],
        /// Base units that `unit_denominator` of it are.
        unit_numerator: i64 [Unit, Within(&(1, Ratio::MOST))],
        /// See `unit_numerator`.
        unit_denominator: i64 [Unit, Within(&(1, Ratio::MOST))],
        /// Tax rate at 10⁻⁶, [`NONE`] where exempt; nothing where the policy tells no tax.
        product_tax: u32 [Taxed, Within(&(0, 1_000_000)), or_none],
        /// Milligrams of one base unit; nothing where no product has a weight.
        product_weight: i64 [Weighed, Within(&(0, limit::WEIGHT))],
        /// Points of one base unit; nothing where no program counts them.
        product_points: i64 [Pointed, Within(&(0, limit::POINTS))],

        /// Each alias of a SKU, ascending bytewise.
        alias_text: u32 [Alias, Text, ascending],
        /// The product that it stands for.
        alias_product: u32 [Alias, Id(Kind::Product)],

        /// Promotions of each class.
        class_rule_start: u32 [Class, Lists(Kind::ClassRule)],
        /// Promotions, ascending.
        class_rule: u32 [ClassRule, Id(Kind::Rule), ascending],
        /// Programs of each class.
        class_program_start: u32 [Class, Lists(Kind::ClassProgram)],
        /// Programs, ascending.
        class_program: u32 [ClassProgram, Id(Kind::Program), ascending],

        /// Id of each price table.
        access_text: u32 [Access, Text],
        /// Chinese name.
        access_zh: u32 [Access, Text],
        /// English name.
        access_en: u32 [Access, Text],
        /// Dealers and orders that each price table is for, or [`NONE`] for nobody here.
        access_audience: u32 [Access, Id(Kind::Audience), or_none],
        /// Key axes of each price table.
        access_axis_start: u32 [Access, FilledLists(Kind::AccessAxis)],
        /// Axis, see [`Dimension`].
        access_axis: u32 [AccessAxis, Any],
        /// What the reached band of its scales prices.
        access_mode: u32 [Access, code::<ScaleMode>()],
        /// Which lines count together for them.
        access_basis: u32 [Access, code::<ScaleBasis>()],
        /// What they measure.
        access_measure: u32 [Access, code::<ScaleMeasure>()],
        /// Name of the unit of packs, or [`NONE`].
        access_unit: u32 [Access, Text, or_none],
        /// What the rest beside whole packs costs more, at 10⁻⁶.
        access_broken: i64 [Access, Within(&(0, 1_000_000))],
        /// What the rows of each price table are registered as, see [`Registered`].
        access_registered: u32 [Access, code::<Registered>()],
        /// Periods that limits of registrations are for, ascending; none of a table without such limits.
        access_quota_start: u32 [Access, Lists(Kind::Quota)],
        /// Label of the period.
        quota_text: u32 [Quota, Text],
        /// Start of the period.
        quota_from: i64 [Quota, Any, ascending],
        /// End of the period.
        quota_to: i64 [Quota, End],
        /// First scope of each access; one more than there are accesses.
        access_scope_start: u32 [Access, Lists(Kind::Scope)],
        /// Key values of each scope, in the order of the access's dealer axes; scopes of an access ascend by them.
        scope_value_start: u32 [Scope, Lists(Kind::ScopeValue)],
        /// Key values.
        scope_value: u32 [ScopeValue, Id(Kind::Value)],
        /// Entries of each product in each access, at `access × products + product`; ascending by scope, then distance.
        entry_start: u32 [Cell, Lists(Kind::Entry)],
        /// Scope of the entry.
        entry_scope: u32 [Entry, Id(Kind::Scope)],
        /// Record of the entry.
        entry_record: u32 [Entry, Id(Kind::Record)],
        /// Steps up the category tree from the product to the record's key.
        entry_distance: u32 [Entry, Code(limit::TREE_DEPTH + 1)],
        /// Name of the unit that the record is for, or [`NONE`] for every unit.
        record_unit: u32 [Record, Text, or_none],
        /// When it holds.
        record_window: u32 [Record, Id(Kind::Window)],
        /// The most that it has a price for, in the measure of its scale, -1 for no end.
        record_end: i64 [Record, Within(&(-1, MEASURED))],
        /// What promotions it keeps off, as bits, see [`NO_PROMOTION`].
        record_flags: u32 [Record, Code(8)],
        /// Registration of the record, or [`NONE`].
        record_registration: u32 [Record, Id(Kind::Registration), or_none],
        /// Number of each registration; records of several may have one number.
        registration_text: u32 [Registration, Text],
        /// Who approved it, or [`NONE`].
        registration_approver: u32 [Registration, Text, or_none],
        /// End customer that it is for, as [`customer_mark`] of the id; 0 for any.
        registration_customer: i64 [Registration, Any],
        /// The most base units in all, -1 for no limit.
        registration_limit: i64 [Registration, Within(&(-1, limit::QUANTITY))],
        /// The most base units in a period, -1 for no limit.
        registration_period_limit: i64 [Registration, Within(&(-1, limit::QUANTITY))],
        /// Bands of each record's scale, never empty.
        record_band_start: u32 [Record, FilledLists(Kind::Band)],
        /// From where on the band holds, in the measure of its scale; a quantity is in the record's unit.
        band_from: i64 [Band, Within(&(0, MEASURED)), ascending],
        /// Price of `band_per` units.
        band_price: i64 [Band, Within(&(0, limit::MONEY))],
        /// Units that the band's price is for.
        band_per: u32 [Band, Within(&(1, limit::PER as i64))],

        /// Key axis of each term of each audience.
        audience_term_start: u32 [Audience, Lists(Kind::Term)],
        /// Axis of the term, see [`Dimension`].
        term_axis: u32 [Term, Any],
        /// 0: one of the values must match. 1: none of them may.
        term_excludes: u32 [Term, FLAG],
        /// Values of each term.
        term_value_start: u32 [Term, Lists(Kind::TermValue)],
        /// Values, ascending; trees are expanded.
        term_value: u32 [TermValue, Id(Kind::Value), ascending],

        /// Id of each group.
        group_text: u32 [Group, Text],
        /// Mode of each group.
        group_mode: u32 [Group, code::<GroupMode>()],
        /// What an exclusive group closes.
        group_scope: u32 [Group, code::<Scope>()],
        /// Which of an exclusive group applies.
        group_choose: u32 [Group, code::<Choose>()],

        /// Id of each promotion; promotions are in running order.
        rule_text: u32 [Rule, Text],
        /// Chinese name.
        rule_zh: u32 [Rule, Text],
        /// English name.
        rule_en: u32 [Rule, Text],
        /// Stage.
        rule_stage: u32 [Rule, code::<Stage>()],
        /// Group.
        rule_group: u32 [Rule, Id(Kind::Group)],
        /// Priority.
        rule_priority: i64 [Rule, Any],
        /// Conditions on dealer and order.
        rule_audience: u32 [Rule, Id(Kind::Audience)],
        /// When it holds.
        rule_window: u32 [Rule, Id(Kind::Window)],
        /// 1: lots pay nothing of lines from which it takes something.
        rule_unpaid: u32 [Rule, FLAG],
        /// What the threshold measures, see [`Measure`].
        rule_measure: u32 [Rule, code::<Measure>()],
        /// Amount or quantity of one full step of `each`; 0 otherwise.
        rule_interval: i64 [Rule, Within(&(0, MEASURED))],
        /// Where full steps of `each` begin to be counted; below 0 where the first one counts before it is full.
        rule_origin: i64 [Rule, Within(&(-MEASURED, MEASURED))],
        /// Over which units what combos take off is spread, see [`Spread`].
        rule_spread: u32 [Rule, code::<Spread>()],
        /// Which steps count, see [`Decompose`].
        rule_decompose: u32 [Rule, code::<Decompose>()],
        /// How often one interval counts: in proportion to the measure, or 0 for only where the measure is a multiple of the interval.
        /// More than 1 only for gifts that are counted in proportion.
        rule_share: i64 [Rule, Within(&(0, limit::QUANTITY))],
        /// The most times a step counts.
        rule_times: i64 [Rule, Within(&(1, u32::MAX as i64))],
        /// The most units per line, -1 for no limit.
        rule_units: i64 [Rule, Within(&(-1, limit::QUANTITY))],
        /// Base of the benefit.
        rule_base: u32 [Rule, code::<Base>()],
        /// 1: lines whose price keeps it off count towards its threshold.
        rule_net_lines: u32 [Rule, code::<NetLines>()],
        /// 1: lines from which an earlier stage took something are nothing to it.
        rule_discounted: u32 [Rule, code::<DiscountedLines>()],
        /// Its tags as bits.
        rule_tags: i64 [Rule, Any],
        /// Tags of promotions that it does not combine with, as bits.
        rule_not_with: i64 [Rule, Any],
        /// Parts of each promotion's combos; none of a promotion that makes no combos.
        rule_part_start: u32 [Rule, Lists(Kind::ComboPart)],
        /// Units of it in one combo.
        part_quantity: i64 [ComboPart, Within(&(1, limit::COMBO_UNITS as i64))],
        /// How many of these, the cheapest, the benefit is for.
        part_cheapest: i64 [ComboPart, Within(&(0, limit::COMBO_UNITS as i64))],
        /// Percentage that its units get, -1 for that of the promotion.
        part_percent: i64 [ComboPart, Within(&(-1, 1_000_000))],
        /// Products of each part where there are several; the only part takes all that the promotion is about.
        part_product_start: u32 [ComboPart, Lists(Kind::PartProduct)],
        /// Products, ascending.
        part_product: u32 [PartProduct, Id(Kind::Product), ascending],
        /// Clauses of each promotion's condition; none of a promotion without one. A clause stands before those inside it.
        rule_clause_start: u32 [Rule, Lists(Kind::Clause)],
        /// What the clause says, see [`Clause`].
        clause_kind: u32 [Clause, code::<Clause>()],
        /// How many clauses it is, with those inside it.
        clause_size: u32 [Clause, Within(&(1, limit::CLAUSE_PARTS))],
        /// Axis of what dealer or order must be, see [`Dimension`], or [`NONE`].
        clause_axis: u32 [Clause, Any],
        /// Values as the policy lists them; of a tree what is inside them counts too. The source of counted orders.
        clause_value_start: u32 [Clause, Lists(Kind::ClauseValue)],
        /// Values, ascending.
        clause_value: u32 [ClauseValue, Id(Kind::Value), ascending],
        /// The least amount or quantity of lines, number of products, or number of the order.
        clause_from: i64 [Clause, Within(&(0, MEASURED))],
        /// The last number of an order, 0 for no end.
        clause_to: i64 [Clause, Within(&(0, MEASURED))],
        /// Products whose lines count, or [`NONE`] for all.
        clause_filter: u32 [Clause, Id(Kind::Filter), or_none],
        /// What explanations call these products, Chinese.
        clause_zh: u32 [Clause, Text],
        /// English.
        clause_en: u32 [Clause, Text],
        /// Products of each filter.
        filter_product_start: u32 [Filter, Lists(Kind::FilterProduct)],
        /// Products, ascending.
        filter_product: u32 [FilterProduct, Id(Kind::Product), ascending],
        /// Limits of each promotion.
        rule_limit_start: u32 [Rule, Lists(Kind::Limit)],
        /// What it counts, see [`LimitOf`].
        limit_of: u32 [Limit, code::<LimitOf>()],
        /// Over what, see [`LimitScope`].
        limit_scope: u32 [Limit, code::<LimitScope>()],
        /// The most: times, or a quantity.
        limit_most: i64 [Limit, Within(&(1, limit::QUANTITY))],
        /// The most that it takes from an order, in minor units, -1 for no cap.
        rule_cap_order: i64 [Rule, Within(&(-1, limit::MONEY))],
        /// The most from one line, -1 for no cap.
        rule_cap_line: i64 [Rule, Within(&(-1, limit::MONEY))],
        /// Budget, or [`NONE`].
        rule_budget: u32 [Rule, Id(Kind::Budget), or_none],
        /// Steps of each promotion, never empty; without steps it is one.
        rule_step_start: u32 [Rule, FilledLists(Kind::Step)],
        /// The step holds from here on.
        step_from: i64 [Step, Within(&(0, MEASURED)), ascending],
        /// Kind of benefit, see [`Benefit`].
        step_kind: u32 [Step, code::<Benefit>()],
        /// Figure of the benefit.
        step_value: i64 [Step, Within(&(0, limit::MONEY))],
        /// Id of what is earned, or [`NONE`].
        step_text: u32 [Step, Text, or_none],
        /// Gifts of each step.
        step_gift_start: u32 [Step, Lists(Kind::Gift)],
        /// Product, ascending within a step.
        gift_product: u32 [Gift, Id(Kind::Product), ascending],
        /// Whole base units of it, each time the step counts.
        gift_quantity: i64 [Gift, Within(&(1, limit::QUANTITY))],
        /// Of the gifts of a step that can be delivered only those of the smallest number are there.
        gift_rank: u32 [Gift, Code(limit::GIFT_ITEMS)],

        /// Id of each budget, ascending bytewise.
        budget_text: u32 [Budget, Text, ascending],
        /// Chinese name.
        budget_zh: u32 [Budget, Text],
        /// English name.
        budget_en: u32 [Budget, Text],
        /// The whole amount.
        budget_amount: i64 [Budget, Within(&(0, limit::MONEY))],

        /// SHA-256 of each coupon code, 32 bytes each, ascending; the codes themselves are not in a bundle.
        coupon_hash: u8 [CouponByte, Any],
        /// Promotions that each code opens, never none.
        coupon_rule_start: u32 [Coupon, FilledLists(Kind::CouponRule)],
        /// Promotions, ascending.
        coupon_rule: u32 [CouponRule, Id(Kind::Rule), ascending],

        /// Id of each program, ascending bytewise.
        program_text: u32 [Program, Text],
        /// Chinese name.
        program_zh: u32 [Program, Text],
        /// English name.
        program_en: u32 [Program, Text],
        /// Enrolment.
        program_audience: u32 [Program, Id(Kind::Audience)],
        /// When it holds.
        program_window: u32 [Program, Id(Kind::Window)],
        /// Which orders count.
        program_orders: u32 [Program, Id(Kind::Audience)],
        /// Bits of the [`PriceKind`]s at which lines do not count.
        program_unpriced: u32 [Program, Code(1 << PriceKind::ALL.len())],
        /// What it tells apart: 0 nothing, 1 SKUs, from 2 on categories of the levels from the top.
        program_covers: u32 [Program, Code(limit::TREE_DEPTH + 2)],
        /// Basis.
        program_basis: u32 [Program, code::<Basis>()],
        /// 1: its quantities are points.
        program_points: u32 [Program, Code(2)],
        /// Tier mode.
        program_mode: u32 [Program, code::<TierMode>()],
        /// Which volume picks the tier.
        program_qualifier: u32 [Program, code::<Qualifier>()],
        /// What the tiers pay.
        program_pays: u32 [Program, code::<Pays>()],
        /// What the tiers are percentages of.
        program_against: u32 [Program, code::<Against>()],
        /// What targets count for of dealers that joined inside a window.
        program_joiners: u32 [Program, code::<Joiners>()],
        /// What holds without a last year.
        program_no_base: u32 [Program, code::<NoBase>()],
        /// Which volume is paid on.
        program_pays_on: u32 [Program, code::<PaysOn>()],
        /// The most volume that is paid on, -1 for no end.
        program_cap_volume: i64 [Program, Within(&(-1, MEASURED))],
        /// The most that is paid, -1 for no end.
        program_cap_amount: i64 [Program, Within(&(-1, limit::MONEY))],
        /// The least that is paid.
        program_guarantee: i64 [Program, Within(&(0, limit::MONEY))],
        /// 1: what is paid beyond that lowers the least of later periods.
        program_surplus: u32 [Program, FLAG],
        /// Which day decides.
        program_date: u32 [Program, code::<DecidedBy>()],
        /// Milliseconds after a window in which transactions are booked in it, -1 for no end.
        program_grace: i64 [Program, Within(&(-1, NOTICE))],
        /// What its forecast goes by.
        program_forecast: u32 [Program, code::<ForecastBy>()],
        /// What it is paid in.
        program_form: u32 [Program, code::<Form>()],
        /// What one piece of goods or one voucher is worth, 0 where it is not paid in pieces.
        program_piece: i64 [Program, Within(&(0, limit::MONEY))],
        /// The goods, or [`NONE`].
        program_goods: u32 [Program, Id(Kind::Product), or_none],
        /// Its budget, or [`NONE`].
        program_budget: u32 [Program, Id(Kind::Budget), or_none],
        /// The least that is paid; what is less is carried.
        program_minimum: i64 [Program, Within(&(0, limit::MONEY))],
        /// Ends of the windows in which it is paid; none where it is paid by period.
        program_payout_start: u32 [Program, Lists(Kind::Payout)],
        /// The end, ascending.
        payout_end: i64 [Payout, Any, ascending],
        /// 1: only for dealers whose facts list it.
        program_listed: u32 [Program, FLAG],
        /// The choice that it is one of; empty for none.
        program_choice: u32 [Program, Text],
        /// Its overlap, or [`NONE`].
        program_overlap: u32 [Program, Id(Kind::Overlap), or_none],
        /// Its place among all programs, where one comes before another.
        program_rank: u32 [Program, Any],
        /// How the programs of each overlap go together.
        overlap_mode: u32 [Overlap, code::<OverlapMode>()],
        /// Modifiers of each program.
        program_modifier_start: u32 [Program, Lists(Kind::Modifier)],
        /// The figure that each looks at.
        modifier_kpi: u32 [Modifier, Id(Kind::Kpi)],
        /// What it does.
        modifier_kind: u32 [Modifier, code::<ModifierKind>()],
        /// Points that it takes off for each whole one, at 10⁻⁶.
        modifier_each: i64 [Modifier, Within(&(0, 1_000_000))],
        /// Bands of each modifier.
        modifier_band_start: u32 [Modifier, Lists(Kind::ModifierBand)],
        /// From where on the band holds, at 10⁻⁴.
        modifier_band_from: i64 [ModifierBand, Within(&(-limit::KPI, limit::KPI))],
        /// 1: it holds above it only.
        modifier_band_above: u32 [ModifierBand, FLAG],
        /// How much, at 10⁻⁶.
        modifier_band_value: i64 [ModifierBand, Within(&(0, 10_000_000))],
        /// Id of each figure of dealers, ascending bytewise.
        kpi_text: u32 [Kpi, Text, ascending],
        /// Chinese name.
        kpi_zh: u32 [Kpi, Text],
        /// English name.
        kpi_en: u32 [Kpi, Text],
        /// What each program needs of others.
        program_need_start: u32 [Program, Lists(Kind::Need)],
        /// Id of the program; not its number, because a slice may not have it.
        need_program: u32 [Need, Text],
        /// What is needed of it.
        need_kind: u32 [Need, code::<Needed>()],
        /// How much.
        need_value: i64 [Need, Within(&(0, MEASURED))],
        /// The tier that needs it, or [`NONE`] where the whole program does.
        need_tier: u32 [Need, Id(Kind::Tier), or_none],
        /// Parties that each program pays.
        program_split_start: u32 [Program, Lists(Kind::Split)],
        /// What the party is to the dealer.
        split_to: u32 [Split, Text],
        /// Its part, at 10⁻⁶.
        split_share: i64 [Split, Within(&(1, 1_000_000))],
        /// Periods of each program, ascending.
        program_period_start: u32 [Program, Lists(Kind::Period)],
        /// Label of the period.
        period_text: u32 [Period, Text],
        /// Start of the period.
        period_from: i64 [Period, Any, ascending],
        /// End of the period.
        period_to: i64 [Period, End],
        /// What price rises add to what its tiers are measured against, at 10⁻⁶.
        period_lift: i64 [Period, Within(&(-RISEN, RISEN))],
        /// Parts of each period that a forecast weighs; none where it does not go by days.
        period_season_start: u32 [Period, Lists(Kind::Season)],
        /// Start of the part, ascending; it ends where the next one or the period does.
        season_from: i64 [Season, Any, ascending],
        /// What it weighs.
        season_weight: i64 [Season, Within(&(0, limit::FORECAST_WEIGHT as i64))],
        /// Months of each period, where targets count in proportion to them.
        period_month_start: u32 [Period, Lists(Kind::Month)],
        /// Start of the month, ascending; it ends where the next one or the period does.
        month_from: i64 [Month, Any, ascending],
        /// Tiers of each program.
        program_tier_start: u32 [Program, Lists(Kind::Tier)],
        /// The tier holds from here on; those of one grade ascend. A percentage at 10⁻⁶ against something.
        tier_from: i64 [Tier, Within(&(0, MEASURED))],
        /// 1: it holds above it only.
        tier_above: u32 [Tier, FLAG],
        /// Grade that it is for, or [`NONE`] for every one.
        tier_grade: u32 [Tier, Value(Dimension::Grade), or_none],
        /// Rate or amount of the tier.
        tier_value: i64 [Tier, Within(&(0, limit::MONEY))],
        /// One step of it, 0 without.
        tier_every: i64 [Tier, Within(&(0, MEASURED))],
        /// Rate of what lies above its start, -1 where it is no other one.
        tier_excess: i64 [Tier, Within(&(-1, 1_000_000))],

        /// Dealers that each entry of the assortment names, or [`NONE`] for nobody here.
        listing_audience: u32 [Listing, Id(Kind::Audience), or_none],
        /// When it holds.
        listing_window: u32 [Listing, Id(Kind::Window)],
        /// State, see [`Availability`].
        listing_state: u32 [Listing, code::<Availability>()],
        /// Products of each entry.
        listing_product_start: u32 [Listing, Lists(Kind::Listed)],
        /// Products, ascending.
        listing_product: u32 [Listed, Id(Kind::Product), ascending],

        /// Dealers that each grant of territory names, or [`NONE`] for nobody here.
        grant_audience: u32 [Grant, Id(Kind::Audience), or_none],
        /// When it holds.
        grant_window: u32 [Grant, Id(Kind::Window)],
        /// Mode, see [`GrantMode`].
        grant_mode: u32 [Grant, code::<GrantMode>()],
        /// Milliseconds for which it goes on for a dealer who lost the grade that it asks for. In a slice the dealer's other grants have none, and those that
        /// are the dealer's only for so long have it negative.
        grant_notice: i64 [Grant, Within(&(-NOTICE, NOTICE))],
        /// Regions of each grant; empty for one of customers.
        grant_region_start: u32 [Grant, Lists(Kind::GrantRegion)],
        /// Regions as granted, ascending; what is inside them is granted too.
        grant_region: u32 [GrantRegion, Value(Dimension::Region), ascending],
        /// Customers of each grant; empty for one of regions.
        grant_customer_start: u32 [Grant, Lists(Kind::GrantCustomer)],
        /// Customers, each as [`customer_mark`] of its id, ascending.
        grant_customer: i64 [GrantCustomer, Any, ascending],
        /// Categories of each grant; empty for every product.
        grant_category_start: u32 [Grant, Lists(Kind::GrantCategory)],
        /// Categories as granted, ascending.
        grant_category: u32 [GrantCategory, Value(Dimension::Category), ascending],

        /// Id of each freight table.
        freight_text: u32 [Freight, Text],
        /// Chinese name.
        freight_zh: u32 [Freight, Text],
        /// English name.
        freight_en: u32 [Freight, Text],
        /// Dealers and orders that it is for.
        freight_audience: u32 [Freight, Id(Kind::Audience)],
        /// Tax rate at 10⁻⁶.
        freight_tax: u32 [Freight, Within(&(0, 1_000_000))],
        /// Rows of each table, by region; those of one region by rising amount, then weight.
        freight_row_start: u32 [Freight, Lists(Kind::FreightRow)],
        /// Region with everything inside it, or [`NONE`] for everywhere.
        freight_region: u32 [FreightRow, Value(Dimension::Region), or_none],
        /// When it holds.
        freight_window: u32 [FreightRow, Id(Kind::Window)],
        /// The row holds from this amount on.
        freight_amount: i64 [FreightRow, Within(&(0, limit::MONEY))],
        /// And from this weight on, in milligrams.
        freight_weight: i64 [FreightRow, Within(&(0, limit::WEIGHT))],
        /// What delivery costs.
        freight_charge: i64 [FreightRow, Within(&(0, limit::MONEY))],
        /// And for each kilogram above that weight, at the scale of unit prices.
        freight_per: i64 [FreightRow, Within(&(0, limit::MONEY))],

        /// Products that lots of rebate may pay for, ascending.
        redeemable: u32 [Redeemable, Id(Kind::Product), ascending],
        /// Id of each scope of lots.
        lot_scope_text: u32 [LotScope, Text],
        /// Products that lots of each pay for.
        lot_scope_product_start: u32 [LotScope, Lists(Kind::ScopeProduct)],
        /// Product, ascending in each.
        lot_scope_product: u32 [ScopeProduct, Id(Kind::Product), ascending],

        /// Id of each check; checks stand by kind, then by id, bytewise.
        check_text: u32 [Check, Text],
        /// What it looks at, see [`CheckKind`].
        check_kind: u32 [Check, code::<CheckKind>()],
        /// 1: the least of an order is a quantity; the corridor counts gifts. 0 otherwise.
        check_option: u32 [Check, FLAG],
        /// What it does when it bites.
        check_severity: u32 [Check, code::<Severity>()],
        /// Least amount or quantity of an order, days overdue, lower side of a corridor at 10⁻⁶; -1 for none.
        check_low: i64 [Check, Within(&(-1, MEASURED))],
        /// Most of an order, overdue amount, share of the credit or upper side of a corridor at 10⁻⁶, age in milliseconds; -1 for none.
        check_high: i64 [Check, Within(&(-1, MEASURED))],
        /// Conditions on dealer and order.
        check_audience: u32 [Check, Id(Kind::Audience)],
        /// When it holds.
        check_window: u32 [Check, Id(Kind::Window)],
        /// Products of each check that looks at products.
        check_product_start: u32 [Check, Lists(Kind::CheckProduct)],
        /// Products, ascending.
        check_product: u32 [CheckProduct, Id(Kind::Product), ascending],
        /// Order sources of each check of the source.
        check_source_start: u32 [Check, Lists(Kind::CheckSource)],
        /// Sources, ascending.
        check_source: u32 [CheckSource, Value(Dimension::Source), ascending],

        /// Label of each period of purchases, ascending in time; none where no product has a most for them.
        purchase_text: u32 [Purchase, Text],
        /// Start of the period.
        purchase_from: i64 [Purchase, Any, ascending],
        /// End of the period.
        purchase_to: i64 [Purchase, End],

        /// First day, counted from 1970-01-01, of each run of days that begin 24 hours apart; none where nothing is looked up by days.
        clock_day: u32 [Clock, Any, ascending],
        /// When it begins.
        clock_start: i64 [Clock, Any],

        /// Occurrences of each window, never none: when something holds. What holds without a break has one.
        window_start: u32 [Window, FilledLists(Kind::Occurrence)],
        /// Start of the occurrence.
        window_from: i64 [Occurrence, Any, ascending],
        /// End of the occurrence.
        window_to: i64 [Occurrence, End],
    }
}

/// No promotion takes anything off the price; a bit of [`Tables::record_flags`].
pub const NO_PROMOTION: u32 = 1;
/// No promotion of the stage `order` does.
pub const NO_ORDER_PROMOTION: u32 = 2;
/// No promotion that takes a coupon does.
pub const NO_COUPON: u32 = 4;

/// Positions in [`Tables::constants`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Constant {
    /// Text: id of the policy.
    PolicyId,
    /// Text: version.
    Version,
    /// Text: Chinese name.
    NameZh,
    /// Text: English name.
    NameEn,
    /// Text: currency.
    Currency,
    /// Text: zone.
    Zone,
    /// Digits of amounts.
    MoneyScale,
    /// Digits of unit prices.
    UnitScale,
    /// Digits of quantities.
    QuantityScale,
    /// Rounding mode.
    Rounding,
    /// Rounding point.
    RoundingPoint,
    /// Remainder rule.
    Remainder,
    /// Weight of allocation.
    Weight,
    /// Step budget of the search.
    SearchSteps,
    /// Changed orders that a search for hints may price.
    HintQuotes,
    /// Start of the policy's validity.
    ValidFrom,
    /// End of the policy's validity.
    ValidTo,
    /// End of the compiled calendars.
    Horizon,
    /// Number of price accesses; floors follow, then approvals, then recommended prices.
    PriceAccesses,
    /// Severity of the quantity guards.
    QuantitySeverity,
    /// Severity of the floor guard.
    FloorSeverity,
    /// Severity of the credit guard.
    CreditSeverity,
    /// Share of its price that a gift counts for.
    GiftWeight,
    /// Severity of the assortment guard.
    AssortmentSeverity,
    /// Severity of the territory guard.
    TerritorySeverity,
    /// What regions are without a grant.
    Ungranted,
    /// Severity of asking for more rebate than an order may use.
    RedemptionSeverity,
    /// The most of an order that rebates may pay, at 10⁻⁶.
    RedemptionShare,
    /// The most of one order that they may pay.
    RedemptionMost,
    /// The most of a line that they may pay, at 10⁻⁶.
    RedemptionLine,
    /// What the goods of such an order come to at least.
    RedemptionMinimum,
    /// The most lots that pay for one order.
    RedemptionLots,
    /// 1: lots pay for goods without their tax only. 0 otherwise.
    RedemptionUntaxed,
    /// What of a line counts for programs.
    Earns,
    /// Days after its end in which a lot is restored by a return, and one; 0 where lots never are.
    LotGrace,
    /// Number of floor accesses.
    FloorAccesses,
    /// Number of accesses of prices to approve.
    ApprovalAccesses,
    /// Severity of the approval guard.
    ApprovalSeverity,
    /// Severity of the guard of dealers on hold.
    StatusSeverity,
    /// Severity of the stock guard.
    StockSeverity,
    /// Whose territory a drop-shipped order is looked up in.
    DropShip,
    /// Whose territory an order that is picked up is looked up in.
    PickUp,
    /// What becomes of lines that are blocked.
    BlockedLines,
    /// Severity of the territory guard where another dealer alone may deliver.
    ExclusiveSeverity,
    /// 0: the policy tells no tax. Else whether amounts include it, see [`TaxBasis`], plus one.
    TaxBasis,
    /// Which instant prices are looked up at.
    PricingDate,
    /// Which of several prices holds.
    Resolution,
    /// What thresholds are measured on.
    Eligibility,
    /// 1: the policy has tables of freight, be they for others.
    Freight,
    /// 1: orders can earn something for later, be it for others.
    Earnings,
    /// 1: the policy has tables of registrations, be they for others.
    Registrations,
    /// 1: some promotion is limited in units, be it for others.
    UnitLimits,
    /// 1: some promotion takes off freight, be it for others.
    FreightOffers,
}

impl Constant {
    /// How many there are.
    pub const COUNT: usize = Constant::FreightOffers as usize + 1;
    /// Those that are texts.
    pub const TEXTS: [Constant; 6] =
        [Constant::PolicyId, Constant::Version, Constant::NameZh, Constant::NameEn, Constant::Currency, Constant::Zone];
}

/// Axes whose values a bundle numbers, in the order of [`Tables::axis_start`]: the fixed ones, then the custom attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dimension {
    /// Dealers that the policy names.
    Dealer,
    /// Grades.
    Grade,
    /// Regions, a tree.
    Region,
    /// Channels.
    Channel,
    /// Groups of dealers, a tree.
    Group,
    /// Order sources that the policy names.
    Source,
    /// Products; they have columns of their own, so no values.
    Sku,
    /// Categories, a tree.
    Category,
    /// Brands.
    Brand,
    /// Days of dealers' contracts, as spans.
    ContractDate,
    /// A custom attribute.
    Attribute(u32),
}

impl Dimension {
    /// The fixed ones, in order.
    pub const FIXED: [Dimension; 10] = [
        Dimension::Dealer,
        Dimension::Grade,
        Dimension::Region,
        Dimension::Channel,
        Dimension::Group,
        Dimension::Source,
        Dimension::Sku,
        Dimension::Category,
        Dimension::Brand,
        Dimension::ContractDate,
    ];

    /// Its place in the order.
    pub fn index(self) -> usize {
        match self {
            Dimension::Dealer => 0,
            Dimension::Grade => 1,
            Dimension::Region => 2,
            Dimension::Channel => 3,
            Dimension::Group => 4,
            Dimension::Source => 5,
            Dimension::Sku => 6,
            Dimension::Category => 7,
            Dimension::Brand => 8,
            Dimension::ContractDate => 9,
            Dimension::Attribute(attribute) => Dimension::FIXED.len() + attribute as usize,
        }
    }

    /// The one at a place.
    pub fn at(index: u32) -> Dimension {
        const FIXED: u32 = 10;
        Dimension::FIXED.get(index as usize).copied().unwrap_or(Dimension::Attribute(index.saturating_sub(FIXED)))
    }

    /// Whether its values have others above them.
    pub fn is_tree(self) -> bool {
        matches!(self, Dimension::Region | Dimension::Group | Dimension::Category)
    }
}

/// Whose a custom attribute is, and whether its values are all known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttributeKind {
    /// Of dealers; any value.
    Dealer,
    /// Of dealers; only these values.
    DealerListed,
    /// Of products.
    Product,
    /// Of orders; any value.
    Order,
    /// Of orders; only these values.
    OrderListed,
    /// Of dealers; numbers.
    DealerNumber,
    /// Of dealers; days.
    DealerDay,
    /// Of orders; numbers.
    OrderNumber,
    /// Of orders; days.
    OrderDay,
}

impl AttributeKind {
    /// Whether orders carry it.
    pub fn is_of_orders(self) -> bool {
        use AttributeKind::{Order, OrderDay, OrderListed, OrderNumber};
        matches!(self, Order | OrderListed | OrderNumber | OrderDay)
    }
}

/// What the rows of a price table are registered as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// They are not.
    None,
    /// Contracts.
    Contract,
    /// Quotations.
    Quotation,
    /// Special prices.
    Special,
}

/// The kinds of tables that are searched, in the order of [`Constants::access_start`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searched {
    /// Prices.
    Prices,
    /// Floor prices.
    Floors,
    /// Prices under which somebody must approve.
    Approvals,
    /// Recommended prices.
    Recommended,
}

/// What a step gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Benefit {
    /// A price: of the whole combo, or of freight, in minor units; of one unit at the scale of unit prices.
    Price,
    /// An amount off every unit, at the scale of unit prices.
    PerUnitOff,
    /// An amount off the set, in minor units.
    AmountOff,
    /// A share off, at 10⁻⁶.
    PercentOff,
    /// Gifts; the figure is how many of the step's items are given.
    Gift,
    /// Something for later; the figure is how many of it.
    Earn,
}

/// What a clause of a condition says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clause {
    /// All clauses inside it hold.
    All,
    /// One of them holds.
    Any,
    /// The one inside it does not.
    Not,
    /// Dealer or order have one of the values.
    Value,
    /// The lines come to an amount.
    CartAmount,
    /// They come to a quantity.
    CartQuantity,
    /// They are so many products.
    CartSkus,
    /// The order is one of these, counted by the facts.
    OrderNumber,
    /// The region of delivery is one of these or inside one.
    Delivery,
    /// The lines come to a weight.
    CartWeight,
    /// The order is handed over in one of these ways: bits, in the order of [`Handover::ALL`](crate::policy::Handover::ALL).
    Handover,
    /// It is requested for a day of these, see [`attribute::packed_days`].
    Day,
}

/// What a threshold measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// There is no threshold.
    None,
    /// The amount of the eligible lines.
    Amount,
    /// The quantity of the eligible lines.
    Quantity,
    /// Their amount with tax where the policy's amounts are without, and the other way round.
    OtherBasis,
}

/// The closed sets that columns hold as numbers.
pub(crate) trait Coded: Copy + PartialEq + 'static {
    /// Values in the order of their codes.
    const CODES: &'static [Self];

    fn code(self) -> u32 {
        let position = Self::CODES.iter().position(|value| *value == self);
        u32::try_from(position.expect("every value has a code")).expect("codes are few")
    }

    fn decode(code: impl TryInto<usize>) -> Option<Self> {
        Self::CODES.get(code.try_into().ok()?).copied()
    }
}

macro_rules! coded {
    ($($type:ident: $($value:ident),+;)+) => {
        $(impl Coded for $type { const CODES: &'static [Self] = &[$($type::$value),+]; })+
    };
}
coded! {
    Rounding: HalfUp, HalfEven, HalfDown, Down;
    RoundingPoint: Set, Line, Unit, Price;
    Remainder: Largest, First, Last;
    Weight: Net, List, Quantity;
    Severity: Info, Warn, Route, Block;
    Availability: Hidden, Visible, Orderable;
    GrantMode: Shared, Exclusive;
    Ungranted: Open, Closed;
    DropShip: Destination, Seller;
    PickUp: Fulfiller, Seller;
    BlockedLines: Refuse, Drop;
    PricingDate: Order, Delivery;
    Earns: Paid, All;
    Then: None, Blend, BetterOf;
    Side: Old, New;
    Resolution: MostSpecific, Lowest, Highest;
    Eligibility: Stage, Sequential;
    CheckKind: Corridor, Licence, Source, FactsAge, OrderMinimum, OrderMaximum, Overdue, CreditUsed;
    GroupMode: Stack, Best, Exclusive, First, Always;
    Scope: Order, Line, Units;
    Choose: Best, Priority;
    Stage: Exclusive, Line, Set, Order, Coupon, Always, Freight;
    LimitOf: Times, Units, Sku;
    LimitScope: Order, Dealer, Period, Total;
    NetLines: Ignore, Count;
    DiscountedLines: Take, Skip;
    Base: Running, StageInput, Original;
    Basis: Net, List, Untaxed, Gross, Collected, SellOut;
    TierMode: Retroactive, Incremental, Rolling, Total, Increments, Interpolated, Basket;
    Against: Nothing, Target, LastYear;
    Joiners: Agreed, Days, Months;
    NoBase: Skip, Full, Zero;
    PaysOn: All, Excess;
    Form: Credit, Cash, Lot, Voucher, NextOrder, Goods;
    Decompose: Highest, Greedy, Best;
    Spread: Benefiting, All;
    DecidedBy: Order, Delivery, Invoice, Payment;
    ForecastBy: Nothing, Linear, Seasonal, LastYear, Expected;
    Pays: Percent, PerUnit, Amount;
    ModifierKind: Gate, Forfeit, Multiply, Add, Deduct;
    OverlapMode: Exclusive, Best, Priority, Cascade;
    Needed: Amount, Quantity, Points, Share, Skus, Categories;
    Qualifier: Amount, Quantity;
    Benefit: Price, PerUnitOff, AmountOff, PercentOff, Gift, Earn;
    Measure: None, Amount, Quantity, OtherBasis;
    TaxBasis: Inclusive, Exclusive;
    ScaleMode: AllUnits, Graduated;
    ScaleBasis: Sku, Line, Group, Order;
    ScaleMeasure: Quantity, Amount, Weight, Packs;
    AttributeKind: Dealer, DealerListed, Product, Order, OrderListed, DealerNumber, DealerDay, OrderNumber, OrderDay;
    Clause: All, Any, Not, Value, CartAmount, CartQuantity, CartSkus, OrderNumber, Delivery, CartWeight, Handover, Day;
    Registered: None, Contract, Quotation, Special;
}

/// A value of a column that [`Loaded::read`] has checked.
pub(crate) fn decoded<T: Coded>(code: u32) -> T {
    T::decode(code as usize).unwrap_or(T::CODES[0])
}

/// A loaded policy: tables whose every index has been checked, with the constants decoded.
#[derive(Debug)]
pub struct Loaded {
    /// The columns.
    pub tables: Tables,
    /// The constants, decoded.
    pub constants: Constants,
    /// Hash of the policy, hex: SHA-256 of the content, or what a slice says of the policy it is cut from.
    pub hash: String,
    /// The transition from an old policy, if this one has any.
    pub transition: Option<Transition>,
    /// How many texts the policy has whose old side this is: numbers of texts outside of the engine go on from there.
    texts_before: usize,
    /// The SKUs once more, for finding.
    skus: Skus,
}

/// How dealers of old contracts pass from an old policy to this one.
#[derive(Debug)]
pub struct Transition {
    /// The old policy.
    pub old: Arc<Loaded>,
    /// Date from which on contracts are outside the cohort, `2026-01-01`; dates compare as texts.
    pub contract_before: TextId,
    /// What follows the old policy's own time.
    pub then: Then,
    /// The side that leads when both are blended.
    pub leads: Side,
    /// In how many steps the old policy fades.
    pub steps: u32,
}

impl Transition {
    /// Whether a dealer keeps the old side for a time.
    pub fn is_for(&self, policy: &Loaded, dealer: &crate::facts::DealerFacts) -> bool {
        dealer.contract_date.as_deref().is_some_and(|date| date < policy.text(self.contract_before))
    }
}

/// What the SKUs have in common at their start, and of each the eight bytes behind it as a number: numbers compare many times faster than texts.
#[derive(Debug)]
struct Skus {
    common: usize,
    keys: Vec<u64>,
}

impl Skus {
    fn new(tables: &Tables) -> Skus {
        let texts = || tables.product_sku.iter().map(|text| tables.bytes(TextId(*text)));
        // They ascend, so what the first and the last begin with is what all begin with.
        let ends = texts().next().zip(texts().next_back());
        let common = ends.map_or(0, |(first, last)| first.iter().zip(last).take_while(|(a, b)| a == b).count());
        Skus { common, keys: texts().map(|text| key(text.get(common..).unwrap_or_default())).collect() }
    }

    fn find(&self, tables: &Tables, sku: &[u8]) -> Option<usize> {
        let wanted = key(sku.get(self.common..)?);
        let first = self.keys.partition_point(|known| *known < wanted);
        let alike = self.keys[first..].iter().take_while(|known| **known == wanted).count();
        let of = |product: usize| tables.bytes(TextId(tables.product_sku[product]));
        // Long SKUs may differ later only.
        let found = first + tables.product_sku[first..first + alike].partition_point(|text| tables.bytes(TextId(*text)) < sku);
        (found < first + alike && of(found) == sku).then_some(found)
    }
}

/// Constants of the policy, decoded.
#[derive(Debug, Clone, Copy)]
pub struct Constants {
    /// Digits of amounts.
    pub money_scale: Scale,
    /// Digits of unit prices.
    pub unit_scale: Scale,
    /// Digits of quantities.
    pub quantity_scale: Scale,
    /// Rounding mode.
    pub rounding: Rounding,
    /// Where percentages are rounded.
    pub rounding_point: RoundingPoint,
    /// Who gets the odd cent.
    pub remainder: Remainder,
    /// What amounts are split by.
    pub weight: Weight,
    /// Step budget of the search.
    pub search_steps: u32,
    /// See [`Constant::HintQuotes`].
    pub hint_quotes: u32,
    /// When the policy is in force.
    pub valid: Interval,
    /// Where the compiled calendars end.
    pub horizon: Instant,
    /// First access of each kind of table, and the end: prices, floors, approvals, recommended prices.
    pub access_start: [u32; 5],
    /// Severity of the quantity guards.
    pub quantity_severity: Severity,
    /// Severity of the floor guard.
    pub floor_severity: Severity,
    /// Severity of the credit guard.
    pub credit_severity: Severity,
    /// Share of its price that a gift counts for.
    pub gift_weight: Percent,
    /// Severity of the assortment guard, for products that are visible only.
    pub assortment_severity: Severity,
    /// Severity of the territory guard.
    pub territory_severity: Severity,
    /// What regions are without a grant.
    pub ungranted: Ungranted,
    /// Severity of asking for more rebate than an order may use.
    pub redemption_severity: Severity,
    /// The most of an order that rebates may pay.
    pub redemption_share: Percent,
    /// The most of one order that they may pay.
    pub redemption_most: Money,
    /// The most of a line that they may pay.
    pub redemption_line: Percent,
    /// What the goods of such an order come to at least.
    pub redemption_minimum: Money,
    /// The most lots that pay for one order.
    pub redemption_lots: u32,
    /// Whether lots pay for goods without their tax only.
    pub redemption_untaxed: bool,
    /// What of a line counts for programs.
    pub earns: Earns,
    /// Milliseconds after its end in which a lot is restored by a return; none where lots never are.
    pub lot_grace: Option<i64>,
    /// Which instant prices are looked up at.
    pub pricing_date: PricingDate,
    /// Which of several prices holds.
    pub resolution: Resolution,
    /// What thresholds are measured on.
    pub eligibility: Eligibility,
    /// Whether orders can earn something for later: its answers tell of it then, also to those who earn nothing.
    pub earnings: bool,
    /// Whether the policy has tables of freight: its answers tell of freight then, also where none is for the dealer.
    pub freight: bool,
    /// Whether some promotion is limited in units; the same goes for that.
    pub unit_limits: bool,
    /// Whether some promotion takes off freight; the same goes for that.
    pub freight_offers: bool,
    /// Whether the policy has tables of registrations; the same goes for them.
    pub registrations: bool,
    /// Whether amounts include tax; none where the policy tells no tax.
    pub tax: Option<TaxBasis>,
    /// Severity of the approval guard.
    pub approval_severity: Severity,
    /// Severity of the guard of dealers on hold.
    pub status_severity: Severity,
    /// Severity of the stock guard.
    pub stock_severity: Severity,
    /// Whose territory a drop-shipped order is looked up in.
    pub drop_ship: DropShip,
    /// Whose territory an order that is picked up is looked up in.
    pub pick_up: PickUp,
    /// What becomes of lines that are blocked.
    pub blocked_lines: BlockedLines,
    /// Severity of the territory guard where another dealer alone may deliver.
    pub exclusive_severity: Severity,
}

impl Constants {
    /// Accesses of one kind of table, in the order in which they are searched.
    pub fn accesses(&self, of: Searched) -> Range<u32> {
        self.access_start[of as usize]..self.access_start[of as usize + 1]
    }
}

impl Loaded {
    /// Reads and checks a bundle.
    /// # Errors
    /// [`BundleFault`] for anything that is not a sound bundle of this format.
    pub fn read(bytes: &[u8]) -> Result<Loaded, BundleFault> {
        Loaded::read_hashed(bytes, &[])
    }

    /// The same where the host has hashed everything behind the header already, which its own SHA-256 does many times faster; empty if it has not.
    /// # Errors
    /// As [`Loaded::read`].
    pub fn read_hashed(bytes: &[u8], digest: &[u8]) -> Result<Loaded, BundleFault> {
        if bytes.len() < HEADER || bytes[..5] != MAGIC[..5] {
            return Err(BundleFault::Foreign);
        }
        if bytes[..8] != MAGIC {
            return Err(BundleFault::Version);
        }
        if bytes.len() > limit::BUNDLE_BYTES {
            return Err(BundleFault::Broken("bytes"));
        }
        let content = &bytes[HEADER..];
        let sound = if digest.is_empty() { sha256(content)[..] == bytes[8..HEADER] } else { *digest == bytes[8..HEADER] };
        if !sound {
            return Err(BundleFault::Hash);
        }
        let mut loaded = Loaded::of(content, String::new())?;
        let own = || hex(&bytes[8..HEADER]);
        loaded.hash = loaded.tables.slice_of.first().map_or_else(own, |parent| loaded.text(TextId(*parent)).to_owned());
        if !loaded.tables.transition.is_empty() {
            let content: Vec<u8> = loaded.tables.old.iter().flat_map(|eight| eight.to_le_bytes()).collect();
            let mut old = Loaded::of(&content, loaded.hash.clone())?;
            old.texts_before = loaded.tables.text_end.len();
            loaded.transition = Some(verify::transition(&loaded, old).map_err(BundleFault::Broken)?);
        }
        Ok(loaded)
    }

    /// Reads and checks columns, but for those of an old policy inside them.
    fn of(content: &[u8], hash: String) -> Result<Loaded, BundleFault> {
        let tables = Tables::read(columns::Input(content)).ok_or(BundleFault::Broken("columns"))?;
        let constants = verify::verify(&tables).map_err(BundleFault::Broken)?;
        Ok(Loaded { skus: Skus::new(&tables), tables, constants, hash, transition: None, texts_before: 0 })
    }

    /// This policy and the old one of its transition.
    pub fn sides(&self) -> impl Iterator<Item = &Loaded> {
        std::iter::once(self).chain(self.transition.as_ref().map(|transition| &*transition.old))
    }

    /// Whom this slice is cut for: what the dealer facts must hold of id, grade, region, channel, group, day of the contract, each attribute of
    /// dealers, and the grade before.
    /// Nothing for a whole policy.
    pub fn cut_for(&self) -> Option<impl Iterator<Item = Option<&str>>> {
        let text = |id: &u32| (*id != NONE).then(|| self.text(TextId(*id)));
        self.tables.slice_of.get(1..).map(|own| own.iter().map(text))
    }

    /// Id of a custom attribute; none of any other axis.
    pub fn attribute(&self, axis: Dimension) -> Option<&str> {
        let Dimension::Attribute(attribute) = axis else { return None };
        self.tables.attribute_text.get(attribute as usize).map(|text| self.text(TextId(*text)))
    }

    /// Custom attributes of orders, with their ids.
    pub fn order_attributes(&self) -> impl Iterator<Item = (Dimension, &str)> {
        let texts = (0..).map(Dimension::Attribute).zip(&self.tables.attribute_text).zip(&self.tables.attribute_kind);
        let of_orders = texts.filter(|(_, kind)| decoded::<AttributeKind>(**kind).is_of_orders());
        of_orders.map(|((axis, text), _)| (axis, self.text(TextId(*text))))
    }

    /// Custom attributes of dealers, with their ids.
    pub fn dealer_attributes(&self) -> impl Iterator<Item = (Dimension, &str)> {
        let texts = (0..).map(Dimension::Attribute).zip(&self.tables.attribute_text);
        texts.filter(|(axis, _)| self.tables.is_of_dealer(*axis)).map(|(axis, text)| (axis, self.text(TextId(*text))))
    }

    /// The value that a dealer has of an axis that dealers decide.
    pub fn own_value(&self, dealer: &DealerFacts, axis: Dimension) -> Option<ValueId> {
        match axis {
            Dimension::Dealer => dealer.dealer,
            Dimension::Grade => dealer.grade,
            Dimension::Region => dealer.region,
            Dimension::Channel => dealer.channel,
            Dimension::Group => dealer.group,
            Dimension::Source | Dimension::Sku | Dimension::Category | Dimension::Brand => None,
            Dimension::ContractDate => dealer.contract_date.as_deref().and_then(|day| self.value(axis, day)),
            Dimension::Attribute(attribute) => {
                let id = self.text(TextId(self.tables.attribute_text[attribute as usize]));
                dealer.attribute(id).filter(|_| self.tables.is_of_dealer(axis)).and_then(|value| self.value(axis, value))
            }
        }
    }

    /// A text.
    pub fn text(&self, id: TextId) -> &str {
        self.tables.text(id)
    }

    /// The number that a text has outside of the engine: different on both sides of a transition.
    pub fn outer_text(&self, id: u32) -> i64 {
        i64::try_from(self.texts_before).unwrap_or(i64::MAX).saturating_add(i64::from(id))
    }

    /// The text of such a number; empty where there is none.
    pub fn text_of_outer(&self, number: u32) -> &str {
        let known = |side: &Loaded| (number as usize).checked_sub(side.texts_before).filter(|id| *id < side.tables.text_end.len());
        let side = self.sides().find_map(|side| Some((side, known(side)?)));
        side.and_then(|(side, id)| Some(side.text(TextId(u32::try_from(id).ok()?)))).unwrap_or_default()
    }

    /// A constant that is a text.
    pub fn constant_text(&self, constant: Constant) -> &str {
        let id = u32::try_from(self.tables.constants[constant as usize]).unwrap_or(0);
        self.text(TextId(id))
    }

    /// The value `id` of an axis, if the policy knows it; of numbers and days the span that it lies in.
    pub fn value(&self, axis: Dimension, id: &str) -> Option<ValueId> {
        let range = self.tables.axis(axis);
        if let Some(ordered) = self.tables.ordered(axis) {
            let image = ordered.image(id)?;
            let begins = |text: &u32| attribute::span_of(self.text(TextId(*text))).is_some_and(|span| span.start <= image);
            let at = (range.start + self.tables.value_text[range.clone()].partition_point(begins)).checked_sub(1)?;
            let value = u32::try_from(at).ok().map(ValueId).filter(|_| range.contains(&at))?;
            return self.span(value).is_some_and(|span| span.contains(&image)).then_some(value);
        }
        let text = |text: &u32| self.tables.bytes(TextId(*text));
        let found = self.tables.value_text[range.clone()].binary_search_by(|t| text(t).cmp(id.as_bytes())).ok()?;
        u32::try_from(range.start + found).ok().map(ValueId)
    }

    /// The span of numbers or days that a value is.
    fn span(&self, value: ValueId) -> Option<std::ops::Range<i64>> {
        attribute::span_of(self.value_text(value))
    }

    /// How values of an axis are written: of numbers and days the ranges that they make up, of others their ids.
    pub fn shown_values(&self, axis: Dimension, values: &[u32]) -> Vec<String> {
        let Some(ordered) = self.tables.ordered(axis) else {
            return values.iter().map(|value| self.value_text(ValueId(*value)).to_owned()).collect();
        };
        let mut ranges: Vec<std::ops::Range<i64>> = Vec::new();
        for span in values.iter().filter_map(|value| self.span(ValueId(*value))) {
            match ranges.last_mut().filter(|last| last.end == span.start) {
                Some(last) => last.end = span.end,
                None => ranges.push(span),
            }
        }
        ranges.iter().map(|range| ordered.show_range(range)).collect()
    }

    /// The product of a SKU.
    pub fn product(&self, sku: &str) -> Option<ProductId> {
        u32::try_from(self.skus.find(&self.tables, sku.as_bytes())?).ok().map(ProductId)
    }

    /// The product of a SKU or of an alias of one, and the alias.
    pub fn product_known_as(&self, sku: &str) -> Option<(ProductId, Option<AliasId>)> {
        if let Some(product) = self.product(sku) {
            return Some((product, None));
        }
        let t = &self.tables;
        let alias = t.alias_text.binary_search_by(|text| t.bytes(TextId(*text)).cmp(sku.as_bytes())).ok()?;
        Some((ProductId(t.alias_product[alias]), u32::try_from(alias).ok().map(AliasId)))
    }

    /// An alias of a SKU.
    pub fn alias(&self, alias: AliasId) -> &str {
        self.text(TextId(self.tables.alias_text[alias.index()]))
    }

    /// The coupon of a code, if a promotion has it.
    pub fn coupon(&self, code: &str) -> Option<CouponId> {
        let (hashes, _) = self.tables.coupon_hash.as_chunks::<32>();
        let hash = sha256(code.as_bytes());
        let found = hashes.binary_search_by(|known| known[..].cmp(&hash)).ok()?;
        u32::try_from(found).ok().map(CouponId)
    }

    /// A SKU.
    pub fn sku(&self, product: ProductId) -> &str {
        self.text(TextId(self.tables.product_sku[product.index()]))
    }

    /// A product's base unit.
    pub fn unit(&self, product: ProductId) -> &str {
        self.text(TextId(self.tables.product_unit[product.index()]))
    }

    /// Name of a unit of a product; without one, of its base unit.
    pub fn unit_text(&self, product: ProductId, unit: Option<UnitId>) -> &str {
        self.text(self.tables.unit_text(product, unit))
    }

    /// The unit of a product with a name: `Some(None)` for its base unit.
    pub fn unit_named(&self, product: ProductId, name: &str) -> Option<Option<UnitId>> {
        if name == self.unit(product) {
            return Some(None);
        }
        self.tables.units_of(product).find(|unit| self.unit_text(product, Some(*unit)) == name).map(Some)
    }

    /// Id of a promotion.
    pub fn rule(&self, rule: RuleId) -> &str {
        self.text(TextId(self.tables.rule_text[rule.index()]))
    }

    /// The promotion of an id. Promotions are in running order, so each is looked at.
    pub fn rule_of(&self, id: &str) -> Option<RuleId> {
        let found = self.tables.rule_text.iter().position(|text| self.text(TextId(*text)) == id)?;
        u32::try_from(found).ok().map(RuleId)
    }

    /// Id of a budget.
    pub fn budget(&self, budget: BudgetId) -> &str {
        self.text(TextId(self.tables.budget_text[budget.index()]))
    }

    /// The budget of an id.
    pub fn budget_of(&self, id: &str) -> Option<BudgetId> {
        let text = |text: &u32| self.tables.bytes(TextId(*text));
        let found = self.tables.budget_text.binary_search_by(|t| text(t).cmp(id.as_bytes())).ok()?;
        u32::try_from(found).ok().map(BudgetId)
    }

    /// Id of a program.
    pub fn program(&self, program: ProgramId) -> &str {
        self.text(TextId(self.tables.program_text[program.index()]))
    }

    /// The scope of lots of an id.
    pub fn lot_scope(&self, id: &str) -> Option<usize> {
        self.tables.lot_scope_text.iter().position(|text| self.text(TextId(*text)) == id)
    }

    /// The figure of dealers of an id.
    pub fn kpi_of(&self, id: &str) -> Option<usize> {
        self.tables.kpi_text.binary_search_by(|text| self.text(TextId(*text)).cmp(id)).ok()
    }

    /// The program of an id.
    pub fn program_of(&self, id: &str) -> Option<ProgramId> {
        let at = self.tables.program_text.binary_search_by(|text| self.text(TextId(*text)).cmp(id)).ok()?;
        u32::try_from(at).ok().map(ProgramId)
    }

    /// Whether there is a program of an id.
    pub fn has_program(&self, id: &str) -> bool {
        self.program_of(id).is_some()
    }

    /// The choice of which the program of an id is one.
    pub fn choice_of(&self, id: &str) -> Option<&str> {
        let program = self.program_of(id)?;
        Some(self.text(TextId(self.tables.program_choice[program.index()]))).filter(|choice| !choice.is_empty())
    }

    /// Id of a freight table.
    pub fn freight(&self, freight: FreightId) -> &str {
        self.text(TextId(self.tables.freight_text[freight.index()]))
    }

    /// Id of a price table.
    pub fn access(&self, access: AccessId) -> &str {
        self.text(TextId(self.tables.access_text[access.index()]))
    }

    /// What a product counts as where a program tells SKUs or categories apart: the product, or its category of the level.
    pub fn thing(&self, program: ProgramId, product: ProductId) -> Option<u32> {
        match self.tables.program_covers[program.index()] {
            0 => None,
            1 => Some(product.0),
            level => self.category_at(Some(self.tables.product_category[product.index()]).filter(|own| *own != NONE)?, level - 1),
        }
    }

    /// The same by the SKU, an alias of it, or the id of such a category.
    pub fn thing_named(&self, program: ProgramId, id: &str) -> Option<u32> {
        match self.tables.program_covers[program.index()] {
            0 => None,
            1 => self.product_known_as(id).map(|(product, _)| product.0),
            level => self.value(Dimension::Category, id).map(|own| own.0).filter(|own| self.category_at(*own, level - 1) == Some(*own)),
        }
    }

    /// The category of a level, from 1 at the top, that a category is or lies in.
    fn category_at(&self, own: u32, level: u32) -> Option<u32> {
        let above = |at: u32| self.tables.value_parent[at as usize];
        let (mut depth, mut top) = (1, own);
        while above(top) != NONE {
            (depth, top) = (depth + 1, above(top));
        }
        let mut at = own;
        for _ in level..depth {
            at = above(at);
        }
        (level <= depth).then_some(at)
    }

    /// Id of a value.
    pub fn value_text(&self, value: ValueId) -> &str {
        self.text(TextId(self.tables.value_text[value.index()]))
    }
}

/// The part of a list of lists that belongs to `index`.
fn slice(start: &[u32], index: usize) -> Range<usize> {
    start[index] as usize..start[index + 1] as usize
}

impl Tables {
    /// The columns as another bundle holds them.
    pub(crate) fn nested(&self) -> Vec<i64> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        let (eights, _) = bytes.as_chunks::<8>();
        eights.iter().map(|eight| i64::from_le_bytes(*eight)).collect()
    }

    /// A text as bytes, enough for comparing and copying.
    pub(crate) fn bytes(&self, id: TextId) -> &[u8] {
        let start = id.index().checked_sub(1).map_or(0, |before| self.text_end[before]) as usize;
        &self.text_bytes[start..self.text_end[id.index()] as usize]
    }

    /// A text.
    pub fn text(&self, id: TextId) -> &str {
        std::str::from_utf8(self.bytes(id)).unwrap_or_default()
    }

    /// Positions of an axis's values.
    pub fn axis(&self, axis: Dimension) -> Range<usize> {
        slice(&self.axis_start, axis.index())
    }

    /// Whether the dealer decides the value of an axis.
    pub fn is_of_dealer(&self, axis: Dimension) -> bool {
        match axis {
            Dimension::Attribute(attribute) => {
                let kind = decoded::<AttributeKind>(self.attribute_kind[attribute as usize]);
                kind != AttributeKind::Product && !kind.is_of_orders()
            }
            fixed => fixed < Dimension::Source || fixed == Dimension::ContractDate,
        }
    }

    /// The order of an axis whose values are spans of numbers or days.
    pub fn ordered(&self, axis: Dimension) -> Option<Ordered> {
        match axis {
            Dimension::ContractDate => Some(Ordered::Day),
            Dimension::Attribute(attribute) => match decoded(*self.attribute_kind.get(attribute as usize)?) {
                AttributeKind::DealerNumber | AttributeKind::OrderNumber => Some(Ordered::Number),
                AttributeKind::DealerDay | AttributeKind::OrderDay => Some(Ordered::Day),
                _ => None,
            },
            _ => None,
        }
    }

    /// Further units of a product.
    pub fn units_of(&self, product: ProductId) -> impl Iterator<Item = UnitId> + use<> {
        slice(&self.product_unit_start, product.index()).map(|unit| UnitId(u32::try_from(unit).unwrap_or(NONE)))
    }

    /// Name of a unit of a product; without one, of its base unit.
    pub fn unit_text(&self, product: ProductId, unit: Option<UnitId>) -> TextId {
        TextId(unit.map_or_else(|| self.product_unit[product.index()], |unit| self.unit_text[unit.index()]))
    }

    /// How many base units one of a unit is.
    pub fn factor(&self, unit: Option<UnitId>) -> Ratio {
        unit.map_or(Ratio::ONE, |unit| Ratio {
            numerator: self.unit_numerator[unit.index()],
            denominator: self.unit_denominator[unit.index()],
        })
    }

    /// Promotions that a product counts for, in running order.
    pub fn rules_of(&self, product: ProductId) -> &[u32] {
        &self.class_rule[slice(&self.class_rule_start, self.product_class[product.index()] as usize)]
    }

    /// Programs that a product counts for.
    pub fn programs_of(&self, product: ProductId) -> &[u32] {
        &self.class_program[slice(&self.class_program_start, self.product_class[product.index()] as usize)]
    }

    /// Whether the values of an attribute are all known.
    pub fn is_listed(&self, axis: Dimension) -> bool {
        let Dimension::Attribute(attribute) = axis else { return true };
        matches!(decoded(self.attribute_kind[attribute as usize]), AttributeKind::DealerListed | AttributeKind::OrderListed)
    }

    /// The value of a custom attribute that a product has.
    pub fn attribute_of(&self, product: ProductId, axis: Dimension) -> Option<ValueId> {
        let values = &self.product_value[slice(&self.product_value_start, product.index())];
        values.iter().find(|value| self.axis(axis).contains(&(**value as usize))).map(|value| ValueId(*value))
    }

    /// Key axes of an access.
    pub fn axes_of(&self, access: AccessId) -> impl Iterator<Item = Dimension> {
        self.access_axis[slice(&self.access_axis_start, access.index())].iter().map(|axis| Dimension::at(*axis))
    }

    /// Where the steps up a tree stand in the distance of an access's record, as a shift: trees weigh in the order of the key.
    pub fn shift(&self, access: AccessId, axis: Dimension) -> u32 {
        self.axes_of(access).skip_while(|other| *other != axis).skip(1).filter(|other| other.is_tree()).map(|_| DISTANCE_BITS).sum()
    }

    /// Scopes of an access.
    pub fn scopes_of(&self, access: AccessId) -> Range<usize> {
        slice(&self.access_scope_start, access.index())
    }

    /// Key values of a scope.
    pub fn values_of_scope(&self, scope: ScopeId) -> &[u32] {
        &self.scope_value[slice(&self.scope_value_start, scope.index())]
    }

    /// Entries of a product in an access.
    pub fn entries(&self, access: AccessId, product: ProductId) -> Range<usize> {
        slice(&self.entry_start, access.index() * self.product_sku.len() + product.index())
    }

    /// Bands of a record.
    pub fn bands(&self, record: RecordId) -> Range<usize> {
        slice(&self.record_band_start, record.index())
    }

    /// Registration of a record.
    pub fn registration(&self, record: RecordId) -> Option<RegistrationId> {
        Some(self.record_registration[record.index()]).filter(|registration| *registration != NONE).map(RegistrationId)
    }

    /// Periods of a table's limits, positions in the quotas' columns.
    pub fn quotas(&self, access: AccessId) -> Range<usize> {
        slice(&self.access_quota_start, access.index())
    }

    /// What flags say of promotions, in the words of the policy's files.
    pub fn flag_words(flags: u32) -> impl Iterator<Item = &'static str> {
        let words = [(NO_PROMOTION, "no_promotion"), (NO_ORDER_PROMOTION, "no_order_promotion"), (NO_COUPON, "no_coupon")];
        words.into_iter().filter(move |(bit, _)| flags & bit != 0).map(|(_, word)| word)
    }

    /// Terms of an audience.
    pub fn terms(&self, audience: AudienceId) -> Range<usize> {
        slice(&self.audience_term_start, audience.index())
    }

    /// Values of a term.
    pub fn term_values(&self, term: usize) -> &[u32] {
        &self.term_value[slice(&self.term_value_start, term)]
    }

    /// Number of promotions.
    pub fn rule_count(&self) -> usize {
        self.rule_text.len()
    }

    /// Whether a window holds at an instant.
    pub fn holds(&self, window: u32, at: Instant) -> bool {
        let occurrences = slice(&self.window_start, window as usize);
        let begun = self.window_from[occurrences.clone()].partition_point(|from| *from <= at.0);
        begun > 0 && at.0 < self.window_to[occurrences.start + begun - 1]
    }

    /// When a window holds, in order.
    pub fn occurrences(&self, window: u32) -> impl Iterator<Item = Interval> {
        let occurrence = |at| Interval { from: Instant(self.window_from[at]), to: Instant(self.window_to[at]) };
        slice(&self.window_start, window as usize).map(occurrence)
    }

    /// From the first instant at which a window holds to the last.
    pub fn hull(&self, window: u32) -> Interval {
        let occurrences = slice(&self.window_start, window as usize);
        Interval { from: Instant(self.window_from[occurrences.start]), to: Instant(self.window_to[occurrences.end - 1]) }
    }

    /// Steps of a promotion.
    pub fn steps(&self, rule: RuleId) -> Range<usize> {
        slice(&self.rule_step_start, rule.index())
    }

    /// Limits of a promotion.
    pub fn limits(&self, rule: RuleId) -> Range<usize> {
        slice(&self.rule_limit_start, rule.index())
    }

    /// Parts of a promotion's combos.
    pub fn parts(&self, rule: RuleId) -> Range<usize> {
        slice(&self.rule_part_start, rule.index())
    }

    /// Products of one of several parts of a combo.
    pub fn part_products(&self, part: usize) -> &[u32] {
        &self.part_product[slice(&self.part_product_start, part)]
    }

    /// Products that lots of a scope pay for.
    pub fn lot_scope_products(&self, scope: usize) -> &[u32] {
        &self.lot_scope_product[slice(&self.lot_scope_product_start, scope)]
    }

    /// Whether two promotions do not combine.
    pub fn apart(&self, a: RuleId, b: RuleId) -> bool {
        let one_way = |a: RuleId, b: RuleId| self.rule_not_with[a.index()] & self.rule_tags[b.index()] != 0;
        one_way(a, b) || one_way(b, a)
    }

    /// Clauses of a promotion's condition.
    pub fn clauses(&self, rule: RuleId) -> Range<usize> {
        slice(&self.rule_clause_start, rule.index())
    }

    /// The clauses inside one, side by side.
    pub fn clauses_in(&self, clause: usize) -> impl Iterator<Item = usize> {
        let end = clause + self.clause_size[clause] as usize;
        let first = Some(clause + 1).filter(|first| *first < end);
        std::iter::successors(first, move |at| Some(at + self.clause_size[*at] as usize).filter(|next| *next < end))
    }

    /// Values of a clause.
    pub fn clause_values(&self, clause: usize) -> &[u32] {
        &self.clause_value[slice(&self.clause_value_start, clause)]
    }

    /// Products whose lines a clause counts; nothing where all do.
    pub fn filter(&self, clause: usize) -> Option<&[u32]> {
        let filter = Some(self.clause_filter[clause]).filter(|filter| *filter != NONE)?;
        Some(&self.filter_product[slice(&self.filter_product_start, filter as usize)])
    }

    /// Budget of a promotion, if it has one.
    pub fn budget(&self, rule: RuleId) -> Option<BudgetId> {
        Some(self.rule_budget[rule.index()]).filter(|budget| *budget != NONE).map(BudgetId)
    }

    /// Gifts of a step, positions in the gifts' columns.
    pub fn gifts(&self, step: usize) -> Range<usize> {
        slice(&self.step_gift_start, step)
    }

    /// Group of a promotion.
    pub fn group(&self, rule: RuleId) -> GroupId {
        GroupId(self.rule_group[rule.index()])
    }

    /// Periods of a program.
    pub fn periods(&self, program: ProgramId) -> Range<usize> {
        slice(&self.program_period_start, program.index())
    }

    /// Ends of the windows in which a program is paid.
    pub fn payouts(&self, program: ProgramId) -> &[i64] {
        &self.payout_end[slice(&self.program_payout_start, program.index())]
    }

    /// Parts of a period that a forecast weighs.
    pub fn seasons(&self, period: usize) -> Range<usize> {
        slice(&self.period_season_start, period)
    }

    /// Months of a period that targets count in proportion to.
    pub fn months(&self, period: usize) -> Range<usize> {
        slice(&self.period_month_start, period)
    }

    /// Tiers of a program.
    pub fn tiers(&self, program: ProgramId) -> Range<usize> {
        slice(&self.program_tier_start, program.index())
    }

    /// Modifiers of a program.
    pub fn modifiers(&self, program: ProgramId) -> Range<usize> {
        slice(&self.program_modifier_start, program.index())
    }

    /// Bands of a modifier.
    pub fn modifier_bands(&self, modifier: usize) -> Range<usize> {
        slice(&self.modifier_band_start, modifier)
    }

    /// What a program and its tiers need of others.
    pub fn needs(&self, program: ProgramId) -> Range<usize> {
        slice(&self.program_need_start, program.index())
    }

    /// Parties that a program pays.
    pub fn splits(&self, program: ProgramId) -> Range<usize> {
        slice(&self.program_split_start, program.index())
    }

    /// Promotions that a coupon opens.
    pub fn rules_of_coupon(&self, coupon: CouponId) -> &[u32] {
        &self.coupon_rule[slice(&self.coupon_rule_start, coupon.index())]
    }

    /// Products of an entry of the assortment.
    pub fn listed(&self, listing: usize) -> &[u32] {
        &self.listing_product[slice(&self.listing_product_start, listing)]
    }

    /// Regions of a grant of territory.
    pub fn granted_regions(&self, grant: usize) -> &[u32] {
        &self.grant_region[slice(&self.grant_region_start, grant)]
    }

    /// Products of a check.
    pub fn checked(&self, check: usize) -> &[u32] {
        &self.check_product[slice(&self.check_product_start, check)]
    }

    /// Order sources of a check.
    pub fn check_sources(&self, check: usize) -> &[u32] {
        &self.check_source[slice(&self.check_source_start, check)]
    }

    /// Customers of a grant of territory, as [`customer_mark`].
    pub fn granted_customers(&self, grant: usize) -> &[i64] {
        &self.grant_customer[slice(&self.grant_customer_start, grant)]
    }

    /// Categories of a grant of territory.
    pub fn granted_categories(&self, grant: usize) -> &[u32] {
        &self.grant_category[slice(&self.grant_category_start, grant)]
    }

    /// Tax rate of a product; none where it is exempt.
    pub fn tax_rate(&self, product: ProductId) -> Option<Percent> {
        self.product_tax.get(product.index()).filter(|rate| **rate != NONE).map(|rate| Percent(i64::from(*rate)))
    }

    /// Rows of a freight table.
    pub fn freight_rows(&self, freight: FreightId) -> Range<usize> {
        slice(&self.freight_row_start, freight.index())
    }

    /// Milligrams of one base unit of a product.
    pub fn weight(&self, product: ProductId) -> i64 {
        self.product_weight.get(product.index()).copied().unwrap_or(0)
    }

    /// What a quantity of a product counts as for a program: itself, or its points.
    pub fn counted(&self, program: ProgramId, product: ProductId, quantity: Quantity) -> Result<Quantity, Overflow> {
        if self.program_points[program.index()] == 0 {
            return Ok(quantity);
        }
        let points = self.product_points.get(product.index()).copied().unwrap_or(0);
        quantity.0.checked_mul(points).map(Quantity).ok_or(Overflow)
    }

    /// A minimum or multiple of a product; zero is none.
    pub fn minimum(&self, product: ProductId) -> Quantity {
        Quantity(self.product_minimum[product.index()])
    }

    /// Step of a product from its minimum on; zero is none.
    pub fn step(&self, product: ProductId) -> Quantity {
        Quantity(self.product_step[product.index()])
    }

    /// The most of a product in one order; zero is no limit.
    pub fn most(&self, product: ProductId) -> Quantity {
        Quantity(self.product_most[product.index()])
    }

    /// The most of a product in one period of purchases; zero is no limit.
    pub fn period_most(&self, product: ProductId) -> Quantity {
        Quantity(self.product_period_most[product.index()])
    }

    /// The first instant of a day, counted from 1970-01-01; none before the compiled calendars, and where nothing is looked up by days.
    pub fn day_start(&self, day: i64) -> Option<Instant> {
        let run = self.clock_day.partition_point(|first| i64::from(*first) <= day).checked_sub(1)?;
        let since = (day - i64::from(self.clock_day[run])).saturating_mul(DAY);
        Some(Instant(self.clock_start[run].saturating_add(since)))
    }

    /// Order multiple of a product; zero is none.
    pub fn multiple(&self, product: ProductId) -> Quantity {
        Quantity(self.product_multiple[product.index()])
    }
}
