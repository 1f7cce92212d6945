//! What may go wrong on the way to a registry.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod server;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use server::{Asked, Reply, Server};
use tidegate_registry::{
    Descriptor, Digest, ErrorKind, Expected, Http, INDEX, Index, Keychain, MANIFEST, Manifest,
    Reference, Registries, RepositoryName, Retries, Settings,
};

fn registries() -> Registries {
    let settings = Settings {
        retries: Retries {
            tries: 2,
            first_wait: Duration::from_millis(5),
            longest_wait: Duration::from_millis(50),
        },
        ..Settings::default()
    };
    Registries::new(Arc::new(Http::new(settings)), Keychain::default())
}

fn name(server: &Server) -> RepositoryName {
    RepositoryName::parse(&format!("oci://{}/app", server.authority())).unwrap()
}

/// A registry that takes blobs in parts; `part` may answer in its place.
fn uploads(part: impl Fn(&Asked) -> Option<Reply> + Send + Sync + 'static) -> Server {
    let taken: Mutex<Vec<u8>> = Mutex::default();
    Server::start(move |asked| {
        let goes_on = || Reply::new(202, "").header("location", "/v2/app/blobs/uploads/1?state=a");
        if let Some(reply) = part(asked) {
            return reply;
        }
        let mut taken = taken.lock().unwrap();
        match asked.method.as_str() {
            "HEAD" => Reply::new(404, ""),
            "POST" => {
                taken.clear();
                goes_on()
            }
            "PATCH" => {
                let start = format!("{}-", taken.len());
                let fits = asked
                    .header("content-range")
                    .is_some_and(|range| range.starts_with(&start));
                taken.extend(&asked.body);
                if fits { goes_on() } else { Reply::new(416, "") }
            }
            _ => {
                taken.extend(&asked.body);
                let digest = Digest::of(&taken).to_string();
                match asked.path.contains(&digest) {
                    true => Reply::new(201, "").header("docker-content-digest", digest),
                    false => Reply::new(400, "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}"),
                }
            }
        }
    })
}

#[test]
fn a_blob_whose_upload_is_cut_is_sent_anew() {
    let server = uploads(|asked| (asked.number == 3).then(Reply::reset));
    let registries = registries();
    let repository = registries.repository(&name(&server));
    assert!(repository.push_blob_in(&[1; 25], 10).unwrap());
    let methods: Vec<String> = server.asked().into_iter().map(|one| one.method).collect();
    let expected = "HEAD POST PATCH PATCH POST PATCH PATCH PATCH PUT";
    assert_eq!(methods.join(" "), expected);
}

#[test]
fn an_upload_whose_last_answer_is_lost_is_complete() {
    let is_there = Arc::new(Mutex::new(false));
    let server = uploads(move |asked| {
        let mut is_there = is_there.lock().unwrap();
        match (asked.method.as_str(), *is_there) {
            ("HEAD", true) => Some(Reply::new(200, "")),
            ("PUT", true) => Some(Reply::new(
                404,
                "{\"errors\":[{\"code\":\"BLOB_UPLOAD_UNKNOWN\"}]}",
            )),
            ("PUT", false) => {
                *is_there = true;
                Some(Reply::reset())
            }
            _ => None,
        }
    });
    let registries = registries();
    let repository = registries.repository(&name(&server));
    assert!(repository.push_blob(b"x").unwrap());
    let methods: Vec<String> = server.asked().into_iter().map(|one| one.method).collect();
    assert_eq!(methods.join(" "), "HEAD POST PUT PUT HEAD");
}

#[test]
fn an_upload_that_never_comes_through_is_given_up() {
    let server = uploads(|asked| (asked.method == "PUT").then(|| Reply::new(503, "")));
    let registries = registries();
    let error = registries
        .repository(&name(&server))
        .push_blob(b"x")
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
}

#[test]
fn a_registry_that_takes_bytes_for_others_is_refused() {
    let wrong = Digest::of(b"other").to_string();
    let server = uploads(move |asked| {
        let reply = || Reply::new(201, "").header("docker-content-digest", wrong.clone());
        (asked.method == "PUT").then(reply)
    });
    let registries = registries();
    let error = registries
        .repository(&name(&server))
        .push_blob(b"x")
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Mismatch, "{error}");
}

#[test]
fn an_upload_that_goes_on_nowhere_is_refused() {
    let server = uploads(|asked| (asked.method == "POST").then(|| Reply::new(202, "")));
    let registries = registries();
    let error = registries
        .repository(&name(&server))
        .push_blob(b"x")
        .unwrap_err();
    assert_eq!(error.kind, ErrorKind::Malformed, "{error}");
    assert!(
        error.to_string().contains("where the upload goes on"),
        "{error}"
    );
}

#[test]
fn parts_are_as_large_as_the_registry_wants_them() {
    let server = uploads(|asked| {
        let reply = Reply::new(202, "").header("location", "/v2/app/blobs/uploads/1?state=a");
        (asked.method == "POST").then(|| reply.header("oci-chunk-min-length", "20"))
    });
    let registries = registries();
    registries
        .repository(&name(&server))
        .push_blob_in(&[1; 25], 10)
        .unwrap();
    let parts: Vec<usize> = server
        .asked()
        .iter()
        .filter(|one| one.method == "PATCH")
        .map(|one| one.body.len())
        .collect();
    assert_eq!(parts, [20, 5]);
}

fn about(subject: &Digest, note: &str) -> Manifest {
    Manifest {
        schema_version: 2,
        media_type: MANIFEST.to_owned(),
        artifact_type: Some("application/vnd.test".to_owned()),
        config: Descriptor::of("application/vnd.oci.empty.v1+json", b"{}"),
        layers: Vec::new(),
        subject: Some(Descriptor {
            digest: subject.clone(),
            ..Descriptor::of(MANIFEST, b"")
        }),
        annotations: BTreeMap::from([("note".to_owned(), note.to_owned())]),
    }
}

#[test]
fn a_tag_that_someone_else_has_moved_is_told() {
    let server =
        Server::start(
            |asked| match (asked.header("if-match"), asked.header("if-none-match")) {
                (None, None) => Reply::new(201, ""),
                _ => Reply::new(412, ""),
            },
        );
    let registries = registries();
    let repository = registries.repository(&name(&server));
    let live = Reference::tag("live").unwrap();
    let put = |expected| repository.push_manifest(Some(&live), MANIFEST, b"{}", &expected);
    assert!(put(Expected::Anything).is_ok());
    assert_eq!(put(Expected::Nothing).unwrap_err().kind, ErrorKind::Raced);
    let before = Digest::of(b"before");
    assert_eq!(
        put(Expected::Manifest(before)).unwrap_err().kind,
        ErrorKind::Raced
    );
}

/// A registry that keeps the lists itself, in pages, and filters nothing.
fn with_referrers(subject: &Digest, attached: Vec<Manifest>) -> Server {
    let manifests: BTreeMap<String, Vec<u8>> = attached
        .iter()
        .map(|one| serde_json::to_vec(one).unwrap())
        .map(|bytes| (format!("/v2/app/manifests/{}", Digest::of(&bytes)), bytes))
        .collect();
    let list = format!("/v2/app/referrers/{subject}");
    let subject = subject.to_string();
    Server::start(move |asked| {
        if asked.method == "PUT" {
            return Reply::new(201, "").header("oci-subject", subject.clone());
        }
        if let Some(bytes) = manifests.get(&asked.path) {
            return Reply::ok(bytes.clone()).header("content-type", MANIFEST);
        }
        let Some(query) = asked.path.strip_prefix(&list) else {
            return Reply::new(404, "");
        };
        let at = query
            .split_once("page=")
            .map_or(0, |(_, at)| at.parse().unwrap());
        let index = Index {
            schema_version: 2,
            media_type: INDEX.to_owned(),
            manifests: manifests
                .values()
                .skip(at)
                .take(1)
                .map(|one| Descriptor::of(MANIFEST, one))
                .collect(),
            annotations: BTreeMap::new(),
        };
        let reply = Reply::ok(serde_json::to_vec(&index).unwrap());
        match at + 1 < manifests.len() {
            true => reply.header("link", format!("<{list}?page={}>; rel=\"next\"", at + 1)),
            false => reply,
        }
    })
}

#[test]
fn what_a_registry_lists_is_read_and_held_to_what_it_says_itself() {
    let subject = Digest::of(b"subject");
    let other = about(&Digest::of(b"other"), "lies about its subject");
    let mut typed = about(&subject, "of another type");
    typed.artifact_type = Some("application/vnd.other".to_owned());
    let server = with_referrers(
        &subject,
        vec![about(&subject, "1"), about(&subject, "2"), other, typed],
    );
    let registries = registries();
    let repository = registries.repository(&name(&server));
    let notes = |artifact_type| -> Vec<String> {
        let found = repository.referrers(&subject, artifact_type).unwrap();
        let mut notes: Vec<String> = found
            .iter()
            .map(|one| one.manifest.annotations["note"].clone())
            .collect();
        notes.sort();
        notes
    };
    assert_eq!(notes(None), ["1", "2", "of another type"]);
    assert_eq!(notes(Some("application/vnd.test")), ["1", "2"]);
    // Where the registry keeps the list, clients leave it alone.
    repository.attach(&about(&subject, "3")).unwrap();
    assert_eq!(
        server
            .asked()
            .iter()
            .filter(|one| one.method == "PUT")
            .count(),
        1
    );
}
