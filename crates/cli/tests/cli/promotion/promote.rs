use tidegate_artifact::Digest;
use tidegate_artifact::evidence::{Evidence, Outcome};
use tidegate_artifact::ledger::Tags as _;

use super::{GATE, PERSON, SIGNED, World, envelope, result};

#[test]
fn what_was_validated_is_selected_once() {
    let Some(world) = World::new() else { return };
    let digest = world.ready("1");
    let plan = world.run(&[
        "promote",
        "--from",
        "integration",
        "--to",
        "live",
        "--dry-run",
    ]);
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    let first = format!(
        "live would select {digest}\n  before      nothing\n  gate        PASSED just now, "
    );
    assert!(plan.stdout.starts_with(&first), "{}", plan.stdout);
    let source = "source      OCIRepository flux-system/flux-system (clusters/live/flux.yaml:4) follows the tag `live`\n";
    assert!(plan.stdout.contains(source), "{}", plan.stdout);
    assert_eq!((world.live(), world.log().len()), (None, 0));
    let run = world.run(&["promote", "--to", "live"]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(
        run.stdout.starts_with(&format!("live selects {digest}\n")),
        "{}",
        run.stdout
    );
    let tag = world.log()[0].tag.clone();
    assert!(
        run.stdout.contains(&format!("  log entry   {tag}\n")),
        "{}",
        run.stdout
    );
    assert_eq!(world.live(), Some(digest.clone()));
    let again = world.run(&["promote", "--to", "live", "--output", "json"]);
    assert_eq!(again.status, Some(0));
    assert!(
        again.stdout.contains("\"changed\": false"),
        "{}",
        again.stdout
    );
    assert!(
        again
            .stdout
            .contains(&format!("\"selected\": \"{digest}\""))
    );
    assert_eq!(world.log().len(), 1);
    let lines = world.promote(&digest, &["--output", "github"]);
    let expected =
        format!("environment=live\ndigest={digest}\nprevious={digest}\nchanged=false\nentry=\n");
    assert_eq!(lines.stdout, expected);
}

#[test]
fn what_a_killed_run_left_is_finished() {
    let Some(world) = World::new() else { return };
    let (first, second) = (world.ready("1"), world.ready("2"));
    world.promoted(&first);
    world.promoted(&second);
    world.repository().set("live", &first).unwrap();
    let run = world.promote(&second, &[]);
    let finished = format!("live selects {second}: an earlier run was finished\n");
    assert!(
        run.stdout.starts_with(&finished),
        "{}{}",
        run.stdout,
        run.stderr
    );
    assert_eq!((world.live(), world.log().len()), (Some(second), 2));
}

#[test]
fn evidence_that_does_not_count_is_named() {
    let Some(world) = World::new() else { return };
    let check = |text: &str, key: Option<&str>, why: &str| {
        let digest = world.push(text);
        world.gate(&digest);
        let passed = result(Evidence::Validation, Some("integration"), &digest);
        world.attach(&digest, &passed, key);
        let verify = format!("tidegate verify {digest} --env live");
        let args = ["promote", &digest.to_string(), "--to", "live"];
        let message = format!("{digest} has no evidence that it was validated in integration");
        world.check_refused(&args, &message, &verify);
        world.check_refused(&args, why, &verify);
    };
    check("unsigned", None, "does not count, as it is not signed");
    check(
        "gate",
        Some(GATE),
        "which is trusted as `gate` of integration and live alone",
    );
    // About another artifact, and changed after it was signed.
    let (digest, other) = (world.push("subject"), world.ready("other"));
    world.gate(&digest);
    let passed = result(Evidence::Validation, Some("integration"), &other);
    let of_other = envelope(&other, &passed, Some(PERSON));
    world.repository().attach(&digest, &of_other).unwrap();
    let args = ["promote", &digest.to_string(), "--to", "live"];
    world.check_refused(
        &args,
        "does not count, as it is about another digest",
        "verify",
    );
    let digest = world.push("tampered");
    world.gate(&digest);
    let mut changed = result(Evidence::Validation, Some("integration"), &digest);
    changed.result = Outcome::Failed;
    let signed = envelope(&digest, &changed, Some(PERSON));
    changed.result = Outcome::Passed;
    let mut tampered = envelope(&digest, &changed, None);
    tampered.signatures = signed.signatures;
    world.repository().attach(&digest, &tampered).unwrap();
    let args = ["promote", &digest.to_string(), "--to", "live"];
    world.check_refused(
        &args,
        "does not count, as it was changed after it was signed",
        "verify",
    );
}

#[test]
fn what_is_missing_or_too_old_is_refused() {
    let Some(world) = World::new() else { return };
    let promote = |digest: &Digest| {
        [
            "promote".to_owned(),
            digest.to_string(),
            "--to".to_owned(),
            "live".to_owned(),
        ]
    };
    let check = |digest: &Digest, message: &str, help: &str| {
        let args = promote(digest);
        world.check_refused(&args.each_ref().map(String::as_str), message, help);
    };
    let nothing = ["promote", "--to", "live"];
    world.check_refused(
        &nothing,
        "integration has selected nothing yet",
        "tidegate push --env integration",
    );
    let stranger = world.push("stranger");
    check(
        &stranger,
        "was never selected in integration",
        "tidegate history --env integration",
    );
    world.select("integration", &stranger);
    check(
        &stranger,
        "has no evidence that it passed the gate",
        "tidegate push",
    );
    let gated = world.push("gated");
    world.gate(&gated);
    check(
        &gated,
        "has no evidence that it was validated in integration",
        "tidegate attest --result",
    );
    world.validate(&gated);
    let mut failed = result(Evidence::Validation, Some("integration"), &gated);
    failed.result = Outcome::Failed;
    failed.details.inconclusive = true;
    world.attach(&gated, &failed, Some(PERSON));
    check(&gated, "that was inconclusive", "tidegate attest --result");
    failed.details.inconclusive = false;
    world.attach(&gated, &failed, Some(PERSON));
    check(
        &gated,
        "failed its newest validation in integration",
        "mend what failed",
    );
    let stale = world.push("stale");
    let mut early = result(Evidence::Validation, Some("integration"), &stale);
    early.details.time = "2026-11-01T12:00:00Z".to_owned();
    world.gate(&stale);
    world.attach(&stale, &early, Some(PERSON));
    check(
        &stale,
        "was validated at 2026-11-01T12:00:00Z, before integration selected it at",
        "attest",
    );
    let old = world.push("old");
    world.attach(&old, &result(Evidence::Gate, None, &old), Some(GATE));
    world.entry("integration", &old, "2026-10-01T12:00:00Z".parse().unwrap());
    let mut early = result(Evidence::Validation, Some("integration"), &old);
    early.details.time = "2026-10-01T13:00:00Z".to_owned();
    world.attach(&old, &early, Some(PERSON));
    check(
        &old,
        "which is longer ago than the 7 days of `max_age`",
        "attest",
    );
}

#[test]
fn the_policy_says_what_is_needed() {
    let Some(world) = World::new() else { return };
    let digest = world.ready("1");
    let unsigned = world.push("2");
    let args = ["promote", &digest.to_string(), "--to", "live"];
    let environments = "[environments.integration]\n[environments.live]\nfrom = 'integration'\n";
    world.policy(environments);
    world.check_refused(
        &args,
        "the config lists no `gate` key for live",
        "evidence = \"unsigned\"",
    );
    world.policy(&format!("keys.gate = ['gate.pub']\n{environments}"));
    world.check_refused(
        &args,
        "the config lists no `validate` key for integration",
        "[environments.integration.keys]",
    );
    world.policy(&format!("evidence = 'unsigned'\n{environments}"));
    for kind in [Evidence::Gate, Evidence::Validation] {
        let environment = (kind == Evidence::Validation).then_some("integration");
        world.attach(&unsigned, &result(kind, environment, &unsigned), None);
    }
    world.entry(
        "integration",
        &unsigned,
        "2026-11-01T12:00:00Z".parse().unwrap(),
    );
    let run = world.promote(&unsigned, &[]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(
        run.stderr
            .starts_with("warning: evidence counts without a signature"),
        "{}",
        run.stderr
    );
    // An artifact brings no policy of its own; a config that was named goes before that of the tree.
    world.write(
        "other.toml",
        &super::config(&world.name.to_string(), SIGNED),
    );
    let named = world.promote(&unsigned, &["--config", "other.toml", "--output", "json"]);
    assert_eq!(named.status, Some(1), "{}", named.stdout);
    assert!(named.stdout.contains("\"refused\""), "{}", named.stdout);
    assert!(
        named
            .stderr
            .contains("has no evidence that it passed the gate"),
        "{}",
        named.stderr
    );
    let from_elsewhere = world.promote(&digest, &["--from", "dev"]);
    assert_eq!(from_elsewhere.status, Some(2));
    assert!(
        from_elsewhere
            .stderr
            .contains("from integration by the config, and not from dev")
    );
}

#[test]
fn the_source_must_select_what_is_written() {
    let Some(world) = World::new() else { return };
    let digest = world.ready("1");
    let text = digest.to_string();
    let args = ["promote", text.as_str(), "--to", "live"];
    let refused = |message: &str, help: &str| world.check_refused(&args, message, help);
    world.follow("ref: {tag: validated}");
    refused(
        "it follows the tag `validated`, and what is set is `live`",
        "`tag: live`",
    );
    world.follow("ref: {semver: '>=0.0.0', semverFilter: '^0[.]0[.]0-live[.]'}");
    refused(
        "`ref.semver: >=0.0.0` has no place for log tags",
        "`tag: live`",
    );
    world.follow("ref: {semver: '>=0.0.0-0', semverFilter: '.*-rc[.].*'}");
    refused(
        "`ref.semverFilter: .*-rc[.].*` passes over log tags",
        "`tag: live`",
    );
    world.repository().set("1.2.3", &digest).unwrap();
    world.follow("ref: {semver: '>=0.0.0-0'}");
    refused("the tag `1.2.3` is above the log tag", "`tag: live`");
    let pin = Digest::of(b"other");
    world.follow(&format!("ref: {{digest: '{pin}'}}"));
    refused(
        &format!("`ref.digest` pins it to {pin}"),
        "take `ref.digest` out",
    );
    let elsewhere = super::source("oci://registry.example/other", "ref: {tag: live}");
    world.write("clusters/live/flux.yaml", &elsewhere);
    refused(
        "reads oci://registry.example/other, and not oci://127.0.0.1",
        "so that both are one",
    );
    let of_git = elsewhere.replace("OCIRepository", "GitRepository");
    world.write("clusters/live/flux.yaml", &of_git);
    refused(
        "live takes its tree from GitRepository flux-system/flux-system",
        "follows = { tag = \"live\" }",
    );
    std::fs::remove_file(world.folder.path().join("clusters/live/flux.yaml")).unwrap();
    refused(
        "what the source of live follows is not known: the tree has no cluster `live`",
        "follows = ",
    );
    world.policy(&format!("{SIGNED}follows = {{ tag = 'stable' }}\n"));
    refused("it follows the tag `stable`", "`tag: live`");
    world.policy(&format!(
        "{SIGNED}follows = {{ semver = '>=0.0.0-0', semver_filter = '^0[.]0[.]0-live[.]' }}\n"
    ));
    world.promoted(&digest);
}

#[test]
fn live_is_where_it_is_expected() {
    let Some(world) = World::new() else { return };
    let (first, second) = (world.ready("1"), world.ready("2"));
    let (one, two) = (first.to_string(), second.to_string());
    let args = ["promote", &one, "--to", "live", "--expect", &two];
    world.check_refused(
        &args,
        &format!("live selects nothing, and not {two}"),
        "tidegate status",
    );
    assert_eq!(world.promote(&first, &["--expect", "none"]).status, Some(0));
    let args = ["promote", &two, "--to", "live", "--expect", "none"];
    world.check_refused(
        &args,
        &format!("live selects {one}, and not none"),
        "tidegate status",
    );
    assert_eq!(world.promote(&second, &["--expect", &one]).status, Some(0));
}

#[test]
fn a_log_tag_made_by_hand_never_moves_live() {
    let Some(world) = World::new() else { return };
    let digest = world.ready("1");
    world.promoted(&digest);
    let foreign = world.push("foreign");
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    world.entry("live", &foreign, later);
    let run = world.promote(&digest, &[]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    let ignored = format!(
        "{}: the artifact has no evidence that counts",
        world.log()[1].tag
    );
    assert!(run.stdout.contains(&ignored), "{}", run.stdout);
    assert_eq!(world.live(), Some(digest));
    // What comes in afterwards is not held up by it.
    let next = world.ready("2");
    world.promoted(&next);
    assert_eq!(world.live(), Some(next.clone()));
    // Where log tags are what the source follows, it would be: that is said.
    let last = world.ready("3");
    world.follow("ref: {semver: '>=0.0.0-0', semverFilter: '^0[.]0[.]0-live[.]'}");
    let args = ["promote", &last.to_string(), "--to", "live"];
    world.check_refused(&args, "is above the log tag", "delete the tag");
    assert_eq!(world.live(), Some(next));
}

#[test]
fn bad_input_changes_nothing() {
    let Some(world) = World::new() else { return };
    let digest = world.ready("1");
    let check = |args: &[&str], message: &str| {
        let run = world.run(args);
        assert_eq!(run.status, Some(2), "{}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(message), "{}", run.stderr);
        assert_eq!((world.live(), world.log().len()), (None, 0));
    };
    let text = digest.to_string();
    check(
        &["promote", "latest", "--to", "live"],
        "`latest` is no digest",
    );
    let tag = format!("{}:integration", world.name);
    check(&["promote", &tag, "--to", "live"], "`integration` is a tag");
    check(
        &["promote", &text, "--to", "li.ve"],
        "`li.ve` cannot name an environment",
    );
    check(
        &["promote", &text, "--to", "live", "--expect", "x"],
        "`x` is no digest",
    );
    check(&["promote", &text, "--to", "live", "--again"], "--reason");
    world.policy("keys.gate = ['gone.pub']\n");
    check(
        &["promote", &text, "--to", "live"],
        "tidegate.toml:3:14: `gone.pub` cannot be read",
    );
    world.write(
        "gone.pub",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
    );
    check(
        &["promote", &text, "--to", "live", "--from", "integration"],
        "tidegate.toml:3:14: `gone.pub` cannot be used",
    );
    world.write("tidegate.toml", "");
    check(
        &["promote", &text, "--to", "live"],
        "the repository of the artifacts is not known",
    );
}
