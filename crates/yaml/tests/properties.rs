//! What holds for any input: no panic, spans inside the file, and text that reads as what it was
//! written from.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use tidegate_source::{MemorySystem, SourceFile, Sources, TreePath};
use tidegate_yaml::{
    Dialect, Emitted, Entry, Node, ParseOptions, Parsed, Place, ScalarKind, Style, Value,
    emit_go_yaml2, parse,
};

fn file(bytes: &[u8]) -> Arc<SourceFile> {
    let system = MemorySystem::new().with("file.yaml", bytes);
    let sources = Sources::new(Arc::new(system));
    sources.load(&TreePath::new("file.yaml").unwrap()).unwrap()
}

fn read(file: &SourceFile, dialect: Dialect) -> Parsed {
    parse(file, ParseOptions::new(dialect))
}

fn written(node: &Node) -> Option<String> {
    let mut out = Emitted::default();
    emit_go_yaml2(node, &mut out, true).ok()?;
    for (range, _) in &out.table {
        assert!(
            out.text
                .get(range.start as usize..range.end as usize)
                .is_some()
        );
    }
    Some(out.text)
}

/// Every span lies on characters of the text.
fn check_spans(file: &SourceFile, node: &Node) {
    let Ok(text) = file.text() else {
        panic!("nodes of a file that is not text");
    };
    let span = node.place.span();
    assert!(span.is_some(), "a parsed node without a place");
    assert!(text.get(span.start as usize..span.end as usize).is_some());
    match &node.value {
        Value::Scalar(_) => {}
        Value::Map(map) => map.iter().for_each(|entry| {
            check_spans(file, &entry.key);
            check_spans(file, &entry.value);
        }),
        Value::Seq(seq) => seq.iter().for_each(|item| check_spans(file, item)),
    }
}

/// Whether all keys are text: kustomize and Kubernetes have no others.
fn has_text_keys(node: &Node) -> bool {
    match &node.value {
        Value::Scalar(_) => true,
        Value::Map(map) => map
            .iter()
            .all(|entry| entry.key.as_str().is_some() && has_text_keys(&entry.value)),
        Value::Seq(seq) => seq.iter().all(has_text_keys),
    }
}

/// Reads any text without a panic; what could be read and written reads the same again.
fn check_text(bytes: &[u8]) {
    for dialect in [Dialect::GoYaml3, Dialect::Yaml11] {
        let source = file(bytes);
        let parsed = read(&source, dialect);
        let is_sound = parsed.findings.is_empty();
        for root in parsed.documents.iter().filter_map(|one| one.root.as_ref()) {
            check_spans(&source, root);
            // What is written is for readers of YAML 1.1.
            let Some(once) = written(root) else { continue };
            if !is_sound || !has_text_keys(root) {
                continue;
            }
            // Written without quotes even where it was text, as go-yaml v2 does: it reads as a merge.
            if once.contains("<<") {
                continue;
            }
            let again = file(once.as_bytes());
            let again = read(&again, Dialect::Yaml11);
            assert!(again.findings.is_empty(), "{once:?}: {:?}", again.findings);
            let root = again.documents.into_iter().find_map(|one| one.root);
            let twice = root.and_then(|root| written(&root));
            assert_eq!(twice.as_deref().unwrap_or("null\n"), once);
        }
    }
}

/// Text of the characters that mean something in YAML, so that many inputs get beyond the scanner.
fn yaml_like() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "a",
        "b: ",
        "- ",
        "\n",
        "\n  ",
        "\n    ",
        "? ",
        ": ",
        "&x ",
        "*x",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "{",
        "}",
        "[",
        "]",
        ", ",
        "# c\n",
        "---\n",
        "...\n",
        "!!str ",
        "<<: ",
        "\t",
        "\\n",
        "1",
        "0x1",
        "~",
        "yes",
        "1e3",
        "2001-01-01",
        "\r\n",
        "é",
        "\u{feff}",
        "%YAML 1.1\n",
        "@",
    ];
    vec(proptest::sample::select(PIECES), 0..40).prop_map(|pieces| pieces.concat())
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{0,8}",
        // Line breaks of YAML 1.1 alone are left out: go-yaml folds at them, and reads other text.
        "[\\PC--\u{2028}\u{2029}\u{85}]{0,24}",
        "[ \t\na-z#:'\"-]{0,24}",
        proptest::sample::select(
            &[
                "",
                "~",
                "null",
                "yes",
                "no",
                "on",
                "1",
                "-1",
                "0o17",
                "017",
                "1_000",
                "1e3",
                ".inf",
                "0x1f",
                "1:30",
                "2001-01-01",
                "true",
                "=",
                "- a",
                "a: b",
                "#",
                " a",
                "a ",
                "|",
            ][..],
        )
        .prop_map(str::to_owned),
    ]
    .prop_filter("read as a merge, see above", |text| text != "<<")
    .prop_filter("kustomize cannot write it either", |text| {
        !(text.starts_with('\t') && text.contains('\n'))
    })
}

/// Nodes that hold text, and collections of them.
fn node() -> impl Strategy<Value = Node> {
    let leaf = text().prop_map(|text| Node::str(text, Place::default()));
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|items| Node::seq(items, Place::default())),
            proptest::collection::btree_map(text(), inner, 0..4).prop_map(|entries| {
                let entries = entries.into_iter().map(|(key, value)| Entry {
                    key: Node::str(key, Place::default()),
                    value,
                });
                Node::map(entries.collect(), Place::default())
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_are_read_without_a_panic(bytes in vec(any::<u8>(), 0..200)) {
        check_text(&bytes);
    }

    #[test]
    fn text_like_yaml_reads_as_it_was_written(text in yaml_like()) {
        check_text(text.as_bytes());
    }

    #[test]
    fn text_stays_text(node in node()) {
        let text = written(&node).unwrap();
        let source = file(text.as_bytes());
        let parsed = read(&source, Dialect::Yaml11);
        prop_assert!(parsed.findings.is_empty(), "{text:?}: {:?}", parsed.findings);
        let root = parsed.documents.into_iter().find_map(|one| one.root);
        let root = root.unwrap_or_else(|| {
            Node::scalar("", ScalarKind::Null, Style::Plain, Place::default())
        });
        prop_assert!(root.same_value(&node), "{text:?}: {root:?}");
    }
}
