//! What a child process costs.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use wait4::Wait4;

use crate::Outcome;

/// The cost of one run of a program.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// User and system time.
    pub(crate) cpu: Duration,
    /// From start to end.
    pub(crate) wall: Duration,
    /// Peak resident memory in bytes.
    pub(crate) peak: u64,
    /// Bytes written to standard output.
    pub(crate) written: u64,
}

/// Runs a command to its end and measures it, whatever its exit status: a tree may hold folders that
/// no tool can build. Its output is counted and dropped.
pub(crate) fn cost_of(command: &mut Command) -> Outcome<Cost> {
    let start = Instant::now();
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| format!("{:?} cannot be started: {error}", command.get_program()))?;
    let mut written = 0;
    if let Some(mut stdout) = child.stdout.take() {
        let mut buffer = vec![0; 1 << 16];
        loop {
            match stdout.read(&mut buffer)? {
                0 => break,
                n => written += n as u64,
            }
        }
    }
    let used = child.wait4()?;
    Ok(Cost {
        cpu: used.rusage.utime + used.rusage.stime,
        wall: start.elapsed(),
        peak: used.rusage.maxrss,
        written,
    })
}

impl Cost {
    /// The cost of running two programs one after the other.
    fn and(self, other: Cost) -> Cost {
        Cost {
            cpu: self.cpu + other.cpu,
            wall: self.wall + other.wall,
            peak: self.peak.max(other.peak),
            written: self.written + other.written,
        }
    }

    /// The cost of running several programs one after the other.
    pub(crate) fn of_all(commands: impl IntoIterator<Item = Command>) -> Outcome<Cost> {
        let mut total = Cost::default();
        for mut command in commands {
            total = total.and(cost_of(&mut command)?);
        }
        Ok(total)
    }

    /// Medians of many runs, each figure for itself.
    pub(crate) fn medians(runs: &[Cost]) -> Cost {
        Cost {
            cpu: median(runs.iter().map(|run| run.cpu)).unwrap_or_default(),
            wall: median(runs.iter().map(|run| run.wall)).unwrap_or_default(),
            peak: median(runs.iter().map(|run| run.peak)).unwrap_or_default(),
            written: median(runs.iter().map(|run| run.written)).unwrap_or_default(),
        }
    }
}

/// The median; the lower one of two. None of nothing.
fn median<T: Copy + Ord>(values: impl IntoIterator<Item = T>) -> Option<T> {
    let mut values: Vec<T> = values.into_iter().collect();
    values.sort();
    values.get(values.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_is_the_middle() {
        assert_eq!(median([3, 1, 2]), Some(2));
        assert_eq!(median([4, 1, 2, 3]), Some(2));
        assert_eq!(median::<u32>([]), None);
    }
}
