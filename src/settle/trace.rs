//! Which transactions make up a statement, in the order of the statements: what each piece of the table comes to is sorted and written to a
//! file as a run, and the runs are read together once it is known how many transactions every statement has. What is held does not grow with
//! the table.

use super::pipe::in_order;
use super::{Fault, Key, Sums, Task, short};
use crate::bundle::{Loaded, NONE};
use crate::id::{ProgramId, TextId};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Transactions that all cores together format at once.
const HELD: u64 = 300_000;
/// Bytes that are read ahead of all runs together, and of one at least and at most.
const READ: usize = 48 << 20;
const READ_ONE: (usize, usize) = (8 << 10, 256 << 10);
/// Bytes of a transaction before its id, and with the longest id.
const HEAD: usize = 30;
const LONGEST: usize = HEAD + 4 * crate::limit::ID_CHARS;

/// What counts for what in a piece of the table.
#[derive(Default)]
pub struct Run {
    index: Vec<(Key, usize)>,
    bytes: Vec<u8>,
}

impl Run {
    /// `thing` is what the program tells apart, [`NONE`] for nothing.
    pub fn add(&mut self, key: Key, (amount, quantity): (i64, i64), thing: u32, id: &str) {
        self.index.push((key, self.bytes.len()));
        for half in [key.0, key.1] {
            self.bytes.extend_from_slice(&half.to_le_bytes());
        }
        for figure in [amount, quantity] {
            self.bytes.extend_from_slice(&figure.to_le_bytes());
        }
        self.bytes.extend_from_slice(&thing.to_le_bytes());
        self.bytes.extend_from_slice(&u16::try_from(id.len()).unwrap_or(0).to_le_bytes());
        self.bytes.extend_from_slice(id.as_bytes());
    }

    /// By statement, and there in the order of the table.
    pub fn sorted(mut self) -> Vec<u8> {
        self.index.sort_unstable();
        let mut sorted = Vec::with_capacity(self.bytes.len());
        for (_, at) in &self.index {
            sorted.extend_from_slice(Record::of(&self.bytes[*at..]).map_or(&[], |record| record.bytes));
        }
        sorted
    }
}

/// A transaction that counts for a statement.
pub struct Record<'a> {
    pub key: Key,
    pub amount: i64,
    pub quantity: i64,
    thing: u32,
    id: &'a [u8],
    bytes: &'a [u8],
}

impl Record<'_> {
    /// The first record of some bytes, if it is there as a whole.
    pub fn of(bytes: &[u8]) -> Option<Record<'_>> {
        let half = |at: usize| Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let figure = |at: usize| Some(i64::from_le_bytes(*bytes.get(at..)?.first_chunk()?));
        let length = usize::from(u16::from_le_bytes(*bytes.get(28..)?.first_chunk()?));
        Some(Record {
            key: (half(0)?, half(4)?),
            amount: figure(8)?,
            quantity: figure(16)?,
            thing: half(24)?,
            id: bytes.get(HEAD..HEAD + length)?,
            bytes: bytes.get(..HEAD + length)?,
        })
    }

    /// Those of some bytes.
    pub fn all(mut bytes: &[u8]) -> impl Iterator<Item = Record<'_>> {
        std::iter::from_fn(move || {
            let record = Record::of(bytes)?;
            bytes = &bytes[record.bytes.len()..];
            Some(record)
        })
    }
}

/// A run in the file, and what is read of it.
struct Cursor {
    at: u64,
    end: u64,
    buffer: Vec<u8>,
    from: usize,
}

/// All runs.
pub struct Trace {
    path: PathBuf,
    file: File,
    cursors: Vec<Cursor>,
    end: u64,
}

impl Trace {
    pub fn new(folder: &std::path::Path) -> io::Result<Trace> {
        let path = folder.join("lines");
        let file = File::options().create(true).truncate(true).read(true).write(true).open(&path)?;
        Ok(Trace { path, file, cursors: Vec::new(), end: 0 })
    }

    pub fn add(&mut self, run: &[u8]) -> io::Result<()> {
        self.file.write_all(run)?;
        let (at, end) = (self.end, self.end + run.len() as u64);
        self.cursors.push(Cursor { at, end, buffer: Vec::new(), from: 0 });
        self.end = end;
        Ok(())
    }

    /// Writes all transactions as CSV, in the order of the statements that they make up; gives how many different SKUs or categories there are with
    /// each of those whose programs tell them apart.
    pub fn write(self, task: &Task, sums: &Sums, out: &mut dyn Write) -> Result<Vec<(Key, u32)>, Fault> {
        let Trace { path, mut file, mut cursors, .. } = self;
        writeln!(out, "transaction,dealer,program,period,amount,quantity")?;
        let read = (READ / cursors.len().max(1)).clamp(READ_ONE.0, READ_ONE.1);
        let mut shards = shards(sums, (HELD / task.threads.max(1) as u64).max(1));
        let mut next = 0;
        let mut make = || -> io::Result<Option<Vec<u8>>> {
            let mut bytes = Vec::new();
            while let Some(shard) = shards.front() {
                while let Some(cursor) = cursors.get_mut(next) {
                    let full = cursor.take(shard, &mut file, read, &mut bytes)?;
                    if full {
                        return Ok(Some(bytes));
                    }
                    next += 1;
                }
                next = 0;
                shards.pop_front();
                if !bytes.is_empty() {
                    return Ok(Some(bytes));
                }
            }
            Ok(None)
        };
        let mut tally = Tally { versions: short(sums.versions), covered: Vec::new(), units: BTreeMap::new() };
        in_order(task.threads, &mut make, &|bytes: Vec<u8>| formatted(task, sums, &bytes), &mut |(text, units): (Vec<u8>, Vec<_>)| {
            units.into_iter().for_each(|(key, thing, units)| tally.add(key, thing, units));
            Ok(out.write_all(&text)?)
        })?;
        let _ = fs::remove_file(path);
        Ok(tally.covered)
    }
}

/// Units of what programs tell apart: of one dealer and window at a time, under the versions so far.
struct Tally {
    versions: u32,
    covered: Vec<(Key, u32)>,
    units: BTreeMap<u32, i128>,
}

impl Tally {
    /// Keys come in order, each in one piece or several.
    fn add(&mut self, key: Key, thing: u32, units: i128) {
        let window = |(dealer, slot): Key| (dealer, slot / self.versions);
        let before = self.covered.last().copied();
        if before.is_none_or(|(before, _)| window(before) != window(key)) {
            self.units.clear();
        }
        if before.is_none_or(|(before, _)| before != key) {
            self.covered.push((key, before.filter(|_| !self.units.is_empty()).map_or(0, |(_, count)| count)));
        }
        let sum = self.units.entry(thing).or_default();
        let there = u32::from(*sum > 0);
        *sum += units;
        let then = u32::from(*sum > 0);
        if let Some((_, count)) = self.covered.last_mut() {
            *count = *count + then - there;
        }
    }
}

/// Statements that follow each other, up to and with `last`, whose transactions are held together; one alone may have more than can be held.
struct Shard {
    last: Key,
    alone: bool,
}

fn shards(sums: &Sums, most: u64) -> VecDeque<Shard> {
    let (mut shards, mut held, mut keys, mut before) = (VecDeque::new(), 0, 0, (0, 0));
    for (key, sum) in sums.all() {
        if keys > 0 && held + sum.transactions > most {
            shards.push_back(Shard { last: before, alone: keys == 1 });
            (held, keys) = (0, 0);
        }
        (held, keys, before) = (held + sum.transactions, keys + 1, key);
    }
    if keys > 0 {
        shards.push_back(Shard { last: before, alone: keys == 1 });
    }
    shards
}

impl Cursor {
    /// Takes what is of a shard, and says whether there is more than can be held: of one statement it comes in order as it is.
    fn take(&mut self, shard: &Shard, file: &mut File, read: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            if self.buffer.len() - self.from < LONGEST && self.at < self.end {
                self.buffer.drain(..self.from);
                self.from = 0;
                file.seek(SeekFrom::Start(self.at))?;
                let most = (self.end - self.at).min(read as u64);
                Read::take(&mut *file, most).read_to_end(&mut self.buffer)?;
                self.at += most;
            }
            match Record::of(&self.buffer[self.from..]) {
                Some(record) if record.key <= shard.last => {
                    bytes.extend_from_slice(record.bytes);
                    self.from += record.bytes.len();
                }
                Some(_) | None => return Ok(false),
            }
            if shard.alone && bytes.len() > READ_ONE.1 {
                return Ok(true);
            }
        }
    }
}

/// Rows of the transactions of a shard: by statement, and there in the order of the table.
/// With them, what their programs tell apart: by statement, each once, with its units.
fn formatted(task: &Task, sums: &Sums, bytes: &[u8]) -> (Vec<u8>, Vec<(Key, u32, i128)>) {
    let mut records: Vec<Record> = Record::all(bytes).collect();
    records.sort_by_key(|record| record.key);
    let c = &task.policy.constants;
    let (mut out, mut key, mut middle) = (Vec::with_capacity(bytes.len() * 2), None, String::new());
    for record in &records {
        if key != Some(record.key) {
            key = Some(record.key);
            let (dealer, period) = (record.key.0 as usize, record.key.1 as usize / sums.versions);
            let label = task.policy.text(TextId(task.policy.tables.period_text[period]));
            let program = task.policy.program(program_of(task.policy, period));
            middle = format!(",{},{},{label},", super::quoted(&task.dealers[sums.order[dealer]].id), super::quoted(program));
        }
        let id = str::from_utf8(record.id).unwrap_or_default();
        out.extend_from_slice(super::quoted(id).as_bytes());
        out.extend_from_slice(middle.as_bytes());
        c.money_scale.write(record.amount, c.money_scale.0, &mut out);
        out.push(b',');
        c.quantity_scale.write(record.quantity, 0, &mut out);
        out.push(b'\n');
    }
    let told = |record: &Record| (record.thing != NONE).then_some((record.key, record.thing, i128::from(record.quantity)));
    let mut units: Vec<(Key, u32, i128)> = records.iter().filter_map(told).collect();
    units.sort_unstable();
    units.dedup_by(|next, sum| {
        let same = (next.0, next.1) == (sum.0, sum.1);
        if same {
            sum.2 += next.2;
        }
        same
    });
    (out, units)
}

/// The program that a window is of.
pub fn program_of(policy: &Loaded, period: usize) -> ProgramId {
    let after = policy.tables.program_period_start.partition_point(|start| *start as usize <= period);
    ProgramId(u32::try_from(after.saturating_sub(1)).unwrap_or(0))
}
