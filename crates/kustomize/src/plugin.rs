//! Built-in generators, transformers and validators that are configured in files of their own.

use tidegate_source::{Diagnostic, NotRendered, SkipReason, Span, nearest};
use tidegate_yaml::{Dialect, Node, StepKind};

use crate::accumulate::{Accumulated, Failed, Target, within};
use crate::decode::{Decoder, Fields, Pairs, Strictness, Text};
use crate::fieldspec::{FieldSpec, FieldSpecs};
use crate::filters::affix::{Affix, add_affix};
use crate::filters::entries::set_entries;
use crate::filters::images::set_images;
use crate::filters::namespace::{NamespaceTransformer, SubjectMode};
use crate::filters::replicas::set_replicas;
use crate::filters::value_add::add_value;
use crate::generators::{Generated, generate};
use crate::hash::add_hashes;
use crate::kustomization::{
    FieldSpecArgs, GeneratorArgs, Image, Kustomization, Patch, ReplacementField, Replica, Selector,
};
use crate::objects::{has_error, objects};
use crate::resource::{Origin, ResMap, Resource};
use crate::{Result, codes, selector};

/// The generators of a kustomization file, in the order in which they run.
pub(crate) fn generators(k: &Kustomization) -> [(&[GeneratorArgs], Generated); 2] {
    [
        (&k.config_maps, Generated::ConfigMap),
        (&k.secrets, Generated::Secret),
    ]
}

/// The name of a generator as a plugin.
pub(crate) fn generator_kind(generated: Generated) -> &'static str {
    match generated {
        Generated::ConfigMap => "ConfigMapGenerator",
        Generated::Secret => "SecretGenerator",
    }
}

impl Target<'_> {
    /// Runs what `generators` names.
    pub(crate) fn run_external_generators(
        &self,
        acc: &mut Accumulated,
        errors: &mut Vec<Diagnostic>,
    ) {
        let entries = &self.kustomization.generators;
        let configs = match self.plugin_configs(acc, entries, "generators") {
            Ok(configs) => configs,
            Err(findings) => {
                errors.extend(findings);
                return;
            }
        };
        for config in &configs {
            match self.generate_with(acc, config) {
                Ok(made) => {
                    for mut resource in made {
                        resource.origin = self.plugin_origin(config).map(Box::new);
                        if let Err(finding) = acc.resources.absorb(resource) {
                            errors.push(*finding);
                        }
                    }
                }
                Err(findings) => errors.extend(trailed(findings, config)),
            }
        }
    }

    fn generate_with(
        &self,
        acc: &mut Accumulated,
        config: &Resource,
    ) -> std::result::Result<Vec<Resource>, Failed> {
        let generated = match builtin_kind(config).map_err(|finding| vec![*finding])? {
            "ConfigMapGenerator" => Generated::ConfigMap,
            "SecretGenerator" => Generated::Secret,
            "IAMPolicyGenerator" => {
                let made = policy(config).map_err(|finding| vec![*finding])?;
                return Ok(vec![Resource::new(made, &acc.schema.schema)]);
            }
            "HelmChartInflationGenerator" => {
                acc.not_rendered.push(NotRendered {
                    reason: SkipReason::Chart,
                    what: config.name().to_owned(),
                    location: tidegate_source::Location::Span(config.span()),
                });
                return Ok(Vec::new());
            }
            kind => {
                let message = format!("{kind} is not a generator");
                let finding = Diagnostic::error(codes::INVALID_PLUGIN, config.span(), message)
                    .with_help("list it under `transformers`");
                return Err(vec![finding]);
            }
        };
        let mut decoder = Decoder::new(Strictness::Lenient);
        let secret = generated == Generated::Secret;
        let args = GeneratorArgs::decode(&mut decoder, config.node(), secret);
        let metadata = metadata(&mut decoder, config.node());
        let mut errors = decoder.findings;
        let Some(mut args) = args else {
            return Err(errors);
        };
        let [name, namespace] = metadata;
        args.name = args.name.or(name);
        args.namespace = args.namespace.or(namespace);
        let schema = &acc.schema.schema;
        let made = generate(generated, &args, None, self.loader, schema, &mut errors);
        errors.retain(|finding| {
            let error = has_error(std::slice::from_ref(finding));
            if !error {
                acc.warnings.push(finding.clone());
            }
            error
        });
        if errors.is_empty() {
            Ok(made.into_iter().collect())
        } else {
            Err(errors)
        }
    }

    /// Runs what `transformers` names.
    pub(crate) fn run_external_transformers(
        &self,
        acc: &mut Accumulated,
        entries: &[Text],
        field: &'static str,
    ) -> std::result::Result<(), Failed> {
        for config in self.plugin_configs(acc, entries, field)? {
            self.transform_with(acc, &config)
                .map_err(|finding| trailed(vec![*finding], &config))?;
            if let Some(origin) = self.plugin_origin(&config) {
                self.record(acc, &origin);
            }
            acc.resources.settle();
        }
        Ok(())
    }

    /// Runs what `validators` names: transformers that must not change anything.
    pub(crate) fn run_validators(&self, acc: &mut Accumulated) -> std::result::Result<(), Failed> {
        let entries = &self.kustomization.validators;
        for config in self.plugin_configs(acc, entries, "validators")? {
            let before = acc.resources.clone();
            self.transform_with(acc, &config)
                .map_err(|finding| trailed(vec![*finding], &config))?;
            if let Some(changed) = first_change(&before, &acc.resources) {
                let message = format!("the validator {} changes {changed}", config.subject());
                let finding = Diagnostic::error(codes::INVALID_PLUGIN, config.span(), message)
                    .with_help("list it under `transformers`");
                return Err(trailed(vec![finding], &config));
            }
        }
        Ok(())
    }

    fn plugin_origin(&self, config: &Resource) -> Option<Origin> {
        let origin = config.origin.as_ref()?;
        let id = config.id();
        Some(Origin {
            path: Default::default(),
            configured_in: origin.path.clone(),
            configured_by: [
                id.gvk.api_version(),
                id.gvk.kind.clone(),
                id.name.clone(),
                id.namespace.clone(),
            ],
            configuration: config.node().place.span(),
        })
    }

    /// The configurations that `entries` hold or name. Those written in place come first.
    fn plugin_configs(
        &self,
        acc: &mut Accumulated,
        entries: &[Text],
        field: &'static str,
    ) -> std::result::Result<Vec<Resource>, Failed> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let mut configs = Accumulated {
            schema: acc.schema.clone(),
            ..Accumulated::default()
        };
        let mut errors = Vec::new();
        let mut paths = Vec::new();
        for entry in entries {
            if !may_be_inline(entry) {
                paths.push(entry.clone());
                continue;
            }
            let file = self.loader.inline(entry, field);
            let (nodes, findings) = objects(&self.loader.parse(&file, Dialect::GoYaml3));
            if has_error(&findings) {
                if entry.contains('\n') {
                    errors.extend(findings);
                } else {
                    paths.push(entry.clone());
                }
                continue;
            }
            for node in nodes {
                let mut config = Resource::new(node, &configs.schema.schema);
                if self.tracks() {
                    config.origin = Some(Box::new(self.origin_of(self.file_name())));
                }
                if let Err(finding) = configs.resources.append(config) {
                    errors.push(*finding);
                }
            }
        }
        self.add_resources(&mut configs, &paths, field, &mut errors);
        acc.schema = configs.schema;
        acc.not_rendered.extend(configs.not_rendered);
        acc.warnings.extend(configs.warnings);
        if errors.is_empty() {
            Ok(configs.resources.into_resources())
        } else {
            Err(errors)
        }
    }

    fn transform_with(&self, acc: &mut Accumulated, config: &Resource) -> Result<()> {
        let kind = builtin_kind(config)?;
        let mut decoder = Decoder::new(Strictness::Lenient);
        let known = [
            "labels",
            "annotations",
            "fieldSpecs",
            "imageTag",
            "replica",
            "prefix",
            "suffix",
            "unsetOnly",
            "setRoleBindingSubjects",
            "target",
            "path",
            "jsonOp",
            "paths",
            "patches",
            "replacements",
        ];
        let Some(fields) = decoder.fields(config.node(), kind, &known) else {
            return decoded(decoder);
        };
        let d = &mut decoder;
        let resources = &mut acc.resources;
        match kind {
            "LabelTransformer" => {
                let pairs = d.pairs(&fields, "labels");
                let specs = specs(d, &fields);
                decoded(decoder)?;
                set_entries(resources, &sorted(pairs), &specs, StepKind::Label)
            }
            "AnnotationsTransformer" => {
                let pairs = d.pairs(&fields, "annotations");
                let specs = specs(d, &fields);
                decoded(decoder)?;
                set_entries(resources, &sorted(pairs), &specs, StepKind::Annotation)
            }
            "NamespaceTransformer" => {
                let [_, namespace] = metadata(d, config.node());
                let specs = specs(d, &fields);
                let unset_only = d.bool(&fields, "unsetOnly");
                let mode = d.text(&fields, "setRoleBindingSubjects");
                decoded(decoder)?;
                let subjects = subject_mode(mode.as_ref())?;
                let Some(namespace) = namespace else {
                    return Ok(());
                };
                let transformer = NamespaceTransformer {
                    namespace: &namespace,
                    specs: &specs,
                    unset_only,
                    subjects,
                    entry: config.span(),
                };
                transformer.apply(resources)
            }
            "PrefixTransformer" | "SuffixTransformer" | "PrefixSuffixTransformer" => {
                let prefix = d.text(&fields, "prefix");
                let suffix = d.text(&fields, "suffix");
                let specs = specs(d, &fields);
                decoded(decoder)?;
                if fields.get("fieldSpecs").is_none() {
                    let message = format!("{kind} needs `fieldSpecs`");
                    return Err(invalid(config.span(), message));
                }
                // Without text the fields are still visited, and made.
                let nothing = Text {
                    place: config.node().place.clone(),
                    ..Text::default()
                };
                if kind != "SuffixTransformer" {
                    let prefix = prefix.unwrap_or_else(|| nothing.clone());
                    add_affix(resources, Affix::Prefix, &prefix, &specs)?;
                }
                if kind != "PrefixTransformer" {
                    let suffix = suffix.unwrap_or(nothing);
                    add_affix(resources, Affix::Suffix, &suffix, &specs)?;
                }
                Ok(())
            }
            "ImageTagTransformer" => {
                let image = fields.get("imageTag");
                let image = image.and_then(|node| Image::decode(d, node));
                let specs = specs(d, &fields);
                decoded(decoder)?;
                set_images(resources, &image.unwrap_or_default(), &specs)
            }
            "ReplicaCountTransformer" => {
                let replica = fields.get("replica");
                let replica = replica.and_then(|node| Replica::decode(d, node));
                let specs = specs(d, &fields);
                decoded(decoder)?;
                let Some(replica) = replica else {
                    return Err(invalid(config.span(), format!("{kind} needs `replica`")));
                };
                set_replicas(resources, &replica, &specs)
            }
            "PatchTransformer" => {
                let patch = Patch::decode(d, config.node());
                decoded(decoder)?;
                match patch {
                    Some(patch) => self.apply_patch(acc, &patch),
                    None => Ok(()),
                }
            }
            "PatchJson6902Transformer" => {
                let patch = Patch {
                    path: d.text(&fields, "path"),
                    patch: d.text(&fields, "jsonOp"),
                    target: fields
                        .get("target")
                        .and_then(|node| Selector::decode(d, node)),
                    allow_name_change: false,
                    allow_kind_change: false,
                    span: config.span(),
                };
                decoded(decoder)?;
                self.apply_json_patch(acc, &patch)
            }
            "PatchStrategicMergeTransformer" => {
                let paths = d.texts(&fields, "paths");
                let patches = d.text(&fields, "patches");
                decoded(decoder)?;
                self.apply_strategic_merges(acc, &paths, patches.as_ref(), config.span())
            }
            "ReplacementTransformer" => {
                let mut replacements = Vec::new();
                for item in d.list(&fields, "replacements") {
                    replacements.extend(ReplacementField::decode(d, item));
                }
                decoded(decoder)?;
                self.apply_replacements(acc, &replacements)
            }
            "ValueAddTransformer" => self.add_values(acc, config),
            "HashTransformer" => add_hashes(resources),
            kind => {
                let message = format!("there is no built-in transformer {kind}");
                let mut finding = invalid(config.span(), message);
                finding.help = Some(match nearest(kind, TRANSFORMERS.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the built-in ones are {}", TRANSFORMERS.join(", ")),
                });
                Err(finding)
            }
        }
    }

    fn add_values(&self, acc: &mut Accumulated, config: &Resource) -> Result<()> {
        let mut decoder = Decoder::new(Strictness::Lenient);
        let d = &mut decoder;
        let known = ["value", "targets", "targetFilePath"];
        let Some(fields) = d.fields(config.node(), "ValueAddTransformer", &known) else {
            return decoded(decoder);
        };
        let value = d.text(&fields, "value").map(|mut value| {
            value.text = value.text.trim().into();
            value
        });
        let value = value.filter(|value| !value.is_empty()).unwrap_or(Text {
            text: self.loader.folder().file_name().unwrap_or_default().into(),
            place: config.node().place.clone(),
            ..Text::default()
        });
        let mut targets = Vec::new();
        for item in d.list(&fields, "targets") {
            targets.extend(AddTarget::decode(d, item));
        }
        if let Some(path) = d.text(&fields, "targetFilePath") {
            let file = self.loader.load(&path, "targetFilePath")?;
            let parsed = self.loader.parse(&file, Dialect::Yaml11);
            d.findings.extend(parsed.findings.iter().cloned());
            let root = parsed.documents.first();
            let root = root.and_then(|document| document.root.as_ref());
            if let Some(fields) = root.and_then(|root| d.fields(root, "targets", &["targets"])) {
                for item in d.list(&fields, "targets") {
                    targets.extend(AddTarget::decode(d, item));
                }
            }
        }
        decoded(decoder)?;
        if targets.is_empty() {
            return Err(invalid(
                config.span(),
                "ValueAddTransformer needs `targets`",
            ));
        }
        for target in &targets {
            if target.field_path.is_empty() {
                return Err(invalid(target.span, "a target needs `fieldPath`"));
            }
            if target.position < 0 {
                return Err(invalid(
                    target.span,
                    "`filePathPosition` must not be negative",
                ));
            }
        }
        for target in &targets {
            let selected = match &target.selector {
                Some(selector) => selector::select(selector, &acc.resources)?,
                None => (0..acc.resources.len()).collect(),
            };
            for index in selected {
                acc.resources.update(index, |resource| {
                    if target.field_path == "metadata/namespace" {
                        let transformer = NamespaceTransformer {
                            namespace: &value,
                            specs: &FieldSpecs::default(),
                            unset_only: false,
                            subjects: SubjectMode::DefaultOnly,
                            entry: config.span(),
                        };
                        transformer.apply_one(resource)
                    } else {
                        let position = target.position as usize;
                        add_value(resource, &value, &target.field_path, position, target.span)
                    }
                })?;
            }
        }
        Ok(())
    }
}

struct AddTarget {
    selector: Option<Selector>,
    field_path: String,
    position: i64,
    span: Span,
}

impl AddTarget {
    fn decode(d: &mut Decoder, node: &Node) -> Option<AddTarget> {
        let known = ["selector", "fieldPath", "filePathPosition"];
        let fields = d.fields(node, "a target", &known)?;
        let selector = fields.get("selector");
        let position = d.int(&fields, "filePathPosition");
        Some(AddTarget {
            selector: selector.and_then(|node| Selector::decode(d, node)),
            field_path: d.text(&fields, "fieldPath").unwrap_or_default().to_string(),
            position: position.map_or(0, |(position, _)| position),
            span: fields.span,
        })
    }
}

/// Whether an entry may hold a configuration rather than name a file with one. What says nothing
/// holds none.
fn may_be_inline(entry: &Text) -> bool {
    let says_nothing = || entry.trim_start().is_empty() || entry.trim_start().starts_with('#');
    entry.contains('\n') || entry.contains(": ") || entry.starts_with('{') || says_nothing()
}

/// The kind of a configuration of a built-in plugin.
fn builtin_kind(config: &Resource) -> Result<&str> {
    let gvk = config.gvk();
    if gvk.group.is_empty() && gvk.version == "builtin" {
        return Ok(config.kind());
    }
    let message = format!(
        "{} is not a built-in plugin, and others are switched off",
        config.subject()
    );
    let finding = Diagnostic::error(codes::INVALID_PLUGIN, config.span(), message).with_help(
        "a built-in plugin has `apiVersion: builtin`; Flux and `kustomize build` run no others",
    );
    Err(Box::new(finding))
}

/// The kinds that `transformers` takes. One prefix and suffix transformer has its old name too.
const TRANSFORMERS: &[&str] = &[
    "AnnotationsTransformer",
    "HashTransformer",
    "ImageTagTransformer",
    "LabelTransformer",
    "NamespaceTransformer",
    "PatchJson6902Transformer",
    "PatchStrategicMergeTransformer",
    "PatchTransformer",
    "PrefixTransformer",
    "ReplacementTransformer",
    "ReplicaCountTransformer",
    "SuffixTransformer",
    "ValueAddTransformer",
];

/// `metadata.name` and `metadata.namespace`.
fn metadata(d: &mut Decoder, node: &Node) -> [Option<Text>; 2] {
    let fields = ["name", "namespace"];
    let metadata = node.get("metadata");
    match metadata.and_then(|node| d.fields(node, "metadata", &fields)) {
        Some(metadata) => fields.map(|field| d.text(&metadata, field)),
        None => [None, None],
    }
}

fn specs(d: &mut Decoder, fields: &Fields<'_>) -> FieldSpecs {
    let mut specs = Vec::new();
    for item in d.list(fields, "fieldSpecs") {
        specs.extend(FieldSpecArgs::decode(d, item).map(FieldSpec::from));
    }
    FieldSpecs::new(specs)
}

/// Go reads a mapping without order.
fn sorted(mut pairs: Pairs) -> Pairs {
    pairs.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
    pairs
}

fn subject_mode(mode: Option<&Text>) -> Result<SubjectMode> {
    let Some(mode) = mode else {
        return Ok(SubjectMode::DefaultOnly);
    };
    SubjectMode::parse(mode).ok_or_else(|| {
        let message = format!(
            "`setRoleBindingSubjects` must be one of {}, not {}",
            SubjectMode::NAMES.join(", "),
            mode.as_str()
        );
        invalid(mode.span(), message)
    })
}

fn invalid(span: Span, message: impl Into<String>) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(codes::INVALID_PLUGIN, span, message))
}

fn decoded(decoder: Decoder) -> Result<()> {
    match crate::objects::first_error(&decoder.findings) {
        Some(finding) => Err(Box::new(finding.clone())),
        None => Ok(()),
    }
}

/// The findings of a plugin, with the entries that led to its configuration.
fn trailed(findings: Failed, config: &Resource) -> Failed {
    let mut findings = findings;
    let steps: Vec<_> = config.chain.steps().cloned().collect();
    for step in steps.iter().rev() {
        findings = findings
            .into_iter()
            .map(|finding| within(finding, step))
            .collect();
    }
    findings
}

/// The first object that is not what it was, but for the label that says that it was validated.
fn first_change(before: &ResMap, after: &ResMap) -> Option<String> {
    if before.len() != after.len() {
        return Some("which objects there are".to_owned());
    }
    let mut pairs = before.iter().zip(after.iter());
    pairs.find_map(|(before, after)| {
        let mut node = after.node().clone();
        let labels = node
            .get_mut("metadata")
            .and_then(|metadata| metadata.get_mut("labels"));
        if let Some(labels) = labels.and_then(Node::as_map_mut) {
            labels.remove("validated-by");
        }
        (!before.node().same_value(&node)).then(|| before.subject().to_string())
    })
}

/// The service account of `IAMPolicyGenerator`.
fn policy(config: &Resource) -> Result<Node> {
    let mut decoder = Decoder::new(Strictness::Lenient);
    let d = &mut decoder;
    let known = ["cloud", "kubernetesService", "serviceAccount"];
    let Some(fields) = d.fields(config.node(), "IAMPolicyGenerator", &known) else {
        return Err(invalid(
            config.span(),
            "IAMPolicyGenerator is not a mapping",
        ));
    };
    let cloud = d.text(&fields, "cloud").unwrap_or_default();
    let known = ["name", "namespace"];
    let service = fields
        .get("kubernetesService")
        .and_then(|node| d.fields(node, "kubernetesService", &known));
    let known = ["name", "projectId"];
    let account = fields
        .get("serviceAccount")
        .and_then(|node| d.fields(node, "serviceAccount", &known));
    let mut of = |fields: &Option<Fields<'_>>, field| {
        let text = fields.as_ref().and_then(|fields| d.text(fields, field));
        text.unwrap_or_default()
    };
    let (name, namespace) = (of(&service, "name"), of(&service, "namespace"));
    let (account, project) = (of(&account, "name"), of(&account, "projectId"));
    decoded(decoder)?;
    if &*cloud != "gke" {
        let message = format!("`cloud` of IAMPolicyGenerator must be gke, not {}", &*cloud);
        return Err(invalid(config.span(), message));
    }
    let place = || config.node().place.then(StepKind::Generator, config.span());
    let entry = |key: &str, value: Node| tidegate_yaml::Entry {
        key: Node::str(key, place()),
        value,
    };
    let text = |text: &str| Node::str(text, place());
    let mail = format!("{}@{}.iam.gserviceaccount.com", &*account, &*project);
    let annotation = entry(
        "iam.gke.io/gcp-service-account",
        Node::str(
            mail,
            account.place.mixed(StepKind::Generator, &project.place),
        ),
    );
    let mut metadata = vec![
        entry("annotations", Node::map(vec![annotation], place())),
        entry("name", name.node()),
    ];
    if !namespace.is_empty() {
        metadata.push(entry("namespace", namespace.node()));
    }
    let entries = vec![
        entry("apiVersion", text("v1")),
        entry("kind", text("ServiceAccount")),
        entry("metadata", Node::map(metadata, place())),
    ];
    Ok(Node::map(entries, place()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_entry_that_says_nothing_configures_nothing() {
        let object = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";
        for entry in ["''", "'# later'", "\"\\n\""] {
            let kustomization = format!("resources: [a.yaml]\ngenerators: [{entry}]\n");
            crate::testing::check(&kustomization, &[("a.yaml", object)], object);
        }
    }
}
