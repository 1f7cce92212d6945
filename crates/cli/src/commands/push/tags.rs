use tidegate_core::config::Config;
use tidegate_registry::Reference;

use crate::commands::Failure;

/// The tags that an artifact is given.
pub(super) struct Tags {
    /// That of its commit, which is written once.
    pub(super) commit: Option<String>,
    /// Those for people, which are moved.
    pub(super) aliases: Vec<String>,
}

impl Tags {
    /// `typed` is the tag of the URL.
    pub(super) fn of(
        commit: Option<&str>,
        typed: Option<&str>,
        environment: Option<&str>,
        suffix: Option<&str>,
        config: &Config,
    ) -> Result<Tags, Failure> {
        let mut aliases: Vec<String> = typed.map(str::to_owned).into_iter().collect();
        // Without one that was named: the one that what is pushed begins in.
        let environment = match environment {
            Some(name) => config.environment(name),
            None => config.environments.iter().find(|one| one.from.is_none()),
        };
        if let (Some(environment), Some(commit)) = (environment, commit) {
            aliases.extend(environment.aliases(commit, suffix));
        }
        let mut known = Vec::new();
        for alias in aliases {
            if let Some(why) = reserved(&alias, config) {
                return Err(Failure::new(format!(
                    "`{alias}` cannot be a tag of a push: {why}"
                )));
            }
            Reference::tag(&alias).map_err(|error| Failure::new(error.to_string()))?;
            if !known.contains(&alias) {
                known.push(alias);
            }
        }
        Ok(Tags {
            commit: commit.map(|commit| format!("sha-{commit}")),
            aliases: known,
        })
    }
}

/// What a tag means that is no alias.
fn reserved(tag: &str, config: &Config) -> Option<&'static str> {
    let starts = |starts: &[&str]| starts.iter().any(|start| tag.starts_with(start));
    if config.environment(tag).is_some() {
        return Some("an environment follows it, which is set with --env or by `promote`");
    }
    if tag.starts_with("0.0.0-") {
        return Some("it would be an entry in the log of an environment");
    }
    starts(&["sha-", "content-", "sha256-", "att-", "rejected-"])
        .then_some("tidegate keeps tags that begin so for itself")
}
