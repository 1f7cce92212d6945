//! The two ways in which kustomize writes the path of a field: with slashes in field specs, with
//! dots in replacements and variables.

use tidegate_yaml::{Node, SmolStr};

use crate::fieldspec::{Expected, Mismatch};

/// Splits at `delimiter`. One that follows a backslash does not split, and a leading one counts
/// for nothing.
pub(crate) fn split(path: &str, delimiter: char) -> Vec<SmolStr> {
    let path = match path.strip_prefix(delimiter) {
        Some(rest) => rest,
        None => path,
    };
    let mut parts: Vec<SmolStr> = Vec::new();
    let mut joined: Option<String> = None;
    for piece in path.split(delimiter) {
        let escaped = piece.strip_suffix('\\');
        match (joined.take(), escaped) {
            (None, None) => parts.push(piece.into()),
            (None, Some(piece)) => joined = Some(format!("{piece}{delimiter}")),
            (Some(before), None) => parts.push((before + piece).into()),
            (Some(before), Some(piece)) => joined = Some(format!("{before}{piece}{delimiter}")),
        }
    }
    if let Some(mut last) = joined {
        // Nothing follows the last backslash, so it escapes nothing.
        last.pop();
        last.push('\\');
        parts.push(last.into());
    }
    parts
}

/// Splits at `delimiter`, but keeps together what stands in brackets. The brackets stay around
/// `[name=value]` and are taken from around a key such as `[example.com/key]`.
pub(crate) fn split_bracketed(path: &str, delimiter: char) -> Vec<SmolStr> {
    let mut parts = Vec::new();
    let mut pieces = split(path, delimiter).into_iter();
    while let Some(piece) = pieces.next() {
        if !piece.starts_with('[') || piece.ends_with(']') {
            parts.push(piece);
            continue;
        }
        let mut bracketed = piece.to_string();
        for piece in pieces.by_ref() {
            bracketed.push(delimiter);
            bracketed.push_str(&piece);
            if piece.ends_with(']') {
                break;
            }
        }
        if bracketed.contains('=') {
            parts.push(bracketed.into());
        } else {
            parts.push(bracketed.trim_matches(['[', ']']).into());
        }
    }
    parts
}

/// What a part of a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PathPart<'a> {
    /// The value of a key.
    Key(&'a str),
    /// The item of that number, from 0.
    Index(usize),
    /// `-`: the last item.
    Last,
    /// `*`: every item.
    Every,
    /// `[field=value]`: the items whose field has that value; with an empty field, those that are
    /// that value.
    Element(&'a str, &'a str),
    /// Something in brackets that names no field, or a number below zero.
    Invalid,
}

impl PathPart<'_> {
    /// Reads a part of a path.
    pub(crate) fn parse(part: &str) -> PathPart<'_> {
        if let Ok(index) = part.parse::<i64>() {
            return usize::try_from(index).map_or(PathPart::Invalid, PathPart::Index);
        }
        match part {
            "-" => PathPart::Last,
            "*" => PathPart::Every,
            _ => match part
                .strip_prefix('[')
                .and_then(|part| part.strip_suffix(']'))
            {
                Some(inner) => match inner.split_once('=') {
                    Some((field, value)) => PathPart::Element(field, value),
                    None => PathPart::Invalid,
                },
                None => PathPart::Key(part),
            },
        }
    }
}

/// The node that a path leads to; none where it leads to nothing. `*` is not understood, and of
/// the items that `[field=value]` fits the first is taken.
pub(crate) fn lookup<'n>(node: &'n Node, parts: &[SmolStr]) -> Result<Option<&'n Node>, Mismatch> {
    let mut node = node;
    for part in parts {
        let part = part.trim();
        if part.is_empty() {
            continue;
        }
        if node.is_null() {
            return Ok(None);
        }
        let next = match PathPart::parse(part) {
            PathPart::Key(key) => match node.as_map() {
                Some(map) => map.get(key),
                None => return Err(Mismatch::new(Expected::Map, node)),
            },
            PathPart::Every | PathPart::Invalid => {
                return Err(Mismatch::new(Expected::Key(part.into()), node));
            }
            element => match node.as_seq() {
                Some(items) => match element {
                    PathPart::Index(index) => items.get(index),
                    PathPart::Element(field, value) => {
                        items.iter().find(|item| is_element(item, field, value))
                    }
                    _ => items.iter().last(),
                },
                None => return Err(Mismatch::new(Expected::List, node)),
            },
        };
        match next {
            Some(next) => node = next,
            None => return Ok(None),
        }
    }
    Ok(Some(node))
}

/// Whether an item of a list is the one that `[field=value]` names.
pub(crate) fn is_element(item: &Node, field: &str, value: &str) -> bool {
    if field.is_empty() {
        return item.text() == Some(value);
    }
    item.get(field).and_then(Node::text) == Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_split_unless_escaped() {
        let check = |path, expected: &[&str]| assert_eq!(split(path, '/'), expected, "{path}");
        check("metadata/labels", &["metadata", "labels"]);
        check("/spec/selector", &["spec", "selector"]);
        check(
            r"metadata/annotations/a.io\/b\/c",
            &["metadata", "annotations", "a.io/b/c"],
        );
        check(r"a/b\", &["a", r"b\"]);
        check("a//b", &["a", "", "b"]);
        check("", &[""]);
        check("/", &[""]);
    }

    #[test]
    fn brackets_keep_dots_together() {
        let check =
            |path, expected: &[&str]| assert_eq!(split_bracketed(path, '.'), expected, "{path}");
        check(
            "spec.containers.[name=a.b].image",
            &["spec", "containers", "[name=a.b]", "image"],
        );
        check(
            "metadata.annotations.[a.io/b.c].x",
            &["metadata", "annotations", "a.io/b.c", "x"],
        );
        check(r"data.a\.b", &["data", "a.b"]);
        check("a.[b]", &["a", "[b]"]);
        check("a.[b.c", &["a", "b.c"]);
    }
}
