//! How likely everything in a world is.

use super::program::{program, terms};
use super::*;
use proptest::prelude::*;
use proptest::sample::select;

/// Instants that the validities of a world begin and end at.
const NOW: [&str; 6] = [
    "2026-11-21T10:00:00+08:00",
    "2026-11-20T16:00:00Z",
    "2026-11-20T23:59:59.999+08:00",
    "2026-12-31T16:00:00Z",
    "2026-06-30T23:30:00+08:00",
    "2026-11-21T12:00:00+08:00",
];

/// Keys of accesses; trees in both orders.
const KEYS: [&[&str]; 22] = [
    &["dealer", "sku"],
    &["region", "category"],
    &["category", "region"],
    &["region", "grade", "sku"],
    &["channel", "brand"],
    &["category"],
    &["brand"],
    &["grade", "sku"],
    &["dealer", "category"],
    &["region", "sku"],
    &["channel", "category", "grade"],
    &["sku", "channel"],
    &["grade", "category"],
    &["sku"],
    &["dealer_group", "sku"],
    &["dealer_group", "brand"],
    &["category", "dealer_group"],
    &["region", "dealer_group", "category"],
    &["tier", "colour"],
    &["note", "brand"],
    &["size"],
    &["colour", "tier", "category"],
];

/// Where the bands of a scale begin.
const BANDS: [&[i64]; 5] = [&[0], &[0, 5, 12], &[0, 2], &[3, 6], &[10]];

/// Worlds of whole units, in which every line has a unit table, whose orders are never refused, that tell no tax, and that leave assortment, territory and lots open.
pub fn worlds() -> impl Strategy<Value = World> {
    every_world().prop_map(|mut world| {
        world.settings.quantity_scale = 0;
        world.settings.boxes = None;
        world.products.iter_mut().for_each(|product| product.units.clear());
        world.freight.clear();
        world.order.lines.retain(|line| line.id != Id::Shared);
        world.order.lines.iter_mut().for_each(|line| line.customer = None);
        world.registered.clear();
        world.adjustments.clear();
        world.order.deliver = None;
        world.products.iter_mut().for_each(|product| (product.max_order, product.max_period) = (None, None));
        world.promotions.iter_mut().for_each(|promotion| promotion.earns = None);
        world.assortment.clear();
        world.territory.clear();
        world.redemption = None;
        world.dealer.lots.clear();
        world.order.ship_to = None;
        world.order.customer = None;
        world.order.delivery = "";
        world.order.redeem = Redeem::Nothing;
        world.settings.closed = false;
        world.settings.tax = None;
        world
    })
}

/// Worlds with everything there is, of which some pass from an older policy to the present one.
pub fn passing_worlds() -> impl Strategy<Value = World> {
    let course = select(vec![
        "cohort: { contract_before: 2026-01-01 }, old_until: 2026-11-21",
        "cohort: { contract_before: 2026-01-01 }, old_until: 2026-11-20, then: better_of, months: 2",
        "cohort: { contract_before: 2025-06-01 }, old_until: 0 months, then: better_of, months: 60",
        "cohort: { contract_before: 2026-10-31 }, old_until: 0 months, then: better_of, end: 2026-11-20",
        "cohort: { contract_before: 2025-06-01 }, old_until: 0 months, then: blend, months: 60",
        "cohort: { contract_before: 2025-06-01 }, old_until: 0 months, then: blend, months: 19, promotions: new",
        "cohort: { contract_before: 2025-06-01 }, old_until: 3 months, then: blend, months: 30, promotions: new",
        "cohort: { contract_before: 2026-11-21 }, old_until: 0 months, then: blend, months: 3",
        "cohort: { contract_before: 2026-08-31 }, old_until: 1 month, then: blend, months: 5, end: 2026-11-30, promotions: new",
    ]);
    let contract = prop_oneof![
        4 => Just(Some("2025-05-31")),
        1 => select(vec![None, Some("2025-12-31"), Some("2026-08-30"), Some("2026-10-31"), Some("2026-12-01")]),
    ];
    let transition = (course, contract, any::<u8>()).prop_map(|(course, contract, changes)| Transition { course, contract, changes });
    (every_world(), offer::offers(), prop::option::weighted(0.15, transition))
        .prop_map(|(world, offers, transition)| World { transition, ..offers.into(world) })
}

pub fn every_world() -> impl Strategy<Value = World> {
    (plain_world(), more::more()).prop_map(|(world, more)| more.into(world))
}

fn plain_world() -> impl Strategy<Value = World> {
    let rules = (
        prop::collection::vec(groups(), 3..6),
        prop::collection::vec(promotion(), 10..13),
        (prop_oneof![1 => Just(Vec::new()), 4 => prop::collection::vec(program(), 2..6)], terms()),
    );
    let accesses = |most: usize| prop::collection::vec(access(), 0..most);
    let few = || prop_oneof![4 => accesses(1), 1 => accesses(3)];
    let tables = (accesses(4), few(), few(), few());
    let rules = (rules, prop::collection::vec(budget(), 1..3));
    let products = prop_oneof![1 => prop::collection::vec(product(), 1..4), 3 => prop::collection::vec(product(), 4..7)];
    let flavours = [0.35, 0.3, 0.25, 0.1, 0.15, 0.3].map(prop::bool::weighted);
    let floor_formula = prop::option::weighted(0.2, prop_oneof![2 => 1..30_i64, 1 => Just(0_i64)]);
    let freight = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(freight(), 1..4)];
    let tables = (tables, scaling(), floor_formula, freight);
    (settings(), dealer(), products, tables, rules, channel(), order(), flavours).prop_map(
        |(
            settings,
            dealer,
            products,
            ((prices, floors, approvals, recommended), scaling, floor_formula, freight),
            (rules, budgets),
            channel,
            order,
            [narrow, crowded, alike, contest, tiny, combos],
        )| {
            let (groups, promotions, (programs, terms)) = rules;
            let (assortment, territory, redemption, checks) = channel;
            let mut world = World {
                settings,
                dealer,
                products,
                prices,
                floors,
                approvals,
                recommended,
                scaling,
                floor_formula,
                freight,
                groups,
                budgets,
                promotions,
                programs,
                terms,
                assortment,
                territory,
                redemption,
                checks,
                registered: Vec::new(),
                used: Vec::new(),
                adjustments: Vec::new(),
                purchases: Purchases::NONE,
                extras: Extras::NONE,
                order,
                transition: None,
                shuffle: None,
            };
            for line in &mut world.order.lines {
                line.product %= world.products.len();
                line.quantity.1 = if world.settings.quantity_scale == 0 { 0 } else { line.quantity.1 };
            }
            if narrow || contest {
                world.promotions.iter_mut().for_each(on_few_products);
            }
            for promotion in &mut world.promotions {
                let group = world.groups.get(promotion.group);
                if group.is_some_and(|group| group.mode == "exclusive" && group.exclusive[0] == "line") {
                    on_one_product(promotion);
                }
            }
            if crowded || contest {
                world.groups.iter_mut().for_each(|group| group.stage = "set");
                world.promotions.iter_mut().for_each(|promotion| promotion.stage = "set");
            }
            if world.scaling != Scaling::PLAIN {
                // Scales of one band measure nothing.
                let own = world.products.iter_mut().flat_map(|product| product.price.iter_mut().chain(&mut product.unit_price));
                own.filter(|scale| scale.from.len() == 1).for_each(|scale| scale.from = if scale.ends == 1 { BANDS[2] } else { BANDS[1] });
            }
            if alike || contest {
                make_alike(&mut world);
            }
            if contest {
                make_contest(&mut world);
            } else if tiny {
                make_tiny(&mut world);
            }
            if combos && !contest {
                make_combos(&mut world);
            } else {
                world.promotions.iter_mut().for_each(|promotion| promotion.combo = None);
            }
            world
        },
    )
}

/// A few promotions that compete for units and others that do not, and orders of so few units that every assignment can be tried.
fn make_combos(world: &mut World) {
    world.groups[0].mode = "best";
    // Where those of the turned world are; and what costs nothing has nothing to give.
    if world.promotions[0].priority >= 0 {
        world.groups[1].mode = "stack";
    }
    if world.promotions[1].priority == 0 {
        let scales = world.products.iter_mut().step_by(2).filter_map(|product| product.price.as_mut());
        scales.for_each(|scale| {
            scale.flags |= 1;
            scale.prices.iter_mut().for_each(|price| price.1 = 0);
        });
    }
    let mut slots = 0;
    for (index, promotion) in world.promotions.iter_mut().enumerate() {
        if index < 4 && index != 1 {
            promotion.group = 0;
        } else if promotion.group == 0 {
            promotion.group = 8;
        }
        let combo =
            promotion.combo.get_or_insert_with(|| Combo { parts: Vec::new(), quantities: [(2, None); 3], times: None, price: 3_000 });
        if promotion.group == 0 {
            slots += 1 + combo.parts.len();
            if slots > 4 {
                combo.parts.clear();
            }
        }
        // Only one group has combos, so that they stay few.
        if (1..8).contains(&promotion.group) || (promotion.group != 0 && index % 3 == 0) {
            promotion.combo = None;
        }
        promotion.limit = promotion.limit.take().filter(|_| index % 3 != 1);
        promotion.on.other = promotion.on.other.min(3);
    }
    make_few(&mut world.order);
}

/// So few units that every assignment can be tried.
pub(super) fn make_few(order: &mut Order) {
    order.lines.truncate(4);
    for line in &mut order.lines {
        line.quantity.0 = 1 + line.quantity.0 % 3;
        line.unit = line.unit.min(1);
    }
}

/// Promotions on one or two products each, so that several of a group can be chosen together.
fn on_few_products(promotion: &mut Promotion) {
    if promotion.on.fields == 0 || promotion.on.fields == 2 {
        promotion.on.fields = 1;
        if promotion.on.up > 0 {
            promotion.on.other = promotion.on.anchor;
        }
    }
}

/// What is closed to others is little, so that much stays open.
fn on_one_product(promotion: &mut Promotion) {
    if promotion.on.up > 0 {
        promotion.on = On { fields: 1, other: promotion.on.anchor, ..promotion.on };
    }
}

/// Few different figures, so that combinations and promotions often take the same.
fn make_alike(world: &mut World) {
    for scale in world.products.iter_mut().filter_map(|product| product.price.as_mut()) {
        scale.prices.iter_mut().for_each(|price| *price = (10_000, 0));
        scale.per = (1, 1);
    }
    for line in &mut world.order.lines {
        line.quantity = (1 + line.quantity.0 % 2, 0);
    }
    for promotion in &mut world.promotions {
        promotion.amount = (1 + promotion.amount % 4) * 5_000;
        promotion.quantity = 1 + promotion.quantity % 3;
        promotion.max_units = None;
        for benefit in &mut promotion.benefits {
            *benefit = match benefit {
                Benefit::Percent(percent) => Benefit::Percent((1 + *percent / 10_000 % 3) * 50_000),
                Benefit::AmountOff(amount) => Benefit::AmountOff((1 + *amount % 4) * 500),
                Benefit::PerUnitOff(amount, _) => Benefit::PerUnitOff((1 + *amount % 3) * 500, 0),
                Benefit::Gift(gift) => Benefit::Gift(Gift { units: gift.units.map(|units| 1 + units % 2), ..*gift }),
            };
        }
    }
}

/// Most promotions compete in one group with few different amounts and priorities, and nothing limits them.
fn make_contest(world: &mut World) {
    world.groups[0].mode = "best";
    while world.products.len() < 4 {
        world.products.push(world.products[0].clone());
    }
    world.products.truncate(4);
    for product in 0..4 {
        world.order.lines.push(Line { product, quantity: (1, 0), id: Id::Missing, unit: 0, exact: true, customer: None });
    }
    for line in &mut world.order.lines {
        line.product %= 4;
    }
    for product in &mut world.products {
        product.floor = None;
    }
    for promotion in &mut world.promotions {
        if promotion.group != 1 {
            promotion.group = 0;
            promotion.on = On { anchor: promotion.on.anchor % 4, other: promotion.on.other % 4, fields: 1, up: 0, except: 0 };
            promotion.shape = if promotion.shape == Shape::At { Shape::At } else { Shape::Plain };
            promotion.amount = 100;
            promotion.quantity = 1;
            promotion.benefits = vec![Benefit::AmountOff(if promotion.on.anchor == promotion.on.other { 500 } else { 1_000 })];
        }
    }
}

/// Prices and benefits of a few minor units, where rounding decides, and line promotions that compete.
fn make_tiny(world: &mut World) {
    world.groups[0].mode = "best";
    for product in &mut world.products {
        let Some(scale) = &mut product.price else { continue };
        for price in &mut scale.prices {
            price.0 = 1 + price.0 % if price.1 < 5 { 12 } else { 60 };
        }
        product.floor = product.floor.or((scale.prices[0].1 < 6).then_some(50));
    }
    for line in &mut world.order.lines {
        line.quantity.0 = 1 + line.quantity.0 % 4;
    }
    for promotion in &mut world.promotions {
        promotion.amount = 1 + promotion.amount % 100;
        if promotion.group == 0 && promotion.by_quantity {
            promotion.shape = Shape::Plain;
        }
        for benefit in &mut promotion.benefits {
            *benefit = match benefit {
                Benefit::Percent(percent) => Benefit::Percent(*percent),
                Benefit::AmountOff(amount) if promotion.shape == Shape::Plain && promotion.group == 0 => {
                    Benefit::Percent(*amount % 100 * 5_000 + 1)
                }
                Benefit::AmountOff(amount) => Benefit::AmountOff(1 + *amount % 13),
                Benefit::PerUnitOff(amount, extra) => Benefit::PerUnitOff(1 + *amount % 6, *extra),
                Benefit::Gift(gift) => Benefit::Gift(*gift),
            };
        }
    }
}

fn settings() -> impl Strategy<Value = Settings> {
    let severity = select(vec!["info", "warn", "route", "block"]);
    let scales = (
        prop_oneof![6 => Just(0_u32), 1 => 1..3_u32],
        prop_oneof![3 => Just(0_u32), 1 => 1..4_u32],
        prop_oneof![12 => Just(0_u32), 1 => Just(6)],
        prop::option::weighted(0.25, 0..BOXES),
    );
    let place = (
        prop_oneof![2 => Just("CNY"), 1 => Just("JPY"), 1 => Just("KWD")],
        prop_oneof![6 => Just("Asia/Shanghai"), 1 => Just("UTC"), 1 => Just("America/New_York")],
        prop_oneof![4 => Just(NOW[0]), 4 => select(NOW.to_vec())],
        prop_oneof![4 => Just("most_specific"), 1 => Just("lowest"), 1 => Just("highest")],
    );
    let points = (
        select(vec!["half_up", "half_even", "half_down", "down"]),
        select(vec!["set", "line", "unit", "price"]),
        select(vec!["largest", "first", "last"]),
        select(vec!["net", "list", "quantity"]),
    );
    let gift_weight = prop_oneof![3 => Just(1_000_000_i64), 1 => select(vec![0_i64, 500_000, 333_333])];
    let guards = std::array::from_fn(|_| prop_oneof![2 => Just(""), 3 => severity.clone()]);
    let tax_rate = prop_oneof![2 => Just(130_000_i64), 1 => select(vec![0_i64, 100_000, 60_000, 1_000_000]), 1 => 1..300_000_i64];
    let tax = prop::option::weighted(0.4, (select(vec!["", "inclusive", "exclusive", "exclusive"]), tax_rate));
    let territory =
        (prop::bool::weighted(0.3), select(vec!["", "destination", "seller", "seller"]), select(vec!["", "fulfiller", "seller", "seller"]));
    let rest = (guards, gift_weight, territory, tax);
    (place, scales, points, rest).prop_map(
        |(
            (currency, zone, now, resolution),
            (unit_extra, quantity_scale, magnitude, boxes),
            (rounding, point, remainder, weight),
            (guards, gift_weight, (closed, drop_ship, pick_up), tax),
        )| {
            Settings {
                currency,
                zone,
                resolution,
                now,
                unit_extra,
                quantity_scale,
                boxes,
                // Prices stay within their limit.
                magnitude: magnitude.min(7 - unit_extra),
                rounding,
                point,
                remainder,
                weight,
                guards,
                closed,
                drop_ship,
                pick_up,
                tax,
                search_steps: 100_000,
                gift_weight,
                by_delivery: false,
            }
        },
    )
}

fn dealer() -> impl Strategy<Value = Dealer> {
    let part = || prop::option::weighted(0.6, prop_oneof![9 => 0..30_000_i64, 1 => -20_000..0_i64]);
    let limit = prop_oneof![1 => Just(0_i64), 9 => 0..2_000_i64, 10 => 0..200_000_i64].prop_map(Some);
    // A limit alone, of a figure that an order can be worth exactly.
    let round = (1..30_i64).prop_map(|n| (Some(n * 5_000), None, None, None, None));
    let expires = || prop_oneof![8 => Just(None), 1 => select(vec![-1_i64, 0, 1]).prop_map(Some)];
    let parts = prop_oneof![4 => (limit, part(), part(), part(), part()), 1 => round];
    let parts = parts.prop_map(|(limit, receivable, delivered, open, prepaid)| [limit, receivable, delivered, open, prepaid]);
    let account = (parts, expires()).prop_map(|(parts, expires)| Account { parts, expires });
    let overdue = prop::collection::vec((1..20_000_i64, 0..100_i64), 0..4);
    let credit = (account.clone(), prop::option::weighted(0.3, account), overdue, prop::bool::weighted(0.1))
        .prop_map(|(own, group, overdue, released)| Credit { own, group, overdue, released });
    let credit = prop::option::weighted(0.55, credit);
    let licence =
        (0..CATEGORIES.len(), prop_oneof![1 => Just(None), 2 => select(vec![-86_400_000_i64, -1, 0, 1, 86_400_000]).prop_map(Some)]);
    let stock = (0..6_usize, 0..12_i64, prop::option::of(select(vec![-60_000_i64, -1, 0]))).prop_map(|(product, available, as_of)| Stock {
        product,
        available,
        as_of,
    });
    let stock = prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(stock, 1..5)];
    let point = prop_oneof![
        (0..20_i64).prop_map(Point::At),
        (1..3_000_i64, 0..10_i64, prop::option::of(0..5_i64)).prop_map(|(daily, days, safety)| Point::Daily(daily, days, safety)),
    ];
    let inventory = (0..10_i64, prop::option::of(0..6_i64), point, 0..40_i64);
    let inventories = (prop::collection::vec(inventory, 6), prop_oneof![2 => Just(0_u8), 1 => 0..64_u8]).prop_map(|(all, bits)| {
        let own = |(product, (on_hand, on_order, point, max))| Inventory { product, on_hand, on_order, point, max };
        all.into_iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(own).collect::<Vec<_>>()
    });
    let server =
        (prop::bool::weighted(0.1), prop::collection::vec(licence, 0..4), select(vec![0_i64, 60_000, 60_001, 600_000, 86_400_000]));
    let custom = (
        prop::option::weighted(0.8, select(DEALER_GROUPS.map(|(id, _)| id).to_vec())),
        prop::option::weighted(0.8, select(TIERS.to_vec())),
        prop::option::weighted(0.7, select(vec!["x", "y", "z"])),
    );
    // Leaves of the tree twice as often as what is above them.
    let regions: Vec<&str> = REGIONS.iter().map(|(id, _)| *id).chain(["杭州", "江苏", "杭州"]).collect();
    (
        prop_oneof![4 => Just("D1"), 1 => Just("D2")],
        prop::option::weighted(0.9, select(GRADES.to_vec())),
        prop::option::weighted(0.9, select(regions)),
        (prop::option::weighted(0.9, select(CHANNELS.to_vec())), custom),
        (credit, server),
        (prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(lot(), 1..6)], stock, inventories),
    )
        .prop_map(
            |(id, grade, region, (channel, (group, tier, note)), (credit, (on_hold, licences, age)), (lots, stock, inventory))| Dealer {
                id,
                grade,
                region,
                channel,
                group,
                tier,
                note,
                credit,
                on_hold,
                licences,
                age,
                lots,
                stock,
                inventory,
            },
        )
}

/// Lots around now, many of one day.
fn lot() -> impl Strategy<Value = Lot> {
    let balance = prop_oneof![4 => 1..3_000_i64, 2 => 3_000..60_000_i64, 1 => Just(0_i64), 2 => select(vec![500_i64, 1_000, 5_000])];
    let issued = prop_oneof![2 => Just(-2_000_i64), 2 => Just(-1_000_i64), 1 => Just(0_i64), 1 => Just(1_i64)];
    let expires = prop_oneof![2 => Just(None), 1 => Just(Some(0_i64)), 2 => Just(Some(1_i64)), 3 => Just(Some(1_000_i64))];
    let treatment = select(vec!["", "payment", "discount"]);
    let use_of = prop_oneof![4 => Just((None, false)), 1 => select(vec![1_i64, 70, 500, 1_000]).prop_map(|face| (Some(face), false)), 1 => Just((None, true))];
    (balance, issued, expires, treatment, use_of).prop_map(|(balance, issued, expires, treatment, (face, once))| Lot {
        balance,
        issued,
        expires,
        treatment,
        face,
        once,
    })
}

/// Assortment, territory and redemption, each in some worlds only.
fn channel() -> impl Strategy<Value = (Vec<Listing>, Vec<Grant>, Option<Redemption>, Vec<Check>)> {
    let state = prop_oneof![2 => Just("hidden"), 3 => Just("visible_not_orderable"), 3 => Just("orderable")];
    let listing = (on(), audience(), state).prop_map(|(on, when, state)| Listing { on, when, state });
    let categories = prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(0..CATEGORIES.len(), 1..3)];
    let regions = prop::collection::vec(0..REGIONS.len(), 1..3);
    let customers = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(0..CUSTOMERS.len(), 1..3)];
    let grant = (audience(), regions, categories, customers, select(vec!["", "shared", "exclusive", "exclusive"]))
        .prop_map(|(when, regions, categories, customers, mode)| Grant { when, regions, categories, customers, mode, notice: None });
    let share = prop_oneof![2 => (1..=20_i64).prop_map(|part| part * 50_000), 1 => 1..=1_000_000_i64, 1 => Just(1_000_000_i64)];
    let limits = (
        prop::option::weighted(0.15, select(vec![1_i64, 500, 2_000, 10_000])),
        prop::option::weighted(0.15, select(vec![1_i64, 1_000, 5_000, 20_000])),
        prop::option::weighted(0.2, (1..=20_i64).prop_map(|part| part * 50_000)),
        prop::option::weighted(0.2, 1..4_u32),
        prop::option::weighted(0.3, 0..6_usize),
    );
    let redemption = (share, on(), select(vec!["", "paid", "all", "all"]), limits).prop_map(
        |(share, on, earns, (most, least, line_share, lots, without))| Redemption {
            share,
            on,
            earns,
            most,
            least,
            line_share,
            lots,
            without,
        },
    );
    (
        prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(listing, 1..4)],
        prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(grant, 1..5)],
        prop::option::weighted(0.7, redemption),
        prop::collection::vec(check(), 0..5),
    )
}

fn check() -> impl Strategy<Value = Check> {
    let amount = || prop_oneof![1..3_000_i64, 3_000..60_000_i64, select(vec![5_000_i64, 10_000, 20_000])];
    let side = || prop::option::weighted(0.7, select(vec![500_000_i64, 900_000, 950_000, 970_000, 1_000_000, 333_333]));
    let rule = prop_oneof![
        2 => (on(), amount()).prop_map(|(on, amount)| Rule::MinimumAmount(on, amount)),
        2 => (on(), 1..25_i64).prop_map(|(on, quantity)| Rule::MinimumQuantity(on, quantity)),
        3 => amount().prop_map(Rule::Maximum),
        3 => (prop::option::of(0..60_i64), prop::option::of(amount())).prop_map(|(days, amount)| Rule::Overdue(days, amount)),
        3 => select(vec![800_000_i64, 1_000_000, 500_000, 123_456]).prop_map(Rule::CreditUsed),
        6 => (on(), side(), side(), select(vec!["", "ignored", "counted", "counted"])).prop_map(|(on, min, max, gifts)| {
            let max = max.map(|max| max + 50_000).filter(|max| min.is_none_or(|min| min <= *max));
            Rule::Corridor(on, if max.is_none() { min.or(Some(900_000)) } else { min }, max, gifts)
        }),
        3 => prop::collection::vec(0..CATEGORIES.len(), 1..3).prop_map(Rule::Licence),
        2 => select(vec!["portal", "[portal, app]", "app"]).prop_map(Rule::Source),
        2 => select(vec![1_i64, 10, 1_440]).prop_map(Rule::Minutes),
    ];
    let severity = prop_oneof![2 => Just(""), 1 => select(vec!["info", "warn", "route", "block"])];
    (when(true), severity, rule).prop_map(|(when, severity, rule)| Check { when, severity, rule })
}

/// Conditions on the dealer that often leave him out.
fn audience() -> impl Strategy<Value = When> {
    let valid = prop_oneof![4 => Just(0_usize), 1 => 0..VALID.len()];
    (prop_oneof![1 => Just(0_usize), 2 => 0..AUDIENCES.len()], valid).prop_map(|(dealer, valid)| When { dealer, source: "", valid })
}

fn product() -> impl Strategy<Value = Product> {
    let categories: Vec<&str> = CATEGORIES.iter().map(|(id, _)| *id).collect();
    (
        prop::option::weighted(0.9, select(categories)),
        (
            prop::option::weighted(0.7, select(BRANDS.to_vec())),
            prop::option::weighted(0.7, select(COLOURS.to_vec())),
            prop::option::weighted(0.5, select(SIZES.to_vec())),
        ),
        0..4_u8,
        prop_oneof![2 => Just(""), 1 => select(vec!["9", "13%", "0", "exempt", "6.5", "100"])],
        (
            prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(0..FACTORS.len(), 1..3)],
            prop::option::weighted(0.6, select(vec![500_i64, 1_000, 2_500, 125, 3_333])),
            select(vec!["", "g1", "g1", "g2"]),
            prop::option::weighted(0.25, 1..15_i64),
            prop::option::weighted(0.25, 1..7_i64),
            prop::bool::weighted(0.5),
        ),
        (prop::option::weighted(0.95, scale()), prop::option::weighted(0.3, (scale(), 1..4_usize))),
        (
            prop::option::weighted(0.35, select(vec![20_i64, 50, 50, 80, 80, 90, 95, 100, 110])),
            prop::option::weighted(0.25, select(vec![60_i64, 85, 90, 95, 100, 120])),
            prop::option::weighted(0.5, select(vec![70_i64, 95, 100, 100, 105, 130])),
        ),
    )
        .prop_map(|(category, (brand, colour, size), tags, tax, counts, (price, unit_price), (floor, approval, recommended))| {
            let (units, weight, scale_group, min_quantity, multiple, counts_boxes) = counts;
            Product {
                category,
                brand,
                colour,
                size,
                tags,
                tax,
                units,
                weight,
                scale_group,
                min_quantity,
                multiple,
                is_step: false,
                max_order: None,
                max_period: None,
                counts_boxes,
                price: price.map(|price| Scale { unit: 0, ..price }),
                unit_price: unit_price.map(|(price, unit)| Scale { unit, ..price }),
                floor,
                approval,
                recommended,
            }
        })
}

pub(super) fn scale() -> impl Strategy<Value = Scale> {
    let price =
        prop_oneof![2 => 1..300_i64, 4 => select(vec![333_i64, 1_000, 1_010, 1_050, 2_000, 4_500, 5_000, 10_000]), 2 => 300..20_000_i64];
    (
        prop::collection::vec((price, 0..10_i64), 3),
        prop_oneof![3 => Just(BANDS[0]), 4 => select(BANDS[..3].to_vec()), 1 => select(BANDS.to_vec())],
        prop_oneof![6 => Just((1_u32, 1_i64)), 1 => select(vec![(10, 10), (10, 7), (100, 90), (3, 3), (7, 5)])],
        prop_oneof![5 => Just(0_usize), 1 => 1..4_usize],
        prop_oneof![5 => Just(0_usize), 1 => Just(1), 1 => Just(2)],
        prop_oneof![11 => Just(0_u8), 1 => select(vec![1_u8, 1, 1, 2, 4, 8, 6, 3, 15])],
        prop_oneof![5 => Just(0_usize), 1 => 0..=VALID.len()],
    )
        .prop_map(|(prices, from, per, unit, ends, flags, validity)| Scale { prices, from, per, unit, ends, flags, validity })
}

fn access() -> impl Strategy<Value = Access> {
    let record = ([0..12_usize, 0..12_usize, 0..12_usize], scale());
    let when = prop_oneof![4 => Just(When { dealer: 0, source: "", valid: 0 }), 1 => when(true)];
    let when = when.prop_map(|when| When { valid: 0, ..when });
    let on = prop_oneof![4 => Just(On { anchor: 0, fields: 0, up: 0, other: 0, except: 0 }), 1 => on()];
    let formula = prop::option::weighted(0.25, formula());
    (select(KEYS.to_vec()), prop::collection::vec(record, 0..6), when, on, scaling(), formula)
        .prop_map(|(by, records, when, on, scaling, formula)| Access { when, on, by, scaling, formula, records })
}

fn scaling() -> impl Strategy<Value = Scaling> {
    let other = (
        any::<bool>(),
        select(vec!["", "sku", "line", "group", "order"]),
        select(vec!["", "quantity", "amount", "weight", "packs"]),
        prop_oneof![1 => Just(0_i64), 1 => 1..20_i64],
    );
    let other = other.prop_map(|(graduated, basis, measure, broken)| Scaling {
        graduated,
        basis,
        measure,
        broken: if measure == "packs" { broken } else { 0 },
    });
    prop_oneof![2 => Just(Scaling::PLAIN), 3 => other]
}

fn formula() -> impl Strategy<Value = Formula> {
    let percent = select(vec![0_i64, 50_000, -200_000, 125_000, 333_333, -12_500, 1_000_000]);
    let amount = prop_oneof![2 => Just(0_i64), 1 => 1..500_i64];
    let ending = (
        select(vec![9_i64, 99, 995, 90, 5, 500]),
        prop::option::of(select(vec![0_i64, 30, 300])),
        prop::option::of(select(vec![500_i64, 5_000])),
    );
    let made = prop_oneof![
        2 => Just((None, Vec::new())),
        1 => select(vec![1_i64, 5, 10, 100]).prop_map(|to| (Some(to), Vec::new())),
        1 => prop::collection::vec(ending.clone(), 1..3).prop_map(|endings| (None, endings)),
        1 => (select(vec![5_i64, 100]), prop::collection::vec(ending, 1..3)).prop_map(|(to, endings)| (Some(to), endings)),
    ];
    (prop::bool::weighted(0.3), percent, amount, made, more::factors()).prop_map(
        |(of_own, percent, amount, (round_to, endings), (by, factors))| Formula { of_own, percent, amount, round_to, endings, by, factors },
    )
}

pub(super) fn freight() -> impl Strategy<Value = Freight> {
    let when = prop_oneof![2 => Just(When { dealer: 0, source: "", valid: 0 }), 1 => when(true)];
    let from = (prop_oneof![2 => Just(0_i64), 1 => 1..60_i64], prop_oneof![3 => Just(0_i64), 1 => 1..40_000_i64]);
    let charge = prop_oneof![3 => 1..3_000_i64, 1 => Just(0_i64)];
    let per_weight = prop::option::weighted(0.4, (1..200_i64, 0..10_i64));
    let row = (prop::option::weighted(0.6, 0..REGIONS.len()), from, charge, per_weight, prop::option::weighted(0.2, 0..2_usize));
    let row = row.prop_map(|(region, from, charge, per_weight, valid)| FreightRow { region, from, charge, per_weight, valid });
    let tax = prop::option::of(select(vec![0_i64, 90_000, 60_000]));
    (when, tax, prop::collection::vec(row, 1..8)).prop_map(|(when, tax, rows)| Freight { when: When { valid: 0, ..when }, tax, rows })
}

fn groups() -> impl Strategy<Value = Group> {
    let mode = prop_oneof![10 => Just("best"), 12 => Just("stack"), 13 => Just("exclusive")];
    let exclusive =
        [vec!["", "order", "line", "line", "line", "line", "line", "line"], vec!["", "best", "priority", "priority"]].map(select);
    (mode, select(vec!["line", "set", "order", "coupon"]), exclusive).prop_map(|(mode, stage, exclusive)| Group { mode, stage, exclusive })
}

fn budget() -> impl Strategy<Value = Budget> {
    let amount = || prop_oneof![6 => 1..500_i64, 3 => 500..3_000_i64, 1 => 3_000..60_000_i64, 2 => select(vec![500_i64, 1_000, 5_000])];
    let used = prop_oneof![4 => Just(None), 3 => (1..60_i64).prop_map(Some), 1 => amount().prop_map(Some)];
    (amount(), used, any::<bool>()).prop_map(|(amount, used, version)| Budget { amount, used, version })
}

/// One limit at least, and what is used of it.
fn limit() -> impl Strategy<Value = Limit> {
    let most = || prop::option::weighted(0.5, 1..4_u32);
    let used = || prop::option::weighted(0.4, 0..4_u32);
    (most(), most(), most(), [used(), used()], 0..3_usize).prop_map(|(order, dealer, total, used, least)| {
        let mut most = [order, dealer, total];
        most[least].get_or_insert(1);
        Limit { most, used }
    })
}

fn promotion() -> impl Strategy<Value = Promotion> {
    let amount = prop_oneof![1..3_000_i64, (1..6_i64, select(vec![500_i64, 1_000, 2_500, 10_000, 20_000])).prop_map(|(n, unit)| n * unit)];
    let shape = prop_oneof![5 => Just(Shape::Plain), 5 => Just(Shape::At), 2 => Just(Shape::Each), 4 => Just(Shape::Steps)];
    let threshold = (shape, any::<bool>(), amount, prop_oneof![1..8_i64, 1..25_i64], prop::option::of(1..4_u32));
    let gives = (prop::collection::vec(benefit(), 1..4), prop::option::weighted(0.4, 1..6_i64));
    let runs = (
        prop_oneof![6 => 0..2_usize, 6 => 2..7_usize],
        -1..2_i32,
        select(vec!["running", "stage_input", "original"]),
        prop_oneof![4 => Just(""), 5 => select(vec!["line", "set", "order", "coupon"])],
    );
    let bounds = (
        prop_oneof![5 => Just(0_u8), 1 => select(vec![1_u8, 2, 4, 3, 5, 6, 7])],
        prop::option::weighted(0.2, limit()),
        prop_oneof![3 => Just(2_usize), 2 => 0..2_usize],
        (select(vec!["per_step", "per_step", "pro_rata", "exact", "exact"]), select(vec!["", "inclusive", "exclusive"])),
        (any::<bool>(), prop::bool::weighted(0.3), prop::option::weighted(0.8, combo())),
    );
    (on(), when(true), threshold, gives, runs, bounds).prop_map(
        |(
            on,
            when,
            (shape, by_quantity, amount, quantity, times),
            (benefits, max_units),
            (group, priority, base, stage),
            (coupon, limit, budget, (count, threshold_tax), (counts_boxes, net_lines, combo)),
        )| {
            let mut promotion = Promotion {
                on,
                when,
                shape,
                by_quantity,
                amount,
                quantity,
                times,
                benefits,
                max_units,
                group,
                priority,
                base,
                stage,
                coupon,
                limit,
                budget,
                threshold_tax,
                count,
                counts_boxes,
                net_lines,
                combo,
                earns: None,
                extra: Extra::default(),
            };
            make_countable(&mut promotion);
            promotion
        },
    )
}

/// What can count several times often does, amounts with a limit have a budget too, and steps of gifts give different ones.
fn make_countable(promotion: &mut Promotion) {
    let is_gift = matches!(promotion.benefits[0], Benefit::Gift(_));
    let is_limited = promotion.limit.is_some() && matches!(promotion.benefits[0], Benefit::AmountOff(_));
    if is_limited {
        promotion.budget = usize::from(promotion.by_quantity);
    }
    if promotion.count == "per_step" && promotion.priority < 0 {
        promotion.count = "exact";
    }
    match promotion.shape {
        Shape::Plain | Shape::At if is_limited || (is_gift && promotion.quantity % 3 != 0) => {
            promotion.shape = Shape::Each;
            promotion.by_quantity |= promotion.quantity % 4 != 0;
            promotion.quantity = 1 + promotion.quantity % 3;
        }
        Shape::Steps if is_gift => {
            for (step, benefit) in promotion.benefits.iter_mut().enumerate().skip(1) {
                if let Benefit::AmountOff(amount) | Benefit::Percent(amount) = *benefit {
                    let units = [1, 1 + amount % 2, 2];
                    *benefit = Benefit::Gift(Gift { first: step, units, items: 2, choose: 1 });
                }
            }
        }
        Shape::Steps if promotion.quantity % 3 == 1 => match promotion.benefits[0] {
            Benefit::Percent(amount) if !promotion.by_quantity => promotion.benefits[0] = Benefit::AmountOff(1 + amount % 1_000),
            Benefit::PerUnitOff(amount, _) => promotion.benefits[0] = Benefit::AmountOff(1 + amount % 1_000),
            _ => {}
        },
        _ => {}
    }
}

fn combo() -> impl Strategy<Value = Combo> {
    let parts = prop_oneof![3 => Just(0_usize), 4 => Just(1), 1 => Just(2)].prop_flat_map(|parts| prop::collection::vec(on(), parts));
    let quantity = || (1..4_i64, prop::option::weighted(0.7, prop_oneof![3 => Just(0_i64), 2 => 1..3_i64]));
    let price = prop_oneof![1 => 1..2_000_i64, 2 => 1_000..20_000_i64];
    (parts, [quantity(), quantity(), quantity()], prop::option::weighted(0.3, 1..3_i64), price)
        .prop_map(|(parts, quantities, times, price)| Combo { parts, quantities, times, price })
}

fn benefit() -> impl Strategy<Value = Benefit> {
    let percent = prop_oneof![
        6 => (1..=25_i64).prop_map(|percent| percent * 10_000),
        1 => 1..=1_000_000_i64,
        1 => 1..100_i64,
        1 => select(vec![1_000_000_i64, 333_333, 125_000, 500_000]),
    ];
    let amount = || prop_oneof![1 => 1..10_i64, 3 => 10..1_000_i64, 2 => select(vec![100_i64, 500, 1_000, 5_000, 20_000])];
    prop_oneof![
        7 => percent.prop_map(Benefit::Percent),
        4 => amount().prop_map(Benefit::AmountOff),
        7 => (prop_oneof![1..200_i64, amount()], 0..10_i64).prop_map(|(amount, extra)| Benefit::PerUnitOff(amount, extra)),
        6 => (0..6_usize, [1..4_i64, 1..4_i64, 1..4_i64], 1..4_usize, 1..4_usize)
            .prop_map(|(first, units, items, choose)| Benefit::Gift(Gift { first, units, items, choose })),
    ]
}

pub(super) fn on() -> impl Strategy<Value = On> {
    let fields = prop_oneof![4 => Just(0_u8), 6 => Just(2_u8), 1 => Just(1), 1 => Just(4), 1 => Just(8), 1 => Just(16), 1 => Just(32), 2 => 0..64_u8];
    (0..6_usize, fields, prop_oneof![3 => Just(2_usize), 1 => 0..3_usize], 0..6_usize, prop_oneof![5 => Just(0_u8), 1 => 0..64_u8])
        .prop_map(|(anchor, fields, up, other, except)| On { anchor, fields, up, other, except })
}

/// Conditions; programs have none on the order.
pub(super) fn when(with_source: bool) -> impl Strategy<Value = When> {
    let sources = if with_source { vec!["portal", "[portal, app]", "app"] } else { vec![""] };
    (
        prop_oneof![6 => Just(0_usize), 1 => 0..AUDIENCES.len()],
        prop_oneof![8 => Just(""), 1 => select(sources)],
        prop_oneof![6 => Just(0_usize), 1 => 0..VALID.len()],
    )
        .prop_map(|(dealer, source, valid)| When { dealer, source, valid })
}

fn order() -> impl Strategy<Value = Order> {
    let quantity = (prop_oneof![3 => 1..8_i64, 1 => 1..30_i64], prop_oneof![1 => Just(0_i64), 1 => 1..1000_i64, 1 => Just(500_i64)]);
    let id = prop_oneof![
        150 => Just(Id::Missing),
        20 => Just(Id::Same),
        60 => select(vec!["9", "10", "B", "a", "中"]).prop_map(Id::Own),
        17 => Just(Id::Shared),
    ];
    let unit = prop_oneof![4 => Just(0_usize), 1 => Just(1_usize), 3 => 2..4_usize];
    let line = (0..6_usize, quantity, id, unit, prop::bool::weighted(0.94));
    let line = line.prop_map(|(product, quantity, id, unit, exact)| Line { product, quantity, id, unit, exact, customer: None });
    let lines = prop_oneof![60 => prop::collection::vec(line.clone(), 2..11), 1 => prop::collection::vec(line, 0..1)];
    let coupons = prop_oneof![1 => Just(Vec::new()), 3 => prop::sample::subsequence((0..CODES.len()).collect::<Vec<_>>(), 1..CODES.len()).prop_shuffle()];
    let choices = prop::collection::vec(prop::option::weighted(0.4, 0..16_u8), 12);
    let regions: Vec<&str> = REGIONS.iter().map(|(id, _)| *id).collect();
    let redeem = prop_oneof![
        2 => Just(Redeem::Nothing),
        2 => Just(Redeem::Max),
        2 => (0..20_000_i64).prop_map(Redeem::Amount),
        1 => select(vec![500_i64, 1_000, 1_500, 5_000]).prop_map(Redeem::Amount),
    ];
    let source = prop::option::weighted(0.7, select(vec!["portal", "app", "phone"]));
    let delivery = prop_oneof![3 => Just(""), 1 => Just("drop_ship"), 1 => Just("pick_up")];
    let to = (prop::option::weighted(0.4, select(regions)), prop::option::weighted(0.3, select(CUSTOMERS.to_vec())), delivery);
    let decline = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(0..14_usize, 1..4)];
    (source, to, redeem, lines, coupons, choices, decline).prop_map(
        |(source, (ship_to, customer, delivery), redeem, lines, coupons, choices, decline)| Order {
            source,
            ship_to,
            customer,
            delivery,
            deliver: None,
            redeem,
            lines,
            coupons,
            choices,
            decline,
        },
    )
}
