//! Quantities that are stated in a further unit, as quantities of base units: before anything else is checked, so that nothing behind needs to know.

use super::findings::{Findings, Spot};
use super::names::Names;
use super::select;
use crate::diagnostic::Code;
use crate::num::{Number, Ratio, Scale};
use crate::policy::{Check, Get, Gift, GiftItem, Limit, Policy, Product, Promotion, Select, UnitLimit};
use rust_decimal::Decimal;

/// Restates every quantity that has a unit; `unit` is empty then. What has no exact restatement is reported and stays.
pub fn restate(policy: &mut Policy, findings: &mut Findings) {
    let scale = Scale(policy.settings.quantity_scale.min(6));
    for product in &mut policy.products {
        restate_product(product, scale, findings);
    }
    let of_check = |check: &Check| check.order_minimum.as_ref().is_some_and(|at| at.unit.is_some());
    if !policy.promotions.iter().any(has_unit) && !policy.checks.iter().any(of_check) {
        return;
    }
    // Faults of names are reported when the policy is checked; here they are only passed over.
    let mut unheard = crate::diagnostic::Diagnostics::default();
    // Without the price tables, which may be long.
    let known = Policy {
        categories: policy.categories.clone(),
        brands: policy.brands.clone(),
        // Products name them by position.
        attributes: policy.attributes.clone(),
        products: policy.products.clone(),
        promotions: policy.promotions.clone(),
        checks: policy.checks.clone(),
        ..Policy::default()
    };
    let names = Names::check(&known, &mut Findings { sources: findings.sources, own: findings.own, diagnostics: &mut unheard });
    if !names.skus.complete {
        return;
    }
    for (index, promotion) in policy.promotions.iter_mut().enumerate().filter(|(_, promotion)| has_unit(promotion)) {
        let mut restating = Restating { known: &known, names: &names, on: known.promotions[index].on.as_ref(), scale, findings };
        restating.promotion(promotion, &format!("promotions[{index}]"));
    }
    for (index, check) in policy.checks.iter_mut().enumerate() {
        let Some(at) = &mut check.order_minimum else { continue };
        let mut restating = Restating { known: &known, names: &names, on: known.checks[index].on.as_ref(), scale, findings };
        restating.of_lines(&mut at.unit, at.quantity.as_mut(), "quantity", &format!("checks[{index}].order_minimum"));
    }
}

fn restate_product(product: &mut Product, scale: Scale, findings: &mut Findings) {
    let Some(unit) = product.quantity_unit.clone() else { return };
    let Some(factor) = product.factor(&unit) else {
        // Where a factor cannot be read, that is reported.
        if !product.units.iter().any(|known| known.id == unit) {
            let message = format!("`{unit}` is no unit of the product");
            findings.add(
                Code::UnitUnknown,
                Spot::Cell(product.place, "quantity_unit"),
                message,
                "add it under `units`, or leave the cell blank",
            );
        }
        return;
    };
    let (place, base) = (product.place, product.unit.clone());
    let Product { min_quantity, multiple, step, max_order, max_period, .. } = product;
    let columns =
        [("min_quantity", min_quantity), ("multiple", multiple), ("step", step), ("max_order", max_order), ("max_period", max_period)];
    for (column, value) in columns {
        if let Some(number) = value {
            restate_number(number, factor, [&unit, &base], scale, Spot::Cell(place, column), findings);
        }
    }
}

fn restate_number(number: &mut Number, factor: Ratio, [unit, base]: [&str; 2], scale: Scale, spot: Spot, findings: &mut Findings) {
    let Some((restated, exact)) = in_base(*number, factor, scale) else { return };
    if !exact {
        let message = format!("{number} {unit} are no exact quantity of `{base}`");
        findings.add(Code::UnitInexact, spot, message, "write a quantity that converts, or raise `quantity_scale` of the policy");
    }
    *number = restated;
}

/// `number × factor` with the digits of the scale, and whether nothing is cut. One that is far too large stays as it is, and is reported where it is checked.
fn in_base(number: Number, factor: Ratio, scale: Scale) -> Option<(Number, bool)> {
    let normal = number.0.normalize();
    let above = normal.mantissa().checked_mul(scale.one())?.checked_mul(i128::from(factor.numerator))?;
    let below = 10_i128.checked_pow(normal.scale())?.checked_mul(i128::from(factor.denominator))?;
    let image = i64::try_from(above / below).ok()?;
    Some((Number(Decimal::from_i128_with_scale(i128::from(image), scale.0).normalize()), above % below == 0))
}

fn has_unit(promotion: &Promotion) -> bool {
    let of_gift = |gift: &Gift| gift.unit.is_some() || gift.instead.iter().chain(&gift.from).flatten().any(|item| item.unit.is_some());
    let steps = promotion.steps.iter().flat_map(|steps| steps.amount.iter().chain(&steps.quantity)).flatten();
    promotion.at.as_ref().is_some_and(|at| at.unit.is_some())
        || promotion.each.as_ref().is_some_and(|each| each.unit.is_some())
        || promotion.steps.as_ref().is_some_and(|steps| steps.unit.is_some())
        || promotion.limit.iter().flat_map(|limit| limit.units.iter().chain(&limit.sku)).any(|units| units.unit.is_some())
        || promotion.get.as_ref().is_some_and(|get| get.unit.is_some() || get.gift.as_ref().is_some_and(of_gift))
        || steps.filter_map(|step| step.gift.as_ref()).any(of_gift)
}

struct Restating<'a, 'f, 's> {
    known: &'a Policy,
    names: &'a Names<'a>,
    on: Option<&'a Select>,
    scale: Scale,
    findings: &'f mut Findings<'s>,
}

impl Restating<'_, '_, '_> {
    fn promotion(&mut self, promotion: &mut Promotion, path: &str) {
        if let Some(at) = &mut promotion.at {
            self.of_lines(&mut at.unit, at.quantity.as_mut(), "quantity", &format!("{path}.at"));
        }
        if let Some(each) = &mut promotion.each {
            let path = format!("{path}.each");
            self.of_lines(
                &mut each.unit.clone().filter(|_| each.quantity.is_some() && each.from.is_some()),
                each.from.as_mut(),
                "from",
                &path,
            );
            self.of_lines(&mut each.unit, each.quantity.as_mut(), "quantity", &path);
        }
        if let Some(steps) = &mut promotion.steps {
            let unit = steps.unit.take();
            for (index, step) in steps.quantity.iter_mut().flatten().enumerate() {
                self.of_lines(&mut unit.clone(), Some(&mut step.from), "from", &format!("{path}.steps.quantity[{index}]"));
                self.gift(step.gift.as_mut(), &format!("{path}.steps.quantity[{index}].gift"));
            }
            for (index, step) in steps.amount.iter_mut().flatten().enumerate() {
                self.gift(step.gift.as_mut(), &format!("{path}.steps.amount[{index}].gift"));
            }
            if unit.is_some() && steps.quantity.is_none() {
                self.without(&format!("{path}.steps.unit"), "`quantity`");
            }
        }
        if let Some(Limit { units, sku, .. }) = &mut promotion.limit {
            for (key, UnitLimit { order, dealer, period, total, unit }) in
                [("units", units), ("sku", sku)].into_iter().filter_map(|(key, of)| Some((key, of.as_mut()?)))
            {
                let unit = unit.take();
                for (own, number) in [("order", order), ("dealer", dealer), ("period", period), ("total", total)] {
                    if let Some(number) = number {
                        self.of_lines(&mut unit.clone(), Some(number), own, &format!("{path}.limit.{key}"));
                    }
                }
            }
        }
        if let Some(Get { unit, max_units, gift, .. }) = &mut promotion.get {
            self.of_lines(unit, max_units.as_mut(), "max_units", &format!("{path}.get"));
            self.gift(gift.as_mut(), &format!("{path}.get.gift"));
        }
    }

    /// A quantity of the eligible lines: the unit must be the same for all products that they can be of.
    fn of_lines(&mut self, unit: &mut Option<String>, number: Option<&mut Number>, key: &str, path: &str) {
        let Some(unit) = unit.take() else { return };
        let spot = format!("{path}.unit");
        let Some(number) = number else {
            return self.without(&spot, &format!("`{key}`"));
        };
        let mut first: Option<(&Product, Ratio)> = None;
        for product in self.known.products.iter().filter(|product| self.on.is_none_or(|on| select::is_selected(product, on, self.names))) {
            let Some(factor) = product.factor(&unit) else {
                let message = format!("`{unit}` is no unit of `{}`, which the promotion is about", product.sku);
                let help = "add it under `units` of the product, or narrow `on`";
                return self.findings.add(Code::UnitUnknown, Spot::Path(&spot), message, help);
            };
            match first {
                None => first = Some((product, factor)),
                Some((other, same)) if same != factor => {
                    let message = format!("`{unit}` is not as many base units of `{}` as of `{}`", product.sku, other.sku);
                    let help = "write the quantity in base units, or a promotion for each";
                    return self.findings.add(Code::UnitDiffers, Spot::Path(&spot), message, help);
                }
                Some(_) => {}
            }
        }
        if let Some((product, factor)) = first {
            let path = format!("{path}.{key}");
            restate_number(number, factor, [&unit, &product.unit], self.scale, Spot::Path(&path), self.findings);
        }
    }

    fn gift(&mut self, gift: Option<&mut Gift>, path: &str) {
        let Some(gift) = gift else { return };
        let Gift { sku, quantity, unit, instead, from, .. } = gift;
        if let Some(sku) = sku {
            self.given(sku, unit, quantity, path);
        } else if unit.take().is_some() {
            self.without(&format!("{path}.unit"), "`sku`");
        }
        for (key, list) in [("instead", instead), ("from", from)] {
            for (index, GiftItem { sku, quantity, unit }) in list.iter_mut().flatten().enumerate() {
                self.given(sku, unit, quantity, &format!("{path}.{key}[{index}]"));
            }
        }
    }

    fn given(&mut self, sku: &str, unit: &mut Option<String>, quantity: &mut Option<Number>, path: &str) {
        let Some(unit) = unit.take() else { return };
        // A product that does not exist is reported where it is named.
        let Some(product) = self.known.products.iter().find(|product| product.sku == sku) else { return };
        let Some(factor) = product.factor(&unit) else {
            let message = format!("`{unit}` is no unit of `{sku}`");
            return self.findings.add(
                Code::UnitUnknown,
                Spot::Path(&format!("{path}.unit")),
                message,
                "add it under `units` of the product, or delete the key",
            );
        };
        let number = quantity.get_or_insert(Number(Decimal::ONE));
        let spot = format!("{path}.quantity");
        restate_number(number, factor, [&unit, &product.unit], self.scale, Spot::Path(&spot), self.findings);
    }

    fn without(&mut self, path: &str, needs: &str) {
        self.findings.add(Code::CombinationInvalid, Spot::Path(path), format!("`unit` needs {needs}"), "delete it");
    }
}
