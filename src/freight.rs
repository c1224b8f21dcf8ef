//! Freight (运费): what delivering an order costs, a line of its own for each table, by region, weight and amount.

use crate::bundle::{Dimension, Loaded, NONE};
use crate::facts::{DeliveredBy, Order};
use crate::id::{FreightId, ValueId};
use crate::num::{Money, Overflow, Percent, Rounding, Scale, divide, product};
use crate::quote::{FreightLine, QuoteLine};
use crate::tax;
use crate::time::Instant;
use crate::waterfall::Context;

/// The freight of an order whose lines have come to their net.
pub fn lines(policy: &Loaded, context: &Context, order: &Order, lines: &[QuoteLine]) -> Result<Vec<FreightLine>, Overflow> {
    let mut freight = Vec::new();
    let (mut goods, mut amount, mut weight) = (false, Money::ZERO, 0_i128);
    for line in lines.iter().filter(|line| line.price.is_some()) {
        goods = true;
        amount = amount.plus(line.net)?;
        weight += product(policy.tables.weight(line.product), line.quantity.0);
    }
    // What another dealer hands over nobody carries.
    if goods && !matches!(order.delivery.by, Some(DeliveredBy::PickUp(_))) {
        let region = order.delivery.region.or(context.value(Dimension::Region));
        for table in context.freight() {
            freight.extend(line(policy, context.priced_at, *table, region, amount, weight)?);
        }
    }
    Ok(freight)
}

/// The line of one table: the nearest region that has rows now, and of these the largest amount, then the largest weight that is reached.
fn line(
    policy: &Loaded,
    at: Instant,
    table: FreightId,
    region: Option<ValueId>,
    amount: Money,
    weight: i128,
) -> Result<Option<FreightLine>, Overflow> {
    let (t, c) = (&policy.tables, &policy.constants);
    let rows = t.freight_rows(table);
    let mut place = region.map_or(NONE, |region| region.0);
    let one = c.quantity_scale.one();
    loop {
        let (mut valid, mut fits) = (false, None);
        let first = rows.start + t.freight_region[rows.clone()].partition_point(|region| *region < place);
        for row in (first..rows.end).take_while(|row| t.freight_region[*row] == place) {
            if t.holds(t.freight_window[row], at) {
                valid = true;
                if t.freight_amount[row] <= amount.0 && product(t.freight_weight[row], c.quantity_scale.finer(Scale(0))) <= weight {
                    fits = Some(row);
                }
            }
        }
        if valid || place == NONE {
            let Some(row) = fits else { return Ok(None) };
            let above = weight - i128::from(t.freight_weight[row]) * one;
            let per = i128::from(t.freight_per[row]).checked_mul(above).ok_or(Overflow)?;
            let finer = c.unit_scale.0.checked_sub(c.money_scale.0).ok_or(Overflow)?;
            let whole = one * i128::from(Scale::WEIGHT.finer(Scale(finer)));
            let fixed = i128::from(t.freight_charge[row]) * whole;
            let charge = divide(fixed.checked_add(per).ok_or(Overflow)?, whole, c.rounding).map(Money)?;
            let rate = Percent(i64::from(t.freight_tax[table.index()]));
            let tax = tax::of_amount(policy, Some(rate), charge)?;
            let weight = divide(weight, one, Rounding::Down)?;
            return Ok(Some(FreightLine { table, row, weight, charge, adjustments: Vec::new(), net: charge, tax }));
        }
        place = t.value_parent[place as usize];
    }
}
