//! The amounts of a waterfall: what is fixed once prices are known, and what runs down from list to net.

use crate::facts::GiftChoice;
use crate::id::{ProductId, RuleId};
use crate::num::{Money, Overflow, Quantity};

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
    /// What promotions used before of their limits.
    pub usage: Vec<Usage>,
    /// What of each is closed: not in the amounts and quantities above.
    pub shut: Vec<Shut>,
    /// Whether each has a price; those without take part in nothing.
    pub priced: Vec<bool>,
    /// What conditions look at beside the lines.
    pub own: super::condition::Own,
}

/// What of a line is closed to promotions, with the units that an exclusive promotion has.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shut {
    /// Quantity of these units.
    pub quantity: i64,
    /// Their list amount.
    pub list: Money,
    /// Their part of the least net.
    pub least: Money,
    /// What they come to.
    pub net: Money,
}

impl Shut {
    /// The sum of both.
    pub fn plus(self, other: Shut) -> Result<Shut, Overflow> {
        let quantity = self.quantity.checked_add(other.quantity).ok_or(Overflow)?;
        Ok(Shut { quantity, list: self.list.plus(other.list)?, least: self.least.plus(other.least)?, net: self.net.plus(other.net)? })
    }
}

impl Lines {
    /// Puts closed units back into their lines.
    pub fn open(&mut self, net: &mut [Money]) -> Result<(), Overflow> {
        for (line, shut) in self.shut.iter_mut().enumerate().filter(|(_, shut)| shut.quantity > 0) {
            let Shut { quantity, list, least, net: closed } = std::mem::take(shut);
            self.quantity[line].0 += quantity;
            self.list[line] = self.list[line].plus(list)?;
            self.least[line] = self.least[line].plus(least)?;
            net[line] = net[line].plus(closed)?;
        }
        Ok(())
    }
}

/// What a promotion used before of its limits.
#[derive(Debug, Clone)]
pub struct Usage {
    /// Promotion.
    pub rule: RuleId,
    /// Times.
    pub times: Used,
    /// Units of all products, at the quantity scale.
    pub units: Used,
    /// Units of each product.
    pub skus: Vec<(ProductId, Used)>,
}

/// What is used of a limit.
#[derive(Debug, Clone, Copy, Default)]
pub struct Used {
    /// By the dealer.
    pub dealer: i64,
    /// By the dealer in the period that is now.
    pub period: i64,
    /// By all dealers.
    pub total: i64,
}

/// What can be delivered of a product that may be given, beside what the order and earlier promotions take of it; of others nothing is known.
pub type Stocked = (ProductId, i64);

/// The amounts that a benefit looks at.
#[derive(Debug, Clone, Copy)]
pub struct Amounts<'a> {
    /// What is fixed.
    pub lines: &'a Lines,
    /// Nets entering the stage.
    pub entry: &'a [Money],
    /// Running nets.
    pub net: &'a [Money],
    /// Running stock of gifts.
    pub stock: &'a [Stocked],
}

impl Amounts<'_> {
    /// Whether a floor above 0 holds for a line.
    pub fn has_floor(self, line: usize) -> bool {
        self.lines.least[line] > Money::ZERO
    }

    /// What may still be taken off a line.
    pub fn capacity(self, line: usize) -> Money {
        Money((self.net[line].0 - self.lines.least[line].0).max(0))
    }
}
