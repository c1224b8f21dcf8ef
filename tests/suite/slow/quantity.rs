//! Quantities that a product may be ordered in (§14.2, §14.3, §22.8).

use super::exact::{Exact, number, power_of_ten, text, whole};
use super::guard::word;
use super::scale::factor;
use super::{Line, Question, decimal, instant};
use qudao::num::Number;
use qudao::policy::{Calendar, Product};
use serde_json::{Value, json};

/// The quantities that fit: the first of them, and how far apart they are.
#[derive(Clone, Copy)]
pub struct Fitting {
    first: Exact,
    step: Exact,
}

impl Fitting {
    pub fn fits(self, quantity: Exact) -> bool {
        quantity >= self.first && ((quantity - self.first) / self.step).is_integer()
    }

    /// The largest that is at most this.
    pub fn at_most(self, most: Exact) -> Option<Exact> {
        (most >= self.first).then(|| self.first + ((most - self.first) / self.step).floor() * self.step)
    }

    /// The smallest that is above this.
    pub fn above(self, least: Exact) -> Exact {
        if least < self.first { self.first } else { self.first + (((least - self.first) / self.step).floor() + whole(1)) * self.step }
    }
}

impl Question<'_> {
    fn smallest(&self) -> Exact {
        Exact::new(1, power_of_ten(self.policy.settings.quantity_scale))
    }

    fn of_product(product: &Product, quantity: Option<Number>) -> Option<Exact> {
        let unit = product.quantity_unit.as_deref().unwrap_or(&product.unit);
        quantity.map(|quantity| number(quantity) * factor(product, unit).expect("a unit of the product"))
    }

    pub fn fitting(&self, product: &Product) -> Fitting {
        let of = |quantity| Self::of_product(product, quantity);
        let (min, multiple, step) = (of(product.min_quantity), of(product.multiple), of(product.step));
        match (multiple, step) {
            (Some(multiple), _) => Fitting { first: (min.unwrap_or(whole(0)) / multiple).ceil().max(whole(1)) * multiple, step: multiple },
            (_, Some(step)) => Fitting { first: min.unwrap_or(step), step },
            _ => Fitting { first: min.unwrap_or(self.smallest()), step: self.smallest() },
        }
    }

    /// For the first line of its SKU; the others are those of the same one.
    pub fn quantity_guards(&self, line: &Line) -> Vec<Value> {
        let product = line.product;
        let of = |quantity| Self::of_product(product, quantity);
        let (min, fitting, have) = (of(product.min_quantity), self.fitting(product), line.pooled);
        let shown = |quantity: Exact| text(quantity, 0);
        let guard = |code: &str, parts: Value| {
            let mut guard = json!({ "code": code, "severity": word(self.policy.guards.quantity), "line": line.id, "have": shown(have) });
            guard.as_object_mut().expect("an object").append(&mut parts.as_object().expect("an object").clone());
            guard
        };
        let down = || fitting.at_most(have).map(shown);
        let mut list = Vec::new();
        if let Some(min) = min.filter(|min| have < *min) {
            list.push(guard("QTY_MIN", json!({ "min": shown(min), "nearest": shown(fitting.first) })));
        } else if let Some(multiple) = of(product.multiple).filter(|_| !fitting.fits(have)) {
            let parts = json!({ "multiple": shown(multiple), "nearest_down": down(), "nearest_up": shown(fitting.above(have)) });
            list.push(guard("QTY_MULTIPLE", parts));
        } else if of(product.step).is_some() && !fitting.fits(have) {
            let (from, step) = (shown(fitting.first), shown(fitting.step));
            let up = shown(fitting.above(have));
            list.push(guard("QTY_STEP", json!({ "from": from, "step": step, "nearest_down": down(), "nearest_up": up })));
        }
        let max = of(product.max_order);
        if let Some(max) = max.filter(|max| have > *max) {
            list.push(guard("QTY_MAX", json!({ "max": shown(max), "nearest": fitting.at_most(max).map(shown) })));
        }
        let of_period = of(product.max_period).map(|max| (max, self.bought(product)));
        let left = of_period.as_ref().map(|(max, (_, bought))| (max - bought).max(whole(0)));
        if let (Some((max, (period, bought))), Some(left)) = (of_period, left.filter(|left| have > *left)) {
            let as_of = instant(&self.facts["as_of"]).0;
            let nearest = fitting.at_most(left).map(shown);
            let parts = json!({
                "max": shown(max), "period": period, "bought": shown(bought), "left": shown(left), "as_of": as_of, "nearest": nearest,
            });
            list.push(guard("QTY_PERIOD", parts));
        }
        let most = max.into_iter().chain(left).min();
        if let Some(in_unit) = self.in_unit(line, fitting, most).filter(|_| line.unit != product.unit) {
            list.iter_mut().for_each(|guard| guard["in_unit"] = in_unit.clone());
        }
        list
    }

    /// Label of the period of purchases.
    pub fn purchase_label(&self) -> String {
        let settings = &self.policy.settings;
        let calendar = Calendar { year_start: settings.purchase_year_start.clone(), ..Calendar::default() };
        self.label(settings.purchase_period, &calendar)
    }

    /// The period of purchases, and what was bought in it.
    fn bought(&self, product: &Product) -> (String, Exact) {
        let label = self.purchase_label();
        let facts = self.facts["bought"].as_array().into_iter().flatten();
        let own = facts.filter(|bought| bought["sku"] == product.sku.as_str() && bought["period"] == label.as_str());
        (label.clone(), own.map(|bought| decimal(&bought["quantity"])).sum())
    }

    /// What of the line alone would fit, in its unit.
    fn in_unit(&self, line: &Line, fitting: Fitting, most: Option<Exact>) -> Option<Value> {
        let (factor, smallest) = (line.asked().factor(), self.smallest());
        let count = |quantity: Exact| (quantity / smallest).floor().to_integer();
        // In smallest quantities: what one line of the grid of those that convert exactly is in base units and in its own, and when what fits comes again.
        let (in_base, in_own) = (*factor.numer(), *factor.denom());
        let (others, ordered, most) = (count(line.pooled - line.quantity), count(line.ordered), most.map(count));
        let (first, step) = (count(fitting.first), count(fitting.step));
        let last = ordered / in_own + (first - others).max(0) / in_base + step + 2;
        let (mut any, mut down, mut up) = (false, None, None);
        for at in 1..=last {
            let pooled = others + at * in_base;
            if pooled < first || (pooled - first) % step != 0 {
                continue;
            }
            any = true;
            let quantity = at * in_own;
            if most.is_some_and(|most| pooled > most) {
                continue;
            }
            if quantity < ordered {
                down = Some(quantity);
            } else if quantity > ordered && up.is_none() {
                up = Some(quantity);
            }
        }
        let (down, up) = (down.map(|down| whole(down) * smallest), up.map(|up| whole(up) * smallest));
        let shown = |quantity: Exact| text(quantity, 0);
        any.then(|| json!({ "unit": line.unit, "have": shown(line.ordered), "down": down.map(shown), "up": up.map(shown) }))
    }
}
