//! Whether a tree may be pushed.

mod as_cluster;

use std::io::{self, Write as _};
use std::path::Path;

use jiff::Timestamp;
use tidegate_system::write_atomically;

use crate::args::{self, Global};
use crate::commands::check::format;
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::gate::{Answer, Gated, hold};
use crate::progress::Progress;
use crate::signing::{GATE_KEY, signing_key};
use crate::terminal::Stream;

pub(crate) fn run(args: &args::Gate, global: &Global) -> Result<Outcome, Failure> {
    let working = working_folder()?;
    let key = signing_key(args.key.as_deref(), GATE_KEY)?;
    let progress = Progress::start(global.quiet);
    let held = hold(&args.path, &args.gate, threads(global), &working, &progress);
    progress.finish();
    let held = held?;
    // What is asked for goes to standard output, and the findings make way for it.
    let is_taken = args.as_cluster.as_deref().is_some_and(is_stdout)
        || args.report.as_deref().is_some_and(is_stdout);
    let stream = if is_taken {
        Stream::Stderr
    } else {
        Stream::Stdout
    };
    held.show_findings(format(args.format), stream, global, &working)?;
    let Answer::Gated(gated) = held else {
        if !global.quiet {
            let text = "Nothing was packed: the config has errors\n";
            written(io::stderr().lock().write_all(text.as_bytes()))?;
        }
        return Ok(Outcome::Misconfigured);
    };
    if let Some(folder) = &args.as_cluster {
        let is_list = is_stdout(folder);
        as_cluster::show(&gated, (!is_list).then_some(folder.as_path()))?;
    }
    if let Some(file) = &args.report {
        let text = match &key {
            Some(key) => {
                let content = &gated.packaged.layer.diff_id;
                let envelope = gated.evidence("content", content, Some(key), Timestamp::now());
                let mut bytes = envelope.to_bytes();
                bytes.push(b'\n');
                bytes
            }
            None => format!("{:#}\n", gated.to_json()).into_bytes(),
        };
        put(file, &text)?;
    }
    if !global.quiet {
        written(io::stderr().lock().write_all(gated.text().as_bytes()))?;
    }
    Ok(outcome(&gated))
}

fn outcome(gated: &Gated) -> Outcome {
    match gated.passed {
        true => Outcome::Clean,
        false => Outcome::Refused,
    }
}

fn is_stdout(path: &Path) -> bool {
    path == Path::new("-")
}

fn put(file: &Path, text: &[u8]) -> Result<(), Failure> {
    if is_stdout(file) {
        return written(io::stdout().lock().write_all(text));
    }
    let shown = file.display();
    write_atomically(file, text)
        .map_err(|error| Failure::new(format!("{shown} cannot be written: {error}")))
}
