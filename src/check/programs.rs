//! Rebate programs.

use super::findings::{Findings, Spot};
use super::names::{Names, check_id};
use super::number::{self, Least, Measure};
use super::select::{Catalog, check_attributes, check_select, check_values, check_when, is_selected};
use super::settings::Constants;
use super::windows::{self, WindowId, Windows};
use crate::calendar::{self, CalendarFault, PeriodWindow};
use crate::diagnostic::Code;
use crate::limit;
use crate::num::{Number, NumberFault, Percent, Scale};
use crate::policy::{
    Against, Basis, Calendar, CountedIn, CountedOrders, Covers, ForecastBy, Joiners, LotPays, LotTerms, ModifierKind, Node, OneOrMany,
    OverlapMode, PaidIn, Pays, PaysOn, Period, Policy, Program, Qualifier, Requirement, Surplus, Tier, TierMode, WhenOrder, YearEnd,
};
use crate::time::Interval;

/// Checks the programs and returns when each holds and the windows in which it counts.
pub fn check(
    policy: &Policy,
    names: &Names,
    catalog: &Catalog,
    constants: &Constants,
    windows: &Windows,
    findings: &mut Findings,
) -> Vec<(WindowId, Vec<PeriodWindow>)> {
    let mut resolved = Vec::new();
    for (index, program) in policy.programs.iter().enumerate() {
        let path = format!("programs[{index}]");
        check_when(&program.when, &format!("{path}.when"), names, findings);
        if program.when.order != WhenOrder::default() {
            let help = "write `orders: { source: portal }`, which says which orders count";
            let spot = format!("{path}.when.order");
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), "`when` of a program has no conditions on the order", help);
        }
        check_counted(program, &path, names, findings);
        if let Some(select) = &program.on {
            check_select(select, &format!("{path}.on"), names, catalog, findings);
        }
        let life = windows.resolve(program.valid.as_deref(), Spot::Path(&format!("{path}.valid")), findings);
        let hull = windows.hull(life);
        let periods = check_calendar((program.period, program.calendar.as_ref()), &path, ["period", "calendar"], hull, constants, findings);
        check_payout(program, &periods, &path, hull, constants, findings);
        check_base(program, &path, findings);
        check_forecast(program, &path, findings);
        if let Some(choice) = &program.one_of {
            check_id(choice, Spot::Path(&format!("{path}.one_of")), findings);
        }
        check_tiers(program, &format!("{path}.tiers"), names, constants, findings);
        check_most(program, &path, constants, findings);
        check_modifiers(program, &path, names, findings);
        check_requirements(policy, (program, &program.requires), &path, constants, findings);
        for (tier, own) in program.tiers.iter().enumerate() {
            check_requirements(policy, (program, &own.requires), &format!("{path}.tiers[{tier}]"), constants, findings);
        }
        check_covers(policy, program, &path, findings);
        check_points(policy, program, &path, names, findings);
        check_overlap(policy, program, &path, names, findings);
        check_split(program, &path, findings);
        check_payment(policy, program, &path, names, constants, findings);
        resolved.push((life, periods));
    }
    resolved
}

/// Which orders count, and at which prices.
fn check_counted(program: &Program, path: &str, names: &Names, findings: &mut Findings) {
    let orders = &program.orders;
    let except = orders.except.as_deref();
    let mut refuse = |key: &str, message: &str, help: &str| {
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.{key}")), message, help);
    };
    let from_orders = *orders != CountedOrders::default() || !program.prices.except.is_empty();
    if program.basis == Basis::SellOut && from_orders {
        let key = if *orders == CountedOrders::default() { "prices" } else { "orders" };
        refuse(key, "what a dealer sells on is of no order", "delete it, or change `basis`");
    }
    if except.is_some_and(|except| except.except.is_some()) {
        refuse("orders.except.except", "an `except` has no `except` of its own", "write the rule without the inner one");
    }
    if except.is_some_and(|except| except.source.is_none() && except.attributes.is_empty()) {
        refuse("orders.except", "`except` says nothing", "write one of its fields, or delete it");
    }
    let within = |all: &OneOrMany, out: &OneOrMany| !all.0.is_empty() && all.0.iter().all(|value| out.0.contains(value));
    let none = except.is_some_and(|except| {
        orders.source.iter().zip(&except.source).any(|(all, out)| within(all, out))
            || orders.attributes.iter().any(|(id, all)| except.attributes.get(id).is_some_and(|out| within(all, out)))
    });
    if none {
        findings.add(
            Code::AudienceEmpty,
            Spot::Path(&format!("{path}.orders.except")),
            "`except` leaves out every order that counts",
            "take values out of `except`",
        );
    }
    for (part, path) in [(Some(orders), format!("{path}.orders")), (except, format!("{path}.orders.except"))] {
        let Some(part) = part else { continue };
        if let Some(sources) = &part.source {
            check_values(sources, None, &format!("{path}.source"), Code::AudienceEmpty, findings);
        }
        check_attributes(&part.attributes, &names.attributes[2], &path, Code::AudienceEmpty, names, findings);
    }
}

/// What a calendar says beside the kind of period is for that kind; returns the windows.
fn check_calendar(
    (period, written): (Period, Option<&Calendar>),
    path: &str,
    [of_period, of_calendar]: [&str; 2],
    life: Interval,
    constants: &Constants,
    findings: &mut Findings,
) -> Vec<PeriodWindow> {
    let calendar = written.cloned().unwrap_or_default();
    let months = matches!(period, Period::Month | Period::Quarter | Period::Half | Period::Year);
    let weeks = period == Period::Weeks;
    for (key, written, fits) in [
        ("year_start", calendar.year_start.is_some(), months),
        ("named_after", calendar.named_after != YearEnd::default(), calendar.year_start.is_some()),
        ("from", calendar.from.is_some(), weeks),
        ("weeks", !calendar.weeks.is_empty(), weeks),
        ("dates", !calendar.dates.is_empty(), period == Period::Dates),
    ] {
        if written && !fits {
            let spot = format!("{path}.{of_calendar}.{key}");
            let message = format!("`{key}` says nothing of this period");
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, format!("delete it, or change `{of_period}`"));
        }
    }
    if period == Period::Dates && calendar.dates.is_empty() {
        let help = format!("list them: `{of_calendar}: {{ dates: [2026-11-01 .. 2026-11-11] }}`");
        findings.add(Code::KeyMissing, Spot::Path(&format!("{path}.{of_period}")), "`dates` needs the windows", help);
    }
    if !constants.sound {
        return Vec::new();
    }
    let fault = match calendar::periods(period, Some(&calendar), constants.horizon, life, &constants.zone) {
        Ok(windows) if windows.len() > limit::PERIODS => {
            let message = format!("a program has at most {} windows, this one has {}", limit::PERIODS, windows.len());
            findings.add(Code::LimitExceeded, Spot::Path(&format!("{path}.{of_period}")), message, "write longer periods");
            return Vec::new();
        }
        Ok(windows) => return windows,
        Err(fault) => fault,
    };
    let key = |key: &str| if written.is_some() { format!("{path}.{of_calendar}.{key}") } else { format!("{path}.{of_period}") };
    match fault {
        CalendarFault::YearStart => {
            let help = "write month and day, the day from 01 to 28: `12-26`";
            findings.add(Code::ValidityInvalid, Spot::Path(&key("year_start")), "this is no first day of every year", help);
        }
        CalendarFault::From => {
            let help = format!("write the first day of the first window: `{of_calendar}: {{ from: 2026-01-05, weeks: [4] }}`");
            findings.add(Code::ValidityInvalid, Spot::Path(&key("from")), "`weeks` needs a day on which they begin", help);
        }
        CalendarFault::Weeks => {
            let help = "write the weeks of each window, from 1 to 53: `weeks: [4, 4, 5]`";
            findings.add(Code::NumberRange, Spot::Path(&key("weeks")), "these are no weeks of a window", help);
        }
        CalendarFault::Dates(at, fault) => {
            windows::report(fault, &calendar.dates[at], Spot::Path(&key(&format!("dates[{at}]"))), findings);
        }
        CalendarFault::Overlap(at) => {
            let help = "write them in order of time; a day that is a window's end belongs to it";
            findings.add(
                Code::ScaleOverlap,
                Spot::Path(&key(&format!("dates[{at}]"))),
                "this window begins before the one before it ends",
                help,
            );
        }
    }
    Vec::new()
}

/// The windows at whose ends it is paid lie within its own, and each of its own ends with one of them.
fn check_payout(program: &Program, own: &[PeriodWindow], path: &str, life: Interval, constants: &Constants, findings: &mut Findings) {
    let Some(payout) = program.payout else {
        if program.payout_calendar.is_some() {
            let help = "write `payout: weeks`, or delete it";
            let spot = format!("{path}.payout_calendar");
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), "without `payout` it says nothing", help);
        }
        return;
    };
    let mut refuse = |message: String, help: &str| {
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.payout")), message, help);
    };
    if payout == Period::Lifetime {
        refuse("a lifetime has no parts at whose ends it could be paid".to_owned(), "write shorter windows, or delete it");
        return;
    }
    let calendar = (payout, program.paid_by());
    let key = if program.payout_calendar.is_some() || months(payout).is_none() { "payout_calendar" } else { "calendar" };
    let paid = check_calendar(calendar, path, ["payout", key], life, constants, findings);
    if paid.is_empty() || own.is_empty() || program.period == Period::Lifetime {
        return;
    }
    let mut refuse = |message: String, help: &str| {
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.payout")), message, help);
    };
    let inside = |window: &PeriodWindow, own: &PeriodWindow| own.span.from <= window.span.from && window.span.to <= own.span.to;
    let across = paid.iter().find_map(|window| {
        let mut met = own.iter().filter(|own| own.span.overlap(window.span).is_some());
        met.find(|own| !inside(window, own)).map(|own| (window, own))
    });
    let ends = |own: &&PeriodWindow| own.span.to <= constants.horizon.to && paid.iter().all(|window| window.span.to != own.span.to);
    if let Some((window, own)) = across {
        let message = format!("`{}` lies partly in the window `{}` and partly outside of it", window.label, own.label);
        refuse(message, "choose windows that begin and end where those of the program do");
    } else if let Some(own) = own.iter().find(ends) {
        let message = format!("no window of payment ends where `{}` does", own.label);
        refuse(message, "add one that does, so that all of it is paid");
    } else if paid.iter().all(|window| own.iter().any(|own| own.span == window.span)) {
        refuse("these are its own windows".to_owned(), "delete it: each window is paid when it ends; or choose shorter ones");
    }
}

/// What tiers are measured against says what else must be known, and what else makes sense.
fn check_base(program: &Program, path: &str, findings: &mut Findings) {
    let mut refuse = |key: &str, message: &str, help: &str| {
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.{key}")), message, help);
    };
    let last_year = program.against == Against::LastYear;
    if last_year != program.no_base.is_some() {
        let key = if last_year { "against" } else { "no_base" };
        refuse(
            key,
            "`no_base` goes with `against: last_year`, and one needs the other",
            "say what holds for dealers without a last year: `skip`, `full` or `zero`",
        );
    }
    if program.against == Against::Nothing && program.pays_on == PaysOn::Excess {
        refuse("pays_on", "there is nothing that volume could exceed", "write `against`, or delete it");
    }
    let cuts = matches!(program.mode, TierMode::Incremental | TierMode::Rolling | TierMode::Increments);
    if program.pays_on == PaysOn::Excess && (cuts || program.tiers.iter().any(|tier| tier.excess.is_some())) {
        refuse("pays_on", "these tiers cut the volume themselves", "delete it, or let the tiers pay on all that is paid on");
    }
    let measured = match program.pays() {
        Pays::Percent => program.qualifier == Qualifier::Amount,
        Pays::PerUnit => program.qualifier == Qualifier::Quantity,
        Pays::Amount => false,
    };
    if program.pays_on == PaysOn::Excess && !measured {
        refuse(
            "pays_on",
            "what exceeds is measured as the qualifier is, and the tiers pay on something else",
            "change `qualifier` or what the tiers pay",
        );
    }
    if program.against == Against::Nothing && !program.price_rises.is_empty() {
        refuse("price_rises", "price rises lift targets and last years", "write `against`, or delete them");
    }
    let months = matches!(program.period, Period::Month | Period::Quarter | Period::Half | Period::Year);
    let prorated = match (program.joiners, program.against, program.period) {
        (Joiners::Agreed, _, _) | (Joiners::Months, Against::Target, Period::Month | Period::Quarter | Period::Half | Period::Year) => None,
        (_, Against::Nothing | Against::LastYear, _) => {
            Some(("only a target counts in proportion", "delete it, or write `against: target`"))
        }
        (Joiners::Months, Against::Target, _) => Some(("a window of this period has no months", "write `joiners: days`")),
        (Joiners::Days, Against::Target, Period::Lifetime) => Some(("a lifetime has no part that is left", "delete it")),
        (Joiners::Days, Against::Target, _) => None,
    };
    if let Some((message, help)) = prorated {
        refuse("joiners", message, help);
    }
    if !program.price_rises.is_empty() && !months {
        refuse("price_rises", "price rises count by the months of a period, and this one has none", "restate the targets instead");
    }
    if program.price_rises.len() > limit::PRICE_RISES {
        let message = format!("a program knows at most {} price rises", limit::PRICE_RISES);
        findings.add(Code::LimitExceeded, Spot::Path(&format!("{path}.price_rises")), message, "leave out those of years ago");
    }
    for (index, rise) in program.price_rises.iter().enumerate() {
        let path = format!("{path}.price_rises[{index}]");
        number::check_percent(rise.percent, Least::AboveZero, Spot::Path(&format!("{path}.percent")), findings);
        if let Err(fault) = calendar::day(&rise.from) {
            windows::report(fault, &rise.from, Spot::Path(&format!("{path}.from")), findings);
        }
    }
}

/// A forecast by months has a weight for each of them.
fn check_forecast(program: &Program, path: &str, findings: &mut Findings) {
    let Some(forecast) = &program.forecast else { return };
    let months = months(program.period).unwrap_or(0);
    let path = format!("{path}.forecast");
    let mut refuse = |code: Code, message: String, help: &str| findings.add(code, Spot::Path(&path), message, help);
    let seasonal = forecast.by == ForecastBy::Seasonal;
    if seasonal && months < 2 {
        let help = "write `linear`, or a `period` of more months";
        refuse(Code::CombinationInvalid, "`seasonal` weighs the months of a window, and this one has none".to_owned(), help);
    } else if seasonal && forecast.weights.len() != months {
        let message = format!("a window has {months} months, and here are {} weights", forecast.weights.len());
        refuse(Code::ChoiceCount, message, "write one for each month, from the first of the window on");
    } else if !seasonal && !forecast.weights.is_empty() {
        refuse(Code::CombinationInvalid, "only `seasonal` looks at weights".to_owned(), "delete them, or write `by: seasonal`");
    } else if forecast.weights.iter().any(|weight| *weight > limit::FORECAST_WEIGHT)
        || seasonal && forecast.weights.iter().all(|weight| *weight == 0)
    {
        let message = format!("weights are from 0 to {}, and not all 0", limit::FORECAST_WEIGHT);
        refuse(Code::NumberRange, message, "write what each month weighs, such as its percentage of the window");
    }
}

/// How many months a window has, where it is of months.
fn months(period: Period) -> Option<usize> {
    match period {
        Period::Month => Some(1),
        Period::Quarter => Some(3),
        Period::Half => Some(6),
        Period::Year => Some(12),
        Period::Weeks | Period::Dates | Period::Lifetime => None,
    }
}

fn check_most(program: &Program, path: &str, constants: &Constants, findings: &mut Findings) {
    let money = |amount: Option<Number>, key: &str, findings: &mut Findings| {
        if let Some(amount) = amount {
            number::check(amount, Measure::Money, Least::AboveZero, Spot::Path(&format!("{path}.{key}")), constants, findings);
        }
    };
    money(program.guarantee, "guarantee", findings);
    let wrong = match (program.surplus, program.guarantee, program.period) {
        (Surplus::Carried, None, _) => Some(("without a guarantee nothing is beyond it", "write `guarantee`, or delete it")),
        (Surplus::Carried, Some(_), Period::Lifetime) => Some(("a lifetime is one window, and none is after it", "delete it")),
        (Surplus::Kept | Surplus::Carried, ..) => None,
    };
    if let Some((message, help)) = wrong {
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.surplus")), message, help);
    }
    let Some(cap) = &program.cap else { return };
    money(cap.amount, "cap.amount", findings);
    let spot = format!("{path}.cap.volume");
    match (cap.volume, program.pays()) {
        (Some(_), Pays::Amount) => {
            findings.add(Code::CombinationInvalid, Spot::Path(&spot), "tiers that pay amounts pay on no volume", "write `cap.amount`");
        }
        (Some(volume), Pays::Percent) => number::check(volume, Measure::Money, Least::AboveZero, Spot::Path(&spot), constants, findings),
        (Some(volume), Pays::PerUnit) => number::check(volume, Measure::Quantity, Least::AboveZero, Spot::Path(&spot), constants, findings),
        (None, _) => {}
    }
    if cap.amount.is_none() && cap.volume.is_none() {
        findings.add(
            Code::ChoiceCount,
            Spot::Path(&format!("{path}.cap")),
            "a cap needs `volume` or `amount`",
            "write one of them, or both",
        );
    }
}

fn check_count(count: usize, most: usize, path: &str, what: &str, findings: &mut Findings) {
    if count > most {
        let message = format!("a program has at most {most} {what}, this one has {count}");
        findings.add(Code::LimitExceeded, Spot::Path(path), message, "leave some out, or make two programs");
    }
}

/// A figure that decides is known, and what it does has a form.
fn check_modifiers(program: &Program, path: &str, names: &Names, findings: &mut Findings) {
    check_count(program.modifiers.len(), limit::MODIFIERS, &format!("{path}.modifiers"), "modifiers", findings);
    for (index, modifier) in program.modifiers.iter().enumerate() {
        let path = format!("{path}.modifiers[{index}]");
        names.kpis.check(&modifier.kpi, Spot::Path(&format!("{path}.kpi")), findings);
        let (bands, percent) = match modifier.kind {
            ModifierKind::Gate | ModifierKind::Forfeit => (1..=1, false),
            ModifierKind::Multiply | ModifierKind::Add => (1..=limit::TIERS, true),
            ModifierKind::Deduct => (0..=0, false),
        };
        if !bands.contains(&modifier.bands.len()) || (modifier.kind == ModifierKind::Deduct) != modifier.each.is_some() {
            let help = "`gate` and `forfeit` have one band, `multiply` and `add` one or more, each with `percent`, `deduct` has `each`";
            findings.add(Code::CombinationInvalid, Spot::Path(&path), "a modifier of this kind looks different", help);
        }
        if let Some(each) = modifier.each {
            number::check_percent(each, Least::AboveZero, Spot::Path(&format!("{path}.each")), findings);
        }
        let mut before: Option<Number> = None;
        for (at, band) in modifier.bands.iter().enumerate() {
            let path = format!("{path}.bands[{at}]");
            if band.from.is_some() == band.above.is_some() {
                let help = "`from` holds at the number itself, `above` only beyond it";
                findings.add(Code::ChoiceCount, Spot::Path(&path), "a band begins with exactly one of `from` and `above`", help);
            }
            let (key, start) = if band.above.is_some() { ("above", band.above) } else { ("from", band.from) };
            let Some(start) = start else { continue };
            let spot = format!("{path}.{key}");
            match start.scaled(Scale(4)) {
                Ok(image) if (-limit::KPI..=limit::KPI).contains(&image) => {}
                Err(NumberFault::Digits(_)) => {
                    let help = "a figure has at most 4 digits after the point";
                    findings.add(Code::NumberDigits, Spot::Path(&spot), format!("`{key}` cannot be `{start}`"), help);
                }
                Ok(_) | Err(_) => {
                    let help = format!("the largest is {}", Scale(4).show_short(limit::KPI));
                    findings.add(Code::NumberRange, Spot::Path(&spot), format!("`{key}` cannot be `{start}`"), help);
                }
            }
            if before.is_some_and(|before| start <= before) {
                let message = format!("`{key}` is `{start}`, which is not above the band before it");
                findings.add(Code::StepsOrder, Spot::Path(&spot), message, "write them in rising order, each once");
            }
            before = Some(start);
            match band.percent {
                Some(percent) if percent.0 < 0 || percent.0 > 10_000_000 => {
                    let help = "write a percentage from 0 to 1000";
                    let spot = format!("{path}.percent");
                    findings.add(Code::NumberRange, Spot::Path(&spot), format!("`percent` cannot be `{percent}`"), help);
                }
                found if found.is_some() != percent => {
                    let help = "bands of `multiply` and `add` have `percent`, that of `gate` or `forfeit` has none";
                    findings.add(Code::CombinationInvalid, Spot::Path(&path), "this band looks different in a modifier of this kind", help);
                }
                _ => {}
            }
        }
    }
}

/// A program that is needed exists, counts in the same windows, and one thing is needed of it.
fn check_requirements(
    policy: &Policy,
    (program, requires): (&Program, &[Requirement]),
    path: &str,
    constants: &Constants,
    findings: &mut Findings,
) {
    if requires.len() > limit::REQUIREMENTS {
        let message = format!("`requires` has at most {} entries, this one has {}", limit::REQUIREMENTS, requires.len());
        findings.add(Code::LimitExceeded, Spot::Path(&format!("{path}.requires")), message, "leave some out, or make two programs");
    }
    for (index, need) in requires.iter().enumerate() {
        let path = format!("{path}.requires[{index}]");
        let spot = format!("{path}.program");
        match policy.programs.iter().find(|other| other.id == need.program) {
            None if findings.is_complete("programs") => {
                let message = format!("there is no program `{}`", need.program);
                findings.add(Code::IdUnknown, Spot::Path(&spot), message, "define it, or correct the name");
            }
            Some(other) if other.period != program.period || other.calendar != program.calendar => {
                let message = format!("`{}` counts in other windows", need.program);
                findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, "give both the same `period` and `calendar`");
            }
            Some(_) | None => {}
        }
        let whats = [need.amount.is_some(), need.quantity.is_some(), need.share.is_some(), need.covers.is_some()];
        if whats.iter().filter(|has| **has).count() != 1 {
            let message = "a requirement is exactly one of `amount`, `quantity`, `share` and `covers`";
            findings.add(Code::ChoiceCount, Spot::Path(&path), message, "write exactly one of them");
        }
        for (key, amount, measure) in [("amount", need.amount, Measure::Money), ("quantity", need.quantity, Measure::Quantity)] {
            if let Some(amount) = amount {
                number::check(amount, measure, Least::AboveZero, Spot::Path(&format!("{path}.{key}")), constants, findings);
            }
        }
        if let Some(share) = need.share {
            number::check_percent(share, Least::AboveZero, Spot::Path(&format!("{path}.share")), findings);
        }
        if let Some(covers) = need.covers {
            let spot = format!("{path}.covers");
            if covers == 0 || covers as usize > limit::COVERED {
                let help = format!("write how many different ones, 1 to {}", limit::COVERED);
                findings.add(Code::NumberRange, Spot::Path(&spot), format!("`covers` cannot be `{covers}`"), help);
            }
            if policy.programs.iter().any(|other| other.id == need.program && other.covers.is_none()) {
                let message = format!("`{}` tells nothing apart", need.program);
                let help = "write `covers: sku` or `covers: category` in that program";
                findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, help);
            }
        }
    }
}

/// What is told apart are SKUs, or categories of a level that there is.
fn check_covers(policy: &Policy, program: &Program, path: &str, findings: &mut Findings) {
    let Some(level) = program.covers_level else { return };
    let spot = format!("{path}.covers_level");
    if program.covers != Some(Covers::Category) {
        let help = "write `covers: category`, or delete it";
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), "there are no categories to be told apart", help);
        return;
    }
    let above = |id: &str| policy.categories.iter().find(|node| node.id == id).and_then(|node| node.parent.as_deref());
    // A tree with a ring has been told of.
    let depth = |node: &Node| std::iter::successors(Some(&*node.id), |id| above(id)).take(limit::TREE_DEPTH).count();
    let deepest = policy.categories.iter().map(depth).max().unwrap_or(0);
    if (level == 0 || level as usize > deepest) && findings.is_complete("categories") {
        let help = format!("write a level from 1, the top, to {deepest}");
        findings.add(Code::NumberRange, Spot::Path(&spot), format!("there is no category at level {level}"), help);
    }
}

/// Points are counted of products of which one at least has some.
fn check_points(policy: &Policy, program: &Program, path: &str, names: &Names, findings: &mut Findings) {
    let mut products = policy.products.iter().filter(|product| program.on.as_ref().is_none_or(|on| is_selected(product, on, names)));
    let mut pointless = || products.all(|product| product.points.is_none_or(|points| points.0.is_zero()));
    if program.quantity == CountedIn::Points && names.skus.complete && pointless() {
        let (message, help) = ("none of its products has points", "fill in the column `points` of the product table");
        findings.add(Code::ThresholdUnreachable, Spot::Path(&format!("{path}.quantity")), message, help);
    }
}

/// Programs of one overlap count in the same windows; those of which one lowers the other count the same.
fn check_overlap(policy: &Policy, program: &Program, path: &str, names: &Names, findings: &mut Findings) {
    let spot = format!("{path}.overlap");
    let Some(id) = &program.overlap else {
        if program.priority != 0 {
            let help = "name the overlap, or delete it";
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.priority")), "there is no overlap to have a place in", help);
        }
        return;
    };
    if !names.overlaps.check(id, Spot::Path(&spot), findings) {
        return;
    }
    let cascade = policy.overlaps.iter().any(|overlap| overlap.id == *id && overlap.mode == OverlapMode::Cascade);
    let Some(first) = policy.programs.iter().find(|other| other.overlap.as_ref() == Some(id)) else { return };
    if first.period != program.period || first.calendar != program.calendar {
        let message = format!("`{}` of the same overlap counts in other windows", first.id);
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, "give both the same `period` and `calendar`");
    } else if cascade && (first.on != program.on || first.basis != program.basis) {
        let message = format!("`{}` of the same cascade counts other amounts", first.id);
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, "give both the same `on` and `basis`");
    }
}

/// How a rebate is paid.
fn check_payment(policy: &Policy, program: &Program, path: &str, names: &Names, constants: &Constants, findings: &mut Findings) {
    if let Some(days) = program.grace_days.filter(|days| *days > limit::NOTICE_DAYS) {
        let help = format!("at most {} days", limit::NOTICE_DAYS);
        let spot = format!("{path}.grace_days");
        findings.add(Code::NumberRange, Spot::Path(&spot), format!("`grace_days` cannot be `{days}`"), help);
    }
    if let Some(scope) = program.lot.as_ref().and_then(|lot| lot.scope.as_ref()) {
        let known = policy.redemption.iter().flat_map(|redemption| &redemption.scopes).any(|known| known.id == *scope);
        if !known && findings.is_complete("redemption") {
            let help = "define it under `redemption`, `scopes`, or correct the name";
            findings.add(Code::IdUnknown, Spot::Path(&format!("{path}.lot.scope")), format!("there is no scope `{scope}`"), help);
        }
    }
    if let Some(lot) = &program.lot {
        let mut refuse = |key: &str, days: u32, help: String| {
            let spot = format!("{path}.lot.{key}");
            findings.add(Code::NumberRange, Spot::Path(&spot), format!("`{key}` cannot be `{days}`"), help);
        };
        if lot.freeze_days > limit::NOTICE_DAYS {
            refuse("freeze_days", lot.freeze_days, format!("at most {} days", limit::NOTICE_DAYS));
        }
        if let Some(days) = lot.days.filter(|days| *days <= lot.freeze_days || *days > limit::NOTICE_DAYS) {
            refuse("days", days, format!("more than `freeze_days`, at most {} days", limit::NOTICE_DAYS));
        }
    }
    if [program.paid_in == PaidIn::Cash, program.lot.is_some(), program.goods.is_some()].iter().filter(|has| **has).count() > 1 {
        let key = if program.paid_in == PaidIn::Cash { "paid_in" } else { "goods" };
        let help = "write one of `paid_in: cash`, `lot` and `goods`";
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.{key}")), "a program is paid in one form", help);
    }
    if let Some(goods) = &program.goods {
        let spot = format!("{path}.goods.sku");
        match policy.products.iter().find(|product| product.sku == goods.sku) {
            None if findings.is_complete("products") => {
                let message = format!("there is no product `{}`", goods.sku);
                findings.add(Code::IdUnknown, Spot::Path(&spot), message, "define it, or correct the name");
            }
            Some(_) | None => {}
        }
        number::check(goods.price, Measure::Money, Least::AboveZero, Spot::Path(&format!("{path}.goods.price")), constants, findings);
    }
    if let Some(LotTerms { face: Some(face), pays, .. }) = &program.lot {
        number::check(*face, Measure::Money, Least::AboveZero, Spot::Path(&format!("{path}.lot.face")), constants, findings);
        if *pays == LotPays::OneOrder {
            let help = "delete one of `face` and `pays`";
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.lot.pays")), "vouchers pay whole, for any order", help);
        }
    }
    for (key, written) in [("minimum", program.minimum.is_some()), ("split", !program.split.is_empty())] {
        if written && program.piece().is_some() {
            let help = "delete it: what is paid in goods or vouchers is paid in whole ones, to the dealer";
            findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.{key}")), "it is paid in pieces", help);
        }
    }
    if let Some(minimum) = program.minimum {
        number::check(minimum, Measure::Money, Least::AboveZero, Spot::Path(&format!("{path}.minimum")), constants, findings);
    }
    let Some(budget) = &program.budget else { return };
    let spot = format!("{path}.budget");
    if names.budgets.check(budget, Spot::Path(&spot), findings)
        && let Some(promotion) = policy.promotions.iter().find(|promotion| promotion.budget.as_ref() == Some(budget))
    {
        let message = format!("the promotion `{}` takes from this budget", promotion.id);
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, "give the programs a budget of their own");
    }
}

/// The parts of a rebate are for different parties and make the whole of it.
fn check_split(program: &Program, path: &str, findings: &mut Findings) {
    check_count(program.split.len(), limit::SPLITS, &format!("{path}.split"), "parties", findings);
    let mut known: Vec<&str> = Vec::new();
    for (index, part) in program.split.iter().enumerate() {
        let path = format!("{path}.split[{index}]");
        check_id(&part.to, Spot::Path(&format!("{path}.to")), findings);
        if known.contains(&part.to.as_str()) {
            let message = format!("`{}` stands twice", part.to);
            findings.add(Code::IdDuplicate, Spot::Path(&format!("{path}.to")), message, "add both shares up");
        }
        known.push(&part.to);
        number::check_percent(part.share, Least::AboveZero, Spot::Path(&format!("{path}.share")), findings);
    }
    let sum: i64 = program.split.iter().map(|part| part.share.0).sum();
    if !program.split.is_empty() && i128::from(sum) != Percent::ONE {
        let message = format!("the shares are {} % together", Scale(4).show_short(sum));
        findings.add(Code::CombinationInvalid, Spot::Path(&format!("{path}.split")), message, "make them 100");
    }
}

fn check_tiers(program: &Program, path: &str, names: &Names, constants: &Constants, findings: &mut Findings) {
    if program.tiers.is_empty() {
        findings.add(
            Code::ShapeWrong,
            Spot::Path(path),
            "there is no tier in the list",
            "write a tier, such as `{ from: 300000, percent: 1 }`",
        );
    }
    if program.tiers.len() > limit::TIERS {
        let message = format!("a program has at most {} tiers, this one has {}", limit::TIERS, program.tiers.len());
        findings.add(Code::LimitExceeded, Spot::Path(path), message, "join tiers, or make two programs");
    }
    let measure = match program.qualifier {
        Qualifier::Amount => Measure::Money,
        Qualifier::Quantity => Measure::Quantity,
    };
    for (index, tier) in program.tiers.iter().enumerate() {
        let tier_path = format!("{path}[{index}]");
        if tier.from.is_some() == tier.above.is_some() {
            let help = "`from` holds at the number itself, `above` only beyond it";
            findings.add(Code::ChoiceCount, Spot::Path(&tier_path), "a tier begins with exactly one of `from` and `above`", help);
        }
        for (key, start) in [("from", tier.from), ("above", tier.above)] {
            let Some(start) = start else { continue };
            let spot = format!("{tier_path}.{key}");
            match program.against {
                Against::Nothing => number::check(start, measure, Least::Zero, Spot::Path(&spot), constants, findings),
                Against::Target | Against::LastYear => check_share(start, &spot, findings),
            }
        }
        check_pay(tier, &tier_path, constants, findings);
        check_measure(program, tier, &tier_path, findings);
        if let Some(every) = tier.every {
            number::check(every, measure, Least::AboveZero, Spot::Path(&format!("{tier_path}.every")), constants, findings);
        }
        if let Some(grade) = &tier.grade {
            names.grades.check(grade, Spot::Path(&format!("{tier_path}.grade")), findings);
        }
    }
    check_same_pay(&program.tiers, path, findings);
    let graded = program.tiers.iter().filter(|tier| tier.grade.is_some()).count();
    if graded > 0 && graded < program.tiers.len() {
        let at = program.tiers.iter().position(|tier| tier.grade.is_none()).unwrap_or(0);
        let help = "write the tiers of every grade, or delete `grade` everywhere";
        findings.add(
            Code::CombinationInvalid,
            Spot::Path(&format!("{path}[{at}]")),
            "some tiers are for a grade and this one is for all",
            help,
        );
    }
    let mut grades: Vec<Option<&str>> = Vec::new();
    for tier in &program.tiers {
        if !grades.contains(&tier.grade.as_deref()) {
            grades.push(tier.grade.as_deref());
        }
    }
    for grade in grades {
        check_bands(program, grade, path, findings);
    }
}

/// The tiers of one grade rise, and each ends where the next one begins.
fn check_bands(program: &Program, grade: Option<&str>, path: &str, findings: &mut Findings) {
    let mut before: Option<&Tier> = None;
    for (index, tier) in program.tiers.iter().enumerate().filter(|(_, tier)| tier.grade.as_deref() == grade) {
        let start = tier.start();
        let key = if tier.from.is_some() { "from" } else { "above" };
        let spot = format!("{path}[{index}].{key}");
        if let Some(before) = before {
            let end = before.to.filter(|end| *end != start);
            if start <= before.start() {
                let message = format!("`{key}` is `{start}`, which is not above `{}` before it", before.start());
                findings.add(Code::StepsOrder, Spot::Path(&spot), message, "write them in rising order, each once");
            } else if let Some(end) = end {
                let (code, what) =
                    if end < start { (Code::ScaleGap, "nothing lies in any tier") } else { (Code::ScaleOverlap, "two tiers overlap") };
                let message = format!("between `{end}`, where the tier before it ends, and `{start}` {what}");
                findings.add(code, Spot::Path(&spot), message, "a tier ends where the next one begins; `to` may be left out");
            }
        }
        before = Some(tier);
    }
    if let (Some(last), Some(at)) = (before.and_then(|tier| tier.to), program.tiers.iter().rposition(|tier| tier.grade.as_deref() == grade))
    {
        let help = "delete it; `cap` is the most that counts";
        findings.add(
            Code::CombinationInvalid,
            Spot::Path(&format!("{path}[{at}].to")),
            format!("the last tier does not end, not at `{last}` either"),
            help,
        );
    }
}

/// A percentage of a target, or by which last year is exceeded.
fn check_share(start: Number, spot: &str, findings: &mut Findings) {
    let (code, help) = match start.scaled(Scale(4)) {
        Ok(0..=10_000_000) => return,
        Err(NumberFault::Digits(_)) => (Code::NumberDigits, "a percentage has at most 4 digits after the point"),
        Ok(_) | Err(_) => (Code::NumberRange, "write a percentage from 0 to 1000"),
    };
    findings.add(code, Spot::Path(spot), format!("`{}` cannot be `{start}`", Spot::Path(spot).name()), help);
}

fn check_pay(tier: &Tier, path: &str, constants: &Constants, findings: &mut Findings) {
    if [tier.percent.is_some(), tier.per_unit.is_some(), tier.amount.is_some()].iter().filter(|has| **has).count() != 1 {
        let message = "a tier needs exactly one of `percent`, `per_unit` and `amount`";
        findings.add(Code::ChoiceCount, Spot::Path(path), message, "write exactly one of them");
    }
    for (key, percent) in [("percent", tier.percent), ("excess", tier.excess)] {
        if let Some(percent) = percent {
            number::check_percent(percent, Least::Zero, Spot::Path(&format!("{path}.{key}")), findings);
        }
    }
    for (key, amount, measure) in [("per_unit", tier.per_unit, Measure::UnitPrice), ("amount", tier.amount, Measure::Money)] {
        if let Some(amount) = amount {
            number::check(amount, measure, Least::Zero, Spot::Path(&format!("{path}.{key}")), constants, findings);
        }
    }
}

/// What a mode needs of its tiers. Where parts of the volume are paid on, volume and pay must be measured alike.
fn check_measure(program: &Program, tier: &Tier, path: &str, findings: &mut Findings) {
    let mut refuse = |key: &str, message: String, help: String| {
        let spot = if key.is_empty() { path.to_owned() } else { format!("{path}.{key}") };
        findings.add(Code::CombinationInvalid, Spot::Path(&spot), message, help);
    };
    let (wrong, right, qualifier) = match program.qualifier {
        Qualifier::Amount => (tier.per_unit.is_some(), "percent", "amount"),
        Qualifier::Quantity => (tier.percent.is_some(), "per_unit", "quantity"),
    };
    let mode = match program.mode {
        TierMode::Incremental => "an incremental",
        TierMode::Rolling => "a rolling",
        TierMode::Increments => "an `increments`",
        TierMode::Retroactive | TierMode::Total | TierMode::Interpolated | TierMode::Basket => "",
    };
    match program.mode {
        TierMode::Incremental | TierMode::Rolling if tier.amount.is_some() => {
            refuse(
                "amount",
                format!("{mode} tier pays a rate"),
                "amounts that add up are `total`, the amount of the reached tier is `retroactive`".to_owned(),
            );
        }
        TierMode::Incremental | TierMode::Rolling if wrong => {
            let message = format!("{mode} tier by {qualifier} must pay `{right}`");
            refuse("", message, format!("write `{right}`, or change `qualifier` or `mode`"));
        }
        TierMode::Increments if tier.amount.is_none() || tier.every.is_none() => {
            refuse("", format!("{mode} tier needs `every` and `amount`"), "write both: `{ from: 100, every: 100, amount: 50 }`".to_owned());
        }
        _ => {}
    }
    if tier.requires.is_empty() && program.mode == TierMode::Basket {
        let help = "write what else it needs: `requires: [{ program: of-a-product, quantity: 10 }]`, or `mode: retroactive`";
        refuse("", "a tier of a basket needs `requires`".to_owned(), help.to_owned());
    }
    if !tier.requires.is_empty() && program.mode != TierMode::Basket {
        refuse(
            "requires",
            "tiers of this mode look at the volume alone".to_owned(),
            "write `mode: basket`, or `requires` of the program".to_owned(),
        );
    }
    if tier.every.is_some() && program.mode != TierMode::Increments {
        refuse("every", "`every` is for the mode `increments`".to_owned(), "delete it, or change `mode`".to_owned());
    }
    if tier.excess.is_some() && (program.mode != TierMode::Retroactive || tier.percent.is_none() || program.qualifier != Qualifier::Amount)
    {
        let help = "it is for tiers by amount that pay `percent`, in the mode `retroactive`";
        refuse("excess", "`excess` has no meaning here".to_owned(), help.to_owned());
    }
    let above = tier.above.is_some() && matches!(program.mode, TierMode::Interpolated);
    if above {
        refuse("above", "between points there is no beyond".to_owned(), "write `from`".to_owned());
    }
}

fn check_same_pay(tiers: &[Tier], path: &str, findings: &mut Findings) {
    let Some(first) = tiers.first() else { return };
    let kind = |tier: &Tier| (tier.percent.is_some(), tier.per_unit.is_some(), tier.amount.is_some());
    let one_each = tiers.iter().map(kind).all(|(a, b, c)| u8::from(a) + u8::from(b) + u8::from(c) == 1);
    if one_each && tiers.iter().any(|tier| kind(tier) != kind(first)) {
        let message = "the tiers pay partly in one way and partly in another";
        findings.add(Code::CombinationInvalid, Spot::Path(path), message, "write the same one in every tier, or make two programs");
    }
}
