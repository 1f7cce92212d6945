use super::glob::Glob;

/// One pattern, without the folder that it is relative to.
///
/// It is read as `fluxcd/pkg/sourceignore` reads it, whose rules are not those of git: what a
/// pattern matches it matches with all that is below, in `**/a/b` the first `a` counts even where no
/// `b` is in it, and `a/**` matches `a` too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    /// Whether it brings back what an earlier one leaves out: it started with `!`.
    pub(super) includes: bool,
    folders_only: bool,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Shape {
    /// Without a slash: any one component.
    Name(Glob),
    /// With one: components from the folder down.
    Path(Box<[Step]>),
    /// What no path can match.
    Never,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    /// Whether any number of folders may be before it: it followed `**`.
    deep: bool,
    glob: Glob,
}

impl Pattern {
    /// Reads a line that is neither blank nor a comment.
    pub(super) fn parse(line: &[u8]) -> Pattern {
        let (includes, mut text) = match line.strip_prefix(b"!") {
            Some(text) => (true, text),
            None => (false, line),
        };
        if !text.ends_with(b"\\ ") {
            let blanks = text.iter().rev().take_while(|byte| **byte == b' ').count();
            text = &text[..text.len() - blanks];
        }
        let folders_only = text.ends_with(b"/");
        if folders_only {
            text = &text[..text.len() - 1];
        }
        let shape = match text.contains(&b'/') {
            true => path(text),
            false => name(text),
        };
        Pattern {
            includes,
            folders_only,
            shape: shape.unwrap_or(Shape::Never),
        }
    }

    /// Whether it matches a path, given from the folder of the pattern down, of which it matches no
    /// folder above the last component: it would match all in that folder.
    pub(super) fn matches_last(&self, path: &[&str], is_folder: bool) -> bool {
        match &self.shape {
            Shape::Never => false,
            Shape::Name(glob) => {
                (is_folder || !self.folders_only)
                    && path
                        .last()
                        .is_some_and(|name| glob.matches(name.as_bytes()))
            }
            Shape::Path(steps) => match behind(steps, path) {
                Some([]) => is_folder || !self.folders_only,
                Some(_) => true,
                None => false,
            },
        }
    }

    /// Whether it can match something below a folder that it does not match, given as
    /// [`matches_last`](Pattern::matches_last) takes it.
    pub(super) fn can_match_below(&self, folder: &[&str]) -> bool {
        match &self.shape {
            Shape::Never => false,
            Shape::Name(_) => true,
            Shape::Path(steps) => {
                let mut pairs = steps.iter().zip(folder);
                pairs.all(|(step, name)| step.deep || step.glob.matches(name.as_bytes()))
            }
        }
    }
}

fn name(text: &[u8]) -> Option<Shape> {
    // No name is empty.
    (!text.is_empty()).then_some(())?;
    Glob::parse(text).map(Shape::Name)
}

fn path(text: &[u8]) -> Option<Shape> {
    let mut steps = Vec::new();
    let mut deep = false;
    for part in text.split(|byte| *byte == b'/') {
        match part {
            b"" => deep = false,
            b"**" => deep = true,
            part if part.windows(2).any(|pair| pair == b"**") => return None,
            part => {
                let glob = Glob::parse(part)?;
                steps.push(Step { deep, glob });
                deep = false;
            }
        }
    }
    (!steps.is_empty()).then(|| Shape::Path(steps.into()))
}

/// The components behind those that the steps match.
fn behind<'p>(steps: &[Step], path: &'p [&'p str]) -> Option<&'p [&'p str]> {
    let mut path = path;
    for step in steps {
        let matches = |name: &&str| step.glob.matches(name.as_bytes());
        let at = match step.deep {
            true => path.iter().position(matches)?,
            false => path.first().is_some_and(matches).then_some(0)?,
        };
        path = &path[at + 1..];
    }
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that ends in `/` is a folder.
    fn check(pattern: &str, matching: &[&str], other: &[&str]) {
        let pattern = Pattern::parse(pattern.as_bytes());
        let matches = |path: &str| {
            let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
            (1..=parts.len()).any(|length| {
                let is_folder = length < parts.len() || path.ends_with('/');
                pattern.matches_last(&parts[..length], is_folder)
            })
        };
        for path in matching {
            assert!(matches(path), "{path}");
        }
        for path in other {
            assert!(!matches(path), "{path}");
        }
    }

    #[test]
    fn a_name_matches_any_component() {
        check("b", &["b", "a/b", "a/b/c"], &["bb", "a/bb"]);
        check("b/", &["b/", "a/b/c"], &["b", "a/b"]);
        check("*.md", &["a.md", "docs/a.md"], &["a.mdx"]);
    }

    #[test]
    fn a_slash_ties_a_pattern_to_its_folder() {
        check("/a", &["a", "a/b"], &["x/a"]);
        check("a/b", &["a/b", "a/b/c"], &["a", "x/a/b"]);
        check("/*", &["a", "a/b"], &[]);
        check("a/b/", &["a/b/", "a/b/c"], &["a/b"]);
    }

    #[test]
    fn two_stars_stand_for_any_folders() {
        check("**/b", &["b", "a/b", "a/a/b/c"], &["ab"]);
        check("a/**", &["a", "a/b"], &["b"]);
        check("**/a/b", &["x/a/b"], &["a/x/a/b"]);
        check("a/**/b", &["a/b", "a/x/y/b"], &["a"]);
        check("/**", &[], &["a", "a/b"]);
        check("a/b**", &[], &["a/b", "a/bc"]);
        check("a**", &["a", "abc"], &["b"]);
    }

    #[test]
    fn blanks_and_escapes() {
        check("a  ", &["a"], &["a  "]);
        check(r"a\ ", &["a "], &["a"]);
        check(r"\!a", &["!a"], &["a"]);
        check("/", &[], &["a"]);
        check("!", &[], &["a"]);
    }
}
