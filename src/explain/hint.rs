//! Hints in words.

use super::{Language, Speaker};
use crate::bundle::Loaded;
use crate::hint::{Change, Effect, Hint, Kind, Raised, Target};
use crate::num::Money;
use crate::quote::{Outcome, Quote, RuleOutcome};
use crate::wire::Writer;

/// What to do and what comes of it, in one sentence.
pub fn hint(policy: &Loaded, quote: &Quote, hint: &Hint, language: Language) -> String {
    let speaker = Speaker { policy, writer: Writer(policy), chinese: language == Language::Chinese };
    let Effect { outlay, saving, gift_value, rebate, unit_price, gifts, .. } = &hint.effect;
    let mut text = speaker.todo(quote, hint);
    for (amount, more, less) in [
        (saving, ("，优惠增加 {0}", ", saves {0} more"), ("，优惠减少 {0}", ", saves {0} less")),
        (rebate, ("，返利增加 {0}", ", earns {0} more rebate"), ("，返利减少 {0}", ", earns {0} less rebate")),
    ] {
        text += &speaker.difference(*amount, more, less);
    }
    let names = speaker.listed(gifts.iter().map(|(_, product, quantity, _)| {
        let (name, unit) = (speaker.product_name(*product), policy.unit(*product));
        speaker.say("{0} {1} {2}", "{1} {2} of {0}", &[&name, &speaker.writer.quantity(*quantity), unit])
    }));
    let worth = speaker.money(Money(gift_value.0.abs()));
    text += &match (gifts.is_empty(), gift_value.0) {
        (false, 0..) => speaker.say("，多得赠品{0}（价值 {1}）", ", brings {0} as a gift (worth {1})", &[&names, &worth]),
        (_, ..0) => speaker.say("，赠品价值减少 {0}", ", brings gifts worth {0} less", &[&worth]),
        (true, 0..) => String::new(),
    };
    text += &match outlay.0 {
        0 => speaker.say("，应付不变", ", to pay the same", &[]),
        _ => speaker.difference(*outlay, ("，多付 {0}", ", to pay {0} more"), ("，少付 {0}", ", to pay {0} less")),
    };
    if let (Change::Lines(raised), Some(price)) = (&hint.change, unit_price) {
        let (unit, price) = (policy.unit(raised[0].line.product), speaker.priced(&speaker.writer.unit_price(price.0)));
        text += &speaker.say("，新增部分折合每{0} {1}", ", which is {1} for each added {0}", &[unit, &price]);
    }
    text + if speaker.chinese { "。" } else { "." }
}

impl Speaker<'_> {
    fn todo(self, quote: &Quote, hint: &Hint) -> String {
        let target = match hint.target {
            Target::Promotion(rule) => self.rule(rule),
            Target::Program(program) => {
                quote.rebates.iter().find(|rebate| rebate.program == program).map_or_else(String::new, |rebate| self.program(rebate))
            }
            Target::Itself => String::new(),
        };
        let raised = match &hint.change {
            Change::Lines(raised) => raised,
            Change::Coupon(code) => return self.say("输入优惠码 {0}", "Entering the code {0}", &[code]),
            Change::Decline(rule) => return self.say("放弃{0}", "Declining {0}", &[&self.rule(*rule)]),
        };
        let lines = self.listed(raised.iter().map(|Raised { line, more }| {
            let (name, unit) = (self.product_name(line.product), self.policy.unit_text(line.product, line.unit));
            self.say("{0}再订 {1} {2}", "{1} {2} more of {0}", &[&name, &self.writer.quantity(*more), unit])
        }));
        let again = |known: &RuleOutcome| Target::Promotion(known.rule) == hint.target && matches!(known.outcome, Outcome::Applied { .. });
        let (zh, en) = match hint.kind {
            Kind::Cliff => ("{0}即到更低的价格", "{0} reach a lower price"),
            Kind::SetSlot if quote.rules.iter().any(again) => ("{0}即可再凑成{1}", "{0} complete {1} once more"),
            Kind::SetSlot => ("{0}即可凑成{1}", "{0} complete {1}"),
            Kind::Pack => ("{0}", "{0}"),
            Kind::RebateTier => ("{0}即达{1}的下一阶梯", "{0} reach the next tier of {1}"),
            Kind::Amount | Kind::Quantity | Kind::Skus | Kind::Coupon | Kind::Decline => ("{0}即可享{1}", "{0} reach {1}"),
        };
        self.say(zh, en, &[&lines, &target])
    }

    /// A difference in words, nothing for none.
    fn difference(self, amount: Money, more: (&str, &str), less: (&str, &str)) -> String {
        let (zh, en) = if amount > Money::ZERO { more } else { less };
        if amount == Money::ZERO { String::new() } else { self.say(zh, en, &[&self.money(Money(amount.0.abs()))]) }
    }
}
