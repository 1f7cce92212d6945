//! Licences and sources of everything that is compiled in, against `deny.toml`. `cargo deny` checks
//! the same and more; this is for machines that do not have it.

use std::collections::BTreeSet;

use serde_json::Value;
use toml::Table;

use crate::Outcome;
use crate::workspace::{Workspace, output_of};

pub(super) fn check(workspace: &Workspace, breaches: &mut Vec<String>) -> Outcome {
    let policy = Policy::read(workspace)?;
    let mut cargo = workspace.cargo(&["metadata", "--format-version", "1", "--locked"]);
    let metadata: Value = serde_json::from_str(&output_of(&mut cargo)?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    for package in packages {
        policy.check(package, breaches);
    }
    Ok(())
}

/// The part of `deny.toml` that is checked here.
struct Policy {
    licences: BTreeSet<String>,
    banned: BTreeSet<String>,
    registries: BTreeSet<String>,
}

impl Policy {
    fn read(workspace: &Workspace) -> Outcome<Policy> {
        let deny = std::fs::read_to_string(workspace.root().join("deny.toml"))?;
        let deny: Table = deny.parse()?;
        let list = |section: &str, key: &str| {
            let list = deny
                .get(section)
                .and_then(|table| table.get(key)?.as_array());
            list.ok_or_else(|| format!("deny.toml has no list `{key}` in [{section}]"))
        };
        let texts = |section, key| {
            let items = list(section, key)?.iter();
            Ok::<_, String>(
                items
                    .filter_map(|one| one.as_str())
                    .map(str::to_owned)
                    .collect(),
            )
        };
        let banned = list("bans", "deny")?.iter();
        Ok(Policy {
            licences: texts("licenses", "allow")?,
            banned: banned
                .filter_map(|one| one.get("crate")?.as_str())
                .map(str::to_owned)
                .collect(),
            registries: texts("sources", "allow-registry")?,
        })
    }

    fn check(&self, package: &Value, breaches: &mut Vec<String>) {
        let name = package["name"].as_str().unwrap_or_default();
        let licence = package["license"].as_str().unwrap_or_default();
        if !self.allows(licence) {
            breaches.push(format!("{name} has the licence `{licence}`"));
        }
        if self.banned.contains(name) {
            breaches.push(format!("{name} is banned: see deny.toml"));
        }
        // Packages of the workspace have no source.
        if let Some(source) = package["source"].as_str() {
            let registry = source.strip_prefix("registry+").unwrap_or(source);
            if !self.registries.contains(registry) {
                breaches.push(format!("{name} comes from {source}"));
            }
        }
    }

    /// Whether an SPDX expression can be met with the allowed licences alone.
    fn allows(&self, expression: &str) -> bool {
        let spaced = expression
            .replace('(', " ( ")
            .replace(')', " ) ")
            // The old way to write a choice.
            .replace('/', " OR ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        self.any(&mut rest) && rest.is_empty()
    }

    fn any(&self, rest: &mut &[&str]) -> bool {
        let mut met = self.all(rest);
        while let Some((&"OR", after)) = rest.split_first() {
            *rest = after;
            met |= self.all(rest);
        }
        met
    }

    fn all(&self, rest: &mut &[&str]) -> bool {
        let mut met = self.one(rest);
        while let Some((&"AND", after)) = rest.split_first() {
            *rest = after;
            met &= self.one(rest);
        }
        met
    }

    fn one(&self, rest: &mut &[&str]) -> bool {
        match **rest {
            ["(", ..] => {
                *rest = &rest[1..];
                let met = self.any(rest);
                match rest.split_first() {
                    Some((&")", after)) => *rest = after,
                    // Not an expression: whoever reads it must look.
                    _ => return false,
                }
                met
            }
            [licence, "WITH", exception, ..] => {
                *rest = &rest[3..];
                self.licences
                    .contains(&format!("{licence} WITH {exception}"))
                    || self.licences.contains(licence)
            }
            [licence, ..] => {
                *rest = &rest[1..];
                self.licences.contains(licence)
            }
            [] => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_or_not() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let policy = Policy {
            licences: set(&["MIT", "Apache-2.0", "Zlib"]),
            banned: set(&[]),
            registries: set(&[]),
        };
        for met in [
            "MIT",
            "MIT OR GPL-3.0",
            "GPL-3.0/MIT",
            "(MIT OR Apache-2.0) AND Zlib",
            "Apache-2.0 WITH LLVM-exception OR GPL-2.0",
        ] {
            assert!(policy.allows(met), "{met}");
        }
        for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT", "MIT MIT"] {
            assert!(!policy.allows(unmet), "{unmet}");
        }
    }
}
