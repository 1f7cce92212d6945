//! Expands the HelmReleases of real trees whose charts are at hand.
//!
//! `TIDEGATE_CORPORA` names the folder with the trees, `TIDEGATE_CONFORMANCE` the one with the suite
//! `helm`, whose charts are offered in any version that is asked for. Without both nothing is run.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    missing_docs,
    reason = "a test of its own, that reads its settings and prints what it found"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::{env, fs};

use tidegate_core::config::Config;
use tidegate_core::release::{ChartAnswer, ChartRequest, Charts};
use tidegate_core::{CheckOptions, CheckReport, check};
use tidegate_helm::{Chart, load};
use tidegate_source::{Location, MemorySystem, Severity, Sources, TreePath};

/// Where the charts are in the system of a test.
const CHARTS: &str = "charts-of-the-test";

/// Offers the charts of a folder, whatever version is asked for.
#[derive(Debug)]
struct Offered {
    names: BTreeSet<String>,
    loaded: Mutex<BTreeMap<String, Arc<Chart>>>,
    /// What was asked for: chart, version, and the version that was given.
    asked: Mutex<BTreeSet<(String, String, Option<String>)>>,
}

impl Charts for Offered {
    fn chart(&self, request: &ChartRequest, sources: &Sources) -> ChartAnswer {
        let name = request.source.chart().to_owned();
        let version = request.source.version().to_owned();
        let chart = self.names.contains(&name).then(|| {
            let mut loaded = self.loaded.lock().unwrap();
            let chart = loaded.entry(name.clone()).or_insert_with(|| {
                let folder = TreePath::new(&format!("{CHARTS}/{name}")).unwrap();
                Arc::new(load::folder(sources, &folder).unwrap())
            });
            Arc::clone(chart)
        });
        let real = chart
            .as_ref()
            .map(|chart| chart.metadata.version.to_string());
        self.asked.lock().unwrap().insert((name, version, real));
        match chart {
            Some(chart) => ChartAnswer::AtHand {
                chart,
                digest: None,
            },
            None => ChartAnswer::NotAtHand {
                why: "the test does not offer it".to_owned(),
            },
        }
    }
}

fn add(system: MemorySystem, folder: &Path, prefix: &str) -> MemorySystem {
    let mut system = system;
    let mut entries: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        let name = path.file_name().unwrap().to_str().unwrap();
        let within = match prefix {
            "" => name.to_owned(),
            prefix => format!("{prefix}/{name}"),
        };
        system = match path.is_dir() {
            true => add(system, &path, &within),
            false => match fs::read(&path) {
                Ok(bytes) => system.with(&within, bytes),
                Err(_) => system,
            },
        };
    }
    system
}

struct Checked {
    report: CheckReport,
    sources: Arc<Sources>,
    offered: Arc<Offered>,
}

/// Checks a tree; none where the settings do not name the folders.
fn checked(corpus: &str) -> Option<Checked> {
    let corpora = PathBuf::from(env::var_os("TIDEGATE_CORPORA")?);
    let conformance = PathBuf::from(env::var_os("TIDEGATE_CONFORMANCE")?);
    let charts = conformance.join("helm/charts");
    let names = fs::read_dir(&charts).ok()?.map(|entry| {
        let name = entry.unwrap().file_name();
        name.to_str().unwrap().to_owned()
    });
    let names: BTreeSet<String> = names.filter(|name| !name.starts_with("micro-")).collect();
    let mut system = add(MemorySystem::new(), &corpora.join(corpus), "");
    for name in &names {
        system = add(system, &charts.join(name), &format!("{CHARTS}/{name}"));
    }
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let offered = Arc::new(Offered {
        names,
        loaded: Mutex::default(),
        asked: Mutex::default(),
    });
    let options = CheckOptions {
        start: TreePath::new("kubernetes").unwrap(),
        clusters: Vec::new(),
        config: Config::default(),
        schemas: Default::default(),
        charts: Arc::clone(&offered) as Arc<dyn Charts>,
        threads: NonZeroUsize::new(2).unwrap(),
    };
    let report = check(&sources, &options, &|_, _| {}).unwrap();
    Some(Checked {
        report,
        sources,
        offered,
    })
}

impl Checked {
    fn print(&self) {
        for (name, version, real) in self.offered.asked.lock().unwrap().iter() {
            println!(
                "asked: {name} {version} -> {}",
                real.as_deref().unwrap_or("-")
            );
        }
        for finding in &self.report.findings {
            if finding.severity < Severity::Warning {
                continue;
            }
            println!(
                "{} {} {}",
                self.place(&finding.primary),
                finding.code,
                finding.message
            );
            println!(
                "      clusters {:?} help {:?}",
                finding.clusters, finding.help
            );
            for label in &finding.labels {
                println!(
                    "      {}: {}",
                    self.place(&Location::Span(label.span)),
                    label.text
                );
            }
            for step in &finding.trail {
                println!("      < {} {}", self.place(&step.location), step.text);
            }
        }
        let mut codes: BTreeMap<(String, &str), usize> = BTreeMap::new();
        for finding in &self.report.findings {
            *codes
                .entry((finding.code.to_string(), finding.severity.as_str()))
                .or_default() += 1;
        }
        println!("{codes:?}");
        for item in &self.report.not_rendered {
            println!("{}: {}", item.reason.as_str(), item.what);
        }
        println!("{:?}", self.report.counts);
    }

    fn place(&self, location: &Location) -> String {
        let location = match location {
            Location::Span(span) => Location::Span(self.sources.real(*span)),
            path => path.clone(),
        };
        let path = location
            .path(&self.sources)
            .map_or_else(String::new, |path| path.to_string());
        let at = location.line_col(&self.sources);
        at.map_or(path.clone(), |at| {
            format!("{path}:{}:{}", at.line, at.column)
        })
    }
}

#[test]
fn homelab() {
    let Some(checked) = checked("homelab") else {
        println!("not run");
        return;
    };
    checked.print();
}

#[test]
fn onedr0p() {
    let Some(checked) = checked("onedr0p-home-ops") else {
        println!("not run");
        return;
    };
    checked.print();
}
