use std::fmt;
use std::sync::Arc;

use super::pattern::Pattern;
use crate::TreePath;

/// One rule that leaves files out of an artifact, or brings them back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IgnoreRule {
    pub(super) pattern: Pattern,
    text: String,
    origin: RuleOrigin,
}

/// Where a rule is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleOrigin {
    /// In a file of the tree.
    File {
        /// The file.
        path: TreePath,
        /// The line, from 1.
        line: u32,
        /// The first byte of the line.
        start: u32,
        /// The byte behind it.
        end: u32,
    },
    /// Somewhere else that has a name, such as `spec.ignore`.
    Named {
        /// The name.
        name: Arc<str>,
        /// The line, from 1.
        line: u32,
    },
    /// Nowhere: Flux adds it.
    Default,
}

impl IgnoreRule {
    /// The rule as it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it is written.
    pub fn origin(&self) -> &RuleOrigin {
        &self.origin
    }
}

impl fmt::Display for IgnoreRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = &self.text;
        match &self.origin {
            RuleOrigin::File { path, line, .. } => write!(f, "`{text}` in {path}:{line}"),
            RuleOrigin::Named { name, .. } => write!(f, "`{text}` in {name}"),
            RuleOrigin::Default => write!(f, "`{text}`, a default rule of Flux"),
        }
    }
}

/// Rules in the order in which they are written: the last one that matches counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IgnoreRules(pub(super) Vec<Arc<IgnoreRule>>);

impl IgnoreRules {
    /// The longest line that Flux reads, in bytes, with its line end. It reads neither a longer one
    /// nor what follows.
    pub const MAX_LINE: usize = 64 << 10;

    /// The rules in a text that has a name, such as `spec.ignore`.
    pub fn named(name: &str, text: &str) -> IgnoreRules {
        let name = Arc::<str>::from(name);
        IgnoreRules::read(text.as_bytes(), |line, _, _| RuleOrigin::Named {
            name: Arc::clone(&name),
            line,
        })
    }

    /// The rules of a file of the tree, such as `.sourceignore`.
    pub fn of_file(path: &TreePath, bytes: &[u8]) -> IgnoreRules {
        IgnoreRules::read(bytes, |line, start, end| RuleOrigin::File {
            path: path.clone(),
            line,
            start,
            end,
        })
    }

    /// What `flux push artifact` and `flux build artifact` leave out unless they are told
    /// otherwise.
    pub fn of_flux_cli() -> IgnoreRules {
        IgnoreRules::defaults(&[VERSION_CONTROL, BINARIES])
    }

    /// What source-controller always leaves out.
    pub(super) fn version_control() -> IgnoreRules {
        IgnoreRules::defaults(&[VERSION_CONTROL])
    }

    /// What source-controller leaves out where there is no rule of the user.
    pub(super) fn unless_told() -> IgnoreRules {
        IgnoreRules::defaults(&[BINARIES, PIPELINES, OTHER_TOOLS])
    }

    /// Whether there is no rule. Comments and blank lines are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn defaults(lists: &[&[&str]]) -> IgnoreRules {
        let rules = lists.iter().copied().flatten().map(|text| IgnoreRule {
            pattern: Pattern::parse(text.as_bytes()),
            text: (*text).to_owned(),
            origin: RuleOrigin::Default,
        });
        IgnoreRules(rules.map(Arc::new).collect())
    }

    fn read(text: &[u8], origin: impl Fn(u32, u32, u32) -> RuleOrigin) -> IgnoreRules {
        let mut rules = Vec::new();
        let mut start = 0;
        for (number, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let is_ended = line.ends_with(b"\n");
            if line.len() > IgnoreRules::MAX_LINE
                || line.len() == IgnoreRules::MAX_LINE && !is_ended
            {
                break;
            }
            let after = start + line.len();
            let line = line.strip_suffix(b"\n").unwrap_or(line);
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let shown = String::from_utf8_lossy(line);
            if !line.starts_with(b"#") && !shown.trim().is_empty() {
                let end = (start + line.len()) as u32;
                rules.push(Arc::new(IgnoreRule {
                    pattern: Pattern::parse(line),
                    text: shown.trim_end().to_owned(),
                    origin: origin(number as u32 + 1, start as u32, end),
                }));
            }
            start = after;
        }
        IgnoreRules(rules)
    }
}

const VERSION_CONTROL: &[&str] = &[".git/", ".gitignore", ".gitmodules", ".gitattributes"];

const BINARIES: &[&str] = &[
    "*.jpg", "*.jpeg", "*.gif", "*.png", "*.wmv", "*.flv", "*.tar.gz", "*.zip",
];

const PIPELINES: &[&str] = &[
    ".github/",
    ".circleci/",
    ".travis.yml",
    ".gitlab-ci.yml",
    "appveyor.yml",
    ".drone.yml",
    "cloudbuild.yaml",
    "codeship-services.yml",
    "codeship-steps.yml",
];

const OTHER_TOOLS: &[&str] = &["**/.goreleaser.yml", "**/.sops.yaml", "**/.flux.yaml"];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], expected: &[&str]) {
        let rules = IgnoreRules::of_file(&TreePath::new("a/.sourceignore").unwrap(), text);
        let shown: Vec<String> = rules.0.iter().map(|rule| rule.to_string()).collect();
        assert_eq!(shown, expected);
    }

    #[test]
    fn comments_and_blank_lines_are_no_rules() {
        check(
            b"# all\n\n/*\r\n \t \n!/apps \n #x",
            &[
                "`/*` in a/.sourceignore:3",
                "`!/apps` in a/.sourceignore:5",
                "` #x` in a/.sourceignore:6",
            ],
        );
        check(b"", &[]);
    }

    #[test]
    fn a_line_that_is_too_long_ends_the_rules() {
        let rules = |length: usize, end: &str| {
            let text = format!("a\n{}{end}", "b".repeat(length));
            IgnoreRules::of_file(&TreePath::root(), text.as_bytes())
                .0
                .len()
        };
        assert_eq!(rules((64 << 10) - 1, "\nc"), 3);
        assert_eq!(rules(64 << 10, "\nc"), 1);
        assert_eq!(rules((64 << 10) - 1, ""), 2);
        assert_eq!(rules(64 << 10, ""), 1);
    }
}
