//! Inputs as the wrapper packs them: one text for the whole input, so that it crosses the border in one piece and no value is fetched on its own.
//!
//! Every token ends with a line feed; texts have theirs as `\n` and a backslash as `\\`. A value is `n`, `t`, `f`, `i` and a number,
//! `s` and a text, `[` and a count, or `{` and a count, then key and value in turn. The lines of an order are `L` and a count, then SKU, quantity
//! and unit of each, the last empty where it is missing; or, where the wrapper knows all products by their number, `P` and a count, then number and quantity.

use super::Node;
use crate::bundle::Loaded;
use crate::facts::OrderLine;
use crate::id::ProductId;
use crate::limit;
use crate::num::Quantity;
use crate::sort::sort;

/// Lines of an order, as texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    cells: String,
    /// Where each cell ends.
    ends: Vec<usize>,
    /// Number and quantity; otherwise SKU, quantity and unit.
    numbered: bool,
}

/// SKU, quantity, unit.
const CELLS: usize = 3;
/// Number of the product, quantity.
const NUMBERED: usize = 2;

impl Node {
    /// Reads a packed input; nothing when it is none.
    pub fn unpack(packed: &str) -> Option<Node> {
        let mut tokens = Tokens(packed);
        let node = tokens.node(0)?;
        tokens.0.is_empty().then_some(node)
    }
}

struct Tokens<'a>(&'a str);

impl<'a> Tokens<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (token, rest) = self.0.split_at_checked(self.0.bytes().position(|byte| byte == b'\n')?)?;
        self.0 = rest.get(1..)?;
        Some(token)
    }

    fn node(&mut self, depth: usize) -> Option<Node> {
        let token = self.next()?;
        let (kind, rest) = token.split_at_checked(1)?;
        let count = || rest.parse::<usize>().ok().filter(|_| depth <= limit::DEPTH);
        Some(match kind {
            "n" => Node::Null,
            "t" => Node::Bool(true),
            "f" => Node::Bool(false),
            // As JavaScript writes it: whole numbers have digits only, whatever has more is refused by every reader.
            "i" => rest.parse().map_or_else(|_| Node::Fraction(rest.to_owned()), Node::Int),
            "s" => Node::Text(plain(rest)),
            "[" => Node::List((0..count()?).map(|_| self.node(depth + 1)).collect::<Option<_>>()?),
            "{" => {
                let mut entries = Vec::new();
                for _ in 0..count()? {
                    entries.push((plain(self.next()?), self.node(depth + 1)?));
                }
                Node::Map(entries)
            }
            "L" | "P" => {
                let before = self.0;
                let mut ends = Vec::new();
                let numbered = kind == "P";
                for _ in 0..count()?.checked_mul(if numbered { NUMBERED } else { CELLS })? {
                    self.next()?;
                    ends.push(before.len() - self.0.len() - 1);
                }
                Node::Rows(Rows { cells: before.get(..before.len() - self.0.len())?.to_owned(), ends, numbered })
            }
            _ => return None,
        })
    }
}

fn plain(text: &str) -> String {
    let mut parts = text.split('\\');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    while let Some(part) = parts.next() {
        match part.strip_prefix('n') {
            Some(rest) => {
                plain.push('\n');
                plain.push_str(rest);
            }
            // Two backslashes have nothing between them.
            None => {
                plain.push('\\');
                plain.push_str(parts.next().unwrap_or_default());
            }
        }
    }
    plain
}

impl Rows {
    fn rows(&self, policy: Option<&Loaded>) -> Vec<Row<'_>> {
        let mut rows = Vec::with_capacity(self.ends.len() / NUMBERED);
        let mut start = 0;
        for ends in self.ends.chunks_exact(self.width()) {
            let mut cell = |at: usize| {
                let Some(end) = ends.get(at) else { return "" };
                let cell = self.cells.get(start..*end).unwrap_or_default();
                start = end + 1;
                cell
            };
            let [product, quantity, unit] = [cell(0), cell(1), cell(2)];
            let (sku, product) = match policy {
                Some(policy) if self.numbered => ("", numbered(policy, product)),
                Some(policy) => (product, policy.product(product)),
                None => (product, None),
            };
            rows.push(Row { product, sku, quantity, unit });
        }
        rows
    }

    fn width(&self) -> usize {
        if self.numbered { NUMBERED } else { CELLS }
    }

    /// The lines, if each of them is as nearly all are: a known product, whole and sound; otherwise they are read as any list is, for the faults.
    pub fn lines(&self, policy: &Loaded) -> Option<Vec<OrderLine>> {
        let rows = self.rows(Some(policy));
        let in_range = |image: &i64| (1..=limit::QUANTITY).contains(image);
        let mut lines = Vec::with_capacity(rows.len());
        for (position, Row { product, sku: _, quantity, unit }) in rows.into_iter().enumerate() {
            let product = product?;
            let unit = if unit.is_empty() { None } else { policy.unit_named(product, unit)? };
            let ordered = policy.constants.quantity_scale.read(quantity).ok().filter(in_range)?;
            let quantity = if unit.is_none() { ordered } else { policy.tables.factor(unit).of(ordered).filter(in_range)? };
            let (sku, name) = (policy.sku(product), policy.unit_text(product, unit));
            let mut id = String::with_capacity(sku.len() + 1 + name.len());
            id.push_str(sku);
            id.push('|');
            id.push_str(name);
            let (ordered, quantity) = (Quantity(ordered), Quantity(quantity));
            lines.push(OrderLine { id, product, alias: None, unit, ordered, quantity, customer: None, position });
        }
        // Products are in order of their SKUs, so this is nearly always the order of the ids, and numbers are quicker to compare.
        sort(&mut lines, |a, b| a.product.cmp(&b.product));
        (lines.len() <= limit::ORDER_LINES).then_some(lines)
    }

    /// The same as a list; without the policy a number stands for its SKU.
    pub fn list(&self, policy: Option<&Loaded>) -> Node {
        let mut list = Vec::new();
        for Row { product, sku, quantity, unit } in self.rows(policy) {
            let sku = product.zip(policy).map_or(sku, |(product, policy)| policy.sku(product));
            let mut entries = Vec::new();
            for (key, text) in [("sku", sku), ("quantity", quantity), ("unit", unit)] {
                if !text.is_empty() {
                    entries.push((key.to_owned(), Node::Text(text.to_owned())));
                }
            }
            list.push(Node::Map(entries));
        }
        Node::List(list)
    }
}

/// One line, as it is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Row<'a> {
    product: Option<ProductId>,
    /// Empty where the product is numbered.
    sku: &'a str,
    quantity: &'a str,
    unit: &'a str,
}

fn numbered(policy: &Loaded, number: &str) -> Option<ProductId> {
    let number = number.bytes().try_fold(0_u32, |sum, digit| sum.checked_mul(10)?.checked_add(u32::from(digit.wrapping_sub(b'0'))))?;
    ((number as usize) < policy.tables.product_sku.len()).then_some(ProductId(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packed_input_is_what_was_packed() {
        let text = |text: &str| Node::Text(text.to_owned());
        let packed = "{3\na\\nb\n[4\nn\nt\ni-5\ni1.5\nlines\nL2\nA\n3\n\nB\n2.5\n台\n\nsone\\\\ntwo\n";
        let list = Node::List(vec![Node::Null, Node::Bool(true), Node::Int(-5), Node::Fraction("1.5".to_owned())]);
        let Some(Node::Map(entries)) = Node::unpack(packed) else { panic!("a map") };
        assert_eq!(entries[0], ("a\nb".to_owned(), list));
        assert_eq!(entries[2], (String::new(), text("one\\ntwo")));
        let Node::Rows(rows) = &entries[1].1 else { panic!("lines") };
        assert_eq!((&rows.cells[..], &rows.ends[..], rows.numbered), ("A\n3\n\nB\n2.5\n台\n", &[1, 3, 4, 6, 10, 14][..], false));
        let Some(Node::Rows(rows)) = Node::unpack("P2\n17\n3\n0\n2.5\n") else { panic!("numbered lines") };
        assert_eq!((&rows.ends[..], rows.numbered), (&[2, 4, 6, 10][..], true));
        for broken in ["", "n", "n\nn\n", "[2\nn\n", "L1\nA\n1\n", "P1\n5\n", "{1\na\n", "q\n", "[99999999999999999999\n", "[9999999999\n"]
        {
            assert_eq!(Node::unpack(broken), None, "{broken:?}");
        }
        assert_eq!(Node::unpack(&"[1\n".repeat(10_000)), None);
    }
}
