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
use tidegate_source::{Location, MemorySystem, Severity, SkipReason, Sources, TreePath};

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
    // What is not in the repository, and differs between the clusters.
    let live = corpora.join("homelab/kubernetes/clusters/live/.cluster-vars.env");
    if let (true, Ok(variables)) = (corpus == "homelab", fs::read_to_string(live)) {
        let variables = variables.replace("clusters/live", "clusters/integration");
        system = system.with(
            "kubernetes/clusters/integration/.cluster-vars.env",
            variables,
        );
    }
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
    /// Every release whose chart is offered is expanded, and of what is wrong with releases only
    /// `expected` is said: code and the start of the message.
    fn is_expanded(&self, least: usize, expected: &[(&str, &str)]) {
        let asked = self.offered.asked.lock().unwrap();
        for (name, version, real) in asked.iter() {
            let real = real.as_deref().unwrap_or("not offered");
            println!("{name} {version}: {real}");
        }
        let given: BTreeSet<&str> = asked
            .iter()
            .filter(|(_, _, real)| real.is_some())
            .map(|(name, _, _)| name.as_str())
            .collect();
        assert!(given.len() >= least, "{given:?}");
        for item in &self.report.not_rendered {
            let chart = item
                .what
                .split("chart ")
                .nth(1)
                .and_then(|rest| rest.split(',').next());
            let is_given = item.reason == SkipReason::Chart
                && chart.is_some_and(|chart| given.contains(chart));
            assert!(!is_given, "{}", item.what);
        }
        let mut found = Vec::new();
        for finding in &self.report.findings {
            if finding.severity == Severity::Error && finding.code.as_str().starts_with("REL") {
                println!(
                    "{} {} {}",
                    self.place(&finding.primary),
                    finding.code,
                    finding.message
                );
                found.push((finding.code.as_str(), finding.message.as_str()));
            }
        }
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((code, message), (expected, start)) in found.iter().zip(expected) {
            assert!(
                code == expected && message.starts_with(start),
                "{code} {message}"
            );
        }
    }

    fn place(&self, location: &Location) -> String {
        let path = location.path(&self.sources);
        let path = path.map_or_else(String::new, |path| path.to_string());
        match location.line_col(&self.sources) {
            Some(at) => format!("{path}:{}", at.line),
            None => path,
        }
    }
}

#[test]
fn homelab() {
    match checked("homelab") {
        Some(checked) => checked.is_expanded(8, &[]),
        None => println!("not run"),
    }
}

#[test]
fn onedr0p_home_ops() {
    // The version that is asked for knows the field.
    let message =
        "`defaultPodOptions.resourceClaims` in the values of HelmRelease default/plex is not";
    let expected = [("REL011", message)];
    match checked("onedr0p-home-ops") {
        Some(checked) => checked.is_expanded(7, &expected),
        None => println!("not run"),
    }
}
