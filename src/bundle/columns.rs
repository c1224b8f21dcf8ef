//! Columns as bytes: little-endian, each behind its element count, padded to 8. One list of columns makes the struct, the writer,
//! the reader, the checks and the slices.

use super::{Coded, Dimension};
use crate::limit;

/// A column of one of the three types.
#[derive(Clone, Copy)]
pub(super) enum Each<Bytes, Words, Longs> {
    Byte(Bytes),
    Word(Words),
    Long(Longs),
}

pub(super) type Shared<'a> = Each<&'a Vec<u8>, &'a Vec<u32>, &'a Vec<i64>>;
pub(super) type Exclusive<'a> = Each<&'a mut Vec<u8>, &'a mut Vec<u32>, &'a mut Vec<i64>>;

impl Shared<'_> {
    pub fn len(self) -> usize {
        match self {
            Each::Byte(column) => column.len(),
            Each::Word(column) => column.len(),
            Each::Long(column) => column.len(),
        }
    }

    pub fn write(self, out: &mut Vec<u8>) {
        match self {
            Each::Byte(column) => column.write(out),
            Each::Word(column) => column.write(out),
            Each::Long(column) => column.write(out),
        }
    }
}

impl Exclusive<'_> {
    /// Reads into an empty column; whether there was one.
    pub fn fill(self, input: &mut Input) -> bool {
        match self {
            Each::Byte(column) => Elements::read(input).map(|read| *column = read).is_some(),
            Each::Word(column) => Elements::read(input).map(|read| *column = read).is_some(),
            Each::Long(column) => Elements::read(input).map(|read| *column = read).is_some(),
        }
    }
}

/// What a bundle consists of.
pub(super) trait Elements: Sized {
    fn write(&self, out: &mut Vec<u8>);
    fn read(input: &mut Input) -> Option<Self>;
    fn shared(&self) -> Shared<'_>;
    fn exclusive(&mut self) -> Exclusive<'_>;
}

/// Bytes not read yet.
pub(super) struct Input<'a>(pub &'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        Some(head)
    }

    fn count(&mut self) -> Option<usize> {
        let count = u64::from_le_bytes(self.take(8)?.try_into().ok()?);
        usize::try_from(count).ok().filter(|count| *count <= limit::COLUMN)
    }

    fn padded(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let data = self.take(bytes)?;
        let padding = self.take(bytes.next_multiple_of(8) - bytes)?;
        padding.iter().all(|b| *b == 0).then_some(data)
    }
}

fn pad(out: &mut Vec<u8>) {
    out.resize(out.len().next_multiple_of(8), 0);
}

fn count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as u64).to_le_bytes());
}

macro_rules! column {
    ($type:ty, $each:ident) => {
        impl Elements for Vec<$type> {
            #[inline(never)]
            fn write(&self, out: &mut Vec<u8>) {
                count(out, self.len());
                self.iter().for_each(|value| out.extend_from_slice(&value.to_le_bytes()));
                pad(out);
            }
            // One copy of this, instead of one per column, is forty kilobytes less.
            #[inline(never)]
            fn read(input: &mut Input) -> Option<Self> {
                const SIZE: usize = size_of::<$type>();
                let count = input.count()?;
                let bytes = input.padded(count * SIZE)?;
                let mut values: Vec<$type> = bytemuck::pod_collect_to_vec(bytes);
                // Nothing, where numbers are little-endian already.
                values.iter_mut().for_each(|value| *value = <$type>::from_le(*value));
                Some(values)
            }
            fn shared(&self) -> Shared<'_> {
                Each::$each(self)
            }
            fn exclusive(&mut self) -> Exclusive<'_> {
                Each::$each(self)
            }
        }
    };
}
column!(u8, Byte);
column!(u32, Word);
column!(i64, Long);

/// Declares the kinds of things that columns hold one entry for, or name.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident,)+) => {
        /// What a column holds one entry for, or names.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Kind { $($(#[doc = $doc])* $kind,)+ }

        /// How many kinds there are.
        pub(super) const KINDS: usize = [$(Kind::$kind),+].len();

        impl Kind {
            /// What a fault calls it.
            pub fn name(self) -> &'static str {
                concat!($(stringify!($kind), " "),+).split(' ').nth(self as usize).unwrap_or_default()
            }
        }
    };
}

kinds! {
    Access,
    AccessAxis,
    Alias,
    Attribute,
    Audience,
    Band,
    Budget,
    Class,
    ClassProgram,
    ClassRule,
    Clock,
    ComboPart,
    /// A product in an access.
    Cell,
    Check,
    CheckProduct,
    CheckSource,
    Clause,
    ClauseValue,
    Coupon,
    CouponByte,
    CouponRule,
    Entry,
    /// Products whose lines a condition counts.
    Filter,
    FilterProduct,
    Freight,
    FreightRow,
    Gift,
    Grant,
    GrantCategory,
    GrantCustomer,
    GrantRegion,
    Group,
    Kpi,
    Limit,
    Listed,
    Listing,
    Modifier,
    ModifierBand,
    /// A month of a period.
    Month,
    Need,
    Overlap,
    Occurrence,
    PartProduct,
    LotScope,
    ScopeProduct,
    Payout,
    Period,
    Product,
    ProductValue,
    /// A product, where any program counts points.
    Pointed,
    Program,
    Purchase,
    Quota,
    Record,
    Redeemable,
    Registration,
    Rule,
    Scope,
    ScopeValue,
    Season,
    Split,
    Step,
    /// A product, where the policy tells tax.
    Taxed,
    Term,
    TermValue,
    Tier,
    Unit,
    Value,
    /// A product, where any has a weight.
    Weighed,
    Window,
    // From here on a slice writes them itself.
    Axis,
    Constant,
    Old,
    Phase,
    SliceOf,
    Text,
    TextByte,
    Transition,
}

/// What the values of a column may be. All of it is checked when a bundle is read, and a slice renumbers by it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Holds {
    /// Any number; what must hold of it is said in `verify`.
    Any,
    /// Ids of texts.
    Text,
    /// Names of products: ids of texts, of which a slice has none for a product that is hidden for good.
    Name,
    /// Ids of a kind.
    Id(Kind),
    /// Values of an axis.
    Value(Dimension),
    /// Codes of a closed set of so many values.
    Code(usize),
    /// Figures from and to.
    Within(&'static (i64, i64)),
    /// Ends of what the column before begins: greater, each.
    End,
    /// Starts of lists of a kind.
    Lists(Kind),
    /// The same, and no list is empty.
    FilledLists(Kind),
}

/// What is known of a column beside its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// What it holds one entry for.
    pub of: Kind,
    /// What its values are.
    pub holds: Holds,
    /// Each value is greater than the one before in its list, or in the column if its kind stands in no lists. Texts are compared, not their ids.
    pub ascending: bool,
    /// [`NONE`](super::NONE) may stand instead of an id.
    pub or_none: bool,
}

impl Column {
    pub const fn new(of: Kind, holds: Holds) -> Column {
        Column { of, holds, ascending: false, or_none: false }
    }

    pub const fn ascending(self) -> Column {
        Column { ascending: true, ..self }
    }

    pub const fn or_none(self) -> Column {
        Column { or_none: true, ..self }
    }
}

/// Codes of a closed set.
pub(super) const fn code<T: Coded>() -> Holds {
    Holds::Code(T::CODES.len())
}

/// 0 or 1.
pub(super) const FLAG: Holds = Holds::Code(2);

/// Declares the columns of a bundle once: type, what there is one entry for, what the values are.
macro_rules! columns {
    ($(#[doc = $head:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty [$of:ident, $holds:expr $(, $more:ident)*],)+ }) => {
        $(#[doc = $head])+
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $name { $($(#[doc = $doc])+ pub $field: Vec<$type>,)+ }

        /// What is known of each column.
        static COLUMNS: [columns::Column; $name::COUNT] = {
            use columns::{Column, FLAG, Holds::{Any, Code, End, FilledLists, Id, Lists, Name, Text, Value, Within}, Kind, code};
            [$(Column::new(Kind::$of, $holds)$(.$more())*),+]
        };

        impl $name {
            const COUNT: usize = [$(stringify!($field)),+].len();

            // One copy of each of these, instead of one per use, is some kilobytes less.
            #[inline(never)]
            fn columns(&self) -> [columns::Shared<'_>; $name::COUNT] {
                [$(columns::Elements::shared(&self.$field)),+]
            }
            #[inline(never)]
            fn columns_mut(&mut self) -> [columns::Exclusive<'_>; $name::COUNT] {
                [$(columns::Elements::exclusive(&mut self.$field)),+]
            }
            fn write(&self, out: &mut Vec<u8>) {
                self.columns().into_iter().for_each(|column| column.write(out));
            }
            fn read(mut bytes: columns::Input) -> Option<Self> {
                let mut tables = $name::default();
                let sound = tables.columns_mut().into_iter().all(|column| column.fill(&mut bytes));
                (sound && bytes.0.is_empty()).then_some(tables)
            }
        }
    };
}
pub(super) use columns;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_has_so_many_elements_and_not_one_more() {
        let counted = |count: usize| Input(&(count as u64).to_le_bytes()).count();
        assert_eq!(counted(limit::COLUMN), Some(limit::COLUMN));
        assert_eq!(counted(limit::COLUMN + 1), None);
    }
}
