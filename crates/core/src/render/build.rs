//! Builds the folder of a Kustomization.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::{Built, Kustomizer, LoadRestrictor, Object, Options, Reorder};
use tidegate_source::{
    Code, Diagnostic, EntryKind, FileId, Location, NotRendered, Severity, SkipReason, Sources,
    System, SystemError, TreePath,
};

use super::generate::{
    KUSTOMIZATION_FILES, generate, generated_step, kustomization_file, unreadable,
};
use super::prepare::{Settings, SettingsKey};
use super::read_objects::{ReadObjects, Reading, losses};
use super::{Stage, Substitutable};
use crate::codes;
use crate::flux::{FluxKustomization, subject};

/// What the build of a folder gave, before variables are put in. It is shared by all Kustomizations
/// that ask for the same.
#[derive(Debug)]
pub struct FolderBuild {
    /// The folder.
    pub folder: TreePath,
    /// The objects in the order of the build, or the stage that failed.
    pub objects: Result<Arc<Vec<Object>>, Stage>,
    /// The same objects, to put variables in; none where the build failed.
    pub substitutable: Substitutable,
    /// The objects as they go into the server-side apply where no variables are put in; nothing
    /// where the build failed.
    pub read: ReadObjects,
    /// What is wrong: errors where the build failed, warnings and what is lost on the way to the
    /// cluster otherwise. Their trails start at the folder: who asked for it is not in them.
    pub findings: Vec<Diagnostic>,
    /// What was left out.
    pub not_rendered: Vec<NotRendered>,
}

/// Builds folders with the settings of Kustomizations, each combination once. It can be used from
/// many threads.
pub struct Builder {
    sources: Arc<Sources>,
    /// One for each root of a source, as a build must not leave it, and one for builds without Flux.
    kustomizers: Mutex<HashMap<Option<TreePath>, Arc<Kustomizer>, FxBuildHasher>>,
    /// A cell for each, so that threads that ask for the same build wait for one.
    builds: Mutex<HashMap<Key, BuildCell, FxBuildHasher>>,
}

type BuildCell = Arc<OnceLock<Arc<FolderBuild>>>;

/// What makes a build differ from others.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    root: TreePath,
    folder: TreePath,
    settings: SettingsKey,
}

impl Builder {
    /// A builder over a file table.
    pub fn new(sources: Arc<Sources>) -> Builder {
        Builder {
            sources,
            kustomizers: Mutex::default(),
            builds: Mutex::default(),
        }
    }

    /// The file table.
    pub fn sources(&self) -> &Arc<Sources> {
        &self.sources
    }

    /// Builds `folder` with the settings of a Kustomization that could be decoded. `root` is the
    /// folder that its source was packed from.
    pub fn build(
        &self,
        root: &TreePath,
        folder: &TreePath,
        kustomization: &FluxKustomization,
    ) -> Arc<FolderBuild> {
        let settings = Settings::read(kustomization, self.sources.system(), root, folder);
        self.build_with(root, folder, &settings)
    }

    /// Builds the entry of a cluster, whose Kustomization is not known yet, as one without settings
    /// would.
    pub fn build_entry(&self, folder: &TreePath) -> Arc<FolderBuild> {
        self.build_with(&TreePath::root(), folder, &Settings::default())
    }

    /// Builds a folder as kustomize does, without Flux.
    pub fn build_folder(&self, folder: &TreePath) -> Arc<FolderBuild> {
        let built = self.kustomizer(None).build(folder);
        Arc::new(FolderBuild::new(folder, Stage::Build, built))
    }

    /// The objects of a Kustomization as they go into the server-side apply, once its variables are
    /// put in.
    pub fn read_objects(
        &self,
        objects: &Arc<Vec<Object>>,
        kustomization: &FluxKustomization,
    ) -> ReadObjects {
        Reading::of(kustomization).read(objects)
    }

    fn build_with(
        &self,
        root: &TreePath,
        folder: &TreePath,
        settings: &Settings,
    ) -> Arc<FolderBuild> {
        let key = Key {
            root: root.clone(),
            folder: folder.clone(),
            settings: settings.key(),
        };
        let cell = {
            let mut builds = self.builds.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(builds.entry(key).or_default())
        };
        let new = || Arc::new(self.build_new(root, folder, settings));
        Arc::clone(cell.get_or_init(new))
    }

    fn kustomizer(&self, root: Option<&TreePath>) -> Arc<Kustomizer> {
        let mut kustomizers = self
            .kustomizers
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let new = || {
            // The options of kustomize-controller.
            let options = Options {
                load_restrictor: LoadRestrictor::None,
                reorder: Reorder::None,
                managed_by_label: false,
            };
            let sources = Arc::clone(&self.sources);
            let kustomizer = Kustomizer::new(sources, options);
            Arc::new(match root {
                Some(root) => kustomizer.in_controller(root.clone()),
                None => kustomizer,
            })
        };
        Arc::clone(kustomizers.entry(root.cloned()).or_insert_with(new))
    }

    fn build_new(&self, root: &TreePath, folder: &TreePath, settings: &Settings) -> FolderBuild {
        let kustomizer = self.kustomizer(Some(root));
        let system = self.sources.system();
        let own = kustomization_file(system, folder);
        let made = own.is_none();
        let written = match own {
            Some(path) => match self.sources.load(&path) {
                Ok(file) => Ok(file),
                Err(failed) => Err(vec![unreadable(path, &failed.error)]),
            },
            None => cannot_be_written(system, folder).map_or_else(
                || generate(&kustomizer, folder),
                |finding| Err(vec![finding]),
            ),
        };
        let written = written.and_then(|file| {
            let id = file.id();
            let written = settings.write(&kustomizer, &file, made)?;
            Ok((id, written))
        });
        let (stage, built) = match written {
            Ok((id, written)) => {
                let mut built = kustomizer.build_written_back(folder, &written);
                for finding in &mut built.findings {
                    if made {
                        name_generated(finding, folder, id);
                    }
                    name_mended(finding);
                }
                (Stage::Build, built)
            }
            Err(findings) => {
                let built = Built {
                    findings,
                    ..Built::default()
                };
                (Stage::Generate, built)
            }
        };
        let Built {
            mut objects,
            mut findings,
            mut not_rendered,
        } = built;
        let refused = refused(objects.as_deref(), &mut not_rendered);
        if !refused.is_empty() {
            objects = None;
            findings.retain(|finding| finding.severity == Severity::Error);
            findings.extend(refused);
        }
        if made {
            findings.extend(left_out(system, folder));
        }
        let warnings = settings.findings.iter().cloned();
        findings.extend(warnings.filter(|finding| finding.severity == Severity::Warning));
        let mut build = FolderBuild::new(
            folder,
            stage,
            Built {
                objects,
                findings,
                not_rendered,
            },
        );
        if let Ok(objects) = &build.objects {
            build.findings.extend(losses(objects));
            build.read = settings.reading.read(objects);
        }
        build
    }
}

impl FolderBuild {
    /// The stage at which a Kustomization fails with this build. Where variables are put in, the
    /// objects are written for that, and it is then that what cannot be written is found.
    pub fn failed(&self, kustomization: Option<&FluxKustomization>) -> Option<Stage> {
        const NOT_WRITTEN: [Code; 3] = [
            tidegate_kustomize::codes::UNWRITABLE,
            tidegate_yaml::codes::DUPLICATE_KEY,
            tidegate_yaml::codes::KEY_NOT_TEXT,
        ];
        let stage = *self.objects.as_ref().err()?;
        let errors = self.findings.iter();
        let mut errors = errors.filter(|finding| finding.severity == Severity::Error);
        let is_written = kustomization.is_some_and(|one| one.post_build().is_some())
            && stage == Stage::Build
            && errors.all(|error| NOT_WRITTEN.contains(&error.code));
        Some(if is_written { Stage::Substitute } else { stage })
    }

    /// A build whose failure is one of `stage`.
    fn new(folder: &TreePath, stage: Stage, built: Built) -> FolderBuild {
        let mut findings = built.findings;
        for finding in &mut findings {
            // What is wrong with a generated kustomization has no place but the folder.
            if matches!(finding.primary, Location::Span(span) if !span.is_some()) {
                finding.primary = Location::Path(folder.clone());
            }
        }
        let objects = built.objects.clone().unwrap_or_default();
        FolderBuild {
            folder: folder.clone(),
            objects: built.objects.ok_or(stage),
            read: ReadObjects {
                objects: Arc::clone(&objects),
                refused: Vec::new(),
            },
            substitutable: Substitutable::new(objects),
            findings,
            not_rendered: built.not_rendered,
        }
    }
}

/// Says in the trail of a finding that a kustomization was generated, as no one can look it up.
fn name_generated(finding: &mut Diagnostic, folder: &TreePath, generated: FileId) {
    for step in &mut finding.trail {
        if matches!(step.location, Location::Span(span) if span.file == generated) {
            *step = generated_step(folder);
        }
    }
}

/// Gives what is an error wherever kustomize reads it, and is mended where Flux writes the file first,
/// the code of what becomes of it.
fn name_mended(finding: &mut Diagnostic) {
    if finding.severity != Severity::Warning {
        return;
    }
    if finding.code == tidegate_kustomize::codes::UNKNOWN_FIELD {
        finding.code = codes::DROPPED_FIELD;
    } else if finding.code == tidegate_kustomize::codes::WRONG_TYPE {
        finding.code = codes::NUMBER_FOR_TEXT;
    }
}

/// What kustomize can build and the controller refuses: charts, which need a program, and objects
/// that the API server could not take.
fn refused(objects: Option<&Vec<Object>>, not_rendered: &mut Vec<NotRendered>) -> Vec<Diagnostic> {
    let mut refused = Vec::new();
    not_rendered.retain(|left_out| {
        let is_refused = matches!(left_out.reason, SkipReason::Chart | SkipReason::Exec);
        if is_refused {
            let what = &left_out.what;
            let message = format!("Flux does not run helm for the chart {what}, and fails");
            let location = left_out.location.clone();
            let code = codes::CHART_IN_KUSTOMIZATION;
            let finding = Diagnostic::new(code, Severity::Error, location, message);
            refused.push(finding.with_help("write a HelmRelease for the chart"));
        }
        !is_refused
    });
    for object in objects.into_iter().flatten() {
        let missing = match (object.api_version(), object.name()) {
            ("", _) => "apiVersion",
            // kustomize lets lists pass.
            (_, "") => "metadata.name",
            _ => continue,
        };
        let subject = subject(&object.node);
        let message = match subject.name.as_str() {
            "" => format!("this {} has no `{missing}`", subject.kind),
            _ => format!("{subject} has no `{missing}`"),
        };
        let code = tidegate_kustomize::codes::NOT_A_RESOURCE;
        refused.push(
            Diagnostic::error(code, object.node.place.span(), message)
                .with_help("every object needs an apiVersion, a kind and a name")
                .with_subject(subject)
                .with_trail(object.trail()),
        );
    }
    refused
}

/// Why no kustomization can be written into a folder: there is a folder of its name.
fn cannot_be_written(system: &dyn System, folder: &TreePath) -> Option<Diagnostic> {
    let path = folder.join(KUSTOMIZATION_FILES[0]).ok()?;
    let is_taken = system.kind(&path) == Ok(EntryKind::Folder);
    is_taken.then(|| {
        let message = format!("`{path}` is a folder, where Flux writes a kustomization");
        let code = tidegate_kustomize::codes::MISSING_KUSTOMIZATION;
        let location = Location::Path(path);
        Diagnostic::new(code, Severity::Error, location, message).with_help("rename the folder")
    })
}

/// The kustomization file that Flux cannot see, so that it generates one.
fn left_out(system: &dyn System, folder: &TreePath) -> Option<Diagnostic> {
    let paths = KUSTOMIZATION_FILES
        .iter()
        .filter_map(|name| folder.join(name).ok());
    let mut left_out = paths.filter_map(|path| match system.kind(&path) {
        Err(error @ (SystemError::Ignored(_) | SystemError::Link)) => Some((path, error)),
        _ => None,
    });
    let (path, error) = left_out.next()?;
    let why = match error {
        SystemError::Ignored(rule) => format!("is left out of the artifact by {rule}"),
        _ => "is a symbolic link, which Flux leaves out of its artifacts".to_owned(),
    };
    let message = format!("`{path}` {why}: Flux applies all YAML files of the folder instead");
    let code = tidegate_kustomize::codes::NOT_PACKED;
    Some(Diagnostic::new(
        code,
        Severity::Warning,
        Location::Path(path),
        message,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use tidegate_kustomize::to_yaml;
    use tidegate_source::MemorySystem;
    use tidegate_yaml::{Dialect, Node, ParseOptions, Value, parse};

    const OBJECT: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

    /// A builder, and a Kustomization with this `spec`, which is the file `k.yaml`.
    fn given(files: &[(&str, &str)], spec: &str) -> (Builder, FluxKustomization) {
        let add = |system: MemorySystem, (path, text): &(&str, &str)| system.with(path, text);
        let text = format!("kind: Kustomization\nmetadata: {{name: k}}\nspec:\n{spec}");
        let system = files.iter().fold(MemorySystem::new(), add);
        let system = system.with("k.yaml", text);
        let sources = Arc::new(Sources::new(Arc::new(system)));
        let file = sources.load(&TreePath::new("k.yaml").unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        let object = parsed.documents[0].root.clone().unwrap();
        (Builder::new(sources), FluxKustomization::read(&object))
    }

    fn build(builder: &Builder, kustomization: &FluxKustomization) -> Arc<FolderBuild> {
        let folder = TreePath::new("app").unwrap();
        builder.build(&TreePath::root(), &folder, kustomization)
    }

    /// Builds the folder `app`: what is applied, or the stage that fails; then what is said.
    #[track_caller]
    fn check(files: &[(&str, &str)], spec: &str, expected: Result<&str, Stage>, said: &[&str]) {
        let (builder, kustomization) = given(files, spec);
        let build = build(&builder, &kustomization);
        let messages = build.findings.iter().chain(&build.read.refused);
        let messages = messages.map(|one| format!("{} {}", one.code, one.message));
        assert_eq!(messages.collect::<Vec<_>>(), said);
        let applied = build.objects.as_ref().map_err(|stage| *stage);
        let applied = applied.map(|_| to_yaml(&build.read.objects).unwrap());
        assert_eq!(applied.as_deref().map_err(|stage| *stage), expected);
    }

    #[test]
    fn settings_replace_or_follow_what_the_file_says() {
        let file = "resources: [a.yaml]\nnamePrefix: file-\nnamespace: file\nimages:\n\
                    - {name: x, newName: w, digest: 'sha256:d'}\n\
                    patches:\n- patch: |-\n    - {op: add, path: /data, value: {p: file}}\n  \
                    target: {kind: ConfigMap}\n";
        let pod = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n\
                   ---\napiVersion: v1\nkind: Pod\nmetadata: {name: p}\n\
                   spec: {containers: [{image: 'x:1'}]}\n";
        let spec = "  namePrefix: flux-\n  targetNamespace: flux\n  \
                    images: [{name: x, newTag: '2'}, {name: w, newTag: '3'}]\n  \
                    patches:\n  - patch: |-\n      - {op: add, path: /data/q, value: flux}\n    \
                    target: {kind: ConfigMap}\n  \
                    commonMetadata: {labels: {team: shop}, annotations: {a: b}}\n";
        check(
            &[("app/kustomization.yaml", file), ("app/a.yaml", pod)],
            spec,
            Ok(
                "apiVersion: v1\ndata:\n  p: file\n  q: flux\nkind: ConfigMap\nmetadata:\n  \
                annotations:\n    a: b\n  labels:\n    team: shop\n  name: flux-a\n  \
                namespace: flux\n---\napiVersion: v1\nkind: Pod\nmetadata:\n  annotations:\n    \
                a: b\n  labels:\n    team: shop\n  name: flux-p\n  namespace: flux\nspec:\n  \
                containers:\n  - image: w:3\n",
            ),
            &[],
        );
    }

    #[test]
    fn what_is_lost_when_the_file_is_written_is_said() {
        let file = "resources: [a.yaml]\nresource: []\nnameSuffix: 1.10\nimages:\n- {tag: x}\n";
        check(
            &[("app/kustomization.yaml", file), ("app/a.yaml", OBJECT)],
            "  prune: true\n",
            Ok("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a1.1\n"),
            &[
                "FLX032 `resource` is not a field of a kustomization, so Flux drops it",
                "FLX032 `tag` is not a field of an `images` entry, so Flux drops it",
                "FLX041 `nameSuffix` is a number, which Flux writes as the text `1.1`",
            ],
        );
    }

    #[test]
    fn a_file_without_resources_builds_to_nothing_or_with_origins() {
        let nothing = &[("app/kustomization.yaml", "# nothing\n")];
        check(nothing, "  prune: true\n", Ok(""), &[]);
        let generator = "configMapGenerator: [{name: g, literals: [a=b]}]\n\
                         generatorOptions: {disableNameSuffixHash: true}\n";
        check(
            &[("app/kustomization.yaml", generator)],
            "  prune: true\n",
            Ok(
                "apiVersion: v1\ndata:\n  a: b\nkind: ConfigMap\nmetadata:\n  annotations:\n    \
                config.kubernetes.io/origin: |\n      configuredIn: kustomization.yaml\n      \
                configuredBy:\n        apiVersion: builtin\n        \
                kind: ConfigMapGenerator\n  name: g\n",
            ),
            &[],
        );
    }

    #[test]
    fn each_stage_fails_as_itself() {
        let own = [("app/kustomization.yaml", "resources: a.yaml\n")];
        check(
            &own,
            "  prune: true\n",
            Err(Stage::Generate),
            &["KUS008 `resources` must be a list, not text"],
        );
        check(
            &[("app/a.yaml", OBJECT)],
            "  components: [/c]\n",
            Err(Stage::Generate),
            &["FLX033 the component `/c` of Kustomization k is an absolute path"],
        );
        check(
            &[
                ("app/kustomization.yaml", "resources: [../../b.yaml]\n"),
                ("b.yaml", OBJECT),
            ],
            "  prune: true\n",
            Err(Stage::Build),
            &["KUS007 `../../b.yaml` leads out of the tree"],
        );
    }

    #[test]
    fn components_outside_are_passed_over_where_that_is_asked_for() {
        check(
            &[("app/a.yaml", OBJECT)],
            "  ignoreMissingComponents: true\n  components: [gone, ../../out]\n",
            Ok("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"),
            &[
                "FLX033 the component `../../out` of Kustomization k is outside of its source, and \
                 `ignoreMissingComponents` lets Flux pass over it",
            ],
        );
    }

    #[test]
    fn builds_are_shared_where_the_settings_are_the_same() {
        let files = [("app/a.yaml", OBJECT)];
        let (builder, one) = given(&files, "  namePrefix: x-\n");
        let other = FluxKustomization {
            node: one.node.clone(),
            path: "elsewhere".to_owned(),
            ..one.clone()
        };
        assert!(Arc::ptr_eq(
            &build(&builder, &one),
            &build(&builder, &other)
        ));
        let none = FluxKustomization {
            node: Node::null(Default::default()),
            ..one.clone()
        };
        assert!(!Arc::ptr_eq(
            &build(&builder, &one),
            &build(&builder, &none)
        ));
        let entry = builder.build_entry(&TreePath::new("app").unwrap());
        assert!(Arc::ptr_eq(&entry, &build(&builder, &none)));
    }

    /// Whether the place of the text of a leaf, or a step of it, leads to a text of `k.yaml`.
    #[track_caller]
    fn check_origin(spec: &str, leaf: &str, written: &str) {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n\
                   spec: {containers: [{image: 'x:1'}]}\n";
        let component = "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\n\
                         commonAnnotations: {c: component}\n";
        let files = [("app/a.yaml", pod), ("c/kustomization.yaml", component)];
        let (builder, kustomization) = given(&files, spec);
        let build = build(&builder, &kustomization);
        assert_eq!(build.findings, []);
        let mut found = Vec::new();
        leaves(&build.read.objects[0].node, &mut found);
        let node = found.iter().find(|node| node.text() == Some(leaf)).unwrap();
        let steps = node.place.steps();
        let spans = steps.iter().map(|step| step.span);
        let texts = spans.chain([node.place.span()]).filter_map(|span| {
            let span = builder.sources().real(span);
            let file = builder.sources().get(span.file)?;
            let range = span.start as usize..span.end as usize;
            Some(file.text().ok()?.get(range)?.to_owned())
        });
        let texts: Vec<String> = texts.collect();
        assert!(texts.iter().any(|text| text == written), "{texts:?}");
    }

    fn leaves<'n>(node: &'n Node, found: &mut Vec<&'n Node>) {
        match &node.value {
            Value::Scalar(_) => found.push(node),
            Value::Map(map) => map.iter().for_each(|entry| leaves(&entry.value, found)),
            Value::Seq(seq) => seq.iter().for_each(|item| leaves(item, found)),
        }
    }

    #[test]
    fn settings_keep_their_places_in_the_object() {
        check_origin("  namePrefix: flux-\n", "flux-p", "flux-");
        check_origin("  nameSuffix: -flux\n", "p-flux", "-flux");
        check_origin("  targetNamespace: shop\n", "shop", "shop");
        check_origin("  images: [{name: x, newTag: '9'}]\n", "x:9", "'9'");
        check_origin("  components: [../c]\n", "component", "component");
        check_origin("  commonMetadata: {labels: {a: shop}}\n", "shop", "shop");
        let patch = "  patches:\n  - patch: |\n      - op: add\n        path: /spec/nodeName\n        \
                     value: node1\n    target: {kind: Pod}\n";
        check_origin(patch, "node1", "node1");
        let patch = "  patches:\n  - patch: |\n      apiVersion: v1\n      kind: Pod\n      \
                     metadata: {name: p}\n      spec: {nodeName: node2}\n";
        check_origin(patch, "node2", "node2");
    }
}
