//! Reading inputs strictly: every fault at once, each with its path; unknown keys are faults; fractions never become money.

use super::fault::{count, words};
use super::hint::Wish;
use super::{Fault, Faults, Node};
use crate::attribute::Ordered;
use crate::bundle::{Constant, Dimension, Loaded};
use crate::explain::Language;
use crate::facts::{
    Account, Ahead, Approved, Bought, BudgetUse, ContestStanding, Credit, DealerFacts, DeliveredBy, Delivery, EnteredCoupon, GiftChoice,
    Inventory, Licence, Lot, Off, Order, OrderLine, Orders, Overdue, ProgramVolume, Question, Redeem, RegistrationUse, Reorder, Stock,
    Usage, Used, Volume,
};
use crate::id::{AliasId, ProductId, TextId, UnitId, ValueId};
use crate::limit;
use crate::num::{Money, NumberFault, Percent, Quantity, Scale};
use crate::returns::Taken;
use crate::sort::{key as sort_key, sort};
use crate::time::{Instant, day_number, is_day};

/// Collects the faults of one input.
#[derive(Debug, Default)]
pub struct Reader {
    faults: Vec<Fault>,
}

/// One object being read: keys are taken one by one, what is left over at the end is unknown.
struct Object<'n> {
    path: String,
    entries: Vec<(&'n str, &'n Node)>,
    known: Vec<&'static str>,
}

impl<'n> Object<'n> {
    fn take(&mut self, key: &'static str) -> Option<(&'n Node, String)> {
        self.known.push(key);
        let found = self.entries.iter().position(|(name, _)| *name == key)?;
        let (_, node) = self.entries.swap_remove(found);
        (*node != Node::Null).then(|| (node, join(&self.path, key)))
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { words(&[path, ".", key]) }
}

/// The id of a line that is given none.
pub(crate) fn line_id(policy: &Loaded, product: ProductId, unit: Option<UnitId>) -> String {
    words(&[policy.sku(product), "|", policy.unit_text(product, unit)])
}

/// A value as a person recognises it, shortened.
fn shown(node: &Node) -> String {
    let text = match node {
        Node::Null => "nothing".to_owned(),
        Node::Bool(value) => if *value { "true" } else { "false" }.to_owned(),
        Node::Int(value) => Scale(0).show(*value),
        Node::Fraction(text) | Node::Text(text) => text.clone(),
        Node::List(list) => words(&["a list of ", &count(list.len())]),
        Node::Map(_) => "an object".to_owned(),
        Node::Rows(_) => "lines".to_owned(),
    };
    if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text }
}

impl Reader {
    /// Adds a fault.
    pub fn fault(&mut self, code: &'static str, path: &str, node: &Node, message: &str, help: &str) {
        if self.faults.len() < limit::FAULTS {
            self.faults.push(Fault { code, path: path.to_owned(), value: shown(node), message: message.to_owned(), help: help.to_owned() });
        }
    }

    /// The value, unless anything was wrong.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Faults> {
        match value {
            Some(value) if self.faults.is_empty() => Ok(value),
            _ => Err(Faults(self.faults)),
        }
    }

    fn missing(&mut self, path: &str, key: &str, help: &str) {
        self.fault("KEY_MISSING", &join(path, key), &Node::Null, &words(&["`", key, "` is missing"]), help);
    }

    fn object<'n>(&mut self, node: &'n Node, path: &str) -> Option<Object<'n>> {
        match node {
            Node::Map(entries) => {
                Some(Object { path: path.to_owned(), entries: entries.iter().map(|(k, v)| (k.as_str(), v)).collect(), known: Vec::new() })
            }
            _ => {
                self.fault("SHAPE_WRONG", path, node, "an object is needed here", "see the types of the package for its fields");
                None
            }
        }
    }

    fn close(&mut self, object: Object) {
        for (key, node) in object.entries {
            let path = join(&object.path, key);
            let known = object.known.join("`, `");
            let near = object.known.iter().find(|k| k.eq_ignore_ascii_case(&key.replace('-', "_")) || close_to(k, key));
            let help = match near {
                Some(near) => words(&["did you mean `", near, "`?"]),
                None => words(&["known here: `", &known, "`; your own fields go under `attributes` of the order or the dealer"]),
            };
            self.fault("KEY_UNKNOWN", &path, node, &words(&["`", key, "` is not a field here"]), &help);
        }
    }

    fn schema(&mut self, object: &mut Object) {
        match object.take("schema") {
            Some((Node::Int(1), _)) => {}
            Some((node, path)) => self.fault("SCHEMA_UNKNOWN", &path, node, "this version of the format is not known", "send `schema: 1`"),
            None => self.missing(&object.path.clone(), "schema", "send `schema: 1`"),
        }
    }

    fn text(&mut self, node: &Node, path: &str) -> Option<String> {
        match node {
            Node::Text(text) => Some(text.clone()),
            _ => {
                self.fault("SHAPE_WRONG", path, node, "a text is needed here", "put it in quotes");
                None
            }
        }
    }

    fn id(&mut self, node: &Node, path: &str) -> Option<String> {
        let text = self.text(node, path)?;
        let sound =
            !text.is_empty() && text.trim() == text && text.chars().count() <= limit::ID_CHARS && !text.chars().any(char::is_control);
        if !sound {
            let message =
                words(&["an id has 1 to ", &count(limit::ID_CHARS), " characters, no control characters and no space at either end"]);
            self.fault("ID_INVALID", path, node, &message, "send the id as the policy writes it");
        }
        sound.then_some(text)
    }

    fn list<'n>(&mut self, node: &'n Node, path: &str, most: usize) -> Option<&'n [Node]> {
        match node {
            Node::List(list) if list.len() <= most => Some(list),
            Node::List(_) => {
                self.fault(
                    "LIMIT_EXCEEDED",
                    path,
                    node,
                    &words(&["at most ", &count(most), " entries are accepted here"]),
                    "split the order",
                );
                None
            }
            _ => {
                self.fault("SHAPE_WRONG", path, node, "a list is needed here", "put the entries in [ ]");
                None
            }
        }
    }

    fn instant(&mut self, node: &Node, path: &str) -> Option<Instant> {
        let instant = match node {
            Node::Int(millis) => Some(Instant(*millis)),
            Node::Text(text) => Instant::parse(text),
            _ => None,
        };
        let instant = instant.filter(|i| (Instant(0)..=Instant::MAX).contains(i));
        if instant.is_none() {
            let help = "send RFC 3339 with an offset, `2026-11-21T10:00:00+08:00`, or whole milliseconds since 1970";
            self.fault("INSTANT_INVALID", path, node, "this is not an instant", help);
        }
        instant
    }

    fn day(&mut self, node: &Node, path: &str) -> Option<String> {
        let day = match node {
            Node::Text(text) => Some(text.clone()).filter(|text| is_day(text)),
            _ => None,
        };
        if day.is_none() {
            self.fault("DATE_INVALID", path, node, "this is not a date", "send year, month and day: `2025-03-10`");
        }
        day
    }

    fn number(&mut self, node: &Node, path: &str, scale: Scale, most: i64, what: &str) -> Option<i64> {
        let parsed = match node {
            Node::Int(value) => scale.read(&Scale(0).show(*value)),
            Node::Text(text) => scale.read(text),
            Node::Fraction(_) => {
                let help = words(&["send ", what, " as text, for example \"12.50\": a JavaScript number cannot hold it exactly"]);
                self.fault("NUMBER_FRACTION", path, node, "a number with a fraction is refused", &help);
                return None;
            }
            _ => Err(NumberFault::Syntax),
        };
        match parsed {
            // Not by its absolute value: the least integer has none.
            Ok(image) if (-most..=most).contains(&image) => Some(image),
            Ok(_) | Err(NumberFault::Range) => {
                self.fault("NUMBER_RANGE", path, node, &words(&[what, " is out of range"]), &words(&["the most is ", &scale.show(most)]));
                None
            }
            Err(NumberFault::Digits(digits)) => {
                let help = if digits == 0 {
                    "send a whole number".to_owned()
                } else {
                    words(&["at most ", &count(digits as usize), " digits after the point"])
                };
                self.fault("NUMBER_DIGITS", path, node, &words(&[what, " has too many digits after the point"]), &help);
                None
            }
            Err(NumberFault::Syntax) => {
                let help = "send plain digits as text, for example \"1299.50\"; no separators, signs or exponents";
                self.fault("NUMBER_INVALID", path, node, &words(&[what, " is not a plain decimal"]), help);
                None
            }
        }
    }

    fn money(&mut self, node: &Node, path: &str, policy: &Loaded) -> Option<Money> {
        self.amount(node, path, policy, limit::MONEY)
    }

    fn amount(&mut self, node: &Node, path: &str, policy: &Loaded, most: i64) -> Option<Money> {
        if let Node::Int(_) = node {
            self.fault("NUMBER_FRACTION", path, node, "an amount is sent as text", "put it in quotes: \"100.00\"");
            return None;
        }
        self.number(node, path, policy.constants.money_scale, most, "the amount").map(Money)
    }

    fn quantity(&mut self, node: &Node, path: &str, policy: &Loaded) -> Option<Quantity> {
        self.number(node, path, policy.constants.quantity_scale, limit::QUANTITY, "the quantity").map(Quantity)
    }

    fn attributes(&mut self, object: &mut Object) -> Vec<(String, String)> {
        let Some((node, path)) = object.take("attributes") else { return Vec::new() };
        let Node::Map(entries) = node else {
            self.fault("SHAPE_WRONG", &path, node, "an object is needed here", "send texts under keys of your own");
            return Vec::new();
        };
        if entries.len() > limit::ATTRIBUTES {
            let message = words(&["at most ", &count(limit::ATTRIBUTES), " attributes are accepted"]);
            self.fault("LIMIT_EXCEEDED", &path, node, &message, "keep only what the policy or your audit needs");
            return Vec::new();
        }
        let mut attributes = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let path = join(&path, key);
            if key.chars().count() > limit::ID_CHARS {
                self.fault(
                    "LIMIT_EXCEEDED",
                    &path,
                    value,
                    "the key is too long",
                    &words(&["at most ", &count(limit::ID_CHARS), " characters"]),
                );
            }
            let text = if let Node::Int(number) = value { Some(Scale(0).show(*number)) } else { self.text(value, &path) };
            if let Some(text) = text {
                if text.chars().count() > limit::ATTRIBUTE_CHARS {
                    let message = words(&["at most ", &count(limit::ATTRIBUTE_CHARS), " characters are accepted"]);
                    self.fault("LIMIT_EXCEEDED", &path, value, &message, "shorten it");
                }
                attributes.push((key.clone(), text));
            }
        }
        sort(&mut attributes, Ord::cmp);
        attributes
    }

    /// Reads `{ order, dealer, now }`; `more` may take further keys.
    pub fn question<T>(
        &mut self,
        policy: &Loaded,
        input: &Node,
        more: impl FnOnce(&mut Reader, &mut Entries) -> Option<T>,
    ) -> Option<(Question, T)> {
        let mut entries = Entries(self.object(input, "")?);
        let order = entries.need(self, "order").and_then(|(node, path)| self.order(policy, node, &path));
        let dealer = entries.need(self, "dealer").and_then(|(node, path)| self.dealer(policy, node, &path));
        let now = self.now(policy, &mut entries);
        let rest = more(self, &mut entries);
        self.close(entries.0);
        Some((Question { order: order?, dealer: dealer?, now: now? }, rest?))
    }

    /// Reads `{ dealer, now }` and further keys.
    pub fn context<T>(
        &mut self,
        policy: &Loaded,
        input: &Node,
        more: impl FnOnce(&mut Reader, &mut Entries) -> Option<T>,
    ) -> Option<(DealerFacts, Instant, T)> {
        let mut entries = Entries(self.object(input, "")?);
        let dealer = entries.need(self, "dealer").and_then(|(node, path)| self.dealer(policy, node, &path));
        let now = self.now(policy, &mut entries);
        let rest = more(self, &mut entries);
        self.close(entries.0);
        Some((dealer?, now?, rest?))
    }

    /// Reads an object of the keys that `more` takes.
    pub fn only<T>(&mut self, input: &Node, more: impl FnOnce(&mut Reader, &mut Entries) -> Option<T>) -> Option<T> {
        let mut entries = Entries(self.object(input, "")?);
        let value = more(self, &mut entries);
        self.close(entries.0);
        value
    }

    /// Reads `{ dealer, now }` of another day.
    pub fn day_of(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<(DealerFacts, Instant)> {
        let mut entries = Entries(self.object(node, path)?);
        let dealer = entries.need(self, "dealer").and_then(|(node, path)| self.dealer(policy, node, &path));
        let now = self.now(policy, &mut entries);
        self.close(entries.0);
        Some((dealer?, now?))
    }

    /// Reads what comes back of the lines of an order, and what came back before; by line.
    pub fn taken(
        &mut self,
        policy: &Loaded,
        order: &Order,
        (now, path): &(Node, String),
        before: Option<&(Node, String)>,
    ) -> Option<Vec<Taken>> {
        let mut all = Vec::new();
        if let Some((before, path)) = before {
            self.came_back(policy, order, before, path, false, &mut all);
        }
        self.came_back(policy, order, now, path, true, &mut all);
        sort(&mut all, |a, b| a.line.cmp(&b.line));
        Some(all)
    }

    fn came_back(&mut self, policy: &Loaded, order: &Order, node: &Node, path: &str, is_now: bool, all: &mut Vec<Taken>) {
        for (index, node) in self.list(node, path, limit::ORDER_LINES).unwrap_or_default().iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(mut object) = self.object(node, &path) else { continue };
            let (id, quantity) = (object.take("line"), object.take("quantity"));
            self.close(object);
            let key = if id.is_none() { "line" } else { "quantity" };
            let (Some((id, id_path)), Some((quantity, quantity_path))) = (id, quantity) else {
                self.missing(&path, key, "name the line, and say how many come back");
                continue;
            };
            let found = self.text(id, &id_path).map(|text| order.lines.binary_search_by(|line| line.id.as_str().cmp(&text)));
            let Some(Ok(at)) = found else {
                if found.is_some() {
                    self.fault("LINE_UNKNOWN", &id_path, id, "the order has no such line", "send the id of the line as the quote has it");
                }
                continue;
            };
            let line = &order.lines[at];
            let Some(ordered) = self.quantity(quantity, &quantity_path, policy) else { continue };
            if ordered.0 <= 0 {
                self.fault("NUMBER_RANGE", &quantity_path, quantity, "a quantity is more than zero", "remove the line instead");
                continue;
            }
            let Some(base) = self.in_base(policy, line.product, line.unit, ordered, quantity, &quantity_path) else { continue };
            let found = all.iter().position(|taken| taken.line == at).unwrap_or(all.len());
            if found == all.len() {
                all.push(Taken { line: at, before: (Quantity(0), Quantity(0)), now: (Quantity(0), Quantity(0)) });
            }
            let taken = &mut all[found];
            let part = if is_now { &mut taken.now } else { &mut taken.before };
            let twice = part.0.0 > 0;
            *part = (ordered, base);
            if twice || taken.before.0.0 + taken.now.0.0 > line.ordered.0 {
                let (message, help) = if twice {
                    ("this line stands twice", "send each line once")
                } else {
                    ("more comes back than was ordered", "see what came back before")
                };
                self.fault("RETURN_INVALID", &quantity_path, quantity, message, help);
            }
        }
    }

    /// Reads `{ dealer }`.
    pub fn only_dealer(&mut self, policy: &Loaded, input: &Node) -> Option<DealerFacts> {
        let mut entries = Entries(self.object(input, "")?);
        let dealer = entries.need(self, "dealer").and_then(|(node, path)| self.dealer(policy, node, &path));
        self.close(entries.0);
        dealer
    }

    fn now(&mut self, policy: &Loaded, entries: &mut Entries) -> Option<Instant> {
        let (node, path) = entries.need(self, "now")?;
        let now = self.instant(node, &path)?;
        if !policy.constants.valid.contains(now) {
            let help = "load the version of the policy that is in force";
            self.fault("POLICY_NOT_EFFECTIVE", &path, node, "the policy is not in force at this instant", help);
            return None;
        }
        if now >= policy.constants.horizon {
            let help = "build the policy again; its calendars were compiled up to `horizon_years`";
            self.fault("HORIZON_PASSED", &path, node, "the policy's calendars end before this instant", help);
            return None;
        }
        Some(now)
    }

    /// Reads an order: resolves products, merges lines of equal id, puts them in order of their id.
    pub fn order(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<Order> {
        let mut object = self.object(node, path)?;
        self.schema(&mut object);
        let source = object.take("source").map(|(node, path)| self.id(node, &path));
        self.currency(policy, &mut object);
        let (coupons, gifts, decline) = self.entered(policy, &mut object);
        let delivery = self.delivery(policy, &mut object);
        let redeem = object.take("redeem").and_then(|(node, path)| self.redeem(policy, node, &path));
        let attributes = self.attributes(&mut object);
        self.listed(policy, policy.order_attributes(), path, &attributes);
        let lines = match object.take("lines") {
            Some((node, path)) => self.lines(policy, node, &path),
            None => {
                self.missing(path, "lines", "send the lines of the order, [] for none");
                None
            }
        };
        self.close(object);
        Some(Order { source: source.flatten(), delivery, redeem, lines: lines?, coupons, gifts, decline, attributes })
    }

    /// A currency that an input names is the policy's: nothing is converted.
    fn currency(&mut self, policy: &Loaded, object: &mut Object) {
        let Some((node, path)) = object.take("currency") else { return };
        let own = policy.constant_text(Constant::Currency);
        if !matches!(node, Node::Text(named) if named == own) {
            let help = words(&["send amounts in `", own, "`, or load the policy of this currency"]);
            self.fault("CURRENCY_MISMATCH", &path, node, "this is not the currency of the policy", &help);
        }
    }

    /// What is entered beside the lines.
    fn entered(&mut self, policy: &Loaded, object: &mut Object) -> (Vec<EnteredCoupon>, Vec<GiftChoice>, Vec<String>) {
        let coupons = object.take("coupons").map_or_else(Vec::new, |(node, path)| self.coupons(policy, node, &path));
        let gifts = object.take("gifts").map_or_else(Vec::new, |(node, path)| self.gifts(policy, node, &path));
        let mut decline = Vec::new();
        if let Some((node, path)) = object.take("decline") {
            for (index, node) in self.list(node, &path, limit::DECLINED).unwrap_or_default().iter().enumerate() {
                decline.extend(self.id(node, &words(&[&path, "[", &count(index), "]"])));
            }
        }
        sort(&mut decline, Ord::cmp);
        decline.dedup();
        (coupons, gifts, decline)
    }

    /// Reads `{ coupons?, gifts?, decline? }` of a cart.
    pub fn entries(&mut self, policy: &Loaded, input: &Node) -> Option<(Vec<EnteredCoupon>, Vec<GiftChoice>, Vec<String>)> {
        let mut object = self.object(input, "")?;
        let entered = self.entered(policy, &mut object);
        self.close(object);
        Some(entered)
    }

    /// The entries of an object whose keys are ids of promotions or budgets.
    fn by_id<'n>(&mut self, node: &'n Node, path: &str, most: usize) -> &'n [(String, Node)] {
        match node {
            Node::Map(entries) if entries.len() <= most => entries,
            Node::Map(_) => {
                let message = words(&["at most ", &count(most), " entries are accepted here"]);
                self.fault("LIMIT_EXCEEDED", path, node, &message, "send only what concerns this order");
                &[]
            }
            _ => {
                self.fault("SHAPE_WRONG", path, node, "an object is needed here", "send each entry under its id");
                &[]
            }
        }
    }

    /// Choices of gifts in order of the promotion's id. That it is one of the dealer's is not asked here: whether it gives what is chosen is the answer's.
    fn gifts(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<GiftChoice> {
        let mut choices = Vec::new();
        for (id, node) in self.by_id(node, path, limit::GIFT_CHOICES) {
            let path = join(path, id);
            let Some(promotion) = self.id(&Node::Text(id.clone()), &path) else { continue };
            let Some(list) = self.list(node, &path, limit::ORDER_LINES) else { continue };
            let mut products: Vec<ProductId> = Vec::with_capacity(list.len());
            for (index, node) in list.iter().enumerate() {
                let path = words(&[&path, "[", &count(index), "]"]);
                let Some(product) = self.sku(policy, node, &path) else { continue };
                if products.contains(&product) {
                    self.fault("GIFT_INVALID", &path, node, "this gift is chosen twice", "name each gift once");
                }
                products.insert(products.partition_point(|known| *known < product), product);
            }
            let at = choices.partition_point(|known: &GiftChoice| known.promotion < promotion);
            choices.insert(at, GiftChoice { promotion, products });
        }
        choices
    }

    fn sku(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<ProductId> {
        Some(self.sku_or_alias(policy, node, path)?.0)
    }

    fn sku_or_alias(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<(ProductId, Option<AliasId>)> {
        let product = self.text(node, path).map(|sku| policy.product_known_as(&sku))?;
        if product.is_none() {
            self.fault("SKU_UNKNOWN", path, node, "the policy has no such product", "check the SKU, or remove the line");
        }
        product
    }

    /// Coupon codes in order of the code.
    fn coupons(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<EnteredCoupon> {
        let Some(list) = self.list(node, path, limit::COUPONS) else { return Vec::new() };
        let mut coupons: Vec<EnteredCoupon> = Vec::with_capacity(list.len());
        for (position, node) in list.iter().enumerate() {
            let path = words(&[path, "[", &count(position), "]"]);
            let Some(code) = self.id(node, &path) else { continue };
            if coupons.iter().any(|entered| entered.code == code) {
                self.fault("COUPON_DUPLICATE", &path, node, "this code stands twice", "send each code once");
            }
            let at = coupons.partition_point(|known| known.code < code);
            coupons.insert(at, EnteredCoupon { coupon: policy.coupon(&code), code, position });
        }
        coupons
    }

    /// How much rebates shall pay: an amount, or `max`.
    pub fn redeem(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<Redeem> {
        match node {
            Node::Text(text) if text == "max" => Some(Redeem::Max),
            _ => self.money_from_zero(node, path, policy).map(Redeem::Amount),
        }
    }

    fn money_from_zero(&mut self, node: &Node, path: &str, policy: &Loaded) -> Option<Money> {
        let amount = self.money(node, path, policy)?;
        if amount < Money::ZERO {
            self.fault("NUMBER_RANGE", path, node, "this amount is not negative", "send zero or more");
        }
        (amount >= Money::ZERO).then_some(amount)
    }

    /// Reads lots of rebate and puts them in the order in which they are used up: the first to expire, then the oldest, then by id.
    fn lots(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<Lot> {
        let Some(list) = self.list(node, path, limit::FACT_LOTS) else { return Vec::new() };
        let mut lots: Vec<Lot> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(lot) = self.lot(policy, node, &path) else { continue };
            if lots.iter().any(|known| known.id == lot.id) {
                self.fault("LOT_DUPLICATE", &path, node, "this lot stands twice", "send each lot once");
            }
            lots.push(lot);
        }
        let key = |lot: &Lot| (lot.expires.unwrap_or(Instant(i64::MAX)), lot.issued);
        sort(&mut lots, |a, b| key(a).cmp(&key(b)).then_with(|| a.id.as_bytes().cmp(b.id.as_bytes())));
        lots
    }

    /// A key that has to be there.
    fn need<'n>(&mut self, object: &mut Object<'n>, key: &'static str, help: &str) -> Option<(&'n Node, String)> {
        let found = object.take(key);
        if found.is_none() {
            self.missing(&object.path, key, help);
        }
        found
    }

    fn lot(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<Lot> {
        let mut object = self.object(node, path)?;
        let help = "send `id`, `balance` and `issued` of each lot";
        let [id, balance, issued] = ["id", "balance", "issued"].map(|key| self.need(&mut object, key, help));
        let id = id.and_then(|(node, path)| self.id(node, &path));
        let balance = balance.and_then(|(node, path)| self.money_from_zero(node, &path, policy));
        let issued = issued.and_then(|(node, path)| self.instant(node, &path));
        let expires = object.take("expires").map(|(node, path)| self.instant(node, &path));
        let discounts = object.take("invoice_treatment").is_some_and(|(node, path)| {
            let word = match node {
                Node::Text(word) => word.as_str(),
                _ => "",
            };
            if !matches!(word, "payment" | "discount") {
                self.fault("SHAPE_WRONG", &path, node, "there is no such treatment", "send `payment` or `discount`");
            }
            word == "discount"
        });
        let face = object.take("face").map_or(Some(Money::ZERO), |(node, path)| self.money_from_zero(node, &path, policy));
        let once = object.take("pays").is_some_and(|(node, path)| {
            let word = match node {
                Node::Text(word) => word.as_str(),
                _ => "",
            };
            if !matches!(word, "orders" | "one_order") {
                self.fault("SHAPE_WRONG", &path, node, "there is no such use", "send `orders` or `one_order`");
            }
            word == "one_order"
        });
        let scope = object.take("scope").and_then(|(node, path)| {
            let id = self.text(node, &path)?;
            if policy.sides().all(|side| side.lot_scope(&id).is_none()) {
                self.fault("VALUE_UNKNOWN", &path, node, "the policy has no such scope of lots", "send one of `redemption`, `scopes`");
            }
            Some(id)
        });
        self.close(object);
        let expires = expires.map_or(Some(None), |instant| instant.map(Some))?;
        Some(Lot { id: id?, balance: balance?, issued: issued?, expires, discounts, face: face?, once, scope })
    }

    /// The day for which a delivery is requested, and, where prices are looked up by it, its first instant.
    fn deliver(&mut self, policy: &Loaded, object: &mut Object) -> (Option<String>, Option<Instant>) {
        let Some((node, path)) = object.take("deliver") else { return (None, None) };
        let day = self.day(node, &path);
        let from = day.as_deref().and_then(day_number).and_then(|day| policy.tables.day_start(day));
        // A day that is over, or has begun, is no other than that of the order.
        if let Some(from) = from {
            let (code, message, help) = if from >= policy.constants.valid.to {
                let help = "ask for an earlier day, or order by the version of the policy that is in force then";
                ("POLICY_NOT_EFFECTIVE", "the policy is not in force on this day", help)
            } else if from >= policy.constants.horizon {
                let help = "build the policy again; its calendars were compiled up to `horizon_years`";
                ("HORIZON_PASSED", "the policy's calendars end before this day", help)
            } else {
                return (day, Some(from));
            };
            self.fault(code, &path, node, message, help);
        }
        (day, from)
    }

    /// What is used of registrations, in order of number and SKU.
    fn registrations(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<RegistrationUse> {
        let Some(list) = self.list(node, path, limit::FACT_REGISTRATIONS) else { return Vec::new() };
        let mut uses: Vec<RegistrationUse> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(object) = self.object(node, &path) else { continue };
            let mut entries = Entries(object);
            let [registration, sku] =
                ["registration", "sku"].map(|key| entries.need(self, key).and_then(|(node, path)| Some((node, self.id(node, &path)?))));
            let used = entries.0.take("used").map_or(Some(Quantity(0)), |(node, path)| self.quantity_from_zero(policy, node, &path));
            let mut periods = Vec::new();
            if let Some((node, path)) = entries.0.take("periods") {
                for (label, node) in self.by_id(node, &path, limit::FACT_PERIODS) {
                    if let Some(used) = self.quantity_from_zero(policy, node, &join(&path, label)) {
                        periods.push((label.clone(), used));
                    }
                }
                sort(&mut periods, Ord::cmp);
            }
            self.close(entries.0);
            let Some(((node, registration), (_, sku))) = registration.zip(sku) else { continue };
            let sku = policy.product_known_as(&sku).map_or(sku, |(product, _)| policy.sku(product).to_owned());
            let known = |side: &Loaded| side.tables.registration_text.iter().any(|text| side.text(TextId(*text)) == registration);
            // A slice lacks the registrations of others.
            if policy.cut_for().is_none() && !policy.sides().any(known) {
                let path = join(&path, "registration");
                self.fault("REGISTRATION_UNKNOWN", &path, node, "the policy has no such registration", "check the number, or leave it out");
            }
            if uses.iter().any(|known| known.registration == registration && known.sku == sku) {
                let help = "send one entry per registration and SKU";
                self.fault("REGISTRATION_DUPLICATE", &path, node, "this registration stands twice for one product", help);
            }
            uses.extend(used.map(|used| RegistrationUse { registration, sku, used, periods }));
        }
        sort(&mut uses, |a, b| (&a.registration, &a.sku).cmp(&(&b.registration, &b.sku)));
        uses
    }

    /// Adjustments that somebody approved, in order of their ids.
    fn adjustments(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<Approved> {
        let Some(list) = self.list(node, path, limit::FACT_ADJUSTMENTS) else { return Vec::new() };
        let mut adjustments: Vec<Approved> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(object) = self.object(node, &path) else { continue };
            let mut entries = Entries(object);
            let [id, line, approver] = ["id", "line", "approver"]
                .map(|key| entries.need(self, key).and_then(|(node, path)| self.line_id(node, &path, key == "line")));
            let reason = entries.need(self, "reason").and_then(|(node, path)| self.note(node, &path));
            let off = self.off(policy, &mut entries);
            self.close(entries.0);
            if let (Some(id), Some(line), Some(off), Some(approver), Some(reason)) = (id, line, off, approver, reason) {
                if adjustments.iter().any(|known| known.id == id) {
                    self.fault("ADJUSTMENT_DUPLICATE", &path, node, "this adjustment stands twice", "send each adjustment once");
                }
                adjustments.push(Approved { id, line, off, approver, reason });
            }
        }
        sort(&mut adjustments, |a, b| a.id.as_bytes().cmp(b.id.as_bytes()));
        adjustments
    }

    /// An id, or that of a line, which may be made of a SKU and a unit and is then longer.
    fn line_id(&mut self, node: &Node, path: &str, of_line: bool) -> Option<String> {
        match node {
            Node::Text(text) if of_line && text.len() <= limit::ATTRIBUTE_CHARS => Some(text.clone()),
            _ => self.id(node, path),
        }
    }

    /// A text that is carried along.
    fn note(&mut self, node: &Node, path: &str) -> Option<String> {
        let text = self.text(node, path)?;
        if text.chars().count() > limit::ATTRIBUTE_CHARS {
            let message = words(&["at most ", &count(limit::ATTRIBUTE_CHARS), " characters are accepted"]);
            self.fault("LIMIT_EXCEEDED", path, node, &message, "shorten it");
            return None;
        }
        Some(text)
    }

    /// What an adjustment takes off: an amount above zero, or more than 0 and at most 100 percent.
    fn off(&mut self, policy: &Loaded, entries: &mut Entries) -> Option<Off> {
        let path = entries.0.path.clone();
        let (node, place, off) = match (entries.0.take("amount"), entries.0.take("percent")) {
            (Some((node, path)), None) => (node, path.clone(), Off::Amount(self.money(node, &path, policy)?)),
            (None, Some((node, path))) => {
                let percent = self.number(node, &path, Scale(Percent::DIGITS), Percent::WHOLE.0, "the percentage")?;
                (node, path, Off::Percent(Percent(percent)))
            }
            _ => {
                self.missing(&path, "amount", "send either `amount` or `percent`");
                return None;
            }
        };
        let above = matches!(off, Off::Amount(Money(figure)) | Off::Percent(Percent(figure)) if figure > 0);
        if !above {
            self.fault("NUMBER_RANGE", &place, node, "an adjustment takes something off", "send more than zero");
        }
        above.then_some(off)
    }

    /// Where and how an order is delivered.
    fn delivery(&mut self, policy: &Loaded, object: &mut Object) -> Delivery {
        let mut delivery = Delivery::default();
        if let Some((node, path)) = object.take("ship_to")
            && let Some(mut inner) = self.object(node, &path)
        {
            if !inner.entries.iter().any(|(key, _)| matches!(*key, "region" | "customer")) {
                self.missing(&path, "region", "name the region or the customer, or leave `ship_to` out");
            }
            delivery.region = self.axis_value(policy, &mut inner, "region", Dimension::Region);
            delivery.customer = inner.take("customer").and_then(|(node, path)| self.id(node, &path));
            self.close(inner);
        }
        (delivery.day, delivery.from) = self.deliver(policy, object);
        let kind = object.take("delivery").and_then(|(node, path)| self.word(node, &path, "the delivery", ["drop_ship", "pick_up"]));
        let dealer = object.take("fulfilled_by");
        let path = object.path.clone();
        match (kind, dealer) {
            (Some("pick_up"), Some((node, path))) => delivery.by = self.id(node, &path).map(DeliveredBy::PickUp),
            (Some("pick_up"), None) => self.missing(&path, "fulfilled_by", "name the dealer who hands the order over"),
            (_, Some((node, path))) => {
                let help = "send `delivery: pick_up` with it, or leave it out";
                self.fault("DELIVERY_INVALID", &path, node, "only an order that is picked up is fulfilled by another dealer", help);
            }
            (Some(_), None) => {
                if delivery.region.is_none() && delivery.customer.is_none() && !self.has_faults() {
                    self.missing(&path, "ship_to", "say where the brand delivers it");
                }
                delivery.by = Some(DeliveredBy::DropShip);
            }
            (None, None) => {}
        }
        delivery
    }

    fn has_faults(&self) -> bool {
        !self.faults.is_empty()
    }

    fn lines(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<Vec<OrderLine>> {
        let unpacked;
        let node = match node {
            Node::Rows(rows) => match rows.lines(policy) {
                Some(lines) => return self.merged(lines, path),
                None => {
                    unpacked = rows.list(Some(policy));
                    &unpacked
                }
            },
            _ => node,
        };
        let list = self.list(node, path, limit::ORDER_LINES)?;
        let mut lines = Vec::with_capacity(list.len());
        for (position, node) in list.iter().enumerate() {
            if let Some(line) = self.line(policy, node, &words(&[path, "[", &count(position), "]"]), position) {
                lines.push(line);
            }
        }
        self.merged(lines, path)
    }

    /// Lines in order of their id, those of equal id as one.
    fn merged(&mut self, mut lines: Vec<OrderLine>, path: &str) -> Option<Vec<OrderLine>> {
        if !lines.array_windows().all(|[a, b]| a.id <= b.id) {
            lines = by_id(lines);
        }
        let mut merged: Vec<OrderLine> = Vec::with_capacity(lines.len());
        for line in lines {
            match merged.last_mut().filter(|last| last.id == line.id) {
                None => merged.push(line),
                Some(last) if (last.product, last.unit, &last.customer) != (line.product, line.unit, &line.customer) => {
                    let path = words(&[path, "[", &count(line.position), "].id"]);
                    let help = "give each line its own id, or none at all";
                    self.fault(
                        "LINE_ID_DUPLICATE",
                        &path,
                        &Node::Text(line.id),
                        "two lines of different products, units or end customers have this id",
                        help,
                    );
                }
                Some(last) => {
                    last.ordered.0 += line.ordered.0;
                    last.quantity.0 += line.quantity.0;
                    // Whichever stands first, what is told is the same.
                    last.alias = last.alias.into_iter().chain(line.alias).min();
                    if last.quantity.max(last.ordered).0 > limit::QUANTITY {
                        let path = words(&[path, "[", &count(line.position), "].quantity"]);
                        self.fault("NUMBER_RANGE", &path, &Node::Text(line.id), "the merged quantity is out of range", "order less");
                        return None;
                    }
                }
            }
        }
        Some(merged)
    }

    fn line(&mut self, policy: &Loaded, node: &Node, path: &str, position: usize) -> Option<OrderLine> {
        let mut object = self.object(node, path)?;
        let id = object.take("id").map(|(node, path)| self.id(node, &path));
        let sku = match object.take("sku") {
            Some((node, path)) => self.sku_or_alias(policy, node, &path),
            None => {
                self.missing(path, "sku", "name the product");
                None
            }
        };
        let (sku, alias) = (sku.map(|(product, _)| product), sku.and_then(|(_, alias)| alias));
        let unit = match (object.take("unit"), sku) {
            (Some((node, path)), Some(product)) => self.unit(policy, product, node, &path),
            _ => Some(None),
        };
        let quantity = match object.take("quantity") {
            Some((node, path)) => self.quantity(node, &path, policy).and_then(|ordered| {
                if ordered.0 <= 0 {
                    self.fault("NUMBER_RANGE", &path, node, "a quantity is more than zero", "remove the line instead");
                    return None;
                }
                Some((ordered, self.in_base(policy, sku?, unit?, ordered, node, &path)?))
            }),
            None => {
                self.missing(path, "quantity", "say how many");
                None
            }
        };
        let customer = object.take("customer").map(|(node, path)| self.id(node, &path));
        self.close(object);
        let customer = customer.map_or(Some(None), |customer| customer.map(Some));
        let (product, unit, (ordered, quantity), customer) = (sku?, unit?, quantity?, customer?);
        let id = match id {
            Some(id) => id?,
            None => line_id(policy, product, unit),
        };
        Some(OrderLine { id, product, alias, unit, ordered, quantity, customer, position })
    }

    /// A unit of a product by its name; nothing inside for the base unit.
    fn unit(&mut self, policy: &Loaded, product: ProductId, node: &Node, path: &str) -> Option<Option<UnitId>> {
        let unit = policy.unit_named(product, &self.text(node, path)?);
        if unit.is_none() {
            let mut known = words(&["`", policy.unit(product), "`"]);
            policy.tables.units_of(product).for_each(|unit| known += &words(&[", `", policy.unit_text(product, Some(unit)), "`"]));
            let help = words(&["this product is ordered in ", &known]);
            self.fault("UNIT_UNKNOWN", path, node, "the product has no such unit", &help);
        }
        unit
    }

    /// A quantity of a unit in base units, which must be exact.
    fn in_base(
        &mut self,
        policy: &Loaded,
        product: ProductId,
        unit: Option<UnitId>,
        ordered: Quantity,
        node: &Node,
        path: &str,
    ) -> Option<Quantity> {
        if unit.is_none() {
            return Some(ordered);
        }
        let (factor, scale) = (policy.tables.factor(unit), policy.constants.quantity_scale);
        let names = [policy.unit_text(product, unit), policy.unit(product)];
        let Some(quantity) = factor.of(ordered.0) else {
            let down = ordered.0 - ordered.0 % factor.denominator;
            let up = scale.show_short(down + factor.denominator);
            let [unit, base] = names;
            let help = match down {
                0 => words(&["the nearest is ", &up, " ", unit]),
                _ => words(&["the nearest are ", &scale.show_short(down), " and ", &up, " ", unit]),
            };
            let message = words(&["this quantity of `", unit, "` is no exact quantity of `", base, "`"]);
            self.fault("UNIT_INEXACT", path, node, &message, &help);
            return None;
        };
        if quantity > limit::QUANTITY {
            let help = words(&["the most is ", &scale.show(limit::QUANTITY), " ", names[1]]);
            self.fault("NUMBER_RANGE", path, node, "the quantity is out of range", &help);
            return None;
        }
        Some(Quantity(quantity))
    }

    /// Reads facts of many dealers.
    #[cfg(all(feature = "author", not(target_arch = "wasm32")))]
    pub fn dealers(&mut self, policy: &Loaded, input: &Node) -> Option<Vec<DealerFacts>> {
        let mut object = self.object(input, "")?;
        let Some((node, path)) = object.take("dealers") else {
            self.missing("", "dealers", "list the facts of each dealer");
            return None;
        };
        let list = match node {
            Node::List(list) => &list[..],
            _ => {
                self.fault("SHAPE_WRONG", &path, node, "a list is needed here", "list the facts of each dealer");
                return None;
            }
        };
        let mut dealers = Vec::with_capacity(list.len());
        let mut known = std::collections::HashSet::new();
        for (index, node) in list.iter().enumerate() {
            let path = words(&[&path, "[", &count(index), "]"]);
            let Some(dealer) = self.dealer(policy, node, &path) else { continue };
            if !known.insert(dealer.id.clone()) {
                self.fault("ID_INVALID", &path, &Node::Text(dealer.id.clone()), "this dealer stands twice", "send each dealer once");
            }
            dealers.push(dealer);
        }
        self.close(object);
        Some(dealers)
    }

    /// Reads dealer facts and resolves their values.
    pub fn dealer(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<DealerFacts> {
        let mut object = self.object(node, path)?;
        self.schema(&mut object);
        self.currency(policy, &mut object);
        self.same_dealer(policy, &object);
        let id = match object.take("id") {
            Some((node, path)) => self.id(node, &path),
            None => {
                self.missing(path, "id", "name the dealer");
                None
            }
        };
        let as_of = match object.take("as_of") {
            Some((node, path)) => self.instant(node, &path),
            None => {
                self.missing(path, "as_of", "say when these facts were true");
                None
            }
        };
        let grade = self.axis_value(policy, &mut object, "grade", Dimension::Grade);
        let region = self.axis_value(policy, &mut object, "region", Dimension::Region);
        let channel = self.axis_value(policy, &mut object, "channel", Dimension::Channel);
        let group = self.axis_value(policy, &mut object, "group", Dimension::Group);
        let grade_before = self.grade_before(policy, &mut object);
        let contract_date = object.take("contract_date").and_then(|(node, path)| self.day(node, &path));
        let on_hold = object
            .take("status")
            .and_then(|(node, path)| self.word(node, &path, "the status", ["active", "hold"]))
            .map(|word| word == "hold");
        let licences = object.take("licences").map_or_else(Vec::new, |(node, path)| self.licences(policy, node, &path));
        let credit = object.take("credit").map(|(node, path)| self.credit(policy, node, &path));
        let bought = object.take("bought").map_or_else(Vec::new, |(node, path)| self.bought(policy, node, &path));
        let volumes = match object.take("volumes") {
            Some((node, path)) => self.volumes(policy, node, &path),
            None => Vec::new(),
        };
        let programs = object.take("programs").map_or_else(Vec::new, |(node, path)| self.listed_in(policy, node, &path));
        let kpis = object.take("kpis").map_or_else(Vec::new, |(node, path)| self.kpis(policy, node, &path));
        let usage = object.take("usage").map_or_else(Vec::new, |(node, path)| self.usage(policy, node, &path));
        let orders = object.take("orders").and_then(|(node, path)| self.orders(node, &path));
        let budgets = object.take("budgets").map_or_else(Vec::new, |(node, path)| self.budgets(policy, node, &path));
        let lots = object.take("lots").map_or_else(Vec::new, |(node, path)| self.lots(policy, node, &path));
        let registrations = object.take("registrations").map_or_else(Vec::new, |(node, path)| self.registrations(policy, node, &path));
        let adjustments = object.take("adjustments").map_or_else(Vec::new, |(node, path)| self.adjustments(policy, node, &path));
        let contests = object.take("contests").map_or_else(Vec::new, |(node, path)| self.contests(policy, node, &path));
        let stock = object.take("stock").map_or_else(Vec::new, |(node, path)| self.stock(policy, node, &path));
        let inventory = object.take("inventory").map_or_else(Vec::new, |(node, path)| self.inventory(policy, node, &path));
        let attributes = self.attributes(&mut object);
        self.listed(policy, policy.dealer_attributes(), path, &attributes);
        self.close(object);
        let id = id?;
        let dealer = policy.value(Dimension::Dealer, &id);
        let credit = credit.flatten();
        let on_hold = on_hold.unwrap_or(false);
        Some(DealerFacts {
            id,
            as_of: as_of?,
            dealer,
            grade,
            region,
            channel,
            group,
            grade_before,
            contract_date,
            on_hold,
            licences,
            credit,
            bought,
            volumes,
            programs,
            kpis,
            usage,
            orders,
            budgets,
            lots,
            registrations,
            adjustments,
            stock,
            inventory,
            contests,
            attributes,
        })
    }

    fn axis_value(&mut self, policy: &Loaded, object: &mut Object, key: &'static str, axis: Dimension) -> Option<ValueId> {
        let (node, path) = object.take(key)?;
        let text = self.text(node, &path)?;
        self.value(policy, axis, &text, key, &path)
    }

    fn value(&mut self, policy: &Loaded, axis: Dimension, text: &str, key: &str, path: &str) -> Option<ValueId> {
        let value = policy.value(axis, text);
        // Of what orders do not decide a slice cannot know what the policy does not know; that the value is not its own is said already.
        let of_order = axis == Dimension::Region || policy.order_attributes().any(|(of_order, _)| of_order == axis);
        if value.is_none() && (of_order || policy.cut_for().is_none()) {
            let known: Vec<&str> = policy.tables.axis(axis).take(8).map(|v| policy.text(TextId(policy.tables.value_text[v]))).collect();
            let help = words(&["the policy knows `", &known.join("`, `"), "`"]);
            self.fault("VALUE_UNKNOWN", path, &Node::Text(text.to_owned()), &words(&["the policy has no such ", key]), &help);
        }
        value
    }

    /// Attributes whose values the policy lists have one of them; those that are numbers or days are that.
    fn listed<'p>(
        &mut self,
        policy: &Loaded,
        known: impl Iterator<Item = (Dimension, &'p str)>,
        path: &str,
        attributes: &[(String, String)],
    ) {
        for (axis, id) in known {
            let ordered = policy.tables.ordered(axis);
            let Some((_, text)) =
                attributes.iter().find(|(key, _)| key == id).filter(|_| ordered.is_some() || policy.tables.is_listed(axis))
            else {
                continue;
            };
            let (path, node) = (join(&join(path, "attributes"), id), Node::Text(text.clone()));
            match ordered {
                None => drop(self.value(policy, axis, text, id, &path)),
                Some(Ordered::Number) => drop(self.number(&node, &path, Scale::WEIGHT, limit::ATTRIBUTE_NUMBER, "the attribute")),
                Some(Ordered::Day) => drop(self.day(&node, &path)),
            }
        }
    }

    /// The grade that a dealer had before, and when it was lost: both or neither.
    fn grade_before(&mut self, policy: &Loaded, object: &mut Object) -> Option<(String, Instant)> {
        let grade = object.take("grade_before").map(|(node, path)| {
            let grade = self.id(node, &path)?;
            self.value(policy, Dimension::Grade, &grade, "grade", &path);
            Some(grade)
        });
        let lost = object.take("grade_lost").map(|(node, path)| self.instant(node, &path));
        match (grade, lost) {
            (Some(grade), Some(lost)) => grade.zip(lost),
            (None, None) => None,
            (grade, _) => {
                let missing = if grade.is_none() { "grade_before" } else { "grade_lost" };
                self.missing(&object.path.clone(), missing, "send the grade that was lost and when, or neither");
                None
            }
        }
    }

    /// A slice answers for the dealer that it is cut for and for nobody else.
    fn same_dealer(&mut self, policy: &Loaded, object: &Object) {
        let given = |key: &str| object.entries.iter().find(|(name, _)| *name == key).map_or(&Node::Null, |(_, node)| node);
        let keys = ["id", "grade", "region", "channel", "group", "contract_date"].map(|key| (key.to_owned(), given(key)));
        let attributes = policy.dealer_attributes().map(|(_, id)| match given("attributes") {
            Node::Map(entries) => (join("attributes", id), entries.iter().find(|(key, _)| key == id).map_or(&Node::Null, |(_, node)| node)),
            _ => (join("attributes", id), &Node::Null),
        });
        let before = ("grade_before".to_owned(), given("grade_before"));
        for (own, (key, given)) in policy.cut_for().into_iter().flatten().zip(keys.into_iter().chain(attributes).chain([before])) {
            let same = match given {
                Node::Text(given) => Some(given.as_str()) == own,
                other => matches!(other, Node::Null) && own.is_none(),
            };
            if !same {
                let help = "cut one for these facts from the whole policy: `engine.slice({ dealer })`, or `qudao slice`";
                self.fault("SLICE_FOREIGN", &join(&object.path, &key), given, "this slice of the policy is cut for another dealer", help);
            }
        }
    }

    /// One of two words.
    fn word(&mut self, node: &Node, path: &str, what: &str, words_known: [&'static str; 2]) -> Option<&'static str> {
        let text = self.text(node, path)?;
        let found = words_known.into_iter().find(|known| *known == text);
        if found.is_none() {
            let [first, second] = words_known;
            let help = words(&["send `", first, "` or `", second, "`"]);
            self.fault("VALUE_UNKNOWN", path, node, &words(&[what, " is none that is known"]), &help);
        }
        found
    }

    /// Licences in order of their category, then of their end.
    fn licences(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<Licence> {
        let Some(list) = self.list(node, path, limit::FACT_LICENCES) else { return Vec::new() };
        let mut licences: Vec<Licence> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(mut object) = self.object(node, &path) else { continue };
            let named = object.take("category");
            if named.is_none() {
                self.missing(&path, "category", "name the category that the licence is for");
            }
            let expires = object.take("expires").and_then(|(node, path)| self.instant(node, &path));
            self.close(object);
            let Some((node, path)) = named else { continue };
            let Some(category) = self.id(node, &path) else { continue };
            // A slice lacks the categories of which its dealer can order nothing.
            if policy.cut_for().is_none() && policy.value(Dimension::Category, &category).is_none() {
                let help = "leave out licences for what the policy does not have";
                self.fault("VALUE_UNKNOWN", &path, node, "the policy has no such category", help);
            }
            licences.push(Licence { category, expires });
        }
        sort(&mut licences, |a, b| (&a.category, a.expires).cmp(&(&b.category, b.expires)));
        licences
    }

    /// What can be delivered, by product, then by warehouse.
    fn stock(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<Stock> {
        let Some(list) = self.list(node, path, limit::FACT_STOCK) else { return Vec::new() };
        let mut stock: Vec<Stock> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let Some(object) = self.object(node, &words(&[path, "[", &count(index), "]"])) else { continue };
            let mut entries = Entries(object);
            let product = entries.need(self, "sku").and_then(|(node, path)| self.sku(policy, node, &path));
            let available = entries.need(self, "available").and_then(|(node, path)| self.quantity_from_zero(policy, node, &path));
            let warehouse = entries.0.take("warehouse").and_then(|(node, path)| self.id(node, &path));
            let as_of = entries.0.take("as_of").and_then(|(node, path)| self.instant(node, &path));
            self.close(entries.0);
            if let Some((product, available)) = product.zip(available) {
                stock.push(Stock { product, warehouse, available, as_of });
            }
        }
        sort(&mut stock, |a, b| (a.product, &a.warehouse).cmp(&(b.product, &b.warehouse)));
        self.refuse_twice(
            policy,
            path,
            stock
                .windows(2)
                .find(|two| (two[0].product, &two[0].warehouse) == (two[1].product, &two[1].warehouse))
                .map(|two| two[0].product),
        );
        stock
    }

    /// Purchases in order of the product and the period.
    fn bought(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<Bought> {
        let Some(list) = self.list(node, path, limit::FACT_BOUGHT) else { return Vec::new() };
        let mut bought: Vec<Bought> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let Some(object) = self.object(node, &words(&[path, "[", &count(index), "]"])) else { continue };
            let mut entries = Entries(object);
            let product = entries.need(self, "sku").and_then(|(node, path)| self.sku(policy, node, &path));
            let period = entries.need(self, "period").and_then(|(node, path)| self.id(node, &path));
            let quantity = entries.need(self, "quantity").and_then(|(node, path)| self.quantity_from_zero(policy, node, &path));
            self.close(entries.0);
            if let Some(((product, period), quantity)) = product.zip(period).zip(quantity) {
                bought.push(Bought { product, period, quantity });
            }
        }
        sort(&mut bought, |a, b| (a.product, &a.period).cmp(&(b.product, &b.period)));
        let twice = bought.windows(2).find(|two| (two[0].product, &two[0].period) == (two[1].product, &two[1].period));
        self.refuse_twice(policy, path, twice.map(|two| two[0].product));
        bought
    }

    /// What the dealer has himself, by product.
    fn inventory(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<Inventory> {
        let Some(list) = self.list(node, path, limit::FACT_STOCK) else { return Vec::new() };
        let mut inventory: Vec<Inventory> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let Some(object) = self.object(node, &words(&[path, "[", &count(index), "]"])) else { continue };
            let mut entries = Entries(object);
            let product = entries.need(self, "sku").and_then(|(node, path)| self.sku(policy, node, &path));
            let max = entries.need(self, "max").and_then(|(node, path)| self.quantity_from_zero(policy, node, &path));
            let on_hand = entries.need(self, "on_hand").and_then(|(node, path)| self.quantity_from_zero(policy, node, &path));
            let mut optional = |reader: &mut Reader, key| {
                let given = entries.0.take(key);
                given.map_or(Some(Quantity(0)), |(node, path)| reader.quantity_from_zero(policy, node, &path))
            };
            let (on_order, safety) = (optional(self, "on_order"), optional(self, "safety"));
            let reorder = self.reorder(policy, &mut entries, safety);
            self.close(entries.0);
            if let (Some(product), Some(max), Some(on_hand), Some(on_order), Some(reorder)) = (product, max, on_hand, on_order, reorder) {
                inventory.push(Inventory { product, on_hand, on_order, reorder, max });
            }
        }
        sort(&mut inventory, |a, b| a.product.cmp(&b.product));
        self.refuse_twice(policy, path, inventory.windows(2).find(|two| two[0].product == two[1].product).map(|two| two[0].product));
        inventory
    }

    fn reorder(&mut self, policy: &Loaded, entries: &mut Entries, safety: Option<Quantity>) -> Option<Reorder> {
        if let Some((node, path)) = entries.0.take("reorder_point") {
            return self.quantity_from_zero(policy, node, &path).map(Reorder::Point);
        }
        let daily = entries.need(self, "daily").and_then(|(node, path)| {
            let daily = self.number(node, &path, Scale(6), limit::DAILY, "the usage")?;
            self.not_negative(daily, node, &path).then_some(daily)
        });
        let days = entries.need(self, "lead_days").and_then(|(node, path)| self.whole(node, &path, limit::LEAD_DAYS));
        let lead_days = i64::try_from(days?).ok()?;
        Some(Reorder::Usage { daily: daily?, lead_days, safety: safety? })
    }

    fn quantity_from_zero(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<Quantity> {
        let quantity = self.quantity(node, path, policy)?;
        self.not_negative(quantity.0, node, path).then_some(quantity)
    }

    fn not_negative(&mut self, image: i64, node: &Node, path: &str) -> bool {
        if image < 0 {
            self.fault("NUMBER_RANGE", path, node, "this is not negative", "send zero or more");
        }
        image >= 0
    }

    /// Faults a product that stands twice in a list of facts.
    fn refuse_twice(&mut self, policy: &Loaded, path: &str, product: Option<ProductId>) {
        if let Some(product) = product {
            let shown = Node::Text(policy.sku(product).to_owned());
            self.fault("STOCK_DUPLICATE", path, &shown, "this product stands twice", "send one entry per product and warehouse");
        }
    }

    fn credit(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<Credit> {
        let mut object = self.object(node, path)?;
        let own = self.account(policy, &mut object, path);
        let group = object.take("group").map(|(node, path)| {
            let mut object = self.object(node, &path)?;
            let account = self.account(policy, &mut object, &path);
            self.close(object);
            account
        });
        let overdue = object.take("overdue").map_or_else(Vec::new, |(node, path)| self.overdue(policy, node, &path));
        let status = object.take("status").and_then(|(node, path)| self.word(node, &path, "the status", ["active", "released"]));
        let released = status == Some("released");
        self.close(object);
        Some(Credit { own: own?, group: group.map_or(Some(None), |account| account.map(Some))?, overdue, released })
    }

    /// Items that are overdue, by days, then by amount.
    fn overdue(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<Overdue> {
        let Some(list) = self.list(node, path, limit::FACT_OVERDUE) else { return Vec::new() };
        let mut overdue: Vec<Overdue> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(object) = self.object(node, &path) else { continue };
            let mut entries = Entries(object);
            let amount = entries.need(self, "amount").and_then(|(node, path)| self.money_from_zero(node, &path, policy));
            let days = entries.need(self, "days").and_then(|(node, path)| self.whole(node, &path, limit::OVERDUE_DAYS));
            self.close(entries.0);
            if let Some((amount, days)) = amount.zip(days) {
                overdue.push(Overdue { amount, days: i64::try_from(days).unwrap_or(i64::MAX) });
            }
        }
        sort(&mut overdue, |a, b| (a.days, a.amount).cmp(&(b.days, b.amount)));
        overdue
    }

    fn whole(&mut self, node: &Node, path: &str, most: usize) -> Option<usize> {
        let value = if let Node::Int(value) = node { usize::try_from(*value).ok().filter(|v| *v <= most) } else { None };
        if value.is_none() {
            let help = words(&["0 to ", &count(most), " is accepted"]);
            self.fault("NUMBER_RANGE", path, node, "this is not a whole number in range", &help);
        }
        value
    }

    fn account(&mut self, policy: &Loaded, object: &mut Object, path: &str) -> Option<Account> {
        let mut amount = |reader: &mut Reader, key| object.take(key).map(|(node, path)| reader.money(node, &path, policy));
        let limit = amount(self, "limit");
        if limit.is_none() {
            self.missing(path, "limit", "send the limit, or leave `credit` out");
        }
        let [receivable, delivered, open_orders, prepaid] =
            ["receivable", "delivered", "open_orders", "prepaid"].map(|key| amount(self, key).unwrap_or(Some(Money::ZERO)));
        let expires = object.take("expires").and_then(|(node, path)| self.instant(node, &path));
        Some(Account {
            limit: limit??,
            expires,
            receivable: receivable?,
            delivered: delivered?,
            open_orders: open_orders?,
            prepaid: prepaid?,
        })
    }

    fn volumes(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<ProgramVolume> {
        let Some(list) = self.list(node, path, limit::FACT_VOLUMES) else { return Vec::new() };
        let mut volumes: Vec<ProgramVolume> = Vec::with_capacity(list.len());
        for (index, node) in list.iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(volume) = self.program_volume(policy, node, &path) else { continue };
            if volumes.iter().any(|v| v.program == volume.program && v.period == volume.period) {
                let help = "send one entry per program and period";
                self.fault("VOLUME_DUPLICATE", &path, node, "this program and period stand twice", help);
            }
            volumes.push(volume);
        }
        sort(&mut volumes, |a, b| (&a.program, &a.period).cmp(&(&b.program, &b.period)));
        volumes
    }

    /// Programs that a dealer is listed in; see [`Reader::program_volume`] for a slice.
    fn listed_in(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<String> {
        let mut programs = Vec::new();
        for (index, node) in self.list(node, path, limit::FACT_PROGRAMS).unwrap_or_default().iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(id) = self.id(node, &path) else { continue };
            if policy.cut_for().is_none() && !policy.sides().any(|side| side.has_program(&id)) {
                let help = "leave out programs that the policy does not have";
                self.fault("PROGRAM_UNKNOWN", &path, node, "the policy has no such program", help);
            }
            for side in policy.sides() {
                let choice = side.choice_of(&id);
                if choice.is_some() && programs.iter().any(|known: &String| *known != id && side.choice_of(known) == choice) {
                    let help = "send the one program of the choice that the dealer has taken for the period";
                    self.fault("PROGRAM_CHOICE", &path, node, "another program of the same choice is listed", help);
                    break;
                }
            }
            programs.push(id);
        }
        sort(&mut programs, |a: &String, b| a.cmp(b));
        programs
    }

    fn kpis(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<(String, i64)> {
        let mut kpis: Vec<(String, i64)> = Vec::new();
        for (id, node) in self.by_id(node, path, limit::KPIS) {
            let path = join(path, id);
            if policy.cut_for().is_none() && !policy.sides().any(|side| side.kpi_of(id).is_some()) {
                let help = "leave out figures that no program looks at";
                self.fault("KPI_UNKNOWN", &path, &Node::Text(id.clone()), "the policy has no such figure", help);
            }
            if let Some(value) = self.number(node, &path, Scale(4), limit::KPI, "the figure") {
                let at = kpis.partition_point(|(known, _)| known < id);
                kpis.insert(at, (id.clone(), value));
            }
        }
        kpis
    }

    fn usage(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<Usage> {
        let mut usage = Vec::new();
        for (id, node) in self.by_id(node, path, limit::FACT_USAGE) {
            let path = join(path, id);
            // A slice lacks the promotions that are not for its dealer; the same goes for budgets.
            if policy.cut_for().is_none() && !policy.sides().any(|side| side.rule_of(id).is_some()) {
                let (shown, help) = (Node::Text(id.clone()), "check the id, or leave the entry out");
                self.fault("PROMOTION_UNKNOWN", &path, &shown, "the policy has no such promotion", help);
            }
            let Some(mut object) = self.object(node, &path) else { continue };
            let times = self.used(None, &mut object);
            let units = object.take("units").and_then(|(node, path)| self.object(node, &path));
            let units = units.map_or_else(Used::default, |units| self.units_used(policy, units));
            let mut skus = Vec::new();
            if let Some((node, path)) = object.take("skus") {
                for (sku, node) in self.by_id(node, &path, limit::FACT_SKUS) {
                    let path = join(&path, sku);
                    let product = self.sku(policy, &Node::Text(sku.clone()), &path);
                    let Some((product, object)) = product.zip(self.object(node, &path)) else { continue };
                    let sku = policy.sku(product).to_owned();
                    if skus.iter().any(|(known, _)| *known == sku) {
                        self.refuse_twice(policy, &path, Some(product));
                    }
                    skus.push((sku, self.units_used(policy, object)));
                }
                sort(&mut skus, |a, b| a.0.cmp(&b.0));
            }
            self.close(object);
            let at = usage.partition_point(|known: &Usage| known.promotion < *id);
            usage.insert(at, Usage { promotion: id.clone(), times, units, skus });
        }
        usage
    }

    fn units_used(&mut self, policy: &Loaded, mut object: Object) -> Used {
        let used = self.used(Some(policy), &mut object);
        self.close(object);
        used
    }

    /// How much of a limit is used: times, or quantities of a policy.
    fn used(&mut self, units_of: Option<&Loaded>, object: &mut Object) -> Used {
        let [dealer, total] = ["dealer", "total"].map(|key| object.take(key).map_or(0, |(node, path)| self.used_up(units_of, node, &path)));
        let mut periods = Vec::new();
        if let Some((node, path)) = object.take("periods") {
            for (label, node) in self.by_id(node, &path, limit::FACT_PERIODS) {
                periods.push((label.clone(), self.used_up(units_of, node, &join(&path, label))));
            }
            sort(&mut periods, Ord::cmp);
        }
        Used { dealer, total, periods }
    }

    fn used_up(&mut self, units_of: Option<&Loaded>, node: &Node, path: &str) -> i64 {
        match units_of {
            None => self.times(node, path),
            Some(policy) => self.quantity_from_zero(policy, node, path).map_or(0, |quantity| quantity.0),
        }
    }

    /// How many orders there were, in all and by source.
    fn orders(&mut self, node: &Node, path: &str) -> Option<Orders> {
        let mut object = self.object(node, path)?;
        let count = match object.take("count") {
            Some((node, path)) => self.times(node, &path),
            None => {
                self.missing(path, "count", "send how many orders there were in all, or leave `orders` out");
                0
            }
        };
        let mut by_source = Vec::new();
        if let Some((node, path)) = object.take("by_source") {
            for (source, node) in self.by_id(node, &path, limit::FACT_SOURCES) {
                let times = self.times(node, &join(&path, source));
                by_source.push((source.clone(), times));
            }
            sort(&mut by_source, Ord::cmp);
        }
        self.close(object);
        Some(Orders { count, by_source })
    }

    fn times(&mut self, node: &Node, path: &str) -> i64 {
        match node {
            Node::Int(times) if (0..=limit::QUANTITY).contains(times) => *times,
            _ => {
                self.fault("NUMBER_RANGE", path, node, "this is not a whole number in range", "send how often it counted, 0 or more");
                0
            }
        }
    }

    fn budgets(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<BudgetUse> {
        let mut budgets: Vec<BudgetUse> = Vec::new();
        for (id, node) in self.by_id(node, path, limit::FACT_BUDGETS) {
            let path = join(path, id);
            if policy.cut_for().is_none() && !policy.sides().any(|side| side.budget_of(id).is_some()) {
                let help = "leave out budgets that the policy does not have";
                self.fault("BUDGET_UNKNOWN", &path, &Node::Text(id.clone()), "the policy has no such budget", help);
            }
            let Some(mut object) = self.object(node, &path) else { continue };
            let used = match object.take("used") {
                Some((node, path)) => self.money(node, &path, policy).filter(|used| {
                    if *used < Money::ZERO {
                        self.fault("NUMBER_RANGE", &path, node, "what is used is not negative", "send 0 or more");
                    }
                    *used >= Money::ZERO
                }),
                None => {
                    self.missing(&path, "used", "send what is used of the budget, or leave the budget out");
                    None
                }
            };
            let version = object.take("version").and_then(|(node, path)| self.id(node, &path));
            self.close(object);
            if let Some(used) = used {
                let at = budgets.partition_point(|known| known.budget < *id);
                budgets.insert(at, BudgetUse { budget: id.clone(), used, version });
            }
        }
        budgets
    }

    /// A program and the label of one of its windows.
    fn window(&mut self, policy: &Loaded, object: &mut Object, path: &str) -> (Option<String>, Option<String>) {
        let program = match object.take("program") {
            // A slice lacks the programs that are not for its dealer; the whole policy knows them, and facts may name them.
            Some((node, path)) if policy.cut_for().is_some() => self.id(node, &path),
            Some((node, path)) => self.text(node, &path).filter(|id| {
                let known = policy.sides().any(|side| side.has_program(id));
                if !known {
                    let help = "leave out programs that the policy does not have";
                    self.fault("PROGRAM_UNKNOWN", &path, node, "the policy has no such program", help);
                }
                known
            }),
            None => {
                self.missing(path, "program", "name the program");
                None
            }
        };
        let period = match object.take("period") {
            Some((node, path)) => self.text(node, &path),
            None => {
                self.missing(path, "period", "name the period, for example `2026-Q4`");
                None
            }
        };
        (program, period)
    }

    /// Reads where a dealer stands in contests, and puts it in order of contest and window.
    fn contests(&mut self, policy: &Loaded, node: &Node, path: &str) -> Vec<ContestStanding> {
        let mut standings: Vec<ContestStanding> = Vec::new();
        for (index, node) in self.list(node, path, limit::FACT_CONTESTS).unwrap_or_default().iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(standing) = self.standing(policy, node, &path) else { continue };
            if standings.iter().any(|known| known.contest == standing.contest && known.period == standing.period) {
                let help = "send what was published last of each contest and period";
                self.fault("STANDING_DUPLICATE", &path, node, "this contest and period stand twice", help);
            }
            standings.push(standing);
        }
        sort(&mut standings, |a, b| (&a.contest, &a.period).cmp(&(&b.contest, &b.period)));
        standings
    }

    fn standing(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<ContestStanding> {
        let mut object = self.object(node, path)?;
        let (program, period) = self.window(policy, &mut object, path);
        let help = "send it as the settlement wrote it";
        let [contest, as_of, of, volume] = ["contest", "as_of", "of", "volume"].map(|key| self.need(&mut object, key, help));
        let contest = contest.and_then(|(node, path)| self.id(node, &path));
        let as_of = as_of.and_then(|(node, path)| self.instant(node, &path));
        let of = of.map(|(node, path)| self.rank(node, &path, 0));
        let volume = volume.and_then(|(node, path)| self.volume(policy, node, &path, None));
        let mut names = [String::new(), String::new()];
        if let Some((node, path)) = object.take("name")
            && let Some(mut inner) = self.object(node, &path)
        {
            names = ["zh", "en"].map(|key| inner.take(key).and_then(|(node, path)| self.note(node, &path)).unwrap_or_default());
            self.close(inner);
        }
        let rank = object.take("rank").map(|(node, path)| self.rank(node, &path, 1));
        let prize = object.take("prize").map_or(Some(Money::ZERO), |(node, path)| self.money_from_zero(node, &path, policy));
        let lead = object.take("lead").and_then(|(node, path)| self.volume(policy, node, &path, None));
        let mut ahead = Vec::new();
        if let Some((node, path)) = object.take("ahead") {
            for (index, node) in self.list(node, &path, limit::RANKS_AHEAD).unwrap_or_default().iter().enumerate() {
                let path = words(&[&path, "[", &count(index), "]"]);
                let Some(mut one) = self.object(node, &path) else { continue };
                let [rank, gap] = ["rank", "gap"].map(|key| self.need(&mut one, key, help));
                let rank = rank.map(|(node, path)| self.rank(node, &path, 1));
                let gap = gap.and_then(|(node, path)| self.volume(policy, node, &path, None));
                let prize = one.take("prize").map_or(Some(Money::ZERO), |(node, path)| self.money_from_zero(node, &path, policy));
                self.close(one);
                ahead.extend(rank.zip(gap).zip(prize).map(|((rank, gap), prize)| Ahead { rank, prize, gap }));
            }
        }
        self.close(object);
        let key = |one: &Ahead| (-one.rank, one.gap.amount, one.gap.quantity, one.prize);
        sort(&mut ahead, |a, b| key(a).cmp(&key(b)));
        let (contest, program, period, as_of) = (contest?, program?, period?, as_of?);
        Some(ContestStanding { contest, names, program, period, as_of, rank, of: of?, prize: prize?, volume: volume?, lead, ahead })
    }

    /// A number of dealers, or a place among them.
    fn rank(&mut self, node: &Node, path: &str, least: i64) -> i64 {
        match node {
            Node::Int(rank) if (least..=limit::QUANTITY).contains(rank) => *rank,
            _ => {
                self.fault("NUMBER_RANGE", path, node, "this is not a whole number in range", "send the rank as it was published");
                least
            }
        }
    }

    fn program_volume(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<ProgramVolume> {
        let mut object = self.object(node, path)?;
        let (program, period) = self.window(policy, &mut object, path);
        let mut covered: [Vec<(String, Quantity)>; 2] = Default::default();
        let [posted, open] = [("posted", 0), ("open", 1)].map(|(key, part): (_, usize)| match object.take(key) {
            Some((node, path)) => self.volume(policy, node, &path, Some((program.as_deref(), &mut covered[part]))),
            None => Some(Volume::default()),
        });
        let carried = object.take("carried").map_or(Some(Money::ZERO), |(node, path)| self.money(node, &path, policy));
        let surplus = object.take("surplus").map_or(Some(Money::ZERO), |(node, path)| {
            self.money(node, &path, policy).and_then(|money| self.not_negative(money.0, node, &path).then_some(money))
        });
        let joined = object.take("joined").and_then(|(node, path)| self.instant(node, &path));
        let known = ["target", "last_year", "last_year_to_date", "expected"];
        let [target, last_year, last_year_to_date, expected] =
            known.map(|key| object.take(key).and_then(|(node, path)| self.volume(policy, node, &path, None)));
        self.close(object);
        let (program, period, posted, open, carried, surplus) = (program?, period?, posted?, open?, carried?, surplus?);
        Some(ProgramVolume {
            program,
            period,
            posted,
            open,
            covered,
            joined,
            target,
            last_year,
            last_year_to_date,
            expected,
            carried,
            surplus,
        })
    }

    fn volume(&mut self, policy: &Loaded, node: &Node, path: &str, covered: Option<(Option<&str>, &mut Units)>) -> Option<Volume> {
        let mut object = self.object(node, path)?;
        if let Some(((node, path), (program, covered))) = covered.and_then(|covered| Some((object.take("covered")?, covered))) {
            *covered = self.covered(policy, program, node, &path);
        }
        let amount = object.take("amount").map_or(Some(Money::ZERO), |(node, path)| self.money(node, &path, policy));
        let quantity = object.take("quantity").map_or(Some(Quantity(0)), |(node, path)| self.quantity(node, &path, policy));
        self.close(object);
        let volume = Volume { amount: amount?, quantity: quantity? };
        if volume.amount.0 < 0 || volume.quantity.0 < 0 {
            self.fault("NUMBER_RANGE", path, node, "a volume is not negative", "send the volume after returns, at least zero");
            return None;
        }
        Some(volume)
    }
}

/// Base units by SKU or category.
type Units = Vec<(String, Quantity)>;

impl Reader {
    /// What a program tells apart, in order of the ids; equal ones add up.
    fn covered(&mut self, policy: &Loaded, program: Option<&str>, node: &Node, path: &str) -> Units {
        let mut units: Units = Vec::new();
        for (index, node) in self.list(node, path, limit::COVERED).unwrap_or_default().iter().enumerate() {
            let path = words(&[path, "[", &count(index), "]"]);
            let Some(object) = self.object(node, &path) else { continue };
            let mut entries = Entries(object);
            let of = entries.need(self, "of").and_then(|(node, path)| {
                let id = self.id(node, &path)?;
                let known = |side: &Loaded| program.and_then(|program| side.program_of(program)).map(|at| side.thing_named(at, &id));
                // A slice lacks categories of which its dealer can order nothing.
                if policy.cut_for().is_none() && policy.sides().filter_map(known).all(|named| named.is_none()) {
                    let help = "send SKUs or categories as the program `covers` them";
                    self.fault("COVERED_UNKNOWN", &path, node, "the program tells no such SKU or category apart", help);
                }
                Some(id)
            });
            let quantity = entries.need(self, "quantity").and_then(|(node, path)| self.quantity(node, &path, policy));
            self.close(entries.0);
            units.extend(of.zip(quantity));
        }
        sort(&mut units, |a, b| a.0.cmp(&b.0));
        units.dedup_by(|next, sum| {
            let same = next.0 == sum.0;
            if same {
                sum.1 = Quantity(sum.1.0.saturating_add(next.1.0));
            }
            same
        });
        units
    }
}

/// Top-level keys of an input that a door reads beyond the common ones.
pub struct Entries<'n>(Object<'n>);

impl<'n> Entries<'n> {
    fn need(&mut self, reader: &mut Reader, key: &'static str) -> Option<(&'n Node, String)> {
        let found = self.0.take(key);
        if found.is_none() {
            reader.missing(&self.0.path.clone(), key, "see the types of the package for its fields");
        }
        found
    }

    /// A value that is read later, with its place.
    pub fn node(&mut self, key: &'static str) -> Option<(Node, String)> {
        self.0.take(key).map(|(node, path)| (node.clone(), path))
    }

    /// The same of one that must be there.
    pub fn need_node(&mut self, reader: &mut Reader, key: &'static str) -> Option<(Node, String)> {
        self.need(reader, key).map(|(node, path)| (node.clone(), path))
    }

    /// An instant.
    pub fn instant(&mut self, reader: &mut Reader, key: &'static str) -> Option<Instant> {
        let (node, path) = self.need(reader, key)?;
        reader.instant(node, &path)
    }

    /// An optional text.
    pub fn text(&mut self, reader: &mut Reader, key: &'static str) -> Option<String> {
        let (node, path) = self.0.take(key)?;
        reader.text(node, &path)
    }

    /// An optional id.
    pub fn id(&mut self, reader: &mut Reader, key: &'static str) -> Option<String> {
        let (node, path) = self.0.take(key)?;
        reader.id(node, &path)
    }

    /// The first instant of the day for which a delivery is requested, where prices are looked up by it.
    pub fn deliver(&mut self, reader: &mut Reader, policy: &Loaded) -> Option<Instant> {
        reader.deliver(policy, &mut self.0).1
    }

    /// Where and how the cart is delivered.
    pub fn delivery(&mut self, reader: &mut Reader, policy: &Loaded) -> Delivery {
        reader.delivery(policy, &mut self.0)
    }

    /// What is asked of hints.
    pub fn wish(&mut self, reader: &mut Reader, policy: &Loaded) -> Option<Wish> {
        let held = self.0.take("coupons").map_or_else(Vec::new, |(node, path)| reader.coupons(policy, node, &path));
        match self.text(reader, "language") {
            Some(tag) => Some((held, Some(reader.language(&tag)?))),
            None => Some((held, None)),
        }
    }

    /// Custom attributes of the order that a cart becomes.
    pub fn attributes(&mut self, reader: &mut Reader, policy: &Loaded) -> Vec<(String, String)> {
        let attributes = reader.attributes(&mut self.0);
        reader.listed(policy, policy.order_attributes(), "", &attributes);
        attributes
    }

    /// An optional switch; off where it is missing.
    pub fn truth(&mut self, reader: &mut Reader, key: &'static str) -> bool {
        match self.0.take(key) {
            Some((Node::Bool(value), _)) => *value,
            Some((node, path)) => {
                reader.fault("SHAPE_WRONG", &path, node, "`true` or `false` is needed here", "send one of them, or leave it out");
                false
            }
            None => false,
        }
    }

    /// An optional whole number from 0 to `most`.
    pub fn whole(&mut self, reader: &mut Reader, key: &'static str, most: usize) -> Option<usize> {
        let (node, path) = self.0.take(key)?;
        reader.whole(node, &path, most)
    }

    /// The claim of an order, if there is one.
    pub fn claimed(&mut self, reader: &mut Reader, policy: &Loaded) -> Option<Claimed> {
        let (node, path) = self.0.take("claimed")?;
        reader.claimed(policy, node, &path)
    }
}

/// What an order was thought to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    /// Result hash.
    pub result_hash: String,
    /// Payable.
    pub payable: Option<Money>,
    /// Net amounts by line id.
    pub lines: Vec<(String, Money)>,
}

impl Reader {
    fn claimed(&mut self, policy: &Loaded, node: &Node, path: &str) -> Option<Claimed> {
        let mut object = self.object(node, path)?;
        let result_hash = match object.take("result_hash") {
            Some((node, path)) => self.text(node, &path),
            None => {
                self.missing(path, "result_hash", "send the hash of the quote that the dealer saw");
                None
            }
        };
        // Amounts of an answer may be larger than any that is sent: they are prices times quantities. These are compared, never added.
        let payable = object.take("payable").map(|(node, path)| self.amount(node, &path, policy, i64::MAX));
        let mut lines = Vec::new();
        if let Some((node, path)) = object.take("lines") {
            for (index, node) in self.list(node, &path, limit::ORDER_LINES).unwrap_or_default().iter().enumerate() {
                let path = words(&[&path, "[", &count(index), "]"]);
                let Some(mut line) = self.object(node, &path) else { continue };
                let (id, net) = (line.take("id"), line.take("net"));
                self.close(line);
                for key in ["id", "net"].into_iter().zip([id.is_none(), net.is_none()]).filter_map(|(key, missing)| missing.then_some(key))
                {
                    self.missing(&path, key, "send `id` and `net` of each claimed line");
                }
                let id = id.and_then(|(node, path)| self.id(node, &path));
                let net = net.and_then(|(node, path)| self.amount(node, &path, policy, i64::MAX));
                lines.extend(id.zip(net));
            }
        }
        self.close(object);
        Some(Claimed { result_hash: result_hash?, payable: payable.flatten(), lines })
    }
}

/// Lines in order of their ids; equal ids stand side by side, first request first.
fn by_id(lines: Vec<OrderLine>) -> Vec<OrderLine> {
    // What all ids begin with is no help in comparing them; of what follows the first bytes nearly always decide.
    let first = lines.first().map_or(&b""[..], |line| line.id.as_bytes());
    let alike = |line: &OrderLine| first.iter().zip(line.id.as_bytes()).take_while(|(a, b)| a == b).count();
    let common = lines.iter().map(alike).min().unwrap_or(0);
    let mut lines: Vec<(u64, OrderLine)> = lines.into_iter().map(|line| (sort_key(&line.id.as_bytes()[common..]), line)).collect();
    sort(&mut lines, |(a_key, a), (b_key, b)| {
        a_key.cmp(b_key).then_with(|| (a.id.as_bytes(), a.position).cmp(&(b.id.as_bytes(), b.position)))
    });
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Whether two keys differ by one character, or by two that are swapped.
fn close_to(known: &str, key: &str) -> bool {
    let (known, key): (Vec<char>, Vec<char>) = (known.chars().collect(), key.chars().collect());
    if known.len().abs_diff(key.len()) > 1 {
        return false;
    }
    let same_start = known.iter().zip(&key).take_while(|(a, b)| a == b).count();
    let same_end = known.iter().rev().zip(key.iter().rev()).take_while(|(a, b)| a == b).count();
    let longest = known.len().max(key.len());
    same_start + same_end + 1 >= longest || (known.len() == key.len() && same_start + same_end + 2 >= longest)
}

impl Reader {
    /// A language by its tag.
    pub fn language(&mut self, tag: &str) -> Option<Language> {
        let language = Language::from_tag(tag);
        if language.is_none() {
            let help = "send `zh` or `en`";
            self.fault("LANGUAGE_UNKNOWN", "language", &Node::Text(tag.to_owned()), "there are no sentences in this language", help);
        }
        language
    }

    /// A line for a cart that already has `lines` lines, without its id; the quantity may be zero. An empty unit is the base unit.
    pub fn cart_line(&mut self, policy: &Loaded, sku: &str, unit: &str, quantity: &Node, lines: usize) -> Option<OrderLine> {
        let (product, alias) = policy.product_known_as(sku).unzip();
        let shown = Node::Text(sku.to_owned());
        if product.is_none() {
            self.fault("SKU_UNKNOWN", "sku", &shown, "the policy has no such product", "check the SKU");
        }
        if lines >= limit::ORDER_LINES {
            let message = words(&["a cart has at most ", &count(limit::ORDER_LINES), " lines"]);
            self.fault("LIMIT_EXCEEDED", "sku", &shown, &message, "split the order");
        }
        let unit = match product.filter(|_| !unit.is_empty()) {
            Some(product) => self.unit(policy, product, &Node::Text(unit.to_owned()), "unit"),
            None => Some(None),
        };
        let ordered = self.quantity(quantity, "quantity", policy)?;
        if ordered.0 < 0 {
            self.fault("NUMBER_RANGE", "quantity", quantity, "a quantity is not negative", "send 0 to remove the line");
            return None;
        }
        let (product, unit) = (product?, unit?);
        let base = self.in_base(policy, product, unit, ordered, quantity, "quantity")?;
        (self.faults.is_empty()).then_some(OrderLine {
            id: String::new(),
            product,
            alias: alias.flatten(),
            unit,
            ordered,
            quantity: base,
            customer: None,
            position: 0,
        })
    }
}
