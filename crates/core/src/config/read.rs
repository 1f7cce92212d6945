//! The text of the file as a [`Config`].

use std::collections::BTreeMap;

use tidegate_source::{Diagnostic, Label, Severity, SourceFile, Span, TreePath};
use toml::de::{DeTable, DeValue};

use super::charts::{chart_logins, charts};
use super::declare::Kind;
use super::exported::provider_inputs;
use super::fields::{Fields, Reader, Value, find_rule, table, word};
use super::pattern::Pattern;
use super::promotion::{environments, promotion};
use super::provided::{Provided, ProvidedKey, ProvidedValue, ValueType};
use super::{
    ClusterConfig, Config, ConfigWaiver, FailOn, Level, Named, Spanned, StandIn, Versions, codes,
    keys,
};
use crate::render::{DefinitionKind, SourceRef};

/// So many faults of the syntax are reported: what follows the first ones is often due to them.
const MOST_SYNTAX_ERRORS: usize = 5;

/// The namespace that Flux is installed in, unless told otherwise.
const FLUX_SYSTEM: &str = "flux-system";

/// Reads a config. Paths of the tree in it are relative to `folder`.
///
/// Files that it names are not read: see [`load`](super::load).
pub(super) fn read(file: &SourceFile, folder: &TreePath) -> (Config, Vec<Diagnostic>) {
    let mut reader = Reader {
        file: file.id(),
        folder,
        findings: Vec::new(),
    };
    let name = file.path().file_name().unwrap_or("the config");
    let text = match file.text() {
        Ok(text) => text,
        Err(at) => {
            let span = Span::new(file.id(), at, at);
            reader.report(
                codes::CONFIG_SYNTAX,
                span,
                format!("{name} is not UTF-8 text"),
            );
            return (Config::default(), reader.findings);
        }
    };
    let (document, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(MOST_SYNTAX_ERRORS) {
        let range = error.span().unwrap_or_default();
        let span = Span::new(file.id(), range.start, range.end);
        // The rest of the message is about the same place.
        let message = error.message().lines().next().unwrap_or_default();
        reader.report(
            codes::CONFIG_SYNTAX,
            span,
            format!("{name} is not TOML: {message}"),
        );
    }
    if !errors.is_empty() {
        return (Config::default(), reader.findings);
    }
    let span = Span::new(file.id(), 0, 0);
    let fields = Fields::new(&mut reader, document.get_ref(), span, &keys::FILE, name);
    let config = config(&mut reader, &fields);
    (config, reader.findings)
}

fn config(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Config {
    let fail_on = fields.word(reader, "fail_on");
    Config {
        versions: versions(reader, fields),
        clusters: clusters(reader, fields),
        provides: provides(reader, fields, "`[[provides]]`"),
        inputs: provider_inputs(reader, fields, "`[[inputs]]`"),
        stand_ins: stand_ins(reader, fields),
        schemas: schemas(reader, fields),
        charts: charts(reader, fields),
        chart_logins: chart_logins(reader, fields),
        promotion: promotion(reader, fields),
        environments: environments(reader, fields),
        levels: levels(reader, fields),
        fail_on: fail_on.map(|word| match word.value {
            "error" => FailOn::AtLeast(Severity::Error),
            "warning" => FailOn::AtLeast(Severity::Warning),
            "info" => FailOn::AtLeast(Severity::Info),
            _ => FailOn::Never,
        }),
        baseline: named(fields.text(reader, "baseline")),
        waivers: waivers(reader, fields),
        ..Config::default()
    }
}

fn versions(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Versions {
    Versions {
        flux: fields.version(reader, "flux"),
        kubernetes: fields.version(reader, "kubernetes"),
        strict_substitution: fields.bool(reader, "strict_substitution"),
        no_cross_namespace_refs: fields.bool(reader, "no_cross_namespace_refs"),
    }
}

fn named(text: Option<Spanned<&str>>) -> Option<Named> {
    text.map(|Spanned { value, span }| Spanned {
        value: value.to_owned(),
        span,
    })
}

fn clusters(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<ClusterConfig> {
    let mut clusters: Vec<ClusterConfig> = Vec::new();
    let mut by_path: BTreeMap<TreePath, usize> = BTreeMap::new();
    for (name, kind, value) in fields.map(reader, "clusters") {
        let title = format!("`[clusters.{}]`", name.value);
        let Some(fields) = table(reader, name.value, kind, value, &title) else {
            continue;
        };
        let source = fields.table(reader, "source", &format!("the `source` of {title}"));
        let cluster = ClusterConfig {
            path: fields.tree_path(reader, "path"),
            root: fields.tree_path(reader, "root"),
            source: source.and_then(|fields| source_ref(reader, &fields)),
            versions: versions(reader, &fields),
            provides: provides(reader, &fields, "`provides`"),
            inputs: provider_inputs(reader, &fields, "`inputs`"),
            name: Spanned {
                value: name.value.to_owned(),
                span: name.span,
            },
        };
        if let Some(path) = &cluster.path
            && let Some(other) = by_path.insert(path.value.clone(), clusters.len())
        {
            let other = &clusters[other];
            let message = format!(
                "the clusters `{}` and `{}` have the same path",
                other.name.value, cluster.name.value
            );
            let other = other.name.span;
            let finding = reader.report(codes::INVALID_VALUE, path.span, message);
            finding.labels.push(label(other, "the other one"));
            finding.help = Some("give each its own folder".to_owned());
        }
        clusters.push(cluster);
    }
    clusters.sort_by(|a, b| a.name.value.cmp(&b.name.value));
    clusters
}

fn source_ref(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Option<Spanned<SourceRef>> {
    let kind = fields.word(reader, "kind");
    let name = fields.text(reader, "name");
    let namespace = fields.text(reader, "namespace");
    let value = SourceRef {
        kind: kind?.value.to_owned(),
        namespace: namespace.map_or(FLUX_SYSTEM, |text| text.value).to_owned(),
        name: name?.value.to_owned(),
    };
    let span = fields.span;
    Some(Spanned { value, span })
}

fn provides(reader: &mut Reader<'_>, fields: &Fields<'_>, title: &str) -> Vec<Provided> {
    let mut all: Vec<Provided> = Vec::new();
    let mut places = BTreeMap::new();
    for fields in fields.tables(reader, "provides", title) {
        let Some(provided) = provided(reader, &fields, title) else {
            continue;
        };
        match places.get(&provided.identity()) {
            Some(first) => {
                let message = format!("{provided} is declared twice");
                let finding = reader.report(codes::INVALID_VALUE, provided.span, message);
                finding.labels.push(label(*first, "first here"));
                finding.help = Some("declare its keys in one place".to_owned());
            }
            None => {
                places.insert(provided.identity(), provided.span);
                all.push(provided);
            }
        }
    }
    all
}

fn provided(reader: &mut Reader<'_>, fields: &Fields<'_>, title: &str) -> Option<Provided> {
    let kind = fields.word(reader, "kind");
    let name = fields.text(reader, "name");
    let namespace = fields.text(reader, "namespace");
    let env_file = named(fields.text(reader, "env_file"));
    let keys = values(reader, fields);
    let more_keys = fields.bool(reader, "more_keys");
    let more_keys = more_keys.is_some_and(|flag| flag.value);
    let name = name?;
    if !more_keys
        && !["env_file", "values", "more_keys"]
            .iter()
            .any(|key| fields.has(key))
    {
        let message = format!("{title} says nothing of the keys of `{}`", name.value);
        let finding = reader.report(codes::INVALID_VALUE, name.span, message);
        finding.help = Some(
            "add `env_file`, `values`, or `more_keys = true` where its keys are not known"
                .to_owned(),
        );
    }
    Some(Provided {
        kind: match kind.map(|kind| kind.value) {
            Some("Secret") => DefinitionKind::Secret,
            _ => DefinitionKind::ConfigMap,
        },
        namespace: namespace.map_or(FLUX_SYSTEM, |text| text.value).to_owned(),
        name: name.value.to_owned(),
        span: name.span,
        env_file,
        keys,
        more_keys,
    })
}

/// The entries of `values`.
fn values(reader: &mut Reader<'_>, fields: &Fields<'_>) -> BTreeMap<String, ProvidedKey> {
    let mut keys = BTreeMap::new();
    for (name, kind, value) in fields.map(reader, "values") {
        let read = match literal(value) {
            Some(literal) => Some(ProvidedValue::Known(literal)),
            None => value_type(reader, name.value, kind, value).map(ProvidedValue::Unknown),
        };
        if let Some(read) = read {
            let (value, span) = (read, reader.span(value));
            keys.insert(name.value.to_owned(), ProvidedKey { value, span });
        }
    }
    keys
}

/// A value that is written out, as the text that a ConfigMap would hold.
fn literal(value: &Value<'_>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().to_owned()),
        DeValue::Float(number) => Some(number.as_str().to_owned()),
        DeValue::Boolean(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn value_type(
    reader: &mut Reader<'_>,
    name: &str,
    kind: &'static Kind,
    value: &Value<'_>,
) -> Option<ValueType> {
    let fields = table(reader, name, kind, value, &format!("the value of `{name}`"))?;
    let word = fields.word(reader, "type")?;
    Some(match word.value {
        "string" => ValueType::String,
        "int" => ValueType::Int,
        "float" => ValueType::Float,
        "bool" => ValueType::Bool,
        _ => ValueType::Any,
    })
}

fn stand_ins(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<StandIn> {
    let mut all: Vec<StandIn> = Vec::new();
    let mut places = BTreeMap::new();
    for fields in fields.tables(reader, "files", "`[[files]]`") {
        let path = fields.tree_path(reader, "path");
        let from = named(fields.text(reader, "from"));
        let lines = values(reader, &fields);
        if fields.has("from") == fields.has("values") {
            let message = "`[[files]]` needs one of `from` and `values`";
            let finding = reader.report(codes::INVALID_VALUE, fields.span, message);
            finding.help = Some(
                "`from` names a file that stands in, `values` are the lines of an env file"
                    .to_owned(),
            );
        }
        let Some(path) = path else { continue };
        if let Some(first) = places.insert(path.value.clone(), path.span) {
            let message = "this path is declared twice";
            let finding = reader.report(codes::INVALID_VALUE, path.span, message);
            finding.labels.push(label(first, "first here"));
            continue;
        }
        all.push(StandIn { path, from, lines });
    }
    all
}

fn schemas(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Spanned<TreePath>> {
    let tables = fields.tables(reader, "schemas", "`[[schemas]]`");
    let paths = tables.iter();
    paths
        .filter_map(|fields| fields.tree_path(reader, "path"))
        .collect()
}

fn levels(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<Level> {
    let mut levels: Vec<Level> = Vec::new();
    for (name, kind, value) in fields.map(reader, "rules") {
        let rule = find_rule(reader, name.value, name.span);
        let level = word(reader, name.value, kind, value);
        let (Some(rule), Some(level)) = (rule, level) else {
            continue;
        };
        if let Some(other) = levels.iter().find(|other| other.code == rule.code) {
            let (message, first) = (format!("{} has two levels", rule.code), other.span);
            let finding = reader.report(codes::INVALID_VALUE, name.span, message);
            finding.labels.push(label(first, "first here"));
            continue;
        }
        if codes::FATAL.contains(&rule.code) {
            let message = format!("{} is about this file, and always an error", rule.code);
            let finding = reader.report(codes::INVALID_VALUE, name.span, message);
            finding.help = Some("take the line out".to_owned());
            continue;
        }
        levels.push(Level {
            code: rule.code,
            severity: match level.value {
                "error" => Some(Severity::Error),
                "warning" => Some(Severity::Warning),
                "info" => Some(Severity::Info),
                _ => None,
            },
            span: name.span,
        });
    }
    levels
}

fn waivers(reader: &mut Reader<'_>, fields: &Fields<'_>) -> Vec<ConfigWaiver> {
    let mut waivers = Vec::new();
    for fields in fields.tables(reader, "waivers", "`[[waivers]]`") {
        let rule = fields.rule(reader, "code");
        let reason = fields.text(reader, "reason");
        let path = fields.text(reader, "path");
        let object = fields.text(reader, "object");
        let until = fields.date(reader, "until");
        if !fields.has("path") && !fields.has("object") {
            let message = "`[[waivers]]` does not say what it is about";
            let finding = reader.report(codes::INVALID_VALUE, fields.span, message);
            finding.help = Some(
                "add `path`, `object` or both; to turn a rule off, set its level in `[rules]`"
                    .to_owned(),
            );
        }
        let folder = reader.folder;
        let of_paths = |text: &str| match folder.join(text) {
            Ok(path) => Ok(Pattern::of_paths(path.as_str())),
            Err(_) => Err("the path leads out of the tree".to_owned()),
        };
        let path = pattern(reader, path, &of_paths);
        let object = pattern(reader, object, &Pattern::of_objects);
        let (Some(code), Some(reason), Ok(path), Ok(object)) = (rule, reason, path, object) else {
            continue;
        };
        waivers.push(ConfigWaiver {
            code: Spanned {
                value: code.value.code,
                span: code.span,
            },
            reason: reason.value.to_owned(),
            path,
            object,
            until,
        });
    }
    waivers
}

/// A pattern, if there is one; the error says that it was reported.
fn pattern(
    reader: &mut Reader<'_>,
    text: Option<Spanned<&str>>,
    compile: &dyn Fn(&str) -> Result<Pattern, String>,
) -> Result<Option<Pattern>, ()> {
    let Some(Spanned { value, span }) = text else {
        return Ok(None);
    };
    compile(value).map(Some).map_err(|why| {
        let message = format!("`{value}` is not a pattern that can match");
        reader.report(codes::INVALID_VALUE, span, message).help = Some(why);
    })
}

pub(super) fn label(span: Span, text: &str) -> Label {
    let text = text.to_owned();
    Label { span, text }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tidegate_source::{Location, MemorySystem, Sources};

    use super::*;
    use crate::config::page;

    /// Reads bytes that are hardly a config, and looks at the places of what is said about them.
    fn check(bytes: &[u8]) {
        let sources = Sources::new(Arc::new(MemorySystem::new().with("tidegate.toml", bytes)));
        let file = sources.load(&TreePath::new("tidegate.toml").unwrap());
        let (_, findings) = read(&file.unwrap(), &TreePath::root());
        for finding in findings {
            let Location::Span(span) = finding.primary else {
                panic!("{finding:?} has no place");
            };
            assert!(span.start <= span.end && span.end as usize <= bytes.len());
        }
    }

    #[test]
    fn no_config_is_too_broken_to_be_read() {
        for example in page::examples() {
            let bytes = example.as_bytes();
            for at in 0..bytes.len() {
                check(&bytes[..at]);
                check(&[&bytes[..at], &bytes[at + 1..]].concat());
                for odd in [b"[", b"\"", b"=", b".", b"\n", b"\xff"] {
                    check(&[&bytes[..at], odd, &bytes[at..]].concat());
                }
            }
        }
        check(&b"[".repeat(100_000));
        check(&b"a.".repeat(100_000));
        check(&b"[[files]]\npath = 'a'\n".repeat(2_000));
    }
}
