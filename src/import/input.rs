use super::tree::{self, Tree, Value};
use crate::diagnostic::{Code, Diagnostics, Place, SourceFile};
use crate::wire::Node;

/// Reads an order, facts or a claim: JSON when the name ends in `.json`, else YAML. What is wrong with the text is reported.
pub fn input(file: u32, source: &SourceFile, diagnostics: &mut Diagnostics) -> Option<Node> {
    if !source.name.ends_with(".json") {
        return tree::read(file, &source.text, diagnostics).map(|tree| node(&tree));
    }
    serde_json::from_str(&source.text)
        .map_err(|fault| {
            let line = u32::try_from(fault.line()).unwrap_or(u32::MAX);
            // serde_json counts bytes, up to and including the one it stumbled over.
            let before = source.line(line).as_bytes().get(..fault.column().saturating_sub(1)).unwrap_or_default();
            let column = u32::try_from(String::from_utf8_lossy(before).chars().count() + 1).unwrap_or(u32::MAX);
            let message = fault.to_string();
            let why = message.rsplit_once(" at line ").map_or(message.as_str(), |(why, _)| why);
            let help = "look for a comma, quote or brace that does not fit, here or in the line above";
            diagnostics.add(Code::YamlSyntax, Place { file, line, column }, format!("the JSON cannot be read: {why}"), help);
        })
        .ok()
}

/// A tree as an input of the engine: plain integers are integers, everything else stays text, so no number loses a digit on the way.
pub fn node(tree: &Tree) -> Node {
    match &tree.value {
        Value::Blank | Value::Refused => Node::Null,
        Value::Text { text, plain } => match text.parse::<i64>() {
            // `007` and `+5` are texts: as integers they would not be what was written.
            Ok(integer) if *plain && integer.to_string() == *text => Node::Int(integer),
            _ => Node::Text(text.clone()),
        },
        Value::List(items) => Node::List(items.iter().map(node).collect()),
        Value::Map(entries) => Node::Map(entries.iter().map(|entry| (entry.key.clone(), node(&entry.tree))).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> (Option<Node>, Vec<(u32, u32)>) {
        let mut diagnostics = Diagnostics::default();
        let node = input(0, &SourceFile::new(name, text), &mut diagnostics);
        (node, diagnostics.found.iter().map(|finding| (finding.place.line, finding.place.column)).collect())
    }

    #[test]
    fn plain_integers_are_integers_and_the_rest_is_text() {
        let text = |text: &str| Node::Text(text.into());
        let (node, _) = read("a.yaml", "[12, 007, '12', 1.50, no, null]");
        assert_eq!(node, Some(Node::List(vec![Node::Int(12), text("007"), text("12"), text("1.50"), text("no"), Node::Null])));
        let (node, _) = read("a.json", "[12, \"12\", 1.5, 12.0, 1.2e1, 1e16]");
        let large = Node::Fraction("10000000000000000".into());
        assert_eq!(
            node,
            Some(Node::List(vec![Node::Int(12), text("12"), Node::Fraction("1.5".into()), Node::Int(12), Node::Int(12), large]))
        );
    }

    #[test]
    fn broken_json_is_shown_by_characters() {
        assert_eq!(read("a.json", "{\n  \"名\": \"冰箱\" x }"), (None, vec![(2, 13)]));
    }
}
