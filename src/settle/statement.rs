//! Statements (返利单): what each program comes to for each dealer and window, what of it was stated before, and the difference.

use super::{Fault, Key, Sum, Task};
use crate::bundle::Loaded;
use crate::explain::{self, Language};
use crate::id::{ProgramId, TextId};
use crate::num::{Money, Overflow, Scale, allocate};
use crate::quote::{Kept, RebatePreview};
use crate::rebate;
use crate::time::Instant;
use crate::waterfall::Enrolment;
use crate::wire::{Json, Writer};
use std::collections::{BTreeMap, HashMap};

/// What one program comes to for one dealer in one window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Dealer id.
    pub dealer: String,
    /// Where the program stands; before and after are equal.
    pub rebate: RebatePreview,
    /// Transactions that count.
    pub transactions: u64,
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
                j.key("partial").boolean(self.partial);
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
        explain::settled(policy, &self.rebate, (self.paid, self.carried), language)
    }
}

/// The statements of all dealers: of every program and window with transactions, with something earned, or with something stated before.
pub fn statements(task: &Task, members: &[Vec<ProgramId>], sums: &HashMap<Key, Sum>) -> Result<Vec<Statement>, Fault> {
    let mut order: Vec<usize> = (0..task.dealers.len()).collect();
    order.sort_by(|a, b| task.dealers[*a].id.as_bytes().cmp(task.dealers[*b].id.as_bytes()));
    let mut all = Vec::new();
    for at in order {
        all.extend(of_dealer(task, at, &members[at], sums)?);
    }
    clip(task, &mut all)?;
    let mut carried = Money::ZERO;
    for at in 0..all.len() {
        let (before, rest) = all.split_at_mut(at);
        let Some(statement) = rest.first_mut() else { break };
        let same = before.last().is_some_and(|last| (&last.dealer, last.rebate.program) == (&statement.dealer, statement.rebate.program));
        carried = pay(task, statement, if same { carried } else { Money::ZERO })?;
    }
    all.retain(|statement| {
        let some = |party: &Party| party.amount != Money::ZERO || party.stated != Money::ZERO;
        statement.transactions > 0 || statement.rebate.after != Money::ZERO || statement.parties.iter().any(some)
    });
    Ok(all)
}

/// What the programs of a dealer earn in all windows, by program and window; nothing is paid yet.
fn of_dealer(task: &Task, at: usize, members: &[ProgramId], sums: &HashMap<Key, Sum>) -> Result<Vec<Statement>, Fault> {
    let (policy, t, dealer) = (task.policy, &task.policy.tables, &task.dealers[at]);
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
        let sum = |program: ProgramId, period: usize| sums.get(&(at, program.0, period)).copied().unwrap_or_default();
        let enrolment = |&(program, period): &(ProgramId, usize)| {
            let label = policy.text(TextId(t.period_text[period]));
            let known = dealer.volumes.iter().find(|known| known.program == policy.program(program) && known.period == label);
            let (tiers, yardstick) = rebate::tiers(policy, program, period, known, dealer.grade);
            let modified = rebate::modified(policy, program, &dealer.kpis);
            Enrolment {
                program,
                period,
                posted: sum(program, period).volume,
                open: Default::default(),
                tiers,
                yardstick,
                modified,
                carried: Money::ZERO,
                due: None,
                outlook: None,
                left: None,
                most: None,
            }
        };
        let enrolments: Vec<Enrolment> = programs.iter().map(enrolment).collect();
        for (rebate, (program, period)) in rebate::stand(policy, &enrolments)?.into_iter().zip(&programs) {
            let closed = end.saturating_add(t.program_grace[program.index()].max(0));
            own.push(Statement {
                dealer: dealer.id.clone(),
                transactions: sum(*program, *period).transactions,
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

/// Where what programs of one budget earn in all is more than it has, it is split over them.
fn clip(task: &Task, all: &mut [Statement]) -> Result<(), Fault> {
    let t = &task.policy.tables;
    for (budget, whole) in (0..).zip(&t.budget_amount) {
        let whole = Money(*whole);
        let takes = |statement: &&mut Statement| t.program_budget[statement.rebate.program.index()] == budget;
        let mut of_budget: Vec<&mut Statement> = all.iter_mut().filter(takes).collect();
        let earned: Vec<i64> = of_budget.iter().map(|statement| statement.rebate.after.0.max(0)).collect();
        let enough = Money::sum(earned.iter().map(|earned| Money(*earned)))? <= whole;
        let parts =
            if enough { earned.iter().copied().map(Money).collect() } else { allocate(whole, &earned, task.policy.constants.remainder)? };
        for ((statement, part), earned) in of_budget.iter_mut().zip(parts).zip(earned) {
            let lost = Money(earned).minus(part)?;
            statement.rebate.budget = Some(Kept { left: whole, lost });
            statement.paid = statement.rebate.after.minus(lost)?;
        }
    }
    Ok(())
}

/// Pays what a window comes to, with what was carried into it, and gives what is carried on.
fn pay(task: &Task, statement: &mut Statement, carried: Money) -> Result<Money, Fault> {
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
    for (to, amount) in parts {
        let label = policy.text(TextId(t.period_text[period]));
        let key = [&statement.dealer, policy.program(program), label, to].map(str::to_owned);
        let stated = task.stated.get(&key.into()).copied().unwrap_or_default();
        statement.parties.push(Party { to: to.to_owned(), amount, stated, difference: amount.minus(stated)? });
    }
    Ok(statement.carried)
}
