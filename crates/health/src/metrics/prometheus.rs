use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use tidegate_source::Redacted;

use crate::metrics::measurements::{Measured, NoValue, Query};
use crate::web::{Get, Web};

/// How long an answer may take: Flagger's time.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may be, in bytes. One number is asked for.
const LONGEST: usize = 1 << 20;
/// How old a sample may be that a value is made of. Prometheus' own five minutes would show a target that is gone
/// as well; targets are scraped each minute or more often, and one scrape may be missed.
const LOOKBACK: &str = "150s";

/// A Prometheus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Where it is: as the tree has it, or as the config says that it is reached from here.
    pub address: String,
    /// What it asks for.
    pub login: Option<Login>,
    /// Whether any certificate is taken.
    pub skip_tls_verify: bool,
}

/// What a Prometheus asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// What is in a Secret of the cluster, which is not read.
    Secret(String),
    /// A token.
    Token(Redacted<String>),
    /// A user and a password.
    Basic(String, Redacted<String>),
}

impl Server {
    /// One that asks for nothing.
    pub fn new(address: &str) -> Server {
        Server {
            address: address.to_owned(),
            login: None,
            skip_tls_verify: false,
        }
    }
}

/// Asks servers over HTTP.
#[derive(Debug)]
pub struct Prometheus {
    web: Web,
}

impl Prometheus {
    /// Asks them by these means.
    pub fn new(web: Web) -> Prometheus {
        Prometheus { web }
    }
}

#[derive(Deserialize)]
struct Response {
    status: String,
    #[serde(default)]
    error: String,
    data: Option<Data>,
}

#[derive(Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    Vector(Vec<Series>),
    Scalar((f64, String)),
    Matrix(serde::de::IgnoredAny),
    String(serde::de::IgnoredAny),
}

#[derive(Deserialize)]
struct Series {
    value: (f64, String),
}

impl Query for Prometheus {
    fn query(&mut self, server: &Server, query: &str) -> Result<Measured, NoValue> {
        let mut headers = Vec::new();
        match &server.login {
            None => {}
            Some(Login::Secret(name)) => {
                return Err(NoValue(format!(
                    "its server asks for what is in Secret `{name}`, and Secrets are not read: give a login in \
                     `[[health.prometheus]]`"
                )));
            }
            Some(Login::Token(token)) => {
                headers.push((
                    "authorization".to_owned(),
                    format!("Bearer {}", token.reveal()),
                ));
            }
            Some(Login::Basic(user, password)) => {
                let both = STANDARD.encode(format!("{user}:{}", password.reveal()));
                headers.push(("authorization".to_owned(), format!("Basic {both}")));
            }
        }
        let address = server.address.trim_end_matches('/');
        if address.is_empty() {
            return Err(NoValue("no address of a Prometheus is known".to_owned()));
        }
        let url = format!(
            "{address}/api/v1/query?query={}&lookback_delta={LOOKBACK}",
            escaped(query)
        );
        let answer = self
            .web
            .get(&Get {
                url: &url,
                headers: &headers,
                timeout: TIMEOUT,
                limit: LONGEST,
                skip_tls_verify: server.skip_tls_verify,
            })
            .map_err(|why| NoValue(format!("no answer from {address}: {why}")))?;
        read(answer.status, &answer.body).map_err(|why| NoValue(format!("{address} says {why}")))
    }
}

/// Reads an answer; the error continues "it says ".
fn read(status: u16, body: &[u8]) -> Result<Measured, String> {
    let Ok(response) = serde_json::from_slice::<Response>(body) else {
        return Err(match status {
            200 => "200, and not what a Prometheus says".to_owned(),
            status => status.to_string(),
        });
    };
    if response.status != "success" || status >= 400 {
        return Err(format!("{status}: {}", response.error));
    }
    let (at, value) = match response.data {
        Some(Data::Scalar(value)) => value,
        Some(Data::Vector(mut series)) => match (series.pop(), series.len()) {
            (Some(series), 0) => series.value,
            (None, _) => return Err("that there is none".to_owned()),
            (Some(_), others) => {
                return Err(format!(
                    "{} values, and one is needed: aggregate them in the query",
                    others + 1
                ));
            }
        },
        Some(Data::Matrix(_) | Data::String(_)) | None => {
            return Err("something else than one number".to_owned());
        }
    };
    match value.parse() {
        Ok(value) => Ok(Measured { at, value }),
        Err(_) => Err(format!("`{value}`, which is no number")),
    }
}

/// A query as it is written in a URL.
fn escaped(query: &str) -> String {
    let mut escaped = String::with_capacity(query.len() * 2);
    for byte in query.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                escaped.push(char::from(byte));
            }
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::Trust;

    #[test]
    fn answers_of_prometheus() {
        let check = |status: u16, body: &str, expected: Result<(f64, f64), &str>| {
            let read = read(status, body.as_bytes());
            let read = read.as_ref().map(|one| (one.at, one.value));
            assert_eq!(read.map_err(String::as_str), expected, "{body}");
        };
        let success = |kind: &str, result: &str| {
            format!(r#"{{"status":"success","data":{{"resultType":"{kind}","result":{result}}}}}"#)
        };
        check(
            200,
            &success("vector", r#"[{"metric":{},"value":[1.5,"97.25"]}]"#),
            Ok((1.5, 97.25)),
        );
        check(200, &success("scalar", r#"[2,"1"]"#), Ok((2.0, 1.0)));
        check(
            200,
            &success("vector", r#"[{"metric":{},"value":[1,"+Inf"]}]"#),
            Ok((1.0, f64::INFINITY)),
        );
        check(200, &success("vector", "[]"), Err("that there is none"));
        check(
            200,
            &success(
                "vector",
                r#"[{"metric":{"a":"b"},"value":[1,"1"]},{"metric":{},"value":[1,"2"]}]"#,
            ),
            Err("2 values, and one is needed: aggregate them in the query"),
        );
        check(
            200,
            &success("matrix", "[]"),
            Err("something else than one number"),
        );
        check(
            400,
            r#"{"status":"error","errorType":"bad_data","error":"1:5: parse error"}"#,
            Err("400: 1:5: parse error"),
        );
        check(200, "<html>", Err("200, and not what a Prometheus says"));
        check(503, "Service Unavailable", Err("503"));
        let not = read(
            200,
            success("vector", r#"[{"metric":{},"value":[1,"NaN"]}]"#).as_bytes(),
        );
        assert!(not.is_ok_and(|one| one.value.is_nan()));
    }

    #[test]
    fn secrets_are_not_read() {
        let server = Server {
            login: Some(Login::Secret("prometheus-login".to_owned())),
            ..Server::new("http://127.0.0.1:1")
        };
        let NoValue(why) = Prometheus::new(Web::new(Trust::default()))
            .query(&server, "up")
            .unwrap_err();
        assert!(why.contains("`prometheus-login`"), "{why}");
    }

    #[test]
    fn queries_are_escaped() {
        assert_eq!(escaped("a{b=\"c d\"}+1"), "a%7Bb%3D%22c%20d%22%7D%2B1");
    }
}
