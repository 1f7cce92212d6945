use super::{GATE, World};

#[test]
fn what_was_rolled_back_is_refused_from_then_on() {
    let Some(world) = World::new() else { return };
    let (first, second) = (world.ready("1"), world.ready("2"));
    world.promoted(&first);
    world.promoted(&second);
    let plan = world.rollback(
        "-1",
        &["--reason", "502", "--key", "person.key", "--dry-run"],
    );
    assert_eq!(plan.status, Some(0), "{}", plan.stderr);
    let expected = format!("live would select {first} again\n  rejected    {second}: 502\n");
    assert!(plan.stdout.starts_with(&expected), "{}", plan.stdout);
    assert_eq!(world.live(), Some(second.clone()));
    let run = world.rollback("-1", &["--reason", "502", "--key", "person.key"]);
    assert_eq!((run.status, run.stderr.as_str()), (Some(0), ""));
    assert!(
        run.stdout
            .starts_with(&format!("live selects {first} again\n")),
        "{}",
        run.stdout
    );
    assert_eq!((world.live(), world.log().len()), (Some(first.clone()), 3));
    let args = ["promote", &second.to_string(), "--to", "live"];
    let message = format!("{second} was rejected in live at ");
    world.check_refused(&args, &message, "`--again --reason TEXT`");
    world.check_refused(&args, ": 502", "`--again --reason TEXT`");
    // Nor does a tag that is made by hand bring it back.
    let later = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    world.entry("live", &second, later);
    let again = world.promote(&first, &["--output", "json"]);
    assert!(
        again.stdout.contains("\"changed\": false"),
        "{}{}",
        again.stdout,
        again.stderr
    );
    assert_eq!(world.live(), Some(first));
    // But a person may, with a key that is listed.
    let args = [
        "promote",
        &second.to_string(),
        "--to",
        "live",
        "--again",
        "--reason",
        "mended",
    ];
    world.check_refused(&args, "takes a key", "--key FILE");
    let with_key = [&args[..], &["--key", "gate.key"]].concat();
    world.check_refused(&with_key, "the config does not list the key", "--key FILE");
    let run = world.promote(
        &second,
        &["--again", "--reason", "mended", "--key", "person.key"],
    );
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(
        run.stdout
            .contains("  again       it was rejected in live at "),
        "{}",
        run.stdout
    );
    assert_eq!(world.live(), Some(second));
}

#[test]
fn rollback_goes_only_where_it_was() {
    let Some(world) = World::new() else { return };
    let digest = world.ready("1");
    let text = digest.to_string();
    let args = ["rollback", "--env", "live", "--to", "-1"];
    world.check_refused(&args, "live has selected nothing yet", "tidegate promote");
    world.promoted(&digest);
    world.check_refused(
        &args,
        "live has selected only 0 other artifacts before",
        "tidegate history",
    );
    let run = world.rollback(&text, &["--output", "json"]);
    assert!(
        run.stdout.contains("\"changed\": false"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    let other = world.ready("2");
    let args = ["rollback", "--env", "live", "--to", &other.to_string()];
    world.check_refused(
        &args,
        "was never selected in live",
        "tidegate history --env live",
    );
    world.promoted(&other);
    let args = [
        "rollback", "--env", "live", "--to", &text, "--expect", &text,
    ];
    world.check_refused(
        &args,
        &format!("live selects {other}, and not {text}"),
        "tidegate status",
    );
    let zero = world.rollback("-0", &[]);
    assert_eq!(zero.status, Some(2));
    assert!(
        zero.stderr.contains("`-0` is no number of artifacts"),
        "{}",
        zero.stderr
    );
}

#[test]
fn a_rejection_without_a_key_stops_too() {
    let Some(world) = World::new() else { return };
    let (first, second) = (world.ready("1"), world.ready("2"));
    world.promoted(&first);
    world.promoted(&second);
    let run = world.rollback(&first.to_string(), &[]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(
        run.stderr
            .starts_with("warning: the rejection is not signed"),
        "{}",
        run.stderr
    );
    let args = ["promote", &second.to_string(), "--to", "live"];
    world.check_refused(&args, &format!(": rolled back to {first}"), "--again");
}

#[test]
fn force_goes_where_the_evidence_does_not() {
    let Some(world) = World::new() else { return };
    let (first, second) = (world.ready("1"), world.ready("2"));
    world.promoted(&first);
    world.promoted(&second);
    // Another gate than before, whose evidence is not there.
    world.policy(
        "keys.gate = ['person.pub']\n[environments.integration]\nkeys.validate = ['person.pub']\n\
         [environments.live]\nfrom = 'integration'\nkeys.approve = ['gate.pub']\n",
    );
    let text = first.to_string();
    let args = ["rollback", "--env", "live", "--to", &text];
    let message = "has no evidence that it passed the gate";
    // An entry that does not count is nothing to leave.
    world.check_refused(&args, message, "tidegate verify");
    let forced = [&args[..], &["--force", "--reason", "all else is broken"]].concat();
    world.check_refused(&forced, "takes a key", "approve = [..]");
    world.write("approve.key", GATE);
    let run = world.rollback(
        &text,
        &[
            "--force",
            "--reason",
            "all else is broken",
            "--key",
            "approve.key",
        ],
    );
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(
        run.stdout.contains("although it has no evidence"),
        "{}",
        run.stdout
    );
    assert_eq!(world.live(), Some(first));
}
