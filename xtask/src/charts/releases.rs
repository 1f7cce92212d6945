//! Releases rendered in a process of its own, so that its cost can be measured: what `cargo xtask bench` runs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use tidegate_core::config::Config;
use tidegate_core::release::{ChartAnswer, ChartRequest, Charts, RefusedChart};
use tidegate_core::{CheckOptions, Schemas, check};
use tidegate_helm::{Options, Print, Templates, checks, load, print};
use tidegate_source::{IgnoreRules, MemorySystem, Packed, Packing, Sources, TreePath};
use tidegate_system::{DiskSystem, Links};

use super::{Case, sorted, sources_of, texts};
use crate::workspace::{self, Workspace};
use crate::{Outcome, corpus};

/// What to do.
#[derive(Clone, Debug, clap::Subcommand)]
pub(crate) enum What {
    /// Renders every case of the suite `helm`, and prints how many bytes they give
    Cases,
    /// Checks a tree for which charts are at hand, and prints how many objects it has
    Check {
        /// The tree
        tree: PathBuf,
        /// A folder with an archive for each chart
        archives: PathBuf,
    },
}

pub(crate) fn run(workspace: &Workspace, what: &What) -> Outcome {
    match what {
        What::Cases => cases(&suite(workspace)?),
        What::Check { tree, archives } => check_tree(tree, archives),
    }
}

/// The folder of the suite.
pub(crate) fn suite(workspace: &Workspace) -> Outcome<PathBuf> {
    let suites = workspace.conformance().ok_or("set TIDEGATE_CONFORMANCE")?;
    Ok(suites.join("helm"))
}

fn cases(suite: &Path) -> Outcome {
    let (templates, schemas) = (Templates::default(), checks::Schemas::default());
    let mut charts = BTreeMap::new();
    let mut bytes = 0;
    for folder in sorted(&suite.join("cases"))? {
        let case = Case::read(&folder)?;
        if !charts.contains_key(&case.chart) {
            let sources = sources_of(&suite.join("charts").join(&case.chart))?;
            let chart = load::folder(&sources, &TreePath::root()).ok();
            charts.insert(case.chart.clone(), chart);
        }
        let sources = Sources::new(Arc::new(MemorySystem::new()));
        let (Some(Some(chart)), Ok((_, values))) =
            (charts.get(&case.chart), case.values(&sources, None))
        else {
            // Helm refuses it, too.
            continue;
        };
        let options = Options {
            schemas: Some(&schemas),
            ..Options::new(&templates)
        };
        let Ok(rendered) = case.render(chart, &values, options) else {
            continue;
        };
        let is = |key: &str| case.about[key].as_bool().unwrap_or_default();
        let how = Print {
            crds: is("includeCrds"),
            no_hooks: is("noHooks"),
            skip_tests: is("skipTests"),
            only: &texts(&case.about, "showOnly"),
        };
        bytes += print(&rendered, &how).map_or(0, |text| text.len());
    }
    println!("{bytes}");
    Ok(())
}

/// `helm template` for each case.
pub(crate) fn commands(suite: &Path, helm: &Path) -> Outcome<Vec<Command>> {
    let mut commands = Vec::new();
    for folder in sorted(&suite.join("cases"))? {
        let case = Case::read(&folder)?;
        let about = &case.about;
        let text = |key: &str| about[key].as_str().unwrap_or_default();
        let mut command = Command::new(helm);
        command
            .args(["template", text("release")])
            .arg(suite.join("charts").join(&case.chart))
            .args(["--namespace", text("namespace")]);
        for file in texts(about, "values") {
            command.arg("--values").arg(folder.join(file));
        }
        let lists = [
            ("set", "--set"),
            ("setString", "--set-string"),
            ("setJson", "--set-json"),
            ("apiVersions", "--api-versions"),
            ("showOnly", "--show-only"),
        ];
        for (key, flag) in lists {
            for value in texts(about, key) {
                command.args([flag, &value]);
            }
        }
        if let Some(version) = about["kubeVersion"].as_str() {
            command.args(["--kube-version", version]);
        }
        let switches = [
            ("includeCrds", "--include-crds"),
            ("noHooks", "--no-hooks"),
            ("skipTests", "--skip-tests"),
            ("isUpgrade", "--is-upgrade"),
            ("skipSchemaValidation", "--skip-schema-validation"),
        ];
        for (key, flag) in switches {
            if about[key].as_bool().unwrap_or_default() {
                command.arg(flag);
            }
        }
        commands.push(command);
    }
    Ok(commands)
}

fn check_tree(tree: &Path, archives: &Path) -> Outcome {
    let system = DiskSystem::new(tree, Links::Absent)?;
    let packing = Packing::source_controller(IgnoreRules::default());
    let packed = Packed::new(Arc::new(system), TreePath::root(), packing);
    let sources = Arc::new(Sources::new(Arc::new(packed)));
    let charts = AtHand {
        archives: archives.to_owned(),
        known: Mutex::default(),
    };
    let options = CheckOptions {
        start: TreePath::root(),
        clusters: Vec::new(),
        config: Config::default(),
        schemas: Schemas::Known {
            further: Vec::new(),
        },
        charts: Arc::new(charts),
        threads: workspace::threads(),
    };
    let report = check(&sources, &options, &|_, _| {})?;
    println!("{}", report.counts.objects);
    Ok(())
}

/// Charts by their names, whatever version is asked for.
#[derive(Debug)]
struct AtHand {
    archives: PathBuf,
    known: Mutex<BTreeMap<String, ChartAnswer>>,
}

impl Charts for AtHand {
    fn chart(&self, request: &ChartRequest, sources: &Sources) -> ChartAnswer {
        let name = request.source.chart();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = known.get(name) {
            return answer.clone();
        }
        let file = format!("{name}.tgz");
        let answer = match std::fs::read(self.archives.join(&file)) {
            Err(_) => ChartAnswer::NotAtHand {
                why: "it is not among the charts of the suite".to_owned(),
            },
            Ok(bytes) => match load::archive(sources, &file, &bytes) {
                Ok(chart) => ChartAnswer::AtHand {
                    chart: Arc::new(chart),
                    digest: None,
                },
                Err(error) => ChartAnswer::Refused(RefusedChart {
                    message: error.message,
                    location: None,
                }),
            },
        };
        known.insert(name.to_owned(), answer.clone());
        answer
    }
}

/// Writes an archive of each chart of the suite into a folder.
pub(crate) fn pack(suite: &Path, into: &Path) -> Outcome {
    std::fs::create_dir_all(into)?;
    let charts = suite.join("charts");
    for chart in sorted(&charts)? {
        let name = chart.file_name().unwrap_or_default();
        let archive = into.join(format!("{}.tgz", name.to_string_lossy()));
        let mut tar = Command::new("tar");
        tar.arg("-czf").arg(archive).arg("-C").arg(&charts);
        workspace::run(tar.arg(name))?;
    }
    Ok(())
}

/// Copies homelab, with what is not in its repository and differs between its clusters.
pub(crate) fn copy_with_variables(homelab: &Path, to: &Path) -> Outcome {
    corpus::copy(homelab, to)?;
    let clusters = to.join("kubernetes/clusters");
    let variables = std::fs::read_to_string(clusters.join("live/.cluster-vars.env"))?;
    let variables = variables.replace("clusters/live", "clusters/integration");
    std::fs::write(clusters.join("integration/.cluster-vars.env"), variables)?;
    Ok(())
}

/// The values of a release of homelab's cluster `live`, its variables put in.
pub(crate) fn values_of(homelab: &Path, release: &str) -> Outcome<String> {
    let live = homelab.join("kubernetes/clusters/live");
    let mut values = std::fs::read_to_string(live.join(format!("charts/{release}.yaml")))?;
    for file in [".cluster-vars.env", "versions.env"] {
        for line in std::fs::read_to_string(live.join(file))?.lines() {
            if let Some((name, value)) = line.split_once('=') {
                values = values.replace(&format!("${{{name}}}"), value.trim_matches('"'));
            }
        }
    }
    Ok(values)
}
