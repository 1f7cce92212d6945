use std::time::Duration;

use serde_json::Value;

use crate::metrics::analysis::{Analysis, Metric, Range};
use crate::metrics::prometheus::{Login, Server};
use crate::object::Observed;

/// What the templates of queries may name, as Flagger gives it to them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Model {
    /// The name of the Canary.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// The name of what it is about.
    pub target: String,
    /// `spec.service.name`, else the target.
    pub service: String,
    /// The name of the Ingress, else the target.
    pub ingress: String,
    /// The name of the route, else the target.
    pub route: String,
    /// The interval of the metric.
    pub interval: String,
    /// `templateVariables` of the metric.
    pub variables: Vec<(String, String)>,
}

/// Why the metrics of a Canary are not measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotMeasured {
    /// It has none, or is told to skip its analysis.
    NothingToMeasure,
    /// They only mean something while Flagger rolls out a new version: the rate of requests to it.
    LeftToFlagger(String),
    /// They cannot be measured from here, or are not whole.
    Impossible(String),
}

/// Flagger's shortest interval of an analysis.
const SHORTEST: Duration = Duration::from_secs(10);
/// Flagger's interval where none is written.
const INTERVAL: Duration = Duration::from_secs(60);
/// Flagger's interval of a metric where none is written.
const METRIC_INTERVAL: &str = "1m";

/// Reads the analysis of a Canary.
///
/// `template` gives a MetricTemplate by namespace and name, `render` executes the template of a query: it says why
/// where it cannot.
pub fn canary(
    canary: &Observed,
    template: &dyn Fn(&str, &str) -> Option<Observed>,
    render: &dyn Fn(&str, &Model) -> Result<String, String>,
) -> Result<Analysis, NotMeasured> {
    let at = ["analysis", "canaryAnalysis"]
        .into_iter()
        .find(|key| canary.at(&["spec", key]).is_some_and(Value::is_object));
    let Some(key) = at else {
        return Err(NotMeasured::NothingToMeasure);
    };
    let written = canary.list(&["spec", key, "metrics"]);
    if canary.is_true(&["spec", "skipAnalysis"]) || written.is_empty() {
        return Err(NotMeasured::NothingToMeasure);
    }
    let mut metrics = Vec::new();
    for metric in written {
        metrics.push(read_metric(canary, metric, template, render)?);
    }
    let number = |name: &str| canary.int(&["spec", key, name]).unwrap_or(0).max(0);
    let interval = go_duration(canary.text(&["spec", key, "interval"]));
    Ok(Analysis {
        name: canary.name().to_owned(),
        subject: Some(canary.subject()),
        interval: interval.map_or(INTERVAL, |interval| interval.max(SHORTEST)),
        iterations: iterations(canary, key),
        threshold: u32::try_from(number("threshold"))
            .unwrap_or(u32::MAX)
            .max(1),
        metrics,
    })
}

/// How many measurements Flagger takes before it promotes: those that are written, or one for each step of the
/// traffic, or ten.
fn iterations(canary: &Observed, key: &str) -> u32 {
    let number = |name: &str| {
        canary
            .int(&["spec", key, name])
            .filter(|number| *number > 0)
    };
    let steps = canary.list(&["spec", key, "stepWeights"]).len();
    let count = match (number("iterations"), number("stepWeight")) {
        (Some(iterations), _) => iterations,
        (None, _) if steps > 0 => i64::try_from(steps).unwrap_or(i64::MAX),
        (None, Some(step)) => {
            let most = number("maxWeight").unwrap_or(100);
            most / step + i64::from(most % step != 0)
        }
        (None, None) => 10,
    };
    u32::try_from(count).unwrap_or(u32::MAX).max(1)
}

fn read_metric(
    canary: &Observed,
    metric: &Value,
    template: &dyn Fn(&str, &str) -> Option<Observed>,
    render: &dyn Fn(&str, &Model) -> Result<String, String>,
) -> Result<Metric, NotMeasured> {
    let text = |value: &Value, key: &str| -> String {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let name = text(metric, "name");
    let impossible = |why: String| NotMeasured::Impossible(format!("metric `{name}`: {why}"));
    let interval = match text(metric, "interval") {
        interval if interval.is_empty() => METRIC_INTERVAL.to_owned(),
        interval => interval,
    };
    let (query, server) = match (metric.get("templateRef"), metric.get("query")) {
        (Some(reference), _) if reference.is_object() => {
            let place = match text(reference, "namespace") {
                namespace if namespace.is_empty() => canary.namespace().to_owned(),
                namespace => namespace,
            };
            let wanted = text(reference, "name");
            let found = template(&place, &wanted);
            let found = found.ok_or_else(|| {
                impossible(format!("there is no MetricTemplate {place}/{wanted}"))
            })?;
            let server = server_of(&found).map_err(impossible)?;
            (found.text(&["spec", "query"]).to_owned(), server)
        }
        (_, Some(Value::String(query))) if !query.is_empty() => {
            let server = canary.text(&["spec", "metricsServer"]);
            (query.clone(), Server::new(server))
        }
        _ if matches!(name.as_str(), "request-success-rate" | "request-duration") => {
            let why = format!("metric `{name}` is about the traffic of a rollout");
            return Err(NotMeasured::LeftToFlagger(why));
        }
        _ => {
            return Err(impossible(
                "it has neither `templateRef` nor `query`".to_owned(),
            ));
        }
    };
    let model = model(canary, metric, interval);
    let query = render(&query, &model).map_err(impossible)?;
    Ok(Metric {
        name: name.clone(),
        server,
        // As Flagger sends it.
        query: query.split_whitespace().collect::<Vec<_>>().join(" "),
        range: range(metric),
    })
}

/// Without a range Flagger takes `threshold` for the greatest good value, which is 0 where it is not written.
fn range(metric: &Value) -> Range {
    let number = |value: &Value, key: &str| value.get(key).and_then(Value::as_f64);
    match metric
        .get("thresholdRange")
        .filter(|range| range.is_object())
    {
        Some(range) => Range {
            min: number(range, "min"),
            max: number(range, "max"),
        },
        None => Range {
            min: None,
            max: Some(number(metric, "threshold").unwrap_or(0.0)),
        },
    }
}

fn server_of(template: &Observed) -> Result<Server, String> {
    let provider = |key: &str| template.text(&["spec", "provider", key]);
    if provider("type") != "prometheus" {
        return Err(format!(
            "its provider is `{}`, and only Prometheus can be asked from here",
            provider("type")
        ));
    }
    let secret = template.text(&["spec", "provider", "secretRef", "name"]);
    Ok(Server {
        login: (!secret.is_empty()).then(|| Login::Secret(secret.to_owned())),
        skip_tls_verify: template.is_true(&["spec", "provider", "insecureSkipVerify"]),
        ..Server::new(provider("address"))
    })
}

fn model(canary: &Observed, metric: &Value, interval: String) -> Model {
    let target = canary.text(&["spec", "targetRef", "name"]);
    let or_target = |path: &[&str]| match canary.text(path) {
        "" => target.to_owned(),
        name => name.to_owned(),
    };
    let variables = metric.get("templateVariables").and_then(Value::as_object);
    let variables = variables.into_iter().flatten();
    Model {
        name: canary.name().to_owned(),
        namespace: canary.namespace().to_owned(),
        target: target.to_owned(),
        service: or_target(&["spec", "service", "name"]),
        ingress: or_target(&["spec", "ingressRef", "name"]),
        route: or_target(&["spec", "routeRef", "name"]),
        interval,
        variables: variables
            .filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())))
            .collect(),
    }
}

/// A length of time as Go writes it: `30s`, `1m30s`, `1.5h`. None where it is not one, or below zero.
pub(crate) fn go_duration(text: &str) -> Option<Duration> {
    let mut rest = text.strip_prefix('+').unwrap_or(text);
    if rest == "0" {
        return Some(Duration::ZERO);
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, unit) = rest.split_at(digits);
        let end = unit
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(unit.len());
        let (unit, next) = unit.split_at(end);
        let scale = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        seconds += number.parse::<f64>().ok()? * scale;
        rest = next;
    }
    match text.is_empty() {
        true => None,
        false => Duration::try_from_secs_f64(seconds).ok(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn gate(analysis: Value) -> Observed {
        Observed::new(json!({
            "apiVersion": "flagger.app/v1beta1",
            "kind": "Canary",
            "metadata": {"name": "gate", "namespace": "flux-system"},
            "spec": {"targetRef": {"kind": "Deployment", "name": "web"}, "analysis": analysis},
        }))
    }

    fn template(namespace: &str, name: &str) -> Option<Observed> {
        let provider = match name {
            "ready" => "prometheus",
            "bought" => "datadog",
            _ => return None,
        };
        (namespace == "flux-system").then(|| {
            Observed::new(json!({
                "spec": {
                    "provider": {"type": provider, "address": "http://prometheus.monitoring:9090"},
                    "query": "sum(up)\n  / count(up)",
                },
            }))
        })
    }

    fn render(query: &str, model: &Model) -> Result<String, String> {
        let variables: Vec<String> = model
            .variables
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Ok(query
            .replace("{{ target }}", &model.target)
            .replace("{{ interval }}", &model.interval)
            .replace("{{ variables }}", &variables.join(",")))
    }

    fn read(analysis: Value) -> Result<Analysis, NotMeasured> {
        canary(&gate(analysis), &template, &render)
    }

    #[test]
    fn an_analysis_is_read_as_flagger_reads_it() {
        let read = read(json!({
            "interval": "5s", "iterations": 10, "threshold": 2,
            "metrics": [
                {"name": "ready", "templateRef": {"name": "ready"}, "thresholdRange": {"min": 95}},
                {
                    "name": "own", "interval": "30s", "templateVariables": {"a": "b"}, "threshold": 5,
                    "query": "rate({{ target }}[{{ interval }}]) {{ variables }}",
                },
            ],
        }))
        .unwrap();
        assert_eq!(
            (read.interval, read.iterations, read.threshold),
            (SHORTEST, 10, 2)
        );
        assert_eq!(read.subject.unwrap().to_string(), "Canary flux-system/gate");
        let [ready, own] = &read.metrics[..] else {
            panic!("{:?}", read.metrics)
        };
        assert_eq!(ready.query, "sum(up) / count(up)");
        assert_eq!(ready.range.to_string(), "at least 95");
        assert_eq!(ready.server.address, "http://prometheus.monitoring:9090");
        assert_eq!(own.query, "rate(web[30s]) a=b");
        assert_eq!(own.range.to_string(), "at most 5");
    }

    #[test]
    fn iterations_are_those_of_the_steps_of_traffic() {
        let check = |mut analysis: Value, expected: u32| {
            analysis["metrics"] = json!([{"name": "own", "query": "up"}]);
            assert_eq!(read(analysis).unwrap().iterations, expected);
        };
        check(json!({"iterations": 3, "stepWeight": 10}), 3);
        check(json!({"stepWeights": [1, 2, 10, 80]}), 4);
        check(json!({"stepWeight": 15, "maxWeight": 50}), 4);
        check(json!({"stepWeight": 50}), 2);
        check(json!({}), 10);
    }

    #[test]
    fn what_is_not_measured_says_why() {
        let check = |metric: Value, expected: NotMeasured| {
            assert_eq!(read(json!({"metrics": [metric]})), Err(expected));
        };
        check(
            json!({"name": "request-duration", "thresholdRange": {"max": 500}}),
            NotMeasured::LeftToFlagger(
                "metric `request-duration` is about the traffic of a rollout".to_owned(),
            ),
        );
        let impossible = |why: &str| NotMeasured::Impossible(why.to_owned());
        check(
            json!({"name": "m", "templateRef": {"name": "gone"}}),
            impossible("metric `m`: there is no MetricTemplate flux-system/gone"),
        );
        check(
            json!({"name": "m", "templateRef": {"name": "ready", "namespace": "b"}}),
            impossible("metric `m`: there is no MetricTemplate b/ready"),
        );
        check(
            json!({"name": "m", "templateRef": {"name": "bought"}}),
            impossible(
                "metric `m`: its provider is `datadog`, and only Prometheus can be asked from here",
            ),
        );
        check(
            json!({"name": "m"}),
            impossible("metric `m`: it has neither `templateRef` nor `query`"),
        );
        assert_eq!(
            read(json!({"metrics": []})),
            Err(NotMeasured::NothingToMeasure)
        );
    }

    #[test]
    fn lengths_of_time_are_those_of_go() {
        let check = |text: &str, expected: Option<f64>| {
            assert_eq!(
                go_duration(text).map(|one| one.as_secs_f64()),
                expected,
                "{text}"
            );
        };
        check("30s", Some(30.0));
        check("1m30s", Some(90.0));
        check("1.5h", Some(5400.0));
        check("0", Some(0.0));
        check("250ms", Some(0.25));
        for text in ["", "5", "s", "1d", "-1m", "1m ", "1..5s"] {
            check(text, None);
        }
    }
}
