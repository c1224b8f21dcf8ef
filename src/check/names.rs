//! Ids: their form, that each is given once, and that every one that is used is defined.

use super::aliases::aliases;
use super::findings::{Findings, Spot};
use crate::attribute::Ordered;
use crate::diagnostic::{Code, nearest};
use crate::limit;
use crate::policy::{Access, Asked, AttributeKind, AttributeOf, Axis, Node, Policy};
use std::cell::Cell;
use std::collections::{BTreeMap, HashMap, HashSet};

/// Suggestions made for one kind of id: each compares with every known id, and a table may have a million wrong cells.
const SUGGESTIONS_MAX: u32 = 20;

/// Every id that a policy defines.
pub struct Names<'a> {
    pub grades: Known<'a>,
    pub regions: Known<'a>,
    pub channels: Known<'a>,
    pub dealer_groups: Known<'a>,
    /// Attributes of dealers, of products, and of orders.
    pub attributes: [Known<'a>; 3],
    /// Of each attribute its values, if they are listed; of one of products those that products have.
    attribute_values: Vec<Option<Known<'a>>>,
    /// Position of each attribute.
    attribute_at: HashMap<&'a str, u32>,
    /// The order that the values of each attribute have.
    kinds: Vec<Option<Ordered>>,
    pub categories: Known<'a>,
    pub brands: Known<'a>,
    pub groups: Known<'a>,
    pub budgets: Known<'a>,
    /// Figures of dealers that programs look at.
    pub kpis: Known<'a>,
    pub overlaps: Known<'a>,
    pub skus: Known<'a>,
    /// Dealers, when the policy lists them.
    pub dealers: Option<Known<'a>>,
    pub tags: Known<'a>,
    /// Parent of each region and category that has one.
    region_parents: HashMap<&'a str, &'a str>,
    group_parents: HashMap<&'a str, &'a str>,
    category_parents: HashMap<&'a str, &'a str>,
}

/// The ids of one kind.
pub struct Known<'a> {
    /// What messages call one of them.
    what: &'static str,
    ids: HashSet<&'a str>,
    /// Whether these are all; otherwise a missing one may just not have been read.
    pub complete: bool,
    suggestions: Cell<u32>,
    /// What each alias of one stands for.
    aliases: HashMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    /// Collects the ids and reports what is wrong with them.
    pub fn check(policy: &'a Policy, findings: &mut Findings) -> Names<'a> {
        check_unique("promotions", policy.promotions.iter().map(|promotion| promotion.id.as_str()), findings);
        check_unique("checks", policy.checks.iter().map(|check| check.id.as_str()), findings);
        check_unique("programs", policy.programs.iter().map(|program| program.id.as_str()), findings);
        check_tables(policy, findings);
        let groups = check_unique("groups", policy.groups.iter().map(|group| group.id.as_str()), findings);
        let kpis = check_unique("kpis", policy.kpis.iter().map(|kpi| kpi.id.as_str()), findings);
        if kpis.len() > limit::KPIS {
            let message = format!("a policy knows at most {} figures of dealers", limit::KPIS);
            findings.add(Code::LimitExceeded, Spot::Path("kpis[0]"), message, "delete those that no program looks at");
        }
        let overlaps = check_unique("overlaps", policy.overlaps.iter().map(|overlap| overlap.id.as_str()), findings);
        let budgets = check_unique("budgets", policy.budgets.iter().map(|budget| budget.id.as_str()), findings);
        let mut nodes = |key, what, list: &'a [Node]| {
            let ids = check_unique(key, list.iter().map(|node| node.id.as_str()), findings);
            Known::new(what, ids, findings.is_complete(key))
        };
        let grades = nodes("grades", "grade", &policy.grades);
        let regions = nodes("regions", "region", &policy.regions);
        let channels = nodes("channels", "channel", &policy.channels);
        let dealer_groups = nodes("dealer_groups", "group of dealers", &policy.dealer_groups);
        let categories = nodes("categories", "category", &policy.categories);
        let brands = nodes("brands", "brand", &policy.brands);
        for (key, list) in [("grades", &policy.grades), ("channels", &policy.channels), ("brands", &policy.brands), ("kpis", &policy.kpis)]
        {
            refuse_parents(key, list, findings);
        }
        check_unique("attributes", policy.attributes.iter().map(|attribute| attribute.id.as_str()), findings);
        let products_complete = findings.is_complete("products") && findings.is_complete("aliases");
        let attribute_values = attribute_values(policy, products_complete, findings);
        let attributes_complete = findings.is_complete("attributes");
        check_ranges(policy, findings);
        let owners = [
            (AttributeOf::Dealer, "attribute of dealers"),
            (AttributeOf::Product, "attribute of products"),
            (AttributeOf::Order, "attribute of orders"),
        ];
        let attributes = owners.map(|(of, what)| {
            let ids = policy.attributes.iter().filter(|attribute| attribute.of == of).map(|attribute| attribute.id.as_str()).collect();
            Known::new(what, ids, attributes_complete)
        });
        let skus = policy.products.iter().map(|product| product.sku.as_str()).collect();
        let tags = policy.products.iter().flat_map(|product| &product.tags).map(String::as_str).collect();
        Names {
            region_parents: check_tree("regions", &policy.regions, &regions, findings),
            group_parents: check_tree("dealer_groups", &policy.dealer_groups, &dealer_groups, findings),
            category_parents: check_tree("categories", &policy.categories, &categories, findings),
            groups: Known::new("group", groups, findings.is_complete("groups")),
            budgets: Known::new("budget", budgets, findings.is_complete("budgets")),
            kpis: Known::new("figure of dealers", kpis, findings.is_complete("kpis")),
            overlaps: Known::new("overlap", overlaps, findings.is_complete("overlaps")),
            dealers: policy.dealers.as_ref().map(|dealers| {
                let ids = dealers.iter().map(|dealer| dealer.id.as_str()).collect();
                Known::new("dealer", ids, findings.is_complete("dealers"))
            }),
            skus: Known { aliases: aliases(policy), ..Known::new("product", skus, products_complete) },
            tags: Known::new("product with the tag", tags, products_complete),
            grades,
            regions,
            channels,
            dealer_groups,
            attributes,
            attribute_values,
            kinds: policy.attributes.iter().map(|attribute| attribute.kind.ordered()).collect(),
            attribute_at: (0..)
                .zip(&policy.attributes)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .map(|(at, attribute)| (attribute.id.as_str(), at))
                .collect(),
            categories,
            brands,
        }
    }

    /// The ids of an axis; those of dealers are free where a policy does not list them, and so may those of their attributes be.
    pub fn of(&self, axis: Axis) -> Option<&Known<'a>> {
        match axis {
            Axis::Dealer => self.dealers.as_ref(),
            Axis::Grade => Some(&self.grades),
            Axis::Region => Some(&self.regions),
            Axis::Channel => Some(&self.channels),
            Axis::DealerGroup => Some(&self.dealer_groups),
            Axis::Sku => Some(&self.skus),
            Axis::Category => Some(&self.categories),
            Axis::Brand => Some(&self.brands),
            Axis::Attribute(at) => self.attribute_values[at as usize].as_ref(),
        }
    }

    /// Position of an attribute.
    pub fn attribute_at(&self, id: &str) -> Option<u32> {
        self.attribute_at.get(id).copied()
    }

    /// The order that the values of an attribute have.
    pub fn ordered(&self, at: u32) -> Option<Ordered> {
        self.kinds.get(at as usize).copied().flatten()
    }

    /// Checks a value of an attribute.
    pub fn check_attribute(&self, at: u32, value: &str, spot: Spot, findings: &mut Findings) {
        if let Some(ordered) = self.ordered(at) {
            if ordered.image(value).is_none() {
                let (code, message, help) = match ordered {
                    Ordered::Number => (Code::NumberInvalid, "is no number", "write digits, at most 6 after the point, for example `12.5`"),
                    Ordered::Day => (Code::ValidityInvalid, "is no date", "write year, month and day, for example `2026-11-21`"),
                };
                findings.add(code, spot, format!("`{value}` {message}"), help);
            }
            return;
        }
        check_id(value, spot, findings);
        if let Some(known) = self.of(Axis::Attribute(at)) {
            known.check(value, spot, findings);
        }
    }

    /// A group of dealers and everything above it.
    pub fn group_and_above<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s str> {
        and_above(&self.group_parents, id)
    }

    /// A region and everything above it.
    pub fn region_and_above<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s str> {
        and_above(&self.region_parents, id)
    }

    /// A category and everything above it.
    pub fn category_and_above<'s>(&'s self, id: &'s str) -> impl Iterator<Item = &'s str> {
        and_above(&self.category_parents, id)
    }
}

impl<'a> Known<'a> {
    fn new(what: &'static str, ids: HashSet<&'a str>, complete: bool) -> Known<'a> {
        Known { what, ids, complete, suggestions: Cell::new(SUGGESTIONS_MAX), aliases: HashMap::new() }
    }

    /// Reports an id that nothing defines; whether it is defined.
    pub fn check(&self, id: &str, spot: Spot, findings: &mut Findings) -> bool {
        let known = self.ids.contains(id);
        if !known && self.complete {
            let help = match self.aliases.get(id) {
                Some(sku) => format!("it is an alias of `{sku}`; write that"),
                None => {
                    self.suggest(id).map_or_else(|| "define it, or correct the name".to_owned(), |meant| format!("did you mean `{meant}`?"))
                }
            };
            // A cell may hold a line break.
            let id: String = id.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            findings.add(Code::IdUnknown, spot, format!("there is no {} `{id}`", self.what), help);
        }
        known
    }

    fn suggest(&self, id: &str) -> Option<&'a str> {
        let left = self.suggestions.get().checked_sub(1)?;
        self.suggestions.set(left);
        nearest(id, self.ids.iter().copied())
    }
}

/// Checks the form of an id.
pub fn check_id(id: &str, spot: Spot, findings: &mut Findings) {
    let why = if id.is_empty() {
        "is empty"
    } else if id.chars().count() > limit::ID_CHARS {
        "is too long"
    } else if id.starts_with(char::is_whitespace) || id.ends_with(char::is_whitespace) {
        "begins or ends with a space"
    } else if id.contains('|') || id.chars().any(char::is_control) {
        "has a forbidden character"
    } else {
        return;
    };
    let help = format!("write 1 to {} characters, without `|`, control characters, or spaces at the ends", limit::ID_CHARS);
    let shown: String = id.chars().take(limit::ID_CHARS).flat_map(char::escape_debug).collect();
    findings.add(Code::IdInvalid, spot, format!("`{}` `{shown}` {why}", spot.name()), help);
}

/// Checks the form of the ids of a list, and that each stands once.
pub fn check_unique<'a>(key: &str, ids: impl Iterator<Item = &'a str>, findings: &mut Findings) -> HashSet<&'a str> {
    let mut known = HashSet::new();
    for (index, id) in ids.enumerate() {
        let path = format!("{key}[{index}].id");
        let spot = Spot::Path(&path);
        check_id(id, spot, findings);
        if !known.insert(id) {
            findings.add(Code::IdDuplicate, spot, format!("`{id}` is the id of another one under `{key}`"), "give each its own id");
        }
    }
    known
}

/// The values of each attribute that are known to be all: those that it lists, else those of the products that have it.
fn attribute_values<'a>(policy: &'a Policy, products_complete: bool, findings: &mut Findings) -> Vec<Option<Known<'a>>> {
    if policy.attributes.len() > limit::POLICY_ATTRIBUTES {
        let message = format!("`attributes` has {} entries, more than {}", policy.attributes.len(), limit::POLICY_ATTRIBUTES);
        let spot = format!("attributes[{}]", limit::POLICY_ATTRIBUTES);
        findings.add(Code::LimitExceeded, Spot::Path(&spot), message, "use tags where an attribute has one value only");
    }
    let mut found: Vec<HashSet<&str>> = vec![HashSet::new(); policy.attributes.len()];
    for (at, value) in policy.products.iter().flat_map(|product| &product.attributes) {
        found[*at as usize].insert(value);
    }
    let mut all = Vec::new();
    for (index, (attribute, found)) in policy.attributes.iter().zip(found).enumerate() {
        all.push(match (&attribute.values, attribute.of) {
            (Some(values), _) => {
                let key = format!("attributes[{index}].values");
                let ids = check_unique(&key, values.iter().map(|value| value.id.as_str()), findings);
                refuse_parents(&key, values, findings);
                if values.is_empty() {
                    let help = "list its values, or delete the key: then it may have any";
                    findings.add(Code::ShapeWrong, Spot::Path(&key), "`values` is an empty list", help);
                }
                if attribute.kind != AttributeKind::Text {
                    let help = "delete one of the two: conditions name ranges of numbers and dates";
                    findings.add(Code::CombinationInvalid, Spot::Path(&key), "`values` of an attribute that is no text", help);
                }
                Some(Known::new("value", ids, true))
            }
            (None, AttributeOf::Dealer | AttributeOf::Order) => None,
            (None, AttributeOf::Product) if attribute.kind != AttributeKind::Text => None,
            (None, AttributeOf::Product) => Some(Known::new("product with the value", found, products_complete)),
        });
    }
    all
}

/// Conditions name only so many ranges of one attribute.
fn check_ranges(policy: &Policy, findings: &mut Findings) {
    let mut ranges: BTreeMap<Option<usize>, HashSet<&str>> = BTreeMap::new();
    let ordered = |id: &String| policy.attributes.iter().position(|attribute| attribute.id == *id && attribute.kind != AttributeKind::Text);
    policy.each_named(&mut |asked| match asked {
        Asked::ContractDates(days) => ranges.entry(None).or_default().extend(days.0.iter().map(String::as_str)),
        Asked::Attributes(asked) => {
            for (at, listed) in asked.iter().filter_map(|(id, listed)| Some((ordered(id)?, listed))) {
                ranges.entry(Some(at)).or_default().extend(listed.0.iter().map(String::as_str));
            }
        }
        Asked::Dealers(_) | Asked::Sources(_) => {}
    });
    for (at, ranges) in ranges.into_iter().filter(|(_, ranges)| ranges.len() > limit::ATTRIBUTE_RANGES) {
        let what = at.map_or("contract_date", |at| &policy.attributes[at].id);
        let message = format!("conditions name {} ranges of `{what}`, more than {}", ranges.len(), limit::ATTRIBUTE_RANGES);
        let spot = at.map_or("promotions".to_owned(), |at| format!("attributes[{at}]"));
        findings.add(
            Code::LimitExceeded,
            Spot::Path(&spot),
            message,
            "use the same ranges in several rules, or an attribute with `values`",
        );
    }
}

/// Tables of every key share their ids, because explanations show prices and floors, and all of them are imported and exported by their ids.
fn check_tables<'a>(policy: &'a Policy, findings: &mut Findings) {
    let mut known = HashSet::new();
    let ids = |accesses: &'a [Access]| accesses.iter().map(|access| access.id.as_str()).collect::<Vec<_>>();
    let lists = policy.tables().into_iter().chain([("costs", policy.costs.as_slice())]).map(|(key, list)| (key, ids(list)));
    let freight = ("freight", policy.freight.iter().map(|freight| freight.id.as_str()).collect());
    for (key, ids) in lists.chain([freight]) {
        for (index, id) in ids.iter().enumerate() {
            if known.contains(id) {
                let message = format!("`{id}` is the id of another table");
                findings.add(Code::IdDuplicate, Spot::Path(&format!("{key}[{index}].id")), message, "give each its own id");
            }
        }
        known.extend(check_unique(key, ids.into_iter(), findings));
    }
}

fn refuse_parents(key: &str, nodes: &[Node], findings: &mut Findings) {
    for (index, node) in nodes.iter().enumerate() {
        if node.parent.is_some() {
            let path = format!("{key}[{index}].parent");
            findings.add(
                Code::CombinationInvalid,
                Spot::Path(&path),
                format!("`{key}` are not a tree"),
                "delete `parent`; regions, groups of dealers and categories have it",
            );
        }
    }
}

/// Checks the parents of a tree and returns them without those that would make it run in a circle.
fn check_tree<'a>(key: &str, nodes: &'a [Node], known: &Known, findings: &mut Findings) -> HashMap<&'a str, &'a str> {
    let mut parents: HashMap<&str, &str> = HashMap::new();
    for (index, node) in nodes.iter().enumerate() {
        let Some(parent) = node.parent.as_deref() else { continue };
        let path = format!("{key}[{index}].parent");
        let spot = Spot::Path(&path);
        if !known.check(parent, spot, findings) || parents.contains_key(node.id.as_str()) {
            continue;
        }
        // Parents taken so far form no circle, so a walk up ends; it meets the node itself only if this parent closes one.
        if and_above(&parents, parent).any(|above| above == node.id) {
            let circle: Vec<String> = and_above(&parents, parent).map(|above| format!(" in `{above}`")).collect();
            let message = format!("`{0}` is inside itself: `{0}`{1}", node.id, circle.concat());
            findings.add(Code::TreeCycle, spot, message, "delete one `parent` of the circle");
        } else {
            parents.insert(&node.id, parent);
        }
    }
    for (index, node) in nodes.iter().enumerate() {
        // Only the first node below the limit is reported, not everything under it.
        if and_above(&parents, &node.id).skip(1).take(limit::TREE_DEPTH + 2).count() == limit::TREE_DEPTH + 1 {
            let message = format!("`{}` is the first of its branch with more than {} levels above it", node.id, limit::TREE_DEPTH);
            let spot = format!("{key}[{index}].parent");
            findings.add(Code::LimitExceeded, Spot::Path(&spot), message, "give it a parent that is higher up");
        }
    }
    parents
}

fn and_above<'s>(parents: &'s HashMap<&str, &str>, id: &'s str) -> impl Iterator<Item = &'s str> {
    std::iter::successors(Some(id), |id| parents.get(id).copied())
}
