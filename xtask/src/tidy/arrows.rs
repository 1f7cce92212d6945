//! Which crate may use which: the arrows of ARCHITECTURE.md.

use super::manifests::Package;

/// What each crate stands on directly; what those stand on it may use too.
const ARROWS: &[(&str, &[&str])] = &[
    ("archive", &[]),
    ("golang", &[]),
    ("semver", &[]),
    ("source", &[]),
    ("system", &["source", "archive"]),
    ("yaml", &["source"]),
    ("gotemplate", &["yaml", "golang", "semver"]),
    ("kustomize", &["yaml"]),
    ("schema", &["yaml", "golang"]),
    ("helm", &["archive", "yaml", "gotemplate", "schema"]),
    ("registry", &["source", "golang", "semver"]),
    ("core", &["kustomize", "helm", "schema"]),
    ("artifact", &["archive", "registry"]),
    ("health", &["source"]),
    ("report", &["core"]),
    (FOR_TESTS, &[]),
];

/// Only tests and tasks may use it.
const FOR_TESTS: &str = "test-cluster";

/// They join all of the others, and nothing stands on them.
const TOP: &[&str] = &["cli", "xtask"];

pub(super) fn check(packages: &[Package], breaches: &mut Vec<String>) {
    for package in packages {
        let is_task = package.folder == "xtask";
        if !is_task && package.uses.iter().any(|used| used == FOR_TESTS) {
            let folder = &package.folder;
            breaches.push(format!("{FOR_TESTS} is for tests, not for {folder} itself"));
            continue;
        }
        if TOP.contains(&package.folder.as_str()) {
            continue;
        }
        let Some(allowed) = reach(&package.folder) else {
            let folder = &package.folder;
            breaches.push(format!("{folder} has no arrows: name them in {}", file!()));
            continue;
        };
        for used in &package.uses {
            if !allowed.contains(&used.as_str()) {
                let folder = &package.folder;
                breaches.push(format!("{folder} may not depend on {used}"));
            }
        }
    }
}

/// All that a crate may use, directly or through others.
fn reach(folder: &str) -> Option<Vec<&'static str>> {
    let (_, direct) = ARROWS.iter().find(|(name, _)| *name == folder)?;
    let mut all = direct.to_vec();
    let mut next = 0;
    while let Some(name) = all.get(next) {
        let (_, further) = ARROWS.iter().find(|(other, _)| other == name)?;
        let new: Vec<_> = further.iter().filter(|one| !all.contains(one)).collect();
        all.extend(new);
        next += 1;
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaches_of(folder: &str, uses: &[&str]) -> Vec<String> {
        let mut breaches = Vec::new();
        let package = Package {
            folder: folder.to_owned(),
            uses: uses.iter().map(|name| (*name).to_owned()).collect(),
            ..Package::default()
        };
        check(&[package], &mut breaches);
        breaches
    }

    #[test]
    fn arrows_are_followed_to_their_end() {
        assert_eq!(breaches_of("core", &["source", "yaml"]), [""; 0]);
        assert_eq!(breaches_of("cli", &["report", "health"]), [""; 0]);
        assert_eq!(
            breaches_of("yaml", &["core"]),
            ["yaml may not depend on core"]
        );
        assert_eq!(breaches_of("new", &[]).len(), 1);
    }

    #[test]
    fn what_is_for_tests_is_not_built_in() {
        assert_eq!(breaches_of("xtask", &["test-cluster"]), [""; 0]);
        for folder in ["cli", "health"] {
            let breach = format!("test-cluster is for tests, not for {folder} itself");
            assert_eq!(breaches_of(folder, &["test-cluster"]), [breach]);
        }
    }
}
