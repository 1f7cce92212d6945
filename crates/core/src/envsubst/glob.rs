//! The patterns of `#`, `##`, `%` and `%%`: those of Go's `path.Match`, but that `*` passes `/`.

use memchr::memmem;

use crate::envsubst::rune;

/// What is left of the work that patterns may make in one substitution.
pub(super) struct Effort(pub(super) u64);

impl Effort {
    fn spend(&mut self, steps: usize) -> Match<()> {
        self.0 = self.0.checked_sub(steps as u64).ok_or(Stop::Spent)?;
        Ok(())
    }
}

/// Why a match was given up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The pattern is malformed, which is noticed only where matching comes to the malformed part.
    Malformed,
    /// The effort is spent.
    Spent,
}

type Match<T> = Result<T, Stop>;

/// Which of the prefixes that match is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    Shortest,
    Longest,
}

/// The length of the prefix of `text` that matches; 0 where none does. A prefix is cut between
/// bytes, and never empty.
pub(super) fn prefix(
    pattern: &[u8],
    text: &[u8],
    extent: Extent,
    effort: &mut Effort,
) -> Match<usize> {
    if !has_meta(pattern) {
        let matches = text.starts_with(pattern);
        return Ok(if matches { pattern.len() } else { 0 });
    }
    if let [b'*', tail @ ..] = pattern
        && !tail.is_empty()
        && !has_meta(tail)
    {
        let found = match extent {
            Extent::Shortest => memmem::find(text, tail),
            Extent::Longest => memmem::rfind(text, tail),
        };
        return Ok(found.map_or(0, |at| at + tail.len()));
    }
    // Where no match can meet a malformed part, the order of the tries makes no difference.
    if extent == Extent::Shortest && is_well_formed(pattern) {
        for length in 1..=text.len() {
            if matches(pattern, &text[..length], effort)? {
                return Ok(length);
            }
        }
        return Ok(0);
    }
    let mut shortest = 0;
    for length in (1..=text.len()).rev() {
        if matches(pattern, &text[..length], effort)? {
            shortest = length;
            if extent == Extent::Longest {
                break;
            }
        }
    }
    Ok(shortest)
}

fn has_meta(pattern: &[u8]) -> bool {
    pattern
        .iter()
        .any(|byte| matches!(byte, b'*' | b'?' | b'[' | b'\\'))
}

/// Whether no text can make a match of this pattern fail. Says no where it is not sure.
fn is_well_formed(pattern: &[u8]) -> bool {
    !pattern.iter().any(|byte| matches!(byte, b'[' | b'\\'))
}

/// Whether the pattern matches the whole of the text.
fn matches(mut pattern: &[u8], mut text: &[u8], effort: &mut Effort) -> Match<bool> {
    effort.spend(pattern.len())?;
    while !pattern.is_empty() {
        let piece = Piece::first(pattern);
        pattern = piece.rest;
        if piece.after_star && piece.chunk.is_empty() {
            return Ok(true);
        }
        let is_last = pattern.is_empty();
        // Behind a star the chunk may begin anywhere, and the first place that fits is taken.
        let starts = if piece.after_star { text.len() } else { 0 };
        let mut next = None;
        for start in 0..=starts {
            if let Some(rest) = match_chunk(piece.chunk, &text[start..], effort)?
                && (rest.is_empty() || !is_last)
            {
                next = Some(rest);
                break;
            }
        }
        match next {
            Some(rest) => text = rest,
            None => return Ok(false),
        }
    }
    Ok(text.is_empty())
}

/// The part of a pattern up to the next star.
struct Piece<'p> {
    after_star: bool,
    chunk: &'p [u8],
    rest: &'p [u8],
}

impl Piece<'_> {
    fn first(pattern: &[u8]) -> Piece<'_> {
        let stars = pattern.iter().take_while(|&&byte| byte == b'*').count();
        let pattern = &pattern[stars..];
        let mut in_class = false;
        let mut end = 0;
        while let Some(&byte) = pattern.get(end) {
            match byte {
                b'\\' if end + 1 < pattern.len() => end += 1,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'*' if !in_class => break,
                _ => {}
            }
            end += 1;
        }
        Piece {
            after_star: stars > 0,
            chunk: &pattern[..end],
            rest: &pattern[end..],
        }
    }
}

/// What is left of the text behind the chunk; none where it does not begin with the chunk.
fn match_chunk<'t>(
    mut chunk: &[u8],
    mut text: &'t [u8],
    effort: &mut Effort,
) -> Match<Option<&'t [u8]>> {
    while let Some((&first, rest)) = chunk.split_first() {
        effort.spend(1)?;
        let Some(&byte) = text.first() else {
            return Ok(None);
        };
        match first {
            b'[' => {
                let (found, width) = rune::decode(text);
                text = &text[width..];
                let (is_member, behind) = match_class(rest, found)?;
                effort.spend(rest.len() - behind.len())?;
                chunk = behind;
                if !is_member {
                    return Ok(None);
                }
                continue;
            }
            b'?' => {
                text = &text[rune::decode(text).1..];
                chunk = rest;
                continue;
            }
            b'\\' => {
                chunk = rest;
                if chunk.is_empty() {
                    return Err(Stop::Malformed);
                }
            }
            _ => {}
        }
        if chunk[0] != byte {
            return Ok(None);
        }
        text = &text[1..];
        chunk = &chunk[1..];
    }
    Ok(Some(text))
}

/// Whether a character is in the class whose text, without its `[`, begins the chunk; with what
/// follows the class.
fn match_class(mut chunk: &[u8], found: char) -> Match<(bool, &[u8])> {
    let mut negated = false;
    if let [b'^', rest @ ..] = chunk {
        negated = true;
        chunk = rest;
    }
    let mut is_member = false;
    let mut is_first = true;
    loop {
        if let [b']', rest @ ..] = chunk
            && !is_first
        {
            return Ok((is_member != negated, rest));
        }
        let low;
        (low, chunk) = class_character(chunk)?;
        let mut high = low;
        if let [b'-', rest @ ..] = chunk {
            (high, chunk) = class_character(rest)?;
        }
        is_member |= (low..=high).contains(&found);
        is_first = false;
    }
}

/// A character of a class, and what follows it: at least the end of the class must.
fn class_character(mut chunk: &[u8]) -> Match<(char, &[u8])> {
    if matches!(chunk, [] | [b'-' | b']', ..]) {
        return Err(Stop::Malformed);
    }
    if let [b'\\', rest @ ..] = chunk {
        chunk = rest;
    }
    if chunk.is_empty() {
        return Err(Stop::Malformed);
    }
    let (character, width) = rune::decode(chunk);
    let rest = &chunk[width..];
    let is_broken = character == char::REPLACEMENT_CHARACTER && width == 1;
    if is_broken || rest.is_empty() {
        return Err(Stop::Malformed);
    }
    Ok((character, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, text: &str, shortest: Match<usize>, longest: Match<usize>) {
        let find = |extent| {
            let mut effort = Effort(1000);
            prefix(pattern.as_bytes(), text.as_bytes(), extent, &mut effort)
        };
        assert_eq!(find(Extent::Shortest), shortest, "{pattern} {text}");
        assert_eq!(find(Extent::Longest), longest, "{pattern} {text}");
    }

    #[test]
    fn prefixes() {
        check("ab", "abc", Ok(2), Ok(2));
        check("b", "abc", Ok(0), Ok(0));
        check("", "abc", Ok(0), Ok(0));
        check("*", "é", Ok(1), Ok(2));
        check("?", "é", Ok(1), Ok(2));
        check("*/", "a/b/c", Ok(2), Ok(4));
        check("a*", "a/b", Ok(1), Ok(3));
        check("a*a", "aXaYa", Ok(3), Ok(5));
        check("[a-c][^x]", "bz", Ok(2), Ok(2));
        check("[^a]", "a", Ok(0), Ok(0));
        check("[*]*", "*x", Ok(1), Ok(2));
        check("\\*", "*x", Ok(1), Ok(1));
    }

    #[test]
    fn malformed_patterns() {
        for pattern in ["[", "[a", "[]", "[-a]", "[a-]", "\\"] {
            check(pattern, "a", Err(Stop::Malformed), Err(Stop::Malformed));
        }
        // The malformed part is not come to.
        check("b[", "a", Ok(0), Ok(0));
        // It is, in the whole text, though a shorter prefix would end before it.
        check("a[", "ab", Err(Stop::Malformed), Err(Stop::Malformed));
    }

    #[test]
    fn effort_is_limited() {
        let text = "a".repeat(200);
        let spent = || Err(Stop::Spent);
        check("*a*a*a*a*ab", &text, spent(), spent());
    }
}
