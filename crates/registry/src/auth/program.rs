//! Programs that keep credentials, as docker's config names them.

use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::Deserialize;
use tidegate_source::Redacted;

use super::Credentials;

/// A helper may have to ask its user.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is read of what it prints.
const LONGEST: u64 = 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    #[serde(default)]
    username: String,
    secret: String,
}

/// What `docker-credential-NAME get` says about a registry; none where it knows nothing.
pub(super) fn ask(name: &str, key: &str) -> Result<Option<Credentials>, String> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(fits) {
        return Err("the config names a credential helper that no program can be".to_owned());
    }
    let program = format!("docker-credential-{name}");
    let mut child = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => format!("{program} is not on the PATH"),
            _ => format!("{program} cannot be started: {error}"),
        })?;
    if let Some(mut input) = child.stdin.take() {
        // One that needs no input may have ended already.
        let _ = input.write_all(key.as_bytes());
    }
    let (sender, receiver) = mpsc::channel();
    let output = child.stdout.take();
    let reader = std::thread::spawn(move || {
        let mut text = Vec::new();
        if let Some(output) = output {
            let _ = output.take(LONGEST).read_to_end(&mut text);
        }
        let _ = sender.send(text);
    });
    let Ok(text) = receiver.recv_timeout(PATIENCE) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(format!(
            "{program} says nothing for {} s",
            PATIENCE.as_secs()
        ));
    };
    let _ = reader.join();
    let status = child
        .wait()
        .map_err(|error| format!("{program}: {error}"))?;
    if !status.success() {
        let said = String::from_utf8_lossy(&text).to_ascii_lowercase();
        return match said.contains("not found") || said.trim().is_empty() {
            true => Ok(None),
            false => Err(format!("{program} fails")),
        };
    }
    let answer: Answer = serde_json::from_slice(&text)
        .map_err(|_| format!("{program} does not print what a credential helper does"))?;
    Ok(Some(match answer.username.as_str() {
        "<token>" => Credentials::Identity(Redacted::new(answer.secret)),
        username => Credentials::basic(username, answer.secret),
    }))
}
