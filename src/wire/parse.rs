//! JSON text → [`Node`], as it enters the wasm module. Small on purpose: a number stays text until a reader asks for it, so no float is ever made,
//! and depth is bounded, so no text exhausts the stack.

use super::{Fault, Faults, Node};
use crate::limit;

/// Keys of one object: the honest ones have a few, attributes [`limit::ATTRIBUTES`]; each new key is compared with all before it.
const KEYS_MAX: usize = 1_000;

/// Reads one JSON value.
///
/// A number that is not an integer of 64 bits as Rust writes it becomes [`Node::Fraction`], which every reader refuses.
/// # Errors
/// `JSON_SYNTAX`, `KEY_DUPLICATE` or `LIMIT_EXCEEDED`, the first that is met.
pub fn parse(text: &str) -> Result<Node, Faults> {
    let mut parser = Parser { text, at: 0 };
    let node = parser.value(0).and_then(|node| if parser.peek().is_none() { Ok(node) } else { Err(Wrong::Syntax) });
    node.map_err(|wrong| parser.fault(wrong))
}

enum Wrong {
    Syntax,
    KeyTwice(String),
    Depth,
    Keys,
}

struct Parser<'a> {
    text: &'a str,
    /// Byte that comes next; always the first of a character.
    at: usize,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Result<Node, Wrong> {
        if depth > limit::DEPTH {
            return Err(Wrong::Depth);
        }
        match self.peek() {
            Some(b'{') => self.object(depth),
            Some(b'[') => self.list(depth),
            Some(b'"') => self.string().map(Node::Text),
            Some(b'-' | b'0'..=b'9') => Ok(self.number()),
            _ => self.word(),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Node, Wrong> {
        let mut entries: Vec<(String, Node)> = Vec::new();
        self.sequence(b'{', b'}', |parser| {
            let key = parser.string()?;
            if entries.len() == KEYS_MAX {
                return Err(Wrong::Keys);
            }
            if entries.iter().any(|(known, _)| *known == key) {
                return Err(Wrong::KeyTwice(key));
            }
            parser.expect(b':')?;
            entries.push((key, parser.value(depth + 1)?));
            Ok(())
        })?;
        Ok(Node::Map(entries))
    }

    fn list(&mut self, depth: usize) -> Result<Node, Wrong> {
        let mut items = Vec::new();
        self.sequence(b'[', b']', |parser| {
            items.push(parser.value(depth + 1)?);
            Ok(())
        })?;
        Ok(Node::List(items))
    }

    /// What stands between two brackets, separated by commas.
    fn sequence(&mut self, open: u8, close: u8, mut item: impl FnMut(&mut Self) -> Result<(), Wrong>) -> Result<(), Wrong> {
        self.expect(open)?;
        if self.peek() == Some(close) {
            return self.expect(close);
        }
        loop {
            item(self)?;
            if self.peek() != Some(b',') {
                return self.expect(close);
            }
            self.at += 1;
        }
    }

    fn number(&mut self) -> Node {
        let rest = self.rest();
        let end = rest.find(|c: char| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let text = &rest[..end];
        self.at += end;
        match text.parse::<i64>() {
            Ok(integer) if integer.to_string() == text => Node::Int(integer),
            _ => Node::Fraction(text.to_owned()),
        }
    }

    fn word(&mut self) -> Result<Node, Wrong> {
        for (word, node) in [("null", Node::Null), ("true", Node::Bool(true)), ("false", Node::Bool(false))] {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(node);
            }
        }
        Err(Wrong::Syntax)
    }

    fn string(&mut self) -> Result<String, Wrong> {
        self.expect(b'"')?;
        let mut string = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(|c: char| c == '"' || c == '\\' || c < ' ').ok_or(Wrong::Syntax)?;
            string.push_str(&rest[..plain]);
            self.at += plain + 1;
            match rest.as_bytes()[plain] {
                b'"' => return Ok(string),
                b'\\' => string.push(self.escape()?),
                _ => return Err(Wrong::Syntax),
            }
        }
    }

    fn escape(&mut self) -> Result<char, Wrong> {
        let letter = self.rest().bytes().next().ok_or(Wrong::Syntax)?;
        let character = match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(Wrong::Syntax),
        };
        self.at += 1;
        Ok(character)
    }

    /// `uXXXX`, or two of them that are one character together.
    fn unicode(&mut self) -> Result<char, Wrong> {
        let first = self.unit()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or(Wrong::Syntax);
        }
        self.expect(b'\\')?;
        let second = self.unit()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(Wrong::Syntax);
        }
        char::from_u32(0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(Wrong::Syntax)
    }

    fn unit(&mut self) -> Result<u32, Wrong> {
        let digits = self.rest().strip_prefix('u').and_then(|rest| rest.get(..4)).ok_or(Wrong::Syntax)?;
        self.at += 5;
        digits.chars().try_fold(0, |unit, digit| Some(unit << 4 | digit.to_digit(16)?)).ok_or(Wrong::Syntax)
    }

    /// The next byte that is not space.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\n', '\r', '\t']).len();
        self.text.as_bytes().get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Wrong> {
        if self.peek() == Some(byte) {
            self.at += 1;
            return Ok(());
        }
        Err(Wrong::Syntax)
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fault(&self, wrong: Wrong) -> Faults {
        let (code, message, help) = match wrong {
            Wrong::Syntax => ("JSON_SYNTAX", format!("the input is not JSON at byte {}", self.at), "send one JSON value".to_owned()),
            Wrong::KeyTwice(key) => ("KEY_DUPLICATE", format!("the key `{key}` stands twice"), "leave one out".to_owned()),
            Wrong::Depth => ("LIMIT_EXCEEDED", "the input is nested too deep".to_owned(), format!("at most {} levels", limit::DEPTH)),
            Wrong::Keys => ("LIMIT_EXCEEDED", "an object has too many keys".to_owned(), format!("at most {KEYS_MAX}")),
        };
        let value = self.text.get(self.at..).unwrap_or_default().chars().take(20).collect();
        Faults(vec![Fault { code, path: String::new(), value, message, help }])
    }
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::*;

    fn code(text: &str) -> &'static str {
        parse(text).unwrap_err().0[0].code
    }

    #[test]
    fn reads_what_serde_json_reads() {
        for text in [
            r#"{"order":{"lines":[{"sku":"冰箱","quantity":12},{"sku":"","quantity":-3}]},"now":null}"#,
            " [ true , false,null,[],{} ,9223372036854775807, -9223372036854775808 ]\n",
            r#"["\"\\\/\b\f\n\r\t","\u51b0\u7bb1","\ud83d\ude00","\u0000"]"#,
            r#""text""#,
            "0",
        ] {
            assert_eq!(parse(text).unwrap(), serde_json::from_str::<Node>(text).unwrap(), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_not_json() {
        for text in [
            "",
            " ",
            "{",
            "[1",
            "[1,]",
            "{\"a\"}",
            "{\"a\":}",
            "{a:1}",
            "nul",
            "\"",
            "\"\n\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"\\ud800\"",
            "\"\\ud800\\u0041\"",
            "\"\\udc00\"",
            "1 2",
            "[1]]",
            "'a'",
            "\u{feff}1",
        ] {
            assert_eq!(code(text), "JSON_SYNTAX", "{text}");
            assert!(serde_json::from_str::<Node>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn numbers_that_are_no_integers_stay_as_they_are_written() {
        for text in ["1.50", "1e3", "-0", "007", "9223372036854775808", "0.30000000000000004", "1e+21", "-"] {
            assert_eq!(parse(text).unwrap(), Node::Fraction(text.to_owned()));
        }
    }

    #[test]
    fn refuses_duplicates_depth_and_width() {
        assert_eq!(code(r#"{"a":1,"b":2,"a":3}"#), "KEY_DUPLICATE");
        assert_eq!(code(&"[".repeat(1_000_000)), "LIMIT_EXCEEDED");
        let keys: Vec<String> = (0..=KEYS_MAX).map(|n| format!("\"{n}\":0")).collect();
        assert_eq!(code(&format!("{{{}}}", keys.join(","))), "LIMIT_EXCEEDED");
    }
}
