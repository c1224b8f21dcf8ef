//! The shape of author files, and the JSON Schema made from it: what editors complete from is what the importer checks against.

use super::mapping::Mapping;
use crate::num::Percent;
use crate::policy::{
    Attribute, Axis, Budget, Check, Contest, Formula, Grant, Group, Guards, Listing, Name, Node, Overlap, Period, Program, Promotion,
    Redemption, RegisteredAs, Scaling, Scorecard, Select, Settings, Transition, When,
};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize;
use serde_json::Value as Json;
use std::sync::LazyLock;

/// A policy file. Lists of the same key are joined over the files of a folder; `policy`, `transition`, `products`, `aliases`, `dealers`, `redemption` and `guards` stand once.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PolicyFile {
    /// Constants of the policy: currency, zone, rounding, limits.
    #[serde(default)]
    pub policy: Option<Settings>,
    /// How dealers of old contracts pass from an old policy to this one (过渡期).
    #[serde(default)]
    pub transition: Option<Transition>,
    /// Dealer grades (分级).
    #[serde(default)]
    pub grades: Vec<Node>,
    /// Regions (大区 / 省 / 市), a forest by `parent`.
    #[serde(default)]
    pub regions: Vec<Node>,
    /// Sales channels (渠道).
    #[serde(default)]
    pub channels: Vec<Node>,
    /// Groups of dealers (经销商组), a forest by `parent`.
    #[serde(default)]
    pub dealer_groups: Vec<Node>,
    /// Custom attributes of dealers, products and orders.
    #[serde(default)]
    pub attributes: Vec<Attribute>,
    /// Product categories, a forest by `parent`.
    #[serde(default)]
    pub categories: Vec<Node>,
    /// Brands.
    #[serde(default)]
    pub brands: Vec<Node>,
    /// Product master data: name of a CSV or XLSX file, or `{ file, sheet, mapping }`.
    #[serde(default)]
    pub products: Option<TableEntry>,
    /// Old and foreign SKUs of products (旧编码): name of a CSV or XLSX file with `alias` and `sku`, or `{ file, sheet, mapping }`.
    #[serde(default)]
    pub aliases: Option<TableEntry>,
    /// Dealer master data: name of a CSV or XLSX file, or `{ file, sheet, mapping }`. With it, dealers that price tables and rules name must exist.
    #[serde(default)]
    pub dealers: Option<TableEntry>,
    /// Price tables, in the order in which they are searched, most specific first.
    #[serde(default)]
    pub prices: Vec<AccessEntry>,
    /// Costs, and other tables that formulas compute prices from; they stay out of bundles.
    #[serde(default)]
    pub costs: Vec<AccessEntry>,
    /// Floor prices (最低限价), searched the same way.
    #[serde(default)]
    pub floors: Vec<AccessEntry>,
    /// Prices under which somebody must approve (审批价), searched the same way.
    #[serde(default)]
    pub approvals: Vec<AccessEntry>,
    /// Recommended prices (建议零售价), searched the same way.
    #[serde(default)]
    pub recommended: Vec<AccessEntry>,
    /// Promotion groups, in running order.
    #[serde(default)]
    pub groups: Vec<Group>,
    /// Budgets (费用预算) that promotions give from.
    #[serde(default)]
    pub budgets: Vec<Budget>,
    /// Promotions (促销).
    #[serde(default)]
    pub promotions: Vec<Promotion>,
    /// Rebate programs (返利政策).
    #[serde(default)]
    pub programs: Vec<Program>,
    /// How programs that pay on the same volume go together.
    #[serde(default)]
    pub overlaps: Vec<Overlap>,
    /// Figures of dealers that programs look at (考核指标).
    #[serde(default)]
    pub kpis: Vec<Node>,
    /// Who wins what by rank (排名赛).
    #[serde(default)]
    pub contests: Vec<Contest>,
    /// How dealers are rated and graded (评分卡).
    #[serde(default)]
    pub scorecards: Vec<Scorecard>,
    /// Who may order what (可售范围).
    #[serde(default)]
    pub assortment: Vec<Listing>,
    /// Who may deliver where (授权区域).
    #[serde(default)]
    pub territory: Vec<Grant>,
    /// What delivering an order costs (运费); the lines of several tables add up.
    #[serde(default)]
    pub freight: Vec<FreightEntry>,
    /// How rebates that a dealer holds (返利单) pay for his orders.
    #[serde(default)]
    pub redemption: Option<Redemption>,
    /// What the guards do when they bite.
    #[serde(default)]
    pub guards: Option<Guards>,
    /// What orders, dealers and lines must satisfy (校验规则).
    #[serde(default)]
    pub checks: Vec<Check>,
}

/// One step of the access sequence: a table and what it is keyed by.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessEntry {
    /// Id shown in explanations, for example `contract`.
    pub id: String,
    /// Name shown to dealers, for example `{ zh: 合同价, en: Contract price }`.
    #[serde(default)]
    pub name: Name,
    /// Key columns. Where two of them are trees, distances compare in this order. With a formula those of its source.
    #[serde(default)]
    pub by: Option<Vec<AxisName>>,
    /// The table: name of a CSV or XLSX file, or `{ file, sheet, mapping }`.
    #[serde(default)]
    pub table: Option<TableEntry>,
    /// How its prices are computed from those of another table, instead of a table of its own.
    #[serde(default)]
    pub formula: Option<Formula>,
    /// How the bands of its scales hold; absent: the quantity of the product in the order prices all its units.
    #[serde(default)]
    pub scale: Scaling,
    /// What its rows are registered as; each then has a number, and may have an approver, an end customer and limits of its quantity.
    #[serde(default)]
    pub registered: Option<RegisteredAs>,
    /// Period of the rows' `period_limit`.
    #[serde(default)]
    pub period: Option<Period>,
    /// For which dealers and orders it is searched. Absent: for all.
    #[serde(default)]
    pub when: When,
    /// For which products it is searched. Absent: for all.
    #[serde(default)]
    pub on: Option<Select>,
}

/// An axis as an author names it: one that every policy has, or a custom attribute.
#[derive(Deserialize)]
#[serde(transparent)]
pub struct AxisName(pub String);

impl JsonSchema for AxisName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "AxisName".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let words = Axis::FIXED.map(|axis| axis.word(&[]));
        schemars::json_schema!({
            "description": "An axis of dealers or products, or the id of a custom attribute.",
            "type": "string",
            "anyOf": [{ "enum": words }, true]
        })
    }
}

/// A table: a file, which sheet of it, and how it is read when it is the export of another system.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TableFile {
    /// Name of a CSV or XLSX file, relative to the policy's folder.
    pub file: String,
    /// Sheet of a workbook. Default: the first.
    #[serde(default)]
    pub sheet: Option<String>,
    /// Name of a mapping, a YAML file in a folder inside the policy's.
    #[serde(default)]
    pub mapping: Option<String>,
}

/// A table by the name of its file, or with its sheet and mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableEntry(pub TableFile);

impl<'de> Deserialize<'de> for TableEntry {
    fn deserialize<D: serde::Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> serde::de::Visitor<'de> for Reader {
            type Value = TableEntry;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("the name of a file, or `{ file, sheet, mapping }`")
            }
            fn visit_str<E>(self, file: &str) -> Result<TableEntry, E> {
                Ok(TableEntry(TableFile { file: file.to_owned(), sheet: None, mapping: None }))
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<TableEntry, A::Error> {
                TableFile::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map(TableEntry)
            }
        }
        input.deserialize_any(Reader)
    }
}

impl JsonSchema for TableEntry {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TableEntry".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let long = generator.subschema_for::<TableFile>();
        schemars::json_schema!({ "description": "A table: the name of a file, or its sheet and mapping too.", "anyOf": [{ "type": "string" }, long] })
    }
}

/// A table of freight.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FreightEntry {
    /// Id shown in answers, for example `truck`.
    pub id: String,
    /// Name shown to dealers, for example `{ zh: 物流费, en: Freight }`.
    #[serde(default)]
    pub name: Name,
    /// Which dealers and orders it is for. Absent: every order.
    #[serde(default)]
    pub when: When,
    /// Its tax rate. Default: the policy's own.
    #[serde(default)]
    pub tax: Option<Percent>,
    /// The table: name of a CSV or XLSX file, or `{ file, sheet, mapping }`.
    pub table: TableEntry,
}

/// A file of tests.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestFile {
    /// Orders with expected figures.
    pub tests: Vec<TestEntry>,
}

/// One test: an order and what is expected of its quote.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestEntry {
    /// What the test shows, in a sentence.
    pub name: String,
    /// The instant of the quote, RFC 3339 with offset.
    pub now: String,
    /// Dealer facts, or the name of a file beside this one that holds them.
    pub dealer: Json,
    /// The order.
    pub order: Json,
    /// Expected figures of the quote; what is not named is not compared.
    pub expect: Json,
}

/// JSON Schema (draft-07, which the YAML language server understands) of a policy file.
pub fn policy_schema() -> Json {
    schema_of::<PolicyFile>()
}

/// JSON Schema of a file of tests.
pub fn test_schema() -> Json {
    schema_of::<TestFile>()
}

/// JSON Schema of a mapping.
pub fn mapping_schema() -> Json {
    schema_of::<Mapping>()
}

/// Made once: making it takes longer than reading a small policy.
pub(super) static POLICY: LazyLock<Json> = LazyLock::new(policy_schema);
pub(super) static TESTS: LazyLock<Json> = LazyLock::new(test_schema);
pub(super) static MAPPING: LazyLock<Json> = LazyLock::new(mapping_schema);

fn schema_of<T: JsonSchema>() -> Json {
    let mut schema: Json = SchemaSettings::draft07().for_deserialize().into_generator().into_root_schema_for::<T>().into();
    as_authors_write(&mut schema);
    schema
}

/// Bends serde's view of a type to the author's: a key is left out rather than `null`, and a text may look like a number (`id: 1001`).
fn as_authors_write(schema: &mut Json) {
    match schema {
        Json::Array(list) => list.iter_mut().for_each(as_authors_write),
        Json::Object(map) => {
            if map.get("default").is_some_and(Json::is_null) {
                map.remove("default");
            }
            if let Some(Json::Array(kinds)) = map.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [kind] = kinds.as_slice() {
                    let kind = kind.clone();
                    map.insert("type".into(), kind);
                }
            }
            if let Some(Json::Array(choices)) = map.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
                if choices.len() == 1 {
                    let only = map.remove("anyOf").unwrap_or_default();
                    map.insert("allOf".into(), only);
                }
            }
            let text = map.get("type").is_some_and(|kind| kind == "string");
            if text && !map.contains_key("const") && !map.contains_key("enum") {
                map.insert("type".into(), serde_json::json!(["string", "number"]));
            }
            map.values_mut().for_each(as_authors_write);
        }
        _ => {}
    }
}
