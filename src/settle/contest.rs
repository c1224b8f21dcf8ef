//! Contests: who is how good in a window of a program, and what he wins. `docs/semantics.md` §43.

use super::{Statement, quoted};
use crate::bundle::{Loaded, decoded};
use crate::explain::Language;
use crate::id::TextId;
use crate::num::{Money, Overflow, Percent, Quantity, Scale, allocate};
use crate::policy::{Against, Contest, Policy, Prize, Qualifier, RankedBy, Ties};
use crate::quote::Yardstick;
use crate::wire::{Json, Writer};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// A dealer in a window of a contest: his volume, and what it stands against; 1 where dealers are ranked by volumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entrant {
    /// Position of the contest in the policy.
    contest: usize,
    /// Label and place of the window.
    period: (usize, String),
    dealer: String,
    volume: i64,
    base: i64,
    figure: String,
    /// Whether the window goes on.
    partial: bool,
}

/// What was stated of prizes before: contest, window, dealer.
pub type Stated = BTreeMap<(String, String, String), Money>;

/// What becomes of a dealer in a window of a contest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Contest id.
    pub contest: String,
    /// Label of the window.
    pub period: String,
    /// Dealer id.
    pub dealer: String,
    /// 1 and more; `None` where he is not ranked any more and something was stated before.
    pub rank: Option<usize>,
    /// What he is ranked by, as text: an amount, a quantity or a percentage that is rounded down to 2 digits.
    pub figure: String,
    /// What he wins; as it stands, while the window goes on.
    pub prize: Money,
    /// Whether it is decided.
    pub decided: bool,
    /// What was stated before.
    pub stated: Money,
    /// What is new: the prize, if it is decided, less what was stated.
    pub difference: Money,
}

/// Who of some statements takes part in which contests.
pub fn entrants(loaded: &Loaded, policy: &Policy, statements: &[Statement]) -> Vec<Entrant> {
    let entrant = |(at, contest): (usize, &Contest), statement: &Statement| -> Option<Entrant> {
        let rebate = &statement.rebate;
        let t = &loaded.tables;
        let qualifier = decoded::<Qualifier>(t.program_qualifier[rebate.program.index()]);
        let volume = rebate.posted.measured(qualifier);
        let (base, least, figure) = match (contest.by, rebate.yardstick, qualifier) {
            (RankedBy::Percent, Yardstick::Nothing | Yardstick::Base(None), _) => return None,
            (RankedBy::Percent, Yardstick::Base(Some(base)), _) => {
                (base, Scale(Percent::DIGITS), rebate.percent.map(|at| Scale(2).show_short(at))?)
            }
            (RankedBy::Volume, _, Qualifier::Amount) => (1, loaded.constants.money_scale, Writer(loaded).money(Money(volume))),
            (RankedBy::Volume, _, Qualifier::Quantity) => (1, loaded.constants.quantity_scale, Writer(loaded).quantity(Quantity(volume))),
        };
        // Growth is what is above last year.
        let grown = contest.by == RankedBy::Percent && decoded::<Against>(t.program_against[rebate.program.index()]) == Against::LastYear;
        let above = i128::from(volume) - if grown { i128::from(base) } else { 0 };
        let whole = if contest.by == RankedBy::Percent { Percent::ONE } else { 1 };
        let reached = contest
            .minimum
            .is_none_or(|minimum| minimum.scaled(least).is_ok_and(|least| above * whole >= i128::from(least) * i128::from(base)));
        let period = (rebate.period, loaded.text(TextId(t.period_text[rebate.period])).to_owned());
        let entrant = Entrant { contest: at, period, dealer: statement.dealer.clone(), volume, base, figure, partial: statement.partial };
        Some(entrant).filter(|_| volume > 0 && base > 0 && reached)
    };
    let mut all = Vec::new();
    for named in policy.contests.iter().enumerate() {
        let own = statements.iter().filter(|statement| loaded.program(statement.rebate.program) == named.1.program);
        all.extend(own.filter_map(|statement| entrant(named, statement)));
    }
    all
}

/// Decides the contests: the places of every window, in order of contest, window and rank; then, in order of contest, window and dealer, who is not
/// ranked any more and had a prize.
///
/// # Errors
/// [`Overflow`] where prizes are together more than fits.
pub fn decide(loaded: &Loaded, policy: &Policy, mut entrants: Vec<Entrant>, stated: &Stated) -> Result<Vec<Placed>, Overflow> {
    entrants.sort_by(|a, b| (a.contest, a.period.0).cmp(&(b.contest, b.period.0)).then_with(|| a.order(b)));
    let mut left = stated.clone();
    let mut all = Vec::new();
    for window in entrants.chunk_by(|a, b| (a.contest, a.period.0) == (b.contest, b.period.0)) {
        let contest = &policy.contests[window[0].contest];
        let prizes = prizes(loaded, contest);
        let decided = window.iter().all(|entrant| !entrant.partial);
        let mut rank = 1;
        for equal in window.chunk_by(|a, b| a.better(b) == Ordering::Equal) {
            let place = |at: usize| prizes.get(at).copied().unwrap_or(Money::ZERO);
            let won = match contest.ties {
                Ties::Each => vec![place(rank - 1); equal.len()],
                Ties::Share => {
                    let sum = Money::sum((rank - 1..rank - 1 + equal.len()).map(place))?;
                    allocate(sum, &vec![1; equal.len()], loaded.constants.remainder)?
                }
            };
            for (entrant, prize) in equal.iter().zip(won) {
                let key = (contest.id.clone(), entrant.period.1.clone(), entrant.dealer.clone());
                let stated = left.remove(&key).unwrap_or(Money::ZERO);
                let difference = if decided { prize } else { Money::ZERO }.minus(stated)?;
                let (contest, period, dealer) = key;
                let figure = entrant.figure.clone();
                all.push(Placed { contest, period, dealer, rank: Some(rank), figure, prize, decided, stated, difference });
            }
            rank += equal.len();
        }
    }
    for ((contest, period, dealer), stated) in left {
        let difference = Money::ZERO.minus(stated)?;
        let (rank, figure, prize) = (None, String::new(), Money::ZERO);
        all.push(Placed { contest, period, dealer, rank, figure, prize, decided: true, stated, difference });
    }
    Ok(all)
}

/// Contests as a text to read: each window with its ranks.
pub fn ranking(loaded: &Loaded, policy: &Policy, placed: &[Placed], language: Language) -> String {
    let mut text = String::new();
    for window in placed.chunk_by(|a, b| (&a.contest, &a.period) == (&b.contest, &b.period)) {
        let Placed { contest, period, .. } = &window[0];
        let name = policy.contests.iter().find(|known| known.id == *contest).map(|known| match language {
            Language::Chinese => &known.name.zh,
            Language::English => &known.name.en,
        });
        text += &format!("{} · {period}\n", name.filter(|name| !name.is_empty()).unwrap_or(contest));
        for placed in window {
            text += &format!("  {}\n", placed.sentence(loaded, language));
        }
    }
    text
}

/// What each place wins.
fn prizes(loaded: &Loaded, contest: &Contest) -> Vec<Money> {
    let amount = |prize: &Prize| Money(prize.amount.scaled(loaded.constants.money_scale).unwrap_or(0));
    contest.prizes.iter().flat_map(|prize| std::iter::repeat_n(amount(prize), prize.places as usize)).collect()
}

impl Entrant {
    /// The better one first; of equal ones, by id.
    fn order(&self, other: &Entrant) -> Ordering {
        self.better(other).then_with(|| self.dealer.as_bytes().cmp(other.dealer.as_bytes()))
    }

    fn better(&self, other: &Entrant) -> Ordering {
        (i128::from(other.volume) * i128::from(self.base)).cmp(&(i128::from(self.volume) * i128::from(other.base)))
    }
}

impl Placed {
    /// The first row of [`Placed::csv`].
    pub const HEADER: &'static str = "contest,period,rank,dealer,figure,prize,decided,stated,difference\n";

    /// What is stated of it from now on.
    fn amount(&self) -> Money {
        if self.decided { self.prize } else { Money::ZERO }
    }

    /// As canonical JSON.
    pub fn json(&self, loaded: &Loaded) -> String {
        let writer = Writer(loaded);
        Json::write(|j| {
            j.object(|j| {
                for (key, text) in [("contest", &self.contest), ("period", &self.period), ("dealer", &self.dealer)] {
                    j.key(key).text(text);
                }
                j.key("rank").integer_or_null(self.rank.and_then(|rank| i64::try_from(rank).ok()));
                j.key("figure").text_or_null(self.rank.map(|_| self.figure.as_str()));
                j.key("decided").boolean(self.decided);
                for (key, amount) in
                    [("prize", self.prize), ("amount", self.amount()), ("stated", self.stated), ("difference", self.difference)]
                {
                    j.key(key).text(&writer.money(amount));
                }
            });
        })
    }

    /// As a line of a report.
    fn sentence(&self, loaded: &Loaded, language: Language) -> String {
        let writer = Writer(loaded);
        let [prize, difference] = [self.prize, self.difference].map(|amount| writer.money(amount));
        let Placed { dealer, figure, .. } = self;
        match (language, self.rank, self.decided) {
            (Language::Chinese, Some(rank), true) => format!("第 {rank} 名 {dealer}：{figure}，奖金 {prize}，本次 {difference}"),
            (Language::Chinese, Some(rank), false) => format!("第 {rank} 名 {dealer}：{figure}，目前可得 {prize}，尚未决出"),
            (Language::Chinese, None, _) => format!("{dealer}：不再入围，本次 {difference}"),
            (Language::English, Some(rank), true) => format!("{rank}. {dealer}: {figure}, wins {prize}, now {difference}"),
            (Language::English, Some(rank), false) => format!("{rank}. {dealer}: {figure}, would win {prize}, not decided yet"),
            (Language::English, None, _) => format!("{dealer}: not ranked any more, now {difference}"),
        }
    }

    /// As a row of a table.
    pub fn csv(&self, loaded: &Loaded) -> String {
        let writer = Writer(loaded);
        let [contest, period, dealer] = [&self.contest, &self.period, &self.dealer].map(|text| quoted(text));
        let rank = self.rank.map_or(String::new(), |rank| rank.to_string());
        let [prize, stated, difference] = [self.prize, self.stated, self.difference].map(|amount| writer.money(amount));
        let decided = if self.decided { "yes" } else { "no" };
        format!("{contest},{period},{rank},{dealer},{},{prize},{decided},{stated},{difference}\n", self.figure)
    }
}
