//! Settlement: posted transactions are replayed through the function that previews a cart, and what it comes to beyond what was stated before
//! is stated. Transactions are streamed; what is held is one volume for each dealer, program and window. `docs/semantics.md` §42.

mod contest;
mod duplicates;
mod lots;
mod page;
mod pipe;
mod rates;
mod rows;
mod stated;
mod statement;
mod trace;
mod versions;

pub use contest::{Entrant, Placed, Stated as StatedPrizes, decide, entrants, ranking, standings};
pub use lots::{Issued, goods, goods_back, lot_json, lots, owed};
pub use page::page;
pub use rates::Rates;
pub(crate) use rows::cells;
pub use rows::{COLUMNS, Reject};
pub use stated::{Former, Stated};
pub use statement::{Party, Statement};
pub use versions::{Earlier, Step};

use crate::bundle::{Constant, Dimension, Loaded, NONE, decoded};
use crate::facts::{DealerFacts, Volume};
use crate::id::{AudienceId, ProductId, ProgramId};
use crate::num::{Overflow, Quantity};
use crate::policy::{Basis, DecidedBy};
use crate::rebate;
use crate::time::Instant;
use crate::wire::Writer;
use duplicates::{Ids, Seen};
use pipe::{AHEAD, in_order};
use rows::{Kind, Row, Table};
use std::collections::HashMap;
use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use trace::{Run, Trace};
use versions::Version;

/// Bytes of the table that all cores together work on, and of the piece that one takes at least and at most.
const READ: usize = 24 << 20;
const PIECE: (usize, usize) = (1 << 20, 4 << 20);

/// A dealer that goes into another one, or leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The dealer.
    pub dealer: String,
    /// Of the transactions on this day and later.
    pub from: Instant,
    /// Whose they are; nobody's, where he leaves.
    pub into: Option<String>,
}

/// What is settled.
pub struct Task<'a> {
    /// The policy, in its last version.
    pub policy: &'a Loaded,
    /// The versions before it, in order; none where all is settled under the last one.
    pub earlier: &'a [Earlier<'a>],
    /// What is known of each dealer; the id of each stands once.
    pub dealers: &'a [DealerFacts],
    /// Dealers that go into others, or leave.
    pub moved: &'a [Moved],
    /// What amounts in other currencies count for.
    pub rates: &'a Rates,
    /// Transactions before this instant count.
    pub until: Instant,
    /// The instant at which a day begins, `2026-11-03`.
    pub day: &'a (dyn Fn(&str) -> Option<Instant> + Sync),
    /// What was stated before.
    pub stated: &'a Stated,
    /// Where transactions are kept while they are sorted.
    pub spill: &'a Path,
    /// Cores to work on; what comes of it does not depend on it.
    pub threads: usize,
    /// Told how many bytes are read, over both passes.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// Where rows go.
pub struct Files<'a> {
    /// What counts for what, in the order of the statements.
    pub lines: &'a mut dyn Write,
    /// What is refused, and why.
    pub rejects: &'a mut dyn Write,
    /// What is sound and counts for no program, and why.
    pub uncounted: &'a mut dyn Write,
    /// What was in another currency, and what it came to.
    pub converted: &'a mut dyn Write,
}

/// How many rows there were, and what became of them; they sum up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Rows of the table.
    pub rows: u64,
    /// Rows that count for a program.
    pub counted: u64,
    /// Rows that are sound and count for none.
    pub uncounted: u64,
    /// Rows at or after the end.
    pub later: u64,
    /// Rows that are refused.
    pub rejected: u64,
}

/// Why nothing is settled.
#[derive(Debug)]
pub enum Fault {
    /// The table or a file beside it cannot be read or written.
    File(io::Error),
    /// The first row lacks a column.
    Column(&'static str),
    /// An amount does not fit 64 bits of minor units.
    Overflow,
    /// A program of an earlier version that the last one does not have, or not with the same windows and coverage.
    Version(String),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Fault {
        Fault::File(error)
    }
}

impl From<Overflow> for Fault {
    fn from(_: Overflow) -> Fault {
        Fault::Overflow
    }
}

/// Dealer, in the order of their ids, and slot: window times the number of versions, and version.
type Key = (u32, u32);

fn short(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

/// The volume of a statement, and how many transactions it is made of.
#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    volume: Volume,
    transactions: u64,
}

impl Sum {
    fn add(&mut self, other: Sum) -> Result<(), Overflow> {
        let quantity = self.volume.quantity.0.checked_add(other.volume.quantity.0).ok_or(Overflow)?;
        self.volume = Volume { amount: self.volume.amount.plus(other.volume.amount)?, quantity: Quantity(quantity) };
        self.transactions += other.transactions;
        Ok(())
    }
}

/// The volumes of all statements, by dealer in the order of their ids, and window.
struct Sums {
    /// Positions of the dealers in order of their ids.
    order: Vec<usize>,
    /// How many versions of the policy there are.
    versions: usize,
    of: Vec<Vec<(u32, Sum)>>,
    /// Of programs that tell SKUs or categories apart: how many there are with this version and those before it.
    covered: Vec<(Key, u32)>,
}

impl Sums {
    fn new(task: &Task) -> Sums {
        let mut order: Vec<usize> = (0..task.dealers.len()).collect();
        order.sort_by(|a, b| task.dealers[*a].id.as_bytes().cmp(task.dealers[*b].id.as_bytes()));
        Sums { of: vec![Vec::new(); order.len()], order, versions: task.earlier.len() + 1, covered: Vec::new() }
    }

    fn add(&mut self, (dealer, slot): Key, sum: Sum) -> Result<(), Overflow> {
        let own = &mut self.of[dealer as usize];
        match own.binary_search_by_key(&slot, |(known, _)| *known) {
            Ok(at) => own[at].1.add(sum)?,
            Err(at) => own.insert(at, (slot, sum)),
        }
        Ok(())
    }

    /// What counts for a dealer in a window under the first so many versions.
    fn get(&self, dealer: usize, period: usize, versions: usize) -> Result<Sum, Overflow> {
        let (own, slot) = (&self.of[dealer], period * self.versions);
        let from = own.partition_point(|(known, _)| (*known as usize) < slot);
        let mut all = Sum::default();
        own[from..].iter().take_while(|(known, _)| (*known as usize) < slot + versions).try_for_each(|(_, sum)| all.add(*sum))?;
        Ok(all)
    }

    /// The same of different SKUs or categories.
    fn covered(&self, dealer: usize, period: usize, versions: usize) -> i64 {
        let slot = |version: usize| (short(dealer), short(period * self.versions + version));
        let before = self.covered.partition_point(|(known, _)| *known < slot(versions));
        let last = before.checked_sub(1).map(|last| self.covered[last]).filter(|(known, _)| *known >= slot(0));
        last.map_or(0, |(_, count)| i64::from(count))
    }
}

/// What one piece of the table comes to.
#[derive(Default)]
struct Found {
    counts: Counts,
    run: Vec<u8>,
    sums: Vec<(Key, Sum)>,
    rejects: Vec<u8>,
    uncounted: Vec<u8>,
    converted: Vec<u8>,
    overflow: bool,
}

/// Replays the table and tells the statements, those of some dealers at a time, in order of dealer, program and window; what is told of them
/// is taken in this order. `open` gives the table anew for each pass. Returns how many rows there were, and what was stated before and stands
/// no more.
///
/// # Errors
/// See [`Fault`].
pub fn settle<T: Send>(
    task: &Task,
    open: &dyn Fn() -> io::Result<Box<dyn Read + Send>>,
    files: Files,
    tell: &(dyn Fn(Vec<Statement>) -> T + Sync),
    take: &mut dyn FnMut(T) -> io::Result<()>,
) -> Result<(Counts, Vec<Former>), Fault> {
    fs::create_dir_all(task.spill)?;
    let outcome = spilling(task, open, files, tell, take);
    // Nothing stays behind, after a fault neither.
    let removed = fs::remove_dir_all(task.spill);
    let outcome = outcome?;
    removed?;
    Ok(outcome)
}

fn spilling<T: Send>(
    task: &Task,
    open: &dyn Fn() -> io::Result<Box<dyn Read + Send>>,
    Files { lines, rejects, uncounted, converted }: Files,
    tell: &(dyn Fn(Vec<Statement>) -> T + Sync),
    take: &mut dyn FnMut(T) -> io::Result<()>,
) -> Result<(Counts, Vec<Former>), Fault> {
    let (header, table) = header(open()?)?;
    let mut seen = Seen::new(task.spill);
    let ids = |(line, piece): (u64, Vec<u8>)| {
        let mut ids = Ids::new();
        table.ids(line, &piece, &mut |id, line| ids.add(id, line));
        ids
    };
    let mut pieces = Pieces::new(task, open()?, header, 0)?;
    in_order(task.threads, &mut || pieces.next(), &ids, &mut |ids: Ids| Ok(seen.add(&ids)?))?;
    let read = pieces.read;
    let twice = seen.finish(task.threads)?;
    writeln!(rejects, "line,transaction,code,reason")?;
    writeln!(uncounted, "line,transaction,code,reason")?;
    writeln!(converted, "line,transaction,currency,rate,net")?;
    let (mut counts, mut sums, mut trace) = (Counts::default(), Sums::new(task), Trace::new(task.spill)?);
    let versions = Version::all(task, &sums)?;
    let known = |(dealer, at): (usize, &usize)| (task.dealers[*at].id.as_str(), Known { dealer, moved: Vec::new() });
    let mut by_id: ById = sums.order.iter().enumerate().map(known).collect();
    for moved in task.moved {
        by_id.entry(&moved.dealer).and_modify(|known| known.moved.push(moved));
    }
    by_id.values_mut().for_each(|known| known.moved.sort_by_key(|moved| moved.from));
    let work = |(line, piece): (u64, Vec<u8>)| replay(task, &table, (&versions, &by_id), &twice, line, &piece);
    let mut pieces = Pieces::new(task, open()?, header, read)?;
    in_order(task.threads, &mut || pieces.next(), &work, &mut |found: Found| {
        if found.overflow {
            return Err(Fault::Overflow);
        }
        trace.add(&found.run)?;
        rejects.write_all(&found.rejects)?;
        uncounted.write_all(&found.uncounted)?;
        converted.write_all(&found.converted)?;
        counts.add(&found.counts);
        found.sums.into_iter().try_for_each(|(key, sum)| Ok(sums.add(key, sum)?))
    })?;
    sums.covered = trace.write(task, &sums, lines)?;
    Ok((counts, statement::tell(task, &versions, &sums, tell, take)?))
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.rows += other.rows;
        self.counted += other.counted;
        self.uncounted += other.uncounted;
        self.later += other.later;
        self.rejected += other.rejected;
    }
}

/// Reads the first row; how many bytes it takes, and where the columns stand.
fn header(table: Box<dyn Read + Send>) -> Result<(usize, Table), Fault> {
    let mut first = Vec::new();
    BufReader::new(table).read_until(b'\n', &mut first)?;
    let text = String::from_utf8_lossy(&first);
    Ok((first.len(), Table::of(text.trim_start_matches('\u{feff}').trim_end()).map_err(Fault::Column)?))
}

/// The rows of a table, some at a time.
struct Pieces<'a> {
    table: Box<dyn Read + Send>,
    size: usize,
    rest: Vec<u8>,
    line: u64,
    read: u64,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<'a> Pieces<'a> {
    fn new(task: &Task<'a>, mut table: Box<dyn Read + Send>, header: usize, read: u64) -> io::Result<Pieces<'a>> {
        io::copy(&mut (&mut table).take(header as u64), &mut io::sink())?;
        let size = (READ / (AHEAD * task.threads.max(1))).clamp(PIECE.0, PIECE.1);
        Ok(Pieces { table, size, rest: Vec::new(), line: 2, read, progress: task.progress })
    }

    /// Whole rows, and the line of the first.
    fn next(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        loop {
            let mut piece = std::mem::take(&mut self.rest);
            let got = (&mut self.table).take(self.size as u64).read_to_end(&mut piece)?;
            self.read += got as u64;
            (self.progress)(self.read);
            let end = if got == 0 { piece.len() } else { piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) };
            self.rest = piece.split_off(end);
            if !piece.is_empty() {
                let line = self.line;
                self.line += piece.iter().filter(|byte| **byte == b'\n').count() as u64;
                return Ok(Some((line, piece)));
            }
            if got == 0 {
                return Ok(None);
            }
            if self.rest.len() > PIECE.0 {
                return Err(io::Error::other("a row has more than a megabyte"));
            }
        }
    }
}

/// Why a sound row counts for no program.
#[derive(Clone, Copy)]
enum Uncounted {
    /// No program that the dealer is in counts such a product and kind.
    Program,
    /// One does, and neither holds nor has a window on the day that decides.
    Window,
    /// All that do leave out such an order or price.
    LeftOut,
}

impl Uncounted {
    fn row(self) -> &'static str {
        match self {
            Uncounted::Program => "NO_PROGRAM,no program of the dealer counts this product and kind",
            Uncounted::LeftOut => "LEFT_OUT,programs of the dealer that count this product and kind leave out its order or price",
            Uncounted::Window => "NO_WINDOW,a program counts this and neither holds nor has a window on the day that decides",
        }
    }
}

/// Counts the rows of a piece for the programs that they are for.
fn replay(task: &Task, table: &Table, (versions, by_id): (&[Version], &ById), twice: &[u64], line: u64, piece: &[u8]) -> Found {
    let policy = task.policy;
    let (mut found, mut run) = (Found::default(), Run::default());
    let mut known_days: Vec<([u8; DAY], Option<Instant>)> = vec![([0; DAY], None); DAYS];
    let mut twice = twice[twice.partition_point(|known| *known < line)..].iter().peekable();
    let currency = policy.constant_text(Constant::Currency);
    table.rows(policy, (currency, task.rates), line, piece, &mut |line, id, row| {
        found.counts.rows += 1;
        while twice.next_if(|known| **known < line).is_some() {}
        let sound = row.and_then(|row: Row| {
            if twice.peek() == Some(&&line) {
                return Err(Reject::Duplicate);
            }
            let named = by_id.get(row.dealer).ok_or(Reject::Dealer)?;
            let mut instant = |text: &str| {
                let read = || Instant::parse(text).or_else(|| (task.day)(text));
                let at = match <[u8; DAY]>::try_from(text.as_bytes()) {
                    Ok(day) => {
                        let place = day.iter().fold(0, |place, digit| place * 31 + usize::from(*digit)) % DAYS;
                        let known = &mut known_days[place];
                        if known.0 != day {
                            *known = (day, read());
                        }
                        known.1
                    }
                    Err(_) => read(),
                };
                at.ok_or(Reject::Date)
            };
            let at = instant(row.date)?;
            let mut others = [None; 4];
            for (other, text) in others.iter_mut().zip(&row.days).filter(|(_, text)| !text.is_empty()) {
                *other = Some(instant(text)?);
            }
            let dealer = owner(task, by_id, named, at)?;
            let (row, rate) = task.rates.convert(policy, row, at)?;
            Ok((dealer, at, others, row, rate))
        });
        let (dealer, at, others, row, rate) = match sound {
            Ok(sound) => sound,
            Err(reject) => {
                found.counts.rejected += 1;
                let _ = writeln!(found.rejects, "{line},{},{},{}", quoted(id), reject.code(), reject.reason());
                return;
            }
        };
        if at >= task.until {
            found.counts.later += 1;
            return;
        }
        let days = Days { invoiced: at, others };
        if let Some(reject) = lacking(versions, dealer, &row, &days) {
            found.counts.rejected += 1;
            let _ = writeln!(found.rejects, "{line},{},{},{}", quoted(id), reject.code(), reject.reason());
            return;
        }
        if let Some(foreign) = row.foreign {
            let _ = writeln!(found.converted, "{line},{},{foreign},{rate},{}", quoted(id), Writer(policy).money(row.net));
        }
        run.begin(short(dealer), (row.net.0, row.quantity.0), &quoted(id));
        let mut overflow = false;
        let add = &mut |slot: usize, program: ProgramId, volume: Result<Volume, Overflow>| {
            let Ok(Volume { amount, quantity }) = volume else {
                overflow = true;
                return;
            };
            let thing = policy.thing(program, row.product).unwrap_or(NONE);
            run.add(short(slot), (amount != row.net).then_some(amount.0), (quantity != row.quantity).then_some(quantity.0), thing);
        };
        let became = count(task, versions, dealer, &row, &days, add);
        found.overflow |= overflow;
        run.end(matches!(became, Became::Counted));
        match became {
            Became::Counted => found.counts.counted += 1,
            Became::Later => found.counts.later += 1,
            Became::Uncounted(why) => {
                found.counts.uncounted += 1;
                let _ = writeln!(found.uncounted, "{line},{},{}", quoted(id), why.row());
            }
        }
    });
    match run.sorted(&mut found.sums) {
        Ok(run) => found.run = run,
        Err(Overflow) => found.overflow = true,
    }
    found
}

/// A dealer of the table.
struct Known<'a> {
    /// His place in order of the ids.
    dealer: usize,
    /// When he goes into others, or leaves, in order of the days.
    moved: Vec<&'a Moved>,
}

/// Dealers by their ids.
type ById<'a> = HashMap<&'a str, Known<'a>>;

/// Whose a transaction is on a day: what goes into a dealer may go on into another one.
fn owner(task: &Task, by_id: &ById, named: &Known, at: Instant) -> Result<usize, Reject> {
    let mut owner = named;
    // Nobody goes into one that he came from.
    for _ in 0..=task.moved.len() {
        let gone = owner.moved.partition_point(|moved| moved.from <= at);
        match gone.checked_sub(1).map(|last| &owner.moved[last].into) {
            Some(Some(into)) => owner = by_id.get(into.as_str()).ok_or(Reject::Dealer)?,
            Some(None) => return Err(Reject::Left),
            None => return Ok(owner.dealer),
        }
    }
    Err(Reject::Left)
}

/// Characters of a day, `2026-11-03`.
const DAY: usize = 10;
/// Days whose instants are kept, each in its place.
const DAYS: usize = 1021;

/// The days of a transaction: of the invoice, and where they are known of order, delivery and payment and when it was booked.
struct Days {
    invoiced: Instant,
    others: [Option<Instant>; 4],
}

impl Days {
    /// The day that decides for a program, if its version was in force on it.
    fn decides(&self, version: &Version, program: ProgramId) -> Option<Instant> {
        let [ordered, delivered, paid, _] = self.others;
        let day = match decoded::<DecidedBy>(version.policy.tables.program_date[program.index()]) {
            DecidedBy::Order => ordered,
            DecidedBy::Delivery => delivered,
            DecidedBy::Invoice => Some(self.invoiced),
            DecidedBy::Payment => paid,
        };
        day.filter(|day| version.from <= *day && *day < version.to)
    }

    /// Whether a program holds on that day.
    fn holds(&self, version: &Version, program: ProgramId) -> bool {
        let t = &version.policy.tables;
        self.decides(version, program).is_some_and(|at| t.holds(t.program_window[program.index()], at))
    }
}

/// The product of a row under a version, and whether a program counts it and its kind.
fn is_of(version: &Version, program: ProgramId, product: ProductId, kind: Kind) -> bool {
    let t = &version.policy.tables;
    let counts = || match decoded::<Basis>(t.program_basis[program.index()]) {
        Basis::Net | Basis::List | Basis::Untaxed | Basis::Gross => matches!(kind, Kind::Sale | Kind::Return),
        Basis::Collected => kind == Kind::Payment,
        Basis::SellOut => kind == Kind::SellOut,
    };
    t.programs_of(product).binary_search(&program.0).is_ok() && counts()
}

/// Why a row cannot be counted: a program that would asks what the table does not say of orders, prices or tax.
fn lacking(versions: &[Version], dealer: usize, row: &Row, days: &Days) -> Option<Reject> {
    for version in versions.iter().filter(|version| version.asks) {
        let (policy, t) = (version.policy, &version.policy.tables);
        let Some((product, _)) = policy.product_known_as(row.sku) else { continue };
        for program in version.members[dealer].iter().copied() {
            if !is_of(version, program, product, row.kind) || !days.holds(version, program) {
                continue;
            }
            for term in t.terms(AudienceId(t.program_orders[program.index()])) {
                let axis = Dimension::at(t.term_axis[term]);
                match row.order(policy.attribute(axis)) {
                    None => return Some(Reject::NoOrder),
                    Some(text) => {
                        let of_policy = text.is_empty() || axis == Dimension::Source || !(t.is_listed(axis) || t.ordered(axis).is_some());
                        if !of_policy && policy.value(axis, text).is_none() {
                            return Some(Reject::Order);
                        }
                    }
                }
            }
            if t.program_unpriced[program.index()] != 0 && row.price.is_none() {
                return Some(Reject::NoPrice);
            }
            let amount = match rebate::told_apart(policy, program) {
                None => continue,
                Some(Basis::Gross) => row.gross,
                Some(_) => row.untaxed,
            };
            if amount.is_none() {
                return Some(Reject::NoTax);
            }
        }
    }
    None
}

/// What became of a sound row.
enum Became {
    Counted,
    Later,
    Uncounted(Uncounted),
}

/// What a row counts in a window under a version, and the program as the last version has it.
type Adds<'a> = dyn FnMut(usize, ProgramId, Result<Volume, Overflow>) + 'a;

/// Counts a row for the programs of its dealer that it is for, under the version in force on the day that decides.
fn count(task: &Task, versions: &[Version], dealer: usize, row: &Row, days: &Days, add: &mut Adds) -> Became {
    let last = &task.policy.tables;
    let booked = days.others[3];
    let mut candidates: Vec<(ProgramId, Instant)> = Vec::with_capacity(8);
    let (mut any, mut later, mut is_for_any, mut leaves) = (false, false, false, false);
    for (number, version) in versions.iter().enumerate() {
        let (policy, t) = (version.policy, &version.policy.tables);
        let product = if number + 1 == versions.len() { Some(row.product) } else { policy.product_known_as(row.sku).map(|known| known.0) };
        let Some(product) = product else { continue };
        let order = |id: Option<&str>| row.order(id);
        candidates.clear();
        for program in version.members[dealer].iter().copied().filter(|program| is_of(version, *program, product, row.kind)) {
            leaves |= version.asks;
            if version.asks && rebate::left_out(policy, program, &order, row.price.unwrap_or(0)) != 0 {
                continue;
            }
            is_for_any = true;
            let decided = days.decides(version, program).filter(|at| t.holds(t.program_window[program.index()], *at));
            candidates.extend(decided.map(|at| (program, at)));
        }
        for (program, decided) in candidates.iter().copied() {
            if rebate::yields(policy, program, &mut candidates.iter().map(|(other, _)| *other)) {
                continue;
            }
            let known = version.last[program.index()];
            let due = due(task, known);
            if decided >= due {
                later = true;
                continue;
            }
            let grace = last.program_grace[known.index()];
            // What is booked when the window is closed counts when it is booked.
            let closed =
                |period: &usize| grace >= 0 && booked.is_some_and(|booked| booked.0 >= last.period_to[*period].saturating_add(grace));
            let mut period = period_of(task.policy, known, decided);
            if period.as_ref().is_some_and(closed) {
                if booked.is_some_and(|booked| booked >= due) {
                    later = true;
                    continue;
                }
                let booked = booked.and_then(|booked| period_of(task.policy, known, booked));
                period = booked.filter(|period| lives(task.policy, known, *period));
            }
            let Some(period) = period.filter(|period| version.has(*period)) else { continue };
            any = true;
            add(period * versions.len() + number, known, volume(policy, program, product, row));
        }
    }
    match (any, later) {
        (true, _) => Became::Counted,
        (false, true) => Became::Later,
        (false, false) if is_for_any => Became::Uncounted(Uncounted::Window),
        (false, false) if leaves => Became::Uncounted(Uncounted::LeftOut),
        (false, false) => Became::Uncounted(Uncounted::Program),
    }
}

/// What a row is for a program.
fn volume(policy: &Loaded, program: ProgramId, product: ProductId, row: &Row) -> Result<Volume, Overflow> {
    let t = &policy.tables;
    let amount = match decoded::<Basis>(t.program_basis[program.index()]) {
        Basis::List => row.list,
        Basis::Untaxed => row.untaxed,
        Basis::Gross => row.gross,
        Basis::Net | Basis::Collected | Basis::SellOut => None,
    };
    Ok(Volume { amount: amount.unwrap_or(row.net), quantity: t.counted(program, product, row.quantity)? })
}

/// The window of a program that an instant lies in.
fn period_of(policy: &Loaded, program: ProgramId, at: Instant) -> Option<usize> {
    let t = &policy.tables;
    let periods = t.periods(program);
    let after = t.period_from[periods.clone()].partition_point(|from| *from <= at.0);
    after.checked_sub(1).map(|before| periods.start + before).filter(|period| at.0 < t.period_to[*period])
}

/// Whether a program holds at some instant of a window.
fn lives(policy: &Loaded, program: ProgramId, period: usize) -> bool {
    let t = &policy.tables;
    let mut lives = t.occurrences(t.program_window[program.index()]);
    lives.any(|life| life.from.0 < t.period_to[period] && t.period_from[period] < life.to.0)
}

/// Until when transactions count for a program: the end, or where it is paid more often than by period the last of these ends before it.
fn due(task: &Task, program: ProgramId) -> Instant {
    let ends = task.policy.tables.payouts(program);
    let ended = ends.partition_point(|end| *end <= task.until.0);
    match ended.checked_sub(1) {
        Some(last) => Instant(ends[last]),
        None if ends.is_empty() => task.until,
        None => Instant(i64::MIN),
    }
}

/// A cell of a table.
pub(crate) fn quoted(text: &str) -> std::borrow::Cow<'_, str> {
    if text.contains([',', '"']) { format!("\"{}\"", text.replace('"', "\"\"")).into() } else { text.into() }
}
