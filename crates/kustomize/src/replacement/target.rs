//! The fields that the path of a replacement's target leads to.

use regex::Regex;
use tidegate_source::{Sources, Span};
use tidegate_yaml::{Entry, Node, Place, Scalar, ScalarKind, SmolStr, Style, Value};

use super::structured;
use crate::fieldpath::PathPart;
use crate::fieldspec::{Expected, Mismatch, made_key};
use crate::selector::go_regex;

/// What is made where a field is missing.
pub(super) struct Create<'a> {
    /// The value that is to be written: the last field is made of its kind.
    pub(super) value: &'a Node,
    /// The place of all that is made.
    pub(super) place: Place,
}

/// Why a value cannot be written.
pub(super) enum Failure {
    /// Something on the way is of the wrong type.
    Mismatch(Mismatch),
    /// A delimiter is given for what is no scalar.
    Delimiter(Span),
    /// The text is not of the type that the field has.
    Type(Span),
    /// A list is too short: the index asked for, and the length.
    Index(Span, usize, usize),
    /// A regular expression does not parse.
    Expression(String),
    /// No item fits a regular expression, nor would the one that is made for it: kustomize does
    /// not come to an end then.
    Endless(SmolStr),
    /// More is copied than is allowed.
    TooMuch,
    /// A part of the path cannot be followed.
    Part,
}

type Outcome<T> = Result<T, Failure>;

/// Calls `set` on each node that a path leads to, and returns how many there were.
pub(super) fn visit(
    node: &mut Node,
    parts: &[SmolStr],
    create: Option<&Create<'_>>,
    sources: &Sources,
    set: &mut dyn FnMut(&mut Node) -> Outcome<()>,
) -> Outcome<usize> {
    let Some((part, rest)) = parts.split_first() else {
        set(node)?;
        return Ok(1);
    };
    match PathPart::parse(part) {
        PathPart::Index(index) => {
            let Some(items) = items_of(node)? else {
                return Err(Failure::Index(node.place.span(), index, 0));
            };
            let length = items.len();
            if index == length
                && let Some(create) = create
            {
                let item = create.node(rest);
                push(node, item);
            } else if index >= length {
                return Err(Failure::Index(node.place.span(), index, length));
            }
            match node
                .as_seq_mut()
                .and_then(|items| items.items_mut().get_mut(index))
            {
                Some(item) => visit(item, rest, create, sources, set),
                None => Ok(0),
            }
        }
        PathPart::Every => {
            let Some(items) = items_of(node)? else {
                return Ok(0);
            };
            let all = (0..items.len()).collect();
            each(node, all, rest, create, sources, set)
        }
        PathPart::Element(field, value) => {
            let pattern = Pattern::new(value)?;
            let length = items_of(node)?.map_or(0, <[Node]>::len);
            let fitting = fitting(node, field, &pattern)?;
            // Below a single value the path ends: what follows it is not looked at.
            let rest = if field.is_empty() { &[] } else { rest };
            let found = each(node, fitting, rest, create, sources, set)?;
            match create {
                Some(_) if found == 0 && !pattern.fits(value) => {
                    Err(Failure::Endless(SmolStr::from(part.as_str())))
                }
                Some(create) if found == 0 => {
                    push(node, create.element(field, value));
                    each(node, vec![length], rest, Some(create), sources, set)
                }
                _ => Ok(found),
            }
        }
        PathPart::Invalid if part.starts_with('[') => Err(Failure::Part),
        PathPart::Key(_) | PathPart::Last | PathPart::Invalid => {
            field(node, part, rest, create, sources, set)
        }
    }
}

fn field(
    node: &mut Node,
    key: &str,
    rest: &[SmolStr],
    create: Option<&Create<'_>>,
    sources: &Sources,
    set: &mut dyn FnMut(&mut Node) -> Outcome<()>,
) -> Outcome<usize> {
    if node.is_null() {
        // What kustomize makes below a null is lost.
        return Ok(usize::from(create.is_some()));
    }
    let Some(map) = node.as_map_mut() else {
        return Err(Failure::Mismatch(Mismatch::new(Expected::Map, node)));
    };
    let index = match (map.position(key), create) {
        (Some(index), _) => index,
        (None, None) => return Ok(0),
        (None, Some(create)) => {
            map.entries_mut().push(Entry {
                key: made_key(key, create.place.clone()),
                value: create.node(rest),
            });
            map.len() - 1
        }
    };
    let value = &map.iter().as_slice()[index].value;
    if !rest.is_empty() && value.as_scalar().is_some() {
        // Kustomize looks into the text, but does not write it back.
        let mut text = structured::parse(value, sources).ok_or(Failure::Part)?;
        return visit(&mut text, rest, create, sources, &mut |_| Ok(()));
    }
    visit(
        &mut map.entries_mut()[index].value,
        rest,
        create,
        sources,
        set,
    )
}

fn each(
    node: &mut Node,
    indices: Vec<usize>,
    rest: &[SmolStr],
    create: Option<&Create<'_>>,
    sources: &Sources,
    set: &mut dyn FnMut(&mut Node) -> Outcome<()>,
) -> Outcome<usize> {
    if indices.is_empty() {
        return Ok(0);
    }
    let Some(items) = node.as_seq_mut() else {
        return Ok(0);
    };
    let items = items.items_mut();
    let mut found = 0;
    for index in indices {
        if let Some(item) = items.get_mut(index) {
            found += visit(item, rest, create, sources, set)?;
        }
    }
    Ok(found)
}

/// The items of a list; none of null.
fn items_of(node: &Node) -> Outcome<Option<&[Node]>> {
    match &node.value {
        Value::Seq(items) => Ok(Some(items.iter().as_slice())),
        _ if node.is_null() => Ok(None),
        _ => Err(Failure::Mismatch(Mismatch::new(Expected::List, node))),
    }
}

fn push(node: &mut Node, item: Node) {
    if let Some(items) = node.as_seq_mut() {
        items.items_mut().push(item);
    }
}

/// The items whose `field`, or which themselves, a regular expression fits.
fn fitting(node: &Node, field: &str, pattern: &Pattern) -> Outcome<Vec<usize>> {
    let items = items_of(node)?.unwrap_or_default();
    let fits = |item: &Node| match (field, item.as_map()) {
        ("", _) => item
            .as_scalar()
            .is_some_and(|scalar| pattern.fits(&written(scalar))),
        (field, Some(map)) => {
            let scalar = map.get(field).and_then(Node::as_scalar);
            scalar.is_some_and(|scalar| pattern.fits(&written(scalar)))
        }
        (_, None) => false,
    };
    let all = items.iter().enumerate();
    Ok(all
        .filter(|(_, item)| fits(item))
        .map(|(index, _)| index)
        .collect())
}

/// A scalar as it stands in YAML: kustomize matches against that, quotes and all.
fn written(scalar: &Scalar) -> SmolStr {
    match scalar.style {
        Style::DoubleQuoted => {
            let text = scalar.text.replace('\\', "\\\\").replace('"', "\\\"");
            SmolStr::from(format!("\"{text}\""))
        }
        Style::SingleQuoted => SmolStr::from(format!("'{}'", scalar.text.replace('\'', "''"))),
        _ => scalar.text.trim().into(),
    }
}

/// A regular expression that may fit anywhere in a text.
enum Pattern {
    Plain(SmolStr),
    Regex(Regex),
}

impl Pattern {
    fn new(text: &str) -> Outcome<Pattern> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_/:@=,".contains(&byte);
        if text.bytes().all(plain) {
            return Ok(Pattern::Plain(text.into()));
        }
        go_regex(text)
            .map(Pattern::Regex)
            .map_err(Failure::Expression)
    }

    fn fits(&self, text: &str) -> bool {
        match self {
            Pattern::Plain(part) => text.contains(part.as_str()),
            Pattern::Regex(regex) => regex.is_match(text),
        }
    }
}

impl Create<'_> {
    /// An empty node, of the kind that what follows on the path needs.
    fn node(&self, rest: &[SmolStr]) -> Node {
        let place = self.place.clone();
        match rest.first().map(|part| PathPart::parse(part)) {
            None => match &self.value.value {
                Value::Scalar(_) => Node::scalar("", ScalarKind::Untagged, Style::Plain, place),
                Value::Map(_) => Node::map(Vec::new(), place),
                Value::Seq(_) => Node::seq(Vec::new(), place),
            },
            Some(PathPart::Index(_) | PathPart::Element(..)) => Node::seq(Vec::new(), place),
            Some(_) => Node::map(Vec::new(), place),
        }
    }

    fn element(&self, field: &str, value: &str) -> Node {
        let place = self.place.clone();
        let value = Node::scalar(value, ScalarKind::Untagged, Style::Plain, place.clone());
        if field.is_empty() {
            return value;
        }
        let key = made_key(field, place.clone());
        Node::map(vec![Entry { key, value }], place)
    }
}
