//! The charts that are at hand: from the cache, as the lock file of the tree says.

pub(crate) mod environment;
mod lock_file;
mod request;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use tidegate_core::release::{ChartAnswer, ChartRequest, Charts, RefusedChart};
use tidegate_helm::{Chart, load};
use tidegate_registry::{Absent, AtHand, Cache, ChartSource, Lock, Resolved};
use tidegate_source::Sources;

pub(crate) use lock_file::LockFile;
pub(crate) use request::source_of;

/// Charts for one file table.
///
/// Each request is looked up once, and each archive is loaded once, whoever asks for it.
pub(crate) struct AtHandCharts {
    cache: Cache,
    lock: Lock,
    answers: Slots<ChartSource, Answer>,
    loaded: Slots<String, Loaded>,
}

type Slots<K, V> = Mutex<BTreeMap<K, Arc<OnceLock<V>>>>;
type Loaded = Result<Arc<Chart>, RefusedChart>;

#[derive(Clone)]
struct Answer {
    is: ChartAnswer,
    /// What was taken although nothing is locked.
    unlocked: Option<Resolved>,
}

impl AtHandCharts {
    /// The charts of a cache, where `lock` says which.
    pub(crate) fn new(cache: Cache, lock: Lock) -> AtHandCharts {
        AtHandCharts {
            cache,
            lock,
            answers: Mutex::default(),
            loaded: Mutex::default(),
        }
    }

    /// All that was asked for so far, in order.
    pub(crate) fn asked(&self) -> Vec<ChartSource> {
        let answers = self.answers.lock();
        answers
            .map(|answers| answers.keys().cloned().collect())
            .unwrap_or_default()
    }

    fn look_up(&self, source: &ChartSource, sources: &Sources) -> Answer {
        let not_at_hand = |why: &str| Answer {
            is: ChartAnswer::NotAtHand {
                why: why.to_owned(),
            },
            unlocked: None,
        };
        match self.cache.at_hand(source, &self.lock) {
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
                unlocked: None,
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
                Answer {
                    is: match loaded {
                        Ok(chart) => ChartAnswer::AtHand {
                            chart,
                            digest: resolved.manifest.clone(),
                        },
                        Err(why) => ChartAnswer::Refused(why),
                    },
                    unlocked: (!locked).then_some(resolved),
                }
            }
        }
    }
}

const FETCH: &str = "run `tidegate charts fetch`";

impl Charts for AtHandCharts {
    fn chart(&self, request: &ChartRequest, sources: &Sources) -> ChartAnswer {
        let source = source_of(request);
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
