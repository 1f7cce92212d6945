use std::fmt;
use std::time::Duration;

use tidegate_source::Subject;

use super::prometheus::Server;

/// What is measured together, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// What it is called: the name of the Canary, or that of the config.
    pub name: String,
    /// The Canary that it is of, where it is of one.
    pub subject: Option<Subject>,
    /// How much time lies between two measurements.
    pub interval: Duration,
    /// How many measurements it takes in which each metric is within its range.
    pub iterations: u32,
    /// How many measurements in which one is not make it fail.
    pub threshold: u32,
    /// What is measured each time.
    pub metrics: Vec<Metric>,
}

/// One metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name, as the user gave it.
    pub name: String,
    /// The Prometheus that has it.
    pub server: Server,
    /// What is asked, in PromQL.
    pub query: String,
    /// What its value has to be.
    pub range: Range,
}

/// Which values are good ones: the ends are in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least.
    pub min: Option<f64>,
    /// The greatest.
    pub max: Option<f64>,
}

impl Range {
    /// Whether a value is in it. NaN is in none.
    pub fn has(&self, value: f64) -> bool {
        let from = self.min.is_none_or(|min| value >= min);
        from && self.max.is_none_or(|max| value <= max) && !value.is_nan()
    }
}

/// As it continues "it is to be".
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.min, self.max) {
            (Some(min), Some(max)) => write!(f, "between {min} and {max}"),
            (Some(min), None) => write!(f, "at least {min}"),
            (None, Some(max)) => write!(f, "at most {max}"),
            (None, None) => f.write_str("any number"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_have_their_ends_and_never_nan() {
        let check = |min, max, good: &[f64], bad: &[f64]| {
            let range = Range { min, max };
            assert!(good.iter().all(|value| range.has(*value)), "{range}");
            assert!(!bad.iter().any(|value| range.has(*value)), "{range}");
        };
        check(
            Some(95.0),
            None,
            &[95.0, 100.0, f64::INFINITY],
            &[94.9, f64::NAN],
        );
        check(
            None,
            Some(1.0),
            &[1.0, -3.0],
            &[1.1, f64::NAN, f64::INFINITY],
        );
        check(Some(0.0), Some(0.0), &[0.0], &[0.1, -0.1]);
        check(None, None, &[5.0], &[f64::NAN]);
    }
}
