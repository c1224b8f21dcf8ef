//! Random small worlds: a policy as its author would write it, a dealer, an order.
//!
//! Every feature there is occurs, and everything is small, so that ties, thresholds, floors and collisions are met often.

mod files;
mod more;
mod offer;
mod program;
mod question;
mod strategy;

use crate::random::Random;
use qudao::wire::Node;
use qudao::{Bundle, Engine};
use serde_json::{Value, json};
use std::fmt::Write;

pub use more::{Adjusted, Purchases, Registered, Used};
pub use offer::{Extra, Extras};
pub use program::{Program, Terms};
pub use strategy::{every_world, passing_worlds, worlds};

/// A policy with its order.
#[derive(Debug, Clone)]
pub struct World {
    pub settings: Settings,
    pub dealer: Dealer,
    pub products: Vec<Product>,
    /// Accesses that are searched before the products' own prices.
    pub prices: Vec<Access>,
    /// Accesses that are searched before the products' own floors.
    pub floors: Vec<Access>,
    pub approvals: Vec<Access>,
    pub recommended: Vec<Access>,
    /// How the scales of the products' own prices hold.
    pub scaling: Scaling,
    /// The products' own floors are their own prices with this much in percent taken off.
    pub floor_formula: Option<i64>,
    pub freight: Vec<Freight>,
    pub groups: Vec<Group>,
    pub budgets: Vec<Budget>,
    pub promotions: Vec<Promotion>,
    pub programs: Vec<Program>,
    pub terms: Terms,
    pub assortment: Vec<Listing>,
    pub territory: Vec<Grant>,
    pub redemption: Option<Redemption>,
    pub checks: Vec<Check>,
    pub registered: Vec<Registered>,
    pub used: Vec<Used>,
    pub adjustments: Vec<Adjusted>,
    pub purchases: Purchases,
    pub extras: Extras,
    pub order: Order,
    /// How dealers of old contracts pass from an older policy to this one.
    pub transition: Option<Transition>,
    /// Seed of the order in which lists are written; `None` leaves them alone.
    shuffle: Option<u64>,
}

#[derive(Debug, Clone)]
pub struct Settings {
    pub currency: &'static str,
    pub zone: &'static str,
    pub resolution: &'static str,
    pub now: &'static str,
    /// Digits that unit prices have beyond those of the currency.
    pub unit_extra: u32,
    pub quantity_scale: u32,
    /// What the first further unit of every product is, one of the first [`BOXES`] of [`FACTORS`], so that rules can count in it.
    pub boxes: Option<usize>,
    /// Digits that amounts and prices have before those of the world.
    pub magnitude: u32,
    pub rounding: &'static str,
    pub point: &'static str,
    pub remainder: &'static str,
    pub weight: &'static str,
    /// Severities of [`GUARDS`]; empty for the default.
    pub guards: [&'static str; 18],
    /// Basis (empty for the default) and rate, in units of 0.0001 %.
    pub tax: Option<(&'static str, i64)>,
    /// Whose territory counts; empty for the default.
    pub drop_ship: &'static str,
    pub pick_up: &'static str,
    /// Whether nobody may deliver where no grant is.
    pub closed: bool,
    pub search_steps: u32,
    /// In units of 0.0001 %.
    pub gift_weight: i64,
    /// Whether prices are those of the day of delivery.
    pub by_delivery: bool,
}

#[derive(Debug, Clone)]
pub struct Dealer {
    pub id: &'static str,
    pub grade: Option<&'static str>,
    pub region: Option<&'static str>,
    pub channel: Option<&'static str>,
    pub group: Option<&'static str>,
    pub tier: Option<&'static str>,
    pub note: Option<&'static str>,
    pub credit: Option<Credit>,
    pub on_hold: bool,
    /// Position in [`CATEGORIES`], and milliseconds from now on.
    pub licences: Vec<(usize, Option<i64>)>,
    /// How old the facts are, in milliseconds.
    pub age: i64,
    pub lots: Vec<Lot>,
    pub stock: Vec<Stock>,
    /// Each product once.
    pub inventory: Vec<Inventory>,
}

#[derive(Debug, Clone)]
pub struct Credit {
    pub own: Account,
    pub group: Option<Account>,
    /// In minor units, with days.
    pub overdue: Vec<(i64, i64)>,
    pub released: bool,
}

#[derive(Debug, Clone)]
pub struct Account {
    /// Limit, receivable, delivered, open orders, prepaid; in minor units.
    pub parts: [Option<i64>; 5],
    /// Milliseconds from now on.
    pub expires: Option<i64>,
}

/// What can be delivered of a product.
#[derive(Debug, Clone)]
pub struct Stock {
    pub product: usize,
    pub available: i64,
    /// Milliseconds from now on.
    pub as_of: Option<i64>,
}

/// What a dealer has of a product himself, in whole units.
#[derive(Debug, Clone)]
pub struct Inventory {
    pub product: usize,
    pub on_hand: i64,
    pub on_order: Option<i64>,
    pub point: Point,
    pub max: i64,
}

#[derive(Debug, Clone)]
pub enum Point {
    At(i64),
    /// Thousandths a day, days, and units to be safe.
    Daily(i64, i64, Option<i64>),
}

/// A lot of rebate.
#[derive(Debug, Clone)]
pub struct Lot {
    /// What the invoice shows it as; empty for the default.
    pub treatment: &'static str,
    /// In minor units.
    pub balance: i64,
    /// Milliseconds from now on.
    pub issued: i64,
    pub expires: Option<i64>,
    /// Value of its vouchers, in minor units.
    pub face: Option<i64>,
    pub once: bool,
}

#[derive(Debug, Clone)]
pub struct Product {
    pub category: Option<&'static str>,
    pub brand: Option<&'static str>,
    pub colour: Option<&'static str>,
    pub size: Option<&'static str>,
    /// Bits of [`TAGS`].
    pub tags: u8,
    /// As written, if the policy tells tax.
    pub tax: &'static str,
    /// Its further units, the first of [`UNITS`] on: positions in [`FACTORS`].
    pub units: Vec<usize>,
    /// In thousandths.
    pub weight: Option<i64>,
    /// Empty for none.
    pub scale_group: &'static str,
    pub min_quantity: Option<i64>,
    pub multiple: Option<i64>,
    /// Whether the multiple is a step from the minimum on.
    pub is_step: bool,
    pub max_order: Option<i64>,
    pub max_period: Option<i64>,
    /// Whether all these count its first further unit, if that is whole base units.
    pub counts_boxes: bool,
    /// Its own price; `None` in few.
    pub price: Option<Scale>,
    /// Its own price for lines in one of its units.
    pub unit_price: Option<Scale>,
    /// Its own floor, the price that somebody must approve and the recommended one, as shares of its first price in percent.
    pub floor: Option<i64>,
    pub approval: Option<i64>,
    pub recommended: Option<i64>,
}

/// Prices at rising quantities.
#[derive(Debug, Clone)]
pub struct Scale {
    /// Base price and a digit for the places beyond the currency.
    pub prices: Vec<(i64, i64)>,
    pub from: &'static [i64],
    /// Units that the price is for, and the factor it is written with.
    pub per: (u32, i64),
    /// The unit that it is for: 0 none, 1 the base unit, then those of [`UNITS`].
    pub unit: usize,
    /// 0: rows say where they begin; 1: where they end, but for the last; 2: all of them.
    pub ends: usize,
    /// Bits of [`FLAGS`]; free with a small digit beyond the currency, if it may be.
    pub flags: u8,
    /// 0: always; 1: one price until [`BREAK`] and another from then on; from 2: one of [`VALID`].
    pub validity: usize,
}

#[derive(Debug, Clone)]
pub struct Access {
    /// For whom and what it is searched.
    pub when: When,
    pub on: On,
    pub by: &'static [&'static str],
    /// Of prices only.
    pub scaling: Scaling,
    /// Of prices only: what is made of its records, or of the products' own prices.
    pub formula: Option<Formula>,
    /// Where in each axis the key is, and its prices.
    pub records: Vec<([usize; 3], Scale)>,
}

/// How scales hold; empty for the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scaling {
    pub graduated: bool,
    pub basis: &'static str,
    pub measure: &'static str,
    /// What the rest beside packs costs more, in percent.
    pub broken: i64,
}

/// Prices that are computed.
#[derive(Debug, Clone)]
pub struct Formula {
    /// Whether from the products' own instead of a table of costs.
    pub of_own: bool,
    /// In units of 0.0001 %.
    pub percent: i64,
    /// In minor units.
    pub amount: i64,
    /// Minor units of which the price is a multiple.
    pub round_to: Option<i64>,
    /// Ending in minor units, its limit, and the price up to which it holds.
    pub endings: Vec<(i64, Option<i64>, Option<i64>)>,
    /// Which axes its rows name, if it has some.
    pub by: usize,
    pub factors: Vec<more::Factor>,
}

/// A table of freight.
#[derive(Debug, Clone)]
pub struct Freight {
    pub when: When,
    /// In units of 0.0001 %, if the policy tells tax.
    pub tax: Option<i64>,
    pub rows: Vec<FreightRow>,
}

#[derive(Debug, Clone)]
pub struct FreightRow {
    /// Position in [`REGIONS`].
    pub region: Option<usize>,
    /// Half kilograms, minor units.
    pub from: (i64, i64),
    pub charge: i64,
    pub per_weight: Option<(i64, i64)>,
    /// One of [`BREAK`].
    pub valid: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Group {
    pub mode: &'static str,
    /// Stage of its promotions, if its mode is `best`.
    pub stage: &'static str,
    /// Scope and choice, if its mode is `exclusive`; empty for the default.
    pub exclusive: [&'static str; 2],
}

#[derive(Debug, Clone)]
pub struct Budget {
    /// In minor units.
    pub amount: i64,
    pub used: Option<i64>,
    pub version: bool,
}

/// Limits by order, by dealer and in all, and what is used of the last two.
#[derive(Debug, Clone)]
pub struct Limit {
    pub most: [Option<u32>; 3],
    pub used: [Option<u32>; 2],
}

#[derive(Debug, Clone)]
pub struct Promotion {
    pub on: On,
    pub when: When,
    pub shape: Shape,
    /// Whether a threshold measures quantity instead of amount.
    pub by_quantity: bool,
    /// Threshold, in minor units or whole units.
    pub amount: i64,
    pub quantity: i64,
    pub times: Option<u32>,
    /// Benefits of the rising steps; the first is the only one without steps.
    pub benefits: Vec<Benefit>,
    /// With `per_unit_off`, and without steps.
    pub max_units: Option<i64>,
    pub group: usize,
    pub priority: i32,
    pub base: &'static str,
    /// Empty for the default.
    pub stage: &'static str,
    /// Bits of [`CODES`].
    pub coupon: u8,
    pub limit: Option<Limit>,
    /// Which budget, if there is one of this number.
    pub budget: usize,
    /// How the amounts of its threshold stand to tax, if the policy tells it; empty for the default.
    pub threshold_tax: &'static str,
    /// How gifts are counted.
    pub count: &'static str,
    /// Whether its quantities are in boxes, where all products have the same.
    pub counts_boxes: bool,
    /// Whether lines count for its threshold that net prices keep off it.
    pub net_lines: bool,
    /// Instead of its shape, where its group can have combos.
    pub combo: Option<Combo>,
    /// What it gives for later, instead of its benefit.
    pub earns: Option<u32>,
    pub extra: Extra,
}

/// What a promotion makes combos of.
#[derive(Debug, Clone)]
pub struct Combo {
    /// Further parts; the first is what the promotion is about.
    pub parts: Vec<On>,
    /// Units of each part, and how many of them get a percentage.
    pub quantities: [(i64, Option<i64>); 3],
    pub times: Option<i64>,
    /// In minor units, instead of an amount off every unit or a gift.
    pub price: i64,
}

/// An older policy: this world with other groups, prices and rates, and how long it holds for whom.
#[derive(Debug, Clone)]
pub struct Transition {
    pub course: &'static str,
    /// When the dealer signed.
    pub contract: Option<&'static str>,
    /// Bits: other prices, one product less, other floors, other rates, no assortment, fewer promotions, another resolution, no registrations and another pricing date.
    pub changes: u8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    Plain,
    At,
    Each,
    Steps,
}

#[derive(Debug, Clone, Copy)]
pub enum Benefit {
    /// In units of 0.0001 %.
    Percent(i64),
    /// In minor units.
    AmountOff(i64),
    /// In minor units, and a digit beyond them.
    PerUnitOff(i64, i64),
    Gift(Gift),
}

/// Neighbouring products from the first on, each with its units; one alone is no choice.
#[derive(Debug, Clone, Copy)]
pub struct Gift {
    pub first: usize,
    pub units: [i64; 3],
    pub items: usize,
    pub choose: usize,
}

/// A selection that matches at least one product, the anchor.
#[derive(Debug, Clone)]
pub struct On {
    pub anchor: usize,
    /// Bits: sku, category, brand, tag, colour. None: every product.
    pub fields: u8,
    /// Steps up from the anchor's category.
    pub up: usize,
    pub other: usize,
    /// Bits of what is left out, with values of the other product.
    pub except: u8,
}

#[derive(Debug, Clone)]
pub struct When {
    /// One of [`AUDIENCES`].
    pub dealer: usize,
    pub source: &'static str,
    /// One of [`VALID`].
    pub valid: usize,
}

/// An entry of the assortment.
#[derive(Debug, Clone)]
pub struct Listing {
    pub on: On,
    pub when: When,
    pub state: &'static str,
}

/// A grant of territory.
#[derive(Debug, Clone)]
pub struct Grant {
    pub when: When,
    /// Positions in [`REGIONS`] and [`CATEGORIES`]; no categories: every product.
    pub regions: Vec<usize>,
    pub categories: Vec<usize>,
    /// Positions in [`CUSTOMERS`], instead of regions.
    pub customers: Vec<usize>,
    pub mode: &'static str,
    /// Days, where it asks for a grade.
    pub notice: Option<u32>,
}

#[derive(Debug, Clone)]
pub struct Redemption {
    /// In units of 0.0001 %.
    pub share: i64,
    pub on: On,
    /// Empty for the default.
    pub earns: &'static str,
    /// The most of an order, what its goods come to at least, in minor units.
    pub most: Option<i64>,
    pub least: Option<i64>,
    /// The most of a line, in units of 0.0001 %.
    pub line_share: Option<i64>,
    pub lots: Option<u32>,
    /// One of the promotions.
    pub without: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Check {
    pub when: When,
    /// Empty for that of its kind.
    pub severity: &'static str,
    pub rule: Rule,
}

#[derive(Debug, Clone)]
pub enum Rule {
    /// In minor units or whole units.
    MinimumAmount(On, i64),
    MinimumQuantity(On, i64),
    Maximum(i64),
    /// Days and minor units.
    Overdue(Option<i64>, Option<i64>),
    /// In units of 0.0001 %.
    CreditUsed(i64),
    /// In units of 0.0001 %; what gifts do, empty for the default.
    Corridor(On, Option<i64>, Option<i64>, &'static str),
    /// Positions in [`CATEGORIES`].
    Licence(Vec<usize>),
    Source(&'static str),
    Minutes(i64),
}

/// How much lots shall pay.
#[derive(Debug, Clone, Copy)]
pub enum Redeem {
    Nothing,
    /// In minor units.
    Amount(i64),
    Max,
}

#[derive(Debug, Clone)]
pub struct Order {
    pub source: Option<&'static str>,
    pub ship_to: Option<&'static str>,
    pub customer: Option<&'static str>,
    /// Empty for none.
    pub delivery: &'static str,
    pub deliver: Option<&'static str>,
    pub redeem: Redeem,
    pub lines: Vec<Line>,
    /// Positions in [`CODES`], each once.
    pub coupons: Vec<usize>,
    /// For each promotion from the first on, which of its gifts are named, as bits.
    pub choices: Vec<Option<u8>>,
    /// Promotions that are declined; beyond those there are, an id of none.
    pub decline: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Line {
    pub product: usize,
    /// Whole units, and thousandths that are cut to the policy's scale.
    pub quantity: (i64, i64),
    pub id: Id,
    /// 0: left to the engine; 1: the base unit; then those of the product.
    pub unit: usize,
    /// Whether the quantity is made one that converts to base units.
    pub exact: bool,
    /// Position in [`CUSTOMERS`].
    pub customer: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Id {
    /// Left to the engine.
    Missing,
    /// The id that the engine would give.
    Same,
    /// Starts with this and ends with the product, because equal ids are merged.
    Own(&'static str),
    /// An id for lines of any product; two products of this id are refused.
    Shared,
}

/// A promotion of a contest: bits of the products it takes, and what it takes off.
#[derive(Debug)]
pub struct Offer {
    pub products: u8,
    pub off: i64,
}

pub const GRADES: [&str; 2] = ["甲", "乙"];
pub const CHANNELS: [&str; 2] = ["online", "offline"];
/// Each region and the one above it.
pub const REGIONS: [(&str, &str); 5] = [("华东", ""), ("浙江", "华东"), ("杭州", "浙江"), ("江苏", "华东"), ("华南", "")];
pub const DEALER_GROUPS: [(&str, &str); 4] = [("集团", ""), ("分公司", "集团"), ("杭州店", "分公司"), ("散户", "")];
/// Values of attributes: of dealers `tier` and `note`, of products `colour` and `size`; those of the second and the last are not declared.
pub const TIERS: [&str; 2] = ["T1", "T2"];
const NOTES: [&str; 2] = ["x", "y"];
const COLOURS: [&str; 2] = ["红", "白"];
const SIZES: [&str; 2] = ["S", "L"];
pub const CATEGORIES: [(&str, &str); 6] =
    [("根", ""), ("冰箱", "根"), ("对开门", "冰箱"), ("三门", "冰箱"), ("洗衣机", "根"), ("配件", "")];
pub const BRANDS: [&str; 2] = ["皓峰", "B2"];
pub const TAGS: [&str; 2] = ["new", "clearance"];
const DEALERS: [&str; 2] = ["D1", "D2"];
pub const BASE: &str = "件";
const UNITS: [&str; 2] = ["箱", "托"];
/// What further units can be: as written, and as a fraction.
const FACTORS: [(&str, i64, i64); 9] =
    [("2", 2, 1), ("3", 3, 1), ("10", 10, 1), ("12", 12, 1), ("1", 1, 1), ("0.5", 1, 2), ("2.5", 5, 2), ("100/3", 100, 3), ("7/2", 7, 2)];
const BOXES: usize = 4;
const FLAGS: [&str; 4] = ["allow_zero", "no_promotion", "no_order_promotion", "no_coupon"];
/// Ids whose order is not that of their numbers, so that bytewise order shows.
const SKUS: [&str; 6] = ["货-0", "B-1", "a-2", "10-3", "9-4", "é-5"];
/// Points of products.
const POINTS: [i64; 6] = [3, 12, 2, 1, 5, 4];
/// What products have of the attribute `power`.
const POWERS: [&str; 6] = ["100", "", "99.5", "1000", "-3", "250.125"];
const PROMOTIONS: [&str; 12] = ["p10", "p9", "Z", "a", "p2", "é", "中", "p1", "b", "10", "9", "p"];
/// Codes of promotions, and last one of none.
pub const CODES: [&str; 4] = ["TEN", "ten", "码", "NONE"];
const BUDGETS: [&str; 2] = ["b9", "b10"];
const LOTS: [&str; 5] = ["9", "10", "b", "B", "é"];
/// Guards whose severity is a constant of the policy.
pub const CUSTOMERS: [&str; 3] = ["医院", "C2", "C3"];
const GUARDS: [&str; 18] = [
    "quantity",
    "floor",
    "credit",
    "assortment",
    "territory",
    "redemption",
    "approval",
    "status",
    "corridor",
    "licence",
    "source",
    "stale",
    "order_minimum",
    "order_maximum",
    "overdue",
    "credit_used",
    "stock",
    "exclusive",
];
const CHECKS: [&str; 6] = ["k9", "k10", "检", "K", "é", "k"];

/// Validities around the instants of [`strategy`]; the first is none.
pub const VALID: [&str; 13] = [
    "",
    "2026-11-21 .. 2026-12-31",
    "2026-11-01 .. 2026-11-20",
    "2026-11-21T10:00 ..",
    ".. 2026-11-21T10:00",
    "2026-01-01 .. 2026-11-21",
    "2027-01-01 ..",
    ".. 2026-12-31",
    "sat-mon",
    "2026-11-01 .. 2026-12-31; fri; 22:00-02:00",
    "day 20-last; 09:00-10:00 11:00-18:00",
    "mon-fri; 00:00-24:00",
    "day 21 30; sat tue; 16:00-10:00",
];
/// Two validities that meet.
const BREAK: [&str; 2] = [".. 2026-11-20", "2026-11-21 .."];

/// Conditions on the dealer; the first is none.
pub const AUDIENCES: [&str; 19] = [
    "",
    "{ grade: 甲 }",
    "{ grade: [甲, 乙] }",
    "{ region: 华东 }",
    "{ region: [杭州, 江苏] }",
    "{ channel: online }",
    "{ id: D1 }",
    "{ grade: 甲, region: [浙江, 华南] }",
    "{ region: 华东, except: { region: 杭州 } }",
    "{ except: { grade: 乙 } }",
    "{ except: { channel: offline, id: D2 } }",
    "{ id: [D1, D2], except: { grade: 乙, region: 江苏 } }",
    "{ group: 分公司 }",
    "{ attributes: { tier: T1 } }",
    "{ attributes: { tier: [T1, T2], note: x } }",
    "{ except: { group: [杭州店, 散户], attributes: { note: y } } }",
    "{ attributes: { area: [80 .. 200, -5] } }",
    "{ contract_date: 2025-01-01 .., except: { attributes: { area: .. 79.999999 } } }",
    "{ attributes: { since: .. 2025-12-31 }, except: { contract_date: [2026-01-01, 2026-02-01 .. 2026-12-31] } }",
];

impl World {
    /// Whether there are lots of a scope: those of an odd balance are.
    fn has_lot_scope(&self) -> bool {
        self.redemption.as_ref().is_some_and(|redemption| redemption.share % 3 != 0) && !self.promotions.is_empty()
    }

    pub fn sku(product: usize) -> String {
        SKUS[product].to_owned()
    }

    pub fn promotion_id(promotion: usize) -> &'static str {
        PROMOTIONS[promotion]
    }

    /// Six products of 1,000.00 each, one line each, and whole promotions that compete for them.
    pub fn contest(offers: &[Offer]) -> World {
        let product = Product {
            category: None,
            brand: None,
            colour: None,
            size: None,
            tags: 0,
            tax: "",
            units: Vec::new(),
            weight: None,
            scale_group: "",
            min_quantity: None,
            multiple: None,
            is_step: false,
            max_order: None,
            max_period: None,
            counts_boxes: false,
            price: Some(Scale { prices: vec![(100_000, 0)], from: &[0], per: (1, 1), unit: 0, ends: 0, flags: 0, validity: 0 }),
            unit_price: None,
            floor: None,
            approval: None,
            recommended: None,
        };
        let promotion = |offer: &Offer| Promotion {
            on: On { anchor: usize::from(offer.products), fields: On::MASK, up: 0, other: 0, except: 0 },
            when: When { dealer: 0, source: "", valid: 0 },
            shape: Shape::At,
            by_quantity: true,
            amount: 0,
            quantity: 1,
            times: None,
            benefits: vec![Benefit::AmountOff(offer.off)],
            max_units: None,
            group: 0,
            priority: 0,
            base: "running",
            stage: "set",
            coupon: 0,
            limit: None,
            budget: 0,
            threshold_tax: "",
            count: "per_step",
            counts_boxes: false,
            net_lines: false,
            combo: None,
            earns: None,
            extra: Extra::default(),
        };
        World {
            settings: Settings {
                currency: "CNY",
                zone: "Asia/Shanghai",
                resolution: "most_specific",
                now: "2026-11-21T10:00:00+08:00",
                unit_extra: 0,
                quantity_scale: 0,
                boxes: None,
                magnitude: 0,
                rounding: "half_up",
                point: "set",
                remainder: "largest",
                weight: "net",
                guards: [""; 18],
                tax: None,
                drop_ship: "",
                pick_up: "",
                closed: false,
                search_steps: 100_000,
                gift_weight: 1_000_000,
                by_delivery: false,
            },
            dealer: Dealer {
                id: "D1",
                grade: Some("甲"),
                region: None,
                channel: None,
                group: None,
                tier: None,
                note: None,
                credit: None,
                on_hold: false,
                licences: Vec::new(),
                age: 0,
                lots: Vec::new(),
                stock: Vec::new(),
                inventory: Vec::new(),
            },
            products: vec![product; 6],
            prices: Vec::new(),
            floors: Vec::new(),
            approvals: Vec::new(),
            recommended: Vec::new(),
            scaling: Scaling::PLAIN,
            floor_formula: None,
            freight: Vec::new(),
            groups: vec![Group { mode: "best", stage: "set", exclusive: ["", ""] }],
            budgets: Vec::new(),
            promotions: offers.iter().map(promotion).collect(),
            programs: Vec::new(),
            terms: Terms::none(On { anchor: 0, fields: 0, up: 0, other: 0, except: 0 }),
            assortment: Vec::new(),
            territory: Vec::new(),
            redemption: None,
            checks: Vec::new(),
            registered: Vec::new(),
            used: Vec::new(),
            adjustments: Vec::new(),
            purchases: Purchases::NONE,
            extras: Extras::NONE,
            transition: None,
            order: Order {
                source: None,
                ship_to: None,
                customer: None,
                delivery: "",
                deliver: None,
                redeem: Redeem::Nothing,
                lines: (0..6)
                    .map(|product| Line { product, quantity: (1, 0), id: Id::Missing, unit: 0, exact: true, customer: None })
                    .collect(),
                coupons: Vec::new(),
                choices: Vec::new(),
                decline: Vec::new(),
            },
            shuffle: None,
        }
    }

    /// The same world with every list written in another order.
    pub fn shuffled(&self, seed: u64) -> World {
        let mut other = World { shuffle: Some(seed), ..self.clone() };
        let mut random = Random(seed);
        random.shuffle(&mut other.order.lines);
        other
    }

    pub fn bundle(&self) -> Bundle {
        let mut imported = qudao::import::files(self.files());
        let checked = qudao::check::check(imported.policy, &imported.sources, &mut imported.diagnostics);
        let checked = checked.unwrap_or_else(|| panic!("{:#?}\n{}", imported.diagnostics.found, self.shown()));
        qudao::compile::compile(&checked)
    }

    pub fn engine(&self) -> Engine {
        Engine::load(self.bundle().bytes()).unwrap()
    }

    pub fn quote(&self) -> Value {
        let text = qudao::wire::quote(&self.engine(), &node(self.question())).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// The same world with every promotion in one stage, and few steps to search for its best combination.
    pub fn hurried(&self, search_steps: u32) -> World {
        let mut other = self.clone();
        other.settings.search_steps = search_steps;
        for group in &mut other.groups {
            group.stage = "set";
            group.mode = if group.mode == "exclusive" { "best" } else { group.mode };
        }
        for promotion in &mut other.promotions {
            promotion.stage = "set";
            promotion.combo = None;
        }
        other
    }

    /// The older policy of a transition.
    fn old(&self, transition: &Transition) -> World {
        let mut old = self.turned();
        let changes = |bit: u8| transition.changes >> bit & 1 == 1;
        for (index, product) in old.products.iter_mut().enumerate() {
            if changes(0) {
                // Some of them for another number of units.
                if index % 3 == 0 {
                    product.price.iter_mut().for_each(|scale| scale.per = if scale.per.0 == 1 { (10, 10) } else { (1, 1) });
                }
                for (price, _) in product.price.iter_mut().flat_map(|scale| &mut scale.prices) {
                    *price = if index % 2 == 0 { *price * 7 / 10 + 1 } else { *price + 3 };
                }
            }
            if changes(2) {
                product.floor = if index % 2 == 0 { None } else { Some(85) };
                product.approval = product.approval.map(|approval| approval + 10);
            }
        }
        if changes(7) {
            old.registered.clear();
            old.settings.by_delivery = !old.settings.by_delivery;
        }
        if changes(1) && old.products.len() > 2 {
            old.products.pop();
        }
        if changes(3) {
            for program in old.programs.iter_mut().filter(|program| program.is_plain()) {
                for tier in &mut program.tiers {
                    tier.width += 1;
                    tier.rate = 90 - tier.rate;
                    tier.is_above ^= tier.every % 2 == 0;
                }
            }
        }
        if changes(4) {
            old.assortment.clear();
        }
        if changes(5) {
            old.promotions.truncate(5);
        }
        if changes(6) {
            old.settings.resolution = if old.settings.resolution == "lowest" { "most_specific" } else { "lowest" };
        }
        old.transition = None;
        old
    }

    /// The same world with every promotion in the next group, on the next base, and with the next rounding point, and every overlap in its next mode.
    pub fn turned(&self) -> World {
        let after = |list: &[&'static str], word: &str| list[(list.iter().position(|own| *own == word).unwrap() + 1) % list.len()];
        let mut other = self.clone();
        other.settings.point = after(&["set", "line", "unit", "price"], self.settings.point);
        other.terms = self.terms.turned();
        for promotion in &mut other.promotions {
            promotion.base = after(&["running", "stage_input", "original"], promotion.base);
            if promotion.group < self.groups.len() {
                promotion.group = (promotion.group + 1) % self.groups.len();
            }
        }
        other
    }

    /// `{order, dealer, now}` with a cart of whole units instead of the order's lines.
    pub fn input(&self, cart: &[(usize, i64)]) -> Node {
        let lines: Vec<Value> =
            cart.iter().map(|(product, quantity)| json!({ "sku": World::sku(*product), "quantity": quantity })).collect();
        let mut input = self.question();
        input["order"]["lines"] = json!(lines);
        node(input)
    }

    /// `{coupons, gifts}` of the order.
    pub fn entries(&self) -> Node {
        let order = &self.question()["order"];
        let mut entries = json!({});
        for key in ["coupons", "gifts", "decline"] {
            if let Some(value) = order.get(key) {
                entries[key] = value.clone();
            }
        }
        node(entries)
    }

    pub fn session_input(&self) -> Node {
        let mut input = self.question();
        let order = input.as_object_mut().unwrap().remove("order").unwrap();
        if let Some(source) = order.get("source") {
            input["source"] = source.clone();
        }
        node(input)
    }

    /// The files, the question and nothing else, for a person to read.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        for (name, content) in self.files() {
            writeln!(text, "--- {name}\n{}", String::from_utf8_lossy(&content)).unwrap();
        }
        write!(text, "--- question\n{}", serde_json::to_string(&self.question()).unwrap()).unwrap();
        text
    }

    pub fn digits(&self) -> u32 {
        qudao::num::minor_digits(self.settings.currency).unwrap()
    }

    fn money(&self, minor: i64) -> String {
        decimal(self.grown(minor), self.digits())
    }

    /// Large figures keep their order and are not round.
    fn grown(&self, minor: i64) -> i64 {
        let one = 10_i64.pow(self.settings.magnitude);
        minor * one + minor * 7_919 % one
    }

    /// A unit price: minor units, and a digit that stands in every place beyond them.
    fn unit_price(&self, minor: i64, extra: i64) -> String {
        let beyond = self.settings.unit_extra;
        let image = (0..beyond).fold(self.grown(minor), |image, _| image * 10 + extra % 10);
        decimal(image.max(1), self.digits() + beyond)
    }

    /// Whole units; policies with fractional quantities cut some of them in half.
    fn quantity(&self, whole: i64) -> String {
        if self.settings.quantity_scale > 0 && whole % 3 == 2 { format!("{}.5", whole - 1) } else { whole.to_string() }
    }

    /// The further units of a product, each with how it is written and as a fraction.
    fn units(&self, product: usize) -> Vec<(&'static str, (&'static str, i64, i64))> {
        let own = self.products[product].units.iter().copied();
        let factors: Vec<usize> = match self.settings.boxes {
            Some(boxes) => std::iter::once(boxes).chain(own.skip(1)).collect(),
            None => own.collect(),
        };
        UNITS.into_iter().zip(factors.into_iter().map(|at| FACTORS[at])).collect()
    }

    /// The further unit of a line, if it is in one.
    fn unit_of(&self, line: &Line) -> Option<(&'static str, (&'static str, i64, i64))> {
        self.units(line.product).get(line.unit.checked_sub(2)?).copied()
    }

    fn quantity_of(&self, line: &Line) -> Value {
        let (whole, thousandths) = line.quantity;
        let scale = self.settings.quantity_scale;
        if let Some((_, (_, _, denominator))) = self.unit_of(line).filter(|(_, (_, _, denominator))| *denominator > 1 || !line.exact) {
            return json!(if line.exact { whole * denominator } else { whole });
        }
        let fraction = thousandths / 10_i64.pow(3 - scale);
        if fraction == 0 { json!(whole) } else { json!(decimal(whole * 10_i64.pow(scale) + fraction, scale)) }
    }
}

impl Scaling {
    pub const PLAIN: Scaling = Scaling { graduated: false, basis: "", measure: "", broken: 0 };
}

impl On {
    /// The anchor is a set of products, as bits.
    pub const MASK: u8 = 128;
}

impl Product {
    fn tags(&self) -> impl Iterator<Item = &'static str> {
        let bits = self.tags;
        TAGS.into_iter().enumerate().filter(move |(bit, _)| bits >> bit & 1 == 1).map(|(_, tag)| tag)
    }
}

pub fn node(value: Value) -> Node {
    serde_json::from_value(value).unwrap()
}

/// An integer image with its digits after the point.
fn decimal(image: i64, digits: u32) -> String {
    let one = 10_i64.pow(digits);
    let sign = if image < 0 { "-" } else { "" };
    let size = image.abs();
    match digits {
        0 => image.to_string(),
        _ => format!("{sign}{}.{:0width$}", size / one, size % one, width = digits as usize),
    }
}
