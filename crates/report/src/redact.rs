//! Which parts of a file must not be shown: the values of Secrets, and what a `secretGenerator`
//! is given. It goes by lines, so that it holds in files that are not valid YAML too.

use std::borrow::Cow;
use std::collections::HashMap;

use memchr::{memchr_iter, memmem};

/// How much of a line must not be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redaction {
    /// All that is behind the indentation.
    Line,
    /// What is behind this byte of the line: the value of a key that can be shown.
    Behind(usize),
}

/// The redactions of one file.
#[derive(Debug, Default)]
pub(crate) struct Redactions {
    everything: bool,
    lines: HashMap<usize, Redaction>,
}

/// The lines of a text, read when they are looked at.
struct Lines<'a>(Vec<&'a str>);

/// A line of block-style YAML, as far as it takes to see which key it stands under.
struct Line<'a> {
    /// Bytes before the content; the dash of a list item counts as indentation.
    indent: usize,
    /// Whether a list item starts here.
    item: bool,
    key: &'a str,
    value: &'a str,
    text: &'a str,
}

impl Redactions {
    /// Those of a file that is secret as a whole.
    pub(crate) fn everything() -> Redactions {
        Redactions {
            everything: true,
            lines: HashMap::new(),
        }
    }

    /// Those of a file that may hold Secrets among other things.
    pub(crate) fn of(text: &str) -> Redactions {
        if !text.contains("Secret") && !text.contains("secretGenerator") {
            return Redactions::default();
        }
        if text.trim_start().starts_with(['{', '[']) {
            return Redactions::everything();
        }
        // The same line ends as the line index has.
        let text = match text.contains('\r') {
            true => Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n")),
            false => Cow::Borrowed(text),
        };
        let lines = Lines(text.split('\n').collect());
        let mut redactions = Redactions::default();
        // Up to which line the blocks at an indentation were looked through, so that a file of
        // nothing but kinds is not looked through once for each.
        let mut looked: HashMap<usize, usize> = HashMap::new();
        let mut operations: HashMap<usize, usize> = HashMap::new();
        for i in suspects(&text) {
            let line = lines.get(i);
            let flow = line.text.contains('{') || line.text.contains("- \"{");
            if line.key == "kind" && line.value == "Secret" {
                let until = looked.entry(line.indent).or_default();
                if i >= *until {
                    *until = redactions.secret(&lines, i);
                }
            } else if line.key == "secretGenerator" {
                redactions.generator(&lines, i);
            } else if line.key == "path"
                && (line.value.starts_with("/data") || line.value.starts_with("/stringData"))
            {
                let until = operations.entry(line.indent).or_default();
                if i >= *until {
                    *until = redactions.operation(&lines, i);
                }
            } else if flow && line.text.contains("Secret") && line.text.contains("ata") {
                redactions.lines.insert(i, Redaction::Line);
            }
        }
        redactions
    }

    /// Those of a TOML file: the values of Secrets that a config declares.
    pub(crate) fn of_toml(text: &str) -> Redactions {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let lines: Vec<&str> = text.split('\n').collect();
        let mut redactions = Redactions::default();
        let mut start = 0;
        let mut was_secret = false;
        for end in 1..=lines.len() {
            let begins_table = |line: &&str| line.trim_start().starts_with('[');
            if lines.get(end).is_some_and(|line| !begins_table(line)) {
                continue;
            }
            let table = &lines[start..end];
            // A table of the values themselves stands behind that of the Secret.
            let is_inner = table[0].contains("values");
            let has = |word: &str| table.iter().any(|line| line.contains(word));
            let is_secret = has("\"Secret\"") || has("'Secret'");
            was_secret = is_secret || (is_inner && was_secret);
            if was_secret {
                // A line of such a text can look like a key.
                let many_lines = has("\"\"\"") || has("'''");
                for (i, line) in table.iter().enumerate() {
                    let redaction = match many_lines {
                        true => Some(Redaction::Line),
                        false => toml_line(line),
                    };
                    if let Some(redaction) = redaction {
                        redactions.lines.insert(start + i, redaction);
                    }
                }
            }
            start = end;
        }
        redactions
    }

    /// What must not be shown of a line (from 0).
    pub(crate) fn get(&self, line: usize) -> Option<Redaction> {
        match self.everything {
            true => Some(Redaction::Line),
            false => self.lines.get(&line).copied(),
        }
    }

    /// The data of the object whose `kind: Secret` is at `at`, which ends before the line returned.
    fn secret(&mut self, lines: &Lines<'_>, at: usize) -> usize {
        let indent = lines.get(at).indent;
        let mut first = at;
        while first > 0 && !lines.get(first).item && lines.get(first - 1).belongs_to(indent) {
            first -= 1;
        }
        for (i, line) in lines.from(first) {
            if i > at && (!line.belongs_to(indent) || line.starts_item(indent)) {
                return i;
            }
            let data = matches!(line.key, "data" | "stringData");
            if data && line.indent == indent {
                self.values_of(lines, i);
            }
        }
        lines.0.len()
    }

    /// The value of the JSON patch operation whose `path:` is at `at`: in a file that speaks of
    /// Secrets it may be for one. Returns the line that the operation ends before.
    fn operation(&mut self, lines: &Lines<'_>, at: usize) -> usize {
        let indent = lines.get(at).indent;
        let same_item = |line: &Line<'_>| line.belongs_to(indent);
        let mut first = at;
        while first > 0 && !lines.get(first).item && same_item(&lines.get(first - 1)) {
            first -= 1;
        }
        let rest = lines.from(first);
        let item = rest
            .take_while(|(i, line)| *i == first || (same_item(line) && !line.starts_item(indent)));
        let mut end = at + 1;
        for (i, line) in item {
            end = end.max(i + 1);
            if line.key == "value" && line.indent == indent {
                self.values_of(lines, i);
            }
        }
        end
    }

    /// The literals of the generators under `secretGenerator` at `at`.
    fn generator(&mut self, lines: &Lines<'_>, at: usize) {
        let indent = lines.get(at).indent;
        self.inline_value(lines, at);
        for (i, line) in lines.from(at + 1) {
            let inside = line.is_blank() || line.indent > indent;
            if !inside || line.text.starts_with("---") {
                break;
            }
            if line.key == "literals" {
                self.values_of(lines, i);
            }
        }
    }

    /// The values nested under the key at `at`: keys of the first level stay.
    fn values_of(&mut self, lines: &Lines<'_>, at: usize) {
        let indent = lines.get(at).indent;
        self.inline_value(lines, at);
        let mut level = None;
        for (i, line) in lines.from(at + 1) {
            if line.is_blank() {
                continue;
            }
            let item_of_key = line.item && line.text_indent() == indent;
            if line.indent <= indent && !item_of_key {
                break;
            }
            let level = *level.get_or_insert(line.indent);
            let value_at = match line.indent == level {
                true => line.value_start(),
                false => None,
            };
            let redaction = match value_at {
                Some(start) => Redaction::Behind(start),
                None => Redaction::Line,
            };
            self.lines.insert(i, redaction);
        }
    }

    /// A value on the line of its key, such as a flow collection.
    fn inline_value(&mut self, lines: &Lines<'_>, at: usize) {
        let line = lines.get(at);
        if !line.value.is_empty()
            && let Some(start) = line.value_start()
        {
            self.lines.insert(at, Redaction::Behind(start));
        }
    }
}

/// The keys beside the values of a Secret.
const TOML_KEYS: [&str; 5] = ["kind", "name", "namespace", "env_file", "more_keys"];

/// What must not be shown of a line in the table of a Secret: all that is not known to be harmless.
fn toml_line(line: &str) -> Option<Redaction> {
    let text = line.trim_start();
    if text.is_empty() || text.starts_with(['#', '[']) {
        return None;
    }
    let Some((key, _)) = text.split_once('=') else {
        return Some(Redaction::Line);
    };
    let key = key.trim_end();
    let is_key = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    match key.chars().all(is_key) {
        true if TOML_KEYS.contains(&key) => None,
        true => Some(Redaction::Behind(line.find('=').map_or(0, |at| at + 1))),
        false => Some(Redaction::Line),
    }
}

/// The lines (from 0), in their order, that may tell of something that must not be shown.
fn suspects(text: &str) -> Vec<usize> {
    let words = ["Secret", "secretGenerator", "path"].into_iter();
    let mut found: Vec<usize> = words
        .flat_map(|word| memmem::find_iter(text.as_bytes(), word))
        .collect();
    found.sort_unstable();
    let (mut line, mut counted) = (0, 0);
    let lines = found.into_iter().map(|at| {
        line += memchr_iter(b'\n', &text.as_bytes()[counted..at]).count();
        counted = at;
        line
    });
    let mut lines: Vec<usize> = lines.collect();
    lines.dedup();
    lines
}

impl<'a> Lines<'a> {
    fn get(&self, index: usize) -> Line<'a> {
        Line::read(self.0[index])
    }

    /// The lines from one on, with their numbers.
    fn from(&self, first: usize) -> impl Iterator<Item = (usize, Line<'a>)> {
        let lines = self.0.iter().enumerate().skip(first);
        lines.map(|(index, text)| (index, Line::read(text)))
    }
}

impl<'a> Line<'a> {
    fn read(text: &'a str) -> Line<'a> {
        let mut rest = text.trim_start_matches(['\u{feff}', ' ', '\t']);
        let mut item = false;
        while let Some(behind) = rest.strip_prefix("- ") {
            item = true;
            rest = behind.trim_start_matches(' ');
        }
        let indent = text.len() - rest.len();
        let (key, value) = rest.split_once(':').unwrap_or((rest, ""));
        let value = value.split(" #").next().unwrap_or("");
        let bare = |part: &'a str| part.trim().trim_matches(['"', '\'']);
        Line {
            indent,
            item,
            key: bare(key),
            value: bare(value),
            text,
        }
    }

    fn is_blank(&self) -> bool {
        let text = self.text.trim();
        text.is_empty() || text.starts_with('#')
    }

    /// Bytes before the dash of a list item.
    fn text_indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }

    /// Whether the line is within a block whose keys are at `indent`.
    fn belongs_to(&self, indent: usize) -> bool {
        self.is_blank() || (self.indent >= indent && !self.text.starts_with("---"))
    }

    /// Whether an item of the list that the block is an item of starts here.
    fn starts_item(&self, indent: usize) -> bool {
        self.item && self.indent == indent
    }

    /// The byte behind `key:` or `key=` and the blanks that follow.
    fn value_start(&self) -> Option<usize> {
        let content = &self.text[self.indent..];
        let mark = content.find([':', '='])? + 1;
        let blanks = content[mark..].len() - content[mark..].trim_start().len();
        Some(self.indent + mark + blanks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        compare(&Redactions::of(text), text, expected);
    }

    fn compare(redactions: &Redactions, text: &str, expected: &str) {
        let shown = text.lines().enumerate();
        let shown = shown.map(|(i, line)| match redactions.get(i) {
            Some(Redaction::Line) => "#".to_owned(),
            Some(Redaction::Behind(at)) => format!("{}#", &line[..at]),
            None => line.to_owned(),
        });
        assert_eq!(shown.collect::<Vec<_>>().join("\n"), expected);
    }

    #[test]
    fn values_of_a_secret_are_hidden_wherever_its_kind_stands() {
        check(
            "data:\n  a: eA==\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  c: |\n    k: v\n",
            "data:\n  a: #\nkind: Secret\nmetadata:\n  name: x\nstringData:\n  c: #\n#",
        );
        check(
            "kind: ConfigMap\ndata:\n  a: b\n---\nkind: \"Secret\" # x\ndata:\n  a: b\n---\ndata:\n  a: b",
            "kind: ConfigMap\ndata:\n  a: b\n---\nkind: \"Secret\" # x\ndata:\n  a: #\n---\ndata:\n  a: b",
        );
    }

    #[test]
    fn a_patch_of_a_secret_within_a_kustomization_is_hidden_too() {
        check(
            "patches:\n  - target:\n      kind: Secret\n    patch: |-\n      kind: Secret\n      data:\n        a: b\nnamespace: data",
            "patches:\n  - target:\n      kind: Secret\n    patch: |-\n      kind: Secret\n      data:\n        a: #\nnamespace: data",
        );
    }

    #[test]
    fn values_of_operations_on_data_are_hidden_where_secrets_are_spoken_of() {
        check(
            "patches:\n- target: {kind: Secret}\n  patch: |-\n    - op: add\n      path: /data/a\n      value: b\n    - op: add\n      path: /spec\n      value: c",
            "patches:\n- target: {kind: Secret}\n  patch: |-\n    - op: add\n      path: /data/a\n      value: #\n    - op: add\n      path: /spec\n      value: c",
        );
        check("- path: /data/a\n  value: b", "- path: /data/a\n  value: b");
    }

    #[test]
    fn literals_of_a_secret_generator_are_hidden() {
        check(
            "configMapGenerator:\n- name: a\n  literals:\n  - a=b\nsecretGenerator:\n- name: s\n  literals:\n  - a=b\n  - c\n  files: [x]\nresources: []",
            "configMapGenerator:\n- name: a\n  literals:\n  - a=b\nsecretGenerator:\n- name: s\n  literals:\n  - a=#\n#\n  files: [x]\nresources: []",
        );
    }

    #[test]
    fn a_file_of_kinds_is_looked_through_once() {
        let text = "kind: Secret\npath: /data\n".repeat(100_000);
        assert!(Redactions::of(&text).get(7).is_none());
    }

    #[test]
    fn values_of_secrets_that_a_config_declares_are_hidden() {
        let check = |text: &str, expected: &str| {
            compare(&Redactions::of_toml(text), text, expected);
        };
        check(
            "[[provides]]\nname = 'a'\nvalues = { A = 'x' }\n[[provides]]\nkind = 'Secret'\nvalues.A = 'x'\n\
             'A' = 'x'\n# note\n[provides.values]\nB = 'x'\n[[waivers]]\nobject = 'Secret/a'",
            "[[provides]]\nname = 'a'\nvalues = { A = 'x' }\n[[provides]]\nkind = 'Secret'\nvalues.A =#\n\
             #\n# note\n[provides.values]\nB =#\n[[waivers]]\nobject = 'Secret/a'",
        );
        check(
            "[[provides]]\nkind = \"Secret\"\nvalues.A = '''\nB = x\n'''\n",
            "#\n#\n#\n#\n#",
        );
    }

    #[test]
    fn json_that_speaks_of_secrets_is_hidden_as_a_whole() {
        check("{\"kind\": \"Secret\"}", "#");
        check("a: {kind: Secret, data: {a: b}}", "#");
        check("a: {kind: Secret}", "a: {kind: Secret}");
    }
}
