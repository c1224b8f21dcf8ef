//! Registered prices, approved adjustments, quantities that may be bought, deliveries and what is earned: how they are written, and how likely they are.

use super::*;
use proptest::prelude::*;
use proptest::sample::select;

/// A table of registered prices.
#[derive(Debug, Clone)]
pub struct Registered {
    pub kind: &'static str,
    pub by: &'static [&'static str],
    /// Empty for none.
    pub period: &'static str,
    /// The access that it stands before.
    pub before: usize,
    pub when: When,
    pub records: Vec<Record>,
}

#[derive(Debug, Clone)]
pub struct Record {
    /// Where in each axis the key is.
    pub at: [usize; 3],
    /// Position in [`NUMBERS`].
    pub number: usize,
    pub approver: bool,
    /// Position in [`CUSTOMERS`].
    pub customer: Option<usize>,
    pub limits: [Option<i64>; 2],
    pub scale: Scale,
}

/// What is used of every product of a registration, in all and in the present periods.
#[derive(Debug, Clone, Copy)]
pub struct Used {
    pub all: Option<i64>,
    pub period: Option<i64>,
}

/// An adjustment of a line of the order, or of one that it does not have; in minor units or units of 0.0001 %.
#[derive(Debug, Clone, Copy)]
pub struct Adjusted {
    pub line: usize,
    pub amount: Option<i64>,
    pub percent: i64,
}

/// What may be bought in a period, and what was.
#[derive(Debug, Clone)]
pub struct Purchases {
    /// Empty for the default.
    pub period: &'static str,
    /// First day of the fiscal year; empty for none.
    pub year_start: &'static str,
    /// Of each product, and whether in the present period.
    pub bought: Vec<(usize, i64, bool)>,
}

/// A row of a formula: where in each axis its key is, and in units of 0.0001 % and minor units what it has of its own.
#[derive(Debug, Clone)]
pub struct Factor {
    pub at: [usize; 2],
    pub percent: Option<i64>,
    pub amount: Option<i64>,
}

const NUMBERS: [&str; 4] = ["BB-9", "BB-10", "号", "b"];
const APPROVERS: [&str; 2] = ["王芳", "李总"];
const ADJUSTMENTS: [&str; 4] = ["T9", "T10", "调", "t"];
const REGISTERED_KEYS: [&[&str]; 6] =
    [&["dealer", "sku"], &["sku"], &["region", "sku"], &["sku", "grade"], &["dealer_group", "sku"], &["category", "sku"]];
const FACTOR_KEYS: [&[&str]; 7] =
    [&["grade"], &["channel"], &["region", "category"], &["sku"], &["dealer", "brand"], &["dealer_group"], &["region"]];
const OTHER_FACTOR_KEYS: [&[&str]; 7] =
    [&["grade"], &["channel"], &["region", "category"], &["category"], &["dealer", "brand"], &["dealer_group"], &["region"]];

impl Purchases {
    pub const NONE: Purchases = Purchases { period: "", year_start: "", bought: Vec::new() };
}

impl World {
    /// The tables that stand before an access, as entries of the list and as files.
    pub(super) fn registered(&self, before: usize) -> Vec<(String, String, Vec<String>)> {
        let places = self.prices.len() + 2;
        let own = self.registered.iter().enumerate().filter(|(_, table)| table.before % places == before);
        let written = |(index, table): (usize, &Registered)| {
            let Registered { kind, by, period, when, .. } = table;
            let columns = by.join(",");
            let period_text = if period.is_empty() { String::new() } else { format!("period: {period}, ") };
            let entry = format!(
                "  - {{ id: reg{index}, {}by: [{}], registered: {kind}, {period_text}table: reg{index}.csv }}\n",
                self.when(&When { valid: 0, ..when.clone() }),
                by.join(", ")
            );
            let header = format!(
                "registration,approver,customer,limit,period_limit,{columns},price,unit,per,from_quantity,to_quantity,flags,valid\n"
            );
            (entry, header, self.registered_rows(table))
        };
        own.map(written).collect()
    }

    fn registered_rows(&self, table: &Registered) -> Vec<String> {
        let mut rows = Vec::new();
        for (key, record) in self.records(table) {
            let quantity = |value: Option<i64>| value.map_or(String::new(), |value| self.quantity(value));
            let [limit, period_limit] = record.limits;
            let own = format!(
                "{},{},{},{},{}",
                NUMBERS[record.number],
                if record.approver { APPROVERS[record.number % 2] } else { "" },
                record.customer.map_or("", |at| CUSTOMERS[at]),
                quantity(limit),
                quantity(period_limit.filter(|_| !table.period.is_empty()))
            );
            rows.extend(self.scale_rows(&format!("{own},{key}"), &record.scale, Scaling::PLAIN, true));
        }
        rows
    }

    /// The records of a table, each number once for a key.
    fn records<'w>(&self, table: &'w Registered) -> Vec<(String, &'w Record)> {
        let mut list: Vec<(String, &Record)> = Vec::new();
        for record in &table.records {
            let value = |axis: &str, at: usize| match axis {
                "sku" => self.sku_in_table(record.number, at % self.products.len()),
                axis => self.axis_value(axis, at),
            };
            let key = table.by.iter().zip(record.at).map(|(axis, at)| value(axis, at)).collect::<Vec<_>>().join(",");
            if !list.iter().any(|(own, other)| *own == key && other.number == record.number) {
                list.push((key, record));
            }
        }
        list
    }

    /// What the facts say of registrations.
    pub(super) fn registrations(&self) -> Vec<Value> {
        let mut known: Vec<(usize, usize)> = Vec::new();
        for table in &self.registered {
            let sku = table.by.iter().position(|axis| *axis == "sku").expect("a sku");
            known.extend(self.records(table).iter().map(|(_, record)| (record.number, record.at[sku] % self.products.len())));
        }
        known.sort_unstable();
        known.dedup();
        if known.is_empty() {
            return Vec::new();
        }
        let labels = ["month", "quarter", "half", "year"].map(|period| self.label_of(period));
        let fact = |(number, product): (usize, usize)| {
            let Used { all, period } = *self.used.get(number + product)?;
            let mut fact = json!({ "registration": NUMBERS[number], "sku": SKUS[product] });
            if let Some(all) = all {
                fact["used"] = json!(self.quantity(all));
            }
            for label in &labels {
                if let Some(period) = period {
                    fact["periods"][label] = json!(self.quantity(period));
                }
            }
            Some(fact)
        };
        known.into_iter().filter_map(fact).collect()
    }

    pub(super) fn adjustments(&self) -> Vec<Value> {
        let fact = |(adjusted, id): (&Adjusted, &str)| {
            let line = self.order.lines.get(adjusted.line).map_or("nobody".to_owned(), |line| self.line_id(line));
            let mut fact = json!({ "id": id, "line": line, "approver": APPROVERS[adjusted.line % 2], "reason": "" });
            match adjusted.amount {
                Some(amount) => fact["amount"] = json!(self.money(amount)),
                None => fact["percent"] = json!(decimal(adjusted.percent, 4)),
            }
            fact
        };
        self.adjustments.iter().zip(ADJUSTMENTS).map(fact).collect()
    }

    pub(super) fn bought(&self) -> Vec<Value> {
        let label = self.bought_label();
        let mut seen = Vec::new();
        let fact = |(product, quantity, is_present): &(usize, i64, bool)| {
            let key = (product % self.products.len(), *is_present);
            let is_new = !seen.contains(&key);
            seen.push(key);
            let label = if *is_present { label.as_str() } else { "2025-01" };
            is_new.then(|| json!({ "sku": SKUS[key.0], "period": label, "quantity": self.quantity(*quantity) }))
        };
        self.purchases.bought.iter().filter_map(fact).collect()
    }

    /// Label of the policy's period of purchases.
    pub(super) fn bought_label(&self) -> String {
        match self.purchases.period {
            "lifetime" => "lifetime".to_owned(),
            "" => self.purchase_label("month"),
            period => self.purchase_label(period),
        }
    }

    /// Label of the period of purchases that the quote falls into.
    fn purchase_label(&self, period: &str) -> String {
        let start = self.purchases.year_start;
        if start.is_empty() { self.label_of(period) } else { self.label_from(period, Some(start)) }
    }

    /// The rows of a formula, each key once.
    pub(super) fn factors(&self, formula: &Formula) -> String {
        // The rows of a table by other keys may be for units that a product does not have.
        let by = if formula.of_own { FACTOR_KEYS } else { OTHER_FACTOR_KEYS }[formula.by % FACTOR_KEYS.len()];
        let mut keys: Vec<String> = Vec::new();
        let mut rows = Vec::new();
        for Factor { at, percent, amount } in &formula.factors {
            let parts = by.iter().zip(at).map(|(axis, at)| format!("{axis}: {}", self.axis_value(axis, *at)));
            let key = parts.collect::<Vec<_>>().join(", ");
            if !keys.contains(&key) {
                let percent = percent.map_or(String::new(), |percent| format!(", percent: {}", decimal(percent, 4)));
                let amount = amount.map_or(String::new(), |amount| {
                    format!(", amount: {}", decimal(amount.max(formula.round_to.unwrap_or(1)), self.digits()))
                });
                rows.push(format!("{{ {key}{percent}{amount} }}"));
                keys.push(key);
            }
        }
        if rows.is_empty() { String::new() } else { format!(", rows: [{}]", rows.join(", ")) }
    }

    /// What a promotion gives for later instead of its benefit, where its group lets it.
    pub(super) fn earns(&self, p: &Promotion) -> Option<u32> {
        let stacks = self.groups.get(p.group).is_none_or(|group| ["stack", "always"].contains(&group.mode));
        p.earns.filter(|_| stacks && !self.takes_freight(p) && p.shape != Shape::Steps && p.combo.is_none())
    }
}

/// What is added to worlds here.
#[derive(Debug, Clone)]
pub struct More {
    registered: Vec<Registered>,
    used: Vec<Used>,
    customers: Vec<Option<usize>>,
    adjustments: Vec<Adjusted>,
    /// Of each product: whether its multiple is a step, what it may be more than the minimum in one order, and the most in a period.
    quantities: Vec<(bool, Option<i64>, Option<i64>)>,
    purchases: Purchases,
    by_delivery: bool,
    deliver: Option<&'static str>,
    earns: Vec<Option<u32>>,
}

impl More {
    pub fn into(self, mut world: World) -> World {
        let More { registered, used, customers, adjustments, quantities, purchases, by_delivery, deliver, earns } = self;
        if !registered.is_empty() {
            world.order.lines.iter_mut().zip(customers).for_each(|(line, customer)| line.customer = customer);
        }
        for (product, (is_step, most, in_period)) in world.products.iter_mut().zip(quantities) {
            product.is_step = is_step;
            product.max_order = most.map(|most| product.min_quantity.unwrap_or(0) + most);
            product.max_period = in_period;
        }
        world.promotions.iter_mut().zip(earns).for_each(|(promotion, earns)| promotion.earns = earns);
        world.settings.by_delivery = by_delivery;
        world.order.deliver = deliver;
        World { registered, used, adjustments, purchases, ..world }
    }
}

/// Registered tables in some worlds, adjustments in others.
pub fn more() -> impl Strategy<Value = More> {
    let registered = prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(registered(), 1..4)];
    let used = (prop::option::of(0..12_i64), prop::option::of(0..6_i64)).prop_map(|(all, period)| Used { all, period });
    let customers = prop::collection::vec(prop::option::weighted(0.3, 0..2_usize), 11);
    let amount = prop_oneof![1..200_i64, 200..5_000_i64, 5_000..60_000_i64];
    let percent = prop_oneof![3 => (1..=40_i64).prop_map(|part| part * 25_000), 1 => 1..=1_000_000_i64, 1 => 1..30_i64];
    let adjusted = (0..7_usize, prop::option::of(amount), percent).prop_map(|(line, amount, percent)| Adjusted { line, amount, percent });
    let adjustments = prop_oneof![4 => Just(Vec::new()), 1 => prop::collection::vec(adjusted, 1..5)];
    let quantity = (any::<bool>(), prop::option::weighted(0.15, 1..20_i64), prop::option::weighted(0.15, 1..30_i64));
    let bought = prop::collection::vec((0..6_usize, 1..20_i64, prop::bool::weighted(0.8)), 0..6);
    let purchases =
        (select(vec!["", "", "month", "quarter", "half", "year", "lifetime"]), select(vec!["", "", "04-01", "11-21", "12-26"]), bought)
            .prop_map(|(period, year_start, bought)| Purchases {
                period,
                year_start: if period == "lifetime" { "" } else { year_start },
                bought,
            });
    let days = vec!["2026-11-20", "2026-11-21", "2026-11-22", "2026-12-01", "2027-01-02", "2026-07-01"];
    let delivery = (prop::bool::weighted(0.25), prop::option::weighted(0.4, select(days)));
    let earns = prop::collection::vec(prop::option::weighted(0.15, 1..4_u32), 13);
    (registered, prop::collection::vec(used, 12), customers, adjustments, prop::collection::vec(quantity, 6), purchases, delivery, earns)
        .prop_map(|(registered, used, customers, adjustments, quantities, purchases, (by_delivery, deliver), earns)| More {
            registered,
            used,
            customers,
            adjustments,
            quantities,
            purchases,
            by_delivery,
            deliver,
            earns,
        })
}

fn registered() -> impl Strategy<Value = Registered> {
    let limits = [prop::option::weighted(0.7, 1..25_i64), prop::option::weighted(0.4, 1..12_i64)];
    let record = (
        [0..12_usize, 0..12_usize, 0..12_usize],
        0..NUMBERS.len(),
        prop::bool::weighted(0.4),
        prop::option::weighted(0.4, 0..2_usize),
        limits,
        strategy::scale(),
    );
    let record = record.prop_map(|(at, number, approver, customer, limits, scale)| Record {
        at,
        number,
        approver,
        customer,
        limits,
        scale: Scale { unit: 0, ..scale },
    });
    let when = prop_oneof![4 => Just(When { dealer: 0, source: "", valid: 0 }), 1 => strategy::when(true)];
    let period = select(vec!["", "month", "quarter", "half", "year"]);
    (
        select(vec!["contract", "quotation", "special"]),
        select(REGISTERED_KEYS.to_vec()),
        period,
        0..6_usize,
        when,
        prop::collection::vec(record, 5..20),
    )
        .prop_map(|(kind, by, period, before, when, records)| Registered { kind, by, period, before, when, records })
}

/// Rows of a formula in a few.
pub fn factors() -> impl Strategy<Value = (usize, Vec<Factor>)> {
    let percent = prop::option::weighted(0.7, select(vec![0_i64, 100_000, -100_000, 250_000, -333_333]));
    let row = ([0..12_usize, 0..12_usize], percent, prop::option::weighted(0.4, 1..300_i64));
    let row = row.prop_map(|(at, percent, amount)| Factor { at, percent, amount });
    (0..FACTOR_KEYS.len(), prop_oneof![1 => Just(Vec::new()), 1 => prop::collection::vec(row, 1..5)])
}
