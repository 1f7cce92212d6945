//! Words within names: `FirstName`, `first_name`, `first-name`, as the library xstrings parts them.

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use super::case::{lower, upper};
use super::strings::is_space;
use tidegate_golang::unicode::characters;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    /// Behind the last one.
    None,
    Number,
    /// Starts with a capital.
    Capital,
    Letters,
    Connector,
    Punctuation,
    Other,
}

/// Lower case, with a connector between words: `snakecase` and `kebabcase`.
pub(super) fn separated(bytes: &[u8], connector: char) -> String {
    let text: Vec<char> = characters(bytes).map(|(_, c)| c).collect();
    let mut state = Words {
        words: words(&text),
        at: 0,
        connector,
        out: String::with_capacity(bytes.len() + 8),
    };
    while state.at + 1 < state.words.len() {
        state.step();
    }
    state.take();
    state.out
}

struct Words<'a> {
    words: Vec<(Word, &'a [char])>,
    at: usize,
    connector: char,
    out: String,
}

impl Words<'_> {
    fn kind(&self) -> Word {
        self.words
            .get(self.at)
            .map_or(Word::None, |(kind, _)| *kind)
    }

    /// Writes the word and goes to the next one.
    fn take(&mut self) {
        let Some((kind, word)) = self.words.get(self.at) else {
            return;
        };
        for c in *word {
            match kind {
                Word::Connector if is_connector(*c) => self.out.push(self.connector),
                Word::Capital => self.out.push(lower(*c)),
                _ => self.out.push(*c),
            }
        }
        self.at += 1;
    }

    fn connect(&mut self) {
        self.out.push(self.connector);
    }

    /// Letters and numbers belong together, and what follows them is a new word.
    fn take_letters_and_numbers(&mut self) {
        while matches!(self.kind(), Word::Letters | Word::Number) {
            self.take();
        }
        if !matches!(
            self.kind(),
            Word::None | Word::Punctuation | Word::Connector
        ) {
            self.connect();
        }
    }

    fn step(&mut self) {
        let kind = self.kind();
        self.take();
        match kind {
            Word::Number => self.take_letters_and_numbers(),
            Word::Connector | Word::Punctuation | Word::None => {}
            Word::Capital | Word::Letters | Word::Other => self.behind_letters(),
        }
    }

    fn behind_letters(&mut self) {
        if self.kind() != Word::Number {
            if !matches!(self.kind(), Word::Connector | Word::Punctuation) {
                self.connect();
            }
            return;
        }
        if self.at + 1 >= self.words.len() {
            return;
        }
        let behind = self.words[self.at + 1].0;
        if behind == Word::Letters {
            // Small letters behind the number belong to it: the number starts a word.
            self.connect();
            self.take();
            self.take_letters_and_numbers();
        } else {
            self.take();
            if !matches!(behind, Word::Connector | Word::Punctuation) {
                self.connect();
            }
        }
    }
}

fn is_connector(c: char) -> bool {
    c == '-' || c == '_' || is_space(c)
}

fn is_letter(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Letter
}

fn is_number(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Number
}

fn is_punctuation(c: char) -> bool {
    c.general_category_group() == GeneralCategoryGroup::Punctuation
}

fn words(text: &[char]) -> Vec<(Word, &[char])> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.first() {
        let run =
            |fits: &dyn Fn(char) -> bool| rest.iter().skip(1).take_while(|c| fits(**c)).count() + 1;
        let (kind, length) = if is_connector(*first) {
            (Word::Connector, run(&is_connector))
        } else if is_punctuation(*first) {
            (Word::Punctuation, run(&is_punctuation))
        } else if first.is_uppercase() {
            (Word::Capital, capital_length(rest))
        } else if is_letter(*first) {
            (Word::Letters, run(&|c| is_letter(c) && !c.is_uppercase()))
        } else if is_number(*first) {
            (Word::Number, run(&is_number))
        } else {
            let other = |c| !(is_connector(c) || is_letter(c) || is_number(c) || is_punctuation(c));
            (Word::Other, run(&other))
        };
        let (word, behind) = rest.split_at(length);
        words.push((kind, word));
        rest = behind;
    }
    words
}

/// `HTTP` of `HTTPStatus`, `Status` of `StatusCode`.
fn capital_length(text: &[char]) -> usize {
    let capitals = text.iter().take_while(|c| c.is_uppercase()).count();
    let small = |from: usize| {
        text[from..]
            .iter()
            .take_while(|c| is_letter(**c) && !c.is_uppercase())
            .count()
    };
    match capitals {
        1 => 1 + small(1),
        _ if text.get(capitals).is_some_and(|c| is_letter(*c)) => capitals - 1,
        _ => capitals,
    }
}

/// `PascalCase`: connectors go, what follows them gets a capital.
pub(super) fn pascal(bytes: &[u8]) -> String {
    let text: Vec<char> = characters(bytes).map(|(_, c)| c).collect();
    let mut out = String::with_capacity(bytes.len());
    let leading = text.iter().take_while(|c| is_connector(**c)).count();
    out.extend(&text[..leading]);
    let Some((first, rest)) = text[leading..].split_first() else {
        return out;
    };
    let mut all_capitals = first.is_uppercase();
    let mut current = upper(*first);
    if rest.is_empty() {
        out.push(current);
        return out;
    }
    for next in rest {
        let before = std::mem::replace(&mut current, *next);
        if is_connector(current) && is_connector(before) {
            out.push(before);
            continue;
        }
        if is_connector(before) {
            all_capitals = current.is_uppercase();
            current = upper(current);
            continue;
        }
        if all_capitals {
            if current.is_uppercase() {
                current = lower(current);
            } else {
                all_capitals = false;
            }
        }
        out.push(before);
    }
    out.push(current);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_parted_at_their_words() {
        let check =
            |text: &str, expected: &str| assert_eq!(separated(text.as_bytes(), '_'), expected);
        check("FirstName", "first_name");
        check("HTTPServer2Test", "http_server2_test");
        check("a-b c.D", "a_b_c.d");
        check("http2xx", "http_2xx");
        check("HTTP20xOK", "http_20x_ok");
        check("Duration2m3s", "duration_2m3s");
        check("Bld4Floor3rd", "bld4_floor_3rd");
        check("NoHTTPS", "no_https");
        check("GO PATH", "go_path");
    }

    #[test]
    fn words_get_capitals() {
        let check = |text: &str, expected: &str| assert_eq!(pascal(text.as_bytes()), expected);
        check("http_server", "HttpServer");
        check("_complex__case_", "_Complex_Case_");
        check("GOLANG_IS_GREAT", "GolangIsGreat");
        check("a", "A");
        check("", "");
    }
}
