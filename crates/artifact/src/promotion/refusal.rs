use std::fmt;

use jiff::SignedDuration;
use tidegate_registry::Digest;

use super::judgement::Discounted;
use super::{Doubt, NotSelected, Rejected};
use crate::evidence::{Piece, Role, to_second};
use crate::ledger::Environment;

/// What the pointer of an environment is expected to lead to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    /// Nothing: the environment has none yet.
    Nothing,
    /// An artifact.
    Artifact(Digest),
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Expected::Nothing => f.write_str("none"),
            Expected::Artifact(digest) => digest.fmt(f),
        }
    }
}

/// Why an environment does not select an artifact.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// The environment that artifacts come from has selected none.
    NothingToPromote(Environment),
    /// The environment that artifacts come from has never selected it.
    NotInLog(Digest, Environment),
    /// The policy asks for signatures and lists no key for a role in an environment.
    NoKeys(Role, String),
    /// What is known of it speaks against it.
    Doubtful(Digest, Environment, Doubt),
    /// The pointer leads elsewhere than expected.
    Moved(Environment, Expected, Option<Digest>),
    /// The source of the environment would not select what is written.
    NotSelected(Environment, NotSelected),
    /// A decision against the evidence needs a key of this role in the environment, and this is none.
    NotYours(Role, Environment, Option<String>),
    /// The environment has not selected anything, so there is nothing to roll back.
    NothingToLeave(Environment),
    /// The environment has never selected it.
    NeverLive(Digest, Environment),
    /// There are fewer steps to go back.
    NoEarlier(Environment, usize),
    /// The entry was written, and in the meantime something was found that it does not stand before.
    Overruled(Digest, Environment, Doubt),
    /// Others write all the time.
    Unsettled(Environment),
}

/// The first digits of a digest, which are those in log tags.
fn short(digest: &Digest) -> String {
    let hex: String = digest.hex().chars().take(12).collect();
    format!("{}:{hex}", digest.algorithm())
}

/// A length of time in the largest unit of which it has two, such as `30 minutes`.
pub fn in_words(duration: SignedDuration) -> String {
    let minutes = duration.as_mins().max(0);
    let (days, hours) = (minutes / (24 * 60), minutes / 60);
    let one = |number: i64, unit: &str| match number {
        1 => format!("1 {unit}"),
        number => format!("{number} {unit}s"),
    };
    match (days, hours) {
        (2.., _) => one(days, "day"),
        (_, 2..) => one(hours, "hour"),
        _ => one(minutes, "minute"),
    }
}

fn failed_tests(piece: &Piece) -> String {
    let failed = piece.says.as_ref().map(|says| says.failed_tests.as_slice());
    let failed = failed.unwrap_or_default();
    match failed {
        [] => String::new(),
        [one] => format!(": `{one}` failed"),
        [first, rest @ ..] => format!(": `{first}` and {} more failed", rest.len()),
    }
}

/// What was found and does not count.
fn passed_over(discounted: &[Discounted]) -> String {
    const SHOWN: usize = 3;
    let shown = discounted.iter().take(SHOWN);
    let mut text: String = shown
        .map(|(digest, why)| format!("; {} does not count, as {why}", short(digest)))
        .collect();
    if let Some(more @ 1..) = discounted.len().checked_sub(SHOWN) {
        text.push_str(&format!("; {more} more do not count"));
    }
    text
}

impl fmt::Display for Rejected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rejected {
            environment, time, ..
        } = self;
        write!(f, "was rejected in {environment} at {}", to_second(*time))?;
        if let Some(reason) = &self.reason {
            write!(f, ": {}", reason.escape_debug())?;
        }
        Ok(())
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::NoGate(others) => {
                write!(
                    f,
                    "has no evidence that it passed the gate{}",
                    passed_over(others)
                )
            }
            Doubt::GateFailed(piece) => {
                write!(f, "did not pass the gate{}", failed_tests(piece))
            }
            Doubt::NoValidation(environment, others) => write!(
                f,
                "has no evidence that it was validated in {environment}{}",
                passed_over(others)
            ),
            Doubt::ValidationFailed(environment, piece) => {
                let time = piece.time().map(to_second).unwrap_or_default();
                let failed = failed_tests(piece);
                write!(
                    f,
                    "failed its newest validation in {environment}, of {time}{failed}"
                )
            }
            Doubt::ValidationInconclusive(environment, piece) => {
                let time = piece.time().map(to_second).unwrap_or_default();
                write!(
                    f,
                    "has a newest validation in {environment}, of {time}, that was inconclusive"
                )
            }
            Doubt::ValidatedBefore(environment, validated, arrived) => write!(
                f,
                "was validated at {}, before {environment} selected it at {}",
                to_second(*validated),
                to_second(*arrived)
            ),
            Doubt::TooOld(environment, time, max_age) => write!(
                f,
                "was validated in {environment} at {}, which is longer ago than the {} of `max_age`",
                to_second(*time),
                in_words(*max_age)
            ),
            Doubt::FromTheFuture(evidence, time) => write!(
                f,
                "has evidence {} of {}, which is yet to come",
                short(evidence),
                to_second(*time)
            ),
            Doubt::Rejected(rejected) => rejected.fmt(f),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::NothingToPromote(from) => {
                write!(
                    f,
                    "{from} has selected nothing yet: there is no tag `{from}`"
                )
            }
            Refusal::NotInLog(digest, from) => {
                write!(
                    f,
                    "{digest} was never selected in {from}: its log has no entry of it"
                )
            }
            Refusal::NoKeys(role, environment) => {
                write!(f, "the config lists no `{role}` key for {environment}")
            }
            Refusal::Doubtful(digest, _, Doubt::Rejected(rejected))
                if rejected.artifact != *digest =>
            {
                write!(
                    f,
                    "{digest} has the content of {}, which {rejected}",
                    rejected.artifact
                )
            }
            Refusal::Doubtful(digest, _, doubt) => write!(f, "{digest} {doubt}"),
            Refusal::Moved(environment, expected, found) => match found {
                Some(found) => write!(
                    f,
                    "{environment} selects {found}, and not {expected} as expected"
                ),
                None => write!(
                    f,
                    "{environment} selects nothing, and not {expected} as expected"
                ),
            },
            Refusal::NotSelected(environment, why) => {
                write!(f, "the source of {environment} would not select it: {why}")
            }
            Refusal::NotYours(role, environment, None) => write!(
                f,
                "deciding against the evidence takes a key, as others would undo what is not signed by an \
                 `{role}` key of {environment}"
            ),
            Refusal::NotYours(role, environment, Some(key)) => {
                write!(
                    f,
                    "the config does not list the key {key} as `{role}` key of {environment}"
                )
            }
            Refusal::NothingToLeave(environment) => {
                write!(f, "{environment} has selected nothing yet")
            }
            Refusal::NeverLive(digest, environment) => {
                write!(
                    f,
                    "{digest} was never selected in {environment}: its log has no entry of it"
                )
            }
            Refusal::NoEarlier(environment, found) => write!(
                f,
                "{environment} has selected only {found} other artifacts before, rejected ones aside"
            ),
            Refusal::Overruled(digest, environment, doubt) => write!(
                f,
                "the entry for {digest} is in the log of {environment}, but does not count: it {doubt}"
            ),
            Refusal::Unsettled(environment) => {
                write!(
                    f,
                    "others write to {environment} all the time: its pointer is not that of its log"
                )
            }
        }
    }
}

impl Refusal {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Refusal::NothingToPromote(from) => {
                format!("push an artifact with `tidegate push --env {from}` first")
            }
            Refusal::NotInLog(_, from) | Refusal::NeverLive(_, from) => {
                format!("`tidegate history --env {from}` lists what it has selected")
            }
            Refusal::NoKeys(role, environment) => format!(
                "list the public key under `[environments.{environment}.keys] {role} = [..]` or \
                 `[promotion.keys]`; or, where all who may push are trusted, set `evidence = \"unsigned\"` in \
                 `[promotion]`"
            ),
            Refusal::Doubtful(digest, environment, doubt)
            | Refusal::Overruled(digest, environment, doubt) => help(doubt, digest, environment),
            Refusal::Moved(..) => {
                "someone else was faster: look at `tidegate status`, and run it again with what is selected now"
                    .to_owned()
            }
            Refusal::NotSelected(_, why) => why.help(),
            Refusal::NotYours(role, environment, _) => format!(
                "sign with a key that is listed under `[environments.{environment}.keys] {role} = [..]`: \
                 `--key FILE`"
            ),
            Refusal::NothingToLeave(environment) => {
                format!("`tidegate promote --to {environment}` selects an artifact")
            }
            Refusal::NoEarlier(environment, _) => format!(
                "`tidegate history --env {environment}` lists what it has selected; name one by its digest"
            ),
            Refusal::Unsettled(_) => "run it again; give the jobs of an environment one concurrency group".to_owned(),
        }
    }
}

fn help(doubt: &Doubt, digest: &Digest, environment: &Environment) -> String {
    match doubt {
        Doubt::NoGate(others) | Doubt::NoValidation(_, others) if !others.is_empty() => format!(
            "`tidegate verify {digest} --env {environment}` lists all that is attached to it"
        ),
        Doubt::NoGate(_) | Doubt::GateFailed(_) => format!(
            "push it with `tidegate push`, or record a gate report with `tidegate attest --gate-report FILE {digest}`"
        ),
        Doubt::NoValidation(from, _)
        | Doubt::ValidatedBefore(from, ..)
        | Doubt::TooOld(from, ..)
        | Doubt::ValidationInconclusive(from, _) => format!(
            "validate it and record the result: `tidegate attest --result FILE --env {from} {digest}`"
        ),
        Doubt::ValidationFailed(from, _) => format!(
            "mend what failed and push again; or validate it once more: `tidegate attest --result FILE --env \
             {from} {digest}`"
        ),
        Doubt::FromTheFuture(..) => {
            "set the clock of the machine that wrote it, or of this one, and validate again".to_owned()
        }
        Doubt::Rejected(_) => {
            "promote a later artifact; or, if the reason is gone, say so with `--again --reason TEXT`".to_owned()
        }
    }
}
