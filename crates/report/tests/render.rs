//! What each renderer writes, as snapshots without colours (one has them).

#![allow(clippy::unwrap_used, reason = "helpers of tests too")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use tidegate_report::{Drawing, Format, Renderer, Summary};
use tidegate_source::{
    Code, Diagnostic, Edit, Fix, Location, MemorySystem, NotChecked, NotCheckedReason, NotRendered,
    Severity, SkipReason, Sources, Span, Subject, TrailStep, TreePath, Waived,
};

const PLAIN: Drawing = Drawing {
    width: 80,
    color: false,
    unicode: true,
};

/// Files, and findings in them.
struct Case {
    sources: Sources,
    findings: Vec<Diagnostic>,
    not_rendered: Vec<NotRendered>,
}

impl Case {
    fn new<const N: usize>(files: [(&str, &[u8]); N]) -> Case {
        let mut system = MemorySystem::new();
        for (path, bytes) in files {
            system = system.with(path, bytes);
        }
        Case {
            sources: Sources::new(Arc::new(system)),
            findings: Vec::new(),
            not_rendered: Vec::new(),
        }
    }

    /// The first place of `text` in a file.
    fn span(&self, path: &str, text: &str) -> Span {
        let file = self.sources.load(&TreePath::new(path).unwrap()).unwrap();
        let start = file.text_lossy().find(text).unwrap();
        Span::new(file.id(), start, start + text.len())
    }

    fn with(mut self, finding: Diagnostic) -> Case {
        self.findings.push(finding);
        self
    }

    /// All that a run writes.
    fn render(&self, format: Format, drawing: Drawing) -> String {
        let mut text = self.findings(format, drawing);
        let show = |path: &TreePath| path.as_str().to_owned();
        let mut out = Vec::new();
        Renderer::new(format, drawing, &show)
            .write_summary(&self.findings, &self.sources, &self.summary(), &mut out)
            .unwrap();
        text.push_str(&String::from_utf8(out).unwrap());
        text
    }

    fn findings(&self, format: Format, drawing: Drawing) -> String {
        let show = |path: &TreePath| path.as_str().to_owned();
        let mut out = Vec::new();
        Renderer::new(format, drawing, &show)
            .write(&self.findings, &self.sources, &self.summary(), &mut out)
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    fn summary(&self) -> Summary<'_> {
        Summary {
            clusters: 2,
            kustomizations: 5,
            objects: 1234,
            files: 1,
            bytes: 99,
            elapsed: Duration::from_millis(31),
            not_rendered: &self.not_rendered,
            ..Summary::default()
        }
    }

    fn human(&self) -> String {
        self.findings(Format::Human, PLAIN)
    }
}

const ERROR: Code = Code::new("TST001");
const WARNING: Code = Code::new("TST002");

const OVERLAY: &str = "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../base
patches:
  - path: replicas.yaml
    target:
      kind: Deployment
      name: podinfo
";
const PATCH: &str = "\
- op: test
  path: /spec/replica
  value: 3
";
const BASE: &str = "resources:\n  - deployment.yaml\n";

/// A finding with everything that a finding can have, in three files, and two plain ones.
fn full() -> Case {
    let case = Case::new([
        ("apps/live/kustomization.yaml", OVERLAY.as_bytes()),
        ("apps/live/replicas.yaml", PATCH.as_bytes()),
        ("base/kustomization.yaml", BASE.as_bytes()),
    ]);
    let replica = case.span("apps/live/replicas.yaml", "/spec/replica");
    let target = case.span("apps/live/kustomization.yaml", "podinfo");
    let named = case.span("base/kustomization.yaml", "deployment.yaml");
    let mut first = Diagnostic::error(
        ERROR,
        replica,
        "the value at /spec/replica of Deployment apps/podinfo is not there, so the test of it fails",
    )
    .with_note("no such field")
    .with_label(target, "the patch is for this object")
    .with_help("write `/spec/replicas`, or take the test of the number of replicas out")
    .with_subject(Subject {
        api_version: "apps/v1".to_owned(),
        kind: "Deployment".to_owned(),
        namespace: "apps".to_owned(),
        name: "podinfo".to_owned(),
    })
    .with_trail(vec![
        TrailStep {
            location: Location::Path(TreePath::new("clusters/live").unwrap()),
            text: "cluster entry".to_owned(),
        },
        TrailStep {
            location: Location::Span(case.span("apps/live/kustomization.yaml", "replicas.yaml")),
            text: "patches: entry".to_owned(),
        },
    ]);
    first.clusters = vec!["dev".to_owned(), "live".to_owned()];
    first.fix = Some(Fix {
        title: "write `/spec/replicas`".to_owned(),
        edits: vec![Edit {
            span: replica,
            text: "/spec/replicas".to_owned(),
        }],
    });
    let mut case = case;
    case.not_rendered.push(NotRendered {
        reason: SkipReason::Remote,
        what: "https://github.com/fluxcd/flux2".to_owned(),
        location: first.primary.clone(),
    });
    let second = Diagnostic::warning(WARNING, named, "`deployment.yaml` is named, 100%\nunused");
    let third = Diagnostic::new(
        WARNING,
        Severity::Info,
        Location::Path(TreePath::new("apps/a,b:c").unwrap()),
        "the folder has no kustomization file",
    );
    case.with(first).with(second).with(third)
}

#[test]
fn human() {
    insta::assert_snapshot!(full().render(Format::Human, PLAIN));
}

#[test]
fn human_in_colour() {
    let drawing = Drawing {
        color: true,
        ..PLAIN
    };
    insta::assert_snapshot!(full().render(Format::Human, drawing));
}

#[test]
fn human_in_ascii() {
    let drawing = Drawing {
        unicode: false,
        ..PLAIN
    };
    insta::assert_snapshot!(full().render(Format::Human, drawing));
}

#[test]
fn human_in_a_narrow_terminal() {
    let drawing = Drawing { width: 40, ..PLAIN };
    insta::assert_snapshot!(full().render(Format::Human, drawing));
}

#[test]
fn concise() {
    insta::assert_snapshot!(full().render(Format::Concise, PLAIN));
}

#[test]
fn json() {
    insta::assert_snapshot!(full().render(Format::Json, PLAIN));
}

#[test]
fn the_documented_json_is_what_is_written() {
    let case = Case::new([
        (
            "apps/kustomization.yaml",
            b"namespace: shop  \nresource: []\n".as_slice(),
        ),
        ("clusters/live/apps.yaml", b"path: ./apps\n"),
    ]);
    let field = case.span("apps/kustomization.yaml", "resource");
    let mut finding = Diagnostic::error(
        Code::new("KUS002"),
        field,
        "`resource` is not a field of a kustomization",
    )
    .with_help("did you mean `resources`?")
    .with_trail(vec![TrailStep {
        location: Location::Span(case.span("clusters/live/apps.yaml", "./apps")),
        text: "Kustomization flux-system/apps".to_owned(),
    }]);
    finding.clusters = vec!["live".to_owned()];
    finding.fix = Some(Fix {
        title: "rename `resource` to `resources`".to_owned(),
        edits: vec![Edit {
            span: field,
            text: "resources".to_owned(),
        }],
    });
    let skipped = [NotRendered {
        reason: SkipReason::Remote,
        what: "https://example.com/base".to_owned(),
        location: Location::Path(TreePath::new("base").unwrap()),
    }];
    let unchecked = [NotChecked {
        reason: NotCheckedReason::UnknownKind,
        name: String::new(),
        api_version: "example.com/v1".to_owned(),
        kind: "Website".to_owned(),
        objects: 2,
        location: Location::Span(case.span("apps/kustomization.yaml", "namespace")),
    }];
    let accepted = [Waived {
        finding: Diagnostic::warning(
            Code::new("KUS018"),
            case.span("apps/kustomization.yaml", "namespace"),
            "`namespace` is deprecated",
        ),
        reason: "until the clusters have moved".to_owned(),
        location: Location::Span(case.span("apps/kustomization.yaml", "namespace")),
    }];
    let summary = Summary {
        clusters: 1,
        kustomizations: 2,
        objects: 3,
        files: 4,
        bytes: 567,
        elapsed: Duration::ZERO,
        not_rendered: &skipped,
        not_checked: &unchecked,
        waived: &accepted,
        known: 8,
    };
    let show = |path: &TreePath| path.as_str().to_owned();
    let mut out = Vec::new();
    Renderer::new(Format::Json, PLAIN, &show)
        .write(&[finding], &case.sources, &summary, &mut out)
        .unwrap();
    let page = include_str!("../../../docs/output.md");
    let (_, shown) = page.split_once("```json\n").unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), shown);
}

#[test]
fn github() {
    insta::assert_snapshot!(full().render(Format::Github, PLAIN));
}

#[test]
fn several_marks_on_one_line_and_far_apart() {
    let text = "a: &x 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\nh: *x\ni: {j: 1, k: 2, j: 3}\n";
    let case = Case::new([("f.yaml", text.as_bytes())]);
    let finding = Diagnostic::error(ERROR, case.span("f.yaml", "j: 3"), "`j` is here twice")
        .with_note("again")
        .with_label(case.span("f.yaml", "j: 1"), "first")
        .with_label(case.span("f.yaml", "&x"), "and this is elsewhere");
    insta::assert_snapshot!(case.with(finding).human());
}

#[test]
fn a_range_over_lines_is_drawn_when_short_and_cut_when_long() {
    let text = "spec:\n  a: 1\n  b: 2\nother: 3\n";
    let case = Case::new([("f.yaml", text.as_bytes())]);
    let short = case.span("f.yaml", "a: 1\n  b: 2\n");
    let case = case.with(Diagnostic::error(ERROR, short, "short").with_note("both of these"));
    insta::assert_snapshot!("short_range", case.human());

    let text = format!("list:\n{}end: 1\n", "  - x: 1\n".repeat(9));
    let case = Case::new([("f.yaml", text.as_bytes())]);
    let long = case.span("f.yaml", &text[8..text.len() - 7]);
    let case = case.with(Diagnostic::error(ERROR, long, "long").with_note("starts here"));
    insta::assert_snapshot!("long_range", case.human());
}

#[test]
fn wide_characters_tabs_marks_and_line_ends_keep_the_mark_in_place() {
    let text = "\u{feff}名前: 値 # 説明\r\n\tkey:\tvalue\r\nlast: \u{1b}[31mred\u{202e}\r\n";
    let case = Case::new([("f.yaml", text.as_bytes())]);
    let wide = Diagnostic::error(ERROR, case.span("f.yaml", "値"), "a wide character");
    let tab = Diagnostic::error(ERROR, case.span("f.yaml", "value"), "behind a tab")
        .with_note("here\u{7}");
    let escape = Diagnostic::error(ERROR, case.span("f.yaml", "red"), "no \u{1b}[31mcolour");
    insta::assert_snapshot!(case.with(wide).with(tab).with(escape).human());
}

#[test]
fn utf_16_is_drawn_as_text() {
    let mut bytes = vec![0xFF, 0xFE];
    for unit in "a: ä\nb: 2\n".encode_utf16() {
        bytes.extend(unit.to_le_bytes());
    }
    let case = Case::new([("f.yaml", &bytes)]);
    let finding = Diagnostic::error(ERROR, case.span("f.yaml", "2"), "the number of `b`");
    insta::assert_snapshot!(case.with(finding).human());
}

#[test]
fn a_long_line_is_cut_around_the_mark() {
    let text = format!("a: \"{}NEEDLE{}\"\n", "x".repeat(1000), "y".repeat(100_000));
    let case = Case::new([("f.yaml", text.as_bytes())]);
    let finding = Diagnostic::error(ERROR, case.span("f.yaml", "NEEDLE"), "in the middle");
    let whole = Diagnostic::error(ERROR, case.span("f.yaml", text.trim_end()), "all of it");
    insta::assert_snapshot!(case.with(finding).with(whole).human());
}

#[test]
fn the_end_of_a_file_and_an_empty_file_can_be_marked() {
    let case = Case::new([
        ("empty.yaml", b"".as_slice()),
        ("ended.yaml", b"a: [1\n"),
        ("open.yaml", b"a: {"),
        ("bad.yaml", b"a: \xff\xfe\n"),
    ]);
    let end = |path: &str| {
        let file = case.sources.load(&TreePath::new(path).unwrap()).unwrap();
        let len = file.text_lossy().len();
        Diagnostic::error(ERROR, Span::new(file.id(), len, len), "ends too early").with_note("here")
    };
    let empty = end("empty.yaml");
    let ended = end("ended.yaml");
    let open = end("open.yaml");
    let mut bad = end("bad.yaml");
    if let Location::Span(span) = &mut bad.primary {
        // Behind the end of the file, and within a character: neither may panic.
        (span.start, span.end) = (4, 4000);
    }
    insta::assert_snapshot!(case.with(empty).with(ended).with(open).with(bad).human());
}

#[test]
fn values_of_secrets_are_not_drawn() {
    let case = Case::new([
        (
            "secret.yaml",
            b"kind: Secret\ndata:\n  user: YWRtaW4=\n  password: [aHVudGVyMg]\n".as_slice(),
        ),
        (".env", b"USER=admin\nPASSWORD hunter2\n"),
    ]);
    let env = case.span(".env", "PASSWORD hunter2");
    case.sources.get(env.file).unwrap().mark_secret();
    let data = Diagnostic::error(
        ERROR,
        case.span("secret.yaml", "[aHVudGVyMg]"),
        "`data.password` is a list",
    );
    let env = Diagnostic::error(ERROR, env, "the line has no `=`").with_note("here");
    let text = case.with(data).with(env).human();
    assert!(!text.contains("hunter2") && !text.contains("aHVu") && !text.contains("admin"));
    insta::assert_snapshot!(text);
}

#[test]
fn no_place_is_too_odd_to_be_drawn() {
    let text = "\u{feff}a: \"ä\u{301}\r\n\tb\"\u{0}\rc\n\n- 日本\n";
    let case = Case::new([("f.yaml", text.as_bytes()), ("e", b"")]);
    let file = case.span("f.yaml", "c").file;
    let empty = case
        .sources
        .load(&TreePath::new("e").unwrap())
        .unwrap()
        .id();
    let mut case = case;
    for start in 0..=text.len() + 1 {
        for end in start..=text.len() + 2 {
            let finding = Diagnostic::error(ERROR, Span::new(file, start, end), "m")
                .with_label(Span::new(file, end / 2, end), "l")
                .with_label(Span::new(empty, start, end), "e")
                .with_label(Span::NONE, "nowhere");
            case.findings.push(finding);
        }
    }
    for width in [0, 1, 20, 80] {
        let drawing = Drawing { width, ..PLAIN };
        let drawn = case.render(Format::Human, drawing);
        assert_eq!(drawn.matches("error[TST001]").count(), case.findings.len());
        assert!(!drawn.contains("Failed to read"));
    }
    for format in [Format::Concise, Format::Github] {
        let lines = case.render(format, PLAIN).lines().count();
        assert!(lines >= case.findings.len());
    }
}

#[test]
fn a_thousand_findings_in_a_large_file_are_rendered_quickly() {
    let line = "  - name: something\n    value: that is as long as such lines are\n";
    let text = format!("items:\n{}", line.repeat(8000));
    let mut case = Case::new([("f.yaml", text.as_bytes())]);
    let file = case.span("f.yaml", "items").file;
    for i in 0..1000 {
        let at = 7 + i * line.len() * 8;
        let span = Span::new(file, at + 4, at + 8);
        case.findings
            .push(Diagnostic::error(ERROR, span, "a name").with_note("here"));
    }
    let started = Instant::now();
    case.human();
    // Optimised code takes a few milliseconds; this guards against work that grows with the file.
    let elapsed = started.elapsed();
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}
