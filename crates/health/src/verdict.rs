use std::fmt;
use std::time::Duration;

use tidegate_source::Subject;

/// What was found out about one digest in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Each expected object was current under this digest in every sample of the window, and each
    /// further check held.
    Passed,
    /// The cluster was to run this digest and does not run it well. At least one reason says why.
    Failed(Vec<Reason>),
    /// Nothing was proven. At least one reason says what is missing.
    Inconclusive(Vec<Reason>),
}

impl Verdict {
    /// `PASSED`, `FAILED` or `INCONCLUSIVE`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Verdict::Passed => "PASSED",
            Verdict::Failed(_) => "FAILED",
            Verdict::Inconclusive(_) => "INCONCLUSIVE",
        }
    }

    /// Why it did not pass; nothing where it did.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Verdict::Passed => &[],
            Verdict::Failed(reasons) | Verdict::Inconclusive(reasons) => reasons,
        }
    }
}

/// Why something did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// What sort of reason it is.
    pub kind: ReasonKind,
    /// The object that it is about, where it is about one.
    pub subject: Option<Subject>,
    /// The field of that object, as a JSON pointer, where the live value is not the rendered one.
    pub field: Option<String>,
    /// What is wrong, with the words of the condition where there is one.
    pub message: String,
}

impl Reason {
    /// A reason that is about no object.
    pub fn new(kind: ReasonKind, message: impl Into<String>) -> Reason {
        Reason {
            kind,
            subject: None,
            field: None,
            message: message.into(),
        }
    }

    /// A reason that is about an object.
    pub fn of(kind: ReasonKind, subject: &Subject, message: impl Into<String>) -> Reason {
        Reason {
            subject: Some(subject.clone()),
            ..Reason::new(kind, message)
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(subject) = &self.subject {
            write!(f, "{subject}: ")?;
        }
        f.write_str(&self.message)
    }
}

macro_rules! reason_kinds {
    ($($(#[$doc:meta])* $kind:ident = $text:literal,)*) => {
        /// What sort of reason it is, for machines.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ReasonKind {
            $($(#[$doc])* $kind,)*
        }

        impl ReasonKind {
            /// Its name in the JSON format.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(ReasonKind::$kind => $text,)*
                }
            }
        }
    };
}

reason_kinds! {
    /// The object is not in the cluster.
    Missing = "missing",
    /// It is there, and not yet what it is to become.
    NotCurrent = "not-current",
    /// Its controller says that it failed.
    ObjectFailed = "object-failed",
    /// It is being deleted.
    Terminating = "terminating",
    /// A field of it is not as the artifact renders it.
    Differs = "differs",
    /// Flux was told not to reconcile it.
    Suspended = "suspended",
    /// It has applied another revision.
    OtherRevision = "other-revision",
    /// Nothing tells whether it is well.
    NotJudged = "not-judged",
    /// The cluster runs another digest, and nothing moves it to this one.
    OtherDigest = "other-digest",
    /// The source had this digest, and then another.
    DigestMoved = "digest-moved",
    /// There is no source in the cluster that this digest could come from.
    NoSource = "no-source",
    /// The artifact renders no object.
    NothingExpected = "nothing-expected",
    /// The artifact cannot be read, so that nothing is known of what it renders.
    NoArtifact = "no-artifact",
    /// The tree is not the one that the artifact was made of.
    OtherTree = "other-tree",
    /// The API server did not answer.
    NoAnswer = "no-answer",
    /// It refuses to show something.
    Forbidden = "forbidden",
    /// The time was over before the window was.
    WindowTooShort = "window-too-short",
    /// A metric is outside of its range.
    MetricFailed = "metric-failed",
    /// A metric has no value.
    MetricWithoutData = "metric-without-data",
    /// A probe did not get what it expects.
    ProbeFailed = "probe-failed",
    /// Something that is declared did not run.
    DidNotRun = "did-not-run",
}

/// How many objects were judged, and what came of it, in the last sample.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// What the artifact renders.
    pub expected: usize,
    /// What is there, as it was rendered, and current.
    pub current: usize,
    /// What has nothing to be judged by, or was not rendered.
    pub not_judged: usize,
}

/// What a verdict was made of.
#[derive(Clone, Debug)]
pub struct Evidence {
    /// The verdict.
    pub verdict: Verdict,
    /// The UID of the namespace `kube-system`, by which clusters are told apart.
    pub cluster_uid: Option<String>,
    /// The version of the API server.
    pub server_version: Option<String>,
    /// How many samples were taken in all.
    pub samples: usize,
    /// How many of them the last window has.
    pub window_samples: usize,
    /// How long the last window was.
    pub window: Duration,
    /// How long everything took.
    pub took: Duration,
    /// How many requests were sent, tries included.
    pub requests: usize,
    /// What came of the objects in the last sample.
    pub counts: Counts,
    /// What could not be judged, and why, where that did not stand in the way of the verdict.
    pub not_judged: Vec<Reason>,
    /// By how much the clock of the API server is ahead of this machine's, in seconds, where that is more
    /// than its answers take. Nothing is judged by comparing the two.
    pub clock_skew: Option<i64>,
}

impl Evidence {
    /// That nothing is known, and no cluster was asked.
    pub fn unknown(reason: Reason) -> Evidence {
        Evidence {
            verdict: Verdict::Inconclusive(vec![reason]),
            cluster_uid: None,
            server_version: None,
            samples: 0,
            window_samples: 0,
            window: Duration::ZERO,
            took: Duration::ZERO,
            requests: 0,
            counts: Counts::default(),
            not_judged: Vec::new(),
            clock_skew: None,
        }
    }
}
