//! Templates that would take too much are stopped, with an error that says where.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test of its own")]

use std::sync::Arc;

use tidegate_gotemplate::{ErrorKind, Fixed, Functions, Limits, Options, Origins, Set, Value};
use tidegate_source::FileId;

/// The template is stopped by a limit, at a line and for a reason that holds `words`.
#[track_caller]
fn check(template: &str, line: u32, words: &str) {
    let limits = Limits {
        steps: 200_000,
        output: 1 << 20,
        memory: 16 << 20,
        ..Limits::default()
    };
    for mut origins in [Origins::off(), Origins::tracking()] {
        let mut set = Set::new(Arc::new(Functions::helm()), Options::default());
        set.parse("t", template.as_bytes(), FileId::NONE).unwrap();
        let mut host = Fixed::default();
        let error = set
            .execute("t", &Value::NIL, &mut host, &mut origins, &limits)
            .unwrap_err();
        assert_eq!(error.kind, ErrorKind::Limit, "{error}");
        assert!(error.message.contains(words), "{error}");
        assert_eq!(error.frames[0].line, line, "{error}");
    }
}

#[test]
fn endless_loops_end() {
    check(
        "\n{{ range $i := 9223372036854775807 }}{{ end }}",
        2,
        "more than 200000 steps",
    );
    check(
        "{{ range until 100000000 }}{{ end }}",
        1,
        "larger than the limit",
    );
    check(
        "{{ range until 1000 }}{{ range until 1000 }}x{{ end }}{{ end }}",
        1,
        "steps",
    );
}

#[test]
fn large_values_are_refused() {
    check(
        "{{ repeat 1000000000 \"x\" }}",
        1,
        "larger than the limit of 1048576 bytes",
    );
    check(
        "{{ $x := repeat 100000 \"x\" }}{{ range until 1000 }}{{ $x }}{{ end }}",
        1,
        "larger than",
    );
    check(
        "{{ $x := \"0123456789\" }}{{ range until 30 }}{{ $x = print $x $x }}{{ end }}",
        1,
        "larger than",
    );
    check(
        "{{ $x := list 1 }}{{ range until 40 }}{{ $x = list $x $x }}{{ end }}{{ $x }}",
        1,
        "larger than",
    );
    check(
        "{{ $x := list 1 }}{{ range until 40 }}{{ $x = list $x $x }}{{ end }}{{ toYaml $x }}",
        1,
        "larger than",
    );
    check(
        "{{ $x := list 1 }}{{ range until 40 }}{{ $x = list $x $x }}{{ end }}{{ deepCopy $x }}",
        1,
        "more than",
    );
    check(
        "{{ $d := dict }}{{ range until 100 }}{{ $_ := set $d (toString .) (repeat 500000 \"x\") }}{{ end }}",
        1,
        "more than",
    );
    check(
        "{{ indent 100000 (repeat 1000 \"a\\n\") }}",
        1,
        "larger than",
    );
}

#[test]
fn recursion_ends() {
    check(
        "{{ define \"a\" }}{{ template \"a\" }}{{ end }}{{ template \"a\" }}",
        1,
        "",
    );
    check(
        "{{ define \"a\" }}{{ include \"b\" . }}{{ end }}{{ define \"b\" }}{{ include \"a\" . }}{{ end }}{{ include \"a\" . }}",
        1,
        "",
    );
    check(
        "{{ define \"a\" }}{{ tpl \"{{ include `a` . }}\" . }}{{ end }}{{ include \"a\" . }}",
        1,
        "",
    );
}

#[test]
fn values_that_hold_themselves_are_not_printed() {
    for print in [
        "{{ $d }}",
        "{{ toYaml $d }}",
        "{{ toJson $d }}",
        "{{ deepCopy $d }}",
        "{{ toToml $d }}",
    ] {
        let template = format!("{{{{ $d := dict }}}}{{{{ $_ := set $d \"d\" $d }}}}{print}");
        check(&template, 1, "deep");
    }
    check(
        "{{ $l := list 1 }}{{ range until 5000 }}{{ $l = list $l }}{{ end }}{{ $l }}",
        1,
        "deep",
    );
}

#[test]
fn nesting_is_bounded() {
    let template = format!(
        "{}1{}",
        "{{ print ".to_owned() + &"(print ".repeat(600),
        ")".repeat(600) + " }}"
    );
    let mut set = Set::new(Arc::new(Functions::go()), Options::default());
    let error = set
        .parse("t", template.as_bytes(), FileId::NONE)
        .unwrap_err();
    assert_eq!(error.reason, "max expression depth exceeded");
    let template = "{{ if true }}".repeat(2000);
    let error = set
        .parse("t", template.as_bytes(), FileId::NONE)
        .unwrap_err();
    assert!(error.reason.contains("nested more than"), "{error}");
}
