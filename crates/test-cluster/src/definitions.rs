//! Kinds that are added to a cluster.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::part::PAUSE;
use crate::{Client, Cluster, Error};

const PATH: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/// How long the server may take until it serves what was defined.
const PATIENCE: Duration = Duration::from_secs(120);

impl Cluster {
    /// Creates the CustomResourceDefinitions of all YAML files in a folder, or of one file, waits until
    /// they are established, and tells how many there are. Those that are there already stay as they are.
    ///
    /// # Errors
    /// A file that cannot be read, or a definition that the server refuses.
    pub fn define(&self, folder: &Path) -> Result<usize, Error> {
        let client = self.client();
        let mut waited = BTreeSet::new();
        for path in files(folder)? {
            let text =
                fs::read_to_string(&path).map_err(|error| Error::of(path.display(), error))?;
            for document in documents(&text) {
                waited.extend(define(client, &path, document)?);
            }
        }
        let count = waited.len();
        let deadline = Instant::now() + PATIENCE;
        while !waited.is_empty() {
            let list = client.get(PATH)?.granted()?;
            for one in list["items"].as_array().into_iter().flatten() {
                if is_established(one) {
                    waited.remove(one["metadata"]["name"].as_str().unwrap_or_default());
                }
            }
            if Instant::now() > deadline {
                let names: Vec<String> = waited.into_iter().collect();
                return Err(Error::of("not established", names.join(", ")));
            }
            std::thread::sleep(PAUSE);
        }
        Ok(count)
    }
}

/// The name of what was created, or was there; none for a document that defines nothing.
fn define(client: &Client, path: &Path, document: &str) -> Result<Option<String>, Error> {
    if !document
        .lines()
        .any(|line| line.trim_end() == "kind: CustomResourceDefinition")
    {
        return Ok(None);
    }
    let answer = client.create(PATH, document)?;
    let name = match answer.status {
        409 => &answer.body["details"]["name"],
        200..300 => &answer.body["metadata"]["name"],
        _ => return Err(Error::of(path.display(), answer.message())),
    };
    Ok(name.as_str().map(str::to_owned))
}

fn is_established(definition: &Value) -> bool {
    let conditions = definition["status"]["conditions"].as_array();
    conditions
        .into_iter()
        .flatten()
        .any(|one| one["type"] == "Established" && one["status"] == "True")
}

/// The YAML files below a folder, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |error| Error::of(folder.display(), error);
    if folder.is_file() {
        return Ok(vec![folder.to_owned()]);
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        entries.push(entry.map_err(failed)?.path());
    }
    entries.sort();
    let mut out = Vec::new();
    for path in entries {
        if path.is_dir() {
            out.extend(files(&path)?);
        } else if path
            .extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
        {
            out.push(path);
        }
    }
    Ok(out)
}

/// The documents of a stream.
fn documents(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        match text.find("\n---") {
            Some(end) => {
                rest = Some(&text[end + "\n---".len()..]);
                Some(&text[..end])
            }
            None => rest.take(),
        }
    })
}
