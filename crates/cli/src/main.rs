//! The command line of tidegate: arguments, printing, progress and exit codes. What is found is
//! decided in the crates below, and how it looks in `tidegate-report`.

#![allow(
    clippy::disallowed_methods,
    reason = "the command line is where the environment is read and files are written"
)]

mod args;
mod charts;
mod checking;
mod commands;
mod config;
mod fix;
mod gate;
mod packing;
mod place;
mod plan;
mod progress;
mod promotion;
mod remote;
mod rendering;
mod signing;
mod terminal;
mod tree;
mod verdict;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Charts, Command};
use crate::commands::{
    Failure, attest, charts as charts_command, check, diff, envsubst, gate as gate_command, health,
    helm, history, kustomize, promote, push, render, resourceset, rollback, rules, schema, status,
    validate, verify,
};

fn main() -> ExitCode {
    let args = Args::parse();
    let result = match &args.command {
        Command::Check(check_args) => check::run(check_args, &args.global),
        Command::Render(render_args) => render::run(render_args, &args.global),
        Command::Diff(diff_args) => diff::run(diff_args, &args.global),
        Command::Gate(gate_args) => gate_command::run(gate_args, &args.global),
        Command::Push(push_args) => push::run(push_args, &args.global),
        Command::Kustomize(kustomize_args) => kustomize::run(kustomize_args, &args.global),
        Command::Envsubst(envsubst_args) => envsubst::run(envsubst_args),
        Command::Health(health_args) => health::run(health_args, &args.global),
        Command::Helm(helm_args) => helm::run(helm_args, &args.global),
        Command::Resourceset(set_args) => resourceset::run(set_args),
        Command::Charts(Charts::Fetch(fetch_args)) => {
            charts_command::fetch(fetch_args, &args.global)
        }
        Command::Validate(validate_args) => validate::run(validate_args, &args.global),
        Command::Schema(schema_args) => schema::run(schema_args),
        Command::Attest(attest_args) => attest::run(attest_args, &args.global),
        Command::Verify(verify_args) => verify::run(verify_args),
        Command::Promote(promote_args) => promote::run(promote_args, &args.global),
        Command::Rollback(rollback_args) => rollback::run(rollback_args, &args.global),
        Command::History(history_args) => history::run(history_args),
        Command::Status(status_args) => status::run(status_args),
        Command::Rules(rules_args) => rules::list(rules_args),
        Command::Explain(explain_args) => rules::explain(explain_args, &args.global),
    };
    result.map_or_else(Failure::report, ExitCode::from)
}
