//! Statements (返利单): what each program comes to for each dealer and window, what of it was stated before, and the difference.

use super::pipe::in_order;
use super::versions::{Step, Version, enrolment};
use super::{Fault, Former, Sums, Task};
use crate::bundle::{Constant, Loaded, decoded};
use crate::explain::{self, Language};
use crate::id::{ProgramId, TextId};
use crate::num::{Money, Overflow, Scale, allocate};
use crate::policy::Against;
use crate::quote::{self, RebatePreview, Yardstick};
use crate::rebate;
use crate::time::Instant;
use crate::waterfall::Enrolment;
use crate::wire::{Json, Writer};
use std::collections::BTreeMap;
use std::io;

/// What one program comes to for one dealer in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Dealer id.
    pub dealer: String,
    /// Where the program stands; before and after are equal.
    pub rebate: RebatePreview,
    /// Transactions that count.
    pub transactions: u64,
    /// The row of `lines.csv` in which they begin, the first being that of the columns.
    pub row: Option<u64>,
    /// Whether the window goes on.
    pub partial: bool,
    /// What it earns. Under one version of the policy this is what the program comes to after the window.
    pub earned: Money,
    /// What each version adds; none where there is one only.
    pub steps: Vec<Step>,
    /// What is paid of it: what it earns, what was carried into it, less what its budget keeps and what is carried on.
    pub paid: Money,
    /// What is carried to the next window.
    pub carried: Money,
    /// What was paid beyond guarantees up to here, and lowers those of the windows after it.
    pub surplus: Money,
    /// What each party gets, in the order of the policy; the dealer alone where it names none.
    pub parties: Vec<Party>,
}

/// What a party gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// `dealer`, or what the party is to him.
    pub to: String,
    /// All of the window.
    pub amount: Money,
    /// What was stated before.
    pub stated: Money,
    /// amount − stated.
    pub difference: Money,
}

impl Statement {
    /// Of all parties: amount, stated, difference.
    pub fn totals(&self) -> Result<[Money; 3], Overflow> {
        let sum = |of: fn(&Party) -> Money| Money::sum(self.parties.iter().map(of));
        Ok([sum(|party| party.amount)?, sum(|party| party.stated)?, sum(|party| party.difference)?])
    }

    /// As canonical JSON.
    pub fn json(&self, policy: &Loaded) -> String {
        let writer = Writer(policy);
        Json::write(|j| {
            j.object(|j| {
                j.key("dealer").text(&self.dealer);
                j.key("rebate").object(|j| writer.statement(j, &self.rebate));
                j.key("transactions").integer(i64::try_from(self.transactions).unwrap_or(i64::MAX));
                if let Some(row) = self.row {
                    j.key("row").integer(i64::try_from(row).unwrap_or(i64::MAX));
                }
                j.key("partial").boolean(self.partial);
                if !self.steps.is_empty() {
                    j.key("earned").text(&writer.money(self.earned));
                    j.key("versions").list(&self.steps, |j, step| {
                        j.object(|j| {
                            j.key("version").text(&step.version);
                            for (key, amount) in [("before", step.before), ("after", step.after)] {
                                j.key(key).text(&writer.money(amount));
                            }
                        });
                    });
                }
                if policy.tables.program_surplus[self.rebate.program.index()] == 1 {
                    j.key("surplus").text(&writer.money(self.surplus));
                }
                let piece = policy.tables.program_piece[self.rebate.program.index()];
                if piece > 0 {
                    let count = self.paid.0 / piece;
                    writer.pieces(j, self.rebate.program, |j| j.key("count").text(&Scale(0).show(count)));
                }
                if piece > 0 || policy.tables.program_minimum[self.rebate.program.index()] > 0 {
                    for (key, amount) in [("carried_in", self.rebate.carried), ("paid", self.paid), ("carried", self.carried)] {
                        j.key(key).text(&writer.money(amount));
                    }
                }
                j.key("parties").list(&self.parties, |j, party| {
                    j.object(|j| {
                        j.key("to").text(&party.to);
                        for (key, amount) in [("amount", party.amount), ("stated", party.stated), ("difference", party.difference)] {
                            j.key(key).text(&writer.money(amount));
                        }
                    });
                });
            });
        })
    }

    /// As rows of a table, one for each party: dealer, program, period, party, volume, quantity, transactions, amount, stated, difference.
    pub fn csv(&self, policy: &Loaded) -> String {
        let (writer, rebate) = (Writer(policy), &self.rebate);
        let period = policy.text(TextId(policy.tables.period_text[rebate.period]));
        let row = |party: &Party| {
            let cells = [
                super::quoted(&self.dealer).into_owned(),
                super::quoted(policy.program(rebate.program)).into_owned(),
                period.to_owned(),
                super::quoted(&party.to).into_owned(),
                writer.money(rebate.posted.amount),
                writer.quantity(rebate.posted.quantity),
                self.transactions.to_string(),
                writer.money(party.amount),
                writer.money(party.stated),
                writer.money(party.difference),
            ];
            cells.join(",") + "\n"
        };
        self.parties.iter().map(row).collect()
    }

    /// In sentences: what it comes to, and each step to it.
    pub fn sentences(&self, policy: &Loaded, language: Language) -> Vec<String> {
        let mut all = explain::settled(policy, &self.rebate, (self.paid, self.carried), language);
        all.extend(self.steps.iter().map(|step| {
            let (word, [before, after]) = (&step.version, [step.before, step.after].map(|amount| Writer(policy).money(amount)));
            match language {
                Language::Chinese => format!("版本 {word}：由 {before} 到 {after}。"),
                Language::English => format!("Version {word}: from {before} to {after}."),
            }
        }));
        all
    }

    /// What the facts of the dealer lack for it, each with a code.
    pub fn missing(&self, policy: &Loaded) -> Vec<(&'static str, String)> {
        let t = &policy.tables;
        let mut all = Vec::new();
        if self.rebate.yardstick == Yardstick::Base(None) && self.rebate.joined.is_none() {
            let target = decoded::<Against>(t.program_against[self.rebate.program.index()]) == Against::Target;
            all.push((if target { "TARGET_MISSING" } else { "LAST_YEAR_MISSING" }, String::new()));
        }
        for modified in self.rebate.modified.iter().filter(|modified| modified.value.is_none()) {
            all.push(("KPI_MISSING", policy.text(TextId(t.kpi_text[t.modifier_kpi[modified.modifier] as usize])).to_owned()));
        }
        all
    }

    /// The same as rows of a table: dealer, program, period, code, figure.
    pub fn missing_csv(&self, policy: &Loaded) -> String {
        let (program, period) = (policy.program(self.rebate.program), policy.text(TextId(policy.tables.period_text[self.rebate.period])));
        let row = |(code, kpi): (&str, String)| {
            let cells = [&self.dealer, program, period, code, &kpi].map(super::quoted);
            cells.join(",") + "\n"
        };
        self.missing(policy).into_iter().map(row).collect()
    }
}

/// Dealers whose statements are made at once.
const DEALERS: usize = 32;

/// Tells the statements of all dealers, of every program and window with transactions, with something earned, or with something stated before;
/// returns what was stated before and stands no more.
pub fn tell<T: Send>(
    task: &Task,
    versions: &[Version],
    sums: &Sums,
    tell: &(dyn Fn(Vec<Statement>) -> T + Sync),
    take: &mut dyn FnMut(T) -> io::Result<()>,
) -> Result<Vec<Former>, Fault> {
    let starts: Vec<usize> = (0..sums.of.len()).step_by(DEALERS).collect();
    let dealers = |start: usize| start..(start + DEALERS).min(sums.of.len());
    let budgets = Budgets::new(task, versions, sums, &starts)?;
    let mut before = 0;
    let rows_before = sums.of.iter().map(|own| {
        let rows = before;
        before += own.iter().map(|(_, sum)| sum.transactions).sum::<u64>();
        rows
    });
    let first: Vec<u64> = rows_before.collect();
    let work = |(at, start): (usize, usize)| -> Result<(T, Vec<Former>), Fault> {
        let (mut all, mut withdrawn, mut kept) = (Vec::new(), Vec::new(), budgets.of(at));
        for dealer in dealers(start) {
            let mut own = of_dealer(task, dealer, versions, sums)?;
            own.iter_mut().try_for_each(|statement| kept.keep(task, statement))?;
            settle(task, sums.order[dealer], first[dealer], &mut own)?;
            let stands = |period: usize| own.iter().any(|statement| statement.rebate.period == period);
            withdrawn.extend(task.stated.left(task, sums.order[dealer], &stands));
            all.extend(own);
        }
        Ok((tell(all), withdrawn))
    };
    let mut next = starts.iter().copied().enumerate();
    let mut withdrawn: Vec<Former> = task.stated.gone().collect();
    in_order(task.threads, &mut || Ok(next.next()), &work, &mut |told| {
        let (told, gone) = told?;
        withdrawn.extend(gone);
        Ok(take(told)?)
    })?;
    withdrawn.sort();
    Ok(withdrawn)
}

/// Pays the windows of a dealer in their order, and leaves out those of which nothing is to be said.
fn settle(task: &Task, dealer: usize, first: u64, own: &mut Vec<Statement>) -> Result<(), Fault> {
    let (mut carried, mut before, mut row) = (Money::ZERO, None, first);
    for statement in own.iter_mut() {
        let carried_in = if before == Some(statement.rebate.program) { carried } else { Money::ZERO };
        before = Some(statement.rebate.program);
        carried = pay(task, dealer, statement, carried_in)?;
        // The first row has the names of the columns.
        statement.row = (statement.transactions > 0).then_some(row + 2);
        row += statement.transactions;
    }
    own.retain(|statement| {
        let some = |party: &Party| party.amount != Money::ZERO || party.stated != Money::ZERO;
        statement.transactions > 0 || statement.earned != Money::ZERO || statement.parties.iter().any(some)
    });
    Ok(())
}

/// What each statement of a budget is paid of what it earns, where the budget has not enough for all.
struct Budgets {
    /// By budget, in order of the statements; none where it has enough.
    parts: Vec<Option<Vec<Money>>>,
    /// By some dealers and budget: how many statements of the budget are before theirs.
    starts: Vec<Vec<usize>>,
}

impl Budgets {
    /// Where what programs of one budget earn in all is more than it has, it is split over them. For this all statements are looked at once
    /// before they are made.
    fn new(task: &Task, versions: &[Version], sums: &Sums, dealers: &[usize]) -> Result<Budgets, Fault> {
        let t = &task.policy.tables;
        let of_budget =
            |program: ProgramId| Some(t.program_budget[program.index()] as usize).filter(|budget| *budget < t.budget_amount.len());
        let mut earned: Vec<Vec<i64>> = vec![Vec::new(); t.budget_amount.len()];
        let mut starts = Vec::new();
        if (0..).map(ProgramId).take(t.program_text.len()).any(|program| of_budget(program).is_some()) {
            let work = |start: usize| -> Result<Vec<(usize, i64)>, Fault> {
                let mut earned = Vec::new();
                for dealer in start..(start + DEALERS).min(sums.of.len()) {
                    for statement in of_dealer(task, dealer, versions, sums)? {
                        if let Some(budget) = of_budget(statement.rebate.program) {
                            earned.push((budget, statement.earned.0.max(0)));
                        }
                    }
                }
                Ok(earned)
            };
            let mut next = dealers.iter().copied();
            in_order(task.threads, &mut || Ok(next.next()), &work, &mut |found| {
                starts.push(earned.iter().map(Vec::len).collect());
                found?.into_iter().for_each(|(budget, amount)| earned[budget].push(amount));
                Ok(())
            })?;
        }
        let mut parts = Vec::new();
        for (earned, whole) in earned.into_iter().zip(&t.budget_amount) {
            let enough = Money::sum(earned.iter().map(|earned| Money(*earned)))? <= Money(*whole);
            parts.push(if enough { None } else { Some(allocate(Money(*whole), &earned, task.policy.constants.remainder)?) });
        }
        Ok(Budgets { parts, starts })
    }

    fn of(&self, at: usize) -> Kept<'_> {
        Kept { budgets: self, next: self.starts.get(at).cloned().unwrap_or_else(|| vec![0; self.parts.len()]) }
    }
}

/// What budgets pay of the statements of some dealers, one after the other.
struct Kept<'a> {
    budgets: &'a Budgets,
    next: Vec<usize>,
}

impl Kept<'_> {
    fn keep(&mut self, task: &Task, statement: &mut Statement) -> Result<(), Fault> {
        let t = &task.policy.tables;
        let budget = t.program_budget[statement.rebate.program.index()] as usize;
        let Some(whole) = t.budget_amount.get(budget) else { return Ok(()) };
        let earned = Money(statement.earned.0.max(0));
        let part = self.budgets.parts[budget].as_ref().and_then(|parts| parts.get(self.next[budget])).copied().unwrap_or(earned);
        self.next[budget] += 1;
        let lost = earned.minus(part)?;
        statement.rebate.budget = Some(quote::Kept { left: Money(*whole), lost });
        statement.paid = statement.earned.minus(lost)?;
        Ok(())
    }
}

/// What the programs of a dealer earn in all windows, by program and window; nothing is paid yet.
fn of_dealer(task: &Task, at: usize, versions: &[Version], sums: &Sums) -> Result<Vec<Statement>, Fault> {
    let (policy, t, dealer) = (task.policy, &task.policy.tables, &task.dealers[sums.order[at]]);
    let mut members: Vec<ProgramId> =
        versions.iter().flat_map(|version| version.members[at].iter().map(|program| version.last[program.index()])).collect();
    members.sort_unstable();
    members.dedup();
    let is_in = |program: ProgramId| versions.last().is_some_and(|last| last.members[at].binary_search(&program).is_ok());
    // Programs of the same window are looked at together, because they may need or outdo each other.
    let mut windows: BTreeMap<(i64, i64), Vec<(ProgramId, usize)>> = BTreeMap::new();
    for program in members {
        for period in t.periods(program).filter(|period| t.period_from[*period] < super::due(task, program).0) {
            let window = (t.period_from[period], t.period_to[period]);
            if super::lives(policy, program, period) {
                windows.entry(window).or_default().push((program, period));
            }
        }
    }
    let mut own: Vec<Statement> = Vec::new();
    // By program, in order of its windows.
    let mut surplus: BTreeMap<ProgramId, Money> = BTreeMap::new();
    for ((_, end), programs) in windows {
        let carried = |program: &ProgramId| t.program_surplus[program.index()] == 1;
        let before = |program: ProgramId| surplus.get(&program).copied().filter(|_| carried(&program)).unwrap_or(Money::ZERO);
        let mut after = Vec::new();
        let mut steps = steps(versions, sums, at, &programs, &before)?;
        // Those that he is in now stand beside each other; any other by itself.
        let (now, past): (Vec<_>, Vec<_>) = programs.into_iter().partition(|(program, _)| is_in(*program));
        let groups = std::iter::once(now).chain(past.into_iter().map(|one| vec![one]));
        for group in groups {
            let enrol = |&(program, period): &(ProgramId, usize)| {
                let posted = (sums.get(at, period, versions.len())?.volume, sums.covered(at, period, versions.len()));
                Ok(enrolment(policy, dealer, program, period, (posted, before(program))))
            };
            let enrolments = group.iter().map(enrol).collect::<Result<Vec<Enrolment>, Overflow>>()?;
            for (rebate, (program, period)) in rebate::stand(policy, &enrolments)?.into_iter().zip(&group) {
                let closed = end.saturating_add(t.program_grace[program.index()].max(0));
                let steps = steps.remove(period).unwrap_or_default();
                let earned = if versions.len() == 1 {
                    rebate.after
                } else {
                    steps.iter().try_fold(Money::ZERO, |sum, step| sum.plus(step.after)?.minus(step.before))?
                };
                let beyond = before(*program).plus(earned)?.minus(Money(t.program_guarantee[program.index()]))?.max(Money::ZERO);
                after.push((*program, beyond));
                own.push(Statement {
                    dealer: dealer.id.clone(),
                    transactions: sums.get(at, *period, versions.len())?.transactions,
                    row: None,
                    partial: Instant(closed) > super::due(task, *program),
                    earned,
                    steps,
                    paid: earned,
                    carried: Money::ZERO,
                    surplus: beyond,
                    parties: Vec::new(),
                    rebate,
                });
            }
        }
        surplus.extend(after);
    }
    own.sort_by_key(|statement| (statement.rebate.program, statement.rebate.period));
    Ok(own)
}

/// What each version adds to programs of one window, by window of the program; nothing where there is one version only.
fn steps(
    versions: &[Version],
    sums: &Sums,
    at: usize,
    programs: &[(ProgramId, usize)],
    surplus: &dyn Fn(ProgramId) -> Money,
) -> Result<BTreeMap<usize, Vec<Step>>, Overflow> {
    let mut steps: BTreeMap<usize, Vec<Step>> = BTreeMap::new();
    for (number, version) in versions.iter().enumerate().filter(|_| versions.len() > 1) {
        let volumes = |period: usize, with: bool| {
            let versions = number + usize::from(with);
            Ok((sums.get(at, period, versions)?.volume, sums.covered(at, period, versions)))
        };
        for (added, (_, period)) in version.adds(sums, at, programs, &volumes, surplus)?.into_iter().zip(programs) {
            let Some((before, after)) = added else { continue };
            let own = steps.entry(*period).or_default();
            let before = if own.is_empty() { Money::ZERO } else { before };
            own.push(Step { version: version.policy.constant_text(Constant::Version).to_owned(), before, after });
        }
    }
    Ok(steps)
}

/// Pays what a window comes to, with what was carried into it, and gives what is carried on.
fn pay(task: &Task, dealer: usize, statement: &mut Statement, carried: Money) -> Result<Money, Fault> {
    let (policy, t) = (task.policy, &task.policy.tables);
    let (program, period) = (statement.rebate.program, statement.rebate.period);
    let (minimum, piece) = (t.program_minimum[program.index()], t.program_piece[program.index()]);
    let pending = statement.paid.plus(carried)?;
    let kept = match minimum.max(piece) {
        least if least > 0 && pending.0 < least => pending,
        // Only whole pieces are paid.
        _ => Money(pending.0.checked_rem(piece).unwrap_or(0)),
    };
    (statement.rebate.carried, statement.paid, statement.carried) = (carried, pending.minus(kept)?, kept);
    let parties = &t.split_share[t.splits(program)];
    let parts: Vec<(&str, Money)> = if parties.is_empty() {
        vec![("dealer", statement.paid)]
    } else {
        let amounts = allocate(statement.paid, parties, policy.constants.remainder)?;
        t.splits(program).map(|party| policy.text(TextId(t.split_to[party]))).zip(amounts).collect()
    };
    for (party, (to, amount)) in parts.into_iter().enumerate() {
        let stated = task.stated.amount(dealer, period, party);
        statement.parties.push(Party { to: to.to_owned(), amount, stated, difference: amount.minus(stated)? });
    }
    Ok(statement.carried)
}
