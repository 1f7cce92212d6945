//! Builds the folder of a Kustomization.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxBuildHasher;
use tidegate_kustomize::{Built, Kustomizer, LoadRestrictor, Object, Options, Reorder};
use tidegate_source::{Diagnostic, FileId, Location, Severity, Sources, TreePath};

use super::generate::{generate, generated_step, kustomization_file, unreadable};
use super::losses::losses;
use super::prepare::{Settings, SettingsKey};
use super::read_objects::{ReadObjects, Reading};
use super::refuse::{cannot_be_written, left_out, refused};
use super::{FolderBuild, Stage};
use crate::codes;
use crate::flux::FluxKustomization;

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
    fn keys_that_are_numbers_or_dates_become_text() {
        let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n\
                      data: {0x16: tcp, 2026-01-02: day}\n";
        check(
            &[("app/a.yaml", object)],
            "  prune: true\n",
            Ok(
                "apiVersion: v1\ndata:\n  \"22\": tcp\n  \"2026-01-02T00:00:00Z\": day\n\
                kind: ConfigMap\nmetadata:\n  name: a\n",
            ),
            &[],
        );
        check(
            &[("app/a.yaml", &object.replace("0x16", "1.5"))],
            "  prune: true\n",
            Err(Stage::Build),
            &["YML005 the key `1.5` is a number, and keys must be text"],
        );
    }

    #[test]
    fn numbers_are_no_text_in_what_go_embeds() {
        let file = "configMapGenerator: [{name: 7, literals: [a=b]}]\n";
        check(
            &[("app/kustomization.yaml", file)],
            "  prune: true\n",
            Err(Stage::Generate),
            &["KUS008 `name` must be text, not a number"],
        );
    }

    #[test]
    fn the_second_document_of_a_kustomization_is_not_read() {
        let file = "resources: [a.yaml]\n---\na: b: c\n";
        check(
            &[("app/kustomization.yaml", file), ("app/a.yaml", OBJECT)],
            "  prune: true\n",
            Ok("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"),
            &[],
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
    fn what_kustomize_builds_and_flux_refuses_fails_the_build() {
        let object = "kind: ConfigMap\nmetadata: {name: a}\n";
        check(
            &[("app/a.yaml", object)],
            "  prune: true\n",
            Err(Stage::Build),
            &["KUS010 ConfigMap a has no `apiVersion`"],
        );
        let chart = "helmCharts: [{name: c, version: '1', repo: 'https://x'}]\n";
        check(
            &[("app/kustomization.yaml", chart)],
            "  prune: true\n",
            Err(Stage::Build),
            &["FLX039 Flux does not run helm for the chart https://x/c 1, and fails"],
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
