//! Pushes what passed the gate.

mod identity;
mod select;
mod shown;
mod tags;
mod writes;

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tidegate_artifact::evidence::SigningKey;
use tidegate_artifact::promotion::{Done, Passage};
use tidegate_artifact::{Artifact, Digest, RepositoryError};
use tidegate_registry::{Reference, RepositoryName, parse_reference};
use tidegate_report::Format;
use tidegate_source::{Diagnostic, Location};

use crate::args::{Global, Push};
use crate::commands::{Failure, Outcome, threads, working_folder, written};
use crate::gate::{Answer, Gated, hold};
use crate::progress::Progress;
use crate::promotion::{Connection, Ended, Refused, policy, print_result};
use crate::signing::{GATE_KEY, signing_key};
use crate::terminal::Stream;

use self::identity::Identity;
use self::select::Selecting;
use self::shown::Shown;
use self::tags::Tags;
use self::writes::{Writing, now};

pub(crate) fn run(args: &Push, global: &Global) -> Result<Outcome, Failure> {
    match pushed(args, global) {
        Ok(outcome) => Ok(outcome),
        Err(ended) => ended.report(args.output),
    }
}

fn pushed(args: &Push, global: &Global) -> Result<Outcome, Ended> {
    let working = working_folder()?;
    let (url, path) = places(args)?;
    let typed = url.map(typed_url).transpose()?;
    let key = signing_key(args.key.as_deref(), GATE_KEY)?;
    let progress = Progress::start(global.quiet);
    let held = hold(&path, &args.gate, threads(global), &working, &progress);
    progress.finish();
    let held = held?;
    held.show_findings(Format::Human, Stream::Stderr, global, &working)?;
    let Answer::Gated(gated) = held else {
        let text = "Nothing was pushed: the config has errors\n";
        written(io::stderr().lock().write_all(text.as_bytes()))?;
        return Ok(Outcome::Misconfigured);
    };
    if !global.quiet {
        written(io::stderr().lock().write_all(gated.text().as_bytes()))?;
    }
    if !gated.passed {
        return Err(Refused {
            message: "the tree does not pass the gate, and nothing was pushed".to_owned(),
            help: "mend what was found, or accept it in tidegate.toml with a reason".to_owned(),
        }
        .into());
    }
    push(args, global, &gated, typed, key.as_ref())
}

/// The URL and the folder: the first argument may be either.
fn places(args: &Push) -> Result<(Option<&str>, PathBuf), Failure> {
    let here = || PathBuf::from(".");
    match (args.url.as_deref(), &args.path) {
        (None, _) => Ok((None, here())),
        (Some(url), path) if url.contains("://") => {
            Ok((Some(url), path.clone().unwrap_or_else(here)))
        }
        (Some(path), None) => Ok((None, PathBuf::from(path))),
        (Some(url), Some(_)) => Err(Failure::new(format!("`{url}` is no URL"))
            .with_help("write it as oci://HOST/PATH, such as oci://ghcr.io/acme/platform")),
    }
}

fn typed_url(url: &str) -> Result<(RepositoryName, Option<String>), Failure> {
    let (name, reference) =
        parse_reference(url).map_err(|error| Failure::new(error.to_string()))?;
    match reference {
        None => Ok((name, None)),
        Some(Reference::Tag(tag)) => Ok((name, Some(tag))),
        Some(Reference::Digest(_)) => Err(Failure::new(format!(
            "{url} names a digest: that is what a push finds out"
        ))),
    }
}

fn push(
    args: &Push,
    global: &Global,
    gated: &Gated,
    typed: Option<(RepositoryName, Option<String>)>,
    key: Option<&SigningKey>,
) -> Result<Outcome, Ended> {
    let config = &gated.checked.configured.config;
    let (name, tag) = match typed {
        Some(typed) => typed,
        None => (declared(gated)?, None),
    };
    let identity = Identity::of(gated, args)?;
    let environment = args.environment.as_deref();
    let tags = Tags::of(
        identity.commit.as_deref(),
        tag.as_deref(),
        environment,
        args.tag_suffix.as_deref(),
        config,
    )?;
    if tags.commit.is_none() && tags.aliases.is_empty() && environment.is_none() {
        return Err(Failure::new("no tag would lead to what is pushed")
            .with_help(
                "put one behind the URL, name an environment with --env, or push from a git repository",
            )
            .into());
    }
    let selecting = match environment {
        Some(name) => {
            let policy =
                policy(config, &[name]).map_err(|finding| finding_failure(gated, &finding))?;
            if policy.unsigned {
                let text = "warning: evidence counts without a signature (`evidence = \"unsigned\"`): whoever may \
                            push to the repository may have it select anything\n";
                written(io::stderr().lock().write_all(text.as_bytes()))?;
            }
            Some(Selecting::new(name, config, policy, key)?)
        }
        None => None,
    };
    let layer = gated.packaged.layer.clone();
    let artifact = Artifact::new(layer, &identity.created, identity.annotations.clone());
    let connection = Connection::new(&args.registry);
    let repository = connection.repository(&name);
    let progress = Progress::of(global.quiet, "steps of the push");
    let now = now();
    let writing = Writing {
        repository: &repository,
        artifact: &artifact,
        tags: &tags,
        key,
        progress: &progress,
    };
    let came = writing.write(|digest| gated.evidence(&name.to_string(), digest, key, now));
    let selected = |digest: &Digest| -> Result<Option<Done>, Ended> {
        let Some(selecting) = &selecting else {
            return Ok(None);
        };
        let passage = Passage {
            repository: &repository,
            policy: &selecting.policy,
            from: None,
            to: &selecting.environment,
            now,
        };
        Ok(Some(passage.select(digest)?))
    };
    let came = came.map_err(ended);
    let done = came.and_then(|came| selected(&came.digest).map(|done| (came, done)));
    progress.finish();
    let (came, done) = done?;
    let shown = Shown {
        name: &name,
        artifact: &artifact,
        written: &came,
        environment,
        done: done.as_ref(),
        signed_by: key.map(|key| key.verifying_key().id()),
    };
    print_result(
        args.output,
        || shown.human(),
        || shown.json(),
        || shown.github(),
    )?;
    if !global.quiet {
        written(io::stderr().lock().write_all(shown.story().as_bytes()))?;
    }
    Ok(Outcome::Clean)
}

/// The repository of the config.
fn declared(gated: &Gated) -> Result<RepositoryName, Failure> {
    let promotion = &gated.checked.configured.config.promotion;
    match &promotion.repository {
        Some(url) => {
            RepositoryName::parse(&url.value).map_err(|error| Failure::new(error.to_string()))
        }
        None => Err(Failure::new("it is not known where to push to").with_help(
            "name the repository, such as oci://ghcr.io/acme/platform; or add it to tidegate.toml: `[promotion] \
             repository = \"oci://ghcr.io/acme/platform\"`",
        )),
    }
}

/// A tag that is taken is a refusal; all else is the registry's.
fn ended(error: RepositoryError) -> Ended {
    match &error {
        RepositoryError::Taken { .. } => Refused {
            message: error.to_string(),
            help: "the commit was pushed with other content before: from a work tree with other files, or with other \
                   flags; make a new commit"
                .to_owned(),
        }
        .into(),
        _ => error.into(),
    }
}

fn finding_failure(gated: &Gated, finding: &Diagnostic) -> Failure {
    let sources = &gated.checked.sources;
    let place = match finding.primary {
        Location::Span(_) => finding
            .primary
            .path(sources)
            .zip(finding.primary.line_col(sources)),
        Location::Path(_) => None,
    };
    let place = place.map_or_else(String::new, |(path, at)| {
        format!(
            "{}:{}:{}: ",
            Path::new(path.as_str()).display(),
            at.line,
            at.column
        )
    });
    let failure = Failure::new(format!("{place}{}", finding.message));
    match &finding.help {
        Some(help) => failure.with_help(help.clone()),
        None => failure,
    }
}
