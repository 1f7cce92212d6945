//! Folded text (`>`) as it comes out of a build. Kustomize writes objects as YAML and reads them
//! again on the way to its output, and the writer it uses does not write all folded text so that
//! it is read back as it was.

/// The text that is read back, where it is another one.
pub(crate) fn refold(text: &str) -> Option<String> {
    if !text.contains('\n') || !is_written_folded(text) {
        return None;
    }
    // The writer breaks a line once more so that the reader joins none, but looks at the first
    // line of the whole text where it should look at the next one.
    let first = text.trim_start_matches('\n').chars().next();
    let breaks_again = !matches!(first, None | Some(' ' | '\t'));
    let body = text.trim_end_matches('\n');
    let ending = text.len() - body.len();
    let mut out = String::with_capacity(text.len() + 8);
    let mut lines = body.split('\n').peekable();
    let mut indented = true;
    let mut run = 0;
    while let Some(line) = lines.next() {
        let next_indented = line.starts_with([' ', '\t']);
        if run > 0 && !line.is_empty() {
            let written = run + usize::from(breaks_again && !indented);
            let folds = !indented && !next_indented && !out.is_empty();
            match written {
                1 if folds => out.push(' '),
                written => push_breaks(&mut out, written - usize::from(folds)),
            }
            run = 0;
        }
        if !line.is_empty() {
            out.push_str(line);
            indented = next_indented;
        }
        if lines.peek().is_some() {
            run += 1;
        }
    }
    // `>+` keeps what is written, `>` one break and `>-` none.
    let grows = ending > 1 && breaks_again && !indented;
    push_breaks(&mut out, ending + usize::from(grows));
    (out != text).then_some(out)
}

fn push_breaks(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n('\n', count));
}

/// Whether the writer keeps the folded style: not for text that ends with a blank, has one before
/// a line break, or holds what must be escaped.
fn is_written_folded(text: &str) -> bool {
    let special = |c: char| {
        !matches!(c,
            '\n' | '\t' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}'
            | '\u{ff00}'..='\u{fffd}')
    };
    !(text.ends_with(' ') || text.contains(" \n") || text.contains(special))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(refold(text).as_deref().unwrap_or(text), expected);
    }

    #[test]
    fn lines_stay_and_indented_ones_are_moved_away() {
        check("a\nb\n", "a\nb\n");
        check("a\n\nb\n", "a\n\nb\n");
        check("a\n  b\nc\n", "a\n\n  b\nc\n");
        check("a\n  b\n  c\n)\n", "a\n\n  b\n  c\n)\n");
        check("a\nb\n\tc\nd", "a\nb\n\n\tc\nd");
        check("\na\nb\n", "\na\nb\n");
        check("\n\na\n  b\nc\n\nd\n", "\n\na\n\n  b\nc\n\nd\n");
        check(
            "a\n\n  b\n\n\n  c\n\nd\n\n\n",
            "a\n\n\n  b\n\n\n  c\n\nd\n\n\n\n",
        );
    }

    #[test]
    fn kept_breaks_at_the_end_grow() {
        check("a\n\n", "a\n\n\n");
        check("a\n", "a\n");
        check("a\nb", "a\nb");
    }

    #[test]
    fn text_that_starts_with_a_blank_is_joined() {
        check(" a\nb\nc\n", " a\nb c\n");
        check(" a\nb\n\nc\n", " a\nb\nc\n");
        check(" a\n b\nc\n\n", " a\n b\nc\n\n");
    }

    #[test]
    fn what_is_written_in_quotes_stays() {
        check("a \n  b\n", "a \n  b\n");
        check("a\n  b\u{7}\n", "a\n  b\u{7}\n");
    }
}
