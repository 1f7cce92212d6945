use std::sync::Arc;

use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, parse, to_json};

use super::{Given, build};

fn sources() -> Sources {
    Sources::new(Arc::new(MemorySystem::new()))
}

fn read(sources: &Sources, text: &str) -> Vec<Node> {
    let name = TreePath::new("set.yaml").unwrap();
    let file = sources.add_file(name, text.as_bytes().to_vec());
    let parsed = parse(&file, ParseOptions::new(Dialect::Yaml11));
    parsed
        .documents
        .into_iter()
        .filter_map(|one| one.root)
        .collect()
}

/// Builds a ResourceSet with this `spec`: the objects as JSON without the labels of their owner, or why
/// there are none and the text that is to blame.
fn built(spec: &str, providers: Option<&str>) -> Result<Vec<String>, String> {
    let text = format!(
        "{{apiVersion: fluxcd.controlplane.io/v1, kind: ResourceSet, metadata: {{name: s}}, spec: {spec}}}\n"
    );
    let sources = sources();
    let set = read(&sources, &text).remove(0);
    let given = Given {
        providers: providers.map(|text| read(&sources, text)),
        ..Given::default()
    };
    let owner = concat!(
        r#""resourceset.fluxcd.controlplane.io/name":"s","#,
        r#""resourceset.fluxcd.controlplane.io/namespace":"default""#
    );
    match build(&set, &given, &sources) {
        Ok(built) => {
            let objects = built.steps.iter().flat_map(|step| &step.objects);
            Ok(objects
                .map(|object| to_json(object).unwrap().replace(owner, ""))
                .collect())
        }
        Err(error) => {
            let span = sources.real(error.span());
            let range = span.start as usize..span.end as usize;
            Err(format!("{error}: {}", &text[range]))
        }
    }
}

#[track_caller]
fn check(spec: &str, expected: &[&str]) {
    assert_eq!(built(spec, None).unwrap(), expected);
}

#[track_caller]
fn refused(spec: &str, expected: &str) {
    assert_eq!(built(spec, None).unwrap_err(), expected);
}

#[test]
fn common_metadata_wins_over_that_of_the_object_and_the_owner_over_both() {
    check(
        "{commonMetadata: {labels: {a: new, resourceset.fluxcd.controlplane.io/name: x}, annotations: {b: c}}, \
         resources: [{apiVersion: v1, kind: A, metadata: {name: a, labels: {a: old}}}]}",
        &[
            r#"{"apiVersion":"v1","kind":"A","metadata":{"annotations":{"b":"c"},"labels":{"a":"new",},"name":"a"}}"#,
        ],
    );
}

#[test]
fn the_version_does_not_tell_objects_apart() {
    check(
        "{inputs: [{v: v1}, {v: v2}], resources: [{apiVersion: g/<< inputs.v >>, kind: A, metadata: {name: a}}]}",
        &[r#"{"apiVersion":"g/v1","kind":"A","metadata":{"labels":{},"name":"a"}}"#],
    );
}

#[test]
fn a_null_input_is_nil() {
    check(
        "{inputs: [{v: }], resources: [{apiVersion: v1, kind: A, metadata: {name: a}, nil: << kindIs \\\"invalid\\\" inputs.v >>}]}"
            .replace("\\\"", "`")
            .as_str(),
        &[r#"{"apiVersion":"v1","kind":"A","metadata":{"labels":{},"name":"a"},"nil":true}"#],
    );
}

#[test]
fn a_selector_without_requirements_takes_every_provider_of_the_namespace() {
    let provider = |name: &str, namespace: &str| {
        format!(
            "---\n{{apiVersion: fluxcd.controlplane.io/v1, kind: ResourceSetInputProvider, \
             metadata: {{name: {name}, namespace: {namespace}, labels: {{l: {name}}}}}, spec: {{type: Static}}}}\n"
        )
    };
    let providers =
        provider("a.b", "default") + &provider("c", "default") + &provider("d", "other");
    let names = |from: &str| {
        let spec = format!(
            "{{inputsFrom: {from}, resources: [{{apiVersion: v1, kind: A, metadata: {{name: << inputs.provider.name >>}}}}]}}"
        );
        let objects = built(&spec, Some(&providers)).unwrap_or_else(|error| vec![error]);
        let name = |json: &String| {
            let (_, name) = json.rsplit_once(r#""name":"#).unwrap_or(("", json));
            name.trim_matches(['"', '}']).to_owned()
        };
        objects.iter().map(name).collect::<Vec<String>>()
    };
    let expression = |text: &str| names(&format!("[{{selector: {{matchExpressions: [{text}]}}}}]"));
    assert_eq!(names("[{selector: {}}]"), ["a.b", "c"]);
    assert_eq!(names("[{name: c}, {selector: {}}]"), ["c", "a.b"]);
    assert_eq!(
        expression("{key: l, operator: NotIn, values: [c]}"),
        ["a.b"]
    );
    assert_eq!(expression("{key: l, operator: Exists}"), ["a.b", "c"]);
    assert_eq!(expression("{key: m, operator: DoesNotExist}"), ["a.b", "c"]);

    let permuted = "{inputStrategy: {name: Permute}, inputsFrom: [{selector: {}}], \
        resources: [{apiVersion: v1, kind: A, metadata: {name: << inputs.a_b.provider.name >>-<< inputs.c.id >>}}]}";
    assert_eq!(
        built(permuted, Some(&providers)).unwrap(),
        [r#"{"apiVersion":"v1","kind":"A","metadata":{"labels":{},"name":"a.b-6553700"}}"#]
    );
}

#[test]
fn errors_are_at_what_is_to_blame() {
    refused("{inputs: [text]}", "an entry of `inputs` is no map: text");
    refused("{inputs: {a: b}}", "`inputs` is no list: {a: b}");
    refused(
        "{resourcesTemplate: '<< nope >>'}",
        "template: resourceset:1: function \"nope\" not defined: nope",
    );
    refused(
        "{resourcesTemplate: a}",
        "the template prints a document that is no object: a",
    );
    refused(
        "{inputStrategy: {name: Zip}}",
        "`Zip` is no strategy for inputs: there are Flatten and Permute: {name: Zip}",
    );
    refused(
        "{resources: []}",
        "no objects were generated: {resources: []}",
    );
}

#[test]
fn dates_and_keys_are_those_of_json() {
    check(
        "{resources: [{apiVersion: v1, kind: A, metadata: {name: a}, d: 2026-01-02, on: 0777, 1.50: x}]}",
        &[
            r#"{"1.5":"x","apiVersion":"v1","d":"2026-01-02","kind":"A","metadata":{"labels":{},"name":"a"},"true":511}"#,
        ],
    );
}

#[test]
fn combinations_are_bounded() {
    let provider = "{apiVersion: fluxcd.controlplane.io/v1, kind: ResourceSetInputProvider, \
        metadata: {name: p}, spec: {type: Static}}\n";
    let build = |count: usize| {
        let inputs: String = (0..count).map(|i| format!("{{i: {i}}}, ")).collect();
        let spec = format!(
            "{{inputStrategy: {{name: Permute}}, inputs: [{inputs}], inputsFrom: [{{name: p}}], \
             resources: [{{apiVersion: v1, kind: A, metadata: {{name: 'a<< inputs.s.i >>'}}}}]}}"
        );
        built(&spec, Some(provider))
    };
    assert_eq!(build(400).unwrap().len(), 400);
    assert_eq!(
        build(50_001).unwrap_err(),
        "the inputs have more than 100000 combinations: {name: Permute}"
    );
}
