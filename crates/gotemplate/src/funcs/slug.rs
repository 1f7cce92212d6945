//! `slugify` of ResourceSets: a text as a name of at most 63 characters.

use super::{Result, text, unidecode};
use crate::functions::{Call, Function};
use crate::object::Type;
use crate::value::Value;
use tidegate_golang::unicode::characters;

/// `slugify`
pub(crate) const FUNCTIONS: &[Function] = &[Function::new("slugify", &[Type::Str], slugify)];

/// The longest name of a Kubernetes object that is a DNS label.
const LONGEST: usize = 63;

fn slugify(call: &mut Call<'_>, args: &[Value]) -> Result {
    let whole = text(args, 0)?;
    call.reserve(whole.len().saturating_mul(4))?;
    Ok(slug(whole.as_bytes()).into())
}

fn slug(bytes: &[u8]) -> String {
    let mut ascii = String::new();
    for (_, c) in characters(bytes) {
        match c {
            '&' => ascii.push_str("and"),
            '@' => ascii.push_str("at"),
            '"' | '\'' | '\u{2019}' => {}
            '\u{2012}'..='\u{2015}' => ascii.push('-'),
            c if c.is_ascii() => ascii.push(c),
            c => unidecode::ascii(c, &mut ascii),
        }
    }
    let mut slug = String::with_capacity(ascii.len());
    for c in ascii.chars() {
        match c {
            'a'..='z' | '0'..='9' | '_' => slug.push(c),
            'A'..='Z' => slug.push(c.to_ascii_lowercase()),
            _ if !slug.ends_with('-') => slug.push('-'),
            _ => {}
        }
    }
    let slug = slug.trim_matches(['-', '_']);
    if slug.len() <= LONGEST {
        return slug.to_owned();
    }
    // At the end of a word, where there is one.
    let end = slug[..=LONGEST].rfind('-').unwrap_or(LONGEST);
    slug[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_names() {
        let check = |text: &str, expected: &str| assert_eq!(slug(text.as_bytes()), expected);
        check(
            "Héllo Wörld & Co @ 100% 世界",
            "hello-world-and-co-at-100-shi-jie",
        );
        check("--A__b..c", "a__b-c");
        check("it's \"quoted\"", "its-quoted");
        check("a\u{2014}b\u{378}c\u{1f600}d €", "a-b-cd-eu");
        check(&"x".repeat(70), &"x".repeat(63));
    }
}
