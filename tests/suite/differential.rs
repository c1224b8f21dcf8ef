//! The engine against the slow evaluator: every figure of every answer.

mod alternative;
mod catalog;
mod claim;
mod grade;
mod hint;
mod plan;
mod returns;
mod settle;
mod tally;
mod transfer;

use crate::case::{self, Case};
use crate::slow;
use crate::world::{self, World, every_world, passing_worlds};
use proptest::prelude::prop;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use qudao::diagnostic::Diagnostics;
use qudao::num::Number;
use qudao::policy::Policy;
use qudao::wire::{self, Node};
use qudao::{Engine, check, compile, import, policy_test};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tally::Tally;

/// Parts of the answer that are not semantics: hashes and versions.
const SKIPPED: [&str; 5] = ["engine", "bundle", "policy", "inputs_hash", "result_hash"];
/// The refusals that are semantics (§3.2, §22.1).
const REFUSED: [&str; 2] = ["LINE_ID_DUPLICATE", "UNIT_INEXACT"];
/// Worlds of one run, each with a neighbour; `QUDAO_WORLDS` sets another number, `QUDAO_FIRST_WORLD` where it begins (0).
const WORLDS: u64 = 6_000;
/// How often each row of each table should be met; a run tells those that are rarer.
const LEAST: u64 = 100;
/// How often each must be met in a run of [`WORLDS`].
const FEWEST: u64 = 10;
/// Further orders of each world, by other dealers, at other times and with other facts; `QUDAO_ORDERS` sets another number, so that a long run
/// has more worlds than orders.
const ORDERS: u64 = 5;
/// Worlds that differ before the run ends.
const FAILURES: usize = 4;
/// Steps of making a world smaller.
const SMALLER: usize = 2_000;
/// Seconds between two lines about how far a run is.
const PROGRESS_SECONDS: u64 = 30;

/// Worlds that a comparison of its own looks at: `most`, unless `QUDAO_WORLDS` is smaller.
fn at_most(most: u64) -> u64 {
    std::env::var("QUDAO_WORLDS").map_or(most, |text| most.min(text.parse().expect("QUDAO_WORLDS")))
}

#[test]
fn random_worlds_are_the_same_slowly() {
    let setting = |name: &str, default: u64| std::env::var(name).map_or(default, |text| text.parse().expect(name));
    let (first, count, more) = (setting("QUDAO_FIRST_WORLD", 0), setting("QUDAO_WORLDS", WORLDS), setting("QUDAO_ORDERS", ORDERS));
    let run = Run { next: AtomicU64::new(first), end: first + count, more, done: AtomicU64::new(0), failed: AtomicUsize::new(0) };
    let mut failures = Vec::new();
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(|| run.worlds())).collect();
        run.progress(|| threads.iter().all(std::thread::ScopedJoinHandle::is_finished));
        for thread in threads {
            let (part, faults) = thread.join().expect("a run");
            tally.merge(part);
            failures.extend(faults);
        }
    });
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let (tables, rare) = tally.report(LEAST);
    let orders = count * 2 * (1 + more);
    println!("{count} worlds from {first} on, each with a neighbour, with {orders} orders together{tables}");
    if !rare.is_empty() {
        println!("met less than {LEAST} times in {count} worlds:\n{}", rare.join("\n"));
    }
    let (_, missed) = tally.report(FEWEST);
    assert!(count < WORLDS || more < ORDERS || missed.is_empty(), "met less than {FEWEST} times in {count} worlds:\n{}", missed.join("\n"));
}

/// Worlds that several threads take one after the other.
struct Run {
    next: AtomicU64,
    end: u64,
    /// Further orders of each.
    more: u64,
    done: AtomicU64,
    failed: AtomicUsize,
}

impl Run {
    /// Runs worlds until there are none left, or some of them differ.
    fn worlds(&self) -> (Tally, Vec<String>) {
        let strategy = (passing_worlds(), prop::collection::vec(passing_worlds(), usize::try_from(self.more).expect("a small number")));
        let mut failures = Vec::new();
        let mut tally = Tally::default();
        while self.failed.load(Ordering::Relaxed) < FAILURES {
            let seed = self.next.fetch_add(1, Ordering::Relaxed);
            if seed >= self.end {
                break;
            }
            let mut tree = tree_of(&strategy, seed);
            let found = of_world(&tree.current(), &mut tally);
            if !found.is_empty() {
                println!("world {seed} differs, and is made smaller: {}", found[0].lines[0]);
                self.failed.fetch_add(1, Ordering::Relaxed);
                let found = shrunk(&mut tree, found);
                failures.push(format!("world {seed}\n{}\n{}\n", found[0].lines.join("\n"), found[0].world.shown()));
            }
            self.done.fetch_add(1, Ordering::Relaxed);
        }
        (tally, failures)
    }

    /// Says from time to time how far a long run is.
    fn progress(&self, is_over: impl Fn() -> bool) {
        let start = Instant::now();
        let mut said = 0;
        while !is_over() {
            std::thread::sleep(Duration::from_millis(50));
            let seconds = start.elapsed().as_secs();
            if seconds >= said + PROGRESS_SECONDS {
                said = seconds;
                let (done, failed) = (self.done.load(Ordering::Relaxed), self.failed.load(Ordering::Relaxed));
                println!("{done} worlds, {} a second, {failed} differ", done / seconds);
            }
        }
    }
}

/// §11.5: no combination saves more than `bound` on top of the answer. One stage only, so that the answers differ in nothing else.
#[test]
fn a_search_that_ends_early_is_within_its_bound() {
    let strategy = every_world();
    let mut ended_early = 0;
    for seed in 0..1_500 {
        let world = tree_of(&strategy, seed).current().hurried(1 + u32::try_from(seed % 20).expect("a small number"));
        let Answers { engine: Ok(answer), slow: Ok(slow), .. } = Policies::of(&world).answers(&world) else { continue };
        let amount = |text: &Value| text.as_str().expect("an amount").parse::<Number>().expect("an amount").0;
        let saved = |quote: &Value| amount(&quote["totals"]["discount"]) + amount(&quote["totals"]["gift_value"]);
        let (found, best) = (saved(&answer), saved(&slow));
        let bound = amount(&answer["combination"]["bound"]);
        assert!(found <= best && best <= found + bound, "world {seed}: {found}, best {best}, bound {bound}\n{}", world.shown());
        // Combinations that save the same may differ: ties are settled last.
        assert!(bound.is_zero() || answer["combination"]["proof"] == "bound", "world {seed}\n{}", world.shown());
        ended_early += u64::from(!bound.is_zero());
    }
    assert!(ended_early >= LEAST, "only {ended_early} searches ended early");
}

/// A world of its own for each number.
pub fn tree_of<S: Strategy>(strategy: &S, seed: u64) -> S::Tree {
    // Seeds that are spread, because near ones would begin alike.
    let spread =
        [1_u64, 2].map(|part| (seed * 2 + part).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29).wrapping_mul(0xbf58_476d_1ce4_e5b9));
    let rng = TestRng::from_seed(RngAlgorithm::XorShift, spread.map(u64::to_le_bytes).as_flattened());
    strategy.new_tree(&mut TestRunner::new_with_rng(Config::default(), rng)).expect("a world")
}

/// A world whose answers differ, and where.
struct Difference {
    world: World,
    lines: Vec<String>,
}

impl Difference {
    /// The path of the first difference, wherever in its lists.
    fn what(&self) -> String {
        self.lines[0].chars().take_while(|letter| *letter != ':').filter(|letter| !letter.is_ascii_digit()).collect()
    }
}

/// A smaller world that differs in the same way.
fn shrunk(tree: &mut impl ValueTree<Value = (World, Vec<World>)>, mut smallest: Vec<Difference>) -> Vec<Difference> {
    let mut more = tree.simplify();
    for _ in 0..SMALLER {
        if !more {
            break;
        }
        let found = of_world(&tree.current(), &mut Tally::default());
        // Another difference would lead elsewhere.
        let is_same = found.first().is_some_and(|difference| difference.what() == smallest[0].what());
        more = if is_same { tree.simplify() } else { tree.complicate() };
        if is_same {
            smallest = found;
        }
    }
    smallest
}

/// Where answers differ in one world and in its neighbour, for its own order and for those of others.
fn of_world((world, others): &(World, Vec<World>), tally: &mut Tally) -> Vec<Difference> {
    let mut found = Vec::new();
    for world in [world.clone(), world.turned()] {
        let policy = Policies::of(&world);
        for world in std::iter::once(world.clone()).chain(others.iter().map(|other| world.asked(other))) {
            let lines = of_one(&policy, &world, tally);
            if !lines.is_empty() {
                found.push(Difference { world, lines });
            }
        }
    }
    found
}

/// What differs for one order; what only the engine refuses is a difference too.
fn of_one(policy: &Policies, world: &World, tally: &mut Tally) -> Vec<String> {
    let Answers { question, engine, slow } = policy.answers(world);
    match engine {
        Ok(answer) => {
            tally.count(world, &question, &policy.policy, &answer);
            differences(&answer, &slow)
        }
        Err(faults) => {
            tally.refused(&faults);
            refused(&faults, slow)
        }
    }
}

/// The policy of a world as its author wrote it, and compiled.
struct Policies {
    policy: Policy,
    engine: Result<Engine, wire::Faults>,
}

struct Answers {
    question: Value,
    engine: Result<Value, wire::Faults>,
    slow: Slow,
}

/// What the slow evaluator says, or the codes it refuses the order with.
type Slow = Result<Value, Vec<&'static str>>;

impl Policies {
    fn of(world: &World) -> Policies {
        let import::Imported { policy, sources, mut diagnostics, .. } = import::files(world.files());
        let Some(checked) = check::check(policy.clone(), &sources, &mut diagnostics) else {
            panic!("{:#?}\n{}", diagnostics.found, world.shown());
        };
        Policies { policy, engine: Engine::load(compile::compile(&checked).bytes()) }
    }

    fn answers(&self, world: &World) -> Answers {
        let question = world.question();
        let engine = self.engine.as_ref().map_err(Clone::clone);
        let answer = engine.and_then(|engine| wire::quote(engine, &world::node(question.clone())));
        let slow = slow::quote(&self.policy, &question);
        Answers { question, engine: answer.map(|answer| serde_json::from_str(&answer).expect("JSON")), slow }
    }
}

#[test]
fn every_good_case_is_the_same_slowly() {
    let cases = case::all("good", &["case", "says", "source", "files", "tests"]);
    let wrong: Vec<String> = cases.iter().flat_map(of_case).collect();
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}

fn of_case(case: &Case) -> Vec<String> {
    let import::Imported { policy, sources, mut diagnostics, .. } = import::files(case::files(case));
    let checked = check::check(policy.clone(), &sources, &mut diagnostics).unwrap_or_else(|| panic!("{}", case.name));
    let engine = Engine::load(compile::compile(&checked).bytes()).unwrap_or_else(|faults| panic!("{}: {faults}", case.name));
    let tests = policy_test::read(&case.tree, |_| None, &mut Diagnostics::default());
    let run = |test: &policy_test::PolicyTest| {
        let found = match wire::quote(&engine, &test.input) {
            Ok(answer) => {
                let slow = slow::quote(&policy, &plain(&test.input));
                differences(&serde_json::from_str(&answer).expect("JSON"), &slow)
            }
            // What is no order, the slow evaluator does not read.
            Err(faults) if faults.0.iter().any(|fault| !REFUSED.contains(&fault.code)) => Vec::new(),
            Err(faults) => refused(&faults, slow::quote(&policy, &plain(&test.input))),
        };
        found.into_iter().map(|line| format!("{}: {}: {line}", case.name, test.name)).collect::<Vec<_>>()
    };
    tests.iter().flat_map(run).collect()
}

/// Both must refuse an order for the same reasons.
fn refused(faults: &wire::Faults, slow: Slow) -> Vec<String> {
    let engine: BTreeSet<&str> = faults.0.iter().map(|fault| fault.code).collect();
    let slow: BTreeSet<&str> = slow.err().into_iter().flatten().collect();
    if engine == slow { Vec::new() } else { vec![format!("{faults}\nslow: {slow:?}")] }
}

/// Every path that differs, with what the engine says and what the slow evaluator says.
fn differences(answer: &Value, slow: &Slow) -> Vec<String> {
    let slow = match slow {
        Ok(slow) => slow,
        Err(codes) => return vec![format!("the slow evaluator refuses the order: {codes:?}")],
    };
    if answer["combination"]["proof"] == "bound" {
        return within_bound(answer, slow);
    }
    let mut answer = answer.clone();
    let parts = answer.as_object_mut().expect("an object");
    parts.retain(|key, _| !SKIPPED.contains(&key.as_str()));
    parts["combination"].as_object_mut().expect("an object").remove("steps");
    let mut list = Vec::new();
    compare("", &answer, slow, &mut list);
    list
}

/// A search that ended early may save less than the best combination of its stage, and never by more than its bound. Where another stage takes
/// something too, what it takes depends on what the search found, so nothing can be said of both together.
fn within_bound(answer: &Value, slow: &Value) -> Vec<String> {
    let steps = [answer, slow].into_iter().flat_map(|quote| quote["lines"].as_array().expect("lines"));
    let steps = steps.flat_map(|line| line["adjustments"].as_array().expect("a list")).filter(|step| step["stage"] != "approved");
    let stages: BTreeSet<&str> = steps.map(|step| step["stage"].as_str().expect("a stage")).collect();
    if stages.len() > 1 || [answer, slow].iter().any(|quote| quote["gifts"] != json!([])) {
        return Vec::new();
    }
    let minor = |amount: &Value| amount.as_str().expect("an amount").replace('.', "").parse::<i64>().expect("digits");
    let [found, best] = [answer, slow].map(|quote| minor(&quote["totals"]["discount"]) + minor(&quote["totals"]["gift_value"]));
    let bound = minor(&answer["combination"]["bound"]);
    if (found..=found + bound).contains(&best) {
        Vec::new()
    } else {
        vec![format!("the engine saves {found} and at most {bound} more, the best is {best}")]
    }
}

fn compare(path: &str, engine: &Value, slow: &Value, list: &mut Vec<String>) {
    match (engine, slow) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                compare(&format!("{path}.{key}"), a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null), list);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (at, (a, b)) in a.iter().zip(b).enumerate() {
                compare(&format!("{path}[{at}]"), a, b, list);
            }
        }
        _ if engine == slow => {}
        _ => list.push(format!("{path}: engine {engine}, slow {slow}")),
    }
}

/// A node as JSON.
pub fn plain(node: &Node) -> Value {
    match node {
        Node::Null => Value::Null,
        Node::Bool(value) => Value::from(*value),
        Node::Int(value) => Value::from(*value),
        Node::Fraction(text) | Node::Text(text) => Value::from(text.as_str()),
        Node::List(items) => items.iter().map(plain).collect(),
        Node::Map(entries) => entries.iter().map(|(key, node)| (key.clone(), plain(node))).collect(),
        Node::Rows(rows) => plain(&rows.list(None)),
    }
}
