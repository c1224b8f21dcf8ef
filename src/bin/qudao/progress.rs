//! What long work is at, on stderr: one line that is written over, where a person looks on, or with `--progress` a line for each step.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Work that is done sooner shows nothing.
const QUIET: Duration = Duration::from_millis(400);
/// Between two changes of the line.
const PAUSE: Duration = Duration::from_millis(100);

static SHOWN: Mutex<Option<Shown>> = Mutex::new(None);

struct Shown {
    terminal: bool,
    begun: Instant,
    last: Instant,
    step: String,
    step_begun: Instant,
    written: bool,
}

/// Begins, when stderr is a terminal or the author asks for it.
pub fn begin(asked: bool) {
    let terminal = std::io::stderr().is_terminal();
    if terminal || asked {
        let now = Instant::now();
        let shown = Shown { terminal, begun: now, last: now, step: String::new(), step_begun: now, written: false };
        *SHOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(shown);
    }
}

/// The step that the work is at, with how much of it is done where that is known.
pub fn step(name: &str, share: Option<(usize, usize)>) {
    let mut shown = SHOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let Some(shown) = shown.as_mut() else { return };
    let now = Instant::now();
    if shown.step != name {
        shown.finish_step(now);
        name.clone_into(&mut shown.step);
        shown.step_begun = now;
    } else if now - shown.last < PAUSE {
        return;
    }
    shown.last = now;
    if shown.terminal && now - shown.begun > QUIET {
        let percent = share.and_then(|(done, all)| (done * 100).checked_div(all)).map_or(String::new(), |percent| format!(" {percent} %"));
        let _ = write!(std::io::stderr(), "\r\x1b[K{name}{percent} …");
        let _ = std::io::stderr().flush();
        shown.written = true;
    }
}

/// Clears the line, so that the result stands alone.
pub fn end() {
    let mut shown = SHOWN.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(mut shown) = shown.take() {
        shown.finish_step(Instant::now());
        if shown.written {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    }
}

impl Shown {
    fn finish_step(&mut self, now: Instant) {
        if !self.terminal && !self.step.is_empty() {
            let _ = writeln!(std::io::stderr(), "{}: {} ms", self.step, (now - self.step_begun).as_millis());
        }
    }
}
