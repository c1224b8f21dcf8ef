//! Conditions of promotions as clauses: each stands before those inside it, and says how many there are with it.

use super::selection::Selection;
use super::texts::Texts;
use super::values::Values;
use super::{image, small};
use crate::attribute::{self, Ordered};
use crate::bundle::{Clause, Coded, Dimension, NONE, Tables};
use crate::check::CheckedPolicy;
use crate::num::{Number, Scale};
use crate::policy::{Axis, Cart, Condition, DealerIs, Name, OneOrMany, OrderIs, OrderNumber};
use std::collections::{BTreeMap, HashMap};

/// Filters of lines that conditions have, each written once.
pub struct Conditions {
    known: HashMap<Vec<u32>, u32>,
}

/// A clause without those inside it.
#[derive(Default)]
struct Leaf<'a> {
    axis: Option<Dimension>,
    values: Vec<u32>,
    from: i64,
    to: i64,
    filter: Option<u32>,
    name: Option<&'a Name>,
}

impl Conditions {
    pub fn new(t: &mut Tables) -> Conditions {
        t.rule_clause_start.push(0);
        t.clause_value_start.push(0);
        t.filter_product_start.push(0);
        Conditions { known: HashMap::new() }
    }

    /// Writes the condition of the next promotion.
    pub fn write(
        &mut self,
        condition: Option<&Condition>,
        checked: &CheckedPolicy,
        selection: &Selection,
        values: &Values,
        t: &mut Tables,
        texts: &mut Texts,
    ) {
        if let Some(condition) = condition {
            Writer { filters: self, checked, selection, values, t: &mut *t, texts }.condition(condition);
        }
        t.rule_clause_start.push(small(t.clause_kind.len()));
    }
}

struct Writer<'a> {
    filters: &'a mut Conditions,
    checked: &'a CheckedPolicy,
    selection: &'a Selection<'a>,
    values: &'a Values,
    t: &'a mut Tables,
    texts: &'a mut Texts,
}

impl Writer<'_> {
    fn condition(&mut self, condition: &Condition) {
        let Condition { all, any, not, dealer, order, cart, order_number } = condition;
        for (kind, list) in [(Clause::All, all), (Clause::Any, any)] {
            if let Some(list) = list {
                self.around(kind, |writer| list.iter().for_each(|inner| writer.condition(inner)));
            }
        }
        if let Some(inner) = not {
            self.around(Clause::Not, |writer| writer.condition(inner));
        }
        if let Some(DealerIs { id, grade, region, channel, group, contract_date, attributes }) = dealer {
            let fields = [
                (Dimension::Dealer, id),
                (Dimension::Grade, grade),
                (Dimension::Region, region),
                (Dimension::Channel, channel),
                (Dimension::Group, group),
                (Dimension::ContractDate, contract_date),
            ];
            self.fields(&fields, attributes, Vec::new());
        }
        if let Some(OrderIs { region, source, delivery, day, attributes }) = order {
            let mut first = Vec::new();
            if let Some(ways) = delivery {
                let bits = ways.iter().fold(0, |bits, way| bits | way.bit());
                first.push((Clause::Handover, Leaf { from: bits, ..Leaf::default() }));
            }
            if let Some(OneOrMany(ranges)) = day {
                let day = Ordered::Day.range(ranges.first().expect("checked")).expect("checked");
                let (from, to) = attribute::packed_days(&day);
                first.push((Clause::Day, Leaf { from, to, ..Leaf::default() }));
            }
            if let Some(OneOrMany(regions)) = region {
                let values = self.values.listed(Dimension::Region, regions);
                first.push((Clause::Delivery, Leaf { axis: Some(Dimension::Region), values, ..Leaf::default() }));
            }
            self.fields(&[(Dimension::Source, source)], attributes, first);
        }
        if let Some(cart) = cart {
            self.cart(cart);
        }
        if let Some(OrderNumber { source, from, to }) = order_number {
            let axis = source.as_ref().map(|_| Dimension::Source);
            let values = source.iter().map(|source| self.values.number(Dimension::Source, source)).collect();
            let (from, to) = (i64::from(from.unwrap_or(1)), i64::from(to.unwrap_or(0)));
            self.leaf(Clause::OrderNumber, Leaf { axis, values, from, to, ..Leaf::default() });
        }
    }

    /// One clause for each field, those that stand `first` before the others; several must all hold.
    fn fields(
        &mut self,
        fields: &[(Dimension, &Option<OneOrMany>)],
        attributes: &BTreeMap<String, OneOrMany>,
        first: Vec<(Clause, Leaf<'static>)>,
    ) {
        let of = |id: &String| self.values.dimension(Axis::Attribute(self.values.attribute_at(id)));
        let given = fields.iter().filter_map(|(axis, values)| Some((*axis, values.as_ref()?)));
        let given = given.chain(attributes.iter().map(|(id, values)| (of(id), values)));
        let leaf = |(axis, OneOrMany(listed)): (Dimension, &OneOrMany)| {
            (Clause::Value, Leaf { axis: Some(axis), values: self.values.listed(axis, listed), ..Leaf::default() })
        };
        let leaves: Vec<(Clause, Leaf)> = first.into_iter().chain(given.map(leaf)).collect();
        let several = leaves.len() > 1;
        let write = |writer: &mut Self| leaves.into_iter().for_each(|(kind, leaf)| writer.leaf(kind, leaf));
        if several { self.around(Clause::All, write) } else { write(self) }
    }

    fn cart(&mut self, cart: &Cart) {
        let Cart { on, name, amount, quantity, skus, weight } = cart;
        let resolved = self.checked.resolved();
        let scaled = |number: &Option<Number>, scale, kind| number.map(|number| (kind, image(number, scale)));
        let skus = skus.map(|skus| (Clause::CartSkus, i64::from(skus)));
        let measures = [
            scaled(amount, resolved.money_scale, Clause::CartAmount),
            scaled(quantity, resolved.quantity_scale, Clause::CartQuantity),
            scaled(weight, Scale::WEIGHT, Clause::CartWeight),
            skus,
        ];
        let (kind, from) = measures.into_iter().flatten().next().expect("checked");
        let filter = on.as_ref().map(|on| {
            let products: Vec<u32> = self.selection.products(Some(on)).into_iter().map(small).collect();
            let next = small(self.filters.known.len());
            let number = *self.filters.known.entry(products.clone()).or_insert(next);
            if number == next {
                self.t.filter_product.extend(products);
                self.t.filter_product_start.push(small(self.t.filter_product.len()));
            }
            number
        });
        self.leaf(kind, Leaf { from, filter, name: Some(name), ..Leaf::default() });
    }

    fn around(&mut self, kind: Clause, inside: impl FnOnce(&mut Self)) {
        let at = self.t.clause_kind.len();
        self.leaf(kind, Leaf::default());
        inside(self);
        self.t.clause_size[at] = small(self.t.clause_kind.len() - at);
    }

    fn leaf(&mut self, kind: Clause, leaf: Leaf) {
        let t = &mut *self.t;
        t.clause_kind.push(kind.code());
        t.clause_size.push(1);
        t.clause_axis.push(leaf.axis.map_or(NONE, |axis| small(axis.index())));
        t.clause_value.extend(leaf.values);
        t.clause_value_start.push(small(t.clause_value.len()));
        t.clause_from.push(leaf.from);
        t.clause_to.push(leaf.to);
        t.clause_filter.push(leaf.filter.unwrap_or(NONE));
        t.clause_zh.push(self.texts.id(leaf.name.map_or("", |name| &name.zh)));
        t.clause_en.push(self.texts.id(leaf.name.map_or("", |name| &name.en)));
    }
}
