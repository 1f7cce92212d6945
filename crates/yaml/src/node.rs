use std::sync::Arc;

use smol_str::SmolStr;

use crate::resolve::resolve;
use crate::{Dialect, Place};

/// What a scalar stands for, after the rules of a [`Dialect`](crate::Dialect).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ScalarKind {
    /// Text.
    Str,
    /// A whole number in any of the notations of the dialect.
    Int,
    /// A number with a fraction or an exponent, an infinity, or NaN.
    Float,
    /// `true`, `false`, and in YAML 1.1 also `yes`, `on` and their like.
    Bool,
    /// `null`, `~`, or nothing at all.
    Null,
    /// A date, perhaps with a time.
    Timestamp,
    /// `!!binary`.
    Binary,
    /// The key `<<`.
    Merge,
    /// A value, or a part of one, that only the cluster knows. The text stands in for it: any kind of
    /// scalar may be there.
    Opaque,
    /// No kind of its own: to be read again, by its text, when it is written out. Some transformers
    /// of kustomize make such values.
    Untagged,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Style {
    /// Without quotes.
    #[default]
    Plain,
    /// In single quotes.
    SingleQuoted,
    /// In double quotes.
    DoubleQuoted,
    /// As a `|` block.
    Literal,
    /// As a `>` block.
    Folded,
}

/// A scalar value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scalar {
    /// The text, escapes and folding undone.
    pub text: SmolStr,
    /// What it stands for.
    pub kind: ScalarKind,
    /// How it was written.
    pub style: Style,
}

impl Scalar {
    /// What it stands for once it is written and read again in a dialect: its kind, or that of its text
    /// where it has none of its own.
    pub fn kind_in(&self, dialect: Dialect) -> ScalarKind {
        match self.kind {
            ScalarKind::Untagged => resolve(&self.text, dialect),
            kind => kind,
        }
    }
}

/// The value of a [`Node`].
#[derive(Clone, Debug)]
pub enum Value {
    /// A scalar.
    Scalar(Scalar),
    /// A mapping, in the order of the file.
    Map(Map),
    /// A sequence.
    Seq(Seq),
}

/// A node of a YAML document, with its place.
///
/// Cloning is cheap: collections are shared and copied when they are written to.
#[derive(Clone, Debug)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written and what was done to it.
    pub place: Place,
}

/// One key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key: a scalar in all that kustomize and Kubernetes read.
    pub key: Node,
    /// The value.
    pub value: Node,
}

/// A mapping: entries in the order of the file. Copied on write.
#[derive(Clone, Debug, Default)]
pub struct Map(Arc<Vec<Entry>>);

/// A sequence. Copied on write.
#[derive(Clone, Debug, Default)]
pub struct Seq(Arc<Vec<Node>>);

impl Node {
    /// Text. It is written out so that it reads as text again.
    pub fn str(text: impl Into<SmolStr>, place: Place) -> Node {
        Node::scalar(text, ScalarKind::Str, Style::Plain, place)
    }

    /// A scalar of a kind.
    pub fn scalar(text: impl Into<SmolStr>, kind: ScalarKind, style: Style, place: Place) -> Node {
        Node {
            value: Value::Scalar(Scalar {
                text: text.into(),
                kind,
                style,
            }),
            place,
        }
    }

    /// The null value.
    pub fn null(place: Place) -> Node {
        Node::scalar("null", ScalarKind::Null, Style::Plain, place)
    }

    /// A mapping.
    pub fn map(entries: Vec<Entry>, place: Place) -> Node {
        Node {
            value: Value::Map(Map::from(entries)),
            place,
        }
    }

    /// A sequence.
    pub fn seq(items: Vec<Node>, place: Place) -> Node {
        Node {
            value: Value::Seq(Seq::from(items)),
            place,
        }
    }

    /// The scalar, if it is one.
    pub fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar of any kind.
    pub fn text(&self) -> Option<&str> {
        self.as_scalar().map(|scalar| scalar.text.as_str())
    }

    /// The text, if the node is a scalar of the kind text.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) if scalar.kind == ScalarKind::Str => Some(&scalar.text),
            _ => None,
        }
    }

    /// The mapping, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The mapping, to change it.
    pub fn as_map_mut(&mut self) -> Option<&mut Map> {
        match &mut self.value {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The sequence, if it is one.
    pub fn as_seq(&self) -> Option<&Seq> {
        match &self.value {
            Value::Seq(seq) => Some(seq),
            _ => None,
        }
    }

    /// The sequence, to change it.
    pub fn as_seq_mut(&mut self) -> Option<&mut Seq> {
        match &mut self.value {
            Value::Seq(seq) => Some(seq),
            _ => None,
        }
    }

    /// Whether it is the null scalar.
    pub fn is_null(&self) -> bool {
        self.as_scalar().is_some_and(|s| s.kind == ScalarKind::Null)
    }

    /// The value below `key`, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// The value below `key`, to change it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_map_mut()?.get_mut(key)
    }

    /// The value below a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// Whether two nodes hold the same value: kinds and texts equal, keys in any order. Places and
    /// styles do not count.
    pub fn same_value(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Scalar(a), Value::Scalar(b)) => a.kind == b.kind && a.text == b.text,
            (Value::Seq(a), Value::Seq(b)) => {
                a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| a.same_value(b))
            }
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len()
                    && a.iter().enumerate().all(|(i, entry)| {
                        let Some(key) = entry.key.text() else {
                            return false;
                        };
                        // Most often both are in the same order.
                        let twin = match b.0.get(i) {
                            Some(twin) if twin.key.text() == Some(key) => Some(&twin.value),
                            _ => b.get(key),
                        };
                        twin.is_some_and(|twin| entry.value.same_value(twin))
                    })
            }
            _ => false,
        }
    }
}

impl Map {
    /// How many entries it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no entry.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What tells its content from that of others without looking at it: a clone that was not
    /// written to has the same. It can be that of another mapping once all that share it are gone.
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0).addr()
    }

    /// The entries in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.0.iter()
    }

    /// The entries in order.
    pub fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// The entries, to change them.
    pub fn entries_mut(&mut self) -> &mut Vec<Entry> {
        Arc::make_mut(&mut self.0)
    }

    /// The entry of a key, compared by its text.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key.text() == Some(key))
    }

    /// The value of a key, compared by its text.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value of a key, to change it. A missing key copies nothing.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        let index = self.position(key)?;
        Some(&mut self.entries_mut()[index].value)
    }

    /// Where a key is.
    pub fn position(&self, key: &str) -> Option<usize> {
        self.0
            .iter()
            .position(|entry| entry.key.text() == Some(key))
    }

    /// Sets a key: in its old place where it is there, else at the end.
    pub fn insert(&mut self, key: Node, value: Node) {
        let position = key.text().and_then(|text| self.position(text));
        let entries = self.entries_mut();
        match position {
            Some(index) => entries[index].value = value,
            None => entries.push(Entry { key, value }),
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        let index = self.position(key)?;
        Some(self.entries_mut().remove(index))
    }
}

impl From<Vec<Entry>> for Map {
    fn from(entries: Vec<Entry>) -> Map {
        Map(Arc::new(entries))
    }
}

impl<'a> IntoIterator for &'a Map {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Seq {
    /// How many items it has.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no item.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The items in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Node> {
        self.0.iter()
    }

    /// One item.
    pub fn get(&self, index: usize) -> Option<&Node> {
        self.0.get(index)
    }

    /// The items in order.
    pub fn items(&self) -> &[Node] {
        &self.0
    }

    /// The items, to change them.
    pub fn items_mut(&mut self) -> &mut Vec<Node> {
        Arc::make_mut(&mut self.0)
    }
}

impl From<Vec<Node>> for Seq {
    fn from(items: Vec<Node>) -> Seq {
        Seq(Arc::new(items))
    }
}

impl<'a> IntoIterator for &'a Seq {
    type Item = &'a Node;
    type IntoIter = std::slice::Iter<'a, Node>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
