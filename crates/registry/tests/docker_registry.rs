//! Against the registry of the distribution project, as Debian packages it.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests"
)]

#[path = "docker/mod.rs"]
mod docker;

use std::collections::BTreeMap;
use std::sync::Arc;

use docker::{Access, Docker};
use tidegate_registry::{
    CHART_LAYER, Cache, ChartSource, Credentials, Descriptor, Digest, Error, ErrorKind, Expected,
    Fetcher, Http, Keychain, MANIFEST, Manifest, NotFetched, Reference, Registries, RepositoryName,
    Settings,
};

/// What a user does who has logged in.
struct User {
    registries: Registries,
    name: RepositoryName,
}

fn user(docker: &Docker, credentials: Option<Credentials>) -> User {
    let mut keychain = Keychain::default();
    if let Some(credentials) = credentials {
        keychain = keychain.with(docker.authority(), credentials);
    }
    User {
        registries: Registries::new(Arc::new(Http::new(Settings::default())), keychain),
        name: RepositoryName::parse(&format!("oci://{}/team/app", docker.authority())).unwrap(),
    }
}

fn manifest(layers: Vec<Descriptor>, subject: Option<Descriptor>, note: &str) -> Manifest {
    Manifest {
        schema_version: 2,
        media_type: MANIFEST.to_owned(),
        artifact_type: Some("application/vnd.test".to_owned()),
        config: Descriptor::of("application/vnd.oci.empty.v1+json", b"{}"),
        layers,
        subject,
        annotations: BTreeMap::from([("note".to_owned(), note.to_owned())]),
    }
}

/// Pushes an artifact of one layer under a tag.
fn push(user: &User, layer: &[u8], media_type: &str, tag: &str) -> Result<Digest, Error> {
    let repository = user.registries.repository(&user.name);
    repository.push_blob(b"{}")?;
    repository.push_blob(layer)?;
    let manifest = manifest(vec![Descriptor::of(media_type, layer)], None, "");
    let tag = Reference::tag(tag)?;
    Ok(repository
        .push_artifact(Some(&tag), &manifest, &Expected::Anything)?
        .digest)
}

#[test]
fn what_is_pushed_is_pulled() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let user = user(&docker, None);
    let repository = user.registries.repository(&user.name);
    let layer = vec![7; 100_000];
    let digest = push(&user, &layer, "application/octet-stream", "1.0").unwrap();
    let tag = Reference::tag("1.0").unwrap();
    assert_eq!(repository.resolve(&tag).unwrap(), Some(digest.clone()));
    let (manifest, found) = repository.artifact(&tag).unwrap().unwrap();
    assert_eq!(found, digest);
    assert_eq!(
        repository.blob(&manifest.layers[0], 1 << 20).unwrap(),
        layer
    );
    assert_eq!(
        repository.resolve(&Reference::tag("2.0").unwrap()).unwrap(),
        None
    );
    assert_eq!(
        repository
            .manifest(&Reference::Digest(Digest::of(b"none")))
            .unwrap(),
        None
    );
}

#[test]
fn large_blobs_go_in_parts_and_no_blob_goes_twice() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let user = user(&docker, None);
    let repository = user.registries.repository(&user.name);
    let blob: Vec<u8> = (0..1_000_003_u32).map(|n| n.to_le_bytes()[1]).collect();
    assert!(repository.push_blob_in(&blob, 300_000).unwrap());
    assert!(!repository.push_blob_in(&blob, 300_000).unwrap());
    assert_eq!(
        repository.bytes_of(&Digest::of(&blob), 2_000_000).unwrap(),
        blob
    );
    assert!(repository.push_blob(b"").unwrap());
    let other = RepositoryName::parse(&format!("oci://{}/other", docker.authority())).unwrap();
    let other = user.registries.repository(&other);
    assert!(other.mount_blob(&Digest::of(&blob), &user.name).unwrap());
    assert!(other.has_blob(&Digest::of(&blob)).unwrap());
    assert!(
        !other
            .mount_blob(&Digest::of(b"nowhere"), &user.name)
            .unwrap()
    );
}

#[test]
fn tags_are_moved_and_listed() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let user = user(&docker, None);
    let repository = user.registries.repository(&user.name);
    assert_eq!(repository.tags().unwrap_err().kind, ErrorKind::NotFound);
    let first = push(&user, b"1", "text/plain", "live").unwrap();
    let second = push(&user, b"2", "text/plain", "live").unwrap();
    let live = Reference::tag("live").unwrap();
    assert_eq!(repository.resolve(&live).unwrap(), Some(second));
    repository.tag(&first, &live, &Expected::Anything).unwrap();
    repository
        .tag(&first, &Reference::tag("old").unwrap(), &Expected::Nothing)
        .unwrap();
    assert_eq!(repository.resolve(&live).unwrap(), Some(first));
    assert_eq!(
        repository.tags().unwrap().into_iter().collect::<Vec<_>>(),
        ["live", "old"]
    );
    let absent = repository.tag(&Digest::of(b"none"), &live, &Expected::Anything);
    assert_eq!(absent.unwrap_err().kind, ErrorKind::NotFound);
}

#[test]
fn what_is_attached_is_found_where_the_registry_keeps_no_list() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let user = user(&docker, None);
    let repository = user.registries.repository(&user.name);
    let subject = push(&user, b"1", "text/plain", "1").unwrap();
    assert_eq!(repository.referrers(&subject, None).unwrap(), []);
    let about = repository
        .describe(&Reference::Digest(subject.clone()))
        .unwrap();
    let attached = manifest(Vec::new(), about, "first");
    let digest = repository.attach(&attached).unwrap();
    let found = repository
        .referrers(&subject, Some("application/vnd.test"))
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0].descriptor.digest, &found[0].manifest),
        (&digest, &attached)
    );
    assert_eq!(found[0].descriptor.annotations["note"], "first");
    assert_eq!(repository.referrers(&subject, Some("other")).unwrap(), []);
    // The same once more changes nothing.
    let tags = repository.tags().unwrap();
    assert_eq!(repository.attach(&attached).unwrap(), digest);
    assert_eq!(repository.tags().unwrap(), tags);
}

#[test]
fn nothing_that_is_attached_at_once_is_lost() {
    let Some(docker) = Docker::start(Access::Open) else {
        return;
    };
    let user = user(&docker, None);
    let repository = user.registries.repository(&user.name);
    let subject = push(&user, b"1", "text/plain", "1").unwrap();
    let about = repository
        .describe(&Reference::Digest(subject.clone()))
        .unwrap();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (repository, about) = (repository.clone(), about.clone());
            scope.spawn(move || {
                for round in 0..5 {
                    let one = manifest(Vec::new(), about.clone(), &format!("{writer} {round}"));
                    repository.attach(&one).unwrap();
                }
            });
        }
    });
    assert_eq!(repository.referrers(&subject, None).unwrap().len(), 20);
    // The list itself is whole too, for those who know nothing of the tags.
    let list = Reference::tag(&subject.to_string().replace(':', "-")).unwrap();
    let list = repository.manifest(&list).unwrap().unwrap();
    let list: tidegate_registry::Index = serde_json::from_slice(&list.bytes).unwrap();
    assert_eq!(list.manifests.len(), 20);
}

#[test]
fn a_password_is_asked_for_and_looked_at() {
    let Some(docker) = Docker::start(Access::Password) else {
        return;
    };
    let right = user(&docker, Some(Credentials::basic("tide", "gate")));
    push(&right, b"1", "text/plain", "1").unwrap();
    let wrong = user(&docker, Some(Credentials::basic("tide", "wrong")));
    let error = push(&wrong, b"2", "text/plain", "2").unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthorized);
    assert!(
        error
            .to_string()
            .contains("does not take the credentials that are there"),
        "{error}"
    );
    let nobody = user(&docker, None);
    let error = nobody
        .registries
        .repository(&nobody.name)
        .tags()
        .unwrap_err();
    assert!(
        error.to_string().contains("there are no credentials for"),
        "{error}"
    );
    assert_eq!(
        right
            .registries
            .repository(&right.name)
            .tags()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn charts_come_from_the_registry() {
    let Some(docker) = Docker::start(Access::Password) else {
        return;
    };
    let user = user(&docker, Some(Credentials::basic("tide", "gate")));
    for version in ["1.0.0", "1.1.0_build.1", "2.0.0"] {
        push(&user, version.as_bytes(), CHART_LAYER, version).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let http = Arc::new(Http::new(Settings::default()));
    let cache = Cache::at(folder.path().to_owned());
    let fetcher = Fetcher::new(http, user.registries, cache, Vec::new());
    let version = |wanted: &str| {
        let source = ChartSource::Registry {
            url: format!("oci://{}/team", docker.authority()),
            chart: "app".to_owned(),
            version: wanted.to_owned(),
        };
        fetcher
            .fetch(&source, false, None)
            .map(|fetched| fetched.resolved.version)
    };
    assert_eq!(version("1.x").unwrap(), "1.1.0+build.1");
    assert_eq!(version("1.1.0+build.1").unwrap(), "1.1.0+build.1");
    assert_eq!(version("").unwrap(), "2.0.0");
    assert!(matches!(version("3.0.0"), Err(NotFetched::Absent(_))));
}
