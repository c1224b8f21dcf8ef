//! What is asked in a world: the order and the facts of the dealer.

use super::*;
use qudao::calendar;
use qudao::policy::{Calendar, Period};
use qudao::time::{Instant, Interval};

impl World {
    /// `{order, dealer, now}`.
    pub fn question(&self) -> Value {
        let line = |line: &Line| {
            let unit = self.unit_of(line).map(|(unit, _)| unit);
            let mut asked = json!({ "sku": World::sku(line.product), "quantity": self.quantity_of(line) });
            if line.id != Id::Missing {
                asked["id"] = json!(self.line_id(line));
            }
            if let Some(customer) = line.customer {
                asked["customer"] = json!(CUSTOMERS[customer]);
            }
            if line.unit > 0 {
                asked["unit"] = json!(unit.unwrap_or(BASE));
            }
            asked
        };
        let mut order = json!({ "schema": 1, "lines": self.order.lines.iter().map(line).collect::<Vec<_>>() });
        if let Some(source) = self.order.source {
            order["source"] = json!(source);
        }
        let places = [("region", self.order.ship_to), ("customer", self.order.customer)];
        for (key, place) in places.into_iter().filter_map(|(key, place)| Some((key, place?))) {
            order["ship_to"][key] = json!(place);
        }
        match self.order.delivery {
            "pick_up" => {
                order["delivery"] = json!("pick_up");
                order["fulfilled_by"] = json!("D2");
            }
            "drop_ship" if order.get("ship_to").is_some() => order["delivery"] = json!("drop_ship"),
            _ => {}
        }
        if let Some(day) = self.order.deliver {
            order["deliver"] = json!(day);
        }
        match self.order.redeem {
            Redeem::Nothing => {}
            Redeem::Amount(amount) => order["redeem"] = json!(self.money(amount)),
            Redeem::Max => order["redeem"] = json!("max"),
        }
        if !self.order.coupons.is_empty() {
            order["coupons"] = json!(self.order.coupons.iter().map(|code| CODES[*code]).collect::<Vec<_>>());
        }
        let choices = self.order.choices.iter().zip(&self.promotions).zip(PROMOTIONS);
        let choices: serde_json::Map<String, Value> =
            choices.filter_map(|((bits, promotion), id)| Some((id.to_owned(), self.choice(promotion, (*bits)?)?))).collect();
        if !choices.is_empty() {
            order["gifts"] = choices.into();
        }
        if !self.order.decline.is_empty() {
            let id = |at: &usize| if *at < self.promotions.len() { PROMOTIONS[*at] } else { "nobody" };
            order["decline"] = json!(self.order.decline.iter().map(id).collect::<Vec<_>>());
        }
        if let Some(pallets) = self.extras.figures[2] {
            order["attributes"]["pallets"] = json!(pallets);
        }
        if let Some(payment) = self.extras.payment {
            order["attributes"]["payment"] = json!(payment);
        }
        self.renamed(json!({ "order": order, "dealer": self.facts(), "now": self.settings.now }))
    }

    pub(super) fn line_id(&self, line: &Line) -> String {
        let unit = self.unit_of(line).map(|(unit, _)| unit);
        match line.id {
            Id::Missing | Id::Same => format!("{}|{}", World::sku(line.product), unit.unwrap_or(BASE)),
            Id::Own(start) => {
                format!("{start}-{}{}{}", line.product, unit.unwrap_or_default(), line.customer.map_or("", |at| CUSTOMERS[at]))
            }
            Id::Shared => "shared".to_owned(),
        }
    }

    /// Products that the dealer wants of what a promotion gives, never more than it gives; seldom, nothing of a promotion without gifts.
    fn choice(&self, promotion: &Promotion, bits: u8) -> Option<Value> {
        let steps = if promotion.shape == Shape::Steps { promotion.benefits.len() } else { 1 };
        let gifts = || {
            promotion.benefits[..steps].iter().filter_map(|benefit| match benefit {
                Benefit::Gift(gift) => Some(gift),
                _ => None,
            })
        };
        let mut products: Vec<usize> = gifts().flat_map(|gift| self.items(gift).map(|(product, _)| product)).collect();
        products.sort_unstable();
        products.dedup();
        let most = gifts().map(|gift| self.chosen(gift)).max().unwrap_or(0);
        let named = products.into_iter().enumerate().filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, product)| SKUS[product]);
        (most > 0 || bits == 0).then(|| json!(named.take(most).collect::<Vec<_>>()))
    }

    fn facts(&self) -> Value {
        let Dealer { id, grade, region, channel, group, tier, note, credit, on_hold, licences, age, lots, stock, inventory } = &self.dealer;
        let now = Instant::parse(self.settings.now).unwrap().0;
        let mut facts = json!({ "schema": 1, "id": id, "as_of": now - age });
        let [area, since, _, contract] = self.extras.figures;
        for (key, value) in [("area", area), ("since", since)] {
            if let Some(value) = value {
                facts["attributes"][key] = json!(value);
            }
        }
        if let Some(date) = self.transition.as_ref().map_or(contract, |transition| transition.contract) {
            facts["contract_date"] = json!(date);
        }
        for (key, value) in [("grade", grade), ("region", region), ("channel", channel), ("group", group)] {
            if let Some(value) = value {
                facts[key] = json!(value);
            }
        }
        for (key, value) in [("tier", tier), ("note", note)] {
            if let Some(value) = value {
                facts["attributes"][key] = json!(value);
            }
        }
        if let Some(credit) = credit {
            facts["credit"] = self.account(&credit.own);
            if let Some(group) = &credit.group {
                facts["credit"]["group"] = self.account(group);
            }
            let item = |(amount, days): &(i64, i64)| json!({ "amount": self.money(*amount), "days": days });
            let overdue: Vec<Value> = credit.overdue.iter().map(item).collect();
            if !overdue.is_empty() {
                facts["credit"]["overdue"] = json!(overdue);
            }
            if credit.released {
                facts["credit"]["status"] = json!("released");
            }
        }
        if *on_hold {
            facts["status"] = json!("hold");
        }
        let licence = |(category, expires): &(usize, Option<i64>)| {
            let mut licence = json!({ "category": CATEGORIES[*category].0 });
            if let Some(expires) = expires {
                licence["expires"] = json!(now + expires);
            }
            licence
        };
        let licences: Vec<Value> = licences.iter().map(licence).collect();
        if !licences.is_empty() {
            facts["licences"] = json!(licences);
        }
        let lot = |(lot, id): (&Lot, &str)| {
            let mut fact = json!({ "id": id, "balance": self.money(lot.balance), "issued": now + lot.issued });
            if let Some(expires) = lot.expires {
                fact["expires"] = json!(now + expires);
            }
            if !lot.treatment.is_empty() {
                fact["invoice_treatment"] = json!(lot.treatment);
            }
            if let Some(face) = lot.face {
                fact["face"] = json!(self.money(face));
            }
            if lot.once {
                fact["pays"] = json!("one_order");
            }
            if self.has_lot_scope() && lot.balance % 2 == 1 {
                fact["scope"] = json!("s");
            }
            fact
        };
        let lots: Vec<Value> = lots.iter().zip(LOTS).map(lot).collect();
        if !lots.is_empty() {
            facts["lots"] = json!(lots);
        }
        let entry = |(at, stock): (usize, &Stock)| {
            let mut entry = json!({ "sku": SKUS[stock.product % self.products.len()], "available": self.quantity(stock.available) });
            if let Some(as_of) = stock.as_of {
                entry["as_of"] = json!(now + as_of);
            }
            if at > 0 {
                entry["warehouse"] = json!(format!("W{at}"));
            }
            entry
        };
        let stock: Vec<Value> = stock.iter().enumerate().map(entry).collect();
        if !stock.is_empty() {
            facts["stock"] = json!(stock);
        }
        let inventory: Vec<Value> =
            inventory.iter().filter(|own| own.product < self.products.len()).map(|own| self.inventory(own)).collect();
        if !inventory.is_empty() {
            facts["inventory"] = json!(inventory);
        }
        let volumes: Vec<Value> = self.programs.iter().enumerate().flat_map(|(index, program)| self.volumes(index, program)).collect();
        let standings: Vec<Value> = self.programs.iter().enumerate().flat_map(|(index, program)| self.standings(index, program)).collect();
        let lists = [
            ("volumes", volumes),
            ("contests", standings),
            ("registrations", self.registrations()),
            ("adjustments", self.adjustments()),
            ("bought", self.bought()),
        ];
        for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
            facts[key] = json!(list);
        }
        self.terms.facts(&mut facts, self.programs.len());
        for (promotion, id) in self.promotions.iter().zip(PROMOTIONS) {
            let usage = self.usage(promotion);
            if usage != json!({}) {
                facts["usage"][id] = usage;
            }
        }
        let Extras { orders, before, .. } = self.extras;
        if let Some((count, portal)) = orders {
            facts["orders"]["count"] = json!(count);
            portal.into_iter().for_each(|portal| facts["orders"]["by_source"]["portal"] = json!(portal));
        }
        if let Some((grade, lost)) = before {
            facts["grade_before"] = json!(grade);
            facts["grade_lost"] = json!(now + lost);
        }
        for (budget, id) in self.budgets.iter().zip(BUDGETS) {
            if let Some(used) = budget.used {
                facts["budgets"][id]["used"] = json!(self.money(used));
                if budget.version {
                    facts["budgets"][id]["version"] = json!("v7");
                }
            }
        }
        facts
    }

    fn inventory(&self, own: &Inventory) -> Value {
        let Inventory { product, on_hand, on_order, point, max } = own;
        let mut fact = json!({ "sku": SKUS[*product], "on_hand": self.quantity(*on_hand), "max": self.quantity(*max) });
        if let Some(on_order) = on_order {
            fact["on_order"] = json!(self.quantity(*on_order));
        }
        match point {
            Point::At(units) => fact["reorder_point"] = json!(self.quantity(*units)),
            Point::Daily(thousandths, days, safety) => {
                fact["daily"] = json!(decimal(*thousandths, 3));
                fact["lead_days"] = json!(days);
                if let Some(safety) = safety {
                    fact["safety"] = json!(self.quantity(*safety));
                }
            }
        }
        fact
    }

    fn account(&self, account: &Account) -> Value {
        let keys = ["limit", "receivable", "delivered", "open_orders", "prepaid"];
        let parts = keys.iter().zip(account.parts).filter_map(|(key, part)| Some(((*key).to_owned(), json!(self.money(part?)))));
        let mut facts = Value::Object(parts.collect());
        if let Some(expires) = account.expires {
            facts["expires"] = json!(Instant::parse(self.settings.now).unwrap().0 + expires);
        }
        facts
    }

    /// Label of the period that the quote falls into.
    pub(super) fn label_of(&self, period: &str) -> String {
        self.label_from(period, None)
    }

    /// The same of a fiscal year that begins on this day.
    pub(super) fn label_from(&self, period: &str, year_start: Option<&str>) -> String {
        let period = match period {
            "month" => Period::Month,
            "quarter" => Period::Quarter,
            "half" => Period::Half,
            _ => Period::Year,
        };
        let calendar = year_start.map(|start| Calendar { year_start: Some(start.to_owned()), ..Calendar::default() });
        let zone = calendar::zone(self.settings.zone).unwrap();
        let now = Instant::parse(self.settings.now).unwrap();
        let span = Interval { from: now, to: Instant(now.0 + 1) };
        calendar::periods(period, calendar.as_ref(), span, span, &zone).expect("a calendar").remove(0).label
    }
}
