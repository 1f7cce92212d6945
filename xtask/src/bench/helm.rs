//! Releases: `helm template`, its engine, and what charts add to a check.

use std::path::Path;
use std::process::Command;

use super::sections::{Contest, remove};
use super::table::{Bar, Table};
use crate::Outcome;
use crate::charts::releases;
use crate::measure::{Cost, cost_of};
use crate::workspace::output_of;

/// What releases are measured against.
pub(super) struct Peers<'p> {
    pub(super) helm: &'p Path,
    /// The loop over its engine.
    pub(super) engine: &'p Path,
}

impl Contest {
    pub(super) fn helm(&self, suite: &Path, peers: &Peers<'_>, table: &mut Table) -> Outcome {
        let scratch = self.scratch.join("helm");
        remove(&scratch)?;
        std::fs::create_dir_all(&scratch)?;
        self.one_release(suite, peers, &scratch, table)?;
        self.all_cases(suite, peers, table)?;
        self.with_charts(suite, &scratch, table)?;
        remove(&scratch)
    }

    /// A chart that builds everything through templates, and a release with many objects.
    fn one_release(
        &self,
        suite: &Path,
        peers: &Peers<'_>,
        scratch: &Path,
        table: &mut Table,
    ) -> Outcome {
        const RELEASE: &str = "exportarr";
        let values = scratch.join("values.yaml");
        std::fs::write(&values, releases::values_of(&self.tree, RELEASE)?)?;
        let chart = suite.join("charts/app-template");
        let template = |command: &mut Command| {
            let command = command.args(["template", RELEASE]).arg(&chart);
            cost_of(command.arg("--values").arg(&values))
        };
        let [own, helm] = self.in_turns([
            &|| template(Command::new(&self.tidegate).arg("helm")),
            &|| template(&mut Command::new(peers.helm)),
        ])?;
        table.cost("tidegate helm template, exportarr", own);
        table.cost("helm template, exportarr", helm);
        let milliseconds = own.cpu.as_secs_f64() * 1e3;
        table.figure("CPU", milliseconds, "ms", Some(Bar::AtMost(60.0)));
        let ratio = helm.cpu.as_secs_f64() / own.cpu.as_secs_f64();
        let bar = Some(Bar::AtLeast(30.0));
        table.figure("helm / tidegate", ratio, "x", bar);
        // A program that writes less does less.
        let missing = helm.written.abs_diff(own.written) as f64;
        let bar = Some(Bar::AtMost(0.0));
        table.figure("difference of what they wrote", missing, "bytes", bar);
        Ok(())
    }

    /// All cases of the suite, each chart read but once.
    fn all_cases(&self, suite: &Path, peers: &Peers<'_>, table: &mut Table) -> Outcome {
        let [own] = self.in_turns([&|| {
            let mut command = Command::new(&self.tasks);
            cost_of(command.args(["releases", "cases"]))
        }])?;
        let each = Cost::of_all(releases::commands(suite, peers.helm)?)?;
        let printed = output_of(Command::new(peers.engine).arg(suite))?;
        let engine: f64 = printed.trim().parse()?;
        table.cost("all cases of the suite helm, one process", own);
        table.cost("helm template, a process each", each);
        table.figure("helm's engine alone, one process", engine, "s", None);
        let own = own.cpu.as_secs_f64();
        let bar = Some(Bar::AtLeast(30.0));
        table.figure("helm / tidegate", each.cpu.as_secs_f64() / own, "x", bar);
        let bar = Some(Bar::AtLeast(3.0));
        table.figure("helm's engine / tidegate", engine / own, "x", bar);
        Ok(())
    }

    /// A check for which the charts of the suite are at hand.
    fn with_charts(&self, suite: &Path, scratch: &Path, table: &mut Table) -> Outcome {
        let (tree, archives) = (scratch.join("tree"), scratch.join("archives"));
        releases::copy_with_variables(&self.tree, &tree)?;
        releases::pack(suite, &archives)?;
        let [cost] = self.in_turns([&|| {
            let mut command = Command::new(&self.tasks);
            command.args(["releases", "check"]).arg(&tree);
            cost_of(command.arg(&archives))
        }])?;
        table.cost("check with the charts of the suite at hand", cost);
        let milliseconds = cost.cpu.as_secs_f64() * 1e3;
        table.figure("CPU", milliseconds, "ms", Some(Bar::AtMost(250.0)));
        Ok(())
    }
}
