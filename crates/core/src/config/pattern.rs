use std::fmt;

use regex::Regex;

/// A pattern with `*`, `?` and `**` for paths, or for objects written as paths.
#[derive(Clone, Debug)]
pub struct Pattern {
    text: String,
    regex: Regex,
}

impl Pattern {
    /// A pattern of paths, which also stands for all that is in the folders it names. `*` and `?`
    /// stand for text without `/`, `**` for any number of whole parts. The error says why it is
    /// none.
    pub fn of_paths(text: &str) -> Result<Pattern, String> {
        let regex = format!("^{}(?:/.*)?$", expression(text));
        Pattern::compile(text, &regex)
    }

    /// A pattern of objects, as `Kind/namespace/name` or `Kind/name`. Case is ignored, as it is in
    /// the names of kinds that people type.
    pub fn of_objects(text: &str) -> Result<Pattern, String> {
        let parts = text.split('/');
        let parts: Vec<&str> = parts.collect();
        if !(2..=3).contains(&parts.len()) || parts.iter().any(|part| part.is_empty()) {
            return Err("an object is written as Kind/namespace/name, or as Kind/name".to_owned());
        }
        Pattern::compile(text, &format!("(?i)^{}$", expression(text)))
    }

    fn compile(text: &str, regex: &str) -> Result<Pattern, String> {
        let regex = Regex::new(regex).map_err(|_| "the pattern is too large".to_owned())?;
        let text = text.to_owned();
        Ok(Pattern { text, regex })
    }

    /// Whether it stands for `text`.
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn expression(pattern: &str) -> String {
    let mut regex = String::new();
    let parts: Vec<&str> = pattern.split('/').collect();
    for (i, part) in parts.iter().enumerate() {
        let is_last = i + 1 == parts.len();
        match (*part, is_last) {
            ("**", false) => regex.push_str("(?:[^/]+/)*"),
            ("**", true) => regex.push_str(".+"),
            (part, _) => {
                for c in part.chars() {
                    match c {
                        '*' => regex.push_str("[^/]*"),
                        '?' => regex.push_str("[^/]"),
                        c => regex.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
                    }
                }
                if !is_last {
                    regex.push('/');
                }
            }
        }
    }
    regex
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let pattern = Pattern::of_paths(pattern).unwrap();
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
        check("x/**/b", &["x/b", "x/y/z/b"], &["x/yb"]);
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
