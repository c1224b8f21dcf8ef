//! Which transactions make up a statement, in the order of the statements: what each piece of the table comes to is sorted by dealer and written
//! to a file as a run, and the runs are read together once it is known how many transactions every statement has. What is held does not grow with
//! the table.

use super::pipe::in_order;
use super::{Fault, Key, Sum, Sums, Task, short};
use crate::bundle::{Loaded, NONE};
use crate::facts::Volume;
use crate::id::{ProgramId, TextId};
use crate::num::{Money, Quantity};
use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

/// Rows that all cores together format at once.
const HELD: u64 = 300_000;
/// Bytes that are read ahead of all runs together, and of one at least and at most.
const READ: usize = 48 << 20;
const READ_ONE: (usize, usize) = (8 << 10, 256 << 10);
/// Bytes of a transaction before its id: how many it has, dealer, quantity, amount, and length of the id.
const HEAD: usize = 26;
/// Bits of what a place of a transaction has: another amount or quantity than the transaction, a thing that its program tells apart.
const AMOUNT: u8 = 1;
const QUANTITY: u8 = 2;
const THING: u8 = 4;

/// What counts for what in a piece of the table: each transaction once, with the statements that it counts for.
#[derive(Default)]
pub struct Run {
    /// Dealers of the transactions, and where they begin.
    index: Vec<(u32, usize)>,
    bytes: Vec<u8>,
}

impl Run {
    /// Begins a transaction, by its id as it is written into a table.
    pub fn begin(&mut self, dealer: u32, (amount, quantity): (i64, i64), id: &str) {
        self.index.push((dealer, self.bytes.len()));
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(&dealer.to_le_bytes());
        self.bytes.extend_from_slice(&quantity.to_le_bytes());
        self.bytes.extend_from_slice(&amount.to_le_bytes());
        self.bytes.extend_from_slice(&u16::try_from(id.len()).unwrap_or(0).to_le_bytes());
        self.bytes.extend_from_slice(id.as_bytes());
    }

    /// Adds a statement that it counts for; `thing` is what the program tells apart, [`NONE`] for nothing.
    pub fn add(&mut self, slot: u32, amount: Option<i64>, quantity: Option<i64>, thing: u32) {
        let has = |flag: u8, has: bool| if has { flag } else { 0 };
        self.bytes.push(has(AMOUNT, amount.is_some()) | has(QUANTITY, quantity.is_some()) | has(THING, thing != NONE));
        self.bytes.extend_from_slice(&slot.to_le_bytes());
        for figure in amount.into_iter().chain(quantity) {
            self.bytes.extend_from_slice(&figure.to_le_bytes());
        }
        if thing != NONE {
            self.bytes.extend_from_slice(&thing.to_le_bytes());
        }
    }

    /// Ends it; one that counts for nothing is none.
    pub fn end(&mut self, counts: bool) {
        let Some((_, begin)) = self.index.last().copied() else { return };
        if !counts {
            self.bytes.truncate(begin);
            self.index.pop();
            return;
        }
        let length = short(self.bytes.len() - begin);
        self.bytes[begin..begin + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// By dealer, and there in the order of the table; and what they sum to, in order.
    pub fn sorted(mut self, sums: &mut Vec<(Key, Sum)>) -> Result<Vec<u8>, crate::num::Overflow> {
        self.index.sort_unstable();
        let mut sorted = Vec::with_capacity(self.bytes.len());
        let mut own: Vec<(u32, Sum)> = Vec::new();
        for of_dealer in self.index.chunk_by(|a, b| a.0 == b.0) {
            for (_, at) in of_dealer {
                let Some(record) = Record::of(&self.bytes[*at..]) else { continue };
                sorted.extend_from_slice(record.bytes);
                for place in record.places() {
                    let volume = Volume { amount: Money(place.amount), quantity: Quantity(place.quantity) };
                    let sum = Sum { volume, transactions: 1 };
                    match own.binary_search_by_key(&place.slot, |(known, _)| *known) {
                        Ok(at) => own[at].1.add(sum)?,
                        Err(at) => own.insert(at, (place.slot, sum)),
                    }
                }
            }
            let dealer = of_dealer[0].0;
            sums.extend(own.drain(..).map(|(slot, sum)| ((dealer, slot), sum)));
        }
        Ok(sorted)
    }
}

/// A transaction that counts.
struct Record<'a> {
    dealer: u32,
    quantity: i64,
    amount: i64,
    id: &'a [u8],
    places: &'a [u8],
    bytes: &'a [u8],
}

/// A statement that it counts for.
struct Place {
    slot: u32,
    amount: i64,
    quantity: i64,
    /// What its program tells apart, [`NONE`] for nothing.
    thing: u32,
}

fn half(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

fn figure(bytes: &[u8], at: usize) -> Option<i64> {
    Some(i64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

impl<'a> Record<'a> {
    /// The first of some bytes, if it is there as a whole.
    fn of(bytes: &'a [u8]) -> Option<Record<'a>> {
        let bytes = bytes.get(..half(bytes, 0)? as usize)?;
        let id = HEAD + usize::from(u16::from_le_bytes(*bytes.get(HEAD - 2..)?.first_chunk()?));
        Some(Record {
            dealer: half(bytes, 4)?,
            quantity: figure(bytes, 8)?,
            amount: figure(bytes, 16)?,
            id: bytes.get(HEAD..id)?,
            places: bytes.get(id..)?,
            bytes,
        })
    }

    /// Those of some bytes.
    fn all(mut bytes: &'a [u8]) -> impl Iterator<Item = Record<'a>> {
        std::iter::from_fn(move || {
            let record = Record::of(bytes)?;
            bytes = &bytes[record.bytes.len()..];
            Some(record)
        })
    }

    /// What it counts for.
    fn places(&self) -> impl Iterator<Item = Place> + use<'a> {
        let (mut places, amount, quantity) = (self.places, self.amount, self.quantity);
        std::iter::from_fn(move || {
            let (has, slot) = (*places.first()?, half(places, 1)?);
            let mut at = 5;
            let mut place = Place { slot, amount, quantity, thing: NONE };
            for (flag, own) in [(AMOUNT, &mut place.amount), (QUANTITY, &mut place.quantity)] {
                if has & flag != 0 {
                    *own = figure(places, at)?;
                    at += 8;
                }
            }
            if has & THING != 0 {
                place.thing = half(places, at)?;
                at += 4;
            }
            places = &places[at..];
            Some(place)
        })
    }
}

/// A run in the file, and what is read of it.
struct Cursor {
    at: u64,
    end: u64,
    buffer: Vec<u8>,
    from: usize,
    /// Where a dealer begins that has more than can be held.
    begin: Option<u64>,
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
        self.cursors.push(Cursor { at, end, buffer: Vec::new(), from: 0, begin: None });
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
        let mut make = || -> io::Result<Option<(Shard, Vec<u8>)>> {
            let mut bytes = Vec::new();
            while let Some(shard) = shards.front().copied() {
                while let Some(cursor) = cursors.get_mut(next) {
                    let full = cursor.take(&shard, &mut file, read, &mut bytes)?;
                    if full {
                        return Ok(Some((shard, bytes)));
                    }
                    next += 1;
                }
                next = 0;
                shards.pop_front();
                if !bytes.is_empty() {
                    return Ok(Some((shard, bytes)));
                }
            }
            Ok(None)
        };
        let mut tally = Tally { versions: short(sums.versions), covered: Vec::new(), units: BTreeMap::new() };
        let work = |(shard, bytes): (Shard, Vec<u8>)| formatted(task, sums, &shard, &bytes);
        in_order(task.threads, &mut make, &work, &mut |(text, units): (Vec<Vec<u8>>, Vec<_>)| {
            units.into_iter().for_each(|(key, thing, units)| tally.add(key, thing, units));
            Ok(text.iter().try_for_each(|text| out.write_all(text))?)
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

/// Statements whose rows are held together: all of some dealers, or some of a dealer that has more than can be held.
#[derive(Clone, Copy)]
struct Shard {
    /// Dealers, the last one included.
    dealers: (u32, u32),
    /// Slots, the last one included.
    slots: (u32, u32),
    /// One statement, of which there may be more than can be held.
    alone: bool,
    /// More of this dealer's follow.
    again: bool,
}

fn shards(sums: &Sums, most: u64) -> VecDeque<Shard> {
    let (mut shards, mut held): (VecDeque<Shard>, u64) = (VecDeque::new(), 0);
    for (dealer, own) in (0..).zip(&sums.of).filter(|(_, own)| !own.is_empty()) {
        let all: u64 = own.iter().map(|(_, sum)| sum.transactions).sum();
        match shards.back_mut() {
            _ if all > most => {
                held = most;
                let mut of_slots = 0;
                for (at, (slot, sum)) in own.iter().enumerate() {
                    let again = at + 1 < own.len();
                    match shards.back_mut().filter(|_| at > 0 && of_slots + sum.transactions <= most) {
                        Some(shard) => {
                            (shard.slots.1, shard.alone, shard.again) = (*slot, false, again);
                            of_slots += sum.transactions;
                        }
                        None => {
                            shards.push_back(Shard { dealers: (dealer, dealer), slots: (*slot, *slot), alone: true, again });
                            of_slots = sum.transactions;
                        }
                    }
                }
            }
            Some(shard) if held + all <= most => {
                shard.dealers.1 = dealer;
                held += all;
            }
            _ => {
                shards.push_back(Shard { dealers: (dealer, dealer), slots: (0, u32::MAX), alone: false, again: false });
                held = all;
            }
        }
    }
    shards
}

impl Cursor {
    /// Takes what is of a shard, and says whether there is more than can be held: of one statement it comes in order as it is.
    fn take(&mut self, shard: &Shard, file: &mut File, read: usize, bytes: &mut Vec<u8>) -> io::Result<bool> {
        let begin = *self.begin.get_or_insert(self.at - (self.buffer.len() - self.from) as u64);
        loop {
            match Record::of(&self.buffer[self.from..]) {
                Some(record) if record.dealer <= shard.dealers.1 => {
                    if shard.has(&record) {
                        bytes.extend_from_slice(record.bytes);
                    }
                    self.from += record.bytes.len();
                }
                None if self.at < self.end => {
                    self.buffer.drain(..self.from);
                    self.from = 0;
                    file.seek(SeekFrom::Start(self.at))?;
                    let most = (self.end - self.at).min(read as u64);
                    Read::take(&mut *file, most).read_to_end(&mut self.buffer)?;
                    self.at += most;
                }
                Some(_) | None => break,
            }
            if shard.alone && bytes.len() > READ_ONE.1 {
                return Ok(true);
            }
        }
        self.begin = None;
        if shard.again {
            (self.at, self.from) = (begin, 0);
            self.buffer.clear();
        }
        Ok(false)
    }
}

impl Shard {
    /// Whether a transaction of its dealers counts for one of its statements.
    fn has(&self, record: &Record) -> bool {
        self.slots == (0, u32::MAX) || record.places().any(|place| self.is_of(place.slot))
    }

    fn is_of(&self, slot: u32) -> bool {
        self.slots.0 <= slot && slot <= self.slots.1
    }
}

/// A statement that is formatted.
struct Lines<'a> {
    key: Key,
    /// What stands between the id and the amount.
    middle: Vec<u8>,
    text: Vec<u8>,
    things: Vec<(u32, &'a Record<'a>)>,
}

/// Units of what a program tells apart, of a statement.
type Told = (Key, u32, i128);

/// Rows of the transactions of a shard: by statement, and there in the order of the table.
/// With them, what their programs tell apart: by statement, each once, with its units.
fn formatted(task: &Task, sums: &Sums, shard: &Shard, bytes: &[u8]) -> (Vec<Vec<u8>>, Vec<Told>) {
    let (policy, c) = (task.policy, &task.policy.constants);
    let records: Vec<Record> = Record::all(bytes).collect();
    let mut all: Vec<Lines> = Vec::new();
    // Where each dealer's statements begin.
    let mut starts: Vec<usize> = Vec::new();
    for dealer in shard.dealers.0..=shard.dealers.1 {
        starts.push(all.len());
        let own = &sums.of[dealer as usize];
        let dealer_id = super::quoted(&task.dealers[sums.order[dealer as usize]].id);
        for (slot, sum) in own.iter().filter(|(slot, _)| shard.is_of(*slot)) {
            let period = *slot as usize / sums.versions;
            let label = policy.text(TextId(policy.tables.period_text[period]));
            let middle = format!(",{dealer_id},{},{label},", super::quoted(policy.program(program_of(policy, period)))).into_bytes();
            let rows = usize::try_from(sum.transactions).unwrap_or(0).min(bytes.len() / HEAD);
            let text = Vec::with_capacity(rows * (middle.len() + 24));
            all.push(Lines { key: (dealer, *slot), middle, text, things: Vec::new() });
        }
    }
    starts.push(all.len());
    let mut tail = Vec::new();
    for record in &records {
        let at = (record.dealer - shard.dealers.0) as usize;
        let own = &mut all[starts[at]..starts[at + 1]];
        let end = |(amount, quantity): (i64, i64), tail: &mut Vec<u8>| {
            tail.clear();
            c.money_scale.write(amount, c.money_scale.0, tail);
            tail.push(b',');
            c.quantity_scale.write(quantity, 0, tail);
            tail.push(b'\n');
        };
        let mut written = (record.amount, record.quantity);
        end(written, &mut tail);
        for place in record.places() {
            let Ok(at) = own.binary_search_by_key(&place.slot, |lines| lines.key.1) else { continue };
            if written != (place.amount, place.quantity) {
                written = (place.amount, place.quantity);
                end(written, &mut tail);
            }
            let lines = &mut own[at];
            for part in [record.id, &lines.middle, &tail] {
                lines.text.extend_from_slice(part);
            }
            if place.thing != NONE {
                lines.things.push((place.thing, record));
            }
        }
    }
    let mut units: Vec<Told> = Vec::new();
    for lines in &mut all {
        lines.things.sort_unstable_by_key(|(thing, _)| *thing);
        for same in lines.things.chunk_by(|a, b| a.0 == b.0) {
            units.push((lines.key, same[0].0, same.iter().map(|(_, record)| i128::from(record.quantity)).sum()));
        }
    }
    (all.into_iter().map(|lines| lines.text).collect(), units)
}

/// The program that a window is of.
pub fn program_of(policy: &Loaded, period: usize) -> ProgramId {
    let after = policy.tables.program_period_start.partition_point(|start| *start as usize <= period);
    ProgramId(u32::try_from(after.saturating_sub(1)).unwrap_or(0))
}
