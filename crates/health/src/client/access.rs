//! Where the cluster is, and who one is there.

use std::path::PathBuf;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};

use super::error::{Error, ErrorKind};

/// How long it may take until a connection is there.
const CONNECT: Duration = Duration::from_secs(10);

/// Which cluster is asked, and how it is told who asks.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// The kubeconfig; by default what `KUBECONFIG` names, or `~/.kube/config`, or inside a cluster
    /// the account of the Pod.
    pub kubeconfig: Option<PathBuf>,
    /// The context of it; by default the current one.
    pub context: Option<String>,
    /// How long a request may take, all tries and waits included; by default a minute.
    pub patience: Option<Duration>,
}

impl Access {
    pub(super) async fn client(&self) -> Result<Client, Error> {
        let mut config = self.config().await?;
        config.connect_timeout = Some(CONNECT);
        // Tries are counted here, and bounded.
        config.default_retry = false;
        Client::try_from(config).map_err(no_access)
    }

    async fn config(&self) -> Result<Config, Error> {
        let options = KubeConfigOptions {
            context: self.context.clone(),
            ..KubeConfigOptions::default()
        };
        match (&self.kubeconfig, &self.context) {
            (Some(path), _) => {
                let file = Kubeconfig::read_from(path).map_err(no_access)?;
                Config::from_custom_kubeconfig(file, &options)
                    .await
                    .map_err(no_access)
            }
            (None, Some(_)) => Config::from_kubeconfig(&options).await.map_err(no_access),
            (None, None) => Config::infer().await.map_err(no_access),
        }
    }
}

fn no_access(error: impl std::error::Error) -> Error {
    Error::new(ErrorKind::NoAccess, error.to_string())
}
