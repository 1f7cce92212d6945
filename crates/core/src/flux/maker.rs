use tidegate_source::{Span, Subject};
use tidegate_yaml::Node;

use super::Named;

/// An object that makes other objects: a ResourceSet or a HelmRelease.
#[derive(Clone, Debug)]
pub struct Maker {
    /// Which object it is.
    pub subject: Subject,
    /// Where its name is written; the object itself where it has none.
    pub name_span: Span,
    /// The whole object.
    pub node: Node,
}

impl Maker {
    /// Reads a rendered object, whatever its kind.
    pub fn read(object: &Node) -> Maker {
        let Named { subject, name_span } = Named::read(object);
        Maker {
            subject,
            name_span,
            node: object.clone(),
        }
    }
}
