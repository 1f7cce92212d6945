//! Text as Go sees it: bytes that are read as characters where they can be.

use std::char;

/// The first character and its length in bytes: U+FFFD and 1 where the bytes are not UTF-8, or
/// where there are none.
pub(super) fn decode(bytes: &[u8]) -> (char, usize) {
    let head = &bytes[..bytes.len().min(4)];
    let valid = head.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    match valid.chars().next() {
        Some(first) => (first, first.len_utf8()),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

/// The characters, U+FFFD for each byte that is none.
pub(super) fn characters(bytes: &[u8]) -> impl Iterator<Item = char> {
    bytes.utf8_chunks().flat_map(|chunk| {
        let invalid = chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER);
        chunk.valid().chars().chain(invalid)
    })
}

/// The text with its characters in the opposite order.
pub(super) fn reversed(bytes: &[u8]) -> Vec<u8> {
    let characters: Vec<char> = characters(bytes).collect();
    characters.iter().rev().collect::<String>().into_bytes()
}

/// A letter case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Lower,
    Upper,
}

impl Case {
    /// The one character that Unicode maps this one to; itself where that would take several.
    pub(super) fn of(self, character: char) -> char {
        let (mapped, more) = match self {
            Case::Lower => {
                let mut mapped = character.to_lowercase();
                (mapped.next(), mapped.next())
            }
            Case::Upper => {
                let mut mapped = character.to_uppercase();
                (mapped.next(), mapped.next())
            }
        };
        match (more, self, character) {
            (None, ..) => mapped.unwrap_or(character),
            (Some(_), Case::Lower, 'İ') => 'i',
            // Greek with a subscript iota has capitals of its own.
            (Some(_), Case::Upper, 'ᾀ'..='ᾇ' | 'ᾐ'..='ᾗ' | 'ᾠ'..='ᾧ') => {
                shifted(character, 8)
            }
            (Some(_), Case::Upper, 'ᾳ' | 'ῃ' | 'ῳ') => shifted(character, 9),
            _ => character,
        }
    }
}

fn shifted(character: char, by: u32) -> char {
    char::from_u32(u32::from(character) + by).unwrap_or(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_of_one_character() {
        let upper: String = "aßŉéᾀᾳῳᾈǆ".chars().map(|c| Case::Upper.of(c)).collect();
        assert_eq!(upper, "AßŉÉᾈᾼῼᾈǄ");
        let lower: String = "AİÉΣẞ".chars().map(|c| Case::Lower.of(c)).collect();
        assert_eq!(lower, "aiéσß");
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(decode(b"\xc3"), (char::REPLACEMENT_CHARACTER, 1));
        assert_eq!(decode("é".as_bytes()), ('é', 2));
        assert_eq!(reversed("a\u{e9}".as_bytes()), "éa".as_bytes());
        assert_eq!(reversed(b"a\xc3\xa9\xc3"), "\u{fffd}éa".as_bytes());
        assert_eq!(reversed(b"\xe4\xb8"), "\u{fffd}\u{fffd}".as_bytes());
    }
}
