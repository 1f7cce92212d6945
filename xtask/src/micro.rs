//! One stage of the engine in a loop, in a process of its own so that its cost can be measured: what
//! `cargo xtask bench` runs.

use std::path::Path;
use std::sync::Arc;

use tidegate_core::config::Config;
use tidegate_core::release::NoCharts;
use tidegate_core::validate::Schemas;
use tidegate_core::{CheckOptions, check};
use tidegate_kustomize::{Built, Kustomizer, LoadRestrictor, Options};
use tidegate_source::{IgnoreRules, Packed, Packing, Sources, TreePath};
use tidegate_system::{DiskSystem, Links};
use tidegate_yaml::{Dialect, ParseOptions, parse};

use crate::{Outcome, corpus, workspace};

/// What to repeat.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(crate) enum Stage {
    /// Reading and parsing every YAML file of the tree
    Parse,
    /// Building every kustomization of the tree, one after the other, files read anew each time
    Build,
    /// Writing out what the kustomizations of the tree make
    Emit,
    /// Rendering the clusters of the tree, with the rules that hold between objects and no schemas
    Check,
    /// The same with schemas
    Validate,
}

/// The bytes that went in and came out of one build of a whole tree.
#[derive(Default)]
pub(crate) struct Volume {
    pub(crate) read: u64,
    pub(crate) rendered: u64,
}

/// Runs a stage over a tree so many times, and prints the bytes of one time.
pub(crate) fn run(stage: Stage, root: &Path, times: usize) -> Outcome {
    let bytes = match stage {
        Stage::Parse => parse_files(root, times)?,
        Stage::Build => {
            let folders = folders_of(root)?;
            let mut volume = Volume::default();
            for _ in 0..times {
                let kustomizer = kustomizer(root)?;
                volume = volume_of(&kustomizer, &build(&kustomizer, &folders));
            }
            volume.read
        }
        Stage::Emit => {
            let kustomizer = kustomizer(root)?;
            let built = build(&kustomizer, &folders_of(root)?);
            let mut volume = Volume::default();
            for _ in 0..times {
                volume = volume_of(&kustomizer, &built);
            }
            volume.rendered
        }
        Stage::Check => check_tree(root, &Schemas::Off, times)?,
        Stage::Validate => {
            let further = Vec::new();
            check_tree(root, &Schemas::Known { further }, times)?
        }
    };
    println!("{bytes}");
    Ok(())
}

/// The bytes of one build of every kustomization of a tree.
pub(crate) fn volume(root: &Path) -> Outcome<Volume> {
    let kustomizer = kustomizer(root)?;
    let built = build(&kustomizer, &folders_of(root)?);
    Ok(volume_of(&kustomizer, &built))
}

fn parse_files(root: &Path, times: usize) -> Outcome<u64> {
    let system = DiskSystem::new(root, Links::Followed)?;
    let sources = Sources::new(Arc::new(system));
    let mut files = Vec::new();
    for file in corpus::files(root)? {
        let name = file.strip_prefix(root)?.to_string_lossy().into_owned();
        if name.ends_with(".yaml") || name.ends_with(".yml") {
            files.push(sources.load(&TreePath::new(&name)?)?);
        }
    }
    let options = ParseOptions::new(Dialect::GoYaml3);
    for _ in 0..times {
        for file in &files {
            std::hint::black_box(parse(file, options));
        }
    }
    Ok(files.iter().map(|file| file.bytes().len() as u64).sum())
}

fn check_tree(root: &Path, schemas: &Schemas, times: usize) -> Outcome<u64> {
    let options = CheckOptions {
        start: TreePath::root(),
        clusters: Vec::new(),
        config: Config::default(),
        schemas: schemas.clone(),
        charts: Arc::new(NoCharts),
        threads: workspace::threads(),
    };
    let mut bytes = 0;
    for _ in 0..times {
        let system = DiskSystem::new(root, Links::Absent)?;
        let packing = Packing::source_controller(IgnoreRules::default());
        let packed = Packed::new(Arc::new(system), TreePath::root(), packing);
        let sources = Arc::new(Sources::new(Arc::new(packed)));
        bytes = check(&sources, &options, &|_, _| {})?.counts.bytes;
    }
    Ok(bytes)
}

fn kustomizer(root: &Path) -> Outcome<Kustomizer> {
    let system = DiskSystem::new(root, Links::Followed)?;
    let options = Options {
        load_restrictor: LoadRestrictor::None,
        ..Options::default()
    };
    Ok(Kustomizer::new(
        Arc::new(Sources::new(Arc::new(system))),
        options,
    ))
}

fn folders_of(root: &Path) -> Outcome<Vec<TreePath>> {
    let folders = corpus::kustomization_folders(root)?;
    Ok(folders
        .iter()
        .map(|folder| TreePath::new(folder))
        .collect::<Result<_, _>>()?)
}

fn build(kustomizer: &Kustomizer, folders: &[TreePath]) -> Vec<Built> {
    folders
        .iter()
        .map(|folder| kustomizer.build(folder))
        .collect()
}

fn volume_of(kustomizer: &Kustomizer, built: &[Built]) -> Volume {
    let texts = built.iter().filter_map(Built::to_yaml);
    Volume {
        read: kustomizer.sources().read_so_far().1,
        rendered: texts.flatten().map(|text| text.len() as u64).sum(),
    }
}
