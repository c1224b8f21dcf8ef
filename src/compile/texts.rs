use std::collections::HashMap;

/// Every text of a bundle, each once, numbered in order of first use.
#[derive(Debug, Default)]
pub struct Texts {
    known: HashMap<String, u32>,
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl Texts {
    /// The number of a text.
    pub fn id(&mut self, text: &str) -> u32 {
        if let Some(id) = self.known.get(text) {
            return *id;
        }
        let id = super::small(self.ends.len());
        self.bytes.extend_from_slice(text.as_bytes());
        self.ends.push(super::small(self.bytes.len()));
        self.known.insert(text.to_owned(), id);
        id
    }

    /// The two columns of texts.
    pub fn finish(self) -> (Vec<u32>, Vec<u8>) {
        (self.ends, self.bytes)
    }
}
