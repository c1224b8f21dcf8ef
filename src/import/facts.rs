use crate::policy::{Dealer, Policy};
use crate::wire::Node;

/// The facts of a dealer as the dealer table has them, true at `now`. Volumes, usage and lots are for a ledger to know.
pub fn facts(policy: &Policy, dealer: &Dealer, now: &Node) -> Node {
    let text = |text: &str| Node::Text(text.to_owned());
    let mut entries = vec![("schema".to_owned(), Node::Int(1)), ("id".to_owned(), text(&dealer.id)), ("as_of".to_owned(), now.clone())];
    let axes = [("grade", &dealer.grade), ("region", &dealer.region), ("channel", &dealer.channel), ("group", &dealer.group)];
    entries.extend(axes.into_iter().filter_map(|(key, value)| value.as_deref().map(|value| (key.to_owned(), text(value)))));
    let keys = ["limit", "receivable", "delivered", "open_orders", "prepaid"];
    let amounts = keys.into_iter().zip(dealer.credit);
    let credit: Vec<_> =
        amounts.filter_map(|(key, amount)| amount.map(|amount| (key.to_owned(), Node::Text(amount.to_string())))).collect();
    if !credit.is_empty() {
        entries.push(("credit".to_owned(), Node::Map(credit)));
    }
    let names = [("name_zh", &dealer.name.zh), ("name_en", &dealer.name.en)].into_iter().filter(|(_, name)| !name.is_empty());
    let own = dealer.attributes.iter().map(|(at, value)| (policy.attributes[*at as usize].id.as_str(), value));
    let attributes: Vec<_> = names.chain(own).map(|(key, value)| (key.to_owned(), text(value))).collect();
    if !attributes.is_empty() {
        entries.push(("attributes".to_owned(), Node::Map(attributes)));
    }
    Node::Map(entries)
}
