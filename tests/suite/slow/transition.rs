//! Two sides of a transition (§26).

use super::exact::{Exact, number, power_of_ten, rounded, whole};
use super::outcome::Told;
use super::pay::Band;
use super::period::Window;
use super::price::Found;
use super::scale::Asked;
use super::{Question, decimal, formula};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use num_rational::Ratio;
use qudao::num::{Number, Percent};
use qudao::policy::{Access, Node, Pays, Policy, Program, Side, Then, Tier, Transition};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::cmp::Reverse;

/// A policy with what it shares with the other side (§26.4).
pub struct Joined {
    pub policy: Policy,
    /// SKUs of products that only the other side has.
    pub foreign: Vec<String>,
    /// The other side as it is written.
    pub other: Option<Policy>,
}

/// What blends the leading side's prices and rates (§26.6).
pub struct Blend<'a> {
    pub other: Question<'a>,
    /// Weight of the leading side.
    pub own: Exact,
}

/// A price of so many units, of the line's own unit or of base units.
#[derive(Clone, Copy)]
pub struct Shape<'a> {
    pub price: Exact,
    pub per: u32,
    /// The further or base unit that its record is for.
    pub unit: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Old,
    /// Weight of the old side.
    Blend(u32, u32),
    BetterOf,
}

/// Where a dealer is in a transition: the phase, the day after it, and the day after the transition.
struct Passage {
    phase: Phase,
    to: Date,
    end: Date,
}

/// Both sides of a policy, with what they share; of most policies there is only the new one.
pub struct Sides<'p> {
    new: Joined,
    old: Option<(&'p Transition, Joined)>,
}

impl<'p> Sides<'p> {
    pub fn of(policy: &'p Policy) -> Sides<'p> {
        let new = formula::filled(policy);
        let (Some(transition), Some(old)) = (&policy.transition, &policy.old) else {
            return Sides { new: Joined { policy: new, foreign: Vec::new(), other: None }, old: None };
        };
        let old = formula::filled(old);
        Sides { new: joined(&new, &old), old: Some((transition, joined(&old, &new))) }
    }

    /// The side that an answer is of by what it tells of a transition, and what that is blended with.
    pub fn side(&self, told: &Value) -> (&Joined, Option<(&Joined, Exact)>) {
        let Some((_, old)) = &self.old else { return (&self.new, None) };
        let part = Exact::new(told["weight"]["old"].as_i64().unwrap_or(0).into(), told["weight"]["of"].as_i64().unwrap_or(1).into());
        let is_blended = told["phase"] == "blend";
        let (own, other, weight) = if told["side"] == "old" { (old, &self.new, part) } else { (&self.new, old, whole(1) - part) };
        (own, is_blended.then_some((other, weight)))
    }

    /// The answer, and what each promotion of `rules` measured.
    pub fn answer(&self, input: &Value) -> Result<(Value, Vec<Told>), Vec<&'static str>> {
        let new = &self.new;
        let Some((transition, old)) = &self.old else { return super::answer(new, None, input) };
        let Some(passage) = passage(transition, &new.policy, input) else { return super::answer(new, None, input) };
        let (of_old, of_new) = (super::answer(old, None, input)?, super::answer(new, None, input)?);
        let (side, weight, (mut answer, told)) = match passage.phase {
            Phase::Old => ("old", (1, 1), of_old.clone()),
            Phase::BetterOf if worth(&of_new.0) <= worth(&of_old.0) => ("new", (0, 1), of_new.clone()),
            Phase::BetterOf => ("old", (1, 1), of_old.clone()),
            Phase::Blend(left, of) => {
                let (side, leading, other, own) = match transition.promotions {
                    Side::Old => ("old", old, new, left),
                    Side::New => ("new", new, old, of - left),
                };
                (side, (left, of), super::answer(leading, Some((other, Ratio::new(i128::from(own), i128::from(of)))), input)?)
            }
        };
        answer["transition"] = told_of(&passage, side, weight, [(old, &of_old.0), (new, &of_new.0)]);
        Ok((answer, told))
    }
}

/// §26.8.
fn told_of(passage: &Passage, side: &str, weight: (u32, u32), [old, new]: [(&Joined, &Value); 2]) -> Value {
    let day_before = |day: Date| day.yesterday().expect("a day").to_string();
    let alone = |(joined, answer): (&Joined, &Value)| {
        let settings = &joined.policy.settings;
        let totals = &answer["totals"];
        json!({
            "policy": settings.id, "version": settings.version,
            "net": totals["net"], "payable": totals["payable"], "gift_value": totals["gift_value"], "rebate": rebate(answer, totals),
        })
    };
    let of_line = |line: &Value| {
        let price = &line["price"];
        if price.is_null() { Value::Null } else { json!({ "unit_price": price["unit_price"], "per": price["per"], "net": line["net"] }) }
    };
    let lines = |answer: &Value| answer["lines"].as_array().expect("lines").clone();
    let both = lines(old.1).into_iter().zip(lines(new.1));
    let lines: Vec<Value> = both.map(|(old, new)| json!({ "line": old["id"], "old": of_line(&old), "new": of_line(&new) })).collect();
    json!({
        "phase": match passage.phase { Phase::Old => "old", Phase::Blend(..) => "blend", Phase::BetterOf => "better_of" },
        "side": side,
        "weight": { "old": weight.0, "of": weight.1 },
        "until": day_before(passage.to),
        "end": day_before(passage.end),
        "old": alone(old),
        "new": alone(new),
        "lines": lines,
    })
}

/// §26.4.
fn joined(own: &Policy, other: &Policy) -> Joined {
    let mut policy = own.clone();
    let add = |own: &mut Vec<Node>, other: &[Node]| {
        let missing: Vec<Node> = other.iter().filter(|node| !own.iter().any(|known| known.id == node.id)).cloned().collect();
        own.extend(missing);
    };
    add(&mut policy.grades, &other.grades);
    add(&mut policy.regions, &other.regions);
    add(&mut policy.channels, &other.channels);
    add(&mut policy.dealer_groups, &other.dealer_groups);
    add(&mut policy.categories, &other.categories);
    add(&mut policy.brands, &other.brands);
    let missing = other.products.iter().filter(|product| !own.products.iter().any(|known| known.sku == product.sku));
    let foreign = missing.clone().map(|product| product.sku.clone()).collect();
    policy.products.extend(missing.cloned());
    Joined { policy, foreign, other: Some(other.clone()) }
}

/// §26.2, §26.3: `None` where there is only the new side.
fn passage(transition: &Transition, policy: &Policy, input: &Value) -> Option<Passage> {
    let date = |text: &str| text.trim().parse::<Date>().expect("a date");
    let first = date(&transition.cohort.contract_before);
    let signed = input["dealer"]["contract_date"].as_str().map(date)?;
    if signed >= first {
        return None;
    }
    let zone = TimeZone::get(&policy.settings.zone).expect("a zone");
    let now = Timestamp::from_millisecond(super::instant(&input["now"]).0).expect("an instant");
    let begun = |day: Date| day.to_zoned(zone.clone()).expect("an instant").timestamp() <= now;
    // Always counted from one day, never from month to month.
    let months_of = transition.old_until.trim().strip_suffix("months").or(transition.old_until.trim().strip_suffix("month"));
    let (from, months) = match months_of {
        Some(months) => (first, months.trim().parse::<i64>().expect("months")),
        None => (date(&transition.old_until).tomorrow().expect("a day"), 0),
    };
    let after = |months: i64| from.checked_add(months.months()).expect("a day");
    let mut steps = vec![(Phase::Old, after(months))];
    let count = transition.months;
    match transition.then {
        Then::None => {}
        Then::Blend => {
            let of = count.expect("months");
            steps.extend((0..of).map(|step| (Phase::Blend(of - step, of), after(months + i64::from(step) + 1))));
        }
        Then::BetterOf => {
            let to = count.map_or(jiff::civil::date(9000, 1, 1), |count| after(months + i64::from(count)));
            steps.push((Phase::BetterOf, to));
        }
    }
    let last = transition.end.as_deref().map(|end| date(end).tomorrow().expect("a day"));
    let end = steps[steps.len() - 1].1.min(last.unwrap_or(Date::MAX));
    let (phase, to) = steps.into_iter().find(|(_, to)| !begun(*to))?;
    (!begun(end)).then(|| Passage { phase, to: to.min(end), end })
}

/// §26.7: the least is the better one.
fn worth(answer: &Value) -> (usize, Exact, Reverse<Exact>) {
    let totals = &answer["totals"];
    let unpriced = answer["lines"].as_array().expect("lines").iter().filter(|line| line["price"].is_null()).count();
    let outlay = decimal(&totals["payable"]) + decimal(&totals["redeemed"]) - decimal(&totals["gift_value"]);
    (unpriced, outlay, Reverse(rebates(answer)))
}

fn rebates(answer: &Value) -> Exact {
    answer["rebates"].as_array().expect("rebates").iter().map(|rebate| decimal(&rebate["delta"])).sum()
}

/// The sum of the deltas, with the digits of the totals.
fn rebate(answer: &Value, totals: &Value) -> String {
    let digits = totals["net"].as_str().expect("an amount").split_once('.').map_or(0, |(_, fraction)| fraction.len());
    super::exact::text(rebates(answer), u32::try_from(digits).expect("a few"))
}

impl<'a> Question<'a> {
    /// What is asked for, as the other side knows it.
    fn theirs(blend: &Blend<'a>, asked: &[Asked<'a>]) -> Vec<Asked<'a>> {
        asked.iter().map(|asked| Asked { product: blend.other.product(&asked.product.sku), ..*asked }).collect()
    }

    /// The blended price of what one side has a price for, if the other side has one too and both are one price for everything.
    pub fn blended(&self, own: &Found<'a>, asked: &[Asked<'a>], at: usize) -> Option<Exact> {
        let blend = self.blend?;
        let theirs = Self::theirs(blend, asked);
        if !own.parts.is_empty() || blend.other.is_hidden(theirs[at].product) {
            return None;
        }
        let other = blend.other.price(&theirs, at).filter(|found| found.parts.is_empty())?;
        Some(self.between(blend, own.shape(), Some(other.shape()), &asked[at]))
    }

    /// A price for as many units and in the unit of the leading side's; nothing stands for 0.
    fn between(&self, blend: &Blend, own: Shape, other: Option<Shape>, asked: &Asked) -> Exact {
        let per = |shape: Shape| whole(i128::from(shape.per));
        let other = other.map_or(whole(0), |other| {
            let same = other.price * per(own) / per(other);
            match (own.unit, other.unit) {
                (Some(_), None) => same * asked.factor(),
                (None, Some(_)) => same / asked.factor(),
                _ => same,
            }
        });
        self.in_unit_scale(blend.own * own.price + (whole(1) - blend.own) * other)
    }

    fn in_unit_scale(&self, price: Exact) -> Exact {
        let one = power_of_ten(self.policy.settings.unit_scale.unwrap_or(self.digits));
        Exact::new(rounded(price * whole(one), self.policy.settings.rounding), one)
    }

    /// A floor or approval price of what has a price: blended where that is.
    pub fn least_price(&self, tables: fn(&Policy) -> &[Access], is_blended: bool, asked: &[Asked<'a>], at: usize) -> Option<Shape<'a>> {
        let own = self.search(tables(self.policy), asked, at).map(|found| found.shape());
        let Some(blend) = self.blend.filter(|_| is_blended) else { return own };
        let other = blend.other.search(tables(blend.other.policy), &Self::theirs(blend, asked), at).map(|found| found.shape());
        let shape = own.or(other)?;
        let own = own.unwrap_or(Shape { price: whole(0), ..shape });
        Some(Shape { price: self.between(blend, own, other, &asked[at]), ..shape })
    }

    /// §26.6: what tiers pay between both sides, where the dealer is in the program on the other one too.
    pub fn with_rates(&self, own: &Program, ours: Vec<Band>, window: &Window) -> Vec<Band> {
        let other = self.blend.and_then(|blend| {
            let mut programs = blend.other.policy.programs.iter();
            programs.find(|other| other.id == own.id && blend.other.open(&other.when, other.valid.as_deref()) && self.is_enrolled(other))
        });
        let (Some(blend), Some(other)) = (self.blend, other) else { return ours };
        let theirs = blend.other.entry(other.clone(), window).tiers;
        let start = |band: &Band| (band.start, band.is_above);
        let mut starts: Vec<&Band> = ours.iter().chain(&theirs).collect();
        starts.sort_by_key(|band| start(band));
        starts.dedup_by_key(|band| start(band));
        let tier = |at: &Band| {
            let rate = |bands: &[Band], of: fn(&Tier) -> Option<Exact>| {
                let reached = bands.iter().rfind(|band| start(band) <= start(at));
                reached.and_then(|band| of(&band.tier)).unwrap_or(whole(0))
            };
            let blended = |of: fn(&Tier) -> Option<Exact>| blend.own * rate(&ours, of) + (whole(1) - blend.own) * rate(&theirs, of);
            let mut tier = at.tier.clone();
            match own.pays() {
                Pays::Percent => {
                    let image = blended(|tier| tier.percent.map(|percent| whole(i128::from(percent.0))));
                    tier.percent = Some(Percent(i64::try_from(rounded(image, self.policy.settings.rounding)).expect("a percentage")));
                }
                Pays::PerUnit => tier.per_unit = Some(decimal_of(self.in_unit_scale(blended(|tier| tier.per_unit.map(number))))),
                Pays::Amount => {
                    let minor = self.rounded(blended(|tier| tier.amount.map(number)) * whole(self.minor));
                    tier.amount = Some(decimal_of(Exact::new(minor, self.minor)));
                }
            }
            Band { tier, ..*at }
        };
        starts.into_iter().map(tier).collect()
    }
}

fn decimal_of(value: Exact) -> Number {
    Number(Decimal::from_i128_with_scale((value * whole(power_of_ten(6))).to_integer(), 6).normalize())
}
