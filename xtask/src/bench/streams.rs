//! Streams of manifests through `validate`, side by side with kubeconform, which has the same schemas.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tidegate_core::config::DEFAULT_KUBERNETES;

use crate::Outcome;
use crate::bench::inlined;
use crate::bench::sections::{Contest, program_in, remove};
use crate::bench::table::{Bar, Table};
use crate::measure::cost_of;
use crate::workspace::{Workspace, output_of};

/// How often the cases are repeated.
const CASES: usize = 30;

/// How often the rendered clusters are repeated.
const CLUSTERS: usize = 6;

/// Clusters of the corpora, and what `render` is to be told of each.
const RENDERED: [(&str, &[&str]); 4] = [
    ("homelab", &["dev"]),
    ("homelab", &["integration"]),
    ("homelab", &["live"]),
    (
        "onedr0p-home-ops",
        &["--cluster", "main=kubernetes/flux/cluster"],
    ),
];

impl Contest {
    /// Streams, and the start of the program.
    pub(super) fn streams(
        &self,
        workspace: &Workspace,
        kubeconform: &Path,
        table: &mut Table,
    ) -> Outcome {
        let folder = self.scratch.join("streams");
        remove(&folder)?;
        let schemas = folder.join("schemas");
        inlined::write(
            &workspace.root().join("schemas"),
            DEFAULT_KUBERNETES,
            &schemas,
        )?;
        let location = format!("{}/{}", schemas.display(), inlined::LOCATION);
        let empty = folder.join("empty.yaml");
        std::fs::write(&empty, "")?;
        let [start] = self.in_turns([&|| cost_of(&mut self.validate_on(&empty))])?;
        table.cost("tidegate validate, nothing", start);
        let milliseconds = start.cpu.as_secs_f64() * 1e3;
        table.figure("CPU", milliseconds, "ms", Some(Bar::AtMost(5.0)));
        let mut streams = Vec::new();
        if let Some(suites) = workspace.conformance() {
            let text = cases(&suites.join("schema/cases.jsonl"))?.repeat(CASES);
            streams.push(("accepted cases", folder.join("cases.yaml"), text));
        }
        if let Some(corpora) = workspace.corpora() {
            let text = self.rendered(&corpora)?.repeat(CLUSTERS);
            streams.push(("rendered clusters", folder.join("rendered.yaml"), text));
        }
        for (name, path, text) in streams {
            std::fs::write(&path, text)?;
            let peer = || {
                let mut command = Command::new(kubeconform);
                command.args(["-schema-location", &location, "-ignore-missing-schemas"]);
                command.arg(&path);
                command
            };
            let counts = counts(peer().arg("-summary"))?;
            let [own, theirs] = self
                .in_turns([&|| cost_of(&mut self.validate_on(&path)), &|| {
                    cost_of(&mut peer())
                }])?;
            table.cost(format!("tidegate validate, {name}"), own);
            table.cost(format!("kubeconform, {name}"), theirs);
            let ratio = theirs.cpu.as_secs_f64() / own.cpu.as_secs_f64();
            let bar = Some(Bar::AtLeast(10.0));
            table.figure("kubeconform / tidegate", ratio, "x", bar);
            table.figure("objects", counts.all, "", None);
            let skipped = "of them without a schema for kubeconform";
            table.figure(skipped, counts.skipped, "", None);
        }
        remove(&folder)
    }

    fn validate_on(&self, file: &Path) -> Command {
        let mut command = program_in(&self.tidegate, &self.scratch);
        command.args(["validate", "--quiet"]).arg(file);
        command
    }

    /// What Flux would apply to the clusters of the corpora.
    fn rendered(&self, corpora: &Path) -> Outcome<String> {
        let mut text = String::new();
        for (tree, arguments) in RENDERED {
            let tree: PathBuf = corpora.join(tree);
            if tree.is_dir() {
                let mut command = program_in(&self.tidegate, &tree);
                let documents = output_of(command.args(["render", "--quiet"]).args(arguments))?;
                writeln!(text, "---\n{}", documents.trim_end())?;
            }
        }
        Ok(text)
    }
}

/// The manifests of the cases that a server takes, as one stream.
fn cases(path: &Path) -> Outcome<String> {
    let mut text = String::new();
    for line in std::fs::read_to_string(path)?.lines() {
        let case: Value = serde_json::from_str(line)?;
        if let (Some(manifest), Some("accept")) =
            (case["manifest"].as_str(), case["apply"].as_str())
        {
            text.push_str("---\n");
            text.push_str(manifest);
            if !manifest.ends_with('\n') {
                text.push('\n');
            }
        }
    }
    Ok(text)
}

/// What kubeconform counts.
struct Counts {
    all: f64,
    skipped: f64,
}

fn counts(command: &mut Command) -> Outcome<Counts> {
    // It fails where an object does.
    let output = command.output()?;
    let words = String::from_utf8_lossy(&output.stdout);
    let summary = words.lines().find(|line| line.starts_with("Summary: "));
    let summary = summary.ok_or("kubeconform printed no summary")?;
    let behind = |word: &str| {
        let (_, rest) = summary.split_once(word)?;
        let digits = rest.split(|c: char| !c.is_ascii_digit()).next()?;
        digits.parse::<f64>().ok()
    };
    let number = |word: &str| behind(word).ok_or("kubeconform printed another summary");
    Ok(Counts {
        all: number("Summary: ")?,
        skipped: number("Skipped: ")? + number("Errors: ")?,
    })
}
