use tidegate_artifact::evidence::{Policy, Role, SigningKey};
use tidegate_artifact::ledger::Environment;
use tidegate_core::config::Config;

use crate::commands::Failure;
use crate::promotion::{Ended, Refused};

/// An environment that is to select what is pushed.
pub(super) struct Selecting {
    pub(super) environment: Environment,
    pub(super) policy: Policy,
}

impl Selecting {
    /// Makes sure that the environment will take what is pushed, before anything is.
    pub(super) fn new(
        name: &str,
        config: &Config,
        policy: Policy,
        key: Option<&SigningKey>,
    ) -> Result<Selecting, Ended> {
        let environment =
            Environment::new(name).map_err(|error| Failure::new(error.to_string()))?;
        let declared = config.environment(name);
        if let Some(from) = declared.and_then(|declared| declared.from.as_ref()) {
            let from = &from.value;
            return Err(Refused {
                message: format!("{name} takes what was validated in {from}, and nothing else"),
                help: format!(
                    "push it with `--env {from}`, and then `tidegate promote --to {name}`"
                ),
            }
            .into());
        }
        if policy.unsigned {
            return Ok(Selecting {
                environment,
                policy,
            });
        }
        let keys = policy.keys(Role::Gate, name);
        let refused = |message: String, help: &str| {
            Err(Refused {
                message,
                help: help.to_owned(),
            }
            .into())
        };
        match key {
            _ if keys.is_empty() => refused(
                format!(
                    "no key is listed whose word counts that an artifact for {name} passed the gate"
                ),
                "add the gate's public key to tidegate.toml: `[promotion.keys] gate = [\"gate.pub\"]`; or take \
                 anyone's word: `[promotion] evidence = \"unsigned\"`",
            ),
            None => refused(
                format!("{name} takes what the gate has signed, and there is no key to sign with"),
                "name the gate's key: --key FILE, or have TIDEGATE_GATE_KEY hold it",
            ),
            Some(key) if !keys.contains(&key.verifying_key()) => refused(
                format!(
                    "{name} does not take what the key {} has signed: the config does not list it for the gate",
                    key.verifying_key().id().short()
                ),
                "add its public half to `[promotion.keys] gate`, or sign with a key that is listed",
            ),
            Some(_) => Ok(Selecting {
                environment,
                policy,
            }),
        }
    }
}
