//! Canonical JSON: keys in a fixed order, no space, integers plain, amounts as text, the shortest escapes. One value has one text.

/// A JSON text being written.
#[derive(Debug, Default)]
pub struct Json {
    text: String,
}

impl Json {
    /// The text of one value.
    pub fn write(value: impl FnOnce(&mut Json)) -> String {
        let mut json = Json::default();
        value(&mut json);
        json.text
    }

    fn separate(&mut self) {
        if !matches!(self.text.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.text.push(',');
        }
    }

    /// An object; `fields` writes its fields.
    pub fn object(&mut self, fields: impl FnOnce(&mut Json)) {
        self.separate();
        self.text.push('{');
        fields(self);
        self.text.push('}');
    }

    /// A list of values.
    pub fn list<T>(&mut self, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Json, T)) {
        self.separate();
        self.text.push('[');
        items.into_iter().for_each(|value| item(self, value));
        self.text.push(']');
    }

    /// A field's key; its value follows.
    pub fn key(&mut self, key: &str) -> &mut Json {
        self.text(key);
        self.text.push(':');
        self
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.separate();
        self.text.push('"');
        for character in text.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\t' => self.text.push_str("\\t"),
                control if control < ' ' => {
                    let code = u32::from(control);
                    let digit = |nibble: u32| char::from_digit(nibble, 16).unwrap_or('0');
                    self.text.push_str("\\u00");
                    self.text.extend([digit(code >> 4), digit(code & 15)]);
                }
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }

    /// An integer.
    pub fn integer(&mut self, value: i64) {
        self.separate();
        self.text.push_str(&value.to_string());
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, value: bool) {
        self.separate();
        self.text.push_str(if value { "true" } else { "false" });
    }

    /// `null`.
    pub fn null(&mut self) {
        self.separate();
        self.text.push_str("null");
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
        self.text.push_str(json);
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
