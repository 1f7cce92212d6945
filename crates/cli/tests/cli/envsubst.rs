use std::io::Write;
use std::process::Stdio;

use super::{command, tree};

/// Runs with a text as standard input; the status, and what is on standard output and error.
fn check(args: &[&str], input: &str, status: i32, stdout: &str, stderr: &str) {
    let tree = tree(&[
        ("vars.env", "# where\nREGION=eu\nexport NAME='a b'\n"),
        ("vars.yaml", "REGION: us\nPORT: 0123\n"),
        ("vars.json", "{\"REGION\": \"asia\"}"),
        ("broken.env", "A=1\nB\n"),
    ]);
    let mut command = command(tree.path());
    command.env("FROM_OUTSIDE", "yes").env("REGION", "outside");
    let pipes = [Stdio::piped(), Stdio::piped(), Stdio::piped()];
    let [stdin, out, err] = pipes;
    command.arg("envsubst").args(args);
    let mut child = command
        .stdin(stdin)
        .stdout(out)
        .stderr(err)
        .spawn()
        .unwrap();
    // A run that refuses its arguments does not read.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), stdout);
    match status {
        0 => assert_eq!(said, ""),
        _ => assert!(said.contains(stderr), "{said}"),
    }
}

#[test]
fn variables_come_from_the_environment_and_from_files() {
    check(&[], "${FROM_OUTSIDE} ${REGION}\n", 0, "yes outside\n", "");
    check(&[], "[${ABSENT}] $${A}", 0, "[] ${A}", "");
    let files = ["--vars-file", "vars.env"];
    check(
        &files,
        "${REGION} ${NAME} ${FROM_OUTSIDE}",
        0,
        "eu a b yes",
        "",
    );
    let files = ["--vars-file", "vars.env", "--vars-file", "vars.yaml"];
    check(&files, "${REGION} ${PORT} ${NAME}", 0, "us 0123 a b", "");
    check(&["--vars-file", "vars.json"], "${REGION}", 0, "asia", "");
}

#[test]
fn refusals_have_a_place() {
    check(
        &["--strict"],
        "a: b\n\u{e9}: ${ABSENT}\n",
        1,
        "",
        "error: standard input:2:4: the variable `ABSENT` is not set\nhelp: set `ABSENT`",
    );
    check(
        &[],
        "a ${REGION-x}",
        1,
        "",
        "error: standard input:1:3: `${REGION` must be closed with `}`, but `-` follows\n",
    );
    let broken = "error: broken.env:2:1: this line is not NAME=value";
    check(&["--vars-file", "broken.env"], "", 1, "", broken);
    check(
        &["--vars-file", "absent.env"],
        "",
        1,
        "",
        "error: absent.env: ",
    );
}

#[test]
fn flags_that_do_not_parse_are_wrong_usage() {
    check(&["--vars"], "", 2, "", "--vars-file");
}
