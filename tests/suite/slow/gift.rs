//! Gifts (§17).

use super::exact::{Exact, number, share, text, whole};
use super::scale::{Asked, factor};
use super::stage::{Benefit, Candidate, Taken, Threshold};
use super::{Question, decimal};
use qudao::policy::{Gift, Product, Promotion};
use serde_json::{Value, json};
use std::cmp::Reverse;

/// What a promotion gives of its items.
#[derive(Default)]
pub struct Gifts<'a> {
    /// In order of SKU.
    pub given: Vec<Item<'a>>,
    /// Everything that it gives some of, in order of SKU.
    pub offered: Vec<Item<'a>>,
    /// How many items are given, at most.
    pub choose: usize,
    pub choice: Choice,
    /// Whether none of its items can be delivered.
    pub out: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum Choice {
    /// The order names nothing.
    #[default]
    Missing,
    Fits,
    /// The order names what the reached step does not give.
    Unfit,
    Declined,
}

#[derive(Clone, Copy)]
pub struct Item<'a> {
    pub product: &'a Product,
    pub quantity: Exact,
    pub value: i128,
}

impl<'a> Gifts<'a> {
    /// How many of each product are given.
    pub fn units(&self) -> impl Iterator<Item = (&'a str, Exact)> {
        self.given.iter().map(|item| (item.product.sku.as_str(), item.quantity))
    }

    pub fn value(&self) -> i128 {
        self.given.iter().map(|item| item.value).sum()
    }
}

impl<'a> Question<'a> {
    /// §17.3: what is given of the items of the reached step. `before` was given by others.
    pub fn gifts(&self, promotion: &Promotion, gift: &'a Gift, single: bool, times: i128, before: &[(&str, Exact)]) -> Gifts<'a> {
        let mut offered: Vec<Item> =
            self.units_of(gift).map(|(sku, units)| self.item(sku, if single { whole(1) } else { units }, times)).collect();
        offered.retain(|item| !self.is_hidden(item.product));
        let out = !offered.is_empty();
        offered.retain(|item| self.in_stock(item, before));
        let out = out && offered.is_empty();
        if gift.instead.is_some() {
            offered.truncate(1);
        }
        offered.sort_by_key(|item| item.product.sku.as_str());
        let choose = gift.choose.unwrap_or(1) as usize;
        let named: Option<Vec<&str>> = self.choices().find(|(id, _)| *id == promotion.id).map(|(_, named)| named);
        let fits = |named: &[&str]| named.len() <= choose && named.iter().all(|sku| offered.iter().any(|item| item.product.sku == *sku));
        let choice = match &named {
            None => Choice::Missing,
            Some(named) if named.is_empty() => Choice::Declined,
            Some(named) if fits(named) => Choice::Fits,
            Some(_) => Choice::Unfit,
        };
        let mut given = offered.clone();
        match (choice, named) {
            (Choice::Fits | Choice::Declined, Some(named)) => given.retain(|item| named.contains(&item.product.sku.as_str())),
            _ => {
                // The sort is stable, so ties stay in order of SKU.
                given.sort_by_key(|item| Reverse(item.value));
                given.truncate(choose);
                given.sort_by_key(|item| item.product.sku.as_str());
            }
        }
        Gifts { given, choose: choose.min(offered.len()), offered, choice, out }
    }

    /// §17.7.
    fn in_stock(&self, item: &Item, before: &[(&str, Exact)]) -> bool {
        let of_sku = |list: &'a Value| list.as_array().into_iter().flatten().filter(|entry| entry["sku"] == item.product.sku.as_str());
        let stock: Vec<Exact> = of_sku(&self.facts["stock"]).map(|entry| decimal(&entry["available"])).collect();
        let unit = |line: &Value| line["unit"].as_str().map_or(whole(1), |unit| factor(item.product, unit).expect("a unit of the product"));
        let ordered: Exact = of_sku(&self.order["lines"]).map(|line| decimal(&line["quantity"]) * unit(line)).sum();
        let given: Exact = before.iter().filter(|(sku, _)| *sku == item.product.sku).map(|(_, quantity)| quantity).sum();
        stock.is_empty() || stock.into_iter().sum::<Exact>() - ordered - given >= item.quantity
    }

    /// What the same gifts would be worth if it counted otherwise often (§18.1).
    pub fn value_at(&self, gifts: &Gifts, gift: &Gift, single: bool, times: i128) -> i128 {
        gifts.given.iter().map(|item| self.item_of(item, gift, single, times).value).sum()
    }

    /// The same item if the gift counted otherwise often.
    pub fn item_of(&self, item: &Item<'a>, gift: &Gift, single: bool, times: i128) -> Item<'a> {
        let sku = &item.product.sku;
        let units = self.units_of(gift).find(|(own, _)| *own == sku).map_or(whole(0), |(_, units)| units);
        self.item(sku, if single { whole(1) } else { units }, times)
    }

    /// The items of a gift, each with its quantity in base units (§17.1, §22.4).
    pub fn units_of<'g>(&self, gift: &'g Gift) -> impl Iterator<Item = (&'g str, Exact)> {
        let single = gift.sku.iter().map(|sku| (sku, gift.quantity, &gift.unit));
        let items = single.chain(gift.instead.iter().chain(&gift.from).flatten().map(|item| (&item.sku, item.quantity, &item.unit)));
        items.map(|(sku, quantity, unit)| {
            let factor = unit.as_ref().map_or(whole(1), |unit| factor(self.product(sku), unit).expect("a unit of the product"));
            (sku.as_str(), quantity.map_or(whole(1), number) * factor)
        })
    }

    /// §17.6: what is hidden is no item; a step that gives nothing else is not there.
    pub fn is_there(&self, gift: Option<&Gift>) -> bool {
        gift.is_none_or(|gift| gift.items().any(|(sku, _)| !self.is_hidden(self.product(sku))))
    }

    /// Whether any step of a promotion is there, or what it gives without steps.
    pub fn gives(&self, promotion: &Promotion) -> bool {
        let steps = promotion.steps.iter().flat_map(|steps| steps.amount.iter().chain(&steps.quantity)).flatten();
        let (steps, get) = (steps.map(|step| step.gift.as_ref()), promotion.get.iter().map(|get| get.gift.as_ref()));
        steps.chain(get).any(|gift| self.is_there(gift))
    }

    pub fn product(&self, sku: &str) -> &'a Product {
        self.policy.products.iter().find(|product| product.sku == sku).expect("a product")
    }

    /// §17.4.
    fn item(&self, sku: &str, units: Exact, times: i128) -> Item<'a> {
        let product = self.product(sku);
        let quantity = units * whole(times);
        let asked = |quantity| Asked { product, unit: &product.unit, ordered: quantity, quantity };
        let price = self.price(&[asked(whole(1))], 0);
        let full = price.map_or(0, |found| self.rounded(self.amount_of_shape(found.shape(), &asked(quantity))));
        let value = self.rounded(whole(full) * share(self.policy.settings.gift_weight));
        Item { product, quantity, value }
    }

    /// The order's `gifts`: by promotion, what the dealer wants.
    fn choices(&self) -> impl Iterator<Item = (&'a str, Vec<&'a str>)> {
        let entries = self.order["gifts"].as_object().into_iter().flatten();
        let skus = |list: &'a Value| list.as_array().expect("a list").iter().map(|sku| sku.as_str().expect("a sku")).collect();
        entries.map(move |(promotion, list)| (promotion.as_str(), skus(list)))
    }

    fn item_answer(&self, item: &Item) -> Value {
        json!({ "sku": item.product.sku, "unit": item.product.unit, "quantity": text(item.quantity, 0), "value": self.money(item.value) })
    }

    /// The gifts of one promotion, as the answer lists them.
    pub fn gift_lines(&self, promotion: &Promotion, taken: &Taken) -> Vec<Value> {
        let line = |item: &Item| {
            let mut line = self.item_answer(item);
            line["promotion"] = json!(promotion.id);
            line["chosen"] = json!(if taken.gifts.choice == Choice::Fits { "order" } else { "default" });
            line
        };
        taken.gifts.given.iter().map(line).collect()
    }

    pub fn gift_offer(&self, promotion: &Promotion, taken: &Taken) -> Option<Value> {
        let Gifts { given, offered, choose, choice, out: _ } = &taken.gifts;
        let from: Vec<Value> = offered.iter().map(|item| self.item_answer(item)).collect();
        (!offered.is_empty() && (!given.is_empty() || *choice == Choice::Declined))
            .then(|| json!({ "promotion": promotion.id, "choose": choose, "from": from }))
    }

    /// What became of each choice; `effects` tells it of the promotions that have gifts to give.
    pub fn gift_choices(&self, effects: &[(&str, &'static str)]) -> Vec<Value> {
        let mut ids: Vec<&str> = self.choices().map(|(id, _)| id).collect();
        ids.sort_unstable();
        let effect = |id: &str| effects.iter().find(|(own, _)| *own == id).map_or("no_gift", |(_, effect)| *effect);
        ids.into_iter().map(|id| json!({ "promotion": id, "effect": effect(id) })).collect()
    }
}

/// What became of a choice for this promotion, if it is more than that nothing is given.
pub fn effect(candidate: &Candidate, played: Option<&Taken>, outcome: &Value) -> Option<&'static str> {
    if outcome["by"] == "declined" {
        return Some("declined");
    }
    if !matches!(candidate.threshold, Threshold::Reached { benefit: Benefit::Gift { .. }, .. }) {
        return None;
    }
    let gifts = &played?.gifts;
    match gifts.choice {
        _ if gifts.given.is_empty() => None,
        Choice::Fits => Some("chosen"),
        Choice::Unfit => Some("unfit"),
        Choice::Missing | Choice::Declined => None,
    }
}
