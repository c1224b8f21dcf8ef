//! Splits a table into cells by RFC 4180, and keeps where each cell begins, so that a fault can be shown under the cell it is in.
//! Our own, because the usual reader tells the place of a record but not of a cell, and a second splitter for faults could disagree with it.

use std::borrow::Cow;

/// One cell: its text, quotes resolved, and the byte at which it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell<'a> {
    /// The text; spaces are part of it.
    pub text: Cow<'a, str>,
    /// Byte of the table at which the cell begins, its quote included.
    pub start: usize,
}

/// Why a record cannot be split, and the byte at which that shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SplitFault {
    /// A quote inside a cell that is not quoted.
    Stray(usize),
    /// Text between the closing quote and the next separator.
    Trailing(usize),
    /// A quote that never closes; the rest of the table is inside it.
    Unclosed(usize),
}

/// Reads the records of a table one after another. Empty lines are passed over.
pub struct Records<'a> {
    text: &'a str,
    at: usize,
    line: u32,
    separator: u8,
}

/// What stands between the cells of a line: comma, semicolon or tab, whichever is most often outside quotes; comma when none is.
pub fn separator(line: &str) -> u8 {
    let count = |separator: u8| {
        let mut quoted = false;
        line.bytes().fold(0, |count, b| {
            quoted ^= b == b'"';
            count + usize::from(!quoted && b == separator)
        })
    };
    // Of equals the last is taken.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
}

impl<'a> Records<'a> {
    /// Begins at a byte of the text that begins a line.
    pub fn new(text: &'a str, at: usize, line: u32, separator: u8) -> Records<'a> {
        Records { text, at, line, separator }
    }

    /// Reads the next record into `cells` and returns its first line. After a fault it goes on with the next line.
    pub fn next(&mut self, cells: &mut Vec<Cell<'a>>) -> Option<Result<u32, SplitFault>> {
        cells.clear();
        while self.take_line_break() {}
        if self.at == self.text.len() {
            return None;
        }
        let line = self.line;
        loop {
            match self.cell() {
                Ok(cell) => cells.push(cell),
                Err(fault) => {
                    self.pass_over_line(fault);
                    return Some(Err(fault));
                }
            }
            if self.peek() == Some(self.separator) {
                self.at += 1;
            } else {
                self.take_line_break();
                return Some(Ok(line));
            }
        }
    }

    fn cell(&mut self) -> Result<Cell<'a>, SplitFault> {
        let start = self.at;
        if self.peek() == Some(b'"') {
            return self.quoted();
        }
        let separator = self.separator;
        let end = self.find(|b| b == separator || matches!(b, b'\n' | b'"'));
        if self.text.as_bytes().get(end) == Some(&b'"') {
            return Err(SplitFault::Stray(end));
        }
        let text = &self.text[start..end];
        let text = if self.text.as_bytes().get(end) == Some(&separator) { text } else { text.strip_suffix('\r').unwrap_or(text) };
        self.at = start + text.len();
        Ok(Cell { text: Cow::Borrowed(text), start })
    }

    fn quoted(&mut self) -> Result<Cell<'a>, SplitFault> {
        let start = self.at;
        self.at += 1;
        let mut doubled = false;
        loop {
            self.at = self.find(|b| matches!(b, b'"' | b'\n'));
            match self.peek() {
                None => return Err(SplitFault::Unclosed(start)),
                Some(b'\n') => self.line += 1,
                Some(_) if self.text.as_bytes().get(self.at + 1) == Some(&b'"') => {
                    doubled = true;
                    self.at += 1;
                }
                Some(_) => break,
            }
            self.at += 1;
        }
        let inner = &self.text[start + 1..self.at];
        self.at += 1;
        if !(self.peek().is_none_or(|b| b == self.separator || b == b'\n') || self.text[self.at..].starts_with("\r\n")) {
            return Err(SplitFault::Trailing(self.at));
        }
        let text = if doubled { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
        Ok(Cell { text, start })
    }

    fn pass_over_line(&mut self, fault: SplitFault) {
        match fault {
            SplitFault::Unclosed(_) => self.at = self.text.len(),
            SplitFault::Stray(_) | SplitFault::Trailing(_) => {
                self.at = self.find(|b| b == b'\n');
                self.take_line_break();
            }
        }
    }

    fn take_line_break(&mut self) -> bool {
        let width = match &self.text.as_bytes()[self.at..] {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            // A file may end in the first half of a line break.
            [b'\r'] => 1,
            _ => return false,
        };
        self.at += width;
        self.line += 1;
        true
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Byte of the first match from here on, or the end of the text.
    fn find(&self, wanted: impl Fn(u8) -> bool) -> usize {
        let rest = &self.text.as_bytes()[self.at..];
        self.at + rest.iter().position(|b| wanted(*b)).unwrap_or(rest.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<Result<(u32, Vec<String>), SplitFault>> {
        let mut records = Records::new(text, 0, 1, separator(text.lines().next().unwrap_or_default()));
        let mut cells = Vec::new();
        let mut all = Vec::new();
        while let Some(record) = records.next(&mut cells) {
            all.push(record.map(|line| (line, cells.iter().map(|cell| cell.text.to_string()).collect())));
        }
        all
    }

    fn row(line: u32, cells: &[&str]) -> Result<(u32, Vec<String>), SplitFault> {
        Ok((line, cells.iter().map(ToString::to_string).collect()))
    }

    #[test]
    fn quotes_line_breaks_and_lines_are_those_of_rfc_4180() {
        let text = "a,b\r\n\r\n\"x,\"\"1\"\"\",\r\n\"two\nlines\",乙\nlast,\"\"";
        assert_eq!(split(text), [row(1, &["a", "b"]), row(3, &["x,\"1\"", ""]), row(4, &["two\nlines", "乙"]), row(6, &["last", ""])]);
        assert_eq!(split(""), []);
        assert_eq!(split("a\r"), [row(1, &["a"])]);
    }

    #[test]
    fn the_separator_is_the_most_frequent_outside_quotes() {
        assert_eq!(split("a;\"b,,,c\";d\n1;2,5;3\n"), [row(1, &["a", "b,,,c", "d"]), row(2, &["1", "2,5", "3"])]);
        assert_eq!(split("a\tb\n1\t\n"), [row(1, &["a", "b"]), row(2, &["1", ""])]);
        assert_eq!([separator("a,b;c"), separator("a"), separator("")], [b',', b',', b',']);
    }

    #[test]
    fn a_broken_record_costs_one_line_and_an_open_quote_the_rest() {
        assert_eq!(
            split("a\"b,c\n1,2\n\"x\"y,z\n\"open,3\n4,5\n"),
            [Err(SplitFault::Stray(1)), row(2, &["1", "2"]), Err(SplitFault::Trailing(13)), Err(SplitFault::Unclosed(17)),]
        );
    }
}
