//! Statements (返利单): what each program comes to for each dealer and window, what of it was stated before, and the difference.

use super::{Fault, Key, Sum, Task};
use crate::bundle::Loaded;
use crate::explain::{self, Language};
use crate::id::{ProgramId, TextId};
use crate::num::{Money, Overflow};
use crate::quote::RebatePreview;
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
        explain::settled(policy, &self.rebate, language)
    }
}

/// The statements of all dealers: of every program and window with transactions, with something earned, or with something stated before.
pub fn statements(task: &Task, members: &[Vec<ProgramId>], sums: &HashMap<Key, Sum>) -> Result<Vec<Statement>, Fault> {
    let (policy, t) = (task.policy, &task.policy.tables);
    let mut order: Vec<usize> = (0..task.dealers.len()).collect();
    order.sort_by(|a, b| task.dealers[*a].id.as_bytes().cmp(task.dealers[*b].id.as_bytes()));
    let mut all = Vec::new();
    for at in order {
        let dealer = &task.dealers[at];
        // Programs of the same window are looked at together, because they may need or outdo each other.
        let mut windows: BTreeMap<(i64, i64), Vec<(ProgramId, usize)>> = BTreeMap::new();
        for program in &members[at] {
            for period in t.periods(*program).filter(|period| t.period_from[*period] < task.until.0) {
                let window = (t.period_from[period], t.period_to[period]);
                let lives = t.occurrences(t.program_window[program.index()]).any(|life| life.from.0 < window.1 && window.0 < life.to.0);
                if lives {
                    windows.entry(window).or_default().push((*program, period));
                }
            }
        }
        let mut own = Vec::new();
        for ((_, end), programs) in windows {
            let sum = |program: ProgramId, period: usize| sums.get(&(at, program.0, period)).copied().unwrap_or_default();
            let label = |period: usize| policy.text(TextId(t.period_text[period]));
            let enrolment = |&(program, period): &(ProgramId, usize)| {
                let known = dealer.volumes.iter().find(|known| known.program == policy.program(program) && known.period == label(period));
                let (tiers, yardstick) = rebate::tiers(policy, program, period, known, dealer.grade);
                let modified = rebate::modified(policy, program, &dealer.kpis);
                Enrolment { program, period, posted: sum(program, period).volume, open: Default::default(), tiers, yardstick, modified }
            };
            let enrolments: Vec<Enrolment> = programs.iter().map(enrolment).collect();
            for (rebate, (program, period)) in rebate::stand(policy, &enrolments)?.into_iter().zip(&programs) {
                let parts: Vec<(&str, Money)> = match &rebate.split[..] {
                    [] => vec![("dealer", rebate.after)],
                    split => split.iter().map(|(party, _, after)| (policy.text(TextId(t.split_to[*party])), *after)).collect(),
                };
                let mut parties = Vec::with_capacity(parts.len());
                for (to, amount) in parts {
                    let key = [&dealer.id, policy.program(*program), label(*period), to].map(str::to_owned);
                    let stated = task.stated.get(&key.into()).copied().unwrap_or_default();
                    parties.push(Party { to: to.to_owned(), amount, stated, difference: amount.minus(stated)? });
                }
                let transactions = sum(*program, *period).transactions;
                if transactions > 0 || parties.iter().any(|party| party.amount != Money::ZERO || party.stated != Money::ZERO) {
                    let partial = Instant(end) > task.until;
                    own.push(Statement { dealer: dealer.id.clone(), rebate, transactions, partial, parties });
                }
            }
        }
        own.sort_by_key(|statement| (statement.rebate.program, statement.rebate.period));
        all.extend(own);
    }
    Ok(all)
}
