//! Files of values.

use tidegate_source::{Location, Severity, SourceFile, Span};
use tidegate_yaml::{Dialect, Document, Node, ParseOptions, Place, parse};

use crate::ChartError;
use crate::values::{decode_node, merged};

/// Reads a file of values as Helm decodes it: numbers are floating point ones, keys are text and sorted,
/// and of several documents each is merged over the one before. A file without values gives an empty
/// mapping.
///
/// Source: `LoadValues` of `helm.sh/helm/v4/pkg/chart/v2/loader`.
pub fn read_values(file: &SourceFile) -> Result<Node, ChartError> {
    let parsed = parse(file, ParseOptions::new(Dialect::Yaml11));
    let refused =
        |message: String| ChartError::values(format!("cannot unmarshal yaml document: {message}"));
    let starts = match file.text() {
        Ok(text) => {
            section_starts(text).map_err(|reason| ChartError::values(reason).in_file(file.id()))?
        }
        Err(_) => vec![0],
    };
    let firsts = first_of_each(&parsed.documents, &starts);

    // An error in a document that nothing reads does not count.
    for finding in &parsed.findings {
        let Location::Span(span) = finding.primary else {
            continue;
        };
        let at = span.start as usize;
        let section = starts.partition_point(|start| *start <= at).max(1) - 1;
        let is_unread = firsts[section].is_some_and(|first| at >= first.span.end as usize);
        if finding.severity == Severity::Error && !is_unread {
            let message = format!("error converting YAML to JSON: yaml: {}", finding.message);
            return Err(refused(message).at(span));
        }
    }

    // A section that is no document can hold directives alone, which need one.
    if let Ok(text) = file.text() {
        for (i, start) in starts.iter().enumerate() {
            let end = starts.get(i + 1).copied().unwrap_or(text.len());
            if firsts[i].is_none() && text[*start..end].starts_with('%') {
                let message = "error converting YAML to JSON: yaml: a directive without a document";
                let span = Span::new(file.id(), *start, *start);
                return Err(refused(message.to_owned()).at(span));
            }
        }
    }

    let mut values: Option<Node> = None;
    for root in firsts.into_iter().flatten().filter_map(|d| d.root.as_ref()) {
        if root.is_null() {
            continue;
        }
        let decoded = decode_node(root).map_err(|error| {
            refused(format!(
                "error converting YAML to JSON: a value {}",
                error.reason
            ))
            .at(error.place.span())
        })?;
        if decoded.as_map().is_none() {
            let found = match decoded.as_seq() {
                Some(_) => "array",
                None => "string",
            };
            let message = format!(
                "error unmarshaling JSON: while decoding JSON: json: cannot unmarshal {found} into Go \
                 value of type map[string]interface {{}}"
            );
            return Err(refused(message).at(root.place.span()));
        }
        values = Some(match values {
            None => decoded,
            Some(before) => merged(&before, &decoded),
        });
    }
    Ok(values.unwrap_or_else(|| {
        let whole = Span::new(file.id(), 0, 0);
        Node::map(Vec::new(), Place::at(whole))
    }))
}

/// Where the sections of a file start: Helm cuts it at each line with `---`, and reads the first document
/// of each.
fn section_starts(text: &str) -> Result<Vec<usize>, String> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix("---") {
            let rest = rest.trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err(format!(
                    "error reading yaml document: invalid Yaml document separator: {rest}"
                ));
            }
            if at > 0 {
                starts.push(at);
            }
        }
        at += line.len();
    }
    Ok(starts)
}

/// The first document of each section.
fn first_of_each<'d>(documents: &'d [Document], starts: &[usize]) -> Vec<Option<&'d Document>> {
    let mut firsts = vec![None; starts.len()];
    for document in documents {
        let at = document.span.start as usize;
        let section = starts.partition_point(|start| *start <= at).max(1) - 1;
        firsts[section].get_or_insert(document);
    }
    firsts
}
