//! Conditions: whom and what a rule is about (§6.1, §6.2), when it holds (§2), and the trees of regions and categories.

use super::{Question, range, recurrence};
use qudao::policy::{AttributeKind, Audience, Node, OneOrMany, Product, Select, When, WhenOrder};
use qudao::time::Instant;

impl Question<'_> {
    /// Whether a rule with these conditions and this validity is open.
    pub fn open(&self, when: &When, valid: Option<&str>) -> bool {
        self.valid(valid) && self.is_in(&when.dealer) && self.is_from(&when.order)
    }

    pub fn is_from(&self, when: &WhenOrder) -> bool {
        when.source.as_ref().is_none_or(|values| is_any(values, self.source))
    }

    pub fn valid(&self, text: Option<&str>) -> bool {
        self.valid_at(text, self.now)
    }

    pub fn valid_at(&self, text: Option<&str>, instant: Instant) -> bool {
        text.is_none_or(|text| recurrence::holds(text, self.zone, &self.policy.settings.zone, instant))
    }

    pub fn is_in(&self, audience: &Audience) -> bool {
        let fields = |audience: &Audience| {
            let attributes = audience.attributes.iter().map(|(id, values)| Some(self.has(id, values, self.attribute(id))));
            let fields = [
                audience.id.as_ref().map(|values| is_any(values, Some(self.dealer))),
                audience.grade.as_ref().map(|values| is_any(values, self.grade)),
                audience.region.as_ref().map(|values| is_inside_any(values, self.region, &self.policy.regions)),
                audience.channel.as_ref().map(|values| is_any(values, self.channel)),
                audience.group.as_ref().map(|values| is_inside_any(values, self.group, &self.policy.dealer_groups)),
                audience.contract_date.as_ref().map(|days| range::any(days, self.contract_date(), AttributeKind::Date)),
            ];
            fields.into_iter().chain(attributes).collect::<Vec<_>>()
        };
        let except = audience.except.as_ref().is_some_and(|except| fields(except).contains(&Some(true)));
        !fields(audience).contains(&Some(false)) && !except
    }

    /// The dealer's value of an attribute (§21.2).
    pub fn attribute(&self, id: &str) -> Option<&str> {
        self.facts["attributes"][id].as_str()
    }

    /// The day of the dealer's contract.
    pub fn contract_date(&self) -> Option<&str> {
        self.facts["contract_date"].as_str()
    }

    /// What the values of an attribute are.
    pub fn kind_of(&self, id: &str) -> AttributeKind {
        self.policy.attributes.iter().find(|attribute| attribute.id == id).map_or(AttributeKind::Text, |attribute| attribute.kind)
    }

    /// Whether a value of an attribute is one that a condition lists (§6.1), or lies in one of its ranges (§68).
    pub fn has(&self, id: &str, listed: &OneOrMany, own: Option<&str>) -> bool {
        match self.kind_of(id) {
            AttributeKind::Text => is_any(listed, own),
            kind => range::any(listed, own, kind),
        }
    }

    pub fn attribute_of<'p>(&self, product: &'p Product, id: &str) -> Option<&'p str> {
        let at = self.policy.attributes.iter().position(|attribute| attribute.id == id)?;
        let own = product.attributes.iter().find(|(own, _)| usize::try_from(*own).is_ok_and(|own| own == at));
        own.map(|(_, value)| value.as_str())
    }

    /// Whether `on` names the product. Without `on`, every product.
    pub fn selects(&self, on: Option<&Select>, product: &Product) -> bool {
        let fields = |select: &Select| {
            let attributes = select.attributes.iter().map(|(id, values)| Some(self.has(id, values, self.attribute_of(product, id))));
            let fields = [
                select.sku.as_ref().map(|values| is_any(values, Some(&product.sku))),
                select.category.as_ref().map(|values| is_inside_any(values, product.category.as_deref(), &self.policy.categories)),
                select.brand.as_ref().map(|values| is_any(values, product.brand.as_deref())),
                select.tag.as_ref().map(|values| product.tags.iter().any(|tag| is_any(values, Some(tag)))),
                select
                    .weight
                    .as_ref()
                    .map(|ranges| range::any(ranges, product.weight.map(|weight| weight.0.to_string()).as_deref(), AttributeKind::Number)),
                select.any.as_ref().map(|any| any.iter().any(|one| self.selects(Some(one), product))),
            ];
            fields.into_iter().chain(attributes).collect::<Vec<_>>()
        };
        on.is_none_or(|on| {
            let except = on.except.as_ref().is_some_and(|except| fields(except).contains(&Some(true)));
            !fields(on).contains(&Some(false)) && !except
        })
    }
}

/// The number of steps up from `own` to `above`; `None` when it is not above.
pub fn steps_up(own: &str, above: &str, tree: &[Node]) -> Option<usize> {
    if own == above {
        return Some(0);
    }
    let parent = tree.iter().find(|node| node.id == own)?.parent.as_deref()?;
    steps_up(parent, above, tree).map(|steps| steps + 1)
}

pub fn is_any(values: &OneOrMany, own: Option<&str>) -> bool {
    own.is_some_and(|own| values.0.iter().any(|value| value == own))
}

pub fn is_inside_any(values: &OneOrMany, own: Option<&str>, tree: &[Node]) -> bool {
    own.is_some_and(|own| values.0.iter().any(|value| steps_up(own, value, tree).is_some()))
}
