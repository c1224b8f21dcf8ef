//! Columns as bytes: little-endian, each behind its element count, padded to 8. One list of columns makes the struct, the writer and the reader.

use crate::limit;

/// A column of one of the three types.
pub(super) enum Each<Bytes, Words, Longs> {
    Byte(Bytes),
    Word(Words),
    Long(Longs),
}

pub(super) type Shared<'a> = Each<&'a Vec<u8>, &'a Vec<u32>, &'a Vec<i64>>;
pub(super) type Exclusive<'a> = Each<&'a mut Vec<u8>, &'a mut Vec<u32>, &'a mut Vec<i64>>;

impl Shared<'_> {
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
            Each::Byte(column) => Column::read(input).map(|read| *column = read).is_some(),
            Each::Word(column) => Column::read(input).map(|read| *column = read).is_some(),
            Each::Long(column) => Column::read(input).map(|read| *column = read).is_some(),
        }
    }
}

/// What a bundle consists of.
pub(super) trait Column: Sized {
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
        impl Column for Vec<$type> {
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
                let (values, _) = bytes.as_chunks::<SIZE>();
                Some(values.iter().map(|value| <$type>::from_le_bytes(*value)).collect())
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

/// Declares the columns of a bundle once.
macro_rules! columns {
    ($(#[doc = $head:literal])+ $name:ident, $parts:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)+ }) => {
        $(#[doc = $head])+
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $name { $($(#[doc = $doc])+ pub $field: Vec<$type>,)+ }

        /// Something about each column.
        struct $parts<T> { $($field: T,)+ }

        impl<T: Copy> $parts<T> {
            const COUNT: usize = [$(stringify!($field)),+].len();

            const fn list(self) -> [T; $parts::<()>::COUNT] {
                [$(self.$field),+]
            }
        }

        impl $name {
            // One copy of each of these, instead of one per use, is some kilobytes less.
            #[inline(never)]
            fn columns(&self) -> [columns::Shared<'_>; $parts::<()>::COUNT] {
                [$(columns::Column::shared(&self.$field)),+]
            }
            #[inline(never)]
            fn columns_mut(&mut self) -> [columns::Exclusive<'_>; $parts::<()>::COUNT] {
                [$(columns::Column::exclusive(&mut self.$field)),+]
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
