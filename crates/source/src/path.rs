use std::fmt;
use std::sync::Arc;

/// A path inside a [`System`](crate::System): relative to its root, `/` between the parts, with no
/// `.`, `..` or empty parts. The root itself is the empty path.
///
/// Cloning is cheap, ordering is by text.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TreePath(Arc<str>);

/// A path that leads above the root of its [`System`](crate::System).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EscapesRoot;

impl fmt::Display for EscapesRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the path leads above the root of the tree")
    }
}

impl std::error::Error for EscapesRoot {}

impl TreePath {
    /// The root of the tree.
    pub fn root() -> TreePath {
        TreePath(Arc::from(""))
    }

    /// Reads a path that is relative to the root. A leading `/` is ignored.
    pub fn new(text: &str) -> Result<TreePath, EscapesRoot> {
        TreePath::root().join(text)
    }

    /// Resolves `relative` against this folder, lexically. A leading `/` starts at the root.
    pub fn join(&self, relative: &str) -> Result<TreePath, EscapesRoot> {
        let mut parts: Vec<&str> = if relative.starts_with('/') {
            Vec::new()
        } else {
            self.parts().collect()
        };
        for part in relative.split('/') {
            match part {
                "" | "." => {}
                ".." => {
                    parts.pop().ok_or(EscapesRoot)?;
                }
                part => parts.push(part),
            }
        }
        Ok(TreePath(Arc::from(parts.join("/"))))
    }

    /// The text, without a leading `/`; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The parts of the path, from the root down.
    pub fn parts(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('/').filter(|part| !part.is_empty())
    }

    /// The last part; none for the root.
    pub fn file_name(&self) -> Option<&str> {
        self.parts().next_back()
    }

    /// The folder that holds this path; none for the root.
    pub fn parent(&self) -> Option<TreePath> {
        if self.is_root() {
            return None;
        }
        let end = self.0.rfind('/').unwrap_or(0);
        Some(TreePath(Arc::from(&self.0[..end])))
    }

    /// Whether this path is `folder` or lies below it.
    pub fn is_within(&self, folder: &TreePath) -> bool {
        match self.0.strip_prefix(&*folder.0) {
            Some(rest) => folder.is_root() || rest.is_empty() || rest.starts_with('/'),
            None => false,
        }
    }

    /// This path as seen from `folder`, with `..` where needed; `.` for the folder itself.
    pub fn relative_to(&self, folder: &TreePath) -> String {
        let own: Vec<&str> = self.parts().collect();
        let base: Vec<&str> = folder.parts().collect();
        let shared = own.iter().zip(&base).take_while(|(a, b)| a == b).count();
        let mut out: Vec<&str> = vec![".."; base.len() - shared];
        out.extend(&own[shared..]);
        if out.is_empty() {
            ".".to_owned()
        } else {
            out.join("/")
        }
    }
}

impl fmt::Display for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_root() { "." } else { &self.0 })
    }
}

impl fmt::Debug for TreePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> TreePath {
        TreePath::new(text).unwrap()
    }

    #[test]
    fn join_is_lexical_and_stays_inside() {
        let base = path("a/b");
        assert_eq!(base.join("../c/./d.yaml").unwrap().as_str(), "a/c/d.yaml");
        assert_eq!(base.join("../..").unwrap(), TreePath::root());
        assert_eq!(base.join("../../..").unwrap_err(), EscapesRoot);
        assert_eq!(base.join("/x//y").unwrap().as_str(), "x/y");
    }

    #[test]
    fn within_compares_whole_parts() {
        assert!(path("a/b/c").is_within(&path("a/b")));
        assert!(path("a/b").is_within(&path("a/b")));
        assert!(!path("a/bc").is_within(&path("a/b")));
        assert!(path("a").is_within(&TreePath::root()));
    }

    #[test]
    fn relative_goes_up_and_down() {
        assert_eq!(path("a/b/c").relative_to(&path("a/d")), "../b/c");
        assert_eq!(path("a").relative_to(&path("a")), ".");
        assert_eq!(path("a/b").parent().unwrap(), path("a"));
        assert_eq!(path("a").parent().unwrap(), TreePath::root());
        assert_eq!(TreePath::root().parent(), None);
    }
}
