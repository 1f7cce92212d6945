//! A server in the test's own process that answers as it is told, rightly or wrongly.

#![allow(
    dead_code,
    clippy::disallowed_types,
    clippy::unwrap_used,
    reason = "each test uses a part of it, on a socket of its own"
)]

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    /// With the query.
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// How many came before.
    pub(crate) number: usize,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.headers.iter();
        all.find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What is sent back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    ending: Ending,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// The body with its length.
    Whole,
    /// The length says more than there is.
    Cut,
    /// The body again and again, in chunks.
    Endless,
    /// Each byte after this many milliseconds.
    Slow(u64),
    /// Nothing at all, for as long as the other side waits.
    Silent,
    /// The connection ends without an answer.
    Reset,
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Reply {
        Reply {
            status,
            headers: Vec::new(),
            body: body.into(),
            ending: Ending::Whole,
        }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Reply {
        Reply::new(200, body)
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn cut(self) -> Reply {
        Reply {
            ending: Ending::Cut,
            ..self
        }
    }

    pub(crate) fn endless(self) -> Reply {
        Reply {
            ending: Ending::Endless,
            ..self
        }
    }

    pub(crate) fn slow(self, milliseconds: u64) -> Reply {
        Reply {
            ending: Ending::Slow(milliseconds),
            ..self
        }
    }

    pub(crate) fn silence() -> Reply {
        Reply {
            ending: Ending::Silent,
            ..Reply::ok("")
        }
    }

    pub(crate) fn reset() -> Reply {
        Reply {
            ending: Ending::Reset,
            ..Reply::ok("")
        }
    }
}

type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

/// A server that ends with the test.
pub(crate) struct Server {
    address: SocketAddr,
    log: Arc<Mutex<Vec<Asked>>>,
    ends: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl Server {
    pub(crate) fn start(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let ends = Arc::new(AtomicBool::new(false));
        let (handler, shared, stop): (Arc<Handler>, _, _) =
            (Arc::new(handler), Arc::clone(&log), Arc::clone(&ends));
        let listener = thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (Ok(stream), handler) = (stream, Arc::clone(&handler)) else {
                    continue;
                };
                let (log, stop) = (Arc::clone(&shared), Arc::clone(&stop));
                // One that went away is nothing to complain of.
                thread::spawn(move || serve(stream, &*handler, &log, &stop).unwrap_or_default());
            }
        });
        Server {
            address,
            log,
            ends,
            listener: Some(listener),
        }
    }

    /// `127.0.0.1:PORT`.
    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    /// `http://127.0.0.1:PORT`.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// All that was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.log.lock().unwrap().clone()
    }

    /// `METHOD PATH` of all that was asked so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        let asked = self.asked();
        asked
            .iter()
            .map(|one| format!("{} {}", one.method, one.path))
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        let _ = TcpStream::connect(self.address);
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

fn serve(
    stream: TcpStream,
    handler: &Handler,
    log: &Mutex<Vec<Asked>>,
    stop: &AtomicBool,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    loop {
        let Some(mut asked) = read(&mut reader)? else {
            return Ok(());
        };
        {
            let mut log = log.lock().unwrap();
            asked.number = log.len();
            log.push(asked.clone());
        }
        let reply = handler(&asked);
        if !send(&mut stream, &asked, &reply, stop)? {
            return stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> io::Result<Option<Asked>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut next = || words.next().unwrap_or_default().to_owned();
    let (method, path) = (next(), next());
    let mut headers: Vec<(String, String)> = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(Some(Asked {
        method,
        path,
        headers,
        body,
        number: 0,
    }))
}

/// Whether the connection goes on.
fn send(
    stream: &mut TcpStream,
    asked: &Asked,
    reply: &Reply,
    stop: &AtomicBool,
) -> io::Result<bool> {
    let mut head = format!("HTTP/1.1 {} Told\r\n", reply.status);
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = &reply.body;
    match reply.ending {
        Ending::Reset => return Ok(false),
        Ending::Silent => {
            while !stop.load(Ordering::Relaxed) {
                thread::sleep(Duration::from_millis(20));
            }
            return Ok(false);
        }
        Ending::Endless => {
            head.push_str("transfer-encoding: chunked\r\n\r\n");
            stream.write_all(head.as_bytes())?;
            let chunk = format!("{:x}\r\n", body.len());
            while !stop.load(Ordering::Relaxed) {
                stream.write_all(chunk.as_bytes())?;
                stream.write_all(body)?;
                stream.write_all(b"\r\n")?;
            }
            return Ok(false);
        }
        Ending::Cut => {
            head.push_str(&format!("content-length: {}\r\n\r\n", body.len() + 100));
            stream.write_all(head.as_bytes())?;
            stream.write_all(body)?;
            return Ok(false);
        }
        Ending::Whole | Ending::Slow(_) => {}
    }
    if !reply
        .headers
        .iter()
        .any(|(name, _)| name == "content-length")
    {
        head.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())?;
    if asked.method == "HEAD" {
        return Ok(true);
    }
    match reply.ending {
        Ending::Slow(milliseconds) => {
            for byte in body {
                stream.write_all(&[*byte])?;
                thread::sleep(Duration::from_millis(milliseconds));
            }
        }
        _ => stream.write_all(body)?,
    }
    Ok(true)
}
