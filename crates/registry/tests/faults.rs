//! Servers that lie, fail, or never end.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use server::{Asked, Reply, Server};
use tidegate_registry::{
    Absent, ArtifactReference, CHART_LAYER, Cache, ChartSource, Credentials, Digest, Error,
    ErrorKind, Fetched, Fetcher, Http, Keychain, NotFetched, Reference, Registries,
    RepositoryLogin, RepositoryName, Retries, Settings, Timeouts,
};

const CHART: &[u8] = b"a chart, as far as servers know";

/// Short times, so that what is bounded by them is seen to be.
fn settings() -> Settings {
    Settings {
        timeouts: Timeouts {
            connect: Duration::from_secs(2),
            idle: Duration::from_millis(400),
            total: Duration::from_secs(3),
        },
        retries: Retries {
            tries: 3,
            first_wait: Duration::from_millis(10),
            longest_wait: Duration::from_millis(1500),
        },
        ..Settings::default()
    }
}

fn registries(keychain: Keychain) -> Registries {
    Registries::new(Arc::new(Http::new(settings())), keychain)
}

struct Here {
    _folder: tempfile::TempDir,
    cache: Cache,
    fetcher: Fetcher,
}

fn here(keychain: Keychain, logins: Vec<RepositoryLogin>) -> Here {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().to_owned());
    let http = Arc::new(Http::new(settings()));
    let registries = Registries::new(Arc::clone(&http), keychain);
    let fetcher = Fetcher::new(http, registries, cache.clone(), logins);
    Here {
        _folder: folder,
        cache,
        fetcher,
    }
}

impl Here {
    fn fetch(&self, source: &ChartSource) -> Result<Fetched, NotFetched> {
        self.fetcher.fetch(source, false, None)
    }

    fn failure(&self, source: &ChartSource) -> Error {
        match self.fetch(source).unwrap_err() {
            NotFetched::Failed(error) => error,
            NotFetched::Absent(absent) => panic!("{absent:?}"),
        }
    }
}

fn in_repository(server: &Server, version: &str) -> ChartSource {
    ChartSource::Repository {
        url: format!("{}/charts", server.url()),
        chart: "app".to_owned(),
        version: version.to_owned(),
    }
}

fn index(digest: &str, url: &str) -> String {
    format!(
        "apiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n    digest: {digest}\n    urls:\n    - {url}\n"
    )
}

/// A repository with one chart; `archive` answers for it.
fn repository(digest: String, archive: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |asked| match asked.path.as_str() {
        "/charts/index.yaml" => Reply::ok(index(&digest, "app-1.0.0.tgz")),
        "/charts/app-1.0.0.tgz" => archive(asked),
        _ => Reply::new(404, ""),
    })
}

fn right() -> String {
    Digest::of(CHART).hex().to_owned()
}

fn in_registry(server: &Server) -> ChartSource {
    ChartSource::Registry {
        url: format!("oci://{}/org", server.authority()),
        chart: "app".to_owned(),
        version: "1.0.0+1".to_owned(),
    }
}

fn manifest(size: u64) -> String {
    let digest = Digest::of(CHART);
    format!(
        "{{\"schemaVersion\":2,\"config\":{{\"size\":2,\"digest\":\"{}\"}},\
         \"layers\":[{{\"mediaType\":\"{CHART_LAYER}\",\"size\":{size},\"digest\":\"{digest}\"}}]}}",
        Digest::of(b"{}")
    )
}

/// A registry with one chart; `blob` answers for its bytes.
fn registry(size: u64, blob: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
    Server::start(move |asked| {
        if asked.path == "/v2/org/app/manifests/1.0.0_1" {
            Reply::ok(manifest(size))
                .header("content-type", "application/vnd.oci.image.manifest.v1+json")
        } else if asked.path.starts_with("/v2/org/app/blobs/") {
            blob(asked)
        } else {
            Reply::new(404, "")
        }
    })
}

/// Checks that something ends in time, with this kind of error and these words.
fn refuses(failure: impl FnOnce() -> Error, kind: ErrorKind, words: &str) {
    let started = Instant::now();
    let error = failure();
    let took = started.elapsed();
    assert!(took < Duration::from_secs(5), "{took:?}");
    assert_eq!(error.kind, kind, "{error}");
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_chart_is_fetched_once() {
    let server = repository(right(), |_| Reply::ok(CHART));
    let here = here(Keychain::default(), Vec::new());
    let source = in_repository(&server, "^1");
    let first = here.fetch(&source).unwrap();
    assert_eq!(
        (first.received, first.resolved.version.as_str()),
        (Some(CHART.len() as u64), "1.0.0")
    );
    assert_eq!(
        first.resolved.url.as_deref(),
        Some(format!("{}/charts/app-1.0.0.tgz", server.url()).as_str())
    );
    assert_eq!(here.fetch(&source).unwrap().received, None);
    assert_eq!(
        server.lines(),
        ["GET /charts/index.yaml", "GET /charts/app-1.0.0.tgz"]
    );
    let known = here.cache.versions(&source).unwrap();
    assert_eq!(known, std::slice::from_ref(&first.resolved));
    // What is locked takes no index, and what is at hand takes no server at all.
    assert_eq!(
        here.fetcher
            .fetch(&source, false, Some(&first.resolved))
            .unwrap()
            .received,
        None
    );
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn an_index_that_did_not_change_is_not_sent_again() {
    let server = Server::start(|asked| match asked.header("if-none-match") {
        Some("\"one\"") => Reply::new(304, ""),
        _ if asked.path.ends_with("index.yaml") => {
            Reply::ok(index(&right(), "/app.tgz")).header("etag", "\"one\"")
        }
        _ => Reply::ok(CHART),
    });
    let folder = tempfile::tempdir().unwrap();
    for expected in [vec![None, None], vec![Some("\"one\"")]] {
        let before = server.asked().len();
        let http = Arc::new(Http::new(settings()));
        let registries = Registries::new(Arc::clone(&http), Keychain::default());
        let cache = Cache::at(folder.path().to_owned());
        let fetcher = Fetcher::new(http, registries, cache, Vec::new());
        fetcher
            .fetch(&in_repository(&server, ""), false, None)
            .unwrap();
        let asked = server.asked();
        let sent: Vec<_> = asked[before..]
            .iter()
            .map(|one| one.header("if-none-match"))
            .collect();
        assert_eq!(sent, expected);
    }
}

#[test]
fn an_archive_with_another_digest_is_refused() {
    let server = repository(Digest::of(b"other").hex().to_owned(), |_| Reply::ok(CHART));
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::Mismatch,
        "which the index says",
    );
    assert_eq!(here.cache.blob(&Digest::of(CHART)).unwrap(), None);
}

#[test]
fn a_locked_chart_that_has_changed_is_refused() {
    let server = repository(String::new(), |asked| match asked.number {
        0..=1 => Reply::ok(CHART),
        _ => Reply::ok("something else"),
    });
    let first = here(Keychain::default(), Vec::new());
    let source = in_repository(&server, "1.0.0");
    let locked = first.fetch(&source).unwrap().resolved;
    let second = here(Keychain::default(), Vec::new());
    let failure = || match second
        .fetcher
        .fetch(&source, false, Some(&locked))
        .unwrap_err()
    {
        NotFetched::Failed(error) => error,
        NotFetched::Absent(absent) => panic!("{absent:?}"),
    };
    refuses(
        failure,
        ErrorKind::Mismatch,
        "is not what it was when it was locked",
    );
}

#[test]
fn an_archive_without_an_end_is_refused() {
    let server = repository(right(), |_| Reply::ok(vec![b'x'; 1 << 16]).endless());
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::TooLarge,
        "sends more than 67108864 bytes",
    );
}

#[test]
fn an_archive_that_says_it_is_huge_is_refused_unread() {
    let server = repository(right(), |_| {
        Reply::ok("").header("content-length", "99999999999")
    });
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::TooLarge,
        "sends more than",
    );
}

#[test]
fn an_answer_that_is_cut_is_asked_for_again() {
    let server = repository(right(), |asked| match asked.number {
        1 => Reply::ok(&CHART[..5]).cut(),
        2 => Reply::reset(),
        _ => Reply::ok(CHART),
    });
    let here = here(Keychain::default(), Vec::new());
    assert!(here.fetch(&in_repository(&server, "")).is_ok());
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn an_answer_that_is_always_cut_is_given_up() {
    let server = repository(right(), |_| Reply::ok(&CHART[..5]).cut());
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::Unavailable,
        "app-1.0.0.tgz: ",
    );
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn a_silent_server_is_given_up() {
    let server = Server::start(|_| Reply::silence());
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::Unavailable,
        "is silent for 0.4 s",
    );
}

#[test]
fn a_server_that_only_just_sends_is_given_up() {
    let server = Server::start(|_| Reply::ok(vec![b'x'; 1000]).slow(100));
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::Unavailable,
        "no answer within 3 s",
    );
}

#[test]
fn no_server_is_told() {
    let port = Server::start(|_| Reply::ok("")).authority();
    let source = ChartSource::Repository {
        url: format!("http://{port}"),
        chart: "app".to_owned(),
        version: String::new(),
    };
    let here = here(Keychain::default(), Vec::new());
    refuses(|| here.failure(&source), ErrorKind::Unavailable, "refused");
}

#[test]
fn an_overloaded_server_is_given_the_time_that_it_asks_for() {
    let server = repository(right(), |asked| match asked.number {
        1 => Reply::new(429, "").header("retry-after", "1"),
        2 => Reply::new(503, ""),
        _ => Reply::ok(CHART),
    });
    let here = here(Keychain::default(), Vec::new());
    let started = Instant::now();
    assert!(here.fetch(&in_repository(&server, "")).is_ok());
    assert!(started.elapsed() >= Duration::from_secs(1));
    assert_eq!(server.asked().len(), 4);
}

#[test]
fn a_server_that_asks_for_too_much_time_is_given_up_at_once() {
    let server = Server::start(|_| Reply::new(429, "").header("retry-after", "3600"));
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::Unavailable,
        "answers 429 (too many requests); the next try would be in 3600 s, which is too long",
    );
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn what_the_server_says_is_repeated() {
    let body = "{\"errors\": [{\"code\": \"DENIED\", \"message\": \"not\\u001b[31m today\"}]}";
    let server = Server::start(move |_| Reply::new(403, body));
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_registry(&server)),
        ErrorKind::Unauthorized,
        "(forbidden): not [31m today",
    );
}

#[test]
fn what_is_no_index_is_refused() {
    let server = Server::start(|_| Reply::ok("<html><body>Sign in</body></html>"));
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::Malformed,
        "index.yaml: it ",
    );
}

#[test]
fn a_chart_and_a_version_that_are_not_there_are_told_apart() {
    let server = repository(right(), |_| Reply::ok(CHART));
    let here = here(Keychain::default(), Vec::new());
    let source = in_repository(&server, "2.x");
    let expected = Absent::Version(vec!["1.0.0".to_owned()]);
    assert_eq!(
        here.fetch(&source),
        Err(NotFetched::Absent(expected.clone()))
    );
    assert_eq!(here.cache.absent(&source).unwrap(), Some(expected));
    let other = ChartSource::Repository {
        url: format!("{}/charts/", server.url()),
        chart: "apq".to_owned(),
        version: String::new(),
    };
    let expected = Absent::Chart(vec!["app".to_owned()]);
    assert_eq!(here.fetch(&other), Err(NotFetched::Absent(expected)));
}

#[test]
fn the_password_of_a_repository_stays_with_it() {
    let other = Server::start(|_| Reply::ok(CHART));
    let archive = format!("{}/app.tgz", other.url());
    let server = Server::start(move |asked| match asked.header("authorization") {
        Some("Basic dGlkZTpnYXRl") => Reply::ok(index(&right(), &archive)),
        _ => Reply::new(401, ""),
    });
    let source = in_repository(&server, "");
    for pass in [false, true] {
        let login = RepositoryLogin {
            url: format!("{}/charts/", server.url()),
            credentials: Credentials::basic("tide", "gate"),
            pass,
        };
        here(Keychain::default(), vec![login])
            .fetch(&source)
            .unwrap();
        let sent = other
            .asked()
            .last()
            .unwrap()
            .header("authorization")
            .map(str::to_owned);
        assert_eq!(sent.is_some(), pass);
    }
    let nobody = here(Keychain::default(), Vec::new());
    refuses(
        || nobody.failure(&source),
        ErrorKind::Unauthorized,
        "answers 401 (not authorized)",
    );
}

#[test]
fn a_chart_of_a_registry_is_fetched() {
    let server = registry(CHART.len() as u64, |_| Reply::ok(CHART));
    let here = here(Keychain::default(), Vec::new());
    let fetched = here.fetch(&in_registry(&server)).unwrap();
    assert_eq!(fetched.resolved.version, "1.0.0+1");
    let digest = Digest::of(manifest(CHART.len() as u64).as_bytes()).to_string();
    assert_eq!(fetched.resolved.manifest, Some(digest));
}

#[test]
fn a_registry_that_lies_about_bytes_is_refused() {
    let length = CHART.len() as u64;
    let check = |size: u64, body: &'static [u8], words: &str| {
        let server = registry(size, move |_| Reply::ok(body));
        let here = here(Keychain::default(), Vec::new());
        refuses(
            || here.failure(&in_registry(&server)),
            ErrorKind::Mismatch,
            words,
        );
    };
    check(
        length,
        b"a chart, as far as servers lie!",
        "sends something else than sha256:",
    );
    check(
        length - 1,
        CHART,
        "sends more than the 30 bytes that its manifest names",
    );
    check(
        length + 1,
        CHART,
        "sends 31 bytes where its manifest names 32",
    );
    let server = registry(length, |_| Reply::ok(CHART).endless());
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_registry(&server)),
        ErrorKind::Mismatch,
        "sends more than the 31 bytes",
    );
}

#[test]
fn a_manifest_that_names_a_huge_layer_is_refused() {
    let server = registry(1 << 40, |_| Reply::ok(CHART));
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_registry(&server)),
        ErrorKind::TooLarge,
        "which is more than",
    );
}

#[test]
fn a_manifest_that_is_not_the_one_of_its_digest_is_refused() {
    let server = Server::start(|_| Reply::ok("{}"));
    let registries = registries(Keychain::default());
    let name = RepositoryName::parse(&format!("oci://{}/org/app", server.authority())).unwrap();
    let wanted = Reference::Digest(Digest::of(b"other"));
    let failure = || registries.repository(&name).manifest(&wanted).unwrap_err();
    refuses(failure, ErrorKind::Mismatch, "sends something else than");
    let server = Server::start(|_| {
        Reply::ok("{}").header("docker-content-digest", Digest::of(b"x").to_string())
    });
    let name = RepositoryName::parse(&format!("oci://{}/org/app", server.authority())).unwrap();
    let wanted = Reference::tag("1").unwrap();
    let failure = || registries.repository(&name).manifest(&wanted).unwrap_err();
    refuses(failure, ErrorKind::Mismatch, "sends something else than");
}

#[test]
fn a_layer_is_chosen_by_its_media_type() {
    let server = Server::start(|asked| match asked.path.contains("/manifests/") {
        true => Reply::ok(manifest(CHART.len() as u64)),
        false => Reply::ok(CHART),
    });
    let here = here(Keychain::default(), Vec::new());
    let source = |layer: Option<&str>| ChartSource::Artifact {
        url: format!("oci://{}/org/app", server.authority()),
        reference: ArtifactReference::Tag("latest".to_owned()),
        layer: layer.map(str::to_owned),
    };
    assert!(here.fetch(&source(None)).is_ok());
    assert!(here.fetch(&source(Some(CHART_LAYER))).is_ok());
    refuses(
        || here.failure(&source(Some("text/plain"))),
        ErrorKind::Malformed,
        "none of the layers of latest",
    );
}

/// A registry that hands out tokens at `/token` to those who know the password.
fn with_tokens(realm: Option<String>) -> Server {
    Server::start(move |asked| {
        let host = asked.header("host").unwrap_or_default().to_owned();
        if asked.path.starts_with("/token") {
            let scope = "scope=repository:org/app:pull";
            return match (asked.header("authorization"), asked.path.contains(scope)) {
                (Some("Basic dGlkZTpnYXRl"), true) => {
                    Reply::ok("{\"token\": \"abc\", \"expires_in\": 300}")
                }
                _ => Reply::new(401, "{}"),
            };
        }
        if asked.header("authorization") != Some("Bearer abc") {
            let realm = realm
                .clone()
                .unwrap_or_else(|| format!("http://{host}/token"));
            let challenge =
                format!("Bearer realm=\"{realm}\",service=\"s\",scope=\"repository:org/app:pull\"");
            return Reply::new(401, "{}").header("www-authenticate", challenge);
        }
        match asked.path.contains("/manifests/") {
            true => Reply::ok(manifest(CHART.len() as u64)),
            false => Reply::ok(CHART),
        }
    })
}

#[test]
fn a_token_is_fetched_once_for_a_repository() {
    let server = with_tokens(None);
    let keychain = Keychain::default().with(server.authority(), Credentials::basic("tide", "gate"));
    here(keychain, Vec::new())
        .fetch(&in_registry(&server))
        .unwrap();
    let paths: Vec<_> = server
        .lines()
        .iter()
        .map(|line| line.split(['?', ':']).next().unwrap().to_owned())
        .collect();
    assert_eq!(
        paths,
        [
            "GET /v2/org/app/manifests/1.0.0_1",
            "GET /token",
            "GET /v2/org/app/manifests/1.0.0_1",
            "GET /v2/org/app/blobs/sha256",
        ]
    );
}

#[test]
fn credentials_that_are_wrong_or_absent_are_told_apart() {
    let server = with_tokens(None);
    let source = in_registry(&server);
    let wrong = Keychain::default().with(server.authority(), Credentials::basic("tide", "wrong"));
    let wrong = here(wrong, Vec::new());
    refuses(
        || wrong.failure(&source),
        ErrorKind::Unauthorized,
        "does not take the credentials that are there",
    );
    let nobody = here(Keychain::default(), Vec::new());
    let words = format!("there are no credentials for {}", server.authority());
    refuses(|| nobody.failure(&source), ErrorKind::Unauthorized, &words);
}

#[test]
fn a_place_for_tokens_that_makes_no_sense_is_refused() {
    let server = with_tokens(Some("ftp://example.org".to_owned()));
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_registry(&server)),
        ErrorKind::Malformed,
        "a place for tokens that makes no sense",
    );
}

#[test]
fn a_redirect_to_another_server_is_followed_without_the_token() {
    let store = Server::start(|_| Reply::ok(CHART));
    let to = format!("{}/stored", store.url());
    let server = Server::start(move |asked| {
        if asked.header("authorization").is_none() {
            return Reply::new(401, "").header("www-authenticate", "Basic realm=\"x\"");
        }
        match asked.path.contains("/manifests/") {
            true => Reply::ok(manifest(CHART.len() as u64)),
            false => Reply::new(307, "").header("location", to.clone()),
        }
    });
    let keychain = Keychain::default().with(server.authority(), Credentials::basic("tide", "gate"));
    here(keychain, Vec::new())
        .fetch(&in_registry(&server))
        .unwrap();
    assert_eq!(store.lines(), ["GET /stored"]);
    assert_eq!(store.asked()[0].header("authorization"), None);
}

#[test]
fn redirects_without_an_end_are_refused() {
    let server =
        Server::start(|asked| Reply::new(302, "").header("location", format!("{}x", asked.path)));
    let here = here(Keychain::default(), Vec::new());
    refuses(
        || here.failure(&in_repository(&server, "")),
        ErrorKind::Refused,
        "sends on more than 10 times",
    );
}

#[test]
fn tags_are_listed_page_by_page() {
    let server = Server::start(|asked| {
        let page = |tags: &str| Reply::ok(format!("{{\"name\": \"a\", \"tags\": {tags}}}"));
        match asked.path.split_once("last=").map(|(_, last)| last) {
            None => page("[\"b\", \"a\"]")
                .header("link", "</v2/org/app/tags/list?n=2&last=b>; rel=\"next\""),
            Some("b") => page("[\"c\"]").header("link", "<tags/list?n=2&last=c>; rel=\"next\""),
            Some(_) => page("null"),
        }
    });
    let registries = registries(Keychain::default());
    let name = RepositoryName::parse(&format!("oci://{}/org/app", server.authority())).unwrap();
    let tags = registries.repository(&name).tags().unwrap();
    assert_eq!(tags.into_iter().collect::<Vec<_>>(), ["a", "b", "c"]);
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn a_list_of_tags_that_repeats_itself_ends() {
    let server = Server::start(|_| {
        Reply::ok("{\"tags\": [\"a\"]}")
            .header("link", "</v2/org/app/tags/list?last=a>; rel=\"next\"")
    });
    let registries = registries(Keychain::default());
    let name = RepositoryName::parse(&format!("oci://{}/org/app", server.authority())).unwrap();
    assert_eq!(registries.repository(&name).tags().unwrap().len(), 1);
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn a_list_of_tags_that_goes_on_elsewhere_is_refused() {
    let server = Server::start(|_| {
        Reply::ok("{\"tags\": [\"a\"]}").header("link", "<http://localhost:1/x>; rel=\"next\"")
    });
    let registries = registries(Keychain::default());
    let name = RepositoryName::parse(&format!("oci://{}/org/app", server.authority())).unwrap();
    let failure = || registries.repository(&name).tags().unwrap_err();
    refuses(
        failure,
        ErrorKind::Malformed,
        "the next page is at another server",
    );
}
