//! A real API server: a dry run of a server-side apply tells its verdict.

use std::collections::BTreeMap;
use std::path::Path;

use tidegate_test_cluster::{Cluster, Content, Setup};
use tidegate_yaml::Node;

use super::yaml;
use crate::Outcome;
use crate::workspace::Workspace;

/// A server, and what it has told of itself.
pub(crate) struct Server {
    cluster: Cluster,
    /// The resources of an `apiVersion` by kind: the name in paths, and whether objects live in a
    /// namespace.
    resources: BTreeMap<String, BTreeMap<String, (String, bool)>>,
}

impl Server {
    /// A new server with the kinds of the CRDs that are kept beside the workspace.
    pub(crate) fn start(workspace: &Workspace, program: &Path) -> Outcome<Server> {
        let cluster = Cluster::start(program, &Setup::default())?;
        if let Some(folder) = workspace.crds() {
            cluster.define(&folder)?;
        }
        Ok(Server {
            cluster,
            resources: BTreeMap::new(),
        })
    }

    /// What the server refuses an object for, in the namespace `default`, nothing where it takes it; none
    /// where it has no such kind, or where what it misses is in the cluster and not in the object.
    pub(crate) fn refusal(&mut self, object: &Node) -> Outcome<Option<Option<String>>> {
        let text = |path: &[&str]| object.at(path).and_then(Node::text).unwrap_or_default();
        let (version, kind) = (text(&["apiVersion"]), text(&["kind"]));
        let api = match version.contains('/') {
            true => format!("/apis/{version}"),
            false => format!("/api/{version}"),
        };
        let Some((plural, namespaced)) = self.resource(&api, kind)? else {
            return Ok(None);
        };
        let mut object = object.clone();
        if let (true, Some(metadata)) = (
            namespaced,
            object.get_mut("metadata").and_then(Node::as_map_mut),
        ) {
            metadata.remove("namespace");
        }
        let namespace = match namespaced {
            true => "/namespaces/default",
            false => "",
        };
        let name = encoded(text(&["metadata", "name"]));
        let query = "dryRun=All&fieldValidation=Strict&fieldManager=tidegate&force=true";
        let path = format!("{api}{namespace}/{plural}/{name}?{query}");
        let client = self.cluster.client();
        let answer = client.patch(&path, Content::Apply, &yaml(&object)?)?;
        let message = answer.message();
        let is_of_cluster = matches!(answer.status, 403 | 404) || message.contains("forbidden");
        if is_of_cluster {
            return Ok(None);
        }
        Ok(Some((answer.status >= 300).then(|| message.to_owned())))
    }

    fn resource(&mut self, api: &str, kind: &str) -> Outcome<Option<(String, bool)>> {
        if !self.resources.contains_key(api) {
            let list = self.cluster.client().get(api)?.body;
            let all = list["resources"].as_array().into_iter().flatten();
            let all = all.filter_map(|one| {
                let name = one["name"].as_str().filter(|name| !name.contains('/'))?;
                let kind = one["kind"].as_str()?.to_owned();
                Some((kind, (name.to_owned(), one["namespaced"] == true)))
            });
            let all = all.collect();
            self.resources.insert(api.to_owned(), all);
        }
        Ok(self.resources[api].get(kind).cloned())
    }
}

/// A name as a part of a path.
fn encoded(name: &str) -> String {
    let mut out = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
