//! Hostile input in three layers: policy files, orders and facts, bundles. An input is a function of the seed and its number, so any one of them
//! can be run again. `cargo xtask fuzz` runs it; `docs/security.md` says what holds.

mod bundle;
mod corpus;
mod memory;
mod oracle;
mod order;
mod policy;
mod random;

use corpus::Corpus;
use random::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Seek, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The longest that one input may take; the worst search that a policy may ask for, `limit::SEARCH_STEPS`, is the longest honest work.
const SECONDS: u64 = 20;
/// What one input may hold at once, documented in `docs/security.md`: so much, and so much for each of its own bytes.
const MEMORY: (u64, u64) = (16 << 20, 500);
/// Failures shown of one run; more of them are the same one mostly.
const FAILURES: usize = 10;
const LAYERS: [&str; 3] = ["policy files", "orders and facts", "bundles"];
/// The layer of an input, by its number: half are orders, the rest is shared.
const PATTERN: [usize; 10] = [1, 2, 0, 1, 2, 1, 0, 1, 2, 1];

const HELP: &str = "cargo xtask fuzz [--inputs N | --seconds N] [--seed N] [--from N] [--workers N]
  --inputs N    how many inputs (default 100000)      --seconds N  run for so long instead
  --seed N      another set of inputs (default 1)     --from N     begin with this input; with --inputs 1, that one alone";

struct Options {
    inputs: u64,
    seconds: Option<u64>,
    seed: u64,
    from: u64,
    workers: usize,
    /// Where failures and the numbers of running inputs go.
    folder: PathBuf,
}

fn options() -> Option<Options> {
    let folder = std::env::var_os("QUDAO_FUZZ").map_or_else(|| PathBuf::from("target/fuzz"), PathBuf::from);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut options = Options { inputs: 100_000, seconds: None, seed: 1, from: 0, workers, folder };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let number: u64 = words.next()?.replace('_', "").parse().ok()?;
        match word.as_str() {
            "--inputs" => options.inputs = number,
            "--seconds" => options.seconds = Some(number),
            "--seed" => options.seed = number,
            "--from" => options.from = number,
            "--workers" => options.workers = usize::try_from(number).ok()?.max(1),
            _ => return None,
        }
    }
    Some(options)
}

enum Input {
    Policy(policy::Input),
    Order(order::Input),
    Bundle(bundle::Input),
}

impl Input {
    fn make(corpus: &Corpus, seed: u64, number: u64) -> Input {
        let mut random = Random::of(seed, number);
        match layer(number) {
            0 => Input::Policy(policy::make(corpus, &mut random)),
            1 => Input::Order(order::make(corpus, &mut random)),
            _ => Input::Bundle(bundle::make(corpus, &mut random)),
        }
    }

    fn run(&self, corpus: &Corpus) -> Result<String, String> {
        match self {
            Input::Policy(input) => policy::run(corpus, input),
            Input::Order(input) => order::run(corpus, input),
            Input::Bundle(input) => bundle::run(corpus, input),
        }
    }

    fn smaller(&self) -> Vec<Input> {
        match self {
            Input::Policy(input) => policy::smaller(input).into_iter().map(Input::Policy).collect(),
            Input::Order(input) => order::smaller(input).into_iter().map(Input::Order).collect(),
            Input::Bundle(input) => bundle::smaller(input).into_iter().map(Input::Bundle).collect(),
        }
    }

    fn show(&self, corpus: &Corpus) -> String {
        match self {
            Input::Policy(input) => policy::show(input),
            Input::Order(input) => order::show(corpus, input),
            Input::Bundle(input) => bundle::show(corpus, input),
        }
    }
}

fn layer(number: u64) -> usize {
    PATTERN[(number % PATTERN.len() as u64) as usize]
}

/// What became of the inputs of one layer.
#[derive(Default)]
struct Tally {
    inputs: u64,
    time: Duration,
    outcomes: BTreeMap<String, u64>,
    /// The longest time and the most memory, with the number of the input.
    slowest: (Duration, u64),
    largest: (u64, u64),
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.inputs += other.inputs;
        self.time += other.time;
        other.outcomes.into_iter().for_each(|(outcome, times)| *self.outcomes.entry(outcome).or_default() += times);
        self.slowest = self.slowest.max(other.slowest);
        self.largest = self.largest.max(other.largest);
    }
}

/// What the workers share.
struct Shared {
    options: Options,
    next: AtomicU64,
    stop: AtomicBool,
    /// The input each worker is at, plus one, and when it began, in milliseconds since `start`.
    running: Vec<(AtomicU64, AtomicU64)>,
    start: Instant,
    /// What went wrong, once each, and where it is shown.
    failures: Mutex<BTreeSet<String>>,
    tallies: Mutex<[Tally; 3]>,
}

thread_local! {
    static PANIC: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

fn main() -> ExitCode {
    let Some(options) = options() else {
        eprintln!("{HELP}");
        return ExitCode::FAILURE;
    };
    std::fs::create_dir_all(&options.folder).expect("a folder for what fails");
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let text = info.payload_as_str().unwrap_or_default();
        PANIC.with(|panic| *panic.borrow_mut() = format!("panic at {place}: {text}"));
    }));
    let shared = Arc::new(Shared {
        next: AtomicU64::new(options.from),
        stop: AtomicBool::new(false),
        running: (0..options.workers).map(|_| (AtomicU64::new(0), AtomicU64::new(0))).collect(),
        start: Instant::now(),
        failures: Mutex::default(),
        tallies: Mutex::default(),
        options,
    });
    let workers: Vec<_> = (0..shared.options.workers)
        .map(|worker| {
            let shared = Arc::clone(&shared);
            // As deep a stack as a main thread has.
            std::thread::Builder::new().stack_size(8 << 20).spawn(move || work(&shared, worker)).expect("a thread")
        })
        .collect();
    let mut shown = Instant::now();
    while !workers.iter().all(std::thread::JoinHandle::is_finished) {
        std::thread::sleep(Duration::from_millis(100));
        if shared.options.seconds.is_some_and(|seconds| shared.start.elapsed().as_secs() >= seconds) {
            shared.stop.store(true, Relaxed);
        }
        let now = shared.start.elapsed().as_millis() as u64;
        for (number, since) in &shared.running {
            if let Some(number) = number.load(Relaxed).checked_sub(1).filter(|_| now.saturating_sub(since.load(Relaxed)) > SECONDS * 1_000)
            {
                eprintln!(
                    "input {number} takes longer than {SECONDS} s; run it alone: --seed {} --from {number} --inputs 1",
                    shared.options.seed
                );
                return ExitCode::FAILURE;
            }
        }
        if shown.elapsed().as_secs() >= 10 {
            shown = Instant::now();
            let done = shared.next.load(Relaxed) - shared.options.from;
            eprintln!("  {done} inputs in {} s", shared.start.elapsed().as_secs());
        }
    }
    for worker in workers {
        if worker.join().is_err() {
            eprintln!("a worker ended; its input stands in {}", shared.options.folder.display());
            return ExitCode::FAILURE;
        }
    }
    report(&shared)
}

/// Runs inputs until there are no more of them.
fn work(shared: &Shared, worker: usize) {
    let corpus = Corpus::read();
    let options = &shared.options;
    let place = options.folder.join(format!("running-{worker}"));
    let mut file = std::fs::File::create(&place).expect("a file for the number of the running input");
    let mut tallies: [Tally; 3] = Default::default();
    while !shared.stop.load(Relaxed) {
        let number = shared.next.fetch_add(1, Relaxed);
        if options.seconds.is_none() && number >= options.from + options.inputs {
            break;
        }
        // A crash that cannot be caught leaves its number here.
        let line = format!("--seed {} --from {number:<20} --inputs 1\n", options.seed);
        let _ = file.rewind().and_then(|()| file.write_all(line.as_bytes()));
        let (running, since) = &shared.running[worker];
        since.store(shared.start.elapsed().as_millis() as u64, Relaxed);
        running.store(number + 1, Relaxed);
        one(shared, &corpus, number, &mut tallies[layer(number)]);
        running.store(0, Relaxed);
    }
    let _ = std::fs::remove_file(place);
    for (all, mine) in shared.tallies.lock().expect("no panic here").iter_mut().zip(tallies) {
        all.add(mine);
    }
}

fn one(shared: &Shared, corpus: &Corpus, number: u64, tally: &mut Tally) {
    let start = Instant::now();
    let input = Input::make(corpus, shared.options.seed, number);
    let (outcome, held) = memory::peak(|| caught(corpus, &input));
    let took = start.elapsed();
    tally.inputs += 1;
    tally.time += took;
    tally.slowest = tally.slowest.max((took, number));
    tally.largest = tally.largest.max((held, number));
    let outcome = outcome.and_then(|outcome| {
        let size = input.show(corpus).len() as u64 * u64::from(held > MEMORY.0);
        if held > MEMORY.0 + MEMORY.1 * size { Err(format!("{held} bytes were held for an input of {size}")) } else { Ok(outcome) }
    });
    match outcome {
        Ok(outcome) => *tally.outcomes.entry(outcome).or_default() += 1,
        Err(wrong) => fail(shared, corpus, number, input, &wrong),
    }
}

fn caught(corpus: &Corpus, input: &Input) -> Result<String, String> {
    panic::catch_unwind(AssertUnwindSafe(|| input.run(corpus))).unwrap_or_else(|_| Err(PANIC.with(|panic| panic.borrow().clone())))
}

/// The kind of a failure: its words without the figures of this input.
fn kind(wrong: &str) -> String {
    let end = if wrong.starts_with("panic at") { wrong.len().min(120) } else { wrong.len().min(30) };
    wrong.chars().take(end).filter(|c| !c.is_ascii_digit() || wrong.starts_with("panic at")).collect()
}

/// Makes the input smaller while it fails in the same way, then writes it down.
fn fail(shared: &Shared, corpus: &Corpus, number: u64, mut input: Input, wrong: &str) {
    {
        let mut failures = shared.failures.lock().expect("no panic here");
        if !failures.insert(kind(wrong)) {
            return;
        }
        if failures.len() >= FAILURES {
            shared.stop.store(true, Relaxed);
        }
    }
    let mut wrong = wrong.to_owned();
    let until = Instant::now() + Duration::from_secs(SECONDS / 2);
    'smaller: while Instant::now() < until {
        for candidate in input.smaller() {
            if let Err(again) = caught(corpus, &candidate)
                && kind(&again) == kind(&wrong)
            {
                (input, wrong) = (candidate, again);
                continue 'smaller;
            }
            if Instant::now() > until {
                break;
            }
        }
        break;
    }
    let seed = shared.options.seed;
    let text = format!("{wrong}\n\ncargo xtask fuzz --seed {seed} --from {number} --inputs 1\n\n{}", input.show(corpus));
    let file = shared.options.folder.join(format!("{seed}-{number}.txt"));
    std::fs::write(&file, &text).expect("the failure can be written");
    let shortened: String = text.chars().take(3_000).collect();
    eprintln!("FAILED, see {}\n{shortened}\n", file.display());
}

fn report(shared: &Shared) -> ExitCode {
    let seconds = shared.start.elapsed().as_secs_f64();
    let tallies = shared.tallies.lock().expect("no panic here");
    let mut all = 0;
    for (name, tally) in LAYERS.iter().zip(tallies.iter()) {
        all += tally.inputs;
        println!(
            "{name}: {} inputs, {:.0} µs each, slowest {:.0} ms (input {}), most memory {:.1} MB (input {})",
            tally.inputs,
            tally.time.as_secs_f64() * 1e6 / tally.inputs.max(1) as f64,
            tally.slowest.0.as_secs_f64() * 1e3,
            tally.slowest.1,
            tally.largest.0 as f64 / 1e6,
            tally.largest.1,
        );
        let mut outcomes: Vec<_> = tally.outcomes.iter().collect();
        outcomes.sort_by_key(|(_, times)| std::cmp::Reverse(**times));
        println!("  {}", outcomes.iter().map(|(outcome, times)| format!("{outcome} {times}")).collect::<Vec<_>>().join(", "));
    }
    let unmet: Vec<&str> = bundle::rules().into_iter().filter(|rule| !tallies[2].outcomes.contains_key(*rule)).collect();
    println!("rules of bundles that no input broke: {}", if unmet.is_empty() { "none".to_owned() } else { unmet.join(", ") });
    let failures = shared.failures.lock().expect("no panic here").len();
    println!("seed {}: {all} inputs in {seconds:.0} s, {:.0} each second, {failures} failures", shared.options.seed, all as f64 / seconds);
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
