//! The charts and cases of the conformance suite `helm`, as material for other tasks.

pub(crate) mod misspelt;
pub(crate) mod releases;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value as Json;
use tidegate_helm::checks::{NamedValues, Schemas};
use tidegate_helm::strvals::Reading;
use tidegate_helm::{
    Capabilities, Chart, Given, KubeVersion, Options, Release, Rendered, Templates, load, render,
};
use tidegate_source::{MemorySystem, SourceFile, Sources, TreePath};
use tidegate_yaml::Node;

use crate::Outcome;
use crate::workspace::Workspace;

/// The charts, each with what is known of it.
pub(crate) struct Charts {
    charts: BTreeMap<String, Loaded>,
    templates: Templates,
    pub(crate) schemas: Schemas,
}

pub(crate) struct Loaded {
    pub(crate) chart: Chart,
    pub(crate) named: NamedValues,
    /// The table that the files of the chart are in.
    pub(crate) sources: Arc<Sources>,
}

/// A case that renders.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) chart: String,
    about: Json,
    /// The values files, with their paths.
    pub(crate) files: Vec<(TreePath, Vec<u8>)>,
}

/// Every case that renders, and their charts.
pub(crate) fn open(workspace: &Workspace) -> Outcome<(Charts, Vec<Case>)> {
    let suites = workspace.conformance().ok_or("set TIDEGATE_CONFORMANCE")?;
    let suite = suites.join("helm");
    let mut cases = Vec::new();
    for folder in sorted(&suite.join("cases"))? {
        let case = Case::read(&folder)?;
        if case.about["expect"] == "ok" {
            cases.push(case);
        }
    }
    let mut charts = Charts {
        charts: BTreeMap::new(),
        templates: Templates::default(),
        schemas: Schemas::default(),
    };
    for case in &cases {
        if !charts.charts.contains_key(&case.chart) {
            let folder = suite.join("charts").join(&case.chart);
            let loaded = loaded(&folder, &charts.templates)?;
            charts.charts.insert(case.chart.clone(), loaded);
        }
    }
    Ok((charts, cases))
}

fn loaded(folder: &Path, templates: &Templates) -> Outcome<Loaded> {
    let sources = Arc::new(sources_of(folder)?);
    let chart = load::folder(&sources, &TreePath::root()).map_err(|error| error.message)?;
    Ok(Loaded {
        named: NamedValues::of(&chart, templates),
        chart,
        sources,
    })
}

/// The files of a chart.
fn sources_of(folder: &Path) -> Outcome<Sources> {
    let mut system = MemorySystem::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for path in sorted(&next)? {
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(folder)?.to_string_lossy().into_owned();
                system = system.with(&name, std::fs::read(&path)?);
            }
        }
    }
    Ok(Sources::new(Arc::new(system)))
}

fn sorted(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

fn texts(about: &Json, key: &str) -> Vec<String> {
    let items = about[key].as_array().into_iter().flatten();
    items
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

impl Charts {
    pub(crate) fn chart(&self, case: &Case) -> &Loaded {
        &self.charts[&case.chart]
    }

    /// Renders a case with these values, and keeps track. The error is that of Helm.
    pub(crate) fn render(&self, case: &Case, values: &Node) -> Result<Rendered, String> {
        let options = Options {
            track: true,
            schemas: Some(&self.schemas),
            ..Options::new(&self.templates)
        };
        case.render(&self.chart(case).chart, values, options)
    }
}

impl Case {
    fn read(folder: &Path) -> Outcome<Case> {
        let about: Json =
            serde_json::from_str(&std::fs::read_to_string(folder.join("case.json"))?)?;
        let name = folder.file_name().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let mut files = Vec::new();
        for file in texts(&about, "values") {
            let path = TreePath::new(&format!("cases/{name}/{file}"))?;
            files.push((path, std::fs::read(folder.join(&file))?));
        }
        Ok(Case {
            name,
            chart: about["chart"].as_str().unwrap_or_default().to_owned(),
            about,
            files,
        })
    }

    /// Renders the case. The error is that of Helm.
    fn render(
        &self,
        chart: &Chart,
        values: &Node,
        options: Options<'_>,
    ) -> Result<Rendered, String> {
        let text = |key: &str| self.about[key].as_str().unwrap_or_default();
        let is = |key: &str| self.about[key].as_bool().unwrap_or_default();
        let mut release = Release::new(text("release"), text("namespace"));
        release.is_upgrade = is("isUpgrade");
        let mut capabilities = Capabilities::default();
        if let Some(version) = self.about["kubeVersion"].as_str() {
            let version = KubeVersion::parse(version).map_err(|_| "no version of Kubernetes")?;
            capabilities.kube_version = version;
        }
        let further = texts(&self.about, "apiVersions");
        capabilities.api_versions.extend(further);
        let options = Options {
            skip_schema_validation: is("skipSchemaValidation"),
            ..options
        };
        let rendered = render(chart, &release, values, &capabilities, &options);
        rendered.map_err(|error| error.to_string())
    }

    /// The values that are given, with some files replaced by others.
    pub(crate) fn values(
        &self,
        sources: &Sources,
        replaced: Option<(usize, String)>,
    ) -> Result<(Vec<Arc<SourceFile>>, Node), String> {
        let mut given = Given::default();
        let mut files = Vec::new();
        for (index, (path, bytes)) in self.files.iter().enumerate() {
            let bytes = match &replaced {
                Some((other, text)) if *other == index => text.clone().into_bytes(),
                _ => bytes.clone(),
            };
            let file = sources.add_file(path.clone(), bytes);
            let added = given.file(path.as_str(), &file);
            added.map_err(|error| error.message)?;
            files.push(file);
        }
        for line in texts(&self.about, "setJson") {
            given.json(&line).map_err(|error| error.message)?;
        }
        for (key, reading) in [("set", Reading::Typed), ("setString", Reading::Text)] {
            for line in texts(&self.about, key) {
                given.set(&line, reading).map_err(|error| error.message)?;
            }
        }
        Ok((files, given.into_node()))
    }
}
