//! The parts of the benchmark. Programs that are compared take turns, so that a busy moment of the
//! machine hits them all.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench::table::{Bar, Table};
use crate::measure::{Cost, cost_of};
use crate::workspace::output_of;
use crate::{Outcome, corpus, micro, synth};

/// How often a stage is repeated within one run of its own process.
const TIMES: usize = 20;

/// What is measured, and with what.
pub(super) struct Contest {
    pub(super) tree: PathBuf,
    pub(super) folders: Vec<String>,
    pub(super) rounds: usize,
    pub(super) tidegate: PathBuf,
    pub(super) tasks: PathBuf,
    /// For trees that are made for a section; emptied before it.
    pub(super) scratch: PathBuf,
}

impl Contest {
    /// Speed on a whole tree, against `kustomize build` and against its library.
    pub(super) fn folders(&self, kustomize: &Path, library: &Path, table: &mut Table) -> Outcome {
        let [own, processes, looped] = self.in_turns([
            &|| cost_of(&mut self.tidegate_on(&self.tree, &self.folders)),
            &|| {
                Cost::of_all(self.folders.iter().map(|folder| {
                    let mut command = program_in(kustomize, &self.tree);
                    command.args(["build", folder]).args(UNRESTRICTED);
                    command
                }))
            },
            &|| cost_of(program_in(library, &self.tree).args(&self.folders)),
        ])?;
        let n = self.folders.len();
        table.cost(format!("tidegate kustomize, {n} folders"), own);
        table.cost("kustomize build, a process each", processes);
        table.cost("kustomize's library, one process", looped);
        let ratio = |peer: Cost| peer.cpu.as_secs_f64() / own.cpu.as_secs_f64();
        let bar = Some(Bar::AtLeast(35.0));
        table.figure("kustomize build / tidegate", ratio(processes), "x", bar);
        let bar = Some(Bar::AtLeast(15.0));
        table.figure("kustomize's library / tidegate", ratio(looped), "x", bar);
        // A program that writes less does less.
        let missing = looped.written.abs_diff(own.written) as f64;
        let bar = Some(Bar::AtMost(0.0));
        table.figure("difference of what they wrote", missing, "bytes", bar);
        Ok(())
    }

    /// `check` on a real tree, part by part, and the CPU that it may take, in milliseconds: the parts
    /// are called as the command calls them.
    pub(super) fn check(&self, corpora: Option<&Path>, table: &mut Table) -> Outcome {
        let [cost] = self.in_turns([&|| cost_of(&mut self.check_on(&self.tree))])?;
        table.cost("tidegate check", cost);
        let Some(corpora) = corpora else {
            return Ok(());
        };
        let homelab = corpora.join("homelab");
        let onedr0p = corpora.join("onedr0p-home-ops");
        let without = self.scratch.join("without-resource-sets");
        remove(&without)?;
        copy_without_resource_sets(&homelab, &without)?;
        let stage = |stage: &str, tree: &Path| {
            let mut command = Command::new(&self.tasks);
            cost_of(command.args(["micro", stage]).arg(tree).arg("1"))
        };
        let cluster = ["--cluster", "main=kubernetes/flux/cluster"];
        let costs = self.in_turns([
            &|| stage("check", &without),
            &|| stage("check", &homelab),
            &|| stage("validate", &homelab),
            &|| cost_of(&mut self.check_on(&homelab)),
            &|| cost_of(self.check_on(&onedr0p).args(cluster)),
        ])?;
        let rows = [
            ("homelab without ResourceSets and schemas", 60.0),
            ("homelab without schemas", 80.0),
            ("homelab with schemas", 120.0),
            ("tidegate check, homelab", 150.0),
            ("tidegate check, onedr0p-home-ops", 150.0),
        ];
        for ((name, bar), cost) in rows.into_iter().zip(costs) {
            table.cost(name, cost);
            let milliseconds = cost.cpu.as_secs_f64() * 1e3;
            table.figure("CPU", milliseconds, "ms", Some(Bar::AtMost(bar)));
        }
        remove(&without)
    }

    /// Nothing may cost more than its share when a tree grows.
    pub(super) fn copies(&self, table: &mut Table) -> Outcome {
        const COPIES: usize = 16;
        let many = self.scratch.join("copies");
        remove(&many)?;
        let mut folders = Vec::new();
        for copy in 0..COPIES {
            corpus::copy(&self.tree, &many.join(copy.to_string()))?;
            let within = self.folders.iter().map(|folder| format!("{copy}/{folder}"));
            folders.extend(within);
        }
        let [one, all] = self.in_few_turns([
            &|| cost_of(&mut self.tidegate_on(&self.tree, &self.folders)),
            &|| cost_of(&mut self.tidegate_on(&many, &folders)),
        ])?;
        table.cost("tidegate kustomize, 16 copies of the tree", all);
        let ratio = all.cpu.as_secs_f64() / one.cpu.as_secs_f64();
        let bar = Some(Bar::AtMost(18.0));
        table.figure("16 copies / 1", ratio, "x", bar);
        remove(&many)
    }

    /// Memory against what must pass through it.
    pub(super) fn memory(&self, table: &mut Table) -> Outcome {
        let volume = micro::volume(&self.tree)?;
        let [cost] = self.in_turns([&|| {
            let mut command = self.tidegate_on(&self.tree, &self.folders);
            cost_of(&mut command)
        }])?;
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        table.figure("bytes read", mib(volume.read), "MiB", None);
        table.figure("bytes rendered", mib(volume.rendered), "MiB", None);
        let limit = 10 * (volume.read + volume.rendered) + 20_000_000;
        let bar = Some(Bar::AtMost(mib(limit)));
        table.figure("peak memory", mib(cost.peak), "MiB", bar);
        Ok(())
    }

    /// The same engine with places and with none.
    pub(super) fn provenance(&self, without: &Path, table: &mut Table) -> Outcome {
        let [with, without] = self
            .in_turns([&|| self.loop_of(&self.tasks, "build", TIMES), &|| {
                self.loop_of(without, "build", TIMES)
            }])?;
        table.cost(format!("{TIMES} builds, with places"), with);
        table.cost(format!("{TIMES} builds, without"), without);
        let extra = with.cpu.as_secs_f64() / without.cpu.as_secs_f64() - 1.0;
        let bar = Some(Bar::AtMost(30.0));
        table.figure("cost of places", extra * 100.0, "%", bar);
        Ok(())
    }

    /// Trees of growing size.
    pub(super) fn synthetic(&self, table: &mut Table) -> Outcome {
        let sizes = [100, 400, 1600];
        let trees = sizes.map(|size| (size, self.scratch.join(format!("synthetic-{size}"))));
        for (size, tree) in &trees {
            remove(tree)?;
            synth::write(*size, 1, tree)?;
        }
        let build = |index: usize| {
            let (size, tree) = &trees[index];
            cost_of(&mut self.tidegate_on(tree, &synth::folders(*size)))
        };
        let check = |index: usize| cost_of(&mut self.check_on(&trees[index].1));
        let [builds @ .., small, middle, large] = self.in_few_turns([
            &|| build(0),
            &|| build(1),
            &|| build(2),
            &|| check(0),
            &|| check(1),
            &|| check(2),
        ])?;
        let ratio = |large: Cost, small: Cost| large.cpu.as_secs_f64() / small.cpu.as_secs_f64();
        let bar = Some(Bar::AtMost(18.0));
        for (size, cost) in sizes.iter().zip(builds) {
            table.cost(format!("tidegate kustomize, {size} Kustomizations"), cost);
        }
        let grown = ratio(builds[2], builds[0]);
        table.figure("1600 Kustomizations / 100", grown, "x", bar);
        for (size, cost) in sizes.iter().zip([small, middle, large]) {
            table.cost(format!("tidegate check, {size} Kustomizations"), cost);
        }
        let milliseconds = large.cpu.as_secs_f64() * 1e3;
        let second = Some(Bar::AtMost(1000.0));
        table.figure("CPU", milliseconds, "ms", second);
        table.figure("1600 Kustomizations / 100", ratio(large, small), "x", bar);
        for (_, tree) in &trees {
            remove(tree)?;
        }
        Ok(())
    }

    /// Clusters that share their Kustomizations: cost grows with what differs between them, which is
    /// a tenth of these.
    pub(super) fn fleet(&self, table: &mut Table) -> Outcome {
        const KUSTOMIZATIONS: usize = 50;
        let sizes = [1, 10, 50, 200];
        let trees = sizes.map(|size| (size, self.scratch.join(format!("fleet-{size}"))));
        for (size, tree) in &trees {
            remove(tree)?;
            synth::write(KUSTOMIZATIONS, *size, tree)?;
        }
        let check = |index: usize| cost_of(&mut self.check_on(&trees[index].1));
        let costs = self.in_few_turns([&|| check(0), &|| check(1), &|| check(2), &|| check(3)])?;
        for (size, cost) in sizes.iter().zip(costs) {
            table.cost(
                format!("tidegate check, {size} clusters of {KUSTOMIZATIONS} Kustomizations"),
                cost,
            );
        }
        let [one, .., many] = costs;
        let time = many.cpu.as_secs_f64() / one.cpu.as_secs_f64();
        let bar = Some(Bar::AtMost(25.0));
        table.figure("200 clusters / 1, CPU", time, "x", bar);
        let memory = many.peak as f64 / one.peak as f64;
        table.figure("200 clusters / 1, memory", memory, "x", bar);
        for (_, tree) in &trees {
            remove(tree)?;
        }
        Ok(())
    }

    /// Stages of the engine: the cost of many repetitions less that of one.
    pub(super) fn micro(&self, table: &mut Table) -> Outcome {
        for stage in ["parse", "build", "emit"] {
            let [once, often] = self
                .in_turns([&|| self.loop_of(&self.tasks, stage, 1), &|| {
                    self.loop_of(&self.tasks, stage, 1 + TIMES)
                }])?;
            let mut command = Command::new(&self.tasks);
            let printed = output_of(command.args(["micro", stage]).arg(&self.tree).arg("1"))?;
            let bytes: u64 = printed.trim().parse()?;
            let seconds = often.cpu.saturating_sub(once.cpu).as_secs_f64() / TIMES as f64;
            table.figure(format!("{stage}, one time"), seconds * 1e3, "ms", None);
            let speed = bytes as f64 / seconds / 1e6;
            table.figure(format!("{stage}, speed"), speed, "MB/s", None);
        }
        Ok(())
    }

    /// Instructions do not depend on what else the machine does.
    pub(super) fn instructions(&self, profile: &Path, table: &mut Table) -> Outcome {
        let mut command = program_in(Path::new("valgrind"), &self.tree);
        command
            .arg("--tool=callgrind")
            .arg(format!("--callgrind-out-file={}", profile.display()))
            .arg(&self.tidegate)
            .arg("kustomize")
            .args(&self.folders)
            .args(UNRESTRICTED);
        let output = command
            .output()
            .map_err(|error| format!("valgrind cannot be started: {error}"))?;
        let words = String::from_utf8_lossy(&output.stderr);
        let count = words
            .lines()
            .find_map(|line| line.split_once("Collected : "))
            .and_then(|(_, count)| count.trim().parse::<f64>().ok())
            .ok_or("valgrind printed no count of instructions")?;
        table.figure("instructions", count / 1e6, "M", None);
        Ok(())
    }

    fn check_on(&self, tree: &Path) -> Command {
        let mut command = program_in(&self.tidegate, tree);
        command.args(["check", ".", "--quiet"]);
        // Without the charts that the person has.
        command.env("TIDEGATE_CACHE_DIR", self.scratch.join("no-charts"));
        command
    }

    fn tidegate_on(&self, tree: &Path, folders: &[String]) -> Command {
        let mut command = program_in(&self.tidegate, tree);
        command.arg("kustomize").args(folders).args(UNRESTRICTED);
        command
    }

    fn loop_of(&self, tasks: &Path, stage: &str, times: usize) -> Outcome<Cost> {
        let mut command = Command::new(tasks);
        command.args(["micro", stage]).arg(&self.tree);
        cost_of(command.arg(times.to_string()))
    }

    pub(super) fn in_turns<const N: usize>(
        &self,
        contestants: [&dyn Fn() -> Outcome<Cost>; N],
    ) -> Outcome<[Cost; N]> {
        in_turns(self.rounds, contestants)
    }

    /// For large trees.
    fn in_few_turns<const N: usize>(
        &self,
        contestants: [&dyn Fn() -> Outcome<Cost>; N],
    ) -> Outcome<[Cost; N]> {
        in_turns(self.rounds.div_ceil(3), contestants)
    }
}

/// Runs each contestant once in every round, and gives the medians.
fn in_turns<const N: usize>(
    rounds: usize,
    contestants: [&dyn Fn() -> Outcome<Cost>; N],
) -> Outcome<[Cost; N]> {
    let mut runs = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (contestant, runs) in contestants.iter().zip(&mut runs) {
            runs.push(contestant()?);
        }
    }
    Ok(runs.map(|runs| Cost::medians(&runs)))
}

/// Copies a tree whose ResourceSets are of another kind, which nothing expands.
fn copy_without_resource_sets(from: &Path, to: &Path) -> Outcome {
    const KIND: &str = "kind: ResourceSet\n";
    corpus::copy(from, to)?;
    for file in corpus::files(to)? {
        if let Ok(text) = std::fs::read_to_string(&file)
            && text.contains(KIND)
        {
            std::fs::write(&file, text.replace(KIND, "kind: OtherSet\n"))?;
        }
    }
    Ok(())
}

/// Flux builds so.
const UNRESTRICTED: [&str; 2] = ["--load-restrictor", "LoadRestrictionsNone"];

pub(super) fn program_in(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder);
    command
}

pub(super) fn remove(tree: &Path) -> Outcome {
    if tree.exists() {
        std::fs::remove_dir_all(tree)?;
    }
    Ok(())
}
