use tidegate_source::{Entry, EntryKind, System, TreePath};

/// The folder whose children are clusters.
const CLUSTERS: &str = "clusters";

/// A cluster of the tree: the folder that Flux applies first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// Its name: the name of the folder, unless given.
    pub name: String,
    /// The folder.
    pub path: TreePath,
}

/// The clusters of a tree, sorted by path: each direct child of a folder `clusters` at `start` or
/// one level below it that holds YAML. `start` may also be such a folder `clusters`, or one of its
/// children.
pub fn discover(system: &dyn System, start: &TreePath) -> Vec<Cluster> {
    let is_clusters = |path: &TreePath| path.file_name() == Some(CLUSTERS);
    let mut found = Vec::new();
    if is_clusters(start) {
        add_children(system, start, &mut found);
    } else if start.parent().is_some_and(|parent| is_clusters(&parent)) {
        add(system, start.clone(), &mut found);
    } else {
        let mut places = vec![start.clone()];
        places.extend(folders(system, start));
        for place in places {
            if let Ok(clusters) = place.join(CLUSTERS) {
                add_children(system, &clusters, &mut found);
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found.dedup();
    found
}

fn add_children(system: &dyn System, clusters: &TreePath, found: &mut Vec<Cluster>) {
    for child in folders(system, clusters) {
        add(system, child, found);
    }
}

fn add(system: &dyn System, path: TreePath, found: &mut Vec<Cluster>) {
    if let Some(name) = path.file_name()
        && holds_yaml(system, &path)
    {
        found.push(Cluster {
            name: name.to_owned(),
            path,
        });
    }
}

/// The folders in a folder; none where it cannot be listed. `.git` is not one of the tree.
fn folders(system: &dyn System, path: &TreePath) -> Vec<TreePath> {
    let entries = system.list(path).unwrap_or_default();
    let folders = entries
        .iter()
        .filter(|entry| entry.kind == Some(EntryKind::Folder) && entry.name != ".git");
    folders
        .filter_map(|entry| path.join(&entry.name).ok())
        .collect()
}

fn holds_yaml(system: &dyn System, path: &TreePath) -> bool {
    let entries = system.list(path).unwrap_or_default();
    entries.iter().any(is_yaml)
        || folders(system, path)
            .iter()
            .any(|folder| holds_yaml(system, folder))
}

/// Whether Flux takes a file for YAML, by its name.
pub(crate) fn is_yaml(entry: &Entry) -> bool {
    let name = &entry.name;
    entry.kind == Some(EntryKind::File) && (name.ends_with(".yaml") || name.ends_with(".yml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tidegate_source::MemorySystem;

    fn check(files: &[&str], start: &str, expected: &[&str]) {
        let system = files
            .iter()
            .fold(MemorySystem::new(), |system, file| system.with(file, ""));
        let found = discover(&system, &TreePath::new(start).unwrap());
        let found: Vec<_> = found.iter().map(|c| c.path.as_str()).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn clusters_are_the_children_of_clusters_that_hold_yaml() {
        let files = [
            "kubernetes/clusters/dev/a.yaml",
            "kubernetes/clusters/live/apps/deep/b.yml",
            "kubernetes/clusters/references/notes.md",
            "kubernetes/clusters/readme.yaml",
            "clusters/edge/c.yaml",
            "very/deep/clusters/no/d.yaml",
        ];
        let all = [
            "clusters/edge",
            "kubernetes/clusters/dev",
            "kubernetes/clusters/live",
        ];
        check(&files, "", &all);
        check(&files, "kubernetes", &all[1..]);
        check(&files, "kubernetes/clusters", &all[1..]);
        check(&files, "kubernetes/clusters/live", &all[2..]);
        check(&files, "kubernetes/clusters/references", &[]);
        check(&files, "absent", &[]);
    }
}
