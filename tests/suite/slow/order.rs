//! Which promotions there are, and in which order they run (§6, §7).

use super::{Line, Question};
use qudao::policy::{Group, GroupMode, Promotion, Stage};
use std::cmp::Reverse;

/// A part of the waterfall in which promotions run.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// An exclusive group (§11.6).
    Exclusive(&'a str),
    Stage(Stage),
}

impl<'a> Question<'a> {
    /// All parts in their order (§4).
    pub fn parts(&self) -> Vec<Part<'a>> {
        let exclusive = self.policy.groups.iter().filter(|group| group.mode == GroupMode::Exclusive);
        let stages = [Stage::Line, Stage::Set, Stage::Order, Stage::Coupon, Stage::Always, Stage::Freight].map(Part::Stage);
        exclusive.map(|group| Part::Exclusive(&group.id)).chain(stages).collect()
    }

    pub fn group(&self, promotion: &Promotion) -> Option<&'a Group> {
        self.policy.groups.iter().find(|group| promotion.group.as_ref() == Some(&group.id))
    }

    /// The part that a promotion runs in (§6.3).
    pub fn part(&self, promotion: &Promotion) -> Part<'a> {
        match self.group(promotion) {
            Some(group) if group.mode == GroupMode::Exclusive => Part::Exclusive(&group.id),
            Some(group) if group.mode == GroupMode::Always => Part::Stage(Stage::Always),
            _ => Part::Stage(promotion.effective_stage()),
        }
    }

    pub fn stage_word(&self, promotion: &Promotion) -> &'static str {
        match self.part(promotion) {
            Part::Exclusive(_) => "exclusive",
            Part::Stage(stage) => stage.word(),
        }
    }

    /// Every promotion of the policy in running order (§7).
    pub fn running_order(&self) -> Vec<&'a Promotion> {
        let parts = self.parts();
        let groups = &self.policy.groups;
        let mut list: Vec<&Promotion> = self.policy.promotions.iter().collect();
        list.sort_by_key(|promotion| {
            // Promotions without a group run last.
            let group = groups.iter().position(|group| promotion.group.as_ref() == Some(&group.id)).unwrap_or(groups.len());
            let part = parts.iter().position(|part| *part == self.part(promotion));
            // §31.2.
            let own = (self.part(promotion) == Part::Stage(Stage::Always)).then(|| promotion.effective_stage());
            (part, group, own, Reverse(promotion.priority), kind(promotion), promotion.id.as_str())
        });
        list
    }

    /// §6.1.
    pub fn is_open(&self, promotion: &Promotion) -> bool {
        let coupon = promotion.coupon.as_ref().is_none_or(|codes| codes.0.iter().any(|code| self.codes().contains(&code.as_str())));
        coupon && self.open(&promotion.when, promotion.valid.as_deref())
    }

    /// §6.2, in order of line id; closed lines are still among them. None for what gives nothing but what is hidden (§17.6).
    pub fn eligible(&self, promotion: &Promotion, lines: &[Line]) -> Vec<usize> {
        self.matching(promotion, lines).into_iter().filter(|line| !self.is_kept_off(promotion, &lines[*line])).collect()
    }

    /// Eligible lines, and those that their prices keep off the promotion (§21.5).
    pub fn matching(&self, promotion: &Promotion, lines: &[Line]) -> Vec<usize> {
        let gives = self.gives(promotion);
        let fits = |line: &Line| match &promotion.combo {
            Some(combo) => self.fits_any(promotion, combo, line),
            None => self.selects(promotion.on.as_ref(), line.product),
        };
        super::positions(lines, |line| gives && line.price.is_some() && fits(line))
    }

    fn is_kept_off(&self, promotion: &Promotion, line: &Line) -> bool {
        let Some(flags) = line.price.as_ref().map(|found| found.flags) else { return false };
        flags.no_promotion
            || (flags.no_order_promotion && self.part(promotion) == Part::Stage(Stage::Order))
            || (flags.no_coupon && promotion.coupon.is_some())
    }
}

/// The order of kinds inside a priority.
fn kind(promotion: &Promotion) -> u8 {
    let first = promotion.steps.as_ref().and_then(|steps| steps.amount.as_ref().or(steps.quantity.as_ref())).map(|list| &list[0]);
    if let Some(get) = promotion.get.as_ref().filter(|get| get.price.is_some() || get.earn.is_some()) {
        return if get.price.is_some() { 0 } else { 5 };
    }
    let (per_unit, amount, percent) = match (&promotion.get, first) {
        (Some(get), _) => (get.per_unit_off.is_some(), get.amount_off.is_some(), get.percent.is_some()),
        (_, Some(step)) if step.earn.is_some() => return 5,
        (_, Some(step)) if step.price.is_some() => return 0,
        (_, Some(step)) => (step.per_unit_off.is_some(), step.amount_off.is_some(), step.percent.is_some()),
        _ => unreachable!("a promotion gives something"),
    };
    match (per_unit, amount, percent) {
        (true, _, _) => 1,
        (_, true, _) => 2,
        (_, _, true) => 3,
        _ => 4,
    }
}
