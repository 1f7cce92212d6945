//! One running part of the control plane.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::Error;

/// How long a part may take to end by itself.
const PATIENCE: Duration = Duration::from_secs(15);

/// Between two looks at something that is waited for.
pub(crate) const PAUSE: Duration = Duration::from_millis(30);

pub(crate) struct Part {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Part {
    /// Starts a part in a folder, which gets its log.
    pub(crate) fn start(
        program: &Path,
        name: &'static str,
        folder: &Path,
        flags: &[String],
    ) -> Result<Part, Error> {
        let log = folder.join(format!("{name}.log"));
        let failed = |error| Error::of(format_args!("{name} cannot be started"), error);
        let open = || {
            File::options()
                .create(true)
                .append(true)
                .open(&log)
                .map_err(failed)
        };
        let child = Command::new(program)
            .arg(name)
            .args(flags)
            .current_dir(folder)
            .env("TESTCLUSTER_PARENT", "stdin")
            .stdin(Stdio::piped())
            .stdout(open()?)
            .stderr(open()?)
            .spawn()
            .map_err(failed)?;
        Ok(Part { name, child, log })
    }

    /// An error with the end of the log if the part is not running any more.
    pub(crate) fn check(&mut self) -> Result<(), Error> {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.ended(status)),
            Err(error) => Err(Error::of(self.name, error)),
        }
    }

    fn ended(&self, status: ExitStatus) -> Error {
        let log = std::fs::read(&self.log).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(5)..].join("\n");
        Error::of(format_args!("{} has ended ({status})", self.name), last)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Ok(Some(_)) = self.child.try_wait() {
            return;
        }
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(id, Signal::TERM);
        }
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(PAUSE);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
