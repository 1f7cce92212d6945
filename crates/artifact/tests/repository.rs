//! Artifacts in the registry of the distribution project, as Debian packages it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests"
)]

#[path = "../../registry/tests/docker/mod.rs"]
mod docker;

use std::collections::BTreeMap;
use std::sync::Arc;

use docker::{Access, Docker};
use tidegate_artifact::evidence::{Details, Envelope, Evidence, Outcome, Statement, TestResult};
use tidegate_artifact::ledger::{Environment, Tags as _, append, settle};
use tidegate_artifact::{
    Artifact, Digest, Modes, Pushed, Repository, RepositoryError, Tagged, annotation, label, pack,
};
use tidegate_registry::{Http, Keychain, Registries, RepositoryName, Settings};
use tidegate_source::{IgnoreRules, MemorySystem, Packed, Packing, TreePath};

/// An artifact of one file with some text.
fn artifact(text: &str) -> Artifact {
    let tree = Arc::new(MemorySystem::new().with("a.yaml", text));
    let packing = Packing::flux_cli(IgnoreRules::of_flux_cli());
    let packed = Packed::new(tree, TreePath::root(), packing);
    let layer = pack(&packed, &TreePath::root(), Modes::Normal).unwrap();
    Artifact::new(layer, "2026-11-24T12:00:00Z", BTreeMap::new())
}

fn registries() -> Registries {
    Registries::new(
        Arc::new(Http::new(Settings::default())),
        Keychain::default(),
    )
}

fn name(docker: &Docker) -> RepositoryName {
    RepositoryName::parse(&format!("oci://{}/team/platform", docker.authority())).unwrap()
}

fn gate(digest: &Digest, outcome: Outcome) -> Envelope {
    let result = TestResult::new(
        outcome,
        Details {
            kind: Evidence::Gate,
            environment: None,
            diff_id: None,
            inconclusive: false,
            time: "2026-11-24T12:00:00Z".to_owned(),
            tool: "0.1.0".to_owned(),
            reason: None,
            report: None,
        },
    );
    Envelope::new(&Statement::new("platform", digest, &result).to_bytes())
}

#[test]
fn what_is_pushed_is_read_and_pushed_once() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let registries = registries();
    let repository = Repository::new(registries.repository(&name(&docker)));
    let artifact = artifact("x: 1\n");
    assert_eq!(repository.manifest(&artifact.digest).unwrap(), None);
    let pushed = |sent: bool| Pushed {
        digest: artifact.digest.clone(),
        sent_layer: sent,
        sent_manifest: sent,
    };
    assert_eq!(repository.push(&artifact).unwrap(), pushed(true));
    assert_eq!(repository.push(&artifact).unwrap(), pushed(false));
    let manifest = repository.manifest(&artifact.digest).unwrap().unwrap();
    assert_eq!(
        manifest.annotations[annotation::CREATED],
        "2026-11-24T12:00:00Z"
    );
    assert_eq!(repository.layer(&manifest).unwrap(), artifact.layer.bytes);
    assert_eq!(
        repository.stated_diff_id(&manifest).unwrap(),
        Some(artifact.layer.diff_id)
    );
    assert!(repository.tags().unwrap().is_empty());
}

#[test]
fn a_tag_that_is_written_once_stays() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let registries = registries();
    let repository = Repository::new(registries.repository(&name(&docker)));
    let (a, b) = (artifact("x: a\n").digest, artifact("x: b\n").digest);
    let absent = repository.tag_once("sha-1", &a).unwrap_err();
    assert_eq!(
        absent,
        RepositoryError::Absent(name(&docker), a.clone()),
        "{absent}"
    );
    repository.push(&artifact("x: a\n")).unwrap();
    repository.push(&artifact("x: b\n")).unwrap();
    assert_eq!(repository.tag_once("sha-1", &a).unwrap(), Tagged::Now);
    assert_eq!(repository.tag_once("sha-1", &a).unwrap(), Tagged::Before);
    let taken = repository.tag_once("sha-1", &b).unwrap_err();
    assert_eq!(
        taken,
        RepositoryError::Taken {
            tag: "sha-1".to_owned(),
            holds: a.clone(),
            wanted: b
        }
    );
    assert_eq!(repository.resolve("sha-1").unwrap(), Some(a));
}

#[test]
fn evidence_is_found_at_its_digest() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let registries = registries();
    let repository = Repository::new(registries.repository(&name(&docker)));
    let digest = repository.push(&artifact("x: 1\n")).unwrap().digest;
    assert_eq!(repository.evidence(&digest).unwrap(), []);
    let envelope = gate(&digest, Outcome::Passed);
    let attached = repository.attach(&digest, &envelope).unwrap();
    let found = repository.evidence(&digest).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].digest, attached);
    assert_eq!(found[0].envelope, Ok(envelope));
    assert_eq!(found[0].annotations[label::KIND], "gate");
    assert_eq!(found[0].annotations[label::RESULT], "PASSED");
    let absent = Digest::of(b"absent");
    let refused = repository.attach(&absent, &gate(&absent, Outcome::Passed));
    assert_eq!(
        refused.unwrap_err(),
        RepositoryError::Absent(name(&docker), absent)
    );
}

#[test]
fn the_ledger_is_kept_in_it() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let registries = registries();
    let repository = Repository::new(registries.repository(&name(&docker)));
    let live = Environment::new("live").unwrap();
    let digest = repository.push(&artifact("x: 1\n")).unwrap().digest;
    let now = "2026-11-24T12:00:00Z".parse().unwrap();
    append(&repository, &live, &digest, None, now).unwrap();
    let settled = settle(&repository, &live, &mut |_, _| Ok(true)).unwrap();
    assert!(settled.agrees && settled.selection.is(&digest));
    assert_eq!(repository.resolve("live").unwrap(), Some(digest));
}
