//! Which kinds the API server has, in two requests.
//!
//! Source: KEP-3352, aggregated discovery, which all servers from Kubernetes 1.27 on have.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::{Error, ErrorKind};
use super::reader::{Asking, not_understood};
use crate::sample::Kind;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/// The kinds, by `apiVersion` and `kind`.
pub(super) async fn kinds(asking: &Asking) -> Result<BTreeMap<(String, String), Kind>, Error> {
    let mut kinds = BTreeMap::new();
    for path in ["/api", "/apis"] {
        let bytes = asking.get(path, AGGREGATED).await?;
        let groups: Groups =
            serde_json::from_slice(&bytes).map_err(|error| not_understood(path, &error))?;
        if groups.kind != "APIGroupDiscoveryList" {
            let message = format!(
                "{path}: the API server has no aggregated discovery, which is of Kubernetes 1.27"
            );
            return Err(Error::new(ErrorKind::NoAnswer, message));
        }
        for group in groups.items {
            for version in group.versions {
                let api_version = match group.metadata.name.as_str() {
                    "" => version.version,
                    name => format!("{name}/{}", version.version),
                };
                for resource in version.resources {
                    let is_status = |one: &Subresource| one.subresource == "status";
                    let kind = Kind {
                        plural: resource.resource,
                        is_namespaced: resource.scope == "Namespaced",
                        has_status: resource.subresources.iter().any(is_status),
                        can_be_listed: resource.verbs.iter().any(|verb| verb == "list"),
                    };
                    kinds.insert((api_version.clone(), resource.response_kind.kind), kind);
                }
            }
        }
    }
    Ok(kinds)
}

#[derive(Deserialize)]
struct Groups {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    items: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    metadata: Named,
    #[serde(default)]
    versions: Vec<Version>,
}

#[derive(Default, Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
struct Version {
    version: String,
    #[serde(default)]
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Resource {
    resource: String,
    #[serde(default)]
    response_kind: ResponseKind,
    #[serde(default)]
    scope: String,
    #[serde(default)]
    verbs: Vec<String>,
    #[serde(default)]
    subresources: Vec<Subresource>,
}

#[derive(Default, Deserialize)]
struct ResponseKind {
    #[serde(default)]
    kind: String,
}

#[derive(Deserialize)]
struct Subresource {
    subresource: String,
}
