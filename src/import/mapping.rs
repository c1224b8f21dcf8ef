//! Mappings: how the export of another system becomes one of our tables, from its headers to our columns.

use super::cell::DateOrder;
use crate::num::Number;
use crate::policy::OneOrMany;
use schemars::JsonSchema;
use serde::Deserialize;

/// A file that says how the export of an ERP is read as one of our tables. What it does not name of the export is not read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// Row of the header, from 1, where titles stand above it. Default: the first row that is not blank.
    #[serde(default)]
    pub header: Option<u32>,
    /// How dates are written where the year comes last; without it they are refused.
    #[serde(default)]
    pub dates: Option<DateOrder>,
    /// Where each of our columns comes from.
    pub columns: Vec<MappedColumn>,
    /// Columns of the export that hold the same figure for different keys, such as a price for each grade: each row becomes one for each of them.
    #[serde(default)]
    pub spread: Option<Spread>,
    /// Rows that are read; the others are passed over.
    #[serde(default)]
    pub keep: Vec<RowsWhere>,
    /// Rows that are passed over, such as totals.
    #[serde(default)]
    pub skip: Vec<RowsWhere>,
}

/// Where one of our columns comes from: a column of the export, or a constant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappedColumn {
    /// Our column, for example `price`.
    pub to: String,
    /// Header of the column in the export, for example `含税单价`.
    #[serde(default)]
    pub from: Option<String>,
    /// A text that every row gets instead.
    #[serde(default)]
    pub value: Option<String>,
    /// Unit of the amounts in the export.
    #[serde(default)]
    pub unit: Option<AmountUnit>,
    /// What the figures of the export are multiplied with, for example 0.01.
    #[serde(default)]
    pub scale: Option<Number>,
    /// Words of the export and ours. What is not listed stays as it is.
    #[serde(default)]
    pub values: Vec<MappedValue>,
}

/// A word of the export and what it is here.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MappedValue {
    /// The word of the export.
    pub from: String,
    /// Our word for it.
    pub to: String,
}

/// Columns of the export that become rows.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// Our column that says which of them it was, for example `grade`.
    pub key: String,
    /// Our column that gets the figure, for example `price`.
    pub to: String,
    /// Headers of the export, and the key of each. A blank cell gives no row.
    pub columns: Vec<MappedValue>,
}

/// Rows with certain words in a column.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RowsWhere {
    /// Header of the column in the export.
    pub column: String,
    /// The words; `""` is a blank cell.
    pub is: OneOrMany,
}

/// Units that exports give amounts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
pub enum AmountUnit {
    /// Hundredths.
    #[serde(rename = "分")]
    Fen,
    /// Tenths.
    #[serde(rename = "角")]
    Jiao,
    /// Whole units.
    #[serde(rename = "元")]
    Yuan,
    /// Thousands.
    #[serde(rename = "千元")]
    Thousand,
    /// Ten thousands.
    #[serde(rename = "万元")]
    TenThousand,
}

impl AmountUnit {
    /// How many of the currency's units one is.
    fn factor(self) -> Number {
        use rust_decimal::Decimal;
        Number(match self {
            AmountUnit::Fen => Decimal::new(1, 2),
            AmountUnit::Jiao => Decimal::new(1, 1),
            AmountUnit::Yuan => Decimal::ONE,
            AmountUnit::Thousand => Decimal::ONE_THOUSAND,
            AmountUnit::TenThousand => Decimal::new(10_000, 0),
        })
    }
}

impl MappedColumn {
    /// What the figures of the export are multiplied with, if anything.
    pub fn factor(&self) -> Option<Number> {
        self.unit.map(AmountUnit::factor).or(self.scale)
    }

    /// The word of ours for one of the export.
    pub fn word<'a>(&'a self, written: &'a str) -> &'a str {
        self.values.iter().find(|value| value.from == written).map_or(written, |value| &value.to)
    }
}
