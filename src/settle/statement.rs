//! Statements (返利单): what each program comes to for each dealer and window, what of it was stated before, and the difference.

use super::pipe::in_order;
use super::{Fault, Former, Sums, Task};
use crate::bundle::Loaded;
use crate::explain::{self, Language};
use crate::id::{ProgramId, TextId};
use crate::num::{Money, Overflow, allocate};
use crate::quote::{self, RebatePreview};
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
    /// What is paid of it: what it earns, what was carried into it, less what its budget keeps and what is carried on.
    pub paid: Money,
    /// What is carried to the next window.
    pub carried: Money,
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
                if policy.tables.program_minimum[self.rebate.program.index()] > 0 {
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
        explain::settled(policy, &self.rebate, (self.paid, self.carried), language)
    }
}

/// Dealers whose statements are made at once.
const DEALERS: usize = 32;

/// Tells the statements of all dealers, of every program and window with transactions, with something earned, or with something stated before;
/// returns what was stated before and stands no more.
pub fn tell<T: Send>(
    task: &Task,
    members: &[Vec<ProgramId>],
    sums: &Sums,
    tell: &(dyn Fn(Vec<Statement>) -> T + Sync),
    take: &mut dyn FnMut(T) -> io::Result<()>,
) -> Result<Vec<Former>, Fault> {
    let starts: Vec<usize> = (0..sums.of.len()).step_by(DEALERS).collect();
    let dealers = |start: usize| start..(start + DEALERS).min(sums.of.len());
    let budgets = Budgets::new(task, members, sums, &starts)?;
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
            let mut own = of_dealer(task, dealer, &members[dealer], sums)?;
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
        statement.transactions > 0 || statement.rebate.after != Money::ZERO || statement.parties.iter().any(some)
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
    fn new(task: &Task, members: &[Vec<ProgramId>], sums: &Sums, dealers: &[usize]) -> Result<Budgets, Fault> {
        let t = &task.policy.tables;
        let of_budget =
            |program: ProgramId| Some(t.program_budget[program.index()] as usize).filter(|budget| *budget < t.budget_amount.len());
        let mut earned: Vec<Vec<i64>> = vec![Vec::new(); t.budget_amount.len()];
        let mut starts = Vec::new();
        if members.iter().flatten().any(|program| of_budget(*program).is_some()) {
            let work = |start: usize| -> Result<Vec<(usize, i64)>, Fault> {
                let mut earned = Vec::new();
                for dealer in start..(start + DEALERS).min(members.len()) {
                    for statement in of_dealer(task, dealer, &members[dealer], sums)? {
                        if let Some(budget) = of_budget(statement.rebate.program) {
                            earned.push((budget, statement.rebate.after.0.max(0)));
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
        let earned = Money(statement.rebate.after.0.max(0));
        let part = self.budgets.parts[budget].as_ref().and_then(|parts| parts.get(self.next[budget])).copied().unwrap_or(earned);
        self.next[budget] += 1;
        let lost = earned.minus(part)?;
        statement.rebate.budget = Some(quote::Kept { left: Money(*whole), lost });
        statement.paid = statement.rebate.after.minus(lost)?;
        Ok(())
    }
}

/// What the programs of a dealer earn in all windows, by program and window; nothing is paid yet.
fn of_dealer(task: &Task, at: usize, members: &[ProgramId], sums: &Sums) -> Result<Vec<Statement>, Fault> {
    let (policy, t, dealer) = (task.policy, &task.policy.tables, &task.dealers[sums.order[at]]);
    // Programs of the same window are looked at together, because they may need or outdo each other.
    let mut windows: BTreeMap<(i64, i64), Vec<(ProgramId, usize)>> = BTreeMap::new();
    for program in members {
        for period in t.periods(*program).filter(|period| t.period_from[*period] < super::due(task, *program).0) {
            let window = (t.period_from[period], t.period_to[period]);
            if super::lives(policy, *program, period) {
                windows.entry(window).or_default().push((*program, period));
            }
        }
    }
    let mut own = Vec::new();
    for ((_, end), programs) in windows {
        let enrolment = |&(program, period): &(ProgramId, usize)| {
            let label = policy.text(TextId(t.period_text[period]));
            let known = dealer.volumes.iter().find(|known| known.program == policy.program(program) && known.period == label);
            let (tiers, yardstick) = rebate::tiers(policy, program, period, known, dealer.grade);
            let modified = rebate::modified(policy, program, &dealer.kpis);
            Enrolment {
                program,
                period,
                posted: sums.get(at, period).volume,
                open: Default::default(),
                tiers,
                yardstick,
                modified,
                carried: Money::ZERO,
                due: None,
                left: None,
                most: None,
            }
        };
        let enrolments: Vec<Enrolment> = programs.iter().map(enrolment).collect();
        for (rebate, (program, period)) in rebate::stand(policy, &enrolments)?.into_iter().zip(&programs) {
            let closed = end.saturating_add(t.program_grace[program.index()].max(0));
            own.push(Statement {
                dealer: dealer.id.clone(),
                transactions: sums.get(at, *period).transactions,
                row: None,
                partial: Instant(closed) > super::due(task, *program),
                paid: rebate.after,
                carried: Money::ZERO,
                parties: Vec::new(),
                rebate,
            });
        }
    }
    own.sort_by_key(|statement| (statement.rebate.program, statement.rebate.period));
    Ok(own)
}

/// Pays what a window comes to, with what was carried into it, and gives what is carried on.
fn pay(task: &Task, dealer: usize, statement: &mut Statement, carried: Money) -> Result<Money, Fault> {
    let (policy, t) = (task.policy, &task.policy.tables);
    let (program, period) = (statement.rebate.program, statement.rebate.period);
    let minimum = t.program_minimum[program.index()];
    let pending = statement.paid.plus(carried)?;
    (statement.rebate.carried, statement.paid, statement.carried) =
        if minimum > 0 && pending.0 < minimum { (carried, Money::ZERO, pending) } else { (carried, pending, Money::ZERO) };
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
