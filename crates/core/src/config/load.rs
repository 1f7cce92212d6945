//! A config with all that it names: env files, and files that stand in for absent ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use tidegate_source::{Diagnostic, SourceFile, SourceMapBuilder, Sources, Span, TreePath};

use super::exported::read_sets;
use super::provided::{Provided, ProvidedKey, ProvidedValue};
use super::read::read;
use super::{Config, Named, StandIn, codes};
use crate::envsubst::read_assignments;
use crate::render::DefinitionKind;

/// Finds a file by its path relative to the config. The error says why there is none.
pub type Opener<'a> = dyn Fn(&str) -> Result<Arc<SourceFile>, String> + 'a;

/// Reads a config and the files that it names, and lets those stand in that it says so of.
///
/// Paths of the tree are relative to `folder`. An error among the findings says that there is no
/// config to go by.
pub fn load(
    sources: &Sources,
    file: &SourceFile,
    folder: &TreePath,
    open: &Opener<'_>,
) -> (Config, Vec<Diagnostic>) {
    let (mut config, mut findings) = read(file, folder);
    let clusters = config.clusters.iter_mut();
    let of_clusters = clusters.flat_map(|cluster| &mut cluster.provides);
    for provided in of_clusters.chain(&mut config.provides) {
        if let Some(named) = provided.env_file.take()
            && let Err(finding) = add_env_file(provided, &named, open)
        {
            findings.push(*finding);
        }
    }
    let of_clusters = config.clusters.iter_mut();
    let of_clusters = of_clusters.flat_map(|cluster| &mut cluster.inputs);
    for declared in of_clusters.chain(&mut config.inputs) {
        let file = opened(&declared.file, open);
        match file.and_then(|file| read_sets(&declared.file, &file)) {
            Ok(sets) => declared.inputs.inputs = sets,
            Err(finding) => findings.push(*finding),
        }
    }
    config.load_keys(open, &mut findings);
    config.load_certificates(open, &mut findings);
    let mut unknown = BTreeMap::new();
    for stand_in in &config.stand_ins {
        if sources.kind(&stand_in.path.value).is_ok() {
            findings.push(not_absent(stand_in));
            continue;
        }
        let file = match &stand_in.from {
            Some(named) => opened(named, open),
            None => env_file(sources, stand_in),
        };
        match file {
            Ok(file) => sources.stand_in(stand_in.path.value.clone(), file),
            Err(finding) => findings.push(*finding),
        }
        for key in stand_in.lines.values() {
            if let ProvidedValue::Unknown(value_type) = key.value {
                unknown.insert((key.span.start, key.span.end), value_type);
            }
        }
    }
    config.file = Some(file.id());
    config.unknown = unknown;
    (config, findings)
}

fn opened(named: &Named, open: &Opener<'_>) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    open(&named.value).map_err(|why| {
        let message = format!("`{}` cannot be read: {why}", named.value);
        Box::new(
            Diagnostic::error(codes::UNREADABLE_FILE, named.span, message)
                .with_help("paths in the config are relative to it"),
        )
    })
}

/// Adds the keys of an env file, where the config does not say its own.
fn add_env_file(
    provided: &mut Provided,
    named: &Named,
    open: &Opener<'_>,
) -> Result<(), Box<Diagnostic>> {
    let file = opened(named, open)?;
    if provided.kind == DefinitionKind::Secret {
        file.mark_secret();
    }
    let assignments = read_assignments(&file).map_err(|refused| {
        let message = format!("`{}` is no env file: {refused}", named.value);
        Box::new(
            Diagnostic::error(codes::UNREADABLE_FILE, refused.span, message)
                .with_label(named.span, "named here")
                .with_help("write NAME=value in each line, or a map in a file .yaml or .json"),
        )
    })?;
    for assignment in assignments {
        provided.keys.entry(assignment.name).or_insert(ProvidedKey {
            value: ProvidedValue::Known(assignment.value),
            span: assignment.span,
        });
    }
    Ok(())
}

/// The lines of a stand-in as a file.
fn env_file(sources: &Sources, stand_in: &StandIn) -> Result<Arc<SourceFile>, Box<Diagnostic>> {
    let mut map = SourceMapBuilder::new(stand_in.path.span);
    let mut text = String::new();
    for (name, key) in &stand_in.lines {
        let value = match &key.value {
            ProvidedValue::Known(value) => value,
            ProvidedValue::Unknown(value_type) => value_type.sample(),
        };
        let is_line = |text: &str| !text.contains(['\n', '\r']);
        if !is_line(value) || !is_line(name) || name.contains('=') {
            let message = format!("`{}` is no line of an env file", name.escape_debug());
            return Err(Box::new(
                Diagnostic::error(codes::INVALID_VALUE, key.span, message)
                    .with_help("a value has no line breaks there, and a name no `=` either"),
            ));
        }
        map.made(text.len(), key.span);
        text.push_str(&format!("{name}={value}\n"));
    }
    Ok(sources.add_virtual(stand_in.path.value.clone(), text, map.finish()))
}

fn not_absent(stand_in: &StandIn) -> Diagnostic {
    let path = &stand_in.path;
    let message = format!("`{}` exists, so nothing stands in for it", path.value);
    Diagnostic::warning(codes::UNUSED_DECLARATION, path.span, message)
        .with_help("take the entry out")
}

impl Config {
    /// The type of a value that a stand-in declares without its value, by the place where it is
    /// written: what is at such a place is a sample, and nothing follows from it.
    pub fn unknown_at(&self, span: Span) -> Option<super::ValueType> {
        let is_here = self.file == Some(span.file);
        let found = self.unknown.get(&(span.start, span.end));
        found.filter(|_| is_here).copied()
    }
}
