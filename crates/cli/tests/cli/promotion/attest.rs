use tidegate_artifact::Digest;

use super::World;

fn check_recorded(world: &World, file: &str, digest: &Digest, text: &str, expected: &str) {
    world.write(file, &text.replace("{digest}", &digest.to_string()));
    let run = world.run(&[
        "attest",
        "--result",
        file,
        "--env",
        "integration",
        "--key",
        "person.key",
        &digest.to_string(),
    ]);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert_eq!(run.stderr, "");
    let first = run.stdout.lines().next().unwrap_or_default();
    assert_eq!(first, expected.replace("{digest}", &digest.to_string()));
}

#[test]
fn results_are_recorded_and_promotions_go_by_them() {
    let Some(world) = World::new() else { return };
    let digest = world.push("1");
    world.gate(&digest);
    let junit = "<testsuites><testsuite name='s'><properties><property name='digest' value='{digest}'/></properties>\
                 <testcase name='a'/></testsuite></testsuites>";
    let recorded = "in integration for {digest}";
    check_recorded(
        &world,
        "junit.xml",
        &digest,
        junit,
        &format!("recorded PASSED {recorded}"),
    );
    let none = "<testsuite><properties><property name='digest' value='{digest}'/></properties></testsuite>";
    let open = format!("recorded INCONCLUSIVE {recorded}: no test was executed");
    check_recorded(&world, "none.xml", &digest, none, &open);
    let args = ["promote", &digest.to_string(), "--to", "live"];
    world.check_refused(&args, "that was inconclusive", "attest");
    let failed =
        "{\"digest\": \"{digest}\", \"result\": \"PASSED\", \"failedTests\": [\"readiness\"]}";
    check_recorded(
        &world,
        "failed.json",
        &digest,
        failed,
        &format!("recorded FAILED {recorded}"),
    );
    world.check_refused(&args, ": `readiness` failed", "mend");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let passed =
        "{\"digest\": \"{digest}\", \"result\": \"PASSED\", \"passedTests\": [\"readiness\"]}";
    check_recorded(
        &world,
        "passed.json",
        &digest,
        passed,
        &format!("recorded PASSED {recorded}"),
    );
    world.promoted(&digest);
}

#[test]
fn a_result_names_its_artifact() {
    let Some(world) = World::new() else { return };
    let (digest, other) = (world.push("1"), Digest::of(b"other"));
    let (text, shown) = (digest.to_string(), other.to_string());
    let args = [
        "attest",
        "--result",
        "result.json",
        "--env",
        "integration",
        &text,
    ];
    world.write(
        "result.json",
        &format!("{{\"digest\": \"{shown}\", \"result\": \"PASSED\"}}"),
    );
    world.check_refused(
        &args,
        &format!("is about {shown}, and not about {text}"),
        "validate this artifact",
    );
    world.write("result.json", "{\"result\": \"PASSED\"}");
    world.check_refused(
        &args,
        "it does not name the artifact",
        "`\"digest\": \"sha256:",
    );
    world.write("result.json", "<testsuite><testcase name='a'/></testsuite>");
    world.check_refused(
        &args,
        "it does not name the artifact",
        "a property `digest`",
    );
    world.write("result.json", "passed\n");
    world.check_refused(&args, "it is neither JSON nor the XML of JUnit", "JSON has");
    let late = format!(
        "{{\"digest\": \"{text}\", \"result\": \"PASSED\", \"time\": \"2099-01-01T00:00:00Z\"}}"
    );
    world.write("result.json", &late);
    world.check_refused(
        &args,
        "is of 2099-01-01T00:00:00Z, which is yet to come",
        "clock",
    );
    let passed =
        format!("{{\"digest\": \"{text}\", \"result\": \"PASSED\", \"passedTests\": [\"a\"]}}");
    world.write("result.json", &passed);
    let run = world.run(&args);
    assert_eq!(run.status, Some(0), "{}", run.stderr);
    assert!(
        run.stderr.starts_with("warning: it is not signed"),
        "{}",
        run.stderr
    );
    let with_key = [&args[..], &["--key", "gate.key"]].concat();
    let run = world.run(&with_key);
    assert!(
        run.stderr.contains("as `validate` key of integration"),
        "{}",
        run.stderr
    );
    let absent = [
        "attest",
        "--result",
        "result.json",
        "--env",
        "integration",
        &shown,
    ];
    world.write("result.json", &passed.replace(&text, &shown));
    let run = world.run(&absent);
    assert_eq!(run.status, Some(2));
    assert!(
        run.stderr.contains(&format!("has no artifact {shown}")),
        "{}",
        run.stderr
    );
    let gone = world.run(&[
        "attest",
        "--result",
        "gone.json",
        "--env",
        "integration",
        &text,
    ]);
    assert_eq!(gone.status, Some(2));
    assert!(gone.stderr.contains("gone.json"), "{}", gone.stderr);
}
