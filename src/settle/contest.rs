//! Contests: who is how good in a window of a program, and what he wins. `docs/semantics.md` §43.

use super::{Statement, quoted};
use crate::bundle::{Loaded, decoded};
use crate::explain::Language;
use crate::id::TextId;
use crate::num::{Money, Overflow, Percent, Quantity, Rounding, Scale, allocate, divide};
use crate::policy::{Against, Contest, Policy, Prize, Qualifier, RankedBy, Ties};
use crate::quote::Yardstick;
use crate::time::Instant;
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
    /// The least that is ranked, against what; none where anything is.
    least: Option<(i64, i64)>,
    /// Whether he has that.
    ranked: bool,
    figure: String,
    /// Measure of the volume.
    by: Qualifier,
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

/// Who of some statements takes part in which contests, those with too little included.
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
        let whole = if contest.by == RankedBy::Percent { Percent::WHOLE.0 } else { 1 };
        let from = if grown { whole } else { 0 };
        let minimum = contest.minimum.map(|minimum| minimum.scaled(least).map_or(i64::MAX, |least| least.saturating_add(from)));
        let enough = minimum.is_none_or(|least| i128::from(volume) * i128::from(whole) >= i128::from(least) * i128::from(base));
        let period = (rebate.period, loaded.text(TextId(t.period_text[rebate.period])).to_owned());
        let (least, ranked) = (minimum.map(|least| (least, whole)), volume > 0 && enough);
        let entrant = Entrant {
            contest: at,
            period,
            dealer: statement.dealer.clone(),
            volume,
            base,
            least,
            ranked,
            figure,
            by: qualifier,
            partial: statement.partial,
        };
        Some(entrant).filter(|_| base > 0)
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
pub fn decide(loaded: &Loaded, policy: &Policy, entrants: &[Entrant], stated: &Stated) -> Result<Vec<Placed>, Overflow> {
    let entrants = ranked(entrants);
    let mut left = stated.clone();
    let mut all = Vec::new();
    for window in entrants.chunk_by(|a, b| a.window() == b.window()) {
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

/// Those who are ranked, in order of contest, window and rank.
fn ranked(entrants: &[Entrant]) -> Vec<&Entrant> {
    let mut ranked: Vec<&Entrant> = entrants.iter().filter(|entrant| entrant.ranked).collect();
    ranked.sort_by(|a, b| a.window().cmp(&b.window()).then_with(|| a.order(b)));
    ranked
}

/// Where dealers stand in the windows that go on, by dealer: entries of their facts' `contests`. Of others they say how far the next rank is, and no more.
///
/// # Errors
/// [`Overflow`] where volumes are further apart than fits.
pub fn standings(
    loaded: &Loaded,
    policy: &Policy,
    entrants: &[Entrant],
    placed: &[Placed],
    until: Instant,
) -> Result<BTreeMap<String, Vec<String>>, Overflow> {
    let ranked = ranked(entrants);
    let prizes_now: BTreeMap<_, _> =
        placed.iter().map(|placed| ((&placed.contest, &placed.period, &placed.dealer), placed.prize)).collect();
    let mut all: Vec<&Entrant> = entrants.iter().filter(|entrant| entrant.partial && entrant.volume >= 0).collect();
    all.sort_by(|a, b| (a.window(), &a.dealer).cmp(&(b.window(), &b.dealer)));
    let mut told = BTreeMap::<String, Vec<String>>::new();
    for window in all.chunk_by(|a, b| a.window() == b.window()) {
        let contest = &policy.contests[window[0].contest];
        let prizes = prizes(loaded, contest);
        let place = |rank: usize| prizes.get(rank - 1).copied().unwrap_or(Money::ZERO);
        let from = ranked.partition_point(|entrant| entrant.window() < window[0].window());
        let rivals = &ranked[from..from + ranked[from..].partition_point(|entrant| entrant.window() == window[0].window())];
        for own in window {
            // How many are better than he is, or than he would be with the least that is ranked.
            let Some(aim) = (if own.ranked { Some((own.volume, own.base)) } else { own.least }) else { continue };
            let better = rivals.partition_point(|rival| rival.against(aim) == Ordering::Less);
            let prize = prizes_now.get(&(&contest.id, &own.period.1, &own.dealer)).copied().unwrap_or(Money::ZERO);
            let mut ahead = Vec::new();
            if !own.ranked {
                ahead.push((better + 1, own.mark(aim)?));
            }
            // The first of those that are as good as the last one ahead, until one of them wins more.
            let mut rest = better;
            while rest > 0 && (ahead.is_empty() || place(ahead[0].0) <= prize) {
                let next = rivals[rest - 1];
                rest = rivals.partition_point(|rival| rival.better(next) == Ordering::Less);
                if ahead.is_empty() || place(rest + 1) > prize {
                    ahead.push((rest + 1, own.mark((next.volume, next.base))?));
                }
                if place(rest + 1) > prize {
                    break;
                }
            }
            let behind = rivals.get(rivals.partition_point(|rival| rival.against(aim) != Ordering::Greater)).filter(|_| own.ranked);
            let lead = match behind {
                Some(behind) => Some(own.volume - own.mark((behind.volume, behind.base))?),
                None => None,
            };
            let gaps = ahead.iter().map(|(rank, mark)| Ok((*rank, place(*rank), mark.checked_sub(own.volume).ok_or(Overflow)?)));
            let gaps = gaps.collect::<Result<Vec<_>, Overflow>>()?;
            let rank = own.ranked.then_some(better + 1);
            told.entry(own.dealer.clone()).or_default().push(own.standing(
                loaded,
                contest,
                until,
                (rank, rivals.len(), prize),
                lead,
                &gaps,
            ));
        }
    }
    Ok(told)
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

    fn window(&self) -> (usize, usize) {
        (self.contest, self.period.0)
    }

    fn better(&self, other: &Entrant) -> Ordering {
        self.against((other.volume, other.base))
    }

    /// `Less` where he is better than a volume against a base.
    fn against(&self, (volume, base): (i64, i64)) -> Ordering {
        (i128::from(volume) * i128::from(self.base)).cmp(&(i128::from(self.volume) * i128::from(base)))
    }

    /// The least volume of his own that is as good as another one against its base.
    fn mark(&self, (volume, base): (i64, i64)) -> Result<i64, Overflow> {
        divide(i128::from(volume) * i128::from(self.base) + i128::from(base) - 1, i128::from(base), Rounding::Down)
    }

    /// An entry of the facts' `contests`.
    fn standing(
        &self,
        loaded: &Loaded,
        contest: &Contest,
        until: Instant,
        (rank, of, prize): (Option<usize>, usize, Money),
        lead: Option<i64>,
        ahead: &[(usize, Money, i64)],
    ) -> String {
        let writer = Writer(loaded);
        let by_quantity = self.by == Qualifier::Quantity;
        let measured = |j: &mut Json, volume: i64| {
            j.object(|j| writer.measured_field(j, if by_quantity { "quantity" } else { "amount" }, by_quantity, volume));
        };
        let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        Json::write(|j| {
            j.object(|j| {
                j.key("contest").text(&contest.id);
                j.key("name").object(|j| {
                    j.key("zh").text(&contest.name.zh);
                    j.key("en").text(&contest.name.en);
                });
                j.key("program").text(&contest.program);
                j.key("period").text(&self.period.1);
                j.key("as_of").integer(until.0);
                j.key("rank").integer_or_null(rank.map(count));
                j.key("of").integer(count(of));
                j.key("prize").text(&writer.money(prize));
                measured(j.key("volume"), self.volume);
                if let Some(lead) = lead {
                    measured(j.key("lead"), lead);
                }
                j.key("ahead").list(ahead, |j, (rank, prize, gap)| {
                    j.object(|j| {
                        j.key("rank").integer(count(*rank));
                        j.key("prize").text(&writer.money(*prize));
                        measured(j.key("gap"), *gap);
                    });
                });
            });
        })
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
