//! Settlement (§42): transactions one by one, and each statement from its rows.

use super::counted::left_out;
use super::exact::{Exact, number, text, whole};
use super::overlap::{Paid, counted};
use super::pay::{Entry, Units, Volume, different};
use super::period::{self, Window};
use super::split::split;
use super::transition::Joined;
use super::{Question, formula, recurrence};
use qudao::calendar::{self, Zone};
use qudao::num::Number;
use qudao::policy::{Basis, DecidedBy, Policy, PriceKind, Program, TaxBasis};
use qudao::time::{Instant, Interval};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What was stated, in minor units, by dealer, program, label of the window and party.
pub type Stated = BTreeMap<[String; 4], i128>;

/// What came of the rows.
pub struct Settled {
    pub statements: Vec<Value>,
    /// Rows, and of these counted, uncounted, later and refused ones.
    pub counts: [usize; 5],
    /// Line and code.
    pub refused: Vec<(usize, &'static str)>,
}

/// A row that is not refused.
struct Row<'a> {
    dealer: &'a str,
    at: Instant,
    sku: &'a str,
    kind: &'a str,
    /// Days of order, delivery and payment, and when it was booked.
    days: [Option<Instant>; 4],
    quantity: Exact,
    net: Exact,
    list: Option<Exact>,
    gross: Option<Exact>,
    untaxed: Option<Exact>,
    /// Each column with its cell.
    cells: Vec<(String, &'a str)>,
}

impl<'a> Row<'a> {
    /// Blank is none.
    fn cell(&self, name: &str) -> Option<&'a str> {
        self.cells.iter().find(|(column, cell)| column == name && !cell.is_empty()).map(|(_, cell)| *cell)
    }

    fn field(&self, id: Option<&str>) -> Option<&'a str> {
        self.cell(&id.map_or("source".to_owned(), |id| format!("order.{id}")))
    }

    fn kinds(&self) -> Vec<PriceKind> {
        let words = self.cell("price").unwrap_or_default().split_whitespace();
        words.map(|word| PriceKind::ALL.into_iter().find(|kind| kind.word() == word).expect("a kind")).collect()
    }

    /// §67.4: what a program asks for and the row does not say.
    fn lacks(&self, policy: &Policy, program: &Program) -> Option<&'static str> {
        let has = |name: &str| self.cells.iter().any(|(column, _)| column == name);
        for part in [Some(&program.orders), program.orders.except.as_deref()].into_iter().flatten() {
            if part.source.is_some() && !has("source") {
                return Some("ORDER_MISSING");
            }
            for id in part.attributes.keys() {
                let column = format!("order.{id}");
                if !has(&column) {
                    return Some("ORDER_MISSING");
                }
                let listed = policy.attributes.iter().find(|attribute| attribute.id == *id).and_then(|known| known.values.as_ref());
                let (Some(listed), Some(text)) = (listed, self.cell(&column)) else { continue };
                if listed.iter().all(|value| value.id != text) {
                    return Some("ORDER_UNKNOWN");
                }
            }
        }
        if !program.prices.except.is_empty() && !has("price") {
            return Some("PRICE_MISSING");
        }
        let blank = match (program.basis, policy.settings.tax.map(|tax| tax.basis)) {
            (Basis::Untaxed, Some(TaxBasis::Inclusive)) => self.untaxed.is_none(),
            (Basis::Gross, Some(TaxBasis::Exclusive)) => self.gross.is_none(),
            _ => false,
        };
        blank.then_some("TAX_MISSING")
    }
}

/// A dealer with the programs that he is in.
struct Member<'a> {
    question: Question<'a>,
    programs: Vec<&'a Program>,
}

/// Settles a table without quotes; `dealers` are facts. Versions before the last one come with the instant until which they were in force.
pub fn settle(
    (earlier, moved, rates): (&[(&Policy, Instant)], &[Moved], &[Rate]),
    policy: &Policy,
    dealers: &[Value],
    table: &str,
    until: Instant,
    stated: &Stated,
) -> Settled {
    let all = || earlier.iter().map(|(policy, _)| *policy).chain([policy]);
    let joined: Vec<Joined> = all().map(|policy| Joined { policy: formula::filled(policy), foreign: Vec::new(), other: None }).collect();
    let zone = calendar::zone(&policy.settings.zone).expect("a zone");
    let inputs: Vec<Value> = dealers.iter().map(|dealer| json!({ "order": { "lines": [] }, "dealer": dealer, "now": 0 })).collect();
    let mut versions: Vec<Version> = Vec::new();
    for (number, joined) in joined.iter().enumerate() {
        let mut members: Vec<Member> = inputs.iter().map(|input| Member::new(Question::new(joined, &zone, input))).collect();
        members.sort_by(|a, b| a.question.dealer.cmp(b.question.dealer));
        let from = number.checked_sub(1).map(|before| earlier[before].1);
        let to = earlier.get(number).map(|(_, until)| *until);
        versions.push(Version { replay: Replay { policy: &joined.policy, zone: &zone, until, from, to }, members, upto: BTreeMap::new() });
    }
    let (mut counts, mut refused, mut ids) = ([0; 5], Vec::new(), BTreeSet::new());
    let mut lines = table.lines();
    let columns: Vec<&str> = lines.next().expect("columns").split(',').collect();
    for (line, cells) in (2..).zip(lines) {
        counts[0] += 1;
        let cells: Vec<&str> = cells.split(',').collect();
        let became = match versions[earlier.len()].replay.row(&columns, &cells, (dealers, moved, rates), &mut ids) {
            Err(code) => {
                refused.push((line, code));
                4
            }
            Ok(row) if row.at >= until => 3,
            Ok(row) => {
                let of = |version: &Version| version.members.iter().position(|member| member.question.dealer == row.dealer);
                let lacks =
                    versions.iter().find_map(|version| version.replay.lacks(&row, &version.members[of(version).expect("a dealer")]));
                if let Some(code) = lacks {
                    refused.push((line, code));
                    counts[4] += 1;
                    continue;
                }
                let became: Vec<usize> = (0..versions.len())
                    .map(|number| {
                        let mut own = BTreeMap::new();
                        let version = &versions[number];
                        let member = version.members.iter().find(|member| member.question.dealer == row.dealer).expect("a dealer");
                        let became = version.replay.count(&row, member, &mut own);
                        // It is in the volume of this version and of all after it.
                        for later in &mut versions[number..] {
                            for (key, sum) in &own {
                                let known = later.upto.entry(key.clone()).or_insert(Sum::NONE);
                                known.volume = known.volume.plus(sum.volume);
                                known.rows += sum.rows;
                                for (id, units) in &sum.covered {
                                    *known.covered.entry(id.clone()).or_insert(whole(0)) += *units;
                                }
                            }
                        }
                        became
                    })
                    .collect();
                [1, 3].into_iter().find(|code| became.contains(code)).unwrap_or(2)
            }
        };
        counts[became] += 1;
    }
    let last = &versions[earlier.len()];
    let surplus = last.replay.surplus(&versions);
    let kept = last.replay.kept(&versions, &surplus);
    let statements =
        (0..last.members.len()).flat_map(|member| last.replay.statements(&versions, member, stated, &kept, &surplus)).collect();
    Settled { statements, counts, refused }
}

/// A currency, the instant, and what a unit counts for from then on (§65.1).
pub type Rate<'a> = (&'a str, Instant, &'a str);

/// A dealer, the instant, and whom he goes into (§55.1).
pub type Moved<'a> = (&'a str, Instant, Option<&'a str>);

/// A version of the policy, and the volumes up to its end (§56).
struct Version<'a> {
    replay: Replay<'a>,
    members: Vec<Member<'a>>,
    upto: Sums,
}

impl<'a> Member<'a> {
    fn new(question: Question<'a>) -> Member<'a> {
        let is_in = |program: &&Program| question.is_in(&program.when.dealer) && question.is_enrolled(program);
        let mut programs: Vec<&Program> = question.policy.programs.iter().filter(is_in).collect();
        programs.sort_by(|a, b| a.id.cmp(&b.id));
        Member { question, programs }
    }
}

/// By dealer, program and label: what was paid beyond guarantees before that window.
type Surplus = BTreeMap<[String; 3], i128>;

/// By dealer, program and label: the volume and how many rows it is of.
type Sums = BTreeMap<[String; 3], Sum>;

/// A volume, how many rows it is of, and units of what its program tells apart (§64.3).
#[derive(Clone)]
struct Sum {
    volume: Volume,
    rows: usize,
    covered: Units,
}

impl Sum {
    const NONE: Sum = Sum { volume: Volume::NONE, rows: 0, covered: Units::new() };
}

/// What a program comes to in a window.
struct Earned<'a> {
    volume: Volume,
    covered: usize,
    entry: Entry,
    paid: Paid,
    rows: usize,
    beside: Vec<&'a Program>,
}

struct Replay<'a> {
    policy: &'a Policy,
    zone: &'a Zone,
    until: Instant,
    /// When the version was in force.
    from: Option<Instant>,
    to: Option<Instant>,
}

impl<'a> Replay<'a> {
    fn window(&self, program: &Program, at: Instant) -> Option<Window> {
        period::window(program, self.zone, &self.policy.settings.zone, at)
    }

    /// §42.1, §42.2.
    fn row<'r>(
        &self,
        columns: &[&str],
        cells: &[&'r str],
        (dealers, moved, rates): (&[Value], &'r [Moved], &[Rate]),
        ids: &mut BTreeSet<String>,
    ) -> Result<Row<'r>, &'static str> {
        if cells.len() != columns.len() {
            return Err("CELLS");
        }
        let cell = |name: &str| columns.iter().position(|column| *column == name).map_or("", |at| cells[at]);
        let is_new = ids.insert(cell("id").to_owned());
        if cell("id").is_empty() || cell("id").chars().count() > 64 {
            return Err("ID_INVALID");
        }
        let own = qudao::num::minor_digits(&self.policy.settings.currency).expect("a currency");
        // §65.1.
        let foreign = Some(cell("currency")).filter(|currency| !currency.is_empty() && *currency != self.policy.settings.currency);
        let of_foreign = || rates.iter().filter(|(currency, ..)| Some(*currency) == foreign);
        let minor = of_foreign().next().map_or(own, |(currency, ..)| qudao::num::minor_digits(currency).expect("a currency"));
        let figure = |text: &str, digits: u32| {
            let value = text.parse::<Number>().map(super::exact::number).map_err(|_| "NUMBER_INVALID")?;
            let image = value * whole(super::exact::power_of_ten(digits));
            if image.is_integer() { Ok(value) } else { Err("NUMBER_INVALID") }
        };
        let quantity = figure(cell("quantity"), self.policy.settings.quantity_scale)?;
        let net = figure(cell("net"), minor)?;
        let other = |name: &str| if cell(name).is_empty() { Ok(None) } else { figure(cell(name), minor).map(Some) };
        let [list, gross, untaxed] = [other("list")?, other("gross")?, other("untaxed")?];
        if !self.policy.products.iter().any(|product| product.sku == cell("sku")) {
            return Err("SKU_UNKNOWN");
        }
        let dealer = cell("dealer");
        if !dealers.iter().any(|known| known["id"] == dealer) {
            return Err("DEALER_UNKNOWN");
        }
        let kind = if cell("kind").is_empty() { "sale" } else { cell("kind") };
        if !["sale", "return", "payment", "sell_out"].contains(&kind) {
            return Err("KIND_UNKNOWN");
        }
        let day = || calendar::day(cell("date")).ok().map(|day| self.zone.day_start(day));
        let at = Instant::parse(cell("date")).or_else(day).ok_or("DATE_INVALID")?;
        let (mut dealer, mut been) = (dealer, Vec::new());
        while let Some((_, _, into)) = moved.iter().filter(|(from, day, _)| *from == dealer && *day <= at).max_by_key(|(_, day, _)| *day) {
            been.push(dealer);
            match into {
                Some(into) if !been.contains(into) => dealer = into,
                Some(_) | None => {
                    dealer = "";
                    break;
                }
            }
        }
        let mut days = [None; 4];
        for (known, column) in days.iter_mut().zip(["ordered", "delivered", "paid", "booked"]) {
            let text = cell(column);
            let day = || calendar::day(text).ok().map(|day| self.zone.day_start(day));
            if !text.is_empty() {
                *known = Some(Instant::parse(text).or_else(day).ok_or("DATE_INVALID")?);
            }
        }
        let zero = whole(0);
        let signed = |figure: &Exact| if kind == "return" { *figure <= zero } else { *figure >= zero };
        if ![Some(quantity), Some(net), list, gross, untaxed].iter().flatten().all(signed) {
            return Err("SIGN_WRONG");
        }
        if foreign.is_some() && of_foreign().next().is_none() {
            return Err("CURRENCY_OTHER");
        }
        let known = |word: &str| PriceKind::ALL.iter().any(|kind| kind.word() == word);
        if !cell("price").split_whitespace().all(known) {
            return Err("PRICE_UNKNOWN");
        }
        if !is_new {
            return Err("ID_DUPLICATE");
        }
        if dealer.is_empty() {
            return Err("DEALER_LEFT");
        }
        let rate = match foreign {
            None => whole(1),
            Some(_) => {
                let (.., rate) =
                    of_foreign().filter(|(_, from, _)| *from <= at).max_by_key(|(_, from, _)| *from).ok_or("CURRENCY_OTHER")?;
                super::exact::number(rate.parse::<Number>().expect("a rate"))
            }
        };
        let unit = whole(super::exact::power_of_ten(own));
        let converted = |amount: Exact| whole(super::exact::rounded(amount * rate * unit, self.policy.settings.rounding)) / unit;
        let [list, gross, untaxed] = [list, gross, untaxed].map(|amount| amount.map(converted));
        let net = converted(net);
        let cells = columns.iter().map(|column| (*column).to_owned()).zip(cells.iter().copied()).collect();
        Ok(Row { dealer, at, days, sku: cell("sku"), kind, quantity, net, list, gross, untaxed, cells })
    }

    /// Programs of a member that hold on the day of a row that decides.
    fn open<'p>(&self, row: &Row, member: &Member<'p>) -> Vec<&'p Program> {
        let holds =
            |text: Option<&str>, at: Instant| text.is_none_or(|text| recurrence::holds(text, self.zone, &self.policy.settings.zone, at));
        let holds_then = |program: &&&Program| {
            let decided = self.decided(row, program);
            decided.is_some_and(|at| holds(self.policy.settings.valid.as_deref(), at) && holds(program.valid.as_deref(), at))
        };
        member.programs.iter().filter(holds_then).copied().collect()
    }

    /// §52.1, and §56.2.
    fn decided(&self, row: &Row, program: &Program) -> Option<Instant> {
        let in_force = |at: &Instant| self.from.is_none_or(|from| from <= *at) && self.to.is_none_or(|to| *at < to);
        let day = match program.date {
            DecidedBy::Order => row.days[0],
            DecidedBy::Delivery => row.days[1],
            DecidedBy::Invoice => Some(row.at),
            DecidedBy::Payment => row.days[2],
        };
        day.filter(in_force)
    }

    /// §67.4: of the first program that would count a row what it asks and the row does not say.
    fn lacks(&self, row: &Row, member: &Member) -> Option<&'static str> {
        let product = member.question.product(row.sku);
        let is_of =
            |program: &&&Program| counted(program.basis).contains(&row.kind) && member.question.selects(program.on.as_ref(), product);
        self.open(row, member).iter().filter(is_of).find_map(|program| row.lacks(self.policy, program))
    }

    /// §42.3; 1 where it counts, 2 where it does not.
    fn count(&self, row: &Row, member: &Member, sums: &mut Sums) -> usize {
        let question = &member.question;
        let product = question.product(row.sku);
        let decided = |program: &Program| self.decided(row, program);
        let open = self.open(row, member);
        let mut became = 2;
        for program in &open {
            let like = |program: &Program| left_out(program, &|id| row.field(id), &row.kinds()).is_none();
            let matches = |program: &Program| question.selects(program.on.as_ref(), product) && like(program);
            if !counted(program.basis).contains(&row.kind) || !question.counts_for(program, &open, matches) {
                continue;
            }
            let at = decided(program).expect("a day");
            if at >= self.due(program) {
                became = if became == 1 { 1 } else { 3 };
                continue;
            }
            let Some(own) = self.window(program, at) else { continue };
            // §52.2.
            let closed = |booked: &Instant| {
                program.grace_days.is_some_and(|days| booked.0 >= own.span.to.0.saturating_add(i64::from(days) * 86_400_000))
            };
            let window = match row.days[3].filter(closed) {
                Some(booked) if booked >= self.due(program) => {
                    became = if became == 1 { 1 } else { 3 };
                    continue;
                }
                Some(booked) => {
                    let life = self.life(program);
                    self.window(program, booked).filter(|window| life.from < window.span.to && window.span.from < life.to)
                }
                None => Some(own),
            };
            let Some(window) = window else { continue };
            let amount = match program.basis {
                Basis::List => row.list,
                Basis::Untaxed => row.untaxed,
                Basis::Gross => row.gross,
                Basis::Net | Basis::Collected | Basis::SellOut => None,
            };
            let amount = amount.unwrap_or(row.net) * whole(question.minor);
            let sum = sums.entry([row.dealer, &program.id, &window.label].map(str::to_owned)).or_insert(Sum::NONE);
            sum.volume = sum.volume.plus(Volume { amount, quantity: question.counted_in(program, product, row.quantity) });
            sum.rows += 1;
            if let Some(id) = question.apart(program, product) {
                *sum.covered.entry(id).or_insert(whole(0)) += row.quantity;
            }
            became = 1;
        }
        became
    }

    /// §52.3: until when rows count for a program.
    fn due(&self, program: &Program) -> Instant {
        if program.payout.is_none() {
            return self.until;
        }
        let ends = period::payouts(program, self.zone, &self.policy.settings.zone, self.until);
        ends.into_iter().rfind(|end| *end <= self.until).unwrap_or(Instant(i64::MIN))
    }

    /// When a program holds, from its first instant to its last.
    fn life(&self, program: &Program) -> Interval {
        let range = |text: &str| calendar::window(text, self.zone).expect("a validity without recurrence");
        let own = program.valid.as_deref().map_or(Interval::ALWAYS, range);
        let all = self.policy.settings.valid.as_deref().map_or(Interval::ALWAYS, range);
        Interval { from: own.from.max(all.from), to: own.to.min(all.to) }
    }

    /// The windows in which a program holds that begin before the end.
    fn windows(&self, program: &Program) -> Vec<Window> {
        let life = self.life(program);
        let mut windows: Vec<Window> = Vec::new();
        let mut at = life.from;
        // What is between two windows is searched hour by hour.
        while at < life.to {
            match self.window(program, at) {
                Some(window) if window.span.from < self.due(program) => {
                    at = window.span.to;
                    windows.push(window);
                }
                None if at < self.due(program) => at = Instant(at.0 + 3_600_000),
                Some(_) | None => break,
            }
        }
        windows
    }

    /// What a program of a member comes to in a window, beside the others (§42.4).
    fn earned(
        &self,
        member: &Member<'a>,
        program: &'a Program,
        window: &Window,
        sums: &Sums,
        counts: &dyn Fn(&Program) -> bool,
        surplus: &Surplus,
    ) -> Earned<'a> {
        let question = &member.question;
        // Those of other windows have nothing to do with it.
        let same = |other: &&&Program| {
            let life = self.life(other);
            other.period == program.period
                && other.calendar == program.calendar
                && life.from < window.span.to
                && window.span.from < life.to
                && window.span.from < self.due(other)
                && counts(other)
        };
        let mut beside: Vec<&Program> = member.programs.iter().filter(same).copied().collect();
        if !member.programs.iter().any(|other| other.id == program.id) {
            // He was in it under an earlier version only.
            beside = vec![program];
        }
        let none = Sum::NONE;
        let known = |program: &Program| sums.get(&[question.dealer, &program.id, &window.label].map(str::to_owned)).unwrap_or(&none);
        let volumes: Vec<Volume> = beside.iter().map(|program| known(program).volume).collect();
        let covered: Vec<usize> = beside.iter().map(|program| different([&known(program).covered])).collect();
        let before =
            |program: &Program| surplus.get(&[question.dealer, &program.id, &window.label].map(str::to_owned)).copied().unwrap_or(0);
        let with = |program: &&Program| Entry { surplus: before(program), ..question.entry((**program).clone(), window) };
        let entries: Vec<Entry> = beside.iter().map(with).collect();
        let at = beside.iter().position(|other| other.id == program.id).expect("the program");
        let paid = question.paid(&entries, &volumes, &covered).swap_remove(at);
        let rows = known(program).rows;
        Earned { volume: volumes[at], covered: covered[at], entry: entries.into_iter().nth(at).expect("the program"), paid, rows, beside }
    }

    /// Programs of the last version that a dealer is in under some version.
    fn programs_of(&self, versions: &[Version<'a>], member: usize) -> Vec<&'a Program> {
        let is_in =
            |program: &&Program| versions.iter().any(|version| version.members[member].programs.iter().any(|own| own.id == program.id));
        let mut programs: Vec<&Program> = self.policy.programs.iter().filter(is_in).collect();
        programs.sort_by(|a, b| a.id.cmp(&b.id));
        programs
    }

    /// §56.3.
    fn comes_to(&self, versions: &[Version<'a>], member: usize, program: &Program, window: &Window, surplus: &Surplus) -> i128 {
        let (mut sum, mut is_first, nothing) = (0, true, BTreeMap::new());
        for (number, version) in versions.iter().enumerate() {
            let (replay, own) = (&version.replay, &version.members[member]);
            let Some(program) = own.programs.iter().find(|known| known.id == program.id) else { continue };
            let before = number.checked_sub(1).map_or(&nothing, |before| &versions[before].upto);
            let touches = replay.from.is_none_or(|from| from < window.span.to) && replay.to.is_none_or(|to| window.span.from < to);
            let counts = |program: &Program| {
                let key = [own.question.dealer, &program.id, &window.label].map(str::to_owned);
                let adds = |sums: &Sums| sums.get(&key).map_or((Volume::NONE, 0), |sum| (sum.volume, different([&sum.covered])));
                touches || adds(before) != adds(&version.upto)
            };
            if !counts(program) {
                continue;
            }
            let earned = |sums: &Sums| replay.earned(own, program, window, sums, &counts, surplus).paid.amount;
            sum += earned(&version.upto) - if is_first { 0 } else { earned(before) };
            is_first = false;
        }
        sum
    }

    /// §38.5, window by window.
    fn surplus(&self, versions: &[Version<'a>]) -> Surplus {
        let mut surplus = Surplus::new();
        for (at, member) in versions[versions.len() - 1].members.iter().enumerate() {
            let carrying = self.programs_of(versions, at).into_iter().filter(|program| program.surplus == qudao::policy::Surplus::Carried);
            let mut windows: Vec<(&Program, Window)> =
                carrying.flat_map(|program| self.windows(program).into_iter().map(move |window| (program, window))).collect();
            windows.sort_by_key(|(_, window)| (window.span.from, window.span.to));
            let mut beyond = BTreeMap::<&str, i128>::new();
            for same in windows.chunk_by(|(_, a), (_, b)| a.span == b.span) {
                for (program, window) in same {
                    let key = [member.question.dealer, &program.id, &window.label].map(str::to_owned);
                    surplus.insert(key, beyond.get(&*program.id).copied().unwrap_or(0));
                }
                for (program, window) in same {
                    let least = member.question.amount_of(number(program.guarantee.expect("a guarantee")));
                    let earned = self.comes_to(versions, at, program, window, &surplus);
                    let before = beyond.entry(&program.id).or_default();
                    *before = (*before + earned - least).max(0);
                }
            }
        }
        surplus
    }

    /// §52.4: what budgets keep back of statements, by dealer, program and window.
    fn kept(&self, versions: &[Version<'a>], surplus: &Surplus) -> BTreeMap<[String; 3], i128> {
        let mut kept = BTreeMap::new();
        let members = &versions[versions.len() - 1].members;
        for budget in &self.policy.budgets {
            let mut of_budget = Vec::new();
            for (at, member) in members.iter().enumerate() {
                for program in self.programs_of(versions, at).into_iter().filter(|program| program.budget.as_ref() == Some(&budget.id)) {
                    for window in self.windows(program) {
                        let amount = self.comes_to(versions, at, program, &window, surplus).max(0);
                        of_budget.push(([member.question.dealer, &program.id, &window.label].map(str::to_owned), amount));
                    }
                }
            }
            let Some(question) = members.first().map(|member| &member.question) else { continue };
            let whole_budget = question.amount_of(number(budget.amount));
            let weights: Vec<Exact> = of_budget.iter().map(|(_, amount)| whole(*amount)).collect();
            if of_budget.iter().map(|(_, amount)| amount).sum::<i128>() > whole_budget {
                let parts = split(whole_budget, &weights, self.policy.settings.remainder);
                kept.extend(of_budget.into_iter().zip(parts).map(|((key, amount), part)| (key, amount - part)));
            }
        }
        kept
    }

    /// §42.4.
    fn statements(
        &self,
        versions: &[Version<'a>],
        at: usize,
        stated: &Stated,
        kept: &BTreeMap<[String; 3], i128>,
        surplus: &Surplus,
    ) -> Vec<Value> {
        let Version { members, upto: sums, .. } = &versions[versions.len() - 1];
        let member = &members[at];
        let question = &member.question;
        let dealer = question.dealer;
        let mut list = Vec::new();
        for program in self.programs_of(versions, at) {
            // §52.5.
            let minimum = program.minimum.map(|minimum| question.amount_of(number(minimum)));
            let mut carried = 0;
            for window in self.windows(program) {
                let Earned { volume, covered, entry, paid, rows, beside } = self.earned(member, program, &window, sums, &|_| true, surplus);
                let earned = self.comes_to(versions, at, program, &window, surplus);
                let lost = kept.get(&[dealer, &program.id, &window.label].map(str::to_owned)).copied().unwrap_or(0);
                let pending = carried + earned - lost;
                // §58.2: only whole pieces.
                let piece = program.piece().map(|piece| question.amount_of(number(piece)));
                let amount = match piece {
                    Some(piece) => pending.max(0) / piece * piece,
                    None => {
                        if minimum.is_some_and(|minimum| pending < minimum) {
                            0
                        } else {
                            pending
                        }
                    }
                };
                carried = pending - amount;
                let parties = question.parties(program, amount).into_iter().map(|(to, amount)| {
                    let key = [dealer, &program.id, &window.label, &to].map(str::to_owned);
                    let stated = stated.get(&key).copied().unwrap_or(0);
                    (to, amount, stated)
                });
                let parties: Vec<(String, i128, i128)> = parties.collect();
                if rows == 0 && earned == 0 && parties.iter().all(|(_, amount, stated)| *amount == 0 && *stated == 0) {
                    continue;
                }
                let party = |(to, amount, stated): &(String, i128, i128)| {
                    let money = |amount: i128| question.money(amount);
                    json!({ "to": to, "amount": money(*amount), "stated": money(*stated), "difference": money(amount - stated) })
                };
                list.push(json!({
                    "dealer": dealer,
                    "program": program.id,
                    "period": window.label,
                    "amount": text(volume.amount / whole(question.minor), question.digits),
                    "quantity": text(volume.quantity, 0),
                    "transactions": rows,
                    "partial": self.end(program, &window).0.saturating_add(program.grace_days.map_or(0, i64::from) * 86_400_000) > self.due(program).0,
                    "parties": parties.iter().map(party).collect::<Vec<_>>(),
                    "base": entry.base.map(|base| question.measured_text(program, base)),
                    "tier": paid.tier,
                    "modifiers": question.effects_answer(&entry),
                    "lost_to": paid.lost_to.map(|to| &beside[to].id),
                    "unmet": paid.unmet,
                    "lacks": paid.lacks,
                    "covered": program.covers.map(|_| covered),
                    "lost": program.budget.as_ref().map(|_| question.money(lost)),
                    "guarantee": (program.surplus == qudao::policy::Surplus::Carried).then(|| question.guarantee_answer(&entry)),
                    "surplus": (program.surplus == qudao::policy::Surplus::Carried).then(|| {
                        let least = question.amount_of(number(program.guarantee.expect("a guarantee")));
                        question.money((entry.surplus + earned - least).max(0))
                    }),
                    "carried": minimum.or(piece).map(|_| question.money(carried)),
                }));
            }
        }
        list
    }

    /// A lifetime ends with the policy at the latest.
    fn end(&self, program: &Program, window: &Window) -> Instant {
        if window.label == "lifetime" { self.life(program).to } else { window.span.to }
    }
}
