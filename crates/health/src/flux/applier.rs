//! What applies objects: whether it has applied an artifact, and is well.

use tidegate_source::Subject;

use super::source::has_digest;
use super::{SourceId, group_of};
use crate::object::Observed;

/// How far an applier has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// It has applied what it was to apply, and all is well.
    Done,
    /// Flux was told to leave it alone; how.
    Suspended(&'static str),
    /// It has applied another revision, or none; what it says.
    OtherRevision(String),
    /// It is not ready; what it says.
    NotReady(String),
    /// It says that it will not be; what it says.
    Failed(String),
}

/// Whether Flux was told to leave it alone, and how.
fn suspension(object: &Observed) -> Option<&'static str> {
    const RECONCILE: &str = "fluxcd.controlplane.io/reconcile";
    if object.is_true(&["spec", "suspend"]) {
        return Some("spec.suspend is true");
    }
    let reconcile = object.annotation(RECONCILE)?;
    let is_off = reconcile.eq_ignore_ascii_case("disabled");
    is_off.then_some("its annotation fluxcd.controlplane.io/reconcile is disabled")
}

/// How far an applier has come. `digest` is there where it is to have applied that very artifact.
pub(crate) fn standing_of(object: &Observed, digest: Option<&str>) -> Stage {
    if let Some(how) = suspension(object) {
        return Stage::Suspended(how);
    }
    if let (Some(wanted), seen) = (object.generation(), object.observed_generation())
        && seen != Some(wanted)
    {
        return Stage::NotReady(match seen {
            Some(seen) => format!("its controller has seen generation {seen} and not yet {wanted}"),
            None => "its controller has not seen it yet".to_owned(),
        });
    }
    let stalled = object
        .condition("Stalled")
        .filter(|stalled| stalled.is_true());
    if let Some(stalled) = stalled {
        return Stage::Failed(stalled.words());
    }
    let ready = object.condition("Ready");
    // What it says of the time before the last change does not count.
    let ready_words = ready.map_or_else(
        || "it has no condition Ready".to_owned(),
        |ready| ready.words(),
    );
    if let Some(digest) = digest
        && !has_digest(last_applied(object), digest)
    {
        let applied = match last_applied(object) {
            "" => "it has applied nothing".to_owned(),
            revision => format!("it has applied {revision}"),
        };
        return Stage::OtherRevision(format!("{applied}: {ready_words}"));
    }
    let is_of_now = |seen: Option<i64>| seen.is_none() || seen == object.generation();
    match ready {
        Some(ready) if ready.is_true() && is_of_now(ready.observed_generation()) => Stage::Done,
        Some(ready) if ready.is_true() => {
            Stage::NotReady("its condition Ready is of an older generation".to_owned())
        }
        _ => Stage::NotReady(ready_words),
    }
}

fn last_applied(object: &Observed) -> &str {
    object.text(&["status", "lastAppliedRevision"])
}

/// Whether an applier has tried to apply what it is to apply: what is wrong with its objects is then not
/// for want of that.
pub(crate) fn has_applied(object: &Observed, digest: Option<&str>) -> bool {
    let of = |key| object.text(&["status", key]);
    let has = |digest: &str| {
        has_digest(of("lastAppliedRevision"), digest)
            || has_digest(of("lastAttemptedRevision"), digest)
    };
    suspension(object).is_none()
        && (object.generation().is_none() || object.generation() == object.observed_generation())
        && digest.is_none_or(has)
}

/// Whether a Kustomization applies what one of these sources has.
pub(crate) fn is_on(object: &Observed, sources: &[SourceId]) -> bool {
    let text = |key| object.text(&["spec", "sourceRef", key]);
    let namespace = match text("namespace") {
        "" => object.namespace(),
        namespace => namespace,
    };
    sources.iter().any(|source| {
        source.kind == text("kind") && source.name == text("name") && source.namespace == namespace
    })
}

/// What it waits for before it applies anything: `spec.dependsOn`. A ResourceSet may wait for any object.
pub(crate) fn dependencies(object: &Observed) -> impl Iterator<Item = Subject> {
    let own = object.subject();
    let list = object.list(&["spec", "dependsOn"]);
    list.iter().map(move |one| {
        let text = |key: &str| one.get(key).and_then(|value| value.as_str());
        let same = |mine: &str| mine.to_owned();
        let is_foreign = group_of(&own) == "fluxcd.controlplane.io";
        Subject {
            api_version: text("apiVersion").map_or_else(|| same(&own.api_version), same),
            kind: text("kind").map_or_else(|| same(&own.kind), same),
            namespace: match (text("namespace"), is_foreign) {
                (Some(namespace), _) => same(namespace),
                (None, true) => String::new(),
                (None, false) => same(&own.namespace),
            },
            name: text("name").unwrap_or_default().to_owned(),
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const DIGEST: &str = "sha256:1";

    fn kustomization(spec: Value, status: Value) -> Observed {
        Observed::new(json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": "apps", "namespace": "flux-system", "generation": 2},
            "spec": spec, "status": status,
        }))
    }

    fn status(observed: i64, ready: &str, revision: &str) -> Value {
        json!({"observedGeneration": observed, "lastAppliedRevision": revision,
            "conditions": [{"type": "Ready", "status": ready, "message": "said so"}]})
    }

    #[test]
    fn a_kustomization_is_done_when_ready_at_the_digest() {
        let stage = |spec, status| standing_of(&kustomization(spec, status), Some(DIGEST));
        let here = "integration@sha256:1";
        assert_eq!(stage(json!({}), status(2, "True", here)), Stage::Done);
        let suspended = Stage::Suspended("spec.suspend is true");
        assert_eq!(
            stage(json!({"suspend": true}), status(2, "True", here)),
            suspended
        );
        let unseen = "its controller has seen generation 1 and not yet 2".to_owned();
        assert_eq!(
            stage(json!({}), status(1, "True", here)),
            Stage::NotReady(unseen)
        );
        let not_ready = Stage::NotReady("said so".to_owned());
        assert_eq!(stage(json!({}), status(2, "False", here)), not_ready);
        let other = "it has applied integration@sha256:2: said so".to_owned();
        let stuck = stage(json!({}), status(2, "True", "integration@sha256:2"));
        assert_eq!(stuck, Stage::OtherRevision(other));
        let never = "its controller has not seen it yet".to_owned();
        assert_eq!(stage(json!({}), json!({})), Stage::NotReady(never));
    }

    #[test]
    fn readiness_of_an_older_generation_does_not_count() {
        let status = json!({"observedGeneration": 2, "conditions": [
            {"type": "Ready", "status": "True", "observedGeneration": 1}]});
        let old = "its condition Ready is of an older generation".to_owned();
        let stage = standing_of(&kustomization(json!({}), status), None);
        assert_eq!(stage, Stage::NotReady(old));
    }

    #[test]
    fn what_a_kustomization_is_on() {
        let source = SourceId {
            kind: "OCIRepository".to_owned(),
            namespace: "flux-system".to_owned(),
            name: "flux-system".to_owned(),
        };
        let on = |reference: Value| {
            is_on(
                &kustomization(json!({"sourceRef": reference}), json!({})),
                std::slice::from_ref(&source),
            )
        };
        assert!(on(json!({"kind": "OCIRepository", "name": "flux-system"})));
        assert!(!on(json!({"kind": "GitRepository", "name": "flux-system"})));
        assert!(!on(
            json!({"kind": "OCIRepository", "name": "flux-system", "namespace": "x"})
        ));
    }

    #[test]
    fn dependencies_are_in_the_same_namespace() {
        let spec = json!({"dependsOn": [{"name": "infra"}, {"name": "b", "namespace": "c"}]});
        let object = kustomization(spec, json!({}));
        let shown: Vec<_> = dependencies(&object).map(|one| one.to_string()).collect();
        assert_eq!(
            shown,
            ["Kustomization flux-system/infra", "Kustomization c/b"]
        );
    }
}
