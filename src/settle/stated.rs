//! What settlements before this one stated.

use super::{Task, quoted, short};
use crate::bundle::Loaded;
use crate::facts::DealerFacts;
use crate::id::TextId;
use crate::num::Money;
use crate::wire::{Json, Writer};
use std::collections::HashMap;

/// What was stated of a party before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Former {
    /// Dealer id.
    pub dealer: String,
    /// Program id.
    pub program: String,
    /// Label of the window.
    pub period: String,
    /// The party.
    pub to: String,
    /// What was stated.
    pub amount: Money,
}

impl Former {
    /// That it is taken back, as JSON.
    pub fn json(&self, policy: &Loaded) -> String {
        let writer = Writer(policy);
        Json::write(|j| {
            j.object(|j| {
                for (key, text) in [("dealer", &self.dealer), ("program", &self.program), ("period", &self.period), ("to", &self.to)] {
                    j.key(key).text(text);
                }
                j.key("stated").text(&writer.money(self.amount));
                j.key("difference").text(&writer.money(self.back()));
            });
        })
    }

    /// The same as a row of the statements' table.
    pub fn csv(&self, policy: &Loaded) -> String {
        let writer = Writer(policy);
        let [dealer, program, period, to] = [&self.dealer, &self.program, &self.period, &self.to].map(|text| quoted(text));
        let (zero, stated, difference) = (writer.money(Money::ZERO), writer.money(self.amount), writer.money(self.back()));
        format!("{dealer},{program},{period},{to},{zero},0,0,{zero},{stated},{difference}\n")
    }

    /// What taking it back comes to.
    pub fn back(&self) -> Money {
        Money(self.amount.0.saturating_neg())
    }
}

/// What was stated before, of all dealers; numbers instead of words wherever the policy and the facts still have them.
#[derive(Debug, Clone, Default)]
pub struct Stated {
    /// By dealer (a position among the facts), window, and party of its program.
    known: HashMap<u32, Vec<(u32, u32, Money)>>,
    gone: Vec<Former>,
}

impl Stated {
    /// From what was stated.
    pub fn of<E>(policy: &Loaded, dealers: &[DealerFacts], all: impl Iterator<Item = Result<Former, E>>) -> Result<Stated, E> {
        let by_id: HashMap<&str, u32> = (0..).zip(dealers).map(|(at, dealer)| (dealer.id.as_str(), at)).collect();
        let mut stated = Stated::default();
        for former in all {
            let former = former?;
            match by_id.get(former.dealer.as_str()).zip(place(policy, &former)) {
                Some((dealer, (period, party))) => stated.known.entry(*dealer).or_default().push((period, party, former.amount)),
                None => stated.gone.push(former),
            }
        }
        Ok(stated)
    }

    /// What was stated of a party of a dealer's in a window.
    pub(super) fn amount(&self, dealer: usize, period: usize, party: usize) -> Money {
        let own = self.known.get(&short(dealer)).map_or(&[][..], Vec::as_slice);
        own.iter().find(|(a, b, _)| (*a, *b) == (short(period), short(party))).map_or(Money::ZERO, |(_, _, amount)| *amount)
    }

    /// Of a dealer, what stands in none of the windows that are stated now.
    pub(super) fn left(&self, task: &Task, dealer: usize, stands: &dyn Fn(usize) -> bool) -> Vec<Former> {
        let (policy, t) = (task.policy, &task.policy.tables);
        let own = self.known.get(&short(dealer)).map_or(&[][..], Vec::as_slice);
        let gone = own.iter().filter(|(period, _, amount)| *amount != Money::ZERO && !stands(*period as usize));
        let former = |(period, party, amount): &(u32, u32, Money)| {
            let program = super::trace::program_of(policy, *period as usize);
            let split = t.splits(program);
            Former {
                dealer: task.dealers[dealer].id.clone(),
                program: policy.program(program).to_owned(),
                period: policy.text(TextId(t.period_text[*period as usize])).to_owned(),
                to: if split.is_empty() { "dealer" } else { policy.text(TextId(t.split_to[split.start + *party as usize])) }.to_owned(),
                amount: *amount,
            }
        };
        gone.map(former).collect()
    }

    /// What was stated of dealers, programs, windows and parties that there are no more.
    pub(super) fn gone(&self) -> impl Iterator<Item = Former> {
        self.gone.iter().filter(|former| former.amount != Money::ZERO).cloned()
    }
}

/// The window and the party that something was stated of.
fn place(policy: &Loaded, former: &Former) -> Option<(u32, u32)> {
    let t = &policy.tables;
    let program = policy.program_of(&former.program)?;
    let period = t.periods(program).find(|period| policy.text(TextId(t.period_text[*period])) == former.period)?;
    let mut split = t.splits(program);
    let party = match (split.is_empty(), former.to.as_str()) {
        (true, "dealer") => 0,
        (true, _) => return None,
        (false, to) => split.position(|party| policy.text(TextId(t.split_to[party])) == to)?,
    };
    Some((short(period), short(party)))
}
