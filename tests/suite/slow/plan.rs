//! Plans of redemption (§54), made of slow quotes.

use super::exact::{Exact, text, whole};
use super::{decimal, minor_digits, power_of_ten, quote};
use qudao::policy::Policy;
use serde_json::{Value, json};

struct Plan {
    redeem: i128,
    worth: i128,
    answer: Value,
    quote: Value,
}

struct Pricing<'a> {
    policy: &'a Policy,
    input: &'a Value,
    until: i64,
    digits: u32,
    quotes: u32,
}

impl Pricing<'_> {
    fn minor(&self, amount: &Value) -> i128 {
        (decimal(amount) * whole(power_of_ten(self.digits))).to_integer()
    }

    fn money(&self, amount: i128) -> String {
        text(Exact::new(amount, power_of_ten(self.digits)), self.digits)
    }

    /// The order with so much under `redeem`.
    fn plan(&mut self, redeem: Option<i128>) -> Plan {
        self.quotes += 1;
        let mut input = self.input.clone();
        input["order"]["redeem"] = json!(redeem.map_or("max".to_owned(), |redeem| self.money(redeem)));
        let quote = quote(self.policy, &input).expect("an order that is not refused");
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let lots = list(&quote["redemption"]["lots"]);
        let is_soon = |lot: &Value| lot["expires"].as_i64().is_some_and(|expires| expires <= self.until);
        let left = |soon: bool| -> i128 { lots.iter().filter(|lot| is_soon(lot) == soon).map(|lot| self.minor(&lot["left"])).sum() };
        let rebate: i128 = list(&quote["rebates"]).iter().map(|rebate| self.minor(&rebate["delta"])).sum();
        let worth = rebate - self.minor(&quote["totals"]["payable"]) + left(false);
        let lot = |lot: &Value| {
            let lost = is_soon(lot) && self.minor(&lot["left"]) > 0;
            json!({ "id": lot["id"], "expires": lot["expires"], "used": lot["used"], "left": lot["left"], "lost": lost })
        };
        let answer = json!({
            "redeem": quote["totals"]["redeemed"],
            "payable": quote["totals"]["payable"],
            "rebate": self.money(rebate),
            "lost": self.money(left(true)),
            "worth": self.money(worth),
            "lots": lots.iter().map(lot).collect::<Vec<_>>(),
        });
        Plan { redeem: self.minor(&quote["totals"]["redeemed"]), worth, answer, quote }
    }

    fn add(&mut self, redeem: i128, plans: &mut Vec<Plan>) {
        if plans.iter().all(|plan| plan.redeem != redeem) {
            let plan = self.plan(Some(redeem));
            plans.push(plan);
        }
    }
}

/// Where the tier of a program begins.
fn tier(plan: &Plan, program: usize) -> Option<Exact> {
    let tier = &plan.quote["rebates"][program]["tier"];
    tier.is_object().then(|| decimal(if tier["from"].is_null() { &tier["above"] } else { &tier["from"] }))
}

pub fn plans(policy: &Policy, input: &Value, until: i64) -> Value {
    let digits = minor_digits(&policy.settings.currency).expect("a currency");
    let mut pricing = Pricing { policy, input, until, digits, quotes: 0 };
    let none = pricing.plan(Some(0));
    let most = pricing.plan(None);
    let soon = pricing.minor(&none.answer["lost"]).min(most.redeem);
    let (allowed, programs) = (most.redeem, none.quote["rebates"].as_array().map_or(0, Vec::len));
    let mut plans = vec![none, most];
    pricing.add(soon, &mut plans);
    let mut complete = true;
    'programs: for program in 0..programs {
        let last = tier(&plans[1], program);
        let (mut low, mut kept) = (0, tier(&plans[0], program));
        while kept.is_some() && kept != last {
            let mut high = allowed;
            while high - low > 1 {
                if pricing.quotes >= policy.settings.hint_quotes {
                    complete = false;
                    break 'programs;
                }
                let middle = low + (high - low) / 2;
                if tier(&pricing.plan(Some(middle)), program) == kept { low = middle } else { high = middle }
            }
            pricing.add(low, &mut plans);
            low = high;
            kept = tier(&pricing.plan(Some(low)), program);
        }
    }
    plans.sort_by_key(|plan| (-plan.worth, -plan.redeem));
    plans.dedup_by_key(|plan| plan.redeem);
    let list: Vec<Value> = plans.into_iter().map(|plan| plan.answer).collect();
    json!({ "plans": list, "quotes": pricing.quotes, "complete": complete })
}
