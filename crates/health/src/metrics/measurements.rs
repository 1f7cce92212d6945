use std::collections::BTreeMap;
use std::time::Duration;

use crate::check::{Check, CheckOutcome};
use crate::metrics::analysis::{Analysis, Metric};
use crate::metrics::prometheus::Server;
use crate::verdict::{Reason, ReasonKind};

/// A value of a metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// When it was so by the clock of its server, in seconds since 1970.
    pub at: f64,
    /// The value.
    pub value: f64,
}

/// Why a metric has no value, as it continues "it has no value: ".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoValue(pub String);

/// What answers queries.
pub trait Query {
    /// Asks a server for the value of a query.
    fn query(&mut self, server: &Server, query: &str) -> Result<Measured, NoValue>;
}

/// The measurements of an [`Analysis`] while a window is open.
#[derive(Debug)]
pub struct Measurements<Q> {
    analysis: Analysis,
    query: Q,
    /// How much time had passed when the last one was taken.
    last: Option<Duration>,
    held: u32,
    failed: u32,
    missing: u32,
    /// What was wrong with each metric the last time that it was, and how often it was.
    wrong: BTreeMap<usize, (u32, String)>,
    nothing: BTreeMap<usize, String>,
    /// The server's time of the last value of each metric.
    times: BTreeMap<usize, f64>,
}

impl<Q: Query> Measurements<Q> {
    /// Takes them by asking `query`.
    pub fn new(analysis: Analysis, query: Q) -> Measurements<Q> {
        Measurements {
            analysis,
            query,
            last: None,
            held: 0,
            failed: 0,
            missing: 0,
            wrong: BTreeMap::new(),
            nothing: BTreeMap::new(),
            times: BTreeMap::new(),
        }
    }

    /// How many measurements held, failed and came to nothing.
    pub fn counts(&self) -> (u32, u32, u32) {
        (self.held, self.failed, self.missing)
    }

    /// Measures all metrics once.
    fn take(&mut self) {
        let mut has_failed = false;
        let mut is_missing = false;
        for at in 0..self.analysis.metrics.len() {
            match self.value(at) {
                Ok(value) if self.analysis.metrics[at].range.has(value) => {}
                Ok(value) => {
                    has_failed = true;
                    let message = format!("it was {}", shown(value));
                    let times = self.wrong.get(&at).map_or(1, |(times, _)| times + 1);
                    self.wrong.insert(at, (times, message));
                }
                Err(NoValue(why)) => {
                    is_missing = true;
                    self.nothing.insert(at, why);
                }
            }
        }
        // One that is outside of its range is wrong whatever is not known of the others.
        match (has_failed, is_missing) {
            (true, _) => self.failed += 1,
            (false, true) => self.missing += 1,
            (false, false) => self.held += 1,
        }
    }

    fn value(&mut self, at: usize) -> Result<f64, NoValue> {
        let Metric { server, query, .. } = &self.analysis.metrics[at];
        let measured = self.query.query(server, query)?;
        if measured.value.is_nan() {
            return Err(NoValue("it is not a number (NaN)".to_owned()));
        }
        let last = self.times.insert(at, measured.at);
        match last.is_some_and(|last| measured.at <= last) {
            true => Err(NoValue("it is the value of the time before".to_owned())),
            false => Ok(measured.value),
        }
    }

    fn outcome(&self) -> CheckOutcome {
        let Analysis {
            threshold,
            iterations,
            ..
        } = self.analysis;
        if self.failed >= threshold {
            return CheckOutcome::Failed(self.failures());
        }
        if self.missing >= threshold {
            return CheckOutcome::Inconclusive(self.without_values());
        }
        match self.held >= iterations {
            true => CheckOutcome::Held,
            false => CheckOutcome::Running,
        }
    }

    fn failures(&self) -> Vec<Reason> {
        let all = self.held + self.failed + self.missing;
        let wrong = self.wrong.iter();
        wrong
            .map(|(at, (times, message))| {
                let range = self.analysis.metrics[*at].range;
                let message =
                    format!("{message} and is to be {range}, in {times} of {all} measurements");
                self.reason(ReasonKind::MetricFailed, *at, &message)
            })
            .collect()
    }

    fn without_values(&self) -> Vec<Reason> {
        let nothing = self.nothing.iter();
        nothing
            .map(|(at, why)| {
                let message = format!("it has no value: {why}");
                self.reason(ReasonKind::MetricWithoutData, *at, &message)
            })
            .collect()
    }

    fn reason(&self, kind: ReasonKind, at: usize, message: &str) -> Reason {
        let metric = &self.analysis.metrics[at];
        let message = format!("metric `{}`: {message}", metric.name);
        match &self.analysis.subject {
            Some(subject) => Reason::of(kind, subject, message),
            None => Reason::new(kind, message),
        }
    }
}

impl<Q: Query> Check for Measurements<Q> {
    fn name(&self) -> &str {
        &self.analysis.name
    }

    fn restart(&mut self) {
        self.last = None;
        (self.held, self.failed, self.missing) = (0, 0, 0);
        self.wrong.clear();
        self.nothing.clear();
        // A value that was old before the window opened is so after it: the times stay.
    }

    fn measure(&mut self, elapsed: Duration) -> CheckOutcome {
        let before = self.outcome();
        if before != CheckOutcome::Running {
            return before;
        }
        let is_due = self
            .last
            .is_none_or(|last| elapsed.saturating_sub(last) >= self.analysis.interval);
        if is_due {
            self.last = Some(elapsed);
            self.take();
        }
        self.outcome()
    }
}

/// A number as people read it: not with all digits of a division.
fn shown(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    match rounded == 0.0 && value != 0.0 {
        true => format!("{value:e}"),
        false => format!("{rounded}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::analysis::Range;

    /// Answers with one after the other, a second apart.
    struct Answers(Vec<Result<f64, &'static str>>, usize, bool);

    impl Query for Answers {
        fn query(&mut self, _: &Server, _: &str) -> Result<Measured, NoValue> {
            let answer = self.0[self.1.min(self.0.len() - 1)];
            self.1 += 1;
            let at = if self.2 { 1.0 } else { self.1 as f64 };
            match answer {
                Ok(value) => Ok(Measured { at, value }),
                Err(why) => Err(NoValue(why.to_owned())),
            }
        }
    }

    fn measurements(answers: Vec<Result<f64, &'static str>>) -> Measurements<Answers> {
        let metric = Metric {
            name: "ready".to_owned(),
            server: Server::new("http://prometheus:9090"),
            query: "up".to_owned(),
            range: Range {
                min: Some(95.0),
                max: None,
            },
        };
        let analysis = Analysis {
            name: "gate".to_owned(),
            subject: None,
            interval: Duration::from_secs(30),
            iterations: 10,
            threshold: 3,
            metrics: vec![metric],
        };
        Measurements::new(analysis, Answers(answers, 0, false))
    }

    /// Asks each ten seconds until there is an outcome, and says how many measurements that took.
    fn run(measurements: &mut Measurements<Answers>) -> (CheckOutcome, usize) {
        for step in 0..1000 {
            let outcome = measurements.measure(Duration::from_secs(step * 10));
            if outcome != CheckOutcome::Running {
                return (outcome, measurements.query.1);
            }
        }
        (CheckOutcome::Running, measurements.query.1)
    }

    fn check(
        answers: Vec<Result<f64, &'static str>>,
        expected: Result<(), (ReasonKind, &str)>,
        measured: usize,
    ) {
        let (outcome, count) = run(&mut measurements(answers));
        let found = match &outcome {
            CheckOutcome::Held => Ok(()),
            CheckOutcome::Failed(reasons) | CheckOutcome::Inconclusive(reasons) => {
                Err((reasons[0].kind, reasons[0].message.as_str()))
            }
            CheckOutcome::Running => panic!("it goes on for ever"),
        };
        assert_eq!((found, count), (expected, measured));
    }

    #[test]
    fn it_holds_after_the_iterations_and_fails_at_the_threshold() {
        check(vec![Ok(100.0)], Ok(()), 10);
        // Two failures are below the threshold, and are made up for.
        check([vec![Ok(90.0); 2], vec![Ok(95.0)]].concat(), Ok(()), 12);
        let mixed = vec![Ok(99.0), Ok(93.125), Ok(99.0), Ok(94.0), Ok(99.0), Ok(94.5)];
        let message =
            "metric `ready`: it was 94.5 and is to be at least 95, in 3 of 6 measurements";
        check(mixed, Err((ReasonKind::MetricFailed, message)), 6);
    }

    #[test]
    fn what_has_no_value_neither_holds_nor_fails() {
        let message = "metric `ready`: it has no value: it is not a number (NaN)";
        let without = Err((ReasonKind::MetricWithoutData, message));
        check(vec![Ok(f64::NAN)], without, 3);
        let message = "metric `ready`: it has no value: no answer";
        check(
            vec![Ok(99.0), Err("no answer")],
            Err((ReasonKind::MetricWithoutData, message)),
            4,
        );
        // It comes back.
        let back = [vec![Err("no answer"); 2], vec![Ok(99.0)]].concat();
        check(back, Ok(()), 12);
    }

    #[test]
    fn a_value_that_does_not_move_on_is_none() {
        let mut stuck = measurements(vec![Ok(100.0)]);
        stuck.query.2 = true;
        let (outcome, count) = run(&mut stuck);
        let reasons = outcome.inconclusive().expect("it is inconclusive");
        assert!(
            reasons[0]
                .message
                .ends_with("it is the value of the time before")
        );
        assert_eq!(count, 4);
    }

    #[test]
    fn nothing_is_asked_more_often_than_the_interval_says() {
        let mut slow = measurements(vec![Ok(100.0)]);
        for second in 0..=60 {
            slow.measure(Duration::from_secs(second));
        }
        assert_eq!(slow.query.1, 3);
        slow.restart();
        slow.measure(Duration::ZERO);
        assert_eq!(slow.counts(), (1, 0, 0));
    }
}
