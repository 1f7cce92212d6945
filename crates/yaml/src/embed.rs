use std::sync::Arc;

use tidegate_source::{SourceFile, SourceMapBuilder, Sources, TreePath};

use crate::Node;

/// A virtual file of the text of a scalar, whose map leads each range back to the bytes it was
/// written with. `name` is what the file is called in messages.
///
/// A node that is no scalar, or that has no place in a file, gives a file without places.
pub fn embed(sources: &Sources, scalar: &Node, name: TreePath) -> Arc<SourceFile> {
    let map = SourceMapBuilder::new(scalar.place.span());
    let text = scalar.text().unwrap_or("").to_owned();
    sources.add_virtual(name, text, map.finish())
}
