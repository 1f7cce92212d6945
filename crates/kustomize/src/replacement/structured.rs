//! Values written into YAML or JSON that a field holds as text.

use std::ops::Range;

use tidegate_source::{Sources, TreePath};
use tidegate_yaml::{
    Dialect, Node, ParseOptions, ScalarKind, SmolStr, StepKind, Style, Value, embed, resolve,
    to_json,
};

use super::holds;
use super::target::{self, Create};
use crate::fieldpath::{self, PathPart, is_element};
use crate::objects::has_error;

/// Writes a value where a path leads through text that is YAML or JSON. False, and nothing is
/// changed, where it does not, or where kustomize gives up and follows the path as any other.
pub(super) fn write(
    node: &mut Node,
    parts: &[SmolStr],
    create: Option<&Create<'_>>,
    value: &Node,
    sources: &Sources,
) -> bool {
    let Some((length, text)) = text_on_the_way(node, parts) else {
        return false;
    };
    let Some(document) = parse(&text, sources) else {
        return false;
    };
    let Some(changed) = changed(&text, document, &parts[length..], create, value, sources) else {
        return false;
    };
    put(node, &parts[..length], changed)
}

/// The first scalar that a path leads to before it ends, and the parts up to there.
fn text_on_the_way(node: &Node, parts: &[SmolStr]) -> Option<(usize, Node)> {
    for length in 1..parts.len() {
        let found = fieldpath::lookup(node, &parts[..length]).ok().flatten()?;
        if found.as_scalar().is_some() {
            return Some((length, found.clone()));
        }
    }
    None
}

/// The first document of a text.
pub(super) fn parse(text: &Node, sources: &Sources) -> Option<Node> {
    if text.text()?.trim().is_empty() {
        return None;
    }
    let name = sources.get(text.place.span().file);
    let name = name.map_or_else(TreePath::root, |file| file.path().clone());
    let file = embed(sources, text, name);
    let options = ParseOptions::new(Dialect::GoYaml3);
    let parsed = tidegate_yaml::parse(&file, options);
    if has_error(&parsed.findings) {
        return None;
    }
    parsed.documents.into_iter().next()?.root
}

fn changed(
    text: &Node,
    document: Node,
    parts: &[SmolStr],
    create: Option<&Create<'_>>,
    value: &Node,
    sources: &Sources,
) -> Option<Node> {
    let mut document = document;
    let mut edits: Vec<(Range<usize>, Node)> = Vec::new();
    let file = document.place.span().file;
    // Whether all that changes was there: then the rest of the text stays as it is written.
    let mut only_scalars = true;
    let mut typed = true;
    let found = target::visit(&mut document, parts, create, sources, &mut |leaf| {
        let span = leaf.place.span();
        match (leaf.as_scalar(), value.as_scalar()) {
            (Some(old), new) => {
                let new = new.map(|new| new.text.clone()).unwrap_or_default();
                typed &= holds(old.kind, &new);
                let new = Node::scalar(new, old.kind, old.style, leaf.place.clone());
                let is_written = span.file == file && !span.is_empty();
                only_scalars &= is_written
                    && matches!(
                        old.style,
                        Style::Plain | Style::DoubleQuoted | Style::SingleQuoted
                    );
                edits.push((span.start as usize..span.end as usize, new.clone()));
                *leaf = new;
            }
            (None, _) => {
                only_scalars = false;
                *leaf = value.clone();
            }
        }
        Ok(())
    });
    if found.ok()? == 0 {
        return None;
    }
    let old = text.as_scalar()?;
    let trimmed = old.text.trim_start();
    let new = if trimmed.starts_with(['{', '[']) {
        if !typed {
            return None;
        }
        let json = to_json(&document).ok()?;
        if old.text.contains('\n') && old.text.contains("  ") {
            indented(&json)
        } else {
            json
        }
    } else if only_scalars {
        spliced(&old.text, edits)?
    } else {
        let mut out = String::new();
        block(&document, 0, &mut out);
        out.trim().to_owned()
    };
    let place = text.place.mixed(StepKind::Replacement, &value.place);
    Some(Node::scalar(new, old.kind, old.style, place))
}

fn put(node: &mut Node, parts: &[SmolStr], value: Node) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        *node = value;
        return true;
    };
    let next = match (PathPart::parse(part.trim()), &mut node.value) {
        (PathPart::Key(key), Value::Map(map)) => map.get_mut(key),
        (PathPart::Index(index), Value::Seq(items)) => items.items_mut().get_mut(index),
        (PathPart::Last, Value::Seq(items)) => items.items_mut().last_mut(),
        (PathPart::Element(field, wanted), Value::Seq(items)) => {
            let mut items = items.items_mut().iter_mut();
            items.find(|item| is_element(item, field, wanted))
        }
        _ => None,
    };
    next.is_some_and(|next| put(next, rest, value))
}

/// JSON with two blanks for each level, as Go writes it.
fn indented(json: &str) -> String {
    let mut out = String::with_capacity(json.len() * 2);
    let mut level = 0;
    let mut in_text = false;
    let mut chars = json.chars().peekable();
    let line = |out: &mut String, level: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    };
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                in_text = !in_text;
                out.push(c);
            }
            '\\' if in_text => {
                out.push(c);
                out.extend(chars.next());
            }
            _ if in_text => out.push(c),
            '{' | '[' => {
                out.push(c);
                match chars.peek() {
                    Some('}' | ']') => out.extend(chars.next()),
                    _ => {
                        level += 1;
                        line(&mut out, level);
                    }
                }
            }
            '}' | ']' => {
                level = level.saturating_sub(1);
                line(&mut out, level);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, level);
            }
            ':' => out.push_str(": "),
            c => out.push(c),
        }
    }
    out
}

/// The text with some of its scalars replaced.
fn spliced(text: &str, mut edits: Vec<(Range<usize>, Node)>) -> Option<String> {
    edits.sort_by_key(|(range, _)| range.start);
    let mut out = String::with_capacity(text.len() + 16);
    let mut end = 0;
    for (range, node) in edits {
        out.push_str(text.get(end..range.start)?);
        out.push_str(&scalar(&node));
        end = range.end;
    }
    out.push_str(text.get(end..)?);
    Some(out.trim().to_owned())
}

fn scalar(node: &Node) -> String {
    let Some(scalar) = node.as_scalar() else {
        return String::new();
    };
    let text = scalar.text.as_str();
    let quoted = || {
        let text = text
            .replace('\\', "\\\\")
            .replace('"', "\\\"")
            .replace('\n', "\\n");
        format!("\"{text}\"")
    };
    match scalar.style {
        Style::SingleQuoted => format!("'{}'", text.replace('\'', "''")),
        Style::DoubleQuoted => quoted(),
        _ if !holds(scalar.kind, text) => {
            let tag = match scalar.kind {
                ScalarKind::Int => "int",
                ScalarKind::Float => "float",
                ScalarKind::Bool => "bool",
                ScalarKind::Null => "null",
                _ => "timestamp",
            };
            format!("!!{tag} {text}").trim_end().to_owned()
        }
        _ => {
            let plain = !text.is_empty()
                && !text.contains([
                    '\n', '"', '\'', '{', '}', '[', ']', '&', '*', '!', '|', '>', '%', '@', '`',
                ])
                && !text.contains(": ")
                && !text.contains(" #")
                && !text.starts_with(['-', '?', ':', ',', '#', ' '])
                && !text.ends_with([' ', ':']);
            let keeps = scalar.kind != ScalarKind::Str
                || resolve(text, Dialect::GoYaml3) == ScalarKind::Str;
            match (plain, keeps) {
                (true, true) => text.to_owned(),
                (false, true) if !text.contains(char::is_control) => {
                    format!("'{}'", text.replace('\'', "''"))
                }
                _ => quoted(),
            }
        }
    }
}

/// YAML in block style, lists not indented below their key.
fn block(node: &Node, indent: usize, out: &mut String) {
    let blanks = |out: &mut String| out.extend(std::iter::repeat_n(' ', indent));
    match &node.value {
        Value::Map(map) if !map.is_empty() => {
            for (index, entry) in map.iter().enumerate() {
                if index > 0 || out.ends_with('\n') {
                    blanks(out);
                }
                out.push_str(&scalar(&entry.key));
                out.push(':');
                below_key(&entry.value, indent, out);
            }
        }
        Value::Seq(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                if index > 0 || out.ends_with('\n') {
                    blanks(out);
                }
                out.push_str("- ");
                block(item, indent + 2, out);
            }
        }
        Value::Map(_) => out.push_str("{}\n"),
        Value::Seq(_) => out.push_str("[]\n"),
        Value::Scalar(_) => {
            out.push_str(&scalar(node));
            out.push('\n');
        }
    }
}

fn below_key(value: &Node, indent: usize, out: &mut String) {
    match &value.value {
        Value::Map(map) if !map.is_empty() => {
            out.push('\n');
            block(value, indent + 2, out);
        }
        Value::Seq(items) if !items.is_empty() => {
            out.push('\n');
            block(value, indent, out);
        }
        _ => {
            out.push(' ');
            block(value, indent, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_indented_as_go_does() {
        let check = |json, expected| assert_eq!(indented(json), expected);
        check("{}", "{}");
        check(
            r#"{"a":[1,{"b":"x:{\","}],"c":{}}"#,
            "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"x:{\\\",\"\n    }\n  ],\n  \"c\": {}\n}",
        );
    }
}
