//! What policy authors write: price tables, promotions, rebate programs, guards and audiences. Data only.
//!
//! The same types fill the JSON Schema that editors complete from, so a doc comment here is the help an author reads.
//! `docs/policy-files.md` shows the files they come from.

mod channel;
mod condition;
mod contest;
mod dealer;
mod freight;
mod guard;
mod price;
mod product;
mod program;
mod promotion;
mod scorecard;
mod settings;
mod transition;

pub use channel::{
    Availability, BlockedLines, DropShip, Earns, Grant, GrantMode, Listing, LotReturns, LotScope, LotTax, LotTransfer, PickUp, Redemption,
    Ungranted,
};
pub use condition::{Cart, Condition, DealerIs, Handover, OrderIs, OrderNumber};
pub use contest::{Contest, Prize, RankedBy, Ties};
pub use dealer::{CREDIT_COLUMNS, Dealer};
pub use freight::{Freight, FreightRow};
pub use guard::{Check, CheckKind, Corridor, GiftsIn, Guards, Overdue};
pub use price::{
    Access, Axis, Ending, Formula, FormulaRow, PriceFlags, PriceRow, RegisteredAs, Registration, ScaleBasis, ScaleMeasure, ScaleMode,
    Scaling,
};
pub use product::{Alias, Attribute, AttributeKind, AttributeOf, Node, Product, TaxRate, Unit};
pub use program::{
    Against, Basis, Calendar, Cap, Joiners, NoBase, Pays, PaysOn, Period, PriceRise, Program, Qualifier, Tier, TierMode, YearEnd,
};
pub use program::{
    CountedIn, CountedOrders, CountedPrices, Covers, DecidedBy, EnrolBy, Forecast, ForecastBy, Form, GoodsTerms, LotPays, LotTerms,
    Modifier, ModifierBand, ModifierKind, Needed, Overlap, OverlapMode, PaidIn, PriceKind, Requirement, Split, Surplus, Treatment,
};
pub use promotion::{
    At, Audience, Base, Budget, Choose, Combo, ComboPart, Count, Decompose, DiscountedLines, Each, Earn, Get, Gift, GiftItem, Group,
    GroupMode, Limit, LimitOf, LimitScope, NetLines, Origin, Promotion, PromotionCap, Scope, Select, Spread, Stage, Step, Steps, UnitLimit,
    When, WhenOrder,
};
pub use scorecard::{Bottom, Deduction, GradeRule, Kpi, Line, Need, PointStep, ScoreRow, Scorecard, Tenure};
pub use settings::{Eligibility, PricingDate, Remainder, Resolution, RoundingPoint, Settings, Severity, Tax, TaxBasis, Weight};
pub use transition::{Cohort, Side, Then, Transition};

use serde::Deserialize;
use std::collections::BTreeMap;

/// A whole policy (政策): every file of the folder, read and joined, not yet checked.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Constants of the policy: currency, zone, rounding, limits.
    pub settings: Settings,
    /// How dealers of old contracts pass from an old policy to this one.
    pub transition: Option<Transition>,
    /// The old policy that `transition` names.
    pub old: Option<Box<Policy>>,
    /// Dealer grades (分级), in file order.
    pub grades: Vec<Node>,
    /// Regions (大区 / 省 / 市), a forest by `parent`.
    pub regions: Vec<Node>,
    /// Sales channels (渠道).
    pub channels: Vec<Node>,
    /// Groups of dealers (经销商组), a forest by `parent`.
    pub dealer_groups: Vec<Node>,
    /// Custom attributes of dealers, products and orders.
    pub attributes: Vec<Attribute>,
    /// Product categories, a forest by `parent`.
    pub categories: Vec<Node>,
    /// Brands.
    pub brands: Vec<Node>,
    /// Product master data.
    pub products: Vec<Product>,
    /// Old and foreign SKUs of products.
    pub aliases: Vec<Alias>,
    /// Dealer master data, when the policy has it; `None` leaves dealers open.
    pub dealers: Option<Vec<Dealer>>,
    /// The access sequence: price tables, searched in this order.
    pub prices: Vec<Access>,
    /// Costs and other tables that prices are computed from; no bundle holds them.
    pub costs: Vec<Access>,
    /// Floor prices (最低限价), searched the same way.
    pub floors: Vec<Access>,
    /// Prices under which somebody must approve (审批价), searched the same way.
    pub approvals: Vec<Access>,
    /// Recommended prices (建议零售价), searched the same way.
    pub recommended: Vec<Access>,
    /// Promotion groups, in the order in which they run inside a stage.
    pub groups: Vec<Group>,
    /// Budgets that promotions give from.
    pub budgets: Vec<Budget>,
    /// Promotions.
    pub promotions: Vec<Promotion>,
    /// Rebate programs (返利政策).
    pub programs: Vec<Program>,
    /// How programs that pay on the same volume go together.
    pub overlaps: Vec<Overlap>,
    /// Figures of dealers that programs look at (考核指标).
    pub kpis: Vec<Node>,
    /// Who wins what by rank (排名赛); no bundle holds them.
    pub contests: Vec<Contest>,
    /// How dealers are rated and graded (评分卡); no bundle holds them.
    pub scorecards: Vec<Scorecard>,
    /// Who may order what (可售范围).
    pub assortment: Vec<Listing>,
    /// Who may deliver where (授权区域).
    pub territory: Vec<Grant>,
    /// What delivering an order costs (运费).
    pub freight: Vec<Freight>,
    /// How rebates that a dealer holds pay for his orders.
    pub redemption: Option<Redemption>,
    /// What the guards do when they bite.
    pub guards: Guards,
    /// What orders, dealers and lines must satisfy.
    pub checks: Vec<Check>,
}

/// What conditions name of one kind.
pub enum Asked<'a> {
    /// Ids of dealers.
    Dealers(&'a OneOrMany),
    /// Order sources.
    Sources(&'a [String]),
    /// Days of contracts, as ranges.
    ContractDates(&'a OneOrMany),
    /// Values or ranges of attributes.
    Attributes(&'a BTreeMap<String, OneOrMany>),
}

impl Policy {
    /// What all conditions on dealers and orders name: ids of dealers, sources, days of contracts, attributes.
    pub fn each_named<'a>(&'a self, look: &mut dyn FnMut(Asked<'a>)) {
        let whens = self.promotions.iter().map(|promotion| &promotion.when).chain(self.programs.iter().map(|program| &program.when));
        let whens = whens.chain(self.assortment.iter().map(|listing| &listing.when));
        let whens = whens.chain(self.tables().into_iter().flat_map(|(_, list)| list).map(|access| &access.when));
        let whens = whens.chain(self.territory.iter().map(|grant| &grant.when)).chain(self.freight.iter().map(|freight| &freight.when));
        for when in whens.chain(self.checks.iter().map(|check| &check.when)) {
            for part in [Some(&when.dealer), when.dealer.except.as_deref()].into_iter().flatten() {
                part.id.iter().for_each(|ids| look(Asked::Dealers(ids)));
                part.contract_date.iter().for_each(|days| look(Asked::ContractDates(days)));
                look(Asked::Attributes(&part.attributes));
            }
            when.order.source.iter().for_each(|sources| look(Asked::Sources(&sources.0)));
        }
        for condition in self.promotions.iter().filter_map(|promotion| promotion.condition.as_ref()) {
            condition.each(&mut |condition| {
                if let Some(dealer) = &condition.dealer {
                    dealer.id.iter().for_each(|ids| look(Asked::Dealers(ids)));
                    dealer.contract_date.iter().for_each(|days| look(Asked::ContractDates(days)));
                    look(Asked::Attributes(&dealer.attributes));
                }
                if let Some(order) = &condition.order {
                    order.source.iter().for_each(|sources| look(Asked::Sources(&sources.0)));
                    look(Asked::Attributes(&order.attributes));
                }
                let numbered = condition.order_number.iter().filter_map(|number| number.source.as_ref());
                numbered.for_each(|source| look(Asked::Sources(std::slice::from_ref(source))));
            });
        }
        for program in &self.programs {
            for part in [Some(&program.orders), program.orders.except.as_deref()].into_iter().flatten() {
                part.source.iter().for_each(|sources| look(Asked::Sources(&sources.0)));
                look(Asked::Attributes(&part.attributes));
            }
        }
        self.checks.iter().filter_map(|check| check.source.as_ref()).for_each(|sources| look(Asked::Sources(&sources.0)));
    }

    /// The tables that are searched for prices: under each key, those of the key in order.
    pub fn tables(&self) -> [(&'static str, &[Access]); 4] {
        [("prices", &self.prices), ("floors", &self.floors), ("approvals", &self.approvals), ("recommended", &self.recommended)]
    }

    /// The stage that a promotion runs in: before all of them in an exclusive group, after them in one that always applies.
    pub fn stage_of(&self, promotion: &Promotion) -> Stage {
        let group = promotion.group.as_ref().and_then(|id| self.groups.iter().find(|group| group.id == *id));
        match group.map(|group| group.mode) {
            Some(GroupMode::Exclusive) => Stage::Exclusive,
            Some(GroupMode::Always) => Stage::Always,
            Some(GroupMode::Stack | GroupMode::Best | GroupMode::First) | None => promotion.effective_stage(),
        }
    }
}

/// Names in the two languages of the product; either may be missing, then the other is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[cfg_attr(all(feature = "author", not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Name {
    /// Chinese.
    #[serde(default)]
    pub zh: String,
    /// English.
    #[serde(default)]
    pub en: String,
}

/// One value or a list of them: `grade: A` or `grade: [A, B]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> serde::de::Visitor<'de> for Reader {
            type Value = OneOrMany;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("one value or a list of values")
            }
            fn visit_str<E>(self, value: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany(vec![value.to_owned()]))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element()? {
                    values.push(value);
                }
                Ok(OneOrMany(values))
            }
        }
        input.deserialize_any(Reader)
    }
}

#[cfg(all(feature = "author", not(target_arch = "wasm32")))]
impl schemars::JsonSchema for OneOrMany {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OneOrMany".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "One value or a list of them.",
            "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" }, "minItems": 1 }]
        })
    }
}
