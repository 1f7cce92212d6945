//! What the templates of each chart see as `.`.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use tidegate_gotemplate::{Kind, Map, MapKind, Numbers, Origins, Value};
use tidegate_source::SourceFile;
use tidegate_yaml::SmolStr;

use super::cluster::CapabilitiesObject;
use super::files::Files;
use crate::metadata::{Dependency, Maintainer, Metadata};
use crate::prepare::Member;
use crate::render::Release;

/// A template of a chart that takes part.
pub(super) struct Template {
    /// The path of its file from the outermost chart on.
    pub(super) name: SmolStr,
    pub(super) file: Arc<SourceFile>,
    /// What it sees.
    dot: Rc<Map>,
    /// The folder of the templates of its chart.
    folder: SmolStr,
}

impl Template {
    /// `.` for this template: `.Template` says which one it is.
    pub(super) fn dot(&self) -> Value {
        let template = BTreeMap::from([
            ("Name".into(), self.name.clone().into()),
            ("BasePath".into(), self.folder.clone().into()),
        ]);
        let template = Map::values(Rc::new(Map::new(template)));
        self.dot.insert("Template", template.into());
        Map::values(Rc::clone(&self.dot)).into()
    }

    /// Whether it is only there for others to include.
    pub(super) fn is_partial(&self) -> bool {
        last_part(&self.name).starts_with('_')
    }
}

fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// All templates of a chart and of those below, in the order in which Helm reads and executes them: those in the
/// deepest folders first, and in each depth the last by name. Of equal names, the last that is defined counts.
///
/// Source: `allTemplates` and `sortTemplates` of `helm.sh/helm/v4/pkg/engine`.
pub(super) fn templates(
    root: &Member<'_>,
    values: &Value,
    release: &Release,
    capabilities: &Rc<CapabilitiesObject>,
) -> Vec<Template> {
    let mut scopes = Scopes {
        release: release_value(release),
        capabilities: Kind::Object(Rc::<CapabilitiesObject>::clone(capabilities)).into(),
        templates: BTreeMap::new(),
    };
    scopes.chart(root, values.clone(), true);
    let mut templates: Vec<Template> = scopes.templates.into_values().collect();
    // By name they are in order already.
    templates.reverse();
    let depth = |template: &Template| template.name.bytes().filter(|byte| *byte == b'/').count();
    templates.sort_by_cached_key(|template| Reverse(depth(template)));
    templates
}

struct Scopes {
    release: Value,
    capabilities: Value,
    templates: BTreeMap<SmolStr, Template>,
}

impl Scopes {
    /// What a chart sees.
    fn chart(&mut self, member: &Member<'_>, values: Value, is_root: bool) -> Rc<Map> {
        let path = &member.path;
        let subcharts = Rc::new(Map::default());
        let own = match &values.kind {
            Kind::Map(map) => Value::from(Map::values(Rc::clone(map))).with_origin(values.origin),
            _ => Map::values(Rc::default()).into(),
        };
        let dot = Rc::new(Map::new(BTreeMap::from([
            ("Chart".into(), metadata(member, is_root)),
            (
                "Files".into(),
                Value::object(Files::new(&member.chart.files)),
            ),
            ("Release".into(), self.release.clone()),
            ("Capabilities".into(), self.capabilities.clone()),
            ("Values".into(), own),
            ("Subcharts".into(), Kind::Map(Rc::clone(&subcharts)).into()),
        ])));
        for inner in &member.dependencies {
            let inner_values = at(&values, &inner.name);
            let inner_dot = self.chart(inner, inner_values, false);
            subcharts.insert(inner.name.clone(), Kind::Map(inner_dot).into());
        }
        let is_library = member
            .chart
            .metadata
            .chart_type
            .eq_ignore_ascii_case("library");
        let folder = SmolStr::from(format!("{path}/templates"));
        for file in &member.chart.templates {
            if is_library && !last_part(&file.name).starts_with('_') {
                continue;
            }
            let name = SmolStr::from(format!("{path}/{}", file.name));
            let template = Template {
                name: name.clone(),
                file: Arc::clone(&file.source),
                dot: Rc::clone(&dot),
                folder: folder.clone(),
            };
            self.templates.insert(name, template);
        }
        dot
    }
}

/// The map at a path of keys with points between them; nil where there is none.
fn at(values: &Value, path: &str) -> Value {
    let mut found = values.clone();
    for key in path.split('.') {
        let next = found.as_map().and_then(|map| map.get(key));
        match next {
            Some(next) if next.as_map().is_some() => found = next,
            _ => return Value::NIL,
        }
    }
    found
}

fn release_value(release: &Release) -> Value {
    Value::map(BTreeMap::from([
        ("Name".into(), release.name.as_str().into()),
        ("Namespace".into(), release.namespace.as_str().into()),
        ("IsUpgrade".into(), release.is_upgrade.into()),
        ("IsInstall".into(), (!release.is_upgrade).into()),
        ("Revision".into(), Kind::Int(release.revision).into()),
        ("Service".into(), release.service.as_str().into()),
    ]))
}

/// `.Chart`: the fields of `Chart.yaml` under the names that they have in Go.
fn metadata(member: &Member<'_>, is_root: bool) -> Value {
    let Metadata {
        name: _,
        home,
        sources,
        version,
        description,
        keywords,
        maintainers,
        icon,
        api_version,
        condition,
        tags,
        app_version,
        deprecated,
        annotations,
        kube_version,
        dependencies: _,
        chart_type,
        span: _,
    } = &member.chart.metadata;
    let annotations = match annotations {
        None => Map::nil(MapKind::Strings),
        Some(entries) => {
            let entries = entries.iter();
            let entries = entries.map(|(key, value)| (key.clone(), value.clone().into()));
            Map::of(MapKind::Strings, entries.collect())
        }
    };
    let dependencies = member.requirements.iter().flatten().map(dependency);
    Value::map(BTreeMap::from([
        ("Name".into(), member.name.clone().into()),
        ("Home".into(), home.clone().into()),
        ("Sources".into(), texts(sources)),
        ("Version".into(), version.clone().into()),
        ("Description".into(), description.clone().into()),
        ("Keywords".into(), texts(keywords)),
        (
            "Maintainers".into(),
            Value::list(maintainers.iter().map(maintainer).collect()),
        ),
        ("Icon".into(), icon.clone().into()),
        ("APIVersion".into(), api_version.clone().into()),
        ("Condition".into(), condition.clone().into()),
        ("Tags".into(), tags.clone().into()),
        ("AppVersion".into(), app_version.clone().into()),
        ("Deprecated".into(), (*deprecated).into()),
        ("Annotations".into(), annotations.into()),
        ("KubeVersion".into(), kube_version.clone().into()),
        ("Dependencies".into(), Value::list(dependencies.collect())),
        ("Type".into(), chart_type.clone().into()),
        ("IsRoot".into(), is_root.into()),
    ]))
}

fn texts(texts: &[SmolStr]) -> Value {
    Value::list(texts.iter().map(|text| text.clone().into()).collect())
}

fn maintainer(maintainer: &Maintainer) -> Value {
    Value::map(BTreeMap::from([
        ("Name".into(), maintainer.name.clone().into()),
        ("Email".into(), maintainer.email.clone().into()),
        ("URL".into(), maintainer.url.clone().into()),
    ]))
}

fn dependency(dependency: &Dependency) -> Value {
    let imports = dependency.import_values.iter();
    let imports = imports.map(|node| Value::from_node(node, Numbers::Float64, &mut Origins::off()));
    Value::map(BTreeMap::from([
        ("Name".into(), dependency.name.clone().into()),
        ("Version".into(), dependency.version.clone().into()),
        ("Repository".into(), dependency.repository.clone().into()),
        ("Condition".into(), dependency.condition.clone().into()),
        ("Tags".into(), texts(&dependency.tags)),
        ("Enabled".into(), dependency.enabled.into()),
        ("ImportValues".into(), Value::list(imports.collect())),
        ("Alias".into(), dependency.alias.clone().into()),
    ]))
}
