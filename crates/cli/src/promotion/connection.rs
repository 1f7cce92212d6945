use tidegate_artifact::Repository;
use tidegate_registry::{Registries, RepositoryName};

use crate::args::RegistryArgs;
use crate::remote::registries;

/// What registries are spoken to with.
pub(crate) struct Connection(Registries);

impl Connection {
    pub(crate) fn new(args: &RegistryArgs) -> Connection {
        Connection(registries(args))
    }

    pub(crate) fn repository(&self, name: &RepositoryName) -> Repository<'_> {
        Repository::new(self.0.repository(name))
    }
}
