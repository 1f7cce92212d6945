//! Gets what charts need from outside.

mod table;
mod wanted;

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tidegate_registry::{
    AtHand, Cache, ChartSource, Error, ErrorKind, Fetcher, Http, Lock, NotFetched,
};
use tidegate_system::write_atomically;

use crate::args::{ChartsFetch, Global};
use crate::charts::{LockFile, environment};
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::progress::Progress;
use crate::remote::{registries_over, settings};
use crate::tree::Tree;

use self::table::{Came, Row, table};
use self::wanted::{Wanted, wanted};

/// Charts that are fetched at once: more would only wait for each other's servers.
const AT_ONCE: usize = 8;
/// How often charts are fetched that only show once others are rendered.
const MOST_ROUNDS: usize = 8;

pub(crate) fn fetch(args: &ChartsFetch, global: &Global) -> Result<Outcome, Failure> {
    let working = working_folder()?;
    let cache = environment::cache(args.cache_dir.as_deref(), &working).ok_or_else(|| {
        Failure::new("there is no folder to keep charts in: HOME is not set")
            .with_help("name one: --cache-dir FOLDER")
    })?;
    let mut tree = Tree::open(&args.path, None, &working)?;
    let mut run = Run::new(args, global, cache);
    let mut lock_file = None;
    let mut is_whole = false;
    for _ in 0..MOST_ROUNDS {
        let found = wanted(args, threads(global), &mut tree, &working, &run.lock)?;
        let Wanted {
            sources,
            configured,
            whole,
        } = found;
        is_whole = whole;
        if lock_file.is_none() {
            let file = match args.update {
                // What it says is not gone by, so it may be broken.
                true => LockFile::place(&configured)?,
                false => LockFile::read(&tree, &configured)?,
            };
            run.lock = file.lock.clone();
            let logins = environment::chart_logins(&configured.config.chart_logins);
            run.fetcher.log_in(logins);
            lock_file = Some(file);
            // What is locked decides which charts are rendered, and those what else is wanted.
            if !run.lock.is_empty() {
                continue;
            }
        }
        let new: Vec<(ChartSource, bool)> = sources
            .into_iter()
            .filter(|(source, _)| !run.is_done(source))
            .collect();
        if new.is_empty() {
            break;
        }
        run.fetch(new);
    }
    let Some(lock_file) = lock_file else {
        return Ok(Outcome::Clean);
    };
    run.finish(&tree, lock_file, is_whole)
}

/// What was done so far.
struct Run<'a> {
    args: &'a ChartsFetch,
    global: &'a Global,
    cache: Cache,
    fetcher: Fetcher,
    lock: Lock,
    rows: Vec<Row>,
}

impl<'a> Run<'a> {
    fn new(args: &'a ChartsFetch, global: &'a Global, cache: Cache) -> Run<'a> {
        let http = Arc::new(Http::new(settings(&args.registry)));
        let registries = registries_over(Arc::clone(&http));
        Run {
            args,
            global,
            fetcher: Fetcher::new(http, registries, cache.clone(), Vec::new()),
            cache,
            lock: Lock::default(),
            rows: Vec::new(),
        }
    }

    fn is_done(&self, source: &ChartSource) -> bool {
        self.rows.iter().any(|row| row.source == *source)
    }

    /// Gets charts, several at once, and locks what they came to.
    fn fetch(&mut self, sources: Vec<(ChartSource, bool)>) {
        let progress = Progress::of(self.global.quiet, "charts");
        let next = AtomicUsize::new(0);
        let done = AtomicUsize::new(0);
        let work = || {
            let mut came = Vec::new();
            while let Some((source, insecure)) = sources.get(next.fetch_add(1, Ordering::Relaxed)) {
                came.push((source.clone(), self.get(source, *insecure)));
                progress.update(done.fetch_add(1, Ordering::Relaxed) + 1, sources.len());
            }
            came
        };
        let at_once = sources.len().min(AT_ONCE);
        let mut came = thread::scope(|scope| {
            let helpers: Vec<_> = (1..at_once).map(|_| scope.spawn(work)).collect();
            let mut came = work();
            for helper in helpers {
                came.extend(
                    helper
                        .join()
                        .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                );
            }
            came
        });
        progress.finish();
        came.sort_by(|(a, _), (b, _)| a.cmp(b));
        for (source, came) in came {
            if let Some(resolved) = came.resolved() {
                self.lock.insert(&source, resolved.clone());
            }
            self.rows.push(Row { source, came });
        }
    }

    fn get(&self, source: &ChartSource, insecure: bool) -> Came {
        let locked = self.lock.get(source).filter(|_| !self.args.update);
        if self.args.offline {
            return match self.cache.at_hand(source, &self.lock) {
                Ok(AtHand::Chart { resolved, .. }) => Came::AtHand(resolved),
                Ok(AtHand::Absent(absent)) => Came::Absent(absent),
                Ok(AtHand::NotFetched(_) | AtHand::Unknown) => Came::NotAtHand,
                Err(error) => Came::Failed(error),
            };
        }
        match self.fetcher.fetch(source, insecure, locked) {
            Ok(fetched) => match fetched.received {
                Some(bytes) => Came::Fetched(fetched.resolved, bytes),
                None => Came::AtHand(fetched.resolved),
            },
            Err(NotFetched::Absent(absent)) => Came::Absent(absent),
            Err(NotFetched::Failed(error)) => Came::Failed(error),
        }
    }

    /// Writes the lock file and says what came of it all.
    fn finish(
        mut self,
        tree: &Tree,
        lock_file: LockFile,
        is_whole: bool,
    ) -> Result<Outcome, Failure> {
        if is_whole {
            let rows = &self.rows;
            self.lock
                .retain(|source| rows.iter().any(|row| row.source.is_same(source)));
        }
        written(
            io::stdout()
                .lock()
                .write_all(table(&mut self.rows).as_bytes()),
        )?;
        let changed = self.lock != lock_file.lock;
        let mut outcome = outcome(&self.rows);
        if changed && self.args.locked {
            self.say(&format!(
                "{} is not up to date: run `tidegate charts fetch`\n",
                lock_file.path
            ))?;
            outcome = Ok(Outcome::Refused);
        } else if changed {
            let path = tree.root().join(lock_file.path.as_str());
            write_atomically(&path, self.lock.text().as_bytes()).map_err(|error| {
                Failure::new(format!("{} cannot be written: {error}", path.display()))
            })?;
            self.say(&format!("Wrote {}\n", lock_file.path))?;
        }
        if self.rows.is_empty() {
            self.say("No charts from outside of the tree are needed\n")?;
        }
        outcome
    }

    fn say(&self, text: &str) -> Result<(), Failure> {
        match self.global.quiet {
            true => Ok(()),
            false => written(io::stderr().lock().write_all(text.as_bytes())),
        }
    }
}

/// What a tree asks for in vain is its fault; what a server does not give is not.
fn outcome(rows: &[Row]) -> Result<Outcome, Failure> {
    let environment = |error: &Error| {
        matches!(
            error.kind,
            ErrorKind::Unavailable | ErrorKind::Unauthorized | ErrorKind::Local
        )
    };
    let failed = rows
        .iter()
        .filter(|row| matches!(&row.came, Came::Failed(error) if environment(error)));
    match (
        failed.count(),
        rows.iter().all(|row| row.came.resolved().is_some()),
    ) {
        (0, true) => Ok(Outcome::Clean),
        (0, false) => Ok(Outcome::Refused),
        (1, _) => Err(Failure::new("a chart could not be fetched")),
        (count, _) => Err(Failure::new(format!("{count} charts could not be fetched"))),
    }
}
