use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{ACCEPT, DATE, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};

use super::access::Access;
use super::error::{Error, ErrorKind};
use super::requests::Requests;

/// How long one try of a request may take, its answer included.
const TRY: Duration = Duration::from_secs(30);
/// How often a request is tried.
const TRIES: u32 = 4;
/// How long to wait before the second try; each further wait is four times as long.
const FIRST_WAIT: Duration = Duration::from_millis(250);
/// How long a server can ask to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
/// How long a request may take with all its tries, where nothing else is said.
const PATIENCE: Duration = Duration::from_secs(60);
/// How many bytes an answer may have.
const LARGEST: usize = 64 << 20;

/// What asks the API server of one cluster. It can read, and nothing else.
pub struct Reader {
    runtime: Runtime,
    asking: Asking,
}

/// What a task needs to ask.
#[derive(Clone)]
pub(super) struct Asking {
    client: Client,
    patience: Duration,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen of the requests.
#[derive(Default)]
struct Seen {
    requests: Requests,
    /// By how many seconds the server's clock was ahead at the last answer.
    ahead: Option<i64>,
}

impl Reader {
    /// Finds out where the cluster is. Nothing is sent yet.
    pub fn connect(access: &Access) -> Result<Reader, Error> {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime =
            runtime.map_err(|error| Error::new(ErrorKind::NoAccess, error.to_string()))?;
        let client = runtime.block_on(access.client())?;
        let seen = Arc::default();
        Ok(Reader {
            runtime,
            asking: Asking {
                client,
                patience: access.patience.unwrap_or(PATIENCE),
                seen,
            },
        })
    }

    /// What is at a path, as JSON.
    pub fn get(&self, path: &str) -> Result<Value, Error> {
        self.block_on(async |asking| {
            let bytes = asking.get(path, "application/json").await?;
            serde_json::from_slice(&bytes).map_err(|error| not_understood(path, &error))
        })
    }

    /// The requests so far.
    pub fn requests(&self) -> Requests {
        self.asking.seen().requests.clone()
    }

    /// By how many seconds the clock of the server is ahead of this machine's, by the last answer. It is known to
    /// a second or two.
    pub fn clock_ahead(&self) -> Option<i64> {
        self.asking.seen().ahead
    }

    pub(super) fn block_on<T>(&self, work: impl AsyncFnOnce(Asking) -> T) -> T {
        self.runtime.block_on(work(self.asking.clone()))
    }
}

impl Asking {
    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        // What is behind it is whole at any time.
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes at a path and query. What may go better another time is tried again.
    pub(super) async fn get(&self, path: &str, accept: &str) -> Result<Vec<u8>, Error> {
        let tries = timeout(self.patience, self.tries(path, accept));
        tries
            .await
            .unwrap_or_else(|_| Err(late(path, self.patience)))
    }

    async fn tries(&self, path: &str, accept: &str) -> Result<Vec<u8>, Error> {
        let mut wait = FIRST_WAIT;
        let mut tried = 1;
        loop {
            let (error, asked_to_wait) = match timeout(TRY, self.try_get(path, accept)).await {
                Ok(Ok(bytes)) => return Ok(bytes),
                Ok(Err(Failed::ForGood(error))) => return Err(error),
                Ok(Err(Failed::ForNow { error, wait })) => (error, wait),
                Err(_) => (late(path, TRY), None),
            };
            if tried == TRIES {
                return Err(error);
            }
            sleep(asked_to_wait.unwrap_or(wait).min(LONGEST_WAIT)).await;
            tried += 1;
            wait *= 4;
        }
    }

    async fn try_get(&self, path: &str, accept: &str) -> Result<Vec<u8>, Failed> {
        let request = Request::get(path)
            .header(ACCEPT, accept)
            .body(Body::empty());
        let request = request.map_err(|error| Failed::ForGood(no_answer(path, error)))?;
        self.seen().requests.count(request.uri().path());
        let for_now = |error| Failed::ForNow { error, wait: None };
        let sent = self.client.send(request).await;
        let response = sent.map_err(|error| match credentials(&error) {
            true => Failed::ForGood(Error::new(ErrorKind::Forbidden, innermost(&error))),
            false => for_now(no_answer(path, innermost(&error))),
        })?;
        self.seen().ahead = ahead(&response);
        let status = response.status();
        let wait = retry_after(&response);
        let body = Limited::new(response.into_body(), LARGEST).collect().await;
        let body = body.map_err(|error| for_now(no_answer(path, error)))?;
        let body = body.to_bytes();
        if status.is_success() {
            return Ok(body.into());
        }
        let said = match said(&body) {
            Some(said) if status == StatusCode::UNAUTHORIZED => {
                format!("the API server does not know who asks: {said}")
            }
            Some(said) => said,
            None => format!("{path}: the API server answers {status}"),
        };
        let kind = match status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => ErrorKind::Forbidden,
            StatusCode::NOT_FOUND => ErrorKind::NotFound,
            StatusCode::GONE => ErrorKind::Gone,
            _ => ErrorKind::NoAnswer,
        };
        let error = Error::new(kind, said);
        let may_go_better = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        Err(match may_go_better {
            true => Failed::ForNow { error, wait },
            false => Failed::ForGood(error),
        })
    }
}

/// Why a try failed.
enum Failed {
    ForGood(Error),
    ForNow {
        error: Error,
        /// How long the server asks to wait.
        wait: Option<Duration>,
    },
}

fn no_answer(path: &str, error: impl std::fmt::Display) -> Error {
    Error::new(
        ErrorKind::NoAnswer,
        format!("no answer from the API server for {path}: {error}"),
    )
}

fn late(path: &str, within: Duration) -> Error {
    no_answer(path, format!("nothing within {} s", within.as_secs_f32()))
}

pub(super) fn not_understood(path: &str, error: &serde_json::Error) -> Error {
    let message = format!("{path}: the answer of the API server is not understood: {error}");
    Error::new(ErrorKind::NoAnswer, message)
}

/// Whether it is about who one is: what the kubeconfig says of that does not work.
fn credentials(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Auth(_))
}

/// What lies at the bottom of an error: those above it say that something went wrong.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

/// What the server says is wrong.
fn said(body: &[u8]) -> Option<String> {
    let status: Value = serde_json::from_slice(body).ok()?;
    let message = status.get("message")?.as_str()?;
    (!message.is_empty()).then(|| crate::object::shortened(message))
}

fn retry_after(response: &Response<Body>) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

/// By how many seconds the server's clock is ahead, by the `Date` of its answer.
fn ahead(response: &Response<Body>) -> Option<i64> {
    let date = response.headers().get(DATE)?.to_str().ok()?;
    let there = seconds_of(date)?;
    let here = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    Some(there - i64::try_from(here.as_secs()).ok()?)
}

/// The seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds_of(date: &str) -> Option<i64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let mut parts = date.split_ascii_whitespace().skip(1);
    let day: i64 = parts.next()?.parse().ok()?;
    let month = MONTHS.find(parts.next()?).filter(|at| at % 3 == 0)?;
    let month = i64::try_from(month / 3 + 1).ok()?;
    let year: i64 = parts
        .next()?
        .parse()
        .ok()
        .filter(|year| (1970..10_000).contains(year))?;
    let mut clock = parts
        .next()?
        .split(':')
        .map(|part| part.parse::<i64>().ok());
    let [hour, minute, second] = [clock.next()??, clock.next()??, clock.next()??];
    // Days since 1970, with years that begin in March so that the odd day is the last one.
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let leap_days = year / 4 - year / 100 + year / 400;
    let days = 365 * year + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_answers() {
        assert_eq!(
            seconds_of("Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777)
        );
        assert_eq!(seconds_of("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(
            seconds_of("Thu, 29 Feb 2024 23:59:59 GMT"),
            Some(1_709_251_199)
        );
        assert_eq!(seconds_of("yesterday"), None);
        assert_eq!(seconds_of("Thu, 01 Foo 1970 00:00:00 GMT"), None);
    }

    #[test]
    fn what_the_server_says() {
        assert_eq!(said(b"{\"message\":\"no\"}").as_deref(), Some("no"));
        assert_eq!(said(b"<html>"), None);
    }
}
