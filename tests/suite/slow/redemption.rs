//! What lots of rebate pay (§20).

use super::exact::{number, share, whole};
use super::guard::word;
use super::stage::weight_of;
use super::{Line, Question, decimal, instant, positions, split};
use qudao::num::Percent;
use qudao::policy::{Earns, LotScope, LotTax, Product};
use qudao::time::Instant;
use serde_json::{Value, json};

/// What is redeemed of an order. Amounts are minor units.
pub struct Redeemed {
    pub used: i128,
    /// What is to be paid of all lines without lots: with tax, where the policy tells it (§23.5).
    pub due: i128,
    /// What of each line the invoice shows as a discount.
    pub discounts: Vec<i128>,
    /// What lots pay of each line of the order.
    pub of_lines: Vec<i128>,
    pub answer: Value,
    pub claims: Vec<Value>,
    pub guard: Option<Value>,
}

/// A usable lot.
struct Lot<'a> {
    id: &'a str,
    expires: Option<Instant>,
    balance: i128,
    /// What it pays lowers the taxable amount (§23.5).
    is_discount: bool,
    /// §61.2: it is of vouchers of this value, and whether it pays one order only.
    face: Option<i128>,
    is_once: bool,
    /// §61.3.
    scope: Option<&'a str>,
}

impl Redeemed {
    /// What is taken off a line where a program counts it (§20.5).
    pub fn earns_none(&self, question: &Question, product: &Product, line: usize) -> i128 {
        question.in_basis(product, self.unearning(question, line))
    }

    /// The same with tax.
    pub fn unearning(&self, question: &Question, line: usize) -> i128 {
        let all = question.policy.redemption.as_ref().is_some_and(|redemption| redemption.earns == Earns::All);
        if all { 0 } else { self.of_lines[line] }
    }
}

impl Question<'_> {
    pub fn redemption(&self, lines: &[Line], net: &[i128], took: &dyn Fn(usize, &str) -> bool) -> Redeemed {
        let lots = self.lots();
        let redeem = &self.order["redeem"];
        let rule = self.policy.redemption.as_ref();
        let is_good = |line: &Line| line.price.is_some() && rule.is_some_and(|rule| self.selects(rule.on.as_ref(), line.product));
        // §61.1.
        let is_free = |line: &usize| !rule.is_some_and(|rule| rule.without.iter().any(|id| took(*line, id)));
        let goods: Vec<usize> = positions(lines, is_good).into_iter().filter(is_free).collect();
        let due: Vec<i128> = lines.iter().zip(net).map(|(line, net)| self.taxed(line.product, *net).gross).collect();
        // §61.1: with tax, or without.
        let untaxed = rule.is_some_and(|rule| rule.tax == LotTax::Unpaid);
        let payable = |line: usize| if untaxed { self.taxed(lines[line].product, net[line]).base } else { due[line] };
        let sum: i128 = goods.iter().map(|line| payable(*line)).sum();
        let part = |amount: i128, of: Percent| (whole(amount) * share(of)).floor().to_integer();
        let capacities: Vec<i128> =
            goods.iter().map(|line| part(payable(*line), rule.and_then(|rule| rule.line_share).unwrap_or(Percent::WHOLE))).collect();
        let limit = rule.map_or(0, |rule| {
            let most = rule.amount.map_or(i128::MAX, |most| self.amount_of(number(most)));
            let least = rule.minimum.map_or(0, |least| self.amount_of(number(least)));
            if sum < least { 0 } else { part(sum, rule.share).min(most).min(capacities.iter().sum()) }
        });
        let balance: i128 = lots.iter().map(|lot| lot.balance).sum();
        let weights: Vec<_> = goods.iter().map(|line| weight_of(self, &lines[*line], payable(*line))).collect();
        let split_over = |amount: i128, own: &[usize], open: &[i128]| {
            let weights: Vec<_> = own.iter().map(|at| weights[*at]).collect();
            let open: Vec<i128> = own.iter().map(|at| open[*at]).collect();
            let (parts, lost) =
                if amount == 0 { (vec![0; own.len()], 0) } else { split::fill(amount, &weights, &open, self.policy.settings.remainder) };
            assert_eq!(lost, 0, "the goods hold more than their share");
            parts
        };
        let pay = |amount: i128| {
            let (mut rest, mut count, mut free) = (amount, 0, 0);
            let (mut open, mut parts) = (capacities.clone(), vec![0; goods.len()]);
            let mut of_lot = |lot: &Lot| {
                // §61.3: the lines of its scope, and what is left of them.
                let on = lot.scope.map(|id| self.scope(id).expect("a scope").on.as_ref());
                let within = |at: &usize| on.is_some_and(|on| self.selects(on, lines[goods[*at]].product));
                let own: Vec<usize> = (0..goods.len()).filter(within).collect();
                let room = own.iter().map(|at| open[*at]).sum::<i128>();
                let most = rest.min(lot.balance).min(if on.is_some() { room } else { i128::MAX });
                let most = lot.face.map_or(most, |face| most / face * face);
                if most == 0 || rule.and_then(|rule| rule.lots).is_some_and(|lots| count == lots) {
                    return 0;
                }
                (rest, count) = (rest - most, count + 1);
                if on.is_none() {
                    free += most;
                } else {
                    for (at, part) in own.iter().zip(split_over(most, &own, &open)) {
                        (open[*at], parts[*at]) = (open[*at] - part, parts[*at] + part);
                    }
                }
                most
            };
            let paid = lots.iter().map(&mut of_lot).collect::<Vec<i128>>();
            let all: Vec<usize> = (0..goods.len()).collect();
            for (at, part) in split_over(free, &all, &open).into_iter().enumerate() {
                parts[at] += part;
            }
            (paid, parts)
        };
        let allowed = pay(limit).0.iter().sum();
        let asked = (!redeem.is_null() && redeem != "max").then(|| self.amount_of(decimal(redeem)));
        let (paid, parts) = pay(if redeem.is_null() { 0 } else { asked.map_or(limit, |asked| asked.min(limit)) });
        let used: i128 = paid.iter().sum();

        let (mut answered, mut claims, mut discount) = (Vec::new(), Vec::new(), 0);
        for (Lot { id, expires, balance, is_discount, face, is_once, scope }, part) in lots.iter().zip(paid) {
            discount += if *is_discount { part } else { 0 };
            let lapses = if *is_once && part > 0 { balance - part } else { 0 };
            let left = self.money(balance - part - lapses);
            let mut lot = json!({ "id": id, "expires": expires.map(|expires| expires.0), "used": self.money(part), "left": left });
            if let Some(face) = face {
                lot["face"] = json!(self.money(*face));
            }
            if let Some(scope) = scope {
                lot["scope"] = json!(scope);
            }
            if *is_once {
                lot["lapses"] = json!(self.money(lapses));
            }
            answered.push(lot);
            if part > 0 {
                claims.push(json!({ "kind": "lot", "lot": id, "amount": self.money(part) }));
            }
        }

        let mut of_lines = vec![0; lines.len()];
        goods.iter().zip(parts).for_each(|(line, part)| of_lines[*line] = part);
        let mut discounts = vec![0; lines.len()];
        if discount > 0 {
            let paid = positions(lines, |_| true).into_iter().filter(|line| of_lines[*line] > 0).collect::<Vec<_>>();
            let capacities: Vec<i128> = paid.iter().map(|line| of_lines[*line]).collect();
            let weights: Vec<_> = capacities.iter().map(|share| whole(*share)).collect();
            let (parts, _) = split::fill(discount, &weights, &capacities, self.policy.settings.remainder);
            paid.iter().zip(parts).for_each(|(line, part)| discounts[*line] = part);
        }
        let shares = goods.iter().filter(|line| of_lines[**line] > 0);
        let shares: Vec<Value> = shares.map(|line| json!({ "line": lines[*line].id, "amount": self.money(of_lines[*line]) })).collect();
        let guard = asked.filter(|asked| *asked > used).map(|asked| {
            json!({
                "code": "REDEEM_LIMIT",
                "severity": word(self.policy.guards.redemption),
                "asked": self.money(asked),
                "allowed": self.money(used),
                "by": if balance <= limit { "balance" } else { "share" },
            })
        });
        let answer = json!({
            "asked": asked.map_or(redeem.clone(), |asked| json!(self.money(asked))),
            "limit": self.money(limit),
            "balance": self.money(balance),
            "allowed": self.money(allowed),
            "used": self.money(used),
            "lots": answered,
            "shares": shares,
        });
        // §20.6.
        let answer = if lots.is_empty() && redeem.is_null() { Value::Null } else { answer };
        Redeemed { used, due: due.iter().sum(), discounts, of_lines, answer, claims, guard }
    }

    fn scope(&self, id: &str) -> Option<&LotScope> {
        self.policy.redemption.as_ref()?.scopes.iter().find(|scope| scope.id == id)
    }

    /// The usable lots in the order in which they go (§20.1).
    fn lots(&self) -> Vec<Lot<'_>> {
        let lots = self.facts["lots"].as_array().into_iter().flatten();
        let mut usable: Vec<_> = lots
            .map(|lot| {
                let expires = Some(&lot["expires"]).filter(|expires| !expires.is_null()).map(instant);
                (
                    expires.is_none(),
                    expires,
                    instant(&lot["issued"]),
                    lot["id"].as_str().expect("an id"),
                    self.amount_of(decimal(&lot["balance"])),
                    lot["invoice_treatment"] == "discount",
                    Some(self.amount_of(decimal(&lot["face"]))).filter(|face| *face > 0),
                    lot["pays"] == "one_order",
                    lot["scope"].as_str(),
                )
            })
            .filter(|(_, expires, issued, _, balance, .., scope)| {
                let is_here = scope.is_none_or(|scope| self.scope(scope).is_some());
                is_here && *balance > 0 && *issued <= self.now && expires.is_none_or(|expires| self.now < expires)
            })
            .collect();
        usable.sort();
        let lot = |(_, expires, _, id, balance, is_discount, face, is_once, scope)| Lot {
            id,
            expires,
            balance,
            is_discount,
            face,
            is_once,
            scope,
        };
        usable.into_iter().map(lot).collect()
    }
}
