//! Waiting for a verdict.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::check::Check;
use crate::client::{Error, Reader, Wanted};
use crate::expected::Expectation;
use crate::judge::{Judged, Judgement, Moving, Standing, judge, moving};
use crate::object::Observed;
use crate::sample::Sample;
use crate::verdict::{Counts, Evidence, Reason};
use crate::window::{Step, Target, Timing, Window};

/// By how much clocks differ before it is worth a word: answers take time, and their dates have whole seconds.
const NOTABLE_SKEW: i64 = 5;

/// What is to be found out, and with what.
pub struct Run<'a> {
    /// Asks the cluster.
    pub reader: &'a Reader,
    /// What the artifact lets one expect.
    pub expectation: &'a Expectation,
    /// How long things take.
    pub timing: Timing,
    /// Further things that have to hold in the window.
    pub checks: Vec<Box<dyn Check + 'a>>,
    /// Finds out what a source selects that has another revision, such as by asking the registry for its tag. It is
    /// asked once.
    pub target: &'a dyn Fn(&Observed) -> Target,
    /// Told of every sample.
    pub progress: &'a mut dyn FnMut(&Progress<'_>),
}

/// How far it is.
#[derive(Debug)]
pub struct Progress<'a> {
    /// How long it has taken.
    pub elapsed: Duration,
    /// How many samples there are.
    pub samples: usize,
    /// What the last one says.
    pub judgement: &'a Judgement,
    /// How long all has held, and in how many samples; nothing where it does not.
    pub window: Option<(Duration, usize)>,
    /// How long things take.
    pub timing: Timing,
}

impl Run<'_> {
    /// Takes samples until there is a verdict. The last one is due at most an interval after the timeout.
    pub fn run(mut self) -> Evidence {
        let start = Instant::now();
        let subjects = self.expectation.objects.iter().map(|one| &one.subject);
        let wanted = Wanted::new(subjects);
        let mut known = Sample::default();
        let mut window = Window::new(self.timing);
        let mut samples = 0;
        let mut has_target = false;
        let mut identity = Identity::default();
        loop {
            let begun = Instant::now();
            if identity.uid.is_none() {
                identity.ask(self.reader);
            }
            let mut judgement = self.look(&wanted, &mut known, &mut |source| {
                if !has_target {
                    has_target = true;
                    window.heads_for((self.target)(source));
                }
            });
            let problem = identity.problem.take();
            if judgement.problems.is_empty() {
                judgement.problems.extend(problem);
            }
            samples += 1;
            // A sample is of the time when it was complete.
            let at = start.elapsed();
            let checks = &mut self.checks;
            let step = window.observe(at, &judgement, &mut |open| {
                checks
                    .iter_mut()
                    .map(|check| {
                        if open.is_zero() {
                            check.restart();
                        }
                        check.measure(open)
                    })
                    .collect()
            });
            (self.progress)(&Progress {
                elapsed: at,
                samples,
                judgement: &judgement,
                window: window.is_open(),
                timing: self.timing,
            });
            if let Step::Done(verdict) = step {
                let (held, window_samples) = window.is_open().unwrap_or_default();
                return Evidence {
                    verdict,
                    cluster_uid: identity.uid,
                    server_version: identity.version,
                    samples,
                    window_samples,
                    window: held,
                    took: start.elapsed(),
                    requests: self.reader.requests().total(),
                    counts: judgement.counts,
                    not_judged: not_judged(&judgement),
                    clock_skew: self
                        .reader
                        .clock_ahead()
                        .filter(|ahead| ahead.abs() >= NOTABLE_SKEW),
                };
            }
            let until_due = self.timing.interval.saturating_sub(begun.elapsed());
            sleep(until_due);
        }
    }

    /// A sample. As long as the sources are elsewhere, nothing else is asked for.
    fn look(
        &self,
        wanted: &Wanted,
        known: &mut Sample,
        is_elsewhere: &mut dyn FnMut(&Observed),
    ) -> Judgement {
        let first = self.reader.sources(known);
        let moving = moving(self.expectation, &first);
        if moving == Moving::Here && first.problems.is_empty() {
            let sample = self.reader.sample(wanted, known);
            return judge(self.expectation, &sample);
        }
        if let Moving::Elsewhere { source, .. } = &moving
            && let Some(source) = first.get(source)
        {
            is_elsewhere(source);
        }
        Judgement {
            moving,
            not_current: Vec::new(),
            problems: first.problems,
            counts: Counts {
                expected: self.expectation.objects.len(),
                ..Counts::default()
            },
        }
    }
}

/// Which cluster it is.
#[derive(Default)]
struct Identity {
    uid: Option<String>,
    version: Option<String>,
    problem: Option<Reason>,
}

impl Identity {
    fn ask(&mut self, reader: &Reader) {
        let text = |value: &Value, at: &str| Some(value.pointer(at)?.as_str()?.to_owned());
        let mut ask = || -> Result<(), Error> {
            let namespace = reader.get("/api/v1/namespaces/kube-system")?;
            self.version = text(&reader.get("/version")?, "/gitVersion");
            self.uid = text(&namespace, "/metadata/uid");
            Ok(())
        };
        self.problem = ask().err().map(|error| error.reason());
    }
}

/// What is not judged, and does not stand in the way of passing.
fn not_judged(judgement: &Judgement) -> Vec<Reason> {
    let is_excused =
        |one: &&Judged| matches!(&one.standing, Standing::NotJudged(not) if not.is_excused);
    let excused = judgement.not_current.iter().filter(is_excused);
    excused.map(Judged::reason).collect()
}
