//! Checks of lines, orders and facts (§27).

use super::exact::{Exact, number, share, text, whole};
use super::guard::word;
use super::outcome::State;
use super::select::{is_any, is_inside_any};
use super::stage::weight_of;
use super::{Line, Priced, Question, decimal, instant, positions, split};
use qudao::policy::{Check, CheckKind, Corridor, GiftsIn, PriceRow};
use serde_json::{Value, json};

impl Question<'_> {
    /// The entries of a kind that are tried, in order of id (§27.1).
    pub fn checks(&self, kind: CheckKind) -> Vec<&Check> {
        let mut list: Vec<&Check> = self.policy.checks.iter().filter(|check| check.kinds() == [kind]).collect();
        list.retain(|check| self.open(&check.when, check.valid.as_deref()));
        list.sort_by(|a, b| a.id.cmp(&b.id));
        list
    }

    pub fn guard_of(&self, check: &Check, code: &str) -> Value {
        let severity = check.severity.unwrap_or_else(|| self.policy.guards.of(check.kinds()[0]));
        json!({ "code": code, "severity": word(severity), "check": check.id })
    }

    /// §27.11, where the floor does not bite.
    pub fn approval_guard(&self, line: &Line, net: i128) -> Option<Value> {
        let approved = line.approved?;
        (net < approved).then(|| {
            json!({
                "code": "APPROVAL",
                "severity": word(self.policy.guards.approval),
                "line": line.id,
                "net": self.money(net),
                "approved": self.money(approved),
                "short": self.money(approved - net),
            })
        })
    }

    /// §27.12. `gifts`: what the gifts of each line count for.
    pub fn corridor_guards(&self, line: &Line, net: i128, gifts: i128) -> Vec<Value> {
        let Some(row) = line.recommended else { return Vec::new() };
        let checks = self.checks(CheckKind::Corridor).into_iter().filter(|check| self.selects(check.on.as_ref(), line.product));
        checks.filter_map(|check| self.corridor_guard(check, check.corridor?, line, row, net, gifts)).collect()
    }

    fn corridor_guard(&self, check: &Check, corridor: Corridor, line: &Line, row: &PriceRow, net: i128, gifts: i128) -> Option<Value> {
        let recommended = self.amount(row, line.asked().in_unit_of(row));
        let worth = net - if corridor.gifts == GiftsIn::Counted { gifts } else { 0 };
        let least = corridor.min.map(|min| (share(min) * recommended).ceil().to_integer());
        let most = corridor.max.map(|max| (share(max) * recommended).floor().to_integer());
        let (side, by) = match (least, most) {
            (Some(least), _) if worth < least => ("below", least - worth),
            (_, Some(most)) if worth > most => ("above", worth - most),
            _ => return None,
        };
        let mut guard = self.guard_of(check, "CORRIDOR");
        guard["line"] = json!(line.id);
        guard["side"] = json!(side);
        guard["recommended"] = json!(text(number(row.price), self.digits));
        guard["per"] = json!(row.per);
        guard["worth"] = json!(self.money(worth));
        guard["least"] = json!(least.map(|least| self.money(least)));
        guard["most"] = json!(most.map(|most| self.money(most)));
        guard["by"] = json!(self.money(by));
        Some(guard)
    }

    /// What the gifts of each line count for (§27.12).
    pub fn gifts_of_lines(&self, lines: &[Line], state: &State) -> Vec<i128> {
        let mut worth = state.net.clone();
        for (on, value) in &state.given_on {
            let weights: Vec<Exact> = on.iter().map(|line| weight_of(self, &lines[*line], state.net[*line])).collect();
            let capacities: Vec<i128> = on.iter().map(|line| worth[*line]).collect();
            let (parts, _) = split::fill(*value, &weights, &capacities, self.policy.settings.remainder);
            on.iter().zip(parts).for_each(|(line, part)| worth[*line] -= part);
        }
        state.net.iter().zip(worth).map(|(net, worth)| net - worth).collect()
    }

    /// §27.13.
    pub fn licence_guards(&self, line: &Line) -> Vec<Value> {
        let Some(category) = line.product.category.as_deref() else { return Vec::new() };
        let tree = &self.policy.categories;
        let needs = |check: &&Check| check.licence.as_ref().is_some_and(|categories| is_inside_any(categories, Some(category), tree));
        let licences = self.facts["licences"].as_array().into_iter().flatten();
        let covers =
            |licence: &&Value| super::select::steps_up(category, licence["category"].as_str().expect("a category"), tree).is_some();
        let ends = |licence: &Value| Some(&licence["expires"]).filter(|expires| !expires.is_null()).map(instant);
        let own: Vec<_> = licences.filter(covers).map(ends).collect();
        if own.iter().any(|expires| expires.is_none_or(|expires| self.now < expires)) {
            return Vec::new();
        }
        let expired = own.iter().flatten().max().map(|expires| expires.0);
        let guard = |check: &Check| {
            let mut guard = self.guard_of(check, "LICENCE");
            guard["line"] = json!(line.id);
            guard["category"] = json!(category);
            guard["expired"] = json!(expired);
            guard
        };
        self.checks(CheckKind::Licence).into_iter().filter(needs).map(guard).collect()
    }

    /// Guards of the order and the facts, in the order of §27.2.
    pub fn order_guards(&self, priced: &Priced) -> Vec<Value> {
        let mut list = Vec::new();
        if self.facts["status"] == "hold" {
            list.push(json!({ "code": "DEALER_STATUS", "severity": word(self.policy.guards.status), "status": "hold" }));
        }
        for check in self.checks(CheckKind::Source) {
            let sources = check.source.as_ref().expect("sources");
            if !is_any(sources, self.source) {
                let mut guard = self.guard_of(check, "ORDER_SOURCE");
                let mut allowed: Vec<&str> = sources.0.iter().map(String::as_str).collect();
                allowed.sort_unstable();
                guard["source"] = json!(self.source);
                guard["allowed"] = json!(allowed);
                list.push(guard);
            }
        }
        let as_of = instant(&self.facts["as_of"]).0;
        for check in self.checks(CheckKind::FactsAge) {
            let (age, most) = (self.now.0 - as_of, i64::from(check.facts_age_minutes.expect("minutes")) * 60_000);
            if age > most {
                let mut guard = self.guard_of(check, "FACTS_STALE");
                guard["as_of"] = json!(as_of);
                guard["age"] = json!(age);
                guard["most"] = json!(most);
                list.push(guard);
            }
        }
        list.extend(self.checks(CheckKind::OrderMinimum).into_iter().filter_map(|check| self.minimum_guard(check, priced)));
        let released = self.facts["credit"]["status"] == "released";
        for check in self.checks(CheckKind::OrderMaximum) {
            let (payable, most) = (priced.payable(), self.amount_of(number(check.order_maximum.expect("an amount"))));
            if payable > most && !released {
                let mut guard = self.guard_of(check, "ORDER_MAX");
                guard["payable"] = json!(self.money(payable));
                guard["most"] = json!(self.money(most));
                guard["over"] = json!(self.money(payable - most));
                guard["remove"] = json!(self.remove(most));
                list.push(guard);
            }
        }
        list.extend(priced.redeemed.guard.clone());
        if !released {
            list.extend(self.credit_guards(priced));
        }
        list
    }

    /// §27.3.
    fn minimum_guard(&self, check: &Check, priced: &Priced) -> Option<Value> {
        let minimum = check.order_minimum.as_ref().expect("a minimum");
        let lines = positions(&priced.lines, |line| line.price.is_some() && self.selects(check.on.as_ref(), line.product));
        lines.first()?;
        let mut guard = self.guard_of(check, "ORDER_MIN");
        let (measure, have, need, digits) = match (minimum.amount, minimum.quantity) {
            (Some(need), _) => {
                let have = lines.iter().map(|line| priced.state.net[*line]).sum();
                ("amount", Exact::new(have, self.minor), number(need), self.digits)
            }
            (_, Some(need)) => (
                "quantity",
                lines.iter().map(|line| priced.lines[*line].quantity).sum(),
                self.in_base(check.on.as_ref(), minimum.unit.as_deref(), need),
                0,
            ),
            _ => unreachable!("a minimum measures something"),
        };
        guard["measure"] = json!(measure);
        for (key, figure) in [("have", have), ("need", need), ("short", need - have)] {
            guard[key] = json!(text(figure, digits));
        }
        (have < need).then_some(guard)
    }

    /// §27.6.
    pub fn overdue_guards(&self) -> Vec<Value> {
        let items = || self.facts["credit"]["overdue"].as_array().into_iter().flatten();
        let guard = |check: &Check| {
            let rule = check.overdue.expect("what may be overdue");
            let late = || items().filter(|item| item["days"].as_i64().expect("days") > i64::from(rule.days));
            let overdue: i128 = late().map(|item| self.amount_of(decimal(&item["amount"]))).sum();
            let most = self.amount_of(number(rule.amount));
            let mut guard = self.guard_of(check, "CREDIT_OVERDUE");
            guard["days"] = json!(rule.days);
            guard["oldest"] = json!(late().map(|item| item["days"].as_i64()).max().flatten());
            guard["overdue"] = json!(self.money(overdue));
            guard["most"] = json!(self.money(most));
            guard["pay"] = json!(self.money(overdue - most));
            (overdue > most).then_some(guard)
        };
        self.checks(CheckKind::Overdue).into_iter().filter_map(guard).collect()
    }

    /// §27.6.
    pub fn used_guards(&self, limit: i128, used: i128, payable: i128) -> Vec<Value> {
        let guard = |check: &Check| {
            let percent = check.credit_used.expect("a percentage");
            let most = (share(percent) * whole(limit)).floor().to_integer();
            let exposure = used + payable;
            if exposure <= most {
                return None;
            }
            let mut guard = self.guard_of(check, "CREDIT_USED");
            guard["percent"] = json!(text(share(percent) * whole(100), 0));
            let of_limit = || text((Exact::new(exposure * 10_000, limit)).floor() / whole(100), 2);
            guard["used_percent"] = json!((limit != 0).then(of_limit));
            for (key, amount) in
                [("exposure", exposure), ("limit", limit), ("most", most), ("over", exposure - most), ("prepay", exposure - most)]
            {
                guard[key] = json!(self.money(amount));
            }
            guard["remove"] = json!(self.remove(most - used));
            Some(guard)
        };
        self.checks(CheckKind::CreditUsed).into_iter().filter_map(guard).collect()
    }
}
