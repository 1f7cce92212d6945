//! The rates, and the misses by cause.

use std::collections::BTreeMap;

use crate::Outcome;
use crate::provenance::compare::{Leaf, Traced, Trial, Verdict};
use crate::provenance::unit::{Baseline, Unit};

/// The share of leaves that must name the change.
const BAR: f64 = 0.99;

/// How many causes are printed without `--list`.
const CAUSES: usize = 15;

pub(super) struct Report {
    trials: Vec<Trial>,
    units: usize,
    unbuilt: Vec<String>,
    leaves: usize,
    without_place: Vec<String>,
}

/// How many leaves name the change.
#[derive(Default)]
struct Rate {
    exactly: usize,
    broadly: usize,
    by_generator: usize,
    missed: usize,
}

impl Rate {
    fn add(&mut self, leaf: &Leaf) {
        match leaf.traced {
            Traced::Exactly => self.exactly += 1,
            Traced::Broadly => self.broadly += 1,
            Traced::ByGenerator => self.by_generator += 1,
            Traced::No => self.missed += 1,
        }
    }

    fn traced(&self) -> usize {
        self.exactly + self.broadly + self.by_generator
    }

    fn share(&self) -> f64 {
        match self.traced() + self.missed {
            0 => 1.0,
            all => self.traced() as f64 / all as f64,
        }
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {} of {} name the change, {:.2} %",
            self.traced(),
            self.traced() + self.missed,
            self.share() * 100.0,
        );
    }
}

impl Report {
    pub(super) fn new(
        units: &[Unit],
        baselines: &[Option<Baseline>],
        trials: Vec<Trial>,
    ) -> Report {
        let pairs = units.iter().zip(baselines);
        let unbuilt = pairs.filter(|(_, baseline)| baseline.is_none());
        let built = baselines.iter().flatten();
        Report {
            trials,
            units: units.len(),
            unbuilt: unbuilt.map(|(unit, _)| unit.name.clone()).collect(),
            leaves: built.clone().map(|baseline| baseline.leaves).sum(),
            without_place: built
                .flat_map(|baseline| baseline.without_place.iter().cloned())
                .collect(),
        }
    }

    pub(super) fn print(&self, list: bool) {
        println!("{} units, {} do not build", self.units, self.unbuilt.len());
        println!(
            "{} leaves, {} without a place",
            self.leaves,
            self.without_place.len()
        );
        let count = |is: fn(&Verdict) -> bool| {
            let verdicts = self.trials.iter().map(|trial| &trial.verdict);
            verdicts.filter(|verdict| is(verdict)).count()
        };
        let silent =
            |verdict: &Verdict| matches!(verdict, Verdict::Changed(leaves) if leaves.is_empty());
        println!(
            "{} changes: {} reach leaves, {} reach none, {} alter which leaves exist, {} break the \
             build, {} panic",
            self.trials.len(),
            count(|verdict| matches!(verdict, Verdict::Changed(leaves) if !leaves.is_empty())),
            count(silent),
            count(|verdict| matches!(verdict, Verdict::Restructured(_))),
            count(|verdict| matches!(verdict, Verdict::Fails)),
            count(|verdict| matches!(verdict, Verdict::Panics)),
        );
        let rate = self.rate();
        rate.print("changed leaves");
        println!(
            "  by a place within the scalar {}, by one that holds more {}, by the generator of a \
             hash {}",
            rate.exactly, rate.broadly, rate.by_generator
        );
        self.rate_of(|_, leaf| leaf.steered)
            .print("apart, leaves that a selector, target or reference reached");
        self.rate_of(|trial, leaf| trial.defines && !leaf.steered)
            .print("among them, leaves that the value of a variable feeds");
        let mut restructured = Rate::default();
        for trial in &self.trials {
            if let Verdict::Restructured(leaves) = &trial.verdict {
                leaves.iter().for_each(|leaf| restructured.add(leaf));
            }
        }
        restructured.print("apart, leaves where others came or went");
        let most = if list { usize::MAX } else { CAUSES };
        self.print_causes("misses", Traced::No, most);
        if list {
            self.print_causes("places that hold more", Traced::Broadly, most);
            self.print_misses();
        }
    }

    /// The bars: rate, no leaf without a place, no panic.
    pub(super) fn outcome(&self) -> Outcome {
        let panics = self
            .trials
            .iter()
            .any(|trial| matches!(trial.verdict, Verdict::Panics));
        let share = self.rate().share();
        if panics {
            Err("a change made the engine panic".into())
        } else if !self.without_place.is_empty() {
            Err(format!("{} leaves have no place", self.without_place.len()).into())
        } else if share < BAR {
            Err(format!(
                "{:.2} % is below the bar of {} %",
                share * 100.0,
                BAR * 100.0
            )
            .into())
        } else {
            Ok(())
        }
    }

    fn rate(&self) -> Rate {
        self.rate_of(|_, leaf| !leaf.steered)
    }

    fn rate_of(&self, counts: impl Fn(&Trial, &Leaf) -> bool) -> Rate {
        let mut rate = Rate::default();
        for (trial, leaf) in self.changed() {
            if counts(trial, leaf) {
                rate.add(leaf);
            }
        }
        rate
    }

    fn changed(&self) -> impl Iterator<Item = (&Trial, &Leaf)> {
        self.trials.iter().flat_map(|trial| {
            let leaves = match &trial.verdict {
                Verdict::Changed(leaves) => leaves.as_slice(),
                _ => &[],
            };
            leaves.iter().map(move |leaf| (trial, leaf))
        })
    }

    fn leaves(&self, traced: Traced) -> impl Iterator<Item = (&Trial, &Leaf)> {
        self.changed()
            .filter(move |(_, leaf)| !leaf.steered && leaf.traced == traced)
    }

    /// The leaves that name the change in this way, or not at all, counted by what was changed.
    fn print_causes(&self, title: &str, traced: Traced, most: usize) {
        let mut causes: BTreeMap<String, usize> = BTreeMap::new();
        for (trial, leaf) in self.leaves(traced) {
            let path = leaf.name.split_once(' ').map_or("", |(_, path)| path);
            let keys = path.split('.').filter(|key| key.parse::<usize>().is_err());
            let path: Vec<&str> = keys.collect();
            let steps: Vec<&str> = leaf.places[1..]
                .iter()
                .map(|place| place.split_once(' ').map_or("", |(kind, _)| kind))
                .collect();
            let (role, steps) = (&trial.role, steps.join(", "));
            let cause = format!("{role} -> {} [{steps}]", path.join("."));
            *causes.entry(cause).or_default() += 1;
        }
        let mut causes: Vec<_> = causes.into_iter().collect();
        causes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        if !causes.is_empty() {
            println!("{title}, by scalar, leaf and steps:");
        }
        for (cause, count) in causes.into_iter().take(most) {
            println!("{count:6}  {cause}");
        }
    }

    fn print_misses(&self) {
        for name in &self.unbuilt {
            println!("not built: {name}");
        }
        for trial in &self.trials {
            if matches!(trial.verdict, Verdict::Panics) {
                println!("panic: {} {} = {}", trial.unit, trial.place, trial.new);
            }
        }
        for what in &self.without_place {
            println!("no place: {what}");
        }
        for (trial, leaf) in self.leaves(Traced::No) {
            let cut = |text: &str| text.chars().take(60).collect::<String>();
            println!(
                "miss: {}: {} = {}",
                trial.unit,
                trial.place,
                cut(&trial.new)
            );
            println!(
                "      {}: {} -> {}",
                leaf.name,
                cut(&leaf.before),
                cut(&leaf.after)
            );
            println!("      {}", leaf.places.join("; "));
        }
    }
}
