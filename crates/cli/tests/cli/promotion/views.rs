use tidegate_artifact::evidence::{Evidence, Outcome};

use super::{PERSON, World, result};

#[test]
fn history_lists_what_was_selected_and_status_what_is() {
    let Some(world) = World::new() else { return };
    let nothing = world.run(&["history", "--env", "live"]);
    let expected = format!("live has selected nothing yet in {}\n", world.name);
    assert_eq!((nothing.status, nothing.stdout), (Some(0), expected));
    let (first, second) = (world.ready("1"), world.ready("2"));
    world.promoted(&first);
    let status = world.run(&["status"]);
    let next = format!("    next: {second} of integration may be promoted\n");
    assert_eq!(status.status, Some(0), "{}", status.stderr);
    assert!(
        status.stdout.contains(&format!("  live selects {first}\n")),
        "{}",
        status.stdout
    );
    assert!(status.stdout.ends_with(&next), "{}", status.stdout);
    world.promoted(&second);
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    world.entry("live", &world.push("foreign"), later);
    let history = world.run(&["history", "--env", "live"]);
    let lines: Vec<&str> = history.stdout.lines().collect();
    assert_eq!(lines.len(), 6, "{}", history.stdout);
    assert!(lines[1].starts_with("  20"), "{}", history.stdout);
    assert!(lines[2].starts_with("    ignored: it has no evidence that it passed the gate"));
    assert!(lines[3].starts_with("* ") && lines[3].ends_with(&second.to_string()));
    assert_eq!(lines[4], "    selected just now");
    assert!(lines[5].starts_with("  20") && lines[5].ends_with(&first.to_string()));
    let limited = world.run(&["history", "--env", "live", "--limit", "1"]);
    assert!(
        limited.stdout.contains("2 more: --limit 3\n"),
        "{}",
        limited.stdout
    );
    let document = world.run(&["history", "--env", "live", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document.stdout).unwrap();
    assert_eq!(document["entries"][1]["digest"], second.to_string());
    assert_eq!(document["entries"][0]["counts"], false);
    assert_eq!(document["total"], 3);
    let document = world.run(&["status", "--output", "json"]);
    let document: serde_json::Value = serde_json::from_str(&document.stdout).unwrap();
    let live = &document["environments"][1];
    assert_eq!(
        (live["environment"].as_str(), live["settled"].as_bool()),
        (Some("live"), Some(true))
    );
    assert_eq!(live["selected"], second.to_string());
}

#[test]
fn verify_lists_what_is_attached_and_whether_it_counts() {
    let Some(world) = World::new() else { return };
    let digest = world.ready("1");
    let mut failed = result(Evidence::Validation, Some("integration"), &digest);
    failed.result = Outcome::Failed;
    failed.failed_tests = vec!["readiness\u{1b}[31m".to_owned()];
    world.attach(&digest, &failed, None);
    let url = format!("{}:integration", world.name);
    let run = world.run(&["verify", &url]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let said = |start: &str, end: &str| {
        let mut lines = run.stdout.lines();
        let found = lines.any(|line| line.trim().starts_with(start) && line.ends_with(end));
        assert!(found, "{}", run.stdout);
    };
    assert!(run.stdout.starts_with(&format!("{digest}\n")));
    said("gate ", "counts: signed by key 527ed539f809");
    said(
        "validation in integration  PASSED",
        "counts: signed by key cb9b3b203315",
    );
    said(
        "validation in integration  FAILED",
        "does not count: it is not signed",
    );
    said("failed: readiness\\u{1b}[31m", "");
    let promoted = world.run(&["verify", &digest.to_string(), "--env", "live"]);
    assert_eq!(promoted.status, Some(0));
    assert!(
        promoted.stdout.ends_with("it may be promoted to live\n"),
        "{}",
        promoted.stdout
    );
    world.attach(&digest, &failed, Some(PERSON));
    let refused = world.run(&[
        "verify",
        &digest.to_string(),
        "--env",
        "live",
        "--output",
        "json",
    ]);
    assert_eq!(refused.status, Some(1));
    let document: serde_json::Value = serde_json::from_str(&refused.stdout).unwrap();
    assert_eq!(document["mayBePromoted"], false);
    assert_eq!(document["evidence"].as_array().unwrap().len(), 4);
    let absent = world.run(&["verify", &format!("{}:gone", world.name)]);
    assert_eq!(absent.status, Some(2));
    assert!(
        absent.stderr.contains("has no tag `gone`"),
        "{}",
        absent.stderr
    );
}
