//! Canonical JSON: keys in a fixed order, no space, integers plain, amounts as text, the shortest escapes. One value has one text.

use crate::num::Scale;

/// A JSON text being written.
#[derive(Debug, Default)]
pub struct Json {
    text: Vec<u8>,
}

impl Json {
    /// The text of one value.
    pub fn write(value: impl FnOnce(&mut Json)) -> String {
        let mut json = Json::default();
        value(&mut json);
        // Only texts and ASCII were written.
        String::from_utf8(json.text).unwrap_or_default()
    }

    fn separate(&mut self) {
        if !matches!(self.text.last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(b',');
        }
    }

    /// An object; `fields` writes its fields.
    pub fn object(&mut self, fields: impl FnOnce(&mut Json)) {
        self.separate();
        self.text.push(b'{');
        fields(self);
        self.text.push(b'}');
    }

    /// A list of values.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Json, T)) {
        self.separate();
        self.text.push(b'[');
        items.into_iter().for_each(|value| item(self, value));
        self.text.push(b']');
    }

    /// A field's key; its value follows.
    pub fn key(&mut self, key: &str) -> &mut Json {
        self.text(key);
        self.text.push(b':');
        self
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.separate();
        self.text.push(b'"');
        // Nearly every text stands as it is.
        if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
            self.text.extend_from_slice(text.as_bytes());
        } else {
            self.escaped(text);
        }
        self.text.push(b'"');
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '"' => self.text.extend_from_slice(b"\\\""),
                '\\' => self.text.extend_from_slice(b"\\\\"),
                '\n' => self.text.extend_from_slice(b"\\n"),
                '\r' => self.text.extend_from_slice(b"\\r"),
                '\t' => self.text.extend_from_slice(b"\\t"),
                control if control < ' ' => {
                    let code = u32::from(control);
                    let digit = |nibble: u32| b"0123456789abcdef"[nibble as usize];
                    self.text.extend_from_slice(b"\\u00");
                    self.text.extend([digit(code >> 4), digit(code & 15)]);
                }
                other => self.text.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }

    /// An integer.
    pub fn integer(&mut self, value: i64) {
        self.separate();
        Scale(0).write(value, 0, &mut self.text);
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.separate();
        self.text.extend_from_slice(if value { b"true" } else { b"false" });
    }

    /// A figure as text: an integer image with the digits of its scale, see [`Scale::write`].
    pub fn figure(&mut self, scale: Scale, image: i64, least: u32) {
        self.separate();
        self.text.push(b'"');
        scale.write(image, least, &mut self.text);
        self.text.push(b'"');
    }

    /// `null`.
    pub fn null(&mut self) {
        self.separate();
        self.text.extend_from_slice(b"null");
    }

    /// A text, or `null`.
    pub fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => self.text(text),
            None => self.null(),
        }
    }

    /// An integer, or `null`.
    pub fn integer_or_null(&mut self, value: Option<i64>) {
        match value {
            Some(value) => self.integer(value),
            None => self.null(),
        }
    }

    /// A value that is already canonical JSON.
    pub fn raw(&mut self, json: &str) {
        self.separate();
        self.text.extend_from_slice(json.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_text() {
        let text = Json::write(|j| {
            j.object(|j| {
                j.key("a").list([1, -2], |j, n| j.integer(n));
                j.key("b").text("春\u{1}\"\\\n");
                j.key("c").object(|_| {});
                j.key("d").null();
                j.key("e").list(["x", "y"], |j, t| j.object(|j| j.key("t").text(t)));
            });
        });
        assert_eq!(text, "{\"a\":[1,-2],\"b\":\"春\\u0001\\\"\\\\\\n\",\"c\":{},\"d\":null,\"e\":[{\"t\":\"x\"},{\"t\":\"y\"}]}");
    }
}
