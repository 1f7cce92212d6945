//! Listing kinds, page by page, and taking a sample with it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;
use tidegate_source::Subject;
use tokio::task::JoinSet;

use super::discovery;
use super::error::{Error, ErrorKind};
use super::reader::{Asking, Reader, not_understood};
use crate::flux::{APPLIERS, SOURCES};
use crate::object::Observed;
use crate::sample::{Kind, Sample};

/// How many objects a page has.
const PAGE: usize = 500;
/// How many pages a kind may have.
const PAGES: usize = 1000;
/// How often a list is begun again whose pages are too old to go on.
const RESTARTS: usize = 3;
/// How many kinds are listed at once.
const AT_ONCE: usize = 4;

/// An `apiVersion` and a `kind`.
type Key = (String, String);

/// What is to be looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// Objects, by `apiVersion` and `kind`.
    objects: BTreeMap<Key, BTreeSet<[String; 2]>>,
}

impl Wanted {
    /// These objects. Secrets are never asked for.
    pub(crate) fn new<'a>(subjects: impl IntoIterator<Item = &'a Subject>) -> Wanted {
        let mut wanted = Wanted::default();
        for subject in subjects {
            if subject.kind == "Secret" && subject.api_version == "v1" {
                continue;
            }
            let key = (subject.api_version.clone(), subject.kind.clone());
            let names = wanted.objects.entry(key).or_default();
            names.insert([subject.namespace.clone(), subject.name.clone()]);
        }
        wanted
    }

    /// The names that are wanted of a kind, as the server has them.
    fn names(&self, key: &Key, kind: &Kind) -> Taken {
        let names = self.objects.get(key).into_iter().flatten();
        let names = names.map(|[namespace, name]| {
            let namespace = match kind.is_namespaced {
                false => "",
                true if namespace.is_empty() => "default",
                true => namespace,
            };
            [namespace.to_owned(), name.clone()]
        });
        Taken::These(Arc::new(names.collect()))
    }

    /// All objects of a kind of Flux in the newest version, and those that are wanted in another one.
    fn of_flux(&self, kinds: &BTreeMap<Key, Kind>, of: (&str, &str)) -> Lists {
        let mut lists = newest(kinds, of);
        for key in self.objects.keys() {
            let (group, _) = key.0.split_once('/').unwrap_or_default();
            let is_listed = lists.iter().any(|(known, _)| known == key);
            if (group, key.1.as_str()) == of
                && !is_listed
                && let Some(kind) = kinds.get(key)
            {
                lists.push((key.clone(), self.names(key, kind)));
            }
        }
        lists
    }

    /// Whether there is a kind among them that the server does not have.
    fn is_unknown(&self, kinds: &BTreeMap<Key, Kind>) -> bool {
        self.objects.keys().any(|key| !kinds.contains_key(key))
    }
}

/// What is taken of a list.
#[derive(Clone)]
enum Taken {
    All,
    /// Those with such a namespace and name.
    These(Arc<BTreeSet<[String; 2]>>),
}

impl Reader {
    /// The sources of Flux alone, which tell where the cluster is. The kinds are asked for where `known` has none.
    pub(crate) fn sources(&self, known: &mut Sample) -> Sample {
        self.block_on(async |asking| {
            let mut sample = Sample::default();
            if known.kinds.is_empty() {
                match discovery::kinds(&asking).await {
                    Ok(kinds) => known.kinds = kinds,
                    Err(error) => sample.problems.push(error.reason()),
                }
            }
            sample.kinds.clone_from(&known.kinds);
            list_all(&asking, &mut sample, newest(&known.kinds, SOURCES)).await;
            sample
        })
    }

    /// A sample of all that is wanted, and of what tells how far Flux has come: that is asked for last, so
    /// that what was seen before was under the digest that is seen then.
    pub(crate) fn sample(&self, wanted: &Wanted, known: &mut Sample) -> Sample {
        self.block_on(async |asking| {
            let mut sample = Sample::default();
            // What is installed meanwhile brings kinds.
            if known.kinds.is_empty() || wanted.is_unknown(&known.kinds) {
                match discovery::kinds(&asking).await {
                    Ok(kinds) => known.kinds = kinds,
                    Err(error) => {
                        sample.problems.push(error.reason());
                        return sample;
                    }
                }
            }
            sample.kinds.clone_from(&known.kinds);
            let appliers: Lists = APPLIERS
                .iter()
                .flat_map(|kind| wanted.of_flux(&known.kinds, *kind))
                .collect();
            let sources = wanted.of_flux(&known.kinds, SOURCES);
            let is_later = |key: &Key| {
                let (group, _) = key.0.split_once('/').unwrap_or_default();
                let is_it = |one: &(&str, &str)| *one == (group, key.1.as_str());
                is_it(&SOURCES) || APPLIERS.iter().any(is_it)
            };
            let objects = wanted.objects.keys().filter(|key| !is_later(key));
            let objects = objects
                .filter_map(|key| Some((key.clone(), wanted.names(key, known.kinds.get(key)?))));
            for lists in [objects.collect(), appliers, sources] {
                list_all(&asking, &mut sample, lists).await;
                if !sample.problems.is_empty() {
                    break;
                }
            }
            sample
        })
    }
}

type Lists = Vec<(Key, Taken)>;

/// The newest version of a kind that the server has, all objects of which are taken.
fn newest(kinds: &BTreeMap<Key, Kind>, (group, kind): (&str, &str)) -> Lists {
    let is_it =
        |key: &&Key| key.1 == kind && key.0.split_once('/').is_some_and(|(of, _)| of == group);
    // `v1` is newer than `v1beta2`, which is newer than `v1beta1`.
    let rank = |key: &&Key| {
        let (_, version) = key.0.split_once('/').unwrap_or_default();
        let is_stable = !version.contains("alpha") && !version.contains("beta");
        (is_stable, version.to_owned())
    };
    let newest = kinds.keys().filter(is_it).max_by_key(rank);
    newest
        .map(|key| (key.clone(), Taken::All))
        .into_iter()
        .collect()
}

/// Lists kinds, some at once. What goes wrong becomes a problem of the sample, and ends it.
async fn list_all(asking: &Asking, sample: &mut Sample, lists: Lists) {
    let mut running = JoinSet::new();
    let mut next = lists.into_iter();
    loop {
        while running.len() < AT_ONCE && sample.problems.is_empty() {
            let Some(((api_version, kind), taken)) = next.next() else {
                break;
            };
            let known = sample.kinds.get(&(api_version.clone(), kind.clone()));
            let Some(known) = known.filter(|known| known.can_be_listed) else {
                continue;
            };
            let asking = asking.clone();
            let path = path_of(&api_version, &known.plural);
            running.spawn(async move { list(&asking, &path, &api_version, &kind, &taken).await });
        }
        match running.join_next().await {
            None => break,
            Some(Ok(Ok(objects))) => {
                sample
                    .objects
                    .extend(objects.into_iter().map(|one| (one.subject(), one)));
            }
            Some(Ok(Err(error))) if error.kind == ErrorKind::NotFound => {}
            Some(Ok(Err(error))) => sample.problems.push(error.reason()),
            Some(Err(error)) => {
                let error = Error::new(ErrorKind::NoAnswer, error.to_string());
                sample.problems.push(error.reason());
            }
        }
    }
}

fn path_of(api_version: &str, plural: &str) -> String {
    match api_version.contains('/') {
        true => format!("/apis/{api_version}/{plural}"),
        false => format!("/api/{api_version}/{plural}"),
    }
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(borrow, default)]
    items: Vec<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct PageMetadata {
    #[serde(default, rename = "continue")]
    go_on: String,
}

/// As much of an object as tells whether it is wanted.
#[derive(Deserialize)]
struct Head {
    metadata: HeadMetadata,
}

#[derive(Deserialize)]
struct HeadMetadata {
    name: String,
    #[serde(default)]
    namespace: String,
}

async fn list(
    asking: &Asking,
    path: &str,
    api_version: &str,
    kind: &str,
    taken: &Taken,
) -> Result<Vec<Observed>, Error> {
    let mut objects = Vec::new();
    let mut go_on = String::new();
    let mut restarts = 0;
    for _ in 0..PAGES {
        let mut query = format!("{path}?limit={PAGE}");
        if !go_on.is_empty() {
            query.push_str("&continue=");
            query.push_str(&escaped(&go_on));
        }
        let bytes = match asking.get(&query, "application/json").await {
            Ok(bytes) => bytes,
            // The pages are of one moment, which the server has forgotten.
            Err(error) if error.kind == ErrorKind::Gone && restarts < RESTARTS => {
                restarts += 1;
                objects.clear();
                go_on.clear();
                continue;
            }
            Err(error) => return Err(error),
        };
        let page: Page<'_> =
            serde_json::from_slice(&bytes).map_err(|error| not_understood(path, &error))?;
        for item in page.items {
            let understood = taken_from(item.get(), api_version, kind, taken);
            objects.extend(understood.map_err(|error| not_understood(path, &error))?);
        }
        if page.metadata.go_on.is_empty() {
            return Ok(objects);
        }
        go_on = page.metadata.go_on;
    }
    let message = format!(
        "{path}: the API server has more than {} objects",
        PAGE * PAGES
    );
    Err(Error::new(ErrorKind::NoAnswer, message))
}

/// An item of a list, if it is wanted. Items do not say of which kind they are.
fn taken_from(
    item: &str,
    api_version: &str,
    kind: &str,
    taken: &Taken,
) -> Result<Option<Observed>, serde_json::Error> {
    if let Taken::These(names) = taken {
        let Head {
            metadata: HeadMetadata { name, namespace },
        } = serde_json::from_str(item)?;
        if !names.contains(&[namespace, name]) {
            return Ok(None);
        }
    }
    let mut object: Value = serde_json::from_str(item)?;
    object["apiVersion"] = Value::from(api_version);
    object["kind"] = Value::from(kind);
    Ok(Some(Observed::new(object)))
}

/// A text as a value of a query.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                out.push(byte.into())
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
