//! Rebate programs.

use super::{Tally, cross, decimal, is_positive, list, words};
use qudao::num::Number;
use qudao::policy::{
    Against, Basis, EnrolBy, ModifierKind, NoBase, OverlapMode, Pays, PaysOn, Period, Policy, Program, Qualifier, Requirement, TaxBasis,
    TierMode,
};
use serde_json::Value;

const MODES: &[&str] = &["retroactive", "incremental", "rolling", "total", "increments", "interpolated", "basket"];
const MODIFIERS: &[&str] = &["gate", "forfeit", "multiply", "add", "deduct"];
const AGAINST: &[&str] = &["volume", "target", "last_year", "full", "zero"];
const BASES: &[&str] = &["net", "list", "untaxed", "gross", "collected", "sell_out"];
const TAXES: &[&str] = &["no tax", "inclusive", "exclusive"];

const PAYS: &str = "program, mode, pays";
const MODIFIER: &str = "program, mode, modifier";
const BASE: &str = "program, mode, against";
const MOST: &str = "program, mode, most and least";
const BASIS: &str = "program, basis, tax";
const WINDOW: &str = "program, window";
const BESIDE: &str = "programs beside each other";
const REBATE: &str = "rebate";

pub fn expected() -> Vec<(&'static str, Vec<String>)> {
    let any = cross(&[
        &["retroactive", "total", "interpolated", "basket"],
        &["amount", "quantity", "points"],
        &["percent", "per_unit", "amount"],
    ]);
    let measured = cross(&[&["incremental", "rolling"], &["amount percent", "quantity per_unit", "points per_unit"]]);
    let increments = cross(&[&["increments"], &["amount", "quantity", "points"], &["amount"]]);
    let no_tiers = words(&["no target", "no last year: skip"]);
    let excess = cross(&[&["retroactive", "total", "interpolated", "basket"], &["excess of target", "excess of last_year"]]);
    let least = cross(&[MODES, &["cap of the amount", "guarantee"]]);
    let most = cross(&[&["retroactive", "incremental", "rolling", "total", "interpolated", "basket"], &["cap of the volume"]]);
    let windows = cross(&[&["month", "quarter", "half", "year"], &["", "fiscal"]]);
    let beside = words(&[
        "exclusive: both",
        "exclusive: nothing left",
        "best: lost_to",
        "best: another one before",
        "priority: lost_to",
        "priority: another one before",
        "priority: the first pays nothing",
        "cascade: lowered",
        "cascade: nothing left",
        "unmet in best",
        "unmet in priority",
        "unmet in cascade",
    ]);
    let needs = cross(&[&["amount", "quantity", "share", "covers"], &["met", "unmet", "met by the cart"]]);
    let rebate = words(&[
        "no tier",
        "no next",
        "no gain",
        "a gain",
        "a gain with points",
        "nothing counts",
        "negative delta",
        "posted",
        "open",
        "share of 0",
        "at a tier exactly",
        "at a tier above exactly",
        "a tier's own excess",
        "a tier of a grade",
        "no tier of the grade",
        "listed",
        "not listed",
        "a price rise",
        "joined: days",
        "joined: months",
        "joined: nothing left",
        "joined: foreseen by days",
        "joined: foreseen by months",
        "a guarantee that is lowered",
        "a guarantee that is used up",
        "a basket",
        "a basket: another tier by the cart",
        "a basket lacks something",
        "told apart: another one by the cart",
        "told apart: too few for the program",
        "told apart: too few for a tier",
        "an order that does not count",
        "a line that does not count at its price",
        "a negative percent",
        "an unknown figure",
        "a split",
        "a split of three",
        "a split negative delta",
        "a cliff",
        "a cliff of rolling",
        "a cliff of total",
        "a cliff at the edge",
        "points and factor",
        "less than nothing by points",
        "paid in cash",
        "paid in lot",
        "paid in next_order",
        "paid in voucher",
        "paid in goods",
        "pieces: another one by the cart",
        "pieces: a rest",
        "pieces: something owed",
        "not all earned yet",
        "foreseen: linear",
        "foreseen: seasonal",
        "foreseen: last_year",
        "foreseen: expected",
        "foreseen: a higher tier",
        "foreseen: accrued above what is reached",
        "foreseen: no more than the cart",
        "a contest",
        "a contest: not ranked",
        "a contest: nearer by the cart",
        "a contest: reached by the cart",
        "a contest: by units",
    ]);
    vec![
        (PAYS, any.into_iter().chain(measured).chain(increments).collect()),
        (MODIFIER, cross(&[MODES, MODIFIERS])),
        (BASE, cross(&[MODES, AGAINST]).into_iter().chain(no_tiers).chain(excess).collect()),
        (MOST, least.into_iter().chain(most).collect()),
        (BASIS, cross(&[BASES, TAXES])),
        (WINDOW, windows.into_iter().map(|row| row.trim().to_owned()).chain(words(&["weeks", "dates", "lifetime", "none"])).collect()),
        (BESIDE, beside.into_iter().chain(needs).collect()),
        (REBATE, rebate),
    ]
}

impl Tally {
    pub fn programs(&mut self, question: &Value, policy: &Policy, answer: &Value) {
        let facts = &question["dealer"];
        let rebates = list(&answer["rebates"]);
        let of = |id: &str| rebates.iter().find(|rebate| rebate["program"] == id);
        for program in &policy.programs {
            let listed = list(&facts["programs"]).iter().any(|id| *id == program.id.as_str());
            match of(&program.id) {
                Some(rebate) => self.rebate(policy, program, rebate, facts),
                None if program.enrolment == EnrolBy::Listed && !listed => self.add(REBATE, &["not listed"]),
                None if [Period::Weeks, Period::Dates].contains(&program.period) && program.valid.is_none() => self.add(WINDOW, &["none"]),
                None => {}
            }
        }
        for overlap in &policy.overlaps {
            let mut members: Vec<(&Program, &Value)> = policy
                .programs
                .iter()
                .filter(|program| program.overlap.as_ref() == Some(&overlap.id))
                .filter_map(|program| Some((program, of(&program.id)?)))
                .collect();
            members.sort_by(|(a, _), (b, _)| (-a.priority, &a.id).cmp(&(-b.priority, &b.id)));
            self.overlap(overlap.mode, &members);
        }
    }

    fn overlap(&mut self, mode: OverlapMode, members: &[(&Program, &Value)]) {
        let unmet = members.iter().any(|(_, rebate)| rebate["unmet"].is_object());
        let paid = |key: &str| members.iter().map(move |(_, rebate)| is_positive(&rebate[key])).collect::<Vec<_>>();
        let (before, after) = (paid("before"), paid("after"));
        let first = |paid: &[bool]| paid.iter().position(|paid| *paid);
        let lost = members.iter().any(|(_, rebate)| rebate["lost_to"].is_string());
        let another = first(&before).is_some() && first(&after).is_some() && first(&before) != first(&after);
        match mode {
            OverlapMode::Exclusive => {
                let counting: Vec<bool> = members.iter().map(|(_, rebate)| !list(&rebate["shares"]).is_empty()).collect();
                let of_all = |(program, _): &(&Program, &Value)| program.on.is_none() && program.basis != Basis::SellOut;
                let left = members.iter().zip(&counting).skip(1).any(|(member, counts)| of_all(member) && !counts);
                self.add_if(counting.iter().filter(|counts| **counts).count() > 1, BESIDE, "exclusive: both");
                self.add_if(left && counting.contains(&true), BESIDE, "exclusive: nothing left");
            }
            OverlapMode::Best => {
                self.add_if(lost, BESIDE, "best: lost_to");
                self.add_if(another, BESIDE, "best: another one before");
                self.add_if(unmet && members.len() > 1, BESIDE, "unmet in best");
            }
            OverlapMode::Priority => {
                self.add_if(lost, BESIDE, "priority: lost_to");
                self.add_if(another, BESIDE, "priority: another one before");
                self.add_if(lost && first(&after) != Some(0), BESIDE, "priority: the first pays nothing");
                self.add_if(unmet && members.len() > 1, BESIDE, "unmet in priority");
            }
            OverlapMode::Cascade => {
                self.add_if(after.iter().filter(|paid| **paid).count() > 1, BESIDE, "cascade: lowered");
                self.add_if(after.first() == Some(&true) && after[1..].contains(&false), BESIDE, "cascade: nothing left");
                self.add_if(unmet && members.len() > 1, BESIDE, "unmet in cascade");
            }
        }
    }

    fn rebate(&mut self, policy: &Policy, program: &Program, rebate: &Value, facts: &Value) {
        let mode = MODES[program.mode as usize];
        let figure = |value: &Value| decimal(value).unwrap();
        let (before, after, delta) = (figure(&rebate["before"]), figure(&rebate["after"]), figure(&rebate["delta"]));
        let changes = !delta.is_zero();
        let qualifier = rebate["qualifier"].as_str().unwrap();
        let measured = if qualifier == "quantity" { rebate["quantity"].as_str().unwrap_or(qualifier) } else { qualifier };
        let pays = match program.pays() {
            Pays::Percent => "percent",
            Pays::PerUnit => "per_unit",
            Pays::Amount => "amount",
        };
        let basis = BASES[program.basis as usize];
        let tax = policy.settings.tax.map_or("no tax", |tax| if tax.basis == TaxBasis::Inclusive { "inclusive" } else { "exclusive" });
        let volume = ["posted", "open", "cart"].map(|part| figure(&rebate["volume"][part])).into_iter().sum();
        if changes || (program.basis == Basis::SellOut && !after.is_zero()) {
            self.add(PAYS, &[mode, measured, pays]);
            self.add(BASIS, &[basis, tax]);
            let months = ["month", "quarter", "half", "year"].get(program.period as usize);
            match months {
                Some(months) if rebate["period"].as_str().unwrap().starts_with("FY") => self.add(WINDOW, &[months, "fiscal"]),
                Some(months) => self.add(WINDOW, &[months]),
                None => self.add(WINDOW, &[["weeks", "dates", "lifetime"][program.period as usize - 4]]),
            }
            self.against(program, mode, rebate);
        }
        let tier = &rebate["tier"];
        self.modifiers(program, mode, rebate);
        self.add_if(program.against == Against::Target && rebate["base"].is_null(), BASE, "no target");
        self.add_if(program.no_base == Some(NoBase::Skip) && rebate["base"].is_null(), BASE, "no last year: skip");
        let paid_on = match (program.qualifier, program.pays()) {
            (Qualifier::Amount, Pays::Percent) | (Qualifier::Quantity, Pays::PerUnit) => Some(Number(volume)),
            _ => None,
        };
        let cap = program.cap.clone().unwrap_or_default();
        let capped = cap.volume.is_some_and(|most| paid_on.is_some_and(|volume| volume > most));
        self.add_if(capped && tier.is_object() && !after.is_zero(), MOST, &format!("{mode} cap of the volume"));
        self.add_if(cap.amount.is_some_and(|most| most.0 == after), MOST, &format!("{mode} cap of the amount"));
        self.add_if(program.guarantee.is_some_and(|least| least.0 == before), MOST, &format!("{mode} guarantee"));
        self.needs(program, rebate, changes);
        let shares = list(&rebate["shares"]);
        let contests = list(&rebate["contests"]);
        let marks = || contests.iter().flat_map(|contest| list(&contest["ahead"]));
        let starts_with = |key: &str| tier[key].is_string() && figure(&tier[key]) == volume;
        let next = &rebate["next"];
        let points = list(&rebate["modifiers"])
            .iter()
            .any(|effect| ["add", "deduct"].iter().any(|kind| effect["kind"] == *kind) && effect["percent"] != "0");
        let own_tiers = |grade: &Value| program.tiers.iter().any(|tier| tier.grade.as_deref() == grade.as_str());
        let is_graded = program.tiers[0].grade.is_some();
        let split = list(&rebate["split"]);
        let (form, pieces) = (&rebate["form"], &rebate["pieces"]);
        let (foreseen, by) = (&rebate["forecast"], &rebate["forecast"]["by"]);
        let covered = ["before", "after"].map(|key| rebate["covered"][key].as_u64());
        let of = |told: &Value, need: &Requirement| {
            need.covers.is_some_and(|covers| told["program"] == need.program.as_str() && told["need"] == covers.to_string().as_str())
        };
        let beyond = foreseen.is_object() && figure(&foreseen["volume"]) > volume;
        for (holds, row) in [
            (tier.is_null(), "no tier"),
            (next.is_null(), "no next"),
            (next.is_object() && next["gain"].is_null(), "no gain"),
            (is_positive(&next["gain"]), "a gain"),
            (is_positive(&next["gain"]) && points, "a gain with points"),
            (shares.is_empty(), "nothing counts"),
            (delta.is_sign_negative(), "negative delta"),
            (is_positive(&rebate["volume"]["posted"]), "posted"),
            (is_positive(&rebate["volume"]["open"]), "open"),
            (is_positive(&rebate["delta"]) && shares.iter().any(|share| !is_positive(&share["amount"])), "share of 0"),
            (starts_with("from"), "at a tier exactly"),
            (next["above"].is_string() && figure(&next["above"]) == volume, "at a tier above exactly"),
            (tier["excess"].is_string() && changes, "a tier's own excess"),
            (is_graded && changes, "a tier of a grade"),
            (is_graded && !own_tiers(&facts["grade"]), "no tier of the grade"),
            (program.enrolment == EnrolBy::Listed && changes, "listed"),
            (!program.price_rises.is_empty() && rebate["base"].is_string() && changes, "a price rise"),
            (rebate["joined"]["by"] == "days" && tier.is_object(), "joined: days"),
            (rebate["joined"]["by"] == "months" && tier.is_object(), "joined: months"),
            (rebate["joined"]["left"] == 0, "joined: nothing left"),
            (rebate["joined"].is_object() && beyond && *by == "linear", "joined: foreseen by days"),
            (rebate["joined"].is_object() && beyond && *by == "seasonal", "joined: foreseen by months"),
            (is_positive(&rebate["guarantee"]["surplus"]) && is_positive(&rebate["guarantee"]["least"]), "a guarantee that is lowered"),
            (is_positive(&rebate["guarantee"]["surplus"]) && !is_positive(&rebate["guarantee"]["least"]), "a guarantee that is used up"),
            (program.mode == TierMode::Basket && changes, "a basket"),
            (
                program.mode == TierMode::Basket
                    && rebate["lacks"].is_null()
                    && tier.is_object()
                    && !is_positive(&rebate["before"])
                    && changes,
                "a basket: another tier by the cart",
            ),
            (rebate["lacks"].is_object(), "a basket lacks something"),
            (covered[1] > covered[0], "told apart: another one by the cart"),
            (program.requires.iter().any(|need| of(&rebate["unmet"], need)), "told apart: too few for the program"),
            (program.tiers.iter().flat_map(|tier| &tier.requires).any(|need| of(&rebate["lacks"], need)), "told apart: too few for a tier"),
            (rebate["left_out"][0]["by"] == "order", "an order that does not count"),
            (rebate["left_out"][0]["by"].is_string() && rebate["left_out"][0]["by"] != "order", "a line that does not count at its price"),
            (rebate["percent"].as_str().is_some_and(|percent| percent.starts_with('-')), "a negative percent"),
            (list(&rebate["modifiers"]).iter().any(|effect| effect["value"].is_null()), "an unknown figure"),
            (!split.is_empty() && changes, "a split"),
            (split.len() > 2 && changes, "a split of three"),
            (!split.is_empty() && delta.is_sign_negative(), "a split negative delta"),
            (changes && form == "cash", "paid in cash"),
            (changes && form == "lot", "paid in lot"),
            (changes && form == "next_order", "paid in next_order"),
            (changes && form == "voucher", "paid in voucher"),
            (changes && form == "goods", "paid in goods"),
            (pieces.is_object() && pieces["before"] != pieces["after"], "pieces: another one by the cart"),
            (is_positive(&pieces["rest"]) && pieces["after"] != "0", "pieces: a rest"),
            (pieces.is_object() && figure(&pieces["rest"]).is_sign_negative(), "pieces: something owed"),
            (rebate["earned"] != rebate["before"], "not all earned yet"),
            (beyond && by == "linear", "foreseen: linear"),
            (beyond && by == "seasonal", "foreseen: seasonal"),
            (beyond && by == "last_year", "foreseen: last_year"),
            (beyond && by == "expected", "foreseen: expected"),
            (beyond && foreseen["tier"].is_object() && foreseen["tier"] != *tier, "foreseen: a higher tier"),
            (foreseen.is_object() && figure(&foreseen["accrued"]) > figure(&rebate["after"]), "foreseen: accrued above what is reached"),
            (foreseen.is_object() && !beyond, "foreseen: no more than the cart"),
            (!contests.is_empty(), "a contest"),
            (contests.iter().any(|contest| contest["rank"].is_null()), "a contest: not ranked"),
            (marks().any(|mark| is_positive(&mark["after"]) && mark["after"] != mark["before"]), "a contest: nearer by the cart"),
            (marks().any(|mark| is_positive(&mark["before"]) && is_positive(&mark["over"])), "a contest: reached by the cart"),
            (marks().next().is_some() && qualifier == "quantity", "a contest: by units"),
            (rebate["cliff"].is_object(), "a cliff"),
            (rebate["cliff"].is_object() && program.mode == TierMode::Rolling, "a cliff of rolling"),
            (rebate["cliff"].is_object() && program.mode == TierMode::Total, "a cliff of total"),
            (rebate["cliff"].is_object() && !is_positive(&rebate["cliff"]["margin"]), "a cliff at the edge"),
        ] {
            self.add_if(holds, REBATE, row);
        }
    }

    fn against(&mut self, program: &Program, mode: &str, rebate: &Value) {
        let no_base = rebate["base"].is_null();
        let against = match (program.against, program.no_base) {
            (Against::Nothing, _) => "volume",
            (_, Some(NoBase::Full)) if no_base => "full",
            (_, Some(NoBase::Zero)) if no_base => "zero",
            (against, _) => against.word(),
        };
        self.add(BASE, &[mode, against]);
        if program.pays_on == PaysOn::Excess && !no_base {
            self.add(BASE, &[mode, "excess of", program.against.word()]);
        }
    }

    /// What figures do where a tier is reached.
    fn modifiers(&mut self, program: &Program, mode: &str, rebate: &Value) {
        let effects = list(&rebate["modifiers"]);
        let does = |kind: ModifierKind, effect: &Value| effect["percent"] != if kind.is_factor() { "100" } else { "0" };
        let mut kinds = [false; 2];
        for (modifier, effect) in program.modifiers.iter().zip(effects) {
            if does(modifier.kind, effect) && rebate["tier"].is_object() {
                self.add(MODIFIER, &[mode, modifier.kind.word()]);
                kinds[usize::from(modifier.kind.is_factor())] |= effect["percent"] != "0";
            }
        }
        self.add_if(kinds == [true, true] && is_positive(&rebate["after"]), REBATE, "points and factor");
        let less = effects.iter().any(|effect| effect["kind"] == "deduct" && effect["percent"] != "0");
        let zero = decimal(&rebate["after"]).is_some_and(|after| after.is_zero());
        self.add_if(less && zero && rebate["tier"].is_object() && rebate["unmet"].is_null(), REBATE, "less than nothing by points");
    }

    fn needs(&mut self, program: &Program, rebate: &Value, changes: bool) {
        for need in &program.requires {
            let kind = match (need.amount, need.quantity, need.covers) {
                (Some(_), ..) => "amount",
                (_, Some(_), _) => "quantity",
                (.., Some(_)) => "covers",
                _ => "share",
            };
            let unmet = rebate["unmet"]["program"] == need.program.as_str();
            self.add(BESIDE, &[kind, if unmet { "unmet" } else { "met" }]);
            let by_cart = changes && !is_positive(&rebate["before"]) && rebate["unmet"].is_null();
            self.add_if(by_cart, BESIDE, &format!("{kind} met by the cart"));
        }
    }
}
