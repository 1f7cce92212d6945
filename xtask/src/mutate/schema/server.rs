//! A real API server, asked by `curl`: a dry run of a server-side apply tells its verdict.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use tidegate_yaml::Node;

use super::yaml;
use crate::Outcome;

/// A server, and what it has told of itself.
pub(super) struct Server {
    url: String,
    token: String,
    /// The resources of an `apiVersion` by kind: the name in paths, and whether objects live in a
    /// namespace.
    resources: BTreeMap<String, BTreeMap<String, (String, bool)>>,
}

impl Server {
    /// The server that the environment names.
    pub(super) fn from_env() -> Outcome<Option<Server>> {
        let variable = |name: &str| std::env::var(name).ok();
        let (Some(url), Some(token)) = (
            variable("TIDEGATE_APISERVER"),
            variable("TIDEGATE_APISERVER_TOKEN"),
        ) else {
            return Ok(None);
        };
        let server = Server {
            url,
            token,
            resources: BTreeMap::new(),
        };
        let (status, text) = server.ask("GET", "/readyz", None)?;
        match status {
            200 => Ok(Some(server)),
            _ => Err(format!("{} is not ready: {status} {text}", server.url).into()),
        }
    }

    /// Whether the server refuses an object, in the namespace `default`; none where it has no such kind,
    /// or where what it misses is in the cluster and not in the object.
    pub(super) fn refuses(&mut self, object: &Node) -> Outcome<Option<bool>> {
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
        let (status, answer) = self.ask("PATCH", &path, Some(&yaml(&object)?))?;
        let message = serde_json::from_str::<Value>(&answer)
            .ok()
            .and_then(|answer| Some(answer["message"].as_str()?.to_owned()));
        let message = message.unwrap_or_default();
        let is_of_cluster = status == 403 || status == 404 || message.contains("forbidden");
        Ok((!is_of_cluster).then_some(status >= 300))
    }

    fn resource(&mut self, api: &str, kind: &str) -> Outcome<Option<(String, bool)>> {
        if !self.resources.contains_key(api) {
            let (_, text) = self.ask("GET", api, None)?;
            let list: Value = serde_json::from_str(&text).unwrap_or_default();
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

    /// The status and the text of an answer.
    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Outcome<(u32, String)> {
        let mut command = Command::new("curl");
        command
            .args(["--silent", "--show-error", "--insecure", "--max-time", "60"])
            .args(["--request", method, "--write-out", "\n%{http_code}"])
            .args(["--header", "Accept: application/json"])
            .args(["--header", &format!("Authorization: Bearer {}", self.token)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if body.is_some() {
            let kind = "Content-Type: application/apply-patch+yaml";
            command.args(["--header", kind, "--data-binary", "@-"]);
        }
        let mut child = command.arg(format!("{}{path}", self.url)).spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(body.unwrap_or_default().as_bytes())?;
        }
        let output = child.wait_with_output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let (text, status) = text.rsplit_once('\n').ok_or("curl printed nothing")?;
        Ok((status.parse()?, text.to_owned()))
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
