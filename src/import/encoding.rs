//! Bytes of a table as text: UTF-8, UTF-16 with its byte order mark, and GB18030, which Excel and ERPs in China save.

use encoding_rs::{Encoding, GB18030, UTF_16BE, UTF_16LE};

/// Text in none of the encodings: how many bytes of it are sound, read as UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub struct Unreadable(pub usize);

/// The text of a policy file: UTF-8 only, because editors save nothing else by accident.
pub fn utf8(bytes: Vec<u8>) -> Result<String, (Vec<u8>, Unreadable)> {
    String::from_utf8(bytes).map(without_mark).map_err(|fault| {
        let sound = fault.utf8_error().valid_up_to();
        (fault.into_bytes(), Unreadable(sound))
    })
}

/// The text of a table. A damaged UTF-8 file is refused rather than read as GB18030, which would turn it into other characters.
pub fn table(bytes: Vec<u8>) -> Result<String, (Vec<u8>, Unreadable)> {
    let marked = match bytes.as_slice() {
        [0xff, 0xfe, ..] => Some(UTF_16LE),
        [0xfe, 0xff, ..] => Some(UTF_16BE),
        _ => None,
    };
    if let Some(encoding) = marked {
        return decode(encoding, &bytes[2..]).ok_or((bytes, Unreadable(0)));
    }
    let (bytes, fault) = match utf8(bytes) {
        Ok(text) => return Ok(text),
        Err(refused) => refused,
    };
    if is_damaged_utf8(&bytes) {
        return Err((bytes, fault));
    }
    decode(GB18030, &bytes).ok_or((bytes, fault))
}

fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    encoding.decode_without_bom_handling_and_without_replacement(bytes).map(|text| without_mark(text.into_owned()))
}

fn without_mark(text: String) -> String {
    text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)
}

/// Whether most of what is not ASCII is whole Chinese characters of UTF-8: chance makes some of them in GB18030, but never most.
fn is_damaged_utf8(bytes: &[u8]) -> bool {
    let mut sound = 0;
    let mut broken = 0;
    for chunk in bytes.utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| c.len_utf8() >= 3).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound > broken
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "物料编码,价格\n冰箱-１,￥3,200\n";

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn tables_are_read_as_spreadsheets_save_them() {
        let read = |bytes: Vec<u8>| table(bytes).ok();
        assert_eq!(read(TEXT.into()).as_deref(), Some(TEXT));
        assert_eq!(read(format!("\u{feff}{TEXT}").into()).as_deref(), Some(TEXT));
        assert_eq!(read(utf16(TEXT, u16::to_le_bytes)).as_deref(), Some(TEXT));
        assert_eq!(read(utf16(TEXT, u16::to_be_bytes)).as_deref(), Some(TEXT));
        assert_eq!(read(GB18030.encode(TEXT).0.into_owned()).as_deref(), Some(TEXT));
        // A character that only four bytes of GB18030 have.
        assert_eq!(read(GB18030.encode("型号\n㐀𠀀\n").0.into_owned()).as_deref(), Some("型号\n㐀𠀀\n"));
    }

    #[test]
    fn what_is_damaged_is_refused() {
        let mut damaged = TEXT.as_bytes().to_owned();
        damaged[4] = 0xff;
        assert_eq!(table(damaged).err().map(|(_, fault)| fault), Some(Unreadable(3)));
        assert_eq!(table(vec![b'a', 0xff, 0xff]).err().map(|(_, fault)| fault), Some(Unreadable(1)));
        assert!(table(vec![0xff, 0xfe, 0x00, 0xd8]).is_err());
    }
}
