//! Work on many independent items at once, with results in the order of the items.

use std::collections::HashMap;
use std::hash::Hash;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use rustc_hash::FxBuildHasher;

/// Starting a thread costs about as much as building a small kustomization: below this many items
/// for each thread, fewer threads are started.
const ITEMS_PER_THREAD: usize = 4;

/// Calls `work` for each item on at most `threads` threads, the calling one included. The results
/// are in the order of the items, whichever thread made them.
///
/// Threads live as long as the call: nothing is kept, and nothing waits in a loop between calls.
pub fn map<T: Sync, R: Send>(
    threads: NonZeroUsize,
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let threads = threads.get().min(items.len().div_ceil(ITEMS_PER_THREAD));
    if threads <= 1 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let run = || {
        let mut results = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return results;
            };
            results.push((index, work(item)));
        }
    };
    let mut results = thread::scope(|scope| {
        let helpers: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let mut results = run();
        for helper in helpers {
            match helper.join() {
                Ok(more) => results.extend(more),
                Err(panic) => resume_unwind(panic),
            }
        }
        results
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

/// Values that are each made once: threads that ask for the same one wait for the first.
#[derive(Debug)]
pub(crate) struct Once<K, V>(Mutex<HashMap<K, Cell<V>, FxBuildHasher>>);

type Cell<V> = Arc<OnceLock<Arc<V>>>;

impl<K, V> Default for Once<K, V> {
    fn default() -> Once<K, V> {
        Once(Mutex::default())
    }
}

impl<K: Eq + Hash, V> Once<K, V> {
    /// The value of a key, made if it is not there.
    pub(crate) fn get(&self, key: K, make: impl FnOnce() -> Arc<V>) -> Arc<V> {
        let cell = {
            let mut cells = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(cells.entry(key).or_default())
        };
        Arc::clone(cell.get_or_init(make))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(threads: usize, items: usize) {
        let items: Vec<usize> = (0..items).collect();
        let threads = NonZeroUsize::new(threads).unwrap();
        let doubled = map(threads, &items, |item| item * 2);
        let expected: Vec<usize> = items.iter().map(|item| item * 2).collect();
        assert_eq!(doubled, expected);
    }

    #[test]
    fn results_are_in_the_order_of_the_items() {
        check(1, 100);
        check(4, 0);
        check(4, 1);
        check(4, 1000);
        check(64, 5);
    }
}
