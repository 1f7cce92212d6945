//! The registry of the distribution project, started for one test.

#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "each test uses a part of it"
)]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Who may use it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Everyone.
    Open,
    /// Who knows that `tide` has the password `gate`.
    Password,
}

/// `tide` with the password `gate`, by bcrypt.
const USERS: &str = "tide:$2y$05$0bb4MRP.TT.jCO8zVf40neznJGNO2FVdOyMh.DnSzruzbqek5F/YG\n";

/// A registry that ends with the test.
pub(crate) struct Docker {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Docker {
    /// Starts a registry; none where the program is not there, which is said.
    pub(crate) fn start(access: Access) -> Option<Docker> {
        let program = std::env::var_os("TIDEGATE_DOCKER_REGISTRY")
            .map_or_else(|| PathBuf::from("docker-registry"), PathBuf::from);
        let folder = tempfile::tempdir().unwrap();
        // Another process may take a free port before the registry does.
        for _ in 0..5 {
            let port = TcpListener::bind("127.0.0.1:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port();
            let root = folder.path().display();
            let mut config = format!(
                "version: 0.1\nlog: {{level: error}}\n\
                 storage: {{delete: {{enabled: true}}, filesystem: {{rootdirectory: {root}/data}}}}\n\
                 http: {{addr: '127.0.0.1:{port}'}}\n"
            );
            if access == Access::Password {
                std::fs::write(folder.path().join("users"), USERS).unwrap();
                config.push_str(&format!(
                    "auth: {{htpasswd: {{realm: test, path: {root}/users}}}}\n"
                ));
            }
            let file = folder.path().join("config.yml");
            std::fs::write(&file, config).unwrap();
            let started = Command::new(&program)
                .arg("serve")
                .arg(&file)
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            let Ok(child) = started else {
                eprintln!("not run: docker-registry is not on the PATH");
                return None;
            };
            let mut docker = Docker {
                child,
                port,
                _folder: tempfile::tempdir().unwrap(),
            };
            if docker.is_ready() {
                docker._folder = folder;
                return Some(docker);
            }
        }
        panic!("the registry does not start");
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Whether it answers, which may take it a while.
    fn is_ready(&mut self) -> bool {
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return false;
            }
            if self.answers() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else {
            return false;
        };
        let asked = stream.write_all(b"GET /v2/ HTTP/1.0\r\n\r\n");
        let mut head = [0; 12];
        asked.is_ok()
            && stream.read_exact(&mut head).is_ok()
            && matches!(&head[9..], b"200" | b"401")
    }
}

impl Drop for Docker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
