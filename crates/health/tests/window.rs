//! Random clusters, sample by sample: PASSED is given when, and only when, in each sample of a window every expected
//! object was current under the digest. What that means is said here a second time, of the states that samples
//! are made from, without a look at how they are judged.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::{Value, json};
use tidegate_health::{
    Content, Expectation, Expected, Field, Kind, Reason, ReasonKind, Sample, SourceId, Step,
    Timing, Verdict, Window, judge,
};
use tidegate_source::Subject;

const DIGEST: &str = "sha256:1";

/// What may be with a Deployment.
#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Current,
    Missing,
    TooFew,
    OfOldGeneration,
    Changed,
    Deleted,
}

/// What may be with the Kustomization that applies it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Applier {
    Applied,
    OfOtherDigest,
    NotReady,
    Suspended,
    NotSeen,
}

/// What a sample is made from.
#[derive(Clone, Debug)]
struct Moment {
    /// How long after the one before it.
    after: Duration,
    answers: bool,
    is_here: bool,
    applier: Applier,
    objects: Vec<State>,
}

impl Moment {
    /// Whether every expected object is current under the digest.
    fn is_good(&self) -> bool {
        self.answers
            && self.is_here
            && self.applier == Applier::Applied
            && self.objects.iter().all(|state| *state == State::Current)
    }
}

fn moment() -> impl Strategy<Value = Moment> {
    // Most are well, so that windows open.
    let state = prop_oneof![
        40 => Just(State::Current),
        1 => Just(State::Missing),
        1 => Just(State::TooFew),
        1 => Just(State::OfOldGeneration),
        1 => Just(State::Changed),
        1 => Just(State::Deleted),
    ];
    let applier = prop_oneof![
        40 => Just(Applier::Applied),
        1 => Just(Applier::OfOtherDigest),
        1 => Just(Applier::NotReady),
        1 => Just(Applier::Suspended),
        1 => Just(Applier::NotSeen),
    ];
    let after = prop_oneof![20 => 1u64..15, 1 => 25u64..60];
    let objects = prop::collection::vec(state, 3);
    let answers = prop::bool::weighted(0.97);
    let is_here = prop::bool::weighted(0.97);
    let all = (after, answers, is_here, applier, objects);
    all.prop_map(|(after, answers, is_here, applier, objects)| Moment {
        after: Duration::from_secs(after),
        answers,
        is_here,
        applier,
        objects,
    })
}

fn subject(api_version: &str, kind: &str, name: &str) -> Subject {
    Subject {
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        namespace: "flux-system".to_owned(),
        name: name.to_owned(),
    }
}

fn deployment(index: usize) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": format!("d{index}"), "namespace": "flux-system"},
        "spec": {"replicas": 2}})
}

fn kustomization() -> Subject {
    subject("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "apps")
}

fn expectation(count: usize) -> Expectation {
    let object = |index: usize| Expected {
        subject: subject("apps/v1", "Deployment", &format!("d{index}")),
        applied_by: Some(kustomization()),
        content: Content::Fields(Field::from(&deployment(index))),
    };
    Expectation {
        digest: DIGEST.to_owned(),
        sources: vec![SourceId {
            kind: "OCIRepository".to_owned(),
            namespace: "flux-system".to_owned(),
            name: "flux-system".to_owned(),
        }],
        objects: (0..count).map(object).collect(),
        ..Expectation::default()
    }
}

fn sample(moment: &Moment) -> Sample {
    let mut sample = Sample::default();
    let kind = |plural: &str| Kind {
        plural: plural.to_owned(),
        is_namespaced: true,
        has_status: true,
        can_be_listed: true,
    };
    let key = ("apps/v1".to_owned(), "Deployment".to_owned());
    sample.kinds.insert(key, kind("deployments"));
    if !moment.answers {
        sample
            .problems
            .push(Reason::new(ReasonKind::NoAnswer, "no answer"));
        return sample;
    }
    let revision = |is_it: bool| if is_it { "a@sha256:1" } else { "a@sha256:2" };
    sample.insert(json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository",
        "metadata": {"name": "flux-system", "namespace": "flux-system"},
        "status": {"artifact": {"revision": revision(moment.is_here)}},
    }));
    let ready = if moment.applier == Applier::NotReady {
        "False"
    } else {
        "True"
    };
    let seen = if moment.applier == Applier::NotSeen {
        1
    } else {
        2
    };
    sample.insert(json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
        "metadata": {"name": "apps", "namespace": "flux-system", "generation": 2},
        "spec": {"suspend": moment.applier == Applier::Suspended,
            "sourceRef": {"kind": "OCIRepository", "name": "flux-system"}},
        "status": {"observedGeneration": seen,
            "lastAppliedRevision": revision(moment.applier != Applier::OfOtherDigest),
            "conditions": [{"type": "Ready", "status": ready, "observedGeneration": seen}]},
    }));
    for (index, state) in moment.objects.iter().enumerate() {
        let mut object = deployment(index);
        object["metadata"]["generation"] = json!(2);
        let count = if *state == State::TooFew { 1 } else { 2 };
        object["status"] = json!({"observedGeneration": 2, "replicas": 2, "updatedReplicas": 2,
            "availableReplicas": count, "readyReplicas": count,
            "conditions": [{"type": "Available", "status": "True"}]});
        match state {
            State::Current | State::TooFew => {}
            State::Missing => continue,
            State::OfOldGeneration => object["status"]["observedGeneration"] = json!(1),
            State::Changed => object["spec"]["replicas"] = json!(3),
            State::Deleted => {
                object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z")
            }
        }
        sample.insert(object);
    }
    sample
}

/// Whether the last of these moments completes a window: the longest run of good ones at the end, none too
/// late, is long enough.
fn completes_a_window(moments: &[Moment], timing: &Timing) -> bool {
    let mut samples = 0;
    let mut length = Duration::ZERO;
    for (index, moment) in moments.iter().enumerate().rev() {
        if !moment.is_good() {
            break;
        }
        samples += 1;
        let is_first = index == 0 || !moments[index - 1].is_good();
        if is_first || moment.after > timing.longest_gap() {
            break;
        }
        length += moment.after;
    }
    samples >= 3 && length >= timing.settle
}

proptest! {
    #![proptest_config(Config { cases: 1000, ..Config::default() })]

    #[test]
    fn passed_is_given_when_all_held_and_only_then(
        moments in prop::collection::vec(moment(), 1..40),
        settle in 0u64..60,
    ) {
        let timing = Timing {
            timeout: Duration::from_secs(3600),
            settle: Duration::from_secs(settle),
            interval: Duration::from_secs(5),
        };
        let expectation = expectation(3);
        let mut window = Window::new(timing);
        let mut at = Duration::ZERO;
        for (index, moment) in moments.iter().enumerate() {
            at += moment.after;
            let judgement = judge(&expectation, &sample(moment));
            prop_assert_eq!(judgement.holds(), moment.is_good(), "{:?}", moment);
            let step = window.observe(at, &judgement, &mut |_| Vec::new());
            let is_complete = completes_a_window(&moments[..=index], &timing);
            match step {
                Step::Done(Verdict::Passed) => {
                    prop_assert!(is_complete, "passed at {}", index);
                    return Ok(());
                }
                Step::Done(Verdict::Failed(reasons)) => {
                    prop_assert!(false, "nothing is final here: {:?}", reasons);
                }
                // The digest moved: at no time is it known again what runs.
                Step::Done(Verdict::Inconclusive(_)) => {
                    prop_assert!(moment.answers && !moment.is_here);
                    prop_assert!(moments[..index].iter().any(|one| one.answers && one.is_here));
                    return Ok(());
                }
                Step::Wait => prop_assert!(!is_complete, "not passed at {}", index),
            }
        }
    }
}
