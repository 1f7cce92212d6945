use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::{Run, tidegate};

/// A tree with one finding, KUS001 in line 3 of the kustomization.
fn broken(kustomization: &str) -> TempDir {
    super::tree(&[
        ("clusters/live/kustomization.yaml", kustomization),
        (
            "clusters/live/a.yaml",
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n",
        ),
        (
            "clusters/dev/a.yaml",
            "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n",
        ),
    ])
}

const BROKEN: &str = "resources:\n  - a.yaml\n  - gone.yaml\n";
const WAIVED: &str = "resources:\n  - a.yaml\n  - gone.yaml # tidegate: allow(KUS001) made by CI\n";

fn check(folder: &Path, args: &[&str]) -> Run {
    tidegate(folder, &[&["check", "--format", "concise"], args].concat())
}

#[test]
fn a_comment_with_a_reason_waives_a_finding() {
    let tree = broken(WAIVED);
    let run = check(tree.path(), &[]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    assert!(
        run.stderr
            .contains("Waived: 1 finding (--show-waived lists them)\nNo findings")
    );
    let run = check(tree.path(), &["--show-waived"]);
    assert!(run.stdout.contains("error[KUS001]"), "{}", run.stdout);
    assert!(
        run.stdout.ends_with("(waived: made by CI)\n"),
        "{}",
        run.stdout
    );
    let run = tidegate(tree.path(), &["check", "--show-waived"]);
    let why = "waived: made by CI (clusters/live/kustomization.yaml:3:15)";
    assert!(run.stdout.contains(why), "{}", run.stdout);
    let run = tidegate(tree.path(), &["check", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["summary"]["waived"], 1);
    assert_eq!(document["waived"][0]["reason"], "made by CI");
    assert_eq!(document["waived"][0]["finding"]["code"], "KUS001");
}

#[test]
fn a_comment_without_a_reason_waives_nothing() {
    let tree = broken("resources:\n  - a.yaml\n  # tidegate: allow(KUS001)\n  - gone.yaml\n");
    let run = check(tree.path(), &[]);
    assert_eq!(run.status, Some(1));
    let lines: Vec<&str> = run.stdout.lines().collect();
    let place = "clusters/live/kustomization.yaml";
    assert!(
        lines[0].starts_with(&format!("{place}:3:3: warning[WVR003]")),
        "{lines:?}"
    );
    assert!(
        lines[1].starts_with(&format!("{place}:4:5: error[KUS001]")),
        "{lines:?}"
    );
}

#[test]
fn waivers_that_waive_nothing_are_reported() {
    let tree = broken("# tidegate: allow-file(KUS003) once\nresources: [a.yaml]\n");
    let config = "[[waivers]]\ncode = 'KUS001'\nreason = 'x'\npath = 'clusters/live'\n\
                  [[waivers]]\ncode = 'KUS001'\nreason = 'x'\npath = 'a'\nuntil = 2020-01-01\n";
    fs::write(tree.path().join("tidegate.toml"), config).unwrap();
    let run = check(tree.path(), &[]);
    assert_eq!(run.status, Some(0));
    assert_eq!(
        run.stdout,
        "clusters/live/kustomization.yaml:1:24: warning[WVR001] no finding of KUS003 is waived by this comment\n\
         tidegate.toml:2:8: warning[WVR001] no finding of KUS001 is waived by this\n\
         tidegate.toml:9:9: warning[WVR002] this waiver of KUS001 held until 2020-01-01\n"
    );
    // Where only a part is checked, it is not known whether they are used.
    let run = check(tree.path(), &["clusters/dev"]);
    assert_eq!(run.stdout.lines().count(), 1, "{}", run.stdout);
}

#[test]
fn the_config_waives_by_path_and_object_and_sets_levels() {
    let tree = broken(BROKEN);
    let status = |config: &str| {
        fs::write(tree.path().join("tidegate.toml"), config).unwrap();
        let run = check(tree.path(), &["--fail-on", "info"]);
        (run.status, run.stdout)
    };
    let waiver = "[[waivers]]\ncode = 'missing-file'\nreason = 'made by CI'\n";
    let clean = (Some(0), String::new());
    assert_eq!(
        status(&format!(
            "{waiver}path = '**/live/*.yaml'\nuntil = 9999-12-31"
        )),
        clean
    );
    assert_eq!(status("[rules]\nKUS001 = 'off'\n"), clean);
    let (code, stdout) = status("[rules]\nmissing-file = 'info'\n");
    assert_eq!(code, Some(1));
    assert!(stdout.contains(": info[KUS001]"), "{stdout}");
    let (code, stdout) = status(&format!("{waiver}object = 'ConfigMap/*'\n"));
    assert_eq!(code, Some(1));
    assert!(stdout.contains("error[KUS001]"), "{stdout}");
    let rules = tidegate(tree.path(), &["rules"]);
    assert!(rules.stdout.contains("KUS001  error "), "{}", rules.stdout);
    fs::write(
        tree.path().join("tidegate.toml"),
        "[rules]\nKUS001 = 'off'\n",
    )
    .unwrap();
    let rules = tidegate(
        &tree.path().join("clusters"),
        &["rules", "--config", "../tidegate.toml"],
    );
    assert!(rules.stdout.contains("KUS001  off "), "{}", rules.stdout);
}

#[test]
fn known_findings_do_not_count_and_their_baseline_shrinks() {
    let tree = broken(BROKEN);
    let run = check(tree.path(), &["--write-baseline", "known.json"]);
    assert_eq!((run.status, run.stdout.as_str()), (Some(0), ""));
    assert_eq!(run.stderr, "Wrote 1 finding to known.json\n");
    // It moves to another line, and a further one comes.
    let path = tree.path().join("clusters/live/kustomization.yaml");
    fs::write(
        &path,
        "# a comment\nresources:\n  - gone.yaml\n  - a.yaml\n  - new.yaml\n",
    )
    .unwrap();
    let known = ["--baseline", "known.json"];
    let run = check(tree.path(), &known);
    assert_eq!(run.status, Some(1));
    assert!(
        run.stdout
            .starts_with("clusters/live/kustomization.yaml:5:5"),
        "{}",
        run.stdout
    );
    assert_eq!(run.stdout.lines().count(), 1);
    assert!(
        run.stderr.contains("In the baseline: 1 finding\n"),
        "{}",
        run.stderr
    );
    fs::write(&path, "resources: [a.yaml]\n").unwrap();
    fs::write(tree.path().join("tidegate.toml"), "baseline = 'known.json'").unwrap();
    let run = check(tree.path(), &[]);
    assert_eq!(
        run.stdout,
        "known.json:4:5: warning[WVR004] the baseline lists a finding that tidegate does not find \
         any more\n"
    );
}

#[test]
fn a_baseline_that_is_none_is_refused() {
    let tree = broken(BROKEN);
    let run = check(tree.path(), &["--baseline", "absent.json"]);
    assert_eq!(run.status, Some(2));
    assert_eq!(
        run.stderr,
        "error: the baseline absent.json cannot be read: no such file or folder\n\
         help: to write it: --write-baseline absent.json\n"
    );
    fs::write(tree.path().join("bad.json"), "{\n  \"version\": 7 }").unwrap();
    let run = check(tree.path(), &["--baseline", "bad.json"]);
    assert!(
        run.stderr
            .starts_with("error: bad.json:1:1: this is no baseline"),
        "{}",
        run.stderr
    );
}
