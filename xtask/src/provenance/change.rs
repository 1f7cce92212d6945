//! Another value for a scalar, of the same kind.

use std::ops::Range;

use tidegate_yaml::Style;

use crate::provenance::site::Site;

/// Text that no source has.
const MARK: &str = "zqx";

/// How a scalar is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Text becomes longer at its end, the last digit of a number another one, `true` `false`.
    End,
    /// Text becomes longer at its start, a number greater by its first digit.
    Start,
    /// Nothing of the text or number stays.
    Whole,
    /// The value that conditions take for none: the empty text, 0.
    Empty,
}

/// What was changed.
pub(super) struct Change {
    /// The bytes of the changed file that are new.
    pub(super) range: Range<usize>,
    /// The whole scalar in the changed file.
    pub(super) scalar: Range<usize>,
    /// Text that a value holds when the changed scalar flowed into it.
    pub(super) mark: String,
    /// The new scalar, for people.
    pub(super) new: String,
}

/// The forms that give a scalar different values, none of which is the one it has. There is one at least.
pub(super) fn forms(site: &Site) -> Vec<Form> {
    let mut forms = vec![Form::End];
    let text = site.file.text_lossy();
    let mut seen = vec![
        text[site.range.clone()].to_owned(),
        rewritten(site, &text, Form::End).written(),
    ];
    for form in [Form::Start, Form::Whole, Form::Empty] {
        let new = rewritten(site, &text, form).written();
        if !seen.contains(&new) {
            seen.push(new);
            forms.push(form);
        }
    }
    forms
}

/// The text of the site's file with another value there.
pub(super) fn make(site: &Site, form: Form) -> (String, Change) {
    let text = site.file.text_lossy();
    let rewritten = rewritten(site, &text, form);
    let new = rewritten.written();
    let Rewritten { cut, put, mark, .. } = rewritten;
    let start = site.range.start;
    let changed = format!("{}{new}{}", &text[..start], &text[site.range.end..]);
    let change = Change {
        range: start + cut.start..start + cut.start + put.len(),
        scalar: start..start + new.len(),
        mark,
        new,
    };
    (changed, change)
}

/// A scalar of which a part is to be another one.
struct Rewritten<'t> {
    old: &'t str,
    cut: Range<usize>,
    put: String,
    mark: String,
}

impl Rewritten<'_> {
    fn written(&self) -> String {
        let (before, after) = (&self.old[..self.cut.start], &self.old[self.cut.end..]);
        format!("{before}{}{after}", self.put)
    }
}

fn rewritten<'t>(site: &Site, text: &'t str, form: Form) -> Rewritten<'t> {
    let old = &text[site.range.clone()];
    let is_quoted =
        matches!(site.style, Style::SingleQuoted | Style::DoubleQuoted) && old.len() > 1;
    // What is between the quotes, or up to the last character that counts.
    let content = match is_quoted {
        true => 1..old.len() - 1,
        false => 0..old.trim_end().len(),
    };
    let inner = &old[content.clone()];
    let marked = |cut: Range<usize>| (cut, MARK.to_owned(), MARK.to_owned());
    let (cut, put, mark) = if let Some(other) = opposite(inner).filter(|_| !is_quoted) {
        (content, other.to_owned(), other.to_owned())
    } else if is_number(inner) {
        let (cut, put) = number(inner, form);
        let mark = format!("{}{put}{}", &inner[..cut.start], &inner[cut.end..]);
        let shifted = content.start + cut.start..content.start + cut.end;
        (shifted, put, mark)
    } else {
        match form {
            // What stands at the start of a block is its header.
            _ if matches!(site.style, Style::Literal | Style::Folded) => {
                marked(content.end..content.end)
            }
            Form::End => marked(content.end..content.end),
            Form::Start => marked(content.start..content.start),
            Form::Whole => marked(content),
            Form::Empty if is_quoted => (content, String::new(), String::new()),
            Form::Empty => (content, "\"\"".to_owned(), String::new()),
        }
    };
    Rewritten {
        old,
        cut,
        put,
        mark,
    }
}

/// What is put where, in a number.
fn number(digits: &str, form: Form) -> (Range<usize>, String) {
    let end = digits.len();
    let other = |at: usize| char::from(digits.as_bytes()[at] ^ 1).to_string();
    match form {
        Form::End => (end - 1..end, other(end - 1)),
        Form::Start => (0..0, "1".to_owned()),
        Form::Whole => (0..end, "7".to_owned()),
        Form::Empty => (0..end, "0".to_owned()),
    }
}

fn opposite(text: &str) -> Option<&'static str> {
    Some(match text {
        "true" => "false",
        "false" => "true",
        "yes" => "no",
        "no" => "yes",
        "on" => "off",
        "off" => "on",
        _ => return None,
    })
}

/// Whether the text is a number with a last digit to change.
fn is_number(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next_back().is_some_and(|byte| byte.is_ascii_digit())
        && bytes.all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{MemorySystem, Sources, TreePath};

    use super::*;
    use crate::provenance::site;

    /// What the only scalar of a document may become.
    fn check(scalar: &str, expected: &[&str]) {
        let system = MemorySystem::new().with("a.yaml", format!("a: {scalar}\n"));
        let sources = Sources::new(Arc::new(system));
        let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
        let mut sites = Vec::new();
        site::find(&file, &mut sites);
        let made = forms(&sites[0]).into_iter().map(|form| {
            let (text, change) = make(&sites[0], form);
            assert_eq!(&text[change.scalar], change.new);
            text.trim_end()["a: ".len()..].to_owned()
        });
        assert_eq!(made.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_scalar_becomes_others_of_its_kind() {
        check("text", &["textzqx", "zqxtext", "zqx", "\"\""]);
        check("'text'", &["'textzqx'", "'zqxtext'", "'zqx'", "''"]);
        check("12", &["13", "112", "7", "0"]);
        check("1", &["0", "11", "7"]);
        check("true", &["false"]);
        check("|\n  text", &["|\n  textzqx"]);
    }
}
