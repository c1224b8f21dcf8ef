//! Settlement: posted transactions are replayed through the function that previews a cart, and what it comes to beyond what was stated before
//! is stated. Transactions are streamed; what is held is one volume for each dealer, program and window. `docs/semantics.md` §42.

mod duplicates;
mod lots;
mod rows;
mod statement;

pub use lots::{Issued, goods, lots};
pub(crate) use rows::cells;
pub use rows::{COLUMNS, Reject};
pub use statement::{Party, Statement};

use crate::bundle::{Loaded, decoded};
use crate::facts::{DealerFacts, Volume};
use crate::id::ProgramId;
use crate::num::{Money, Overflow, Quantity};
use crate::policy::{Basis, DecidedBy};
use crate::rebate;
use crate::time::Instant;
use crate::waterfall::Context;
use duplicates::Seen;
use rows::{Kind, Row, Table};
use std::collections::{BTreeMap, HashMap};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::sync::Mutex;
use std::sync::mpsc::sync_channel;

/// Bytes of a piece of the table that one core works on.
const PIECE: usize = 1 << 20;

/// What was stated before, by dealer, program, label of the window, and party.
pub type Stated = BTreeMap<(String, String, String, String), Money>;

/// What is settled.
pub struct Task<'a> {
    /// The policy.
    pub policy: &'a Loaded,
    /// What is known of each dealer; the id of each stands once.
    pub dealers: &'a [DealerFacts],
    /// Transactions before this instant count.
    pub until: Instant,
    /// The instant at which a day begins, `2026-11-03`.
    pub day: &'a (dyn Fn(&str) -> Option<Instant> + Sync),
    /// What was stated before.
    pub stated: &'a Stated,
    /// Where ids are kept while it is found out which stand twice.
    pub spill: &'a Path,
    /// Told how many bytes are read, over both passes.
    pub progress: &'a (dyn Fn(u64) + Sync),
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

/// Dealer, program and window, as positions.
type Key = (usize, u32, usize);

/// The volume of a key, and how many transactions it is made of.
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

/// What one piece of the table comes to.
#[derive(Default)]
struct Found {
    counts: Counts,
    sums: HashMap<Key, Sum>,
    trace: Vec<u8>,
    rejects: Vec<u8>,
    overflow: bool,
}

/// Replays the table and gives the statements in order of dealer, program and window. `open` gives the table anew for each pass. The trace of
/// what counts for what, and what is refused, are written as CSV.
///
/// # Errors
/// See [`Fault`].
pub fn settle(
    task: &Task,
    open: &dyn Fn() -> io::Result<Box<dyn Read + Send>>,
    trace: &mut dyn Write,
    rejects: &mut dyn Write,
) -> Result<(Vec<Statement>, Counts), Fault> {
    let (header, table) = header(open()?)?;
    let mut seen = Seen::new(task.spill)?;
    let ids = |_: u64, line: u64, piece: &[u8]| -> Vec<([u8; 16], u64)> { table.ids(line, piece) };
    let bytes = pieces(open()?, header, task.progress, 0, &ids, &mut |ids| Ok(seen.add(ids)?))?;
    let twice = seen.finish()?;
    let members = members(task);
    writeln!(trace, "transaction,dealer,program,period,amount,quantity")?;
    writeln!(rejects, "line,transaction,code,reason")?;
    let (mut counts, mut sums) = (Counts::default(), HashMap::<Key, Sum>::new());
    let work = |_: u64, line: u64, piece: &[u8]| replay(task, &table, &members, &twice, line, piece);
    pieces(open()?, header, task.progress, bytes, &work, &mut |found: Found| {
        if found.overflow {
            return Err(Fault::Overflow);
        }
        trace.write_all(&found.trace)?;
        rejects.write_all(&found.rejects)?;
        let Counts { rows, counted, uncounted, later, rejected } = found.counts;
        counts.rows += rows;
        counts.counted += counted;
        counts.uncounted += uncounted;
        counts.later += later;
        counts.rejected += rejected;
        for (key, sum) in found.sums {
            sums.entry(key).or_default().add(sum)?;
        }
        Ok(())
    })?;
    Ok((statement::statements(task, &members.programs, &sums)?, counts))
}

/// Reads the first row; how many bytes it takes, and where the columns stand.
fn header(table: Box<dyn Read + Send>) -> Result<(usize, Table), Fault> {
    let mut first = Vec::new();
    BufReader::new(table).read_until(b'\n', &mut first)?;
    let text = String::from_utf8_lossy(&first);
    Ok((first.len(), Table::of(text.trim_start_matches('\u{feff}').trim_end()).map_err(Fault::Column)?))
}

/// Which dealers there are, and which programs each is in at some time.
struct Members<'a> {
    by_id: HashMap<&'a str, usize>,
    programs: Vec<Vec<ProgramId>>,
}

fn members<'a>(task: &Task<'a>) -> Members<'a> {
    Members {
        by_id: task.dealers.iter().enumerate().map(|(at, dealer)| (dealer.id.as_str(), at)).collect(),
        programs: task.dealers.iter().map(|dealer| Context::member_of(task.policy, dealer)).collect(),
    }
}

/// Works on the pieces of a table on all cores, and collects what they come to in the order of the table.
fn pieces<T: Send>(
    mut table: Box<dyn Read + Send>,
    header: usize,
    progress: &(dyn Fn(u64) + Sync),
    before: u64,
    work: &(dyn Fn(u64, u64, &[u8]) -> T + Sync),
    collect: &mut dyn FnMut(T) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let (give, take) = sync_channel::<(u64, u64, Vec<u8>)>(cores);
    let (done, results) = sync_channel::<(u64, T)>(cores);
    let take = Mutex::new(take);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || -> io::Result<u64> {
            let (mut rest, mut number, mut line, mut read) = (Vec::new(), 0, 2, before);
            io::copy(&mut (&mut table).take(header as u64), &mut io::sink())?;
            loop {
                let mut piece = std::mem::take(&mut rest);
                let got = (&mut table).take(PIECE as u64).read_to_end(&mut piece)?;
                read += got as u64;
                progress(read);
                let end = if got == 0 { piece.len() } else { piece.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) };
                rest = piece.split_off(end);
                let lines = piece.iter().filter(|byte| **byte == b'\n').count() as u64;
                // Nobody takes it where collecting failed.
                if !piece.is_empty() {
                    if give.send((number, line, piece)).is_err() {
                        return Ok(read);
                    }
                    (number, line) = (number + 1, line + lines);
                }
                if got == 0 {
                    return Ok(read);
                }
                if rest.len() > PIECE {
                    return Err(io::Error::other("a row has more than a megabyte"));
                }
            }
        });
        let take = &take;
        for _ in 0..cores {
            let done = done.clone();
            scope.spawn(move || {
                loop {
                    let piece = take.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
                    let Ok((number, line, piece)) = piece else { return };
                    if done.send((number, work(number, line, &piece))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(done);
        let (mut waiting, mut next, mut outcome) = (BTreeMap::new(), 0, Ok(()));
        for (number, result) in &results {
            waiting.insert(number, result);
            while let Some(result) = waiting.remove(&next) {
                next += 1;
                if outcome.is_ok() {
                    outcome = collect(result);
                }
            }
        }
        match reader.join() {
            Ok(read) => outcome.and(read.map_err(Fault::File)),
            Err(_) => Err(Fault::File(io::Error::other("reading stopped"))),
        }
    })
}

/// Counts the rows of a piece for the programs that they are for.
fn replay(task: &Task, table: &Table, members: &Members, twice: &[u64], line: u64, piece: &[u8]) -> Found {
    let (policy, t) = (task.policy, &task.policy.tables);
    let mut found = Found::default();
    let mut days: HashMap<String, Option<Instant>> = HashMap::new();
    table.rows(policy, line, piece, &mut |line, id, row| {
        found.counts.rows += 1;
        let sound = row.and_then(|row: Row| {
            if twice.binary_search(&line).is_ok() {
                return Err(Reject::Duplicate);
            }
            let dealer = *members.by_id.get(row.dealer.as_ref()).ok_or(Reject::Dealer)?;
            let mut instant = |text: &str| {
                let at = Instant::parse(text).or_else(|| match days.get(text) {
                    Some(known) => *known,
                    None => *days.entry(text.to_owned()).or_insert_with_key(|day| (task.day)(day)),
                });
                at.ok_or(Reject::Date)
            };
            let at = instant(&row.date)?;
            let mut others = [None; 4];
            for (other, text) in others.iter_mut().zip(&row.days).filter(|(_, text)| !text.is_empty()) {
                *other = Some(instant(text)?);
            }
            Ok((dealer, at, others, row))
        });
        let (dealer, at, [ordered, delivered, paid, booked], row) = match sound {
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
        let programs = t.programs_of(row.product);
        let decides = |program: ProgramId| match decoded::<DecidedBy>(t.program_date[program.index()]) {
            DecidedBy::Order => ordered,
            DecidedBy::Delivery => delivered,
            DecidedBy::Invoice => Some(at),
            DecidedBy::Payment => paid,
        };
        let counts = |program: &&ProgramId| {
            let basis = decoded::<Basis>(t.program_basis[program.index()]);
            let kind = match basis {
                Basis::Net | Basis::List | Basis::Gross => matches!(row.kind, Kind::Sale | Kind::Return),
                Basis::Collected => row.kind == Kind::Payment,
                Basis::SellOut => row.kind == Kind::SellOut,
            };
            let holds = decides(**program).is_some_and(|at| t.holds(t.program_window[program.index()], at));
            kind && programs.binary_search(&program.0).is_ok() && holds
        };
        let candidates: Vec<ProgramId> = members.programs[dealer].iter().filter(counts).copied().collect();
        let (mut any, mut later) = (false, false);
        for program in &candidates {
            if rebate::yields(policy, *program, &mut candidates.iter().copied()) {
                continue;
            }
            let Some(decided) = decides(*program) else { continue };
            if decided >= due(task, *program) {
                later = true;
                continue;
            }
            let grace = t.program_grace[program.index()];
            // What is booked when the window is closed counts when it is booked.
            let closed = |period: &usize| grace >= 0 && booked.is_some_and(|booked| booked.0 >= t.period_to[*period].saturating_add(grace));
            let mut period = period_of(task.policy, *program, decided);
            if period.as_ref().is_some_and(closed) {
                if booked.is_some_and(|booked| booked >= due(task, *program)) {
                    later = true;
                    continue;
                }
                let booked = booked.and_then(|booked| period_of(task.policy, *program, booked));
                period = booked.filter(|period| lives(task.policy, *program, *period));
            }
            let Some(period) = period else { continue };
            let amount = match decoded::<Basis>(t.program_basis[program.index()]) {
                Basis::List => row.list.unwrap_or(row.net),
                Basis::Gross => row.gross.unwrap_or(row.net),
                Basis::Net | Basis::Collected | Basis::SellOut => row.net,
            };
            any = true;
            let sum = Sum { volume: Volume { amount, quantity: row.quantity }, transactions: 1 };
            found.overflow |= found.sums.entry((dealer, program.0, period)).or_default().add(sum).is_err();
            let _ = writeln!(
                found.trace,
                "{},{},{},{},{},{}",
                quoted(id),
                quoted(&row.dealer),
                quoted(policy.program(*program)),
                policy.text(crate::id::TextId(t.period_text[period])),
                policy.constants.money_scale.show(amount.0),
                policy.constants.quantity_scale.show_short(row.quantity.0),
            );
        }
        match (any, later) {
            (true, _) => found.counts.counted += 1,
            (false, true) => found.counts.later += 1,
            (false, false) => found.counts.uncounted += 1,
        }
    });
    found
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
