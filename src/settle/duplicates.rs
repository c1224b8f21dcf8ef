//! Which rows have the id of an earlier one, in bounded memory: ids are divided by a hash, and kept in files where there are many.

use super::Fault;
use super::pipe::in_order;
use crate::limit;
use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Parts that ids are divided into; each is sorted by itself.
const PARTS: usize = 64;
/// Bytes that are held before they go to files.
const HELD: usize = 8 << 20;
/// The longest id in bytes; longer ones are refused.
const LONGEST: usize = 4 * limit::ID_CHARS;

/// Ids of a piece of the table with their lines, by part: length, text, line.
pub struct Ids(Vec<Vec<u8>>);

impl Ids {
    pub fn new() -> Ids {
        Ids(vec![Vec::new(); PARTS])
    }

    pub fn add(&mut self, id: &str, line: u64) {
        let Some(length) = u16::try_from(id.len()).ok().filter(|_| (1..=LONGEST).contains(&id.len())) else { return };
        let part = &mut self.0[usize::try_from((hash(id.as_bytes()) >> 32) % PARTS as u64).unwrap_or(0)];
        part.extend_from_slice(&length.to_le_bytes());
        part.extend_from_slice(id.as_bytes());
        part.extend_from_slice(&line.to_le_bytes());
    }
}

/// FNV-1a: it only divides and sorts.
fn hash(id: &[u8]) -> u64 {
    id.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

/// The ids seen so far.
pub struct Seen {
    folder: PathBuf,
    files: Vec<File>,
    parts: Vec<Vec<u8>>,
    held: usize,
}

impl Seen {
    /// Begins; `folder` must be there.
    pub fn new(folder: &Path) -> Seen {
        Seen { folder: folder.to_owned(), files: Vec::new(), parts: vec![Vec::new(); PARTS], held: 0 }
    }

    pub fn add(&mut self, ids: &Ids) -> io::Result<()> {
        for (part, own) in self.parts.iter_mut().zip(&ids.0) {
            part.extend_from_slice(own);
            self.held += own.len();
        }
        if self.held > HELD {
            self.spill()?;
        }
        Ok(())
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.files.is_empty() {
            let file = |part: usize| {
                let path = self.folder.join(format!("ids-{part}"));
                File::options().create(true).truncate(true).read(true).write(true).open(path)
            };
            self.files = (0..PARTS).map(file).collect::<io::Result<Vec<File>>>()?;
        }
        for (file, part) in self.files.iter_mut().zip(&mut self.parts) {
            file.write_all(part)?;
            part.clear();
        }
        self.held = 0;
        Ok(())
    }

    /// The lines of rows with the id of an earlier one, ascending.
    pub fn finish(self, threads: usize) -> Result<Vec<u64>, Fault> {
        let Seen { folder, files, parts, .. } = self;
        let (mut files, mut parts) = (files.into_iter(), parts.into_iter());
        let mut make = || -> io::Result<Option<Vec<u8>>> {
            let Some(held) = parts.next() else { return Ok(None) };
            let mut bytes = Vec::new();
            if let Some(mut file) = files.next() {
                file.rewind()?;
                file.read_to_end(&mut bytes)?;
            }
            bytes.extend_from_slice(&held);
            Ok(Some(bytes))
        };
        let mut twice = Vec::new();
        in_order(threads, &mut make, &|bytes: Vec<u8>| later(&bytes), &mut |lines| {
            twice.extend(lines);
            Ok(())
        })?;
        for part in 0..PARTS {
            let _ = fs::remove_file(folder.join(format!("ids-{part}")));
        }
        twice.sort_unstable();
        Ok(twice)
    }
}

/// Of a part, the lines of ids that stand on an earlier line too.
fn later(mut bytes: &[u8]) -> Vec<u64> {
    // Ids are compared only where their hashes are equal.
    let mut entries: Vec<(u64, &[u8], u64)> = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk::<2>() {
        let Some((id, rest)) = rest.split_at_checked(usize::from(u16::from_le_bytes(*length))) else { break };
        let Some((line, rest)) = rest.split_first_chunk::<8>() else { break };
        entries.push((hash(id), id, u64::from_le_bytes(*line)));
        bytes = rest;
    }
    entries.sort_unstable();
    entries.array_windows().filter(|[a, b]| (a.0, a.1) == (b.0, b.1)).map(|[_, later]| later.2).collect()
}
