use std::collections::BTreeMap;
use std::time::Duration;

use tidegate_source::Subject;

use crate::check::CheckOutcome;
use crate::judge::{Judgement, Moving, Standing};
use crate::verdict::{Reason, ReasonKind, Verdict};

/// How long things take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// How long to wait for a verdict.
    pub timeout: Duration,
    /// How long everything has to hold.
    pub settle: Duration,
    /// How much time lies between the starts of two samples, at least.
    pub interval: Duration,
}

impl Timing {
    /// How many samples a window has, at least, however short it is.
    pub const FEWEST: usize = 3;

    /// How much time may lie between two samples of a window: what was not seen for longer is not known to have
    /// held. A machine that slept does not see.
    pub fn longest_gap(&self) -> Duration {
        self.interval.saturating_mul(3).max(Duration::from_secs(30))
    }
}

/// What is to be done after a sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Take another one.
    Wait,
    /// That is the verdict.
    Done(Verdict),
}

/// What the sources of the artifact are known to select.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Target {
    /// This digest: the cluster will get there.
    This,
    /// Another one: it will not.
    Other,
    /// That cannot be told from here.
    #[default]
    Unknown,
}

/// Makes a verdict of one sample after the other.
///
/// A window opens with a sample in which all holds, and ends with one in which something does not. The verdict
/// is passed when it has been open for the time to settle, with enough samples, none too far from the one
/// before it.
#[derive(Clone, Debug)]
pub struct Window {
    timing: Timing,
    target: Target,
    /// Whether the sources have had the digest.
    was_here: bool,
    /// When the last sample was taken.
    last: Option<Duration>,
    open: Option<Open>,
    /// The same for all that is judged, whatever is not.
    open_but_for_unjudged: Option<Open>,
    /// In how many samples in a row each object has failed for good.
    failed: BTreeMap<Subject, usize>,
}

/// A window that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    since: Duration,
    samples: usize,
}

impl Open {
    fn add(open: &mut Option<Open>, at: Duration, holds: bool) {
        *open = holds.then(|| match open {
            Some(open) => Open {
                samples: open.samples + 1,
                ..*open
            },
            None => Open {
                since: at,
                samples: 1,
            },
        });
    }

    fn has_settled(self, at: Duration, timing: &Timing) -> bool {
        self.samples >= Timing::FEWEST && at.saturating_sub(self.since) >= timing.settle
    }
}

impl Window {
    /// A window that nothing was seen through yet.
    pub fn new(timing: Timing) -> Window {
        Window {
            timing,
            target: Target::Unknown,
            was_here: false,
            last: None,
            open: None,
            open_but_for_unjudged: None,
            failed: BTreeMap::new(),
        }
    }

    /// What the sources are known to select from here on.
    pub fn heads_for(&mut self, target: Target) {
        self.target = target;
    }

    /// How long it has been open at the last sample, and how many samples it has; nothing where it is not.
    pub fn is_open(&self) -> Option<(Duration, usize)> {
        let open = self.open?;
        Some((self.last?.saturating_sub(open.since), open.samples))
    }

    /// Takes in a sample that was taken `at` that time after the start. `checks` gives what further checks say; it is
    /// asked where all objects hold, with how long they have.
    pub fn observe(
        &mut self,
        at: Duration,
        seen: &Judgement,
        checks: &mut dyn FnMut(Duration) -> Vec<CheckOutcome>,
    ) -> Step {
        let gap = self.last.map(|last| at.saturating_sub(last));
        if gap.is_some_and(|gap| gap > self.timing.longest_gap()) {
            self.open = None;
            self.open_but_for_unjudged = None;
        }
        self.last = Some(at);
        Open::add(&mut self.open, at, seen.holds());
        Open::add(
            &mut self.open_but_for_unjudged,
            at,
            seen.holds_but_for_unjudged(),
        );
        if let Some(verdict) = self.at_once(seen) {
            return Step::Done(verdict);
        }
        self.was_here |= seen.moving == Moving::Here;
        if let Some(verdict) = self.failed_for_good(seen) {
            return Step::Done(verdict);
        }
        let mut is_running = false;
        if let Some(open) = self.open {
            let outcomes = checks(at.saturating_sub(open.since));
            match concluded(&outcomes) {
                Some(verdict) => return Step::Done(verdict),
                None => is_running = outcomes.contains(&CheckOutcome::Running),
            }
            if open.has_settled(at, &self.timing) && !is_running {
                return Step::Done(Verdict::Passed);
            }
        }
        let unjudged = self.open_but_for_unjudged;
        if unjudged.is_some_and(|open| open.has_settled(at, &self.timing)) && self.open.is_none() {
            let reasons = seen.unjudged().map(|one| one.reason()).collect();
            return Step::Done(Verdict::Inconclusive(reasons));
        }
        match at >= self.timing.timeout {
            true => Step::Done(self.timed_out(seen, is_running)),
            false => Step::Wait,
        }
    }

    /// What no further sample would change.
    fn at_once(&self, seen: &Judgement) -> Option<Verdict> {
        let inconclusive = |reason: Reason| Some(Verdict::Inconclusive(vec![reason]));
        if seen.counts.expected == 0 {
            let message = "the artifact renders no object for this cluster";
            return inconclusive(Reason::new(ReasonKind::NothingExpected, message));
        }
        let mut problems = seen.problems.iter();
        if problems.any(|problem| problem.kind == ReasonKind::Forbidden) {
            let problems = seen.problems.iter();
            let forbidden = problems.filter(|problem| problem.kind == ReasonKind::Forbidden);
            return Some(Verdict::Inconclusive(forbidden.cloned().collect()));
        }
        if !seen.problems.is_empty() {
            return None;
        }
        let (source, revision, is_pinned) = match &seen.moving {
            Moving::Elsewhere { source, revision } => (source, revision, false),
            Moving::Pinned { source, revision } => (source, revision, true),
            Moving::Here | Moving::NoSource => return None,
        };
        let revision = shown(revision);
        if self.was_here {
            let message = format!("it had this digest, and then moved to {revision}");
            return inconclusive(Reason::of(ReasonKind::DigestMoved, source, message));
        }
        let stays = match (is_pinned, self.target) {
            (true, _) => "and is suspended or set to another digest",
            (false, Target::Other) => "and what it selects is not this digest",
            (false, Target::This | Target::Unknown) => return None,
        };
        let message = format!("it has {revision}, {stays}");
        inconclusive(Reason::of(ReasonKind::OtherDigest, source, message))
    }

    /// Waiting for what has failed for good is in vain. A controller may be about to look again, so it is to
    /// say so more than once.
    fn failed_for_good(&mut self, seen: &Judgement) -> Option<Verdict> {
        if seen.moving != Moving::Here || !seen.problems.is_empty() {
            self.failed.clear();
            return None;
        }
        let mut failed = BTreeMap::new();
        for one in &seen.not_current {
            if matches!(one.standing, Standing::Failed(_)) && one.waits_for.is_none() {
                let times = self.failed.get(&one.subject).map_or(1, |times| times + 1);
                failed.insert(one.subject.clone(), times);
            }
        }
        self.failed = failed;
        let is_over = self.failed.values().any(|times| *times >= Timing::FEWEST);
        is_over.then(|| Verdict::Failed(seen.reasons()))
    }

    /// What is to be said when the time is over.
    fn timed_out(&self, seen: &Judgement, is_running: bool) -> Verdict {
        if !seen.problems.is_empty() {
            return Verdict::Inconclusive(seen.problems.clone());
        }
        match &seen.moving {
            Moving::Here => {}
            Moving::NoSource => {
                let message = "no OCIRepository of the cluster has this digest, or is the one that the tree names";
                let reason = Reason::new(ReasonKind::NoSource, message);
                return Verdict::Inconclusive(vec![reason]);
            }
            Moving::Elsewhere { source, revision } | Moving::Pinned { source, revision } => {
                let message = format!("it still has {}", shown(revision));
                let reason = Reason::of(ReasonKind::OtherDigest, source, message);
                return match self.target {
                    // It was to get there, and did not.
                    Target::This => Verdict::Failed(vec![reason]),
                    Target::Other | Target::Unknown => Verdict::Inconclusive(vec![reason]),
                };
            }
        }
        if !seen.holds_but_for_unjudged() {
            return Verdict::Failed(seen.reasons());
        }
        let unjudged: Vec<Reason> = seen.unjudged().map(|one| one.reason()).collect();
        if !unjudged.is_empty() {
            return Verdict::Inconclusive(unjudged);
        }
        if is_running
            && self
                .open
                .is_some_and(|open| open.has_settled(self.timing.timeout, &self.timing))
        {
            let message = "the time was over before all metrics and probes had been measured";
            return Verdict::Inconclusive(vec![Reason::new(ReasonKind::DidNotRun, message)]);
        }
        let (held, samples) = self.is_open().unwrap_or_default();
        let message = format!(
            "all held for {} s in {samples} samples when the time was over, and was to hold for {} s in {}",
            held.as_secs(),
            self.timing.settle.as_secs(),
            Timing::FEWEST,
        );
        Verdict::Inconclusive(vec![Reason::new(ReasonKind::WindowTooShort, message)])
    }
}

/// What the checks come to, where that is decided.
fn concluded(outcomes: &[CheckOutcome]) -> Option<Verdict> {
    let failed: Vec<Reason> = outcomes
        .iter()
        .filter_map(CheckOutcome::failed)
        .flatten()
        .cloned()
        .collect();
    if !failed.is_empty() {
        return Some(Verdict::Failed(failed));
    }
    let unknown = outcomes.iter().filter_map(CheckOutcome::inconclusive);
    let unknown: Vec<Reason> = unknown.flatten().cloned().collect();
    (!unknown.is_empty()).then_some(Verdict::Inconclusive(unknown))
}

fn shown(revision: &str) -> &str {
    match revision {
        "" => "no artifact",
        revision => revision,
    }
}
