//! What is known of charts: which digest a version has, and what a source was found not to have.

use serde::{Deserialize, Serialize};

use super::Cache;
use crate::charts::ChartSource;
use crate::digest::Digest;
use crate::error::Error;

/// A version of a chart, and the bytes that it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// The version. For an artifact, the tag, or the digest that it was asked for by.
    pub version: String,
    /// The digest of the archive.
    pub digest: String,
    /// The digest of the manifest, of a chart in a registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
    /// Where the archive was, of a chart in a repository with an index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a source was found not to have when it was last asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Absent {
    /// The chart. What it has whose names are near.
    Chart(Vec<String>),
    /// A version that fits. The nearest that it has.
    Version(Vec<String>),
}

#[derive(Serialize, Deserialize)]
struct Record<T> {
    /// What it is about, as file names do not tell.
    of: String,
    #[serde(flatten)]
    is: T,
}

#[derive(Serialize, Deserialize)]
struct AbsentRecord {
    absent: Absent,
}

impl Cache {
    /// All versions of a chart that were ever fetched, in no order that means something. Whether their
    /// bytes are still there is not looked at.
    pub fn versions(&self, source: &ChartSource) -> Result<Vec<Resolved>, Error> {
        let of = source.place();
        let mut all = Vec::new();
        for name in self.files.list(&folder(&of))? {
            if let Some(record) = self.files.read_json::<Record<Resolved>>(&name)?
                && record.of == of
            {
                all.push(record.is);
            }
        }
        Ok(all)
    }

    /// Keeps which digest a version has, in place of what was known of it.
    pub fn put_version(&self, source: &ChartSource, resolved: &Resolved) -> Result<(), Error> {
        let of = source.place();
        let name = Digest::of(resolved.version.as_bytes());
        let name = format!("{}/{}.json", folder(&of), name.hex());
        let is = resolved.clone();
        self.files.write_json(&name, &Record { of, is })?;
        self.files.remove(&absent_name(source));
        Ok(())
    }

    /// What was missing when this was last asked for.
    pub fn absent(&self, source: &ChartSource) -> Result<Option<Absent>, Error> {
        let record = self
            .files
            .read_json::<Record<AbsentRecord>>(&absent_name(source))?;
        let of = source.request();
        Ok(record
            .filter(|record| record.of == of)
            .map(|record| record.is.absent))
    }

    /// Keeps that this was asked for, and not to be had.
    pub fn put_absent(&self, source: &ChartSource, absent: &Absent) -> Result<(), Error> {
        let absent = absent.clone();
        let is = AbsentRecord { absent };
        let record = Record {
            of: source.request(),
            is,
        };
        self.files.write_json(&absent_name(source), &record)
    }
}

fn folder(of: &str) -> String {
    format!("charts/{}", Digest::of(of.as_bytes()).hex())
}

fn absent_name(source: &ChartSource) -> String {
    let name = Digest::of(source.request().as_bytes());
    format!("absent/{}.json", name.hex())
}
