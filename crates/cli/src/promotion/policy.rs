use std::collections::BTreeSet;

use tidegate_artifact::evidence::{Policy, Role, VerifyingKey};
use tidegate_core::config::{Config, KeyRole, RequiredEvidence, codes};
use tidegate_source::Diagnostic;

/// The policy of a config, for its environments and others that were named.
pub(crate) fn policy(config: &Config, named: &[&str]) -> Result<Policy, Box<Diagnostic>> {
    let promotion = &config.promotion;
    let unsigned = promotion.evidence == RequiredEvidence::Unsigned;
    // The config bounds it to what can be reckoned with.
    let max_age = jiff::SignedDuration::try_from(promotion.max_age);
    let mut policy = Policy::new(unsigned, max_age.unwrap_or(jiff::SignedDuration::MAX));
    let declared = config.environments.iter();
    let declared = declared.map(|environment| environment.name.value.as_str());
    let environments: BTreeSet<&str> = declared.chain(named.iter().copied()).collect();
    for environment in environments {
        for (listed, role) in KeyRole::ALL.into_iter().zip(Role::ALL) {
            let keys = config.keys(listed, environment).iter();
            let keys = keys.map(|key| {
                VerifyingKey::from_pem(&key.pem).map_err(|why| {
                    let name = match &key.file {
                        Some(file) => format!("`{file}`"),
                        None => "this key".to_owned(),
                    };
                    let message = format!("{name} cannot be used: {why}");
                    Box::new(
                        Diagnostic::error(codes::UNREADABLE_FILE, key.span, message)
                            .with_help("list public keys as `openssl pkey -pubout` writes them"),
                    )
                })
            });
            let keys: Result<Vec<VerifyingKey>, _> = keys.collect();
            policy.trust(role, environment, keys?);
        }
    }
    Ok(policy)
}
