//! A registry seen through something that counts the requests, and stalls or cuts them.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::docker::Docker;
use crate::server::{Asked, Reply, Server};

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered by the registry.
    Passes,
    /// The registry never sees it, and there is no answer as long as the other side waits.
    Stalls,
    /// The registry never sees it, and the connection ends.
    IsCut,
    /// The registry does what is asked for, and the connection ends without the answer.
    IsCutBehind,
}

/// A server in front of a registry. `fate` is asked for each request, by its number from 0.
pub(crate) fn proxy(
    docker: &Docker,
    fate: impl Fn(usize) -> Fate + Send + Sync + 'static,
) -> Server {
    let registry = docker.authority();
    Server::start(move |asked| match fate(asked.number) {
        Fate::Passes => forwarded(&registry, asked),
        Fate::Stalls => Reply::silence(),
        Fate::IsCut => Reply::reset(),
        Fate::IsCutBehind => {
            forwarded(&registry, asked);
            Reply::reset()
        }
    })
}

/// The answer of the registry, over a connection of its own.
fn forwarded(registry: &str, asked: &Asked) -> Reply {
    let mut stream = TcpStream::connect(registry).unwrap();
    let mut request = format!(
        "{} {} HTTP/1.1\r\nconnection: close\r\n",
        asked.method, asked.path
    );
    for (name, value) in asked
        .headers
        .iter()
        .filter(|(name, _)| name != "connection")
    {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream.write_all(&asked.body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut body = answer.split_off(end + 4);
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(": ")).collect();
    if headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("transfer-encoding"))
    {
        body = joined(&body);
    }
    let mut reply = Reply::new(status.parse().unwrap(), body);
    for (name, value) in headers {
        let is_length = name.eq_ignore_ascii_case("content-length");
        let is_framing = name.eq_ignore_ascii_case("transfer-encoding")
            || name.eq_ignore_ascii_case("connection");
        if !is_framing && (!is_length || asked.method == "HEAD") {
            reply = reply.header(&name.to_ascii_lowercase(), value);
        }
    }
    reply
}

/// A body that came in chunks.
fn joined(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n").unwrap();
        let length = std::str::from_utf8(&rest[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return body;
        }
        let start = end + 2;
        body.extend(&rest[start..start + length]);
        rest = &rest[start + length + 2..];
    }
}
