//! The charts of a real tree, as far as they are in the conformance suite `helm`, from local servers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use tidegate_registry::{
    CHART_LAYER, Descriptor, Expected, Http, Keychain, MANIFEST, Manifest, Reference, Registries,
    RepositoryName, Settings,
};

use crate::charts::run;
use crate::docker::{Access, Docker};
use crate::server::{Reply, Server};

/// A chart that the tree pins.
struct Pinned {
    name: String,
    version: String,
    url: String,
}

/// The folder that a variable names.
fn folder(variable: &str) -> Option<PathBuf> {
    std::env::var_os(variable).map(PathBuf::from)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => copy(&from, &to),
            kind if kind.is_file() => drop(fs::copy(&from, &to).unwrap()),
            _ => {}
        }
    }
}

/// Replaces texts in all files below a folder.
fn replace(folder: &Path, texts: &BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            replace(&path, texts);
            continue;
        }
        let Ok(mut text) = fs::read_to_string(&path) else {
            continue;
        };
        // The longest first: one may be the start of another.
        for (old, new) in texts.iter().rev() {
            text = text.replace(old, new);
        }
        fs::write(&path, text).unwrap();
    }
}

/// The lines of the table that `charts fetch` prints.
fn rows(table: &str) -> Vec<(String, Pinned)> {
    let rows = table.lines().map(|line| {
        let mut cells = line
            .split("  ")
            .map(str::trim)
            .filter(|cell| !cell.is_empty());
        let mut next = || cells.next().unwrap_or_default().to_owned();
        let word = next();
        let (name, version, url) = (next(), next(), next());
        (word, Pinned { name, version, url })
    });
    rows.collect()
}

fn packed(chart: &Path) -> Vec<u8> {
    let (folder, name) = (chart.parent().unwrap(), chart.file_name().unwrap());
    let packed = Command::new("tar")
        .arg("-cz")
        .arg(name)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(packed.status.success());
    packed.stdout
}

fn version_of(chart: &Path) -> String {
    let text = fs::read_to_string(chart.join("Chart.yaml")).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("version:"))
        .unwrap();
    line.trim().trim_matches(['"', '\'']).to_owned()
}

fn push(docker: &Docker, repository: &str, tag: &str, archive: &[u8]) {
    let registries = Registries::new(
        Arc::new(Http::new(Settings::default())),
        Keychain::default(),
    );
    let name = format!("oci://{}/{repository}", docker.authority());
    let repository = registries.repository(&RepositoryName::parse(&name).unwrap());
    repository.push_blob(b"{}").unwrap();
    repository.push_blob(archive).unwrap();
    let manifest = Manifest {
        schema_version: 2,
        media_type: MANIFEST.to_owned(),
        artifact_type: None,
        config: Descriptor::of("application/vnd.cncf.helm.config.v1+json", b"{}"),
        layers: vec![Descriptor::of(CHART_LAYER, archive)],
        subject: None,
        annotations: BTreeMap::new(),
    };
    let tag = Reference::tag(tag).unwrap();
    repository
        .push_artifact(Some(&tag), &manifest, &Expected::Anything)
        .unwrap();
}

#[test]
fn the_charts_of_a_real_tree_are_fetched_and_expanded() {
    let (Some(corpora), Some(suites)) =
        (folder("TIDEGATE_CORPORA"), folder("TIDEGATE_CONFORMANCE"))
    else {
        eprintln!("not run: TIDEGATE_CORPORA or TIDEGATE_CONFORMANCE is not set");
        return;
    };
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let tree = tempfile::tempdir().unwrap();
    copy(
        &corpora.join("homelab/kubernetes"),
        &tree.path().join("kubernetes"),
    );
    // What is not in the repository, and differs between the clusters.
    let clusters = tree.path().join("kubernetes/clusters");
    let variables = fs::read_to_string(clusters.join("live/.cluster-vars.env")).unwrap();
    let variables = variables.replace("clusters/live", "clusters/integration");
    fs::write(clusters.join("integration/.cluster-vars.env"), variables).unwrap();
    let cache = tempfile::tempdir().unwrap();
    let pinned = rows(
        &run(
            tree.path(),
            cache.path(),
            &["charts", "fetch", "kubernetes", "--offline"],
        )
        .stdout,
    );
    let charts = suites.join("helm/charts");
    let mut archives = BTreeMap::new();
    let mut indexes: BTreeMap<usize, String> = BTreeMap::new();
    let urls: BTreeSet<&String> = pinned.iter().map(|(_, pinned)| &pinned.url).collect();
    let mut at_hand = BTreeSet::new();
    let mut in_registry = BTreeSet::new();
    for (_, Pinned { name, version, url }) in &pinned {
        let at = urls.iter().position(|known| *known == url).unwrap();
        let chart = charts.join(name);
        let is_there = chart.join("Chart.yaml").is_file();
        if is_there {
            println!("{name}: pinned {version}, real {}", version_of(&chart));
            at_hand.insert(name.clone());
        }
        match url.strip_prefix("oci://") {
            Some(_) if is_there => {
                push(&docker, &format!("{at}/{name}"), version, &packed(&chart));
                in_registry.insert(at);
            }
            Some(_) => {}
            None => {
                let index = indexes
                    .entry(at)
                    .or_insert_with(|| "apiVersion: v1\nentries:\n".to_owned());
                index.push_str(&format!(
                    "  {name}:\n  - version: {version}\n    urls: [{name}-{version}.tgz]\n"
                ));
                if is_there {
                    archives.insert(format!("/{at}/{name}-{version}.tgz"), packed(&chart));
                }
            }
        }
    }
    let server = Server::start(move |asked| {
        let mut parts = asked.path[1..].splitn(2, '/');
        let at = parts
            .next()
            .and_then(|at| at.parse().ok())
            .unwrap_or(usize::MAX);
        match (parts.next(), archives.get(&asked.path)) {
            (Some("index.yaml"), _) => Reply::ok(indexes.get(&at).cloned().unwrap_or_default()),
            (_, Some(archive)) => Reply::ok(archive.clone()),
            // Not 404: it is there, and not to be had.
            _ => Reply::new(403, ""),
        }
    });
    let local = |(at, url): (usize, &&String)| {
        let local = match url.starts_with("oci://") {
            true if in_registry.contains(&at) => format!("oci://{}/{at}", docker.authority()),
            // It refuses whatever is asked for, where the registry would say that there is no such chart.
            true => format!("oci://{}/{at}", server.authority()),
            false => format!("{}/{at}", server.url()),
        };
        ((*url).clone(), local)
    };
    replace(tree.path(), &urls.iter().enumerate().map(local).collect());
    assert!(at_hand.len() >= 5, "{at_hand:?}");
    let fetched = run(
        tree.path(),
        cache.path(),
        &["charts", "fetch", "kubernetes"],
    );
    let came: BTreeSet<String> = rows(&fetched.stdout)
        .into_iter()
        .filter(|(word, _)| word == "fetched" || word == "at hand")
        .map(|(_, pinned)| pinned.name)
        .collect();
    assert_eq!(came, at_hand, "{}{}", fetched.stdout, fetched.stderr);
    let checked = run(
        tree.path(),
        cache.path(),
        &["check", "kubernetes", "--format", "json"],
    );
    let report: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    let left_out = report["not_rendered"].as_array().unwrap().iter();
    let left_out = left_out
        .filter(|one| one["reason"] == "Helm chart")
        .map(|one| one["what"].as_str().unwrap());
    let mut not_expanded = BTreeSet::new();
    for what in left_out {
        let name = what
            .split_once(": chart ")
            .unwrap()
            .1
            .split(',')
            .next()
            .unwrap();
        assert!(!at_hand.contains(name), "{what}");
        not_expanded.insert(name.to_owned());
    }
    let all: BTreeSet<String> = pinned
        .iter()
        .map(|(_, pinned)| pinned.name.clone())
        .collect();
    let rest: BTreeSet<String> = all.difference(&at_hand).cloned().collect();
    let lost: Vec<_> = rest.difference(&not_expanded).collect();
    println!(
        "{} charts at hand, {} not expanded",
        at_hand.len(),
        not_expanded.len()
    );
    assert!(lost.is_empty(), "neither expanded nor told: {lost:?}");
}
