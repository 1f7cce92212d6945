//! `.helmignore`: it looks like `.gitignore`, and is not the same.
//!
//! Source: `helm.sh/helm/v4/pkg/ignore`.

use tidegate_source::Glob;

/// The rules of a chart, in order: the first that has something to say of a path decides.
#[derive(Debug, Default)]
pub(super) struct Rules(Vec<Rule>);

#[derive(Debug)]
struct Rule {
    /// Ignores what does not match: all other files, `Chart.yaml` too.
    negated: bool,
    folders_only: bool,
    /// Compared with the last part of the path alone.
    name_only: bool,
    parts: Vec<Glob>,
}

impl Rules {
    /// Reads a file of rules. The error is Helm's.
    pub(super) fn parse(text: &str) -> Result<Rules, &'static str> {
        let mut rules = Rules::default();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        for line in text.lines() {
            rules.add(line)?;
        }
        Ok(rules)
    }

    /// The rule that every chart has: hidden templates are none.
    pub(super) fn add_defaults(&mut self) {
        let added = self.add("templates/.?*");
        debug_assert!(added.is_ok());
    }

    fn add(&mut self, line: &str) -> Result<(), &'static str> {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line.contains("**") {
            return Err("double-star (**) syntax is not supported");
        }
        let (negated, rest) = strip(line.strip_prefix('!'), line);
        let (folders_only, rest) = strip(rest.strip_suffix('/'), rest);
        let (from_root, rest) = strip(rest.strip_prefix('/'), rest);
        let parts: Option<_> = rest
            .split('/')
            .map(|part| Glob::parse(part.as_bytes()))
            .collect();
        self.0.push(Rule {
            negated,
            folders_only,
            name_only: !from_root && !rest.contains('/'),
            parts: parts.ok_or("syntax error in pattern")?,
        });
        Ok(())
    }

    /// Whether a file or folder is left out. `path` is relative to the chart.
    pub(super) fn ignores(&self, path: &str, is_folder: bool) -> bool {
        for rule in &self.0 {
            let fits = rule.matches(path);
            let is_exempt = rule.folders_only && !is_folder;
            if rule.negated {
                if is_exempt || !fits {
                    return true;
                }
            } else if fits && !is_exempt {
                return true;
            }
        }
        false
    }
}

impl Rule {
    fn matches(&self, path: &str) -> bool {
        if self.name_only {
            let name = path.rsplit('/').next().unwrap_or(path);
            return self.parts.iter().all(|part| part.matches(name.as_bytes()));
        }
        let mut names = path.split('/');
        let fits = |part: &Glob| {
            names
                .next()
                .is_some_and(|name| part.matches(name.as_bytes()))
        };
        self.parts.iter().all(fits) && names.next().is_none()
    }
}

fn strip<'t>(stripped: Option<&'t str>, whole: &'t str) -> (bool, &'t str) {
    (stripped.is_some(), stripped.unwrap_or(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rules: &str, ignored: &[&str], kept: &[&str]) {
        let mut parsed = Rules::parse(rules).unwrap();
        parsed.add_defaults();
        // A path that ends with `/` is a folder.
        let ignores = |path: &str| {
            let folder = path.strip_suffix('/');
            parsed.ignores(folder.unwrap_or(path), folder.is_some())
        };
        for path in ignored {
            assert!(ignores(path), "{rules:?} {path}");
        }
        for path in kept {
            assert!(!ignores(path), "{rules:?} {path}");
        }
    }

    #[test]
    fn names_paths_and_folders() {
        check("*.bak", &["a.bak", "x/y.bak", "z.bak/"], &["a.bak.x"]);
        check("/a", &["a", "a/"], &["x/a"]);
        check("x/*.md", &["x/a.md"], &["a.md", "x/y/a.md", "y/x/a.md"]);
        check("ci/", &["ci/", "x/ci/"], &["ci"]);
        check(
            " # x\n\n",
            &["templates/.hidden", "templates/..."],
            &["templates/."],
        );
    }

    #[test]
    fn a_negated_rule_ignores_all_else() {
        check("!keep", &["Chart.yaml", "x/"], &["keep", "x/keep"]);
        check("!x/", &["Chart.yaml", "x", "y/"], &["x/"]);
        check("*.bak\n!keep.bak", &["keep.bak", "Chart.yaml"], &[]);
    }

    #[test]
    fn what_helm_refuses() {
        assert!(Rules::parse("a/**/b").unwrap_err().contains("double-star"));
        assert_eq!(Rules::parse("[a").unwrap_err(), "syntax error in pattern");
    }
}
