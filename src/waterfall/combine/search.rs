//! Branch and bound over the whole candidates of one component, under a budget of steps.
//!
//! Every cell gets a price; a combination saves at most Σ prices of the cells plus what its wholes are worth beyond the prices of theirs.
//! Prices that make this ceiling low are found by the subgradient method, in integers. What a whole is worth beyond its prices, its *profit*,
//! then says what leaving it out, or in, costs at least: most wholes are decided by that, the few that are left are tried both ways. How many these are
//! depends on how good a combination is known: at the root, each whole is put in the place of its rivals to find one.
//! Steps count looked-at cells, never time, so the answer is the same on every machine.

use super::ceiling::Ceiling;
use super::{Contest, Money, Overflow};
use crate::id::RuleId;
use crate::sort::sort;
use std::cmp::Ordering;

/// Cells looked at for one step.
const CELLS_A_STEP: usize = 32;
/// Rounds of pricing at the root: enough to come near the lowest ceiling.
const ROOT_ROUNDS: u32 = 120;
/// Rounds at any other node: a start from good prices needs few, and many cheap nodes prove more than few thorough ones.
const NODE_ROUNDS: u32 = 5;
/// At the root, a combination is made from the prices of every so many rounds.
const ROUNDS_A_TRIAL: u32 = 6;
/// Rounds without a lower ceiling after which the moves of prices are halved.
const STALLED: u32 = 4;
/// The most that moves are halved.
const HALVINGS: u32 = 12;

/// What the search found for one component.
pub struct Outcome {
    /// Whole candidates of the best combination.
    pub chosen: Vec<usize>,
    /// The most that any other combination could save on top.
    pub bound: Money,
}

/// Finds the combination of `members` that saves most.
pub fn search(contest: &Contest, members: &[usize], steps_left: &mut u32) -> Result<Outcome, Overflow> {
    let ceiling = Ceiling::of(contest, members)?;
    let mut search = Search {
        contest,
        members,
        ceiling: &ceiling,
        best: None,
        promised: i64::MIN,
        unexplored: i64::MIN,
        steps_left,
        owed: 0,
        load: vec![ABSENT; ceiling.rest.len()],
    };
    search.run()?;
    let best = search.best.ok_or(Overflow)?;
    let bound = if search.unexplored == i64::MIN { 0 } else { ceiling.minor(search.unexplored) - i128::from(best.saving.0) };
    let chosen = best.chosen.into_iter().map(|whole| ceiling.wholes[whole]).collect();
    Ok(Outcome { chosen, bound: Money(i64::try_from(bound.max(0)).unwrap_or(i64::MAX)) })
}

/// A complete combination.
struct Found {
    saving: Money,
    /// Promotions that give something, in running order.
    applied: Vec<RuleId>,
    /// Wholes, ascending.
    chosen: Vec<usize>,
}

/// A part of the combinations: some wholes are in, some are free, the others are out.
struct Node {
    /// Ascending.
    chosen: Vec<usize>,
    /// Ascending.
    free: Vec<usize>,
    prices: Vec<i64>,
    /// No combination of this part saves more points.
    ceiling: i64,
}

/// What pricing a node gave.
struct Priced {
    ceiling: i64,
    prices: Vec<i64>,
    /// Of each free whole.
    profits: Vec<i64>,
    /// In how many rounds each free whole was profitable, and how many there were: those in between are the undecided ones.
    profitable: Vec<u32>,
    rounds: u32,
}

/// What a ceiling loses at least by a decision.
struct Drop {
    inside: i64,
    outside: i64,
}

struct Search<'a> {
    contest: &'a Contest<'a>,
    members: &'a [usize],
    ceiling: &'a Ceiling,
    best: Option<Found>,
    /// The most points that a tried combination promised.
    promised: i64,
    /// Points of the most promising part that was not looked into.
    unexplored: i64,
    steps_left: &'a mut u32,
    /// Cells looked at that do not make a step yet.
    owed: usize,
    /// Of each cell, how many profitable wholes lie in it while a node is priced; [`ABSENT`] in between.
    load: Vec<u32>,
}

/// No free whole lies in the cell.
const ABSENT: u32 = u32::MAX;

impl Search<'_> {
    fn run(&mut self) -> Result<(), Overflow> {
        let ceiling = self.ceiling;
        let (idle, free): (Vec<usize>, Vec<usize>) = (0..ceiling.wholes.len()).partition(|whole| ceiling.idle[*whole]);
        let idle = self.first_come(&[], idle.iter().copied());
        // There is an answer even without a budget: each in order of what it saves alone.
        let greedy = self.first_come(&idle, free.iter().copied());
        self.try_out(greedy)?;
        let mut prices = ceiling.rest.clone();
        for (cell, share) in ceiling.cells.iter().zip(&ceiling.shares) {
            prices[*cell] = prices[*cell].max(*share);
        }
        let root = self.price(&Node { chosen: idle.clone(), free: free.clone(), prices, ceiling: i64::MAX }, ROOT_ROUNDS)?;
        let mut open = Vec::new();
        self.divide(Node { chosen: idle, free, prices: Vec::new(), ceiling: root.ceiling }, root, &mut open)?;
        while let Some(node) = open.pop() {
            if self.hopeless(node.ceiling) {
                continue;
            }
            if *self.steps_left == 0 {
                self.unexplored = self.unexplored.max(node.ceiling);
                continue;
            }
            *self.steps_left -= 1;
            if node.free.is_empty() {
                self.try_out(node.chosen)?;
                continue;
            }
            let priced = self.price(&node, NODE_ROUNDS)?;
            self.divide(node, priced, &mut open)?;
        }
        Ok(())
    }

    fn hopeless(&self, points: i64) -> bool {
        self.best.as_ref().is_some_and(|best| self.ceiling.minor(points) < i128::from(best.saving.0))
    }

    /// Decides what the prices decide, and opens what is left.
    fn divide(&mut self, mut node: Node, priced: Priced, open: &mut Vec<Node>) -> Result<(), Overflow> {
        if self.hopeless(priced.ceiling) {
            return Ok(());
        }
        node.ceiling = priced.ceiling;
        let drops = self.drops(&node, &priced.profits);
        // What costs too much one way is decided the other way.
        let mut kept = Vec::with_capacity(node.free.len());
        let mut inside = Vec::new();
        let mut undecided = None;
        for (index, (whole, drop)) in node.free.iter().zip(&drops).enumerate() {
            let never = self.hopeless(node.ceiling - drop.inside);
            if self.hopeless(node.ceiling - drop.outside) {
                if never {
                    return Ok(());
                }
                inside.push(*whole);
            } else if !never {
                let half = priced.profitable[index].min(priced.rounds - priced.profitable[index]);
                let weight = i128::from(half + 1) * i128::from(self.ceiling.worth[*whole]);
                if undecided.is_none_or(|(most, _, _)| weight > most) {
                    undecided = Some((weight, *whole, index));
                }
            }
            if !never {
                kept.push(*whole);
            }
        }
        node.free = kept;
        node.prices = priced.prices;
        let forced = !inside.is_empty();
        for whole in inside {
            if node.free.binary_search(&whole).is_err() {
                // It must be in and cannot: there is nothing good here.
                return Ok(());
            }
            self.take_in(&mut node, whole);
        }
        match undecided {
            // Much is decided: the rest is worth new prices.
            Some((_, whole, index)) if !forced && node.free.len() * 2 > drops.len() => {
                let drop = &drops[index];
                let mut out = Node {
                    chosen: node.chosen.clone(),
                    free: node.free.clone(),
                    prices: node.prices.clone(),
                    ceiling: node.ceiling - drop.outside,
                };
                out.free.retain(|free| *free != whole);
                self.take_in(&mut node, whole);
                node.ceiling -= drop.inside;
                open.extend([out, node]);
            }
            _ => open.push(node),
        }
        Ok(())
    }

    /// Takes `whole` in: what shares a cell with it is out.
    fn take_in(&mut self, node: &mut Node, whole: usize) {
        let ceiling = self.ceiling;
        let own = ceiling.cells_of(whole);
        own.iter().for_each(|cell| self.load[*cell] = 0);
        node.free.retain(|free| ceiling.cells_of(*free).iter().all(|cell| self.load[*cell] == ABSENT));
        own.iter().for_each(|cell| self.load[*cell] = ABSENT);
        let at = node.chosen.partition_point(|chosen| *chosen < whole);
        node.chosen.insert(at, whole);
        self.spend(node.free.len());
    }

    /// The lowest ceiling of a node that some rounds of pricing find.
    fn price(&mut self, node: &Node, rounds: u32) -> Result<Priced, Overflow> {
        let ceiling = self.ceiling;
        let mut cells = Vec::new();
        let mut held = 0;
        // What is settled: the chosen, and the cells in which nothing free lies.
        let mut settled = self.promise(&node.chosen);
        for whole in &node.free {
            let own = ceiling.cells_of(*whole);
            held += own.len();
            for cell in own {
                if self.load[*cell] == ABSENT {
                    self.load[*cell] = 0;
                    cells.push(*cell);
                    settled -= ceiling.rest[*cell];
                }
            }
        }
        let mut prices = node.prices.clone();
        let mut profits = vec![0; node.free.len()];
        let mut best =
            Priced { ceiling: i64::MAX, prices: Vec::new(), profits: Vec::new(), profitable: vec![0; node.free.len()], rounds: 0 };
        let (mut halvings, mut stalled) = (0, 0);
        loop {
            let mut total = settled + cells.iter().map(|cell| prices[*cell]).sum::<i64>();
            for ((whole, profit), profitable) in node.free.iter().zip(&mut profits).zip(&mut best.profitable) {
                let own = ceiling.cells_of(*whole);
                *profit = ceiling.worth[*whole] - own.iter().map(|cell| prices[*cell]).sum::<i64>();
                if *profit > 0 {
                    *profitable += 1;
                    total += *profit;
                    own.iter().for_each(|cell| self.load[*cell] += 1);
                }
            }
            best.rounds += 1;
            self.spend(held + cells.len());
            stalled += 1;
            if total < best.ceiling {
                best.ceiling = total;
                best.prices.clone_from(&prices);
                best.profits.clone_from(&profits);
                stalled = 0;
            } else if stalled == STALLED {
                (halvings, stalled) = (halvings + 1, 0);
            }
            if rounds == ROOT_ROUNDS && best.rounds.is_multiple_of(ROUNDS_A_TRIAL) {
                self.try_profitable(node, &profits)?;
            }
            let enough = best.rounds == rounds || halvings == HALVINGS || *self.steps_left == 0 || self.hopeless(best.ceiling);
            if enough || !self.move_prices(&mut prices, &cells, (total - self.promised).max(1) >> halvings) {
                break;
            }
        }
        cells.iter().for_each(|cell| self.load[*cell] = ABSENT);
        if rounds == ROOT_ROUNDS {
            self.try_profitable(node, &best.profits)?;
            self.exchange(node)?;
        }
        Ok(best)
    }

    /// Raises the prices of crowded cells and lowers those of empty ones. Nothing moves when every cell holds one whole or is worth its rest.
    fn move_prices(&mut self, prices: &mut [i64], cells: &[usize], gap: i64) -> bool {
        let ceiling = self.ceiling;
        let excess = |load: u32, price: i64, rest: i64| match load {
            0 if price <= rest => 0,
            load => i64::from(load) - 1,
        };
        let norm: i64 = cells
            .iter()
            .map(|cell| {
                let excess = excess(self.load[*cell], prices[*cell], ceiling.rest[*cell]);
                excess * excess
            })
            .sum();
        if norm > 0 {
            let step = (gap / norm).max(1);
            for cell in cells {
                let excess = excess(self.load[*cell], prices[*cell], ceiling.rest[*cell]);
                prices[*cell] = prices[*cell].saturating_add(step.saturating_mul(excess)).clamp(ceiling.rest[*cell], ceiling.most[*cell]);
            }
        }
        cells.iter().for_each(|cell| self.load[*cell] = 0);
        norm > 0
    }

    fn spend(&mut self, cells: usize) {
        self.owed += cells;
        let steps = u32::try_from(self.owed / CELLS_A_STEP).unwrap_or(u32::MAX);
        *self.steps_left = self.steps_left.saturating_sub(steps);
        self.owed %= CELLS_A_STEP;
    }

    /// What the ceiling loses at least with each free whole inside, and with it outside.
    fn drops(&mut self, node: &Node, profits: &[i64]) -> Vec<Drop> {
        let ceiling = self.ceiling;
        // A whole inside loses the profits of all that share a cell with it: at least those of its most contested cell.
        let mut contested = vec![0; ceiling.rest.len()];
        let mut looked = contested.len();
        for (whole, profit) in node.free.iter().zip(profits).filter(|(_, profit)| **profit > 0) {
            looked += ceiling.cells_of(*whole).len();
            ceiling.cells_of(*whole).iter().for_each(|cell| contested[*cell] += *profit);
        }
        let mut drops = Vec::with_capacity(node.free.len());
        for (whole, profit) in node.free.iter().zip(profits) {
            let (gain, loss) = ((*profit).max(0), (-*profit).max(0));
            let own = ceiling.cells_of(*whole);
            looked += own.len();
            let rivals = own.iter().map(|cell| contested[*cell] - gain).max().unwrap_or(0);
            drops.push(Drop { inside: loss + rivals, outside: gain });
        }
        self.spend(looked);
        drops
    }

    /// Tries the combination that the prices point at: the profitable first; at the root, the most profitable first.
    fn try_profitable(&mut self, node: &Node, profits: &[i64]) -> Result<(), Overflow> {
        let mut order: Vec<usize> = (0..node.free.len()).filter(|at| profits[*at] > 0).collect();
        order.extend((0..node.free.len()).filter(|at| profits[*at] <= 0));
        let root = node.ceiling == i64::MAX;
        if root {
            sort(&mut order, |a, b| (profits[*b], a).cmp(&(profits[*a], b)));
        }
        let mut chosen = self.first_come(&node.chosen, order.into_iter().map(|at| node.free[at]));
        if root {
            chosen = self.improved(chosen);
        }
        if self.promise(&chosen) > self.promised { self.try_out(chosen) } else { Ok(()) }
    }

    /// Puts each free whole in the place of its rivals, then, one after another, what gains most in the place of its own; keeps what is better in the end.
    fn exchange(&mut self, node: &Node) -> Result<(), Overflow> {
        let ceiling = self.ceiling;
        let Some(best) = self.best.as_ref().filter(|_| !ceiling.rivals.is_empty()) else { return Ok(()) };
        let mut tried = Trial::new(ceiling, &best.chosen);
        let mut since = 0;
        // Most of the budget is for the proof.
        let least = *self.steps_left / 8 * 7;
        for forced in node.free.iter().cycle() {
            since += 1;
            if since > node.free.len() || *self.steps_left <= least {
                break;
            }
            if !tried.inside[*forced] {
                let gained = tried.force(*forced, &node.free);
                self.spend(std::mem::take(&mut tried.looked));
                if gained {
                    since = 0;
                }
            }
        }
        let chosen: Vec<usize> = (0..tried.inside.len()).filter(|whole| tried.inside[*whole]).collect();
        if self.promise(&chosen) > self.promised { self.try_out(chosen) } else { Ok(()) }
    }

    /// Exchanges one whole for those in its way, as long as that promises more.
    fn improved(&mut self, mut chosen: Vec<usize>) -> Vec<usize> {
        let ceiling = self.ceiling;
        let mut holder = vec![usize::MAX; ceiling.rest.len()];
        chosen.iter().for_each(|whole| ceiling.cells_of(*whole).iter().for_each(|cell| holder[*cell] = *whole));
        let mut rivals: Vec<usize> = Vec::new();
        loop {
            let mut exchanged = false;
            for whole in 0..ceiling.wholes.len() {
                let own = ceiling.cells_of(whole);
                rivals.clear();
                for rival in own.iter().map(|cell| holder[*cell]).filter(|rival| *rival != usize::MAX) {
                    if !rivals.contains(&rival) {
                        rivals.push(rival);
                    }
                }
                if rivals.iter().map(|rival| ceiling.gain[*rival]).sum::<i64>() < ceiling.gain[whole] {
                    for rival in &rivals {
                        ceiling.cells_of(*rival).iter().for_each(|cell| holder[*cell] = usize::MAX);
                    }
                    own.iter().for_each(|cell| holder[*cell] = whole);
                    chosen.retain(|other| !rivals.contains(other));
                    chosen.push(whole);
                    exchanged = true;
                }
            }
            self.spend(ceiling.cells.len());
            if !exchanged {
                sort(&mut chosen, Ord::cmp);
                return chosen;
            }
        }
    }

    /// `chosen`, and each of `order` that still finds its cells free; ascending.
    fn first_come(&mut self, chosen: &[usize], order: impl Iterator<Item = usize>) -> Vec<usize> {
        let ceiling = self.ceiling;
        let mut taken = vec![false; ceiling.rest.len()];
        let mut inside = vec![false; ceiling.wholes.len()];
        let mut looked = taken.len() + inside.len();
        for whole in chosen.iter().copied().chain(order) {
            let cells = ceiling.cells_of(whole);
            looked += 1;
            if cells.iter().all(|cell| !taken[*cell]) {
                cells.iter().for_each(|cell| taken[*cell] = true);
                looked += cells.len();
                inside[whole] = true;
            }
        }
        self.spend(looked);
        (0..inside.len()).filter(|whole| inside[*whole]).collect()
    }

    /// What the ceiling says of one combination.
    fn promise(&self, chosen: &[usize]) -> i64 {
        self.ceiling.base + chosen.iter().map(|whole| self.ceiling.gain[*whole]).sum::<i64>()
    }

    /// Plays a combination that may be the best, and keeps it when it is.
    fn try_out(&mut self, chosen: Vec<usize>) -> Result<(), Overflow> {
        let promise = self.promise(&chosen);
        self.promised = self.promised.max(promise);
        if self.hopeless(promise) {
            return Ok(());
        }
        let mut flags = vec![false; self.contest.candidates.len()];
        chosen.iter().for_each(|whole| flags[self.ceiling.wholes[*whole]] = true);
        let mut net = self.contest.entry.to_vec();
        let played = self.contest.play(self.members, &flags, &mut net)?;
        // Playing a line costs about as much as looking at a dozen cells.
        self.spend((self.members.len() + played.iter().map(|p| p.lines.len()).sum::<usize>() + self.ceiling.lines) * 12);
        let giving = played.iter().filter(|p| p.grant.worth() > Money::ZERO);
        let applied = giving.map(|p| self.contest.candidates[p.candidate].rule).collect();
        let saving = Money::sum(played.iter().map(|p| p.grant.worth()))?;
        let found = Found { saving, applied, chosen };
        if self.best.as_ref().is_none_or(|best| self.better(&found, best)) {
            self.best = Some(found);
        }
        Ok(())
    }

    /// Larger saving; then fewer promotions; then the larger descending priorities; then the smaller sorted ids; then the earlier wholes.
    fn better(&self, found: &Found, best: &Found) -> bool {
        let policy = self.contest.policy;
        let priorities = |f: &Found| {
            let mut list: Vec<i64> = f.applied.iter().map(|rule| policy.tables.rule_priority[rule.index()]).collect();
            sort(&mut list, |a, b| b.cmp(a));
            list
        };
        let names = |f: &Found| {
            let mut list: Vec<&str> = f.applied.iter().map(|rule| policy.rule(*rule)).collect();
            sort(&mut list, Ord::cmp);
            list
        };
        let order = found.saving.cmp(&best.saving).then_with(|| best.applied.len().cmp(&found.applied.len()));
        let order = order.then_with(|| priorities(found).cmp(&priorities(best))).then_with(|| names(best).cmp(&names(found)));
        order.then_with(|| earlier(&found.chosen, &best.chosen)).is_gt()
    }
}

/// A combination that is changed whole by whole.
struct Trial<'a> {
    ceiling: &'a Ceiling,
    inside: Vec<bool>,
    /// What the rivals of each whole that are inside gain.
    against: Vec<i64>,
    /// Wholes that came in or went out.
    changed: Vec<usize>,
    /// Wholes looked at.
    looked: usize,
}

impl Trial<'_> {
    fn new<'a>(ceiling: &'a Ceiling, chosen: &[usize]) -> Trial<'a> {
        let wholes = ceiling.wholes.len();
        let mut trial = Trial { ceiling, inside: vec![false; wholes], against: vec![0; wholes], changed: Vec::new(), looked: 0 };
        chosen.iter().for_each(|whole| trial.turn(*whole));
        trial
    }

    /// Takes a whole in or out.
    fn turn(&mut self, whole: usize) {
        let ceiling = self.ceiling;
        self.inside[whole] = !self.inside[whole];
        let gain = if self.inside[whole] { ceiling.gain[whole] } else { -ceiling.gain[whole] };
        ceiling.rivals[whole].iter().for_each(|rival| self.against[*rival] += gain);
        self.looked += ceiling.rivals[whole].len();
        self.changed.push(whole);
    }

    /// Takes a whole in and its rivals out; what that gains.
    fn put(&mut self, whole: usize) -> i64 {
        let gained = self.ceiling.gain[whole] - self.against[whole];
        for rival in &self.ceiling.rivals[whole] {
            if self.inside[*rival] {
                self.turn(*rival);
            }
        }
        self.turn(whole);
        gained
    }

    /// Puts one in, and then what gains most as long as something does; not in the place of the first unless that is enough. Whether all that gains.
    fn force(&mut self, forced: usize, free: &[usize]) -> bool {
        self.changed.clear();
        let mut gained = self.put(forced);
        loop {
            let mut most = (0, forced);
            for whole in free.iter().copied().filter(|whole| !self.inside[*whole]) {
                let gains = self.ceiling.gain[whole] - self.against[whole];
                if gains > most.0 && (gained + gains > 0 || self.ceiling.rivals[whole].binary_search(&forced).is_err()) {
                    most = (gains, whole);
                }
            }
            self.looked += free.len();
            if most.0 == 0 {
                break;
            }
            gained += self.put(most.1);
        }
        if gained <= 0 {
            // What changed twice is as it was.
            let mut changed = std::mem::take(&mut self.changed);
            sort(&mut changed, Ord::cmp);
            changed.chunk_by(|a, b| a == b).filter(|run| run.len() % 2 == 1).for_each(|run| self.turn(run[0]));
        }
        gained > 0
    }
}

/// Greater is the one with the first whole that the other does not have.
fn earlier(found: &[usize], best: &[usize]) -> Ordering {
    let ended = |list: &[usize], at: usize| list.get(at).copied().unwrap_or(usize::MAX);
    let differs = (0..found.len().max(best.len())).find(|at| ended(found, *at) != ended(best, *at));
    differs.map_or(Ordering::Equal, |at| ended(best, at).cmp(&ended(found, at)))
}
