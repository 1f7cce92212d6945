use tidegate_schema::SchemaRef;
use tidegate_yaml::{Map, Node, SmolStr, Value};

use super::lists;

/// One step of the path to a field.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// A key of a map.
    Key(SmolStr),
    /// An item of a list, by the values of the keys that tell it apart.
    Item(Vec<(SmolStr, SmolStr)>),
    /// An item of a list, by its place there. The place is that on the side that has the item.
    Index(usize),
}

/// A field that differs. The scalars of both sides keep the places where they are written.
#[derive(Clone, Debug)]
pub struct FieldChange {
    /// Where it is in the object.
    pub path: Vec<Segment>,
    /// Its value before; none where it is new.
    pub before: Option<Node>,
    /// Its value after; none where it is gone.
    pub after: Option<Node>,
    /// Whether its values are secret: neither may be shown.
    pub secret: bool,
}

impl FieldChange {
    /// The keys of the path, without the items of lists.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.path.iter().filter_map(|segment| match segment {
            Segment::Key(key) => Some(key.as_str()),
            Segment::Item(_) | Segment::Index(_) => None,
        })
    }

    /// Whether the path starts with these keys.
    pub(super) fn is_below(&self, keys: &[&str]) -> bool {
        let mut path = self.path.iter();
        keys.iter().all(|key| match path.next() {
            Some(Segment::Key(other)) => other == key,
            _ => false,
        })
    }
}

/// A path as people write it: `spec.containers[name=web].image`.
pub fn path_text(path: &[Segment]) -> String {
    let mut out = String::new();
    for segment in path {
        match segment {
            Segment::Key(key) if is_plain(key) => {
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(key);
            }
            Segment::Key(key) => out.push_str(&format!("[{key:?}]")),
            Segment::Item(keys) => {
                let pairs: Vec<_> = keys
                    .iter()
                    .map(|(key, value)| format!("{key}={value}"))
                    .collect();
                out.push_str(&format!("[{}]", pairs.join(",")));
            }
            Segment::Index(index) => out.push_str(&format!("[{index}]")),
        }
    }
    out
}

fn is_plain(key: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '$');
    !key.is_empty() && key.chars().all(known)
}

/// Finds what differs between two values of a schema.
pub(super) struct Comparison<'c> {
    /// The path to what is compared now.
    path: Vec<Segment>,
    /// Whether all below a path is secret.
    is_secret: fn(&[Segment]) -> bool,
    changes: &'c mut Vec<FieldChange>,
}

impl<'c> Comparison<'c> {
    pub(super) fn new(
        is_secret: fn(&[Segment]) -> bool,
        changes: &'c mut Vec<FieldChange>,
    ) -> Comparison<'c> {
        Comparison {
            path: Vec::new(),
            is_secret,
            changes,
        }
    }

    pub(super) fn compare(&mut self, before: &Node, after: &Node, schema: Option<SchemaRef<'_>>) {
        if std::ptr::eq(before, after) {
            return;
        }
        match (&before.value, &after.value) {
            (Value::Map(a), Value::Map(b)) => self.maps(a, b, schema),
            (Value::Seq(a), Value::Seq(b)) => lists::compare(self, a, b, schema),
            _ if before.same_value(after) => {}
            _ => self.change(Some(before), Some(after)),
        }
    }

    fn maps(&mut self, before: &Map, after: &Map, schema: Option<SchemaRef<'_>>) {
        if before.address() == after.address() {
            return;
        }
        let key = |node: &Node| SmolStr::from(node.text().unwrap_or_default());
        for (index, entry) in before.iter().enumerate() {
            let name = key(&entry.key);
            // Most often both are in the same order.
            let twin = match after.entries().get(index) {
                Some(twin) if twin.key.text() == Some(&name) => Some(&twin.value),
                _ => after.get(&name),
            };
            let schema = below(schema, &name);
            self.within(Segment::Key(name), |this| match twin {
                Some(twin) => this.compare(&entry.value, twin, schema),
                None => this.change(Some(&entry.value), None),
            });
        }
        for (index, entry) in after.iter().enumerate() {
            let name = key(&entry.key);
            let is_old = match before.entries().get(index) {
                Some(twin) if twin.key.text() == Some(&name) => true,
                _ => before.get(&name).is_some(),
            };
            if !is_old {
                self.within(Segment::Key(name), |this| {
                    this.change(None, Some(&entry.value));
                });
            }
        }
    }

    /// Goes one step down.
    pub(super) fn within(&mut self, segment: Segment, then: impl FnOnce(&mut Self)) {
        self.path.push(segment);
        then(self);
        self.path.pop();
    }

    pub(super) fn change(&mut self, before: Option<&Node>, after: Option<&Node>) {
        self.changes.push(FieldChange {
            path: self.path.clone(),
            before: before.cloned(),
            after: after.cloned(),
            secret: (self.is_secret)(&self.path),
        });
    }
}

/// The schema of a key.
fn below<'s>(schema: Option<SchemaRef<'s>>, key: &str) -> Option<SchemaRef<'s>> {
    let schema = schema?;
    schema.property(key).or_else(|| schema.additional())
}
