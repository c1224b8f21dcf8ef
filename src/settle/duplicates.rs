//! Which rows have the id of an earlier one, in bounded memory: hashes of ids are divided, and kept in files where there are many.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Parts that hashes are divided into; each is sorted by itself.
const PARTS: usize = 64;
/// Hashes that are held before they go to files: some megabytes.
const HELD: usize = 100_000;
/// Bytes of a hash and a line.
const ENTRY: usize = 24;

/// Hashes of the ids seen so far.
pub struct Seen {
    folder: PathBuf,
    parts: Vec<Vec<([u8; 16], u64)>>,
    held: usize,
    spilled: bool,
}

impl Seen {
    /// Begins; `folder` is made, and removed at the end.
    pub fn new(folder: &Path) -> io::Result<Seen> {
        fs::create_dir_all(folder)?;
        Ok(Seen { folder: folder.to_owned(), parts: vec![Vec::new(); PARTS], held: 0, spilled: false })
    }

    pub fn add(&mut self, ids: Vec<([u8; 16], u64)>) -> io::Result<()> {
        self.held += ids.len();
        for (hash, line) in ids {
            self.parts[usize::from(hash[0]) % PARTS].push((hash, line));
        }
        if self.held > HELD {
            self.spill()?;
        }
        Ok(())
    }

    fn file(&self, part: usize) -> PathBuf {
        self.folder.join(format!("ids-{part}"))
    }

    fn spill(&mut self) -> io::Result<()> {
        for part in 0..PARTS {
            let mut bytes = Vec::with_capacity(self.parts[part].len() * ENTRY);
            for (hash, line) in self.parts[part].drain(..) {
                bytes.extend_from_slice(&hash);
                bytes.extend_from_slice(&line.to_le_bytes());
            }
            File::options().create(true).append(true).open(self.file(part))?.write_all(&bytes)?;
        }
        (self.held, self.spilled) = (0, true);
        Ok(())
    }

    /// The lines of rows with the id of an earlier one, ascending.
    pub fn finish(mut self) -> io::Result<Vec<u64>> {
        let mut twice = Vec::new();
        for part in 0..PARTS {
            let mut entries = std::mem::take(&mut self.parts[part]);
            if self.spilled {
                let mut bytes = Vec::new();
                File::open(self.file(part))?.read_to_end(&mut bytes)?;
                let (all, _) = bytes.as_chunks::<ENTRY>();
                for entry in all {
                    let (hash, line) = entry.split_at(16);
                    if let (Ok(hash), Ok(line)) = (hash.try_into(), line.try_into()) {
                        entries.push((hash, u64::from_le_bytes(line)));
                    }
                }
            }
            entries.sort_unstable();
            twice.extend(entries.array_windows().filter(|[a, b]| a.0 == b.0).map(|[_, later]| later.1));
        }
        fs::remove_dir_all(&self.folder)?;
        twice.sort_unstable();
        Ok(twice)
    }
}
