//! Returns in words.

use super::{Language, Speaker};
use crate::id::TextId;
use crate::num::Money;
use crate::quote::RebatePreview;
use crate::rebate::Fall;
use crate::returns::Return;
use crate::wire::Writer;

/// A part of what a return comes to, by its position; a lot with its id, a tier with that of its program.
#[derive(Debug, Clone, Copy)]
pub enum Returned<'a> {
    /// A line.
    Line(usize),
    /// A lot.
    Lot(usize, &'a str),
    /// A gift.
    Gift(usize),
    /// A program.
    Rebate(usize),
    /// A tier that is fallen under.
    Fall(usize, usize),
}

/// What a part of a return comes to, in one sentence.
pub fn returned(found: &Return, part: Returned, language: Language) -> String {
    let of = |policy| Speaker { policy, writer: Writer(policy), chinese: language == Language::Chinese };
    let speaker: Speaker = of(found.order.policy);
    match part {
        Returned::Line(at) => {
            let back = &found.lines[at];
            let line = &found.order.quote.lines[back.taken.line];
            let lots = match back.part.paid.gross {
                Money::ZERO => String::new(),
                lots => speaker.say("，另有返利单支付的 {0}", ", and {0} that lots paid", &[&speaker.money(lots)]),
            };
            let (name, unit) = (speaker.product_name(line.product), speaker.policy.unit_text(line.product, line.unit));
            let (quantity, refund) = (speaker.writer.quantity(back.taken.now.0), speaker.money(back.refund()));
            speaker.say(
                "退回{0} {1} {2}：退款 {3}{4}。",
                "{1} {2} of {0} back: a refund of {3}{4}.",
                &[&name, &quantity, unit, &refund, &lots],
            )
        }
        Returned::Lot(at, id) => {
            let (zh, en) = match found.lots[at].restored {
                true => ("返利单 {0} 恢复 {1}。", "{1} goes back into the lot {0}."),
                false => ("返利单 {0} 的 {1} 不再恢复。", "{1} of the lot {0} is lost."),
            };
            speaker.say(zh, en, &[id, &speaker.money(found.lots[at].amount)])
        }
        Returned::Gift(at) => {
            let (gift, speaker) = (&found.gifts[at], of(found.gifts_of));
            let (name, unit) = (speaker.product_name(gift.product), speaker.policy.unit(gift.product));
            speaker.say(
                "{3}的赠品{0} {1} {2}须退回，不退则收取 {4}。",
                "{1} {2} of {0}, a gift from {3}, must come back, or costs {4}.",
                &[&name, &speaker.writer.quantity(gift.quantity), unit, &speaker.rule(gift.rule), &speaker.money(gift.value)],
            )
        }
        Returned::Rebate(at) => of(found.programs_of).given_back(&found.rebates[at].0),
        Returned::Fall(at, tier) => {
            let (rebate, falls) = &found.rebates[at];
            of(found.programs_of).fall(rebate, &falls[tier])
        }
    }
}

impl Speaker<'_> {
    fn given_back(self, rebate: &RebatePreview) -> String {
        let [before, after, change] = [rebate.before, rebate.after, Money(rebate.delta.0.abs())].map(|amount| self.money(amount));
        let period = self.policy.text(TextId(self.policy.tables.period_text[rebate.period]));
        let (zh, en) = match rebate.delta > Money::ZERO {
            true => ("{0}（{1}）：退货前 {2}，退货后 {3}，增加 {4}。", "{0} ({1}): {2} before, {3} after the return, which adds {4}."),
            false => {
                ("{0}（{1}）：退货前 {2}，退货后 {3}，扣回 {4}。", "{0} ({1}): {2} before, {3} after the return, which takes back {4}.")
            }
        };
        self.say(zh, en, &[&self.program(rebate), period, &before, &after, &change])
    }

    fn fall(self, rebate: &RebatePreview, fall: &Fall) -> String {
        let measured = |image: i64| self.volume(rebate, image);
        let loss = fall.loss.map(|loss| self.money(loss));
        let loss = loss.map(|loss| self.say("，损失 {0}", ", which costs {0}", &[&loss])).unwrap_or_default();
        let (zh, en) = match fall.tier.above {
            true => {
                ("跌出 {0} 以上的阶梯{1}；最多退 {2} 不会跌出。", "This falls under the tier above {0}{1}; {2} may come back without it.")
            }
            false => {
                ("跌出 {0} 起的阶梯{1}；最多退 {2} 不会跌出。", "This falls under the tier from {0}{1}; {2} may come back without it.")
            }
        };
        self.say(zh, en, &[&measured(fall.tier.from), &loss, &measured(fall.margin)])
    }
}
