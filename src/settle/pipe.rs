//! Work on all cores that gives the same on any number of them: things are made one after the other, worked on beside each other, and
//! collected in the order in which they were made.

use super::Fault;
use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::sync_channel;
use std::sync::{Mutex, PoisonError};

/// Things per core that are made and not yet collected; what is held at once is so much and no more.
pub const AHEAD: usize = 3;

/// What makes the next thing, until there is none.
pub type Make<'m, I> = dyn FnMut() -> io::Result<Option<I>> + Send + 'm;

/// Makes, works and collects; after a fault nothing more is collected.
pub fn in_order<I: Send, T: Send>(
    threads: usize,
    make: &mut Make<I>,
    work: &(dyn Fn(I) -> T + Sync),
    collect: &mut dyn FnMut(T) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let threads = threads.max(1);
    let (give, take) = sync_channel::<(usize, I)>(threads);
    let (done, results) = sync_channel::<(usize, T)>(threads);
    let (free, places) = sync_channel::<()>(AHEAD * threads);
    for _ in 0..AHEAD * threads {
        let _ = free.send(());
    }
    let take = Mutex::new(take);
    std::thread::scope(|scope| {
        let maker = scope.spawn(move || -> io::Result<()> {
            let mut number = 0;
            while places.recv().is_ok() {
                let Some(item) = make()? else { break };
                if give.send((number, item)).is_err() {
                    break;
                }
                number += 1;
            }
            Ok(())
        });
        let take = &take;
        for _ in 0..threads {
            let done = done.clone();
            scope.spawn(move || {
                loop {
                    let item = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((number, item)) = item else { return };
                    if done.send((number, work(item))).is_err() {
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
                // The maker may have ended.
                let _ = free.send(());
            }
        }
        match maker.join() {
            Ok(made) => outcome.and(made.map_err(Fault::File)),
            Err(_) => Err(Fault::File(io::Error::other("reading stopped"))),
        }
    })
}
