//! `merge-keys`: writes the table of merge keys and scopes that `tidegate-kustomize` has compiled
//! in, out of the OpenAPI documents that kustomize has compiled in.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use tidegate_kustomize::schema::{ListShape, Schema, Shape};
use tidegate_yaml::{Entry, Node, Place, ScalarKind, Style};

use crate::Outcome;
use crate::workspace::Workspace;

const TABLE: &str = "crates/kustomize/src/schema/kubernetes.rs";

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// An OpenAPI v2 document in JSON; give all that make up one schema
    #[arg(long, required = true)]
    from: Vec<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, arguments: &Arguments) -> Outcome {
    let mut documents = Vec::new();
    for path in &arguments.from {
        let text = fs::read_to_string(path)?;
        let document: serde_json::Value = serde_json::from_str(&text)?;
        documents.push(node(&document));
    }
    let documents: Vec<&Node> = documents.iter().collect();
    let schema = Schema::from_openapi(&documents);
    let path = workspace.root().join(TABLE);
    fs::write(&path, table(&schema)?)?;
    println!(
        "{}: {} kinds, {} types",
        path.display(),
        schema.kinds().len(),
        schema.types().len()
    );
    Ok(())
}

fn node(value: &serde_json::Value) -> Node {
    let scalar = |text: String, kind| Node::scalar(text, kind, Style::Plain, Place::default());
    match value {
        serde_json::Value::Null => Node::null(Place::default()),
        serde_json::Value::Bool(value) => scalar(value.to_string(), ScalarKind::Bool),
        serde_json::Value::Number(value) => scalar(value.to_string(), ScalarKind::Float),
        serde_json::Value::String(value) => Node::str(value, Place::default()),
        serde_json::Value::Array(items) => {
            Node::seq(items.iter().map(node).collect(), Place::default())
        }
        serde_json::Value::Object(fields) => {
            let entry = |(key, value): (&String, &serde_json::Value)| Entry {
                key: Node::str(key, Place::default()),
                value: node(value),
            };
            Node::map(fields.iter().map(entry).collect(), Place::default())
        }
    }
}

fn table(schema: &Schema) -> Result<String, std::fmt::Error> {
    let mut out = String::new();
    out.push_str(
        "// Written by `cargo xtask merge-keys`; do not edit.\n\
         //\n\
         // Facts taken from the OpenAPI documents of Kubernetes 1.21.2 and kustomize, Copyright The\n\
         // Kubernetes Authors, under the Apache License 2.0. See NOTICE.\n\n\
         use std::borrow::Cow::{self, Borrowed};\n\n\
         use super::{Field, Kind, ListShape, Shape, Table, Type};\n\n\
         const fn plain(name: &'static str, id: u16) -> Field {\n    \
             Field {\n        name: Borrowed(name),\n        shape: Shape::Plain(id),\n    }\n\
         }\n\n\
         const fn list(name: &'static str, keys: &'static [Cow<'static, str>], items: Option<u16>) -> Field {\n    \
             Field {\n        \
                 name: Borrowed(name),\n        \
                 shape: Shape::List(ListShape {\n            keys: Borrowed(keys),\n            items,\n        }),\n    \
             }\n\
         }\n\n\
         const fn kind(\n    \
             api_version: &'static str,\n    \
             kind: &'static str,\n    \
             root: Option<u16>,\n    \
             namespaced: Option<bool>,\n\
         ) -> Kind {\n    \
             Kind {\n        api_version: Borrowed(api_version),\n        kind: Borrowed(kind),\n        root,\n        namespaced,\n    }\n\
         }\n\n\
         pub(super) static TABLE: Table = Table {\n    \
             types: Borrowed(TYPES),\n    \
             kinds: Borrowed(KINDS),\n\
         };\n\n\
         #[rustfmt::skip]\n\
         static TYPES: &[Type] = &[\n",
    );
    for (id, definition) in schema.types().iter().enumerate() {
        write!(out, "    // {id}\n    Type {{ fields: Borrowed(&[")?;
        for field in definition.fields.iter() {
            out.push_str("\n        ");
            match &field.shape {
                Shape::Plain(id) => write!(out, "plain({:?}, {id}),", field.name)?,
                Shape::List(ListShape { keys, items }) => {
                    let keys: Vec<String> = keys
                        .iter()
                        .map(|key| format!("Borrowed({key:?})"))
                        .collect();
                    let keys = keys.join(", ");
                    write!(out, "list({:?}, &[{keys}], {items:?}),", field.name)?;
                }
            }
        }
        let other = match &definition.other {
            None => "None".to_owned(),
            Some(Shape::Plain(id)) => format!("Some(Shape::Plain({id}))"),
            Some(Shape::List(_)) => return Err(std::fmt::Error),
        };
        let end = if definition.fields.is_empty() {
            ""
        } else {
            "\n    "
        };
        writeln!(out, "{end}]), other: {other} }},")?;
    }
    out.push_str("];\n\n#[rustfmt::skip]\nstatic KINDS: &[Kind] = &[\n");
    for kind in schema.kinds() {
        writeln!(
            out,
            "    kind({:?}, {:?}, {:?}, {:?}),",
            kind.api_version, kind.kind, kind.root, kind.namespaced
        )?;
    }
    out.push_str("];\n");
    Ok(out)
}
