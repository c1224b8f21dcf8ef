//! Reasons in words, Chinese and English, made from codes and figures. Renders; never computes.

mod hint;
mod returns;

use crate::attribute::{Ordered, days_of};
use crate::bundle::{Clause, Dimension, Loaded, NONE, Tables, decoded};
use crate::facts::{ContestStanding, Question};
use crate::id::{AccessId, ProductId, RuleId, TextId, ValueId};
use crate::num::{Money, Percent, Scale};
use crate::policy::{
    Against, Availability, ForecastBy, Form, Handover, Joiners, LimitOf, LimitScope, ModifierKind, Needed, PriceKind, Qualifier,
    ScaleMeasure, Side, TaxBasis,
};
use crate::quote::{
    Alone, ApprovedUse, BasePrice, Blocker, ChoiceEffect, ChoiceUse, Closed, CouponEffect, CouponUse, Finding, FreightLine, GiftLine,
    InUnit, Lack, LineTax, Modified, Outcome, Passage, Phase, Quote, QuoteLine, Race, RebatePreview, Redemption, RegistrationTaken,
    Removal, Standing, Taker, Trespass, Unmet, Yardstick,
};
use crate::sort::sort;
use crate::time::{DAY, Instant, day_text};
use crate::waterfall::{Reason, flags};
use crate::wire::{Writer, finding_code, least_digits, part_scale};
pub use hint::hint;
pub use returns::{Returned, returned};

/// Languages that there are sentences in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// 简体中文.
    Chinese,
    /// English.
    English,
}

impl Language {
    /// The language of a tag, `zh` or `en`.
    pub fn from_tag(tag: &str) -> Option<Language> {
        match tag {
            "zh" => Some(Language::Chinese),
            "en" => Some(Language::English),
            _ => None,
        }
    }
}

/// One sentence about one part of a quote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    /// Path into the quote.
    pub path: String,
    /// Stable code.
    pub code: &'static str,
    /// The sentence.
    pub text: String,
    /// The figures it is made from, where the quote does not hold them.
    pub figures: Vec<(&'static str, Figure)>,
}

/// A figure of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    /// An instant.
    Instant(Instant),
    /// An id, if there is one.
    Id(Option<String>),
    /// Several ids.
    Ids(Vec<String>),
}

/// Every code that a sentence can have.
pub const CODES: &[&str] = &[
    "PRICE_FROM",
    "PRICE_BANDS",
    "PRICE_MISSING",
    "PRICE_PORTIONS",
    "REGISTERED",
    "REGISTERED_PART",
    "REGISTERED_NONE",
    "APPROVED",
    "APPROVED_LESS",
    "APPROVED_NOT",
    "LINE_STEPS",
    "LINE_TAX",
    "RULE_APPLIED",
    "RULE_LEFT_OUT",
    "RULE_LOST_TO",
    "RULE_FAILED_QUANTITY",
    "RULE_FAILED_AMOUNT",
    "RULE_FAILED_CONDITION",
    "RULE_BLOCKED_FLOOR",
    "RULE_BLOCKED_NOTHING_LEFT",
    "RULE_BLOCKED_NO_GAIN",
    "RULE_BLOCKED_DECLINED",
    "RULE_BLOCKED_STOCK",
    "RULE_BLOCKED_LIMIT",
    "RULE_BLOCKED_BUDGET",
    "RULE_BLOCKED_EXCLUSIVE",
    "RULE_BLOCKED_NOT_COMBINED",
    "RULE_NOT_BEGUN",
    "RULE_PAUSED",
    "RULE_ENDED",
    "RULE_CONDITION",
    "RULE_EXCEPTED",
    "RULE_NEEDS_COUPON",
    "RULE_NO_LINE",
    "GIFT",
    "EARNED",
    "LIMITED",
    "GIFT_CHOICE_UNFIT",
    "GIFT_CHOICE_NO_GIFT",
    "COUPON_APPLIED",
    "COUPON_NO_EFFECT",
    "COUPON_NO_LINE",
    "COUPON_NOT_OPEN",
    "COUPON_UNKNOWN",
    "QTY_MIN",
    "QTY_MULTIPLE",
    "QTY_STEP",
    "QTY_MAX",
    "QTY_PERIOD",
    "FLOOR",
    "APPROVAL",
    "CORRIDOR",
    "ASSORTMENT",
    "LICENCE",
    "TERRITORY",
    "STOCK",
    "DEALER_STATUS",
    "ORDER_SOURCE",
    "FACTS_STALE",
    "ORDER_MIN",
    "ORDER_MAX",
    "REDEEM_LIMIT",
    "CREDIT_OVERDUE",
    "CREDIT_USED",
    "CREDIT_LIMIT",
    "REBATE_PREVIEW",
    "REBATE_BASE",
    "REBATE_JOINED",
    "REBATE_LEFT_OUT",
    "REBATE_LACKS",
    "REBATE_MODIFIER",
    "REBATE_LOST_TO",
    "REBATE_UNMET",
    "REBATE_BUDGET",
    "REBATE_GUARANTEE",
    "REBATE_MINIMUM",
    "REBATE_DUE",
    "REBATE_FORM",
    "REBATE_FORECAST",
    "REBATE_SPLIT",
    "REBATE_NEXT",
    "REBATE_DEADLINE",
    "REBATE_CLIFF",
    "REBATE_CONTEST",
    "REBATE_RANK",
    "REDEMPTION",
    "LOT_EXPIRES",
    "TRANSITION_LINE",
    "TRANSITION_OLD",
    "TRANSITION_BLEND",
    "TRANSITION_BETTER_OF",
    "FREIGHT",
    "SKU_ALIAS",
    "PRICED_FOR",
    "TOTALS",
];

/// Every sentence about a quote: prices, promotions, guards, rebates, totals.
pub fn sentences(policy: &Loaded, quote: &Quote, language: Language) -> Vec<Sentence> {
    let speaker = Speaker { policy, writer: Writer(policy), chinese: language == Language::Chinese };
    let mut sentences = Vec::new();
    let mut say = |path: String, (code, text): (&'static str, String)| sentences.push(Sentence { path, code, text, figures: Vec::new() });
    let mut lines: Vec<&QuoteLine> = quote.lines.iter().collect();
    sort(&mut lines, |a, b| a.position.cmp(&b.position));
    for (index, line) in lines.iter().enumerate() {
        if line.availability != Availability::Hidden {
            say(place("lines", index, ".price"), speaker.price(line));
        }
        if let Some(price) = line.price.as_ref().filter(|_| !line.parts.is_empty()) {
            say(place("lines", index, ".price.bands"), ("PRICE_BANDS", speaker.bands(line, price)));
        }
        if !line.portions.is_empty() {
            say(place("lines", index, ".price.portions"), ("PRICE_PORTIONS", speaker.portions(line)));
        }
        if !line.adjustments.is_empty() {
            say(place("lines", index, ".adjustments"), ("LINE_STEPS", speaker.steps(quote, line)));
        }
        if let Some(tax) = &line.tax {
            say(place("lines", index, ".tax"), ("LINE_TAX", speaker.tax(tax)));
        }
    }
    for (index, taken) in quote.registered.iter().enumerate() {
        say(place("registrations", index, ""), speaker.registered(quote, taken));
    }
    for (index, used) in quote.approved.iter().enumerate() {
        say(place("approved", index, ""), speaker.approved(quote, used));
    }
    for (index, rule) in quote.rules.iter().enumerate() {
        say(place("rules", index, ""), speaker.outcome(rule.rule, &rule.outcome));
    }
    for (index, gift) in quote.gifts.iter().enumerate() {
        say(place("gifts", index, ""), ("GIFT", speaker.gift(gift)));
    }
    for (index, earned) in quote.earned.iter().enumerate() {
        let parts = [&speaker.rule(earned.rule), policy.text(earned.what), &number(earned.quantity)];
        say(place("earned", index, ""), ("EARNED", speaker.say("{0}：获得 {1} × {2}。", "{0}: {1} × {2} are earned.", &parts)));
    }
    for (index, limited) in quote.limited.iter().enumerate() {
        let [units, of] = [limited.units, limited.of].map(|quantity| speaker.measured(true, quantity.0));
        let parts = [&*speaker.rule(limited.rule), &speaker.product_name(limited.product), &of, &units];
        let (zh, en) = ("{0}限量：{1} {2}中的 {3}享受，其余不享受。", "{0} is limited: {3} of {2} of {1} have it, the others do not.");
        say(place("limited", index, ""), ("LIMITED", speaker.say(zh, en, &parts)));
    }
    for (index, choice) in quote.gift_choices.iter().enumerate() {
        if let Some(said) = speaker.gift_choice(choice) {
            say(place("gift_choices", index, ""), said);
        }
    }
    for (index, coupon) in quote.coupons.iter().enumerate() {
        say(place("coupons", index, ""), speaker.coupon(coupon));
    }
    for (index, guard) in quote.guards.iter().enumerate() {
        say(place("guards", index, ""), (finding_code(&guard.finding), speaker.finding(quote, &guard.finding)));
    }
    for (index, rebate) in quote.rebates.iter().enumerate() {
        say(place("rebates", index, ""), ("REBATE_PREVIEW", speaker.rebate(rebate)));
        if let Some(text) = speaker.base(rebate) {
            say(place("rebates", index, ".base"), ("REBATE_BASE", text));
        }
        if let Some(text) = speaker.joined(rebate) {
            say(place("rebates", index, ".joined"), ("REBATE_JOINED", text));
        }
        for (at, (line, why)) in rebate.left_out.iter().enumerate() {
            let text = speaker.left_out(rebate, quote.lines[*line].product, *why);
            say(place(&place("rebates", index, ".left_out"), at, ""), ("REBATE_LEFT_OUT", text));
        }
        if let Some(text) = speaker.lacks(rebate) {
            say(place("rebates", index, ".lacks"), ("REBATE_LACKS", text));
        }
        for (at, modified) in rebate.modified.iter().enumerate() {
            say(place(&place("rebates", index, ".modifiers"), at, ""), ("REBATE_MODIFIER", speaker.modifier(rebate, *modified)));
        }
        if let Some(said) = speaker.standing(rebate) {
            say(place("rebates", index, ".standing"), said);
        }
        if let Some(text) = speaker.budget(rebate, false) {
            say(place("rebates", index, ".budget"), ("REBATE_BUDGET", text));
        }
        if let Some(text) = speaker.guarantee(rebate) {
            say(place("rebates", index, ".guarantee"), ("REBATE_GUARANTEE", text));
        }
        if let Some(text) = speaker.minimum(rebate) {
            say(place("rebates", index, ".minimum"), ("REBATE_MINIMUM", text));
        }
        if let Some(due) = rebate.due {
            let days = speaker.days_left(quote, due);
            let text = speaker.say("{0}在 {1} 天后兑付。", "{0} is paid in {1} days.", &[&speaker.program(rebate), &days]);
            say(place("rebates", index, ".due"), ("REBATE_DUE", text));
        }
        if let Some(text) = speaker.form(rebate, rebate.pieces.map(|pieces| (pieces.after, pieces.rest))) {
            say(place("rebates", index, ".form"), ("REBATE_FORM", text));
        }
        if let Some(text) = speaker.forecast(rebate) {
            say(place("rebates", index, ".forecast"), ("REBATE_FORECAST", text));
        }
        if !rebate.split.is_empty() {
            say(place("rebates", index, ".split"), ("REBATE_SPLIT", speaker.split(rebate)));
        }
        if let Some(text) = speaker.next_tier(rebate) {
            say(place("rebates", index, ".next"), ("REBATE_NEXT", text));
        }
        if let Some(text) = speaker.deadline(quote, rebate) {
            say(place("rebates", index, ".ends"), ("REBATE_DEADLINE", text));
        }
        if let Some(text) = speaker.cliff(rebate) {
            say(place("rebates", index, ".cliff"), ("REBATE_CLIFF", text));
        }
        for (at, race) in rebate.contests.iter().enumerate() {
            let path = place(&place("rebates", index, ".contests"), at, "");
            say(path.clone(), ("REBATE_CONTEST", speaker.contest(quote, rebate, race)));
            for at in 0..race.ahead.len() {
                say(place(&[&path, ".ahead"].concat(), at, ""), ("REBATE_RANK", speaker.rank(rebate, race, at)));
            }
        }
    }
    if let Some(redemption) = &quote.redemption {
        say("redemption".to_owned(), ("REDEMPTION", speaker.redemption(redemption)));
        if let Some((rest, end)) = redemption.expiring {
            let said = [&speaker.money(rest)[..], &speaker.days_left(quote, end)];
            let text = speaker.say("返利单余额 {0} 还有 {1} 天到期。", "A rebate of {0} expires in {1} days.", &said);
            say("redemption.lots".to_owned(), ("LOT_EXPIRES", text));
        }
    }
    for (index, line) in quote.freight.iter().enumerate() {
        say(place("freight", index, ""), ("FREIGHT", speaker.freight(line)));
    }
    if let Some(passage) = &quote.transition {
        for (index, line) in lines.iter().enumerate() {
            say(place("transition.lines", index, ""), ("TRANSITION_LINE", speaker.passing_line(quote, passage, line)));
        }
        say("transition".to_owned(), speaker.passage(passage));
    }
    for (index, (line, alias)) in quote.aliases.iter().enumerate() {
        let named = [policy.alias(*alias), policy.sku(quote.lines[*line].product)];
        say(place("aliases", index, ""), ("SKU_ALIAS", speaker.say("{0} 现编码为 {1}。", "{0} is {1} now.", &named)));
    }
    if let Some(day) = &quote.priced_for {
        let text = speaker.say("价格按要求到货日 {0} 查取。", "Prices are those of {0}, for which delivery is requested.", &[day]);
        say("priced_for".to_owned(), ("PRICED_FOR", text));
    }
    say("totals".to_owned(), ("TOTALS", speaker.totals(quote)));
    sentences
}

/// Sentences about promotions that have no outcome, one for each reason; reasons of one promotion stand together.
pub fn absences(policy: &Loaded, question: &Question, absent: &[(RuleId, Reason)], language: Language, sentences: &mut Vec<Sentence>) {
    let speaker = Speaker { policy, writer: Writer(policy), chinese: language == Language::Chinese };
    let (mut before, mut index) = (None, 0);
    for (rule, reason) in absent {
        index = if before == Some(*rule) { index + 1 } else { 0 };
        before = Some(*rule);
        let (code, text, figures) = speaker.absence(*rule, question, *reason);
        sentences.push(Sentence { path: place(&["promotions.", policy.rule(*rule)].concat(), index, ""), code, text, figures });
    }
}

/// A part of a quote.
#[inline(never)]
fn place(list: &str, index: usize, part: &str) -> String {
    [list, "[", &number(i64::try_from(index).unwrap_or(i64::MAX)), "]", part].concat()
}

fn number(number: i64) -> String {
    Scale(0).show(number)
}

/// Fields of conditions on dealers and orders, in the order of [`Dimension`], and what people call them.
const FIELDS: [(&str, &str, &str); 10] = [
    ("id", "经销商", "dealer"),
    ("grade", "等级", "grade"),
    ("region", "区域", "region"),
    ("channel", "渠道", "channel"),
    ("group", "经销商组", "dealer group"),
    ("source", "下单来源", "order source"),
    ("", "", ""),
    ("", "", ""),
    ("", "", ""),
    ("contract_date", "签约日期", "contract date"),
];

/// What a program came to in a window, and each step to it: of `paid` what is paid of it, and what is carried to the next window.
pub fn settled(policy: &Loaded, rebate: &RebatePreview, (paid, carried): (Money, Money), language: Language) -> Vec<String> {
    let speaker = Speaker { policy, writer: Writer(policy), chinese: language == Language::Chinese };
    let period = policy.text(TextId(policy.tables.period_text[rebate.period]));
    let volume = speaker.volume(rebate, rebate.posted.measured(rebate.qualifier));
    let mut all = vec![speaker.say(
        "{0}（{1}）：累计 {2}，返利 {3}。",
        "{0} ({1}): {2} come to a rebate of {3}.",
        &[&speaker.program(rebate), period, &volume, &speaker.money(rebate.after)],
    )];
    all.extend(speaker.base(rebate));
    all.extend(speaker.joined(rebate));
    all.extend(rebate.tier.map(|tier| {
        let from = speaker.volume(rebate, tier.from);
        match tier.above {
            true => speaker.say("达到 {0} 以上的阶梯。", "The tier above {0} is reached.", &[&from]),
            false => speaker.say("达到 {0} 起的阶梯。", "The tier from {0} is reached.", &[&from]),
        }
    }));
    all.extend(speaker.lacks(rebate));
    all.extend(rebate.modified.iter().map(|modified| speaker.modifier(rebate, *modified)));
    all.extend(speaker.standing(rebate).map(|(_, text)| text));
    all.extend(speaker.budget(rebate, true));
    all.extend(speaker.guarantee(rebate));
    let t = &policy.tables;
    if t.program_minimum[rebate.program.index()].max(t.program_piece[rebate.program.index()]) > 0 {
        let [carried_in, paid, carried] = [rebate.carried, paid, carried].map(|amount| speaker.money(amount));
        all.push(speaker.say(
            "上期结转 {0}，本期兑付 {1}，结转下期 {2}。",
            "{0} was carried in, {1} is paid, {2} is carried to the next window.",
            &[&carried_in, &paid, &carried],
        ));
    }
    let piece = t.program_piece[rebate.program.index()];
    all.extend(speaker.form(rebate, paid.0.checked_div(piece).map(|count| (count, carried))));
    if !rebate.split.is_empty() {
        all.push(speaker.split(rebate));
    }
    all
}

#[derive(Clone, Copy)]
struct Speaker<'a> {
    policy: &'a Loaded,
    writer: Writer<'a>,
    chinese: bool,
}

impl Speaker<'_> {
    fn money(self, amount: Money) -> String {
        self.priced(&self.writer.money(amount))
    }

    /// An exact figure as people read it: with the currency, thousands apart.
    fn priced(self, figure: &str) -> String {
        let (sign, figure) = figure.strip_prefix('-').map_or(("", figure), |figure| ("-", figure));
        let (whole, fraction) = figure.split_at_checked(figure.find('.').unwrap_or(figure.len())).unwrap_or((figure, ""));
        let mut grouped = String::new();
        for (place, digit) in whole.char_indices() {
            if place > 0 && (whole.len() - place) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        match self.policy.constant_text(crate::bundle::Constant::Currency) {
            "CNY" => [sign, "¥", &grouped, fraction].concat(),
            currency => [sign, currency, " ", &grouped, fraction].concat(),
        }
    }

    fn access(self, access: AccessId) -> String {
        let t = &self.policy.tables;
        self.either(t.access_zh[access.index()], t.access_en[access.index()], self.policy.access(access))
    }

    fn either(self, zh: u32, en: u32, id: &str) -> String {
        let (zh, en) = (self.policy.text(TextId(zh)), self.policy.text(TextId(en)));
        let order = if self.chinese { [zh, en, id] } else { [en, zh, id] };
        order.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned()
    }

    fn rule(self, rule: RuleId) -> String {
        let t = &self.policy.tables;
        let name = self.either(t.rule_zh[rule.index()], t.rule_en[rule.index()], self.policy.rule(rule));
        self.quoted(&name)
    }

    fn quoted(self, name: &str) -> String {
        self.say("「{0}」", "“{0}”", &[name])
    }

    /// A sentence of the catalogue with its parts in the places `{0}`, `{1}` and so on. One function for all is smaller than a format for each.
    #[inline(never)]
    fn say(self, zh: &str, en: &str, parts: &[&str]) -> String {
        let mut text = String::new();
        let mut place = false;
        for character in if self.chinese { zh } else { en }.chars() {
            match character {
                '{' => place = true,
                '}' => place = false,
                digit if place => {
                    let part = (digit as usize).wrapping_sub('0' as usize);
                    text.push_str(parts.get(part).copied().unwrap_or_default());
                }
                other => text.push(other),
            }
        }
        text
    }

    fn value(self, value: ValueId) -> String {
        let t = &self.policy.tables;
        self.either(t.value_zh[value.index()], t.value_en[value.index()], self.policy.value_text(value))
    }

    /// What people call values of an axis.
    fn named(self, axis: Dimension, values: &[u32]) -> String {
        match self.policy.tables.ordered(axis) {
            Some(_) => self.listed(self.policy.shown_values(axis, values).into_iter()),
            None => self.listed(values.iter().map(|value| self.value(ValueId(*value)))),
        }
    }

    fn product(self, quote: &Quote, line: usize) -> String {
        self.product_name(quote.lines[line].product)
    }

    fn product_name(self, product: ProductId) -> String {
        let t = &self.policy.tables;
        self.either(t.product_zh[product.index()], t.product_en[product.index()], self.policy.sku(product))
    }

    fn price(self, line: &QuoteLine) -> (&'static str, String) {
        let Some(price) = &line.price else {
            return ("PRICE_MISSING", self.say("没有适用的价格，无法下单。", "No price table has a price for this product.", &[]));
        };
        let unit = self.writer.price_unit(line, price);
        let figure = self.priced(&self.writer.unit_price(price.unit_price.0));
        let access = self.access(price.access);
        let units = if price.per == 1 { unit.to_owned() } else { [&number(i64::from(price.per)), " ", unit].concat() };
        let scale = match price.from > 0 {
            false => String::new(),
            true => self.say("（满 {0} 阶梯价）", " (scale price from {0})", &[&self.of_scale(line, price, price.from, false)]),
        };
        let mut kept_off = String::new();
        for word in Tables::flag_words(flags(self.policy, line)) {
            kept_off.push_str(match (word, self.chinese) {
                ("no_promotion", true) => "，净价，不参加促销",
                ("no_promotion", false) => ", a net price without promotions",
                ("no_order_promotion", true) => "，不参加整单促销",
                ("no_order_promotion", false) => ", without promotions on the whole order",
                (_, true) => "，不可使用优惠码",
                (_, false) => ", without coupon codes",
            });
        }
        let parts = [&figure, &units, &access, &scale, &kept_off].map(String::as_str);
        let text = self.say("单价 {0} / {1}，来自「{2}」{3}{4}。", "Price {0} per {1} from “{2}”{3}{4}.", &parts);
        ("PRICE_FROM", text)
    }

    /// A figure of what a price's scales measure, with its unit.
    fn of_scale(self, line: &QuoteLine, price: &BasePrice, image: i64, part: bool) -> String {
        let (measure, scale) = self.writer.measure(price.access);
        let figure = if part { part_scale(measure, scale) } else { scale }.show_least(image, Scale(least_digits(measure, scale)));
        let packs = self.policy.tables.access_unit[price.access.index()];
        match measure {
            ScaleMeasure::Quantity => [&figure, " ", self.writer.price_unit(line, price)].concat(),
            ScaleMeasure::Amount => self.priced(&figure),
            ScaleMeasure::Weight => self.say("重量 {0}", "weight {0}", &[&figure]),
            ScaleMeasure::Packs => [&figure, " ", self.policy.text(TextId(packs))].concat(),
        }
    }

    /// What the prices of a scale are for.
    fn bands(self, line: &QuoteLine, price: &BasePrice) -> String {
        let mut bands = String::new();
        for part in &line.parts {
            let surcharge = match part.surcharge {
                Percent(0) => String::new(),
                more => self.say("（加价 {0}%）", " (plus {0} %)", &[&Scale(Percent::DIGITS).show_short(more.0)]),
            };
            let figure = self.priced(&self.writer.unit_price(part.unit_price.0));
            let parts = [&self.of_scale(line, price, part.part, true)[..], &figure, &surcharge];
            bands.push_str(&self.say("，{0} 按 {1}{2}", ", {0} at {1}{2}", &parts));
        }
        self.say("货款 {0}{1}。", "List {0}{1}.", &[&self.money(line.list), &bands])
    }

    /// What prices each part of a line.
    fn portions(self, line: &QuoteLine) -> String {
        let unit = self.policy.unit(line.product);
        let mut portions = String::new();
        for portion in line.records() {
            let base = self.writer.quantity(portion.quantity);
            let parts = [&base[..], unit, &self.access(portion.price.access), &self.money(portion.list)];
            portions.push_str(&self.say("，{0} {1} 按「{2}」计 {3}", ", {0} {1} by “{2}” for {3}", &parts));
        }
        self.say("货款 {0}{1}。", "List {0}{1}.", &[&self.money(line.list), &portions])
    }

    /// What a line takes of a registration that is for it.
    fn registered(self, quote: &Quote, taken: &RegistrationTaken) -> (&'static str, String) {
        let line = &quote.lines[taken.line];
        let (registration, approver) = self.writer.registration(&taken.price);
        let approver = approver.map(|approver| self.say("，批准人 {0}", ", approved by {0}", &[approver])).unwrap_or_default();
        let unit = self.policy.unit(line.product);
        let left = taken.left.map(|left| self.say("，剩余 {0} {1}", ", {0} {1} left", &[&self.writer.quantity(left), unit]));
        let (code, zh, en) = match taken.quantity.0 {
            0 => ("REGISTERED_NONE", "{0}：「{1}」{2}（{3}{4}）未适用。", "{0}: {1} {2} ({3}{4}) prices nothing of it."),
            all if all == line.quantity.0 => {
                ("REGISTERED", "{0}：「{1}」{2}（{3}{4}）适用 {5} {6}。", "{0}: {1} {2} ({3}{4}) prices {5} {6}.")
            }
            _ => (
                "REGISTERED_PART",
                "{0}：「{1}」{2}（{3}{4}）只够 {5} {6}，其余另行计价。",
                "{0}: {1} {2} ({3}{4}) prices {5} {6}, others price the rest.",
            ),
        };
        let units = if taken.price.per == 1 { unit.to_owned() } else { [&number(i64::from(taken.price.per)), " ", unit].concat() };
        let price = self.priced(&self.writer.unit_price(taken.price.unit_price.0));
        let figures = [&*price, "/", &units, &approver].concat();
        let parts = [
            &*self.product_name(line.product),
            &self.access(taken.price.access),
            registration,
            &figures,
            &left.unwrap_or_default(),
            &self.writer.quantity(taken.quantity),
            unit,
        ];
        (code, self.say(zh, en, &parts))
    }

    /// What became of an approved adjustment.
    fn approved(self, quote: &Quote, used: &ApprovedUse) -> (&'static str, String) {
        let (code, zh, en) = match used.outcome(quote) {
            "applied" if used.lost > Money::ZERO => (
                "APPROVED_LESS",
                "已批准的调价{0}优惠 {1}，另有 {2} 受最低价限制未能优惠。",
                "The approved adjustment {0} takes {1} off; price limits kept another {2}.",
            ),
            "applied" => ("APPROVED", "已批准的调价{0}优惠 {1}。", "The approved adjustment {0} takes {1} off."),
            "blocked" => (
                "APPROVED_NOT",
                "已批准的调价{0}未能优惠：已到最低价。",
                "The approved adjustment {0} takes nothing off: the floor price is reached.",
            ),
            _ => (
                "APPROVED_NOT",
                "已批准的调价{0}未使用：订单中没有对应的有价格的行。",
                "The approved adjustment {0} is not used: the order has no priced line of it.",
            ),
        };
        (code, self.say(zh, en, &[&self.quoted(&used.id), &self.money(used.saving), &self.money(used.lost)]))
    }

    fn steps(self, quote: &Quote, line: &QuoteLine) -> String {
        let mut steps = String::new();
        for step in &line.adjustments {
            let by = match step.by {
                Taker::Rule(rule) => self.rule(rule),
                Taker::Approved(at) => self.quoted(&quote.approved[at].id),
            };
            steps.push_str(&self.say("，{0} −{1}", ", {0} −{1}", &[&by, &self.money(step.amount)]));
        }
        self.say("货款 {0}{1}，净额 {2}。", "List {0}{1}, net {2}.", &[&self.money(line.list), &steps, &self.money(line.net)])
    }

    fn absence(self, rule: RuleId, question: &Question, reason: Reason) -> (&'static str, String, Vec<(&'static str, Figure)>) {
        let name = self.rule(rule);
        let say = |zh: &str, en: &str| self.say(zh, en, &[&name]);
        match reason {
            Reason::NotBegun(from) => {
                ("RULE_NOT_BEGUN", say("{0}尚未开始。", "{0} has not begun yet."), vec![("from", Figure::Instant(from))])
            }
            Reason::Paused(from) => {
                let text = say("{0}此时不在生效时段。", "{0} does not hold at this time.");
                ("RULE_PAUSED", text, vec![("from", Figure::Instant(from))])
            }
            Reason::Ended(to) => ("RULE_ENDED", say("{0}已结束。", "{0} has ended."), vec![("to", Figure::Instant(to))]),
            Reason::Coupon => ("RULE_NEEDS_COUPON", say("{0}须凭优惠码享受。", "{0} takes a coupon code."), Vec::new()),
            Reason::NoLine => ("RULE_NO_LINE", say("{0}没有适用的商品。", "{0} has no product in this order."), Vec::new()),
            Reason::Condition(term) => self.condition(&name, question, term),
        }
    }

    /// A condition that does not hold.
    fn condition(self, rule: &str, question: &Question, term: usize) -> (&'static str, String, Vec<(&'static str, Figure)>) {
        let (t, dealer) = (&self.policy.tables, &question.dealer);
        let axis = Dimension::at(t.term_axis[term]);
        let of_dealer = axis == Dimension::Dealer;
        let own = self.policy.own_value(dealer, axis).filter(|_| !of_dealer);
        let word = self.axis(axis);
        let (field, have) = match axis {
            Dimension::Attribute(attribute) => {
                let at = attribute as usize;
                let id = self.policy.text(TextId(t.attribute_text[at]));
                (["attributes.", id].concat(), dealer.attribute(id).map(str::to_owned))
            }
            fixed => {
                let (field, ..) = FIELDS.get(fixed.index()).copied().unwrap_or_default();
                let have = match own {
                    _ if fixed == Dimension::ContractDate => dealer.contract_date.clone(),
                    Some(value) => Some(self.policy.value_text(value).to_owned()),
                    None if of_dealer => Some(dealer.id.clone()),
                    None if fixed == Dimension::Source => question.order.source.clone(),
                    None => None,
                };
                (field.to_owned(), have)
            }
        };
        // Of a tree the top of what is named; of dealers nobody, they are no business of each other.
        let listed = t.term_values(term);
        let tops = listed.iter().filter(|value| !of_dealer && listed.binary_search(&t.value_parent[**value as usize]).is_err());
        let tops: Vec<u32> = tops.copied().collect();
        let need = self.policy.shown_values(axis, &tops);
        let named = self.named(axis, &tops);
        let ordered = t.ordered(axis).is_some();
        let shown = own.filter(|_| !ordered).map(|value| self.value(value)).or_else(|| have.clone());
        let shown = shown.unwrap_or_else(|| if self.chinese { "无" } else { "none" }.to_owned());
        let parts = [rule, &word, &named, &shown];
        let (code, zh, en) = match (t.term_excludes[term] == 1, named.is_empty()) {
            (true, _) => ("RULE_EXCEPTED", "{0}不适用于{1}{3}。", "{0} is not for {1} {3}."),
            (false, true) => ("RULE_CONDITION", "{0}仅限指定经销商。", "{0} is for certain dealers."),
            (false, false) => ("RULE_CONDITION", "{0}仅限{1}{2}，现为{3}。", "{0} is for {1} {2}, here it is {3}."),
        };
        let figures = vec![("field", Figure::Id(Some(field))), ("have", Figure::Id(have)), ("need", Figure::Ids(need))];
        (code, self.say(zh, en, &parts), figures)
    }

    fn outcome(self, rule: RuleId, outcome: &Outcome) -> (&'static str, String) {
        let name = self.rule(rule);
        match outcome {
            Outcome::Applied { saving, gift_value, times, lost, lost_by, .. } => {
                let times = match *times > 1 {
                    false => String::new(),
                    true => self.say("，计 {0} 次", " {0} times", &[&number(*times)]),
                };
                let (zh, en, worth) = match *gift_value > Money::ZERO {
                    false => ("已享受{0}{1}，优惠 {2}。", "{0} applies{1} and saves {2}.", *saving),
                    true => ("已享受{0}{1}，赠品价值 {2}。", "{0} applies{1}, with gifts worth {2}.", *gift_value),
                };
                let mut text = self.say(zh, en, &[&name, &times, &self.money(worth)]);
                if *lost > Money::ZERO {
                    let lost = self.money(*lost);
                    let reasons = [
                        (lost_by.limit, "限次或限量", "A limit"),
                        (lost_by.cap, "封顶", "A cap"),
                        (lost_by.budget, "预算", "The budget"),
                        (lost_by.floor, "最低价", "Price limits"),
                        (lost_by.nothing_left, "商品金额", "The price itself"),
                    ];
                    let mut words: Vec<&str> = Vec::new();
                    for (_, zh, en) in reasons.into_iter().filter(|(by, ..)| *by) {
                        words.push(if self.chinese { zh } else { en });
                    }
                    let words = words.join(if self.chinese { "、" } else { ", " });
                    text += &self.say("另有 {0} 受{1}限制未能优惠。", " {1} kept another {0} from being given.", &[&lost, &words]);
                }
                ("RULE_APPLIED", text)
            }
            // Nothing of its group saves more on its lines: the other groups of the stage do without it.
            Outcome::LostTo { winner, by, .. } if *by < Money::ZERO || *winner == rule => {
                let text = self.say(
                    "{0}未采用：不用它，全部促销合计更优惠。",
                    "{0} is left out: all promotions together save more without it.",
                    &[&name],
                );
                ("RULE_LEFT_OUT", text)
            }
            Outcome::LostTo { winner, by, .. } => {
                let (winner, by) = (self.rule(*winner), self.money(*by));
                let text = self.say(
                    "{0}与{1}不同享，取代它的促销合计多优惠 {2}。",
                    "{0} does not combine with {1}; what takes its place saves {2} more.",
                    &[&name, &winner, &by],
                );
                ("RULE_LOST_TO", text)
            }
            Outcome::Failed { conditions } => match conditions[..] {
                [Unmet::Threshold { by_quantity, have, need }] => {
                    let text =
                        self.say("{0}未达门槛：{1}。", "{0} is not reached: {1}.", &[&name, &self.threshold(by_quantity, have, need)]);
                    (if by_quantity { "RULE_FAILED_QUANTITY" } else { "RULE_FAILED_AMOUNT" }, text)
                }
                _ => {
                    let mut parts = String::new();
                    for unmet in conditions {
                        if !parts.is_empty() {
                            parts.push_str(if self.chinese { "；" } else { "; " });
                        }
                        parts.push_str(&self.unmet(unmet));
                    }
                    ("RULE_FAILED_CONDITION", self.say("{0}未满足条件：{1}。", "{0} does not apply: {1}.", &[&name, &parts]))
                }
            },
            Outcome::Blocked(Blocker::Floor) => {
                let text = self.say("{0}未能优惠：已到最低限价。", "{0} takes nothing off: the floor price is reached.", &[&name]);
                ("RULE_BLOCKED_FLOOR", text)
            }
            Outcome::Blocked(Blocker::NothingLeft) => {
                let text = self.say("{0}未能优惠：商品金额已为零。", "{0} takes nothing off: nothing is left to pay.", &[&name]);
                ("RULE_BLOCKED_NOTHING_LEFT", text)
            }
            Outcome::Blocked(Blocker::NoGain) => {
                let text = self.say("{0}未能优惠：价格不会因此更低。", "{0} takes nothing off: nothing would cost less.", &[&name]);
                ("RULE_BLOCKED_NO_GAIN", text)
            }
            Outcome::Blocked(Blocker::Limit { which, of, product, have, limit }) => {
                let (zh, en) = match which {
                    LimitScope::Order => ("每单", "in an order"),
                    LimitScope::Dealer => ("每家经销商", "for a dealer"),
                    LimitScope::Period => ("每家经销商每期", "for a dealer in a period"),
                    LimitScope::Total => ("总共", "in all"),
                };
                let times = *of == LimitOf::Times;
                let [limit, have] = [*limit, *have].map(|figure| if times { number(figure) } else { self.measured(true, figure) });
                let product = product.map(|product| self.say("（{0}）", " ({0})", &[&self.product_name(product)])).unwrap_or_default();
                let (said, told) = match times {
                    true => ("{0}{1}限 {2} 次，已用 {3} 次。", "{0} counts {2} times {4}, and did {3} times."),
                    false => ("{0}{1}限量 {2}{5}，已用 {3}。", "{0} is for {2}{5} {4}, and {3} had it."),
                };
                let text = self.say(said, told, &[&name, zh, &limit, &have, en, &product]);
                ("RULE_BLOCKED_LIMIT", text)
            }
            Outcome::Blocked(Blocker::Budget { budget, left, .. }) => {
                let t = &self.policy.tables;
                let budget = self.either(t.budget_zh[budget.index()], t.budget_en[budget.index()], self.policy.budget(*budget));
                let left = self.money(*left);
                let text = self.say(
                    "{0}未能享受：预算「{1}」只剩 {2}。",
                    "{0} gives nothing: the budget “{1}” has {2} left.",
                    &[&name, &budget, &left],
                );
                ("RULE_BLOCKED_BUDGET", text)
            }
            Outcome::Blocked(Blocker::Exclusive { by }) => {
                let winner = self.rule(*by);
                let text = self.say(
                    "{0}未采用：{1}不与其他促销同享。",
                    "{0} is left out: {1} combines with no other promotion.",
                    &[&name, &winner],
                );
                ("RULE_BLOCKED_EXCLUSIVE", text)
            }
            Outcome::Blocked(Blocker::NotCombined { by }) => {
                let winner = self.rule(*by);
                let text = self.say("{0}未采用：不与{1}同享。", "{0} is left out: it does not combine with {1}.", &[&name, &winner]);
                ("RULE_BLOCKED_NOT_COMBINED", text)
            }
            Outcome::Blocked(Blocker::Stock) => {
                let text = self.say("{0}的赠品暂时缺货。", "What {0} gives is out of stock.", &[&name]);
                ("RULE_BLOCKED_STOCK", text)
            }
            Outcome::Blocked(Blocker::Declined) => {
                let text = self.say("本单已放弃{0}。", "This order declines {0}.", &[&name]);
                ("RULE_BLOCKED_DECLINED", text)
            }
        }
    }

    fn threshold(self, by_quantity: bool, have: i64, need: i64) -> String {
        let figures = [need, have, need - have].map(|image| self.measured(by_quantity, image));
        self.say("需 {0}，现有 {1}，还差 {2}", "it takes {0}, the order has {1}, {2} is missing", &figures.each_ref().map(String::as_str))
    }

    /// A part of a condition that fails.
    fn unmet(self, unmet: &Unmet) -> String {
        let (clause, not, have, text) = match unmet {
            Unmet::Threshold { by_quantity, have, need } => return self.threshold(*by_quantity, *have, *need),
            Unmet::Clause { clause, not, have, text } => (*clause, *not, *have, text),
        };
        let t = &self.policy.tables;
        let values = |axis: Dimension| self.named(axis, t.clause_values(clause));
        let none = || if self.chinese { "无" } else { "none" }.to_owned();
        let figure = |image: i64| match decoded(t.clause_kind[clause]) {
            Clause::CartSkus => self.say("{0} 种", "{0} products", &[&number(image)]),
            Clause::CartWeight => self.say("{0} 千克", "{0} kg", &[&Scale::WEIGHT.show_short(image)]),
            Clause::OrderNumber => number(image),
            kind => self.measured(kind == Clause::CartQuantity, image),
        };
        let need = figure(t.clause_from[clause]);
        let now = have.map_or_else(none, figure);
        match decoded(t.clause_kind[clause]) {
            Clause::OrderNumber => {
                let source = if t.clause_values(clause).is_empty() {
                    String::new()
                } else {
                    self.say("（{0}）", " ({0})", &[&values(Dimension::Source)])
                };
                let (zh, en) = match (not, t.clause_to[clause]) {
                    (false, 0) => ("须从第 {0} 单起{3}，{2}", "it is from order {0} on{3}, {2}"),
                    (false, last) if last == t.clause_from[clause] => ("须为第 {0} 单{3}，{2}", "it is for order {0} only{3}, {2}"),
                    (false, _) => ("须为第 {0} 至 {1} 单{3}，{2}", "it is for orders {0} to {1}{3}, {2}"),
                    (true, 0) => ("须在第 {0} 单之前{3}，{2}", "it is before order {0}{3}, {2}"),
                    (true, _) => ("不含第 {0} 至 {1} 单{3}，{2}", "it is not for orders {0} to {1}{3}, {2}"),
                };
                let this = match have {
                    Some(own) => self.say("现为第 {0} 单", "this is {0}", &[&number(own)]),
                    None => self.say("本单不计", "this one is not counted", &[]),
                };
                self.say(zh, en, &[&need, &number(t.clause_to[clause]), &this, &source])
            }
            kind @ (Clause::Value | Clause::Delivery) => {
                let axis = Dimension::at(t.clause_axis[clause]);
                let known = |text: &String| self.policy.value(axis, text).filter(|_| t.ordered(axis).is_none());
                let own = text.as_ref().map(|text| known(text).map_or_else(|| text.clone(), |value| self.value(value)));
                let what = if kind == Clause::Delivery { self.say("收货地区", "region of delivery", &[]) } else { self.axis(axis) };
                match axis {
                    // Nobody is told of other dealers.
                    Dimension::Dealer if not => self.say("不适用于本经销商", "it is not for this dealer", &[]),
                    Dimension::Dealer => self.say("仅限指定经销商", "it is for certain dealers", &[]),
                    _ => self.must_be(not, &what, &values(axis), &own.unwrap_or_else(none)),
                }
            }
            Clause::Handover => {
                let way = |way: Handover| match way {
                    Handover::Dealer => self.say("经销商交付", "by the dealer", &[]),
                    Handover::DropShip => self.say("一件代发", "drop shipment", &[]),
                    Handover::PickUp => self.say("到店自提", "pick-up", &[]),
                };
                let ways = |bits: i64| self.listed(Handover::ALL.into_iter().filter(move |way| bits & way.bit() != 0).map(way));
                let what = self.say("交付方式", "delivery", &[]);
                self.must_be(not, &what, &ways(t.clause_from[clause]), &ways(have.unwrap_or_default()))
            }
            Clause::Day => {
                let what = self.say("要求到货日", "day of delivery", &[]);
                let days = Ordered::Day.show_range(&days_of(t.clause_from[clause], t.clause_to[clause]));
                self.must_be(not, &what, &days, &have.map_or_else(none, day_text))
            }
            _ => {
                let named = self.either(t.clause_zh[clause], t.clause_en[clause], "");
                let all = t.filter(clause).is_none();
                let named = match (named.is_empty(), all) {
                    (false, _) => named,
                    (true, false) => if self.chinese { "指定商品" } else { "certain products" }.to_owned(),
                    (true, true) => if self.chinese { "订单" } else { "the order" }.to_owned(),
                };
                let (zh, en) = match not {
                    false => ("{0}须满 {1}，现有 {2}", "{0} must come to {1}, there is {2}"),
                    true => ("{0}须不满 {1}，现有 {2}", "{0} must stay below {1}, there is {2}"),
                };
                self.say(zh, en, &[&named, &need, &now])
            }
        }
    }

    fn must_be(self, not: bool, what: &str, need: &str, have: &str) -> String {
        let (zh, en) = match not {
            false => ("{0}须为{1}，现为{2}", "{0} must be {1}, here it is {2}"),
            true => ("{0}不得为{1}，现为{2}", "{0} must not be {1}, here it is {2}"),
        };
        self.say(zh, en, &[what, need, have])
    }

    /// What people call an axis of dealers or orders.
    fn axis(self, axis: Dimension) -> String {
        match axis {
            Dimension::Attribute(attribute) => {
                let (t, at) = (&self.policy.tables, attribute as usize);
                self.either(t.attribute_zh[at], t.attribute_en[at], self.policy.text(TextId(t.attribute_text[at])))
            }
            fixed => {
                let (_, zh, en) = FIELDS.get(fixed.index()).copied().unwrap_or_default();
                if self.chinese { zh } else { en }.to_owned()
            }
        }
    }

    fn measured(self, by_quantity: bool, image: i64) -> String {
        match by_quantity {
            false => self.money(Money(image)),
            true => self.say("{0} 件", "{0} units", &[&self.writer.measured(true, image)]),
        }
    }

    /// A volume in what picks the tiers of a program.
    fn volume(self, rebate: &RebatePreview, image: i64) -> String {
        let points = self.policy.tables.program_points[rebate.program.index()] == 1;
        match rebate.qualifier {
            Qualifier::Quantity if points => self.points(image),
            qualifier => self.measured(qualifier == Qualifier::Quantity, image),
        }
    }

    fn points(self, image: i64) -> String {
        self.say("{0} 分", "{0} points", &[&self.writer.measured(true, image)])
    }

    /// What to order of a line in a further unit.
    fn in_unit(self, quote: &Quote, line: usize, in_unit: Option<InUnit>) -> String {
        let Some(InUnit { unit, down, up }) = in_unit.filter(|in_unit| in_unit.down.or(in_unit.up).is_some()) else { return String::new() };
        let [down, up] = [down, up].map(|quantity| quantity.map(|quantity| self.writer.quantity(quantity)));
        let or = self.say(" 或 ", " or ", &[]);
        let quantities = down.into_iter().chain(up).collect::<Vec<_>>().join(&or);
        let unit = self.policy.unit_text(quote.lines[line].product, Some(unit));
        self.say("本行可订 {0} {1}。", " This line: {0} {1}.", &[&quantities, unit])
    }

    fn finding(self, quote: &Quote, finding: &Finding) -> String {
        match *finding {
            Finding::PriceMissing { line } => {
                let product = self.product(quote, line);
                self.say(
                    "{0}没有适用的价格，请移除该行或联系总部。",
                    "{0} has no price for you: remove the line or ask headquarters.",
                    &[&product],
                )
            }
            Finding::QuantityMinimum { line, have, minimum, nearest, in_unit } => {
                let (product, [have, minimum, nearest]) =
                    (self.product(quote, line), [have, minimum, nearest].map(|q| self.writer.quantity(q)));
                let text = self.say(
                    "{0}起订量 {1}，现为 {2}，请改为 {3} 或以上。",
                    "{0} is sold from {1} on, the order has {2}: order {3} or more.",
                    &[&product, &minimum, &have, &nearest],
                );
                text + &self.in_unit(quote, line, in_unit)
            }
            Finding::QuantityMultiple { line, have, from, step, down, up, in_unit } => {
                let (product, [have, step, up]) = (self.product(quote, line), [have, step, up].map(|q| self.writer.quantity(q)));
                let down = down.map(|down| self.say("{0} 或 ", "{0} or ", &[&self.writer.quantity(down)])).unwrap_or_default();
                let text = match from.map(|from| self.writer.quantity(from)) {
                    Some(from) => self.say(
                        "{0}从 {1} 起每次加 {2}，现为 {3}，可改为 {4}{5}。",
                        "{0} is sold from {1} on in steps of {2}, the order has {3}: order {4}{5}.",
                        &[&product, &from, &step, &have, &down, &up],
                    ),
                    None => self.say(
                        "{0}须按 {1} 的倍数订购，现为 {2}，可改为 {3}{4}。",
                        "{0} is sold in multiples of {1}, the order has {2}: order {3}{4}.",
                        &[&product, &step, &have, &down, &up],
                    ),
                };
                text + &self.in_unit(quote, line, in_unit)
            }
            Finding::QuantityMost { line, have, most, period, bought, as_of: _, nearest, in_unit } => {
                let (product, [have, most, bought]) = (self.product(quote, line), [have, most, bought].map(|q| self.writer.quantity(q)));
                let cure = match nearest.map(|nearest| self.writer.quantity(nearest)) {
                    Some(nearest) => self.say("请改为 {0} 或以下", "order {0} or less", &[&nearest]),
                    None => self.say("请移除该商品", "remove it", &[]),
                };
                let text = match period.map(|period| self.policy.text(period)) {
                    Some(period) => self.say(
                        "{0}在 {1} 限购 {2}，已购 {3}，现为 {4}，{5}。",
                        "{0} is limited to {2} in {1}, of which {3} are bought and the order has {4}: {5}.",
                        &[&product, period, &most, &bought, &have, &cure],
                    ),
                    None => self.say(
                        "{0}每单限购 {1}，现为 {2}，{3}。",
                        "{0} is limited to {1} in one order, the order has {2}: {3}.",
                        &[&product, &most, &have, &cure],
                    ),
                };
                text + &self.in_unit(quote, line, in_unit)
            }
            Finding::Floor { line, net, floor } => {
                let (product, net, floor) = (self.product(quote, line), self.money(net), self.money(floor));
                self.say(
                    "{0}净额 {1} 低于最低限价 {2}，需审批。",
                    "{0} comes to {1}, under the floor of {2}: it needs approval.",
                    &[&product, &net, &floor],
                )
            }
            // Its name is not for this dealer; the order named the SKU itself.
            Finding::Assortment { line, hidden: true } => {
                let sku = self.policy.sku(quote.lines[line].product);
                self.say("{0}不在您的可订范围内，请移除该行。", "{0} is not in your assortment: remove the line.", &[sku])
            }
            Finding::Assortment { line, hidden: false } => self.say(
                "{0}对您仅展示、不可订购，请移除该行或联系总部。",
                "{0} is shown to you but not for sale: remove the line or ask headquarters.",
                &[&self.product(quote, line)],
            ),
            Finding::Territory { line, region, reason, ref allowed } => {
                let (zh, en) = match reason {
                    Trespass::Customer => {
                        ("{0}：该终端客户已指定给其他经销商，{2}。", "{0}: this end customer belongs to another dealer; {2}.")
                    }
                    Trespass::Exclusive => {
                        ("{0}发往{1}：该区域由其他经销商独家经营，{2}。", "{0} to {1}: the region belongs to another dealer alone; {2}.")
                    }
                    Trespass::Outside => {
                        ("{0}发往{1}：该区域不在您的授权区域内，{2}。", "{0} to {1}: the region is outside your territory; {2}.")
                    }
                    Trespass::Ungranted => {
                        ("{0}发往{1}：该区域未授权给任何经销商，{2}。", "{0} to {1}: the region is granted to nobody; {2}.")
                    }
                };
                let named = self.listed(allowed.iter().map(|region| self.value(ValueId(*region))));
                let cure = match named.is_empty() {
                    true => self.say("请移除该行或申请审批", "remove the line or ask for approval", &[]),
                    false => self.say("可发往{0}", "deliver to {0}", &[&named]),
                };
                let region = region.map(|region| self.value(region)).unwrap_or_default();
                self.say(zh, en, &[&self.product(quote, line), &region, &cure])
            }
            Finding::RedeemLimit { asked, allowed, by_balance } => {
                let (zh, en) = if by_balance {
                    (
                        "申请使用返利 {0}，可用余额只有 {1}，已按此抵扣。",
                        "{0} of rebates was asked for, the balance is {1}, and that is used.",
                    )
                } else {
                    (
                        "申请使用返利 {0}，本单最多可用 {1}，已按此抵扣。",
                        "{0} of rebates was asked for, this order may use {1}, and that is used.",
                    )
                };
                self.say(zh, en, &[&self.money(asked), &self.money(allowed)])
            }
            Finding::Approval { line, net, approved } => self.say(
                "{0}净额 {1} 低于审批价 {2}，需审批。",
                "{0} comes to {1}, under {2}: it needs approval.",
                &[&self.product(quote, line), &self.money(net), &self.money(approved)],
            ),
            Finding::Corridor { line, ref span, worth, .. } => {
                let (zh, en, bound) = match (span.least.filter(|least| worth < *least), span.most) {
                    (None, Some(most)) => (
                        "{0}合计 {1}，高于建议零售价允许的 {2}。",
                        "{0} comes to {1}, above the {2} that the recommended price allows.",
                        most,
                    ),
                    (least, _) => (
                        "{0}合计 {1}，低于建议零售价允许的 {2}。",
                        "{0} comes to {1}, below the {2} that the recommended price allows.",
                        least.unwrap_or_default(),
                    ),
                };
                self.say(zh, en, &[&self.product(quote, line), &self.money(worth), &self.money(bound)])
            }
            Finding::Licence { line, category, expired, .. } => {
                let (zh, en) = match expired {
                    Some(_) => (
                        "{0}须有「{1}」经营资质，贵司的已过期，请更新。",
                        "{0} takes a licence for “{1}”, and yours has expired: renew it.",
                    ),
                    None => ("{0}须有「{1}」经营资质，请提供。", "{0} takes a licence for “{1}”: send one."),
                };
                self.say(zh, en, &[&self.product(quote, line), &self.value(category)])
            }
            Finding::Stock { line, have, available, nearest, .. } => {
                let [have, available] = [have, available].map(|quantity| self.writer.quantity(quantity));
                let (zh, en) = match nearest {
                    Some(_) => ("{0}可供 {1}，订了 {2}，可改为 {3}。", "{1} of {0} can be delivered, the order has {2}: order {3}."),
                    None => {
                        ("{0}可供 {1}，订了 {2}，请移除或等待到货。", "{1} of {0} can be delivered, the order has {2}: remove it or wait.")
                    }
                };
                let nearest = nearest.map(|nearest| self.writer.quantity(nearest)).unwrap_or_default();
                self.say(zh, en, &[&self.product(quote, line), &available, &have, &nearest])
            }
            Finding::DealerStatus => self.say("账户已暂停，请联系总部。", "The account is on hold: ask headquarters.", &[]),
            Finding::OrderSource { check } => {
                let sources = self.policy.tables.check_sources(check).iter();
                let allowed = self.listed(sources.map(|source| self.policy.value_text(ValueId(*source)).to_owned()));
                self.say("不接受来自此处的订单，请通过{0}下单。", "Orders from here are not taken: order by {0}.", &[&allowed])
            }
            Finding::FactsStale { age, most, .. } => {
                let minutes = |millis: i64| number(millis / 60_000);
                self.say(
                    "经销商数据是 {0} 分钟前的，最多 {1} 分钟，请刷新。",
                    "What is known of the dealer is {0} minutes old, at most {1} is accepted: fetch it again.",
                    &[&minutes(age), &minutes(most)],
                )
            }
            Finding::OrderMinimum { by_quantity, have, need, .. } => {
                let [have, short, need] = [have, need - have, need].map(|figure| self.measured(by_quantity, figure));
                self.say("起订 {0}，现为 {1}，还差 {2}。", "An order takes {0}, this one has {1}: add {2}.", &[&need, &have, &short])
            }
            Finding::OrderMaximum { payable, most, ref remove, .. } => {
                let cure = self.removal(quote, remove);
                self.say(
                    "应付 {0} 超过单笔上限 {1}，请拆单{2}。",
                    "{0} to pay is over the most of one order, {1}: split it{2}.",
                    &[&self.money(payable), &self.money(most), &cure],
                )
            }
            Finding::Overdue { overdue, oldest, most, .. } => {
                let pay = Money(overdue.0 - most.0);
                self.say(
                    "逾期 {0}，最长 {1} 天，付清 {2} 即可通过。",
                    "{0} is overdue, the oldest for {1} days: pay {2}.",
                    &[&self.money(overdue), &number(oldest), &self.money(pay)],
                )
            }
            Finding::CreditUsed { exposure, most, ref remove, .. } => {
                let cure = self.removal(quote, remove);
                self.say(
                    "信用占用 {0} 超过 {1}，预付 {2}{3}即可通过。",
                    "Credit in use would be {0}, over {1}: prepay {2}{3}.",
                    &[&self.money(exposure), &self.money(most), &self.money(Money(exposure.0 - most.0)), &cure],
                )
            }
            Finding::CreditLimit { of_group, exposure, limit, over, ref remove, .. } => {
                let cure = self.removal(quote, remove);
                let (zh, en) = match of_group {
                    false => (
                        "信用占用 {0} 超过额度 {1}，预付 {2}{3}即可通过。",
                        "Credit in use would be {0}, over the limit of {1}: prepay {2}{3}.",
                    ),
                    true => (
                        "集团信用占用 {0} 超过额度 {1}，预付 {2}{3}即可通过。",
                        "Credit in use by the group would be {0}, over its limit of {1}: prepay {2}{3}.",
                    ),
                };
                self.say(zh, en, &[&self.money(exposure), &self.money(limit), &self.money(over), &cure])
            }
        }
    }

    /// Names, one after another.
    fn listed(self, names: impl Iterator<Item = String>) -> String {
        let mut listed = String::new();
        for name in names {
            if !listed.is_empty() {
                listed.push_str(if self.chinese { "、" } else { ", " });
            }
            listed.push_str(&name);
        }
        listed
    }

    /// What to leave out, as the other choice of a cure; nothing where that does not help.
    fn removal(self, quote: &Quote, remove: &Removal) -> String {
        let Some(lines) = remove else { return String::new() };
        let named = self.listed(lines.iter().map(|line| self.product(quote, *line)));
        self.say("或移除{0}", " or remove {0}", &[&named])
    }

    fn gift(self, gift: &GiftLine) -> String {
        let (name, product, unit) = (self.rule(gift.rule), self.product_name(gift.product), self.policy.unit(gift.product));
        let (quantity, value) = (self.writer.quantity(gift.quantity), self.money(gift.value));
        self.say(
            "赠品：{0} {1} {2}，来自{3}，价值 {4}。",
            "Gift: {1} {2} of {0} from {3}, worth {4}.",
            &[&product, &quantity, unit, &name, &value],
        )
    }

    /// What the outcome of the promotion does not say already.
    fn gift_choice(self, choice: &ChoiceUse) -> Option<(&'static str, String)> {
        let name = choice.rule.map_or_else(|| self.quoted(&choice.promotion), |rule| self.rule(rule));
        let (code, zh, en) = match choice.effect {
            ChoiceEffect::Chosen | ChoiceEffect::Declined => return None,
            ChoiceEffect::Unfit => (
                "GIFT_CHOICE_UNFIT",
                "{0}现不含所选赠品，已按默认赠送。",
                "{0} does not give the chosen gifts here, so the usual ones are given.",
            ),
            ChoiceEffect::NoGift => ("GIFT_CHOICE_NO_GIFT", "本单没有{0}的赠品。", "{0} gives no gift for this order."),
        };
        Some((code, self.say(zh, en, &[&name])))
    }

    fn coupon(self, coupon: &CouponUse) -> (&'static str, String) {
        let (code, zh, en) = match coupon.effect {
            CouponEffect::Applied => ("COUPON_APPLIED", "已用于", "is used for "),
            CouponEffect::Unknown => ("COUPON_UNKNOWN", "无效：贵司没有这个优惠码", "has no effect: there is no such code for this dealer"),
            CouponEffect::NoLine => ("COUPON_NO_LINE", "未生效：订单中没有适用的商品", "has no effect: it is for none of these products"),
            CouponEffect::NotOpen(_) => ("COUPON_NOT_OPEN", "未生效：", "has no effect: "),
            CouponEffect::Failed | CouponEffect::LostTo | CouponEffect::Blocked => {
                ("COUPON_NO_EFFECT", "未生效，原因见", "has no effect, for the reason of ")
            }
        };
        let mut text = self.say("优惠码 {0} ", "Code {0} ", &[&coupon.code]) + if self.chinese { zh } else { en };
        let mut first = true;
        let mut add = |part: &str| {
            if !first {
                text.push_str(if self.chinese { "，" } else { ", " });
            }
            first = false;
            text.push_str(part);
        };
        for rule in &coupon.rules {
            add(&self.rule(*rule));
        }
        if let CouponEffect::NotOpen(closed) = &coupon.effect {
            for closed in closed {
                let (zh, en) = match closed {
                    Closed::Validity => ("不在有效期内", "it is not valid now"),
                    Closed::Source => ("不适用于此下单渠道", "it is not for orders from here"),
                };
                add(if self.chinese { zh } else { en });
            }
        }
        text.push_str(if self.chinese { "。" } else { "." });
        (code, text)
    }

    fn program(self, rebate: &RebatePreview) -> String {
        let (t, program) = (&self.policy.tables, rebate.program);
        self.either(t.program_zh[program.index()], t.program_en[program.index()], self.policy.program(program))
    }

    fn rebate(self, rebate: &RebatePreview) -> String {
        let program = self.program(rebate);
        let [before, after, delta] = [rebate.before, rebate.after, rebate.delta].map(|amount| self.money(amount));
        let period = self.policy.text(TextId(self.policy.tables.period_text[rebate.period]));
        self.say(
            "{0}（{1}）：下单前 {2}，下单后预计 {3}，本单增加 {4}。",
            "{0} ({1}): {2} before, about {3} after this order, which adds {4}.",
            &[&program, period, &before, &after, &delta],
        )
    }

    /// What the volume is measured against.
    fn base(self, rebate: &RebatePreview) -> Option<String> {
        let Yardstick::Base(base) = rebate.yardstick else { return None };
        let target = decoded::<Against>(self.policy.tables.program_against[rebate.program.index()]) == Against::Target;
        let program = self.program(rebate);
        let Some(base) = base else {
            // What is left of a target may be nothing.
            if rebate.joined.is_some() {
                return None;
            }
            let (zh, en) = match target {
                true => ("{0}没有目标，因此不计返利。", "{0} has no target, so nothing is earned."),
                false => ("{0}没有去年同期的数据。", "{0} has no last year to compare with."),
            };
            return Some(self.say(zh, en, &[&program]));
        };
        let (zh, en) = match target {
            true => ("{0}的目标为 {1}，含本单完成 {2}%。", "{0} has a target of {1}, of which {2} % are reached with this order."),
            false => ("{0}去年同期为 {1}，含本单增长 {2}%。", "{0} stood at {1} last year, with this order the growth is {2} %."),
        };
        let percent = rebate.percent.map(|percent| Scale(2).show_short(percent)).unwrap_or_default();
        Some(self.say(zh, en, &[&program, &self.volume(rebate, base), &percent]))
    }

    /// What a figure of the dealer's does.
    fn modifier(self, rebate: &RebatePreview, modified: Modified) -> String {
        let t = &self.policy.tables;
        let kpi = t.modifier_kpi[modified.modifier] as usize;
        let kpi = self.either(t.kpi_zh[kpi], t.kpi_en[kpi], self.policy.text(TextId(t.kpi_text[kpi])));
        let program = self.program(rebate);
        let Some(value) = modified.value else {
            return self.say(
                "{0}：还没有「{1}」，暂不计入考核。",
                "{0}: “{1}” is not known yet and left out of account.",
                &[&program, &kpi],
            );
        };
        let (zh, en) = match decoded::<ModifierKind>(t.modifier_kind[modified.modifier]) {
            ModifierKind::Gate | ModifierKind::Forfeit | ModifierKind::Multiply => {
                ("{0}：「{1}」为 {2}，返利按 {3}% 计。", "{0}: “{1}” is {2}, so {3} % of the rebate count.")
            }
            ModifierKind::Add | ModifierKind::Deduct => {
                ("{0}：「{1}」为 {2}，返点加减 {3} 个百分点。", "{0}: “{1}” is {2}, which is {3} points on the rate.")
            }
        };
        let (value, percent) = (Scale(4).show_short(value), Scale(Percent::DIGITS).show_short(modified.percent));
        self.say(zh, en, &[&program, &kpi, &value, &percent])
    }

    /// What counts of the target of a dealer that joined inside of the window.
    fn joined(self, rebate: &RebatePreview) -> Option<String> {
        let joined = rebate.joined?;
        let base = match rebate.yardstick {
            Yardstick::Base(base) => base.unwrap_or(0),
            Yardstick::Nothing => 0,
        };
        let (zh, en) = match decoded::<Joiners>(self.policy.tables.program_joiners[rebate.program.index()]) {
            Joiners::Months => (
                "{0}：中途加入，目标 {1} 按剩余 {2}/{3} 个月折算为 {4}。",
                "{0}: joined inside the window, so the target of {1} counts for {2} of {3} months: {4}.",
            ),
            Joiners::Agreed | Joiners::Days => (
                "{0}：中途加入，目标 {1} 按剩余 {2}/{3} 天折算为 {4}。",
                "{0}: joined inside the window, so the target of {1} counts for {2} of {3} days: {4}.",
            ),
        };
        let parts = [joined.target, base].map(|measured| self.volume(rebate, measured));
        Some(self.say(zh, en, &[&self.program(rebate), &parts[0], &number(joined.left), &number(joined.of), &parts[1]]))
    }

    /// The program that something is needed of, what is needed, and what there is.
    fn lack(self, lack: Lack) -> [String; 3] {
        let t = &self.policy.tables;
        let shown = |figure: i64| match decoded::<Needed>(t.need_kind[lack.need]) {
            Needed::Amount => self.money(Money(figure)),
            Needed::Quantity => self.measured(true, figure),
            Needed::Points => self.points(figure),
            Needed::Share => self.say("{0}%", "{0} %", &[&Scale(Percent::DIGITS).show_short(figure)]),
            Needed::Skus => self.say("{0} 个品项", if figure == 1 { "{0} SKU" } else { "{0} different SKUs" }, &[&number(figure)]),
            Needed::Categories => {
                self.say("{0} 个品类", if figure == 1 { "{0} category" } else { "{0} different categories" }, &[&number(figure)])
            }
        };
        let other = self.policy.text(TextId(t.need_program[lack.need]));
        [other.to_owned(), shown(t.need_value[lack.need]), shown(lack.have)]
    }

    /// Why a line does not count for a program.
    fn left_out(self, rebate: &RebatePreview, product: ProductId, why: u32) -> String {
        let (zh, en) = match PriceKind::why(why) {
            "order" => ("这类订单", "orders like this one do"),
            "contract" => ("合同价", "contract prices do"),
            "quotation" => ("报价单价", "quoted prices do"),
            "special" => ("特价", "special prices do"),
            "approved" => ("审批调整过的价", "approved adjustments do"),
            _ => ("不参加促销的价", "prices without promotions do"),
        };
        let why = if self.chinese { zh } else { en };
        self.say(
            "{0}：{1}不计，{2}不计返利。",
            "{0}: {1} does not count, because {2} not.",
            &[&self.program(rebate), &self.product_name(product), why],
        )
    }

    /// What a higher tier needs beside its volume.
    fn lacks(self, rebate: &RebatePreview) -> Option<String> {
        let [other, need, have] = self.lack(rebate.lacks?);
        let (zh, en) = ("{0}：再上一档还要「{1}」达到 {2}，现为 {3}。", "{0}: the next tier also needs {2} of “{1}”, which has {3}.");
        Some(self.say(zh, en, &[&self.program(rebate), &other, &need, &have]))
    }

    /// Why a program is not paid.
    fn standing(self, rebate: &RebatePreview) -> Option<(&'static str, String)> {
        let (t, program) = (&self.policy.tables, self.program(rebate));
        match rebate.standing {
            Standing::Paid => None,
            Standing::LostTo(other) => {
                let other = self.either(t.program_zh[other.index()], t.program_en[other.index()], self.policy.program(other));
                Some(("REBATE_LOST_TO", self.say("{0}不计，因为「{1}」已计。", "{0} is not paid, because “{1}” is.", &[&program, &other])))
            }
            Standing::Unmet(lack) => {
                let [other, need, have] = self.lack(lack);
                let parts = [&*program, &other, &need, &have];
                Some((
                    "REBATE_UNMET",
                    self.say("{0}不计：「{1}」需达 {2}，现为 {3}。", "{0} is not paid: “{1}” must reach {2} and has {3}.", &parts),
                ))
            }
        }
    }

    /// Who gets how much.
    fn split(self, rebate: &RebatePreview) -> String {
        let parts: Vec<String> = rebate
            .split
            .iter()
            .map(|(party, _, after)| {
                let to = self.policy.text(TextId(self.policy.tables.split_to[*party]));
                self.say("{0} {1}", "{0} {1}", &[to, &self.money(*after)])
            })
            .collect();
        let parts = parts.join(if self.chinese { "、" } else { ", " });
        self.say("{0}分给：{1}。", "{0} goes to: {1}.", &[&self.program(rebate), &parts])
    }

    /// What a budget keeps back, in a settlement of all that it has.
    fn budget(self, rebate: &RebatePreview, of_all: bool) -> Option<String> {
        let kept = rebate.budget.filter(|kept| kept.lost > Money::ZERO)?;
        let (zh, en) = match of_all {
            false => ("{0}的预算只剩 {1}，{2} 不计。", "{0}: its budget has {1} left, so {2} is not paid."),
            true => ("{0}的预算共 {1}，按比例少付 {2}。", "{0}: its budget is {1} for all, so {2} is not paid."),
        };
        Some(self.say(zh, en, &[&self.program(rebate), &self.money(kept.left), &self.money(kept.lost)]))
    }

    /// What is left of its guarantee.
    fn guarantee(self, rebate: &RebatePreview) -> Option<String> {
        let amount = Money(self.policy.tables.program_guarantee[rebate.program.index()]);
        let least = Money(amount.0.saturating_sub(rebate.surplus.0).max(0));
        let (zh, en) = (
            "{0}：保底 {1}，前期已超付 {2}，本期保底 {3}。",
            "{0}: {1} are guaranteed, {2} was paid beyond that before, so at least {3} are paid for this window.",
        );
        let said = [&*self.program(rebate), &self.money(amount), &self.money(rebate.surplus), &self.money(least)];
        (rebate.surplus > Money::ZERO).then(|| self.say(zh, en, &said))
    }

    /// From what on it is paid.
    fn minimum(self, rebate: &RebatePreview) -> Option<String> {
        let minimum = Money(self.policy.tables.program_minimum[rebate.program.index()]);
        let short = minimum.0.saturating_sub(rebate.carried.0).saturating_sub(rebate.after.0);
        let (zh, en) = match short > 0 {
            true => {
                ("{0}满 {1} 起付，还差 {2}，不足结转下期。", "{0} is paid from {1} on: {2} short, which is carried to the next window.")
            }
            false => ("{0}满 {1} 起付，已达到。", "{0} is paid from {1} on, which is reached."),
        };
        (minimum > Money::ZERO).then(|| self.say(zh, en, &[&self.program(rebate), &self.money(minimum), &self.money(Money(short))]))
    }

    /// What it is paid in, where that is no credit note; of pieces how many, and what is left.
    fn form(self, rebate: &RebatePreview, pieces: Option<(i64, Money)>) -> Option<String> {
        let t = &self.policy.tables;
        let (zh, en) = match decoded::<Form>(t.program_form[rebate.program.index()]) {
            Form::Credit => return None,
            Form::Cash => ("{0}以现金兑付。", "{0} is paid out."),
            Form::Lot => ("{0}以返利单兑付。", "{0} is paid by lots."),
            Form::NextOrder => {
                ("{0}抵扣以后的一张订单，未用完的作废。", "{0} pays a part of one later order; what that does not use is lost.")
            }
            Form::Voucher => (
                "{0}以返利券兑付：每张 {1}，共 {2} 张，余 {3} 结转。",
                "{0} is paid in vouchers: {1} each, {2} of them, and {3} is carried.",
            ),
            Form::Goods => (
                "{0}以货返兑付：{4} 每件计 {1}，共 {2} 件，余 {3} 结转。",
                "{0} is paid in goods: {4} at {1}, {2} of it, and {3} is carried.",
            ),
        };
        let (count, rest) = pieces.unwrap_or((0, Money::ZERO));
        let goods = Some(t.program_goods[rebate.program.index()]).filter(|goods| *goods != NONE);
        let goods = goods.map_or("", |goods| self.policy.sku(ProductId(goods)));
        let piece = self.money(Money(t.program_piece[rebate.program.index()]));
        Some(self.say(zh, en, &[&self.program(rebate), &piece, &number(count), &self.money(rest), goods]))
    }

    /// What the end of the period is expected to bring.
    fn forecast(self, rebate: &RebatePreview) -> Option<String> {
        let (foreseen, earned) = (rebate.forecast?, rebate.earned?);
        let volume = self.volume(rebate, foreseen.volume);
        let [earned, accrued, then] = [earned, foreseen.accrued, foreseen.rebate].map(|amount| self.money(amount));
        let (zh, en) = match foreseen.by {
            ForecastBy::Expected => (
                "{0}：已挣 {1}；全期预计 {2}，返利 {3}，按此已可计提 {4}。",
                "{0}: {1} are earned; {2} are expected of the period, a rebate of {3}, of which {4} are accrued so far.",
            ),
            _ => (
                "{0}：已挣 {1}；按进度推算全期 {2}，返利 {3}，按此已可计提 {4}。",
                "{0}: {1} are earned; at this rate the period comes to {2}, a rebate of {3}, of which {4} are accrued so far.",
            ),
        };
        Some(self.say(zh, en, &[&self.program(rebate), &earned, &volume, &then, &accrued]))
    }

    /// What falling under the reached tier would cost.
    fn cliff(self, rebate: &RebatePreview) -> Option<String> {
        let cliff = rebate.cliff?;
        let margin = self.volume(rebate, cliff.margin);
        Some(self.say(
            "{0}：退货超过 {1} 将跌出本阶梯，返利至少减少 {2}。",
            "{0}: returns of more than {1} fall under this tier and cost at least {2}.",
            &[&self.program(rebate), &margin, &self.money(cliff.loss)],
        ))
    }

    /// Where the dealer stood in a contest.
    fn contest(self, quote: &Quote, rebate: &RebatePreview, race: &Race) -> String {
        let ContestStanding { as_of, rank, of, prize, volume: then, .. } = &race.standing;
        let volume = |volume: i64| self.volume(rebate, volume);
        let (zh, en) = match rank {
            Some(_) => (
                "{0}：{1} 天前公布排第 {2} 名，共 {3} 名，可得 {4}；当时计 {5}，本单后计 {6}。",
                "{0}: rank {2} of {3} as published {1} days ago, worth {4}; {5} counted then, with this order {6}.",
            ),
            None => (
                "{0}：{1} 天前公布时未入围，共 {3} 名；当时计 {5}，本单后计 {6}。",
                "{0}: not among the {3} ranked as published {1} days ago; {5} counted then, with this order {6}.",
            ),
        };
        let days = number(((quote.now.0 - as_of.0) / DAY).max(0));
        let (rank, of) = (number(rank.unwrap_or(0)), number(*of));
        let then = volume(then.measured(rebate.qualifier));
        self.say(zh, en, &[&self.race(race), &days, &rank, &of, &self.money(*prize), &then, &volume(race.after)])
    }

    /// How far a rank is.
    fn rank(self, rebate: &RebatePreview, race: &Race, at: usize) -> String {
        let (rank, now) = (race.standing.ahead[at], race.ahead[at]);
        let [before, after, over] = [now.before, now.after, now.over].map(|volume| self.volume(rebate, volume));
        let (zh, en) = if now.after > 0 {
            (
                "{0}：距当时第 {1} 名（{2}）还差 {3}，本单后还差 {4}。",
                "{0}: {3} short of rank {1} ({2}) as it was then, with this order {4}.",
            )
        } else {
            (
                "{0}：本单后达到当时第 {1} 名（{2}），超出 {5}；名次以下次公布为准。",
                "{0}: this order reaches rank {1} ({2}) as it was then, {5} beyond it; the next publication decides.",
            )
        };
        self.say(zh, en, &[&self.race(race), &number(rank.rank), &self.money(rank.prize), &before, &after, &over])
    }

    /// Name of a contest.
    fn race(self, race: &Race) -> String {
        let [zh, en] = &race.standing.names;
        let name = if self.chinese { zh } else { en };
        (if name.is_empty() { &race.standing.contest } else { name }).clone()
    }

    fn next_tier(self, rebate: &RebatePreview) -> Option<String> {
        let next = rebate.next?;
        let (program, gap) = (self.program(rebate), self.volume(rebate, next.gap));
        let gain = next.gain.map(|gain| self.money(gain));
        let gain = gain.map(|gain| self.say("，达到时返利再增 {0}", ", worth {0} at that point", &[&gain])).unwrap_or_default();
        Some(self.say("{0}距下一阶梯还差 {1}{2}。", "{0}: {1} more reaches the next tier{2}.", &[&program, &gap, &gain]))
    }

    /// How long there is left for the next tier, and how much of it is missing.
    fn deadline(self, quote: &Quote, rebate: &RebatePreview) -> Option<String> {
        let (next, end) = (rebate.next?, self.writer.window_end(rebate)?);
        let whole = i128::from(next.tier.from.max(1));
        let missing = (i128::from(next.gap) * 10_000 + whole - 1) / whole;
        let missing = Scale(2).show_short(i64::try_from(missing).ok()?);
        Some(self.say(
            "{0}本期还剩 {1} 天，距下一阶梯差 {2}%。",
            "{0}: {1} days left, {2} % short of the next tier.",
            &[&self.program(rebate), &self.days_left(quote, end), &missing],
        ))
    }

    /// Days that have begun count whole.
    fn days_left(self, quote: &Quote, end: Instant) -> String {
        number((end.0 - quote.now.0 + DAY - 1) / DAY)
    }

    fn redemption(self, redemption: &Redemption) -> String {
        let [used, allowed, balance] = [redemption.used, redemption.allowed, redemption.balance].map(|amount| self.money(amount));
        self.say(
            "返利抵扣 {0}：本单最多可用 {1}，可用余额 {2}。",
            "Rebates pay {0}: this order may use {1} of a balance of {2}.",
            &[&used, &allowed, &balance],
        )
    }

    /// What either policy of a transition would give for a line.
    fn passing_line(self, quote: &Quote, passage: &Passage, line: &QuoteLine) -> String {
        let at = quote.lines.iter().position(|other| other.position == line.position).unwrap_or_default();
        let hidden = line.availability == Availability::Hidden;
        let name = if hidden { self.policy.sku(line.product).to_owned() } else { self.product_name(line.product) };
        let net = |alone: &Alone| match alone.lines[at] {
            Some((.., net)) => self.money(net),
            None => self.say("无价格", "no price", &[]),
        };
        let (name, old, new) = (self.quoted(&name), net(&passage.old), net(&passage.new));
        let (zh, en) = match passage.phase {
            Phase::Old => (
                "{0}价格保护至 {3}：旧政策净额 {1}，新政策净额 {2}。",
                "{0} is protected until {3}: net {1} by the old policy, {2} by the new one.",
            ),
            Phase::Blend | Phase::BetterOf => {
                ("{0}：旧政策净额 {1}，新政策净额 {2}。", "{0}: net {1} by the old policy, {2} by the new one.")
            }
        };
        self.say(zh, en, &[&name, &old, &new, &passage.until])
    }

    fn passage(self, passage: &Passage) -> (&'static str, String) {
        let [old, new] = [&passage.old, &passage.new].map(|alone| self.money(alone.totals.payable));
        let side = match passage.side {
            Side::Old => self.say("旧", "old", &[]),
            Side::New => self.say("新", "new", &[]),
        };
        let [part, of] = [passage.weight.0, passage.weight.1].map(|number_of| number(i64::from(number_of)));
        let parts = [&passage.old.version, &passage.new.version, &old, &new, &passage.until, &passage.end, &side, &part, &of]
            .map(|part| part.as_str());
        let (code, zh, en) = match passage.phase {
            Phase::Old => (
                "TRANSITION_OLD",
                "过渡期保护：至 {4} 仍适用旧政策 {0}，应付 {2}；按新政策 {1} 应付 {3}。",
                "Protected until {4}: the old policy {0} still holds, to pay {2}; by the new policy {1} it would be {3}.",
            ),
            Phase::Blend => (
                "TRANSITION_BLEND",
                "过渡期：至 {4} 单价和返利率按旧政策 {0} 计 {7}/{8}，其余按新政策 {1}；只按旧政策应付 {2}，只按新政策应付 {3}；过渡期至 {5}。",
                "Until {4} unit prices and rebate rates are {7}/{8} those of the old policy {0}, the rest those of the new policy {1}; by the old one alone it would be {2}, by the new one {3}; the transition ends with {5}.",
            ),
            Phase::BetterOf => (
                "TRANSITION_BETTER_OF",
                "过渡期择优：本单适用{6}政策；旧政策 {0} 应付 {2}，新政策 {1} 应付 {3}；至 {5} 止。",
                "The better policy holds for each order until {5}, here the {6} one: by the old policy {0} to pay {2}, by the new policy {1} {3}.",
            ),
        };
        (code, self.say(zh, en, &parts))
    }

    fn freight(self, line: &FreightLine) -> String {
        let t = &self.policy.tables;
        let name = self.either(t.freight_zh[line.table.index()], t.freight_en[line.table.index()], self.policy.freight(line.table));
        let region = match t.freight_region[line.row] {
            NONE => self.say("各地", "everywhere", &[]),
            region => self.value(ValueId(region)),
        };
        let [from, charge] = [Money(t.freight_amount[line.row]), line.charge].map(|amount| self.money(amount));
        let weight = Scale::WEIGHT.show_short(line.weight);
        let band = if t.freight_amount[line.row] > 0 { self.say("，满 {0}", ", from {0}", &[&from]) } else { String::new() };
        let mut left = String::new();
        for (rule, amount) in &line.adjustments {
            left += &self.say("；{0}减 {1}", "; {0} takes off {1}", &[&self.rule(*rule), &self.money(*amount)]);
        }
        if line.net < line.charge {
            left += &self.say("，实付 {0}", ", to pay {0}", &[&self.money(line.net)]);
        }
        self.say("{0}（{1}，{2} 千克{3}）：{4}{5}。", "{0} ({1}, {2} kg{3}): {4}{5}.", &[&name, &region, &weight, &band, &charge, &left])
    }

    fn tax(self, tax: &LineTax) -> String {
        let rate = match tax.rate {
            Some(rate) => self.say("税率 {0}%", "Tax {0} %", &[&Scale(Percent::DIGITS).show_short(rate.0)]),
            None => self.say("免税", "Exempt from tax", &[]),
        };
        let [base, amount, gross] = [tax.taxed.base, tax.taxed.tax, tax.taxed.gross].map(|amount| self.money(amount));
        let parts = [&*rate, &base, &amount, &gross];
        self.say("{0}：不含税 {1}，税额 {2}，价税合计 {3}。", "{0}: {1} before tax, {2} tax, {3} with tax.", &parts)
    }

    fn totals(self, quote: &Quote) -> String {
        let totals = &quote.totals;
        let [list, discount, payable] = [totals.list, totals.discount, totals.payable].map(|amount| self.money(amount));
        let redeemed = match totals.redeemed {
            Money::ZERO => String::new(),
            redeemed => self.say("，返利抵扣 {0}", ", paid by rebates {0}", &[&self.money(redeemed)]),
        };
        // Lots may lower the tax; what the order comes to with tax is what all of it is paid by.
        let due = self.money(Money(totals.payable.0.saturating_add(totals.redeemed.0)));
        let tax = totals.tax.zip(self.policy.constants.tax).map(|(tax, basis)| match basis {
            TaxBasis::Inclusive => self.say("，含税额 {0}", ", including tax {0}", &[&self.money(tax.tax)]),
            TaxBasis::Exclusive => self.say("，价税合计 {0}", ", with tax {0}", &[&due]),
        });
        let freight = match totals.freight {
            Money::ZERO => String::new(),
            freight => self.say("，运费 {0}", ", freight {0}", &[&self.money(freight)]),
        };
        let parts = [&*list, &discount, &freight, &tax.unwrap_or_default(), &redeemed, &payable];
        self.say("货款 {0}，优惠 {1}{2}{3}{4}，应付 {5}。", "List {0}, savings {1}{2}{3}{4}, to pay {5}.", &parts)
    }
}
