//! What the source of an environment follows.

use std::num::NonZeroUsize;

use tidegate_artifact::ledger::Environment;
use tidegate_artifact::promotion::Follows;
use tidegate_core::config;
use tidegate_registry::RepositoryName;

use super::setting::place;
use super::{Ended, Refused, Setting};
use crate::args::RepositoryArgs;
use crate::plan::Asked;
use crate::rendering::{Answer, Rendered, Rendering};

/// What a source follows, and who says so.
pub(crate) struct Followed {
    pub(crate) follows: Follows,
    /// The object of the tree and its place, or the config.
    pub(crate) said_by: String,
}

impl Followed {
    /// In a line, such as ``the tag `live` ``.
    pub(crate) fn shown(&self) -> String {
        let Follows {
            tag,
            semver,
            semver_filter,
            digest,
        } = &self.follows;
        let what = match (digest, semver, semver_filter) {
            (Some(digest), ..) => format!("the digest {digest}"),
            (None, Some(range), Some(filter)) => format!("the range `{range}` of `{filter}`"),
            (None, Some(range), None) => format!("the range `{range}`"),
            (None, None, _) => format!("the tag `{}`", tag.as_deref().unwrap_or("latest")),
        };
        format!("{} follows {what}", self.said_by)
    }
}

/// Finds out what the source of an environment follows: by its cluster in the tree, or else by the config.
pub(crate) fn followed(
    setting: &Setting,
    environment: &Environment,
    args: &RepositoryArgs,
    threads: NonZeroUsize,
) -> Result<Followed, Ended> {
    let declared = setting.configured.config.environment(environment.as_str());
    let cluster = declared.map_or(environment.as_str(), |declared| declared.cluster());
    let by_config = declared.and_then(|declared| declared.follows.as_ref());
    let by_config = by_config.map(|follows| Followed {
        follows: of_config(&follows.value),
        said_by: "by the config, the source".to_owned(),
    });
    let rendered = rendered(setting, cluster, args, threads)?;
    let in_tree = rendered.as_ref().map(|rendered| in_tree(setting, rendered));
    match (in_tree, by_config) {
        (Some(Found::Source(found)), _) => {
            check_repository(setting, environment, &found)?;
            Ok(found.followed)
        }
        (_, Some(by_config)) => Ok(by_config),
        (Some(Found::NoArtifact(object)), None) => Err(Refused {
            message: format!("{environment} takes its tree from {object}: no artifact reaches it"),
            help: format!(
                "have the cluster `{cluster}` follow an OCIRepository; or, where it does and the tree does not say \
                 so, say it: `[environments.{environment}] follows = {{ tag = \"{environment}\" }}`"
            ),
        }
        .into()),
        (found, None) => {
            let has_cluster = found.is_some();
            let why = match has_cluster {
                true => format!("the tree does not hold the source of its cluster `{cluster}`"),
                false => format!("the tree has no cluster `{cluster}`"),
            };
            Err(Refused {
                message: format!("what the source of {environment} follows is not known: {why}"),
                help: format!(
                    "add to tidegate.toml what its `ref` says: `[environments.{environment}] follows = {{ tag = \
                     \"{environment}\" }}`"
                ),
            }
            .into())
        }
    }
}

fn of_config(follows: &config::Follows) -> Follows {
    Follows {
        tag: follows.tag.clone(),
        semver: follows.semver.clone(),
        semver_filter: follows.semver_filter.clone(),
        digest: follows.digest.clone(),
    }
}

/// What the tree says.
enum Found {
    Source(FoundSource),
    /// The source takes the tree from elsewhere.
    NoArtifact(String),
    Nothing,
}

struct FoundSource {
    object: String,
    url: Option<String>,
    followed: Followed,
}

fn in_tree(setting: &Setting, rendered: &Rendered) -> Found {
    let sources = &rendered.plan.sources;
    let mut found = Vec::new();
    for render in &rendered.render.renders {
        found.extend(tidegate_core::followed(sources, render));
    }
    let artifacts = found.iter().find(|one| one.takes_artifacts);
    match (artifacts, found.first()) {
        (Some(one), _) => {
            let place = place(sources, one.span);
            let place = place.map(|(path, at)| {
                let root = rendered.tree.root();
                let path = rendered
                    .plan
                    .configured
                    .shown(&setting.working, root, &path);
                format!(" ({path}:{})", at.line)
            });
            Found::Source(FoundSource {
                object: one.object.clone(),
                url: one.url.clone(),
                followed: Followed {
                    follows: of_config(&one.follows),
                    said_by: format!("{}{}", one.object, place.unwrap_or_default()),
                },
            })
        }
        (None, Some(other)) => Found::NoArtifact(other.object.clone()),
        (None, None) => Found::Nothing,
    }
}

fn check_repository(
    setting: &Setting,
    environment: &Environment,
    found: &FoundSource,
) -> Result<(), Ended> {
    let Some(url) = found.url.as_ref().filter(|url| !url.contains("${")) else {
        return Ok(());
    };
    let is_own = RepositoryName::parse(url).is_ok_and(|name| name == setting.name);
    match is_own {
        true => Ok(()),
        false => Err(Refused {
            message: format!(
                "the source of {environment} would not select it: {} reads {url}, and not {}",
                found.object, setting.name
            ),
            help: "set the `url` of the source, or `[promotion] repository`, so that both are one"
                .to_owned(),
        }
        .into()),
    }
}

/// The cluster as it is rendered; none where the tree does not have it.
fn rendered(
    setting: &Setting,
    cluster: &str,
    args: &RepositoryArgs,
    threads: NonZeroUsize,
) -> Result<Option<Box<Rendered>>, Ended> {
    let rendering = Rendering {
        asked: Asked {
            path: &args.tree,
            clusters: &[],
            config: args.config.as_deref(),
            cache_dir: None,
            lock: None,
            threads,
        },
        working: &setting.working,
        choose: &|clusters| {
            let own = clusters.iter().filter(|one| one.name == cluster);
            Ok(own.cloned().collect())
        },
        progress: &|_, _| {},
    };
    Ok(match rendering.of(setting.tree.clone())? {
        Answer::Rendered(rendered) => {
            let clusters = &rendered.plan.options.clusters;
            let is_there = clusters.iter().any(|one| one.name == cluster);
            is_there.then_some(rendered)
        }
        Answer::Misconfigured | Answer::Nothing => None,
    })
}
