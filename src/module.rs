//! WebAssembly modules as files of sections: puts a bundle into the engine, so that one module holds both.

use std::fmt;

/// Name of the custom section that holds the bundle.
pub const SECTION: &str = "qudao.bundle";

const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// Why an engine file is not a WebAssembly module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModuleFault {
    /// It does not begin as a module of version 1 does.
    Header,
    /// A section that is cut off or does not fit; holds the byte at which it begins.
    Section(usize),
}

impl fmt::Display for ModuleFault {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            ModuleFault::Header => f.write_str("the file is not a WebAssembly module"),
            ModuleFault::Section(at) => write!(f, "the WebAssembly module is damaged at byte {at}"),
        }
    }
}

impl std::error::Error for ModuleFault {}

/// The engine with `bundle` in the section [`SECTION`]; one that was there before is replaced.
///
/// # Errors
/// [`ModuleFault`] when `engine` is not a whole WebAssembly module.
pub fn with_bundle(engine: &[u8], bundle: &[u8]) -> Result<Vec<u8>, ModuleFault> {
    let mut module = HEADER.to_vec();
    for section in sections(engine)? {
        if section.name != Some(SECTION.as_bytes()) {
            module.extend_from_slice(section.bytes);
        }
    }
    let mut name = Vec::new();
    write_length(SECTION.len(), &mut name);
    name.extend_from_slice(SECTION.as_bytes());
    module.push(0);
    write_length(name.len() + bundle.len(), &mut module);
    module.extend_from_slice(&name);
    module.extend_from_slice(bundle);
    Ok(module)
}

/// The bundle inside a module, when there is one.
///
/// # Errors
/// [`ModuleFault`] when `module` is not a whole WebAssembly module.
pub fn bundle_of(module: &[u8]) -> Result<Option<&[u8]>, ModuleFault> {
    Ok(sections(module)?.into_iter().find(|section| section.name == Some(SECTION.as_bytes())).map(|section| section.content))
}

struct Section<'a> {
    /// The whole section, from its id on.
    bytes: &'a [u8],
    /// Name of a custom section.
    name: Option<&'a [u8]>,
    /// What follows the name of a custom section; otherwise all of it.
    content: &'a [u8],
}

fn sections(module: &[u8]) -> Result<Vec<Section<'_>>, ModuleFault> {
    let mut rest = module.strip_prefix(HEADER).ok_or(ModuleFault::Header)?;
    let mut list = Vec::new();
    while !rest.is_empty() {
        let fault = ModuleFault::Section(module.len() - rest.len());
        let (section, after) = read_section(rest).ok_or(fault)?;
        list.push(section);
        rest = after;
    }
    Ok(list)
}

fn read_section(bytes: &[u8]) -> Option<(Section<'_>, &[u8])> {
    /// Largest id of a section there is (tags, from exception handling).
    const ID_MAX: u8 = 13;
    let (id, rest) = bytes.split_first()?;
    let (content, after) = read_sized(rest)?;
    let (name, content) = match id {
        0 => read_sized(content).map(|(name, content)| (Some(name), content))?,
        1..=ID_MAX => (None, content),
        _ => return None,
    };
    Some((Section { bytes: &bytes[..bytes.len() - after.len()], name, content }, after))
}

/// Bytes with their length before them, and what follows.
fn read_sized(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return bytes[index + 1..].split_at_checked(length);
        }
    }
    None
}

/// LEB128, seven bits a byte, lowest first.
fn write_length(mut length: usize, out: &mut Vec<u8>) {
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        if length == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with an empty type section and the custom section `x` holding 7.
    const ENGINE: &[u8] = b"\0asm\x01\0\0\0\x01\x01\0\0\x03\x01x\x07";

    #[test]
    fn a_bundle_goes_in_comes_out_and_is_replaced() {
        let large = vec![9; 300];
        let once = with_bundle(ENGINE, &large).unwrap();
        assert!(once.starts_with(ENGINE));
        assert_eq!(bundle_of(&once), Ok(Some(&large[..])));
        let twice = with_bundle(&once, b"new").unwrap();
        assert_eq!(bundle_of(&twice), Ok(Some(&b"new"[..])));
        assert_eq!(twice, with_bundle(ENGINE, b"new").unwrap());
        assert_eq!(bundle_of(ENGINE), Ok(None));
    }

    #[test]
    fn broken_engines_are_refused() {
        assert_eq!(with_bundle(b"<!doctype html>", b""), Err(ModuleFault::Header));
        assert_eq!(with_bundle(&ENGINE[..ENGINE.len() - 1], b""), Err(ModuleFault::Section(11)));
        assert_eq!(with_bundle(b"\0asm\x01\0\0\0\x63\x00", b""), Err(ModuleFault::Section(8)));
        assert_eq!(with_bundle(b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\xff", b""), Err(ModuleFault::Section(8)));
    }
}
