use std::sync::Arc;

use tidegate_kustomize::{Kustomizer, Options};
use tidegate_source::{Diagnostic, Location, MemorySystem, Sources, Span, TreePath};
use tidegate_yaml::{Dialect, Emitted, Node, ParseOptions, ScalarKind, emit_go_yaml2, parse};

use super::{Substitutable, Substituted};
use crate::envsubst::Mode;
use crate::flux::FluxKustomization;
use crate::render::Defined;

struct Tree {
    sources: Arc<Sources>,
    substituted: Substituted,
    before: Substitutable,
}

/// Substitutes `objects` with the variables of `defined`: the map `postBuild` of a Kustomization,
/// and behind `---` the ConfigMaps and Secrets that it finds.
fn run(objects: &str, defined: &str, mode: Mode) -> Tree {
    let (post_build, definitions) = defined.split_once("---\n").unwrap_or((defined, ""));
    let post_build = post_build.replace('\n', "\n    ");
    let kustomization = format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
         metadata: {{name: k, namespace: ns}}\nspec:\n  postBuild:\n    {post_build}\n"
    );
    let system = MemorySystem::new()
        .with("a/kustomization.yaml", "resources: [o.yaml]\n")
        .with("a/o.yaml", objects)
        .with("k.yaml", &kustomization)
        .with("d.yaml", definitions);
    let sources = Arc::new(Sources::new(Arc::new(system)));
    let documents = |path: &str| -> Vec<Node> {
        let file = sources.load(&TreePath::new(path).unwrap()).unwrap();
        let parsed = parse(&file, ParseOptions::new(Dialect::GoYaml3));
        let roots = parsed.documents.into_iter();
        roots.filter_map(|document| document.root).collect()
    };
    let kustomization = FluxKustomization::read(&documents("k.yaml")[0]);
    let definitions = documents("d.yaml");
    let kustomizer = Kustomizer::new(Arc::clone(&sources), Options::default());
    let built = kustomizer.build(&TreePath::new("a").unwrap());
    let before = Substitutable::new(built.objects.unwrap());
    let lookup = |kind: crate::flux::DefinitionKind, namespace: &str, name: &str| {
        assert_eq!(namespace, "ns");
        let is_it = |object: &&Node| {
            object.get("kind").and_then(Node::text) == Some(kind.as_str())
                && object.at(&["metadata", "name"]).and_then(Node::text) == Some(name)
        };
        match definitions.iter().find(is_it) {
            Some(object) => Defined::Object(object),
            None if name == "elsewhere" => Defined::Unknown,
            None => Defined::Missing,
        }
    };
    let substituted = before.substitute(&kustomization, &lookup, mode, &sources);
    Tree {
        sources,
        substituted,
        before,
    }
}

impl Tree {
    fn text(&self, span: Span) -> String {
        let file = self.sources.get(span.file).unwrap();
        file.text().unwrap()[span.start as usize..span.end as usize].to_owned()
    }

    /// `CODE text at the primary place`.
    fn findings(&self) -> Vec<String> {
        let shown = |finding: &Diagnostic| match finding.primary {
            Location::Span(span) => format!("{} {}", finding.code, self.text(span)),
            Location::Path(_) => panic!("a place"),
        };
        self.substituted.findings.iter().map(shown).collect()
    }

    fn spec(&self) -> &Node {
        self.substituted.salvaged[0].node.get("spec").unwrap()
    }

    /// The text at the place of a value, and at each of its steps.
    fn places(&self, path: &[&str]) -> Vec<String> {
        let place = &self.spec().at(path).unwrap().place;
        let steps = place.steps();
        let steps = steps.iter().map(|step| step.span);
        std::iter::once(place.span())
            .chain(steps)
            .map(|span| self.text(span))
            .collect()
    }
}

const W: &str = "apiVersion: example.com/v1\nkind: W\nmetadata: {name: w}\nspec:\n";

/// Substitutes a `spec`; the output is that of the spec, none where Flux fails.
fn check(spec: &str, defined: &str, mode: Mode, expected: Option<&str>, findings: &[&str]) {
    let tree = run(&format!("{W}{spec}"), defined, mode);
    assert_eq!(tree.findings(), findings, "{:#?}", tree.substituted);
    let output = tree.substituted.objects.as_ref().map(|objects| {
        let mut out = Emitted::default();
        emit_go_yaml2(objects[0].node.get("spec").unwrap(), &mut out, false).unwrap();
        out.text
    });
    assert_eq!(output.as_deref(), expected);
}

const AB: &str = "substitute: {A: '1', B: b}";

#[test]
fn values_are_read_again_without_their_quotes() {
    check(
        "  n: '${A}'\n  t: \"${A}${B}\"\n  e: ${C:=}\n  x: 0x10\n",
        AB,
        Mode::Strict,
        Some("e: null\n\"n\": 1\nt: 1b\nx: 16\n"),
        &["SUB006 ${A}"],
    );
}

#[test]
fn without_variables_nothing_is_put_in() {
    let spec = "  a: ${A:=d} $${B}\n";
    check(spec, "{}", Mode::Strict, Some("a: ${A:=d} $${B}\n"), &[]);
    let always = "substituteStrategy: Always";
    check(spec, always, Mode::Strict, Some("a: d ${B}\n"), &[]);
    let optional = "substituteFrom: [{kind: ConfigMap, name: c, optional: true}]";
    check(
        spec,
        optional,
        Mode::Strict,
        Some("a: ${A:=d} $${B}\n"),
        &[],
    );
}

#[test]
fn later_sources_win_and_lines_are_joined() {
    check(
        "  v: ${A}${B}${C}\n",
        "substituteFrom: [{kind: ConfigMap, name: c}, {kind: Secret, name: s}]\n\
         substitute: {C: inline}\n---\n\
         {apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {A: a, B: \"b\\nb\", C: c}}\n\
         ---\n{apiVersion: v1, kind: Secret, metadata: {name: s}, data: {A: eA==}}\n",
        Mode::Strict,
        Some("v: xbbinline\n"),
        &[],
    );
}

#[test]
fn what_is_undefined_is_said_at_its_place() {
    let spec = "  a: x ${A} ${NO} $${NO}\n  ${NO}: ${A}\n";
    let places = ["SUB001 ${NO}", "SUB001 ${NO}"];
    check(spec, AB, Mode::Strict, None, &places);
    let tree = run(&format!("{W}  a: x ${{A}} ${{BB}}\n"), AB, Mode::Strict);
    let finding = &tree.substituted.findings[0];
    assert_eq!(
        finding.message,
        "the variable `BB` is not defined for Kustomization ns/k"
    );
    let help = finding.help.as_deref().unwrap();
    assert!(help.starts_with("did you mean `B`? looked in postBuild.substitute (2 variables)"));
    assert_eq!(finding.fix.as_ref().unwrap().edits[0].text, "${B");
    let lenient = run(&format!("{W}  a: x${{NO}}y\n"), AB, Mode::Lenient);
    let finding = &lenient.substituted.findings[0];
    assert!(finding.message.ends_with("and becomes empty"));
    assert!(finding.help.as_ref().unwrap().contains("since Flux 2.9"));
    assert_eq!(lenient.spec().get("a").unwrap().text(), Some("xy"));
}

#[test]
fn sources_that_are_missing_are_said_once() {
    let defined = "substituteFrom: [{kind: ConfigMap, name: none}]";
    check(
        "  a: ${A}${B}\n",
        defined,
        Mode::Strict,
        None,
        &["SUB002 none"],
    );
    let disabled = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: w\n  \
        labels: {kustomize.toolkit.fluxcd.io/substitute: disabled}\n";
    let tree = run(disabled, defined, Mode::Strict);
    assert_eq!(tree.findings(), [""; 0]);
    assert!(tree.substituted.objects.is_some());
    let bad = "substitute: {a-b: c}";
    check("  a: b\n", bad, Mode::Strict, None, &["SUB003 a-b"]);
}

#[test]
fn expressions_that_cannot_be_read_are_said_at_their_place() {
    check(
        "  a: b ${1-x}\n",
        AB,
        Mode::Lenient,
        None,
        &["SUB004 ${1-x}"],
    );
    check(
        "  a: |\n    #!/bin/sh\n    echo ${A} ${@}\n",
        AB,
        Mode::Lenient,
        None,
        &["SUB004 ${@}"],
    );
}

#[test]
fn text_that_is_no_yaml_any_more_is_said_with_the_value() {
    let defined = "substitute: {A: '*/5', B: 'x: y'}";
    let tree = run(
        &format!("{W}  a: \"${{A}}\"\n  b: 1\n"),
        defined,
        Mode::Strict,
    );
    assert_eq!(tree.findings(), ["SUB005 ${A}"]);
    let label = &tree.substituted.findings[0].labels[0];
    assert_eq!(tree.text(label.span), "'*/5'");
    let tree = run(&format!("{W}  a: ${{B}}\n  c: d\n"), defined, Mode::Strict);
    assert_eq!(tree.findings(), ["SUB005 ${B}"]);
}

#[test]
fn what_is_lost_is_said() {
    let config_map = |metadata: &str, data: &str| {
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{{metadata}}}\ndata: {{{data}}}\n")
    };
    let check = |objects: &str, expected: &[&str]| {
        let tree = run(objects, "substitute: {N: '7', T: t, E: ''}", Mode::Strict);
        assert_eq!(tree.findings(), expected, "{objects}");
    };
    check(
        &config_map("name: a", "p: '${N}', q: '${E}'"),
        &["SUB006 ${N}"],
    );
    check(&config_map("name: '${N}'", ""), &["SUB007 ${N}"]);
    check(&config_map("name: '${E}'", ""), &["SUB007 ${E}"]);
    check(
        &config_map("name: a, labels: {l: '${N}'}", ""),
        &["SUB008 ${N}"],
    );
    check(&config_map("name: a, labels: {l: 'r${N}'}", ""), &[]);
    let two = format!(
        "{}---\n{}",
        config_map("name: '${T}'", ""),
        config_map("name: t", "")
    );
    check(&two, &["SUB009 '${T}'"]);
    check(&config_map("name: a", "'${T}': a, t: b"), &["SUB010 t"]);
    check(
        "apiVersion: e/v1\nkind: W\nmetadata: {name: a}\nspec: {n: 9007199254740993}\n",
        &["SUB011 9007199254740993"],
    );
    check(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  a.sh: |\n    echo $$ x\n",
        &["SUB012 |\n    echo $$ x"],
    );
}

#[test]
fn values_lead_to_their_variables_and_to_where_they_are_used() {
    let spec = "  whole: \"${A}\"\n  part: x-${A}-${B}\n  list: [a, '${U:=d}${E}']\n  \
        ${B}: k\n  map: ${M}\n";
    let defined = "substitute: {A: '1', B: b, E: '', M: '{x: 2}'}";
    let tree = run(&format!("{W}{spec}"), defined, Mode::Strict);
    assert_eq!(tree.places(&["whole"]), ["'1'", "\"${A}\""]);
    assert_eq!(tree.places(&["part"]), ["x-${A}-${B}", "'1'", "b"]);
    assert_eq!(tree.places(&["map"]), ["'{x: 2}'", "${M}"]);
    assert_eq!(tree.places(&["map", "x"]), ["'{x: 2}'", "${M}"]);
    assert_eq!(tree.places(&["b"]), ["k"]);
    let item = tree.spec().get("list").unwrap().as_seq().unwrap().get(1);
    let place = &item.unwrap().place;
    assert_eq!(tree.text(place.span()), "'${U:=d}${E}'");
    let steps: Vec<String> = place
        .steps()
        .iter()
        .map(|step| tree.text(step.span))
        .collect();
    assert_eq!(steps, ["''"]);
    let map = tree.spec().as_map().unwrap();
    let key = &map.entry("b").unwrap().key.place;
    assert_eq!(tree.text(key.span()), "b");
    assert_eq!(
        tree.text(tree.spec().place.span()).lines().next(),
        Some("whole: \"${A}\"")
    );
}

#[test]
fn what_only_the_cluster_knows_is_not_put_in() {
    let spec = "  a: ${S}\n  b: x-${S:-d}\n  c: ${A}\n  d: ${OTHER}\n";
    let defined = "substituteFrom: [{kind: Secret, name: s}, {kind: Secret, name: elsewhere}]\n\
        substitute: {A: '1'}\n---\n\
        {apiVersion: v1, kind: Secret, metadata: {name: s}, stringData: {S: 'ENC[x'}, sops: {m: x}}\n";
    let tree = run(&format!("{W}{spec}"), defined, Mode::Strict);
    assert_eq!(tree.findings(), [""; 0]);
    let kinds = |key: &str| {
        let scalar = tree.spec().get(key).unwrap().as_scalar().unwrap();
        (scalar.text.as_str(), scalar.kind)
    };
    assert_eq!(kinds("a"), ("${S}", ScalarKind::Opaque));
    assert_eq!(kinds("b"), ("x-${S:-d}", ScalarKind::Opaque));
    assert_eq!(kinds("c"), ("1", ScalarKind::Int));
    assert_eq!(kinds("d"), ("${OTHER}", ScalarKind::Opaque));
    assert_eq!(tree.places(&["a"]), ["${S}", "'ENC[x'"]);
}

#[test]
fn many_references_take_no_more_than_their_time() {
    let many = "${NO}${A}$$ ".repeat(20_000);
    let list = "  - ${A}\n".repeat(10_000);
    let start = std::time::Instant::now();
    let spec = format!("  a: |\n    #!/bin/sh\n    {many}\n  b:\n{list}");
    let tree = run(&format!("{W}{spec}"), AB, Mode::Strict);
    assert_eq!(tree.findings().len(), 101);
    let last = tree.substituted.findings[99].help.as_deref();
    assert!(
        last.unwrap()
            .ends_with("; 19900 more uses in this object are not shown")
    );
    let taken = start.elapsed();
    assert!(taken.as_secs() < 60, "{taken:?}");
}

#[test]
fn no_message_repeats_a_secret() {
    let check = |spec: &str, secret: &str| {
        let defined = format!(
            "substituteFrom: [{{kind: Secret, name: s}}]\nsubstitute: {{P: '9'}}\n---\n\
             {{apiVersion: v1, kind: Secret, metadata: {{name: s}}, stringData: {{S: '{secret}'}}}}\n"
        );
        let tree = run(&format!("{W}{spec}"), &defined, Mode::Lenient);
        let findings = &tree.substituted.findings;
        assert!(!findings.is_empty(), "{spec}");
        let said = format!("{findings:?}");
        assert!(!said.contains(secret), "{said}");
    };
    check("  a: '${S}'\n", "31337");
    check("  a: '${P}${S}'\n", "31337");
    check("  a: ${S}\n", "hunter2: hunter3: x");
    check("  a: '${S}'\n", "*hunter2");
    check("  a: '${P}${S}'\n", "007199254740993");
    check("  a: ${S}${NO}\n", "hunter2");
}

#[test]
fn objects_that_do_not_change_are_shared() {
    let objects = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: x}\n---\n\
        apiVersion: v1\nkind: ConfigMap\nmetadata: {name: b}\ndata: {a: 'x${B}'}\n";
    let tree = run(objects, AB, Mode::Strict);
    let address = |node: &Node| node.as_map().unwrap().entries().as_ptr();
    let before = tree.before.objects();
    let after = &tree.substituted.salvaged;
    assert_eq!(address(&before[0].node), address(&after[0].node));
    assert_ne!(address(&before[1].node), address(&after[1].node));
}
