use std::fmt;
use std::time::Duration;

use crate::check::{Check, CheckOutcome};
use crate::probes::http::{HttpProbe, Statuses};
use crate::probes::{Tried, dns, http, tcp};
use crate::verdict::{Reason, ReasonKind};
use crate::web::Web;

/// A smoke test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Its name, as the user gave it.
    pub name: String,
    /// What is asked, and what is expected of the answer.
    pub target: Target,
    /// How often.
    pub pace: Pace,
}

/// What a probe asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// An HTTP server.
    Http {
        /// What is asked for.
        url: String,
        /// The statuses that are good ones; any of 200 to 299 where there are none.
        statuses: Vec<u16>,
        /// What is to be in the body.
        contains: Option<String>,
        /// How many days its certificate has to be valid for yet.
        certificate_days: Option<u32>,
    },
    /// A port that takes connections, as `HOST:PORT`.
    Tcp(String),
    /// A name that leads to addresses.
    Dns {
        /// The name.
        name: String,
        /// The addresses that are to be among them.
        addresses: Vec<std::net::IpAddr>,
    },
    /// A path of the API server, such as `/readyz`.
    Api {
        /// The path.
        path: String,
        /// What is to be in the answer.
        contains: Option<String>,
    },
}

/// How often a probe runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How much time lies between two runs.
    pub interval: Duration,
    /// How many runs have to hold.
    pub runs: u32,
    /// How many may fail.
    pub budget: u32,
    /// How many more times it is tried before a run has failed.
    pub retries: u32,
    /// How long one try may take.
    pub timeout: Duration,
}

impl Default for Pace {
    /// Every 30 seconds, three runs, none of which may fail, with two more tries of ten seconds.
    fn default() -> Pace {
        Pace {
            interval: Duration::from_secs(30),
            runs: 3,
            budget: 0,
            retries: 2,
            timeout: Duration::from_secs(10),
        }
    }
}

/// How much time lies between two tries of a run.
const BETWEEN_TRIES: Duration = Duration::from_secs(1);

/// Asks the API server for the answer of a path.
pub trait Api {
    /// The status and the body; the error says why there is none.
    fn get(&self, path: &str, timeout: Duration) -> Result<(u16, Vec<u8>), String>;
}

/// Runs a probe while a window is open.
pub struct Probing<'a> {
    probe: Probe,
    api: &'a dyn Api,
    web: Web,
    last: Option<Duration>,
    held: u32,
    failed: u32,
    unknown: u32,
    why: String,
}

impl fmt::Debug for Probing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probing")
            .field("probe", &self.probe)
            .finish_non_exhaustive()
    }
}

impl<'a> Probing<'a> {
    /// Runs it. Paths of the API server are asked through `api`; other servers by `web`.
    pub fn new(probe: Probe, api: &'a dyn Api, web: Web) -> Probing<'a> {
        Probing {
            probe,
            api,
            web,
            last: None,
            held: 0,
            failed: 0,
            unknown: 0,
            why: String::new(),
        }
    }

    fn run(&mut self) {
        let mut left = self.probe.pace.retries;
        let tried = loop {
            match self.once() {
                Tried::Held => break Tried::Held,
                tried if left == 0 => break tried,
                _ => left -= 1,
            }
            std::thread::sleep(BETWEEN_TRIES.min(self.probe.pace.interval));
        };
        match tried {
            Tried::Held => self.held += 1,
            Tried::Failed(why) => {
                self.failed += 1;
                self.why = why;
            }
            Tried::Unknown(why) => {
                self.unknown += 1;
                self.why = why;
            }
        }
    }

    fn once(&self) -> Tried {
        let timeout = self.probe.pace.timeout;
        match &self.probe.target {
            Target::Http {
                url,
                statuses,
                contains,
                certificate_days,
            } => {
                let probe = HttpProbe {
                    url,
                    statuses: Statuses(statuses),
                    contains: contains.as_deref(),
                    certificate_days: *certificate_days,
                };
                http::probe(&self.web, &probe, timeout)
            }
            Target::Tcp(address) => tcp::probe(address, timeout),
            Target::Dns { name, addresses } => dns::probe(name, addresses, timeout),
            Target::Api { path, contains } => match self.api.get(path, timeout) {
                Ok((status, body)) => http::judge_api(status, &body, contains.as_deref()),
                Err(why) => Tried::Unknown(why),
            },
        }
    }

    fn outcome(&self) -> CheckOutcome {
        let reason = |kind: ReasonKind, message: String| {
            let message = format!("probe `{}`: {message}", self.probe.name);
            vec![Reason::new(kind, message)]
        };
        let budget = self.probe.pace.budget;
        if self.failed > budget {
            let all = self.held + self.failed + self.unknown;
            let message = match all {
                1 => self.why.clone(),
                all => format!("{}, in {} of {all} runs", self.why, self.failed),
            };
            return CheckOutcome::Failed(reason(ReasonKind::ProbeFailed, message));
        }
        if self.unknown > budget {
            return CheckOutcome::Inconclusive(reason(ReasonKind::DidNotRun, self.why.clone()));
        }
        match self.held >= self.probe.pace.runs {
            true => CheckOutcome::Held,
            false => CheckOutcome::Running,
        }
    }
}

impl Check for Probing<'_> {
    fn name(&self) -> &str {
        &self.probe.name
    }

    fn restart(&mut self) {
        self.last = None;
        (self.held, self.failed, self.unknown) = (0, 0, 0);
    }

    fn measure(&mut self, elapsed: Duration) -> CheckOutcome {
        let before = self.outcome();
        if before != CheckOutcome::Running {
            return before;
        }
        let interval = self.probe.pace.interval;
        if self
            .last
            .is_none_or(|last| elapsed.saturating_sub(last) >= interval)
        {
            self.last = Some(elapsed);
            self.run();
        }
        self.outcome()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::web::Trust;

    /// Answers with one status after the other, and counts.
    struct Statuses(Vec<Option<u16>>, Cell<usize>);

    impl Api for Statuses {
        fn get(&self, _: &str, _: Duration) -> Result<(u16, Vec<u8>), String> {
            let at = self.1.get();
            self.1.set(at + 1);
            match self.0[at.min(self.0.len() - 1)] {
                Some(status) => Ok((status, b"ok".to_vec())),
                None => Err("the API server does not answer".to_owned()),
            }
        }
    }

    fn check(statuses: Vec<Option<u16>>, pace: Pace, expected: Result<(), &str>, asked: usize) {
        let api = Statuses(statuses, Cell::new(0));
        let probe = Probe {
            name: "ready".to_owned(),
            target: Target::Api {
                path: "/readyz".to_owned(),
                contains: None,
            },
            pace,
        };
        let mut probing = Probing::new(probe, &api, Web::new(Trust::default()));
        let outcome = (0..100)
            .map(|step| probing.measure(pace.interval * step))
            .find(|outcome| *outcome != CheckOutcome::Running);
        let found = match outcome.as_ref().expect("it ends") {
            CheckOutcome::Failed(reasons) | CheckOutcome::Inconclusive(reasons) => {
                Err(reasons[0].message.as_str())
            }
            _ => Ok(()),
        };
        assert_eq!((found, api.1.get()), (expected, asked));
    }

    #[test]
    fn runs_are_repeated_and_failures_have_a_budget() {
        let pace = Pace {
            interval: Duration::from_millis(1),
            retries: 0,
            ..Pace::default()
        };
        check(vec![Some(200)], pace, Ok(()), 3);
        let message = "probe `ready`: it answers 500, in 1 of 2 runs";
        check(vec![Some(200), Some(500)], pace, Err(message), 2);
        let with_budget = Pace { budget: 1, ..pace };
        check(vec![Some(500), Some(200)], with_budget, Ok(()), 4);
        let with_retry = Pace { retries: 1, ..pace };
        check(vec![Some(500), Some(200)], with_retry, Ok(()), 4);
        check(
            vec![None],
            pace,
            Err("probe `ready`: the API server does not answer"),
            1,
        );
    }

    #[test]
    fn what_may_not_be_seen_is_not_failed() {
        let api = Statuses(vec![Some(403)], Cell::new(0));
        let probe = Probe {
            name: "metrics".to_owned(),
            target: Target::Api {
                path: "/metrics".to_owned(),
                contains: None,
            },
            pace: Pace {
                retries: 0,
                ..Pace::default()
            },
        };
        let outcome = Probing::new(probe, &api, Web::new(Trust::default())).measure(Duration::ZERO);
        assert!(outcome.inconclusive().is_some(), "{outcome:?}");
    }
}
