//! Every ceiling, with its reason. Beyond one of them an input is refused with a typed fault, never cut.

/// Lines of one order, before equal ids are merged: ten times the longest pasted list we know of stays within a phone's memory.
pub const ORDER_LINES: usize = 10_000;
/// Characters of an id: fits every ERP's item code, keeps fault messages readable.
pub const ID_CHARS: usize = 64;
/// Keys of one object of an input: far above any honest one, few enough to compare each with all.
pub const KEYS: usize = 1_000;
/// Custom attributes of an order or of facts: they are hashed, so they cost.
pub const ATTRIBUTES: usize = 64;
/// Custom attributes that a policy declares: each is an axis of every condition.
pub const POLICY_ATTRIBUTES: usize = 64;
/// A custom attribute that is a number, at 10⁻⁶, above and below zero.
pub const ATTRIBUTE_NUMBER: i64 = 100_000_000_000_000_000;
/// Ranges that conditions name of one attribute: as many spans, about twice, are values.
pub const ATTRIBUTE_RANGES: usize = 1_000;
/// Characters of an attribute's value.
pub const ATTRIBUTE_CHARS: usize = 1_000;
/// Volume entries of dealer facts: programs × periods that a dealer can be in.
pub const FACT_VOLUMES: usize = 1_000;
/// SKUs or categories that one volume of dealer facts tells apart, and that something can need of a program.
pub const COVERED: usize = 20_000;
/// Tiers of a program: more than any table of rates has.
pub const TIERS: usize = 100;
/// Price rises that a program knows of.
pub const PRICE_RISES: usize = 10;
/// Lots that a policy lets pay for one order, and promotions beside which none does.
pub const REDEEM_LOTS: u32 = 1_000;
/// What a month of a forecast weighs.
pub const FORECAST_WEIGHT: u32 = 10_000;
/// Windows of a program: weeks of ten years.
pub const PERIODS: usize = 520;
/// Modifiers of a program: each multiplies what must fit 128 bits.
pub const MODIFIERS: usize = 8;
/// Requirements of a program.
pub const REQUIREMENTS: usize = 20;
/// Figures of dealers that a policy knows, and that facts carry.
pub const KPIS: usize = 100;
/// A figure of a dealer's, at 10⁻⁴.
pub const KPI: i64 = 10_000_000_000_000;
/// Programs that facts list a dealer in.
pub const FACT_PROGRAMS: usize = 500;
/// Parts of a rebate that several parties get.
pub const SPLITS: usize = 10;
/// Coupon codes of one order: more than anybody holds for one purchase.
pub const COUPONS: usize = 20;
/// Parts of a combo: a combo of more would be found in no shop.
pub const COMBO_PARTS: usize = 8;
/// How many times the smallest common measure of steps the highest may be, where the best of them are taken: rounder steps are never more.
pub const STEP_PROPORTION: i64 = 100;
/// Units of one part of a combo: some pallets.
pub const COMBO_UNITS: u32 = 10_000;
/// Promotions of one best group that make combos: each can have any unit, so what is tried grows with all of them.
pub const COMBO_RIVALS: usize = 50;
/// Parts of one condition of a promotion: more is a list, for which there are tags and attributes.
pub const CLAUSES: usize = 100;
/// The same with one part for each field of a dealer or an order: the most that any of them has, beside the custom attributes, is four.
pub const CLAUSE_PARTS: i64 = 7_000;
/// How deep conditions are nested: deeper ones nobody reads.
pub const CLAUSE_DEPTH: usize = 8;
/// Sources that dealer facts count the orders of.
pub const FACT_SOURCES: usize = 100;
/// Tags that promotions do not combine with: each is a bit.
pub const TAGS: usize = 60;
/// Items that the gifts of one step are chosen from.
pub const GIFT_ITEMS: usize = 100;
/// Promotions of one order that gifts are chosen for.
pub const GIFT_CHOICES: usize = 100;
/// Promotions that one order declines.
pub const DECLINED: usize = 100;
/// Changed orders that one search for hints may price: some seconds of work.
pub const HINT_QUOTES: u32 = 10_000;
/// Hints of one answer: more than anybody reads.
pub const HINTS: usize = 50;
/// Equal alternatives of one answer: more would be no choice.
pub const ALTERNATIVES: usize = 8;
/// Whole units that are tried above the least that a hint takes, until one fits the packs of the product.
pub const HINT_UNITS: i64 = 10_000;
/// Times that a hint's line is raised until its goal is reached: each prices the order again.
pub const HINT_ROUNDS: usize = 8;
/// Products that are tried for a part of a combo that the order has nothing for.
pub const HINT_PRODUCTS: usize = 4;
/// Scopes of lots of one policy.
pub const LOT_SCOPES: usize = 100;
/// Lines of which one more pack is priced for what programs count of it: what a page can show, at the cost of as many quotes.
pub const HINT_PACKS: usize = 20;
/// Promotions that dealer facts carry the usage of.
pub const FACT_USAGE: usize = 500;
/// Products that dealer facts carry the usage of one promotion of.
pub const FACT_SKUS: usize = 500;
/// Budgets that dealer facts carry the state of.
pub const FACT_BUDGETS: usize = 200;
/// Lots of rebate in dealer facts: some years of monthly ones from every program.
pub const FACT_LOTS: usize = 1_000;
/// Registrations and products that dealer facts tell the use of: those of a dealer that are running.
pub const FACT_REGISTRATIONS: usize = 2_000;
/// Periods that dealer facts tell the use of a registration in: ten years of months.
pub const FACT_PERIODS: usize = 120;
/// Approved adjustments in dealer facts: a few, each for a line of the order.
pub const FACT_ADJUSTMENTS: usize = 200;
/// Faults reported for one input; the rest is counted in the last one.
pub const FAULTS: usize = 100;
/// Depth of nesting of an input: the deepest honest one has 5 levels.
pub const DEPTH: usize = 32;
/// Levels of a tree of regions or categories.
pub const TREE_DEPTH: usize = 16;
/// An amount, in minor units: sums of 10 000 lines of it still fit 64 bits.
pub const MONEY: i64 = 100_000_000_000_000;
/// Base units that one price can be for.
pub const PER: u32 = 1_000_000;
/// A quantity, as an integer at the policy's quantity scale.
pub const QUANTITY: i64 = 1_000_000_000_000;
/// Dealers whose context an engine remembers between questions: those who type at the same moment at one edge; each takes a few kilobytes.
pub const CONTEXTS: usize = 16;
/// Entries of an assortment: each is tried for each line of an order.
pub const LISTINGS: usize = 1_000;
/// Days for which a grant goes on when its grade is lost: ten years.
pub const NOTICE_DAYS: u32 = 3_660;
/// Grants of territory: each is compared with each where a dealer is told where he may deliver.
pub const GRANTS: usize = 2_000;
/// Months of a transition from an old policy, before and while it fades: nobody keeps old rights longer.
pub const TRANSITION_MONTHS: u32 = 120;
/// Checks of a policy: each is tried for each order.
pub const CHECKS: usize = 500;
/// Minutes that facts may be old: ten years.
pub const FACTS_AGE_MINUTES: u32 = 5_256_000;
/// Times the recommended price that a corridor may reach to.
pub const CORRIDOR: i128 = 10;
/// Guards of one answer for which lines are sought without which it passes.
pub const REMOVALS: usize = 8;
/// Rounds in which lines are sought without which an order passes: each prices it again.
pub const REMOVAL_ROUNDS: usize = 8;
/// Items that are overdue in dealer facts: single invoices of a dealer in trouble, or buckets of them.
pub const FACT_OVERDUE: usize = 200;
/// Days that something can be overdue: a hundred years.
pub const OVERDUE_DAYS: usize = 36_500;
/// Products and warehouses that dealer facts tell the stock of: what the dealer can order, not the whole catalogue.
pub const FACT_STOCK: usize = 20_000;
/// Products and periods that dealer facts tell the purchases of.
pub const FACT_BOUGHT: usize = 20_000;
/// Units that a dealer sells of a product in a day, at 10⁻⁶: a billion.
pub const DAILY: i64 = 1_000_000_000_000_000;
/// Days until an order arrives: ten years.
pub const LEAD_DAYS: usize = 3_650;
/// Rounds in which lines that are blocked are dropped: each prices the rest again.
pub const DROP_ROUNDS: usize = 8;
/// Licences in dealer facts.
pub const FACT_LICENCES: usize = 200;
/// Tables of freight: each is tried for each order.
pub const FREIGHT_TABLES: usize = 100;
/// Rows of all tables of freight together: thousands of districts with some bands each.
pub const FREIGHT_ROWS: usize = 20_000;
/// Points that one base unit counts as.
pub const POINTS: i64 = 1_000_000;
/// A weight, in milligrams: a hundred thousand tonnes.
pub const WEIGHT: i64 = 100_000_000_000_000;
/// Items of one catalogue page.
pub const CATALOG_PAGE: usize = 200;
/// Gaps in time that a slice tells apart when it looks for records of a product that can never be met; beyond it some of those stay.
pub const SLICE_INTERVALS: usize = 100;
/// Occurrences of one validity that recurs: every day for as many years as calendars are compiled.
pub const OCCURRENCES: usize = 10_000;
/// Occurrences of all validities that recur: some megabytes of a bundle.
pub const ALL_OCCURRENCES: usize = 500_000;
/// Rows of factors of one price formula: grades times categories.
pub const FORMULA_ROWS: usize = 200;
/// Bytes of a bundle: what a browser tab loads without trouble; a slice is far smaller.
pub const BUNDLE_BYTES: usize = 256 * 1024 * 1024;
/// Elements of one column of a bundle; keeps every index within 32 bits.
pub const COLUMN: usize = 32_000_000;
/// Steps that one search for the best combination may be given: some seconds of work.
pub const SEARCH_STEPS: u32 = 1_000_000;
/// Rows of a sheet of an XLSX workbook: 100,000 of a table, with titles above them. Longer tables are CSV.
pub const SHEET_ROWS: usize = 100_100;
/// Columns of a sheet: as many as a spreadsheet program has.
pub const SHEET_COLUMNS: usize = 16_384;
/// Bytes that one part of a workbook may unpack to, and that a sheet may hold as text: ten times an honest one of the most rows.
pub const SHEET_BYTES: usize = 256 * 1024 * 1024;
/// Bytes of one file of a policy: ten times a price table of a million rows.
pub const FILE_BYTES: u64 = 512 * 1024 * 1024;
/// What a unit of another currency counts for, at 10⁻⁸: a million.
pub const RATE: i64 = 100_000_000_000_000;
/// Places of a contest that win prizes.
pub const CONTEST_PLACES: u32 = 1_000;
/// Standings in contests in the facts of one dealer.
pub const FACT_CONTESTS: usize = 200;
/// Ranks before a dealer's own in a standing.
pub const RANKS_AHEAD: usize = 10;
/// KPIs of a scorecard.
pub const SCORE_KPIS: usize = 64;
/// Points of anything on a scorecard.
pub const SCORE_POINTS: i64 = 1_000;
/// A figure of a KPI, above and below zero.
pub const SCORE_FIGURE: i64 = 1_000_000_000_000;
/// Months of a scorecard.
pub const SCORE_MONTHS: u32 = 120;
/// Dealers that one table of scores rates.
pub const SCORE_DEALERS: usize = 100_000;
