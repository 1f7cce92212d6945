//! What the config says of artifacts on their way from one environment to the next.

mod read;

use std::collections::BTreeMap;
use std::time::Duration;

use tidegate_source::{Diagnostic, Span};

use super::health::HealthConfig;
use super::load::Opener;
use super::{Config, Spanned, codes};

pub(super) use read::{environments, promotion};

/// How old a validation may be where the config does not say.
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a text begins with that is a key and not the name of a file.
const PEM: &str = "-----BEGIN ";

/// Where artifacts are, and what has to be proven of them.
#[derive(Clone, Debug)]
pub struct PromotionConfig {
    /// The URL of the repository, `oci://HOST/PATH` without tag and digest.
    pub repository: Option<Spanned<String>>,
    /// Whether evidence has to be signed.
    pub evidence: RequiredEvidence,
    /// How old the validation of an artifact may be when it is promoted.
    pub max_age: Duration,
    keys: RoleKeys,
}

impl Default for PromotionConfig {
    fn default() -> PromotionConfig {
        PromotionConfig {
            repository: None,
            evidence: RequiredEvidence::Signed,
            max_age: DEFAULT_MAX_AGE,
            keys: RoleKeys::default(),
        }
    }
}

/// Which evidence counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequiredEvidence {
    /// What a listed key has signed.
    Signed,
    /// Any, whoever wrote it.
    Unsigned,
}

/// An environment that artifacts move through.
#[derive(Clone, Debug)]
pub struct EnvironmentConfig {
    /// Its name, which is the tag that its clusters follow.
    pub name: Spanned<String>,
    /// The cluster that runs it, where it is not called like it.
    pub cluster: Option<Spanned<String>>,
    /// The environment that artifacts come from; none for the first one.
    pub from: Option<Spanned<String>>,
    /// What the source of its cluster selects, where the tree does not say it.
    pub follows: Option<Spanned<Follows>>,
    /// Tags for people, with the placeholders `{sha}`, `{short}` and `{suffix}`.
    pub aliases: Vec<Spanned<String>>,
    /// What `{suffix}` stands for, with the placeholders `{sha}` and `{short}`.
    pub tag_suffix: Option<Spanned<String>>,
    /// How it is validated.
    pub health: HealthConfig,
    keys: RoleKeys,
}

/// What an OCIRepository selects: its `spec.ref`. The digest goes before `semver`, that before the tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Follows {
    /// `ref.tag`.
    pub tag: Option<String>,
    /// `ref.semver`.
    pub semver: Option<String>,
    /// `ref.semverFilter`.
    pub semver_filter: Option<String>,
    /// `ref.digest`.
    pub digest: Option<String>,
}

/// What a key is trusted with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyRole {
    /// Saying that an artifact passed the gate.
    Gate,
    /// Saying how it did in an environment.
    Validate,
    /// Deciding against the evidence.
    Approve,
}

impl KeyRole {
    /// All of them.
    pub const ALL: [KeyRole; 3] = [KeyRole::Gate, KeyRole::Validate, KeyRole::Approve];

    /// Its name in the config.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyRole::Gate => "gate",
            KeyRole::Validate => "validate",
            KeyRole::Approve => "approve",
        }
    }
}

/// A public key that the config lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// The key in PEM. Nothing is known of its kind yet.
    pub pem: String,
    /// The file that it is from, as it is written in the config; none for one that is written out.
    pub file: Option<String>,
    /// Where it is listed.
    pub span: Span,
}

/// The keys of each role that is listed.
#[derive(Clone, Debug, Default)]
struct RoleKeys(BTreeMap<KeyRole, Vec<ListedKey>>);

impl Config {
    /// What the file says of an environment.
    pub fn environment(&self, name: &str) -> Option<&EnvironmentConfig> {
        let by_name = |one: &EnvironmentConfig| one.name.value.as_str().cmp(name);
        let index = self.environments.binary_search_by(by_name).ok()?;
        self.environments.get(index)
    }

    /// The keys that are trusted with a role in an environment: those that it lists itself, or else
    /// those for all.
    pub fn keys(&self, role: KeyRole, environment: &str) -> &[ListedKey] {
        let own = self.environment(environment);
        let own = own.and_then(|environment| environment.keys.0.get(&role));
        let keys = own.or_else(|| self.promotion.keys.0.get(&role));
        keys.map_or(&[], Vec::as_slice)
    }

    /// Reads the files of keys.
    pub(super) fn load_keys(&mut self, open: &Opener<'_>, findings: &mut Vec<Diagnostic>) {
        let environments = self.environments.iter_mut();
        let environments = environments.map(|environment| &mut environment.keys);
        let all = environments.chain([&mut self.promotion.keys]);
        for key in all.flat_map(|keys| keys.0.values_mut().flatten()) {
            let Some(name) = &key.file else { continue };
            let read = open(name).and_then(|file| {
                let text = file.text().map_err(|_| "it is not UTF-8 text".to_owned())?;
                let is_private = text.contains("PRIVATE KEY-----");
                match (is_private, text.contains(PEM)) {
                    (true, _) => {
                        Err("it is a private key; the config lists public ones".to_owned())
                    }
                    (false, true) => Ok(text.to_owned()),
                    (false, false) => Err("it is no key in PEM".to_owned()),
                }
            });
            match read {
                Ok(pem) => key.pem = pem,
                Err(why) => findings.push(
                    Diagnostic::error(
                        codes::UNREADABLE_FILE,
                        key.span,
                        format!("`{name}` cannot be read: {why}"),
                    )
                    .with_help(
                        "name a file with a public key in PEM, relative to the config, or write the key out",
                    ),
                ),
            }
        }
    }
}

impl EnvironmentConfig {
    /// The cluster that runs it.
    pub fn cluster(&self) -> &str {
        let cluster = self.cluster.as_ref();
        cluster.map_or(&self.name.value, |cluster| &cluster.value)
    }

    /// The aliases of an artifact that was made from a commit: `suffix` in place of what the config says
    /// that `{suffix}` stands for.
    pub fn aliases(&self, commit: &str, suffix: Option<&str>) -> Vec<String> {
        let short: String = commit.chars().take(7).collect();
        let of_commit = |text: &str| text.replace("{sha}", commit).replace("{short}", &short);
        let declared = self.tag_suffix.as_ref();
        let declared = declared.map_or("{short}", |suffix| &suffix.value);
        let suffix = suffix.map_or_else(|| of_commit(declared), str::to_owned);
        let aliases = self.aliases.iter();
        // The suffix is put in last: what it says itself is no placeholder.
        aliases
            .map(|alias| of_commit(&alias.value).replace("{suffix}", &suffix))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::config;

    const KEY: &str = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";

    #[test]
    fn keys_of_an_environment_go_before_those_of_all() {
        let config = config(
            "[promotion]\nkeys = { gate = ['gate.pub'], validate = ['gate.pub'] }\n\
             [environments.live]\nfrom = 'integration'\nkeys.approve = []\n\
             [environments.integration.keys]\n\
             validate = ['''-----BEGIN PUBLIC KEY-----\nBBBB\n-----END PUBLIC KEY-----''']\n",
        );
        let pem = |role, environment| {
            let keys = config.keys(role, environment).iter();
            keys.map(|key| key.pem.trim()).collect::<Vec<&str>>()
        };
        assert_eq!(pem(KeyRole::Gate, "live"), [KEY.trim()]);
        assert_eq!(pem(KeyRole::Validate, "live"), [KEY.trim()]);
        let own = pem(KeyRole::Validate, "integration");
        assert!(own.len() == 1 && own[0].contains("BBBB"), "{own:?}");
        assert!(pem(KeyRole::Approve, "live").is_empty());
        let live = config.environment("live").unwrap();
        assert_eq!(live.cluster(), "live");
        assert_eq!(live.from.as_ref().unwrap().value, "integration");
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let nothing = config("");
        assert_eq!(nothing.promotion.evidence, RequiredEvidence::Signed);
        assert_eq!(nothing.promotion.max_age, Duration::from_secs(604_800));
        assert!(nothing.environment("live").is_none());
        let said = config(
            "[promotion]\nrepository = 'oci://127.0.0.1:5000/acme/platform/'\nevidence = 'unsigned'\n\
             max_age = '12h'\n",
        );
        assert_eq!(said.promotion.evidence, RequiredEvidence::Unsigned);
        assert_eq!(said.promotion.max_age, Duration::from_secs(43_200));
        let repository = said.promotion.repository.unwrap().value;
        assert_eq!(repository, "oci://127.0.0.1:5000/acme/platform");
    }

    #[test]
    fn aliases_are_of_a_commit() {
        let check = |text: &str, suffix: Option<&str>, expected: &[&str]| {
            let config = config(&format!("[environments.dev]\n{text}"));
            let environment = config.environment("dev").unwrap();
            assert_eq!(environment.aliases("0123456789", suffix), expected);
        };
        let text = "aliases = ['dev-{suffix}', '{sha}.{short}']";
        check(text, None, &["dev-0123456", "0123456789.0123456"]);
        check(text, Some("{sha}"), &["dev-{sha}", "0123456789.0123456"]);
        check(
            "tag_suffix = 'x{sha}'\naliases = ['{suffix}']",
            None,
            &["x0123456789"],
        );
        check("", Some("a"), &[]);
    }
}
