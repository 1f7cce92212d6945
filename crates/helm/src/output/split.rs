//! Documents of a text, as Helm tells them apart.

use std::ops::Range;

/// The ranges of the documents of a text. A line that starts with `---` ends one, whatever follows in that line:
/// what does belongs to the next document. Blanks in front of a document are left out, those behind it are not.
///
/// Source: `SplitManifests` of `helm.sh/helm/v4/pkg/release/v1/util`.
pub(super) fn documents(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut push = |from: usize, to: usize| {
        let part = &text[from..to];
        let start = to - part.trim_start().len();
        if start < to {
            found.push(start..to);
        }
    };
    let mut from = 0;
    // Blanks at the start of the text can hide a separator that is not at the start of a line.
    let mut line = text.len() - text.trim_start().len();
    loop {
        if text[line..].starts_with("---") {
            push(from, line);
            let behind = &text[line + 3..];
            let blanks = behind.len() - behind.trim_start_matches([' ', '\t']).len();
            from = line + 3 + blanks;
            line = from;
        }
        match text[line..].find('\n') {
            Some(end) => line += end + 1,
            None => break,
        }
    }
    push(from, text.len());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let found: Vec<&str> = documents(text)
            .into_iter()
            .map(|range| &text[range])
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn separators() {
        check("a: 1\n---\nb: 2\n\n", &["a: 1\n", "b: 2\n\n"]);
        check("---\n---  \n\na\n--- b\n---c", &["a\n", "b\n", "c"]);
        check("a: |\n  ---\n  b\n", &["a: |\n  ---\n  b\n"]);
        check("----\n", &["-\n"]);
        check("  ---\na", &["a"]);
        check(" \n \n", &[]);
        check("", &[]);
    }
}
