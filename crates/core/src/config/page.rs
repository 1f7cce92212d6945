//! The page of the config, `docs/config.md`.

use std::fmt::Write as _;

use super::declare::{Key, Kind, Table, one_of};
use super::{keys, schema};

/// What is written by hand.
const INTRODUCTION: &str = include_str!("page.md");

/// The files of `docs/` that are about the config: their names and contents. `cargo xtask docs`
/// writes them.
pub fn docs() -> Vec<(String, String)> {
    vec![
        ("config.md".to_owned(), page()),
        ("tidegate.schema.json".to_owned(), schema::schema()),
    ]
}

fn page() -> String {
    let mut text = INTRODUCTION.to_owned();
    section(&keys::FILE, "", "## Keys", &mut text);
    text
}

/// A table of the keys of a table, then one for each table in it.
fn section(table: &Table, prefix: &str, heading: &str, text: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "\n{heading}\n\n| key | value | meaning |\n| --- | --- | --- |\n"
    );
    for key in table.keys {
        let default = match (key.required, key.default) {
            (true, _) => " Required.".to_owned(),
            (false, "") => String::new(),
            (false, default) => format!(" Default: {default}."),
        };
        let (name, kind, doc) = (key.name, value(&key.kind), key.doc);
        let _ = writeln!(text, "| `{name}` | {kind} | {doc}{default} |");
    }
    for key in table.keys {
        if let Some((name, table)) = inner(key) {
            let path = format!("{prefix}{name}");
            let header = match key.kind {
                Kind::Tables(_) => format!("[[{path}]]"),
                _ => format!("[{path}]"),
            };
            // What `provides` are for all clusters they are for one, as are `keys` of environments.
            let is_told = match key.name {
                "provides" => prefix.starts_with("clusters"),
                "keys" => prefix.starts_with("environments"),
                _ => false,
            };
            if !is_told {
                section(table, &format!("{path}."), &format!("### `{header}`"), text);
            }
        }
    }
}

fn inner(key: &Key) -> Option<(String, &'static Table)> {
    match &key.kind {
        Kind::Table(table) | Kind::Tables(table) => Some((key.name.to_owned(), table)),
        Kind::Map(name, Kind::Table(table)) => Some((format!("{}.{name}", key.name), table)),
        _ => None,
    }
}

fn value(kind: &Kind) -> String {
    match kind {
        Kind::Bool => "`true`, `false`".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Texts => "list of texts".to_owned(),
        Kind::Duration => "length of time".to_owned(),
        Kind::Number => "number".to_owned(),
        Kind::Count => "whole number".to_owned(),
        Kind::Counts => "list of whole numbers".to_owned(),
        Kind::Word(words) => format!(
            "`{}`",
            one_of(words)
                .replace("\" or \"", "\", \"")
                .replace(", ", "`, `")
        ),
        Kind::Version => "version".to_owned(),
        Kind::TreePath => "path".to_owned(),
        Kind::File => "file".to_owned(),
        Kind::Rule => "code or name".to_owned(),
        Kind::Date => "date".to_owned(),
        Kind::Table(_) => "table".to_owned(),
        Kind::Tables(_) => "tables".to_owned(),
        Kind::Map(name, value) => format!("`{name}` = {}", self::value(value)),
        Kind::ValueOr(_) => "value, or `{ type = .. }`".to_owned(),
    }
}

/// The examples of the page.
#[cfg(test)]
pub(super) fn examples() -> Vec<&'static str> {
    let blocks = INTRODUCTION.split("```toml\n").skip(1);
    blocks.filter_map(|rest| rest.split("```").next()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{Diagnostic, Location, MemorySystem, Sources, TreePath};

    use super::*;
    use crate::config::read::read;

    fn tables(table: &'static Table, all: &mut Vec<&'static Table>) {
        all.push(table);
        for key in table.keys {
            match &key.kind {
                Kind::Table(inner)
                | Kind::Tables(inner)
                | Kind::ValueOr(inner)
                | Kind::Map(_, Kind::Table(inner) | Kind::ValueOr(inner)) => tables(inner, all),
                _ => {}
            }
        }
    }

    #[test]
    fn every_key_is_documented_in_sentences() {
        let mut all = Vec::new();
        tables(&keys::FILE, &mut all);
        for key in all.iter().flat_map(|table| table.keys) {
            assert!(key.doc.ends_with('.'), "{}", key.name);
            assert!(!key.doc.contains('|'), "{} would break its row", key.name);
            assert!(!key.required || key.default.is_empty(), "{}", key.name);
        }
    }

    /// Writes a value of a wrong type for each key of a table and those in it. The other keys that
    /// are needed to get there are `around`, with `{}` for the table.
    fn wrong_values(table: &'static Table, around: &str, all: &mut Vec<String>) {
        for key in table.keys {
            let fill = |value: &str| around.replace("{}", &format!("{} = {value}", key.name));
            // An array of arrays is none of the kinds.
            all.push(fill("[[]]"));
            match &key.kind {
                Kind::Table(inner) => wrong_values(inner, &fill("{ {} }"), all),
                Kind::Tables(inner) => wrong_values(inner, &fill("[{ {} }]"), all),
                Kind::Map(_, Kind::Table(inner) | Kind::ValueOr(inner)) => {
                    wrong_values(inner, &fill("{ A = { {} } }"), all);
                }
                _ => {}
            }
        }
    }

    #[test]
    fn every_declared_key_is_read() {
        let mut texts = Vec::new();
        wrong_values(&keys::FILE, "{}", &mut texts);
        assert!(texts.len() > 40);
        for text in texts {
            let system = MemorySystem::new().with("tidegate.toml", &text);
            let sources = Sources::new(Arc::new(system));
            let file = sources.load(&TreePath::new("tidegate.toml").unwrap());
            let (_, findings) = read(&file.unwrap(), &TreePath::root());
            let is_at_value = |finding: &Diagnostic| match finding.primary {
                Location::Span(span) => {
                    text[span.start as usize..].starts_with('[')
                        && finding.message.contains("must be")
                }
                Location::Path(_) => false,
            };
            assert!(findings.iter().any(is_at_value), "{text}: {findings:?}");
        }
    }

    #[test]
    fn examples_are_read_without_a_finding() {
        for example in examples() {
            let system = MemorySystem::new().with("tidegate.toml", example);
            let sources = Sources::new(Arc::new(system));
            let file = sources.load(&TreePath::new("tidegate.toml").unwrap());
            let (_, findings) = read(&file.unwrap(), &TreePath::root());
            assert_eq!(findings, [], "{example}");
        }
    }
}
