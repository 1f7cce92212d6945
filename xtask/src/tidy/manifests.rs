//! The manifests of the workspace: what they must have in common.

use toml::{Table, Value};

use crate::Outcome;
use crate::workspace::Workspace;

/// A package of this workspace, by its manifest.
#[derive(Default)]
pub(super) struct Package {
    /// The folder's name, which is also the last part of the package's name.
    pub(super) folder: String,
    /// The crates of this workspace that it depends on, by folder; those of its tests not counted.
    pub(super) uses: Vec<String>,
    pub(super) manifest: Table,
}

/// Reads the manifest of every member.
pub(super) fn read(workspace: &Workspace) -> Outcome<Vec<Package>> {
    let mut folders = vec![workspace.root().join("xtask")];
    for entry in std::fs::read_dir(workspace.root().join("crates"))? {
        folders.push(entry?.path());
    }
    folders.sort();
    let mut packages = Vec::new();
    for path in folders {
        let folder = path.file_name().unwrap_or_default().to_string_lossy();
        // The command is the package of the root, where `cargo install` finds it.
        let place = match &*folder {
            "cli" => workspace.root(),
            _ => &path,
        };
        let text = std::fs::read_to_string(place.join("Cargo.toml"))?;
        let manifest: Table = text.parse()?;
        packages.push(Package {
            folder: folder.into_owned(),
            uses: ["dependencies", "build-dependencies"]
                .iter()
                .filter_map(|table| manifest.get(*table)?.as_table())
                .flat_map(Table::keys)
                .filter_map(|name| name.strip_prefix("tidegate-"))
                .map(str::to_owned)
                .collect(),
            manifest,
        });
    }
    Ok(packages)
}

/// Every package inherits what it can, and every dependency of the workspace has a user.
pub(super) fn check(
    workspace: &Workspace,
    packages: &[Package],
    breaches: &mut Vec<String>,
) -> Outcome {
    for package in packages {
        let folder = &package.folder;
        let expected = match folder.as_str() {
            "cli" => "tidegate".to_owned(),
            "xtask" => "xtask".to_owned(),
            folder => format!("tidegate-{folder}"),
        };
        if text_at(&package.manifest, &["package", "name"]) != Some(expected.as_str()) {
            breaches.push(format!("the package in {folder} must be named {expected}"));
        }
        if at(&package.manifest, &["lints", "workspace"]) != Some(&Value::Boolean(true)) {
            breaches.push(format!("{folder} does not inherit the lints"));
        }
        for key in ["version", "edition", "rust-version", "license", "publish"] {
            let inherited = at(&package.manifest, &["package", key, "workspace"]);
            if inherited != Some(&Value::Boolean(true)) {
                breaches.push(format!("{folder} does not inherit `{key}`"));
            }
        }
        for (name, value) in dependencies(&package.manifest) {
            if at_value(value, "workspace") != Some(&Value::Boolean(true)) {
                breaches.push(format!("{folder} does not inherit the dependency {name}"));
            }
        }
    }
    let root: Table = std::fs::read_to_string(workspace.root().join("Cargo.toml"))?.parse()?;
    let declared = at(&root, &["workspace", "dependencies"]).and_then(Value::as_table);
    for name in declared.into_iter().flat_map(Table::keys) {
        let used = packages
            .iter()
            .any(|package| dependencies(&package.manifest).any(|(other, _)| other == name));
        if !used {
            breaches.push(format!("no crate uses the dependency {name}"));
        }
    }
    let toolchain = std::fs::read_to_string(workspace.root().join("rust-toolchain.toml"))?;
    let toolchain: Table = toolchain.parse()?;
    let pinned = text_at(&toolchain, &["toolchain", "channel"]).unwrap_or_default();
    let least = text_at(&root, &["workspace", "package", "rust-version"]).unwrap_or_default();
    if !pinned.starts_with(least) || least.is_empty() {
        breaches.push(format!(
            "rust-toolchain.toml pins {pinned}, but rust-version is {least}"
        ));
    }
    Ok(())
}

/// All dependencies, those of one platform included.
fn dependencies(manifest: &Table) -> impl Iterator<Item = (&String, &Value)> {
    let platforms = manifest.get("target").and_then(Value::as_table);
    let platforms = platforms.into_iter().flat_map(Table::values);
    std::iter::once(manifest)
        .chain(platforms.filter_map(Value::as_table))
        .flat_map(|table| {
            ["dependencies", "dev-dependencies", "build-dependencies"]
                .into_iter()
                .filter_map(|kind| table.get(kind)?.as_table())
        })
        .flatten()
}

fn at<'a>(table: &'a Table, path: &[&str]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let start = table.get(*first)?;
    rest.iter().try_fold(start, |value, key| value.get(*key))
}

fn at_value<'a>(value: &'a Value, key: &str) -> Option<&'a Value> {
    value.as_table()?.get(key)
}

fn text_at<'a>(table: &'a Table, path: &[&str]) -> Option<&'a str> {
    at(table, path)?.as_str()
}
