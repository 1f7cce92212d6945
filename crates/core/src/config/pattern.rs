use std::fmt;

/// A pattern with `*`, `?` and `**` for paths, or for objects written as paths.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    parts: Vec<String>,
    of: What,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Paths,
    Objects,
}

/// The part that stands for any number of parts.
const ANY_PARTS: &str = "**";

impl Pattern {
    /// A pattern of paths, which also stands for all that is in the folders it names. `*` and `?`
    /// stand for text without `/`, `**` for any number of whole parts; at the end, for one or more.
    pub fn of_paths(text: &str) -> Pattern {
        Pattern {
            text: text.to_owned(),
            parts: text.split('/').map(str::to_owned).collect(),
            of: What::Paths,
        }
    }

    /// A pattern of objects, as `Kind/namespace/name` or `Kind/name`. Case is ignored, as it is in
    /// the names of kinds that people type. The error says why the text is none.
    pub fn of_objects(text: &str) -> Result<Pattern, String> {
        let parts = text.split('/').map(str::to_lowercase);
        let parts: Vec<String> = parts.collect();
        if !(2..=3).contains(&parts.len()) || parts.iter().any(String::is_empty) {
            return Err("an object is written as Kind/namespace/name, or as Kind/name".to_owned());
        }
        Ok(Pattern {
            text: text.to_owned(),
            parts,
            of: What::Objects,
        })
    }

    /// Whether it stands for `text`.
    pub fn matches(&self, text: &str) -> bool {
        match self.of {
            What::Paths => {
                let parts: Vec<&str> = text.split('/').collect();
                path_matches(&self.parts, &parts)
            }
            What::Objects => {
                let text = text.to_lowercase();
                let parts: Vec<&str> = text.split('/').collect();
                let mut pairs = self.parts.iter().zip(&parts);
                self.parts.len() == parts.len() && pairs.all(|(one, part)| part_matches(one, part))
            }
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether the first parts of a path, or all of them, are what the pattern stands for. Only the last
/// `**` is gone back to, so that this takes no longer than the product of both lengths.
fn path_matches(pattern: &[String], path: &[&str]) -> bool {
    let (mut at, mut part) = (0, 0);
    let mut back = None;
    while let Some(wanted) = pattern.get(at) {
        if wanted == ANY_PARTS {
            at += 1;
            if at == pattern.len() {
                return part < path.len();
            }
            back = Some((at, part));
        } else if path
            .get(part)
            .is_some_and(|have| part_matches(wanted, have))
        {
            at += 1;
            part += 1;
        } else {
            match &mut back {
                Some((after, next)) if *next < path.len() => {
                    *next += 1;
                    (at, part) = (*after, *next);
                }
                _ => return false,
            }
        }
    }
    true
}

/// Whether a part is what a part of a pattern stands for.
fn part_matches(pattern: &str, part: &str) -> bool {
    let (mut wanted, mut have) = (pattern.chars(), part.chars());
    let mut back = None;
    loop {
        let before = have.clone();
        match (wanted.next(), have.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                have = before;
                back = Some((wanted.clone(), have.clone()));
            }
            (Some(one), Some(other)) if one == '?' || one == other => {}
            _ => {
                let Some((after, from)) = &mut back else {
                    return false;
                };
                if from.next().is_none() {
                    return false;
                }
                wanted = after.clone();
                have = from.clone();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let pattern = Pattern::of_paths(pattern);
        for path in yes {
            assert!(pattern.matches(path), "{pattern} stands for {path}");
        }
        for path in no {
            assert!(
                !pattern.matches(path),
                "{pattern} does not stand for {path}"
            );
        }
    }

    #[test]
    fn paths() {
        check(
            "apps/a.yaml",
            &["apps/a.yaml"],
            &["apps/a_yaml", "x/apps/a.yaml"],
        );
        check("apps", &["apps", "apps/a/b.yaml"], &["apps2", "x/apps"]);
        check("*/a?.yaml", &["x/ab.yaml"], &["x/a.yaml", "x/y/ab.yaml"]);
        check("**/a.yaml", &["a.yaml", "x/y/a.yaml"], &["x/ba.yaml"]);
        check("x/**", &["x/a", "x/y/a"], &["x", "y/x/a"]);
        check("x/**/b", &["x/b", "x/y/z/b", "x/b/c"], &["x/yb"]);
        check(
            "**/a/*/b",
            &["a/x/b", "a/a/x/b", "y/a/x/b/c"],
            &["a/b", "a/x/c"],
        );
        check(
            "*a*b.yaml",
            &["ab.yaml", "xaab.yaml", "abab.yaml"],
            &["ba.yaml", "ab.yml"],
        );
        check("ä?/*", &["äö/x"], &["ä/x", "äö"]);
    }

    #[test]
    fn many_stars_take_no_time() {
        let pattern = Pattern::of_paths(&format!("{}b", "*a".repeat(2_000)));
        assert!(!pattern.matches(&"a".repeat(2_000)));
        let pattern = Pattern::of_paths(&format!("{}b", "**/a/".repeat(1_000)));
        assert!(!pattern.matches(&"a/".repeat(2_000)));
    }

    #[test]
    fn objects() {
        let matches = |pattern, object| Pattern::of_objects(pattern).unwrap().matches(object);
        assert!(matches("ConfigMap/shop/*", "ConfigMap/shop/cart"));
        assert!(matches("configmap/*/cart", "ConfigMap/shop/cart"));
        assert!(matches("Namespace/shop", "Namespace/shop"));
        assert!(!matches("Namespace/*", "ConfigMap/shop/cart"));
        assert!(!matches("*/shop", "ConfigMap/shop/cart"));
        assert!(Pattern::of_objects("shop").is_err());
        assert!(Pattern::of_objects("a//b").is_err());
        assert!(Pattern::of_objects("a/b/c/d").is_err());
    }
}
