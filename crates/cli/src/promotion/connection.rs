use std::sync::Arc;

use tidegate_artifact::Repository;
use tidegate_registry::{Http, Keychain, Registries, RepositoryName, Settings};

use crate::charts::environment;

/// What registries are spoken to with.
pub(crate) struct Connection(Registries);

impl Connection {
    /// With the logins and proxies of the user. `insecure` are registries that are spoken to in plain text.
    pub(crate) fn new(insecure: &[String]) -> Connection {
        let http = Http::new(Settings {
            proxies: environment::proxies(),
            insecure: insecure.to_owned(),
            ..Settings::default()
        });
        let keychain = Keychain::read(&environment::logins());
        Connection(Registries::new(Arc::new(http), keychain))
    }

    pub(crate) fn repository(&self, name: &RepositoryName) -> Repository<'_> {
        Repository::new(self.0.repository(name))
    }
}
