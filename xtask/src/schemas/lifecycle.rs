//! In which versions of Kubernetes each of its kinds is deprecated and removed, out of its Go modules.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::module;
use crate::workspace::Workspace;
use crate::{Outcome, corpus};

/// The modules that say what becomes of kinds.
const MODULES: [&str; 3] = [
    "k8s.io/api",
    "k8s.io/apiextensions-apiserver",
    "k8s.io/kube-aggregator",
];

/// A version of a kind: group, kind, version.
type Key = (String, String, String);

/// A line for each version of a kind that is or will be deprecated or removed. What a newer module says
/// of it goes before what an older one says; an older one has kinds that the newer ones lack.
pub(super) fn text(workspace: &Workspace) -> Outcome<String> {
    let mut facts: BTreeMap<Key, BTreeMap<&str, Value>> = BTreeMap::new();
    for version in module::KUBERNETES {
        let minor = version.strip_prefix("1.").unwrap_or(version);
        for name in MODULES {
            let folder = module::folder(workspace, name, &format!("0.{minor}"))?;
            for path in corpus::files(&folder)? {
                if path.ends_with("zz_generated.prerelease-lifecycle.go") {
                    read(&path, &mut facts)?;
                }
            }
        }
    }
    let mut out = String::new();
    for ((group, kind, version), mut line) in facts {
        let is_told = line.contains_key("d") || line.contains_key("x");
        if !is_told || kind.ends_with("List") {
            continue;
        }
        line.extend([
            ("g", json!(group)),
            ("k", json!(kind)),
            ("v", json!(version)),
        ]);
        writeln!(out, "{}", json!(line))?;
    }
    Ok(out)
}

fn read(path: &Path, facts: &mut BTreeMap<Key, BTreeMap<&'static str, Value>>) -> Outcome {
    let Some(folder) = path.parent() else {
        return Ok(());
    };
    let group = group(folder)?;
    let version = folder.file_name().and_then(|name| name.to_str());
    let version = version.unwrap_or_default();
    let mut here: BTreeMap<Key, BTreeMap<&str, Value>> = BTreeMap::new();
    let text = fs::read_to_string(path)?;
    let mut function = None;
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("func (in *") {
            function = rest.split_once(") APILifecycle");
            continue;
        }
        let (Some((kind, name)), Some(value)) = (function, line.trim().strip_prefix("return "))
        else {
            continue;
        };
        let key = (group.clone(), kind.to_owned(), version.to_owned());
        let fact = here.entry(key).or_default();
        match name.split('(').next() {
            Some("Deprecated") => drop(fact.insert("d", minor(value)?)),
            Some("Removed") => drop(fact.insert("x", minor(value)?)),
            Some("Replacement") => drop(fact.insert("r", replacement(value))),
            _ => {}
        }
    }
    facts.extend(here);
    Ok(())
}

/// The group of a package, which it or the one above says.
fn group(folder: &Path) -> Outcome<String> {
    for folder in folder.ancestors().take(2) {
        let path = folder.join("register.go");
        let text = fs::read_to_string(path).unwrap_or_default();
        let named = text.lines().find_map(|line| {
            let (_, value) = line.split_once("GroupName")?.1.split_once("= \"")?;
            value.strip_suffix('"')
        });
        if let Some(group) = named {
            return Ok(group.to_owned());
        }
    }
    Err(format!("{} has no group", folder.display()).into())
}

fn minor(value: &str) -> Outcome<Value> {
    let (_, minor) = value.split_once(", ").ok_or("a version without minor")?;
    Ok(json!(minor.parse::<u32>()?))
}

/// `apiVersion kind` of what is to be used instead.
fn replacement(value: &str) -> Value {
    let field = |name: &str| {
        let rest = value.split(&format!("{name}: \"")).nth(1);
        let text = rest.and_then(|rest| rest.split('"').next());
        text.unwrap_or_default().to_owned()
    };
    let (group, version, kind) = (field("Group"), field("Version"), field("Kind"));
    let separator = if group.is_empty() { "" } else { "/" };
    json!(format!("{group}{separator}{version} {kind}"))
}
