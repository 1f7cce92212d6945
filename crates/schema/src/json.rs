//! A small reader of JSON: its nodes have no places.

use memchr::memchr2;
use smol_str::SmolStr;
use tidegate_yaml::{Entry, Node, Place, ScalarKind, Style};

/// The value of a JSON text; none where it is not JSON. It nests no deeper than the catalog does.
pub(crate) fn read(text: &str) -> Option<Node> {
    let mut reader = Reader {
        rest: text.as_bytes(),
        depth: 0,
    };
    let node = reader.value()?;
    reader.blanks();
    reader.rest.is_empty().then_some(node)
}

/// Whether bytes are JSON.
pub(crate) fn is_valid(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| read(text).is_some())
}

struct Reader<'t> {
    rest: &'t [u8],
    depth: u32,
}

impl<'t> Reader<'t> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let found = self.rest.first() == Some(&byte);
        if found {
            self.rest = &self.rest[1..];
        }
        found
    }

    fn value(&mut self) -> Option<Node> {
        self.blanks();
        self.depth += 1;
        if self.depth > 100 {
            return None;
        }
        let place = Place::default();
        let node = match self.rest.first()? {
            b'{' => {
                let entries = self.items(b'{', b'}', |reader| {
                    let key = Node::str(reader.text()?, Place::default());
                    let value = reader.take(b':').then(|| reader.value())??;
                    Some(Entry { key, value })
                })?;
                Node::map(entries, place)
            }
            b'[' => Node::seq(self.items(b'[', b']', Reader::value)?, place),
            b'"' => Node::str(self.text()?, place),
            _ => self.word()?,
        };
        self.depth -= 1;
        Some(node)
    }

    fn items<T>(
        &mut self,
        open: u8,
        close: u8,
        item: fn(&mut Self) -> Option<T>,
    ) -> Option<Vec<T>> {
        let mut items = Vec::new();
        self.take(open);
        if self.take(close) {
            return Some(items);
        }
        loop {
            items.push(item(self)?);
            if self.take(close) {
                return Some(items);
            }
            if !self.take(b',') {
                return None;
            }
        }
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) -> Option<Node> {
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.');
        let length = self.rest.iter().take_while(|b| is_part(b)).count();
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        let word = std::str::from_utf8(word).ok()?;
        let kind = match word {
            "true" | "false" => ScalarKind::Bool,
            "null" => ScalarKind::Null,
            _ if word.parse::<f64>().is_err() => return None,
            _ if word.contains(['.', 'e', 'E']) => ScalarKind::Float,
            _ => ScalarKind::Int,
        };
        Some(Node::scalar(word, kind, Style::Plain, Place::default()))
    }

    fn text(&mut self) -> Option<SmolStr> {
        if !self.take(b'"') {
            return None;
        }
        let plain = self.piece()?;
        if self.rest[0] == b'"' {
            self.rest = &self.rest[1..];
            return Some(plain.into());
        }
        let mut out = plain.to_owned();
        loop {
            let (stop, rest) = self.rest.split_first()?;
            self.rest = rest;
            if *stop == b'"' {
                return Some(out.into());
            }
            let (escape, rest) = self.rest.split_first()?;
            self.rest = rest;
            out.push(match escape {
                b'n' => '\n',
                b't' => '\t',
                b'r' => '\r',
                b'u' => {
                    let digits = std::str::from_utf8(self.rest.get(..4)?).ok()?;
                    self.rest = &self.rest[4..];
                    char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
                }
                other => other.is_ascii().then_some(char::from(*other))?,
            });
            out.push_str(self.piece()?);
        }
    }

    /// The text up to the next quote or backslash, which is there.
    fn piece(&mut self) -> Option<&'t str> {
        let (piece, rest) = self.rest.split_at(memchr2(b'"', b'\\', self.rest)?);
        self.rest = rest;
        std::str::from_utf8(piece).ok()
    }
}

#[cfg(test)]
mod tests {
    use tidegate_yaml::to_json;

    use super::*;

    #[test]
    fn values() {
        let check = |text: &str| assert_eq!(to_json(&read(text).unwrap()).unwrap(), text);
        check(r#"{"a":[1,-2.5,true,null,"x\"y\né"],"b":{}}"#);
        for text in ["", "{", "[1,]", "{\"a\"}", "nope", "[] x"] {
            assert!(read(text).is_none(), "{text}");
        }
        assert!(read(&"[".repeat(100_000)).is_none());
    }
}
