//! The progress bar: on a terminal only, and only where the work takes long enough to wonder.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::terminal::{Stream, is_terminal};

/// Shorter work shows no bar.
const PATIENCE: Duration = Duration::from_millis(150);

/// Shows how far the work is.
pub(crate) struct Progress {
    shown: bool,
    /// What is counted.
    parts: &'static str,
    started: Instant,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    /// Progress that starts now.
    pub(crate) fn start(quiet: bool) -> Progress {
        Progress::of(quiet, "kustomizations")
    }

    /// Progress of work on such parts that starts now.
    pub(crate) fn of(quiet: bool, parts: &'static str) -> Progress {
        Progress {
            shown: !quiet && is_terminal(Stream::Stderr),
            parts,
            started: Instant::now(),
            bar: OnceLock::new(),
        }
    }

    /// `done` of the `known` parts of the work are done.
    pub(crate) fn update(&self, done: usize, known: usize) {
        if !self.shown || self.started.elapsed() < PATIENCE {
            return;
        }
        let bar = self.bar.get_or_init(|| new_bar(self.parts));
        bar.set_length(known as u64);
        bar.set_position(done as u64);
    }

    /// Takes the bar off the screen; returns how long the work took.
    pub(crate) fn finish(self) -> Duration {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
        self.started.elapsed()
    }
}

fn new_bar(parts: &str) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(&format!("{{bar:30}} {{pos}}/{{len}} {parts}")) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
