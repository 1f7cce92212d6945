use std::process::{Child, Stdio};

use tidegate_artifact::Digest;
use tidegate_artifact::ledger::{Entry, Tags as _};

use super::World;
use crate::command;

/// A process, and the artifact that it was asked to promote.
struct Started {
    child: Child,
    digest: Option<Digest>,
}

/// Rounds that share a registry: its list of tags grows with them.
const OF_ONE_REGISTRY: usize = 50;

/// What a number of rounds came to.
#[derive(Default)]
struct Tally {
    rounds: usize,
    succeeded: usize,
    refused: usize,
    entries: usize,
}

/// Runs rounds of two to five processes that promote and roll back at once, and checks after each that pointer
/// and newest entry agree, and that no entry is lost.
#[allow(clippy::print_stderr, reason = "says what was done")]
fn rounds(count: usize) {
    let mut tally = Tally::default();
    while tally.rounds < count {
        let Some(world) = World::new() else { return };
        let until = count.min(tally.rounds + OF_ONE_REGISTRY);
        let mut log = Vec::new();
        while tally.rounds < until {
            round(&world, &mut log, &mut tally);
            tally.rounds += 1;
        }
        tally.entries += log.len();
    }
    let Tally {
        rounds,
        succeeded,
        refused,
        entries,
    } = tally;
    eprintln!(
        "{rounds} rounds: {succeeded} runs succeeded, {refused} were refused, {entries} entries"
    );
}

/// One round. `log` is what was in the log before.
fn round(world: &World, log: &mut Vec<Entry>, tally: &mut Tally) {
    let round = tally.rounds;
    let mut started: Vec<Started> = Vec::new();
    // Where two artifacts were selected before, one of the processes rolls back.
    let rolls_back = round % 3 == 2 && log.len() > 1;
    let artifacts: Vec<Digest> = (0..3)
        .map(|i| world.ready(&format!("{round} {i}")))
        .collect();
    for process in 0..2 + round % 4 {
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
                None
            }
            _ => {
                // Some promote the same artifact.
                let digest = &artifacts[process / 2];
                command.args(["promote", &digest.to_string(), "--to", "live"]);
                Some(digest.clone())
            }
        };
        command.args(["--output", "json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        started.push(Started { child, digest });
    }
    let mut rejected = Vec::new();
    for Started { child, digest } in started {
        let output = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => tally.succeeded += 1,
            // What one has rolled back another one may not promote.
            Some(1) => tally.refused += 1,
            code => panic!("round {round}: {code:?}\n{text}{said}"),
        }
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        rejected.extend(document["rejected"].as_str().and_then(Digest::parse));
        if let Some(tag) = document["entry"].as_str() {
            let found = world.repository().resolve(tag).unwrap();
            assert!(found.is_some(), "round {round}: the entry {tag} is lost");
            assert!(digest.is_none() || found == digest, "round {round}");
        }
    }
    let now = world.log();
    let is_there = |entry: &Entry| now.contains(entry);
    assert!(log.iter().all(is_there), "round {round}: an entry is lost");
    // The entry of a run that did not see the rejection in time does not count.
    let digests = now.iter().rev();
    let mut digests = digests.map(|entry| world.repository().resolve(&entry.tag).unwrap());
    let newest = digests.find(|digest| digest.as_ref().is_none_or(|of| !rejected.contains(of)));
    assert_eq!(
        Some(world.live()),
        newest,
        "round {round}: pointer and newest entry"
    );
    *log = now;
}

/// `TIDEGATE_ROUNDS=500 cargo test --test cli at_once -- --nocapture` runs more of them.
#[test]
fn pointer_and_log_agree_whoever_writes_at_once() {
    let written = std::env::var("TIDEGATE_ROUNDS").ok();
    rounds(written.map_or(10, |rounds| rounds.parse().unwrap()));
}
