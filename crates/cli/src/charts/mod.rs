//! The charts that are at hand: from the cache, as the lock file of the tree says.

pub(crate) mod environment;
mod lock_file;
mod request;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use tidegate_core::config::LocalChart;
use tidegate_core::release::{ChartAnswer, ChartRequest, Charts, RefusedChart};
use tidegate_helm::{Chart, ChartError, load};
use tidegate_registry::{Absent, AtHand, Cache, ChartSource, Lock};
use tidegate_source::{EntryKind, Sources, TreePath};

pub(crate) use lock_file::LockFile;
pub(crate) use request::source_of;

/// Charts for one file table.
///
/// Each request is looked up once, and each archive is loaded once, whoever asks for it.
pub(crate) struct AtHandCharts {
    /// None where there is no place for one.
    cache: Option<Cache>,
    lock: Lock,
    /// What is taken in place of what a source has.
    local: Vec<LocalChart>,
    answers: Slots<ChartSource, Answer>,
    /// What may be asked for without TLS.
    insecure: Mutex<BTreeSet<ChartSource>>,
    loaded: Slots<String, Loaded>,
}

type Slots<K, V> = Mutex<BTreeMap<K, Arc<OnceLock<V>>>>;
type Loaded = Result<Arc<Chart>, RefusedChart>;

#[derive(Clone)]
struct Answer {
    is: ChartAnswer,
    /// What was taken out of the cache.
    taken: Option<Taken>,
}

/// A chart that was taken out of the cache.
#[derive(Clone)]
pub(crate) struct Taken {
    /// Its version.
    pub(crate) version: String,
    /// The digest of its archive.
    pub(crate) digest: String,
    /// Whether it is the one that is locked; otherwise nothing is.
    pub(crate) is_locked: bool,
}

impl Answer {
    fn loaded(loaded: Loaded, digest: Option<String>, taken: Option<Taken>) -> Answer {
        let is = match loaded {
            Ok(chart) => ChartAnswer::AtHand { chart, digest },
            Err(why) => ChartAnswer::Refused(why),
        };
        Answer { is, taken }
    }
}

/// Whether the config has a chart taken for this one.
fn stands_for(local: &LocalChart, source: &ChartSource) -> bool {
    local.source.value.trim_end_matches('/') == source.url()
        && local.chart.as_deref() == source.chart()
}

fn load_local(path: &TreePath, sources: &Sources) -> Loaded {
    let loaded = match sources.kind(path) {
        Ok(EntryKind::Folder) => load::folder(sources, path),
        _ => match sources.load(path) {
            Ok(file) => load::archive(sources, path.as_str(), file.bytes()),
            Err(failed) => Err(ChartError::chart(failed.error.to_string())),
        },
    };
    loaded.map(Arc::new).map_err(RefusedChart::from)
}

impl AtHandCharts {
    /// Those of the tree that are named `local`, and those of a cache, where `lock` says which.
    pub(crate) fn new(cache: Option<Cache>, lock: Lock, local: &[LocalChart]) -> AtHandCharts {
        AtHandCharts {
            local: local.to_vec(),
            cache,
            lock,
            answers: Mutex::default(),
            insecure: Mutex::default(),
            loaded: Mutex::default(),
        }
    }

    /// All that was asked for so far, in order, and whether it may be asked for without TLS.
    pub(crate) fn asked(&self) -> Vec<(ChartSource, bool)> {
        let (Ok(answers), Ok(insecure)) = (self.answers.lock(), self.insecure.lock()) else {
            return Vec::new();
        };
        let remote =
            |source: &&ChartSource| !self.local.iter().any(|local| stands_for(local, source));
        let asked = answers.keys().filter(remote);
        let asked = asked.map(|source| (source.clone(), insecure.contains(source)));
        asked.collect()
    }

    /// How many charts were taken although `tidegate.lock` says nothing of them.
    pub(crate) fn unlocked(&self) -> usize {
        let Ok(answers) = self.answers.lock() else {
            return 0;
        };
        let known = answers.values().filter_map(|slot| slot.get());
        let taken = known.filter_map(|answer| answer.taken.as_ref());
        taken.filter(|taken| !taken.is_locked).count()
    }

    /// The charts that were taken out of the cache, in order.
    pub(crate) fn taken(&self) -> Vec<(ChartSource, Taken)> {
        let Ok(answers) = self.answers.lock() else {
            return Vec::new();
        };
        let taken = answers.iter().filter_map(|(source, slot)| {
            let taken = slot.get()?.taken.clone()?;
            Some((source.clone(), taken))
        });
        taken.collect()
    }

    fn look_up(&self, source: &ChartSource, sources: &Sources) -> Answer {
        let not_at_hand = |why: &str| Answer {
            is: ChartAnswer::NotAtHand {
                why: why.to_owned(),
            },
            taken: None,
        };
        if let Some(local) = self.local.iter().find(|local| stands_for(local, source)) {
            let loaded = once(&self.loaded, format!("path {}", local.path.value), || {
                load_local(&local.path.value, sources)
            });
            return Answer::loaded(loaded, None, None);
        }
        let Some(cache) = &self.cache else {
            return not_at_hand(FETCH);
        };
        match cache.at_hand(source, &self.lock) {
            Err(error) => not_at_hand(&error.to_string()),
            Ok(AtHand::Unknown) => not_at_hand(FETCH),
            Ok(AtHand::NotFetched(resolved)) => {
                let version = resolved.version;
                match version == source.wanted() {
                    true => not_at_hand(FETCH),
                    false => not_at_hand(&format!("{version} is locked: {FETCH}")),
                }
            }
            Ok(AtHand::Absent(absent)) => Answer {
                is: match absent {
                    Absent::Chart(offered) => ChartAnswer::NoSuchChart { offered },
                    Absent::Version(offered) => ChartAnswer::NoSuchVersion { offered },
                },
                taken: None,
            },
            Ok(AtHand::Chart {
                resolved,
                bytes,
                locked,
            }) => {
                let loaded = once(&self.loaded, resolved.digest.clone(), || {
                    let name = format!("{}-{}.tgz", source.name(), resolved.version);
                    let loaded = load::archive(sources, &name, &bytes);
                    loaded.map(Arc::new).map_err(RefusedChart::from)
                });
                let taken = Taken {
                    version: resolved.version,
                    digest: resolved.digest,
                    is_locked: locked,
                };
                Answer::loaded(loaded, resolved.manifest, Some(taken))
            }
        }
    }
}

/// What is to be known of charts that were taken although nothing is locked of them.
pub(crate) fn unlocked(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "1 chart is not in tidegate.lock: the newest at hand was taken\n".to_owned(),
        _ => format!("{count} charts are not in tidegate.lock: the newest at hand were taken\n"),
    }
}

const FETCH: &str = "run `tidegate charts fetch`";

impl Charts for AtHandCharts {
    fn chart(&self, request: &ChartRequest, sources: &Sources) -> ChartAnswer {
        let source = source_of(request);
        if request.insecure
            && let Ok(mut insecure) = self.insecure.lock()
        {
            insecure.insert(source.clone());
        }
        once(&self.answers, source.clone(), || {
            self.look_up(&source, sources)
        })
        .is
    }
}

impl fmt::Debug for AtHandCharts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AtHandCharts")
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

/// The value of a key, made by whoever asks first, while others that ask for it wait.
fn once<K: Ord, V: Clone>(slots: &Slots<K, V>, key: K, make: impl FnOnce() -> V) -> V {
    let slot = match slots.lock() {
        Ok(mut slots) => Arc::clone(slots.entry(key).or_default()),
        // A thread panicked while it held it: this one makes its own.
        Err(_) => Arc::default(),
    };
    slot.get_or_init(make).clone()
}
