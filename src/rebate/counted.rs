//! What counts for programs by its order and by its prices: one predicate for previews, returns and settlements. `docs/semantics.md` §67.

use crate::bundle::{Dimension, Loaded, NO_PROMOTION, Registered, decoded};
use crate::facts::Order;
use crate::id::{AudienceId, ProgramId};
use crate::num::Money;
use crate::policy::PriceKind;
use crate::quote::{ApprovedUse, QuoteLine};
use crate::waterfall::{Enrolment, flags, listed};

/// The source of an order, or one of its attributes by id.
pub type OfOrder<'o> = dyn Fn(Option<&str>) -> Option<&'o str> + 'o;

/// An order as programs look at it.
#[derive(Clone, Copy)]
pub struct Counted<'o> {
    /// What the order says.
    pub order: &'o OfOrder<'o>,
    /// Bits of [`PriceKind`] of a line.
    pub kinds: &'o dyn Fn(usize) -> u32,
}

/// Why a program leaves something out: bits, none where it counts.
pub fn left_out(policy: &Loaded, program: ProgramId, order: &OfOrder, kinds: u32) -> u32 {
    let t = &policy.tables;
    let is_like = |term: usize| {
        let axis = Dimension::at(t.term_axis[term]);
        listed(policy, order(policy.attribute(axis)).and_then(|text| policy.value(axis, text)), term)
    };
    let counts = t.terms(AudienceId(t.program_orders[program.index()])).all(is_like);
    t.program_unpriced[program.index()] & kinds | if counts { 0 } else { PriceKind::BY_ORDER }
}

/// What an order says of itself.
pub fn of_order<'o>(order: &'o Order, id: Option<&str>) -> Option<&'o str> {
    match id {
        None => order.source.as_deref(),
        Some(id) => order.attributes.iter().find(|(key, _)| key == id).map(|(_, text)| text.as_str()),
    }
}

/// What the price of a line is beside an ordinary one: bits.
pub fn kinds(policy: &Loaded, lines: &[QuoteLine], approved: &[ApprovedUse], at: usize) -> u32 {
    let line = &lines[at];
    let registered = line.records().map(|portion| match decoded(policy.tables.access_registered[portion.price.access.index()]) {
        Registered::None => 0,
        Registered::Contract => PriceKind::Contract.bit(),
        Registered::Quotation => PriceKind::Quotation.bit(),
        Registered::Special => PriceKind::Special.bit(),
    });
    let changed = approved.iter().any(|used| used.line == Some(at) && used.saving > Money::ZERO);
    registered.fold(0, |kinds, kind| kinds | kind)
        | if changed { PriceKind::Approved.bit() } else { 0 }
        | if flags(policy, line) & NO_PROMOTION != 0 { PriceKind::NoPromotion.bit() } else { 0 }
}

/// What programs leave out of an order, by enrolment.
pub struct Apart<'o> {
    masks: Vec<u32>,
    kinds: &'o dyn Fn(usize) -> u32,
}

impl<'o> Apart<'o> {
    /// Looks at the order once for each program.
    pub fn new(policy: &Loaded, enrolments: &[Enrolment], counted: Counted<'o>) -> Apart<'o> {
        let mask = |enrolment: &Enrolment| left_out(policy, enrolment.program, counted.order, u32::MAX);
        Apart { masks: enrolments.iter().map(mask).collect(), kinds: counted.kinds }
    }

    /// Why a program leaves a line out: bits.
    pub fn why(&self, at: usize, line: usize) -> u32 {
        match self.masks[at] {
            0 => 0,
            mask => mask & ((self.kinds)(line) | PriceKind::BY_ORDER),
        }
    }
}
