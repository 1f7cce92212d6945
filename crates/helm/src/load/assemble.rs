//! Files to a chart.

use std::collections::BTreeMap;
use std::sync::Arc;

use tidegate_source::{Location, Severity, SourceFile, Span};
use tidegate_yaml::{Dialect, Node, ParseOptions, Place, parse};

use super::{Found, Loader, MAX_DEPTH, files, read_values};
use crate::chart::{Chart, ChartFile};
use crate::metadata::{Lock, Metadata};
use crate::values::decode_node;
use crate::{ChartError, ChartErrorKind};

impl Loader<'_> {
    /// Makes a chart of its files, and charts of those below `charts/`.
    pub(super) fn assemble(
        &mut self,
        found: Vec<Found>,
        depth: usize,
    ) -> Result<Chart, ChartError> {
        if depth == MAX_DEPTH {
            return Err(ChartError::chart(format!(
                "charts are nested more than {MAX_DEPTH} deep"
            )));
        }
        let mut chart = Chart {
            metadata: Metadata::default(),
            lock: None,
            templates: Vec::new(),
            files: Vec::new(),
            values: Node::null(Place::default()),
            values_file: None,
            schema: None,
            dependencies: Vec::new(),
        };
        // All else depends on it, wherever in an archive it is.
        let mut has_metadata = false;
        for file in found.iter().filter(|file| file.name == "Chart.yaml") {
            let decoded = document(&file.source).and_then(|node| chart.metadata.decode(&node));
            decoded.map_err(|error| loading("Chart.yaml", error, &file.source))?;
            chart.metadata.span = Span::new(file.source.id(), 0, 0);
            has_metadata = true;
            // Charts of Helm 2 have none.
            if chart.metadata.api_version.is_empty() {
                chart.metadata.api_version = "v1".into();
            }
        }
        let mut inner: BTreeMap<String, Vec<Found>> = BTreeMap::new();
        for file in found {
            has_metadata |= matches!(&*file.name, "requirements.yaml" | "requirements.lock");
            chart.add(file, &mut inner)?;
        }
        if !has_metadata {
            return Err(ChartError::chart("Chart.yaml file is missing"));
        }
        chart.metadata.validate()?;
        for (name, found) in inner {
            if name.starts_with(['_', '.']) {
                continue;
            }
            let dependency = self.dependency(&name, found, chart.name(), depth);
            let dependency = dependency.map_err(|error| {
                error.during(format_args!(
                    "error unpacking subchart {name} in {}",
                    chart.name()
                ))
            })?;
            chart.dependencies.push(dependency);
        }
        Ok(chart)
    }

    /// The chart in an entry of `charts/`.
    fn dependency(
        &mut self,
        name: &str,
        found: Vec<Found>,
        parent: &str,
        depth: usize,
    ) -> Result<Chart, ChartError> {
        if extension(name) == Some("tgz") {
            let first = &found[0];
            if first.name != name {
                return Err(ChartError::chart(format!(
                    "error unpacking subchart tar in {parent}: expected {name}, got {}",
                    first.name
                )));
            }
            let archive = Arc::clone(&first.source);
            let path = archive.path().as_str().to_owned();
            let found = files::in_archive(self, &path, archive.bytes())?;
            return self.assemble(found, depth + 1);
        }
        let found = found.into_iter().filter_map(|file| {
            let (_, name) = file.name.split_once('/')?;
            Some(Found {
                name: name.to_owned(),
                source: file.source,
            })
        });
        self.assemble(found.collect(), depth + 1)
    }
}

impl Chart {
    fn add(
        &mut self,
        file: Found,
        inner: &mut BTreeMap<String, Vec<Found>>,
    ) -> Result<(), ChartError> {
        let source = file.source;
        let is_v1 = self.metadata.api_version == "v1";
        let chart_file = |name: &str, source: &Arc<SourceFile>| ChartFile {
            name: name.into(),
            source: Arc::clone(source),
        };
        match &*file.name {
            "Chart.yaml" => {}
            name @ ("Chart.lock" | "requirements.lock") => {
                let lock = document(&source).and_then(|node| Lock::decode(&node));
                self.lock = Some(lock.map_err(|error| loading(name, error, &source))?);
                if name == "requirements.lock" && is_v1 {
                    self.files.push(chart_file(name, &source));
                }
            }
            name @ "values.yaml" => {
                let values = read_values(&source);
                self.values = values.map_err(|error| loading(name, error, &source))?;
                self.values_file = Some(chart_file(name, &source));
            }
            name @ "values.schema.json" => self.schema = Some(chart_file(name, &source)),
            name @ "requirements.yaml" => {
                let decoded = document(&source).and_then(|node| self.metadata.decode(&node));
                decoded.map_err(|error| loading(name, error, &source))?;
                if self.metadata.api_version == "v1" {
                    self.files.push(chart_file(name, &source));
                }
            }
            name => match name.strip_prefix("charts/") {
                Some(_) if extension(name) == Some("prov") => {
                    self.files.push(chart_file(name, &source));
                }
                Some(rest) => {
                    let folder = rest.split('/').next().unwrap_or(rest);
                    let found = Found {
                        name: rest.to_owned(),
                        source,
                    };
                    inner.entry(folder.to_owned()).or_default().push(found);
                }
                None if name.starts_with("templates/") => {
                    self.templates.push(chart_file(name, &source));
                }
                None => self.files.push(chart_file(name, &source)),
            },
        }
        Ok(())
    }
}

fn extension(name: &str) -> Option<&str> {
    let name = name.rsplit('/').next().unwrap_or(name);
    name.rsplit_once('.').map(|(_, extension)| extension)
}

/// The first document of a file; null where there is none.
fn document(file: &SourceFile) -> Result<Node, ChartError> {
    let parsed = parse(file, ParseOptions::new(Dialect::Yaml11));
    let first = parsed.documents.into_iter().next();
    for finding in &parsed.findings {
        let Location::Span(span) = finding.primary else {
            continue;
        };
        let is_later = first
            .as_ref()
            .is_some_and(|first| span.start >= first.span.end);
        if finding.severity == Severity::Error && !is_later {
            let message = format!("error converting YAML to JSON: yaml: {}", finding.message);
            return Err(ChartError::chart(message).at(span));
        }
    }
    let root = first.and_then(|document| document.root);
    // What JSON cannot hold is refused wherever it is.
    if let Some(root) = &root {
        decode_node(root).map_err(|error| {
            let message = format!("error converting YAML to JSON: a value {}", error.reason);
            ChartError::chart(message).at(error.place.span())
        })?;
    }
    Ok(root.unwrap_or_else(|| Node::null(Place::at(Span::new(file.id(), 0, 0)))))
}

fn loading(name: &str, error: ChartError, file: &SourceFile) -> ChartError {
    let error = ChartError {
        kind: ChartErrorKind::Chart,
        ..error
    };
    error
        .during(format_args!("cannot load {name}"))
        .in_file(file.id())
}
