//! Assortment, territory and lots.

use super::{Tally, cross, decimal, is_positive, list, words};
use qudao::policy::{Availability, Basis, Earns, LotTax, Policy};
use serde_json::Value;

const GUARDS: &str = "assortment, territory";
const LOTS: &str = "lots";

pub fn guards() -> (&'static str, Vec<String>) {
    let refused = cross(&[&["exclusive", "outside", "ungranted"], &["nowhere else", "elsewhere"]]);
    let refused = refused.into_iter().filter(|row| !row.starts_with("ungranted")).map(|row| format!("TERRITORY {row}"));
    let rows = words(&[
        "ASSORTMENT hidden",
        "ASSORTMENT visible_not_orderable",
        "hidden because it is reserved",
        "orderable beside entries",
        "a gift without what is hidden",
        "nothing left of a gift",
        "TERRITORY by categories",
        "TERRITORY of ship_to",
        "delivered where grants are",
    ]);
    (GUARDS, refused.chain(words(&["TERRITORY ungranted"])).chain(rows).collect())
}

pub fn redemption() -> (&'static str, Vec<String>) {
    let asked = cross(&[&["an amount", "max", "nothing"], &["of some lots", "of no lots"]]);
    let counted = cross(&[&["counted"], &["paid", "all"], &["net", "list", "untaxed", "gross", "collected"]]);
    let rows = words(&[
        "cut by share",
        "cut by balance",
        "no redemption in the policy",
        "cut by whole vouchers",
        "vouchers",
        "a lot lapses",
        "cut by the number of lots",
        "cut by an amount",
        "cut by the lines",
        "too little for lots",
        "goods beside a promotion",
        "a lot left",
        "several lots",
        "several shares",
        "a line paid whole",
        "credit after lots",
        "a scope",
        "without tax",
        "a scope cuts a lot",
    ]);
    (LOTS, asked.into_iter().filter(|row| row != "nothing of no lots").chain(counted).chain(rows).collect())
}

impl Tally {
    pub fn assortment(&mut self, policy: &Policy, question: &Value, answer: &Value) {
        let mut hidden = Vec::new();
        for guard in list(&answer["guards"]) {
            match guard["code"].as_str() {
                Some("ASSORTMENT") => {
                    let state = guard["state"].as_str().unwrap();
                    self.add(GUARDS, &["ASSORTMENT", state]);
                    if state == "hidden" {
                        let line = list(&answer["lines"]).iter().find(|line| line["id"] == guard["line"]).unwrap();
                        hidden.push(line["sku"].as_str().unwrap());
                        let reserved = policy.assortment.iter().all(|entry| entry.state == Availability::Orderable);
                        self.add_if(reserved, GUARDS, "hidden because it is reserved");
                    }
                }
                Some("TERRITORY") => {
                    let elsewhere = if list(&guard["allowed"]).is_empty() { "nowhere else" } else { "elsewhere" };
                    match guard["reason"].as_str().unwrap() {
                        "ungranted" => self.add(GUARDS, &["TERRITORY ungranted"]),
                        "customer" => {}
                        reason => self.add(GUARDS, &["TERRITORY", reason, elsewhere]),
                    }
                    self.add_if(policy.territory.iter().any(|grant| grant.category.is_some()), GUARDS, "TERRITORY by categories");
                    self.add_if(!question["order"]["ship_to"].is_null(), GUARDS, "TERRITORY of ship_to");
                }
                _ => {}
            }
        }
        let of = |guard: &Value| guard["code"] == "ASSORTMENT" || guard["code"] == "TERRITORY";
        let passes = !list(&answer["lines"]).is_empty() && !list(&answer["guards"]).iter().any(of);
        self.add_if(passes && !policy.assortment.is_empty(), GUARDS, "orderable beside entries");
        self.add_if(passes && !policy.territory.is_empty(), GUARDS, "delivered where grants are");
        for promotion in &policy.promotions {
            let steps = promotion.steps.iter().flat_map(|steps| steps.amount.iter().chain(&steps.quantity)).flatten();
            let gifts = promotion.get.iter().map(|get| &get.gift).chain(steps.map(|step| &step.gift)).flatten();
            let given = list(&answer["gifts"]).iter().any(|given| given["promotion"] == promotion.id.as_str());
            for gift in gifts.filter(|gift| gift.items().any(|(sku, _)| hidden.contains(&sku))) {
                self.add_if(given, GUARDS, "a gift without what is hidden");
                self.add_if(gift.items().all(|(sku, _)| hidden.contains(&sku)), GUARDS, "nothing left of a gift");
            }
        }
    }

    pub fn lots(&mut self, policy: &Policy, answer: &Value) {
        let redemption = &answer["redemption"];
        for guard in list(&answer["guards"]) {
            if guard["code"] == "REDEEM_LIMIT" {
                self.add(LOTS, &["cut by", guard["by"].as_str().unwrap()]);
            }
        }
        if redemption.is_null() {
            return;
        }
        let asked = match redemption["asked"].as_str() {
            None => "nothing",
            Some("max") => "max",
            Some(_) => "an amount",
        };
        let lots = list(&redemption["lots"]);
        self.add(LOTS, &[asked, if lots.is_empty() { "of no lots" } else { "of some lots" }]);
        self.add_if(policy.redemption.is_none(), LOTS, "no redemption in the policy");
        let figure = |value: &Value| decimal(value).unwrap();
        let rule = policy.redemption.as_ref();
        let wanted = !redemption["asked"].is_null();
        let has_lots = wanted && is_positive(&redemption["balance"]);
        self.add_if(
            has_lots && rule.is_some_and(|rule| rule.minimum.is_some()) && !is_positive(&redemption["limit"]),
            LOTS,
            "too little for lots",
        );
        self.add_if(
            has_lots && rule.and_then(|rule| rule.amount).is_some_and(|most| most.0 == figure(&redemption["limit"])),
            LOTS,
            "cut by an amount",
        );
        let vouchers = lots.iter().any(|lot| lot["face"].is_string() && is_positive(&lot["left"]));
        let short = figure(&redemption["used"]) < figure(&redemption["limit"]).min(figure(&redemption["balance"]));
        self.add_if(wanted && redemption["asked"] == "max" && vouchers && short, LOTS, "cut by whole vouchers");
        let count = lots.iter().filter(|lot| is_positive(&lot["used"])).count();
        let most = rule.and_then(|rule| rule.lots).is_some_and(|most| most as usize == count && count < lots.len());
        self.add_if(redemption["asked"] == "max" && short && most, LOTS, "cut by the number of lots");
        if !is_positive(&redemption["used"]) {
            return;
        }
        self.add_if(lots.iter().any(|lot| lot["face"].is_string() && is_positive(&lot["used"])), LOTS, "vouchers");
        self.add_if(lots.iter().any(|lot| is_positive(&lot["lapses"])), LOTS, "a lot lapses");
        self.add_if(rule.is_some_and(|rule| rule.tax == LotTax::Unpaid), LOTS, "without tax");
        self.add_if(lots.iter().any(|lot| lot["scope"].is_string() && is_positive(&lot["used"])), LOTS, "a scope");
        let later = |at: usize| lots[at + 1..].iter().any(|lot| is_positive(&lot["used"]));
        let cut = |at: usize| lots[at]["scope"].is_string() && is_positive(&lots[at]["left"]) && lots[at]["face"].is_null() && later(at);
        self.add_if((0..lots.len()).any(cut), LOTS, "a scope cuts a lot");
        let shares = list(&redemption["shares"]);
        let is_cut = rule.is_some_and(|rule| rule.line_share.is_some_and(|part| part.0 < rule.share.0));
        self.add_if(is_cut && redemption["used"] == redemption["limit"], LOTS, "cut by the lines");
        let taken = |line: &&Value| {
            let beside = |step: &Value| rule.is_some_and(|rule| rule.without.iter().any(|id| step["rule"] == id.as_str()));
            list(&line["adjustments"]).iter().any(beside)
        };
        self.add_if(list(&answer["lines"]).iter().any(|line| taken(&line)), LOTS, "goods beside a promotion");
        self.add_if(lots.iter().any(|lot| is_positive(&lot["used"]) && is_positive(&lot["left"])), LOTS, "a lot left");
        self.add_if(lots.iter().filter(|lot| is_positive(&lot["used"])).count() > 1, LOTS, "several lots");
        self.add_if(shares.len() > 1, LOTS, "several shares");
        let is_whole =
            |share: &&Value| list(&answer["lines"]).iter().any(|line| line["id"] == share["line"] && line["net"] == share["amount"]);
        self.add_if(shares.iter().any(|share| is_whole(&share)), LOTS, "a line paid whole");
        self.add_if(!answer["credit"].is_null(), LOTS, "credit after lots");
        let earns = ["paid", "all"][usize::from(policy.redemption.as_ref().unwrap().earns == Earns::All)];
        for rebate in list(&answer["rebates"]) {
            let program = policy.programs.iter().find(|program| rebate["program"] == program.id.as_str()).unwrap();
            let counts = list(&rebate["shares"]).iter().any(|share| shares.iter().any(|paid| paid["line"] == share["line"]));
            let counts = counts && decimal(&rebate["delta"]).is_some_and(|delta| !delta.is_zero());
            let basis = match program.basis {
                Basis::Net => "net",
                Basis::List => "list",
                Basis::Untaxed => "untaxed",
                Basis::Gross => "gross",
                Basis::Collected => "collected",
                Basis::SellOut => continue,
            };
            self.add_if(counts, LOTS, &format!("counted {earns} {basis}"));
        }
    }
}
