//! A file for each object, in a folder for each Kustomization, ResourceSet and HelmRelease.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;

use tidegate_core::render::{Applied, SecretValues};
use tidegate_kustomize::Object;

use super::select::name_of;

/// Gives each object a path of its own.
#[derive(Default)]
pub(crate) struct Names {
    /// In lower case: not every disk tells `a` from `A`.
    taken: HashSet<String>,
    /// How often a name was asked for.
    numbers: HashMap<String, usize>,
}

/// How long a part of a path gets: disks take 255 bytes, and there is more to come.
const LONGEST: usize = 230;

impl Names {
    /// The path for an object: `NAMESPACE/NAME` of its Kustomization (or the kind, namespace and name of
    /// what makes it), then a file named by kind,
    /// version, group, namespace and name. No part of a name of Kubernetes has a `_` in it, so that
    /// two objects have one name only where two Kustomizations are applied under one name, or where
    /// names differ in case: the later ones are numbered. Secret values are no part of it.
    pub(crate) fn path(
        &mut self,
        applied: &Applied,
        object: &Object,
        secret: &SecretValues,
    ) -> PathBuf {
        let folder = secret.shown(name_of(applied));
        let (group, version) = match object.api_version().split_once('/') {
            Some((group, version)) => (group, version),
            None => ("", object.api_version()),
        };
        let parts = [object.kind(), version, group].into_iter();
        let kind: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let mut name = kind.join(".").to_lowercase();
        for part in [object.namespace(), object.name()] {
            if !part.is_empty() {
                name.push('_');
                name.push_str(part);
            }
        }
        let name = secret.shown(name);
        let folder: Vec<String> = folder.split('/').map(safe).collect();
        let base = format!("{}/{}", folder.join("/"), safe(&name));
        let mut path = format!("{base}.yaml");
        let mut number = self.numbers.get(&base.to_lowercase()).copied().unwrap_or(1);
        while !self.taken.insert(path.to_lowercase()) {
            number += 1;
            path = format!("{base}_{number}.yaml");
        }
        self.numbers.insert(base.to_lowercase(), number);
        PathBuf::from(path)
    }
}

/// A part of a path that leads nowhere else: names that are still to be put in can hold anything.
fn safe(part: &str) -> String {
    let safe = |c: char| match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' | '_' => c,
        _ => '_',
    };
    let part: String = part.chars().map(safe).take(LONGEST).collect();
    match part.trim_matches('.').is_empty() {
        true => format!("_{part}"),
        false => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stay_within_their_folder() {
        assert_eq!(safe("flux-system"), "flux-system");
        assert_eq!(safe(".."), "_..");
        assert_eq!(safe(""), "_");
        assert_eq!(safe("${a}/b:c"), "__a__b_c");
        assert_eq!(safe(&"x".repeat(300)).len(), LONGEST);
    }
}
