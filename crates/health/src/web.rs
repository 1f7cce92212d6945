//! GET requests to servers that are not the API server.

use std::fmt;
use std::io::Read;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Timeout};

/// What a server answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Its body, up to the limit.
    pub(crate) body: Vec<u8>,
    /// Whether the body is longer.
    pub(crate) is_cut: bool,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Get<'a> {
    /// The URL.
    pub(crate) url: &'a str,
    /// Headers.
    pub(crate) headers: &'a [(String, String)],
    /// How long to wait for the whole answer.
    pub(crate) timeout: Duration,
    /// How much of the body is read, in bytes.
    pub(crate) limit: usize,
    /// Whether any certificate is taken.
    pub(crate) skip_tls_verify: bool,
}

/// Whose word is taken for who a server is: those whom the machine trusts, and more.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Certificates in DER, such as that of one's own authority.
    pub more: Vec<Vec<u8>>,
}

impl Trust {
    /// Those of a file in PEM, besides those of the machine; the error says what is wrong with it.
    pub fn from_pem(pem: &str) -> Result<Trust, String> {
        let found = CertificateDer::pem_slice_iter(pem.as_bytes());
        let found = found.map(|one| one.map(|der| der.to_vec()));
        let more: Result<Vec<Vec<u8>>, _> = found.collect();
        let more = more.map_err(|error| error.to_string())?;
        Ok(Trust { more })
    }

    /// All of them. Reading those of the machine takes its time.
    fn certificates(&self) -> Vec<CertificateDer<'static>> {
        let found = rustls_native_certs::load_native_certs();
        let more = self
            .more
            .iter()
            .map(|der| CertificateDer::from(der.clone()));
        found.certs.into_iter().chain(more).collect()
    }
}

/// Sends GET requests. It is cheap to clone, and what the machine trusts is read once for all of them. Nothing is sent again, and no redirect is followed: what is asked is what answers.
#[derive(Clone)]
pub struct Web(Arc<Shared>);

struct Shared {
    trust: Trust,
    certificates: OnceLock<Vec<CertificateDer<'static>>>,
    verified: OnceLock<Agent>,
    unverified: OnceLock<Agent>,
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").finish_non_exhaustive()
    }
}

impl Web {
    /// Takes the word of these for who servers are.
    pub fn new(trust: Trust) -> Web {
        Web(Arc::new(Shared {
            trust,
            certificates: OnceLock::new(),
            verified: OnceLock::new(),
            unverified: OnceLock::new(),
        }))
    }

    /// Whose word is taken.
    pub(crate) fn certificates(&self) -> &[CertificateDer<'static>] {
        let Shared {
            trust,
            certificates,
            ..
        } = &*self.0;
        certificates.get_or_init(|| trust.certificates())
    }

    /// Sends one; the error continues "no answer: ".
    pub(crate) fn get(&self, get: &Get<'_>) -> Result<Answer, String> {
        let agent = match get.skip_tls_verify {
            true => self
                .0
                .unverified
                .get_or_init(|| agent(tls().disable_verification(true))),
            false => self
                .0
                .verified
                .get_or_init(|| verified(self.certificates())),
        };
        let mut request = agent
            .get(get.url)
            .config()
            .timeout_global(Some(get.timeout))
            .build();
        for (name, value) in get.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        let answer = request.call().map_err(|error| said(&error, get))?;
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        let most = u64::try_from(get.limit).unwrap_or(u64::MAX);
        answer
            .into_body()
            .into_reader()
            .take(most.saturating_add(1))
            .read_to_end(&mut body)
            .map_err(|error| said(&ureq::Error::from(error), get))?;
        let is_cut = body.len() > get.limit;
        body.truncate(get.limit);
        Ok(Answer {
            status,
            body,
            is_cut,
        })
    }
}

fn tls() -> ureq::tls::TlsConfigBuilder {
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
}

/// An agent that looks at certificates.
fn verified(certificates: &[CertificateDer<'static>]) -> Agent {
    let certificates: Vec<Certificate<'static>> = certificates
        .iter()
        .map(|certificate| Certificate::from_der(certificate).to_owned())
        .collect();
    agent(tls().root_certs(RootCerts::Specific(Arc::new(certificates))))
}

fn agent(tls: ureq::tls::TlsConfigBuilder) -> Agent {
    Agent::config_builder()
        .tls_config(tls.build())
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .proxy(None)
        .user_agent(concat!("tidegate/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

fn said(error: &ureq::Error, get: &Get<'_>) -> String {
    match error {
        ureq::Error::Timeout(Timeout::Resolve) => "its name is not resolved in time".to_owned(),
        ureq::Error::Timeout(_) => format!("none within {} s", get.timeout.as_secs_f64()),
        ureq::Error::HostNotFound => "there is no host of this name".to_owned(),
        ureq::Error::Io(error) => error.to_string(),
        error => error.to_string(),
    }
}
