//! What one sample says of an artifact. Pure: the same sample gives the same judgement.

use std::collections::{BTreeMap, BTreeSet};

use tidegate_source::Subject;

use crate::expected::{Content, Expectation, Expected, difference};
use crate::flux::{
    APPLIERS, SourceId, Stage, Where, dependencies, has_applied, has_digest, is_applier, is_on,
    standing_of, where_is,
};
use crate::object::Observed;
use crate::sample::Sample;
use crate::status::{Status, status_of};
use crate::verdict::{Counts, Reason, ReasonKind};

/// How an object stands that is not current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is not there.
    Missing(String),
    /// It is on its way.
    InProgress(String),
    /// Its controller has given up.
    Failed(String),
    /// It is being deleted.
    Terminating,
    /// A field is not as it was rendered.
    Differs {
        /// Where it is, as a JSON pointer.
        pointer: String,
        /// What is wrong with it.
        message: String,
    },
    /// Flux was told to leave it alone.
    Suspended(String),
    /// It has applied another revision.
    OtherRevision(String),
    /// Nothing tells.
    NotJudged(NotJudged),
}

/// Why an object is not judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJudged {
    /// Why.
    pub why: String,
    /// Whether the policy lets that pass: a HelmRelease that is ready answers for it, or the config does.
    pub is_excused: bool,
}

/// An object that is not current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Which object it is.
    pub subject: Subject,
    /// How it stands.
    pub standing: Standing,
    /// What has to come first: it is for want of this that the object is not current.
    pub waits_for: Option<Subject>,
}

impl Judged {
    /// What is to be said of it.
    pub fn reason(&self) -> Reason {
        let (kind, message) = match &self.standing {
            Standing::Missing(message) => (ReasonKind::Missing, message.clone()),
            Standing::InProgress(message) => (ReasonKind::NotCurrent, message.clone()),
            Standing::Failed(message) => (ReasonKind::ObjectFailed, message.clone()),
            Standing::Terminating => (ReasonKind::Terminating, "it is being deleted".to_owned()),
            Standing::Suspended(message) => (ReasonKind::Suspended, message.clone()),
            Standing::OtherRevision(message) => (ReasonKind::OtherRevision, message.clone()),
            Standing::NotJudged(not) => (ReasonKind::NotJudged, not.why.clone()),
            Standing::Differs { pointer, message } => {
                let mut reason = Reason::of(
                    ReasonKind::Differs,
                    &self.subject,
                    format!(
                        "{}: {message}",
                        pointer.trim_start_matches('/').replace('/', ".")
                    ),
                );
                reason.field = Some(pointer.clone());
                return reason;
            }
        };
        Reason::of(kind, &self.subject, message)
    }
}

/// Where the sources of the artifact are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moving {
    /// Each has this digest.
    Here,
    /// One has another revision, or none, and may move.
    Elsewhere {
        /// Which.
        source: Subject,
        /// What it has; empty where it has nothing.
        revision: String,
    },
    /// One has another revision and is told to stay there.
    Pinned {
        /// Which.
        source: Subject,
        /// What it has.
        revision: String,
    },
    /// There is none.
    NoSource,
}

/// What one sample says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Where the sources are.
    pub moving: Moving,
    /// All objects that are not current, the causes first.
    pub not_current: Vec<Judged>,
    /// What could not be seen.
    pub problems: Vec<Reason>,
    /// How many objects there are.
    pub counts: Counts,
}

impl Judgement {
    /// Whether all is as it should be: what is not judged is excused.
    pub fn holds(&self) -> bool {
        self.holds_but_for_unjudged() && self.unjudged().next().is_none()
    }

    /// Whether all is as it should be but for what nothing is known of.
    pub fn holds_but_for_unjudged(&self) -> bool {
        let is_unjudged = |one: &Judged| matches!(one.standing, Standing::NotJudged(_));
        self.moving == Moving::Here
            && self.problems.is_empty()
            && self.counts.expected > 0
            && self.not_current.iter().all(is_unjudged)
    }

    /// What is not judged and not excused.
    pub fn unjudged(&self) -> impl Iterator<Item = &Judged> {
        let all = self.not_current.iter();
        all.filter(|one| matches!(&one.standing, Standing::NotJudged(not) if !not.is_excused))
    }

    /// Why it does not hold, the causes alone where there are any.
    pub fn reasons(&self) -> Vec<Reason> {
        let counts = |one: &&Judged| !matches!(one.standing, Standing::NotJudged(_));
        let causes = self.not_current.iter().filter(counts);
        let roots: Vec<Reason> = causes
            .clone()
            .filter(|one| one.waits_for.is_none())
            .map(Judged::reason)
            .collect();
        match roots.is_empty() {
            false => roots,
            // A circle of dependencies has no first.
            true => causes.map(Judged::reason).collect(),
        }
    }
}

/// Says of a sample how each object stands that an artifact renders.
pub fn judge(expectation: &Expectation, sample: &Sample) -> Judgement {
    let judge = Judge::new(expectation, sample);
    let mut not_current = Vec::new();
    let mut counts = Counts {
        expected: expectation.objects.len(),
        ..Counts::default()
    };
    let mut seen = BTreeSet::new();
    for expected in &expectation.objects {
        let place = sample.place_of(&expected.subject);
        match judge.expected(expected) {
            None => counts.current += 1,
            Some(standing) => {
                let waits_for = judge.waits_for(expected.applied_by.as_ref(), &place);
                not_current.push(Judged {
                    subject: expected.subject.clone(),
                    standing,
                    waits_for,
                });
            }
        }
        seen.insert((place.kind, place.namespace, place.name));
    }
    // What the artifact does not speak of and yet applies it: the Kustomization of a bootstrap, one that is to
    // be pruned, the FluxInstance.
    for (subject, stage) in &judge.stages {
        let key = (
            subject.kind.clone(),
            subject.namespace.clone(),
            subject.name.clone(),
        );
        if seen.contains(&key) || !judge.is_asked_for(subject) {
            continue;
        }
        if let Some(standing) = standing(stage) {
            let waits_for = judge.waits_for(None, subject);
            not_current.push(Judged {
                subject: subject.clone(),
                standing,
                waits_for,
            });
        }
    }
    for unrendered in &expectation.unrendered {
        let excused = judge.is_excused(Some(&unrendered.subject), &unrendered.subject.kind);
        not_current.push(Judged {
            subject: unrendered.subject.clone(),
            standing: Standing::NotJudged(NotJudged {
                why: unrendered.why.clone(),
                is_excused: excused,
            }),
            waits_for: None,
        });
    }
    let is_unjudged = |one: &&Judged| matches!(one.standing, Standing::NotJudged(_));
    counts.not_judged = not_current.iter().filter(is_unjudged).count();
    // Appliers tell of their objects, so they come behind these; what waits for others comes last.
    not_current.sort_by_key(|one| (one.waits_for.is_some(), is_applier(&one.subject)));
    Judgement {
        moving: judge.moving,
        not_current,
        problems: sample.problems.clone(),
        counts,
    }
}

/// Where the sources of an artifact are, which is all that matters until they have it.
pub(crate) fn moving(expectation: &Expectation, sample: &Sample) -> Moving {
    sources(expectation, sample).1
}

struct Judge<'a> {
    expectation: &'a Expectation,
    sample: &'a Sample,
    moving: Moving,
    /// All appliers of the cluster that were seen, and how far they have come.
    stages: BTreeMap<Subject, Stage>,
    /// The Kustomizations that apply the artifact.
    own: BTreeSet<Subject>,
    /// Those that are not done, by kind, namespace and name: others may name them in another version.
    open: BTreeSet<[&'a str; 3]>,
    /// The Secrets in the inventories of appliers that keep one.
    inventories: BTreeMap<&'a Subject, BTreeSet<&'a str>>,
}

impl<'a> Judge<'a> {
    fn new(expectation: &'a Expectation, sample: &'a Sample) -> Judge<'a> {
        let digest = &expectation.digest;
        let (sources, moving) = sources(expectation, sample);
        let mut stages = BTreeMap::new();
        let mut own = BTreeSet::new();
        let mut open = BTreeSet::new();
        let mut inventories = BTreeMap::new();
        for kind in APPLIERS {
            for (subject, object) in sample.all(*kind) {
                let is_own = subject.kind == "Kustomization" && is_on(object, &sources);
                let stage = standing_of(object, is_own.then_some(digest));
                if stage != Stage::Done {
                    open.insert(
                        [&subject.kind, &subject.namespace, &subject.name].map(String::as_str),
                    );
                }
                if let Some(secrets) = secrets_in_inventory(object) {
                    inventories.insert(subject, secrets);
                }
                stages.insert(subject.clone(), stage);
                if is_own {
                    own.insert(subject.clone());
                }
            }
        }
        Judge {
            expectation,
            sample,
            moving,
            stages,
            own,
            open,
            inventories,
        }
    }

    /// Whether an applier that the artifact does not render has to be well nevertheless.
    fn is_asked_for(&self, subject: &Subject) -> bool {
        self.own.contains(subject) || subject.kind == "FluxInstance"
    }

    /// How an expected object stands; none where it is current.
    fn expected(&self, expected: &Expected) -> Option<Standing> {
        if expected.content == Content::Inventory {
            return self.in_inventory(expected);
        }
        let sample = self.sample;
        let Some(object) = sample.get(&expected.subject) else {
            return Some(Standing::Missing(match sample.kind(&expected.subject) {
                Some(_) => "it is not in the cluster".to_owned(),
                None => format!(
                    "the API server has no {} in {}",
                    expected.subject.kind, expected.subject.api_version
                ),
            }));
        };
        if let Some(stage) = self.stages.get(&sample.place_of(&expected.subject)) {
            // That it is not as it was rendered explains why it is not ready, and not the other way round.
            return match stage {
                Stage::Suspended(_) => standing(stage),
                stage => self.differs(expected, object).or_else(|| standing(stage)),
            };
        }
        if object.is_terminating() {
            return Some(Standing::Terminating);
        }
        if let Some(differs) = self.differs(expected, object) {
            return Some(differs);
        }
        let has_status = sample
            .kind(&expected.subject)
            .is_none_or(|kind| kind.has_status);
        match status_of(object, has_status) {
            Status::Current => None,
            Status::InProgress(message) => Some(Standing::InProgress(message)),
            Status::Failed(message) => Some(Standing::Failed(message)),
            Status::Terminating => Some(Standing::Terminating),
            Status::NotJudged(why) => Some(self.not_judged(expected, why)),
        }
    }

    fn differs(&self, expected: &Expected, object: &Observed) -> Option<Standing> {
        let Content::Fields(fields) = &expected.content else {
            return None;
        };
        let found = difference(fields, object.value())?;
        Some(Standing::Differs {
            pointer: found.pointer,
            message: found.message,
        })
    }

    fn not_judged(&self, expected: &Expected, why: String) -> Standing {
        let is_excused = self.is_excused(expected.applied_by.as_ref(), &expected.subject.kind);
        Standing::NotJudged(NotJudged { why, is_excused })
    }

    fn is_excused(&self, applied_by: Option<&Subject>, kind: &str) -> bool {
        let by_release = applied_by.is_some_and(|by| {
            by.kind == "HelmRelease" && self.stages.get(by) == Some(&Stage::Done)
        });
        by_release
            || self
                .expectation
                .may_be_unjudged
                .iter()
                .any(|one| one == kind)
    }

    /// Secrets are not read: what applies them says that they are there.
    fn in_inventory(&self, expected: &Expected) -> Option<Standing> {
        let owner = expected
            .applied_by
            .as_ref()
            .map(|by| self.sample.place_of(by));
        let Some(inventory) = owner.as_ref().and_then(|owner| self.inventories.get(owner)) else {
            let why = "what applies it is not there, or keeps no inventory".to_owned();
            return Some(self.not_judged(expected, why));
        };
        let Subject {
            namespace,
            name,
            kind,
            ..
        } = self.sample.place_of(&expected.subject);
        let is_there = inventory.contains(format!("{namespace}_{name}__{kind}").as_str());
        let owner = owner.unwrap_or_default();
        let missing = || Standing::Missing(format!("the inventory of {owner} does not have it"));
        (!is_there).then(missing)
    }

    /// What has to come first: a dependency of an applier that is not done, or the applier of an object
    /// that has not applied it.
    fn waits_for(&self, applied_by: Option<&Subject>, place: &Subject) -> Option<Subject> {
        if let Some(object) = self.sample.objects.get(place)
            && self.stages.contains_key(place)
        {
            let is_open = |one: &Subject| {
                let key = [&one.kind, &one.namespace, &one.name].map(String::as_str);
                self.open.contains(&key)
            };
            if let Some(open) = dependencies(object).find(is_open) {
                return Some(open);
            }
        }
        let by = self.sample.place_of(applied_by?);
        let applier = self.sample.objects.get(&by);
        let digest = self
            .own
            .contains(&by)
            .then_some(self.expectation.digest.as_str());
        let has_applied = applier.is_some_and(|applier| has_applied(applier, digest));
        (!has_applied && by != *place).then_some(by)
    }
}

/// How an applier stands; none where it is done.
fn standing(stage: &Stage) -> Option<Standing> {
    Some(match stage {
        Stage::Done => return None,
        Stage::Suspended(how) => Standing::Suspended(format!("it is suspended: {how}")),
        Stage::OtherRevision(message) => Standing::OtherRevision(message.clone()),
        Stage::NotReady(message) => Standing::InProgress(message.clone()),
        Stage::Failed(message) => Standing::Failed(message.clone()),
    })
}

/// The Secrets among what an applier says that it has applied, as `NAMESPACE_NAME__Secret`; none where it says
/// nothing.
fn secrets_in_inventory(object: &Observed) -> Option<BTreeSet<&str>> {
    object.at(&["status", "inventory"])?;
    let entries = object.list(&["status", "inventory", "entries"]).iter();
    let ids = entries.filter_map(|entry| entry.get("id")?.as_str());
    Some(ids.filter(|id| id.ends_with("__Secret")).collect())
}

/// The sources of the artifact, and where they are. Those that the tree names may be of another kind there than
/// in the cluster; where it names none, they are those that have the digest.
fn sources(expectation: &Expectation, sample: &Sample) -> (Vec<SourceId>, Moving) {
    let digest = &expectation.digest;
    let is_named = |source: &&Observed| {
        let mut named = expectation.sources.iter();
        named.any(|one| one.namespace == source.namespace() && one.name == source.name())
    };
    let has_it =
        |source: &&Observed| has_digest(source.text(&["status", "artifact", "revision"]), digest);
    let found: Vec<&Observed> = match expectation.sources.is_empty() {
        true => sample.sources().filter(has_it).collect(),
        false => sample.sources().filter(is_named).collect(),
    };
    let mut moving = match found.is_empty() {
        true => Moving::NoSource,
        false => Moving::Here,
    };
    for source in &found {
        let subject = source.subject();
        moving = match where_is(source, digest) {
            Where::Here => continue,
            Where::Pinned { revision } => Moving::Pinned {
                source: subject,
                revision,
            },
            Where::Elsewhere { revision } => Moving::Elsewhere {
                source: subject,
                revision,
            },
        };
        break;
    }
    (
        found.iter().map(|source| SourceId::of(source)).collect(),
        moving,
    )
}
