use std::time::Duration;

use crate::probes::{Tried, certificate};
use crate::web::{Get, Web};

/// How much of a body is looked at, in bytes.
const LIMIT: usize = 1 << 20;

/// What is asked of an HTTP server.
pub(crate) struct HttpProbe<'a> {
    pub(crate) url: &'a str,
    pub(crate) statuses: Statuses<'a>,
    pub(crate) contains: Option<&'a str>,
    pub(crate) certificate_days: Option<u32>,
}

/// Good statuses: those of success where none are written.
pub(crate) struct Statuses<'a>(pub(crate) &'a [u16]);

impl Statuses<'_> {
    fn has(&self, status: u16) -> bool {
        match self.0 {
            [] => (200..300).contains(&status),
            some => some.contains(&status),
        }
    }
}

/// Sends a request, without following redirects, and looks at the answer.
pub(crate) fn probe(web: &Web, probe: &HttpProbe<'_>, timeout: Duration) -> Tried {
    let answer = web.get(&Get {
        url: probe.url,
        headers: &[],
        timeout,
        limit: LIMIT,
        skip_tls_verify: false,
    });
    let answer = match answer {
        Ok(answer) => answer,
        Err(why) => return Tried::Failed(format!("no answer from {}: {why}", probe.url)),
    };
    let judged = judge(
        &probe.statuses,
        answer.status,
        &answer.body,
        answer.is_cut,
        probe.contains,
    );
    match (judged, probe.certificate_days) {
        (Tried::Held, Some(days)) => certificate::probe(web, probe.url, days, timeout),
        (judged, _) => judged,
    }
}

/// Looks at an answer of the API server: what it does not show is not known.
pub(crate) fn judge_api(status: u16, body: &[u8], contains: Option<&str>) -> Tried {
    match status {
        401 | 403 => Tried::Unknown(format!("the API server does not show it: {status}")),
        status => judge(&Statuses(&[]), status, body, false, contains),
    }
}

fn judge(
    statuses: &Statuses<'_>,
    status: u16,
    body: &[u8],
    is_cut: bool,
    contains: Option<&str>,
) -> Tried {
    if !statuses.has(status) {
        return Tried::Failed(format!("it answers {status}"));
    }
    let Some(wanted) = contains else {
        return Tried::Held;
    };
    match String::from_utf8_lossy(body).contains(wanted) {
        true => Tried::Held,
        false if is_cut => Tried::Failed(format!(
            "`{wanted}` is not in the first {LIMIT} bytes of its answer"
        )),
        false => Tried::Failed(format!("`{wanted}` is not in its answer")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_have_a_status_and_a_body() {
        let check =
            |statuses: &[u16], status: u16, contains: Option<&str>, expected: Result<(), &str>| {
                let judged = judge(&Statuses(statuses), status, b"all is well", false, contains);
                let found = match &judged {
                    Tried::Held => Ok(()),
                    Tried::Failed(why) | Tried::Unknown(why) => Err(why.as_str()),
                };
                assert_eq!(found, expected);
            };
        check(&[], 204, None, Ok(()));
        check(&[], 301, None, Err("it answers 301"));
        check(&[301, 302], 302, None, Ok(()));
        check(&[301], 200, None, Err("it answers 200"));
        check(&[], 200, Some("is well"), Ok(()));
        check(
            &[],
            200,
            Some("is bad"),
            Err("`is bad` is not in its answer"),
        );
    }
}
