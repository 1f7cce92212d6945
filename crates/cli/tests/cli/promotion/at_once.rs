use std::process::{Child, Stdio};

use tidegate_artifact::Digest;
use tidegate_artifact::ledger::{Entry, Environment, Tags as _, entries};

use super::World;
use crate::command;

/// What a process was asked for, and the artifact that it should have selected.
struct Started {
    child: Child,
    digest: Digest,
}

/// Runs rounds of two to five processes that promote and roll back at once, and checks after each that pointer
/// and newest entry agree, and that the entries of all that succeeded are there.
#[allow(clippy::print_stderr, reason = "says what was done")]
fn rounds(count: usize) {
    let Some(world) = World::new() else { return };
    let live = Environment::new("live").unwrap();
    let mut known: Vec<Entry> = Vec::new();
    let (mut succeeded, mut refused) = (0, 0);
    for round in 0..count {
        let processes = 2 + round % 4;
        let mut started: Vec<Started> = Vec::new();
        // Where two artifacts were selected before, one of the processes rolls back.
        let rolls_back = round % 3 == 2 && known.len() > 1;
        for process in 0..processes {
            let mut command = command(world.folder.path());
            let digest = match (process, rolls_back) {
                (0, true) => {
                    command.args([
                        "rollback",
                        "--env",
                        "live",
                        "--to",
                        "-1",
                        "--key",
                        "person.key",
                    ]);
                    Digest::of(b"")
                }
                _ => {
                    // Of three processes two promote the same artifact.
                    let digest = world.ready(&format!("{round} {}", process / 2));
                    command.args(["promote", &digest.to_string(), "--to", "live"]);
                    digest
                }
            };
            command.args(["--output", "json"]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            started.push(Started {
                child: command.spawn().unwrap(),
                digest,
            });
        }
        for Started { child, digest } in started {
            let output = child.wait_with_output().unwrap();
            let text = String::from_utf8_lossy(&output.stdout);
            let said = String::from_utf8_lossy(&output.stderr);
            match output.status.code() {
                Some(0) => succeeded += 1,
                // What one has rolled back another one may not promote.
                Some(1) => refused += 1,
                code => panic!("round {round}: {code:?}\n{text}{said}"),
            }
            let document: serde_json::Value = serde_json::from_str(&text).unwrap();
            if let Some(tag) = document["entry"].as_str() {
                let found = world.repository().resolve(tag).unwrap();
                assert!(found.is_some(), "round {round}: the entry {tag} is lost");
                if digest != Digest::of(b"") {
                    assert_eq!(found, Some(digest), "round {round}");
                }
            }
        }
        let repository = world.repository();
        let log = entries(&live, &repository.tags().unwrap());
        let is_there = |entry: &Entry| log.contains(entry);
        assert!(
            known.iter().all(is_there),
            "round {round}: an entry is lost"
        );
        let newest = log
            .last()
            .map(|entry| entry.tag.as_str())
            .unwrap_or_default();
        let newest = repository.resolve(newest).unwrap();
        assert_eq!(
            world.live(),
            newest,
            "round {round}: pointer and newest entry"
        );
        known = log;
    }
    eprintln!(
        "{count} rounds: {succeeded} runs succeeded, {refused} were refused, {} entries",
        known.len()
    );
}

#[test]
fn pointer_and_log_agree_whoever_writes_at_once() {
    rounds(25);
}

/// `cargo test --test cli -- --ignored five_hundred --nocapture`
#[test]
#[ignore = "takes minutes"]
fn pointer_and_log_agree_after_five_hundred_rounds() {
    rounds(500);
}
