//! Keeps CustomResourceDefinitions where `tidegate.toml` can name them.

use std::path::PathBuf;

use tidegate_system::write_atomically;
use tidegate_yaml::{Emitted, Node, emit_go_yaml2};

use super::make_folder;
use crate::commands::Failure;

/// Writes each definition to a file of its own in a folder, without the prose; what was done.
pub(super) fn run(definitions: &[Node], to: &PathBuf) -> Result<String, Failure> {
    make_folder(to)?;
    let mut text = String::new();
    for definition in definitions {
        let name = definition.at(&["metadata", "name"]).and_then(Node::as_str);
        let is_name = |name: &&str| {
            let known = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
            !name.is_empty() && name.chars().all(known) && !name.starts_with('.')
        };
        let Some(name) = name.filter(is_name) else {
            return Err(Failure::new("a CustomResourceDefinition has no valid name"));
        };
        let mut out = Emitted::default();
        emit_go_yaml2(&stripped(definition), &mut out, false)
            .map_err(|error| Failure::new(format!("{name} has {error}")))?;
        let path = to.join(format!("{name}.yaml"));
        write_atomically(&path, out.text.as_bytes()).map_err(|error| {
            Failure::new(format!("{} cannot be written: {error}", path.display()))
        })?;
        text.push_str(&format!("Wrote {}\n", path.display()));
    }
    text.push_str(&format!(
        "To have them used, tidegate.toml needs:\n[[schemas]]\npath = \"{}\"\n",
        to.display()
    ));
    Ok(text)
}

/// A definition without what is of no use for checking.
fn stripped(definition: &Node) -> Node {
    let mut definition = definition.clone();
    if let Some(map) = definition.as_map_mut() {
        map.remove("status");
    }
    if let Some(metadata) = definition.get_mut("metadata").and_then(Node::as_map_mut) {
        metadata
            .entries_mut()
            .retain(|entry| entry.key.text() == Some("name"));
    }
    let versions = definition
        .get_mut("spec")
        .and_then(|spec| spec.get_mut("versions"))
        .and_then(Node::as_seq_mut);
    for version in versions.into_iter().flat_map(|seq| seq.items_mut()) {
        let schema = version.get_mut("schema");
        if let Some(schema) = schema.and_then(|schema| schema.get_mut("openAPIV3Schema")) {
            strip(schema);
        }
    }
    definition
}

/// Takes the prose out of a schema and of those in it.
fn strip(schema: &mut Node) {
    let Some(map) = schema.as_map_mut() else {
        return;
    };
    for key in ["description", "example", "externalDocs", "title"] {
        map.remove(key);
    }
    for entry in map.entries_mut() {
        match entry.key.text() {
            Some("properties") => {
                let properties = entry.value.as_map_mut();
                for property in properties.into_iter().flat_map(|map| map.entries_mut()) {
                    strip(&mut property.value);
                }
            }
            Some("items" | "additionalProperties" | "not") => strip(&mut entry.value),
            Some("allOf" | "anyOf" | "oneOf") => {
                let parts = entry.value.as_seq_mut();
                for part in parts.into_iter().flat_map(|seq| seq.items_mut()) {
                    strip(part);
                }
            }
            _ => {}
        }
    }
}
