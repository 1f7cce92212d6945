//! Builds of small trees for the tests of transformers.

use std::sync::Arc;

use tidegate_source::{Location, MemorySystem, Sources, TreePath};

use crate::{Built, Kustomizer, Options};

/// Checks what a build of `kustomization.yaml` and other files gives. `expected` is its output, or
/// `line:column: message` of its first error, a path before it where that is another file.
pub(crate) fn check(kustomization: &str, files: &[(&str, &str)], expected: &str) {
    let mut system = MemorySystem::new().with("kustomization.yaml", kustomization);
    for (path, text) in files {
        system = system.with(path, text);
    }
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let built = Kustomizer::new(Arc::clone(&sources), Options::default()).build(&TreePath::root());
    let found = match output(&built) {
        Some(text) => text,
        None => first_error(&built, &sources),
    };
    assert_eq!(found.trim(), expected.trim(), "{kustomization}");
}

fn output(built: &Built) -> Option<String> {
    built.to_yaml()?.ok()
}

fn first_error(built: &Built, sources: &Sources) -> String {
    let Some(finding) = built.findings.first() else {
        return "no output and no finding".to_owned();
    };
    let primary = match &finding.primary {
        Location::Span(span) => Location::Span(sources.real(*span)),
        path => path.clone(),
    };
    let path = primary.path(sources).map(|path| path.to_string());
    let path = path.unwrap_or_default();
    let path = match path.as_str() {
        "kustomization.yaml" => String::new(),
        path => format!("{path}:"),
    };
    match primary.line_col(sources) {
        Some(place) => format!("{path}{}:{}: {}", place.line, place.column, finding.message),
        None => format!("{path} {}", finding.message),
    }
}
