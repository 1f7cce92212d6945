//! Charts that would take too much are refused, with an error that says where.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test of its own")]

use std::sync::Arc;

use tidegate_gotemplate::Limits;
use tidegate_helm::{
    Capabilities, Given, Options, Release, RenderError, Rendered, Templates, load, render,
};
use tidegate_source::{MemorySystem, Sources, TreePath};

/// Renders a chart with these templates; each counts less than it may in a real chart.
fn rendered(templates: &[(&str, &str)]) -> Result<Rendered, Box<RenderError>> {
    let chart = "{apiVersion: v2, name: c, version: 1.0.0}";
    let mut system = MemorySystem::new().with("Chart.yaml", chart);
    for (name, text) in templates {
        system = system.with(&format!("templates/{name}"), *text);
    }
    let sources = Sources::new(Arc::new(system));
    let chart = load::folder(&sources, &TreePath::root()).unwrap();
    let templates = Templates::default();
    let options = Options {
        limits: Limits {
            steps: 300_000,
            ..Limits::default()
        },
        ..Options::new(&templates)
    };
    let values = Given::default().into_node();
    let release = Release::new("rel", "default");
    render(
        &chart,
        &release,
        &values,
        &Capabilities::default(),
        &options,
    )
}

#[track_caller]
fn check(template: &str, words: &str) {
    let error = rendered(&[("a.yaml", template)]).unwrap_err();
    assert_eq!(error.kind.as_str(), "execute", "{error}");
    assert!(error.message.contains(words), "{error}");
    assert!(error.message.contains("c/templates/a.yaml:1:"), "{error}");
}

#[test]
fn endless_templates_end() {
    check(
        "{{ range $i := 9223372036854775807 }}{{ end }}",
        "more than 300000 steps",
    );
    check(
        "{{ range until 1000 }}{{ range until 1000 }}x{{ end }}{{ end }}",
        "steps",
    );
}

#[test]
fn recursion_ends() {
    check(
        "{{ define `a` }}{{ include `a` . }}{{ end }}{{ include `a` . }}",
        "",
    );
    check(
        "{{ define `a` }}{{ tpl `{{ include \"a\" . }}` . }}{{ end }}{{ include `a` . }}",
        "",
    );
    check("{{ $_ := set . `t` `{{ tpl .t . }}` }}{{ tpl .t . }}", "");
    check(
        "{{ define `a` }}{{ template `a` . }}{{ end }}{{ template `a` . }}",
        "",
    );
}

#[test]
fn large_texts_are_refused_before_they_are_made() {
    check("{{ repeat 1000000000 `x` }}", "larger than the limit");
    check(
        "{{ repeat 1000000000 `x` | toYaml | nindent 4 }}",
        "larger than the limit",
    );
    check(
        "{{ $x := repeat 1000000 `x` }}{{ range until 100 }}{{ $x }}{{ end }}",
        "larger than",
    );
    check("{{ indent 100000000 `a` }}", "larger than the limit");
    // Go has no widths beyond a million.
    let printed = rendered(&[("a.yaml", "x: {{ printf `%1000000000d` 1 | quote }}")]).unwrap();
    assert_eq!(
        printed.manifests[0].text(),
        "x: \"%!(NOVERB)%!(EXTRA int=1)\""
    );
}

#[test]
fn many_templates_share_the_limits() {
    let loops = "{{ range until 1000 }}{{ range until 100 }}{{ end }}{{ end }}";
    let names: Vec<String> = (0..10).map(|i| format!("{i}.yaml")).collect();
    let templates: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), loops)).collect();
    assert!(rendered(&templates[..2]).is_ok());
    let error = rendered(&templates).unwrap_err();
    assert!(error.message.contains("more than 300000 steps"), "{error}");
}

#[test]
fn what_is_deep_and_fine_is_rendered() {
    let template = "{{ define `a` }}{{ if . }}{{ include `a` (sub . 1) }}{{ end }}.{{ end }}x: {{ include `a` 60 }}";
    let rendered = rendered(&[("a.yaml", template)]).unwrap();
    assert_eq!(rendered.manifests[0].text().len(), "x: ".len() + 61);
}
