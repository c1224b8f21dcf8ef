//! The constants of the policy.

use super::findings::{Findings, Spot};
use super::{names, number, windows};
use crate::calendar::{self, Zone};
use crate::diagnostic::{Code, nearest};
use crate::limit;
use crate::num::{Scale, minor_digits};
use crate::policy::{Period, Settings};
use crate::time::{Instant, Interval};

/// Most digits after the point of unit prices and of quantities; images of them stay within 64 bits.
const SCALE_MAX: u32 = 6;
/// Most years for which calendars are compiled: a policy is renewed every year or two.
const HORIZON_YEARS_MAX: u32 = 20;
/// Where calendars begin when a policy has no beginning and no end; a constant, so that the same files always give the same bundle.
const EPOCH_YEAR: i16 = 2026;

/// Constants that other checks need.
pub struct Constants {
    /// Whether the author's own constants could be read; the rest is defaults otherwise.
    pub sound: bool,
    pub zone: Zone,
    pub valid: Interval,
    pub horizon: Interval,
    pub money: Scale,
    pub unit: Scale,
    pub quantity: Scale,
    /// Whether the policy tells tax.
    pub taxed: bool,
}

/// Checks the settings. What is faulty is replaced by its default, so that the rest can be checked.
pub fn check(settings: &Settings, findings: &mut Findings) -> Constants {
    let default = Settings::default();
    let faults_before = findings.diagnostics.found.len();
    let read = findings.is_complete("policy");
    if read {
        names::check_id(&settings.id, Spot::Path("policy.id"), findings);
        if settings.version.is_empty() {
            findings.add(Code::IdInvalid, Spot::Path("policy.version"), "`version` is empty", "write a version, such as `\"2026.11\"`");
        }
    }
    let money = minor_digits(&settings.currency).unwrap_or_else(|| {
        let help = "write its ISO 4217 code in capitals, such as `CNY`";
        findings.add(Code::CurrencyUnknown, Spot::Path("policy.currency"), format!("there is no currency `{}`", settings.currency), help);
        minor_digits(&default.currency).unwrap_or(2)
    });
    let unit = settings.unit_scale.unwrap_or(money);
    in_range(unit, money, SCALE_MAX, "policy.unit_scale", findings);
    in_range(settings.quantity_scale, 0, SCALE_MAX, "policy.quantity_scale", findings);
    in_range(settings.search_steps, 1, limit::SEARCH_STEPS, "policy.search_steps", findings);
    in_range(settings.hint_quotes, 1, limit::HINT_QUOTES, "policy.hint_quotes", findings);
    in_range(settings.horizon_years, 1, HORIZON_YEARS_MAX, "policy.horizon_years", findings);
    number::check_percent(settings.gift_weight, number::Least::Zero, Spot::Path("policy.gift_weight"), findings);
    if let Some(tax) = &settings.tax {
        number::check_percent(tax.rate, number::Least::Zero, Spot::Path("policy.tax.rate"), findings);
    }
    let zone = check_zone(&settings.zone, findings).or_else(|| calendar::zone(&default.zone)).expect("the default zone is built in");
    let valid = settings.valid.as_deref().and_then(|text| windows::read(text, &zone, Spot::Path("policy.valid"), findings));
    let valid = valid.unwrap_or(Interval::ALWAYS);
    let horizon = horizon(valid, settings.horizon_years.clamp(1, HORIZON_YEARS_MAX), &zone);
    if matches!(settings.purchase_period, Period::Weeks | Period::Dates) {
        let help = "write `month`, `quarter`, `half`, `year` or `lifetime`";
        findings.add(Code::CombinationInvalid, Spot::Path("policy.purchase_period"), "purchases do not count by such periods", help);
    } else if calendar::periods(settings.purchase_period, Some(&settings.purchase_calendar()), horizon, valid, &zone).is_err() {
        let help = "write month and day, the day from 01 to 28: `04-01`";
        findings.add(Code::ValidityInvalid, Spot::Path("policy.purchase_year_start"), "this is no first day of every year", help);
    }
    let sound = read && findings.diagnostics.found.len() == faults_before;
    Constants {
        sound,
        horizon,
        zone,
        valid,
        money: Scale(money),
        unit: Scale(unit),
        quantity: Scale(settings.quantity_scale),
        taxed: settings.tax.is_some(),
    }
}

fn check_zone(name: &str, findings: &mut Findings) -> Option<Zone> {
    let zone = calendar::zone(name);
    if zone.is_none() {
        let known = calendar::zone_names();
        let help = match nearest(name, known.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "write its IANA name, such as `Asia/Shanghai`".to_owned(),
        };
        findings.add(Code::ZoneUnknown, Spot::Path("policy.zone"), format!("there is no time zone `{name}`"), help);
    }
    zone
}

fn in_range(number: u32, least: u32, most: u32, path: &str, findings: &mut Findings) {
    if !(least..=most).contains(&number) {
        let spot = Spot::Path(path);
        let help = format!("write a whole number from {least} to {most}");
        findings.add(Code::NumberRange, spot, format!("`{}` cannot be `{number}`", spot.name()), help);
    }
}

/// See [`super::Resolved::horizon`].
fn horizon(valid: Interval, years: u32, zone: &Zone) -> Interval {
    let years = i32::try_from(years).unwrap_or(1);
    let open = Interval::ALWAYS;
    let from = if valid.from != open.from {
        valid.from
    } else if valid.to != open.to {
        zone.plus_years(valid.to, -years)
    } else {
        zone.year_start(EPOCH_YEAR)
    };
    let to: Instant = zone.plus_years(from, years);
    Interval { from, to: to.min(valid.to) }
}
