//! Metrics of a real Prometheus. Where the program is not installed, that is said and nothing is tested.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "starts a server for the test"
)]

mod prometheus;

use std::thread;
use std::time::{Duration, Instant};

use prometheus::Prometheus;
use tidegate_health::metrics::{
    self, Analysis, Measured, Measurements, Metric, NoValue, Preset, Query, Range, Server,
};
use tidegate_health::{Check, CheckOutcome, ReasonKind, Trust, Web};

/// Asks until the answer is the one that is waited for: a scrape takes its time.
fn wait_for(
    server: &Server,
    query: &str,
    is_it: impl Fn(&Result<Measured, NoValue>) -> bool,
) -> Result<Measured, NoValue> {
    let mut prometheus = metrics::Prometheus::new(Web::new(Trust::default()));
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let answer = prometheus.query(server, query);
        if is_it(&answer) {
            return answer;
        }
        assert!(Instant::now() < until, "{query}: {answer:?}");
        thread::sleep(Duration::from_millis(100));
    }
}

fn value(answer: &Result<Measured, NoValue>) -> Option<f64> {
    answer.as_ref().ok().map(|measured| measured.value)
}

fn why(answer: Result<Measured, NoValue>) -> String {
    answer.unwrap_err().0
}

#[test]
fn values_are_those_of_a_real_prometheus() {
    let Some(mut prometheus) = Prometheus::start() else {
        return;
    };
    let server = Server::new(&prometheus.address());
    let ready = r#"gotk_resource_info{name="a",ready="True"}"#;
    let failed = r#"gotk_resource_info{name="b",ready="False"}"#;
    let suspended = r#"gotk_resource_info{name="c",ready="False",suspended="true"}"#;
    let running = r#"kube_pod_status_phase{pod="a",phase="Running"}"#;
    let pending = r#"kube_pod_status_phase{pod="b",phase="Pending"}"#;
    let all = [
        (ready, "1"),
        (failed, "1"),
        (suspended, "1"),
        (running, "1"),
        (pending, "1"),
        ("odd", "NaN"),
    ];
    prometheus.exporter.show(&all);
    wait_for(&server, "count(gotk_resource_info)", |answer| {
        value(answer) == Some(3.0)
    })
    .unwrap();

    let presets = metrics::preset(&Preset::ALL, &server);
    let mut client = metrics::Prometheus::new(Web::new(Trust::default()));
    let values = presets
        .metrics
        .iter()
        .map(|metric| value(&client.query(&server, &metric.query)));
    assert_eq!(values.collect::<Vec<_>>(), [Some(50.0), Some(50.0)]);
    assert!(value(&client.query(&server, "odd")).unwrap().is_nan());
    assert_eq!(
        value(&client.query(&server, "scalar(vector(7))")),
        Some(7.0)
    );
    assert!(why(client.query(&server, "gone")).ends_with("says that there is none"));
    assert!(
        why(client.query(&server, "gotk_resource_info"))
            .contains("says 3 values, and one is needed")
    );
    assert!(why(client.query(&server, "sum(")).contains("says 400: "));
    assert!(why(client.query(&server, "up[1m]")).ends_with("says something else than one number"));

    // Where nothing is ready that is no percent, and where there is nothing there is no value.
    prometheus.exporter.show(&[(failed, "1")]);
    let flux = &presets.metrics[0].query;
    wait_for(&server, flux, |answer| value(answer) == Some(0.0)).unwrap();
    prometheus.exporter.show(&[]);
    let gone = wait_for(&server, flux, Result::is_err);
    assert!(why(gone).ends_with("says that there is none"));

    prometheus.stop();
    assert!(why(client.query(&server, "up")).starts_with("no answer from http://127.0.0.1:"));
}

#[test]
fn an_analysis_fails_at_its_threshold_and_is_inconclusive_without_a_server() {
    let Some(mut prometheus) = Prometheus::start() else {
        return;
    };
    let server = Server::new(&prometheus.address());
    let analysis = Analysis {
        name: "gate".to_owned(),
        subject: None,
        interval: Duration::from_millis(50),
        iterations: 10,
        threshold: 3,
        metrics: vec![Metric {
            name: "health".to_owned(),
            server: server.clone(),
            query: "health".to_owned(),
            range: Range {
                min: Some(95.0),
                max: None,
            },
        }],
    };
    let start = Instant::now();
    let run = |wanted: &[(&str, f64)]| {
        let mut measurements = Measurements::new(
            analysis.clone(),
            metrics::Prometheus::new(Web::new(Trust::default())),
        );
        for (text, number) in wanted {
            prometheus.exporter.show(&[("health", text)]);
            wait_for(&server, "health", |answer| value(answer) == Some(*number)).unwrap();
            let outcome = measurements.measure(start.elapsed());
            if outcome != CheckOutcome::Running {
                return outcome;
            }
            thread::sleep(analysis.interval);
        }
        CheckOutcome::Running
    };
    let good = ("99", 99.0);
    let bad = ("94.5", 94.5);
    assert_eq!(run(&[good; 10]), CheckOutcome::Held);
    let outcome = run(&[good, bad, good, bad, good, bad, good, good, good, good]);
    let reasons = outcome.failed().expect("three of ten are below");
    assert_eq!(
        reasons[0].to_string(),
        "metric `health`: it was 94.5 and is to be at least 95, in 3 of 6 measurements"
    );

    prometheus.stop();
    let mut measurements = Measurements::new(
        analysis.clone(),
        metrics::Prometheus::new(Web::new(Trust::default())),
    );
    let outcome = (0..3)
        .map(|time| measurements.measure(analysis.interval * time))
        .find(|outcome| *outcome != CheckOutcome::Running);
    let outcome = outcome.expect("three times without a value is the end");
    let reasons = outcome.inconclusive().expect("nothing is known");
    assert_eq!(reasons[0].kind, ReasonKind::MetricWithoutData);
}
