//! What is in the tree and not in the artifact that Flux makes of it.

use tidegate_source::{RuleOrigin, SystemError, TreePath};

/// What to say, and what to do, about `target`, which is written as `path`; none where it is not
/// the artifact that lacks it.
pub(crate) fn left_out(
    path: &str,
    target: &TreePath,
    error: &SystemError,
) -> Option<(String, String)> {
    match error {
        SystemError::Link => Some((
            format!(
                "`{path}` is or leads through a symbolic link, which Flux leaves out of its artifacts"
            ),
            "name what the link leads to, or keep a copy here".to_owned(),
        )),
        SystemError::Ignored(rule) => {
            let message = format!("`{path}` is left out of the artifact by {rule}");
            let back = format!("`!/{}`", target.as_str());
            let help = match rule.origin() {
                RuleOrigin::Default => format!("bring it back with a line {back} in .sourceignore"),
                RuleOrigin::File { .. } | RuleOrigin::Named { .. } => {
                    format!("change the rule, or bring it back with a later one: {back}")
                }
            };
            Some((message, help))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Kustomizer, Options, codes};
    use tidegate_source::{IgnoreRules, MemorySystem, Packed, Packing, Sources};

    fn check(kustomization: &str, files: &[&str], expected: &str) {
        let mut tree = MemorySystem::new().with("app/kustomization.yaml", kustomization);
        for file in files {
            tree = tree.with(file, "");
        }
        let packing = Packing::source_controller(IgnoreRules::default());
        let packed = Packed::new(Arc::new(tree), TreePath::root(), packing);
        let sources = Arc::new(Sources::new(Arc::new(packed)));
        let folder = TreePath::new("app").unwrap();
        let built = Kustomizer::new(sources, Options::default()).build(&folder);
        let found: Vec<_> = built.findings.iter().collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].code, codes::NOT_PACKED);
        assert_eq!(found[0].message, expected);
        let help = found[0].help.as_deref().unwrap();
        assert!(
            help.starts_with("bring it back with a line `!/app/"),
            "{help}"
        );
    }

    #[test]
    fn files_that_are_not_packed_are_told_from_missing_ones() {
        check(
            "configMapGenerator: [{name: a, files: [logo.png]}]",
            &["app/logo.png"],
            "`logo.png` is left out of the artifact by `*.png`, a default rule of Flux",
        );
        check(
            "resources: [.github]",
            &["app/.github/kustomization.yaml"],
            "`.github` is left out of the artifact by `.github/`, a default rule of Flux",
        );
    }
}
