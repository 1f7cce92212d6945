//! The variables of a Flux Kustomization, and files that declare them.

use std::collections::BTreeMap;
use std::fmt;

use tidegate_source::{Location, Severity, SourceFile, Span};
use tidegate_yaml::{Dialect, Node, ParseOptions, ScalarKind, Value, parse};

/// Variables as Flux takes them from `substitute` and `substituteFrom`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

impl Variables {
    /// Sets a variable, in place of one of that name. Line feeds are removed from the value.
    ///
    /// The error says why the name is none: Flux then refuses the whole substitution, be the
    /// variable used or not.
    pub fn insert(&mut self, name: &str, value: &str) -> Result<(), String> {
        check_name(name)?;
        self.0.insert(name.to_owned(), one_line(value));
        Ok(())
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(|value| value.as_bytes())
    }

    /// Sets all variables of `others`.
    pub fn extend(&mut self, others: Variables) {
        self.0.extend(others.0);
    }
}

/// Flux takes the line feeds out of values.
fn one_line(value: &str) -> String {
    value.replace('\n', "")
}

fn check_name(name: &str) -> Result<(), String> {
    match is_name(name) {
        true => Ok(()),
        false => Err(format!(
            "`{name}` is not the name of a variable: letters, digits and `_`, no digit first"
        )),
    }
}

/// Whether Flux takes a text as the name of a variable.
pub fn is_name(text: &str) -> bool {
    let is_inner = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(is_inner)
}

/// The label or annotation that keeps an object out of substitution.
const SWITCH: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// Whether an object asks not to be substituted.
pub fn is_disabled(object: &Node) -> bool {
    ["labels", "annotations"].iter().any(|field| {
        let value = object.at(&["metadata", field, SWITCH]);
        value.and_then(Node::as_str) == Some("disabled")
    })
}

/// A file with variables that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Where, in the file.
    pub span: Span,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Refused {}

const NO_ASSIGNMENT: &str =
    "this line is not NAME=value, with a name of letters, digits and `_`, no digit first";

/// A variable of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// Its name.
    pub name: String,
    /// Its value, quotes and line feeds removed.
    pub value: String,
    /// Where the value is written.
    pub span: Span,
}

/// Reads variables from a file: a map in JSON or YAML, by the name of the file or a leading `{`;
/// else lines `NAME=value` as a shell reads them, without expansion.
pub fn read_variables(file: &SourceFile) -> Result<Variables, Refused> {
    let assignments = read_assignments(file)?.into_iter();
    let variables = assignments.map(|assignment| (assignment.name, assignment.value));
    Ok(Variables(variables.collect()))
}

/// Reads what [`read_variables`] does, with the places. Of two with one name, the last one counts.
pub fn read_assignments(file: &SourceFile) -> Result<Vec<Assignment>, Refused> {
    let refused = |start, end, reason: String| Refused {
        span: Span::new(file.id(), start, end),
        reason,
    };
    let text = file
        .text()
        .map_err(|at| refused(at, at, "the file is not UTF-8 text".to_owned()))?;
    let name = file.path().file_name().unwrap_or_default();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let is_map = matches!(extension, Some("json" | "yaml" | "yml"));
    if is_map || text.trim_start().starts_with('{') {
        return read_map(file);
    }
    let mut assignments = Vec::new();
    let mut next = 0;
    for whole in text.split_inclusive('\n') {
        let start = next;
        next += whole.len();
        let line = whole.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let assignment = line.strip_prefix("export ").unwrap_or(line);
        let end = start + whole.trim_end().len();
        // The line is not repeated: it can be the rest of a secret.
        let (name, value) = assignment
            .split_once('=')
            .filter(|(name, _)| is_name(name.trim()))
            .ok_or_else(|| refused(start, end, NO_ASSIGNMENT.to_owned()))?;
        let value = value.trim();
        assignments.push(Assignment {
            name: name.trim().to_owned(),
            value: one_line(unquoted(value)),
            span: Span::new(file.id(), end - value.len(), end),
        });
    }
    Ok(assignments)
}

fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

fn read_map(file: &SourceFile) -> Result<Vec<Assignment>, Refused> {
    let parsed = parse(file, ParseOptions::new(Dialect::Yaml11));
    let mut findings = parsed.findings.into_iter();
    if let Some(error) = findings.find(|finding| finding.severity == Severity::Error) {
        return Err(Refused {
            span: match error.primary {
                Location::Span(span) => span,
                Location::Path(_) => Span::new(file.id(), 0, 0),
            },
            reason: error.message,
        });
    }
    let mut assignments = Vec::new();
    for root in parsed.documents.iter().filter_map(|one| one.root.as_ref()) {
        let refused = |node: &Node, reason: String| Refused {
            span: node.place.span(),
            reason,
        };
        let Some(map) = root.as_map() else {
            return Err(refused(root, "variables must be a map".to_owned()));
        };
        for entry in map {
            let name = entry.key.text().unwrap_or_default();
            let value = match &entry.value.value {
                Value::Scalar(scalar) if scalar.kind == ScalarKind::Null => "",
                Value::Scalar(scalar) => scalar.text.as_str(),
                _ => {
                    let reason = format!("the value of `{name}` must be text");
                    return Err(refused(&entry.value, reason));
                }
            };
            check_name(name).map_err(|reason| refused(&entry.key, reason))?;
            assignments.push(Assignment {
                name: name.to_owned(),
                value: one_line(value),
                span: entry.value.place.span(),
            });
        }
    }
    Ok(assignments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_source::{MemorySystem, Sources, TreePath};

    /// The variables as `NAME=value`, or why they are refused and the text at fault.
    fn check(name: &str, text: &str, expected: Result<&[&str], (&str, &str)>) {
        let sources = Sources::new(Arc::new(MemorySystem::new().with(name, text)));
        let file = sources.load(&TreePath::new(name).unwrap()).unwrap();
        let read = read_variables(&file).map_err(|refused| {
            let range = refused.span.start as usize..refused.span.end as usize;
            (refused.to_string(), text[range].to_owned())
        });
        let read = read.map(|Variables(map)| {
            let lines = map.iter().map(|(name, value)| format!("{name}={value}"));
            lines.collect::<Vec<_>>()
        });
        let expected = expected.map(|lines| lines.iter().map(|&line| line.to_owned()).collect());
        let expected = expected.map_err(|(why, at)| (why.to_owned(), at.to_owned()));
        assert_eq!(read, expected, "{text}");
    }

    #[test]
    fn env_files() {
        check(
            "vars.env",
            "# a comment\n\nexport A=1\nB=\"x y\"\r\nC='#1'\n_d = $A=\n",
            Ok(&["A=1", "B=x y", "C=#1", "_d=$A="]),
        );
        check("e", "A=1\nwhat\n", Err((NO_ASSIGNMENT, "what")));
        check("e", "1A=1", Err((NO_ASSIGNMENT, "1A=1")));
    }

    #[test]
    fn maps() {
        check(
            "v.json",
            "{\"A\": 1, \"B\": \"x\\ny\"}",
            Ok(&["A=1", "B=xy"]),
        );
        check("v", "\n{A: yes}", Ok(&["A=yes"]));
        check(
            "v.yaml",
            "A: 0123\nB:\nC: 'c'\n",
            Ok(&["A=0123", "B=", "C=c"]),
        );
        check(
            "v.yaml",
            "A: [1]\n",
            Err(("the value of `A` must be text", "[1]")),
        );
        check("v.yml", "- A\n", Err(("variables must be a map", "- A")));
    }
}
