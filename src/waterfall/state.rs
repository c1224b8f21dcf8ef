//! The amounts of a waterfall: what is fixed once prices are known, and what runs down from list to net.

use crate::facts::GiftChoice;
use crate::id::{ProductId, RuleId};
use crate::num::{Money, Quantity};

/// What stays the same from stage to stage, one entry per line, in order of the lines' ids.
#[derive(Debug, Clone, Default)]
pub struct Lines {
    /// Products.
    pub product: Vec<ProductId>,
    /// List amounts.
    pub list: Vec<Money>,
    /// Quantities.
    pub quantity: Vec<Quantity>,
    /// Least net amounts that the floors allow; zero without a floor.
    pub least: Vec<Money>,
    /// Base price of one unit of everything that may be given, by product.
    pub gift_prices: super::gift::Prices,
    /// What the order wants of it.
    pub gift_choices: Vec<GiftChoice>,
    /// How often promotions counted before: for the dealer, and in all.
    pub usage: Vec<(RuleId, i64, i64)>,
    /// Whether each has a price; those without take part in nothing.
    pub priced: Vec<bool>,
    /// What conditions look at beside the lines.
    pub own: super::condition::Own,
}

/// The amounts that a benefit looks at.
#[derive(Debug, Clone, Copy)]
pub struct Amounts<'a> {
    /// What is fixed.
    pub lines: &'a Lines,
    /// Nets entering the stage.
    pub entry: &'a [Money],
    /// Running nets.
    pub net: &'a [Money],
}

impl Amounts<'_> {
    /// What may still be taken off a line.
    pub fn capacity(self, line: usize) -> Money {
        Money((self.net[line].0 - self.lines.least[line].0).max(0))
    }
}
