//! The rates of each kind, and the misses.

use std::collections::BTreeMap;

use crate::Outcome;
use crate::mutate::Picked;
use crate::mutate::mutation::Mutation;
use crate::mutate::tree::{Found, Tree, Verdict};

/// The share of mutations that must be found.
const BAR: f64 = 0.97;

/// How many mutations there must be.
const ENOUGH: usize = 300;

pub(super) struct Report<'a> {
    tried: Vec<Tried<'a>>,
}

struct Tried<'a> {
    kind: &'a str,
    tree: &'a str,
    mutation: &'a Mutation,
    verdict: Verdict,
    found: Vec<Found>,
}

#[derive(Default)]
struct Row {
    all: usize,
    found: usize,
    wrong_place: usize,
}

impl Row {
    fn print(&self, kind: &str) {
        let missed = self.all - self.found - self.wrong_place;
        println!(
            "{kind:36} {:4} tried {:4} found {:3} at a wrong place {missed:3} missed",
            self.all, self.found, self.wrong_place,
        );
    }
}

impl<'a> Report<'a> {
    pub(super) fn new(
        trees: &'a [Tree],
        picked: &'a [Picked],
        verdicts: Vec<(Verdict, Vec<Found>)>,
    ) -> Report<'a> {
        let pairs = picked.iter().zip(verdicts);
        let tried = pairs.map(
            |(
                Picked {
                    kind,
                    tree,
                    mutation,
                },
                (verdict, found),
            )| Tried {
                kind,
                tree: &trees[*tree].name,
                mutation,
                verdict,
                found,
            },
        );
        Report {
            tried: tried.collect(),
        }
    }

    pub(super) fn print(&self, list: bool, verbose: bool) {
        let mut rows: BTreeMap<&str, Row> = BTreeMap::new();
        for one in &self.tried {
            let row = rows.entry(one.kind).or_default();
            row.all += 1;
            match one.verdict {
                Verdict::Found => row.found += 1,
                Verdict::WrongPlace => row.wrong_place += 1,
                Verdict::Missed => {}
            }
        }
        for (kind, row) in &rows {
            row.print(kind);
        }
        self.all().print("all");
        for one in &self.tried {
            let word = match one.verdict {
                Verdict::Found if verbose => "found",
                Verdict::Found => continue,
                Verdict::WrongPlace => "wrong place",
                Verdict::Missed => "missed",
            };
            if list || verbose {
                println!("{word}: {}: {}/{}", one.kind, one.tree, one.mutation.what);
                for found in &one.found {
                    let line = found
                        .line
                        .map_or_else(String::new, |line| format!(":{line}"));
                    println!("    {}{line}: {} {}", found.path, found.code, found.message);
                }
            }
        }
    }

    fn all(&self) -> Row {
        let count = |wanted: fn(&Verdict) -> bool| {
            self.tried.iter().filter(|one| wanted(&one.verdict)).count()
        };
        Row {
            all: self.tried.len(),
            found: count(|verdict| matches!(verdict, Verdict::Found)),
            wrong_place: count(|verdict| matches!(verdict, Verdict::WrongPlace)),
        }
    }

    /// An error where the bar is missed.
    pub(super) fn outcome(&self) -> Outcome {
        let Row { all, found, .. } = self.all();
        let share = found as f64 / all.max(1) as f64;
        println!(
            "{:.1} % of {all} are found (bar {:.0} % of {ENOUGH})",
            share * 100.0,
            BAR * 100.0
        );
        if share < BAR {
            return Err("too few mutations are found".into());
        }
        Ok(())
    }
}
