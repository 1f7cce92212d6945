//! What tests of this module share.

use std::sync::Arc;

use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

/// The documents of a text, read as resources are.
pub(crate) fn nodes(text: &str) -> Vec<Node> {
    let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", text)));
    let file = sources.load(&TreePath::new("a.yaml").unwrap()).unwrap();
    let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
    assert_eq!(parsed.findings, [], "{text}");
    let roots = parsed.documents.into_iter();
    roots.filter_map(|document| document.root).collect()
}
