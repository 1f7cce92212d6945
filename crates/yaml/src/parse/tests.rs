use std::sync::Arc;

use tidegate_source::{
    Diagnostic, Location, MemorySystem, Severity, SourceFile, Sources, TreePath,
};

use super::*;
use crate::{ScalarKind, to_json};

fn file(bytes: impl AsRef<[u8]>) -> Arc<SourceFile> {
    let sources = Sources::new(Arc::new(MemorySystem::new().with("a.yaml", bytes)));
    sources.load(&TreePath::new("a.yaml").unwrap()).unwrap()
}

fn read(bytes: impl AsRef<[u8]>, dialect: Dialect) -> (Arc<SourceFile>, Parsed) {
    let file = file(bytes);
    let parsed = parse(&file, ParseOptions::new(dialect));
    (file, parsed)
}

/// Line, column and message of a finding.
fn line(file: &SourceFile, finding: &Diagnostic) -> String {
    let Location::Span(span) = finding.primary else {
        panic!("a finding without a span");
    };
    let at = file.line_col(span.start);
    format!("{}:{} {}", at.line, at.column, finding.message)
}

/// What the documents of a resource file hold, as JSON; all must be well.
fn check(input: impl AsRef<[u8]>, expected: &[&str]) {
    let (_, parsed) = read(input, Dialect::GoYaml3);
    assert_eq!(parsed.findings, []);
    let roots = parsed
        .documents
        .iter()
        .map(|document| match &document.root {
            Some(root) => to_json(root).unwrap(),
            None => "-".to_owned(),
        });
    assert_eq!(roots.collect::<Vec<_>>(), expected);
}

/// The findings of a resource file, each with its place.
fn check_findings(input: impl AsRef<[u8]>, expected: &[&str]) {
    let (file, parsed) = read(input, Dialect::GoYaml3);
    let found: Vec<String> = parsed.findings.iter().map(|one| line(&file, one)).collect();
    assert_eq!(found, expected);
    assert!(
        parsed
            .findings
            .iter()
            .all(|finding| finding.severity == Severity::Error)
    );
}

#[test]
fn documents_of_all_kinds_are_read() {
    check("a: 1\n---\nb: 2\n", &[r#"{"a":1}"#, r#"{"b":2}"#]);
    check("# only\n---\n# comments\n---\na: 1\n", &["-", r#"{"a":1}"#]);
    check("--- {a: 1}\n", &[r#"{"a":1}"#]);
    check(
        "\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\n",
        &[r#"{"a":1,"b":"x\ny\n"}"#],
    );
    check(
        [0xff, 0xfe, b'a', 0, b':', 0, b' ', 0, b'1', 0],
        &[r#"{"a":1}"#],
    );
    check("", &[]);
    check("null\n", &["null"]);
    check(
        "a: |\n  no line feed at the end",
        &[r#"{"a":"no line feed at the end"}"#],
    );
}

#[test]
fn aliases_and_merge_keys_are_dissolved() {
    check(
        "a: &a {x: 1, y: 2}\nb: {y: 3, <<: *a, z: *a}\n",
        &[r#"{"a":{"x":1,"y":2},"b":{"x":1,"y":3,"z":{"x":1,"y":2}}}"#],
    );
    // Of several, the first wins; own keys always do.
    check(
        "- &a {x: 1}\n- &b {x: 2, y: 2}\n- {<<: [*a, *b], y: 0}\n",
        &[r#"[{"x":1},{"x":2,"y":2},{"x":1,"y":0}]"#],
    );
    check("a: {\"<<\": text}\n", &[r#"{"a":{}}"#]);
    check_findings(
        "a: &a [1]\nb: {<<: *a}\n",
        &["2:9 the merge key `<<` names a value that is not a mapping"],
    );
    check_findings(
        "a: *b\n",
        &["1:4 no anchor of this name comes before the alias"],
    );
    check_findings(
        "a: &a\n  b: *a\n",
        &["2:6 the value of the anchor `&a` contains itself"],
    );
}

#[test]
fn read_strictly_a_merged_key_beside_an_own_one_is_there_twice() {
    let text = "a: &a {x: 1}\nb: {<<: *a, x: 2}\nc: {<<: *a, y: 2}\n";
    let (file, _) = read(text, Dialect::Yaml11);
    let options = ParseOptions {
        duplicate_keys: DuplicateKeys::Refuse,
        ..ParseOptions::new(Dialect::Yaml11)
    };
    let parsed = parse(&file, options);
    assert_eq!(parsed.findings.len(), 1);
    let found = line(&file, &parsed.findings[0]);
    assert_eq!(found, "2:13 the key `x` is there twice in one mapping");
}

#[test]
fn in_yaml_1_1_the_last_key_counts() {
    let (file, parsed) = read("a: 1\nb: yes\na: 2\n", Dialect::Yaml11);
    assert_eq!(parsed.findings.len(), 1);
    assert_eq!(parsed.findings[0].severity, Severity::Warning);
    assert_eq!(
        line(&file, &parsed.findings[0]),
        "3:1 the key `a` is there twice in one mapping"
    );
    let root = parsed.documents[0].root.as_ref().unwrap();
    assert_eq!(to_json(root).unwrap(), r#"{"a":2,"b":true}"#);
    let b = root.get("b").unwrap().as_scalar().unwrap();
    assert_eq!(b.kind, ScalarKind::Bool);
}

#[test]
fn reading_goes_on_at_the_next_document() {
    let (file, parsed) = read(
        "a: [1\n---\nb: 2\n---\nc: : :\n---\nd: 1\n",
        Dialect::GoYaml3,
    );
    let found: Vec<String> = parsed.findings.iter().map(|one| line(&file, one)).collect();
    assert_eq!(
        found,
        [
            "1:4 this bracket is not closed",
            "5:4 a `: ` is not allowed within this value"
        ]
    );
    assert_eq!(parsed.documents.len(), 2);
}

#[test]
fn errors_are_told_in_plain_words_where_to_edit() {
    check_findings("a:\n\tb: 1\n", &["2:1 a tab cannot indent YAML"]);
    check_findings("a: 1\n\tb: 1\n", &["2:1 a tab cannot indent YAML"]);
    check_findings("a:\n  -\tb\n", &["2:4 a tab cannot indent YAML"]);
    check_findings("a:\n  - \tb: 1\n", &["2:5 a tab cannot indent YAML"]);
    check_findings("a: b-\t# c\ne: &f f\ng: *f\t# h\n", &[]);
    check_findings(
        "a: note: x\n",
        &["1:8 a `: ` is not allowed within this value"],
    );
    check_findings(
        "a: 1\nfoo\nb: 2\n",
        &["2:1 this line is neither `key: value` nor a part of the value above it"],
    );
    check_findings(
        "a:\n  b: 1\n c: 2\n",
        &["3:2 this line does not fit the mapping it stands in"],
    );
    check_findings(
        "a:\n  - b\n  c: d\n",
        &["3:3 this line does not fit the list it stands in"],
    );
    check_findings("a: @b\n", &["1:4 a value cannot start with `@`"]);
    check_findings(
        "a: {{ b }}\n",
        &["1:5 a key must be text, and this is a collection"],
    );
    check_findings(
        "a: *.example.com\n",
        &["1:4 a value that starts with `*` must name an anchor, and this cannot be one"],
    );
    check_findings(
        "a: 'it's'\n",
        &["1:8 text follows a value in single quotes"],
    );
    check_findings("a: \"b\nc: 1\n", &["1:4 this quote is never closed"]);
    check_findings("a: \"\\d\"\n", &["1:5 `\\d` is not an escape of YAML"]);
    check_findings(
        "a: - b\n",
        &["1:4 a list cannot start on the line of its key"],
    );
}

#[test]
fn what_the_go_tools_refuse_is_found() {
    check_findings(
        "a: 1\nb: 2\na: 3\n",
        &["3:1 the key `a` is there twice in one mapping"],
    );
    check_findings(
        "a: \"x\\/y\"\n",
        &["1:6 `\\/` is not an escape of YAML 1.1, which the Kubernetes tools read"],
    );
    check_findings(
        "a: \"\\ud83d\\ude00\"\n",
        &["1:5 half of a surrogate pair is not an escape of YAML"],
    );
    check_findings(
        "%YAML 1.2\n---\na: 1\n",
        &["1:1 the directive `%YAML` is not accepted by the Kubernetes tools"],
    );
    check_findings(
        "a: 1\n--- {b: 2}\n",
        &["2:5 kustomize does not accept text behind a `---` that separates documents"],
    );
    check_findings(
        "a: b\u{1}\n",
        &["1:5 the control character U+0001 is not allowed in YAML"],
    );
    check_findings(b"a: \xff\n", &["1:4 the file is not UTF-8 text"]);
    check_findings("a: |\n    b\n  \tc\n", &["3:3 a tab cannot indent YAML"]);
    check_findings(
        "a: !!int x\n",
        &["1:4 the value behind the tag is not one of the type `!!int`"],
    );
}

#[test]
fn duplicate_keys_are_shown_both() {
    let (file, parsed) = read("a:\n  b: 1\n  b: 2\n", Dialect::GoYaml3);
    let label = &parsed.findings[0].labels[0];
    let at = file.line_col(label.span.start);
    assert_eq!(
        (at.line, at.column, label.text.as_str()),
        (2, 3, "first here")
    );
}

#[test]
fn limits_hold() {
    let bomb = |levels: usize| {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..levels {
            let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        text
    };
    check_findings(bomb(4), &[]);
    let (_, parsed) = read(bomb(12), Dialect::GoYaml3);
    assert_eq!(parsed.findings[0].code, codes::LIMIT);
    assert!(parsed.documents.is_empty());
    for deep in ["[".repeat(300), "- ".repeat(300), "{a: ".repeat(100_000)] {
        let (_, parsed) = read(deep, Dialect::GoYaml3);
        assert_eq!(parsed.findings[0].code, codes::LIMIT);
    }
    // Each alias nests what it names once more.
    let mut deeper = "a0: &a0 x\n".to_owned();
    for level in 1..300 {
        let (open, close) = ("[".repeat(150), "]".repeat(150));
        let before = level - 1;
        deeper.push_str(&format!("a{level}: &a{level} {open}*a{before}{close}\n"));
    }
    check_findings(
        deeper,
        &["3:159 values are nested more than 200 levels deep"],
    );
}

#[test]
fn nodes_know_where_they_are_written() {
    let input = "a: 'x'\nb:\n- |-\n  one\n  two\n- {c: 1}\nd: &x !!str plain\n";
    let (_, parsed) = read(input, Dialect::GoYaml3);
    let root = parsed.documents[0].root.as_ref().unwrap();
    let text = |node: &Node| {
        let span = node.place.span();
        input[span.start as usize..span.end as usize].to_owned()
    };
    let b = root.get("b").unwrap();
    assert_eq!(text(root.get("a").unwrap()), "'x'");
    assert_eq!(text(b), "- |-\n  one\n  two\n- {c: 1}");
    assert_eq!(
        text(b.as_seq().unwrap().get(0).unwrap()),
        "|-\n  one\n  two"
    );
    assert_eq!(text(b.as_seq().unwrap().get(1).unwrap()), "{c: 1}");
    assert_eq!(text(root.get("d").unwrap()), "plain");
    assert_eq!(text(root), input.trim_end());
}

#[test]
fn comments_are_kept_by_document() {
    let input = "# one\na: b # two\nc: 'x#y' # three\nd: |\n  # text\n# four\n---\ne: f#g # five\n";
    let (_, parsed) = read(input, Dialect::GoYaml3);
    let comments = parsed.documents.iter().map(|document| {
        let texts = document.comments.iter().map(|comment| {
            input[comment.span.start as usize..comment.span.end as usize].to_owned()
        });
        texts.collect::<Vec<_>>()
    });
    let comments: Vec<_> = comments.collect();
    assert_eq!(
        comments,
        [vec!["# one", "# two", "# three", "# four"], vec!["# five"]]
    );
}
