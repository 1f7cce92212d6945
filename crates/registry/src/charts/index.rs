//! `index.yaml` of a chart repository.
//!
//! Such a file may have 20 MB, of which a release needs the lines of one chart: the file is searched for
//! where the charts are, and only those that are asked for are read as YAML.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Deserialize;
use tidegate_semver::Version;

use super::yaml::{self, Value};

/// An index, in which the charts are found but not read.
#[derive(Debug)]
pub struct ChartIndex {
    text: String,
    charts: Charts,
}

#[derive(Debug)]
enum Charts {
    /// Where in the text each chart is.
    Places(BTreeMap<String, Range<usize>>),
    /// All of them, as the file was in a form that has to be read as a whole.
    Read(BTreeMap<String, Vec<Offer>>),
}

/// A version of a chart that a repository offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The version, as written.
    pub version: String,
    /// When it was made, as written.
    pub created: String,
    /// The SHA-256 of the archive, as written; empty where the index has none.
    pub digest: String,
    /// Where the archive is: the first one counts.
    pub urls: Vec<String>,
}

impl ChartIndex {
    /// Finds the charts in the text of an index. The error says what is wrong with the file.
    pub fn parse(text: String) -> Result<ChartIndex, String> {
        if text.trim().is_empty() {
            return Err("it is empty".to_owned());
        }
        if text.trim_start().starts_with('{')
            && let Ok(index) = serde_json::from_str::<Json>(&text)
        {
            if index.api_version.is_empty() {
                return Err(NO_API_VERSION.to_owned());
            }
            return Ok(ChartIndex {
                text: String::new(),
                charts: Charts::Read(index.charts()),
            });
        }
        if let Some((has_api_version, places)) = find_charts(&text) {
            if !has_api_version {
                return Err(NO_API_VERSION.to_owned());
            }
            let charts = Charts::Places(places);
            return Ok(ChartIndex { text, charts });
        }
        let value = yaml::read(&text)?;
        if value
            .get("apiVersion")
            .and_then(Value::text)
            .unwrap_or_default()
            .is_empty()
        {
            return Err(NO_API_VERSION.to_owned());
        }
        let entries = value.get("entries").map(Value::entries).unwrap_or_default();
        let charts = entries
            .iter()
            .map(|(name, chart)| (name.clone(), offers(chart)));
        Ok(ChartIndex {
            charts: Charts::Read(charts.collect()),
            text: String::new(),
        })
    }

    /// The names of all charts, in order.
    pub fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match &self.charts {
            Charts::Places(places) => Box::new(places.keys().map(String::as_str)),
            Charts::Read(charts) => Box::new(charts.keys().map(String::as_str)),
        }
    }

    /// The versions of a chart, in the order of the file; none for a chart that is not there. Versions
    /// that Helm would not take for such are left out.
    pub fn offers(&self, chart: &str) -> Result<Option<Vec<Offer>>, String> {
        match &self.charts {
            Charts::Read(charts) => Ok(charts.get(chart).cloned()),
            Charts::Places(places) => match places.get(chart) {
                None => Ok(None),
                Some(place) => {
                    let value = yaml::read(&self.text[place.clone()])?;
                    let versions = value
                        .entries()
                        .first()
                        .map(|(_, versions)| offers(versions));
                    Ok(Some(versions.unwrap_or_default()))
                }
            },
        }
    }
}

const NO_API_VERSION: &str = "it has no `apiVersion`: it is no index of charts";

fn offers(versions: &Value) -> Vec<Offer> {
    let text = |of: &Value, name: &str| {
        of.get(name)
            .and_then(Value::text)
            .unwrap_or_default()
            .to_owned()
    };
    let all = versions.items().iter().map(|one| Offer {
        version: text(one, "version"),
        created: text(one, "created"),
        digest: text(one, "digest"),
        urls: one
            .get("urls")
            .map(Value::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|url| Some(url.text()?.to_owned()))
            .collect(),
    });
    all.filter(is_offered).collect()
}

/// Helm leaves out what has no sound version.
fn is_offered(offer: &Offer) -> bool {
    Version::parse(&offer.version).is_ok()
}

/// Finds the lines of each chart in block YAML of the form that Helm and all others write, and whether
/// there is an `apiVersion`. None where the file is of another form.
fn find_charts(text: &str) -> Option<(bool, BTreeMap<String, Range<usize>>)> {
    let mut charts = BTreeMap::new();
    let mut has_api_version = false;
    let mut seen_entries = false;
    let mut in_entries = false;
    let mut indent = 0;
    let mut open: Option<(String, usize)> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let content = line.trim_start_matches(' ');
        let depth = line.len() - content.len();
        if (depth > indent && open.is_some())
            || matches!(
                content.as_bytes().first(),
                None | Some(b'\n' | b'\r' | b'#')
            )
        {
            continue;
        }
        let content = content.trim_end();
        if depth == 0 && !(in_entries && content.starts_with("- ")) {
            if let Some((name, from)) = open.take() {
                charts.insert(name, from..start);
            }
            in_entries = false;
            if content == "---" {
                if seen_entries || has_api_version {
                    return None;
                }
                continue;
            }
            let (key, value) = key_of(content)?;
            match key {
                "apiVersion" => has_api_version = !value.is_empty(),
                "entries" => {
                    if seen_entries || !(value.is_empty() || value == "{}") {
                        return None;
                    }
                    seen_entries = true;
                    in_entries = value.is_empty();
                    indent = 0;
                }
                _ => {}
            }
            continue;
        }
        if !in_entries {
            // Below a key that matters not, such as `metadata`.
            continue;
        }
        if indent == 0 {
            indent = depth;
        }
        if depth != indent {
            return None;
        }
        // Items of a list may stand as far to the left as the key of the list.
        if content.starts_with("- ") || content == "-" {
            open.as_ref()?;
            continue;
        }
        let (key, _) = key_of(content)?;
        if let Some((name, from)) = open.replace((key.to_owned(), start))
            && charts.insert(name, from..start).is_some()
        {
            return None;
        }
    }
    if let Some((name, from)) = open {
        charts.insert(name, from..text.len());
    }
    Some((has_api_version, charts))
}

/// Key and value of a line, if both are simple.
fn key_of(line: &str) -> Option<(&str, &str)> {
    let (key, value) = match line.as_bytes().first()? {
        quote @ (b'"' | b'\'') => {
            let quote = char::from(*quote);
            let (key, value) = line[1..].split_once(quote)?;
            (key, value.trim_start().strip_prefix(':')?)
        }
        _ => line.split_once(':')?,
    };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    let is_simple = !key.is_empty() && key.bytes().all(fits);
    let is_key = value.is_empty() || value.starts_with(' ');
    let value = value.split(" #").next().unwrap_or_default().trim();
    (is_simple && is_key).then_some((key, value))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Json {
    #[serde(default)]
    api_version: String,
    #[serde(default)]
    entries: BTreeMap<String, Option<Vec<Option<JsonOffer>>>>,
}

#[derive(Deserialize)]
struct JsonOffer {
    #[serde(default)]
    version: String,
    #[serde(default)]
    created: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    urls: Option<Vec<String>>,
}

impl Json {
    fn charts(self) -> BTreeMap<String, Vec<Offer>> {
        let offers = |all: Option<Vec<Option<JsonOffer>>>| {
            let all = all
                .unwrap_or_default()
                .into_iter()
                .flatten()
                .map(|one| Offer {
                    version: one.version,
                    created: one.created,
                    digest: one.digest,
                    urls: one.urls.unwrap_or_default(),
                });
            all.filter(is_offered).collect()
        };
        let entries = self.entries.into_iter();
        entries.map(|(name, all)| (name, offers(all))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "\
apiVersion: v1
entries:
  alpine:
    - created: 2016-10-06T16:23:20.499814565-06:00
      description: |-
        Deploy
        b: c
      digest: 99c76e403d752c84ead610644d4b1c2f2b453a74b921f422b9dcb8a7c8b559cd
      urls:
        - https://example.org/alpine-0.2.0.tgz
      version: 0.2.0
    - urls: [alpine-0.1.0.tgz]
      version: \"0.1.0\"
    - version: nonsense
  # a comment
  'nginx':
  - version: 1.1.0
    urls:
    - charts/nginx-1.1.0.tgz
  empty: []
generated: 2016-10-06T16:23:20Z
";

    fn versions(text: &str, chart: &str) -> Option<Vec<String>> {
        let index = ChartIndex::parse(text.to_owned()).unwrap();
        let offers = index.offers(chart).unwrap()?;
        Some(
            offers
                .iter()
                .map(|offer| format!("{} {}", offer.version, offer.urls.join(",")))
                .collect(),
        )
    }

    fn owned(texts: &[&str]) -> Option<Vec<String>> {
        Some(texts.iter().map(|text| (*text).to_owned()).collect())
    }

    #[test]
    fn the_versions_of_a_chart_are_read() {
        let index = ChartIndex::parse(BLOCK.to_owned()).unwrap();
        assert!(matches!(index.charts, Charts::Places(_)));
        assert_eq!(
            index.names().collect::<Vec<_>>(),
            ["alpine", "empty", "nginx"]
        );
        let first = &index.offers("alpine").unwrap().unwrap()[0];
        assert_eq!(first.created, "2016-10-06T16:23:20.499814565-06:00");
        assert!(first.digest.starts_with("99c76e"));
        assert_eq!(
            versions(BLOCK, "alpine"),
            owned(&[
                "0.2.0 https://example.org/alpine-0.2.0.tgz",
                "0.1.0 alpine-0.1.0.tgz"
            ])
        );
        assert_eq!(
            versions(BLOCK, "nginx"),
            owned(&["1.1.0 charts/nginx-1.1.0.tgz"])
        );
        assert_eq!(versions(BLOCK, "empty"), owned(&[]));
        assert_eq!(versions(BLOCK, "version"), None);
    }

    #[test]
    fn other_forms_are_read_as_a_whole() {
        let check = |text: &str| assert_eq!(versions(text, "a"), owned(&["1.0.0 a.tgz"]), "{text}");
        check("apiVersion: v1\nentries: {a: [{version: 1.0.0, urls: [a.tgz]}]}\n");
        check(
            "{\"apiVersion\": \"v1\", \"entries\": {\"a\": [{\"version\": \"1.0.0\", \"urls\": [\"a.tgz\"]}, null]}}",
        );
        check("? apiVersion\n: v1\n? entries\n: a:\n  - {version: 1.0.0, urls: [a.tgz]}\n");
        check("--- {apiVersion: v1, entries: {a: [{version: 1.0.0, urls: [a.tgz]}]}}");
        check(
            "apiVersion: v1\nentries:\n    a:\n        - version: 1.0.0\n          urls: [a.tgz]\n",
        );
        check("---\nentries:\n  a:\n  - urls:\n    - a.tgz\n    version: 1.0.0\napiVersion: v1");
    }

    #[test]
    fn what_is_no_index_is_refused() {
        let check = |text: &str, expected: &str| {
            let error = ChartIndex::parse(text.to_owned()).unwrap_err();
            assert!(error.starts_with(expected), "{text}: {error}");
        };
        check("", "it is empty");
        check("entries: {}\n", NO_API_VERSION);
        check("<!DOCTYPE html>\n<html>", "");
        check("{\"entries\": {}}", NO_API_VERSION);
        check(&"[".repeat(100_000), "it is not YAML");
    }
}
