/// One component of a pattern, as Go's `filepath.Match` reads it: `*`, `?`, classes such as
/// `[^a-z]`, and a backslash in front of what stands for itself. It matches bytes, as Go does.
///
/// There is no `/` in a component, nor in what it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Shape);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    /// The name itself.
    Exact(Box<[u8]>),
    /// Anything that ends so: `*.jpg`.
    Suffix(Box<[u8]>),
    /// What is neither.
    Pieces(Box<[Piece]>),
}

/// What stands between two stars.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Piece {
    /// Whether a star is before it.
    star: bool,
    tokens: Box<[Token]>,
}

/// What matches one character.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Byte(u8),
    AnyCharacter,
    Class {
        negated: bool,
        ranges: Box<[(char, char)]>,
    },
}

impl Glob {
    /// Reads a pattern; none for one that Go refuses, which so never matches.
    pub fn parse(pattern: &[u8]) -> Option<Glob> {
        let mut pieces = Vec::new();
        let mut rest = pattern;
        while !rest.is_empty() {
            let stars = rest.iter().take_while(|byte| **byte == b'*').count();
            let (text, after) = rest[stars..].split_at(piece_length(&rest[stars..]));
            rest = after;
            pieces.push(Piece {
                star: stars > 0,
                tokens: tokens(text)?,
            });
        }
        Some(Glob(simplest(pieces)))
    }

    /// Whether the pattern is the whole of `name`.
    pub fn matches(&self, name: &[u8]) -> bool {
        match &self.0 {
            Shape::Exact(text) => **text == *name,
            Shape::Suffix(text) => name.ends_with(text),
            Shape::Pieces(pieces) => pieces_match(pieces, name),
        }
    }
}

fn simplest(pieces: Vec<Piece>) -> Shape {
    let literal = |piece: &Piece| {
        let byte = |token: &Token| match token {
            Token::Byte(byte) => Some(*byte),
            Token::AnyCharacter | Token::Class { .. } => None,
        };
        piece.tokens.iter().map(byte).collect::<Option<Box<[u8]>>>()
    };
    match &pieces[..] {
        [] => Shape::Exact(Box::default()),
        [only] => match (literal(only), only.star) {
            (Some(text), false) => Shape::Exact(text),
            (Some(text), true) => Shape::Suffix(text),
            (None, _) => Shape::Pieces(pieces.into()),
        },
        _ => Shape::Pieces(pieces.into()),
    }
}

/// Each piece takes the first place where it fits, and is never moved again: no pattern takes more
/// than the product of both lengths.
fn pieces_match(pieces: &[Piece], name: &[u8]) -> bool {
    let mut name = name;
    for (i, piece) in pieces.iter().enumerate() {
        let is_last = i + 1 == pieces.len();
        if is_last && piece.tokens.is_empty() {
            return true;
        }
        let starts = if piece.star { name.len() } else { 0 };
        let rest = (0..=starts).find_map(|start| {
            let rest = tokens_match(&piece.tokens, &name[start..])?;
            (rest.is_empty() || !is_last).then_some(rest)
        });
        match rest {
            Some(rest) => name = rest,
            None => return false,
        }
    }
    name.is_empty()
}

/// What is behind the tokens at the start of `name`.
fn tokens_match<'n>(tokens: &[Token], name: &'n [u8]) -> Option<&'n [u8]> {
    let mut name = name;
    for token in tokens {
        let (first, length) = match token {
            Token::Byte(byte) => {
                name = name.strip_prefix(std::slice::from_ref(byte))?;
                continue;
            }
            Token::AnyCharacter | Token::Class { .. } => first_character(name)?,
        };
        if let Token::Class { negated, ranges } = token {
            let in_range = |(low, high): &(char, char)| (*low..=*high).contains(&first);
            if ranges.iter().any(in_range) == *negated {
                return None;
            }
        }
        name = &name[length..];
    }
    Some(name)
}

/// Where the next star outside of a class is.
fn piece_length(pattern: &[u8]) -> usize {
    let mut in_class = false;
    let mut at = 0;
    while let Some(byte) = pattern.get(at) {
        match byte {
            b'\\' => at += 1,
            b'[' => in_class = true,
            b']' => in_class = false,
            b'*' if !in_class => return at,
            _ => {}
        }
        at += 1;
    }
    pattern.len()
}

fn tokens(text: &[u8]) -> Option<Box<[Token]>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        tokens.push(match first {
            b'?' => Token::AnyCharacter,
            b'[' => class(&mut rest)?,
            b'\\' => {
                let (escaped, after) = rest.split_first()?;
                rest = after;
                Token::Byte(*escaped)
            }
            byte => Token::Byte(*byte),
        });
    }
    Some(tokens.into())
}

fn class(rest: &mut &[u8]) -> Option<Token> {
    let negated = rest.first() == Some(&b'^');
    if negated {
        *rest = &rest[1..];
    }
    let mut ranges = Vec::new();
    while ranges.is_empty() || rest.first() != Some(&b']') {
        let low = class_character(rest)?;
        let mut high = low;
        if let [b'-', after @ ..] = *rest {
            *rest = after;
            high = class_character(rest)?;
        }
        ranges.push((low, high));
    }
    *rest = &rest[1..];
    let ranges = ranges.into();
    Some(Token::Class { negated, ranges })
}

/// A character of a class, which must not be the last of the pattern: something closes the class.
fn class_character(rest: &mut &[u8]) -> Option<char> {
    match rest.first()? {
        b'-' | b']' => return None,
        b'\\' => *rest = &rest[1..],
        _ => {}
    }
    let (character, length) = first_character(rest)?;
    if character == char::REPLACEMENT_CHARACTER && length == 1 {
        return None;
    }
    *rest = &rest[length..];
    (!rest.is_empty()).then_some(character)
}

/// The first character and its length; U+FFFD and 1 where the bytes are not UTF-8.
fn first_character(bytes: &[u8]) -> Option<(char, usize)> {
    let head = &bytes[..bytes.len().min(4)];
    let chunk = head.utf8_chunks().next()?;
    match chunk.valid().chars().next() {
        Some(first) => Some((first, first.len_utf8())),
        None => Some((char::REPLACEMENT_CHARACTER, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, matching: &[&str], other: &[&str]) {
        let glob = Glob::parse(pattern.as_bytes()).unwrap();
        for name in matching {
            assert!(glob.matches(name.as_bytes()), "{pattern} {name}");
        }
        for name in other {
            assert!(!glob.matches(name.as_bytes()), "{pattern} {name}");
        }
    }

    #[test]
    fn names_and_endings() {
        check("a.yaml", &["a.yaml"], &["a.yamlx", "xa.yaml", "A.yaml"]);
        check("*.jpg", &["a.jpg", ".jpg"], &["a.jpg.bak", "ajpg"]);
        check("*", &["a", ""], &[]);
        check("", &[""], &["a"]);
    }

    #[test]
    fn stars_in_the_middle() {
        check("a*b*c", &["abc", "axxbyyc", "abcbc"], &["ab", "axbxd"]);
        check("*a*", &["a", "bab"], &["b"]);
        check("**", &["", "anything"], &[]);
    }

    #[test]
    fn characters_and_classes() {
        check("?.md", &["a.md", "é.md"], &["ab.md", ".md"]);
        check("[a-cx]1", &["a1", "c1", "x1"], &["d1", "-1"]);
        check("[^a]", &["b", "é"], &["a"]);
        check(r"\!a\*", &["!a*"], &["a*", "!ab"]);
        check(r"[\-\]]", &["-", "]"], &["\\"]);
    }

    #[test]
    fn what_go_refuses_matches_nothing() {
        for pattern in ["[", "[]", "a[", "[a-]", r"a\", "x*[", "[-a]"] {
            assert_eq!(Glob::parse(pattern.as_bytes()), None, "{pattern}");
        }
        assert_eq!(Glob::parse(b"[\xff]"), None);
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = "*a".repeat(2_000) + "b";
        check(&pattern, &[], &[&"a".repeat(20_000)]);
    }
}
