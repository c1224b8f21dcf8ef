//! Columns as bytes: little-endian, each behind its element count, padded to 8. One list of columns makes the struct, the writer and the reader.

use crate::limit;

/// What a bundle consists of.
pub(super) trait Column: Sized {
    fn write(&self, out: &mut Vec<u8>);
    fn read(input: &mut Input) -> Option<Self>;
    /// Reads into an empty column; whether there was one.
    fn fill(&mut self, input: &mut Input) -> bool {
        Self::read(input).map(|column| *self = column).is_some()
    }
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
    ($type:ty) => {
        impl Column for Vec<$type> {
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
        }
    };
}
column!(u8);
column!(u32);
column!(i64);

/// Declares the columns of a bundle once.
macro_rules! columns {
    ($(#[doc = $head:literal])+ $name:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty,)+ }) => {
        $(#[doc = $head])+
        #[derive(Debug, Clone, Default, PartialEq, Eq)]
        pub struct $name { $($(#[doc = $doc])+ pub $field: Vec<$type>,)+ }

        impl $name {
            fn write(&self, out: &mut Vec<u8>) {
                $(columns::Column::write(&self.$field, out);)+
            }
            fn read(mut bytes: columns::Input) -> Option<Self> {
                let mut tables = $name::default();
                let mut sound = true;
                $(sound = sound && columns::Column::fill(&mut tables.$field, &mut bytes);)+
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
