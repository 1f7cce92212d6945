//! Objects and their origins as one JSON document.
//!
//! Fields are added without a new version, and taken away or changed only with one.

use tidegate_core::render::{Applied, SecretValues};
use tidegate_source::{Sources, Span, TreePath};
use tidegate_yaml::{Entry, Node, Place, ScalarKind, Style, Unwritable, Value, to_json};

use super::select::name_of;

/// The version of the schema.
const VERSION: u32 = 1;

/// Makes JSON of objects.
pub(crate) struct Json<'a> {
    pub(crate) sources: &'a Sources,
    pub(crate) show_path: &'a dyn Fn(&TreePath) -> String,
}

impl Json<'_> {
    /// What comes before the objects.
    pub(crate) fn start(&self, cluster: Option<&str>) -> String {
        let cluster = cluster.map_or_else(null, text);
        // Text can be written.
        let cluster = to_json(&cluster).unwrap_or_default();
        format!("{{\"version\":{VERSION},\"cluster\":{cluster},\"objects\":[")
    }

    /// An object, on one line, with the Kustomization that led to it, and what made it where that is
    /// no Kustomization.
    pub(crate) fn object(
        &self,
        kustomization: &Applied,
        made_by: Option<&Applied>,
        node: &Node,
        secret: &SecretValues,
    ) -> Result<String, Unwritable> {
        let mut origins = Vec::new();
        self.origins(node, &mut String::new(), &mut origins);
        let folder = kustomization
            .folder
            .as_ref()
            .map(|folder| (self.show_path)(folder));
        to_json(&map(vec![
            ("kustomization", text(secret.shown(name_of(kustomization)))),
            ("folder", folder.map_or_else(null, text)),
            (
                "madeBy",
                made_by.map_or_else(null, |by| text(secret.shown(name_of(by)))),
            ),
            ("object", node.clone()),
            ("origins", Node::seq(origins, Place::default())),
        ]))
    }

    /// The origins of all leaves, by their JSON pointers.
    fn origins(&self, node: &Node, pointer: &mut String, out: &mut Vec<Node>) {
        let length = pointer.len();
        match &node.value {
            Value::Map(entries) if !entries.is_empty() => {
                for entry in entries {
                    let key = entry.key.text().unwrap_or_default();
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    self.origins(&entry.value, pointer, out);
                    pointer.truncate(length);
                }
            }
            Value::Seq(items) if !items.is_empty() => {
                for (at, item) in items.iter().enumerate() {
                    pointer.push('/');
                    pointer.push_str(&at.to_string());
                    self.origins(item, pointer, out);
                    pointer.truncate(length);
                }
            }
            _ => out.push(self.origin(&node.place, pointer)),
        }
    }

    fn origin(&self, place: &Place, pointer: &str) -> Node {
        let mut fields = vec![("pointer", text(pointer))];
        self.push_at(place.span(), &mut fields);
        let steps = place.steps().into_iter().map(|step| {
            let mut fields = vec![("what", text(step.kind.as_str()))];
            self.push_at(step.span, &mut fields);
            map(fields)
        });
        fields.push(("steps", Node::seq(steps.collect(), Place::default())));
        map(fields)
    }

    /// Where something is written; nothing of what tidegate made.
    fn push_at(&self, span: Span, fields: &mut Vec<(&str, Node)>) {
        let span = self.sources.real(span);
        if let Some(file) = self.sources.get(span.file) {
            let start = file.line_col(span.start);
            fields.push(("path", text((self.show_path)(file.path()))));
            fields.push(("line", number(start.line)));
            fields.push(("column", number(start.column)));
        }
    }
}

fn map(fields: Vec<(&str, Node)>) -> Node {
    let entry = |(key, value): (&str, Node)| Entry {
        key: text(key),
        value,
    };
    Node::map(fields.into_iter().map(entry).collect(), Place::default())
}

fn text(text: impl AsRef<str>) -> Node {
    Node::str(text.as_ref(), Place::default())
}

fn null() -> Node {
    Node::null(Place::default())
}

fn number(number: u32) -> Node {
    let kind = ScalarKind::Int;
    Node::scalar(number.to_string(), kind, Style::Plain, Place::default())
}
