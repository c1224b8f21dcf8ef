//! Prices by formula (§21.7).

use super::exact::{Exact, number, power_of_ten, rounded, whole};
use qudao::num::{Number, minor_digits};
use qudao::policy::{Access, Ending, Formula, Policy, PriceFlags, PriceRow, Settings};
use rust_decimal::Decimal;

/// The policy with the products' own SKUs in its tables, and the rows that its formulas compute.
pub fn filled(policy: &Policy) -> Policy {
    let mut policy = policy.clone();
    super::alias::read(&mut policy);
    let lists = [&policy.prices, &policy.costs, &policy.floors, &policy.approvals, &policy.recommended];
    let tables: Vec<&Access> = lists.into_iter().flatten().collect();
    let mut other = policy.clone();
    for list in [&mut other.prices, &mut other.floors, &mut other.approvals, &mut other.recommended] {
        list.iter_mut().for_each(|access| *access = table(&policy.settings, &tables, access));
    }
    other
}

fn table(settings: &Settings, tables: &[&Access], access: &Access) -> Access {
    let Some(formula) = &access.formula else { return access.clone() };
    let source = tables.iter().find(|table| table.id == formula.from).expect("a table");
    let Access { by, scale, rows, .. } = table(settings, tables, source);
    let row = |row: &PriceRow, percent: Number, amount: Number| {
        let price = price(settings, formula, percent, amount, number(row.price));
        PriceRow { price, flags: PriceFlags::default(), ..row.clone() }
    };
    if formula.rows.is_empty() {
        let rows = rows.iter().map(|own| row(own, formula.percent, formula.amount)).collect();
        return Access { by, scale, rows, ..access.clone() };
    }
    let mut list = Vec::new();
    for own in &rows {
        for factors in &formula.rows {
            let key = factors.key();
            let mut both = by.iter().zip(&own.key);
            if both.all(|(axis, value)| key.iter().all(|(other, wanted)| other != axis || wanted == value)) {
                let others = key.iter().filter(|(axis, _)| !by.contains(axis)).map(|(_, value)| (*value).to_owned());
                let (percent, amount) = (factors.percent.unwrap_or(formula.percent), factors.amount.unwrap_or(formula.amount));
                let priced = row(own, percent, amount);
                list.push(PriceRow { key: own.key.iter().cloned().chain(others).collect(), ..priced });
            }
        }
    }
    let others = formula.rows[0].key().into_iter().map(|(axis, _)| axis).filter(|axis| !by.contains(axis));
    Access { by: by.iter().copied().chain(others).collect(), scale, rows: list, ..access.clone() }
}

fn price(settings: &Settings, formula: &Formula, percent: Number, amount: Number, source: Exact) -> Number {
    let digits = settings.unit_scale.unwrap_or_else(|| minor_digits(&settings.currency).expect("a currency"));
    let mut price = source * (whole(1) + number(percent) / whole(100)) + number(amount);
    if let Some(ending) = formula.endings.iter().find(|ending| ending.up_to.is_none_or(|most| number(most) >= price)) {
        price = ended(price, ending);
    } else if let Some(multiple) = formula.round_to {
        price = whole(rounded(price / number(multiple), settings.rounding)) * number(multiple);
    }
    let image = rounded(price * whole(power_of_ten(digits)), settings.rounding);
    Number(Decimal::from_i128_with_scale(image, digits).normalize())
}

fn ended(price: Exact, ending: &Ending) -> Exact {
    let first = number(ending.ending);
    let step = (0..).map(|digits| whole(power_of_ten(digits))).find(|step| *step > first).expect("a larger power");
    if price < first {
        return first;
    }
    let below = first + ((price - first) / step).floor() * step;
    let limit = ending.limit.map_or(step / whole(2), number);
    if price - below <= limit { below } else { below + step }
}
