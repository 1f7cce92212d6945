//! Requests with limits: on time, on bytes, on redirects, on tries.
//!
//! Whatever a server does, a request ends within [`Timeouts::total`], and no more than its limit is
//! ever held of an answer. Credentials go to the server they are for: a redirect to another one is
//! followed without them, and none leads from TLS to plain text.

mod settings;
mod wait;

use std::fmt;
use std::io::Read;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant, SystemTime};

use tidegate_source::Redacted;
use ureq::http::{HeaderMap, Response as HttpResponse};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body, Proxy};

pub use settings::{Proxies, Retries, Settings, Timeouts};

use crate::error::{Error, ErrorKind, quoted};
use crate::url::{Scheme, Url};

/// Redirects that are followed in a row.
const MOST_REDIRECTS: u32 = 10;
/// What is read of an answer that says no.
const LONGEST_REFUSAL: u64 = 64 * 1024;

/// What is asked of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
    Put,
    Patch,
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Goes to the server of the address alone.
    pub(crate) authorization: Option<Redacted<String>>,
    pub(crate) body: &'a [u8],
    /// The bytes of the answer that are read at most.
    pub(crate) limit: u64,
}

impl<'a> Request<'a> {
    pub(crate) fn new(method: Method, url: Url, limit: u64) -> Request<'a> {
        Request {
            method,
            url,
            headers: Vec::new(),
            authorization: None,
            body: &[],
            limit,
        }
    }

    pub(crate) fn get(url: Url, limit: u64) -> Request<'a> {
        Request::new(Method::Get, url, limit)
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Request<'a> {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn body(mut self, body: &'a [u8], media_type: &str) -> Request<'a> {
        self.body = body;
        self.header("content-type", media_type)
    }
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    /// Where it came from in the end.
    pub(crate) url: Url,
    headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The value of a header, if it is there and text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All values of a header.
    pub(crate) fn all_headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let values = self.headers.get_all(name).into_iter();
        values.filter_map(|value| value.to_str().ok())
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The error that an answer which is none of those hoped for stands for.
    pub(crate) fn refusal(&self) -> Error {
        let kind = match self.status {
            401 | 403 => ErrorKind::Unauthorized,
            404 | 410 => ErrorKind::NotFound,
            429 | 500..=599 => ErrorKind::Unavailable,
            _ => ErrorKind::Refused,
        };
        let meaning = match self.status {
            400 => " (bad request)",
            401 => " (not authorized)",
            403 => " (forbidden)",
            404 => " (not found)",
            405 => " (method not allowed)",
            412 => " (precondition failed)",
            413 => " (too large)",
            429 => " (too many requests)",
            _ => "",
        };
        let said = match self.said() {
            Some(text) => format!(": {text}"),
            None => String::new(),
        };
        let what = format!("the server answers {}{meaning}{said}", self.status);
        Error::at(kind, &self.url, what)
    }

    /// The first message of an answer in the form that the specification of OCI has for errors.
    fn said(&self) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(&self.body).ok()?;
        let first = body.get("errors")?.get(0)?;
        let text = first
            .get("message")
            .or_else(|| first.get("code"))?
            .as_str()?;
        (!text.is_empty()).then(|| quoted(text))
    }
}

/// Speaks to servers; shared by all threads.
pub struct Http {
    settings: Settings,
    plain: Agent,
    /// Made when first used: reading the certificates of the system takes its time.
    tls: OnceLock<Result<Agent, String>>,
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// A client with these settings.
    pub fn new(settings: Settings) -> Http {
        Http {
            plain: agent(&settings, None),
            tls: OnceLock::new(),
            settings,
        }
    }

    /// The settings that it was made with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Sends a request until it is answered otherwise than with 429 or 5xx.
    pub(crate) fn send(&self, request: &Request<'_>) -> Result<Response, Error> {
        let deadline = Instant::now() + self.settings.timeouts.total;
        let retries = &self.settings.retries;
        let mut tried = 0;
        loop {
            let (error, wait) = match self.follow(request, deadline) {
                Ok(response) if !is_temporary(response.status) => return Ok(response),
                Ok(response) => {
                    let asked = response.header("retry-after");
                    let asked = asked.and_then(|text| wait::retry_after(text, SystemTime::now()));
                    (response.refusal(), asked)
                }
                Err(Failed { error, again: true }) => (error, None),
                Err(Failed { error, .. }) => return Err(error),
            };
            let wait = wait.unwrap_or_else(|| retries.wait(tried));
            tried += 1;
            if tried >= retries.tries.max(1) {
                return Err(error);
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if wait > retries.longest_wait || wait >= left {
                let seconds = wait.as_secs().max(1);
                return Err(error.and(&format!(
                    "the next try would be in {seconds} s, which is too long"
                )));
            }
            std::thread::sleep(wait);
        }
    }

    /// Sends a request and follows where it is sent on to.
    fn follow(&self, request: &Request<'_>, deadline: Instant) -> Result<Response, Failed> {
        let mut request = request.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.once(&request, deadline)?;
            let location = match response.status {
                301 | 302 | 303 | 307 | 308 => response.header("location"),
                _ => None,
            };
            let Some(location) = location else {
                return Ok(response);
            };
            let repeatable = matches!(response.status, 307 | 308);
            if !repeatable && !matches!(request.method, Method::Get | Method::Head) {
                return Ok(response);
            }
            let refuse = |what: String| {
                let error = Error::at(ErrorKind::Refused, &request.url, what);
                Failed {
                    error,
                    again: false,
                }
            };
            let next = request.url.join(location).map_err(|why| {
                refuse(format!(
                    "the server sends on to an address that makes no sense: {why}"
                ))
            })?;
            if next.is_exposed() && request.url.scheme() == Scheme::Https {
                return Err(refuse(format!(
                    "the server sends on to plain text at {}",
                    next.authority()
                )));
            }
            if !next.same_origin(&request.url) {
                request.authorization = None;
            }
            request.url = next;
        }
        let what = format!("the server sends on more than {MOST_REDIRECTS} times");
        let error = Error::at(ErrorKind::Refused, &request.url, what);
        Err(Failed {
            error,
            again: false,
        })
    }

    fn once(&self, request: &Request<'_>, deadline: Instant) -> Result<Response, Failed> {
        let url = &request.url;
        let failed = |error: ureq::Error| self.failed(request, error);
        let response = self.exchange(request, deadline)?.map_err(failed)?;
        let (head, body) = response.into_parts();
        let status = head.status.as_u16();
        let is_refusal = status >= 400;
        let limit = if is_refusal {
            LONGEST_REFUSAL
        } else {
            request.limit
        };
        let too_large = || {
            let what = format!("the server sends more than {} bytes", request.limit);
            let error = Error::at(ErrorKind::TooLarge, url, what);
            Failed {
                error,
                again: false,
            }
        };
        let said = body.content_length();
        if !is_refusal
            && request.method != Method::Head
            && said.is_some_and(|length| length > limit)
        {
            return Err(too_large());
        }
        let mut bytes = Vec::with_capacity(said.unwrap_or(0).min(limit).min(1 << 24) as usize);
        let mut reader = body
            .into_with_config()
            .limit(u64::MAX)
            .reader()
            .take(limit + 1);
        if let Err(error) = reader.read_to_end(&mut bytes) {
            return Err(failed(ureq::Error::from(error)));
        }
        if bytes.len() as u64 > limit {
            if !is_refusal {
                return Err(too_large());
            }
            bytes.clear();
        }
        Ok(Response {
            status,
            url: url.clone(),
            headers: head.headers,
            body: bytes,
        })
    }

    /// One request and the head of its answer.
    fn exchange(
        &self,
        request: &Request<'_>,
        deadline: Instant,
    ) -> Result<Result<HttpResponse<Body>, ureq::Error>, Failed> {
        let url = &request.url;
        let stop = |kind: ErrorKind, what: String| Failed {
            error: Error::at(kind, url, what),
            again: false,
        };
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(stop(ErrorKind::Unavailable, self.too_slow()));
        }
        let agent = match url.scheme() {
            Scheme::Http => &self.plain,
            Scheme::Https => match self.tls.get_or_init(|| self.with_tls()) {
                Ok(agent) => agent,
                Err(why) => return Err(stop(ErrorKind::Local, why.clone())),
            },
        };
        let proxy = match self.settings.proxies.to(url).map(Proxy::new).transpose() {
            Ok(proxy) => proxy,
            Err(_) => {
                let what = "the proxy of the environment is no address".to_owned();
                return Err(stop(ErrorKind::Invalid, what));
            }
        };
        let method = match request.method {
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
        };
        let mut head = ureq::http::Request::builder()
            .method(method)
            .uri(url.to_string());
        for (name, value) in &request.headers {
            head = head.header(*name, value);
        }
        if let Some(authorization) = &request.authorization {
            head = head.header("authorization", authorization.reveal());
        }
        let sends = matches!(request.method, Method::Post | Method::Put | Method::Patch);
        let answer = match sends {
            true => head
                .body(request.body)
                .map_err(ureq::Error::from)
                .and_then(|request| {
                    let request = agent.configure_request(request).proxy(proxy);
                    agent.run(request.timeout_global(Some(left)).build())
                }),
            false => head
                .body(())
                .map_err(ureq::Error::from)
                .and_then(|request| {
                    let request = agent.configure_request(request).proxy(proxy);
                    agent.run(request.timeout_global(Some(left)).build())
                }),
        };
        Ok(answer)
    }

    fn with_tls(&self) -> Result<Agent, String> {
        let found = rustls_native_certs::load_native_certs();
        if found.certs.is_empty() {
            return Err(
                "this machine has no certificates to trust servers by: install them, or \
                        name a file of them in SSL_CERT_FILE"
                    .to_owned(),
            );
        }
        let certificates: Vec<Certificate<'static>> = found
            .certs
            .iter()
            .map(|certificate| Certificate::from_der(certificate).to_owned())
            .collect();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(certificates)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        Ok(agent(&self.settings, Some(tls)))
    }

    fn too_slow(&self) -> String {
        format!("no answer within {} s", shown(self.settings.timeouts.total))
    }

    /// What an error of the library means to people, and whether it is worth another try.
    fn failed(&self, request: &Request<'_>, error: ureq::Error) -> Failed {
        use ureq::Timeout;
        let timeouts = &self.settings.timeouts;
        let (kind, what, again) = match error {
            ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => {
                let seconds = shown(timeouts.connect);
                (
                    ErrorKind::Unavailable,
                    format!("no connection within {seconds} s"),
                    true,
                )
            }
            ureq::Error::Timeout(Timeout::PerRead | Timeout::PerWrite | Timeout::RecvResponse) => {
                let seconds = shown(timeouts.idle);
                (
                    ErrorKind::Unavailable,
                    format!("the server is silent for {seconds} s"),
                    true,
                )
            }
            ureq::Error::Timeout(_) => (ErrorKind::Unavailable, self.too_slow(), false),
            ureq::Error::HostNotFound => (ErrorKind::Unavailable, "no such host".to_owned(), false),
            ureq::Error::Io(error) => {
                // What happens below the library reaches it as an error of the kind that it is.
                if let Some(inner) = error
                    .get_ref()
                    .and_then(|inner| inner.downcast_ref::<ureq::Error>())
                    && let ureq::Error::Timeout(timeout) = inner
                {
                    return self.failed(request, ureq::Error::Timeout(*timeout));
                }
                let is_tls = error
                    .get_ref()
                    .is_some_and(|inner| inner.is::<rustls::Error>());
                let what = match error.kind() {
                    std::io::ErrorKind::UnexpectedEof => "the connection was cut".to_owned(),
                    _ => quoted(&error.to_string()),
                };
                (ErrorKind::Unavailable, what, !is_tls)
            }
            ureq::Error::Rustls(error) => {
                (ErrorKind::Unavailable, quoted(&error.to_string()), false)
            }
            ureq::Error::Protocol(error) => {
                let what = format!(
                    "the server does not speak HTTP: {}",
                    quoted(&error.to_string())
                );
                (ErrorKind::Unavailable, what, true)
            }
            ureq::Error::Http(error) => (ErrorKind::Invalid, quoted(&error.to_string()), false),
            ureq::Error::LargeResponseHeader(..) => (
                ErrorKind::TooLarge,
                "the head of the answer is too large".to_owned(),
                false,
            ),
            error => (ErrorKind::Unavailable, quoted(&error.to_string()), true),
        };
        // What was sent in part must not be sent a second time behind it.
        let again = again && request.method != Method::Patch;
        Failed {
            error: Error::at(kind, &request.url, what),
            again,
        }
    }
}

/// A try that brought no answer.
struct Failed {
    error: Error,
    /// Whether another one may.
    again: bool,
}

fn is_temporary(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

fn shown(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let precision = usize::from(seconds < 10.0 && seconds.fract() != 0.0);
    format!("{seconds:.precision$}")
}

fn agent(settings: &Settings, tls: Option<TlsConfig>) -> Agent {
    let timeouts = &settings.timeouts;
    let mut config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(concat!("tidegate/", env!("CARGO_PKG_VERSION")))
        .accept_encoding("identity")
        .proxy(None)
        .timeout_resolve(Some(timeouts.connect))
        .timeout_connect(Some(timeouts.connect))
        .timeout_recv_response(Some(timeouts.idle))
        .timeout_per_read(Some(timeouts.idle))
        .timeout_per_write(Some(timeouts.idle));
    if let Some(tls) = tls {
        config = config.tls_config(tls);
    }
    config.build().new_agent()
}
