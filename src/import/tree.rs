//! A YAML file as a tree whose every key and value knows its place.

use crate::diagnostic::{Code, Diagnostics, Place};
use crate::limit;
use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

/// One value of a YAML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// Where it stands; a value that is not written stands where its key does.
    pub place: Place,
    /// What it is.
    pub value: Value,
}

/// What a YAML value is. Scalars keep the author's text: `1.10` stays `1.10`, `no` and `on` are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Nothing is written there, or a plain `null` or `~`.
    Blank,
    /// Text; `plain` means without quotes.
    Text {
        /// The text, quotes and escapes resolved.
        text: String,
        /// Whether it was written without quotes.
        plain: bool,
    },
    /// A list.
    List(Vec<Tree>),
    /// A mapping; keys are unique, in file order.
    Map(Vec<Entry>),
    /// Something that was reported already (an alias, a value nested too deep); readers pass over it in silence.
    Refused,
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub place: Place,
    /// Its value.
    pub tree: Tree,
}

impl Tree {
    /// The value of `key`, when this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Tree> {
        self.entries().iter().find(|entry| entry.key == key).map(|entry| &entry.tree)
    }

    /// The entries of a mapping; none when it is something else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none when it is something else.
    pub fn items(&self) -> &[Tree] {
        match &self.value {
            Value::List(items) => items,
            _ => &[],
        }
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Whether nothing is written there.
    pub fn is_blank(&self) -> bool {
        self.value == Value::Blank
    }
}

/// Reads one YAML text. Everything that is refused on purpose is reported; `None` means that the text cannot be parsed, which is reported too.
pub fn read(file: u32, text: &str, diagnostics: &mut Diagnostics) -> Option<Tree> {
    let mut builder = Builder { file, parser: Parser::new_from_str(text), diagnostics };
    builder.document()
}

/// Reads events by descent; the depth is bounded by [`limit::DEPTH`], so neither this nor any walk over the tree can exhaust the stack.
struct Builder<'a> {
    file: u32,
    parser: Parser<'a, StrInput<'a>>,
    diagnostics: &'a mut Diagnostics,
}

impl<'a> Builder<'a> {
    fn document(&mut self) -> Option<Tree> {
        let mut document = None;
        loop {
            match self.next()? {
                (Event::StreamEnd, span) => {
                    let blank = Tree { place: self.place(span), value: Value::Blank };
                    return Some(document.unwrap_or(blank));
                }
                (Event::DocumentStart(_), span) if document.is_some() => {
                    self.unsupported(self.place(span), "a second document in one file", "put it into a file of its own");
                    return document;
                }
                (event @ (Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_)), span) => {
                    let place = self.place(span);
                    document = Some(self.tree(event, span, place, 0)?);
                }
                _ => {}
            }
        }
    }

    /// The value that begins with `event`; `key` is where a value without text is said to stand.
    fn tree(&mut self, event: Event<'a>, span: Span, key: Place, depth: usize) -> Option<Tree> {
        let place = self.place(span);
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor, tag.is_some())
            }
            _ => (0, false),
        };
        if anchor != 0 {
            self.unsupported(place, "an anchor (`&`)", "write the value out where it is used");
        }
        if tag {
            self.unsupported(place, "a tag (`!`)", "delete the tag; values are read as they are written");
        }
        if depth > limit::DEPTH && matches!(event, Event::SequenceStart(..) | Event::MappingStart(..)) {
            let message = format!("nesting deeper than {} levels", limit::DEPTH);
            self.diagnostics.add(Code::LimitExceeded, place, message, "no policy needs it; look for a bracket too many");
            self.skip()?;
            return Some(Tree { place, value: Value::Refused });
        }
        Some(match event {
            Event::Scalar(text, ScalarStyle::Plain, ..) if matches!(&*text, "" | "~" | "null") => Tree { place: key, value: Value::Blank },
            Event::Scalar(text, style, ..) => {
                Tree { place, value: Value::Text { text: text.into_owned(), plain: style == ScalarStyle::Plain } }
            }
            Event::SequenceStart(..) => Tree { place, value: Value::List(self.list(depth)?) },
            Event::MappingStart(..) => Tree { place, value: Value::Map(self.map(depth)?) },
            _ => {
                self.unsupported(place, "an alias (`*`)", "write the value out; quote a text that begins with `*`");
                Tree { place, value: Value::Refused }
            }
        })
    }

    fn list(&mut self, depth: usize) -> Option<Vec<Tree>> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Some(items),
                (event, span) => {
                    let place = self.place(span);
                    items.push(self.tree(event, span, place, depth + 1)?);
                }
            }
        }
    }

    fn map(&mut self, depth: usize) -> Option<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if event == Event::MappingEnd {
                return Some(entries);
            }
            let place = self.place(span);
            let key = match &event {
                Event::Scalar(text, ..) => Some(text.to_string()),
                _ => None,
            };
            self.tree(event, span, place, depth + 1)?;
            let (event, span) = self.next()?;
            let tree = self.tree(event, span, place, depth + 1)?;
            match key {
                None => self.unsupported(place, "a key that is not text", "write a plain word as key"),
                Some(key) if entries.iter().any(|entry| entry.key == key) => {
                    let first = entries.iter().find(|entry| entry.key == key).map_or(0, |entry| entry.place.line);
                    let message = format!("key `{key}` stands twice in one mapping");
                    self.diagnostics.add(Code::KeyDuplicate, place, message, format!("delete one of them; the first is in line {first}"));
                }
                Some(key) => entries.push(Entry { key, place, tree }),
            }
        }
    }

    /// Passes over the rest of a list or mapping whose first event is already read.
    fn skip(&mut self) -> Option<()> {
        let mut open = 1;
        while open > 0 {
            match self.next()?.0 {
                Event::SequenceStart(..) | Event::MappingStart(..) => open += 1,
                Event::SequenceEnd | Event::MappingEnd => open -= 1,
                _ => {}
            }
        }
        Some(())
    }

    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        match self.parser.next_event()? {
            Ok(event) => Some(event),
            Err(fault) => {
                let place = self.place(Span::empty(*fault.marker()));
                // The parser reports an alias without its anchor as a fault of syntax; authors mean a text that begins with `*`.
                if fault.info().contains("unknown anchor") {
                    self.unsupported(place, "an alias (`*`)", "write the value out; quote a text that begins with `*`");
                } else {
                    let help = "look for a bracket, quote or indentation that does not fit, here or in the line above";
                    self.diagnostics.add(Code::YamlSyntax, place, format!("the YAML cannot be read: {}", fault.info()), help);
                }
                None
            }
        }
    }

    fn unsupported(&mut self, place: Place, what: &str, help: &str) {
        self.diagnostics.add(Code::YamlUnsupported, place, format!("{what} is not part of policy files"), help);
    }

    fn place(&self, span: Span) -> Place {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place { file: self.file, line: number(span.start.line()), column: number(span.start.col() + 1) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> (Option<Tree>, Vec<(Code, u32, u32)>) {
        let mut diagnostics = Diagnostics::default();
        let tree = read(0, text, &mut diagnostics);
        (tree, diagnostics.found.iter().map(|d| (d.code, d.place.line, d.place.column)).collect())
    }

    #[test]
    fn values_stay_as_written_and_places_count_characters() {
        let (tree, faults) = read_all("价格: { 冰箱: 1.10, 备注: no, 空: , 引: \"null\" }\n");
        let prices = tree.unwrap().get("价格").unwrap().clone();
        assert!(faults.is_empty());
        assert_eq!(prices.get("冰箱").unwrap().text(), Some("1.10"));
        assert_eq!(prices.get("备注").unwrap().text(), Some("no"));
        assert_eq!(prices.get("备注").unwrap().place, Place { file: 0, line: 1, column: 21 });
        assert!(prices.get("空").unwrap().is_blank());
        assert_eq!(prices.get("引").unwrap().text(), Some("null"));
    }

    #[test]
    fn everything_refused_is_reported_at_once() {
        let (_, faults) = read_all("a: &x 甲\n乙: !t b\na: c\n[1]: d\n---\nz: 1\n");
        let codes: Vec<_> = faults.iter().map(|f| (f.0.text(), f.1, f.2)).collect();
        let refused = "YAML_UNSUPPORTED";
        assert_eq!(codes, [(refused, 1, 4), (refused, 2, 4), ("KEY_DUPLICATE", 3, 1), (refused, 4, 1), (refused, 5, 1)]);
        let (_, faults) = read_all(&format!("a: {}1{}", "[".repeat(60), "]".repeat(60)));
        // The first bracket that is too deep: `a: ` stands before them.
        assert_eq!(faults, [(Code::LimitExceeded, 1, 4 + u32::try_from(limit::DEPTH).expect("few levels"))]);
        let (tree, faults) = read_all("a: *nowhere\nb: 1\n");
        assert_eq!((tree, faults), (None, vec![(Code::YamlUnsupported, 1, 4)]));
    }
}
