//! Units of measure, scales and what lines count for them (§22).

use super::exact::{Exact, number, power_of_ten, text, whole};
use super::{Line, Question, positions, split};
use qudao::num::Number;
use qudao::policy::{Access, PriceRow, Product, ScaleBasis, ScaleMeasure, ScaleMode, Select};
use serde_json::{Value, json};

/// A quantity of a product in one of its units, as something that has a price.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    pub product: &'a Product,
    pub unit: &'a str,
    /// In this unit.
    pub ordered: Exact,
    /// In base units.
    pub quantity: Exact,
}

/// One band of a record, with where it begins (§22.6).
#[derive(Clone, Copy)]
pub struct Band<'a> {
    pub from: Exact,
    pub row: &'a PriceRow,
}

/// What a band of a scale in parts prices (§22.7).
#[derive(Clone)]
pub struct ScalePart<'a> {
    band: Band<'a>,
    part: Exact,
    /// 0.05 for 5 %.
    raise: Exact,
}

/// The band of an access that is reached.
pub struct Reached<'a> {
    pub band: Band<'a>,
    pub parts: Vec<ScalePart<'a>>,
}

/// How many base units one of a unit is, `None` where the product has no such unit (§22.1).
pub fn factor(product: &Product, unit: &str) -> Option<Exact> {
    if unit == product.unit {
        return Some(whole(1));
    }
    let text = &product.units.iter().find(|known| known.id == unit)?.factor;
    let part = |text: &str| number(text.parse::<Number>().expect("a decimal"));
    Some(text.split_once('/').map_or_else(|| part(text), |(above, below)| part(above) / part(below)))
}

impl Asked<'_> {
    pub fn factor(&self) -> Exact {
        factor(self.product, self.unit).expect("a unit of the product")
    }

    /// The quantity in the unit of a price (§22.3).
    pub fn in_unit_of(&self, row: &PriceRow) -> Exact {
        if row.unit.is_some() { self.ordered } else { self.quantity }
    }
}

impl<'a> Question<'a> {
    /// A quantity of eligible lines in base units (§22.4).
    pub fn in_base(&self, on: Option<&Select>, unit: Option<&str>, quantity: Number) -> Exact {
        let Some(unit) = unit else { return number(quantity) };
        let mut products = self.policy.products.iter().filter(|product| self.selects(on, product));
        number(quantity) * products.next().and_then(|product| factor(product, unit)).expect("a unit of the products")
    }

    /// The reached band of a record for one of what is asked for (§5.4, §22.5).
    pub fn band(&self, access: &'a Access, rows: &[&'a PriceRow], asked: &[Asked<'a>], at: usize) -> Option<Reached<'a>> {
        let in_packs = access.scale.measure == ScaleMeasure::Packs;
        let is_graduated = access.scale.mode == ScaleMode::Graduated;
        let bands = self.bands(access, rows);
        let mut have: Exact = (0..asked.len())
            .filter(|other| pools(access, &asked[at], at, &asked[*other], *other))
            .map(|other| self.measure(access, asked, other))
            .sum();
        if rows[0].unit.is_some() && access.scale.measure == ScaleMeasure::Quantity {
            have /= asked[at].factor();
        }
        let counted = if in_packs { have.floor() } else { have };
        let reached = bands.iter().take_while(|band| band.from <= counted).count();
        let above_end = bands.last()?.row.to_quantity.is_some_and(|end| counted > number(end));
        if reached == 0 || above_end {
            return None;
        }
        let mut parts: Vec<ScalePart> = Vec::new();
        if is_graduated {
            for (at, band) in bands[..reached].iter().enumerate() {
                let from = if at == 0 { whole(0) } else { band.from };
                let to = bands.get(at + 1).map_or(counted, |next| next.from.min(counted));
                parts.push(ScalePart { band: *band, part: to - from, raise: whole(0) });
            }
        } else if in_packs {
            parts.push(ScalePart { band: bands[reached - 1], part: counted, raise: whole(0) });
        }
        parts.retain(|part| part.part > whole(0));
        let band = match parts.last() {
            Some(part) => part.band,
            None if is_graduated => bands[0],
            None => bands[reached - 1],
        };
        if have > counted {
            parts.push(ScalePart { band: bands[0], part: have - counted, raise: super::exact::share(access.scale.broken) });
        }
        if parts.is_empty() && (is_graduated || in_packs) {
            parts.push(ScalePart { band: bands[0], part: whole(0), raise: whole(0) });
        }
        Some(Reached { band, parts })
    }

    /// The bands of a record by rising beginning (§22.6).
    pub fn bands(&self, access: &Access, rows: &[&'a PriceRow]) -> Vec<Band<'a>> {
        let mut bands: Vec<Band> = rows.iter().map(|row| Band { from: number(row.from_quantity), row }).collect();
        if rows.iter().any(|row| row.to_quantity.is_some()) {
            let step = match access.scale.measure {
                _ if access.scale.mode == ScaleMode::Graduated => whole(0),
                ScaleMeasure::Packs => whole(1),
                ScaleMeasure::Amount => Exact::new(1, self.minor),
                ScaleMeasure::Weight => Exact::new(1, power_of_ten(6)),
                ScaleMeasure::Quantity => Exact::new(1, power_of_ten(self.policy.settings.quantity_scale)),
            };
            // A row without an end is the last.
            bands.sort_by_key(|band| (band.row.to_quantity.is_none(), band.row.to_quantity));
            for at in 1..bands.len() {
                if bands[at].from == whole(0) {
                    bands[at].from = number(bands[at - 1].row.to_quantity.expect("an end")) + step;
                }
            }
        }
        bands.sort_by_key(|band| band.from);
        bands
    }

    /// What one of what is asked for counts for the scales of an access (§22.5).
    fn measure(&self, access: &'a Access, asked: &[Asked<'a>], at: usize) -> Exact {
        let Asked { product, quantity, .. } = asked[at];
        if self.is_hidden(product) {
            return whole(0);
        }
        match access.scale.measure {
            ScaleMeasure::Quantity => quantity,
            ScaleMeasure::Weight => quantity * product.weight.map_or(whole(0), number),
            ScaleMeasure::Packs => {
                let unit = access.scale.unit.as_deref().expect("the unit of a pack");
                factor(product, unit).map_or(whole(0), |factor| quantity / factor)
            }
            ScaleMeasure::Amount => {
                let rows = self.record(access, &asked[at]);
                if rows.is_empty() {
                    return whole(0);
                }
                let first = self.bands(access, &rows)[0].row;
                number(first.price) * asked[at].in_unit_of(first) / whole(i128::from(first.per))
            }
        }
    }

    /// List amounts of lines whose scales have several prices (§22.7).
    pub fn price_in_parts(&self, lines: &mut [Line<'a>]) {
        let with_parts = positions(lines, |line| line.price.as_ref().is_some_and(|found| !found.parts.is_empty()));
        for first in &with_parts {
            let found = lines[*first].price.as_ref().expect("a price");
            let (access, row) = (found.access, found.row);
            let is_together = |at: &usize| {
                let other = lines[*at].price.as_ref().expect("a price");
                // Rows of one key and unit that hold at once are of one record.
                let same_record = (&other.row.key, &other.row.unit) == (&row.key, &row.unit);
                let same_pool = access.scale.basis != ScaleBasis::Line || at == first;
                let same_product = lines[*at].product.sku == lines[*first].product.sku;
                other.access.id == access.id && same_record && same_pool && same_product
            };
            let together: Vec<usize> = with_parts.iter().copied().filter(is_together).collect();
            let last = |at: usize| {
                let line = &lines[at];
                let quantity = line.portions.last().expect("a portion").quantity;
                Asked { ordered: quantity / line.asked().factor(), quantity, ..line.asked() }
            };
            let quantities: Vec<Exact> = together.iter().map(|at| last(*at).in_unit_of(row)).collect();
            let have: Exact = found.parts.iter().map(|part| part.part).sum();
            let of_part = |part: &ScalePart| number(part.band.row.price) * (whole(1) + part.raise) * part.part;
            let of_one = match &found.parts[..] {
                [only] if have == whole(0) => number(only.band.row.price),
                parts => parts.iter().map(of_part).sum::<Exact>() / have,
            };
            let exact = quantities.iter().sum::<Exact>() * of_one / whole(i128::from(row.per)) * whole(self.minor);
            let amounts = split::split(self.rounded(exact), &quantities, self.policy.settings.remainder);
            for (at, amount) in together.iter().zip(amounts) {
                let line = &mut lines[*at];
                let last = line.portions.last_mut().expect("a portion");
                last.list = amount;
                line.list = line.portions.iter().map(|portion| portion.list).sum();
            }
        }
    }

    pub fn parts_answer(&self, access: &Access, parts: &[ScalePart]) -> Vec<Value> {
        let digits = match access.scale.measure {
            ScaleMeasure::Quantity => self.policy.settings.quantity_scale,
            ScaleMeasure::Amount => self.digits,
            ScaleMeasure::Weight | ScaleMeasure::Packs => 6,
        };
        let one = whole(power_of_ten(digits));
        let part = |part: &ScalePart| {
            json!({
                "from_quantity": self.scale_text(access, part.band.from),
                "part": self.scale_text(access, (part.part * one).floor() / one),
                "unit_price": text(number(part.band.row.price), self.digits),
                "surcharge": text(part.raise * whole(100), 0),
            })
        };
        parts.iter().map(part).collect()
    }

    /// A measure of an access: amounts have the digits of the currency.
    pub fn scale_text(&self, access: &Access, measure: Exact) -> String {
        text(measure, if access.scale.measure == ScaleMeasure::Amount { self.digits } else { 0 })
    }
}

/// Whether two of what is asked for count together (§22.5).
fn pools(access: &Access, one: &Asked, at: usize, other: &Asked, other_at: usize) -> bool {
    let same = one.product.sku == other.product.sku;
    match access.scale.basis {
        ScaleBasis::Line => at == other_at,
        ScaleBasis::Sku => same,
        ScaleBasis::Group => same || (one.product.scale_group.is_some() && one.product.scale_group == other.product.scale_group),
        ScaleBasis::Order => true,
    }
}
