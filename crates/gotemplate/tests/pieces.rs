//! Where the bytes of the output came from.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test of its own")]

use std::collections::BTreeSet;
use std::sync::Arc;

use tidegate_gotemplate::{
    Fixed, Functions, Limits, Numbers, Options, Origins, Output, Set, Value,
};
use tidegate_source::{MemorySystem, Sources, TreePath};
use tidegate_yaml::{Dialect, ParseOptions, parse};

const VALUES: &str = "\
name: web
image:
  repo: nginx
  tag: '1.27'
replicas: 3
labels: {tier: front, zone: east}
args: [one, two]
note: \"line one\\nline two\"
tpl: '{{ .Values.name }}-suffix'
empty: ''
";

/// A render with track of the values, and what is needed to ask where a part came from.
struct Render {
    template: String,
    output: Output,
    text: String,
    origins: Origins,
}

fn render(template: &str) -> Render {
    let system = MemorySystem::new()
        .with("values.yaml", VALUES)
        .with("t.yaml", template);
    let sources = Sources::new(Arc::new(system));
    let load = |path: &str| sources.load(&TreePath::new(path).unwrap()).unwrap();
    let (values, file) = (load("values.yaml"), load("t.yaml"));
    let parsed = parse(&values, ParseOptions::new(Dialect::Yaml11));
    let mut origins = Origins::tracking();
    let root = parsed.documents[0].root.as_ref().unwrap();
    let values = Value::from_node(root, Numbers::Float64, &mut origins);
    let data = Value::map([("Values".into(), values)].into());
    let mut set = Set::new(Arc::new(Functions::helm()), Options::default());
    set.parse("t", template.as_bytes(), file.id()).unwrap();
    let mut host = Fixed::default();
    let output = set
        .execute("t", &data, &mut host, &mut origins, &Limits::default())
        .unwrap();
    Render {
        template: template.to_owned(),
        text: String::from_utf8(output.text.clone()).unwrap(),
        output,
        origins,
    }
}

impl Render {
    /// The texts of the values that the first `part` of the output came from, and of the template that
    /// wrote it.
    fn of(&self, part: &str) -> (BTreeSet<&str>, BTreeSet<&str>) {
        let start = self
            .text
            .find(part)
            .unwrap_or_else(|| panic!("no {part:?} in {:?}", self.text));
        let end = start + part.len();
        let (mut values, mut templates) = (BTreeSet::new(), BTreeSet::new());
        let mut from = 0;
        for piece in &self.output.pieces {
            let range = from..piece.end as usize;
            from = range.end;
            if range.end <= start || range.start >= end {
                continue;
            }
            for origin in self.origins.members(piece.origin) {
                let span = self.origins.place_of(*origin).unwrap().span();
                values.insert(&VALUES[span.start as usize..span.end as usize]);
            }
            if piece.template.is_some() {
                let span = piece.template;
                templates.insert(&self.template[span.start as usize..span.end as usize]);
            }
        }
        (values, templates)
    }
}

impl Render {
    /// The texts of the values that decided that the first `part` of the output is there.
    fn influences(&self, part: &str) -> BTreeSet<&str> {
        let start = self.text.find(part).unwrap();
        let pieces = &self.output.pieces;
        let piece = &pieces[pieces.partition_point(|piece| piece.end as usize <= start)];
        let influences = self.origins.influences(piece.origin);
        let places = influences
            .iter()
            .filter_map(|origin| self.origins.place_of(*origin));
        places
            .map(|place| &VALUES[place.span().start as usize..place.span().end as usize])
            .collect()
    }
}

/// Each part of the output and the values it came from, and those alone.
#[track_caller]
fn check(template: &str, expected: &[(&str, &[&str])]) {
    let render = render(template);
    let total = render
        .output
        .pieces
        .last()
        .map_or(0, |piece| piece.end as usize);
    assert_eq!(total, render.text.len());
    for (part, values) in expected {
        let wanted: BTreeSet<&str> = values.iter().copied().collect();
        assert_eq!(render.of(part).0, wanted, "{part:?} in {:?}", render.text);
    }
}

#[test]
fn values_that_are_printed_lead_to_their_place() {
    check(
        "a: {{ .Values.name }} {{ .Values.replicas }} {{ .Values.labels.tier | upper }}",
        &[
            ("a:", &[]),
            ("web", &["web"]),
            ("3", &["3"]),
            ("FRONT", &["front"]),
        ],
    );
}

#[test]
fn strings_keep_their_pieces() {
    check(
        "{{ printf \"%s:%v\" .Values.image.repo .Values.image.tag | quote }}",
        &[("nginx", &["nginx"]), ("1.27", &["'1.27'"]), (":", &[])],
    );
    check(
        "{{ cat .Values.name .Values.image.repo | indent 2 | trim | trunc 7 }}",
        &[("web", &["web"]), ("ngi", &["nginx"])],
    );
    check(
        "{{ list .Values.name .Values.labels.zone | join \"-\" | replace \"-\" \"+\" }}",
        &[("web", &["web"]), ("east", &["east"]), ("+", &[])],
    );
    check(
        "{{ .Values.empty | default .Values.name }} {{ ternary .Values.name \"x\" true }}",
        &[("web", &["web"])],
    );
    check(
        "{{ splitList \"\\n\" .Values.note | last }} {{ regexReplaceAll \"e\" .Values.name \"E\" }}",
        &[
            ("line two", &["\"line one\\nline two\""]),
            ("wEb", &["web"]),
        ],
    );
}

#[test]
fn includes_keep_pieces_of_values_and_templates() {
    let template = "{{ define \"l\" }}tier: {{ .Values.labels.tier }}{{ end }}x:\n{{ include \"l\" . | nindent 2 }}";
    check(template, &[("front", &["front"]), ("tier:", &[])]);
    let render = render(template);
    assert_eq!(render.of("tier:").1, BTreeSet::from(["tier: "]));
    assert_eq!(
        render.of("front").1,
        BTreeSet::from([" .Values.labels.tier }}"].map(str::trim_start))
    );
}

#[test]
fn yaml_that_is_written_and_read_again_keeps_its_origins() {
    check(
        "{{ toYaml .Values.image }}",
        &[("nginx", &["nginx"]), ("1.27", &["'1.27'"]), ("repo", &[])],
    );
    check(
        "{{ define \"l\" }}a: {{ .Values.name }}\nb: fixed\nc: {n: {{ .Values.replicas }}}{{ end -}}
{{ $x := include \"l\" . | fromYaml }}{{ $y := merge (dict \"d\" .Values.args) $x }}{{ toYaml $y }}",
        &[("web", &["web"]), ("fixed", &[]), ("3", &["3"]), ("one", &["one"]), ("two", &["two"])],
    );
    check(
        "{{ $x := toJson .Values.labels | fromJson }}{{ $_ := set $x \"k\" .Values.name }}{{ toJson $x }}",
        &[
            ("web", &["web"]),
            ("front", &["front"]),
            ("east", &["east"]),
        ],
    );
}

#[test]
fn templates_in_values_lead_to_both() {
    check(
        "{{ tpl .Values.tpl . }}",
        &[
            ("web", &["web", "'{{ .Values.name }}-suffix'"]),
            ("-suffix", &["'{{ .Values.name }}-suffix'"]),
        ],
    );
}

#[test]
fn what_was_looked_up_is_known() {
    let render = render("{{ .Values.image.repo }}{{ range .Values.args }}{{ . }}{{ end }}");
    let places = render.origins.places();
    let read: Vec<&str> = places
        .filter(|(origin, _)| render.origins.was_read(*origin))
        .map(|(_, place)| &VALUES[place.span().start as usize..place.span().end as usize])
        .collect();
    assert!(
        read.contains(&"nginx") && read.contains(&"one") && read.contains(&"two"),
        "{read:?}"
    );
    assert!(
        !read.contains(&"'1.27'") && !read.contains(&"front"),
        "{read:?}"
    );
}

#[test]
fn keys_that_are_not_there_are_known() {
    let render = render(
        "{{ .Values.nope }}{{ get .Values.image \"digest\" }}{{ .Values.nope }}{{ .Values.name }}",
    );
    let missing: Vec<(&str, &str)> = render
        .output
        .missing
        .iter()
        .map(|one| {
            let span = one.template;
            (
                one.key.as_str(),
                &render.template[span.start as usize..span.end as usize],
            )
        })
        .collect();
    assert_eq!(
        missing,
        [
            ("nope", ".Values.nope }}"),
            ("digest", "get .Values.image \"digest\" }}"),
            ("nope", ".Values.nope }}"),
        ]
    );
}

#[test]
fn what_decided_is_known_apart() {
    let check = |template: &str, part: &str, values: &[&str], influences: &[&str]| {
        let render = render(template);
        let wanted: BTreeSet<&str> = values.iter().copied().collect();
        assert_eq!(render.of(part).0, wanted, "{template}");
        let wanted: BTreeSet<&str> = influences.iter().copied().collect();
        assert_eq!(render.influences(part), wanted, "{template}");
    };
    check(
        "{{ if eq .Values.name \"web\" }}yes{{ end }}",
        "yes",
        &[],
        &["web"],
    );
    check(
        "{{ if .Values.empty }}{{ else }}{{ .Values.name }}{{ end }}",
        "web",
        &["web"],
        &["''"],
    );
    check(
        "{{ .Values.empty | default .Values.name }}",
        "web",
        &["web"],
        &["''"],
    );
    check(
        "{{ or .Values.empty .Values.name }}",
        "web",
        &["web"],
        &["''"],
    );
    check(
        "{{ $x := \"a\" }}{{ if .Values.name }}{{ $x = \"b\" }}{{ end }}{{ $x }}",
        "b",
        &[],
        &["web"],
    );
    check(
        "{{ define \"l\" }}k: v{{ end }}{{ if .Values.replicas }}{{ include \"l\" . | fromYaml | toYaml }}{{ end }}",
        "v",
        &[],
        &["3"],
    );
}
