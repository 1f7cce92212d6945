//! Where the paths of Flux objects lead: the root of the artifact, and the source that holds the
//! tree itself.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tidegate_source::{Entry, EntryKind, IgnoreRule, System, SystemError, TreePath, nearest};

use crate::config::Settings;
use crate::flux::{FluxKustomization, SourceRef};

/// What the `spec.path`s of one cluster are relative to, and which source they are paths of.
pub(crate) struct Tree {
    /// The folder that was packed or cloned.
    pub(crate) root: TreePath,
    /// The paths, where none of them exists below any folder that could be the root.
    pub(crate) lost: Vec<String>,
    own: BTreeSet<SourceRef>,
    /// Whether the config names the root, and the source.
    says_root: bool,
    says_source: bool,
}

impl Tree {
    /// Root and source as the config says, or else inferred from the Kustomizations of the entries.
    ///
    /// The own source is what a Kustomization names that leads back to an entry, or
    /// flux-system/flux-system; where neither occurs, the source used most whose paths exist here.
    /// The root is, of all folders above the entries, the one below which most paths exist; the
    /// root of the system and then `start` win a draw.
    pub(crate) fn infer(
        system: &dyn System,
        start: &TreePath,
        entries: &[TreePath],
        kustomizations: &[Arc<FluxKustomization>],
        settings: &Settings<'_>,
    ) -> Tree {
        let roots = match settings.root {
            Some(root) => vec![root.value.clone()],
            None => candidate_roots(start, entries),
        };
        let of_a_tree = kustomizations.iter().filter(|kustomization| {
            kustomization.source.is_artifact_of_a_tree()
                && !is_substituted(&kustomization.source.name)
                && !is_substituted(&kustomization.path)
        });
        let of_a_tree: Vec<&Arc<FluxKustomization>> = of_a_tree.collect();
        let leads_to = |root: &TreePath, path: &str| join(root, path).0;
        let says_source = settings.source.is_some();
        let said = settings.source.map(|source| source.value.clone());
        let mut own: BTreeSet<SourceRef> = said.into_iter().collect();
        if own.is_empty() {
            let leading_back = of_a_tree.iter().filter(|kustomization| {
                let mut places = roots.iter().map(|root| leads_to(root, &kustomization.path));
                kustomization.source.is_flux_system()
                    || places.any(|place| entries.contains(&place))
            });
            own.extend(leading_back.map(|kustomization| kustomization.source.clone()));
        }
        if own.is_empty() {
            let mut uses: BTreeMap<&SourceRef, usize> = BTreeMap::new();
            for kustomization in &of_a_tree {
                let mut places = roots.iter().map(|root| leads_to(root, &kustomization.path));
                if places.any(|place| is_folder(system, &place)) {
                    *uses.entry(&kustomization.source).or_default() += 1;
                }
            }
            let most = uses.iter().max_by_key(|(source, uses)| (**uses, *source));
            own.extend(most.map(|(source, _)| (*source).clone()));
        }
        let paths: BTreeSet<&str> = of_a_tree
            .iter()
            .filter(|kustomization| own.contains(&kustomization.source))
            .map(|kustomization| kustomization.path.as_str())
            .collect();
        let mut best = (0, TreePath::root());
        for root in roots {
            let exist = paths
                .iter()
                .filter(|path| is_folder(system, &leads_to(&root, path)))
                .count();
            if exist > best.0 {
                best = (exist, root);
            }
        }
        let says_root = settings.root.is_some_and(|root| root.span.is_some());
        let (exist, root) = match settings.root {
            Some(root) => (best.0, root.value.clone()),
            None => best,
        };
        let lost = match exist {
            0 if !says_root => paths.into_iter().map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        Tree {
            root,
            lost,
            own,
            says_root,
            says_source,
        }
    }

    /// Another folder above the entries below which the path exists.
    pub(crate) fn other_root(
        &self,
        system: &dyn System,
        start: &TreePath,
        entries: &[TreePath],
        path: &str,
    ) -> Option<TreePath> {
        let mut roots = candidate_roots(start, entries).into_iter();
        roots.find(|root| *root != self.root && is_folder(system, &join(root, path).0))
    }

    /// Whether the root is the one that the config names.
    pub(crate) fn says_root(&self) -> bool {
        self.says_root
    }

    /// The sources that are the tree itself, sorted.
    pub(crate) fn own_sources(&self) -> Vec<SourceRef> {
        self.own.iter().cloned().collect()
    }

    /// Whether a source is the tree itself.
    pub(crate) fn is_own(&self, source: &SourceRef) -> bool {
        !self.says_source && source.is_flux_system()
            || self.own.iter().any(|own| source.may_be(own))
    }
}

/// Whether a text is only known once variables are put in.
pub(crate) fn is_substituted(text: &str) -> bool {
    text.contains("${")
}

/// The root of the system, `start`, and the folders above all entries from the top down.
fn candidate_roots(start: &TreePath, entries: &[TreePath]) -> Vec<TreePath> {
    let mut roots = vec![TreePath::root(), start.clone()];
    let mut above = Vec::new();
    let mut folder = entries.first().and_then(TreePath::parent);
    while let Some(path) = folder {
        folder = path.parent();
        if entries.iter().all(|entry| entry.is_within(&path)) {
            above.push(path);
        }
    }
    for root in above.into_iter().rev() {
        if !roots.contains(&root) {
            roots.push(root);
        }
    }
    roots
}

/// Joins `spec.path` to the root of its source as kustomize-controller does: what leads above the
/// root stays at the root. The flag tells whether it did.
pub(crate) fn join(root: &TreePath, path: &str) -> (TreePath, bool) {
    join_with(root, path, |folder| folder)
}

/// The same in a tree that may have links: `..` behind one leads to the folder above its target.
pub(crate) fn join_following(system: &dyn System, root: &TreePath, path: &str) -> (TreePath, bool) {
    join_with(root, path, |folder| match system.canonical(&folder) {
        Ok(real) if real.is_within(root) => real,
        _ => folder,
    })
}

fn join_with(root: &TreePath, path: &str, real: impl Fn(TreePath) -> TreePath) -> (TreePath, bool) {
    let mut folder = root.clone();
    let mut escaped = false;
    for part in path.split('/') {
        if part == ".." {
            folder = real(folder);
            match folder.parent().filter(|_| folder != *root) {
                Some(parent) => folder = parent,
                None => escaped = true,
            }
        } else if let Ok(inside) = folder.join(part) {
            folder = inside;
        }
    }
    (folder, escaped)
}

fn is_folder(system: &dyn System, path: &TreePath) -> bool {
    system.kind(path) == Ok(EntryKind::Folder)
}

/// What there is instead of a folder.
pub(crate) enum Instead {
    /// A file.
    File,
    /// A symbolic link, in a tree that has none.
    Link,
    /// What this rule leaves out of the artifact.
    Ignored(Arc<IgnoreRule>),
    /// Nothing: `existing` is the deepest folder on the way that exists, `name` is what it lacks,
    /// `folders` are the folders it has.
    Nothing {
        existing: TreePath,
        name: String,
        folders: Vec<String>,
    },
    /// Something that could not be looked at.
    Unknown(SystemError),
}

/// What is at `path`, where it is no folder.
pub(crate) fn instead_of_folder(
    system: &dyn System,
    root: &TreePath,
    path: &TreePath,
) -> Option<Instead> {
    match system.kind(path) {
        Ok(EntryKind::Folder) => None,
        Ok(EntryKind::File | EntryKind::Other) => Some(Instead::File),
        Err(SystemError::Link) => Some(Instead::Link),
        Err(SystemError::Ignored(rule)) => Some(Instead::Ignored(rule)),
        Err(SystemError::NotFound | SystemError::NotFolder) => {
            let mut name = String::new();
            let mut existing = path.clone();
            while !is_folder(system, &existing) && existing != *root {
                name = existing.file_name().unwrap_or_default().to_owned();
                existing = existing.parent()?;
            }
            let entries = system.list(&existing).unwrap_or_default();
            let is_shown =
                |entry: &Entry| entry.kind == Some(EntryKind::Folder) && entry.name != ".git";
            let folders = entries.into_iter().filter(is_shown);
            Some(Instead::Nothing {
                existing,
                name,
                folders: folders.map(|entry| entry.name).collect(),
            })
        }
        Err(error) => Some(Instead::Unknown(error)),
    }
}

/// The folder that was probably meant by a path that does not exist.
pub(crate) fn similar_folder(
    system: &dyn System,
    path: &TreePath,
    existing: &TreePath,
    name: &str,
    folders: &[String],
) -> Option<TreePath> {
    let near = nearest(name, folders.iter().map(String::as_str))?;
    let near = existing.join(near).ok()?;
    let rest = path.parts().skip(existing.parts().count() + 1);
    let whole = near.join(&rest.collect::<Vec<_>>().join("/")).ok()?;
    is_folder(system, &whole).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::tests::config;
    use tidegate_source::{MemorySystem, Span, Subject};
    use tidegate_yaml::{Node, Place};

    fn kustomization(source: &str, path: &str) -> FluxKustomization {
        let (kind, name) = source.split_once(' ').unwrap();
        FluxKustomization {
            subject: Subject::default(),
            name_span: Span::NONE,
            node: Node::null(Place::default()),
            path: path.to_owned(),
            path_span: Span::NONE,
            source: SourceRef {
                kind: kind.to_owned(),
                namespace: "flux-system".to_owned(),
                name: name.to_owned(),
            },
            source_span: Span::NONE,
        }
    }

    /// Infers from Kustomizations of a source and a path each, in the entry `k8s/clusters/live`.
    fn check(kustomizations: &[(&str, &str)], root: &str, own: &[&str]) {
        check_with("", kustomizations, root, own);
    }

    /// The same with a config.
    fn check_with(said: &str, kustomizations: &[(&str, &str)], root: &str, own: &[&str]) {
        let system = MemorySystem::new()
            .with("k8s/clusters/live/a.yaml", "")
            .with("k8s/apps/a.yaml", "")
            .with("k8s/infra/a.yaml", "");
        let kustomizations: Vec<Arc<FluxKustomization>> = kustomizations
            .iter()
            .map(|(source, path)| Arc::new(kustomization(source, path)))
            .collect();
        let entries = [TreePath::new("k8s/clusters/live").unwrap()];
        let start = TreePath::root();
        let config = config(said);
        let settings = config.settings(Some("live"));
        let tree = Tree::infer(&system, &start, &entries, &kustomizations, &settings);
        assert_eq!(tree.root.as_str(), root);
        let found: Vec<String> = tree.own.iter().map(SourceRef::to_string).collect();
        assert_eq!(found, own);
    }

    #[test]
    fn the_root_is_where_paths_exist() {
        let flux = "GitRepository flux-system";
        let own = ["GitRepository flux-system/flux-system"];
        check(&[(flux, "./k8s/apps"), (flux, "absent")], "", &own);
        check(&[(flux, "./apps"), (flux, "infra/")], "k8s", &own);
        check(&[(flux, "absent")], "", &own);
        check(&[(flux, "apps/${cluster}")], "", &[]);
    }

    #[test]
    fn the_own_source_leads_back_to_the_entry_or_is_used_most() {
        check(
            &[
                ("OCIRepository platform", "clusters/live"),
                ("GitRepository team", "apps"),
            ],
            "k8s",
            &["OCIRepository flux-system/platform"],
        );
        check(
            &[
                ("GitRepository team", "deploy"),
                ("OCIRepository platform", "k8s/apps"),
                ("ExternalArtifact other", "k8s/apps"),
            ],
            "",
            &["OCIRepository flux-system/platform"],
        );
        check(&[("GitRepository team", "deploy")], "", &[]);
    }

    #[test]
    fn the_config_goes_before_what_is_inferred() {
        let flux = ("GitRepository flux-system", "./k8s/apps");
        let team = ("GitRepository team", "./infra");
        let said = "[clusters.live]\nroot = 'k8s'\n";
        check_with(
            said,
            &[flux],
            "k8s",
            &["GitRepository flux-system/flux-system"],
        );
        let said = "[clusters.live]\nsource = { kind = 'GitRepository', name = 'team' }\n";
        check_with(
            said,
            &[flux, flux, team],
            "k8s",
            &["GitRepository flux-system/team"],
        );
    }

    #[test]
    fn a_kind_that_is_put_in_later_may_be_that_of_the_own_source() {
        let system = MemorySystem::new().with("clusters/live/a.yaml", "");
        let entry = kustomization("OCIRepository platform", "clusters/live");
        let entries = [TreePath::new("clusters/live").unwrap()];
        let config = Config::default();
        let settings = config.settings(None);
        let start = TreePath::root();
        let tree = Tree::infer(&system, &start, &entries, &[Arc::new(entry)], &settings);
        let is_own = |source| tree.is_own(&kustomization(source, "apps").source);
        assert!(is_own("${source_kind} platform"));
        assert!(is_own("${source_kind} flux-system"));
        assert!(!is_own("${source_kind} team"));
        assert!(!is_own("HelmChart flux-system"));
    }

    #[test]
    fn paths_stay_below_the_root() {
        let root = TreePath::new("k8s").unwrap();
        let joined = |path| {
            let (folder, escaped) = join(&root, path);
            (folder.to_string(), escaped)
        };
        assert_eq!(joined("./apps/../infra/"), ("k8s/infra".to_owned(), false));
        assert_eq!(joined("/apps"), ("k8s/apps".to_owned(), false));
        assert_eq!(joined("../apps"), ("k8s/apps".to_owned(), true));
        assert_eq!(joined(""), ("k8s".to_owned(), false));
    }
}
