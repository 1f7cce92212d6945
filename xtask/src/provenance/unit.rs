//! What is built: one folder of one tree, with or without the variables of a Flux Kustomization.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;
use tidegate_core::{discover, parallel};
use tidegate_kustomize::{Kustomizer, LoadRestrictor, Object, Options, Reorder};
use tidegate_source::{Sources, System, TreePath};
use tidegate_system::{DiskSystem, Links};

use crate::overlay::Overlay;
use crate::provenance::compare::{leaves, name_of};
use crate::provenance::site::{self, Site};
use crate::provenance::variables::VariablesOf;
use crate::workspace::Workspace;
use crate::{Outcome, corpus};

/// A folder to build.
pub(super) struct Unit {
    pub(super) name: String,
    system: Arc<DiskSystem>,
    folder: TreePath,
    load_restrictor: LoadRestrictor,
    variables: Option<VariablesOf>,
}

/// What a unit is when nothing is changed.
pub(super) struct Baseline {
    pub(super) objects: Arc<Vec<Object>>,
    /// The scalars of all files that the build read.
    pub(super) sites: Vec<Site>,
    /// The sites of each file that has any.
    pub(super) sites_of_files: Vec<Range<usize>>,
    /// The sites that are the values of variables; none in a unit without variables.
    pub(super) definitions: Vec<usize>,
    pub(super) leaves: usize,
    /// Leaves that do not say where they come from.
    pub(super) without_place: Vec<String>,
}

impl Baseline {
    pub(super) fn has_sites(&self) -> bool {
        !self.sites_of_files.is_empty()
    }
}

/// Every kustomization of the corpora.
pub(super) fn of_corpora(workspace: &Workspace) -> Outcome<Vec<Unit>> {
    let mut units = Vec::new();
    let Some(corpora) = workspace.corpora() else {
        return Ok(units);
    };
    for tree in corpus::trees(&corpora)? {
        let system = Arc::new(DiskSystem::new(&tree, Links::Followed)?);
        let name = tree.file_name().unwrap_or_default().to_string_lossy();
        for folder in corpus::kustomization_folders(&tree)? {
            units.push(Unit {
                name: format!("{name}/{folder}"),
                system: Arc::clone(&system),
                folder: TreePath::new(&folder)?,
                load_restrictor: LoadRestrictor::None,
                variables: None,
            });
        }
    }
    Ok(units)
}

/// The kustomizations of the corpora with the variables of each cluster of their tree, and the
/// public cases of substitution.
pub(super) fn of_variables(workspace: &Workspace) -> Outcome<Vec<Unit>> {
    let mut units = Vec::new();
    for tree in trees_of(workspace.corpora())? {
        let system = Arc::new(DiskSystem::new(&tree, Links::Followed)?);
        let name = tree.file_name().unwrap_or_default().to_string_lossy();
        for cluster in discover(&*system, &TreePath::root()) {
            for folder in corpus::kustomization_folders(&tree)? {
                units.push(Unit {
                    name: format!("{name}/{folder} for {}", cluster.name),
                    system: Arc::clone(&system),
                    folder: TreePath::new(&folder)?,
                    load_restrictor: LoadRestrictor::None,
                    variables: Some(VariablesOf::Cluster(cluster.path.clone())),
                });
            }
        }
    }
    let suite = workspace.conformance().map(|suites| suites.join("flux"));
    for case in trees_of(suite)? {
        units.extend(of_flux_case(&case)?);
    }
    // The others are the same as without variables.
    let threads = crate::workspace::threads();
    let uses = parallel::map(threads, &units, Unit::uses_variables);
    let mut uses = uses.into_iter();
    units.retain(|_| uses.next().unwrap_or_default());
    Ok(units)
}

fn trees_of(folder: Option<PathBuf>) -> Outcome<Vec<PathBuf>> {
    match folder.filter(|folder| folder.is_dir()) {
        Some(folder) => corpus::trees(&folder),
        None => Ok(Vec::new()),
    }
}

fn of_flux_case(case: &Path) -> Outcome<Option<Unit>> {
    let text = std::fs::read_to_string(case.join("case.json"))?;
    let about: Value = serde_json::from_str(&text)?;
    let topic = about["topic"].as_str().unwrap_or_default();
    let object = std::fs::read_to_string(case.join("kustomization.yaml"))?;
    let path = object
        .lines()
        .find_map(|line| line.trim().strip_prefix("path: "));
    let path = path.unwrap_or_default().trim().trim_start_matches("./");
    let folder = format!("tree/{path}");
    if about["expect"] != "ok" || !topic.starts_with("substitute") || !case.join(&folder).is_dir() {
        return Ok(None);
    }
    let name = case.file_name().unwrap_or_default().to_string_lossy();
    Ok(Some(Unit {
        name: format!("case {name}"),
        system: Arc::new(DiskSystem::new(case, Links::Followed)?),
        folder: TreePath::new(&folder)?,
        load_restrictor: LoadRestrictor::None,
        variables: Some(VariablesOf::Case),
    }))
}

/// Every public case that builds.
pub(super) fn of_cases(workspace: &Workspace) -> Outcome<Vec<Unit>> {
    let mut units = Vec::new();
    let Some(suites) = workspace.conformance() else {
        return Ok(units);
    };
    for case in corpus::trees(&suites.join("kustomize"))? {
        units.extend(of_case(&case)?);
    }
    Ok(units)
}

fn of_case(case: &Path) -> Outcome<Option<Unit>> {
    let text = std::fs::read_to_string(case.join("case.json"))?;
    let about: Value = serde_json::from_str(&text)?;
    let input = case.join("input");
    let flags = about["flags"].as_array();
    let has = |flag: &str| flags.is_some_and(|flags| flags.iter().any(|one| one == flag));
    // The other order is the same tree again.
    if about["expect"] != "ok" || !input.is_dir() || has("--reorder") {
        return Ok(None);
    }
    let name = case.file_name().unwrap_or_default().to_string_lossy();
    Ok(Some(Unit {
        name: format!("case {name}"),
        system: Arc::new(DiskSystem::new(&input, Links::Followed)?),
        folder: TreePath::new(about["dir"].as_str().unwrap_or_default())?,
        load_restrictor: if has("LoadRestrictionsNone") {
            LoadRestrictor::None
        } else {
            LoadRestrictor::RootOnly
        },
        variables: None,
    }))
}

impl Unit {
    /// Whether variables are put in.
    pub(super) fn has_variables(&self) -> bool {
        self.variables.is_some()
    }

    /// Builds the unit as it is; none where that fails.
    pub(super) fn baseline(&self) -> Option<Baseline> {
        let overlay = Arc::new(Overlay::new(Arc::clone(&self.system)));
        let (sources, objects) = self.build(Arc::clone(&overlay) as Arc<dyn System>);
        let objects = objects?;
        let mut sites = Vec::new();
        let mut sites_of_files = Vec::new();
        for path in overlay.read_so_far() {
            let Ok(file) = sources.load(&path) else {
                continue;
            };
            let start = sites.len();
            site::find(&file, &mut sites);
            if sites.len() > start {
                sites_of_files.push(start..sites.len());
            }
        }
        let mut count = 0;
        let mut without_place = Vec::new();
        for object in objects.iter() {
            leaves(&object.node, &mut |path, leaf| {
                count += 1;
                if !leaf.place.span().is_some() {
                    let what = format!("{} {}", self.name, name_of(object, path));
                    without_place.push(what);
                }
            });
        }
        let definitions = match self.has_variables() {
            true => (0..sites.len())
                .filter(|index| sites[*index].defines_variable())
                .collect(),
            false => Vec::new(),
        };
        Some(Baseline {
            objects,
            definitions,
            sites,
            sites_of_files,
            leaves: count,
            without_place,
        })
    }

    /// Builds the unit with one file replaced.
    pub(super) fn build_with(
        &self,
        path: &TreePath,
        text: String,
    ) -> (Arc<Sources>, Option<Arc<Vec<Object>>>) {
        let overlay = Overlay::new(Arc::clone(&self.system));
        let bytes = text.into_bytes();
        self.build(Arc::new(overlay.with(path.clone(), Some(bytes))))
    }

    fn build(&self, system: Arc<dyn System>) -> (Arc<Sources>, Option<Arc<Vec<Object>>>) {
        let sources = Arc::new(Sources::new(system));
        let objects = match &self.variables {
            Some(variables) => variables.put_into(&self.folder, &sources),
            None => self.build_alone(&sources),
        };
        (sources, objects)
    }

    /// Whether variables change anything.
    fn uses_variables(&self) -> bool {
        let system = Arc::clone(&self.system);
        let sources = Arc::new(Sources::new(system));
        let without = self.build_alone(&sources);
        let variables = self.variables.as_ref();
        let with = variables.and_then(|of| of.put_into(&self.folder, &sources));
        let both = without.zip(with);
        both.is_some_and(|(without, with)| {
            let mut pairs = without.iter().zip(with.iter());
            pairs.any(|(without, with)| !without.node.same_value(&with.node))
        })
    }

    fn build_alone(&self, sources: &Arc<Sources>) -> Option<Arc<Vec<Object>>> {
        let options = Options {
            load_restrictor: self.load_restrictor,
            // Renaming an object must not move it: before and after are compared one by one.
            reorder: Reorder::None,
            ..Options::default()
        };
        Kustomizer::new(Arc::clone(sources), options)
            .build(&self.folder)
            .objects
    }
}
