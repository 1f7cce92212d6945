//! Gets charts, from their servers or from the cache.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use super::index::ChartIndex;
use super::select;
use super::source::{ArtifactReference, ChartSource};
use crate::auth::Credentials;
use crate::cache::{Absent, Cache, Resolved};
use crate::digest::Digest;
use crate::error::{Error, ErrorKind};
use crate::http::{Http, Request};
use crate::oci::{Manifest, Reference, Registries, Repository, RepositoryName};
use crate::url::Url;

/// The media type of a chart in a registry.
pub const CHART_LAYER: &str = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
/// The largest index that is read. The largest public ones have 20 MB; Flux takes 50 MiB.
pub const LARGEST_INDEX: u64 = 64 << 20;
/// The largest archive that is read; Flux takes 10 MiB, unless it is told otherwise.
pub const LARGEST_CHART: u64 = 64 << 20;

/// Gets charts; shared by all threads.
#[derive(Debug)]
pub struct Fetcher {
    http: Arc<Http>,
    registries: Registries,
    cache: Cache,
    logins: Vec<RepositoryLogin>,
    /// Each index is asked for once, whoever needs it.
    indexes: Mutex<BTreeMap<String, Arc<FetchedIndex>>>,
}

type FetchedIndex = OnceLock<Result<Arc<ChartIndex>, Error>>;

/// Credentials for a server with an `index.yaml`.
#[derive(Clone, Debug)]
pub struct RepositoryLogin {
    /// The URL of the repository.
    pub url: String,
    /// The credentials.
    pub credentials: Credentials,
    /// Whether they also go to other servers that the index says archives are on, as `passCredentials`
    /// has it.
    pub pass: bool,
}

/// A chart that is at hand now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Which version it is.
    pub resolved: Resolved,
    /// How many bytes were read from a server; none where all of it was in the cache.
    pub received: Option<u64>,
}

/// Why a chart was not fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotFetched {
    /// The source does not have it.
    Absent(Absent),
    /// Something went wrong.
    Failed(Error),
}

impl From<Error> for NotFetched {
    fn from(error: Error) -> NotFetched {
        NotFetched::Failed(error)
    }
}

impl Fetcher {
    /// Gets charts by these means.
    pub fn new(
        http: Arc<Http>,
        registries: Registries,
        cache: Cache,
        logins: Vec<RepositoryLogin>,
    ) -> Fetcher {
        Fetcher {
            http,
            registries,
            cache,
            logins,
            indexes: Mutex::default(),
        }
    }

    /// Gives who one is to servers with an index, in place of what was given before.
    pub fn log_in(&mut self, logins: Vec<RepositoryLogin>) {
        self.logins = logins;
    }

    /// Puts a chart into the cache. What is `locked` is asked of no server which version it is: these
    /// bytes, and no others.
    pub fn fetch(
        &self,
        source: &ChartSource,
        insecure: bool,
        locked: Option<&Resolved>,
    ) -> Result<Fetched, NotFetched> {
        let result = match locked {
            Some(locked) => self
                .fetch_locked(source, insecure, locked)
                .map_err(NotFetched::Failed),
            None => match source {
                ChartSource::Repository {
                    url,
                    chart,
                    version,
                } => self.in_repository(url, chart, version),
                ChartSource::Registry {
                    url,
                    chart,
                    version,
                } => self.in_registry(url, chart, version, insecure),
                ChartSource::Artifact {
                    url,
                    reference,
                    layer,
                } => self.in_artifact(url, reference, layer.as_deref(), insecure),
            },
        };
        match &result {
            Ok(fetched) => self.cache.put_version(source, &fetched.resolved)?,
            Err(NotFetched::Absent(absent)) => self.cache.put_absent(source, absent)?,
            Err(NotFetched::Failed(_)) => {}
        }
        result
    }

    fn fetch_locked(
        &self,
        source: &ChartSource,
        insecure: bool,
        locked: &Resolved,
    ) -> Result<Fetched, Error> {
        let digest = Digest::parse(&locked.digest)
            .ok_or_else(|| Error::invalid(format!("`{}` is no digest", locked.digest)))?;
        if self.cache.blob(&digest)?.is_some() {
            return Ok(Fetched {
                resolved: locked.clone(),
                received: None,
            });
        }
        let bytes = match source {
            ChartSource::Repository {
                url,
                chart,
                version,
            } => {
                let at = match &locked.url {
                    Some(at) => {
                        Url::parse(at).map_err(|why| Error::at(ErrorKind::Invalid, at, why))?
                    }
                    None => {
                        let offers = self.index(url)?.offers(chart);
                        let offers =
                            offers.map_err(|why| Error::at(ErrorKind::Malformed, url, why))?;
                        let offers = offers.unwrap_or_default();
                        let offer = offers.iter().find(|offer| offer.version == locked.version);
                        let archive =
                            offer.and_then(|offer| offer.urls.first()).ok_or_else(|| {
                                let what = format!(
                                    "it offers no version {} of {chart} any more",
                                    locked.version
                                );
                                Error::at(ErrorKind::NotFound, url, what)
                            })?;
                        let _ = version;
                        archive_url(&repository_url(url)?, archive)?
                    }
                };
                self.archive(url, &at)?
            }
            ChartSource::Registry { url, chart, .. } => {
                let name = RepositoryName::parse(url)?.child(chart)?;
                self.repository(&name, insecure)
                    .bytes_of(&digest, LARGEST_CHART)?
            }
            ChartSource::Artifact { url, .. } => {
                let name = RepositoryName::parse(url)?;
                self.repository(&name, insecure)
                    .bytes_of(&digest, LARGEST_CHART)?
            }
        };
        if !digest.matches(&bytes) {
            let what = format!(
                "version {} is not what it was when it was locked: {} now, {digest} then",
                locked.version,
                Digest::of(&bytes)
            );
            return Err(Error::at(ErrorKind::Mismatch, source.url(), what));
        }
        self.cache.put_blob(&bytes)?;
        Ok(Fetched {
            resolved: locked.clone(),
            received: Some(bytes.len() as u64),
        })
    }

    fn repository(&self, name: &RepositoryName, insecure: bool) -> Repository<'_> {
        match insecure {
            true => self.registries.insecure_repository(name),
            false => self.registries.repository(name),
        }
    }

    fn in_repository(&self, url: &str, chart: &str, wanted: &str) -> Result<Fetched, NotFetched> {
        let base = repository_url(url)?;
        let index = self.index(url)?;
        let refuse = |why: String| Error::at(ErrorKind::Malformed, index_url(&base), why);
        let Some(offers) = index.offers(chart).map_err(refuse)? else {
            let near = tidegate_source::nearest(chart, index.names());
            let near = near.into_iter().map(str::to_owned).collect();
            return Err(NotFetched::Absent(Absent::Chart(near)));
        };
        let chosen = select::offered(&offers, wanted).map_err(Error::invalid)?;
        let Some(offer) = chosen.map(|at| &offers[at]) else {
            let versions = offers.iter().map(|offer| &offer.version);
            return Err(NotFetched::Absent(Absent::Version(select::nearest(
                versions, wanted,
            ))));
        };
        let archive = offer.urls.first().ok_or_else(|| {
            refuse(format!(
                "it says not where version {} of {chart} is",
                offer.version
            ))
        })?;
        let at = archive_url(&base, archive)?;
        let said = Digest::parse_bare(&offer.digest);
        let resolved = |digest: &Digest| Resolved {
            version: offer.version.clone(),
            digest: digest.to_string(),
            manifest: None,
            url: Some(at.to_string()),
        };
        if let Some(digest) = &said
            && self.cache.blob(digest)?.is_some()
        {
            return Ok(Fetched {
                resolved: resolved(digest),
                received: None,
            });
        }
        let bytes = self.archive(url, &at)?;
        if let Some(digest) = &said
            && !digest.matches(&bytes)
        {
            let what = format!("it is something else than {digest}, which the index says");
            return Err(Error::at(ErrorKind::Mismatch, &at, what).into());
        }
        let digest = self.cache.put_blob(&bytes)?;
        Ok(Fetched {
            resolved: resolved(&digest),
            received: Some(bytes.len() as u64),
        })
    }

    fn in_registry(
        &self,
        url: &str,
        chart: &str,
        wanted: &str,
        insecure: bool,
    ) -> Result<Fetched, NotFetched> {
        let name = RepositoryName::parse(url)?.child(chart)?;
        let repository = self.repository(&name, insecure);
        let version = match select::is_one_tag(wanted) {
            true => wanted.to_owned(),
            false => {
                let Some(tags) = tags(&repository)? else {
                    return Err(NotFetched::Absent(Absent::Chart(Vec::new())));
                };
                let found = select::among_tags(tags.iter().map(String::as_str), wanted);
                match found.map_err(Error::invalid)? {
                    Some(version) => version,
                    None => return Err(no_version(tags.iter(), wanted)),
                }
            }
        };
        let tag = Reference::tag(&select::tag_of(&version))?;
        let Some((manifest, digest)) = repository.artifact(&tag)? else {
            return Err(absent_tag(&repository, wanted));
        };
        let pick = |manifest: &Manifest| {
            let mut layers = manifest.layers.iter();
            layers
                .find(|layer| layer.media_type == CHART_LAYER)
                .cloned()
        };
        let layer = pick(&manifest).ok_or_else(|| {
            let what =
                format!("{tag} is no chart: none of its layers is of the media type {CHART_LAYER}");
            Error::at(ErrorKind::Malformed, &name, what)
        })?;
        self.layer(&repository, &layer, version, &digest)
    }

    fn in_artifact(
        &self,
        url: &str,
        reference: &ArtifactReference,
        media_type: Option<&str>,
        insecure: bool,
    ) -> Result<Fetched, NotFetched> {
        let name = RepositoryName::parse(url)?;
        let repository = self.repository(&name, insecure);
        let (version, at) = match reference {
            ArtifactReference::Digest(text) => {
                let digest = Digest::parse(text);
                let digest =
                    digest.ok_or_else(|| Error::invalid(format!("`{text}` is no digest")))?;
                (text.clone(), Reference::Digest(digest))
            }
            ArtifactReference::Tag(tag) => (tag.clone(), Reference::tag(tag)?),
            ArtifactReference::SemVer { range, filter } => {
                let Some(tags) = tags(&repository)? else {
                    return Err(NotFetched::Absent(Absent::Chart(Vec::new())));
                };
                let is_chart = media_type == Some(CHART_LAYER);
                let all = tags.iter().map(String::as_str);
                match select::by_semver(all, range, filter, is_chart).map_err(Error::invalid)? {
                    Some(tag) => (tag.clone(), Reference::tag(&tag)?),
                    None => return Err(no_version(tags.iter(), range)),
                }
            }
        };
        let Some((manifest, digest)) = repository.artifact(&at)? else {
            return Err(absent_tag(&repository, &version));
        };
        let mut layers = manifest.layers.iter();
        let layer = match media_type {
            Some(media_type) => layers.find(|layer| layer.media_type == media_type),
            None => layers.next(),
        };
        let layer = layer.ok_or_else(|| {
            let what = match media_type {
                Some(media_type) => {
                    format!("none of the layers of {at} is of the media type {media_type}")
                }
                None => format!("{at} has no layers"),
            };
            Error::at(ErrorKind::Malformed, &name, what)
        })?;
        self.layer(&repository, layer, version, &digest)
    }

    fn layer(
        &self,
        repository: &Repository<'_>,
        layer: &crate::oci::Descriptor,
        version: String,
        manifest: &Digest,
    ) -> Result<Fetched, NotFetched> {
        let resolved = Resolved {
            version,
            digest: layer.digest.to_string(),
            manifest: Some(manifest.to_string()),
            url: None,
        };
        if self.cache.blob(&layer.digest)?.is_some() {
            return Ok(Fetched {
                resolved,
                received: None,
            });
        }
        let bytes = repository.blob(layer, LARGEST_CHART)?;
        let digest = self.cache.put_blob(&bytes)?;
        Ok(Fetched {
            // The cache knows it by SHA-256, whatever the registry uses.
            resolved: Resolved {
                digest: digest.to_string(),
                ..resolved
            },
            received: Some(bytes.len() as u64),
        })
    }

    /// The index of a repository, asked for once.
    fn index(&self, url: &str) -> Result<Arc<ChartIndex>, Error> {
        let slot = match self.indexes.lock() {
            Ok(mut indexes) => Arc::clone(indexes.entry(url.to_owned()).or_default()),
            Err(_) => Arc::default(),
        };
        slot.get_or_init(|| self.fetch_index(url).map(Arc::new))
            .clone()
    }

    fn fetch_index(&self, url: &str) -> Result<ChartIndex, Error> {
        let at = index_url(&repository_url(url)?);
        let key = at.to_string();
        let known = self.cache.document(&key)?;
        let mut request = Request::get(at.clone(), LARGEST_INDEX);
        request.authorization = self.login(url, &at)?;
        if let Some((state, _)) = &known {
            if let Some(etag) = &state.etag {
                request = request.header("if-none-match", etag);
            }
            if let Some(moment) = &state.last_modified {
                request = request.header("if-modified-since", moment);
            }
        }
        let response = self.http.send(&request)?;
        let bytes = match (response.status, known) {
            (304, Some((_, bytes))) => bytes,
            (200, _) => {
                let etag = response.header("etag");
                let modified = response.header("last-modified");
                self.cache
                    .put_document(&key, etag, modified, &response.body)?;
                response.body
            }
            _ => return Err(response.refusal()),
        };
        let refuse = |why: &str| Error::at(ErrorKind::Malformed, &at, why);
        let text = String::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8 text"))?;
        ChartIndex::parse(text).map_err(|why| refuse(&why))
    }

    fn archive(&self, repository: &str, at: &Url) -> Result<Vec<u8>, Error> {
        let mut request = Request::get(at.clone(), LARGEST_CHART);
        request.authorization = self.login(repository, at)?;
        let response = self.http.send(&request)?;
        match response.is_success() {
            true => Ok(response.body),
            false => Err(response.refusal()),
        }
    }

    /// What proves to the server at `to` who is there, for something that a repository leads to.
    fn login(
        &self,
        repository: &str,
        to: &Url,
    ) -> Result<Option<tidegate_source::Redacted<String>>, Error> {
        let is_it = |login: &&RepositoryLogin| {
            login.url.trim_end_matches('/') == repository.trim_end_matches('/')
        };
        let Some(login) = self.logins.iter().find(is_it) else {
            return Ok(None);
        };
        if !login.pass && !repository_url(repository)?.same_origin(to) {
            return Ok(None);
        }
        if to.is_exposed() {
            let what = "the password for it would be sent in plain text";
            return Err(Error::at(ErrorKind::Refused, to, what));
        }
        Ok(login.credentials.as_basic())
    }
}

/// The tags of a repository; none where it does not exist.
fn tags(repository: &Repository<'_>) -> Result<Option<std::collections::BTreeSet<String>>, Error> {
    match repository.tags() {
        Ok(tags) => Ok(Some(tags)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn no_version(tags: impl Iterator<Item = impl AsRef<str>>, wanted: &str) -> NotFetched {
    NotFetched::Absent(Absent::Version(select::nearest(tags, wanted)))
}

/// What there is in place of a tag that does not exist.
fn absent_tag(repository: &Repository<'_>, wanted: &str) -> NotFetched {
    match tags(repository) {
        Ok(Some(tags)) => no_version(tags.iter(), wanted),
        Ok(None) => NotFetched::Absent(Absent::Chart(Vec::new())),
        Err(error) => NotFetched::Failed(error),
    }
}

fn repository_url(url: &str) -> Result<Url, Error> {
    Url::parse(url)
        .map_err(|why| Error::invalid(format!("`{url}` is no repository of charts: {why}")))
}

/// Where the index of a repository is: below its path, with its parameters.
fn index_url(base: &Url) -> Url {
    base.below("index.yaml")
}

/// Where an archive is that the index names: as Helm has it, references are relative to the repository and
/// take its parameters.
fn archive_url(base: &Url, reference: &str) -> Result<Url, Error> {
    let refuse = |why: &str| {
        let what = format!(
            "the index has an archive at `{}`: {why}",
            crate::error::quoted(reference)
        );
        Error::at(ErrorKind::Malformed, index_url(base), what)
    };
    if reference.starts_with("oci://") {
        return Err(refuse(
            "source-controller takes none of a registry from an index",
        ));
    }
    if reference.contains("://") {
        return Url::parse(reference).map_err(refuse);
    }
    base.below_as(reference).map_err(refuse)
}
