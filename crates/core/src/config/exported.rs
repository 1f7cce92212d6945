//! The inputs that providers export in a cluster, as far as they are declared.

use std::collections::BTreeMap;

use tidegate_source::{Diagnostic, Location, Severity, SourceFile, Span};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse};

use super::fields::{Fields, Reader};
use super::{Named, Spanned, codes};
use crate::resource_set::ExportedInputs;

/// The inputs of a ResourceSetInputProvider that asks a service for them.
#[derive(Clone, Debug)]
pub struct ProviderInputs {
    /// Which provider they are of, and the inputs; none before the file is read.
    pub inputs: ExportedInputs,
    /// Where the provider is named.
    pub span: Span,
    /// The file that holds them.
    pub(super) file: Named,
}

/// The entries of `inputs`.
pub(super) fn provider_inputs(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    title: &str,
) -> Vec<ProviderInputs> {
    let mut all: Vec<ProviderInputs> = Vec::new();
    let mut places = BTreeMap::new();
    for fields in fields.tables(reader, "inputs", title) {
        let provider = fields.text(reader, "provider");
        let namespace = fields.text(reader, "namespace");
        let file = fields.text(reader, "file");
        let (Some(provider), Some(file)) = (provider, file) else {
            continue;
        };
        let namespace = namespace.map_or("flux-system", |text| text.value);
        if let Some(first) = places.insert((namespace, provider.value), provider.span) {
            let message = format!(
                "the inputs of `{namespace}/{}` are declared twice",
                provider.value
            );
            let finding = reader.report(codes::INVALID_VALUE, provider.span, message);
            finding.labels.push(super::read::label(first, "first here"));
            continue;
        }
        all.push(ProviderInputs {
            inputs: ExportedInputs {
                namespace: namespace.into(),
                name: provider.value.into(),
                inputs: Vec::new(),
            },
            span: provider.span,
            file: Spanned {
                value: file.value.to_owned(),
                span: file.span,
            },
        });
    }
    all
}

/// Reads the input sets of a file: a list, or a ResourceSetInputProvider as the cluster has it.
pub(super) fn read_sets(named: &Named, file: &SourceFile) -> Result<Vec<Node>, Box<Diagnostic>> {
    let refused = |span: Span, why: &str| {
        let message = format!("`{}` holds no inputs: {why}", named.value);
        Box::new(
            Diagnostic::error(codes::UNREADABLE_FILE, span, message)
                .with_label(named.span, "named here")
                .with_help(
                    "write a list of maps, as `.status.exportedInputs` of the provider shows them",
                ),
        )
    };
    let parsed = parse(file, ParseOptions::new(Dialect::Yaml11));
    let mut findings = parsed.findings.iter();
    if let Some(error) = findings.find(|one| one.severity == Severity::Error) {
        let span = match error.primary {
            Location::Span(span) => span,
            Location::Path(_) => Span::NONE,
        };
        return Err(refused(span, &error.message));
    }
    let root = parsed.documents.into_iter().find_map(|one| one.root);
    let Some(root) = root else {
        return Ok(Vec::new());
    };
    let exported = root.at(&["status", "exportedInputs"]).unwrap_or(&root);
    let sets = exported.as_seq();
    let sets = sets.ok_or_else(|| refused(exported.place.span(), "it is no list"))?;
    match sets.iter().find(|set| set.as_map().is_none()) {
        Some(set) => Err(refused(set.place.span(), "an entry is no map")),
        None => Ok(sets.iter().cloned().collect()),
    }
}
