use std::sync::Arc;

use tidegate_source::{MemorySystem, Sources, Span, TreePath};
use tidegate_yaml::{Dialect, Node, ParseOptions, Value, parse, to_json};

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
fn an_entry_of_resources_is_one_object_whatever_it_is() {
    for inputs in ["[]", "[{a: b}]"] {
        check(
            &format!(
                "{{inputs: {inputs}, resources: [{{kind: A}}, {{apiVersion: v1, kind: B, metadata: null}}, {{apiVersion: \
                 v1, kind: List, items: [{{kind: C}}]}}]}}"
            ),
            &[
                r#"{"kind":"A","metadata":{"labels":{}}}"#,
                r#"{"apiVersion":"v1","kind":"B","metadata":null}"#,
                r#"{"apiVersion":"v1","items":[{"kind":"C"}],"kind":"List","metadata":{"labels":{}}}"#,
            ],
        );
    }
}

#[test]
fn whole_numbers_beyond_64_bits_are_doubles() {
    check(
        "{resources: [{kind: A, a: 9223372036854775807, b: 9223372036854775808, c: 100000000000000000000}]}",
        &[
            r#"{"a":9223372036854775807,"b":9223372036854776000,"c":100000000000000000000,"kind":"A","metadata":{"labels":{}}}"#,
        ],
    );
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

/// A ResourceSet with values that reach its objects in many ways.
const SET: &str = "\
apiVersion: fluxcd.controlplane.io/v1
kind: ResourceSet
metadata: {name: set, namespace: flux-system}
spec:
  commonMetadata: {labels: {team: shop}, annotations: {note: text}}
  inputs:
  - name: web
    image: {repo: nginx, tag: '1.27'}
    replicas: 3
    ports: [80, 443]
    enabled: true
    labels: {tier: front, zone: east}
    note: \"line one\"
  - name: db
    image: {repo: postgres, tag: '17'}
    replicas: 1
    ports: [5432]
    enabled: false
    labels: {tier: back, zone: west}
    note: other
  resources:
  - apiVersion: v1
    kind: Service
    metadata: {name: << inputs.name >>, namespace: << inputs.provider.namespace >>}
    spec: {type: ClusterIP, ports: [{port: 80}], of: << inputs.provider.name >>}
  resourcesTemplate: |
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: << inputs.name | quote >>
      labels:
        <<- inputs.labels | toYaml | nindent 8 >>
    spec:
      replicas: << inputs.replicas >>
      image: \"<< inputs.image.repo >>:<< inputs.image.tag >>\"
      << if inputs.enabled >>mode: on-call<< else >>mode: sleeping<< end >>
      ports:
      <<- range $port := inputs.ports >>
      - << $port >>
      <<- end >>
      note: << inputs.note | upper >>
      strategy: Recreate
";

/// All leaves of what a ResourceSet makes: their paths, texts, and the real places that they lead to.
fn leaves(text: &str) -> Vec<(String, String, Vec<Span>)> {
    let sources = sources();
    let set = read(&sources, text).remove(0);
    let built = build(&set, &Given::default(), &sources).unwrap();
    let mut found = Vec::new();
    let objects = built.steps.iter().flat_map(|step| &step.objects);
    for (index, object) in objects.enumerate() {
        let mut work = vec![(index.to_string(), object)];
        while let Some((path, node)) = work.pop() {
            match &node.value {
                Value::Map(map) => work.extend(map.iter().map(|entry| {
                    let key = entry.key.text().unwrap_or_default();
                    (format!("{path}.{key}"), &entry.value)
                })),
                Value::Seq(seq) => work.extend(
                    seq.iter()
                        .enumerate()
                        .map(|(at, item)| (format!("{path}.{at}"), item)),
                ),
                Value::Scalar(scalar) => {
                    let steps = node.place.steps().into_iter().map(|step| step.span);
                    let spans = std::iter::once(node.place.span()).chain(steps);
                    let spans = spans.map(|span| sources.real(span)).collect();
                    found.push((path, scalar.text.to_string(), spans));
                }
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[test]
fn every_leaf_that_a_scalar_changes_leads_to_it() {
    let before = leaves(SET);
    let changes = [
        ("web", "webx"),
        ("db", "dbx"),
        ("nginx", "nginxx"),
        ("'17'", "'18'"),
        ("replicas: 3", "replicas: 4"),
        ("443", "444"),
        ("enabled: true", "enabled: false"),
        ("enabled: false", "enabled: true"),
        ("front", "frontx"),
        ("\"line one\"", "\"line two\""),
        ("shop", "shopx"),
        ("note: text", "note: texts"),
        ("flux-system", "flux-systemx"),
        ("name: set", "name: sets"),
        ("ClusterIP", "ClusterIPx"),
        ("port: 80", "port: 81"),
        ("kind: Service", "kind: Services"),
        ("apps/v1", "apps/v2"),
        ("on-call", "on-calls"),
        ("sleeping", "slept"),
        ("Recreate", "Recreated"),
    ];
    let (mut changed, mut primary) = (0, 0);
    for (old, new) in changes {
        let at = SET.find(old).unwrap();
        let after = leaves(&SET.replacen(old, new, 1));
        for (one, other) in before.iter().zip(&after) {
            assert_eq!(one.0, other.0, "{old}");
            if one.1 == other.1 {
                continue;
            }
            changed += 1;
            let holds =
                |span: &Span| (span.start as usize) < at + old.len() && span.end as usize > at;
            assert!(one.2.iter().any(holds), "{old} changes {} silently", one.0);
            primary += usize::from(holds(&one.2[0]));
        }
        let differ = before.iter().zip(&after).any(|(a, b)| a.1 != b.1);
        assert!(differ, "{old} changes nothing");
    }
    // Flags and parts of a text are steps; all else is where one would edit it.
    assert!(primary * 10 >= changed * 7, "{primary} of {changed}");
}

/// The findings of a ResourceSet that gives objects, each with the text that it is at.
#[track_caller]
fn odd(spec: &str, expected: &[&str]) {
    let text = format!(
        "apiVersion: fluxcd.controlplane.io/v1\nkind: ResourceSet\nmetadata: {{name: s}}\nspec:\n{spec}"
    );
    let sources = sources();
    let set = read(&sources, &text).remove(0);
    let built = build(&set, &Given::default(), &sources).unwrap();
    let findings = built.findings.iter().map(|finding| {
        let tidegate_source::Location::Span(span) = finding.primary else {
            return finding.message.clone();
        };
        let span = sources.real(span);
        let at = &text[span.start as usize..span.end as usize];
        format!("{at}: {}", finding.message)
    });
    assert_eq!(findings.collect::<Vec<String>>(), expected, "{spec}");
}

const NAMED: &str =
    "  resourcesTemplate: |\n    {apiVersion: v1, kind: A, metadata: {name: << inputs.name >>}}\n";

#[test]
fn inputs_that_nothing_reads_are_told() {
    odd(
        &format!("  inputs: [{{name: a, nmae: b}}, {{name: c, nmae: d}}]\n{NAMED}"),
        &["nmae: no template reads the input `nmae`"],
    );
    let of = |template: &str| {
        format!(
            "  inputs: [{{name: a, app: {{port: 1, host: h}}}}]\n  resourcesTemplate: |\n    \
             apiVersion: v1\n    kind: A\n    metadata: {{name: << inputs.name >>}}\n    x: {template}\n"
        )
    };
    odd(
        &of("<< inputs.app.port >>"),
        &["host: no template reads the input `app.host`"],
    );
    odd(&of("<< inputs.app | toYaml | quote >>"), &[]);
    odd(&of("<< toYaml inputs | quote >>"), &[]);
    odd(
        &of("[<< range $key, $value := inputs.app >><< $value >>,<< end >>]"),
        &[],
    );
    odd(
        &of("<< range $key, $value := inputs >><< $key >><< end >>"),
        &[],
    );
    odd(
        &of("<< get inputs.app (print \"ho\" \"st\") >><< inputs.app.port >>"),
        &[],
    );
    // A branch that is not taken names it.
    odd(
        &of("<< if eq inputs.app.port 2 >><< inputs.app.host >><< end >>"),
        &[],
    );
}

#[test]
fn an_empty_list_runs_templates_without_inputs() {
    refused(
        "{inputs: [], resourcesTemplate: 'a: << inputs.name >>'}",
        "template: resourceset:1:6: executing \"resourceset\" at <inputs>: map has no entry for key \"name\": inputs",
    );
    let with = |template: &str| {
        format!(
            "  inputs: []\n  resourcesTemplate: |\n    {{apiVersion: v1, kind: A, metadata: {{name: a{template}}}}}\n"
        )
    };
    odd(&with(""), &[]);
    odd(
        &with("<< index inputs \"name\" >>"),
        &["[]: `inputs` is empty, so that a template runs once, without `name`"],
    );
}

#[test]
fn what_reads_the_clock_is_told() {
    odd(
        "  resourcesTemplate: '{apiVersion: v1, kind: A, metadata: {name: a}, age: << ago 1 | quote >>}'\n",
        &[
            "'{apiVersion: v1, kind: A, metadata: {name: a}, age: << ago 1 | quote >>}': what this \
             template prints differs each time, because of `ago`",
        ],
    );
}
