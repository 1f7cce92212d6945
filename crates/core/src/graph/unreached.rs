//! Files that no cluster reaches.

use std::collections::{BTreeMap, BTreeSet};

use tidegate_source::{
    Diagnostic, Location, NotRendered, Severity, SkipReason, Sources, Span, System, TreePath,
};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use crate::cluster::discover;
use crate::codes;
use crate::graph::GraphReport;
use crate::graph::folders::{Folder, Folders, Reach};
use crate::render::{ClusterRender, Outcome, Stage};

/// Finds the YAML files with objects that no build of any cluster reads, around the folders that
/// the clusters apply.
///
/// Nothing is said of folders with an error or a lost field among the `known` findings. `could_reach` tells that
/// something which is not rendered could name further folders: then what a build of any folder would
/// read counts as not rendered.
pub(super) fn find(
    renders: &[ClusterRender],
    sources: &Sources,
    known: &[Diagnostic],
    could_reach: bool,
    report: &mut GraphReport,
) {
    let Some(places) = places(renders, sources.system()) else {
        return;
    };
    let folders = Folders::below(&places, sources);
    let mut could = Reach::new(&folders);
    // What a build that succeeds refers to has been read.
    for applied in renders.iter().flat_map(|render| &render.applied) {
        let has_failed = matches!(applied.outcome, Outcome::Failed(at) if at < Stage::Substitute);
        if let Some(folder) = applied.folder.as_ref().filter(|_| has_failed) {
            could.folder(folder);
        }
    }
    let not_read: Vec<&Folder> = folders.values().filter(|one| !one.is_read).collect();
    for folder in not_read.iter().filter(|_| could_reach) {
        match &folder.kustomization {
            Some(file) => could.kustomization(file),
            None => could.files.extend(folder.files.iter().cloned()),
        }
    }
    let could = could.files;
    // A Component is there to be asked for when it is needed, and so is what it names.
    let mut spared = Reach::new(&folders);
    for file in not_read
        .iter()
        .filter_map(|folder| folder.kustomization.as_ref())
    {
        if !could.contains(file) && is_component(sources, file) {
            spared.kustomization(file);
        }
    }
    let spared = spared.files;
    let at_fault = at_fault(known, sources, &folders);
    let mut dead: Vec<&TreePath> = Vec::new();
    // The folders in which something is reached, at any depth.
    let mut alive: BTreeSet<TreePath> = BTreeSet::new();
    for (path, folder) in folders.iter() {
        let mut is_alive = folder.unread.len() < folder.files.len();
        for file in &folder.unread {
            if could.contains(file) {
                is_alive = true;
                report.not_rendered.push(NotRendered {
                    reason: SkipReason::Unreached,
                    what: "YAML file".to_owned(),
                    location: Location::Path(file.clone()),
                });
            } else if !spared.contains(file) && !at_fault.contains(path) {
                dead.push(file);
            }
        }
        let mut above = folder
            .files
            .first()
            .filter(|_| is_alive)
            .and_then(TreePath::parent);
        while let Some(path) = above {
            above = path.parent();
            if !alive.insert(path) {
                break;
            }
        }
    }
    report
        .findings
        .extend(findings(sources, &dead, &alive, &folders));
}

/// The folders in which something is wrong: a file that is not reached may be what is meant.
fn at_fault(known: &[Diagnostic], sources: &Sources, folders: &Folders<'_>) -> BTreeSet<TreePath> {
    let errors = known.iter().filter(|finding| {
        finding.severity == Severity::Error || finding.code == codes::DROPPED_FIELD
    });
    let folder = |finding: &Diagnostic| match &finding.primary {
        Location::Path(path) if folders.get(path).is_some() => Some(path.clone()),
        Location::Path(path) => path.parent(),
        Location::Span(span) => sources.get(sources.real(*span).file)?.path().parent(),
    };
    errors.filter_map(folder).collect()
}

/// Where to look: around the folders that clusters apply. None where clusters are left out, as what
/// only these reach is not known.
fn places(renders: &[ClusterRender], system: &dyn System) -> Option<Vec<TreePath>> {
    let of_cluster = renders.iter().filter(|render| render.cluster.is_some());
    let applied = of_cluster.flat_map(|render| &render.applied);
    let folders: BTreeSet<&TreePath> = applied.filter_map(|one| one.folder.as_ref()).collect();
    let is_left_out = |path: &TreePath| !folders.contains(path);
    let clusters = discover(system, &TreePath::root());
    if folders.is_empty() || clusters.iter().any(|cluster| is_left_out(&cluster.path)) {
        return None;
    }
    let mut shared = (*folders.first()?).clone();
    while let Some(above) = shared.parent()
        && !folders.iter().all(|folder| folder.is_within(&shared))
    {
        shared = above;
    }
    if !shared.is_root() {
        return Some(vec![shared]);
    }
    // Much else can be beside them in the root of a repository.
    let tops = folders.iter().filter_map(|folder| {
        let top = folder.parts().next()?;
        TreePath::new(top).ok()
    });
    let mut tops: Vec<TreePath> = tops.collect();
    tops.dedup();
    Some(tops)
}

/// One finding for each file, or for each folder in which nothing is reached.
fn findings(
    sources: &Sources,
    dead: &[&TreePath],
    alive: &BTreeSet<TreePath>,
    folders: &Folders<'_>,
) -> Vec<Diagnostic> {
    let mut by_place: BTreeMap<TreePath, Vec<&TreePath>> = BTreeMap::new();
    for file in dead {
        if !holds_objects(sources, file) {
            continue;
        }
        let mut place = (*file).clone();
        while let Some(above) = place.parent()
            && !alive.contains(&above)
            && folders.get(&above).is_some()
        {
            place = above;
        }
        by_place.entry(place).or_default().push(file);
    }
    let finding = |(place, files): (TreePath, Vec<&TreePath>)| match files[..] {
        [file] => of_file(sources, file, folders),
        _ => {
            let message = format!("no cluster reaches the {} files in `{place}`", files.len());
            warning(Location::Path(place), message)
                .with_help("name the folder in `resources` or in a Kustomization, or remove it")
        }
    };
    by_place.into_iter().map(finding).collect()
}

fn of_file(sources: &Sources, file: &TreePath, folders: &Folders<'_>) -> Diagnostic {
    let message = format!("no cluster reaches `{file}`");
    let finding = warning(Location::Path(file.clone()), message);
    let parent = file.parent();
    let folder = parent.as_ref().and_then(|parent| folders.get(parent));
    let kustomization = folder.and_then(|folder| folder.kustomization.as_ref());
    match kustomization.filter(|kustomization| *kustomization != file) {
        Some(kustomization) => {
            let name = file.file_name().unwrap_or_default();
            let finding = finding.with_help(format!(
                "add `- {name}` to the `resources` of `{kustomization}`, or remove the file"
            ));
            match resources(sources, kustomization) {
                Some(span) => finding.with_label(span, "it is not among these"),
                None => finding,
            }
        }
        None => finding
            .with_help("name its folder in `resources` or in a Kustomization, or remove the file"),
    }
}

/// Where the list of resources of a kustomization starts.
fn resources(sources: &Sources, kustomization: &TreePath) -> Option<Span> {
    let file = sources.load(kustomization).ok()?;
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let root = parsed.documents.into_iter().find_map(|one| one.root)?;
    let map = root.as_map()?;
    let mut entries = map.iter();
    let entry = entries.find(|entry| entry.key.text() == Some("resources"))?;
    Some(entry.key.place.span())
}

fn warning(location: Location, message: String) -> Diagnostic {
    Diagnostic::new(codes::UNREACHED_FILE, Severity::Warning, location, message)
}

fn is_component(sources: &Sources, file: &TreePath) -> bool {
    let Ok(file) = sources.load(file) else {
        return false;
    };
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    let root = parsed.documents.into_iter().find_map(|one| one.root);
    root.is_some_and(|root| root.get("kind").and_then(Node::text) == Some("Component"))
}

/// Whether a file holds objects for a cluster, or a kustomization that asks for some.
fn holds_objects(sources: &Sources, file: &TreePath) -> bool {
    let Ok(file) = sources.load(file) else {
        return false;
    };
    let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
    let mut roots = parsed.documents.iter().filter_map(|one| one.root.as_ref());
    roots.any(|root| {
        let text = |path: &[&str]| root.at(path).and_then(Node::text);
        let (Some(api_version), Some(kind)) = (text(&["apiVersion"]), text(&["kind"])) else {
            return false;
        };
        match api_version.split_once('/') {
            Some(("kustomize.config.k8s.io", _)) => kind == "Kustomization",
            _ => text(&["metadata", "name"]).is_some(),
        }
    })
}

#[cfg(test)]
mod tests {
    use crate::graph::testing::{check, kustomization, namespace, not_rendered, object, provider};

    fn tree(more: &[(&'static str, String)]) -> Vec<(&'static str, String)> {
        let files = [
            ("apps.yaml", kustomization("apps", &[])),
            (
                "/apps/kustomization.yaml",
                "resources: [shop.yaml]\n".to_owned(),
            ),
            ("/apps/shop.yaml", namespace("shop")),
        ];
        [&files[..], more].concat()
    }

    #[test]
    fn files_that_no_list_names_are_dead() {
        let settings = object("v1", "ConfigMap", "shop", "settings");
        check(&tree(&[]), &[]);
        check(
            &tree(&[("/apps/settings.yaml", settings.clone())]),
            &["FLX016 settings.yaml no cluster reaches `apps/settings.yaml`"],
        );
        check(
            &tree(&[
                ("/apps/old/a.yaml", settings.clone()),
                ("/apps/old/b/c.yaml", settings.clone()),
            ]),
            &["FLX016 old no cluster reaches the 2 files in `apps/old`"],
        );
        check(
            &tree(&[
                (
                    "/apps/old/kustomization.yaml",
                    "resources: [a.yaml]\n".to_owned(),
                ),
                ("/apps/old/a.yaml", settings.clone()),
            ]),
            &["FLX016 a.yaml no cluster reaches `apps/old/a.yaml`"],
        );
        // Beside the folders that clusters apply, there can be anything.
        check(&tree(&[("/docs/example.yaml", settings)]), &[]);
    }

    #[test]
    fn files_that_hold_no_objects_are_none_of_a_cluster() {
        let settings = object("v1", "ConfigMap", "shop", "settings");
        let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n\
                         resources: [a.yaml]\n";
        check(
            &tree(&[
                ("/apps/values.yaml", "replicas: 2\n".to_owned()),
                ("/apps/.sops.yaml", settings.clone()),
                ("/apps/README.md", "text".to_owned()),
                ("/apps/chart/Chart.yaml", "name: x\n".to_owned()),
                ("/apps/chart/templates/a.yaml", settings.clone()),
                ("/apps/chart/crds/a.yaml", settings.clone()),
                ("/apps/spare/kustomization.yaml", component.to_owned()),
                ("/apps/spare/a.yaml", settings),
            ]),
            &[],
        );
    }

    #[test]
    fn what_something_unexpanded_could_reach_is_counted() {
        let settings = object("v1", "ConfigMap", "shop", "settings");
        let set = "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\n\
                   metadata: {name: set, namespace: flux-system}\n\
                   spec: {inputsFrom: [{name: p}], resourcesTemplate: 'kind: Kustomization'}\n---\n";
        let files = tree(&[
            ("set.yaml", set.to_owned() + &provider("p")),
            ("/apps/settings.yaml", settings.clone()),
            ("/apps/extra/a.yaml", settings.clone()),
            (
                "/apps/more/kustomization.yaml",
                "resources: [a.yaml]\n".to_owned(),
            ),
            ("/apps/more/a.yaml", settings.clone()),
            ("/apps/more/b.yaml", settings),
        ]);
        check(
            &files,
            &[
                "FLX016 b.yaml no cluster reaches `apps/more/b.yaml`",
                "FLX016 settings.yaml no cluster reaches `apps/settings.yaml`",
            ],
        );
        let counted = not_rendered(&files);
        let counted = counted.iter().filter(|one| one.starts_with("file "));
        assert_eq!(counted.count(), 3);
    }
}
