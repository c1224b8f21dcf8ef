use crate::policy::Dealer;
use crate::wire::Node;

/// The facts of a dealer as the dealer table has them, true at `now`. Volumes, usage and lots are for a ledger to know.
pub fn facts(dealer: &Dealer, now: &Node) -> Node {
    let text = |text: &str| Node::Text(text.to_owned());
    let mut entries = vec![("schema".to_owned(), Node::Int(1)), ("id".to_owned(), text(&dealer.id)), ("as_of".to_owned(), now.clone())];
    let axes = [("grade", &dealer.grade), ("region", &dealer.region), ("channel", &dealer.channel)];
    entries.extend(axes.into_iter().filter_map(|(key, value)| value.as_deref().map(|value| (key.to_owned(), text(value)))));
    let keys = ["limit", "receivable", "delivered", "open_orders", "prepaid"];
    let amounts = keys.into_iter().zip(dealer.credit);
    let credit: Vec<_> =
        amounts.filter_map(|(key, amount)| amount.map(|amount| (key.to_owned(), Node::Text(amount.to_string())))).collect();
    if !credit.is_empty() {
        entries.push(("credit".to_owned(), Node::Map(credit)));
    }
    let names = [("name_zh", &dealer.name.zh), ("name_en", &dealer.name.en)];
    let names: Vec<_> = names.into_iter().filter(|(_, name)| !name.is_empty()).map(|(key, name)| (key.to_owned(), text(name))).collect();
    if !names.is_empty() {
        entries.push(("attributes".to_owned(), Node::Map(names)));
    }
    Node::Map(entries)
}
