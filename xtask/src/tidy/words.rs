//! Text that must not be committed.

use crate::Outcome;
use crate::workspace::Workspace;

/// Paths of one person's machine, and unfinished work that was left behind. Written in two halves,
/// so that this file passes its own check.
const EVERYWHERE: &[(&[&str], &str)] = &[
    (&["/ro", "ot/"], "a path of one machine"),
    (&["/wo", "rk/"], "a path of one machine"),
    (&["/Us", "ers/"], "a path of one machine"),
];

/// In Rust files only.
const IN_RUST: &[(&[&str], &str)] = &[
    (
        &["#[ig", "nore"],
        "a test that does not run: assert what is so today and say why",
    ),
    (&["FIX", "ME"], "unfinished work"),
    (&["TO", "DO"], "unfinished work"),
    (&["should_", "panic"], "a test that expects a panic"),
];

pub(super) fn check(
    workspace: &Workspace,
    files: &[String],
    breaches: &mut Vec<String>,
) -> Outcome {
    for file in files {
        // Fixtures hold what they are about.
        if file.starts_with("testdata/") || file == "Cargo.lock" {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(workspace.root().join(file)) else {
            continue;
        };
        find(file, &text, EVERYWHERE, breaches);
        if file.ends_with(".rs") {
            find(file, &text, IN_RUST, breaches);
        }
    }
    Ok(())
}

fn find(file: &str, text: &str, words: &[(&[&str], &str)], breaches: &mut Vec<String>) {
    for (halves, why) in words {
        let word = halves.concat();
        for (number, line) in text.lines().enumerate() {
            if is_in(line, &word) {
                breaches.push(format!("{file}:{}: `{word}`: {why}", number + 1));
            }
        }
    }
}

/// Whether a line has the word, not as the rest of a longer path such as `tree/home/`.
fn is_in(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "-_.}/".contains(c))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_counts_from_its_start_only() {
        assert!(is_in("see /data/x", "/data/"));
        assert!(!is_in("see tree/data/x", "/data/"));
        assert!(!is_in("see ../data/x", "/data/"));
    }
}
